//! The door for agents: a server of the Model Context Protocol over stdin and stdout.
//!
//! The protocol is the SDK's (`server`); what is asked and answered are the tools of [`crate::tools`], and pages to read
//! (`resources`). Nothing is written, but by `begat mcp --writable` to the graph's files. Limits are always on.

mod resources;
mod server;

pub use server::serve;

/// What a model is told before it asks.
const INSTRUCTIONS: &str = "\
begat answers questions about a graph of facts, each with its sources. A query reads like a fact with holes: a type is a hole \
and a column of the answer, `Model m` names the hole. Use only names of the graph: call `schema` for types, verbs and \
properties, `find` for entities, then `ask`. A wrong query comes back with the corrected one. Rows are certain, or only \
possible where dates or sources leave it open. Ask `why` before you tell somebody that something is so: it gives the sources.
Examples: `Model uses MLA` · `Org develops Model that uses MoE and dated since 2024` · `Model uses MoE but not MLA` · \
`Model uses no MoE` · `Model m uses Technique t show t, count(m), first(m) by t order by count(m) desc limit 5` · \
`DeepSeek R1 (succeeds | based on)+ Model` · `path A verb+ B` · `lineage of NAME` · `describe NAME` · `diff A and B` · \
`adoption of TYPE by year` · `timeline of TYPE` · `Model m where m.parameters >= 100B show m, m.date`. Names with spaces are \
written as they are, others in double quotes. There are no arrows, SELECT, MATCH or WHERE NOT EXISTS.";
