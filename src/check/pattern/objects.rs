//! Lists of objects: `MLA and MoE`, `GQA or MLA`, `RoPE but not GQA`.

use super::all;
use super::alternatives::{Branch, any};
use crate::check::scope::{Scope, exists, negation};
use crate::check::typed::Formula;
use crate::syntax::ast::{Join, Noun, ObjectItem, Objects};

/// Returns the condition on an object.
type OfNoun<'o, 'c> = dyn FnMut(&mut Scope<'c>, &Noun) -> Formula + 'o;

/// Returns the condition that `of_noun` holds for each object, or for one of them behind `or`; for none behind `not`.
pub(super) fn of_each<'c>(scope: &mut Scope<'c>, objects: &Objects, of_noun: &mut OfNoun<'_, 'c>) -> Formula {
    let mut of_item = |scope: &mut Scope<'c>, item: &ObjectItem| {
        if !item.not {
            return of_noun(scope, &item.noun);
        }
        scope.enter(item.noun.span);
        let inner = of_noun(scope, &item.noun);
        let locals = scope.leave();
        negation(exists(locals, inner))
    };
    if objects.join == Join::Or && objects.items.len() > 1 {
        let branches = objects.items.iter();
        let branches = branches.map(|item| Branch::of(scope, item.noun.span, |scope| of_item(scope, item)));
        let branches = branches.collect();
        return any(scope, branches);
    }
    let each = objects.items.iter().map(|item| of_item(scope, item)).collect();
    all(each)
}
