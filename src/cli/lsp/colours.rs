//! The colours of texts, as the protocol's semantic tokens.

use super::answers::{RequestResult, json, read};
use super::{Server, is_data, place};
use crate::edit::tokens::tokens;
use crate::schema::Schema;
use crate::syntax::{TokenKind, lexemes};
use crate::text::Span;
use lsp_types::{SemanticToken, SemanticTokenType, SemanticTokens, SemanticTokensLegend, SemanticTokensParams};
use serde_json::Value as Json;

/// The classes, in the order of their numbers. One row each.
static CLASSES: &[SemanticTokenType] = &[
    SemanticTokenType::KEYWORD,
    SemanticTokenType::TYPE,
    SemanticTokenType::ENUM_MEMBER,
    SemanticTokenType::FUNCTION,
    SemanticTokenType::VARIABLE,
    SemanticTokenType::PARAMETER,
    SemanticTokenType::NUMBER,
    SemanticTokenType::STRING,
    SemanticTokenType::OPERATOR,
    SemanticTokenType::COMMENT,
    SemanticTokenType::PROPERTY,
];

pub(super) fn legend() -> SemanticTokensLegend {
    SemanticTokensLegend { token_types: CLASSES.to_vec(), token_modifiers: Vec::new() }
}

pub(super) fn colours(server: &Server, params: Json) -> RequestResult {
    let params: SemanticTokensParams = read(params)?;
    let (path, document) = server.document(&params.text_document.uri)?;
    let text = document.text.as_str();
    let schema = server.database_of(&path).graph().schema();
    let parts = if is_data(&path) { of_data(schema, text) } else { of_query(schema, text, 0) };
    json(SemanticTokens { result_id: None, data: encoded(text, &parts) })
}

/// A part of a text, and its class.
type Part = (Span, SemanticTokenType);

/// The parts of a query that begins at a byte of its file.
fn of_query(schema: &Schema, text: &str, start: u32) -> Vec<Part> {
    let mut parts = Vec::new();
    for (span, kind) in lexemes(text) {
        let words = span.of(text);
        let class = match kind {
            TokenKind::Keyword => SemanticTokenType::KEYWORD,
            TokenKind::Name if schema.lookup_type(words).is_some() => SemanticTokenType::TYPE,
            TokenKind::Name => {
                // `Model GPT-2`: a type in front of its name.
                let typed = words.split_once(' ').filter(|(first, _)| schema.lookup_type(first).is_some());
                let cut = typed.map_or(span.start, |(first, _)| span.start + first.len() as u32);
                if cut > span.start {
                    parts.push((Span { start: span.start, end: cut }.shifted(start), SemanticTokenType::TYPE));
                }
                let name = Span { start: cut + u32::from(cut > span.start), end: span.end };
                parts.push((name.shifted(start), SemanticTokenType::ENUM_MEMBER));
                continue;
            }
            TokenKind::Verb => SemanticTokenType::FUNCTION,
            TokenKind::Variable => SemanticTokenType::VARIABLE,
            TokenKind::Parameter => SemanticTokenType::PARAMETER,
            TokenKind::Date | TokenKind::Number => SemanticTokenType::NUMBER,
            TokenKind::Text => SemanticTokenType::STRING,
            TokenKind::Mark => SemanticTokenType::OPERATOR,
            TokenKind::Comment => SemanticTokenType::COMMENT,
            TokenKind::Unknown => continue,
        };
        parts.push((span.shifted(start), class));
    }
    parts
}

/// The parts of a data file: what stands in quotes below `facts` and reads as one is coloured as a query.
fn of_data(schema: &Schema, text: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    // What does not end is underlined already.
    let all = tokens(text).unwrap_or_default();
    let mut key = "";
    for (at, token) in all.iter().enumerate() {
        let span = Span::new(token.start, token.start + token.text.len());
        let is_key = all.get(at + 1).is_some_and(|next| next.text == ":");
        if is_key {
            key = token.text;
        }
        let is_quoted = token.text.len() > 1 && token.text.starts_with('"') && token.text.ends_with('"');
        let class = match token.text.chars().next().unwrap_or(' ') {
            _ if token.is_comment() => SemanticTokenType::COMMENT,
            '"' if is_quoted && key == "facts" && !token.text.contains('\\') => {
                let inside = &token.text[1..token.text.len() - 1];
                if crate::syntax::parse_fact(inside).is_ok() {
                    parts.extend(of_query(schema, inside, span.start + 1));
                    continue;
                }
                SemanticTokenType::STRING
            }
            '"' => SemanticTokenType::STRING,
            '0'..='9' | '-' => SemanticTokenType::NUMBER,
            c if c.is_alphabetic() && is_key => SemanticTokenType::PROPERTY,
            c if c.is_alphabetic() => SemanticTokenType::KEYWORD,
            _ => continue,
        };
        parts.push((span, class));
    }
    parts
}

/// The parts as the protocol has them: each by its distance from the one before, in lines and UTF-16 units; none reaches over
/// the end of a line.
fn encoded(text: &str, parts: &[Part]) -> Vec<SemanticToken> {
    let (mut tokens, mut last) = (Vec::new(), (0, 0));
    // The place of the byte that was reached, so that a text is read once.
    let (mut reached, mut line, mut column) = (0, 0u32, 0u32);
    for (span, class) in parts {
        let Some(number) = CLASSES.iter().position(|known| known == class) else { continue };
        let mut start = span.start as usize;
        for words in span.of(text).split_inclusive('\n') {
            let Some(between) = text.get(reached..start) else { break };
            for c in between.chars() {
                (line, column) = if c == '\n' { (line + 1, 0) } else { (line, column + c.len_utf16() as u32) };
            }
            reached = start;
            let length = place::units(words.trim_end_matches(['\n', '\r']));
            if length > 0 {
                let delta_start = if line == last.0 { column - last.1 } else { column };
                tokens.push(SemanticToken {
                    delta_line: line - last.0,
                    delta_start,
                    length,
                    token_type: u32::try_from(number).unwrap_or(0),
                    token_modifiers_bitset: 0,
                });
                last = (line, column);
            }
            start += words.len();
        }
    }
    tokens
}
