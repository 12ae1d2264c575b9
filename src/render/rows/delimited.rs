//! Writes TSV, CSV and Markdown.

use super::{certainty, column_keys, has_possible};
use crate::answer::{Cell, Row, Rows, Table};
use crate::graph::{EntityId, Graph};
use crate::limits::in_budget;
use crate::render::words::{TextStyle, cell, escape_data};
use crate::value::Value;
use std::borrow::Cow;
use std::fmt::Write as _;
use std::io::{Result, Write};

/// Writes tab-separated values, never truncated. Backslashes are doubled; control characters (mainly tabs and line
/// breaks) are escaped as in a quoted text. If a row is only possible, there is a last column `certainty`.
pub fn tsv(table: &Table, graph: &Graph, header: bool, out: &mut dyn Write) -> Result<()> {
    let mut text = String::new();
    let marked = has_possible(table);
    if header {
        tsv_line(&mut text, titles(table, marked).iter().map(String::as_str));
    }
    out.write_all(text.as_bytes())?;
    if let Some(rows) = table.rows.entities() {
        return entity_lines(rows, graph, out);
    }
    for row in table.rows.iter().take_while(in_budget) {
        text.clear();
        for (i, cell) in row.cells.iter().enumerate() {
            if i > 0 {
                text.push('\t');
            }
            tsv_cell(&mut text, cell, graph);
        }
        if marked {
            text.push('\t');
            text.push_str(certainty(row));
        }
        text.push('\n');
        out.write_all(text.as_bytes())?;
    }
    Ok(())
}

/// Appends a cell; names and numbers are not copied first.
fn tsv_cell(text: &mut String, inner: &Cell, graph: &Graph) {
    match inner {
        Cell::Entity(entity) => tsv_field(text, graph.name(*entity)),
        Cell::Value(number @ (Value::Number(_) | Value::Integer(_))) => _ = write!(text, "{number}"),
        inner => tsv_field(text, &cell(graph, inner)),
    }
}

fn tsv_field(text: &mut String, field: &str) {
    match is_plain(field.as_bytes()) {
        true => text.push_str(field),
        false => text.push_str(&escaped(field)),
    }
}

/// Number of bytes written at once. By reasoning, no benchmark varies it: smaller ones take more system calls, larger
/// ones memory without saving calls that matter.
const PIECE: usize = 1 << 16;

/// Writes rows of entities, assembled as bytes.
fn entity_lines<'r>(rows: impl Iterator<Item = &'r [u32]>, graph: &Graph, out: &mut dyn Write) -> Result<()> {
    let mut text: Vec<u8> = Vec::with_capacity(PIECE);
    for row in rows.take_while(in_budget) {
        if text.len() >= PIECE {
            out.write_all(&text)?;
            text.clear();
        }
        for (i, number) in row.iter().enumerate() {
            if i > 0 {
                text.push(b'\t');
            }
            let entity = EntityId(*number);
            match graph.names().bytes(entity) {
                _ if *number == Rows::NULL_SLOT => {}
                name if is_plain(name) => text.extend_from_slice(name),
                _ => text.extend_from_slice(escaped(graph.name(entity)).as_bytes()),
            }
        }
        text.push(b'\n');
    }
    out.write_all(&text)
}

/// Returns whether no byte needs an escape: printable ASCII except the backslash. Tests eight bytes at a time
/// (SWAR: Lamport, *Multiple byte processing with full-word instructions*, 1975).
fn is_plain(bytes: &[u8]) -> bool {
    const EACH: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = 0x80 * EACH;
    // A borrow may mark a wrong byte, but only above a right one, and only whether there is one is asked.
    let below = |word: u64, bound: u64| word.wrapping_sub(EACH * bound) & !word & HIGH;
    let holds = |word: u64, byte: u8| below(word ^ (EACH * u64::from(byte)), 1);
    let odd = |word: u64| word & HIGH | below(word, b' '.into()) | holds(word, 0x7f) | holds(word, b'\\');
    let (words, rest) = bytes.as_chunks::<8>();
    let is_plain = |byte: &u8| (b' '..0x7f).contains(byte) && *byte != b'\\';
    words.iter().all(|word| odd(u64::from_ne_bytes(*word)) == 0) && rest.iter().all(is_plain)
}

/// Returns a field with escapes.
fn escaped(field: &str) -> String {
    escape_data(&field.replace('\\', "\\\\")).into_owned()
}

fn tsv_line<'f>(text: &mut String, fields: impl Iterator<Item = &'f str>) {
    for (i, field) in fields.enumerate() {
        if i > 0 {
            text.push('\t');
        }
        tsv_field(text, field);
    }
    text.push('\n');
}

/// Writes comma-separated values (RFC 4180, but with line feeds). See [`tsv`] for the column `certainty`.
pub fn csv(table: &Table, graph: &Graph, looks: &TextStyle, out: &mut dyn Write) -> Result<()> {
    csv_lines(lines(table, graph, looks.header), looks.guard, out)
}

/// Writes lines of equal length as CSV; with `guard`, no cell begins like a formula.
pub fn csv_lines(lines: impl IntoIterator<Item = Vec<String>>, guard: bool, out: &mut dyn Write) -> Result<()> {
    let mut writer = csv::Writer::from_writer(out);
    for line in lines.into_iter().take_while(in_budget) {
        match guard {
            true => writer.write_record(line.iter().map(|cell| guarded(cell).into_owned().into_bytes()))?,
            false => writer.write_record(&line)?,
        }
    }
    writer.flush()
}

/// Returns a cell that no spreadsheet evaluates as a formula: one that begins like a formula is preceded by an
/// apostrophe, as OWASP advises. Numbers are unchanged.
fn guarded(cell: &str) -> Cow<'_, str> {
    let is_number = cell.parse::<f64>().is_ok_and(f64::is_finite);
    let is_formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r']) && !is_number;
    if is_formula { Cow::Owned(format!("'{cell}")) } else { Cow::Borrowed(cell) }
}

/// Writes a Markdown table. Bars, backslashes and markup are escaped; line breaks become `<br>`.
pub fn markdown(table: &Table, graph: &Graph, out: &mut dyn Write) -> Result<()> {
    let mut lines = lines(table, graph, true);
    let head = lines.next().unwrap_or_default();
    let numeric = |i: usize| table.columns.get(i).is_some_and(|column| column.numeric);
    let rule = (0..head.len()).map(|i| if numeric(i) { "--:" } else { "---" }.to_string()).collect();
    let titles = markdown_line(head.iter().map(|title| markdown_text(title)).collect());
    out.write_all((titles + &markdown_line(rule)).as_bytes())?;
    lines.take_while(in_budget).try_for_each(|line| {
        out.write_all(markdown_line(line.iter().map(|cell| markdown_text(cell)).collect()).as_bytes())
    })
}

fn markdown_line(cells: Vec<String>) -> String {
    format!("| {} |\n", cells.join(" | "))
}

fn markdown_text(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for (at, c) in text.char_indices() {
        match c {
            '\n' => safe.push_str("<br>"),
            '&' if is_character_reference(&text[at + 1..]) => safe.push_str("\\&"),
            '|' | '\\' | '`' | '*' | '_' | '[' | ']' | '<' => safe.extend(['\\', c]),
            c => safe.push_str(&escape_data(c.encode_utf8(&mut [0; 4]))),
        }
    }
    safe
}

/// Returns whether what follows a `&` would make another character of it: `amp;`, `#8212;`.
fn is_character_reference(behind: &str) -> bool {
    let Some((name, _)) = behind.split_once(';') else { return false };
    !name.is_empty()
        && name.len() <= 32
        && name.strip_prefix('#').unwrap_or(name).chars().all(|c| c.is_ascii_alphanumeric())
}

/// Returns the titles of the columns; if `marked`, with one for the certainty of rows.
fn titles(table: &Table, marked: bool) -> Vec<String> {
    let mut titles = column_keys(table);
    titles.extend(marked.then(|| "certainty".to_string()));
    titles
}

/// Returns the titles, if wanted, and the rows as text.
fn lines<'a>(table: &'a Table, graph: &'a Graph, header: bool) -> impl Iterator<Item = Vec<String>> + 'a {
    let marked = has_possible(table);
    let words = move |row: Cow<'_, Row>| {
        let mut words: Vec<String> = row.cells.iter().map(|inner| cell(graph, inner)).collect();
        if marked {
            words.push(certainty(&row).to_string());
        }
        words
    };
    header.then(|| titles(table, marked)).into_iter().chain(table.rows.each().map(words))
}

#[cfg(test)]
mod tests {
    use super::{guarded, is_plain, markdown_text};

    #[test]
    fn a_guarded_cell_is_no_formula() {
        let cells = ["=1+1", "+a", "-b", "@c", "\td", "\re", "-1.5", "f=", ""];
        let guarded = cells.map(|cell| guarded(cell).into_owned());
        assert_eq!(guarded, ["'=1+1", "'+a", "'-b", "'@c", "'\td", "'\re", "-1.5", "f=", ""]);
    }

    #[test]
    fn character_references_stay_text_in_markdown() {
        let texts = ["&amp; a", "AT&T", "a & b;", "&#8212;", "<b>"].map(markdown_text);
        assert_eq!(texts, ["\\&amp; a", "AT&T", "a & b;", "\\&#8212;", "\\<b>"]);
    }

    #[test]
    fn plain_bytes_are_told_wherever_they_stand() {
        for byte in 0..=255u8 {
            let expected = (b' '..0x7f).contains(&byte) && byte != b'\\';
            for place in 0..20 {
                let mut bytes = *b"Llama 3.1 405B, GPT-";
                bytes[place] = byte;
                assert_eq!(is_plain(&bytes), expected, "{byte} at {place}");
            }
        }
    }
}
