//! The words of a schema: their form, and that no word has two meanings.

use super::{SchemaProblem, SchemaSource};
use crate::value::ValueType;
use std::collections::HashMap;

/// The words that may follow the first word of a verb.
pub const PARTICLES: [&str; 15] =
    ["by", "of", "to", "from", "with", "for", "on", "at", "in", "into", "over", "as", "through", "after", "under"];

/// Returns malformed names and words with two meanings.
pub(super) fn problems(source: &SchemaSource) -> Vec<SchemaProblem> {
    let mut problems: Vec<SchemaProblem> = source.types.keys().filter_map(|name| bad_type(name)).collect();
    let mut meanings = Meanings::default();
    for (name, verb) in &source.verbs {
        problems.extend(bad_verb(name, name));
        problems.extend(meanings.add(name, name, "a verb".to_string()));
        if let Some(inverse) = &verb.inverse {
            problems.extend(bad_verb(name, inverse));
            problems.extend(meanings.add(name, inverse, format!("the inverse of `{name}`")));
        }
    }
    for (of, declared) in &source.types {
        for (name, property) in &declared.properties {
            problems.extend(bad_property(name).map(|problem| problem.within(of)));
            if let Some(verb) = &property.verb {
                problems.extend(bad_verb(name, verb).map(|problem| problem.within(of)));
                let twice = meanings.add(name, verb, format!("the verb of property `{name}`"));
                problems.extend(twice.map(|problem| problem.within(of)));
            }
        }
    }
    problems
}

/// The first declared meaning of each lower-case word.
#[derive(Default)]
struct Meanings<'s>(HashMap<&'s str, String>);

impl<'s> Meanings<'s> {
    fn add(&mut self, what: &str, word: &'s str, meaning: String) -> Option<SchemaProblem> {
        match self.0.get(word) {
            Some(first) if *first != meaning => {
                let message = format!("`{word}` means two things: {first}, and {meaning}");
                Some(SchemaProblem::new(what, word, message))
            }
            Some(_) => None,
            None => {
                self.0.insert(word, meaning);
                None
            }
        }
    }
}

/// Requires a type to be one word, so that `Model GPT-2` can be split.
fn bad_type(name: &str) -> Option<SchemaProblem> {
    let formed = is_type(name);
    if formed && ValueType::of_name(name).is_none() {
        return None;
    }
    let message = match formed {
        true => format!("`{name}` is a type of values"),
        false => format!("`{name}` is no name for a type"),
    };
    let help = "a type is one word: a capital (or a letter that has no case), then letters and digits, as in `Model`";
    Some(SchemaProblem::new(name, name, message).help(Some(help.to_string())))
}

/// Returns whether a word has the form of a type.
pub fn is_type(name: &str) -> bool {
    let begins = |c: char| c.is_uppercase() || c.is_alphabetic() && !c.is_lowercase();
    name.starts_with(begins) && name.chars().all(char::is_alphanumeric)
}

fn bad_verb(what: &str, word: &str) -> Option<SchemaProblem> {
    if is_verb(word) {
        return None;
    }
    let particles = PARTICLES.join(" ");
    let meant = [word.replace('-', "_"), word.replace(' ', "_"), word.to_lowercase()];
    let meant = meant.iter().find(|meant| is_verb(meant)).map_or(String::new(), |meant| format!("write `{meant}`: "));
    let help =
        format!("{meant}a verb is a lower-case word of two letters or more, perhaps followed by one of: {particles}");
    Some(SchemaProblem::new(what, word, format!("`{word}` is no verb")).help(Some(help)))
}

/// Returns whether the grammar can read the word as a verb.
pub fn is_verb(word: &str) -> bool {
    let (first, particle) = word.split_once(' ').map_or((word, None), |(first, rest)| (first, Some(rest)));
    let letter = |c: char| c.is_lowercase() || c == '_';
    let formed = first.chars().count() >= 2 && !first.starts_with('_') && first.chars().all(letter);
    formed && particle.is_none_or(|particle| PARTICLES.contains(&particle))
}

fn bad_property(name: &str) -> Option<SchemaProblem> {
    let formed = name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    let reserved = ["name", "aliases"].contains(&name);
    if formed && !reserved {
        return None;
    }
    let help = match reserved {
        true => "`name` and `aliases` are the names of the entity itself",
        false => "a property is a lower-case word, as in `date`",
    };
    Some(SchemaProblem::new(name, name, format!("`{name}` is no name for a property")).help(Some(help.to_string())))
}
