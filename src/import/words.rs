//! Words of a schema from the headers and the names of files.

use crate::schema;
use crate::syntax;

/// The words of a header in lower case: `orderDate`, `Publication date` and `FIRST_NAME` have two.
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

/// The singular of an English word.
pub fn singular(word: &str) -> String {
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

/// A type that no other has and a query can read.
pub fn type_name(words: &[String], taken: &[String]) -> String {
    let capital = |word: &String| {
        let mut chars = word.chars();
        chars.next().map_or(String::new(), |first| first.to_uppercase().chain(chars).collect())
    };
    let mut words: Vec<String> = words.iter().map(capital).collect();
    if let Some(last) = words.last_mut() {
        *last = singular(last);
    }
    let name = words.concat();
    let name = if name.starts_with(|c: char| c.is_alphabetic()) { name } else { format!("Row{name}") };
    let is_free = |name: &String| schema::is_type(name) && syntax::is_type_name(name) && !taken.contains(name);
    let others = (2..).map(|i| format!("{name}{i}"));
    let of_values = ["Date", "Number", "Text"].contains(&name.as_str());
    let mut all = [name.clone(), format!("{name}Entry")].into_iter().skip(usize::from(of_values)).chain(others);
    all.find(is_free).unwrap_or(name)
}

/// A property that a schema can have: `order_date`.
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

/// What a column says of a row, where its header is one of these words: the verb, its inverse, and whether what is named is
/// a thing of its own even where no table lists it.
const KNOWN: &[(&[&str], &str, &str, bool)] = &[
    (
        &["org", "organization", "organisation", "company", "developer", "developers", "lab", "institution", "vendor"],
        "developed by",
        "develops",
        true,
    ),
    (&["designer", "designers", "creator", "creators"], "designed by", "designs", true),
    (&["author", "authors"], "written by", "writes", true),
    (&["publisher", "manufacturer"], "published by", "publishes", true),
    (&["country", "countries", "nationality"], "located in", "location of", true),
    (&["parent", "parents", "mother", "father"], "child of", "parent of", false),
    (&["dep", "deps", "dependency", "dependencies", "requires"], "depends on", "needed by", false),
    (&["influences", "influence", "influenced"], "influenced by", "influences", false),
    (&["base", "basis", "predecessor", "predecessors", "based", "derived"], "based on", "basis of", false),
    (&["manager", "boss", "reports", "supervisor"], "reports to", "manages", false),
];

/// Returns a verb, its inverse and whether it makes a type, for a column.
pub fn verb(header: &str) -> (String, Option<String>, bool) {
    let words = parted(header);
    let known = KNOWN.iter().find(|(all, ..)| words.iter().any(|word| all.contains(&word.as_str())));
    if let Some((_, verb, inverse, is_type)) = known {
        return (verb.to_string(), Some(inverse.to_string()), *is_type);
    }
    let letters = |word: &String| word.chars().filter(|c| c.is_lowercase()).collect::<String>();
    let mut words: Vec<String> = words.iter().map(letters).filter(|word| !word.is_empty()).collect();
    if words.len() > 1 && words.last().is_some_and(|last| ["id", "key", "code"].contains(&last.as_str())) {
        words.pop();
    }
    let plain = words.join(" ");
    let is_one = words.len() == 2 && schema::PARTICLES.contains(&words[1].as_str());
    let verb = if is_one && is_read(&plain) { plain } else { format!("has_{}", words.join("_")) };
    (if is_read(&verb) { verb } else { "linked to".to_string() }, None, false)
}

fn is_read(verb: &str) -> bool {
    schema::is_verb(verb) && syntax::is_verb_name(verb)
}

/// Whether a header says that the column links rows of one table: `parent`, `reportsTo`.
pub fn is_of_kin(header: &str) -> bool {
    let words = parted(header);
    KNOWN.iter().filter(|(.., is_type)| !is_type).any(|(all, ..)| words.iter().any(|word| all.contains(&word.as_str())))
}
