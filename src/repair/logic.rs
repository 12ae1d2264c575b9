//! Which offers keep the logic of a text: an offer that drops a `not`, or makes an `and` of an `or`, answers the opposite.

/// Words that deny. Others may deny, too (`unused`), so that an offer may deny more than the text seems to.
const DENIALS: &[&str] = &[
    "not",
    "no",
    "without",
    "except",
    "never",
    "neither",
    "nor",
    "isn't",
    "excluding",
    "don't",
    "doesn't",
    "didn't",
    "aren't",
    "wasn't",
    "weren't",
    "hasn't",
    "haven't",
    "can't",
    "cannot",
    "dont",
    "doesnt",
    "lack",
    "lacks",
    "lacking",
    "nobody",
    "none",
    "unless",
    "outside",
];
/// Two words that deny together.
const DENIALS_OF_TWO: &[&str] = &["instead of", "rather than", "other than", "as opposed to"];
/// What follows an `or` that joins nothing: `2023 or later`, `a or else b`. It does join where a number or `than` follows:
/// `before 2020 or after 2024`.
const NO_ALTERNATIVES: [&str; 12] =
    ["later", "earlier", "newer", "older", "more", "less", "fewer", "after", "before", "so", "else", "indirectly"];

/// Returns true if a query denies something where the text does, and has its alternatives as such.
pub(super) fn is_kept(text: &str, query: &str) -> bool {
    let (said, offered) = (Logic::of(text), Logic::of(query));
    (!said.denies || offered.denies)
        && (!said.differs || offered.differs)
        // What denies an alternative denies each of its parts.
        && (!said.alternates || offered.alternates || said.denies && offered.denials > 1)
        // Parentheses and commas tell what the alternatives are; without them an `and` may list something else.
        && (!(said.alternates && said.joins && (text.contains('(') || text.contains(", and"))) || offered.joins)
        && (!said.denies_all || offered.denies_all)
        && !said.excludes
}

/// The connectives of a text, of people or of the language.
#[derive(Debug, Default)]
struct Logic {
    denies: bool,
    /// The number of words that deny.
    denials: usize,
    /// `!=`
    differs: bool,
    alternates: bool,
    joins: bool,
    /// `not every`, which is not `no`.
    denies_all: bool,
    /// `xor`, which no offer says.
    excludes: bool,
}

impl Logic {
    fn of(text: &str) -> Logic {
        let lower = text.to_lowercase();
        // `or not` only asks.
        let asked = lower.trim_end_matches([' ', '?', '.', '!']);
        let lower = asked.strip_suffix(" or not").unwrap_or(&lower);
        // Nothing inside of quotes is a connective.
        let plain: String = lower.split('"').step_by(2).collect::<Vec<_>>().join(" \"\" ");
        let words: Vec<&str> =
            plain.split(|c: char| !c.is_alphanumeric() && c != '\'').filter(|w| !w.is_empty()).collect();
        let joins_nothing = |at: usize| {
            let is_end = words.get(at + 1).is_none_or(|next| *next != "than" && !next.starts_with(char::is_numeric));
            words.get(at).is_some_and(|next| NO_ALTERNATIVES.contains(next)) && is_end
        };
        let is_or = |at: usize| words[at] == "xor" || words[at] == "or" && !joins_nothing(at + 1);
        let differs = plain.contains("!=") || plain.contains("<>");
        let is_undated = |word: &&&str| matches!(**word, "unknown" | "absent" | "undated");
        let denies_all = words.windows(2).any(|pair| pair[0] == "not" && matches!(pair[1], "every" | "all" | "each"))
            || words.contains(&"not") && words.contains(&"every");
        Logic {
            denies_all,
            excludes: words.contains(&"xor"),
            denials: words.iter().filter(|word| DENIALS.contains(word)).count(),
            denies: differs
                || words.iter().any(|word| DENIALS.contains(word))
                || DENIALS_OF_TWO.iter().any(|phrase| plain.contains(phrase))
                || words.iter().any(|word| is_undated(&word)),
            differs,
            // Behind a full stop `|` joins steps.
            alternates: plain.contains('|') && !plain.trim_start().starts_with('.')
                || plain.contains(" in (")
                || (0..words.len()).any(is_or),
            joins: plain.contains(',') || plain.contains("&&") || words.contains(&"and") || words.contains(&"but"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::is_kept;

    #[test]
    fn an_offer_of_the_opposite_is_none() {
        for (text, query) in [
            ("Model m dated not before 2024", "Model dated before 2024"),
            ("ask Llama 2 (uses MHA or uses GQA)", "ask Llama 2 uses MHA and GQA"),
            ("Model m uses MLA or (GQA and MoE)", "Model uses MLA or GQA or MoE"),
            ("Model m where m.date != 2023-09 and m uses SWA", "Model uses no SWA and dated 2023-09"),
            ("Model dated before 2020 or after 2024", "Model dated before 2020 and dated after 2024"),
            ("Model not dated before 2024 or after 2025", "Model not dated before 2024 and dated after 2025"),
            ("Org develops less than 2 or more than 5 Model", "Org develops less than 2 and at least 5 Model"),
            ("Model uses MLA or MQA, and MoE", "Model uses MLA or MQA or MoE"),
            ("Org develops not every Model", "Org develops no Model"),
            ("Model uses MLA xor MoE", "Model uses MLA or MoE"),
        ] {
            assert!(!is_kept(text, query), "{text}: {query}");
        }
    }

    #[test]
    fn other_words_for_the_same_are_taken() {
        for (text, query) in [
            ("orgs without MoE models", "Org develops no Model that uses MoE"),
            ("unused techniques", "Technique used by no Model"),
            ("models from 2023 or later", "Model dated since 2023"),
            ("models of 2020 or before", "Model dated until 2020"),
            ("models without a date", "Model m where m.date is unknown"),
            ("models that use GQA or MLA", "Model uses GQA or MLA"),
            ("who uses \"not or\"", "Model uses MLA"),
        ] {
            assert!(is_kept(text, query), "{text}: {query}");
        }
    }
}
