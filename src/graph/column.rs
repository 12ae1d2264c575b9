//! Columns: arrays that are owned, or part of a mapped snapshot.

use std::any::Any;
use std::ops::{Deref, Range};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

/// Immutable array of plain values. Dereferences to a slice; take the slice once before a hot loop. To read a few
/// values of a long column, use [`Column::part`].
#[derive(Clone)]
pub enum Column<T: 'static> {
    Owned(Arc<[T]>),
    /// Memory with another owner: a mapped snapshot.
    Shared(Arc<Shared<T>>),
}

/// Number of values that are checked together. Of 32-bit values, these are 4 KiB, a page of memory: smaller blocks
/// need more checksums, of larger ones a point query reads more than it needs.
pub(crate) const BLOCK: usize = 1024;

/// Array in memory with another owner. Values are checked before they are read, all of them or block by block, each
/// block once, so that nothing is read unnecessarily. A damaged array reads as harmless values of the same length from
/// then on, and the damage is recorded in the graph's [`Damage`].
pub struct Shared<T: 'static> {
    /// Valid as long as the owner, so it must never be returned for longer than a borrow of `self`.
    values: &'static [T],
    /// Set once all values are checked: the replacement if they are damaged, otherwise `None`.
    known: OnceLock<Option<Box<[T]>>>,
    /// One bit per block that was checked and found undamaged.
    sound: Box<[AtomicU64]>,
    /// Number of set bits, possibly a few more.
    count: AtomicUsize,
    check: Box<Check<T>>,
    /// Replacement for each value of a damaged array.
    instead: T,
    _owner: Arc<dyn Any + Send + Sync>,
}

/// Check of the block of values at a range; may also read the values before it.
pub type Check<T> = dyn Fn(&[T], Range<usize>) -> bool + Send + Sync;

impl<T: Copy> Column<T> {
    /// Returns a column of values that are valid as long as `owner`.
    pub(crate) fn shared(
        values: &'static [T],
        owner: Arc<dyn Any + Send + Sync>,
        check: Box<Check<T>>,
        instead: T,
    ) -> Column<T> {
        let words = values.len().div_ceil(BLOCK).div_ceil(64);
        let sound = (0..words).map(|_| AtomicU64::new(0)).collect();
        let (known, count) = (OnceLock::new(), AtomicUsize::new(0));
        Column::Shared(Arc::new(Shared { values, known, sound, count, check, instead, _owner: owner }))
    }

    /// Returns the values in a range; `None` beyond the end of the column. Of a snapshot, only the blocks that contain
    /// the range are read.
    #[inline]
    pub fn part(&self, range: Range<usize>) -> Option<&[T]> {
        match self {
            Column::Owned(values) => values.get(range),
            Column::Shared(shared) => match shared.known.get() {
                Some(None) => shared.values.get(range),
                Some(Some(instead)) => instead.get(range),
                None => shared.part(range),
            },
        }
    }

    /// Returns all values if they are known to be undamaged without reading any; `None` otherwise.
    pub fn known(&self) -> Option<&[T]> {
        match self {
            Column::Owned(values) => Some(values),
            Column::Shared(shared) => shared.known.get().map(|instead| instead.as_deref().unwrap_or(shared.values)),
        }
    }

    /// Returns the value at a position, as [`Column::part`].
    #[inline]
    pub fn at(&self, i: usize) -> Option<T> {
        self.part(i..i.checked_add(1)?)?.first().copied()
    }

    /// Returns the number of values for which `is_before` is true, which must be the first ones; as
    /// [`slice::partition_point`], but reads few blocks.
    pub fn partition_point(&self, is_before: impl Fn(T) -> bool) -> usize {
        let (mut start, mut end) = (0, self.len());
        while start < end {
            let middle = start.midpoint(end);
            match self.at(middle).is_some_and(&is_before) {
                true => start = middle + 1,
                false => end = middle,
            }
        }
        start
    }
}

impl<T> Column<T> {
    /// Returns the number of values, without reading or checking any.
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

impl<T: Copy> Shared<T> {
    /// Returns all values, checked.
    #[inline]
    fn all(&self) -> &[T] {
        let known = self.known.get_or_init(|| {
            let blocks = self.values.len().div_ceil(BLOCK);
            let is_damaged = !(0..blocks).all(|block| self.is_sound(block));
            is_damaged.then(|| vec![self.instead; self.values.len()].into())
        });
        known.as_deref().unwrap_or(self.values)
    }

    fn part(&self, range: Range<usize>) -> Option<&[T]> {
        let part = self.values.get(range.clone())?;
        let block = range.start / BLOCK;
        // Fast path: the range lies in a single block that is known to be undamaged.
        let is_marked =
            self.sound.get(block / 64).is_some_and(|word| word.load(Ordering::Relaxed) >> (block % 64) & 1 == 1);
        if is_marked && range.end <= (block + 1) * BLOCK {
            return Some(part);
        }
        self.check_part(range)
    }

    #[cold]
    fn check_part(&self, range: Range<usize>) -> Option<&[T]> {
        let part = self.values.get(range.clone())?;
        let blocks = range.start / BLOCK..range.end.div_ceil(BLOCK);
        // A column of which a quarter has been read will probably be read as a whole; checking it all at once is then
        // cheaper.
        let is_mostly_known = 4 * self.count.load(Ordering::Relaxed) > self.values.len().div_ceil(BLOCK);
        if is_mostly_known || !blocks.into_iter().all(|block| self.is_sound(block)) {
            return self.all().get(range);
        }
        Some(part)
    }

    fn is_sound(&self, block: usize) -> bool {
        let (word, bit) = (&self.sound[block / 64], 1 << (block % 64));
        if word.load(Ordering::Relaxed) & bit != 0 {
            return true;
        }
        let (start, end) = (block * BLOCK, self.values.len().min((block + 1) * BLOCK));
        let is_sound = (self.check)(self.values, start..end);
        if is_sound {
            // Relaxed suffices: the values themselves never change, so nothing is published with the mark.
            word.fetch_or(bit, Ordering::Relaxed);
            // Two threads may check the same block, so the count may be a little too high.
            self.count.fetch_add(1, Ordering::Relaxed);
        }
        is_sound
    }
}

impl<T: Copy> Deref for Column<T> {
    type Target = [T];

    #[inline]
    fn deref(&self) -> &[T] {
        match self {
            Column::Owned(values) => values,
            Column::Shared(shared) => shared.all(),
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

impl<T: Copy + std::fmt::Debug> std::fmt::Debug for Column<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

/// First damaged column of a graph; none for a graph in memory.
#[derive(Clone, Default)]
pub(crate) struct Damage {
    found: Arc<OnceLock<&'static str>>,
    /// Tells whether the file under the columns has been changed since it was mapped.
    is_changed: Option<Arc<dyn Fn() -> bool + Send + Sync>>,
}

impl Damage {
    pub fn watching(is_changed: impl Fn() -> bool + Send + Sync + 'static) -> Damage {
        Damage { is_changed: Some(Arc::new(is_changed)), ..Damage::default() }
    }

    /// Records the name of a damaged column, unless one is recorded already.
    pub fn note(&self, column: &'static str) {
        _ = self.found.set(column);
    }

    /// Returns the first damaged column, or [`CHANGED`] if the file has been changed; `None` if there is no damage.
    pub fn first(&self) -> Option<&'static str> {
        if self.is_changed.as_ref().is_some_and(|is_changed| is_changed()) {
            self.note(CHANGED);
        }
        self.found.get().copied()
    }
}

/// Name recorded for a file that was changed while it was open.
pub(crate) const CHANGED: &str = "file";

impl std::fmt::Debug for Damage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Damage").field(&self.found).finish()
    }
}

/// Texts in one heap of at most 4 GiB; text `i` lies between offsets `i` and `i + 1`.
#[derive(Debug, Clone, Default)]
pub struct Texts {
    /// One entry more than there are texts; the first is 0.
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

    /// Returns text `i`; empty if there is none, or if a damaged snapshot has bytes that are not UTF-8.
    pub fn get(&self, i: u32) -> &str {
        std::str::from_utf8(self.bytes(i)).unwrap_or("")
    }

    /// Returns the bytes of text `i`, without the check for UTF-8.
    #[inline]
    pub fn bytes(&self, i: u32) -> &[u8] {
        let i = i as usize;
        let Some([start, end]) = self.offsets.part(i..i + 2) else { return &[] };
        self.bytes.part(*start as usize..*end as usize).unwrap_or(&[])
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

/// Distinct texts while they grow. The empty text has position 0.
#[derive(Debug)]
pub(super) struct Interner {
    texts: indexmap::IndexSet<Box<str>, rustc_hash::FxBuildHasher>,
    /// Total length of the texts.
    bytes: usize,
}

impl Default for Interner {
    fn default() -> Interner {
        Interner { texts: std::iter::once(Box::from("")).collect(), bytes: 0 }
    }
}

impl Interner {
    /// Returns the position of a text, which is added if it is new.
    pub fn intern(&mut self, text: &str) -> u32 {
        let position = self.texts.get_index_of(text).unwrap_or_else(|| {
            self.bytes += text.len();
            self.texts.insert_full(Box::from(text)).0
        });
        // The builder has checked that there is room.
        u32::try_from(position).unwrap_or(0)
    }

    pub fn len(&self) -> usize {
        self.texts.len()
    }

    /// Returns the total length of all texts.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    pub fn finish(self) -> Texts {
        self.texts.iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::{BLOCK, Column};
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    /// Returns ten blocks of numbers, of which block 7 is damaged if `is_damaged`, and a counter of checks.
    fn column(is_damaged: bool) -> (Column<u32>, Arc<AtomicUsize>) {
        let values: &'static [u32] = (0..10 * BLOCK as u32 - 1).collect::<Vec<_>>().leak();
        let checked = Arc::new(AtomicUsize::new(0));
        let count = checked.clone();
        let check = move |_: &[u32], block: std::ops::Range<usize>| {
            count.fetch_add(1, Ordering::Relaxed);
            !(is_damaged && block.contains(&(7 * BLOCK)))
        };
        (Column::shared(values, Arc::new(()), Box::new(check), 5), checked)
    }

    #[test]
    fn a_part_is_checked_and_no_more() {
        let (column, checked) = column(false);
        assert_eq!(column.at(3), Some(3));
        assert_eq!(column.part(BLOCK - 1..BLOCK + 1), Some(&[BLOCK as u32 - 1, BLOCK as u32][..]));
        assert_eq!((column.at(column.len()), column.at(usize::MAX), column.known()), (None, None, None));
        assert_eq!(checked.load(Ordering::Relaxed), 2);
        // After a quarter of the blocks, the rest is checked at once.
        assert_eq!(column.partition_point(|value| value < 1000), 1000);
        assert_eq!((0..10).map(|i| column.at(i * BLOCK)).collect::<Option<Vec<_>>>().map(|all| all.len()), Some(10));
        assert_eq!((column.known().map(<[u32]>::len), checked.load(Ordering::Relaxed)), (Some(column.len()), 10));
    }

    #[test]
    fn a_damaged_block_spoils_what_is_read_from_then_on() {
        let (column, _) = column(true);
        assert_eq!(column.at(6), Some(6));
        assert_eq!(column.at(7 * BLOCK + 1), Some(5));
        assert_eq!((column.at(6), column.len(), column[8]), (Some(5), 10 * BLOCK - 1, 5));
    }
}
