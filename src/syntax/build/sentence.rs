//! Sentences: patterns, groups, subjects, phrases, objects, nouns.

use super::literal::{int, literal_number, moment, name, param, read_date, string};
use super::nodes::{Nodes, inside, span, unexpected};
use super::{Built, path};
use crate::date::Date;
use crate::syntax::ast::*;
use crate::syntax::grammar::{Pair, Rule};
use crate::text::{Code, Diagnostic, Span, Spanned};
use crate::value;

pub fn pattern(pair: Pair) -> Built<Pattern> {
    let span = span(&pair);
    let mut sentences = Vec::new();
    let mut cross = false;
    for pair in inside(pair).rest() {
        match pair.as_rule() {
            Rule::sentence => {
                sentences.push(PatternItem { cross: std::mem::take(&mut cross), sentence: sentence(pair)? })
            }
            Rule::kw_cross => cross = true,
            _ => {}
        }
    }
    Ok(Pattern { sentences, span })
}

pub fn sentence(pair: Pair) -> Built<Sentence> {
    let span = span(&pair);
    let pair = inside(pair).any();
    match pair.as_rule() {
        Rule::plain => plain(pair, span),
        Rule::group => Ok(Sentence::Group(group(pair)?)),
        Rule::negation => Ok(Sentence::Not { group: group(inside(pair).after([Rule::kw_not], Rule::group))?, span }),
        Rule::optional => {
            let inner = inside(pair).after([Rule::kw_optional], Rule::sentence);
            Ok(Sentence::Optional { sentence: Box::new(sentence(inner)?), span })
        }
        rule => unexpected(rule),
    }
}

pub fn group(pair: Pair) -> Built<Group> {
    let span = span(&pair);
    let (mut alternatives, mut condition) = (Vec::new(), None);
    for pair in inside(pair).rest() {
        match pair.as_rule() {
            Rule::pattern => alternatives.push(pattern(pair)?),
            Rule::expr => condition = Some(super::expr::expr(pair)?),
            _ => {}
        }
    }
    Ok(Group { alternatives, condition, span })
}

pub fn plain(pair: Pair, span: Span) -> Built<Sentence> {
    let mut nodes = inside(pair);
    let nouns = inside(nodes.next(Rule::subject)).rest().filter(|pair| pair.as_rule() != Rule::kw_and);
    let subject = Subject { nouns: nouns.map(noun).collect::<Built<_>>()? };
    let phrases = nodes.maybe(Rule::phrases).map(phrases).transpose()?;
    nodes.end();
    Ok(Sentence::Plain { subject, phrases, span })
}

/// Builds a sentence of one noun and one phrase that stands beside other conditions.
pub fn test(pair: Pair) -> Built<Sentence> {
    let span = span(&pair);
    let mut nodes = inside(pair);
    let subject = Subject { nouns: vec![noun(nodes.next(Rule::test_noun))?] };
    let phrases = Some(phrases(nodes.next(Rule::test_phrases))?);
    nodes.end();
    Ok(Sentence::Plain { subject, phrases, span })
}

/// Builds `Model m modern` as a sentence without an object.
pub fn state_head(pair: Pair) -> Built<Sentence> {
    let span = span(&pair);
    let mut nodes = inside(pair);
    let noun = nodes.next(Rule::typed);
    let name_span = self::span(&noun);
    let noun = Noun { quantifier: None, kind: typed(inside(noun))?, name_span, that: None, span: name_span };
    let verb = path::spanned_verb(nodes.next(Rule::verb));
    Ok(state(noun, verb, span))
}

/// Returns a sentence about one noun without an object.
pub fn state(noun: Noun, verb: Spanned<String>, span: Span) -> Sentence {
    let path = Path { kind: PathKind::Verb(verb.item), span: verb.span };
    let (but, not, is) = (false, false, false);
    let (modality, bind, object, third, according) = (None, None, Object::Itself, None, None);
    let phrase = Phrase { but, not, modality, is, path, bind, object, third, according, span: verb.span };
    let phrases = Some(Phrases { join: Join::And, span: verb.span, phrases: vec![phrase], bracket: None });
    Sentence::Plain { subject: Subject { nouns: vec![noun] }, phrases, span }
}

/// Builds `"GPT-2".year = 2019` as a sentence with the verb `.year`.
pub fn stated_value(pair: Pair) -> Built<Sentence> {
    let span = span(&pair);
    let mut nodes = inside(pair);
    let noun = stated_noun(nodes.next(Rule::stated_noun))?;
    nodes.next(Rule::op_dot);
    let property = spanned(&nodes.next(Rule::property_name));
    nodes.next(Rule::op_equal);
    let object = object(nodes.any())?;
    nodes.end();
    let path = Path { kind: PathKind::Verb(format!(".{}", property.item)), span: property.span };
    let phrase = Phrase {
        but: false,
        not: false,
        modality: None,
        is: false,
        path,
        bind: None,
        object,
        third: None,
        according: None,
        span: Span { start: property.span.start, end: span.end },
    };
    let phrases = Some(Phrases { join: Join::And, span: phrase.span, phrases: vec![phrase], bracket: None });
    Ok(Sentence::Plain { subject: Subject { nouns: vec![noun] }, phrases, span })
}

fn stated_noun(pair: Pair) -> Built<Noun> {
    let whole = span(&pair);
    let mut nodes = inside(pair);
    let first = nodes.any();
    let kind = match nodes.rest().next() {
        Some(text) => {
            let of = Typed::Text(Spanned::new(string(&text)?, span(&text)));
            NounKind::Typed { type_name: Spanned::new(name(&first), span(&first)), of }
        }
        None => NounKind::Text(string(&first)?),
    };
    Ok(Noun { quantifier: None, kind, name_span: whole, that: None, span: whole })
}

fn phrases(pair: Pair) -> Built<Phrases> {
    let span = span(&pair);
    let mut joins = Joins::default();
    let mut phrases = Vec::new();
    for pair in inside(pair).rest() {
        match pair.as_rule() {
            Rule::phrase | Rule::subject_phrase | Rule::test_phrase => phrases.push(phrase(pair, joins.but)?),
            _ => joins.add(&pair)?,
        }
    }
    Ok(Phrases { join: joins.join(), phrases, bracket: None, span })
}

/// Conjunctions between the items of one level, which must be of one kind.
#[derive(Default)]
struct Joins {
    first: Option<(Join, Span)>,
    /// True if the last conjunction was `but`.
    but: bool,
}

impl Joins {
    fn add(&mut self, word: &Pair) -> Built<()> {
        let join = if word.as_rule() == Rule::kw_or { Join::Or } else { Join::And };
        self.but = word.as_rule() == Rule::kw_but;
        match self.first {
            Some((first, place)) if first != join => Err(mixed(place, span(word))),
            Some(_) => Ok(()),
            None => {
                self.first = Some((join, span(word)));
                Ok(())
            }
        }
    }

    fn join(&self) -> Join {
        self.first.map_or(Join::And, |(join, _)| join)
    }
}

/// Returns the error for `and` and `or` at one level; its span is the second word.
pub fn mixed(first: Span, second: Span) -> Diagnostic {
    Diagnostic::error(Code::MixedAndOr, second, "`and` and `or` stand at one level, and neither binds tighter")
        .label(first, "the other one")
        .help("say which go together by brackets: `(m uses MLA and MoE or m uses GQA)`, or write two sentences")
}

fn phrase(pair: Pair, but: bool) -> Built<Phrase> {
    let span = span(&pair);
    let mut nodes = inside(pair);
    let not = nodes.has(Rule::kw_not);
    let modality = nodes.maybe(Rule::modality).map(modality);
    if let Some(pair) = nodes.maybe(Rule::state) {
        let mut state = inside(pair);
        state.next(Rule::kw_is);
        let not = not != state.has(Rule::kw_not);
        let verb = state.maybe(Rule::state_verb).unwrap_or_else(|| state.next(Rule::verb));
        let path = path::spanned_verb(verb);
        let path = Path { kind: PathKind::Verb(path.item), span: path.span };
        let (bind, object, third, according) = (None, Object::Itself, None, None);
        return Ok(Phrase { but, not, modality, is: true, path, bind, object, third, according, span });
    }
    let is = nodes.has(Rule::kw_is);
    let path = path::path(nodes.next(Rule::path))?;
    let bind = nodes.maybe(Rule::kw_as).map(|_| spanned(&nodes.next(Rule::variable)));
    let object = object(nodes.any())?;
    let third = [Rule::third, Rule::subject_third, Rule::test_third].into_iter().find_map(|rule| nodes.maybe(rule));
    let third = third.map(self::third).transpose()?;
    let according = nodes.maybe(Rule::according).map(according).transpose()?;
    nodes.end();
    Ok(Phrase { but, not, modality, is, path, bind, object, third, according, span })
}

fn third(pair: Pair) -> Built<Box<Third>> {
    let mut nodes = inside(pair);
    let particle = spanned(&nodes.next(Rule::third_particle));
    Ok(Box::new(Third { particle, objects: objects(nodes.any())? }))
}

fn modality(pair: Pair) -> Modality {
    match inside(pair).any().as_rule() {
        Rule::kw_possibly => Modality::Possibly,
        _ => Modality::Certainly,
    }
}

fn according(pair: Pair) -> Built<Box<Noun>> {
    let source = inside(pair).after([Rule::kw_according, Rule::kw_to], Rule::source);
    Ok(Box::new(noun(source)?))
}

fn object(pair: Pair) -> Built<Object> {
    match pair.as_rule() {
        Rule::objects | Rule::subject_objects | Rule::test_objects => Ok(Object::Nouns(objects(pair)?)),
        Rule::value => value(inside(pair).any()),
        Rule::period => {
            let mut nodes = inside(pair);
            let word = nodes.any();
            let op = Spanned::new(period_op(word.as_rule()), span(&word));
            Ok(Object::Period(op, Box::new(moment(nodes.next(Rule::moment))?)))
        }
        Rule::between => {
            let mut nodes = inside(pair);
            let from = moment(nodes.after([Rule::kw_between], Rule::moment))?;
            let to = moment(nodes.after([Rule::kw_and], Rule::moment))?;
            Ok(Object::Between(Box::new(from), Box::new(to)))
        }
        rule => unexpected(rule),
    }
}

pub fn period_op(rule: Rule) -> PeriodOp {
    match rule {
        Rule::kw_in => PeriodOp::In,
        Rule::kw_before => PeriodOp::Before,
        Rule::kw_after => PeriodOp::After,
        Rule::kw_since => PeriodOp::Since,
        Rule::kw_until => PeriodOp::Until,
        rule => unexpected(rule),
    }
}

fn value(pair: Pair) -> Built<Object> {
    let span = span(&pair);
    let text = value::plain(pair.as_str());
    let literal = match literal_number(&text, span) {
        // `-0044-03` is a month, not a number.
        Some(number) if pair.as_rule() == Rule::negative && (number.is_ok() || Date::parse(&text).is_err()) => number?,
        _ => Literal::Date(read_date(&text, span)?),
    };
    Ok(Object::Value(Spanned::new(literal, span)))
}

fn objects(pair: Pair) -> Built<Objects> {
    let mut joins = Joins::default();
    let mut items = Vec::new();
    let mut not = false;
    for pair in inside(pair).rest() {
        match pair.as_rule() {
            Rule::noun
            | Rule::capital_noun
            | Rule::lower_noun
            | Rule::object_noun
            | Rule::subject_capital
            | Rule::subject_lower
            | Rule::test_item => {
                items.push(ObjectItem { but: joins.but, not: std::mem::take(&mut not), noun: noun(pair)? });
            }
            Rule::kw_not => not = true,
            _ => joins.add(&pair)?,
        }
    }
    Ok(without_each(Objects { join: joins.join(), items }))
}

/// Returns `no A and no B` for `no A or B`: as in English, `no` speaks of all that `or` joins. Other objects stay.
fn without_each(mut objects: Objects) -> Objects {
    let mut quantifiers = objects.items.iter().map(|item| item.noun.quantifier.as_ref().filter(|_| !item.not));
    let Some(no) = quantifiers.next().flatten().filter(|first| first.item == Quantifier::No).cloned() else {
        return objects;
    };
    if objects.join == Join::Or
        && quantifiers.all(|other| other.is_none())
        && objects.items.iter().all(|item| !item.not)
    {
        objects.join = Join::And;
        objects.items.iter_mut().for_each(|item| item.noun.quantifier = Some(no.clone()));
    }
    objects
}

pub fn noun(pair: Pair) -> Built<Noun> {
    let whole = span(&pair);
    let mut nodes = inside(pair);
    let quantifier = nodes.maybe(Rule::quantifier).map(quantifier).transpose()?;
    let word = nodes.any();
    let name_span = span(&word);
    let kind = noun_kind(word)?;
    let that = nodes.rest().next().map(that).transpose()?;
    Ok(Noun { quantifier, kind, name_span, that, span: whole })
}

pub fn that(pair: Pair) -> Built<Phrases> {
    let mut nodes = inside(pair);
    nodes.next(Rule::kw_that);
    let said = nodes.any();
    if said.as_rule() == Rule::bracket { bracket(said) } else { phrases(said) }
}

fn bracket(pair: Pair) -> Built<Phrases> {
    let span = span(&pair);
    let mut all = Phrases { join: Join::And, phrases: Vec::new(), bracket: None, span };
    let mut condition = None;
    for pair in inside(pair).rest() {
        match pair.as_rule() {
            Rule::phrases => all = phrases(pair)?,
            Rule::expr => condition = Some(Box::new(super::expr::expr(pair)?)),
            _ => {}
        }
    }
    Ok(Phrases { bracket: Some(Bracket { condition }), span, ..all })
}

pub fn noun_kind(pair: Pair) -> Built<NounKind> {
    Ok(match pair.as_rule() {
        Rule::string => NounKind::Text(string(&pair)?),
        Rule::param => NounKind::Param(param(&pair)),
        Rule::variable | Rule::lower | Rule::owner => NounKind::Lower(value::plain(pair.as_str()).into_owned()),
        Rule::typed => typed(inside(pair))?,
        rule => unexpected(rule),
    })
}

fn typed(mut nodes: Nodes) -> Built<NounKind> {
    let run = nodes.next(Rule::name);
    let Some(pair) = nodes.rest().next() else { return Ok(NounKind::Name(name(&run))) };
    let of = match pair.as_rule() {
        Rule::string => Typed::Text(Spanned::new(string(&pair)?, span(&pair))),
        _ => Typed::Var(spanned(&pair)),
    };
    Ok(NounKind::Typed { type_name: Spanned::new(name(&run), span(&run)), of })
}

fn quantifier(pair: Pair) -> Built<Spanned<Quantifier>> {
    let span = span(&pair);
    let mut nodes = inside(pair);
    let quantifier = match nodes.any().as_rule() {
        Rule::kw_no => Quantifier::No,
        Rule::kw_every => Quantifier::Every,
        Rule::kw_exactly => Quantifier::Exactly(amount(&nodes.any())?),
        _ => match nodes.any().as_rule() {
            Rule::kw_least => Quantifier::AtLeast(amount(&nodes.any())?),
            _ => Quantifier::AtMost(amount(&nodes.any())?),
        },
    };
    Ok(Spanned::new(quantifier, span))
}

fn amount(pair: &Pair) -> Built<Amount> {
    match pair.as_rule() {
        Rule::param => Ok(Amount::Param(Spanned::new(param(pair), span(pair)))),
        _ => int(pair).map(Amount::Number),
    }
}

/// Returns a word as written, with its span.
pub fn spanned(pair: &Pair) -> Spanned<String> {
    Spanned::new(value::plain(pair.as_str()).into_owned(), span(pair))
}
