//! Explains an empty answer: finds the condition without a match.

use super::{Database, Error, Options, Prepared, within};
use crate::answer::{Answer, View};
use crate::check::typed::{Body, Expr, ExprKind, FactAtom, Formula, Head, Link, Query, Select, Term};
use crate::exec::{self, Context, Profile};
use crate::limits::{Budget, Limits};
use crate::plan::{self, Wanted};
use crate::schema::PropertyId;
use crate::syntax::{self, TokenKind};
use crate::text::{Code, Diagnostic, Span};
use crate::value::Truth;
use std::sync::Arc;
use std::time::Duration;

/// Time limit for the explanation, which must not delay an answer noticeably. Debug builds need much longer.
const TIME: Duration = Duration::from_millis(if cfg!(debug_assertions) { 2000 } else { 100 });
/// A query with more conditions is not explained. Each costs up to two searches.
const MOST: usize = 12;

impl Database {
    /// Answers a prepared query; for `explain`, returns its plan. If there are no rows, proofs or facts, a note names the
    /// condition without a match.
    ///
    /// # Errors
    /// A limit or Ctrl-C stopped the query.
    #[doc(hidden)]
    pub fn run(&self, prepared: &Prepared, options: &Options) -> Result<Answer, Error> {
        within(options, |budget| {
            let mut answer = self.run_now(prepared, options)?;
            let is_of_matches = matches!(answer.view, View::Rows | View::Why(_) | View::Graph(_));
            let is_told = is_of_matches && prepared.query.explain.is_none() && answer.more_possible == 0;
            if is_told && answer.is_nothing() {
                // The explanation has a short limit of its own.
                let limits = Limits { time: Some(TIME), ..options.limits };
                answer.notes.extend(budget.narrowed(limits).enter(|| self.reason(prepared, options)));
            }
            Ok(answer)
        })
    }

    /// Returns a note that there are paths, of which none has a sum of a property; `None` if there are none.
    fn costless(&self, query: &Query, select: &Select, cost: PropertyId, options: &Options) -> Option<Diagnostic> {
        if !self.holds(query, select.formula.clone(), options)? {
            return None;
        }
        let name = &self.graph.schema().property(cost).name;
        let message = format!("there are paths, but each enters an entity of which no `{name}` is recorded");
        let note = Diagnostic::note(Code::NoMatch, span(&select.formula).unwrap_or_default(), message);
        Some(note.help(format!("without `shortest by {name}` they are found")))
    }

    /// Returns a note on the first condition without any match; otherwise on the first without a match together with
    /// those before it; otherwise on a clause that drops all rows. `None` if time ran out.
    fn reason(&self, prepared: &Prepared, options: &Options) -> Option<Diagnostic> {
        let (query, text) = (&*prepared.query, prepared.text.body.as_str());
        let Body::Select(select) = &query.body else { return None };
        if let Some(property) = query.cost {
            return self.costless(query, select, property, options);
        }
        let mut conditions = Vec::new();
        conjuncts(&select.formula, &mut conditions);
        if conditions.len() > MOST
            || !matches!(query.head, Head::Rows | Head::Why | Head::Graph)
            || select.limit == Some(0)
        {
            return None;
        }
        for condition in &conditions {
            if !self.holds(query, condition.clone(), options)? {
                let place = span(condition)?;
                let said = place.of(text);
                let message = match condition {
                    Formula::Fact(_) | Formula::Path(_) | Formula::Value(_) | Formula::Claim(_) => {
                        format!("nothing is recorded that fits `{said}`; a missing fact is no denial")
                    }
                    _ => format!("nothing fits `{said}`"),
                };
                let note = Diagnostic::note(Code::NoMatch, place, message);
                return Some(self.instead(query, condition, note, options));
            }
        }
        // Each condition has matches alone: finds the first that has none together with those before it.
        for (i, condition) in conditions.iter().enumerate().skip(1) {
            let together = conditions[..=i].to_vec();
            if !self.holds(query, Formula::All(together), options)? {
                let place = span(condition)?;
                let message = format!("what comes before has matches, but none of them fits `{}`", place.of(text));
                return Some(Diagnostic::note(Code::NoMatch, place, message).help("alone it has matches, too"));
            }
        }
        let clauses =
            [(select.having.is_some(), "having"), (select.nearest.is_some(), "nearest"), (select.offset > 0, "offset")];
        let (_, clause) = clauses.into_iter().find(|(is_there, _)| *is_there)?;
        // A name or a text may hold the same word.
        let mut words = syntax::lexemes(text).into_iter().filter(|(_, kind)| *kind == TokenKind::Keyword);
        let word = words.find(|(word, _)| word.of(text).eq_ignore_ascii_case(clause));
        let place = word.map_or(Span::default(), |(word, _)| word);
        Some(Diagnostic::note(Code::NoMatch, place, format!("there are matches, and `{clause}` leaves none of them")))
    }

    /// Returns whether a condition has a match, certain or possible; `None` if time ran out.
    fn holds(&self, query: &Query, formula: Formula, options: &Options) -> Option<bool> {
        let Body::Select(select) = &query.body else { return None };
        let mut bound = Vec::new();
        formula.free(&mut |var| bound.push(var));
        let free = select.free.iter().copied().filter(|var| bound.contains(var)).collect();
        let asked = Select::of(formula, free, Vec::new());
        let asked = Arc::new(Query { head: Head::Ask, body: Body::Select(asked), ..query.clone() });
        let plan = plan::build(&asked, &self.graph, Wanted::Answer, options.possibly);
        let plan = Arc::new(plan::optimize(plan, &self.graph, &options.disabled_rewrites));
        let budget = Budget::current()?;
        let of = |context: &Context| super::answer(exec::run(context)?);
        let answer = Context::enter(&self.graph, &plan, &budget, Profile::default(), of).ok()?;
        match answer.view {
            View::Verdict(truth) => Some(truth != Truth::No),
            _ => None,
        }
    }

    /// Adds help to the note on a fact without a match: the same fact the other way round, or `describe` for its named
    /// end.
    fn instead(&self, query: &Query, condition: &Formula, note: Diagnostic, options: &Options) -> Diagnostic {
        let Formula::Fact(fact) = condition else { return note };
        let turned = FactAtom { subject: fact.object, object: fact.subject, ..fact.clone() };
        let is_turned = self.may_turn(fact) && self.holds(query, Formula::Fact(turned), options) == Some(true);
        let note = match self.turned_word(fact).filter(|_| is_turned) {
            Some((own, other)) => note.help(format!("it holds the other way round: write `{other}` for `{own}`")),
            None => note,
        };
        match (fact.subject, fact.object) {
            (Term::Entity(id), Term::Var(_)) | (Term::Var(_), Term::Entity(id)) => {
                let name = syntax::quote_name(self.graph.name(id));
                note.help(format!("`describe {name}` tells what is recorded of it"))
            }
            _ => note,
        }
    }

    /// Returns whether subject and object of a fact may change places by their types.
    fn may_turn(&self, fact: &FactAtom) -> bool {
        let Link::Verb(verb) = fact.link else { return false };
        let verb = self.graph.schema().verb(verb);
        let fits = |term: Term| match term {
            Term::Entity(id) => verb.from.and(verb.to).contains(self.graph.type_of(id)),
            Term::Var(_) => !verb.from.and(verb.to).is_empty(),
        };
        fits(fact.subject) && fits(fact.object)
    }

    /// Returns the word of a fact as written, and the word of the other direction.
    fn turned_word(&self, fact: &FactAtom) -> Option<(String, String)> {
        let Link::Verb(verb) = fact.link else { return None };
        let verb = self.graph.schema().verb(verb);
        let inverse = verb.inverse.clone().unwrap_or_else(|| format!("^{}", verb.name));
        Some(if fact.turned { (inverse, verb.name.clone()) } else { (verb.name.clone(), inverse) })
    }
}

/// Collects the conditions that must all hold.
fn conjuncts(formula: &Formula, found: &mut Vec<Formula>) {
    match formula {
        Formula::All(all) => all.iter().for_each(|inner| conjuncts(inner, found)),
        Formula::Test(Expr { kind: ExprKind::And(all), .. }) => {
            all.iter().for_each(|inner| conjuncts(&Formula::Test(inner.clone()), found));
        }
        Formula::Optional(_) | Formula::Type(..) | Formula::Same(..) | Formula::Word(..) => {}
        condition => found.push(condition.clone()),
    }
}

/// Returns the place of a condition in the text; `None` for one that is not written.
fn span(formula: &Formula) -> Option<Span> {
    let whole = |all: &[Formula]| all.iter().filter_map(span).reduce(Span::to);
    match formula {
        Formula::All(all) | Formula::Any(all) => whole(all),
        Formula::Not(inner) | Formula::Exists(_, inner) | Formula::Optional(inner) | Formula::Modal(_, inner) => {
            span(inner)
        }
        Formula::Count { of, .. } => span(of),
        Formula::Every { span, .. } => Some(*span),
        Formula::Fact(atom) => Some(atom.span),
        Formula::Path(atom) => Some(atom.span),
        Formula::Value(atom) => Some(atom.span),
        Formula::Claim(atom) => Some(atom.span),
        Formula::Test(Expr { span, .. }) => Some(*span),
        Formula::Type(..) | Formula::Same(..) | Formula::Word(..) => None,
    }
}
