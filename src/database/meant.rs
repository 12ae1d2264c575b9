//! Guesses at the query that was meant: the ways in which people phrase what begat phrases differently.
//!
//! Each rule reads the words of a query and the schema, and proposes whole queries. The adviser offers the first
//! proposal that is valid.

use crate::graph::Graph;
use crate::schema::{Schema, TypeId};
use crate::syntax;
use crate::text::suggest;
use crate::value::ValueType;

/// From the surest to the boldest.
const RULES: [fn(&str, &Graph) -> Vec<String>; 10] = [
    small_verbs,
    misspelt_clauses,
    counted_all,
    compared,
    path_between,
    of_an_entity,
    kept_relatives,
    properties,
    bounded,
    counted_by,
];

/// Returns what one invalid statement may have meant.
pub(super) fn guesses(text: &str, graph: &Graph) -> impl Iterator<Item = String> {
    let text = text.trim();
    let is_one = !text.trim_end_matches(';').contains([';', '\n']);
    let proposed = RULES.iter().filter(move |_| is_one).flat_map(move |rule| rule(text, graph));
    proposed.filter(move |guess| guess != text)
}

/// Writes verbs in lower case: `Model Uses MLA`.
fn small_verbs(text: &str, graph: &Graph) -> Vec<String> {
    let verbs: Vec<&str> = graph.schema().words().collect();
    let small = |word: &str| {
        let lower = word.to_lowercase();
        if lower != word && verbs.contains(&lower.as_str()) { lower } else { word.to_string() }
    };
    vec![text.split(' ').map(small).collect::<Vec<_>>().join(" ")]
}

/// Reads an unknown verb as the clause that it resembles: `Model m shwo m`, `Model m show m ofset 2`.
fn misspelt_clauses(text: &str, graph: &Graph) -> Vec<String> {
    const BEGIN_CLAUSES: [&str; 7] = ["where", "show", "having", "order", "limit", "offset", "nearest"];
    let is_verb = |word: &str| graph.schema().words().any(|verb| verb.split(' ').any(|part| part == word));
    let mut read = Vec::new();
    for lexeme in syntax::words(text).iter().filter(|lexeme| lexeme.is_word()) {
        // `ordr by` is one word of the grammar.
        let (at, word) = (lexeme.span.start as usize, lexeme.span.of(text).split(' ').next().unwrap_or(""));
        if word.starts_with(char::is_lowercase) && !syntax::is_keyword(word) && !is_verb(word) {
            let clauses = suggest::nearest(word, BEGIN_CLAUSES).into_iter();
            read.extend(clauses.map(|clause| format!("{}{clause}{}", &text[..at], &text[at + word.len()..])));
        }
    }
    read
}

/// Binds the types that clauses refer to: `Model uses Technique show Technique, count(Model)`.
pub(super) fn named_types(text: &str, graph: &Graph) -> Vec<String> {
    let words = syntax::words(text);
    let word = |at: usize| words.get(at).map_or("", |word| word.span.of(text));
    let is_variable = |at: usize| words.get(at).is_some_and(|word| word.is_variable());
    let taken: Vec<&str> = (0..words.len()).filter(|at| is_variable(*at)).map(word).collect();
    let mut variables: Vec<(TypeId, String)> = Vec::new();
    let (mut said, mut from, mut is_clause, mut is_mended) = (String::new(), 0, false, false);
    for (at, lexeme) in words.iter().enumerate() {
        is_clause |= CLAUSES.contains(&word(at));
        // `Model.date` is one word.
        let name = word(at).split('.').next().unwrap_or("");
        let Some(id) = graph.schema().lookup_type(name) else { continue };
        let known = variables.iter().find(|(of, _)| *of == id).map(|(_, variable)| variable.clone());
        let start = lexeme.span.start as usize;
        let end = start + name.len();
        match known {
            _ if is_variable(at + 1) => variables.extend(known.is_none().then(|| (id, word(at + 1).to_string()))),
            Some(variable) => {
                said += &text[from..start];
                said += &variable;
                (from, is_mended) = (end, is_mended || is_clause);
            }
            None if is_clause => {}
            None => {
                let is_free =
                    |letter: &String| !taken.contains(&letter.as_str()) && variables.iter().all(|(_, v)| v != letter);
                let letters = name.to_lowercase();
                let Some(variable) = letters.chars().map(String::from).find(is_free) else { continue };
                said += &text[from..end];
                said += &format!(" {variable}");
                from = end;
                variables.push((id, variable));
            }
        }
    }
    if is_mended { vec![said + &text[from..]] } else { Vec::new() }
}

/// `count(*)`: one of the variables is what is counted, the last first.
fn counted_all(text: &str, _: &Graph) -> Vec<String> {
    let Some(call) = ["count(*)", "COUNT(*)", "count( * )", "count()"].into_iter().find(|call| text.contains(call))
    else {
        return Vec::new();
    };
    let words = syntax::words(text);
    let named = words.iter().filter(|word| word.is_variable());
    let mut variables: Vec<String> = named.map(|word| word.span.of(text).to_string()).collect();
    let grouped = text.rsplit_once(" by ").map_or("", |(_, keys)| keys);
    variables.retain(|variable| !holds_word(grouped, variable));
    variables.reverse();
    variables.iter().map(|variable| text.replace(call, &format!("count({variable})"))).collect()
}

/// The words that begin a clause, behind the sentences.
const CLAUSES: [&str; 5] = ["where", "show", "by", "order", "having"];

/// Reads a comparison of two names as `diff`: `diff A, B`, `difference between A and B`, `A vs B`.
fn compared(text: &str, _: &Graph) -> Vec<String> {
    let begins = ["difference between ", "differences between ", "compare ", "diff between ", "diff "];
    let rest = begins.iter().find_map(|begin| text.strip_prefix(begin));
    let parts = [", ", " and ", " with ", " to ", " from ", " against ", " vs ", " vs. ", " versus "];
    let parts = if rest.is_some() { &parts[..] } else { &parts[6..] };
    let split = parts.iter().filter_map(|part| rest.unwrap_or(text).split_once(part));
    split.map(|(a, b)| format!("diff {} and {}", a.trim(), b.trim())).collect()
}

/// Reads a path between two names as one along the verbs of lineage: `path A to B`, `path from A to B`.
fn path_between(text: &str, graph: &Graph) -> Vec<String> {
    let Some(rest) = ["path from ", "path between ", "path "].iter().find_map(|begin| text.strip_prefix(begin)) else {
        return Vec::new();
    };
    let Some((a, b)) = [" to ", " -> ", " and ", ", "].iter().find_map(|part| rest.split_once(part)) else {
        return Vec::new();
    };
    let Some(lineage) = lineage(graph.schema()) else { return Vec::new() };
    vec![format!("path {} {lineage}+ {}", a.trim(), b.trim())]
}

/// Returns the verbs of lineage as a path of one step.
fn lineage(schema: &Schema) -> Option<String> {
    let verbs: Vec<&str> = schema.lineage_verbs().into_iter().map(|verb| schema.verb(verb).name.as_str()).collect();
    match verbs.as_slice() {
        [] => None,
        [one] if !one.contains(' ') => Some(one.to_string()),
        several => Some(format!("({})", several.join(" | "))),
    }
}

/// Exchanges views that take an entity and those that take a type: `timeline of DeepSeek V3`, `lineage of Model`.
fn of_an_entity(text: &str, _: &Graph) -> Vec<String> {
    match text.split_once(" of ") {
        Some(("timeline", name)) => vec![format!("lineage of {name}")],
        Some(("lineage" | "ancestors" | "descendants", many)) => vec![format!("timeline of {many}")],
        Some(("describe", name)) => vec![format!("describe {name}")],
        _ => Vec::new(),
    }
}

/// Turns a view with conditions into a sentence, which allows them: `descendants of X that uses MLA`, `ancestors of X
/// limit 3`.
fn kept_relatives(text: &str, graph: &Graph) -> Vec<String> {
    let Some((view, rest)) = text.split_once(" of ") else { return Vec::new() };
    let turn = match view {
        "descendants" => "",
        "ancestors" => "^",
        _ => return Vec::new(),
    };
    let Some(lineage) = lineage(graph.schema()) else { return Vec::new() };
    let lineage = if turn.is_empty() || lineage.starts_with('(') { lineage } else { format!("({lineage})") };
    let clauses = [" that ", " which ", " where ", " limit ", " order by ", " within "];
    let found = clauses.iter().filter_map(|clause| Some((rest.find(clause)?, *clause))).min();
    let Some((at, clause)) = found else { return Vec::new() };
    let (name, rest) = (&rest[..at], &rest[at + clause.len()..]);
    let schema = graph.schema();
    let types = schema.lineage_verbs().into_iter().flat_map(|verb| schema.verb(verb).from.iter());
    let says = |id: TypeId| {
        let kind = &schema.type_(id).name;
        match clause.trim() {
            "that" | "which" => format!("{kind} {turn}{lineage}+ {name} and {rest}"),
            "within" => format!("{kind} {turn}{lineage}{{1,{rest}}} {name}"),
            clause => format!("{kind} {} {turn}{lineage}+ {name} {clause} {rest}", variable(kind)),
        }
    };
    types.flat_map(|id| [schema.type_(id).parent.unwrap_or(id), id]).map(says).collect()
}

fn variable(kind: &str) -> char {
    kind.chars().next().map_or('x', |c| c.to_ascii_lowercase())
}

/// Adds the variable to a property: `Model where parameters > 100B`, `Model order by date`.
fn properties(text: &str, graph: &Graph) -> Vec<String> {
    let Some((before, subject, after)) = first_type(text, graph.schema()) else { return Vec::new() };
    let schema = graph.schema();
    let mut all = Vec::new();
    let names = schema.properties().map(|(_, property)| property.name.as_str());
    for name in names.filter(|name| holds_word(after, name)) {
        let call = format!("{name}({})", subject.letter);
        let own = format!("{}.{name}", subject.letter);
        let said = after.replace(&call, &own);
        let said = if said == after { with_word(after, name, &own) } else { said };
        all.push(format!("{before}{} {}{said}", subject.name, subject.letter));
    }
    all
}

/// A type with its variable, or with the letter that it would get.
struct Subject<'t> {
    name: &'t str,
    letter: String,
}

/// Returns the first type in a text, with the text before it and the text after it and its variable.
fn first_type<'t>(text: &'t str, schema: &Schema) -> Option<(&'t str, Subject<'t>, &'t str)> {
    let mut at = 0;
    for word in text.split_inclusive(' ') {
        let name = word.trim_end();
        if schema.lookup_type(name).is_some() {
            let (before, after) = (&text[..at], &text[at + name.len()..]);
            let next = after.trim_start().split([' ', ',']).next().unwrap_or("");
            let is_variable = next.len() == 1 && next.starts_with(|c: char| c.is_ascii_lowercase());
            let letter = if is_variable { next.to_string() } else { variable(name).to_string() };
            let after = if is_variable { &after.trim_start()[1..] } else { after };
            return Some((before, Subject { name, letter }, after));
        }
        at += word.len();
    }
    None
}

fn is_inside(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '.'
}

/// Returns the byte offsets at which a word stands by itself.
fn places<'t>(text: &'t str, word: &'t str) -> impl Iterator<Item = usize> + 't {
    text.match_indices(word).map(|(at, _)| at).filter(move |at| {
        let (before, after) = (&text[..*at], &text[at + word.len()..]);
        !before.ends_with(is_inside) && !after.starts_with(is_inside)
    })
}

fn holds_word(text: &str, word: &str) -> bool {
    places(text, word).next().is_some()
}

fn with_word(text: &str, word: &str, new: &str) -> String {
    let (mut out, mut from) = (String::new(), 0);
    for at in places(text, word) {
        out += &text[from..at];
        out += new;
        from = at + word.len();
    }
    out + &text[from..]
}

/// Comparisons in words, with their operators; longer ones first, so that the first prefix found is the longest.
const COMPARED: [(&str, &str); 17] = [
    ("is greater than", ">"),
    ("greater than", ">"),
    ("is more than", ">"),
    ("more than", ">"),
    ("larger than", ">"),
    ("less than", "<"),
    ("fewer than", "<"),
    ("smaller than", "<"),
    ("at least", ">="),
    ("at most", "<="),
    ("over", ">"),
    ("above", ">"),
    ("under", "<"),
    ("below", "<"),
    (">=", ">="),
    ("<=", "<="),
    (">", ">"),
];

/// Turns a comparison into a condition on the property: `Model totals more than 100B`, `Model dated > 2023`.
fn bounded(text: &str, graph: &Graph) -> Vec<String> {
    let Some((before, subject, after)) = first_type(text, graph.schema()) else { return Vec::new() };
    let mut all = Vec::new();
    for (_, property) in graph.schema().properties() {
        let verb = property.verb.as_deref().unwrap_or(&property.name);
        let Some(at) = places(after, verb).next() else { continue };
        let (sentence, rest) = (after[..at].trim_end(), after[at + verb.len()..].trim_start());
        let sentence = sentence.strip_suffix("and").or(sentence.strip_suffix("that")).unwrap_or(sentence).trim_end();
        let signs = COMPARED.iter().chain(&[("<", "<")]);
        let found = signs.filter_map(|(words, sign)| Some((rest.strip_prefix(words)?.trim_start(), sign)));
        for (value, sign) in found.take(1) {
            let Subject { name, letter } = &subject;
            let date = match *sign {
                ">" => "after",
                "<" => "before",
                ">=" => "since",
                _ => "until",
            };
            if property.value == ValueType::Date {
                let and = if sentence.is_empty() { "" } else { " and" };
                all.push(format!("{before}{name}{sentence}{and} {verb} {date} {value}"));
            }
            all.push(format!("{before}{name} {letter}{sentence} where {letter}.{} {sign} {value}", property.name));
        }
    }
    all
}

/// Counts along each verb that joins two types, one guess for each: `count Model by Org`.
fn counted_by(text: &str, graph: &Graph) -> Vec<String> {
    let Some((counted, by)) = text.strip_prefix("count ").and_then(|rest| rest.split_once(" by ")) else {
        return Vec::new();
    };
    let schema = graph.schema();
    let Some((of, to)) = schema.lookup_type(counted.trim()).zip(schema.lookup_type(by.trim())) else {
        return Vec::new();
    };
    let letters = [of, to].map(|id| variable(&schema.type_(id).name));
    let letters = if letters[0] == letters[1] { [letters[0], 'x'] } else { letters };
    let joins = schema.verbs().filter_map(|(_, verb)| match (verb.from, verb.to) {
        (from, to_types) if from.contains(to) && to_types.contains(of) => Some(verb.name.clone()),
        (from, to_types) if from.contains(of) && to_types.contains(to) => {
            Some(verb.inverse.clone().unwrap_or_else(|| format!("^{}", verb.name)))
        }
        _ => None,
    });
    let [own, group] = letters;
    joins.map(|verb| format!("{by} {group} {verb} {counted} {own} show {group}, count({own}) by {group}")).collect()
}
