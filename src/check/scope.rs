//! Variables of a query, and the parts of it in which each is visible.

use super::define::Signature;
use super::pattern::third::Written;
use super::typed::{Expr, Formula, Term, Var, VarId, VarKind};
use super::{Context, Definition, Params};
use crate::graph::Graph;
use crate::schema::{Schema, TypeId, TypeSet};
use crate::syntax::ast;
use crate::text::{Code, Diagnostic, Diagnostics, Span, Spanned};
use crate::value::Id;
use rustc_hash::{FxHashMap, FxHashSet};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

/// State while a query or a definition is checked.
///
/// Negations, quantifiers and the alternatives of an `or` open *parts*, identified by their span. A variable is visible
/// in the part in which it is declared and in the parts nested in it.
pub(super) struct Scope<'c> {
    pub graph: &'c Graph,
    pub params: &'c Params,
    pub signatures: &'c [Signature],
    pub defines: &'c [Definition],
    pub vars: Vec<Var>,
    pub diagnostics: Diagnostics,
    /// Used definitions, as positions in `signatures`.
    pub used: BTreeSet<usize>,
    /// Names that `show` gives to its items, visible in `having` and `order by`.
    pub aliases: Vec<(String, Expr)>,
    pub aggregates: Aggregates,
    /// Optional parts that bind the members of aggregates with a condition.
    pub conditional: Vec<Formula>,
    /// The counts that were checked, as written.
    pub counts: Vec<Spanned<String>>,
    /// Sentences that are keys or shown, each as it is written and as it was checked: one written twice is one value.
    pub values: Vec<(ast::Expr, Expr)>,
    /// Per variable: the part in which it is declared and those around it, outermost first.
    homes: Vec<Vec<Span>>,
    /// Variable that the noun (or the `as`) at a place declares.
    declared: FxHashMap<Span, VarId>,
    parts: Vec<ScopePart>,
    /// Variables that occur in all alternatives of an `or`, with the number of parts open around it.
    hoisted: Vec<(String, usize)>,
    by_name: FxHashMap<String, Vec<VarId>>,
    /// Bare types so far, by type and part.
    bare: FxHashMap<(TypeId, Vec<Span>), Bare>,
    sentence: u32,
    bound_paths: BTreeSet<VarId>,
    /// Variables that are connected without a sentence: both ends of a definition.
    pub joined: Vec<VarId>,
    /// Undeclared variables by place, with the types required there.
    pub unknown: RefCell<BTreeMap<Span, (String, TypeSet)>>,
    referenced: FxHashSet<VarId>,
    /// Variables of the sentences so far.
    bound: FxHashSet<VarId>,
    /// Variables that occur first in an `optional`, and may be absent.
    optional: FxHashSet<VarId>,
    /// Variables of the pattern of the query itself while it is checked, whose alternatives may bind different ones.
    pub mentions: FxHashMap<String, Mentions>,
    /// Variables that only one branch of an `or` binds, by the place of the branch.
    own: FxHashMap<Span, Vec<VarId>>,
    /// Definitions of three places that are written out.
    pub written: Written,
    /// True if there were more variables than [`VarId`] can number.
    full: bool,
}

/// Whether an aggregate is allowed at this place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Aggregates {
    Allowed,
    /// Not allowed inside another aggregate.
    Nested,
    /// Not allowed where single rows are tested; the name of the clause.
    Misplaced(&'static str),
}

impl Aggregates {
    /// Returns true in `by`, `show`, `having` and `order by`, whose expressions are values and not conditions on rows.
    pub fn is_of_values(self) -> bool {
        matches!(self, Aggregates::Allowed | Aggregates::Misplaced("by"))
    }
}

/// Numbers of the places at which a variable is declared, and at which it occurs at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Mentions {
    pub declared: usize,
    pub all: usize,
}

#[derive(Default)]
struct ScopePart {
    id: Span,
    /// Variables declared in this part, in order of occurrence.
    vars: Vec<VarId>,
    met: FxHashSet<VarId>,
}

/// Occurrences of a bare type, and the place of the first.
struct Bare {
    count: usize,
    sentence: u32,
    span: Span,
}

impl<'c> Scope<'c> {
    pub fn new(context: &Context<'c>, signatures: &'c [Signature]) -> Scope<'c> {
        Scope {
            graph: context.graph,
            params: context.params,
            signatures,
            defines: context.defines,
            vars: Vec::new(),
            diagnostics: Diagnostics::default(),
            used: BTreeSet::new(),
            aliases: Vec::new(),
            aggregates: Aggregates::Misplaced("where"),
            conditional: Vec::new(),
            counts: Vec::new(),
            values: Vec::new(),
            homes: Vec::new(),
            declared: FxHashMap::default(),
            parts: vec![ScopePart::default()],
            hoisted: Vec::new(),
            by_name: FxHashMap::default(),
            bare: FxHashMap::default(),
            sentence: 0,
            bound_paths: BTreeSet::new(),
            joined: Vec::new(),
            unknown: RefCell::default(),
            referenced: FxHashSet::default(),
            bound: FxHashSet::default(),
            optional: FxHashSet::default(),
            mentions: FxHashMap::default(),
            own: FxHashMap::default(),
            written: Written::default(),
            full: false,
        }
    }

    pub fn schema(&self) -> &'c Schema {
        self.graph.schema()
    }

    pub fn report(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    /// Records the variables of a sentence; an `optional` after it does not bind them.
    pub fn note_bound(&mut self, formula: &Formula) {
        formula.free(&mut |var| _ = self.bound.insert(var));
    }

    /// Returns the variables of the sentences so far.
    pub fn bound_so_far(&self) -> FxHashSet<VarId> {
        self.bound.clone()
    }

    /// Records that an optional sentence binds its variables, except those that occurred before.
    pub fn note_optional(&mut self, formula: &Formula, before: &FxHashSet<VarId>) {
        formula.free(&mut |var| {
            if !before.contains(&var) {
                self.optional.insert(var);
            }
        });
    }

    /// Records that a variable is absent from some bindings.
    pub fn note_absent(&mut self, var: VarId) {
        self.optional.insert(var);
    }

    /// Records the variables that only the branch of an `or` at this place binds, and that are visible outside it.
    pub fn note_own(&mut self, branch: Span, vars: Vec<VarId>) {
        self.own.insert(branch, vars);
    }

    /// Returns the variables that [`Scope::note_own`] recorded.
    pub fn own_of(&self, branch: Span) -> Vec<VarId> {
        self.own.get(&branch).cloned().unwrap_or_default()
    }

    /// Returns true if a variable may be absent: an optional part binds it, or it is a path.
    pub fn may_be_absent(&self, var: VarId) -> bool {
        self.optional.contains(&var) || matches!(self.var(var).kind, VarKind::Path)
    }

    /// Opens a part of the query whose variables are not visible outside.
    pub fn enter(&mut self, id: Span) {
        self.parts.push(ScopePart { id, ..ScopePart::default() });
    }

    /// Closes the innermost part; returns the variables declared in it.
    pub fn leave(&mut self) -> Vec<VarId> {
        self.parts.pop().map_or(Vec::new(), |part| part.vars)
    }

    /// Returns the variables declared so far in the innermost part.
    pub fn locals(&self) -> &[VarId] {
        self.parts.last().map_or(&[], |part| &part.vars)
    }

    /// Returns the variables that are visible in the whole query and occur in a sentence, in the order written.
    pub fn outermost(&self) -> Vec<VarId> {
        let mut vars = self.parts.first().map_or(Vec::new(), |part| part.vars.clone());
        // They are met in the order in which they are resolved, which need not be that of the text.
        vars.sort_by_key(|var| self.var(*var).span);
        vars
    }

    pub fn depth(&self) -> usize {
        self.parts.len() - 1
    }

    pub fn var(&self, id: VarId) -> &Var {
        &self.vars[id.0 as usize]
    }

    /// Creates a variable that belongs to the outermost `depth` of the open parts.
    pub fn create(&mut self, name: Option<String>, title: String, kind: VarKind, span: Span, depth: usize) -> VarId {
        let Some(id) = VarId::new(self.vars.len()) else {
            if !std::mem::replace(&mut self.full, true) {
                self.report(Diagnostic::error(
                    Code::Limit,
                    span,
                    format!("a query has at most {} variables", VarId::MOST),
                ));
            }
            // Any variable will do, since the query is refused.
            return VarId(0);
        };
        if let Some(name) = &name {
            self.by_name.entry(name.clone()).or_default().push(id);
        }
        self.vars.push(Var { name, title, kind, span });
        self.homes.push(self.parts[1..=depth].iter().map(|part| part.id).collect());
        self.declared.insert(span, id);
        id
    }

    /// Returns a new variable without a name, which belongs to the whole query. It is no column.
    pub fn hidden(&mut self, kind: VarKind, span: Span) -> VarId {
        let var = self.unnamed_local(kind, span);
        self.homes[var.0 as usize].clear();
        self.parts[0].vars.push(var);
        var
    }

    /// Returns a new variable without a name, which its formula must bind.
    pub fn unnamed_local(&mut self, kind: VarKind, span: Span) -> VarId {
        let declared = self.declared_at(span);
        let var = self.create(None, String::new(), kind, span, self.depth());
        match declared {
            // The place stays that of the variable which its noun declares.
            Some(other) => self.declare_again(span, other),
            None => _ = self.declared.remove(&span),
        }
        var
    }

    /// Returns the variable that the noun at this place declares.
    pub fn declared_at(&self, span: Span) -> Option<VarId> {
        self.declared.get(&span).copied()
    }

    /// Records that the noun at this place declares an existing variable.
    pub fn declare_again(&mut self, span: Span, id: VarId) {
        self.declared.insert(span, id);
    }

    /// Records that a declaring noun has occurred, so that its part closes over the variable.
    pub fn meet(&mut self, id: VarId) {
        // A hoisted variable belongs to a part further out.
        let depth = self.homes[id.0 as usize].len().min(self.depth());
        let part = &mut self.parts[depth];
        if part.met.insert(id) {
            part.vars.push(id);
        }
    }

    /// Records that a variable is used beyond its declaration.
    pub fn speak(&mut self, id: VarId) {
        self.referenced.insert(id);
    }

    /// Returns the named variables that are declared but never used.
    pub fn unreferenced(&self) -> Vec<VarId> {
        let ids = VarId::all(self.vars.len());
        ids.filter(|id| self.var(*id).name.is_some() && !self.referenced.contains(id)).collect()
    }

    /// Returns true if a variable is visible from the open parts.
    fn is_seen(&self, id: VarId) -> bool {
        let home = &self.homes[id.0 as usize];
        home.len() <= self.depth() && home.iter().zip(&self.parts[1..]).all(|(id, part)| *id == part.id)
    }

    /// Returns the visible variable of that name.
    pub fn seen(&self, name: &str) -> Option<VarId> {
        self.named(name).find(|id| self.is_seen(*id))
    }

    /// Returns a variable of that name that is not visible here.
    pub fn unseen(&self, name: &str) -> Option<VarId> {
        self.named(name).find(|id| !self.is_seen(*id))
    }

    fn named(&self, name: &str) -> impl Iterator<Item = VarId> {
        self.by_name.get(name).into_iter().flatten().copied()
    }

    /// Returns the variable of that name with which a declaration in the outermost `depth` parts would collide.
    pub fn collision(&self, name: &str, depth: usize) -> Option<VarId> {
        let here: Vec<Span> = self.parts[1..=depth].iter().map(|part| part.id).collect();
        let clash = |id: &VarId| self.homes[id.0 as usize].iter().zip(&here).all(|(a, b)| a == b);
        self.named(name).find(clash)
    }

    /// Returns the names of visible variables, those that may be of `types` first.
    pub fn seen_names(&self, types: TypeSet) -> Vec<&str> {
        let all = || VarId::all(self.vars.len()).filter(|id| self.is_seen(*id));
        let fits = |id: &VarId| matches!(self.var(*id).kind, VarKind::Entity(of) if !of.and(types).is_empty());
        let (fitting, others): (Vec<VarId>, Vec<VarId>) = all().partition(fits);
        let names = fitting.into_iter().chain(others).filter_map(|id| self.var(id).name.as_deref());
        names.collect()
    }

    /// Runs `body` with declarations of these names belonging to the currently open parts.
    pub fn hoist<T>(&mut self, names: Vec<String>, body: impl FnOnce(&mut Self) -> T) -> T {
        let (before, depth) = (self.hoisted.len(), self.depth());
        self.hoisted.extend(names.into_iter().map(|name| (name, depth)));
        let result = body(self);
        self.hoisted.truncate(before);
        result
    }

    /// Returns how many of the open parts a declaration of this name belongs to, and whether an `or` around it decides
    /// that.
    pub fn home_of(&self, name: &str) -> (usize, bool) {
        let hoisted = self.hoisted.iter().find(|(hoisted, _)| hoisted == name);
        hoisted.map_or((self.depth(), false), |(_, depth)| (*depth, true))
    }

    /// Starts the next sentence between commas.
    pub fn next_sentence(&mut self) {
        self.sentence += 1;
    }

    /// Returns the variable of a bare type, created on its first occurrence.
    pub fn bare(&mut self, id: TypeId, span: Span) -> VarId {
        if let Some(var) = self.declared_at(span) {
            self.meet(var);
            return var;
        }
        let home: Vec<Span> = self.parts[1..].iter().map(|part| part.id).collect();
        self.bare_once(id, &home, span);
        let title = self.bare_title(id, home, span);
        let kind = VarKind::Entity(self.schema().type_(id).subtypes);
        let var = self.create(None, title, kind, span, self.depth());
        self.meet(var);
        var
    }

    /// Returns the name of the type, numbered from the second occurrence on, separately in each part.
    fn bare_title(&mut self, id: TypeId, home: Vec<Span>, span: Span) -> String {
        let first = Bare { count: 0, sentence: self.sentence, span };
        let bare = self.bare.entry((id, home)).or_insert(first);
        bare.count += 1;
        let name = &self.graph.schema().type_(id).name;
        if bare.count == 1 { name.clone() } else { format!("{name} {}", bare.count) }
    }

    /// Reports a bare type that occurs in an earlier sentence of the same part.
    fn bare_once(&mut self, id: TypeId, home: &[Span], span: Span) {
        let Some(first) = self.bare.get(&(id, home.to_vec())).filter(|bare| bare.sentence != self.sentence) else {
            return;
        };
        let name = &self.graph.schema().type_(id).name;
        let letter = name.chars().next().unwrap_or('x').to_lowercase();
        let diagnostic = Diagnostic::error(Code::RepeatedType, span, format!("`{name}` stands in two sentences"))
            .here("one and the same, or another?")
            .label(first.span, "the first one")
            .help(format!("name them: `{name} {letter}`, and then `{letter}` for the same one"));
        self.report(diagnostic);
    }

    /// Returns the visible bare types of these types; values and paths, too, if all types are allowed.
    pub fn unnamed(&self, types: TypeSet) -> Vec<VarId> {
        let anything = types == self.schema().all_types();
        let fits = |var: &Var| match var.kind {
            VarKind::Entity(of) => !of.and(types).is_empty(),
            VarKind::Value(..) | VarKind::Path | VarKind::Label(_) => anything,
        };
        let unnamed = |id: &VarId| self.var(*id).name.is_none() && !self.var(*id).title.is_empty();
        let ids = VarId::all(self.vars.len());
        ids.filter(|id| self.is_seen(*id) && unnamed(id) && fits(self.var(*id))).collect()
    }

    /// Binds a path variable; returns false if it is already bound.
    pub fn bind_path(&mut self, id: VarId) -> bool {
        self.bound_paths.insert(id)
    }

    /// Returns a variable of any type, in place of a noun with an error.
    pub fn anything(&mut self, span: Span) -> VarId {
        let known = self.declared_at(span);
        let all = VarKind::Entity(self.schema().all_types());
        known.unwrap_or_else(|| self.create(None, String::new(), all, span, self.depth()))
    }

    /// Returns the types of a term; `NONE` if it is no entity.
    pub fn types(&self, term: Term) -> TypeSet {
        match term {
            Term::Entity(entity) => TypeSet::only(self.graph.type_of(entity)),
            Term::Var(var) => match self.var(var).kind {
                VarKind::Entity(types) => types,
                _ => TypeSet::NONE,
            },
        }
    }
}

/// Returns `formula` with those of its variables that are in `locals` existentially quantified.
pub(super) fn exists(locals: Vec<VarId>, formula: Formula) -> Formula {
    let mut referenced = BTreeSet::new();
    formula.free(&mut |var| _ = referenced.insert(var));
    let vars: Vec<VarId> = locals.into_iter().filter(|var| referenced.contains(var)).collect();
    if vars.is_empty() { formula } else { Formula::Exists(vars, Box::new(formula)) }
}

/// Returns the conjunction, flattened; a single formula is returned unchanged.
pub(super) fn all(formulas: Vec<Formula>) -> Formula {
    let mut flat = formulas;
    if flat.iter().any(|formula| matches!(formula, Formula::All(_))) {
        for formula in std::mem::take(&mut flat) {
            match formula {
                Formula::All(inner) => flat.extend(inner),
                other => flat.push(other),
            }
        }
    }
    if flat.len() == 1 { flat.remove(0) } else { Formula::All(flat) }
}

pub(super) fn negation(formula: Formula) -> Formula {
    Formula::Not(Box::new(formula))
}
