//! Columns: arrays that are owned, or lie in a mapped snapshot.

use std::ops::Deref;
use std::sync::Arc;

/// An immutable array of plain values. Reads as a slice; take the slice once before a hot loop.
#[derive(Clone)]
pub enum Column<T: 'static> {
    Owned(Arc<[T]>),
    /// Memory that something else owns: a mapped snapshot.
    Shared(Arc<dyn AsRef<[T]> + Send + Sync>),
}

impl<T> Deref for Column<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        match self {
            Column::Owned(values) => values,
            Column::Shared(values) => (**values).as_ref(),
        }
    }
}

impl<T> From<Vec<T>> for Column<T> {
    fn from(values: Vec<T>) -> Column<T> {
        Column::Owned(values.into())
    }
}

impl<T> Default for Column<T> {
    fn default() -> Column<T> {
        Vec::new().into()
    }
}

impl<T: std::fmt::Debug> std::fmt::Debug for Column<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

/// Texts in one heap of at most 4 GB: text `i` lies between offsets `i` and `i + 1`.
#[derive(Debug, Clone, Default)]
pub struct Texts {
    /// One more than there are texts; the first is 0.
    pub offsets: Column<u32>,
    /// UTF-8.
    pub bytes: Column<u8>,
}

impl Texts {
    pub fn len(&self) -> usize {
        self.offsets.len().saturating_sub(1)
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Text `i`; empty where there is none, or where a damaged snapshot has bytes that are not UTF-8.
    pub fn get(&self, i: u32) -> &str {
        let i = i as usize;
        let range = match (self.offsets.get(i), self.offsets.get(i + 1)) {
            (Some(start), Some(end)) => *start as usize..*end as usize,
            _ => return "",
        };
        self.bytes.get(range).and_then(|bytes| std::str::from_utf8(bytes).ok()).unwrap_or("")
    }

    pub fn iter(&self) -> impl ExactSizeIterator<Item = &str> {
        (0..self.len() as u32).map(|i| self.get(i))
    }
}

impl<S: AsRef<str>> FromIterator<S> for Texts {
    fn from_iter<I: IntoIterator<Item = S>>(texts: I) -> Texts {
        let (mut offsets, mut bytes) = (vec![0], Vec::new());
        for text in texts {
            bytes.extend_from_slice(text.as_ref().as_bytes());
            offsets.push(bytes.len() as u32);
        }
        Texts { offsets: offsets.into(), bytes: bytes.into() }
    }
}

/// Texts while they grow, each kept once. The empty text has position 0.
#[derive(Debug)]
pub(super) struct Interner {
    texts: indexmap::IndexSet<Box<str>, rustc_hash::FxBuildHasher>,
}

impl Default for Interner {
    fn default() -> Interner {
        Interner { texts: std::iter::once(Box::from("")).collect() }
    }
}

impl Interner {
    /// The position of the text, new or old.
    pub fn intern(&mut self, text: &str) -> u32 {
        match self.texts.get_index_of(text) {
            Some(i) => i as u32,
            None => self.texts.insert_full(Box::from(text)).0 as u32,
        }
    }

    pub fn finish(self) -> Texts {
        self.texts.iter().collect()
    }
}
