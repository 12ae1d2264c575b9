//! The shape of a part, which `serde` reads, with the places of its words.

use super::table::TablePart;
use super::word::{CheckPart, Entries, FieldName, Scalar, Word};
use crate::graph::Trust;
use crate::value::ValueType;
use ron::value::RawValue;
use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use std::fmt;

/// One file of a graph. Every section is optional.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(in crate::load) struct Part<'t> {
    /// Whether [`crate::load::export`] wrote the part: names that fold alike are distinct, and entities without facts
    /// are not reported.
    pub exported: bool,
    #[serde(borrow)]
    pub schema: SchemaPart<'t>,
    #[serde(borrow)]
    pub sources: Entries<'t, SourcePart<'t>>,
    #[serde(borrow)]
    pub entities: Entries<'t, Entries<'t, EntityPart<'t>>>,
    #[serde(borrow)]
    pub claims: Vec<ClaimPart<'t>>,
    #[serde(borrow)]
    pub defines: Vec<Word<'t>>,
    #[serde(borrow)]
    pub tables: Vec<TablePart<'t>>,
    /// Queries, by the messages of their checks.
    #[serde(borrow)]
    pub checks: Entries<'t, CheckPart<'t>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(in crate::load) struct SchemaPart<'t> {
    #[serde(borrow)]
    pub types: Entries<'t, TypePart<'t>>,
    #[serde(borrow)]
    pub verbs: Entries<'t, VerbPart<'t>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(in crate::load) struct TypePart<'t> {
    #[serde(borrow)]
    pub extends: Option<Word<'t>>,
    pub doc: String,
    #[serde(borrow)]
    pub properties: Entries<'t, PropertyPart<'t>>,
    pub plot: PlotPart,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(in crate::load) struct PlotPart {
    pub shape: String,
    pub lane: String,
    pub filled: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::load) struct PropertyPart<'t> {
    #[serde(rename = "type")]
    pub value: ValuePart,
    #[serde(borrow, default)]
    pub verb: Option<Word<'t>>,
    #[serde(default)]
    pub single: bool,
    #[serde(default)]
    pub unit: Option<String>,
    #[serde(default)]
    pub doc: String,
}

#[derive(Debug, Clone, Copy, Deserialize)]
pub(in crate::load) enum ValuePart {
    Date,
    Number,
    Text,
}

impl From<ValuePart> for ValueType {
    fn from(part: ValuePart) -> ValueType {
        match part {
            ValuePart::Date => ValueType::Date,
            ValuePart::Number => ValueType::Number,
            ValuePart::Text => ValueType::Text,
        }
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(in crate::load) struct VerbPart<'t> {
    pub doc: String,
    #[serde(borrow)]
    pub from: Vec<Word<'t>>,
    #[serde(borrow)]
    pub to: Vec<Word<'t>>,
    #[serde(borrow)]
    pub inverse: Option<Word<'t>>,
    pub lineage: bool,
    pub adoption: bool,
    pub chronological: Rule,
    pub acyclic: Rule,
}

/// Whether a verb has to keep a rule, and how violations are reported.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(in crate::load) enum Rule {
    /// `false`: no rule.
    #[default]
    None,
    /// `true`: violations are errors.
    Strict,
    /// `warn`: violations are kept with a warning, and are rows of `conflicts`.
    Warn,
}

impl Rule {
    pub fn is_set(self) -> bool {
        self != Rule::None
    }
}

impl<'de> Deserialize<'de> for Rule {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Rule, D::Error> {
        // Read as text, because no type of `serde` is both a truth value and a bare word.
        match <&RawValue>::deserialize(deserializer)?.trim().get_ron() {
            "true" => Ok(Rule::Strict),
            "false" => Ok(Rule::None),
            "warn" => Ok(Rule::Warn),
            other => Err(serde::de::Error::custom(format!("`true`, `false` or `warn` is wanted here, not `{other}`"))),
        }
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(in crate::load) struct SourcePart<'t> {
    pub title: String,
    pub by: String,
    pub url: String,
    pub date: String,
    /// The path of a file with the source's text.
    #[serde(borrow)]
    pub text: Option<Word<'t>>,
}

/// `(aliases: […], name: "…", PROPERTY: VALUE, …)`
#[derive(Debug, Default)]
pub(in crate::load) struct EntityPart<'t> {
    pub aliases: Vec<Word<'t>>,
    /// The full name, which is read as another alias.
    pub name: Option<Word<'t>>,
    /// Fields of other names, which are properties.
    pub values: Vec<(Word<'t>, Scalar<'t>)>,
}

impl<'de: 't, 't> Deserialize<'de> for EntityPart<'t> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<EntityPart<'t>, D::Error> {
        // The list of fields is for messages only: the schema decides which others are allowed.
        deserializer.deserialize_struct("Entity", &["aliases", "name"], EntityVisitor(std::marker::PhantomData))
    }
}

struct EntityVisitor<'t>(std::marker::PhantomData<&'t str>);

impl<'de: 't, 't> Visitor<'de> for EntityVisitor<'t> {
    type Value = EntityPart<'t>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an entity's fields in parentheses")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<EntityPart<'t>, A::Error> {
        let mut entity = EntityPart::default();
        while let Some(FieldName(field)) = map.next_key()? {
            match field {
                "aliases" => entity.aliases = map.next_value()?,
                "name" => entity.name = Some(map.next_value()?),
                _ => entity.values.push((Word::bare(field), map.next_value()?)),
            }
        }
        Ok(entity)
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::load) struct ClaimPart<'t> {
    #[serde(borrow)]
    pub source: Word<'t>,
    #[serde(borrow, default)]
    pub at: Option<Word<'t>>,
    #[serde(default)]
    pub trust: TrustPart,
    #[serde(borrow, default)]
    pub quote: Option<Word<'t>>,
    #[serde(default)]
    pub note: String,
    #[serde(borrow, default)]
    pub date: Option<Word<'t>>,
    #[serde(borrow)]
    pub facts: Vec<Word<'t>>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(in crate::load) enum TrustPart {
    #[default]
    Direct,
    Secondary,
    Inferred,
    Doubtful,
}

impl From<TrustPart> for Trust {
    fn from(part: TrustPart) -> Trust {
        match part {
            TrustPart::Direct => Trust::Direct,
            TrustPart::Secondary => Trust::Secondary,
            TrustPart::Inferred => Trust::Inferred,
            TrustPart::Doubtful => Trust::Doubtful,
        }
    }
}
