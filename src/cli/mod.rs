//! The command: arguments, commands, session, terminal.
//!
//! [`main`] parses the arguments (`args`), inspects the terminal once (`terminal`), opens the graph and runs one of the
//! commands. stdout carries results only. Every way of ending is an [`Exit`].

mod advice;
mod args;
mod bench;
mod checks;
mod commands;
mod completions;
mod curate;
mod diff;
mod door;
mod elsewhere;
mod examples;
mod exit;
mod fmt;
mod git;
#[cfg(feature = "raster")]
mod inline;
mod loading;
#[cfg(feature = "lsp")]
mod lsp;
mod memory;
mod new;
mod output;
mod paper;
mod params;
mod picture;
mod progress;
mod reading;
mod repl;
mod session;
mod show;
mod terminal;

pub use exit::{EXITS, Exit, ExitInfo};
pub use memory::Counted;
pub use repl::{COMMANDS, CommandInfo};

use crate::disk;
use crate::render::steers;
use args::{Arguments, Command, Global};
use clap::Parser;
use curate::args::SourceCommand;
use session::Session;
use std::process::ExitCode;
use terminal::Terminal;

/// Runs the command line of this process.
pub fn main() -> ExitCode {
    memory::begin();
    report_bugs();
    if completions::answered() {
        return Exit::Done.into();
    }
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return usage(&error).into(),
    };
    let exit = run(arguments);
    // Interrupted work may have created a temporary file.
    disk::abandon();
    exit.into()
}

/// Prints help and version to stdout, which is not an error, and other messages to stderr.
fn usage(error: &clap::Error) -> Exit {
    let is_odd = |argument: std::ffi::OsString| argument.to_string_lossy().contains(|c| c != '\n' && steers(c));
    match error.use_stderr() && std::env::args_os().any(is_odd) {
        // Then clap's colours cannot be distinguished from those in the arguments.
        true => terminal::tell(&door::plain(&error.render().to_string())),
        // A closed pipe is not an error.
        false => _ = error.print(),
    }
    if error.use_stderr() { Exit::Usage } else { Exit::Done }
}

fn run(arguments: Arguments) -> Exit {
    let terminal = Terminal::of(&arguments.global);
    let Arguments { global, command, query } = arguments;
    match command {
        Some(Command::Explain { code }) => commands::explain(&code, &terminal),
        Some(Command::Completions { shell }) => completions::script(shell, &terminal),
        Some(Command::Notices) => commands::notices(&terminal),
        Some(Command::Man { dir }) => commands::man(dir.as_deref(), &terminal),
        Some(Command::Check { data }) => {
            let (access, limits) = (global.access(), memory::limits_of(&global));
            commands::check(data.or(global.graph), access, limits, &terminal)
        }
        Some(Command::New { files }) => new::new(&files, &global, &terminal),
        Some(Command::Build { data }) => {
            let graph = data.or(global.graph);
            Session::open(Global { graph, ..global }, terminal)
                .map_or_else(|exit| exit, |session| commands::build(&session))
        }
        Some(Command::Fmt { files, check }) => fmt::run(&files, check, &terminal),
        #[cfg(feature = "lsp")]
        Some(Command::Lsp) => lsp::run(&global, &terminal),
        Some(Command::Diff(args)) => diff::run(&global, &terminal, &args),
        Some(Command::Curate(command)) => curating(&global, &terminal, &command),
        other => match Session::open(global, terminal) {
            Ok(session) => with_graph(session, other, query),
            Err(exit) => exit,
        },
    }
}

/// Runs a command that edits a graph's files.
fn curating(global: &Global, terminal: &Terminal, command: &args::Curate) -> Exit {
    let done = match command.clone() {
        args::Curate::Undo { dry_run } => curate::undo(global, terminal, dry_run).map(drop),
        args::Curate::Add(args) if args.source.is_empty() => {
            terminal.error("who says so? add `--source KEY --at PLACE`");
            Err(Exit::Usage)
        }
        args::Curate::Add(args) => {
            curate::run(global, terminal, args.writing, &|is_sure| Box::new(args.request(is_sure))).map(drop)
        }
        args::Curate::Retract(args) => {
            curate::run(global, terminal, args.writing, &|_| Box::new(args.request())).map(drop)
        }
        args::Curate::Rename(args) => {
            curate::run(global, terminal, args.writing, &|_| Box::new(args.request())).map(drop)
        }
        args::Curate::Merge(args) => {
            curate::run(global, terminal, args.writing, &|_| Box::new(args.request())).map(drop)
        }
        args::Curate::Source { command: SourceCommand::Add(args) } => {
            let title = global.title.clone().unwrap_or_default();
            curate::run(global, terminal, args.writing, &|_| Box::new(args.request(&title))).map(drop)
        }
    };
    done.map_or_else(|exit| exit, |()| Exit::Done)
}

/// Runs a command that queries a graph.
fn with_graph(mut session: Session, command: Option<Command>, query: args::Query) -> Exit {
    let asks = matches!(command, None | Some(Command::Query(_) | Command::Schema { .. } | Command::Translate { .. }));
    if let (false, Err(error)) = (asks, if asks { Ok(()) } else { session.fetch() }) {
        return session::report(&session.terminal, error, None);
    }
    match command {
        Some(Command::Query(query)) => session::query(&mut session, &query),
        Some(Command::Schema { name }) => session.run_words(&["schema"], name.as_deref()),
        Some(Command::Bench { queries, runs }) => bench::bench(&session, &queries, runs),
        Some(Command::Read(args)) => reading::run(&session, &args),
        Some(Command::Stats) => commands::stats(&session),
        #[cfg(feature = "mcp")]
        Some(Command::Mcp { writable }) => commands::serve_agents(session, writable),
        #[cfg(feature = "serve")]
        Some(Command::Serve { host, port }) => commands::serve_pages(session, &host, port),
        #[cfg(feature = "serve")]
        Some(Command::Site { queries, file }) => commands::site(&session, &queries, &file),
        Some(Command::Export { lake: Some(folder), .. }) => commands::lake(&session, &folder),
        Some(Command::Export { query, .. }) => commands::export(&mut session, query.as_deref()),
        Some(Command::Translate { query, to, lake }) => commands::translate(&session, &query, to, &lake),
        _ => session::query(&mut session, &query),
    }
}

/// Reports a panic, which is a bug of begat, in one line instead of a backtrace.
fn report_bugs() {
    if std::env::var_os("RUST_BACKTRACE").is_some() {
        return;
    }
    std::panic::set_hook(Box::new(|panic| {
        if crate::load::catches_panics() {
            return;
        }
        let place = panic.location().map_or(String::new(), |place| format!(" at {}:{}", place.file(), place.line()));
        let payload = panic.payload();
        let text = payload.downcast_ref::<&str>().copied().or(payload.downcast_ref::<String>().map(String::as_str));
        let words = text.unwrap_or("no message");
        terminal::tell(&format!("begat {}: this is a bug in begat{place}: {words}\n", env!("CARGO_PKG_VERSION")));
        terminal::tell("please report it with the query and the graph; nothing was changed on disk\n");
        disk::abandon_at_once();
        std::process::exit(Exit::Bug as i32);
    }));
}
