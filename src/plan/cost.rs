//! The cost model: candidates per variable and rows per operator.

use super::{
    AccessPath, Block, Claimed, Condition, Definition, FactAtom, Link, Operator, Plan, Scalar, Step, Term, Var, VarId,
    VarKind,
};
use crate::graph::{Direction, Facts, Graph};
use crate::schema::TypeSet;

/// Set of variables, as a bit set. The first 64 need no allocation, since a set is made for each order that is tried.
#[derive(Debug, Clone, Default)]
pub struct VarSet {
    first: u64,
    others: Vec<u64>,
}

impl VarSet {
    pub fn contains(&self, var: VarId) -> bool {
        let word = match usize::from(var.0 / 64) {
            0 => self.first,
            word => self.others.get(word - 1).copied().unwrap_or(0),
        };
        word >> (var.0 % 64) & 1 == 1
    }

    pub fn insert(&mut self, var: VarId) {
        let word = match usize::from(var.0 / 64) {
            0 => &mut self.first,
            word => {
                self.others.resize(self.others.len().max(word), 0);
                &mut self.others[word - 1]
            }
        };
        *word |= 1 << (var.0 % 64);
    }

    pub fn is_empty(&self) -> bool {
        self.first == 0 && self.others.iter().all(|word| *word == 0)
    }

    /// Returns true if all variables of this set are in the other.
    fn is_within(&self, other: &VarSet) -> bool {
        let other_word = |word: usize| other.others.get(word).copied().unwrap_or(0);
        self.first & !other.first == 0 && (0..self.others.len()).all(|word| self.others[word] & !other_word(word) == 0)
    }
}

impl FromIterator<VarId> for VarSet {
    fn from_iter<I: IntoIterator<Item = VarId>>(vars: I) -> VarSet {
        let mut set = VarSet::default();
        vars.into_iter().for_each(|var| set.insert(var));
        set
    }
}

/// State of the ordering of a block: the graph, and the variables bound so far.
pub struct Bound<'a> {
    pub graph: &'a Graph,
    pub vars: &'a VarSet,
}

impl Bound<'_> {
    fn has(&self, term: Term) -> bool {
        term.var().is_none_or(|var| self.vars.contains(var))
    }

    fn knows(&self, claimed: &Claimed) -> bool {
        let mut is_known = true;
        claimed.vars(&mut |var| is_known &= self.vars.contains(var));
        is_known
    }

    /// Returns how many values `var` takes by `condition` alone, per binding of the bound variables; `None` if the
    /// condition does not list values.
    pub fn candidates(&self, condition: &Condition, var: VarId) -> Option<f64> {
        let this = Term::Var(var);
        match condition {
            Condition::Fact(atom) if atom.object == this && self.has(atom.subject) => Some(self.fan(atom, false)),
            Condition::Fact(atom) if atom.subject == this && self.has(atom.object) => Some(self.fan(atom, true)),
            // A body of a recursive definition begins with the new pairs, from either end.
            Condition::Fact(FactAtom { link: link @ Link::Define(define), subject, object, .. })
                if Definition::of_new_pairs(*define).is_some() && (*subject == this || *object == this) =>
            {
                Some(defined(self.graph, *link))
            }
            Condition::Path { subject, object, .. } if *object == this && self.has(*subject) => Some(reach(self.graph)),
            Condition::Path { subject, object, .. } if *subject == this && self.has(*object) => Some(reach(self.graph)),
            Condition::Order(order) if order.var == var && order.is_entity() => Some(1.0),
            Condition::Same(a, b) if (*a == this && self.has(*b)) || (*b == this && self.has(*a)) => Some(1.0),
            Condition::Value(atom) if atom.value == var && self.has(atom.subject) => Some(1.0),
            Condition::Claim(atom) if atom.by == var && self.knows(&atom.of) => Some(1.0),
            Condition::Word(own, _) if *own == var => Some(1.0),
            // Nothing is listed if one alternative lists nothing: the sum is then `None`.
            Condition::Any(all) => all.iter().map(|inner| self.candidates(inner, var)).sum(),
            Condition::All(all) => all.iter().filter_map(|inner| self.candidates(inner, var)).min_by(f64::total_cmp),
            _ => None,
        }
    }

    /// Returns the number of neighbours of the bound end: exact for an entity, average for a variable.
    fn fan(&self, atom: &FactAtom, inverse: bool) -> f64 {
        let Link::Verb(verb) = atom.link else { return defined(self.graph, atom.link) };
        let adjacency = self.graph.relation(verb).adjacency(Direction::inverse_if(inverse), Facts::All);
        match if inverse { atom.object } else { atom.subject } {
            Term::Entity(entity) => adjacency.degree(entity) as f64,
            Term::Var(_) => adjacency.len() as f64 / (adjacency.range().len() as f64).max(1.0),
        }
    }
}

/// Returns the number of entities of these types.
pub fn population(graph: &Graph, types: TypeSet) -> f64 {
    graph.count_of(types) as f64
}

/// Estimate for a variable, per binding of the variables before it.
pub struct Estimate {
    pub candidates: f64,
    /// Number of entities visited to find the candidates.
    pub work: f64,
    /// True if a condition lists values by variables that are bound.
    pub is_joined: bool,
}

/// A scan with what its estimates read, whatever is bound. It is made once, since many orders are estimated.
pub struct ScanCost<'c> {
    pub var: VarId,
    /// Number of entities, labels or values that are scanned.
    scanned: f64,
    /// The conditions that read the variable; those that only test it have the other variables that they read.
    conditions: Vec<(&'c Condition, Option<VarSet>)>,
}

impl<'c> ScanCost<'c> {
    pub fn new(graph: &Graph, step: &Step, conditions: &[&'c Condition]) -> ScanCost<'c> {
        let var = step.binds()[0];
        let scanned = match step {
            Step::Scan { types, .. } => population(graph, *types),
            Step::ScanLabels { label, .. } => label.number(graph) as f64,
            Step::ScanValues { property, .. } => graph.values(*property).len() as f64,
            _ => f64::MAX,
        };
        let others = |condition: &Condition| {
            let vars = condition.outer_vars();
            vars.contains(&var).then(|| vars.into_iter().filter(|other| *other != var).collect())
        };
        let of = |condition: &&'c Condition| (*condition, is_test(condition).then(|| others(condition)).flatten());
        ScanCost { var, scanned, conditions: conditions.iter().map(of).collect() }
    }

    /// Returns the estimate of the variable, given the bound variables. Tests on it reduce the candidates, not the work.
    pub fn estimate(&self, bound: &Bound) -> Estimate {
        let listed = || self.conditions.iter().filter_map(|(condition, _)| bound.candidates(condition, self.var));
        // A scan is always possible, so it limits the candidates.
        let (lists, least) = listed().fold((0, self.scanned), |(lists, least), length| (lists + 1, least.min(length)));
        let is_tested = |others: &&VarSet| others.is_within(bound.vars);
        let tests = self.conditions.iter().filter_map(|(_, others)| others.as_ref()).filter(is_tested).count();
        let candidates = least * PASSING.powi(tests as i32);
        let work = if lists < 2 { least } else { intersecting(least, listed()) };
        Estimate { candidates, work, is_joined: lists > 0 }
    }
}

/// Returns true if a condition only filters what others list.
fn is_test(condition: &Condition) -> bool {
    use Condition::{Coded, Compare, Exact, Name, Not, Order, Test};
    matches!(condition, Test(_) | Exact(_) | Coded(_) | Name(..) | Compare(_) | Order(_) | Not(_))
}

/// Returns the number of entities visited to intersect lists of these lengths: short lists are merged, in long ones
/// each entity of the shortest list is searched.
fn intersecting(least: f64, listed: impl Iterator<Item = f64>) -> f64 {
    listed.map(|length| length.min(least * (1.0 + (length / least.max(1.0)).max(1.0).log2()))).sum()
}

/// Selectivity of a test without statistics. Found by experiment: variable orders change little between 0.2 and 0.7.
const PASSING: f64 = 0.5;

/// Assumed number of groups of a key that is no entity: years, months, numbers. Only `explain` shows it; no rule
/// depends on it.
const FEW: f64 = 100.0;

/// Numbers the operators and steps of a plan, and estimates the rows of each.
pub fn annotate(plan: &mut Plan, graph: &Graph) {
    let mut next = 0;
    let mut number = || {
        next += 1;
        next - 1
    };
    for definition in plan.definitions_mut() {
        definition.id = number();
        definition.rows = 0.0;
        for body in &mut definition.bodies {
            let block = &mut body.pattern.block;
            definition.rows += annotate_block(block, &mut Annotator { graph, number: &mut number });
        }
    }
    let mut rows = 1.0;
    for node in &mut plan.operators {
        node.id = number();
        rows = operator_rows(&mut node.operator, rows, &mut Annotator { graph, number: &mut number });
        node.rows = rows;
    }
    for pattern in plan.view.among_mut().into_iter().chain(&mut plan.subpatterns) {
        annotate_block(&mut pattern.block, &mut Annotator { graph, number: &mut number });
    }
}

/// Returns the estimated rows of an operator that reads `rows` rows; numbers its steps.
fn operator_rows(operator: &mut Operator, rows: f64, annotator: &mut Annotator) -> f64 {
    let graph = annotator.graph;
    match operator {
        Operator::Match(pattern) => {
            let rows = annotate_block(&mut pattern.block, annotator);
            pattern.most.map_or(rows, |most| rows.min(most as f64))
        }
        Operator::CountMatches(pattern) => {
            annotate_block(&mut pattern.block, annotator);
            1.0
        }
        Operator::CountGroups(count) => {
            let rows = annotate_block(&mut count.pattern.block, annotator);
            groups(&count.keys, &count.pattern.slots, graph).min(rows)
        }
        Operator::CountDistinct(count) => {
            let rows = annotate_block(&mut count.pattern.block, annotator);
            groups(&count.keys, &count.pattern.slots, graph).min(rows)
        }
        Operator::Aggregate(aggregate) => {
            for presence in &mut aggregate.presences {
                annotate_block(&mut presence.block, annotator);
            }
            rows.min(if aggregate.keys.is_empty() { 1.0 } else { FEW.powi(aggregate.keys.len() as i32) })
        }
        Operator::MatchesOfRows { pattern, .. } => {
            pattern.as_mut().map_or(rows, |pattern| annotate_block(&mut pattern.block, annotator))
        }
        Operator::Having(_) => rows * PASSING,
        Operator::LateRows(late) => late.limit.limit.map_or(rows, |limit| rows.min(limit as f64)),
        Operator::Limit(limit) => limit.limit.map_or(rows, |limit| rows.min(limit as f64)),
        Operator::Count | Operator::Ask => 1.0,
        _ => rows,
    }
}

fn groups(keys: &[Scalar], slots: &[Var], graph: &Graph) -> f64 {
    let values = |key: &Scalar| match key {
        Scalar::Slot(var) => match slots[var.0 as usize].kind {
            VarKind::Entity(types) => population(graph, types),
            _ => FEW,
        },
        _ => FEW,
    };
    keys.iter().map(values).product::<f64>().max(1.0)
}

struct Annotator<'a> {
    graph: &'a Graph,
    number: &'a mut dyn FnMut() -> u32,
}

/// Numbers and estimates the steps of a block; returns the bindings that it produces each time it starts.
fn annotate_block(block: &mut Block, annotator: &mut Annotator) -> f64 {
    block.first = (annotator.number)();
    (1..block.steps.len()).for_each(|_| _ = (annotator.number)());
    block.rows.clear();
    let mut rows = 1.0;
    for step in &mut block.steps {
        rows *= match step {
            Step::Scan { types, .. } => population(annotator.graph, *types),
            Step::ScanLabels { label, .. } => label.number(annotator.graph) as f64,
            Step::ScanValues { property, .. } => annotator.graph.values(*property).len() as f64,
            Step::Expand { access, .. } => {
                access.iter().map(|access| listed(access, annotator.graph)).fold(f64::MAX, f64::min)
            }
            Step::Walk { .. } => 1.0,
            // A left join yields at least one row.
            Step::Optional(block) => annotate_block(block, annotator).max(1.0),
            Step::Filter(condition) => {
                condition.each_mut(&mut |inner| {
                    if let Some(block) = inner.block_mut() {
                        annotate_block(block, annotator);
                    }
                });
                PASSING
            }
        };
        block.rows.push(rows);
    }
    rows
}

/// Returns how many values an access path lists, per binding of the variable that it starts from.
fn listed(access: &AccessPath, graph: &Graph) -> f64 {
    match access {
        AccessPath::Link { link: Link::Verb(verb), from, inverse, .. } => {
            let adjacency = graph.relation(*verb).adjacency(Direction::inverse_if(*inverse), Facts::All);
            match from {
                Term::Entity(entity) => adjacency.degree(*entity) as f64,
                Term::Var(_) => adjacency.len() as f64 / (adjacency.range().len() as f64).max(1.0),
            }
        }
        AccessPath::Link { link, .. } | AccessPath::Ends { link, .. } => defined(graph, *link),
        AccessPath::Reach { .. } => reach(graph),
        AccessPath::Values(_) | AccessPath::Same(_) | AccessPath::Claims(_) | AccessPath::Word(_) => 1.0,
        AccessPath::Either(all) => all.iter().map(|access| listed(access, graph)).sum(),
    }
}

/// Returns an estimate of the entities that a closure reaches: a fixed part of all entities. By reasoning, no
/// benchmark varies it: a high one, so that the order of variables prefers plain links.
fn reach(graph: &Graph) -> f64 {
    graph.entity_count() as f64 / 4.0 + 1.0
}

/// Returns an estimate of the neighbours along a definition: its pairs are not known before it is evaluated, except
/// that a round adds few.
fn defined(graph: &Graph, link: Link) -> f64 {
    match link {
        Link::Define(define) if Definition::of_new_pairs(define).is_some() => FEW_NEW,
        _ => graph.entity_count() as f64 / 8.0,
    }
}

/// Assumed number of neighbours among new pairs: small, so that a body starts with them.
const FEW_NEW: f64 = 2.0;
