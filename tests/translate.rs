//! Queries in another engine's language. That the statements give begat's rows is tried by `tests/duckdb/run.py` and the
//! scripts like it, which need that engine; here is what holds without it.

mod support;

use begat::translate::{DUCKDB, Dialect, GraphLanguage, SPARK};
use begat::{Database, Options};
use support::queries;

fn toy() -> Database {
    Database::open(std::path::Path::new("tests/graphs/toy.ron")).expect("a graph")
}

fn translated(database: &Database, query: &str) -> Result<String, String> {
    translated_to(database, query, &DUCKDB)
}

fn translated_to(database: &Database, query: &str, dialect: &'static Dialect) -> Result<String, String> {
    let options = Options::default();
    let prepared = database.prepare(query, &options).map_err(|error| format!("{error:?}"))?;
    let last = prepared.last().ok_or("no query")?;
    let program = database.translated(last, &options, "lake", dialect).map_err(|refused| refused.0)?;
    Ok(program.to_string())
}

#[test]
fn a_fact_is_a_join_in_the_order_of_the_answer() {
    let found = translated(&toy(), "Model uses MLA").expect("a statement");
    for part in ["read_parquet('lake/verbs/uses.parquet')", ".certain", "ORDER BY k0 ASC NULLS LAST"] {
        assert!(found.contains(part), "no `{part}` in\n{found}");
    }
    assert!(found.ends_with(";\n"));
}

#[test]
fn names_cannot_end_a_text() {
    let found = translated(&toy(), "Model m where name(m) = \"a'; DROP TABLE x; --\"").expect("a statement");
    assert!(found.contains("'a''; DROP TABLE x; --'"), "{found}");
}

#[test]
fn refusals_say_what_cannot_be_said() {
    for (query, reason) in [
        ("paths DeepSeek R1 succeeds+ Llama 2", "cannot be said in DuckDB's SQL"),
        ("lineage of DeepSeek R1", "a view, a picture or a proof"),
        ("Model uses MoE as of 2024-06", "`as of`"),
    ] {
        let refused = translated(&toy(), query).expect_err(query);
        assert!(refused.contains(reason), "{query}: {refused}");
    }
}

#[test]
fn dialects_spell_the_same_statement() {
    let query = "Model m where name(m) = \"a'\\\\b\"";
    let spark = translated_to(&toy(), query, &SPARK).expect("a statement");
    for part in ["parquet.`lake/types/Model.parquet`", "AS `m`", r"'a\'\\b'"] {
        assert!(spark.contains(part), "no {part} in\n{spark}");
    }
    let duckdb = translated(&toy(), query).expect("a statement");
    assert!(duckdb.contains(r"'a''\b'"), "{duckdb}");
}

#[test]
fn a_path_is_a_recursive_table_or_a_loop_from_its_bound_end() {
    let database = toy();
    let query = "DeepSeek R1 succeeds+ Model";
    let duckdb = translated(&database, query).expect("a statement");
    assert!(duckdb.contains("WITH RECURSIVE") && duckdb.contains("UNION\n"), "{duckdb}");
    let options = Options::default();
    let prepared = database.prepare(query, &options).expect("a query");
    let program = database.translated(&prepared[0], &options, "lake", &SPARK).expect("a program");
    let [grown] = program.loops.as_slice() else { panic!("{program}") };
    assert!(grown.init.contains("AS BIGINT) AS n"), "begins with all entities: {}", grown.init);
    assert!(grown.step.contains(&format!("`{}`", grown.added)), "{}", grown.step);
    assert!(
        program.answer.contains(&format!("`{}`", grown.table)) && !program.answer.contains("RECURSIVE"),
        "{program}"
    );
}

#[test]
fn no_part_reads_what_stands_around_it() {
    for query in [
        "Org develops no Model that uses MoE",
        "Model m uses MLA, optional m succeeds Model p",
        "Technique used by every Model that succeeds Llama 2",
    ] {
        for dialect in [&DUCKDB, &SPARK] {
            let found = translated_to(&toy(), query, dialect).expect(query);
            assert!(!found.contains("EXISTS") && !found.contains("LATERAL"), "{query}\n{found}");
        }
    }
}

fn in_graph_language(database: &Database, query: &str, language: GraphLanguage) -> Result<String, String> {
    let options = Options::default();
    let prepared = database.prepare(query, &options).map_err(|error| format!("{error:?}"))?;
    let last = prepared.last().ok_or("no query")?;
    let program = database.translated_to_graphs(last, &options, language).map_err(|refused| refused.0)?;
    Ok(program.to_string())
}

const PATH: &str = "Model m succeeds+ Llama 2 and dated since 2024";
const ABSENT: &str = "Model m uses MLA, optional m succeeds Model p";

#[test]
fn cypher_is_what_ladybug_reads() {
    for (query, expected) in [
        (
            PATH,
            "CALL var_length_extend_max_depth=53;
MATCH (m_0:Entity)-[:`succeeds`* SHORTEST 1..53 (r, n | WHERE r.certain)]->(:Entity {vid: 14})
WHERE m_0.type = 'Model'
  AND (coalesce(((19723 <= m_0.`date earliest`) AND (19723 <= m_0.`date reach_earliest`)), false) = true)
WITH DISTINCT m_0.name AS c0, m_0.vid AS k0
RETURN c0 AS `m`
ORDER BY k0 IS NULL, k0;
",
        ),
        (
            ABSENT,
            "MATCH (m_0:Entity)-[f1:`uses`]->(:Entity {vid: 35})
WHERE m_0.type = 'Model'
  AND f1.certain
OPTIONAL MATCH (m_0)-[f2:`succeeds`]->(p_1:Entity)
WHERE p_1.type = 'Model'
  AND f2.certain
WITH *
WHERE p_1.vid IS NOT NULL OR NOT (EXISTS { MATCH (m_0)-[f3:`succeeds`]->(p_1__none:Entity) WHERE p_1__none.type = 'Model' })
WITH DISTINCT m_0.name AS c0, p_1.name AS c1, m_0.vid AS k0, p_1.vid AS k1
RETURN c0 AS `m`, c1 AS `p`
ORDER BY k0 IS NULL, k0, k1 IS NULL, k1;
",
        ),
    ] {
        assert_eq!(in_graph_language(&toy(), query, GraphLanguage::Cypher).as_deref(), Ok(expected));
    }
}

#[test]
fn sparql_reads_certain_facts_and_the_ends_of_dates() {
    for (query, expected) in [
        (
            PATH,
            "SELECT (?c0 AS ?m) {
  SELECT DISTINCT (?m_0_name AS ?c0) (?m_0_number AS ?k0) {
    ?m_0 a <type/Model> .
    ?m_0 (<certainly/succeeds>)+ <Model/Llama%202> .
    ?m_0 :number ?m_0_number .
    ?m_0 rdfs:label ?m_0_name .
    OPTIONAL { ?m_0 <settled/date> [ :earliest ?m_0_date_earliest ; :reach_earliest ?m_0_date_reach_earliest ] }
    FILTER(COALESCE(((19723 <= ?m_0_date_earliest) && (19723 <= ?m_0_date_reach_earliest)), false))
  }
}
ORDER BY (!BOUND(?k0)) ?k0;
",
        ),
        (
            "Org develops no Model that uses MoE",
            "SELECT (?c0 AS ?Org) {
  SELECT DISTINCT (?org_0_name AS ?c0) (?org_0_number AS ?k0) {
    ?org_0 a <type/Org> .
    ?org_0 :number ?org_0_number .
    ?org_0 rdfs:label ?org_0_name .
    FILTER(NOT EXISTS {
      ?model_1 a <type/Model> .
      ?org_0 <verb/develops> ?model_1 .
      ?model_1 <verb/uses> <Technique/MoE> .
    })
  }
}
ORDER BY (!BOUND(?k0)) ?k0;
",
        ),
    ] {
        let found = in_graph_language(&toy(), query, GraphLanguage::Sparql).expect(query);
        let (head, body) = found.split_once("SELECT").expect("a query");
        assert!(head.starts_with("BASE <https://begat.example/graph/>\nPREFIX"), "{head}");
        assert_eq!(format!("SELECT{body}"), expected);
    }
}

#[test]
fn languages_for_graphs_refuse_what_they_cannot_say() {
    for (query, reason) in [
        ("paths DeepSeek R1 succeeds+ Llama 2", "cannot be said in"),
        ("lineage of DeepSeek R1", "a view, a picture or a proof"),
        ("Model uses MoE as of 2024-06", "`as of`"),
        ("Model possibly uses MoE", "an answer that is only possible"),
    ] {
        for language in [GraphLanguage::Cypher, GraphLanguage::Sparql] {
            let refused = in_graph_language(&toy(), query, language).expect_err(query);
            assert!(refused.contains(reason), "{query}: {refused}");
        }
    }
}

#[test]
fn names_cannot_end_a_text_of_a_language_for_graphs() {
    let query = "Model m where name(m) = \"a'\\\\b\"";
    let cypher = in_graph_language(&toy(), query, GraphLanguage::Cypher).expect("Cypher");
    assert!(cypher.contains(r"'a\'\\b'"), "{cypher}");
    let query = "Model m where name(m) = 'a\"b'";
    if let Ok(sparql) = in_graph_language(&toy(), query, GraphLanguage::Sparql) {
        assert!(sparql.contains(r#""a\"b""#), "{sparql}");
    }
}

#[test]
fn languages_for_graphs_say_the_same_each_time() {
    let database = toy();
    for language in [GraphLanguage::Cypher, GraphLanguage::Sparql] {
        let (mut said, mut refused) = (0, 0);
        for example in queries::examples() {
            let first = in_graph_language(&database, &example.text, language);
            assert_eq!(first, in_graph_language(&database, &example.text, language), "{}", example.text);
            match first {
                Ok(_) => said += 1,
                Err(_) => refused += 1,
            }
        }
        assert!(said > 100, "{language:?}: {said} translated, {refused} refused");
    }
}

/// A translation is a function of the query: it never panics, and says the same each time.
#[test]
fn every_query_of_the_reference_is_translated_or_refused() {
    let database = toy();
    let (mut said, mut refused) = (0, 0);
    for example in queries::examples() {
        let query = example.text;
        let first = translated(&database, &query);
        let spark = translated_to(&database, &query, &SPARK);
        assert_eq!(first.is_ok(), spark.is_ok(), "{query}");
        assert_eq!(first, translated(&database, &query), "{query}");
        match first {
            Ok(_) => said += 1,
            Err(_) => refused += 1,
        }
    }
    // Views, proofs, errors and other graphs' queries are most of what is refused.
    assert!(said > 100, "{said} translated, {refused} refused");
}
