//! Parses paper sizes on the command line.

use crate::render::picture::{MILLIMETRE, Paper};

/// The width of a drawing.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Width {
    /// Of text, in characters.
    Characters(u16),
    /// Of a picture, on paper.
    Paper(Paper),
}

/// Sheets by name, in millimetres.
const SHEETS: [(&str, f64, f64); 5] = [
    ("a3", 297.0, 420.0),
    ("a4", 210.0, 297.0),
    ("a5", 148.0, 210.0),
    ("letter", 215.9, 279.4),
    ("legal", 215.9, 355.6),
];
/// The margin of a sheet, in millimetres.
const MARGIN: f64 = 10.0;
/// The widths of one and of two columns of a journal, in millimetres.
const COLUMNS: [f64; 2] = [85.0, 178.0];

/// Parses `100` characters, or a length on paper: `180mm`, `18cm`, `7in`, `500pt`.
pub fn width(text: &str) -> Result<Width, String> {
    const HELP: &str = "write characters, as in 100, or a length on paper, as in 180mm";
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let number: f64 = digits.parse().map_err(|_| HELP)?;
    let points = match &text[digits.len()..] {
        "" => return digits.parse().ok().filter(|n| *n >= 20).map(Width::Characters).ok_or("20 or more".to_string()),
        "mm" => MILLIMETRE,
        "cm" => 10.0 * MILLIMETRE,
        "in" => 72.0,
        "pt" => 1.0,
        unit => return Err(format!("`{unit}` is no unit; write mm, cm, in or pt")),
    };
    let width = number * points;
    if !(72.0..=14_400.0).contains(&width) {
        return Err("a picture is 1 to 200 inches wide".to_string());
    }
    Ok(Width::Paper(wide(width)))
}

/// Parses the name of a sheet, upright unless it ends in `-landscape`.
pub fn page(text: &str) -> Result<Paper, String> {
    let lower = text.to_ascii_lowercase();
    let (name, is_wide) = match lower.strip_suffix("-landscape") {
        Some(name) => (name, true),
        None => (lower.as_str(), false),
    };
    let names = || SHEETS.iter().map(|(name, ..)| *name).collect::<Vec<_>>().join(", ");
    let (_, width, height) = SHEETS
        .iter()
        .find(|(known, ..)| *known == name)
        .ok_or_else(|| format!("write {}, or a4-landscape", names()))?;
    let (width, height) = if is_wide { (height, width) } else { (width, height) };
    let inside = |length: &f64| (length - 2.0 * MARGIN) * MILLIMETRE;
    Ok(Paper { width: inside(width), height: Some(inside(height)), margin: MARGIN * MILLIMETRE })
}

/// Parses one column or two.
pub fn columns(text: &str) -> Result<Paper, String> {
    match text {
        "1" => Ok(wide(COLUMNS[0] * MILLIMETRE)),
        "2" => Ok(wide(COLUMNS[1] * MILLIMETRE)),
        _ => Err("write 1 or 2".to_string()),
    }
}

fn wide(width: f64) -> Paper {
    Paper { width, height: None, margin: 0.0 }
}

#[cfg(test)]
mod tests {
    use super::{Width, columns, page, width};

    #[test]
    fn lengths_have_units() {
        assert_eq!(width("100"), Ok(Width::Characters(100)));
        assert!(matches!(width("25.4cm"), Ok(Width::Paper(paper)) if (paper.width - 720.0).abs() < 1e-6));
        for text in ["", "mm", "5", "1mm", "3px", "-7in", "nanmm", "70000"] {
            assert!(width(text).is_err(), "{text}");
        }
    }

    #[test]
    fn sheets_have_margins() {
        let (upright, wide) = (page("A4").expect("a sheet"), page("a4-landscape").expect("a sheet"));
        assert!((upright.width - 538.58).abs() < 0.01 && (wide.height.expect("a height") - 538.58).abs() < 0.01);
        assert!(page("b5").is_err() && columns("3").is_err() && columns("1").is_ok());
    }
}
