//! Goals of logic languages, and selections of GraphQL, as words.

use super::dictionary::{Dictionary, roots};
use super::join::tops;
use super::recognise::{Form, Sense};
use super::tokens::Token;
use super::vocabulary::Vocabulary;
use crate::schema::TypeSet;

/// A goal: `uses(X, mla)`, `not(uses(X, gqa))`.
struct Goal<'t> {
    denied: bool,
    verb: &'t Token,
    ends: Vec<&'t Token>,
}

/// Reads `uses(M, rope), develops(google, M)` as `Model uses rope and develops by google`: the variable that comes first is
/// what is asked for, and its type follows from the verbs. `None` if a text is something else, or its goals form no
/// chain.
pub(super) fn goals(tokens: &[Token], dictionary: &Dictionary, graph: &Vocabulary<'_>) -> Option<Vec<Token>> {
    let goals = parsed(body(tokens))?;
    let links: Vec<&Goal> = goals.iter().filter(|goal| goal.ends.len() == 2).collect();
    let first = links.first()?;
    let schema = graph.schema();
    let is_type = |token: &Token| schema.lookup_type(&token.word).is_some();
    let is_variable = |token: &Token| {
        let starts = token.word.starts_with(|c: char| c.is_uppercase() || c == '_');
        !token.quoted && starts && !is_type(token) && graph.names().lookup(&token.word).is_empty()
    };
    let types = |token: &Token, end: usize, goal: &Goal| {
        let (from, to) = verb_ends(goal.verb, dictionary, graph)?;
        let top = tops(if end == 0 { from } else { to }, graph).into_iter().next()?;
        Some(token.worded(&schema.type_(top).name))
    };
    let noun = |end: usize, goal: &Goal| {
        let token = goal.ends[end];
        let said = goals.iter().find(|goal| goal.ends.len() == 1 && goal.ends[0].word == token.word);
        match is_variable(token) {
            true => said.map(|said| said.verb.clone()).or_else(|| types(token, end, goal)),
            false if is_type(token) => Some(token.clone()),
            false => Some(Token { quoted: true, ..token.worded(&token.word.replace('_', " ")) }),
        }
    };
    let subject = usize::from(!is_variable(first.ends[0]) && is_variable(first.ends[1]));
    let mut words = vec![noun(subject, first)?];
    let mut about = first.ends[subject];
    for (i, goal) in links.iter().enumerate() {
        let own = (0..2).find(|end| goal.ends[*end].word == about.word);
        // The object of the goal before it becomes the subject.
        let before = i.checked_sub(1).and_then(|i| links[i].ends.iter().find(|end| end.word == goal.ends[0].word));
        let own = match (own, before) {
            (Some(own), _) => {
                words.extend((i > 0).then(|| goal.verb.worded("and")));
                own
            }
            (None, Some(object)) if is_variable(object) => {
                about = *object;
                0
            }
            // It is said of the first one again.
            (None, None) if goal.ends.iter().any(|end| end.word == first.ends[subject].word) => {
                words.push(goal.verb.worded("and"));
                usize::from(goal.ends[0].word != first.ends[subject].word)
            }
            _ => return None,
        };
        words.extend(goal.denied.then(|| goal.verb.worded("not")));
        words.push(goal.verb.clone());
        words.extend((own == 1).then(|| goal.verb.worded("by")));
        words.push(noun(1 - own, goal)?);
    }
    Some(words)
}

/// Returns the types from which and to which the verb leads that a word most likely means; `None` if it means none.
pub(super) fn verb_ends(word: &Token, dictionary: &Dictionary, graph: &Vocabulary<'_>) -> Option<(TypeSet, TypeSet)> {
    let senses = dictionary.get(&roots(&word.lower.replace('_', " ")));
    let verbs = senses.iter().filter_map(|(sense, cost)| match sense {
        Sense::Verb { verb, inverse, form: Form::Verb } => Some((*verb, *inverse, *cost)),
        _ => None,
    });
    let (verb, inverse, _) = verbs.min_by_key(|(.., cost)| *cost)?;
    Some(graph.ends(verb, inverse))
}

/// Returns what stands behind `?-` or `:-`, without the full stop.
fn body(tokens: &[Token]) -> &[Token] {
    let is_neck = |pair: &[Token]| (pair[0].is(":") || pair[0].is("?")) && pair[1].is("-");
    let start = tokens.windows(2).position(is_neck).map_or(0, |at| at + 2);
    let end = tokens.iter().rposition(|token| !token.is(".")).map_or(start, |at| at + 1);
    &tokens[start..end.max(start)]
}

/// Returns the goals between commas; `None` if a text has anything else.
fn parsed(tokens: &[Token]) -> Option<Vec<Goal<'_>>> {
    let mut goals = Vec::new();
    let mut rest = tokens;
    loop {
        let (denied, after) = match rest {
            [slash, plus, after @ ..] if slash.is("\\") && plus.is("+") => (true, after),
            [not, after @ ..] if not.is("not") => (true, after),
            _ => (false, rest),
        };
        let (wrapped, after) = match after {
            [open, after @ ..] if denied && open.is("(") => (true, after),
            _ => (false, after),
        };
        let [verb, open, after @ ..] = after else { return None };
        let close = after.iter().position(|token| token.is(")"))?;
        if !verb.is_word() || !open.is("(") {
            return None;
        }
        let ends: Vec<&Token> = after[..close].iter().step_by(2).collect();
        let commas = after[..close].iter().skip(1).step_by(2).all(|token| token.is(","));
        if !commas || !(1..3).contains(&ends.len()) {
            return None;
        }
        goals.push(Goal { denied, verb, ends });
        rest = after.get(close + 1 + usize::from(wrapped)..)?;
        match rest {
            [] => return Some(goals),
            [comma, after @ ..] if comma.is(",") => rest = after,
            _ => return None,
        }
    }
}

/// Reads `{ models(first: 3) { name date } }` as `models limit 3 date`. `None` if a text is something else.
pub(super) fn selection(tokens: &[Token]) -> Option<Vec<Token>> {
    let open = tokens.iter().position(|token| token.is("{"))?;
    let is_query = open == 0 || tokens[0].is("query");
    if !is_query || !tokens.last()?.is("}") || tokens.iter().any(|token| token.is("?")) {
        return None;
    }
    let mut words = Vec::new();
    for (at, token) in tokens.iter().enumerate().skip(open) {
        let is_key = tokens.get(at + 1).is_some_and(|next| next.is(":"));
        let is_own = ["name", "id", "title", "where", "filter", "__typename"].iter().any(|word| token.is(word));
        if is_key && (token.is("first") || token.is("limit")) {
            words.push(token.worded("limit"));
        } else if token.is_word() && !is_own {
            words.push(token.clone());
        }
    }
    Some(words)
}

#[cfg(test)]
mod tests {
    use super::{goals, selection};
    use crate::repair::dictionary::Dictionary;
    use crate::repair::tokens::{tokens, words};
    use crate::repair::vocabulary::Vocabulary;

    #[test]
    fn goals_as_words() {
        let database = crate::Database::builtin();
        let graph = Vocabulary::new(database.graph(), std::iter::empty());
        let dictionary = Dictionary::of(&graph);
        let of = |text: &str| goals(&tokens(text), &dictionary, &graph).map(|tokens| words(&tokens));
        for (text, wanted) in [
            ("uses(X, mla).", Some("Model uses mla")),
            ("?- uses(M, rope), develops(google, M).", Some("Model uses rope and develops by google")),
            ("uses(M, rope), \\+ uses(M, gqa)", Some("Model uses rope and not uses gqa")),
            ("q(T) :- uses(M, T), improves(T, Q)", Some("Model uses Technique improves Quality")),
            ("succeeds(deepseek_v3, X)", Some("Model succeeds by deepseek v3")),
            ("models (all of them)", None),
            ("count(m)", None),
        ] {
            assert_eq!(of(text).as_deref(), wanted, "{text}");
        }
    }

    #[test]
    fn selections_as_words() {
        let of = |text: &str| selection(&tokens(text)).map(|tokens| words(&tokens));
        assert_eq!(of("{ model(name: \"GPT-2\") { uses { name } } }").as_deref(), Some("model GPT-2 uses"));
        assert_eq!(of("query Q { models(first: 3) { name date } }").as_deref(), Some("models limit 3 date"));
        assert_eq!(of("{ ?m :uses :MLA }"), None);
        assert_eq!(of("models { name"), None);
    }
}
