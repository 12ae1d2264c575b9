//! The names of entities while a graph is read: exact, by alias, folded.

use crate::graph::{EntityId, fold};
use crate::schema::{Schema, TypeId};
use rustc_hash::FxHashMap;

/// Entities and what finds them. Ids are the builder's.
#[derive(Debug, Default)]
pub(super) struct Index {
    /// By entity.
    types: Vec<TypeId>,
    names: FxHashMap<Box<str>, Found>,
    aliases: FxHashMap<Box<str>, Found>,
    folded: FxHashMap<Box<str>, Found>,
    /// What tables of facts may say for an entity.
    keys: FxHashMap<Box<str>, Found>,
}

/// Mostly one.
#[derive(Debug, Clone)]
enum Found {
    One(u32),
    Many(Vec<u32>),
}

impl Found {
    fn as_slice(&self) -> &[u32] {
        match self {
            Found::One(id) => std::slice::from_ref(id),
            Found::Many(ids) => ids,
        }
    }

    fn add(&mut self, id: u32) {
        match self {
            Found::One(one) if *one == id => {}
            Found::One(one) => *self = Found::Many(vec![*one, id]),
            Found::Many(ids) if ids.contains(&id) => {}
            Found::Many(ids) => ids.push(id),
        }
    }
}

fn put(map: &mut FxHashMap<Box<str>, Found>, word: &str, id: u32) {
    match map.get_mut(word) {
        Some(found) => found.add(id),
        None => {
            map.insert(Box::from(word), Found::One(id));
        }
    }
}

impl Index {
    /// Ids are given in rising order, from 0.
    pub fn add(&mut self, id: EntityId, type_: TypeId, name: &str) {
        self.types.push(type_);
        put(&mut self.names, name, id.0);
        put(&mut self.folded, &fold(name), id.0);
    }

    pub fn add_alias(&mut self, id: EntityId, alias: &str) {
        put(&mut self.aliases, alias, id.0);
        put(&mut self.folded, &fold(alias), id.0);
    }

    /// Adds a key; false where another entity of its type has it.
    pub fn add_key(&mut self, id: EntityId, key: &str) -> bool {
        let found = self.keys.get(key).map_or(&[][..], Found::as_slice);
        let is_new = found.iter().all(|other| self.types[*other as usize] != self.type_of(id));
        put(&mut self.keys, key, id.0);
        is_new
    }

    /// The entities that a cell may mean: those of that key, else those of that name.
    pub fn lookup_key(&self, word: &str) -> &[u32] {
        self.keys.get(word).map_or_else(|| self.lookup(word), Found::as_slice)
    }

    pub fn type_of(&self, id: EntityId) -> TypeId {
        self.types[id.0 as usize]
    }

    /// The entity of exactly that type and that name.
    pub fn named(&self, type_: TypeId, name: &str) -> Option<EntityId> {
        let found = self.names.get(name).map_or(&[][..], Found::as_slice);
        found.iter().map(|id| EntityId(*id)).find(|id| self.type_of(*id) == type_)
    }

    /// The entities that a written name may mean: those named exactly so, else those with such an alias, else those
    /// that fold alike.
    pub fn lookup(&self, name: &str) -> &[u32] {
        let found = self.names.get(name).or_else(|| self.aliases.get(name)).or_else(|| self.folded.get(&*fold(name)));
        found.map_or(&[], Found::as_slice)
    }

    /// Another entity of the same family of types that has this name, an alias like it, or either folded alike.
    pub fn clash(&self, schema: &Schema, id: Option<EntityId>, type_: TypeId, word: &str) -> Option<EntityId> {
        let family = top(schema, type_);
        let found = self.folded.get(&*fold(word)).map_or(&[][..], Found::as_slice);
        let other = |other: &&u32| Some(EntityId(**other)) != id;
        let same = |other: &&u32| top(schema, self.types[**other as usize]) == family;
        found.iter().filter(other).find(same).map(|other| EntityId(*other))
    }

    /// Every name and alias, for suggestions.
    pub fn words(&self) -> impl Iterator<Item = (&str, TypeId)> {
        let all = self.names.iter().chain(&self.aliases);
        all.flat_map(move |(word, found)| found.as_slice().iter().map(move |id| (&**word, self.types[*id as usize])))
    }
}

/// The topmost type above a type.
fn top(schema: &Schema, type_: TypeId) -> TypeId {
    std::iter::successors(Some(type_), |id| schema.type_(*id).parent).last().unwrap_or(type_)
}
