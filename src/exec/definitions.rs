//! Works out the definitions that a plan uses, before its operators.

use super::bindings::cells;
use super::edges::{Edges, pair};
use super::limits::Stop;
use super::{Context, Mode};
use crate::limits::sort_unstable_by;
use crate::plan::{Definition, DefinitionBody, Runs};
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
        let group = definitions[next].group.clone();
        next = group.end;
        if group.clone().any(|i| definitions[i].is_needed) {
            fixpoint(context, definitions, &mut edges, group)?;
        }
    }
    Ok(edges)
}

/// Pairs, sorted ascending: of certain ones, and of possible ones.
type Pairs = [Vec<(u32, u32)>; 2];

const MODES: [Mode; 2] = [Mode::CERTAIN, Mode::POSSIBLE];

/// Works out a group round by round until nothing is added.
fn fixpoint(context: &Context, definitions: &[Definition], edges: &mut Edges, group: Range<usize>) -> Result<(), Stop> {
    let mut known: Vec<Pairs> = group.clone().map(|_| Pairs::default()).collect();
    for round in 0.. {
        let started = context.profile.start();
        let found: Result<Vec<Pairs>, Stop> =
            group.clone().map(|i| found(context, edges, &definitions[i], round)).collect();
        let mut grew = false;
        for ((i, known), found) in group.clone().zip(&mut known).zip(found?) {
            let new: Pairs = [without(&found[0], &known[0]), without(&found[1], &known[1])];
            crate::limits::spend(new[1].len() + known[1].len())?;
            grew |= new.iter().any(|new| !new.is_empty());
            *known = [merged(&known[0], &new[0]), merged(&known[1], &new[1])];
            let derived = &mut edges.derived[i];
            for (rounds, new) in derived.rounds.iter_mut().zip(&new) {
                rounds.extend(new.iter().map(|pair| (*pair, round)));
            }
            (derived.certain, derived.possible) = (pair(&mut known[0].clone()), pair(&mut known[1].clone()));
            // The time is that of the whole round of the group.
            context.profile.note(definitions[i].id, 0, new[1].len(), started);
            edges.new_pairs[i] = new.map(|mut new| pair(&mut new));
        }
        if !grew || !definitions[group.start].is_recursive {
            break;
        }
    }
    group.for_each(|i| edges.new_pairs[i] = Default::default());
    Ok(())
}

/// The pairs that the bodies of a definition give in a round; what is certain is possible.
fn found(context: &Context, edges: &Edges, definition: &Definition, round: u32) -> Result<Pairs, Stop> {
    let mut found = Pairs::default();
    let runs = |body: &&DefinitionBody| match body.runs {
        Runs::Once => round == 0,
        Runs::EachRound => true,
        Runs::OnNew => round > 0,
    };
    for body in definition.bodies.iter().filter(runs) {
        let certain = cells(context, edges, &body.pattern, MODES[0])?;
        if !body.pattern.is_certain {
            found[1].extend(pairs(&cells(context, edges, &body.pattern, MODES[1])?));
        }
        found[1].extend(pairs(&certain));
        found[0].extend(pairs(&certain));
    }
    for found in &mut found {
        sort_unstable_by(found, Ord::cmp);
        found.dedup();
    }
    Ok(found)
}

fn pairs(cells: &[u32]) -> impl Iterator<Item = (u32, u32)> {
    cells.chunks_exact(2).map(|pair| (pair[0], pair[1]))
}

/// The pairs that are not known.
fn without(found: &[(u32, u32)], known: &[(u32, u32)]) -> Vec<(u32, u32)> {
    found.iter().filter(|pair| known.binary_search(pair).is_err()).copied().collect()
}

/// Both lists as one. O(their lengths).
fn merged(known: &[(u32, u32)], new: &[(u32, u32)]) -> Vec<(u32, u32)> {
    let mut all = Vec::with_capacity(known.len() + new.len());
    let mut rest = known;
    for pair in new {
        let (less, more) = rest.split_at(rest.partition_point(|other| other < pair));
        all.extend_from_slice(less);
        all.push(*pair);
        rest = more;
    }
    all.extend_from_slice(rest);
    all
}
