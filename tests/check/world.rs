//! A small graph to check queries against: the schema and the names of a made-up world.

use begat::check::typed::{
    CompareOp, Expr, ExprKind, Formula, Link, Modality, Path, PeriodOp, Query, Select, Term, Var, VarId,
};
use begat::check::{Context, Definition, Params, check, typed};
use begat::graph::{Builder, Graph, Source};
use begat::schema::{PropertySource, Schema, SchemaSource, TypeSource, VerbSource};
use begat::syntax::{self, ast};
use begat::text::{Diagnostic, Diagnostics, Span};
use begat::value::{Value, ValueType};

const MODELS: &[&str] = &[
    "GPT-2",
    "GPT-3",
    "gpt-oss",
    "Llama",
    "Llama 2",
    "Llama 3",
    "Mistral 7B",
    "Mixtral 8x7B",
    "DeepSeek LLM",
    "DeepSeekMoE",
    "DeepSeek V2",
    "DeepSeek V3",
    "DeepSeek R1",
    "Kimi K2",
    "Qwen2.5",
    "Qwen3",
    "OLMo 2",
    "Gemma 3",
    "Command R+",
    "A-1",
    "A 1",
];
const TECHNIQUES: &[&str] = &["MHA", "MQA", "GQA", "MLA", "RoPE", "MoE", "QK-Norm", "SwiGLU", "Dense FFN"];
const ORGS: &[&str] = &["Alibaba", "DeepSeek", "Google", "Meta", "Mistral", "OpenAI", "RoPE"];

fn property(value: ValueType, verb: Option<&str>) -> PropertySource {
    PropertySource { value, verb: verb.map(str::to_string), single: true, unit: None, doc: String::new() }
}

fn verb(from: &[&str], to: &[&str], inverse: Option<&str>) -> VerbSource {
    let names = |names: &[&str]| names.iter().map(|name| name.to_string()).collect();
    VerbSource { from: names(from), to: names(to), inverse: inverse.map(str::to_string), ..VerbSource::default() }
}

fn schema() -> Schema {
    let mut source = SchemaSource::default();
    let mut model = TypeSource::default();
    model.properties.insert("date".into(), property(ValueType::Date, Some("dated")));
    model.properties.insert("parameters".into(), property(ValueType::Number, Some("totals")));
    let mut technique = TypeSource::default();
    technique.properties.insert("kind".into(), property(ValueType::Text, Some("classed")));
    technique.properties.insert("date".into(), property(ValueType::Date, Some("dated")));
    source.types.insert("Model".into(), model);
    source.types.insert("Technique".into(), technique);
    source.types.insert("Org".into(), TypeSource::default());
    source.types.insert("Series".into(), TypeSource { extends: Some("Model".into()), ..TypeSource::default() });
    let succeeds = VerbSource { lineage: true, ..verb(&["Model"], &["Model"], Some("succeeded by")) };
    let uses = VerbSource { adoption: true, ..verb(&["Model"], &["Technique"], Some("used by")) };
    source.verbs.insert("succeeds".into(), succeeds);
    source.verbs.insert("uses".into(), uses);
    source.verbs.insert("develops".into(), verb(&["Org"], &["Model"], Some("developed by")));
    source.verbs.insert("improves".into(), verb(&["Technique", "Model"], &["Technique", "Model"], None));
    Schema::build(source).expect("the schema is right")
}

pub fn graph() -> Graph {
    let mut builder = Builder::new(schema());
    let graph = schema();
    for (type_name, names) in [("Model", MODELS), ("Technique", TECHNIQUES), ("Org", ORGS)] {
        let id = graph.lookup_type(type_name).expect("declared above");
        for name in names {
            let aliases = if *name == "MoE" { vec!["Mixture of Experts".to_string()] } else { Vec::new() };
            builder.entity(id, name, &aliases);
        }
    }
    for key in ["S1", "S2"] {
        builder.source(Source { key: key.into(), ..Source::default() });
    }
    builder.finish()
}

pub fn params() -> Params {
    let mut params = Params::new();
    params.insert("technique".into(), Value::text("MLA"));
    params.insert("year".into(), Value::text("2024"));
    params.insert("n".into(), Value::Number(3.0));
    params
}

/// Checks the only query of a program, together with the program's definitions.
pub fn checked(graph: &Graph, text: &str) -> Result<Query, Diagnostics> {
    let program = syntax::parse(text)?;
    let (mut defines, mut query) = (Vec::new(), None);
    for statement in program.statements {
        match statement {
            ast::Statement::Define(define) => defines.push(Definition { define, text: None }),
            ast::Statement::Query(found) => query = Some(found),
        }
    }
    let query = query.expect("the test has a query");
    check(&query, &Context { graph, params: &params(), defines: &defines, possibly: false })
}

/// The only error, or else the first.
pub fn problem(graph: &Graph, text: &str) -> Diagnostic {
    match checked(graph, text) {
        Ok(query) => panic!("`{text}` checks: {}", shown(graph, &query)),
        Err(problems) => problems.0.into_iter().find(Diagnostic::is_error).expect("an error"),
    }
}

/// The text with the first edit that is offered.
pub fn fixed(problem: &Diagnostic, text: &str) -> Option<String> {
    let fix = problem.help.iter().find_map(|help| help.fix.as_ref())?;
    let Span { start, end } = fix.span;
    Some(format!("{}{}{}", &text[..start as usize], fix.replacement, &text[end as usize..]))
}

pub fn select(query: &Query) -> &Select {
    match &query.body {
        typed::Body::Select(select) | typed::Body::Timeline(select) | typed::Body::Matrix { select, .. } => select,
        other => panic!("no pattern: {other:?}"),
    }
}

pub fn titles(query: &Query) -> Vec<&str> {
    select(query).columns.iter().map(|column| column.title.as_str()).collect()
}

/// The formula of a query in a short notation.
pub fn shown(graph: &Graph, query: &Query) -> String {
    Show { graph, query, vars: &query.vars }.formula(&select(query).formula)
}

/// The formula of a definition.
pub fn shown_define(graph: &Graph, query: &Query, i: usize) -> String {
    Show { graph, query, vars: &query.defines[i].vars }.formula(&query.defines[i].formula)
}

struct Show<'a> {
    graph: &'a Graph,
    query: &'a Query,
    vars: &'a [Var],
}

impl Show<'_> {
    fn formula(&self, formula: &Formula) -> String {
        let list = |all: &[Formula], by: &str| {
            let all: Vec<String> = all.iter().map(|inner| self.formula(inner)).collect();
            format!("({})", all.join(by))
        };
        match formula {
            Formula::All(all) => list(all, " & "),
            Formula::Any(all) => list(all, " | "),
            Formula::Not(inner) => format!("!{}", self.formula(inner)),
            Formula::Exists(vars, inner) => format!("some {} {}", self.vars(vars), self.formula(inner)),
            Formula::Count { var, compare, number, of } => {
                format!("{compare:?} {number} {} {}", self.var(*var), self.formula(of))
            }
            Formula::Every { vars, domain, then, .. } => {
                format!("every {} {} -> {}", self.vars(vars), self.formula(domain), self.formula(then))
            }
            Formula::Optional(inner) => format!("maybe {}", self.formula(inner)),
            Formula::Modal(Modality::Possibly, inner) => format!("possibly {}", self.formula(inner)),
            Formula::Modal(Modality::Certainly, inner) => format!("certainly {}", self.formula(inner)),
            Formula::Fact(atom) => self.atom(&self.link(atom.link), atom.subject, atom.object, atom.source.is_some()),
            Formula::Path(atom) => {
                let bind = atom.bind.map_or(String::new(), |var| format!(" as {}", self.var(var)));
                let path = self.path(&atom.path) + &bind;
                self.atom(&path, atom.subject, atom.object, atom.source.is_some())
            }
            Formula::Value(atom) => {
                let property = &self.graph.schema().property(atom.property).name;
                self.atom(property, atom.subject, Term::Var(atom.value), atom.source.is_some())
            }
            Formula::Claim(atom) => format!("{:?} by {}", atom.of, self.var(atom.by)),
            Formula::Word(var, word) => format!("{} is word {word}", self.var(*var)),
            Formula::Type(term, types) => format!("{}({})", self.graph.schema().type_names(*types), self.term(*term)),
            Formula::Same(a, b) => format!("{} is {}", self.term(*a), self.term(*b)),
            Formula::Test(expr) => self.expr(expr),
        }
    }

    fn atom(&self, word: &str, subject: Term, object: Term, source: bool) -> String {
        let source = if source { "@" } else { "" };
        format!("{word}{source}({}, {})", self.term(subject), self.term(object))
    }

    fn link(&self, link: Link) -> String {
        match link {
            Link::Verb(verb) => self.graph.schema().verb(verb).name.clone(),
            Link::Define(id) => self.query.defines[id.0 as usize].name.clone(),
        }
    }

    fn path(&self, path: &Path) -> String {
        let list = |paths: &[Path], by: &str| {
            let all: Vec<String> = paths.iter().map(|path| self.path(path)).collect();
            format!("({})", all.join(by))
        };
        match path {
            Path::Link { link, inverse } => format!("{}{}", if *inverse { "^" } else { "" }, self.link(*link)),
            Path::Sequence(paths) => list(paths, "/"),
            Path::Either(paths) => list(paths, "|"),
            Path::Repeat { path, min, max, .. } => {
                let max = max.map_or(String::new(), |max| max.to_string());
                format!("{}{{{min},{max}}}", self.path(path))
            }
        }
    }

    fn term(&self, term: Term) -> String {
        match term {
            Term::Var(var) => self.var(var),
            Term::Entity(entity) => self.graph.name(entity).replace(' ', "_"),
        }
    }

    fn vars(&self, vars: &[VarId]) -> String {
        let names: Vec<String> = vars.iter().map(|var| self.var(*var)).collect();
        names.join(" ")
    }

    fn var(&self, var: VarId) -> String {
        let of = &self.vars[var.0 as usize];
        of.name.clone().unwrap_or_else(|| format!("{}?", of.title.replace(' ', "")))
    }

    pub fn expr(&self, expr: &Expr) -> String {
        let list = |all: &[Expr], by: &str| {
            let all: Vec<String> = all.iter().map(|inner| self.expr(inner)).collect();
            format!("({})", all.join(by))
        };
        match &expr.kind {
            ExprKind::Value(value) => value.to_string(),
            ExprKind::Entity(entity) => self.term(Term::Entity(*entity)),
            ExprKind::Var(var) => self.var(*var),
            ExprKind::Property(var, id) => format!("{}.{}", self.var(*var), self.graph.schema().property(*id).name),
            ExprKind::PropertyOf(entity, id) => {
                format!("{}.{}", self.term(Term::Entity(*entity)), self.graph.schema().property(*id).name)
            }
            ExprKind::And(all) => list(all, " & "),
            ExprKind::Or(all) => list(all, " | "),
            ExprKind::Not(inner) => format!("!{}", self.expr(inner)),
            ExprKind::Compare(op, a, b) => format!("{} {} {}", self.expr(a), compare(*op), self.expr(b)),
            ExprKind::Matches(inner, pattern) => format!("{} matches {}", self.expr(inner), pattern.written()),
            ExprKind::IsUnknown(inner) => format!("{} unknown", self.expr(inner)),
            ExprKind::IsAbsent(var) => format!("{} absent", self.var(*var)),
            ExprKind::Arithmetic(op, a, b) => format!("{op:?}({}, {})", self.expr(a), self.expr(b)),
            ExprKind::OrElse(a, b) => format!("{} else {}", self.expr(a), self.expr(b)),
            ExprKind::Negative(inner) => format!("-{}", self.expr(inner)),
            ExprKind::Call(function, all) => format!("{}{}", function.info().name, list(all, ", ")),
            ExprKind::Aggregate { function, argument, .. } => {
                format!("{}({})", function.info().name, self.expr(argument))
            }
            ExprKind::OfClaims(what, claimed, by) => format!("{}({claimed:?} {by:?})", what.name()),
            ExprKind::Exists(formula) => format!("[{}]", self.formula(formula)),
        }
    }
}

/// Shows an expression of the query.
pub fn shown_expr(graph: &Graph, query: &Query, expr: &Expr) -> String {
    Show { graph, query, vars: &query.vars }.expr(expr)
}

fn compare(op: CompareOp) -> &'static str {
    match op {
        CompareOp::Equal => "=",
        CompareOp::NotEqual => "!=",
        CompareOp::Less => "<",
        CompareOp::LessOrEqual => "<=",
        CompareOp::Greater => ">",
        CompareOp::GreaterOrEqual => ">=",
        CompareOp::Period(PeriodOp::In) => "in",
        CompareOp::Period(PeriodOp::Before) => "before",
        CompareOp::Period(PeriodOp::After) => "after",
        CompareOp::Period(PeriodOp::Since) => "since",
        CompareOp::Period(PeriodOp::Until) => "until",
        CompareOp::Like => "like",
    }
}
