//! Recognition: the senses of each run of words, and the likeliest readings of the whole text.

use super::dictionary::Dictionary;
use super::lemma::{self, Derived, root};
use super::lexicon::{MARKS, PHRASES, Role, Sign, Way, roles, view_of};
use super::synonyms::VERBS;
use super::tokens::Token;
use super::values::{Texts, date, is_until_today, number, short_texts};
use super::vocabulary::{Vocabulary, Word};
use super::{GRAPH_TOO_LARGE, cost};
use crate::graph::EntityId;
use crate::schema::{PropertyId, TypeId, TypeSet};
use crate::text::suggest;
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
        verb: Word,
        inverse: bool,
        form: Form,
    },
    Property(PropertyId),
    /// A text that is the value of a property of some entity.
    Text(PropertyId, String),
    /// A pattern of the names that begin so.
    Named(String),
    Date(String),
    Number(String),
    Role(Role),
    /// Unknown word or mark.
    Unknown,
}

impl Sense {
    /// Returns true if a property may be compared with it.
    pub fn is_operand(&self) -> bool {
        use Role::{Between, Compare, Onwards, Recorded, Relative};
        let is_sign = matches!(self, Sense::Role(Compare(_) | Relative(..) | Between | Onwards(_) | Recorded(_)));
        is_sign || matches!(self, Sense::Date(_) | Sense::Number(_) | Sense::Text(..))
    }

    /// Returns true if the word belongs to the content of the question, not only to its form.
    pub fn is_content(&self) -> bool {
        use Role::{And, Asked, But, By, Filler, Having, Nobody, Of, Only, Or, Own, Same, To};
        !matches!(
            self,
            Sense::Unknown
                | Sense::Role(Filler | Asked | And | Or | But | By | Of | Only | Own | Same | To | Nobody | Having)
        )
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

/// Beam width: number of readings that are kept at each word. Smaller loses readings that only later words make
/// likely; larger takes time in proportion. By reasoning, no benchmark varies it. (Beam search: Lowerre, *The Harpy
/// speech recognition system*, 1976.)
const BEAM: usize = 24;
/// Maximum number of words in which a name is searched. Each word begins so many look-ups.
const LONGEST: usize = 7;

/// Recogniser of runs of tokens.
pub(super) struct Recogniser<'a> {
    pub graph: &'a Vocabulary<'a>,
    pub tokens: &'a [Token],
    pub dictionary: &'a Dictionary,
    pub texts: Texts,
    /// Words to which a misspelt word may be similar; computed when first needed.
    pub words: OnceCell<Vec<(String, Sense)>>,
    /// Folded names with their lengths in characters; computed when first needed.
    pub folded: OnceCell<Vec<(String, usize, EntityId)>>,
    /// Names in lower case, sorted; computed when first needed.
    pub lower: OnceCell<Vec<(String, EntityId)>>,
    /// Names of several words by the stems of these, sorted; computed when first needed.
    pub by_words: OnceCell<FxHashMap<String, EntityId>>,
}

/// The readings of a text, the likeliest first.
pub(super) fn readings(tokens: &[Token], dictionary: &Dictionary, graph: &Vocabulary<'_>) -> Vec<Reading> {
    let (words, folded, lower) = (OnceCell::new(), OnceCell::new(), OnceCell::new());
    let (texts, by_words) = (short_texts(graph), OnceCell::new());
    let recogniser = Recogniser { graph, tokens, dictionary, texts, words, folded, lower, by_words };
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
                let cost = reading.cost + segment.cost + recogniser.misfit(&reading.segments, segment);
                let mut segments = reading.segments.clone();
                segments.push(segment.clone());
                paths[segment.to].push(Reading { segments, cost });
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
            senses.extend(self.values(at, run));
            found.extend(senses.into_iter().map(|(sense, cost)| Segment { from: at, to: at + length, sense, cost }));
        }
        self.weighed(at, found)
    }

    /// Returns the cost of a thing behind a verb that is at neither end of any of its facts: `built by Microsoft` is
    /// not said of what builds on models.
    fn misfit(&self, before: &[Segment], next: &Segment) -> u32 {
        // `released MoE models`: the name tells what kind.
        let is_type = |token: &Token| {
            let mut senses = self.dictionary.get(&root(&token.lower)).iter();
            senses.any(|(sense, cost)| matches!(sense, Sense::Type(_)) && *cost < cost::DOC)
        };
        let types = match next.sense {
            Sense::Entity(_) if self.tokens.get(next.to).is_some_and(is_type) => return 0,
            Sense::Entity(id) => TypeSet::only(self.graph.type_of(id)),
            Sense::Type(id) => self.graph.schema().type_(id).subtypes,
            // `has 671B parameters`: no verb has a number for its object, but a property has.
            Sense::Number(_) => return if self.is_had(before) { cost::MISFIT } else { 0 },
            _ => return 0,
        };
        let is_idle = |segment: &&Segment| {
            let token = &self.tokens[segment.from];
            segment.sense == Sense::Role(Role::By) || token.is("the") || token.is("a") || token.is("an")
        };
        match before.iter().rev().find(|segment| !is_idle(segment)).map(|segment| &segment.sense) {
            Some(Sense::Verb { verb, inverse, form: Form::Verb }) => {
                let (from, to) = self.graph.ends(*verb, *inverse);
                if from.or(to).and(types).is_empty() { cost::MISFIT } else { 0 }
            }
            _ => 0,
        }
    }

    /// Whether the last word is a form of `have` that is taken for a verb of the schema.
    fn is_had(&self, before: &[Segment]) -> bool {
        let Some(last) = before.last().filter(|last| matches!(last.sense, Sense::Verb { .. })) else { return false };
        ["has", "have", "had", "having"].iter().any(|word| self.tokens[last.from].is(word))
    }

    /// Adds what is known of the words together: a phrase says more than the fillers that it begins with, a type more
    /// than a name that is called so, and capitals are no filler.
    fn weighed(&self, at: usize, mut found: Vec<Segment>) -> Vec<Segment> {
        let is_idle = |sense: &Sense| matches!(sense, Sense::Role(Role::Filler | Role::Asked));
        let is_phrase = |segment: &Segment| matches!(segment.sense, Sense::Role(_)) && !is_idle(&segment.sense);
        let longest = found.iter().filter(|segment| is_phrase(segment)).map(|segment| segment.to).max().unwrap_or(0);
        let is_verb =
            |segment: &&Segment| matches!(segment.sense, Sense::Verb { .. }) && segment.cost <= cost::INFLECTED;
        // `known for` is a verb, though `known` says nothing.
        let longest_verb =
            found.iter().filter(is_verb).map(|segment| segment.to).filter(|to| *to > at + 1).max().unwrap_or(0);
        let is_type = |segment: &Segment| matches!(segment.sense, Sense::Type(_)) && segment.cost < cost::DOC;
        let typed: Vec<usize> = found.iter().filter(|segment| is_type(segment)).map(|segment| segment.to).collect();
        // A word of the description of a type means less than the name of another.
        found.retain(|segment| {
            !matches!(segment.sense, Sense::Type(_)) || segment.cost < cost::DOC || !typed.contains(&segment.to)
        });
        let is_own = |segment: &&Segment| is_type(segment) && segment.cost <= cost::INFLECTED;
        let named_types: Vec<usize> = found.iter().filter(is_own).map(|segment| segment.to).collect();
        let is_shouted = |segment: &Segment| {
            let word = &self.tokens[segment.from].word;
            let is_upper = word.len() > 1 && word.chars().all(|c| c.is_uppercase());
            is_upper && self.tokens.iter().any(|token| token.word.chars().any(char::is_lowercase))
        };
        let initials = found.iter().any(|segment| matches!(segment.sense, Sense::Entity(_)));
        let is_named = |segment: &Segment| matches!(segment.sense, Sense::Entity(_)) && segment.cost <= cost::BEGUN;
        let named: Vec<usize> = found.iter().filter(|segment| is_named(segment)).map(|segment| segment.to).collect();
        // `at least` is neither `at` nor `least`, and `older than` is no superlative.
        let firm = found.iter().filter(|segment| is_firm(&segment.sense)).map(|segment| segment.to).max().unwrap_or(0);
        found.retain(|segment| segment.to >= firm || !matches!(segment.sense, Sense::Role(_)));
        let is_today = |segment: &Segment| segment.sense == Sense::Role(Role::Today);
        if found.iter().any(is_today) {
            // `last year` is no superlative.
            found.retain(is_today);
        }
        for segment in &mut found {
            // One thing that is called so comes before all that begin so.
            if matches!(segment.sense, Sense::Named(_)) && named.contains(&segment.to) {
                segment.cost += 10;
            }
            let is_short = segment.to < longest.max(longest_verb) && segment.sense == Sense::Role(Role::Filler);
            // `by year` is one phrase.
            let is_begun = segment.to < longest && segment.sense == Sense::Role(Role::By);
            // `US` is no `us`, and no form of `use`.
            let is_word = is_idle(&segment.sense) || matches!(segment.sense, Sense::Verb { .. });
            let is_hidden = is_word && initials && is_shouted(segment);
            // `kinds` is no filler where `Kind` is a type.
            let is_type = segment.sense == Sense::Role(Role::Filler) && named_types.contains(&segment.to);
            segment.cost += if is_short || is_type { 3 } else { 0 };
            segment.cost += if is_begun { 6 } else { 0 };
            segment.cost += if is_hidden { 12 } else { 0 };
            if matches!(segment.sense, Sense::Entity(_)) && typed.contains(&segment.to) && segment.cost > 0 {
                segment.cost += cost::COMMON;
            }
        }
        found
    }

    /// Returns the senses of words of the schema, and of function words.
    fn words(&self, run: &[Token]) -> Vec<(Sense, u32)> {
        if run.len() > 5 {
            return Vec::new();
        }
        let lower: Vec<&str> = run.iter().map(|token| token.lower.as_str()).collect();
        let phrase = lower.join(" ");
        let mut senses: Vec<(Sense, u32)> = Vec::new();
        senses.extend(roles(&phrase).iter().map(|role| (Sense::Role(*role), 0)));
        senses.extend(MARKS.iter().filter(|(mark, _)| *mark == phrase).map(|(_, role)| (Sense::Role(*role), 0)));
        senses.extend(composed(&lower).map(|role| (Sense::Role(role), 0)));
        if !run.iter().all(Token::is_word) || run.len() > 3 {
            return senses;
        }
        let key = run.iter().flat_map(parts).map(|word| root(&word)).collect::<Vec<_>>().join(" ");
        senses.extend(self.compound(run));
        let written = written(run);
        let schema = self.graph.schema();
        let is_written = schema.lookup_type(&written).is_some() || schema.lookup_word(&written).is_some();
        let inflected = if is_written { 0 } else { cost::INFLECTED };
        senses.extend(self.dictionary.get(&key).iter().map(|(sense, cost)| (sense.clone(), cost + inflected)));
        if let [only] = run {
            senses.extend(self.derived(&only.lower));
            let view = view_of(&key).filter(|_| senses.is_empty());
            senses.extend(view.map(|view| (Sense::Role(view), cost::INFLECTED)));
        }
        senses
    }

    /// Returns the property that two words name together: `release date`, `year of birth`.
    fn compound(&self, run: &[Token]) -> Vec<(Sense, u32)> {
        let (first, last) = match run {
            [first, last] => (first, last),
            [first, of, last] if of.is("of") => (last, first),
            _ => return Vec::new(),
        };
        let known = |token: &Token| self.dictionary.get(&root(&token.lower)).to_vec();
        let last = known(last);
        let of_both = known(first).into_iter().filter_map(|(sense, cost)| {
            let (_, other) = last.iter().find(|(other, _)| *other == sense)?;
            matches!(sense, Sense::Property(_)).then_some((sense, cost.min(other + 2) + cost::INFLECTED))
        });
        of_both.collect()
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
    fn values(&self, at: usize, run: &[Token]) -> Vec<(Sense, u32)> {
        const COMPARED: &[&str] = &["than", "least", "most", "exactly", "over", "only"];
        let words: Vec<&str> = run.iter().map(|token| token.lower.as_str()).collect();
        let mut senses = Vec::new();
        senses.extend(date(&words).map(|date| (Sense::Date(date), 0)));
        senses.extend(is_until_today(&words).then_some((Sense::Role(Role::Today), 0)));
        senses.extend(number(&words).map(|number| (Sense::Number(number), 1)));
        if run.len() <= 3 {
            let folded = crate::graph::fold(&words.join(" "));
            let (text, single) = (self.texts.get(&folded), self.texts.get(&lemma::singular(&folded)));
            let text = text.map(|text| (text, 2)).or(single.map(|text| (text, 3)));
            senses.extend(text.map(|((property, text), cost)| (Sense::Text(*property, text.clone()), cost)));
        }
        // `more than one`
        if words == ["one"] && at > 0 && COMPARED.iter().any(|word| self.tokens[at - 1].is(word)) {
            senses.push((Sense::Number("1".to_string()), 0));
        }
        senses
    }

    /// Returns the words and names to which an unknown word, or up to four from here, are similar.
    fn near(&self, at: usize) -> Vec<Segment> {
        let token = &self.tokens[at];
        let mut found = Vec::new();
        if token.is_word() && !token.quoted && token.word.chars().count() >= 3 {
            // Capitals in or behind the first word are those of names and types.
            let is_name = token.word.chars().skip(usize::from(at == 0)).any(char::is_uppercase);
            let may_be = |sense: &Sense| !is_name || matches!(sense, Sense::Type(_));
            let near = self.near_words(&token.lower).into_iter().filter(|(sense, _)| may_be(sense));
            found.extend(near.map(|(sense, cost)| Segment { from: at, to: at + 1, sense, cost }));
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
        let all = self.words.get_or_init(|| spelt(self.graph, self.dictionary));
        let single = lemma::singular(word);
        let mut found: Vec<(Sense, u32)> = Vec::new();
        for word in [word, single.as_str()] {
            let reach = if word.len() < 6 { 1 } else { 2 };
            let near = suggest::near(word, all.iter().map(|(key, _)| key.as_str())).into_iter();
            let kept = near.filter(|(far, _)| *far <= reach).filter_map(|(far, near)| {
                let transposed = is_transposed(word, near);
                let is_other = near.chars().count() == word.chars().count() && !transposed;
                let senses = all.iter().filter(|(key, sense)| key == near && may_be_meant(sense, far, is_other));
                let cost = cost::near(far) - if transposed { cost::EXCHANGED } else { 0 };
                let senses: Vec<(Sense, u32)> = senses.map(|(_, sense)| (sense.clone(), cost)).collect();
                (!senses.is_empty()).then_some(senses)
            });
            found.extend(kept.take(4).flatten());
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
        let alike = names
            .iter()
            .filter(|(name, other, _)| other.abs_diff(length) <= reach && suggest::may_be_near(&own, name, reach));
        let far = alike.map(|(name, _, id)| (*id, strsim::damerau_levenshtein(&own, name)));
        let mut near: Vec<(EntityId, usize)> = far.filter(|(_, far)| *far <= reach && *far > 0).collect();
        near.sort_by_key(|(id, far)| (*far, *id));
        near.dedup_by_key(|(id, _)| *id);
        near.truncate(2);
        near
    }
}

/// Returns true if the words of a phrase have another meaning than the phrase.
fn is_firm(sense: &Sense) -> bool {
    use Role::{Compare, Count, Fold, Not, Onwards, Relative, Today};
    matches!(sense, Sense::Role(Compare(_) | Count | Fold(_) | Not | Onwards(_) | Relative(..) | Today))
}

/// Returns true if a misspelt word may have a sense at this distance. Another letter makes another word of a short one:
/// `newer` is not `never`. What says nothing is not guessed.
fn may_be_meant(sense: &Sense, far: usize, is_other: bool) -> bool {
    match sense {
        Sense::Role(Role::Not | Role::Asked) => !is_other && far == 1,
        Sense::Role(Role::Filler) => false,
        // `couples` are no `doubles`.
        Sense::Role(Role::View(_)) => far == 1 || !is_other,
        _ => true,
    }
}

/// Whether two neighbouring letters of a word are exchanged in the other: `form` and `from`.
pub(super) fn is_transposed(word: &str, other: &str) -> bool {
    let (word, other): (Vec<char>, Vec<char>) = (word.chars().collect(), other.chars().collect());
    let differing: Vec<usize> = (0..word.len().min(other.len())).filter(|i| word[*i] != other[*i]).collect();
    match differing[..] {
        [a, b] => word.len() == other.len() && a + 1 == b && word[a] == other[b] && word[b] == other[a],
        _ => false,
    }
}

/// Returns what words mean together: `most new` is `newest`, `more old than` is `older than`, `longest first` is an order.
fn composed(words: &[&str]) -> Option<Role> {
    let extreme = |word: &str| {
        roles(word).iter().find_map(|role| match role {
            Role::Extreme(measure, way) => Some((*measure, *way)),
            _ => None,
        })
    };
    match words {
        ["most" | "more", word] => extreme(word).map(|(measure, way)| Role::Extreme(measure, way)),
        ["more", word, "than"] => extreme(word)
            .map(|(measure, way)| Role::Relative(measure, if way == Way::Down { Sign::More } else { Sign::Less })),
        [word, "first"] if *word != "the" => extreme(word).map(|(measure, way)| Role::Sorted(measure, way)),
        _ => None,
    }
}

/// Words that may be misspelt, with what they mean.
fn spelt(graph: &Vocabulary<'_>, dictionary: &Dictionary) -> Vec<(String, Sense)> {
    let schema = graph.schema();
    let types = schema.types().map(|(id, item)| (item.name.to_lowercase(), Sense::Type(id)));
    let own = schema.verbs().map(|(id, item)| (Word::Verb(id), item.name.as_str()));
    let verbs = own.chain(graph.defined()).map(|(verb, name)| {
        let first = name.split(' ').next().unwrap_or_default().to_string();
        (first, Sense::Verb { verb, inverse: false, form: Form::Verb })
    });
    let properties = schema.properties().map(|(id, item)| (item.name.clone(), Sense::Property(id)));
    let single = |phrases: &'static str| phrases.split('|').filter(|phrase| !phrase.contains(' ') && phrase.len() > 2);
    let telling = PHRASES.iter().filter(|(_, role)| !matches!(role, Role::And));
    let roles =
        telling.flat_map(|(phrases, role)| single(phrases).map(|phrase| (phrase.to_string(), Sense::Role(*role))));
    let known: Vec<(String, Sense)> = types.chain(verbs).chain(properties).chain(roles).collect();
    // Short words are near too many others.
    let synonyms = VERBS.iter().flat_map(|group| group.split(' ')).filter(|word| word.len() > 5);
    let of = |word: &str| {
        let senses = dictionary.get(&root(word)).iter().filter(|(sense, _)| matches!(sense, Sense::Verb { .. }));
        senses.map(|(sense, _)| (word.to_string(), sense.clone())).collect::<Vec<_>>()
    };
    let mut words: Vec<&str> = synonyms.filter(|word| known.iter().all(|(own, _)| own != word)).collect();
    words.sort_unstable();
    words.dedup();
    let synonyms = words.into_iter().flat_map(of).collect();
    [known, synonyms].concat()
}

/// The words of an identifier, in small letters: `stems_from` and `stemsFrom` are two.
fn parts(token: &Token) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut was_small = false;
    for c in token.word.chars() {
        if c == '_' || was_small && c.is_uppercase() {
            parts.push(String::new());
        }
        if c != '_' {
            parts.last_mut().expect("there is one").extend(c.to_lowercase());
        }
        was_small = c.is_lowercase();
    }
    parts
}

/// A run of words with spaces between them; names do not tell spaces from hyphens.
pub(super) fn written(run: &[Token]) -> String {
    run.iter().map(|token| token.word.as_str()).collect::<Vec<_>>().join(" ")
}
