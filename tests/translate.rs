//! Queries in another engine's language. That the statements give begat's rows is tried by `tests/duckdb/run.py`, which
//! needs that engine; here is what holds without it.

mod support;

use begat::{Database, Options};
use support::queries;

fn toy() -> Database {
    Database::open(std::path::Path::new("tests/graphs/toy.ron")).expect("a graph")
}

fn translated(database: &Database, query: &str) -> Result<String, String> {
    let options = Options::default();
    let prepared = database.prepare(query, &options).map_err(|error| format!("{error:?}"))?;
    let last = prepared.last().ok_or("no query")?;
    database.translated(last, &options, "lake").map_err(|refused| refused.0)
}

#[test]
fn a_fact_is_a_join_in_the_order_of_the_answer() {
    let found = translated(&toy(), "Model uses MLA").expect("a statement");
    for part in ["read_parquet('lake/verbs/uses.parquet')", "f2.certain", "ORDER BY k0 ASC NULLS LAST"] {
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
        ("paths DeepSeek R1 succeeds+ Llama 2", "cannot be said in one statement of DuckDB's SQL"),
        ("lineage of DeepSeek R1", "a view, a picture or a proof"),
        ("Model uses MoE as of 2024-06", "`as of`"),
    ] {
        let refused = translated(&toy(), query).expect_err(query);
        assert!(refused.contains(reason), "{query}: {refused}");
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
        assert_eq!(first, translated(&database, &query), "{query}");
        match first {
            Ok(_) => said += 1,
            Err(_) => refused += 1,
        }
    }
    // Views, proofs, errors and other graphs' queries are most of what is refused.
    assert!(said > 100, "{said} translated, {refused} refused");
}
