//! Family trees, in the manner of `cargo tree`.

use super::tree::{Line, Narrow, Stroke, aligned, branch, trunk};
use crate::answer::Lineage;
use crate::graph::{EntityId, Graph};
use crate::limits::{in_budget, is_over_after};
use crate::render::words::{Face, Looks, detail, escape, owner};
use crate::schema::VerbId;
use std::collections::{HashMap, HashSet};

/// The ancestors as a tree, then the descendants. A verb is told by its line; what was drawn before is only named.
pub fn lineage(lineage: &Lineage, graph: &Graph, looks: &Looks) -> String {
    let verbs = verbs(lineage);
    let mut lines = Vec::new();
    for ancestors in [true, false] {
        let wanted = if ancestors { lineage.ancestors } else { lineage.descendants };
        if wanted {
            if !lines.is_empty() {
                lines.push(Line::default());
            }
            Tree::new(lineage, graph, &verbs, ancestors, looks).write(&mut lines);
        }
    }
    if verbs.len() > 1 {
        lines.push(Line::default());
        lines.push(Line { text: legend(&verbs, graph, looks), face: Some(Face::Aside), ..Line::default() });
    }
    aligned(&lines, 2, Narrow::Drop, looks)
}

/// The verbs of the links, in the order of the schema.
fn verbs(lineage: &Lineage) -> Vec<VerbId> {
    let mut verbs: Vec<VerbId> = lineage.links.iter().map(|link| link.1).collect();
    verbs.sort();
    verbs.dedup();
    verbs
}

fn legend(verbs: &[VerbId], graph: &Graph, looks: &Looks) -> String {
    let drawn = verbs
        .iter()
        .take(3)
        .enumerate()
        .map(|(i, verb)| format!("{} {}", Stroke::nth(i).line(2, looks.ascii), graph.schema().verb(*verb).name));
    drawn.collect::<Vec<_>>().join("  ")
}

struct Tree<'a> {
    lineage: &'a Lineage,
    graph: &'a Graph,
    verbs: &'a [VerbId],
    ancestors: bool,
    looks: &'a Looks,
    /// The next generation of each member, in order of date and name.
    children: HashMap<EntityId, Vec<(EntityId, VerbId)>>,
    possible: HashSet<EntityId>,
}

/// A member yet to be drawn.
struct Pending {
    entity: EntityId,
    verb: Option<VerbId>,
    /// What stands before its own line, and before those of its children.
    before: String,
    below: String,
}

impl<'a> Tree<'a> {
    fn new(lineage: &'a Lineage, graph: &'a Graph, verbs: &'a [VerbId], ancestors: bool, looks: &'a Looks) -> Tree<'a> {
        let members = lineage.members.iter();
        let sides: HashMap<EntityId, i32> = members.map(|member| (member.entity, member.generation.signum())).collect();
        let wanted = if ancestors { -1 } else { 1 };
        let mut children: HashMap<EntityId, Vec<(EntityId, VerbId)>> = HashMap::new();
        for (child, verb, parent, _) in lineage.links.iter().take_while(in_budget) {
            let (from, to) = if ancestors { (*child, *parent) } else { (*parent, *child) };
            let is_side = |entity: EntityId| entity == lineage.root || sides.get(&entity) == Some(&wanted);
            let next = children.entry(from).or_default();
            is_over_after(next.len());
            if is_side(from) && is_side(to) && to != lineage.root && next.iter().all(|(known, _)| *known != to) {
                next.push((to, *verb));
            }
        }
        for next in children.values_mut() {
            next.sort_by_key(|(entity, _)| (graph.date_of(*entity).sort_key(), *entity));
        }
        let possible = lineage.members.iter().filter(|member| !member.certain).map(|member| member.entity).collect();
        Tree { lineage, graph, verbs, ancestors, looks, children, possible }
    }

    /// Depth first, with a stack of its own: a line of descent may be thousands of generations long.
    fn write(&self, lines: &mut Vec<Line>) {
        let mut drawn = HashSet::new();
        let root = Pending { entity: self.lineage.root, verb: None, before: String::new(), below: String::new() };
        let mut stack = vec![root];
        while let Some(next) = stack.pop().filter(in_budget) {
            let children = self.children.get(&next.entity).map_or(&[][..], Vec::as_slice);
            let is_again = !drawn.insert(next.entity) && !children.is_empty();
            lines.push(self.line(&next, is_again));
            if is_again {
                continue;
            }
            for (i, (entity, verb)) in children.iter().enumerate().rev() {
                stack.push(self.child(&next.below, *entity, *verb, i + 1 == children.len()));
            }
        }
    }

    fn child(&self, below: &str, entity: EntityId, verb: VerbId, is_last: bool) -> Pending {
        let stroke = Stroke::nth(self.position(verb));
        let below = self.shortened(below);
        Pending {
            entity,
            verb: Some(verb),
            before: below.clone() + &branch(is_last, stroke, 2, self.looks.ascii),
            below: below + &trunk(is_last, 2, self.looks.ascii),
        }
    }

    /// The trunks of a deep tree, those on the left left out: at most half of the screen.
    fn shortened(&self, trunks: &str) -> String {
        let limit = self.looks.columns() / 2;
        let count = trunks.chars().count();
        if count <= limit {
            return trunks.to_string();
        }
        let kept = limit / 4 * 4;
        trunks.chars().skip(count - kept).collect()
    }

    fn position(&self, verb: VerbId) -> usize {
        self.verbs.iter().position(|known| *known == verb).unwrap_or(0)
    }

    fn line(&self, next: &Pending, is_again: bool) -> Line {
        let mut text = format!("{}{}", next.before, escape(self.graph.name(next.entity)));
        if let Some(detail) = detail(self.graph, next.entity) {
            text += &format!("  {detail}");
        }
        if let Some(verb) = next.verb.filter(|verb| self.position(*verb) > 2) {
            text += &format!("  {}", self.graph.schema().verb(verb).name);
        }
        if next.verb.is_none() && self.lineage.ancestors && self.lineage.descendants {
            let none = if self.children.values().all(Vec::is_empty) { "no " } else { "" };
            text += &format!("  ({none}{})", if self.ancestors { "ancestors" } else { "descendants" });
        }
        let is_possible = self.possible.contains(&next.entity);
        if is_possible {
            text += " ?";
        }
        if is_again {
            text += if self.looks.ascii { "  ^ above" } else { "  ↩ above" };
        }
        let owner = owner(self.graph, next.entity).map_or("", |owner| self.graph.name(owner));
        let date = self.graph.date_of(next.entity).to_string();
        let notes = vec![(escape(owner).into_owned(), false), (date, true)];
        Line { text, face: is_possible.then_some(Face::Possible), notes }
    }
}
