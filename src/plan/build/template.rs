//! Conditions as sentences of the language, with slots for variables.

use super::pattern::free_vars;
use super::scalar::Scalars;
use super::{conjuncts, note};
use crate::check::typed::{Expr, ExprKind, FactAtom, Formula, Label, Term, VarId, VarKind};
use crate::graph::{SourceId, in_part};
use crate::plan::words::{Template, Words};

/// Writer of sentences, and the variables that a row does not show.
#[derive(Clone, Copy)]
pub(super) struct Sentences<'a>(pub Words<'a>, pub &'a [VarId]);

impl Sentences<'_> {
    /// Returns the formula as sentences joined by commas.
    pub fn formula(&self, formula: &Formula) -> Template {
        let words = self.0;
        match formula {
            Formula::All(all) => self.conjunction(all),
            Formula::Any(all) if let Some((atom, verb)) = of_verb_variable(all) => {
                let verb = Template::of([" ".into(), verb.into(), " ".into()]);
                let said = Template::of([self.term(atom.subject), verb, self.term(atom.object)]);
                self.claimed(said, atom.source)
            }
            Formula::Any(all) => self.disjunction(all),
            Formula::Not(inner) if matches!(**inner, Formula::Exists(..)) => {
                Template::of(["no ".into(), self.formula(inner)])
            }
            Formula::Not(inner) => Template::of(["not (".into(), self.formula(inner), ")".into()]),
            Formula::Exists(_, inner) | Formula::Optional(inner) => self.formula(inner),
            Formula::Modal(modality, inner) => {
                Template::of([format!("{modality:?} ").to_lowercase().into(), self.formula(inner)])
            }
            Formula::Count { compare, number, of, .. } => {
                Template::of([format!("{} {number}: ", compare.words()).into(), self.formula(of)])
            }
            Formula::Every { domain, then, .. } => {
                Template::of(["every (".into(), self.formula(domain), "): ".into(), self.formula(then)])
            }
            Formula::Fact(atom) => {
                let link = words.link(atom.link, false);
                let said = match words.is_state(atom.link) {
                    true => Template::of([self.term(atom.subject), format!(" is {link}").into()]),
                    false => self.between(atom.subject, &link, atom.object),
                };
                self.claimed(said, atom.source)
            }
            Formula::Path(atom) => {
                let said = self.between(atom.subject, &words.path(&atom.path), atom.object);
                self.claimed(said, atom.source)
            }
            Formula::Value(atom) => {
                let property = words.graph.schema().property(atom.property);
                let verb = property.verb.as_deref().unwrap_or(&property.name);
                self.claimed(self.between(atom.subject, verb, Term::Var(atom.value)), atom.source)
            }
            Formula::Claim(atom) => Template::of(["according to ".into(), atom.by.into()]),
            Formula::Word(var, word) => {
                let VarKind::Label(label) = words.vars[var.0 as usize].kind else { return Template::default() };
                if let Label::Alternative(_) = label {
                    return Template::default();
                }
                Template::of([(*var).into(), format!(" = {}", label.word(words.graph, *word)).into()])
            }
            Formula::Type(..) => Template::default(),
            Formula::Same(a, b) => self.between(*a, "=", *b),
            Formula::Test(expr) => self.test(expr),
        }
    }

    /// Returns the alternatives in parentheses. Those with variables of their own have no words here: they are optional
    /// parts, which follow.
    fn disjunction(&self, all: &[Formula]) -> Template {
        let mut said: Vec<Template> = all.iter().map(|inner| self.formula(inner)).collect();
        said.retain(|words| !words.is_empty());
        if said.is_empty() {
            return Template::default();
        }
        said.extend((said.len() < all.len()).then(|| "…".into()));
        Template::of(["(".into(), Template::join(said.into_iter(), " or "), ")".into()])
    }

    /// Returns the sentences of a conjunction; one of an optional part is said where the row has a match of it.
    fn conjunction(&self, all: &[Formula]) -> Template {
        let (mut said, mut met): (Vec<(Vec<VarId>, Template)>, Vec<VarId>) = (Vec::new(), Vec::new());
        for inner in all {
            match (said.last_mut(), self.formula(inner)) {
                (_, words) if words.is_empty() => {}
                // The source of the sentence before it.
                (Some((_, sentence)), words) if matches!(inner, Formula::Claim(_)) => {
                    *sentence = Template::join([std::mem::take(sentence), words].into_iter(), " ");
                }
                (_, words) => {
                    let is_optional = matches!(inner, Formula::Optional(_));
                    let own = free_vars(inner).into_iter().filter(|var| is_optional && !met.contains(var));
                    let own: Vec<VarId> = own.collect();
                    let shown: Vec<VarId> = own.iter().copied().filter(|var| !self.1.contains(var)).collect();
                    // What the row shows tells whether there is a match.
                    said.push((if shown.is_empty() { own } else { shown }, words));
                }
            }
            inner.free(&mut |var| note(&mut met, var));
        }
        Template::sentences(said)
    }

    fn term(&self, term: Term) -> Template {
        match term {
            Term::Entity(_) => self.0.term(term).into(),
            Term::Var(var) => var.into(),
        }
    }

    /// Returns the sentence with the source by which it is claimed.
    fn claimed(&self, said: Template, source: Option<SourceId>) -> Template {
        let Some(source) = in_part(source) else { return said };
        Template::of([said, format!(" according to {}", self.0.graph.claims().source(source).key).into()])
    }

    fn between(&self, a: Term, words: &str, b: Term) -> Template {
        Template::of([self.term(a), format!(" {words} ").into(), self.term(b)])
    }

    fn test(&self, expr: &Expr) -> Template {
        let list = |all: &[Expr], mark: &str| Template::join(all.iter().map(|expr| self.test(expr)), mark);
        match &expr.kind {
            ExprKind::And(all) => list(all, " and "),
            ExprKind::Or(all) => list(all, " or "),
            ExprKind::Not(inner) => Template::of(["not ".into(), self.test(inner)]),
            ExprKind::Exists(formula) => Template::of(["(".into(), self.formula(formula), ")".into()]),
            _ => self.0.template(&Scalars::written(self.0.vars, expr)),
        }
    }
}

/// Returns the first fact of `Model x Verb v Model y`, which is one fact for each verb that fits, and the variable; `None`
/// for other alternatives.
fn of_verb_variable(all: &[Formula]) -> Option<(&FactAtom, VarId)> {
    let mut found = all.iter().map(|branch| {
        let (mut facts, mut words) = (Vec::new(), Vec::new());
        conjuncts(branch, &mut |part| match part {
            Formula::Fact(atom) => facts.push(atom),
            Formula::Word(var, _) => words.push(*var),
            _ => {}
        });
        match (&facts[..], &words[..]) {
            ([atom], [var]) => Some((*atom, *var)),
            _ => None,
        }
    });
    let first = found.next()??;
    let ends = |atom: &FactAtom| (atom.subject, atom.object, atom.source);
    found.all(|next| next.is_some_and(|next| next.1 == first.1 && ends(next.0) == ends(first.0))).then_some(first)
}
