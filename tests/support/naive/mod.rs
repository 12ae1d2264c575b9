//! The judge: a query's meaning computed from its checked form and the graph by nested loops, without plan, index or
//! cleverness. Slow on purpose; every rule of the language should be readable here.
//!
//! Start at [`answer`]. [`outcomes`] says what may become of a condition in the worlds, [`pattern`] what a formula comes
//! to and what makes it hold, [`paths`] what a path joins, [`expr`] with [`dates`] what an expression gives, and [`rows`]
//! with [`groups`] what is made of the matches.

mod dates;
mod expr;
mod groups;
mod median;
mod outcomes;
mod paths;
mod pattern;
mod regex;
mod rows;

use begat::answer::Row;
use begat::check::typed::{Body, Define, DefineId, Formula, Head, Label, Path, Query, Var, VarId, VarKind};
use begat::graph::{EntityId, Fact, FactId, Graph, SourceId, Trust};
use begat::schema::PropertyId;
use begat::value::{Date, Truth};
use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;

/// How surely a formula is to hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mode {
    /// Whatever the unknown days and the doubtful facts turn out to be.
    Certain,
    /// As `Certain`, but conditions marked `possibly` need only be possible.
    Shown,
    /// In some case.
    Possible,
}

/// How `possibly` is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// As if it were not there.
    Strict,
    /// What is possible suffices.
    Lenient,
    /// Inside the negation of something lenient: strict, but for what is denied again.
    Denied,
}

impl Reading {
    /// How it is read inside a negation: inside two, as before.
    pub fn negated(self) -> Reading {
        match self {
            Reading::Strict => Reading::Strict,
            Reading::Lenient => Reading::Denied,
            Reading::Denied => Reading::Lenient,
        }
    }
}

/// What a variable stands for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Slot {
    /// Not chosen yet.
    Open,
    /// An optional part found nothing for it.
    Absent,
    Entity(EntityId),
    /// Position among the stated values of the variable's property.
    Value(PropertyId, u32),
    /// Position of a word in its list, which is that of the verbs or that of the sources.
    Label {
        is_verb: bool,
        at: u32,
    },
    /// The entities of a path, in order.
    Path(Vec<EntityId>),
}

/// By [`VarId`].
pub type Binding = Vec<Slot>;

pub type Pairs = BTreeSet<(EntityId, EntityId)>;

type PairsKey = (Path, Mode, Option<SourceId>);

/// A graph, a query, and the pairs of its defined verbs.
pub struct World<'a> {
    pub graph: &'a Graph,
    pub as_of: Option<Date>,
    /// By definition: the pairs that certainly hold, and those that possibly do.
    defined: Vec<[Pairs; 2]>,
    pairs: RefCell<HashMap<PairsKey, Rc<Pairs>>>,
}

/// What a query comes to.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// In the order of the answer; `more` would be added by `possibly`.
    Rows {
        rows: Vec<Row>,
        more: usize,
    },
    Verdict(Truth),
}

/// The answer of a query; `None` for the forms that are views (`lineage`, `why`, …), which have no reference here.
pub fn answer(graph: &Graph, query: &Query) -> Option<Outcome> {
    answer_in(graph, query, if query.possibly { Mode::Shown } else { Mode::Certain })
}

/// The answer of a query that lists what holds in the mode.
pub fn answer_in(graph: &Graph, query: &Query, shown: Mode) -> Option<Outcome> {
    let Body::Select(select) = &query.body else { return None };
    let world = World::new(graph, query);
    match query.head {
        Head::Rows => Some(rows::select(&world, query, select, shown)),
        Head::Count => Some(rows::count(&world, query, select, shown)),
        Head::Ask => Some(Outcome::Verdict(rows::ask(&world, query, select))),
        Head::Path | Head::Paths => rows::paths(&world, query, select, shown),
        Head::Graph | Head::Why | Head::WhyNot | Head::Diff => None,
    }
}

impl<'a> World<'a> {
    pub fn new(graph: &'a Graph, query: &Query) -> World<'a> {
        let defined = vec![[Pairs::new(), Pairs::new()]; query.defines.len()];
        let mut world = World { graph, as_of: query.as_of, defined, pairs: RefCell::default() };
        for known in 1..=query.defines.len() {
            while world.derive(&query.defines[..known]) {}
        }
        world
    }

    /// One round over definitions: adds what follows from what is known. False when nothing was added.
    fn derive(&mut self, defines: &[Define]) -> bool {
        let mut grew = false;
        for (i, define) in defines.iter().enumerate() {
            let found = self.define_pairs(define);
            for (known, found) in self.defined[i].iter_mut().zip(found) {
                let before = known.len();
                known.extend(found);
                grew |= known.len() > before;
            }
            self.pairs.borrow_mut().clear();
        }
        grew
    }

    fn define_pairs(&self, define: &Define) -> [Pairs; 2] {
        let mut pairs = [Pairs::new(), Pairs::new()];
        let mut binding = vec![Slot::Open; define.vars.len()];
        let (subject, object) = (define.subject.0 as usize, define.object.0 as usize);
        for from in self.graph.entities().filter(|e| self.graph.is_of(*e, define.from)) {
            for to in self.graph.entities().filter(|e| self.graph.is_of(*e, define.to)) {
                if subject == object && from != to {
                    continue;
                }
                binding[subject] = Slot::Entity(from);
                binding[object] = Slot::Entity(to);
                let outcomes = self.exists(&define.vars, &binding, &define.formula, Reading::Strict);
                pairs[0].extend(outcomes.is_certain().then_some((from, to)));
                pairs[1].extend(outcomes.is_possible().then_some((from, to)));
            }
        }
        pairs
    }

    /// Whether a fact counts: in the mode, by the source, at the time asked about. Only what the source itself says
    /// makes it sure of a fact.
    pub fn counts(&self, fact: FactId, mode: Mode, source: Option<SourceId>) -> bool {
        let stated = match source {
            None => mode == Mode::Possible || !self.graph.is_doubtful(fact),
            Some(source) => self
                .graph
                .claims()
                .of(fact)
                .any(|claim| claim.source == source && (mode == Mode::Possible || claim.trust != Trust::Doubtful)),
        };
        stated && self.as_of.is_none_or(|day| self.stood(fact, day))
    }

    /// Whether the fact certainly stood by `day`: its own date, or its subject's, is not after it.
    fn stood(&self, fact: FactId, day: Date) -> bool {
        let subject = match self.graph.fact(fact) {
            Fact::Link { subject, .. } | Fact::Value { subject, .. } => subject,
        };
        let own = self.graph.claims().of(fact).filter_map(|claim| claim.date).reduce(|a, b| a.hull(b));
        let date = own.unwrap_or_else(|| self.graph.date_of(subject));
        date.until(day).is_certain()
    }

    /// Whether the entity is there: always, or by the day of `as of`.
    pub fn is_there(&self, entity: EntityId) -> bool {
        self.as_of.is_none_or(|day| self.graph.date_of(entity).until(day).is_certain())
    }

    /// The pairs of a defined verb. It is worked out apart from the query that uses it, so that `possibly` in the one
    /// does not loosen the other.
    fn defined(&self, define: DefineId, mode: Mode) -> &Pairs {
        &self.defined[define.0 as usize][usize::from(mode == Mode::Possible)]
    }

    /// Everything a variable may stand for. A path's choices depend on its ends, which must be bound.
    fn choices(&self, vars: &[Var], binding: &Binding, var: VarId, formula: &Formula) -> Vec<Slot> {
        match vars[var.0 as usize].kind {
            VarKind::Entity(types) => {
                let all = self.graph.entities().filter(|e| self.graph.is_of(*e, types) && self.is_there(*e));
                all.map(Slot::Entity).collect()
            }
            VarKind::Value(_, property) => {
                let stated = self.graph.values(property).len() as u32;
                (0..stated).map(|i| Slot::Value(property, i)).collect()
            }
            VarKind::Label(label) => {
                let is_verb = label == Label::Verb;
                (0..label.number(self.graph) as u32).map(|at| Slot::Label { is_verb, at }).collect()
            }
            VarKind::Path => self.path_choices(binding, var, formula),
        }
    }
}
