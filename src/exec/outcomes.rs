//! Outcomes of a test over the possible worlds.
//!
//! In one world a test is true, false, or *neither*: a comparison of something absent is no statement. Over all worlds
//! it has a set of outcomes. The connectives are Kleene's, applied member by member. They assume that the operands vary
//! independently, so a set may contain an outcome that no world has, but never lacks one.

use crate::value::Truth;

/// Set of outcomes of a test; not empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Outcomes {
    pub yes: bool,
    pub no: bool,
    pub neither: bool,
}

impl Outcomes {
    pub const YES: Outcomes = Outcomes { yes: true, no: false, neither: false };
    pub const NO: Outcomes = Outcomes { yes: false, no: true, neither: false };
    /// Outcome of a comparison of something absent.
    pub const NEITHER: Outcomes = Outcomes { yes: false, no: false, neither: true };

    /// Returns the outcomes of the conjunction.
    pub fn and(self, other: Outcomes) -> Outcomes {
        Outcomes {
            yes: self.yes && other.yes,
            no: self.no || other.no,
            neither: (self.neither && (other.yes || other.neither)) || (other.neither && self.yes),
        }
    }

    /// Returns the outcomes of the disjunction.
    pub fn or(self, other: Outcomes) -> Outcomes {
        // De Morgan.
        self.not().and(other.not()).not()
    }

    /// Returns the outcomes of the negation; neither stays neither.
    #[allow(clippy::should_implement_trait)]
    pub fn not(self) -> Outcomes {
        Outcomes { yes: self.no, no: self.yes, neither: self.neither }
    }

    /// Returns the truth value to show; `None` if the test is neither true nor false in every world.
    pub fn truth(self) -> Option<Truth> {
        match (self.yes, self.no) {
            (false, false) => None,
            (true, false) if !self.neither => Some(Truth::Yes),
            (false, true) if !self.neither => Some(Truth::No),
            _ => Some(Truth::Maybe),
        }
    }
}

impl From<Truth> for Outcomes {
    fn from(truth: Truth) -> Outcomes {
        Outcomes { yes: truth.is_possible(), no: !truth.is_certain(), neither: false }
    }
}

#[cfg(test)]
mod tests {
    use super::Outcomes;

    /// Outcome in one world.
    #[derive(Clone, Copy, PartialEq, Eq)]
    enum World {
        No,
        Neither,
        Yes,
    }

    const WORLDS: [World; 3] = [World::No, World::Neither, World::Yes];

    fn sets() -> impl Iterator<Item = Outcomes> {
        (1..8).map(|bits| Outcomes { no: bits & 1 > 0, neither: bits & 2 > 0, yes: bits & 4 > 0 })
    }

    fn has(set: Outcomes, world: World) -> bool {
        match world {
            World::No => set.no,
            World::Neither => set.neither,
            World::Yes => set.yes,
        }
    }

    #[test]
    fn connectives_are_kleenes_member_by_member() {
        for (a, b) in sets().flat_map(|a| sets().map(move |b| (a, b))) {
            for world in WORLDS {
                let pairs = || WORLDS.into_iter().flat_map(|x| WORLDS.map(|y| (x, y)));
                let held = || pairs().filter(|(x, y)| has(a, *x) && has(b, *y));
                let least = held().any(|(x, y)| (if (x as u8) < y as u8 { x } else { y }) == world);
                let greatest = held().any(|(x, y)| (if (x as u8) > y as u8 { x } else { y }) == world);
                assert_eq!(has(a.and(b), world), least);
                assert_eq!(has(a.or(b), world), greatest);
            }
        }
    }
}
