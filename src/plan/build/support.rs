//! Translation of a query to the trees from which facts, proofs and reasons for `why not` are read, with their
//! subpatterns.

use super::affirmed::affirmed;
use super::definition::bodies;
use super::pattern::{Marks, build_part, free_vars, reads_path};
use super::template::Sentences;
use super::{conjuncts, note, projection, scalar::Scalars};
use crate::check::typed::{
    CountOp, Define, Expr, ExprKind, ExprType, Formula, Head, Label, Link, Query, Select, Term, VarId, VarKind,
};
use crate::graph::Graph;
use crate::plan::words::Words;
use crate::plan::{
    Definition, Form, Goal, Nearest, Pattern, Plan, Provenance, Scalar, Stage, SubpatternId, Support, View,
};
use crate::schema::TypeSet;
use crate::text::Span;
use crate::value::Id;

/// Adds to a plan what is needed to find the facts and proofs of its bindings.
pub(super) fn add_provenance(plan: &mut Plan, query: &Query, select: &Select, graph: &Graph) {
    let definitions = std::mem::take(&mut plan.definitions);
    let words = Words { graph, definitions: &definitions, vars: &query.vars };
    let certain = Marks { graph, entire: false, possible: false, shown: false };
    let mut builder = SupportBuilder {
        words,
        subpatterns: Vec::new(),
        marks: certain,
        met: Vec::new(),
        open: hidden(query, select),
        is_row: false,
        is_matched: false,
    };
    let mut provenance = Provenance {
        title: Sentences(words, &hidden(query, select)).formula(&select.formula),
        support: builder.support(&affirmed(&select.formula)),
        entities: select.free.iter().copied().filter(|var| is_entity(query, *var)).collect(),
        columns: projection(select, &mut Scalars::new(&query.vars)).columns,
        ..Provenance::default()
    };
    if query.head == Head::Graph {
        let shown = select.columns.iter().map(|column| builder.read(&column.expr));
        provenance.support = Support::All([provenance.support].into_iter().chain(shown).collect());
    }
    if plan.view == View::WhyNot {
        let mut all = Vec::new();
        conjuncts(&select.formula, &mut |formula| all.push(formula.clone()));
        provenance.stages = (0..all.len()).map(|last| builder.stage(&all, last)).collect();
        provenance.forms.push(builder.form(&all, None, &query.defines));
    } else {
        provenance.required = builder.required(&select.formula);
        provenance.open.clone_from(&builder.open);
        let shown = Marks { possible: plan.all_possible, shown: !plan.all_possible, ..certain };
        let shown = (plan.possibly || plan.all_possible).then_some(shown);
        let marks: Vec<Marks> = [certain].into_iter().chain(shown).collect();
        provenance.forms = builder.row_forms(select, query, &marks);
        let (told, deciding) = deciding(query, select);
        if !deciding.is_empty() {
            (builder.open, builder.is_matched) = ([builder.open, deciding].concat(), true);
            provenance.matched = builder.row_forms(select, query, &marks);
            builder.is_matched = false;
        }
        provenance.told = told;
    }
    let support = |define| {
        builder.of_definition(define, |builder| {
            let (locals, support) = (locals(define), builder.support(&affirmed(&define.formula)));
            Support::Each(builder.part(&locals, &define.formula, None), Box::new(support))
        })
    };
    let supports: Vec<Support> = query.defines.iter().map(support).collect();
    plan.subpatterns = builder.subpatterns;
    plan.provenance = Some(Box::new(provenance));
    plan.definitions = definitions;
    plan.definitions.iter_mut().zip(supports).for_each(|(definition, support)| definition.support = support);
}

fn is_entity(query: &Query, var: VarId) -> bool {
    matches!(query.vars[var.0 as usize].kind, VarKind::Entity(_))
}

/// Returns the entity variables that no column of the row shows, and whose values do not decide what a column shows: whether
/// an optional part has a match.
pub(super) fn hidden(query: &Query, select: &Select) -> Vec<VarId> {
    let deciding = deciding(query, select).1;
    unshown(query, select).into_iter().filter(|var| !deciding.contains(var)).collect()
}

/// Returns true if a row may hold for several values of a variable that it does not show.
fn is_exchangeable(query: &Query, var: VarId) -> bool {
    let kind = query.vars[var.0 as usize].kind;
    is_entity(query, var) || matches!(kind, VarKind::Label(Label::Alternative(_)))
}

/// Returns the entity variables and numbers of alternatives that no column of the row shows.
fn unshown(query: &Query, select: &Select) -> Vec<VarId> {
    let shown = shown(select);
    let is_plain = select.group.is_none() && select.nearest.is_none();
    let is_hidden = |var: &VarId| is_plain && is_exchangeable(query, *var) && !shown.contains(var);
    select.free.iter().copied().filter(is_hidden).collect()
}

fn shown(select: &Select) -> Vec<VarId> {
    let mut shown = Vec::new();
    select.columns.iter().for_each(|column| column.expr.vars(&mut |var| shown.push(var)));
    shown
}

/// Returns the variables by which a row tells whether an optional part has a match, for each part of which it does; and the
/// entity variables that the row does not show, but that decide it.
fn deciding(query: &Query, select: &Select) -> (Vec<Vec<VarId>>, Vec<VarId>) {
    let shown = shown(select);
    let (mut optional, mut telling, mut met, mut required) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    conjuncts_of(&select.formula, &mut |conjunct| {
        match conjunct {
            Formula::Optional(inner) => {
                let vars = free_vars(inner);
                let tells = |var: &VarId| shown.contains(var) && !met.contains(var);
                let own: Vec<VarId> = vars.iter().copied().filter(tells).collect();
                if !own.is_empty() {
                    optional.push(vars);
                    telling.push(own);
                }
            }
            other => present(other, &mut required),
        }
        conjunct.free(&mut |var| met.push(var));
    });
    let unshown = unshown(query, select);
    // The number of an alternative agrees with what the row shows of it, if a condition requires that.
    let agrees = |var: VarId, vars: &[VarId]| !is_entity(query, var) && vars.iter().any(|own| required.contains(own));
    let decides = |var: &VarId| optional.iter().any(|vars| vars.contains(var) && !agrees(*var, vars));
    let deciding = unshown.into_iter().filter(decides).collect();
    (telling, deciding)
}

/// Collects the variables that an alternative requires to be present.
fn present(formula: &Formula, found: &mut Vec<VarId>) {
    let Formula::Any(all) = formula else { return };
    if let Some((required, others)) = all.split_last()
        && others.iter().all(|other| matches!(other, Formula::Word(..)))
    {
        required.free(&mut |var| found.push(var));
    }
}

/// Calls `f` with each conjunct; an optional part is one.
fn conjuncts_of<'f>(formula: &'f Formula, f: &mut dyn FnMut(&'f Formula)) {
    match formula {
        Formula::All(all) => all.iter().for_each(|inner| conjuncts_of(inner, f)),
        other => f(other),
    }
}

/// Returns the variables of a definition except its ends.
fn locals(define: &Define) -> Vec<VarId> {
    let ends = [define.subject, define.object];
    free_vars(&define.formula).into_iter().filter(|var| !ends.contains(var)).collect()
}

struct SupportBuilder<'q> {
    words: Words<'q>,
    subpatterns: Vec<Pattern>,
    /// Marks of the form that is being built.
    marks: Marks<'q>,
    /// Variables that occurred before the current conjunct.
    met: Vec<VarId>,
    /// Variables that the row does not show.
    open: Vec<VarId>,
    /// True while goals are built for a row as a whole, which names its paths.
    is_row: bool,
    /// True while goals are built for rows in which all optional parts that rows tell have a match.
    is_matched: bool,
}

impl<'q> SupportBuilder<'q> {
    /// Returns the subpattern that binds these variables to values for which the formula holds; equal subpatterns are
    /// shared.
    fn part(&mut self, bind: &[VarId], formula: &Formula, marks: Option<Marks>) -> SubpatternId {
        let mut pattern = build_part(self.words.vars, bind, formula, marks);
        pattern.most = bind.is_empty().then_some(1);
        // Subpatterns with equal variables share the list of them.
        let alike = self.subpatterns.iter().rfind(|other| other.slots == pattern.slots);
        pattern.slots = alike.map_or(pattern.slots, |other| other.slots.clone());
        let known = self.subpatterns.iter().position(|other| *other == pattern);
        let place = known.unwrap_or_else(|| {
            self.subpatterns.push(pattern);
            self.subpatterns.len() - 1
        });
        SubpatternId::new(place).unwrap_or(SubpatternId(u32::MAX))
    }

    fn denied(&mut self, bind: &[VarId], formula: &Formula) -> SubpatternId {
        self.part(bind, formula, Some(Marks { entire: true, ..self.marks }))
    }

    /// Runs `build` for a definition, whose variables have their own numbers.
    fn of_definition<T>(&mut self, define: &'q Define, build: impl FnOnce(&mut Self) -> T) -> T {
        let vars = std::mem::replace(&mut self.words.vars, &define.vars);
        let met = std::mem::replace(&mut self.met, vec![define.subject, define.object]);
        let built = build(self);
        (self.words.vars, self.met) = (vars, met);
        built
    }

    fn support(&mut self, formula: &Formula) -> Support {
        match formula {
            Formula::All(all) => Support::All(all.iter().map(|inner| self.support(inner)).collect()),
            Formula::Any(all) => Support::All(all.iter().map(|inner| self.each(&[], inner, &[inner])).collect()),
            Formula::Exists(vars, inner) => self.each(vars, inner, &[inner]),
            Formula::Count { var, of, .. } => self.each(&[*var], of, &[of]),
            Formula::Every { vars, domain, then, .. } => self.each(vars, domain, &[domain, then]),
            Formula::Optional(inner) | Formula::Modal(_, inner) => self.support(inner),
            Formula::Not(_) | Formula::Type(..) | Formula::Same(..) | Formula::Word(..) => Support::default(),
            Formula::Claim(atom) => Support::Claim(*atom),
            Formula::Fact(atom) => Support::Fact(atom.clone()),
            Formula::Path(atom) => Support::Path(atom.clone()),
            Formula::Value(atom) => Support::Value(atom.clone()),
            Formula::Test(expr) => self.read(expr),
        }
    }

    /// Returns the support of the parts for each binding of a pattern.
    fn each(&mut self, bind: &[VarId], of: &Formula, parts: &[&Formula]) -> Support {
        let parts = parts.iter().map(|inner| self.support(inner)).collect();
        Support::Each(self.part(bind, of, None), Box::new(Support::All(parts)))
    }

    fn read(&mut self, expr: &Expr) -> Support {
        match &expr.kind {
            ExprKind::And(all) | ExprKind::Or(all) => Support::All(all.iter().map(|inner| self.read(inner)).collect()),
            ExprKind::Not(inner) => self.read(inner),
            ExprKind::Exists(formula) => self.support(formula),
            _ => Support::Test(Scalars::new(self.words.vars).scalar(expr)),
        }
    }

    /// Returns a stage of `why not`: a condition with those conditions before it that share variables with it, directly
    /// or through others.
    fn stage(&mut self, all: &[Formula], last: usize) -> Stage {
        let (mut joined, mut vars) = (vec![last], free_vars(&all[last]));
        // Transitive closure over shared variables.
        while let Some(next) =
            (0..last).find(|i| !joined.contains(i) && free_vars(&all[*i]).iter().any(|var| vars.contains(var)))
        {
            joined.push(next);
            free_vars(&all[next]).into_iter().for_each(|var| note(&mut vars, var));
        }
        joined.sort();
        let whole = Formula::All(joined.iter().map(|i| all[*i].clone()).collect());
        let mut nearest = Vec::new();
        nearest_to(&all[last], &mut nearest);
        let found = self.part(&free_vars(&whole), &whole, None);
        Stage { words: Sentences(self.words, &[]).formula(&all[last]), found, nearest }
    }

    /// Returns the forms in which rows are proved, one for each of these marks.
    fn row_forms(&mut self, select: &Select, query: &'q Query, marks: &[Marks<'q>]) -> Vec<Form> {
        let open = self.open.clone();
        let form = |marks: &Marks<'q>| {
            self.marks = *marks;
            self.form(std::slice::from_ref(&select.formula), Some(&open), &query.defines)
        };
        marks.iter().map(form).collect()
    }

    /// Returns the form in which conditions are proved. For a row, a proof may choose the values of the open variables.
    fn form(&mut self, all: &[Formula], row: Option<&[VarId]>, defines: &'q [Define]) -> Form {
        let (mut flat, mut stack) = (Vec::new(), all.iter().rev().collect::<Vec<_>>());
        while let Some(next) = stack.pop() {
            match next {
                Formula::All(inner) => stack.extend(inner.iter().rev()),
                conjunct => flat.push(conjunct),
            }
        }
        let open = row.unwrap_or_default();
        (self.is_row, self.met) = (row.is_some(), Vec::new());
        let (mut goals, mut tests, mut pinned) = (Vec::new(), Vec::new(), Vec::new());
        for (i, conjunct) in flat.iter().enumerate() {
            let others = || flat[..i].iter().chain(&flat[i + 1..]);
            let is_spoken_of = |var: &VarId| others().any(|other| free_vars(other).contains(var));
            if let Some(test) = self.tested(conjunct, open, &is_spoken_of, &mut pinned) {
                tests.push(test);
                goals.push(self.goal(&affirmed(conjunct)));
            }
            conjunct.free(&mut |var| self.met.push(var));
        }
        // Of an optional part that is left out, nothing is to be found.
        let spoken: Vec<VarId> = tests.iter().flat_map(free_vars).collect();
        let is_bound = |var: &VarId| !pinned.contains(var) && spoken.contains(var);
        let bind: Vec<VarId> = open.iter().copied().filter(is_bound).collect();
        let marks = Some(self.marks);
        let holds = match row {
            Some(_) => vec![self.part(&bind, &Formula::All(tests), marks)],
            None => tests.iter().map(|test| self.part(&[], test, marks)).collect(),
        };
        self.is_row = false;
        Form {
            goals,
            holds,
            definitions: defines.iter().zip(self.words.definitions).map(|both| self.rule(both)).collect(),
        }
    }

    /// Returns the test of a conjunct for a row. An optional part is as the row has it: the part if its variables are
    /// bound, otherwise nothing. If it binds only open variables, it stays as it is, or is left out if no other
    /// conjunct refers to them.
    fn tested(
        &self,
        conjunct: &Formula,
        open: &[VarId],
        is_spoken_of: &dyn Fn(&VarId) -> bool,
        pinned: &mut Vec<VarId>,
    ) -> Option<Formula> {
        let Formula::Optional(inner) = conjunct else { return Some(self.unwalked(affirmed(conjunct), pinned)) };
        let own = self.own(inner);
        if own.iter().all(|var| open.contains(var)) {
            return own.iter().any(is_spoken_of).then(|| affirmed(conjunct));
        }
        if self.is_matched {
            return Some(self.unwalked(affirmed(inner), pinned));
        }
        let absent = |var: &VarId| Expr { kind: ExprKind::IsAbsent(*var), of: ExprType::Truth, span: Span::default() };
        let all = own.iter().filter(|var| !open.contains(var)).map(|var| Formula::Test(absent(var))).collect();
        Some(Formula::Any(vec![Formula::All(all), self.unwalked(affirmed(inner), pinned)]))
    }

    /// Leaves out the paths that a row names, since their steps are proved one by one; their ends keep the values of
    /// the row.
    fn unwalked(&self, formula: Formula, pinned: &mut Vec<VarId>) -> Formula {
        match formula {
            Formula::All(all) => Formula::All(all.into_iter().map(|inner| self.unwalked(inner, pinned)).collect()),
            Formula::Path(atom) if self.is_row && atom.bind.is_some() => {
                pinned.extend([atom.subject, atom.object].into_iter().filter_map(Term::var));
                Formula::TRUE
            }
            other => other,
        }
    }

    /// Returns what holds whether optional parts match or not, and the variables of these parts; `None` if there are none, if
    /// a row shows such a variable, so that the two are different rows, or if something else speaks of it.
    fn required(&mut self, formula: &Formula) -> Option<(SubpatternId, Vec<VarId>)> {
        let (mut required, mut own) = (Vec::new(), Vec::new());
        self.met = Vec::new();
        let mut stack = vec![formula];
        while let Some(next) = stack.pop() {
            match next {
                Formula::All(inner) => {
                    stack.extend(inner.iter().rev());
                    continue;
                }
                Formula::Optional(inner) => own.extend(self.own(inner)),
                conjunct => required.push(conjunct.clone()),
            }
            next.free(&mut |var| self.met.push(var));
        }
        let required = Formula::All(required);
        let is_hidden = !own.is_empty() && own.iter().all(|var| self.open.contains(var));
        let is_apart = is_hidden && free_vars(&required).iter().all(|var| !own.contains(var));
        is_apart.then(|| (self.part(&[], &required, None), own))
    }

    /// Returns the variables that tell by a row whether an optional part has a match: those that it shows, if any.
    fn telling(&self, inner: &Formula) -> Vec<VarId> {
        let own = self.own(inner);
        let shown: Vec<VarId> = own.iter().copied().filter(|var| !self.open.contains(var)).collect();
        if shown.is_empty() { own } else { shown }
    }

    /// Returns the variables that occur first in an optional part.
    fn own(&self, inner: &Formula) -> Vec<VarId> {
        free_vars(inner).into_iter().filter(|var| !self.met.contains(var)).collect()
    }

    /// Returns a definition in the form in which it is proved. It is evaluated separately from its uses, so a
    /// `possibly` around a use does not loosen it.
    fn rule(&mut self, (define, plain): (&'q Define, &Definition)) -> Definition {
        let proved = Define { formula: affirmed(&define.formula), ..define.clone() };
        let before = self.marks;
        self.marks.shown = false;
        let marks = Some(self.marks);
        let goal = self.of_definition(define, |builder| {
            let goal = builder.goal(&proved.formula);
            Goal::Exists(builder.part(&locals(define), &proved.formula, marks), Box::new(goal))
        });
        self.marks = before;
        let bodies = bodies(&proved, &plain.group, marks);
        Definition { bodies, path: None, is_needed: true, goal, ..plain.clone() }
    }

    fn goals(&mut self, all: &[Formula]) -> Vec<Goal> {
        let (mut goals, mut rest) = (Vec::new(), all);
        while let Some((conjunct, after)) = rest.split_first() {
            rest = after;
            goals.push(match (conjunct, after.first()) {
                (Formula::Count { var, number, of, .. }, Some(most)) if is_exactly(conjunct, most) => {
                    rest = &after[1..];
                    let whole =
                        Formula::Count { var: *var, compare: CountOp::Exactly, number: *number, of: of.clone() };
                    let Formula::Count { of: denied, .. } = most else { continue };
                    let denied = self.denied(&[*var], denied);
                    self.at_least(&whole, (*var, *number), of, Some(denied))
                }
                _ => self.goal(conjunct),
            });
            conjunct.free(&mut |var| self.met.push(var));
        }
        goals
    }

    /// Returns the goal of a formula in [`affirmed`] form.
    fn goal(&mut self, formula: &Formula) -> Goal {
        match formula {
            Formula::All(all) => Goal::All(self.goals(all)),
            Formula::Any(all) => Goal::Any(all.iter().map(|inner| self.goal(inner)).collect()),
            Formula::Optional(inner) => Goal::Optional(self.telling(inner), Box::new(self.goal(inner))),
            Formula::Fact(atom) => Goal::Fact(atom.clone()),
            Formula::Path(atom) => Goal::Path(atom.clone(), self.words.path(&atom.path)),
            Formula::Value(atom) => Goal::Value(atom.clone()),
            Formula::Claim(atom) => Goal::Claim(*atom),
            Formula::Word(var, word) => Goal::Word(*var, *word),
            Formula::Type(term, types) => Goal::Type(*term, *types),
            Formula::Same(a, b) => Goal::Same(*a, *b),
            Formula::Test(expr) => self.test(expr, formula),
            closed => {
                let is_row = std::mem::take(&mut self.is_row);
                let goal = self.closed(closed);
                self.is_row = is_row;
                goal
            }
        }
    }

    fn closed(&mut self, formula: &Formula) -> Goal {
        let words = Sentences(self.words, &[]);
        match formula {
            Formula::Not(inner) => {
                let among = match &**inner {
                    Formula::Exists(vars, _) => vars.first().map_or(TypeSet::NONE, |var| self.types(*var)),
                    _ => TypeSet::NONE,
                };
                Goal::Absent { denied: self.denied(&[], inner), words: words.formula(inner), among }
            }
            Formula::Exists(vars, inner) => {
                Goal::Exists(self.part(vars, inner, Some(self.marks)), Box::new(self.goal(inner)))
            }
            Formula::Count { var, compare: CountOp::AtMost, number, of } => Goal::AtMost {
                number: *number as usize,
                denied: self.denied(&[*var], of),
                words: words.formula(formula),
            },
            Formula::Count { var, number, of, .. } => self.at_least(formula, (*var, *number), of, None),
            Formula::Every { vars, domain, then, .. } => {
                let domain = self.denied(vars, domain);
                Goal::Every { domain, then: Box::new(self.goal(then)), words: words.formula(formula) }
            }
            Formula::Modal(modality, inner) => {
                let before = self.marks;
                self.marks = before.inside(*modality);
                let goal = self.goal(inner);
                self.marks = before;
                Goal::Modal(*modality, Box::new(goal))
            }
            _ => Goal::default(),
        }
    }

    fn at_least(
        &mut self,
        whole: &Formula,
        (var, number): (VarId, u32),
        of: &Formula,
        denied: Option<SubpatternId>,
    ) -> Goal {
        let words = Sentences(self.words, &[]).formula(whole);
        let is_row = std::mem::take(&mut self.is_row);
        let goal = Box::new(self.goal(of));
        self.is_row = is_row;
        Goal::AtLeast { number: number as usize, of: self.part(&[var], of, Some(self.marks)), goal, denied, words }
    }

    fn types(&self, var: VarId) -> TypeSet {
        match self.words.vars[var.0 as usize].kind {
            VarKind::Entity(types) => types,
            _ => TypeSet::NONE,
        }
    }

    fn test(&self, expr: &Expr, formula: &Formula) -> Goal {
        let vars = self.words.vars;
        let scalar = match &expr.kind {
            ExprKind::Not(inner) => Scalar::Not(Box::new(self.marks.test(vars, inner, false))),
            _ => self.marks.test(vars, expr, true),
        };
        match self.is_row && reads_path(vars, expr) {
            true => Goal::PathTest(scalar),
            false => Goal::Test(scalar, Sentences(self.words, &[]).formula(formula)),
        }
    }
}

/// Returns true if the two counts together say `exactly`.
fn is_exactly(least: &Formula, most: &Formula) -> bool {
    use CountOp::{AtLeast, AtMost};
    match (least, most) {
        (
            Formula::Count { var, compare: AtLeast, number, .. },
            Formula::Count { var: other, compare: AtMost, number: most, .. },
        ) => var == other && number == most,
        _ => false,
    }
}

/// Collects what may come near a condition that fails.
fn nearest_to(formula: &Formula, nearest: &mut Vec<Nearest>) {
    let (subject, object, mut verbs) = match formula {
        Formula::Fact(atom) => (atom.subject, atom.object, vec![atom.link]),
        Formula::Path(atom) => {
            let mut links = Vec::new();
            atom.path.links(&mut |link| links.push(link));
            (atom.subject, atom.object, links)
        }
        Formula::Test(Expr { kind: ExprKind::Compare(_, a, b), .. }) => {
            nearest.extend([a, b].into_iter().filter_map(|side| match side.kind {
                ExprKind::Property(var, property) => Some(Nearest::Stated(Term::Var(var), property)),
                ExprKind::PropertyOf(entity, property) => Some(Nearest::Stated(Term::Entity(entity), property)),
                _ => None,
            }));
            return;
        }
        Formula::Exists(_, inner) | Formula::Modal(_, inner) | Formula::Not(inner) => {
            return nearest_to(inner, nearest);
        }
        Formula::All(all) => return all.iter().for_each(|inner| nearest_to(inner, nearest)),
        _ => return,
    };
    let verbs =
        verbs.drain(..).filter_map(|link| if let Link::Verb(verb) = link { Some(verb) } else { None }).collect();
    nearest.push(Nearest::Facts { subject, object, verbs });
}
