//! `spread of T`: how its users came by it, along their lineage.
//!
//! A user with a parent that has it has *inherited* it. A user whose parents cannot have it has adopted it *anew*. A
//! child of a user that has another recorded adoption, but not this one, has *lost* it. These are the changes of a
//! character along a tree that parsimony counts (Fitch, *Toward defining the course of evolution: minimum change for a
//! specific tree topology*, 1971). Here ancestors are recorded, so that their states are read and not inferred; only
//! those without any recorded adoption are open, like both states in Fitch's sets. Every origin beyond the first is
//! homoplasy: the same character without a common ancestor.

use super::adoption::Adopters;
use super::lineage::{Step, Walker};
use super::{by_date, entity_head, head, part, row, text, types_of, view};
use crate::answer::{Answer, Cell, Row, Spread, SpreadHow, SpreadMember, Subgraph, Table, View};
use crate::exec::{Context, Execution, Mode};
use crate::graph::{EntityId, Graph};
use crate::limits::{Stop, in_budget};
use crate::plan::{Link, Path};
use crate::schema::VerbId;
use crate::value::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Returns the view, and one row per entity that has it or has lost it, by date.
pub(super) fn answer(run: &Execution, of: EntityId, verbs: &[VerbId], via: &Path) -> Result<Answer, Stop> {
    let spread = SpreadFamily::of(run, of, verbs, via)?.spread()?;
    let table = table(run.context, &spread);
    Ok(view(run, View::Spread(spread), table))
}

/// Returns the entities that have it or have lost it, with the facts that join them.
pub(super) fn subgraph(run: &Execution, of: EntityId, verbs: &[VerbId], via: &Path) -> Result<Subgraph, Stop> {
    let mut family = SpreadFamily::of(run, of, verbs, via)?;
    let spread = family.spread()?;
    let members: BTreeSet<EntityId> = spread.members.iter().map(|member| member.entity).collect();
    let graph = run.context.graph;
    let mut facts = Vec::new();
    for member in spread.members.iter().take_while(in_budget) {
        let parents: Vec<u32> = member.from.iter().map(|parent| parent.0).collect();
        facts.extend(family.walker.facts(member.entity, &parents)?);
    }
    Ok(part(graph, facts, members))
}

/// State of an entity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Has,
    /// Has it by a doubtful fact.
    MayHave,
    /// Has no recorded adoption that could have been this one.
    Open,
    Lacks,
}

struct SpreadFamily<'a> {
    graph: &'a Graph,
    adopted: EntityId,
    verbs: &'a [VerbId],
    edges: &'a crate::exec::edges::Edges<'a>,
    walker: Walker<'a>,
    users: BTreeMap<EntityId, State>,
}

impl<'a> SpreadFamily<'a> {
    fn of(run: &'a Execution, adopted: EntityId, verbs: &'a [VerbId], via: &Path) -> Result<SpreadFamily<'a>, Stop> {
        let (graph, edges) = (run.context.graph, &run.edges);
        let adopters = Adopters::of(graph, edges, verbs, adopted);
        let sure = adopters.certain.iter().map(|entity| (*entity, State::Has));
        let users = sure.chain(adopters.doubtful.iter().map(|entity| (*entity, State::MayHave))).collect();
        let walker = Walker { edges, step: Step::of(via)?, most: 1, budget: run.context.budget() };
        Ok(SpreadFamily { graph, adopted, verbs, edges, walker, users })
    }

    fn state(&self, entity: EntityId) -> State {
        if let Some(state) = self.users.get(&entity) {
            return *state;
        }
        if self.uses_any(entity, Mode::CERTAIN) { State::Lacks } else { State::Open }
    }

    fn uses_any(&self, entity: EntityId, mode: Mode) -> bool {
        let uses = |verb: &VerbId| !self.edges.adjacency(Link::Verb(*verb), false, None, mode).of(entity).is_empty();
        self.verbs.iter().any(uses)
    }

    fn next(&mut self, entity: EntityId, down: bool, mode: Mode) -> Result<Vec<EntityId>, Stop> {
        let mut next: Vec<EntityId> = self.walker.next(entity, down, mode)?.into_iter().map(EntityId).collect();
        // A fact of an entity with itself makes it no parent.
        next.retain(|other| *other != entity);
        Ok(next)
    }

    fn spread(&mut self) -> Result<Spread, Stop> {
        let users: Vec<EntityId> = self.users.keys().copied().collect();
        let (mut members, mut lost) = (Vec::new(), BTreeMap::new());
        for user in users.iter().take_while(in_budget) {
            members.push(self.user(*user)?);
            for (child, sure) in self.losers(*user)? {
                let known: &mut (Vec<EntityId>, bool) = lost.entry(child).or_default();
                known.0.push(*user);
                known.1 |= sure;
            }
        }
        let origins = self.origins(&members)?;
        let lost = lost.into_iter().map(|(entity, (from, certain))| SpreadMember {
            entity,
            how: SpreadHow::Lost,
            from,
            open: Vec::new(),
            certain,
        });
        members.extend(lost);
        members.sort_by_key(|member| by_date(self.graph, member.entity));
        Ok(Spread { adopted: self.adopted, origins, members })
    }

    /// Returns how a user came by it: from the parents that have it or may have it.
    fn user(&mut self, user: EntityId) -> Result<SpreadMember, Stop> {
        let sure: BTreeSet<EntityId> = self.next(user, false, Mode::CERTAIN)?.into_iter().collect();
        let (mut from, mut open, mut inherits) = (Vec::new(), Vec::new(), false);
        for parent in self.next(user, false, Mode::POSSIBLE)? {
            match self.state(parent) {
                State::Has => {
                    inherits |= sure.contains(&parent);
                    from.push(parent);
                }
                State::MayHave => from.push(parent),
                State::Open => open.push(parent),
                State::Lacks => {}
            }
        }
        let how = match (inherits, from.is_empty() && open.is_empty()) {
            (true, _) => SpreadHow::Inherited,
            (false, false) => SpreadHow::PerhapsInherited,
            (false, true) => SpreadHow::Anew,
        };
        // Whether the open parents have it makes no difference then.
        if inherits {
            open.clear();
        }
        Ok(SpreadMember { entity: user, how, from, open, certain: self.state(user) == State::Has })
    }

    /// Returns the children of a user that have, or may have, another adoption instead; and whether it is certain that
    /// the user has it and the child does not.
    fn losers(&mut self, user: EntityId) -> Result<Vec<(EntityId, bool)>, Stop> {
        let sure: BTreeSet<EntityId> = self.next(user, true, Mode::CERTAIN)?.into_iter().collect();
        let has = self.state(user) == State::Has;
        let children = self.next(user, true, Mode::POSSIBLE)?.into_iter();
        let certain = |child: EntityId| match self.state(child) {
            State::Lacks => Some((child, has && sure.contains(&child))),
            State::Open if self.uses_any(child, Mode::POSSIBLE) => Some((child, false)),
            _ => None,
        };
        Ok(children.filter_map(certain).collect())
    }

    /// Returns the least and the greatest number of times that it was adopted anew.
    ///
    /// The greatest number counts the users without a parent that certainly has it. The least number counts each user
    /// whose parents cannot have it, and each group of users connected by open relatives to which nobody outside may
    /// have passed it on.
    fn origins(&mut self, members: &[SpreadMember]) -> Result<(usize, usize), Stop> {
        let users = || members.iter().filter(|member| member.how != SpreadHow::Lost);
        let most = users().filter(|member| member.how != SpreadHow::Inherited).count();
        let anew = users().filter(|member| member.certain && member.how == SpreadHow::Anew).count();
        let from_open = |member: &&SpreadMember| {
            let has = |parent: &EntityId| self.users.get(parent) == Some(&State::Has);
            member.certain && member.how == SpreadHow::PerhapsInherited && !member.from.iter().any(has)
        };
        let open: BTreeSet<EntityId> = users().filter(from_open).map(|member| member.entity).collect();
        let mut seen: BTreeSet<EntityId> = BTreeSet::new();
        let mut groups = 0;
        for user in open.iter().take_while(in_budget) {
            if seen.insert(*user) && !self.is_given(*user, &open, &mut seen)? {
                groups += 1;
            }
        }
        let is_known = users().any(|member| member.certain);
        // What somebody certainly has, somebody had first.
        Ok(((anew + groups).max(usize::from(is_known)), most))
    }

    /// Returns true if somebody may have passed it on to the open relatives in the group of a user.
    fn is_given(
        &mut self,
        user: EntityId,
        open: &BTreeSet<EntityId>,
        seen: &mut BTreeSet<EntityId>,
    ) -> Result<bool, Stop> {
        let (mut waiting, mut given) = (vec![user], false);
        while let Some(next) = waiting.pop() {
            let is_user = open.contains(&next);
            for parent in self.next(next, false, Mode::POSSIBLE)? {
                match self.state(parent) {
                    State::Has => given |= !is_user,
                    State::Open | State::MayHave if seen.insert(parent) => waiting.push(parent),
                    _ => {}
                }
            }
            let children = if is_user { Vec::new() } else { self.next(next, true, Mode::POSSIBLE)? };
            for child in children {
                let is_open = matches!(self.state(child), State::Open | State::MayHave) || open.contains(&child);
                if is_open && seen.insert(child) {
                    waiting.push(child);
                }
            }
        }
        Ok(given)
    }
}

fn table(context: &Context, spread: &Spread) -> Table {
    let graph = context.graph;
    let types = types_of(graph, spread.members.iter().map(|member| member.entity));
    let columns = vec![entity_head("entity", types), head("how"), entity_head("from", types), head("date")];
    let row_of = |member: &SpreadMember| -> Row {
        let from = member.from.iter().map(|parent| (Cell::Entity(*parent), member.how != SpreadHow::PerhapsInherited));
        let open = member.open.iter().map(|parent| (Cell::Entity(*parent), false));
        let from: Vec<(Cell, bool)> = from.chain(open).collect();
        let date = Cell::Value(Value::Date(graph.date_of(member.entity)));
        row(vec![Cell::Entity(member.entity), text(member.how.word()), super::list(from), date], member.certain)
    };
    Table { columns, rows: spread.members.iter().take_while(in_budget).map(row_of).collect() }
}
