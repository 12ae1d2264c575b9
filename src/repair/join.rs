//! Connection of nouns that no verb joins, along the cheapest path through the schema.

use super::cost;
use super::draft::{Condition, Draft, Joint, Kind, Link, Noun, Operand, Steps};
use super::synonyms::is_personal;
use super::vocabulary::{Tip, Vocabulary, Word};
use crate::schema::{TypeId, TypeSet, VerbId};

/// Connected nouns, from which a sentence can be written.
#[derive(Debug, Clone)]
pub(super) struct Joined {
    pub nouns: Vec<Noun>,
    pub links: Vec<Link>,
    pub cost: u32,
}

/// A verb read in one direction, with its cost.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Step {
    pub verb: Word,
    pub inverse: bool,
    cost: u32,
}

/// Number of ways to join the nouns that are pursued. Larger leaves fewer trials for other readings of the text.
const MOST: usize = 3;

/// The nouns of a draft that are kept, joined in the cheapest ways.
pub(super) fn joined(draft: &Draft, kept: &dyn Fn(usize) -> bool, graph: &Vocabulary<'_>) -> Vec<Joined> {
    let mut all = Vec::new();
    for types in asked_types(draft, graph) {
        // `who` asks for people rather than for things.
        let is_odd =
            |(i, kind): &&(usize, TypeId)| draft.nouns[*i].personal && !is_personal(&graph.schema().type_(*kind).name);
        let cost = cost::IMPERSONAL * types.iter().filter(is_odd).count() as u32;
        let mut nouns = draft.nouns.clone();
        let mut place = vec![None; nouns.len()];
        for (i, kind) in &types {
            nouns[*i].kind = Kind::Type(*kind);
        }
        let is_kept = |i: usize| kept(i) && nouns[i].kind != Kind::Asked;
        let mut own = Vec::new();
        for i in (0..nouns.len()).filter(|i| is_kept(*i)) {
            place[i] = Some(own.len());
            own.push(nouns[i].clone());
        }
        let moved = |link: &Link| Some(Link { from: place[link.from]?, to: place[link.to]?, ..*link });
        let links = draft.links.iter().filter_map(moved).collect();
        all.extend(connected(Joined { nouns: own, links, cost }, graph));
    }
    all.sort_by_key(|joined| joined.cost);
    all.truncate(MOST);
    all
}

/// The types that what is asked for may be of, each way once: the topmost that all verbs beside it allow.
fn asked_types(draft: &Draft, graph: &Vocabulary<'_>) -> Vec<Vec<(usize, TypeId)>> {
    let mut ways: Vec<Vec<(usize, TypeId)>> = vec![Vec::new()];
    for (i, _) in draft.nouns.iter().enumerate().filter(|(_, noun)| noun.kind == Kind::Asked) {
        let mut types = graph.schema().all_types();
        let mut is_linked = false;
        for link in &draft.links {
            let (from, to) = graph.ends(link.verb, link.inverse);
            let end = if link.from == i { from } else { to };
            if link.from == i || link.to == i {
                (types, is_linked) = (types.and(end), true);
            }
        }
        // `what happened in 2024`: something that has a date.
        let is_dated = |condition: &Condition| matches!(condition.operand, Operand::Date(_) | Operand::Between(..));
        if draft.nouns.len() == 1 && draft.links.is_empty() && draft.conditions.iter().any(is_dated) {
            let dated = types.iter().filter(|kind| graph.dating(*kind).is_some());
            (types, is_linked) = (dated.fold(TypeSet::NONE, |all, kind| all.or(TypeSet::only(kind))), true);
        }
        let tops: Vec<TypeId> = tops(types, graph).into_iter().take(if is_linked { 2 } else { 0 }).collect();
        if !tops.is_empty() {
            ways = ways.iter().flat_map(|way| tops.iter().map(|top| [way.as_slice(), &[(i, *top)]].concat())).collect();
        }
    }
    ways.truncate(4);
    ways
}

/// The types of a set that extend no other of it.
pub(super) fn tops(types: TypeSet, graph: &Vocabulary<'_>) -> Vec<TypeId> {
    let is_top = |id: &TypeId| graph.schema().type_(*id).parent.is_none_or(|parent| !types.contains(parent));
    types.iter().filter(is_top).collect()
}

fn types_of(noun: &Noun, graph: &Vocabulary<'_>) -> TypeSet {
    match noun.kind {
        Kind::Type(id) => graph.schema().type_(id).subtypes,
        Kind::Entity(id) => TypeSet::only(graph.type_of(id)),
        Kind::Asked => TypeSet::NONE,
    }
}

/// Joins part after part to the first noun.
fn connected(start: Joined, graph: &Vocabulary<'_>) -> Vec<Joined> {
    let mut open = vec![start];
    let mut done = Vec::new();
    for _ in 0..8 {
        let mut grown = Vec::new();
        for joined in open {
            match apart(&joined) {
                None => done.push(joined.denied_whole()),
                Some(parts) => grown.extend(bridged(&joined, &parts, graph)),
            }
        }
        grown.sort_by_key(|joined| joined.cost);
        grown.truncate(MOST);
        open = grown;
    }
    done
}

/// Returns, per noun, whether it is connected with the first; `None` if all are.
fn apart(joined: &Joined) -> Option<Vec<bool>> {
    let mut reached = vec![false; joined.nouns.len()];
    *reached.first_mut()? = true;
    for _ in 0..joined.nouns.len() {
        for link in &joined.links {
            let is_reached = reached[link.from] || reached[link.to];
            (reached[link.from], reached[link.to]) = (is_reached, is_reached);
        }
    }
    reached.contains(&false).then_some(reached)
}

/// The cheapest ways to join one noun more.
fn bridged(joined: &Joined, reached: &[bool], graph: &Vocabulary<'_>) -> Vec<Joined> {
    let mut all = Vec::new();
    let numbers = 0..joined.nouns.len();
    for a in numbers.clone().filter(|i| reached[*i]) {
        for b in numbers.clone().filter(|i| !reached[*i]) {
            let far = 2 * (a.abs_diff(b) as u32 - 1).min(4);
            // A noun of a list is joined to what the list is joined to, not to the head of the list.
            let listed = if joined.nouns[b].joint != Joint::None && b == a + 1 { 20 } else { 0 };
            for bridge in bridges(&joined.nouns[a], &joined.nouns[b], graph) {
                let mut wider = joined.clone();
                wider.cost += bridge.iter().map(|(step, _)| step.cost).sum::<u32>() + far + listed;
                let mut from = a;
                for (i, (step, middle)) in bridge.iter().enumerate() {
                    let to = if i + 1 == bridge.len() { b } else { wider.add(*middle, a) };
                    wider.links.push(Link {
                        from,
                        to,
                        verb: step.verb,
                        inverse: step.inverse,
                        steps: Steps::One,
                        lineage: false,
                    });
                    from = to;
                }
                all.push(wider);
            }
        }
    }
    all.sort_by_key(|joined| joined.cost);
    all.truncate(MOST);
    all
}

/// A type with each noun that a verb may join to it, the likeliest first: what it may be counted by.
pub(super) fn about(kind: TypeId, noun: &Noun, graph: &Vocabulary<'_>) -> Vec<Joined> {
    let from = graph.schema().type_(kind).subtypes;
    let mut all = Vec::new();
    let steps = steps(from, graph.schema().all_types(), None, graph).into_iter().take(6);
    let ends = |step: Step| tops(graph.ends(step.verb, step.inverse).1, graph).into_iter().take(3);
    for (step, other) in steps.flat_map(|step| ends(step).map(move |other| (step, other))) {
        // An entity is one of what facts are recorded for.
        let end = Noun::new(Kind::Type(other), noun.at);
        let missing = matches!(step.verb, Word::Verb(id) if !has_fact(noun, &end, id, step.inverse, graph));
        // Where each has one at most, nothing is to be counted.
        let is_single = matches!(step.verb, Word::Verb(id) if is_single(from, id, step.inverse, graph));
        let cost = step.cost + if missing { 12 } else { 0 } + if is_single { cost::COMMON } else { 0 };
        let mut joined = Joined { nouns: vec![noun.clone()], links: Vec::new(), cost };
        let to = joined.add(other, 0);
        joined.links.push(Link {
            from: 0,
            to,
            verb: step.verb,
            inverse: step.inverse,
            steps: Steps::One,
            lineage: false,
        });
        all.push(joined);
    }
    all.sort_by_key(|joined| joined.cost);
    all.truncate(MOST);
    all
}

impl Joined {
    /// Returns true if one sentence can express all links: either all nouns are names, or every name has at most one
    /// link.
    pub fn can_be_said(&self) -> bool {
        let links = |i: usize| self.links.iter().filter(|link| link.from == i || link.to == i).count();
        let is_name = |i: &usize| matches!(self.nouns[*i].kind, Kind::Entity(_));
        let names: Vec<usize> = (0..self.nouns.len()).filter(is_name).collect();
        names.len() == self.nouns.len() || names.into_iter().all(|i| links(i) <= 1)
    }

    /// Denies what no word names but what leads to something denied: `orgs that never used MLA` develop no model that
    /// uses it.
    fn denied_whole(mut self) -> Joined {
        let is_asked = |noun: &Noun| matches!(noun.kind, Kind::Type(_)) && !noun.implied && !noun.denied;
        if !self.nouns.iter().any(is_asked) {
            return self;
        }
        for i in 0..self.nouns.len() {
            let links: Vec<Link> = self.links.iter().filter(|link| link.from == i || link.to == i).copied().collect();
            let [link] = links[..] else { continue };
            let middle = if link.from == i { link.to } else { link.from };
            let leads = self.links.iter().any(|other| *other != link && (other.from == middle || other.to == middle));
            let is_between = self.nouns[middle].implied || self.nouns[middle].theirs;
            if self.nouns[i].denied && is_between && leads && !self.nouns[middle].denied {
                (self.nouns[i].denied, self.nouns[middle].denied) = (false, true);
            }
        }
        self
    }

    /// Takes a list of names for alternatives where each thing has one of them at most: `models by Google and Meta`.
    pub fn with_choices(mut self, graph: &Vocabulary<'_>) -> Joined {
        let is_name = |noun: &Noun| matches!(noun.kind, Kind::Entity(_)) && !noun.denied;
        for i in 0..self.nouns.len() {
            let other = |link: &Link| if link.from == i { link.to } else { link.from };
            let link = self.links.iter().find(|link| link.from == i || link.to == i).copied();
            let Some(link) = link.filter(|_| self.nouns[i].joint == Joint::And && is_name(&self.nouns[i])) else {
                continue;
            };
            let thing = other(&link);
            let is_open = matches!(self.nouns[thing].kind, Kind::Type(_)) && !self.nouns[thing].denied;
            if is_open && link.steps == Steps::One && self.is_single(thing, i, graph) {
                self.nouns[i].joint = Joint::Or;
            }
        }
        self
    }

    /// Returns true if each entity of one noun is linked to at most one entity of the other.
    pub fn is_single(&self, noun: usize, other: usize, graph: &Vocabulary<'_>) -> bool {
        let (mut at, mut passed) = (noun, vec![noun]);
        while at != other {
            let ends = |link: &Link| if link.from == at { (link.to, link.inverse) } else { (link.from, !link.inverse) };
            let mut next = self.links.iter().filter(|link| link.from == at || link.to == at);
            let Some(link) = next.find(|link| !passed.contains(&ends(link).0)) else { return false };
            let (to, inverse) = ends(link);
            if link.steps != Steps::One
                || !matches!(link.verb, Word::Verb(id) if is_single(self.types(at, graph), id, inverse, graph))
            {
                return false;
            }
            passed.push(to);
            at = to;
        }
        true
    }

    /// The types that a noun may be of.
    pub fn types(&self, noun: usize, graph: &Vocabulary<'_>) -> TypeSet {
        types_of(&self.nouns[noun], graph)
    }

    /// Adds a noun between two others and returns its position; its word position is that of `after`.
    fn add(&mut self, kind: TypeId, after: usize) -> usize {
        let at = self.nouns[after].at;
        self.nouns.push(Noun { implied: true, ..Noun::new(Kind::Type(kind), at) });
        self.nouns.len() - 1
    }
}

/// One verb, or two with a type between them, from one noun to another.
fn bridges(a: &Noun, b: &Noun, graph: &Vocabulary<'_>) -> Vec<Vec<(Step, TypeId)>> {
    let (from, to) = (types_of(a, graph), types_of(b, graph));
    let direct = steps(from, to, Some((a, b)), graph);
    let none = TypeId(0);
    let is_known = |step: &Step| matches!(step.verb, Word::Verb(id) if has_fact(a, b, id, step.inverse, graph));
    let suffices = direct.iter().any(is_known);
    let mut all: Vec<Vec<(Step, TypeId)>> = direct.into_iter().take(4).map(|step| vec![(step, none)]).collect();
    if suffices {
        return all;
    }
    for middle in tops(graph.schema().all_types(), graph) {
        let types = graph.schema().type_(middle).subtypes;
        let first = steps(from, types, None, graph);
        let second = steps(types, to, None, graph);
        for (first, second) in first.iter().take(2).flat_map(|first| second.iter().take(2).map(move |s| (*first, *s))) {
            // `the model of an organization of which Google is one` says nothing of Google.
            let is_back = first.verb == second.verb && first.inverse != second.inverse;
            let first = Step { cost: first.cost + if is_back { cost::SIBLING } else { 0 }, ..first };
            all.push(vec![(first, middle), (second, none)]);
        }
    }
    all.sort_by_key(|bridge: &Vec<(Step, TypeId)>| bridge.iter().map(|(step, _)| step.cost).sum::<u32>());
    all.truncate(4);
    all
}

/// The verbs from some types to others, the likeliest first: what adoption counts, then what most facts speak of.
pub(super) fn steps(from: TypeSet, to: TypeSet, ends: Option<(&Noun, &Noun)>, graph: &Vocabulary<'_>) -> Vec<Step> {
    let mut found: Vec<(bool, usize, Step)> = Vec::new();
    let is_alike = !from.and(to).is_empty();
    for (id, item) in graph.schema().verbs() {
        let verb = Word::Verb(id);
        for inverse in [false, true] {
            let (own_from, own_to) = graph.ends(verb, inverse);
            if own_from.and(from).is_empty() || own_to.and(to).is_empty() {
                continue;
            }
            let facts = graph.relation(id).len();
            let missing = ends.is_some_and(|(a, b)| !has_fact(a, b, id, inverse, graph));
            // Between things of one kind a verb has to be named.
            let cost = cost::JOIN + if is_alike { 12 } else { 0 } + if missing { 12 } else { 0 };
            found.push((item.adoption, facts, Step { verb, inverse, cost }));
        }
    }
    found.sort_by_key(|(adoption, facts, step)| (step.cost, !adoption, std::cmp::Reverse(*facts)));
    found.into_iter().enumerate().map(|(rank, (.., step))| Step { cost: step.cost + 2 * rank as u32, ..step }).collect()
}

/// Whether the named ends of a verb have a fact of it.
fn has_fact(a: &Noun, b: &Noun, verb: VerbId, inverse: bool, graph: &Vocabulary<'_>) -> bool {
    let (subject, object) = if inverse { (b, a) } else { (a, b) };
    let tip = |noun: &Noun| match noun.kind {
        Kind::Entity(id) => Tip::Only(id),
        _ => Tip::Of(types_of(noun, graph)),
    };
    // What is denied of a thing need not be a fact, but some thing of its type has one.
    let is_entity = |noun: &Noun| matches!(noun.kind, Kind::Entity(_));
    let is_denied = (a.denied || b.denied) && is_entity(a) == is_entity(b);
    is_denied || graph.has_fact(verb, tip(subject), tip(object))
}

/// Whether each entity of some types has one fact of a verb at most.
fn is_single(types: TypeSet, verb: VerbId, inverse: bool, graph: &Vocabulary<'_>) -> bool {
    /// Maximum number of entities that are looked at, since this runs for each candidate.
    const MOST: usize = 200;
    let relation = graph.relation(verb);
    let facts = if inverse { &relation.reverse } else { &relation.forward };
    let own = graph.entities().filter(|id| types.contains(graph.type_of(*id)));
    own.take(MOST).all(|id| facts.of(id).len() <= 1)
}
