//! Adds and retracts facts. A new fact is placed beside similar claims.

use super::draft::{Draft, Section};
use super::place;
use super::splice::Splice;
use super::tree::{Bracket, Value, literal as unquoted};
use super::{Refusal, Request, Workspace};
use crate::graph::{Fact, Graph, Trust};
use crate::load::{Named, Sentences, Stated, stated};
use crate::schema::{TypeId, TypeSet};
use crate::text::{Advice, Code, Diagnostic, Span, Text, suggest};
use crate::value::{Date, natural, ron_literal};
use std::sync::Arc;

/// Facts that a source states at one place.
#[derive(Debug, Clone, Default)]
pub struct Add {
    /// One sentence for each fact.
    pub facts: Vec<String>,
    pub citation: Citation,
    pub new: Vec<New>,
    /// Whether new names may resemble known ones.
    pub is_sure: bool,
}

/// The citation of a claim. A text that was not given is empty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Citation {
    pub source: String,
    pub at: String,
    pub trust: Trust,
    pub quote: String,
    pub note: String,
    pub date: String,
}

/// Names that may be declared for a fact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum New {
    /// Every unknown name, with the type that its verb requires.
    Any,
    /// As text: a name, a type, or both, `Model DeepSeek V4`.
    Words(String),
}

/// Facts to retract.
#[derive(Debug, Clone, Default)]
pub struct Retract {
    pub facts: Vec<String>,
    /// Only claims of this source; empty for any.
    pub source: String,
    /// Only claims at this place; empty for any.
    pub at: String,
    /// Whether to retract all claims of the facts, if there are several.
    pub all: bool,
}

impl Request for Add {
    fn make(&self, workspace: &Workspace, draft: &mut Draft) -> Result<Vec<String>, Refusal> {
        known_source(&workspace.graph, &self.citation.source)?;
        let mut done = self.declare(workspace, draft)?;
        // Facts about new names can be read only after their declaration.
        let declared;
        let graph = match done.is_empty() {
            true => &workspace.graph,
            false => {
                declared = workspace.check(draft)?.0;
                &declared
            }
        };
        let sentences = Sentences::new(graph);
        let mut new: Vec<String> = Vec::new();
        for fact in &self.facts {
            for stated in read(&sentences, fact)? {
                let sentence = stated::entry_of(graph, &stated.fact);
                if !self.is_claimed(graph, &stated.fact) && !new.contains(&sentence) {
                    new.push(sentence);
                }
            }
        }
        if !new.is_empty() {
            self.citation.put(draft, &new)?;
        }
        done.extend(new);
        Ok(done)
    }
}

/// Returns the digits of a name.
fn digits(name: &str) -> String {
    name.chars().filter(char::is_ascii_digit).collect()
}

impl Add {
    /// Returns whether a claim states the fact already, with the same source, place and trust, and with the quote, note
    /// and date that are given.
    fn is_claimed(&self, graph: &Graph, fact: &Fact) -> bool {
        let own = &self.citation;
        let date = Date::parse(&own.date).ok();
        let is_same = |claim: crate::graph::Claim<'_>| {
            let source = &graph.claims().source(claim.source).key;
            (source.as_str(), claim.at, claim.trust) == (own.source.as_str(), own.at.as_str(), own.trust)
                && (own.quote.is_empty() || own.quote == claim.quote)
                && (own.note.is_empty() || own.note == claim.note)
                && (own.date.is_empty() || date.is_some() && date == claim.date)
        };
        graph.find(fact).is_some_and(|id| graph.claims().of(id).any(is_same))
    }

    /// Declares new names, and returns a line for each.
    fn declare(&self, workspace: &Workspace, draft: &mut Draft) -> Result<Vec<String>, Refusal> {
        let graph = &workspace.graph;
        let sentences = Sentences::new(graph);
        let mut done: Vec<String> = Vec::new();
        for fact in &self.facts {
            for named in sentences.named(fact).into_iter().filter(|named| named.entity.is_none()) {
                let Some(type_) = self.type_of(graph, &sentences, fact, &named)? else { continue };
                let name = &graph.schema().type_(type_).name;
                let line = format!("{name} {} is new", ron_literal(&named.name));
                if done.contains(&line) {
                    continue;
                }
                let family = graph.schema().type_(family(graph, type_)).subtypes;
                let mut near = sentences.like(&named.name, family);
                // Another version is another entity: `DeepSeek V4` beside `DeepSeek V3`.
                near.retain(|(_, near)| digits(near) == digits(&named.name));
                if !self.is_sure && !near.is_empty() {
                    let near = near.into_iter().map(|(_, near)| near).take(3).collect();
                    return Err(Refusal::Near { name: named.name, near });
                }
                declare(draft, name, &named.name)?;
                done.push(line);
            }
        }
        Ok(done)
    }

    /// Returns the type with which a name is declared; `None` if it is not to be declared.
    fn type_of(
        &self,
        graph: &Graph,
        sentences: &Sentences<'_>,
        fact: &str,
        named: &Named,
    ) -> Result<Option<TypeId>, Refusal> {
        let schema = graph.schema();
        // Another fact may narrow the type that this one leaves open.
        let all = self.facts.iter().flat_map(|fact| sentences.named(fact)).filter(|other| other.name == named.name);
        let mut wanted = all.fold(named.wanted, |wanted, other| wanted.and(other.wanted));
        let mut is_new = false;
        for new in &self.new {
            match new {
                New::Any => is_new = true,
                New::Words(words) => {
                    let words = words.trim();
                    let (first, rest) = words.split_once(' ').unwrap_or((words, ""));
                    let is_name = |text: &str| stated::bare(text) == named.name;
                    if let Some(type_) = schema.lookup_type(words) {
                        (is_new, wanted) = (true, schema.type_(type_).subtypes.and(wanted));
                    } else if is_name(words) {
                        is_new = true;
                    } else if let Some(type_) = schema.lookup_type(first).filter(|_| is_name(rest)) {
                        return Ok(Some(type_));
                    }
                }
            }
        }
        match (is_new, top_types(graph, wanted).as_slice()) {
            (false, _) => Ok(None),
            (true, [only]) => Ok(Some(*only)),
            (true, several) => {
                let names = several.iter().map(|id| schema.type_(*id).name.clone()).collect();
                let message = format!("which type is `{}` of?", named.name);
                let text = Text::new("fact", fact);
                let advice = Advice::Declare(named.name.clone(), names);
                let problem = Diagnostic::error(Code::Undeclared, named.span, message).advise(advice);
                Err(Refusal::Request(text, problem.into()))
            }
        }
    }
}

/// Returns the topmost of some types.
fn top_types(graph: &Graph, types: TypeSet) -> Vec<TypeId> {
    let parent = |id: TypeId| graph.schema().type_(id).parent;
    types.iter().filter(|id| parent(*id).is_none_or(|parent| !types.contains(parent))).collect()
}

/// Returns the topmost supertype of a type.
fn family(graph: &Graph, type_: TypeId) -> TypeId {
    std::iter::successors(Some(type_), |id| graph.schema().type_(*id).parent).last().unwrap_or(type_)
}

/// Adds an entity without fields to the last map of its type.
fn declare(draft: &mut Draft, type_: &str, name: &str) -> Result<(), Refusal> {
    let with_type = draft.sections(Section::Entities)?.into_iter().rev().find_map(|(file, all)| {
        let map = all.bracket(&draft.text(file).body, type_)?.clone();
        Some((file, map))
    });
    let (file, map) = match with_type {
        Some(found) => found,
        None => {
            let file = draft.file_with(Section::Entities)?;
            let all = draft.section(file, Section::Entities)?;
            draft.insert(file, &all, all.items.len().checked_sub(1), &format!("{}: {{}}", ron_literal(type_)));
            let all = draft.section(file, Section::Entities)?;
            let map = all.bracket(&draft.text(file).body, type_).cloned();
            (file, map.ok_or_else(|| Refusal::Cannot(format!("`{type_}` could not be added")))?)
        }
    };
    draft.insert(file, &map, map.items.len().checked_sub(1), &format!("{}: ()", ron_literal(name)));
    Ok(())
}

/// Returns the statements of a fact; errors have their place in the sentence.
pub(super) fn read(sentences: &Sentences<'_>, fact: &str) -> Result<Vec<Stated>, Refusal> {
    sentences.facts(fact).map_err(|mut problems| {
        let unknown = sentences.named(fact).into_iter().find(|named| named.entity.is_none());
        for problem in problems.0.iter_mut().filter(|problem| problem.code == Code::Syntax && problem.help.is_empty()) {
            let start = problem.labels.first().map_or(0, |label| label.span.start as usize);
            if let Some(name) = name_around(fact, start) {
                let message = format!("a name with such a word stands in quotes: `\"{name}\"`");
                problem.help.push(crate::text::Help { message, fix: None });
            }
        }
        for problem in problems.0.iter_mut().filter(|problem| problem.code == Code::Undeclared) {
            let is_name = problem.message.starts_with("no entity");
            if let Some(unknown) = unknown.as_ref().filter(|_| is_name) {
                problem.help.retain(|help| help.fix.is_some());
                problem.advice.push(Advice::Declare(unknown.name.clone(), Vec::new()));
            }
        }
        Refusal::Request(Text::new("fact", fact), problems)
    })
}

/// Returns the name that a word at an offset seems to belong to: the capitalised words around one in lower case, as in
/// `Sen no Rikyu`; `None` if there are none on one side.
fn name_around(text: &str, at: usize) -> Option<String> {
    let is_part = |word: &&str| word.starts_with(char::is_uppercase);
    let (before, after) = (text.get(..at)?, text.get(at..)?);
    let mut name: Vec<&str> = before.split_whitespace().rev().take_while(is_part).collect();
    name.reverse();
    let mut rest = after.split_whitespace();
    let word = rest.next().filter(|word| word.starts_with(char::is_lowercase) && !name.is_empty())?;
    let last: Vec<&str> = rest.take_while(is_part).collect();
    name.push(word);
    name.extend(&last);
    (!last.is_empty()).then(|| name.join(" "))
}

/// Returns an error if there is no source with this key.
pub(super) fn known_source(graph: &Graph, key: &str) -> Result<(), Refusal> {
    if graph.claims().lookup_source(key).is_some() {
        return Ok(());
    }
    let keys = graph.claims().sources.iter().map(|source| source.key.as_str());
    let near = suggest::nearest(key, keys);
    let near = near.first().map_or(String::new(), |near| format!("did you mean `{near}`? "));
    let declare = format!("`begat source add {} --title '…'` declares it", stated::quoted_word(key));
    Err(Refusal::Cannot(format!("no source is called `{key}`; {near}{declare}")))
}

/// A claim in a file.
pub(super) struct Claim<'d> {
    text: &'d Arc<Text>,
    pub bracket: &'d Bracket,
}

impl<'d> Claim<'d> {
    pub fn of(text: &'d Arc<Text>, bracket: &'d Bracket) -> Claim<'d> {
        Claim { text, bracket }
    }

    pub fn citation(&self) -> Citation {
        let word = |key: &str| self.bracket.text(&self.text.body, key);
        let trust = word("trust");
        let trust = Trust::ALL.into_iter().find(|known| known.name() == trust).unwrap_or_default();
        let [source, at, quote, note, date] = ["source", "at", "quote", "note", "date"].map(word);
        Citation { source, at, trust, quote, note, date }
    }

    pub fn facts(&self) -> Option<&'d Bracket> {
        self.bracket.bracket(&self.text.body, "facts")
    }
}

impl Citation {
    /// Adds facts to an equal claim whose facts are on separate lines; otherwise adds a claim beside similar ones.
    fn put(&self, draft: &mut Draft, facts: &[String]) -> Result<(), Refusal> {
        let mut best: Option<(usize, usize)> = None;
        let mut same = None;
        for (file, claims) in draft.sections(Section::Claims)? {
            let text = draft.text(file);
            let mut like: Option<(bool, usize)> = None;
            for (at, item) in claims.items.iter().enumerate() {
                let Some(claim) = item.bracket().map(|bracket| Claim::of(text, bracket)) else { continue };
                let citation = claim.citation();
                let has_lines = |facts: &&Bracket| facts.span.of(&text.body).contains('\n');
                if citation == *self {
                    same = claim.facts().filter(has_lines).map(|facts| (file, facts.clone())).or(same);
                }
                if citation.source == self.source {
                    let is_before = natural(&citation.at, &self.at).is_le();
                    let is_better = like.is_none_or(|(was_before, _)| is_before || !was_before);
                    if is_better {
                        like = Some((is_before, at));
                    }
                }
            }
            best = like.map(|(_, at)| (file, at)).or(best);
        }
        if let Some((file, list)) = same {
            return self.append(draft, file, list, facts);
        }
        let (file, behind) = match best {
            Some((file, at)) => (file, Some(at)),
            None => {
                let file = draft.file_with(Section::Claims)?;
                (file, draft.section(file, Section::Claims)?.items.len().checked_sub(1))
            }
        };
        let claims = draft.section(file, Section::Claims)?;
        draft.insert(file, &claims, behind, &self.claim(facts));
        Ok(())
    }

    /// Appends facts to a list of facts.
    fn append(&self, draft: &mut Draft, file: usize, list: Bracket, facts: &[String]) -> Result<(), Refusal> {
        let mut list = list;
        for fact in facts {
            draft.insert(file, &list, list.items.len().checked_sub(1), &ron_literal(fact));
            // The list has grown, but still starts at the same place.
            let start = list.span.start;
            let claims = draft.section(file, Section::Claims)?;
            let mut brackets = claims.items.iter().filter_map(|item| item.bracket());
            let text = draft.text(file);
            let grown = brackets.find_map(|claim| Claim::of(text, claim).facts().filter(|all| all.span.start == start));
            list = grown.cloned().ok_or_else(|| Refusal::Cannot("the claim was lost".to_string()))?;
        }
        Ok(())
    }

    /// Returns a claim on several lines, with one fact on each line.
    fn claim(&self, facts: &[String]) -> String {
        let mut fields = vec![format!("source: {}", ron_literal(&self.source))];
        let mut add = |name: &str, words: &str| {
            if !words.is_empty() {
                fields.push(format!("{name}: {}", ron_literal(words)));
            }
        };
        add("at", &self.at);
        add("quote", &self.quote);
        add("note", &self.note);
        add("date", &self.date);
        if self.trust != Trust::default() {
            let place = fields.len().min(1 + usize::from(!self.at.is_empty()));
            fields.insert(place, format!("trust: {}", self.trust.name()));
        }
        let facts: String = facts.iter().map(|fact| format!("{},\n", ron_literal(fact))).collect();
        format!("(\n{},\nfacts: [\n{facts}],\n)", fields.join(", "))
    }

    /// Returns the citation for messages: `goose L23`.
    pub fn words(&self) -> String {
        [self.source.as_str(), self.at.as_str()]
            .into_iter()
            .filter(|word| !word.is_empty())
            .collect::<Vec<_>>()
            .join(" ")
    }
}

/// A sentence of a claim that states one of the facts.
struct Hit {
    file: usize,
    claim: usize,
    sentence: usize,
    citation: Citation,
    /// Other facts that the sentence states.
    rest: Vec<String>,
    /// The requested facts that it states.
    facts: Vec<Fact>,
}

impl Request for Retract {
    fn make(&self, workspace: &Workspace, draft: &mut Draft) -> Result<Vec<String>, Refusal> {
        let graph = &workspace.graph;
        if !self.source.is_empty() {
            known_source(graph, &self.source)?;
        }
        let sentences = Sentences::new(graph);
        let mut done = Vec::new();
        for fact in &self.facts {
            let stated: Vec<Fact> = read(&sentences, fact)?.into_iter().map(|stated| stated.fact).collect();
            let hits = self.hits(graph, &sentences, draft, &stated)?;
            for wanted in &stated {
                let own: Vec<&Hit> = hits.iter().filter(|hit| hit.facts.contains(wanted)).collect();
                let sentence = stated::sentence_of(graph, wanted);
                if own.is_empty() {
                    return Err(Refusal::Cannot(self.not_claimed(graph, wanted, &sentence)));
                }
                let places: Vec<String> = own.iter().map(|hit| hit.citation.words()).collect();
                if own.len() > 1 && !self.all {
                    let first = &own[0].citation;
                    let at = if first.at.is_empty() { String::new() } else { format!(" --at '{}'", first.at) };
                    let words = format!(
                        "`{sentence}` is claimed {} times: {}; write which, `--source {}{at}`, or `--all`",
                        own.len(),
                        places.join(", "),
                        stated::quoted_word(&first.source)
                    );
                    return Err(Refusal::Cannot(words));
                }
                done.push(format!("no longer: {sentence}    [{}]", places.join("; ")));
            }
            self.take_out(draft, hits)?;
        }
        Ok(done)
    }
}

impl Retract {
    /// Returns the sentences that state any of the facts, in claims that match the request.
    fn hits(
        &self,
        graph: &Graph,
        sentences: &Sentences<'_>,
        draft: &Draft,
        wanted: &[Fact],
    ) -> Result<Vec<Hit>, Refusal> {
        let mut hits = Vec::new();
        for (file, claims) in draft.sections(Section::Claims)? {
            let text = draft.text(file);
            for (at, item) in claims.items.iter().enumerate() {
                let Some(claim) = item.bracket().map(|bracket| Claim::of(text, bracket)) else { continue };
                let citation = claim.citation();
                let is_meant = |asked: &str, own: &str| asked.is_empty() || asked == own;
                if !is_meant(&self.source, &citation.source) || !is_meant(&self.at, &citation.at) {
                    continue;
                }
                for (sentence, words) in words_of(claim.facts(), text).into_iter().enumerate() {
                    let Ok(stated) = sentences.facts(&words) else { continue };
                    let (own, rest): (Vec<Stated>, Vec<Stated>) =
                        stated.into_iter().partition(|stated| wanted.contains(&stated.fact));
                    if !own.is_empty() {
                        let rest = rest.iter().map(|stated| stated::sentence_of(graph, &stated.fact)).collect();
                        let facts = own.into_iter().map(|stated| stated.fact).collect();
                        hits.push(Hit { file, claim: at, sentence, citation: citation.clone(), rest, facts });
                    }
                }
            }
        }
        Ok(hits)
    }

    /// Removes sentences from their claims, last first, so that the positions of the others stay valid.
    fn take_out(&self, draft: &mut Draft, hits: Vec<Hit>) -> Result<(), Refusal> {
        for hit in hits.into_iter().rev() {
            let claims = draft.section(hit.file, Section::Claims)?;
            let text = draft.text(hit.file).clone();
            let Some(claim) = claims.items[hit.claim].bracket().map(|bracket| Claim::of(&text, bracket)) else {
                continue;
            };
            let Some(facts) = claim.facts() else { continue };
            let splices = match hit.rest.as_slice() {
                [] if facts.items.len() == 1 && !claim.bracket.is_commented => {
                    vec![place::remove(&text.body, &claims, hit.claim)]
                }
                [] => vec![place::remove(&text.body, facts, hit.sentence)],
                rest => rewritten(&text.body, facts, hit.sentence, rest),
            };
            draft.apply(hit.file, &splices);
        }
        Ok(())
    }

    /// Returns why a fact cannot be retracted: no such claim, or not in a file that can be edited.
    fn not_claimed(&self, graph: &Graph, fact: &Fact, sentence: &str) -> String {
        let Some(id) = graph.find(fact) else { return format!("nobody claims `{sentence}`") };
        let claims: Vec<_> = graph.claims().of(id).collect();
        let is_meant = |asked: &str, own: &str| asked.is_empty() || asked == own;
        let source = |claim: &crate::graph::Claim<'_>| graph.claims().source(claim.source).key.clone();
        let mut others =
            claims.iter().filter(|claim| is_meant(&self.source, &source(claim)) && is_meant(&self.at, claim.at));
        match (claims.is_empty(), others.next()) {
            (true, _) => {
                format!("`{sentence}` stands in the declaration of its subject, under `entities`; change it there")
            }
            (_, Some(claim)) => {
                format!("`{sentence}` is claimed by a row of a table ({} {}); change it there", source(claim), claim.at)
            }
            (_, None) => {
                let all: Vec<String> = claims.iter().map(|claim| format!("{} {}", source(claim), claim.at)).collect();
                format!("`{sentence}` is claimed elsewhere only: {}", all.join(", "))
            }
        }
    }
}

/// Returns the sentences of a list of facts, without quotes.
pub(super) fn words_of(facts: Option<&Bracket>, text: &Text) -> Vec<String> {
    let words = |value: &Value| match value {
        Value::Word(span) => unquoted(span.of(&text.body)),
        Value::Bracket(_) => String::new(),
    };
    facts.map_or(Vec::new(), |facts| facts.items.iter().map(|item| words(&item.value)).collect())
}

/// Replaces a sentence by others, each on its own line if the original had one.
pub(super) fn rewritten(text: &str, facts: &Bracket, at: usize, sentences: &[String]) -> Vec<Splice> {
    let span: Span = facts.items[at].span;
    let start = span.start as usize;
    let line_start = text[..start].rfind('\n').map_or(0, |at| at + 1);
    let indent = &text[line_start..start];
    let between = match indent.trim().is_empty() && facts.span.of(text).contains('\n') {
        true => format!(",{}{indent}", place::newline(text)),
        false => ", ".to_string(),
    };
    let words: Vec<String> = sentences.iter().map(|sentence| ron_literal(sentence)).collect();
    vec![Splice::new(span, words.join(&between))]
}
