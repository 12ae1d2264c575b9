//! Draws how a trait spread: a tree for each time that it arose anew.

use super::tree::{Line, Narrow, Stroke, aligned, branch, trunk};
use crate::answer::{Spread, SpreadHow, SpreadMember};
use crate::graph::{EntityId, Graph};
use crate::limits::in_budget;
use crate::render::words::{Emphasis, TextStyle, escape};
use std::collections::{BTreeMap, BTreeSet};

/// Shows the counts, then the trees, oldest first; a subtree is drawn once, and only named later.
pub fn spread(found: &Spread, graph: &Graph, looks: &TextStyle) -> String {
    let mut lines = vec![headed(found, graph)];
    let tree = SpreadTree::new(found, graph, looks);
    tree.write(&mut lines);
    let [has, lost] = marks(looks);
    if found.members.iter().any(|member| member.how == SpreadHow::Lost) {
        lines.push(Line::default());
        let legend = format!("{has} has it  {lost} has something else recorded, but not this");
        lines.push(Line { text: legend, face: Some(Emphasis::Aside), ..Line::default() });
    }
    aligned(&lines, 2, Narrow::Drop, looks)
}

fn marks(looks: &TextStyle) -> [&'static str; 2] {
    if looks.ascii { ["*", "x"] } else { ["●", "○"] }
}

/// Returns the headline: `QK-Norm: taken up anew 5 times, inherited by 7, lost by 4`.
fn headed(found: &Spread, graph: &Graph) -> Line {
    let text = format!("{}: {}", graph.name(found.adopted), found.in_words());
    Line { text: escape(&text).into_owned(), face: Some(Emphasis::Head), notes: Vec::new() }
}

struct SpreadTree<'a> {
    graph: &'a Graph,
    looks: &'a TextStyle,
    members: BTreeMap<EntityId, &'a SpreadMember>,
    /// Members without a parent that has it or may have it, sorted by date.
    roots: Vec<&'a SpreadMember>,
    children: BTreeMap<EntityId, Vec<&'a SpreadMember>>,
}

impl<'a> SpreadTree<'a> {
    fn new(found: &'a Spread, graph: &'a Graph, looks: &'a TextStyle) -> SpreadTree<'a> {
        let members: BTreeMap<EntityId, &SpreadMember> =
            found.members.iter().filter(|m| m.how != SpreadHow::Lost).map(|member| (member.entity, member)).collect();
        let mut children: BTreeMap<EntityId, Vec<&SpreadMember>> = BTreeMap::new();
        for member in found.members.iter().take_while(in_budget) {
            member.from.iter().for_each(|parent| children.entry(*parent).or_default().push(member));
        }
        let is_root = |member: &&SpreadMember| member.how != SpreadHow::Lost && member.from.is_empty();
        let roots = found.members.iter().filter(is_root).collect();
        SpreadTree { graph, looks, members, roots, children }
    }

    /// Draws depth first. Members on a cycle, which no root leads to, come last.
    fn write(&self, lines: &mut Vec<Line>) {
        let mut drawn = BTreeSet::new();
        self.roots.iter().for_each(|root| self.write_from(root, &mut drawn, lines));
        for member in self.members.values() {
            if !drawn.contains(&member.entity) {
                self.write_from(member, &mut drawn, lines);
            }
        }
    }

    fn write_from(&self, root: &'a SpreadMember, drawn: &mut BTreeSet<EntityId>, lines: &mut Vec<Line>) {
        let mut stack = vec![(root, "  ".to_string(), "  ".to_string())];
        while let Some((member, before, below)) = stack.pop().filter(in_budget) {
            let children = match member.how {
                // Nothing is inherited from an entity that lost it.
                SpreadHow::Lost => &[],
                _ => self.children.get(&member.entity).map_or(&[][..], Vec::as_slice),
            };
            let is_again = !drawn.insert(member.entity) && !children.is_empty();
            lines.push(self.line(member, &before, is_again));
            if is_again {
                continue;
            }
            // Reversed, because the stack returns the last one first.
            for (i, child) in children.iter().enumerate().rev() {
                let (is_last, ascii) = (i + 1 == children.len(), self.looks.ascii);
                let stroke = if child.how == SpreadHow::Inherited { Stroke::Plain } else { Stroke::Dashed };
                let own = format!("{below}{}", branch(is_last, stroke, 2, ascii));
                stack.push((child, own, format!("{below}{}", trunk(is_last, 2, ascii))));
            }
        }
    }

    fn line(&self, member: &SpreadMember, before: &str, is_again: bool) -> Line {
        let [has, lost] = marks(self.looks);
        let is_lost = member.how == SpreadHow::Lost;
        let mark = if is_lost { lost } else { has };
        let doubt = if member.certain { "" } else { " ?" };
        let mut text = format!("{before}{mark} {}{doubt}", escape(self.graph.name(member.entity)));
        if !member.open.is_empty() {
            let names: Vec<&str> = member.open.iter().map(|parent| self.graph.name(*parent)).collect();
            text += &format!("  perhaps by {}, of which nothing is recorded", escape(&names.join(", ")));
        }
        if is_again {
            text += if self.looks.ascii { "  ^ above" } else { "  ↩ above" };
        }
        let face = match (is_lost, member.certain) {
            (true, _) => Emphasis::Dropped,
            (false, true) => Emphasis::Added,
            (false, false) => Emphasis::Possible,
        };
        Line { text, face: Some(face), notes: vec![(self.graph.date_of(member.entity).to_string(), true)] }
    }
}
