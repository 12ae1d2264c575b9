//! Graphs built in code, or from texts in memory.

use crate::database::{Database, Error};
use crate::graph::{Builder, ClaimSource, EntityId, Graph, Source, SourceId, Trust};
use crate::load::{self, File};
use crate::schema::{PropertySource, Schema, SchemaSource, TypeSource, VerbSource};
use crate::text::{Code, Diagnostic, Diagnostics, Severity, Text, suggest};
use crate::value::{Value, ValueType};
use std::collections::HashMap;
use std::io::{self, Cursor};

impl Database {
    /// Loads a graph from texts in memory, each with its file name: those that end in `.ron` are the parts, the others
    /// are files that the parts name, such as tables.
    ///
    /// ```
    /// use begat::Database;
    ///
    /// let graph = r#"(
    ///     schema: (
    ///         types: {"Language": (properties: {"date": (type: Date, verb: "appeared", single: true)})},
    ///         verbs: {"influenced by": (from: ["Language"], to: ["Language"], inverse: "influences")},
    ///     ),
    ///     sources: {"mine": (title: "My own table")},
    ///     tables: [
    ///         (file: "languages.csv", entity: "Language", name: "name", properties: {"date": "year"}, source: "mine"),
    ///         (file: "influences.csv", verb: "influenced by", subject: "language", object: "by", source: "mine"),
    ///     ],
    /// )"#;
    /// let database = Database::from_texts(&[
    ///     ("graph.ron", graph),
    ///     ("languages.csv", "name,year\nLisp,1960\nScheme,1975\n"),
    ///     ("influences.csv", "language,by\nScheme,Lisp\n"),
    /// ])?;
    /// assert_eq!(database.query("Language influenced by Lisp")?.len(), 1);
    /// # Ok::<(), begat::Error>(())
    /// ```
    ///
    /// # Errors
    /// Everything that is wrong with the data ([`ErrorKind::Data`](crate::ErrorKind::Data)).
    pub fn from_texts(texts: &[(&str, &str)]) -> Result<Database, Error> {
        let is_part = |name: &str| name.ends_with(".ron");
        let parts =
            texts.iter().filter(|(name, _)| is_part(name)).map(|(name, body)| Text::new(*name, *body)).collect();
        let files = |name: &str| match texts.iter().find(|(known, _)| *known == name && !is_part(known)) {
            Some((_, body)) => Ok(Box::new(Cursor::new(body.as_bytes().to_vec())) as Box<dyn File>),
            None => Err(io::Error::from(io::ErrorKind::NotFound)),
        };
        let (graph, problems) = load::read_with(parts, &files);
        graph.map(Database::of).ok_or(Error::Data(problems))
    }
}

/// Builds a graph in code: first types and verbs, then entities, then facts, each with the claim that states it.
///
/// The methods check nothing: [`GraphBuilder::build`] checks all names and reports what is wrong.
///
/// ```
/// use begat::{GraphBuilder, ValueType, Verb};
///
/// let mut graph = GraphBuilder::new();
/// graph.entity_type("Person").property("Person", "born", ValueType::Date);
/// graph.verb(Verb::new("taught by", "Person", "Person").inverse("taught").lineage().acyclic());
/// graph.entity("Person", "Euler").entity("Person", "Bernoulli");
/// graph.source("mgp", "Mathematics Genealogy Project");
/// graph.claim("mgp", "id 38586").fact("Euler", "taught by", "Bernoulli").value("Euler", "born", "1707".parse::<begat::Date>()?);
/// let database = graph.build()?;
/// assert_eq!(database.query("Person taught by Bernoulli")?.len(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Default)]
pub struct GraphBuilder {
    declared: SchemaSource,
    sources: Vec<(String, String)>,
    /// Type, name and aliases, in the order given.
    entities: Vec<(String, String, Vec<String>)>,
    statements: Vec<Statement>,
    /// The current claim, as a position in `claims`.
    claim: Option<usize>,
    /// Source, locator, trust.
    claims: Vec<(String, String, Trust)>,
}

#[derive(Debug)]
struct Statement {
    subject: String,
    word: String,
    object: Object,
    claim: Option<usize>,
}

#[derive(Debug)]
enum Object {
    Entity(String),
    Value(Value),
}

/// A verb of a graph made in code: a word between the entities of two types.
#[derive(Debug, Clone)]
pub struct Verb {
    name: String,
    source: VerbSource,
}

impl Verb {
    /// Returns a verb with subjects of type `from` and objects of type `to`.
    #[must_use]
    pub fn new(name: impl Into<String>, from: impl Into<String>, to: impl Into<String>) -> Verb {
        let source = VerbSource { from: vec![from.into()], to: vec![to.into()], ..VerbSource::default() };
        Verb { name: name.into(), source }
    }

    /// Sets the word that reads the verb from object to subject: `taught` for `taught by`.
    #[must_use]
    pub fn inverse(mut self, word: impl Into<String>) -> Verb {
        self.source.inverse = Some(word.into());
        self
    }

    /// Includes the verb in `lineage of …`, which reads it from successor (subject) to predecessor (object).
    #[must_use]
    pub fn lineage(mut self) -> Verb {
        self.source.lineage = true;
        self
    }

    /// Includes the verb in `adoption of …`, which reads it from adopter (subject) to adopted (object).
    #[must_use]
    pub fn adoption(mut self) -> Verb {
        self.source.adoption = true;
        self
    }

    /// Requires that no subject is dated before its object. Dates narrow each other along the verb.
    #[must_use]
    pub fn chronological(mut self) -> Verb {
        self.source.chronological = true;
        self
    }

    /// Requires that the facts of the verb form no cycle.
    #[must_use]
    pub fn acyclic(mut self) -> Verb {
        self.source.acyclic = true;
        self
    }
}

impl GraphBuilder {
    /// Returns a builder without types, entities and facts.
    #[must_use]
    pub fn new() -> GraphBuilder {
        GraphBuilder::default()
    }

    /// Declares an entity type.
    pub fn entity_type(&mut self, name: impl Into<String>) -> &mut GraphBuilder {
        self.declared.types.entry(name.into()).or_default();
        self
    }

    /// Declares an entity type that extends another one.
    pub fn subtype(&mut self, name: impl Into<String>, of: impl Into<String>) -> &mut GraphBuilder {
        let declared: &mut TypeSource = self.declared.types.entry(name.into()).or_default();
        declared.extends = Some(of.into());
        self
    }

    /// Declares a property of a type, with one value for each entity. A property that several types declare is the same
    /// property.
    pub fn property(&mut self, of: impl Into<String>, name: impl Into<String>, value: ValueType) -> &mut GraphBuilder {
        let source = PropertySource { value, verb: None, single: true, unit: None, doc: String::new() };
        self.declared.types.entry(of.into()).or_default().properties.insert(name.into(), source);
        self
    }

    /// Declares a property that queries can also name by a verb: `Person born before 1750`.
    pub fn property_with_verb(
        &mut self,
        of: impl Into<String>,
        name: impl Into<String>,
        value: ValueType,
        verb: impl Into<String>,
    ) -> &mut GraphBuilder {
        let source = PropertySource { value, verb: Some(verb.into()), single: true, unit: None, doc: String::new() };
        self.declared.types.entry(of.into()).or_default().properties.insert(name.into(), source);
        self
    }

    /// Declares a verb.
    pub fn verb(&mut self, verb: Verb) -> &mut GraphBuilder {
        self.declared.verbs.insert(verb.name, verb.source);
        self
    }

    /// Adds a source; claims refer to it by `key`.
    pub fn source(&mut self, key: impl Into<String>, title: impl Into<String>) -> &mut GraphBuilder {
        self.sources.push((key.into(), title.into()));
        self
    }

    /// Adds an entity of type `of`.
    pub fn entity(&mut self, of: impl Into<String>, name: impl Into<String>) -> &mut GraphBuilder {
        self.entities.push((of.into(), name.into(), Vec::new()));
        self
    }

    /// Adds an alias to the entity that was added last; ignored if there is none.
    pub fn alias(&mut self, name: impl Into<String>) -> &mut GraphBuilder {
        if let Some((_, _, aliases)) = self.entities.last_mut() {
            aliases.push(name.into());
        }
        self
    }

    /// Begins a claim: the facts that follow are stated by this source, at this place in it. The place may be empty.
    pub fn claim(&mut self, source: impl Into<String>, at: impl Into<String>) -> &mut GraphBuilder {
        self.claims.push((source.into(), at.into(), Trust::Direct));
        self.claim = Some(self.claims.len() - 1);
        self
    }

    /// Marks the current claim as doubtful: a fact without a better claim is only possible.
    pub fn doubtful(&mut self) -> &mut GraphBuilder {
        if let Some(claim) = self.claims.last_mut() {
            claim.2 = Trust::Doubtful;
        }
        self
    }

    /// States a fact between two entities, by their names. Facts stated before the first claim have no source.
    pub fn fact(
        &mut self,
        subject: impl Into<String>,
        verb: impl Into<String>,
        object: impl Into<String>,
    ) -> &mut GraphBuilder {
        self.state(subject.into(), verb.into(), Object::Entity(object.into()))
    }

    /// States the value of a property of an entity, by their names.
    pub fn value(
        &mut self,
        subject: impl Into<String>,
        property: impl Into<String>,
        value: impl Into<Value>,
    ) -> &mut GraphBuilder {
        self.state(subject.into(), property.into(), Object::Value(value.into()))
    }

    fn state(&mut self, subject: String, word: String, object: Object) -> &mut GraphBuilder {
        self.statements.push(Statement { subject, word, object, claim: self.claim });
        self
    }

    /// Builds the graph. O(facts + n log n) for n entities.
    ///
    /// # Errors
    /// A name that was not declared or that stands for two entities; a fact between entities of types that the verb
    /// does not join; a value of another type than its property's; a cycle, or an order in time, that a verb excludes;
    /// types and verbs that contradict each other.
    pub fn build(&self) -> Result<Database, Error> {
        let schema = Schema::build(self.declared.clone()).map_err(|problems| {
            let words = |problem: crate::schema::SchemaProblem| wrong(Code::BadSchema, problem.message);
            Error::Data(Diagnostics(problems.into_iter().map(words).collect()))
        })?;
        let graph = self.filled(schema).map_err(|problem| Error::Data(problem.into()))?;
        let mut problems = load::check_graph(&graph);
        match problems.has_errors() {
            true => {
                problems.0.retain(Diagnostic::is_error);
                Err(Error::Data(problems))
            }
            false => Ok(Database::of(graph)),
        }
    }

    fn filled(&self, schema: Schema) -> Result<Graph, Diagnostic> {
        let mut builder = Builder::new(schema);
        let mut sources: HashMap<&str, SourceId> = HashMap::new();
        for (key, title) in &self.sources {
            let source = Source { key: key.clone(), title: title.clone(), ..Source::default() };
            sources.insert(key, builder.source(source));
        }
        let mut claims = Vec::new();
        for (key, at, trust) in &self.claims {
            let Some(source) = sources.get(key.as_str()) else {
                return Err(unknown("source", key, sources.keys().copied()));
            };
            let (source, at) = (Some(*source), at.clone());
            claims.push(builder.claim(ClaimSource { source, at, trust: *trust, ..ClaimSource::default() }));
        }
        let names = self.add_entities(&mut builder)?;
        for statement in &self.statements {
            let claim = statement.claim.and_then(|claim| claims.get(claim)).copied();
            add_statement(&mut builder, &names, statement, claim)?;
        }
        match builder.too_many() {
            Some(message) => Err(wrong(Code::TooMany, message)),
            None => Ok(builder.finish()),
        }
    }

    /// Adds the entities; returns the ids that each name stands for.
    fn add_entities(&self, builder: &mut Builder) -> Result<Names<'_>, Diagnostic> {
        let mut names = Names::default();
        for (of, name, aliases) in &self.entities {
            let Some(id) = builder.schema.lookup_type(of) else {
                let known: Vec<String> = builder.schema.types().map(|(_, known)| known.name.clone()).collect();
                return Err(unknown("type", of, known.iter().map(String::as_str)));
            };
            let entity = builder.entity(id, name, aliases);
            names.types.push(id);
            for word in std::iter::once(name).chain(aliases) {
                let bearers = names.by_name.entry(word).or_default();
                if bearers.iter().any(|other| names.types.get(other.0 as usize) == Some(&id)) {
                    return Err(wrong(Code::DuplicateName, format!("two entities of type `{of}` are called `{word}`")));
                }
                bearers.push(entity);
            }
        }
        Ok(names)
    }
}

/// The ids that each name stands for, and the type of each entity, by the builder's ids.
#[derive(Debug, Default)]
struct Names<'a> {
    by_name: HashMap<&'a str, Vec<EntityId>>,
    types: Vec<crate::schema::TypeId>,
}

impl Names<'_> {
    /// Returns the only entity with this name whose type is in `types`; `wanted` names those types in the error.
    fn find(&self, name: &str, types: crate::schema::TypeSet, wanted: &str) -> Result<EntityId, Diagnostic> {
        let Some(bearers) = self.by_name.get(name) else {
            return Err(unknown("entity", name, self.by_name.keys().copied()));
        };
        let fits = |entity: &&EntityId| self.types.get(entity.0 as usize).is_some_and(|id| types.contains(*id));
        let fitting: Vec<EntityId> = bearers.iter().filter(fits).copied().collect();
        match fitting.as_slice() {
            [one] => Ok(*one),
            [] => Err(wrong(Code::WrongType, format!("`{name}` is no {wanted}"))),
            _ => Err(wrong(Code::DuplicateName, format!("`{name}` stands for several entities"))),
        }
    }
}

fn add_statement(
    builder: &mut Builder,
    names: &Names<'_>,
    statement: &Statement,
    claim: Option<u32>,
) -> Result<(), Diagnostic> {
    let Statement { subject, word, object, .. } = statement;
    let schema = &builder.schema;
    match object {
        Object::Entity(object) => {
            let Some(verb) = schema.lookup_verb(word) else {
                return Err(unknown("verb", word, schema.verbs().map(|(_, verb)| verb.name.as_str())));
            };
            let (from, to) = (schema.verb(verb).from, schema.verb(verb).to);
            let subject = names.find(subject, from, &schema.type_names(from))?;
            let object = names.find(object, to, &schema.type_names(to))?;
            builder.link(subject, verb, object, claim);
        }
        Object::Value(value) => {
            let Some(property) = schema.lookup_property(word) else {
                return Err(unknown("property", word, schema.properties().map(|(_, known)| known.name.as_str())));
            };
            let known = schema.property(property);
            if !is_of(value, known.value) {
                let message = format!("`{word}` holds a {}, and `{value}` is none", known.value.name());
                return Err(wrong(Code::WrongType, message));
            }
            let subject = names.find(subject, known.of, &schema.type_names(known.of))?;
            builder.value(subject, property, value.clone(), claim);
        }
    }
    Ok(())
}

fn is_of(value: &Value, property: ValueType) -> bool {
    match value {
        Value::Date(_) => property == ValueType::Date,
        Value::Number(_) | Value::Integer(_) => property == ValueType::Number,
        Value::Text(_) => property == ValueType::Text,
        _ => false,
    }
}

fn wrong(code: Code, message: impl Into<String>) -> Diagnostic {
    Diagnostic::new(Severity::Error, code, message)
}

fn unknown<'a>(kind: &str, name: &str, known: impl Iterator<Item = &'a str>) -> Diagnostic {
    let mut known: Vec<&str> = known.collect();
    known.sort_unstable();
    let problem = wrong(Code::Undeclared, format!("no {kind} is called `{name}`"));
    let near = suggest::nearest(name, known);
    near.into_iter().fold(problem, |problem, near| problem.help(format!("did you mean `{near}`?")))
}
