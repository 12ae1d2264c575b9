//! Conversion of pest pairs to the syntax tree. One function per rule, which takes the children in the order of the
//! grammar.
//!
//! Errors that the grammar accepts are found here: bad dates and numbers, `and` mixed with `or`, chained comparisons,
//! words of other languages.

mod clause;
mod expr;
mod literal;
mod nodes;
mod path;
mod sentence;

pub use literal::{literal_date, literal_number, read_date, rounded};

use super::ast::*;
use super::grammar::{Pair, Rule};
use crate::text::{Code, Diagnostic, Span, Spanned};
use nodes::{Nodes, inside, span};

/// A part of the tree, or the first error in it.
pub type Built<T> = Result<T, Diagnostic>;

pub fn program(pair: Pair) -> Built<Program> {
    let mut statements = Vec::new();
    for pair in pair.into_inner() {
        match pair.as_rule() {
            Rule::define => statements.push(Statement::Define(define(pair)?)),
            Rule::named_step => statements.push(Statement::Define(named_step(pair)?)),
            Rule::query => statements.push(Statement::Query(query(pair)?)),
            Rule::error_foreign => return Err(foreign(&pair)),
            Rule::error_reserved => {
                let (word, span) = first_word(&pair);
                return Err(reserved(word, span));
            }
            _ => {}
        }
    }
    Ok(Program { statements })
}

pub fn fact(pair: Pair) -> Built<Sentence> {
    let pair = inside(pair).any();
    if pair.as_rule() == Rule::stated_value { sentence::stated_value(pair) } else { sentence::sentence(pair) }
}

pub fn definition(pair: Pair) -> Built<Define> {
    define(inside(pair).next(Rule::define))
}

fn define(pair: Pair) -> Built<Define> {
    let span = span(&pair);
    let mut nodes = inside(pair);
    nodes.next(Rule::kw_define);
    let head = match nodes.maybe(Rule::state_head) {
        Some(pair) => sentence::state_head(pair)?,
        None => sentence::sentence(nodes.next(Rule::sentence))?,
    };
    nodes.next(Rule::kw_as);
    let body = sentence::pattern(nodes.next(Rule::pattern))?;
    let condition = match nodes.maybe(Rule::kw_where) {
        Some(_) => Some(expr::expr(nodes.next(Rule::expr))?),
        None => None,
    };
    nodes.end();
    Ok(Define { is_let: false, head, body, condition, span })
}

/// Builds `let big = Org o develops at least 10 Model` as the definition `Org o big as o develops at least 10 Model`.
fn named_step(pair: Pair) -> Built<Define> {
    let span = span(&pair);
    let mut nodes = inside(pair);
    nodes.next(Rule::kw_let);
    let verb = path::spanned_verb(nodes.next(Rule::verb));
    nodes.next(Rule::op_equal);
    let mut body = sentence::pattern(nodes.next(Rule::pattern))?;
    let condition = match nodes.maybe(Rule::kw_where) {
        Some(_) => Some(expr::expr(nodes.next(Rule::expr))?),
        None => None,
    };
    nodes.end();
    let Some(noun) = subject_of_step(&mut body) else { return Err(no_step(&body)) };
    Ok(Define { is_let: true, head: sentence::state(noun, verb, span), body, condition, span })
}

/// Returns the error for a step that begins with something else than a type and its variable.
fn no_step(body: &Pattern) -> Diagnostic {
    let help = "write for example `let big = Org o develops at least 10 Model`, and then `Org that is big`";
    let problem =
        Diagnostic::error(Code::BadDefine, body.span, "a named step begins with a type and its variable").help(help);
    let Some(PatternItem { sentence: Sentence::Plain { subject, .. }, .. }) = body.sentences.first() else {
        return problem;
    };
    match &subject.nouns[..] {
        [Noun { kind: NounKind::Name(name), name_span, .. }] => {
            let letter = name.chars().next().unwrap_or('x').to_lowercase();
            let named = format!("{name} {letter}");
            problem.fix(format!("did you mean `{named}`?"), *name_span, named)
        }
        _ => problem,
    }
}

/// Returns the noun that a named step is about, `Org o`, and leaves `o` in its place; `None` if the pattern begins with
/// anything else.
fn subject_of_step(body: &mut Pattern) -> Option<Noun> {
    let Sentence::Plain { subject, .. } = &mut body.sentences.first_mut()?.sentence else { return None };
    let [noun] = subject.nouns.as_mut_slice() else { return None };
    let NounKind::Typed { of: Typed::Var(var), .. } = &noun.kind else { return None };
    let own = NounKind::Lower(var.item.clone());
    if noun.quantifier.is_some() {
        return None;
    }
    let kind = std::mem::replace(&mut noun.kind, own);
    Some(Noun { quantifier: None, kind, name_span: noun.name_span, that: None, span: noun.name_span })
}

fn query(pair: Pair) -> Built<Query> {
    let span = span(&pair);
    let mut nodes = inside(pair);
    let explain = nodes.maybe(Rule::explain).map(explain);
    let head = nodes.maybe(Rule::head).map(head);
    let body = body(nodes.any())?;
    let clauses = nodes.rest().map(clause::clause).collect::<Built<Vec<_>>>()?;
    Ok(Query { explain, head, body, clauses, span })
}

fn explain(pair: Pair) -> Spanned<Explain> {
    let span = span(&pair);
    let explain = match inside(pair).any().as_rule() {
        Rule::kw_explain => Explain::Plan,
        Rule::kw_profile => Explain::Profile,
        rule => nodes::unexpected(rule),
    };
    Spanned::new(explain, span)
}

fn head(pair: Pair) -> Spanned<Head> {
    let span = span(&pair);
    let mut nodes = inside(pair);
    let head = match nodes.any().as_rule() {
        Rule::kw_why if nodes.has(Rule::kw_not) => Head::WhyNot,
        Rule::kw_why => Head::Why,
        Rule::kw_path => Head::Path,
        Rule::kw_paths => Head::Paths,
        Rule::kw_graph => Head::Graph,
        Rule::kw_diff => Head::Diff,
        Rule::kw_count => Head::Count,
        Rule::kw_ask => Head::Ask,
        rule => nodes::unexpected(rule),
    };
    Spanned::new(head, span)
}

fn body(pair: Pair) -> Built<Body> {
    match pair.as_rule() {
        Rule::pattern => Ok(Body::Pattern(sentence::pattern(pair)?)),
        Rule::lineage => lineage(inside(pair)),
        Rule::adoption => adoption(inside(pair)),
        Rule::spread => spread(inside(pair)),
        Rule::rise => rise(inside(pair)),
        Rule::timeline => {
            Ok(Body::Timeline(sentence::pattern(inside(pair).after([Rule::kw_timeline, Rule::kw_of], Rule::pattern))?))
        }
        Rule::matrix => {
            Ok(Body::Matrix(sentence::sentence(inside(pair).after([Rule::kw_matrix, Rule::kw_of], Rule::sentence))?))
        }
        Rule::describe => Ok(Body::Describe(sentence::noun(inside(pair).after([Rule::kw_describe], Rule::noun))?)),
        Rule::conflicts => conflicts(inside(pair)),
        Rule::report => report(inside(pair)),
        Rule::schema => schema(inside(pair)),
        rule => nodes::unexpected(rule),
    }
}

fn lineage(mut nodes: Nodes) -> Built<Body> {
    let word = nodes.any();
    let kind = match word.as_rule() {
        Rule::kw_ancestors => Lineage::Ancestors,
        Rule::kw_descendants => Lineage::Descendants,
        _ => Lineage::Lineage,
    };
    nodes.next(Rule::kw_of);
    let mut of = sentence::noun(nodes.next(Rule::root))?;
    let generations = nodes.maybe(Rule::generations).map(generations).transpose()?;
    let name = nodes.maybe(Rule::kw_as).map(|_| sentence::spanned(&nodes.next(Rule::variable)));
    of.that = nodes.maybe(Rule::that).map(sentence::that).transpose()?;
    let via = via(&mut nodes)?;
    nodes.end();
    Ok(Body::Lineage(LineageOf { kind: Spanned::new(kind, span(&word)), of, generations, name, via }))
}

fn via(nodes: &mut Nodes) -> Built<Option<Path>> {
    nodes.maybe(Rule::kw_via).map(|_| path::path(nodes.next(Rule::path))).transpose()
}

/// Builds `{1,2}`; a single number is both ends.
fn generations(pair: Pair) -> Built<Spanned<Generations>> {
    let span = span(&pair);
    let (least, most) = path::bounds(pair)?;
    Ok(Spanned::new(Generations { least, most }, span))
}

fn adoption(mut nodes: Nodes) -> Built<Body> {
    let of = adopted(nodes.after([Rule::kw_adoption, Rule::kw_of], Rule::adopted))?;
    let among = among(&mut nodes)?;
    let by = nodes.maybe(Rule::kw_by).map(|_| grouping(nodes.next(Rule::grouping)));
    nodes.end();
    Ok(Body::Adoption { of, among, by })
}

fn adopted(pair: Pair) -> Built<Vec<Noun>> {
    pair.into_inner().filter(|pair| pair.as_rule() == Rule::noun).map(sentence::noun).collect()
}

fn among(nodes: &mut Nodes) -> Built<Option<Noun>> {
    nodes.maybe(Rule::kw_among).map(|_| sentence::noun(nodes.next(Rule::noun))).transpose()
}

fn spread(mut nodes: Nodes) -> Built<Body> {
    let of = sentence::noun(nodes.after([Rule::kw_spread, Rule::kw_of], Rule::noun))?;
    let via = via(&mut nodes)?;
    nodes.end();
    Ok(Body::Spread { of, via })
}

fn rise(mut nodes: Nodes) -> Built<Body> {
    let of = adopted(nodes.after([Rule::kw_rise, Rule::kw_of], Rule::adopted))?;
    let among = among(&mut nodes)?;
    nodes.end();
    Ok(Body::Rise { of, among })
}

fn grouping(pair: Pair) -> Spanned<Period> {
    let word = inside(pair).any();
    let period = match word.as_rule() {
        Rule::kw_year => Period::Year,
        Rule::kw_quarter => Period::Quarter,
        Rule::kw_month => Period::Month,
        _ => Period::Type(literal::name(&word)),
    };
    Spanned::new(period, span(&word))
}

fn conflicts(mut nodes: Nodes) -> Built<Body> {
    nodes.next(Rule::kw_conflicts);
    match nodes.maybe(Rule::kw_of) {
        Some(_) => Ok(Body::Conflicts(Some(sentence::noun(nodes.next(Rule::noun))?))),
        None => Ok(Body::Conflicts(None)),
    }
}

fn report(mut nodes: Nodes) -> Built<Body> {
    let kind = match nodes.any().as_rule() {
        Rule::report_claims => ReportKind::Claims,
        Rule::report_gaps => ReportKind::Gaps,
        Rule::report_duplicates => ReportKind::Duplicates,
        _ => ReportKind::Sources,
    };
    let of = nodes.maybe(Rule::kw_of).map(|_| sentence::noun(nodes.next(Rule::noun))).transpose()?;
    let by = nodes.maybe(Rule::kw_by).map(|_| sentence::noun(nodes.next(Rule::source))).transpose()?;
    let trust = match nodes.maybe(Rule::kw_where) {
        Some(_) => {
            let not = nodes.any().as_rule() == Rule::op_unequal;
            let word = inside(nodes.next(Rule::trust)).any();
            let text = if word.as_rule() == Rule::string { literal::string(&word)? } else { word.as_str().to_string() };
            Some(TrustTest { not, word: Spanned::new(text, span(&word)) })
        }
        None => None,
    };
    Ok(Body::Report(Box::new(Report { kind, of, by, trust })))
}

fn schema(mut nodes: Nodes) -> Built<Body> {
    nodes.next(Rule::kw_schema);
    let Some(pair) = nodes.rest().next() else { return Ok(Body::Schema(None)) };
    let span = span(&pair);
    let name = match pair.as_rule() {
        Rule::name => literal::name(&pair),
        Rule::string => literal::string(&pair)?,
        Rule::verb => path::verb(pair),
        rule => nodes::unexpected(rule),
    };
    Ok(Body::Schema(Some(Spanned::new(name, span))))
}

/// Returns the error for a query that begins as in another language, or as a question in English.
fn foreign(pair: &Pair) -> Diagnostic {
    let (word, span) = first_word(pair);
    let help = match word.to_ascii_lowercase().as_str() {
        "who" | "which" | "what" => "put the type where the unknown stands: `Model uses MLA`, `Org develops OLMo 2`",
        "how" => "to count, write `count Model uses MLA`; for a chain, `path DeepSeek R1 succeeds+ GPT-2`",
        _ => "a query is a sentence: `Model uses MLA`, or `Org develops Model m that uses MLA show m`",
    };
    Diagnostic::error(Code::ForeignSyntax, span, format!("`{word}` begins no query")).help(help)
}

fn first_word<'i>(pair: &Pair<'i>) -> (&'i str, Span) {
    let word = pair.as_str().split(|c: char| !c.is_alphanumeric()).next().unwrap_or("");
    let start = pair.as_span().start();
    (word, Span::new(start, start + word.len()))
}

/// Returns the error for a word that has no meaning in a query: it is reserved for a later version, or changes the
/// graph.
pub fn reserved(word: &str, span: Span) -> Diagnostic {
    if word.eq_ignore_ascii_case("assert") || word.eq_ignore_ascii_case("retract") {
        let word = word.to_lowercase();
        let command = if word == "assert" { "add" } else { "retract" };
        return Diagnostic::error(Code::Reserved, span, format!("`{word}` changes a graph, which no query does"))
            .help(format!("in a session, write `{word} FACT according to SOURCE at PLACE`; in a shell, use the command `{command}`"));
    }
    Diagnostic::error(Code::Reserved, span, format!("`{word}` is reserved for a later version"))
        .help(format!("if it is a name, put it in quotes: `\"{word}\"`"))
}
