//! `nearest c`: restriction to the answers nearest along a path.

use crate::exec::bindings::{Bindings, Certainty, too_long};
use crate::exec::edges::Edges;
use crate::exec::limits::{Stop, stop};
use crate::exec::search::automaton::Automaton;
use crate::exec::search::product::ProductGraph;
use crate::exec::{Context, Mode, NULL_SLOT};
use crate::plan::{Path, VarId};
use rustc_hash::FxHashMap;
use std::collections::hash_map::Entry;

/// Drops each answer for the nearest variable that another one certainly displaces: one with the same values of all
/// other variables, from which a path leads to it but not back. An answer that another one may displace becomes only
/// possible.
///
/// # Errors
/// A limit or Ctrl-C stopped it, or the path has more states than the engine takes.
pub(crate) fn keep_nearest(
    context: &Context,
    edges: &Edges,
    (var, path): (VarId, &Path),
    found: &mut Bindings,
) -> Result<(), Stop> {
    let Some(place) = found.wanted.iter().position(|wanted| *wanted == var) else { return Ok(()) };
    let automaton = Automaton::of(path, false).ok_or_else(too_long)?;
    let products = [Mode::CERTAIN, Mode::POSSIBLE].map(|mode| ProductGraph::new(edges, &automaton, None, mode));
    let mut budget = context.budget();
    let rest = |tuple: &[u32]| -> Vec<u32> { [&tuple[..place], &tuple[place + 1..]].concat() };
    let mut groups: FxHashMap<Vec<u32>, Vec<(u32, Certainty)>> = FxHashMap::default();
    let mut met: FxHashMap<u32, [Vec<u32>; 2]> = FxHashMap::default();
    for (tuple, sure) in found.iter().filter(|(tuple, _)| tuple[place] != NULL_SLOT) {
        groups.entry(rest(tuple)).or_default().push((tuple[place], sure));
        if let Entry::Vacant(entry) = met.entry(tuple[place]) {
            let mut reached = [Vec::new(), Vec::new()];
            for (product, reached) in products.iter().zip(&mut reached) {
                product.reached(&[tuple[place]], reached, &mut budget).map_err(stop)?;
            }
            entry.insert(reached);
        }
    }
    let meets = |from: u32, to: u32, mode: Mode| met[&from][usize::from(mode.possible)].binary_search(&to).is_ok();
    let displaces = |(other, sure): (u32, Certainty), own: u32, mode: Mode| {
        (mode.possible || sure == Certainty::Certain)
            && other != own
            && meets(other, own, mode)
            // A way back is denied, so that it is looked up in the opposite mode.
            && !meets(own, other, mode.negated())
    };
    let doubtful = if context.plan.all_possible { Certainty::Shown } else { Certainty::Possible };
    found.regrade(|tuple, sure| {
        let own = tuple[place];
        let others = groups.get(&rest(tuple)).filter(|_| own != NULL_SLOT);
        let displaced = |mode| others.into_iter().flatten().any(|other| displaces(*other, own, mode));
        match (displaced(Mode::CERTAIN), displaced(Mode::POSSIBLE)) {
            (true, _) => None,
            (false, true) => Some(sure.min(doubtful)),
            (false, false) => Some(sure),
        }
    });
    Ok(())
}
