//! `schema`: what can be said, and how often it is.

use super::{head, number, number_head, part, row, text, view};
use crate::answer::{Answer, Head, Row, Subgraph, Table, View};
use crate::exec::{Context, Execution};
use crate::graph::Graph;
use crate::plan::SchemaTopic;
use crate::schema::{PropertyId, Schema, TypeId, TypeSet, VerbId};

/// Returns types, properties, verbs and definitions; for a type, what can be said about it.
pub(super) fn answer(run: &Execution, topic: SchemaTopic) -> Answer {
    let graph = run.context.graph;
    let schema = graph.schema();
    let mut rows: Vec<Row> = Vec::new();
    match topic {
        SchemaTopic::All => {
            rows.extend(schema.types().map(|(id, _)| type_row(graph, id)));
            rows.extend(schema.properties().map(|(id, _)| property_row(graph, id)));
            rows.extend(schema.verbs().map(|(id, _)| verb_row(graph, id)));
            rows.extend(graph.defines().iter().map(|define| define_row(define)));
        }
        SchemaTopic::Type(id) => {
            let own = schema.type_(id);
            rows.extend(own.subtypes.iter().map(|id| type_row(graph, id)));
            rows.extend(own.properties.iter().map(|id| property_row(graph, *id)));
            let speaks_of = |types: TypeSet| !types.and(own.subtypes).is_empty();
            let verbs = schema.verbs().filter(|(_, verb)| speaks_of(verb.from) || speaks_of(verb.to));
            rows.extend(verbs.map(|(id, _)| verb_row(graph, id)));
        }
        SchemaTopic::Verb(id) => rows.push(verb_row(graph, id)),
        SchemaTopic::Property(id) => rows.push(property_row(graph, id)),
    }
    view(run, View::Schema, Table { columns: columns(), rows: rows.into() })
}

/// Returns all entities of a type with the facts between them, or the facts of a verb or property.
pub(crate) fn subgraph(context: &Context, topic: SchemaTopic) -> Subgraph {
    let graph = context.graph;
    let facts = |first: u32, length: usize| (first..first + length as u32).map(crate::graph::FactId);
    let of_verb = |id: VerbId| facts(graph.relation(id).first_fact, graph.relation(id).len());
    match topic {
        SchemaTopic::All => part(graph, facts(0, graph.fact_count()), graph.entities()),
        SchemaTopic::Type(id) => {
            let types = graph.schema().type_(id).subtypes;
            let is_own = |end: crate::graph::EntityId| graph.is_of(end, types);
            let between = |fact: &crate::graph::FactId| match graph.fact(*fact) {
                crate::graph::Fact::Link { subject, object, .. } => is_own(subject) && is_own(object),
                crate::graph::Fact::Value { subject, .. } => is_own(subject),
            };
            part(graph, facts(0, graph.fact_count()).filter(between), graph.entities().filter(|end| is_own(*end)))
        }
        SchemaTopic::Verb(id) => part(graph, of_verb(id), []),
        SchemaTopic::Property(id) => part(graph, facts(graph.first_value_fact(id), graph.values(id).len()), []),
    }
}

fn columns() -> Vec<Head> {
    let [kind, name, from, to, inverse, roles] = ["kind", "name", "from", "to", "inverse", "roles"].map(head);
    vec![kind, name, from, to, inverse, roles, number_head("count"), head("doc")]
}

/// Returns a type with its parent and the number of its entities, including those of subtypes.
fn type_row(graph: &Graph, id: TypeId) -> Row {
    let schema = graph.schema();
    let own = schema.type_(id);
    let parent = own.parent.map_or("", |parent| &schema.type_(parent).name);
    let roles = if parent.is_empty() { String::new() } else { format!("extends {parent}") };
    let count = graph.count_of(own.subtypes);
    line(["type", &own.name, "", "", "", &roles], count, &own.doc)
}

/// Returns a verb with the types it joins and the number of its facts.
fn verb_row(graph: &Graph, id: VerbId) -> Row {
    let schema = graph.schema();
    let verb = schema.verb(id);
    let marks = [
        (verb.lineage, "lineage"),
        (verb.adoption, "adoption"),
        (verb.chronological, "chronological"),
        (verb.acyclic, "acyclic"),
    ];
    let roles: Vec<&str> = marks.iter().filter(|(is, _)| *is).map(|(_, word)| *word).collect();
    let (from, to) = (schema.type_names(verb.from), schema.type_names(verb.to));
    let inverse = verb.inverse.as_deref().unwrap_or("");
    line(["verb", &verb.name, &from, &to, inverse, &roles.join(", ")], graph.relation(id).len(), &verb.doc)
}

/// Returns a property with its types, its value type and the number of its stated values.
fn property_row(graph: &Graph, id: PropertyId) -> Row {
    let schema: &Schema = graph.schema();
    let property = schema.property(id);
    let asked = property.verb.as_ref().map(|verb| format!("asked as `{verb}`"));
    let unit = property.unit.as_ref().map(|unit| format!("in {unit}"));
    let single = property.single.then(|| "single".to_string());
    let roles: Vec<String> = [asked, single, unit].into_iter().flatten().collect();
    let from = schema.type_names(property.of);
    let cells = ["property", &property.name, &from, property.value.name(), "", &roles.join(", ")];
    line(cells, graph.values(id).len(), &property.doc)
}

/// Returns a definition by its text. Its verb consists of the words of its first sentence that are neither types nor
/// variables.
fn define_row(define: &str) -> Row {
    let is_variable = |word: &str| word.chars().skip(1).all(|c| c.is_ascii_digit());
    let is_verb = |word: &&str| word.starts_with(|c: char| c.is_lowercase()) && !is_variable(word);
    let words = define.split_whitespace().skip(1).take_while(|word| *word != "as");
    let name: Vec<&str> = words.filter(is_verb).collect();
    let mut row =
        line(["define", &name.join(" "), "", "", "", ""], 0, &define.split_whitespace().collect::<Vec<_>>().join(" "));
    row.cells[6] = crate::answer::Cell::Absent;
    row
}

fn line(words: [&str; 6], count: usize, doc: &str) -> Row {
    row(words.into_iter().map(text).chain([number(count), text(doc)]).collect(), true)
}
