//! Plans as people and tools read them: `explain` and `profile` of every statement of the spec, and whether what a profile
//! counts is what other queries count.

mod support;

use begat::answer::{Answer, Cell, View};
use begat::plan::{self, Block, Line, Operator, Plan, RULES, Step};
use begat::syntax::{self, ast};
use begat::text::{Span, Spanned};
use begat::value::Value;
use begat::{Database, Options, Prepared};
use std::collections::HashMap;
use support::queries;

/// The statements of the spec with `explain` or `profile` before each, by world.
fn statements(word: ast::Explain) -> Vec<(String, String)> {
    let mut all = Vec::new();
    for example in queries::examples() {
        let Ok(mut program) = syntax::parse(&example.text) else { continue };
        for statement in &mut program.statements {
            if let ast::Statement::Query(query) = statement {
                query.explain = Some(Spanned::new(word, Span::default()));
            }
        }
        all.push((example.world, syntax::print(&program)));
    }
    all
}

/// Calls `f` for each statement that is well typed.
fn each(word: ast::Explain, options: impl Fn(usize) -> Options, f: impl Fn(&Database, &Prepared, &Options, &str)) {
    let mut worlds: HashMap<String, Database> = HashMap::new();
    let mut tried = 0;
    for (i, (world, text)) in statements(word).into_iter().enumerate() {
        let database = &*worlds.entry(world.clone()).or_insert_with(|| queries::open(&world));
        let options = options(i);
        for prepared in database.prepare(&text, &options).unwrap_or_default() {
            f(database, &prepared, &options, &text);
            tried += 1;
        }
    }
    assert!(tried > 200, "only {tried} statements were tried");
}

fn text_of(answer: &Answer) -> &str {
    if let View::Plan(text) = &answer.view { text } else { panic!("no plan") }
}

fn number(cell: &Cell) -> Option<u64> {
    if let Cell::Value(value) = cell { value.number().map(|number| number.to_f64() as u64) } else { None }
}

#[test]
fn every_statement_is_explained() {
    let without =
        |i: usize| Options { disabled_rewrites: vec![RULES[i % RULES.len()].name.into()], ..Options::default() };
    each(ast::Explain::Plan, without, |database, prepared, options, text| {
        let answer = database.run(prepared, options).unwrap_or_else(|error| panic!("{text}: {error:?}"));
        let (words, off) = (text_of(&answer), &options.disabled_rewrites[0]);
        assert!(!prepared.plan.applied.iter().flatten().any(|rule| rule == off), "{text}: {off} was applied");
        let last = words.lines().last().unwrap_or_default();
        assert!(!last.starts_with("rules ") || !last.split([' ', ',']).any(|rule| rule == off), "{text}:\n{words}");
        assert!(!words.is_empty() && words.lines().count() == answer.table.rows.len(), "{text}:\n{words}");
        assert!(!words.contains('#') && !words.contains("  ~  "), "{text}:\n{words}");
        for (i, row) in answer.table.rows.iter().enumerate() {
            assert_eq!(number(&row.cells[0]), Some(i as u64 + 1), "{text}");
            assert!(number(&row.cells[1]).is_none_or(|parent| (1..=i as u64).contains(&parent)), "{text}:\n{words}");
            assert!(matches!(&row.cells[2], Cell::Value(Value::Text(_))), "{text}");
            assert!(matches!(&row.cells[4], Cell::Absent) || number(&row.cells[4]).is_some(), "{text}");
        }
    });
}

#[test]
fn no_rule_is_told_of_where_all_are_off() {
    let none = |_| Options { disabled_rewrites: vec!["all".into()], ..Options::default() };
    each(ast::Explain::Plan, none, |database, prepared, options, text| {
        let answer = database.run(prepared, options).unwrap_or_else(|error| panic!("{text}: {error:?}"));
        assert!(!text_of(&answer).contains("\nrules "), "{text}");
    });
}

/// What was counted of a run, by number of operators and steps.
struct Counted {
    lines: Vec<Line>,
    by_node: HashMap<u32, (u64, u64)>,
}

impl Counted {
    fn of(database: &Database, prepared: &Prepared) -> Option<Counted> {
        let answer = database.run(prepared, &Options::default()).ok()?;
        let lines = plan::lines(&prepared.plan, database.graph());
        assert_eq!(lines.len(), answer.table.rows.len());
        let counts = |i: usize| {
            let cells = &answer.table.rows[i].cells;
            Some((number(&cells[5])?, number(&cells[6])?))
        };
        let of_line = |(i, line): (usize, &Line)| Some((line.node?, counts(i)?));
        let by_node = lines.iter().enumerate().filter_map(of_line).collect();
        Some(Counted { lines, by_node })
    }

    fn node(&self, id: u32) -> (u64, u64) {
        self.by_node.get(&id).copied().unwrap_or_default()
    }

    /// What the first line of that operator counts.
    fn line(&self, operator: &str) -> (u64, u64) {
        let line = self.lines.iter().find(|line| line.operator == operator);
        self.node(line.and_then(|line| line.node).unwrap_or_else(|| panic!("{operator} is counted")))
    }

    /// What the last step of the pattern hands on.
    fn last_step(&self, plan: &Plan) -> u64 {
        let block = &plan.pattern().expect("a pattern").block;
        self.node(block.first + block.steps.len() as u32 - 1).1
    }
}

/// Each step is handed what the one before hands on, unless the search ends early.
fn assert_chained(counted: &Counted, block: &Block, text: &str) {
    for i in 1..block.steps.len() as u32 {
        let (before, own) = (counted.node(block.first + i - 1).1, counted.node(block.first + i).0);
        assert_eq!(own, before, "{text}: step {i} of\n{:#?}", counted.lines);
    }
    for step in &block.steps {
        if let Step::Optional(inner) = step {
            assert_chained(counted, inner, text);
        }
    }
}

#[test]
fn each_operator_reads_what_the_one_before_gives() {
    each(
        ast::Explain::Profile,
        |_| Options::default(),
        |database, prepared, _, text| {
            let Some(counted) = Counted::of(database, prepared) else { return };
            let plan = &prepared.plan;
            for pair in plan.operators.windows(2) {
                assert_eq!(counted.node(pair[0].id).1, counted.node(pair[1].id).0, "{text}\n{:#?}", counted.lines);
            }
            if let Some(pattern) =
                plan.pattern().filter(|pattern| pattern.most.is_none() && !pattern.block.wanted.is_empty())
            {
                assert_chained(&counted, &pattern.block, text);
            }
        },
    );
}

#[test]
fn no_two_lines_of_a_plan_share_a_number() {
    each(
        ast::Explain::Profile,
        |_| Options::default(),
        |database, prepared, _, text| {
            let lines = plan::lines(&prepared.plan, database.graph());
            let mut taken: HashMap<u32, &str> = HashMap::new();
            for line in &lines {
                let Some(node) = line.node else { continue };
                if let Some(other) = taken.insert(node, line.operator) {
                    panic!("{text}: {other} and {} are both number {node} of\n{lines:#?}", line.operator);
                }
            }
        },
    );
}

fn profiled(database: &Database, text: &str) -> (Counted, Prepared) {
    let prepared = database.prepare(text, &Options::default()).unwrap_or_else(|error| panic!("{text}: {error:?}"));
    let last = prepared.last().expect("a query").clone();
    (Counted::of(database, &last).unwrap_or_else(|| panic!("{text} runs")), last)
}

/// The number that a query gives.
fn told(database: &Database, text: &str) -> u64 {
    let answer = queries::ask(database, text, &Options::default()).unwrap_or_else(|error| panic!("{text}: {error:?}"));
    number(&answer.table.rows[0].cells[0]).expect("a number")
}

/// How many rows a query gives.
fn rows(database: &Database, text: &str) -> u64 {
    let answer = queries::ask(database, text, &Options::default()).unwrap_or_else(|error| panic!("{text}: {error:?}"));
    answer.table.rows.len() as u64
}

#[test]
fn the_last_step_hands_on_the_bindings() {
    let database = queries::open("transformers");
    let patterns = [
        "Org o develops Model m, m uses Technique t",
        "Org o develops Model m, m stems from+ Model p",
        "Model m stems from+ Model p",
        "Model m uses Technique t, m uses Technique s where name(s) < name(t)",
        "Model m uses RoPE, m uses MoE, Org o develops m",
        // Enough for several threads.
        "Model a uses Technique t, Model b uses t, b uses Technique s",
    ];
    for pattern in patterns {
        let number = told(&database, &format!("count {pattern}"));
        for text in [format!("profile count {pattern}"), format!("profile {pattern}")] {
            let (counted, prepared) = profiled(&database, &text);
            assert_eq!(counted.last_step(&prepared.plan), number, "{text}\n{:#?}", counted.lines);
            assert_chained(&counted, &prepared.plan.pattern().expect("a pattern").block, &text);
        }
    }
}

#[test]
fn operators_count_what_other_queries_count() {
    let database = queries::open("transformers");
    let groups = "Model m uses Technique t show t, count(m) by t";
    assert_eq!(profiled(&database, &format!("profile {groups}")).0.line("count groups"), (0, rows(&database, groups)));
    let groups = "Model m uses Technique t show t, list(m) by t";
    let (counted, _) = profiled(&database, &format!("profile {groups}"));
    let bindings = told(&database, "count Model uses Technique");
    assert_eq!(counted.line("aggregate"), (bindings, rows(&database, groups)));
    let optional = "Org o develops Model m, optional m stems from Model p show o, m, p";
    let (counted, _) = profiled(&database, &format!("profile {optional}"));
    let developed = told(&database, "count Org develops Model");
    assert_eq!(counted.line("left join"), (developed, rows(&database, optional)));
    let denied = "Org o develops Model m, no m stems from Model show o, m";
    let (counted, _) = profiled(&database, &format!("profile {denied}"));
    assert_eq!(counted.line("anti-join"), (developed, rows(&database, denied)));
    let define = "define Model a kin Model b as (a stems from b or Org o develops a, o develops b, a uses MoE);";
    let (counted, _) = profiled(&database, &format!("{define} profile Model kin Model"));
    assert_eq!(counted.line("define").1, told(&database, &format!("{define} count Model kin Model")));
    let define = "define Model a comes from Model b as (a stems from b or a stems from Model c that comes from b, Model stems from b);";
    let (counted, _) = profiled(&database, &format!("{define} profile Model comes from Model"));
    assert_eq!(counted.line("define").1, told(&database, "count Model stems from+ Model"));
}

/// The operators of a plan of each kind; `prepare` is enough to see them.
#[test]
fn views_stand_over_what_they_read() {
    let database = queries::open("toy");
    let (counted, prepared) = profiled(&database, "profile why Model uses MLA");
    assert_eq!(counted.lines[0].operator, "proofs");
    assert!(matches!(prepared.plan.operators[0].operator, Operator::Match(_)));
    assert_eq!(counted.line("match").1, told(&database, "count Model uses MLA"));
}

/// Models all have a size and a day, some tools have none: what is exact for the one type is not for the other.
#[test]
fn a_type_without_values_leaves_others_exact() {
    let mut facts = String::new();
    let (mut models, mut tools) = (String::new(), String::new());
    for i in 0..40 {
        models += &format!("\"M{i}\": (), ");
        facts += &format!("\"M{i} uses T{}\", \"M{i} uses T{}\", ", i % 3, 3 + i % 4);
        facts += &format!("\"M{i} dated 2024-{:02}-{:02}\", \"M{i} counts {}\", ", i % 12 + 1, i % 28 + 1, i * 7 % 11);
    }
    for i in 0..7 {
        tools += &format!("\"T{i}\": (), ");
        if i % 2 == 1 {
            facts += &format!("\"T{i} dated 2024-0{i}\", \"T{i} counts {i}\", ");
        }
    }
    let properties = "properties: {\"date\": (type: Date, verb: \"dated\", single: true), \"size\": (type: Number, verb: \"counts\", single: true)}";
    let text = format!(
        "(schema: (types: {{\"Tool\": ({properties}), \"Model\": ({properties})}}, \
         verbs: {{\"uses\": (from: [\"Model\"], to: [\"Tool\"])}}), \
         sources: {{\"s\": ()}}, entities: {{\"Tool\": {{{tools}}}, \"Model\": {{{models}}}}}, \
         claims: [(source: \"s\", facts: [{facts}])])"
    );
    let database = Database::from_texts(&[("graph.ron", text.as_str())]).unwrap_or_else(|error| panic!("{error}"));
    let queries = [
        "Model m where m.size > 4 show m",
        "Tool t where t.size < 4 show t",
        "Model m where m.date in 2024-03 or m.date since 2024-09 show m",
        "Tool t where not (t.date since 2024-03) show t",
        "Model m uses Tool t where t.date < m.date show m, t",
        "Model m uses Tool t where t.size < m.size show m, t",
        "Model m uses Tool t show t, sum(m.size), min(m.date), first(m) by t",
        "Model m uses Tool t show m, sum(t.size), max(t.date) by m",
        "Model m uses Tool t show m, t order by m.date desc, t limit 5",
        "Model m uses Tool t show m, t order by t.size, m limit 5",
    ];
    let off = Options { disabled_rewrites: vec!["all".to_string()], ..Options::default() };
    for query in queries {
        let rows = |options: &Options| {
            let prepared = database.prepare(query, options).unwrap_or_else(|error| panic!("{query}: {error}"));
            database.run(&prepared[0], options).unwrap_or_else(|error| panic!("{query}: {error}")).table.rows
        };
        assert_eq!(rows(&Options::default()), rows(&off), "{query}");
    }
    let summed = database.prepare("explain Model m uses Tool t show t, sum(m.size) by t", &Options::default());
    let applied = &summed.unwrap_or_else(|error| panic!("{error}"))[0].plan.applied;
    assert!(applied.iter().flatten().any(|rule| *rule == "fold_groups"), "{applied:?}");
}
