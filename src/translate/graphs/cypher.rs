//! Writes Cypher as Ladybug reads it, over the tables that a lake's `ladybug.cypher` makes.
//!
//! Two parts of a pattern may match the same fact there, as in begat. A path that repeats takes any walk; `SHORTEST`
//! makes that a set, but never leads back to where it began.

use super::super::{Refused, refuse};
use super::Language;
use super::answer::{Answer, Groups, ResultTable, answer};
use super::lower::Lowering;
use super::tree::{Attribute, Expr, Group, Item, Node};
use crate::graph::{Graph, SourceId, cycles};
use crate::plan::{Link, Path, Plan};
use crate::schema::{TypeSet, VerbId};
use crate::value::cypher_literal;
use std::collections::BTreeSet;

type Cypher = Result<String, Refused>;

/// Maximum number of repetitions of a path. Cypher finds each walk rather than each end, and their number multiplies with
/// every step.
const MOST_STEPS: u32 = 8;
/// The maximum number of repetitions in Ladybug by default.
const USUAL_DEPTH: usize = 30;

struct CypherDialect<'g>(&'g Graph);

impl Language for CypherDialect<'_> {
    fn says(&self, path: &Path, source: Option<SourceId>) -> bool {
        match path {
            Path::Repeat { path, min: 1, max: None, .. } => {
                let links = links_of(path);
                let is_acyclic = |verb: &VerbId| cycles(self.0, *verb).is_empty();
                source.is_none() && links.is_some_and(|(verbs, _)| verbs.len() == 1 && verbs.iter().all(is_acyclic))
            }
            Path::Repeat { path, max: Some(max), .. } => {
                source.is_none() && (1..=MOST_STEPS).contains(max) && links_of(path).is_some()
            }
            Path::Repeat { .. } => false,
            step => links_of(step).is_some(),
        }
    }

    fn beyond_one(&self, step: &Path, source: Option<SourceId>) -> Option<Path> {
        links_of(step).filter(|_| source.is_none())?;
        let types = self.0.schema().all_types();
        Some(Path::Repeat { path: Box::new(step.clone()), min: 1, max: None, types })
    }
}

/// The verbs of one step, and whether all of them lead from object to subject.
fn links_of(path: &Path) -> Option<(Vec<VerbId>, bool)> {
    match path {
        Path::Link { link: Link::Verb(verb), inverse } => Some((vec![*verb], *inverse)),
        Path::Either(all) => {
            let each: Option<Vec<_>> = all.iter().map(links_of).collect();
            let each = each?;
            let inverse = each.first()?.1;
            let all_so = each.iter().all(|(_, own)| *own == inverse);
            all_so.then(|| (each.into_iter().flat_map(|(verbs, _)| verbs).collect(), inverse))
        }
        _ => None,
    }
}

/// The query of a plan.
pub(super) fn written(plan: &Plan, graph: &Graph) -> Cypher {
    let language = CypherDialect(graph);
    let mut lowering = Lowering::new(plan, graph, &language);
    let answer = answer(&mut lowering)?;
    let mut writer = CypherWriter { graph, names: 0, values: BTreeSet::new(), is_deep: false };
    let text = match &answer {
        Answer::Ask { certain, possible } => {
            let (certain, possible) = (writer.exists_alone(certain)?, writer.exists_alone(possible)?);
            format!("RETURN CASE WHEN {certain} THEN 'yes'\n  WHEN {possible} THEN 'unknown' ELSE 'no' END AS answer")
        }
        Answer::Count { group, of } => {
            let mut clauses = writer.clauses(group, of, Match::All)?;
            let mut shown = Vec::new();
            for (i, expr) in of.iter().enumerate() {
                shown.push(format!("{} AS w{i}", writer.expr(expr)?));
            }
            clauses.push(format!("WITH DISTINCT {}", shown.join(", ")));
            clauses.push("RETURN count(*) AS count".to_string());
            clauses.join("\n")
        }
        Answer::Rows { group, table } => {
            let mut clauses = writer.clauses(group, &table.exprs(), Match::All)?;
            clauses.push(writer.shown(table)?);
            clauses.join("\n")
        }
        Answer::Groups { groups, table } => writer.grouped(groups, table)?,
    };
    let depth = graph.entity_count();
    let deep = writer.is_deep && depth > USUAL_DEPTH;
    let set = if deep { format!("CALL var_length_extend_max_depth={depth};\n") } else { String::new() };
    Ok(format!("{set}{text}"))
}

/// Which rows stay.
#[derive(Clone, Copy, PartialEq)]
enum Match {
    /// Those that have a match.
    All,
    /// Also those that have none.
    Optional,
}

struct CypherWriter<'a> {
    graph: &'a Graph,
    /// Numbers names; those of variables contain `_`.
    names: u32,
    /// The variables that stand for stated values.
    values: BTreeSet<String>,
    /// A path may have as many steps as there are entities.
    is_deep: bool,
}

/// What stands in one `MATCH`.
#[derive(Default)]
struct Parts {
    patterns: Vec<String>,
    wheres: Vec<String>,
    /// Variables that a pattern has shown with their table.
    labelled: BTreeSet<String>,
}

impl CypherWriter<'_> {
    fn fresh(&mut self, of: &str) -> String {
        self.names += 1;
        format!("{of}{}", self.names)
    }

    /// The clauses of a group that no other surrounds. `others` are the expressions that follow it.
    fn clauses(&mut self, group: &Group, others: &[Expr], which: Match) -> Result<Vec<String>, Refused> {
        let (mut clauses, mut parts) = (Vec::new(), Parts::default());
        parts.patterns.extend(self.constants(group, others));
        for item in &group.items {
            let Item::Optional { own, matches, none } = item else {
                self.item(item, group, &mut parts)?;
                continue;
            };
            if which == Match::Optional {
                return refuse("an optional part of a group that may be empty");
            }
            self.flush(&mut parts, &mut clauses, which);
            let mut inner = Parts::default();
            for item in &matches.items {
                self.item(item, matches, &mut inner)?;
            }
            self.flush(&mut inner, &mut clauses, Match::Optional);
            let given: Vec<String> = own.iter().map(|var| format!("{} IS NOT NULL", self.key(var))).collect();
            let none = Expr::exists(none.clone()).not();
            clauses.push(format!("WITH *\nWHERE {} OR {}", given.join(" AND "), self.expr(&none)?));
        }
        self.flush(&mut parts, &mut clauses, which);
        Ok(clauses)
    }

    fn flush(&mut self, parts: &mut Parts, clauses: &mut Vec<String>, which: Match) {
        let Parts { patterns, wheres, .. } = std::mem::take(parts);
        if patterns.is_empty() && wheres.is_empty() && !clauses.is_empty() {
            return;
        }
        let clause = match (patterns.is_empty(), clauses.is_empty()) {
            (true, true) => "UNWIND [1] AS one\nWITH *".to_string(),
            (true, false) => "WITH *".to_string(),
            _ => format!("{}MATCH {}", if which == Match::All { "" } else { "OPTIONAL " }, patterns.join(", ")),
        };
        let wheres = if wheres.is_empty() { String::new() } else { format!("\nWHERE {}", wheres.join("\n  AND ")) };
        clauses.push(format!("{clause}{wheres}"));
    }

    /// Patterns of the entities of which something is read by name.
    fn constants(&self, group: &Group, others: &[Expr]) -> Vec<String> {
        let mut found = BTreeSet::new();
        let mut add = |expr: &Expr| {
            if let Expr::Read(Node::Entity(entity), _) = expr {
                found.insert(entity.0);
            }
        };
        group.each(&mut add);
        others.iter().for_each(|expr| expr.each(&mut add));
        found.into_iter().map(|entity| format!("(entity{entity}:Entity {{vid: {entity}}})")).collect()
    }

    fn item(&mut self, item: &Item, group: &Group, parts: &mut Parts) -> Result<(), Refused> {
        match item {
            Item::Entities { var, types } => {
                if !group.joins(var) {
                    let node = self.bare(var, "Entity", parts);
                    parts.patterns.push(node);
                }
                if *types != self.graph.schema().all_types() {
                    let is_of = self.is_of(&Node::Var(var.clone()), *types);
                    parts.wheres.push(is_of);
                }
            }
            Item::Values { var, property } => {
                self.values.insert(var.clone());
                let name = self.graph.schema().property(*property).name.clone();
                if !group.states(var) {
                    let node = self.bare(var, &format!("value of {name}"), parts);
                    parts.patterns.push(node);
                }
            }
            Item::Stated { subject, var, property, sure, source } => {
                self.values.insert(var.clone());
                let name = self.graph.schema().property(*property).name.clone();
                let fact = self.fresh("f");
                let subject = self.node(subject, group, parts);
                let is_own = group.items.iter().any(|item| matches!(item, Item::Values { var: own, .. } if own == var));
                let value =
                    if is_own { self.bare(var, &format!("value of {name}"), parts) } else { format!("({var})") };
                parts.patterns.push(format!("{subject}-[{fact}:{}]->{value}", ticked(&format!("stated {name}"))));
                self.counts(&fact, *sure, *source, parts);
            }
            Item::Path { path, subject, object, sure, source } => {
                let (subject, object) = (self.node(subject, group, parts), self.node(object, group, parts));
                let (walk, inverse) = self.walk(path, (*sure, *source), parts)?;
                parts.patterns.push(match inverse {
                    true => format!("{subject}<-[{walk}]-{object}"),
                    false => format!("{subject}-[{walk}]->{object}"),
                });
            }
            Item::Filter(expr) => {
                let test = self.expr(expr)?;
                parts.wheres.push(test);
            }
            Item::Optional { .. } => return refuse("an optional part within another part"),
        }
        Ok(())
    }

    /// What stands between the brackets of a path, and whether it leads from object to subject.
    fn walk(
        &mut self,
        path: &Path,
        (sure, source): (bool, Option<SourceId>),
        parts: &mut Parts,
    ) -> Result<(String, bool), Refused> {
        let step = match path {
            Path::Repeat { path, .. } => path,
            other => other,
        };
        let Some((verbs, inverse)) = links_of(step) else { return refuse("such a path") };
        let names: Vec<String> =
            verbs.iter().map(|verb| ticked(&relation(&self.graph.schema().verb(*verb).name))).collect();
        let names = names.join("|");
        let Path::Repeat { min, max, .. } = path else {
            let fact = self.fresh("f");
            self.counts(&fact, sure, source, parts);
            return Ok((format!("{fact}:{names}"), inverse));
        };
        let only = if sure { " (r, n | WHERE r.certain)" } else { "" };
        let times = match max {
            Some(max) => format!("*{min}..{max}"),
            None => {
                self.is_deep = true;
                format!("* SHORTEST 1..{}", self.graph.entity_count().max(1))
            }
        };
        Ok((format!(":{names}{times}{only}"), inverse))
    }

    /// What a fact has to meet to count.
    fn counts(&mut self, fact: &str, sure: bool, source: Option<SourceId>, parts: &mut Parts) {
        let Some(source) = source else {
            if sure {
                parts.wheres.push(format!("{fact}.certain"));
            }
            return;
        };
        let claim = self.fresh("c");
        parts.patterns.push(format!("({claim}:Claim)"));
        parts.wheres.push(format!("{claim}.fact = {fact}.fact"));
        parts.wheres.push(format!("{claim}.source = {}", cypher_literal(&self.graph.claims().source(source).key)));
        if sure {
            parts.wheres.push(format!("{claim}.trust <> 'doubtful'"));
        }
    }

    /// A node, with its table where it stands first.
    fn node(&mut self, node: &Node, group: &Group, parts: &mut Parts) -> String {
        match node {
            Node::Entity(entity) => format!("(:Entity {{vid: {}}})", entity.0),
            Node::Var(name) if group.binds(name) => self.bare(name, "Entity", parts),
            Node::Var(name) => format!("({name})"),
        }
    }

    fn bare(&self, name: &str, table: &str, parts: &mut Parts) -> String {
        match parts.labelled.insert(name.to_string()) {
            true => format!("({name}:{})", ticked(table)),
            false => format!("({name})"),
        }
    }

    /// What is null where the variable is absent.
    fn key(&self, name: &str) -> String {
        format!("{name}.{}", if self.values.contains(name) { "position" } else { "vid" })
    }

    fn is_of(&self, node: &Node, types: TypeSet) -> String {
        let name = match node {
            Node::Entity(entity) => return self.graph.is_of(*entity, types).to_string(),
            Node::Var(name) => name,
        };
        let names: Vec<String> = types.iter().map(|id| cypher_literal(&self.graph.schema().type_(id).name)).collect();
        match names.as_slice() {
            [] => "false".to_string(),
            [one] => format!("{name}.type = {one}"),
            all => format!("{name}.type IN [{}]", all.join(", ")),
        }
    }

    fn exists_alone(&mut self, group: &Group) -> Cypher {
        let constants = self.constants(group, &[]);
        self.exists(group, constants)
    }

    fn exists(&mut self, group: &Group, patterns: Vec<String>) -> Cypher {
        let mut parts = Parts { patterns, ..Parts::default() };
        for item in &group.items {
            self.item(item, group, &mut parts)?;
        }
        if parts.patterns.is_empty() {
            let all = if parts.wheres.is_empty() { "true".to_string() } else { parts.wheres.join(" AND ") };
            return Ok(format!("({all})"));
        }
        let wheres =
            if parts.wheres.is_empty() { String::new() } else { format!(" WHERE {}", parts.wheres.join(" AND ")) };
        Ok(format!("EXISTS {{ MATCH {}{wheres} }}", parts.patterns.join(", ")))
    }

    /// The columns of a table, from the variables of what stands before.
    fn shown(&mut self, table: &ResultTable) -> Cypher {
        let mut fields = Vec::new();
        for (i, (_, expr)) in table.columns.iter().enumerate() {
            fields.push(format!("{} AS c{i}", self.expr(expr)?));
        }
        for (i, (expr, _)) in table.order.iter().enumerate() {
            fields.push(format!("{} AS k{i}", self.expr(expr)?));
        }
        let mut known = BTreeSet::new();
        let titles = table.columns.iter().enumerate().map(|(i, (title, _))| {
            let is_new = known.insert(title.to_lowercase());
            format!("c{i} AS {}", ticked(&if is_new { title.clone() } else { format!("{title} {i}") }))
        });
        let titles = titles.collect::<Vec<_>>().join(", ");
        let by = table
            .order
            .iter()
            .enumerate()
            .map(|(i, (_, descending))| format!("k{i} IS NULL, k{i}{}", if *descending { " DESC" } else { "" }));
        let by = by.collect::<Vec<_>>().join(", ");
        let order = if by.is_empty() { String::new() } else { format!("\nORDER BY {by}") };
        let offset = if table.offset > 0 { format!("\nSKIP {}", table.offset) } else { String::new() };
        let limit = table.limit.map_or(String::new(), |limit| format!("\nLIMIT {limit}"));
        Ok(format!("WITH DISTINCT {}\nRETURN {titles}{order}{offset}{limit}", fields.join(", ")))
    }

    /// Two counts of each group, one after the other.
    fn grouped(&mut self, groups: &Groups, table: &ResultTable) -> Cypher {
        let mut clauses = Vec::new();
        let mut kept = groups.keys.clone();
        let mut which = Match::All;
        if let Some(present) = &groups.present {
            clauses.extend(self.clauses(present, &[], Match::All)?);
            clauses.push(format!("WITH DISTINCT {}", kept.join(", ")));
            which = Match::Optional;
        }
        for (name, group) in [("least", &groups.certain), ("most", &groups.possible)] {
            let same = name == "most" && groups.certain == groups.possible;
            if !same {
                clauses.extend(self.clauses(group, &[], which)?);
            }
            let mut fields = kept.clone();
            for (i, expr) in groups.counted.iter().enumerate() {
                let count = if same { format!("least{i}") } else { format!("count(DISTINCT {})", self.expr(expr)?) };
                fields.push(format!("{count} AS {name}{i}"));
                kept.push(format!("{name}{i}"));
            }
            clauses.push(format!("WITH {}", fields.join(", ")));
            if groups.keys.is_empty() {
                which = Match::Optional;
            }
        }
        if groups.having != Expr::Truth(true) {
            let having = self.expr(&groups.having)?;
            clauses.push(format!("WITH *\nWHERE {having}"));
        }
        clauses.push(self.shown(table)?);
        Ok(clauses.join("\n"))
    }

    fn expr(&mut self, expr: &Expr) -> Cypher {
        Ok(match expr {
            Expr::Null => "NULL".to_string(),
            Expr::Truth(truth) => truth.to_string(),
            Expr::Whole(number) => number.to_string(),
            Expr::Number(number) => format!("{number:?}"),
            Expr::Text(text) => cypher_literal(text),
            Expr::And(all) => self.join(all, " AND ")?,
            Expr::Or(all) => self.join(all, " OR ")?,
            Expr::Not(inner) => match &**inner {
                Expr::Same(a, b) => format!("({} <> {})", self.vid(a), self.vid(b)),
                inner => format!("NOT ({})", self.expr(inner)?),
            },
            Expr::Compare(sign, a, b) => {
                let sign = sign.word();
                format!("({} {sign} {})", self.expr(a)?, self.expr(b)?)
            }
            Expr::Arithmetic(op, a, b) => {
                let sign = op.word();
                format!("({} {sign} {})", self.expr(a)?, self.expr(b)?)
            }
            // Ladybug 0.22 loses rows where `coalesce` alone is a condition beside an EXISTS.
            Expr::OrElse(a, b) if matches!(**b, Expr::Truth(_)) => {
                format!("(coalesce({}, {}) = true)", self.expr(a)?, self.expr(b)?)
            }
            Expr::OrElse(a, b) => format!("coalesce({}, {})", self.expr(a)?, self.expr(b)?),
            Expr::If(test, a, b) => {
                format!("CASE WHEN {} THEN {} ELSE {} END", self.expr(test)?, self.expr(a)?, self.expr(b)?)
            }
            Expr::IsNull(inner) => format!("({} IS NULL)", self.expr(inner)?),
            Expr::IsAbsent(name) => format!("({} IS NULL)", self.key(name)),
            Expr::Same(a, b) => format!("({} = {})", self.vid(a), self.vid(b)),
            Expr::IsOf(node, types) => format!("({})", self.is_of(node, *types)),
            Expr::Read(node, attribute) => self.read(node, *attribute),
            Expr::Column(name) => name.clone(),
            Expr::Lower(inner) => format!("lower({})", self.expr(inner)?),
            Expr::Upper(inner) => format!("upper({})", self.expr(inner)?),
            Expr::Fits(inner, wanted) => {
                format!("regexp_full_match({}, {})", self.expr(inner)?, cypher_literal(&format!("(?s){wanted}")))
            }
            Expr::Words(inner) => format!("CAST({} AS STRING)", self.expr(inner)?),
            Expr::Exists(group) => self.exists(group, Vec::new())?,
        })
    }

    fn join(&mut self, all: &[Expr], sign: &str) -> Cypher {
        let all: Result<Vec<String>, Refused> = all.iter().map(|inner| self.expr(inner)).collect();
        Ok(format!("({})", all?.join(sign)))
    }

    fn vid(&self, node: &Node) -> String {
        match node {
            Node::Var(name) => self.key(name),
            Node::Entity(entity) => entity.0.to_string(),
        }
    }

    fn read(&self, node: &Node, attribute: Attribute) -> String {
        let own = match node {
            Node::Var(name) => name.clone(),
            Node::Entity(entity) => format!("entity{}", entity.0),
        };
        match attribute {
            Attribute::Number => format!("{own}.vid"),
            Attribute::Name => format!("{own}.name"),
            Attribute::Stated(column) => format!("{own}.{column}"),
            Attribute::Settled(property, column) => {
                format!("{own}.{}", ticked(&format!("{} {column}", self.graph.schema().property(property).name)))
            }
        }
    }
}

impl Group {
    /// Returns true if the group binds the variable of an entity.
    fn binds(&self, name: &str) -> bool {
        self.items.iter().any(|item| matches!(item, Item::Entities { var, .. } if var == name))
    }

    /// Returns true if a path or a value of the group leads to or from the variable.
    fn joins(&self, name: &str) -> bool {
        let is = |node: &Node| matches!(node, Node::Var(var) if var == name);
        self.items.iter().any(|item| match item {
            Item::Path { subject, object, .. } => is(subject) || is(object),
            Item::Stated { subject, .. } => is(subject),
            _ => false,
        })
    }

    /// Returns true if the group says of what the variable is a stated value.
    fn states(&self, name: &str) -> bool {
        self.items.iter().any(|item| matches!(item, Item::Stated { var, .. } if var == name))
    }
}

/// The table of a verb. Ladybug does not tell names apart by case.
pub(super) fn relation(verb: &str) -> String {
    if matches!(verb, "entity" | "claim") { format!("{verb}_") } else { verb.to_string() }
}

/// A name, in backticks unless it is a plain word that no statement uses.
pub(super) fn ticked(name: &str) -> String {
    let plain = name == "Entity" || name == "Claim";
    if plain { name.to_string() } else { format!("`{}`", name.replace('`', "``")) }
}
