//! The table of exit statuses. `--help` and the README read it.

use std::process::ExitCode;

/// The exit status of the process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    Done = 0,
    Nothing = 1,
    Usage = 2,
    Query = 3,
    Data = 4,
    File = 5,
    Limit = 6,
    Bug = 70,
    Interrupted = 130,
}

/// A row of [`EXITS`].
#[derive(Debug)]
pub struct ExitInfo {
    pub exit: Exit,
    pub when: &'static str,
}

/// All statuses, sorted ascending.
pub static EXITS: &[ExitInfo] = &[
    ExitInfo { exit: Exit::Done, when: "done, also with no rows, also after a closed pipe" },
    ExitInfo {
        exit: Exit::Nothing,
        when: "-e and the answer is empty or no; check or fmt --check found something; diff found a difference",
    },
    ExitInfo { exit: Exit::Usage, when: "wrong usage" },
    ExitInfo { exit: Exit::Query, when: "the query is wrong" },
    ExitInfo { exit: Exit::Data, when: "the data is wrong" },
    ExitInfo { exit: Exit::File, when: "a file could not be read or written" },
    ExitInfo { exit: Exit::Limit, when: "a limit or a time-out stopped it" },
    ExitInfo { exit: Exit::Bug, when: "a bug in begat" },
    ExitInfo { exit: Exit::Interrupted, when: "Ctrl-C" },
];

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(exit as u8)
    }
}

/// Returns the table as text, for the end of `--help`.
pub fn listed() -> String {
    let lines = EXITS.iter().map(|row| format!("  {:>3}  {}\n", row.exit as u8, row.when));
    format!("Exit status:\n{}", lines.collect::<String>())
}
