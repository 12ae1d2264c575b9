//! Character references of HTML: `&eacute;`, `&#233;`, `&amp;`.

use unicode_normalization::UnicodeNormalization;

/// References by name, except letters with accents.
const NAMED: [(&str, &str); 27] = [
    ("amp", "&"),
    ("lt", "<"),
    ("gt", ">"),
    ("quot", "\""),
    ("apos", "'"),
    ("nbsp", "\u{a0}"),
    ("ndash", "–"),
    ("mdash", "—"),
    ("hellip", "…"),
    ("lsquo", "‘"),
    ("rsquo", "’"),
    ("ldquo", "“"),
    ("rdquo", "”"),
    ("laquo", "«"),
    ("raquo", "»"),
    ("szlig", "ß"),
    ("aelig", "æ"),
    ("AElig", "Æ"),
    ("oslash", "ø"),
    ("Oslash", "Ø"),
    ("oelig", "œ"),
    ("OElig", "Œ"),
    ("thorn", "þ"),
    ("eth", "ð"),
    ("deg", "°"),
    ("middot", "·"),
    ("times", "×"),
];
/// Ends of the names of letters with accents, and the combining accents.
const ACCENTS: [(&str, char); 8] = [
    ("acute", '\u{301}'),
    ("grave", '\u{300}'),
    ("circ", '\u{302}'),
    ("uml", '\u{308}'),
    ("tilde", '\u{303}'),
    ("cedil", '\u{327}'),
    ("ring", '\u{30a}'),
    ("caron", '\u{30c}'),
];
/// Maximum length of a name in bytes.
const LONGEST: usize = 10;

/// Returns a text with those of its references replaced whose characters are accepted, and their number; unknown ones stay.
pub(crate) fn resolved(text: &str, accepts: impl Fn(&str) -> bool) -> (String, usize) {
    let (mut out, mut rest, mut count) = (String::with_capacity(text.len()), text, 0);
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        let end = rest.bytes().take(LONGEST + 1).position(|byte| byte == b';');
        let found = end.and_then(|end| Some((character(&rest[..end]).filter(|words| accepts(words))?, end)));
        match found {
            Some((words, end)) => {
                out.push_str(&words);
                (rest, count) = (&rest[end + 1..], count + 1);
            }
            None => out.push('&'),
        }
    }
    out.push_str(rest);
    (out, count)
}

/// Returns the text of a reference: `eacute`, `#233`, `#xE9`.
fn character(name: &str) -> Option<String> {
    if let Some(number) = name.strip_prefix('#') {
        let hex = number.strip_prefix(['x', 'X']);
        let code = hex.map_or_else(|| number.parse().ok(), |hex| u32::from_str_radix(hex, 16).ok())?;
        return char::from_u32(code).map(String::from);
    }
    if let Some((_, words)) = NAMED.iter().find(|(known, _)| *known == name) {
        return Some(words.to_string());
    }
    let mut chars = name.chars();
    let letter = chars.next().filter(char::is_ascii_alphabetic)?;
    let (_, accent) = ACCENTS.iter().find(|(known, _)| *known == chars.as_str())?;
    Some([letter, *accent].into_iter().nfc().collect())
}

#[cfg(test)]
mod tests {
    use super::resolved;

    #[test]
    fn references_become_characters() {
        let read = |text: &str| resolved(text, |words| words != "<").0;
        assert_eq!(read("Caf&eacute; &amp; B&#228;r&#x21;, M&uuml;n &quot;"), "Café & Bär!, Mün \"");
        assert_eq!(resolved("&amp;&amp;lt;", |_| true), ("&&lt;".to_string(), 2));
        for same in ["a & b; c", "AT&T", "&lt;", "&unknown; &", "x?a=1&b=2", "&é;", "&#xD800; &#; &;", "&"] {
            assert_eq!(read(same), same);
        }
    }
}
