//! Determines the contents of columns: numbers, dates, names, lists, or empty values.

use crate::date::Wording;
use crate::load::is_value;
use crate::load::sample::LIST;
use crate::value::ValueType;
use std::collections::{HashMap, HashSet};

/// Words that other programs and people write into empty cells.
pub const NOTHING: [&str; 18] = [
    "N/A",
    "n/a",
    "NA",
    "NaN",
    "nan",
    "None",
    "-",
    "–",
    "—",
    "?",
    "..",
    "...",
    "unknown",
    "Unknown",
    "undefined",
    "TBD",
    "tbd",
    "none",
];
/// Those that are no words of a language, so that they mean "empty" among texts, too; some are errors of spreadsheets.
const SURELY_NOTHING: [&str; 10] =
    ["NULL", "null", "\\N", "#N/A", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#NULL!"];
/// Signs between thousands, and before decimals.
const THOUSANDS: [&str; 6] = [",", ".", " ", "\u{a0}", "\u{202f}", "'"];
const DECIMALS: [&str; 2] = [".", ","];
/// Signs of currencies and units beside numbers.
const UNITS: [char; 8] = ['$', '€', '£', '¥', '₹', '%', '‰', '°'];
/// Notations of dates beside begat's own; the most specific first.
const FORMATS: [&str; 25] = [
    "time",
    "%Y.%m.%d",
    "%Y.%m",
    "%Y.%m.00",
    // As programs write a year in a column with empty cells.
    "%Y.0",
    "%Y/%m/%d",
    "%Y%m%d",
    "%d.%m.%Y",
    "%d.%m.%y",
    "%d-%b-%Y",
    "%d-%b-%y",
    "%d %b %Y",
    "%d %b %y",
    "%b %d, %Y",
    "%b %d, %y",
    "%B %d, %Y",
    "%B %d, %y",
    "%b-%y",
    "%d/%m/%Y",
    "%m/%d/%Y",
    "%d-%m-%Y",
    "%m-%d-%Y",
    "%d/%m/%y",
    "%m/%d/%y",
    "words",
];
/// A column with one of these words in its name holds dates, even if its cells could be numbers.
const OF_TIME: [&str; 42] = [
    "date",
    "year",
    "born",
    "birth",
    "died",
    "death",
    "founded",
    "released",
    "release",
    "published",
    "appeared",
    "since",
    "start",
    "stop",
    "begin",
    "created",
    "established",
    "dated",
    "publication",
    "end",
    "ended",
    "until",
    "launched",
    "introduced",
    "opened",
    "closed",
    "updated",
    "modified",
    "completed",
    "dissolved",
    "discovered",
    "invented",
    "birthdate",
    "deathdate",
    "birthyear",
    "deathyear",
    "startdate",
    "enddate",
    "startyear",
    "endyear",
    "releasedate",
    "issued",
];
/// Words of these that also speak of places and counts, so that their numbers must look like years.
const OF_PLACE: [&str; 6] = ["start", "stop", "begin", "end", "release", "until"];
/// What programs write for a day or a year that is not known.
const ZERO: [&str; 13] = [
    "0",
    "0000",
    "0000-00-00",
    "0000-00-00 00:00:00",
    "00/00/0000",
    "-1",
    "-7",
    "-8",
    "-9",
    "-88",
    "-99",
    "-999",
    "-9999",
];
/// In an order of day and month, and in the other one.
const ORDERS: [(&str, &str); 3] = [("%d/%m/%Y", "%m/%d/%Y"), ("%d-%m-%Y", "%m-%d-%Y"), ("%d/%m/%y", "%m/%d/%y")];
/// Length in characters above which a cell is prose.
const PROSE: usize = 60;
/// Length in characters of a name in a list.
const SHORT: usize = 30;
/// Maximum number of distinct words in a column of dates that are read as empty.
const MOST_ODD: usize = 5;

/// The contents of a column.
#[derive(Debug, Clone, PartialEq)]
pub enum Holds {
    Nothing,
    /// With the decimal and the thousands separator.
    Number(Option<&'static str>, Option<&'static str>),
    /// With notations beside begat's own.
    Date(Vec<String>),
    Text,
}

/// A column with its properties.
#[derive(Debug, Clone)]
pub struct Column {
    pub name: String,
    pub holds: Holds,
    /// Cells that are read as empty.
    pub null: Vec<String>,
    /// The separator of several names in a cell.
    pub split: Option<String>,
    /// The number of cells that are not empty, and of distinct ones.
    pub filled: usize,
    pub distinct: usize,
    pub is_prose: bool,
    /// Whether the cells only count the rows, as pandas and R write them in front.
    pub is_index: bool,
    /// What the user should check.
    pub unsure: Vec<String>,
}

impl Column {
    /// Determines the properties of a column from its cells.
    pub fn of(name: &str, cells: &[&str], has_lists: bool) -> Column {
        let said: Vec<&str> = cells.iter().map(|cell| cell.trim()).filter(|cell| !cell.is_empty()).collect();
        let mut column = Column {
            name: name.to_string(),
            holds: Holds::Nothing,
            null: Vec::new(),
            split: None,
            filled: said.len(),
            distinct: 0,
            is_prose: false,
            is_index: false,
            unsure: Vec::new(),
        };
        if column.counts_rows(&said) {
            column.is_index = true;
            return column;
        }
        let among = |words: &[&str]| -> Vec<String> {
            words.iter().filter(|word| said.contains(word)).map(ToString::to_string).collect()
        };
        let is_nothing = |cell: &&str| NOTHING.contains(cell) || SURELY_NOTHING.contains(cell);
        let rest: Vec<&str> = said.iter().copied().filter(|cell| !is_nothing(cell)).collect();
        // Of a list, each item is a value.
        let items: Vec<&str> = rest.iter().flat_map(|cell| cell.split(LIST)).filter(|item| !item.is_empty()).collect();
        column.holds = column.value_of(&items);
        column.null.extend(match column.holds {
            Holds::Nothing | Holds::Text => among(&SURELY_NOTHING),
            _ => among(&[&NOTHING[..], &SURELY_NOTHING[..]].concat()),
        });
        if column.holds == Holds::Nothing && said.iter().any(|cell| !SURELY_NOTHING.contains(cell)) {
            column.holds = Holds::Text;
        }
        let kept: Vec<&str> = said.into_iter().filter(|cell| !column.null.iter().any(|null| null == cell)).collect();
        column.filled = kept.len();
        column.distinct = distinct(&kept);
        column.is_prose = kept.iter().map(|cell| cell.chars().count()).sum::<usize>() > PROSE * kept.len().max(1);
        if column.holds == Holds::Text && !column.is_prose {
            column.split = split(&kept, has_lists);
        }
        column.warn_of_text(&kept);
        column
    }

    fn value_of(&mut self, cells: &[&str]) -> Holds {
        if cells.is_empty() {
            return Holds::Nothing;
        }
        let is_timely = self.is_of_time() && !self.counts_places(cells);
        // Digits with a leading zero are a code: `01581`.
        let is_code =
            |cell: &&str| cell.len() > 1 && cell.starts_with('0') && cell.bytes().all(|byte| byte.is_ascii_digit());
        let is_year =
            |cell: &&str| cell.len() <= 5 && cell.trim_start_matches('-').bytes().all(|byte| byte.is_ascii_digit());
        let all = |test: &dyn Fn(&str) -> bool| cells.iter().all(|cell| test(cell));
        // `7.5` is a month only where the name of the column speaks of time.
        let has_decimals =
            all(&|cell| is_value(ValueType::Number, cell)) && cells.iter().any(|cell| cell.contains('.'));
        // Dates come before numbers, because years are numbers, too.
        let is_version = super::words::parted(&self.name).iter().any(|word| word == "version" || word == "versions");
        // Flags and counts of years are no years, nor is a rate: `died: 1`, `birth: 36.4`.
        let is_small = |cell: &str| cell.trim_start_matches('-').split('.').next().is_none_or(|whole| whole.len() < 3);
        let is_count = all(&|cell| is_value(ValueType::Number, cell) && is_small(cell));
        let is_rate = has_decimals && cells.iter().any(|cell| is_small(cell));
        if is_timely && is_count && !has_decimals && cells.iter().any(|cell| cell.len() > 1) {
            let words = "are taken for numbers, since a year has more digits";
            self.unsure.push(format!("`{}`: cells such as `{}` {words}", self.name, cells[0]));
        }
        let is_timely = is_timely && !is_count && !is_rate;
        let may_be_dates = !is_version && (is_timely || !has_decimals && !cells.iter().all(is_year));
        if may_be_dates && let Some(date) = self.dates(cells) {
            let is_month = matches!(&date, Holds::Date(used) if used.iter().any(|word| word == "%Y.%m"));
            if has_decimals && is_month {
                self.unsure.push(format!("`{}`: `{}` is taken for a year and a month", self.name, cells[0]));
            }
            return date;
        }
        if cells.iter().any(is_code) {
            return Holds::Text;
        }
        if all(&|cell| is_value(ValueType::Number, cell)) {
            return Holds::Number(None, None);
        }
        let notations = DECIMALS.iter().flat_map(|decimal| THOUSANDS.iter().map(move |sign| (*decimal, *sign)));
        for (decimal, sign) in notations.filter(|(decimal, sign)| decimal != sign) {
            if !all(&|cell| is_number(cell, decimal, sign)) {
                continue;
            }
            if decimal == "," {
                self.unsure.push(format!("`{}`: the comma is taken for a decimal point", self.name));
            }
            let has_groups = cells.iter().any(|cell| cell.contains(sign));
            return Holds::Number(Some(decimal).filter(|decimal| *decimal != "."), Some(sign).filter(|_| has_groups));
        }
        Holds::Text
    }

    /// Returns whether the column has no name of its own and counts the rows from 0 or 1.
    fn counts_rows(&self, cells: &[&str]) -> bool {
        let name = self.name.trim().to_lowercase();
        let is_unnamed = name.is_empty() || name == "index" || name == "rownames" || name.starts_with("unnamed: ");
        let first = cells.first().and_then(|cell| cell.parse::<usize>().ok()).filter(|first| *first < 2);
        let counts = |first: usize| cells.iter().zip(first..).all(|(cell, number)| *cell == number.to_string());
        is_unnamed && cells.len() > 1 && first.is_some_and(counts)
    }

    /// Reports texts that are nearly something else: numbers with a unit, names with footnote marks.
    fn warn_of_text(&mut self, cells: &[&str]) {
        if self.holds != Holds::Text || cells.is_empty() {
            return;
        }
        let bare = |cell: &&str| cell.trim_matches(|c: char| UNITS.contains(&c) || c.is_whitespace()).replace(',', "");
        let is_amount = |cell: &&str| cell.contains(UNITS) && is_value(ValueType::Number, &bare(cell));
        let amounts = cells.iter().copied().filter(|cell| is_amount(cell)).count();
        if amounts * 10 > cells.len() * 8 {
            self.unsure.push(format!("`{}`: numbers with a unit, such as `{}`, stay texts", self.name, cells[0]));
        }
        let is_mark = |inner: &str| {
            inner.len() < 8
                && (inner.bytes().all(|b| b.is_ascii_digit()) || inner.len() == 1 || inner.starts_with("note"))
        };
        let marked = |cell: &&&str| {
            cell.strip_suffix(']').and_then(|rest| rest.rsplit_once('[')).is_some_and(|(_, inner)| is_mark(inner))
        };
        if let Some(first) = cells.iter().find(marked) {
            let count = cells.iter().filter(marked).count();
            self.unsure
                .push(format!("`{}`: {count} cells end in a footnote mark, such as `{first}`, and keep it", self.name));
        }
    }

    /// Returns the notations that read nearly all cells; the others are read as empty, which is reported.
    fn dates(&mut self, cells: &[&str]) -> Option<Holds> {
        let is_timely = self.is_of_time();
        let zeros = if is_timely { zeros(cells) } else { Vec::new() };
        let cells: Vec<&str> = cells.iter().copied().filter(|cell| !zeros.contains(cell)).collect();
        if !may_be_dates(&cells, is_timely) {
            return None;
        }
        let is_date = |cell: &str| is_value(ValueType::Date, cell) && !is_short(cell);
        let mut left: Vec<&str> = cells.iter().copied().filter(|cell| !is_date(cell)).collect();
        let mut used: Vec<String> = Vec::new();
        let years = ["years"].into_iter().filter(|_| is_timely);
        let words = FORMATS.into_iter().chain(years).filter(|format| *format != "words" || is_timely);
        let words: Vec<(&str, Wording)> = words.filter_map(|word| Some((word, word.parse().ok()?))).collect();
        while !left.is_empty() && used.len() < 4 {
            // `12-Jan-98` is of no year 98.
            let reads = |word: &str, wording: &Wording, cell: &str| {
                wording.read(cell).is_some() && (word.contains("%y") || word == "years" || !is_short(cell))
            };
            let count =
                |(word, wording): &(&str, Wording)| left.iter().filter(|cell| reads(word, wording, cell)).count();
            let best = words.iter().map(|both| (count(both), both.0, &both.1));
            let best = best.fold(
                (0, "", None),
                |best, (count, word, wording)| if count > best.0 { (count, word, Some(wording)) } else { best },
            );
            let Some(wording) = best.2 else { break };
            let (read, rest): (Vec<&str>, Vec<&str>) = left.iter().partition(|cell| reads(best.1, wording, cell));
            self.warn_of_notation((best.1, wording), &left, &read, &used);
            left = rest;
            used.push(best.1.to_string());
        }
        let odd = distinct(&left);
        if left.len() * 10 > cells.len() || odd > MOST_ODD {
            // These notes are about notations that are not used.
            self.unsure.clear();
            return None;
        }
        if odd > 0 {
            let mut words = left.clone();
            words.sort_unstable();
            words.dedup();
            self.clear(&words, "it is no date");
        }
        if !zeros.is_empty() {
            self.clear(&zeros, "it stands for no day");
        }
        Some(Holds::Date(used))
    }

    /// Tells what is open about a notation: the order of day and month, the century, the time of day. `cells` are all that no
    /// other notation has read, `read` those that it reads.
    fn warn_of_notation(
        &mut self,
        (format, wording): (&str, &Wording),
        cells: &[&str],
        read: &[&str],
        used: &[String],
    ) {
        self.warn_of_order(format, cells);
        let is_own = |(one, other): &(&str, &str)| [*one, *other].contains(&format);
        let is_other = |(one, other): &(&str, &str)| used.iter().any(|word| word == one || word == other);
        if ORDERS.iter().any(|order| is_own(order) && is_other(order)) {
            let words =
                "in some cells the day comes before the month, in others behind it; whether all are right is open";
            self.unsure.push(format!("`{}`: {words}", self.name));
        }
        if let Some(cell) = read.first().filter(|_| format.contains("%y")) {
            let date = wording.read(cell).map_or(String::new(), |date| date.to_string());
            self.unsure.push(format!("`{}`: its years have two digits: `{cell}` is taken for {date}", self.name));
        }
        let has_time = |cell: &&&str| cell.chars().skip(10).any(|c| c.is_ascii_digit() && c != '0');
        if let Some(cell) = read.iter().find(has_time).filter(|_| format == "time") {
            self.unsure.push(format!("`{}`: the time of day is left out, as in `{cell}`", self.name));
        }
    }

    /// Reads words as empty, which is reported.
    fn clear(&mut self, words: &[&str], reason: &str) {
        let words: Vec<String> = words.iter().map(ToString::to_string).collect();
        self.unsure.push(format!("`{}`: {} taken for nothing, since {reason}", self.name, listed(&words)));
        self.null.extend(words);
    }

    /// Returns whether the name of the column may speak of places, such as `start`, and its numbers are no years.
    fn counts_places(&self, cells: &[&str]) -> bool {
        let words = super::words::parted(&self.name);
        // The number of a month or of a day is a part of a date.
        let is_part = ["month", "day", "hour"].iter().any(|part| words.iter().any(|word| word == part));
        if is_part && cells.iter().all(|cell| cell.parse::<i64>().is_ok_and(|number| number < 32)) {
            return true;
        }
        let of_time = |word: &&String| OF_TIME.contains(&word.as_str());
        let is_open = words.iter().filter(of_time).all(|word| OF_PLACE.contains(&word.as_str()));
        let numbers: Vec<i64> = cells.iter().filter_map(|cell| cell.parse().ok()).collect();
        let years = numbers.iter().filter(|number| **number < 0 || (1000..2200).contains(*number)).count();
        is_open && numbers.len() == cells.len() && years * 10 < numbers.len() * 6
    }

    /// Warns if day and month could be exchanged.
    fn warn_of_order(&mut self, format: &str, cells: &[&str]) {
        let other = ORDERS.iter().find(|(first, _)| *first == format);
        let other: Option<Wording> = other.and_then(|(_, other)| other.parse().ok());
        if other.is_some_and(|other| cells.iter().all(|cell| other.read(cell).is_some())) {
            self.unsure.push(format!("`{}`: the day is taken to come before the month ({format})", self.name));
        }
    }

    pub fn is_of_time(&self) -> bool {
        is_of_time(&self.name)
    }

    /// Returns the names in a cell.
    pub fn parts<'c>(&'c self, cell: &'c str) -> Vec<&'c str> {
        let null = |cell: &&str| !cell.is_empty() && !self.null.iter().any(|null| null == cell);
        let cell = Some(cell.trim()).filter(null);
        let split = self.split.as_deref().unwrap_or(LIST);
        cell.into_iter().flat_map(|cell| cell.split(split)).map(str::trim).filter(|part| !part.is_empty()).collect()
    }

    /// Returns whether every row has a distinct, non-empty cell.
    pub fn is_unique(&self, rows: usize) -> bool {
        self.filled == rows && self.distinct == rows && rows > 0
    }
}

/// Returns whether the name of a column or predicate speaks of time.
pub fn is_of_time(name: &str) -> bool {
    super::words::parted(name).iter().any(|word| OF_TIME.contains(&word.as_str()))
}

/// Returns whether a date has days or months, and no number of more than two digits, so that none is a whole year: not
/// `-50` or `AD 14`.
fn is_short(cell: &str) -> bool {
    const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    let lower = cell.trim_start_matches('-').to_lowercase();
    let has_parts = match lower.chars().any(char::is_alphabetic) {
        true => MONTHS.iter().any(|month| lower.contains(month)),
        false => lower.chars().any(|c| "-/. ".contains(c)),
    };
    has_parts && cell.split(|c: char| !c.is_ascii_digit()).all(|part| part.len() < 3)
}

/// Returns some words for a message.
pub fn listed(words: &[String]) -> String {
    words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
}

/// Returns whether most cells of a sample could be dates.
fn may_be_dates(cells: &[&str], is_timely: bool) -> bool {
    let few: Vec<&str> = cells.iter().step_by(cells.len().div_ceil(100).max(1)).copied().collect();
    let could = |cell: &str| cell.len() < 40 && cell.chars().any(|c| c.is_ascii_digit());
    // A year has four digits, unless the name of the column tells that it is one; `1.12` may be a version.
    let has_year = |cell: &str| {
        is_timely
            || cell.split(|c: char| !c.is_ascii_digit()).any(|part| part.len() >= 4)
            || cell.chars().any(char::is_alphabetic)
            || cell.matches(['/', '-', '.']).count() == 2
    };
    few.iter().filter(|cell| could(cell) && has_year(cell)).count() * 10 >= few.len() * 8
}

/// Returns the cells that stand for an unknown day or year, unless there are other years near 0.
fn zeros(cells: &[&str]) -> Vec<&'static str> {
    let is_near =
        |cell: &&&str| !ZERO.contains(*cell) && cell.parse::<i64>().is_ok_and(|year| (-20_000..200).contains(&year));
    let is_known = cells.iter().any(|cell| !ZERO.contains(cell));
    let found = ZERO.into_iter().filter(|zero| cells.contains(zero));
    if is_known && !cells.iter().any(|cell| is_near(&cell)) { found.collect() } else { Vec::new() }
}

fn distinct(cells: &[&str]) -> usize {
    cells.iter().collect::<HashSet<_>>().len()
}

/// Returns whether a cell is a number with these signs before decimals and between thousands.
fn is_number(cell: &str, decimal: &str, sign: &str) -> bool {
    let (whole, rest) = cell.split_once(decimal).map_or((cell, None), |(whole, rest)| (whole, Some(rest)));
    let mut parts = whole.trim_start_matches(['-', '+']).split(sign);
    let first = parts.next().unwrap_or("");
    let is_grouped = !whole.contains(sign) || (1..=3).contains(&first.len()) && parts.all(|part| part.len() == 3);
    // A point that is neither sign would be read as a decimal point, too.
    let has_point = decimal != "." && sign != "." && cell.contains('.');
    let plain = rest.map_or(whole.replace(sign, ""), |rest| format!("{}.{rest}", whole.replace(sign, "")));
    is_grouped && !has_point && is_value(ValueType::Number, &plain)
}

/// Returns the separator of names in cells, if the single names repeat more than whole cells do.
fn split(cells: &[&str], has_lists: bool) -> Option<String> {
    if has_lists && cells.iter().any(|cell| cell.contains(LIST)) {
        return None;
    }
    let whole = distinct(cells);
    [";", "|", ","].into_iter().find_map(|sign| {
        let with_sign = cells.iter().filter(|cell| cell.contains(sign)).count();
        let mut counts: HashMap<&str, usize> = HashMap::new();
        let parts = cells.iter().flat_map(|cell| cell.split(sign)).map(str::trim).filter(|part| !part.is_empty());
        parts.for_each(|part| *counts.entry(part).or_default() += 1);
        let total: usize = counts.values().sum();
        let long = counts.keys().any(|part| part.chars().count() > PROSE);
        let repeats = counts.len() * 10 < total * 7 && counts.len() * 10 < whole * 9;
        // A comma also occurs within names, so it needs more evidence.
        let enough = if sign == "," { with_sign * 20 > cells.len() } else { with_sign > 0 };
        // In a short table little repeats, but a sign in most cells is no accident.
        let is_plain = |part: &&&str| part.chars().count() <= SHORT && !part.chars().any(|c| c.is_ascii_digit());
        let is_usual = sign != ","
            && with_sign > 1
            && with_sign * 2 >= cells.len()
            && counts.len() < total
            && counts.keys().filter(is_plain).count() * 10 >= counts.len() * 9;
        // `Lee County, AL` is one name: what stands behind its comma never stands before one.
        let is_mixed = || {
            let first: HashSet<&str> = cells.iter().filter_map(|cell| cell.split(sign).next()).map(str::trim).collect();
            let last = cells.iter().filter_map(|cell| Some(cell.rsplit_once(sign)?.1.trim()));
            last.collect::<HashSet<&str>>().iter().any(|part| first.contains(part))
        };
        (enough && (repeats || is_usual) && !long && (sign != "," || is_mixed())).then(|| sign.to_string())
    })
}
