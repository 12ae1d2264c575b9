//! Drafts: recognised words as nouns, links and conditions, from which queries are written.

use super::cost;
use super::lemma::is_participle;
use super::lexicon::{Measure, Part, Period, Role, Sign, View, Way};
use super::recognise::{Form, Reading, Segment, Sense};
use super::synonyms::creates;
use super::tokens::Token;
use super::vocabulary::{Vocabulary, Word};
use crate::graph::EntityId;
use crate::schema::{PropertyId, TypeId, TypeSet};
use crate::value::ValueType;

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Kind {
    Type(TypeId),
    Entity(EntityId),
    /// `who`, or an end of a verb that no word names.
    Asked,
}

/// Relation of a noun to the one before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Joint {
    None,
    And,
    Or,
    /// It says of what kind the one before it is: `decoders`.
    Kind,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Noun {
    pub kind: Kind,
    /// Position of its word.
    pub at: usize,
    pub denied: bool,
    pub joint: Joint,
    /// `at least 3 `, `every `
    pub quantifier: String,
    pub grouped: bool,
    pub plural: bool,
    /// True if no word names it.
    pub implied: bool,
    /// True if its name is written as a plural: `decoders`.
    pub several: bool,
    /// True if it is said to belong to what was named before: `any of their models`.
    pub theirs: bool,
    /// True if `who` asks for it.
    pub personal: bool,
    /// Positions of words that belong to it: `no`, `at least`, `3`, `per`.
    pub words: Vec<usize>,
}

impl Noun {
    /// A noun that nothing is said of, at a place.
    pub fn new(kind: Kind, at: usize) -> Noun {
        let (quantifier, words) = (String::new(), Vec::new());
        let (denied, joint, grouped, implied, several) = (false, Joint::None, false, false, false);
        let (theirs, personal) = (false, false);
        Noun { kind, at, denied, joint, quantifier, grouped, plural: true, implied, several, theirs, personal, words }
    }
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Verb {
    pub verb: Word,
    pub inverse: bool,
    pub form: Form,
    pub at: usize,
    pub denied: bool,
    /// True if the word looks like a participle: `used`.
    pub passive: bool,
    pub steps: Steps,
    /// True if it stands for all lineage verbs.
    pub lineage: bool,
    /// Denied, and no noun behind it is what is denied: `never used`.
    pub alone: bool,
    /// True if its preposition ends the text: `a variant of`.
    pub stranded: bool,
    /// True if `by` tells which end follows.
    pub by: bool,
    /// True if a thing exists from the time at which this was done to it: `designed`.
    pub creates: bool,
}

/// Number of steps of a verb.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Steps {
    One,
    Two,
    UpTo(u32),
    Any,
}

impl Steps {
    /// Returns the steps that `+` or `{1,3}` says.
    fn read(mark: &str) -> Option<Steps> {
        let most = mark.strip_prefix("{1,").and_then(|rest| rest.strip_suffix('}'));
        match most {
            Some(most) => most.parse().ok().map(Steps::UpTo),
            None => (mark == "+").then_some(Steps::Any),
        }
    }

    /// Returns the quantifier as it is written behind the verb.
    pub fn written(self) -> String {
        match self {
            Steps::One => String::new(),
            Steps::Two => "{2}".to_string(),
            Steps::UpTo(most) => format!("{{1,{most}}}"),
            Steps::Any => "+".to_string(),
        }
    }
}

/// Two nouns and the verb between them, read from `from` to `to`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Link {
    pub from: usize,
    pub to: usize,
    pub verb: Word,
    pub inverse: bool,
    pub steps: Steps,
    pub lineage: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Operand {
    Date(String),
    Between(String, String),
    Number(String),
    Text(String),
    /// One of these texts.
    Texts(Vec<String>),
    /// A pattern of names.
    Like(String),
    /// The same property of an entity.
    Same(EntityId),
    /// Any other than this entity.
    Not(EntityId),
    /// One of these dates.
    Dates(Vec<String>),
    /// One of these entities.
    OneOf(Vec<EntityId>),
    /// No value is recorded.
    Nothing,
    /// A value is recorded.
    Something,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Condition {
    pub at: usize,
    pub property: Option<PropertyId>,
    pub measure: Option<Measure>,
    pub sign: Sign,
    pub operand: Operand,
    /// The place of the word that denies it: `not released before 2024`.
    pub denied: Option<usize>,
    /// The place of the noun that a clause says it of: `where Model date > 2024`.
    pub owner: Option<usize>,
    /// Positions of its words.
    pub words: Vec<usize>,
}

/// Interpretation of a text.
#[derive(Debug, Clone, Default)]
pub(super) struct Draft {
    pub nouns: Vec<Noun>,
    pub verbs: Vec<Verb>,
    pub links: Vec<Link>,
    /// The places of verbs that no nouns fit.
    pub unlinked: Vec<usize>,
    pub conditions: Vec<Condition>,
    pub properties: Vec<(PropertyId, usize)>,
    /// The places of words that name a date only nearly: `come`.
    pub loose: Vec<usize>,
    pub views: Vec<(View, usize)>,
    /// The places of views that are denied, with those of the words that deny them: `no parent`.
    pub refused: Vec<(usize, usize)>,
    /// The places of words for relatives that are counted, with how many are meant: `at least 4 `.
    pub counted_relatives: Vec<(usize, String)>,
    /// The place of `only`, which denies all others.
    pub only: Option<usize>,
    /// The place of `same`, before the type of what is shared.
    pub same: Option<usize>,
    /// The period that is shared with a thing, and the place of its word: `in the same year as`.
    pub contemporary: Option<(Option<Period>, usize)>,
    /// True if what several have in common is asked for.
    pub common: bool,
    /// True if `by` introduces groups, though nothing is counted yet.
    pub groups: bool,
    /// `at least 2 of`: so many of the names that follow, and the place of the number.
    pub choice: Option<(Sign, String, usize)>,
    /// The nouns that a clause shows, in its order.
    pub shown: Vec<usize>,
    pub asks: Vec<(Measure, usize)>,
    pub count: Option<usize>,
    /// The function of a property's values that is asked for.
    pub fold: Option<(&'static str, usize)>,
    pub most: Option<(Way, usize)>,
    pub extreme: Option<(Measure, Way, usize)>,
    /// The place of the first word that says something of what was named: `models of Google are …`.
    pub predicate: Option<usize>,
    /// The places of words that name a date only nearly and ask for none: `introduced to`.
    pub idle: Vec<usize>,
    /// True if relatives of one step are meant: `directly`.
    pub direct: bool,
    /// The place of the opposite of the superlative: `first and last`.
    pub opposite: Option<usize>,
    pub order: Option<(usize, Way)>,
    /// What is ordered by, if a word says both: `newest first`.
    pub ordered_by: Option<Measure>,
    pub limit: Option<(String, usize)>,
    /// What the count is compared with.
    pub having: Option<(Sign, String, usize)>,
    /// The place where a clause says again what is counted.
    pub counted: Option<usize>,
    pub over: Option<(Period, usize)>,
    /// `A to B`
    pub to: Option<usize>,
    pub whether: bool,
    /// True if a verb is read against the order of the words.
    pub reversed: bool,
    /// True if the word for ancestors is a verb: `does A come from B`.
    pub comes_from: bool,
    pub cost: u32,
    /// Positions of unknown words.
    pub unknown: Vec<usize>,
    /// Positions of words that a query should use.
    pub content: Vec<usize>,
    /// Positions of content words that are used already, and need not appear in the query.
    pub said: Vec<usize>,
    /// Positions of words without which a query would say something else.
    pub weighty: Vec<usize>,
}

/// Announcements of earlier words for later ones, with their positions.
#[derive(Default)]
pub(super) struct Pending {
    pub denied: Option<usize>,
    pub sign: Option<(Sign, usize)>,
    pub relative: Option<(Measure, Sign, usize)>,
    pub number: Option<(String, usize)>,
    /// `between 5 and 10` before what is counted, with the positions of its words.
    pub range: Option<(String, String, Vec<usize>)>,
    pub per: Option<usize>,
    /// True if what `and` adds is one more that groups are made by: `by year and`.
    pub grouping: bool,
    /// Position at which a number is a limit: directly after `top`.
    pub top: Option<usize>,
    pub between: Option<usize>,
    pub order: bool,
    pub every: Option<usize>,
    pub steps: bool,
    /// Last noun, if only `and`, `or` or an article came after it.
    pub list: Option<usize>,
    pub joint: Option<Joint>,
    /// Property that was named and has no condition yet.
    pub property: Option<(PropertyId, usize)>,
    /// True if the next word for parents means those that siblings share.
    pub sibling: bool,
    /// The place of the noun that a clause has just said again.
    pub owner: Option<usize>,
    /// Where `their` has just been.
    pub theirs: Option<usize>,
    /// A part of a name is to follow.
    pub like: Option<(Part, usize)>,
    pub having: bool,
    /// A clause has begun that speaks of what was named before, and what it shows.
    pub clause: bool,
    pub showing: bool,
    pub shown: Vec<usize>,
    /// Where `by` has just been.
    pub by: Option<usize>,
    /// True if the last name is one that something else is not.
    pub excluded: bool,
    pub reverse: bool,
    /// The first noun of those that stand side by side.
    pub run: Option<usize>,
    /// Where the word that counts has just been.
    pub count: Option<usize>,
    /// Where the next word would stand in apposition to the last noun: `the technique MLA`.
    pub apposed: Option<usize>,
}

/// The drafts of a reading: links may be drawn in several ways.
pub(super) fn drafts(tokens: &[Token], reading: &Reading, graph: &Vocabulary<'_>) -> Vec<Draft> {
    let mut reader =
        Reader { tokens, graph, draft: Draft { cost: reading.cost, ..Draft::default() }, pending: Pending::default() };
    let first = tokens.first().map_or("", |token| token.lower.as_str());
    let comes = |pair: &[Token]| pair[0].is("come") && pair[1].is("from");
    reader.draft.comes_from = tokens.windows(2).any(comes);
    reader.draft.whether = ["is", "are", "does", "do", "did", "was", "were", "has", "have", "can"].contains(&first);
    for (i, segment) in reading.segments.iter().enumerate() {
        reader.read(segment, &reading.segments[i + 1..]);
    }
    let draft = reader.finished();
    let mut draft = draft.with_choice(graph).unwrap_or(draft);
    if let Some(rivals) = draft.with_rivals(graph) {
        draft.cost += cost::KIND;
        return [rivals, draft].into_iter().flat_map(|draft| draft.linked(graph)).collect();
    }
    if let Some(of_kinds) = draft.with_kinds(graph) {
        draft.cost += cost::KIND;
        let related = draft.with_relatives(graph);
        return [vec![of_kinds, draft], related].concat().into_iter().flat_map(|draft| draft.linked(graph)).collect();
    }
    let related = draft.with_relatives(graph);
    let named = draft.with_any_type(graph);
    std::iter::once(draft).chain(related).chain(named).flat_map(|draft| draft.linked(graph)).collect()
}

impl Draft {
    /// Returns true if no word has told an order.
    pub fn is_unordered(&self) -> bool {
        self.order.is_none() && self.extreme.is_none() && self.most.is_none()
    }

    /// Returns true if `by` introduces groups: something is counted or averaged, or followed over time.
    pub fn is_grouped(&self) -> bool {
        self.groups
            || self.count.is_some()
            || self.fold.is_some()
            || self.views.iter().any(|(view, _)| *view == View::Adoption)
    }
}

pub(super) struct Reader<'a> {
    pub tokens: &'a [Token],
    pub graph: &'a Vocabulary<'a>,
    pub draft: Draft,
    pub pending: Pending,
}

impl Reader<'_> {
    fn read(&mut self, segment: &Segment, rest: &[Segment]) {
        let at = segment.from;
        if let Some((part, before)) = self.pending.like.take() {
            self.named_like(part, before, segment);
            return;
        }
        if self.announces_part(at) {
            self.pending.like = Some((Part::Anywhere, at));
            return;
        }
        let is_content = segment.sense.is_content();
        if is_content {
            self.draft.content.push(at);
        }
        use Role::{Compare, Count, Least, Most, Not};
        let is_telling = |view: View| matches!(view, View::Diff | View::Common | View::Why | View::Share);
        let is_weighty = match segment.sense {
            Sense::Role(Role::View(view)) => is_telling(view),
            Sense::Role(role) => matches!(role, Not | Count | Most | Least | Compare(_)),
            _ => false,
        };
        if is_weighty {
            self.draft.weighty.push(at);
        }
        match &segment.sense {
            Sense::Type(id) => self.noun(Kind::Type(*id), segment),
            Sense::Entity(id) => self.entity(*id, segment),
            Sense::Verb { verb, inverse, form } => self.verb((*verb, *inverse, *form), segment, rest),
            Sense::Property(id) => self.property(*id, at, rest),
            Sense::Text(property, text) => {
                let under = self.under();
                if self.is_another_text(*property, text, at) {
                    return;
                }
                self.condition(at, Some(*property), Sign::Equal, Operand::Text(text.clone()), under)
            }
            Sense::Date(date) => self.date(date, at),
            Sense::Named(pattern) => {
                self.condition(at, None, Sign::Equal, Operand::Like(pattern.clone()), Vec::new());
            }
            Sense::Number(number) => self.number(number, at, rest),
            Sense::Role(role) => self.role(*role, segment, rest),
            Sense::Unknown => {
                if let Some(steps) = Steps::read(&self.tokens[at].word)
                    && let Some(verb) = self.draft.verbs.last_mut()
                {
                    verb.steps = steps;
                } else if self.tokens[at].is_word() {
                    self.draft.unknown.push(at);
                }
            }
        }
    }

    fn verb(&mut self, (verb, inverse, mut form): (Word, bool, Form), segment: &Segment, rest: &[Segment]) {
        let at = segment.from;
        if std::mem::take(&mut self.pending.reverse) {
            form = match form {
                Form::Doer => Form::Done,
                Form::Done => Form::Doer,
                Form::Verb => Form::Verb,
            };
        }
        // `by year and kind`: a noun is listed there.
        if self.pending.grouping && self.pending.joint == Some(Joint::And) {
            self.draft.cost += cost::COMMON;
        }
        let denied = self.pending.denied.is_some();
        let passive = is_participle(&self.tokens[at].lower);
        let steps = if self.pending.steps { Steps::Any } else { Steps::One };
        let is_mark = |segment: &Segment| self.tokens[segment.from..segment.to].iter().all(|token| !token.is_word());
        let stranded = self.tokens[segment.to - 1].is("of") && rest.iter().all(is_mark);
        let (lineage, alone, by) = (false, false, self.tokens[segment.to - 1].is("by"));
        let creates = passive && creates(&self.tokens[at].lower);
        let is_by = |next: &Segment| next.sense == Sense::Role(Role::By);
        let is_active = !self.graph.spelt(verb, inverse).ends_with(" by");
        if passive && is_active && form == Form::Verb && rest.first().is_some_and(is_by) && !self.draft.is_grouped() {
            // `influenced by` is not `influences`.
            self.draft.cost += cost::REVERSED;
        }
        self.draft.verbs.push(Verb {
            verb,
            inverse,
            form,
            at,
            denied,
            passive,
            steps,
            lineage,
            alone,
            stranded,
            by,
            creates,
        });
        (self.pending.having, self.pending.grouping) = (false, false);
        if form != Form::Verb
            && let Some(at) = self.pending.denied.take()
        {
            self.draft.said.push(at);
        }
        self.pending.steps = false;
        self.break_list();
    }

    pub fn break_list(&mut self) {
        (self.pending.list, self.pending.joint) = (None, None);
    }

    /// The draft when all words are read.
    fn finished(mut self) -> Draft {
        // `show Technique, count(Model)`: what is shown beside a count is what is counted for.
        if self.draft.counted.is_some() {
            self.pending.shown.iter().for_each(|i| self.draft.nouns[*i].grouped = true);
        }
        self.draft.shown = std::mem::take(&mut self.pending.shown);
        self.count_what_has_no_size();
        self.rank_years();
        // The average of a property says something else than the property; that of counts is told by the counts.
        if let Some((_, at)) = self.draft.fold.filter(|(name, _)| self.draft.count.is_none() && *name != "running") {
            self.draft.weighty.push(at);
        }
        // `directly or indirectly`, behind the verb
        if let Some(verb) = self.draft.verbs.last_mut().filter(|_| self.pending.steps) {
            verb.steps = Steps::Any;
        }
        if let Some(verb) = self.draft.verbs.last_mut().filter(|verb| verb.denied && verb.form == Form::Verb)
            && let Some(at) = self.pending.denied.take()
        {
            verb.alone = true;
            self.draft.said.push(at);
        }
        self.deny_last();
        self.lead_somewhere();
        self.draft
    }

    /// Takes `what did A lead to` for the descendants of A, and `what led to A` for its ancestors.
    fn lead_somewhere(&mut self) {
        let mut names = self.draft.nouns.iter().filter(|noun| matches!(noun.kind, Kind::Entity(_)));
        let (Some(only), None) = (names.next(), names.next()) else { return };
        let leads = |at: usize| ["lead", "leads", "led"].iter().any(|word| self.tokens[at].is(word));
        let lines = self.draft.views.iter_mut().filter(|(view, at)| *view == View::Path && leads(*at));
        for (view, at) in lines {
            *view = if only.at < *at { View::Descendants } else { View::Ancestors };
        }
    }

    /// Denies the last name, where a denial ends the text: `what A has but B has not`.
    fn deny_last(&mut self) {
        let names = self.draft.nouns.iter().filter(|noun| matches!(noun.kind, Kind::Entity(_))).count();
        let Some(last) = self.draft.nouns.last_mut().filter(|last| matches!(last.kind, Kind::Entity(_))) else {
            return;
        };
        if let Some(at) = self.pending.denied.take_if(|at| names > 1 && *at > last.at && !last.denied) {
            last.denied = true;
            last.words.push(at);
        }
    }
}

impl Reader<'_> {
    /// Takes `which year` for what is ranked, where a superlative follows: `which year had the most models`.
    fn rank_years(&mut self) {
        let draft = &mut self.draft;
        let is_year = |at: usize| self.tokens[at..].iter().take(3).any(|token| token.is("year"));
        let asked = draft.asks.iter().position(|(measure, at)| *measure == Measure::Date && is_year(*at));
        let (Some(place), Some(_), None) = (asked, draft.most, draft.over) else { return };
        let (_, at) = draft.asks.remove(place);
        draft.over = Some((Period::Year, at));
    }

    /// Ranks what no property measures by what belongs to it: `the largest org`.
    fn count_what_has_no_size(&mut self) {
        let Some((Measure::Number("big"), way, at)) = self.draft.extreme else { return };
        let schema = self.graph.schema();
        let types = self.draft.nouns.iter().filter_map(|noun| match noun.kind {
            Kind::Type(id) => Some(schema.type_(id).subtypes),
            _ => None,
        });
        let types = types.fold(TypeSet::NONE, |all, own| all.or(own));
        let mut numbers = schema.properties().filter(|(_, item)| item.value == ValueType::Number);
        let is_measured = numbers.any(|(_, item)| !item.of.and(types).is_empty());
        if !is_measured && !types.is_empty() && self.draft.most.is_none() {
            (self.draft.most, self.draft.extreme) = (Some((way, at)), None);
        }
    }
}

/// Returns the quantifier for a comparison, such as `at least 3 ` for more than 2.
pub(super) fn quantified(sign: Sign, number: &str) -> String {
    let count: u64 = number.parse().unwrap_or(1);
    match sign {
        Sign::Equal => format!("exactly {count} "),
        Sign::Less => format!("at most {} ", count.saturating_sub(1)),
        Sign::Most => format!("at most {count} "),
        Sign::More => format!("at least {} ", count.saturating_add(1)),
        Sign::Least => format!("at least {count} "),
    }
}
