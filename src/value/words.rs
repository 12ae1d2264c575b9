//! Normal form of words: words that look the same compare equal.

use std::borrow::Cow;
use unicode_normalization::{UnicodeNormalization, is_nfc};

/// Returns whether a character is invisible: a zero-width space or joiner, a soft hyphen, a byte order mark.
pub fn is_invisible(character: char) -> bool {
    matches!(character, '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}' | '\u{ad}')
}

/// Returns a word in NFC without invisible characters.
pub fn plain(word: &str) -> Cow<'_, str> {
    if word.is_ascii() || !word.contains(is_invisible) && is_nfc(word) {
        return Cow::Borrowed(word);
    }
    Cow::Owned(word.chars().filter(|c| !is_invisible(*c)).nfc().collect())
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn words_that_look_the_same_are_the_same() {
        for word in ["Zo\u{eb}", "Zoe\u{308}", "Z\u{200b}oe\u{308}", "\u{feff}Zo\u{eb}\u{ad}", "Zoe\u{200d}\u{308}"] {
            assert_eq!(plain(word), "Zo\u{eb}");
        }
        assert_eq!((plain("GPT-2"), plain("中文")), ("GPT-2".into(), "中文".into()));
    }
}
