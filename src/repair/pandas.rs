//! Chains of methods on tables, as those of pandas, as words.

use super::tokens::{Token, tokens};

/// Methods that tell that a text is such a chain.
const TELLING: &[&str] = &[
    "groupby",
    "query",
    "value_counts",
    "sort_values",
    "nunique",
    "isin",
    "loc",
    "nlargest",
    "nsmallest",
    "drop_duplicates",
    "size",
    "head",
    "agg",
    "isna",
    "isnull",
    "notna",
    "notnull",
    "str",
    "unique",
    "filter",
];
/// Names of tables that say nothing.
const FRAMES: &[&str] = &["df", "data", "frame", "table", "graph", "g"];
const FOLDS: &[(&str, &str)] =
    &[("mean", "avg()"), ("avg", "avg()"), ("median", "median"), ("max", "max()"), ("min", "min()"), ("sum", "sum()")];

/// What a chain comes to.
#[derive(Default)]
struct Chain {
    subject: Vec<Token>,
    conditions: Vec<Token>,
    groups: Vec<Token>,
    column: Option<Token>,
    count: Option<Token>,
    fold: Option<Token>,
    order: Vec<Token>,
    limit: Vec<Token>,
}

/// Reads `models[models.uses == 'MLA'].groupby('org').size()` as `count models uses = MLA per org`. `None` if a text is
/// something else.
pub(super) fn chain(text: &[Token]) -> Option<Vec<Token>> {
    let is_call = |at: usize| text.get(at + 1).is_some_and(|next| next.is("(") || next.is("[") || next.is("."));
    let is_telling = |at: usize| TELLING.iter().any(|word| text[at].is(word)) && is_call(at) && at > 0;
    let counts = text.first()?.is("len") && text.get(1)?.is("(");
    let start = if counts { 2 } else { 0 };
    let frame = text.get(start)?;
    let compares = |token: &Token| ["==", "!=", "<", ">", "<=", ">="].iter().any(|sign| token.is(sign));
    let selects = text.get(start + 1).is_some_and(|open| open.is("[")) && text.iter().any(compares);
    if !frame.is_word() || frame.quoted || !(selects || (start + 1..text.len()).any(is_telling)) {
        return None;
    }
    let mut rest = &text[start + 1..];
    let mut chain = Chain::default();
    if !FRAMES.contains(&frame.lower.as_str()) {
        chain.subject.push(frame.clone());
    }
    chain.count = counts.then(|| text[0].worded("count"));
    while let Some((token, after)) = rest.split_first() {
        rest = match token.lower.as_str() {
            "[" => {
                let (inside, after) = bracket(after, "[", "]");
                chain.select(inside, frame);
                after
            }
            _ if token.is_word() && !token.quoted => {
                let (inside, after) = match after.split_first() {
                    Some((open, inner)) if open.is("(") => bracket(inner, "(", ")"),
                    _ => (&after[..0], after),
                };
                chain.method(token, inside, frame);
                after
            }
            _ => after,
        };
    }
    Some(chain.words())
}

/// What stands before the bracket that closes, and what comes behind it.
fn bracket<'t>(tokens: &'t [Token], open: &str, close: &str) -> (&'t [Token], &'t [Token]) {
    let mut depth = 0;
    for (at, token) in tokens.iter().enumerate() {
        match () {
            () if token.is(open) => depth += 1,
            () if token.is(close) && depth == 0 => return (&tokens[..at], &tokens[at + 1..]),
            () if token.is(close) => depth -= 1,
            () => {}
        }
    }
    (tokens, &tokens[tokens.len()..])
}

/// The names of columns in quotes, as words.
fn columns(tokens: &[Token]) -> Vec<Token> {
    tokens.iter().filter(|token| token.quoted).map(|token| token.worded(&token.word)).collect()
}

impl Chain {
    /// Takes what stands in square brackets: columns, or conditions.
    fn select(&mut self, inside: &[Token], frame: &Token) {
        let is_condition = inside.iter().any(|token| {
            ["==", ">", "<", ">=", "<=", "!=", "isin", "str", "isna", "isnull", "notna", "notnull"]
                .iter()
                .any(|word| token.is(word))
        });
        if is_condition {
            self.conditions.extend(condition(inside, frame));
        } else {
            self.column = columns(inside).pop().or(self.column.take());
        }
    }

    fn method(&mut self, name: &Token, inside: &[Token], frame: &Token) {
        let word = |text: &str| name.worded(text);
        let fold = FOLDS.iter().find(|(method, _)| name.is(method)).map(|(_, fold)| word(fold));
        match name.lower.as_str() {
            "groupby" => self.groups = columns(inside),
            "query" => {
                let text = inside.first().filter(|token| token.quoted);
                let inner = text
                    .map(|text| tokens(&text.word).into_iter().map(move |token| Token { span: text.span, ..token }));
                self.conditions
                    .extend(inner.into_iter().flat_map(|inner| condition(&inner.collect::<Vec<_>>(), frame)));
            }
            "size" | "count" | "nunique" => self.count = Some(word("count")),
            "value_counts" => {
                (self.count, self.groups) = (Some(word("count")), self.column.take().into_iter().collect());
                self.order = vec![word("order"), word("by"), word("count"), word("desc")];
            }
            "sort_values" | "nlargest" | "nsmallest" => {
                let is_down = name.is("nlargest") || inside.iter().any(|token| token.is("false"));
                let by = columns(inside).into_iter().next().filter(|_| self.count.is_none());
                self.order = vec![word("order"), word("by"), by.unwrap_or(word("count"))];
                self.order.extend(is_down.then(|| word("desc")));
                let number = inside.iter().find(|token| token.word.parse::<u32>().is_ok());
                self.limit.extend(number.map(|number| [word("limit"), number.clone()]).into_iter().flatten());
            }
            "head" => {
                let number = inside.first().cloned().unwrap_or(word("5"));
                self.limit = vec![word("limit"), number];
            }
            "agg" => {
                let inner =
                    inside.iter().find(|token| token.quoted && FOLDS.iter().any(|(fold, _)| *fold == token.lower));
                let counts = inside.iter().any(|token| ["count", "size", "nunique"].contains(&token.lower.as_str()));
                match inner {
                    Some(inner) => self.method(&inner.worded(&inner.word), &[], frame),
                    None => self.count = counts.then(|| word("count")),
                }
            }
            _ if fold.is_some() => self.fold = fold,
            // `df.date`
            _ if inside.is_empty() && !TELLING.contains(&name.lower.as_str()) && name.word.len() > 2 => {
                let is_idle =
                    ["reset_index", "copy", "index", "iloc", "tolist", "shape", "name"].contains(&name.lower.as_str());
                self.column = Some(name.clone()).filter(|_| !is_idle).or(self.column.take());
            }
            _ => {}
        }
    }

    fn words(self) -> Vec<Token> {
        let mut words: Vec<Token> = self.count.clone().into_iter().collect();
        let is_group = |token: &Token| self.groups.iter().any(|group| group.lower == token.lower);
        let column = self.column.filter(|column| !is_group(column));
        match (&self.fold, &column) {
            (Some(fold), Some(column)) => {
                words.extend(self.subject.clone());
                words.extend([fold.clone(), column.clone()]);
            }
            _ => {
                words.extend(column.clone().filter(|_| self.count.is_some()));
                words.extend(self.subject.clone());
            }
        }
        words.extend(self.conditions);
        for group in &self.groups {
            words.extend([group.worded("per"), group.clone()]);
        }
        if self.count.is_none() && self.fold.is_none() {
            words.extend(column);
        }
        [words, self.order, self.limit].concat()
    }
}

/// The words of `(df.uses == 'MLA') & ~df['org'].isin(['A', 'B'])`.
fn condition(tokens: &[Token], frame: &Token) -> Vec<Token> {
    let mut words: Vec<Token> = Vec::new();
    let mut is_list = false;
    for (at, token) in tokens.iter().enumerate() {
        let is_key = token.quoted && at > 0 && tokens[at - 1].is("[") && !is_list;
        match token.lower.as_str() {
            _ if is_key => words.push(token.worded(&token.word)),
            _ if token.quoted => words.push(token.clone()),
            _ if token.lower == frame.lower => {}
            "&" | "and" => words.push(token.worded("and")),
            "|" | "or" => words.push(token.worded("or")),
            "~" | "not" => words.push(token.worded("not")),
            "==" => words.push(token.worded("=")),
            "isin" => {
                is_list = true;
                words.push(token.worded("="));
            }
            "in" if tokens.get(at + 1).is_some_and(|open| open.is("[")) => {
                is_list = true;
                words.push(token.worded("="));
            }
            "," if is_list => words.push(token.worded("or")),
            "]" => is_list = false,
            "contains" | "startswith" => words.push(token.worded("like")),
            "isna" | "isnull" => words.extend([token.worded("is"), token.worded("null")]),
            "notna" | "notnull" => words.extend([token.worded("is"), token.worded("not"), token.worded("null")]),
            "(" | ")" | "[" | "." | "str" | "dt" | "year" => {}
            _ => words.push(token.clone()),
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::chain;
    use crate::repair::tokens::{self, tokens};

    #[test]
    fn chains_as_words() {
        for (text, wanted) in [
            ("models[models.uses == 'SwiGLU'].groupby('org').size()", Some("count models uses = SwiGLU per org")),
            (
                "df.groupby('technique')['model'].nunique().sort_values(ascending=False).head(5)",
                Some("count model per technique order by count desc limit 5"),
            ),
            ("models.query(\"date >= '2025' and org == 'NVIDIA'\")", Some("models date >= 2025 and org = NVIDIA")),
            ("len(df[df['uses'] == 'MoE'])", Some("count uses = MoE")),
            ("models['org'].value_counts()", Some("count models per org order by count desc")),
            ("df[df.org.isin(['Google', 'Meta'])]", Some("org = Google or Meta")),
            ("albums.groupby('band')['length'].mean()", Some("albums avg() length per band")),
            ("albums.sort_values('date', ascending=False).head(3)", Some("albums order by date desc limit 3")),
            ("models (all of them)", None),
            ("Model m show count(m)", None),
            ("{ models { name } }", None),
        ] {
            let words = chain(&tokens(text)).map(|words| tokens::words(&words));
            assert_eq!(words.as_deref(), wanted, "{text}");
        }
    }
}
