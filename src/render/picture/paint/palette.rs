//! Colours: the inks, the eight lane colours for light and dark themes, and the style sheet made of them.
//!
//! The lane colours are distinguishable for people who lack one of the three kinds of cone (the tests measure it); text
//! is always in ink. No colour is the only distinction: lanes have names, lines have styles, dots are filled or hollow.

use super::super::Theme;

/// The number of lane colours; further lanes repeat them.
pub const COLOURS: usize = 8;

/// Returns the colour of a lane. If there are grey lanes, the grey one of the eight colours is skipped.
pub fn lane(number: usize, beside_grey: bool) -> usize {
    const WITHOUT_GREY: [usize; COLOURS - 1] = [0, 2, 3, 4, 5, 6, 7];
    if beside_grey { WITHOUT_GREY[number % WITHOUT_GREY.len()] } else { number % COLOURS }
}

/// The colours of a theme, as `#rrggbb`.
#[derive(Debug)]
pub struct Palette {
    pub paper: &'static str,
    /// Background of every other lane.
    pub band: &'static str,
    /// Lines of years, and of quarters.
    pub rule: &'static str,
    pub faint_rule: &'static str,
    pub ink: &'static str,
    /// Secondary text.
    pub quiet: &'static str,
    /// Signs of legends, and lanes of entities without an owner.
    pub grey: &'static str,
    /// The curve of a panel.
    pub accent: &'static str,
    pub lanes: [&'static str; COLOURS],
}

pub static LIGHT: Palette = Palette {
    paper: "#ffffff",
    band: "#f6f7f9",
    rule: "#dfe3e8",
    faint_rule: "#eef0f3",
    ink: "#1b1f24",
    quiet: "#57606a",
    grey: "#7b858f",
    accent: "#1f5fbf",
    lanes: ["#0b4a16", "#626d77", "#233ba1", "#1f9aa6", "#9468ee", "#b34a08", "#ba8604", "#7d1450"],
};

pub static DARK: Palette = Palette {
    paper: "#0f1216",
    band: "#161a20",
    rule: "#2b323a",
    faint_rule: "#1d2228",
    ink: "#e9edf1",
    quiet: "#a3adb8",
    grey: "#7f8a95",
    accent: "#63a6fc",
    lanes: ["#bdf08a", "#adbac4", "#63a6fc", "#5ceee0", "#8072ee", "#f5a954", "#b98a14", "#e14c8f"],
};

/// Returns the style sheet of a picture. With [`Theme::Auto`] the reader's preference decides, unless the `svg` element
/// has `data-theme`, which overrides both.
pub fn style_sheet(theme: Theme) -> String {
    match theme {
        Theme::Light => format!("{SHAPES}{}", rules(&LIGHT, "")),
        Theme::Dark => format!("{SHAPES}{}", rules(&DARK, "")),
        Theme::Auto => format!(
            "{SHAPES}{}@media (prefers-color-scheme:dark){{{}}}{}",
            rules(&LIGHT, ""),
            rules(&DARK, "svg:not([data-theme=light]) "),
            rules(&DARK, "svg[data-theme=dark] "),
        ),
    }
}

/// The rules common to all themes. `paint-order` draws a text's halo behind it.
const SHAPES: &str = ".n{fill:none;stroke-linecap:butt;stroke-linejoin:round}\
    .halo{stroke-width:3.2;stroke-linejoin:round;paint-order:stroke}\
    .t{cursor:default}a .t{cursor:pointer}a:hover .t{text-decoration:underline}.m:focus{outline:none}\
    .m:focus-visible .dot{stroke-width:5}.m:focus-visible .name{text-decoration:underline}\
    .off{opacity:.16}";

fn rules(palette: &Palette, scope: &str) -> String {
    let inks = [
        (".paper{fill:", palette.paper),
        (".band{fill:", palette.band),
        (".rule{stroke:", palette.rule),
        (".faint{stroke:", palette.faint_rule),
        (".ink{fill:", palette.ink),
        (".quiet{fill:", palette.quiet),
        (".halo{stroke:", palette.paper),
        (".sg{stroke:", palette.grey),
        (".fg{fill:", palette.grey),
        (".cg{stop-color:", palette.grey),
        (".sa{stroke:", palette.accent),
        (".fa{fill:", palette.accent),
        (".ca{stop-color:", palette.accent),
        (".hollow{fill:", palette.paper),
        (".fr{fill:", palette.rule),
        (".chip{fill:none;stroke:", palette.rule),
    ];
    let inks = inks.into_iter().map(|(rule, colour)| format!("{scope}{rule}{colour}}}"));
    let lanes = palette.lanes.iter().enumerate().map(|(i, colour)| {
        format!("{scope}.s{i}{{stroke:{colour}}}{scope}.f{i}{{fill:{colour}}}{scope}.c{i}{{stop-color:{colour}}}")
    });
    inks.chain(lanes).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    type Rgb = [f64; 3];

    /// Returns a colour in linear light, each component from 0 to 1.
    fn linear(hex: &str) -> Rgb {
        let byte = |i: usize| u8::from_str_radix(&hex[i..i + 2], 16).expect("a hex colour");
        [1, 3, 5].map(|i| {
            let s = f64::from(byte(i)) / 255.0;
            if s <= 0.04045 { s / 12.92 } else { ((s + 0.055) / 1.055).powf(2.4) }
        })
    }

    fn times(matrix: [[f64; 3]; 3], v: Rgb) -> Rgb {
        matrix.map(|row| row[0] * v[0] + row[1] * v[1] + row[2] * v[2])
    }

    /// Returns the contrast of two colours by relative luminance, as WCAG defines it.
    fn contrast(a: &str, b: &str) -> f64 {
        let luminance = |hex: &str| {
            let [r, g, b] = linear(hex);
            0.2126 * r + 0.7152 * g + 0.0722 * b
        };
        let (a, b) = (luminance(a), luminance(b));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    /// Converts a colour to OKLab, after Ottosson.
    fn oklab(rgb: Rgb) -> Rgb {
        let lms = times(
            [
                [0.4122214708, 0.5363325363, 0.0514459929],
                [0.2119034982, 0.6806995451, 0.1073969566],
                [0.0883024619, 0.2817188376, 0.6299787005],
            ],
            rgb,
        );
        times(
            [
                [0.2104542553, 0.7936177850, -0.0040720468],
                [1.9779984951, -2.4285922050, 0.4505937099],
                [0.0259040371, 0.7827717662, -0.8086757660],
            ],
            lms.map(|x| x.max(0.0).cbrt()),
        )
    }

    /// Simulates sight without one kind of cone, after Machado, Oliveira and Fernandes (2009), severity 1, in linear
    /// light.
    const DEFICIENCIES: [(&str, [[f64; 3]; 3]); 4] = [
        ("none", [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]),
        ("protan", [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]),
        ("deutan", [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]),
        ("tritan", [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]),
    ];

    fn distance(a: Rgb, b: Rgb) -> f64 {
        (0..3).map(|i| (a[i] - b[i]).powi(2)).sum::<f64>().sqrt()
    }

    #[test]
    fn lanes_hold_apart_for_every_eye() {
        for palette in [&LIGHT, &DARK] {
            for (eye, matrix) in DEFICIENCIES {
                let seen = palette.lanes.map(|hex| oklab(times(matrix, linear(hex))));
                for (i, j) in (0..COLOURS).flat_map(|i| (0..i).map(move |j| (i, j))) {
                    let apart = distance(seen[i], seen[j]);
                    assert!(apart >= 0.07, "{eye}: {} and {}: {apart:.3}", palette.lanes[i], palette.lanes[j]);
                }
            }
        }
    }

    #[test]
    fn marks_and_texts_stand_out() {
        for palette in [&LIGHT, &DARK] {
            for ground in [palette.paper, palette.band] {
                for mark in palette.lanes.iter().chain([&palette.grey, &palette.accent]) {
                    assert!(contrast(mark, ground) >= 3.0, "{mark} on {ground}");
                }
                for text in [palette.ink, palette.quiet] {
                    assert!(contrast(text, ground) >= 5.0, "{text} on {ground}");
                }
            }
        }
    }

    #[test]
    fn one_sheet_serves_both() {
        let sheet = style_sheet(Theme::Auto);
        assert!(sheet.contains("prefers-color-scheme:dark") && sheet.contains(LIGHT.ink) && sheet.contains(DARK.ink));
        assert!(!style_sheet(Theme::Light).contains(DARK.ink));
    }
}
