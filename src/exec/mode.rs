//! Search modes: certain, shown and possible matches.

use super::Outcomes;
use crate::graph::Facts;

/// Meaning of "holds" in a search.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Mode {
    /// True: in some possible world. False: in every one.
    pub possible: bool,
    /// True if conditions marked `possibly` need only be possible.
    pub shown: bool,
    /// True if a test that is neither true nor false counts as holding. Set under a negation, so that the negated test
    /// fails.
    pub neither: bool,
}

impl Mode {
    /// Matches in every possible world.
    pub const CERTAIN: Mode = Mode { possible: false, shown: false, neither: false };
    /// Shown matches: certain except for the conditions marked `possibly`.
    pub const SHOWN: Mode = Mode { possible: false, shown: true, neither: false };
    /// Matches in some possible world.
    pub const POSSIBLE: Mode = Mode { possible: true, shown: false, neither: false };

    /// Returns the facts that count in this mode.
    pub fn facts(self) -> Facts {
        if self.possible { Facts::All } else { Facts::Certain }
    }

    /// Returns the mode in which a denied condition must fail. Negating twice gives the same mode.
    pub fn negated(self) -> Mode {
        Mode { possible: !self.possible, neither: !self.neither, ..self }
    }

    /// Returns the mode inside `possibly`.
    pub fn loosened(self) -> Mode {
        if self.shown { Mode { possible: true, shown: false, ..self } } else { self }
    }

    /// Returns the mode inside `certainly`.
    pub fn certain(self) -> Mode {
        Mode { possible: false, shown: false, ..self }
    }

    /// Returns the mode in which an optional part must have no match for its absence to count: absence is certain if no
    /// match is possible, and possible if no match is certain.
    pub fn of_absence(self) -> Mode {
        Mode { possible: !self.possible, neither: false, ..self }
    }

    /// Returns true if a test with these outcomes holds in this mode.
    pub fn accepts(self, outcomes: impl Into<Outcomes>) -> bool {
        let outcomes = outcomes.into();
        let held = outcomes.yes || (self.neither && outcomes.neither);
        // In every world means that no world makes it false, or neither where that does not count as holding.
        if self.possible { held } else { held && !outcomes.no && (self.neither || !outcomes.neither) }
    }
}
