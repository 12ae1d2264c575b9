//! Facts that took part in matches.

use super::walks::Hop as Step;
use crate::answer::{Answer, Cell, DerivedFact, Head, Row, Subgraph, Table, View};
use crate::exec::bindings::Certainty;
use crate::exec::claims::fact_of;
use crate::exec::edges::Edges;
use crate::exec::limits::{Stop, stop};
use crate::exec::output::paths::entity_of;
use crate::exec::search::automaton::Automaton;
use crate::exec::search::product::ProductGraph;
use crate::exec::subpatterns::{Engines, Subpatterns};
use crate::exec::{Context, Execution, Mode, NULL_SLOT};
use crate::graph::{CitedFact, EntityId, Fact, FactId, SourceId, in_part};
use crate::limits::{self, in_budget};
use crate::plan::{DefineId, Link, PathAtom, Support};
use crate::schema::TypeSet;
use crate::value::Value;
use std::cell::RefCell;
use std::collections::BTreeSet;

/// Returns the answer of `graph …`: the facts as rows and as a graph.
pub(crate) fn answer(run: &Execution) -> Result<Answer, Stop> {
    let graph = subgraph(run)?;
    let table = table(run.context, &graph);
    Ok(Answer { view: View::Graph(graph), table, more_possible: 0, notes: run.context.plan.notes.clone() })
}

/// Returns a table of subject, verb and object of each fact.
pub(crate) fn table(context: &Context, graph: &Subgraph) -> Table {
    let head = |title: &str| Head { title: title.to_string(), numeric: false, types: TypeSet::NONE };
    let fact_row = |fact: &FactId| {
        let certain = !graph.is_doubtful(context.graph, *fact);
        Row { cells: fact_cells(context, *fact), certain }
    };
    let mut rows: Vec<Row> = graph.facts.iter().take_while(in_budget).map(fact_row).collect();
    rows.extend(graph.derived.iter().map(|derived| Row {
        cells: vec![
            Cell::Entity(derived.subject),
            Cell::Value(Value::text(&derived.verb)),
            Cell::Entity(derived.object),
        ],
        certain: derived.certain,
    }));
    Table { columns: ["subject", "verb", "object"].map(head).to_vec(), rows: rows.into() }
}

/// Returns subject, verb and object (or value) of a fact.
pub(crate) fn fact_cells(context: &Context, fact: FactId) -> Vec<Cell> {
    let schema = context.graph.schema();
    match context.graph.fact(fact) {
        Fact::Link { subject, verb, object } => {
            vec![Cell::Entity(subject), Cell::Value(Value::text(&schema.verb(verb).name)), Cell::Entity(object)]
        }
        Fact::Value { subject, property, value } => {
            let property = schema.property(property);
            let verb = property.verb.as_deref().unwrap_or(&property.name);
            vec![Cell::Entity(subject), Cell::Value(Value::text(verb)), Cell::Value(value)]
        }
    }
}

/// Returns the facts that the shown bindings rest on; for a path, those of its shortest proofs.
pub(crate) fn subgraph(run: &Execution) -> Result<Subgraph, Stop> {
    collected(run, Walks::Shortest, |collector, frame| {
        let entities = run.context.plan.provenance.iter().flat_map(|provenance| &provenance.entities);
        entities.for_each(|var| collector.entity(frame[var.0 as usize]));
    })
    .map(|(subgraph, _)| subgraph)
}

/// Returns the facts that the shown bindings rest on, each with the claims to cite; calls `also` with each binding.
pub(super) fn collected(
    run: &Execution,
    walks: Walks,
    also: impl Fn(&mut Collector, &[u32]),
) -> Result<(Subgraph, Vec<CitedFact>), Stop> {
    let (context, edges) = (run.context, &run.edges);
    let Some((found, provenance)) = super::proved(run) else { return Ok(Default::default()) };
    let paths = RefCell::new(found.paths.clone());
    let engines = Engines::new(context, edges);
    let mut collector = Collector::new(context, edges, walks, Subpatterns::new(&engines, &paths));
    for (i, (_, sure)) in found.iter().enumerate() {
        limits::spend(8)?;
        let mut frame = found.frame(i);
        let mode = match (sure, &provenance.required) {
            (Certainty::Certain, _) => Mode::CERTAIN,
            (Certainty::Shown, _) => Mode::POSSIBLE,
            // Whether an optional part matches may be open where all else is certain.
            (Certainty::Possible, Some((required, own)))
                if collector.parts.holds(*required, &frame, Mode::CERTAIN)? =>
            {
                own.iter().for_each(|var| frame[var.0 as usize] = NULL_SLOT);
                Mode::CERTAIN
            }
            (Certainty::Possible, _) => continue,
        };
        also(&mut collector, &frame);
        collector.support(&provenance.support, &frame, mode)?;
    }
    let cited = collector.cited();
    Ok((collector.finish(), cited))
}

/// Returns each fact once with the claims to cite: all of one that is needed without a source. Sorted by id.
pub(super) fn merged(mut facts: Vec<CitedFact>) -> Vec<CitedFact> {
    facts.sort_unstable();
    facts.dedup();
    // All sources sort before each.
    let mut all = None;
    facts.retain(|cited| {
        all = if cited.by.is_none() { Some(cited.fact) } else { all };
        cited.by.is_none() || all != Some(cited.fact)
    });
    facts
}

/// Facts that stand for a path.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Walks {
    /// Those of its shortest proofs.
    Shortest,
    /// Those of all walks between its ends.
    All,
}

/// Collector of the facts that bindings rest on.
pub(crate) struct Collector<'a> {
    context: &'a Context<'a>,
    edges: &'a Edges<'a>,
    parts: Subpatterns<'a>,
    walks: Walks,
    entities: BTreeSet<EntityId>,
    facts: BTreeSet<CitedFact>,
    derived: BTreeSet<(EntityId, DefineId, EntityId)>,
}

impl<'a> Collector<'a> {
    fn new(context: &'a Context<'a>, edges: &'a Edges<'a>, walks: Walks, parts: Subpatterns<'a>) -> Collector<'a> {
        let (entities, facts, derived) = Default::default();
        Collector { context, edges, parts, walks, entities, facts, derived }
    }

    /// Returns the facts with the claims to cite: all of a fact that is needed without a source.
    fn cited(&self) -> Vec<CitedFact> {
        merged(self.facts.iter().copied().collect())
    }

    /// Returns the collected facts with their ends.
    fn finish(mut self) -> Subgraph {
        let mut according = self.cited();
        according.retain(|cited| cited.by.is_some());
        let mut facts: Vec<FactId> = self.facts.iter().map(|cited| cited.fact).collect();
        facts.dedup();
        for fact in facts.iter().take_while(in_budget) {
            match self.context.graph.fact(*fact) {
                Fact::Link { subject, object, .. } => self.entities.extend([subject, object]),
                Fact::Value { subject, .. } => self.entities.extend([subject]),
            }
        }
        let derived = self.derived.iter().map(|(subject, define, object)| {
            let pairs = self.edges.adjacency(Link::Define(*define), false, None, Mode::CERTAIN);
            let (verb, certain) =
                (self.context.plan.definitions[define.0 as usize].name.clone(), pairs.contains(*subject, *object));
            DerivedFact { subject: *subject, verb, object: *object, certain }
        });
        let derived = derived.collect();
        Subgraph { entities: self.entities.into_iter().collect(), facts, according, derived }
    }

    fn entity(&mut self, entity: u32) {
        if entity != NULL_SLOT {
            self.entities.insert(EntityId(entity));
        }
    }

    /// Collects the facts that make a condition hold under the frame; none if it does not hold.
    fn support(&mut self, support: &Support, frame: &[u32], mode: Mode) -> Result<(), Stop> {
        match support {
            Support::All(all) => self.all(all, frame, mode),
            Support::Each(of, inner) => {
                let found = self.parts.witnesses(*of, frame, mode, usize::MAX)?;
                found.iter().try_for_each(|frame| self.support(inner, frame, mode))
            }
            Support::Fact(atom) => {
                let ends = (entity_of(atom.subject, frame), entity_of(atom.object, frame));
                self.link((ends.0, atom.link, false, ends.1), atom.source, mode)
            }
            Support::Path(atom) => self.path(atom, frame, mode),
            // Read by the conjunction in which it stands.
            Support::Claim(_) => Ok(()),
            Support::Value(atom) => {
                let position = frame[atom.value.0 as usize];
                let fact = || self.context.graph.values(atom.property).fact(position as usize);
                let cited = (position != NULL_SLOT).then(fact).map(|fact| CitedFact { fact, by: in_part(atom.source) });
                self.facts.extend(cited);
                Ok(())
            }
            Support::Test(scalar) => {
                scalar.properties(&mut |term, property| {
                    let values = self.context.graph.values(property);
                    let span = values.span(EntityId(entity_of(term, frame)));
                    self.facts.extend(span.map(|i| CitedFact::from(values.fact(i))));
                });
                Ok(())
            }
        }
    }

    fn path(&mut self, atom: &PathAtom, frame: &[u32], mode: Mode) -> Result<(), Stop> {
        let (from, to) = (entity_of(atom.subject, frame), entity_of(atom.object, frame));
        if from == NULL_SLOT || to == NULL_SLOT {
            return Ok(());
        }
        let Some(automaton) = Automaton::of(&atom.path, false) else { return Ok(()) };
        let product = ProductGraph::new(self.edges, &automaton, atom.source, mode);
        let mut budget = self.context.budget();
        let hops = match self.walks {
            Walks::Shortest => product.shortest_hops(from, &[to], &mut budget),
            Walks::All => product.hops_between(from, to, &mut budget),
        };
        let mut hops = hops.map_err(stop)?.into_iter();
        hops.try_for_each(|hop| self.link((hop.from, hop.link, hop.inverse, hop.to), atom.source, mode))
    }

    /// Collects the facts of a conjunction; one whose source is named beside it is cited by that source alone.
    fn all(&mut self, all: &[Support], frame: &[u32], mode: Mode) -> Result<(), Stop> {
        let graph = self.context.graph;
        let claimed = all.iter().filter_map(|part| match part {
            Support::Claim(atom) => Some((fact_of(graph, &atom.of, frame)?, SourceId(frame[atom.by.0 as usize]))),
            _ => None,
        });
        let claimed: Vec<(FactId, SourceId)> = claimed.collect();
        let before = if claimed.is_empty() { BTreeSet::new() } else { std::mem::take(&mut self.facts) };
        all.iter().try_for_each(|inner| self.support(inner, frame, mode))?;
        for (fact, by) in claimed {
            self.facts.remove(&CitedFact::from(fact));
            self.facts.insert(CitedFact { fact, by: Some(by) });
        }
        self.facts.extend(before);
        Ok(())
    }

    /// Collects one link: a fact, or a derived fact with the facts that it rests on.
    fn link(
        &mut self,
        (subject, link, inverse, object): Step,
        source: Option<SourceId>,
        mode: Mode,
    ) -> Result<(), Stop> {
        if subject == NULL_SLOT || object == NULL_SLOT {
            return Ok(());
        }
        let (subject, object) = if inverse { (object, subject) } else { (subject, object) };
        match link {
            Link::Verb(verb) => {
                let fact = self.context.graph.relation(verb).fact(EntityId(subject), EntityId(object));
                self.facts.extend(fact.map(|fact| CitedFact { fact, by: in_part(source) }));
                Ok(())
            }
            Link::Define(define) => self.define(define, subject, object, mode),
        }
    }

    fn define(&mut self, id: DefineId, subject: u32, object: u32, mode: Mode) -> Result<(), Stop> {
        // Each derived fact is expanded once, which also ends the recursion.
        if !self.derived.insert((EntityId(subject), id, EntityId(object))) {
            return Ok(());
        }
        self.entity(subject);
        self.entity(object);
        let definition = &self.context.plan.definitions[id.0 as usize];
        self.support(&definition.support, &definition.frame(subject, object), mode)
    }
}

/// Returns a fact as a sentence.
pub(crate) fn sentence(context: &Context, fact: FactId) -> String {
    let graph = context.graph;
    match graph.fact(fact) {
        Fact::Link { subject, verb, object } => {
            format!("{} {} {}", graph.name(subject), graph.schema().verb(verb).name, graph.name(object))
        }
        Fact::Value { subject, property, value } => {
            let property = graph.schema().property(property);
            let verb = property.verb.as_deref().unwrap_or(&property.name);
            format!("{} {verb} {value}", graph.name(subject))
        }
    }
}
