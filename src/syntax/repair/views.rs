//! Repairs for words that a view does not take, and for columns without a sentence.

use super::parses;
use crate::syntax::error::Fault;
use crate::text::{Code, Diagnostic, Span};

/// Words that follow a view and say nothing new, each with the reason.
const NEEDLESS: [(&str, &str, &str); 2] = [
    ("spread", "among", "`spread` follows all who adopt it, and takes no `among`"),
    ("rise", "by", "`rise` goes by years, and takes no `by`"),
];

/// Suggests leaving out what a view does not take: `spread of MoE among Model`.
pub(super) fn needless_words(fault: &Fault) -> Option<Diagnostic> {
    const CLAUSES: [&str; 6] = ["where", "limit", "order", "as", "to", "via"];
    let word = |at: usize| fault.lexemes.get(at).map_or("", |lexeme| fault.word(*lexeme)).to_lowercase();
    let (.., reason) = NEEDLESS.iter().find(|(view, needless, _)| word(0) == *view && word(fault.at) == *needless)?;
    let last = (fault.at..fault.lexemes.len()).take_while(|at| !CLAUSES.contains(&word(*at).as_str())).last()?;
    let span = fault.lexemes[fault.at].span.to(fault.lexemes[last].span);
    let before = fault.near(-1)?.span.end;
    let gone = Span { start: before, end: span.end };
    let problem = Diagnostic::error(Code::Syntax, span, *reason);
    parses(fault, gone, "").then(|| problem.fix("leave it out", gone, ""))
}

/// Explains where a column stands that begins a text: `median(m.date) by Org`.
pub(super) fn columns_alone(fault: &Fault) -> Option<Diagnostic> {
    let [function, bracket] = *fault.lexemes.get(..2)? else { return None };
    let name = fault.word(function);
    let is_call = fault.word(bracket) == "(" && function.span.end == bracket.span.start;
    let is_function = name.starts_with(|c: char| c.is_ascii_lowercase()) && fault.near(0).is_some();
    let has_sentence = fault.lexemes.iter().any(|lexeme| fault.word(*lexeme).eq_ignore_ascii_case("show"));
    if !is_call || !is_function || has_sentence {
        return None;
    }
    let message = format!("a query begins with a sentence, and `{name}(…)` is a column of its answer");
    let help =
        "columns stand behind `show`, and what groups them behind `by`: `Org o develops Model m show o, count(m) by o`";
    let problem = Diagnostic::error(Code::Syntax, function.span, message);
    let whole = Span::new(0, fault.text.len());
    Some(match column_of(fault).filter(|query| parses(fault, whole, query)) {
        Some(query) => problem.fix(format!("write `{query}`"), whole, query),
        None => problem.help(help),
    })
}

/// Moves a column before `of` behind the sentence: `first(m) of Model m uses MoE`. `None` if the text is not so.
fn column_of(fault: &Fault) -> Option<String> {
    let word = |at: usize| fault.lexemes.get(at).map_or("", |lexeme| fault.word(*lexeme));
    let of = (0..fault.lexemes.len())
        .find(|at| word(*at).eq_ignore_ascii_case("of") && at.checked_sub(1).map(word) == Some(")"))?;
    let (column, sentence) =
        (&fault.text[..fault.lexemes[of].span.start as usize], &fault.text[fault.lexemes[of].span.end as usize..]);
    Some(format!("{} show {}", sentence.trim(), column.trim()))
}
