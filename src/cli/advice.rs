//! The command's words for what its user can do about a problem.

use crate::text::{Advice, Code, Diagnostics, Help, Resource};

/// Returns the diagnostics with their advice as help texts.
pub fn worded(diagnostics: &Diagnostics) -> Diagnostics {
    let mut worded = diagnostics.clone();
    for diagnostic in &mut worded.0 {
        let help = diagnostic.advice.drain(..).filter_map(|advice| words(&advice));
        let help: Vec<Help> = help.map(|message| Help { message, fix: None }).collect();
        // The two remedies for a limit are joined on one line.
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

/// Returns the words for an advice; `None` if the command can do nothing.
fn words(advice: &Advice) -> Option<String> {
    Some(match advice {
        Advice::RaiseLimit(resource) => format!("{RAISE} `{}`", flag(*resource)?),
        Advice::BindParameter(name) => format!("bind it with `-p {name}=…`, or `:set ${name} …`"),
        Advice::RebuildSnapshot => "build it again from its sources: `begat build GRAPH -o FILE.begat`".to_string(),
        Advice::ImportTable => "`begat new FILE -o FOLDER` makes one of it".to_string(),
        Advice::Declare(name, types) => match types.first() {
            None => format!("or add `--new`, to declare `{name}`"),
            Some(first) => format!("write `--new '{first} {name}'`; a {} can stand here", types.join(" or ")),
        },
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

/// Returns the addition of `begat explain` to the explanation of a code.
pub fn of_code(code: Code) -> Option<&'static str> {
    Some(match code {
        Code::UnknownParameter => "Bind it with `-p name=value`, or `:set $name value`.",
        Code::UnknownFunction => "So does `:help functions` in a session.",
        Code::UnknownVerb | Code::UnknownType => "So does `begat schema`.",
        Code::Snapshot => "`begat build GRAPH -o FILE.begat` does that.",
        _ => return None,
    })
}
