//! Works out the definitions that a query uses, before the query itself.

use super::limits::Stop;
use super::links::{Derived, Links, is_entire, pair};
use super::matches::{bindings, engine};
use super::{Context, Mode};
use crate::check::typed::{Define, DefineId, Link};
use crate::graph::SourceId;
use crate::plan::{self, Plan};
use crate::schema::VerbId;

/// The links of a part of the graph that `whole` are of.
pub(super) fn part_links<'g>(context: &Context<'g>, whole: &'g Links<'g>) -> Result<Links<'g>, Stop> {
    links_from(context, |defines, claimed| Links::new(context.graph, defines, claimed).beside(whole))
}

/// All links of the context's query: its verbs by source where that is asked, and its definitions worked out, each
/// group of definitions that use each other to its fixpoint.
pub(super) fn links<'g>(context: &Context<'g>) -> Result<Links<'g>, Stop> {
    links_from(context, |defines, claimed| Links::new(context.graph, defines, claimed))
}

fn links_from<'g>(
    context: &Context<'g>,
    new: impl FnOnce(&[Define], &[(VerbId, SourceId)]) -> Links<'g>,
) -> Result<Links<'g>, Stop> {
    let query = context.query;
    let plans: Vec<Plan> = query.defines.iter().map(|define| plan(context, define)).collect();
    let mut claimed: Vec<(VerbId, SourceId)> = Vec::new();
    let mut note = |link: Link, source: Option<SourceId>| {
        if let (Link::Verb(verb), Some(source)) = (link, source)
            && !is_entire(source)
        {
            claimed.push((verb, source));
        }
    };
    plans.iter().for_each(|plan| plan.links(&mut note));
    for select in super::matches::selects(&query.body) {
        plan::build(query, select, &select.free).links(&mut note);
    }
    let mut links = new(&query.defines, &claimed);
    let mut next = 0;
    while next < plans.len() {
        let group = group_at(&query.defines, &plans, next);
        fixpoint(context, &mut links, &plans, next..group)?;
        next = group;
    }
    Ok(links)
}

fn plan(context: &Context, define: &Define) -> Plan {
    plan::optimize(plan::build_define(define), context.graph, context.disabled_rewrites)
}

/// The end of the run of definitions from `start` on that depend on each other.
fn group_at(defines: &[Define], plans: &[Plan], start: usize) -> usize {
    if !defines[start].recursive {
        return start + 1;
    }
    let mut end = start + 1;
    let mut checked = start;
    while checked < end {
        plans[checked].links(&mut |link, _| {
            if let Link::Define(DefineId(other)) = link {
                end = end.max(other as usize + 1);
            }
        });
        checked += 1;
    }
    end
}

/// Works out a group round by round until nothing is added.
fn fixpoint(context: &Context, links: &mut Links, plans: &[Plan], group: std::ops::Range<usize>) -> Result<(), Stop> {
    let mut round = 0;
    loop {
        let mut grew = false;
        for i in group.clone() {
            let define = &context.query.defines[i];
            let mut certain = pairs(context, links, plans, i, Mode::CERTAIN)?;
            let mut possible = pairs(context, links, plans, i, Mode::POSSIBLE)?;
            possible.extend(&certain);
            crate::limits::spend(possible.len())?;
            let before = (links.derived[i].certain.0.len(), links.derived[i].possible.0.len());
            let mut rounds = std::mem::take(&mut links.derived[i].rounds);
            for (rounds, pairs) in rounds.iter_mut().zip([&certain, &possible]) {
                pairs.iter().for_each(|pair| _ = rounds.entry(*pair).or_insert(round));
            }
            let derived = Derived { certain: pair(&mut certain), possible: pair(&mut possible), rounds };
            grew |= before != (derived.certain.0.len(), derived.possible.0.len());
            links.derived[i] = derived;
            if !define.recursive {
                return Ok(());
            }
        }
        round += 1;
        if !grew {
            return Ok(());
        }
    }
}

/// The pairs of subject and object that a definition gives, with the links as far as they are known.
fn pairs(context: &Context, links: &Links, plans: &[Plan], i: usize, mode: Mode) -> Result<Vec<(u32, u32)>, Stop> {
    let define = &context.query.defines[i];
    let engine = engine(context.graph, links, &plans[i], &define.vars)?;
    let found = bindings(&engine, context.budget(), &[define.subject, define.object], mode)?;
    Ok(found.cells.chunks_exact(2).map(|pair| (pair[0], pair[1])).collect())
}
