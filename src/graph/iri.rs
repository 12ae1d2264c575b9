//! IRIs of entities and words, relative to the graph's.

use std::fmt::Write;

/// Returns the IRI of a name among those of a kind, in angle brackets: `<type/Model>`, `<Model/DeepSeek%20V3>`.
pub fn iri(kind: &str, name: &str) -> String {
    let kind: Vec<String> = kind.split('/').map(escaped).collect();
    format!("<{}/{}>", kind.join("/"), escaped(name))
}

/// Percent-encodes a name for a segment of an IRI's path.
fn escaped(name: &str) -> String {
    let mut escaped = String::with_capacity(name.len());
    for byte in name.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'~' => escaped.push(char::from(byte)),
            // A segment of dots only would lead upwards.
            b'.' if name.bytes().any(|other| other != b'.') => escaped.push('.'),
            byte => _ = write!(escaped, "%{byte:02X}"),
        }
    }
    escaped
}
