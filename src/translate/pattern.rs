//! Blocks and conditions as `FROM` and `WHERE`.

use super::relation::Seed;
use super::scope::{Pending, Place};
use super::{Mode, Refused, Sql, Writer, refuse};
use crate::plan::{Block, Condition, CountOp, FactAtom, Label, Modality, Path, Pattern, Step, Term, ValueAtom, VarId};

/// The paths of the pattern that is being written.
pub(super) type Paths<'p> = &'p [Path];

impl<'a> Writer<'a> {
    /// Adds a pattern to the current scope.
    pub(super) fn pattern(&mut self, pattern: &'a Pattern, mode: Mode) -> Result<(), Refused> {
        self.slots = &pattern.slots;
        self.block(&pattern.block, &pattern.paths, mode)
    }

    /// A `SELECT` of the two ends that a pattern binds.
    pub(super) fn ends(&mut self, pattern: &'a Pattern, (subject, object): (VarId, VarId), mode: Mode) -> Sql {
        self.scoped(|writer| {
            writer.pattern(pattern, mode)?;
            let (subject, object) = (writer.number(subject)?, writer.number(object)?);
            Ok(format!("SELECT DISTINCT {subject} AS src, {object} AS dst"))
        })
    }
}

impl Writer<'_> {
    /// Adds the steps of a block to the current scope.
    pub(super) fn block(&mut self, block: &Block, paths: Paths, mode: Mode) -> Result<(), Refused> {
        let mut filters = Vec::new();
        for step in &block.steps {
            match step {
                Step::Scan { var, types } => self.scope().pending.push((*var, Pending::Entity(*types))),
                Step::ScanValues { var, property } => self.scope().pending.push((*var, Pending::Stated(*property))),
                Step::ScanLabels { label: Label::Alternative(_), .. } => {
                    return refuse("alternatives that bind different variables");
                }
                Step::ScanLabels { .. } => return refuse("a variable over sources or verbs"),
                Step::Filter(condition) => flatten(condition, mode, &mut filters),
                Step::Optional(inner) => {
                    self.filters(std::mem::take(&mut filters), paths)?;
                    self.optional(inner, paths, mode)?;
                }
                Step::Expand { .. } => return refuse("a plan that has been rewritten"),
                Step::Walk { .. } => return refuse("a path with a name"),
            }
        }
        self.filters(filters, paths)?;
        self.bind_all()
    }

    /// Adds conditions that every row has to meet. Facts and paths become tables that are joined: one that touches what
    /// is bound before one that does not.
    fn filters(&mut self, mut filters: Vec<(&Condition, Mode)>, paths: Paths) -> Result<(), Refused> {
        loop {
            let scored =
                filters.iter().enumerate().filter_map(|(i, (condition, _))| Some((self.weight(condition)?, i)));
            let Some((_, next)) = scored.reduce(|best, other| if other.0 > best.0 { other } else { best }) else {
                break;
            };
            let (condition, mode) = filters.remove(next);
            self.joined_with(condition, paths, mode)?;
        }
        self.bind_all()?;
        // The cheap ones first, so that parts are made from fewer bindings.
        filters.sort_by_key(|(condition, _)| has_block(condition));
        for (condition, mode) in filters {
            if has_block(condition) {
                self.cut()?;
            }
            let holds = self.holds(condition, paths, mode)?;
            self.scope().wheres.push(holds);
        }
        Ok(())
    }

    /// How soon a condition is joined, more being sooner; nothing for one that is no table.
    fn weight(&self, condition: &Condition) -> Option<usize> {
        let known = |terms: [Term; 2]| terms.iter().filter(|term| self.is_known(**term)).count();
        match condition {
            Condition::Fact(FactAtom { subject, object, .. }) => Some(2 * known([*subject, *object]) + 1),
            Condition::Path { subject, object, .. } => Some(2 * known([*subject, *object])),
            Condition::Value(atom) => Some(2 * known([atom.subject, Term::Var(atom.value)]) + 1),
            Condition::Same(a, b) if known([*a, *b]) == 1 => Some(usize::MAX),
            _ => None,
        }
    }

    fn is_known(&self, term: Term) -> bool {
        term.var().is_none_or(|var| self.places.contains_key(&var))
    }

    fn joined_with(&mut self, condition: &Condition, paths: Paths, mode: Mode) -> Result<(), Refused> {
        match condition {
            Condition::Fact(atom) => {
                let path = Path::Link { link: atom.link, inverse: false };
                let (pairs, wheres) = self.link_pairs(&path, atom.source, mode)?;
                self.join(&pairs, wheres, atom.subject, atom.object)
            }
            Condition::Path { path, subject, object, source } => {
                let path = &paths[path.0 as usize];
                let seed = self.seed(path, *subject, *object, true)?;
                let pairs = self.pairs(path, *source, mode, seed.as_ref())?;
                self.join(&format!("({pairs})"), None, *subject, *object)
            }
            Condition::Value(atom) => self.join_value(atom, mode),
            Condition::Same(a, b) => {
                let (known, other) = if self.is_known(*a) { (*a, *b) } else { (*b, *a) };
                let number = self.term(known)?;
                let mut on = Vec::new();
                self.meet(other, &number, &mut on)?;
                self.scope().wheres.extend(on);
                Ok(())
            }
            _ => refuse("a condition that is no table"),
        }
    }

    /// Where a path may begin: at the values that its bound end takes. Cuts the scope, if it may.
    fn seed(&mut self, path: &Path, subject: Term, object: Term, may_cut: bool) -> Result<Option<Seed>, Refused> {
        if !path.repeats() {
            return Ok(None);
        }
        for (term, inverse) in [(subject, false), (object, true)] {
            if let Term::Entity(entity) = term {
                return Ok(Some(Seed { sql: format!("SELECT CAST({} AS BIGINT) AS n", entity.0), inverse }));
            }
        }
        for (term, inverse) in [(subject, false), (object, true)] {
            let Some(var) = term.var().filter(|var| self.places.contains_key(var)) else { continue };
            if may_cut {
                self.cut()?;
            }
            if self.is_cut() {
                return Ok(Some(Seed { sql: self.values_of(var)?, inverse }));
            }
        }
        Ok(None)
    }

    /// Binds a variable that no table binds yet, to every entity of its types or every stated value.
    fn bind(&mut self, var: VarId, pending: Pending) -> Result<(), Refused> {
        let alias = self.alias("v");
        match pending {
            Pending::Entity(types) => {
                let table = self.entities()?;
                let number = format!("{alias}.vid");
                let is_of = self.is_of(&number, types);
                self.scope().join(&format!("{table} {alias}"), &[]);
                self.scope().wheres.push(is_of);
                self.stands_beside(&table, &number, &alias);
                self.places.insert(var, Place { number, may_be_absent: false });
            }
            Pending::Stated(property) => {
                let table = self.stated_table(property)?;
                let number = format!("{alias}.position");
                self.scope().join(&format!("{table} {alias}"), &[]);
                self.stands_beside(&table, &number, &alias);
                self.places.insert(var, Place { number, may_be_absent: false });
            }
        }
        Ok(())
    }

    /// Binds every variable that no table binds yet.
    pub(super) fn bind_all(&mut self) -> Result<(), Refused> {
        for (var, pending) in std::mem::take(&mut self.scope().pending) {
            if !self.places.contains_key(&var) {
                self.bind(var, pending)?;
            }
        }
        Ok(())
    }

    /// The number that stands for what a variable holds.
    pub(super) fn number(&self, var: VarId) -> Sql {
        self.places.get(&var).map_or_else(|| refuse("what no table binds"), |place| Ok(place.number.clone()))
    }

    pub(super) fn term(&self, term: Term) -> Sql {
        match term {
            Term::Var(var) => self.number(var),
            Term::Entity(entity) => Ok(entity.0.to_string()),
        }
    }

    /// Makes a column be what a term holds: binds the term's variable to it, or says that the two are equal.
    fn meet(&mut self, term: Term, column: &str, on: &mut Vec<String>) -> Result<(), Refused> {
        let var = term.var().filter(|var| !self.places.contains_key(var));
        let Some(var) = var else {
            on.push(format!("{column} = {}", self.term(term)?));
            return Ok(());
        };
        let Some(at) = self.scope().pending.iter().position(|(pending, _)| *pending == var) else {
            return refuse("what no table binds");
        };
        match self.scope().pending.remove(at).1 {
            Pending::Entity(types) => on.push(self.is_of(column, types)),
            Pending::Stated(_) => {}
        }
        self.places.insert(var, Place { number: column.to_string(), may_be_absent: false });
        Ok(())
    }

    /// Joins a table of pairs between two terms.
    fn join(&mut self, pairs: &str, more: Option<Wheres>, subject: Term, object: Term) -> Result<(), Refused> {
        let alias = self.alias("f");
        let mut on = Vec::new();
        self.meet(subject, &format!("{alias}.src"), &mut on)?;
        self.meet(object, &format!("{alias}.dst"), &mut on)?;
        on.extend(more.map(|more| more(&alias)));
        self.scope().join(&format!("{pairs} {alias}"), &on);
        Ok(())
    }

    fn join_value(&mut self, atom: &ValueAtom, mode: Mode) -> Result<(), Refused> {
        if self.places.contains_key(&atom.value) {
            let row = self.row(atom.value)?;
            let mut on = Vec::new();
            self.meet(atom.subject, &format!("{row}.vid"), &mut on)?;
            on.extend(self.counts(atom.source, mode)?.map(|counts| counts(&row)));
            self.scope().wheres.extend(on);
            return Ok(());
        }
        let pending = self.scope().pending.iter().find(|(var, _)| *var == atom.value).map(|(_, pending)| *pending);
        let Some(Pending::Stated(property)) = pending else { return refuse("what no table binds") };
        let table = self.stated_table(property)?;
        let alias = self.alias("v");
        let position = format!("{alias}.position");
        let mut on = Vec::new();
        self.meet(Term::Var(atom.value), &position, &mut on)?;
        self.meet(atom.subject, &format!("{alias}.vid"), &mut on)?;
        on.extend(self.counts(atom.source, mode)?.map(|counts| counts(&alias)));
        self.scope().join(&format!("{table} {alias}"), &on);
        self.stands_beside(&table, &position, &alias);
        Ok(())
    }

    /// The condition as SQL that is true where it holds in the mode; it may be null where it does not. Parts of it are
    /// made from the bindings that the scope has been cut to.
    pub(super) fn holds(&mut self, condition: &Condition, paths: Paths, mode: Mode) -> Sql {
        match condition {
            Condition::All(all) => self.all(all, paths, mode, "AND", "true"),
            Condition::Any(all) => self.all(all, paths, mode, "OR", "false"),
            Condition::Not(inner) => {
                let holds = self.holds(inner, paths, mode.negated())?;
                Ok(format!("NOT coalesce({holds}, false)"))
            }
            Condition::Modal(Modality::Certainly, inner) => self.holds(inner, paths, mode.certain()),
            Condition::Modal(Modality::Possibly, inner) => self.holds(inner, paths, mode.loosened()),
            Condition::Exists { block, .. } => {
                self.has_match(&condition.outer_vars(), |writer| writer.block(block, paths, mode))
            }
            Condition::Count { block, compare, number } => {
                self.counted(block, &condition.outer_vars(), (*compare, *number), paths, mode)
            }
            Condition::Every { block, then, .. } => {
                let fails = self.has_match(&condition.outer_vars(), |writer| {
                    writer.block(block, paths, mode.negated())?;
                    writer.cut()?;
                    let holds = writer.holds(then, paths, mode)?;
                    writer.scope().wheres.push(format!("NOT coalesce({holds}, false)"));
                    Ok(())
                })?;
                Ok(format!("NOT {fails}"))
            }
            Condition::Fact(FactAtom { link, subject, object, source, .. }) => {
                let path = Path::Link { link: *link, inverse: false };
                let pairs = self.pairs(&path, *source, mode, None)?;
                self.is_joined(&pairs, *subject, *object)
            }
            Condition::Path { path, subject, object, source } => {
                let path = &paths[path.0 as usize];
                let seed = self.seed(path, *subject, *object, false)?;
                let pairs = self.pairs(path, *source, mode, seed.as_ref())?;
                self.is_joined(&pairs, *subject, *object)
            }
            Condition::Value(atom) => self.stated(atom, mode),
            Condition::Type(term, types) => Ok(self.is_of(&self.term(*term)?, *types)),
            Condition::Same(a, b) => Ok(format!("{} = {}", self.term(*a)?, self.term(*b)?)),
            Condition::Test(scalar) => {
                let truth = self.truth(scalar)?;
                let wanted = if mode.possible { truth.possible } else { truth.certain };
                Ok(format!("coalesce({wanted}, {})", mode.neither))
            }
            _ => refuse("a plan that has been rewritten"),
        }
    }

    fn all(&mut self, all: &[Condition], paths: Paths, mode: Mode, sign: &str, none: &str) -> Sql {
        let parts: Result<Vec<String>, _> = all.iter().map(|inner| self.holds(inner, paths, mode)).collect();
        let parts: Vec<String> = parts?.into_iter().map(|part| format!("coalesce({part}, false)")).collect();
        Ok(if parts.is_empty() { none.to_string() } else { format!("({})", parts.join(&format!(" {sign} "))) })
    }

    /// The condition that two terms are among pairs.
    fn is_joined(&mut self, pairs: &str, subject: Term, object: Term) -> Sql {
        let (subject, object) = (self.term(subject)?, self.term(object)?);
        let table = self.new_table("pairs", format!("SELECT DISTINCT src, dst, 1 AS hit FROM ({pairs}) pairs"));
        let alias = self.alias("p");
        let on = format!("{alias}.src = {subject} AND {alias}.dst = {object}");
        self.scope().left(&format!("{table} {alias}"), &on);
        Ok(format!("({alias}.hit IS NOT NULL)"))
    }

    fn stated(&mut self, atom: &ValueAtom, mode: Mode) -> Sql {
        let subject = self.term(atom.subject)?;
        let row = self.row(atom.value)?;
        let counts = self.counts(atom.source, mode)?.map_or(String::new(), |counts| format!(" AND {}", counts(&row)));
        Ok(format!("({row}.vid = {subject}{counts})"))
    }

    fn counted(
        &mut self,
        block: &Block,
        outer: &[VarId],
        (compare, number): (CountOp, u32),
        paths: Paths,
        mode: Mode,
    ) -> Sql {
        let mut count = |mode: Mode| {
            self.number_of(outer, |writer| {
                writer.block(block, paths, mode)?;
                let wanted = block.wanted.first().map(|var| writer.number(*var)).transpose()?;
                Ok(wanted.unwrap_or_else(|| "1".to_string()))
            })
        };
        Ok(match compare {
            CountOp::AtLeast => format!("{} >= {number}", count(mode)?),
            CountOp::AtMost => format!("{} <= {number}", count(mode.negated())?),
            CountOp::Exactly => {
                format!("({} >= {number} AND {} <= {number})", count(mode)?, count(mode.negated())?)
            }
        })
    }

    /// The matches, and a row without any where the mode allows that there is none.
    fn optional(&mut self, block: &Block, paths: Paths, mode: Mode) -> Result<(), Refused> {
        let mut outer = Vec::new();
        Step::Optional(block.clone()).needs(&mut |var| outer.push(var));
        outer.sort();
        outer.dedup();
        let own = block.bound();
        self.extend(
            &outer,
            &own,
            |writer| writer.block(block, paths, mode),
            |writer| writer.block(block, paths, mode.of_absence()),
        )
    }
}

/// What rows of an alias have to meet.
pub(super) type Wheres = Box<dyn Fn(&str) -> String>;

/// The conditions of a conjunction, each with its mode.
fn flatten<'c>(condition: &'c Condition, mode: Mode, into: &mut Vec<(&'c Condition, Mode)>) {
    match condition {
        Condition::All(all) => all.iter().for_each(|inner| flatten(inner, mode, into)),
        Condition::Modal(Modality::Certainly, inner) => flatten(inner, mode.certain(), into),
        Condition::Modal(Modality::Possibly, inner) => flatten(inner, mode.loosened(), into),
        other => into.push((other, mode)),
    }
}

/// Returns true if a condition has parts that are made from the bindings around it.
fn has_block(condition: &Condition) -> bool {
    match condition {
        Condition::All(all) | Condition::Any(all) => all.iter().any(has_block),
        Condition::Not(inner) | Condition::Modal(_, inner) => has_block(inner),
        Condition::Exists { .. } | Condition::Count { .. } | Condition::Every { .. } | Condition::Path { .. } => true,
        _ => false,
    }
}
