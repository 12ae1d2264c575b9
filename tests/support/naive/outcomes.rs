//! What a condition may come to in the worlds: each decides every doubtful fact and gives every date one day.

use begat::value::Truth;

/// Which of true, false and neither (a test of something absent) a condition may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outcomes {
    pub yes: bool,
    pub no: bool,
    pub neither: bool,
}

impl Outcomes {
    pub const YES: Outcomes = Outcomes { yes: true, no: false, neither: false };
    pub const NO: Outcomes = Outcomes { yes: false, no: true, neither: false };
    pub const NEITHER: Outcomes = Outcomes { yes: false, no: false, neither: true };
    pub const OPEN: Outcomes = Outcomes { yes: true, no: true, neither: false };

    /// Of something that holds in every world, in some, or in none.
    pub fn of(certainly: bool, possibly: bool) -> Outcomes {
        match (certainly, possibly) {
            (true, _) => Outcomes::YES,
            (false, true) => Outcomes::OPEN,
            (false, false) => Outcomes::NO,
        }
    }

    pub fn is_certain(self) -> bool {
        self == Outcomes::YES
    }

    pub fn is_possible(self) -> bool {
        self.yes
    }

    pub fn may_fail(self) -> bool {
        self.no
    }

    pub fn may_be_neither(self) -> bool {
        self.neither
    }

    pub fn not(self) -> Outcomes {
        Outcomes { yes: self.no, no: self.yes, neither: self.neither }
    }

    /// Kleene's and, of each outcome of the one with each of the other.
    pub fn and(self, other: Outcomes) -> Outcomes {
        let [a, b] = [self, other];
        Outcomes {
            yes: a.yes && b.yes,
            no: (a.no && b.some()) || (b.no && a.some()),
            neither: (a.neither && (b.yes || b.neither)) || (b.neither && (a.yes || a.neither)),
        }
    }

    /// Kleene's or.
    pub fn or(self, other: Outcomes) -> Outcomes {
        self.not().and(other.not()).not()
    }

    /// The outcomes of either.
    pub fn union(self, other: Outcomes) -> Outcomes {
        let [a, b] = [self, other];
        Outcomes { yes: a.yes || b.yes, no: a.no || b.no, neither: a.neither || b.neither }
    }

    /// Whether it is true: what is neither is not.
    pub fn holds(self) -> Outcomes {
        Outcomes { no: self.no || self.neither, neither: false, ..self }
    }

    fn some(self) -> bool {
        self.yes || self.no || self.neither
    }
}

impl From<Truth> for Outcomes {
    fn from(truth: Truth) -> Outcomes {
        Outcomes::of(truth.is_certain(), truth.is_possible())
    }
}
