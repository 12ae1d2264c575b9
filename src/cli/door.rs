//! Sanitises everything that is printed to a terminal: answers, errors and file names.
//!
//! Characters that a terminal would obey or hide are escaped; begat's own colours pass. A view escapes its text before
//! it colours it ([`crate::render::paint`]), so that no colour sequence that arrives here comes from the data.

use crate::render::{escape, steers};
use std::borrow::Cow;

/// Escapes a text without colours.
pub fn plain(text: &str) -> Cow<'_, str> {
    crate::render::printable(text)
}

/// Escapes a text with begat's colours, the only sequences that pass.
pub fn styled(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_stopped) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len() + 16);
    let mut rest = text;
    while let Some(at) = rest.find(is_stopped) {
        let (before, stopped) = rest.split_at(at);
        safe.push_str(before);
        let length = color(stopped).unwrap_or_else(|| stopped.chars().next().map_or(0, char::len_utf8));
        let (stopped, after) = stopped.split_at(length);
        safe.push_str(&if length > 1 && stopped.starts_with('\x1b') { stopped.into() } else { escape(stopped) });
        rest = after;
    }
    safe.push_str(rest);
    Cow::Owned(safe)
}

fn is_stopped(c: char) -> bool {
    steers(c) && !matches!(c, '\n' | '\t')
}

/// Returns the length of the colour sequence at the start of a text: `ESC [`, numbers that begat and its libraries use,
/// `m`. None of these hides text.
fn color(text: &str) -> Option<usize> {
    let inner = text.strip_prefix("\x1b[")?;
    let end = inner.find(|c: char| !c.is_ascii_digit() && c != ';')?;
    let is_shown =
        |number: &str| matches!(number.parse(), Ok(0..=4 | 22..=24 | 30..=37 | 39 | 90..=97)) || number.is_empty();
    let is_color = inner[end..].starts_with('m') && inner[..end].split(';').all(is_shown);
    is_color.then_some("\x1b[".len() + end + "m".len())
}

#[cfg(test)]
mod tests {
    use super::{plain, styled};

    #[test]
    fn only_colours_pass() {
        assert_eq!(
            styled("\x1b[1ma\x1b[0m\n\t\x1b[38;5;9m\x1b[8m\r\x1b]0;x\x07"),
            "\x1b[1ma\x1b[0m\n\t\\u{1b}[38;5;9m\\u{1b}[8m\\r\\u{1b}]0;x\\u{7}"
        );
        assert_eq!(styled("\x1b[\u{9b}31m\u{202e}\x1b"), "\\u{1b}[\\u{9b}31m\\u{202e}\\u{1b}");
        assert_eq!(styled("\x1b[mé数"), "\x1b[mé数");
        assert_eq!(plain("\x1b[1ma\n"), "\\u{1b}[1ma\n");
    }
}
