//! Words that say two things, as two words, and variables as what they stand for.

use super::cost;
use super::dictionary::Dictionary;
use super::lemma::root;
use super::lexicon::{PHRASES, roles};
use super::recognise::{Sense, is_transposed};
use super::synonyms::MODIFIERS;
use super::tokens::Token;
use super::values::{date, number};
use super::vocabulary::Vocabulary;
use crate::text::Span;

/// The tokens with `unused` as `not used`, `non-Chinese` as `not Chinese`, and `Rust-based` as `Rust based`, where the whole
/// word is not known.
pub(super) fn unfolded(tokens: Vec<Token>, dictionary: &Dictionary, graph: &Vocabulary<'_>) -> Vec<Token> {
    let is_name = |word: &str| !graph.names().lookup(word).is_empty();
    let is_verb = |word: &str| {
        let senses = dictionary.get(&root(word));
        word != root(word) && senses.iter().any(|(sense, _)| matches!(sense, Sense::Verb { .. } | Sense::Property(_)))
    };
    let parts = |token: &Token| -> Option<[Token; 2]> {
        let lower = token.lower.as_str();
        if token.quoted || is_name(&token.word) || !dictionary.get(&root(lower)).is_empty() {
            return None;
        }
        // `pre-2020`
        let time = [("pre-", "before"), ("post-", "after")].into_iter().find(|(start, _)| lower.starts_with(start));
        if let Some((start, word)) = time.filter(|(start, _)| date(&[&lower[start.len()..]]).is_some()) {
            return Some(halves(token, start.len(), start.len(), word, &lower[start.len()..]));
        }
        if let Some(verb) = lower.strip_prefix("un").filter(|verb| is_verb(verb)) {
            return Some(halves(token, 2, 2, "not", verb));
        }
        if let Some(rest) = lower.strip_prefix("non-").filter(|rest| rest.len() > 1) {
            return Some(halves(token, 4, 4, "not", token.word.get(4..).unwrap_or(rest)));
        }
        let (first, last) = token.word.rsplit_once('-')?;
        let is_split = is_verb(&last.to_lowercase()) && !first.is_empty();
        is_split.then(|| halves(token, first.len(), first.len() + 1, first, last))
    };
    let of = |token: Token| parts(&token).map_or_else(|| vec![token], Vec::from);
    let is_known = |token: &Token| {
        let lower = token.lower.as_str();
        let is_value = number(&[lower]).is_some() || !token.is_word();
        let is_word = is_value || is_function_word(lower) || !dictionary.get(&root(lower)).is_empty();
        token.quoted || is_name(&token.word) || is_word
    };
    let tokens: Vec<Token> = abbreviated(tokens).into_iter().flat_map(of).collect();
    let tokens = without_echo(without_modifiers(tokens, dictionary, graph));
    let next = |at: usize| tokens.get(at + 1).map_or("", |token| token.lower.as_str());
    let spelt = |(at, token): (usize, &Token)| match is_known(token) {
        true => token.clone(),
        false => function_word(&token.lower, next(at)).map_or(token.clone(), |word| token.worded(word)),
    };
    tokens.iter().enumerate().map(spelt).collect()
}

/// Words that `than` follows.
const COMPARATIVES: &[&str] = &[
    "more", "less", "fewer", "older", "newer", "younger", "bigger", "larger", "greater", "smaller", "higher", "lower",
    "longer", "shorter", "later", "earlier", "taller", "heavier", "lighter",
];

/// The tokens with `with` for `w/`, `and` for a `+` or a `×` between words, `released` for `came out`.
fn abbreviated(tokens: Vec<Token>) -> Vec<Token> {
    let is_table = tokens.iter().any(|token| token.is("matrix") || token.is("grid") || token.is("heatmap"));
    let touches = |at: usize| at > 0 && tokens.get(at).is_some_and(|next| next.span.start == tokens[at - 1].span.end);
    let is_between = |at: usize| at > 0 && tokens[at - 1].is_word() && tokens.get(at + 1).is_some_and(Token::is_word);
    let mut plain: Vec<Token> = Vec::new();
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        let slash = token.is("w") && touches(at + 1) && tokens[at + 1].is("/");
        let without = slash && touches(at + 2) && (tokens[at + 2].is("o") || tokens[at + 2].is("out"));
        let adds = token.is("+") && !touches(at) || token.is("×") || token.is("x") && is_table;
        // `more then 20`
        let compares = token.is("then") && at > 0 && COMPARATIVES.iter().any(|word| tokens[at - 1].is(word));
        // `came out in 2024`, not `came out of Google`
        let next = |at: usize, word: &str| tokens.get(at).is_some_and(|token| token.is(word));
        let appears = ["came", "come", "comes", "coming"].iter().any(|word| token.is(word));
        let appears = appears && next(at + 1, "out") && !next(at + 2, "of");
        let (word, taken) = match (without, slash, adds && is_between(at)) {
            _ if compares => (token.worded("than"), 1),
            _ if appears => (token.worded("released"), 2),
            (true, ..) => (token.worded("without"), 3),
            (false, true, _) => (token.worded("with"), 2),
            (false, false, true) => (token.worded("and"), 1),
            (false, false, false) => (token.clone(), 1),
        };
        plain.push(word);
        at += taken;
    }
    plain
}

/// The tokens without words that say nothing new before one for a type: `AI` of `AI labs`.
fn without_modifiers(tokens: Vec<Token>, dictionary: &Dictionary, graph: &Vocabulary<'_>) -> Vec<Token> {
    let is_idle = |token: &Token, next: &Token| {
        let of_group = |name: &str| {
            let last = root(&name.to_lowercase());
            let own = MODIFIERS.iter().filter(|(types, _)| types.split(' ').any(|other| root(other) == last));
            own.flat_map(|(_, words)| words.split(' ')).any(|word| token.is(word))
        };
        let senses = dictionary.get(&root(&next.lower)).iter();
        let is_type = |(sense, cost): &(Sense, u32)| match sense {
            Sense::Type(id) => *cost < cost::DOC && of_group(&graph.schema().type_(*id).name),
            _ => false,
        };
        !token.quoted && graph.names().lookup(&token.word).is_empty() && senses.clone().any(is_type)
    };
    let is_kept = |at: &usize| !tokens.get(at + 1).is_some_and(|next| is_idle(&tokens[*at], next));
    (0..tokens.len()).filter(is_kept).map(|at| tokens[at].clone()).collect()
}

/// The tokens without an end that says of a thing what `before` and its like have said: `before Llama came out`.
fn without_echo(tokens: Vec<Token>) -> Vec<Token> {
    const TIMES: &[&str] = &["before", "after", "since", "until", "than"];
    const WORDS: &[&str] = &[
        "came",
        "come",
        "out",
        "was",
        "were",
        "had",
        "been",
        "got",
        "released",
        "published",
        "announced",
        "introduced",
        "launched",
        "appeared",
        "invented",
        "existed",
        "did",
        "born",
    ];
    /// The longest name, in words.
    const NAME: usize = 6;
    let end = tokens.iter().rposition(Token::is_word).map_or(0, |last| last + 1);
    let is_echo = |token: &Token| WORDS.iter().any(|word| token.is(word));
    let from = tokens[..end].iter().rposition(|token| !is_echo(token)).map_or(0, |last| last + 1);
    let before = &tokens[from.saturating_sub(NAME)..from];
    let time = before.iter().rposition(|token| TIMES.iter().any(|word| token.is(word)));
    // A name is between them, with a letter or in quotes: not `before 2020`.
    let is_named = |token: &Token| token.quoted || token.word.starts_with(char::is_alphabetic);
    let names_one = time.is_some_and(|at| before[at + 1..].iter().any(is_named));
    if !names_one || from == end {
        return tokens;
    }
    [&tokens[..from], &tokens[end..]].concat()
}

/// Returns the function word in which two letters of a word are exchanged: `from` for `form`. Of several, such as `how` and
/// `who` for `hwo`, it is the one that begins a phrase with the next word.
fn function_word(word: &str, next: &str) -> Option<&'static str> {
    let mut found: Vec<&str> =
        function_words().filter(|other| other.len() == word.len() && is_transposed(word, other)).collect();
    found.sort_unstable();
    found.dedup();
    if found.len() > 1 {
        found.retain(|other| !roles(&format!("{other} {next}")).is_empty());
    }
    match found[..] {
        [only] if only.len() > 2 => Some(only),
        _ => None,
    }
}

fn is_function_word(word: &str) -> bool {
    function_words().any(|other| other == word)
}

/// The words of all phrases, some of them several times.
fn function_words() -> impl Iterator<Item = &'static str> {
    PHRASES.iter().flat_map(|(phrases, _)| phrases.split('|')).flat_map(|phrase| phrase.split(' '))
}

/// Two words for a token, the first of which ends and the second of which starts at these bytes.
fn halves(token: &Token, end: usize, start: usize, first: &str, second: &str) -> [Token; 2] {
    let at = token.span.start as usize;
    let part = |word: &str, from: usize, to: usize| Token { span: Span::new(from, to), ..token.worded(word) };
    [part(first, at, at + end), part(second, at + start, token.span.end as usize)]
}

/// The tokens with the type in place of each variable, where `Model m` declares one of each type; `None` if none is
/// declared, or two of one type are.
pub(super) fn without_variables(tokens: &[Token], graph: &Vocabulary<'_>) -> Option<Vec<Token>> {
    let schema = graph.schema();
    let is_type = |at: usize| schema.lookup_type(&tokens[at].word).is_some();
    let is_variable =
        |token: &Token| !token.quoted && token.word.chars().count() == 1 && token.word.starts_with(char::is_lowercase);
    let declared: Vec<usize> = (1..tokens.len()).filter(|at| is_variable(&tokens[*at]) && is_type(*at - 1)).collect();
    let differ = |of: &dyn Fn(usize) -> usize| {
        let mut words: Vec<&str> = declared.iter().map(|at| tokens[of(*at)].word.as_str()).collect();
        words.sort_unstable();
        words.windows(2).all(|pair| pair[0] != pair[1])
    };
    if declared.is_empty() || !differ(&|at| at) || !differ(&|at| at - 1) {
        return None;
    }
    let of = |(at, token): (usize, &Token)| {
        let own = declared.iter().find(|own| is_variable(token) && tokens[**own].word == token.word);
        match own {
            Some(own) if *own == at => None,
            Some(own) => Some(Token { again: Some(0), span: token.span, ..tokens[own - 1].clone() }),
            None => Some(token.clone()),
        }
    };
    Some(tokens.iter().enumerate().filter_map(of).collect())
}

#[cfg(test)]
mod tests {
    use super::{unfolded, without_variables};
    use crate::repair::dictionary::Dictionary;
    use crate::repair::tokens::{tokens, words};
    use crate::repair::vocabulary::Vocabulary;

    #[test]
    fn words_that_say_two_things_are_two() {
        let database = crate::Database::builtin();
        let graph = Vocabulary::new(database.graph(), std::iter::empty());
        let dictionary = Dictionary::of(&graph);
        for (text, wanted) in [
            ("unused techniques", "not used techniques"),
            ("non-MoE models", "not MoE models"),
            ("Google-developed models", "Google developed models"),
            ("models using QK-Norm", "models using QK-Norm"),
            ("pre-2020 models w/o MoE + w/ RoPE", "before 2020 models without MoE and with RoPE"),
            ("more then 20 AI models", "more than 20 models"),
            ("models before Llama came out?", "models before Llama ?"),
            ("models before 2020 released", "models before 2020 released"),
            ("uncles", "uncles"),
            ("hwo many modles aer form Google", "how many modles are from Google"),
        ] {
            assert_eq!(words(&unfolded(tokens(text), &dictionary, &graph)), wanted);
        }
    }

    #[test]
    fn variables_are_the_types_that_they_stand_for() {
        let database = crate::Database::builtin();
        let graph = Vocabulary::new(database.graph(), std::iter::empty());
        let of = |text: &str| without_variables(&tokens(text), &graph).map(|tokens| words(&tokens));
        assert_eq!(of("Model m where m.date > 2024").as_deref(), Some("Model where Model date > 2024"));
        assert_eq!(of("Model m succeeds Model p"), None, "two of one type");
        assert_eq!(of("Model uses MLA"), None);
    }
}
