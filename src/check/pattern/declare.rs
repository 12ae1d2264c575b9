//! Collection of the variables of a pattern before anything is resolved, since a variable may be used before it is
//! declared.
//!
//! The tree is traversed exactly as in `noun` and `phrase`, with the same parts opened, so that each variable gets the
//! part of the query in which it is visible.

use super::attach::{Naming, in_noun, in_pattern, in_phrase};
use super::label;
use crate::check::name::{self, suggestions};
use crate::check::scope::{Mentions, Scope};
use crate::check::typed::{Label, VarId, VarKind};
use crate::schema::PropertyId;
use crate::syntax::ast::{
    Group, Join, Noun, NounKind, Object, ObjectItem, Objects, PathKind, Pattern, Phrase, Phrases, Sentence, Third,
    Typed,
};
use crate::text::{Code, Diagnostic, Span, Spanned};
use crate::value::ValueType;
use rustc_hash::FxHashMap;

/// Creates the variables of a pattern.
pub(super) fn pattern(scope: &mut Scope, pattern: &Pattern) {
    pattern.sentences.iter().for_each(|item| sentence(scope, &item.sentence));
}

/// Returns the names of the variables of a pattern, with the numbers of their places.
pub(super) fn mentions(pattern: &Pattern) -> FxHashMap<String, Mentions> {
    let mut mentions = FxHashMap::default();
    in_pattern(pattern, &mut |naming| note(&mut mentions, naming));
    mentions
}

fn note(mentions: &mut FxHashMap<String, Mentions>, naming: Naming) {
    let (name, declared) = match &naming {
        Naming::Verb(name) => (*name, 1),
        Naming::Noun(noun) => match &noun.kind {
            NounKind::Lower(word) => (word.as_str(), 0),
            NounKind::Typed { of: Typed::Var(var), .. } => (var.item.as_str(), 1),
            _ => return,
        },
    };
    let places = mentions.entry(name.to_string()).or_default();
    places.declared += declared;
    places.all += 1;
}

fn sentence(scope: &mut Scope, sentence: &Sentence) {
    match sentence {
        // The variables of phrases are shared by several subjects, each of which may satisfy another alternative.
        Sentence::Plain { subject, phrases, .. } => unsplit(scope, subject.nouns.len() > 1, |scope| {
            subject.nouns.iter().for_each(|noun| self::noun(scope, noun, phrases.as_ref(), None));
        }),
        Sentence::Optional { sentence, .. } => unsplit(scope, true, |scope| self::sentence(scope, sentence)),
        Sentence::Not { group, span } => within(scope, *span, |scope| self::group(scope, group)),
        Sentence::Group(group) => self::group(scope, group),
    }
}

fn group(scope: &mut Scope, group: &Group) {
    match group.alternatives.as_slice() {
        [only] => pattern(scope, only),
        several => alternatives(scope, &several.iter().map(BranchSyntax::Pattern).collect::<Vec<_>>()),
    }
}

/// Runs `body`; if `so` is set, no variable of a single alternative inside is visible outside it.
fn unsplit(scope: &mut Scope, so: bool, body: impl FnOnce(&mut Scope)) {
    if !so {
        return body(scope);
    }
    let mentions = std::mem::take(&mut scope.mentions);
    body(scope);
    scope.mentions = mentions;
}

fn within(scope: &mut Scope, id: Span, body: impl FnOnce(&mut Scope)) {
    scope.enter(id);
    body(scope);
    scope.leave();
}

/// Processes a noun, its `that`, and the phrases or the third place inside its quantifier.
fn noun(scope: &mut Scope, noun: &Noun, phrases: Option<&Phrases>, third: Option<&Third>) {
    let body = |scope: &mut Scope| {
        if let NounKind::Typed { type_name, of: Typed::Var(var) } = &noun.kind {
            declare(scope, noun, type_name, var);
        }
        noun.that.iter().chain(phrases).for_each(|phrases| self::phrases(scope, phrases));
        third.into_iter().for_each(|third| self::objects(scope, &third.objects, None));
    };
    match noun.quantifier {
        Some(_) => within(scope, noun.span, body),
        None => body(scope),
    }
}

fn phrases(scope: &mut Scope, phrases: &Phrases) {
    match phrases.join {
        Join::Or if phrases.phrases.len() > 1 => {
            alternatives(scope, &phrases.phrases.iter().map(BranchSyntax::Phrase).collect::<Vec<_>>())
        }
        _ => phrases.phrases.iter().for_each(|phrase| self::phrase(scope, phrase)),
    }
}

fn phrase(scope: &mut Scope, phrase: &Phrase) {
    match phrase.not {
        true => within(scope, phrase.span, |scope| positive(scope, phrase)),
        false => unsplit(scope, phrase.modality.is_some(), |scope| positive(scope, phrase)),
    }
}

fn positive(scope: &mut Scope, phrase: &Phrase) {
    if let Some(bind) = &phrase.bind {
        variable(scope, &bind.item, bind.span, bind.span, VarKind::Path);
    }
    if let PathKind::Variable(name) = &phrase.path.kind {
        variable(scope, &name.item, name.span, name.span, VarKind::Label(Label::Verb));
    }
    if let Some(source) = &phrase.according
        && let Some(name) = label::declares_source(scope, source)
    {
        variable(scope, &name.item, name.span, source.name_span, VarKind::Label(Label::Source));
    }
    if let Object::Nouns(objects) = &phrase.object {
        self::objects(scope, objects, phrase.third.as_deref());
    }
}

fn objects(scope: &mut Scope, objects: &Objects, third: Option<&Third>) {
    match objects.join {
        Join::Or if objects.items.len() > 1 => {
            let branches = objects.items.iter().map(|item| BranchSyntax::Item(item, third));
            alternatives(scope, &branches.collect::<Vec<_>>());
        }
        // A third place is shared by all objects.
        _ => unsplit(scope, third.is_some() && objects.items.len() > 1, |scope| {
            objects.items.iter().for_each(|item| self::item(scope, item, third));
        }),
    }
}

fn item(scope: &mut Scope, item: &ObjectItem, third: Option<&Third>) {
    match item.not {
        true => within(scope, item.noun.span, |scope| noun(scope, &item.noun, None, third)),
        false => noun(scope, &item.noun, None, third),
    }
}

/// Branch of an `or`.
enum BranchSyntax<'a> {
    Pattern(&'a Pattern),
    Phrase(&'a Phrase),
    Item(&'a ObjectItem, Option<&'a Third>),
}

impl BranchSyntax<'_> {
    fn span(&self) -> Span {
        match self {
            BranchSyntax::Pattern(pattern) => pattern.span,
            BranchSyntax::Phrase(phrase) => phrase.span,
            BranchSyntax::Item(item, _) => item.noun.span,
        }
    }

    /// Returns the variables that the branch declares or refers to, with the numbers of their places.
    fn mentions(&self) -> FxHashMap<String, Mentions> {
        let mut mentions = FxHashMap::default();
        let mut add = |naming: Naming| note(&mut mentions, naming);
        match self {
            BranchSyntax::Pattern(pattern) => in_pattern(pattern, &mut add),
            BranchSyntax::Phrase(phrase) => in_phrase(phrase, &mut add),
            BranchSyntax::Item(item, third) => {
                in_noun(&item.noun, &mut add);
                third.iter().flat_map(|third| third.nouns()).for_each(|noun| in_noun(noun, &mut add));
            }
        }
        mentions
    }

    /// Calls `f` with each variable that the branch declares outside negations, quantifiers and further alternatives.
    fn open(&self, f: &mut dyn FnMut(&str)) {
        match self {
            BranchSyntax::Pattern(pattern) => open::pattern(pattern, f),
            BranchSyntax::Phrase(phrase) => open::phrase(phrase, f),
            BranchSyntax::Item(item, third) => open::item(item, *third, f),
        }
    }
}

/// Processes the branches of an `or`. Variables that occur in every branch belong to the part around the `or`; so do
/// those that occur in a single branch of the pattern of the query itself. Others belong to their branch.
fn alternatives(scope: &mut Scope, branches: &[BranchSyntax]) {
    let mentions: Vec<FxHashMap<String, Mentions>> = branches.iter().map(BranchSyntax::mentions).collect();
    let is_common = |name: &&String| mentions.iter().all(|branch| branch.contains_key(*name));
    let mut visible: Vec<String> = mentions[0].keys().filter(is_common).cloned().collect();
    let own: Vec<Vec<String>> =
        branches.iter().zip(&mentions).map(|(branch, inside)| own(scope, branch, inside, &visible)).collect();
    visible.extend(own.iter().flatten().cloned());
    scope.hoist(visible, |scope| {
        for branch in branches {
            within(scope, branch.span(), |scope| match branch {
                BranchSyntax::Pattern(pattern) => self::pattern(scope, pattern),
                BranchSyntax::Phrase(phrase) => self::phrase(scope, phrase),
                BranchSyntax::Item(item, third) => self::item(scope, item, *third),
            });
        }
    });
    for (branch, names) in branches.iter().zip(own) {
        let vars = names.iter().filter_map(|name| scope.seen(name)).collect();
        scope.note_own(branch.span(), vars);
    }
}

/// Returns the variables that the branch declares once, and that the rest of the query's pattern does not speak of; none
/// within another part.
fn own(scope: &Scope, branch: &BranchSyntax, inside: &FxHashMap<String, Mentions>, common: &[String]) -> Vec<String> {
    let mut own = Vec::new();
    if scope.depth() == 0 {
        branch.open(&mut |name| {
            let here = inside.get(name).filter(|here| here.declared == 1);
            // Alternatives with one third place declare its variable once for all.
            let is_common = common.iter().any(|common| common == name);
            if !is_common && here.is_some_and(|here| scope.mentions.get(name) == Some(here)) {
                own.push(name.to_string());
            }
        });
    }
    own
}

/// Traversal of what a branch says without negation, quantifier, modality, `optional` and further alternatives.
mod open {
    use crate::syntax::ast::{
        Join, Noun, NounKind, Object, ObjectItem, Objects, PathKind, Pattern, Phrase, Phrases, Sentence, Third, Typed,
    };

    pub fn pattern(pattern: &Pattern, f: &mut dyn FnMut(&str)) {
        for item in &pattern.sentences {
            match &item.sentence {
                Sentence::Plain { subject, phrases, .. } if subject.nouns.len() == 1 => {
                    noun(&subject.nouns[0], phrases.as_ref(), f);
                }
                Sentence::Group(group) if group.alternatives.len() == 1 => self::pattern(&group.alternatives[0], f),
                _ => {}
            }
        }
    }

    fn noun(noun: &Noun, phrases: Option<&Phrases>, f: &mut dyn FnMut(&str)) {
        if noun.quantifier.is_some() {
            return;
        }
        if let NounKind::Typed { of: Typed::Var(var), .. } = &noun.kind {
            f(&var.item);
        }
        let joined = noun.that.iter().chain(phrases).filter(|all| all.join != Join::Or || all.phrases.len() == 1);
        joined.flat_map(|all| &all.phrases).for_each(|phrase| self::phrase(phrase, f));
    }

    pub fn phrase(phrase: &Phrase, f: &mut dyn FnMut(&str)) {
        if phrase.not || phrase.modality.is_some() {
            return;
        }
        if let PathKind::Variable(name) = &phrase.path.kind {
            f(&name.item);
        }
        if let Object::Nouns(objects) = &phrase.object {
            self::objects(objects, phrase.third.as_deref(), f);
        }
    }

    fn objects(objects: &Objects, third: Option<&Third>, f: &mut dyn FnMut(&str)) {
        if objects.join != Join::Or || objects.items.len() == 1 {
            objects.items.iter().for_each(|item| self::item(item, third, f));
        }
    }

    pub fn item(item: &ObjectItem, third: Option<&Third>, f: &mut dyn FnMut(&str)) {
        if !item.not {
            noun(&item.noun, None, f);
            let is_open = item.noun.quantifier.is_none();
            third.filter(|_| is_open).into_iter().for_each(|third| objects(&third.objects, None, f));
        }
    }
}

fn declare(scope: &mut Scope, noun: &Noun, type_name: &Spanned<String>, var: &Spanned<String>) {
    if scope.declared_at(noun.name_span).is_some() {
        return;
    }
    let all = scope.schema().all_types();
    let kind = match (scope.schema().lookup_type(&type_name.item), ValueType::of_name(&type_name.item)) {
        (Some(id), _) => VarKind::Entity(scope.schema().type_(id).subtypes),
        (None, Some(value)) => VarKind::Value(value, PropertyId(u16::MAX)),
        (None, None) => {
            if let Err(diagnostic) = name::type_id(scope, &type_name.item, type_name.span, all) {
                let near = suggestions::near_entities(scope, &suggestions::words(noun), all);
                let offered = near.iter();
                scope.report(
                    offered.fold(diagnostic, |diagnostic, name| suggestions::offer(diagnostic, noun.name_span, name)),
                );
            }
            VarKind::Entity(all)
        }
    };
    variable(scope, &var.item, var.span, noun.name_span, kind);
}

/// Creates the variable `name`, declared by the noun at `at`, unless another branch of an `or` has created it.
fn variable(scope: &mut Scope, name: &str, span: Span, at: Span, kind: VarKind) {
    if scope.declared_at(at).is_some() {
        return;
    }
    let (depth, shared) = scope.home_of(name);
    match scope.collision(name, depth) {
        // The same variable in each branch of an `or`.
        Some(other) if shared && scope.var(other).kind == kind => scope.declare_again(at, other),
        Some(other) => {
            let diagnostic = repeated(scope, name, span, other);
            scope.report(diagnostic);
            // An unnamed variable takes its place, so that the noun can be checked further.
            scope.create(None, String::new(), kind, at, depth);
        }
        None => _ = scope.create(Some(name.to_string()), name.to_string(), kind, at, depth),
    }
}

fn repeated(scope: &Scope, name: &str, span: Span, other: VarId) -> Diagnostic {
    Diagnostic::error(Code::RepeatedVariable, span, format!("`{name}` is declared twice"))
        .label(scope.var(other).span, "declared here")
        .help(format!("write the type once, and `{name}` after that; or take another letter"))
}
