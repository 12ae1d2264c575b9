//! Pattern of a formula: scan every variable, then test every condition, level by level of the optional parts.

use super::scalar::Scalars;
use crate::check::typed::{
    CountOp, Define, Expr, ExprKind, FactAtom, Formula, Modality, PathAtom, Query, Select, Term, ValueAtom, Var, VarId,
    VarKind,
};
use crate::graph::{Graph, SourceId, entire};
use crate::plan::{Block, Condition, PathId, Pattern, Scalar, Step, Walk};
use crate::value::Id;

/// Context of a formula that is [proved](crate::plan::Form): which of its atoms read the whole graph instead of a part.
#[derive(Clone, Copy)]
pub(super) struct Marks<'q> {
    pub graph: &'q Graph,
    /// True if all atoms do, since the formula is denied.
    pub entire: bool,
    /// True if tests do, since they need only hold in some world.
    pub possible: bool,
    /// True if `possibly` loosens the conditions inside it.
    pub shown: bool,
}

impl Marks<'_> {
    /// Returns the marks inside a modality.
    pub fn inside(self, modality: Modality) -> Self {
        match modality {
            Modality::Certainly => Marks { possible: false, shown: false, ..self },
            Modality::Possibly => Marks { possible: self.possible || self.shown, shown: false, ..self },
        }
    }

    /// Returns the scalar of a test that must hold (or fail).
    pub fn test(self, vars: &[Var], expr: &Expr, holds: bool) -> Scalar {
        let mut scalar = Scalars::new(vars).scalar(expr);
        let is_unknown = holds && matches!(scalar, Scalar::IsUnknown(_));
        if self.entire || self.possible || is_unknown || reads_path(vars, expr) {
            scalar.each_mut(&mut |inner| {
                if let Scalar::Property(_, property) | Scalar::PropertyOf(_, property) = inner {
                    *property = self.graph.entire(*property);
                }
            });
        }
        scalar
    }
}

pub(super) fn reads_path(vars: &[Var], expr: &Expr) -> bool {
    let mut reads = false;
    expr.vars(&mut |var| reads |= vars[var.0 as usize].kind == VarKind::Path);
    reads
}

/// Returns the pattern that finds the distinct tuples of `wanted` for which the select's formula holds.
///
/// `wanted` is a subset of the select's free variables. The pattern uses no indexes: it defines the meaning of the
/// query, against which rules are tested.
pub fn build_select(query: &Query, select: &Select, wanted: &[VarId]) -> Pattern {
    let mut builder = PatternBuilder { vars: &query.vars, paths: Vec::new(), marks: None };
    let block = builder.block(&select.free, &select.formula, wanted, &[]);
    builder.pattern(block)
}

/// Returns the pattern of one body of a definition: distinct pairs of subject and object.
pub(super) fn build_body(define: &Define, formula: &Formula, marks: Option<Marks>) -> Pattern {
    let mut builder = PatternBuilder { vars: &define.vars, paths: Vec::new(), marks };
    let mut vars = vec![define.subject, define.object];
    formula.free(&mut |var| super::note(&mut vars, var));
    let block = builder.block(&vars, formula, &[define.subject, define.object], &[]);
    builder.pattern(block)
}

/// Returns the pattern that finds the values of `bind` for which a part of a query holds; all its other variables are
/// bound outside.
pub(super) fn build_part(vars: &[Var], bind: &[VarId], formula: &Formula, marks: Option<Marks>) -> Pattern {
    let mut builder = PatternBuilder { vars, paths: Vec::new(), marks };
    let outer: Vec<VarId> = free_vars(formula).into_iter().filter(|var| !bind.contains(var)).collect();
    let block = builder.block(bind, formula, bind, &outer);
    builder.pattern(block)
}

struct PatternBuilder<'q> {
    vars: &'q [Var],
    paths: Vec<crate::check::typed::Path>,
    /// Set for a formula that is proved.
    marks: Option<Marks<'q>>,
}

impl<'q> PatternBuilder<'q> {
    fn pattern(self, block: Block) -> Pattern {
        let (keys, folded) = (Vec::new(), Vec::new());
        Pattern { block, paths: self.paths, keys, folded, slots: self.vars.into(), is_certain: false, most: None }
    }

    /// Returns a block that scans `vars`, then tests the formula, level by level; optional parts stand between the
    /// levels.
    fn block(&mut self, vars: &[VarId], formula: &Formula, wanted: &[VarId], outer: &[VarId]) -> Block {
        let mut levels = Levels::of(formula, outer);
        levels.drop_unneeded(wanted);
        let Levels { levels, mut known, .. } = levels;
        // A variable that no conjunct refers to belongs to the first level, whose variables are bound first.
        let unreferenced = vars.iter().filter(|var| !known.iter().any(|(other, _)| other == *var));
        known.extend(unreferenced.map(|var| (*var, 0)).collect::<Vec<_>>());
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
        Block::new(steps, wanted.to_vec(), outer.to_vec())
    }

    fn scan(&self, var: VarId) -> Option<Step> {
        match self.vars[var.0 as usize].kind {
            VarKind::Entity(types) => Some(Step::Scan { var, types }),
            VarKind::Value(_, property) => Some(Step::ScanValues { var, property }),
            VarKind::Label(label) => Some(Step::ScanLabels { var, label }),
            VarKind::Path => None,
        }
    }

    fn walk(&mut self, atom: &PathAtom, steps: &mut Vec<Step>) {
        let condition = self.path(atom);
        if let (Some(var), Condition::Path { path, subject, object, source }) = (atom.bind, condition.clone()) {
            // Whether there is a path at all is tested first, which is cheaper than listing the paths.
            steps.push(Step::Filter(condition));
            steps.push(Step::Walk { var, path, subject, object, source, walk: Walk::Every });
        }
    }

    fn path(&mut self, atom: &PathAtom) -> Condition {
        let known = self.paths.iter().position(|path| *path == atom.path);
        let path = known.unwrap_or_else(|| {
            self.paths.push(atom.path.clone());
            self.paths.len() - 1
        });
        let (subject, object, source) = (atom.subject, atom.object, self.source(atom.source));
        Condition::Path { path: PathId::new(path).unwrap_or(PathId(u32::MAX)), subject, object, source }
    }

    fn condition(&mut self, formula: &Formula) -> Condition {
        match formula {
            Formula::All(all) => Condition::All(all.iter().map(|formula| self.condition(formula)).collect()),
            Formula::Any(all) => Condition::Any(all.iter().map(|formula| self.condition(formula)).collect()),
            Formula::Not(inner) => Condition::Not(Box::new(self.denied(|builder| builder.condition(inner)))),
            Formula::Exists(vars, inner) => Condition::Exists { block: self.inner(vars, inner, &[]), memo: None },
            Formula::Count { var, compare, number, of } => {
                let block = |builder: &mut Self| builder.inner(&[*var], of, &[*var]);
                let block = if *compare == CountOp::AtMost { self.denied(block) } else { block(self) };
                Condition::Count { block, compare: *compare, number: *number }
            }
            Formula::Every { vars, domain, then, span } => {
                let block = self.denied(|builder| builder.inner(vars, domain, vars));
                Condition::Every { block, then: Box::new(self.condition(then)), span: *span }
            }
            // An optional part outside a conjunction binds nothing that is read, and is always true.
            Formula::Optional(_) => Condition::always(),
            Formula::Modal(modality, inner) => {
                let marks = self.marks.map(|marks| marks.inside(*modality));
                Condition::Modal(*modality, Box::new(self.marked(marks, |builder| builder.condition(inner))))
            }
            Formula::Fact(atom) => Condition::Fact(FactAtom { source: self.source(atom.source), ..atom.clone() }),
            Formula::Path(atom) => self.path(atom),
            Formula::Value(atom) => {
                let marks = self.marks.filter(|marks| marks.entire);
                let property = marks.map_or(atom.property, |marks| marks.graph.entire(atom.property));
                Condition::Value(ValueAtom { property, source: self.source(atom.source), ..atom.clone() })
            }
            Formula::Claim(atom) => Condition::Claim(*atom),
            Formula::Word(var, word) => Condition::Word(*var, *word),
            Formula::Type(term, types) => Condition::Type(*term, *types),
            Formula::Same(a, b) => Condition::Same(*a, *b),
            Formula::Test(expr) => self.test(expr, true),
        }
    }

    /// Returns the condition of a test. A test for the existence of facts becomes a semi-join.
    fn test(&mut self, expr: &Expr, holds: bool) -> Condition {
        match (&expr.kind, self.marks) {
            (ExprKind::Exists(formula), _) => self.condition(formula),
            (ExprKind::And(all), _) => Condition::All(all.iter().map(|expr| self.test(expr, holds)).collect()),
            (ExprKind::Or(all), _) => Condition::Any(all.iter().map(|expr| self.test(expr, holds)).collect()),
            (ExprKind::Not(inner), _) => Condition::Not(Box::new(self.test(inner, !holds))),
            (_, Some(marks)) => Condition::Test(marks.test(self.vars, expr, holds)),
            (_, None) => Condition::Test(Scalars::new(self.vars).scalar(expr)),
        }
    }

    /// Builds a denied part.
    fn denied<T>(&mut self, build: impl FnOnce(&mut Self) -> T) -> T {
        self.marked(self.marks.map(|marks| Marks { entire: true, ..marks }), build)
    }

    fn marked<T>(&mut self, marks: Option<Marks<'q>>, build: impl FnOnce(&mut Self) -> T) -> T {
        let before = std::mem::replace(&mut self.marks, marks);
        let built = build(self);
        self.marks = before;
        built
    }

    fn source(&self, source: Option<SourceId>) -> Option<SourceId> {
        if self.marks.is_some_and(|marks| marks.entire) { Some(entire(source)) } else { source }
    }

    /// Returns the block of a closed part: variables other than `vars` are bound outside.
    fn inner(&mut self, vars: &[VarId], formula: &Formula, wanted: &[VarId]) -> Block {
        let outer: Vec<VarId> = free_vars(formula).into_iter().filter(|var| !vars.contains(var)).collect();
        self.block(vars, formula, wanted, &outer)
    }
}

/// Conjuncts of a formula, by the optional parts that they depend on.
///
/// An optional part is a left join, which alone binds the variables that occur first in it. Everything that refers to
/// these, wherever it is written, is tested on the joined rows. Each optional part therefore begins a level, and a
/// conjunct belongs to the greatest level of its variables.
struct Levels<'f> {
    levels: Vec<Level<'f>>,
    /// Level in which each variable is bound; 0 for those bound outside.
    known: Vec<(VarId, usize)>,
    /// Type declarations of variables that no conjunct has referred to yet. They move to the level of the first
    /// conjunct that does.
    declared: Vec<(VarId, &'f Formula)>,
}

#[derive(Default)]
struct Level<'f> {
    /// Left join at the beginning of the level; `None` in level 0, and if nothing reads its variables.
    optional: Option<&'f Formula>,
    /// Variables that the left join binds.
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

    /// Removes optional parts whose variables are not read: a left join drops no row.
    fn drop_unneeded(&mut self, wanted: &[VarId]) {
        let mut needed = wanted.to_vec();
        // From the last level on, since a needed level needs the variables of earlier ones.
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

    /// Moves the declarations of variables that `user` refers to into a level; all remaining ones if it is `None`.
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

    /// Records the level of the variables that occur first in this formula.
    fn meet(&mut self, formula: &Formula, level: usize) {
        for var in free_vars(formula) {
            if self.level_of(var).is_none() {
                self.known.push((var, level));
            }
        }
    }
}

/// Returns the distinct free variables of a formula, in order of occurrence.
pub fn free_vars(formula: &Formula) -> Vec<VarId> {
    let mut vars = Vec::new();
    formula.free(&mut |var| {
        if !vars.contains(&var) {
            vars.push(var)
        }
    });
    vars
}
