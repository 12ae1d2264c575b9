//! Derives the words of a schema from column names and file names.

use crate::schema;
use crate::syntax;

/// Splits a name into words in lower case: `orderDate`, `Publication date` and `FIRST_NAME` have two.
pub fn parted(text: &str) -> Vec<String> {
    let (mut words, mut last) = (vec![String::new()], ' ');
    for c in text.chars() {
        let begins =
            c.is_uppercase() && last.is_lowercase() || c.is_numeric() != last.is_numeric() && last.is_alphanumeric();
        if !c.is_alphanumeric() || begins {
            words.push(String::new());
        }
        if c.is_alphanumeric() {
            words.last_mut().expect("there is one").extend(c.to_lowercase());
        }
        last = c;
    }
    words.retain(|word| !word.is_empty());
    words
}

/// Returns the words without a last one such as `id`.
pub fn without_key(mut words: Vec<String>) -> Vec<String> {
    if words.len() > 1 && words.last().is_some_and(|last| ["id", "key", "code"].contains(&last.as_str())) {
        words.pop();
    }
    words
}

/// Returns the singular of an English word.
pub fn singular(word: &str) -> String {
    // Words whose plural or singular is not regular.
    let odd = [
        ("series", "series"),
        ("species", "species"),
        ("news", "news"),
        ("people", "person"),
        ("children", "child"),
        ("movies", "movie"),
        ("cookies", "cookie"),
        ("indices", "index"),
        ("analyses", "analysis"),
        ("theses", "thesis"),
    ];
    if let Some((_, singular)) = odd.iter().find(|(plural, _)| *plural == word) {
        return singular.to_string();
    }
    let endings = [
        ("ies", "y"),
        ("sses", "ss"),
        ("ches", "ch"),
        ("shes", "sh"),
        ("xes", "x"),
        ("ss", "ss"),
        ("us", "us"),
        ("s", ""),
    ];
    let found = endings.iter().find(|(ending, _)| word.len() > ending.len() + 1 && word.ends_with(ending));
    found.map_or(word.to_string(), |(ending, other)| format!("{}{other}", &word[..word.len() - ending.len()]))
}

/// Returns a type name that is not taken and that queries can read.
pub fn type_name(words: &[String], taken: &[String]) -> String {
    let mut words: Vec<String> = words.to_vec();
    if let Some(last) = words.last_mut() {
        *last = singular(last);
    }
    let name = words.iter().map(|word| capital(word)).collect::<String>();
    let name = if name.starts_with(|c: char| c.is_alphabetic()) { name } else { format!("Row{name}") };
    let is_free = |name: &String| schema::is_type(name) && syntax::is_type_name(name) && !taken.contains(name);
    let others = (2..).map(|i| format!("{name}{i}"));
    let of_values = ["Date", "Number", "Text"].contains(&name.as_str());
    let mut all = [name.clone(), format!("{name}Entry")].into_iter().skip(usize::from(of_values)).chain(others);
    all.find(is_free).unwrap_or(name)
}

/// Returns a valid name for a property: `order_date`.
pub fn property_name(header: &str) -> String {
    let plain = |word: String| word.chars().filter(char::is_ascii_alphanumeric).collect::<String>();
    let words: Vec<String> = parted(header).into_iter().map(plain).filter(|word| !word.is_empty()).collect();
    let name = words.join("_");
    match name.as_str() {
        "name" | "aliases" => format!("{name}_text"),
        name if name.starts_with(|c: char| c.is_ascii_lowercase()) => name.to_string(),
        name => format!("column_{name}"),
    }
}

/// The meaning of a column whose name ends with one of some words.
struct KnownEnding {
    words: &'static [&'static str],
    /// Words for the other direction: `children` beside `parent`.
    reversed: &'static [&'static str],
    verb: &'static str,
    inverse: &'static str,
    /// The type of the entities that it refers to, if it refers to entities even without a table of them.
    type_: Option<&'static str>,
    /// Whether it leads from descendant to ancestor.
    is_lineage: bool,
}

const fn thing(
    words: &'static [&'static str],
    verb: &'static str,
    inverse: &'static str,
    type_: &'static str,
) -> KnownEnding {
    KnownEnding { words, reversed: &[], verb, inverse, type_: Some(type_), is_lineage: false }
}

const fn kin(
    (words, reversed): (&'static [&'static str], &'static [&'static str]),
    verb: &'static str,
    inverse: &'static str,
    is_lineage: bool,
) -> KnownEnding {
    KnownEnding { words, reversed, verb, inverse, type_: None, is_lineage }
}

const KNOWN: &[KnownEnding] = &[
    thing(
        &["org", "orgs", "organization", "organizations", "organisation", "company", "lab", "institution"],
        "developed by",
        "develops",
        "Org",
    ),
    thing(&["developer", "developers", "vendor", "manufacturer"], "developed by", "develops", "Org"),
    thing(&["designer", "designers", "creator", "creators"], "designed by", "designs", "Person"),
    thing(&["author", "authors"], "written by", "writes", "Person"),
    thing(&["publisher", "publishers"], "published by", "publishes", "Publisher"),
    thing(&["country", "countries", "nationality"], "located in", "location of", "Country"),
    kin(
        (
            &["parent", "parents", "mother", "father", "sire", "dam"],
            &["child", "children", "son", "sons", "daughter", "daughters", "offspring"],
        ),
        "child of",
        "parent of",
        true,
    ),
    kin(
        (&["dep", "deps", "dependency", "dependencies", "requires"], &["dependent", "dependents"]),
        "depends on",
        "needed by",
        true,
    ),
    kin(
        (&["influences", "influence", "influencer", "influencers"], &["influenced"]),
        "influenced by",
        "influences",
        true,
    ),
    kin(
        (&["base", "basis", "predecessor", "predecessors", "based", "derived"], &["successor", "successors"]),
        "based on",
        "basis of",
        true,
    ),
    kin(
        (
            &["advisor", "advisors", "adviser", "advisers", "teacher", "teachers", "mentor", "mentors"],
            &["student", "students", "pupil", "pupils", "advisee", "advisees"],
        ),
        "student of",
        "teacher of",
        true,
    ),
    kin((&["manager", "boss", "reports", "supervisor"], &["subordinates", "manages"]), "reports to", "manages", false),
];

/// Returns the meaning of a column name, and whether the column holds the subjects: `Country (of organization)` is a
/// country, `reportsTo` a report, and both `children` and `parentOf` are those whose parent the row is.
fn known(header: &str) -> Option<(&'static KnownEnding, bool)> {
    let all = parted(header);
    let ends_of = all.last().is_some_and(|last| last == "of");
    let words = all.split(|word| word == "of").find(|words| !words.is_empty()).unwrap_or(&[]);
    let last = words.last()?;
    // `influencer_lab` has the label of the influencer.
    let is_label = last == "lab" && words.len() > 1 && !["ai", "research"].contains(&words[words.len() - 2].as_str());
    let is = |list: &[&str], word: &String| list.contains(&word.as_str());
    let find = |word: &String, may: &dyn Fn(&KnownEnding) -> bool| {
        let plain = KNOWN.iter().find(|known| may(known) && is(known.words, word)).map(|known| (known, false));
        plain.or_else(|| KNOWN.iter().find(|known| may(known) && is(known.reversed, word)).map(|known| (known, true)))
    };
    let by_last = find(last, &|_| !is_label);
    let by_first = || find(&words[0], &|known| known.type_.is_none());
    let (known, is_reversed) = by_last.or_else(by_first)?;
    // The passive turns the direction: `influenced by`, but `influenced`.
    let is_passive = words.len() > 1 && last == "by";
    let turns = known.type_.is_none() && (ends_of && all.len() == words.len() + 1 || is_passive && is_reversed);
    Some((known, is_reversed != turns))
}

/// Returns the type of the entities that a column refers to, if they need no table.
pub fn own_type(header: &str) -> Option<&'static str> {
    known(header)?.0.type_
}

/// A verb for a column.
pub struct ColumnVerb {
    pub word: String,
    pub inverse: Option<String>,
    /// Whether the column holds the subjects of the verb.
    pub is_reversed: bool,
}

/// Returns a verb for a column.
pub fn verb(header: &str) -> ColumnVerb {
    if let Some((known, is_reversed)) = known(header) {
        return ColumnVerb { word: known.verb.to_string(), inverse: Some(known.inverse.to_string()), is_reversed };
    }
    let words = parted(header);
    let letters = |word: &String| word.chars().filter(|c| c.is_lowercase()).collect::<String>();
    let words = without_key(words.iter().map(letters).filter(|word| !word.is_empty()).collect());
    let plain = words.join(" ");
    let is_one = words.len() == 2 && schema::PARTICLES.contains(&words[1].as_str());
    let verb = if is_one && is_read(&plain) { plain } else { format!("has_{}", words.join("_")) };
    let word = if is_read(&verb) { verb } else { "linked to".to_string() };
    ColumnVerb { word, inverse: None, is_reversed: false }
}

/// Returns whether a verb is one in a schema and in queries.
pub fn is_read(verb: &str) -> bool {
    schema::is_verb(verb) && syntax::is_verb_name(verb)
}

/// Returns whether a column links rows of the same table: `parent`, `reportsTo`.
pub fn is_of_kin(header: &str) -> bool {
    known(header).is_some_and(|(known, _)| known.type_.is_none())
}

/// Returns whether the column leads from descendant to ancestor.
pub fn is_lineage(header: &str) -> bool {
    known(header).is_some_and(|(known, _)| known.is_lineage)
}

/// Returns a word with its first letter in upper case.
pub fn capital(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map_or(String::new(), |first| first.to_uppercase().chain(chars).collect())
}

/// Returns a word with `a` or `an`.
pub fn article(word: &str) -> String {
    // `a User`, but `an Umbrella`.
    let is_open_u = ["Um", "Un", "Up"].iter().any(|start| word.starts_with(start)) && !word.starts_with("Uni");
    let is_vowel = word.starts_with(['A', 'E', 'I', 'O']) || is_open_u;
    format!("{} {word}", if is_vowel { "an" } else { "a" })
}
