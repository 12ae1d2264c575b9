//! Works out the definitions that a plan uses, before its operators.

use super::bindings::cells;
use super::edges::{Derived, Edges, pair};
use super::limits::Stop;
use super::{Context, Mode};
use crate::plan::Definition;
use std::ops::Range;

/// All edges of the plan: its verbs by source where that is asked, and its definitions worked out, each group of
/// definitions that use each other to its fixpoint.
pub(crate) fn edges<'g>(context: &Context<'g>) -> Result<Edges<'g>, Stop> {
    let edges = Edges::new(context.graph, context.plan.definitions.len(), &context.plan.claimed);
    worked_out(context, &context.plan.definitions, edges)
}

/// The edges of a part of the graph that `whole` are of, by definitions in the form in which they are proved.
pub(crate) fn part_edges<'g>(
    context: &Context<'g>,
    definitions: &[Definition],
    whole: &'g Edges<'g>,
) -> Result<Edges<'g>, Stop> {
    let own = Edges::new(context.graph, definitions.len(), &context.plan.claimed);
    worked_out(context, definitions, own.beside(whole))
}

fn worked_out<'g>(context: &Context<'g>, definitions: &[Definition], mut edges: Edges<'g>) -> Result<Edges<'g>, Stop> {
    let mut next = 0;
    while next < definitions.len() {
        let group = next..definitions[next].group_end;
        next = group.end;
        fixpoint(context, definitions, &mut edges, group)?;
    }
    Ok(edges)
}

/// Works out a group round by round until nothing is added.
fn fixpoint(context: &Context, definitions: &[Definition], edges: &mut Edges, group: Range<usize>) -> Result<(), Stop> {
    let mut round = 0;
    loop {
        let mut grew = false;
        for i in group.clone() {
            let pattern = &definitions[i].pattern;
            let mut certain = pairs(cells(context, edges, pattern, Mode::CERTAIN)?);
            let mut possible = match pattern.is_certain {
                true => certain.clone(),
                false => pairs(cells(context, edges, pattern, Mode::POSSIBLE)?),
            };
            possible.extend(&certain);
            crate::limits::spend(possible.len())?;
            let before = (edges.derived[i].certain.0.len(), edges.derived[i].possible.0.len());
            let mut rounds = std::mem::take(&mut edges.derived[i].rounds);
            for (rounds, pairs) in rounds.iter_mut().zip([&certain, &possible]) {
                pairs.iter().for_each(|pair| _ = rounds.entry(*pair).or_insert(round));
            }
            let derived = Derived { certain: pair(&mut certain), possible: pair(&mut possible), rounds };
            grew |= before != (derived.certain.0.len(), derived.possible.0.len());
            edges.derived[i] = derived;
        }
        round += 1;
        if !grew || !definitions[group.start].is_recursive {
            return Ok(());
        }
    }
}

fn pairs(cells: Vec<u32>) -> Vec<(u32, u32)> {
    cells.chunks_exact(2).map(|pair| (pair[0], pair[1])).collect()
}
