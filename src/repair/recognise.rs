//! Recognition: the senses of each run of words, and the likeliest readings of the whole text.

use super::lemma::{self, Derived, root};
use super::lexicon::{COUNTRIES, NOUNS, PHRASES, PROPERTIES, Role, VERBS};
use super::tokens::Token;
use super::{GRAPH_TOO_LARGE, cost};
use crate::graph::{EntityId, Graph};
use crate::schema::{PropertyId, Schema, TypeId, VerbId};
use crate::text::suggest;
use crate::value::{Date, Number, Value, ValueType, month_of};
use rustc_hash::FxHashMap;
use std::cell::OnceCell;

/// Use of a verb.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Form {
    /// `uses`: from subject to object.
    Verb,
    /// `maintainer of`: the subject of the verb; also `child of`.
    Doer,
    /// `dependency of`: the object of the verb.
    Done,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Sense {
    Type(TypeId),
    Entity(EntityId),
    /// A verb read from subject to object, or backwards if `inverse`.
    Verb {
        verb: VerbId,
        inverse: bool,
        form: Form,
    },
    Property(PropertyId),
    /// A text that is the value of a property of some entity.
    Text(PropertyId, String),
    Date(String),
    Number(String),
    Role(Role),
    /// Unknown word or mark.
    Unknown,
}

impl Sense {
    /// Returns true if the word belongs to the content of the question, not only to its form.
    pub fn is_content(&self) -> bool {
        use Role::{And, Asked, But, By, Filler, Nobody, Of, Or, Own, To};
        !matches!(self, Sense::Unknown | Sense::Role(Filler | Asked | And | Or | But | By | Of | Own | To | Nobody))
    }
}

/// A run of words with one sense.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Segment {
    pub from: usize,
    pub to: usize,
    pub sense: Sense,
    pub cost: u32,
}

/// A reading of the whole text.
#[derive(Debug, Clone)]
pub(super) struct Reading {
    pub segments: Vec<Segment>,
    pub cost: u32,
}

/// Beam width: number of readings that are kept at each word.
const BEAM: usize = 24;
/// Maximum number of words in which a name is searched.
const LONGEST: usize = 7;

/// Words of a schema, by the stems of their phrases.
struct Dictionary {
    senses: FxHashMap<String, Vec<(Sense, u32)>>,
}

impl Dictionary {
    fn of(schema: &Schema) -> Dictionary {
        let mut dictionary = Dictionary { senses: FxHashMap::default() };
        for (id, item) in schema.types() {
            dictionary.add(&roots(&item.name), Sense::Type(id), 0);
            let last = roots(&item.name).split(' ').next_back().unwrap_or_default().to_string();
            dictionary.add_group(NOUNS, &last, &Sense::Type(id));
            for word in item.doc.split(|c: char| !c.is_alphanumeric()).filter(|word| word.len() > 4).take(8) {
                dictionary.add(&root(&word.to_lowercase()), Sense::Type(id), cost::DOC);
            }
        }
        for (id, verb) in schema.verbs() {
            dictionary.add_verb(&verb.name, id, false);
            verb.inverse.iter().for_each(|word| dictionary.add_verb(word, id, true));
        }
        for (id, property) in schema.properties() {
            dictionary.add(&roots(&property.name), Sense::Property(id), 0);
            property.verb.iter().for_each(|word| dictionary.add(&roots(word), Sense::Property(id), 0));
            for word in [Some(&property.name), property.verb.as_ref()].into_iter().flatten() {
                dictionary.add_group(PROPERTIES, &root(word), &Sense::Property(id));
            }
        }
        dictionary
    }

    fn add(&mut self, key: &str, sense: Sense, cost: u32) {
        let known = self.senses.entry(key.to_string()).or_default();
        match known.iter_mut().find(|(other, _)| *other == sense) {
            Some((_, least)) => *least = cost.min(*least),
            None => known.push((sense, cost)),
        }
    }

    /// Adds the near-synonyms of a stem.
    fn add_group(&mut self, groups: &[&str], word: &str, sense: &Sense) {
        let of_word = groups.iter().filter(|group| group.split(' ').any(|other| root(other) == word));
        for other in of_word.flat_map(|group| group.split(' ')) {
            self.add(&root(other), sense.clone(), cost::SYNONYM);
        }
    }

    fn add_verb(&mut self, word: &str, verb: VerbId, inverse: bool) {
        self.add_forms(word, verb, inverse, 0);
        let first = word.split(' ').next().unwrap_or(word);
        // A passive such as `used by` has no synonyms of its own.
        if word.ends_with(" by") {
            return;
        }
        let own = root(first);
        for group in VERBS.iter().filter(|group| group.split(' ').any(|other| root(other) == own)) {
            for other in group.split(' ').filter(|other| root(other) != own) {
                self.add_forms(other, verb, inverse, cost::SYNONYM);
                // `based on` is nearer to `builds on` than `based` is.
                let own_particle = word.split_once(' ').map(|(_, particle)| format!("{other} {particle}"));
                let sense = Sense::Verb { verb, inverse, form: Form::Verb };
                own_particle.iter().for_each(|phrase| self.add(&roots(phrase), sense.clone(), cost::SYNONYM - 2));
            }
        }
    }

    /// Adds a verb as it is written, without its particle, in the passive, and as a noun if it is one.
    fn add_forms(&mut self, word: &str, verb: VerbId, inverse: bool, cost: u32) {
        let (first, particle) = word.split_once(' ').map_or((word, None), |(first, rest)| (first, Some(rest)));
        let is_noun = matches!(particle, Some("of" | "to")) && !first.ends_with('s') && !first.ends_with("ed");
        let sense = |inverse, form| Sense::Verb { verb, inverse, form };
        self.add(&roots(word), sense(inverse, Form::Verb), cost);
        let own = root(first);
        if is_noun {
            self.add(&own, sense(inverse, Form::Doer), cost + 1);
            self.add(&roots(word), sense(inverse, Form::Doer), cost + 1);
        } else {
            self.add(&own, sense(inverse, Form::Verb), cost + if particle.is_some() { cost::PARTICLE } else { 0 });
        }
        if particle != Some("by") {
            self.add(&format!("{own} by"), sense(!inverse, Form::Verb), cost + 1);
        }
    }

    fn get(&self, key: &str) -> &[(Sense, u32)] {
        self.senses.get(key).map_or(&[], Vec::as_slice)
    }
}

/// Returns the stems of the words of a phrase.
fn roots(phrase: &str) -> String {
    let lower = phrase.to_lowercase();
    lower.split(' ').map(root).collect::<Vec<_>>().join(" ")
}

/// Recogniser of runs of tokens.
struct Recogniser<'a> {
    graph: &'a Graph,
    tokens: &'a [Token],
    dictionary: Dictionary,
    texts: FxHashMap<String, (PropertyId, String)>,
    /// Words to which a misspelt word may be similar; computed when first needed.
    words: OnceCell<Vec<(String, Sense)>>,
    /// Folded names with their lengths in characters; computed when first needed.
    folded: OnceCell<Vec<(String, usize, EntityId)>>,
    /// Names in lower case, sorted; computed when first needed.
    lower: OnceCell<Vec<(String, EntityId)>>,
}

/// Returns the readings of a text, sorted ascending by cost: a beam search over the positions of the tokens.
pub(super) fn readings(tokens: &[Token], graph: &Graph) -> Vec<Reading> {
    let dictionary = Dictionary::of(graph.schema());
    let (words, folded, lower) = (OnceCell::new(), OnceCell::new(), OnceCell::new());
    let recogniser = Recogniser { graph, tokens, dictionary, texts: short_texts(graph), words, folded, lower };
    let mut paths: Vec<Vec<Reading>> = vec![Vec::new(); tokens.len() + 1];
    paths[0].push(Reading { segments: Vec::new(), cost: 0 });
    for at in 0..tokens.len() {
        let mut found = recogniser.segments(at);
        // Similar words are costly to find: they are searched only if nothing better than a synonym is known.
        if found.iter().all(|segment| segment.cost > cost::SYNONYM) {
            found.extend(recogniser.near(at));
        }
        let unknown = match &tokens[at] {
            word if word.is_word() => cost::UNKNOWN,
            mark if mark.word.contains(['<', '>', '=', '!']) => cost::UNUSED,
            _ => cost::MARK,
        };
        found.push(Segment { from: at, to: at + 1, sense: Sense::Unknown, cost: unknown });
        let here = std::mem::take(&mut paths[at]);
        for reading in here.iter().take(BEAM) {
            for segment in &found {
                let mut segments = reading.segments.clone();
                segments.push(segment.clone());
                paths[segment.to].push(Reading { segments, cost: reading.cost + segment.cost });
            }
        }
        for path in &mut paths[at + 1..] {
            path.sort_by_key(|reading| reading.cost);
            path.truncate(BEAM);
        }
    }
    paths.pop().unwrap_or_default()
}

impl Recogniser<'_> {
    /// Returns the segments that begin at a token and are known, exactly or in another form.
    fn segments(&self, at: usize) -> Vec<Segment> {
        let mut found = Vec::new();
        let longest = LONGEST.min(self.tokens.len() - at);
        for length in 1..=longest {
            let run = &self.tokens[at..at + length];
            if length > 1 && run.iter().any(|token| token.quoted) {
                break;
            }
            let mut senses = self.names(run);
            if !run[0].quoted {
                senses.extend(self.words(run));
            }
            senses.extend(self.values(run));
            found.extend(senses.into_iter().map(|(sense, cost)| Segment { from: at, to: at + length, sense, cost }));
        }
        found
    }

    /// Returns the entities of a name; for a plural without entities, those of its singular.
    fn names(&self, run: &[Token]) -> Vec<(Sense, u32)> {
        let (Some(first), Some(last)) = (run.first(), run.last()) else { return Vec::new() };
        if !first.is_word() || !last.is_word() {
            return Vec::new();
        }
        let written = &*written(run);
        let names = self.graph.names();
        let found = |name: &str| names.lookup(name).into_iter().take(3).collect::<Vec<EntityId>>();
        let exact = found(written);
        let begun = self.begun(written, run);
        if !exact.is_empty() {
            let whole = exact.into_iter().map(|id| (Sense::Entity(id), self.case_cost(id, written, run)));
            return whole.chain(begun).collect();
        }
        if !begun.is_empty() {
            return begun;
        }
        if let Some((_, country)) = COUNTRIES.iter().find(|(adjective, _)| *adjective == written.to_lowercase()) {
            return found(country).into_iter().map(|id| (Sense::Entity(id), cost::INFLECTED)).collect();
        }
        let single = lemma::singular(&last.lower);
        if single == last.lower || single.len() < 3 {
            return Vec::new();
        }
        let start = written.len().saturating_sub(last.word.len());
        let name = format!("{}{single}", written.get(..start).unwrap_or_default());
        found(&name).into_iter().map(|id| (Sense::Entity(id), cost::INFLECTED + 1)).collect()
    }

    /// Returns the few entities whose names begin with these words: `Allen Institute`, `Mistral` for `Mistral AI`.
    fn begun(&self, written: &str, run: &[Token]) -> Vec<(Sense, u32)> {
        let is_common = |token: &Token| PHRASES.iter().any(|(phrases, _)| listed(phrases, &token.lower));
        let is_name = written.chars().count() > 2 && !run.iter().all(is_common);
        if !is_name || self.graph.entity_count() > GRAPH_TOO_LARGE {
            return Vec::new();
        }
        let lower = format!("{} ", written.to_lowercase());
        let names = self.lower.get_or_init(|| sorted_names(self.graph));
        let from = names.partition_point(|(name, _)| name.as_str() < lower.as_str());
        let begun = names[from..].iter().take_while(|(name, _)| name.starts_with(&lower)).map(|(_, id)| *id);
        let mut found: Vec<EntityId> = begun.take(64).collect();
        found.sort();
        found.dedup();
        // If several entities of one type match, none of them is meant.
        let is_only = |id: &&EntityId| {
            found.iter().filter(|other| self.graph.type_of(**other) == self.graph.type_of(**id)).count() == 1
        };
        found.iter().filter(is_only).map(|id| (Sense::Entity(*id), cost::BEGUN)).collect()
    }

    /// Returns the cost of a name: an exact one is free, but a name in other letters may be a common word.
    fn case_cost(&self, id: EntityId, written: &str, run: &[Token]) -> u32 {
        let names = self.graph.names();
        let is_exact = names.name(id) == written || names.aliases(id).any(|alias| alias == written);
        let is_common = run.len() == 1 && PHRASES.iter().any(|(phrases, _)| listed(phrases, &run[0].lower));
        match (is_exact, is_common || written.len() == 1) {
            (true, false) => 0,
            (true, true) if written.starts_with(char::is_uppercase) => 0,
            (_, true) => cost::COMMON,
            (false, false) => 1,
        }
    }

    /// Returns the senses of words of the schema, and of function words.
    fn words(&self, run: &[Token]) -> Vec<(Sense, u32)> {
        if run.len() > 5 {
            return Vec::new();
        }
        let lower: Vec<&str> = run.iter().map(|token| token.lower.as_str()).collect();
        let phrase = lower.join(" ");
        let mut senses: Vec<(Sense, u32)> = Vec::new();
        let roles = PHRASES.iter().filter(|(phrases, _)| listed(phrases, &phrase));
        senses.extend(roles.map(|(_, role)| (Sense::Role(*role), 0)));
        if !run.iter().all(Token::is_word) || run.len() > 3 {
            return senses;
        }
        let key = lower.iter().map(|word| root(word)).collect::<Vec<_>>().join(" ");
        let written = written(run);
        let schema = self.graph.schema();
        let is_written = schema.lookup_type(&written).is_some() || schema.lookup_word(&written).is_some();
        let inflected = if is_written { 0 } else { cost::INFLECTED };
        senses.extend(self.dictionary.get(&key).iter().map(|(sense, cost)| (sense.clone(), cost + inflected)));
        if let [only] = run {
            senses.extend(self.derived(&only.lower));
        }
        senses
    }

    /// Returns the senses of a noun derived from a verb.
    fn derived(&self, word: &str) -> Vec<(Sense, u32)> {
        let mut senses = Vec::new();
        for (root, kind) in lemma::derived(word) {
            for (sense, cost) in self.dictionary.get(&root) {
                if let Sense::Verb { verb, inverse, form: Form::Verb } = sense {
                    let form = if kind == Derived::Doer { Form::Doer } else { Form::Done };
                    senses.push((Sense::Verb { verb: *verb, inverse: *inverse, form }, cost + cost::DERIVED));
                }
            }
        }
        senses
    }

    /// Returns the senses as dates, numbers and texts.
    fn values(&self, run: &[Token]) -> Vec<(Sense, u32)> {
        let words: Vec<&str> = run.iter().map(|token| token.lower.as_str()).collect();
        let mut senses = Vec::new();
        senses.extend(date(&words).map(|date| (Sense::Date(date), 0)));
        senses.extend(number(&words).map(|number| (Sense::Number(number), 1)));
        if run.len() <= 3 {
            let folded = crate::graph::fold(&words.join(" "));
            let text = self.texts.get(&folded);
            senses.extend(text.map(|(property, text)| (Sense::Text(*property, text.clone()), 2)));
        }
        senses
    }

    /// Returns the words and names to which an unknown word, or up to four from here, are similar.
    fn near(&self, at: usize) -> Vec<Segment> {
        let token = &self.tokens[at];
        let mut found = Vec::new();
        if token.is_word() && !token.quoted && token.word.chars().count() >= 3 {
            let near = self.near_words(&token.lower);
            found.extend(near.into_iter().map(|(sense, cost)| Segment { from: at, to: at + 1, sense, cost }));
        }
        if self.graph.entity_count() > GRAPH_TOO_LARGE {
            return found;
        }
        for length in 1..=4.min(self.tokens.len() - at) {
            let run = &self.tokens[at..at + length];
            let written = &*written(run);
            if written.chars().count() < 4
                || !run.iter().all(Token::is_word)
                || length > 1 && run[length - 1].lower == "of"
            {
                continue;
            }
            let near = self.near_names(written);
            let ends = |(id, far): (EntityId, usize)| Segment {
                from: at,
                to: at + length,
                sense: Sense::Entity(id),
                cost: cost::near(far),
            };
            found.extend(near.into_iter().map(ends));
        }
        found
    }

    /// Returns words of the schema and function words at a small edit distance.
    fn near_words(&self, word: &str) -> Vec<(Sense, u32)> {
        let all = self.words.get_or_init(|| spelt(self.graph.schema()));
        let single = lemma::singular(word);
        let mut found: Vec<(Sense, u32)> = Vec::new();
        for word in [word, single.as_str()] {
            for (far, near) in suggest::near(word, all.iter().map(|(key, _)| key.as_str())).into_iter().take(4) {
                let senses = all.iter().filter(|(key, _)| key == near).map(|(_, sense)| sense);
                let is_role = |sense: &&Sense| matches!(sense, Sense::Role(_));
                let is_far = far > if word.len() < 6 { 1 } else { 2 };
                let senses = senses.filter(|sense| !(is_far && is_role(sense)));
                found.extend(senses.map(|sense| (sense.clone(), cost::near(far))));
            }
        }
        found.sort_by_key(|(_, cost)| *cost);
        found.truncate(6);
        found
    }

    /// Returns the two nearest entities to an unknown name, with their Damerau-Levenshtein distances.
    fn near_names(&self, written: &str) -> Vec<(EntityId, usize)> {
        let named = |(name, id): (&str, EntityId)| {
            let folded = crate::graph::fold(name);
            let length = folded.chars().count();
            (folded, length, id)
        };
        let names = self.folded.get_or_init(|| self.graph.names().iter().map(named).collect());
        let own = crate::graph::fold(written);
        let length = own.chars().count();
        let reach = if length < 4 { 0 } else { 1 + length / 8 };
        let alike = names.iter().filter(|(_, other, _)| other.abs_diff(length) <= reach);
        let far = alike.map(|(name, _, id)| (*id, strsim::damerau_levenshtein(&own, name)));
        let mut near: Vec<(EntityId, usize)> = far.filter(|(_, far)| *far <= reach && *far > 0).collect();
        near.sort_by_key(|(id, far)| (*far, *id));
        near.dedup_by_key(|(id, _)| *id);
        near.truncate(2);
        near
    }
}

/// Returns names and aliases in lower case, sorted.
fn sorted_names(graph: &Graph) -> Vec<(String, EntityId)> {
    let mut names: Vec<(String, EntityId)> = graph.names().iter().map(|(name, id)| (name.to_lowercase(), id)).collect();
    names.sort();
    names
}

/// Returns words that may be misspelt, with their senses.
fn spelt(schema: &Schema) -> Vec<(String, Sense)> {
    let types = schema.types().map(|(id, item)| (item.name.to_lowercase(), Sense::Type(id)));
    let verbs = schema.verbs().map(|(verb, item)| {
        let first = item.name.split(' ').next().unwrap_or_default().to_string();
        (first, Sense::Verb { verb, inverse: false, form: Form::Verb })
    });
    let properties = schema.properties().map(|(id, item)| (item.name.clone(), Sense::Property(id)));
    let single = |phrases: &'static str| phrases.split('|').filter(|phrase| !phrase.contains(' ') && phrase.len() > 2);
    let telling = PHRASES.iter().filter(|(_, role)| !matches!(role, Role::Filler | Role::Asked | Role::And));
    let roles =
        telling.flat_map(|(phrases, role)| single(phrases).map(|phrase| (phrase.to_string(), Sense::Role(*role))));
    types.chain(verbs).chain(properties).chain(roles).collect()
}

/// Returns a run of words separated by spaces. (The lookup of names ignores the difference between spaces and hyphens.)
fn written(run: &[Token]) -> String {
    run.iter().map(|token| token.word.as_str()).collect::<Vec<_>>().join(" ")
}

/// Returns true if a phrase is among those separated by `|`.
fn listed(phrases: &str, phrase: &str) -> bool {
    phrases.split('|').any(|other| other == phrase)
}

/// Returns the short texts that are values of properties, by their folded form.
fn short_texts(graph: &Graph) -> FxHashMap<String, (PropertyId, String)> {
    const MANY: usize = 4000;
    const SHORT: usize = 40;
    let mut texts = FxHashMap::default();
    for (id, property) in graph.schema().properties().filter(|(_, property)| property.value == ValueType::Text) {
        let values = graph.values(id);
        for position in 0..values.len().min(MANY) as u32 {
            if let (_, Value::Text(text)) = values.stated(position)
                && text.len() <= SHORT
                && property.name != "paper"
            {
                texts.entry(crate::graph::fold(&text)).or_insert((id, text.to_string()));
            }
        }
    }
    texts
}

/// Returns a date such as `2024`, `2024-05`, `may 2024`, `1970s`, `80s`, in the notation of begat.
fn date(words: &[&str]) -> Option<String> {
    match words {
        [one] => {
            if let Some(decade) = one.strip_suffix('s').map(|decade| decade.trim_end_matches(['\'', '’'])) {
                return match decade.parse::<u32>().ok()? {
                    years @ 1000..=2090 if years % 10 == 0 => Some(format!("{}X", years / 10)),
                    years @ 20..=90 if years % 10 == 0 && decade.len() == 2 => Some(format!("19{}X", years / 10)),
                    _ => None,
                };
            }
            let is_year = one.len() >= 4 && one.chars().all(|c| c.is_ascii_digit() || "-.X~?".contains(c));
            let year: u32 = one.get(..4)?.parse().ok()?;
            let bare = one.len() == 4 && !(1000..2101).contains(&year);
            (is_year && !bare && (one.len() == 4 || one.contains(['-', '.'])) && Date::parse(one).is_ok())
                .then(|| one.to_string())
        }
        [month, year] if year.len() == 4 => {
            let (number, year) = (month_of(month)?, year.parse::<u32>().ok()?);
            Some(format!("{year:04}-{number:02}"))
        }
        [decade, "century"] => {
            let number: u32 = decade.trim_end_matches(|c: char| c.is_alphabetic()).parse().ok()?;
            (2..=21).contains(&number).then(|| format!("{:02}XX", number - 1))
        }
        _ => None,
    }
}

/// Returns a number such as `5`, `100B`, `100 billion`, `five`, in the notation of begat.
fn number(words: &[&str]) -> Option<String> {
    const UNITS: &[(&str, &str)] = &[
        ("thousand", "K"),
        ("million", "M"),
        ("millions", "M"),
        ("mio", "M"),
        ("billion", "B"),
        ("billions", "B"),
        ("bn", "B"),
        ("trillion", "T"),
    ];
    const SMALL: &[&str] =
        &["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"];
    match words {
        [one] => {
            if let Some(number) = SMALL.iter().position(|word| word == one).filter(|number| *number > 1) {
                return Some(number.to_string());
            }
            let upper = one.to_uppercase();
            let bare = upper.trim_end_matches(['K', 'M', 'B', 'T']);
            let is_number =
                bare.chars().all(|c| c.is_ascii_digit() || c == '.') && bare.starts_with(|c: char| c.is_ascii_digit());
            (is_number && upper.len() - bare.len() <= 1 && Number::parse(bare).is_some()).then_some(upper.clone())
        }
        [one, unit] => {
            let (_, letter) = UNITS.iter().find(|(word, _)| word == unit)?;
            number(&[one]).filter(|number| number.ends_with(|c: char| c.is_ascii_digit())).map(|n| n + letter)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{date, number};

    #[test]
    fn dates_and_numbers() {
        for (words, wanted) in [
            (&["2024"][..], Some("2024")),
            (&["may", "2024"], Some("2024-05")),
            (&["1970s"], Some("197X")),
            (&["80s"], Some("198X")),
            (&["19th", "century"], Some("18XX")),
            (&["2024-13"], None),
            (&["70b"], None),
        ] {
            assert_eq!(date(words).as_deref(), wanted, "{words:?}");
        }
        for (words, wanted) in [
            (&["70b"][..], Some("70B")),
            (&["100", "billion"], Some("100B")),
            (&["five"], Some("5")),
            (&["b"], None),
            (&["1.5M"], Some("1.5M")),
        ] {
            assert_eq!(number(words).as_deref(), wanted, "{words:?}");
        }
    }
}
