//! Tree → text, each construct in a single canonical form. Parsing the result gives an equal tree.

mod expr;
mod sentence;

pub use expr::{bare_expr, expr};
pub use sentence::{noun, path, pattern, sentence};

use super::ast::*;
use super::grammar::{self, Rule};
use crate::value::plain;

/// Returns the statements, each on its own line, separated by `;`.
pub fn print(program: &Program) -> String {
    joined(&program.statements, ";\n", statement)
}

pub fn statement(statement: &Statement) -> String {
    match statement {
        Statement::Define(it) => define(it),
        Statement::Query(it) => query(it),
    }
}

pub fn define(define: &Define) -> String {
    let mut text = match named_step(define) {
        Some(text) => text,
        None => format!("define {} as {}", sentence(&define.head), pattern(&define.body)),
    };
    if let Some(condition) = &define.condition {
        text.push_str(" where ");
        text.push_str(&expr(condition));
    }
    text
}

/// Returns a named step as it is written, its noun in its first sentence; `None` for other definitions.
fn named_step(define: &Define) -> Option<String> {
    let Sentence::Plain { subject: head, phrases: Some(phrases), .. } = &define.head else { return None };
    let mut body = define.body.clone();
    let Sentence::Plain { subject, .. } = &mut body.sentences.first_mut()?.sentence else { return None };
    let (own, written) = (subject.nouns.first_mut()?, head.nouns.first()?);
    own.kind = written.kind.clone();
    define.is_let.then(|| format!("let {} = {}", path(&phrases.phrases[0].path), pattern(&body)))
}

pub fn query(query: &Query) -> String {
    let explain = query.explain.map(|explain| match explain.item {
        Explain::Plan => "explain ",
        Explain::Profile => "profile ",
    });
    let mut text = explain.unwrap_or_default().to_string();
    text.push_str(&query.head.map_or(String::new(), |head| format!("{} ", head_word(head.item))));
    text.push_str(&body(&query.body));
    for it in &query.clauses {
        text.push(' ');
        text.push_str(&clause(&it.item));
    }
    text
}

fn head_word(head: Head) -> &'static str {
    match head {
        Head::Why => "why",
        Head::WhyNot => "why not",
        Head::Path => "path",
        Head::Paths => "paths",
        Head::Graph => "graph",
        Head::Diff => "diff",
        Head::Count => "count",
        Head::Ask => "ask",
    }
}

fn body(body: &Body) -> String {
    match body {
        Body::Pattern(it) => pattern(it),
        Body::Lineage(it) => lineage(it),
        Body::Adoption { of, among, by } => {
            let by = by.as_ref().map_or(String::new(), |by| format!(" by {}", period_word(&by.item)));
            format!("adoption of {}{}{by}", listed(of), self::among(among.as_ref()))
        }
        Body::Spread { of, via } => format!("spread of {}{}", noun(of), self::via(via.as_ref())),
        Body::Rise { of, among } => format!("rise of {}{}", listed(of), self::among(among.as_ref())),
        Body::Timeline(it) => format!("timeline of {}", pattern(it)),
        Body::Matrix(it) => format!("matrix of {}", sentence(it)),
        Body::Describe(it) => format!("describe {}", noun(it)),
        Body::Conflicts(None) => "conflicts".to_string(),
        Body::Conflicts(Some(it)) => format!("conflicts of {}", noun(it)),
        Body::Report(it) => report(it),
        Body::Schema(None) => "schema".to_string(),
        Body::Schema(Some(it)) => format!("schema {}", schema_name(&it.item)),
    }
}

fn lineage(it: &LineageOf) -> String {
    let generations = it.generations.as_ref().map(|it| format!(" {}", sentence::generations(it.item)));
    let name = it.name.as_ref().map(|name| format!(" as {}", name.item));
    let (generations, name) = (generations.unwrap_or_default(), name.unwrap_or_default());
    let that = it.of.that.as_ref().map(sentence::that).unwrap_or_default();
    let of = noun(&Noun { that: None, ..it.of.clone() });
    format!("{} of {of}{generations}{name}{that}{}", lineage_word(it.kind.item), via(it.via.as_ref()))
}

fn via(path: Option<&Path>) -> String {
    path.map_or(String::new(), |via| format!(" via {}", self::path(via)))
}

fn among(noun: Option<&Noun>) -> String {
    noun.map_or(String::new(), |among| format!(" among {}", self::noun(among)))
}

/// `MHA, GQA and MLA`
fn listed(nouns: &[Noun]) -> String {
    match nouns {
        [first @ .., last] if !first.is_empty() => format!("{} and {}", joined(first, ", ", noun), noun(last)),
        nouns => joined(nouns, ", ", noun),
    }
}

fn report(it: &Report) -> String {
    let of = it.of.as_ref().map_or(String::new(), |of| format!(" of {}", noun(of)));
    let by = it.by.as_ref().map_or(String::new(), |by| format!(" by {}", noun(by)));
    let trust = it.trust.as_ref().map_or(String::new(), |trust| {
        format!(" where trust {} {}", if trust.not { "!=" } else { "=" }, trust.word.item)
    });
    format!("{}{of}{by}{trust}", it.kind.name())
}

fn lineage_word(kind: Lineage) -> &'static str {
    match kind {
        Lineage::Lineage => "lineage",
        Lineage::Ancestors => "ancestors",
        Lineage::Descendants => "descendants",
    }
}

fn period_word(period: &Period) -> String {
    match period {
        Period::Year => "year".to_string(),
        Period::Quarter => "quarter".to_string(),
        Period::Month => "month".to_string(),
        Period::Type(name) => self::name(name),
    }
}

/// Returns a type or a verb unchanged, and another name in quotes.
fn schema_name(name: &str) -> String {
    let is_verb = grammar::covers(Rule::whole_verb, name) && !name.contains("  ");
    if is_verb { name.to_string() } else { self::name(name) }
}

fn clause(clause: &Clause) -> String {
    match clause {
        Clause::Where(it) => format!("where {}", expr(it)),
        Clause::Having(it) => format!("having {}", expr(it)),
        Clause::Show { items, by } if by.is_empty() => format!("show {}", joined(items, ", ", item)),
        Clause::Show { items, by } => format!("show {} by {}", joined(items, ", ", item), joined(by, ", ", group_key)),
        Clause::OrderBy(keys) => format!("order by {}", joined(keys, ", ", key)),
        Clause::Limit { number, ties } => {
            format!("limit {}{}", expr(number), if ties.is_some() { " with ties" } else { "" })
        }
        Clause::Offset(it) => format!("offset {}", expr(it)),
        Clause::Nearest(it) => format!("nearest {}", it.item),
        Clause::AsOf(it) => format!("as of {}", expr(it)),
        Clause::Over(verbs) => format!("over {}", joined(verbs, ", ", |verb| verb.item.clone())),
        Clause::Shortest(None) => "shortest".to_string(),
        Clause::Shortest(Some(property)) => format!("shortest by {}", property.item),
        Clause::To(it) => format!("to {}", string(&it.item)),
    }
}

fn group_key(key: &GroupKey) -> String {
    format!("{}{}", if key.every.is_some() { "every " } else { "" }, expr(&key.expr))
}

fn item(item: &Item) -> String {
    match &item.name {
        Some(name) => format!("{} as {}", expr(&item.expr), name.item),
        None => expr(&item.expr),
    }
}

fn key(key: &Key) -> String {
    format!("{}{}", expr(&key.expr), if key.descending { " desc" } else { "" })
}

/// Returns a name as it is written in a sentence: bare if it reads as a single name, otherwise in quotes.
///
/// Quotes are needed for keywords and names that contain one, lower-case words that look like variables, names that
/// begin with a digit (which are values after some verbs), and names with marks other than `-` `.` `'`.
pub fn quote_name(name: &str) -> String {
    let is_bare = match name.chars().next() {
        Some(first) if first.is_ascii_digit() => false,
        Some(first) if first.is_lowercase() => is_lower_name(name),
        _ => grammar::covers(Rule::whole_name, name) && !name.contains(['\t', '\u{a0}']) && !name.contains("  "),
    };
    // A bare name is read in its plain form.
    if is_bare && !begins_foreign(name) && plain(name) == name { name.to_string() } else { string(name) }
}

/// Returns true for `gpt-oss`, but not for `o1`.
fn is_lower_name(name: &str) -> bool {
    grammar::covers(Rule::whole_lower, name) && !grammar::covers(Rule::whole_variable, name)
}

/// Returns true if a name at the beginning of a query would be taken for another language: `What`.
fn begins_foreign(name: &str) -> bool {
    grammar::parse(Rule::error_foreign, name).is_some()
}

/// Returns true if a word can be read as a type wherever a type is allowed.
pub fn is_type_name(word: &str) -> bool {
    grammar::covers(Rule::whole_name, word) && !word.contains(char::is_whitespace) && !begins_foreign(word)
}

/// Returns true if a word can be read as a verb.
pub fn is_verb_name(word: &str) -> bool {
    grammar::covers(Rule::whole_verb, word)
}

/// Returns a run as it was parsed; in quotes if it could not have been parsed.
fn name(name: &str) -> String {
    if grammar::covers(Rule::whole_name, name) { name.to_string() } else { string(name) }
}

/// Returns a text in quotes, escaped.
pub fn string(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for character in text.chars() {
        match character {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            other if other.is_control() => quoted.push_str(&format!("\\u{{{:x}}}", other as u32)),
            other => quoted.push(other),
        }
    }
    quoted.push('"');
    quoted
}

fn joined<T>(items: &[T], separator: &str, print: impl Fn(&T) -> String) -> String {
    let mut text = String::new();
    for (at, item) in items.iter().enumerate() {
        if at > 0 {
            text.push_str(separator);
        }
        text.push_str(&print(item));
    }
    text
}
