//! Simple SQL, Cypher and SPARQL queries as words: variables are replaced by their labels.

use super::tokens::Token;

/// Returns the tokens of a text without the syntax of other query languages.
pub(super) fn plain(tokens: Vec<Token>) -> Vec<Token> {
    let Some(first) = tokens.first() else { return tokens };
    match first.lower.as_str() {
        "match" => cypher(&tokens),
        "prefix" => sparql(&after_prefixes(&tokens)),
        "select" if tokens.iter().any(|token| token.is("{")) => sparql(&tokens),
        "select" => sql(&tokens),
        _ => tokens,
    }
}

/// Variables in lower case, each with its label if it has one.
type Names = Vec<(String, Option<Token>)>;

fn label<'n>(names: &'n Names, variable: &str) -> Option<&'n Option<Token>> {
    names.iter().find(|(name, _)| name == variable).map(|(_, label)| label)
}

/// Reads `MATCH (m:Model)-[:USES]->(t {name: 'MLA'}) WHERE m.date > 2024 RETURN m`: nodes and edges in the order of the
/// text. A backward edge becomes `USES by`.
fn cypher(tokens: &[Token]) -> Vec<Token> {
    let mut names: Names = Vec::new();
    for run in tokens.windows(4) {
        if run[0].is("(") && run[1].is_word() {
            let labelled = run[2].is(":").then(|| run[3].clone());
            names.push((run[1].lower.clone(), labelled));
        }
    }
    let pattern_end = tokens.iter().position(|token| ["where", "return", "with"].iter().any(|word| token.is(word)));
    let mut plain: Vec<Token> = Vec::new();
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        let is_pattern = pattern_end.is_none_or(|end| at < end);
        let before = at.checked_sub(1).and_then(|at| tokens.get(at));
        let after = tokens.get(at + 1);
        let is_bracketed = before.is_some_and(|before| before.is("(") || before.is("["));
        if is_pattern && is_bracketed && after.is_some_and(|after| after.is(":")) {
            // `m` of `(m:Model)` is skipped: the label follows.
        } else if token.is("<-") {
            let edge = tokens[at..].iter().position(|token| token.is("]"));
            let edge = edge.map(|end| &tokens[at + 1..at + end]).unwrap_or_default();
            let verb = edge.iter().rfind(|token| token.is_word());
            plain.extend(verb.cloned());
            plain.extend(verb.map(|verb| worded(verb, "by")));
            at += edge.len() + 1;
        } else if token.is("return") {
            return [plain, returned(&tokens[at + 1..], &names)].concat();
        } else if let Some(known) = label(&names, &token.lower).filter(|_| !is_pattern) {
            plain.extend(known.clone().filter(|_| false));
        } else if ["name", "match", "-", "->", ":", "(", ")", "[", "]", "{", "}"].iter().all(|mark| !token.is(mark)) {
            plain.push(token.clone());
        }
        at += 1;
    }
    plain
}

/// Reads what follows `RETURN`. It adds to the pattern only if it counts, sorts or limits.
fn returned(tokens: &[Token], names: &Names) -> Vec<Token> {
    let counts = tokens.windows(2).any(|pair| pair[0].is("count") && pair[1].is("("));
    let is_clause = |token: &Token| token.is("order") || token.is("limit");
    let (items, clauses) = tokens.split_at(tokens.iter().position(is_clause).unwrap_or(tokens.len()));
    let clauses = clauses.iter().filter(|token| label(names, &token.lower).is_none()).cloned();
    let mut plain: Vec<Token> = Vec::new();
    if counts {
        let is_counted = |at: usize| at >= 2 && items[at - 1].is("(") && items[at - 2].is("count");
        for (at, item) in items.iter().enumerate() {
            let Some(Some(known)) = label(names, &item.lower) else { continue };
            let word = if is_counted(at) { "count" } else { "per" };
            plain.extend([worded(item, word), known.clone()]);
        }
    }
    plain.extend(clauses);
    plain
}

/// Reads `SELECT ?m WHERE { ?m a :Model ; :uses :MLA }`.
fn sparql(tokens: &[Token]) -> Vec<Token> {
    let Some(open) = tokens.iter().position(|token| token.is("{")) else { return tokens.to_vec() };
    let body = &tokens[open + 1..];
    let mut names: Names = Vec::new();
    let is_variable = |at: usize| at > 0 && body[at - 1].is("?");
    for at in 0..body.len() {
        let is_typed = body.get(at + 1).is_some_and(|token| token.is("a") || token.is("rdf"));
        if is_variable(at) && is_typed {
            let class = body[at + 2..].iter().find(|token| token.is_word() && !token.is("type"));
            names.push((body[at].lower.clone(), class.cloned()));
        }
    }
    let mut plain = Vec::new();
    let mut at = 0;
    while let Some(token) = body.get(at) {
        let is_typed = is_variable(at) && body.get(at + 1).is_some_and(|token| token.is("a") || token.is("rdf"));
        if is_typed {
            plain.extend(label(&names, &token.lower).cloned().flatten());
            let class = body[at + 2..].iter().position(|token| token.is_word() && !token.is("type"));
            at += 2 + class.unwrap_or(0);
        } else if is_variable(at) {
            let asked = || Some(worded(token, "what"));
            plain.extend(label(&names, &token.lower).cloned().unwrap_or_else(asked));
        } else if token.is(";") {
            plain.push(worded(token, "and"));
        } else if ["?", ":", ".", "}", "filter"].iter().all(|mark| !token.is(mark)) {
            plain.push(token.clone());
        }
        at += 1;
    }
    plain
}

fn after_prefixes(tokens: &[Token]) -> Vec<Token> {
    let select = tokens.iter().position(|token| token.is("select")).unwrap_or(0);
    tokens[select..].to_vec()
}

/// Reads `SELECT name FROM models WHERE size > 3 GROUP BY maker`: first `count` if the query counts, then the tables,
/// the clauses, and, without a count or groups, the columns.
fn sql(tokens: &[Token]) -> Vec<Token> {
    let place = |word: &str| tokens.iter().position(|token| token.is(word));
    let Some(from) = place("from") else { return tokens.to_vec() };
    let clauses = ["where", "group", "order", "limit", "having"];
    let end = clauses.iter().filter_map(|word| place(word)).filter(|at| *at > from).min().unwrap_or(tokens.len());
    let (items, tables, clauses) = (&tokens[1..from], &tokens[from + 1..end], &tokens[end..]);
    let counts = items.iter().find(|token| token.is("count"));
    let groups = clauses.iter().any(|token| token.is("group"));
    let mut plain: Vec<Token> = counts.cloned().into_iter().collect();
    let mut joins = false;
    for (at, token) in tables.iter().enumerate() {
        joins = match token.lower.as_str() {
            "on" => true,
            "join" => false,
            _ => joins,
        };
        let is_alias = at > 0 && tables[at - 1].is_word() && token.word.len() <= 2 || token.is("as");
        let is_furniture = ["join", "inner", "left", "outer", ","].iter().any(|word| token.is(word));
        if !joins && !is_alias && !is_furniture {
            plain.push(token.clone());
        }
    }
    let is_alias = |token: &&Token| token.word.chars().count() == 1 && token.word.chars().all(char::is_alphabetic);
    plain.extend(clauses.iter().filter(|token| !is_alias(token) || token.quoted).cloned());
    if !groups && counts.is_none() {
        let is_column =
            |token: &&Token| token.is_word() && token.word.len() > 2 && !token.is("name") && !token.is("distinct");
        plain.extend(items.iter().filter(is_column).cloned());
    }
    plain
}

/// Returns another word at the place of a token.
fn worded(token: &Token, word: &str) -> Token {
    Token { word: word.to_string(), lower: word.to_string(), span: token.span, quoted: false }
}

#[cfg(test)]
mod tests {
    use super::plain;
    use crate::repair::tokens::tokens;

    #[test]
    fn queries_of_other_languages_as_words() {
        for (text, wanted) in [
            ("MATCH (m:Model)-[:USES]->(:Technique {name: 'MLA'}) RETURN m", "Model USES Technique MLA"),
            (
                "MATCH (m:Model)<-[:DEVELOPS]-(o:Org) RETURN o.name, count(m)",
                "Model DEVELOPS by Org per Org count Model",
            ),
            ("SELECT ?m WHERE { ?m a :Model ; :uses :MLA }", "Model and uses MLA"),
            ("SELECT ?m WHERE { ?m :uses :MLA . }", "what uses MLA"),
            ("SELECT name FROM models m WHERE m.date > 2024 LIMIT 3", "models WHERE date > 2024 LIMIT 3"),
            ("SELECT COUNT(*) FROM Model", "COUNT Model"),
        ] {
            let words: Vec<String> = plain(tokens(text)).into_iter().map(|token| token.word).collect();
            assert_eq!(words.join(" "), wanted, "{text}");
        }
    }
}
