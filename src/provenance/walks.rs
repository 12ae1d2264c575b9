//! Paths that a row names: they are proved step by step, as they are.

use crate::answer::Cell;
use crate::check::typed::{Expr, FactAtom, Formula, Link, PathAtom, Term, Var, VarId, VarKind};
use crate::exec::bindings::Bindings;
use crate::exec::edges::Edges;
use crate::exec::eval::Scope;
use crate::exec::search::automaton::{Automaton, Transition};
use crate::exec::{ABSENT, Context, Mode};
use crate::graph::EntityId;
use crate::plan;

/// A match and what its paths are followed over.
pub(crate) struct Walks<'a> {
    pub context: &'a Context<'a>,
    pub edges: &'a Edges<'a>,
    pub vars: &'a [Var],
    pub found: &'a Bindings,
    pub frame: &'a [u32],
}

impl Walks<'_> {
    /// Returns the formula with the steps of each path in the place of the path, and what tests of it come to.
    pub fn walked(&self, formula: &Formula, mode: Mode) -> Formula {
        let each = |all: &[Formula]| all.iter().map(|inner| self.walked(inner, mode)).collect();
        match formula {
            Formula::All(all) => Formula::All(each(all)),
            Formula::Any(all) => Formula::Any(each(all)),
            Formula::Path(atom) => self.steps(atom, mode).unwrap_or_else(|| formula.clone()),
            Formula::Test(expr) if self.reads_path(expr) => {
                match mode.accepts(self.scope().outcomes(&plan::scalar(self.vars, expr))) {
                    true => Formula::TRUE,
                    false => Formula::Any(Vec::new()),
                }
            }
            other => other.clone(),
        }
    }

    fn reads_path(&self, expr: &Expr) -> bool {
        let mut reads = false;
        expr.vars(&mut |var| reads |= self.is_path(var));
        reads
    }

    fn is_path(&self, var: VarId) -> bool {
        self.vars[var.0 as usize].kind == VarKind::Path
    }

    fn scope(&self) -> Scope<'_> {
        Scope { graph: self.context.graph, paths: &self.found.paths, frame: self.frame, group: &|_| Cell::Absent }
    }

    /// The facts along the path that the atom's variable is bound to.
    fn steps(&self, atom: &PathAtom, mode: Mode) -> Option<Formula> {
        let slot = self.frame[atom.bind?.0 as usize];
        let path = self.found.paths.get_index(slot as usize).filter(|_| slot != ABSENT)?;
        let word = self.word(atom, path, mode)?;
        let (first, last) = (path.first()?, path.last()?);
        let same = |term: Term, entity: u32| Formula::Same(term, Term::Entity(EntityId(entity)));
        let mut all = vec![same(atom.subject, *first), same(atom.object, *last)];
        for (ends, (link, inverse)) in path.windows(2).zip(word) {
            let [from, to] = [ends[0], ends[1]].map(|end| Term::Entity(EntityId(end)));
            let (subject, object) = if inverse { (to, from) } else { (from, to) };
            let (source, span) = (atom.source, atom.span);
            all.push(Formula::Fact(FactAtom { link, subject, object, turned: inverse, source, span }));
        }
        Some(Formula::All(all))
    }

    /// Edges that lead from each entity of the path to the next, as the path expression has them.
    fn word(&self, atom: &PathAtom, path: &[u32], mode: Mode) -> Option<Vec<(Link, bool)>> {
        let automaton = Automaton::of(&atom.path, false)?;
        // By entity of the path after the first: each state that it is come to in, with the state before.
        let mut levels: Vec<Vec<(u16, u16)>> = Vec::new();
        let mut states = vec![0u16];
        for ends in path.windows(2) {
            let leads = |step: &Transition| {
                let adjacency = self.edges.adjacency(step.link, step.inverse, atom.source, mode);
                adjacency.contains(EntityId(ends[0]), EntityId(ends[1]))
            };
            let mut level: Vec<(u16, u16)> = Vec::new();
            for before in &states {
                for next in automaton.next[*before as usize].iter().filter(|step| leads(step)) {
                    if !level.iter().any(|(known, _)| *known == next.state) {
                        level.push((next.state, *before));
                    }
                }
            }
            states = level.iter().map(|(state, _)| *state).collect();
            levels.push(level);
        }
        let mut state = *states.iter().find(|state| automaton.accepts[**state as usize])?;
        let mut word = Vec::new();
        for level in levels.iter().rev() {
            word.push(automaton.label(state)?);
            state = level.iter().find(|(known, _)| *known == state)?.1;
        }
        word.reverse();
        (!word.is_empty()).then_some(word)
    }
}
