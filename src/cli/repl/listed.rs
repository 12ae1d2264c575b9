//! How the words that TAB offers are listed: each with what it is, in columns that fit the screen.

use crate::complete::Candidate;
use crate::render::{escape, fit, gap, width};

/// A word as it is listed and as it is put in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    display: String,
    replacement: String,
}

impl rustyline::completion::Candidate for Listed {
    fn display(&self) -> &str {
        &self.display
    }

    fn replacement(&self) -> &str {
        &self.replacement
    }
}

/// Between a word and what it is.
const GAP: &str = "  ";

/// As many are listed one below the other.
const FEW: usize = 24;

/// The words with what they are in a column of its own, fitted to a screen; few of them on a line each.
pub fn listed(found: Vec<Candidate>, screen: usize) -> Vec<Listed> {
    let widest = found.iter().map(|candidate| width(&escape(&candidate.word))).max().unwrap_or(0);
    // What is wider than half the screen has the line for itself.
    let least = if found.len() <= FEW { screen / 2 + 1 } else { 0 };
    let listed = |candidate: Candidate| {
        let (word, about) = (escape(&candidate.word), escape(&candidate.about));
        let line = format!("{word}{}{GAP}{}", gap(&word, widest), about.trim_start());
        let line = fit(line.trim_end(), screen.saturating_sub(3), false);
        let display = format!("{line}{}", gap(&line, least.min(screen.saturating_sub(3))));
        Listed { display, replacement: candidate.replacement }
    };
    found.into_iter().map(listed).collect()
}
