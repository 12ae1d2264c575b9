//! Completion: the words allowed at a place of a query, with descriptions. Shared by all front ends.

use crate::functions::{FUNCTIONS, FunctionKind};
use crate::graph::{EntityId, Graph};
use crate::render::steers;
use crate::schema::{PropertyId, Schema, TypeSet, Word};
use crate::syntax::ast::{Define, Noun, NounKind, Path, PathKind, Statement};
use crate::syntax::{self, Kind, Set, TypedNoun};
use crate::value::{Value, ValueType};

/// Maximum number of candidates; nobody reads more.
const MOST: usize = 200;
/// Maximum number of values of a property that are read. Editors complete at each key; further values of a larger
/// property are not offered.
const LOOKED_AT: usize = 10_000;

/// Words allowed at a place of a text.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Completion {
    /// Byte offset of the word that a candidate replaces; it ends at the cursor.
    pub start: usize,
    /// At most 200 candidates, in the order in which they are listed; empty if nothing fits.
    pub candidates: Vec<Candidate>,
}

/// A word that is allowed at the place.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Candidate {
    /// The word as people read it: a name without quotes.
    pub word: String,
    /// Description, such as `Technique, 2024-05`; may be empty.
    pub about: String,
    /// Text that replaces what has been typed, with quotes if the language requires them.
    pub replacement: String,
}

impl Candidate {
    /// Returns a candidate that is written as it is read.
    pub(crate) fn new(word: &str, about: &str) -> Candidate {
        Candidate::replacing(word, about, word.to_string())
    }

    pub(crate) fn replacing(word: &str, about: &str, replacement: String) -> Candidate {
        Candidate { word: word.to_string(), about: about.to_string(), replacement }
    }
}

/// Returns the words allowed after `before`, the text up to the cursor; `params` are the names of bound parameters.
/// Examines only the last query: costs about ten parses of it and, where a name is allowed, one pass over the names of
/// the allowed types.
pub fn complete(before: &str, graph: &Graph, params: &[String]) -> Completion {
    let expected = syntax::expected(before);
    // A verb may continue with a particle, and its words so far may be a verb already.
    let begun = expected.run.as_ref().and_then(|run| before.get(run.start..expected.start));
    let begun =
        begun.and_then(|words| graph.schema().lookup_word(words.trim())).map(|word| led_to(word, graph.schema()));
    let mut types = wanted(expected.subject.as_ref(), expected.path.as_ref(), &expected.variables, graph);
    types.objects = begun.filter(|types| !types.is_empty()).or(types.objects);
    let begins = expected.start == 0 || before[..expected.start].trim_end().ends_with(';');
    let (variables, owner) = (&expected.variables, expected.owner.as_deref());
    let defined = defined(before, graph);
    let place = Place { graph, params, variables, owner, types, begins, defined };
    // A name of several words is searched from its first word; if nothing is found, from its last word.
    if let Some(run) = &expected.run {
        let found = place.fitting(&run.next, before.get(run.start..).unwrap_or(""), false);
        if !found.is_empty() {
            return Completion { start: run.start, candidates: found };
        }
    }
    let typed = before.get(expected.start..).unwrap_or("");
    Completion { start: expected.start, candidates: place.fitting(&expected.next, typed, expected.quoted) }
}

/// A verb that the text or the graph defines.
struct DefinedVerb {
    verb: String,
    /// Type of its subject, as it is written.
    subject: String,
    /// What follows it: `Technique from Model`; empty if nothing does.
    about: String,
}

/// Returns the verbs that are defined before the last statement of a text, and those of the graph.
fn defined(before: &str, graph: &Graph) -> Vec<DefinedVerb> {
    let written = syntax::parse_quietly(&before[..syntax::last_statement(before)]);
    let of_text = written.into_iter().flat_map(|program| program.statements).filter_map(|statement| match statement {
        Statement::Define(define) => Some(define),
        Statement::Query(_) => None,
    });
    let of_graph = graph.defines().iter().filter_map(|define| syntax::parse_define(define).ok());
    of_text.chain(of_graph).filter_map(|define| defined_verb(&define)).collect()
}

fn defined_verb(define: &Define) -> Option<DefinedVerb> {
    let head = define.parts()?;
    let name = |noun: TypedNoun| noun.type_name.item.clone();
    let third = head.third.map(|(particle, noun)| format!("{particle} {}", name(noun)));
    let about: Vec<String> = head.object.map(name).into_iter().chain(third).collect();
    Some(DefinedVerb { verb: head.verb.to_string(), subject: name(head.subject), about: about.join(" ") })
}

/// Returns the types that a name may have: after a verb those that it leads to, before it all.
fn wanted(subject: Option<&Noun>, path: Option<&Path>, variables: &[(String, String)], graph: &Graph) -> Wanted {
    let schema = graph.schema();
    let objects = path.map(|path| objects(path, schema));
    let subjects = subject.map(|noun| types_of(noun, variables, graph)).filter(|types| !types.is_empty());
    let property = path.and_then(|path| match &path.kind {
        PathKind::Verb(word) => match schema.lookup_word(word)? {
            Word::Property(property) => Some(property),
            Word::Verb { .. } => None,
        },
        _ => None,
    });
    Wanted { objects: objects.filter(|types| !types.is_empty()), subjects, property }
}

/// Returns true if a keyword is allowed before a value of this type.
fn begins_value(word: &str, value: ValueType) -> bool {
    value == ValueType::Date && ["in", "before", "after", "since", "until", "between"].contains(&word)
}

/// Descriptions of keywords whose names do not say enough.
const KEYWORDS: &[(&str, &str)] = &[
    ("according", "what a source says: according to NAME, or to Source s for each"),
    ("adoption", "of NAME by year: who took it up, and when"),
    ("among", "a type, perhaps with that …: of whom shares are told"),
    ("ancestors", "of NAME: what it goes back to"),
    ("any", "every verb; any but VERB: every other"),
    ("as", "of DATE: as the graph stood then; or a name for a column"),
    ("ask", "yes or no, whatever the columns"),
    ("at", "least N, most N: how many there are"),
    ("certainly", "only what holds whatever the days are"),
    ("claims", "of NAME by SOURCE: who says what, and how surely"),
    ("conflicts", "claims that cannot all be true"),
    ("count", "how many answers"),
    ("cross", "every row of the one with every row of the other"),
    ("define", "a verb of your own"),
    ("descendants", "of NAME: what goes back to it; {1,2} so many generations on"),
    ("describe", "NAME: everything known of it"),
    ("diff", "A and B: what they share, what they don't"),
    ("duplicates", "entities that look alike, and why"),
    ("else", "what stands in where nothing is known"),
    ("exactly", "N: how many there are"),
    ("explain", "the plan of a query"),
    ("gaps", "what has no date, no source, or one alone"),
    ("graph", "the facts themselves, to draw or save"),
    ("having", "a condition on groups"),
    ("let", "a word for one step: let WORD = SENTENCE, then THING is WORD"),
    ("lineage", "of NAME: ancestors and descendants, drawn"),
    ("matrix", "of a sentence: subjects by objects"),
    ("nearest", "keeps what no other answer lies before"),
    ("optional", "a sentence that may find nothing"),
    ("order", "by COLUMN"),
    ("over", "VERB: what a diff looks at"),
    ("path", "one shortest chain"),
    ("paths", "all chains without a circle"),
    ("possibly", "what is only possible, too"),
    ("profile", "the plan of a query, and what happened"),
    ("rise", "of NAME: how fast it was taken up, beside others"),
    ("schema", "types, verbs and properties"),
    ("shortest", "of all paths, those of the fewest steps; or by PROPERTY, of the least sum"),
    ("show", "columns, functions, groups"),
    ("sources", "who is cited, and how often"),
    ("spread", "of NAME: inherited, taken up anew, or lost"),
    ("ties", "rows worth as much as the last one, too"),
    ("timeline", "of a pattern: entities by date"),
    ("to", "\"FILE\": writes the answer there"),
    ("via", "other verbs than the schema's"),
    ("where", "a condition"),
    ("why", "the sources that say so"),
];

/// Returns the description of a keyword; may be empty.
pub(super) fn keyword_doc(word: &str) -> &'static str {
    KEYWORDS.iter().find(|(known, _)| *known == word).map_or("", |(_, doc)| doc)
}

struct Wanted {
    /// Types to which the verb leads; `None` without a verb before the cursor.
    objects: Option<TypeSet>,
    /// Types of the subject.
    subjects: Option<TypeSet>,
    /// Property whose values are expected, after its verb.
    property: Option<PropertyId>,
}

/// Returns the types of entities to which a path leads; none for values and defined verbs.
fn objects(path: &Path, schema: &Schema) -> TypeSet {
    match &path.kind {
        PathKind::Verb(word) => schema.lookup_word(word).map_or(TypeSet::NONE, |word| led_to(word, schema)),
        PathKind::Inverse(inner) => subjects(inner, schema),
        PathKind::Sequence(steps) => steps.last().map_or(TypeSet::NONE, |last| objects(last, schema)),
        PathKind::Either(paths) => paths.iter().fold(TypeSet::NONE, |all, path| all.or(objects(path, schema))),
        PathKind::Repeat { path, .. } => objects(path, schema),
        PathKind::Any { .. } | PathKind::Variable(_) => {
            schema.verbs().fold(TypeSet::NONE, |all, (_, verb)| all.or(verb.to))
        }
    }
}

/// Returns the types at the far end of a word; none for properties.
fn led_to(word: Word, schema: &Schema) -> TypeSet {
    match word {
        Word::Verb { verb, inverse: false } => schema.verb(verb).to,
        Word::Verb { verb, inverse: true } => schema.verb(verb).from,
        Word::Property(_) => TypeSet::NONE,
    }
}

fn subjects(path: &Path, schema: &Schema) -> TypeSet {
    match &path.kind {
        PathKind::Verb(word) => match schema.lookup_word(word) {
            Some(Word::Verb { verb, inverse: false }) => schema.verb(verb).from,
            Some(Word::Verb { verb, inverse: true }) => schema.verb(verb).to,
            _ => TypeSet::NONE,
        },
        _ => TypeSet::NONE,
    }
}

/// Returns the types that a written noun may have.
fn types_of(noun: &Noun, variables: &[(String, String)], graph: &Graph) -> TypeSet {
    match &noun.kind {
        NounKind::Name(name) | NounKind::Text(name) | NounKind::Lower(name) => types_named(name, variables, graph),
        NounKind::Typed { type_name, .. } => types_named(&type_name.item, variables, graph),
        NounKind::Param(_) => TypeSet::NONE,
    }
}

fn types_named(name: &str, variables: &[(String, String)], graph: &Graph) -> TypeSet {
    let declared = variables.iter().find(|(variable, _)| variable == name).map(|(_, run)| run.as_str());
    let name = declared.unwrap_or(name);
    if let Some(id) = graph.schema().lookup_type(name) {
        return graph.schema().type_(id).subtypes;
    }
    let entities = graph.names().lookup(name);
    entities.iter().fold(TypeSet::NONE, |all, entity| all.or(TypeSet::only(graph.type_of(*entity))))
}

struct Place<'a> {
    graph: &'a Graph,
    params: &'a [String],
    variables: &'a [(String, String)],
    owner: Option<&'a str>,
    types: Wanted,
    /// True if a query begins here.
    begins: bool,
    defined: Vec<DefinedVerb>,
}

impl Place<'_> {
    /// Returns the words of a set that continue what was typed, ignoring case.
    fn fitting(&self, set: &Set, typed: &str, quoted: bool) -> Vec<Candidate> {
        let typed = if quoted { typed.trim_start_matches('"') } else { typed };
        let folded = typed.to_lowercase();
        let mut found = Vec::new();
        // In an expression, names of entities are listed only after a letter has been typed; before that, variables and
        // functions.
        let is_expr = set.kinds.contains(&Kind::Function);
        let is_name = |kind: &Kind| matches!(kind, Kind::Type | Kind::Entity);
        for kind in set.kinds.iter().filter(|kind| !(is_name(kind) && is_expr && folded.is_empty() && !quoted)) {
            match self.types.property {
                Some(property) if *kind == Kind::Type && !quoted => found.push(self.value_type(property)),
                Some(property) if *kind == Kind::Entity => found.extend(self.texts(property)),
                _ => self.of_kind(*kind, &folded, quoted, &mut found),
            }
        }
        // After a verb, names are expected: keywords are listed only after a letter has been typed.
        let only_names = self.types.objects.is_some() && folded.is_empty();
        if !quoted && !only_names && self.owner.is_none() {
            let property = self.types.property.map(|property| self.graph.schema().property(property));
            let fits = |word: &&&str| property.is_none_or(|property| begins_value(word, property.value));
            let words = set.keywords.iter().filter(fits);
            found.extend(words.map(|word| Candidate::new(word, keyword_doc(word))));
        }
        let begins =
            |candidate: &Candidate| candidate.replacement.trim_start_matches('"').to_lowercase().starts_with(&folded);
        found.retain(begins);
        let mut seen = std::collections::HashSet::new();
        found.retain(|candidate| seen.insert(candidate.replacement.clone()));
        found.truncate(MOST);
        found
    }

    fn of_kind(&self, kind: Kind, folded: &str, quoted: bool, found: &mut Vec<Candidate>) {
        match kind {
            Kind::Type if !quoted => found.extend(self.type_candidates()),
            // At the beginning of a query, its keywords are listed instead of all names.
            Kind::Entity if self.begins && folded.is_empty() && !quoted => {}
            Kind::Entity => found.extend(self.entities(folded, quoted)),
            Kind::Verb if !quoted => found.extend(self.verbs()),
            Kind::Variable if !quoted => {
                found.extend(self.variables.iter().map(|(name, type_)| Candidate::new(name, type_)));
            }
            Kind::Property if !quoted => found.extend(self.properties()),
            Kind::Function if !quoted => found.extend(FUNCTIONS.iter().map(|function| {
                let group = if function.kind == FunctionKind::Aggregate { "of a group: " } else { "" };
                Candidate::new(&format!("{}(", function.name), &format!("{group}{}", function.doc))
            })),
            Kind::Parameter if !quoted => {
                found.extend(self.params.iter().map(|name| Candidate::new(&format!("${name}"), "parameter")));
            }
            Kind::Source => found.extend(
                self.graph
                    .claims()
                    .sources
                    .iter()
                    .map(|source| Candidate::replacing(&source.key, &source.title, quote(&source.key))),
            ),
            _ => {}
        }
    }

    /// Returns the types allowed here: after a verb those that it leads to, otherwise all.
    fn type_candidates(&self) -> Vec<Candidate> {
        let fits = |id| self.types.objects.is_none_or(|types| types.contains(id));
        let types = self.graph.schema().types().filter(|(id, _)| fits(*id));
        types.map(|(_, type_)| Candidate::new(&type_.name, &type_.doc)).collect()
    }

    /// Returns the entities whose names continue what was typed, with type and date, in id order.
    fn entities(&self, folded: &str, quoted: bool) -> Vec<Candidate> {
        let types = self.types.objects.unwrap_or_else(|| self.graph.schema().all_types());
        let ids = self.graph.ranges(types).into_iter().flatten().map(EntityId);
        let fits = |entity: &EntityId| begins(self.graph.name(*entity), folded);
        let ids = ids.filter(fits).take(MOST);
        ids.map(|entity| {
            let name = self.graph.name(entity);
            let type_name = &self.graph.schema().type_(self.graph.type_of(entity)).name;
            let date = self.graph.date_of(entity);
            let about = if date.is_undated() { type_name.clone() } else { format!("{type_name}, {date}") };
            let replacement = if quoted || needs_quotes(name) { quote(name) } else { name.to_string() };
            Candidate::replacing(name, &about, replacement)
        })
        .collect()
    }

    /// Returns the verbs that the subject may have.
    fn verbs(&self) -> Vec<Candidate> {
        let schema = self.graph.schema();
        let of = |types: TypeSet| self.types.subjects.is_none_or(|subjects| !subjects.and(types).is_empty());
        let mut found = Vec::new();
        for (_, verb) in schema.verbs() {
            if of(verb.from) {
                found.push(Candidate::new(&verb.name, &schema.type_names(verb.to)));
            }
            if let Some(inverse) = verb.inverse.as_ref().filter(|_| of(verb.to)) {
                found.push(Candidate::new(inverse, &schema.type_names(verb.from)));
            }
        }
        for (_, property) in schema.properties() {
            if let Some(verb) = property.verb.as_ref().filter(|_| of(property.of)) {
                found.push(Candidate::new(verb, property.value.name()));
            }
        }
        for defined in &self.defined {
            let subject = schema.lookup_type(&defined.subject).map(|id| schema.type_(id).subtypes);
            if subject.is_none_or(of) {
                found.push(Candidate::new(&defined.verb, &defined.about));
            }
        }
        found
    }

    fn value_type(&self, property: PropertyId) -> Candidate {
        let property = self.graph.schema().property(property);
        Candidate::new(property.value.name(), &format!("any {}, with a letter as its name", property.name))
    }

    /// Returns the distinct texts of a property in the graph, in quotes, sorted.
    fn texts(&self, property: PropertyId) -> Vec<Candidate> {
        let values = self.graph.values(property);
        let stated = (0..values.len().min(LOOKED_AT)).map(|at| values.stated.get(at));
        let mut texts: Vec<String> = stated
            .filter_map(|value| match value {
                Value::Text(text) => Some(text.to_string()),
                _ => None,
            })
            .collect();
        texts.sort();
        texts.dedup();
        texts.iter().map(|text| Candidate::replacing(text, "", quote(text))).collect()
    }

    /// Returns the properties of the variable before the dot, or all properties.
    fn properties(&self) -> Vec<Candidate> {
        let schema = self.graph.schema();
        let of =
            self.owner.map(|owner| types_named(owner, self.variables, self.graph)).filter(|types| !types.is_empty());
        let fits = |types: TypeSet| of.is_none_or(|of| !of.and(types).is_empty());
        let properties = schema.properties().filter(|(_, property)| fits(property.of));
        properties.map(|(_, property)| Candidate::new(&property.name, property.value.name())).collect()
    }
}

/// Returns true if a word begins with `folded`, which is in lower case; ignores case.
fn begins(word: &str, folded: &str) -> bool {
    let mut letters = word.chars().flat_map(char::to_lowercase);
    folded.chars().all(|c| letters.next() == Some(c))
}

/// Returns true if a name must be in quotes: some word of it does not begin with a capital or a digit, or contains a
/// character that words may not contain.
fn needs_quotes(name: &str) -> bool {
    let is_word = |word: &str| {
        word.starts_with(|c: char| c.is_uppercase() || c.is_ascii_digit())
            && word.ends_with(char::is_alphanumeric)
            && word.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '.' | '\''))
    };
    let is_lower =
        name.starts_with(|c: char| c.is_lowercase()) && name.contains(|c: char| c == '-' || c.is_ascii_digit());
    let is_lower = is_lower && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '.'));
    let is_run = !name.is_empty() && name.split(' ').all(is_word);
    !is_run && !is_lower || syntax::is_keyword(&name.to_lowercase())
}

fn quote(name: &str) -> String {
    let mut quoted = String::from("\"");
    for c in name.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            c if steers(c) => quoted.extend(c.escape_unicode()),
            c => quoted.push(c),
        }
    }
    quoted + "\""
}

#[cfg(test)]
mod tests {
    use super::{KEYWORDS, complete, needs_quotes, quote};
    use crate::syntax::REPORTS;

    fn offered(before: &str) -> Vec<String> {
        let graph = crate::snapshot::builtin();
        complete(before, &graph, &["t".to_string()])
            .candidates
            .into_iter()
            .map(|candidate| candidate.replacement)
            .collect()
    }

    #[test]
    fn defined_verbs_are_offered() {
        let defined = "define Model m takes Technique t from Model p as m uses t, m succeeds p, p uses t; ";
        assert_eq!(offered(&format!("{defined}Model ta")), ["takes"]);
        assert_eq!(offered(&format!("{defined}Org ta")), [""; 0]);
        assert!(offered(&format!("{defined}Model takes MLA from DeepSeek V")).contains(&"DeepSeek V2".to_string()));
    }

    #[test]
    fn only_what_can_stand_there() {
        let after = offered("Model uses ");
        assert!(after.contains(&"MLA".to_string()) && after.contains(&"Technique".to_string()));
        assert!(!after.contains(&"Google".to_string()) && !after.contains(&"Model".to_string()), "{after:?}");
        assert_eq!(offered("Model uses ML"), ["MLA"]);
        assert_eq!(offered("Model m uses $"), ["$t"]);
        let verbs = offered("Org d");
        assert!(verbs.contains(&"develops".to_string()) && !verbs.contains(&"dated".to_string()), "{verbs:?}");
        let names = offered("DeepSeek V");
        assert!(names.contains(&"DeepSeek V3".to_string()), "{names:?}");
        assert!(offered("Model m show m.da").contains(&"date".to_string()));
        assert_eq!(offered("Model dated "), ["Date", "$t", "after", "before", "between", "in", "since", "until"]);
        assert!(offered("Model m uses MLA show ")[0] == "m" && !offered("Model m show ").contains(&"MLA".to_string()));
        assert!(offered("Technique classed ").contains(&"\"attention\"".to_string()));
        assert_eq!(offered("Technique classed \"att"), ["\"attention\""]);
        let first = offered("");
        assert!(first.contains(&"Model".to_string()) && !first.contains(&"MLA".to_string()), "{first:?}");
        assert!(KEYWORDS.iter().all(|(word, _)| crate::syntax::is_keyword(word) || REPORTS.contains(word)));
    }

    #[test]
    fn names_are_quoted_where_they_must() {
        for plain in ["GPT-2", "DeepSeek V3", "Llama 3.1 405B", "gpt-oss", "o1"] {
            assert!(!needs_quotes(plain), "{plain}");
        }
        for other in ["Mixture of Experts", "Command R+", "", "a b", "two\nlines", "Every"] {
            assert!(needs_quotes(other), "{other}");
        }
        assert_eq!(quote("a \"b\""), "\"a \\\"b\\\"\"");
    }
}
