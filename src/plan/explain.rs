//! The plan as a tree of lines: each operator stands above its input, and the steps of a match are nested.

mod condition;
mod view;

use super::words::Words;
use super::{
    AccessPath, Aggregate, AggregateCall, Block, Column, CountDistinct, CountGroups, Definition, GroupFold, LateRows,
    Limit, Node, Operator, Pattern, Plan, Runs, Scalar, SortKey, Step, Summed, Term, VarId, Walk,
};
use crate::graph::Graph;
use crate::plan::WhichPaths;
use crate::schema::TypeSet;

/// Line of an explained plan: an operator, step or condition.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// Level of nesting.
    pub depth: usize,
    /// Name of the operator: one or two words.
    pub operator: &'static str,
    /// Operands of the operator.
    pub detail: String,
    /// Estimated rows; `None` if there is no estimate.
    pub rows: Option<f64>,
    /// Number by which the profile counts it; `None` if it is not counted.
    pub node: Option<u32>,
    /// True if it has no input, and therefore no rows in.
    pub is_source: bool,
}

/// Profile counters of an operator or step.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Actual {
    pub rows_in: u64,
    pub rows_out: u64,
    /// Time summed over all threads; for a step, including the steps nested in it.
    pub time: std::time::Duration,
}

/// Returns the plan line by line, with the profile of each operator (by number) if it has run.
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
            let rows_in = if line.is_source { String::new() } else { format!("{} in, ", ran.rows_in) };
            text.push_str(&format!("  [{rows_in}{} out, {time:.3} ms]", ran.rows_out));
        }
        text.push('\n');
    }
    if actual.is_some() {
        text.push_str(LEGEND);
    }
    text
}

const LEGEND: &str = "\
    ~ rows expected [rows in, rows out, time: an operator's own, a step's with all steps inside it, in all searches and threads]\n";

/// Returns an estimate, rounded for display.
fn about(rows: f64) -> String {
    match rows {
        few if few < 1.0 => "1".to_string(),
        some if some < 1e6 => format!("{some:.0}"),
        many => format!("{many:.1e}"),
    }
}

/// Returns the lines of a plan: the last operator first, then its inputs, then the definitions, then the applied rules.
pub fn lines(plan: &Plan, graph: &Graph) -> Vec<Line> {
    // Those of the pattern are those of the plan, and those of definitions that are written out in it.
    let slots = plan.pattern().map_or(&*plan.slots, |pattern| &*pattern.slots);
    let (own, named) = (words(plan, graph, slots), names(slots, graph));
    let mut writer = PlanPrinter { plan, graph, words: own, names: named, lines: Vec::new() };
    writer.view();
    let forms = plan.provenance.iter().flat_map(|provenance| provenance.all_forms());
    let proved = forms.flat_map(|form| &form.definitions);
    for definition in plan.definitions.iter().filter(|definition| definition.is_needed) {
        writer.definition(definition, "");
    }
    for definition in proved {
        writer.definition(definition, ", as it is proved");
    }
    if let Some(applied) = plan.applied.as_ref().filter(|applied| !applied.is_empty()) {
        writer.push(0, "rules", applied.join(", "), None, None);
    }
    writer.lines
}

fn words<'a>(plan: &'a Plan, graph: &'a Graph, slots: &'a [super::Var]) -> Words<'a> {
    Words { graph, definitions: &plan.definitions, vars: slots }
}

/// Returns a unique name for each variable: its title or its types, numbered if it is taken.
fn names(slots: &[super::Var], graph: &Graph) -> Vec<String> {
    let mut names: Vec<String> = Vec::with_capacity(slots.len());
    for slot in slots {
        let title = match slot.kind {
            super::VarKind::Label(label) if slot.title.is_empty() => label.name().to_string(),
            super::VarKind::Entity(types) if slot.title.is_empty() => graph.schema().type_names(types),
            _ => slot.title.clone(),
        };
        let numbered = (2..).map(|number| format!("{title} {number}"));
        let free = std::iter::once(title.to_string()).chain(numbered).find(|name| !names.contains(name));
        names.extend(free);
    }
    names
}

struct PlanPrinter<'a> {
    plan: &'a Plan,
    graph: &'a Graph,
    words: Words<'a>,
    /// Names of the variables, all different.
    names: Vec<String>,
    lines: Vec<Line>,
}

impl<'a> PlanPrinter<'a> {
    fn push(&mut self, depth: usize, operator: &'static str, detail: String, rows: Option<f64>, node: Option<u32>) {
        self.lines.push(Line { depth, operator, detail, rows, node, is_source: false });
    }

    /// Adds a line without input.
    fn source(&mut self, depth: usize, operator: &'static str, detail: String, rows: f64, node: u32) {
        self.lines.push(Line { depth, operator, detail, rows: Some(rows), node: Some(node), is_source: true });
    }

    /// Names the variables of a pattern from here on.
    fn name_variables_of(&mut self, pattern: &'a Pattern) {
        (self.words, self.names) = (words(self.plan, self.graph, &pattern.slots), names(&pattern.slots, self.graph));
    }

    fn view(&mut self) {
        let mut depth = 0;
        if let Some((operator, detail)) = self.top() {
            self.push(0, operator, detail, None, None);
            depth += 1;
        }
        let plan = self.plan;
        for node in plan.operators.iter().rev() {
            self.operator(node, depth);
            depth += 1;
        }
        if let Some(among) = plan.view.among() {
            self.name_variables_of(among);
            self.push(1, "among", self.wanted(among), None, None);
            self.pattern(among, 2);
        }
        for pattern in &plan.subpatterns {
            self.name_variables_of(pattern);
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
            Operator::Project(projection) => ("project", titles(&projection.columns)),
            Operator::ProjectIds { columns } => {
                ("project ids", format!("{}, sorted by number, each row once", titles(columns)))
            }
            Operator::LateRows(late) => ("late rows", self.late_rows(late)),
            Operator::Aggregate(aggregate) => ("aggregate", self.aggregate(aggregate)),
            Operator::CountGroups(count) => ("count groups", self.count_groups(count)),
            Operator::CountDistinct(count) => ("count distinct", self.count_distinct(count)),
            Operator::Having(condition) => ("having", self.scalar(condition)),
            Operator::RunningSum { columns, .. } => self.running_sum(columns),
            Operator::Sort { keys } => ("sort", self.sort(keys)),
            Operator::Distinct => ("distinct", "each row once".to_string()),
            Operator::Limit(limit) => ("limit", of_limit(limit)),
            Operator::MatchesOfRows { .. } => ("matches of rows", "those that give a row".to_string()),
            Operator::Count => ("count", "of the bindings".to_string()),
            Operator::CountMatches(_) => ("count matches", "without keeping them".to_string()),
            Operator::Ask => ("ask", "whether there is any".to_string()),
            Operator::Paths(paths) => {
                let which = paths.which.words();
                let (from, to) = (self.term(paths.subject), self.term(paths.object));
                let by = match paths.which {
                    WhichPaths::Cheapest { property, .. } => {
                        format!(" by {}", self.words.graph.schema().property(property).name)
                    }
                    _ => String::new(),
                };
                let most = paths.most.map(|most| format!(", no more than {most} each")).unwrap_or_default();
                ("paths", format!("{which} of {from} {} {to}{by}{most}", self.words.path(&paths.path)))
            }
        };
        match &node.operator {
            Operator::Match(_) | Operator::CountMatches(_) | Operator::CountGroups(_) | Operator::CountDistinct(_) => {
                self.source(depth, operator, detail, node.rows, node.id)
            }
            _ => self.push(depth, operator, detail, Some(node.rows), Some(node.id)),
        }
        match &node.operator {
            Operator::Match(pattern) | Operator::CountMatches(pattern) => self.pattern(pattern, depth + 1),
            Operator::CountGroups(count) => self.pattern(&count.pattern, depth + 1),
            Operator::CountDistinct(count) => self.pattern(&count.pattern, depth + 1),
            Operator::Aggregate(aggregate) => {
                for presence in &aggregate.presences {
                    self.nested("presence", presence, depth + 1);
                }
            }
            Operator::MatchesOfRows { pattern: Some(pattern), .. } => self.nested("matches", pattern, depth + 1),
            _ => {}
        }
    }

    /// Adds the pattern that an operator reads beside its input; its variables may be more than those of the plan.
    fn nested(&mut self, title: &'static str, pattern: &'a Pattern, depth: usize) {
        self.name_variables_of(pattern);
        self.push(depth, title, self.wanted(pattern), None, None);
        self.pattern(pattern, depth + 1);
        if let Some(own) = self.plan.pattern() {
            self.name_variables_of(own);
        }
    }

    fn running_sum(&self, columns: &[(usize, Summed)]) -> (&'static str, String) {
        let titles = |of: Summed| {
            let places: Vec<usize> = columns.iter().filter(|column| column.1 == of).map(|column| column.0).collect();
            (!places.is_empty()).then(|| self.titles_at(&places))
        };
        match (titles(Summed::Running), titles(Summed::Share)) {
            (Some(running), Some(shares)) => ("running sum", format!("in {running}; shares in {shares}")),
            (None, Some(shares)) => ("share", format!("in {shares}")),
            (running, None) => ("running sum", format!("in {}", running.unwrap_or_default())),
        }
    }

    fn wanted(&self, pattern: &Pattern) -> String {
        let wanted = match pattern.block.wanted.as_slice() {
            [] => "the first that there is".to_string(),
            wanted if pattern.block.repeats() => format!("{}, each once", self.vars(wanted)),
            wanted => self.vars(wanted),
        };
        let most = pattern.most.map_or(String::new(), |most| format!(", no more than {most}"));
        format!("{wanted}{most}{}", self.searches(pattern))
    }

    /// Returns a remark on the number of searches of a pattern; empty for a single one.
    fn searches(&self, pattern: &Pattern) -> &'static str {
        match pattern.is_certain {
            true => "",
            false if self.plan.possibly && !self.plan.all_possible => {
                ", in three searches: certain, shown by `possibly`, possible"
            }
            false => ", in two searches: certain, possible",
        }
    }

    fn aggregate(&self, aggregate: &Aggregate) -> String {
        let folds: Vec<String> = aggregate.folds.iter().map(|fold| self.fold(fold)).collect();
        format!("{}{}", folds.join(", "), self.by(&aggregate.keys))
    }

    fn fold(&self, fold: &AggregateCall) -> String {
        let percent = fold.percent.map_or(String::new(), |percent| format!(", {percent}"));
        format!("{}({}{percent})", fold.function.info().name, self.scalar(&fold.argument))
    }

    /// Returns a key of the plan's groups, by position.
    fn key_at(&self, number: usize) -> String {
        let of = |node: &Node| match &node.operator {
            Operator::Aggregate(aggregate) => aggregate.keys.get(number).map(|key| self.scalar(key)),
            Operator::CountGroups(count) => count.keys.get(number).map(|key| self.scalar(key)),
            Operator::CountDistinct(count) => count.keys.get(number).map(|key| self.scalar(key)),
            _ => None,
        };
        self.plan.operators.iter().find_map(of).unwrap_or_default()
    }

    /// Returns an aggregate of the plan's groups, by position.
    fn fold_at(&self, number: usize) -> String {
        let of = |node: &Node| match &node.operator {
            Operator::Aggregate(aggregate) => aggregate.folds.get(number).map(|fold| self.fold(fold)),
            Operator::CountGroups(count) => Some(self.group_fold(count, count.folds.get(number)?)),
            Operator::CountDistinct(count) => Some(format!("count({})", self.var(*count.counted.get(number)?))),
            _ => None,
        };
        self.plan.operators.iter().find_map(of).unwrap_or_default()
    }

    /// Returns the titles of the columns at these positions.
    fn titles_at(&self, places: &[usize]) -> String {
        let columns = self.plan.operators.iter().find_map(|node| match &node.operator {
            Operator::Project(projection) => Some(&projection.columns),
            _ => None,
        });
        let title = |place: &usize| Some(columns?.get(*place)?.title.as_str());
        places.iter().filter_map(title).collect::<Vec<_>>().join(", ")
    }

    fn by(&self, keys: &[Scalar]) -> String {
        let keys: Vec<String> = keys.iter().map(|key| self.scalar(key)).collect();
        if keys.is_empty() { String::new() } else { format!(" by {}", keys.join(", ")) }
    }

    fn count_groups(&self, count: &CountGroups) -> String {
        let how = if count.is_clustered { "one group after the other" } else { "in a table" };
        let least = if count.least > 0 { format!(", only counts of {} and more", count.least) } else { String::new() };
        let most = count.most.map_or(String::new(), |most| format!(", only the greatest {most}"));
        let folds: Vec<String> = count.folds.iter().map(|fold| self.group_fold(count, fold)).collect();
        format!("{}{}, {how}{least}{most}", folds.join(", "), self.by(&count.keys))
    }

    fn count_distinct(&self, count: &CountDistinct) -> String {
        let counts: Vec<String> = count.counted.iter().map(|var| format!("count({})", self.var(*var))).collect();
        format!("{}{}, in sets of pairs", counts.join(", "), self.by(&count.keys))
    }

    fn group_fold(&self, count: &CountGroups, fold: &GroupFold) -> String {
        match fold {
            GroupFold::Count => format!("count({})", self.var(count.counted)),
            GroupFold::CountIf(condition) => {
                format!("count({} where {})", self.var(count.counted), self.tests(condition, &count.pattern))
            }
            GroupFold::Exact { function, argument, .. } => {
                format!("{}({})", function.info().name, self.scalar(argument))
            }
        }
    }

    fn late_rows(&self, late: &LateRows) -> String {
        let (columns, order) = (titles(&late.projection.columns), self.sort(&late.projection.keys));
        format!("{columns}, each row once, sorted {order}, limit {}", of_limit(&late.limit))
    }

    fn sort(&self, keys: &[SortKey]) -> String {
        let key =
            |key: &SortKey| format!("{}{}", self.scalar(&key.scalar), if key.descending { " descending" } else { "" });
        match keys {
            [] => "by the columns, left to right".to_string(),
            keys => format!("by {}", keys.iter().map(key).collect::<Vec<_>>().join(", ")),
        }
    }

    fn definition(&mut self, definition: &'a Definition, how: &str) {
        let until = if definition.is_recursive { ", until nothing is added" } else { "" };
        self.source(0, "define", format!("{}{how}{until}", definition.name), definition.rows, definition.id);
        for body in &definition.bodies {
            self.name_variables_of(&body.pattern);
            let runs = match body.runs {
                Runs::Once => "once",
                Runs::EachRound => "in each round",
                Runs::OnNew => "in each round, over the pairs that are new",
            };
            self.push(1, "pairs", format!("{runs}{}", self.searches(&body.pattern)), None, None);
            self.pattern(&body.pattern, 2);
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
            Step::Scan { var, types } => match (self.var(*var), self.types(*types)) {
                (title, types) if title == types => ("scan", types),
                (title, types) => ("scan", format!("{title}: {types}")),
            },
            Step::ScanValues { var, property } => {
                ("scan values", format!("{}: every stated {}", self.var(*var), self.words.property(*property)))
            }
            Step::ScanLabels { var, label } => ("scan", format!("{}: every {}", self.var(*var), label.name())),
            Step::Expand { var, access, types } => {
                let var = self.var(*var);
                let listed: Vec<String> = access.iter().map(|access| self.access(access, &var, pattern)).collect();
                let only = types.map_or(String::new(), |types| format!(", only {}", self.types(types)));
                let verb = if access.len() == 1 { "expand" } else { "intersect" };
                (verb, format!("{var}: {}{only}", listed.join(" and ")))
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

    /// Returns an access path of `var` as a sentence that holds for each of its values.
    fn access(&self, access: &AccessPath, var: &str, pattern: &Pattern) -> String {
        match access {
            AccessPath::Link { link, from, inverse, .. } => {
                format!("{} {} {var}", self.term(*from), self.words.link(*link, *inverse))
            }
            AccessPath::Reach { path, from, inverse, together, .. } => {
                let (path, from) = (self.words.path(&pattern.paths[path.0 as usize]), self.term(*from));
                let together = if *together { format!(", from many {from} at once") } else { String::new() };
                match inverse {
                    true => format!("{var} {path} {from}, searched backwards{together}"),
                    false => format!("{from} {path} {var}{together}"),
                }
            }
            AccessPath::Values(atom) => {
                format!("a stated {} of {}", self.words.property(atom.property), self.term(atom.subject))
            }
            AccessPath::Claims(claimed) => format!("a source of {}", self.words.claimed(claimed)),
            AccessPath::Word(_) => "one word".to_string(),
            AccessPath::Same(term) => format!("is {}", self.term(*term)),
            AccessPath::Ends { link, inverse } => format!("{} any", self.words.link(*link, *inverse)),
            AccessPath::Either(all) => {
                let all: Vec<String> = all.iter().map(|access| self.access(access, var, pattern)).collect();
                format!("({})", all.join(" or "))
            }
        }
    }

    fn var(&self, var: VarId) -> String {
        self.names.get(var.0 as usize).cloned().unwrap_or_default()
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

fn titles(columns: &[Column]) -> String {
    columns.iter().map(|column| column.title.as_str()).collect::<Vec<_>>().join(", ")
}

fn of_limit(limit: &Limit) -> String {
    let number = limit.limit.map_or("all rows".to_string(), |limit| limit.to_string());
    let after = if limit.offset > 0 { format!(" after the first {}", limit.offset) } else { String::new() };
    format!("{number}{after}{}", if limit.ties { ", with ties" } else { "" })
}
