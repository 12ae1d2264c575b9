//! Early end of a search.

pub(crate) use crate::limits::{Budget, Stop};

/// Reason for the early end of a search.
pub(crate) enum Halt {
    /// The consumer needs no more bindings.
    Enough,
    Stop(Stop),
}

impl From<Stop> for Halt {
    fn from(stop: Stop) -> Halt {
        Halt::Stop(stop)
    }
}

pub(crate) type Flow = Result<(), Halt>;

/// Returns the reason for the end of a search whose consumer never has enough.
pub(crate) fn stop(halt: Halt) -> Stop {
    match halt {
        Halt::Stop(stop) => stop,
        // Does not happen; a result that may be incomplete must not pass for a whole one.
        Halt::Enough => Stop::Interrupted,
    }
}
