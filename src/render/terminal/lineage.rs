//! Draws family trees in the style of `cargo tree`.

use super::tree::{Line, Narrow, Stroke, aligned, branch, trunk};
use crate::answer::Lineage;
use crate::graph::{EntityId, Graph};
use crate::limits::{in_budget, is_over_after};
use crate::render::words::{Emphasis, TextStyle, escape, number, number_property, owners};
use crate::schema::PropertyId;
use std::collections::{HashMap, HashSet};

/// Draws the ancestors as a tree, then the descendants. The line style shows the verb; a subtree is drawn once, and
/// only named later.
pub fn lineage(lineage: &Lineage, graph: &Graph, looks: &TextStyle) -> String {
    let verbs = verbs(lineage, graph);
    let members: Vec<EntityId> = lineage.members.iter().map(|member| member.entity).collect();
    let property = number_property(graph, &members);
    let mut lines = Vec::new();
    for ancestors in [true, false] {
        let wanted = if ancestors { lineage.ancestors } else { lineage.descendants };
        if wanted {
            if !lines.is_empty() {
                lines.push(Line::default());
            }
            Tree { property, ..Tree::new(lineage, graph, &verbs, ancestors, looks) }.write(&mut lines);
        }
    }
    let strokes = Some(legend(&verbs, looks)).filter(|_| verbs.len() > 1);
    let numbers = property.map(|property| format!("numbers are {}", graph.schema().property(property).name));
    let legend: Vec<String> = [strokes, numbers].into_iter().flatten().collect();
    if !legend.is_empty() {
        lines.push(Line::default());
        lines.push(Line {
            text: escape(&legend.join("  ")).into_owned(),
            face: Some(Emphasis::Aside),
            ..Line::default()
        });
    }
    aligned(&lines, 2, Narrow::Drop, looks)
}

/// Returns the verbs of the links, in the order of the schema; defined ones last.
fn verbs<'a>(lineage: &'a Lineage, graph: &Graph) -> Vec<&'a str> {
    let mut verbs: Vec<&str> = lineage.links.iter().map(|link| link.verb.as_str()).collect();
    verbs.sort_by_cached_key(|verb| {
        let id = graph.schema().lookup_verb(verb);
        (id.is_none(), id, *verb)
    });
    verbs.dedup();
    verbs
}

fn legend(verbs: &[&str], looks: &TextStyle) -> String {
    let drawn = verbs.iter().take(3).enumerate();
    let drawn = drawn.map(|(i, verb)| format!("{} {verb}", Stroke::nth(i).line(2, looks.ascii)));
    drawn.collect::<Vec<_>>().join("  ")
}

struct Tree<'a> {
    lineage: &'a Lineage,
    graph: &'a Graph,
    verbs: &'a [&'a str],
    ancestors: bool,
    looks: &'a TextStyle,
    /// The next generation of each member, sorted by date and name.
    children: HashMap<EntityId, Vec<(EntityId, &'a str)>>,
    /// The property whose numbers are shown beside names.
    property: Option<PropertyId>,
    /// The members of this side that are only possible.
    possible: HashSet<EntityId>,
    /// Members that the query does not ask for, on the way to others.
    passed: HashSet<EntityId>,
}

/// A member that is still to be drawn.
struct Pending<'a> {
    entity: EntityId,
    verb: Option<&'a str>,
    /// The prefixes of its own line, and of the lines of its children.
    before: String,
    below: String,
}

impl<'a> Tree<'a> {
    fn new(
        lineage: &'a Lineage,
        graph: &'a Graph,
        verbs: &'a [&'a str],
        ancestors: bool,
        looks: &'a TextStyle,
    ) -> Tree<'a> {
        let sign = if ancestors { -1 } else { 1 };
        let members = || lineage.members.iter().filter(|member| member.generation.signum() == sign);
        let side: HashSet<EntityId> = members().map(|member| member.entity).collect();
        let mut children: HashMap<EntityId, Vec<(EntityId, &str)>> = HashMap::new();
        for link in lineage.links.iter().take_while(in_budget) {
            let (from, to) = if ancestors { (link.child, link.parent) } else { (link.parent, link.child) };
            let is_side = (from == lineage.root || side.contains(&from)) && side.contains(&to);
            let next = children.entry(from).or_default();
            // Counts the steps of the scan below.
            is_over_after(next.len());
            if is_side && next.iter().all(|(known, _)| *known != to) {
                next.push((to, &link.verb));
            }
        }
        for next in children.values_mut() {
            next.sort_by_key(|(entity, _)| (graph.date_of(*entity).sort_key(), *entity));
        }
        let possible = members().filter(|member| !member.certain).map(|member| member.entity).collect();
        let passed = members().filter(|member| !member.asked).map(|member| member.entity).collect();
        Tree { lineage, graph, verbs, ancestors, looks, children, property: None, possible, passed }
    }

    /// Draws depth first with an explicit stack: a lineage may be thousands of generations long.
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
                stack.push(self.child(&next.below, *entity, verb, i + 1 == children.len()));
            }
        }
    }

    fn child(&self, below: &str, entity: EntityId, verb: &'a str, is_last: bool) -> Pending<'a> {
        let stroke = Stroke::nth(self.position(verb));
        let below = self.shortened(below);
        Pending {
            entity,
            verb: Some(verb),
            before: below.clone() + &branch(is_last, stroke, 2, self.looks.ascii),
            below: below + &trunk(is_last, 2, self.looks.ascii),
        }
    }

    /// Truncates the prefix of a deep tree at the left, to at most half of the screen.
    fn shortened(&self, trunks: &str) -> String {
        let limit = self.looks.columns() / 2;
        let count = trunks.chars().count();
        if count <= limit {
            return trunks.to_string();
        }
        // Whole levels, which are four characters wide, so that the rest stays aligned.
        let kept = limit / 4 * 4;
        trunks.chars().skip(count - kept).collect()
    }

    fn position(&self, verb: &str) -> usize {
        self.verbs.iter().position(|known| *known == verb).unwrap_or(0)
    }

    fn line(&self, next: &Pending<'_>, is_again: bool) -> Line {
        let name = escape(self.graph.name(next.entity));
        let is_asked = next.verb.is_none() || !self.passed.contains(&next.entity);
        let mut text = if is_asked { format!("{}{name}", next.before) } else { format!("{}({name})", next.before) };
        if let Some(number) = self.property.and_then(|property| number(self.graph, next.entity, property)) {
            text += &format!("  {number}");
        }
        if let Some(verb) = next.verb.filter(|verb| self.position(verb) > 2) {
            text += &format!("  {verb}");
        }
        if next.verb.is_none() && self.lineage.ancestors && self.lineage.descendants {
            let none = if self.children.values().all(Vec::is_empty) { "no " } else { "" };
            text += &format!("  ({none}{})", if self.ancestors { "ancestors" } else { "descendants" });
        }
        let is_possible = next.verb.is_some() && self.possible.contains(&next.entity);
        if is_possible {
            text += " ?";
        }
        if is_again {
            text += if self.looks.ascii { "  ^ above" } else { "  ↩ above" };
        }
        let owners = owners(self.graph, next.entity);
        let owner = owners.iter().map(|owner| self.graph.name(*owner)).collect::<Vec<_>>().join(", ");
        let date = self.graph.date_of(next.entity).to_string();
        let notes = vec![(escape(&owner).into_owned(), false), (date, true)];
        Line { text, face: is_possible.then_some(Emphasis::Possible), notes }
    }
}
