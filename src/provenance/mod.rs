//! Why something holds: proofs of least height; and why it does not.

pub(crate) mod part;
pub(crate) mod subgraph;

use crate::answer::{Answer, Cell, Explained, Head, Proof, Reason, Row, Subgraph, Table, View, WhyNot};
use crate::check::typed::{Body, DefineId, Expr, ExprKind, Formula, Link, Modality, PathAtom, Select, VarId, VarKind};
use crate::exec::bindings::{Bindings, Sureness};
use crate::exec::edges::Edges;
use crate::exec::eval::Scope;
use crate::exec::limits::{Stop, stop};
use crate::exec::output::paths::entity_of;
use crate::exec::search::automaton::Automaton;
use crate::exec::search::paths::Search;
use crate::exec::{ABSENT, Context, Execution, Mode};
use crate::graph::{EntityId, Fact, FactId, narrowing};
use crate::limits::{self, in_budget};
use crate::plan::{self, Scalar, Words, conjuncts};
use crate::schema::{PropertyId, TypeSet};
use crate::value::Value;
use part::Parts;
use std::collections::BTreeSet;
use subgraph::{Collector, Walks, fact_cells, locals, sentence, words};

/// How many witnesses of an existential part are compared for the least proof.
const MOST_WITNESSES: usize = 64;

/// The answer of a plan that shows facts or proofs.
///
/// # Errors
/// A limit or Ctrl-C stopped it.
pub fn answer(run: &Execution) -> Result<Answer, Stop> {
    match run.context.plan.view {
        plan::View::Proofs => proofs(run),
        plan::View::WhyNot => why_not(run),
        _ => subgraph::answer(run),
    }
}

/// The facts that the bindings of a plan rest on.
///
/// # Errors
/// A limit or Ctrl-C stopped it.
pub fn facts(run: &Execution) -> Result<Subgraph, Stop> {
    subgraph::subgraph(run)
}

/// The select that bindings are of.
pub(crate) fn select_of<'a>(context: &'a Context) -> Option<&'a Select> {
    match &context.plan.query.body {
        Body::Select(select) | Body::Matrix { select, .. } => Some(select),
        _ => None,
    }
}

/// `why …`: a proof of each row, and each fact that it may rest on with each of its claims.
fn proofs(run: &Execution) -> Result<Answer, Stop> {
    let (context, edges) = (run.context, &run.edges);
    let mut explained = Vec::new();
    let mut collector = Collector::new(context, edges, Walks::All);
    let parts = Parts::new(context, edges, &context.plan.slots);
    let (mut more_possible, asked) = (0, run.bindings().zip(select_of(context)));
    if let Some((found, select)) = asked {
        for (i, (_, sure)) in found.iter().enumerate() {
            if sure == Sureness::Possible {
                more_possible += 1;
                continue;
            }
            limits::spend(8)?;
            let frame = found.frame(i);
            let mode = if sure == Sureness::Certain { Mode::CERTAIN } else { Mode::POSSIBLE };
            collector.formula(&parts, &select.formula, &frame, mode)?;
            explained.push(explain(context, edges, &parts, select, &frame, mode)?);
        }
    }
    let table = table(context, &collector.finish().facts);
    Ok(Answer { view: View::Why(explained), table, more_possible, notes: run.notes() })
}

fn explain(
    context: &Context,
    edges: &Edges,
    parts: &Parts,
    select: &Select,
    frame: &[u32],
    mode: Mode,
) -> Result<Explained, Stop> {
    let title = words(context, parts.vars, frame).formula(&select.formula);
    let prover = Prover { context, edges, parts, rounds: u32::MAX };
    let proof = prover.prove(&select.formula, frame, mode)?;
    let proof = proof.unwrap_or(Proof { reason: Reason::All, because: Vec::new() });
    Ok(Explained { title, proof, certain: !mode.possible })
}

/// Subject, verb, object and citation: a row for each fact and claim.
pub(crate) fn table(context: &Context, facts: &[FactId]) -> Table {
    let head = |title: &str| Head { title: title.to_string(), numeric: false, types: TypeSet::NONE };
    let columns = ["subject", "verb", "object"].into_iter().chain(CITATION).map(head).collect();
    Table { columns, rows: cited_facts(context, facts).collect() }
}

/// The rows of facts with their citations.
pub(crate) fn cited_facts(context: &Context, facts: &[FactId]) -> impl Iterator<Item = Row> {
    facts.iter().take_while(in_budget).flat_map(|fact| cited(context, *fact, fact_cells(context, *fact)))
}

/// The columns of a citation.
pub(crate) const CITATION: [&str; 5] = ["source", "at", "trust", "quote", "note"];

/// The cells with each citation of a fact; without one, once.
pub(crate) fn cited(context: &Context, fact: FactId, cells: Vec<Cell>) -> Vec<Row> {
    let claims = context.graph.claims();
    let text = |text: &str| if text.is_empty() { Cell::Absent } else { Cell::Value(Value::text(text)) };
    let certain = !context.graph.is_doubtful(fact);
    let said = claims.of(fact).map(|claim| {
        let source = text(&claims.source(claim.source).key);
        [source, text(claim.at), text(claim.trust.name()), text(claim.quote), text(claim.note)]
    });
    let mut rows: Vec<Row> = said.map(|said| Row { cells: [&cells[..], &said].concat(), certain }).collect();
    if rows.is_empty() {
        rows.push(uncited(cells, certain));
    }
    rows
}

/// The cells without a citation.
pub(crate) fn uncited(cells: Vec<Cell>, certain: bool) -> Row {
    let unsaid = std::iter::repeat_n(Cell::Absent, CITATION.len());
    Row { cells: cells.into_iter().chain(unsaid).collect(), certain }
}

/// The proof of the first binding that gives this row; `None` where none does.
///
/// # Errors
/// A limit or Ctrl-C stopped it.
pub fn of_row(run: &Execution, row: &Row) -> Result<Option<Explained>, Stop> {
    let (context, edges) = (run.context, &run.edges);
    let Some((found, select)) = run.bindings().zip(select_of(context)) else { return Ok(None) };
    let parts = Parts::new(context, edges, &context.plan.slots);
    for (i, (_, sure)) in found.iter().enumerate() {
        limits::spend(8)?;
        let frame = found.frame(i);
        if gives(context, found, &frame, row) {
            let mode = if sure == Sureness::Certain { Mode::CERTAIN } else { Mode::POSSIBLE };
            return explain(context, edges, &parts, select, &frame, mode).map(Some);
        }
    }
    Ok(None)
}

/// Whether the columns that hold no aggregate are the row's.
fn gives(context: &Context, found: &Bindings, frame: &[u32], row: &Row) -> bool {
    let scope = Scope { graph: context.graph, paths: &found.paths, frame, folds: &|_| Cell::Absent };
    let is_plain =
        |scalar: &Scalar| scalar.as_slot().is_some() || matches!(scalar, Scalar::Property(..) | Scalar::Call(..));
    let columns = context.plan.columns.iter().map(|column| &column.scalar);
    columns.zip(&row.cells).filter(|(scalar, _)| is_plain(scalar)).all(|(scalar, cell)| scope.cell(scalar) == *cell)
}

/// Finds proofs of parts of one formula.
struct Prover<'a, 'p> {
    context: &'a Context<'a>,
    edges: &'a Edges<'a>,
    parts: &'a Parts<'p>,
    /// Defined facts count only if they were found before this round: a proof does not rest on itself.
    rounds: u32,
}

impl Prover<'_, '_> {
    /// The proof of least height that was found; `None` where the formula does not hold.
    fn prove(&self, formula: &Formula, frame: &[u32], mode: Mode) -> Result<Option<Proof>, Stop> {
        match formula {
            Formula::All(all) => self.all(all.iter(), frame, mode),
            Formula::Any(all) => {
                let proofs: Result<Vec<_>, Stop> = all.iter().map(|inner| self.prove(inner, frame, mode)).collect();
                Ok(least(proofs?.into_iter().flatten()))
            }
            Formula::Not(inner) => self.absent(inner, frame, mode),
            Formula::Exists(vars, inner) => {
                let frames = self.witnesses(vars, inner, frame, mode, MOST_WITNESSES)?;
                let proofs: Result<Vec<_>, Stop> = frames.iter().map(|f| self.prove(inner, f, mode)).collect();
                Ok(least(proofs?.into_iter().flatten()))
            }
            Formula::Count { var, number, of, .. } => {
                let most = (*number as usize).clamp(1, MOST_WITNESSES);
                self.counted(formula, std::slice::from_ref(var), of, of, frame, mode, most)
            }
            Formula::Every { vars, domain, then, .. } => {
                self.counted(formula, vars, domain, then, frame, mode, MOST_WITNESSES)
            }
            Formula::Optional(inner) => {
                let proof = self.prove(inner, frame, mode)?;
                Ok(Some(proof.unwrap_or(Proof { reason: Reason::All, because: Vec::new() })))
            }
            Formula::Modal(Modality::Certainly, inner) => self.prove(inner, frame, Mode::CERTAIN),
            Formula::Modal(_, inner) => self.prove(inner, frame, mode),
            Formula::Fact(atom) => {
                self.link(entity_of(atom.subject, frame), atom.link, false, entity_of(atom.object, frame), mode)
            }
            Formula::Path(atom) => self.chain(atom, frame, mode),
            Formula::Value(atom) => {
                let position = frame[atom.value.0 as usize];
                let fact = self.context.graph.values(atom.property).fact(position as usize);
                Ok((position != ABSENT).then(|| leaf(Reason::Fact(fact))))
            }
            Formula::Type(..) | Formula::Same(..) => Ok(Some(Proof { reason: Reason::All, because: Vec::new() })),
            Formula::Test(expr) => self.compared(expr, frame, mode),
        }
    }

    fn witnesses(
        &self,
        vars: &[VarId],
        formula: &Formula,
        frame: &[u32],
        mode: Mode,
        most: usize,
    ) -> Result<Vec<Vec<u32>>, Stop> {
        let parts = Parts::new(self.context, self.edges, self.parts.vars);
        parts.witnesses(vars, formula, frame, mode, most)
    }

    /// All of the formulas; those that prove nothing by themselves are left out.
    fn all<'f>(
        &self,
        all: impl Iterator<Item = &'f Formula>,
        frame: &[u32],
        mode: Mode,
    ) -> Result<Option<Proof>, Stop> {
        let mut because = Vec::new();
        for formula in all {
            match self.prove(formula, frame, mode)? {
                None => return Ok(None),
                Some(Proof { reason: Reason::All, because: inner }) => because.extend(inner),
                Some(proof) => because.push(proof),
            }
        }
        Ok(Some(if because.len() == 1 { because.remove(0) } else { Proof { reason: Reason::All, because } }))
    }

    /// Nothing makes the denied part hold.
    fn absent(&self, inner: &Formula, frame: &[u32], mode: Mode) -> Result<Option<Proof>, Stop> {
        let parts = Parts::new(self.context, self.edges, self.parts.vars);
        if parts.holds(inner, frame, mode.negated())? {
            return Ok(None);
        }
        let sought = self.words(frame).formula(inner);
        Ok(Some(leaf(Reason::Absent { sought, looked_at: self.candidates(inner) })))
    }

    /// How many entities the variables of the denied part range over.
    fn candidates(&self, inner: &Formula) -> usize {
        let Formula::Exists(vars, _) = inner else { return 0 };
        let count = |var: &VarId| match self.parts.vars[var.0 as usize].kind {
            VarKind::Entity(types) => self.context.graph.ranges(types).iter().map(|range| range.len()).sum(),
            _ => 0,
        };
        vars.first().map_or(0, count)
    }

    #[allow(clippy::too_many_arguments)]
    fn counted(
        &self,
        whole: &Formula,
        vars: &[VarId],
        domain: &Formula,
        then: &Formula,
        frame: &[u32],
        mode: Mode,
        most: usize,
    ) -> Result<Option<Proof>, Stop> {
        let frames = self.witnesses(vars, domain, frame, mode, most)?;
        let mut because = Vec::new();
        for frame in &frames {
            because.extend(self.prove(then, frame, mode)?);
        }
        let what = self.words(frame).formula(whole);
        Ok(Some(Proof { reason: Reason::Counted { what, number: frames.len() }, because }))
    }

    fn words<'w>(&'w self, frame: &'w [u32]) -> Words<'w> {
        words(self.context, self.parts.vars, frame)
    }

    /// One link of a fact or of a chain.
    fn link(&self, subject: u32, link: Link, inverse: bool, object: u32, mode: Mode) -> Result<Option<Proof>, Stop> {
        if subject == ABSENT || object == ABSENT {
            return Ok(None);
        }
        let (subject, object) = if inverse { (object, subject) } else { (subject, object) };
        match link {
            Link::Verb(verb) => {
                let fact = self.context.graph.relation(verb).fact(EntityId(subject), EntityId(object));
                let held = fact.filter(|fact| mode.possible || !self.context.graph.is_doubtful(*fact));
                Ok(held.map(|fact| leaf(Reason::Fact(fact))))
            }
            Link::Define(define) => self.rule(define, subject, object, mode),
        }
    }

    fn rule(&self, id: DefineId, subject: u32, object: u32, mode: Mode) -> Result<Option<Proof>, Stop> {
        let define = &self.context.plan.query.defines[id.0 as usize];
        let derived = &self.edges.derived[id.0 as usize];
        let round = match derived.rounds.get(&(subject, object)) {
            Some(round) if *round < self.rounds || !define.recursive => *round,
            _ => return Ok(None),
        };
        let parts = Parts::new(self.context, self.edges, &define.vars);
        let rounds = if define.recursive { round } else { u32::MAX };
        let prover = Prover { context: self.context, edges: self.edges, parts: &parts, rounds };
        let mut frame = vec![ABSENT; define.vars.len()];
        frame[define.subject.0 as usize] = subject;
        frame[define.object.0 as usize] = object;
        let frames = prover.witnesses(&locals(define), &define.formula, &frame, mode, MOST_WITNESSES)?;
        let proofs: Result<Vec<_>, Stop> = frames.iter().map(|f| prover.prove(&define.formula, f, mode)).collect();
        let (subject, object) = (EntityId(subject), EntityId(object));
        let (verb, text) = (define.name.clone(), define.text.clone());
        let reason = Reason::Rule { subject, verb, object, text };
        Ok(least(proofs?.into_iter().flatten()).map(|proof| Proof { reason, because: unwrapped(proof) }))
    }

    fn chain(&self, atom: &PathAtom, frame: &[u32], mode: Mode) -> Result<Option<Proof>, Stop> {
        let (from, to) = (entity_of(atom.subject, frame), entity_of(atom.object, frame));
        let Some(automaton) = Automaton::of(&atom.path, false) else { return Ok(None) };
        if from == ABSENT || to == ABSENT {
            return Ok(None);
        }
        let search = Search { edges: self.edges, automaton: &automaton, source: atom.source, mode };
        let Some(hops) = search.shortest(from, to, &mut self.context.budget()).map_err(stop)? else {
            return Ok(None);
        };
        if hops.is_empty() {
            return Ok(Some(leaf(Reason::Itself(EntityId(from)))));
        }
        let (mut because, mut before) = (Vec::new(), from);
        for (link, inverse, after) in hops {
            because.extend(self.link(before, link, inverse, after, mode)?);
            before = after;
        }
        let path = self.words(frame).path(&atom.path);
        let reason = Reason::Chain { subject: EntityId(from), path, object: EntityId(to) };
        Ok(Some(Proof { reason, because }))
    }

    /// A test that holds: the bounds that it was decided by, and the facts that state them.
    fn compared(&self, expr: &Expr, frame: &[u32], mode: Mode) -> Result<Option<Proof>, Stop> {
        let parts = Parts::new(self.context, self.edges, self.parts.vars);
        let formula = Formula::Test(expr.clone());
        if !parts.holds(&formula, frame, mode)? {
            return Ok(None);
        }
        if let ExprKind::Exists(inner) = &expr.kind {
            return self.prove(inner, frame, mode);
        }
        let (mut bounds, mut because) = (Vec::new(), Vec::new());
        self.properties(expr, frame, &mut |entity, property| self.stated(entity, property, &mut bounds, &mut because));
        let condition = self.words(frame).expr(expr);
        Ok(Some(Proof { reason: Reason::Compared { condition, bounds }, because }))
    }

    /// Calls `f` with each entity and property that the test reads.
    fn properties(&self, expr: &Expr, frame: &[u32], f: &mut dyn FnMut(EntityId, PropertyId)) {
        match &expr.kind {
            ExprKind::Property(var, property) if frame[var.0 as usize] != ABSENT => {
                f(EntityId(frame[var.0 as usize]), *property);
            }
            ExprKind::PropertyOf(entity, property) => f(*entity, *property),
            ExprKind::And(all) | ExprKind::Or(all) | ExprKind::Call(_, all) => {
                all.iter().for_each(|inner| self.properties(inner, frame, f));
            }
            ExprKind::Not(inner) | ExprKind::Negative(inner) | ExprKind::IsUnknown(inner) => {
                self.properties(inner, frame, f);
            }
            ExprKind::Compare(_, a, b) | ExprKind::Arithmetic(_, a, b) => {
                self.properties(a, frame, f);
                self.properties(b, frame, f);
            }
            _ => {}
        }
    }

    fn stated(&self, entity: EntityId, property: PropertyId, bounds: &mut Vec<String>, because: &mut Vec<Proof>) {
        let graph = self.context.graph;
        let word = &graph.schema().property(property).name;
        let said = match graph.value(entity, property) {
            Value::Date(date) => date.describe(),
            value => value.to_string(),
        };
        bounds.push(format!("{}.{word}: {said}", graph.name(entity)));
        let stated = |entity: EntityId| {
            let values = graph.values(property);
            values.span(entity).map(move |i| leaf(Reason::Fact(values.fact(i))))
        };
        because.extend(stated(entity));
        let Some(narrowing) = narrowing(graph, entity, property) else { return };
        // The chain of facts along which the bound came, with the dates that it came from.
        let mut steps: Vec<Proof> = narrowing.steps.iter().map(|fact| leaf(Reason::Fact(*fact))).collect();
        let ends = narrowing.steps.iter().flat_map(|fact| match graph.fact(*fact) {
            Fact::Link { subject, object, .. } => vec![subject, object],
            Fact::Value { subject, .. } => vec![subject],
        });
        let others: BTreeSet<EntityId> = ends.filter(|end| *end != entity).collect();
        steps.extend(others.into_iter().flat_map(stated));
        let reason = Reason::Narrowed { entity, from: narrowing.before, to: narrowing.after };
        because.push(Proof { reason, because: steps });
    }
}

fn leaf(reason: Reason) -> Proof {
    Proof { reason, because: Vec::new() }
}

/// The parts of a conjunction, or the proof itself.
fn unwrapped(proof: Proof) -> Vec<Proof> {
    match proof {
        Proof { reason: Reason::All, because } => because,
        proof => vec![proof],
    }
}

fn height(proof: &Proof) -> usize {
    1 + proof.because.iter().map(height).max().unwrap_or(0)
}

/// The proof of least height; of several the first.
fn least(proofs: impl Iterator<Item = Proof>) -> Option<Proof> {
    proofs.min_by_key(height)
}

/// `why not …`: the first condition that fails once those before it hold, and what there is instead.
fn why_not(run: &Execution) -> Result<Answer, Stop> {
    let (context, edges) = (run.context, &run.edges);
    let mut all = Vec::new();
    if let Some(select) = select_of(context) {
        conjuncts(&select.formula, &mut |formula| all.push(formula));
    }
    let mut held: Vec<Formula> = Vec::new();
    let mut frame = vec![ABSENT; context.plan.slots.len()];
    let mut fails = None;
    for formula in all {
        held.push(formula.clone());
        let whole = Formula::All(held.clone());
        let vars = bound_by(&whole);
        let parts = Parts::new(context, edges, &context.plan.slots);
        match parts.witnesses(&vars, &whole, &vec![ABSENT; context.plan.slots.len()], Mode::CERTAIN, 1)?.pop() {
            Some(found) => frame = found,
            None => {
                held.pop();
                fails = Some(formula);
                break;
            }
        }
    }
    let parts = Parts::new(context, edges, &context.plan.slots);
    let prover = Prover { context, edges, parts: &parts, rounds: u32::MAX };
    let holds = match prover.prove(&Formula::All(held), &frame, Mode::CERTAIN)? {
        Some(proof) => unwrapped(proof),
        None => Vec::new(),
    };
    let words = words(context, &context.plan.slots, &frame);
    let nearest = fails.map_or(Vec::new(), |formula| nearest_misses(context, formula, &frame));
    let why_not = WhyNot { holds, fails: fails.map(|formula| words.formula(formula)), nearest };
    let table = why_not_table(context, &why_not);
    Ok(Answer { view: View::WhyNot(why_not), table, more_possible: 0, notes: context.plan.notes.clone() })
}

/// The variables that a formula's conjuncts bind.
fn bound_by(formula: &Formula) -> Vec<VarId> {
    let mut vars = Vec::new();
    formula.free(&mut |var| {
        if !vars.contains(&var) {
            vars.push(var)
        }
    });
    vars
}

/// Facts of the same verb about the subject, else about the object.
fn nearest_misses(context: &Context, formula: &Formula, frame: &[u32]) -> Vec<Proof> {
    let mut ends = Vec::new();
    let mut verbs = Vec::new();
    match formula {
        Formula::Fact(atom) => {
            ends.extend([entity_of(atom.subject, frame), entity_of(atom.object, frame)]);
            if let Link::Verb(verb) = atom.link {
                verbs.push(verb);
            }
        }
        Formula::Path(atom) => {
            ends.extend([entity_of(atom.subject, frame), entity_of(atom.object, frame)]);
            atom.path.links(&mut |link| verbs.extend(if let Link::Verb(verb) = link { Some(verb) } else { None }));
        }
        Formula::Test(expr) => return stated_values(context, expr, frame),
        Formula::Exists(_, inner) | Formula::Modal(_, inner) | Formula::Not(inner) => {
            return nearest_misses(context, inner, frame);
        }
        Formula::All(all) => return all.iter().flat_map(|inner| nearest_misses(context, inner, frame)).collect(),
        _ => {}
    }
    let about = |i: usize, inverse: bool| -> Vec<Proof> {
        let Some(entity) = ends.get(i).filter(|entity| **entity != ABSENT) else { return Vec::new() };
        let facts = verbs.iter().flat_map(|verb| {
            let relation = context.graph.relation(*verb);
            let others = relation.adjacency(inverse, false).of(EntityId(*entity)).iter();
            others.filter_map(move |other| {
                let (subject, object) = if inverse { (*other, *entity) } else { (*entity, *other) };
                relation.fact(EntityId(subject), EntityId(object))
            })
        });
        facts.map(|fact| leaf(Reason::Fact(fact))).take(8).collect()
    };
    let of_subject = about(0, false);
    if of_subject.is_empty() { about(1, true) } else { of_subject }
}

/// The stated values that a failing test looked at.
fn stated_values(context: &Context, expr: &Expr, frame: &[u32]) -> Vec<Proof> {
    let mut proofs = Vec::new();
    if let ExprKind::Compare(_, a, b) = &expr.kind {
        for side in [a, b] {
            let (entity, property) = match side.kind {
                ExprKind::Property(var, property) => (frame[var.0 as usize], property),
                ExprKind::PropertyOf(entity, property) => (entity.0, property),
                _ => continue,
            };
            let values = context.graph.values(property);
            proofs.extend(values.span(EntityId(entity)).map(|i| leaf(Reason::Fact(values.fact(i)))));
        }
    }
    proofs
}

fn why_not_table(context: &Context, why_not: &WhyNot) -> Table {
    let head = |title: &str| Head { title: title.to_string(), numeric: false, types: TypeSet::NONE };
    let row = |kind: &str, what: String| Row {
        cells: vec![Cell::Value(Value::text(kind)), Cell::Value(Value::text(&what))],
        certain: true,
    };
    let mut rows: Vec<Row> = Vec::new();
    let mut facts = |kind: &str, proofs: &[Proof]| {
        for proof in proofs {
            if let Reason::Fact(fact) = &proof.reason {
                rows.push(row(kind, sentence(context, *fact)));
            }
        }
    };
    facts("holds", &why_not.holds);
    let mut nearest = Vec::new();
    std::mem::swap(&mut rows, &mut nearest);
    let mut all = nearest;
    all.extend(why_not.fails.iter().map(|fails| row("fails", fails.clone())));
    let mut misses = Vec::new();
    for proof in &why_not.nearest {
        if let Reason::Fact(fact) = &proof.reason {
            misses.push(row("instead", sentence(context, *fact)));
        }
    }
    all.extend(misses);
    Table { columns: ["verdict", "sentence"].map(head).to_vec(), rows: all.into() }
}
