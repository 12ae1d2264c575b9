//! Renders diagnostics: as text through annotate-snippets, and as JSON.

use super::words::{escape, json_line};
use crate::text::{Advice, Diagnostic, Diagnostics, Fix, Label, Severity, Span, Text};
use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use serde_json::{Value as Json, json};
use std::ops::Range;
use std::sync::Arc;

/// The display name of typed text, which has no file name.
const TYPED: &str = "query";

/// Wraps a text at `columns` columns, between words only.
fn folded(text: &str, columns: usize) -> String {
    let (mut lines, mut used) = (String::new(), 0);
    for word in text.split(' ') {
        let length = super::width(word);
        if used > 0 && used + 1 + length > columns {
            lines.push('\n');
            used = 0;
        } else if used > 0 {
            lines.push(' ');
            used += 1;
        }
        lines.push_str(word);
        used += length;
    }
    lines
}

/// The maximum number of diagnostics shown; the number of further ones is printed. More would scroll the first ones
/// away, which often cause the others.
pub const MOST_DIAGNOSTICS: usize = 100;

/// Renders the first diagnostics, separated by empty lines. Labels without a text of their own lie in `text`.
pub fn diagnostics(list: &Diagnostics, text: &Arc<Text>, color: bool, width: usize) -> String {
    let mut each: Vec<String> =
        list.iter().take(MOST_DIAGNOSTICS).map(|one| diagnostic(one, text, color, width)).collect();
    let more = list.0.len().saturating_sub(MOST_DIAGNOSTICS);
    if more > 0 {
        each.push(format!("and {more} more\n"));
    }
    each.join("\n")
}

/// Renders a diagnostic with its places, in the style of rustc. Ends with a line break.
pub fn diagnostic(diagnostic: &Diagnostic, text: &Arc<Text>, color: bool, width: usize) -> String {
    // At least the prefix `help: `, which is subtracted below, with a word behind it.
    let width = width.max(20);
    let prefix = severity_name(diagnostic.severity).len() + diagnostic.code.name().len() + "[]: ".len();
    let message = folded(&escape(&diagnostic.message), width.saturating_sub(prefix));
    let title = level(diagnostic.severity).primary_title(message).id(diagnostic.code.name());
    let snippets = places(diagnostic, text).into_iter().map(|(place, labels)| snippet(place, &labels));
    let first = Group::with_title(title).elements(snippets);
    let advice = diagnostic.advice.iter().map(Advice::to_string);
    let helps = diagnostic.help.iter().map(|help| help.message.clone()).chain(advice).map(|message| {
        let title = folded(&escape(&message), width - "help: ".len());
        Group::with_title(Level::HELP.secondary_title(title))
    });
    let groups: Vec<Group> = std::iter::once(first).chain(helps).collect();
    let renderer = if color { Renderer::styled() } else { Renderer::plain() }.term_width(width);
    // Without labels there is no margin that would join title and help, so each is rendered alone.
    let reports: Vec<&[Group]> =
        if diagnostic.labels.is_empty() { groups.chunks(1).collect() } else { vec![groups.as_slice()] };
    reports.into_iter().map(|report| renderer.render(report) + "\n").collect()
}

fn level(severity: Severity) -> Level<'static> {
    match severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    }
}

/// Returns the texts that a diagnostic points into, each with its labels; the flag marks the primary label.
fn places<'a>(diagnostic: &'a Diagnostic, text: &'a Arc<Text>) -> Vec<(&'a Text, Vec<(&'a Label, bool)>)> {
    let mut places: Vec<(&Text, Vec<(&Label, bool)>)> = Vec::new();
    for (i, label) in diagnostic.labels.iter().enumerate() {
        let own = label.text.as_deref().unwrap_or(text);
        match places.iter_mut().find(|(place, _)| *place == own) {
            Some((_, labels)) => labels.push((label, i == 0)),
            None => places.push((own, vec![(label, i == 0)])),
        }
    }
    places
}

fn snippet<'a>(text: &'a Text, labels: &[(&'a Label, bool)]) -> Snippet<'a, annotate_snippets::Annotation<'a>> {
    let spans: Vec<Range<usize>> = labels.iter().map(|(label, _)| within(label.span, &text.body)).collect();
    let lines = lines_around(&text.body, &spans);
    let first = lines.start;
    let annotations = labels.iter().zip(spans).map(|((label, primary), span)| {
        let kind = if *primary { AnnotationKind::Primary } else { AnnotationKind::Context };
        let annotation = kind.span(span.start - first..span.end - first);
        if label.message.is_empty() { annotation } else { annotation.label(escape(&label.message).into_owned()) }
    });
    let path = Some(text.name.as_str()).filter(|name| *name != TYPED && !name.is_empty());
    let before = text.body[..first].bytes().filter(|byte| *byte == b'\n').count();
    Snippet::source(&text.body[lines]).line_start(before + 1).path(path.map(escape)).annotations(annotations)
}

/// Maximum number of bytes shown of a place and of the line behind it.
const LONGEST: usize = 1 << 12;

/// Returns the range of lines that contains all spans. The renderer would otherwise scan the whole text.
fn lines_around(body: &str, spans: &[Range<usize>]) -> Range<usize> {
    let start = spans.iter().map(|span| span.start).min().unwrap_or(0);
    let end = spans.iter().map(|span| span.end).max().unwrap_or(body.len());
    let start = body[..start].rfind('\n').map_or(0, |at| at + 1);
    let most = body.floor_char_boundary(end.saturating_add(LONGEST));
    let end = body[end..most].find('\n').map_or(most, |at| end + at + 1);
    start..end
}

/// Returns the span as a range of the text, moved to character boundaries.
fn within(span: Span, body: &str) -> Range<usize> {
    let cut = |at: u32| {
        let at = (at as usize).min(body.len());
        (0..=at).rev().find(|i| body.is_char_boundary(*i)).unwrap_or(0)
    };
    let start = cut(span.start);
    start..cut(span.end.min(span.start.saturating_add(LONGEST as u32))).max(start)
}

/// Returns one JSON object for each line: `{"severity", "code", "message", "labels", "help"}`. Lines and columns count
/// from 1, columns in characters; `start` and `end` are byte offsets.
pub fn diagnostics_json(list: &Diagnostics, text: &Arc<Text>) -> String {
    list.iter().map(|one| json_line(&diagnostic_json(one, text)) + "\n").collect()
}

/// Returns the same objects as an array.
pub fn diagnostics_value(list: &Diagnostics, text: &Arc<Text>) -> Json {
    list.iter().map(|one| diagnostic_json(one, text)).collect()
}

fn diagnostic_json(diagnostic: &Diagnostic, text: &Arc<Text>) -> Json {
    let help = diagnostic.help.iter().map(|help| {
        json!({
            "message": help.message,
            "fix": help.fix.as_ref().map(fix_json),
        })
    });
    let advice = diagnostic.advice.iter().map(|advice| json!({ "message": advice.to_string(), "fix": null }));
    json!({
        "severity": severity_name(diagnostic.severity),
        "code": diagnostic.code.name(),
        "message": diagnostic.message,
        "labels": diagnostic.labels.iter().map(|label| label_json(label, text)).collect::<Vec<_>>(),
        "help": help.chain(advice).collect::<Vec<_>>(),
    })
}

fn label_json(label: &Label, text: &Arc<Text>) -> Json {
    let text = label.text.as_ref().unwrap_or(text);
    let (line, column) = text.line_column(label.span.start);
    json!({
        "text": text.name,
        "line": line,
        "column": column,
        "start": label.span.start,
        "end": label.span.end,
        "message": label.message,
    })
}

fn fix_json(fix: &Fix) -> Json {
    json!({ "start": fix.span.start, "end": fix.span.end, "replacement": fix.replacement })
}

fn severity_name(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    }
}

#[cfg(test)]
mod tests {
    use super::{diagnostic, diagnostics_json};
    use crate::text::{Code, Diagnostic, Diagnostics, Span, Text};

    fn unknown() -> Diagnostic {
        let span = Span::new(11, 15);
        Diagnostic::error(Code::UnknownName, span, "no entity, alias or type is called `MLAA`")
            .here("here a Technique is wanted")
            .fix("did you mean `MLA`?", span, "MLA")
    }

    #[test]
    fn as_the_transcript_has_it() {
        let text = Text::new("query", "Model uses MLAA");
        let expected = "\
error[unknown-name]: no entity, alias or type is called `MLAA`
  |
1 | Model uses MLAA
  |            ^^^^ here a Technique is wanted
  |
help: did you mean `MLA`?
";
        assert_eq!(diagnostic(&unknown(), &text, false, 80), expected);
        assert!(diagnostic(&unknown(), &text, true, 80).contains('\x1b'));
    }

    #[test]
    fn any_span_is_shown() {
        let text = Text::new("a.begat", "Modèl\n数据 uses\u{1b}");
        for (start, end) in [(0, 99), (4, 5), (99, 3), (7, 8), (18, 18), (5, 5)] {
            let problem = Diagnostic::error(Code::Syntax, Span::new(start, end), "x");
            assert!(!diagnostic(&problem, &text, false, 20).contains('\x1b'));
        }
        let empty = Text::new("query", "");
        diagnostic(&Diagnostic::error(Code::Syntax, Span::new(0, 0), "nothing"), &empty, false, 80);
    }

    #[test]
    fn two_texts() {
        let (query, file) = (Text::new("query", "A b C"), Text::new("x.ron", "one\ntwo"));
        let problem = unknown().label_in(&file, Span::new(4, 7), "declared here");
        let shown = diagnostic(&problem, &query, false, 80);
        assert!(shown.contains("x.ron:2:1"), "{shown}");
    }

    #[test]
    fn as_json() {
        let text = Text::new("query", "Model uses MLAA");
        let json = diagnostics_json(&Diagnostics(vec![unknown()]), &text);
        let one: serde_json::Value = serde_json::from_str(&json).expect("one object");
        assert_eq!(one["code"], "unknown-name");
        assert_eq!(one["labels"][0]["column"], 12);
        assert_eq!(one["help"][0]["fix"]["replacement"], "MLA");
    }
}
