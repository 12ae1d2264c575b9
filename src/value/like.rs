//! Text patterns in which `*` stands for any run of characters. Case is ignored.

/// A compiled pattern. If pattern and text are ASCII, as most are, it compares bytes without allocating.
#[derive(Debug, Clone, PartialEq)]
pub struct Like {
    /// The pattern as written.
    pub written: Box<str>,
    /// The pieces between the stars, in lower case. The first must begin the text, the last must end it.
    pieces: Box<[Box<str>]>,
    is_ascii: bool,
}

impl Like {
    pub fn new(pattern: &str) -> Like {
        let folded = pattern.to_lowercase();
        let pieces = folded.split('*').map(Box::from).collect();
        Like { written: pattern.into(), pieces, is_ascii: folded.is_ascii() }
    }

    /// Returns whether the text matches the pattern. Bytes that are not UTF-8 are read as the empty text. O(text ×
    /// pattern).
    pub fn matches(&self, text: &[u8]) -> bool {
        if self.is_ascii && text.is_ascii() {
            return self.describes(text, starts_folded, ends_folded, find_folded);
        }
        let text = std::str::from_utf8(text).unwrap_or("").to_lowercase();
        let find = |text: &[u8], piece: &[u8]| memchr::memmem::find(text, piece);
        self.describes(text.as_bytes(), <[u8]>::starts_with, <[u8]>::ends_with, find)
    }

    /// Matches the pieces between first and last leftmost-first: if any match exists, this finds one.
    fn describes(
        &self,
        text: &[u8],
        starts: impl Fn(&[u8], &[u8]) -> bool,
        ends: impl Fn(&[u8], &[u8]) -> bool,
        find: impl Fn(&[u8], &[u8]) -> Option<usize>,
    ) -> bool {
        let [first, inner @ .., last] = &*self.pieces else {
            return self.pieces.iter().all(|whole| text.len() == whole.len() && starts(text, whole.as_bytes()));
        };
        if text.len() < first.len() + last.len() || !starts(text, first.as_bytes()) || !ends(text, last.as_bytes()) {
            return false;
        }
        let mut rest = &text[first.len()..text.len() - last.len()];
        for piece in inner.iter().map(|piece| piece.as_bytes()) {
            match find(rest, piece) {
                Some(found) => rest = &rest[found + piece.len()..],
                None => return false,
            }
        }
        true
    }
}

fn starts_folded(text: &[u8], piece: &[u8]) -> bool {
    text.get(..piece.len()).is_some_and(|start| start.eq_ignore_ascii_case(piece))
}

fn ends_folded(text: &[u8], piece: &[u8]) -> bool {
    text.len() >= piece.len() && text[text.len() - piece.len()..].eq_ignore_ascii_case(piece)
}

/// Finds the piece without regard to case: searches its first byte in either case, then compares the rest.
fn find_folded(text: &[u8], piece: &[u8]) -> Option<usize> {
    let Some(first) = piece.first().copied() else { return Some(0) };
    let mut start = 0;
    loop {
        start += memchr::memchr2(first, first.to_ascii_uppercase(), text.get(start..)?)?;
        if starts_folded(&text[start..], piece) {
            return Some(start);
        }
        start += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::Like;
    use proptest::prelude::*;

    fn like(text: &str, pattern: &str) -> bool {
        Like::new(pattern).matches(text.as_bytes())
    }

    #[test]
    fn stars_stand_for_anything() {
        assert!(like("DeepSeek V3", "deepseek*"));
        assert!(like("abcabc", "a*c*c"));
        assert!(like("abc", "abc"));
        assert!(like("", "") && like("", "*") && like("x", "**"));
        assert!(!like("abcd", "abc"));
        assert!(!like("ab", "ab*b"));
        assert!(like("Élan", "é*") && !like("elan", "é*"));
        // The sign for kelvin has a small letter that is ASCII.
        assert!(like("3 \u{212a}", "3 k"));
    }

    /// Tries every length for a star.
    fn naive(text: &[char], pattern: &[char]) -> bool {
        match pattern.split_first() {
            None => text.is_empty(),
            Some(('*', rest)) => (0..=text.len()).any(|i| naive(&text[i..], rest)),
            Some((first, rest)) => text.first() == Some(first) && naive(&text[1..], rest),
        }
    }

    proptest! {
        #[test]
        fn a_pattern_is_matched_as_by_trying(text in "[abAé]{0,8}", pattern in "[abAé*]{0,6}") {
            let chars = |text: &str| text.to_lowercase().chars().collect::<Vec<char>>();
            prop_assert_eq!(like(&text, &pattern), naive(&chars(&text), &chars(&pattern)));
        }
    }
}
