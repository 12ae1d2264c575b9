//! Builds a graph in code, asks it, and saves it as a file that opens in milliseconds.
//!
//! ```sh
//! cargo run --example build_graph
//! ```

use begat::{Database, Date, GraphBuilder, ValueType, Verb};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut graph = GraphBuilder::new();
    graph.entity_type("Person").property_with_verb("Person", "born", ValueType::Date, "born");
    graph.verb(Verb::new("taught by", "Person", "Person").inverse("taught").lineage().acyclic());
    for (name, born) in [("Jacob Bernoulli", "1655-01"), ("Johann Bernoulli", "1667"), ("Euler", "1707-04-15")] {
        graph.entity("Person", name).value(name, "born", born.parse::<Date>()?);
    }
    graph.source("mgp", "Mathematics Genealogy Project");
    graph.claim("mgp", "id 38586").fact("Euler", "taught by", "Johann Bernoulli");
    graph.claim("mgp", "id 53410").fact("Johann Bernoulli", "taught by", "Jacob Bernoulli");
    let database = graph.build()?;

    let answer = database.query("Euler taught by+ Person p show p, p.born")?;
    print!("{answer}");
    for row in &answer {
        if let Some(proof) = answer.why(&row)? {
            print!("\n{proof}");
        }
    }

    let file = std::env::temp_dir().join(format!("people-{}.begat", std::process::id()));
    database.save(&file)?;
    println!("\n{} people in the saved graph", Database::open(&file)?.entities().count());
    std::fs::remove_file(&file)?;
    Ok(())
}
