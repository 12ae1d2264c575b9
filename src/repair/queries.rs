//! Complete queries for a draft: a view, or a sentence with counts, comparisons, order and limit.

use super::draft::{Condition, Draft, Joint, Kind, Operand};
use super::join::{self, Joined};
use super::lemma::root;
use super::lexicon::{Measure, PROPERTIES, Sign, View, Way};
use super::write::{Sentence, name};
use super::{Candidate, cost};
use crate::graph::{EntityId, Graph};
use crate::schema::{PropertyId, TypeId, TypeSet};
use crate::value::ValueType;

/// Limit for a plural such as `the largest models`, if no number is given.
const A_FEW: &str = "10";

/// Returns the queries that a draft may mean.
pub(super) fn candidates(draft: &Draft, graph: &Graph) -> Vec<Candidate> {
    let mut writer = Writer { draft, graph, found: Vec::new() };
    writer.views();
    writer.values();
    writer.sentences();
    writer.found
}

pub(super) struct Writer<'a> {
    pub draft: &'a Draft,
    pub graph: &'a Graph,
    found: Vec<Candidate>,
}

impl Writer<'_> {
    /// Adds a query that uses the words at these positions.
    pub fn put(&mut self, query: String, cost: u32, used: &[usize]) {
        let is_left = |at: &&usize| !used.contains(at) && !self.draft.said.contains(at);
        let mut left_out: Vec<usize> = self.draft.content.iter().filter(is_left).copied().collect();
        let cost = self.draft.cost + cost + cost::UNUSED * left_out.len() as u32;
        left_out.extend(&self.draft.unknown);
        left_out.sort();
        self.found.push(Candidate { query, cost, left_out });
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
        let name = self.name(id);
        for (property, word, rank) in all {
            let item = self.graph.schema().property(property);
            if !item.of.contains(kind) {
                continue;
            }
            let asks_date = item.value == ValueType::Date;
            let mut used = vec![at, word];
            used.extend(asks.iter().filter(|_| asks_date || item.value == ValueType::Number));
            used.extend(said.iter().filter(|_| self.draft.properties.iter().all(|(p, _)| *p == property)));
            used.extend(counts.iter());
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
                    format!("{kind} {letter} where {letter} = {name} show {letter}, {letter}.{}", item.name)
                }
            };
            self.put(query, 2 * rank, &used);
        }
    }

    /// Returns the properties of any of these types that a measure may mean.
    fn measured(&self, measure: Measure, types: TypeSet) -> Vec<PropertyId> {
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
        if self.draft.most.is_some() {
            all.extend(self.ranked_alone());
        }
        for joined in all {
            if joined.nouns.is_empty() || !joined.can_be_said() {
                continue;
            }
            self.sentence(&joined);
        }
    }

    /// Returns ways to rank a type alone: `the most popular technique` counts the entities joined to it.
    fn ranked_alone(&self) -> Vec<Joined> {
        let [only] = self.draft.nouns.as_slice() else { return Vec::new() };
        let (Kind::Type(kind), true) = (only.kind, self.draft.most.is_some() || self.draft.count.is_some()) else {
            return Vec::new();
        };
        join::about(kind, only, self.graph)
    }

    fn sentence(&mut self, joined: &Joined) {
        let mut sentence = Sentence::of(joined, self.graph);
        let mut used: Vec<usize> =
            joined.nouns.iter().flat_map(|noun| noun.words.iter().chain([&noun.at])).copied().collect();
        used.extend(self.draft.verbs.iter().map(|verb| verb.at));
        let mut clauses = Clauses::default();
        for condition in &self.draft.conditions {
            if self.said(condition, joined, &mut sentence, &mut clauses) {
                used.extend(&condition.words);
            }
        }
        let mut extra = joined.cost;
        self.wrapped(&sentence, &clauses, &used, extra);
        if let Some(letter) = clauses.shown.clone() {
            clauses.show.push(letter);
        }
        self.counted(joined, &mut sentence, &mut clauses, &mut used);
        extra += self.superlative(joined, &mut sentence, &mut clauses, &mut used);
        self.ordered(joined, &mut sentence, &mut clauses, &mut used);
        let show = self.shown(joined, &mut sentence, &mut clauses, &mut used);
        if let Some((limit, at)) = &self.draft.limit {
            clauses.limit = Some(limit.clone());
            used.push(*at);
        }
        let text = sentence.text();
        let head = if clauses.count { "count " } else { "" };
        self.put(format!("{head}{text}{}", clauses.written()), extra + show, &used);
        if let (Some(first), Some(group)) = (clauses.first.take(), clauses.order.take()) {
            // `first(m)` or `last(m)`: only the entity that is certainly before or after all others.
            let _ = group;
            clauses.limit = None;
            clauses.show = vec![first];
            self.put(format!("{text}{}", clauses.written()), extra, &used);
        }
    }

    /// Adds views that contain a sentence.
    fn wrapped(&mut self, sentence: &Sentence, clauses: &Clauses, used: &[usize], cost: u32) {
        let text = sentence.text();
        let wheres = clauses.written();
        let words: &[(View, &str)] =
            &[(View::Timeline, "timeline of"), (View::Why, "why"), (View::Lineage, "timeline of")];
        for (view, word) in words {
            if let Some(at) = self.view_at(&[*view]) {
                let text = if *view == View::Timeline && !wheres.is_empty() {
                    format!("{text}{wheres}")
                } else {
                    text.clone()
                };
                self.put(format!("{word} {text}"), cost, &[used, &[at]].concat());
            }
        }
    }

    /// Adds a condition to the noun that it fits; returns false if there is none.
    fn said(&self, condition: &Condition, joined: &Joined, sentence: &mut Sentence, clauses: &mut Clauses) -> bool {
        let Some((noun, property)) = self.measured_noun(condition, joined) else { return false };
        let item = self.graph.schema().property(property);
        let (name, verb) = (item.name.clone(), item.verb.clone());
        let is_open = sentence.open().contains(&noun);
        match (&condition.operand, verb) {
            (Operand::Date(date), Some(verb)) => {
                let word = condition.sign.before_date();
                let word = if word.is_empty() && date.contains('X') { "in " } else { word };
                sentence.say(noun, format!("{verb} {word}{date}"));
            }
            (Operand::Between(first, second), Some(verb)) => {
                sentence.say(noun, format!("{verb} between {first} and {second}"));
            }
            (Operand::Number(number), Some(verb)) if condition.sign == Sign::Equal => {
                sentence.say(noun, format!("{verb} {number}"));
            }
            (Operand::Text(text), Some(verb)) => sentence.say(noun, format!("{verb} {}", quoted(text))),
            _ if !is_open => return false,
            (Operand::Date(value) | Operand::Number(value), _) => {
                let letter = sentence.letter(noun);
                let sign =
                    if condition.sign == Sign::Equal && value.contains('X') { "in" } else { condition.sign.written() };
                clauses.wheres.push(format!("{letter}.{name} {sign} {value}"));
            }
            (Operand::Between(first, second), _) => {
                let letter = sentence.letter(noun);
                clauses.wheres.push(format!("{letter}.{name} >= {first} and {letter}.{name} <= {second}"));
            }
            (Operand::Text(text), None) => {
                let letter = sentence.letter(noun);
                clauses.wheres.push(format!("{letter}.{name} = {}", quoted(text)));
            }
            (Operand::Same(other), _) => {
                let letter = sentence.letter(noun);
                let kind = &self.graph.schema().type_(self.graph.type_of(*other)).name;
                let own = sentence.spare_letter();
                clauses.crossed.push(format!(", cross {kind} {own}"));
                clauses.wheres.push(format!("{own} = {}", self.name(*other)));
                clauses.wheres.push(format!("{letter}.{name} {} {own}.{name}", condition.sign.written()));
                clauses.shown = Some(letter);
            }
        }
        true
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
        nouns.into_iter().find_map(|i| Some((i, self.property_of(condition, joined.types(i, self.graph))?)))
    }

    fn property_of(&self, condition: &Condition, types: TypeSet) -> Option<PropertyId> {
        let schema = self.graph.schema();
        let fits = |id: &PropertyId| {
            let item = schema.property(*id);
            let is_value = match condition.operand {
                Operand::Date(_) | Operand::Between(..) | Operand::Same(_) if item.value == ValueType::Date => true,
                Operand::Number(_) | Operand::Same(_) | Operand::Between(..) => item.value == ValueType::Number,
                Operand::Text(_) => item.value == ValueType::Text,
                Operand::Date(_) => false,
            };
            is_value && !item.of.and(types).is_empty()
        };
        if condition.measure == Some(Measure::Steps) {
            return None;
        }
        if let Some(property) = condition.property {
            return Some(property).filter(fits);
        }
        let by_measure = condition.measure.into_iter().flat_map(|measure| self.measured(measure, types));
        let any = match condition.operand {
            Operand::Date(_) | Operand::Between(..) => self.measured(Measure::Date, types),
            _ => schema.properties().map(|(id, _)| id).collect(),
        };
        by_measure.chain(any).find(fits)
    }

    /// Adds `how many`: the count of a sentence, or a count per group.
    fn counted(&self, joined: &Joined, sentence: &mut Sentence, clauses: &mut Clauses, used: &mut Vec<usize>) {
        let open = sentence.open();
        let groups: Vec<usize> = open.iter().copied().filter(|i| joined.nouns[*i].grouped).collect();
        let period = self.draft.over.filter(|_| groups.is_empty());
        // `models per company` counts, too.
        if self.draft.count.is_none() && groups.is_empty() && (period.is_none() || !self.draft.views.is_empty()) {
            return;
        }
        let at = self.draft.count.unwrap_or(0);
        used.extend(self.draft.count);
        let counted = open.iter().copied().filter(|i| !groups.contains(i));
        let after = counted.clone().find(|i| joined.nouns[*i].at >= at).or(counted.clone().next());
        let Some(own) = after else { return };
        if let Some((period, at)) = period
            && let Some(date) = self.measured(Measure::Date, joined.types(own, self.graph)).first()
        {
            let letter = sentence.letter(own);
            let name = &self.graph.schema().property(*date).name;
            clauses.show.push(format!("count({letter})"));
            clauses.by.push(format!("{}({letter}.{name})", period.written()));
            used.push(at);
            return;
        }
        if groups.is_empty() && (open.len() == 1 || self.draft.most.is_none()) {
            if open.len() == 1 {
                clauses.count = true;
            } else {
                let letter = sentence.letter(own);
                clauses.show.push(format!("count({letter})"));
            }
            return;
        }
        let groups = if groups.is_empty() { open.into_iter().filter(|i| *i != own).take(1).collect() } else { groups };
        self.grouped(own, &groups, sentence, clauses);
    }

    fn grouped(&self, own: usize, groups: &[usize], sentence: &mut Sentence, clauses: &mut Clauses) {
        let counted = sentence.letter(own);
        let letters: Vec<String> = groups.iter().map(|i| sentence.letter(*i)).collect();
        clauses.show = [letters.clone(), vec![format!("count({counted})")]].concat();
        clauses.by = letters;
        clauses.counted = Some(format!("count({counted})"));
    }

    /// Adds order and limit for `the most`, `the largest`; returns the cost.
    fn superlative(
        &self,
        joined: &Joined,
        sentence: &mut Sentence,
        clauses: &mut Clauses,
        used: &mut Vec<usize>,
    ) -> u32 {
        let open = sentence.open();
        if let Some((way, at)) = self.draft.most {
            if clauses.counted.is_none() && open.len() >= 2 {
                let (group, own) = self.ranked(joined, &open, at);
                self.grouped(own, &[group], sentence, clauses);
            }
            if let Some(count) = clauses.counted.clone() {
                clauses.order = Some(format!("{count}{}", if way == Way::Down { " desc" } else { "" }));
                let group = open.iter().find(|i| clauses.by.contains(&sentence.letter_of(**i)));
                clauses.limit = Some(self.few(group.is_some_and(|i| joined.nouns[*i].plural)));
                used.push(at);
            }
        }
        let Some((measure, way, at)) = self.draft.extreme else { return 0 };
        let mut nearest = open.clone();
        nearest.sort_by_key(|i| (joined.nouns[*i].at < at, joined.nouns[*i].at.abs_diff(at)));
        let measured = nearest.iter().find_map(|i| {
            let all = self.measured(measure, joined.types(*i, self.graph));
            let named = self.draft.properties.iter().find(|(p, _)| self.has(joined.types(*i, self.graph), *p));
            Some((*i, named.map(|(p, _)| *p).or(all.first().copied())?))
        });
        let Some((noun, property)) = measured else { return 0 };
        used.extend(self.draft.properties.iter().filter(|(p, _)| *p == property).map(|(_, at)| *at));
        let letter = sentence.letter(noun);
        let name = &self.graph.schema().property(property).name;
        clauses.order = Some(format!("{letter}.{name}{}", if way == Way::Down { " desc" } else { "" }));
        clauses.limit = Some(self.few(joined.nouns[noun].plural));
        if measure == Measure::Date && !joined.nouns[noun].plural && self.draft.limit.is_none() {
            clauses.first = Some(format!("{}({letter})", if way == Way::Down { "last" } else { "first" }));
        }
        used.push(at);
        2
    }

    fn has(&self, types: TypeSet, property: PropertyId) -> bool {
        let item = self.graph.schema().property(property);
        item.value != ValueType::Text && !item.of.and(types).is_empty()
    }

    fn few(&self, many: bool) -> String {
        let own = self.draft.limit.as_ref().map(|(limit, _)| limit.clone());
        own.unwrap_or(if many { A_FEW } else { "1" }.to_string())
    }

    /// Returns the noun that is ranked and the one that is counted: `model with the most techniques`, `most used
    /// technique`.
    fn ranked(&self, joined: &Joined, open: &[usize], at: usize) -> (usize, usize) {
        let mut by_place = open.to_vec();
        // Nouns that no word names come last.
        let is_unnamed = |at: usize| self.draft.verbs.iter().any(|verb| verb.at == at);
        by_place.sort_by_key(|i| (is_unnamed(joined.nouns[*i].at), joined.nouns[*i].at));
        let (before, after): (Vec<usize>, Vec<usize>) = by_place.iter().partition(|i| joined.nouns[**i].at < at);
        match (before.as_slice(), after.as_slice()) {
            ([.., group], [own, ..]) => (*group, *own),
            ([], [group, own, ..]) | ([group, own, ..], []) => (*group, *own),
            _ => (by_place[0], by_place[1]),
        }
    }

    /// Adds the order: `sorted by date`.
    fn ordered(&self, joined: &Joined, sentence: &mut Sentence, clauses: &mut Clauses, used: &mut Vec<usize>) {
        let Some((at, way)) = self.draft.order else { return };
        let open = sentence.open();
        let down = if way == Way::Down { " desc" } else { "" };
        if let Some(count) = clauses.counted.clone() {
            let by_name = self.draft.count.is_none_or(|count| count < at);
            clauses.order = Some(format!("{count} desc")).filter(|_| !by_name || clauses.order.is_none());
            used.push(at);
            return;
        }
        let property = self.draft.properties.iter().find(|(_, place)| *place >= at).map(|(property, _)| *property);
        let of = |i: &usize| {
            let types = joined.types(*i, self.graph);
            let dated = || self.measured(Measure::Date, types).first().copied();
            let own = property.filter(|p| !self.graph.schema().property(*p).of.and(types).is_empty());
            Some((*i, if property.is_some() { own? } else { dated()? }))
        };
        let Some((noun, property)) = open.iter().find_map(of) else { return };
        let letter = sentence.letter(noun);
        clauses.order = Some(format!("{letter}.{}{down}", self.graph.schema().property(property).name));
        used.push(at);
        used.extend(self.draft.properties.iter().find(|(p, place)| *p == property && *place >= at).map(|(_, at)| *at));
    }

    /// Shows properties that are named but not used otherwise, as in `models and their dates`; returns the cost.
    fn shown(&self, joined: &Joined, sentence: &mut Sentence, clauses: &mut Clauses, used: &mut Vec<usize>) -> u32 {
        let open = sentence.open();
        let mut shown: Vec<String> = Vec::new();
        let mut asked: Vec<(PropertyId, usize)> = self.draft.properties.clone();
        let types = open.iter().fold(TypeSet::NONE, |all, i| all.or(joined.types(*i, self.graph)));
        let measured = |(measure, at): &(Measure, usize)| Some((*self.measured(*measure, types).first()?, *at));
        asked.extend(self.draft.asks.iter().filter_map(measured));
        let left = asked.iter().filter(|(_, at)| !used.contains(at)).copied().collect::<Vec<_>>();
        for (property, at) in left {
            let of =
                |i: &&usize| !self.graph.schema().property(property).of.and(joined.types(**i, self.graph)).is_empty();
            let Some(noun) = open.iter().rfind(of).filter(|_| !clauses.count && clauses.by.is_empty()) else {
                continue;
            };
            let item = format!("{}.{}", sentence.letter(*noun), self.graph.schema().property(property).name);
            if !shown.contains(&item) {
                shown.push(item);
            }
            used.push(at);
        }
        if shown.is_empty() {
            return 0;
        }
        let letters: Vec<String> = open.iter().map(|i| sentence.letter(*i)).collect();
        clauses.show = [letters, shown].concat();
        4
    }
}

/// Clauses after a sentence.
#[derive(Default)]
struct Clauses {
    count: bool,
    crossed: Vec<String>,
    wheres: Vec<String>,
    show: Vec<String>,
    by: Vec<String>,
    /// Count per group, as it is written.
    counted: Option<String>,
    order: Option<String>,
    limit: Option<String>,
    /// `first(m)`
    first: Option<String>,
    /// Letter of the only variable to be shown.
    shown: Option<String>,
}

impl Clauses {
    fn written(&self) -> String {
        let listed = |word: &str, items: &[String], with: &str| match items {
            [] => String::new(),
            items => format!(" {word} {}", items.join(with)),
        };
        let mut text = self.crossed.concat();
        text += &listed("where", &self.wheres, " and ");
        text += &listed("show", &self.show, ", ");
        text += &listed("by", &self.by, ", ");
        text += &listed("order by", self.order.as_slice(), "");
        text += &listed("limit", self.limit.as_slice(), "");
        text
    }
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}
