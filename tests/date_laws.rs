//! Laws of dates. Comparisons are checked against the days themselves, one by one.

use begat::date::{Date, Day, Truth, civil_of};
use proptest::prelude::*;

type Comparison = fn(Date, Date) -> Truth;

/// What a comparison says of a day and of all days of the other side.
type OfDays = fn(Day, Day, (Day, Day)) -> bool;

/// `in`, `since` and `until` read their right side as a period, the others as a day.
const COMPARISONS: [(&str, Comparison, OfDays); 6] = [
    ("before", Date::before, |a, b, _| a < b),
    ("after", Date::after, |a, b, _| a > b),
    ("same", Date::same, |a, b, _| a == b),
    ("in", Date::in_, |a, _, period| (period.0..=period.1).contains(&a)),
    ("since", Date::since, |a, _, period| a >= period.0),
    ("until", Date::until, |a, _, period| a <= period.1),
];

fn parse(text: &str) -> Date {
    Date::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

/// One expression without a flag, mostly in a few years that lie close together. (Boxed: the trees of values of
/// nested strategies are large for the stack of a test.)
fn expression() -> BoxedStrategy<String> {
    let year = || 2018..2032_i32;
    let far = (-9999..=9999_i32, 0..=2_usize).prop_map(|(year, unknown)| {
        let (sign, digits) = (if year < 0 { "-" } else { "" }, format!("{:04}", year.abs()));
        format!("{sign}{}{}", &digits[..4 - unknown], "X".repeat(unknown))
    });
    prop_oneof![
        year().prop_map(|y| format!("{y}")),
        far,
        year().prop_map(|y| format!("{y}-XX")),
        year().prop_map(|y| format!("{y}-XX-XX")),
        Just("202X".to_string()),
        Just("20XX".to_string()),
        (year(), prop_oneof![1..=12_u8, 21..=24_u8, 33..=36_u8]).prop_map(|(y, m)| format!("{y}-{m:02}")),
        (year(), 1..=12_u8).prop_map(|(y, m)| format!("{y}-{m:02}-XX")),
        (year(), 1..=12_u8, 1..=28_u8).prop_map(|(y, m, d)| format!("{y}-{m:02}-{d:02}")),
    ]
    .boxed()
}

fn flagged() -> impl Strategy<Value = String> {
    (expression(), prop_oneof![3 => Just(""), 1 => Just("~"), 1 => Just("?"), 1 => Just("%")])
        .prop_map(|(text, flag)| text + flag)
}

/// Any date, as it would be written; intervals whose ends are in the wrong order are turned round.
fn any_text() -> impl Strategy<Value = String> {
    let interval = (flagged(), flagged()).prop_filter_map("ends before it begins", |(a, b)| {
        [format!("{a}..{b}"), format!("{b}..{a}")].into_iter().find(|text| Date::parse(text).is_ok())
    });
    prop_oneof![
        4 => flagged(),
        3 => interval,
        1 => flagged().prop_map(|text| format!("..{text}")),
        1 => flagged().prop_map(|text| format!("{text}..")),
        1 => Just("undated".to_string()),
    ]
}

fn any_date() -> BoxedStrategy<Date> {
    any_text().prop_map(|text| parse(&text)).boxed()
}

/// At most some weeks, so that pairs of days can be counted; often touching another such date.
fn short_date() -> impl Strategy<Value = Date> {
    let days =
        (19_700..19_900_i32, 0..70_i32).prop_map(|(first, length)| Date::between(first, first + length).unwrap());
    let named = (1..=12_u8, 1..=28_u8, any::<bool>()).prop_map(|(m, d, whole)| {
        parse(&if whole { format!("2024-{m:02}-XX") } else { format!("2024-{m:02}-{d:02}") })
    });
    prop_oneof![3 => days, 1 => named]
}

/// The same bounds without a flag.
fn plain(date: Date) -> Date {
    Date::between(date.earliest(), date.latest()).expect("the bounds of a date make a date")
}

/// By counting: certain if it holds of all pairs of days, impossible if of none.
fn by_days(a: Date, b: Date, holds: OfDays) -> Truth {
    let pairs = || (a.earliest()..=a.latest()).flat_map(|x| (b.earliest()..=b.latest()).map(move |y| (x, y)));
    let period = b.bounds();
    match (pairs().all(|(x, y)| holds(x, y, period)), pairs().any(|(x, y)| holds(x, y, period))) {
        (true, _) => Truth::Yes,
        (false, true) => Truth::Maybe,
        (false, false) => Truth::No,
    }
}

/// Months of 2024 as numbers: first, last, and whether each is flagged.
type Months = ((u8, bool), (u8, bool));

/// A single month is flagged at both ends or at none: one fixed end would keep the other from moving by a whole unit.
fn months() -> impl Strategy<Value = Months> {
    (2..=9_u8, 0..=2_u8, any::<bool>(), any::<bool>())
        .prop_map(|(first, more, a, b)| ((first, a), (first + more, if more == 0 { a } else { b })))
}

fn written(((first, a), (last, b)): Months) -> Date {
    let flag = |is_flagged| if is_flagged { "~" } else { "" };
    parse(&format!("2024-{first:02}{}..2024-{last:02}{}", flag(a), flag(b)))
}

/// Every unflagged date that differs by up to a month at each flagged end.
fn variants(((first, a), (last, b)): Months) -> Vec<Date> {
    let around = |month: u8, is_flagged: bool| if is_flagged { month - 1..=month + 1 } else { month..=month };
    let pairs = around(first, a).flat_map(|first| around(last, b).map(move |last| (first, last)));
    pairs.filter(|(first, last)| first <= last).map(|(first, last)| written(((first, false), (last, false)))).collect()
}

proptest! {
    #[test]
    fn comparisons_agree_with_the_days(a in short_date(), b in short_date()) {
        for (name, comparison, holds) in COMPARISONS {
            prop_assert_eq!(comparison(a, b), by_days(a, b, holds), "{} {} {}", a, name, b);
        }
    }

    #[test]
    fn printing_parses_back(text in any_text()) {
        let date = parse(&text);
        prop_assert_eq!(date.to_string(), text);
        prop_assert_eq!(parse(&date.to_string()), date);
    }

    #[test]
    fn results_print_and_parse_back(a in any_date(), b in any_date()) {
        let made = [Some(a.hull(b)), a.intersect(b), Date::between(a.earliest(), a.latest()), a.earliest_date()];
        for date in made.into_iter().flatten() {
            prop_assert_eq!(parse(&date.to_string()), date);
            prop_assert!(!date.describe().is_empty());
        }
    }

    #[test]
    fn any_text_parses_or_explains(text in any::<String>()) {
        if let Err(error) = Date::parse(&text) {
            prop_assert!(error.help.is_some_and(|help| help.starts_with("write ")));
            prop_assert!(!error.message.ends_with('.'));
        }
    }

    #[test]
    fn texts_of_date_letters_parse_or_explain(text in "[\\[-]{0,2}([0-9X]{1,4}|[-./,~?%XéＸ–\\]]| ){0,8}") {
        if let Ok(date) = Date::parse(&text) {
            prop_assert_eq!(parse(&date.to_string()), date);
        }
    }

    #[test]
    fn the_help_proposes_a_date(text in "(c\\. |~)?[0-9]{4}[-/. –]([0-9]{1,4})([-/. –][0-9]{1,2})?s?") {
        let help = Date::parse(&text).err().and_then(|error| error.help).unwrap_or_default();
        if let [_, meant, ""] = help.split('`').collect::<Vec<_>>()[..] {
            prop_assert!(Date::parse(meant).is_ok(), "{} for {}", help, text);
        }
    }

    #[test]
    fn before_is_antisymmetric(a in any_date(), b in any_date()) {
        prop_assert_eq!(a.before(b), b.after(a));
        prop_assert!(a.before(b) != Truth::Yes || b.before(a) == Truth::No);
        prop_assert_eq!(a.same(b), b.same(a));
        prop_assert!(a.same(b) != Truth::Yes || a.before(b) == Truth::No);
    }

    #[test]
    fn before_is_transitive(a in any_date(), b in any_date(), c in any_date()) {
        prop_assert!(a.before(b).and(b.before(c)) != Truth::Yes || a.before(c) == Truth::Yes);
    }

    /// Decided means decided however the flagged ends move.
    #[test]
    fn flags_weaken_what_a_unit_would_change(a in months(), b in months()) {
        for (name, comparison, _) in COMPARISONS {
            let of_each = |x: Date| variants(b).into_iter().map(move |y| comparison(x, y));
            let mut moved = variants(a).into_iter().flat_map(of_each);
            let first = moved.next().expect("the date itself is a variant");
            let expected = if moved.all(|truth| truth == first) { first } else { Truth::Maybe };
            prop_assert_eq!(comparison(written(a), written(b)), expected, "{:?} {} {:?}", a, name, b);
        }
    }

    /// A flag takes certainty away and never gives any, nor turns an answer round.
    #[test]
    fn flags_only_weaken(a in any_date(), b in any_date()) {
        for (name, comparison, _) in COMPARISONS {
            let (with, without) = (comparison(a, b), comparison(plain(a), plain(b)));
            prop_assert!(with == without || with == Truth::Maybe, "{} {} {}", a, name, b);
        }
    }

    /// Knowing more about a date settles answers and never overturns them.
    #[test]
    fn narrowing_only_settles(a in any_date(), b in any_date(), c in any_date()) {
        if let Some(narrow) = a.intersect(b) {
            for (name, comparison, _) in COMPARISONS {
                let (wide, settled) = (comparison(a, c), comparison(narrow, c));
                prop_assert!(wide == Truth::Maybe || wide == settled, "{} {} {}", narrow, name, c);
            }
        }
    }

    #[test]
    fn intersection_is_the_days_of_both(a in any_date(), b in any_date()) {
        let (of_a, of_b) = (a.reach(), b.reach());
        let common = (of_a.0.max(of_b.0), of_a.1.min(of_b.1));
        match a.intersect(b) {
            Some(both) => prop_assert_eq!(both.reach(), common),
            None => prop_assert!(common.0 > common.1),
        }
        prop_assert_eq!(a.intersect(b), b.intersect(a));
        prop_assert_eq!(a.intersect(a), Some(a));
        prop_assert_eq!(a.intersect(Date::UNDATED), Some(a));
    }

    #[test]
    fn hull_is_the_span_of_both(a in any_date(), b in any_date(), c in any_date()) {
        let hull = a.hull(b);
        prop_assert_eq!(hull.bounds(), (a.earliest().min(b.earliest()), a.latest().max(b.latest())));
        prop_assert_eq!(hull, b.hull(a));
        prop_assert_eq!(a.hull(a), a);
        prop_assert_eq!(hull.hull(c).bounds(), a.hull(b.hull(c)).bounds());
        prop_assert!(hull.earliest() <= a.earliest() && a.latest() <= hull.latest());
    }

    #[test]
    fn certain_periods_contain_the_date(a in any_date()) {
        let periods = [
            a.year_of().and_then(Date::year),
            a.quarter_of().and_then(|(year, quarter)| Date::quarter(year, quarter)),
            a.month_of().and_then(|(year, month)| Date::month(year, month)),
        ];
        for period in periods.into_iter().flatten() {
            prop_assert_eq!(a.in_(period), Truth::Yes);
        }
        prop_assert!(a.year_of().is_none() || (a.first_year() == a.year_of() && a.last_year() == a.year_of()));
    }

    #[test]
    fn difference_bounds_every_pair(a in short_date(), b in short_date()) {
        let differences = |x: Day| (b.earliest()..=b.latest()).map(move |y| i64::from(x) - i64::from(y));
        let all = || (a.earliest()..=a.latest()).flat_map(differences);
        prop_assert_eq!(a.difference(b), (all().min(), all().max()));
    }

    #[test]
    fn certainly_earlier_sorts_first(a in any_date(), b in any_date()) {
        if a.before(b) == Truth::Yes {
            prop_assert!(a.sort_key() < b.sort_key());
        }
    }

    #[test]
    fn days_of_any_number_are_safe(earliest in any::<Day>(), latest in any::<Day>()) {
        let (low, high) = (earliest % 5_000_000, latest % 5_000_000);
        if let Some(date) = Date::between(low, high) {
            prop_assert_eq!(date.bounds(), (low, high));
            prop_assert_eq!(parse(&date.to_string()), date);
            prop_assert!(civil_of(low).is_some() && civil_of(high).is_some());
        }
        prop_assert!(Date::between(earliest, latest).is_none_or(|date| date.bounds() == (earliest, latest)));
    }
}
