//! The plan as a tree of lines, each operator above what it reads; steps of a match stand inside the step before.

use super::words::Words;
use super::{
    AccessPath, Aggregate, Block, Condition, CountGroups, CountOp, Fold, Limit, Modality, Node, Operator, Order,
    Pattern, Plan, Scalar, SortKey, Step, Term, VarId, View, Walk,
};
use crate::graph::Graph;
use crate::schema::TypeSet;

/// One operator, step or condition of a plan.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// How many lines it stands inside of.
    pub depth: usize,
    /// What it does, in one word or two.
    pub operator: &'static str,
    /// On what.
    pub detail: String,
    /// How many rows are expected of it.
    pub rows: Option<f64>,
    /// Its number, if it is counted while it runs.
    pub node: Option<u32>,
}

/// What an operator or step did in a run.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Actual {
    pub rows_in: u64,
    pub rows_out: u64,
    /// Of all threads together, what it hands its rows to included.
    pub time: std::time::Duration,
}

/// The plan line by line, and how each operator did if it has run (by number).
pub fn print(plan: &Plan, graph: &Graph, actual: Option<&[Actual]>) -> String {
    let mut text = String::new();
    for line in lines(plan, graph) {
        let detail = if line.detail.is_empty() { String::new() } else { format!(" {}", line.detail) };
        text.push_str(&format!("{}{}{detail}", "  ".repeat(line.depth), line.operator));
        if let Some(rows) = line.rows {
            text.push_str(&format!("  ~{}", about(rows)));
        }
        let ran = actual.zip(line.node).and_then(|(actual, node)| actual.get(node as usize));
        if let Some(ran) = ran {
            let time = ran.time.as_secs_f64() * 1e3;
            text.push_str(&format!("  [{} in, {} out, {time:.3} ms]", ran.rows_in, ran.rows_out));
        }
        text.push('\n');
    }
    if !plan.applied.is_empty() {
        text.push_str(&format!("rules: {}\n", plan.applied.join(", ")));
    }
    text
}

/// An estimate as people read it.
fn about(rows: f64) -> String {
    match rows {
        few if few < 1.0 => "1".to_string(),
        some if some < 1e6 => format!("{some:.0}"),
        many => format!("{many:.1e}"),
    }
}

/// The operators, steps and conditions of a plan; the last operator first, then what it reads, then the definitions.
pub fn lines(plan: &Plan, graph: &Graph) -> Vec<Line> {
    let mut writer = Writer { plan, graph, words: words(plan, graph, &plan.slots), lines: Vec::new() };
    writer.view();
    let proved = plan.provenance.iter().flat_map(|provenance| &provenance.forms).flat_map(|form| &form.definitions);
    let definitions = plan.definitions.iter().zip(std::iter::repeat(""));
    for (definition, how) in definitions.chain(proved.zip(std::iter::repeat(", as it is proved"))) {
        writer.words = words(plan, graph, &definition.pattern.slots);
        let until = if definition.is_recursive { ", until nothing is added" } else { "" };
        writer.push(0, "define", format!("{}{how}{until}", definition.name), None, None);
        writer.pattern(&definition.pattern, 1);
    }
    writer.lines
}

fn words<'a>(plan: &'a Plan, graph: &'a Graph, slots: &'a [super::Var]) -> Words<'a> {
    Words { graph, definitions: &plan.definitions, vars: slots }
}

struct Writer<'a> {
    plan: &'a Plan,
    graph: &'a Graph,
    words: Words<'a>,
    lines: Vec<Line>,
}

impl<'a> Writer<'a> {
    fn push(&mut self, depth: usize, operator: &'static str, detail: String, rows: Option<f64>, node: Option<u32>) {
        self.lines.push(Line { depth, operator, detail, rows, node });
    }

    fn view(&mut self) {
        let name = |entity| self.graph.name(entity).to_string();
        let top = match &self.plan.view {
            View::Rows | View::Verdict => None,
            View::Facts => Some(("facts", "that the bindings rest on".to_string())),
            View::Proofs => Some(("proofs", "of least height".to_string())),
            View::WhyNot => Some(("why not", "condition after condition, until one fails".to_string())),
            View::Lineage { of, via, .. } => {
                Some(("lineage", format!("of {} via {}", name(*of), self.words.path(via))))
            }
            View::Adoption { of: Some(of), .. } => Some(("adoption", format!("of {}", name(*of)))),
            View::Adoption { .. } => Some(("adoption", "of each".to_string())),
            View::Timeline { limit, .. } => Some(("timeline", of_limit(limit))),
            View::Matrix { .. } => Some(("matrix", "of subject against object".to_string())),
            View::Describe(entity) => Some(("describe", name(*entity))),
            View::Conflicts(of) => Some(("conflicts", of.map_or(String::new(), |of| format!("of {}", name(of))))),
            View::Schema(_) => Some(("schema", String::new())),
            View::Diff(left, right) => Some(("diff", format!("{} and {}", name(*left), name(*right)))),
            View::DiffEnds { left, right, .. } => {
                Some(("diff", format!("{} and {}", self.term(*left), self.term(*right))))
            }
        };
        let mut depth = 0;
        if let Some((operator, detail)) = top {
            self.push(0, operator, detail, None, None);
            depth += 1;
        }
        let plan = self.plan;
        for node in plan.operators.iter().rev() {
            self.operator(node, depth);
            depth += 1;
        }
        for pattern in &plan.subpatterns {
            self.words = words(plan, self.graph, &pattern.slots);
            let bound = self.vars(&pattern.block.wanted);
            let detail = if bound.is_empty() { "whether it holds of a binding".to_string() } else { bound };
            self.push(1, "subpattern", detail, None, None);
            self.pattern(pattern, 2);
        }
    }

    fn operator(&mut self, node: &'a Node, depth: usize) {
        let (operator, detail) = match &node.operator {
            Operator::Match(pattern) => ("match", self.wanted(pattern)),
            Operator::Nearest { var, path } => ("nearest", format!("{} by {}", self.var(*var), self.words.path(path))),
            Operator::Project(projection) => {
                let titles: Vec<&str> = projection.columns.iter().map(|column| column.title.as_str()).collect();
                ("project", titles.join(", "))
            }
            Operator::ProjectIds { columns } => {
                let titles: Vec<&str> = columns.iter().map(|column| column.title.as_str()).collect();
                ("project ids", format!("{}, sorted, distinct", titles.join(", ")))
            }
            Operator::Aggregate(aggregate) => ("aggregate", self.aggregate(aggregate)),
            Operator::CountGroups(count) => ("count groups", self.count_groups(count)),
            Operator::Having(condition) => ("having", self.words.scalar(condition)),
            Operator::RunningSum { columns, .. } => ("running sum", format!("of {} columns", columns.len())),
            Operator::Sort { keys } => ("sort", self.sort(keys)),
            Operator::Distinct => ("distinct", String::new()),
            Operator::Limit(limit) => ("limit", of_limit(limit)),
            Operator::Count => ("count", String::new()),
            Operator::CountMatches(_) => ("count matches", "without keeping them".to_string()),
            Operator::Ask => ("ask", "whether there is any".to_string()),
            Operator::Paths(paths) => {
                let which = if paths.every { "every acyclic" } else { "one shortest" };
                let (from, to) = (self.term(paths.subject), self.term(paths.object));
                ("paths", format!("{which} of {from} {} {to}", self.words.path(&paths.path)))
            }
        };
        self.push(depth, operator, detail, Some(node.rows), Some(node.id));
        match &node.operator {
            Operator::Match(pattern) | Operator::CountMatches(pattern) => self.pattern(pattern, depth + 1),
            Operator::CountGroups(count) => self.pattern(&count.pattern, depth + 1),
            Operator::Aggregate(aggregate) => {
                if let Some(presence) = &aggregate.presence {
                    self.push(depth + 1, "presence", self.wanted(presence), None, None);
                    self.pattern(presence, depth + 2);
                }
            }
            _ => {}
        }
    }

    fn wanted(&self, pattern: &Pattern) -> String {
        let wanted = match pattern.block.wanted.as_slice() {
            [] => "any".to_string(),
            wanted => self.vars(wanted),
        };
        let distinct = if pattern.block.repeats() { ", distinct" } else { "" };
        let certain = if pattern.is_certain { "" } else { ", certain and possible" };
        let most = pattern.most.map_or(String::new(), |most| format!(", the first {most}"));
        format!("{wanted}{distinct}{certain}{most}")
    }

    fn aggregate(&self, aggregate: &Aggregate) -> String {
        let folds: Vec<String> = aggregate.folds.iter().map(|fold| self.fold(fold)).collect();
        format!("{}{}", folds.join(", "), self.by(&aggregate.keys))
    }

    fn fold(&self, fold: &Fold) -> String {
        format!("{}({})", fold.function.info().name, self.words.scalar(&fold.argument))
    }

    fn by(&self, keys: &[Scalar]) -> String {
        let keys: Vec<String> = keys.iter().map(|key| self.words.scalar(key)).collect();
        if keys.is_empty() { String::new() } else { format!(" by {}", keys.join(", ")) }
    }

    fn count_groups(&self, count: &CountGroups) -> String {
        let how = if count.is_clustered { "one group after the other" } else { "in a table" };
        let least = if count.least > 0 { format!(", at least {}", count.least) } else { String::new() };
        let most = count.most.map_or(String::new(), |most| format!(", the greatest {most}"));
        format!("of {}{}, {how}{least}{most}", self.var(count.counted), self.by(&count.keys))
    }

    fn sort(&self, keys: &[SortKey]) -> String {
        let key = |key: &SortKey| {
            format!("{}{}", self.words.scalar(&key.scalar), if key.descending { " descending" } else { "" })
        };
        match keys {
            [] => "by the columns".to_string(),
            keys => format!("by {}", keys.iter().map(key).collect::<Vec<_>>().join(", ")),
        }
    }

    fn pattern(&mut self, pattern: &'a Pattern, depth: usize) {
        self.block(&pattern.block, pattern, depth);
    }

    fn block(&mut self, block: &'a Block, pattern: &'a Pattern, mut depth: usize) {
        for (i, step) in block.steps.iter().enumerate() {
            let (rows, node) = (block.rows.get(i).copied(), Some(block.first + i as u32));
            match step {
                Step::Filter(condition) => self.condition(condition, pattern, depth, node),
                Step::Optional(inner) => {
                    self.push(depth, "left join", String::new(), rows, node);
                    self.block(inner, pattern, depth + 1);
                }
                binding => {
                    let (operator, detail) = self.binding(binding, pattern);
                    self.push(depth, operator, detail, rows, node);
                    depth += 1;
                }
            }
        }
    }

    fn binding(&self, step: &Step, pattern: &Pattern) -> (&'static str, String) {
        match step {
            Step::Scan { var, types } => ("scan", format!("{}: {}", self.var(*var), self.types(*types))),
            Step::ScanValues { var, property } => {
                ("scan values", format!("{} of {}", self.var(*var), self.words.property(*property)))
            }
            Step::Expand { var, access, types } => {
                let listed: Vec<String> = access.iter().map(|access| self.access(access, pattern)).collect();
                let only = types.map_or(String::new(), |types| format!(", only {}", self.types(types)));
                let verb = if access.len() == 1 { "expand" } else { "intersect" };
                (verb, format!("{} from {}{only}", self.var(*var), listed.join(" and ")))
            }
            Step::Walk { var, path, subject, object, walk, .. } => {
                let what = match walk {
                    Walk::Every => "every path",
                    Walk::Lengths { least: true, greatest: true } => "the least and greatest length",
                    Walk::Lengths { least: true, .. } => "the least length",
                    Walk::Lengths { .. } => "the greatest length",
                };
                let path = self.words.path(&pattern.paths[path.0 as usize]);
                let ends = (self.term(*subject), self.term(*object));
                ("walk", format!("{}: {what} of {} {path} {}", self.var(*var), ends.0, ends.1))
            }
            Step::Filter(_) | Step::Optional(_) => ("", String::new()),
        }
    }

    fn types(&self, types: TypeSet) -> String {
        self.graph.schema().type_names(types)
    }

    fn access(&self, access: &AccessPath, pattern: &Pattern) -> String {
        match access {
            AccessPath::Link { link, from, inverse, .. } => {
                format!("{} {}", self.term(*from), self.words.link(*link, *inverse))
            }
            AccessPath::Reach { path, from, inverse, together, .. } => {
                let path = self.words.path(&pattern.paths[path.0 as usize]);
                let arrow = if *inverse { "reached back by" } else { "reach by" };
                format!("{} {arrow} {path}{}", self.term(*from), if *together { " together" } else { "" })
            }
            AccessPath::Values(atom) => {
                format!("the stated {} of {}", self.words.property(atom.property), self.term(atom.subject))
            }
            AccessPath::Same(term) => self.term(*term),
            AccessPath::Either(all) => {
                let all: Vec<String> = all.iter().map(|access| self.access(access, pattern)).collect();
                format!("({})", all.join(" or "))
            }
        }
    }

    fn condition(&mut self, condition: &'a Condition, pattern: &'a Pattern, depth: usize, node: Option<u32>) {
        let (operator, detail) = match condition {
            Condition::All(_) => ("all of", String::new()),
            Condition::Any(_) => ("any of", String::new()),
            Condition::Not(inner) => match &**inner {
                Condition::Exists { memo, .. } => ("anti-join", remembered(memo.is_some())),
                Condition::Probe(_) | Condition::NotEmpty(_) => ("anti-join", self.test(inner, pattern)),
                _ => ("not", String::new()),
            },
            Condition::Exists { memo, .. } => ("semi-join", remembered(memo.is_some())),
            Condition::Probe(_) | Condition::NotEmpty(_) => ("semi-join", self.test(condition, pattern)),
            Condition::Count { compare, number, .. } => {
                let words = match compare {
                    CountOp::AtLeast => "at least",
                    CountOp::AtMost => "at most",
                    CountOp::Exactly => "exactly",
                };
                ("count", format!("{words} {number}"))
            }
            Condition::Every { .. } => ("every", String::new()),
            Condition::Modal(Modality::Possibly, _) => ("possibly", String::new()),
            Condition::Modal(Modality::Certainly, _) => ("certainly", String::new()),
            Condition::ReachSemiJoin(join) => {
                let path = self.words.path(&pattern.paths[join.path.0 as usize]);
                let way = if join.inverse { "is reached by" } else { "reaches by" };
                ("semi-join", format!("{} {way} {path} one of", self.var(join.from)))
            }
            test => ("filter", self.test(test, pattern)),
        };
        let negated = match condition {
            Condition::Not(inner) if operator == "anti-join" => inner,
            other => other,
        };
        self.push(depth, operator, detail, None, node);
        if let Some(block) = negated.block() {
            self.block(block, pattern, depth + 1);
        }
        for inner in negated.children() {
            self.condition(inner, pattern, depth + 1, None);
        }
    }

    fn test(&self, condition: &Condition, pattern: &Pattern) -> String {
        match condition {
            Condition::Fact(atom) => {
                let link = self.words.link(atom.link, false);
                format!("{} {link} {}", self.term(atom.subject), self.term(atom.object))
            }
            Condition::Path { path, subject, object, .. } => {
                let path = self.words.path(&pattern.paths[path.0 as usize]);
                format!("{} {path} {}", self.term(*subject), self.term(*object))
            }
            Condition::Value(atom) => {
                let property = self.words.property(atom.property);
                format!("{} is a stated {property} of {}", self.var(atom.value), self.term(atom.subject))
            }
            Condition::Type(term, types) => format!("{} is a {}", self.term(*term), self.types(*types)),
            Condition::Same(a, b) => format!("{} is {}", self.term(*a), self.term(*b)),
            Condition::Test(scalar) => self.words.scalar(scalar),
            Condition::Order(Order { var, op, other }) => {
                format!("{} {} {}", self.var(*var), op.sign(), self.term(*other))
            }
            Condition::Compare(compare) => {
                let property = self.words.property(compare.property);
                format!("{}.{property} {} {}", self.var(compare.var), compare.op.sign(), compare.value)
            }
            Condition::Probe(probe) => {
                let order = |(op, other): &(super::CompareOp, Term)| format!(" {} {}", op.sign(), self.term(*other));
                let orders: Vec<String> = probe.orders.iter().map(order).collect();
                format!(
                    "{} {} any{}",
                    self.var(probe.from),
                    self.words.link(probe.link, probe.inverse),
                    orders.join(" and")
                )
            }
            Condition::NotEmpty(access) => format!("{} any", self.access(access, pattern)),
            _ => String::new(),
        }
    }

    fn var(&self, var: VarId) -> String {
        self.words.vars.get(var.0 as usize).map_or(String::new(), |var| var.title.clone())
    }

    fn vars(&self, vars: &[VarId]) -> String {
        vars.iter().map(|var| self.var(*var)).collect::<Vec<_>>().join(", ")
    }

    fn term(&self, term: Term) -> String {
        match term {
            Term::Var(var) => self.var(var),
            Term::Entity(_) => self.words.term(term),
        }
    }
}

fn remembered(memo: bool) -> String {
    if memo { "remembered".to_string() } else { String::new() }
}

fn of_limit(limit: &Limit) -> String {
    let number = limit.limit.map_or("all".to_string(), |limit| limit.to_string());
    if limit.offset > 0 { format!("{number} after {}", limit.offset) } else { number }
}
