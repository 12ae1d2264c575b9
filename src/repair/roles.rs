//! What each function word of a question says about the words around it.

use super::draft::{Joint, Kind, Operand, Pending, Reader, quantified};
use super::lemma::is_plural;
use super::lexicon::{Measure, Period, Role, Sign, View, Way};
use super::recognise::{Segment, Sense};
use crate::schema::PropertyId;
use crate::value::ValueType;

impl Reader<'_> {
    pub fn role(&mut self, role: Role, segment: &Segment, rest: &[Segment]) {
        let (at, pending, draft) = (segment.from, &mut self.pending, &mut self.draft);
        match role {
            Role::Filler => self.filler(at),
            Role::Only => self.only(at, rest),
            Role::Today => draft.weighty.push(at),
            Role::Group => {
                draft.said.push(at);
                draft.groups = true;
            }
            Role::Same => self.same(at, rest),
            Role::Asked => self.noun(Kind::Asked, segment),
            Role::Nobody => {
                pending.denied = Some(at);
                self.noun(Kind::Asked, segment);
            }
            Role::Ask(measure) => draft.asks.push((measure, at)),
            Role::Count => self.count(at, rest),
            Role::Fold(function) => draft.fold = draft.fold.or(Some((function, at))),
            Role::Having => (pending.having, pending.clause) = (true, !draft.nouns.is_empty()),
            Role::Like(part) => pending.like = Some((part, at)),
            Role::Not => self.denial(at),
            Role::And => pending.joint = Some(Joint::And),
            Role::Or => pending.joint = Some(Joint::Or),
            Role::But => self.break_list(),
            Role::Per => pending.per = Some(at),
            Role::By => {
                pending.per = draft.is_grouped().then_some(at);
                pending.by = Some(at).filter(|_| !draft.is_grouped());
            }
            Role::Onwards(sign) => self.onwards(sign, at, rest),
            Role::Recorded(is_recorded) => self.recorded(is_recorded, at),
            Role::Others => self.others(segment),
            Role::Reverse => self.announced(at).reverse = true,
            Role::Sorted(measure, way) => self.sorted(measure, way, at),
            Role::Of | Role::Own => {}
            Role::Every => pending.every = Some(at),
            Role::Most => self.superlative(None, Way::Down, segment),
            Role::Least => draft.most = draft.most.or(Some((Way::Up, at))),
            Role::Extreme(measure, way) => self.superlative(Some(measure), way, segment),
            Role::Compare(sign) => pending.sign = Some((sign, at)),
            Role::Relative(measure, sign) => pending.relative = Some((measure, sign, at)),
            Role::Between => pending.between = Some(at),
            Role::To => draft.to = Some(at),
            Role::Limit => self.announced(at).top = Some(segment.to),
            Role::Order => {
                (pending.order, draft.order) = (true, Some((at, Way::Up)));
                pending.clause |= !draft.nouns.is_empty();
            }
            Role::Down => {
                draft.said.extend(draft.order.map(|_| at));
                draft.order = draft.order.map(|(at, _)| (at, Way::Down));
            }
            Role::Up => draft.said.extend(draft.order.map(|_| at)),
            Role::Over(period) => (draft.over, pending.grouping) = (Some((period, at)), true),
            Role::Steps => self.announced(at).steps = true,
            Role::View(view) => self.view(view, at),
        }
    }

    /// Returns what is announced for later words by one that need not appear in the query.
    fn announced(&mut self, at: usize) -> &mut Pending {
        self.draft.said.push(at);
        &mut self.pending
    }

    /// Takes a word without a meaning of its own: other than an article, it ends a list, and may begin a clause.
    fn filler(&mut self, at: usize) {
        let is_one_of = |words: &[&str]| words.iter().any(|word| self.tokens[at].is(word));
        let is_article = is_one_of(&["the", "a", "an", "both", "some", "any"]);
        let shows = is_one_of(&["show", "return", "select"]);
        let begins_clause = shows || is_one_of(&["where"]);
        if !is_article {
            self.break_list();
        }
        // `where technique is MoE`: the name tells which.
        if self.pending.clause && is_one_of(&["is", "are"]) && self.pending.apposed == Some(at) {
            self.pending.apposed = Some(at + 1);
        }
        let is_common = |word: &str| {
            self.tokens[at].is(word)
                || self.tokens[at].is("in") && self.tokens.get(at + 1).is_some_and(|next| next.is(word))
        };
        self.draft.direct |= is_one_of(&["direct", "directly", "immediate", "immediately"]);
        if is_one_of(&["their", "its", "his", "her", "our"]) {
            self.pending.theirs = Some(at);
        }
        if is_one_of(&["is", "are", "was", "were", "has", "have", "had"]) && !self.draft.nouns.is_empty() {
            self.draft.predicate = self.draft.predicate.or(Some(at));
        }
        self.draft.common |= ["share", "shared", "common"].iter().any(|word| is_common(word));
        self.pending.clause |= begins_clause && !self.draft.nouns.is_empty();
        self.pending.showing = self.pending.clause && (shows || self.pending.showing && !begins_clause);
    }

    /// Takes `only`: before a number it is `exactly`; before a verb or a name it denies all others; else it says nothing.
    fn only(&mut self, at: usize, rest: &[Segment]) {
        let mut said = rest.iter().map(|segment| &segment.sense);
        let next = said.find(|sense| **sense != Sense::Role(Role::Filler));
        if matches!(next, Some(Sense::Number(_))) {
            self.pending.sign = Some((Sign::Equal, at));
            self.draft.said.push(at);
            return;
        }
        // `only one`: the number says something.
        let is_one = self.tokens.get(at + 1).is_some_and(|token| token.is("one"));
        let restricts = is_one || matches!(next, Some(Sense::Verb { .. } | Sense::Entity(_) | Sense::Role(Role::By)));
        if restricts && !self.draft.nouns.is_empty() {
            self.draft.content.push(at);
            self.draft.weighty.push(at);
            self.draft.only = Some(at);
        } else {
            self.filler(at);
        }
    }

    /// Takes `same` before a type or a property for what is shared with the thing that is named.
    fn same(&mut self, at: usize, rest: &[Segment]) {
        let shared = rest.first().filter(|segment| matches!(segment.sense, Sense::Type(_)));
        match shared.filter(|segment| !is_plural(&self.tokens[segment.to - 1].lower)) {
            Some(_) => self.draft.same = Some(at),
            None if rest.first().is_some_and(|segment| segment.sense == Sense::Role(Role::View(View::Parents))) => {
                self.pending.sibling = true;
            }
            None if rest.first().is_some_and(|segment| self.is_date(&segment.sense)) => {
                self.draft.contemporary = Some((None, at));
            }
            None => match rest.first().map(|segment| self.tokens[segment.from].lower.as_str()) {
                Some("year") => self.draft.contemporary = Some((Some(Period::Year), at)),
                Some("quarter") => self.draft.contemporary = Some((Some(Period::Quarter), at)),
                Some("month") => self.draft.contemporary = Some((Some(Period::Month), at)),
                Some("day" | "date" | "time") => self.draft.contemporary = Some((None, at)),
                _ => self.filler(at),
            },
        }
    }

    fn is_date(&self, sense: &Sense) -> bool {
        matches!(sense, Sense::Property(id) if self.graph.schema().property(*id).value == ValueType::Date)
    }

    fn count(&mut self, at: usize, rest: &[Segment]) {
        let is_number = |id: PropertyId| self.graph.schema().property(id).value == ValueType::Number;
        // `parameter count`, and the average of a `number of parameters`: the property is a number itself.
        let is_told = self.draft.properties.last().is_some_and(|(id, place)| place + 1 == at && is_number(*id));
        let next = rest.first().map(|segment| &segment.sense);
        // `total length`
        if matches!(next, Some(Sense::Property(id)) if is_number(*id)) && self.tokens[at].is("total") {
            self.draft.fold = self.draft.fold.or(Some(("sum", at)));
            return self.draft.weighty.retain(|other| *other != at);
        }
        let is_told =
            is_told || self.draft.fold.is_some() && matches!(next, Some(Sense::Property(id)) if is_number(*id));
        if is_told {
            self.draft.said.push(at);
            self.draft.weighty.retain(|other| *other != at);
            return;
        }
        if self.draft.count.is_some() {
            self.draft.said.push(at);
        }
        if self.counts_last(at, rest) {
            return;
        }
        // `orgs and number of models` is no list.
        self.break_list();
        // `a table of orgs and number of models`: rows with a count.
        let tables: Vec<usize> =
            self.draft.views.iter().filter(|(view, _)| *view == View::Matrix).map(|(_, at)| *at).collect();
        self.draft.views.retain(|(view, _)| *view != View::Matrix);
        self.draft.said.extend(tables);
        self.draft.count = self.draft.count.or(Some(at));
        self.pending.count = Some(at);
    }

    /// Takes `model counts` for the number of models.
    fn counts_last(&mut self, at: usize, rest: &[Segment]) -> bool {
        let is_count = ["count", "counts", "number", "numbers"].iter().any(|word| self.tokens[at].is(word));
        let goes_on = matches!(rest.first().map(|next| &next.sense), Some(Sense::Type(_) | Sense::Role(Role::Of)));
        let last = self.draft.nouns.last_mut().filter(|noun| noun.at + 1 == at && matches!(noun.kind, Kind::Type(_)));
        match last.filter(|noun| is_count && !goes_on && !noun.plural && self.draft.count.is_none()) {
            Some(noun) => {
                noun.joint = Joint::None;
                self.draft.count = Some(noun.at);
                self.draft.said.push(at);
                self.draft.weighty.retain(|other| *other != at);
                self.break_list();
                true
            }
            None => false,
        }
    }

    fn denial(&mut self, at: usize) {
        self.pending.denied = Some(at);
        // `and not`
        if self.pending.joint.is_none() {
            self.pending.list = None;
        }
    }

    /// Takes whether a value of the property before is recorded.
    fn recorded(&mut self, is_recorded: bool, at: usize) {
        let Some((property, _)) = self.pending.property else { return };
        let operand = if is_recorded { Operand::Something } else { Operand::Nothing };
        self.condition(at, Some(property), Sign::Equal, operand, Vec::new());
    }

    /// Takes `others` for things of the type that was named before.
    fn others(&mut self, segment: &Segment) {
        let mut kinds = self.draft.nouns.iter().map(|noun| noun.kind);
        if let Some(kind) = kinds.find(|kind| matches!(kind, Kind::Type(_))) {
            self.noun(kind, segment);
        }
    }

    fn sorted(&mut self, measure: Measure, way: Way, at: usize) {
        match self.draft.order {
            None => (self.draft.order, self.draft.ordered_by) = (Some((at, way)), Some(measure)),
            Some((place, _)) => {
                self.draft.said.push(at);
                self.draft.order = Some((place, way));
            }
        }
    }

    /// Takes `most`, or a superlative of a property.
    fn superlative(&mut self, measure: Option<Measure>, way: Way, segment: &Segment) {
        let (at, draft) = (segment.from, &mut self.draft);
        match measure {
            None => draft.most = draft.most.or(Some((way, at))),
            Some(measure) => match draft.extreme {
                None => draft.extreme = Some((measure, way, at)),
                Some((first, opposite, _)) if first == measure && opposite != way => draft.opposite = Some(at),
                Some(_) => {}
            },
        }
        self.pending.top = Some(segment.to);
    }

    /// Takes the number before a word for relatives: `more than 3 children`.
    fn relatives_counted(&mut self, view: View, at: usize) {
        let (pending, draft) = (&mut self.pending, &mut self.draft);
        let (Some((sign, before)), Some((number, place))) = (pending.sign.take(), pending.number.take()) else {
            return;
        };
        draft.counted_relatives.push((at, quantified(sign, &number)));
        draft.said.extend([before, place]);
        draft.views.push((view, at));
        self.break_list();
    }

    fn view(&mut self, view: View, at: usize) {
        let (pending, draft) = (&mut self.pending, &mut self.draft);
        // `the spread of it`, but `how did it spread`
        let is_spread =
            self.tokens[at].is("spread") && (at == 0 || self.tokens.get(at + 1).is_some_and(|of| of.is("of")));
        let view = if is_spread { View::Spread } else { view };
        // `what is missing about it`: any other view says more.
        if view == View::Describe && !draft.views.is_empty() {
            draft.said.push(at);
            return;
        }
        let described = draft.views.extract_if(.., |(other, _)| *other == View::Describe);
        draft.said.extend(described.map(|(_, at)| at));
        // `lineage 2 generations down`
        let is_way = |view: View| matches!(view, View::Ancestors | View::Descendants);
        let lines = draft.views.extract_if(.., |(other, _)| is_way(view) && *other == View::Lineage);
        draft.said.extend(lines.map(|(_, at)| at));
        // `ordered by popularity`: by the number of those that it has.
        let by = pending.by.filter(|by| by + 1 == at);
        if view == View::Adoption && draft.most.is_none() && (std::mem::take(&mut pending.order) || by.is_some()) {
            draft.order = draft.order.or(by.map(|by| (by, Way::Up)));
            draft.most = Some((Way::Down, at));
            return;
        }
        if draft.views.iter().any(|(other, _)| *other == view) {
            draft.said.push(at);
        }
        // `the same parent` is that of siblings.
        let view = if std::mem::take(&mut pending.sibling) { View::Siblings } else { view };
        if is_relative(view) && pending.number.is_some() {
            self.relatives_counted(view, at);
            return;
        }
        draft.refused.extend(pending.denied.take_if(|_| is_relative(view)).map(|not| (at, not)));
        draft.views.push((view, at));
        self.break_list();
    }
}

/// Whether a word for relatives tells of things that may be missing: `no parent`.
pub(super) fn is_relative(view: View) -> bool {
    use View::{Ancestors, Children, Descendants, Grandchildren, Grandparents, Parents};
    matches!(view, Parents | Children | Grandparents | Grandchildren | Ancestors | Descendants)
}
