//! Views that a draft may ask for.

use super::clauses::Clauses;
use super::draft::{Condition, Kind, Operand};
use super::join;
use super::lexicon::{Measure, Period, View};
use super::queries::Writer;
use super::vocabulary::Word;
use super::write::Sentence;
use crate::graph::EntityId;
use crate::schema::{TypeId, TypeSet, VerbId};

impl Writer<'_> {
    /// Adds views of one or two named entities, and views of types.
    pub fn views(&mut self) {
        let (named, types) = (self.named(), self.types());
        let is_bare = self.draft.conditions.is_empty() && self.draft.only.is_none();
        if let ([one], [limit]) = (named.as_slice(), self.draft.conditions.as_slice()) {
            self.lineage_within(*one, limit);
        }
        if is_bare && self.draft.count.is_none() {
            match named.as_slice() {
                [one] => self.of_one(*one, &types),
                [a, b] => self.of_two(*a, *b, &types),
                _ => {}
            }
        }
        self.adoption(&named, &types);
        if let ([a, b], Some(at)) = (types.as_slice(), self.view_at(&[View::Matrix])) {
            for link in self.joined() {
                let sentence = Sentence::of(&link, self.graph).text();
                self.put(format!("matrix of {sentence}"), link.cost, &[at, a.1, b.1]);
            }
        }
        self.reports(&named, &types);
        if let Some(at) = self.view_at(&[View::Conflicts]) {
            // `contradicting sources`
            let sources: Vec<usize> = self.view_at(&[View::Why]).into_iter().chain([at]).collect();
            match named.first() {
                Some((id, of)) => {
                    self.put(format!("conflicts of {}", self.name(*id)), 0, &[sources.as_slice(), &[*of]].concat())
                }
                None => self.put("conflicts".to_string(), 0, &sources),
            }
        }
        if let Some(at) = self.view_at(&[View::Schema, View::Describe])
            && named.is_empty()
        {
            match types.first() {
                Some((id, of)) => self.put(format!("schema {}", self.graph.schema().type_(*id).name), 2, &[at, *of]),
                None => self.put("schema".to_string(), 2, &[at]),
            }
        }
    }

    /// Adds what the graph says of its own facts: what is missing, what is there twice, and where all is from.
    fn reports(&mut self, named: &[(EntityId, usize)], types: &[(TypeId, usize)]) {
        let thing = match (named, types) {
            ([(id, at), ..], _) => Some((self.name(*id), *at)),
            ([], [(kind, at), ..]) => Some((self.graph.schema().type_(*kind).name.clone(), *at)),
            ([], []) => None,
        };
        if let Some(at) = self.view_at(&[View::Inferred]) {
            let words: Vec<usize> = self.view_at(&[View::Claims, View::Why]).into_iter().chain([at]).collect();
            match &thing {
                Some((name, of)) => {
                    self.put(
                        format!("claims of {name} where trust = inferred"),
                        1,
                        &[words.as_slice(), &[*of]].concat(),
                    );
                }
                None => self.put("claims where trust = inferred".to_string(), 1, &words),
            }
        }
        for (view, word) in [(View::Gaps, "gaps"), (View::Duplicates, "duplicates"), (View::Sources, "sources")] {
            let Some(at) = self.view_at(&[view]) else { continue };
            match thing.as_ref().filter(|_| view != View::Sources) {
                Some((name, of)) => self.put(format!("{word} of {name}"), 1, &[at, *of]),
                None => self.put(word.to_string(), 1, &[at]),
            }
        }
    }

    /// Adds a table of two kinds of things that a verb joins, whatever else is said of them.
    pub fn crossed(&mut self, sentence: &Sentence, clauses: &Clauses, used: &[usize], cost: u32) {
        let Some(at) = self.view_at(&[View::Matrix]) else { return };
        if let Some(text) = sentence.sides() {
            self.put(format!("matrix of {text}{}", clauses.written()), cost, &[used, &[at]].concat());
        }
    }

    fn of_one(&mut self, (id, at): (EntityId, usize), types: &[(TypeId, usize)]) {
        let name = self.name(id);
        let alike: Vec<usize> = types.iter().filter(|(kind, _)| self.is_a(id, *kind)).map(|(_, at)| *at).collect();
        let words: &[(&[View], &str, u32)] = &[
            (&[View::Lineage], "lineage of", 0),
            (&[View::Ancestors], "ancestors of", 0),
            (&[View::Descendants], "descendants of", 0),
            (&[View::Parents], "ancestors of", 12),
            (&[View::Children], "descendants of", 12),
            (&[View::Timeline], "lineage of", 6),
            (&[View::Path], "lineage of", 12),
        ];
        let has_lineage = self.has_lineage(id);
        for (views, word, extra) in words.iter().filter(|_| has_lineage) {
            // A timeline of several entities is written with `timeline of`.
            if views[0] == View::Timeline && !types.is_empty() {
                continue;
            }
            if let Some(view) = self.view_at(views) {
                self.put(format!("{word} {name}"), *extra, &[&[at, view], alike.as_slice()].concat());
            }
        }
        if let (Some(view), Some((kind, way))) = (self.view_at(&[View::Siblings]), self.lineage_of(id)) {
            let query = format!("{name} {way} {kind} x, {kind} y {way} x where y != {name} show y");
            self.put(query, 0, &[&[at, view], alike.as_slice()].concat());
        }
        // `sources for QK-Norm`: nothing is said of it that has a proof.
        let asks_why = self.view_at(&[View::Why]).filter(|_| self.draft.verbs.is_empty());
        if let Some(view) = self.view_at(&[View::Claims]).or(asks_why) {
            self.put(format!("claims of {name}"), 0, &[&[at, view], alike.as_slice()].concat());
        }
        let view = self.view_at(&[View::Describe]);
        // `models in the Llama series`: several are not described by one.
        let is_plural = self.draft.nouns.iter().any(|noun| alike.contains(&noun.at) && noun.plural);
        // `where is X from`: one of its facts is asked for.
        let asks = self.draft.nouns.iter().any(|noun| noun.kind == Kind::Asked);
        let extra = match (view, is_plural) {
            (Some(_), _) => 0,
            (None, false) => 10 + if asks { 4 } else { 0 },
            (None, true) => 26,
        };
        let used: Vec<usize> = view.into_iter().chain([at]).chain(alike).collect();
        self.put(format!("describe {name}"), extra, &used);
    }

    /// Adds the lineage of so many generations.
    fn lineage_within(&mut self, (id, at): (EntityId, usize), limit: &Condition) {
        let (Some(view), Operand::Number(number)) = (self.view_at(&[View::Lineage]), &limit.operand) else { return };
        if limit.measure == Some(Measure::Steps) && self.has_lineage(id) {
            let used = [limit.words.as_slice(), &[at, view]].concat();
            self.put(format!("lineage of {} {{1,{number}}}", self.name(id)), 0, &used);
        }
    }

    fn of_two(&mut self, (a, at): (EntityId, usize), (b, bt): (EntityId, usize), types: &[(TypeId, usize)]) {
        let (first, second) = (self.name(a), self.name(b));
        let alike = types.iter().filter(|(kind, _)| self.is_a(a, *kind) || self.is_a(b, *kind)).map(|(_, at)| *at);
        let used: Vec<usize> = [at, bt].into_iter().chain(alike).collect();
        let with = |view: usize| [used.as_slice(), &[view]].concat();
        let way = self.lineage_of(a).filter(|_| self.has_lineage(b));
        if let Some(view) = self.view_at(&[View::Diff]) {
            self.put(format!("diff {first} and {second}"), 0, &with(view));
        }
        let Some((kind, way)) = way else { return };
        // `does A come from B`
        if let Some(view) = self.view_at(&[View::Ancestors]).filter(|_| self.draft.whether && self.draft.comes_from) {
            self.put(format!("{first} {way}+ {second}"), 0, &with(view));
            return;
        }
        // `the ancestry of A back to B`
        if let (Some(_), Some(view)) =
            (self.draft.to, self.view_at(&[View::Ancestors, View::Descendants, View::Lineage]))
        {
            self.put(format!("path {first} {way}+ {second}"), 0, &with(view));
            self.put(format!("path {second} {way}+ {first}"), 1, &with(view));
        }
        if let Some(view) = self.view_at(&[View::Common, View::CommonAll, View::Ancestors, View::Lineage]) {
            let shared = format!("{first} and {second} {way}+ {kind}");
            let (all, nearest) = if self.view_at(&[View::CommonAll]).is_some() { (0, 1) } else { (3, 0) };
            self.put(format!("{shared} c nearest c"), nearest, &with(view));
            self.put(shared, all, &with(view));
        }
        if let Some(view) = self.view_at(&[View::Lineage]) {
            self.put(format!("path {first} {way}+ {second}"), 1, &with(view));
            self.put(format!("path {second} {way}+ {first}"), 2, &with(view));
        }
        let own = match self.draft.verbs.as_slice() {
            [verb] if self.view_at(&[View::Path]).is_some() => {
                Some((self.graph.spelt(verb.verb, verb.inverse), verb.at))
            }
            _ => None,
        };
        let (way, said) = own.map_or((way, None), |(way, at)| (way, Some(at)));
        let used: Vec<usize> = used.into_iter().chain(said).collect();
        let with = |view: usize| [used.as_slice(), &[view]].concat();
        let path = self.view_at(&[View::Path]).or(self.draft.to.filter(|_| self.draft.verbs.is_empty()));
        if let Some(view) = path {
            let used = match self.draft.to {
                Some(to) => [with(view), vec![to]].concat(),
                None => with(view),
            };
            self.put(format!("path {first} {way}+ {second}"), 0, &used);
            // A verb that was named says which way.
            if said.is_none() {
                self.put(format!("path {second} {way}+ {first}"), 1, &used);
            }
        }
    }

    pub fn is_a(&self, id: EntityId, kind: TypeId) -> bool {
        self.graph.schema().type_(kind).subtypes.contains(self.graph.type_of(id))
    }

    pub fn has_lineage(&self, id: EntityId) -> bool {
        let schema = self.graph.schema();
        let kind = self.graph.type_of(id);
        schema.lineage_verbs().into_iter().any(|verb| schema.verb(verb).from.or(schema.verb(verb).to).contains(kind))
    }

    /// Returns the name of the type whose lineage an entity belongs to, and its lineage verbs as a path of one step.
    pub fn lineage_of(&self, id: EntityId) -> Option<(String, String)> {
        let schema = self.graph.schema();
        let kind = self.graph.type_of(id);
        let verbs: Vec<VerbId> = schema.lineage_verbs();
        let own: Vec<VerbId> =
            verbs.into_iter().filter(|verb| schema.verb(*verb).from.or(schema.verb(*verb).to).contains(kind)).collect();
        let types = own.iter().fold(TypeSet::NONE, |all, verb| all.or(schema.verb(*verb).to));
        let top = join::tops(types, self.graph).into_iter().next()?;
        let names: Vec<&str> = own.iter().map(|verb| schema.verb(*verb).name.as_str()).collect();
        let way = match names.as_slice() {
            [] => return None,
            [one] => one.to_string(),
            several => format!("({})", several.join(" | ")),
        };
        Some((schema.type_(top).name.clone(), way))
    }

    /// Returns the adopters of which the text says more than what they are, `Model that classed Decoder`, and the positions
    /// of the words that say so.
    fn adopters_told(&self, kind: TypeId, adopted: TypeSet) -> Option<(String, Vec<usize>)> {
        let nouns = &self.draft.nouns;
        let is_adopted =
            |i: usize| matches!(nouns[i].kind, Kind::Entity(id) if adopted.contains(self.graph.type_of(id)));
        let joined = join::joined(self.draft, &|i| !is_adopted(i), self.graph).into_iter().next()?;
        let mut joined = Some(joined).filter(|joined| !joined.nouns.is_empty())?;
        // The sentence begins with the adopters.
        joined.nouns.iter_mut().filter(|noun| noun.implied).for_each(|noun| noun.at = usize::MAX);
        let text = Sentence::of(&joined, self.graph).text();
        let name = &self.graph.schema().type_(kind).name;
        let told = text.strip_prefix(name.as_str())?.strip_prefix(' ')?;
        // With a letter, or in several sentences, it is no noun.
        let is_noun = !told.contains(", ") && told.split(' ').next().is_some_and(|word| word.chars().count() > 1);
        let words = joined.nouns.iter().flat_map(|noun| noun.words.iter().chain([&noun.at])).copied();
        let verbs = self.draft.verbs.iter().map(|verb| verb.at);
        is_noun.then(|| (format!("{name} that {told}"), words.chain(verbs).collect()))
    }

    /// Adds how a thing spread, and which of several spread fastest.
    fn paces(&mut self, named: &[(EntityId, usize)], types: &[(TypeId, usize)], adopted: TypeSet, used: &[usize]) {
        if let ([(id, at)], Some(_)) = (named, self.view_at(&[View::Spread]))
            && adopted.contains(self.graph.type_of(*id))
        {
            self.put(format!("spread of {}", self.name(*id)), 0, &[used, &[*at]].concat());
        }
        if let (Some((Measure::Number("fast"), _, fast)), [(kind, at)]) = (self.draft.extreme, types)
            && adopted.contains(*kind)
        {
            let name = &self.graph.schema().type_(*kind).name;
            self.put(format!("rise of {name}"), 0, &[used, &[fast, *at]].concat());
        }
    }

    /// Adds `adoption of …` for entities that can be adopted.
    fn adoption(&mut self, named: &[(EntityId, usize)], types: &[(TypeId, usize)]) {
        let schema = self.graph.schema();
        let view = self.view_at(&[View::Adoption, View::Share, View::Spread]).or(self
            .draft
            .over
            .filter(|_| self.draft.count.is_none())
            .map(|(_, at)| at));
        let Some(view) = view else { return };
        let verbs: Vec<VerbId> = schema.adoption_verbs();
        let adopted = verbs.iter().fold(TypeSet::NONE, |all, verb| all.or(schema.verb(*verb).to));
        let adopters = verbs.iter().fold(TypeSet::NONE, |all, verb| all.or(schema.verb(*verb).from));
        let period = self.draft.over.map_or(Period::Year, |(period, _)| period).written();
        // The word `adoption` implies the verb and the adopters.
        let mut used: Vec<usize> = vec![view];
        used.extend(self.draft.over.map(|(_, at)| at));
        used.extend(
            self.draft
                .verbs
                .iter()
                .filter(|verb| verbs.iter().any(|own| verb.verb == Word::Verb(*own)))
                .map(|verb| verb.at),
        );
        used.extend(types.iter().filter(|(kind, _)| adopters.contains(*kind)).map(|(_, at)| *at));
        // `when did it become popular`
        used.extend(self.draft.asks.iter().map(|(_, at)| *at));
        let extra = if self.view_at(&[View::Adoption, View::Share]).is_some() { 0 } else { 2 };
        self.paces(named, types, adopted, &used);
        // A share is one of those who could have taken it up.
        let all = types.iter().map(|(kind, _)| *kind).find(|kind| adopters.contains(*kind));
        let all = all.or(join::tops(adopters, self.graph).first().copied());
        let among = match (self.view_at(&[View::Share]), all) {
            (Some(_), Some(kind)) => format!(" among {}", schema.type_(kind).name),
            _ => String::new(),
        };
        let is_adopted = |(id, _): &&(EntityId, usize)| adopted.contains(self.graph.type_of(*id));
        if let Some((some, words)) = all.and_then(|kind| self.adopters_told(kind, adopted)) {
            let is_taken = |item: &&(EntityId, usize)| is_adopted(item);
            for (id, at) in named.iter().filter(is_taken) {
                let query = format!("adoption of {} among {some} by {period}", self.name(*id));
                self.put(query, extra, &[used.as_slice(), words.as_slice(), &[*at]].concat());
            }
        }
        let period = format!("{among} by {period}");
        if named.len() > 1 && named.iter().all(|item| is_adopted(&item)) {
            let names: Vec<String> = named.iter().map(|(id, _)| self.name(*id)).collect();
            let list = format!("{} and {}", names[..names.len() - 1].join(", "), names[names.len() - 1]);
            used.extend(named.iter().map(|(_, at)| *at).chain(self.view_at(&[View::Diff])));
            self.put(format!("adoption of {list}{period}"), extra, &used);
            return;
        }
        for (id, at) in named.iter().filter(is_adopted) {
            let query = format!("adoption of {}{period}", self.name(*id));
            self.put(query, extra, &[used.as_slice(), &[*at]].concat());
        }
        for (kind, at) in types.iter().filter(|(kind, _)| adopted.contains(*kind) && named.is_empty()) {
            let query = format!("adoption of {}{period}", schema.type_(*kind).name);
            self.put(query, extra, &[used.as_slice(), &[*at]].concat());
        }
    }
}
