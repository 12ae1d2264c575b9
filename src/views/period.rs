//! Years, quarters and months, numbered in order of time.

use crate::plan::Grouping;
use crate::value::{Date, Value};

/// Unit of the calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unit {
    Year,
    Quarter,
    Month,
}

/// Maximum number of periods without gaps; beyond, only periods with a date are listed. It is a century of months;
/// beyond, most would be empty.
const MOST_PERIODS: usize = 1200;

impl Unit {
    /// Returns the unit of a grouping by time; `None` for other groupings.
    pub fn of(grouping: Grouping) -> Option<Unit> {
        match grouping {
            Grouping::Year => Some(Unit::Year),
            Grouping::Quarter => Some(Unit::Quarter),
            Grouping::Month => Some(Unit::Month),
            Grouping::Entities { .. } => None,
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            Unit::Year => "year",
            Unit::Quarter => "quarter",
            Unit::Month => "month",
        }
    }

    /// Returns the number of periods in a year.
    fn each_year(self) -> i32 {
        match self {
            Unit::Year => 1,
            Unit::Quarter => 4,
            Unit::Month => 12,
        }
    }

    /// Returns the period that certainly contains a date; `None` if there is none.
    pub fn period(self, date: Date) -> Option<i32> {
        match self {
            Unit::Year => date.year_of(),
            Unit::Quarter => date.quarter_of().map(|(year, quarter)| year * 4 + i32::from(quarter) - 1),
            Unit::Month => date.month_of().map(|(year, month)| year * 12 + i32::from(month) - 1),
        }
    }

    /// Returns the days of a period; `None` outside of the calendar.
    pub fn days(self, period: i32) -> Option<Date> {
        let (year, rest) = (period.div_euclid(self.each_year()), period.rem_euclid(self.each_year()));
        let text = match self {
            Unit::Year => format!("{year:04}"),
            Unit::Quarter => format!("{year:04}-{:02}..{year:04}-{:02}", rest * 3 + 1, rest * 3 + 3),
            Unit::Month => format!("{year:04}-{:02}", rest + 1),
        };
        Date::parse(&text).ok()
    }

    /// Returns the positions of the periods, sorted ascending, that may contain a date.
    pub fn touched(self, date: Date, periods: &[i32]) -> std::ops::Range<usize> {
        let (first, last) = date.reached_days();
        let end = |day: Option<Date>| day.and_then(|day| self.period(day));
        let start = end(first).map_or(0, |first| periods.partition_point(|period| *period < first));
        let end = end(last).map_or(periods.len(), |last| periods.partition_point(|period| *period <= last));
        start..end.max(start)
    }

    /// Returns the title of a period: `2024`, `2024-Q1`, `2024-05`.
    pub fn title(self, period: i32) -> String {
        let (year, rest) = (period.div_euclid(self.each_year()), period.rem_euclid(self.each_year()) + 1);
        match self {
            Unit::Year => year.to_string(),
            Unit::Quarter => format!("{year}-Q{rest}"),
            Unit::Month => format!("{year:04}-{rest:02}"),
        }
    }

    /// Returns a year as a number, for calculations; other periods by their title.
    pub fn value(self, period: i32) -> Value {
        match self {
            Unit::Year => Value::Number(period.into()),
            _ => Value::text(&self.title(period)),
        }
    }

    /// Returns all periods between the first and the last in which a date begins or ends, without gaps; open ends are
    /// ignored.
    pub fn spanned(self, dates: impl Iterator<Item = Date>) -> Vec<i32> {
        // The widest bounds that `dated in` accepts as possible.
        let ends = |date: Date| {
            let (earliest, latest) = date.reach();
            let days = [earliest, latest].map(|day| Date::between(day, day).filter(|day| day.is_one_day()));
            days.into_iter().flatten().filter_map(|day| self.period(day)).collect::<Vec<_>>()
        };
        let mut met: Vec<i32> = dates.flat_map(ends).collect();
        met.sort_unstable();
        met.dedup();
        match (met.first(), met.last()) {
            (Some(first), Some(last)) if last.abs_diff(*first) as usize <= MOST_PERIODS => (*first..=*last).collect(),
            _ => met,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> Date {
        Date::parse(text).expect("a date")
    }

    #[test]
    fn periods_have_names_and_neighbours() {
        let titles = |unit: Unit, texts: &[&str]| -> Vec<String> {
            unit.spanned(texts.iter().map(|text| date(text))).into_iter().map(|period| unit.title(period)).collect()
        };
        assert_eq!(titles(Unit::Year, &["2024-05", "2022"]), ["2022", "2023", "2024"]);
        assert_eq!(titles(Unit::Quarter, &["2023-12", "2024-05"]), ["2023-Q4", "2024-Q1", "2024-Q2"]);
        assert_eq!(titles(Unit::Month, &["-0001-12", "0000-01"]), ["-001-12", "0000-01"]);
        assert_eq!(titles(Unit::Year, &["..2023", "undated"]), ["2023"]);
        assert_eq!(titles(Unit::Year, &["2020~"]), ["2019", "2020", "2021"]);
    }

    #[test]
    fn wide_dates_touch_periods() {
        let unit = Unit::Year;
        assert_eq!((unit.period(date("2024-05")), unit.period(date("2024..2025"))), (Some(2024), None));
        let years = [2022, 2023, 2024, 2025, 2026];
        let touched = |text: &str| years[unit.touched(date(text), &years)].to_vec();
        assert_eq!(touched("2024..2025"), [2024, 2025]);
        assert_eq!(touched("2024~"), [2023, 2024, 2025]);
        assert_eq!(touched("..2023"), [2022, 2023]);
        assert_eq!(touched("undated"), years);
        assert!(touched("2030").is_empty() && touched("1990").is_empty());
        assert!(unit.period(date("2024~")).is_none());
    }

    #[test]
    fn a_date_touches_the_periods_that_it_may_be_dated_in() {
        let years: Vec<i32> = (2018..2030).collect();
        for text in
            ["2020", "2020~", "2021-03~", "2020..2022", "..2021-06", "2024-12-31~", "2019..", "undated", "2025-07?"]
        {
            let may = |year: &i32| date(text).in_(Date::year(*year).expect("a year")).is_possible();
            let expected: Vec<i32> = years.iter().copied().filter(|year| may(year)).collect();
            assert_eq!(years[Unit::Year.touched(date(text), &years)], expected, "{text}");
        }
    }
}
