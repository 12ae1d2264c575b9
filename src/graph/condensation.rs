//! Condensation of a graph: its strongly connected components (Tarjan, *Depth-first search and linear graph
//! algorithms*, 1972) as nodes, in topological order. The search uses an explicit stack, since graphs and chains of
//! definitions may be deeper than the stack of a thread.

use super::Rows;
use std::ops::Range;

/// Strongly connected components and the edges between them. Components are numbered so that edges lead to smaller
/// numbers only. An entity on no cycle is a component of its own.
#[derive(Debug, Clone, Default)]
pub struct Condensation {
    /// Per entity: its component.
    component: Vec<u32>,
    /// Entities by component, and the offset of each component in them, with one entry more.
    members: Vec<u32>,
    starts: Vec<u32>,
    /// Other components to which each component has edges, sorted and distinct, and the offset of each component in
    /// them, with one entry more.
    onward: Vec<u32>,
    offsets: Vec<u32>,
}

impl Condensation {
    /// Returns the condensation of the entities `0..entities`, with edges to their neighbours in each of the rows.
    /// Calls `tick` regularly with the amount of work done. O(entities + neighbours).
    ///
    /// # Errors
    /// Those of `tick`.
    pub fn new<E>(
        entities: usize,
        rows: &[Rows<'_>],
        tick: &mut dyn FnMut(usize) -> Result<(), E>,
    ) -> Result<Condensation, E> {
        let mut search = Search::new(entities);
        for entity in 0..entities as u32 {
            if search.number[entity as usize] == UNSEEN {
                search.from(entity, rows, tick)?;
            }
        }
        let mut condensed = search.condensed;
        condensed.join(rows, tick)?;
        Ok(condensed)
    }

    /// Returns the number of components.
    pub fn len(&self) -> usize {
        self.starts.len().saturating_sub(1)
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns the number of entities.
    pub fn entities(&self) -> usize {
        self.component.len()
    }

    /// Returns the component of an entity; `None` if there is no such entity.
    #[inline]
    pub fn component(&self, entity: u32) -> Option<u32> {
        self.component.get(entity as usize).copied()
    }

    /// Returns the entities of a component, unordered.
    #[inline]
    pub fn members(&self, component: u32) -> &[u32] {
        &self.members[span(&self.starts, component)]
    }

    /// Returns the other components to which a component has edges, sorted ascending.
    #[inline]
    pub fn onward(&self, component: u32) -> &[u32] {
        &self.onward[span(&self.offsets, component)]
    }

    /// Returns the number of bytes held.
    pub fn bytes(&self) -> usize {
        (self.component.len() + self.members.len() + self.starts.len() + self.onward.len() + self.offsets.len()) * 4
    }

    /// Collects the edges between components.
    fn join<E>(&mut self, rows: &[Rows<'_>], tick: &mut dyn FnMut(usize) -> Result<(), E>) -> Result<(), E> {
        let mut next: Vec<u32> = Vec::new();
        self.offsets.push(0);
        for component in 0..self.len() as u32 {
            next.clear();
            for member in self.members(component) {
                let neighbours = rows.iter().flat_map(|rows| rows.of(*member));
                // Only a damaged snapshot has neighbours that are no entities, or edges to later components.
                let components = neighbours.filter_map(|neighbour| self.component(*neighbour));
                next.extend(components.filter(|other| *other < component));
            }
            tick(next.len() + 1)?;
            next.sort_unstable();
            next.dedup();
            self.onward.extend_from_slice(&next);
            self.offsets.push(self.onward.len() as u32);
        }
        Ok(())
    }
}

fn span(offsets: &[u32], i: u32) -> Range<usize> {
    offsets[i as usize] as usize..offsets[i as usize + 1] as usize
}

const UNSEEN: u32 = u32::MAX;

/// State of Tarjan's algorithm.
struct Search {
    /// Per entity: order of discovery.
    number: Vec<u32>,
    /// Per entity: least order of discovery of the open entities that it is known to reach (Tarjan's low link).
    low: Vec<u32>,
    seen: u32,
    /// Stack of entities whose component is not finished.
    open: Vec<u32>,
    condensed: Condensation,
}

/// Entity on the search stack.
struct Visit {
    entity: u32,
    /// Next adjacency, and the position in its list.
    rows: usize,
    place: usize,
}

impl Search {
    fn new(entities: usize) -> Search {
        let condensed = Condensation { component: vec![UNSEEN; entities], starts: vec![0], ..Condensation::default() };
        Search { number: vec![UNSEEN; entities], low: vec![0; entities], seen: 0, open: Vec::new(), condensed }
    }

    fn from<E>(&mut self, root: u32, rows: &[Rows<'_>], tick: &mut dyn FnMut(usize) -> Result<(), E>) -> Result<(), E> {
        let mut visits = vec![self.visit(root)];
        while let Some(visit) = visits.last_mut() {
            let entity = visit.entity;
            match next(visit, rows) {
                Some(neighbour) => match self.number.get(neighbour as usize).copied() {
                    Some(UNSEEN) => {
                        let visit = self.visit(neighbour);
                        visits.push(visit);
                    }
                    Some(number) if self.condensed.component[neighbour as usize] == UNSEEN => {
                        self.lower(entity, number)
                    }
                    // The neighbour belongs to a finished component or, in a damaged snapshot, is no entity.
                    _ => {}
                },
                None => {
                    tick(1)?;
                    visits.pop();
                    self.leave(entity);
                    // If `entity` closed its component, its number exceeds that of its parent, and nothing changes.
                    if let Some(before) = visits.last() {
                        self.lower(before.entity, self.low[entity as usize]);
                    }
                }
            }
        }
        Ok(())
    }

    fn visit(&mut self, entity: u32) -> Visit {
        (self.number[entity as usize], self.low[entity as usize]) = (self.seen, self.seen);
        self.seen += 1;
        self.open.push(entity);
        Visit { entity, rows: 0, place: 0 }
    }

    fn lower(&mut self, entity: u32, number: u32) {
        let low = &mut self.low[entity as usize];
        *low = number.min(*low);
    }

    /// Finishes the component of an entity that reaches no entity discovered before it.
    fn leave(&mut self, entity: u32) {
        if self.low[entity as usize] != self.number[entity as usize] {
            return;
        }
        let Condensation { component, members, starts, .. } = &mut self.condensed;
        // A component closes after all that it reaches, so edges lead to smaller numbers.
        let number = starts.len() as u32 - 1;
        while let Some(member) = self.open.pop() {
            component[member as usize] = number;
            members.push(member);
            if member == entity {
                break;
            }
        }
        starts.push(members.len() as u32);
    }
}

/// Returns the next neighbour to visit.
fn next(visit: &mut Visit, rows: &[Rows<'_>]) -> Option<u32> {
    while let Some(rows) = rows.get(visit.rows) {
        if let Some(neighbour) = rows.of(visit.entity).get(visit.place) {
            visit.place += 1;
            return Some(*neighbour);
        }
        (visit.rows, visit.place) = (visit.rows + 1, 0);
    }
    None
}

#[cfg(test)]
mod tests {
    use super::Condensation;
    use crate::graph::{Adjacency, Column};
    use proptest::prelude::*;

    const ENTITIES: usize = 12;

    fn adjacency(links: &[(u32, u32)]) -> Adjacency {
        let mut links = links.to_vec();
        links.sort_unstable();
        links.dedup();
        let offsets: Vec<u32> =
            (0..=ENTITIES as u32).map(|i| links.partition_point(|(from, _)| *from < i) as u32).collect();
        let targets: Vec<u32> = links.iter().map(|(_, to)| *to).collect();
        Adjacency { offsets: Column::from(offsets), targets: Column::from(targets), ..Adjacency::default() }
    }

    /// Returns which entity reaches which, by Warshall's algorithm; each entity reaches itself.
    fn reaches(links: &[(u32, u32)]) -> [[bool; ENTITIES]; ENTITIES] {
        let mut reaches = [[false; ENTITIES]; ENTITIES];
        (0..ENTITIES).for_each(|i| reaches[i][i] = true);
        links.iter().for_each(|(from, to)| reaches[*from as usize][*to as usize] = true);
        for k in 0..ENTITIES {
            for i in 0..ENTITIES {
                for j in 0..ENTITIES {
                    reaches[i][j] |= reaches[i][k] && reaches[k][j];
                }
            }
        }
        reaches
    }

    proptest! {
        #[test]
        fn components_are_entities_that_reach_each_other(
            one in prop::collection::vec((0..ENTITIES as u32, 0..ENTITIES as u32), 0..20),
            two in prop::collection::vec((0..ENTITIES as u32, 0..ENTITIES as u32), 0..6),
        ) {
            let (first, second) = (adjacency(&one), adjacency(&two));
            let rows = [first.rows(), second.rows()];
            let condensed = Condensation::new(ENTITIES, &rows, &mut |_| Ok::<(), ()>(())).unwrap();
            let links: Vec<(u32, u32)> = one.iter().chain(&two).copied().collect();
            let reaches = reaches(&links);
            for (i, row) in reaches.iter().enumerate() {
                for (j, reached) in row.iter().enumerate() {
                    let together = condensed.component(i as u32) == condensed.component(j as u32);
                    prop_assert_eq!(together, *reached && reaches[j][i]);
                }
                prop_assert!(condensed.members(condensed.component(i as u32).unwrap()).contains(&(i as u32)));
            }
            for component in 0..condensed.len() as u32 {
                let mut expected: Vec<u32> = links
                    .iter()
                    .filter(|(from, to)| condensed.component(*from) == Some(component) && condensed.component(*to) != Some(component))
                    .filter_map(|(_, to)| condensed.component(*to))
                    .collect();
                expected.sort_unstable();
                expected.dedup();
                prop_assert_eq!(condensed.onward(component), &expected[..]);
                prop_assert!(condensed.onward(component).iter().all(|other| *other < component));
            }
        }
    }
}
