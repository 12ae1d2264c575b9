//! Merges two entities.

use super::claim::{rewritten, words_of};
use super::draft::{Draft, Section};
use super::entity::{alias_added, declaration, named, renamed};
use super::place;
use super::splice::Splice;
use super::tree::{Bracket, Item, literal as unquoted};
use super::{Refusal, Request, Workspace};
use crate::graph::{EntityId, Fact, Graph};
use crate::load::{Sentences, stated};
use crate::text::Text;
use std::sync::Arc;

/// Moves all facts about `other` to `kept`; the names of `other` become aliases of `kept`.
#[derive(Debug, Clone, Default)]
pub struct Merge {
    pub kept: String,
    pub other: String,
}

impl Request for Merge {
    fn make(&self, workspace: &Workspace, draft: &mut Draft) -> Result<Vec<String>, Refusal> {
        let graph = &workspace.graph;
        let sentences = Sentences::new(graph);
        let (kept, other) = (named(&sentences, &self.kept)?, named(&sentences, &self.other)?);
        mergeable(graph, kept, other)?;
        let moved = self.facts(graph, &sentences, draft, kept, other)?;
        let fields = declared_fields(draft, graph, kept, other)?;
        // Removes the declaration of `other` first. The index of that of `kept` is looked up again afterwards.
        let gone = declaration(draft, graph, other)?;
        let removal = place::remove(&draft.text(gone.file).body, &gone.map, gone.at);
        draft.apply(gone.file, &[removal]);
        let mut aliases = vec![graph.name(other).to_string()];
        aliases.extend(graph.names().aliases(other).map(str::to_string));
        let target = declaration(draft, graph, kept)?;
        let splices = alias_added(&draft.text(target.file).body, target.item(), &aliases, graph.name(kept));
        draft.apply(target.file, &splices);
        for field in fields {
            let target = declaration(draft, graph, kept)?;
            if let Some(own) = target.item().bracket() {
                draft.insert(target.file, own, own.items.len().checked_sub(1), &field);
            }
        }
        let (kept, other) = (stated::noun_of(graph, kept), stated::noun_of(graph, other));
        let number = if moved == 1 { "1 sentence speaks".to_string() } else { format!("{moved} sentences speak") };
        Ok(vec![format!("{other} is {kept}: {number} of {kept} now")])
    }
}

/// Returns whether the two entities can be merged.
fn mergeable(graph: &Graph, kept: EntityId, other: EntityId) -> Result<(), Refusal> {
    let (one, two) = (stated::noun_of(graph, kept), stated::noun_of(graph, other));
    if kept == other {
        return Err(Refusal::Cannot(format!("{one} and {two} are one already")));
    }
    let types = [kept, other].map(|id| graph.type_of(id));
    if types[0] != types[1] {
        let [first, second] = types.map(|id| graph.schema().type_(id).name.as_str());
        return Err(Refusal::Cannot(format!("{one} is a {first}, and {two} a {second}: they cannot be one")));
    }
    for (id, verb) in graph.schema().verbs() {
        for (subject, object) in [(kept, other), (other, kept)] {
            if graph.relation(id).fact(subject, object).is_some() {
                let [a, b] = [subject, object].map(|id| stated::noun_of(graph, id));
                let fact = format!("{a} {} {b}", verb.name);
                let words =
                    format!("`{fact}` would be said of itself; `begat retract '{fact}'` first, if they are one");
                return Err(Refusal::Cannot(words));
            }
        }
    }
    Ok(())
}

impl Merge {
    /// Replaces `other` by `kept` in every sentence, and removes sentences that their claim then repeats. Returns the
    /// number of sentences changed.
    fn facts(
        &self,
        graph: &Graph,
        sentences: &Sentences<'_>,
        draft: &mut Draft,
        kept: EntityId,
        other: EntityId,
    ) -> Result<usize, Refusal> {
        let mut moved = 0;
        for (file, claims) in draft.sections(Section::Claims)? {
            // From last to first, so that the positions stay valid.
            for claim in claims.items.iter().rev().filter_map(Item::bracket) {
                let text = draft.text(file).clone();
                let Some(facts) = claim.bracket(&text.body, "facts") else { continue };
                let (splices, count) =
                    merged(graph, sentences, &text, facts, words_of(Some(facts), &text), kept, other);
                moved += count;
                // One at a time from the end: removing a line may affect the next splice.
                for splice in splices.into_iter().rev() {
                    draft.apply(file, &[splice]);
                }
            }
        }
        Ok(moved)
    }
}

/// Returns the splices for the sentences of a claim, in their order, and the number of sentences changed.
fn merged(
    graph: &Graph,
    sentences: &Sentences<'_>,
    text: &Arc<Text>,
    facts: &Bracket,
    words: Vec<String>,
    kept: EntityId,
    other: EntityId,
) -> (Vec<Splice>, usize) {
    let stated: Vec<Vec<Fact>> = words
        .iter()
        .map(|words| sentences.facts(words).map_or(Vec::new(), |all| all.into_iter().map(|one| one.fact).collect()))
        .collect();
    let speaks = |facts: &[Fact]| facts.iter().any(|fact| with(fact, other, kept) != *fact);
    // The facts stated by sentences that stay unchanged.
    let mut said: Vec<Fact> = stated.iter().filter(|facts| !speaks(facts)).flatten().cloned().collect();
    let (mut splices, mut count) = (Vec::new(), 0);
    for (at, own) in stated.iter().enumerate().filter(|(_, own)| speaks(own)) {
        count += 1;
        let (mut new, mut is_known) = (Vec::new(), false);
        for fact in own.iter().map(|fact| with(fact, other, kept)) {
            match said.contains(&fact) {
                true => is_known = true,
                false => {
                    new.push(stated::sentence_of(graph, &fact));
                    said.push(fact);
                }
            }
        }
        let noun = stated::noun_of(graph, kept);
        match new.is_empty() {
            true => splices.push(place::remove(&text.body, facts, at)),
            // Of a sentence that is new as a whole, the names alone change.
            false if !is_known => {
                splices.extend(renamed(text, &facts.items[at], sentences, &noun, &|named| named.entity == Some(other)));
            }
            false => splices.extend(rewritten(&text.body, facts, at, &new)),
        }
    }
    (splices, count)
}

/// Returns a fact with one entity replaced by another.
fn with(fact: &Fact, old: EntityId, new: EntityId) -> Fact {
    let now = |id: EntityId| if id == old { new } else { id };
    match fact.clone() {
        Fact::Link { subject, verb, object } => Fact::Link { subject: now(subject), verb, object: now(object) },
        Fact::Value { subject, property, value } => Fact::Value { subject: now(subject), property, value },
    }
}

/// Returns the properties declared for `other` but not for `kept`, as fields.
fn declared_fields(draft: &Draft, graph: &Graph, kept: EntityId, other: EntityId) -> Result<Vec<String>, Refusal> {
    let (target, gone) = (declaration(draft, graph, kept)?, declaration(draft, graph, other)?);
    let (text, own_text) = (draft.text(gone.file).body.clone(), draft.text(target.file).body.clone());
    let (Some(fields), Some(own)) = (gone.item().bracket(), target.item().bracket()) else { return Ok(Vec::new()) };
    let name = graph.name(other);
    if fields.is_commented {
        let words = format!("comments stand in the declaration of `{name}`; move them elsewhere first");
        return Err(Refusal::Cannot(words));
    }
    let mut moved = Vec::new();
    for field in &fields.items {
        let Some(key) = field.key_text(&text).filter(|key| key != "aliases" && key != "name") else { continue };
        let value = |item: &Item, text: &str| item.key.map(|_| unquoted(value_of(item).of(text)));
        let known: Vec<&Item> =
            own.items.iter().filter(|item| item.key_text(&own_text).as_ref() == Some(&key)).collect();
        if known.iter().any(|item| value(item, &own_text) == value(field, &text)) {
            continue;
        }
        let is_single = graph.schema().lookup_property(&key).is_some_and(|id| graph.schema().property(id).single);
        if let Some(known) = known.first().filter(|_| is_single) {
            let (one, two) = (value(known, &own_text), value(field, &text));
            let words = format!(
                "`{}` has {key} {}, and `{name}` {}: one of the two must be changed first",
                graph.name(kept),
                one.unwrap_or_default(),
                two.unwrap_or_default()
            );
            return Err(Refusal::Cannot(words));
        }
        moved.push(field.span.of(&text).to_string());
    }
    Ok(moved)
}

fn value_of(item: &Item) -> crate::text::Span {
    match &item.value {
        super::tree::Value::Word(span) => *span,
        super::tree::Value::Bracket(bracket) => bracket.span,
    }
}
