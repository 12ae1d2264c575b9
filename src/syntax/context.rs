//! Noun and verb around the end of an unfinished text. The text is completed with an artificial name, and that name is
//! searched in the tree.

use super::ast::*;
use super::grammar::Rule;
use super::lexemes::words;

const NAME: &str = "Zzcursor";
const VERB: &str = "zzcursor";

/// Returns the subject and the verb at the end of `before`: both for `Model uses `, only the subject for `Model `.
pub fn around(before: &str) -> (Option<Noun>, Option<Path>) {
    let brackets = ")".repeat(open_brackets(before));
    let ends = [format!(" {NAME}{brackets}"), format!(" {VERB} {NAME}{brackets}")];
    match ends.iter().find_map(|end| found(&format!("{before}{end}"))) {
        Some((subject, path)) => (Some(without_name(subject)), (path.kind != verb()).then_some(path)),
        None => (None, None),
    }
}

fn found(text: &str) -> Found {
    let program = super::parse_quietly(text)?;
    program.statements.iter().find_map(in_statement)
}

fn verb() -> PathKind {
    PathKind::Verb(VERB.to_string())
}

/// Returns the noun as far as it was written, without a `that` that contains only the name.
fn without_name(mut noun: Noun) -> Noun {
    if let Some(that) = &mut noun.that {
        that.phrases.retain(|phrase| !is_of_name(phrase));
    }
    noun.that = noun.that.filter(|that| !that.phrases.is_empty() || that.bracket.is_some());
    noun
}

fn is_of_name(phrase: &Phrase) -> bool {
    match &phrase.object {
        Object::Nouns(objects) => objects.items.iter().any(|item| is_name(&item.noun)),
        _ => false,
    }
}

fn is_name(noun: &Noun) -> bool {
    matches!(&noun.kind, NounKind::Name(name) if name == NAME)
}

fn open_brackets(text: &str) -> usize {
    words(text).iter().fold(0, |open: usize, lexeme| match lexeme.rule {
        Rule::op_open => open + 1,
        Rule::op_close => open.saturating_sub(1),
        _ => open,
    })
}

type Found = Option<(Noun, Path)>;

fn in_statement(statement: &Statement) -> Found {
    match statement {
        Statement::Define(define) => in_sentence(&define.head).or_else(|| in_pattern(&define.body)),
        Statement::Query(query) => match &query.body {
            Body::Pattern(pattern) | Body::Timeline(pattern) => in_pattern(pattern),
            Body::Matrix(sentence) => in_sentence(sentence),
            Body::Lineage(LineageOf { of: noun, .. }) | Body::Spread { of: noun, .. } | Body::Describe(noun) => {
                in_noun(noun)
            }
            Body::Adoption { of, among, .. } | Body::Rise { of, among } => of.iter().chain(among).find_map(in_noun),
            Body::Conflicts(_) | Body::Report(_) | Body::Schema(_) => None,
        },
    }
}

fn in_pattern(pattern: &Pattern) -> Found {
    pattern.sentences.iter().find_map(|item| in_sentence(&item.sentence))
}

fn in_sentence(sentence: &Sentence) -> Found {
    match sentence {
        Sentence::Plain { subject, phrases, .. } => subject.nouns.iter().find_map(in_noun).or_else(|| {
            let (noun, phrases) = (subject.nouns.first()?, phrases.as_ref()?);
            in_phrases(noun, phrases)
        }),
        Sentence::Optional { sentence, .. } => in_sentence(sentence),
        Sentence::Not { group, .. } | Sentence::Group(group) => group.alternatives.iter().find_map(in_pattern),
    }
}

fn in_noun(noun: &Noun) -> Found {
    in_phrases(noun, noun.that.as_ref()?)
}

fn in_phrases(subject: &Noun, phrases: &Phrases) -> Found {
    phrases.phrases.iter().find_map(|phrase| {
        let Object::Nouns(objects) = &phrase.object else { return None };
        if is_of_name(phrase) {
            return Some((subject.clone(), phrase.path.clone()));
        }
        let third = phrase.third.iter().flat_map(|third| third.nouns());
        objects.items.iter().map(|item| &item.noun).chain(third).find_map(in_noun)
    })
}
