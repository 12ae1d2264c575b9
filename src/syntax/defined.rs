//! Heads of definitions.

use super::ast::{Define, Noun, NounKind, Object, PathKind, Sentence, Typed};
use crate::text::{Span, Spanned};

/// Parts of a head such as `Model m takes Technique t from Model p`.
pub struct DefinedHead<'d> {
    pub verb: &'d str,
    pub verb_span: Span,
    pub subject: TypedNoun<'d>,
    /// `None` if the verb takes no object: `Model m modern`.
    pub object: Option<TypedNoun<'d>>,
    /// The word before the third noun, and the noun; `None` for verbs of two places.
    pub third: Option<(&'d str, TypedNoun<'d>)>,
}

/// A noun that is only a type and a variable.
#[derive(Clone, Copy)]
pub struct TypedNoun<'d> {
    pub noun: &'d Noun,
    pub type_name: &'d Spanned<String>,
}

impl Define {
    /// Returns the parts of the head; `None` if it is no single verb with typed nouns.
    pub fn parts(&self) -> Option<DefinedHead<'_>> {
        let Sentence::Plain { subject, phrases: Some(phrases), .. } = &self.head else { return None };
        let ([subject], [phrase]) = (subject.nouns.as_slice(), phrases.phrases.as_slice()) else { return None };
        let PathKind::Verb(verb) = &phrase.path.kind else { return None };
        let object = match &phrase.object {
            Object::Nouns(objects) => Some(TypedNoun::only(objects.items.iter().map(|item| &item.noun))?),
            Object::Itself => None,
            _ => return None,
        };
        let third = match &phrase.third {
            Some(third) => Some((third.particle.item.as_str(), TypedNoun::only(third.nouns())?)),
            None => None,
        };
        let plain = !phrase.not && phrase.modality.is_none() && phrase.bind.is_none() && phrase.according.is_none();
        let (subject, verb_span) = (TypedNoun::of(subject)?, phrase.path.span);
        plain.then_some(DefinedHead { verb, verb_span, subject, object, third })
    }
}

impl<'d> TypedNoun<'d> {
    fn of(noun: &'d Noun) -> Option<TypedNoun<'d>> {
        match &noun.kind {
            NounKind::Typed { type_name, of: Typed::Var(_) } if noun.quantifier.is_none() && noun.that.is_none() => {
                Some(TypedNoun { noun, type_name })
            }
            _ => None,
        }
    }

    fn only(mut nouns: impl Iterator<Item = &'d Noun>) -> Option<TypedNoun<'d>> {
        let noun = nouns.next()?;
        if nouns.next().is_some() { None } else { TypedNoun::of(noun) }
    }
}
