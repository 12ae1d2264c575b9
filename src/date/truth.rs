//! Three-valued truth, after Kleene.

/// What can be said of a sentence about uncertain dates or unknown values.
///
/// Ordered `No < Maybe < Yes`; [`Truth::and`] is the least, [`Truth::or`] the greatest.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Truth {
    /// Certainly not: `2024 before 2023`.
    No,
    /// Possibly, not certainly: `2024 before 2024-06`.
    Maybe,
    /// Certainly: `2023 before 2024`.
    Yes,
}

impl Truth {
    /// Holds as far as both hold.
    pub fn and(self, other: Truth) -> Truth {
        self.min(other)
    }

    /// Holds as far as one of them holds.
    pub fn or(self, other: Truth) -> Truth {
        self.max(other)
    }

    /// Exchanges `Yes` and `No`; `Maybe` stays. (Not the operator `!`, so that it chains with `and` and `or`.)
    #[allow(clippy::should_implement_trait)]
    pub fn not(self) -> Truth {
        match self {
            Truth::No => Truth::Yes,
            Truth::Maybe => Truth::Maybe,
            Truth::Yes => Truth::No,
        }
    }

    /// True for `Yes` alone: a certain answer.
    pub fn is_certain(self) -> bool {
        self == Truth::Yes
    }

    /// True for `Yes` and `Maybe`: a certain or a possible answer.
    pub fn is_possible(self) -> bool {
        self != Truth::No
    }
}

impl From<bool> for Truth {
    /// `true` is `Yes`, `false` is `No`.
    fn from(holds: bool) -> Truth {
        if holds { Truth::Yes } else { Truth::No }
    }
}

#[cfg(test)]
mod tests {
    use super::Truth::{self, *};

    const ALL: [Truth; 3] = [No, Maybe, Yes];

    #[test]
    fn kleene_tables() {
        let and = ALL.map(|a| ALL.map(|b| a.and(b)));
        assert_eq!(and, [[No, No, No], [No, Maybe, Maybe], [No, Maybe, Yes]]);
        let or = ALL.map(|a| ALL.map(|b| a.or(b)));
        assert_eq!(or, [[No, Maybe, Yes], [Maybe, Maybe, Yes], [Yes, Yes, Yes]]);
        assert_eq!(ALL.map(Truth::not), [Yes, Maybe, No]);
    }

    #[test]
    fn certain_implies_possible() {
        assert_eq!(ALL.map(Truth::is_certain), [false, false, true]);
        assert_eq!(ALL.map(Truth::is_possible), [false, true, true]);
        assert_eq!([true, false].map(Truth::from), [Yes, No]);
    }
}
