//! Conditions as sentences of the language, with names in the place of bound variables.

use crate::check::typed::{CountOp, Define, Expr, ExprKind, Formula, Link, Path, Term, Var, VarId, VarKind};
use crate::graph::{EntityId, Graph};
use crate::value::Value;

/// Writes the sentences of one binding.
pub struct Words<'a> {
    pub graph: &'a Graph,
    /// The query's definitions.
    pub defines: &'a [Define],
    /// The variables that the formula numbers: the query's, or a definition's.
    pub vars: &'a [Var],
    /// By variable: what it is bound to, or [`ABSENT`]; empty where nothing is.
    pub frame: &'a [u32],
}

/// The slot of a variable that has no value: an optional part found nothing.
pub const ABSENT: u32 = u32::MAX;

impl Words<'_> {
    /// The formula as sentences joined by commas.
    pub fn formula(&self, formula: &Formula) -> String {
        match formula {
            Formula::All(all) => {
                let said = all.iter().map(|inner| self.formula(inner)).filter(|words| !words.is_empty());
                said.collect::<Vec<_>>().join(", ")
            }
            Formula::Any(all) => {
                format!("({})", all.iter().map(|inner| self.formula(inner)).collect::<Vec<_>>().join(" or "))
            }
            Formula::Not(inner) => match &**inner {
                Formula::Exists(..) => format!("no {}", self.formula(inner)),
                _ => format!("not ({})", self.formula(inner)),
            },
            Formula::Exists(_, inner) | Formula::Optional(inner) => self.formula(inner),
            Formula::Modal(modality, inner) => {
                format!("{} {}", format!("{modality:?}").to_lowercase(), self.formula(inner))
            }
            Formula::Count { compare, number, of, .. } => {
                let words = match compare {
                    CountOp::AtLeast => "at least",
                    CountOp::AtMost => "at most",
                    CountOp::Exactly => "exactly",
                };
                format!("{words} {number}: {}", self.formula(of))
            }
            Formula::Every { domain, then, .. } => {
                format!("every ({}): {}", self.formula(domain), self.formula(then))
            }
            Formula::Fact(atom) => {
                format!("{} {} {}", self.term(atom.subject), self.link(atom.link, false), self.term(atom.object))
            }
            Formula::Path(atom) => {
                format!("{} {} {}", self.term(atom.subject), self.path(&atom.path), self.term(atom.object))
            }
            Formula::Value(atom) => {
                let property = self.graph.schema().property(atom.property);
                let verb = property.verb.as_deref().unwrap_or(&property.name);
                format!("{} {verb} {}", self.term(atom.subject), self.var(atom.value))
            }
            Formula::Type(..) => String::new(),
            Formula::Same(a, b) => format!("{} = {}", self.term(*a), self.term(*b)),
            Formula::Test(expr) => self.expr(expr),
        }
    }

    pub fn term(&self, term: Term) -> String {
        match term {
            Term::Entity(entity) => self.name(entity),
            Term::Var(var) => self.var(var),
        }
    }

    fn name(&self, entity: EntityId) -> String {
        self.graph.name(entity).to_string()
    }

    /// What the variable is bound to; as it was written where it is not.
    fn var(&self, id: VarId) -> String {
        let var = &self.vars[id.0 as usize];
        match (self.frame.get(id.0 as usize).copied().unwrap_or(ABSENT), var.kind) {
            (ABSENT, VarKind::Entity(types)) => match &var.name {
                Some(name) => format!("{} {name}", self.graph.schema().type_names(types)),
                None => self.graph.schema().type_names(types),
            },
            (slot, VarKind::Entity(_)) => self.name(EntityId(slot)),
            (ABSENT, _) => var.title.clone(),
            (slot, VarKind::Value(_, property)) => self.graph.values(property).stated.get(slot as usize).to_string(),
            (_, VarKind::Path) => var.title.clone(),
        }
    }

    /// The word of a link, in the direction asked.
    pub fn link(&self, link: Link, inverse: bool) -> String {
        let (name, turned) = match link {
            Link::Verb(verb) => {
                let verb = self.graph.schema().verb(verb);
                (verb.name.clone(), verb.inverse.clone())
            }
            Link::Define(define) => (self.defines[define.0 as usize].name.clone(), None),
        };
        match (inverse, turned) {
            (false, _) => name,
            (true, Some(turned)) => turned,
            (true, None) => format!("^{name}"),
        }
    }

    pub fn path(&self, path: &Path) -> String {
        let inner = |path: &Path| match path {
            Path::Sequence(_) | Path::Either(_) => format!("({})", self.path(path)),
            _ => self.path(path),
        };
        let joined = |paths: &[Path], mark: &str| paths.iter().map(inner).collect::<Vec<_>>().join(mark);
        match path {
            Path::Link { link, inverse } => self.link(*link, *inverse),
            Path::Sequence(paths) => joined(paths, " / "),
            Path::Either(paths) => joined(paths, " | "),
            Path::Repeat { path, min, max, .. } => format!("{}{}", inner(path), quantifier(*min, *max)),
        }
    }

    pub fn expr(&self, expr: &Expr) -> String {
        match &expr.kind {
            ExprKind::Value(Value::Text(text)) => format!("{text:?}"),
            ExprKind::Value(value) => value.to_string(),
            ExprKind::Entity(entity) => self.name(*entity),
            ExprKind::Var(var) => self.var(*var),
            ExprKind::Property(var, property) => {
                format!("{}.{}", self.var(*var), self.graph.schema().property(*property).name)
            }
            ExprKind::PropertyOf(entity, property) => {
                format!("{}.{}", self.name(*entity), self.graph.schema().property(*property).name)
            }
            ExprKind::And(all) => self.list(all, " and "),
            ExprKind::Or(all) => self.list(all, " or "),
            ExprKind::Not(inner) => format!("not {}", self.expr(inner)),
            ExprKind::Compare(op, a, b) => format!("{} {} {}", self.expr(a), op.sign(), self.expr(b)),
            ExprKind::IsUnknown(inner) => format!("{} is unknown", self.expr(inner)),
            ExprKind::IsAbsent(var) => format!("{} is absent", self.term(Term::Var(*var))),
            ExprKind::Arithmetic(op, a, b) => format!("{} {} {}", self.expr(a), op.sign(), self.expr(b)),
            ExprKind::Negative(inner) => format!("-{}", self.expr(inner)),
            ExprKind::Call(function, arguments) => format!("{}({})", function.info().name, self.list(arguments, ", ")),
            ExprKind::Aggregate { function, argument, .. } => {
                format!("{}({})", function.info().name, self.expr(argument))
            }
            ExprKind::Exists(formula) => format!("({})", self.formula(formula)),
        }
    }

    fn list(&self, all: &[Expr], mark: &str) -> String {
        all.iter().map(|expr| self.expr(expr)).collect::<Vec<_>>().join(mark)
    }
}

fn quantifier(min: u32, max: Option<u32>) -> String {
    match (min, max) {
        (1, None) => "+".to_string(),
        (0, None) => "*".to_string(),
        (0, Some(1)) => "?".to_string(),
        (min, None) => format!("{{{min},}}"),
        (min, Some(max)) if min == max => format!("{{{min}}}"),
        (min, Some(max)) => format!("{{{min},{max}}}"),
    }
}
