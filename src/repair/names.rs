//! Recognition of names: whole, in part, in other letters, or with their words in another order.

use super::countries::{COUNTRIES, INITIALS};
use super::lemma::{self, root};
use super::lexicon::{Role, View, roles};
use super::recognise::{Recogniser, Sense, written};
use super::tokens::Token;
use super::vocabulary::Vocabulary;
use super::{GRAPH_TOO_LARGE, cost};
use crate::graph::EntityId;
use crate::schema::TypeId;
use rustc_hash::FxHashMap;

impl Recogniser<'_> {
    /// Returns the entities of a name; for a plural without entities, those of its singular.
    pub fn names(&self, run: &[Token]) -> Vec<(Sense, u32)> {
        let (Some(first), Some(last)) = (run.first(), run.last()) else { return Vec::new() };
        if !first.is_word() || !last.is_word() {
            return Vec::new();
        }
        let written = &*written(run);
        let names = self.graph.names();
        let found = |name: &str| names.lookup(name).into_iter().take(3).collect::<Vec<EntityId>>();
        let exact = found(written);
        let mut begun = self.begun(written, run);
        begun.extend(self.elided(written, run));
        if !exact.is_empty() {
            // A name in exactly these letters is meant, even if nothing is recorded about it.
            let whole: Vec<(Sense, u32)> =
                exact.into_iter().map(|id| (Sense::Entity(id), self.case_cost(id, written, run))).collect();
            let is_written = whole.iter().any(|(_, cost)| *cost == 0);
            let kinds: Vec<TypeId> = whole.iter().filter_map(|(sense, _)| self.kind(sense)).collect();
            // `Mistral` may be short for `Mistral AI`, an organisation, but `BERT` is not short for another model.
            let is_other = |sense: &Sense| {
                let words = |id: EntityId| self.graph.name(id).split(' ').count() > run.len() + 1;
                let longer = matches!(sense, Sense::Entity(id) if words(*id));
                longer || self.kind(sense).is_some_and(|kind| kinds.contains(&kind))
            };
            let begun = begun.into_iter().map(|(sense, cost)| match is_written && is_other(&sense) {
                true => (sense, cost.max(cost::BEGUN_YET_WHOLE)),
                false => (sense, cost),
            });
            return whole.into_iter().chain(begun).collect();
        }
        let by_initials = INITIALS.iter().find(|(initials, _)| *initials == written);
        let by_adjective = COUNTRIES.iter().find(|(adjective, _)| *adjective == written.to_lowercase());
        if let Some((_, country)) = by_initials.or(by_adjective) {
            begun.extend(found(country).into_iter().map(|id| (Sense::Entity(id), cost::INFLECTED)));
        }
        begun.extend(self.reordered(run));
        if !begun.is_empty() {
            return begun;
        }
        let single = lemma::singular(&last.lower);
        if single == last.lower || single.len() < 3 {
            return self.ended(written, run);
        }
        let start = written.len().saturating_sub(last.word.len());
        let name = format!("{}{single}", written.get(..start).unwrap_or_default());
        found(&name).into_iter().map(|id| (Sense::Entity(id), cost::INFLECTED + 1)).collect()
    }

    /// The type of the entity that is meant.
    fn kind(&self, sense: &Sense) -> Option<TypeId> {
        match sense {
            Sense::Entity(id) => Some(self.graph.type_of(*id)),
            _ => None,
        }
    }

    /// Returns the few entities whose names begin with these words: `Allen Institute`, `Mistral` for `Mistral AI`.
    fn begun(&self, written: &str, run: &[Token]) -> Vec<(Sense, u32)> {
        let is_common = |token: &Token| !roles(&token.lower).is_empty();
        let is_name = written.chars().count() > 2 && !run.iter().all(is_common);
        if !is_name || self.graph.entity_count() > GRAPH_TOO_LARGE {
            return Vec::new();
        }
        let lower = written.to_lowercase();
        let names = self.lower.get_or_init(|| sorted_names(self.graph));
        let from = names.partition_point(|(name, _)| name.as_str() < lower.as_str());
        let begun = names[from..].iter().take_while(|(name, _)| name.starts_with(&lower)).take(256);
        let ends = |name: &str| !name[lower.len()..].starts_with(char::is_alphabetic) && name.len() > lower.len();
        let begun: Vec<(&str, EntityId)> =
            begun.filter(|(name, _)| ends(name)).map(|(name, id)| (name.as_str(), *id)).collect();
        let mut found: Vec<EntityId> = begun.iter().map(|(_, id)| *id).collect();
        found.sort();
        found.dedup();
        let alike =
            |id: EntityId| found.iter().filter(move |other| self.graph.type_of(**other) == self.graph.type_of(id));
        // If several entities of one type match, none of them is meant, but all together.
        let is_word = |id: EntityId| begun.iter().any(|(name, own)| *own == id && name[lower.len()..].starts_with(' '));
        let single = found.iter().filter(|id| alike(**id).count() == 1 && is_word(**id));
        let mut senses: Vec<(Sense, u32)> = single.map(|id| (Sense::Entity(*id), cost::BEGUN)).collect();
        let several = found.iter().find(|id| alike(**id).count() > 1 && run.len() == 1 && !run[0].quoted);
        if let Some(id) = several {
            let start = self.graph.name(*id).get(..written.len()).filter(|start| start.to_lowercase() == lower);
            senses.push((Sense::Named(format!("{}*", start.unwrap_or(written))), cost::BEGUN));
            if self.compares() {
                senses.push((Sense::Entity(*id), 2 * cost::BEGUN));
            }
        }
        senses
    }

    /// Returns the entity whose name has these words in another order: `era of modern LLMs`.
    fn reordered(&self, run: &[Token]) -> Option<(Sense, u32)> {
        if run.len() < 2 || run.iter().any(|token| token.quoted) || self.graph.entity_count() > GRAPH_TOO_LARGE {
            return None;
        }
        let words = run.iter().filter(|token| !is_joining(&token.lower)).map(|token| token.lower.as_str());
        let key = key(words)?;
        let ids = self.by_words.get_or_init(|| by_words(self.graph));
        ids.get(&key).map(|id| (Sense::Entity(*id), cost::INFLECTED + 2))
    }

    /// Returns the only entity whose name ends with this word: `cost` for `Computational Cost`.
    fn ended(&self, written: &str, run: &[Token]) -> Vec<(Sense, u32)> {
        let [token] = run else { return Vec::new() };
        let is_known = !roles(&token.lower).is_empty() || !self.dictionary.get(&root(&token.lower)).is_empty();
        if is_known || written.chars().count() < 4 || self.graph.entity_count() > GRAPH_TOO_LARGE {
            return Vec::new();
        }
        let names = self.lower.get_or_init(|| sorted_names(self.graph));
        let ends = |name: &str| name.strip_suffix(token.lower.as_str()).is_some_and(|rest| rest.ends_with(' '));
        let mut found: Vec<EntityId> = names.iter().filter(|(name, _)| ends(name)).map(|(_, id)| *id).collect();
        found.sort();
        found.dedup();
        match found.as_slice() {
            [only] if !self.precedes_type_of(*only, token) => vec![(Sense::Entity(*only), cost::BEGUN + 1)],
            _ => Vec::new(),
        }
    }

    /// Whether a plural of the type of a thing follows: `open models` does not mean `Solar Open`.
    fn precedes_type_of(&self, id: EntityId, token: &Token) -> bool {
        let next = self.tokens.iter().find(|other| other.span.start >= token.span.end);
        next.filter(|next| lemma::is_plural(&next.lower)).is_some_and(|next| {
            let is_of = |sense: &Sense| match sense {
                Sense::Type(kind) => self.graph.schema().type_(*kind).subtypes.contains(self.graph.type_of(id)),
                _ => false,
            };
            self.dictionary.get(&root(&next.lower)).iter().any(|(sense, _)| is_of(sense))
        })
    }

    /// Whether two things are compared, for which one of several of a name may stand.
    fn compares(&self) -> bool {
        self.tokens.iter().any(|token| roles(&token.lower).contains(&Role::View(View::Diff)))
    }

    /// Returns the entity of a name that leaves out what it has in common with one before: `Llama 2 and 3`.
    fn elided(&self, written: &str, run: &[Token]) -> Vec<(Sense, u32)> {
        let [Token { span, .. }] = run else { return Vec::new() };
        if written.len() > 4 || !written.contains(|c: char| c.is_ascii_digit()) {
            return Vec::new();
        }
        let before = self.tokens.iter().take_while(|token| token.span.end <= span.start);
        let is_whole = |head: &Token| !self.graph.names().lookup(&format!("{} {written}", head.word)).is_empty();
        if before.clone().last().is_some_and(is_whole) {
            return Vec::new();
        }
        let heads = before.filter(|token| token.is_word() && token.word.contains(char::is_alphabetic));
        let whole = heads.flat_map(|head| self.graph.names().lookup(&format!("{} {written}", head.word)));
        whole.take(1).map(|id| (Sense::Entity(id), cost::INFLECTED + 2)).collect()
    }

    /// Returns the cost of a name: an exact one is free, but a name in other letters may be a common word.
    fn case_cost(&self, id: EntityId, written: &str, run: &[Token]) -> u32 {
        let names = self.graph.names();
        let is_exact = names.name(id) == written || names.aliases(id).any(|alias| alias == written);
        let is_common = run.len() == 1 && !roles(&run[0].lower).is_empty();
        match (is_exact, is_common || written.len() == 1) {
            (true, false) => 0,
            (true, true) if written.starts_with(char::is_uppercase) => 0,
            (_, true) => cost::COMMON,
            (false, false) => 1,
        }
    }
}

/// Names and aliases in small letters, in order.
fn sorted_names(graph: &Vocabulary<'_>) -> Vec<(String, EntityId)> {
    let mut names: Vec<(String, EntityId)> = graph.names().iter().map(|(name, id)| (name.to_lowercase(), id)).collect();
    names.sort();
    names
}

/// Whether a word only joins the words of a name: `era of modern LLMs`.
fn is_joining(word: &str) -> bool {
    ["of", "the", "for", "in", "with"].contains(&word)
}

/// The stems of some words, sorted; `None` if these are fewer than two.
fn key<'w>(words: impl Iterator<Item = &'w str>) -> Option<String> {
    let mut roots: Vec<String> = words.map(root).collect();
    roots.sort_unstable();
    (roots.len() > 1).then(|| roots.join(" "))
}

/// The entities with names of several words, by these.
fn by_words(graph: &Vocabulary<'_>) -> FxHashMap<String, EntityId> {
    let of = |(name, id): (&str, EntityId)| {
        let lower = name.to_lowercase();
        let is_worded = lower.split(' ').all(|word| word.chars().all(char::is_alphabetic));
        let words = lower.split(' ').filter(|word| !is_joining(word));
        key(words).filter(|_| is_worded).map(|key| (key, id))
    };
    graph.names().iter().filter_map(of).collect()
}
