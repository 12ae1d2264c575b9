//! The order of entities: by type, then by name.

use super::EntityId;
use super::{Names, Texts, TypeId, fold};
use crate::value::natural;

/// Entities in order of insertion, as columns.
#[derive(Debug, Default)]
pub(super) struct Entities {
    types: Vec<u16>,
    /// Where each name ends in `bytes`.
    ends: Vec<usize>,
    bytes: String,
    /// Entity and alias, in order of insertion.
    aliases: Vec<(u32, Box<str>)>,
}

impl Entities {
    pub fn add(&mut self, type_: TypeId, name: &str, aliases: &[String]) -> EntityId {
        let id = self.types.len() as u32;
        self.types.push(type_.0);
        self.bytes.push_str(name);
        self.ends.push(self.bytes.len());
        self.aliases.extend(aliases.iter().map(|alias| (id, Box::from(alias.as_str()))));
        EntityId(id)
    }

    pub fn len(&self) -> usize {
        self.types.len()
    }

    pub fn name(&self, id: u32) -> &str {
        let i = id as usize;
        let start = if i == 0 { 0 } else { self.ends[i - 1] };
        &self.bytes[start..self.ends[i]]
    }

    /// Provisional ids in final order.
    pub fn order(&self) -> Vec<u32> {
        let mut order: Vec<u32> = (0..self.len() as u32).collect();
        let type_of = |id: u32| self.types[id as usize];
        order.sort_by(|a, b| type_of(*a).cmp(&type_of(*b)).then_with(|| natural(self.name(*a), self.name(*b))));
        order
    }

    /// Where each type begins, and the end of the last.
    pub fn type_starts(&self, types: usize) -> Vec<u32> {
        let mut starts = vec![0; types + 1];
        for type_ in &self.types {
            if let Some(start) = starts.get_mut(*type_ as usize + 1) {
                *start += 1;
            }
        }
        for i in 1..starts.len() {
            starts[i] += starts[i - 1];
        }
        starts
    }

    /// Names, aliases and their index, in final order.
    pub fn names(&self, order: &[u32]) -> Names {
        let rank = ranks(order);
        let mut aliases: Vec<(u32, &str)> =
            self.aliases.iter().map(|(id, alias)| (rank[*id as usize], &**alias)).collect();
        aliases.sort_by_key(|(entity, _)| *entity);
        let mut alias_offsets = vec![0; self.len() + 1];
        aliases.iter().for_each(|(entity, _)| alias_offsets[*entity as usize + 1] += 1);
        for i in 1..alias_offsets.len() {
            alias_offsets[i] += alias_offsets[i - 1];
        }
        let words = order.iter().map(|id| self.name(*id)).chain(aliases.iter().map(|(_, alias)| *alias));
        let folded: Vec<String> = words.map(fold).collect();
        let mut by_fold: Vec<u32> = (0..folded.len() as u32).collect();
        by_fold.sort_by(|a, b| folded[*a as usize].cmp(&folded[*b as usize]));
        Names {
            names: order.iter().map(|id| self.name(*id)).collect::<Texts>(),
            alias_offsets: alias_offsets.into(),
            aliases: aliases.iter().map(|(_, alias)| *alias).collect::<Texts>(),
            by_fold: by_fold.into(),
        }
    }
}

/// By provisional id: the final one.
pub(super) fn ranks(order: &[u32]) -> Vec<u32> {
    let mut rank = vec![0; order.len()];
    for (i, id) in order.iter().enumerate() {
        rank[*id as usize] = i as u32;
    }
    rank
}
