//! Links, paths and expressions in words, and sentences whose variables are filled in later.

use super::{Claimed, ClaimedBy, Definition, Generations, Link, OfClaims, Path, Scalar, Term, Var, VarId, VarKind};
use crate::graph::{EntityId, Graph};
use crate::schema::PropertyId;
use crate::value::Value;

/// Slot of a variable without a value, such as that of an optional part without a match.
pub const NULL_SLOT: u32 = u32::MAX;

/// A sentence of text pieces and variables.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Template(Vec<Piece>);

#[derive(Debug, Clone, PartialEq)]
enum Piece {
    Text(String),
    Slot(VarId),
    /// Sentences between commas, each with the variables of which one must have a value for it to be said, if any.
    Sentences(Vec<(Vec<VarId>, Template)>),
}

impl Template {
    pub(super) fn of<const N: usize>(parts: [Template; N]) -> Template {
        Template(parts.into_iter().flat_map(|part| part.0).collect())
    }

    pub(super) fn join(parts: impl Iterator<Item = Template>, mark: &str) -> Template {
        let mut all = Template::default();
        for (i, part) in parts.enumerate() {
            all.0.extend((i > 0).then(|| Piece::Text(mark.to_string())));
            all.0.extend(part.0);
        }
        all
    }

    /// Returns the sentences with commas. One with variables, those of an optional part, is said if any has a value.
    pub(super) fn sentences(parts: Vec<(Vec<VarId>, Template)>) -> Template {
        Template(if parts.is_empty() { Vec::new() } else { vec![Piece::Sentences(parts)] })
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the sentence for a binding; absent variables appear as they were written.
    pub fn fill(&self, graph: &Graph, vars: &[Var], frame: &[u32]) -> String {
        let words = Words { graph, definitions: &[], vars };
        let slot = |id: VarId| frame.get(id.0 as usize).copied().unwrap_or(NULL_SLOT);
        let piece = |piece: &Piece| match piece {
            Piece::Text(text) => text.clone(),
            Piece::Sentences(parts) => {
                let is_said = |own: &[VarId]| own.is_empty() || own.iter().any(|var| slot(*var) != NULL_SLOT);
                let said = parts.iter().filter(|(own, _)| is_said(own)).map(|(_, part)| part.fill(graph, vars, frame));
                said.collect::<Vec<String>>().join(", ")
            }
            Piece::Slot(id) => match (slot(*id), vars[id.0 as usize].kind) {
                (NULL_SLOT, _) | (_, VarKind::Path) => words.var(*id),
                (slot, VarKind::Entity(_)) => words.name(EntityId(slot)),
                (slot, VarKind::Label(label)) => label.word(graph, slot).to_string(),
                (slot, VarKind::Value(_, property)) => graph.values(property).stated.get(slot as usize).to_string(),
            },
        };
        self.0.iter().map(piece).collect()
    }
}

impl From<String> for Template {
    fn from(text: String) -> Template {
        Template(vec![Piece::Text(text)])
    }
}

impl From<&str> for Template {
    fn from(text: &str) -> Template {
        text.to_string().into()
    }
}

impl From<VarId> for Template {
    fn from(var: VarId) -> Template {
        Template(vec![Piece::Slot(var)])
    }
}

/// Writer for the parts of a plan.
#[derive(Clone, Copy)]
pub struct Words<'a> {
    pub graph: &'a Graph,
    /// Definitions of the plan.
    pub definitions: &'a [Definition],
    /// Variables that slots refer to: those of the query, or of a definition.
    pub vars: &'a [Var],
}

impl Words<'_> {
    pub fn term(&self, term: Term) -> String {
        match term {
            Term::Entity(entity) => self.name(entity),
            Term::Var(var) => self.var(var),
        }
    }

    fn name(&self, entity: EntityId) -> String {
        self.graph.name(entity).to_string()
    }

    /// Returns the variable as it was written.
    fn var(&self, id: VarId) -> String {
        let var = &self.vars[id.0 as usize];
        match (&var.name, var.kind) {
            (Some(name), VarKind::Entity(types)) => format!("{} {name}", self.graph.schema().type_names(types)),
            (None, VarKind::Entity(types)) => self.graph.schema().type_names(types),
            _ => var.title.clone(),
        }
    }

    /// Returns the word at a position of the list that a variable is of.
    pub(super) fn label(&self, var: VarId, word: u32) -> &str {
        match self.vars[var.0 as usize].kind {
            VarKind::Label(label) => label.word(self.graph, word),
            _ => "",
        }
    }

    /// Returns a claimed fact as a sentence.
    pub(super) fn claimed(&self, claimed: &Claimed) -> String {
        self.claimed_template(claimed).fill(self.graph, self.vars, &[])
    }

    fn claimed_template(&self, claimed: &Claimed) -> Template {
        let term = |term: Term| match term {
            Term::Entity(entity) => self.name(entity).into(),
            Term::Var(var) => Template::from(var),
        };
        match claimed {
            Claimed::Link { verb, subject, object } => {
                let verb = format!(" {} ", self.link(Link::Verb(*verb), false)).into();
                Template::of([term(*subject), verb, term(*object)])
            }
            Claimed::Value { property, value } => {
                Template::of([format!("{} ", self.property(*property)).into(), (*value).into()])
            }
        }
    }

    fn of_claims(&self, what: OfClaims, claimed: &Claimed, by: ClaimedBy) -> Template {
        let by = match by {
            ClaimedBy::Any => Template::default(),
            ClaimedBy::Source(source) => format!(" according to {}", self.graph.claims().source(source).key).into(),
            ClaimedBy::Var(var) => Template::of([" according to ".into(), var.into()]),
        };
        Template::of([format!("{}(", what.name()).into(), self.claimed_template(claimed), by, ")".into()])
    }

    pub(super) fn property(&self, id: PropertyId) -> &str {
        &self.graph.schema().property(self.graph.in_part(id)).name
    }

    /// Returns true if the link is a word that takes no object.
    pub fn is_state(&self, link: Link) -> bool {
        let Link::Define(define) = link else { return false };
        let of = Definition::of_new_pairs(define).unwrap_or(define);
        self.definitions[of.0 as usize].is_state
    }

    /// Returns the word of a link in a direction; `^verb` for a direction without a word.
    pub fn link(&self, link: Link, inverse: bool) -> String {
        let (name, turned) = match link {
            Link::Verb(verb) => {
                let verb = self.graph.schema().verb(verb);
                (verb.name.clone(), verb.inverse.clone())
            }
            Link::Define(define) => {
                let (of, newly) = Definition::of_new_pairs(define).map_or((define, ""), |define| (define, "newly "));
                (format!("{newly}{}", self.definitions[of.0 as usize].name), None)
            }
        };
        match (inverse, turned) {
            (false, _) => name,
            (true, Some(turned)) => turned,
            (true, None) => format!("^{name}"),
        }
    }

    pub fn path(&self, path: &Path) -> String {
        let inner = |path: &Path| match path {
            Path::Sequence(_) | Path::Either(_) => format!("({})", self.path(path)),
            _ => self.path(path),
        };
        let joined = |paths: &[Path], mark: &str| paths.iter().map(inner).collect::<Vec<_>>().join(mark);
        match path {
            Path::Link { link, inverse } => self.link(*link, *inverse),
            Path::Sequence(paths) => joined(paths, " / "),
            Path::Either(paths) => joined(paths, " | "),
            Path::Repeat { path, min, max, .. } => format!("{}{}", inner(path), quantifier(*min, *max)),
        }
    }

    /// Returns the expression with its variables as they were written.
    pub fn scalar(&self, scalar: &Scalar) -> String {
        self.template(scalar).fill(self.graph, self.vars, &[])
    }

    pub(super) fn template(&self, scalar: &Scalar) -> Template {
        let list = |all: &[Scalar], mark: &str| Template::join(all.iter().map(|inner| self.template(inner)), mark);
        let call = |name: &str, of: Template| Template::of([format!("{name}(").into(), of, ")".into()]);
        let pair = |a: &Scalar, sign: &str, b: &Scalar| {
            Template::of([self.template(a), format!(" {sign} ").into(), self.template(b)])
        };
        let property = |id| format!(".{}", self.property(id)).into();
        match scalar {
            Scalar::Constant(Value::Text(text)) => format!("{text:?}").into(),
            Scalar::Constant(value) => value.to_string().into(),
            Scalar::Entity(entity) => self.name(*entity).into(),
            Scalar::Slot(slot) | Scalar::Stated(slot, _) | Scalar::Path(slot) | Scalar::Label(slot, _) => {
                (*slot).into()
            }
            Scalar::OfClaims(what, claimed, by) => self.of_claims(*what, claimed, *by),
            Scalar::Length(slot) => call("length", (*slot).into()),
            Scalar::Property(slot, id) => Template::of([(*slot).into(), property(*id)]),
            Scalar::PropertyOf(entity, id) => Template::of([self.name(*entity).into(), property(*id)]),
            Scalar::And(all) => list(all, " and "),
            Scalar::Or(all) => list(all, " or "),
            Scalar::Not(inner) => Template::of(["not ".into(), self.template(inner)]),
            Scalar::Compare(op, a, b) => pair(a, op.sign(), b),
            Scalar::Matches(inner, pattern) => {
                Template::of([self.template(inner), format!(" matches {:?}", pattern.written()).into()])
            }
            Scalar::IsUnknown(inner) => Template::of([self.template(inner), " is unknown".into()]),
            Scalar::IsAbsent(slot) => Template::of([(*slot).into(), " is absent".into()]),
            Scalar::Arithmetic(op, a, b) => pair(a, op.sign(), b),
            Scalar::OrElse(a, b) => pair(a, "or else", b),
            Scalar::Negative(inner) => Template::of(["-".into(), self.template(inner)]),
            Scalar::Call(function, arguments) => call(function.info().name, list(arguments, ", ")),
            Scalar::Key(number) => format!("key {}", number + 1).into(),
            Scalar::AggregateCall(number) => format!("#{}", number + 1).into(),
            Scalar::Unknown => "unknown".into(),
        }
    }
}

fn quantifier(min: u32, max: Option<u32>) -> String {
    match (min, max) {
        (1, None) => "+".to_string(),
        (0, None) => "*".to_string(),
        (0, Some(1)) => "?".to_string(),
        (min, None) => format!("{{{min},}}"),
        (min, Some(max)) if min == max => format!("{{{min}}}"),
        (min, Some(max)) => format!("{{{min},{max}}}"),
    }
}

/// Returns the range of generations in words; empty if any number is allowed.
pub(super) fn far(generations: Generations) -> String {
    match (generations.least, generations.most) {
        (0 | 1, None) => String::new(),
        (least, None) => format!(", {least} generations away or more"),
        (least, Some(most)) => format!(", {least} to {most} generations away"),
    }
}
