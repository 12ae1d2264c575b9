//! Complete queries for a draft: a view, or a sentence with counts, comparisons, order and limit.

use super::clauses::Clauses;
use super::conditions::is_date;
use super::draft::{Condition, Draft, Joint, Kind, Link, Noun, Operand};
use super::join::{self, Joined};
use super::lemma::root;
use super::lexicon::{Measure, Sign, View};
use super::synonyms::PROPERTIES;
use super::vocabulary::Vocabulary;
use super::write::{Sentence, name, quoted, value};
use super::{Candidate, cost};
use crate::graph::EntityId;
use crate::schema::{PropertyId, TypeId, TypeSet};
use crate::value::ValueType;

/// The queries that a draft may mean.
pub(super) fn candidates(draft: &Draft, graph: &Vocabulary<'_>) -> Vec<Candidate> {
    let mut writer = Writer { draft, graph, found: Vec::new() };
    writer.views();
    writer.beside();
    writer.values();
    writer.shares();
    writer.sentences();
    writer.found
}

pub(super) struct Writer<'a> {
    pub draft: &'a Draft,
    pub graph: &'a Vocabulary<'a>,
    found: Vec<Candidate>,
}

impl Writer<'_> {
    /// Adds a query that uses the words at these positions.
    pub fn put(&mut self, query: String, cost: u32, used: &[usize]) {
        // `the model DeepSeek R1`: the name says the type, too.
        let is_apposed = |at: &usize| {
            let mut names = self.draft.nouns.iter().filter(|noun| matches!(noun.kind, Kind::Entity(_)) && !noun.denied);
            names.any(|noun| used.contains(&noun.at) && noun.words.contains(at))
        };
        let is_left = |at: &&usize| !used.contains(at) && !self.draft.said.contains(at) && !is_apposed(at);
        let mut left_out: Vec<usize> = self.draft.content.iter().filter(is_left).copied().collect();
        // Without these it would say something else.
        if left_out.iter().any(|at| self.draft.weighty.contains(at)) {
            return;
        }
        let cost = self.draft.cost + cost + cost::UNUSED * left_out.len() as u32;
        left_out.extend(&self.draft.unknown);
        left_out.sort();
        let reversed = self.draft.reversed;
        self.found.push(Candidate { reversed, ..Candidate::new(query, cost, left_out) });
    }

    pub fn view_at(&self, wanted: &[View]) -> Option<usize> {
        self.draft.views.iter().find(|(view, _)| wanted.contains(view)).map(|(_, at)| *at)
    }

    /// Returns the named entities with the positions of their words, including those of lists.
    pub fn named(&self) -> Vec<(EntityId, usize)> {
        self.draft.entities().into_iter().map(|(i, id)| (id, self.draft.nouns[i].at)).collect()
    }

    pub fn types(&self) -> Vec<(TypeId, usize)> {
        let of = |noun: &super::draft::Noun| match noun.kind {
            Kind::Type(id) => Some((id, noun.at)),
            _ => None,
        };
        self.draft.nouns.iter().filter_map(of).collect()
    }

    pub fn name(&self, id: EntityId) -> String {
        name(id, self.graph)
    }

    pub fn value(&self, id: EntityId) -> String {
        value(id, self.graph)
    }

    /// Adds queries for a property of the only named entity: `GPT-2 dated Date`.
    fn values(&mut self) {
        let [(id, at)] = self.named()[..] else { return };
        if !self.draft.conditions.is_empty() {
            return;
        }
        let kind = self.graph.type_of(id);
        let asked = self.draft.asks.iter().flat_map(|(measure, at)| {
            self.measured(*measure, TypeSet::only(kind))
                .into_iter()
                .enumerate()
                .map(move |(rank, p)| (p, *at, rank as u32))
        });
        let named = self.draft.properties.iter().map(|(property, at)| (*property, *at, 0));
        let all: Vec<(PropertyId, usize, u32)> = named.chain(asked).collect();
        let asks: Vec<usize> = self.draft.asks.iter().map(|(_, at)| *at).collect();
        let said: Vec<usize> = self.draft.properties.iter().map(|(_, at)| *at).collect();
        let alike = self.types().into_iter().filter(|(own, _)| self.is_a(id, *own)).map(|(_, at)| at);
        let counts: Vec<usize> = self.draft.count.into_iter().chain(alike).collect();
        let (name, own) = (self.name(id), self.value(id));
        let asks_none = asks.is_empty() && self.view_at(&[View::Describe]).is_none();
        for (property, word, rank) in all {
            // `techniques introduced by X` asks for no date of X, nor does `where X comes from`.
            let rank = if asks_none && self.draft.loose.contains(&word) { rank + 5 } else { rank };
            let item = self.graph.schema().property(property);
            if !item.of.contains(kind) {
                continue;
            }
            let asks_date = item.value == ValueType::Date;
            let mut used = vec![at, word];
            used.extend(asks.iter().filter(|_| asks_date || item.value == ValueType::Number));
            used.extend(said.iter().filter(|_| self.draft.properties.iter().all(|(p, _)| *p == property)));
            used.extend(counts.iter());
            used.extend(self.view_at(&[View::Describe]));
            let value = match item.value {
                ValueType::Date => "Date",
                ValueType::Number => "Number",
                _ => "Text",
            };
            let kind = &self.graph.schema().type_(kind).name;
            let query = match &item.verb {
                Some(verb) => format!("{name} {verb} {value}"),
                None => {
                    let letter = kind.chars().next().map_or('x', |c| c.to_ascii_lowercase());
                    format!("{kind} {letter} where {letter} = {own} show {letter}, {letter}.{}", item.name)
                }
            };
            self.put(query, 2 * rank, &used);
        }
    }

    /// Returns the properties of any of these types that a measure may mean.
    pub fn measured(&self, measure: Measure, types: TypeSet) -> Vec<PropertyId> {
        let schema = self.graph.schema();
        let fits = |item: &crate::schema::Property| match measure {
            Measure::Date => item.value == ValueType::Date,
            Measure::Steps => false,
            Measure::Number(word) => {
                let is_about = |property: &str| {
                    let own = root(property);
                    own == root(word)
                        || PROPERTIES.iter().any(|group| {
                            let mut roots = group.split(' ').map(root);
                            group.split(' ').any(|other| other == word) && roots.any(|other| other == own)
                        })
                };
                let unit = item.unit.as_deref().unwrap_or_default();
                item.value == ValueType::Number
                    && (is_about(&item.name) || item.verb.as_deref().is_some_and(is_about) || is_about(unit))
            }
        };
        let of_types = |item: &crate::schema::Property| !item.of.and(types).is_empty();
        let found = schema.properties().filter(|(_, item)| of_types(item) && fits(item));
        let mut found: Vec<PropertyId> = found.map(|(id, _)| id).collect();
        // The property that dates the entities comes first.
        let main = types.iter().find_map(|kind| self.graph.dating(kind));
        found.sort_by_key(|id| Some(*id) != main);
        found
    }

    pub fn joined(&self) -> Vec<Joined> {
        join::joined(self.draft, &|_| true, self.graph)
    }

    /// Adds sentences with their clauses.
    fn sentences(&mut self) {
        let mut all = self.joined();
        if all.is_empty() {
            all = self.ranked_alone();
        }
        if self.draft.most.is_some() || self.is_of_a_kind() {
            all.extend(self.ranked_alone());
        }
        let ranked: Vec<Joined> = all.iter().flat_map(|joined| self.ranked_beside(joined)).collect();
        all.extend(ranked);
        for joined in all.into_iter().map(|joined| joined.with_choices(self.graph)) {
            if joined.nouns.is_empty() || !joined.can_be_said() {
                continue;
            }
            // Nothing is asked of what does not exist: the denial would be lost.
            if joined.nouns[Sentence::of(&joined, self.graph).root()].denied && self.view_at(&[View::Why]).is_none() {
                continue;
            }
            self.sentence(&joined);
        }
    }

    /// Returns ways to rank a type alone: `the most popular technique` counts the entities joined to it.
    fn ranked_alone(&self) -> Vec<Joined> {
        let only = match self.draft.nouns.as_slice() {
            [only] => only,
            // `the most common decoders`
            [things, kind] if kind.joint == Joint::Kind => return self.ranked_of_kind(things, kind),
            _ => return Vec::new(),
        };
        match only.kind {
            Kind::Type(kind) if self.draft.most.is_some() || self.draft.count.is_some() => {
                join::about(kind, only, self.graph)
            }
            Kind::Entity(id) if self.is_of_a_kind() => join::about(self.graph.type_of(id), only, self.graph),
            _ => Vec::new(),
        }
    }

    /// Returns ways to rank the only thing that is asked for by what no word names: `the least used attention technique`.
    fn ranked_beside(&self, joined: &Joined) -> Vec<Joined> {
        let is_open = |noun: &Noun| matches!(noun.kind, Kind::Type(_)) && !noun.denied && noun.quantifier.is_empty();
        let mut open = (0..joined.nouns.len()).filter(|i| is_open(&joined.nouns[*i]));
        let (Some(thing), None, true) = (open.next(), open.next(), self.draft.most.is_some()) else {
            return Vec::new();
        };
        let Kind::Type(kind) = joined.nouns[thing].kind else { return Vec::new() };
        if joined.nouns.len() < 2 {
            return Vec::new();
        }
        let is_new =
            |other: &Joined| other.links.iter().all(|link| joined.links.iter().all(|own| own.verb != link.verb));
        let about = join::about(kind, &joined.nouns[thing], self.graph).into_iter().filter(is_new).take(2);
        let with = |other: Joined| {
            let mut wider = joined.clone();
            wider.cost += other.cost;
            let to = wider.nouns.len();
            wider.nouns.extend(other.nouns.into_iter().skip(1));
            wider.links.extend(other.links.into_iter().map(|link| Link { from: thing, to, ..link }));
            wider
        };
        about.map(with).collect()
    }

    fn ranked_of_kind(&self, things: &Noun, kind: &Noun) -> Vec<Joined> {
        let (Kind::Type(of), [link]) = (things.kind, self.draft.links.as_slice()) else { return Vec::new() };
        let mut all = join::about(of, things, self.graph);
        // What is counted is something else than the kind.
        all.retain(|joined| joined.links.iter().all(|other| other.verb != link.verb));
        for joined in &mut all {
            joined.nouns.push(kind.clone());
            joined.links.push(Link { from: 0, to: joined.nouns.len() - 1, ..*link });
        }
        all
    }

    /// `the number of decoders`: one name is what things are, and these are asked for.
    fn is_of_a_kind(&self) -> bool {
        let Draft { nouns, count, conditions, extreme, views, verbs, .. } = self.draft;
        let [Noun { kind: Kind::Entity(_), plural, .. }] = nouns.as_slice() else { return false };
        let asks = *plural || count.is_some() || extreme.is_some() || !conditions.is_empty();
        asks && views.is_empty() && verbs.is_empty()
    }

    fn sentence(&mut self, joined: &Joined) {
        let mut sentence = Sentence::of(joined, self.graph);
        let mut used: Vec<usize> =
            joined.nouns.iter().flat_map(|noun| noun.words.iter().chain([&noun.at])).copied().collect();
        // A verb that joins nothing is left out, and that is told.
        used.extend(self.draft.verbs.iter().map(|verb| verb.at).filter(|at| !self.draft.unlinked.contains(at)));
        let mut clauses = Clauses::default();
        for condition in &self.draft.conditions {
            match self.said(condition, joined, &mut sentence, &mut clauses) {
                true => used.extend(&condition.words),
                false => used.retain(|at| *at != condition.at),
            }
        }
        let mut extra = joined.cost;
        self.wrapped(joined, &sentence, &clauses, &used, extra);
        self.alone(joined, &used, extra);
        self.crossed(&sentence, &clauses, &used, extra);
        if !self.folded(joined, &mut sentence, &mut clauses, &mut used) {
            self.counted(joined, &mut sentence, &mut clauses, &mut used);
            self.averaged(joined, &sentence, &mut clauses, &mut used);
            extra += self.superlative(joined, &mut sentence, &mut clauses, &mut used);
            self.ordered(joined, &mut sentence, &mut clauses, &mut used);
        }
        let show = self.shown(joined, &mut sentence, &mut clauses, &mut used);
        if let Some((limit, at)) = &self.draft.limit {
            clauses.limit = Some(limit.clone());
            used.push(*at);
        }
        if self.draft.having.is_some() && clauses.having.is_none() {
            return;
        }
        let text = sentence.text();
        let head = if clauses.count { "count " } else { "" };
        self.put(format!("{head}{text}{}", clauses.written()), extra + show, &used);
        let asks_when = self.draft.asks.iter().any(|(measure, _)| *measure == Measure::Date);
        if let (Some(first), Some(_), false) = (clauses.first.take(), clauses.order.take(), asks_when) {
            // `first(m)` or `last(m)`: only the entity that is certainly before or after all others.
            clauses.limit = None;
            clauses.show = vec![first];
            self.put(format!("{text}{}", clauses.written()), extra, &used);
        }
    }

    /// Views that take a sentence.
    fn wrapped(&mut self, joined: &Joined, sentence: &Sentence, clauses: &Clauses, used: &[usize], cost: u32) {
        let text = sentence.text();
        let is_named = |noun: &Noun| matches!(noun.kind, Kind::Entity(_));
        if let Some(at) = self.view_at(&[View::Why])
            && joined.nouns.iter().all(is_named)
            && joined.nouns.iter().any(|noun| noun.denied)
        {
            let mut affirmed = joined.clone();
            affirmed.nouns.iter_mut().for_each(|noun| noun.denied = false);
            let text = Sentence::of(&affirmed, self.graph).text();
            self.put(format!("why not {text}"), cost, &[used, &[at]].concat());
            return;
        }
        let wheres = clauses.written();
        let words: &[(View, &str)] =
            &[(View::Timeline, "timeline of"), (View::Why, "why"), (View::Lineage, "timeline of")];
        for (view, word) in words {
            // A reason is one of facts, whatever is compared.
            let has_reason = wheres.is_empty() && !joined.links.is_empty();
            if let Some(at) = self.view_at(&[*view]).filter(|_| has_reason || *view != View::Why) {
                self.put(format!("{word} {text}{wheres}"), cost, &[used, &[at]].concat());
            }
        }
    }

    /// Adds a condition to the noun that it fits; returns false if there is none.
    pub fn said(&self, condition: &Condition, joined: &Joined, sentence: &mut Sentence, clauses: &mut Clauses) -> bool {
        match &condition.operand {
            Operand::Like(pattern) if condition.property.is_some() => {
                let Some((noun, property)) = self.measured_noun(condition, joined) else { return false };
                let is_open = sentence.open().contains(&noun);
                if is_open {
                    let name = &self.graph.schema().property(property).name;
                    clauses.wheres.push(format!("{}.{name} like {}", sentence.letter(noun), quoted(pattern)));
                }
                is_open
            }
            Operand::Like(pattern) => {
                let is_type = |i: &usize| !matches!(joined.nouns[*i].kind, Kind::Entity(_));
                let things = (0..joined.nouns.len()).filter(is_type);
                // `technique LIKE '%Norm%'` names whose name it is.
                let place = condition.owner.unwrap_or(condition.at);
                let near = things.min_by_key(|i| joined.nouns[*i].at.abs_diff(place));
                near.filter(|noun| sentence.open().contains(noun)).is_some_and(|noun| {
                    let letter = sentence.letter(noun);
                    clauses.wheres.push(format!("name({letter}) like {}", quoted(pattern)));
                    true
                })
            }
            Operand::OneOf(ids) => {
                let noun = sentence.open().into_iter().find(|i| joined.nouns[*i].at == condition.at);
                noun.is_some_and(|noun| {
                    let names: Vec<String> = ids.iter().map(|id| self.value(*id)).collect();
                    clauses.wheres.push(format!("{} in ({})", sentence.letter(noun), names.join(", ")));
                    true
                })
            }
            Operand::Not(id) => {
                let is_before =
                    |i: &usize| joined.nouns[*i].at < condition.at && self.may_be(*id, joined.types(*i, self.graph));
                let last = sentence.open().into_iter().filter(is_before).max_by_key(|i| joined.nouns[*i].at);
                last.is_some_and(|noun| {
                    let letter = sentence.letter(noun);
                    clauses.wheres.push(format!("{letter} != {}", self.value(*id)));
                    true
                })
            }
            _ => {
                let Some((noun, property)) = self.measured_noun(condition, joined) else { return false };
                self.phrased(condition, noun, property, sentence)
                    || sentence.open().contains(&noun) && self.tested(condition, noun, property, sentence, clauses)
            }
        }
    }

    /// Says a condition by the verb of its property: `dated before 2024`; returns false if that cannot be.
    fn phrased(&self, condition: &Condition, noun: usize, property: PropertyId, sentence: &mut Sentence) -> bool {
        let item = self.graph.schema().property(property);
        let Some(verb) = &item.verb else { return false };
        let phrase = match &condition.operand {
            Operand::Date(date) => {
                let word = condition.sign.before_date();
                let word = if word.is_empty() && date.contains('X') { "in " } else { word };
                format!("{verb} {word}{date}")
            }
            Operand::Between(first, second) if item.value == ValueType::Date => {
                format!("{verb} between {first} and {second}")
            }
            Operand::Number(number) if condition.sign == Sign::Equal => format!("{verb} {number}"),
            Operand::Text(text) => format!("{verb} {}", quoted(text)),
            _ => return false,
        };
        if condition.denied.is_some() && sentence.deny_others(noun, &phrase) {
            return true;
        }
        sentence.say(noun, if condition.denied.is_some() { format!("not {phrase}") } else { phrase });
        true
    }

    /// Says a condition by a comparison: `m.parameters > 100B`; returns false if that cannot be.
    fn tested(
        &self,
        condition: &Condition,
        noun: usize,
        property: PropertyId,
        sentence: &mut Sentence,
        clauses: &mut Clauses,
    ) -> bool {
        let own = format!("{}.{}", sentence.letter(noun), self.graph.schema().property(property).name);
        let test = match &condition.operand {
            Operand::Date(value) | Operand::Number(value) => {
                let is_in = condition.sign == Sign::Equal && value.contains('X');
                format!("{own} {} {value}", if is_in { "in" } else { condition.sign.written() })
            }
            Operand::Dates(dates) => format!("{own} in ({})", dates.join(", ")),
            Operand::Between(first, second) => format!("{own} >= {first} and {own} <= {second}"),
            Operand::Text(text) => format!("{own} = {}", quoted(text)),
            Operand::Texts(texts) => {
                let texts: Vec<String> = texts.iter().map(|text| quoted(text)).collect();
                format!("{own} in ({})", texts.join(", "))
            }
            Operand::Nothing => format!("{own} is unknown"),
            Operand::Something => format!("{own} is not unknown"),
            Operand::Same(other) => {
                let name = &self.graph.schema().property(property).name;
                format!("{own} {} {}.{name}", condition.sign.written(), self.value(*other))
            }
            Operand::Like(_) | Operand::Not(_) | Operand::OneOf(_) => return false,
        };
        clauses.wheres.push(if condition.denied.is_some() { format!("not ({test})") } else { test });
        true
    }

    fn may_be(&self, id: EntityId, types: TypeSet) -> bool {
        types.contains(self.graph.type_of(id))
    }

    /// Returns the noun and the property that a condition refers to: the nearest noun before it that has such a
    /// property, otherwise the nearest after it.
    fn measured_noun(&self, condition: &Condition, joined: &Joined) -> Option<(usize, PropertyId)> {
        let is_head =
            |i: &usize| joined.nouns[*i].joint == Joint::None && !matches!(joined.nouns[*i].kind, Kind::Entity(_));
        let mut nouns: Vec<usize> = (0..joined.nouns.len()).filter(is_head).collect();
        nouns.sort_by_key(|i| {
            let noun = &joined.nouns[*i];
            (noun.at > condition.at, noun.at.abs_diff(condition.at))
        });
        // `most used techniques in 2024` counts the uses of that year.
        if let (Some((_, at)), None, None, true) =
            (self.draft.most, condition.property, condition.measure, nouns.len() > 1)
        {
            let (group, _) = self.ranked(joined, &nouns, at);
            nouns.sort_by_key(|i| *i == group);
        }
        if condition.owner.is_some() {
            nouns.sort_by_key(|i| Some(joined.nouns[*i].at) != condition.owner);
        }
        nouns.into_iter().find_map(|i| Some((i, self.property_of(condition, joined.types(i, self.graph))?)))
    }

    fn property_of(&self, condition: &Condition, types: TypeSet) -> Option<PropertyId> {
        let schema = self.graph.schema();
        let fits = |id: &PropertyId| {
            let item = schema.property(*id);
            let is_value = match condition.operand {
                Operand::Between(ref first, _) if is_date(first) => item.value == ValueType::Date,
                Operand::Date(_) | Operand::Dates(_) | Operand::Same(_) if item.value == ValueType::Date => true,
                Operand::Number(_) | Operand::Same(_) | Operand::Between(..) => item.value == ValueType::Number,
                Operand::Text(_) | Operand::Texts(_) | Operand::Like(_) => item.value == ValueType::Text,
                Operand::Nothing | Operand::Something => true,
                Operand::Date(_) | Operand::Dates(_) | Operand::Not(_) | Operand::OneOf(_) => false,
            };
            is_value && !item.of.and(types).is_empty()
        };
        // What is bigger than 2000 is not later than that year.
        let is_year = match &condition.operand {
            Operand::Date(_) | Operand::Dates(_) => true,
            Operand::Between(first, _) => is_date(first),
            _ => false,
        };
        match condition.measure {
            Some(Measure::Steps) => return None,
            Some(Measure::Number(_)) if is_year => return None,
            _ => {}
        }
        if let Some(property) = condition.property {
            return Some(property).filter(fits);
        }
        let by_measure = condition.measure.into_iter().flat_map(|measure| self.measured(measure, types));
        let any = match condition.operand {
            Operand::Date(_) | Operand::Dates(_) => self.measured(Measure::Date, types),
            Operand::Between(ref first, _) if is_date(first) => self.measured(Measure::Date, types),
            _ => schema.properties().map(|(id, _)| id).collect(),
        };
        by_measure.chain(any).find(fits)
    }
}
