//! Queries in which what is denied speaks of verbs and properties of its own, so that in one graph it can be looked up
//! among other facts than what is affirmed.
//!
//! Denied is what stands inside `not` and `no`, in `at most`, and what `every` speaks of. A negation of conditions is
//! that of each, one of a negation is none, and one of a test is a test: tests are affirmed.

use super::generate::{self, Draft, Link, Stated};
use begat::check::typed::{
    Body, CountOp, Define, DefineId, Expr, ExprKind, FactAtom, Formula, Link as Along, Path, PathAtom, Query, Select, ValueAtom,
    Var, VarKind,
};
use begat::graph::Graph;
use begat::schema::{PropertyId, Schema, VerbId};
use std::cell::Cell;

/// Verbs and properties with those that stand for them in what is denied.
const VERBS: [(&str, &str); 4] = [
    ("succeeds", "denied_succeeds"),
    ("uses", "denied_uses"),
    ("makes", "denied_makes"),
    ("based on", "denied_base"),
];
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

/// The query for such graphs, without its limit, and whether it denies something.
pub fn query(query: &Query) -> (Query, bool) {
    let defines = query.defines.len() as u16;
    let names = Names { own: generate::schema(false), both: schema(false), defines, denied: Cell::new(false) };
    let vars = |vars: &[Var]| -> Vec<Var> {
        vars.iter().map(|var| Var { kind: names.kind(var.kind), ..var.clone() }).collect()
    };
    // What denies a definition comes after it.
    let define = |denied: bool| {
        let (vars, names) = (&vars, &names);
        move |define: &Define| Define {
            vars: vars(&define.vars),
            formula: names.formula(&define.formula, denied),
            ..define.clone()
        }
    };
    let defines = query.defines.iter().map(define(true)).chain(query.defines.iter().map(define(false))).collect();
    names.denied.set(false);
    query.defines.iter().for_each(|define| _ = names.formula(&define.formula, false));
    let body = match &query.body {
        Body::Select(select) => {
            let formula = names.formula(&select.formula, false);
            Body::Select(Select { formula, limit: None, offset: 0, ..select.clone() })
        }
        body => body.clone(),
    };
    let query = Query { body, defines, vars: vars(&query.vars), ..query.clone() };
    let denies = names.denied.get();
    (query, denies)
}

/// Which verb and property stand for which.
struct Names {
    own: Schema,
    both: Schema,
    /// How many definitions there are: those in what is denied come first.
    defines: u16,
    /// Whether something was denied.
    denied: Cell<bool>,
}

impl Names {
    fn kind(&self, kind: VarKind) -> VarKind {
        match kind {
            VarKind::Value(type_, property) => VarKind::Value(type_, self.property(property, false)),
            kind => kind,
        }
    }

    fn property(&self, id: PropertyId, denied: bool) -> PropertyId {
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

    fn formula(&self, formula: &Formula, denied: bool) -> Formula {
        let boxed = |inner: &Formula, denied: bool| Box::new(self.formula(inner, denied));
        let each = |all: &[Formula]| all.iter().map(|inner| self.formula(inner, denied)).collect();
        match formula {
            Formula::All(all) => Formula::All(each(all)),
            Formula::Any(all) => Formula::Any(each(all)),
            Formula::Not(inner) if denied => Formula::Not(boxed(inner, true)),
            Formula::Not(inner) => self.negated(inner),
            Formula::Exists(vars, inner) => Formula::Exists(vars.clone(), boxed(inner, denied)),
            Formula::Count { var, compare, number, of } => {
                let count = |compare: CountOp, denied: bool| Formula::Count {
                    var: *var,
                    compare,
                    number: *number,
                    of: boxed(of, denied),
                };
                let least = |denied: bool| count(CountOp::AtLeast, denied);
                let most = || {
                    self.denied.set(true);
                    count(CountOp::AtMost, true)
                };
                match compare {
                    CountOp::AtLeast => least(denied),
                    CountOp::AtMost => most(),
                    CountOp::Exactly => Formula::All(vec![least(denied), most()]),
                }
            }
            Formula::Every { vars, domain, then, span } => {
                self.denied.set(true);
                Formula::Every {
                    vars: vars.clone(),
                    domain: boxed(domain, true),
                    then: boxed(then, denied),
                    span: *span,
                }
            }
            Formula::Optional(inner) => Formula::Optional(boxed(inner, denied)),
            Formula::Modal(modality, inner) => Formula::Modal(*modality, boxed(inner, denied)),
            Formula::Fact(atom) => Formula::Fact(FactAtom { link: self.along(atom.link, denied), ..atom.clone() }),
            Formula::Path(atom) => Formula::Path(PathAtom { path: self.path(&atom.path, denied), ..atom.clone() }),
            Formula::Value(atom) => {
                Formula::Value(ValueAtom { property: self.property(atom.property, denied), ..atom.clone() })
            }
            Formula::Type(..) | Formula::Same(..) => formula.clone(),
            Formula::Test(expr) if denied => Formula::Test(self.expr(expr, true)),
            Formula::Test(expr) => self.test(expr, true),
        }
    }

    fn negated(&self, formula: &Formula) -> Formula {
        let each = |all: &[Formula]| all.iter().map(|inner| self.negated(inner)).collect();
        match formula {
            Formula::Not(inner) => self.formula(inner, false),
            Formula::All(all) => Formula::Any(each(all)),
            Formula::Any(all) => Formula::All(each(all)),
            Formula::Test(expr) => self.test(expr, false),
            other => {
                self.denied.set(true);
                Formula::Not(Box::new(self.formula(other, true)))
            }
        }
    }

    /// A test as the formula that its connectives make.
    fn test(&self, expr: &Expr, holds: bool) -> Formula {
        let each = |all: &[Expr]| all.iter().map(|inner| self.test(inner, holds)).collect();
        match &expr.kind {
            ExprKind::And(all) if holds => Formula::All(each(all)),
            ExprKind::And(all) => Formula::Any(each(all)),
            ExprKind::Or(all) if holds => Formula::Any(each(all)),
            ExprKind::Or(all) => Formula::All(each(all)),
            ExprKind::Not(inner) => self.test(inner, !holds),
            ExprKind::Exists(formula) if holds => self.formula(formula, false),
            ExprKind::Exists(formula) => self.negated(formula),
            _ => {
                let plain = self.expr(expr, false);
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
            ExprKind::Arithmetic(op, a, b) => ExprKind::Arithmetic(*op, boxed(a), boxed(b)),
            ExprKind::Negative(inner) => ExprKind::Negative(boxed(inner)),
            ExprKind::Call(function, all) => ExprKind::Call(*function, each(all)),
            ExprKind::Exists(formula) => ExprKind::Exists(Box::new(self.formula(formula, denied))),
            kind => kind.clone(),
        };
        Expr { kind, ..expr.clone() }
    }
}
