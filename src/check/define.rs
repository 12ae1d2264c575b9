//! Definitions: derived verbs, their types, and the order in which they can be evaluated.

use super::expr;
use super::pattern;
use super::pattern::third::Written;
use super::query::select_of_mut;
use super::scope::{Scope, all};
use super::typed::{Body, Define, DefineId, Formula, LineageOf, Link, Query, Spread, Term, Var, VarId, VarKind};
use super::{Context, Definition, walk};
use crate::graph::{Adjacency, Condensation};
use crate::schema::TypeSet;
use crate::syntax::DefinedHead;
use crate::syntax::ast::{self, NounKind, Typed};
use crate::text::{Code, Diagnostic, Spanned};
use crate::value::Id;
use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;

/// Head of a definition.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Signature {
    pub name: String,
    pub from: TypeSet,
    pub to: TypeSet,
    /// Types of what the verb leads to beside its object: `Model m takes Technique t from Model p`. The name is then
    /// [`name_of_three`].
    pub third: Option<TypeSet>,
    /// True if the verb takes no object: `Model m modern`.
    pub is_state: bool,
    /// Position in [`Context::defines`].
    index: usize,
}

impl Signature {
    /// Returns the verb of three places and the word before its third noun; `None` for other verbs.
    pub fn words_of_three(&self) -> Option<(&str, &str)> {
        self.third.and_then(|_| self.name.split_once(" … "))
    }
}

/// Returns the heads of all well-formed definitions, and the problems of the others. A later definition replaces an
/// earlier one of the same name, but not within one text, where it would be dropped unread.
pub(super) fn signatures(context: &Context) -> (Vec<Signature>, Vec<Diagnostic>) {
    let (mut signatures, mut problems): (Vec<Signature>, Vec<Diagnostic>) = (Vec::new(), Vec::new());
    for (index, definition) in context.defines.iter().enumerate() {
        match signature(context, &definition.define, index) {
            Ok(signature) => {
                let own = |index: usize| Some(&context.defines[index]).filter(|definition| definition.text.is_none());
                let earlier = signatures.iter().find(|earlier| earlier.name == signature.name);
                let earlier = earlier.and_then(|earlier| own(earlier.index)).zip(own(index));
                problems.extend(earlier.map(|(earlier, later)| defined_twice(&earlier.define, &later.define)));
                signatures.retain(|earlier| earlier.name != signature.name);
                signatures.push(signature);
            }
            Err(problem) => problems.push(placed(problem, definition)),
        }
    }
    (signatures, problems)
}

/// Returns the error for two definitions of one word in a text.
fn defined_twice(earlier: &ast::Define, later: &ast::Define) -> Diagnostic {
    let word =
        |define: &ast::Define| define.parts().map_or_else(Default::default, |head| (name_of(&head), head.verb_span));
    let ((verb, span), (_, first)) = (word(later), word(earlier));
    Diagnostic::error(Code::BadDefine, span, format!("`{verb}` is defined twice"))
        .label(first, "the first one")
        .help("take another word, or unite the two: `… as (… or …)`")
}

/// Adds to a diagnostic the text in which the definition is written.
fn placed(diagnostic: Diagnostic, definition: &Definition) -> Diagnostic {
    match &definition.text {
        Some(text) => diagnostic.placed(text, 0),
        None => diagnostic,
    }
}

/// Returns the name of the signature of a head.
fn name_of(head: &DefinedHead) -> String {
    match head.third {
        Some((particle, _)) => name_of_three(head.verb, particle),
        None => head.verb.to_string(),
    }
}

/// Returns the name of a verb of three places: `takes … from`.
pub(super) fn name_of_three(verb: &str, particle: &str) -> String {
    format!("{verb} … {particle}")
}

fn signature(context: &Context, define: &ast::Define, index: usize) -> Result<Signature, Diagnostic> {
    let Some(head) = define.parts() else {
        let span = pattern::span_of(&define.head);
        return Err(Diagnostic::error(
            Code::BadDefine,
            span,
            "a definition begins with one new verb between two nouns, or behind one",
        )
        .help("write for example `define Model m adds Technique t as m uses t and succeeds Model p, p uses no t`"));
    };
    let schema = context.graph.schema();
    // A third noun tells the verb from that of the schema.
    if schema.lookup_word(head.verb).is_some() && head.third.is_none() {
        let message = format!("the schema has a verb `{}` already", head.verb);
        return Err(Diagnostic::error(Code::BadDefine, head.verb_span, message).help("choose another word"));
    }
    // Type names need no signatures.
    let scope = Scope::new(context, &[]);
    let types = |name: &Spanned<String>| {
        let id = super::name::type_id(&scope, &name.item, name.span, schema.all_types())?;
        Ok(schema.type_(id).subtypes)
    };
    let from = types(head.subject.type_name)?;
    let to = head.object.map_or(Ok(from), |object| types(object.type_name))?;
    let third = head.third.map(|(_, third)| types(third.type_name)).transpose()?;
    Ok(Signature { name: name_of(&head), from, to, third, is_state: head.object.is_none(), index })
}

/// A checked definition, and the definitions that it uses.
struct Checked {
    define: Define,
    /// Positions of signatures, each with whether it is used under a negation.
    uses: BTreeMap<usize, bool>,
    /// All of these, and the definitions of three places.
    used: BTreeSet<usize>,
}

/// Body of a definition of three places.
pub(super) struct BodyOfThree {
    /// Variables of subject, object and third place.
    pub ends: [VarId; 3],
    pub vars: Vec<Var>,
    pub formula: Formula,
    /// Positions of the signatures that it uses.
    pub used: BTreeSet<usize>,
    pub written: Written,
}

/// Checks the definitions that a query uses, and those of its own text. Numbers them so that each comes after those
/// that it uses, unless they use it, too.
pub(super) fn resolve(scope: &mut Scope, query: &mut Query, context: &Context) {
    let mut wanted: BTreeSet<usize> = scope.used.clone();
    let own = |(i, signature): (usize, &Signature)| context.defines[signature.index].text.is_none().then_some(i);
    let mut waiting: Vec<usize> = wanted.iter().copied().collect();
    waiting.extend(scope.signatures.iter().enumerate().filter_map(own).filter(|i| wanted.insert(*i)));
    let mut checked: BTreeMap<usize, Checked> = BTreeMap::new();
    while let Some(i) = waiting.pop() {
        // A definition of three places is part of those that use it, and only its own problems are of interest here.
        if scope.signatures[i].third.is_some() {
            waiting.extend(used_by_three(scope, i, context).into_iter().filter(|next| wanted.insert(*next)));
        } else if let Some(found) = body(scope, i, context) {
            waiting.extend(found.used.iter().copied().filter(|next| wanted.insert(*next)));
            checked.insert(i, found);
        }
    }
    let order = stratified(scope, &mut checked, context);
    number(scope, query, checked, &order);
}

/// A body that is checked in a scope of its own.
struct BodyScope<'c> {
    scope: Scope<'c>,
    subject: VarId,
    object: VarId,
    third: Option<VarId>,
    formula: Formula,
}

impl<'c> BodyScope<'c> {
    fn new(context: &Context<'c>, signatures: &'c [Signature], i: usize, written: Written) -> Option<BodyScope<'c>> {
        let signature = &signatures[i];
        let define = &context.defines[signature.index].define;
        let head = define.parts()?;
        let mut scope = Scope::new(context, signatures);
        scope.written = written;
        let subject = end(&mut scope, head.subject.noun, signature.from);
        let object = match head.object {
            Some(object) => end(&mut scope, object.noun, signature.to),
            None => scope.create(None, String::new(), VarKind::Entity(signature.to), head.verb_span, 0),
        };
        let third =
            head.third.zip(signature.third).map(|((_, third), types)| (end(&mut scope, third.noun, types), types));
        let ends = [(subject, signature.from), (object, signature.to)].into_iter().chain(third);
        scope.joined = ends.clone().map(|(var, _)| var).collect();
        let same = signature.is_state.then_some(Formula::Same(Term::Var(object), Term::Var(subject)));
        let formula = pattern::whole(&mut scope, &define.body);
        let condition = define.condition.as_ref().and_then(|condition| expr::condition(&mut scope, condition));
        let parts = [formula].into_iter().chain(condition.map(Formula::Test));
        let types = ends.map(|(var, types)| Formula::Type(Term::Var(var), types));
        let formula = all(types.chain(same).chain(parts).collect());
        super::name::unknown::finish(&mut scope);
        Some(BodyScope { scope, subject, object, third: third.map(|(var, _)| var), formula })
    }

    /// Reports the problems of the body to the query.
    fn tell(&mut self, outer: &mut Scope, definition: &Definition) {
        let problems = self.scope.diagnostics.0.drain(..);
        problems.for_each(|diagnostic| outer.report(placed(diagnostic, definition)));
    }
}

/// Checks one definition.
fn body(outer: &mut Scope, i: usize, context: &Context) -> Option<Checked> {
    let definition = &context.defines[outer.signatures[i].index];
    let head = definition.define.parts()?;
    let mut body = BodyScope::new(context, outer.signatures, i, Written::default())?;
    body.tell(outer, definition);
    let define = Define {
        name: head.verb.to_string(),
        from: outer.signatures[i].from,
        to: outer.signatures[i].to,
        subject: body.subject,
        object: body.object,
        vars: std::mem::take(&mut body.scope.vars),
        recursive: false,
        is_state: head.object.is_none(),
        text: crate::syntax::print::define(&definition.define),
        formula: body.formula,
    };
    let uses = uses(&define.formula);
    if definition.define.is_let && uses.contains_key(&i) {
        let message = format!("`{}` is made of itself", head.verb);
        let problem = Diagnostic::error(Code::BadDefine, head.verb_span, message);
        outer.report(placed(problem.help("a named step takes earlier ones: give it a word of its own"), definition));
    }
    Some(Checked { define, uses, used: body.scope.used })
}

/// Checks a definition of three places; returns the definitions that it uses.
fn used_by_three(outer: &mut Scope, i: usize, context: &Context) -> BTreeSet<usize> {
    let written = Written { inside: vec![i], ..Written::default() };
    let Some(mut body) = BodyScope::new(context, outer.signatures, i, written) else { return BTreeSet::new() };
    body.tell(outer, &context.defines[outer.signatures[i].index]);
    body.scope.used
}

/// Returns the body of a definition of three places, to be written out; its problems are reported once, where it stands.
pub(super) fn body_of_three(outer: &Scope, i: usize) -> Option<BodyOfThree> {
    let context = Context { graph: outer.graph, params: outer.params, defines: outer.defines, possibly: false };
    let mut written = Written { number: outer.written.number + 1, ..outer.written.clone() };
    written.inside.push(i);
    let body = BodyScope::new(&context, outer.signatures, i, written)?;
    let ends = [body.subject, body.object, body.third?];
    let Scope { vars, used, written, .. } = body.scope;
    Some(BodyOfThree { ends, vars, formula: body.formula, used, written })
}

/// Creates the variable at one end of the head.
fn end(scope: &mut Scope, noun: &ast::Noun, types: TypeSet) -> VarId {
    let name = match &noun.kind {
        NounKind::Typed { of: Typed::Var(var), .. } => var.item.clone(),
        _ => String::new(),
    };
    scope.create(Some(name.clone()), name, VarKind::Entity(types), noun.name_span, 0)
}

fn uses(formula: &Formula) -> BTreeMap<usize, bool> {
    let mut uses: BTreeMap<usize, bool> = BTreeMap::new();
    walk::formulas(formula, false, &mut |formula, negated| {
        let mut add = |link: &mut Link| {
            if let Link::Define(id) = link {
                *uses.entry(id.0 as usize).or_default() |= negated;
            }
        };
        match formula {
            Formula::Fact(atom) => add(&mut atom.link.clone()),
            Formula::Path(atom) => walk::path_links(&mut atom.path.clone(), &mut add),
            _ => {}
        }
    });
    uses
}

/// Returns the order of evaluation, in which used definitions come first. Marks the recursive ones, and reports those
/// that depend on their own negation.
fn stratified(scope: &mut Scope, checked: &mut BTreeMap<usize, Checked>, context: &Context) -> Vec<usize> {
    let used_by = |(i, found): (&usize, &Checked)| -> Vec<(u32, u32)> {
        found.uses.keys().filter(|used| checked.contains_key(used)).map(|used| (*i as u32, *used as u32)).collect()
    };
    let uses = Adjacency::of_pairs(&checked.iter().flat_map(used_by).collect::<Vec<_>>());
    let number = checked.last_key_value().map_or(0, |(last, _)| last + 1);
    let Ok(condensation) = Condensation::new(number, &[uses.rows()], &mut |_| Ok::<(), Infallible>(()));
    let mut order = Vec::new();
    // Components are numbered in reverse topological order: used definitions come before their users.
    for component in 0..condensation.len() as u32 {
        let members = condensation.members(component).iter().map(|member| *member as usize);
        let members: BTreeSet<usize> = members.filter(|member| checked.contains_key(member)).collect();
        for i in &members {
            let Some(found) = checked.get_mut(i) else { continue };
            let inside = || found.uses.iter().filter(|(used, _)| members.contains(used));
            let (recursive, negated) = (inside().next().is_some(), inside().any(|(_, negated)| *negated));
            found.define.recursive = recursive;
            if negated {
                let definition = &context.defines[scope.signatures[*i].index];
                scope.report(placed(unstratified(definition), definition));
            }
        }
        order.extend(members);
    }
    order
}

fn unstratified(definition: &Definition) -> Diagnostic {
    let define = &definition.define;
    let (name, span) = define.parts().map_or(("", define.span), |head| (head.verb, head.verb_span));
    Diagnostic::error(Code::NotStratified, span, format!("`{name}` is defined by its own negation"))
        .label(define.body.span, "uses it under a negation or a quantifier, directly or through another definition")
        .help("a defined verb may use itself, but not under `no`, `not`, `every` or a number")
}

/// Gives the definitions that the query needs their final numbers, and renumbers all references to them.
fn number(scope: &Scope, query: &mut Query, mut checked: BTreeMap<usize, Checked>, order: &[usize]) {
    let needed = needed(&scope.used, &checked);
    let order: Vec<usize> = order.iter().copied().filter(|i| needed.contains(i)).collect();
    let mut renumber = |link: &mut Link| {
        if let Link::Define(id) = link
            && let Some(place) = order.iter().position(|i| *i == id.0 as usize).and_then(DefineId::new)
        {
            *id = place;
        }
    };
    if let Some(select) = select_of_mut(&mut query.body) {
        walk::links(&mut select.formula, &mut renumber);
        let exprs = select.columns.iter_mut().map(|column| &mut column.expr);
        let exprs = exprs.chain(&mut select.having).chain(select.order.iter_mut().map(|key| &mut key.expr));
        exprs.chain(select.group.iter_mut().flatten()).for_each(|expr| walk::expr_links(expr, &mut renumber));
        select.nearest.iter_mut().for_each(|nearest| walk::path_links(&mut nearest.path, &mut renumber));
    }
    match &mut query.body {
        Body::Lineage(LineageOf { via, .. }) | Body::Spread(Spread { via, .. }) => {
            walk::path_links(via, &mut renumber);
        }
        Body::Adoption(adoption) | Body::Rise(adoption) => {
            adoption.among.iter_mut().for_each(|among| walk::links(&mut among.formula, &mut renumber));
        }
        _ => {}
    }
    for i in &order {
        if let Some(mut found) = checked.remove(i) {
            walk::links(&mut found.define.formula, &mut renumber);
            query.defines.push(found.define);
        }
    }
}

fn needed(used: &BTreeSet<usize>, checked: &BTreeMap<usize, Checked>) -> BTreeSet<usize> {
    let mut needed = used.clone();
    let mut waiting: Vec<usize> = used.iter().copied().collect();
    while let Some(i) = waiting.pop() {
        let uses = checked.get(&i).into_iter().flat_map(|found| found.uses.keys().copied());
        waiting.extend(uses.filter(|next| needed.insert(*next)));
    }
    needed
}
