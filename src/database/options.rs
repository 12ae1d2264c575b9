//! Options of a query.

use crate::check::Params;
use crate::limits::Limits;
use crate::value::{Date, Value};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64};
use std::time::Duration;

/// Options of a query: parameters, limits, the day as of which the graph is read. The default sets none of them.
///
/// ```
/// use begat::Options;
/// use std::time::Duration;
///
/// let options = Options::new().param("t", "GQA").timeout(Duration::from_secs(2)).max_rows(10_000);
/// # let _ = options;
/// ```
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Values of `$name`, by name without the `$`. They are never parsed as query text.
    #[doc(hidden)]
    pub params: Params,
    /// Whether possible rows are shown beside the certain ones, as if every condition said `possibly`.
    #[doc(hidden)]
    pub possibly: bool,
    /// The day as of which the graph is read, unless the query names one.
    #[doc(hidden)]
    pub as_of: Option<Date>,
    #[doc(hidden)]
    pub limits: Limits,
    /// Set by another thread to stop the query.
    #[doc(hidden)]
    pub cancel: Option<Arc<AtomicBool>>,
    /// Progress counter: the number of rows found so far, updated now and then.
    #[doc(hidden)]
    pub found: Option<Arc<AtomicU64>>,
    /// Names of plan rules that are switched off; `all` means every one.
    #[doc(hidden)]
    pub disabled_rewrites: Vec<String>,
    /// Whether [`crate::Database::ask`] adds proofs to its rows.
    #[doc(hidden)]
    pub proofs: bool,
}

impl Options {
    /// Returns the default: no parameters, no limits, certain answers only.
    #[must_use]
    pub fn new() -> Options {
        Options::default()
    }

    /// Binds a value to the parameter `$name`; `name` is written without the `$`. A later value replaces an earlier
    /// one. Values are never parsed as query text.
    #[must_use]
    pub fn param(mut self, name: impl Into<String>, value: impl Into<Value>) -> Options {
        self.params.insert(name.into(), value.into());
        self
    }

    /// Shows possible rows beside the certain ones, as if every condition said `possibly`.
    #[must_use]
    pub fn possibly(mut self, shown: bool) -> Options {
        self.possibly = shown;
        self
    }

    /// Reads the graph as of a day, unless the query names one.
    #[must_use]
    pub fn as_of(mut self, day: Date) -> Options {
        self.as_of = Some(day);
        self
    }

    /// Stops the query after this time, measured from parsing to the last row.
    #[must_use]
    pub fn timeout(mut self, time: Duration) -> Options {
        self.limits.time = Some(time);
        self
    }

    /// Stops the query once it holds more than `rows` rows, in its answer or as intermediate results.
    #[must_use]
    pub fn max_rows(mut self, rows: u64) -> Options {
        self.limits.rows = Some(rows);
        self
    }

    /// Stops the query once it holds more than `bytes` bytes, in its answer and in the sets that its searches keep.
    #[must_use]
    pub fn max_memory(mut self, bytes: u64) -> Options {
        self.limits.memory = Some(bytes);
        self
    }

    /// Stops the query soon after another thread sets the flag.
    #[must_use]
    pub fn cancel(mut self, flag: Arc<AtomicBool>) -> Options {
        self.cancel = Some(flag);
        self
    }

    /// Stores the number of rows found so far in the counter, now and then while the query runs.
    #[must_use]
    pub fn progress(mut self, rows: Arc<AtomicU64>) -> Options {
        self.found = Some(rows);
        self
    }

    /// Adds to each row of [`Database::ask`](crate::Database::ask) its proof, as member `because`.
    #[must_use]
    pub fn proofs(mut self, given: bool) -> Options {
        self.proofs = given;
        self
    }
}
