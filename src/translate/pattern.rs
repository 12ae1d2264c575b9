//! Blocks and conditions as `FROM` and `WHERE`.

use super::{Mode, Place, Refused, Sql, Writer, refuse};
use crate::plan::{Block, Condition, CountOp, FactAtom, Link, Modality, Path, Pattern, Step, Term, ValueAtom, VarId};

/// Paths of the current pattern.
pub(super) type Paths<'p> = &'p [Path];

impl Writer<'_> {
    /// Returns a `SELECT` of the two ends that a pattern binds.
    pub(super) fn ends(&mut self, pattern: &Pattern, (subject, object): (VarId, VarId), mode: Mode) -> Sql {
        self.scoped(|writer| {
            writer.block(&pattern.block, &pattern.paths, mode)?;
            let (subject, object) = (writer.number(subject)?, writer.number(object)?);
            Ok(format!("SELECT DISTINCT {subject} AS src, {object} AS dst"))
        })
    }

    /// Adds the steps of a block to the current scope.
    pub(super) fn block(&mut self, block: &Block, paths: Paths, mode: Mode) -> Result<(), Refused> {
        for step in &block.steps {
            match step {
                Step::Scan { var, types } => self.scan(*var, *types)?,
                Step::ScanValues { var, property } => {
                    let name = self.graph.schema().property(*property).name.clone();
                    let table = self.file("stated ", "stated", &name)?;
                    let alias = self.alias("v");
                    self.scope().cross(&format!("{table} {alias}"));
                    self.place(*var, format!("{alias}.position"), alias);
                }
                Step::Filter(condition) => self.filter(condition, paths, mode)?,
                Step::Optional(inner) => self.optional(inner, paths, mode)?,
                Step::Expand { .. } => return refuse("a plan that has been rewritten"),
                Step::Walk { .. } => return refuse("a path with a name"),
            }
        }
        Ok(())
    }

    fn scan(&mut self, var: VarId, types: crate::schema::TypeSet) -> Result<(), Refused> {
        let table = self.entities()?;
        let alias = self.alias("v");
        let is_of = self.is_of(&format!("{alias}.vid"), types);
        self.scope().cross(&format!("{table} {alias}"));
        self.scope().wheres.push(is_of);
        self.place(var, format!("{alias}.vid"), alias);
        Ok(())
    }

    fn place(&mut self, var: VarId, number: String, row: String) {
        let scope = self.scopes.len().saturating_sub(1);
        self.places.insert(var, Place { number, row, may_be_absent: false, scope });
    }

    /// Returns the SQL expression of a variable's number.
    pub(super) fn number(&self, var: VarId) -> Sql {
        self.places.get(&var).map_or_else(|| refuse("what no table binds"), |place| Ok(place.number.clone()))
    }

    fn term(&self, term: Term) -> Sql {
        match term {
            Term::Var(var) => self.number(var),
            Term::Entity(entity) => Ok(entity.0.to_string()),
        }
    }

    /// Adds a condition that every row of the scope must meet. Facts and paths become joined tables.
    fn filter(&mut self, condition: &Condition, paths: Paths, mode: Mode) -> Result<(), Refused> {
        match condition {
            Condition::All(all) => return all.iter().try_for_each(|inner| self.filter(inner, paths, mode)),
            Condition::Fact(atom) if matches!(atom.link, Link::Verb(_)) => {
                let (alias, wheres) = self.fact(atom, mode)?;
                let table = self.link(atom.link)?;
                self.scope().cross(&format!("{table} {alias}"));
                self.scope().wheres.extend(wheres);
            }
            Condition::Fact(FactAtom { link, subject, object, source, .. }) => {
                let path = Path::Link { link: *link, inverse: false };
                let pairs = self.pairs(&path, *source, mode)?;
                self.join(&pairs, *subject, *object)?;
            }
            Condition::Path { path, subject, object, source } => {
                let pairs = self.pairs(&paths[path.0 as usize], *source, mode)?;
                self.join(&pairs, *subject, *object)?;
            }
            other => {
                let holds = self.holds(other, paths, mode)?;
                self.scope().wheres.push(holds);
            }
        }
        Ok(())
    }

    /// Joins a table of pairs between two terms.
    fn join(&mut self, pairs: &str, subject: Term, object: Term) -> Result<(), Refused> {
        let (subject, object) = (self.term(subject)?, self.term(object)?);
        let alias = self.alias("p");
        self.scope().cross(&format!("({pairs}) {alias}"));
        self.scope().wheres.extend([format!("{alias}.src = {subject}"), format!("{alias}.dst = {object}")]);
        Ok(())
    }

    /// Returns the alias of a fact's row, and the conditions on it.
    fn fact(&mut self, atom: &FactAtom, mode: Mode) -> Result<(String, Vec<String>), Refused> {
        let (subject, object) = (self.term(atom.subject)?, self.term(atom.object)?);
        let alias = self.alias("f");
        let mut wheres = vec![format!("{alias}.src = {subject}"), format!("{alias}.dst = {object}")];
        wheres.extend(self.counts(&alias, atom.source, mode)?);
        Ok((alias, wheres))
    }

    /// Returns a SQL condition that is true if the condition holds in the mode; otherwise it is false or null.
    pub(super) fn holds(&mut self, condition: &Condition, paths: Paths, mode: Mode) -> Sql {
        match condition {
            Condition::All(all) => self.all(all, paths, mode, "AND", "true"),
            Condition::Any(all) => self.all(all, paths, mode, "OR", "false"),
            Condition::Not(inner) => {
                let holds = self.holds(inner, paths, mode.negated())?;
                // Null means that the condition does not hold.
                Ok(format!("NOT coalesce({holds}, false)"))
            }
            Condition::Modal(Modality::Certainly, inner) => self.holds(inner, paths, mode.certain()),
            Condition::Modal(Modality::Possibly, inner) => self.holds(inner, paths, mode.loosened()),
            Condition::Exists { block, .. } => {
                let found = self.scoped(|writer| writer.block(block, paths, mode).map(|()| "SELECT 1".to_string()))?;
                Ok(format!("EXISTS ({found})"))
            }
            Condition::Count { block, compare, number } => self.counted(block, (*compare, *number), paths, mode),
            Condition::Every { block, then, .. } => {
                let failing = self.scoped(|writer| {
                    writer.block(block, paths, mode.negated())?;
                    let holds = writer.holds(then, paths, mode)?;
                    writer.scope().wheres.push(format!("NOT coalesce({holds}, false)"));
                    Ok("SELECT 1".to_string())
                })?;
                Ok(format!("NOT EXISTS ({failing})"))
            }
            Condition::Fact(atom) if matches!(atom.link, Link::Verb(_)) => {
                let (alias, wheres) = self.fact(atom, mode)?;
                let table = self.link(atom.link)?;
                Ok(format!("EXISTS (SELECT 1 FROM {table} {alias} WHERE {})", wheres.join(" AND ")))
            }
            Condition::Fact(FactAtom { link, subject, object, source, .. }) => {
                let pairs = self.pairs(&Path::Link { link: *link, inverse: false }, *source, mode)?;
                self.is_joined(&pairs, *subject, *object)
            }
            Condition::Path { path, subject, object, source } => {
                let pairs = self.pairs(&paths[path.0 as usize], *source, mode)?;
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

    fn is_joined(&mut self, pairs: &str, subject: Term, object: Term) -> Sql {
        let (subject, object) = (self.term(subject)?, self.term(object)?);
        let alias = self.alias("p");
        Ok(format!("EXISTS (SELECT 1 FROM ({pairs}) {alias} WHERE {alias}.src = {subject} AND {alias}.dst = {object})"))
    }

    fn stated(&mut self, atom: &ValueAtom, mode: Mode) -> Sql {
        let subject = self.term(atom.subject)?;
        let Some(place) = self.places.get(&atom.value).cloned() else { return refuse("what no table binds") };
        let counts = self.counts(&place.row, atom.source, mode)?;
        let counts = counts.map_or(String::new(), |counts| format!(" AND {counts}"));
        Ok(format!("({}.vid = {subject}{counts})", place.row))
    }

    fn counted(&mut self, block: &Block, (compare, number): (CountOp, u32), paths: Paths, mode: Mode) -> Sql {
        let mut count = |mode: Mode| {
            let found = self.scoped(|writer| {
                writer.block(block, paths, mode)?;
                let wanted = block.wanted.first().map(|var| writer.number(*var)).transpose()?;
                Ok(format!("SELECT count(DISTINCT {})", wanted.unwrap_or_else(|| "1".to_string())))
            })?;
            Ok(format!("({found})"))
        };
        Ok(match compare {
            CountOp::AtLeast => format!("{} >= {number}", count(mode)?),
            CountOp::AtMost => format!("{} <= {number}", count(mode.negated())?),
            CountOp::Exactly => {
                format!("({} >= {number} AND {} <= {number})", count(mode)?, count(mode.negated())?)
            }
        })
    }

    /// Adds a left join: the matches, and a row of nulls if the mode allows that there is none.
    fn optional(&mut self, block: &Block, paths: Paths, mode: Mode) -> Result<(), Refused> {
        let own = block.bound();
        let alias = self.alias("o");
        let names: Vec<String> = (0..own.len()).map(|i| format!("b{i}")).collect();
        let matches = self.scoped(|writer| {
            writer.block(block, paths, mode)?;
            let bound: Result<Vec<String>, Refused> =
                own.iter().zip(&names).map(|(var, name)| Ok(format!("{} AS {name}", writer.number(*var)?))).collect();
            Ok(format!("SELECT DISTINCT {}", bound?.join(", ")))
        })?;
        let none =
            self.scoped(|writer| writer.block(block, paths, mode.of_absence()).map(|()| "SELECT 1".to_string()))?;
        let nulls = names.iter().map(|name| format!("NULL AS {name}")).collect::<Vec<_>>().join(", ");
        // Lateral, since the block reads columns of the tables before it.
        let table = format!("LATERAL ({matches} UNION ALL SELECT {nulls} WHERE NOT EXISTS ({none})) {alias}");
        self.scope().cross(&table);
        let scope = self.scopes.len().saturating_sub(1);
        for (var, name) in own.iter().zip(&names) {
            let number = format!("{alias}.{name}");
            let row = match self.plan.slots[var.0 as usize].kind {
                crate::plan::VarKind::Value(_, property) => self.row_of(&number, property)?,
                _ => String::new(),
            };
            self.places.insert(*var, Place { number, row, may_be_absent: true, scope });
        }
        Ok(())
    }

    /// Returns the alias of the stated value at a position.
    fn row_of(&mut self, position: &str, property: crate::schema::PropertyId) -> Sql {
        let name = self.graph.schema().property(property).name.clone();
        let table = self.file("stated ", "stated", &name)?;
        let alias = self.alias("v");
        let on = format!("{alias}.position = {position}");
        self.scope().left(&format!("{table} {alias}"), &on);
        Ok(alias)
    }
}
