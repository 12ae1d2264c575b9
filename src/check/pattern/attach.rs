//! Assignment of each phrase after `that` to a noun.
//!
//! In the syntax tree, every phrase that follows a `that` is among the phrases of this `that`. Here each is moved to
//! the nearest enclosing noun, up to the subject, that its verb fits. If several fit, the innermost keeps it, and a
//! note says so.

use super::path::{Predicate, resolve_predicate};
use super::third;
use crate::check::name::{self, Resolution, suggestions};
use crate::check::scope::Scope;
use crate::check::typed::Term;
use crate::schema::TypeSet;
use crate::syntax::ast::{
    Group, Join, Noun, NounKind, Object, PathKind, Pattern, Phrase, Phrases, Sentence, Subject, Typed,
};
use crate::text::{Code, Diagnostic, Span};
use rustc_hash::FxHashMap;

/// Moves the phrases of a pattern to their nouns.
pub(super) fn pattern(scope: &mut Scope, pattern: &mut Pattern) {
    let mut declared = FxHashMap::default();
    in_pattern(pattern, &mut |naming| {
        if let Naming::Noun(noun) = naming
            && let NounKind::Typed { type_name, of: Typed::Var(var) } = &noun.kind
            && let Some(id) = scope.schema().lookup_type(&type_name.item)
        {
            declared.entry(var.item.clone()).or_insert(scope.schema().type_(id).subtypes);
        }
    });
    Attach { scope, declared }.pattern(pattern);
}

/// A part of a pattern that may name a variable.
pub(super) enum Naming<'a> {
    Noun(&'a Noun),
    /// `Verb v`
    Verb(&'a str),
}

/// Calls `f` with every noun of a pattern, and with every variable for a verb.
pub(super) fn in_pattern(pattern: &Pattern, f: &mut dyn FnMut(Naming)) {
    pattern.sentences.iter().for_each(|item| in_sentence(&item.sentence, f));
}

fn in_sentence(sentence: &Sentence, f: &mut dyn FnMut(Naming)) {
    match sentence {
        Sentence::Plain { subject, phrases, .. } => {
            subject.nouns.iter().for_each(|noun| in_noun(noun, f));
            phrases.iter().flat_map(|phrases| &phrases.phrases).for_each(|phrase| in_phrase(phrase, f));
        }
        Sentence::Optional { sentence, .. } => in_sentence(sentence, f),
        Sentence::Not { group, .. } | Sentence::Group(group) => {
            group.alternatives.iter().for_each(|pattern| in_pattern(pattern, f));
        }
    }
}

/// Calls `f` with every noun of a phrase, and with the variable for its verb.
pub(super) fn in_phrase(phrase: &Phrase, f: &mut dyn FnMut(Naming)) {
    if let PathKind::Variable(name) = &phrase.path.kind {
        f(Naming::Verb(&name.item));
    }
    phrase.according.iter().for_each(|source| in_noun(source, f));
    if let Object::Nouns(objects) = &phrase.object {
        objects.items.iter().for_each(|item| in_noun(&item.noun, f));
    }
    phrase.third.iter().flat_map(|third| third.nouns()).for_each(|noun| in_noun(noun, f));
}

/// Calls `f` with a noun and all that is inside its `that`.
pub(super) fn in_noun(noun: &Noun, f: &mut dyn FnMut(Naming)) {
    f(Naming::Noun(noun));
    noun.that.iter().flat_map(|that| &that.phrases).for_each(|phrase| in_phrase(phrase, f));
}

struct Attach<'s, 'c> {
    scope: &'s mut Scope<'c>,
    /// Types of the variables that the pattern declares.
    declared: FxHashMap<String, TypeSet>,
}

/// The subject or a noun with an open `that`, and its phrases so far.
struct Level {
    types: TypeSet,
    /// The noun as written.
    words: String,
    join: Join,
    span: Span,
    phrases: Vec<Phrase>,
}

impl Attach<'_, '_> {
    fn pattern(&mut self, pattern: &mut Pattern) {
        pattern.sentences.iter_mut().for_each(|item| self.sentence(&mut item.sentence));
    }

    fn sentence(&mut self, sentence: &mut Sentence) {
        match sentence {
            Sentence::Plain { subject, phrases, .. } => {
                subject.nouns.iter_mut().for_each(|noun| self.closed(noun));
                if let Some(phrases) = phrases {
                    let (types, words) = self.subject(subject);
                    self.root(types, words, phrases);
                }
            }
            Sentence::Optional { sentence, .. } => self.sentence(sentence),
            Sentence::Not { group, .. } | Sentence::Group(group) => self.group(group),
        }
    }

    fn group(&mut self, group: &mut Group) {
        group.alternatives.iter_mut().for_each(|pattern| self.pattern(pattern));
    }

    fn subject(&self, subject: &Subject) -> (TypeSet, String) {
        let types = subject.nouns.iter().fold(TypeSet::NONE, |types, noun| types.or(self.types(noun)));
        let words: Vec<String> = subject.nouns.iter().map(suggestions::words).collect();
        (types, words.join(" and "))
    }

    /// Processes a noun whose `that` ends before something else of the same level.
    fn closed(&mut self, noun: &mut Noun) {
        if let Some(mut that) = noun.that.take() {
            self.root(self.types(noun), suggestions::words(noun), &mut that);
            noun.that = Some(that);
        }
    }

    /// Processes phrases that cannot move beyond their own noun.
    fn root(&mut self, types: TypeSet, words: String, phrases: &mut Phrases) {
        let taken = std::mem::take(&mut phrases.phrases);
        let mut levels = vec![Level::new(types, words, phrases)];
        self.place(&mut levels, taken);
        close(&mut levels, 0);
        phrases.phrases = levels.pop().map_or(Vec::new(), |level| level.phrases);
    }

    /// Assigns each phrase, written after the innermost open `that`, to one of the open nouns.
    fn place(&mut self, levels: &mut Vec<Level>, phrases: Vec<Phrase>) {
        let own = levels.len() - 1;
        for (i, mut phrase) in phrases.into_iter().enumerate() {
            // A phrase that moved outwards has closed inner levels.
            let own = own.min(levels.len() - 1);
            // The first phrase follows its `that` directly; only later ones are ambiguous.
            let free = i > 0 && levels[own].join == Join::And;
            let level = if free { self.choose(levels, &phrase) } else { own };
            close(levels, level);
            let inner = self.open(&mut phrase);
            levels[level].phrases.push(phrase);
            if let Some((next, phrases)) = inner {
                levels.push(next);
                self.place(levels, phrases);
            }
        }
    }

    /// Takes the `that` of the last object of a phrase, which stays open; processes those of the other objects.
    fn open(&mut self, phrase: &mut Phrase) -> Option<(Level, Vec<Phrase>)> {
        let Object::Nouns(objects) = &mut phrase.object else { return None };
        let (last, before) = objects.items.split_last_mut()?;
        before.iter_mut().for_each(|item| self.closed(&mut item.noun));
        if let Some(third) = &mut phrase.third {
            self.closed(&mut last.noun);
            third.objects.items.iter_mut().for_each(|item| self.closed(&mut item.noun));
            return None;
        }
        if last.noun.that.as_ref().is_some_and(|that| that.bracket.is_some()) {
            self.closed(&mut last.noun);
            return None;
        }
        let mut that = last.noun.that.take()?;
        let phrases = std::mem::take(&mut that.phrases);
        Some((Level::new(self.types(&last.noun), suggestions::words(&last.noun), &that), phrases))
    }

    /// Returns the innermost open noun that the verb fits, or the innermost noun if it fits none.
    fn choose(&mut self, levels: &[Level], phrase: &Phrase) -> usize {
        let innermost = levels.len() - 1;
        let open = (0..levels.len()).rev().filter(|i| levels[*i].join == Join::And);
        let fitting: Vec<usize> = open.filter(|i| fits(self.scope, phrase, levels[*i].types)).collect();
        if let [inner, outer, ..] = fitting[..] {
            let note = ambiguous(phrase, &levels[inner], &levels[outer]);
            self.scope.report(note);
        }
        fitting.first().copied().unwrap_or(innermost)
    }

    /// Returns the types that a noun may have; none if it is unknown, which is reported later.
    fn types(&self, noun: &Noun) -> TypeSet {
        let schema = self.scope.schema();
        if let NounKind::Lower(word) | NounKind::Typed { of: Typed::Var(crate::text::Spanned { item: word, .. }), .. } =
            &noun.kind
            && let Some(types) = self.declared.get(word)
        {
            return *types;
        }
        match name::meaning(self.scope, noun, schema.all_types()) {
            Ok(Resolution::Entity(entity)) => self.scope.types(Term::Entity(entity)),
            Ok(Resolution::Type(id)) => schema.type_(id).subtypes,
            Ok(Resolution::Variable(var)) => self.scope.types(Term::Var(var)),
            Ok(Resolution::Declaration) | Err(_) => TypeSet::NONE,
        }
    }
}

impl Level {
    fn new(types: TypeSet, words: String, phrases: &Phrases) -> Level {
        Level { types, words, join: phrases.join, span: phrases.span, phrases: Vec::new() }
    }
}

/// Closes every `that` inside level `keep`: its phrases are returned to its noun.
fn close(levels: &mut Vec<Level>, keep: usize) {
    while levels.len() > keep + 1 {
        let Some(level) = levels.pop() else { return };
        let span = level
            .phrases
            .iter()
            .fold(None, |span: Option<Span>, phrase| Some(span.map_or(phrase.span, |span| span.to(phrase.span))));
        let span = span.unwrap_or(level.span);
        let that = Phrases { join: level.join, phrases: level.phrases, bracket: None, span };
        let outer = levels.last_mut().and_then(|level| level.phrases.last_mut());
        if let Some(Object::Nouns(objects)) = outer.map(|phrase| &mut phrase.object)
            && let Some(last) = objects.items.last_mut()
        {
            last.noun.that = Some(that);
        }
    }
}

fn fits(scope: &Scope, phrase: &Phrase, types: TypeSet) -> bool {
    if let Some(third) = &phrase.third {
        return third::signature(scope, phrase, third).is_some_and(|(_, define)| !define.from.and(types).is_empty());
    }
    let from = match resolve_predicate(scope, &phrase.path, types) {
        Ok(Predicate::ResolvedPath(way)) => way.from,
        Ok(Predicate::Property(id, _)) => scope.schema().property(id).of,
        Err(_) => TypeSet::NONE,
    };
    !from.and(types).is_empty()
}

fn ambiguous(phrase: &Phrase, inner: &Level, outer: &Level) -> Diagnostic {
    let message = format!("this is said of `{}`, though it could be said of `{}`", inner.words, outer.words);
    Diagnostic::note(Code::Attachment, phrase.span, message)
        .here(format!("of `{}`, the nearest noun", inner.words))
        .help(format!("to say it of `{}`, begin a new sentence with a comma and its variable or name", outer.words))
}
