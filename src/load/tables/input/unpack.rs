//! Opens files that are plain or compressed with gzip or zstd, as their first bytes show.

use crate::load::File;
use ruzstd::decoding::FrameDecoder;
use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};
use std::io::{self, BufRead, BufReader, Read};

/// Returns the decompressed bytes of a file.
///
/// # Errors
/// The file cannot be read, or its format is not supported.
pub(super) fn unpacked(file: Box<dyn File>, first: &[u8]) -> io::Result<Box<dyn Read>> {
    if first.starts_with(b"\x1f\x8b") {
        // Multiple members are one file: `cat a.gz b.gz`.
        return Ok(Box::new(Told { reader: flate2::read::MultiGzDecoder::new(file), kind: "gzip" }));
    }
    if is_zstd(first) {
        let frames = Frames { source: BufReader::new(file), decoder: FrameDecoder::new(), is_open: false };
        return Ok(Box::new(Told { reader: frames, kind: "zstd" }));
    }
    match FOREIGN.iter().find(|(magic, _)| first.starts_with(magic)) {
        Some((_, reason)) => Err(io::Error::new(io::ErrorKind::Unsupported, *reason)),
        None => Ok(Box::new(file)),
    }
}

/// First bytes of formats that are not supported, with a remedy.
const FOREIGN: &[(&[u8], &str)] = &[
    (b"PK\x03\x04", "it is a zip archive, as spreadsheets are; save the table as CSV"),
    (b"BZh", "it is packed by bzip2; pack it by gzip or zstd, or leave it as it is"),
    (b"\xfd7zX", "it is packed by xz; pack it by gzip or zstd, or leave it as it is"),
    (b"\xff\xfe", "it is UTF-16 text; save it as UTF-8"),
    (b"\xfe\xff", "it is UTF-16 text; save it as UTF-8"),
];

/// Returns whether a file begins with a zstd frame or a skippable zstd frame.
fn is_zstd(first: &[u8]) -> bool {
    first == b"\x28\xb5\x2f\xfd" || matches!(first, [0x50..=0x5f, 0x2a, 0x4d, 0x18])
}

/// Converts decompression errors to plain words.
struct Told<R> {
    reader: R,
    kind: &'static str,
}

impl<R: Read> Read for Told<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.reader.read(buffer).map_err(|error| {
            let reason = match error.kind() {
                io::ErrorKind::Interrupted => return error,
                io::ErrorKind::UnexpectedEof => "end too early",
                _ => "are damaged",
            };
            io::Error::other(format!("the {} data {reason}", self.kind))
        })
    }
}

/// Reads all frames of a zstd file in sequence.
struct Frames<R> {
    source: BufReader<R>,
    decoder: FrameDecoder,
    is_open: bool,
}

impl<R: Read> Frames<R> {
    /// Begins the next frame; returns false at the end of the file.
    fn begin(&mut self) -> io::Result<bool> {
        loop {
            if self.source.fill_buf()?.is_empty() {
                return Ok(false);
            }
            match self.decoder.reset(&mut self.source) {
                Ok(()) => {
                    self.is_open = true;
                    return Ok(true);
                }
                Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame { length, .. })) => {
                    let length = u64::from(length);
                    if io::copy(&mut self.source.by_ref().take(length), &mut io::sink())? < length {
                        return Err(io::ErrorKind::UnexpectedEof.into());
                    }
                }
                Err(error) => return Err(zstd_error(error)),
            }
        }
    }

    /// Ends the current frame and verifies its checksum.
    fn end(&mut self) -> io::Result<()> {
        self.is_open = false;
        match (self.decoder.get_checksum_from_data(), self.decoder.get_calculated_checksum()) {
            (Some(wanted), Some(found)) if wanted != found => Err(io::ErrorKind::InvalidData.into()),
            _ => Ok(()),
        }
    }
}

impl<R: Read> Read for Frames<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        use ruzstd::decoding::BlockDecodingStrategy::UptoBlocks;
        if buffer.is_empty() {
            return Ok(0);
        }
        loop {
            if !self.is_open && !self.begin()? {
                return Ok(0);
            }
            // One block at a time, so that memory stays bounded.
            while self.decoder.can_collect() == 0 && !self.decoder.is_finished() {
                self.decoder.decode_blocks(&mut self.source, UptoBlocks(1)).map_err(zstd_error)?;
            }
            let read = self.decoder.read(buffer)?;
            if read > 0 {
                return Ok(read);
            }
            self.end()?;
        }
    }
}

/// Returns the error as an unexpected end or as invalid data.
fn zstd_error(error: FrameDecoderError) -> io::Error {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(&error);
    while let Some(at_hand) = cause {
        if let Some(io) = at_hand.downcast_ref::<io::Error>()
            && io.kind() == io::ErrorKind::UnexpectedEof
        {
            return io::ErrorKind::UnexpectedEof.into();
        }
        cause = at_hand.source();
    }
    io::ErrorKind::InvalidData.into()
}

#[cfg(test)]
mod tests {
    use super::unpacked;
    use ruzstd::encoding::{CompressionLevel, compress_to_vec};
    use std::io::{Cursor, Read, Write};

    fn unpack(bytes: Vec<u8>) -> Result<String, String> {
        let first: Vec<u8> = bytes.iter().take(4).copied().collect();
        let mut text = String::new();
        let mut reader = unpacked(Box::new(Cursor::new(bytes)), &first).map_err(|error| error.to_string())?;
        reader.read_to_string(&mut text).map_err(|error| error.to_string())?;
        Ok(text)
    }

    fn zstd(text: &str) -> Vec<u8> {
        compress_to_vec(text.as_bytes(), CompressionLevel::Fastest)
    }

    fn gzip(text: &str) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(text.as_bytes()).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn all_frames_and_members_are_read() {
        let skipped = b"\x53\x2a\x4d\x18\x03\0\0\0abc".to_vec();
        let long = "some words\n".repeat(40_000);
        let frames = [skipped.clone(), zstd("a\n"), zstd(""), skipped, zstd(&long), zstd("c")].concat();
        assert_eq!(unpack(frames), Ok(format!("a\n{long}c")));
        assert_eq!(unpack([gzip("a\n"), gzip(""), gzip(&long)].concat()), Ok(format!("a\n{long}")));
    }

    #[test]
    fn what_is_cut_or_damaged_is_told() {
        let words: String = (0..3000).map(|i| format!("{} words {}\n", i * 7919 % 1000, i)).collect();
        for (packed, kind) in [(zstd(&words), "zstd"), (gzip(&words), "gzip")] {
            for cut in [5, packed.len() / 2, packed.len() - 1] {
                assert_eq!(unpack(packed[..cut].to_vec()), Err(format!("the {kind} data end too early")), "{cut}");
                let longer = [&packed[..], &packed[..cut]].concat();
                assert_eq!(unpack(longer), Err(format!("the {kind} data end too early")), "{cut} more");
            }
            let mut flipped = packed.clone();
            flipped[packed.len() - 2] ^= 1;
            assert_eq!(unpack(flipped), Err(format!("the {kind} data are damaged")));
            assert_eq!(
                unpack([&packed[..], b"more than a header has"].concat()),
                Err(format!("the {kind} data are damaged"))
            );
        }
        let utf16 = unpack(b"\xff\xfen\0a\0".to_vec());
        assert_eq!(utf16, Err("it is UTF-16 text; save it as UTF-8".to_string()));
    }
}
