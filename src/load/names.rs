//! Index of entity names during loading: exact, by alias, case-folded.

use crate::graph::{EntityId, folded, same};
use crate::schema::{Schema, TypeId, TypeSet};
use rustc_hash::{FxHashMap, FxHashSet, FxHasher};
use std::hash::Hasher;

/// Marks a missing word or entity.
const NONE: u32 = u32::MAX;

/// The maximum number of words kept from dropped rows. It bounds memory where every row is bad; beyond it, names that
/// only dropped rows declare are reported, too.
const MOST_REFUSED: usize = 100_000;

/// Entities with the words that find them. Ids are the builder's.
#[derive(Debug, Default)]
pub(super) struct NameIndex {
    /// By entity.
    types: Vec<TypeId>,
    /// By entity: the word that is its name.
    names: Vec<u32>,
    /// Names and aliases, in the order given.
    words: Vec<NameWord>,
    bytes: String,
    /// By [`fold_hash`]: the last word with this hash, which is the head of a linked list.
    last: FxHashMap<u64, u32>,
    keys: Keys,
    /// The key of each entity that has one.
    key_of: FxHashMap<u32, Box<str>>,
    /// Names that several entities have, distinguished by their keys.
    shared: FxHashSet<String>,
    /// Words of dropped rows. The rows have been reported, so unknown names among these are not reported again.
    refused: FxHashSet<String>,
}

/// A name or an alias.
#[derive(Debug)]
struct NameWord {
    /// The end of its text in `bytes`; it starts at the end of the word before.
    end: usize,
    owner: u32,
    is_alias: bool,
    /// The previous word with the same hash, or [`NONE`].
    before: u32,
}

/// The entities that a word may refer to; usually one.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) enum Candidates {
    #[default]
    None,
    One(u32),
    Many(Vec<u32>),
}

impl Candidates {
    pub fn as_slice(&self) -> &[u32] {
        match self {
            Candidates::None => &[],
            Candidates::One(id) => std::slice::from_ref(id),
            Candidates::Many(ids) => ids,
        }
    }

    fn add(&mut self, id: u32) {
        match self {
            Candidates::None => *self = Candidates::One(id),
            Candidates::One(one) if *one == id => {}
            Candidates::One(one) => *self = Candidates::Many(vec![*one, id]),
            Candidates::Many(ids) if ids.contains(&id) => {}
            Candidates::Many(ids) => ids.push(id),
        }
    }
}

/// Returns a hash that is equal for words that fold alike.
pub(super) fn fold_hash(word: &str) -> u64 {
    let mut hasher = FxHasher::default();
    folded(word).for_each(|c| hasher.write_u32(c as u32));
    hasher.finish()
}

impl NameIndex {
    /// Adds an entity. Ids must be added in ascending order, from 0. `hash` is that of the name.
    pub fn add(&mut self, id: EntityId, type_: TypeId, name: &str, hash: u64) {
        self.types.push(type_);
        self.names.push(self.words.len() as u32);
        self.add_word(id, name, hash, false);
    }

    pub fn add_alias(&mut self, id: EntityId, alias: &str) {
        self.add_word(id, alias, fold_hash(alias), true);
    }

    fn add_word(&mut self, id: EntityId, word: &str, hash: u64, is_alias: bool) {
        let before = self.last.insert(hash, self.words.len() as u32).unwrap_or(NONE);
        self.bytes.push_str(word);
        self.words.push(NameWord { end: self.bytes.len(), owner: id.0, is_alias, before });
    }

    /// Adds a key; returns false if another entity of the same type has it.
    pub fn add_key(&mut self, id: EntityId, key: &str) -> bool {
        let is_new = self.keys.get(key).iter().all(|other| self.types[*other as usize] != self.type_of(id));
        self.keys.add(key, id.0);
        self.key_of.insert(id.0, Box::from(key));
        is_new
    }

    pub fn key_of(&self, id: EntityId) -> Option<&str> {
        self.key_of.get(&id.0).map(|key| &**key)
    }

    /// Returns the entity with exactly this type and this key.
    pub fn keyed(&self, type_: TypeId, key: &str) -> Option<EntityId> {
        self.keys.get(key).iter().map(|id| EntityId(*id)).find(|id| self.type_of(*id) == type_)
    }

    /// Adds a name that other entities have, too.
    pub fn add_shared(&mut self, id: EntityId, name: &str) {
        self.shared.insert(name.to_string());
        self.add_alias(id, name);
    }

    pub fn is_shared(&self, name: &str) -> bool {
        self.shared.contains(name)
    }

    /// Renames an entity; the current name becomes an alias.
    pub fn rename(&mut self, id: EntityId, name: &str, new: &str) {
        let hash = fold_hash(name);
        let first = self.last.get(&hash).copied().unwrap_or(NONE);
        let all = std::iter::successors(Some(first), |i| Some(self.words.get(*i as usize)?.before));
        let own = all.take_while(|i| *i != NONE).find(|i| {
            let word = &self.words[*i as usize];
            word.owner == id.0 && !word.is_alias && same(self.text(*i as usize), name)
        });
        if let Some(own) = own {
            self.words[own as usize].is_alias = true;
        }
        self.shared.insert(name.to_string());
        self.names[id.0 as usize] = self.words.len() as u32;
        self.add_word(id, new, fold_hash(new), false);
    }

    /// Returns the entities that a cell may refer to where some types are allowed: those of these types with this key,
    /// otherwise those of any type with this name.
    pub fn lookup_key(&self, word: &str, types: TypeSet) -> Candidates {
        let mut found = Candidates::None;
        let keyed = self.keys.get(word).iter().filter(|id| types.contains(self.type_of(EntityId(**id))));
        keyed.for_each(|id| found.add(*id));
        if found == Candidates::None { self.lookup(word) } else { found }
    }

    /// Keeps a word of a dropped row.
    pub fn refuse(&mut self, word: &str) {
        if self.refused.len() < MOST_REFUSED {
            self.refused.insert(word.to_string());
        }
    }

    pub fn is_refused(&self, word: &str) -> bool {
        !self.refused.is_empty() && self.refused.contains(word)
    }

    pub fn type_of(&self, id: EntityId) -> TypeId {
        self.types[id.0 as usize]
    }

    /// Returns the entity with exactly this type and this name.
    pub fn named(&self, type_: TypeId, name: &str, hash: u64) -> Option<EntityId> {
        let named = self.alike(name, hash).filter(|(word, text)| !word.is_alias && same(text, name));
        let mut found = named.map(|(word, _)| EntityId(word.owner)).filter(|id| self.type_of(*id) == type_);
        found.next()
    }

    /// Returns whether an entity has exactly this name or alias.
    pub fn is_called(&self, id: EntityId, word: &str) -> bool {
        self.alike(word, fold_hash(word)).any(|(other, text)| other.owner == id.0 && same(text, word))
    }

    /// Returns the entities that a name may refer to, in the order given: those with exactly this name, otherwise those
    /// with exactly this alias, otherwise those with a name or alias that folds alike.
    pub fn lookup(&self, name: &str) -> Candidates {
        let (mut best, mut found) = (3, Vec::new());
        for (word, text) in self.alike(name, fold_hash(name)) {
            let rank = match (same(text, name), word.is_alias) {
                (true, false) => 0,
                (true, true) => 1,
                (false, _) => 2,
            };
            if rank < best {
                (best, found) = (rank, Vec::new());
            }
            if rank == best {
                found.push(word.owner);
            }
        }
        let mut all = Candidates::None;
        // The linked list runs from the last word to the first.
        found.into_iter().rev().for_each(|id| all.add(id));
        all
    }

    /// Returns the name with which an entity was declared, or the last one that it was given.
    pub fn name_of(&self, id: EntityId) -> &str {
        self.names.get(id.0 as usize).map_or("", |i| self.text(*i as usize))
    }

    /// Returns another entity of the same family of types with this name or alias (and true), or with one that folds
    /// alike (and false).
    pub fn clash(
        &self,
        schema: &Schema,
        id: Option<EntityId>,
        type_: TypeId,
        (word, hash): (&str, u64),
    ) -> Option<(EntityId, bool)> {
        let family = top(schema, type_);
        let others = self.alike(word, hash).map(|(other, text)| (EntityId(other.owner), same(text, word)));
        let others = others.filter(|(other, _)| Some(*other) != id && top(schema, self.type_of(*other)) == family);
        // An exact match wins; of equal ones the first declared, which is the last in the list.
        others.reduce(|last, other| if last.1 && !other.1 { last } else { other })
    }

    /// Returns the number of names and aliases.
    pub fn len(&self) -> usize {
        self.words.len()
    }

    /// Iterates over all names and aliases, for suggestions.
    pub fn words(&self) -> impl Iterator<Item = (&str, TypeId)> {
        (0..self.words.len()).map(|i| (self.text(i), self.types[self.words[i].owner as usize]))
    }

    /// Iterates over the words that fold like `word`, the last one first. `hash` is that of `word`.
    fn alike<'i>(&'i self, word: &'i str, hash: u64) -> impl Iterator<Item = (&'i NameWord, &'i str)> {
        let first = self.last.get(&hash).copied().unwrap_or(NONE);
        let all = std::iter::successors(Some(first), |i| Some(self.words.get(*i as usize)?.before));
        let all = all.map_while(|i| Some((self.words.get(i as usize)?, self.text(i as usize))));
        // Equal words need no folding.
        all.filter(move |(_, text)| *text == word || folded(text).eq(folded(word)))
    }

    fn text(&self, i: usize) -> &str {
        let start = if i == 0 { 0 } else { self.words[i - 1].end };
        &self.bytes[start..self.words[i].end]
    }
}

/// Returns the topmost supertype of a type.
pub(super) fn top(schema: &Schema, type_: TypeId) -> TypeId {
    std::iter::successors(Some(type_), |id| schema.type_(*id).parent).last().unwrap_or(type_)
}

/// Index of keys. Most keys are small consecutive numbers, which an array holds.
#[derive(Debug, Default)]
struct Keys {
    count: usize,
    /// Entity by number, or [`NONE`].
    numbers: Vec<u32>,
    /// Keys that are not a number, or are a number far above the others, or belong to several entities.
    others: FxHashMap<Box<str>, Candidates>,
}

impl Keys {
    fn get(&self, key: &str) -> &[u32] {
        let slot = number(key).and_then(|number| self.numbers.get(number));
        match slot.filter(|id| **id != NONE) {
            Some(id) => std::slice::from_ref(id),
            None if self.others.is_empty() => &[],
            None => self.others.get(key).map_or(&[], Candidates::as_slice),
        }
    }

    fn add(&mut self, key: &str, id: u32) {
        self.count += 1;
        // Numbers far above the count of keys go to the map, so that the array stays dense. By reasoning, no benchmark
        // varies it: eight slots take less memory than one entry of the map.
        let near = 1024 + 8 * self.count;
        let slot = number(key).filter(|number| *number < near && !self.others.contains_key(key));
        let Some(number) = slot else { return self.others.entry(Box::from(key)).or_default().add(id) };
        if number >= self.numbers.len() {
            self.numbers.resize(number + 1, NONE);
        }
        let before = std::mem::replace(&mut self.numbers[number], id);
        // Two entities have this key: empties the slot, so that `get` finds both in the map.
        if before != NONE && before != id {
            self.numbers[number] = NONE;
            self.others.insert(Box::from(key), Candidates::Many(vec![before, id]));
        }
    }
}

/// Returns the number that a key denotes if it is written without leading zeros: `7`, not `07`.
fn number(key: &str) -> Option<usize> {
    let digits = key.as_bytes();
    // At most nine digits, so that the number fits in a `usize` of 32 bits.
    let is_plain = matches!(digits, [b'0'] | [b'1'..=b'9', ..]) && digits.len() < 10;
    let value = |number: usize, digit: &u8| digit.is_ascii_digit().then(|| number * 10 + usize::from(digit - b'0'));
    if is_plain { digits.iter().try_fold(0, value) } else { None }
}

#[cfg(test)]
mod tests {
    use super::Keys;

    #[test]
    fn keys_are_found_whatever_they_look_like() {
        let mut keys = Keys::default();
        let all = ["7", "07", "a", "4294967295", "99999", "0", "", "-1", "7", "a"];
        all.iter().zip(0..).for_each(|(key, id)| keys.add(key, id));
        assert_eq!((keys.get("7"), keys.get("07"), keys.get("a")), (&[0, 8][..], &[1][..], &[2, 9][..]));
        assert_eq!((keys.get("4294967295"), keys.get("99999"), keys.get("0")), (&[3][..], &[4][..], &[5][..]));
        assert_eq!((keys.get(""), keys.get("-1"), keys.get("8")), (&[6][..], &[7][..], &[] as &[u32]));
        // A number once far above the others stays in the map.
        (0..20_000).for_each(|id| keys.add("1", id));
        keys.add("99999", 9);
        assert_eq!(keys.get("99999"), [4, 9]);
    }
}
