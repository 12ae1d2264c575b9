//! Sentences of facts that have been parsed, for a graph that is read again after a change.
//!
//! What a sentence means depends on the schema and the names, which may have changed; how it parses depends on its text
//! alone. Parsing is most of the time of reading a part.

use crate::syntax::ast::Sentence;
use crate::text::Diagnostics;
use std::collections::HashMap;
use std::sync::Arc;

/// Trees of sentences by their texts: those of the last reading.
#[derive(Debug, Default)]
pub struct Parsed {
    /// Without it, nothing is kept: a graph that is read once needs no trees.
    is_kept: bool,
    /// Of this reading.
    new: HashMap<Box<str>, Arc<Sentence>>,
    /// Of the reading before, as far as this one has not met them.
    old: HashMap<Box<str>, Arc<Sentence>>,
}

impl Parsed {
    /// Returns an empty store that keeps what is parsed.
    pub fn kept() -> Parsed {
        Parsed { is_kept: true, ..Parsed::default() }
    }

    /// Begins a reading.
    pub(super) fn begin(&mut self) {
        self.old = std::mem::take(&mut self.new);
    }

    /// Drops the sentences that the reading has not met, so that no more is kept than a graph holds.
    pub(super) fn end(&mut self) {
        self.old = HashMap::new();
    }

    /// Parses a sentence, unless that has been done.
    pub(super) fn sentence(&mut self, text: &str) -> Result<Arc<Sentence>, Diagnostics> {
        if let Some(known) = self.new.get(text) {
            return Ok(known.clone());
        }
        let (text, sentence) = match self.old.remove_entry(text) {
            Some(known) => known,
            None => (Box::from(text), Arc::new(crate::syntax::parse_fact(text)?)),
        };
        if self.is_kept {
            self.new.insert(text, sentence.clone());
        }
        Ok(sentence)
    }
}
