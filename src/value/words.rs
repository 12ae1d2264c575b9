//! Words as people see them: whatever their characters are written with.

use std::borrow::Cow;
use unicode_normalization::{UnicodeNormalization, is_nfc};

/// Whether a character takes no place and says nothing: a zero-width space or joiner, a soft hyphen, a mark of order.
pub fn is_invisible(character: char) -> bool {
    matches!(character, '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}' | '\u{ad}')
}

/// A word in its composed form (NFC), without what cannot be seen: two words that look the same are the same.
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
