//! `diff A and B`: changes from A to B, over all verbs and properties of their types. What only B has is added, what
//! only A has is removed.

use super::{entity_head, head, part, row, text, types_of, view};
use crate::answer::{Answer, Cell, Diff, Difference, Row, Side, Subgraph, Table, View};
use crate::exec::bindings::Certainty;
use crate::exec::output::paths::entity_of;
use crate::exec::output::sort::compare_cells;
use crate::exec::{Context, Execution, NULL_SLOT};
use crate::graph::{Direction, EntityId, FactId, Facts, Graph};
use crate::plan::{Over, Term};
use crate::schema::{PropertyId, VerbId};
use crate::value::{Value, ValueType};

/// Verbs and properties to compare.
pub(super) struct Looked<'a> {
    /// Verbs that join the two entities, and are no difference.
    pub except: &'a [VerbId],
    /// Restriction by `over`; `None` for everything.
    pub over: Option<&'a Over>,
}

impl<'a> Looked<'a> {
    pub fn at(over: &'a Option<Over>) -> Looked<'a> {
        Looked { except: &[], over: over.as_ref() }
    }

    fn at_verb(&self, verb: VerbId) -> bool {
        self.over.map_or(!self.except.contains(&verb), |over| over.verbs.contains(&verb))
    }

    fn at_property(&self, property: PropertyId) -> bool {
        self.over.is_none_or(|over| over.properties.contains(&property))
    }
}

/// Returns the answer for two named entities.
pub(super) fn answer(run: &Execution, left: EntityId, right: EntityId, looked: &Looked) -> Answer {
    let context = run.context;
    let diffs = vec![compare(context.graph, left, right, looked)];
    let table = table(context.graph, &[(&diffs[0], true)]);
    view(run, View::Diff(diffs), table)
}

pub(crate) fn subgraph(context: &Context, left: EntityId, right: EntityId, looked: &Looked) -> Subgraph {
    graph_of(context.graph, &[compare(context.graph, left, right, looked)])
}

/// Returns the answer for subject and object of each binding of a sentence.
pub(super) fn rows(run: &Execution, ends: (Term, Term), looked: &Looked) -> Answer {
    let pairs = BindingDiffs::of(run, ends, looked);
    let diffs: Vec<(&Diff, bool)> = pairs.diffs.iter().zip(pairs.certain).collect();
    let table = table(run.context.graph, &diffs);
    Answer { view: View::Diff(pairs.diffs), table, more_possible: pairs.more_possible, notes: run.notes() }
}

/// Returns the facts of all entries of these differences.
pub(super) fn rows_subgraph(run: &Execution, ends: (Term, Term), looked: &Looked) -> Subgraph {
    graph_of(run.context.graph, &BindingDiffs::of(run, ends, looked).diffs)
}

fn graph_of(graph: &Graph, diffs: &[Diff]) -> Subgraph {
    let facts = diffs.iter().flat_map(|diff| &diff.entries).flat_map(|entry| entry.facts.iter().copied());
    part(graph, facts, diffs.iter().flat_map(|diff| [diff.left, diff.right]))
}

/// Compared bindings of a sentence.
#[derive(Default)]
struct BindingDiffs {
    diffs: Vec<Diff>,
    /// Per diff: whether the binding is certain.
    certain: Vec<bool>,
    more_possible: usize,
}

impl BindingDiffs {
    fn of(run: &Execution, (left, right): (Term, Term), looked: &Looked) -> BindingDiffs {
        let mut pairs = BindingDiffs::default();
        let Some(found) = run.bindings() else { return pairs };
        for (i, (_, sure)) in found.iter().enumerate().take_while(crate::limits::in_budget) {
            let frame = found.frame(i);
            let ends = [left, right].map(|term| entity_of(term, &frame));
            match sure {
                _ if ends.contains(&NULL_SLOT) => {}
                Certainty::Possible => pairs.more_possible += 1,
                _ => {
                    let [left, right] = ends.map(EntityId);
                    pairs.diffs.push(compare(run.context.graph, left, right, looked));
                    pairs.certain.push(sure == Certainty::Certain);
                }
            }
        }
        pairs
    }
}

/// Something that an entity has.
struct Trait {
    verb: String,
    cell: Cell,
    facts: Vec<FactId>,
}

/// Returns the entries of the left side, then of the right side, then of both; each in the order of the schema.
fn compare(graph: &Graph, left: EntityId, right: EntityId, looked: &Looked) -> Diff {
    let mut entries = Vec::new();
    let schema = graph.schema();
    for (id, _) in schema.verbs().filter(|(id, _)| looked.at_verb(*id)) {
        merge(links(graph, id, left), links(graph, id, right), &mut entries);
    }
    for (id, _) in schema.properties().filter(|(id, _)| looked.at_property(*id)) {
        merge(values(graph, id, left), values(graph, id, right), &mut entries);
    }
    // A stable sort keeps the order of the schema within each side.
    entries.sort_by_key(|entry| entry.side);
    Diff { left, right, entries }
}

fn merge(left: Vec<Trait>, mut right: Vec<Trait>, entries: &mut Vec<Difference>) {
    let same = |a: &Cell, b: &Cell| a == b || (compare_cells(a, b).is_eq() && matches!(a, Cell::Value(_)));
    let entry = |side: Side, own: Trait, also: Vec<FactId>| {
        let facts = own.facts.into_iter().chain(also).collect();
        Difference { side, verb: own.verb, cell: own.cell, facts }
    };
    for own in left {
        if crate::limits::is_over_after(right.len()) {
            return;
        }
        // Each trait of the right side is matched at most once.
        let other = right.iter().position(|other| same(&own.cell, &other.cell)).map(|i| right.remove(i));
        entries.push(match other {
            Some(other) => entry(Side::Both, own, other.facts),
            None => entry(Side::Left, own, Vec::new()),
        });
    }
    entries.extend(right.into_iter().map(|other| entry(Side::Right, other, Vec::new())));
}

fn links(graph: &Graph, verb: VerbId, entity: EntityId) -> Vec<Trait> {
    let relation = graph.relation(verb);
    let of = |object: &u32| {
        let object = EntityId(*object);
        let facts = relation.fact(entity, object).into_iter().collect();
        Trait { verb: graph.schema().verb(verb).name.clone(), cell: Cell::Entity(object), facts }
    };
    relation.adjacency(Direction::Forward, Facts::All).of(entity).iter().map(of).collect()
}

/// Returns the settled value of a date, and each value of other properties. Doubtful values count only if the property
/// may have several values or there are no others.
fn values(graph: &Graph, property: PropertyId, entity: EntityId) -> Vec<Trait> {
    let info = graph.schema().property(property);
    let verb = info.verb.clone().unwrap_or_else(|| info.name.clone());
    let values = graph.values(property);
    let (doubtful, sure): (Vec<usize>, Vec<usize>) =
        values.span(entity).partition(|i| graph.is_doubtful(values.fact(*i)));
    let settled = graph.value(entity, property);
    let is_known = !matches!(&settled, Value::Unknown) && !matches!(&settled, Value::Date(date) if date.is_undated());
    if info.single && info.value == ValueType::Date && is_known {
        let facts = sure.iter().map(|i| values.fact(*i)).collect();
        return vec![Trait { verb, cell: Cell::Value(settled), facts }];
    }
    let each = |i: &usize| Trait {
        verb: verb.clone(),
        cell: Cell::Value(values.stated.get(*i)),
        facts: vec![values.fact(*i)],
    };
    let stated = if info.single && !sure.is_empty() { sure } else { sure.into_iter().chain(doubtful).collect() };
    stated.iter().map(each).collect()
}

/// Returns one row per difference, worded as a change from the left to the right entity.
fn table(graph: &Graph, diffs: &[(&Diff, bool)]) -> Table {
    let left = types_of(graph, diffs.iter().map(|(diff, _)| diff.left));
    let right = types_of(graph, diffs.iter().map(|(diff, _)| diff.right));
    let columns =
        vec![entity_head("left", left), entity_head("right", right), head("change"), head("verb"), head("value")];
    let rows =
        diffs.iter().flat_map(|(diff, certain)| diff.entries.iter().map(|e| entry_row(graph, diff, e, *certain)));
    Table { columns, rows: rows.take_while(crate::limits::in_budget).collect() }
}

fn entry_row(graph: &Graph, diff: &Diff, entry: &Difference, certain: bool) -> Row {
    let change = match entry.side {
        Side::Left => "removed",
        Side::Right => "added",
        Side::Both => "kept",
    };
    let ends = [Cell::Entity(diff.left), Cell::Entity(diff.right)];
    let cells = ends.into_iter().chain([text(change), text(&entry.verb), entry.cell.clone()]).collect();
    row(cells, certain && !entry.facts.iter().any(|fact| graph.is_doubtful(*fact)))
}
