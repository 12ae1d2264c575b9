//! Removes comments and the lines before a table. These become empty lines, so that all other lines keep their numbers.

use super::form::TableSyntax;
use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Number of bytes read at once. Fewer would cost more reads of the file, more only memory.
const PIECE: usize = 1 << 16;

/// A reader that empties some lines. A line within quotes is never a comment.
pub(super) struct Lines<R> {
    reader: R,
    /// Output that was not returned yet, and the offset of its unread part.
    ready: Vec<u8>,
    given: usize,
    state: LineState,
    /// The number of lines still to be emptied.
    skip: u64,
    comment: Vec<Vec<u8>>,
    delimiter: u8,
    quote: bool,
    /// The start of a line that may be the prefix of a comment.
    held: Vec<u8>,
    /// The previous byte.
    last: u8,
    is_first: bool,
    comments: Arc<AtomicU64>,
}

#[derive(Clone, Copy, PartialEq)]
enum LineState {
    Line,
    Emptied,
    Cell,
    Inside,
    Quoted,
    /// Behind a quote within quotes, which closes the cell or is the first of an escaped pair.
    Closing,
}

impl<R: Read> Lines<R> {
    /// Wraps a reader; `comments` counts the comments removed.
    pub fn of(reader: R, form: &TableSyntax, comments: Arc<AtomicU64>) -> Lines<R> {
        Lines {
            reader,
            ready: Vec::new(),
            given: 0,
            state: LineState::Line,
            skip: form.skip,
            comment: form
                .comment
                .iter()
                .filter(|sign| !sign.is_empty())
                .map(|sign| sign.clone().into_bytes())
                .collect(),
            delimiter: form.delimiter,
            quote: form.quote,
            held: Vec::new(),
            last: 0,
            is_first: true,
            comments,
        }
    }

    fn take(&mut self, byte: u8) {
        // The `\n` of a `\r\n` belongs to the line before.
        let is_half = byte == b'\n' && self.last == b'\r' && self.state == LineState::Line && self.held.is_empty();
        self.last = byte;
        if is_half {
            return self.ready.push(byte);
        }
        let ends = matches!(byte, b'\n' | b'\r');
        if self.skip > 0 {
            if ends {
                self.skip -= 1;
                self.ready.push(byte);
            }
            return;
        }
        match self.state {
            LineState::Emptied if ends => {
                self.state = LineState::Line;
                self.ready.push(byte);
            }
            LineState::Emptied => {}
            LineState::Line => {
                self.held.push(byte);
                if self.comment.contains(&self.held) {
                    self.held.clear();
                    self.comments.fetch_add(1, Ordering::Relaxed);
                    self.state = LineState::Emptied;
                } else if !self.comment.iter().any(|sign| sign.starts_with(&self.held)) {
                    self.release();
                }
            }
            _ => self.give(byte),
        }
    }

    /// Outputs the held bytes, which do not begin a comment.
    fn release(&mut self) {
        self.state = LineState::Cell;
        for byte in std::mem::take(&mut self.held) {
            self.give(byte);
        }
    }

    fn give(&mut self, byte: u8) {
        self.ready.push(byte);
        let within = self.state == LineState::Quoted;
        self.state = match byte {
            b'"' if within => LineState::Closing,
            b'"' if self.quote && matches!(self.state, LineState::Cell | LineState::Closing) => LineState::Quoted,
            _ if within => LineState::Quoted,
            b'\n' | b'\r' => LineState::Line,
            byte if byte == self.delimiter => LineState::Cell,
            _ => LineState::Inside,
        };
    }

    fn fill(&mut self) -> io::Result<()> {
        let mut piece = vec![0; PIECE];
        self.ready.clear();
        self.given = 0;
        while self.ready.is_empty() {
            let count = match self.reader.read(&mut piece) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                other => other?,
            };
            if count == 0 {
                self.release();
                return Ok(());
            }
            let mut bytes = &piece[..count];
            if std::mem::take(&mut self.is_first) {
                bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
            }
            bytes.iter().for_each(|byte| self.take(*byte));
        }
        Ok(())
    }
}

impl<R: Read> Read for Lines<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.given == self.ready.len() {
            self.fill()?;
        }
        let rest = &self.ready[self.given..];
        let count = rest.len().min(buffer.len());
        buffer[..count].copy_from_slice(&rest[..count]);
        self.given += count;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn emptied(text: &str, skip: u64, comment: &[&str]) -> (String, u64) {
        let comment = comment.iter().map(ToString::to_string).collect();
        let form = TableSyntax { skip, comment, ..TableSyntax::default() };
        let (mut out, count) = (String::new(), Arc::new(AtomicU64::new(0)));
        Lines::of(text.as_bytes(), &form, count.clone()).read_to_string(&mut out).unwrap();
        (out, count.load(Ordering::Relaxed))
    }

    #[test]
    fn comments_and_first_lines_become_empty() {
        assert_eq!(emptied("a \"title\r\n\r\n# c \"d\r\nx,y\r\n#e", 2, &["#"]), ("\r\n\r\n\r\nx,y\r\n".into(), 2));
        assert_eq!(emptied("\u{feff}#a\rb\r#c", 0, &["#"]), ("\rb\r".into(), 2));
        assert_eq!(emptied("/a\n//b\n/", 0, &["#", "//"]), ("/a\n\n/".into(), 1));
        assert_eq!(emptied("a\n\n#b\n", 1, &["#"]), ("\n\n\n".into(), 1));
    }

    #[test]
    fn a_line_in_quotes_is_no_comment() {
        let text = "a,\"b\n#c\"\"\n#d\"\n#e\nf\"g\n#h\n";
        assert_eq!(emptied(text, 0, &["#"]), ("a,\"b\n#c\"\"\n#d\"\n\nf\"g\n\n".into(), 2));
    }
}
