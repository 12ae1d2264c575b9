//! Simple queries of SQL as words: tables by their names, without what joins them.

use super::dictionary::Dictionary;
use super::foreign::called;
use super::lemma::root;
use super::recognise::Sense;
use super::tokens::Token;

/// A table of `FROM`.
struct Table {
    name: Token,
    alias: Option<String>,
    /// The name that a row of it is to have.
    is: Option<Token>,
    /// True if no row of it is to be there: `LEFT JOIN … WHERE id IS NULL`.
    absent: bool,
}

impl Table {
    fn is_called(&self, token: &Token) -> bool {
        !token.quoted && (self.name.is(&token.lower) || self.alias.as_deref() == Some(&token.lower))
    }
}

/// Reads `SELECT name FROM models WHERE size > 3 GROUP BY maker`: first `count` if the query counts, then the tables,
/// the clauses, and, without a count or groups, the columns.
pub(super) fn words(tokens: &[Token]) -> Vec<Token> {
    let place = |word: &str| tokens.iter().position(|token| token.is(word));
    let Some(from) = place("from") else { return tokens.to_vec() };
    let clauses = ["where", "group", "order", "limit", "having"];
    let end = clauses.iter().filter_map(|word| place(word)).filter(|at| *at > from).min().unwrap_or(tokens.len());
    let (items, clauses) = (&tokens[1..from], &tokens[end..]);
    let mut tables = tables(&tokens[from + 1..end]);
    let clauses = &numbered(clauses, items)[..];
    let clauses = without_joins(clauses, &mut tables);
    let counts = items.iter().find(|token| token.is("count"));
    let groups = clauses.iter().any(|token| token.is("group"));
    // `COUNT(DISTINCT maker)` counts something else than rows, `COUNT(DISTINCT t.name)` those of a table.
    let distinct = items.iter().position(|token| token.is("distinct")).and_then(|at| items.get(at + 1));
    let counted = distinct.and_then(|token| tables.iter().find(|table| table.is_called(token)));
    let counted = counts
        .zip(counted.filter(|_| tables.len() > 1))
        .map(|(count, table)| [count.clone(), Token { again: Some(0), ..table.name.clone() }]);
    let mut plain: Vec<Token> = counts.filter(|_| counted.is_none()).cloned().into_iter().collect();
    plain.extend(distinct.filter(|token| counts.is_some() && token.is_word() && token.word.len() > 2).cloned());
    for table in &tables {
        plain.extend(table.absent.then(|| table.name.worded("not")));
        plain.push(table.name.clone());
        plain.extend(table.is.clone());
    }
    plain.extend(counted.into_iter().flatten());
    plain.extend(folded(items));
    let is_alias = |token: &&Token| token.word.chars().count() == 1 && token.word.chars().all(char::is_alphabetic);
    plain.extend(clauses.iter().filter(|token| !is_alias(token) || token.quoted).cloned());
    if !groups && counts.is_none() && folded(items).is_empty() {
        let is_table = |token: &&Token| tables.iter().any(|table| table.is_called(token));
        let is_column =
            |token: &&Token| token.is_word() && token.word.len() > 2 && !token.is("name") && !token.is("distinct");
        let columns: Vec<Token> = items.iter().filter(is_column).filter(|token| !is_table(token)).cloned().collect();
        // `SELECT DISTINCT country FROM orgs`: nothing of the table is shown.
        if let ([column], true) = (columns.as_slice(), items.iter().any(|token| token.is("distinct"))) {
            plain.extend([column.clone(), column.worded("show")]);
        }
        plain.extend(columns);
    }
    plain
}

/// Reads `SELECT model, technique FROM uses WHERE technique LIKE '%Norm%'`, where a verb is the table and its two ends are
/// the columns. `None` if a query is something else.
pub(super) fn sentence(tokens: &[Token], dictionary: &Dictionary) -> Option<Vec<Token>> {
    let [_, from, comma, to, word, verb, clauses @ ..] = tokens else { return None };
    let senses = |token: &Token| dictionary.get(&root(&token.lower)).iter();
    let is_type = |token: &Token| senses(token).any(|(sense, _)| matches!(sense, Sense::Type(_)));
    let is_verb = senses(verb).any(|(sense, _)| matches!(sense, Sense::Verb { .. })) && !is_type(verb);
    if !(comma.is(",") && word.is("from") && is_verb && is_type(from) && is_type(to)) {
        return None;
    }
    let again = |token: &Token| match [from, to].into_iter().find(|column| token.is(&column.lower)) {
        Some(column) => Token { again: Some(0), span: token.span, ..column.clone() },
        None => token.clone(),
    };
    Some([from, verb, to].into_iter().cloned().chain(clauses.iter().map(again)).collect())
}

/// Returns the first function of a column that is selected, and the column: `MIN(date)`.
fn folded(items: &[Token]) -> Vec<Token> {
    const FUNCTIONS: &[&str] = &["min", "max", "avg", "sum"];
    let is_call = |at: &usize| {
        let opens = items.get(at + 1).is_some_and(|token| token.is("("));
        opens && FUNCTIONS.iter().any(|word| items[*at].is(word))
    };
    let Some(at) = (0..items.len()).find(is_call) else { return Vec::new() };
    let column = items[at + 2..].iter().take_while(|token| !token.is(")")).last();
    let function = items[at].worded(&format!("{}()", items[at].lower));
    column.into_iter().flat_map(|column| [function.clone(), column.clone()]).collect()
}

/// The tables of `models m JOIN uses u ON u.model = m.id, techniques AS t`.
fn tables(tokens: &[Token]) -> Vec<Table> {
    const WORDS: &[&str] = &["join", "inner", "left", "right", "full", "outer", "cross", "natural", "as"];
    let parts = tokens.split(|token| token.is(",") || token.is("join"));
    let of = |part: &[Token]| {
        let end = part.iter().position(|token| token.is("on") || token.is("using")).unwrap_or(part.len());
        let mut words = part[..end].iter().filter(|token| token.is_word() && !WORDS.iter().any(|word| token.is(word)));
        let name = words.next()?.clone();
        Some(Table { name, alias: words.next().map(|token| token.lower.clone()), is: None, absent: false })
    };
    parts.filter_map(of).collect()
}

/// The clauses without conditions that join tables or name a row; those that do are told by the tables.
fn without_joins(clauses: &[Token], tables: &mut [Table]) -> Vec<Token> {
    let mut plain: Vec<Token> = Vec::new();
    let mut at = 0;
    while let Some(token) = clauses.get(at) {
        let table = tables.iter().position(|table| table.is_called(token));
        let Some(table) = table.filter(|_| is_qualifier(clauses, at)) else {
            plain.push(token.clone());
            at += 1;
            continue;
        };
        let (column, rest) = (&clauses[at + 1], &clauses[at + 2..]);
        let taken = match rest {
            [equal, name, ..] if equal.is("=") && name.quoted && !column.is("name") => {
                plain.push(column.clone());
                at += 2;
                continue;
            }
            [equal, other, ..] if equal.is("=") && tables.iter().any(|table| table.is_called(other)) => 5,
            [equal, name, ..] if equal.is("=") && name.quoted && column.is("name") && tables.len() > 1 => {
                tables[table].is = Some(name.clone());
                4
            }
            [is, null, ..] if is.is("is") && null.is("null") && tables.len() > 1 => {
                tables[table].absent = true;
                4
            }
            _ => 0,
        };
        if taken > 0 {
            at += taken;
            // `AND` beside it joins nothing.
            let joins = clauses.get(at).is_some_and(|token| token.is("and"));
            at += usize::from(joins);
            continue;
        }
        let is_name = ["name", "id", "title"].iter().any(|word| column.is(word));
        if tables.len() > 1 {
            plain.push(Token { again: Some(0), ..tables[table].name.clone() });
        }
        plain.extend((!is_name || tables.len() < 2).then(|| column.clone()));
        at += 2;
    }
    plain
}

/// Whether a token and the next one are written as `table.column`.
fn is_qualifier(tokens: &[Token], at: usize) -> bool {
    const WORDS: &[&str] =
        &["and", "or", "limit", "order", "group", "having", "where", "desc", "asc", "is", "in", "like", "by"];
    let Some(next) = tokens.get(at + 1) else { return false };
    let is_column = !next.quoted && next.is_word() && !WORDS.iter().any(|word| next.is(word));
    is_column && next.span.start == tokens[at].span.end + 1
}

/// The clauses with `ORDER BY 2` as the second of the items, and with items in place of their names.
fn numbered(clauses: &[Token], items: &[Token]) -> Vec<Token> {
    let columns: Vec<&[Token]> = items.split(|token| token.is(",")).collect();
    let called = called(items);
    let mut written: Vec<Token> = Vec::new();
    let mut is_order = false;
    for token in clauses {
        is_order = ["order", "having"].iter().any(|word| token.is(word)) || is_order && !token.is("limit");
        let column = token.word.parse::<usize>().ok().and_then(|number| columns.get(number.checked_sub(1)?));
        let item = called.iter().find(|(name, _)| token.is(name)).map(|(_, item)| item.as_slice());
        match item.or(column.copied()).filter(|_| is_order) {
            Some(column) => written.extend(column.iter().map(|item| Token { span: token.span, ..item.clone() })),
            None => written.push(token.clone()),
        }
    }
    written
}

#[cfg(test)]
mod tests {
    use super::words;
    use crate::repair::tokens::{self, tokens};

    #[test]
    fn tables_by_their_names() {
        for (text, wanted) in [
            (
                "SELECT o.name, COUNT(m.id) AS n FROM orgs o JOIN models m ON m.org = o.id GROUP BY o.name ORDER BY n DESC",
                "COUNT orgs models GROUP BY orgs ORDER BY COUNT ( id ) DESC",
            ),
            (
                "SELECT t.name FROM techniques t LEFT JOIN uses u ON u.t = t.id WHERE u.model IS NULL",
                "techniques not uses WHERE",
            ),
            (
                "SELECT t.name FROM techniques t, uses u, models m WHERE u.t = t.id AND m.name = 'Zamba' AND t.date > 2020",
                "techniques uses models Zamba WHERE techniques date > 2020",
            ),
            (
                "SELECT o.name, COUNT(DISTINCT m.id) FROM orgs o JOIN models m ON m.org = o.id GROUP BY o.name",
                "orgs models COUNT models GROUP BY orgs",
            ),
            ("SELECT org, MIN(date) FROM models GROUP BY org", "models min() date GROUP BY org"),
            ("SELECT name FROM models m WHERE m.date > 2024 LIMIT 3", "models WHERE date > 2024 LIMIT 3"),
        ] {
            assert_eq!(tokens::words(&words(&tokens(text))), wanted, "{text}");
        }
    }
}
