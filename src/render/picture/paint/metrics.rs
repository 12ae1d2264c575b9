//! Text widths from a built-in table: a picture must not depend on the fonts of the machine that draws it.
//!
//! Each width is the greater of those of Inter and of Liberation Sans (which has the metrics of Arial and Helvetica),
//! so that a text fits its box in any of the fonts that pictures ask for.

/// The weight of a font.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weight {
    Regular,
    Bold,
}

/// Advance widths of U+0020 to U+007E in thousandths of the font size.
const REGULAR: [u16; 95] = [
    281, 278, 403, 631, 638, 889, 667, 222, 362, 362, 500, 659, 280, 460, 278, 357, 625, 556, 605, 636, 642, 608, 624,
    571, 616, 624, 278, 280, 659, 659, 659, 556, 1015, 676, 667, 727, 722, 667, 611, 778, 740, 278, 543, 667, 562, 889,
    753, 778, 667, 778, 722, 667, 642, 741, 676, 949, 667, 667, 625, 362, 357, 362, 469, 556, 497, 564, 621, 558, 621,
    582, 361, 609, 591, 237, 237, 544, 237, 869, 585, 597, 609, 609, 372, 523, 364, 581, 557, 812, 540, 557, 541, 362,
    327, 362, 659,
];
const BOLD: [u16; 95] = [
    278, 333, 474, 650, 655, 889, 722, 238, 409, 409, 565, 680, 303, 469, 298, 390, 688, 556, 630, 659, 678, 645, 660,
    595, 661, 660, 333, 333, 680, 680, 680, 611, 1031, 748, 722, 752, 727, 667, 611, 778, 746, 281, 570, 722, 611, 915,
    735, 782, 667, 783, 722, 667, 668, 729, 748, 1036, 714, 724, 667, 409, 390, 409, 584, 556, 497, 580, 635, 587, 635,
    598, 386, 633, 624, 278, 278, 582, 278, 912, 622, 614, 632, 632, 409, 562, 388, 622, 586, 850, 574, 586, 572, 409,
    374, 409, 680,
];

/// Returns the width of a text, in the unit of `size`. Characters outside of ASCII have the estimated width of their
/// kind.
pub fn width(text: &str, size: f64, weight: Weight) -> f64 {
    let units: u32 = text.chars().map(|c| u32::from(advance(c, weight))).sum();
    f64::from(units) * size / 1000.0
}

fn advance(c: char, weight: Weight) -> u16 {
    let table = match weight {
        Weight::Regular => &REGULAR,
        Weight::Bold => &BOLD,
    };
    match c {
        ' '..='~' => table[c as usize - 32],
        '\u{b7}' | '\u{2018}'..='\u{2019}' => 340,
        '\u{300}'..='\u{36f}' => 0,
        '\u{1100}'..='\u{11ff}' | '\u{2e80}'..='\u{a4cf}' | '\u{ac00}'..='\u{d7a3}' | '\u{f900}'..='\u{faff}' => 1000,
        '\u{fe30}'..='\u{fe4f}' | '\u{ff00}'..='\u{ff60}' | '\u{1f000}'..='\u{3fffd}' => 1000,
        '\u{2014}' | '\u{2026}' | '\u{2190}'..='\u{21ff}' => 1000,
        _ => 760,
    }
}

/// Returns the text, truncated with `…` if it is wider than `room`.
pub fn fit(text: &str, room: f64, size: f64, weight: Weight) -> String {
    if width(text, size, weight) <= room {
        return text.to_string();
    }
    let mut kept = String::new();
    let mut used = width("…", size, weight);
    for c in text.chars() {
        used += f64::from(advance(c, weight)) * size / 1000.0;
        if used > room {
            break;
        }
        kept.push(c);
    }
    format!("{}…", kept.trim_end())
}

/// Breaks a text into lines of at most `room`. A longer word is broken, too.
pub fn wrap(text: &str, room: f64, size: f64, weight: Weight) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ') {
        match lines.last_mut() {
            Some(line) if width(&format!("{line} {word}"), size, weight) <= room => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.extend(pieces(word, room, size, weight)),
        }
    }
    lines
}

/// Breaks a word into pieces of at most `room`, each with at least one character.
fn pieces(word: &str, room: f64, size: f64, weight: Weight) -> Vec<String> {
    let mut pieces = vec![String::new()];
    let mut used = 0.0;
    for c in word.chars() {
        let wide = f64::from(advance(c, weight)) * size / 1000.0;
        if used > 0.0 && used + wide > room {
            pieces.push(String::new());
            used = 0.0;
        }
        used += wide;
        pieces.last_mut().expect("there is one").push(c);
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn widths_add_up() {
        assert_eq!(width("", 13.0, Weight::Bold), 0.0);
        assert!(width("GPT-2", 13.0, Weight::Regular) < width("GPT-2", 13.0, Weight::Bold));
        assert_eq!(width("漢字", 10.0, Weight::Regular), 20.0);
    }

    #[test]
    fn long_texts_are_cut() {
        assert_eq!(fit("short", 100.0, 10.0, Weight::Regular), "short");
        let cut = fit("a very long name indeed", 60.0, 10.0, Weight::Regular);
        assert!(cut.ends_with('…') && width(&cut, 10.0, Weight::Regular) <= 60.0);
    }

    #[test]
    fn lines_hold_whole_words() {
        let lines = wrap("one two three four", 50.0, 10.0, Weight::Regular);
        assert_eq!(lines.join(" "), "one two three four");
        assert!(lines.iter().all(|line| width(line, 10.0, Weight::Regular) <= 50.0));
        let lines = wrap("one abcdefghijklmnopqrstuvwxyz", 50.0, 10.0, Weight::Regular);
        assert_eq!(lines.concat(), "oneabcdefghijklmnopqrstuvwxyz");
        assert!(lines.iter().all(|line| width(line, 10.0, Weight::Regular) <= 50.0), "{lines:?}");
    }
}
