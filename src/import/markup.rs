//! Replaces character references of HTML, which programs leave in texts: `Caf&eacute; &amp; Bar`.

use crate::load::references;

/// Returns a text with its character references replaced, and their number; `None` if it has none, or is HTML itself. What
/// has a meaning in a file stays as it is.
pub fn without_references(text: &str) -> Option<(String, usize)> {
    if !text.contains('&') || text.contains("</") {
        return None;
    }
    let is_plain = |c: char| !c.is_control() && !['"', ',', ';', '<', '>', '|', '\\'].contains(&c);
    let (text, count) = references::resolved(text, |words| words.chars().all(is_plain));
    (count > 0).then_some((text, count))
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
