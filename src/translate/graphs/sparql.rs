//! Writes SPARQL 1.1 over the N-Quads that begat exports.
//!
//! What a condition or a column reads of a node becomes variables that are bound beside the node: `?m_0_date_earliest`.

use super::super::{Refused, refuse};
use super::Language;
use super::answer::{Answer, Groups, ResultTable, answer};
use super::lower::Lowering;
use super::tree::{Attribute, Expr, Group, Item, Node};
use crate::graph::{EntityId, Graph, SourceId, iri};
use crate::plan::{Link, Path, Plan};
use crate::schema::{PropertyId, TypeSet};
use crate::value::turtle_literal;
use std::collections::{BTreeMap, BTreeSet};

const HEAD: &str = "BASE <https://begat.example/graph/>
PREFIX : <https://begat.example/ns#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
";

/// Maximum number of repetitions of a path. SPARQL cannot count them, so that each is written out.
const MOST_WRITTEN: u32 = 30;

struct Sparql;

impl Language for Sparql {
    fn says(&self, path: &Path, _: Option<SourceId>) -> bool {
        says(path)
    }

    fn beyond_one(&self, _: &Path, _: Option<SourceId>) -> Option<Path> {
        None
    }
}

fn says(path: &Path) -> bool {
    match path {
        Path::Link { link, .. } => matches!(link, Link::Verb(_)),
        Path::Sequence(all) | Path::Either(all) => {
            !all.is_empty() && all.iter().all(|part| says(part) && !may_stay(part))
        }
        Path::Repeat { path, min, max, .. } => {
            let is_short = *min <= MOST_WRITTEN && max.is_none_or(|max| (1..=MOST_WRITTEN).contains(&max));
            is_short && says(path) && !may_stay(path)
        }
    }
}

/// Returns true if a part of the path may have no steps; which entities it then joins is a condition of its own.
fn may_stay(path: &Path) -> bool {
    match path {
        Path::Link { .. } => false,
        Path::Sequence(all) | Path::Either(all) => all.iter().any(may_stay),
        Path::Repeat { path, min, .. } => *min == 0 || may_stay(path),
    }
}

/// The query of a plan.
pub(super) fn written(plan: &Plan, graph: &Graph) -> Result<String, Refused> {
    let mut lowering = Lowering::new(plan, graph, &Sparql);
    let answer = answer(&mut lowering)?;
    let absent = absent(&answer)?;
    let writer = |reads: Reads| SparqlWriter { graph, reads, absent: &absent };
    let text = match &answer {
        Answer::Ask { certain, possible } => {
            let exists = |group: &Group| format!("EXISTS {}", writer(Reads::of(group, &[])).whole(group, 1));
            let (certain, possible) = (exists(certain), exists(possible));
            format!("SELECT (IF({certain},\n  \"yes\", IF({possible},\n  \"unknown\", \"no\")) AS ?answer) {{}}")
        }
        Answer::Count { group, of } => {
            let writer = writer(Reads::of(group, of));
            let shown: Vec<String> =
                of.iter().enumerate().map(|(i, expr)| format!("({} AS ?w{i})", writer.expr(expr, 1))).collect();
            let whole = writer.whole(group, 1);
            format!("SELECT (COUNT(*) AS ?count) {{\n  SELECT DISTINCT {} {whole}\n}}", shown.join(" "))
        }
        Answer::Rows { group, table } => rows(&writer(Reads::of(group, &table.exprs())), group, table),
        Answer::Groups { groups, table } => grouped(&writer, groups, table),
    };
    Ok(format!("{HEAD}{text}"))
}

/// The attributes of nodes that a query reads.
#[derive(Default)]
struct Reads(BTreeMap<Node, BTreeSet<Attribute>>);

impl Reads {
    fn of(group: &Group, others: &[Expr]) -> Reads {
        let mut reads = Reads::default();
        let mut add = |expr: &Expr| {
            if let Expr::Read(node, attribute) = expr {
                reads.0.entry(node.clone()).or_default().insert(*attribute);
            }
        };
        group.each(&mut add);
        others.iter().for_each(|expr| expr.each(&mut add));
        reads
    }
}

fn rows(writer: &SparqlWriter, group: &Group, table: &ResultTable) -> String {
    let columns = table.columns.iter().enumerate().map(|(i, (_, expr))| format!("({} AS ?c{i})", writer.expr(expr, 1)));
    let keys = table.order.iter().enumerate().map(|(i, (expr, _))| format!("({} AS ?k{i})", writer.expr(expr, 1)));
    let shown: Vec<String> = columns.chain(keys).collect();
    format!(
        "SELECT {} {{\n  SELECT DISTINCT {} {}\n}}{}",
        titled(table),
        shown.join(" "),
        writer.whole(group, 1),
        ordered(table)
    )
}

/// Two counts of each group, side by side.
fn grouped<'a>(writer: &dyn Fn(Reads) -> SparqlWriter<'a>, groups: &Groups, table: &ResultTable) -> String {
    let keys: Vec<String> = groups.keys.iter().map(|key| format!("?{key}")).collect();
    let keys = keys.join(" ");
    let by = if keys.is_empty() { String::new() } else { format!(" GROUP BY {keys}") };
    let counts = |group: &Group, name: &str| {
        let writer = writer(Reads::of(group, &groups.counted));
        let count = |(i, expr): (usize, &Expr)| format!("(COUNT(DISTINCT {}) AS ?{name}{i})", writer.expr(expr, 2));
        let shown: Vec<String> = groups.counted.iter().enumerate().map(count).collect();
        format!("{{ SELECT {keys} {} {}{by} }}", shown.join(" "), writer.whole(group, 2))
    };
    let (least, most) = (counts(&groups.certain, "least"), counts(&groups.possible, "most"));
    let mut parts = Vec::new();
    match &groups.present {
        Some(present) => {
            let whole = writer(Reads::of(present, &[])).whole(present, 2);
            parts.push(format!("{{ SELECT DISTINCT {keys} {whole} }}"));
            parts.extend([format!("OPTIONAL {least}"), format!("OPTIONAL {most}")]);
        }
        None => parts.extend([least, most]),
    }
    let exprs: Vec<Expr> = table.exprs().into_iter().chain([groups.having.clone()]).collect();
    let writer = writer(Reads::of(&Group::default(), &exprs));
    for node in writer.reads.0.keys() {
        parts.extend(writer.read(node));
    }
    if groups.having != Expr::Truth(true) {
        parts.push(format!("FILTER({})", writer.expr(&groups.having, 1)));
    }
    let columns = table.columns.iter().enumerate().map(|(i, (_, expr))| format!("({} AS ?c{i})", writer.expr(expr, 1)));
    let sorts = table.order.iter().enumerate().map(|(i, (expr, _))| format!("({} AS ?k{i})", writer.expr(expr, 1)));
    let shown: Vec<String> = columns.chain(sorts).collect();
    let body = parts.iter().map(|part| format!("    {part}\n")).collect::<String>();
    format!("SELECT {} {{\n  SELECT {} {{\n{body}  }}\n}}{}", titled(table), shown.join(" "), ordered(table))
}

/// The columns under their titles, as far as these may be names of variables.
fn titled(table: &ResultTable) -> String {
    let mut known = BTreeSet::new();
    let titles = table.columns.iter().enumerate().map(|(i, (title, _))| {
        let name: String = title.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
        let name = if known.insert(name.clone()) && !name.is_empty() { name } else { format!("{name}_{i}") };
        format!("(?c{i} AS ?{name})")
    });
    titles.collect::<Vec<_>>().join(" ")
}

fn ordered(table: &ResultTable) -> String {
    let by = table.order.iter().enumerate().map(|(i, (_, descending))| match descending {
        true => format!(" (!BOUND(?k{i})) DESC(?k{i})"),
        false => format!(" (!BOUND(?k{i})) ?k{i}"),
    });
    let by: String = by.collect();
    let order = if by.is_empty() { String::new() } else { format!("\nORDER BY{by}") };
    let limit = table.limit.map_or(String::new(), |limit| format!("\nLIMIT {limit}"));
    let offset = if table.offset > 0 { format!("\nOFFSET {}", table.offset) } else { String::new() };
    format!("{order}{limit}{offset}")
}

/// The variables that optional parts bind. Where one is absent, a fact must not bind it anew.
fn absent(answer: &Answer) -> Result<BTreeSet<String>, Refused> {
    let groups = match answer {
        Answer::Ask { certain, possible } => vec![certain, possible],
        Answer::Count { group, .. } | Answer::Rows { group, .. } => vec![group],
        Answer::Groups { groups, .. } => {
            [&groups.certain, &groups.possible].into_iter().chain(&groups.present).collect()
        }
    };
    let mut absent = BTreeSet::new();
    groups.iter().for_each(|group| group.each_optional(&mut |own, _| absent.extend(own.iter().cloned())));
    let mut is_chained = false;
    groups.iter().for_each(|group| {
        group.each_optional(&mut |_, matches| is_chained |= !matches.joins_of(&absent).is_empty());
    });
    if is_chained { refuse("an optional part of what may be absent") } else { Ok(absent) }
}

struct SparqlWriter<'a> {
    graph: &'a Graph,
    reads: Reads,
    /// The variables that optional parts bind.
    absent: &'a BTreeSet<String>,
}

impl SparqlWriter<'_> {
    /// A group that no other surrounds: it also binds what is read of named entities.
    fn whole(&self, group: &Group, depth: usize) -> String {
        let entities = self.reads.0.keys().filter(|node| matches!(node, Node::Entity(_)));
        self.group(group, entities.flat_map(|node| self.read(node)).collect(), depth)
    }

    fn group(&self, group: &Group, mut lines: Vec<String>, depth: usize) -> String {
        let (mut bound, mut filters, mut opened) = (Vec::new(), Vec::new(), BTreeSet::new());
        for item in &group.items {
            let tested: Vec<String> = item.joined().into_iter().filter_map(|name| opened.take(name)).collect();
            if !tested.is_empty() {
                // What follows would bind it anew where it is absent: those matches are dropped first.
                let before = std::mem::take(&mut lines).join(" ");
                lines.push(format!("{{ {before} FILTER({}) }}", bound_all(&tested)));
            }
            match item {
                Item::Entities { var, types } => {
                    lines.extend(self.of_types(var, *types));
                    bound.push(var);
                }
                Item::Values { var, property } => {
                    let property = &self.graph.schema().property(*property).name;
                    lines.push(format!("?{var} :valueOf {} .", iri("property", property)));
                    bound.push(var);
                }
                Item::Stated { subject, var, property, sure, source } => {
                    let kind = if *sure { "certainly/stated" } else { "stated" };
                    let predicate = iri(kind, &self.graph.schema().property(*property).name);
                    lines.push(self.in_source(format!("{} {predicate} ?{var} .", self.node(subject)), *source));
                }
                Item::Path { path, subject, object, sure, source } => {
                    let path = self.path(path, *sure);
                    let triple = format!("{} {path} {} .", self.node(subject), self.node(object));
                    lines.push(self.in_source(triple, *source));
                }
                Item::Filter(expr) => filters.push(self.expr(expr, depth + 1)),
                Item::Optional { own, matches, none } => {
                    lines.extend(bound.drain(..).flat_map(|var| self.read(&Node::Var(var.clone()))));
                    lines.push(format!("OPTIONAL {}", self.group(matches, Vec::new(), depth + 1)));
                    let none = Expr::exists(none.clone()).not();
                    lines.push(format!("FILTER(({}) || {})", bound_all(own), self.expr(&none, depth + 1)));
                    opened.extend(own.iter().cloned());
                }
            }
        }
        lines.extend(bound.into_iter().flat_map(|var| self.read(&Node::Var(var.clone()))));
        lines.extend(filters.into_iter().map(|filter| format!("FILTER({filter})")));
        let indent = "  ".repeat(depth);
        format!("{{\n{}{indent}}}", lines.iter().map(|line| format!("{indent}  {line}\n")).collect::<String>())
    }

    fn in_source(&self, triple: String, source: Option<SourceId>) -> String {
        match source {
            Some(source) => format!("GRAPH {} {{ {triple} }}", self.source(source)),
            None => triple,
        }
    }

    fn source(&self, source: SourceId) -> String {
        iri("source", &self.graph.claims().source(source).key)
    }

    fn of_types(&self, var: &str, types: TypeSet) -> Vec<String> {
        let names: Vec<String> = types.iter().map(|id| iri("type", &self.graph.schema().type_(id).name)).collect();
        match names.as_slice() {
            [one] => vec![format!("?{var} a {one} .")],
            _ if types == self.graph.schema().all_types() => vec![format!("?{var} :number ?{var}_number .")],
            all => vec![format!("VALUES ?{var}_type {{ {} }}", all.join(" ")), format!("?{var} a ?{var}_type .")],
        }
    }

    /// The lines that bind what is read of a node.
    fn read(&self, node: &Node) -> Vec<String> {
        let (Some(reads), own) = (self.reads.0.get(node), self.node(node)) else { return Vec::new() };
        let mut lines = Vec::new();
        let mut settled: BTreeMap<PropertyId, Vec<&'static str>> = BTreeMap::new();
        for attribute in reads {
            let name = self.variable(node, *attribute);
            match attribute {
                Attribute::Number => lines.push(format!("{own} :number {name} .")),
                Attribute::Name => lines.push(format!("{own} rdfs:label {name} .")),
                Attribute::Stated(column) if may_lack(column) => {
                    lines.push(format!("OPTIONAL {{ {own} :{column} {name} }}"));
                }
                Attribute::Stated(column) => lines.push(format!("{own} :{column} {name} .")),
                Attribute::Settled(property, column) => settled.entry(*property).or_default().push(*column),
            }
        }
        for (property, columns) in settled {
            let predicate = iri("settled", &self.graph.schema().property(property).name);
            let read = |column: &'static str| {
                format!(":{column} {}", self.variable(node, Attribute::Settled(property, column)))
            };
            let (some, all): (Vec<&str>, Vec<&str>) = columns.into_iter().partition(|column| may_lack(column));
            let all = all.into_iter().map(read).collect::<Vec<_>>().join(" ; ");
            let parts = (!all.is_empty()).then_some(all).into_iter().chain(some.into_iter().map(read));
            lines.extend(parts.map(|part| format!("OPTIONAL {{ {own} {predicate} [ {part} ] }}")));
        }
        lines
    }

    fn node(&self, node: &Node) -> String {
        match node {
            Node::Var(name) => format!("?{name}"),
            Node::Entity(entity) => self.entity(*entity),
        }
    }

    fn entity(&self, entity: EntityId) -> String {
        let type_ = &self.graph.schema().type_(self.graph.type_of(entity)).name;
        iri(type_, self.graph.name(entity))
    }

    fn variable(&self, node: &Node, attribute: Attribute) -> String {
        let own = match node {
            Node::Var(name) => name.clone(),
            Node::Entity(entity) => format!("entity{}", entity.0),
        };
        match attribute {
            Attribute::Number => format!("?{own}_number"),
            Attribute::Name => format!("?{own}_name"),
            Attribute::Stated(column) => format!("?{own}_{column}"),
            Attribute::Settled(property, column) => {
                format!("?{own}_{}_{column}", self.graph.schema().property(property).name)
            }
        }
    }

    fn path(&self, path: &Path, sure: bool) -> String {
        let each = |all: &[Path], sign: &str| {
            format!("({})", all.iter().map(|path| self.path(path, sure)).collect::<Vec<_>>().join(sign))
        };
        match path {
            Path::Link { link: Link::Verb(verb), inverse } => {
                let iri = iri(if sure { "certainly" } else { "verb" }, &self.graph.schema().verb(*verb).name);
                if *inverse { format!("^{iri}") } else { iri }
            }
            // The language does not say these.
            Path::Link { .. } => String::new(),
            Path::Sequence(all) => each(all, "/"),
            Path::Either(all) => each(all, "|"),
            Path::Repeat { path, min, max, .. } => {
                let one = self.path(path, sure);
                let one = if one.starts_with('(') { one } else { format!("({one})") };
                let times = |times: u32| vec![one.clone(); times as usize];
                match max {
                    None if *min == 0 => format!("{one}*"),
                    None => [times(min - 1), vec![format!("{one}+")]].concat().join("/"),
                    Some(max) => {
                        let rest = (*min..*max).fold(None, |inner: Option<String>, _| {
                            Some(inner.map_or(format!("{one}?"), |inner| format!("({one}/{inner})?")))
                        });
                        format!("({})", times(*min).into_iter().chain(rest).collect::<Vec<_>>().join("/"))
                    }
                }
            }
        }
    }

    fn expr(&self, expr: &Expr, depth: usize) -> String {
        let own = |inner: &Expr| self.expr(inner, depth);
        let join = |all: &[Expr], sign: &str| format!("({})", all.iter().map(own).collect::<Vec<_>>().join(sign));
        match expr {
            // An error, which is what an unbound variable is.
            Expr::Null => "(1/0)".to_string(),
            Expr::Truth(truth) => truth.to_string(),
            Expr::Whole(number) => number.to_string(),
            Expr::Number(number) => format!("{number:e}"),
            Expr::Text(text) => turtle_literal(text),
            Expr::And(all) => join(all, " && "),
            Expr::Or(all) => join(all, " || "),
            Expr::Not(inner) => match &**inner {
                Expr::Exists(group) if group.joins_of(self.absent).is_empty() => {
                    format!("NOT EXISTS {}", self.group(group, Vec::new(), depth))
                }
                Expr::Same(a, b) => format!("({} != {})", self.node(a), self.node(b)),
                inner => format!("!({})", own(inner)),
            },
            Expr::Compare(sign, a, b) => {
                let sign = sign.word();
                format!("({} {sign} {})", own(a), own(b))
            }
            Expr::Arithmetic(op, a, b) => {
                let sign = op.word();
                format!("({} {sign} {})", own(a), own(b))
            }
            Expr::OrElse(a, b) => format!("COALESCE({}, {})", own(a), own(b)),
            Expr::If(test, a, b) => format!("IF({}, {}, {})", own(test), own(a), own(b)),
            Expr::IsNull(inner) => match &**inner {
                Expr::Read(node, attribute) => format!("(!BOUND({}))", self.variable(node, *attribute)),
                inner => format!("(!COALESCE({0} = {0}, false))", own(inner)),
            },
            Expr::IsAbsent(name) => format!("(!BOUND(?{name}))"),
            Expr::Same(a, b) => format!("({} = {})", self.node(a), self.node(b)),
            Expr::IsOf(node, types) => self.is_of(node, *types),
            Expr::Read(node, attribute) => self.variable(node, *attribute),
            Expr::Column(name) => format!("?{name}"),
            Expr::Lower(inner) => format!("LCASE({})", own(inner)),
            Expr::Upper(inner) => format!("UCASE({})", own(inner)),
            Expr::Fits(inner, wanted) => {
                format!("REGEX({}, {}, \"s\")", own(inner), turtle_literal(&format!("^(?:{wanted})$")))
            }
            Expr::Words(inner) => format!("STR({})", own(inner)),
            Expr::Exists(group) => {
                let exists = format!("EXISTS {}", self.group(group, Vec::new(), depth));
                match group.joins_of(self.absent).as_slice() {
                    [] => exists,
                    joined => format!("({} && {exists})", bound_all(joined)),
                }
            }
        }
    }

    fn is_of(&self, node: &Node, types: TypeSet) -> String {
        match node {
            Node::Entity(entity) => self.graph.is_of(*entity, types).to_string(),
            Node::Var(name) if types == self.graph.schema().all_types() => format!("BOUND(?{name})"),
            Node::Var(name) => {
                let is_of = format!("EXISTS {{ {} }}", self.of_types(name, types).join(" "));
                if self.absent.contains(name) { format!("(BOUND(?{name}) && {is_of})") } else { is_of }
            }
        }
    }
}

/// The condition that no variable is absent.
fn bound_all(names: &[String]) -> String {
    names.iter().map(|name| format!("BOUND(?{name})")).collect::<Vec<_>>().join(" && ")
}

/// Returns true for a column that a value may lack.
fn may_lack(column: &str) -> bool {
    matches!(column, "first_year" | "last_year" | "number")
}
