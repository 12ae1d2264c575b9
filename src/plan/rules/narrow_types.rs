//! Rule: scans are narrowed to the types that facts and type tests allow.

use super::{Context, ends, filters};
use crate::plan::{Block, Condition, FactAtom, Step, Term, VarId};
use crate::schema::TypeSet;

pub(super) fn narrow_types(block: &mut Block, context: &mut Context) {
    let facts: Vec<FactAtom> = filters(block)
        .filter_map(|condition| match condition {
            Condition::Fact(atom) => Some(atom.clone()),
            _ => None,
        })
        .collect();
    let typed: Vec<(Term, TypeSet)> = filters(block)
        .filter_map(|condition| match condition {
            Condition::Type(term, types) => Some((*term, *types)),
            _ => None,
        })
        .collect();
    for step in &mut block.steps {
        let Step::Scan { var, types } = step else { continue };
        let this = Term::Var(*var);
        for atom in &facts {
            let Some((from, to)) = ends(context.graph, atom.link) else { continue };
            *types = if atom.subject == this { types.and(from) } else { *types };
            *types = if atom.object == this { types.and(to) } else { *types };
        }
        *types = typed.iter().filter(|(term, _)| *term == this).fold(*types, |types, (_, of)| types.and(*of));
    }
    let scanned: Vec<(VarId, TypeSet)> = block
        .steps
        .iter()
        .filter_map(|step| match step {
            Step::Scan { var, types } => Some((*var, *types)),
            _ => None,
        })
        .collect();
    context.types.extend(scanned.iter().copied());
    let implied = |term: &Term, of: &TypeSet| {
        scanned.iter().any(|(var, types)| *term == Term::Var(*var) && types.and(*of) == *types)
    };
    block.steps.retain(|step| !matches!(step, Step::Filter(Condition::Type(term, of)) if implied(term, of)));
}
