//! What sentences, heads and views mean.

use crate::world::{checked, graph, select, shown, shown_define, shown_expr, titles};
use begat::check::typed::{Body, Grouping, Head, VarKind};
use begat::text::Code;

/// A query and its formula.
const FORMULAS: &[(&str, &str)] = &[
    ("Model", "Model(Model?)"),
    ("Model uses MLA", "(Model(Model?) & uses(Model?, MLA))"),
    ("Technique used by Model", "(Technique(Technique?) & Model(Model?) & uses(Model?, Technique?))"),
    ("Model uses \"mixture-of experts\"", "(Model(Model?) & uses(Model?, MoE))"),
    ("Model uses Technique MLA", "(Model(Model?) & uses(Model?, MLA))"),
    ("gpt-oss uses RoPE", "uses(gpt-oss, RoPE)"),
    ("Series uses MLA", "(Series(Series?) & uses(Series?, MLA))"),
    ("Model uses $technique", "(Model(Model?) & uses(Model?, MLA))"),
    (
        "Model uses RoPE and MoE but not GQA",
        "(Model(Model?) & uses(Model?, RoPE) & uses(Model?, MoE) & !uses(Model?, GQA))",
    ),
    ("Model uses MLA or GQA", "(Model(Model?) & (uses(Model?, MLA) | uses(Model?, GQA)))"),
    ("Model uses MLA or succeeds Llama", "(Model(Model?) & (uses(Model?, MLA) | succeeds(Model?, Llama)))"),
    (
        "Org develops no Model that uses MoE",
        "(Org(Org?) & !some Model? (Model(Model?) & develops(Org?, Model?) & uses(Model?, MoE)))",
    ),
    (
        "Technique used by every Model that succeeds+ Llama 2",
        "(Technique(Technique?) & every Model? (Model(Model?) & succeeds{1,}(Model?, Llama_2)) -> uses(Model?, Technique?))",
    ),
    (
        "every Model that uses RoPE uses Technique t",
        "every Model? (Model(Model?) & uses(Model?, RoPE)) -> some t (Technique(t) & uses(Model?, t))",
    ),
    (
        "every Model that uses Technique t succeeds Model that uses t",
        "every Model? t (Model(Model?) & Technique(t) & uses(Model?, t)) -> some Model2? (Model(Model2?) & succeeds(Model?, Model2?) & uses(Model2?, t))",
    ),
    (
        "Org develops at least 3 Model that uses Technique",
        "(Org(Org?) & AtLeast 3 Model? some Technique? (Model(Model?) & develops(Org?, Model?) & Technique(Technique?) & uses(Model?, Technique?)))",
    ),
    ("no Model uses MLA", "!some Model? (Model(Model?) & uses(Model?, MLA))"),
    (
        "Model m uses Technique t and succeeds Model p that uses no t",
        "(Model(m) & Technique(t) & uses(m, t) & Model(p) & succeeds(m, p) & !uses(p, t))",
    ),
    ("m uses MLA, Model m dated 2024", "(uses(m, MLA) & Model(m) & m.date in 2024)"),
    ("Model not succeeds Model", "(Model(Model?) & !some Model? (Model(Model?) & succeeds(Model?, Model?)))"),
    ("Model possibly uses MLA", "(Model(Model?) & possibly uses(Model?, MLA))"),
    ("Model not certainly uses MLA", "(Model(Model?) & !certainly uses(Model?, MLA))"),
    ("Model uses MLA according to \"S1\"", "(Model(Model?) & uses@(Model?, MLA))"),
    (
        "Mixtral 8x7B and Qwen3 succeeds+ Model c",
        "(Model(c) & succeeds{1,}(Mixtral_8x7B, c) & Model(c) & succeeds{1,}(Qwen3, c))",
    ),
    (
        "Model m uses MLA, optional m succeeds Model",
        "(Model(m) & uses(m, MLA) & maybe (Model(Model?) & succeeds(m, Model?)))",
    ),
    ("Model m, not (m uses MLA, m uses GQA)", "(Model(m) & !(uses(m, MLA) & uses(m, GQA)))"),
    ("(Model m uses MLA or Model m uses GQA)", "((Model(m) & uses(m, MLA)) | (Model(m) & uses(m, GQA)))"),
    (
        "(Model m uses MLA or m succeeds Model p)",
        "(((Model(m) & uses(m, MLA) & ? is word 0) | (some ? (Model(?) & succeeds(m, ?)) & ? is word 1)) & maybe (? is word 1 & Model(p) & succeeds(m, p)) & (? is word 0 | Model(p)))",
    ),
    (
        "Model m, (m uses MLA or m succeeds Model p)",
        "(Model(m) & ((uses(m, MLA) & ? is word 0) | (? is word 1 & Model(m))) & maybe (? is word 1 & Model(p) & succeeds(m, p)) & (? is word 0 | Model(p)))",
    ),
    // What `and` after `that` speaks of.
    (
        "Org develops Model that uses MLA and uses MoE",
        "(Org(Org?) & Model(Model?) & develops(Org?, Model?) & uses(Model?, MLA) & uses(Model?, MoE))",
    ),
    (
        "Org develops Model that uses MLA and develops GPT-2",
        "(Org(Org?) & Model(Model?) & develops(Org?, Model?) & uses(Model?, MLA) & develops(Org?, GPT-2))",
    ),
    (
        "Org develops no Model that uses MLA and develops Model p",
        "(Org(Org?) & !some Model? (Model(Model?) & develops(Org?, Model?) & uses(Model?, MLA)) & Model(p) & develops(Org?, p))",
    ),
    // Paths.
    ("Model succeeds* GPT-2", "(Model(Model?) & succeeds{0,}(Model?, GPT-2))"),
    ("Llama 2 succeeded by{1,2} Model", "(Model(Model?) & ^succeeds{1,2}(Llama_2, Model?))"),
    ("Org develops/uses MLA", "(Org(Org?) & (develops/uses)(Org?, MLA))"),
    ("Technique ^uses Model", "(Technique(Technique?) & Model(Model?) & uses(Model?, Technique?))"),
    ("Model succeeds+ as p GPT-2", "(Model(Model?) & succeeds{1,} as p(Model?, GPT-2))"),
    // Values.
    ("Technique dated 2023", "(Technique(Technique?) & Technique?.date in 2023)"),
    ("Technique dated 2023 or 2024", "(Technique(Technique?) & (Technique?.date in 2023 | Technique?.date in 2024))"),
    ("Technique dated before 2023", "(Technique(Technique?) & Technique?.date before 2023-01-01)"),
    ("Technique dated in $year", "(Technique(Technique?) & Technique?.date in 2024)"),
    ("Technique dated in \"[2023,2025]\"", "(Technique(Technique?) & Technique?.date in 2023..2025)"),
    (
        "Technique dated between 2020 and 2023",
        "(Technique(Technique?) & Technique?.date since 2020 & Technique?.date until 2023)",
    ),
    ("Technique dated ..2023", "(Technique(Technique?) & Technique?.date in ..2023)"),
    (
        "Model uses MoE and possibly dated before 2024",
        "(Model(Model?) & uses(Model?, MoE) & possibly Model?.date before 2024-01-01)",
    ),
    ("DeepSeek V3 dated 2024-12", "DeepSeek_V3.date in 2024-12"),
    ("Model totals 671B", "(Model(Model?) & Model?.parameters = 671000000000)"),
    ("Technique classed \"attention\"", "(Technique(Technique?) & Technique?.kind = attention)"),
    ("Model m dated Date d and dated Date e where d < e", "(Model(m) & date(m, d) & date(m, e) & d < e)"),
    ("Technique dated no Date", "(Technique(Technique?) & !some Date? date(Technique?, Date?))"),
    ("Model dated 2024 according to \"S1\"", "(Model(Model?) & some ? (date@(Model?, ?) & ? in 2024))"),
    // Tests.
    ("Model m where m.date < 2024", "(Model(m) & m.date < 2024-01-01)"),
    ("Model m where 2024 > year(m.date)", "(Model(m) & 2024 > year(m.date))"),
    ("Model m where m = GPT-2 or m = \"gpt oss\"", "(Model(m) & (m = GPT-2 | m = gpt-oss))"),
    (
        "Model m where (m uses MLA) and not (Org develops m)",
        "(Model(m) & ([uses(m, MLA)] & ![some Org? (Org(Org?) & develops(Org?, m))]))",
    ),
    ("Model m where m.date is not unknown", "(Model(m) & !m.date unknown)"),
    ("Model m where days(m.date - m.date) > 3", "(Model(m) & days(Subtract(m.date, m.date)) > 3)"),
    ("Model m where m.parameters > 100B", "(Model(m) & m.parameters > 100000000000)"),
    ("Model m where name(m) like \"Deep*\"", "(Model(m) & name(m) like Deep*)"),
];

#[test]
fn formulas() {
    let graph = graph();
    let mut wrong = Vec::new();
    for (text, formula) in FORMULAS.iter().filter(|(_, formula)| !formula.is_empty()) {
        let found = match checked(&graph, text) {
            Ok(query) => shown(&graph, &query),
            Err(problems) => format!("{:?}", problems.0.iter().map(|problem| &problem.message).collect::<Vec<_>>()),
        };
        if found != *formula {
            wrong.push(format!("{text}\n    {found}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A query and the titles of its columns.
const COLUMNS: &[(&str, &[&str])] = &[
    ("Org develops Model that uses MLA", &["Org", "Model"]),
    ("Model succeeds Model", &["Model", "Model 2"]),
    ("Model uses no GQA and succeeds Model that uses GQA", &["Model", "Model 2"]),
    ("Org o develops Model m that succeeds Model p, Org q develops p where o != q", &["o", "m", "p", "q"]),
    ("Model m dated Date d", &["m", "d"]),
    ("Model m succeeds+ as p GPT-2", &["m", "p"]),
    ("Model m uses Technique t show count(m) by t", &["t", "count(m)"]),
    ("Model m uses Technique t show count(m) as n, t as technique by t", &["technique", "n"]),
    ("Model m uses Technique t show t.kind, count(m) by t", &["t", "t.kind", "count(m)"]),
    ("Model m show year(m.date) as y, count(m) by y", &["y", "count(m)"]),
];

#[test]
fn columns() {
    let graph = graph();
    for (text, expected) in COLUMNS {
        let query = checked(&graph, text).unwrap_or_else(|problems| panic!("{text}: {problems:?}"));
        assert_eq!(titles(&query), *expected, "{text}");
    }
}

#[test]
fn groups() {
    let graph = graph();
    let text = "Model m uses Technique t show count(m) as n by t having n >= 5 order by n desc limit 3 offset $n";
    let query = checked(&graph, text).expect("right");
    let select = select(&query);
    assert_eq!(select.group.as_ref().map(Vec::len), Some(1));
    assert_eq!(shown_expr(&graph, &query, select.having.as_ref().expect("having")), "count(m) >= 5");
    assert_eq!(shown_expr(&graph, &query, &select.order[0].expr), "count(m)");
    assert_eq!((select.order[0].descending, select.limit, select.offset), (true, Some(3), 3));
    let all = checked(&graph, "Model m show count(m)").expect("right");
    assert_eq!(crate::world::select(&all).group, Some(Vec::new()));
}

#[test]
fn heads() {
    let graph = graph();
    let head = |text: &str| checked(&graph, text).unwrap_or_else(|problems| panic!("{text}: {problems:?}")).head;
    assert_eq!(head("Model uses MLA"), Head::Rows);
    assert_eq!(head("DeepSeek V3 uses MLA"), Head::Ask);
    assert_eq!(head("every Model uses MLA"), Head::Ask);
    assert_eq!(head("count Model uses MLA"), Head::Count);
    assert_eq!(head("path DeepSeek R1 succeeds GPT-2"), Head::Path);
    assert_eq!(head("paths DeepSeek R1 succeeds+ Model that uses MLA"), Head::Paths);
    assert_eq!(head("why DeepSeek V3 uses MLA"), Head::Why);
    assert_eq!(head("why not Model uses MLA"), Head::WhyNot);
    assert_eq!(head("diff Qwen3 succeeds Model"), Head::Diff);
    let path = checked(&graph, "path DeepSeek R1 succeeds GPT-2").expect("right");
    assert_eq!(shown(&graph, &path), "succeeds(DeepSeek_R1, GPT-2)");
    assert!(matches!(checked(&graph, "diff OLMo 2 and Gemma 3").expect("right").body, Body::Diff(..)));
}

#[test]
fn views() {
    let graph = graph();
    let body = |text: &str| checked(&graph, text).unwrap_or_else(|problems| panic!("{text}: {problems:?}")).body;
    assert!(matches!(body("lineage of DeepSeek R1"), Body::Lineage { .. }));
    assert!(matches!(body("ancestors of DeepSeek R1 via succeeds | improves"), Body::Lineage { .. }));
    assert!(matches!(body("timeline of Model that uses MLA"), Body::Timeline(_)));
    assert!(matches!(body("describe DeepSeek V3"), Body::Describe(_)));
    assert!(matches!(body("conflicts"), Body::Conflicts(None)));
    assert!(matches!(body("schema used by"), Body::Schema(_)));
    let Body::Adoption(adoption) = body("adoption of Technique that dated 2023 by Org") else { panic!("no adoption") };
    assert!(matches!(adoption.by, Grouping::Entities { inverse: false, .. }));
    let Body::Adoption(adoption) = body("adoption of MLA") else { panic!("no adoption") };
    assert_eq!((adoption.by, adoption.of.columns.len()), (Grouping::Year, 1));
    let query = checked(&graph, "matrix of Technique used by Model").expect("right");
    assert_eq!(titles(&query), ["Technique", "Model"]);
}

#[test]
fn nearest() {
    let graph = graph();
    let query = checked(&graph, "Mixtral 8x7B and Qwen3 succeeds+ Model c nearest c").expect("right");
    assert!(select(&query).nearest.is_some());
}

#[test]
fn notes() {
    let graph = graph();
    let notes = |text: &str| checked(&graph, text).expect("right").notes;
    assert!(notes("Org develops Model that uses MLA and uses MoE").is_empty());
    let found = notes("Model succeeds Model m that uses MLA and uses MoE");
    assert_eq!(found.iter().map(|note| note.code).collect::<Vec<_>>(), [Code::Attachment]);
}

#[test]
fn possibly() {
    let graph = graph();
    assert!(checked(&graph, "Model possibly uses MLA").expect("right").possibly);
    assert!(!checked(&graph, "Model certainly uses MLA").expect("right").possibly);
}

#[test]
fn defines() {
    let graph = graph();
    let text = "define Model m adds Technique t as m uses t and succeeds Model p, p uses no t;
        define Model m over Model n as (m succeeds n or m succeeds Model k, k over n);
        define Model m unused Model n as m uses MLA, n uses MLA;
        Model m adds MLA and over GPT-2";
    let query = checked(&graph, text).unwrap_or_else(|problems| panic!("{problems:?}"));
    assert_eq!(shown(&graph, &query), "(Model(m) & adds(m, MLA) & over(m, GPT-2))");
    let names: Vec<(&str, bool)> =
        query.defines.iter().map(|define| (define.name.as_str(), define.recursive)).collect();
    assert_eq!(names.len(), 2);
    assert!(names.contains(&("adds", false)) && names.contains(&("over", true)));
    let adds = names.iter().position(|(name, _)| *name == "adds").expect("adds");
    let formula = "(Model(m) & Technique(t) & uses(m, t) & Model(p) & succeeds(m, p) & !uses(p, t))";
    assert_eq!(shown_define(&graph, &query, adds), formula);
    assert!(query.defines[adds].text.starts_with("define Model m adds"));
}

#[test]
fn value_variables_know_their_property() {
    let graph = graph();
    let query = checked(&graph, "Model m dated Date d").expect("right");
    let date = graph.schema().lookup_property("date").expect("declared");
    assert!(query.vars.iter().any(|var| matches!(var.kind, VarKind::Value(_, id) if id == date)));
}

/// The queries of the shared questions.
const QUESTIONS: &[&str] = &[
    "DeepSeek R1 succeeds+ Model",
    "Llama 2 succeeded by+ as p Model m show min(length(p)) by m",
    "DeepSeek R1 succeeds+ Model that succeeds no Model",
    "Org develops Model that is succeeded by no Model",
    "path DeepSeek R1 succeeds+ GPT-2",
    "DeepSeek R1 succeeds* Model m that uses Technique t and succeeds Model p that uses no t show m, p, t",
    "Model m succeeds+ as p Model show max(length(p)) by m having max(length(p)) >= 6",
    "Model m uses MLA show first(m)",
    "Model m uses GQA show count(m) by year(m.date) order by year(m.date)",
    "Org o develops Model that uses Technique t show count(o) by t having count(o) >= 5 order by count(o) desc",
    "Org o develops Model that uses Technique t show list(o) by t having count(o) = 1",
    "Model m succeeds Model p, m uses Technique a and uses no b, p uses Technique b and uses no a where a.kind = b.kind show count(m) by b, a order by count(m) desc",
    "Model m uses Technique t show min(year(latest(m.date))) - year(earliest(t.date)) by t",
    "graph Org develops Model m that uses MLA, optional m succeeds Model that uses MLA to \"mla.dot\"",
];

#[test]
fn questions() {
    let graph = graph();
    for text in QUESTIONS {
        checked(&graph, text).unwrap_or_else(|problems| panic!("{text}: {problems:?}"));
    }
}
