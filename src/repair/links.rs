//! Assignment of nouns to the ends of the verbs of a draft, in every way that may be meant.

use super::cost;
use super::draft::{Condition, Draft, Joint, Kind, Link, Noun, Operand, Steps, Verb};
use super::join;
use super::lexicon::{Measure, View};
use super::recognise::Form;
use super::vocabulary::{Vocabulary, Word};
use crate::graph::EntityId;
use crate::schema::{TypeId, TypeSet};

impl Draft {
    pub fn entities(&self) -> Vec<(usize, EntityId)> {
        let of = |(i, noun): (usize, &Noun)| match noun.kind {
            Kind::Entity(id) => Some((i, id)),
            _ => None,
        };
        self.nouns.iter().enumerate().filter_map(of).collect()
    }

    /// The types that a noun may be of; all that there are where it is asked for.
    pub fn types(&self, noun: usize, graph: &Vocabulary<'_>) -> TypeSet {
        match self.nouns[noun].kind {
            Kind::Type(id) => graph.schema().type_(id).subtypes,
            Kind::Entity(id) => TypeSet::only(graph.type_of(id)),
            Kind::Asked => graph.schema().all_types(),
        }
    }

    /// The draft with a verb of lineage in place of a word for relatives, once for each such verb.
    pub(super) fn with_relatives(&self, graph: &Vocabulary<'_>) -> Vec<Draft> {
        let relatives: Vec<(Form, Steps, usize)> =
            self.views.iter().filter_map(|(view, at)| relative(*view, *at)).collect();
        let Some((form, steps, at)) = relatives.first().copied() else { return Vec::new() };
        // `children and grandchildren`: one word per generation, one path for both.
        let generations: Vec<_> = relatives.iter().filter(|(other, ..)| *other == form).collect();
        let has = |wanted: Steps| generations.iter().any(|(_, steps, _)| *steps == wanted);
        let steps = if has(Steps::One) && has(Steps::Two) { Steps::UpTo(2) } else { steps };
        let words: Vec<usize> = match steps {
            Steps::UpTo(_) => generations.iter().map(|(.., at)| *at).collect(),
            _ => vec![at],
        };
        let mut limits = self.conditions.iter().filter(|condition| condition.measure == Some(Measure::Steps));
        let within = limits.next().and_then(|condition| match &condition.operand {
            Operand::Number(number) => number.parse::<u32>().ok(),
            _ => None,
        });
        let steps = within.filter(|_| steps == Steps::Any).map_or(steps, Steps::UpTo);
        // Who has no parent has no ancestors.
        let refused = self.refused.iter().find(|(view, _)| *view == at).map(|(_, not)| *not);
        let steps = if (refused.is_some() || self.direct) && steps == Steps::Any { Steps::One } else { steps };
        let verbs: Vec<Word> = graph.schema().lineage_verbs().into_iter().map(Word::Verb).collect();
        let of = |rank: usize, verb: Word, lineage: bool| {
            let mut draft = self.clone();
            draft.views.retain(|(_, other)| !words.contains(other));
            draft.said.extend(refused);
            draft.cost += rank as u32 + if matches!(steps, Steps::One | Steps::Two) { 1 } else { 3 };
            let limits = draft.conditions.iter().filter(|condition| condition.measure == Some(Measure::Steps));
            let counted: Vec<usize> = limits.flat_map(|condition| condition.words.clone()).collect();
            draft.said.extend(counted.into_iter().chain(words.iter().copied().filter(|other| *other != at)));
            draft.conditions.retain(|condition| condition.measure != Some(Measure::Steps));
            draft.verbs.push(Verb {
                verb,
                inverse: false,
                form,
                at,
                denied: refused.is_some(),
                passive: false,
                steps,
                lineage,
                alone: false,
                stranded: false,
                by: false,
                creates: false,
            });
            draft.verbs.sort_by_key(|verb| verb.at);
            draft
        };
        let all = verbs.first().filter(|_| verbs.len() > 1 && steps != Steps::One).map(|verb| of(0, *verb, true));
        let single = verbs.iter().enumerate().map(|(rank, verb)| of(rank + 1, *verb, false));
        all.into_iter().chain(single).collect()
    }

    /// The draft about things of a kind that is written as a plural: `decoders without RoPE`. `None` where none is, or where
    /// a word names what these things are.
    pub(super) fn with_kinds(&self, graph: &Vocabulary<'_>) -> Option<Draft> {
        // `most common activation`
        let is_ranked = self.most.is_some() && self.nouns.len() == 1;
        let is_kind = |noun: &Noun| {
            (noun.several || is_ranked) && noun.joint == Joint::None && matches!(noun.kind, Kind::Entity(_))
        };
        let place = self.nouns.iter().position(is_kind)?;
        let noun = &self.nouns[place];
        let joined = join::about(self.types(place, graph).iter().next()?, noun, graph).into_iter().next()?;
        let (of, link) = (joined.nouns.last()?, joined.links.first()?);
        if self.nouns.iter().any(|noun| noun.kind == of.kind) {
            return None;
        }
        let mut draft = self.clone();
        let things =
            Noun { denied: noun.denied, grouped: noun.grouped, plural: noun.plural, ..Noun::new(of.kind, noun.at) };
        draft.nouns[place] = Noun { denied: false, grouped: false, joint: Joint::Kind, ..noun.clone() };
        draft.nouns.insert(place, things);
        draft.shown.iter_mut().filter(|shown| **shown >= place).for_each(|shown| *shown += 1);
        let (from, to, inverse) = (place, place + 1, !link.inverse);
        draft.links.push(Link { from, to, inverse, ..*link });
        Some(draft)
    }

    /// The draft about things of each type, where nothing is known of them but a part of their names or a text.
    pub(super) fn with_any_type(&self, graph: &Vocabulary<'_>) -> Vec<Draft> {
        let at = match (self.conditions.as_slice(), self.fold, self.properties.as_slice()) {
            ([Condition { operand: Operand::Like(_) | Operand::Text(_), at, .. }], ..) => at,
            // `the sum of parameters`
            ([], Some(_), [(_, at)]) => at,
            // `born before 1900 and died after 1960`
            ([first, ..], ..) if self.conditions.iter().all(|condition| condition.property.is_some()) => &first.at,
            _ => return Vec::new(),
        };
        if !self.nouns.is_empty() {
            return Vec::new();
        }
        let of = |(rank, (id, _)): (usize, (TypeId, _))| {
            let mut draft = self.clone();
            draft.cost += rank as u32;
            draft.nouns.push(Noun::new(Kind::Type(id), *at));
            draft
        };
        let named = self.properties.first().map(|(property, _)| *property);
        let property = self.conditions.iter().find_map(|condition| condition.property).or(named);
        let properties = self.conditions.iter().filter_map(|condition| condition.property).chain(property);
        let has = |id: &TypeId| properties.clone().all(|property| graph.schema().property(property).of.contains(*id));
        graph.schema().types().filter(|(id, _)| has(id)).enumerate().map(of).collect()
    }

    /// The draft with a type in place of the names of which a number is meant: `at least two of MLA, GQA and MQA`.
    pub(super) fn with_choice(&self, graph: &Vocabulary<'_>) -> Option<Draft> {
        let (sign, number, at) = self.choice.clone()?;
        let first = self.nouns.iter().position(|noun| noun.at > at)?;
        let rest = self.nouns[first + 1..].iter().take_while(|noun| noun.joint != Joint::None);
        let listed = &self.nouns[first..first + 1 + rest.count()];
        let name = |noun: &Noun| match noun.kind {
            Kind::Entity(id) if !noun.denied => Some(id),
            _ => None,
        };
        let ids: Vec<EntityId> = listed.iter().map(name).collect::<Option<Vec<EntityId>>>()?;
        let kind = graph.type_of(*ids.first()?);
        let words: Vec<usize> = listed.iter().flat_map(|noun| noun.words.iter().chain([&noun.at])).copied().collect();
        let mut draft = self.clone();
        let things = Noun { words, ..Noun::new(Kind::Type(kind), listed[0].at) };
        draft.nouns.splice(first..first + listed.len(), [things]);
        (draft.count, draft.having) = (Some(at), Some((sign, number, at)));
        let (property, measure, operand) = (None, None, Operand::OneOf(ids));
        let (at, owner, denied, words) = (listed[0].at, None, None, Vec::new());
        draft.conditions.push(Condition { at, property, measure, sign, operand, denied, owner, words });
        Some(draft)
    }

    /// Every way to give the verbs their ends, the likeliest first.
    pub(super) fn linked(self, graph: &Vocabulary<'_>) -> Vec<Draft> {
        let mut drafts = vec![self];
        for at in 0..drafts[0].verbs.len() {
            let grown: Vec<Draft> = drafts.iter().flat_map(|draft| draft.with_ends(at, graph)).collect();
            drafts = grown;
            drafts.sort_by_key(|draft| draft.cost);
            drafts.truncate(4);
        }
        drafts.iter_mut().for_each(|draft| draft.share_links(graph));
        drafts
    }

    /// The draft with a link for one of its verbs; without, where none fits.
    fn with_ends(&self, at: usize, graph: &Vocabulary<'_>) -> Vec<Draft> {
        let verb = self.verbs[at];
        let (from, to) = ends(&verb, graph);
        let fits = |noun: VerbEnd, types: TypeSet| match noun {
            VerbEnd::Noun(i) => !self.types(i, graph).and(types).is_empty(),
            VerbEnd::New => true,
        };
        let mut drafts: Vec<Draft> = Vec::new();
        let pairs = self.pairs(&verb, from == to);
        // `ancestors of X that use Y`: a further verb refers to the ancestors, not to X.
        let owner = |end: VerbEnd| match end {
            VerbEnd::Noun(i) if matches!(self.nouns[i].kind, Kind::Entity(_)) => {
                let links = self.links.iter().filter(|link| link.from == i || link.to == i);
                let others = links.map(|link| if link.from == i { link.to } else { link.from });
                others
                    .map(VerbEnd::Noun)
                    .find(|other| matches!(other, VerbEnd::Noun(j) if !matches!(self.nouns[*j].kind, Kind::Entity(_))))
            }
            _ => None,
        };
        let owned = pairs.iter().filter_map(|(subject, object, cost)| Some((owner(*subject)?, *object, *cost)));
        let direct = pairs
            .iter()
            .map(|(subject, object, cost)| (*subject, *object, cost + if owner(*subject).is_some() { 6 } else { 0 }));
        for (subject, object, cost) in owned.chain(direct) {
            if subject == object || !fits(subject, from) || !fits(object, to) {
                continue;
            }
            let mut draft = self.clone();
            draft.cost += cost;
            draft.reversed |= from == to && self.is_reversed(&verb, subject, object);
            let is_named = |end: VerbEnd| matches!(end, VerbEnd::Noun(_));
            let denies = verb.alone && is_named(subject) && is_named(object);
            let (subject, object) = (draft.end(subject, &verb), draft.end(object, &verb));
            if denies {
                let is_entity = |i: usize| matches!(draft.nouns[i].kind, Kind::Entity(_));
                let denied = if is_entity(subject) && !is_entity(object) { subject } else { object };
                draft.nouns[denied].denied = true;
            }
            let Verb { verb, inverse, steps, lineage, .. } = verb;
            draft.links.push(Link { from: subject, to: object, verb, inverse, steps, lineage });
            drafts.push(draft);
        }
        // `designed in the 90s`: the date says it.
        if verb.creates && self.is_dated(&verb) {
            let (cost, said) = (self.cost + cost::KIND, [self.said.as_slice(), &[verb.at]].concat());
            let unlinked = [self.unlinked.as_slice(), &[verb.at]].concat();
            drafts.push(Draft { cost, said, unlinked, ..self.clone() });
        }
        drafts.sort_by_key(|draft| draft.cost);
        drafts.truncate(3);
        if drafts.is_empty() {
            // It says nothing then.
            let unlinked = [self.unlinked.as_slice(), &[verb.at]].concat();
            drafts.push(Draft { unlinked, ..self.clone() });
        }
        drafts
    }

    /// Returns true if a verb is read against the order of the words: its object stands before it, without the subject
    /// between them.
    fn is_reversed(&self, verb: &Verb, subject: VerbEnd, object: VerbEnd) -> bool {
        let before = |end: VerbEnd| match end {
            VerbEnd::Noun(i) => Some(self.nouns[i].at).filter(|at| *at < verb.at),
            VerbEnd::New => None,
        };
        if verb.stranded {
            return before(subject).is_none();
        }
        let Some(object) = before(object) else { return false };
        verb.form == Form::Verb && (!verb.passive || verb.by) && before(subject).is_none_or(|subject| subject < object)
    }

    /// Returns the noun of an end; adds one that is asked for if the end is new.
    fn end(&mut self, end: VerbEnd, verb: &Verb) -> usize {
        match end {
            VerbEnd::Noun(i) => i,
            VerbEnd::New => {
                let (at, denied) = (verb.at, verb.denied && (verb.form != Form::Verb || verb.alone));
                let counted = self.counted_relatives.iter().find(|(place, _)| *place == at);
                let quantifier = counted.map_or(String::new(), |(_, quantifier)| quantifier.clone());
                self.nouns.push(Noun { denied, quantifier, implied: true, ..Noun::new(Kind::Asked, at) });
                self.nouns.len() - 1
            }
        }
    }

    /// Returns the nouns before a verb and those behind it, the nearest first.
    fn beside(&self, verb: &Verb) -> (Vec<usize>, Vec<usize>) {
        let heads = (0..self.nouns.len()).filter(|i| self.nouns[*i].joint == Joint::None);
        let heads = heads.filter(|i| self.nouns[*i].at != verb.at);
        let (mut left, mut right): (Vec<usize>, Vec<usize>) = heads.partition(|i| self.nouns[*i].at < verb.at);
        left.sort_by_key(|i| std::cmp::Reverse(self.nouns[*i].at));
        right.sort_by_key(|i| self.nouns[*i].at);
        let next_verb = self.verbs.iter().map(|other| other.at).filter(|at| *at > verb.at).min();
        // Nouns behind the next verb belong to it, unless they are close to this one.
        right.retain(|i| next_verb.is_none_or(|next| self.nouns[*i].at < next) || self.nouns[*i].at < verb.at + 3);
        (left, right)
    }

    /// Returns candidates for subject and object of a verb, with the cost of each. `alike`: both ends may have the same
    /// types.
    fn pairs(&self, verb: &Verb, alike: bool) -> Vec<(VerbEnd, VerbEnd, u32)> {
        let (left, right) = self.beside(verb);
        let reversed = if alike || verb.by { cost::REVERSED } else { 4 };
        let noun = |list: &[usize], i: usize| list.get(i).map(|i| VerbEnd::Noun(*i));
        let (left1, left2, left3) = (noun(&left, 0), noun(&left, 1), noun(&left, 2));
        let (right1, right2) = (noun(&right, 0), noun(&right, 1));
        let mut pairs = Vec::new();
        let mut pair =
            |a: Option<VerbEnd>, b: Option<VerbEnd>, cost: u32| pairs.extend(a.zip(b).map(|(a, b)| (a, b, cost)));
        match verb.form {
            Form::Verb => {
                pair(left1, right1, 0);
                pair(right1, left1, reversed);
                pair(left2, right1, 3);
                pair(left3, right1, 4);
                // Between things of one kind, which of them is meant is told by the order of the words.
                pair(left1, right2, if alike { 15 } else { 5 });
                pair(right1, right2, if alike { 3 } else { 2 });
                pair(right2, right1, 3);
                let is_last = if right1.is_none() { 0 } else { 6 };
                // `introduced before 2023` tells when, not where.
                let open = if self.is_dated(verb) { 8 } else { 0 };
                pair(left1, left2, is_last);
                pair(left2, left1, is_last + if alike { 4 } else { 2 });
                // `the techniques of A that B never used`
                pair(left1, left3, is_last + 3);
                pair(left1, Some(VerbEnd::New), is_last + 3 + open);
                pair(Some(VerbEnd::New), right1, if verb.passive || !alike { 4 } else { 7 });
                pair(Some(VerbEnd::New), left1, is_last + 5 + open);
                pair(right1, Some(VerbEnd::New), 6);
            }
            Form::Doer | Form::Done => {
                let mut own = |doer: Option<VerbEnd>, of: Option<VerbEnd>, cost: u32| match verb.form {
                    Form::Done => pair(of, doer, cost),
                    _ => pair(doer, of, cost),
                };
                let is_asked =
                    |end: &VerbEnd| matches!(end, VerbEnd::Noun(i) if !matches!(self.nouns[*i].kind, Kind::Entity(_)));
                if verb.stranded && right1.is_none() {
                    // `what is X a variant of`
                    own(left1, Some(VerbEnd::New), 0);
                }
                let asked = left1.filter(|end| self.whether || is_asked(end));
                own(asked.filter(|_| !verb.denied), right1, 0);
                own(Some(VerbEnd::New), right1, 1);
                own(Some(VerbEnd::New), left1, 1);
                own(asked.filter(|_| !verb.denied), left2, 1);
            }
        }
        pairs
    }

    /// Whether a date or a number follows a verb: `introduced before 2023`.
    fn is_dated(&self, verb: &Verb) -> bool {
        self.conditions.iter().any(|condition| {
            let first = condition.words.iter().chain([&condition.at]).min();
            first.is_some_and(|first| (verb.at + 1..verb.at + 4).contains(first))
        })
    }

    /// What is said of the head of a list is said of all that stand in it.
    fn share_links(&mut self, graph: &Vocabulary<'_>) {
        let mut head = 0;
        for i in 0..self.nouns.len() {
            if self.nouns[i].joint == Joint::None {
                head = i;
                continue;
            }
            let links: Vec<Link> = self.links.clone();
            for link in links {
                let types = |noun: usize| self.types(noun, graph);
                let own = |noun: usize| if noun == head && types(i) == types(head) { i } else { noun };
                let shared = Link { from: own(link.from), to: own(link.to), ..link };
                if shared != link && !self.links.contains(&shared) {
                    self.links.push(shared);
                }
            }
        }
    }
}

/// An end of a verb: a noun, or an unnamed entity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum VerbEnd {
    Noun(usize),
    New,
}

/// The types of the ends of a verb, as it is read.
fn ends(verb: &Verb, graph: &Vocabulary<'_>) -> (TypeSet, TypeSet) {
    graph.ends(verb.verb, verb.inverse)
}

/// Returns how a word for relatives reads a lineage verb, and over how many steps; `None` for other views.
fn relative(view: View, at: usize) -> Option<(Form, Steps, usize)> {
    let (form, steps) = match view {
        View::Parents => (Form::Done, Steps::One),
        View::Children => (Form::Doer, Steps::One),
        View::Grandparents => (Form::Done, Steps::Two),
        View::Grandchildren => (Form::Doer, Steps::Two),
        View::Ancestors => (Form::Done, Steps::Any),
        View::Descendants => (Form::Doer, Steps::Any),
        _ => return None,
    };
    Some((form, steps, at))
}
