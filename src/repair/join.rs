//! Connection of nouns that no verb joins, along the cheapest path through the schema.

use super::cost;
use super::draft::{Draft, Joint, Kind, Link, Noun, Steps};
use super::links::ends_of;
use crate::graph::Graph;
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
struct Step {
    verb: VerbId,
    inverse: bool,
    cost: u32,
}

/// Number of ways to join the nouns that are pursued.
const MOST: usize = 3;

/// Returns the cheapest ways to join the kept nouns of a draft, sorted ascending by cost.
pub(super) fn joined(draft: &Draft, kept: &dyn Fn(usize) -> bool, graph: &Graph) -> Vec<Joined> {
    let mut all = Vec::new();
    for types in asked_types(draft, graph) {
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
        all.extend(connected(Joined { nouns: own, links, cost: 0 }, graph));
    }
    all.sort_by_key(|joined| joined.cost);
    all.truncate(MOST);
    all
}

/// Returns the assignments of types to the nouns that are asked for: per noun the at most two topmost types that all
/// its verbs allow, at most four assignments in all.
fn asked_types(draft: &Draft, graph: &Graph) -> Vec<Vec<(usize, TypeId)>> {
    let mut ways: Vec<Vec<(usize, TypeId)>> = vec![Vec::new()];
    for (i, _) in draft.nouns.iter().enumerate().filter(|(_, noun)| noun.kind == Kind::Asked) {
        let mut types = graph.schema().all_types();
        let mut is_linked = false;
        for link in &draft.links {
            let (from, to) = ends_of(link.verb, link.inverse, graph);
            let end = if link.from == i { from } else { to };
            if link.from == i || link.to == i {
                (types, is_linked) = (types.and(end), true);
            }
        }
        let tops: Vec<TypeId> = tops(types, graph).into_iter().take(if is_linked { 2 } else { 0 }).collect();
        if !tops.is_empty() {
            ways = ways.iter().flat_map(|way| tops.iter().map(|top| [way.as_slice(), &[(i, *top)]].concat())).collect();
        }
    }
    ways.truncate(4);
    ways
}

/// Returns the types of a set whose parent is not in the set.
pub(super) fn tops(types: TypeSet, graph: &Graph) -> Vec<TypeId> {
    let is_top = |id: &TypeId| graph.schema().type_(*id).parent.is_none_or(|parent| !types.contains(parent));
    types.iter().filter(is_top).collect()
}

fn types_of(noun: &Noun, graph: &Graph) -> TypeSet {
    match noun.kind {
        Kind::Type(id) => graph.schema().type_(id).subtypes,
        Kind::Entity(id) => TypeSet::only(graph.type_of(id)),
        Kind::Asked => TypeSet::NONE,
    }
}

/// Joins the other components to that of the first noun, one at a time. Keeps only the cheapest [`MOST`] states after
/// each step.
fn connected(start: Joined, graph: &Graph) -> Vec<Joined> {
    let mut open = vec![start];
    let mut done = Vec::new();
    for _ in 0..8 {
        let mut grown = Vec::new();
        for joined in open {
            match apart(&joined) {
                None => done.push(joined),
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

/// Returns the cheapest ways to join one more noun.
fn bridged(joined: &Joined, reached: &[bool], graph: &Graph) -> Vec<Joined> {
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

/// Returns a type with one other noun that a verb may join to it, the likeliest first. Used to rank the type by a
/// count.
pub(super) fn about(kind: TypeId, noun: &Noun, graph: &Graph) -> Vec<Joined> {
    let from = graph.schema().type_(kind).subtypes;
    let mut all = Vec::new();
    for step in steps(from, graph.schema().all_types(), None, graph).into_iter().take(6) {
        let (_, to) = ends_of(step.verb, step.inverse, graph);
        let Some(other) = tops(to, graph).into_iter().next() else { continue };
        let mut joined = Joined { nouns: vec![noun.clone()], links: Vec::new(), cost: step.cost };
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

    /// Returns the types that a noun may have.
    pub fn types(&self, noun: usize, graph: &Graph) -> TypeSet {
        types_of(&self.nouns[noun], graph)
    }

    /// Adds a noun between two others and returns its position; its word position is that of `after`.
    fn add(&mut self, kind: TypeId, after: usize) -> usize {
        let at = self.nouns[after].at;
        let quantifier = String::new();
        let noun = Noun {
            kind: Kind::Type(kind),
            at,
            denied: false,
            joint: Joint::None,
            quantifier,
            grouped: false,
            plural: true,
            words: Vec::new(),
        };
        self.nouns.push(noun);
        self.nouns.len() - 1
    }
}

/// Returns paths of one verb between two nouns; if there are none, of two verbs with a type between them.
fn bridges(a: &Noun, b: &Noun, graph: &Graph) -> Vec<Vec<(Step, TypeId)>> {
    let (from, to) = (types_of(a, graph), types_of(b, graph));
    let direct = steps(from, to, Some((a, b)), graph);
    let none = TypeId(0);
    if !direct.is_empty() {
        return direct.into_iter().take(4).map(|step| vec![(step, none)]).collect();
    }
    let mut all = Vec::new();
    for middle in tops(graph.schema().all_types(), graph) {
        let types = graph.schema().type_(middle).subtypes;
        let first = steps(from, types, None, graph);
        let second = steps(types, to, None, graph);
        for (first, second) in first.iter().take(2).flat_map(|first| second.iter().take(2).map(move |s| (*first, *s))) {
            all.push(vec![(first, middle), (second, none)]);
        }
    }
    all.sort_by_key(|bridge: &Vec<(Step, TypeId)>| bridge.iter().map(|(step, _)| step.cost).sum::<u32>());
    all.truncate(3);
    all
}

/// Returns the verbs between two sets of types, the cheapest first; of equal cost, adoption verbs first, then those
/// with the most facts. The rank is added to the cost.
fn steps(from: TypeSet, to: TypeSet, ends: Option<(&Noun, &Noun)>, graph: &Graph) -> Vec<Step> {
    let mut found: Vec<(bool, usize, Step)> = Vec::new();
    let is_alike = !from.and(to).is_empty();
    for (verb, item) in graph.schema().verbs() {
        for inverse in [false, true] {
            let (own_from, own_to) = ends_of(verb, inverse, graph);
            if own_from.and(from).is_empty() || own_to.and(to).is_empty() {
                continue;
            }
            let facts = graph.relation(verb).len();
            let missing = ends.is_some_and(|(a, b)| !has_fact(a, b, verb, inverse, graph));
            // Between entities of overlapping types a verb should be named.
            let cost = cost::JOIN + if is_alike { 12 } else { 0 } + if missing { 12 } else { 0 };
            found.push((item.adoption, facts, Step { verb, inverse, cost }));
        }
    }
    found.sort_by_key(|(adoption, facts, step)| (step.cost, !adoption, std::cmp::Reverse(*facts)));
    found.into_iter().enumerate().map(|(rank, (.., step))| Step { cost: step.cost + 2 * rank as u32, ..step }).collect()
}

/// Returns true if the named ends of a verb have a fact of it. Denied nouns need none.
fn has_fact(a: &Noun, b: &Noun, verb: VerbId, inverse: bool, graph: &Graph) -> bool {
    let relation = graph.relation(verb);
    let (subject, object) = if inverse { (b, a) } else { (a, b) };
    match (subject.kind, object.kind) {
        _ if a.denied || b.denied => true,
        (Kind::Entity(subject), Kind::Entity(object)) => relation.fact(subject, object).is_some(),
        (Kind::Entity(subject), _) => relation.forward.degree(subject) > 0,
        (_, Kind::Entity(object)) => relation.reverse.degree(object) > 0,
        _ => !relation.is_empty(),
    }
}
