//! Compares two graphs: what was lost, gained and changed.
//!
//! Entities are matched by type and name, otherwise by name if only one has it, otherwise through an alias: the old
//! name is an alias now, or an old alias is the name now. Facts are compared in terms of matched entities. Read
//! [`changes`].

mod facts;

use crate::graph::{EntityId, Graph, Source};
use crate::limits::in_budget;
use crate::schema::{Schema, TypeId};
use std::collections::{BTreeMap, BTreeSet};

/// The kind of difference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum How {
    Lost,
    Gained,
    Changed,
}

/// The subject of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    Schema,
    Definition,
    Source,
    Entity,
    Fact,
    /// The resulting date of an entity without a changed fact about it.
    Date,
    /// The claims of a fact.
    Citation,
    /// A row of a query's answer.
    Answer,
}

/// One difference. `what` is a name or a sentence; `was` and `now` are empty if that graph has nothing there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    pub how: How,
    pub kind: Kind,
    pub what: String,
    pub was: String,
    pub now: String,
}

impl How {
    pub fn name(self) -> &'static str {
        ["lost", "gained", "changed"][self as usize]
    }

    fn mark(self) -> char {
        ['-', '+', '~'][self as usize]
    }
}

impl Kind {
    pub fn name(self) -> &'static str {
        ["schema", "definition", "source", "entity", "fact", "date", "citation", "answer"][self as usize]
    }
}

impl Change {
    pub fn new(
        how: How,
        kind: Kind,
        what: impl Into<String>,
        was: impl Into<String>,
        now: impl Into<String>,
    ) -> Change {
        Change { how, kind, what: what.into(), was: was.into(), now: now.into() }
    }

    /// Returns the change on one line: `+ DeepSeek V3 uses GQA [goose L24]`, `~ GPT-2 dated: 2019 → 2019-02`.
    pub fn words(&self) -> String {
        let Change { how, kind, what, was, now } = self;
        let mark = how.mark();
        let one = if *how == How::Lost { was } else { now };
        match (how, kind) {
            (How::Changed, _) => format!("{mark} {what}: {} → {}", or_nothing(was), or_nothing(now)),
            (_, Kind::Fact) if !one.is_empty() => format!("{mark} {what} [{one}]"),
            (_, _) if one.is_empty() => format!("{mark} {what}"),
            _ => format!("{mark} {what}: {one}"),
        }
    }
}

fn or_nothing(words: &str) -> &str {
    if words.is_empty() { "nothing" } else { words }
}

/// Returns all changes from an old graph to a new one, sorted by kind and name.
pub fn changes(old: &Graph, new: &Graph) -> Vec<Change> {
    let matched = Matched::of(old, new);
    let mut all = schema_changes(old.schema(), new.schema());
    all.extend(named_changes(Kind::Definition, defined(old), defined(new)));
    all.extend(named_changes(Kind::Source, sources(old), sources(new)));
    all.extend(entity_changes(old, new, &matched));
    all.extend(facts::changes(old, new, &matched));
    all.sort_by(|a, b| (a.kind, &a.what, a.how).cmp(&(b.kind, &b.what, b.how)));
    all
}

/// The match of each old entity in the new graph.
pub(crate) struct Matched {
    /// By old entity; `None` if it has no match.
    pub to_new: Vec<Option<EntityId>>,
}

impl Matched {
    fn of(old: &Graph, new: &Graph) -> Matched {
        let type_name = |graph: &Graph, id: EntityId| graph.schema().type_(graph.type_of(id)).name.clone();
        let one = |entity: EntityId| {
            let name = old.name(entity);
            let found = new.names().lookup(name);
            let exact = |id: &&EntityId| new.name(**id) == name;
            let same_type = |id: &&EntityId| type_name(new, **id) == type_name(old, entity);
            let is_alias = |id: &&EntityId| new.names().aliases(**id).any(|alias| alias == name);
            let named: Vec<&EntityId> = found.iter().filter(exact).collect();
            let typed = named.iter().find(|id| same_type(id)).or(named.first().filter(|_| named.len() == 1));
            let kept = || found.iter().filter(same_type).find(is_alias).copied();
            // A renaming that was undone: the new name was an alias before.
            let was_alias = || {
                let own = old.names().aliases(entity).filter(|alias| !is_name(old, alias));
                own.flat_map(|alias| new.names().lookup(alias).into_iter().find(|id| new.name(*id) == alias))
                    .find(|id| same_type(&id))
            };
            typed.copied().copied().or_else(kept).or_else(was_alias)
        };
        Matched { to_new: old.entities().take_while(in_budget).map(one).collect() }
    }

    pub fn get(&self, old: EntityId) -> Option<EntityId> {
        self.to_new.get(old.0 as usize).copied().flatten()
    }
}

/// Returns whether an entity has exactly this name.
fn is_name(graph: &Graph, name: &str) -> bool {
    graph.names().lookup(name).iter().any(|id| graph.name(*id) == name)
}

fn entity_changes(old: &Graph, new: &Graph, matched: &Matched) -> Vec<Change> {
    let mut all = Vec::new();
    for entity in old.entities().take_while(in_budget) {
        match matched.get(entity) {
            None => all.push(Change::new(How::Lost, Kind::Entity, label(old, entity), "", "")),
            Some(other) => {
                let (was, now) = (described(old, entity), described(new, other));
                if was != now {
                    all.push(Change::new(How::Changed, Kind::Entity, label(old, entity), was, now));
                }
            }
        }
    }
    let known: BTreeSet<EntityId> = matched.to_new.iter().flatten().copied().collect();
    let gained = new.entities().take_while(in_budget).filter(|id| !known.contains(id));
    all.extend(gained.map(|id| Change::new(How::Gained, Kind::Entity, label(new, id), "", "")));
    all
}

/// Returns type and name: `Model DeepSeek V3`.
fn label(graph: &Graph, entity: EntityId) -> String {
    format!("{} {}", graph.schema().type_(graph.type_of(entity)).name, graph.name(entity))
}

fn described(graph: &Graph, entity: EntityId) -> String {
    let mut aliases: Vec<&str> = graph.names().aliases(entity).collect();
    aliases.sort_unstable();
    match aliases.is_empty() {
        true => label(graph, entity),
        false => format!("{} (also {})", label(graph, entity), aliases.join(", ")),
    }
}

/// Named texts of a graph, by name.
type Texts = BTreeMap<String, String>;

fn named_changes(kind: Kind, old: Texts, new: Texts) -> Vec<Change> {
    let mut all = Vec::new();
    for (name, was) in &old {
        match new.get(name) {
            None => all.push(Change::new(How::Lost, kind, name, was, "")),
            Some(now) if now != was => all.push(Change::new(How::Changed, kind, name, was, now)),
            Some(_) => {}
        }
    }
    let gained = new.iter().filter(|(name, _)| !old.contains_key(*name));
    all.extend(gained.map(|(name, now)| Change::new(How::Gained, kind, name, "", now)));
    all
}

fn defined(graph: &Graph) -> Texts {
    graph.defines().iter().map(|text| (one_line(text), String::new())).collect()
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn sources(graph: &Graph) -> Texts {
    let words = |source: &Source| {
        let fields = [&source.title, &source.by, &source.url, &source.date, &source.text];
        fields.into_iter().filter(|field| !field.is_empty()).map(String::as_str).collect::<Vec<_>>().join(", ")
    };
    graph.claims().sources.iter().map(|source| (source.key.clone(), words(source))).collect()
}

fn schema_changes(old: &Schema, new: &Schema) -> Vec<Change> {
    named_changes(Kind::Schema, schema_words(old), schema_words(new))
}

/// Returns types, verbs and properties, each with its whole declaration as text.
fn schema_words(schema: &Schema) -> Texts {
    let mut words = Texts::new();
    let name = |id: &TypeId| schema.type_(*id).name.clone();
    for (_, it) in schema.types() {
        let parent = it.parent.as_ref().map_or(String::new(), |id| format!("extends {}", name(id)));
        let plot = format!("{} {} {}", it.plot.shape, it.plot.lane, it.plot.filled);
        words.insert(format!("type {}", it.name), joined(&[&parent, &it.doc, &plot]));
    }
    for (_, it) in schema.verbs() {
        let ends = format!("{} → {}", schema.type_names(it.from), schema.type_names(it.to));
        let inverse = it.inverse.as_ref().map_or(String::new(), |inverse| format!("inverse {inverse}"));
        let flags = [
            (it.lineage, "lineage"),
            (it.adoption, "adoption"),
            (it.chronological, "chronological"),
            (it.acyclic, "acyclic"),
        ];
        let flags: Vec<&str> = flags.iter().filter(|(is_set, _)| *is_set).map(|(_, flag)| *flag).collect();
        words.insert(format!("verb {}", it.name), joined(&[&ends, &inverse, &flags.join(", "), &it.doc]));
    }
    for (_, it) in schema.properties() {
        let kind = format!("{:?}", it.value);
        let single = if it.single { "single" } else { "" };
        let verb = it.verb.as_ref().map_or(String::new(), |verb| format!("verb {verb}"));
        let unit = it.unit.as_ref().map_or(String::new(), |unit| format!("in {unit}"));
        let of = format!("of {}", schema.type_names(it.of));
        words.insert(format!("property {}", it.name), joined(&[&kind, single, &verb, &unit, &of, &it.doc]));
    }
    words
}

fn joined(parts: &[&str]) -> String {
    parts.iter().map(|part| part.trim()).filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ")
}
