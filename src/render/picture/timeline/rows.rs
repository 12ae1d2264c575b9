//! Assigns the entities of a lane to rows.
//!
//! Consecutive entities share a row: of a parent's children, the one whose line reaches furthest continues in its row.
//! Such a chain reserves its stretch of the row, so that no label meets another and no straight link runs through
//! another dot. A chain takes the free row nearest to its parent's. (Greedy interval partitioning, as in Kleinberg and
//! Tardos, *Algorithm Design*, 2005, section 4.1, with the nearest free row in place of the first.)

/// An entity of the lane, along the axis.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LaneItem {
    /// The x of the dot.
    pub x: f64,
    /// The minimum and maximum x of dot and bar.
    pub from: f64,
    pub to: f64,
    /// The x of the start of its label, and of its end without and with the text behind the name.
    pub label: f64,
    pub short: f64,
    pub full: f64,
}

/// Gap between neighbours in a row.
const GAP: f64 = 9.0;
const DOT: f64 = 8.0;

/// Returns the row of each item, from 0, and the number of rows. `links` are pairs of parent and child, the most
/// important ones first.
pub fn assign(items: &[LaneItem], links: &[(usize, usize)]) -> (Vec<usize>, usize) {
    let parents = main_parents(items, links);
    let chains = chains(items, &parents);
    let mut rows = vec![0; items.len()];
    let mut placed = vec![false; items.len()];
    let mut taken: Vec<Vec<(f64, f64)>> = Vec::new();
    // By start, so that a parent has its row before the chains of its other children.
    for chain in chains.into_iter().take_while(|_| !crate::limits::is_over_after(items.len())) {
        let near = parents[chain[0]].filter(|parent| placed[*parent]).map(|parent| rows[parent]);
        let row = free_row(&taken, near, stretch(items, &chain));
        if row == taken.len() {
            taken.push(Vec::new());
        }
        // Without the text behind the last name, which is dropped if the next label in the row needs its room.
        taken[row].push(stretch(items, &chain)[1]);
        for item in chain {
            (rows[item], placed[item]) = (row, true);
        }
    }
    (rows, taken.len().max(1))
}

/// Returns the parent that each item may follow in a row: the latest one before it, by the most important kind of link.
fn main_parents(items: &[LaneItem], links: &[(usize, usize)]) -> Vec<Option<usize>> {
    let mut parents: Vec<Option<usize>> = vec![None; items.len()];
    for (parent, child) in links {
        let better = match parents[*child] {
            None => items[*parent].x < items[*child].x,
            Some(known) => items[known].x < items[*parent].x && items[*parent].x < items[*child].x,
        };
        if better {
            parents[*child] = Some(*parent);
        }
    }
    parents
}

/// Returns whether a child fits into its parent's row: its label and its bar must not overlap the parent's.
fn fits_beside(parent: &LaneItem, child: &LaneItem) -> bool {
    parent.short + GAP <= child.label && child.from >= parent.x + DOT && parent.to <= child.x - DOT
}

/// Returns the chains of items, sorted by start.
fn chains(items: &[LaneItem], parents: &[Option<usize>]) -> Vec<Vec<usize>> {
    let mut by_x: Vec<usize> = (0..items.len()).collect();
    by_x.sort_by(|a, b| items[*a].x.total_cmp(&items[*b].x).then(a.cmp(b)));
    // The x that the line of each item reaches; children come after their parents.
    let mut reach: Vec<f64> = items.iter().map(|item| item.x).collect();
    for item in by_x.iter().rev() {
        if let Some(parent) = parents[*item] {
            reach[parent] = reach[parent].max(reach[*item]);
        }
    }
    let mut heirs: Vec<Option<usize>> = vec![None; items.len()];
    for child in &by_x {
        let Some(parent) = parents[*child] else { continue };
        let longer = heirs[parent].is_none_or(|heir| reach[*child] > reach[heir]);
        if longer && fits_beside(&items[parent], &items[*child]) {
            heirs[parent] = Some(*child);
        }
    }
    let mut is_heir = vec![false; items.len()];
    heirs.iter().flatten().for_each(|heir| is_heir[*heir] = true);
    let starts = by_x.iter().filter(|item| !is_heir[**item]);
    starts.map(|start| std::iter::successors(Some(*start), |item| heirs[*item]).collect()).collect()
}

/// Returns the stretch of a row that a chain takes, with and without the text behind its last name.
fn stretch(items: &[LaneItem], chain: &[usize]) -> [(f64, f64); 2] {
    let members = || chain.iter().map(|i| &items[*i]);
    let from = members().map(|item| item.from.min(item.x - DOT).min(item.label)).fold(f64::INFINITY, f64::min);
    let to = members().map(|item| item.to.max(item.x + DOT).max(item.short)).fold(from, f64::max);
    let full = members().map(|item| item.full).fold(to, f64::max);
    [(from, full + GAP), (from, to + GAP)]
}

/// Returns the free row nearest to the parent's (below before above, never the parent's own), or the topmost; first for
/// the full labels, then without the text behind names; otherwise a new row.
fn free_row(taken: &[Vec<(f64, f64)>], near: Option<usize>, stretches: [(f64, f64); 2]) -> usize {
    let mut order: Vec<usize> = (0..taken.len()).filter(|row| Some(*row) != near).collect();
    if let Some(near) = near {
        order.sort_by_key(|row| (row.abs_diff(near), *row < near));
    }
    let is_free = |row: usize, (from, to): (f64, f64)| taken[row].iter().all(|(a, b)| to <= *a || *b <= from);
    let free = stretches.iter().flat_map(|stretch| order.iter().find(|row| is_free(**row, *stretch))).next();
    free.copied().unwrap_or(taken.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(x: f64) -> LaneItem {
        LaneItem { x, from: x, to: x, label: x - 5.0, short: x + 40.0, full: x + 60.0 }
    }

    #[test]
    fn the_longest_line_goes_straight_on() {
        // 0 begets 1 and 2; 2 begets 3, which is the latest.
        let items = [0.0, 100.0, 200.0, 300.0].map(item);
        let (rows, count) = assign(&items, &[(0, 1), (0, 2), (2, 3)]);
        assert_eq!((rows, count), (vec![0, 1, 0, 0], 2));
    }

    #[test]
    fn close_children_step_down() {
        let items = [0.0, 20.0].map(item);
        assert_eq!(assign(&items, &[(0, 1)]).0, [0, 1]);
    }

    #[test]
    fn rows_are_used_again() {
        let items = [0.0, 10.0, 200.0, 210.0].map(item);
        assert_eq!(assign(&items, &[]), (vec![0, 1, 0, 1], 2));
    }

    #[test]
    fn bars_keep_others_away() {
        let wide = LaneItem { from: 0.0, to: 400.0, ..item(200.0) };
        assert_eq!(assign(&[item(10.0), wide, item(500.0)], &[]).0, [0, 1, 0]);
    }

    #[test]
    fn nothing_stands_between_the_links_of_a_row() {
        let items: Vec<LaneItem> = (0..60).map(|i| item(f64::from(i * 37 % 1000))).collect();
        let links: Vec<(usize, usize)> = (0..40).map(|i| (i, (i * 7 + 3) % 60)).filter(|(a, b)| a != b).collect();
        let (rows, count) = assign(&items, &links);
        assert!(rows.iter().all(|row| *row < count));
        for (i, a) in items.iter().enumerate() {
            for (j, b) in items.iter().enumerate().skip(i + 1).filter(|(j, _)| rows[*j] == rows[i]) {
                assert!(a.short <= b.label || b.short <= a.label, "{i} and {j} meet");
            }
        }
    }
}
