//! Writes marks as SVG. Only this module knows its syntax.
//!
//! Equal marks give equal bytes: attributes are in a fixed order, numbers have at most one decimal.

use super::super::Theme;
use super::marks::{Anchor, Def, Group, MORE, Mark, Picture, Step, Text};
use super::palette;
use crate::limits::in_budget;
use crate::render::words::markup;
use std::fmt::Write;

const FONTS: &str = "Inter, -apple-system, 'Segoe UI', Roboto, Helvetica, Arial, sans-serif";

/// Returns the whole document.
pub fn write(picture: &Picture, theme: Theme) -> String {
    let mut out = String::new();
    let (width, height) = (number(picture.width), number(picture.height));
    let (wide, tall) = match picture.paper {
        Some((wide, tall)) => (format!("{}pt", number(wide)), format!("{}pt", number(tall))),
        None => (width.clone(), height.clone()),
    };
    let _ = writeln!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{wide}\" \
         height=\"{tall}\" role=\"img\" aria-labelledby=\"begat-title begat-desc\" font-family=\"{FONTS}\">"
    );
    let _ = writeln!(out, "<title id=\"begat-title\">{}</title>", markup(&picture.title));
    let _ = writeln!(out, "<desc id=\"begat-desc\">{}</desc>", markup(&picture.desc));
    let _ = writeln!(out, "<style>{}</style>", palette::style_sheet(theme));
    if !picture.defs.is_empty() {
        out.push_str("<defs>\n");
        picture.defs.iter().for_each(|def| write_def(&mut out, def));
        out.push_str("</defs>\n");
    }
    let _ = writeln!(out, "<rect class=\"paper\" width=\"{width}\" height=\"{height}\"/>");
    picture.marks.iter().take_while(in_budget).for_each(|mark| write_mark(&mut out, mark));
    out.push_str("</svg>\n");
    out
}

/// Returns a length or coordinate, rounded to tenths, without trailing zero or negative zero.
pub fn number(value: f64) -> String {
    let tenths = (value * 10.0).round();
    // Casting would make an infinite one the largest integer, with which no viewer draws anything.
    let tenths = if tenths.is_finite() { tenths as i64 } else { 0 };
    match tenths % 10 {
        0 => (tenths / 10).to_string(),
        _ => format!("{}{}.{}", if tenths < 0 { "-" } else { "" }, tenths.abs() / 10, tenths.abs() % 10),
    }
}

fn write_def(out: &mut String, def: &Def) {
    let _ = match def {
        Def::Hatch { id, class, opacity } => writeln!(
            out,
            "<pattern id=\"{id}\" width=\"5\" height=\"5\" patternUnits=\"userSpaceOnUse\" \
             patternTransform=\"rotate(45)\"><path class=\"n {class}\" d=\"M0 0V5\" stroke-width=\"1.6\" \
             opacity=\"{opacity:.2}\"/></pattern>"
        ),
        Def::Fade { id, class, rising } => {
            let (first, last) = if *rising { ("0", ".42") } else { (".42", "0") };
            writeln!(
                out,
                "<linearGradient id=\"{id}\"><stop class=\"{class}\" offset=\"0\" stop-opacity=\"{first}\"/>\
                 <stop class=\"{class}\" offset=\"1\" stop-opacity=\"{last}\"/></linearGradient>"
            )
        }
    };
}

fn write_mark(out: &mut String, mark: &Mark) {
    match mark {
        Mark::Box { area, round, class, opacity, fill } => {
            let _ = write!(
                out,
                "<rect{} x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"",
                attribute("class", class),
                number(area.x),
                number(area.y),
                number(area.width),
                number(area.height)
            );
            let fill = if fill.is_empty() { String::new() } else { format!("url(#{fill})") };
            let round = if *round > 0.0 { number(*round) } else { String::new() };
            let _ = writeln!(out, "{}{}{}/>", attribute("rx", &round), attribute("fill", &fill), faint(*opacity));
        }
        Mark::Dot { at, radius, class, stroke } => {
            let (x, y, r) = (number(at.x), number(at.y), number(*radius));
            let _ = write!(out, "<circle{} cx=\"{x}\" cy=\"{y}\" r=\"{r}\"", attribute("class", class));
            let _ = writeln!(out, "{}/>", thickness(*stroke));
        }
        Mark::Path { steps, class, stroke, dash, opacity } => {
            let _ = write!(out, "<path{} d=\"{}\"", attribute("class", class), outline(steps));
            let dash = attribute("stroke-dasharray", dash);
            let _ = writeln!(out, "{}{dash}{}/>", thickness(*stroke), faint(*opacity));
        }
        Mark::Text(text) => write_text(out, text),
        Mark::Group(group) => write_group(out, group),
    }
}

fn write_text(out: &mut String, text: &Text) {
    let (x, y) = (number(text.at.x), number(text.at.y));
    let _ = write!(out, "<text class=\"t {}\" x=\"{x}\" y=\"{y}\" font-size=\"{}\"", text.class, number(text.size));
    if text.bold {
        out.push_str(" font-weight=\"600\"");
    }
    match text.anchor {
        Anchor::Start => {}
        Anchor::Middle => out.push_str(" text-anchor=\"middle\""),
        Anchor::End => out.push_str(" text-anchor=\"end\""),
    }
    if text.turn != 0.0 {
        let _ = write!(out, " transform=\"rotate({} {x} {y})\"", number(text.turn));
    }
    let _ = write!(out, ">{}", markup(&text.text));
    if !text.more.is_empty() {
        let size = number(text.size * MORE);
        let words = markup(&text.more);
        let _ = write!(out, "<tspan class=\"quiet\" dx=\"5\" font-size=\"{size}\" font-weight=\"400\">{words}</tspan>");
    }
    out.push_str("</text>\n");
}

fn write_group(out: &mut String, group: &Group) {
    if !group.link.is_empty() {
        let _ = write!(out, "<a{} rel=\"noreferrer\">", attribute("href", &group.link));
    }
    let _ = write!(out, "<g{}{}", attribute("class", &group.class), attribute("id", &group.id));
    if !group.title.is_empty() {
        let stop = if group.stop { "0" } else { "-1" };
        let _ = write!(out, " tabindex=\"{stop}\" role=\"img\"{}", attribute("aria-label", &group.title));
    }
    for (name, value) in &group.data {
        let _ = write!(out, " data-{name}=\"{}\"", markup(value));
    }
    out.push('>');
    if !group.title.is_empty() {
        let _ = write!(out, "<title>{}</title>", markup(&group.title));
    }
    out.push('\n');
    group.marks.iter().take_while(in_budget).for_each(|mark| write_mark(out, mark));
    out.push_str(if group.link.is_empty() { "</g>\n" } else { "</g></a>\n" });
}

/// Returns ` name="value"`, or an empty text if the value is empty.
fn attribute(name: &str, value: &str) -> String {
    if value.is_empty() { String::new() } else { format!(" {name}=\"{}\"", markup(value)) }
}

fn thickness(stroke: f64) -> String {
    if stroke > 0.0 { format!(" stroke-width=\"{}\"", number(stroke)) } else { String::new() }
}

/// Returns the attribute for opacity, with two decimals, unlike lengths.
fn faint(opacity: f64) -> String {
    if opacity >= 1.0 { String::new() } else { format!(" opacity=\"{:.2}\"", opacity) }
}

fn outline(steps: &[Step]) -> String {
    let mut out = String::new();
    for step in steps {
        let _ = match step {
            Step::Move(a) => write!(out, "M{} {}", number(a.x), number(a.y)),
            Step::Line(a) => write!(out, "L{} {}", number(a.x), number(a.y)),
            Step::Curve(a, b, c) => {
                let [ax, ay, bx, by, cx, cy] = [a.x, a.y, b.x, b.y, c.x, c.y].map(number);
                write!(out, "C{ax} {ay} {bx} {by} {cx} {cy}")
            }
            Step::Close => write!(out, "Z"),
        };
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::picture::paint::marks::{Area, point};

    #[test]
    fn numbers_are_short_and_steady() {
        let cases = [(0.0, "0"), (-0.01, "0"), (12.0, "12"), (12.34, "12.3"), (-0.5, "-0.5"), (f64::NAN, "0")];
        cases.iter().for_each(|(value, text)| assert_eq!(number(*value), *text));
    }

    #[test]
    fn groups_with_a_title_can_be_focused() {
        let boxed = Mark::fill(Area::new(0.0, 0.0, 1.0, 2.5), "band");
        let group = Group { title: "A & B".into(), stop: true, marks: vec![boxed], ..Group::default() };
        let words = Text { at: point(1.0, 2.0), text: "A".into(), size: 12.0, more: "7B".into(), ..Text::default() };
        let marks = vec![Mark::Group(group), Mark::Text(words)];
        let svg = write(&Picture { width: 10.0, height: 10.0, marks, ..Picture::default() }, Theme::Light);
        assert!(svg.contains("<g tabindex=\"0\" role=\"img\" aria-label=\"A &amp; B\"><title>A &amp; B</title>"));
        assert!(svg.contains("<rect class=\"band\" x=\"0\" y=\"0\" width=\"1\" height=\"2.5\"/>"));
        assert!(svg.contains(">A<tspan class=\"quiet\" dx=\"5\" font-size=\"10.1\" font-weight=\"400\">7B</tspan>"));
    }
}
