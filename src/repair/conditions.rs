//! Conditions of a draft: dates, numbers, texts and parts of names, with the properties that they are values of.

use super::draft::{Condition, Joint, Operand, Reader};
use super::lemma::{is_participle, root};
use super::lexicon::{GENERATIONS, Measure, Part, Role, Sign, Way};
use super::recognise::{Segment, Sense};
use super::roles::is_relative;
use crate::schema::PropertyId;
use crate::value::ValueType;

impl Reader<'_> {
    pub fn property(&mut self, id: PropertyId, at: usize, rest: &[Segment]) {
        self.take_unit(id, at);
        self.draft.properties.push((id, at));
        let item = self.graph.schema().property(id);
        let own = root(&self.tokens[at].lower);
        let is_named = [Some(&item.name), item.verb.as_ref()].into_iter().flatten().any(|word| root(word) == own);
        if item.value == ValueType::Date && !is_named {
            self.draft.loose.push(at);
        }
        let is_compared = rest.first().is_some_and(|segment| segment.sense.is_operand());
        if item.value == ValueType::Date && !is_named && !is_compared && is_participle(&self.tokens[at].lower) {
            self.draft.idle.push(at);
        }
        if let Some(not) = self.pending.denied.filter(|_| !is_compared) {
            // `without a date`
            self.pending.denied = None;
            self.condition(at, Some(id), Sign::Equal, Operand::Nothing, vec![not]);
            return;
        }
        if self.pending.by.take() == at.checked_sub(1) && at > 0 && !is_compared && self.draft.is_unordered() {
            self.draft.order = Some((at - 1, Way::Up));
            return;
        }
        // `MIT licensed`
        if let Some(Condition { property: Some(own), operand: Operand::Text(_), words, .. }) =
            self.draft.conditions.last_mut()
            && *own == id
        {
            words.push(at);
            return;
        }
        if std::mem::take(&mut self.pending.order) {
            return;
        }
        if let Some((number, place)) = self.pending.number.take() {
            // `more than 100B parameters`
            let mut words = vec![at];
            let sign = self.sign(&mut words);
            self.condition(place, Some(id), sign, Operand::Number(number), words);
            return;
        }
        // `between 100B and 500B parameters`
        if let Some(Condition { property: own @ None, operand: Operand::Between(first, _), words, .. }) =
            self.draft.conditions.last_mut()
            && words.iter().max().is_some_and(|last| last + 1 == at)
            && (item.value == ValueType::Number) != is_date(first)
        {
            *own = Some(id);
            words.push(at);
            return;
        }
        self.pending.property = Some((id, at));
        self.break_list();
    }

    /// Takes the property behind `how many` for what another one is counted in, which is said by its own verb: `how many
    /// parameters does it activate`.
    fn take_unit(&mut self, id: PropertyId, at: usize) {
        let schema = self.graph.schema();
        let item = schema.property(id);
        let own = root(&self.tokens[at].lower);
        let is_verb = item.verb.as_ref().is_some_and(|verb| root(verb) == own) && root(&item.name) != own;
        let is_unit = |(unit, place): &mut (PropertyId, usize)| {
            let is_counted = self.draft.count.is_some_and(|count| (count + 1..=count + 2).contains(place));
            *unit != id && is_counted && schema.property(*unit).value == item.value && is_verb
        };
        if let Some((_, place)) = self.draft.properties.pop_if(is_unit) {
            self.draft.said.push(place);
        }
    }

    /// Adds a text to those that the property before it may have: `GPL or MIT`.
    pub fn is_another_text(&mut self, property: PropertyId, text: &str, at: usize) -> bool {
        let joined = self.pending.joint == Some(Joint::Or);
        let Some(last) = self.draft.conditions.last_mut().filter(|_| joined) else { return false };
        let known = match &last.operand {
            Operand::Text(first) if last.property == Some(property) => vec![first.clone()],
            Operand::Texts(texts) if last.property == Some(property) => texts.clone(),
            _ => return false,
        };
        last.operand = Operand::Texts([known, vec![text.to_string()]].concat());
        last.words.push(at);
        self.pending.joint = None;
        true
    }

    /// Takes the words of `licence = "MIT"` and of `under the MIT licence`, which compares nothing.
    pub fn under(&mut self) -> Vec<usize> {
        let is_under = |(sign, at): &mut (Sign, usize)| *sign == Sign::Equal || self.tokens[*at].is("under");
        self.pending.sign.take_if(is_under).map(|(_, at)| at).into_iter().collect()
    }

    /// Takes the sign that was announced, and appends the position of its word. Without one, the sign is `Equal`.
    fn sign(&mut self, words: &mut Vec<usize>) -> Sign {
        let own = self.pending.sign.take();
        words.extend(own.map(|(_, at)| at));
        let relative = self.pending.relative.map(|(_, sign, _)| sign);
        relative.or(own.map(|(sign, _)| sign)).unwrap_or(Sign::Equal)
    }

    pub fn condition(
        &mut self,
        at: usize,
        property: Option<PropertyId>,
        sign: Sign,
        operand: Operand,
        mut words: Vec<usize>,
    ) {
        let relative = self.pending.relative.take();
        words.extend(relative.map(|(.., at)| at));
        words.push(at);
        let named = self.pending.property.take();
        words.extend(named.filter(|(own, _)| property.is_none_or(|id| id == *own)).map(|(_, at)| at));
        let property = property.or(named.map(|(id, _)| id));
        let measure = relative.map(|(measure, ..)| measure);
        let owner = self.pending.owner.take();
        let denied = self.denied_value(&operand);
        words.extend(denied);
        self.draft.conditions.push(Condition { at, property, measure, sign, operand, denied, owner, words });
        self.break_list();
    }

    /// Takes the denial of a date or a number: `not released before 2024`, but not that of a thing before it.
    fn denied_value(&mut self, operand: &Operand) -> Option<usize> {
        let is_value = matches!(
            operand,
            Operand::Date(_) | Operand::Dates(_) | Operand::Between(..) | Operand::Number(_) | Operand::Text(_)
        );
        let is_free = |not: usize| self.draft.nouns.last().is_some_and(|noun| noun.at < not);
        self.pending.denied.take_if(|not| is_value && is_free(*not))
    }

    pub fn date(&mut self, date: &str, at: usize) {
        if let Some((first, last)) = date.split_once("..") {
            // `between march and june 2025`
            let mut words: Vec<usize> = self.pending.between.take().into_iter().collect();
            // What is before a season is before its first month.
            let (sign, operand) = match self.sign(&mut words) {
                Sign::Equal => (Sign::Equal, Operand::Between(first.to_string(), last.to_string())),
                sign @ (Sign::Less | Sign::Least) => (sign, Operand::Date(first.to_string())),
                sign => (sign, Operand::Date(last.to_string())),
            };
            return self.condition(at, None, sign, operand, words);
        }
        // `2023 or 2024`
        let is_joined = self.pending.joint.take_if(|joint| matches!(joint, Joint::And | Joint::Or)).is_some();
        if let Some(Condition { at: before, operand, sign: Sign::Equal, words, .. }) = self.draft.conditions.last_mut()
            && is_joined
            && *before + 2 == at
            && self.pending.between.is_none()
            && self.pending.relative.is_none()
            && self.pending.sign.is_none()
        {
            let known = match operand {
                Operand::Date(first) => Some(vec![first.clone()]),
                Operand::Dates(dates) => Some(dates.clone()),
                _ => None,
            };
            if let Some(mut dates) = known {
                dates.push(date.to_string());
                *operand = Operand::Dates(dates);
                words.push(at);
                *before = at;
                return;
            }
        }
        let to = self.draft.to.filter(|to| to + 1 == at);
        let second = self.pending.between.or(to);
        // The second date of a range: `between 2020 and 2022`, `2020 to 2022`.
        if let (Some(word), Some(condition)) = (second, self.draft.conditions.last_mut())
            && let Operand::Date(first) = &condition.operand
        {
            condition.operand = Operand::Between(first.clone(), date.to_string());
            condition.words.extend([at, word]);
            self.pending.between = None;
            self.draft.to = self.draft.to.filter(|_| to.is_none());
            return;
        }
        let mut words: Vec<usize> = self.pending.per.take().into_iter().collect();
        let by = self.pending.by.take_if(|by| *by + 1 == at);
        words.extend(by);
        // `released by 2020`
        let sign = match (self.sign(&mut words), by) {
            (Sign::Equal, Some(_)) if self.pending.relative.is_none() => Sign::Most,
            (sign, _) => sign,
        };
        self.condition(at, None, sign, Operand::Date(date.to_string()), words);
    }

    /// Reads a number: it belongs to the next word, is a limit, or is compared with.
    pub fn number(&mut self, number: &str, at: usize, rest: &[Segment]) {
        let is_whole = number.chars().all(|c| c.is_ascii_digit());
        if self.is_compared_count(number, at) || self.ends_range(number, at, rest) || self.is_choice(number, at, rest) {
            return;
        }
        let next = rest.first().map(|segment| &segment.sense);
        let is_steps = rest.first().is_some_and(|segment| GENERATIONS.contains(&&*self.tokens[segment.from].lower));
        if is_steps && is_whole && self.pending.relative.is_none() {
            self.pending.relative = Some((Measure::Steps, Sign::Most, at));
        }
        // `at least 3 Chinese models`
        let noun = rest.iter().map(|segment| &segment.sense).find(|sense| !matches!(sense, Sense::Entity(_)));
        let is_thing = matches!(noun, Some(Sense::Type(_))) || matches!(next, Some(Sense::Role(Role::Others)));
        let is_thing = is_thing || matches!(next, Some(Sense::Role(Role::View(view))) if is_relative(*view));
        let names = matches!(next, Some(Sense::Property(_)));
        let is_free = self.pending.sign.is_none() && self.pending.relative.is_none();
        let opens = self.draft.nouns.is_empty() && is_free;
        let is_limit = is_whole && (self.pending.top == Some(at) || opens);
        // `models with 3 techniques`
        let is_exact = is_thing && is_whole && is_free && !is_limit && self.is_had(at);
        if is_exact {
            self.pending.sign = Some((Sign::Equal, at));
        }
        let is_counted = is_thing && self.pending.sign.is_some();
        if (is_counted || names) && self.pending.property.is_none() {
            self.pending.number = Some((number.to_string(), at));
        } else if is_limit {
            self.pending.top = None;
            self.draft.limit = Some((number.to_string(), at));
        } else {
            let mut words = Vec::new();
            let sign = self.sign(&mut words);
            self.condition(at, None, sign, Operand::Number(number.to_string()), words);
        }
    }

    /// Whether a number stands behind a verb, or behind a word that says that something has it.
    fn is_had(&self, at: usize) -> bool {
        const HAVING: &[&str] = &["with", "has", "have", "having", "had", "exactly", "of"];
        let before = at.checked_sub(1).map(|before| &self.tokens[before]);
        let is_verb = self.draft.verbs.last().is_some_and(|verb| verb.at + 1 == at);
        is_verb || before.is_some_and(|token| HAVING.contains(&token.lower.as_str()))
    }

    /// Takes a number that a count is compared with.
    fn is_compared_count(&mut self, number: &str, at: usize) -> bool {
        let Some((sign, before)) = self.pending.sign.filter(|_| self.pending.having) else { return false };
        self.pending.sign = None;
        self.draft.having = Some((sign, number.to_string(), at));
        self.draft.said.extend([at, before]);
        self.draft.weighty.push(at);
        true
    }

    /// Takes the second number of a range: `between 5 and 10`.
    fn ends_range(&mut self, number: &str, at: usize, rest: &[Segment]) -> bool {
        let (Some(word), Some(condition)) = (self.pending.between, self.draft.conditions.last_mut()) else {
            return false;
        };
        let Operand::Number(first) = &condition.operand else { return false };
        let mut first = first.clone();
        self.pending.between = None;
        // `between 100 and 500 billion`
        let unit = number.chars().last().filter(|c| c.is_alphabetic());
        first.extend(unit.filter(|_| first.chars().all(|c| c.is_ascii_digit())));
        condition.words.extend([at, word]);
        if matches!(rest.first().map(|segment| &segment.sense), Some(Sense::Type(_))) {
            let words = self.draft.conditions.pop().map_or(Vec::new(), |condition| condition.words);
            self.pending.range = Some((first, number.to_string(), words));
        } else {
            condition.operand = Operand::Between(first, number.to_string());
        }
        true
    }

    /// Takes the number of `at least 2 of` before names.
    fn is_choice(&mut self, number: &str, at: usize, rest: &[Segment]) -> bool {
        let senses: Vec<&Sense> =
            rest.iter().map(|segment| &segment.sense).filter(|sense| !is_article(sense)).take(2).collect();
        let is_of = matches!(senses[..], [Sense::Role(Role::Of), Sense::Entity(_)]);
        let Some((sign, before)) = self.pending.sign.filter(|_| is_of) else { return false };
        self.pending.sign = None;
        self.draft.choice = Some((sign, number.to_string(), at));
        self.draft.said.extend([at, before]);
        self.draft.weighty.push(at);
        self.break_list();
        true
    }

    /// Takes `or later` for a sign of the number or date before it; `and before 2025` is another condition.
    pub fn onwards(&mut self, sign: Sign, at: usize, rest: &[Segment]) {
        let next = rest.iter().map(|segment| &segment.sense).find(|sense| !is_article(sense));
        let last = self.tokens.get(at + 1).map_or("", |token| token.lower.as_str());
        let strict = match last {
            "before" => Some(Sign::Less),
            "after" => Some(Sign::More),
            _ => None,
        };
        if let (Some(strict), Some(Sense::Date(_) | Sense::Entity(_))) = (strict, next) {
            self.pending.relative = Some((Measure::Date, strict, at));
            return;
        }
        let is_next = |condition: &mut Condition| {
            condition.at < at && matches!(condition.operand, Operand::Date(_) | Operand::Number(_))
        };
        let Some(mut last) = self.draft.conditions.pop_if(is_next) else { return };
        match (&last.operand, rest.first().map(|segment| &segment.sense)) {
            // `5 or more techniques`
            (Operand::Number(number), Some(Sense::Type(_))) => {
                self.pending.number = Some((number.clone(), last.at));
                self.pending.sign = Some((sign, at));
            }
            _ => {
                last.sign = sign;
                last.words.push(at);
                self.draft.conditions.push(last);
            }
        }
    }

    /// Whether a word announces a part of a text: `definition mentions`.
    pub fn announces_part(&self, at: usize) -> bool {
        const WORDS: &[&str] =
            &["contains", "containing", "includes", "including", "mentions", "mentioning", "contain"];
        let is_text = |id: PropertyId| self.graph.schema().property(id).value == ValueType::Text;
        let follows = self.pending.property.is_some_and(|(id, place)| place + 1 == at && is_text(id));
        follows && WORDS.iter().any(|word| self.tokens[at].is(word))
    }

    /// A condition on a name or a text: `starts with Qwen`.
    pub fn named_like(&mut self, part: Part, before: usize, segment: &Segment) {
        let words = &self.tokens[segment.from..segment.to];
        let part = part.pattern(&words.iter().map(|token| token.word.as_str()).collect::<Vec<_>>().join(" "));
        self.draft.content.push(segment.from);
        self.condition(segment.from, None, Sign::Equal, Operand::Like(part), vec![before]);
        if segment.sense == Sense::Unknown {
            self.draft.cost = self.draft.cost.saturating_sub(segment.cost);
        }
    }
}

/// Whether a value of a condition is a date, not a number.
pub(super) fn is_date(value: &str) -> bool {
    value.len() >= 4 && value.chars().take(4).all(|c| c.is_ascii_digit()) && !value.ends_with(char::is_alphabetic)
}

fn is_article(sense: &Sense) -> bool {
    *sense == Sense::Role(Role::Filler)
}
