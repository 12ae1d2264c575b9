//! Things that are compared by what belongs to them: `who has more models, Google or Meta`.

use super::draft::{Condition, Draft, Joint, Kind, Noun, Operand};
use super::lexicon::{Measure, Sign, View};
use super::vocabulary::Vocabulary;
use crate::graph::EntityId;
use crate::schema::TypeId;

impl Draft {
    /// The draft with a type in place of the names of which one is to be found, or which are set side by side; `None` where
    /// nothing else than these is ranked or counted.
    pub(super) fn with_rivals(&self, graph: &Vocabulary<'_>) -> Option<Draft> {
        let names = self.entities();
        let of = |id: EntityId| names.iter().filter(move |(_, other)| graph.type_of(*other) == graph.type_of(id));
        let (first, id) = *names.iter().find(|(_, id)| of(*id).count() > 1)?;
        let kind = graph.type_of(id);
        let listed: Vec<(usize, EntityId)> =
            names.iter().filter(|(_, id)| graph.type_of(*id) == kind).copied().collect();
        let is_choice = listed.iter().skip(1).all(|(i, _)| self.nouns[*i].joint == Joint::Or);
        let is_listed = listed.iter().enumerate().all(|(place, (i, _))| *i == first + place && !self.nouns[*i].denied);
        let sets_beside = self.views.iter().position(|(view, _)| *view == View::Diff);
        let is_ranked = self.most.is_some() || matches!(self.extreme, Some((Measure::Date, ..)));
        let asks = is_ranked && is_choice || sets_beside.is_some() && (self.count.is_some() || self.fold.is_some());
        if listed.len() < 2 || !is_listed || !asks || !self.is_of_others(kind, graph) {
            return None;
        }
        let mut draft = self.clone();
        let mut words: Vec<usize> = listed.iter().map(|(i, _)| self.nouns[*i].at).collect();
        words.extend(listed.iter().flat_map(|(i, _)| &self.nouns[*i].words));
        if let Some(view) = sets_beside {
            draft.said.push(draft.views.remove(view).1);
        }
        draft.nouns.drain(first..first + listed.len());
        let is_own = |noun: &Noun| match noun.kind {
            Kind::Type(of) => graph.schema().type_(of).subtypes.contains(kind),
            Kind::Asked => true,
            Kind::Entity(_) => false,
        };
        let at = match draft.nouns.iter_mut().find(|noun| is_own(noun)) {
            Some(noun) => {
                (noun.kind, noun.grouped) = (Kind::Type(kind), self.is_grouping());
                noun.at
            }
            None => {
                let noun = Noun { grouped: self.is_grouping(), ..Noun::new(Kind::Type(kind), words[0]) };
                draft.nouns.insert(first, noun);
                words[0]
            }
        };
        let operand = Operand::OneOf(listed.iter().map(|(_, id)| *id).collect());
        draft.conditions.push(Condition {
            at,
            property: None,
            measure: None,
            sign: Sign::Equal,
            operand,
            denied: None,
            owner: None,
            words,
        });
        Some(draft)
    }

    fn is_grouping(&self) -> bool {
        self.most.is_some() || self.count.is_some() || self.fold.is_some()
    }

    /// Whether something else is named, by which things of a type may be compared.
    fn is_of_others(&self, kind: TypeId, graph: &Vocabulary<'_>) -> bool {
        let own = graph.schema().type_(kind).subtypes;
        self.nouns.iter().any(|noun| match noun.kind {
            Kind::Type(of) => !graph.schema().type_(of).subtypes.contains(kind),
            Kind::Entity(id) => !own.contains(graph.type_of(id)),
            Kind::Asked => false,
        })
    }
}
