//! Queries in which what is denied speaks of verbs and properties of its own, so that in one graph it can be looked up
//! among other facts than what is affirmed.
//!
//! Denied is what stands inside `not` and `no`, in `at most`, and what `every` speaks of. A negation of conditions is
//! that of each, one of a negation is none, and one of a test is a test: tests are affirmed. So are the values that they
//! read, but for what rests on what is not known: that something is unknown, and what need only be possible. That an
//! optional part found nothing denies the part.

use super::generate::{self, Draft, Link, Stated};
use super::naive::Mode;
use begat::check::typed::{
    Body, CountOp, Define, DefineId, Expr, ExprKind, FactAtom, Formula, Link as Along, Modality, Path, PathAtom, Query,
    Select, ValueAtom, Var, VarId, VarKind,
};
use begat::graph::Graph;
use begat::schema::{PropertyId, Schema, VerbId};
use std::cell::{Cell, RefCell};

/// Verbs and properties with those that stand for them in what is denied.
const VERBS: [(&str, &str); 4] =
    [("succeeds", "denied_succeeds"), ("uses", "denied_uses"), ("makes", "denied_makes"), ("based on", "denied_base")];
const PROPERTIES: [(&str, &str); 3] = [("date", "denied_date"), ("size", "denied_size"), ("kind", "denied_kind")];

/// The schema with a second verb beside each, and a second property.
fn schema(chronological: bool) -> Schema {
    let mut source = generate::schema_source(chronological);
    for type_ in source.types.values_mut() {
        for (name, denied) in PROPERTIES {
            if let Some(mut property) = type_.properties.get(name).cloned() {
                property.verb = None;
                type_.properties.insert(denied.to_string(), property);
            }
        }
    }
    for (name, denied) in VERBS {
        let mut verb = source.verbs[name].clone();
        (verb.inverse, verb.chronological) = (None, false);
        source.verbs.insert(denied.to_string(), verb);
    }
    Schema::build(source).expect("the schema is right")
}

/// The graph in which what is affirmed is looked up in one draft, and what is denied in the other.
pub fn build(affirmed: &Draft, denied: &Draft) -> Graph {
    let mut both = affirmed.clone();
    both.links.extend(denied.links.iter().map(|link| Link { verb: other(&VERBS, link.verb), ..link.clone() }));
    let stated = denied.values.iter();
    both.values.extend(stated.map(|stated| Stated { property: other(&PROPERTIES, stated.property), ..stated.clone() }));
    generate::build_by(&both, schema(affirmed.chronological))
}

/// The name in what is denied.
fn other(names: &[(&str, &'static str)], name: &str) -> &'static str {
    names.iter().find(|(own, _)| *own == name).map(|(_, other)| *other).expect("all are listed")
}

/// The query for such graphs, without its limit, and whether it denies something: for rows that are as sure as the mode
/// says, in which these variables are absent.
pub fn query(query: &Query, mode: Mode, absent: &[VarId]) -> (Query, bool) {
    let names = Names {
        own: generate::schema(false),
        both: schema(false),
        defines: query.defines.len() as u16,
        absent: absent.to_vec(),
        denied: Cell::default(),
        vars: RefCell::default(),
        copies: RefCell::default(),
    };
    // What denies a definition comes after it.
    let apart = if mode == Mode::Possible { Mode::Possible } else { Mode::Certain };
    let define = |denied: Option<Mode>| {
        let names = &names;
        move |define: &Define| {
            names.copies.replace(Copies { first: define.vars.len(), of: Vec::new() });
            let formula = names.formula(&define.formula, denied);
            Define { formula, vars: names.vars(&define.vars), ..define.clone() }
        }
    };
    let denied = query.defines.iter().map(define(None)).collect::<Vec<_>>();
    names.denied.set(false);
    let defines = denied.into_iter().chain(query.defines.iter().map(define(Some(apart)))).collect();
    let body = match &query.body {
        Body::Select(select) => {
            names.copies.replace(Copies { first: query.vars.len(), of: Vec::new() });
            let formula = names.formula(&select.formula, Some(mode));
            Body::Select(Select { formula, limit: None, offset: 0, ..select.clone() })
        }
        body => body.clone(),
    };
    let query = Query { body, defines, vars: names.vars(&query.vars), ..query.clone() };
    let denies = names.denied.get();
    (query, denies)
}

/// Which verb and property stand for which.
struct Names {
    own: Schema,
    both: Schema,
    /// How many definitions there are: those in what is denied come first.
    defines: u16,
    absent: Vec<VarId>,
    /// Whether something was denied.
    denied: Cell<bool>,
    /// The variables of values that something denied binds.
    vars: RefCell<Vec<VarId>>,
    copies: RefCell<Copies>,
}

/// The variables of the present formula that have a second one, of what is denied, where both are spoken of.
#[derive(Default)]
struct Copies {
    /// The number of the first copy.
    first: usize,
    of: Vec<VarId>,
}

impl Names {
    /// The variables of the formula that was written last.
    fn vars(&self, vars: &[Var]) -> Vec<Var> {
        let (denied, copies) = (self.vars.take(), self.copies.take());
        let kind = |i: usize, kind: VarKind| match kind {
            VarKind::Value(type_, property) => {
                VarKind::Value(type_, self.property(property, denied.contains(&VarId(i as u16))))
            }
            kind => kind,
        };
        let copied = copies.of.iter().map(|var| &vars[var.0 as usize]);
        vars.iter().chain(copied).enumerate().map(|(i, var)| Var { kind: kind(i, var.kind), ..var.clone() }).collect()
    }

    /// The formula with other variables for those of values that it binds: one variable is of one property.
    fn copy(&self, formula: &Formula) -> Formula {
        let mut own = Vec::new();
        values(formula, &mut own);
        formula.free(&mut |var| own.retain(|own| *own != var));
        let start = self.copies.borrow().of.len();
        let other = |var| {
            if !own.contains(&var) {
                return var;
            }
            let Copies { first, of } = &mut *self.copies.borrow_mut();
            let at = of[start..].iter().position(|known| *known == var).map_or(of.len(), |i| start + i);
            if at == of.len() {
                of.push(var);
            }
            VarId((*first + at) as u16)
        };
        let mut copy = formula.clone();
        copy.rename(&other);
        rebind(&mut copy, &other);
        copy
    }

    fn property(&self, id: PropertyId, denied: bool) -> PropertyId {
        self.denied.set(self.denied.get() || denied);
        let name = &self.own.property(id).name;
        let name = if denied { other(&PROPERTIES, name) } else { name };
        self.both.lookup_property(name).expect("declared")
    }

    fn verb(&self, id: VerbId, denied: bool) -> VerbId {
        let name = &self.own.verb(id).name;
        let name = if denied { other(&VERBS, name) } else { name };
        self.both.lookup_verb(name).expect("declared")
    }

    fn along(&self, link: Along, denied: bool) -> Along {
        match link {
            Along::Verb(verb) => Along::Verb(self.verb(verb, denied)),
            Along::Define(define) if denied => Along::Define(define),
            Along::Define(define) => Along::Define(DefineId(define.0 + self.defines)),
        }
    }

    fn path(&self, path: &Path, denied: bool) -> Path {
        let each = |all: &[Path]| all.iter().map(|inner| self.path(inner, denied)).collect();
        match path {
            Path::Link { link, inverse } => Path::Link { link: self.along(*link, denied), inverse: *inverse },
            Path::Sequence(all) => Path::Sequence(each(all)),
            Path::Either(all) => Path::Either(each(all)),
            Path::Repeat { path, min, max, types } => {
                Path::Repeat { path: Box::new(self.path(path, denied)), min: *min, max: *max, types: *types }
            }
        }
    }

    /// The formula as it is affirmed in a mode, or else denied.
    fn formula(&self, formula: &Formula, mode: Option<Mode>) -> Formula {
        let denied = mode.is_none();
        self.denied.set(self.denied.get() || denied);
        let boxed = |inner: &Formula, mode: Option<Mode>| Box::new(self.formula(inner, mode));
        let each = |all: &[Formula]| all.iter().map(|inner| self.formula(inner, mode)).collect();
        match formula {
            Formula::All(all) => Formula::All(each(all)),
            Formula::Any(all) => Formula::Any(each(all)),
            Formula::Not(inner) => match mode {
                Some(mode) => self.negated(inner, mode),
                None => Formula::Not(boxed(inner, None)),
            },
            Formula::Exists(vars, inner) => Formula::Exists(vars.clone(), boxed(inner, mode)),
            Formula::Count { var, compare, number, of } => {
                let count_of = |compare| Formula::Count { var: *var, compare, number: *number, of: of.clone() };
                let count = |compare: CountOp, mode: Option<Mode>| Formula::Count {
                    var: *var,
                    compare,
                    number: *number,
                    of: boxed(of, mode),
                };
                match compare {
                    _ if denied => count(*compare, None),
                    CountOp::AtLeast => count(CountOp::AtLeast, mode),
                    CountOp::AtMost => count(CountOp::AtMost, None),
                    CountOp::Exactly => {
                        let denied = self.formula(&self.copy(&count_of(CountOp::AtMost)), None);
                        Formula::All(vec![count(CountOp::AtLeast, mode), denied])
                    }
                }
            }
            Formula::Every { vars, domain, then, span } => {
                Formula::Every { vars: vars.clone(), domain: boxed(domain, None), then: boxed(then, mode), span: *span }
            }
            Formula::Optional(inner) => {
                let mut is_absent = false;
                inner.free(&mut |var| is_absent |= self.absent.contains(&var));
                Formula::Optional(boxed(inner, mode.filter(|_| !is_absent)))
            }
            Formula::Modal(modality, inner) => {
                let inside = mode.map(|mode| match (modality, mode) {
                    (Modality::Certainly, _) => Mode::Certain,
                    (Modality::Possibly, Mode::Shown) => Mode::Possible,
                    (Modality::Possibly, mode) => mode,
                });
                Formula::Modal(*modality, boxed(inner, inside))
            }
            Formula::Fact(atom) => Formula::Fact(FactAtom { link: self.along(atom.link, denied), ..atom.clone() }),
            Formula::Path(atom) => Formula::Path(PathAtom { path: self.path(&atom.path, denied), ..atom.clone() }),
            Formula::Value(atom) => {
                self.vars.borrow_mut().extend(denied.then_some(atom.value));
                Formula::Value(ValueAtom { property: self.property(atom.property, denied), ..atom.clone() })
            }
            Formula::Claim(_) | Formula::Word(..) | Formula::Type(..) | Formula::Same(..) => formula.clone(),
            Formula::Test(expr) => match mode {
                Some(mode) => self.test(expr, true, mode),
                None => Formula::Test(self.expr(expr, true)),
            },
        }
    }

    fn negated(&self, formula: &Formula, mode: Mode) -> Formula {
        let each = |all: &[Formula]| all.iter().map(|inner| self.negated(inner, mode)).collect();
        match formula {
            Formula::Not(inner) => self.formula(inner, Some(mode)),
            Formula::All(all) => Formula::Any(each(all)),
            Formula::Any(all) => Formula::All(each(all)),
            Formula::Test(expr) => self.test(expr, false, mode),
            other => Formula::Not(Box::new(self.formula(other, None))),
        }
    }

    /// A test as the formula that its connectives make.
    fn test(&self, expr: &Expr, holds: bool, mode: Mode) -> Formula {
        let each = |all: &[Expr]| all.iter().map(|inner| self.test(inner, holds, mode)).collect();
        match &expr.kind {
            ExprKind::And(all) if holds => Formula::All(each(all)),
            ExprKind::And(all) => Formula::Any(each(all)),
            ExprKind::Or(all) if holds => Formula::Any(each(all)),
            ExprKind::Or(all) => Formula::All(each(all)),
            ExprKind::Not(inner) => self.test(inner, !holds, mode),
            ExprKind::Exists(formula) if holds => self.formula(formula, Some(mode)),
            ExprKind::Exists(formula) => self.negated(formula, mode),
            kind => {
                let is_unknown = holds && matches!(kind, ExprKind::IsUnknown(_));
                let plain = self.expr(expr, is_unknown || mode == Mode::Possible);
                let kind = if holds { plain.kind.clone() } else { ExprKind::Not(Box::new(plain.clone())) };
                Formula::Test(Expr { kind, ..plain })
            }
        }
    }

    fn expr(&self, expr: &Expr, denied: bool) -> Expr {
        let boxed = |inner: &Expr| Box::new(self.expr(inner, denied));
        let each = |all: &[Expr]| all.iter().map(|inner| self.expr(inner, denied)).collect();
        let kind = match &expr.kind {
            ExprKind::Property(var, property) => ExprKind::Property(*var, self.property(*property, denied)),
            ExprKind::PropertyOf(entity, property) => ExprKind::PropertyOf(*entity, self.property(*property, denied)),
            ExprKind::And(all) => ExprKind::And(each(all)),
            ExprKind::Or(all) => ExprKind::Or(each(all)),
            ExprKind::Not(inner) => ExprKind::Not(boxed(inner)),
            ExprKind::Compare(op, a, b) => ExprKind::Compare(*op, boxed(a), boxed(b)),
            ExprKind::IsUnknown(inner) => ExprKind::IsUnknown(boxed(inner)),
            ExprKind::Matches(inner, pattern) => ExprKind::Matches(boxed(inner), pattern.clone()),
            ExprKind::OrElse(a, b) => ExprKind::OrElse(boxed(a), boxed(b)),
            ExprKind::Arithmetic(op, a, b) => ExprKind::Arithmetic(*op, boxed(a), boxed(b)),
            ExprKind::Negative(inner) => ExprKind::Negative(boxed(inner)),
            ExprKind::Call(function, all) => ExprKind::Call(*function, each(all)),
            ExprKind::Exists(formula) => ExprKind::Exists(Box::new(self.formula(formula, None))),
            kind => kind.clone(),
        };
        Expr { kind, ..expr.clone() }
    }
}

/// Replaces the variables where they are bound.
fn rebind(formula: &mut Formula, other: &dyn Fn(VarId) -> VarId) {
    match formula {
        Formula::Exists(vars, _) | Formula::Every { vars, .. } => vars.iter_mut().for_each(|var| *var = other(*var)),
        Formula::Count { var, .. } => *var = other(*var),
        _ => {}
    }
    formula.children_mut().for_each(|inner| rebind(inner, other));
}

/// The variables of the values that the formula speaks of, apart from those in tests.
fn values(formula: &Formula, found: &mut Vec<VarId>) {
    if let Formula::Value(atom) = formula {
        found.push(atom.value);
    }
    formula.children().for_each(|inner| values(inner, found));
}
