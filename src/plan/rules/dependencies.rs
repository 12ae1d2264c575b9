//! Rule: functional dependencies, by which variables have at most one value per binding of the others.

use super::{Context, filters, is_scan};
use crate::graph::{Direction, Facts};
use crate::limits::in_budget;
use crate::plan::{Block, Condition, FactAtom, Link, Step, Term, VarId};

/// Records the variables that a fact determines, since each entity has at most one such fact.
pub(super) fn infer_dependencies(block: &mut Block, context: &mut Context) {
    let scanned: Vec<VarId> = block.steps.iter().filter(|step| is_scan(step)).flat_map(Step::binds).collect();
    let mut known: Vec<VarId> = block.wanted.iter().chain(&block.outer).copied().collect();
    let facts: Vec<&FactAtom> = filters(block)
        .filter_map(|condition| if let Condition::Fact(atom) = condition { Some(atom) } else { None })
        .collect();
    let mut determined = Vec::new();
    let is_known = |term: Term, known: &[VarId]| term.var().is_none_or(|var| known.contains(&var));
    loop {
        let given = |atom: &&FactAtom| {
            let Link::Verb(verb) = atom.link else { return None };
            let relation = context.graph.relation(verb);
            let new = |term: Term| term.var().filter(|var| scanned.contains(var) && !known.contains(var));
            let ahead = new(atom.object).filter(|_| is_known(atom.subject, &known));
            let back = new(atom.subject).filter(|_| is_known(atom.object, &known));
            let single = |inverse: bool| relation.adjacency(Direction::inverse_if(inverse), Facts::All).is_single();
            ahead.filter(|_| single(false)).or(back.filter(|_| single(true)))
        };
        // One at a time: a variable that is determined may determine others.
        let Some(var) = facts.iter().take_while(in_budget).find_map(given) else { break };
        known.push(var);
        determined.push(var);
    }
    // Where one binding is enough, a determined variable may be existential like any other.
    block.determined = if block.wanted.is_empty() { Vec::new() } else { determined };
}
