//! Variables over sources and over verbs: `Model m Verb v Technique t according to Source s`.

use super::alternatives::disjunction;
use super::path::ResolvedPath;
use super::{all, phrase};
use crate::check::name::suggestions;
use crate::check::scope::Scope;
use crate::check::typed::{ClaimAtom, Claimed, ClaimedBy, FactAtom, Formula, Label, Link, Path, Term, VarId, VarKind};
use crate::graph::SourceId;
use crate::syntax::ast::{Noun, NounKind, Pattern, Typed};
use crate::text::{Code, Diagnostic, Span, Spanned};

/// Source of `according to`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Source {
    Any,
    Known(SourceId),
    Var(VarId),
}

impl Source {
    /// Returns the source if it is known before the query runs; `None` otherwise.
    pub fn known(self) -> Option<SourceId> {
        match self {
            Source::Known(source) => Some(source),
            Source::Any | Source::Var(_) => None,
        }
    }
}

/// Returns the variable that `according to Source s` declares; `None` for other nouns, and if a source has that key.
pub(super) fn declares_source<'n>(scope: &Scope, noun: &'n Noun) -> Option<&'n Spanned<String>> {
    let NounKind::Typed { type_name, of: Typed::Var(var) } = &noun.kind else { return None };
    let is_key = scope.graph.claims().lookup_source(&format!("{} {}", type_name.item, var.item)).is_some();
    (type_name.item == Label::Source.name() && !is_key).then_some(var)
}

/// Returns the source that a noun after `according to` names, declares or refers to; reports an unknown one.
pub(super) fn source(scope: &mut Scope, noun: &Noun) -> Source {
    if declares_source(scope, noun).is_some() {
        let Some(var) = scope.declared_at(noun.name_span) else { return Source::Any };
        scope.meet(var);
        return Source::Var(var);
    }
    let is_key = |key: &str| scope.graph.claims().lookup_source(key).is_some();
    match &noun.kind {
        NounKind::Lower(word) => {
            let seen = scope.seen(word).filter(|var| scope.var(*var).kind == VarKind::Label(Label::Source));
            if let Some(var) = seen {
                scope.speak(var);
                return Source::Var(var);
            }
        }
        NounKind::Name(name) if name == Label::Source.name() && !is_key(name) => {
            let kind = VarKind::Label(Label::Source);
            let known = scope.declared_at(noun.name_span);
            let var = known.unwrap_or_else(|| {
                scope.create(None, Label::Source.name().to_string(), kind, noun.name_span, scope.depth())
            });
            scope.meet(var);
            return Source::Var(var);
        }
        _ => {}
    }
    phrase::source_named(scope, noun).map_or(Source::Any, Source::Known)
}

/// Adds the source to a fact or a value if it is a variable.
pub(super) fn claimed_by(formula: Formula, of: Claimed, source: Source, span: Span) -> Formula {
    match source {
        Source::Var(by) => all(vec![formula, Formula::Claim(ClaimAtom { of, by, span })]),
        Source::Any | Source::Known(_) => formula,
    }
}

/// Returns a fact of one verb, with its source.
pub(super) fn fact(atom: FactAtom, source: Source) -> Formula {
    let Link::Verb(verb) = atom.link else { return Formula::Fact(atom) };
    let (of, span) = (Claimed::Link { verb, subject: atom.subject, object: atom.object }, atom.span);
    claimed_by(Formula::Fact(atom), of, source, span)
}

/// Returns the condition of `Verb v`: a fact of one of the verbs of the schema that fit both ends, which is the value of
/// the variable.
pub(super) fn of_some_verb(
    scope: &mut Scope,
    (subject, object): (Term, Term),
    way: &ResolvedPath,
    (source, name): (Source, &Spanned<String>),
    span: Span,
) -> Formula {
    let Some(var) = scope.declared_at(name.span) else { return Formula::TRUE };
    scope.meet(var);
    let links = match &way.path {
        Path::Either(all) => all.as_slice(),
        one => std::slice::from_ref(one),
    };
    let (from, to) = (scope.types(subject), scope.types(object));
    let mut branches = Vec::new();
    for link in links {
        let Path::Link { link: Link::Verb(verb), .. } = link else { continue };
        let of = scope.schema().verb(*verb);
        if of.from.and(from).is_empty() || of.to.and(to).is_empty() {
            continue;
        }
        let atom = FactAtom { link: Link::Verb(*verb), subject, object, turned: false, source: source.known(), span };
        branches.push(all(vec![fact(atom, source), Formula::Word(var, u32::from(verb.0))]));
    }
    // Else the ends have been reported one by one.
    let may_fit = !way.from.and(from).is_empty() && !way.to.and(to).is_empty();
    if branches.is_empty() && may_fit {
        let names = |types| suggestions::a(&scope.schema().type_names(types));
        let message = format!("no verb leads from {} to {}", names(from), names(to));
        scope.report(Diagnostic::error(Code::WrongType, span, message));
    }
    disjunction(scope, branches)
}

/// Reports a variable for the source of more than one fact.
pub(super) fn of_one_verb(scope: &mut Scope, source: Source, span: Span) {
    if let Source::Var(_) = source {
        let message = "a path has no source of its own";
        let help = "write its steps as sentences, each `according to` a source of its own";
        scope.report(Diagnostic::error(Code::WrongType, span, message).help(help));
    }
}

/// Returns the fact that a sentence states, with the sources that count; reports any other sentence.
pub(in crate::check) fn claimed(scope: &mut Scope, pattern: &Pattern) -> Option<(Claimed, ClaimedBy)> {
    // An error within the sentence is enough: one about the whole would repeat it.
    let before = scope.diagnostics.0.len();
    scope.enter(pattern.span);
    let formula = super::whole(scope, pattern);
    let locals = scope.leave();
    if scope.diagnostics.0.len() > before {
        return None;
    }
    let found = if locals.is_empty() { only_claim(&formula) } else { None };
    if found.is_none() {
        let message = "here a fact of one verb is wanted, whose subject and object are named before";
        let help = "write for example `Model m uses Technique t where trust(m uses t) = \"inferred\"`";
        scope.report(Diagnostic::error(Code::WrongArguments, pattern.span, message).help(help));
    }
    found
}

fn only_claim(formula: &Formula) -> Option<(Claimed, ClaimedBy)> {
    let by = |source: Option<SourceId>| source.map_or(ClaimedBy::Any, ClaimedBy::Source);
    match formula {
        Formula::Fact(FactAtom { link: Link::Verb(verb), subject, object, source, .. }) => {
            Some((Claimed::Link { verb: *verb, subject: *subject, object: *object }, by(*source)))
        }
        Formula::All(parts) => match &parts[..] {
            [fact, Formula::Claim(claim)] => {
                let (claimed, _) = only_claim(fact)?;
                (claimed == claim.of).then_some((claimed, ClaimedBy::Var(claim.by)))
            }
            _ => None,
        },
        _ => None,
    }
}
