//! Other words for countries: initials and adjectives.

/// Capitals that stand for countries.
pub(super) const INITIALS: &[(&str, &str)] = &[
    ("US", "united states"),
    ("USA", "united states"),
    ("U.S", "united states"),
    ("UK", "united kingdom"),
    ("UAE", "united arab emirates"),
];

/// Adjectives of countries with the names of these, where the one does not begin as the other.
pub(super) const COUNTRIES: &[(&str, &str)] = &[
    ("america", "united states"),
    ("american", "united states"),
    ("britain", "united kingdom"),
    ("british", "united kingdom"),
    ("chinese", "china"),
    ("danish", "denmark"),
    ("dutch", "netherlands"),
    ("finnish", "finland"),
    ("french", "france"),
    ("german", "germany"),
    ("greek", "greece"),
    ("irish", "ireland"),
    ("japanese", "japan"),
    ("korea", "south korea"),
    ("korean", "south korea"),
    ("norwegian", "norway"),
    ("polish", "poland"),
    ("spanish", "spain"),
    ("swedish", "sweden"),
    ("swiss", "switzerland"),
    ("turkish", "turkey"),
    ("welsh", "wales"),
];
