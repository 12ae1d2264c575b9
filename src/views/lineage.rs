//! `lineage of X`: ancestors and descendants, by generation.
//!
//! A step from child to parent follows the path of `via` once. The search is breadth-first, over certain facts first,
//! then over all. If the path is a choice of verbs, each of its facts joins a child and a parent; for a longer path,
//! the facts of its shortest matches do, and the entities on them are members, too.

use super::{entity_head, head, list, number_head, part, row, text, types_of, view};
use crate::answer::{Answer, Cell, DerivedFact, Kinship, Lineage, Member, Row, Subgraph, Table, View};
use crate::exec::bindings::{Bindings, Certainty, too_long};
use crate::exec::edges::Edges;
use crate::exec::limits::{Budget, Stop, stop};
use crate::exec::search::automaton::Automaton;
use crate::exec::search::product::{Hop, ProductGraph};
use crate::exec::{Context, Execution, Mode};
use crate::graph::{EntityId, FactId, Graph};
use crate::limits::in_budget;
use crate::plan::{self, LineageView, Link, Path, VarId, Words};
use crate::value::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Returns the view, and one row per member except the root, with the relatives nearer to the root to which it is
/// joined.
pub(super) fn answer(run: &Execution, asked: &LineageView) -> Result<Answer, Stop> {
    let family = Family::asked(run, asked)?;
    let table = table(run.context, &family);
    Ok(view(run, View::Lineage(family.lineage), table))
}

pub(super) fn subgraph(run: &Execution, asked: &LineageView) -> Result<Subgraph, Stop> {
    let context = run.context;
    let lineage = Family::asked(run, asked)?.lineage;
    let facts = lineage.links.iter().filter_map(|link| link.fact);
    let members = lineage.members.iter().map(|member| member.entity);
    let derived = lineage.links.iter().filter(|link| link.fact.is_none()).map(|link| {
        let (subject, object) = link.ends();
        DerivedFact { subject, verb: link.verb.clone(), object, certain: true }
    });
    Ok(Subgraph { derived: derived.collect(), ..part(context.graph, facts, members) })
}

/// A link from a child to a parent, whose subject is the parent if `inverse`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Tie {
    child: EntityId,
    link: Link,
    parent: EntityId,
    inverse: bool,
    /// `None` for a defined verb.
    fact: Option<FactId>,
}

struct Family {
    lineage: Lineage,
    /// Ties among ancestors and root; ties among descendants and root.
    ties: [BTreeSet<Tie>; 2],
}

/// Distance from the root, and whether it is certain.
type Generations = BTreeMap<EntityId, (i32, bool)>;

impl Family {
    /// Returns the requested relatives, and those between them and the root.
    fn asked(run: &Execution, asked: &LineageView) -> Result<Family, Stop> {
        let mut family = Family::of(run.context, &run.edges, asked)?;
        let is_all = asked.generations.least <= 1 && asked.among.is_none() && asked.limit.limit.is_none();
        if !is_all {
            family.choose(asked, run.bindings());
        }
        Ok(family)
    }

    fn of(context: &Context, edges: &Edges, asked: &LineageView) -> Result<Family, Stop> {
        let (kind, root) = (asked.kind, asked.of);
        let (ancestors, descendants) = (kind != plan::Lineage::Descendants, kind != plan::Lineage::Ancestors);
        let most = asked.generations.most.map_or(i32::MAX, |most| i32::try_from(most).unwrap_or(i32::MAX));
        let mut walker = Walker { edges, step: Step::of(&asked.via)?, most, budget: context.budget() };
        let (mut members, mut ties) = (vec![member(context.graph, root, 0, true)], [BTreeSet::new(), BTreeSet::new()]);
        for (wanted, down) in [(ancestors, false), (descendants, true)] {
            if wanted {
                let side = walker.side(root, down, &mut ties[usize::from(down)])?;
                let sign = if down { 1 } else { -1 };
                members.extend(side.iter().map(|(e, (n, certain))| member(context.graph, *e, sign * n, *certain)));
            }
        }
        members.sort_by_key(|member| (member.generation.abs(), member.date.sort_key(), member.entity));
        let all: BTreeSet<&Tie> = ties.iter().flatten().collect();
        let links = all.into_iter().map(|tie| tie.kinship(context)).collect();
        Ok(Family { lineage: Lineage { root, ancestors, descendants, members, links, left_out: 0 }, ties })
    }
}

impl Family {
    /// Marks the requested members, and drops those that are not on a way to one of them.
    fn choose(&mut self, asked: &LineageView, found: Option<&Bindings>) {
        let graded = asked.among.map(|var| grades(found, var));
        let is_far = |member: &Member| member.generation.unsigned_abs() >= asked.generations.least;
        // Members are sorted by generation, so the nearest are within the limit.
        let mut left = asked.limit.limit.unwrap_or(usize::MAX);
        for member in self.lineage.members.iter_mut().filter(|member| member.generation != 0) {
            let grade = graded.as_ref().map_or(Some(true), |graded| graded.get(&member.entity).copied());
            member.asked = is_far(member) && grade.is_some() && left > 0;
            member.certain &= grade.unwrap_or(true);
            left -= usize::from(member.asked);
        }
        let kept = [self.on_the_way(-1), self.on_the_way(1)];
        let root = self.lineage.root;
        let before = self.relatives();
        let is_kept = |entity: EntityId, side: usize| entity == root || kept[side].contains(&entity);
        self.lineage.members.retain(|member| match member.generation {
            0 => true,
            generation => kept[usize::from(generation > 0)].contains(&member.entity),
        });
        for (side, ties) in self.ties.iter_mut().enumerate() {
            ties.retain(|tie| is_kept(tie.child, side) && is_kept(tie.parent, side));
        }
        self.lineage.left_out = before - self.relatives();
        let ends: BTreeSet<(EntityId, EntityId)> =
            self.ties.iter().flatten().map(|tie| (tie.child, tie.parent)).collect();
        self.lineage.links.retain(|link| ends.contains(&(link.child, link.parent)));
    }

    /// Returns the number of members, the root included, each counted once.
    fn relatives(&self) -> usize {
        self.lineage.members.iter().map(|member| member.entity).collect::<BTreeSet<EntityId>>().len()
    }

    /// Returns the requested members of one side, and all members between them and the root.
    fn on_the_way(&self, sign: i32) -> BTreeSet<EntityId> {
        let ties = &self.ties[usize::from(sign > 0)];
        let mut nearer: BTreeMap<EntityId, Vec<EntityId>> = BTreeMap::new();
        for tie in ties {
            let (far, near) = if sign > 0 { (tie.child, tie.parent) } else { (tie.parent, tie.child) };
            nearer.entry(far).or_default().push(near);
        }
        let members = self.lineage.members.iter();
        let asked = members.filter(|member| member.asked && member.generation.signum() == sign);
        let mut waiting: Vec<EntityId> = asked.map(|member| member.entity).collect();
        let mut kept: BTreeSet<EntityId> = waiting.iter().copied().collect();
        while let Some(next) = waiting.pop().filter(in_budget) {
            let before = nearer.get(&next).into_iter().flatten().copied().filter(|near| *near != self.lineage.root);
            waiting.extend(before.filter(|near| kept.insert(*near)));
        }
        kept
    }
}

/// Returns the entities that a variable is bound to, and whether for certain.
fn grades(found: Option<&Bindings>, var: VarId) -> BTreeMap<EntityId, bool> {
    let mut grades = BTreeMap::new();
    let place = found.and_then(|found| found.places(&[var]).first().copied().flatten());
    if let (Some(found), Some(place)) = (found, place) {
        for (tuple, sure) in found.iter().take_while(in_budget) {
            *grades.entry(EntityId(tuple[place])).or_insert(false) |= sure == Certainty::Certain;
        }
    }
    grades
}

impl Tie {
    fn kinship(&self, context: &Context) -> Kinship {
        let verb = match self.link {
            Link::Verb(verb) => &context.graph.schema().verb(verb).name,
            Link::Define(define) => &context.plan.definitions[define.0 as usize].name,
        };
        let Tie { child, parent, inverse, fact, .. } = *self;
        Kinship { child, verb: verb.clone(), parent, inverse, fact }
    }
}

fn member(graph: &Graph, entity: EntityId, generation: i32, certain: bool) -> Member {
    Member { entity, asked: true, generation, date: graph.date_of(entity), certain }
}

/// One generation.
pub(super) enum Step {
    /// Any of these links.
    Edges(Vec<(Link, bool)>),
    /// Automata of a path from child to parent, and back.
    Path(Box<[Automaton; 2]>),
}

impl Step {
    pub fn of(via: &Path) -> Result<Step, Stop> {
        let mut links = Vec::new();
        if plain(via, &mut links) {
            links.sort();
            links.dedup();
            return Ok(Step::Edges(links));
        }
        let automata = Automaton::of(via, false).zip(Automaton::of(via, true));
        automata.map(|(up, down)| Step::Path(Box::new([up, down]))).ok_or_else(too_long)
    }
}

/// Collects the links of a path that is a choice of single links; returns false for other paths. The repetition in
/// `succeeds+` adds nothing, since generations are repeated anyway.
fn plain(path: &Path, links: &mut Vec<(Link, bool)>) -> bool {
    match path {
        Path::Link { link, inverse } => {
            links.push((*link, *inverse));
            true
        }
        Path::Either(paths) => paths.iter().all(|path| plain(path, links)),
        Path::Repeat { path, min: 0 | 1, max: None, .. } => plain(path, links),
        _ => false,
    }
}

pub(super) struct Walker<'a> {
    pub edges: &'a Edges<'a>,
    pub step: Step,
    /// Maximum number of generations.
    pub most: i32,
    pub budget: Budget,
}

impl Walker<'_> {
    /// Returns the members on one side of the root; adds the ties between them and to the root.
    fn side(&mut self, root: EntityId, down: bool, ties: &mut BTreeSet<Tie>) -> Result<Generations, Stop> {
        let mut members = Generations::new();
        for (mode, certain) in [(Mode::CERTAIN, true), (Mode::POSSIBLE, false)] {
            for (entity, generation) in self.generations(root, down, mode)? {
                // The certain search comes first, so its distance is kept.
                members.entry(entity).or_insert((generation, certain));
            }
        }
        // A second pass over the family, since ties join members of any two generations.
        let family: BTreeSet<EntityId> = members.keys().copied().chain([root]).collect();
        for child in &family {
            let mut parents: Vec<u32> = self.next(*child, false, Mode::POSSIBLE)?;
            parents.retain(|parent| family.contains(&EntityId(*parent)));
            let known = members.get(child).copied().filter(|_| *child != root);
            let (own, certain) = known.unwrap_or((0, true));
            // Entities on a path from child to parent get the generation after the child's above the root, and the child's
            // below it.
            let generation = if down { own.max(1) } else { own + 1 };
            for tie in self.ties(*child, &parents)? {
                let is_inside = |end: &EntityId| !family.contains(end);
                for inside in [tie.child, tie.parent].into_iter().filter(is_inside) {
                    let known = members.entry(inside).or_insert((generation, false));
                    *known = (known.0.min(generation), known.1 || (certain && self.is_certain(tie)));
                }
                ties.insert(tie);
            }
        }
        Ok(members)
    }

    fn is_certain(&self, tie: Tie) -> bool {
        tie.fact.is_none_or(|fact| !self.edges.graph.is_doubtful(fact))
    }

    /// Returns the distance of each entity reached in one mode, including the root if a cycle leads back to it.
    fn generations(&mut self, root: EntityId, down: bool, mode: Mode) -> Result<Vec<(EntityId, i32)>, Stop> {
        let mut met = BTreeSet::new();
        let (mut found, mut level, mut generation) = (Vec::new(), vec![root], 0);
        while !level.is_empty() && generation < self.most {
            generation += 1;
            let mut next = Vec::new();
            for entity in level {
                let others = self.next(entity, down, mode)?;
                next.extend(others.into_iter().map(EntityId).filter(|other| met.insert(*other)));
            }
            found.extend(next.iter().map(|entity| (*entity, generation)));
            level = next;
            // The root is listed if a cycle leads back to it, but is not expanded again.
            level.retain(|entity| *entity != root);
        }
        Ok(found)
    }

    /// Returns the parents (or, if `down`, the children) of an entity.
    pub fn next(&mut self, entity: EntityId, down: bool, mode: Mode) -> Result<Vec<u32>, Stop> {
        self.budget.tick()?;
        match &self.step {
            Step::Edges(links) => {
                let of = |(link, inverse): &(Link, bool)| {
                    self.edges.adjacency(*link, *inverse != down, None, mode).of(entity).to_vec()
                };
                let mut next: Vec<u32> = links.iter().flat_map(of).collect();
                next.sort_unstable();
                next.dedup();
                Ok(next)
            }
            Step::Path(automata) => {
                let mut next = Vec::new();
                let product = ProductGraph::new(self.edges, &automata[usize::from(down)], None, mode);
                product.reached(&[entity.0], &mut next, &mut self.budget).map_err(stop)?;
                Ok(next)
            }
        }
    }

    /// Returns the facts between a child and these of its parents.
    pub fn facts(&mut self, child: EntityId, parents: &[u32]) -> Result<Vec<FactId>, Stop> {
        Ok(self.ties(child, parents)?.into_iter().filter_map(|tie| tie.fact).collect())
    }

    /// Returns the links between a child and these of its parents.
    fn ties(&mut self, child: EntityId, parents: &[u32]) -> Result<Vec<Tie>, Stop> {
        let hops = match &self.step {
            Step::Edges(steps) => {
                let joins = |link: Link, inverse: bool, parent: u32| {
                    self.edges.adjacency(link, inverse, None, Mode::POSSIBLE).contains(child, EntityId(parent))
                };
                let of = |parent: &u32| {
                    let parent = *parent;
                    let joined = steps.iter().filter(move |(link, inverse)| joins(*link, *inverse, parent));
                    let hop = move |(link, inverse): &(Link, bool)| Hop {
                        from: child.0,
                        link: *link,
                        inverse: *inverse,
                        to: parent,
                    };
                    joined.map(hop).collect::<Vec<_>>()
                };
                parents.iter().flat_map(of).collect()
            }
            Step::Path(automata) => {
                let product = ProductGraph::new(self.edges, &automata[0], None, Mode::POSSIBLE);
                product.shortest_hops(child.0, parents, &mut self.budget).map_err(stop)?
            }
        };
        Ok(hops.into_iter().map(|hop| self.tie(hop)).collect())
    }

    fn tie(&self, Hop { from, link, inverse, to }: Hop) -> Tie {
        let (child, parent) = (EntityId(from), EntityId(to));
        let (subject, object) = if inverse { (parent, child) } else { (child, parent) };
        let fact = match link {
            Link::Verb(verb) => self.edges.graph.relation(verb).fact(subject, object),
            Link::Define(_) => None,
        };
        Tie { child, link, parent, inverse, fact }
    }
}

/// Returns the ancestors, nearest first, then the descendants, nearest first.
fn table(context: &Context, family: &Family) -> Table {
    let members = &family.lineage.members;
    let mut ties: BTreeMap<(EntityId, bool), Vec<&Tie>> = BTreeMap::new();
    let [ancestral, descending] = &family.ties;
    ancestral.iter().for_each(|tie| ties.entry((tie.parent, true)).or_default().push(tie));
    descending.iter().for_each(|tie| ties.entry((tie.child, false)).or_default().push(tie));
    let row_of = |member: &Member| {
        let own = ties.get(&(member.entity, member.generation < 0));
        member_row(context, member, own.map_or(&[], Vec::as_slice))
    };
    let of_side = |sign: i32| members.iter().filter(move |member| member.asked && member.generation.signum() == sign);
    let types = types_of(context.graph, members.iter().map(|member| member.entity));
    let columns = vec![
        entity_head("entity", types),
        number_head("generation"),
        head("date"),
        head("verb"),
        entity_head("relative", types),
    ];
    Table { columns, rows: of_side(-1).chain(of_side(1)).take_while(in_budget).map(row_of).collect() }
}

/// Returns a member as a sentence: `DeepSeek V3 succeeded by DeepSeek R1`. Different verbs are listed per relative.
fn member_row(context: &Context, member: &Member, ties: &[&Tie]) -> Row {
    let is_ancestor = member.generation < 0;
    let words = Words { graph: context.graph, definitions: &context.plan.definitions, vars: &[] };
    let certain = |tie: &&&Tie| tie.fact.is_none_or(|fact| !context.graph.is_doubtful(fact));
    let verb = |tie: &&Tie| text(&words.link(tie.link, tie.inverse != is_ancestor));
    let relative = |tie: &&Tie| Cell::Entity(if is_ancestor { tie.child } else { tie.parent });
    let mut verbs: Vec<(Cell, bool)> = ties.iter().map(|tie| (verb(tie), certain(&tie))).collect();
    if verbs.windows(2).all(|pair| pair[0].0 == pair[1].0) {
        verbs.truncate(1);
        verbs.iter_mut().for_each(|verb| verb.1 = true);
    }
    let cells = vec![
        Cell::Entity(member.entity),
        Cell::Value(Value::Number(member.generation.into())),
        Cell::Value(Value::Date(member.date)),
        list(verbs),
        list(ties.iter().map(|tie| (relative(tie), certain(&tie))).collect()),
    ];
    row(cells, member.certain)
}
