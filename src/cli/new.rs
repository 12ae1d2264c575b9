//! `begat new`: makes a graph of foreign files.

use super::args::Global;
use super::output::{self, reason};
use super::show::counted;
use super::terminal::Terminal;
use super::{Exit, loading, memory};
use crate::disk;
use crate::import;
use crate::text::{Severity, Text};
use std::path::{Path, PathBuf};

/// Reads files, writes a folder with a graph of them, and loads it.
pub fn new(files: &[PathBuf], global: &Global, terminal: &Terminal) -> Exit {
    let Some(folder) = global.output.as_deref().filter(|path| *path != Path::new("-")) else {
        terminal.error("into which folder? write `-o FOLDER`");
        return Exit::Usage;
    };
    if folder.join("graph.ron").exists() {
        terminal.error(&format!("`{}` has a graph already; name another folder", folder.display()));
        return Exit::Usage;
    }
    let made = match import::read(files) {
        Ok(made) => made,
        Err((path, error)) => {
            terminal.error(&format!("cannot make a graph of `{}`: {}", path.display(), reason(&error)));
            return Exit::File;
        }
    };
    let written = terminal.finishing(|| disk::write_folder(folder, &made.files, |out, bytes| out.write_all(bytes)));
    if let Err(error) = written {
        return output::unwritten(folder, &error, terminal);
    }
    let mut told: String = made.decided.iter().map(|line| format!("{line}\n")).collect();
    told.extend(made.unsure.iter().map(|line| format!("unsure: {line}\n")));
    if let Err(exit) = output::print(&told, terminal) {
        return exit;
    }
    tried(folder, global, terminal)
}

/// Loads the new graph, and reports the result.
fn tried(folder: &Path, global: &Global, terminal: &Terminal) -> Exit {
    let checked = loading::check(folder.to_path_buf(), global.access(), memory::limits_of(global), terminal);
    let (graph, diagnostics) = match checked {
        Ok(checked) => checked,
        Err(error) => return super::session::report(terminal, error, None),
    };
    let errors = diagnostics.iter().filter(|diagnostic| diagnostic.is_error()).count();
    let warnings = diagnostics.iter().filter(|diagnostic| diagnostic.severity == Severity::Warning).count();
    let place = folder.join("graph.ron");
    match graph {
        Some(graph) => {
            let size = format!("{}, {}", counted(graph.entity_count(), "entity"), counted(graph.fact_count(), "fact"));
            let warned = if warnings > 0 {
                format!("; `begat check` has {}", counted(warnings, "warning"))
            } else {
                String::new()
            };
            terminal.info(&format!("wrote {}: {size}{warned}", place.display()));
            Exit::Done
        }
        None => {
            terminal.report(&diagnostics, &Text::new("", ""));
            terminal.info(&format!("wrote {}, which needs your hand: {}", place.display(), counted(errors, "error")));
            Exit::Nothing
        }
    }
}
