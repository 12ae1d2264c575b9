//! Names of entities and their aliases, and how a written name finds them.

use super::{Column, EntityId, Texts};
use crate::value::plain;
use std::borrow::Cow;
use std::cmp::Ordering;

/// Names and aliases with their index.
#[derive(Debug, Clone, Default)]
pub struct Names {
    /// By entity.
    pub names: Texts,
    /// By entity, one entry more: where its aliases begin in `aliases`. Empty where there is no alias at all.
    pub alias_offsets: Column<u32>,
    pub aliases: Texts,
    /// Names (entity number `i`) and aliases (entity count + alias position) in order of their folded form.
    pub by_fold: Column<u32>,
}

/// A name without case, spaces, hyphens and underscores: `DeepSeek-V3` and `deepseek v3` fold alike. So do the forms of
/// a letter with its marks, and what cannot be seen is left out; see [`plain`].
pub fn fold(name: &str) -> String {
    let mut fold = String::with_capacity(name.len());
    fold.extend(folded(name));
    fold
}

/// The letters of [`fold`].
pub(crate) fn folded(name: &str) -> impl Iterator<Item = char> {
    Chars::of(plain(name)).filter(|c| is_kept(*c)).flat_map(|c| match c.is_ascii() {
        true => Lower::Ascii(Some(c.to_ascii_lowercase())),
        false => Lower::Other(c.to_lowercase()),
    })
}

/// The characters of a text that may be one's own: then that, and where the next begins.
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

/// Whether two names look the same.
pub(crate) fn same(a: &str, b: &str) -> bool {
    a == b || !(a.is_ascii() && b.is_ascii()) && plain(a) == plain(b)
}

/// How a name's folded form stands to a text that is folded already; without making the form, since a search asks this
/// at each step.
fn compare_folded(name: &[u8], wanted: &str) -> Ordering {
    if !name.is_ascii() {
        return folded(std::str::from_utf8(name).unwrap_or("")).cmp(wanted.chars());
    }
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

/// Whether a character of a name belongs to its folded form.
fn is_kept(character: char) -> bool {
    !matches!(character, ' ' | '-' | '_')
}

/// A letter in lower case: mostly one.
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

    /// The bytes of its name; see [`Texts::bytes`].
    #[inline]
    pub fn bytes(&self, entity: EntityId) -> &[u8] {
        self.names.bytes(entity.0)
    }

    /// Other names of an entity, in the order declared.
    pub fn aliases(&self, entity: EntityId) -> impl Iterator<Item = &str> {
        let i = entity.0 as usize;
        let range = match self.alias_offsets.part(i..i + 2) {
            Some([start, end]) => *start..*end,
            _ => 0..0,
        };
        range.map(|alias| self.aliases.get(alias))
    }

    /// The entities that a written name may mean, of any type, in id order: those named exactly so, else those with
    /// such an alias, else those that fold alike. Empty where none does. O(log n).
    pub fn lookup(&self, name: &str) -> Vec<EntityId> {
        let wanted = fold(name);
        let start = self.by_fold.partition_point(|i| compare_folded(self.word_bytes(i), &wanted).is_lt());
        let from_start = (start..self.by_fold.len()).map_while(|i| self.by_fold.at(i));
        let alike = from_start.take_while(|i| compare_folded(self.word_bytes(*i), &wanted).is_eq());
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
        best.1.sort();
        best.1.dedup();
        best.1
    }

    /// The entities that have a name or an alias which folds like that name.
    pub fn alike(&self, name: &str) -> Vec<EntityId> {
        let wanted = fold(name);
        let start = self.by_fold.partition_point(|i| compare_folded(self.word_bytes(i), &wanted).is_lt());
        let from_start = (start..self.by_fold.len()).map_while(|i| self.by_fold.at(i));
        let alike = from_start.take_while(|i| compare_folded(self.word_bytes(*i), &wanted).is_eq());
        alike.map(|i| self.owner(i)).collect()
    }

    /// Every name and alias with its entity.
    pub fn iter(&self) -> impl Iterator<Item = (&str, EntityId)> {
        (0..(self.names.len() + self.aliases.len()) as u32).map(|i| (self.word(i), self.owner(i)))
    }

    /// The name or alias at a position of the index.
    fn word(&self, i: u32) -> &str {
        std::str::from_utf8(self.word_bytes(i)).unwrap_or("")
    }

    /// Its bytes; see [`Texts::bytes`].
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
