//! Why something holds: proofs of which no fact can be left out; and why it does not.
//!
//! `affirmed` puts a pattern into the form in which it is proved, `prove` finds a proof, `minimal` takes idle facts out of
//! it.

mod affirmed;
mod minimal;
mod prove;
mod walks;
mod why_not;

pub(super) use why_not::why_not;

use super::collect::{Collector, Walks, fact_cells, words};
use super::eval::Scope;
use super::limits::Stop;
use super::links::Links;
use super::matches::{Matches, Sureness, matches};
use super::part::Parts;
use super::rows::as_var;
use super::{Context, Mode, rows};
use crate::answer::{Answer, Cell, Explained, Head, Proof, Reason, Row, Table, View};
use crate::check::typed::{Expr, ExprKind, Select, VarId, VarKind};
use crate::graph::FactId;
use crate::limits::{self, in_budget};
use crate::schema::TypeSet;
use crate::value::Value;
use minimal::Case;

/// `why …`: a proof of each row, and each fact that it may rest on with each of its claims.
pub(super) fn answer(context: &Context, links: &Links, select: &Select) -> Result<Answer, Stop> {
    let found = matches(context, links, select, &select.free)?;
    let [certain, shown] =
        [Sureness::Certain, Sureness::Shown].map(|sure| Case::new(context, links, mode(context, sure)));
    let mut explained = Vec::new();
    let mut collector = Collector::new(context, links, Walks::All);
    let parts = Parts::new(context, links, &context.query.vars);
    for (tuple, sure) in found.iter().filter(|(_, sure)| *sure != Sureness::Possible) {
        limits::spend(8)?;
        let frame = found.frame(tuple);
        let (case, all) = match sure {
            Sureness::Certain => (&certain, Mode::CERTAIN),
            _ => (&shown, Mode::POSSIBLE),
        };
        collector.formula(&parts, &select.formula, &frame, all)?;
        explained.push(explain(case, select, &[], frame, &found, sure)?);
    }
    let more_possible = found.iter().filter(|(_, sure)| *sure == Sureness::Possible).count();
    let table = table(context, &collector.finish().facts);
    let notes = rows::notes(context, found.notes);
    Ok(Answer { view: View::Why(explained), table, more_possible, notes })
}

/// The mode in which a row is found that is as sure as that.
fn mode(context: &Context, sure: Sureness) -> Mode {
    match sure {
        Sureness::Certain => Mode::CERTAIN,
        // Only what is marked `possibly` may be less than certain, unless all may.
        _ if !context.possibly => Mode::SHOWN,
        _ => Mode::POSSIBLE,
    }
}

/// A proof of a match; of another that differs in open variables only, if that rests on less.
fn explain(
    case: &Case,
    select: &Select,
    open: &[VarId],
    mut frame: Vec<u32>,
    found: &Matches,
    sure: Sureness,
) -> Result<Explained, Stop> {
    let context = case.context;
    let proof = case.proof(&select.formula, open, &mut frame, Some(found))?;
    let proof = proof.unwrap_or(Proof { reason: Reason::All, because: Vec::new() });
    let title = words(context, &context.query.vars, &frame).formula(&select.formula);
    Ok(Explained { title, proof, certain: sure == Sureness::Certain })
}

/// Subject, verb, object and citation: a row for each fact and claim.
pub(super) fn table(context: &Context, facts: &[FactId]) -> Table {
    let head = |title: &str| Head { title: title.to_string(), numeric: false, types: TypeSet::NONE };
    let columns = ["subject", "verb", "object"].into_iter().chain(CITATION).map(head).collect();
    Table { columns, rows: cited_facts(context, facts).collect() }
}

/// The rows of facts with their citations.
pub(super) fn cited_facts(context: &Context, facts: &[FactId]) -> impl Iterator<Item = Row> {
    facts.iter().take_while(in_budget).flat_map(|fact| cited(context, *fact, fact_cells(context, *fact)))
}

/// The columns of a citation.
pub(super) const CITATION: [&str; 5] = ["source", "at", "trust", "quote", "note"];

/// The cells with each citation of a fact; without one, once.
pub(super) fn cited(context: &Context, fact: FactId, cells: Vec<Cell>) -> Vec<Row> {
    let claims = context.graph.claims();
    let text = |text: &str| if text.is_empty() { Cell::Absent } else { Cell::Value(Value::text(text)) };
    let certain = !context.graph.is_doubtful(fact);
    let said = claims.of(fact).map(|claim| {
        let source = text(&claims.source(claim.source).key);
        [source, text(claim.at), text(claim.trust.name()), text(claim.quote), text(claim.note)]
    });
    let mut rows: Vec<Row> = said.map(|said| Row { cells: [&cells[..], &said].concat(), certain }).collect();
    if rows.is_empty() {
        rows.push(uncited(cells, certain));
    }
    rows
}

/// The cells without a citation.
pub(super) fn uncited(cells: Vec<Cell>, certain: bool) -> Row {
    let unsaid = std::iter::repeat_n(Cell::Absent, CITATION.len());
    Row { cells: cells.into_iter().chain(unsaid).collect(), certain }
}

/// The proof of a match that gives this row, as sure as any; `None` where none does.
pub(super) fn of_row(context: &Context, links: &Links, select: &Select, row: &Row) -> Result<Option<Explained>, Stop> {
    let found = matches(context, links, select, &select.free)?;
    let mut best: Option<(Sureness, Vec<u32>)> = None;
    for (tuple, sure) in found.iter() {
        limits::spend(8)?;
        let frame = found.frame(tuple);
        let is_surer = best.as_ref().is_none_or(|best| best.0 < sure);
        if is_surer && gives(context, &found, select, &frame, row) {
            best = Some((sure, frame));
        }
        if best.as_ref().is_some_and(|best| best.0 == Sureness::Certain) {
            break;
        }
    }
    let Some((sure, frame)) = best else { return Ok(None) };
    let case = Case::new(context, links, mode(context, sure));
    explain(&case, select, &hidden(context, select), frame, &found, sure).map(Some)
}

/// The entities of a match that its row says nothing about.
fn hidden(context: &Context, select: &Select) -> Vec<VarId> {
    let mut shown = Vec::new();
    select.columns.iter().for_each(|column| column.expr.vars(&mut |var| shown.push(var)));
    let is_plain = select.group.is_none() && select.nearest.is_none();
    let is_hidden = |var: &VarId| {
        let is_entity = matches!(context.query.vars[var.0 as usize].kind, VarKind::Entity(_));
        is_plain && is_entity && !shown.contains(var)
    };
    select.free.iter().copied().filter(is_hidden).collect()
}

/// Whether the columns that hold no aggregate are the row's.
fn gives(context: &Context, found: &Matches, select: &Select, frame: &[u32], row: &Row) -> bool {
    let scope = Scope {
        graph: context.graph,
        plan: &found.plan,
        vars: &context.query.vars,
        paths: &found.paths,
        frame,
        folded: &|_| None,
    };
    let plain =
        |expr: &Expr| as_var(expr).is_some() || matches!(expr.kind, ExprKind::Property(..) | ExprKind::Call(..));
    let mut columns = select.columns.iter().zip(&row.cells).filter(|(column, _)| plain(&column.expr));
    columns.all(|(column, cell)| scope.cell(&column.expr) == *cell)
}
