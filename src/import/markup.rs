//! Replaces character references of HTML, which programs leave in texts: `Caf&eacute; &amp; Bar`.

use unicode_normalization::UnicodeNormalization;

/// References by name, except letters with accents. A quote would end a cell.
const NAMED: [(&str, &str); 24] = [
    ("amp", "&"),
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

/// Returns a text with its character references replaced, and their number; `None` if it has none, or is HTML itself.
pub fn without_references(text: &str) -> Option<(String, usize)> {
    if !text.contains('&') || text.contains("</") {
        return None;
    }
    let (mut out, mut rest, mut count) = (String::with_capacity(text.len()), text, 0);
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let end = rest.bytes().take(12).position(|byte| byte == b';').unwrap_or(0);
        match rest.get(1..end.max(1)).and_then(character) {
            Some(words) => {
                out.push_str(&words);
                (rest, count) = (&rest[end + 1..], count + 1);
            }
            None => {
                out.push('&');
                rest = &rest[1..];
            }
        }
    }
    out.push_str(rest);
    (count > 0).then_some((out, count))
}

/// Returns the text of a reference: `eacute`, `#233`, `#xE9`.
fn character(name: &str) -> Option<String> {
    if let Some(number) = name.strip_prefix('#') {
        let hex = number.strip_prefix(['x', 'X']);
        let code = hex.map_or_else(|| number.parse().ok(), |hex| u32::from_str_radix(hex, 16).ok())?;
        // What has a meaning in a file stays as it is.
        let is_plain = |c: &char| !c.is_control() && !['"', ',', ';', '<', '>', '|', '\\'].contains(c);
        return char::from_u32(code).filter(is_plain).map(String::from);
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
    use super::without_references;

    #[test]
    fn references_become_characters() {
        let read = |text: &str| without_references(text).map(|(text, _)| text);
        assert_eq!(read("Caf&eacute; &amp; B&#228;r&#x21;, M&uuml;n").as_deref(), Some("Café & Bär!, Mün"));
        for same in ["a & b; c", "AT&T", "<b>&amp;</b>", "&lt; &quot; &#34; &#44; &unknown; &", "x?a=1&b=2"] {
            assert_eq!(read(same), None, "{same}");
        }
    }
}
