//! Provenance: minimal proofs, reasons for `why not`, and the facts that took part in matches.
//!
//! All of it is computed from an [`Execution`], along the trees of the plan's [`Provenance`]: `prove` finds a proof of
//! its goals, `minimal` removes idle facts from it, `subgraph` collects facts without proofs.

mod minimal;
mod prove;
pub(crate) mod subgraph;
mod walks;
mod why_not;

use crate::answer::{Answer, Cell, Explained, Head, Proof, Reason, Row, Subgraph, Table, View};
use crate::exec::bindings::{Bindings, Certainty};
use crate::exec::eval::Scope;
use crate::exec::{Context, Execution, Mode, NULL_SLOT};
use crate::graph::{CitedFact, EntityId};
use crate::limits::{self, Stop, in_budget};
use crate::plan::{self, Provenance, Scalar, VarId};
use crate::schema::TypeSet;
use crate::value::Value;
use minimal::{Case, World};
use prove::told_once;
use subgraph::{Walks, fact_cells};
use walks::Walk;

/// Returns the answer of a plan that shows facts or proofs.
///
/// # Errors
/// A limit or Ctrl-C stopped it.
pub fn answer(run: &Execution) -> Result<Answer, Stop> {
    match run.context.plan.view {
        plan::View::Proofs => proofs(run),
        plan::View::WhyNot => why_not::why_not(run),
        _ => subgraph::answer(run),
    }
}

/// Returns the facts that the bindings of a plan rest on.
///
/// # Errors
/// A limit or Ctrl-C stopped it.
pub fn facts(run: &Execution) -> Result<Subgraph, Stop> {
    subgraph::subgraph(run)
}

/// Returns the bindings of a run with the provenance of its plan; `None` if it has none.
fn proved<'a>(run: &'a Execution) -> Option<(&'a Bindings, &'a Provenance)> {
    run.bindings().zip(run.context.plan.provenance.as_deref())
}

/// Returns the answer of `why …`: a proof per row, and each fact that it may rest on with all its claims.
fn proofs(run: &Execution) -> Result<Answer, Stop> {
    let mut explained = Vec::new();
    let mut more_possible = 0;
    if let Some((found, provenance)) = proved(run) {
        explained = World::enter(run.context, &run.edges, Some(found), |world| {
            let mut explained = Vec::new();
            for (i, (_, sure)) in found.iter().enumerate() {
                if sure == Certainty::Possible {
                    more_possible += 1;
                    continue;
                }
                limits::spend(8)?;
                explained.push(explain(world, provenance, found.frame(i), (found, sure))?);
            }
            Ok(explained)
        })?;
    }
    let (_, mut facts) = subgraph::collected(run, Walks::All, |_, _| {})?;
    // A proof chooses values of what a row does not show.
    for explained in &explained {
        prove::cited_in(&explained.proof, &mut |cited| facts.push(cited));
    }
    let facts = subgraph::merged(facts);
    let table = table(run.context, &facts);
    Ok(Answer { view: View::Why(explained), table, more_possible, notes: run.notes() })
}

/// Returns the mode in which a row of that certainty is found.
fn mode(context: &Context, sure: Certainty) -> Mode {
    match sure {
        Certainty::Certain => Mode::CERTAIN,
        // Only conditions marked `possibly` may be uncertain, unless all may.
        _ if !context.plan.all_possible => Mode::SHOWN,
        _ => Mode::POSSIBLE,
    }
}

/// Returns a proof of a match as [`explained`] does; one without reasons if none was found.
fn explain(
    world: &World,
    provenance: &Provenance,
    frame: Vec<u32>,
    (found, sure): (&Bindings, Certainty),
) -> Result<Explained, Stop> {
    let Context { graph, plan, .. } = world.context;
    let title = provenance.title.fill(graph, &plan.slots, &frame);
    let proof = Proof { reason: Reason::All, because: Default::default() };
    let without = Explained { title, proof, certain: sure == Certainty::Certain };
    Ok(explained(world, provenance, frame, (found, sure))?.unwrap_or(without))
}

/// Returns a proof of a match, or of a match that differs only in open variables if that needs fewer facts; `None` if none
/// was found.
fn explained(
    world: &World,
    provenance: &Provenance,
    mut frame: Vec<u32>,
    (found, sure): (&Bindings, Certainty),
) -> Result<Option<Explained>, Stop> {
    let Context { graph, plan, .. } = world.context;
    let mode = mode(world.context, sure);
    let is_bound = |var: VarId| frame[var.0 as usize] != NULL_SLOT;
    let proof = match provenance.form(sure == Certainty::Certain, &is_bound) {
        Some(form) => {
            let walks = Walk::all(&form.goals, world.edges, found, &frame, mode);
            world.least_proof(&Case::new(form, mode, &walks), &mut frame)?.map(told_once)
        }
        None => None,
    };
    let mut title = provenance.title.fill(graph, &plan.slots, &frame);
    if title.is_empty() {
        // Nothing is said of the entities but their types.
        let entities = provenance.entities.iter().map(|var| frame[var.0 as usize]).filter(|slot| *slot != NULL_SLOT);
        title = entities.map(|entity| graph.name(EntityId(entity))).collect::<Vec<_>>().join(", ");
    }
    Ok(proof.map(|proof| Explained { title, proof, certain: sure == Certainty::Certain }))
}

/// Returns a table of subject, verb, object and citation: one row per fact and claim.
pub(crate) fn table(context: &Context, facts: &[CitedFact]) -> Table {
    let head = |title: &str| Head { title: title.to_string(), numeric: false, types: TypeSet::NONE };
    let columns = ["subject", "verb", "object"].into_iter().chain(CITATION).map(head).collect();
    Table { columns, rows: cited_facts(context, facts.iter().copied()).collect() }
}

/// Returns the rows of facts with their citations.
pub(crate) fn cited_facts(context: &Context, facts: impl Iterator<Item = CitedFact>) -> impl Iterator<Item = Row> {
    facts.take_while(in_budget).flat_map(|of| cited(context, of, fact_cells(context, of.fact)))
}

/// Columns of a citation.
pub(crate) const CITATION: [&str; 5] = ["source", "at", "trust", "quote", "note"];

/// Returns the cells with each citation of a fact; one row if there is none.
pub(crate) fn cited(context: &Context, of: CitedFact, cells: Vec<Cell>) -> Vec<Row> {
    let claims = context.graph.claims();
    let text = |text: &str| if text.is_empty() { Cell::Absent } else { Cell::Value(Value::text(text)) };
    let certain = !context.graph.is_doubtful(of.fact);
    let said = claims.cited(of).map(|claim| {
        let source = text(&claims.source(claim.source).key);
        [source, text(claim.at), text(claim.trust.name()), text(claim.quote), text(claim.note)]
    });
    let mut rows: Vec<Row> = said.map(|said| Row { cells: [&cells[..], &said].concat(), certain }).collect();
    if rows.is_empty() {
        rows.push(uncited(cells, certain));
    }
    rows
}

/// Returns the cells without a citation.
pub(crate) fn uncited(cells: Vec<Cell>, certain: bool) -> Row {
    let unsaid = std::iter::repeat_n(Cell::Absent, CITATION.len());
    Row { cells: cells.into_iter().chain(unsaid).collect(), certain }
}

/// Returns the proof of the most certain binding that gives this row; `None` if no binding does.
///
/// # Errors
/// A limit or Ctrl-C stopped it.
pub fn of_row(run: &Execution, row: &Row) -> Result<Option<Explained>, Stop> {
    let context = run.context;
    let Some((found, provenance)) = proved(run) else { return Ok(None) };
    let mut best: Option<(Certainty, Vec<u32>)> = None;
    for (i, (_, sure)) in found.iter().enumerate() {
        limits::spend(8)?;
        let frame = found.frame(i);
        let is_surer = best.as_ref().is_none_or(|best| best.0 < sure);
        if is_surer && gives(context, provenance, found, &frame, row) {
            best = Some((sure, frame));
        }
        if best.as_ref().is_some_and(|best| best.0 == Certainty::Certain) {
            break;
        }
    }
    let Some((sure, frame)) = best else { return Ok(None) };
    World::enter(context, &run.edges, Some(found), |world| {
        // A row can be surer than each binding that gives it: an optional part of which it shows nothing may match or not.
        if row.certain && sure != Certainty::Certain {
            let mut shown = frame.clone();
            provenance.open.iter().for_each(|var| shown[var.0 as usize] = NULL_SLOT);
            let certain = explained(world, provenance, shown, (found, Certainty::Certain))?;
            if certain.is_some() {
                return Ok(certain);
            }
        }
        explain(world, provenance, frame, (found, sure)).map(Some)
    })
}

/// Returns true if the columns without aggregates equal those of the row.
fn gives(context: &Context, provenance: &Provenance, found: &Bindings, frame: &[u32], row: &Row) -> bool {
    let scope = Scope { graph: context.graph, paths: &found.paths, frame, group: &|_| Cell::Absent };
    let is_plain =
        |scalar: &Scalar| scalar.as_slot().is_some() || matches!(scalar, Scalar::Property(..) | Scalar::Call(..));
    let columns = provenance.columns.iter().map(|column| &column.scalar);
    columns.zip(&row.cells).filter(|(scalar, _)| is_plain(scalar)).all(|(scalar, cell)| scope.cell(scalar) == *cell)
}
