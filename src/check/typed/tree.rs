//! Parts and variables of formulas and expressions.

use super::{ClaimedBy, Expr, ExprKind, Formula, Term, VarId};
use crate::graph::EntityId;

impl Formula {
    /// A formula that is always true.
    pub const TRUE: Formula = Formula::All(Vec::new());

    /// Returns the direct parts of the formula; those inside an expression are not among them.
    pub fn children(&self) -> impl Iterator<Item = &Formula> {
        let (several, two): (&[Formula], [Option<&Formula>; 2]) = match self {
            Formula::All(all) | Formula::Any(all) => (all, [None, None]),
            Formula::Not(inner) | Formula::Optional(inner) | Formula::Modal(_, inner) => (&[], [Some(inner), None]),
            Formula::Exists(_, inner) | Formula::Count { of: inner, .. } => (&[], [Some(inner), None]),
            Formula::Every { domain, then, .. } => (&[], [Some(domain), Some(then)]),
            _ => (&[], [None, None]),
        };
        several.iter().chain(two.into_iter().flatten())
    }

    /// Returns the same, mutable.
    pub fn children_mut(&mut self) -> impl Iterator<Item = &mut Formula> {
        let (several, two): (&mut [Formula], [Option<&mut Formula>; 2]) = match self {
            Formula::All(all) | Formula::Any(all) => (all, [None, None]),
            Formula::Not(inner) | Formula::Optional(inner) | Formula::Modal(_, inner) => (&mut [], [Some(inner), None]),
            Formula::Exists(_, inner) | Formula::Count { of: inner, .. } => (&mut [], [Some(inner), None]),
            Formula::Every { domain, then, .. } => (&mut [], [Some(domain), Some(then)]),
            _ => (&mut [], [None, None]),
        };
        several.iter_mut().chain(two.into_iter().flatten())
    }

    /// Replaces variables of the formula by others, those that it binds itself, too.
    pub fn rename(&mut self, other: &dyn Fn(VarId) -> VarId) {
        let term = |term: &mut Term| {
            if let Term::Var(var) = term {
                *var = other(*var);
            }
        };
        match self {
            Formula::Fact(atom) => [&mut atom.subject, &mut atom.object].into_iter().for_each(term),
            Formula::Path(atom) => {
                [&mut atom.subject, &mut atom.object].into_iter().for_each(term);
                atom.bind = atom.bind.map(other);
            }
            Formula::Value(atom) => {
                term(&mut atom.subject);
                atom.value = other(atom.value);
            }
            Formula::Claim(atom) => {
                atom.of = atom.of.renamed(other);
                atom.by = other(atom.by);
            }
            Formula::Word(var, _) => *var = other(*var),
            Formula::Type(of, _) => term(of),
            Formula::Same(a, b) => [a, b].into_iter().for_each(term),
            Formula::Test(expr) => expr.rename(other),
            Formula::Exists(vars, _) | Formula::Every { vars, .. } => {
                vars.iter_mut().for_each(|var| *var = other(*var));
                self.children_mut().for_each(|inner| inner.rename(other));
            }
            Formula::Count { var, .. } => {
                *var = other(*var);
                self.children_mut().for_each(|inner| inner.rename(other));
            }
            _ => self.children_mut().for_each(|inner| inner.rename(other)),
        }
    }

    /// Puts an entity in the place of a variable wherever a term may stand: not inside expressions, which read values from
    /// variables.
    pub fn put(&mut self, var: VarId, entity: EntityId) {
        let term = |term: &mut Term| {
            if *term == Term::Var(var) {
                *term = Term::Entity(entity);
            }
        };
        match self {
            Formula::Fact(atom) => [&mut atom.subject, &mut atom.object].into_iter().for_each(term),
            Formula::Path(atom) => [&mut atom.subject, &mut atom.object].into_iter().for_each(term),
            Formula::Value(atom) => term(&mut atom.subject),
            Formula::Type(of, _) => term(of),
            Formula::Same(a, b) => [a, b].into_iter().for_each(term),
            _ => self.children_mut().for_each(|inner| inner.put(var, entity)),
        }
    }

    /// Calls `f` with each free variable of the formula, once per occurrence: those not bound inside it by `Exists`,
    /// `Count` or `Every`.
    pub fn free(&self, f: &mut dyn FnMut(VarId)) {
        match self {
            Formula::All(all) | Formula::Any(all) => all.iter().for_each(|formula| formula.free(f)),
            Formula::Not(inner) | Formula::Optional(inner) | Formula::Modal(_, inner) => inner.free(f),
            Formula::Exists(vars, inner) => inner.free(&mut except(vars, f)),
            Formula::Count { var, of, .. } => of.free(&mut except(&[*var], f)),
            Formula::Every { vars, domain, then, .. } => {
                domain.free(&mut except(vars, f));
                then.free(&mut except(vars, f));
            }
            Formula::Fact(atom) => [atom.subject, atom.object].into_iter().filter_map(Term::var).for_each(f),
            Formula::Path(atom) => {
                let ends = [atom.subject, atom.object].into_iter().filter_map(Term::var);
                ends.chain(atom.bind).for_each(f);
            }
            Formula::Value(atom) => atom.subject.var().into_iter().chain([atom.value]).for_each(f),
            Formula::Claim(atom) => {
                atom.of.vars(f);
                f(atom.by);
            }
            Formula::Word(var, _) => f(*var),
            Formula::Type(term, _) => term.var().into_iter().for_each(f),
            Formula::Same(a, b) => [*a, *b].into_iter().filter_map(Term::var).for_each(f),
            Formula::Test(expr) => expr.vars(f),
        }
    }
}

fn except<'a>(vars: &'a [VarId], f: &'a mut dyn FnMut(VarId)) -> impl FnMut(VarId) + 'a {
    move |var| {
        if !vars.contains(&var) {
            f(var)
        }
    }
}

impl Expr {
    /// Returns the direct parts of the expression; a pattern is none.
    pub fn children(&self) -> impl Iterator<Item = &Expr> {
        let (several, two): (&[Expr], [Option<&Expr>; 2]) = match &self.kind {
            ExprKind::And(all) | ExprKind::Or(all) | ExprKind::Call(_, all) => (all, [None, None]),
            ExprKind::Not(e) | ExprKind::IsUnknown(e) | ExprKind::Negative(e) | ExprKind::Matches(e, _) => {
                (&[], [Some(e), None])
            }
            ExprKind::Compare(_, a, b) | ExprKind::Arithmetic(_, a, b) | ExprKind::OrElse(a, b) => {
                (&[], [Some(a), Some(b)])
            }
            ExprKind::Aggregate { argument, .. } => (&[], [Some(argument), None]),
            _ => (&[], [None, None]),
        };
        several.iter().chain(two.into_iter().flatten())
    }

    /// Returns the same, mutable.
    pub fn children_mut(&mut self) -> impl Iterator<Item = &mut Expr> {
        let (several, two): (&mut [Expr], [Option<&mut Expr>; 2]) = match &mut self.kind {
            ExprKind::And(all) | ExprKind::Or(all) | ExprKind::Call(_, all) => (all, [None, None]),
            ExprKind::Not(e) | ExprKind::IsUnknown(e) | ExprKind::Negative(e) | ExprKind::Matches(e, _) => {
                (&mut [], [Some(e), None])
            }
            ExprKind::Compare(_, a, b) | ExprKind::Arithmetic(_, a, b) | ExprKind::OrElse(a, b) => {
                (&mut [], [Some(a), Some(b)])
            }
            ExprKind::Aggregate { argument, .. } => (&mut [], [Some(argument), None]),
            _ => (&mut [], [None, None]),
        };
        several.iter_mut().chain(two.into_iter().flatten())
    }

    /// Calls `f` with each pattern whose existence the expression tests.
    pub fn exists(&self, f: &mut dyn FnMut(&Formula)) {
        match &self.kind {
            ExprKind::Exists(formula) => f(formula),
            _ => self.children().for_each(|part| part.exists(f)),
        }
    }

    /// Calls `f` with each variable of the expression, once per occurrence.
    pub fn vars(&self, f: &mut dyn FnMut(VarId)) {
        match &self.kind {
            ExprKind::Var(var) | ExprKind::Property(var, _) | ExprKind::IsAbsent(var) => f(*var),
            ExprKind::OfClaims(_, claimed, by) => {
                claimed.vars(f);
                if let ClaimedBy::Var(var) = by {
                    f(*var);
                }
            }
            ExprKind::Exists(formula) => formula.free(f),
            _ => self.children().for_each(|part| part.vars(f)),
        }
    }

    /// Replaces variables of the expression by others.
    pub fn rename(&mut self, other: &dyn Fn(VarId) -> VarId) {
        match &mut self.kind {
            ExprKind::Var(var) | ExprKind::Property(var, _) | ExprKind::IsAbsent(var) => *var = other(*var),
            ExprKind::OfClaims(_, claimed, by) => {
                *claimed = claimed.renamed(other);
                if let ClaimedBy::Var(var) = by {
                    *var = other(*var);
                }
            }
            ExprKind::Exists(formula) => formula.rename(other),
            ExprKind::Aggregate { over, argument, .. } => {
                over.iter_mut().for_each(|var| *var = other(*var));
                argument.rename(other);
            }
            _ => self.children_mut().for_each(|part| part.rename(other)),
        }
    }
}
