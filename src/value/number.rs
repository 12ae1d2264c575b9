//! Numbers that stay as exact as they are written.
//!
//! A number is an `f64`; an integer below 2^63 that no `f64` equals is an `i64`, so that each number has one form. A
//! decimal is the nearest `f64` and stands for the shortest decimal that reads back as it: `0.1` is a tenth. Arithmetic
//! uses these decimals in 128 bits and rounds once; if 128 bits overflow, it uses floats. Comparisons are exact.

use super::Value;
use std::cmp::Ordering;
use std::ops::{Add, Div, Mul, Neg, Sub};

/// 2^53: above it there are integers that no `f64` equals.
const EXACT: f64 = 9_007_199_254_740_992.0;
/// 2^63: integers below it are exact.
const LAST: f64 = 9_223_372_036_854_775_808.0;
/// The largest power of ten that is exact as an `f64` is 10^22.
const MOST_DECIMALS: u32 = 22;

/// A number; infinite for the open end of a range.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Number {
    Float(f64),
    /// An integer that no `f64` equals.
    Wide(i64),
}

impl Number {
    pub const ZERO: Number = Number::Float(0.0);

    /// Returns the nearest float.
    pub fn to_f64(self) -> f64 {
        match self {
            Number::Float(float) => float,
            Number::Wide(whole) => whole as f64,
        }
    }

    /// Returns an integer as a number: exact if it fits 64 bits, otherwise the nearest float.
    pub fn of_whole(whole: i128) -> Number {
        let float = whole as f64;
        match i64::try_from(whole) {
            Ok(narrow) if float as i128 != whole => Number::Wide(narrow),
            _ => Number::Float(float),
        }
    }

    /// Returns the number as an integer; `None` if it is not whole or does not fit 128 bits.
    pub fn whole(self) -> Option<i128> {
        match self {
            Number::Wide(whole) => Some(whole.into()),
            Number::Float(float) if float.fract() == 0.0 && float.abs() < 1e38 => Some(float as i128),
            Number::Float(_) => None,
        }
    }

    /// Parses decimal digits with an optional sign, point and exponent. `None` for other texts, and beyond the range of
    /// floats.
    pub fn parse(text: &str) -> Option<Number> {
        let unsigned = text.strip_prefix('-').unwrap_or(text);
        if !unsigned.starts_with(|first: char| first.is_ascii_digit()) {
            return None;
        }
        if let Ok(whole) = text.parse::<i64>() {
            return Some(Number::of_whole(whole.into()));
        }
        let float = text.parse::<f64>().ok().filter(|float| float.is_finite())?;
        // `1E18` and `9007199.254740993e9` are integers, too.
        let whole = if float.abs() < EXACT { None } else { Written::read(text).and_then(Written::whole) };
        let whole = whole.map(|whole| if float < 0.0 { -whole } else { whole });
        Some(whole.map_or(Number::Float(float + 0.0), Number::of_whole))
    }

    /// Returns whether no digit was lost when [`Number::parse`] read the number from `text`.
    pub fn keeps(self, text: &str) -> bool {
        // Fifteen significant digits always survive a round trip through `f64`.
        if text.len() < 16 {
            return true;
        }
        let kept = Written::read(&self.to_string());
        Written::read(text).zip(kept).is_none_or(|(text, kept)| text.digits == kept.digits && text.point == kept.point)
    }

    pub fn is_finite(self) -> bool {
        self.to_f64().is_finite()
    }

    pub fn abs(self) -> Number {
        if self.cmp(Number::ZERO) == Ordering::Less { -self } else { self }
    }

    /// Returns the nearest integer; ties go away from 0.
    pub fn round(self) -> Number {
        match self {
            Number::Float(float) => Number::of_float(float.round()),
            wide => wide,
        }
    }

    /// Compares by value; NaN comes last. (Not `Ord`, which requires `Eq`.)
    #[allow(clippy::should_implement_trait)]
    pub fn cmp(self, other: Number) -> Ordering {
        match (self, other) {
            (Number::Float(a), Number::Float(b)) => a.partial_cmp(&b).unwrap_or_else(|| a.is_nan().cmp(&b.is_nan())),
            (Number::Wide(a), Number::Wide(b)) => a.cmp(&b),
            // Below 1e19 the integer part of the float fits 128 bits; above, the float's sign decides, since a `Wide`
            // fits 64 bits.
            (Number::Wide(a), Number::Float(b)) if b.abs() < 1e19 => {
                i128::from(a).cmp(&(b.trunc() as i128)).then(0.0.partial_cmp(&b.fract()).unwrap_or(Ordering::Equal))
            }
            (Number::Wide(_), Number::Float(b)) => {
                if b < 0.0 {
                    Ordering::Greater
                } else {
                    Ordering::Less
                }
            }
            (Number::Float(_), Number::Wide(_)) => other.cmp(self).reverse(),
        }
    }

    pub fn min(self, other: Number) -> Number {
        if other.cmp(self) == Ordering::Less { other } else { self }
    }

    pub fn max(self, other: Number) -> Number {
        if other.cmp(self) == Ordering::Greater { other } else { self }
    }

    /// Returns the largest float that is not greater: the lower end of a range.
    pub fn floor(self) -> f64 {
        let near = self.to_f64();
        if Number::Float(near).cmp(self) == Ordering::Greater { near.next_down() } else { near }
    }

    /// Returns the smallest float that is not less: the upper end of a range.
    pub fn ceil(self) -> f64 {
        let near = self.to_f64();
        if Number::Float(near).cmp(self) == Ordering::Less { near.next_up() } else { near }
    }

    /// Adds 0.0, so that zero is never negative.
    fn of_float(float: f64) -> Number {
        Number::Float(float + 0.0)
    }
}

impl Add for Number {
    type Output = Number;

    /// Returns the sum; infinite if it overflows.
    fn add(self, other: Number) -> Number {
        if let (Number::Float(a), Number::Float(b)) = (self, other) {
            let sum = a + b;
            if a.fract() == 0.0 && b.fract() == 0.0 && a.abs() < EXACT && b.abs() < EXACT && sum.abs() < EXACT {
                return Number::of_float(sum);
            }
        }
        let exact = Decimal::both(self, other).and_then(|(a, b)| a.add(b)).and_then(Decimal::number);
        exact.unwrap_or_else(|| Number::of_float(self.to_f64() + other.to_f64()))
    }
}

impl Neg for Number {
    type Output = Number;

    fn neg(self) -> Number {
        match self {
            Number::Float(float) => Number::of_float(-float),
            Number::Wide(whole) => Number::of_whole(-i128::from(whole)),
        }
    }
}

impl Sub for Number {
    type Output = Number;

    fn sub(self, other: Number) -> Number {
        self + -other
    }
}

impl Mul for Number {
    type Output = Number;

    fn mul(self, other: Number) -> Number {
        let exact = Decimal::both(self, other).and_then(|(a, b)| a.multiply(b)).and_then(Decimal::number);
        exact.unwrap_or_else(|| Number::of_float(self.to_f64() * other.to_f64()))
    }
}

impl Div for Number {
    type Output = Number;

    /// Returns the quotient; NaN if the divisor is 0.
    fn div(self, other: Number) -> Number {
        if other == Number::ZERO {
            return Number::Float(f64::NAN);
        }
        let exact = Decimal::both(self, other).and_then(|(a, b)| a.divide(b));
        exact.unwrap_or_else(|| Number::of_float(self.to_f64() / other.to_f64()))
    }
}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Number) -> Option<Ordering> {
        Some(self.cmp(*other))
    }
}

impl From<f64> for Number {
    fn from(float: f64) -> Number {
        Number::of_float(float)
    }
}

impl From<Number> for Value {
    /// Converts a number; one that is not finite becomes [`Value::Unknown`].
    fn from(number: Number) -> Value {
        match number {
            Number::Float(float) if float.is_finite() => Value::Number(float),
            Number::Float(_) => Value::Unknown,
            Number::Wide(whole) => Value::Integer(whole),
        }
    }
}

impl std::fmt::Display for Number {
    /// Writes all digits, without an exponent.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            // Integers have a fast path. Up to 2^63 they print their exact digits.
            Number::Float(float) if float.fract() == 0.0 && float.abs() < 1e15 => write!(f, "{}", *float as i64),
            Number::Float(float) if float.fract() == 0.0 && float.abs() <= LAST => write!(f, "{}", *float as i128),
            Number::Float(float) => write!(f, "{float}"),
            Number::Wide(whole) => write!(f, "{whole}"),
        }
    }
}

/// The decimal `digits` / 10^`scale`.
#[derive(Debug, Clone, Copy)]
struct Decimal {
    digits: i128,
    scale: u32,
}

impl Decimal {
    /// Returns the number as a decimal; `None` if it does not fit 128 bits.
    fn of(number: Number) -> Option<Decimal> {
        if let Some(digits) = number.whole() {
            return Some(Decimal { digits, scale: 0 });
        }
        let float = number.to_f64();
        if !float.is_finite() {
            return None;
        }
        // A decimal of at most 15 digits that reads back as the float is its shortest one.
        let mut unit = 1.0;
        for scale in 1..=MOST_DECIMALS {
            unit *= 10.0;
            let digits = (float * unit).round();
            if digits.abs() >= 1e15 {
                break;
            }
            if digits / unit == float {
                return Some(Decimal { digits: digits as i128, scale });
            }
        }
        let written = Written::read(&float.to_string())?;
        let digits: i128 = if written.digits.len() > 37 { None } else { written.digits.parse().ok() }?;
        let scale = u32::try_from(written.digits.len() as i64 - written.point).ok()?;
        Some(Decimal { digits: if float < 0.0 { -digits } else { digits }, scale })
    }

    fn both(a: Number, b: Number) -> Option<(Decimal, Decimal)> {
        Decimal::of(a).zip(Decimal::of(b))
    }

    /// Returns the digits of both at the larger scale, and that scale.
    fn align(self, other: Decimal) -> Option<(i128, i128, u32)> {
        let scale = self.scale.max(other.scale);
        let whole = |decimal: Decimal| decimal.digits.checked_mul(10_i128.checked_pow(scale - decimal.scale)?);
        Some((whole(self)?, whole(other)?, scale))
    }

    fn add(self, other: Decimal) -> Option<Decimal> {
        let (a, b, scale) = self.align(other)?;
        Some(Decimal { digits: a.checked_add(b)?, scale })
    }

    fn multiply(self, other: Decimal) -> Option<Decimal> {
        Some(Decimal { digits: self.digits.checked_mul(other.digits)?, scale: self.scale + other.scale })
    }

    fn divide(self, other: Decimal) -> Option<Number> {
        let (a, b, _) = self.align(other)?;
        if a.checked_rem(b)? == 0 {
            return Some(Number::of_whole(a / b));
        }
        let common = greatest_common_divisor(a.unsigned_abs(), b.unsigned_abs()) as i128;
        let (a, b) = (a / common, b / common);
        // Both are exact as floats, so the quotient is rounded once.
        let is_exact = |whole: i128| whole.unsigned_abs() <= EXACT as u128;
        (is_exact(a) && is_exact(b)).then(|| Number::of_float(a as f64 / b as f64))
    }

    /// Returns the nearest number.
    fn number(self) -> Option<Number> {
        let Decimal { mut digits, mut scale } = self;
        while scale > 0 && digits % 10 == 0 {
            (digits, scale) = (digits / 10, scale - 1);
        }
        if scale == 0 {
            return Some(Number::of_whole(digits));
        }
        if digits.unsigned_abs() <= EXACT as u128 && scale <= MOST_DECIMALS {
            return Some(Number::of_float(digits as f64 / 10_f64.powi(scale as i32)));
        }
        format!("{digits}e-{scale}").parse().ok().map(Number::of_float)
    }
}

fn greatest_common_divisor(mut a: u128, mut b: u128) -> u128 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a.max(1)
}

/// The significant digits of a written number, without zeros at either end, and the position of the decimal point
/// within them.
struct Written {
    digits: String,
    point: i64,
}

impl Written {
    fn read(text: &str) -> Option<Written> {
        let text = text.trim_start_matches(['-', '+']);
        let (body, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
        let (whole, fraction) = body.split_once('.').unwrap_or((body, ""));
        let all = format!("{whole}{fraction}");
        let digits = all.trim_start_matches('0');
        let point = whole.len() as i64 - (all.len() - digits.len()) as i64 + exponent.parse::<i64>().ok()?;
        let digits = digits.trim_end_matches('0').to_string();
        if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        Some(Written { point: if digits.is_empty() { 0 } else { point }, digits })
    }

    /// Returns the absolute value if it is an integer of at most 37 digits.
    fn whole(self) -> Option<i128> {
        let zeros = usize::try_from(self.point - self.digits.len() as i64).ok()?;
        if self.digits.len() + zeros > 37 {
            return None;
        }
        format!("{}{}", self.digits, "0".repeat(zeros)).parse().ok()
    }
}

/// A sum that is rounded once, at the end: exact in decimals while it fits 128 bits, then compensated (Neumaier).
#[derive(Debug, Clone, Copy, Default)]
pub struct Sum {
    digits: i128,
    scale: u32,
    /// The terms added since 128 bits overflowed: their float sum, and the accumulated rounding error.
    rest: Option<(f64, f64)>,
}

impl Sum {
    /// Adds a number; an infinite one for an open end of a range.
    pub fn add(&mut self, number: Number) {
        // Fast path: most numbers are integers.
        if let (Number::Float(float), 0, None) = (number, self.scale, self.rest)
            && float.abs() < EXACT
            && float.fract() == 0.0
            && let Some(digits) = self.digits.checked_add((float as i64).into())
        {
            self.digits = digits;
            return;
        }
        let own = Decimal { digits: self.digits, scale: self.scale };
        let exact = if self.rest.is_none() { Decimal::of(number).and_then(|decimal| own.add(decimal)) } else { None };
        match exact {
            Some(sum) => (self.digits, self.scale) = (sum.digits, sum.scale),
            None => {
                let (sum, lost) = self.rest.unwrap_or((0.0, 0.0));
                let float = number.to_f64();
                let next = sum + float;
                let error = if sum.abs() >= float.abs() { sum - next + float } else { float - next + sum };
                self.rest = Some((next, if error.is_finite() { lost + error } else { lost }));
            }
        }
    }

    /// Returns the sum; infinite if it overflows.
    pub fn total(self) -> Number {
        let exact = Decimal { digits: self.digits, scale: self.scale }.number().unwrap_or(Number::ZERO);
        match self.rest {
            None => exact,
            Some((sum, lost)) => Number::of_float(sum + (lost + exact.to_f64())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Number, Sum};
    use proptest::prelude::*;
    use std::cmp::Ordering;

    fn number(text: &str) -> Number {
        Number::parse(text).unwrap_or_else(|| panic!("`{text}` is a number"))
    }

    #[test]
    fn whole_numbers_of_64_bits_are_exact() {
        for text in ["9007199254740993", "-9007199254740993", "9223372036854775807", "-9223372036854775808", "0", "-5"]
        {
            assert_eq!(number(text).to_string(), text);
            assert!(number(text).keeps(text));
        }
        for text in ["9223372036854775809", "18446744073709551615", "0.12345678901234567891", "9007199254740993.5"] {
            assert!(!number(text).keeps(text), "{text}");
        }
        for text in
            ["9223372036854775808", "5e24", "0.10000000000000000000", "1.7976931348623157e308", "00000000000000000007"]
        {
            assert!(number(text).keeps(text), "{text}");
        }
        assert_eq!((Number::parse("1e400"), Number::parse("x"), Number::parse(".5")), (None, None, None));
        assert_eq!(number("-0"), Number::ZERO);
    }

    #[test]
    fn decimals_have_no_noise() {
        assert_eq!(number("0.1") + number("0.2"), number("0.3"));
        assert_eq!(number("1.1") * number("1.1"), number("1.21"));
        assert_eq!(number("0.3") / number("0.1"), number("3"));
        assert_eq!(number("0.3") - number("0.1"), number("0.2"));
        assert_eq!(number("1") / number("3"), Number::Float(1.0 / 3.0));
        assert_eq!((number("9007199254740993") + number("0.5")).to_string(), "9007199254740994");
        let mut sum = Sum::default();
        (0..1000).for_each(|i| sum.add(number(["29.46", "5.29", "0.01"][i % 3])));
        assert_eq!(sum.total().to_string(), "11604.54");
        let mut sum = Sum::default();
        ["1e300", "1", "-1e300", "0.1"].into_iter().for_each(|text| sum.add(number(text)));
        assert_eq!(sum.total().to_string(), "1.1");
    }

    #[test]
    fn what_has_no_value_is_not_finite() {
        assert!(!(number("1") / Number::ZERO).is_finite());
        assert!(!(number("1e308") * number("10")).is_finite());
        assert_eq!(number("9223372036854775807") + number("1"), Number::Float(9223372036854775808.0));
        assert_eq!(number("-9223372036854775808").abs(), Number::Float(9223372036854775808.0));
    }

    #[test]
    fn comparisons_are_exact() {
        let rising = [
            "-1e300",
            "-9007199254740993",
            "-9007199254740992",
            "-0.5",
            "0",
            "9007199254740992",
            "9007199254740993",
            "9007199254740994",
            "9223372036854775807",
            "9223372036854775808",
            "1e19",
            "1e300",
        ];
        for (i, a) in rising.iter().enumerate() {
            for (j, b) in rising.iter().enumerate() {
                assert_eq!(number(a).cmp(number(b)), i.cmp(&j), "{a} {b}");
            }
        }
        assert_eq!(Number::Wide(9007199254740993).cmp(Number::Float(f64::INFINITY)), Ordering::Less);
        assert!(number("9007199254740993").floor() < number("9007199254740993").ceil());
    }

    proptest! {
        #[test]
        fn whole_arithmetic_is_that_of_128_bits(a: i64, b: i64, small in -1000..1000_i64) {
            let of = |whole: i64| Number::of_whole(whole.into());
            prop_assert_eq!(of(a).to_string(), a.to_string());
            prop_assert_eq!(of(a).cmp(of(b)), a.cmp(&b));
            prop_assert_eq!(of(a) + of(b), Number::of_whole(i128::from(a) + i128::from(b)));
            prop_assert_eq!(of(a) - of(b), Number::of_whole(i128::from(a) - i128::from(b)));
            prop_assert_eq!(of(a) * of(small), Number::of_whole(i128::from(a) * i128::from(small)));
            prop_assert_eq!(number(&a.to_string()), of(a));
        }

        /// In hundredths, everything is whole.
        #[test]
        fn decimal_arithmetic_is_that_of_hundredths(a in -100_000_000..100_000_000_i64, b in -1_000_000..1_000_000_i64) {
            let of = |hundredths: i64, places: usize| {
                let (sign, digits) = (if hundredths < 0 { "-" } else { "" }, hundredths.unsigned_abs());
                let unit = 10_u64.pow(places as u32);
                number(&format!("{sign}{}.{:0places$}", digits / unit, digits % unit))
            };
            prop_assert_eq!(of(a, 2) + of(b, 2), of(a + b, 2));
            prop_assert_eq!(of(a, 2) * of(b, 2), of(a * b, 4));
            prop_assert_eq!(of(a, 2).cmp(of(b, 2)), a.cmp(&b));
            let mut sum = Sum::default();
            [a, b, a, a].into_iter().for_each(|hundredths| sum.add(of(hundredths, 2)));
            prop_assert_eq!(sum.total(), of(3 * a + b, 2));
        }
    }
}
