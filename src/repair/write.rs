//! Sentences of the language for connected nouns.

use super::draft::{Joint, Kind, Link, Steps};
use super::join::Joined;
use super::vocabulary::{Vocabulary, Word};
use crate::graph::EntityId;
use crate::schema::TypeId;
use crate::syntax;

/// Connected nouns with their links, and what else is said about them.
pub(super) struct Sentence<'a> {
    graph: &'a Vocabulary<'a>,
    joined: &'a Joined,
    /// Letters of the nouns that are referred to again.
    letters: Vec<Option<String>>,
    /// Phrases about each noun by a property: `dated before 2024`.
    said: Vec<Vec<String>>,
}

/// A verb with its object, as a phrase about a noun.
struct Phrase {
    word: String,
    noun: usize,
    is_nested: bool,
}

impl<'a> Sentence<'a> {
    pub fn of(joined: &'a Joined, graph: &'a Vocabulary<'a>) -> Sentence<'a> {
        let none = joined.nouns.len();
        let mut sentence = Sentence { graph, joined, letters: vec![None; none], said: vec![Vec::new(); none] };
        for i in 0..none {
            // A noun with two nested phrases, or a type that occurs several times, needs a letter.
            let nested = sentence.phrases(i, None).iter().filter(|phrase| phrase.is_nested).count();
            let alike = joined.nouns.iter().filter(|noun| noun.kind == joined.nouns[i].kind).count();
            let is_type = matches!(joined.nouns[i].kind, Kind::Type(_)) && !joined.nouns[i].denied;
            let is_plain = joined.nouns[i].quantifier.is_empty();
            if is_type && is_plain && (nested > 1 && i == sentence.root() || alike > 1) {
                sentence.letter(i);
            }
        }
        sentence
    }

    /// Returns the noun with which the sentence begins: the first that is asked for.
    pub fn root(&self) -> usize {
        let nouns = &self.joined.nouns;
        let is_open =
            |i: &usize| matches!(nouns[*i].kind, Kind::Type(_)) && !nouns[*i].denied && nouns[*i].quantifier.is_empty();
        (0..nouns.len()).filter(is_open).min_by_key(|i| nouns[*i].at).unwrap_or(0)
    }

    /// Returns the nouns that are asked for.
    pub fn open(&self) -> Vec<usize> {
        let nouns = &self.joined.nouns;
        let is_open =
            |i: &usize| matches!(nouns[*i].kind, Kind::Type(_)) && !nouns[*i].denied && nouns[*i].quantifier.is_empty();
        (0..nouns.len()).filter(is_open).collect()
    }

    pub fn type_of(&self, noun: usize) -> TypeId {
        match self.joined.nouns[noun].kind {
            Kind::Type(id) => id,
            Kind::Entity(id) => self.graph.type_of(id),
            Kind::Asked => TypeId(0),
        }
    }

    /// Adds a phrase about a noun.
    pub fn say(&mut self, noun: usize, phrase: String) {
        self.said[noun].push(phrase);
    }

    /// Denies what stands between a noun and what the sentence begins with of all that a phrase says something else of, where
    /// the noun is said to be something already: `used by Model that dated 2023 and by no Model that dated 2024`. Returns
    /// false if nothing is said of it, or it is that with which the sentence begins.
    pub fn deny_others(&mut self, noun: usize, phrase: &str) -> bool {
        let root = self.root();
        let ends = |link: &&Link| (link.from, link.to) == (root, noun) || (link.from, link.to) == (noun, root);
        let link = self.joined.links.iter().find(ends).copied();
        let Some(link) = link.filter(|_| noun != root && !self.said[noun].is_empty()) else { return false };
        let word = self.phrase(&link, root).word;
        let name = &self.graph.schema().type_(self.type_of(noun)).name;
        let said = format!("{word} no {name} that {phrase}");
        self.said[root].push(said);
        true
    }

    /// Returns the letter that a noun has already; empty if it has none.
    pub fn letter_of(&self, noun: usize) -> String {
        self.letters[noun].clone().unwrap_or_default()
    }

    /// Returns the letter of a noun, which is assigned if it has none.
    pub fn letter(&mut self, noun: usize) -> String {
        if let Some(letter) = &self.letters[noun] {
            return letter.clone();
        }
        let name = &self.graph.schema().type_(self.type_of(noun)).name;
        let first = name.chars().next().map_or('x', |c| c.to_ascii_lowercase());
        let letters = std::iter::once(first).chain('p'..='z').chain('a'..='o').filter(char::is_ascii_lowercase);
        let is_free = |letter: &String| !self.letters.iter().flatten().any(|other| other == letter);
        let free = letters.map(String::from).find(is_free).unwrap_or("x".to_string());
        self.letters[noun] = Some(free.clone());
        free
    }

    /// Returns true if the links lead from a noun back to itself. Such a sentence cannot be written as nested phrases.
    fn is_cyclic(&self) -> bool {
        let mut group: Vec<usize> = (0..self.joined.nouns.len()).collect();
        let mut pairs = Vec::new();
        self.joined.links.iter().any(|link| {
            let pair = (link.from.min(link.to), link.from.max(link.to));
            // Several links between two nouns are several phrases.
            if pairs.contains(&pair) {
                return false;
            }
            pairs.push(pair);
            let (one, other) = (group[link.from], group[link.to]);
            group.iter_mut().filter(|own| **own == other).for_each(|own| *own = one);
            one == other
        })
    }

    /// Returns the sentence, with further sentences about its nouns after commas; nothing if its links form a cycle.
    pub fn text(&self) -> String {
        if self.is_cyclic() {
            return String::new();
        }
        let nouns = &self.joined.nouns;
        let root = self.root();
        if let ([link], [_, _]) = (self.joined.links.as_slice(), nouns.as_slice())
            && matches!(nouns[link.from].kind, Kind::Entity(_))
            && !nouns[link.from].denied
            && (!link.inverse || matches!(nouns[link.to].kind, Kind::Entity(_)))
            && self.said.iter().all(Vec::is_empty)
        {
            // `OLMo 2 uses Technique`: in the order of the question.
            let phrase = self.phrase(link, link.from);
            return format!("{} {}", self.noun(link.from), self.written(&phrase));
        }
        let mut more = Vec::new();
        let first = self.about(root, None, &mut more);
        let first = format!("{}{}", self.noun(root), spaced(&first));
        std::iter::once(first).chain(more).collect::<Vec<_>>().join(", ")
    }

    /// Returns all phrases about a noun; those that do not fit in one sentence are appended to `more`.
    fn about(&self, noun: usize, parent: Option<usize>, more: &mut Vec<String>) -> String {
        let (nested, flat): (Vec<Phrase>, Vec<Phrase>) =
            self.phrases(noun, parent).into_iter().partition(|phrase| phrase.is_nested);
        let mut parts = self.listed(&flat);
        parts.extend(self.said[noun].iter().cloned());
        let mut nested = nested.into_iter();
        if let Some(first) = nested.next() {
            parts.push(self.with_that(&first, noun, more));
        }
        for other in nested {
            let letter = self.letters[noun].clone().unwrap_or_else(|| self.noun(noun));
            let said = format!("{letter} {}", self.with_that(&other, noun, more));
            more.push(said);
        }
        parts.join(" and ")
    }

    /// Returns the sentence with what is said of both ends of its only link between open nouns on their own side of the verb:
    /// `Model that dated 2025 uses Technique that classed Attention`; `None` if there are others.
    pub fn sides(&self) -> Option<String> {
        let open = self.open();
        let [a, b] = open[..] else { return None };
        let (a, b) = if self.joined.nouns[a].at <= self.joined.nouns[b].at { (a, b) } else { (b, a) };
        let ends = |link: &&Link| (link.from, link.to) == (a, b) || (link.from, link.to) == (b, a);
        let link = self.joined.links.iter().find(ends)?;
        let mut more = Vec::new();
        let side = |noun: usize, other: usize, more: &mut Vec<String>| {
            let told = self.about(noun, Some(other), more);
            let that = if told.is_empty() { String::new() } else { format!(" that {told}") };
            format!("{}{that}", self.noun(noun))
        };
        let text = format!("{} {} {}", side(a, b, &mut more), self.phrase(link, a).word, side(b, a, &mut more));
        more.is_empty().then_some(text)
    }

    fn with_that(&self, phrase: &Phrase, from: usize, more: &mut Vec<String>) -> String {
        let about = self.about(phrase.noun, Some(from), more);
        let plain = self.written(phrase);
        if about.is_empty() { plain } else { format!("{plain} that {about}") }
    }

    /// Returns the phrases about a noun by its links, except those to `parent`.
    fn phrases(&self, noun: usize, parent: Option<usize>) -> Vec<Phrase> {
        let of_noun = |link: &&Link| link.from == noun || link.to == noun;
        let phrases = self.joined.links.iter().filter(of_noun).map(|link| self.phrase(link, noun));
        phrases.filter(|phrase| Some(phrase.noun) != parent).collect()
    }

    fn phrase(&self, link: &Link, noun: usize) -> Phrase {
        let (other, inverse) = if link.from == noun { (link.to, link.inverse) } else { (link.from, !link.inverse) };
        let named = |word: Word| self.graph.spelt(word, inverse);
        let word = match link.lineage {
            true => {
                let verbs = self.graph.schema().lineage_verbs().into_iter().map(|verb| named(Word::Verb(verb)));
                format!("({})", verbs.collect::<Vec<_>>().join(" | "))
            }
            false => named(link.verb),
        };
        // The number of steps follows the last word of the verb: `stems from+`.
        let word = match link.steps {
            Steps::One => word,
            steps => format!("{word}{}", steps.written()),
        };
        let links = self.joined.links.iter().filter(|link| link.from == other || link.to == other).count();
        let is_entity = matches!(self.joined.nouns[other].kind, Kind::Entity(_));
        Phrase { word, noun: other, is_nested: !is_entity && (links > 1 || !self.said[other].is_empty()) }
    }

    /// Returns phrases without a `that`; names with the same verb are combined: `uses MLA and MoE`.
    fn listed(&self, phrases: &[Phrase]) -> Vec<String> {
        let nouns = &self.joined.nouns;
        let is_plain =
            |phrase: &&Phrase| matches!(nouns[phrase.noun].kind, Kind::Entity(_)) && !nouns[phrase.noun].denied;
        let mut parts: Vec<String> = Vec::new();
        let mut words: Vec<&str> = Vec::new();
        for phrase in phrases {
            if !is_plain(&phrase) {
                parts.push(self.written(phrase));
            } else if !words.contains(&phrase.word.as_str()) {
                words.push(&phrase.word);
                let alike: Vec<&Phrase> =
                    phrases.iter().filter(is_plain).filter(|other| other.word == phrase.word).collect();
                let is_choice = alike.iter().any(|phrase| nouns[phrase.noun].joint == Joint::Or);
                let names: Vec<String> = alike.iter().map(|phrase| self.noun(phrase.noun)).collect();
                parts.push(format!("{} {}", phrase.word, names.join(if is_choice { " or " } else { " and " })));
            }
        }
        parts
    }

    fn written(&self, phrase: &Phrase) -> String {
        let noun = &self.joined.nouns[phrase.noun];
        let object = self.noun(phrase.noun);
        let Phrase { word, .. } = phrase;
        match (noun.denied, word.contains(' ') && matches!(noun.kind, Kind::Entity(_))) {
            (false, _) => format!("{word} {}{object}", noun.quantifier),
            (true, true) => format!("not {word} {object}"),
            (true, false) => format!("{word} no {object}"),
        }
    }

    fn noun(&self, noun: usize) -> String {
        match self.joined.nouns[noun].kind {
            Kind::Entity(id) => name(id, self.graph),
            _ => {
                let letter = self.letters[noun].as_ref().map_or(String::new(), |letter| format!(" {letter}"));
                format!("{}{letter}", self.graph.schema().type_(self.type_of(noun)).name)
            }
        }
    }
}

fn spaced(text: &str) -> String {
    if text.is_empty() { String::new() } else { format!(" {text}") }
}

/// The name of an entity as a query writes it: with its type where others are called so, too.
pub(super) fn name(id: EntityId, graph: &Vocabulary<'_>) -> String {
    let name = graph.name(id);
    match graph.names().lookup(name).len() {
        0 | 1 => syntax::quote_name(name),
        _ => format!("{} {}", graph.schema().type_(graph.type_of(id)).name, quoted(name)),
    }
}

/// The name of an entity where its type is known: as a value that is compared with.
pub(super) fn value(id: EntityId, graph: &Vocabulary<'_>) -> String {
    let name = graph.name(id);
    match graph.names().lookup(name).len() {
        0 | 1 => syntax::quote_name(name),
        _ => quoted(name),
    }
}

/// A text in quotes, as a query writes it.
pub(super) fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}
