//! Clauses of a query, each allowed only for some kinds of query.

use super::head::bare_nouns;
use crate::check::scope::Scope;
use crate::syntax::ast::{Body, Clause, Expr, GroupKey, Head, Item, Key, Lineage, Query, ReportKind};
use crate::text::{Code, Diagnostic, Span, Spanned};

/// The clauses by kind.
#[derive(Debug, Default)]
pub(super) struct Clauses<'q> {
    /// Conditions of all `where` clauses, which must all hold.
    pub conditions: Vec<&'q Expr>,
    pub show: Option<(&'q [Item], &'q [GroupKey])>,
    pub having: Option<&'q Expr>,
    pub order: &'q [Key],
    pub limit: Option<&'q Expr>,
    /// Span of `with ties`.
    pub ties: Option<Span>,
    pub over: &'q [Spanned<String>],
    pub shortest: bool,
    /// The property whose least sum is meant.
    pub cost: Option<&'q Spanned<String>>,
    pub offset: Option<&'q Expr>,
    pub nearest: Option<&'q Spanned<String>>,
    pub as_of: Option<&'q Expr>,
    pub to: Option<&'q str>,
}

const ROWS: &[&str] = &["where", "show", "having", "order by", "limit", "offset", "nearest", "as of", "to"];

/// Returns the clauses that a kind of query allows, and the name of that kind.
fn allowed(query: &Query) -> (&'static [&'static str], &'static str) {
    match (&query.body, query.head.as_ref().map(|head| head.item)) {
        (Body::Pattern(_), None) => (ROWS, ""),
        (Body::Pattern(_), Some(Head::Why)) => (ROWS, "why"),
        (Body::Pattern(_), Some(Head::WhyNot)) => (&["where", "nearest", "as of", "to"], "why not"),
        (Body::Pattern(_), Some(Head::Count)) => (&["where", "nearest", "as of", "to"], "count"),
        (Body::Pattern(_), Some(Head::Ask)) => (&["where", "nearest", "as of", "to"], "ask"),
        (Body::Pattern(nouns), Some(Head::Diff)) if bare_nouns(nouns).is_some() => (&["over", "as of", "to"], "diff"),
        (Body::Pattern(_), Some(Head::Diff)) => (&["where", "over", "as of", "to"], "diff"),
        (Body::Pattern(_), Some(Head::Graph)) => (ROWS, "graph"),
        (Body::Pattern(_), Some(Head::Paths)) => {
            (&["where", "nearest", "shortest", "shortest by", "limit", "offset", "as of", "to"], "paths")
        }
        (Body::Pattern(_), Some(Head::Path)) => {
            (&["where", "nearest", "shortest by", "limit", "offset", "as of", "to"], "path")
        }
        (Body::Timeline(_), _) => (&["where", "show", "limit", "as of", "to"], "timeline"),
        (Body::Matrix(_), _) => (&["where", "as of", "to"], "matrix"),
        (Body::Lineage(of), _) => (&["where", "limit", "as of", "to"], view_of(of.kind.item)),
        (Body::Adoption { .. }, _) => (&["where", "limit", "as of", "to"], "adoption"),
        (Body::Rise { .. }, _) => (&["where", "limit", "as of", "to"], "rise"),
        (Body::Spread { .. }, _) => (&["as of", "to"], "spread"),
        (Body::Describe(_), _) => (&["as of", "to"], "describe"),
        (Body::Conflicts(_), _) => (&["to"], "conflicts"),
        (Body::Report(report), _) if report.kind == ReportKind::Claims => (&["where trust = …", "to"], "claims"),
        (Body::Report(report), _) => (&["to"], report.kind.name()),
        (Body::Schema(_), _) => (&["to"], "schema"),
    }
}

fn view_of(kind: Lineage) -> &'static str {
    match kind {
        Lineage::Lineage => "lineage",
        Lineage::Ancestors => "ancestors",
        Lineage::Descendants => "descendants",
    }
}

fn name(clause: &Clause) -> &'static str {
    match clause {
        Clause::Where(_) => "where",
        Clause::Show { .. } => "show",
        Clause::Having(_) => "having",
        Clause::OrderBy(_) => "order by",
        Clause::Limit { .. } => "limit",
        Clause::Offset(_) => "offset",
        Clause::Nearest(_) => "nearest",
        Clause::AsOf(_) => "as of",
        Clause::Over(_) => "over",
        Clause::Shortest(None) => "shortest",
        Clause::Shortest(Some(_)) => "shortest by",
        Clause::To(_) => "to",
    }
}

/// Sorts the clauses by kind; reports those that are not allowed and those that occur twice.
pub(super) fn collect<'q>(scope: &mut Scope, query: &'q Query) -> Clauses<'q> {
    let (allowed, what) = allowed(query);
    let mut clauses = Clauses::default();
    let mut seen: Vec<(&'static str, Span)> = Vec::new();
    for clause in &query.clauses {
        let word = name(&clause.item);
        if !allowed.contains(&word) {
            scope.report(useless(clause.span, word, what, allowed));
        }
        // `shortest` and `shortest by` count as one, too.
        let first = |word: &'static str| word.split(' ').next();
        match seen.iter().find(|(before, _)| first(before) == first(word) && word != "where") {
            Some((_, first)) => scope.report(twice(clause.span, word, *first)),
            None => seen.push((word, clause.span)),
        }
        // A clause that is not allowed is read, too, so that its own errors are reported at once.
        clauses.put(&clause.item);
    }
    if let Some(ties) = clauses.ties.filter(|_| !is_ordered(query, &clauses)) {
        let problem =
            Diagnostic::error(Code::MisplacedClause, ties, "nothing orders these rows, so that none are tied");
        scope.report(problem.help("ties are rows with the values of the last one in `order by`").fix(
            "leave it out",
            ties,
            "",
        ));
    }
    clauses
}

/// Returns true if the rows have an order in which several rows may be equal.
fn is_ordered(query: &Query, clauses: &Clauses) -> bool {
    match query.body {
        Body::Pattern(_) => !clauses.order.is_empty(),
        Body::Adoption { .. } | Body::Rise { .. } => true,
        _ => false,
    }
}

fn useless(span: Span, word: &str, what: &str, allowed: &[&str]) -> Diagnostic {
    let uses: Vec<String> = allowed.iter().map(|word| format!("`{word}`")).collect();
    let what = if what.is_empty() { "a query for rows".to_string() } else { format!("`{what}`") };
    let takes_other = allowed.iter().any(|other| other.ends_with('…') && other.split(' ').next() == Some(word));
    let message = format!("{what} has no use for {}`{word}`", if takes_other { "another " } else { "" });
    Diagnostic::error(Code::MisplacedClause, span, message).help(format!("it takes {}", uses.join(", "))).fix(
        "leave it out",
        span,
        "",
    )
}

fn twice(span: Span, word: &str, first: Span) -> Diagnostic {
    Diagnostic::error(Code::MisplacedClause, span, format!("`{word}` stands twice"))
        .label(first, "the first one")
        .help("put everything into one, with commas")
}

impl<'q> Clauses<'q> {
    fn put(&mut self, clause: &'q Clause) {
        match clause {
            Clause::Where(expr) => self.conditions.push(expr),
            Clause::Show { items, by } => self.show = Some((items, by)),
            Clause::Having(expr) => self.having = Some(expr),
            Clause::OrderBy(keys) => self.order = keys,
            Clause::Limit { number, ties } => {
                (self.limit, self.ties) = (Some(number), ties.as_ref().map(|ties| ties.span))
            }
            Clause::Shortest(None) => self.shortest = true,
            Clause::Shortest(Some(property)) => self.cost = Some(property),
            Clause::Over(verbs) => self.over = verbs,
            Clause::Offset(expr) => self.offset = Some(expr),
            Clause::Nearest(var) => self.nearest = Some(var),
            Clause::AsOf(date) => self.as_of = Some(date),
            Clause::To(file) => self.to = Some(&file.item),
        }
    }
}
