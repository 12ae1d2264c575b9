//! Parses values on the command line.

use crate::value::Value;
use std::time::Duration;

/// Parses `name=value`, with an optional `$` before the name. The value is a text: the query determines how it is read.
pub fn pair(text: &str) -> Result<(String, Value), String> {
    let (name, value) = text.split_once('=').ok_or("write NAME=VALUE")?;
    let name = name.trim().trim_start_matches('$');
    let is_name = name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-');
    if is_name { Ok((name.to_string(), Value::text(value))) } else { Err(format!("`{name}` is no name")) }
}

/// Parses `10s`, `500ms`, `2m`, `1h`; a bare number is seconds.
pub fn duration(text: &str) -> Result<Duration, String> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    if digits.is_empty() {
        return Err("write a number and a unit, as in 10s".to_string());
    }
    let seconds = match &text[digits.len()..] {
        "" | "s" => 1.0,
        "ms" => 0.001,
        "m" => 60.0,
        "h" => 3600.0,
        unit => return Err(format!("`{unit}` is no unit of time; write ms, s, m or h")),
    };
    let number: f64 = digits.parse().map_err(|_| "write a number and a unit, as in 10s")?;
    Duration::try_from_secs_f64(number * seconds).map_err(|_| "that is no length of time".to_string())
}

/// Parses `2G`, `500M`, `64K`, in powers of 1024; a bare number is bytes.
pub fn bytes(text: &str) -> Result<u64, String> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let shift = match text[digits.len()..].to_ascii_uppercase().trim_end_matches("IB").trim_end_matches('B') {
        "" => 0,
        "K" => 10,
        "M" => 20,
        "G" => 30,
        "T" => 40,
        unit => return Err(format!("`{unit}` is no unit; write K, M, G or T")),
    };
    let number: u64 = digits.parse().map_err(|_| "write a number and a unit, as in 2G")?;
    number.checked_mul(1 << shift).ok_or_else(|| "that is too much".to_string())
}

#[cfg(test)]
mod tests {
    use super::{bytes, duration, pair};
    use crate::value::Value;
    use std::time::Duration;

    #[test]
    fn pairs() {
        assert_eq!(pair("$t=a=b"), Ok(("t".to_string(), Value::text("a=b"))));
        for text in ["01581", "671B", "-1.5", "2024-05", "", " 5 "] {
            assert_eq!(pair(&format!("x={text}")), Ok(("x".to_string(), Value::text(text))));
        }
        assert!(pair("t").is_err() && pair("=x").is_err() && pair("a b=x").is_err());
    }

    #[test]
    fn units() {
        assert_eq!(duration("500ms"), Ok(Duration::from_millis(500)));
        assert_eq!(duration("2m"), Ok(Duration::from_secs(120)));
        assert!(duration("ten").is_err() && duration("-1s").is_err() && duration("5d").is_err());
        assert_eq!((bytes("2G"), bytes("64KiB")), (Ok(2 << 30), Ok(64 << 10)));
        assert!(bytes("x").is_err() && bytes("99999999T").is_err());
    }
}
