//! Nouns of a draft: types, names and what is asked for, with what belongs to each.

use super::cost;
use super::draft::{Condition, Joint, Kind, Noun, Operand, Reader, Verb, quantified};
use super::lemma;
use super::lexicon::{Sign, View};
use super::recognise::Segment;
use crate::graph::EntityId;
use crate::schema::TypeId;

/// Words that ask for people, or for what is made of them.
const PERSONAL: &[&str] = &["who", "whom", "someone", "anyone", "everyone", "nobody"];

impl Reader<'_> {
    pub fn noun(&mut self, kind: Kind, segment: &Segment) {
        let (at, plural) = (segment.from, lemma::is_plural(&self.tokens[segment.to - 1].lower));
        if self.is_excluded(kind, at) {
            return;
        }
        if self.is_apposed(kind, at, plural) {
            // `technique is MLA or MoE`
            self.pending.list = self.draft.nouns.len().checked_sub(1);
            return;
        }
        if self.is_said_again(kind, at) {
            return;
        }
        let run = self.pending.run.filter(|_| self.pending.apposed == Some(at)).unwrap_or(self.draft.nouns.len());
        let several = matches!(kind, Kind::Entity(_)) && plural && self.is_inflected(segment);
        let pending = &mut self.pending;
        let mut words = Vec::new();
        let joint = pending.joint.filter(|_| pending.list.is_some()).unwrap_or(Joint::None);
        let listed = pending.list.filter(|_| joint != Joint::None).and_then(|i| self.draft.nouns.get(i));
        let mut denied = pending.denied.is_some() || listed.is_some_and(|noun| noun.denied);
        words.extend(pending.denied.take());
        if let Kind::Type(_) = kind {
            // `no MoE models`: none of the models is denied, whatever else they are.
            for name in self.draft.nouns[run..].iter_mut().filter(|noun| noun.denied && noun.joint == Joint::None) {
                (denied, name.denied) = (true, false);
                words.append(&mut name.words);
            }
        }
        self.every_as_group();
        let (quantifier, further) = self.quantifier(kind, at, &mut words);
        let pending = &mut self.pending;
        // `by year and country`
        let goes_on = pending.grouping && pending.joint == Some(Joint::And);
        let grouped = (pending.per.is_some() || goes_on) && !matches!(kind, Kind::Entity(_));
        if grouped {
            words.extend(pending.per.take());
        }
        pending.grouping = grouped;
        let joint = if grouped { Joint::None } else { joint };
        let theirs = self.pending.theirs.take().is_some_and(|own| own + 1 == at);
        let personal = kind == Kind::Asked && PERSONAL.iter().any(|word| self.tokens[at].is(word));
        let own = Noun { kind, at, denied, joint, quantifier, grouped, plural, several, ..Noun::new(kind, at) };
        self.draft.nouns.push(Noun { theirs, personal, words, ..own });
        self.draft.nouns.extend(further);
        self.pending.run = Some(run);
        let pending = &mut self.pending;
        pending.list = Some(self.draft.nouns.len() - 1);
        pending.joint = None;
        pending.apposed = Some(segment.to);
    }

    /// Takes `every` for `each` where something is ranked or counted of what follows: `the newest model of every org`.
    fn every_as_group(&mut self) {
        let before =
            |every: usize| every.checked_sub(1).is_some_and(|at| self.tokens[at].is("of") || self.tokens[at].is("for"));
        let is_ranked = self.draft.extreme.is_some() || self.draft.count.is_some();
        let is_free = is_ranked && self.pending.per.is_none() && !self.draft.nouns.is_empty();
        if let Some(every) = self.pending.every.take_if(|every| is_free && before(*every)) {
            self.pending.per = Some(every);
        }
    }

    /// Takes what was announced of the number of a noun, and the further noun that says the most there may be; appends the
    /// positions of the words.
    fn quantifier(&mut self, kind: Kind, at: usize, words: &mut Vec<usize>) -> (String, Option<Noun>) {
        let pending = &mut self.pending;
        if !matches!(kind, Kind::Type(_)) {
            return (String::new(), None);
        }
        if let (Some((sign, before)), Some((number, place))) = (pending.sign, &pending.number) {
            let quantifier = quantified(sign, number);
            words.extend([before, *place]);
            (pending.sign, pending.number) = (None, None);
            return (quantifier, None);
        }
        if let Some((least, most, place)) = pending.range.take() {
            words.extend(place);
            let quantifier = quantified(Sign::Most, &most);
            let further = Noun { quantifier, joint: Joint::And, ..Noun::new(kind, at) };
            return (quantified(Sign::Least, &least), Some(further));
        }
        let Some(every) = pending.every.take() else { return (String::new(), None) };
        words.push(every);
        // An `every` before the subject changes nothing, since a query returns all answers anyway.
        let nouns = &self.draft.nouns;
        let is_subject = |noun: &Noun| matches!(noun.kind, Kind::Type(_) | Kind::Asked);
        let is_said_of = !self.draft.verbs.is_empty() && !nouns.is_empty() || nouns.iter().any(is_subject);
        // `all normalization techniques`: what stands between belongs to the noun.
        let before = nouns.iter().filter(|noun| noun.at < every).count();
        (if is_said_of || before == 1 { "every ".to_string() } else { String::new() }, None)
    }

    /// Whether no name is written as these words are, but the singular of them.
    fn is_inflected(&self, segment: &Segment) -> bool {
        let words: Vec<&str> = self.tokens[segment.from..segment.to].iter().map(|token| token.word.as_str()).collect();
        self.graph.names().lookup(&words.join(" ")).is_empty()
    }

    /// Combines a noun with the one directly before it if one is the name and the other the type: `the technique MLA`,
    /// `the Mixtral model`. Returns false if they do not belong together.
    fn is_apposed(&mut self, kind: Kind, at: usize, plural: bool) -> bool {
        let is_near = self.pending.apposed == Some(at) || matches!(self.pending.sign, Some((Sign::Equal, _)));
        let free = self.pending.joint.is_none() && self.pending.denied.is_none() && self.pending.per.is_none();
        let graph = self.graph;
        let is_classed = |id: EntityId, of: EntityId| {
            let mut verbs = graph.schema().verbs();
            verbs.any(|(verb, _)| graph.relation(verb).forward.of(id) == [of.0])
        };
        // `why MoE efficiency`: a reason is one of a fact between them.
        let asks_why = self.draft.views.iter().any(|(view, _)| *view == View::Why);
        let Some(last) = self.draft.nouns.last_mut().filter(|_| is_near && free) else { return false };
        let is_of = |id: EntityId, kind: TypeId| graph.schema().type_(kind).subtypes.contains(graph.type_of(id));
        match (last.kind, kind) {
            // `which techniques`
            (Kind::Asked, Kind::Type(_)) if last.words.is_empty() && !last.denied => {
                (last.kind, last.at, last.plural) = (kind, at, plural);
                self.pending.apposed = Some(at + 1);
            }
            (Kind::Type(of), Kind::Entity(id)) if is_of(id, of) && last.quantifier.is_empty() && !last.grouped => {
                last.words.push(last.at);
                last.words.extend(self.pending.sign.take().map(|(_, at)| at));
                (last.kind, last.at) = (kind, at);
            }
            // `kind = 'Norm'`: the name tells what it is.
            (Kind::Type(_), Kind::Entity(_)) if self.pending.sign.is_some() && !last.grouped => {
                last.words.push(last.at);
                last.words.extend(self.pending.sign.take().map(|(_, at)| at));
                (last.kind, last.at) = (kind, at);
            }
            (Kind::Entity(id), Kind::Type(of)) if is_of(id, of) && !plural => {
                last.words.push(at);
                // `a Mamba model` is one of a kind, where something else is called so, too.
                let is_shared = graph.names().lookup(graph.name(id)).len() > 1;
                let is_one = is_shared
                    && last.at > 0
                    && ["a", "an", "any", "another"].contains(&&*self.tokens[last.at - 1].lower);
                self.draft.cost += if is_one { cost::INDEFINITE } else { 0 };
            }
            // `Sliding Window attention`: what it is, is said again.
            (Kind::Entity(id), Kind::Entity(of)) if !plural && !asks_why && is_classed(id, of) => last.words.push(at),
            _ => return false,
        }
        true
    }

    /// Takes a name behind a type and `other than` for what the type is not: a condition on the type.
    fn is_excluded(&mut self, kind: Kind, at: usize) -> bool {
        let Kind::Entity(id) = kind else { return false };
        let goes_on = self.pending.excluded && self.pending.joint.is_some();
        let Some(last) = self.draft.nouns.last() else { return false };
        let is_of = |of: TypeId| self.graph.schema().type_(of).subtypes.contains(self.graph.type_of(id));
        // `3 techniques and no RoPE` excludes nothing from these.
        let is_free = last.joint == Joint::None && last.quantifier.is_empty() && self.pending.joint.is_none();
        let is_type = matches!(last.kind, Kind::Type(of) if is_of(of)) && (is_free || goes_on);
        let is_bare = self.draft.verbs.last().is_none_or(|verb| verb.at < last.at) && self.draft.views.is_empty();
        if !(is_type && is_bare && (self.pending.denied.is_some() || goes_on)) {
            self.pending.excluded = false;
            return false;
        }
        let words: Vec<usize> = self.pending.denied.take().into_iter().chain([at]).collect();
        let operand = Operand::Not(id);
        let (property, measure, sign, owner, denied) = (None, None, Sign::Equal, None, None);
        self.draft.conditions.push(Condition { at, property, measure, sign, operand, denied, owner, words });
        self.break_list();
        self.pending.excluded = true;
        true
    }

    /// Takes a type of a clause for the noun of the sentence that it repeats: `… show Technique, count(Model)`.
    fn is_said_again(&mut self, kind: Kind, at: usize) -> bool {
        let counts = self.pending.count.take().is_some();
        let again = self.tokens[at].again;
        if !matches!(kind, Kind::Type(_))
            || !(self.pending.clause || self.pending.per.is_some() || counts || again.is_some())
        {
            return false;
        }
        let alike: Vec<usize> = (0..self.draft.nouns.len()).filter(|i| self.draft.nouns[*i].kind == kind).collect();
        let i = match (alike.as_slice(), again) {
            ([only], _) => *only,
            (several, Some(place)) if place < several.len() => several[place],
            _ => return false,
        };
        let noun = &mut self.draft.nouns[i];
        noun.words.push(at);
        if counts {
            self.draft.counted = Some(at);
        } else if let Some(per) = self.pending.per.take() {
            noun.grouped = true;
            noun.words.push(per);
        } else if self.pending.showing {
            self.pending.shown.push(i);
        } else {
            self.pending.owner = Some(noun.at);
        }
        self.break_list();
        true
    }

    /// An entity may be one that something is older than.
    pub fn entity(&mut self, id: EntityId, segment: &Segment) {
        match self.pending.relative.take() {
            Some((measure, sign, before)) => {
                let (property, at) = (self.pending.property.take(), segment.from);
                self.break_list();
                let operand = Operand::Same(id);
                let words = property.iter().map(|(_, at)| *at).chain([at, before]).collect();
                let (property, measure) = (property.map(|(id, _)| id), Some(measure));
                let (owner, denied) = (self.pending.owner.take(), None);
                self.draft.conditions.push(Condition { at, property, measure, sign, operand, denied, owner, words });
            }
            None => {
                // `uses = MLA`
                let is_after_verb = |(sign, at): (Sign, usize)| {
                    let last = self.draft.verbs.last().filter(|verb| verb.at < at && at + 1 == segment.from);
                    let is_free = |verb: &Verb| self.draft.nouns.last().is_none_or(|noun| noun.at < verb.at);
                    sign == Sign::Equal && last.is_some_and(is_free)
                };
                if let Some((_, at)) = self.pending.sign.take_if(|sign| is_after_verb(*sign)) {
                    self.draft.said.push(at);
                }
                self.noun(Kind::Entity(id), segment);
            }
        }
    }
}
