//! Group keys as numbers that are read off an entity.

use super::{KeyColumn, no_paths};
use crate::answer::Cell;
use crate::exec::NULL_SLOT;
use crate::exec::eval::Scope;
use crate::exec::join::Engine;
use crate::exec::output::sort::compare_cells;
use crate::graph::{EntityId, ValueDictionary};
use crate::plan::{Scalar, VarId, VarKind, property_of};
use std::ops::Range;
use std::sync::Arc;

/// Mapping from an entity to the number of a key.
pub(super) enum KeyExtractor<'e> {
    /// The number is the entity itself.
    Entity(VarId),
    /// The key is an expression over one property of the counted entity, tabulated by the code of its value.
    Of {
        var: VarId,
        ranks: &'e ValueDictionary,
        /// First entity with a value.
        base: u32,
        by_rank: Vec<u32>,
        /// Number for entities without a value.
        without: u32,
        cells: Arc<Vec<Cell>>,
    },
}

impl<'e> KeyExtractor<'e> {
    pub fn of(engine: &Engine<'e>, key: &Scalar, counted: VarId) -> KeyExtractor<'e> {
        let graph = engine.graph;
        let property = property_of(key, counted);
        let Some((values, ranks)) = property.and_then(|id| Some((graph.values(id), graph.ranks(id)?))) else {
            return KeyExtractor::Entity(if let Scalar::Slot(var) = key { *var } else { counted });
        };
        let mut frame = vec![NULL_SLOT; engine.pattern.slots.len()];
        let mut given = |entity: u32| {
            frame[counted.0 as usize] = entity;
            Scope { graph, paths: &no_paths(), frame: &frame, group: &|_| Cell::Absent }.cell(key)
        };
        let by_rank: Vec<Cell> = ranks.samples.iter().map(|entity| given(*entity)).collect();
        let range = values.range();
        // One entity without a value stands for all of them.
        let is_without = |entity: &EntityId| !range.contains(&entity.0);
        let without = graph.entities().find(is_without).map(|entity| given(entity.0));
        let mut cells: Vec<Cell> = by_rank.iter().chain(&without).cloned().collect();
        cells.sort_by(compare_cells);
        cells.dedup_by(|a, b| compare_cells(a, b).is_eq());
        let place = |cell: &Cell| {
            cells.binary_search_by(|other| compare_cells(other, cell)).map_or(NULL_SLOT, |place| place as u32)
        };
        let (by_rank, without) = (by_rank.iter().map(place).collect(), without.as_ref().map_or(NULL_SLOT, place));
        KeyExtractor::Of { var: counted, ranks, base: values.base, by_rank, without, cells: Arc::new(cells) }
    }

    pub fn var(&self) -> VarId {
        match self {
            KeyExtractor::Entity(var) | KeyExtractor::Of { var, .. } => *var,
        }
    }

    #[inline]
    pub fn number(&self, entity: u32) -> u32 {
        match self {
            KeyExtractor::Entity(_) => entity,
            KeyExtractor::Of { ranks, base, by_rank, without, .. } => {
                let rank = ranks.of_entities.get(entity.wrapping_sub(*base) as usize);
                rank.map_or(*without, |rank| by_rank[*rank as usize])
            }
        }
    }

    /// Returns the column of the key that has these numbers, one per group.
    pub fn column(&self, numbers: Vec<u32>) -> KeyColumn {
        let cells = if let KeyExtractor::Of { cells, .. } = self { Some(cells.clone()) } else { None };
        KeyColumn { numbers, cells }
    }

    /// Returns the range that contains all numbers.
    pub fn numbers(&self, engine: &Engine) -> Range<u32> {
        match self {
            KeyExtractor::Entity(var) => match engine.pattern.slots[var.0 as usize].kind {
                VarKind::Entity(types) => {
                    let ranges = engine.graph.ranges(types);
                    ranges.first().map_or(0, |first| first.start)..ranges.last().map_or(0, |last| last.end)
                }
                _ => 0..0,
            },
            KeyExtractor::Of { cells, .. } => 0..cells.len() as u32,
        }
    }
}
