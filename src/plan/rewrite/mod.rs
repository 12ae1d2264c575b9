//! The named rewrites. Each keeps the bindings of a block and makes them cheaper to find; a plan goes through all of
//! them in order, block by block, outer blocks first.

mod columns;
mod leads;

use super::cost::{Bound, population};
use super::{Block, Condition, Memo, Plan, Source, Step, Walk};
use crate::check::typed::{FactAtom, Link, Term, VarId};
use crate::graph::Graph;
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
    Rewrite { name: "order_variables", doc: "bind the variable with the fewest candidates next", run: order_variables },
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
    Rewrite { name: "remember_semi_joins", doc: "keep the answers of semi-joins", run: remember_semi_joins },
];

/// Applies the rewrites that are not named in `disabled` (`all` names every one).
pub fn optimize(mut plan: Plan, graph: &Graph, disabled: &[String]) -> Plan {
    let mut context = Context { graph, nested: false, memos: 0, leads: 0, types: Vec::new() };
    let enabled = |rewrite: &&Rewrite| !disabled.iter().any(|name| name == rewrite.name || name == "all");
    let rewrites: Vec<&Rewrite> = REWRITES.iter().filter(enabled).collect();
    let Plan { block, applied, .. } = &mut plan;
    optimize_block(block, &rewrites, &mut context, applied);
    plan
}

fn optimize_block(block: &mut Block, rewrites: &[&Rewrite], context: &mut Context, applied: &mut Vec<&'static str>) {
    for rewrite in rewrites {
        let before = block.clone();
        (rewrite.run)(block, context);
        if *block != before && !applied.contains(&rewrite.name) {
            applied.push(rewrite.name);
        }
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
        let Some(var) = facts.iter().find_map(given) else { break };
        known.push(var);
        determined.push(var);
    }
    block.determined = if block.wanted.is_empty() { Vec::new() } else { determined };
}

fn is_scan(step: &Step) -> bool {
    matches!(step, Step::Scan { .. } | Step::ScanValues { .. })
}

/// With more variables than this, only the one with fewest candidates is tried as the first: each try costs their number
/// squared.
const MOST_STARTS: usize = 8;

/// Permutes the scans; everything else keeps its place behind them.
fn order_variables(block: &mut Block, context: &mut Context) {
    let (scans, rest): (Vec<Step>, Vec<Step>) = block.steps.drain(..).partition(is_scan);
    let conditions: Vec<Condition> = rest
        .iter()
        .filter_map(|step| match step {
            Step::Filter(condition) => Some(condition.clone()),
            _ => None,
        })
        .collect();
    let scanned: Vec<VarId> = scans.iter().flat_map(Step::binds).collect();
    let components = witness_components(block, &scanned, &conditions, &rest);
    let mut order = Order { graph: context.graph, conditions: &conditions, components: &components, eager: true };
    let starts = if scans.len() <= MOST_STARTS { scans.len() } else { 0 };
    let mut best = order.of(scans.clone(), &block.outer, None);
    for eager in [true, false] {
        order.eager = eager;
        for first in std::iter::once(None).chain((0..starts).map(Some)) {
            let other = order.of(scans.clone(), &block.outer, first);
            // The fewest candidates first, unless that costs clearly more; of equals, what only has to exist comes last.
            let is_less = if first.is_none() { other.1 <= best.1 } else { other.1 * 1.25 < best.1 };
            if is_less {
                best = other;
            }
        }
    }
    block.steps = best.0;
    block.steps.extend(rest);
}

/// What the order of variables is chosen by.
struct Order<'o> {
    graph: &'o Graph,
    conditions: &'o [Condition],
    components: &'o [Component],
    /// Variables that are not asked for may come first, where they are fewest.
    eager: bool,
}

impl Order<'_> {
    /// The scans in order, each the one with fewest candidates, and how many bindings that makes on the way.
    /// `first` comes first, where it is given.
    fn of(&self, mut scans: Vec<Step>, outer: &[VarId], mut first: Option<usize>) -> (Vec<Step>, f64) {
        let (mut bound, mut ordered) = (outer.to_vec(), Vec::new());
        let (mut bindings, mut total) = (1.0, 0.0);
        while !scans.is_empty() {
            let ranks: Vec<((bool, bool), f64)> = scans.iter().map(|step| self.rank(step, &bound)).collect();
            let less = |a: &usize, b: &usize| ranks[*a].0.cmp(&ranks[*b].0).then(ranks[*a].1.total_cmp(&ranks[*b].1));
            let least = (0..scans.len()).min_by(less).expect("there are scans left");
            let next = first.take().unwrap_or(least);
            let step = scans.remove(next);
            // Of what only has to exist, the first witness ends the search.
            let ((is_deferred, _), candidates) = ranks[next];
            bindings *= if is_deferred { 1.0 } else { candidates };
            total += bindings;
            bound.extend(step.binds());
            ordered.push(step);
        }
        (ordered, total)
    }

    /// Lower is sooner: what only has to exist, and what nothing joins to those before it, comes last.
    fn rank(&self, step: &Step, bound: &[VarId]) -> ((bool, bool), f64) {
        let var = step.binds()[0];
        let known = Bound { graph: self.graph, vars: bound };
        let is_apart = !bound.is_empty() && !self.conditions.iter().any(|c| known.candidates(c, var).is_some());
        let is_deferred = match self.eager {
            true => deferred(var, self.components, bound),
            false => self.components.iter().any(|own| own.vars.contains(&var) && !own.boundary.is_empty()),
        };
        ((is_deferred, is_apart), step_cost(step, self.conditions, &known))
    }
}

/// Candidates of the variable that a scan binds, given what is bound; tests on it make them fewer.
fn step_cost(step: &Step, conditions: &[Condition], bound: &Bound) -> f64 {
    let var = step.binds()[0];
    let scan = match step {
        Step::Scan { types, .. } => population(bound.graph, *types),
        Step::ScanValues { property, .. } => bound.graph.values(*property).len() as f64,
        _ => f64::MAX,
    };
    let listed = conditions.iter().filter_map(|condition| bound.candidates(condition, var));
    let least = listed.fold(scan, f64::min);
    let tested = |condition: &&Condition| {
        let vars = condition.outer_vars();
        matches!(condition, Condition::Test(_) | Condition::Compare(_) | Condition::Order(_) | Condition::Not(_))
            && vars.contains(&var)
            && vars.iter().all(|other| *other == var || bound.vars.contains(other))
    };
    least * 0.5f64.powi(conditions.iter().filter(tested).count() as i32)
}

/// A group of variables that are not asked for, joined by conditions, with the other variables of these.
struct Component {
    vars: Vec<VarId>,
    boundary: Vec<VarId>,
}

/// The groups of variables that only have to exist. A variable is kept that something else than a filter reads, or that
/// takes one value anyway.
fn witness_components(block: &Block, scanned: &[VarId], conditions: &[Condition], rest: &[Step]) -> Vec<Component> {
    let mut read: Vec<VarId> = block.wanted.iter().chain(&block.determined).copied().collect();
    for step in rest.iter().filter(|step| !matches!(step, Step::Filter(_))) {
        step.needs(&mut |var| read.push(var));
    }
    let bound_late: Vec<VarId> = rest.iter().flat_map(Step::binds).collect();
    let spoken: Vec<Vec<VarId>> = conditions.iter().map(Condition::outer_vars).collect();
    let reads_late = |var: &VarId| {
        spoken.iter().any(|vars| vars.contains(var) && vars.iter().any(|other| bound_late.contains(other)))
    };
    let mut open: Vec<VarId> = scanned.iter().filter(|var| !read.contains(var) && !reads_late(var)).copied().collect();
    let mut components = Vec::new();
    while let Some(first) = open.pop() {
        let mut component = Component { vars: vec![first], boundary: Vec::new() };
        let mut next = 0;
        while let Some(var) = component.vars.get(next).copied() {
            next += 1;
            for other in spoken.iter().filter(|vars| vars.contains(&var)).flatten() {
                match open.iter().position(|open| open == other) {
                    Some(i) => component.vars.push(open.remove(i)),
                    None if component.vars.contains(other) || component.boundary.contains(other) => {}
                    None => component.boundary.push(*other),
                }
            }
        }
        components.push(component);
    }
    components
}

/// Whether the variable only has to exist beside variables that are all bound.
fn deferred(var: VarId, components: &[Component], bound: &[VarId]) -> bool {
    let own = components.iter().find(|component| component.vars.contains(&var));
    own.is_some_and(|own| !own.boundary.is_empty() && own.boundary.iter().all(|other| bound.contains(other)))
}

fn stop_at_first_witness(block: &mut Block, _: &mut Context) {
    let scanned: Vec<VarId> = block.steps.iter().filter(|step| is_scan(step)).flat_map(Step::binds).collect();
    let conditions: Vec<Condition> = filters(block).cloned().collect();
    let rest: Vec<Step> =
        block.steps.iter().filter(|step| !scanned.iter().any(|v| step.binds() == [*v])).cloned().collect();
    let place = |var: &VarId| scanned.iter().position(|other| other == var);
    for component in witness_components(block, &scanned, &conditions, &rest) {
        let first = component.vars.iter().filter_map(place).min();
        let last = component.boundary.iter().filter_map(place).max();
        let whole = component.vars.len() == scanned.len();
        if last < first && !whole {
            close(block, &component);
        }
    }
}

/// Moves the component's scans and conditions into a semi-join.
fn close(block: &mut Block, component: &Component) {
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
        block.steps.push(expanded(step, sources, context.graph));
        block.steps.extend(filters);
    }
}

fn expanded(scan: Step, sources: Vec<Source>, graph: &Graph) -> Step {
    match scan {
        step if sources.is_empty() => step,
        Step::Scan { var, types } => {
            let sure = sources.iter().any(|source| gives(source, graph).is_some_and(|of| of.and(types) == of));
            Step::Expand { var, sources, types: (!sure).then_some(types) }
        }
        Step::ScanValues { var, .. } => Step::Expand { var, sources, types: None },
        other => other,
    }
}

/// The types of what a source gives, where the schema says.
fn gives(source: &Source, graph: &Graph) -> Option<TypeSet> {
    match source {
        Source::Link { link, inverse, .. } => {
            let (from, to) = ends(graph, *link)?;
            Some(if *inverse { from } else { to })
        }
        Source::Either(all) => {
            let types: Option<Vec<TypeSet>> = all.iter().map(|source| gives(source, graph)).collect();
            Some(types?.into_iter().fold(TypeSet::NONE, TypeSet::or))
        }
        _ => None,
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
            (other == this && known(from)).then_some(Source::Reach { path: *path, from, inverse, source: *source })
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
