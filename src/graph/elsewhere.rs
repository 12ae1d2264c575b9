//! Graphs whose facts lie elsewhere: a catalogue has the entities and no facts, a census says what the facts are like,
//! and facts that were fetched stand over the catalogue's entities.

use super::builder::{Builder, relation_of, values_of};
use super::citations::Citations;
use super::{Claims, Graph, Relation, ValueColumn, Values};
use crate::schema::{PropertyId, Schema, VerbId};
use crate::value::{Date, ValueType};
use std::ops::Range;

/// What the facts of a graph are like, for whoever has only its catalogue.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Census {
    /// By verb.
    pub verbs: Vec<FactCount>,
    /// By property.
    pub properties: Vec<ValueCount>,
}

/// Number of facts, and of those that are only possible.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct FactCount {
    pub facts: u64,
    pub doubtful: u64,
}

/// Number of stated values, and what some of them are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ValueCount {
    pub stated: u64,
    /// An entity has several values, of which none is settled.
    pub several: bool,
    /// There are whole numbers that no float equals.
    pub wide: bool,
}

impl Census {
    /// Counts the facts of a graph. O(facts).
    pub fn of(graph: &Graph) -> Census {
        let count = |(id, _)| {
            let relation = graph.relation(id);
            let certain = relation.certain.as_ref().map_or(relation.len(), |certain| certain.forward.len());
            FactCount { facts: relation.len() as u64, doubtful: (relation.len() - certain) as u64 }
        };
        let properties = graph.schema.properties().map(|(id, _)| {
            let values = graph.values(id);
            let mut pairs = values.offsets.iter().zip(values.offsets.iter().skip(1));
            let several = values.settled.is_empty() && pairs.any(|(start, end)| end - start > 1);
            let wide = matches!(&values.stated, ValueColumn::Numbers(numbers) if !numbers.wide.is_empty());
            ValueCount { stated: values.len() as u64, several, wide }
        });
        Census { verbs: graph.schema.verbs().map(count).collect(), properties: properties.collect() }
    }

    pub fn verb(&self, id: VerbId) -> FactCount {
        self.verbs.get(id.0 as usize).copied().unwrap_or_default()
    }

    pub fn property(&self, id: PropertyId) -> ValueCount {
        self.properties.get(id.0 as usize).copied().unwrap_or_default()
    }

    /// Returns the number of facts, including values.
    pub fn facts(&self) -> u64 {
        let links = self.verbs.iter().map(|verb| verb.facts);
        links.chain(self.properties.iter().map(|property| property.stated)).sum()
    }
}

impl Graph {
    /// Returns the entities, the schema, the sources and the definitions, without any fact. Shares their columns.
    pub fn catalogue(&self) -> Graph {
        let claims = Claims { sources: self.claims.sources.clone(), ..Claims::default() };
        Graph {
            schema: self.schema.clone(),
            type_starts: self.type_starts.clone(),
            names: self.names.clone(),
            relations: vec![Relation::default(); self.relations.len()],
            values: no_values(&self.schema),
            claims,
            defines: self.defines.clone(),
            damage: self.damage.clone(),
            ..Graph::default()
        }
    }
}

fn no_values(schema: &Schema) -> Vec<Values> {
    let column = |value: ValueType| match value {
        ValueType::Date => ValueColumn::Dates(Vec::new().into()),
        ValueType::Number => ValueColumn::default(),
        ValueType::Text => ValueColumn::Texts(Vec::new().into(), super::Texts::default()),
    };
    schema.properties().map(|(_, property)| Values { stated: column(property.value), ..Values::default() }).collect()
}

impl Builder {
    /// Builds the facts over the entities of a catalogue, whose ids they use. Dates are not narrowed: `settled` gives
    /// those that are known, by property. O(facts + entities).
    pub fn finish_over(self, catalogue: &Graph, settled: Vec<(PropertyId, Vec<(u32, Date)>)>) -> Graph {
        let Builder { claims, mut texts, links, values, stated, .. } = self;
        let rank: Vec<u32> = (0..catalogue.entity_count() as u32).collect();
        let (mut graph, mut facts) = (catalogue.clone(), Citations::default());
        // What has no facts gets no offsets, which would take four bytes for each entity.
        for ((verb, own), links) in catalogue.schema.verbs().zip(links) {
            graph.relations[verb.0 as usize] = match links.is_empty() {
                true => Relation { first_fact: facts.len(), ..Relation::default() },
                false => relation_of(catalogue, own, links, &rank, &claims.trust, &mut facts),
            };
        }
        for ((property, own), (given, rows)) in catalogue.schema.properties().zip(values.iter().zip(stated)) {
            let stated = &mut graph.values[property.0 as usize];
            // Lineage may tell a date that no source states.
            let is_settled = settled.iter().any(|(of, dates)| *of == property && !dates.is_empty());
            match rows.is_empty() && !is_settled {
                true => stated.first_fact = facts.len(),
                false => {
                    *stated = values_of(catalogue, own, (given, rows), &rank, &claims.trust, (&mut texts, &mut facts))
                }
            }
        }
        graph.claims = claims.finish(texts, facts);
        graph.share_texts();
        for (property, dates) in settled {
            settle(&mut graph.values[property.0 as usize], dates);
        }
        graph
    }
}

/// Stores settled dates; entities without one are undated.
fn settle(values: &mut Values, dates: Vec<(u32, Date)>) {
    let Range { start, end } = values.range();
    let mut settled = vec![Date::UNDATED; (end - start) as usize];
    for (entity, date) in dates {
        if let Some(place) = settled.get_mut(entity.wrapping_sub(start) as usize) {
            *place = date;
        }
    }
    values.settled = settled.into();
}
