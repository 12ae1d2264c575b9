//! Lists completions with descriptions, in columns that fit the screen.

use crate::complete::Candidate;
use crate::render::{escape, fit, gap, width};

/// A completion, as displayed and as inserted.
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

/// Gap between a word and its description.
const GAP: &str = "  ";

/// Up to this number, each completion gets a line of its own.
const FEW: usize = 24;

/// Returns the completions with aligned descriptions, fitted to a screen.
pub fn listed(found: Vec<Candidate>, screen: usize) -> Vec<Listed> {
    let widest = found.iter().map(|candidate| width(&escape(&candidate.word))).max().unwrap_or(0);
    // An entry wider than half of the screen gets a line of its own.
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
