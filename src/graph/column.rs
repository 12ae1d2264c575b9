//! Columns: arrays that are owned, or lie in a mapped snapshot.

use std::any::Any;
use std::ops::Deref;
use std::sync::{Arc, OnceLock};

/// An immutable array of plain values. Reads as a slice; take the slice once before a hot loop.
#[derive(Clone)]
pub enum Column<T: 'static> {
    Owned(Arc<[T]>),
    /// Memory that something else owns: a mapped snapshot.
    Shared(Arc<Shared<T>>),
}

/// An array in memory that something else owns. It is checked when it is first read; a damaged one reads as something
/// harmless of the same length, and is noted in the graph's [`Damage`].
pub struct Shared<T: 'static> {
    /// Good for as long as the owner, so never to be given out for longer than a borrow of this.
    values: &'static [T],
    /// What is read instead, if the values are damaged.
    checked: OnceLock<Option<Box<[T]>>>,
    check: Box<Check<T>>,
    _owner: Arc<dyn Any + Send + Sync>,
}

/// Nothing for sound values; for others, what is to be read instead: as many.
pub type Check<T> = dyn Fn(&[T]) -> Option<Box<[T]>> + Send + Sync;

impl<T> Column<T> {
    /// Values that are good as long as `owner` is. The check is made once, when they are first read.
    pub(crate) fn shared(values: &'static [T], owner: Arc<dyn Any + Send + Sync>, check: Box<Check<T>>) -> Column<T> {
        Column::Shared(Arc::new(Shared { values, checked: OnceLock::new(), check, _owner: owner }))
    }

    /// How many values. This does not read them, so that it checks nothing.
    pub fn len(&self) -> usize {
        match self {
            Column::Owned(values) => values.len(),
            Column::Shared(shared) => shared.values.len(),
        }
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl<T> Shared<T> {
    #[inline]
    fn get(&self) -> &[T] {
        match self.checked.get_or_init(|| (self.check)(self.values)) {
            None => self.values,
            Some(instead) => instead,
        }
    }
}

impl<T> Deref for Column<T> {
    type Target = [T];

    #[inline]
    fn deref(&self) -> &[T] {
        match self {
            Column::Owned(values) => values,
            Column::Shared(shared) => shared.get(),
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

/// The first column of a graph that was found damaged. A graph in memory has none.
#[derive(Debug, Clone, Default)]
pub(crate) struct Damage(Arc<OnceLock<&'static str>>);

impl Damage {
    /// Notes the name of a damaged column, unless another was there before.
    pub fn note(&self, column: &'static str) {
        _ = self.0.set(column);
    }

    pub fn first(&self) -> Option<&'static str> {
        self.0.get().copied()
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
