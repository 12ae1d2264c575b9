//! Shares: which part of some things something is so of, in percent.

use super::clauses::Clauses;
use super::draft::Kind;
use super::join::{self, Joined};
use super::lexicon::View;
use super::queries::Writer;
use super::write::Sentence;

/// What is said of a thing: the text, and the positions of the words that say it.
struct Said {
    text: String,
    used: Vec<usize>,
    cost: u32,
}

impl Writer<'_> {
    /// Adds the share of those of which something is so: `what percentage of models of 2024 use MoE`.
    pub fn shares(&mut self) {
        let Some(view) = self.view_at(&[View::Share]) else { return };
        let is_plain = self.draft.over.is_none() && self.draft.most.is_none() && self.draft.extreme.is_none();
        let heads = self.draft.nouns.iter().filter(|noun| matches!(noun.kind, Kind::Type(_)));
        let is_grouped = self.draft.nouns.iter().any(|noun| noun.grouped);
        let Some(head) = heads.min_by_key(|noun| noun.at).filter(|_| is_plain && !is_grouped) else { return };
        let head = head.at;
        let verbs = self.draft.verbs.iter().map(|verb| verb.at).filter(|at| *at > head);
        let predicate = self.draft.predicate.filter(|at| *at > head).or(verbs.min());
        // `the share of MoE models in 2024`: all but the date is what is so.
        let is_base = |at: usize, is_value: bool| match predicate {
            Some(predicate) => at < predicate,
            None => is_value,
        };
        let base = self.told(&|at, is_value| at == head || is_base(at, is_value), head);
        let test = self.told(&|at, is_value| at == head || !is_base(at, is_value), head);
        let (Some((letter, base)), Some((own, test))) = (base, test) else { return };
        let Some(test) = test.filter(|_| letter == own) else { return };
        let base = base.unwrap_or(Said { text: String::new(), used: Vec::new(), cost: 0 });
        let kind = self.draft.nouns.iter().find(|noun| noun.at == head).map(|noun| noun.kind);
        let Some(Kind::Type(kind)) = kind else { return };
        let name = &self.graph.schema().type_(kind).name;
        let said = if base.text.is_empty() { String::new() } else { format!(" {}", base.text) };
        let query =
            format!("{name} {letter}{said} show 100 * count({letter} where {letter} {}) / count({letter})", test.text);
        let mut used = [base.used, test.used, vec![view, head]].concat();
        used.extend(self.draft.count);
        self.put(query, 2 + base.cost + test.cost, &used);
    }

    /// Returns the letter of the thing at `head`, and what is said of it by the words that are kept; nothing if that cannot be
    /// said in one sentence.
    fn told(&self, is_kept: &dyn Fn(usize, bool) -> bool, head: usize) -> Option<(String, Option<Said>)> {
        let kept = |i: usize| is_kept(self.draft.nouns[i].at, false);
        let joined: Joined = join::joined(self.draft, &kept, self.graph).into_iter().next()?.with_choices(self.graph);
        let place = joined.nouns.iter().position(|noun| noun.at == head && !noun.implied)?;
        let mut sentence = Sentence::of(&joined, self.graph);
        if sentence.root() != place {
            return None;
        }
        let letter = sentence.letter(place);
        let mut clauses = Clauses::default();
        let mut used: Vec<usize> =
            joined.nouns.iter().flat_map(|noun| noun.words.iter().chain([&noun.at])).copied().collect();
        let is_said = |at: usize| is_kept(at, false);
        used.extend(self.draft.verbs.iter().map(|verb| verb.at).filter(|at| is_said(*at)));
        let own = self.draft.conditions.iter().filter(|condition| is_kept(condition.at, true));
        for condition in own {
            if !self.said(condition, &joined, &mut sentence, &mut clauses) {
                return None;
            }
            used.extend(&condition.words);
        }
        let name = &self.graph.schema().type_(sentence.type_of(place)).name;
        let text = sentence.text();
        let text = text.strip_prefix(&format!("{name} {letter}"))?.trim().to_string();
        let is_one = !text.contains(", ") && clauses.wheres.is_empty();
        let said = Said { text, used, cost: joined.cost };
        is_one.then(|| (letter, Some(said).filter(|said| !said.text.is_empty())))
    }
}
