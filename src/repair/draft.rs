//! Drafts: recognised words as nouns, links and conditions, from which queries are written.

use super::lemma;
use super::lexicon::{Measure, Part, Period, Role, Sign, View, Way};
use super::recognise::{Form, Reading, Segment, Sense};
use super::tokens::Token;
use super::vocabulary::{Vocabulary, Word};
use crate::graph::EntityId;
use crate::schema::{PropertyId, TypeId};

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
    /// Positions of words that belong to it: `no`, `at least`, `3`, `per`.
    pub words: Vec<usize>,
}

impl Noun {
    /// A noun that nothing is said of, at a place.
    pub fn new(kind: Kind, at: usize) -> Noun {
        let (quantifier, words) = (String::new(), Vec::new());
        Noun { kind, at, denied: false, joint: Joint::None, quantifier, grouped: false, plural: true, words }
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
    /// A pattern of names.
    Like(String),
    /// The same property of an entity.
    Same(EntityId),
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Condition {
    pub at: usize,
    pub property: Option<PropertyId>,
    pub measure: Option<Measure>,
    pub sign: Sign,
    pub operand: Operand,
    /// Positions of its words.
    pub words: Vec<usize>,
}

/// Interpretation of a text.
#[derive(Debug, Clone, Default)]
pub(super) struct Draft {
    pub nouns: Vec<Noun>,
    pub verbs: Vec<Verb>,
    pub links: Vec<Link>,
    pub conditions: Vec<Condition>,
    pub properties: Vec<(PropertyId, usize)>,
    pub views: Vec<(View, usize)>,
    pub asks: Vec<(Measure, usize)>,
    pub count: Option<usize>,
    pub most: Option<(Way, usize)>,
    pub extreme: Option<(Measure, Way, usize)>,
    pub order: Option<(usize, Way)>,
    pub limit: Option<(String, usize)>,
    /// What the count is compared with.
    pub having: Option<(Sign, String, usize)>,
    /// The place where a clause says again what is counted.
    pub counted: Option<usize>,
    pub over: Option<(Period, usize)>,
    /// `A to B`
    pub to: Option<usize>,
    pub whether: bool,
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
struct Pending {
    denied: Option<usize>,
    sign: Option<(Sign, usize)>,
    relative: Option<(Measure, Sign, usize)>,
    number: Option<(String, usize)>,
    per: Option<usize>,
    /// Position at which a number is a limit: directly after `top`.
    top: Option<usize>,
    between: Option<usize>,
    order: bool,
    every: Option<usize>,
    steps: bool,
    /// Last noun, if only `and`, `or` or an article came after it.
    list: Option<usize>,
    joint: Option<Joint>,
    /// Property that was named and has no condition yet.
    property: Option<(PropertyId, usize)>,
    /// A part of a name is to follow.
    like: Option<(Part, usize)>,
    having: bool,
    /// A clause has begun that speaks of what was named before, and what it shows.
    clause: bool,
    shown: Vec<usize>,
    /// Where the word that counts has just been.
    count: Option<usize>,
    /// Where the next word would stand in apposition to the last noun: `the technique MLA`.
    apposed: Option<usize>,
}

/// The drafts of a reading: links may be drawn in several ways.
pub(super) fn drafts(tokens: &[Token], reading: &Reading, graph: &Vocabulary<'_>) -> Vec<Draft> {
    let mut reader =
        Reader { tokens, graph, draft: Draft { cost: reading.cost, ..Draft::default() }, pending: Pending::default() };
    let first = tokens.first().map_or("", |token| token.lower.as_str());
    reader.draft.whether = ["is", "are", "does", "do", "did", "was", "were", "has", "have", "can"].contains(&first);
    for (i, segment) in reading.segments.iter().enumerate() {
        reader.read(segment, reading.segments.get(i + 1));
    }
    let draft = reader.finished();
    let related = draft.with_relatives(graph);
    let named = draft.with_any_type(graph);
    std::iter::once(draft).chain(related).chain(named).flat_map(|draft| draft.linked(graph)).collect()
}

impl Draft {
    /// Returns true if `by` introduces groups: something is counted, or followed over time.
    fn is_grouped(&self) -> bool {
        self.count.is_some() || self.views.iter().any(|(view, _)| *view == View::Adoption)
    }
}

struct Reader<'a> {
    tokens: &'a [Token],
    graph: &'a Vocabulary<'a>,
    draft: Draft,
    pending: Pending,
}

impl Reader<'_> {
    fn read(&mut self, segment: &Segment, next: Option<&Segment>) {
        let at = segment.from;
        if let Some((part, before)) = self.pending.like.take() {
            self.named_like(part, before, segment);
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
            Sense::Verb { verb, inverse, form } => self.verb((*verb, *inverse, *form), at),
            Sense::Property(id) => self.property(*id, at),
            Sense::Text(property, text) => {
                self.condition(at, Some(*property), Sign::Equal, Operand::Text(text.clone()), Vec::new())
            }
            Sense::Date(date) => self.date(date, at),
            Sense::Number(number) => self.number(number, at, next),
            Sense::Role(role) => self.role(*role, segment),
            Sense::Unknown => {
                if self.tokens[at].is("+")
                    && let Some(verb) = self.draft.verbs.last_mut()
                {
                    verb.steps = Steps::Any;
                } else if self.tokens[at].is_word() {
                    self.draft.unknown.push(at);
                }
            }
        }
    }

    fn verb(&mut self, (verb, inverse, form): (Word, bool, Form), at: usize) {
        let denied = self.pending.denied.is_some();
        let passive = self.tokens[at].lower.ends_with("ed") || self.tokens[at].lower.ends_with("en");
        let steps = if self.pending.steps { Steps::Any } else { Steps::One };
        self.draft.verbs.push(Verb { verb, inverse, form, at, denied, passive, steps, lineage: false, alone: false });
        self.pending.having = false;
        if form != Form::Verb
            && let Some(at) = self.pending.denied.take()
        {
            self.draft.said.push(at);
        }
        self.pending.steps = false;
        self.break_list();
    }

    fn break_list(&mut self) {
        (self.pending.list, self.pending.joint) = (None, None);
    }

    fn noun(&mut self, kind: Kind, segment: &Segment) {
        let (at, plural) = (segment.from, lemma::is_plural(&self.tokens[segment.to - 1].lower));
        if self.is_apposed(kind, at, plural) || self.is_said_again(kind, at) {
            return;
        }
        let pending = &mut self.pending;
        let mut words = Vec::new();
        let joint = pending.joint.filter(|_| pending.list.is_some()).unwrap_or(Joint::None);
        let listed = pending.list.filter(|_| joint != Joint::None).and_then(|i| self.draft.nouns.get(i));
        let denied = pending.denied.is_some() || listed.is_some_and(|noun| noun.denied);
        words.extend(pending.denied.take());
        let mut quantifier = String::new();
        if let (Some((sign, before)), Some((number, place)), Kind::Type(_)) = (pending.sign, &pending.number, kind) {
            quantifier = quantified(sign, number);
            words.extend([before, *place]);
            (pending.sign, pending.number) = (None, None);
        } else if let (Some(every), Kind::Type(_)) = (pending.every.take(), kind) {
            words.push(every);
            // An `every` before the subject changes nothing, since a query returns all answers anyway.
            let is_said_of = !self.draft.nouns.is_empty() && !self.draft.verbs.is_empty();
            quantifier = if is_said_of || self.draft.nouns.len() == 1 { "every ".to_string() } else { quantifier };
        }
        let grouped = pending.per.is_some() && !matches!(kind, Kind::Entity(_));
        if grouped {
            words.extend(pending.per.take());
        }
        self.draft.nouns.push(Noun { kind, at, denied, joint, quantifier, grouped, plural, words });
        pending.list = Some(self.draft.nouns.len() - 1);
        pending.joint = None;
        pending.apposed = Some(segment.to);
    }

    /// Combines a noun with the one directly before it if one is the name and the other the type: `the technique MLA`,
    /// `the Mixtral model`. Returns false if they do not belong together.
    fn is_apposed(&mut self, kind: Kind, at: usize, plural: bool) -> bool {
        let is_near = self.pending.apposed == Some(at) || matches!(self.pending.sign, Some((Sign::Equal, _)));
        let free = self.pending.joint.is_none() && self.pending.denied.is_none() && self.pending.per.is_none();
        let Some(last) = self.draft.nouns.last_mut().filter(|_| is_near && free) else { return false };
        let is_of =
            |id: EntityId, kind: TypeId| self.graph.schema().type_(kind).subtypes.contains(self.graph.type_of(id));
        match (last.kind, kind) {
            (Kind::Type(of), Kind::Entity(id)) if is_of(id, of) && last.quantifier.is_empty() && !last.grouped => {
                last.words.push(last.at);
                last.words.extend(self.pending.sign.take().map(|(_, at)| at));
                (last.kind, last.at) = (kind, at);
            }
            // `kind = 'Norm'`: the name tells what it is.
            (Kind::Type(_), Kind::Entity(_)) if self.pending.sign.is_some() && !last.grouped => {
                last.words.push(last.at);
                last.words.extend(self.pending.sign.take().map(|(_, at)| at));
                (last.kind, last.at) = (kind, at);
            }
            (Kind::Entity(id), Kind::Type(of)) if is_of(id, of) && !plural => last.words.push(at),
            _ => return false,
        }
        true
    }

    /// Takes a type of a clause for the noun of the sentence that it repeats: `… show Technique, count(Model)`.
    fn is_said_again(&mut self, kind: Kind, at: usize) -> bool {
        let counts = self.pending.count.take().is_some();
        if !matches!(kind, Kind::Type(_)) || !(self.pending.clause || self.pending.per.is_some() || counts) {
            return false;
        }
        let mut alike = (0..self.draft.nouns.len()).filter(|i| self.draft.nouns[*i].kind == kind);
        let (Some(i), None) = (alike.next(), alike.next()) else { return false };
        let noun = &mut self.draft.nouns[i];
        noun.words.push(at);
        if counts {
            self.draft.counted = Some(at);
        } else if let Some(per) = self.pending.per.take() {
            noun.grouped = true;
            noun.words.push(per);
        } else {
            self.pending.shown.push(i);
        }
        true
    }

    /// The draft when all words are read.
    fn finished(mut self) -> Draft {
        // `show Technique, count(Model)`: what is shown beside a count is what is counted for.
        if self.draft.counted.is_some() {
            self.pending.shown.iter().for_each(|i| self.draft.nouns[*i].grouped = true);
        }
        if let Some(verb) = self.draft.verbs.last_mut().filter(|verb| verb.denied && verb.form == Form::Verb)
            && let Some(at) = self.pending.denied.take()
        {
            verb.alone = true;
            self.draft.said.push(at);
        }
        self.draft
    }

    /// A condition on a name: `starts with Qwen`.
    fn named_like(&mut self, part: Part, before: usize, segment: &Segment) {
        let words = &self.tokens[segment.from..segment.to];
        let part = part.pattern(&words.iter().map(|token| token.word.as_str()).collect::<Vec<_>>().join(" "));
        self.draft.content.push(segment.from);
        self.condition(segment.from, None, Sign::Equal, Operand::Like(part), vec![before]);
        if segment.sense == Sense::Unknown {
            self.draft.cost = self.draft.cost.saturating_sub(segment.cost);
        }
    }

    /// An entity may be one that something is older than.
    fn entity(&mut self, id: EntityId, segment: &Segment) {
        match self.pending.relative.take() {
            Some((measure, sign, before)) => {
                let (property, at) = (self.pending.property.take(), segment.from);
                self.break_list();
                let operand = Operand::Same(id);
                let words = property.iter().map(|(_, at)| *at).chain([at, before]).collect();
                let (property, measure) = (property.map(|(id, _)| id), Some(measure));
                self.draft.conditions.push(Condition { at, property, measure, sign, operand, words });
            }
            None => {
                // `uses = MLA`
                let is_after_verb = |(sign, at): (Sign, usize)| {
                    let last = self.draft.verbs.last().filter(|verb| verb.at < at && at + 1 == segment.from);
                    let is_free = |verb: &Verb| self.draft.nouns.last().is_none_or(|noun| noun.at < verb.at);
                    sign == Sign::Equal && last.is_some_and(is_free)
                };
                if let Some((_, at)) = self.pending.sign.take_if(|sign| is_after_verb(*sign)) {
                    self.draft.said.push(at);
                }
                self.noun(Kind::Entity(id), segment);
            }
        }
    }

    fn property(&mut self, id: PropertyId, at: usize) {
        self.draft.properties.push((id, at));
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
        self.pending.property = Some((id, at));
        self.break_list();
    }

    /// Takes the sign that was announced, and appends the position of its word. Without one, the sign is `Equal`.
    fn sign(&mut self, words: &mut Vec<usize>) -> Sign {
        let own = self.pending.sign.take();
        words.extend(own.map(|(_, at)| at));
        let relative = self.pending.relative.map(|(_, sign, _)| sign);
        relative.or(own.map(|(sign, _)| sign)).unwrap_or(Sign::Equal)
    }

    fn condition(
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
        self.draft.conditions.push(Condition { at, property, measure, sign, operand, words });
        self.break_list();
    }

    fn date(&mut self, date: &str, at: usize) {
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
        let sign = self.sign(&mut words);
        self.condition(at, None, sign, Operand::Date(date.to_string()), words);
    }

    /// Reads a number: it belongs to the next word, is a limit, or is compared with.
    fn number(&mut self, number: &str, at: usize, next: Option<&Segment>) {
        let is_whole = number.chars().all(|c| c.is_ascii_digit());
        if self.pending.having
            && let Some((sign, before)) = self.pending.sign.take()
        {
            self.draft.having = Some((sign, number.to_string(), at));
            self.draft.said.extend([at, before]);
            self.draft.weighty.push(at);
            return;
        }
        let next = next.map(|segment| &segment.sense);
        let is_counted = matches!(next, Some(Sense::Type(_))) && self.pending.sign.is_some();
        let names = matches!(next, Some(Sense::Property(_)));
        let is_free = self.pending.sign.is_none() && self.pending.relative.is_none();
        let opens = self.draft.nouns.is_empty() && is_free;
        if (is_counted || names) && self.pending.property.is_none() {
            self.pending.number = Some((number.to_string(), at));
        } else if is_whole && (self.pending.top == Some(at) || opens) {
            self.pending.top = None;
            self.draft.limit = Some((number.to_string(), at));
        } else {
            let mut words = Vec::new();
            let sign = self.sign(&mut words);
            self.condition(at, None, sign, Operand::Number(number.to_string()), words);
        }
    }

    /// Takes a word without a meaning of its own: other than an article, it ends a list, and may begin a clause.
    fn filler(&mut self, at: usize) {
        let is_one_of = |words: &[&str]| words.iter().any(|word| self.tokens[at].is(word));
        let is_article = is_one_of(&["the", "a", "an", "both", "some", "any"]);
        let begins_clause = is_one_of(&["show", "return", "select"]);
        if !is_article {
            self.break_list();
        }
        self.pending.clause |= begins_clause && !self.draft.nouns.is_empty();
    }

    fn role(&mut self, role: Role, segment: &Segment) {
        let (at, pending, draft) = (segment.from, &mut self.pending, &mut self.draft);
        match role {
            Role::Filler => self.filler(at),
            Role::Asked => self.noun(Kind::Asked, segment),
            Role::Nobody => {
                pending.denied = Some(at);
                self.noun(Kind::Asked, segment);
            }
            Role::Ask(measure) => draft.asks.push((measure, at)),
            Role::Count => {
                if draft.count.is_some() {
                    draft.said.push(at);
                }
                draft.count = draft.count.or(Some(at));
                pending.count = Some(at);
            }
            Role::Having => (pending.having, pending.clause) = (true, !draft.nouns.is_empty()),
            Role::Like(part) => pending.like = Some((part, at)),
            Role::Not => {
                pending.denied = Some(at);
                // `and not`
                if pending.joint.is_none() {
                    pending.list = None;
                }
            }
            Role::And => pending.joint = Some(Joint::And),
            Role::Or => pending.joint = Some(Joint::Or),
            Role::But => self.break_list(),
            Role::Per => pending.per = Some(at),
            Role::By => pending.per = draft.is_grouped().then_some(at),
            Role::Of | Role::Own => {}
            Role::Every => pending.every = Some(at),
            Role::Most => {
                draft.most = draft.most.or(Some((Way::Down, at)));
                pending.top = Some(segment.to);
            }
            Role::Least => draft.most = draft.most.or(Some((Way::Up, at))),
            Role::Extreme(measure, way) => {
                draft.extreme = draft.extreme.or(Some((measure, way, at)));
                pending.top = Some(segment.to);
            }
            Role::Compare(sign) => pending.sign = Some((sign, at)),
            Role::Relative(measure, sign) => pending.relative = Some((measure, sign, at)),
            Role::Between => pending.between = Some(at),
            Role::To => draft.to = Some(at),
            Role::Limit => {
                pending.top = Some(segment.to);
                draft.said.push(at);
            }
            Role::Order => {
                (pending.order, draft.order) = (true, Some((at, Way::Up)));
                pending.clause |= !draft.nouns.is_empty();
            }
            Role::Down => {
                draft.said.extend(draft.order.map(|_| at));
                draft.order = draft.order.map(|(at, _)| (at, Way::Down));
            }
            Role::Up => draft.said.extend(draft.order.map(|_| at)),
            Role::Over(period) => draft.over = Some((period, at)),
            Role::Steps => pending.steps = true,
            Role::View(view) => {
                draft.views.push((view, at));
                self.break_list();
            }
        }
    }
}

/// Returns the quantifier for a comparison, such as `at least 3 ` for more than 2.
fn quantified(sign: Sign, number: &str) -> String {
    let count: u64 = number.parse().unwrap_or(1);
    match sign {
        Sign::Equal => format!("exactly {count} "),
        Sign::Less => format!("at most {} ", count.saturating_sub(1)),
        Sign::Most => format!("at most {count} "),
        Sign::More => format!("at least {} ", count.saturating_add(1)),
        Sign::Least => format!("at least {count} "),
    }
}
