//! Evaluation of the definitions that a plan uses, before its operators run.

use super::bindings::cells;
use super::edges::{Edges, pair};
use super::limits::Stop;
use super::{Context, Mode};
use crate::graph::AdjacencyPair;
use crate::limits::sort_unstable_by;
use crate::plan::{Definition, DefinitionBody, Runs};
use std::ops::Range;

/// Returns all edges of the plan: its verbs, restricted to a source where the query names one, and its definitions.
/// Definitions that use each other form a group, which is evaluated to its fixpoint.
pub(crate) fn edges<'g>(context: &Context<'g>) -> Result<Edges<'g>, Stop> {
    let edges = Edges::new(context.graph, context.plan.definitions.len(), &context.plan.claimed);
    worked_out(context, &context.plan.definitions, edges)
}

/// Returns the edges of a subgraph of the graph of `whole`; `definitions` are in the form that proofs use.
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

/// Sorted pairs: the certain ones, and the possible ones (which include them).
type Pairs = [Vec<(u32, u32)>; 2];

const MODES: [Mode; 2] = [Mode::CERTAIN, Mode::POSSIBLE];

/// Evaluates a group of definitions by semi-naive evaluation, as in Datalog: round by round until no pair is new
/// (Bancilhon, *Naive evaluation of recursively defined relations*, 1986).
fn fixpoint(context: &Context, definitions: &[Definition], edges: &mut Edges, group: Range<usize>) -> Result<(), Stop> {
    let mut known: Vec<Pairs> = group.clone().map(|_| Pairs::default()).collect();
    for round in 0.. {
        let started = context.profile.start();
        let found: Result<Vec<Pairs>, Stop> =
            group.clone().map(|i| found(context, edges, &definitions[i], round)).collect();
        let mut grew = false;
        for ((i, known), found) in group.clone().zip(&mut known).zip(found?) {
            // All pairs of a definition without recursion are derived in round 0.
            if !definitions[i].is_recursive {
                crate::limits::spend(found[1].len())?;
                context.profile.note(definitions[i].id, 0, found[1].len(), started);
                [edges.derived[i].certain, edges.derived[i].possible] = adjacencies(found);
                continue;
            }
            let new: Pairs = [without(&found[0], &known[0]), without(&found[1], &known[1])];
            crate::limits::spend(new[1].len() + known[1].len())?;
            grew |= new.iter().any(|new| !new.is_empty());
            *known = [merged(&known[0], &new[0]), merged(&known[1], &new[1])];
            let derived = &mut edges.derived[i];
            for (rounds, new) in derived.rounds.iter_mut().zip(&new) {
                rounds.extend(new.iter().map(|pair| (*pair, round)));
            }
            [derived.certain, derived.possible] = adjacencies(known.clone());
            // The definitions of a group are evaluated together, so each is charged the time of the round.
            context.profile.note(definitions[i].id, 0, new[1].len(), started);
            edges.new_pairs[i] = adjacencies(new);
        }
        // The definitions of a group use each other, so that all of them are recursive or there is only one.
        if !grew || !definitions[group.start].is_recursive {
            break;
        }
    }
    // Later groups read all pairs; nothing reads the last new ones.
    group.for_each(|i| edges.new_pairs[i] = Default::default());
    Ok(())
}

/// Returns the certain and the possible edges of these pairs; built once if they are the same.
fn adjacencies([mut certain, mut possible]: Pairs) -> [AdjacencyPair; 2] {
    let is_certain = certain.len() == possible.len();
    let certain = pair(&mut certain);
    let possible = if is_certain { certain.clone() } else { pair(&mut possible) };
    [certain, possible]
}

/// Returns the pairs that the bodies of a definition derive in a round. Certain pairs are possible ones, too.
fn found(context: &Context, edges: &Edges, definition: &Definition, round: u32) -> Result<Pairs, Stop> {
    let mut found = Pairs::default();
    let runs = |body: &&DefinitionBody| match body.runs {
        Runs::Once => round == 0,
        Runs::EachRound => true,
        Runs::OnNew => round > 0,
    };
    for body in definition.bodies.iter().filter(runs) {
        found[0].extend(pairs(&cells(context, edges, &body.pattern, MODES[0])?));
        if !body.pattern.is_certain {
            found[1].extend(pairs(&cells(context, edges, &body.pattern, MODES[1])?));
        }
    }
    let has_others = !found[1].is_empty();
    let [certain, possible] = &mut found;
    sort_unstable_by(certain, Ord::cmp);
    certain.dedup();
    possible.extend_from_slice(certain);
    // Without other possible pairs these are sorted already.
    if has_others {
        sort_unstable_by(possible, Ord::cmp);
        possible.dedup();
    }
    Ok(found)
}

fn pairs(cells: &[u32]) -> impl Iterator<Item = (u32, u32)> {
    cells.chunks_exact(2).map(|pair| (pair[0], pair[1]))
}

/// Returns the pairs of `found` that are not in `known`, which is sorted.
fn without(found: &[(u32, u32)], known: &[(u32, u32)]) -> Vec<(u32, u32)> {
    found.iter().filter(|pair| known.binary_search(pair).is_err()).copied().collect()
}

/// Merges two sorted lists without common pairs. O(sum of their lengths).
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
