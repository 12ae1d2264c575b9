//! `claims`, `gaps`, `duplicates`, `sources`: reports on the claims of the graph, and on what is missing.

use super::{duplicates, entity_head, head, number, number_head, part, row, text, types_of, view};
use crate::answer::{Answer, Cell, Head, Row, Subgraph, Table, View};
use crate::exec::{Context, Execution};
use crate::graph::{Claim, EntityId, Fact, FactId, Graph, SourceId, Trust};
use crate::limits::in_budget;
use crate::plan::{Report, ReportKind, ReportScope};
use crate::provenance::subgraph::sentence;
use crate::value::Value;
use std::collections::BTreeSet;

pub(super) fn answer(run: &Execution, report: &Report) -> Answer {
    let context = run.context;
    let table = match report.kind {
        ReportKind::Claims => claims(context, report),
        ReportKind::Gaps => gaps(context, report.of),
        ReportKind::Duplicates => duplicates::table(context, report.of),
        ReportKind::Sources => sources(context.graph),
    };
    view(run, View::Rows, table)
}

pub(crate) fn subgraph(context: &Context, report: &Report) -> Subgraph {
    let graph = context.graph;
    let facts = graph.facts().take_while(in_budget).filter(|fact| match report.kind {
        ReportKind::Claims => is_about(graph, *fact, report.of) && said(graph, *fact, report).next().is_some(),
        ReportKind::Gaps => is_about(graph, *fact, report.of) && gap(graph, *fact).is_some(),
        ReportKind::Duplicates | ReportKind::Sources => false,
    });
    part(graph, facts, None)
}

/// Returns true if an entity is within the scope of a report.
pub(super) fn is_among(graph: &Graph, entity: EntityId, of: ReportScope) -> bool {
    match of {
        ReportScope::All => !graph.is_absent(entity),
        ReportScope::Types(types) => graph.is_of(entity, types),
        ReportScope::Entity(one) => entity == one,
    }
}

/// Returns true if a fact is about the scope: an entity at either end, or an entity of the types as subject.
fn is_about(graph: &Graph, fact: FactId, of: ReportScope) -> bool {
    match (graph.fact(fact), of) {
        (Fact::Link { subject, object, .. }, ReportScope::Entity(one)) => subject == one || object == one,
        (Fact::Link { subject, .. } | Fact::Value { subject, .. }, _) => is_among(graph, subject, of),
    }
}

fn subject(graph: &Graph, fact: FactId) -> EntityId {
    match graph.fact(fact) {
        Fact::Link { subject, .. } | Fact::Value { subject, .. } => subject,
    }
}

/// Returns the claims of a fact that the report asks for.
fn said<'g>(graph: &'g Graph, fact: FactId, report: &'g Report) -> impl Iterator<Item = Claim<'g>> {
    let is_wanted =
        |claim: &Claim| report.by.is_none_or(|source| claim.source == source) && report.trust.contains(&claim.trust);
    graph.claims().of(fact).filter(is_wanted)
}

/// Returns one row per fact and claim.
fn claims(context: &Context, report: &Report) -> Table {
    let graph = context.graph;
    let mut rows: Vec<Row> = Vec::new();
    let mut subjects = BTreeSet::new();
    let facts = graph.facts().take_while(in_budget).filter(|fact| is_about(graph, *fact, report.of));
    for fact in facts {
        let mut statement = None;
        for claim in said(graph, fact, report) {
            let statement = statement.get_or_insert_with(|| sentence(context, fact));
            let entity = subject(graph, fact);
            subjects.insert(entity);
            let date = claim.date.map_or(Cell::Absent, |date| Cell::Value(Value::Date(date)));
            let source = &graph.claims().source(claim.source).key;
            let words = [source, claim.at, claim.trust.name(), claim.quote, claim.note].map(text);
            let cells = [Cell::Entity(entity), text(statement)].into_iter().chain(words).chain([date]).collect();
            // A rumour is no doubtful row if another claim supports the fact.
            rows.push(row(cells, claim.trust != Trust::Doubtful || !graph.is_doubtful(fact)));
        }
    }
    let rest = ["statement", "source", "at", "trust", "quote", "note", "from"].map(head);
    let columns = [entity_head("entity", types_of(graph, subjects))].into_iter().chain(rest).collect();
    Table { columns, rows: rows.into() }
}

/// Weakness in the evidence for a fact or entity, worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Gap {
    NoFact,
    NoDate,
    NoSource,
    OnlyDoubtful,
    OnlyInferred,
    OneSource,
}

impl Gap {
    fn name(self) -> &'static str {
        ["no fact", "no date", "no source", "only doubtful", "only inferred", "one source only"][self as usize]
    }
}

/// Returns the weakness of a fact; `None` if there is none. `one source only` requires that there are several sources.
fn gap(graph: &Graph, fact: FactId) -> Option<Gap> {
    let claims = || graph.claims().of(fact);
    let first: SourceId = match claims().next() {
        None => return Some(Gap::NoSource),
        Some(claim) => claim.source,
    };
    let best = claims().map(|claim| claim.trust).min().unwrap_or_default();
    match best {
        Trust::Doubtful => Some(Gap::OnlyDoubtful),
        Trust::Inferred => Some(Gap::OnlyInferred),
        _ if graph.claims().sources.len() > 1 && claims().all(|claim| claim.source == first) => Some(Gap::OneSource),
        _ => None,
    }
}

fn gaps(context: &Context, of: ReportScope) -> Table {
    let graph = context.graph;
    let mut found: Vec<(Gap, EntityId, Option<FactId>)> = Vec::new();
    let mut told = vec![false; graph.entity_count()];
    for fact in graph.facts().take_while(in_budget) {
        match graph.fact(fact) {
            Fact::Link { subject, object, .. } => {
                [subject, object].iter().for_each(|end| told[end.0 as usize] = true);
            }
            Fact::Value { subject, .. } => told[subject.0 as usize] = true,
        }
        if is_about(graph, fact, of) {
            found.extend(gap(graph, fact).map(|gap| (gap, subject(graph, fact), Some(fact))));
        }
    }
    for entity in graph.entities().take_while(in_budget).filter(|entity| is_among(graph, *entity, of)) {
        if !told[entity.0 as usize] {
            found.push((Gap::NoFact, entity, None));
        } else if graph.dating(graph.type_of(entity)).is_some_and(|date| graph.values(date).span(entity).is_empty()) {
            found.push((Gap::NoDate, entity, None));
        }
    }
    found.sort();
    let entity = entity_head("entity", types_of(graph, found.iter().map(|(_, entity, _)| *entity)));
    let cells = |(gap, entity, fact): &(Gap, EntityId, Option<FactId>)| {
        let statement = fact.map_or(Cell::Absent, |fact| text(&sentence(context, fact)));
        let source = fact.map_or(Cell::Absent, |fact| text(&keys(graph, fact)));
        row(vec![Cell::Entity(*entity), text(gap.name()), statement, source], true)
    };
    let rows: Vec<Row> = found.iter().take_while(in_budget).map(cells).collect();
    let columns = [entity].into_iter().chain(["gap", "statement", "sources"].map(head)).collect();
    Table { columns, rows: rows.into() }
}

/// Returns the keys of the sources that state a fact, each once.
fn keys(graph: &Graph, fact: FactId) -> String {
    let keys: BTreeSet<&str> =
        graph.claims().of(fact).map(|claim| graph.claims().source(claim.source).key.as_str()).collect();
    keys.into_iter().collect::<Vec<_>>().join(", ")
}

/// Returns one row per source, with the numbers of its claims and facts.
fn sources(graph: &Graph) -> Table {
    let claims = graph.claims();
    let mut counts = vec![(BTreeSet::new(), 0_usize); claims.sources.len()];
    for fact in graph.facts().take_while(in_budget) {
        let mut own = BTreeSet::new();
        for claim in claims.numbers(fact) {
            let source = claims.get(*claim).source.0 as usize;
            counts[source].0.insert(*claim);
            own.insert(source);
        }
        own.into_iter().for_each(|source| counts[source].1 += 1);
    }
    let one = |(source, (own, facts)): (&crate::graph::Source, &(BTreeSet<u32>, usize))| {
        let words = [&source.key, &source.title, &source.by, &source.url, &source.date, &source.text];
        let counted = [number(own.len()), number(*facts)];
        row(words.map(|word| text(word)).into_iter().chain(counted).collect(), true)
    };
    let rows: Vec<Row> = claims.sources.iter().zip(&counts).map(one).collect();
    let texts = ["source", "title", "by", "url", "date", "text"].map(head).into_iter();
    let columns: Vec<Head> = texts.chain(["claims", "facts"].map(number_head)).collect();
    Table { columns, rows: rows.into() }
}
