//! Conditions tested for a single binding: facts, semi-joins, counts, quantifiers.

use crate::exec::claims::{claims_of, source_of};
use crate::exec::eval::truth_of;
use crate::exec::exact::ExactScope;
use crate::exec::join::expand::stated;
use crate::exec::join::{Sink, Worker, binding, closure_key};
use crate::exec::limits::{Flow, Halt};
use crate::exec::search::closures::ClosureKey;
use crate::exec::{Mode, Outcomes};
use crate::graph::EntityId;
use crate::plan::{AccessPath, Block, ClaimAtom, Condition, CountOp, Memo, Modality, NULL_SLOT, ValueAtom};
use crate::value::TextPattern;

impl Worker<'_> {
    /// Returns true if a condition holds for the frame in a mode.
    pub fn holds(&mut self, condition: &Condition, mode: Mode) -> Result<bool, Halt> {
        let engine = self.engine;
        Ok(match condition {
            Condition::All(all) => self.meets_all(all, mode)?,
            Condition::Any(all) => self.meets_any(all, mode)?,
            Condition::Not(inner) => !self.holds(inner, mode.negated())?,
            Condition::Modal(Modality::Certainly, inner) => self.holds(inner, mode.certain())?,
            Condition::Modal(Modality::Possibly, inner) => self.holds(inner, mode.loosened())?,
            Condition::Exists { block, memo } => self.exists(block, *memo, mode)?,
            Condition::Count { block, compare, number } => self.counts(block, *compare, *number, mode)?,
            Condition::Every { block, then, span } => self.every(block, then, *span, mode)?,
            Condition::Fact(atom) => {
                let (subject, object) = (self.entity(atom.subject), self.entity(atom.object));
                let adjacency = engine.edges.adjacency(atom.link, false, atom.source, mode);
                adjacency.contains(EntityId(subject), EntityId(object))
            }
            Condition::Path { path, subject, object, source } => {
                self.leads_to(closure_key(*path, false, *source, mode), self.entity(*subject), self.entity(*object))?
            }
            Condition::Value(atom) => self.states(atom, mode),
            Condition::Claim(atom) => self.is_claimed(atom, mode),
            Condition::Word(var, word) => self.frame[var.0 as usize] == *word,
            Condition::Type(term, types) => {
                let entity = self.entity(*term);
                entity != NULL_SLOT && engine.graph.is_of(EntityId(entity), *types)
            }
            // Two absent entities are not the same: a comparison of something absent is no statement.
            Condition::Same(a, b) => self.entity(*a) == self.entity(*b) && self.entity(*a) != NULL_SLOT,
            Condition::Test(expr) => mode.accepts(self.scope().outcomes(expr)),
            Condition::Exact(test) => {
                mode.accepts(ExactScope { graph: engine.graph, frame: &self.frame }.outcomes(test))
            }
            Condition::Coded(coded) => self.holds(&coded.test, mode)?,
            Condition::Name(var, pattern) => mode.accepts(self.named_like(self.frame[var.0 as usize], pattern)),
            Condition::Order(order) => mode.accepts(order.outcomes(&self.frame)),
            Condition::Compare(compare) => mode.accepts(self.compared(compare, self.frame[compare.var.0 as usize])),
            Condition::ReachSemiJoin(join) => {
                let from = self.frame[join.from.0 as usize];
                self.reaching_set(join, mode)?.contains(from as usize)
            }
            Condition::Probe(probe) => {
                let from = self.frame[probe.from.0 as usize];
                from != NULL_SLOT && self.neighbour_probe(probe, mode).is_some_and(|probe| probe.matches(from))
            }
            Condition::Length { access, compare, number } => self.has_length(access, *compare, *number as usize, mode),
            Condition::NotEmpty(access) => self.listed(access, mode).is_some_and(|values| !values.is_empty()),
        })
    }

    /// Returns true if every condition holds; those after the first that does not are not tested.
    fn meets_all(&mut self, all: &[Condition], mode: Mode) -> Result<bool, Halt> {
        for inner in all {
            if !self.holds(inner, mode)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Returns true if some condition holds; those after the first that does are not tested.
    fn meets_any(&mut self, any: &[Condition], mode: Mode) -> Result<bool, Halt> {
        for inner in any {
            if self.holds(inner, mode)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Returns true if a list has as many values as a quantifier requires.
    fn has_length(&self, access: &AccessPath, compare: CountOp, number: usize, mode: Mode) -> bool {
        let length = |mode: Mode| self.listed(access, mode).map_or(0, |values| values.len());
        // "At most" denies that there are more, so the list is read in the opposite mode.
        match compare {
            CountOp::AtLeast => length(mode) >= number,
            CountOp::AtMost => length(mode.negated()) <= number,
            CountOp::Exactly => length(mode) >= number && length(mode.negated()) <= number,
        }
    }

    /// Returns true if a path leads from one entity to the other.
    fn leads_to(&mut self, key: ClosureKey, from: u32, to: u32) -> Result<bool, Halt> {
        let reached = self.reached(key, from)?;
        let found = reached.binary_search(&to).is_ok();
        self.give_back(reached);
        Ok(found)
    }

    /// Returns true if the bound source claims the fact.
    fn is_claimed(&self, atom: &ClaimAtom, mode: Mode) -> bool {
        let graph = self.engine.graph;
        let by = self.frame[atom.by.0 as usize];
        let is_said = |claim: u32| source_of(graph, claim, mode) == Some(by);
        by != NULL_SLOT && claims_of(graph, &atom.of, &self.frame).iter().any(|claim| is_said(*claim))
    }

    /// Returns true if the bound value is one of the stated values of the entity.
    fn states(&self, atom: &ValueAtom, mode: Mode) -> bool {
        let (graph, position) = (self.engine.graph, self.frame[atom.value.0 as usize] as usize);
        let values = graph.values(atom.property);
        values.span(EntityId(self.entity(atom.subject))).contains(&position)
            && stated(graph, values, position, atom.source, mode)
    }

    /// Returns the outcomes of matching the name of an entity with a pattern; neither if the entity is absent.
    fn named_like(&self, entity: u32, pattern: &TextPattern) -> Outcomes {
        match entity {
            NULL_SLOT => Outcomes::NEITHER,
            entity => truth_of(pattern.matches(self.engine.graph.names().bytes(EntityId(entity)))).into(),
        }
    }

    fn exists(&mut self, block: &Block, memo: Option<Memo>, mode: Mode) -> Result<bool, Halt> {
        // The result depends on one outer variable only: it is memoised by the value of that variable.
        let outer =
            // An absent variable has no place in the list of results.
            memo.map(|memo| (memo.id, self.frame[memo.var.0 as usize])).filter(|(_, value)| *value != NULL_SLOT);
        if let Some((id, value)) = outer {
            let known = self.memos.get(&(id, mode)).and_then(|known| known.get(value as usize));
            if let Some(Some(known)) = known {
                return Ok(*known);
            }
        }
        let found = self.any(block, mode)?;
        if let Some((id, value)) = outer {
            let known = self.memos.entry((id, mode)).or_default();
            if known.len() <= value as usize {
                known.resize(value as usize + 1, None);
            }
            known[value as usize] = Some(found);
        }
        Ok(found)
    }

    /// Returns true if the block has a binding.
    pub(crate) fn any(&mut self, block: &Block, mode: Mode) -> Result<bool, Halt> {
        let mut found = false;
        let flow = self.solve(block.all_steps(), mode, &mut First(&mut found));
        match flow {
            Err(Halt::Enough) if found => Ok(true),
            Err(halt) => Err(halt),
            Ok(()) => Ok(found),
        }
    }

    fn counts(&mut self, block: &Block, compare: CountOp, number: u32, mode: Mode) -> Result<bool, Halt> {
        let number = number as usize;
        Ok(match compare {
            CountOp::AtLeast => self.count_up_to(block, mode, number)? >= number,
            // "At most" denies that there are more, so matches are counted in the opposite mode.
            CountOp::AtMost => self.count_up_to(block, mode.negated(), number + 1)? <= number,
            CountOp::Exactly => {
                self.count_up_to(block, mode, number)? >= number
                    && self.count_up_to(block, mode.negated(), number + 1)? <= number
            }
        })
    }

    /// Returns the number of distinct values of the block's wanted variable, counted up to `most`.
    fn count_up_to(&mut self, block: &Block, mode: Mode, most: usize) -> Result<usize, Halt> {
        let mut seen: rustc_hash::FxHashSet<u32> = rustc_hash::FxHashSet::default();
        if most == 0 {
            return Ok(0);
        }
        let wanted = block.wanted.first().map(|var| var.0 as usize);
        let mut sink = binding(|worker, _| {
            seen.insert(wanted.map_or(0, |var| worker.frame[var]));
            if seen.len() >= most { Err(Halt::Enough) } else { Ok(()) }
        });
        let flow = self.solve(block.all_steps(), mode, &mut sink);
        drop(sink);
        match flow {
            Err(Halt::Enough) if seen.len() >= most => Ok(most),
            Err(halt) => Err(halt),
            Ok(()) => Ok(seen.len()),
        }
    }

    /// Returns true if every binding of the block satisfies `then`. The block is searched in the opposite mode:
    /// certainty requires that even its possible bindings satisfy `then`.
    fn every(&mut self, block: &Block, then: &Condition, span: crate::text::Span, mode: Mode) -> Result<bool, Halt> {
        let (mut empty, mut failed) = (true, false);
        let mut sink = binding(|worker, _| {
            empty = false;
            failed = !worker.holds(then, mode)?;
            if failed { Err(Halt::Enough) } else { Ok(()) }
        });
        let flow = self.solve(block.all_steps(), mode.negated(), &mut sink);
        drop(sink);
        match flow {
            Err(Halt::Enough) if failed => return Ok(false),
            Err(halt) => return Err(halt),
            Ok(()) => {}
        }
        // Vacuously true: the user is told so in a note.
        if empty && !self.empty_domains.contains(&span) {
            self.empty_domains.push(span);
        }
        Ok(true)
    }
}

/// Sink that stops at the first binding.
struct First<'f>(&'f mut bool);

impl Sink for First<'_> {
    fn one(&mut self, _: &mut Worker, _: Mode) -> Flow {
        *self.0 = true;
        Err(Halt::Enough)
    }
}
