//! The layout of a snapshot file. Numbers are in the byte order of the machine that wrote it.
//!
//! - 64 bytes of header: magic, version, byte order, number of sections, length of the file, checksum of the table,
//!   checksum of the header.
//! - The table: for each section, 32 bytes: tag, width of an element, offset, bytes, checksum.
//! - The sections, each at a multiple of 64 bytes, in the order of the table. The last one holds checksums: those of
//!   the blocks of each other section, in order. A block is 1024 elements ([`BLOCK`]); the last one of a section may
//!   have fewer. The checksum of a section is that of the list of its blocks' checksums.

use crate::graph::BLOCK;
use std::fmt;
use std::io::Read;
use std::path::Path;
use xxhash_rust::xxh3::xxh3_64;

/// The first bytes of a snapshot. As in PNG, line ends and a byte above 127 reveal a transfer as text.
pub(super) const MAGIC: [u8; 8] = *b"\xb3gat\r\n\x1a\n";

/// Must be incremented whenever the layout, or the meaning of a section, changes.
pub(super) const VERSION: u32 = 7;

/// Has another value when read on a machine of the other byte order.
const BYTE_ORDER: u32 = 0x0102_0304;

pub(super) const HEADER: usize = 64;
pub(super) const ENTRY: usize = 32;

/// Alignment of sections, in bytes: enough for any element, and a cache line.
pub(super) const ALIGN: usize = 64;

/// Why a snapshot cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SnapshotError {
    /// The file cannot be read or written; the reason.
    Io(String),
    /// The system has no memory for it.
    NoMemory,
    /// The file does not begin with the magic bytes.
    NotASnapshot,
    /// The file has another version of the format.
    Version(u32),
    /// The file was written on a machine of the other byte order.
    ByteOrder,
    /// The file is too short; its length and the expected one, in bytes.
    CutShort(u64, u64),
    /// A part's bytes do not match their checksum.
    Damaged(&'static str),
    /// The file was written to or truncated while it was open.
    Changed,
}

impl fmt::Display for SnapshotError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SnapshotError::Io(reason) => f.write_str(reason),
            SnapshotError::NoMemory => f.write_str("the system gives no memory for it"),
            SnapshotError::NotASnapshot => f.write_str("it is not a snapshot"),
            SnapshotError::Version(found) => {
                write!(f, "it is of version {found} of the format, and this program reads version {VERSION}")
            }
            SnapshotError::ByteOrder => f.write_str("it was built on a machine of another byte order"),
            SnapshotError::CutShort(is, should_be) => write!(f, "it has {is} bytes of {should_be}"),
            SnapshotError::Damaged(part) => write!(f, "its {part} is damaged"),
            SnapshotError::Changed => f.write_str("the snapshot was written to or cut short while it was open"),
        }
    }
}

impl std::error::Error for SnapshotError {}

impl From<std::io::Error> for SnapshotError {
    fn from(error: std::io::Error) -> SnapshotError {
        if error.kind() == std::io::ErrorKind::OutOfMemory {
            return SnapshotError::NoMemory;
        }
        SnapshotError::Io(match error.kind() {
            std::io::ErrorKind::NotFound => "there is no such file".to_string(),
            std::io::ErrorKind::PermissionDenied => "permission is denied".to_string(),
            _ => crate::disk::reason(&error),
        })
    }
}

/// Returns whether a file begins with the magic bytes; false if it cannot be read.
pub fn is_snapshot(path: &Path) -> bool {
    // A pipe or device is not opened: its bytes can be read only once, and reading may block forever.
    if !path.is_file() {
        return false;
    }
    let mut magic = [0; MAGIC.len()];
    let read = std::fs::File::open(path).and_then(|mut file| file.read_exact(&mut magic));
    read.is_ok() && magic == MAGIC
}

/// Declares the kinds of sections. The number is the tag in the file; the name is for messages.
macro_rules! tags {
    ($($tag:ident $number:literal $name:literal)*) => {
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        #[repr(u32)]
        pub(super) enum Tag { $($tag = $number),* }

        impl Tag {
            pub fn of(number: u32) -> Option<Tag> {
                match number {
                    $($number => Some(Tag::$tag),)*
                    _ => None,
                }
            }

            pub fn name(self) -> &'static str {
                match self { $(Tag::$tag => $name),* }
            }
        }
    };
}

tags! {
    Meta 1 "schema"
    NameOffsets 2 "index of names"
    NameBytes 3 "heap of names"
    AliasStarts 4 "index of aliases by entity"
    AliasOffsets 5 "index of aliases"
    AliasBytes 6 "heap of aliases"
    Folded 7 "order of names"
    Offsets 8 "index of facts"
    Targets 9 "list of facts"
    ValueOffsets 11 "index of values"
    Dates 12 "list of dates"
    Numbers 13 "list of numbers"
    Words 14 "list of texts"
    Settled 15 "list of settled dates"
    ClaimSources 16 "list of claims' sources"
    ClaimTrusts 17 "list of claims' trust"
    ClaimWords 18 "list of claims' words"
    ClaimDates 19 "list of claims' dates"
    TextOffsets 20 "index of texts"
    TextBytes 21 "heap of texts"
    FactStarts 10 "index of facts by claims"
    FactOffsets 22 "index of claims"
    FactClaims 23 "list of claims"
    Checksums 24 "list of checksums"
    WidePlaces 25 "index of whole numbers"
    WideNumbers 26 "list of whole numbers"
}

/// A row of the table of sections.
#[derive(Debug, Clone, Copy)]
pub(super) struct Entry {
    pub tag: Tag,
    /// Bytes of one element.
    pub width: u32,
    pub offset: u64,
    pub bytes: u64,
    pub hash: u64,
    /// Offset in the file of the checksums of its blocks. Computed when the table is read, not stored in it.
    pub list: usize,
}

impl Entry {
    pub fn to_bytes(self) -> [u8; ENTRY] {
        let mut bytes = [0; ENTRY];
        bytes[0..4].copy_from_slice(&(self.tag as u32).to_ne_bytes());
        bytes[4..8].copy_from_slice(&self.width.to_ne_bytes());
        bytes[8..16].copy_from_slice(&self.offset.to_ne_bytes());
        bytes[16..24].copy_from_slice(&self.bytes.to_ne_bytes());
        bytes[24..32].copy_from_slice(&self.hash.to_ne_bytes());
        bytes
    }

    fn read(bytes: &[u8]) -> Option<Entry> {
        Some(Entry {
            tag: Tag::of(u32_at(bytes, 0)?)?,
            width: u32_at(bytes, 4)?,
            offset: u64_at(bytes, 8)?,
            bytes: u64_at(bytes, 16)?,
            hash: u64_at(bytes, 24)?,
            list: 0,
        })
    }

    /// Returns the byte range of the section in the file.
    pub fn range(&self) -> std::ops::Range<usize> {
        self.offset as usize..(self.offset + self.bytes) as usize
    }
}

impl Entry {
    /// Returns the number of blocks.
    fn blocks(&self) -> usize {
        (self.bytes / u64::from(self.width.max(1))).div_ceil(BLOCK as u64) as usize
    }

    /// Returns the byte range of its block checksums in the file.
    pub fn list(&self) -> std::ops::Range<usize> {
        self.list..self.list + self.blocks() * size_of::<u64>()
    }

    /// Returns whether the section's bytes match their checksums.
    pub fn is_whole(&self, file: &[u8]) -> bool {
        let (Some(bytes), Some(list)) = (file.get(self.range()), file.get(self.list())) else { return false };
        let found = block_hashes(bytes, self.width as usize);
        hash(list) == self.hash && found.map(u64::to_ne_bytes).eq(list.as_chunks().0.iter().copied())
    }
}

/// Returns the checksums of the blocks of a section with elements of `width` bytes.
pub(super) fn block_hashes(bytes: &[u8], width: usize) -> impl Iterator<Item = u64> {
    bytes.chunks(BLOCK * width.max(1)).map(hash)
}

pub(super) fn hash(bytes: &[u8]) -> u64 {
    xxh3_64(bytes)
}

pub(super) fn align(offset: u64) -> u64 {
    offset.next_multiple_of(ALIGN as u64)
}

/// Returns the header of a file of `length` bytes with this table.
pub(super) fn header(table: &[u8], length: u64) -> [u8; HEADER] {
    let mut bytes = [0; HEADER];
    bytes[0..8].copy_from_slice(&MAGIC);
    bytes[8..12].copy_from_slice(&VERSION.to_ne_bytes());
    bytes[12..16].copy_from_slice(&BYTE_ORDER.to_ne_bytes());
    bytes[16..24].copy_from_slice(&((table.len() / ENTRY) as u64).to_ne_bytes());
    bytes[24..32].copy_from_slice(&length.to_ne_bytes());
    bytes[32..40].copy_from_slice(&hash(table).to_ne_bytes());
    let check = hash(&bytes[..56]);
    bytes[56..64].copy_from_slice(&check.to_ne_bytes());
    bytes
}

/// Returns the sections of a file except that of the checksums. Each lies within the file and is aligned.
///
/// # Errors
/// The header or the table is damaged. The contents of the sections are not read.
pub(super) fn sections(file: &[u8]) -> Result<Vec<Entry>, SnapshotError> {
    let damaged = SnapshotError::Damaged("header");
    if !file.starts_with(&MAGIC) {
        return Err(SnapshotError::NotASnapshot);
    }
    let header = file.get(..HEADER).ok_or(SnapshotError::CutShort(file.len() as u64, HEADER as u64))?;
    let (word, long) = (|at| u32_at(header, at).unwrap_or(0), |at| u64_at(header, at).unwrap_or(0));
    // The rest of the header may have another meaning in another version or byte order, so these are checked first.
    match (word(8), word(12)) {
        (_, order) if order == BYTE_ORDER.swap_bytes() => return Err(SnapshotError::ByteOrder),
        (VERSION, BYTE_ORDER) => {}
        (VERSION, _) => return Err(damaged),
        (version, BYTE_ORDER) if hash(&header[..56]) == long(56) => return Err(SnapshotError::Version(version)),
        _ => return Err(damaged),
    }
    if hash(&header[..56]) != long(56) {
        return Err(damaged);
    }
    let (count, length) = (long(16), long(24));
    if length != file.len() as u64 {
        return Err(SnapshotError::CutShort(file.len() as u64, length));
    }
    let end = usize::try_from(count).ok().and_then(|count| count.checked_mul(ENTRY)?.checked_add(HEADER));
    let table = end.and_then(|end| file.get(HEADER..end)).ok_or(damaged)?;
    if hash(table) != long(32) {
        return Err(SnapshotError::Damaged("table of sections"));
    }
    let entries = table.chunks_exact(ENTRY).map(|row| entry(row, length)).collect::<Result<Vec<Entry>, _>>()?;
    with_lists(entries).ok_or(SnapshotError::Damaged("table of sections"))
}

/// Takes off the last section, which must hold the checksums of the blocks of the others, and assigns these.
fn with_lists(mut entries: Vec<Entry>) -> Option<Vec<Entry>> {
    let sums = entries.pop().filter(|last| last.tag == Tag::Checksums && last.width == 8)?;
    let mut next = sums.range();
    for entry in &mut entries {
        entry.list = next.start;
        next.start = next.start.checked_add(entry.blocks().checked_mul(size_of::<u64>())?)?;
    }
    (next.start == next.end).then_some(entries)
}

fn entry(row: &[u8], length: u64) -> Result<Entry, SnapshotError> {
    let fits = |entry: &Entry| {
        let end = entry.offset.checked_add(entry.bytes);
        let whole = entry.width > 0 && entry.bytes.is_multiple_of(u64::from(entry.width));
        end.is_some_and(|end| end <= length) && entry.offset.is_multiple_of(ALIGN as u64) && whole
    };
    Entry::read(row).filter(fits).ok_or(SnapshotError::Damaged("table of sections"))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_ne_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    Some(u64::from_ne_bytes(bytes.get(at..at + 8)?.try_into().ok()?))
}
