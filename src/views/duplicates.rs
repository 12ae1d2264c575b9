//! `duplicates`: pairs of entities that may be the same, with the reason, what they share and where they differ. Only a
//! person can decide.

use super::reports::is_among;
use super::{entity_head, head, row, text, types_of};
use crate::answer::{Cell, Row, Table};
use crate::exec::Context;
use crate::graph::{Direction, EntityId, Facts, Graph};
use crate::limits::in_budget;
use crate::plan::ReportScope;
use crate::schema::TypeId;
use crate::value::Value;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Minimum number of letters for names that differ by one letter; shorter names are too often similar. With four,
/// `BERT` and `BART` would be reported.
const SHORTEST: usize = 5;
/// Maximum number of names with a key; a more frequent key is no evidence. It bounds the pairs of a key, too, which
/// are about half the square of it.
const MOST_ALIKE: usize = 50;
/// Maximum number of shared facts that are shown.
const MOST_SHOWN: usize = 3;

/// Reason why two names look alike, best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Why {
    SameLetters,
    SameWords,
    OneLetter,
    Initials,
}

impl Why {
    fn name(self) -> &'static str {
        [
            "names of the same letters",
            "names of the same words",
            "names differ by one letter",
            "one name has the initials of the other",
        ][self as usize]
    }
}

/// Returns one row per pair.
pub(super) fn table(context: &Context, of: ReportScope) -> Table {
    let graph = context.graph;
    let pairs = pairs(graph, of);
    let types = types_of(graph, pairs.keys().flat_map(|(one, two)| [*one, *two]));
    let cells = |((one, two), (why, names)): (&(EntityId, EntityId), &(Why, [String; 2]))| {
        let (shared, differing) = compared(graph, *one, *two);
        let own = names[0] == graph.name(*one) && names[1] == graph.name(*two);
        let why = if own { why.name().to_string() } else { format!("{}: {}, {}", why.name(), names[0], names[1]) };
        row(vec![Cell::Entity(*one), Cell::Entity(*two), text(&why), text(&shared), text(&differing)], true)
    };
    let rows: Vec<Row> = pairs.iter().take_while(in_budget).map(cells).collect();
    let columns =
        vec![entity_head("entity", types), entity_head("other", types), head("why"), head("both"), head("differ")];
    Table { columns, rows: rows.into() }
}

type DuplicatePairs = BTreeMap<(EntityId, EntityId), (Why, [String; 2])>;

/// Entities and names by family of types, reason and key.
type Keyed<'g> = HashMap<(TypeId, Why, String), Vec<(EntityId, &'g str)>>;

fn pairs(graph: &Graph, of: ReportScope) -> DuplicatePairs {
    let mut keyed = Keyed::new();
    // Any entity may be similar to the one in question.
    let among = if matches!(of, ReportScope::Entity(_)) { ReportScope::All } else { of };
    for entity in graph.entities().take_while(in_budget).filter(|entity| is_among(graph, *entity, among)) {
        let family = family(graph, entity);
        for name in [graph.name(entity)].into_iter().chain(graph.names().aliases(entity)) {
            for (why, key) in keys(name) {
                keyed.entry((family, why, key)).or_default().push((entity, name));
            }
        }
    }
    let mut pairs = DuplicatePairs::new();
    for ((_, why, _), alike) in keyed.iter().take_while(in_budget).filter(|(_, alike)| alike.len() <= MOST_ALIKE) {
        for (i, one) in alike.iter().enumerate() {
            for two in alike[i + 1..].iter().filter(|two| two.0 != one.0 && is_alike(*why, one.1, two.1)) {
                let (first, second) = if one.0 < two.0 { (one, two) } else { (two, one) };
                let found = (*why, [first.1.to_string(), second.1.to_string()]);
                let entry = pairs.entry((first.0, second.0)).or_insert_with(|| found.clone());
                // The least one, since the map has no order: the best reason, and of equal ones the first names.
                *entry = entry.clone().min(found);
            }
        }
    }
    pairs.retain(|(one, two), _| is_among(graph, *one, of) || is_among(graph, *two, of));
    pairs
}

fn family(graph: &Graph, entity: EntityId) -> TypeId {
    let own = graph.type_of(entity);
    std::iter::successors(Some(own), |id| graph.schema().type_(*id).parent).last().unwrap_or(own)
}

/// Returns the keys under which similar names meet.
fn keys(name: &str) -> Vec<(Why, String)> {
    let (letters, words) = (letters(name), words(name));
    let mut keys = vec![(Why::SameLetters, letters.clone())];
    if words.len() > 1 {
        let sorted: BTreeSet<&String> = words.iter().collect();
        keys.push((Why::SameWords, sorted.into_iter().cloned().collect::<Vec<_>>().join(" ")));
        let initials: String = words.iter().filter_map(|word| word.chars().next()).collect();
        if words.len() > 2 && initials.chars().all(char::is_alphabetic) {
            keys.push((Why::Initials, initials));
        }
    } else if letters.chars().count() > 2 && is_initials(name) {
        keys.push((Why::Initials, letters.clone()));
    }
    if letters.chars().count() >= SHORTEST {
        // Deletion keys: names at distance one share a key after deleting at most one letter of each (Bocek, Hunt,
        // Stiller, *Fast similarity search in large dictionaries*, 2007).
        let without = |at: usize| letters.chars().enumerate().filter(|(i, _)| *i != at).map(|(_, c)| c).collect();
        keys.extend((0..letters.chars().count()).map(|at| (Why::OneLetter, without(at))));
        keys.push((Why::OneLetter, letters.clone()));
    }
    keys.sort();
    keys.dedup();
    keys
}

/// Returns true for `MHA`: only capitals.
fn is_initials(name: &str) -> bool {
    name.chars().all(|c| c.is_uppercase() || !c.is_alphanumeric())
}

/// Returns the letters and digits in lower case.
fn letters(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

fn words(name: &str) -> Vec<String> {
    name.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_lowercase).collect()
}

/// Returns true if two names that share a key are similar. Numbers distinguish versions.
fn is_alike(why: Why, one: &str, two: &str) -> bool {
    let digits = |name: &str| name.chars().filter(char::is_ascii_digit).collect::<String>();
    match why {
        Why::SameLetters | Why::SameWords => true,
        Why::OneLetter => {
            let (one, two) = (letters(one), letters(two));
            let is_one = digits(&one) == digits(&two) && crate::text::suggest::distance(&one, &two) == 1;
            is_one && !is_by_digit(&one, &two)
        }
        Why::Initials => is_initials(one) != is_initials(two),
    }
}

/// Returns true if two names differ next to a digit: `4.5` and `4.5V` are versions.
fn is_by_digit(one: &str, two: &str) -> bool {
    let before = one.chars().zip(two.chars()).take_while(|(a, b)| a == b).last().map(|(a, _)| a);
    let after = one.chars().rev().zip(two.chars().rev()).take_while(|(a, b)| a == b).last().map(|(a, _)| a);
    [before, after].into_iter().flatten().any(|c| c.is_ascii_digit())
}

/// Returns what two entities have in common, and which single values differ.
fn compared(graph: &Graph, one: EntityId, two: EntityId) -> (String, String) {
    let schema = graph.schema();
    let (mut shared, mut differing): (Vec<String>, Vec<String>) = (Vec::new(), Vec::new());
    for (id, verb) in schema.verbs() {
        for (direction, word) in [(Direction::Forward, Some(&verb.name)), (Direction::Reverse, verb.inverse.as_ref())] {
            let links = graph.relation(id).adjacency(direction, Facts::All);
            let known: BTreeSet<u32> = links.of(one).iter().copied().collect();
            let both = links.of(two).iter().filter(|other| known.contains(other));
            shared.extend(both.map(|other| match word {
                Some(word) => format!("{word} {}", graph.name(EntityId(*other))),
                None => format!("{} of {}", verb.name, graph.name(EntityId(*other))),
            }));
        }
    }
    for (id, property) in schema.properties() {
        let word = property.verb.as_ref().unwrap_or(&property.name);
        match (graph.value(one, id), graph.value(two, id)) {
            (a, b) if is_unknown(&a) || is_unknown(&b) => {}
            (a, b) if a == b => shared.push(format!("{word} {a}")),
            (a, b) if property.single => differing.push(format!("{word} {a} and {b}")),
            _ => {}
        }
    }
    let more = shared.len().saturating_sub(MOST_SHOWN);
    shared.truncate(MOST_SHOWN);
    let more = if more > 0 { format!("; and {more} more") } else { String::new() };
    (shared.join("; ") + &more, differing.join("; "))
}

fn is_unknown(value: &Value) -> bool {
    matches!(value, Value::Unknown) || matches!(value, Value::Date(date) if date.is_undated())
}

#[cfg(test)]
mod tests {
    use super::{Why, is_alike, keys};

    fn why(one: &str, two: &str) -> Option<Why> {
        let other = keys(two);
        keys(one).into_iter().filter(|key| other.contains(key) && is_alike(key.0, one, two)).map(|key| key.0).min()
    }

    #[test]
    fn names_look_alike_for_a_reason() {
        assert_eq!(why("Open AI", "open-ai"), Some(Why::SameLetters));
        assert_eq!(why("Allen Institute", "Institute, Allen"), Some(Why::SameWords));
        assert_eq!(why("Mistral", "Mistrall"), Some(Why::OneLetter));
        assert_eq!(why("Mistral", "Mistrel"), Some(Why::OneLetter));
        assert_eq!(why("Multi-Head Attention", "MHA"), Some(Why::Initials));
        // Versions and short names are different things.
        assert_eq!(why("Llama 3", "Llama 4"), None);
        assert_eq!(why("GPT-2", "GPT-3"), None);
        assert_eq!(why("GLM-4.5", "GLM-4.5V"), None);
        assert_eq!(why("MHA", "MLA"), None);
    }
}
