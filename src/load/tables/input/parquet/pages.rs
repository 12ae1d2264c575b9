//! Reads the pages of a column, decompressed.

use bytes::Bytes;
use parquet::basic::Compression;
use parquet::column::page::{Page, PageMetadata, PageReader};
use parquet::errors::{ParquetError, Result};
use parquet::file::metadata::ColumnChunkMetaData;
use parquet::file::serialized_reader::SerializedPageReader;
use std::io::Read;
use std::sync::Arc;

/// Opens the pages of a column from its bytes. Pages compressed with zstd are decompressed here by a pure Rust library,
/// so that no C code is needed.
pub(super) fn open(chunk: &ColumnChunkMetaData, bytes: Vec<u8>, rows: usize) -> Result<Box<dyn PageReader>> {
    let dictionary = chunk.dictionary_page_offset();
    let start = dictionary.unwrap_or(chunk.data_page_offset());
    // Offsets count from the start of the file, but `bytes` starts at the column.
    let alone = chunk.clone().into_builder();
    let alone = alone.set_data_page_offset(chunk.data_page_offset().saturating_sub(start).max(0));
    let alone = alone.set_dictionary_page_offset(dictionary.map(|_| 0));
    let pages =
        |alone: &ColumnChunkMetaData| SerializedPageReader::new(Arc::new(Bytes::from(bytes)), alone, rows, None);
    match chunk.compression() {
        Compression::ZSTD(_) => {
            let packed = alone.set_compression(Compression::UNCOMPRESSED).build()?;
            // Bounds what a page may decompress to.
            let most = u64::try_from(chunk.uncompressed_size()).unwrap_or(0);
            Ok(Box::new(Unpacked { pages: pages(&packed)?, most }))
        }
        Compression::UNCOMPRESSED | Compression::SNAPPY | Compression::GZIP(_) => Ok(Box::new(pages(&alone.build()?)?)),
        other => {
            let name = other.to_string();
            let name = name.split('(').next().unwrap_or("").to_lowercase();
            let message = format!("a column is packed by {name}; those that are read are snappy, gzip and zstd");
            Err(ParquetError::General(message))
        }
    }
}

/// Decompresses pages that are compressed with zstd.
struct Unpacked {
    pages: SerializedPageReader<Bytes>,
    /// Maximum size of a page in bytes.
    most: u64,
}

impl Unpacked {
    /// Decompresses the bytes of a page; the first `plain` bytes are not compressed.
    fn unpack(&self, packed: &[u8], plain: usize) -> Result<Bytes> {
        let (levels, packed) = packed.split_at_checked(plain).unwrap_or((packed, &[]));
        let mut bytes = levels.to_vec();
        if !packed.is_empty() {
            let wrong = |reason: String| ParquetError::General(format!("a page cannot be unpacked: {reason}"));
            let decoder = ruzstd::decoding::StreamingDecoder::new(packed).map_err(|error| wrong(error.to_string()))?;
            decoder.take(self.most).read_to_end(&mut bytes).map_err(|error| wrong(error.to_string()))?;
        }
        Ok(bytes.into())
    }

    fn unpack_page(&self, page: Page) -> Result<Page> {
        let mut page = page;
        match &mut page {
            Page::DataPage { buf, .. } | Page::DictionaryPage { buf, .. } => *buf = self.unpack(buf, 0)?,
            Page::DataPageV2 { buf, def_levels_byte_len, rep_levels_byte_len, is_compressed: true, .. } => {
                *buf = self.unpack(buf, (*def_levels_byte_len + *rep_levels_byte_len) as usize)?;
            }
            Page::DataPageV2 { .. } => {}
        }
        Ok(page)
    }
}

impl Iterator for Unpacked {
    type Item = Result<Page>;

    fn next(&mut self) -> Option<Result<Page>> {
        self.get_next_page().transpose()
    }
}

impl PageReader for Unpacked {
    fn get_next_page(&mut self) -> Result<Option<Page>> {
        let page = self.pages.get_next_page()?;
        page.map(|page| self.unpack_page(page)).transpose()
    }

    fn peek_next_page(&mut self) -> Result<Option<PageMetadata>> {
        self.pages.peek_next_page()
    }

    fn skip_next_page(&mut self) -> Result<()> {
        self.pages.skip_next_page()
    }
}
