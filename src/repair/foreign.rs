//! Simple SQL, Cypher and SPARQL queries as words: variables are replaced by their labels.

use super::dictionary::Dictionary;
use super::fragments::{goals, selection, verb_ends};
use super::join::tops;
use super::pandas;
use super::sql;
use super::tokens::Token;
use super::vocabulary::Vocabulary;

/// Returns the tokens of a text without the syntax of other query languages.
pub(super) fn plain(tokens: Vec<Token>, dictionary: &Dictionary, graph: &Vocabulary<'_>) -> Vec<Token> {
    let known = goals(&tokens, dictionary, graph).or_else(|| selection(&tokens)).or_else(|| piped(&tokens));
    let known = known.or_else(|| traversal(&tokens));
    match known.or_else(|| pandas::chain(&tokens)) {
        Some(words) => words,
        None => of_patterns(with_classes(tokens, dictionary, graph), dictionary),
    }
}

/// Reads `.models[] | select(.uses == "MLA") | .name`, where `|` joins steps. `None` if a text is something else.
fn piped(tokens: &[Token]) -> Option<Vec<Token>> {
    let is_piped = tokens.first()?.is(".") && tokens.iter().any(|token| token.is("|"));
    is_piped.then(|| tokens.iter().filter(|token| !token.is("|") && !token.is(".")).cloned().collect())
}

/// Reads the steps of Gremlin, `g.V().has("name", "MLA").in("uses").values("name")`, as words: a step against the direction
/// of a verb becomes `by`. `None` if a text is something else.
fn traversal(tokens: &[Token]) -> Option<Vec<Token>> {
    let [first, vertices, ..] = tokens else { return None };
    if !(first.is("g") && vertices.is("v")) {
        return None;
    }
    let mut plain: Vec<Token> = Vec::new();
    let mut step = vertices;
    for (at, token) in tokens.iter().enumerate().skip(2) {
        let is_step = tokens.get(at + 1).is_some_and(|next| next.is("(")) && !token.quoted;
        if is_step {
            step = token;
            plain.extend(token.is("count").then(|| token.worded("count")));
        } else if token.quoted && !step.is("values") && !tokens.get(at + 1).is_some_and(|next| next.is(",")) {
            // Only a name stays quoted; the key before it says nothing.
            let is_edge = ["in", "out", "both", "ine", "oute", "repeat"].iter().any(|word| step.is(word));
            let is_label = is_edge || step.is("haslabel");
            plain.push(if is_label { token.worded(&token.word) } else { token.clone() });
            plain.extend((step.is("in") || step.is("ine")).then(|| token.worded("by")));
        }
    }
    // What is counted comes behind the word.
    let counts = plain.iter().position(|token| token.is("count")).map(|at| plain.remove(at));
    Some(counts.into_iter().chain(plain).collect())
}

/// The tokens of a SPARQL query that counts, with `?m a Model` for each variable whose class follows from a verb.
fn with_classes(tokens: Vec<Token>, dictionary: &Dictionary, graph: &Vocabulary<'_>) -> Vec<Token> {
    let Some(open) = tokens.iter().position(|token| token.is("{")) else { return tokens };
    let first = &tokens[0];
    if !(first.is("select") || first.is("prefix")) || !tokens[..open].iter().any(|token| token.is("count")) {
        return tokens;
    }
    let body = &tokens[open + 1..];
    let is_typed = |name: &Token| {
        let mut pairs = body.windows(2);
        pairs.any(|pair| pair[0].is(&name.lower) && (pair[1].is("a") || pair[1].is("rdf")))
    };
    let mut classes: Vec<Token> = Vec::new();
    for (at, verb) in body.iter().enumerate().filter(|(at, _)| *at > 0 && body[at - 1].is(":")) {
        let Some((from, to)) = verb_ends(verb, dictionary, graph) else { continue };
        let before = body[..at - 1].iter().rposition(|token| token.is("?")).map(|mark| (mark + 1, from));
        let after = body.get(at + 1).filter(|token| token.is("?")).map(|_| (at + 2, to));
        for (place, types) in [before.filter(|(place, _)| place + 3 >= at), after].into_iter().flatten() {
            let (Some(name), Some(kind)) = (body.get(place), tops(types, graph).into_iter().next()) else { continue };
            if is_typed(name) || classes.iter().any(|known| known.lower == name.lower) {
                continue;
            }
            let class = name.worded(&graph.schema().type_(kind).name);
            let marks = [name.worded("?"), name.clone(), name.worded("a"), name.worded(":"), class, name.worded(".")];
            classes.extend(marks);
        }
    }
    [&tokens[..=open], classes.as_slice(), body].concat()
}

/// Reads the queries of languages with patterns and clauses.
fn of_patterns(tokens: Vec<Token>, dictionary: &Dictionary) -> Vec<Token> {
    let Some(first) = tokens.first() else { return tokens };
    let is_foreign = ["match", "select", "prefix"].iter().any(|word| first.is(word));
    let tokens = if is_foreign { with_choices(tokens) } else { tokens };
    let Some(first) = tokens.first() else { return tokens };
    match first.lower.as_str() {
        "match" => cypher(&with_returned(tokens)),
        "prefix" => sparql(&after_prefixes(&tokens)),
        "select" if tokens.iter().any(|token| token.is("{")) => sparql(&tokens),
        "select" => sql::sentence(&tokens, dictionary).unwrap_or_else(|| sql::words(&tokens)),
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
            let edge = tokens[at + 1..].iter().take_while(|token| !token.is("]")).count();
            plain.push(steps(token, &tokens[at + 1..at + 1 + edge]));
            at += edge;
        } else if token.is("<-") {
            let edge = tokens[at..].iter().position(|token| token.is("]"));
            let edge = edge.map(|end| &tokens[at + 1..at + end]).unwrap_or_default();
            plain.extend(backwards(edge));
            at += edge.len() + 1;
        } else if token.is("return") {
            return [plain, returned(&tokens[at + 1..], &names)].concat();
        } else if let Some(place) = names.iter().position(|(name, _)| !is_pattern && token.is(name)) {
            // A variable outside of a pattern tells only whose property follows.
            let is_property = after.is_some_and(|after| after.is_word() && after.span.start == token.span.end + 1);
            plain.extend(nth_of_its_label(&names, place).filter(|_| is_property && !after.is_some_and(is_logic)));
        } else if ["name", "match", "-", "->", ":", "(", ")", "[", "]", "{", "}"].iter().all(|mark| !token.is(mark)) {
            plain.push(token.clone());
        }
        at += 1;
    }
    plain
}

/// The verb of a backward edge, as `USES by`, with its number of steps.
fn backwards(edge: &[Token]) -> Vec<Token> {
    let star = edge.iter().position(|token| token.is("*"));
    let (named, repeated) = edge.split_at(star.unwrap_or(edge.len()));
    let Some(verb) = named.iter().rfind(|token| token.is_word()) else { return Vec::new() };
    let steps = repeated.split_first().map(|(star, rest)| steps(star, rest));
    [verb.clone(), worded(verb, "by")].into_iter().chain(steps).collect()
}

/// The number of steps behind `*`, as in `*1..3`.
fn steps(star: &Token, rest: &[Token]) -> Token {
    let most = rest.last().and_then(|token| token.word.rsplit('.').next()?.parse::<u32>().ok());
    worded(star, &most.map_or("+".to_string(), |most| format!("{{1,{most}}}")))
}

/// The tokens with what `WITH o, count(m) AS n WHERE n > 10` passes on as what is returned, and a condition on it behind
/// `having`.
fn with_returned(tokens: Vec<Token>) -> Vec<Token> {
    let is_with = |at: &usize| tokens[*at].is("with") && !["starts", "ends"].iter().any(|word| tokens[at - 1].is(word));
    let Some(with) = (1..tokens.len()).find(is_with) else { return tokens };
    let rest = &tokens[with + 1..];
    let Some(back) = rest.iter().position(|token| token.is("return")) else { return tokens };
    let condition = rest[..back].iter().position(|token| token.is("where")).unwrap_or(back);
    let is_clause = |token: &Token| token.is("order") || token.is("limit");
    let after = rest.iter().skip(back).position(is_clause).map_or(rest.len(), |at| back + at);
    let having = rest.get(condition).filter(|_| condition < back).map(|token| worded(token, "having"));
    let mut plain = tokens[..with].to_vec();
    plain.push(worded(&tokens[with], "return"));
    plain.extend(rest[..condition].iter().cloned().chain(having));
    plain.extend(rest[(condition + 1).min(back)..back].iter().chain(&rest[after..]).cloned());
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
    // What is counted, and each row of a pattern, is distinct anyway.
    let tokens: Vec<Token> = tokens.iter().filter(|token| !token.is("distinct")).cloned().collect();
    let tokens = tokens.as_slice();
    let counts = tokens.windows(2).any(|pair| pair[0].is("count") && pair[1].is("("));
    let is_clause = |token: &Token| token.is("order") || token.is("limit") || token.is("having");
    let (items, clauses) = tokens.split_at(tokens.iter().position(is_clause).unwrap_or(tokens.len()));
    let called = called(items);
    // `count(m) AS n … ORDER BY n`
    let clauses = clauses.iter().flat_map(|token| match called.iter().find(|(name, _)| token.is(name)) {
        Some((_, item)) if item.iter().any(|part| part.is("count")) => vec![worded(token, "count")],
        Some((_, item)) => item.iter().filter(|part| label(names, &part.lower).is_none()).cloned().collect(),
        None => vec![token.clone()],
    });
    let clauses: Vec<Token> = clauses.filter(|token| label(names, &token.lower).is_none()).collect();
    let mut plain: Vec<Token> = Vec::new();
    if counts {
        let is_counted = |at: usize| at >= 2 && items[at - 1].is("(") && items[at - 2].is("count");
        for (at, item) in items.iter().enumerate() {
            let Some(Some(known)) = label(names, &item.lower) else { continue };
            let word = if is_counted(at) { "count" } else { "per" };
            plain.extend([worded(item, word), known.clone()]);
        }
    }
    // `m.date`, not `m.name`
    let is_shown = |pair: &&[Token]| {
        let is_property = pair[1].is_word() && pair[1].span.start == pair[0].span.end + 1;
        is_property
            && label(names, &pair[0].lower).is_some()
            && !["name", "id", "as"].iter().any(|word| pair[1].is(word))
    };
    let properties: Vec<Token> = items.windows(2).filter(is_shown).map(|pair| pair[1].clone()).collect();
    plain.extend(properties.into_iter().filter(|_| !counts));
    // Some of what the pattern names.
    let shown = items.iter().filter_map(|item| names.iter().position(|(name, _)| *name == item.lower));
    let shown: Vec<usize> = shown.filter(|place| names[*place].1.is_some()).collect();
    let all = names.iter().filter(|(_, label)| label.is_some()).count();
    if !counts && (1..all).contains(&shown.len()) {
        plain.push(worded(&items[0], "show"));
        plain.extend(shown.into_iter().filter_map(|place| nth_of_its_label(names, place)));
    }
    plain.extend(clauses);
    plain
}

fn is_logic(token: &Token) -> bool {
    ["and", "or", "is", "in", "name", "not"].iter().any(|word| token.is(word))
}

/// The label of a variable, as the noun that it stands for: the first of that label, or a later one.
fn nth_of_its_label(names: &Names, place: usize) -> Option<Token> {
    let label = names[place].1.clone()?;
    let alike = names[..place].iter().filter(|(_, other)| other.as_ref().is_some_and(|other| other.is(&label.lower)));
    Some(Token { again: Some(alike.count()), ..label })
}

/// The names that items are given by `AS`, each with the item.
pub(super) fn called(items: &[Token]) -> Vec<(String, Vec<Token>)> {
    let of = |item: &[Token]| {
        let at = item.iter().position(|token| token.is("as"))?;
        let name = item[at + 1..].iter().find(|token| token.is_word())?;
        Some((name.lower.clone(), item[..at].to_vec()))
    };
    items.split(|token| token.is(",")).filter_map(of).collect()
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
    // `(COUNT(?m) AS ?n) … ORDER BY ?n`
    let counted = called(head).into_iter().map(|(name, _)| name).next();
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
        } else if is_variable(at) && counted.as_ref().is_some_and(|name| token.is(name)) {
            plain.push(worded(token, "count"));
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

/// Another word at the place of a token.
fn worded(token: &Token, word: &str) -> Token {
    token.worded(word)
}

#[cfg(test)]
mod tests {
    use super::of_patterns;
    use crate::repair::dictionary::Dictionary;
    use crate::repair::tokens::tokens;
    use crate::repair::vocabulary::Vocabulary;

    #[test]
    fn queries_of_other_languages_as_words() {
        let database = crate::Database::builtin();
        let dictionary = Dictionary::of(&Vocabulary::new(database.graph(), std::iter::empty()));
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
            ("MATCH (m:Model {name:'R1'})<-[:SUCCEEDS*1..2]-(d) RETURN d.name", "Model R1 SUCCEEDS by {1,2}"),
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
            let words = of_patterns(tokens(text), &dictionary).into_iter().map(|token| token.word);
            let words: Vec<String> = words.collect();
            assert_eq!(words.join(" "), wanted, "{text}");
        }
    }
}
