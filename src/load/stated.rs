//! Reads sentences against an open graph: the facts that each states, and the places of entities in it.

use super::names::{Candidates, NameIndex, fold_hash};
use super::sentence::{self, Names};
use super::{Statement, words};
use crate::graph::{EntityId, Fact, Graph};
use crate::schema::TypeSet;
use crate::syntax::{self, ast};
use crate::text::{Diagnostics, Span};
use crate::value::{Value, ron_literal};

/// Parses facts as the loader does, with the names of a graph.
pub struct Sentences<'g> {
    graph: &'g Graph,
    index: NameIndex,
}

/// A fact stated by a sentence, with its place in the sentence.
#[derive(Debug, Clone, PartialEq)]
pub struct Stated {
    pub fact: Fact,
    pub span: Span,
}

/// A name in a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    pub name: String,
    /// The entity; `None` if there is none with this name.
    pub entity: Option<EntityId>,
    /// The types that the verb requires there.
    pub wanted: TypeSet,
    /// The name, including the type in front of it if one is written.
    pub span: Span,
}

impl<'g> Sentences<'g> {
    pub fn new(graph: &'g Graph) -> Sentences<'g> {
        let mut index = NameIndex::default();
        for entity in graph.entities() {
            let name = graph.name(entity);
            index.add(entity, graph.type_of(entity), name, fold_hash(name));
        }
        for entity in graph.entities() {
            graph.names().aliases(entity).for_each(|alias| index.add_alias(entity, alias));
        }
        Sentences { graph, index }
    }

    fn names(&self) -> Names<'_> {
        Names { schema: self.graph.schema(), index: &self.index }
    }

    /// Returns the facts that a sentence states, in the order written.
    ///
    /// # Errors
    /// All errors of the sentence.
    pub fn facts(&self, text: &str) -> Result<Vec<Stated>, Diagnostics> {
        self.facts_of(&syntax::parse_fact(text)?)
    }

    /// Returns the facts that a parsed sentence states.
    ///
    /// # Errors
    /// All errors of the sentence.
    pub fn facts_of(&self, parsed: &ast::Sentence) -> Result<Vec<Stated>, Diagnostics> {
        let mut problems = Vec::new();
        let statements = sentence::statements(self.names(), parsed, &mut problems);
        let diagnostics = Diagnostics(problems);
        if diagnostics.has_errors() {
            return Err(diagnostics);
        }
        let fact = |statement| match statement {
            Statement::Link { subject, verb, object } => Fact::Link { subject, verb, object },
            Statement::Value { subject, property, value } => Fact::Value { subject, property, value },
        };
        Ok(statements.into_iter().map(|(statement, span)| Stated { fact: fact(statement), span }).collect())
    }

    /// Returns the names in a fact's sentence, in the order written; none if it does not parse.
    pub fn named(&self, text: &str) -> Vec<Named> {
        let Ok(parsed) = syntax::parse_fact(text) else { return Vec::new() };
        let named = sentence::nouns(self.names(), &parsed).into_iter();
        let mut named: Vec<Named> = named
            .map(|(noun, wanted)| {
                let (name, typed) = sentence::name_and_type(self.names(), noun);
                let entity = self.one(&name, typed.unwrap_or(wanted));
                let span = noun.that.as_ref().map_or(noun.span, |_| noun.name_span);
                Named { name, entity, wanted: typed.unwrap_or(wanted), span }
            })
            .collect();
        named.sort_by_key(|named| (named.span.start, named.span.end));
        // A subject occurs once for each phrase.
        named.dedup();
        named
    }

    /// Returns the entity that a name refers to; of several, the first whose type is in `among`.
    fn one(&self, name: &str, among: TypeSet) -> Option<EntityId> {
        let found = self.index.lookup(name);
        let fitting = |id: &&u32| among.contains(self.graph.type_of(EntityId(**id)));
        match &found {
            Candidates::None => None,
            Candidates::One(id) => Some(EntityId(*id)),
            Candidates::Many(ids) => ids.iter().find(fitting).map(|id| EntityId(*id)),
        }
    }

    /// Returns the entity that a user names: `MLA`, `Technique MLA`, `Technique "MLA"`.
    ///
    /// # Errors
    /// The nearest names if there is no such entity; if there are several, the name with each of their types.
    pub fn entity(&self, words: &str) -> Result<EntityId, Vec<String>> {
        let schema = self.graph.schema();
        let found = self.index.lookup(bare(words));
        let typed =
            words.split_once(' ').and_then(|(type_, rest)| Some((schema.lookup_type(type_)?, bare(rest).to_string())));
        match (found.as_slice(), typed) {
            ([id], _) => Ok(EntityId(*id)),
            ([], Some((type_, name))) => {
                let found = self.index.lookup(&name);
                let is_of = |id: &&u32| schema.type_(type_).subtypes.contains(self.graph.type_of(EntityId(**id)));
                found.as_slice().iter().find(is_of).map(|id| EntityId(*id)).ok_or_else(|| self.near(&name))
            }
            ([], None) => Err(self.near(bare(words))),
            (several, _) => {
                let typed = |id: &u32| {
                    let type_ = &schema.type_(self.graph.type_of(EntityId(*id))).name;
                    format!("{type_} {}", ron_literal(self.graph.name(EntityId(*id))))
                };
                Err(several.iter().map(typed).collect())
            }
        }
    }

    /// Returns the nearest names and aliases, nearest first.
    pub fn near(&self, name: &str) -> Vec<String> {
        let known = self.index.words().map(|(word, _)| word);
        crate::text::suggest::nearest(name, known).into_iter().map(str::to_string).collect()
    }

    /// Returns similar names of entities of the given types, each with its edit distance, nearest first.
    pub fn like(&self, name: &str, types: TypeSet) -> Vec<(usize, String)> {
        let known = self.index.words().filter(|(_, type_)| types.contains(*type_)).map(|(word, _)| word);
        crate::text::suggest::near(name, known).into_iter().map(|(far, word)| (far, word.to_string())).collect()
    }
}

/// Returns a fact as a sentence: `DeepSeek V3 uses MLA`.
pub fn sentence_of(graph: &Graph, fact: &Fact) -> String {
    super::export::sentence_of(graph, fact)
}

/// Returns a fact as the sentence of a new claim: a large round number has its suffix, as people write it: `671B`.
pub fn entry_of(graph: &Graph, fact: &Fact) -> String {
    let sentence = sentence_of(graph, fact);
    let Fact::Value { value: Value::Number(number), .. } = fact else { return sentence };
    let short = |(unit, suffix): &(f64, &str)| {
        let count = number / unit;
        let is_round = (1.0..10_000.0).contains(&count) && (count * 1000.0).fract() == 0.0 && count * unit == *number;
        is_round.then(|| format!("{count}{suffix}"))
    };
    let short = [(1e12, "T"), (1e9, "B"), (1e6, "M")].iter().find_map(short);
    let plain = Value::Number(*number).to_string();
    match short.zip(sentence.strip_suffix(&plain)) {
        Some((short, head)) => format!("{head}{short}"),
        None => sentence,
    }
}

/// Returns an entity's name for a sentence, with its type if the name alone is ambiguous.
pub fn noun_of(graph: &Graph, entity: EntityId) -> String {
    super::export::noun(graph, entity)
}

/// Removes quotes around a name.
pub fn bare(name: &str) -> &str {
    let name = name.trim();
    name.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(name)
}

/// Returns a word for a shell, quoted if necessary.
pub fn quoted_word(word: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "-_./:".contains(c);
    match !word.is_empty() && word.chars().all(is_plain) {
        true => word.to_string(),
        false => format!("'{}'", word.replace('\'', "'\\''")),
    }
}

/// Returns a name for a sentence: bare if the grammar reads it as one name, otherwise in quotes.
pub fn written(name: &str) -> String {
    words::written(name)
}

/// Returns a text as a string literal of the language.
pub fn quoted(text: &str) -> String {
    ron_literal(text)
}
