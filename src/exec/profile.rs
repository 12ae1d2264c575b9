//! Profile of a run: rows in, rows out and time of each operator.

use crate::plan::Actual;
use std::cell::RefCell;
use std::rc::Rc;
use std::time::{Duration, Instant};

/// Profile counters by number of the operator or step; `None` if no profile is kept. Clones share their counters.
#[derive(Debug, Default, Clone)]
pub struct Profile(Option<Rc<RefCell<Vec<Actual>>>>);

impl Profile {
    /// Returns a profile that is kept.
    pub fn kept() -> Profile {
        Profile(Some(Rc::default()))
    }

    /// Returns true if the profile is kept.
    pub(crate) fn is_kept(&self) -> bool {
        self.0.is_some()
    }

    /// Returns the start time of an operator; `None` if no profile is kept.
    pub(crate) fn start(&self) -> Option<Instant> {
        self.is_kept().then(Instant::now)
    }

    /// Records a run of an operator.
    pub(crate) fn note(&self, id: u32, rows_in: usize, rows_out: usize, started: Option<Instant>) {
        let time = started.map_or(Duration::ZERO, |started| started.elapsed());
        self.add(id, Actual { rows_in: rows_in as u64, rows_out: rows_out as u64, time });
    }

    /// Adds to the counters of an operator or step.
    pub(crate) fn add(&self, id: u32, more: Actual) {
        let Some(account) = &self.0 else { return };
        let mut account = account.borrow_mut();
        if account.len() <= id as usize {
            account.resize(id as usize + 1, Actual::default());
        }
        let own = &mut account[id as usize];
        own.rows_in += more.rows_in;
        own.rows_out += more.rows_out;
        own.time += more.time;
    }

    /// Returns the counters, by number of the operator or step; empty if no profile is kept.
    pub fn actual(&self) -> Vec<Actual> {
        self.0.as_ref().map_or(Vec::new(), |account| account.borrow().clone())
    }
}

#[cfg(test)]
mod tests {
    use super::{Actual, Profile};
    use std::time::Duration;

    #[test]
    fn accounts_add_up_where_they_are_kept() {
        let profile = Profile::kept();
        profile.note(3, 5, 2, profile.start());
        profile.add(3, Actual { rows_in: 1, rows_out: 1, time: Duration::from_secs(1) });
        let actual = profile.actual();
        assert_eq!(actual.len(), 4);
        assert_eq!(actual[0], Actual::default());
        assert!(actual[3].rows_in == 6 && actual[3].rows_out == 3 && actual[3].time >= Duration::from_secs(1));
        let none = Profile::default();
        none.note(3, 5, 2, none.start());
        assert!(none.actual().is_empty() && none.start().is_none());
    }
}
