//! Why something does not hold: the first condition that fails, and what there is instead.

use super::minimal::Case;
use super::part::Parts;
use super::prove::{leaf, unwrapped};
use super::subgraph::{sentence, words};
use crate::answer::{Answer, Cell, Head, Proof, Reason, Row, Table, View, WhyNot};
use crate::check::typed::{Expr, ExprKind, Formula, Link, VarId};
use crate::exec::limits::Stop;
use crate::exec::output::paths::entity_of;
use crate::exec::{ABSENT, Context, Execution, Mode};
use crate::graph::{Direction, EntityId, Facts};
use crate::plan::conjuncts;
use crate::schema::TypeSet;
use crate::value::Value;

/// `why not …`: the first condition that fails once those before it hold, and what there is instead.
pub(crate) fn why_not(run: &Execution) -> Result<Answer, Stop> {
    let (context, edges) = (run.context, &run.edges);
    let mut all = Vec::new();
    if let Some(select) = super::select_of(context) {
        conjuncts(&select.formula, &mut |formula| all.push(formula));
    }
    let mut held: Vec<Formula> = Vec::new();
    let mut frame = vec![ABSENT; context.plan.slots.len()];
    let mut fails = None;
    for formula in all {
        held.push(formula.clone());
        let whole = Formula::All(held.clone());
        let vars = bound_by(&whole);
        let parts = Parts::new(context, edges, &context.plan.slots);
        match parts.witnesses(&vars, &whole, &vec![ABSENT; context.plan.slots.len()], Mode::CERTAIN, 1)?.pop() {
            Some(found) => frame = found,
            None => {
                held.pop();
                fails = Some(formula);
                break;
            }
        }
    }
    let holds = match Case::new(context, edges, Mode::CERTAIN).proof(&Formula::All(held), &[], &mut frame, None)? {
        Some(proof) => unwrapped(proof),
        None => Vec::new(),
    };
    let words = words(context, &context.plan.slots, &frame);
    let nearest = fails.map_or(Vec::new(), |formula| nearest_misses(context, formula, &frame));
    let why_not = WhyNot { holds, fails: fails.map(|formula| words.formula(formula)), nearest };
    let table = why_not_table(context, &why_not);
    Ok(Answer { view: View::WhyNot(why_not), table, more_possible: 0, notes: context.plan.notes.clone() })
}

/// The variables that a formula's conjuncts bind.
fn bound_by(formula: &Formula) -> Vec<VarId> {
    let mut vars = Vec::new();
    formula.free(&mut |var| {
        if !vars.contains(&var) {
            vars.push(var)
        }
    });
    vars
}

/// Facts of the same verb about the subject, else about the object.
fn nearest_misses(context: &Context, formula: &Formula, frame: &[u32]) -> Vec<Proof> {
    let mut ends = Vec::new();
    let mut verbs = Vec::new();
    match formula {
        Formula::Fact(atom) => {
            ends.extend([entity_of(atom.subject, frame), entity_of(atom.object, frame)]);
            if let Link::Verb(verb) = atom.link {
                verbs.push(verb);
            }
        }
        Formula::Path(atom) => {
            ends.extend([entity_of(atom.subject, frame), entity_of(atom.object, frame)]);
            atom.path.links(&mut |link| verbs.extend(if let Link::Verb(verb) = link { Some(verb) } else { None }));
        }
        Formula::Test(expr) => return stated_values(context, expr, frame),
        Formula::Exists(_, inner) | Formula::Modal(_, inner) | Formula::Not(inner) => {
            return nearest_misses(context, inner, frame);
        }
        Formula::All(all) => return all.iter().flat_map(|inner| nearest_misses(context, inner, frame)).collect(),
        _ => {}
    }
    let about = |i: usize, inverse: bool| -> Vec<Proof> {
        let Some(entity) = ends.get(i).filter(|entity| **entity != ABSENT) else { return Vec::new() };
        let facts = verbs.iter().flat_map(|verb| {
            let relation = context.graph.relation(*verb);
            let others = relation.adjacency(Direction::inverse_if(inverse), Facts::All).of(EntityId(*entity)).iter();
            others.filter_map(move |other| {
                let (subject, object) = if inverse { (*other, *entity) } else { (*entity, *other) };
                relation.fact(EntityId(subject), EntityId(object))
            })
        });
        facts.map(|fact| leaf(Reason::Fact(fact))).take(8).collect()
    };
    let of_subject = about(0, false);
    if of_subject.is_empty() { about(1, true) } else { of_subject }
}

/// The stated values that a failing test looked at.
fn stated_values(context: &Context, expr: &Expr, frame: &[u32]) -> Vec<Proof> {
    let mut proofs = Vec::new();
    if let ExprKind::Compare(_, a, b) = &expr.kind {
        for side in [a, b] {
            let (entity, property) = match side.kind {
                ExprKind::Property(var, property) => (frame[var.0 as usize], property),
                ExprKind::PropertyOf(entity, property) => (entity.0, property),
                _ => continue,
            };
            let values = context.graph.values(property);
            proofs.extend(values.span(EntityId(entity)).map(|i| leaf(Reason::Fact(values.fact(i)))));
        }
    }
    proofs
}

fn why_not_table(context: &Context, why_not: &WhyNot) -> Table {
    let head = |title: &str| Head { title: title.to_string(), numeric: false, types: TypeSet::NONE };
    let row = |kind: &str, what: String| Row {
        cells: vec![Cell::Value(Value::text(kind)), Cell::Value(Value::text(&what))],
        certain: true,
    };
    let mut rows: Vec<Row> = Vec::new();
    let mut facts = |kind: &str, proofs: &[Proof]| {
        for proof in proofs {
            if let Reason::Fact(fact) = &proof.reason {
                rows.push(row(kind, sentence(context, *fact)));
            }
        }
    };
    facts("holds", &why_not.holds);
    let mut nearest = Vec::new();
    std::mem::swap(&mut rows, &mut nearest);
    let mut all = nearest;
    all.extend(why_not.fails.iter().map(|fails| row("fails", fails.clone())));
    let mut misses = Vec::new();
    for proof in &why_not.nearest {
        if let Reason::Fact(fact) = &proof.reason {
            misses.push(row("instead", sentence(context, *fact)));
        }
    }
    all.extend(misses);
    Table { columns: ["verdict", "sentence"].map(head).to_vec(), rows: all.into() }
}
