//! One `SELECT` as it is being written, and how parts of a query become tables of their own.
//!
//! No part reads a column of the `SELECT` around it: engines differ in what they allow there. What a part needs of its
//! surroundings is a table of the distinct bindings so far; the part gives a table of those that it holds of, which is
//! joined back.

use super::{Refused, Sql, Table, Writer, refuse};
use crate::plan::{VarId, VarKind};
use crate::schema::{PropertyId, TypeSet};
use std::collections::HashMap;

/// Where the value of a variable stands, in the innermost scope.
#[derive(Debug, Clone)]
pub(super) struct Place {
    /// The entity's number, or the value's position.
    pub number: String,
    /// An optional part binds it, so that it may be null.
    pub may_be_absent: bool,
}

/// A variable that no table binds yet.
#[derive(Debug, Clone, Copy)]
pub(super) enum Pending {
    Entity(TypeSet),
    Stated(PropertyId),
}

#[derive(Debug, Default)]
pub(super) struct Scope {
    pub from: Vec<String>,
    pub wheres: Vec<String>,
    pub pending: Vec<(VarId, Pending)>,
    /// The aliases of tables that are joined where a number is equal to their key, by table and number.
    joined: HashMap<(String, String), String>,
    /// The table of bindings that the scope begins with, if it holds nothing else.
    base: Option<String>,
}

impl Scope {
    fn tail(&self) -> String {
        let from = if self.from.is_empty() { String::new() } else { format!(" FROM {}", self.from.join(" ")) };
        let wheres =
            if self.wheres.is_empty() { String::new() } else { format!(" WHERE {}", self.wheres.join(" AND ")) };
        format!("{from}{wheres}")
    }

    /// Adds a table whose rows meet the conditions.
    pub fn join(&mut self, table: &str, on: &[String]) {
        self.base = None;
        match (self.from.is_empty(), on.is_empty()) {
            (true, _) => {
                self.from.push(table.to_string());
                self.wheres.extend_from_slice(on);
            }
            (false, true) => self.from.push(format!("CROSS JOIN {table}")),
            (false, false) => self.from.push(format!("JOIN {table} ON {}", on.join(" AND "))),
        }
    }

    /// Adds a table that rows without a partner stay beside.
    pub fn left(&mut self, table: &str, on: &str) {
        if self.from.is_empty() {
            self.from.push("(SELECT 1 AS one) nothing".to_string());
        }
        self.from.push(format!("LEFT JOIN {table} ON {on}"));
    }
}

/// The column of a table of bindings that holds a variable.
fn column(var: VarId) -> String {
    format!("x{}", var.0)
}

/// The condition that two expressions are equal; where they may be null, that both are counts too.
fn equal(a: &str, b: &str, may_be_null: bool) -> String {
    match may_be_null {
        true => format!("({a} = {b} OR ({a} IS NULL AND {b} IS NULL))"),
        false => format!("{a} = {b}"),
    }
}

impl Writer<'_> {
    pub(super) fn scope(&mut self) -> &mut Scope {
        if self.scopes.is_empty() {
            self.scopes.push(Scope::default());
        }
        let last = self.scopes.len() - 1;
        &mut self.scopes[last]
    }

    /// Writes a `SELECT` in a scope of its own, which sees nothing of the one around it.
    pub(super) fn scoped(&mut self, write: impl FnOnce(&mut Self) -> Sql) -> Sql {
        self.scopes.push(Scope::default());
        let before = std::mem::take(&mut self.places);
        let written = write(self);
        self.places = before;
        let scope = self.scopes.pop().unwrap_or_default();
        Ok(format!("{}{}", written?, scope.tail()))
    }

    /// Makes a table of the bindings so far, with which the scope begins anew; returns its name.
    pub(super) fn cut(&mut self) -> Sql {
        self.bind_all()?;
        let scope = self.scope();
        if let Some(base) = scope.base.as_ref().filter(|_| scope.wheres.is_empty()) {
            return Ok(base.clone());
        }
        let vars = self.visible();
        let mut fields: Vec<String> =
            vars.iter().map(|var| format!("{} AS {}", self.places[var].number, column(*var))).collect();
        if fields.is_empty() {
            fields.push("1 AS one".to_string());
        }
        let body = format!("SELECT DISTINCT {}{}", fields.join(", "), self.scope().tail());
        let name = self.new_table("bindings", body);
        self.begin_with(&name, &vars);
        Ok(name)
    }

    /// The variables that the scope has bound.
    pub(super) fn visible(&self) -> Vec<VarId> {
        let mut vars: Vec<VarId> = self.places.keys().copied().collect();
        vars.sort();
        vars
    }

    /// Makes the scope begin anew with a table of bindings.
    fn begin_with(&mut self, name: &str, vars: &[VarId]) {
        let alias = self.alias("b");
        *self.scope() =
            Scope { from: vec![format!("{name} {alias}")], base: Some(name.to_string()), ..Scope::default() };
        for var in vars {
            let may_be_absent = self.places.get(var).is_some_and(|place| place.may_be_absent);
            self.places.insert(*var, Place { number: format!("{alias}.{}", column(*var)), may_be_absent });
        }
    }

    /// A table of the bindings of some variables for which a part holds, made from all bindings of the scope, which has
    /// been cut. `fields` gives what it has beside them.
    fn part(&mut self, vars: &[VarId], grouped: bool, write: impl FnOnce(&mut Self) -> Sql) -> Sql {
        let base = self.base()?;
        let absent: Vec<bool> = vars.iter().map(|var| self.places[var].may_be_absent).collect();
        let body = self.scoped(|writer| {
            let alias = writer.alias("d");
            let columns = vars.iter().map(|var| column(*var)).collect::<Vec<_>>().join(", ");
            if !vars.is_empty() {
                writer.scope().from.push(format!("(SELECT DISTINCT {columns} FROM {base}) {alias}"));
            }
            for (var, may_be_absent) in vars.iter().zip(absent) {
                let number = format!("{alias}.{}", column(*var));
                writer.places.insert(*var, Place { number, may_be_absent });
            }
            let fields = write(writer)?;
            let mut keys = Vec::new();
            for var in vars {
                keys.push(format!("{} AS {}", writer.number(*var)?, column(*var)));
            }
            keys.push(fields);
            Ok(format!("SELECT DISTINCT {}", keys.join(", ")))
        })?;
        let keys = vars.iter().map(|var| column(*var)).collect::<Vec<_>>().join(", ");
        let body = match (grouped, keys.is_empty()) {
            (false, _) => body,
            (true, true) => format!("SELECT count(DISTINCT counted) AS counted FROM ({body}) all_of_it"),
            (true, false) => {
                format!("SELECT {keys}, count(DISTINCT counted) AS counted FROM ({body}) each_of_it GROUP BY {keys}")
            }
        };
        Ok(self.new_table("part", body))
    }

    /// The table of bindings that the scope has been cut to.
    fn base(&mut self) -> Sql {
        match &self.scope().base {
            Some(base) => Ok(base.clone()),
            None => refuse("a part of the query that stands apart from its bindings"),
        }
    }

    /// The condition that two tables agree on variables.
    fn agree(&self, vars: &[VarId], alias: &str) -> String {
        let on = |var: &VarId| {
            let place = &self.places[var];
            equal(&format!("{alias}.{}", column(*var)), &place.number, place.may_be_absent)
        };
        let all: Vec<String> = vars.iter().map(on).collect();
        if all.is_empty() { "1 = 1".to_string() } else { all.join(" AND ") }
    }

    /// The condition that a part has a match, which `write` adds to a scope that has the variables.
    pub(super) fn has_match(&mut self, vars: &[VarId], write: impl FnOnce(&mut Self) -> Result<(), Refused>) -> Sql {
        let table = self.part(vars, false, |writer| write(writer).map(|()| "1 AS hit".to_string()))?;
        let alias = self.alias("m");
        let on = self.agree(vars, &alias);
        self.scope().left(&format!("{table} {alias}"), &on);
        Ok(format!("({alias}.hit IS NOT NULL)"))
    }

    /// How many distinct values a part finds; `write` returns the value.
    pub(super) fn number_of(&mut self, vars: &[VarId], write: impl FnOnce(&mut Self) -> Sql) -> Sql {
        let table = self.part(vars, true, |writer| write(writer).map(|counted| format!("{counted} AS counted")))?;
        let alias = self.alias("m");
        let on = self.agree(vars, &alias);
        self.scope().left(&format!("{table} {alias}"), &on);
        Ok(format!("coalesce({alias}.counted, 0)"))
    }

    /// Makes the scope begin anew with its bindings extended by those of `matches`, and without an extension where
    /// `none` has no match.
    pub(super) fn extend(
        &mut self,
        outer: &[VarId],
        own: &[VarId],
        matches: impl FnOnce(&mut Self) -> Result<(), Refused>,
        none: impl FnOnce(&mut Self) -> Result<(), Refused>,
    ) -> Result<(), Refused> {
        let base = self.cut()?;
        let all = self.visible();
        let matched = self.part(outer, false, |writer| {
            matches(writer)?;
            let fields: Result<Vec<String>, Refused> =
                own.iter().map(|var| Ok(format!("{} AS {}", writer.number(*var)?, column(*var)))).collect();
            Ok(fields?.into_iter().chain(["1 AS hit".to_string()]).collect::<Vec<_>>().join(", "))
        })?;
        let without = self.part(outer, false, |writer| none(writer).map(|()| "1 AS hit".to_string()))?;
        let kept = all.iter().map(|var| format!("b.{0} AS {0}", column(*var)));
        let kept: Vec<String> = kept.collect();
        let given = kept.iter().cloned().chain(own.iter().map(|var| format!("m.{0} AS {0}", column(*var))));
        let nulls =
            kept.iter().cloned().chain(own.iter().map(|var| format!("CAST(NULL AS BIGINT) AS {}", column(*var))));
        let on = |alias: &str| {
            let one = |var: &VarId| {
                let column = column(*var);
                equal(&format!("{alias}.{column}"), &format!("b.{column}"), self.places[var].may_be_absent)
            };
            if outer.is_empty() { "1 = 1".to_string() } else { outer.iter().map(one).collect::<Vec<_>>().join(" AND ") }
        };
        let body = format!(
            "SELECT {} FROM {base} b JOIN {matched} m ON {} UNION ALL SELECT {} FROM {base} b LEFT JOIN {without} n ON {} WHERE n.hit IS NULL",
            given.collect::<Vec<_>>().join(", "),
            on("m"),
            nulls.collect::<Vec<_>>().join(", "),
            on("n")
        );
        let name = self.new_table("bindings", body);
        for var in own {
            self.places.insert(*var, Place { number: String::new(), may_be_absent: true });
        }
        let vars = self.visible();
        self.begin_with(&name, &vars);
        Ok(())
    }

    /// Says which alias a table has that is joined already where a number is equal to its key.
    pub(super) fn stands_beside(&mut self, table: &str, number: &str, alias: &str) {
        self.scope().joined.insert((table.to_string(), number.to_string()), alias.to_string());
    }

    /// A seed of all values that a variable takes in the bindings of the scope, which has been cut.
    pub(super) fn values_of(&mut self, var: VarId) -> Sql {
        let base = self.base()?;
        Ok(format!("SELECT DISTINCT {} AS n FROM {base}", column(var)))
    }

    /// Returns true if the scope begins with a table of its bindings.
    pub(super) fn is_cut(&mut self) -> bool {
        self.scope().base.is_some()
    }

    /// The alias of a table that is joined where a number is equal to its key.
    pub(super) fn beside(&mut self, table: &str, key: &str, number: &str) -> String {
        let known = (table.to_string(), number.to_string());
        if let Some(alias) = self.scope().joined.get(&known) {
            return alias.clone();
        }
        let alias = self.alias("s");
        self.scope().left(&format!("{table} {alias}"), &format!("{alias}.{key} = {number}"));
        self.scope().joined.insert(known, alias.clone());
        alias
    }

    /// The alias of the row of a stated value.
    pub(super) fn row(&mut self, var: VarId) -> Sql {
        let kind = self.slots.get(var.0 as usize).map(|slot| &slot.kind);
        let Some(VarKind::Value(_, property)) = kind.cloned() else { return refuse("what is not a value") };
        let number = self.number(var)?;
        let table = self.stated_table(property)?;
        Ok(self.beside(&table, "position", &number))
    }

    /// Adds a table that grows; returns its quoted name.
    pub(super) fn growing(&mut self, of: &str, init: String, step: impl FnOnce(&str) -> String) -> String {
        let name = self.alias(of);
        let step = step(&self.dialect.name(&Table::added(&name)));
        self.tables.push(Table { name: name.clone(), body: init, step: Some(step) });
        self.dialect.name(&name)
    }
}
