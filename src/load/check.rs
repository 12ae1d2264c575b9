//! Checks a graph as a whole: cycles, order in time, contradictory values, entities without facts.

use super::file::{Rule, VerbPart};
use super::{Declared, Place, Source, Statement};
use crate::graph::{EntityId, Fact, FactId, Graph, backwards, cycles, disjoint, narrowing};
use crate::schema::VerbId;
use crate::text::{Code, Diagnostic, Diagnostics, Severity};
use crate::value::{Value, plain};
use std::collections::{HashMap, HashSet};

/// A graph with the places from which it was read.
pub(super) struct Finished<'c, 't> {
    pub graph: &'c Graph,
    pub parts: &'c [Source<'t>],
    /// The graph's id for each id of the builder.
    pub ids: &'c [EntityId],
    /// By the builder's id.
    pub declared: Vec<Declared>,
    /// With ids of the builder.
    pub stated: Vec<(Statement, Place)>,
}

/// Returns all problems of a graph that was not read from files.
pub(super) fn check_alone(graph: &Graph) -> Diagnostics {
    let mut problems = Diagnostics::default();
    check(&Finished { graph, parts: &[], ids: &[], declared: Vec::new(), stated: Vec::new() }, &mut problems);
    problems
}

/// Adds all problems of the graph to `problems`.
pub(super) fn check(finished: &Finished<'_, '_>, problems: &mut Diagnostics) {
    let graph = finished.graph;
    let mut places = None;
    // The schema does not record `warn`; only the parts do.
    let lenient = |of: fn(&VerbPart<'_>) -> Rule| -> HashSet<String> {
        let verbs = finished.parts.iter().flat_map(|source| &source.part.schema.verbs.0);
        verbs.filter(|(_, verb)| of(verb) == Rule::Warn).map(|(word, _)| plain(&word.text).to_string()).collect()
    };
    let severity = |lenient: &HashSet<String>, name: &str| match lenient.contains(name) {
        true => Severity::Warning,
        false => Severity::Error,
    };
    let (acyclic, chronological) = (lenient(|verb| verb.acyclic), lenient(|verb| verb.chronological));
    for (id, verb) in graph.schema().verbs() {
        if verb.acyclic {
            let found = cycles(graph, id);
            let severity = severity(&acyclic, &verb.name);
            let told = found.iter().map(|cycle| cyclic(finished, &mut places, id, cycle));
            problems.0.extend(told.map(|problem| tolerant(problem, severity)));
        }
        let severity = severity(&chronological, &verb.name);
        let told = backwards(graph, id);
        let told = told.iter().map(|fact| backward(finished, &mut places, *fact));
        problems.0.extend(told.map(|problem| tolerant(problem, severity)));
    }
    for (id, _) in graph.schema().properties() {
        let found = disjoint(graph, id);
        problems.0.extend(found.iter().map(|(entity, facts)| differing(finished, &mut places, *entity, facts)));
    }
    problems.0.extend(unused(finished));
}

/// Turns a problem into a warning if the schema says `warn`.
fn tolerant(mut problem: Diagnostic, severity: Severity) -> Diagnostic {
    if severity == Severity::Warning {
        problem.severity = severity;
        // The help tells how to mend it or to keep it, and to keep it has been chosen.
        problem.help.clear();
        return problem.help("it is kept; `conflicts` lists it with its sources");
    }
    problem
}

/// The first place of each fact. Built on first use, since most graphs have no problems.
type Places = Option<HashMap<FactId, Place>>;

/// Labels a problem with the place of a fact. Facts of tables have no place.
fn at_fact(
    problem: Diagnostic,
    finished: &Finished<'_, '_>,
    places: &mut Places,
    fact: FactId,
    message: &str,
) -> Diagnostic {
    let places = places.get_or_insert_with(|| all_places(finished));
    match places.get(&fact) {
        Some(place) => problem.label_in(finished.parts[place.part].text, place.span, message),
        None => problem,
    }
}

fn all_places(finished: &Finished<'_, '_>) -> HashMap<FactId, Place> {
    let mut places = HashMap::new();
    for (statement, place) in &finished.stated {
        if let Some(fact) = fact_of(finished, statement) {
            places.entry(fact).or_insert(*place);
        }
    }
    places
}

fn fact_of(finished: &Finished<'_, '_>, statement: &Statement) -> Option<FactId> {
    let id = |id: &EntityId| finished.ids[id.0 as usize];
    match statement {
        Statement::Link { subject, verb, object } => finished.graph.relation(*verb).fact(id(subject), id(object)),
        Statement::Value { subject, property, value } => {
            let values = finished.graph.values(*property);
            let found = values.span(id(subject)).find(|i| values.stated.get(*i) == *value);
            found.map(|i| values.fact(i))
        }
    }
}

fn cyclic(finished: &Finished<'_, '_>, places: &mut Places, verb: VerbId, cycle: &[EntityId]) -> Diagnostic {
    let (graph, word) = (finished.graph, &finished.graph.schema().verb(verb).name);
    let next = cycle.iter().cycle().skip(1);
    let links: Vec<(EntityId, EntityId)> = cycle.iter().copied().zip(next.copied()).collect();
    let steps = links.iter().map(|(a, b)| format!("{} {word} {}", graph.name(*a), graph.name(*b)));
    let steps: Vec<String> = steps.collect();
    let message = format!("`{word}` goes in a circle: {}", steps.join(", "));
    let mut problem = Diagnostic::new(Severity::Error, Code::CyclicVerb, message);
    for (subject, object) in links {
        if let Some(fact) = graph.relation(verb).fact(subject, object) {
            problem = at_fact(problem, finished, places, fact, "");
        }
    }
    problem.help("one of these facts must go, or the verb is not `acyclic`; `acyclic: warn` keeps them")
}

fn backward(finished: &Finished<'_, '_>, places: &mut Places, fact: FactId) -> Diagnostic {
    let graph = finished.graph;
    let Fact::Link { subject, verb, object } = graph.fact(fact) else {
        return Diagnostic::new(Severity::Error, Code::Backwards, "a value runs backwards");
    };
    let word = &graph.schema().verb(verb).name;
    let (first, second) = (graph.name(subject), graph.name(object));
    let dates = (graph.date_of(subject), graph.date_of(object));
    let message = format!("`{first}` {word} `{second}`, but is dated before it: {} and {}", dates.0, dates.1);
    let mut problem = at_fact(Diagnostic::new(Severity::Error, Code::Backwards, message), finished, places, fact, "");
    for entity in [subject, object] {
        let (own, lent) = dating_facts(graph, entity);
        for (facts, message) in [(own, "its date"), (lent, "which bounds its date")] {
            for other in facts.into_iter().filter(|other| *other != fact) {
                problem = at_fact(problem, finished, places, other, message);
            }
        }
    }
    problem
        .help("mend one of the dates or the fact, or the verb is not `chronological`; `chronological: warn` keeps them")
}

/// Returns the facts that date an entity: its own, and those along which lineage narrowed its date.
fn dating_facts(graph: &Graph, entity: EntityId) -> (Vec<FactId>, Vec<FactId>) {
    let Some(property) = graph.dating(graph.type_of(entity)) else { return (Vec::new(), Vec::new()) };
    let values = graph.values(property);
    let own = values.span(entity).map(|i| values.fact(i)).filter(|fact| !graph.is_doubtful(*fact));
    let lent = narrowing(graph, entity, property).map_or(Vec::new(), |narrowing| narrowing.steps);
    (own.collect(), lent)
}

fn differing(finished: &Finished<'_, '_>, places: &mut Places, entity: EntityId, facts: &[FactId]) -> Diagnostic {
    let graph = finished.graph;
    let value = |fact: &FactId| match graph.fact(*fact) {
        Fact::Value { value: Value::Text(text), property, .. } => (format!("\"{text}\""), Some(property)),
        Fact::Value { value, property, .. } => (value.to_string(), Some(property)),
        Fact::Link { .. } => (String::new(), None),
    };
    let (words, properties): (Vec<String>, Vec<_>) = facts.iter().map(value).unzip();
    let property = properties.first().copied().flatten().map_or("", |id| &graph.schema().property(id).name);
    let message = format!("`{}` has one {property}, but sources differ: {}", graph.name(entity), words.join(" and "));
    let mut problem = Diagnostic::new(Severity::Warning, Code::Contradiction, message);
    for fact in facts {
        problem = at_fact(problem, finished, places, *fact, "");
    }
    problem.help("both are kept; `conflicts` lists them with their sources")
}

/// Returns warnings for entities of the parts that no claim refers to.
fn unused(finished: &Finished<'_, '_>) -> Vec<Diagnostic> {
    let used = used(finished.graph);
    let declared = finished.declared.iter().zip(finished.ids);
    let unused = declared.filter(|(_, id)| !used[id.0 as usize]).filter_map(|(declared, id)| match declared {
        // An exported part lists all entities of a graph on purpose.
        Declared::At(place) if finished.parts[place.part].part.exported => None,
        Declared::At(place) => Some((*place, *id)),
        Declared::Row(..) => None,
    });
    let warn = |(place, id): (Place, EntityId)| {
        let message = format!("no fact speaks of `{}`", finished.graph.name(id));
        Diagnostic::new(Severity::Warning, Code::UnusedEntity, message)
            .label_in(finished.parts[place.part].text, place.span, "")
            .help("state a fact of it, or leave it out; perhaps the facts spell it another way")
    };
    unused.map(warn).collect()
}

/// Returns, for each entity, whether it occurs in a claimed fact.
pub(super) fn used(graph: &Graph) -> Vec<bool> {
    let mut used = vec![false; graph.entity_count()];
    for (id, _) in graph.schema().verbs() {
        let relation = graph.relation(id);
        for links in [&relation.forward, &relation.reverse] {
            links.iter().filter(|(_, row)| !row.is_empty()).for_each(|(entity, _)| used[entity.0 as usize] = true);
        }
    }
    for (id, _) in graph.schema().properties() {
        let values = graph.values(id);
        for entity in graph.entities() {
            let claimed = values.span(entity).any(|i| !graph.claims().numbers(values.fact(i)).is_empty());
            used[entity.0 as usize] |= claimed;
        }
    }
    used
}
