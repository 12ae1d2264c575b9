//! Places of the protocol, in lines and UTF-16 units, and addresses of files.

use crate::text::{Span, Text};
use lsp_types::{Position, Range, Uri};
use std::path::{Path, PathBuf};
use std::str::FromStr;

/// The byte at which a position lies; past the end of a line, its end.
pub fn byte(text: &str, position: Position) -> usize {
    let mut start = 0;
    for _ in 0..position.line {
        match text[start..].find('\n') {
            Some(end) => start += end + 1,
            None => return text.len(),
        }
    }
    let line = text[start..].split('\n').next().unwrap_or("");
    let mut left = position.character as usize;
    for (at, c) in line.char_indices() {
        if left < c.len_utf16() {
            return start + at;
        }
        left -= c.len_utf16();
    }
    start + line.len()
}

/// The position of a byte; past the end of the text, its end.
pub fn position(text: &str, byte: usize) -> Position {
    let before = &text[..text.floor_char_boundary(byte)];
    let start = before.rfind('\n').map_or(0, |at| at + 1);
    let line = before.bytes().filter(|byte| *byte == b'\n').count();
    Position::new(u32::try_from(line).unwrap_or(u32::MAX), units(&before[start..]))
}

/// The length of a text as the protocol counts it.
pub fn units(text: &str) -> u32 {
    u32::try_from(text.encode_utf16().count()).unwrap_or(u32::MAX)
}

pub fn range(text: &str, span: Span) -> Range {
    Range::new(position(text, span.start as usize), position(text, span.end as usize))
}

/// A text with the beginnings of its lines, for many positions.
pub struct Lines<'t> {
    pub text: &'t Text,
    starts: Vec<usize>,
}

impl<'t> Lines<'t> {
    pub fn of(text: &'t Text) -> Lines<'t> {
        let ends = memchr::memchr_iter(b'\n', text.body.as_bytes());
        Lines { text, starts: std::iter::once(0).chain(ends.map(|end| end + 1)).collect() }
    }

    /// The same as [`position`], in the time of a line.
    fn position(&self, byte: usize) -> Position {
        let body = &self.text.body;
        let byte = body.floor_char_boundary(byte);
        let line = self.starts.partition_point(|start| *start <= byte) - 1;
        Position::new(u32::try_from(line).unwrap_or(u32::MAX), units(&body[self.starts[line]..byte]))
    }

    /// The same as [`range`].
    pub fn range(&self, span: Span) -> Range {
        Range::new(self.position(span.start as usize), self.position(span.end as usize))
    }
}

/// All of a text.
pub fn whole(text: &str) -> Range {
    Range::new(Position::new(0, 0), position(text, text.len()))
}

/// The path of a `file:` address; `None` of others.
pub fn path(uri: &Uri) -> Option<PathBuf> {
    let rest = uri.as_str().strip_prefix("file://")?;
    let rest = &rest[rest.find('/')?..];
    let mut bytes = Vec::with_capacity(rest.len());
    let mut left = rest.bytes();
    while let Some(byte) = left.next() {
        match byte {
            b'%' => {
                let digits = [left.next()?, left.next()?];
                bytes.push(u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?);
            }
            byte => bytes.push(byte),
        }
    }
    let text = String::from_utf8(bytes).ok()?;
    // `/C:/…`
    let has_drive = text.as_bytes().get(2) == Some(&b':');
    Some(PathBuf::from(if has_drive { &text[1..] } else { &text }))
}

/// The address of a file; `None` where its path is no UTF-8.
pub fn uri(path: &Path) -> Option<Uri> {
    let path = std::path::absolute(path).ok()?;
    let mut text = String::from("file://");
    let words = path.to_str()?.replace('\\', "/");
    if !words.starts_with('/') {
        text.push('/');
    }
    for byte in words.bytes() {
        match byte {
            b'/' | b'-' | b'.' | b'_' | b'~' | b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' => text.push(byte as char),
            other => text.push_str(&format!("%{other:02X}")),
        }
    }
    Uri::from_str(&text).ok()
}

#[cfg(test)]
mod tests {
    use super::{Lines, byte, path, position, range, uri};
    use crate::text::{Span, Text};
    use lsp_types::Position;
    use std::path::Path;

    #[test]
    fn positions_count_in_units_of_utf_16() {
        let text = "a𝄞b\né\n";
        for (at, line, character) in [(0, 0, 0), (1, 0, 1), (5, 0, 3), (6, 0, 4), (7, 1, 0), (9, 1, 1), (10, 2, 0)] {
            assert_eq!(position(text, at), Position::new(line, character));
            assert_eq!(byte(text, Position::new(line, character)), at);
        }
        // In the midst of a character, and past the ends.
        assert_eq!(byte(text, Position::new(0, 2)), 1);
        assert_eq!(byte(text, Position::new(0, 99)), 6);
        assert_eq!(byte(text, Position::new(99, 0)), text.len());
        assert_eq!(position(text, 3), Position::new(0, 1));
    }

    #[test]
    fn lines_tell_the_same_positions() {
        for body in ["", "a", "a\n", "\n\n", "a𝄞b\né\n\nend"] {
            let text = Text::new("text", body);
            let lines = Lines::of(&text);
            for start in 0..=body.len() + 1 {
                let span = Span::new(start, body.len() + 2);
                assert_eq!(lines.range(span), range(body, span), "{body:?} from {start}");
            }
        }
    }

    #[test]
    fn addresses_lead_back_to_their_files() {
        let file = Path::new("/tmp/a b/é#%.ron");
        let address = uri(file).expect("an address");
        assert_eq!(address.as_str(), "file:///tmp/a%20b/%C3%A9%23%25.ron");
        assert_eq!(path(&address).as_deref(), Some(file));
        assert_eq!(path(&"untitled:one".parse().expect("an address")), None);
    }
}
