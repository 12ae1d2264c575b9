//! A query written down word for word: bind every variable, then test every condition.

use super::{Block, Condition, GroupKey, PathId, Plan, Step, Walk};
use crate::check::typed::{Define, Expr, ExprKind, Formula, PathAtom, Query, Select, Term, Var, VarId, VarKind};
use crate::functions::FunctionId;
use crate::value::Id;

/// The plan that finds the distinct tuples of `wanted` for which the select's formula holds.
///
/// `wanted` is a subset of the select's free variables. The plan makes no use of indexes: it is the meaning of the
/// query, against which rewrites are judged.
pub fn build(query: &Query, select: &Select, wanted: &[VarId]) -> Plan {
    let mut builder =
        Builder { vars: &query.vars, paths: Vec::new(), lengths: lengths_asked(select), unasked: Vec::new() };
    builder.unasked = unasked_paths(query, select, wanted);
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
    let mut builder = Builder { vars: &define.vars, paths: Vec::new(), lengths: Vec::new(), unasked: Vec::new() };
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
    let mut builder = Builder { vars, paths: Vec::new(), lengths: Vec::new(), unasked: Vec::new() };
    let outer: Vec<VarId> = free_vars(formula).into_iter().filter(|var| !bind.contains(var)).collect();
    let block = builder.block(bind, formula, bind, &outer);
    builder.plan(block)
}

struct Builder<'q> {
    vars: &'q [Var],
    paths: Vec<crate::check::typed::Path>,
    /// Path variables of which only lengths are asked, and which.
    lengths: Vec<(VarId, Walk)>,
    /// Path variables that nothing looks at. Naming a path changes nothing else, so that they need not be bound.
    unasked: Vec<VarId>,
}

impl Builder<'_> {
    fn plan(self, block: Block) -> Plan {
        let titles = self.vars.iter().map(|var| var.title.clone()).collect();
        Plan { block, paths: self.paths, slots: self.vars.len(), titles, applied: Vec::new(), keys: Vec::new() }
    }

    /// Binds `vars`, then tests the formula; level by level, an optional part between one level and the next.
    fn block(&mut self, vars: &[VarId], formula: &Formula, wanted: &[VarId], outer: &[VarId]) -> Block {
        let mut levels = Levels::of(formula, outer);
        levels.drop_unneeded(wanted);
        let Levels { levels, mut known, .. } = levels;
        // What nothing speaks of is bound first, as every variable of the first level is.
        let unspoken = vars.iter().filter(|var| !known.iter().any(|(other, _)| other == *var));
        known.extend(unspoken.map(|var| (*var, 0)).collect::<Vec<_>>());
        let (mut steps, mut bound) = (Vec::new(), outer.to_vec());
        for (number, level) in levels.into_iter().enumerate() {
            if let Some(inner) = level.optional {
                steps.push(Step::Optional(self.block(&level.own, inner, &level.own, &bound)));
                bound.extend(&level.own);
            }
            let is_joined = |var: &VarId| level.own.contains(var);
            let of_level =
                vars.iter().filter(|var| known.contains(&(**var, number)) && !bound.contains(var) && !is_joined(var));
            steps.extend(of_level.filter_map(|var| self.scan(*var)));
            let (mut walks, mut filters) = (Vec::new(), Vec::new());
            for conjunct in level.conjuncts {
                match conjunct {
                    Formula::Path(atom) if atom.bind.is_some() => self.walk(atom, &mut walks),
                    other => filters.push(Step::Filter(self.condition(other))),
                }
            }
            steps.extend(walks.into_iter().chain(filters));
            bound.extend(known.iter().filter(|(_, level)| *level == number).map(|(var, _)| *var));
        }
        Block { steps, wanted: wanted.to_vec(), outer: outer.to_vec(), determined: Vec::new() }
    }

    fn scan(&self, var: VarId) -> Option<Step> {
        match self.vars[var.0 as usize].kind {
            VarKind::Entity(types) => Some(Step::Scan { var, types }),
            VarKind::Value(_, property) => Some(Step::ScanValues { var, property }),
            VarKind::Path => None,
        }
    }

    fn walk(&mut self, atom: &PathAtom, steps: &mut Vec<Step>) {
        let condition = self.path(atom);
        if let (Some(var), Condition::Path { path, subject, object, source }) = (atom.bind, condition.clone()) {
            let asked = self.lengths.iter().find(|(asked, _)| *asked == var && atom.path.joins_simply());
            let walk = asked.map_or(Walk::Every, |(_, walk)| *walk);
            steps.push(Step::Filter(condition));
            if self.unasked.contains(&var) {
                return;
            }
            steps.push(Step::Walk { var, path, subject, object, source, walk });
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

/// The conjuncts of a formula by the optional parts that they build on.
///
/// An optional part is a left join: what it is the first to speak of, it alone binds. Everything that speaks of that, in
/// whatever place, is asked of the joined rows. So each optional part begins a level, and a conjunct belongs to the
/// greatest level of its variables.
struct Levels<'f> {
    levels: Vec<Level<'f>>,
    /// The level in which each variable is bound; 0 for those bound outside.
    known: Vec<(VarId, usize)>,
    /// Declarations of variables that nothing speaks of yet. They are bound where the first conjunct needs them.
    declared: Vec<(VarId, &'f Formula)>,
}

#[derive(Default)]
struct Level<'f> {
    /// What is joined first; nothing in level 0, nor where nothing looks at it.
    optional: Option<&'f Formula>,
    /// The variables that it binds.
    own: Vec<VarId>,
    conjuncts: Vec<&'f Formula>,
}

impl<'f> Levels<'f> {
    fn of(formula: &'f Formula, outer: &[VarId]) -> Levels<'f> {
        let known = outer.iter().map(|var| (*var, 0)).collect();
        let mut levels = Levels { levels: vec![Level::default()], known, declared: Vec::new() };
        levels.add(formula);
        levels.declare(None, 0);
        levels
    }

    fn add(&mut self, formula: &'f Formula) {
        match formula {
            Formula::All(all) => all.iter().for_each(|formula| self.add(formula)),
            Formula::Type(Term::Var(var), _) if self.level_of(*var).is_none() => self.declared.push((*var, formula)),
            Formula::Optional(inner) => {
                self.declare(Some(inner), 0);
                let own = free_vars(inner).into_iter().filter(|var| self.level_of(*var).is_none()).collect();
                self.meet(inner, self.levels.len());
                self.levels.push(Level { optional: Some(inner), own, conjuncts: Vec::new() });
            }
            other => {
                let level = free_vars(other).iter().filter_map(|var| self.level_of(*var)).max().unwrap_or(0);
                self.declare(Some(other), level);
                self.meet(other, level);
                self.levels[level].conjuncts.push(other);
            }
        }
    }

    /// Leaves out the optional parts whose variables nothing looks at: a left join drops no row.
    fn drop_unneeded(&mut self, wanted: &[VarId]) {
        let mut needed = wanted.to_vec();
        for number in (1..self.levels.len()).rev() {
            let level = &mut self.levels[number];
            level.conjuncts.iter().for_each(|conjunct| conjunct.free(&mut |var| needed.push(var)));
            match level.optional.map(free_vars) {
                Some(vars) if level.own.iter().any(|var| needed.contains(var)) => needed.extend(vars),
                _ => level.optional = None,
            }
        }
    }

    fn level_of(&self, var: VarId) -> Option<usize> {
        self.known.iter().find(|(known, _)| *known == var).map(|(_, level)| *level)
    }

    /// Puts the declarations of variables that `user` speaks of into a level; all that are left where it is `None`.
    fn declare(&mut self, user: Option<&Formula>, level: usize) {
        let used = user.map(free_vars);
        let is_used = |var: &VarId| used.as_ref().is_none_or(|used| used.contains(var));
        for (var, formula) in self.declared.extract_if(.., |(var, _)| is_used(var)) {
            if !self.known.iter().any(|(known, _)| *known == var) {
                self.known.push((var, level));
            }
            self.levels[level].conjuncts.push(formula);
        }
    }

    /// Notes the level of the variables that the formula is the first to speak of.
    fn meet(&mut self, formula: &Formula, level: usize) {
        for var in free_vars(formula) {
            if self.level_of(var).is_none() {
                self.known.push((var, level));
            }
        }
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
    // A condition may drop some of the paths.
    whole.extend(spoken_again(&select.formula));
    asked.retain(|(var, ..)| !whole.contains(var));
    let least = |var| asked.iter().any(|(other, least, _)| *other == var && *least);
    let greatest = |var| asked.iter().any(|(other, _, greatest)| *other == var && *greatest);
    let walk = |var| Walk::Lengths { least: least(var), greatest: greatest(var) };
    asked.iter().map(|(var, ..)| (*var, walk(*var))).collect()
}

/// The path variables that a pattern's conditions look at, beside the path that binds them.
fn spoken_again(formula: &Formula) -> Vec<VarId> {
    let (mut met, mut again) = (Vec::new(), Vec::new());
    formula.free(&mut |var| if met.contains(&var) { again.push(var) } else { met.push(var) });
    again
}

/// The path variables that are neither wanted nor looked at by a condition.
fn unasked_paths(query: &Query, select: &Select, wanted: &[VarId]) -> Vec<VarId> {
    let again = spoken_again(&select.formula);
    let is_unasked = |var: &VarId| !wanted.contains(var) && !again.contains(var);
    let is_path = |var: &VarId| query.vars[var.0 as usize].kind == VarKind::Path;
    select.free.iter().filter(|var| is_path(var) && is_unasked(var)).copied().collect()
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
