//! Tests of single rules: a query that the rule changes, with a line of the plan that appears or disappears, and
//! queries that it must not change. The rules before it in [`RULES`] are applied first.

use super::RULES;
use crate::plan::lines;
use crate::{Database, Options};

/// Effect of a rule on the plan of a query.
enum Does {
    /// A line with this beginning exists only with the rule.
    Brings(&'static str),
    /// A line with this beginning exists only without the rule.
    Takes(&'static str),
    /// The plan changes, but no line shows it.
    Changes,
    Nothing,
}

use Does::{Brings, Changes, Nothing, Takes};

const CASES: &[(&str, &str, Does)] = &[
    (
        "paths_of_definitions",
        "define Model x follows Model y as (x succeeds y or x follows Model z, z succeeds y); M0 follows Model",
        Takes("define follows"),
    ),
    (
        "paths_of_definitions",
        "define Model x follows Model y as (x succeeds y or x follows Model z, z uses T0, z succeeds y); M0 follows Model",
        Nothing,
    ),
    ("paths_of_definitions", "define Model x joins Tool y as x uses y; M0 joins Tool", Nothing),
    (
        "paths_of_definitions",
        "define Model x meets Tool y as (x uses y or x succeeds Model z, z uses y); M0 meets Tool",
        Takes("define meets"),
    ),
    (
        "paths_of_definitions",
        "define Model x meets Tool y as (x uses y or x succeeds Model z, z uses y, z uses T1); M0 meets Tool",
        Nothing,
    ),
    (
        "paths_of_definitions",
        "define Model x nears Model y as (x succeeds y or y succeeds x); paths M0 nears+ M1",
        Brings("filter M0 (succeeds | succeeded by)+ M1"),
    ),
    ("inline_definitions", "define Model x joins Tool y as x uses y; M0 joins Tool", Takes("define joins")),
    (
        "inline_definitions",
        "define Model x shares Model y as x uses Tool t, y uses t where x != y; Org makes Model m, m shares Model n",
        Takes("define shares"),
    ),
    (
        "inline_definitions",
        "define Model m big as m uses T0 and T1; Model m succeeds Model n where (m is not big) or (n is not big) show m",
        Takes("define big"),
    ),
    (
        "inline_definitions",
        "define Model x shares Model y as x uses Tool t, y uses t; Model m, not (m uses T0 or m shares M1) show m",
        Nothing,
    ),
    (
        "inline_definitions",
        "define Model x ends Model y as (x succeeds y or x uses Tool t, y uses t); M0 ends Model",
        Nothing,
    ),
    ("search_lengths", "M0 succeeds+ as p Model m show min(length(p)) by m", Brings("walk p: the least length")),
    ("search_lengths", "M0 succeeds+ as p Model m show max(length(p)) by m", Brings("walk p: the greatest length")),
    ("search_lengths", "M0 succeeds+ as p Model m show length(p), m", Nothing),
    ("search_lengths", "M0 succeeds+ as p Model m show min(length(p)), count(m) by length(p)", Nothing),
    ("search_lengths", "M0 succeeds+ as p Model m where length(p) > 1 show min(length(p)) by m", Nothing),
    ("search_lengths", "M0 (succeeds / succeeds)+ as p Model m show min(length(p)) by m", Nothing),
    ("drop_unused_paths", "M0 succeeds+ as p Model m show m", Takes("walk p")),
    ("drop_unused_paths", "M0 succeeds+ as p Model m show length(p), m", Nothing),
    ("drop_unused_paths", "M0 succeeds+ as p Model m where length(p) > 1 show m", Nothing),
    ("flatten_conditions", "Model m where m.size > 2 and m.date > 2020 show m", Takes("all of")),
    ("flatten_conditions", "Model m, not (not (m uses T0))", Takes("not")),
    ("flatten_conditions", "Model uses T0", Nothing),
    ("narrow_types", "Model uses T0", Takes("filter Model is a Model")),
    ("narrow_types", "M0 uses T0", Nothing),
    ("columnar_predicates", "Model m where m.size > 2", Changes),
    ("columnar_predicates", "Model m succeeds Model p where name(m) < \"x\"", Nothing),
    ("columnar_predicates", "Model m succeeds Model p where m != p", Changes),
    ("columnar_predicates", "Model m uses Tool t where m.size > t.price", Nothing),
    ("infer_dependencies", "Org o makes Model m, m uses T0, o based in Place show m", Changes),
    ("infer_dependencies", "Model m uses Tool t show t", Nothing),
    ("order_variables", "Model m uses Tool t show m, t", Changes),
    ("order_variables", "Model m uses T0", Nothing),
    ("order_by_columns", "Model m uses Tool t limit 2", Changes),
    ("order_by_columns", "Model m uses Tool t", Nothing),
    ("order_by_columns", "Model m uses Tool t limit 1000", Nothing),
    ("order_by_columns", "Model m uses Tool t show t, m limit 2", Nothing),
    ("order_by_columns", "Model m rumours Tool t limit 2", Nothing),
    ("order_by_columns", "Model m uses Tool t show m limit 2", Nothing),
    ("order_by_columns", "Model m uses Tool t order by t, m limit 2", Nothing),
    ("reverse_reach", "Model uses T1 or succeeds+ Model that uses T0", Brings("semi-join Model succeeds+ one")),
    ("reverse_reach", "Model m uses T0, m succeeds+ Model a show a", Brings("semi-join one succeeds+ a")),
    ("reverse_reach", "Model m succeeds+ no M30", Brings("semi-join m succeeds+ one, searched once from M30")),
    ("reverse_reach", "M3 succeeds+ no Model m", Nothing),
    ("reverse_reach", "Model m succeeds+ M30", Nothing),
    ("reverse_reach", "Org o makes no Model that succeeds+ M30", Nothing),
    ("reverse_reach", "Org o makes Model m, o makes no Model that succeeds+ Model that uses T0 show o, m", Nothing),
    ("join_semi_joins", "Model m, cross Model n where (m uses Tool that is used by n) show m, n", Takes("semi-join")),
    ("join_semi_joins", "Model m succeeds Model n where (m uses Tool that is used by n) show m, n", Nothing),
    ("join_semi_joins", "Model m, cross Model n where (m uses no Tool that is used by n) show m, n", Nothing),
    ("join_semi_joins", "Model m where (m uses Tool that is used by M1) show m", Nothing),
    (
        "existential_to_semi_join",
        "Org o makes Model m, m succeeds Model p, p uses Tool t show m, p",
        Brings("semi-join"),
    ),
    ("existential_to_semi_join", "Org o makes Model m, m uses Tool t show o, m, t", Nothing),
    ("push_down_filters", "Org o makes Model m, o based in P0 show o, m", Changes),
    ("push_down_filters", "Model m where m.size > 2", Nothing),
    ("drop_redundant_reach", "M0 succeeds+ as p M4 show min(length(p))", Takes("filter M0 succeeds+ M4")),
    ("drop_redundant_reach", "M0 succeeds+ as p M4 show max(length(p))", Nothing),
    ("drop_redundant_reach", "M0 succeeds+ as p Model m show min(length(p)) by m", Nothing),
    ("expand_from_bound", "Model uses T0", Brings("expand Model: T0 used by Model")),
    ("expand_from_bound", "Model m where m.size > 2", Nothing),
    ("expand_from_bound", "Model m uses Tool t where t in (T1, T2) show t, m", Brings("expand t: (is T1 or is T2)")),
    ("expand_from_bound", "Model m uses Tool t where not t in (T1, T2) show m, t", Brings("expand m: ")),
    ("multi_source_reach", "Model m succeeds+ Model p", Changes),
    ("multi_source_reach", "M0 succeeds+ Model p", Nothing),
    ("multi_source_reach", "Model m (succeeds / succeeds)+ Model p", Nothing),
    (
        "cache_semi_joins",
        "Org o makes Model m, no Model k that uses T0 succeeds m show o, m",
        Brings("anti-join remembered"),
    ),
    ("cache_semi_joins", "Model m, no Model k that uses T0 succeeds m show m", Nothing),
    ("probe_neighbours", "Model m, no Model succeeds m", Brings("anti-join m succeeded by any")),
    ("probe_neighbours", "Model m, no Model k that uses T0 succeeds m", Nothing),
    ("probe_neighbours", "Model m succeeded by no Model that not succeeds m", Nothing),
    ("certain_only", "Model uses Tool", Takes("match Model, Tool, in two searches")),
    ("certain_only", "Model m where m.size > 2", Takes("match m, in two searches")),
    ("certain_only", "Model m where length(name(m)) > 2", Takes("match m, in two searches")),
    ("certain_only", "Model m where m.size * 2 > 6", Takes("match m, in two searches")),
    ("certain_only", "Tool t where year(t.date) * 2 > 4040", Nothing),
    ("certain_only", "Model rumours Tool", Nothing),
    ("certain_only", "Tool t where t.date < 2021", Nothing),
    ("certain_only", "Tool t where t.price < 3", Nothing),
    ("certain_only", "Tool t dated Date d show t, d", Nothing),
    ("certain_only", "Model m, Tool t, not (m rumours t)", Nothing),
    ("certain_only", "Model uses Tool as of 2023", Nothing),
    ("certain_only", "Model (uses | rumours) Tool", Nothing),
    ("count_matches", "count Model uses Tool", Brings("count matches")),
    ("count_matches", "count Model rumours Tool", Nothing),
    ("count_groups", "Model m uses Tool t show t, count(m) by t", Brings("count groups count(m) by t")),
    ("expand_from_bound", "Model m Verb v Tool t show m, t, v", Brings("expand m: ")),
    ("count_groups", "Model m uses Tool t show count(m) by t, m.date", Brings("count groups count(m) by t, m.date")),
    ("count_groups", "Model m, optional m uses Tool t show m, count(t) by m", Nothing),
    ("count_groups", "Model m uses Tool t show m, count(m), count(t) by m", Nothing),
    ("count_groups", "Model m rumours Tool t show t, count(m) by t", Nothing),
    ("count_groups", "Model m uses Tool t show t, count(m), min(m.size) by t", Nothing),
    ("count_groups", "Model m uses Tool t show count(m) by t.date", Nothing),
    ("fold_groups", "Model m uses Tool t show t, count(m), sum(m.size) by t", Brings("count groups")),
    (
        "fold_groups",
        "Model m uses Tool t show t, count(m where m succeeds M3), count(m) by t",
        Brings("count groups count(m where"),
    ),
    ("fold_groups", "Model m uses Tool t show t, sum(m.size where m.size > 3) by t", Nothing),
    ("fold_groups", "Model m uses Tool t show t, count(m where t.date > 2020) by t", Nothing),
    ("fold_groups", "Model m uses Tool t show t, count(m) by t", Nothing),
    ("fold_groups", "Model m uses Tool t show t, list(m) by t", Nothing),
    ("fold_groups", "Model m uses Tool t show m, sum(t.price) by m", Nothing),
    ("late_rows", "Model m uses Tool t show m, t.price order by t.price desc limit 3", Brings("late rows")),
    ("late_rows", "Model m rumours Tool t show m, t.price", Nothing),
    ("late_rows", "Model m uses Tool t show m, t", Nothing),
    ("count_neighbours", "Model m uses at least 2 Tool", Takes("expand Tool")),
    ("count_neighbours", "Model m uses exactly 2 Tool", Takes("expand Tool")),
    ("count_neighbours", "Model m rumours at most 1 Tool", Takes("expand Tool")),
    ("count_neighbours", "Model m uses at least 2 Tool that dated 2021", Nothing),
    ("count_neighbours", "Model m succeeds+ at least 2 Model", Nothing),
    ("tests_by_code", "Model m where m.size * 2 > 6", Changes),
    ("tests_by_code", "Tool t where year(t.date) * 2 > 4040", Changes),
    ("tests_by_code", "Tool t where t.date < T0.date", Nothing),
    ("tests_by_code", "Tool t where days(t.date - T0.date) > 4", Changes),
    ("tests_by_code", "Model m where m.size > 6", Nothing),
    ("tests_by_code", "Model m where m.size > 6 or m.date < 2021", Nothing),
    ("tests_by_code", "Tool t where t.price * 2 > 6", Nothing),
    ("exact_tests", "Model m succeeds Model p where m.size > p.size", Changes),
    ("exact_tests", "Model m uses Tool t where m.date > t.date", Nothing),
    (
        "clustered_groups",
        "Model m uses Tool t show t, count(m) by t",
        Brings("count groups count(m) by t, one group after"),
    ),
    ("clustered_groups", "Model m uses Tool t, m uses Tool s, m uses Tool r show count(m) by t, s, r", Nothing),
    ("count_distinct", "Org o makes Model m, m uses Tool t show count(m), count(o) by t", Brings("count distinct")),
    ("count_distinct", "Model m, optional m succeeds Model p show count(m), count(p)", Brings("count distinct")),
    ("count_distinct", "Model m uses Tool t show count(m), list(t) by m", Nothing),
    ("top_counts", "Model m uses Tool t show count(m) by t order by count(m) desc limit 3", Changes),
    ("top_counts", "Model m uses Tool t show count(m) by t having count(m) >= 3", Changes),
    ("top_counts", "Model m uses Tool t show count(m) by t order by count(m) limit 3", Nothing),
    ("top_counts", "Model m uses Tool t show count(m) by t order by t limit 3", Nothing),
    (
        "top_counts",
        "Model m uses Tool t show count(m) by t having count(m) < 3 order by count(m) desc limit 3",
        Nothing,
    ),
    ("top_counts", "Model m uses Tool t show count(m) by t, year(m.date) order by count(m) desc limit 3", Nothing),
    ("top_counts", "Model m uses Tool t show count(m), running(count(m)) by t order by count(m) desc limit 3", Nothing),
    ("sort_ids", "Model m uses Tool t show m, t", Brings("project ids m, t")),
    ("sort_ids", "Model m uses Tool t show m, m.size", Nothing),
    ("sort_ids", "Model m uses Tool t show m, t order by m desc", Nothing),
    ("sort_ids", "Model m rumours Tool t show m, t", Nothing),
    ("stop_at_limit", "Model m uses T0 show m limit 3", Brings("match m, no more than 3")),
    ("stop_at_limit", "Model m uses T0 show m limit 3 offset 2", Brings("match m, no more than 5")),
    ("stop_at_limit", "Model m uses T0 show m", Nothing),
    (
        "stop_paths_at_limit",
        "paths M0 succeeds+ Model limit 3 offset 2",
        Brings("paths every acyclic of M0 succeeds+ Model, no more than 5 each"),
    ),
    (
        "stop_paths_at_limit",
        "paths M0 succeeds+ M1 shortest limit 3",
        Brings("paths every shortest of M0 succeeds+ M1, no more than 3 each"),
    ),
    ("stop_paths_at_limit", "paths M0 succeeds+ M1", Nothing),
    ("stop_at_limit", "Org o makes Model m, m uses T0 show o, m limit 3", Brings("match o, m, no more than 3")),
    ("stop_at_limit", "Model m uses Tool t, optional m succeeds Model p show m, t, p limit 3", Nothing),
    (
        "stop_at_limit",
        "Org o makes Model m, optional m succeeds Model p show o, m, p limit 3",
        Brings("match o, m, p, no more than 3"),
    ),
    ("stop_at_limit", "Org o makes Model m, optional m succeeds Model p show m, o, p limit 3", Nothing),
];

/// Returns a graph of forty models in a row, each made by one of four organisations, with exact dates and sizes, and of
/// six tools, one with a vague date, one without a price, and one only rumoured.
fn database() -> Database {
    let mut facts = Vec::new();
    let mut models = Vec::new();
    for i in 0..40 {
        models.push(format!("\"M{i}\": (date: \"2020-01-{:02}\", size: {i})", i % 28 + 1));
        facts.extend((i > 0).then(|| format!("\"M{} succeeds M{i}\"", i - 1)));
        facts.push(format!("\"O{} makes M{i}\"", i % 4));
        facts.extend((0..6).filter(|t| (i + t) % (t + 2) == 0).map(|t| format!("\"M{i} uses T{t}\"")));
    }
    facts.extend((0..4).map(|i| format!("\"O{i} based in P{}\"", i % 2)));
    let tools: Vec<String> = (1..6).map(|t| format!("\"T{t}\": (date: \"2020-02-0{t}\", price: {t})")).collect();
    let text = format!(
        r#"(
            schema: (
                types: {{
                    "Model": (properties: {{"date": (type: Date, verb: "dated", single: true), "size": (type: Number, single: true)}}),
                    "Tool": (properties: {{"date": (type: Date, verb: "dated", single: true), "price": (type: Number, single: true)}}),
                    "Org": (), "Place": (),
                }},
                verbs: {{
                    "uses": (from: ["Model"], to: ["Tool"], inverse: "used by"),
                    "rumours": (from: ["Model"], to: ["Tool"]),
                    "makes": (from: ["Org"], to: ["Model"], inverse: "made by"),
                    "based in": (from: ["Org"], to: ["Place"]),
                    "succeeds": (from: ["Model"], to: ["Model"], inverse: "succeeded by"),
                }},
            ),
            sources: {{"S": (title: "S")}},
            entities: {{
                "Model": {{{}}}, "Tool": {{"T0": (date: "2020..2022"), {}}},
                "Org": {{"O0": (), "O1": (), "O2": (), "O3": ()}}, "Place": {{"P0": (), "P1": ()}},
            }},
            claims: [
                (source: "S", at: "1", trust: direct, facts: [{}]),
                (source: "S", at: "2", trust: doubtful, facts: ["M0 rumours T0"]),
                (source: "S", at: "3", trust: direct, facts: ["M1 rumours T1"]),
            ],
        )"#,
        models.join(", "),
        tools.join(", "),
        facts.join(", ")
    );
    let (graph, problems) = crate::load::read(vec![crate::text::Text::new("graph", text.as_str())]);
    Database::of(graph.unwrap_or_else(|| panic!("{problems:?}")))
}

/// Returns the lines of a plan after the first rules, and whether the last of these changed it.
fn planned(database: &Database, text: &str, rules: usize) -> (Vec<String>, bool) {
    let disabled = RULES[rules..].iter().map(|rule| rule.name.to_string()).collect();
    let options = Options { disabled_rewrites: disabled, ..Options::default() };
    // Only of an explained plan are the rules noted.
    let (before, query) =
        text.rsplit_once("; ").map_or((String::new(), text), |(defines, query)| (format!("{defines}; "), query));
    let prepared = database
        .prepare(&format!("{before}explain {query}"), &options)
        .unwrap_or_else(|error| panic!("{text}: {error:?}"));
    let plan = &prepared.last().expect("a query").plan;
    let last = rules.checked_sub(1).map(|last| RULES[last].name);
    let is_changed = last.is_some_and(|last| plan.applied.as_ref().is_some_and(|applied| applied.contains(&last)));
    let line = |line: crate::plan::Line| format!("{} {}", line.operator, line.detail);
    (lines(plan, database.graph()).into_iter().map(line).collect(), is_changed)
}

/// Returns the mismatch of a case; `None` if it passes.
fn problem(database: &Database, (rule, text, does): &(&str, &str, Does)) -> Option<String> {
    let place = RULES.iter().position(|known| known.name == *rule).expect("a rule of that name");
    let ((before, _), (after, is_changed)) = (planned(database, text, place), planned(database, text, place + 1));
    let begins = |lines: &[String], start: &str| lines.iter().any(|line| line.starts_with(start));
    let is_right = match does {
        Brings(start) => is_changed && !begins(&before, start) && begins(&after, start),
        Takes(start) => is_changed && begins(&before, start) && !begins(&after, start),
        Changes => is_changed,
        Nothing => !is_changed,
    };
    let told = || format!("{rule}: {text}\n  {}\n  then\n  {}", before.join("\n  "), after.join("\n  "));
    (!is_right).then(told)
}

#[test]
fn rules_change_what_they_are_for_and_nothing_else() {
    let database = database();
    let problems: Vec<String> = CASES.iter().filter_map(|case| problem(&database, case)).collect();
    assert!(problems.is_empty(), "{}", problems.join("\n\n"));
}

#[test]
fn each_rule_has_a_case_and_a_counter_case() {
    for rule in RULES {
        let of_rule = |is: fn(&Does) -> bool| CASES.iter().any(|(name, _, does)| *name == rule.name && is(does));
        assert!(of_rule(|does| matches!(does, Nothing)), "{} has no counter-case", rule.name);
        assert!(of_rule(|does| !matches!(does, Nothing)), "{} has no case", rule.name);
    }
}

/// The answers of all cases are the same with and without rules.
#[test]
fn the_answers_of_the_cases_stay() {
    let database = database();
    let all = Options { disabled_rewrites: vec!["all".to_string()], ..Options::default() };
    for (rule, text, _) in CASES.iter().filter(|(_, text, _)| !text.contains("limit")) {
        let prepared = database.prepare(text, &Options::default()).unwrap_or_else(|error| panic!("{text}: {error:?}"));
        let run = |options: &Options| database.run(prepared.last().expect("a query"), options).expect("an answer");
        let place = RULES.iter().position(|known| known.name == *rule).expect("a rule of that name");
        let disabled = RULES[place + 1..].iter().map(|rule| rule.name.to_string()).collect();
        let some = Options { disabled_rewrites: disabled, ..Options::default() };
        let (one, other) = (run(&some), run(&all));
        assert_eq!(one.table.rows, other.table.rows, "{text}");
        assert_eq!(one.more_possible, other.more_possible, "{text}");
    }
}
