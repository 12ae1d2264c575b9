//! Clauses of a query: counts, groups, order, limit, and what is shown.

use super::draft::{Kind, Noun};
use super::join::Joined;
use super::lexicon::{Measure, View, Way};
use super::queries::Writer;
use super::write::Sentence;
use crate::schema::{PropertyId, TypeSet};
use crate::value::ValueType;

/// Limit for a plural such as `the largest models`, if no number is given.
const A_FEW: &str = "10";

impl Writer<'_> {
    /// Adds `the average size`: a function of the values of a property that is named, of all or per group; returns false if
    /// none is asked for.
    pub fn folded(
        &self,
        joined: &Joined,
        sentence: &mut Sentence,
        clauses: &mut Clauses,
        used: &mut Vec<usize>,
    ) -> bool {
        let Some((function, at)) = self.draft.fold.filter(|(function, _)| *function != "running") else { return false };
        let open = sentence.open();
        let is_ordered = matches!(function, "min" | "max" | "median");
        let is_number = |id: PropertyId| match self.graph.schema().property(id).value {
            ValueType::Number => true,
            ValueType::Date => is_ordered,
            ValueType::Text => false,
        };
        let of = |noun: usize| {
            let fits = |(id, _): &&(PropertyId, usize)| is_number(*id) && self.has(joined.types(noun, self.graph), *id);
            Some((noun, *self.draft.properties.iter().find(fits)?))
        };
        let Some((noun, (property, named))) = open.iter().find_map(|noun| of(*noun)) else { return false };
        let name = &self.graph.schema().property(property).name;
        clauses.show.push(format!("{function}({}.{name})", sentence.letter(noun)));
        clauses.by = self.periods(noun, joined, sentence, used);
        let groups = open.into_iter().filter(|i| joined.nouns[*i].grouped && *i != noun);
        clauses.by.extend(groups.map(|i| sentence.letter(i)));
        used.extend([at, named]);
        true
    }

    /// Returns the period that a noun is counted by: `year(m.date)`; empty if the text names none, or it has no date.
    fn periods(&self, noun: usize, joined: &Joined, sentence: &mut Sentence, used: &mut Vec<usize>) -> Vec<String> {
        let dates = self.measured(Measure::Date, joined.types(noun, self.graph));
        let named = self.draft.properties.iter().find(|(property, _)| dates.contains(property));
        let (Some((period, at)), Some(date)) = (self.draft.over, named.map(|(date, _)| date).or(dates.first())) else {
            return Vec::new();
        };
        used.extend(named.iter().map(|(_, at)| *at).chain([at]));
        let name = &self.graph.schema().property(*date).name;
        vec![format!("{}({}.{name})", period.written(), sentence.letter(noun))]
    }

    /// Adds `how many`: the count of a sentence, or a count per group.
    pub fn counted(&self, joined: &Joined, sentence: &mut Sentence, clauses: &mut Clauses, used: &mut Vec<usize>) {
        let open = sentence.open();
        let groups: Vec<usize> = open.iter().copied().filter(|i| joined.nouns[*i].grouped).collect();
        let period = self.draft.over;
        // `models per company` counts, too.
        if self.draft.count.is_none() && groups.is_empty() && (period.is_none() || !self.draft.views.is_empty()) {
            return;
        }
        let at = self.draft.count.unwrap_or(0);
        used.extend(self.draft.count);
        let counted = open.iter().copied().filter(|i| !groups.contains(i));
        let again = self.draft.counted.and_then(|at| counted.clone().find(|i| joined.nouns[*i].words.contains(&at)));
        let after = again.or(counted.clone().find(|i| joined.nouns[*i].at >= at)).or(counted.clone().next());
        let Some(own) = after else { return };
        let periods = self.periods(own, joined, sentence, used);
        if !periods.is_empty() {
            let count = format!("count({})", sentence.letter(own));
            clauses.show.push(count.clone());
            clauses.counted = self.draft.most.map(|_| count.clone());
            if let Some((_, at)) = self.draft.fold.filter(|(function, _)| *function == "running") {
                clauses.show.push(format!("running({count})"));
                used.push(at);
            }
            clauses.by = [periods, groups.iter().map(|i| sentence.letter(*i)).collect()].concat();
            return;
        }
        // `orgs with number of models`: each of what stands before is counted for.
        let is_named = |i: &usize| !joined.nouns[*i].implied && matches!(joined.nouns[*i].kind, Kind::Type(_));
        let heads = open.iter().copied().filter(|i| is_named(i) && *i != own && joined.nouns[*i].at < at);
        let head = heads.min_by_key(|i| joined.nouns[*i].at).filter(|_| joined.nouns[own].at >= at);
        if groups.is_empty() && head.is_none() && (open.len() == 1 || self.draft.most.is_none()) {
            if open.len() == 1 {
                clauses.count = true;
            } else {
                let letter = sentence.letter(own);
                clauses.show.push(format!("count({letter})"));
            }
            return;
        }
        let groups = match groups.is_empty() {
            true => head.or(open.into_iter().find(|i| *i != own)).into_iter().collect(),
            false => groups,
        };
        self.grouped(own, &groups, sentence, clauses);
        // `the share of models per country`
        if let (Some(at), Some(count)) = (self.view_at(&[View::Share]), clauses.counted.clone()) {
            clauses.show.push(format!("share({count})"));
            used.push(at);
        }
    }

    /// Takes the average of a count for a quotient: of what is in one group only, each is counted once.
    pub fn averaged(&self, joined: &Joined, sentence: &Sentence, clauses: &mut Clauses, used: &mut Vec<usize>) {
        let (Some(("avg", at)), Some((own, groups))) = (self.draft.fold, clauses.groups.clone()) else { return };
        let [group] = groups[..] else { return };
        let is_asked = joined.nouns[group].grouped && !joined.nouns[own].implied;
        if !is_asked || clauses.having.is_some() || !joined.is_single(own, group, self.graph) {
            return;
        }
        let quotient = format!("count({}) / count({})", sentence.letter_of(own), sentence.letter_of(group));
        (clauses.show, clauses.by, clauses.counted) = (vec![quotient], Vec::new(), None);
        used.push(at);
    }

    fn grouped(&self, own: usize, groups: &[usize], sentence: &mut Sentence, clauses: &mut Clauses) {
        let counted = sentence.letter(own);
        let letters: Vec<String> = groups.iter().map(|i| sentence.letter(*i)).collect();
        clauses.show = [letters.clone(), vec![format!("count({counted})")]].concat();
        clauses.by = letters;
        clauses.groups = Some((own, groups.to_vec()));
        clauses.counted = Some(format!("count({counted})"));
        if let Some((sign, number, _)) = &self.draft.having {
            clauses.having = Some(format!("count({counted}) {} {number}", sign.written()));
        }
    }

    /// Adds order and limit for `the most`, `the largest`; returns the cost.
    pub fn superlative(
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
                // `ordered by popularity`: all of them.
                let is_cut = self.draft.order.is_none() || self.draft.limit.is_some();
                clauses.limit = is_cut.then(|| self.few(group.is_some_and(|i| joined.nouns[*i].plural)));
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
        // `the first org to use it`: one, though its models are compared.
        let named = nearest.iter().find(|i| !joined.nouns[**i].implied);
        let plural = named.is_some_and(|i| joined.nouns[*i].plural);
        clauses.limit = Some(self.few(plural));
        clauses.sorted = Some((noun, property));
        if measure == Measure::Date && !plural && self.draft.limit.is_none() {
            clauses.first = Some(format!("{}({letter})", if way == Way::Down { "last" } else { "first" }));
        }
        used.push(at);
        if let Some(other) = self.draft.opposite.filter(|_| measure == Measure::Date) {
            // `the first and the last model`
            (clauses.order, clauses.limit, clauses.first, clauses.sorted) = (None, None, None, None);
            clauses.show = vec![format!("first({letter})"), format!("last({letter})")];
            used.push(other);
        }
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
    pub fn ranked(&self, joined: &Joined, open: &[usize], at: usize) -> (usize, usize) {
        let mut by_place = open.to_vec();
        // Nouns that no word names come last.
        let is_unnamed = |i: usize| {
            let Noun { at, implied, .. } = &joined.nouns[i];
            *implied || self.draft.verbs.iter().any(|verb| verb.at == *at)
        };
        by_place.sort_by_key(|i| (is_unnamed(*i), joined.nouns[*i].at));
        let (before, after): (Vec<usize>, Vec<usize>) = by_place.iter().partition(|i| joined.nouns[**i].at < at);
        // `which orgs use the most techniques`: what no word names is not ranked.
        let named = before.iter().rfind(|i| !is_unnamed(**i)).or(before.last());
        match (named, after.as_slice()) {
            (Some(group), [own, ..]) => (*group, *own),
            _ => (by_place[0], by_place[1]),
        }
    }

    /// Adds the order: `sorted by date`.
    pub fn ordered(&self, joined: &Joined, sentence: &mut Sentence, clauses: &mut Clauses, used: &mut Vec<usize>) {
        let Some((at, way)) = self.draft.order else { return };
        let open = sentence.open();
        let down = if way == Way::Down { " desc" } else { "" };
        if let Some(count) = clauses.counted.clone().filter(|_| self.draft.ordered_by.is_some()) {
            clauses.order = Some(format!("{count}{down}"));
            used.push(at);
            return;
        }
        if let Some(count) = clauses.counted.clone() {
            let by_name = self.draft.count.is_none_or(|count| count < at);
            clauses.order = Some(format!("{count} desc")).filter(|_| !by_name || clauses.order.is_none());
            used.push(at);
            return;
        }
        let property = self.draft.properties.iter().find(|(_, place)| *place >= at).map(|(property, _)| *property);
        let of = |i: &usize| {
            let types = joined.types(*i, self.graph);
            let measure = self.draft.ordered_by.unwrap_or(Measure::Date);
            let dated = || self.measured(measure, types).first().copied();
            let own = property.filter(|p| !self.graph.schema().property(*p).of.and(types).is_empty());
            Some((*i, if property.is_some() { own? } else { dated()? }))
        };
        let Some((noun, property)) = open.iter().find_map(of) else { return };
        let letter = sentence.letter(noun);
        clauses.order = Some(format!("{letter}.{}{down}", self.graph.schema().property(property).name));
        clauses.sorted = Some((noun, property));
        used.push(at);
        used.extend(self.draft.properties.iter().find(|(p, place)| *p == property && *place >= at).map(|(_, at)| *at));
    }

    /// Shows properties that are named but not used otherwise, as in `models and their dates`; returns the cost.
    pub fn shown(&self, joined: &Joined, sentence: &mut Sentence, clauses: &mut Clauses, used: &mut Vec<usize>) -> u32 {
        let open = sentence.open();
        let mut shown: Vec<String> = Vec::new();
        let mut asked: Vec<(PropertyId, usize)> = self.draft.properties.clone();
        let types = open.iter().fold(TypeSet::NONE, |all, i| all.or(joined.types(*i, self.graph)));
        let measured = |(measure, at): &(Measure, usize)| Some((*self.measured(*measure, types).first()?, *at));
        asked.extend(self.draft.asks.iter().filter_map(measured));
        // `introduced to reduce cost` asks for no date.
        let is_idle = self.draft.asks.is_empty() && self.draft.links.len() > self.draft.unlinked.len();
        used.extend(self.draft.idle.iter().filter(|_| is_idle));
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
        let is_free = clauses.show.is_empty() && !clauses.count;
        // Who asks whether something is so asks for no value.
        let cost = match shown.is_empty() {
            true => 0,
            false if self.draft.whether => 10,
            false => 4,
        };
        // What an answer is ordered by stands in it.
        if let Some((noun, property)) = clauses.sorted.filter(|_| is_free) {
            let item = format!("{}.{}", sentence.letter(noun), self.graph.schema().property(property).name);
            shown.extend(Some(item).filter(|item| !shown.contains(item)));
        }
        let mut named: Vec<usize> = self.draft.shown.iter().filter_map(|i| self.place(*i, joined)).collect();
        let mut seen = Vec::new();
        named.retain(|i| {
            !seen.contains(i) && {
                seen.push(*i);
                true
            }
        });
        let is_told = is_free && !named.is_empty() && named != open;
        if shown.is_empty() && !is_told {
            return 0;
        }
        let letters: Vec<String> = if is_told { named } else { open }.into_iter().map(|i| sentence.letter(i)).collect();
        clauses.show = [letters, shown].concat();
        cost
    }

    /// The place among the joined nouns of one of the draft.
    fn place(&self, noun: usize, joined: &Joined) -> Option<usize> {
        let at = self.draft.nouns.get(noun)?.at;
        joined.nouns.iter().position(|other| other.at == at && !other.implied)
    }
}

/// Clauses after a sentence.
#[derive(Default)]
pub(super) struct Clauses {
    pub count: bool,
    pub wheres: Vec<String>,
    pub show: Vec<String>,
    pub by: Vec<String>,
    /// Count per group, as it is written.
    pub counted: Option<String>,
    /// The noun that is counted, and those that it is counted for.
    pub groups: Option<(usize, Vec<usize>)>,
    pub having: Option<String>,
    pub order: Option<String>,
    pub limit: Option<String>,
    /// `first(m)`
    pub first: Option<String>,
    /// The noun and the property that the answers are ordered by.
    pub sorted: Option<(usize, PropertyId)>,
}

impl Clauses {
    pub fn written(&self) -> String {
        let listed = |word: &str, items: &[String], with: &str| match items {
            [] => String::new(),
            items => format!(" {word} {}", items.join(with)),
        };
        let mut text = listed("where", &self.wheres, " and ");
        text += &listed("show", &self.show, ", ");
        text += &listed("by", &self.by, ", ");
        text += &listed("having", self.having.as_slice(), "");
        text += &listed("order by", self.order.as_slice(), "");
        text += &listed("limit", self.limit.as_slice(), "");
        text
    }
}
