//! What ends a search before its end.

pub(super) use crate::limits::{Budget, Stop};

/// Why the search for bindings ends early.
pub(super) enum Halt {
    /// All that was asked for is known.
    Enough,
    Stop(Stop),
}

impl From<Stop> for Halt {
    fn from(stop: Stop) -> Halt {
        Halt::Stop(stop)
    }
}

pub(super) type Flow = Result<(), Halt>;
