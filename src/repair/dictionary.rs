//! Words of a schema and their near-synonyms, by their stems.

use super::cost;
use super::lemma::root;
use super::recognise::{Form, Sense};
use super::synonyms::{NOUNS, PROPERTIES, VERBS};
use super::vocabulary::{Vocabulary, Word};
use rustc_hash::FxHashMap;

/// Words of a schema, by the stems of their phrases.
pub(super) struct Dictionary {
    senses: FxHashMap<String, Vec<(Sense, u32)>>,
}

impl Dictionary {
    pub fn of(graph: &Vocabulary<'_>) -> Dictionary {
        let schema = graph.schema();
        let mut dictionary = Dictionary { senses: FxHashMap::default() };
        for (id, item) in schema.types() {
            dictionary.add(&roots(&item.name), Sense::Type(id), 0);
            let last = roots(&item.name).split(' ').next_back().unwrap_or_default().to_string();
            dictionary.add_group(NOUNS, &last, &Sense::Type(id));
            for word in item.doc.split(|c: char| !c.is_alphanumeric()).filter(|word| word.len() > 4).take(8) {
                dictionary.add(&root(&word.to_lowercase()), Sense::Type(id), cost::DOC);
            }
        }
        for (id, verb) in schema.verbs() {
            dictionary.add_verb(&verb.name, Word::Verb(id), false);
            verb.inverse.iter().for_each(|word| dictionary.add_verb(word, Word::Verb(id), true));
        }
        for (word, name) in graph.defined() {
            dictionary.add_verb(name, word, false);
        }
        dictionary.add_influence(graph);
        for (id, property) in schema.properties() {
            dictionary.add(&roots(&property.name), Sense::Property(id), 0);
            property.verb.iter().for_each(|word| dictionary.add(&roots(word), Sense::Property(id), 0));
            for word in [Some(&property.name), property.verb.as_ref()].into_iter().flatten() {
                dictionary.add_group(PROPERTIES, &root(word), &Sense::Property(id));
            }
        }
        dictionary
    }

    fn add(&mut self, key: &str, sense: Sense, cost: u32) {
        let known = self.senses.entry(key.to_string()).or_default();
        match known.iter_mut().find(|(other, _)| *other == sense) {
            Some((_, least)) => *least = cost.min(*least),
            None => known.push((sense, cost)),
        }
    }

    /// Adds the near-synonyms of a stem.
    fn add_group(&mut self, groups: &[&str], word: &str, sense: &Sense) {
        let of_word = groups.iter().filter(|group| group.split(' ').any(|other| root(other) == word));
        for other in of_word.flat_map(|group| group.split(' ')) {
            self.add(&root(other), sense.clone(), cost::SYNONYM);
        }
    }

    fn add_verb(&mut self, word: &str, verb: Word, inverse: bool) {
        self.add_forms(word, verb, inverse, 0);
        let first = word.split(' ').next().unwrap_or(word);
        // A passive such as `used by` has no synonyms of its own.
        if word.ends_with(" by") {
            return;
        }
        let own = root(first);
        let nearly = if matches!(verb, Word::Defined(_)) { cost::DEFINED } else { cost::SYNONYM };
        for group in VERBS.iter().filter(|group| group.split(' ').any(|other| root(other) == own)) {
            // What builds on something does not make it.
            let makes = group.contains(" create ") && word.contains(' ');
            for other in group.split(' ').filter(|other| root(other) != own) {
                if !makes {
                    self.add_forms(other, verb, inverse, nearly);
                }
                // `based on` is nearer to `builds on` than `based` is.
                let own_particle = word.split_once(' ').map(|(_, particle)| format!("{other} {particle}"));
                let sense = Sense::Verb { verb, inverse, form: Form::Verb };
                own_particle.iter().for_each(|phrase| self.add(&roots(phrase), sense.clone(), nearly - 2));
            }
        }
    }

    /// Adds `influence` for what comes down from something, where no verb says so.
    fn add_influence(&mut self, graph: &Vocabulary<'_>) {
        let words = ["influence", "inspire"].into_iter().filter(|word| self.get(&root(word)).is_empty());
        for word in words.collect::<Vec<_>>() {
            for verb in graph.schema().lineage_verbs() {
                self.add_forms(word, Word::Verb(verb), true, cost::DEFINED);
            }
        }
    }

    /// Adds a verb as it stands, without its second word, as its passive, and as the noun that it may be.
    fn add_forms(&mut self, word: &str, verb: Word, inverse: bool, cost: u32) {
        let (first, particle) = word.split_once(' ').map_or((word, None), |(first, rest)| (first, Some(rest)));
        let is_noun = matches!(particle, Some("of" | "to")) && !first.ends_with('s') && !first.ends_with("ed");
        let sense = |inverse, form| Sense::Verb { verb, inverse, form };
        self.add(&roots(word), sense(inverse, Form::Verb), cost);
        let own = root(first);
        if is_noun {
            self.add(&own, sense(inverse, Form::Doer), cost + 1);
            self.add(&roots(word), sense(inverse, Form::Doer), cost + 1);
            // `home to`
            let other = if particle == Some("of") { "to" } else { "of" };
            self.add(&format!("{own} {other}"), sense(inverse, Form::Verb), cost + 2);
        } else {
            // What is `needed by` others, these need; but some leave out `by`.
            let without = match particle {
                Some("by") => cost::SYNONYM + 2,
                Some(_) => cost::PARTICLE,
                None => 0,
            };
            self.add(&own, sense(inverse, Form::Verb), cost + without);
            if particle == Some("by") {
                self.add(&own, sense(!inverse, Form::Verb), cost + 1);
            }
        }
        if particle != Some("by") {
            // `built by` is not `built on`.
            let without = if particle.is_some() { cost::PARTICLE } else { 0 };
            self.add(&format!("{own} by"), sense(!inverse, Form::Verb), cost + 1 + without);
            if particle.is_some() {
                self.add(&format!("{} by", roots(word)), sense(!inverse, Form::Verb), cost + 1);
            }
        }
    }

    pub fn get(&self, key: &str) -> &[(Sense, u32)] {
        self.senses.get(key).map_or(&[], Vec::as_slice)
    }
}

/// Returns the stems of the words of a phrase.
pub(super) fn roots(phrase: &str) -> String {
    let lower = phrase.to_lowercase();
    lower.split(' ').map(root).collect::<Vec<_>>().join(" ")
}
