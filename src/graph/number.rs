//! Order of entities: by type, then by name.

use super::EntityId;
use super::{Names, Texts, TypeId, folded};
use crate::value::{Id, natural};
use rustc_hash::FxHashMap;

/// Entities in insertion order, in columns.
#[derive(Debug, Default)]
pub(super) struct Entities {
    types: Vec<u16>,
    /// End of each name in `bytes`.
    ends: Vec<usize>,
    bytes: String,
    /// Entity and alias, in insertion order.
    aliases: Vec<(u32, Box<str>)>,
    /// The total length of aliases and later names. A name that becomes an alias counts where it was added.
    alias_bytes: usize,
    /// Later names of renamed entities.
    renamed: FxHashMap<u32, Box<str>>,
}

impl Entities {
    pub fn add(&mut self, type_: TypeId, name: &str, aliases: &[String]) -> EntityId {
        // The builder has checked that there is an id left.
        let id = EntityId::new(self.types.len()).unwrap_or(EntityId(0));
        self.types.push(type_.0);
        self.bytes.push_str(name);
        self.ends.push(self.bytes.len());
        self.aliases.extend(aliases.iter().map(|alias| (id.0, Box::from(alias.as_str()))));
        self.alias_bytes += aliases.iter().map(String::len).sum::<usize>();
        id
    }

    pub fn add_alias(&mut self, id: EntityId, alias: &str) {
        if (id.0 as usize) < self.len() {
            self.aliases.push((id.0, Box::from(alias)));
            self.alias_bytes += alias.len();
        }
    }

    /// Renames an entity; its current name becomes an alias.
    pub fn rename(&mut self, id: EntityId, name: &str) {
        if (id.0 as usize) < self.len() {
            let old = Box::from(self.name(id.0));
            self.aliases.push((id.0, old));
            self.alias_bytes += name.len();
            self.renamed.insert(id.0, Box::from(name));
        }
    }

    pub fn len(&self) -> usize {
        self.types.len()
    }

    /// Returns an upper bound of the total length of names and aliases.
    pub fn bytes(&self) -> usize {
        self.bytes.len() + self.alias_bytes
    }

    pub fn name(&self, id: u32) -> &str {
        // Most graphs rename nothing, and sorting asks for two names in each comparison.
        if !self.renamed.is_empty()
            && let Some(name) = self.renamed.get(&id)
        {
            return name;
        }
        let i = id as usize;
        let start = if i == 0 { 0 } else { self.ends[i - 1] };
        &self.bytes[start..self.ends[i]]
    }

    /// Returns the provisional ids in final order.
    pub fn order(&self) -> Vec<u32> {
        let mut order: Vec<u32> = (0..self.len() as u32).collect();
        let type_of = |id: u32| self.types[id as usize];
        // A stable sort: entities of equal names stay in the order of insertion.
        order.sort_by(|a, b| type_of(*a).cmp(&type_of(*b)).then_with(|| natural(self.name(*a), self.name(*b))));
        order
    }

    /// Returns the first id of each type, and the end of the last type.
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

    /// Returns names, aliases and their index, in final order.
    pub fn names(&self, order: &[u32]) -> Names {
        let rank = ranks(order);
        let mut aliases: Vec<(u32, &str)> =
            self.aliases.iter().map(|(id, alias)| (rank[*id as usize], &**alias)).collect();
        aliases.sort_by_key(|(entity, _)| *entity);
        let words = order.iter().map(|id| self.name(*id)).chain(aliases.iter().map(|(_, alias)| *alias));
        Names {
            by_fold: by_fold(words).into(),
            names: order.iter().map(|id| self.name(*id)).collect::<Texts>(),
            alias_offsets: alias_offsets(self.len(), &aliases).into(),
            aliases: aliases.iter().map(|(_, alias)| *alias).collect::<Texts>(),
        }
    }
}

/// Returns the positions of words, sorted by their folded form.
fn by_fold<'w>(words: impl Iterator<Item = &'w str>) -> Vec<u32> {
    let (mut text, mut ends) = (String::new(), vec![0]);
    for word in words {
        text.extend(folded(word));
        ends.push(text.len());
    }
    let mut order: Vec<u32> = (0..ends.len() as u32 - 1).collect();
    let word = |i: u32| text.as_bytes().get(ends[i as usize]..ends[i as usize + 1]);
    order.sort_by(|a, b| word(*a).cmp(&word(*b)));
    order
}

/// Returns, per entity and with one entry more, the offset of its aliases. Empty if there are no aliases.
fn alias_offsets(entities: usize, aliases: &[(u32, &str)]) -> Vec<u32> {
    if aliases.is_empty() {
        return Vec::new();
    }
    let mut offsets = vec![0; entities + 1];
    aliases.iter().for_each(|(entity, _)| offsets[*entity as usize + 1] += 1);
    for i in 1..offsets.len() {
        offsets[i] += offsets[i - 1];
    }
    offsets
}

/// Returns the final id of each provisional id.
pub(super) fn ranks(order: &[u32]) -> Vec<u32> {
    let mut rank = vec![0; order.len()];
    for (i, id) in order.iter().enumerate() {
        rank[*id as usize] = i as u32;
    }
    rank
}
