//! The part of a lake that a plan reads.

use crate::functions::FunctionId;
use crate::graph::{EntityId, Graph};
use crate::plan::WhichPaths;
use crate::plan::{
    AccessPath, Aggregate, Claimed, Condition, Link, Operator, Path, Pattern, Plan, Projection, Scalar, Step, View,
};
use crate::schema::{PropertyId, Schema, VerbId};
use std::collections::BTreeSet;

/// Facts and values to fetch. More than a plan reads does no harm.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LakePart {
    pub verbs: BTreeSet<VerbId>,
    pub properties: BTreeSet<PropertyId>,
    /// The claims of the facts, too.
    pub claims: bool,
    /// Entities that the plan names and reads values of.
    pub entities: BTreeSet<EntityId>,
    /// Only what can be reached so.
    pub around: Option<Around>,
}

/// Facts near entities.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Around {
    /// All facts of these entities.
    Touching(Vec<EntityId>),
    /// Values of these entities.
    Among(BTreeSet<u32>),
    /// Facts on the way from an entity to whatever it reaches: along the links, each `true` against its direction.
    Reached { from: EntityId, ways: Vec<Vec<(VerbId, bool)>> },
}

impl LakePart {
    /// Returns all facts of a schema.
    pub fn whole(schema: &Schema) -> LakePart {
        LakePart {
            verbs: schema.verbs().map(|(id, _)| id).collect(),
            properties: schema.properties().map(|(id, _)| id).collect(),
            claims: true,
            ..LakePart::default()
        }
    }

    /// Returns what a plan reads of a graph.
    pub fn of(plan: &Plan, graph: &Graph) -> LakePart {
        let schema = graph.schema();
        if plan.as_of.is_some() {
            return LakePart::whole(schema);
        }
        let mut part = PartReader { graph, part: LakePart::default() };
        part.plan(plan);
        match &plan.view {
            View::Rows | View::Verdict => {}
            View::Proofs => part.proofs(),
            // Some forms of a graph tell all that is known of each entity.
            View::Facts => {
                part.proofs();
                part.part.properties.extend(schema.properties().map(|(id, _)| id));
            }
            View::Lineage(view) => {
                part.path(&view.via);
                part.dates();
                let ways = part.ways(&view.via);
                part.part.around = ways
                    .filter(|_| view.among.is_none() && plan.operators.is_empty())
                    .map(|ways| Around::Reached { from: view.of, ways });
            }
            View::Describe(entity) => {
                part.part = LakePart { around: Some(Around::Touching(vec![*entity])), ..LakePart::whole(schema) };
            }
            View::Diff { left, right, over: None } => {
                part.part = LakePart { around: Some(Around::Touching(vec![*left, *right])), ..LakePart::whole(schema) };
            }
            _ => return LakePart::whole(schema),
        }
        part.part
    }

    /// Returns what is needed for the facts and the proofs of a plan's rows.
    pub fn of_proofs(plan: &Plan, graph: &Graph) -> LakePart {
        let mut part = PartReader { graph, part: LakePart { around: None, ..LakePart::of(plan, graph) } };
        part.proofs();
        part.part
    }

    /// Returns the properties that operators behind the first read, which has found the bindings.
    pub fn behind(plan: &Plan, graph: &Graph) -> LakePart {
        let mut part = PartReader { graph, part: LakePart::default() };
        plan.operators.iter().skip(1).for_each(|node| part.operator(&node.operator));
        part.part
    }
}

struct PartReader<'g> {
    graph: &'g Graph,
    part: LakePart,
}

impl PartReader<'_> {
    fn plan(&mut self, plan: &Plan) {
        let mut own = plan.clone();
        own.patterns_mut().for_each(|pattern| self.pattern(pattern));
        plan.definitions.iter().filter_map(|definition| definition.closure()).for_each(|path| self.path(path));
        plan.operators.iter().for_each(|node| self.operator(&node.operator));
    }

    fn pattern(&mut self, pattern: &Pattern) {
        pattern.links(&mut |link, source| {
            self.link(link);
            self.part.claims |= source.is_some();
        });
        pattern.each_step(&mut |step| match step {
            Step::ScanValues { property, .. } => self.property(*property),
            Step::Expand { access, .. } => {
                access.iter().for_each(|access| access.each(&mut |access| self.access(access)))
            }
            _ => {}
        });
        pattern.conditions(&mut |condition| match condition {
            Condition::Test(scalar) | Condition::Exact(scalar) => self.scalar(scalar),
            Condition::Value(atom) => {
                self.property(atom.property);
                self.part.claims |= atom.source.is_some();
            }
            Condition::Compare(compare) => self.property(compare.property),
            Condition::Claim(atom) => self.claimed(&atom.of),
            _ => {}
        });
    }

    fn access(&mut self, access: &AccessPath) {
        match access {
            AccessPath::Values(atom) => self.property(atom.property),
            AccessPath::Claims(claimed) => self.claimed(claimed),
            _ => {}
        }
    }

    fn operator(&mut self, operator: &Operator) {
        match operator {
            Operator::Nearest { path, .. } => self.path(path),
            Operator::Paths(paths) => {
                self.path(&paths.path);
                if let WhichPaths::Cheapest { property, .. } = paths.which {
                    self.property(property);
                }
                self.part.claims |= paths.source.is_some();
            }
            Operator::Project(projection) => self.projection(projection),
            Operator::LateRows(late) => self.projection(&late.projection),
            Operator::ProjectIds { columns } => columns.iter().for_each(|column| self.scalar(&column.scalar)),
            Operator::Aggregate(aggregate) => self.aggregate(aggregate),
            Operator::Having(scalar) => self.scalar(scalar),
            Operator::Sort { keys } => keys.iter().for_each(|key| self.scalar(&key.scalar)),
            Operator::MatchesOfRows { columns, .. } => columns.iter().for_each(|column| self.scalar(&column.scalar)),
            // Made by rules, which no plan for a lake has gone through.
            Operator::CountGroups(_) | Operator::CountDistinct(_) | Operator::CountMatches(_) => {}
            Operator::Match(_) | Operator::RunningSum { .. } | Operator::Distinct => {}
            Operator::Limit(_) | Operator::Count | Operator::Ask => {}
        }
    }

    fn projection(&mut self, projection: &Projection) {
        projection.columns.iter().for_each(|column| self.scalar(&column.scalar));
        projection.keys.iter().for_each(|key| self.scalar(&key.scalar));
    }

    fn aggregate(&mut self, aggregate: &Aggregate) {
        aggregate.keys.iter().for_each(|key| self.scalar(key));
        for fold in &aggregate.folds {
            self.scalar(&fold.argument);
            // The first of entities is the one with the first date.
            if matches!(fold.function, FunctionId::First | FunctionId::Last) {
                self.dates();
            }
        }
    }

    fn scalar(&mut self, scalar: &Scalar) {
        scalar.each(&mut |part| match part {
            Scalar::Property(_, property) | Scalar::Stated(_, property) => self.property(*property),
            Scalar::PropertyOf(entity, property) => {
                self.part.entities.insert(*entity);
                self.property(*property);
            }
            Scalar::OfClaims(_, claimed, _) => self.claimed(claimed),
            _ => {}
        });
    }

    fn claimed(&mut self, claimed: &Claimed) {
        self.part.claims = true;
        match claimed {
            Claimed::Link { verb, .. } => _ = self.part.verbs.insert(*verb),
            Claimed::Value { property, .. } => self.property(*property),
        }
    }

    fn property(&mut self, property: PropertyId) {
        self.part.properties.insert(self.graph.in_part(property));
    }

    fn link(&mut self, link: Link) {
        if let Link::Verb(verb) = link {
            self.part.verbs.insert(verb);
        }
    }

    fn path(&mut self, path: &Path) {
        path.links(&mut |link| self.link(link));
    }

    /// Adds what dates entities.
    fn dates(&mut self) {
        let types = self.graph.schema().types();
        self.part.properties.extend(types.filter_map(|(id, _)| self.graph.dating(id)));
    }

    /// Adds what proofs read: claims, and what narrows a date.
    fn proofs(&mut self) {
        self.part.claims = true;
        self.dates();
        let verbs = self.graph.schema().verbs();
        self.part.verbs.extend(verbs.filter(|(_, verb)| verb.chronological).map(|(id, _)| id));
    }

    /// Returns both ways along a path that repeats verbs, forwards and back; `None` for other paths.
    fn ways(&self, path: &Path) -> Option<Vec<Vec<(VerbId, bool)>>> {
        let mut links = Vec::new();
        single_links(path, &mut links).then(|| {
            let back = links.iter().map(|(verb, inverse)| (*verb, !inverse)).collect();
            vec![links.clone(), back]
        })
    }
}

/// Collects the verbs of which a path repeats any; returns false for other paths.
fn single_links(path: &Path, links: &mut Vec<(VerbId, bool)>) -> bool {
    match path {
        Path::Link { link: Link::Verb(verb), inverse } => {
            links.push((*verb, *inverse));
            true
        }
        Path::Either(all) => all.iter().all(|path| single_links(path, links)),
        Path::Repeat { path, .. } => single_links(path, links),
        Path::Link { .. } | Path::Sequence(_) => false,
    }
}
