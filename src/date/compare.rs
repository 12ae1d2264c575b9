//! The comparisons of the language. They are three-valued, because both sides may be uncertain.
//!
//! Each is a small table over bounds (certain, possible, impossible). `~` and `?` do not change the table: an outcome
//! becomes `Maybe` if it changes when the marked end moves by one unit of its precision. With an undated side the
//! outcome is always `Maybe`.

use super::{Date, Day, Truth};

type Bounds = (Day, Day);

impl Date {
    /// Returns whether this date is earlier than every day of `other`: `2023 before 2024`.
    pub fn before(self, other: Date) -> Truth {
        decide(self, other, before, &[Date::reach])
    }

    /// Returns whether this date is later than every day of `other`: `2024 after 2023`. Equals `other before self`.
    pub fn after(self, other: Date) -> Truth {
        other.before(self)
    }

    /// Returns whether this date is a day of a period: `2024-05 in 2024`.
    pub fn in_(self, period: Date) -> Truth {
        decide(self, period, within, &[Date::reach, Date::core])
    }

    /// Returns whether this date is on or after the first day of a period: `2024 since 2023-06`. `Yes` if that day is
    /// open.
    pub fn since(self, period: Date) -> Truth {
        decide(self, period, since, &[Date::reach, Date::core])
    }

    /// Returns whether this date is on or before the last day of a period: `2024 until 2024`. `Yes` if that day is
    /// open.
    pub fn until(self, period: Date) -> Truth {
        decide(self, period, until, &[Date::reach, Date::core])
    }

    /// Returns whether both are the same day. Certain only for two single days; dates that overlap are possibly the
    /// same.
    pub fn same(self, other: Date) -> Truth {
        decide(self, other, same, &[Date::reach])
    }
}

/// Evaluates the table, then again with the flagged ends moved: `a` outward, `b` by each of `moves`. The ends of a
/// period also move inward, since that can exclude a day.
fn decide(a: Date, b: Date, table: fn(Bounds, Bounds) -> Truth, moves: &[fn(Date) -> Bounds]) -> Truth {
    if a.is_undated() || b.is_undated() {
        return Truth::Maybe;
    }
    let truth = table(a.bounds(), b.bounds());
    if !a.form.is_flagged() && !b.form.is_flagged() {
        return truth;
    }
    let is_steady = moves.iter().all(|moved| table(a.reach(), moved(b)) == truth);
    if is_steady { truth } else { Truth::Maybe }
}

fn choose(certainly: bool, possibly: bool) -> Truth {
    match (certainly, possibly) {
        (true, _) => Truth::Yes,
        (false, true) => Truth::Maybe,
        (false, false) => Truth::No,
    }
}

fn before(a: Bounds, b: Bounds) -> Truth {
    choose(a.1 < b.0, a.0 < b.1)
}

fn within(a: Bounds, period: Bounds) -> Truth {
    choose(period.0 <= a.0 && a.1 <= period.1, overlap(a, period))
}

fn since(a: Bounds, period: Bounds) -> Truth {
    choose(a.0 >= period.0, a.1 >= period.0)
}

fn until(a: Bounds, period: Bounds) -> Truth {
    choose(a.1 <= period.1, a.0 <= period.1)
}

fn same(a: Bounds, b: Bounds) -> Truth {
    choose(a.0 == a.1 && a == b, overlap(a, b))
}

fn overlap(a: Bounds, b: Bounds) -> bool {
    a.0 <= b.1 && b.0 <= a.1
}

#[cfg(test)]
mod tests {
    use super::super::{Date, Truth, Truth::*};

    type Comparison = fn(Date, Date) -> Truth;

    fn check(comparison: Comparison, cases: &[(&str, &str, Truth)]) {
        let date = |text: &str| Date::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
        for (a, b, expected) in cases {
            assert_eq!(comparison(date(a), date(b)), *expected, "{a} {b}");
        }
    }

    #[test]
    fn before_and_after() {
        let cases = [
            ("2023", "2024", Yes),
            ("2024", "2024", Maybe),
            ("2024-12-31", "2024", No),
            ("2024-12-30", "2024", Maybe),
            ("2024", "2024-01-01", No),
            ("..2023", "2024", Yes),
            ("2023..", "2024", Maybe),
            ("2024..", "..2023", No),
            ("undated", "2024", Maybe),
            ("2024", "undated", Maybe),
        ];
        check(Date::before, &cases);
        check(|a, b| b.after(a), &cases);
    }

    #[test]
    fn periods() {
        check(
            Date::in_,
            &[
                ("2024-05", "2024", Yes),
                ("2023..2024", "2024", Maybe),
                ("2023", "2024", No),
                ("2020", "..2023", Yes),
                ("..2020", "..2023", Yes),
                ("..2024", "..2023", Maybe),
                ("undated", "..2023", Maybe),
                ("2024", "undated", Maybe),
            ],
        );
        check(Date::since, &[("2024", "2024", Yes), ("2023..2024", "2024", Maybe), ("2023-12-31", "2024", No)]);
        check(Date::until, &[("2024", "2024", Yes), ("2024..2025", "2024", Maybe), ("2025-01-01", "2024", No)]);
        check(Date::since, &[("2020", "..2023", Yes), ("undated", "..2023", Maybe), ("2020", "undated", Maybe)]);
    }

    #[test]
    fn the_same_day() {
        check(
            Date::same,
            &[
                ("2024-05-13", "2024-05-13", Yes),
                ("2024-05-13", "2024-05-13..2024-05-13", Yes),
                ("2024", "2024", Maybe),
                ("2024-05-13", "2024", Maybe),
                ("2023", "2024", No),
                ("undated", "2024", Maybe),
            ],
        );
    }

    #[test]
    fn a_flag_needs_a_unit_between() {
        check(
            Date::before,
            &[
                ("2024~", "2025", Maybe),
                ("2024~", "2026", Yes),
                ("2024?", "2025-12-31", Maybe),
                ("2024-05~", "2024-06", Maybe),
                ("2024-05~", "2024-07", Yes),
                ("2024-05-13~", "2024-05-14", Maybe),
                ("2024-05-13~", "2024-05-15", Yes),
                ("2023", "2024..2025~", Yes),
                ("2025", "2024~", Maybe),
                ("2026", "2024~", No),
                ("2050", "20XX~..2001-01-01", No),
            ],
        );
        check(Date::same, &[("2024-05-13~", "2024-05-13", Maybe), ("2024~", "2025", Maybe), ("2024~", "2026", No)]);
    }

    #[test]
    fn a_flagged_period_may_shrink() {
        check(
            Date::in_,
            &[
                ("2024-05", "2024~", Maybe),
                ("2024~", "2024", Maybe),
                ("2024~", "2023..2025", Yes),
                ("2025", "2024~", Maybe),
                ("2026", "2024~", No),
                ("2024", "2022~..2024", Yes),
                ("2022", "2022~..2024", Maybe),
            ],
        );
        check(Date::since, &[("2024", "2024~", Maybe), ("2025", "2024~", Yes), ("2022", "2024~", No)]);
        check(Date::until, &[("2024", "2024~", Maybe), ("2023", "2024~", Yes), ("2026", "2024~", No)]);
    }
}
