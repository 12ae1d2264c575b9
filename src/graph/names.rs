//! Names and aliases of entities, and look-up by name.

use super::{Column, EntityId, Texts};
use crate::value::plain;
use std::borrow::Cow;
use std::cmp::Ordering;

/// Names and aliases with their index.
#[derive(Debug, Clone, Default)]
pub struct Names {
    /// Per entity.
    pub names: Texts,
    /// Per entity, with one entry more: offset of its aliases in `aliases`. Empty if there are no aliases.
    pub alias_offsets: Column<u32>,
    pub aliases: Texts,
    /// Names (entity number `i`) and aliases (entity count + alias position), sorted by their folded form.
    pub by_fold: Column<u32>,
}

/// Returns a name without case, spaces, hyphens and underscores: `DeepSeek-V3` and `deepseek v3` fold alike. Letters
/// with marks are normalised, and invisible characters are left out; see [`plain`].
pub fn fold(name: &str) -> String {
    let mut fold = String::with_capacity(name.len());
    fold.extend(folded(name));
    fold
}

/// Returns the characters of [`fold`].
pub(crate) fn folded(name: &str) -> impl Iterator<Item = char> {
    Chars::of(plain(name)).filter(|c| is_kept(*c)).flat_map(|c| match c.is_ascii() {
        true => Lower::Ascii(Some(c.to_ascii_lowercase())),
        false => Lower::Other(c.to_lowercase()),
    })
}

/// Characters of a borrowed text, or of an owned one with the offset of the next character.
enum Chars<'t> {
    Borrowed(std::str::Chars<'t>),
    Owned(String, usize),
}

impl<'t> Chars<'t> {
    fn of(text: Cow<'t, str>) -> Chars<'t> {
        match text {
            Cow::Borrowed(text) => Chars::Borrowed(text.chars()),
            Cow::Owned(text) => Chars::Owned(text, 0),
        }
    }
}

impl Iterator for Chars<'_> {
    type Item = char;

    fn next(&mut self) -> Option<char> {
        match self {
            Chars::Borrowed(chars) => chars.next(),
            Chars::Owned(text, at) => {
                let next = text.get(*at..)?.chars().next()?;
                *at += next.len_utf8();
                Some(next)
            }
        }
    }
}

/// Returns true if two names look the same.
pub(crate) fn same(a: &str, b: &str) -> bool {
    a == b || !(a.is_ascii() && b.is_ascii()) && plain(a) == plain(b)
}

/// Compares the folded form of a name with a text that is folded already. The form is not built, since a binary search
/// calls this in each step.
fn compare_folded(name: &[u8], wanted: &str) -> Ordering {
    if !name.is_ascii() {
        return folded(std::str::from_utf8(name).unwrap_or("")).cmp(wanted.chars());
    }
    // Fast path: ASCII characters fold to at most one byte each.
    let mut rest = wanted.bytes();
    for byte in name {
        if !is_kept(char::from(*byte)) {
            continue;
        }
        match Some(byte.to_ascii_lowercase()).cmp(&rest.next()) {
            Ordering::Equal => {}
            other => return other,
        }
    }
    if rest.len() == 0 { Ordering::Equal } else { Ordering::Less }
}

/// Returns true if a character of a name belongs to its folded form.
fn is_kept(character: char) -> bool {
    !matches!(character, ' ' | '-' | '_')
}

/// Lower case of a character; usually one character.
enum Lower {
    Ascii(Option<char>),
    Other(std::char::ToLowercase),
}

impl Iterator for Lower {
    type Item = char;

    fn next(&mut self) -> Option<char> {
        match self {
            Lower::Ascii(c) => c.take(),
            Lower::Other(all) => all.next(),
        }
    }
}

impl Names {
    pub fn name(&self, entity: EntityId) -> &str {
        self.names.get(entity.0)
    }

    /// Returns the bytes of a name; see [`Texts::bytes`].
    #[inline]
    pub fn bytes(&self, entity: EntityId) -> &[u8] {
        self.names.bytes(entity.0)
    }

    /// Returns the aliases of an entity, in the order declared.
    pub fn aliases(&self, entity: EntityId) -> impl Iterator<Item = &str> {
        let i = entity.0 as usize;
        let range = match self.alias_offsets.part(i..i + 2) {
            Some([start, end]) => *start..*end,
            _ => 0..0,
        };
        range.map(|alias| self.aliases.get(alias))
    }

    /// Returns the entities that a written name may mean, of any type, in id order: those with exactly this name or, if
    /// there are none, those with such an alias or, if there are none, those with the same folded form. O(log n).
    pub fn lookup(&self, name: &str) -> Vec<EntityId> {
        let wanted = fold(name);
        let start = self.by_fold.partition_point(|i| compare_folded(self.word_bytes(i), &wanted).is_lt());
        let from_start = (start..self.by_fold.len()).map_while(|i| self.by_fold.at(i));
        let alike = from_start.take_while(|i| compare_folded(self.word_bytes(*i), &wanted).is_eq());
        // Rank 0 is an exact name, 1 an exact alias, 2 an equal folded form.
        let mut best = (3, Vec::new());
        for i in alike {
            let rank = match (same(self.word(i), name), (i as usize) < self.names.len()) {
                (true, true) => 0,
                (true, false) => 1,
                (false, _) => 2,
            };
            if rank < best.0 {
                best = (rank, Vec::new());
            }
            if rank == best.0 {
                best.1.push(self.owner(i));
            }
        }
        // The index is not in id order, and an entity may match by several aliases.
        best.1.sort();
        best.1.dedup();
        best.1
    }

    /// Returns the entities with a name or an alias of the same folded form.
    pub fn alike(&self, name: &str) -> Vec<EntityId> {
        let wanted = fold(name);
        let start = self.by_fold.partition_point(|i| compare_folded(self.word_bytes(i), &wanted).is_lt());
        let from_start = (start..self.by_fold.len()).map_while(|i| self.by_fold.at(i));
        let alike = from_start.take_while(|i| compare_folded(self.word_bytes(*i), &wanted).is_eq());
        alike.map(|i| self.owner(i)).collect()
    }

    /// Returns every name and alias with its entity.
    pub fn iter(&self) -> impl Iterator<Item = (&str, EntityId)> {
        (0..(self.names.len() + self.aliases.len()) as u32).map(|i| (self.word(i), self.owner(i)))
    }

    /// Returns the name or alias at a position of the index.
    fn word(&self, i: u32) -> &str {
        std::str::from_utf8(self.word_bytes(i)).unwrap_or("")
    }

    /// Returns its bytes; see [`Texts::bytes`].
    fn word_bytes(&self, i: u32) -> &[u8] {
        match i.checked_sub(self.names.len() as u32) {
            None => self.names.bytes(i),
            Some(alias) => self.aliases.bytes(alias),
        }
    }

    fn owner(&self, i: u32) -> EntityId {
        match i.checked_sub(self.names.len() as u32) {
            None => EntityId(i),
            Some(alias) => EntityId(super::adjacency::row_of(&self.alias_offsets, alias)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{compare_folded, fold};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn compares_as_the_folded_forms_do(name in "[aeB _0-9éÉßİ中\u{301}\u{200b}-]{0,6}", other in "[Ab _0-9eéßi中\u{301}\u{ad}-]{0,6}") {
            let wanted = fold(&other);
            prop_assert_eq!(compare_folded(name.as_bytes(), &wanted), fold(&name).cmp(&wanted));
        }
    }
}
