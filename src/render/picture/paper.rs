//! Fits pictures to paper: as wide as the paper, without unreadably small text.

use super::Room;
use super::paint::frame::{MARGIN, plain};
use super::paint::marks::{Anchor, Mark, Picture, Text};
use crate::text::{Code, Diagnostic, Result, Span};

/// The printable area of the paper, in points (1/72 inch).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Paper {
    /// The width without margins.
    pub width: f64,
    /// The height without margins; `None` for any height.
    pub height: Option<f64>,
    /// The margin on every side, if the paper has a height.
    pub margin: f64,
}

/// Points in a millimetre.
pub const MILLIMETRE: f64 = 72.0 / 25.4;
/// The minimum font size, in points.
pub const LEAST: f64 = 6.0;
/// The smallest font size of most pictures, in pixels.
const USUAL: f64 = 9.2;
/// A picture narrower than this fraction of the paper is not enlarged to its full width: its text would be huge.
const NARROWEST: f64 = 0.6;

/// Draws pictures that fit the paper.
///
/// # Errors
/// The smallest text would be too small at any width, or the page is not high enough.
pub fn fitted(paper: Paper, draw: &dyn Fn(Room) -> Result<Vec<Picture>>) -> Result<Vec<Picture>> {
    let full = paper.width / LEAST * USUAL;
    let mut width = full;
    let mut needed = 0.0;
    for _ in 0..6 {
        let scale = paper.width / width;
        let room = Room { width: Some(width), height: paper.height.map(|height| height / scale), is_page: false };
        let mut pictures = draw(room)?;
        let widest = pictures.iter().map(|picture| picture.width).fold(full * NARROWEST, f64::max);
        let smallest = pictures.iter().map(Picture::smallest_text).fold(f64::INFINITY, f64::min);
        let tallest = pictures.iter().map(|picture| picture.height).fold(0.0, f64::max);
        let scale = paper.height.map_or(f64::INFINITY, |height| height / tallest).min(paper.width / widest);
        needed = LEAST / (smallest * scale);
        if needed <= 1.0 + 1e-9 {
            pictures
                .iter_mut()
                .for_each(|picture| picture.paper = Some((picture.width * scale, picture.height * scale)));
            return Ok(pictures);
        }
        width *= (1.0 / needed).clamp(0.5, 0.98);
    }
    Err(too_small(paper, needed).into())
}

/// Adds the page number to the top and the title of each page, if there are several.
pub fn number(pages: &mut [Picture]) {
    let count = pages.len();
    for (i, page) in pages.iter_mut().enumerate().filter(|_| count > 1) {
        let place = format!("{} of {count}", i + 1);
        page.title = format!("{} ({place})", page.title);
        let words = plain(page.width - MARGIN, 15.0, &place, 10.5, "quiet");
        page.marks.push(Mark::Text(Text { anchor: Anchor::End, ..words }));
    }
}

fn too_small(paper: Paper, needed: f64) -> Diagnostic {
    let width = paper.width / MILLIMETRE;
    let message = format!("on paper {width:.0} mm wide, this picture would have text smaller than {LEAST} pt");
    let help = match paper.height {
        Some(_) => "give a larger page, or only a width, or ask for less with `where` or `limit`".to_string(),
        None => format!(
            "a width of {:.0}mm is enough, or ask for less with `where` or `limit`",
            (width * needed).ceil() + 1.0
        ),
    };
    Diagnostic::error(Code::NoPicture, Span::default(), message).help(help)
}
