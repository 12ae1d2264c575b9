//! The named rewrites. Each keeps the bindings of a block and makes them cheaper to find; a plan goes through all of
//! them in order, block by block, outer blocks first.

mod columns;
mod leads;
mod order;

use super::{Block, Condition, GroupKey, Memo, Plan, Source, Step, Walk};
use crate::check::typed::{FactAtom, Link, Path, Term, VarId};
use crate::graph::Graph;
use crate::limits::{in_budget, is_over_now};
use crate::schema::TypeSet;

/// One rewrite: what it is called, what it does, and how.
pub struct Rewrite {
    pub name: &'static str,
    pub doc: &'static str,
    run: fn(&mut Block, &mut Context),
}

/// What rewrites know beside the block.
struct Context<'g> {
    graph: &'g Graph,
    paths: &'g [Path],
    /// See [`Plan::keys`].
    keys: &'g [GroupKey],
    /// The block stands inside another one's condition.
    nested: bool,
    memos: u16,
    leads: u16,
    /// The types that entity variables are scanned for, narrowed; the latest last.
    types: Vec<(VarId, TypeSet)>,
}

/// Every rewrite, in the order in which they are applied.
pub static REWRITES: &[Rewrite] = &[
    Rewrite { name: "flatten_conditions", doc: "one filter per condition, no empty ones", run: flatten_conditions },
    Rewrite { name: "narrow_types", doc: "scan only the types that the facts allow", run: narrow_types },
    Rewrite {
        name: "compare_columns",
        doc: "compare numbers and columns, not expressions",
        run: columns::compare_columns,
    },
    Rewrite { name: "note_determined", doc: "a variable that a fact determines repeats nothing", run: note_determined },
    Rewrite {
        name: "order_variables",
        doc: "bind the variable with the fewest candidates next",
        run: order::order_variables,
    },
    Rewrite {
        name: "reach_from_all",
        doc: "search a semi-join's path backwards, once, from all it looks for",
        run: leads::reach_from_all,
    },
    Rewrite {
        name: "stop_at_first_witness",
        doc: "variables that are not asked for become semi-joins",
        run: stop_at_first_witness,
    },
    Rewrite { name: "push_down_filters", doc: "test as soon as everything is bound", run: push_down_filters },
    Rewrite {
        name: "measure_without_asking",
        doc: "the least length of a path tells whether there is one",
        run: measure_without_asking,
    },
    Rewrite { name: "expand_from_bound", doc: "follow facts instead of scanning", run: expand_from_bound },
    Rewrite {
        name: "reach_together",
        doc: "search a closure from many entities at once, its cycles condensed",
        run: reach_together,
    },
    Rewrite { name: "remember_semi_joins", doc: "keep the answers of semi-joins", run: remember_semi_joins },
];

/// Applies the rewrites that are not named in `disabled` (`all` names every one).
pub fn optimize(mut plan: Plan, graph: &Graph, disabled: &[String]) -> Plan {
    let enabled = |rewrite: &&Rewrite| !disabled.iter().any(|name| name == rewrite.name || name == "all");
    let rewrites: Vec<&Rewrite> = REWRITES.iter().filter(enabled).collect();
    let Plan { block, applied, paths, keys, .. } = &mut plan;
    let mut context = Context { graph, paths, keys, nested: false, memos: 0, leads: 0, types: Vec::new() };
    optimize_block(block, &rewrites, &mut context, applied);
    plan
}

/// Rewrites a block: each of its levels by itself, since an optional part has to see all of what stands before it, and
/// what stands behind it, all of what it binds.
fn optimize_block(block: &mut Block, rewrites: &[&Rewrite], context: &mut Context, applied: &mut Vec<&'static str>) {
    let mut levels = levels_of(block);
    // The groups of a plan of several levels are formed of all its bindings.
    let keys = if levels.len() > 1 { std::mem::take(&mut context.keys) } else { context.keys };
    for (level, _) in &mut levels {
        for rewrite in rewrites.iter().take_while(|_| !is_over_now()) {
            let before = level.clone();
            (rewrite.run)(level, context);
            if *level != before && !applied.contains(&rewrite.name) {
                applied.push(rewrite.name);
            }
        }
    }
    context.keys = keys;
    for (level, optional) in levels {
        block.steps.extend(level.steps);
        block.steps.extend(optional);
        block.determined.extend(level.determined);
    }
    let nested = std::mem::replace(&mut context.nested, true);
    for step in &mut block.steps {
        match step {
            Step::Filter(condition) => {
                inner_blocks(condition, &mut |block| optimize_block(block, rewrites, context, applied));
            }
            Step::Optional(block) => optimize_block(block, rewrites, context, applied),
            _ => {}
        }
    }
    context.nested = nested;
}

/// Takes the steps of a block apart at its optional parts: each level as a block of its own, with the part behind it.
fn levels_of(block: &mut Block) -> Vec<(Block, Option<Step>)> {
    let mut levels: Vec<(Block, Option<Step>)> = Vec::new();
    let mut steps = Vec::new();
    let mut close = |steps: Vec<Step>, optional: Option<Step>| {
        let level = Block { steps, wanted: block.wanted.clone(), outer: block.outer.clone(), determined: Vec::new() };
        levels.push((level, optional));
    };
    for step in std::mem::take(&mut block.steps) {
        match step {
            Step::Optional(_) => close(std::mem::take(&mut steps), Some(step)),
            other => steps.push(other),
        }
    }
    close(steps, None);
    let steps = |levels: &[(Block, Option<Step>)]| -> Vec<Step> {
        levels.iter().flat_map(|(level, optional)| level.steps.iter().chain(optional)).cloned().collect()
    };
    for i in 0..levels.len() {
        let bound = steps(&levels[..i]).iter().flat_map(Step::binds).collect::<Vec<_>>();
        let behind: Vec<Step> = levels[i].1.iter().cloned().chain(steps(&levels[i + 1..])).collect();
        levels[i].0.outer.extend(bound);
        let wanted = &mut levels[i].0.wanted;
        behind.iter().for_each(|step| step.needs(&mut |var| wanted.push(var)));
    }
    levels
}

/// Calls `f` with each block of a condition that is not inside another of its blocks.
fn inner_blocks(condition: &mut Condition, f: &mut dyn FnMut(&mut Block)) {
    match condition {
        Condition::All(all) | Condition::Any(all) => all.iter_mut().for_each(|inner| inner_blocks(inner, f)),
        Condition::Not(inner) | Condition::Modal(_, inner) => inner_blocks(inner, f),
        Condition::Exists { block, .. } | Condition::Count { block, .. } => f(block),
        Condition::Leads(leads) => f(&mut leads.to),
        Condition::Every { block, then, .. } => {
            f(block);
            inner_blocks(then, f);
        }
        _ => {}
    }
}

/// Calls `f` with the condition and each inside it, those of its blocks left out.
fn map_conditions(condition: &mut Condition, f: &mut dyn FnMut(&mut Condition)) {
    f(condition);
    match condition {
        Condition::All(all) | Condition::Any(all) => all.iter_mut().for_each(|inner| map_conditions(inner, f)),
        Condition::Not(inner) | Condition::Modal(_, inner) => map_conditions(inner, f),
        _ => {}
    }
}

fn flatten_conditions(block: &mut Block, _: &mut Context) {
    let steps = std::mem::take(&mut block.steps);
    for step in steps {
        match step {
            Step::Filter(condition) => {
                let mut flat = Vec::new();
                flatten(condition, &mut flat);
                block.steps.extend(flat.into_iter().map(Step::Filter));
            }
            other => block.steps.push(other),
        }
    }
}

/// Takes nested conjunctions apart, and drops double negations and unions of one.
fn flatten(condition: Condition, out: &mut Vec<Condition>) {
    match condition {
        Condition::All(all) => all.into_iter().for_each(|inner| flatten(inner, out)),
        Condition::Any(mut all) if all.len() == 1 => flatten(all.remove(0), out),
        Condition::Not(inner) => match *inner {
            Condition::Not(twice) => flatten(*twice, out),
            other => out.push(Condition::Not(Box::new(simplified(other)))),
        },
        Condition::Any(all) => out.push(Condition::Any(all.into_iter().map(simplified).collect())),
        other => out.push(other),
    }
}

fn simplified(condition: Condition) -> Condition {
    let mut flat = Vec::new();
    flatten(condition, &mut flat);
    if flat.len() == 1 { flat.remove(0) } else { Condition::All(flat) }
}

/// The conditions of a block's filters.
fn filters(block: &Block) -> impl Iterator<Item = &Condition> {
    block.steps.iter().filter_map(|step| match step {
        Step::Filter(condition) => Some(condition),
        _ => None,
    })
}

fn narrow_types(block: &mut Block, context: &mut Context) {
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

/// The types that a verb joins; unknown for definitions.
fn ends(graph: &Graph, link: Link) -> Option<(TypeSet, TypeSet)> {
    match link {
        Link::Verb(verb) => {
            let verb = graph.schema().verb(verb);
            Some((verb.from, verb.to))
        }
        Link::Define(_) => None,
    }
}

/// Notes which variables a fact determines: each entity has one at most.
fn note_determined(block: &mut Block, context: &mut Context) {
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
            let single = |inverse: bool| relation.adjacency(inverse, false).is_single();
            ahead.filter(|_| single(false)).or(back.filter(|_| single(true)))
        };
        let Some(var) = facts.iter().take_while(in_budget).find_map(given) else { break };
        known.push(var);
        determined.push(var);
    }
    block.determined = if block.wanted.is_empty() { Vec::new() } else { determined };
}

fn is_scan(step: &Step) -> bool {
    matches!(step, Step::Scan { .. } | Step::ScanValues { .. })
}

fn stop_at_first_witness(block: &mut Block, _: &mut Context) {
    let scanned: Vec<VarId> = block.steps.iter().filter(|step| is_scan(step)).flat_map(Step::binds).collect();
    let conditions: Vec<Condition> = filters(block).cloned().collect();
    let rest: Vec<Step> =
        block.steps.iter().filter(|step| !scanned.iter().any(|v| step.binds() == [*v])).cloned().collect();
    let place = |var: &VarId| scanned.iter().position(|other| other == var);
    let components = order::witness_components(block, &scanned, &conditions, &rest);
    for component in components.into_iter().chain(determined_alone(block, &conditions, &rest)) {
        let first = component.vars.iter().filter_map(place).min();
        let last = component.boundary.iter().filter_map(place).max();
        let whole = component.vars.len() == scanned.len();
        if last < first && !whole {
            close(block, &component);
        }
    }
}

/// Each variable that a fact determines and that only filters speak of: it takes one value, which is as good as a witness.
fn determined_alone(block: &Block, conditions: &[Condition], rest: &[Step]) -> Vec<order::Component> {
    let mut needed = Vec::new();
    for step in rest.iter().filter(|step| !matches!(step, Step::Filter(_))) {
        step.needs(&mut |var| needed.push(var));
    }
    let beside = |var: VarId| -> Vec<VarId> {
        let spoken = conditions.iter().map(Condition::outer_vars).filter(|vars| vars.contains(&var));
        spoken.flatten().filter(|other| *other != var).collect()
    };
    let alone = block.determined.iter().filter(|var| !needed.contains(var));
    alone.map(|var| order::Component { vars: vec![*var], boundary: beside(*var) }).collect()
}

/// Moves the component's scans and conditions into a semi-join.
fn close(block: &mut Block, component: &order::Component) {
    let belongs = |step: &Step| match step {
        Step::Filter(condition) => condition.outer_vars().iter().any(|var| component.vars.contains(var)),
        other => other.binds().iter().any(|var| component.vars.contains(var)),
    };
    let (own, mut rest): (Vec<Step>, Vec<Step>) = block.steps.drain(..).partition(belongs);
    let inner = Block { steps: own, wanted: Vec::new(), outer: component.boundary.clone(), determined: Vec::new() };
    let exists = Step::Filter(Condition::Exists { block: inner, memo: None });
    let place = rest.iter().position(|step| matches!(step, Step::Optional(_))).unwrap_or(rest.len());
    rest.insert(place, exists);
    block.steps = rest;
}

fn push_down_filters(block: &mut Block, _: &mut Context) {
    let (filters, binders): (Vec<Step>, Vec<Step>) =
        block.steps.drain(..).partition(|step| matches!(step, Step::Filter(_)));
    let own: Vec<Vec<VarId>> = binders.iter().map(Step::binds).collect();
    let mut placed: Vec<(usize, u8, Step)> = Vec::new();
    for step in filters {
        let Step::Filter(condition) = &step else { continue };
        let vars = condition.outer_vars();
        let after = own.iter().rposition(|binds| binds.iter().any(|var| vars.contains(var)));
        placed.push((after.map_or(0, |i| i + 1), weight(condition), step));
    }
    placed.sort_by_key(|(after, weight, _)| (*after, *weight));
    let mut placed = placed.into_iter().peekable();
    for i in 0..=binders.len() {
        if let Some(step) = i.checked_sub(1).map(|i| binders[i].clone()) {
            block.steps.push(step);
        }
        while placed.peek().is_some_and(|(after, ..)| *after == i) {
            block.steps.extend(placed.next().map(|(_, _, step)| step));
        }
    }
}

/// Cheap conditions first.
fn weight(condition: &Condition) -> u8 {
    match condition {
        Condition::Order(_) | Condition::Type(..) | Condition::Same(..) | Condition::Fact(_) => 0,
        Condition::Value(_) | Condition::Test(_) | Condition::Compare(_) => 1,
        Condition::All(all) | Condition::Any(all) => all.iter().map(weight).max().unwrap_or(0),
        Condition::Not(inner) | Condition::Modal(_, inner) => weight(inner),
        Condition::Path { .. } => 2,
        Condition::Exists { .. } | Condition::Leads(_) => 3,
        Condition::Count { .. } | Condition::Every { .. } => 4,
    }
}

/// Leaves out the condition that there is a path between two named entities, where its least length is sought at once.
fn measure_without_asking(block: &mut Block, _: &mut Context) {
    let measured = |step: &Step, condition: &Condition| match (step, condition) {
        (
            Step::Walk { path, subject, object, source, walk: Walk::Lengths { greatest: false, .. }, .. },
            Condition::Path { path: asked, subject: from, object: to, source: by },
        ) => {
            let ends_are_named = [*subject, *object].iter().all(|term| term.var().is_none());
            ends_are_named && (path, subject, object, source) == (asked, from, to, by)
        }
        _ => false,
    };
    let walks: Vec<Step> = block.steps.iter().filter(|step| matches!(step, Step::Walk { .. })).cloned().collect();
    block.steps.retain(|step| match step {
        Step::Filter(condition) => !walks.iter().any(|walk| measured(walk, condition)),
        _ => true,
    });
}

fn expand_from_bound(block: &mut Block, context: &mut Context) {
    let steps = std::mem::take(&mut block.steps);
    let mut bound = block.outer.clone();
    let mut steps = steps.into_iter().peekable();
    while let Some(step) = steps.next() {
        let (Step::Scan { var, .. } | Step::ScanValues { var, .. }) = step else {
            bound.extend(step.binds());
            block.steps.push(step);
            continue;
        };
        let (mut sources, mut filters) = (Vec::new(), Vec::new());
        while let Some(Step::Filter(condition)) = steps.next_if(|step| matches!(step, Step::Filter(_))) {
            match source(&condition, var, &bound) {
                Some(source) => sources.push(source),
                None => filters.push(Step::Filter(condition)),
            }
        }
        bound.push(var);
        block.steps.push(expanded(step, sources, context));
        block.steps.extend(filters);
    }
}

fn expanded(scan: Step, sources: Vec<Source>, context: &Context) -> Step {
    match scan {
        step if sources.is_empty() => step,
        Step::Scan { var, types } => {
            let sure = sources.iter().any(|source| gives(source, context).is_some_and(|of| of.and(types) == of));
            Step::Expand { var, sources, types: (!sure).then_some(types) }
        }
        Step::ScanValues { var, .. } => Step::Expand { var, sources, types: None },
        other => other,
    }
}

/// The types of what a source gives, where the schema says.
fn gives(source: &Source, context: &Context) -> Option<TypeSet> {
    match source {
        Source::Link { link, inverse, .. } => {
            leads_to(&Path::Link { link: *link, inverse: false }, *inverse, context.graph)
        }
        Source::Reach { path, inverse, .. } => leads_to(&context.paths[path.0 as usize], *inverse, context.graph),
        Source::Either(all) => {
            let types: Option<Vec<TypeSet>> = all.iter().map(|source| gives(source, context)).collect();
            Some(types?.into_iter().fold(TypeSet::NONE, TypeSet::or))
        }
        _ => None,
    }
}

/// The types of the entities to which a path leads; where `back`, of those from which it comes.
fn leads_to(path: &Path, back: bool, graph: &Graph) -> Option<TypeSet> {
    match path {
        Path::Link { link, inverse } => {
            let (from, to) = ends(graph, *link)?;
            Some(if *inverse == back { to } else { from })
        }
        Path::Either(paths) => {
            let types: Option<Vec<TypeSet>> = paths.iter().map(|path| leads_to(path, back, graph)).collect();
            Some(types?.into_iter().fold(TypeSet::NONE, TypeSet::or))
        }
        Path::Repeat { path, min: 1.., .. } => leads_to(path, back, graph),
        Path::Repeat { .. } | Path::Sequence(_) => None,
    }
}

/// The condition as a list of candidates for `var`, if everything else in it is bound.
fn source(condition: &Condition, var: VarId, bound: &[VarId]) -> Option<Source> {
    let this = Term::Var(var);
    let known = |term: Term| term.var().is_none_or(|other| other != var && bound.contains(&other));
    match condition {
        Condition::Fact(atom) => {
            let (from, inverse) = if atom.object == this { (atom.subject, false) } else { (atom.object, true) };
            let other = if inverse { atom.subject } else { atom.object };
            let source = Source::Link { link: atom.link, from, inverse, source: atom.source };
            (other == this && known(from)).then_some(source)
        }
        Condition::Path { path, subject, object, source } => {
            let (from, inverse) = if *object == this { (*subject, false) } else { (*object, true) };
            let other = if inverse { *subject } else { *object };
            let reach = Source::Reach { path: *path, from, inverse, source: *source, together: false };
            (other == this && known(from)).then_some(reach)
        }
        Condition::Same(a, b) if *a == this && known(*b) => Some(Source::Same(*b)),
        Condition::Same(a, b) if *b == this && known(*a) => Some(Source::Same(*a)),
        Condition::Value(atom) if atom.value == var && known(atom.subject) => Some(Source::Values(atom.clone())),
        Condition::Any(all) => {
            let sources: Option<Vec<Source>> = all.iter().map(|inner| source(inner, var, bound)).collect();
            sources.map(Source::Either)
        }
        _ => None,
    }
}

/// Marks the closures that are asked from each value of the variable bound just before.
fn reach_together(block: &mut Block, context: &mut Context) {
    let mut before = None;
    for step in &mut block.steps {
        match step {
            Step::Expand { var, sources, .. } => {
                if let [Source::Reach { path, from, source: None, together, .. }] = sources.as_mut_slice() {
                    *together = before.is_some_and(|var| *from == Term::Var(var))
                        && is_closure(&context.paths[path.0 as usize]);
                }
                before = Some(*var);
            }
            Step::Scan { var, .. } => before = Some(*var),
            Step::Filter(_) => {}
            _ => before = None,
        }
    }
}

/// Whether a path is one step of some links, any number of times.
fn is_closure(path: &Path) -> bool {
    let is_link = |path: &Path| matches!(path, Path::Link { .. });
    match path {
        Path::Repeat { path, min: 0 | 1, max: None, .. } => match &**path {
            Path::Either(paths) => paths.iter().all(is_link),
            path => is_link(path),
        },
        _ => false,
    }
}

fn remember_semi_joins(block: &mut Block, context: &mut Context) {
    let first = block.steps.iter().flat_map(Step::binds).next();
    let nested = context.nested;
    for step in &mut block.steps {
        let Step::Filter(condition) = step else { continue };
        memoize(condition, first.filter(|_| !nested), &mut context.memos);
    }
}

/// Gives each semi-join that depends on one outer variable a memo; not where that variable takes each value once.
fn memoize(condition: &mut Condition, once: Option<VarId>, memos: &mut u16) {
    match condition {
        Condition::All(all) | Condition::Any(all) => all.iter_mut().for_each(|inner| memoize(inner, once, memos)),
        Condition::Not(inner) | Condition::Modal(_, inner) => memoize(inner, once, memos),
        Condition::Exists { .. } => {
            let outer = condition.outer_vars();
            let (Condition::Exists { memo, .. }, [var]) = (condition, outer.as_slice()) else { return };
            if Some(*var) != once {
                *memo = Some(Memo { var: *var, id: *memos });
                *memos += 1;
            }
        }
        _ => {}
    }
}
