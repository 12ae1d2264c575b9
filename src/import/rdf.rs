//! Reads RDF 1.2 in Turtle, TriG, N-Triples and N-Quads: types, predicates as verbs and properties, labels as names;
//! reifiers and named graphs as claims. A file that begat exported gives the same graph.

use super::Folder;
use super::draft::{Draft, DraftClaim, DraftEntity, DraftFact};
use super::triples::{Object, Store, Triple};
use super::vocabulary::{self, BASE, CLAIM_SOURCES, LABELS, local};
use crate::load::is_value;
use crate::value::ValueType;
use indexmap::{IndexMap, IndexSet};
use oxrdf::Quad;
use oxttl::{NQuadsParser, TriGParser};
use std::collections::{HashMap, HashSet};
use std::io;

/// The source key of the file itself.
const FILE: &str = "rdf";

/// Returns the folder of a graph for the file `name`.
///
/// # Errors
/// The file is not RDF in one of these formats.
pub fn read(bytes: &[u8], name: &str) -> io::Result<Folder> {
    let is_quads = name.to_lowercase().ends_with(".nq");
    let quads: Result<Vec<Quad>, _> = match is_quads {
        true => NQuadsParser::new().for_slice(bytes).collect(),
        // TriG includes Turtle and N-Triples.
        false => {
            let parser = TriGParser::new().with_base_iri(BASE).map_err(io::Error::other)?;
            parser.for_slice(bytes).collect()
        }
    };
    let store = Store::of(quads.map_err(|error| io::Error::other(error.to_string()))?);
    let mut reader = RdfReader { store: &store, ..RdfReader::of(&store) };
    reader.types();
    reader.entities();
    reader.predicates();
    reader.facts(name);
    let RdfReader { draft, decided, unsure, .. } = reader;
    let mut head = vec![format!("Made of {name} by `begat new`; it is yours to edit.")];
    head.extend(unsure.iter().map(|line| format!("UNSURE {line}")));
    let files = vec![("graph.ron".to_string(), draft.ron(&head).into_bytes())];
    Ok(Folder { files, decided, unsure })
}

struct RdfReader<'s> {
    store: &'s Store,
    draft: Draft,
    /// Nodes of the schema, of sources and of claims, which are not entities.
    other: HashSet<String>,
    /// Predicates for the name of a node, best first.
    labels: Vec<&'s str>,
    types: HashMap<String, String>,
    entities: HashMap<String, usize>,
    verbs: HashMap<String, String>,
    properties: HashMap<String, String>,
    /// Predicates that are declared without types and not used.
    idle: Vec<String>,
    decided: Vec<String>,
    unsure: Vec<String>,
}

impl<'s> RdfReader<'s> {
    fn of(store: &'s Store) -> RdfReader<'s> {
        let claims: IndexSet<&String> = store.triples.values().flatten().collect();
        let sources =
            claims.iter().flat_map(|claim| CLAIM_SOURCES.iter().flat_map(|predicate| store.all(claim, predicate)));
        let mut other: HashSet<String> = sources.map(str::to_string).collect();
        other.extend(claims.iter().map(|claim| claim.to_string()));
        let schema = store.subjects().into_iter().filter(|subject| store.types(subject).any(vocabulary::is_schema));
        other.extend(schema.map(str::to_string));
        let (draft, decided, unsure) = (Draft::default(), Vec::new(), Vec::new());
        let (types, entities) = (HashMap::new(), HashMap::new());
        let mut reader = RdfReader {
            store,
            draft,
            other,
            labels: labels(store),
            types,
            entities,
            verbs: HashMap::new(),
            properties: HashMap::new(),
            idle: Vec::new(),
            decided,
            unsure,
        };
        if store.lists > 0 {
            reader
                .unsure
                .push(format!("{} collections are opened: the order of their members is left out", store.lists));
        }
        if store.unsaid > 0 {
            reader.unsure.push(format!("{} triples are spoken of and not said: left out", store.unsaid));
        }
        reader
    }

    /// Declares the types that the file declares, and those that its nodes have.
    fn types(&mut self) {
        let store = self.store;
        let declared = store.subjects().into_iter().filter(|subject| store.types(subject).any(vocabulary::is_class));
        let used = store
            .triples
            .keys()
            .filter(|(subject, predicate, _)| predicate == vocabulary::TYPE && !self.other.contains(subject));
        let all: IndexSet<&str> = declared
            .chain(used.map(|(.., object)| object.words()))
            .filter(|type_| !vocabulary::is_schema(type_))
            .collect();
        for iri in &all {
            let taken: Vec<String> = self.draft.types.keys().cloned().collect();
            let name = vocabulary::type_name(store.one(iri, vocabulary::LABEL), iri, &taken);
            self.types.insert(iri.to_string(), name.clone());
            let type_ = self.draft.type_(&name);
            type_.doc = store.one(iri, vocabulary::COMMENT).unwrap_or_default().to_string();
            let plot = ["shape", "lane", "filled"].into_iter();
            type_.plot =
                plot.filter_map(|field| Some((field, store.one(iri, vocabulary::begat(field))?.to_string()))).collect();
        }
        for iri in &all {
            let parents: Vec<&str> = store
                .all(iri, vocabulary::SUB_CLASS)
                .filter(|parent| self.types.contains_key(*parent) && parent != iri)
                .collect();
            if parents.len() > 1 {
                self.unsure.push(format!(
                    "{} is a subclass of {} classes: it extends the first",
                    self.types[*iri],
                    parents.len()
                ));
            }
            let parent = parents.first().map(|parent| self.types[*parent].clone());
            self.draft.type_(&self.types[*iri].clone()).extends = parent;
        }
    }

    /// Declares entities: nodes with a type or a label, and nodes that others refer to.
    fn entities(&mut self) {
        let store = self.store;
        let (mut untyped, mut several, mut tags) = (0, 0, 0);
        let mut taken: HashSet<String> = HashSet::new();
        let all: IndexSet<&str> =
            store.subjects().into_iter().chain(self.objects()).filter(|node| !self.other.contains(*node)).collect();
        for iri in all {
            let own: Vec<&String> = store.types(iri).filter_map(|type_| self.types.get(type_)).collect();
            several += usize::from(own.len() > 1);
            untyped += usize::from(own.is_empty());
            let type_ = own.first().map_or("Thing".to_string(), |type_| type_.to_string());
            let labels: IndexSet<&str> = self
                .labels
                .iter()
                .flat_map(|predicate| store.all(iri, predicate))
                .filter(|label| !label.trim().is_empty())
                .collect();
            tags += store
                .about(iri)
                .filter(|(_, object)| matches!(object, Object::Literal(.., language) if !language.is_empty()))
                .count();
            let mut labels = labels.into_iter();
            let name = labels.next().map_or_else(|| local(iri), str::to_string);
            let is_free = |name: &String| !taken.contains(&format!("{type_} {}", name.to_lowercase()));
            let others =
                std::iter::once(format!("{name} ({})", local(iri))).chain((2..).map(|i| format!("{name} ({i})")));
            let own_file = iri.starts_with(BASE);
            let name =
                if own_file { name } else { std::iter::once(name.clone()).chain(others).find(is_free).unwrap_or(name) };
            taken.insert(format!("{type_} {}", name.to_lowercase()));
            let aliases: IndexSet<String> = labels
                .chain(store.all(iri, vocabulary::ALIAS))
                .map(str::to_string)
                .filter(|alias| *alias != name)
                .collect();
            self.draft.type_(&type_);
            self.entities.insert(iri.to_string(), self.draft.entities.len());
            self.draft.entities.push(DraftEntity {
                type_,
                name,
                aliases: aliases.into_iter().collect(),
                values: Vec::new(),
            });
        }
        self.decided.push(format!("{} entities of {} types", self.draft.entities.len(), self.draft.types.len()));
        let told = [
            (untyped, "entities have no type: each is a Thing"),
            (several, "entities have several types: each is of the first, the others are in `also`"),
            (tags, "texts have a language, which is left out"),
        ];
        self.unsure
            .extend(told.into_iter().filter(|(count, _)| *count > 0).map(|(count, words)| format!("{count} {words}")));
    }

    /// Returns the objects of predicates that lead to subjects elsewhere.
    fn objects(&self) -> Vec<&'s str> {
        let linking: HashSet<&str> = self.linking();
        let links =
            self.store.triples.keys().filter(|(subject, predicate, _)| {
                linking.contains(predicate.as_str()) && !self.other.contains(subject)
            });
        links
            .filter_map(|(.., object)| match object {
                Object::Node(node) => Some(node.as_str()),
                Object::Literal(..) => None,
            })
            .collect()
    }

    /// Returns the predicates that lead to a node with statements of its own, or to one named like the subjects.
    fn linking(&self) -> HashSet<&'s str> {
        let store = self.store;
        let space = |node: &'s str| node.rfind(['#', '/']).map(|end| &node[..=end]);
        let own = store.triples.keys().map(|(subject, ..)| subject.as_str());
        let spaces: HashSet<&str> = own.filter(|subject| !self.other.contains(*subject)).filter_map(space).collect();
        let is_ours = |node: &'s str| {
            store.by_subject.contains_key(node) || space(node).is_some_and(|space| spaces.contains(space))
        };
        let leads = |(subject, predicate, object): &&'s Triple| {
            let is_node = matches!(object, Object::Node(node) if is_ours(node) && !self.other.contains(node));
            is_node && predicate != vocabulary::TYPE && !self.other.contains(subject)
        };
        store.triples.keys().filter(leads).map(|(_, predicate, _)| predicate.as_str()).collect()
    }

    /// Derives a verb, a property or both for each predicate.
    fn predicates(&mut self) {
        let store = self.store;
        let linking = self.linking();
        let declared =
            store.subjects().into_iter().filter(|subject| store.types(subject).any(vocabulary::is_predicate));
        let used = store
            .triples
            .keys()
            .filter(|(subject, ..)| !self.other.contains(subject))
            .map(|(_, predicate, _)| predicate.as_str());
        let all: IndexSet<&str> = declared
            .chain(used)
            .filter(|predicate| {
                !self.labels.contains(predicate) && ![vocabulary::TYPE, vocabulary::ALIAS].contains(predicate)
            })
            .collect();
        for iri in all {
            let is_verb = linking.contains(iri) || store.types(iri).any(|type_| type_ == vocabulary::OBJECT_PROPERTY);
            if is_verb {
                self.add_verb(iri);
            }
            let (values, datatypes) = self.values(iri, is_verb);
            if !values.is_empty() || store.types(iri).any(|type_| type_ == vocabulary::DATATYPE_PROPERTY) {
                self.add_property(iri, &values, &datatypes);
            }
        }
        if !self.idle.is_empty() {
            let names = super::columns::listed(&self.idle);
            self.decided.push(format!("{names}: declared without types and used nowhere, so left out"));
        }
        for (type_, name) in &self.types {
            let own = store.all(type_, vocabulary::begat("property")).filter_map(|own| self.properties.get(own));
            self.draft.types[name.as_str()].properties.extend(own.cloned());
        }
        let several = store
            .subjects()
            .into_iter()
            .any(|subject| store.types(subject).filter(|type_| self.types.contains_key(*type_)).count() > 1);
        if several {
            self.draft.properties.insert("also".to_string(), vocabulary::text_property("further types"));
        }
    }

    /// Returns the values of a predicate, and their datatypes.
    fn values(&self, iri: &str, is_verb: bool) -> (Vec<&'s str>, HashSet<&'s str>) {
        let own = self
            .store
            .triples
            .keys()
            .filter(|(subject, predicate, _)| predicate == iri && !self.other.contains(subject));
        let values = own.filter_map(|(.., object)| match object {
            Object::Literal(text, datatype, _) => Some((text.as_str(), datatype.as_str())),
            Object::Node(node) if !is_verb => Some((node.as_str(), "")),
            Object::Node(_) => None,
        });
        values.unzip()
    }

    fn add_verb(&mut self, iri: &str) {
        let store = self.store;
        let name = vocabulary::verb_name(store.one(iri, vocabulary::LABEL), iri, &self.draft.verbs);
        self.verbs.insert(iri.to_string(), name.clone());
        let types = &self.types;
        let ends = |predicate: &'static str| {
            store.all(iri, predicate).filter_map(|type_| types.get(type_).cloned()).collect::<IndexSet<String>>()
        };
        let is_own = iri.starts_with(BASE);
        let verb = self.draft.verbs.entry(name.clone()).or_default();
        verb.doc = store.one(iri, vocabulary::COMMENT).unwrap_or_default().to_string();
        verb.inverse = store.one(iri, vocabulary::begat("inverse")).map(str::to_string);
        if is_own {
            (verb.from, verb.to) = (ends(vocabulary::DOMAIN), ends(vocabulary::RANGE));
        }
        let rules = ["lineage", "adoption", "chronological", "acyclic"].into_iter();
        verb.rules =
            rules.filter_map(|rule| Some(format!("{rule}: {}", store.one(iri, vocabulary::begat(rule))?))).collect();
        for (subject, _, object) in store.triples.keys().filter(|(_, predicate, _)| predicate == iri && !is_own) {
            let of = |node: &str| self.entities.get(node).map(|entity| self.draft.entities[*entity].type_.clone());
            verb.from.extend(of(subject));
            verb.to.extend(of(object.words()));
        }
        // A predicate that is declared and not used has the types that it is declared for, if any.
        if verb.from.is_empty() || verb.to.is_empty() {
            (verb.from, verb.to) = (ends(vocabulary::DOMAIN), ends(vocabulary::RANGE));
        }
        if verb.from.is_empty() || verb.to.is_empty() {
            self.draft.verbs.shift_remove(&name);
            self.verbs.remove(iri);
            self.idle.push(local(iri));
        }
    }

    fn add_property(&mut self, iri: &str, values: &[&str], datatypes: &HashSet<&str>) {
        let store = self.store;
        let range = store.one(iri, vocabulary::RANGE).filter(|_| iri.starts_with(BASE));
        let value = match range.map(|range| vocabulary::value_of(&HashSet::from([range]))) {
            Some(value) => value,
            None => vocabulary::value_of(datatypes),
        };
        let reads = |type_| values.iter().all(|text| is_value(type_, &vocabulary::plain_value(text, value)));
        // Years are often written as numbers.
        let is_year = |text: &&str| text.len() == 4 && text.parse().is_ok_and(|year: u32| (1000..2200).contains(&year));
        let are_years = value == "Number" && super::columns::is_of_time(&local(iri)) && values.iter().all(is_year);
        let value = match value {
            _ if are_years => "Date",
            "Date" if reads(ValueType::Date) => "Date",
            "Number" if reads(ValueType::Number) => "Number",
            _ => "Text",
        };
        let taken = &self.draft.properties;
        let name = vocabulary::property_name(store.one(iri, vocabulary::LABEL), iri, |name| taken.contains_key(name));
        self.properties.insert(iri.to_string(), name.clone());
        let mut property = vocabulary::text_property(store.one(iri, vocabulary::COMMENT).unwrap_or_default());
        property.value = value;
        property.verb = store.one(iri, vocabulary::begat("verb")).map(str::to_string);
        property.unit = store.one(iri, vocabulary::begat("unit")).map(str::to_string);
        property.single = store.one(iri, vocabulary::begat("single")) == Some("true");
        self.draft.properties.insert(name.clone(), property);
    }

    /// Assigns facts to the claims that state them, in the order of both.
    fn facts(&mut self, file: &str) {
        let store = self.store;
        let declared = store
            .subjects()
            .into_iter()
            .filter(|subject| store.types(subject).any(|type_| type_ == vocabulary::begat("Claim")));
        let used = store.triples.values().flatten().map(String::as_str);
        let order: IndexSet<&str> = declared.chain(used).collect();
        let mut by_claim: IndexMap<&str, Vec<DraftFact>> = order.iter().map(|claim| (*claim, Vec::new())).collect();
        let mut plain = Vec::new();
        for ((subject, predicate, object), claims) in &store.triples {
            let Some(fact) = self.fact(subject, predicate, object) else { continue };
            self.note_type(&fact);
            claims.iter().for_each(|claim| by_claim.entry(claim.as_str()).or_default().push(fact.clone()));
            match fact {
                DraftFact::Value(entity, property, value) if claims.is_empty() && subject.starts_with(BASE) => {
                    self.draft.entities[entity].values.push((property, value));
                }
                fact if claims.is_empty() => plain.push(fact),
                _ => {}
            }
        }
        for (iri, entity) in self.entities.iter().filter(|(iri, _)| !iri.starts_with(BASE) && !iri.starts_with("_:")) {
            plain.push(DraftFact::Value(*entity, "iri".to_string(), iri.clone()));
        }
        plain.sort_by_key(|fact| match fact {
            DraftFact::Value(entity, property, _) if property == "iri" => *entity,
            _ => 0,
        });
        if plain.iter().any(|fact| matches!(fact, DraftFact::Value(_, property, _) if property == "iri")) {
            self.draft.properties.insert("iri".to_string(), vocabulary::text_property("what it is called in RDF"));
            self.draft.types.values_mut().for_each(|type_| _ = type_.properties.insert("iri".to_string()));
        }
        self.sources();
        for (claim, facts) in by_claim {
            self.claim(claim, facts);
        }
        if !plain.is_empty() {
            self.draft.sources.entry(FILE.to_string()).or_insert_with(|| vec![("title", file.to_string())]);
            self.draft.claims.push(DraftClaim { source: FILE.to_string(), facts: plain, ..DraftClaim::default() });
        }
        let graph = store
            .subjects()
            .into_iter()
            .find(|subject| store.types(subject).any(|type_| type_ == vocabulary::begat("Graph")));
        self.draft.defines = graph
            .into_iter()
            .flat_map(|graph| store.all(graph, vocabulary::begat("define")))
            .map(str::to_string)
            .collect();
    }

    fn fact(&self, subject: &str, predicate: &str, object: &Object) -> Option<DraftFact> {
        let own = *self.entities.get(subject)?;
        if predicate == vocabulary::TYPE {
            let type_ = self.types.get(object.words())?;
            let is_first = self.draft.entities[own].type_ == *type_;
            return (!is_first).then(|| DraftFact::Value(own, "also".to_string(), type_.clone()));
        }
        let link = match object {
            Object::Node(node) => self.verbs.get(predicate).zip(self.entities.get(node)),
            Object::Literal(..) => None,
        };
        if let Some((verb, object)) = link {
            return Some(DraftFact::Link(own, verb.clone(), *object));
        }
        let property = self.properties.get(predicate)?;
        let value = self.draft.properties.get(property).map_or("Text", |property| property.value);
        Some(DraftFact::Value(own, property.clone(), vocabulary::plain_value(object.words(), value)))
    }

    /// Adds a property to the type of its subject, unless a supertype has it.
    fn note_type(&mut self, fact: &DraftFact) {
        let DraftFact::Value(entity, property, _) = fact else { return };
        let type_ = self.draft.entities[*entity].type_.clone();
        // Bounded, because `extends` may form a cycle.
        let above =
            std::iter::successors(Some(type_.clone()), |type_| self.draft.types.get(type_)?.extends.clone()).take(64);
        let has = above
            .into_iter()
            .any(|type_| self.draft.types.get(&type_).is_some_and(|type_| type_.properties.contains(property)));
        if !has {
            self.draft.type_(&type_).properties.insert(property.clone());
        }
    }

    /// Declares the sources that the file describes, in its order.
    fn sources(&mut self) {
        let store = self.store;
        let described = store
            .subjects()
            .into_iter()
            .filter(|subject| store.types(subject).any(|type_| type_ == vocabulary::begat("Source")));
        for source in described.collect::<Vec<_>>() {
            self.source(source);
        }
    }

    fn source(&mut self, source: &str) -> String {
        let store = self.store;
        let key = store.one(source, vocabulary::LABEL).unwrap_or(source).to_string();
        let mut fields: Vec<(&'static str, String)> = Vec::new();
        for (field, predicates) in vocabulary::SOURCE_FIELDS {
            let found = predicates.iter().find_map(|predicate| store.one(source, predicate));
            fields.extend(found.map(|found| (*field, found.to_string())));
        }
        if !fields.iter().any(|(field, _)| *field == "url") && source.starts_with("http") && !source.starts_with(BASE) {
            fields.push(("url", source.to_string()));
        }
        self.draft.sources.entry(key.clone()).or_insert(fields);
        key
    }

    fn claim(&mut self, claim: &str, facts: Vec<DraftFact>) {
        let store = self.store;
        let mut sources: Vec<String> =
            CLAIM_SOURCES.iter().flat_map(|predicate| store.all(claim, predicate)).map(str::to_string).collect();
        if sources.is_empty() {
            sources.push(claim.to_string());
        }
        let (mut fields, mut rest): (Vec<(&'static str, String)>, Vec<String>) = (Vec::new(), Vec::new());
        let mut trust = None;
        for (predicate, object) in store.about(claim) {
            let words = object.words().to_string();
            match vocabulary::CLAIM_FIELDS.iter().find(|(known, _)| *known == predicate) {
                Some((_, field)) => fields.push((*field, words)),
                None if predicate == vocabulary::begat("trust") => {
                    trust = Some(words).filter(|trust| trust != "direct")
                }
                None if predicate == vocabulary::TYPE || CLAIM_SOURCES.contains(&predicate) => {}
                None => rest.push(format!("{} {words}", local(predicate))),
            }
        }
        if !rest.is_empty() && !fields.iter().any(|(field, _)| *field == "note") {
            fields.push(("note", rest.join("; ")));
        }
        for source in sources {
            let source = self.source(&source);
            self.draft.claims.push(DraftClaim {
                source,
                trust: trust.clone(),
                fields: fields.clone(),
                facts: facts.clone(),
            });
        }
    }
}

/// Returns the predicates for the name of a node: those of known vocabularies, then those called `name` or alike that give
/// each of their subjects a single text.
fn labels(store: &Store) -> Vec<&str> {
    let mut counts: IndexMap<&str, HashMap<&str, usize>> = IndexMap::new();
    let mut odd: HashSet<&str> = HashSet::new();
    for (subject, predicate, object) in store.triples.keys() {
        let is_called =
            ["name", "label", "title"].contains(&local(predicate).to_lowercase().trim_start_matches("has").trim());
        if is_called && !predicate.starts_with(BASE) && !LABELS.contains(&predicate.as_str()) {
            *counts.entry(predicate).or_default().entry(subject).or_default() += 1;
            odd.extend(matches!(object, Object::Node(_)).then_some(predicate.as_str()));
        }
    }
    let is_single = |(predicate, subjects): &(&str, HashMap<&str, usize>)| {
        !odd.contains(predicate) && subjects.values().all(|count| *count == 1)
    };
    LABELS.into_iter().chain(counts.into_iter().filter(is_single).map(|(predicate, _)| predicate)).collect()
}
