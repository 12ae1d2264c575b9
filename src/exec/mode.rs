//! Which answers a search looks for: what is certain, what is shown, what is possible.

use super::Outcomes;
use crate::graph::Facts;

/// Which answers are sought.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Mode {
    /// What holds in some possible world; else, what holds in every one.
    pub possible: bool,
    /// Conditions marked `possibly` need only be possible.
    pub shown: bool,
    /// What is neither true nor false counts as holding: under a negation, which it keeps from holding.
    pub neither: bool,
}

impl Mode {
    /// What holds in every possible world.
    pub const CERTAIN: Mode = Mode { possible: false, shown: false, neither: false };
    /// What is shown: certain, but for the conditions that `possibly` loosens.
    pub const SHOWN: Mode = Mode { possible: false, shown: true, neither: false };
    /// What may hold in some possible world.
    pub const POSSIBLE: Mode = Mode { possible: true, shown: false, neither: false };

    /// Returns which facts count.
    pub fn facts(self) -> Facts {
        if self.possible { Facts::All } else { Facts::Certain }
    }

    /// The mode in which what is denied has to fail. Twice negated is as before.
    pub fn negated(self) -> Mode {
        Mode { possible: !self.possible, neither: !self.neither, ..self }
    }

    /// The mode inside `possibly`.
    pub fn loosened(self) -> Mode {
        if self.shown { Mode { possible: true, shown: false, ..self } } else { self }
    }

    /// The mode inside `certainly`.
    pub fn certain(self) -> Mode {
        Mode { possible: false, shown: false, ..self }
    }

    /// The mode in which an optional part must have no match for its absence to count: absence is certain where no match
    /// is possible, and possible where none is certain.
    pub fn of_absence(self) -> Mode {
        Mode { possible: !self.possible, neither: false, ..self }
    }

    /// Returns true if a test with these outcomes counts as holding.
    pub fn accepts(self, outcomes: impl Into<Outcomes>) -> bool {
        let outcomes = outcomes.into();
        let held = outcomes.yes || (self.neither && outcomes.neither);
        if self.possible { held } else { held && !outcomes.no && (self.neither || !outcomes.neither) }
    }
}
