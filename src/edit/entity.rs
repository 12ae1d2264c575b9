//! Finds the declaration of an entity and the sentences that name it, and renames entities.

use super::draft::{Draft, Section};
use super::place;
use super::splice::Splice;
use super::tree::{Bracket, Item};
use super::{Refusal, Request, Workspace};
use crate::graph::{EntityId, Graph, fold};
use crate::load::{Literal, Named, Sentences, stated};
use crate::text::{Span, Text};
use crate::value::ron_literal;
use std::sync::Arc;

/// Renames an entity; the old name becomes an alias.
#[derive(Debug, Clone, Default)]
pub struct Rename {
    pub old: String,
    pub new: String,
}

/// The place of an entity's declaration.
pub(super) struct Declared {
    pub file: usize,
    /// The map of the entities of its type.
    pub map: Bracket,
    /// Its index in the map.
    pub at: usize,
}

impl Declared {
    pub fn item(&self) -> &Item {
        &self.map.items[self.at]
    }
}

impl Request for Rename {
    fn make(&self, workspace: &Workspace, draft: &mut Draft) -> Result<Vec<String>, Refusal> {
        let graph = &workspace.graph;
        let sentences = Sentences::new(graph);
        let entity = named(&sentences, &self.old)?;
        let (old, new) = (graph.name(entity).to_string(), stated::bare(&self.new));
        if new.is_empty() {
            return Err(Refusal::Cannot("the new name is empty".to_string()));
        }
        if new == old {
            return Ok(Vec::new());
        }
        let family = |id| top(graph, id);
        let others = graph.names().alike(new).into_iter();
        if let Some(other) = others.into_iter().find(|id| *id != entity && family(*id) == family(entity)) {
            let other = graph.name(other);
            let words =
                format!("`{new}` is what `{other}` is called; `begat merge '{other}' '{old}'` makes one of the two");
            return Err(Refusal::Cannot(words));
        }
        declaration(draft, graph, entity)?;
        let noun = noun_for(graph, entity, new);
        renamed_in_facts(draft, &sentences, entity, &old, &noun)?;
        let declared = declaration(draft, graph, entity)?;
        let text = draft.text(declared.file).body.clone();
        let key = declared.item().key.unwrap_or_default();
        let mut splices = alias_added(&text, declared.item(), std::slice::from_ref(&old), new);
        splices.push(Splice::new(key, ron_literal(new)));
        draft.apply(declared.file, &splices);
        Ok(vec![format!("{} is now {}", stated::noun_of(graph, entity), noun)])
    }
}

/// Returns the entity that a user names.
pub(super) fn named(sentences: &Sentences<'_>, words: &str) -> Result<EntityId, Refusal> {
    sentences.entity(words).map_err(|near| {
        let near = match near.as_slice() {
            [] => String::new(),
            near => format!("; did you mean `{}`?", near.join("` or `")),
        };
        Refusal::Cannot(format!("no entity is called `{words}`{near}"))
    })
}

fn top(graph: &Graph, entity: EntityId) -> crate::schema::TypeId {
    let parent = |id: &crate::schema::TypeId| graph.schema().type_(*id).parent;
    let first = graph.type_of(entity);
    std::iter::successors(Some(first), parent).last().unwrap_or(first)
}

/// Returns a name for sentences: with its type if another entity has the name already.
fn noun_for(graph: &Graph, entity: EntityId, name: &str) -> String {
    let is_other = |id: &EntityId| *id != entity;
    match graph.names().lookup(name).iter().any(is_other) {
        true => format!("{} {}", graph.schema().type_(graph.type_of(entity)).name, stated::quoted(name)),
        false => stated::written(name),
    }
}

/// Returns the place of an entity's declaration.
///
/// # Errors
/// The entity is declared in a table, which cannot be edited.
pub(super) fn declaration(draft: &Draft, graph: &Graph, entity: EntityId) -> Result<Declared, Refusal> {
    let (name, type_) = (graph.name(entity), &graph.schema().type_(graph.type_of(entity)).name);
    for (file, all) in draft.sections(Section::Entities)? {
        let text = &draft.text(file).body;
        let maps = all.items.iter().filter(|item| item.key_text(text).as_deref() == Some(type_.as_str()));
        for map in maps.filter_map(Item::bracket) {
            let is_it = |item: &Item| item.key_text(text).as_deref() == Some(name);
            if let Some(at) = map.items.iter().position(is_it) {
                return Ok(Declared { file, map: map.clone(), at });
            }
        }
    }
    Err(Refusal::Cannot(format!("`{name}` is declared by a row of a table, which is not edited here; change it there")))
}

/// Returns the splices that add aliases to the declaration of an entity, and remove its name from them.
pub(super) fn alias_added(text: &str, item: &Item, aliases: &[String], name: &str) -> Vec<Splice> {
    let Some(fields) = item.bracket() else { return Vec::new() };
    let Some(list) = fields.bracket(text, "aliases") else {
        let words: Vec<String> = aliases.iter().map(|alias| ron_literal(alias)).collect();
        if words.is_empty() {
            return Vec::new();
        }
        let field = format!("aliases: [{}]", words.join(", "));
        return match fields.items.first() {
            // `()` stays on one line.
            None if !fields.is_commented => {
                let inside = Span { start: fields.span.start + 1, end: fields.span.end - 1 };
                vec![Splice::new(inside, field)]
            }
            _ => place::insert(text, fields, None, &field),
        };
    };
    let own: Vec<String> = list.items.iter().map(|item| super::tree::literal(item.span.of(text))).collect();
    let known = own.iter().position(|alias| alias == name);
    let new: Vec<&String> = aliases.iter().filter(|alias| !own.contains(alias)).collect();
    let mut splices = Vec::new();
    let mut left = new.iter();
    match (known, list.items.as_slice()) {
        (Some(at), _) => match left.next() {
            Some(first) => splices.push(Splice::new(list.items[at].span, ron_literal(first))),
            None => splices.push(place::remove(text, list, at)),
        },
        (None, []) => {
            let words: Vec<String> = left.by_ref().map(|alias| ron_literal(alias)).collect();
            splices.push(Splice::insert(list.span.start + 1, words.join(", ")));
        }
        _ => {}
    }
    let rest: Vec<String> = left.map(|alias| ron_literal(alias)).collect();
    if !rest.is_empty() {
        splices.extend(place::insert(text, list, list.items.len().checked_sub(1), &rest.join(", ")));
    }
    splices
}

/// Replaces the name of an entity in all facts, in whatever form it is written.
fn renamed_in_facts(
    draft: &mut Draft,
    sentences: &Sentences<'_>,
    entity: EntityId,
    old: &str,
    noun: &str,
) -> Result<(), Refusal> {
    for (file, claims) in draft.sections(Section::Claims)? {
        let text = draft.text(file).clone();
        let mut splices = Vec::new();
        for claim in claims.items.iter().filter_map(Item::bracket) {
            let facts = claim.bracket(&text.body, "facts").map_or(&[] as &[Item], |facts| &facts.items);
            let is_it = |named: &Named| named.entity == Some(entity) && fold(&named.name) == fold(old);
            facts.iter().for_each(|fact| splices.extend(renamed(&text, fact, sentences, noun, &is_it)));
        }
        draft.apply(file, &splices);
    }
    Ok(())
}

/// Returns where the claims of a graph name an entity, as indexes of texts and spans, and before these its declaration where
/// that is wanted and stands in a text.
///
/// # Errors
/// A text has brackets that do not close, which is impossible once it has been loaded.
pub fn mentions(
    workspace: &Workspace,
    entity: EntityId,
    with_declaration: bool,
) -> Result<Vec<(usize, Span)>, Refusal> {
    let (draft, graph) = (Draft::new(workspace), &workspace.graph);
    let sentences = Sentences::new(graph);
    let mut found = Vec::new();
    if with_declaration && let Ok(declared) = declaration(&draft, graph, entity) {
        found.extend(declared.item().key.map(|key| (declared.file, key)));
    }
    for (file, claims) in draft.sections(Section::Claims)? {
        let text = draft.text(file);
        for claim in claims.items.iter().filter_map(Item::bracket) {
            let facts = claim.bracket(&text.body, "facts").map_or(&[] as &[Item], |facts| &facts.items);
            for fact in facts {
                let Some(word) = Literal::of(fact.span.of(&text.body)) else { continue };
                let named = sentences.named(&word.text).into_iter().filter(|named| named.entity == Some(entity));
                found.extend(named.map(|named| (file, word.place(named.span, text))));
            }
        }
    }
    Ok(found)
}

/// Replaces the name in one sentence.
pub(super) fn renamed(
    text: &Arc<Text>,
    fact: &Item,
    sentences: &Sentences<'_>,
    noun: &str,
    is_it: &dyn Fn(&Named) -> bool,
) -> Vec<Splice> {
    let raw = fact.span.of(&text.body);
    let Some(word) = Literal::of(raw) else { return Vec::new() };
    let own = sentences.named(&word.text).into_iter().filter(is_it);
    let inside = if raw.starts_with('"') { inner(&ron_literal(noun)) } else { noun.to_string() };
    own.map(|named| Splice::new(word.place(named.span, text), inside.clone())).collect()
}

/// Returns a literal without its quotes.
fn inner(literal: &str) -> String {
    literal.get(1..literal.len() - 1).unwrap_or("").to_string()
}
