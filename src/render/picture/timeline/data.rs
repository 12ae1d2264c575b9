//! The contents of a timeline, before the layout: entities, links, lanes.

use super::super::{PictureStyle, cite};
use crate::answer::{DerivedFact, Lineage, Subgraph};
use crate::graph::{CitedFact, EntityId, Fact, FactId, Graph};
use crate::limits::{in_budget, is_over_after};
use crate::render::words;
use crate::schema::{PropertyId, TypeId};
use crate::value::{Date, ValueType};
use rustc_hash::{FxHashMap, FxHashSet};

/// The entities of a timeline and the links between them. Indexes in these tables are the ids of the layout.
#[derive(Debug, Clone, Default)]
pub struct Chart {
    pub nodes: Vec<ChartNode>,
    pub links: Vec<ChartLink>,
    /// Links from a node to itself: drawn as a ring, not as a route.
    pub loops: Vec<ChartLink>,
    pub lanes: Vec<Lane>,
    /// The verbs of the links: those of lineage first, each in order of declaration, defined ones last.
    pub verbs: Vec<String>,
    /// The number of lineage verbs, which come first in `verbs`.
    pub lines: usize,
    /// The meaning of filled and of hollow dots, if they differ.
    pub filled: Option<[String; 2]>,
    /// Explanations of other marks.
    pub rules: Vec<String>,
    /// The property whose numbers are shown beside names, if there is one.
    pub number: Option<PropertyId>,
}

#[derive(Debug, Clone)]
pub struct ChartNode {
    pub entity: EntityId,
    pub name: String,
    /// Optional text: a size, or the owner in a lane of several owners.
    pub more: String,
    pub title: String,
    pub date: Date,
    /// The day at which it is drawn, within the bounds of its date; `None` if it is undated.
    pub day: Option<f64>,
    /// The day at which it ended, if the graph tells it.
    pub end: Option<f64>,
    pub certain: bool,
    pub filled: bool,
    /// Index in [`Chart::lanes`].
    pub lane: usize,
    /// Whether it is outside the lineage of the focused entity.
    pub faded: bool,
    /// Whether it is the focused entity, or the root of the lineage.
    pub central: bool,
}

/// A fact between two nodes: from `parent` (the object) to `child` (the subject).
#[derive(Debug, Clone, Default)]
pub struct ChartLink {
    pub parent: usize,
    pub child: usize,
    /// Index in [`Chart::verbs`].
    pub verb: usize,
    pub certain: bool,
    pub title: String,
    pub faded: bool,
}

/// A horizontal strip of the timeline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lane {
    pub owner: Owner,
    pub name: String,
    /// Why these entities share a lane, if not by owner.
    pub note: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Owner {
    Entity(EntityId),
    /// Owners of few entities, combined.
    Others,
    /// No stated owner.
    Nobody(TypeId),
}

/// Above this number of owners, those of one or two entities share a lane. Each lane takes the height of a row,
/// however few entities it has. By reasoning, no benchmark varies it.
const MANY_OWNERS: usize = 16;

/// Whether owners of few entities have lanes of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Few {
    Apart,
    Together,
}

pub fn of_lineage(lineage: &Lineage, graph: &Graph, looks: &PictureStyle, few: Few) -> Chart {
    let mut chart = Chart::default();
    let mut members = lineage.members.clone();
    members.sort_by_key(|member| member.entity);
    members.dedup_by_key(|member| member.entity);
    let entities: Vec<EntityId> = members.iter().map(|member| member.entity).collect();
    chart.place(&entities, &owners_of(&entities, graph, looks), few, graph, looks);
    for (node, member) in chart.nodes.iter_mut().zip(&members) {
        node.certain = member.certain;
        node.date = member.date;
        node.central = looks.focus.unwrap_or(lineage.root) == member.entity;
    }
    let ends = chart.ends();
    for link in lineage.links.iter().take_while(in_budget) {
        if let (Some(child), Some(parent)) = (ends.get(&link.child), ends.get(&link.parent)) {
            let (subject, object) = link.ends();
            let derived = DerivedFact { subject, verb: link.verb.clone(), object, certain: true };
            let made = link.fact.map_or(Made::Derived(&derived), |fact| Made::Stated(fact, &[]));
            chart.join(*parent, *child, made, graph);
        }
    }
    chart.finish(graph, looks)
}

/// Returns the chart with a lane for each owner. An owner is the title of its lane, and is a node only if it is dated.
pub fn of_subgraph(subgraph: &Subgraph, graph: &Graph, looks: &PictureStyle, few: Few) -> Chart {
    let owners = owners_of(&subgraph.entities, graph, looks);
    let heads: FxHashSet<EntityId> = owners.iter().flatten().copied().collect();
    let is_head = |entity: &EntityId| heads.contains(entity) && graph.date_of(*entity).is_undated();
    let entities: Vec<EntityId> = subgraph.entities.iter().filter(|entity| !is_head(entity)).copied().collect();
    // Once more, because the owners are listed by entity, and heads are gone.
    let owners = owners_of(&entities, graph, looks);
    joined(subgraph, (&entities, &owners, few), graph, looks)
}

/// Returns the chart with a lane for each type.
pub fn by_type(subgraph: &Subgraph, graph: &Graph, looks: &PictureStyle) -> Chart {
    let owners = vec![None; subgraph.entities.len()];
    joined(subgraph, (&subgraph.entities, &owners, Few::Together), graph, looks)
}

fn joined(
    subgraph: &Subgraph,
    (entities, owners, few): (&[EntityId], &[Option<EntityId>], Few),
    graph: &Graph,
    looks: &PictureStyle,
) -> Chart {
    let mut chart = Chart::default();
    chart.place(entities, owners, few, graph, looks);
    for node in &mut chart.nodes {
        node.central = looks.focus == Some(node.entity);
    }
    let ends = chart.ends();
    for fact in subgraph.facts.iter().take_while(in_budget) {
        if let Fact::Link { subject, object, .. } = graph.fact(*fact)
            && let (Some(child), Some(parent)) = (ends.get(&subject), ends.get(&object))
        {
            let made = Made::Stated(*fact, subgraph.sources(*fact));
            chart.join(*parent, *child, made, graph);
        }
    }
    for derived in subgraph.derived.iter().take_while(in_budget) {
        if let (Some(child), Some(parent)) = (ends.get(&derived.subject), ends.get(&derived.object)) {
            chart.join(*parent, *child, Made::Derived(derived), graph);
        }
    }
    chart.finish(graph, looks)
}

/// The origin of a link.
enum Made<'a> {
    /// A fact, and the sources by which alone it is cited.
    Stated(FactId, &'a [CitedFact]),
    Derived(&'a DerivedFact),
}

impl Chart {
    fn ends(&self) -> FxHashMap<EntityId, usize> {
        self.nodes.iter().enumerate().map(|(i, node)| (node.entity, i)).collect()
    }

    /// Creates the nodes and assigns their lanes.
    fn place(
        &mut self,
        entities: &[EntityId],
        owners: &[Option<EntityId>],
        few: Few,
        graph: &Graph,
        looks: &PictureStyle,
    ) {
        let few = if few == Few::Together { shared_owners(owners) } else { FxHashSet::default() };
        self.number = words::number_property(graph, entities);
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
            let number = self.number.and_then(|property| words::number(graph, *entity, property));
            node.more = number.unwrap_or_default();
            tell_owners(&mut node, key, &owners_of_one(*entity, graph, looks), graph);
            self.nodes.push(node);
        }
        let words = entities.iter().map(|entity| cite::plot(graph, *entity, |plot| &plot.filled));
        self.filled =
            words.filter(|word| !word.is_empty()).map(|word| [word.to_string(), format!("{word}: not told")]).next();
    }

    fn lane(&mut self, owner: Owner, graph: &Graph, looks: &PictureStyle) -> usize {
        if let Some(known) = self.lanes.iter().rposition(|lane| lane.owner == owner) {
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
        let (verb, certain, title) = match made {
            Made::Stated(fact, sources) => {
                let verb = match graph.fact(fact) {
                    Fact::Link { verb, .. } => graph.schema().verb(verb).name.clone(),
                    Fact::Value { .. } => return,
                };
                let title = cite::cited_by(graph, &cite::fact(graph, fact), fact, sources);
                (verb, !graph.claims().is_doubtful_by(fact, sources), title)
            }
            Made::Derived(DerivedFact { subject, verb, object, certain }) => {
                let title = format!("{} {verb} {} (by definition)", graph.name(*subject), graph.name(*object));
                (verb.clone(), *certain, title)
            }
        };
        let verb = self.verbs.iter().position(|known| *known == verb).unwrap_or_else(|| {
            self.verbs.push(verb);
            self.verbs.len() - 1
        });
        let link = ChartLink { parent, child, verb, certain, title, faded: false };
        if parent == child { self.loops.push(link) } else { self.links.push(link) }
    }

    fn finish(mut self, graph: &Graph, looks: &PictureStyle) -> Chart {
        self.sort_verbs(graph);
        super::days::settle(&mut self);
        self.drop_lone_note();
        if let Some(focus) = looks.focus {
            self.fade_around(focus);
        }
        self
    }

    /// Sorts verbs: lineage first, then by declaration, then defined ones in order of occurrence.
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
        self.links.iter_mut().chain(&mut self.loops).for_each(|link| link.verb = place[link.verb]);
        self.links.sort_by_key(|link| (link.parent, link.child, link.verb));
    }

    /// Drops the notes of lanes if no entity has an owner.
    fn drop_lone_note(&mut self) {
        if self.lanes.iter().all(|lane| matches!(lane.owner, Owner::Nobody(_))) {
            self.lanes.iter_mut().for_each(|lane| lane.note.clear());
        }
    }

    /// Fades everything that is neither ancestor nor descendant of an entity; nothing if the entity is not in the
    /// chart.
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
        for link in &mut self.loops {
            link.faded = self.nodes[link.child].faded;
        }
    }

    /// Returns the nodes reachable from a node; `ends` gives the direction of each link.
    fn closure(&self, start: usize, ends: impl Fn(&ChartLink) -> (usize, usize)) -> Vec<bool> {
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

fn node_of(entity: EntityId, graph: &Graph) -> ChartNode {
    ChartNode {
        entity,
        name: graph.name(entity).to_string(),
        more: String::new(),
        title: cite::entity(graph, entity),
        date: graph.date_of(entity),
        day: None,
        end: end_of(entity, graph),
        certain: true,
        filled: is_filled(entity, graph),
        lane: 0,
        faded: false,
        central: false,
    }
}

/// The names and verbs of properties that tell when something ended.
const ENDS: [&str; 24] = [
    "end",
    "end date",
    "end_date",
    "ended",
    "ends",
    "died",
    "death",
    "death date",
    "death_date",
    "dead",
    "discontinued",
    "retired",
    "withdrawn",
    "deprecated",
    "dissolved",
    "defunct",
    "abandoned",
    "extinct",
    "closed",
    "ceased",
    "until",
    "last release",
    "end of life",
    "eol",
];

/// Returns the day at which an entity ended: the middle of the first date that a property tells whose name or verb means
/// an end. `None` if there is none, or if it does not follow the entity's own date.
pub fn end_of(entity: EntityId, graph: &Graph) -> Option<f64> {
    let kind = graph.schema().type_(graph.type_of(entity));
    let means_end = |property: &&PropertyId| {
        let declared = graph.schema().property(**property);
        let words = [Some(declared.name.as_str()), declared.verb.as_deref()];
        let is_end = |word: &str| ENDS.iter().any(|end| end.eq_ignore_ascii_case(word));
        declared.value == ValueType::Date && words.into_iter().flatten().any(is_end)
    };
    let own = graph.date_of(entity);
    let dates = kind.properties.iter().filter(means_end).map(|property| graph.date(entity, *property));
    let day = dates.filter(|date| *date != own).find_map(cite::middle)?;
    let (earliest, _) = own.reach();
    (earliest == Date::OPEN_START || day > f64::from(earliest)).then_some(day)
}

/// Returns whether an entity has what its type fills dots for; true if its type fills for nothing.
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

/// Returns the owner of each entity, which determines its lane: the first, by id.
fn owners_of(entities: &[EntityId], graph: &Graph, looks: &PictureStyle) -> Vec<Option<EntityId>> {
    let first = |entity: &EntityId| owners_of_one(*entity, graph, looks).first().copied();
    entities.iter().take_while(in_budget).map(first).collect()
}

/// Returns all entities that the lane's verb leads to, in id order.
fn owners_of_one(entity: EntityId, graph: &Graph, looks: &PictureStyle) -> Vec<EntityId> {
    let plotted = cite::plot(graph, entity, |plot| &plot.lane);
    let word = graph.schema().lookup_word(looks.lane.as_deref().unwrap_or(plotted));
    word.map_or(Vec::new(), |word| cite::reached(graph, entity, word))
}

/// Names the owners that the lane does not name: in a shared lane all of them, otherwise those after the first.
fn tell_owners(node: &mut ChartNode, lane: Owner, owners: &[EntityId], graph: &Graph) {
    let names = |owners: &[EntityId]| owners.iter().map(|owner| graph.name(*owner)).collect::<Vec<_>>().join(", ");
    if let (Owner::Others, [first, ..]) = (lane, owners) {
        node.more = graph.name(*first).to_string();
    }
    if owners.len() > 1 {
        let others = match owners {
            [_, other] => format!("+ {}", graph.name(*other)),
            _ => format!("+ {} owners", owners.len() - 1),
        };
        node.more = if node.more.is_empty() { others } else { format!("{} {others}", node.more) };
        node.title += &format!(" · in the lanes of {}", names(owners));
    }
}

/// Returns the owners of one or two entities, if there are many owners.
fn shared_owners(owners: &[Option<EntityId>]) -> FxHashSet<EntityId> {
    let mut counts: FxHashMap<EntityId, usize> = FxHashMap::default();
    owners.iter().flatten().for_each(|owner| *counts.entry(*owner).or_default() += 1);
    if counts.len() <= MANY_OWNERS {
        return FxHashSet::default();
    }
    let few: FxHashSet<EntityId> = counts.iter().filter(|(_, count)| **count <= 2).map(|(owner, _)| *owner).collect();
    if few.len() > 1 { few } else { FxHashSet::default() }
}
