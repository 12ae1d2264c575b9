//! Reads the bytes of a snapshot as slices of plain values. Apart from the signal handler of `fault`, this is the only
//! unsafe code of the library.
#![allow(unsafe_code)]

use crate::graph::{Check, Column};
use crate::value::Date;
use std::fs::File;
use std::io;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;
use std::time::SystemTime;

/// Types that can be read from any bytes, and written as bytes.
///
/// # Safety
/// Every bit pattern must be a valid value, and the type must have no padding.
pub(super) unsafe trait Plain: Copy + Send + Sync + 'static {}

// SAFETY: an integer has no padding, and every bit pattern is valid.
unsafe impl Plain for u8 {}
// SAFETY: as above.
unsafe impl Plain for u16 {}
// SAFETY: as above.
unsafe impl Plain for u32 {}
// SAFETY: as above.
unsafe impl Plain for u64 {}
// SAFETY: as above.
unsafe impl Plain for i64 {}
// SAFETY: as above; some bit patterns are NaN, which is a valid value.
unsafe impl Plain for f64 {}
// SAFETY: an array has no padding between its elements.
unsafe impl Plain for [u32; 3] {}
// SAFETY: `Date` is `repr(C)` with three 32-bit fields (the last is `repr(transparent)`), so it has no padding. Bit
// patterns that are not a date are valid memory but wrong data; `open` rejects them.
unsafe impl Plain for Date {}

const _: () = assert!(size_of::<Date>() == 12 && align_of::<Date>() == 4);

/// Returns the memory of the values as bytes.
pub(super) fn bytes_of<T: Plain>(values: &[T]) -> &[u8] {
    // SAFETY: the slice covers exactly the memory of `values`, all of it initialized, since `Plain` types have no
    // padding. Any byte is a valid `u8`. The borrow keeps the memory alive.
    unsafe { std::slice::from_raw_parts(values.as_ptr().cast(), size_of_val(values)) }
}

/// The bytes of a whole snapshot, at a fixed address.
#[derive(Debug)]
pub(super) enum Map {
    File(memmap2::Mmap, File, State),
    Static(&'static [u8]),
}

/// The properties of a file that a write changes. (Renaming another file to its path, or linking to it, does not.)
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
        // SAFETY: nothing can prevent others from writing to the file or truncating it while it is mapped; the
        // documentation of the module forbids it, as for every program that maps files. begat itself never writes to a
        // snapshot in place, and checks before each query whether somebody else has (`is_changed`).
        let map = unsafe { memmap2::Mmap::map(&file)? };
        let state = State::of(&file)?;
        Ok(Map::File(map, file, state))
    }

    /// Returns whether the file has been written to or truncated since it was opened.
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

/// Returns a range of bytes as a column; `None` if the range does not lie in the map, is not aligned or is not a whole
/// number of values. A damaged block reads as copies of `instead`.
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
    // SAFETY: the memory is aligned and long enough, and any bytes are valid `Plain` values. It is not written to (see
    // `Map::open`), and stays in place as long as `map`, of which the column keeps an `Arc`: the slice is `'static` in
    // name only, and is stored only in `Shared`, which lends it no longer than itself.
    let values: &'static [T] = unsafe { std::slice::from_raw_parts(first, bytes.len() / size_of::<T>()) };
    Some(Column::shared(values, map.clone(), check, instead))
}
