//! What is wrong with a query: its code, the words it points at, and the query with the first edit offered.

use crate::world::{checked, fixed, graph, problem};
use begat::text::{Code, Code::*};

/// A query, the code of its first error, the words it points at, and the query as mended (empty: nothing is offered).
const ERRORS: &[(&str, Code, &str, &str)] = &[
    ("Modle uses MLA", UnknownName, "Modle", "Model uses MLA"),
    ("Modle m uses MLA", UnknownType, "Modle", "Model m uses MLA"),
    ("Model uses MLAA", UnknownName, "MLAA", "Model uses MLA"),
    ("Model uses Techniqe", UnknownName, "Techniqe", "Model uses Technique"),
    ("DeepSek V3 uses MLA", UnknownName, "DeepSek V3", "DeepSeek V3 uses MLA"),
    ("Model succeeds DeepSek V3", UnknownName, "DeepSek V3", "Model succeeds DeepSeek V3"),
    ("Model succeeds \"Comand R+\"", UnknownName, "\"Comand R+\"", "Model succeeds \"Command R+\""),
    ("Model succeeds Model \"Llma\"", UnknownName, "\"Llma\"", "Model succeeds Model Llama"),
    ("Model succeeds Model Llma", UnknownName, "Llma", "Model succeeds Model Llama"),
    ("Model usse MLA", UnknownVerb, "usse", "Model uses MLA"),
    ("Technique used Model", UnknownVerb, "used", "Technique uses Model"),
    ("Model m uses MLA show n", UnknownVariable, "n", "Model m uses MLA show m"),
    ("Model m uses MLA, n dated 2024", UnknownVariable, "n", "Model m uses MLA, m dated 2024"),
    ("model uses MLA", UnknownName, "model", "Model uses MLA"),
    ("MLA uses Model", WrongDirection, "uses", "MLA used by Model"),
    ("Model develops Org", WrongDirection, "develops", "Model developed by Org"),
    ("Org o develops Model, o used by MLA", WrongType, "o", ""),
    ("Org uses MLA", WrongType, "Org", ""),
    ("Org uses Model", WrongType, "Org", "Org develops Model"),
    ("Meta uses MLA", WrongType, "Meta", ""),
    ("Model uses GPT-2", WrongType, "GPT-2", "Model succeeds GPT-2"),
    ("Model uses z9", UnknownVariable, "z9", ""),
    ("Model succeeds a-1", AmbiguousName, "a-1", "Model succeeds Model \"A 1\""),
    ("Model uses MLA, Model uses MoE", RepeatedType, "Model", ""),
    ("Model m uses MLA, Model m uses MoE", RepeatedVariable, "m", ""),
    (
        "Model m uses MLA, Org o develops GPT-2",
        Disconnected,
        "Org o develops GPT-2",
        "Model m uses MLA, cross Org o develops GPT-2",
    ),
    ("Model uses no Technique t show t", UnboundVariable, "t", ""),
    ("Model m uses MLA or not succeeds Model p show p", UnboundVariable, "p", ""),
    ("Model m, (m uses MLA or m succeeds Model p), p uses MoE", UnboundVariable, "p", ""),
    ("DeepSeek V3", NoCondition, "DeepSeek V3", "describe DeepSeek V3"),
    ("Model m uses MLA show m.colour", UnknownProperty, "colour", ""),
    ("Model m uses MLA show m.dat", UnknownProperty, "dat", "Model m uses MLA show m.date"),
    ("Org o develops Model show o.date", UnknownProperty, "date", ""),
    ("Model m show yaer(m.date)", UnknownFunction, "yaer", "Model m show year(m.date)"),
    ("Model m show year(m)", WrongArguments, "m", ""),
    ("Model m show year(m.date, m.date)", WrongArguments, "year(m.date, m.date)", ""),
    ("Model m where count(m) > 2", MisplacedAggregate, "count", ""),
    ("Model m show count(min(m.date))", MisplacedAggregate, "min", ""),
    ("schema limit 3", MisplacedClause, "limit 3", "schema "),
    ("count Model m show m", MisplacedClause, "show m", "count Model m "),
    ("Model m limit 1 limit 2", MisplacedClause, "limit 2", ""),
    ("Model m uses MLA show count(m), Llama uses MLA", NotGrouped, "Llama uses MLA", ""),
    ("Model m show m, count(m) by m having possibly count(m) > 2", MisplacedAggregate, "count", ""),
    ("Model m uses Technique t show count(m), m by t", NotGrouped, "m", ""),
    ("Model m uses Technique t show m order by t.date", NotGrouped, "t.date", ""),
    ("Model uses $tecnique", UnknownParameter, "$tecnique", "Model uses $technique"),
    ("Model uses MLA according to \"S3\"", UnknownSource, "\"S3\"", "Model uses MLA according to \"S1\""),
    ("Model dated 671B", BadDate, "671B", ""),
    ("Model totals 67x", BadNumber, "67x", ""),
    ("Technique classed Attention", WrongType, "Attention", "Technique classed \"Attention\""),
    ("Org dated 2024", WrongType, "dated", ""),
    ("Model totals before 2024", WrongType, "before", ""),
    ("Model uses before 2024", WrongType, "before 2024", ""),
    ("Model dated Number n", WrongType, "Number", "Model dated Date n"),
    ("Model dated+ 2024", WrongType, "dated", ""),
    ("Model m where m = 2024", UnknownName, "2024", ""),
    ("Model m where m < GPT-2", WrongType, "<", ""),
    ("Model m where m.date = m.parameters", WrongType, "=", ""),
    ("Model m where m.date", WrongType, "m.date", ""),
    ("Model m where m is unknown", WrongType, "m", ""),
    ("Model m where m.parameters + m.date > 3", WrongType, "+", ""),
    ("Model develops/uses MLA", WrongType, "Model", ""),
    ("Org develops/develops Model", WrongType, "develops", ""),
    ("Model uses{2} MLA", WrongType, "uses{2}", ""),
    ("Model uses every MLA", WrongType, "MLA", "Model uses MLA"),
    ("path Model m uses MLA and succeeds GPT-2", OnePath, "Model m uses MLA and succeeds GPT-2", ""),
    ("diff OLMo 2", WrongArguments, "OLMo 2", ""),
    ("lineage of MLA", WrongType, "MLA", ""),
    ("lineage of Model", WrongType, "Model", ""),
    ("describe Model", WrongType, "Model", ""),
    ("adoption of GPT-2", WrongType, "GPT-2", ""),
    ("matrix of GPT-2 uses Technique", WrongType, "GPT-2 uses Technique", ""),
    ("schema Modle", UnknownName, "Modle", "schema Model"),
    ("Model m nearest m", WrongArguments, "m", ""),
    ("define Model m uses Technique t as m uses t; Model uses MLA", BadDefine, "uses", ""),
    ("define Model m odd Model n as not (m odd n); Model odd GPT-2", NotStratified, "odd", ""),
    (
        "define Model m adds Technique t as m usse t; Model uses MLA",
        UnknownVerb,
        "usse",
        "define Model m adds Technique t as m uses t; Model uses MLA",
    ),
];

#[test]
fn errors() {
    let graph = graph();
    let mut wrong = Vec::new();
    for (text, code, words, mended) in ERRORS {
        let problem = problem(&graph, text);
        let found = (problem.code, problem.span().of(text), fixed(&problem, text).unwrap_or_default());
        if found != (*code, *words, mended.to_string()) {
            wrong.push(format!("{text}\n    {found:?}\n    {}", problem.message));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn messages() {
    let graph = graph();
    let unknown = problem(&graph, "Model uses MLAA");
    assert_eq!(unknown.message, "no entity, alias or type is called `MLAA`");
    assert_eq!(unknown.labels[0].message, "here a Technique is wanted");
    assert_eq!(unknown.help[0].message, "did you mean `MLA`?");
    let turned = problem(&graph, "MLA uses Model");
    assert_eq!(turned.help[0].message, "write `MLA used by Model`");
}

/// Everything wrong with a query is said at once, in order of place.
#[test]
fn all_at_once() {
    let text = "Modle uses MLAA and usse MoE where x < 3";
    let problems = checked(&graph(), text).expect_err("wrong in four places");
    let found: Vec<&str> = problems.iter().map(|problem| problem.span().of(text)).collect();
    assert_eq!(found, ["Modle", "MLAA", "usse", "x"]);
}

/// Only words of the wanted kind are offered.
#[test]
fn offers_of_the_wanted_kind() {
    let graph = graph();
    for problem in [problem(&graph, "Model uses MQAA"), problem(&graph, "Model uses MoEE")] {
        for help in problem.help.iter().filter_map(|help| help.fix.as_ref()) {
            assert!(["MHA", "MQA", "GQA", "MLA", "MoE", "RoPE"].contains(&help.replacement.as_str()), "{help:?}");
        }
    }
}

/// A clause is either refused or read: one with an unknown word is an error behind every query.
#[test]
fn no_clause_is_ignored() {
    let graph = graph();
    let queries = [
        "lineage of Llama",
        "ancestors of Llama",
        "descendants of Llama",
        "adoption of MLA",
        "adoption of MLA by year",
        "spread of MLA",
        "rise of MLA",
        "timeline of Model uses MLA",
        "matrix of Model uses Technique",
        "describe MLA",
        "conflicts",
        "schema",
        "schema Model",
        "claims of MLA",
        "gaps of Model",
        "duplicates",
        "sources",
        "diff DeepSeek V2 and DeepSeek V3",
        "diff DeepSeek V3 succeeds Model",
        "path DeepSeek V3 succeeds+ DeepSeek V2",
        "paths DeepSeek V3 succeeds+ DeepSeek V2",
        "count Model m",
        "ask Model m",
        "graph Model m uses MLA",
        "why Model m uses MLA",
        "why not Llama uses MLA",
        "explain Model m uses MLA",
        "Model m uses MLA",
    ];
    for query in queries {
        assert!(checked(&graph, query).is_ok(), "{query}");
        for clause in ["where z.q = 3", "show z", "having z > 2", "order by z", "nearest z", "over zzz", "limit z"] {
            assert!(checked(&graph, &format!("{query} {clause}")).is_err(), "{query} {clause}");
        }
    }
}
