//! Replacements in a text, and their display as a diff.

use crate::text::Span;
use std::fmt::Write;

/// The replacement of a span of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Splice {
    pub span: Span,
    pub words: String,
}

impl Splice {
    pub fn new(span: Span, words: impl Into<String>) -> Splice {
        Splice { span, words: words.into() }
    }

    /// Returns a splice that inserts words before a byte of the text.
    pub fn insert(at: u32, words: impl Into<String>) -> Splice {
        Splice::new(Span { start: at, end: at }, words)
    }
}

/// Applies splices, which must not overlap; those at the same position are applied in the order given.
pub fn apply(text: &str, splices: &[Splice]) -> String {
    let mut sorted: Vec<&Splice> = splices.iter().collect();
    sorted.sort_by_key(|splice| (splice.span.start, splice.span.end));
    let (mut out, mut end) = (String::with_capacity(text.len() + 256), 0);
    for splice in sorted {
        out.push_str(text.get(end..splice.span.start as usize).unwrap_or(""));
        out.push_str(&splice.words);
        end = end.max(splice.span.end as usize);
    }
    out.push_str(text.get(end..).unwrap_or(""));
    out
}

/// Number of lines around a change in a diff.
const CONTEXT: usize = 3;

/// Returns the difference of two texts as a unified diff; empty if they are equal. `None` means that the file does not
/// exist.
pub fn unified(name: &str, old: Option<&str>, new: Option<&str>) -> String {
    let (before, after) = (lines(old.unwrap_or("")), lines(new.unwrap_or("")));
    let edits = edits(&before, &after);
    let mut out = String::new();
    for hunk in hunks(&edits) {
        if out.is_empty() {
            let side =
                |side: &str, is_there: bool| if is_there { format!("{side}/{name}") } else { "/dev/null".into() };
            _ = write!(out, "--- {}\n+++ {}\n", side("a", old.is_some()), side("b", new.is_some()));
        }
        let (first, second) =
            (hunk.iter().filter(|edit| edit.mark != '+'), hunk.iter().filter(|edit| edit.mark != '-'));
        let (a, b) = (hunk.first().map_or((0, 0), |edit| edit.at), (first.count(), second.count()));
        let start = |at: usize, count: usize| if count == 0 { at } else { at + 1 };
        _ = writeln!(out, "@@ -{},{} +{},{} @@", start(a.0, b.0), b.0, start(a.1, b.1), b.1);
        for edit in hunk {
            out.push(edit.mark);
            out.push_str(edit.line);
            if !edit.line.ends_with('\n') {
                out.push_str("\n\\ No newline at end of file\n");
            }
        }
    }
    out
}

fn lines(text: &str) -> Vec<&str> {
    text.split_inclusive('\n').collect()
}

/// A line of a diff, with the number of lines before it on both sides.
struct DiffLine<'t> {
    mark: char,
    line: &'t str,
    at: (usize, usize),
}

/// Returns the lines of a diff: common prefix and suffix, and between them a longest common subsequence.
fn edits<'t>(before: &[&'t str], after: &[&'t str]) -> Vec<DiffLine<'t>> {
    // Removing the common prefix and suffix keeps the table for the rest small.
    let head = before.iter().zip(after).take_while(|(a, b)| a == b).count();
    let rest = before.len().min(after.len()) - head;
    let tail = before.iter().rev().zip(after.iter().rev()).take(rest).take_while(|(a, b)| a == b).count();
    let mut edits = Vec::new();
    let mut push = |mark, line, at| edits.push(DiffLine { mark, line, at });
    (0..head).for_each(|i| push(' ', before[i], (i, i)));
    let (old, new) = (&before[head..before.len() - tail], &after[head..after.len() - tail]);
    let (mut i, mut j) = (0, 0);
    // A last pair behind both ends adds the lines after the last common one.
    for (a, b) in common(old, new).into_iter().chain([(old.len(), new.len())]) {
        (i..a).for_each(|k| push('-', old[k], (head + k, head + j)));
        (j..b).for_each(|k| push('+', new[k], (head + a, head + k)));
        if a < old.len() {
            push(' ', old[a], (head + a, head + b));
        }
        (i, j) = (a + 1, b + 1);
    }
    let shift = after.len() - tail;
    (before.len() - tail..before.len()).enumerate().for_each(|(k, i)| push(' ', before[i], (i, shift + k)));
    edits
}

/// Maximum size of the table for the longest common subsequence; if it would be larger, all lines are shown as changed.
/// 64 MB: some 4000 lines on each side, after equal ones at both ends are left out.
const MOST_COMPARED: usize = 1 << 24;

/// Returns the indexes of a longest common subsequence, sorted ascending. O(n · m). (Wagner and Fischer, *The
/// string-to-string correction problem*, 1974.)
fn common(old: &[&str], new: &[&str]) -> Vec<(usize, usize)> {
    if old.len().saturating_mul(new.len()) > MOST_COMPARED {
        return Vec::new();
    }
    let width = new.len() + 1;
    let mut length = vec![0u32; (old.len() + 1) * width];
    for i in (0..old.len()).rev() {
        for j in (0..new.len()).rev() {
            length[i * width + j] = match old[i] == new[j] {
                true => length[(i + 1) * width + j + 1] + 1,
                false => length[(i + 1) * width + j].max(length[i * width + j + 1]),
            };
        }
    }
    let (mut i, mut j, mut pairs) = (0, 0, Vec::new());
    while i < old.len() && j < new.len() {
        if old[i] == new[j] {
            pairs.push((i, j));
            (i, j) = (i + 1, j + 1);
        } else if length[(i + 1) * width + j] >= length[i * width + j + 1] {
            i += 1;
        } else {
            j += 1;
        }
    }
    pairs
}

/// Returns the changed lines with their context; changes whose contexts touch share a hunk.
fn hunks<'e, 't>(edits: &'e [DiffLine<'t>]) -> Vec<&'e [DiffLine<'t>]> {
    let mut hunks: Vec<(usize, usize)> = Vec::new();
    for (i, _) in edits.iter().enumerate().filter(|(_, edit)| edit.mark != ' ') {
        let (start, end) = (i.saturating_sub(CONTEXT), (i + CONTEXT + 1).min(edits.len()));
        match hunks.last_mut() {
            Some(last) if last.1 >= start => last.1 = end,
            _ => hunks.push((start, end)),
        }
    }
    hunks.into_iter().map(|(start, end)| &edits[start..end]).collect()
}

#[cfg(test)]
mod tests {
    use super::{Splice, apply, unified};
    use crate::text::Span;

    #[test]
    fn splices_are_applied() {
        let splices = [Splice::new(Span::new(4, 5), "E"), Splice::insert(0, "<"), Splice::insert(0, ">")];
        assert_eq!(apply("abcdefg", &splices), "<>abcdEfg");
    }

    #[test]
    fn diffs_are_those_of_diff() {
        let old = "a\nb\nc\nd\ne\nf\n";
        let new = "a\nb\nc\nx\nd\ne\ng\n";
        let diff = unified("n", Some(old), Some(new));
        assert_eq!(diff, "--- a/n\n+++ b/n\n@@ -1,6 +1,7 @@\n a\n b\n c\n+x\n d\n e\n-f\n+g\n");
        assert_eq!(unified("n", Some(old), Some(old)), "");
        assert_eq!(unified("n", None, Some("a\n")), "--- /dev/null\n+++ b/n\n@@ -0,0 +1,1 @@\n+a\n");
        assert_eq!(
            unified("n", Some("a"), None),
            "--- a/n\n+++ /dev/null\n@@ -1,1 +0,0 @@\n-a\n\\ No newline at end of file\n"
        );
    }
}
