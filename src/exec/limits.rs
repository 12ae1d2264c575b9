//! What ends a search before its end.

pub(crate) use crate::limits::{Budget, Stop};

/// Why the search for bindings ends early.
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

/// The end of a search whose consumer always wants more.
pub(crate) fn stop(halt: Halt) -> Stop {
    match halt {
        Halt::Stop(stop) => stop,
        Halt::Enough => Stop::Interrupted,
    }
}
