//! `begat lsp`: the door for editors, a server of the Language Server Protocol on stdin and stdout.
//!
//! Query files (`.begat`) are checked against the graph of `-g`, data files (`.ron`) with the other files of their graph, as
//! the editor holds them. [`Server`] keeps the texts and says what is wrong with them; `answers` says what is asked about
//! places, `names` where entities are named, `colours` what words are; `place` counts as the protocol does. Nothing is written: edits are the editor's.

mod answers;
mod colours;
mod names;
mod place;
mod problems;

use super::Exit;
use super::args::Global;
use super::terminal::Terminal;
use crate::Database;
use crate::load::{Access, Parsed};
use lsp_server::{Connection, ErrorCode, Message, Notification, ProtocolError, Request, Response};
use lsp_types::notification::{
    DidChangeTextDocument, DidChangeWatchedFiles, DidCloseTextDocument, DidOpenTextDocument, DidSaveTextDocument,
    Notification as _, PublishDiagnostics,
};
use lsp_types::{
    CodeActionKind, CodeActionOptions, CodeActionProviderCapability, CompletionOptions, Diagnostic,
    DidChangeTextDocumentParams, DidCloseTextDocumentParams, DidOpenTextDocumentParams, HoverProviderCapability,
    InitializeParams, OneOf, PublishDiagnosticsParams, RenameOptions, SemanticTokensFullOptions, SemanticTokensOptions,
    SemanticTokensServerCapabilities, ServerCapabilities, TextDocumentSyncCapability, TextDocumentSyncKind, TextEdit,
    Uri, WorkDoneProgressOptions,
};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Texts are checked when nothing has come for so long.
const QUIET: Duration = Duration::from_millis(30);

/// Answers an editor until it says that it ends.
pub fn run(global: &Global, terminal: &Terminal) -> Exit {
    let database = match &global.graph {
        None => Database::builtin(),
        // A graph with mistakes is what it is for: queries know nothing then.
        Some(path) => Database::open_as(path, global.access(), &|_, _| {})
            .unwrap_or_else(|_| Database::of(crate::graph::Graph::default())),
    };
    let (connection, threads) = Connection::stdio();
    let mut server = Server {
        access: global.access(),
        graph: global.graph.clone(),
        folders: Vec::new(),
        database,
        of_data: HashMap::new(),
        empty: Database::of(crate::graph::Graph::default()),
        open: BTreeMap::new(),
        parsed: HashMap::new(),
        unchecked: BTreeSet::new(),
        told: HashMap::new(),
        connection,
    };
    let served = server.serve();
    drop(server);
    match served {
        // The streams are closed, or are about to be.
        Ok(()) => threads.join().map_or(Exit::File, |()| Exit::Done),
        Err(error) => {
            terminal.error(&format!("the editor went away: {error}"));
            Exit::File
        }
    }
}

/// A text that the editor has open.
struct Document {
    uri: Uri,
    text: String,
    version: i32,
}

/// The folders that an editor names when it starts: those of its workspace, or the one root of older editors.
fn folders(start: serde_json::Value) -> Vec<PathBuf> {
    // What cannot be read names none: no folder then bounds a graph.
    let Ok(start) = serde_json::from_value::<InitializeParams>(start) else { return Vec::new() };
    #[expect(deprecated, reason = "older editors send nothing else")]
    let root = start.root_uri;
    let named: Vec<Uri> = start.workspace_folders.into_iter().flatten().map(|folder| folder.uri).collect();
    let all = if named.is_empty() { root.into_iter().collect() } else { named };
    all.iter().filter_map(place::path).collect()
}

/// Whether a file holds data; otherwise it holds queries.
fn is_data(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "ron")
}

/// A problem as the editor was told it, with what mends it.
struct Told {
    problem: Diagnostic,
    /// What to do, and the edit that does it.
    fixes: Vec<(String, TextEdit)>,
}

struct Server {
    access: Access,
    /// The graph of queries; without it the built-in one.
    graph: Option<PathBuf>,
    /// The folders that the editor has open.
    folders: Vec<PathBuf>,
    /// The graph that queries are checked against.
    database: Database,
    /// By their graphs: what data files were found to be last without mistakes.
    of_data: HashMap<PathBuf, Database>,
    /// A graph without anything: that of data which was never without mistakes.
    empty: Database,
    open: BTreeMap<PathBuf, Document>,
    /// By graph: the sentences of its facts as they were parsed last.
    parsed: HashMap<PathBuf, Parsed>,
    /// Open files that have changed since they were checked.
    unchecked: BTreeSet<PathBuf>,
    /// By file: the last that was said of it.
    told: HashMap<PathBuf, Vec<Told>>,
    connection: Connection,
}

impl Server {
    fn serve(&mut self) -> Result<(), ProtocolError> {
        let capabilities = serde_json::to_value(capabilities()).unwrap_or_default();
        let (id, start) = self.connection.initialize_start()?;
        self.folders = folders(start);
        let hello = serde_json::json!({
            "capabilities": capabilities,
            "serverInfo": { "name": "begat", "version": env!("CARGO_PKG_VERSION") },
        });
        self.connection.initialize_finish(id, hello)?;
        loop {
            // What is asked goes before checking, so that typing waits for nothing.
            let message = match self.unchecked.is_empty() {
                true => self.connection.receiver.recv().ok(),
                false => match self.connection.receiver.recv_timeout(QUIET) {
                    Ok(message) => Some(message),
                    Err(error) if error.is_timeout() => {
                        self.check();
                        continue;
                    }
                    Err(_) => None,
                },
            };
            match message {
                // The editor closed the streams without a word.
                None => return Ok(()),
                Some(Message::Request(request)) => {
                    if self.connection.handle_shutdown(&request)? {
                        return Ok(());
                    }
                    self.answer(request);
                }
                Some(Message::Notification(notification)) => self.note(notification),
                Some(Message::Response(_)) => {}
            }
        }
    }

    fn answer(&mut self, request: Request) {
        let id = request.id.clone();
        let response = match answers::answer(self, request) {
            Some(Ok(result)) => Response::new_ok(id, result),
            Some(Err(words)) => Response::new_err(id, ErrorCode::InvalidParams as i32, words),
            None => Response::new_err(id, ErrorCode::MethodNotFound as i32, "begat does not do that".to_string()),
        };
        // An editor that has gone wants no answer; the next message says so.
        let _ = self.connection.sender.send(response.into());
    }

    fn note(&mut self, notification: Notification) {
        let Notification { method, params } = notification;
        match method.as_str() {
            DidOpenTextDocument::METHOD => {
                if let Ok(DidOpenTextDocumentParams { text_document: opened }) = serde_json::from_value(params)
                    && let Some(path) = place::path(&opened.uri)
                {
                    let document = Document { uri: opened.uri, text: opened.text, version: opened.version };
                    self.open.insert(path.clone(), document);
                    self.unchecked.insert(path);
                }
            }
            DidChangeTextDocument::METHOD => {
                if let Ok(DidChangeTextDocumentParams { text_document: changed, content_changes }) =
                    serde_json::from_value(params)
                    && let Some(path) = place::path(&changed.uri)
                    && let Some(document) = self.open.get_mut(&path)
                    && let Some(last) = content_changes.into_iter().last()
                {
                    // Whole texts are asked for.
                    document.text = last.text;
                    document.version = changed.version;
                    self.unchecked.insert(path);
                }
            }
            DidCloseTextDocument::METHOD => {
                if let Ok(DidCloseTextDocumentParams { text_document: closed }) = serde_json::from_value(params)
                    && let Some(path) = place::path(&closed.uri)
                {
                    self.open.remove(&path);
                    self.unchecked.remove(&path);
                    self.tell(&path, Vec::new());
                    self.unchecked.extend(self.open.keys().cloned());
                }
            }
            // Other files of the graph may have changed.
            DidSaveTextDocument::METHOD | DidChangeWatchedFiles::METHOD => {
                self.unchecked.extend(self.open.keys().cloned());
            }
            _ => {}
        }
    }

    /// Says what is wrong with a file, if that is not what was said last.
    fn tell(&mut self, path: &Path, found: Vec<Told>) {
        let before = self.told.get(path);
        let is_same = before.map_or(found.is_empty(), |before| {
            before.iter().map(|told| &told.problem).eq(found.iter().map(|told| &told.problem))
        });
        let document = self.open.get(path);
        let Some(uri) = document.map(|document| document.uri.clone()).or_else(|| place::uri(path)) else { return };
        if !is_same || document.is_some() {
            let diagnostics = found.iter().map(|told| told.problem.clone()).collect();
            let params =
                PublishDiagnosticsParams { uri, diagnostics, version: document.map(|document| document.version) };
            let _ =
                self.connection.sender.send(Notification::new(PublishDiagnostics::METHOD.to_string(), params).into());
        }
        self.told.insert(path.to_path_buf(), found);
    }
}

fn capabilities() -> ServerCapabilities {
    ServerCapabilities {
        text_document_sync: Some(TextDocumentSyncCapability::Kind(TextDocumentSyncKind::FULL)),
        completion_provider: Some(CompletionOptions {
            trigger_characters: Some(vec![" ".to_string(), ".".to_string(), "$".to_string()]),
            ..CompletionOptions::default()
        }),
        hover_provider: Some(HoverProviderCapability::Simple(true)),
        definition_provider: Some(OneOf::Left(true)),
        code_action_provider: Some(CodeActionProviderCapability::Options(CodeActionOptions {
            code_action_kinds: Some(vec![CodeActionKind::QUICKFIX]),
            ..CodeActionOptions::default()
        })),
        document_formatting_provider: Some(OneOf::Left(true)),
        references_provider: Some(OneOf::Left(true)),
        rename_provider: Some(OneOf::Right(RenameOptions {
            prepare_provider: Some(true),
            work_done_progress_options: WorkDoneProgressOptions::default(),
        })),
        semantic_tokens_provider: Some(SemanticTokensServerCapabilities::SemanticTokensOptions(
            SemanticTokensOptions {
                legend: colours::legend(),
                full: Some(SemanticTokensFullOptions::Bool(true)),
                ..SemanticTokensOptions::default()
            },
        )),
        ..ServerCapabilities::default()
    }
}
