//! Three-valued truth, after Kleene.

/// The truth of a statement about uncertain dates or unknown values.
///
/// Ordered `No < Maybe < Yes`: [`Truth::and`] is the minimum, [`Truth::or`] the maximum.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Truth {
    /// Certainly false: `2024 before 2023`.
    No,
    /// Possible but not certain: `2024 before 2024-06`.
    Maybe,
    /// Certainly true: `2023 before 2024`.
    Yes,
}

impl Truth {
    /// Returns the conjunction: the lesser of both.
    pub fn and(self, other: Truth) -> Truth {
        self.min(other)
    }

    /// Returns the disjunction: the greater of both.
    pub fn or(self, other: Truth) -> Truth {
        self.max(other)
    }

    /// Returns the negation: exchanges `Yes` and `No`, keeps `Maybe`. (Not the operator `!`, so that it chains with
    /// `and` and `or`.)
    #[allow(clippy::should_implement_trait)]
    pub fn not(self) -> Truth {
        match self {
            Truth::No => Truth::Yes,
            Truth::Maybe => Truth::Maybe,
            Truth::Yes => Truth::No,
        }
    }

    /// Returns true for `Yes` only.
    pub fn is_certain(self) -> bool {
        self == Truth::Yes
    }

    /// Returns true for `Yes` and `Maybe`.
    pub fn is_possible(self) -> bool {
        self != Truth::No
    }
}

impl From<bool> for Truth {
    /// Converts `true` to `Yes` and `false` to `No`.
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
