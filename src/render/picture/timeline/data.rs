//! What a timeline shows, before anything has a place: entities, the links between them, lanes.

use super::super::{PictureLooks, cite};
use crate::answer::{Lineage, Subgraph};
use crate::graph::{EntityId, Fact, Graph};
use crate::limits::{in_budget, is_over_after};
use crate::schema::TypeId;
use crate::value::{Date, Value, ValueType};
use rustc_hash::{FxHashMap, FxHashSet};

/// The entities of a timeline and what joins them. Positions in these tables are the ids of the layout.
#[derive(Debug, Clone, Default)]
pub struct Chart {
    pub nodes: Vec<Node>,
    pub links: Vec<Link>,
    pub lanes: Vec<Lane>,
    /// The verbs of the links, lineage first, each in the order declared, defined ones last.
    pub verbs: Vec<String>,
    /// How many of them, the first ones, are lineage.
    pub lines: usize,
    /// The word that filled dots stand for, where a type has one.
    pub filled: Option<String>,
}

#[derive(Debug, Clone)]
pub struct Node {
    pub entity: EntityId,
    pub name: String,
    /// Words that may be dropped: a size, or the owner in a lane of many.
    pub more: String,
    pub title: String,
    pub date: Date,
    pub certain: bool,
    pub filled: bool,
    /// Position in [`Chart::lanes`].
    pub lane: usize,
    /// Outside the lineage that is looked at.
    pub faded: bool,
    /// The entity that is looked at, or whose lineage it is.
    pub central: bool,
}

/// A fact between two nodes: from `parent` (the object) to `child` (the subject).
#[derive(Debug, Clone)]
pub struct Link {
    pub parent: usize,
    pub child: usize,
    /// Position in [`Chart::verbs`].
    pub verb: usize,
    pub certain: bool,
    pub title: String,
    pub faded: bool,
}

/// A strip of the timeline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lane {
    pub owner: Owner,
    pub name: String,
    /// Why these stand together, where that is not an owner.
    pub note: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Owner {
    Entity(EntityId),
    /// Owners of few entities, together.
    Others,
    /// Nobody is said to own them.
    Nobody(TypeId),
}

/// More owners than this share their lanes: those of one or two entities become one lane.
const MANY_OWNERS: usize = 16;

pub fn of_lineage(lineage: &Lineage, graph: &Graph, looks: &PictureLooks) -> Chart {
    let mut chart = Chart::default();
    let mut members = lineage.members.clone();
    members.sort_by_key(|member| member.entity);
    members.dedup_by_key(|member| member.entity);
    let entities: Vec<EntityId> = members.iter().map(|member| member.entity).collect();
    chart.place(&entities, &owners_of(&entities, graph, looks), graph, looks);
    for (node, member) in chart.nodes.iter_mut().zip(&members) {
        node.certain = member.certain;
        node.date = member.date;
        node.central = looks.focus.unwrap_or(lineage.root) == member.entity;
    }
    let ends = chart.ends();
    for (child, verb, parent, fact) in lineage.links.iter().take_while(in_budget) {
        if let (Some(child), Some(parent)) = (ends.get(child), ends.get(parent)) {
            chart.join(*parent, *child, Made::Stated(*verb, *fact), graph);
        }
    }
    chart.finish(graph, looks)
}

/// With a lane for each owner. An owner is its lane's head, and not shown again unless it has a place in time.
pub fn of_subgraph(subgraph: &Subgraph, graph: &Graph, looks: &PictureLooks) -> Chart {
    let owners = owners_of(&subgraph.entities, graph, looks);
    let heads: FxHashSet<EntityId> = owners.iter().flatten().copied().collect();
    let is_head = |entity: &EntityId| heads.contains(entity) && graph.date_of(*entity).is_undated();
    let entities: Vec<EntityId> = subgraph.entities.iter().filter(|entity| !is_head(entity)).copied().collect();
    let owners = owners_of(&entities, graph, looks);
    joined(subgraph, &entities, &owners, graph, looks)
}

/// With a lane for each type.
pub fn by_type(subgraph: &Subgraph, graph: &Graph, looks: &PictureLooks) -> Chart {
    let owners = vec![None; subgraph.entities.len()];
    joined(subgraph, &subgraph.entities, &owners, graph, looks)
}

fn joined(
    subgraph: &Subgraph,
    entities: &[EntityId],
    owners: &[Option<EntityId>],
    graph: &Graph,
    looks: &PictureLooks,
) -> Chart {
    let mut chart = Chart::default();
    chart.place(entities, owners, graph, looks);
    for node in &mut chart.nodes {
        node.central = looks.focus == Some(node.entity);
    }
    let ends = chart.ends();
    for fact in subgraph.facts.iter().take_while(in_budget) {
        if let Fact::Link { subject, verb, object } = graph.fact(*fact)
            && let (Some(child), Some(parent)) = (ends.get(&subject), ends.get(&object))
        {
            chart.join(*parent, *child, Made::Stated(verb, *fact), graph);
        }
    }
    for (subject, verb, object) in subgraph.derived.iter().take_while(in_budget) {
        if let (Some(child), Some(parent)) = (ends.get(subject), ends.get(object)) {
            chart.join(*parent, *child, Made::Derived(verb), graph);
        }
    }
    chart.finish(graph, looks)
}

/// Where a link comes from.
enum Made<'a> {
    Stated(crate::schema::VerbId, crate::graph::FactId),
    Derived(&'a str),
}

impl Chart {
    fn ends(&self) -> FxHashMap<EntityId, usize> {
        self.nodes.iter().enumerate().map(|(i, node)| (node.entity, i)).collect()
    }

    /// Makes the nodes and gives them lanes.
    fn place(&mut self, entities: &[EntityId], owners: &[Option<EntityId>], graph: &Graph, looks: &PictureLooks) {
        let few = shared_owners(owners);
        for (entity, owner) in entities.iter().zip(owners) {
            if is_over_after(self.lanes.len()) {
                break;
            }
            let key = match owner {
                Some(owner) if few.contains(owner) => Owner::Others,
                Some(owner) => Owner::Entity(*owner),
                None => Owner::Nobody(graph.type_of(*entity)),
            };
            let lane = self.lane(key, graph, looks);
            let mut node = node_of(*entity, graph);
            node.lane = lane;
            if let (Owner::Others, Some(owner)) = (key, owner) {
                node.more = graph.name(*owner).to_string();
            }
            self.nodes.push(node);
        }
        let words = entities.iter().map(|entity| cite::plot(graph, *entity, |plot| &plot.filled));
        self.filled = words.filter(|word| !word.is_empty()).map(str::to_string).next();
    }

    fn lane(&mut self, owner: Owner, graph: &Graph, looks: &PictureLooks) -> usize {
        if let Some(known) = self.lanes.iter().position(|lane| lane.owner == owner) {
            return known;
        }
        let (name, note) = match owner {
            Owner::Entity(owner) => (graph.name(owner).to_string(), String::new()),
            Owner::Others => ("Others".to_string(), "owners of one or two".to_string()),
            Owner::Nobody(id) => {
                let kind = graph.schema().type_(id);
                let word = looks.lane.clone().unwrap_or_else(|| kind.plot.lane.clone());
                let note = if word.is_empty() { String::new() } else { format!("{word}: not told") };
                (kind.name.clone(), note)
            }
        };
        self.lanes.push(Lane { owner, name, note });
        self.lanes.len() - 1
    }

    fn join(&mut self, parent: usize, child: usize, made: Made, graph: &Graph) {
        let (subject, object) = (self.nodes[child].entity, self.nodes[parent].entity);
        let (verb, certain, title) = match made {
            Made::Stated(verb, fact) => {
                let title = cite::link(graph, subject, verb, object, fact);
                (graph.schema().verb(verb).name.clone(), !graph.is_doubtful(fact), title)
            }
            Made::Derived(verb) => {
                let title = format!("{} {verb} {} (by definition)", graph.name(subject), graph.name(object));
                (verb.to_string(), true, title)
            }
        };
        let verb = self.verbs.iter().position(|known| *known == verb).unwrap_or_else(|| {
            self.verbs.push(verb);
            self.verbs.len() - 1
        });
        if parent != child {
            self.links.push(Link { parent, child, verb, certain, title, faded: false });
        }
    }

    fn finish(mut self, graph: &Graph, looks: &PictureLooks) -> Chart {
        self.sort_verbs(graph);
        self.drop_lone_note();
        if let Some(focus) = looks.focus {
            self.fade_around(focus);
        }
        self
    }

    /// Lineage first, then as declared, then the defined ones in the order met.
    fn sort_verbs(&mut self, graph: &Graph) {
        let rank = |name: &String| {
            let id = graph.schema().lookup_verb(name);
            (id.is_none(), id.is_some_and(|id| !graph.schema().verb(id).lineage), id)
        };
        let mut order: Vec<usize> = (0..self.verbs.len()).collect();
        order.sort_by_key(|i| rank(&self.verbs[*i]));
        let mut place = vec![0; order.len()];
        order.iter().enumerate().for_each(|(new, old)| place[*old] = new);
        self.verbs = order.iter().map(|old| self.verbs[*old].clone()).collect();
        self.lines = self.verbs.iter().filter(|verb| !rank(verb).1 && !rank(verb).0).count();
        self.links.iter_mut().for_each(|link| link.verb = place[link.verb]);
        self.links.sort_by_key(|link| (link.parent, link.child, link.verb));
    }

    /// Where no entity has an owner, that goes without saying.
    fn drop_lone_note(&mut self) {
        if self.lanes.iter().all(|lane| matches!(lane.owner, Owner::Nobody(_))) {
            self.lanes.iter_mut().for_each(|lane| lane.note.clear());
        }
    }

    /// Fades what is neither ancestor nor descendant of an entity. Without the entity nothing fades.
    fn fade_around(&mut self, focus: EntityId) {
        let Some(start) = self.nodes.iter().position(|node| node.entity == focus) else { return };
        let up = self.closure(start, |link| (link.child, link.parent));
        let down = self.closure(start, |link| (link.parent, link.child));
        for (i, node) in self.nodes.iter_mut().enumerate() {
            node.faded = !up[i] && !down[i];
        }
        for link in &mut self.links {
            let (a, b) = (link.parent, link.child);
            link.faded = !(up[a] && up[b] || down[a] && down[b]);
        }
    }

    /// What is reached from a node along links read from the first to the second of a pair.
    fn closure(&self, start: usize, ends: impl Fn(&Link) -> (usize, usize)) -> Vec<bool> {
        let mut next = vec![Vec::new(); self.nodes.len()];
        self.links.iter().map(ends).for_each(|(from, to)| next[from].push(to));
        let mut reached = vec![false; self.nodes.len()];
        let mut open = vec![start];
        while let Some(node) = open.pop() {
            if !std::mem::replace(&mut reached[node], true) {
                open.extend(&next[node]);
            }
        }
        reached
    }
}

fn node_of(entity: EntityId, graph: &Graph) -> Node {
    Node {
        entity,
        name: graph.name(entity).to_string(),
        more: size(entity, graph),
        title: cite::entity(graph, entity),
        date: graph.date_of(entity),
        certain: true,
        filled: is_filled(entity, graph),
        lane: 0,
        faded: false,
        central: false,
    }
}

/// The first number that its type declares and a source states.
fn size(entity: EntityId, graph: &Graph) -> String {
    let kind = graph.schema().type_(graph.type_of(entity));
    let numbers = kind.properties.iter().filter(|p| graph.schema().property(**p).value == ValueType::Number);
    let first = numbers.map(|p| graph.value(entity, *p)).find(|value| matches!(value, Value::Number(_)));
    first.map_or(String::new(), |value| cite::short_value(&value))
}

/// Whether the entity has what its type fills dots for; so are all dots of types that fill for nothing.
fn is_filled(entity: EntityId, graph: &Graph) -> bool {
    let word = cite::plot(graph, entity, |plot| &plot.filled);
    if word.is_empty() {
        return true;
    }
    if let Some(property) = graph.schema().lookup_property(word) {
        return !graph.values(property).span(entity).is_empty();
    }
    graph.schema().lookup_word(word).is_some_and(|word| !cite::reached(graph, entity, word).is_empty())
}

/// The owner of each entity: the first, by id, that the lane's verb leads to.
fn owners_of(entities: &[EntityId], graph: &Graph, looks: &PictureLooks) -> Vec<Option<EntityId>> {
    let word = |entity: &EntityId| {
        let plotted = cite::plot(graph, *entity, |plot| &plot.lane);
        graph.schema().lookup_word(looks.lane.as_deref().unwrap_or(plotted))
    };
    let owner = |entity: &EntityId| cite::reached(graph, *entity, word(entity)?).first().copied();
    entities.iter().take_while(in_budget).map(owner).collect()
}

/// Owners of one or two entities, where there are many owners.
fn shared_owners(owners: &[Option<EntityId>]) -> FxHashSet<EntityId> {
    let mut counts: FxHashMap<EntityId, usize> = FxHashMap::default();
    owners.iter().flatten().for_each(|owner| *counts.entry(*owner).or_default() += 1);
    if counts.len() <= MANY_OWNERS {
        return FxHashSet::default();
    }
    let few: FxHashSet<EntityId> = counts.iter().filter(|(_, count)| **count <= 2).map(|(owner, _)| *owner).collect();
    if few.len() > 1 { few } else { FxHashSet::default() }
}
