//! Writes RDF 1.1 in TriG for queries: dates as numbers of days, doubtful facts apart from certain ones, and a named graph
//! of what each source says. It is not read back; [`super::turtle`] is.

use super::turtle::subject;
use crate::answer::Subgraph;
use crate::date::Date;
use crate::graph::{EntityId, Fact, FactId, Graph, Trust, Values, iri};
use crate::limits::in_budget;
use crate::schema::PropertyId;
use crate::value::{Number, Value, ValueType, natural, turtle_literal};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt::Write;

const HEAD: &str = "@base <https://begat.example/graph/> .
@prefix : <https://begat.example/ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
";

/// Returns a subgraph as TriG.
///
/// - An entity has its type, its name as `rdfs:label` and its `:number`, in the order of names.
/// - A fact stands under `<verb/VERB>`; without doubt also under `<certainly/VERB>`.
/// - A stated value is a node under `<stated/PROPERTY>`, without doubt also under `<certainly/stated/PROPERTY>`; the value
///   that all sources leave under `<settled/PROPERTY>`, where one is known.
/// - The graph `<source/KEY>` has the facts of that source, the same way.
pub fn trig(part: &Subgraph, graph: &Graph) -> String {
    let mut out = String::from(HEAD);
    let facts = || part.facts.iter().take_while(in_budget);
    let ends = facts().flat_map(|fact| match graph.fact(*fact) {
        Fact::Link { subject, object, .. } => vec![subject, object],
        Fact::Value { subject, .. } => vec![subject],
    });
    let all: BTreeSet<EntityId> = part.entities.iter().copied().chain(ends).collect();
    let mut values = ValuePositions { graph, ranks: BTreeMap::new() };
    for (id, type_) in graph.schema().types() {
        let parent = graph.schema().type_(id).parent.map(|parent| iri("type", &graph.schema().type_(parent).name));
        let parent = parent.map_or(String::new(), |parent| format!(" ; rdfs:subClassOf {parent}"));
        _ = writeln!(
            out,
            "{} a rdfs:Class ; rdfs:label {}{parent} .",
            iri("type", &type_.name),
            turtle_literal(&type_.name)
        );
    }
    for entity in all.into_iter().take_while(in_budget) {
        let type_ = graph.type_of(entity);
        let (own, type_name) = (subject(graph, entity), &graph.schema().type_(type_).name);
        let name = turtle_literal(graph.name(entity));
        _ = writeln!(out, "{own} a {} ; rdfs:label {name} ; :number {} .", iri("type", type_name), entity.0);
        for property in &graph.schema().type_(type_).properties {
            if let Some(columns) = values.known(*property, &graph.value(entity, *property)) {
                let settled = iri("settled", &graph.schema().property(*property).name);
                _ = writeln!(out, "{own} {settled} [ {columns} ] .");
            }
        }
    }
    let (mut by_source, mut positions) = (BTreeMap::new(), Positions::default());
    for fact in facts() {
        let (certain, any) = values.fact(*fact, &mut positions, &mut out);
        _ = writeln!(out, "{any}");
        if !part.is_doubtful(graph, *fact) {
            _ = writeln!(out, "{certain}");
        }
        for claim in part.claims(graph, *fact) {
            let claim = graph.claims().get(claim);
            let said: &mut BTreeSet<String> = by_source.entry(claim.source).or_default();
            said.insert(any.clone());
            // By the trust of this source alone, whatever others say of the fact.
            if claim.trust != Trust::Doubtful {
                said.insert(certain.clone());
            }
        }
    }
    for (source, said) in by_source {
        let lines = said.iter().map(|line| format!("  {line}\n")).collect::<String>();
        _ = write!(out, "{} {{\n{lines}}}\n", iri("source", &graph.claims().source(source).key));
    }
    out
}

/// The position of each value of each property, by fact.
type Positions = HashMap<PropertyId, HashMap<FactId, usize>>;

struct ValuePositions<'g> {
    graph: &'g Graph,
    /// The places of the texts of a property in natural order.
    ranks: BTreeMap<PropertyId, HashMap<String, i32>>,
}

impl ValuePositions<'_> {
    /// The columns of a value as predicates and objects; `None` if nothing is known.
    fn known(&mut self, property: PropertyId, value: &Value) -> Option<String> {
        let is_unknown = match value {
            Value::Unknown => true,
            Value::Date(date) => date.is_undated(),
            _ => false,
        };
        (!is_unknown).then(|| self.columns(property, value))
    }

    fn columns(&mut self, property: PropertyId, value: &Value) -> String {
        let mut columns = vec![format!(":words {}", turtle_literal(&value.to_string()))];
        match self.graph.schema().property(property).value {
            ValueType::Date => columns.extend(days(date_of(value))),
            ValueType::Number => {
                columns.extend(value.number().map(|number| format!(":number {:e}", Number::to_f64(number))));
            }
            ValueType::Text => {
                let values = self.graph.values(property);
                let ranks = self.ranks.entry(property).or_insert_with(|| ranks(values));
                columns.push(format!(":rank {}", ranks.get(&value.to_string()).copied().unwrap_or(-1)));
            }
        }
        columns.join(" ; ")
    }

    /// Returns the triple of a fact without doubt, and of the fact as such; writes the node of a stated value.
    fn fact(&mut self, fact: FactId, positions: &mut Positions, out: &mut String) -> (String, String) {
        let graph = self.graph;
        let schema = graph.schema();
        match graph.fact(fact) {
            Fact::Link { subject: s, verb, object } => {
                let (s, o, verb) = (subject(graph, s), subject(graph, object), &schema.verb(verb).name);
                (format!("{s} {} {o} .", iri("certainly", verb)), format!("{s} {} {o} .", iri("verb", verb)))
            }
            Fact::Value { subject: s, property, value } => {
                let name = &schema.property(property).name;
                // Found once for a property: a search for each fact would make the output quadratic.
                let known = positions.entry(property).or_insert_with(|| {
                    let values = graph.values(property);
                    (0..values.len()).map(|position| (values.fact(position), position)).collect()
                });
                let position = known.get(&fact).copied().unwrap_or_default();
                let node = iri("value", &format!("{name} {position}"));
                let columns = self.columns(property, &value);
                _ = writeln!(out, "{node} :valueOf {} ; :position {position} ; {columns} .", iri("property", name));
                let s = subject(graph, s);
                (
                    format!("{s} {} {node} .", iri("certainly/stated", name)),
                    format!("{s} {} {node} .", iri("stated", name)),
                )
            }
        }
    }
}

/// The columns of a date, as in a lake; years only where the date is not open.
fn days(date: Date) -> Vec<String> {
    let pairs = [("", date.bounds()), ("reach_", date.reach()), ("core_", date.core())];
    let days = pairs
        .into_iter()
        .flat_map(|(kind, (first, last))| [format!(":{kind}earliest {first}"), format!(":{kind}latest {last}")]);
    let (first, last) = date.reached_years();
    let year = |name: &str, year: Option<i32>| year.map(|year| format!(":{name} {year}"));
    days.chain(year("first_year", first)).chain(year("last_year", last)).collect()
}

/// Returns the date; for several, their hull.
fn date_of(value: &Value) -> Date {
    match value {
        Value::Date(date) => *date,
        Value::Many(many) => many.iter().map(date_of).reduce(Date::hull).unwrap_or(Date::UNDATED),
        _ => Date::UNDATED,
    }
}

/// Returns the rank of each text of a property in natural order.
fn ranks(values: &Values) -> HashMap<String, i32> {
    let mut texts: Vec<String> = (0..values.len()).map(|i| values.stated.get(i).to_string()).collect();
    texts.sort_by(|a, b| natural(a, b).then_with(|| a.cmp(b)));
    texts.dedup();
    texts.into_iter().zip(0..).collect()
}
