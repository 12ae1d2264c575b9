//! What a person at the command line can do about a problem, in the words of the command.

use crate::text::{Advice, Code, Diagnostics, Help, Resource};

/// Returns the diagnostics with their advice in words
pub fn worded(diagnostics: &Diagnostics) -> Diagnostics {
    let mut worded = diagnostics.clone();
    for diagnostic in &mut worded.0 {
        let help = diagnostic.advice.drain(..).filter_map(|advice| words(&advice));
        let help: Vec<Help> = help.map(|message| Help { message, fix: None }).collect();
        // A limit is told with the other way out on one line.
        match (help.as_slice(), diagnostic.help.as_mut_slice()) {
            ([raise], [less]) if raise.message.starts_with(RAISE) => {
                less.message = format!("{}, or {}", raise.message, less.message)
            }
            _ => diagnostic.help.extend(help),
        }
    }
    worded
}

const RAISE: &str = "raise it with";

/// Returns the words for an advice; none where the command can do nothing.
fn words(advice: &Advice) -> Option<String> {
    Some(match advice {
        Advice::RaiseLimit(resource) => format!("{RAISE} `{}`", flag(*resource)?),
        Advice::BindParameter(name) => format!("bind it with `-p {name}=…`, or `:set ${name} …`"),
        Advice::RebuildSnapshot => "build it again from its sources: `begat build GRAPH -o FILE.begat`".to_string(),
        Advice::ImportTable => "`begat new FILE -o FOLDER` makes one of it".to_string(),
        Advice::AllowOutside => "`--allow-outside` allows that".to_string(),
    })
}

fn flag(resource: Resource) -> Option<&'static str> {
    Some(match resource {
        Resource::Time => "--timeout",
        Resource::Memory => "--max-memory",
        Resource::Rows => "--max-rows",
    })
}

/// Returns what `begat explain` adds to the explanation of a code.
pub fn of_code(code: Code) -> Option<&'static str> {
    Some(match code {
        Code::UnknownParameter => "Bind it with `-p name=value`, or `:set $name value`.",
        Code::UnknownFunction => "So does `:help functions` in a session.",
        Code::UnknownVerb | Code::UnknownType => "So does `begat schema`.",
        Code::Snapshot => "`begat build GRAPH -o FILE.begat` does that.",
        _ => return None,
    })
}
