//! Converts pictures from SVG to PNG and PDF with built-in fonts; missing characters come from the fonts of the system.

use super::Paper;
use crate::text::{Code, Diagnostic, Result, Span};
use pdf_writer::{Content, Finish, Name, Pdf, Rect, Ref, TextStr};
use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{self, Options, Tree};
use std::collections::HashMap;
use std::io::Write;
use std::sync::Arc;

const REGULAR: &[u8] = include_bytes!("assets/fonts/Inter-Regular.otf");
const BOLD: &[u8] = include_bytes!("assets/fonts/Inter-SemiBold.otf");

/// The characters of the built-in fonts, as ranges.
const BUILT_IN: [(char, char); 11] = [
    ('\u{0}', '\u{24f}'),
    ('\u{370}', '\u{3ff}'),
    ('\u{400}', '\u{45f}'),
    ('\u{1e00}', '\u{1eff}'),
    ('\u{2010}', '\u{2027}'),
    ('\u{2030}', '\u{203a}'),
    ('\u{20ac}', '\u{20ac}'),
    ('\u{2122}', '\u{2122}'),
    ('\u{2190}', '\u{2199}'),
    ('\u{2260}', '\u{2265}'),
    ('\u{25cb}', '\u{25cf}'),
];

/// Resolution of a PNG: pixels for each pixel of the picture, or for each inch of paper. Two are sharp on screens of
/// double density, 300 are usual for print.
const SCALE: f64 = 2.0;
const DOTS_PER_INCH: f64 = 300.0;
/// Maximum number of pixels of a PNG; a larger one has a lower resolution. A pixel takes four bytes, so that this is
/// 240 MB.
const MOST_PIXELS: f64 = 60e6;

/// Converts one page of SVG to PNG.
///
/// # Errors
/// The picture is too large.
pub fn png(svg: &str, paper: Option<Paper>) -> Result<Vec<u8>> {
    scaled(svg, if paper.is_some() { DOTS_PER_INCH / 96.0 } else { SCALE }, MOST_PIXELS)
}

/// Converts one page of SVG to PNG of at most so many pixels.
///
/// # Errors
/// The picture is too large.
pub fn png_within(svg: &str, most_pixels: f64) -> Result<Vec<u8>> {
    scaled(svg, SCALE, most_pixels)
}

fn scaled(svg: &str, wanted: f64, most_pixels: f64) -> Result<Vec<u8>> {
    let tree = read(svg)?;
    let (width, height) = (f64::from(tree.size().width()), f64::from(tree.size().height()));
    let scale = wanted.min((most_pixels / (width * height)).sqrt());
    // Whole pixels only, so that those at the edges are opaque.
    let pixels = |length: f64| ((length * scale).floor() as u32).max(1);
    let mut pixmap = Pixmap::new(pixels(width), pixels(height)).ok_or_else(|| failed("it is too large"))?;
    resvg::render(&tree, Transform::from_scale(scale as f32, scale as f32), &mut pixmap.as_mut());
    encoded(&pixmap).map_err(|error| failed(&error.to_string()).into())
}

/// Writes opaque pixels row by row without transparency, since a large picture would need three times the memory.
fn encoded(pixmap: &Pixmap) -> std::result::Result<Vec<u8>, png::EncodingError> {
    if pixmap.pixels().iter().any(|pixel| !pixel.is_opaque()) {
        return pixmap.encode_png();
    }
    let mut data = Vec::new();
    let mut encoder = png::Encoder::new(&mut data, pixmap.width(), pixmap.height());
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_compression(png::Compression::Default);
    // Most rows are like those above them.
    encoder.set_filter(png::FilterType::Up);
    let mut writer = encoder.write_header()?;
    let mut stream = writer.stream_writer()?;
    let mut row = Vec::new();
    for pixels in pixmap.pixels().chunks(pixmap.width() as usize) {
        row.clear();
        row.extend(pixels.iter().flat_map(|pixel| [pixel.red(), pixel.green(), pixel.blue()]));
        stream.write_all(&row)?;
    }
    stream.finish()?;
    writer.finish()?;
    Ok(data)
}

/// An image of opaque pixels, row by row.
#[derive(Debug, Clone, PartialEq)]
pub struct Pixels {
    /// Number of pixels in a row.
    pub width: usize,
    /// Number of rows.
    pub height: usize,
    /// Red, green and blue of each pixel.
    pub colours: Vec<[u8; 3]>,
}

/// Converts a picture to pixels, at most `most_wide` in a row.
///
/// # Errors
/// The picture is too large.
pub fn pixels(svg: &str, most_wide: usize) -> Result<Pixels> {
    let tree = read(svg)?;
    let (width, height) = (f64::from(tree.size().width()), f64::from(tree.size().height()));
    let scale = (most_wide as f64 / width).min(1.0).min((MOST_PIXELS / (width * height)).sqrt());
    let length = |length: f64| ((length * scale).ceil() as u32).max(1);
    let mut pixmap = Pixmap::new(length(width), length(height)).ok_or_else(|| failed("it is too large"))?;
    resvg::render(&tree, Transform::from_scale(scale as f32, scale as f32), &mut pixmap.as_mut());
    let colours = pixmap.pixels().iter().map(|pixel| [pixel.red(), pixel.green(), pixel.blue()]).collect();
    Ok(Pixels { width: pixmap.width() as usize, height: pixmap.height() as usize, colours })
}

/// Writes a document with one page for each picture, of the size of the picture or of the paper with margins.
///
/// # Errors
/// A picture cannot be drawn.
pub fn pdf(pages: &[String], title: &str, paper: Option<Paper>) -> Result<Vec<u8>> {
    let mut ids = Ref::new(1);
    let (catalog, tree, info) = (ids.bump(), ids.bump(), ids.bump());
    let mut pdf = Pdf::new();
    let mut kids = Vec::new();
    for svg in pages {
        let picture = read(svg)?;
        // A pixel of SVG is 0.75 points.
        let size = [picture.size().width() * 0.75, picture.size().height() * 0.75];
        let (chunk, own) = svg2pdf::to_chunk(&picture, svg2pdf::ConversionOptions::default())
            .map_err(|error| failed(&error.to_string()))?;
        let mut known: HashMap<Ref, Ref> = HashMap::new();
        // Each picture numbers its objects from 1, but numbers must be unique in the document.
        let chunk = chunk.renumber(|old| *known.entry(old).or_insert_with(|| ids.bump()));
        let (page, content) = (ids.bump(), ids.bump());
        write_page(&mut pdf, (page, tree, content), known.get(&own).copied().unwrap_or(own), size, paper);
        pdf.extend(&chunk);
        kids.push(page);
    }
    pdf.catalog(catalog).pages(tree);
    pdf.pages(tree).count(kids.len() as i32).kids(kids);
    pdf.document_info(info).title(TextStr(title)).creator(TextStr("begat"));
    Ok(pdf.finish())
}

/// Writes a page with one drawing; if the paper has a height, inside its margins.
fn write_page(
    pdf: &mut Pdf,
    (page, tree, content): (Ref, Ref, Ref),
    drawing: Ref,
    size: [f32; 2],
    paper: Option<Paper>,
) {
    let whole = paper.and_then(|paper| Some((paper.width, paper.height?, paper.margin)));
    let (sheet, margin) = match whole {
        Some((width, height, margin)) => {
            ([(width + 2.0 * margin) as f32, (height + 2.0 * margin) as f32], margin as f32)
        }
        None => (size, 0.0),
    };
    let name = Name(b"P");
    let mut written = pdf.page(page);
    written.media_box(Rect::new(0.0, 0.0, sheet[0], sheet[1])).parent(tree).contents(content);
    written.resources().x_objects().pair(name, drawing);
    written.finish();
    let mut marks = Content::new();
    marks.transform([size[0], 0.0, 0.0, size[1], margin, sheet[1] - margin - size[1]]).x_object(name);
    pdf.stream(content, &marks.finish());
}

/// Parses the picture with the built-in fonts, and with those of the system if a character is missing.
fn read(svg: &str) -> Result<Tree> {
    let mut options = Options { font_family: "Inter".into(), ..Options::default() };
    let fonts: &mut usvg::fontdb::Database = options.fontdb_mut();
    fonts.load_font_source(usvg::fontdb::Source::Binary(Arc::new(REGULAR)));
    fonts.load_font_source(usvg::fontdb::Source::Binary(Arc::new(BOLD)));
    if !svg.chars().all(is_built_in) {
        // Only if needed: it reads all fonts of the system, and the picture then depends on the machine.
        fonts.load_system_fonts();
    }
    Tree::from_str(svg, &options).map_err(|error| failed(&error.to_string()).into())
}

fn is_built_in(c: char) -> bool {
    BUILT_IN.iter().any(|(first, last)| (*first..=*last).contains(&c))
}

fn failed(why: &str) -> Diagnostic {
    let message = format!("the picture could not be drawn: {why}");
    Diagnostic::error(Code::NoPicture, Span::default(), message).help("write it as SVG")
}

#[cfg(test)]
mod tests {
    use super::*;

    const DRAWING: &str = "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"100\" height=\"40\" \
        font-family=\"Inter, sans-serif\"><rect width=\"100\" height=\"40\" fill=\"#fff\"/>\
        <text x=\"5\" y=\"30\" font-size=\"20\">Ägypten</text></svg>";

    #[test]
    fn texts_need_no_fonts_of_the_system() {
        let tree = read(DRAWING).expect("a drawing");
        assert_eq!(tree.fontdb().len(), 2);
        let bytes = png(DRAWING, None).expect("a picture");
        let pixels = Pixmap::decode_png(&bytes).expect("a PNG");
        assert_eq!((pixels.width(), pixels.height()), (200, 80));
        let dark = pixels.pixels().iter().filter(|pixel| pixel.red() < 100).count();
        assert!(dark > 400, "{dark} pixels of text");
    }

    #[test]
    fn a_large_picture_is_opaque_too() {
        let bytes = png_within(DRAWING, 9_000.0).expect("a picture");
        let pixels = Pixmap::decode_png(&bytes).expect("a PNG");
        assert!(pixels.width() * pixels.height() <= 9_000 && pixels.width() > 140);
        // The colour type in the header: red, green and blue without transparency.
        assert_eq!(bytes[25], 2);
    }

    #[test]
    fn a_document_has_its_pages() {
        let paper = Paper { width: 200.0, height: Some(300.0), margin: 10.0 };
        let document = pdf(&[DRAWING.to_string(), DRAWING.to_string()], "Two", Some(paper)).expect("a document");
        let text = String::from_utf8_lossy(&document);
        assert!(text.starts_with("%PDF-") && text.contains("/Count 2"), "{text}");
        assert!(text.contains("/MediaBox [0 0 220 320]"), "{text}");
        assert!(text.contains("FontDescriptor"), "text is text");
    }
}
