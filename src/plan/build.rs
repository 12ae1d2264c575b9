//! A query written down word for word: bind every variable, then test every condition.

use super::{Block, Condition, GroupKey, PathId, Plan, Step, Walk};
use crate::check::typed::{Define, Expr, ExprKind, Formula, PathAtom, Query, Select, Var, VarId, VarKind};
use crate::functions::FunctionId;
use crate::value::Id;

/// The plan that finds the distinct tuples of `wanted` for which the select's formula holds.
///
/// `wanted` is a subset of the select's free variables. The plan makes no use of indexes: it is the meaning of the
/// query, against which rewrites are judged.
pub fn build(query: &Query, select: &Select, wanted: &[VarId]) -> Plan {
    let mut builder = Builder { vars: &query.vars, paths: Vec::new(), lengths: lengths_asked(select) };
    let block = builder.block(&select.free, &select.formula, wanted, &[]);
    Plan { keys: group_keys(query, select), ..builder.plan(block) }
}

/// What the groups of a select are formed by; empty where that is nothing, or is not each read off one entity.
fn group_keys(query: &Query, select: &Select) -> Vec<GroupKey> {
    let is_entity = |var: VarId| matches!(query.vars[var.0 as usize].kind, VarKind::Entity(_));
    let key = |expr: &Expr| match expr.kind {
        ExprKind::Var(var) => is_entity(var).then_some(GroupKey::Entity(var)),
        _ => {
            let mut vars = Vec::new();
            expr.vars(&mut |var| vars.push(var));
            vars.first().filter(|_| vars.len() == 1).map(|var| GroupKey::Of(*var))
        }
    };
    select.group.iter().flatten().map(key).collect::<Option<Vec<GroupKey>>>().unwrap_or_default()
}

/// The plan of a definition's own variables: distinct pairs of subject and object.
pub fn build_define(define: &Define) -> Plan {
    let mut builder = Builder { vars: &define.vars, paths: Vec::new(), lengths: Vec::new() };
    let mut vars = vec![define.subject, define.object];
    define.formula.free(&mut |var| {
        if !vars.contains(&var) {
            vars.push(var)
        }
    });
    let block = builder.block(&vars, &define.formula, &[define.subject, define.object], &[]);
    builder.plan(block)
}

/// The plan that finds the values of `bind` for which a part of a query holds; all else that it speaks of is bound
/// before.
pub fn build_part(vars: &[Var], bind: &[VarId], formula: &Formula) -> Plan {
    let mut builder = Builder { vars, paths: Vec::new(), lengths: Vec::new() };
    let outer: Vec<VarId> = free_vars(formula).into_iter().filter(|var| !bind.contains(var)).collect();
    let block = builder.block(bind, formula, bind, &outer);
    builder.plan(block)
}

struct Builder<'q> {
    vars: &'q [Var],
    paths: Vec<crate::check::typed::Path>,
    /// Path variables of which only lengths are asked, and which.
    lengths: Vec<(VarId, Walk)>,
}

impl Builder<'_> {
    fn plan(self, block: Block) -> Plan {
        let titles = self.vars.iter().map(|var| var.title.clone()).collect();
        Plan { block, paths: self.paths, slots: self.vars.len(), titles, applied: Vec::new(), keys: Vec::new() }
    }

    /// Binds `vars`, then tests the formula.
    fn block(&mut self, vars: &[VarId], formula: &Formula, wanted: &[VarId], outer: &[VarId]) -> Block {
        let mut parts = Parts::default();
        self.conjunct(formula, &mut parts);
        let late = parts.late_vars();
        let early = vars.iter().filter(|var| !outer.contains(var) && !late.contains(var));
        let mut steps: Vec<Step> = early.filter_map(|var| self.scan(*var)).collect();
        steps.extend(parts.walks);
        steps.extend(parts.conditions.into_iter().map(Step::Filter));
        let mut known: Vec<VarId> = outer.to_vec();
        known.extend(steps.iter().flat_map(Step::binds));
        for inner in parts.optionals {
            let optional = self.optional(&inner, &known);
            known.extend(optional.bound());
            steps.push(Step::Optional(optional));
        }
        Block { steps, wanted: wanted.to_vec(), outer: outer.to_vec(), determined: Vec::new() }
    }

    fn optional(&mut self, formula: &Formula, known: &[VarId]) -> Block {
        let vars = free_vars(formula);
        let own: Vec<VarId> = vars.into_iter().filter(|var| !known.contains(var)).collect();
        self.block(&own, formula, &own, known)
    }

    fn scan(&self, var: VarId) -> Option<Step> {
        match self.vars[var.0 as usize].kind {
            VarKind::Entity(types) => Some(Step::Scan { var, types }),
            VarKind::Value(_, property) => Some(Step::ScanValues { var, property }),
            VarKind::Path => None,
        }
    }

    /// Takes a conjunct apart: optional parts and path variables are bound after the rest.
    fn conjunct(&mut self, formula: &Formula, parts: &mut Parts) {
        match formula {
            Formula::All(all) => all.iter().for_each(|formula| self.conjunct(formula, parts)),
            Formula::Optional(inner) => parts.optionals.push((**inner).clone()),
            Formula::Path(atom) if atom.bind.is_some() => self.walk(atom, parts),
            other => {
                let condition = self.condition(other);
                parts.conditions.push(condition);
            }
        }
    }

    fn walk(&mut self, atom: &PathAtom, parts: &mut Parts) {
        let condition = self.path(atom);
        if let (Some(var), Condition::Path { path, subject, object, source }) = (atom.bind, condition.clone()) {
            let asked = self.lengths.iter().find(|(asked, _)| *asked == var);
            let walk = asked.map_or(Walk::Every, |(_, walk)| *walk);
            parts.walks.push(Step::Filter(condition));
            parts.walks.push(Step::Walk { var, path, subject, object, source, walk });
        }
    }

    fn path(&mut self, atom: &PathAtom) -> Condition {
        let known = self.paths.iter().position(|path| *path == atom.path);
        let path = known.unwrap_or_else(|| {
            self.paths.push(atom.path.clone());
            self.paths.len() - 1
        });
        let (subject, object, source) = (atom.subject, atom.object, atom.source);
        Condition::Path { path: PathId::new(path).unwrap_or(PathId(u32::MAX)), subject, object, source }
    }

    fn condition(&mut self, formula: &Formula) -> Condition {
        match formula {
            Formula::All(all) => Condition::All(all.iter().map(|formula| self.condition(formula)).collect()),
            Formula::Any(all) => Condition::Any(all.iter().map(|formula| self.condition(formula)).collect()),
            Formula::Not(inner) => Condition::Not(Box::new(self.condition(inner))),
            Formula::Exists(vars, inner) => Condition::Exists { block: self.inner(vars, inner, &[]), memo: None },
            Formula::Count { var, compare, number, of } => {
                let block = self.inner(&[*var], of, &[*var]);
                Condition::Count { block, compare: *compare, number: *number }
            }
            Formula::Every { vars, domain, then, span } => {
                let block = self.inner(vars, domain, vars);
                Condition::Every { block, then: Box::new(self.condition(then)), span: *span }
            }
            // Bound by nothing outside an outer conjunction: true either way.
            Formula::Optional(_) => Condition::always(),
            Formula::Modal(modality, inner) => Condition::Modal(*modality, Box::new(self.condition(inner))),
            Formula::Fact(atom) => Condition::Fact(atom.clone()),
            Formula::Path(atom) => self.path(atom),
            Formula::Value(atom) => Condition::Value(atom.clone()),
            Formula::Type(term, types) => Condition::Type(*term, *types),
            Formula::Same(a, b) => Condition::Same(*a, *b),
            Formula::Test(expr) => self.test(expr),
        }
    }

    /// A test for the existence of facts is a semi-join like any other.
    fn test(&mut self, expr: &Expr) -> Condition {
        match &expr.kind {
            ExprKind::Exists(formula) => self.condition(formula),
            ExprKind::And(all) => Condition::All(all.iter().map(|expr| self.test(expr)).collect()),
            ExprKind::Or(all) => Condition::Any(all.iter().map(|expr| self.test(expr)).collect()),
            ExprKind::Not(inner) => Condition::Not(Box::new(self.test(inner))),
            _ => Condition::Test(expr.clone()),
        }
    }

    /// The block of a closed part: what it speaks of beyond `vars` is bound outside.
    fn inner(&mut self, vars: &[VarId], formula: &Formula, wanted: &[VarId]) -> Block {
        let outer: Vec<VarId> = free_vars(formula).into_iter().filter(|var| !vars.contains(var)).collect();
        self.block(vars, formula, wanted, &outer)
    }
}

/// The conjuncts of a block, by when they come.
#[derive(Default)]
struct Parts {
    conditions: Vec<Condition>,
    walks: Vec<Step>,
    optionals: Vec<Formula>,
}

impl Parts {
    /// Variables that only an optional part speaks of: it binds them itself.
    fn late_vars(&self) -> Vec<VarId> {
        let mut sure: Vec<VarId> = self.conditions.iter().flat_map(Condition::outer_vars).collect();
        self.walks.iter().for_each(|step| step.needs(&mut |var| sure.push(var)));
        let late = self.optionals.iter().flat_map(free_vars);
        late.filter(|var| !sure.contains(var)).collect()
    }
}

/// The distinct free variables of a formula, in the order met.
pub(super) fn free_vars(formula: &Formula) -> Vec<VarId> {
    let mut vars = Vec::new();
    formula.free(&mut |var| {
        if !vars.contains(&var) {
            vars.push(var)
        }
    });
    vars
}

/// The path variables that occur only as `min(length(p))` or `max(length(p))`, with the lengths that are asked.
fn lengths_asked(select: &Select) -> Vec<(VarId, Walk)> {
    let mut asked: Vec<(VarId, bool, bool)> = Vec::new();
    let mut whole: Vec<VarId> = Vec::new();
    let columns = select.columns.iter().map(|column| &column.expr);
    let keys = select.group.iter().flatten().chain(&select.having);
    for expr in columns.chain(keys).chain(select.order.iter().map(|key| &key.expr)) {
        length_uses(expr, &mut asked, &mut whole);
    }
    asked.retain(|(var, ..)| !whole.contains(var));
    let least = |var| asked.iter().any(|(other, least, _)| *other == var && *least);
    let greatest = |var| asked.iter().any(|(other, _, greatest)| *other == var && *greatest);
    let walk = |var| Walk::Lengths { least: least(var), greatest: greatest(var) };
    asked.iter().map(|(var, ..)| (*var, walk(*var))).collect()
}

fn length_uses(expr: &Expr, asked: &mut Vec<(VarId, bool, bool)>, whole: &mut Vec<VarId>) {
    match &expr.kind {
        ExprKind::Aggregate { function, argument, .. } => match (function, length_of(argument)) {
            (FunctionId::Min, Some(var)) => asked.push((var, true, false)),
            (FunctionId::Max, Some(var)) => asked.push((var, false, true)),
            _ => argument.vars(&mut |var| whole.push(var)),
        },
        ExprKind::Compare(_, a, b) | ExprKind::Arithmetic(_, a, b) => {
            length_uses(a, asked, whole);
            length_uses(b, asked, whole);
        }
        ExprKind::And(all) | ExprKind::Or(all) | ExprKind::Call(_, all) => {
            all.iter().for_each(|expr| length_uses(expr, asked, whole));
        }
        ExprKind::Not(inner) | ExprKind::Negative(inner) | ExprKind::IsUnknown(inner) => {
            length_uses(inner, asked, whole);
        }
        _ => expr.vars(&mut |var| whole.push(var)),
    }
}

/// The path variable of `length(p)`.
fn length_of(expr: &Expr) -> Option<VarId> {
    match &expr.kind {
        ExprKind::Call(FunctionId::Length, arguments) => match arguments.as_slice() {
            [Expr { kind: ExprKind::Var(var), .. }] => Some(*var),
            _ => None,
        },
        _ => None,
    }
}
