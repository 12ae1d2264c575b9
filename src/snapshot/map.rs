//! The bytes of a snapshot as slices of plain values: the only unsafe code of the library.
#![allow(unsafe_code)]

use crate::graph::{Check, Column};
use crate::value::Date;
use std::fs::File;
use std::io;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;
use std::time::SystemTime;

/// Values that may be read from any bytes, and written as bytes.
///
/// # Safety
/// Every pattern of bits is a value, and there is no padding between or behind the fields.
pub(super) unsafe trait Plain: Copy + Send + Sync + 'static {}

// SAFETY: numbers without padding, of which every pattern of bits is one.
unsafe impl Plain for u8 {}
// SAFETY: as above.
unsafe impl Plain for u16 {}
// SAFETY: as above.
unsafe impl Plain for u32 {}
// SAFETY: as above.
unsafe impl Plain for u64 {}
// SAFETY: as above.
unsafe impl Plain for i64 {}
// SAFETY: as above; some patterns are not a number, which is a value too.
unsafe impl Plain for f64 {}
// SAFETY: an array has no padding between its elements.
unsafe impl Plain for [u32; 3] {}
// SAFETY: `Date` is `repr(C)` of three 32-bit numbers (the last within a `repr(transparent)`), so that there is no
// padding. Bits that are no date are a matter of right and wrong, not of safety; `open` looks for them.
unsafe impl Plain for Date {}

const _: () = assert!(size_of::<Date>() == 12 && align_of::<Date>() == 4);

/// The values as they stand in memory.
pub(super) fn bytes_of<T: Plain>(values: &[T]) -> &[u8] {
    // SAFETY: the slice spans exactly the memory of `values`, all of which is initialized, since `Plain` values have
    // no padding; any byte is a `u8`; the borrow keeps the memory.
    unsafe { std::slice::from_raw_parts(values.as_ptr().cast(), size_of_val(values)) }
}

/// The bytes of a whole snapshot. They never move.
#[derive(Debug)]
pub(super) enum Map {
    File(memmap2::Mmap, File, State),
    Static(&'static [u8]),
}

/// What changes when a file is written to. (A new file under its name, and links to it, leave it as it is.)
#[derive(Debug, PartialEq, Eq)]
pub(super) struct State {
    length: u64,
    modified: Option<SystemTime>,
}

impl State {
    fn of(file: &File) -> io::Result<State> {
        let metadata = file.metadata()?;
        Ok(State { length: metadata.len(), modified: metadata.modified().ok() })
    }
}

impl Map {
    /// Maps a file for reading.
    pub fn open(path: &Path) -> io::Result<Map> {
        let file = File::open(path)?;
        // SAFETY: that nobody writes to the file, or cuts it short, while it is mapped, cannot be enforced; the
        // module's documentation demands it, as every program that maps files must. begat itself never writes to a
        // snapshot that has its name, and looks before each query whether somebody else has (`is_changed`).
        let map = unsafe { memmap2::Mmap::map(&file)? };
        let state = State::of(&file)?;
        Ok(Map::File(map, file, state))
    }

    /// Whether the file has been written to, or cut short, since it was opened.
    pub fn is_changed(&self) -> bool {
        match self {
            Map::File(_, file, state) => !State::of(file).is_ok_and(|now| now == *state),
            Map::Static(_) => false,
        }
    }

    pub fn bytes(&self) -> &[u8] {
        match self {
            Map::File(map, ..) => map,
            Map::Static(bytes) => bytes,
        }
    }
}

/// A column of the values in a range of bytes; `None` where the range does not lie in the map, or is not aligned, or
/// holds no whole number of values. Damaged, it reads as `instead`, over and over.
pub(super) fn column<T: Plain>(
    map: &Arc<Map>,
    range: Range<usize>,
    check: Box<Check<T>>,
    instead: T,
) -> Option<Column<T>> {
    let bytes = map.bytes().get(range)?;
    let first: *const T = bytes.as_ptr().cast();
    if !first.is_aligned() || !bytes.len().is_multiple_of(size_of::<T>()) {
        return None;
    }
    // SAFETY: the memory is aligned and as long as that many values, and any bytes are `Plain` values. It is not
    // written to (see `Map::open`), and stays in its place as long as `map`, of which the column keeps an `Arc`: the
    // slice is `'static` in name only, and goes nowhere but into `Shared`, which lends it no longer than itself.
    let values: &'static [T] = unsafe { std::slice::from_raw_parts(first, bytes.len() / size_of::<T>()) };
    Some(Column::shared(values, map.clone(), check, instead))
}
