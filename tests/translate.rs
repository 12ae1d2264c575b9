//! Queries in another engine's language. That the statements give begat's rows is tried by `tests/duckdb/run.py`, which
//! needs that engine; here is what holds without it.

mod support;

use begat::translate::{DUCKDB, Dialect, SPARK};
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
