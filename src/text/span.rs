//! Texts and places in them.

use std::sync::Arc;

/// A text with its display name: a file's path, or `query`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Text {
    /// The display name.
    pub name: String,
    /// The text itself.
    pub body: String,
}

impl Text {
    /// Returns a text; shared, because many diagnostics may point into it.
    pub fn new(name: impl Into<String>, body: impl Into<String>) -> Arc<Text> {
        Arc::new(Text { name: name.into(), body: body.into() })
    }

    /// Returns line and column of a byte offset, both from 1; the column counts characters. O(offset).
    pub fn line_column(&self, offset: u32) -> (usize, usize) {
        let mut offset = (offset as usize).min(self.body.len());
        while !self.body.is_char_boundary(offset) {
            offset -= 1;
        }
        let before = &self.body[..offset];
        let line_start = before.rfind('\n').map_or(0, |i| i + 1);
        (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
    }
}

/// A half-open range of byte offsets in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Span {
    /// The first byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    #[doc(hidden)]
    pub fn new(start: usize, end: usize) -> Span {
        Span { start: start as u32, end: end as u32 }
    }

    /// Returns the smallest span that contains both.
    pub fn to(self, other: Span) -> Span {
        Span { start: self.start.min(other.start), end: self.end.max(other.end) }
    }

    /// Returns the same place in a text that contains this one from byte `by` on.
    #[doc(hidden)]
    pub fn shifted(self, by: u32) -> Span {
        Span { start: self.start + by, end: self.end + by }
    }

    /// Returns the text of the span; empty if the span does not lie in `text`.
    pub fn of(self, text: &str) -> &str {
        text.get(self.start as usize..self.end as usize).unwrap_or("")
    }
}

/// An item with the place where it was written. Equality compares the item only, so that a printed and re-parsed query
/// equals its original.
#[derive(Debug, Clone, Copy)]
pub struct Spanned<T> {
    pub item: T,
    pub span: Span,
}

impl<T> Spanned<T> {
    pub fn new(item: T, span: Span) -> Spanned<T> {
        Spanned { item, span }
    }
}

impl<T: PartialEq> PartialEq for Spanned<T> {
    fn eq(&self, other: &Self) -> bool {
        self.item == other.item
    }
}

impl<T: Eq> Eq for Spanned<T> {}
