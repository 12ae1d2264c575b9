//! Formats query files: every statement as it is printed, with comments in place.

use crate::render;
use crate::syntax::{self, TokenKind};
use crate::text::{Diagnostics, Span};

/// A longer statement is broken before its clauses and after the commas between its sentences.
const WIDTH: usize = 100;
const INDENT: &str = "    ";

/// Returns the text in canonical form. With several statements each ends with `;`, a single one has none.
///
/// # Errors
/// The text does not parse.
pub fn format(text: &str) -> Result<String, Diagnostics> {
    let end = if syntax::parse(text)?.statements.len() > 1 { ";" } else { "" };
    let mut out = String::with_capacity(text.len());
    for block in blocks(text) {
        if block.apart && !out.is_empty() {
            out.push('\n');
        }
        match block.pieces.as_slice() {
            [only] if only.face == TokenKind::Comment => out += only.text,
            pieces => out += &(statement(text, pieces) + end),
        }
        if let Some(comment) = block.behind {
            out += &format!(" {comment}");
        }
        out.push('\n');
    }
    Ok(out)
}

/// Returns the comments of a text, in order.
pub fn comments(text: &str) -> Vec<&str> {
    let lexemes = syntax::lexemes(text).into_iter();
    lexemes.filter(|(_, face)| *face == TokenKind::Comment).map(|(span, _)| span.of(text)).collect()
}

/// A statement, or a comment outside of all statements.
struct Block<'t> {
    /// Whether an empty line precedes it.
    apart: bool,
    /// The words, with the comments inside of the statement; at least one piece.
    pieces: Vec<Lexeme<'t>>,
    /// A comment at the end of its last line.
    behind: Option<&'t str>,
}

/// A word, a punctuation mark or a comment.
#[derive(Clone, Copy)]
struct Lexeme<'t> {
    text: &'t str,
    span: Span,
    face: TokenKind,
    /// Number of line breaks before it.
    breaks: usize,
}

impl Lexeme<'_> {
    fn is_comment(&self) -> bool {
        self.face == TokenKind::Comment
    }
}

fn blocks(text: &str) -> Vec<Block<'_>> {
    let (mut blocks, mut open, mut end) = (Vec::new(), Vec::new(), 0);
    for (span, face) in syntax::lexemes(text) {
        let space = text.get(end..span.start as usize).unwrap_or("");
        let piece = Lexeme { text: span.of(text), span, face, breaks: space.matches('\n').count() };
        end = span.end as usize;
        match face {
            TokenKind::Mark if piece.text == ";" => close(&mut blocks, &mut open),
            TokenKind::Comment if open.is_empty() => comment(&mut blocks, piece),
            _ => open.push(piece),
        }
    }
    close(&mut blocks, &mut open);
    blocks
}

/// Attaches a comment to the statement on the same line, if there is one.
fn comment<'t>(blocks: &mut Vec<Block<'t>>, piece: Lexeme<'t>) {
    match blocks.last_mut() {
        Some(last) if piece.breaks == 0 && last.behind.is_none() => last.behind = Some(piece.text),
        _ => blocks.push(Block { apart: piece.breaks > 1, pieces: vec![piece], behind: None }),
    }
}

/// Ends a statement; comments after its last word are not part of it.
fn close<'t>(blocks: &mut Vec<Block<'t>>, open: &mut Vec<Lexeme<'t>>) {
    let words = open.iter().rposition(|piece| !piece.is_comment()).map_or(0, |last| last + 1);
    let after = open.split_off(words);
    if let Some(first) = open.first() {
        blocks.push(Block { apart: first.breaks > 1, pieces: std::mem::take(open), behind: None });
    }
    after.into_iter().for_each(|piece| comment(blocks, piece));
}

/// Prints a statement, with its comments behind the same words as before. If the printed words differ from the written
/// ones, the statement stays unchanged.
fn statement(text: &str, pieces: &[Lexeme]) -> String {
    let (Some(first), Some(last)) = (pieces.first(), pieces.last()) else { return String::new() };
    let written = first.span.to(last.span).of(text);
    let Ok(program) = syntax::parse(written) else { return as_written(written) };
    let printed = syntax::print(&program);
    let words: Vec<(Span, TokenKind)> = syntax::lexemes(&printed);
    let comments = pieces.iter().filter(|piece| piece.is_comment()).count();
    let is_hidden = |piece: &Lexeme| piece.face == TokenKind::Verb && piece.text.contains('#');
    if comments > 0 && words.len() + comments != pieces.len() || pieces.iter().any(is_hidden) {
        return as_written(written);
    }
    if comments == 0 && render::width(&printed) <= WIDTH { printed } else { cut(&printed, &words, pieces) }
}

fn as_written(text: &str) -> String {
    text.lines().map(str::trim_end).collect::<Vec<_>>().join("\n")
}

/// Returns the printed words on several lines, with comments.
fn cut(printed: &str, words: &[(Span, TokenKind)], pieces: &[Lexeme]) -> String {
    let breaks = cuts(printed, words);
    let mut comments = pieces.iter().enumerate().filter(|(_, piece)| piece.is_comment()).peekable();
    let (mut out, mut seen, mut end) = (String::new(), 0, 0);
    for (i, (span, _)) in words.iter().enumerate() {
        let mut is_new_line = breaks.contains(&i);
        while let Some((_, comment)) = comments.next_if(|(at, _)| *at == i + seen) {
            out += &if comment.breaks > 0 { format!("\n{INDENT}") } else { " ".to_string() };
            out += comment.text;
            (seen, is_new_line) = (seen + 1, true);
        }
        let gap = printed.get(end..span.start as usize).unwrap_or("");
        out += &if is_new_line { format!("\n{INDENT}") } else { gap.to_string() };
        out += span.of(printed);
        end = span.end as usize;
    }
    out
}

/// Returns the words that begin a line of a long statement: a clause, a sentence after a comma, the body of a
/// definition.
fn cuts(printed: &str, words: &[(Span, TokenKind)]) -> Vec<usize> {
    let word = |i: usize| words.get(i).map_or("", |(span, _)| span.of(printed));
    let (mut depth, mut in_clauses, mut cuts) = (0usize, false, Vec::new());
    let mut in_head = word(0) == "define";
    for i in 0..words.len() {
        match word(i) {
            "(" | "{" => depth += 1,
            ")" | "}" => depth = depth.saturating_sub(1),
            _ if depth > 0 => {}
            "as" if in_head => {
                cuts.push(i + 1);
                in_head = false;
            }
            "," if !in_clauses => cuts.push(i + 1),
            _ if i > 0 && begins_clause(word(i - 1), word(i), word(i + 1)) => {
                cuts.push(i);
                in_clauses = true;
            }
            _ => {}
        }
    }
    cuts
}

fn begins_clause(before: &str, word: &str, after: &str) -> bool {
    match word {
        "where" | "show" | "having" | "order" | "limit" | "offset" | "nearest" => true,
        "as" => after == "of",
        "to" => before != "according",
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::{comments, format};
    use crate::syntax;

    fn formatted(text: &str) -> String {
        let once = format(text).unwrap_or_else(|error| panic!("{error:?}: {text}"));
        assert_eq!(format(&once).as_deref(), Ok(once.as_str()), "twice is once");
        assert_eq!(syntax::parse(&once), syntax::parse(text), "{once}");
        assert_eq!(comments(&once), comments(text), "{once}");
        once
    }

    #[test]
    fn statements_end_alike() {
        assert_eq!(formatted("Model   uses\n MLA ;"), "Model uses MLA\n");
        assert_eq!(formatted("Model;\n\n\n Org"), "Model;\n\nOrg;\n");
        assert_eq!(formatted("#!/usr/bin/env begat\n"), "#!/usr/bin/env begat\n");
        assert_eq!(formatted(""), "");
    }

    #[test]
    fn comments_stay() {
        assert_eq!(formatted("# a\nModel # b\n;Org # c\n# d\n"), "# a\nModel; # b\nOrg; # c\n# d\n");
        assert_eq!(
            formatted("Model # who\n  uses MLA # what\n  # why\n limit 2"),
            "Model # who\n    uses MLA # what\n    # why\n    limit 2\n"
        );
        assert_eq!(formatted("Model m based # x\n on Model"), "Model m based # x\n on Model\n");
        assert_eq!(formatted("Model uses MLA # a\n# b\n;\nOrg"), "Model uses MLA; # a\n# b\nOrg;\n");
    }

    #[test]
    fn long_statements_are_cut() {
        let text = "Model m uses Technique t, Org o develops m where m.date > 2020 and m.parameters > 1B show count(m), o by o order by count(m) desc";
        let lines = formatted(text);
        let starts: Vec<&str> = lines.lines().map(|line| line.trim().split(' ').next().unwrap_or("")).collect();
        assert_eq!(starts, ["Model", "Org", "where", "show", "order"], "{lines}");
        let text = "define Model m supplants Technique t as Model m (succeeds | based on) Model p, m uses Technique t, p uses no t";
        let lines = formatted(text);
        assert!(lines.starts_with("define Model m supplants Technique t as\n    Model m (succeeds"), "{lines}");
    }
}
