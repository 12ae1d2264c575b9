//! Equality of trees, which ignores places.

use super::{Define, Expr, Group, Noun, Path, Pattern, Phrase, Phrases, Query, Sentence};

/// Compares all fields but the places.
macro_rules! equal_but_for_place {
    ($($type:ident { $($field:ident),* } without $($place:ident),*;)*) => {
        $(impl PartialEq for $type {
            fn eq(&self, other: &Self) -> bool {
                // Names every field, so that the compiler reports a new one.
                let Self { $($field,)* $($place: _),* } = self;
                $(*$field == other.$field)&&*
            }
        })*
    };
}

equal_but_for_place! {
    Define { is_let, head, body, condition } without span;
    Query { explain, head, body, clauses } without span;
    Pattern { sentences } without span;
    Group { alternatives, condition } without span;
    Phrases { join, phrases, bracket } without span;
    Phrase { but, not, modality, is, path, bind, object, third, according } without span;
    Noun { quantifier, kind, that } without name_span, span;
    Path { kind } without span;
    Expr { kind } without span;
}

impl PartialEq for Sentence {
    fn eq(&self, other: &Sentence) -> bool {
        match (self, other) {
            (Sentence::Plain { subject: a, phrases: b, .. }, Sentence::Plain { subject: c, phrases: d, .. }) => {
                (a, b) == (c, d)
            }
            (Sentence::Optional { sentence: a, .. }, Sentence::Optional { sentence: b, .. }) => a == b,
            (Sentence::Not { group: a, .. }, Sentence::Not { group: b, .. }) => a == b,
            (Sentence::Group(a), Sentence::Group(b)) => a == b,
            _ => false,
        }
    }
}
