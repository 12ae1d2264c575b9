//! The facts that took part in matches.

use super::part::Parts;
use crate::answer::{Answer, Cell, Head, Row, Subgraph, Table, View};
use crate::check::typed::{Define, DefineId, Expr, ExprKind, Formula, Link, Path, PathAtom, Term, Var, VarId, VarKind};
use crate::exec::bindings::Certainty;
use crate::exec::edges::Edges;
use crate::exec::limits::{Stop, stop};
use crate::exec::output::paths::entity_of;
use crate::exec::search::automaton::Automaton;
use crate::exec::search::product::{Hop, ProductGraph};
use crate::exec::{ABSENT, Context, Execution, Mode};
use crate::graph::{EntityId, Fact, FactId, SourceId};
use crate::limits::{self, in_budget};
use crate::plan::Words;
use crate::schema::TypeSet;
use crate::value::Value;
use std::collections::BTreeSet;

/// `graph …`: the facts as rows, and as a graph.
pub(crate) fn answer(run: &Execution) -> Result<Answer, Stop> {
    let graph = subgraph(run)?;
    let table = table(run.context, &graph);
    Ok(Answer { view: View::Graph(graph), table, more_possible: 0, notes: run.context.plan.notes.clone() })
}

/// Subject, verb, object of each fact.
pub(crate) fn table(context: &Context, graph: &Subgraph) -> Table {
    let head = |title: &str| Head { title: title.to_string(), numeric: false, types: TypeSet::NONE };
    let mut rows: Vec<Row> = graph.facts.iter().take_while(in_budget).map(|fact| fact_row(context, *fact)).collect();
    rows.extend(graph.derived.iter().map(|(subject, verb, object)| Row {
        cells: vec![Cell::Entity(*subject), Cell::Value(Value::text(verb)), Cell::Entity(*object)],
        certain: true,
    }));
    Table { columns: ["subject", "verb", "object"].map(head).to_vec(), rows: rows.into() }
}

fn fact_row(context: &Context, fact: FactId) -> Row {
    let certain = !context.graph.is_doubtful(fact);
    Row { cells: fact_cells(context, fact), certain }
}

/// Subject, verb and object (or value) of a fact.
pub(crate) fn fact_cells(context: &Context, fact: FactId) -> Vec<Cell> {
    let schema = context.graph.schema();
    match context.graph.fact(fact) {
        Fact::Link { subject, verb, object } => {
            vec![Cell::Entity(subject), Cell::Value(Value::text(&schema.verb(verb).name)), Cell::Entity(object)]
        }
        Fact::Value { subject, property, value } => {
            let property = schema.property(property);
            let verb = property.verb.as_deref().unwrap_or(&property.name);
            vec![Cell::Entity(subject), Cell::Value(Value::text(verb)), Cell::Value(value)]
        }
    }
}

/// The facts that the shown bindings rest on; a path gives the facts of its shortest proofs.
pub(crate) fn subgraph(run: &Execution) -> Result<Subgraph, Stop> {
    let (context, edges) = (run.context, &run.edges);
    let mut collector = Collector::new(context, edges, Walks::Shortest);
    let Some((found, select)) = run.bindings().zip(super::select_of(context)) else { return Ok(collector.finish()) };
    let parts = Parts::new(context, edges, &context.plan.slots);
    for (i, (_, sure)) in found.iter().enumerate().filter(|(_, (_, sure))| *sure != Certainty::Possible) {
        limits::spend(8)?;
        let frame = found.frame(i);
        for entity in select.free.iter().filter(|var| is_entity(context, **var)).map(|var| frame[var.0 as usize]) {
            collector.entity(entity);
        }
        let mode = if sure == Certainty::Certain { Mode::CERTAIN } else { Mode::POSSIBLE };
        collector.formula(&parts, &select.formula, &frame, mode)?;
    }
    Ok(collector.finish())
}

fn is_entity(context: &Context, var: VarId) -> bool {
    matches!(context.plan.slots[var.0 as usize].kind, VarKind::Entity(_))
}

/// Which facts stand for a path.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Walks {
    /// Those of its shortest proofs.
    Shortest,
    /// Those of every walk between its ends.
    All,
}

/// Gathers the facts on which bindings rest.
pub(crate) struct Collector<'a> {
    context: &'a Context<'a>,
    edges: &'a Edges<'a>,
    walks: Walks,
    entities: BTreeSet<EntityId>,
    facts: BTreeSet<FactId>,
    derived: BTreeSet<(EntityId, DefineId, EntityId)>,
}

impl<'a> Collector<'a> {
    pub fn new(context: &'a Context<'a>, edges: &'a Edges<'a>, walks: Walks) -> Collector<'a> {
        let (entities, facts, derived) = Default::default();
        Collector { context, edges, walks, entities, facts, derived }
    }

    /// What was gathered, with the ends of all facts.
    pub fn finish(mut self) -> Subgraph {
        for fact in self.facts.iter().take_while(in_budget) {
            match self.context.graph.fact(*fact) {
                Fact::Link { subject, object, .. } => self.entities.extend([subject, object]),
                Fact::Value { subject, .. } => self.entities.extend([subject]),
            }
        }
        let name = |define: &DefineId| self.context.plan.query.defines[define.0 as usize].name.clone();
        let derived = self.derived.iter().map(|(subject, define, object)| (*subject, name(define), *object)).collect();
        Subgraph { entities: self.entities.into_iter().collect(), facts: self.facts.into_iter().collect(), derived }
    }

    fn entity(&mut self, entity: u32) {
        if entity != ABSENT {
            self.entities.insert(EntityId(entity));
        }
    }

    /// Gathers the facts that make the formula hold under the frame; nothing for what does not hold.
    pub fn formula<'p>(
        &mut self,
        parts: &Parts<'p>,
        formula: &'p Formula,
        frame: &[u32],
        mode: Mode,
    ) -> Result<(), Stop>
    where
        'a: 'p,
    {
        match formula {
            Formula::All(all) => all.iter().try_for_each(|inner| self.formula(parts, inner, frame, mode)),
            Formula::Any(all) => {
                for inner in all {
                    if parts.holds(inner, frame, mode)? {
                        self.formula(parts, inner, frame, mode)?;
                    }
                }
                Ok(())
            }
            Formula::Exists(vars, inner) => {
                let found = parts.witnesses(vars, inner, frame, mode, usize::MAX)?;
                found.iter().try_for_each(|frame| self.formula(parts, inner, frame, mode))
            }
            Formula::Count { var, of, .. } => {
                let found = parts.witnesses(&[*var], of, frame, mode, usize::MAX)?;
                found.iter().try_for_each(|frame| self.formula(parts, of, frame, mode))
            }
            Formula::Every { vars, domain, then, .. } => {
                for frame in parts.witnesses(vars, domain, frame, mode, usize::MAX)? {
                    self.formula(parts, domain, &frame, mode)?;
                    self.formula(parts, then, &frame, mode)?;
                }
                Ok(())
            }
            Formula::Optional(inner) | Formula::Modal(_, inner) => self.formula(parts, inner, frame, mode),
            Formula::Not(_) | Formula::Type(..) | Formula::Same(..) => Ok(()),
            Formula::Fact(atom) => {
                self.link(entity_of(atom.subject, frame), atom.link, false, entity_of(atom.object, frame), mode)
            }
            Formula::Path(atom) => self.path(atom, frame, mode),
            Formula::Value(atom) => {
                let values = self.context.graph.values(atom.property);
                self.facts.extend(
                    Some(values.fact(frame[atom.value.0 as usize] as usize))
                        .filter(|_| frame[atom.value.0 as usize] != ABSENT),
                );
                Ok(())
            }
            Formula::Test(expr) => self.expr(parts, expr, frame, mode),
        }
    }

    /// The stated values that a test looks at.
    fn expr<'p>(&mut self, parts: &Parts<'p>, expr: &'p Expr, frame: &[u32], mode: Mode) -> Result<(), Stop>
    where
        'a: 'p,
    {
        match &expr.kind {
            ExprKind::Property(var, property) => self.values(frame[var.0 as usize], *property),
            ExprKind::PropertyOf(entity, property) => self.values(entity.0, *property),
            ExprKind::And(all) | ExprKind::Or(all) | ExprKind::Call(_, all) => {
                all.iter().try_for_each(|inner| self.expr(parts, inner, frame, mode))?;
            }
            ExprKind::Not(inner) | ExprKind::Negative(inner) | ExprKind::IsUnknown(inner) => {
                self.expr(parts, inner, frame, mode)?;
            }
            ExprKind::Compare(_, a, b) | ExprKind::Arithmetic(_, a, b) => {
                self.expr(parts, a, frame, mode)?;
                self.expr(parts, b, frame, mode)?;
            }
            ExprKind::Exists(formula) => self.formula(parts, formula, frame, mode)?,
            _ => {}
        }
        Ok(())
    }

    fn values(&mut self, entity: u32, property: crate::schema::PropertyId) {
        let values = self.context.graph.values(property);
        self.facts.extend(values.span(EntityId(entity)).map(|i| values.fact(i)));
    }

    fn path(&mut self, atom: &PathAtom, frame: &[u32], mode: Mode) -> Result<(), Stop> {
        let (from, to) = (entity_of(atom.subject, frame), entity_of(atom.object, frame));
        if from == ABSENT || to == ABSENT {
            return Ok(());
        }
        let hops = self.hops(&atom.path, atom.source, (from, to), mode)?;
        hops.into_iter().try_for_each(|hop| self.link(hop.from, hop.link, hop.inverse, hop.to, mode))
    }

    fn hops(
        &self,
        path: &Path,
        source: Option<SourceId>,
        (from, to): (u32, u32),
        mode: Mode,
    ) -> Result<Vec<Hop>, Stop> {
        let Some(automaton) = Automaton::of(path, false) else { return Ok(Vec::new()) };
        let product = ProductGraph::new(self.edges, &automaton, source, mode);
        let mut budget = self.context.budget();
        match self.walks {
            Walks::Shortest => product.shortest_hops(from, &[to], &mut budget).map_err(stop),
            Walks::All => product.hops_between(from, to, &mut budget).map_err(stop),
        }
    }

    /// One link: a fact, or a defined one with what it rests on.
    fn link(&mut self, subject: u32, link: Link, inverse: bool, object: u32, mode: Mode) -> Result<(), Stop> {
        if subject == ABSENT || object == ABSENT {
            return Ok(());
        }
        let (subject, object) = if inverse { (object, subject) } else { (subject, object) };
        match link {
            Link::Verb(verb) => {
                let fact = self.context.graph.relation(verb).fact(EntityId(subject), EntityId(object));
                self.facts.extend(fact);
                Ok(())
            }
            Link::Define(define) => self.define(define, subject, object, mode),
        }
    }

    fn define(&mut self, id: DefineId, subject: u32, object: u32, mode: Mode) -> Result<(), Stop> {
        if !self.derived.insert((EntityId(subject), id, EntityId(object))) {
            return Ok(());
        }
        self.entity(subject);
        self.entity(object);
        let define = &self.context.plan.query.defines[id.0 as usize];
        let parts = Parts::new(self.context, self.edges, &define.vars);
        let mut frame = vec![ABSENT; define.vars.len()];
        frame[define.subject.0 as usize] = subject;
        frame[define.object.0 as usize] = object;
        let locals = locals(define);
        for frame in parts.witnesses(&locals, &define.formula, &frame, mode, usize::MAX)? {
            self.formula(&parts, &define.formula, &frame, mode)?;
        }
        Ok(())
    }
}

/// The variables of a definition that its ends do not bind.
pub(crate) fn locals(define: &Define) -> Vec<VarId> {
    let mut vars = Vec::new();
    define.formula.free(&mut |var| {
        if var != define.subject && var != define.object && !vars.contains(&var) {
            vars.push(var)
        }
    });
    vars
}

/// A fact as a sentence.
pub(crate) fn sentence(context: &Context, fact: FactId) -> String {
    let words = words(context, &context.plan.slots, &[]);
    match context.graph.fact(fact) {
        Fact::Link { subject, verb, object } => {
            let ends = [subject, object].map(|entity| words.term(Term::Entity(entity)));
            format!("{} {} {}", ends[0], words.link(Link::Verb(verb), false), ends[1])
        }
        Fact::Value { subject, property, value } => {
            let property = context.graph.schema().property(property);
            let verb = property.verb.as_deref().unwrap_or(&property.name);
            format!("{} {verb} {value}", words.term(Term::Entity(subject)))
        }
    }
}

/// Writes sentences of one binding.
pub(crate) fn words<'a>(context: &'a Context, vars: &'a [Var], frame: &'a [u32]) -> Words<'a> {
    Words { graph: context.graph, defines: &context.plan.query.defines, vars, frame }
}
