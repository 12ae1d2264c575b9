//! The graph that ships with begat.

use super::read;
use crate::graph::Graph;
use crate::text::Text;

macro_rules! parts {
    ($($name:literal)*) => {
        &[$(($name, include_str!(concat!("../../graph-data/llm-evolution/", $name)))),*]
    };
}

/// The parts, in the order of their names.
static PARTS: &[(&str, &str)] = parts!["claims.ron" "defines.ron" "entities.ron" "schema.ron" "sources.ron"];

/// The evolution of language models, compiled in. A test holds that it has no errors; it would be empty else.
pub fn builtin() -> Graph {
    let parts = PARTS.iter().map(|(name, body)| Text::new(format!("llm-evolution/{name}"), *body));
    read(parts.collect()).0.unwrap_or_default()
}
