//! Queries about things beside others: what is so of one alone, what shares something with one, and which of several it is.

use super::draft::{Condition, Draft, Joint, Kind, Link, Operand};
use super::join::{self, Joined};
use super::lexicon::{Measure, View, Way};
use super::queries::Writer;
use super::vocabulary::{Tip, Word};
use crate::graph::EntityId;
use crate::schema::{PropertyId, TypeId, TypeSet};

/// Named things of one type.
struct Alike {
    ids: Vec<EntityId>,
    kind: TypeId,
    /// Positions of the words that name them or their type.
    words: Vec<usize>,
}

impl Writer<'_> {
    /// Adds the queries that set one thing beside others.
    pub fn beside(&mut self) {
        if let Some(alike) = self.alike() {
            self.span(&alike);
            self.common(&alike);
            self.several(alike);
            self.alternatives();
            self.of_one_time();
        }
        self.sharing();
        self.deepest();
        self.who_and_when();
    }

    /// Adds who did something to a thing, with its date: `who made BERT and when`.
    fn who_and_when(&mut self) {
        let ([(id, at)], [link]) = (&self.named()[..], self.draft.links.as_slice()) else { return };
        let asks = self.draft.asks.iter().find(|(measure, _)| *measure == Measure::Date);
        let nouns = &self.draft.nouns;
        let asked = (0..nouns.len()).find(|i| nouns[*i].kind == Kind::Asked && nouns[*i].personal);
        let (Some((_, when)), Some(asked), true) = (asks, asked, self.draft.conditions.is_empty()) else { return };
        let kind = self.graph.type_of(*id);
        let date = self.measured(Measure::Date, TypeSet::only(kind)).first().copied();
        let is_between = link.from == asked || link.to == asked;
        let (Some(date), true, [verb]) = (date, is_between, self.draft.verbs.as_slice()) else { return };
        let inverse = if link.from == asked { link.inverse } else { !link.inverse };
        let (from, _) = self.graph.ends(link.verb, inverse);
        let Some(doer) = join::tops(from, self.graph).into_iter().next() else { return };
        let schema = self.graph.schema();
        let (doer, kind) = (&schema.type_(doer).name, &schema.type_(kind).name);
        let (way, date, value) = (self.graph.spelt(link.verb, inverse), &schema.property(date).name, self.value(*id));
        let query = format!("{doer} x {way} {kind} y where y = {value} show x, y.{date}");
        let used = [*at, *when, verb.at, nouns[asked].at];
        self.put(query, 2, &used);
    }

    /// Returns the named things if all are of one type, and nothing else is named.
    fn alike(&self) -> Option<Alike> {
        let named = self.named();
        let kind = self.graph.type_of(named.first()?.0);
        let is_free = self.draft.nouns.iter().all(|noun| !noun.denied && !noun.grouped && noun.quantifier.is_empty());
        let is_alike = |(id, _): &(EntityId, usize)| self.graph.type_of(*id) == kind;
        let types = self.types();
        let are_alike = named.iter().all(is_alike) && types.iter().all(|(of, _)| self.is_a(named[0].0, *of));
        let words = named.iter().map(|(_, at)| *at).chain(types.iter().map(|(_, at)| *at)).collect();
        let ids = named.into_iter().map(|(id, _)| id).collect();
        (is_free && are_alike && self.draft.verbs.is_empty()).then_some(Alike { ids, kind, words })
    }

    /// Adds a property of several things: `which is older, BERT or T5`, `release dates of BERT and T5`.
    fn several(&mut self, Alike { mut ids, kind, mut words }: Alike) {
        let Draft { conditions, extreme, views, count, whether, .. } = self.draft;
        let compares = views.iter().all(|(view, _)| *view == View::Diff) && !self.draft.properties.is_empty();
        if !(views.is_empty() || compares) || count.is_some() {
            return;
        }
        words.extend(views.iter().map(|(_, at)| *at));
        let types = TypeSet::only(kind);
        let first = |measure: Measure| self.measured(measure, types).first().copied();
        let (property, order) = match (conditions.as_slice(), extreme) {
            ([Condition { operand: Operand::Same(other), measure: Some(measure), words: told, .. }], None)
                if *whether =>
            {
                ids.push(*other);
                words.extend(told);
                (first(*measure), Some(Way::Up))
            }
            ([], Some((measure, way, at))) if self.is_choice() => {
                words.push(*at);
                (first(*measure), Some(*way))
            }
            ([], None) => (self.asked_of(types, &mut words), None),
            _ => return,
        };
        let Some(property) = property.filter(|_| ids.len() > 1) else { return };
        words.extend(self.draft.properties.iter().filter(|(own, _)| *own == property).map(|(_, at)| *at));
        let item = &self.graph.schema().property(property).name;
        let letter = self.letter(kind);
        let names: Vec<String> = ids.iter().map(|id| self.value(*id)).collect();
        let clauses = match order {
            Some(_) if !conditions.is_empty() => format!(" order by {letter}.{item}"),
            Some(Way::Up) => format!(" order by {letter}.{item} limit 1"),
            Some(Way::Down) => format!(" order by {letter}.{item} desc limit 1"),
            None => String::new(),
        };
        let name = &self.graph.schema().type_(kind).name;
        let list = names.join(", ");
        let query = format!("{name} {letter} where {letter} in ({list}) show {letter}, {letter}.{item}{clauses}");
        self.put(query, 1, &words);
    }

    /// Adds the time from one thing to another: `time between BERT and T5`.
    fn span(&mut self, Alike { ids, kind, words }: &Alike) {
        let Some(view) = self.view_at(&[View::Span]) else { return };
        let [first, second] = ids[..] else { return };
        let Some(date) = self.measured(Measure::Date, TypeSet::only(*kind)).first().copied() else { return };
        let schema = self.graph.schema();
        let (kind, date) = (&schema.type_(*kind).name, &schema.property(date).name);
        let said = self.draft.properties.iter().map(|(_, at)| *at);
        let used: Vec<usize> = words.iter().copied().chain(said).chain([view]).collect();
        let (first, second) = (self.value(first), self.value(second));
        self.put(format!("{kind} x where x = {first} show days({second}.{date} - {first}.{date})"), 0, &used);
    }

    /// Adds what several things have in common: `what do BERT and T5 share`.
    fn common(&mut self, Alike { ids, kind, words }: &Alike) {
        let schema = self.graph.schema();
        if !self.draft.common || ids.len() < 2 || !self.types().is_empty() || !self.draft.views.is_empty() {
            return;
        }
        for verb in schema.adoption_verbs().into_iter().filter(|verb| schema.verb(*verb).from.contains(*kind)) {
            let Some(to) = join::tops(schema.verb(verb).to, self.graph).into_iter().next() else { continue };
            let names: Vec<String> = ids.iter().map(|id| self.name(*id)).collect();
            let (verb, to) = (&schema.verb(verb).name, &schema.type_(to).name);
            self.put(format!("{} {verb} {to}", names.join(" and ")), 0, words);
        }
    }

    /// Adds what is of the same time as a thing: `models from the same year as BERT`.
    fn of_one_time(&mut self) {
        let Some((period, same)) = self.draft.contemporary else { return };
        let [(id, at)] = self.named()[..] else { return };
        let kind = self.graph.type_of(id);
        let named = self.draft.properties.first().map(|(property, _)| *property);
        let dated = |property: &PropertyId| self.measured(Measure::Date, TypeSet::only(kind)).contains(property);
        let date = named.filter(dated).or(self.measured(Measure::Date, TypeSet::only(kind)).first().copied());
        let (Some(date), true) = (date, self.draft.conditions.is_empty()) else { return };
        let schema = self.graph.schema();
        let (name, date) = (&schema.type_(kind).name, &schema.property(date).name);
        let of = |owner: &str| match period {
            Some(period) => format!("{}({owner}.{date})", period.written()),
            None => format!("{owner}.{date}"),
        };
        let words = self.types().into_iter().map(|(_, at)| at);
        let words = words.chain(self.draft.properties.iter().map(|(_, at)| *at)).chain([at, same]).collect::<Vec<_>>();
        let value = self.value(id);
        let test = format!("{} = {}", of("x"), of(&value));
        self.put(format!("{name} x where x != {value} and {test}"), 0, &words);
    }

    /// Returns true if the names are the choices: all stand in one list, `A or B`, or `of A and B`.
    fn is_choice(&self) -> bool {
        let nouns = &self.draft.nouns;
        let mut names = nouns.iter().filter(|noun| matches!(noun.kind, Kind::Entity(_))).skip(1);
        let is_asked = nouns.iter().any(|noun| noun.kind == Kind::Asked);
        names.all(|noun| noun.joint == Joint::Or || noun.joint == Joint::And && !is_asked)
    }

    /// Returns the property that is asked for, and appends the positions of the words that ask.
    fn asked_of(&self, types: TypeSet, words: &mut Vec<usize>) -> Option<PropertyId> {
        let schema = self.graph.schema();
        let asks = self.draft.asks.first();
        words.extend(asks.map(|(_, at)| *at));
        let named = self.draft.properties.iter().map(|(property, _)| *property);
        let mut named = named.filter(|property| !schema.property(*property).of.and(types).is_empty());
        named.next().or_else(|| self.measured(asks?.0, types).first().copied())
    }

    /// The first letter of a type, as a variable.
    fn letter(&self, kind: TypeId) -> char {
        self.graph.schema().type_(kind).name.chars().next().map_or('x', |c| c.to_ascii_lowercase())
    }

    /// Adds what shares something with a thing: `orgs in the same country as Mistral AI`.
    fn sharing(&mut self) {
        let Some(same) = self.draft.same else { return };
        let [(id, at)] = self.named()[..] else { return };
        let (shared, others): (Vec<_>, Vec<_>) = self.types().into_iter().partition(|(_, at)| *at > same);
        let ([(shared, place)], true) = (shared.as_slice(), self.draft.conditions.is_empty()) else { return };
        if !others.iter().all(|(other, _)| self.is_a(id, *other)) {
            return;
        }
        let own = TypeSet::only(self.graph.type_of(id));
        let types = self.graph.schema().type_(*shared).subtypes;
        let has_fact = |step: &join::Step| {
            let (thing, kind) = (Tip::Only(id), Tip::Of(types));
            let (subject, object) = if step.inverse { (kind, thing) } else { (thing, kind) };
            matches!(step.verb, Word::Verb(verb) if self.graph.has_fact(verb, subject, object))
        };
        let is_named = |step: &join::Step| self.draft.verbs.iter().any(|verb| verb.verb == step.verb);
        let mut steps = join::steps(own, types, None, self.graph);
        steps.retain(|step| has_fact(step) && (self.draft.verbs.is_empty() || is_named(step)));
        let Some(step) = steps.first() else { return };
        let used: Vec<usize> = others.iter().map(|(_, at)| *at).chain([at, *place]).collect();
        let used = used.into_iter().chain(self.draft.verbs.iter().map(|verb| verb.at)).collect::<Vec<_>>();
        let (from, _) = self.graph.ends(step.verb, step.inverse);
        let way = self.graph.spelt(step.verb, step.inverse);
        self.shared(id, &way, *shared, from, (0, &used));
    }

    /// Adds the other things that share an object of a verb with the named one.
    fn shared(&mut self, id: EntityId, way: &str, shared: TypeId, from: TypeSet, (cost, used): (u32, &[usize])) {
        let kinds = join::tops(from, self.graph);
        let Some(kind) = kinds.into_iter().find(|kind| self.is_a(id, *kind)) else { return };
        let schema = self.graph.schema();
        let (kind, shared) = (&schema.type_(kind).name, &schema.type_(shared).name);
        let (name, value) = (self.name(id), self.value(id));
        let query = format!("{name} {way} {shared} x, {kind} y {way} x where y != {value} show y");
        self.put(query, cost, used);
    }

    /// Adds what can stand in place of a thing: what fills the same part, or is of the same kind.
    fn alternatives(&mut self) {
        let Some(view) = self.view_at(&[View::Alternatives]) else { return };
        let [(id, at)] = self.named()[..] else { return };
        if !self.draft.conditions.is_empty() || self.has_lineage(id) {
            return;
        }
        let own = self.graph.type_of(id);
        let sorts = |item: &crate::schema::Verb| item.from.contains(own) && !item.to.contains(own) && !item.adoption;
        let schema = self.graph.schema();
        let verbs =
            schema.verbs().filter(|(verb, item)| sorts(item) && self.graph.relation(*verb).forward.of(id).len() == 1);
        // The fewer facts it has, the more it says.
        let Some((verb, item)) = verbs.min_by_key(|(verb, _)| self.graph.relation(*verb).len()) else { return };
        let to = EntityId(self.graph.relation(verb).forward.of(id)[0]);
        let used: Vec<usize> = self.types().iter().map(|(_, at)| *at).chain([at, view]).collect();
        let (name, from) = (item.name.clone(), item.from);
        self.shared(id, &name, self.graph.type_of(to), from, (6, &used));
    }

    /// Adds the longest line of descent.
    fn deepest(&mut self) {
        let (Some(view), Some((Measure::Number("long"), Way::Down, at)), []) =
            (self.view_at(&[View::Lineage, View::Path]), self.draft.extreme, &self.named()[..])
        else {
            return;
        };
        let schema = self.graph.schema();
        let Some(verb) = schema.lineage_verbs().into_iter().next() else { return };
        let Some(kind) = join::tops(schema.verb(verb).to, self.graph).into_iter().next() else { return };
        let (name, verb) = (&schema.type_(kind).name, &schema.verb(verb).name);
        let used: Vec<usize> = self.types().iter().map(|(_, at)| *at).chain([view, at]).collect();
        let shown = "show x, y, length(p) order by length(p) desc limit 1";
        self.put(format!("{name} x {verb}+ as p {name} y {shown}"), 0, &used);
    }

    /// Adds what is so of one thing alone: `techniques only used by Google`.
    pub fn alone(&mut self, joined: &Joined, used: &[usize], cost: u32) {
        let Some(only) = self.draft.only else { return };
        let Draft { conditions, count, most, extreme, .. } = self.draft;
        let is_plain = joined.nouns.iter().all(|noun| !noun.denied && !noun.grouped && noun.quantifier.is_empty());
        if !conditions.is_empty() || count.is_some() || most.is_some() || extreme.is_some() || !is_plain {
            return;
        }
        let Some(query) = self.of_one_alone(joined) else { return };
        self.put(query, cost, &[used, &[only]].concat());
    }

    fn of_one_alone(&self, joined: &Joined) -> Option<String> {
        let is_thing = |i: &usize| matches!(joined.nouns[*i].kind, Kind::Entity(_));
        let things: Vec<usize> = (0..joined.nouns.len()).filter(is_thing).collect();
        let [thing] = things[..] else { return None };
        let Kind::Entity(id) = joined.nouns[thing].kind else { return None };
        let other = |link: &Link, from: usize| if link.from == from { link.to } else { link.from };
        let touches = |link: &&Link, noun: usize| link.from == noun || link.to == noun;
        let word = |link: &Link, from: usize| {
            let inverse = if link.from == from { link.inverse } else { !link.inverse };
            format!("{}{}", self.graph.spelt(link.verb, inverse), link.steps.written())
        };
        let name = |noun: usize| match joined.nouns[noun].kind {
            Kind::Type(kind) => Some(self.graph.schema().type_(kind).name.as_str()),
            _ => None,
        };
        let last = joined.links.iter().find(|link| touches(link, thing))?;
        let middle = other(last, thing);
        match joined.links.as_slice() {
            [_] => {
                let (head, there, back) = (name(middle)?, word(last, middle), word(last, thing));
                let (from, to) = self.graph.ends(last.verb, last.inverse);
                let ends = if last.from == thing { from } else { to };
                let kind = join::tops(ends, self.graph).into_iter().find(|kind| self.is_a(id, *kind))?;
                let (kind, own) = (&self.graph.schema().type_(kind).name, self.name(id));
                let value = self.value(id);
                Some(format!("{head} x {there} {own}, not ({kind} y {back} x where y != {value}) show x"))
            }
            [_, _] => {
                let first = joined.links.iter().find(|link| *link != last && touches(link, middle))?;
                let head = other(first, middle);
                let (there, back, said) = (word(first, head), word(first, middle), word(last, middle));
                let (head, middle, own) = (name(head)?, name(middle)?, self.name(id));
                Some(format!(
                    "{head} x {there} {middle} that {said} {own}, not ({middle} y {back} x, y not {said} {own}) show x"
                ))
            }
            _ => None,
        }
    }
}
