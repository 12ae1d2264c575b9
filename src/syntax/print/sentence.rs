//! Sentences, nouns and paths as text.

use super::{expr, joined, name, string};
use crate::syntax::ast::*;
use crate::syntax::grammar::{self, Rule};

pub fn pattern(pattern: &Pattern) -> String {
    joined(&pattern.sentences, ", ", |item| {
        format!("{}{}", if item.cross { "cross " } else { "" }, sentence(&item.sentence))
    })
}

pub fn sentence(sentence: &Sentence) -> String {
    match sentence {
        Sentence::Plain { subject, phrases: None, .. } => joined(&subject.nouns, " and ", noun),
        Sentence::Plain { subject, phrases: Some(it), .. } => {
            format!("{} {}", joined(&subject.nouns, " and ", noun), phrases(it))
        }
        Sentence::Optional { sentence: it, .. } => format!("optional {}", self::sentence(it)),
        Sentence::Not { group: it, .. } => format!("not {}", group(it)),
        Sentence::Group(it) => group(it),
    }
}

pub fn group(group: &Group) -> String {
    let condition = group.condition.as_ref().map(|condition| format!(" where {}", super::expr::expr(condition)));
    format!("({}{})", joined(&group.alternatives, " or ", pattern), condition.unwrap_or_default())
}

pub fn phrases(phrases: &Phrases) -> String {
    let mut text = String::new();
    for (at, it) in phrases.phrases.iter().enumerate() {
        text.push_str(join_word(at, phrases.join, it.but));
        push_phrase(&mut text, it);
    }
    text
}

/// Returns the conjunction before an item of a sequence; empty before the first.
fn join_word(at: usize, join: Join, but: bool) -> &'static str {
    match (at, join) {
        (0, _) => "",
        (_, Join::Or) => " or ",
        (_, Join::And) if but => " but ",
        (_, Join::And) => " and ",
    }
}

fn modality_word(modality: Option<Modality>) -> String {
    modality.map_or_else(String::new, |modality| format!("{} ", modality.word()))
}

/// Appends `is not modern`; in the head of a definition, only `modern`.
fn push_state(text: &mut String, phrase: &Phrase) {
    text.push_str(&modality_word(phrase.modality));
    text.push_str(match (phrase.is, phrase.not) {
        (true, true) => "is not ",
        (true, false) => "is ",
        (false, _) => "",
    });
    text.push_str(&path(&phrase.path));
}

fn push_phrase(text: &mut String, phrase: &Phrase) {
    if matches!(phrase.object, Object::Itself) {
        return push_state(text, phrase);
    }
    text.push_str(if phrase.not { "not " } else { "" });
    text.push_str(&modality_word(phrase.modality));
    text.push_str(if phrase.is { "is " } else { "" });
    let object = object(&phrase.object);
    let is_bracketed = matches!(phrase.path.kind, PathKind::Either(_))
        || phrase.bind.is_none() && last_verb(&phrase.path).is_some_and(|verb| runs_into(verb, &object));
    match is_bracketed {
        true => text.push_str(&format!("({})", path(&phrase.path))),
        false => text.push_str(&path(&phrase.path)),
    }
    if let Some(variable) = &phrase.bind {
        text.push_str(" as ");
        text.push_str(&variable.item);
    }
    text.push(' ');
    text.push_str(&object);
    if let Some(third) = &phrase.third {
        text.push_str(&format!(" {} {}", third.particle.item, objects(&third.objects)));
    }
    if let Some(source) = &phrase.according {
        text.push_str(" according to ");
        text.push_str(&noun(source));
    }
}

/// Returns the verb that ends a path, unless a parenthesis or a repetition follows it.
fn last_verb(path: &Path) -> Option<&str> {
    match &path.kind {
        PathKind::Verb(verb) => Some(verb),
        PathKind::Inverse(inner) => {
            Some(inner).filter(|inner| level(inner) == PathPrecedence::Verb).and_then(|v| last_verb(v))
        }
        PathKind::Sequence(paths) => {
            paths.last().filter(|last| level(last) >= PathPrecedence::Repeat).and_then(last_verb)
        }
        PathKind::Any { but } => match &but[..] {
            [verb] => Some(&verb.item),
            _ => None,
        },
        PathKind::Either(_) | PathKind::Repeat { .. } | PathKind::Variable(_) => None,
    }
}

/// Returns true if verb and object would be read as another verb: `dated in` before a year is `dated`, and `dated`
/// before `in $day` is `dated in`.
fn runs_into(verb: &str, object: &str) -> bool {
    // The two words behind a verb decide how it is read.
    let text: String = [verb, " "].into_iter().flat_map(str::chars).chain(object.chars().take(40)).collect();
    let read = grammar::parse(Rule::verb, &text).map(|pair| pair.as_str().trim_end());
    read != Some(verb)
}

fn object(object: &Object) -> String {
    match object {
        Object::Nouns(it) => objects(it),
        Object::Value(it) => expr::literal(&it.item),
        Object::Period(op, date) => format!("{} {}", op.item.word(), expr::expr(date)),
        Object::Itself => String::new(),
        Object::Between(from, to) => format!("between {} and {}", expr::expr(from), expr::expr(to)),
    }
}

fn objects(objects: &Objects) -> String {
    let mut text = String::new();
    for (at, item) in objects.items.iter().enumerate() {
        text.push_str(join_word(at, objects.join, item.but));
        text.push_str(if item.not { "not " } else { "" });
        text.push_str(&noun(&item.noun));
    }
    text
}

pub fn noun(noun: &Noun) -> String {
    let mut text = noun.quantifier.as_ref().map_or(String::new(), |quantifier| quantifier_words(&quantifier.item));
    text.push_str(&noun_kind(&noun.kind));
    if let Some(that) = &noun.that {
        text.push_str(&self::that(that));
    }
    text
}

/// Returns ` that` with its phrases.
pub fn that(that: &Phrases) -> String {
    let Some(bracket) = &that.bracket else { return format!(" that {}", phrases(that)) };
    let condition = bracket.condition.as_ref().map(|condition| format!("where {}", super::expr::expr(condition)));
    let parts: Vec<String> = (!that.phrases.is_empty()).then(|| phrases(that)).into_iter().chain(condition).collect();
    format!(" that ({})", parts.join(" "))
}

/// Returns the words of a quantifier, with a trailing space.
fn quantifier_words(quantifier: &Quantifier) -> String {
    match quantifier {
        Quantifier::No => "no ".to_string(),
        Quantifier::Every => "every ".to_string(),
        Quantifier::AtLeast(number) => format!("at least {} ", amount(number)),
        Quantifier::AtMost(number) => format!("at most {} ", amount(number)),
        Quantifier::Exactly(number) => format!("exactly {} ", amount(number)),
    }
}

fn amount(amount: &Amount) -> String {
    match amount {
        Amount::Number(number) => number.to_string(),
        Amount::Param(name) => format!("${}", name.item),
    }
}

pub fn noun_kind(kind: &NounKind) -> String {
    match kind {
        NounKind::Name(it) => name(it),
        NounKind::Text(it) => string(it),
        NounKind::Param(it) => format!("${it}"),
        NounKind::Lower(it) => it.clone(),
        NounKind::Typed { type_name, of: Typed::Var(variable) } => {
            format!("{} {}", name(&type_name.item), variable.item)
        }
        NounKind::Typed { type_name, of: Typed::Text(text) } => {
            format!("{} {}", name(&type_name.item), string(&text.item))
        }
    }
}

pub fn path(path: &Path) -> String {
    match &path.kind {
        PathKind::Either(paths) => joined(paths, " | ", |path| within(path, PathPrecedence::Sequence)),
        PathKind::Sequence(paths) => joined(paths, " / ", |path| within(path, PathPrecedence::Repeat)),
        PathKind::Repeat { path, min, max } => {
            format!("{}{}", within(path, PathPrecedence::Inverse), repeat(*min, *max))
        }
        PathKind::Inverse(path) => format!("^{}", within(path, PathPrecedence::Verb)),
        PathKind::Verb(verb) => verb.clone(),
        PathKind::Variable(variable) => format!("Verb {}", variable.item),
        PathKind::Any { but } => match &but[..] {
            [] => "any".to_string(),
            [verb] => format!("any but {}", verb.item),
            verbs => format!("any but ({})", joined(verbs, " | ", |verb| verb.item.clone())),
        },
    }
}

/// Precedence of paths, the loosest first.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum PathPrecedence {
    Either,
    Sequence,
    Repeat,
    Inverse,
    Verb,
}

fn level(path: &Path) -> PathPrecedence {
    match path.kind {
        // In brackets wherever it is not alone, which `check` reports.
        PathKind::Either(_) | PathKind::Variable(_) => PathPrecedence::Either,
        PathKind::Sequence(_) => PathPrecedence::Sequence,
        PathKind::Repeat { .. } => PathPrecedence::Repeat,
        PathKind::Inverse(_) => PathPrecedence::Inverse,
        PathKind::Verb(_) | PathKind::Any { .. } => PathPrecedence::Verb,
    }
}

/// Returns a part of a path, in parentheses if it binds more loosely than its place requires.
fn within(path: &Path, place: PathPrecedence) -> String {
    let text = self::path(path);
    if level(path) < place { format!("({text})") } else { text }
}

/// Returns generations in braces, since `+` and `*` belong to verbs.
pub fn generations(of: Generations) -> String {
    match (of.least, of.most) {
        (least, None) => format!("{{{least},}}"),
        (least, Some(most)) if least == most => format!("{{{least}}}"),
        (least, Some(most)) => format!("{{{least},{most}}}"),
    }
}

fn repeat(min: u32, max: Option<u32>) -> String {
    match (min, max) {
        (1, None) => "+".to_string(),
        (0, None) => "*".to_string(),
        (0, Some(1)) => "?".to_string(),
        (0, Some(max)) if max > 0 => format!("{{,{max}}}"),
        (min, None) => format!("{{{min},}}"),
        (min, Some(max)) if min == max => format!("{{{min}}}"),
        (min, Some(max)) => format!("{{{min},{max}}}"),
    }
}
