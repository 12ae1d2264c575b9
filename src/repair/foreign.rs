//! Simple SQL, Cypher and SPARQL queries as words: variables are replaced by their labels.

use super::dictionary::Dictionary;
use super::fragments::{goals, selection};
use super::tokens::Token;
use super::vocabulary::Vocabulary;

/// Returns the tokens of a text without the syntax of other query languages.
pub(super) fn plain(tokens: Vec<Token>, dictionary: &Dictionary, graph: &Vocabulary<'_>) -> Vec<Token> {
    match goals(&tokens, dictionary, graph).or_else(|| selection(&tokens)) {
        Some(words) => words,
        None => of_patterns(tokens),
    }
}

/// Reads the queries of languages with patterns and clauses.
fn of_patterns(tokens: Vec<Token>) -> Vec<Token> {
    let Some(first) = tokens.first() else { return tokens };
    let is_foreign = ["match", "select", "prefix"].iter().any(|word| first.is(word));
    let tokens = if is_foreign { with_choices(tokens) } else { tokens };
    let Some(first) = tokens.first() else { return tokens };
    match first.lower.as_str() {
        "match" => cypher(&tokens),
        "prefix" => sparql(&after_prefixes(&tokens)),
        "select" if tokens.iter().any(|token| token.is("{")) => sparql(&tokens),
        "select" => sql(&tokens),
        _ => tokens,
    }
}

/// The tokens with `= A or B` for `IN (A, B)`, and `like` for `CONTAINS`.
fn with_choices(tokens: Vec<Token>) -> Vec<Token> {
    let mut plain: Vec<Token> = Vec::new();
    let mut is_list = false;
    for (at, token) in tokens.iter().enumerate() {
        let opens = |at: usize| tokens.get(at).is_some_and(|token| token.is("(") || token.is("["));
        // `IN (SELECT …)` is no list.
        let begins = |at: usize| opens(at) && tokens.get(at + 1).is_some_and(|token| !token.is("select"));
        if token.is("in") && begins(at + 1) {
            is_list = true;
            plain.push(worded(token, "="));
        } else if is_list && (token.is("(") || token.is("[")) {
            // The list begins.
        } else if is_list && (token.is(")") || token.is("]")) {
            is_list = false;
        } else if is_list && token.is(",") {
            plain.push(worded(token, "or"));
        } else if token.is("contains") && tokens.get(at + 1).is_some_and(|next| next.quoted) {
            plain.push(worded(token, "like"));
        } else {
            plain.push(token.clone());
        }
    }
    plain
}

/// Variables in lower case, each with its label if it has one.
type Names = Vec<(String, Option<Token>)>;

fn label<'n>(names: &'n Names, variable: &str) -> Option<&'n Option<Token>> {
    names.iter().find(|(name, _)| name == variable).map(|(_, label)| label)
}

/// Reads `MATCH (m:Model)-[:USES]->(t {name: 'MLA'}) WHERE m.date > 2024 RETURN m`: nodes and edges in the order of the
/// text. A backward edge becomes `USES by`.
fn cypher(tokens: &[Token]) -> Vec<Token> {
    let nodes = tokens.windows(4).filter(|run| run[0].is("(") && run[1].is_word());
    let names: Names = nodes.map(|run| (run[1].lower.clone(), run[2].is(":").then(|| run[3].clone()))).collect();
    let pattern_end = tokens.iter().position(|token| ["where", "return", "with"].iter().any(|word| token.is(word)));
    let (tokens, called) = without_names(tokens, pattern_end.unwrap_or(tokens.len()));
    let tokens = tokens.as_slice();
    let mut plain: Vec<Token> = Vec::new();
    let is_unlabelled = names.iter().all(|(_, label)| label.is_none()) && !tokens.iter().any(|token| token.quoted);
    // `p = shortestPath((…))`
    let path =
        tokens.iter().find(|token| token.lower.ends_with("shortestpath") || token.lower.ends_with("shortestpaths"));
    plain.extend(path.map(|token| worded(token, "path")));
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        let is_pattern = pattern_end.is_none_or(|end| at < end);
        let before = at.checked_sub(1).and_then(|at| tokens.get(at));
        let after = tokens.get(at + 1);
        let is_bracketed = before.is_some_and(|before| before.is("(") || before.is("["));
        let name = called.iter().find(|(variable, _)| is_pattern && token.is(variable)).map(|(_, name)| name);
        let is_path = path.is_some_and(|path| path.span.start >= token.span.start) && !token.is("match");
        if is_pattern && is_bracketed && after.is_some_and(|after| after.is(":")) {
            // `m` of `(m:Model)`: the label follows.
            let labelled =
                tokens.get(at + 2).filter(|_| name.is_some() && !before.is_some_and(|before| before.is("[")));
            plain.extend(labelled.cloned().into_iter().chain(name.cloned()));
            at += if labelled.is_some() { 2 } else { 0 };
        } else if is_pattern && is_bracketed && is_single(token) {
            // Where no label tells what is meant, the verb does.
            let is_new = is_unlabelled && !tokens[..at].iter().any(|other| other.is(&token.lower));
            plain.extend(name.cloned().or_else(|| is_new.then(|| worded(token, "what"))));
        } else if is_path {
            // The path has been named.
        } else if token.is("*") && is_pattern {
            let edge: Vec<&Token> = tokens[at + 1..].iter().take_while(|token| !token.is("]")).collect();
            // `*1..3`
            let most = edge.last().and_then(|token| token.word.rsplit('.').next()?.parse::<u32>().ok());
            plain.push(worded(token, &most.map_or("+".to_string(), |most| format!("{{1,{most}}}"))));
            at += edge.len();
        } else if token.is("<-") {
            let edge = tokens[at..].iter().position(|token| token.is("]"));
            let edge = edge.map(|end| &tokens[at + 1..at + end]).unwrap_or_default();
            let verb = edge.iter().rfind(|token| token.is_word());
            plain.extend(verb.cloned());
            plain.extend(verb.map(|verb| worded(verb, "by")));
            at += edge.len() + 1;
        } else if token.is("return") {
            return [plain, returned(&tokens[at + 1..], &names)].concat();
        } else if !is_pattern && label(&names, &token.lower).is_some() {
            // A variable outside of a pattern says nothing new.
        } else if ["name", "match", "-", "->", ":", "(", ")", "[", "]", "{", "}"].iter().all(|mark| !token.is(mark)) {
            plain.push(token.clone());
        }
        at += 1;
    }
    plain
}

/// The tokens without `WHERE m.name = 'X'`, and such names by their variables.
fn without_names(tokens: &[Token], pattern_end: usize) -> (Vec<Token>, Vec<(String, Token)>) {
    let (mut kept, mut called) = (tokens[..pattern_end].to_vec(), Vec::new());
    let mut at = pattern_end;
    while let Some(token) = tokens.get(at) {
        if let [variable, property, sign, name, ..] = &tokens[at..]
            && property.is("name")
            && sign.is("=")
            && name.quoted
        {
            called.push((variable.lower.clone(), name.clone()));
            at += 4;
            // `AND` behind it joins nothing.
            at += usize::from(tokens.get(at).is_some_and(|token| token.is("and")));
        } else {
            kept.push(token.clone());
            at += 1;
        }
    }
    (kept, called)
}

/// Whether it may be a variable.
fn is_single(token: &Token) -> bool {
    !token.quoted && token.word.chars().count() <= 2 && token.word.starts_with(char::is_lowercase)
}

/// What comes behind `RETURN` says more than the pattern only where it counts, sorts or cuts off.
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
    // Some of what the pattern names.
    let labels: Vec<Token> = items.iter().filter_map(|item| label(names, &item.lower).cloned().flatten()).collect();
    let all = names.iter().filter(|(_, label)| label.is_some()).count();
    if !counts && (1..all).contains(&labels.len()) {
        plain.push(worded(&labels[0], "show"));
        plain.extend(labels.into_iter().map(|label| Token { again: true, ..label }));
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
    let end = body.iter().rposition(|token| token.is("}")).unwrap_or(body.len());
    let often = |name: &str| (0..end).filter(|at| is_variable(*at) && body[*at].is(name)).count() > 1;
    let mut plain: Vec<Token> = Vec::new();
    // What is counted, if that is told.
    let head = &tokens[..open];
    if let Some(count) = head.iter().position(|token| token.is("count")) {
        plain.push(head[count].clone());
    }
    let (mut at, mut subject, mut named): (usize, Option<&str>, Vec<&str>) = (0, None, Vec::new());
    while let Some(token) = body.get(at) {
        let is_typed = is_variable(at) && body.get(at + 1).is_some_and(|token| token.is("a") || token.is("rdf"));
        let starts = at < 2 || body[at - 2].is(".") || body[at - 2].is("{");
        if is_typed {
            let class = body[at + 2..].iter().position(|token| token.is_word() && !token.is("type")).unwrap_or(0);
            let goes_on = body.get(at + 3 + class).is_some_and(|token| token.is(";"));
            // What is denied of it comes behind it.
            let next = body[at + 3 + class..].iter().find(|token| !token.is("."));
            let goes_on = goes_on || next.is_some_and(|token| token.is("minus") || token.is("filter"));
            if goes_on || !often(&token.lower) {
                plain.extend(label(&names, &token.lower).cloned().flatten());
                subject = Some(&token.lower);
                named.push(&token.lower);
            }
            at += 2 + class;
        } else if is_variable(at) && at < end && starts && named.contains(&token.lower.as_str()) {
            // The subject goes on, or the object becomes the subject.
            plain.extend((subject == Some(token.lower.as_str())).then(|| worded(token, "and")));
            subject = Some(&token.lower);
        } else if is_variable(at) {
            let asked = || Some(worded(token, "what")).filter(|_| at < end);
            plain.extend(label(&names, &token.lower).cloned().unwrap_or_else(asked));
            named.push(&token.lower);
            subject = if starts { Some(&token.lower) } else { subject };
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
    let clauses = &numbered(clauses, items)[..];
    let counts = items.iter().find(|token| token.is("count"));
    let groups = clauses.iter().any(|token| token.is("group"));
    let mut plain: Vec<Token> = counts.cloned().into_iter().collect();
    // `COUNT(DISTINCT maker)` counts something else than rows.
    let distinct = items.iter().position(|token| token.is("distinct")).and_then(|at| items.get(at + 1));
    plain.extend(distinct.filter(|token| counts.is_some() && token.is_word() && token.word.len() > 2).cloned());
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

/// The clauses with `ORDER BY 2` as the second of the items.
fn numbered(clauses: &[Token], items: &[Token]) -> Vec<Token> {
    let columns: Vec<&[Token]> = items.split(|token| token.is(",")).collect();
    let mut written: Vec<Token> = Vec::new();
    let mut is_order = false;
    for token in clauses {
        is_order = token.is("order") || is_order && !token.is("limit");
        let column = token.word.parse::<usize>().ok().and_then(|number| columns.get(number.checked_sub(1)?));
        match column.filter(|_| is_order) {
            Some(column) => written.extend(column.iter().map(|item| Token { span: token.span, ..item.clone() })),
            None => written.push(token.clone()),
        }
    }
    written
}

/// Another word at the place of a token.
fn worded(token: &Token, word: &str) -> Token {
    token.worded(word)
}

#[cfg(test)]
mod tests {
    use super::of_patterns;
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
            ("SELECT COUNT(DISTINCT maker) FROM Model", "COUNT maker Model"),
            ("SELECT name FROM models WHERE technique IN ('MLA', 'GQA')", "models WHERE technique = MLA or GQA"),
            ("MATCH (m:Model)-[:USES]->(t) WHERE t.name IN ['MLA', 'GQA'] RETURN m", "Model USES MLA WHERE or GQA"),
            ("MATCH (a)-[:REPLACES]->(b) RETURN a, b", "what REPLACES what"),
            ("MATCH (a:Model {name:'R1'})-[:SUCCEEDS*1..3]->(b) RETURN b", "Model R1 SUCCEEDS {1,3}"),
            (
                "SELECT ?m WHERE { ?m a :Model . FILTER NOT EXISTS { ?m :uses :MoE } }",
                "Model NOT EXISTS { and uses MoE",
            ),
            ("SELECT (COUNT(?m) AS ?n) WHERE { ?m a :Model ; :uses :RoPE }", "COUNT Model and uses RoPE"),
            (
                "MATCH (a:Model)-[:SUCCEEDS*]->(b:Model) WHERE b.name = 'GPT' RETURN a",
                "Model SUCCEEDS + Model GPT WHERE show Model",
            ),
            ("MATCH p = shortestPath((a {name:'R1'})-[:SUCCEEDS*]->(b {name:'V2'})) RETURN p", "path R1 SUCCEEDS + V2"),
            (
                "SELECT org, COUNT(*) FROM develops GROUP BY org ORDER BY 2 DESC",
                "COUNT develops GROUP BY org ORDER BY COUNT ( * ) DESC",
            ),
        ] {
            let words: Vec<String> = of_patterns(tokens(text)).into_iter().map(|token| token.word).collect();
            assert_eq!(words.join(" "), wanted, "{text}");
        }
    }
}
