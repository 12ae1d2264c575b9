//! Paths that a row names, which are proved step by step as they are.

use crate::exec::bindings::Bindings;
use crate::exec::edges::Edges;
use crate::exec::search::automaton::{Automaton, Transition};
use crate::exec::{Mode, NULL_SLOT};
use crate::graph::{EntityId, SourceId};
use crate::plan::{Goal, Link, PathAtom, VarId};

/// A step of a path: start, link, whether it is followed from object to subject, and end.
pub(crate) type Hop = (u32, Link, bool, u32);

/// The value of a path variable in a row.
pub(crate) struct Walk {
    pub var: VarId,
    pub hops: Vec<Hop>,
    source: Option<SourceId>,
}

impl Walk {
    /// Returns the paths of a row that its goals refer to.
    pub fn all(goals: &[Goal], edges: &Edges, found: &Bindings, frame: &[u32], mode: Mode) -> Vec<Walk> {
        let mut walks = Vec::new();
        for goal in goals {
            match goal {
                Goal::All(inner) => walks.extend(Walk::all(inner, edges, found, frame, mode)),
                Goal::Optional(_, inner) => {
                    walks.extend(Walk::all(std::slice::from_ref(&**inner), edges, found, frame, mode));
                }
                Goal::Path(atom, _) => walks.extend(Walk::of(atom, edges, found, frame, mode)),
                _ => {}
            }
        }
        walks
    }

    fn of(atom: &PathAtom, edges: &Edges, found: &Bindings, frame: &[u32], mode: Mode) -> Option<Walk> {
        let var = atom.bind?;
        let slot = frame[var.0 as usize];
        let path = found.paths.get_index(slot as usize).filter(|_| slot != NULL_SLOT)?;
        let word = word(atom, edges, path, mode)?;
        let hops = path.windows(2).zip(word).map(|(ends, (link, inverse))| (ends[0], link, inverse, ends[1]));
        Some(Walk { var, hops: hops.collect(), source: atom.source })
    }

    /// Returns true if all steps of the path are among these edges.
    pub fn is_there(&self, edges: &Edges, mode: Mode) -> bool {
        self.hops.iter().all(|(from, link, inverse, to)| {
            edges.adjacency(*link, *inverse, self.source, mode).contains(EntityId(*from), EntityId(*to))
        })
    }
}

/// Returns links that lead from each entity of a path to the next and match the path expression; `None` if there are
/// none.
fn word(atom: &PathAtom, edges: &Edges, path: &[u32], mode: Mode) -> Option<Vec<(Link, bool)>> {
    let automaton = Automaton::of(&atom.path, false)?;
    // Per entity of the path after the first: each state in which it is reached, with the state before.
    let mut levels: Vec<Vec<(u16, u16)>> = Vec::new();
    let mut states = vec![0u16];
    for ends in path.windows(2) {
        let leads = |step: &Transition| {
            let adjacency = edges.adjacency(step.link, step.inverse, atom.source, mode);
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
