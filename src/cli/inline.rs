//! Draws pictures in the terminal, if its environment says that it supports them; the terminal is never queried.

use super::Exit;
use super::output;
use super::session::{AnsweredQuery, Session};
use crate::render::picture::Theme;
use crate::render::picture::raster::{self, Pixels};
use crate::text::Text;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rustc_hash::FxHashMap;
use std::fmt::Write;
use std::sync::Arc;

/// The protocols for pictures in a terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    Kitty,
    Iterm,
    Sixel,
}

/// Variables and values of terminals that support pictures; the first match counts.
const TERMINALS: [(&str, &str, Protocol); 10] = [
    ("TERM", "xterm-kitty", Protocol::Kitty),
    ("TERM", "xterm-ghostty", Protocol::Kitty),
    ("TERM_PROGRAM", "ghostty", Protocol::Kitty),
    ("TERM_PROGRAM", "iTerm.app", Protocol::Iterm),
    ("LC_TERMINAL", "iTerm2", Protocol::Iterm),
    ("TERM_PROGRAM", "WezTerm", Protocol::Iterm),
    ("TERM_PROGRAM", "mintty", Protocol::Iterm),
    ("TERM", "foot", Protocol::Sixel),
    ("TERM", "foot-extra", Protocol::Sixel),
    ("TERM", "mlterm", Protocol::Sixel),
];

/// The variable that overrides the detection: `kitty`, `iterm`, `sixel`, or `none`.
const VARIABLE: &str = "BEGAT_PICTURES";
/// Assumed width of a terminal column in pixels.
const COLUMN: usize = 9;
/// Number of characters in a command to Kitty.
const CHUNK: usize = 4096;

impl Protocol {
    /// Returns the protocol of the environment; `None` within a multiplexer, which would not pass pictures on.
    pub fn of(variable: &dyn Fn(&str) -> Option<String>) -> Option<Protocol> {
        match variable(VARIABLE).as_deref() {
            Some("kitty") => return Some(Protocol::Kitty),
            Some("iterm") => return Some(Protocol::Iterm),
            Some("sixel") => return Some(Protocol::Sixel),
            Some("none") => return None,
            _ => {}
        }
        let is_set = |name: &str| variable(name).is_some_and(|value| !value.is_empty());
        let term = variable("TERM").unwrap_or_default();
        if is_set("TMUX") || is_set("STY") || term.starts_with("screen") || term.starts_with("tmux") {
            return None;
        }
        let fits = |(name, value, _): &&(&str, &str, Protocol)| variable(name).as_deref() == Some(*value);
        let known = TERMINALS.iter().find(fits).map(|(.., protocol)| *protocol);
        known.or_else(|| term.contains("sixel").then_some(Protocol::Sixel))
    }
}

impl Session {
    /// Draws the picture of an answer on the screen.
    pub fn draw_here(&self, answered: &AnsweredQuery, protocol: Protocol, text: &Arc<Text>) -> Result<(), Exit> {
        let ground = theme(std::env::var("COLORFGBG").ok().as_deref());
        let svg = self.drawing(answered, ground, text)?;
        let columns = self.terminal.size.map_or(80, |(columns, _)| columns);
        let escapes = match protocol {
            Protocol::Kitty => raster::png(&svg, None).map(|png| kitty(&png, columns)),
            Protocol::Iterm => raster::png(&svg, None).map(|png| iterm(&png)),
            Protocol::Sixel => raster::pixels(&svg, columns * COLUMN).map(|pixels| sixel(&pixels)),
        };
        match escapes {
            Ok(escapes) => output::put(&(escapes + "\n"), &self.terminal),
            Err(problems) => {
                self.terminal.report(&problems, text);
                Err(Exit::Usage)
            }
        }
    }
}

/// Returns the theme for the background in `COLORFGBG`, which is its last number.
fn theme(colours: Option<&str>) -> Theme {
    let ground = colours.and_then(|colours| colours.rsplit(';').next()?.parse::<u8>().ok());
    if matches!(ground, Some(0..=6 | 8)) { Theme::Dark } else { Theme::Light }
}

/// Returns a PNG for Kitty's graphics protocol, in chunks, as wide as the screen.
fn kitty(png: &[u8], columns: usize) -> String {
    let coded = STANDARD.encode(png);
    let chunks: Vec<&str> = (0..coded.len()).step_by(CHUNK).map(|i| &coded[i..coded.len().min(i + CHUNK)]).collect();
    let mut out = String::new();
    for (i, chunk) in chunks.iter().enumerate() {
        let head = if i == 0 { format!("a=T,f=100,q=2,c={columns},") } else { String::new() };
        let more = u8::from(i + 1 < chunks.len());
        let _ = write!(out, "\u{1b}_G{head}m={more};{chunk}\u{1b}\\");
    }
    out
}

/// Returns an inline image for iTerm2, as wide as the screen.
fn iterm(png: &[u8]) -> String {
    let coded = STANDARD.encode(png);
    format!("\u{1b}]1337;File=inline=1;size={};width=100%;preserveAspectRatio=1:{coded}\u{7}", png.len())
}

/// Returns the image as sixels: at most 256 colours, in bands of six rows.
fn sixel(pixels: &Pixels) -> String {
    let (palette, of) = palette(pixels);
    let mut out = format!("\u{1b}Pq\"1;1;{};{}", pixels.width, pixels.height);
    for (i, [r, g, b]) in palette.iter().enumerate() {
        let percent = |byte: &u8| (u32::from(*byte) * 100 + 127) / 255;
        let _ = write!(out, "#{i};2;{};{};{}", percent(r), percent(g), percent(b));
    }
    for band in of.chunks(pixels.width * 6) {
        let mut used: Vec<u8> = band.to_vec();
        used.sort_unstable();
        used.dedup();
        for colour in used {
            let _ = write!(out, "#{colour}");
            let column = |x: usize| {
                let rows = band.chunks(pixels.width).enumerate();
                rows.fold(0u8, |bits, (row, colours)| bits | (u8::from(colours[x] == colour) << row))
            };
            repeated(&mut out, (0..pixels.width).map(column));
            out.push('$');
        }
        out.push('-');
    }
    out + "\u{1b}\\"
}

/// Writes columns of six pixels with run-length encoding.
fn repeated(out: &mut String, columns: impl Iterator<Item = u8>) {
    let mut run: Option<(u8, usize)> = None;
    let mut write_run = |(bits, count): (u8, usize)| {
        let sign = char::from(63 + bits);
        let _ =
            if count > 3 { write!(out, "!{count}{sign}") } else { write!(out, "{}", String::from(sign).repeat(count)) };
    };
    for bits in columns {
        run = match run {
            Some((known, count)) if known == bits => Some((known, count + 1)),
            Some(ended) => {
                write_run(ended);
                Some((bits, 1))
            }
            None => Some((bits, 1)),
        };
    }
    run.into_iter().for_each(write_run);
}

/// Returns the most frequent colours, with similar ones merged, and the nearest of them for each pixel.
fn palette(pixels: &Pixels) -> (Vec<[u8; 3]>, Vec<u8>) {
    let coarse = |[r, g, b]: [u8; 3]| [r >> 3, g >> 3, b >> 3];
    let mut counts: FxHashMap<[u8; 3], (usize, [u8; 3])> = FxHashMap::default();
    for colour in &pixels.colours {
        counts.entry(coarse(*colour)).or_insert((0, *colour)).0 += 1;
    }
    let mut kept: Vec<(usize, [u8; 3])> = counts.values().copied().collect();
    kept.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
    kept.truncate(256);
    let palette: Vec<[u8; 3]> = kept.into_iter().map(|(_, colour)| colour).collect();
    let far = |a: [u8; 3], b: [u8; 3]| (0..3).map(|i| (i32::from(a[i]) - i32::from(b[i])).pow(2)).sum::<i32>();
    let nearest = |colour: [u8; 3]| (0..palette.len()).min_by_key(|i| far(palette[*i], colour)).unwrap_or(0) as u8;
    let known: FxHashMap<[u8; 3], u8> = counts.iter().map(|(key, (_, colour))| (*key, nearest(*colour))).collect();
    let of = pixels.colours.iter().map(|colour| known[&coarse(*colour)]).collect();
    (palette, of)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(variables: &[(&str, &str)]) -> Option<Protocol> {
        let variable = |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, v)| v.to_string());
        Protocol::of(&variable)
    }

    #[test]
    fn the_environment_tells() {
        assert_eq!(told(&[("TERM", "xterm-256color")]), None);
        assert_eq!(told(&[("TERM", "xterm-kitty")]), Some(Protocol::Kitty));
        assert_eq!(told(&[("TERM", "foot")]), Some(Protocol::Sixel));
        assert_eq!(told(&[("TERM", "xterm-kitty"), ("TMUX", "/tmp/x")]), None);
        assert_eq!(told(&[("TERM", "screen"), ("BEGAT_PICTURES", "sixel")]), Some(Protocol::Sixel));
        assert_eq!(told(&[("TERM_PROGRAM", "iTerm.app"), ("BEGAT_PICTURES", "none")]), None);
        assert_eq!(told(&[("TERM_PROGRAM", "WezTerm"), ("TERM", "xterm-256color")]), Some(Protocol::Iterm));
        assert_eq!(
            (theme(Some("15;0")), theme(Some("0;default;15")), theme(None)),
            (Theme::Dark, Theme::Light, Theme::Light)
        );
    }

    #[test]
    fn sixels_hold_every_pixel() {
        let (black, white) = ([0, 0, 0], [255, 255, 255]);
        let colours = vec![white, white, white, white, white, black, white, white, white, white];
        let text = sixel(&Pixels { width: 5, height: 2, colours });
        assert_eq!(text, "\u{1b}Pq\"1;1;5;2#0;2;100;100;100#1;2;0;0;0#0@!4B$#1A!4?$-\u{1b}\\");
    }

    #[test]
    fn long_pictures_are_sent_in_chunks() {
        let text = kitty(&[7; 8000], 80);
        let parts: Vec<&str> = text.split_terminator("\u{1b}\\").collect();
        assert!(parts.len() == 3 && parts[0].starts_with("\u{1b}_Ga=T,f=100,q=2,c=80,m=1;"), "{parts:?}");
        assert!(parts[1].starts_with("\u{1b}_Gm=1;") && parts[2].starts_with("\u{1b}_Gm=0;"), "{parts:?}");
        assert!(iterm(&[1, 2, 3]).contains("size=3;") && iterm(&[1, 2, 3]).ends_with(":AQID\u{7}"));
    }
}
