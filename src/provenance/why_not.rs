//! `why not`: the first condition that fails, and what exists instead.

use super::minimal::{Case, World};
use super::prove::{leaf, told_once, unwrapped};
use super::subgraph::sentence;
use crate::answer::{Answer, Cell, Head, Proof, Reason, Row, Table, View, WhyNot};
use crate::exec::limits::Stop;
use crate::exec::output::paths::entity_of;
use crate::exec::{Context, Execution, Mode, NULL_SLOT};
use crate::graph::{Direction, EntityId, Facts};
use crate::plan::{Nearest, Provenance};
use crate::schema::{TypeSet, VerbId};
use crate::value::Value;

/// Returns the answer of `why not …`: the first condition that fails although those before it hold, and what exists
/// instead.
pub(crate) fn why_not(run: &Execution) -> Result<Answer, Stop> {
    let context = run.context;
    let why_not = match context.plan.provenance.as_deref() {
        Some(provenance) => World::enter(context, &run.edges, None, |world| sought(world, provenance))?,
        None => WhyNot { holds: Vec::new(), fails: None, nearest: Vec::new() },
    };
    let table = why_not_table(context, &why_not);
    Ok(Answer { view: View::WhyNot(why_not), table, more_possible: 0, notes: context.plan.notes.clone() })
}

fn sought(world: &World, provenance: &Provenance) -> Result<WhyNot, Stop> {
    let context = world.context;
    let (mut frame, mut held, mut fails) = (vec![NULL_SLOT; context.plan.slots.len()], 0, None);
    for stage in &provenance.stages {
        match world.parts.witnesses(stage.found, &frame, Mode::CERTAIN, 1)?.pop() {
            Some(found) => (frame, held) = (found, held + 1),
            None => {
                fails = Some(stage);
                break;
            }
        }
    }
    let mut holds = Vec::new();
    if let Some(form) = provenance.forms.first() {
        let (goals, tests) = (&form.goals[..held], &form.holds[..held]);
        let case = Case { goals, holds: tests, ..Case::new(form, Mode::CERTAIN, &[]) };
        holds = world.least_proof(&case, &mut frame)?.map_or(Vec::new(), |proof| unwrapped(told_once(proof)));
    }
    let nearest = fails.map_or(&[][..], |stage| &stage.nearest).iter();
    Ok(WhyNot {
        holds,
        fails: fails.map(|stage| stage.words.fill(context.graph, &context.plan.slots, &frame)),
        nearest: nearest.flat_map(|nearest| nearest_facts(context, nearest, &frame)).collect(),
    })
}

fn nearest_facts(context: &Context, nearest: &Nearest, frame: &[u32]) -> Vec<Proof> {
    match nearest {
        Nearest::Facts { subject, object, verbs } => {
            let (subject, object) = (entity_of(*subject, frame), entity_of(*object, frame));
            // A fact that is there after all: another source claims it, or it is doubtful.
            let itself = verbs.iter().filter(|_| subject != NULL_SLOT && object != NULL_SLOT);
            let itself =
                itself.filter_map(|verb| context.graph.relation(*verb).fact(EntityId(subject), EntityId(object)));
            let itself: Vec<Proof> = itself.map(|fact| leaf(Reason::Fact(fact.into()))).collect();
            if !itself.is_empty() {
                return itself;
            }
            let of_subject = facts_about(context, subject, verbs, false);
            match of_subject.is_empty() {
                true => facts_about(context, object, verbs, true),
                false => of_subject,
            }
        }
        Nearest::Stated(term, property) => {
            let values = context.graph.values(*property);
            values.span(EntityId(entity_of(*term, frame))).map(|i| leaf(Reason::Fact(values.fact(i).into()))).collect()
        }
    }
}

/// Returns the first eight facts of these verbs about an entity, as their object if `inverse`.
fn facts_about(context: &Context, entity: u32, verbs: &[VerbId], inverse: bool) -> Vec<Proof> {
    if entity == NULL_SLOT {
        return Vec::new();
    }
    let facts = verbs.iter().flat_map(|verb| {
        let relation = context.graph.relation(*verb);
        let others = relation.adjacency(Direction::inverse_if(inverse), Facts::All).of(EntityId(entity)).iter();
        others.filter_map(move |other| {
            let (subject, object) = if inverse { (*other, entity) } else { (entity, *other) };
            relation.fact(EntityId(subject), EntityId(object))
        })
    });
    facts.map(|fact| leaf(Reason::Fact(fact.into()))).take(8).collect()
}

fn why_not_table(context: &Context, why_not: &WhyNot) -> Table {
    let facts = |proofs: &[Proof]| {
        let fact = |proof: &Proof| if let Reason::Fact(cited) = proof.reason { Some(cited.fact) } else { None };
        proofs.iter().filter_map(fact).map(|fact| sentence(context, fact)).collect()
    };
    let fails: Vec<String> = why_not.fails.iter().cloned().collect();
    let said = [("holds", facts(&why_not.holds)), ("fails", fails), ("instead", facts(&why_not.nearest))];
    let row = |kind: &str, what: &String| Row {
        cells: vec![Cell::Value(Value::text(kind)), Cell::Value(Value::text(what))],
        certain: true,
    };
    let rows: Vec<Row> = said.iter().flat_map(|(kind, all)| all.iter().map(|what| row(kind, what))).collect();
    let head = |title: &str| Head { title: title.to_string(), numeric: false, types: TypeSet::NONE };
    Table { columns: ["verdict", "sentence"].map(head).to_vec(), rows: rows.into() }
}
