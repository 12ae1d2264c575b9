//! Parses `assert` and `retract` of the session: a fact, its source, and the options of `begat add` and `begat
//! retract`.

/// The parts of what was entered behind `assert` or `retract`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Asserted {
    pub fact: String,
    /// The text after `according to`; empty if there is none.
    pub source: String,
    /// The text after `at` behind the source.
    pub at: String,
    /// The options, split as a shell does.
    pub options: Vec<String>,
}

/// Parses `DeepSeek V3 uses MLA according to goose at L23 --trust inferred`.
pub fn asserted(entered: &str) -> Asserted {
    let (said, options) = entered.split_at(options_at(entered));
    let said = said.trim().trim_end_matches(';').trim_end();
    let (fact, source, at) = match word_at(said, "according to") {
        None => (said, "", ""),
        Some(place) => {
            let cited = said[place + "according to".len()..].trim();
            let (source, at) = word_at(cited, "at").map_or((cited, ""), |at| (&cited[..at], &cited[at + 2..]));
            (&said[..place], source, at)
        }
    };
    let bare = |text: &str| {
        let text = text.trim();
        text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(text).to_string()
    };
    Asserted { fact: fact.trim().to_string(), source: bare(source), at: bare(at), options: parted(options) }
}

/// Returns the offset of the first option outside of quotes.
fn options_at(text: &str) -> usize {
    let mut is_quoted = false;
    let mut before = ' ';
    for (at, c) in text.char_indices() {
        if c == '"' && before != '\\' {
            is_quoted = !is_quoted;
        }
        let begins = text[at..].starts_with("--") || text[at..].starts_with("-n") || text[at..].starts_with("-y");
        if !is_quoted && before.is_whitespace() && begins {
            return at;
        }
        before = c;
    }
    text.len()
}

/// Returns the last offset at which words stand by themselves outside of quotes.
fn word_at(text: &str, words: &str) -> Option<usize> {
    let is_apart = |at: usize| {
        let after = &text[at + words.len()..];
        (at == 0 || text[..at].ends_with(char::is_whitespace)) && after.starts_with([' ', '\t', '"'])
    };
    let is_outside = |at: usize| text[..at].replace("\\\"", "").matches('"').count().is_multiple_of(2);
    text.rmatch_indices(words).map(|(at, _)| at).find(|at| is_apart(*at) && is_outside(*at))
}

/// Splits words as a shell does: at white space outside of single and double quotes.
fn parted(text: &str) -> Vec<String> {
    let (mut words, mut word, mut quote): (Vec<String>, Option<String>, Option<char>) = (Vec::new(), None, None);
    let mut characters = text.chars();
    while let Some(c) = characters.next() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (Some('"'), '\\') => word.get_or_insert_default().extend(characters.next()),
            (Some(_), c) => word.get_or_insert_default().push(c),
            (None, '"' | '\'') => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (None, c) if c.is_whitespace() => words.extend(word.take()),
            (None, c) => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    words
}

#[cfg(test)]
mod tests {
    use super::{Asserted, asserted};

    #[test]
    fn facts_citations_and_options_are_told_apart() {
        let read = |text| {
            let Asserted { fact, source, at, options } = asserted(text);
            (fact, source, at, options.join("|"))
        };
        let own = |fact: &str, source: &str, at: &str, options: &str| {
            (fact.to_string(), source.to_string(), at.to_string(), options.to_string())
        };
        assert_eq!(read("A uses B"), own("A uses B", "", "", ""));
        assert_eq!(read("A uses B according to goose at L23"), own("A uses B", "goose", "L23", ""));
        assert_eq!(
            read("A kind \"x according to y --z\" according to \"the goose\" at p. 4 --note 'a \"b\"' --new"),
            own("A kind \"x according to y --z\"", "the goose", "p. 4", "--note|a \"b\"|--new")
        );
        assert_eq!(read("A uses B;"), own("A uses B", "", "", ""));
    }
}
