//! The shape of a section of tables: how a file is written, and what its rows say.

use super::part::TrustPart;
use super::word::{Entries, Word};
use ron::extensions::Extensions;
use ron::value::RawValue;
use serde::Deserialize;
use serde::de::{Deserializer, Error};

/// Rows of a file as entities (`entity`, `name`) or as facts (`verb`, `subject`, `object`).
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::load) struct TablePart<'t> {
    #[serde(borrow)]
    pub file: Word<'t>,
    /// A source, perhaps with columns in braces: `"{source}"`.
    #[serde(borrow)]
    pub source: Word<'t>,
    /// Column to the cell that a row must have to count.
    #[serde(borrow, default, rename = "where")]
    pub filter: Entries<'t, Word<'t>>,
    /// What stands between the names in one cell: `";"`, for all columns of names or by column. Absent: a cell is one name.
    #[serde(borrow, default)]
    pub split: PerColumn<'t, Word<'t>>,
    /// The type of the entities, or of the subjects where several types share a name.
    #[serde(borrow, default)]
    pub entity: Option<Word<'t>>,
    /// The column of names, or some columns in braces: `"{given} {surname}"`.
    #[serde(borrow, default)]
    pub name: Option<Word<'t>>,
    /// Whether a name may stand in many rows, or in none.
    #[serde(default)]
    pub repeated: bool,
    /// Columns of other names.
    #[serde(borrow, default)]
    pub aliases: Vec<Word<'t>>,
    /// The column by which tables of facts name the entities, beside their names, and which tells those of one name apart.
    #[serde(borrow, default)]
    pub key: Option<Word<'t>>,
    /// Property to column.
    #[serde(borrow, default)]
    pub properties: Entries<'t, Word<'t>>,
    /// A verb, an inverse, or the verb of a property.
    #[serde(borrow, default)]
    pub verb: Option<Word<'t>>,
    /// What to do with names that are declared nowhere, in a table of facts.
    #[serde(default)]
    pub missing: Missing,
    /// The column of subjects, or some in braces.
    #[serde(borrow, default)]
    pub subject: Option<Word<'t>>,
    /// The column of objects, or some in braces; a row whose cell is empty says nothing.
    #[serde(borrow, default)]
    pub object: Option<Word<'t>>,
    /// The locator, with columns in braces: `"{evidence}"`.
    #[serde(borrow, default)]
    pub at: Option<Word<'t>>,
    #[serde(borrow, default)]
    pub trust: TrustChoice<'t>,
    /// With columns in braces.
    #[serde(borrow, default)]
    pub note: Option<Word<'t>>,
    /// What stands between the cells of a row; a comma unless it does, or a tab in a file that ends in `.tsv`.
    #[serde(borrow, default)]
    pub delimiter: Option<Word<'t>>,
    /// Whether cells may stand in quotes. They may unless this says no.
    #[serde(default)]
    pub quote: Option<bool>,
    /// Whether cells have `\t`, `\n`, `\\` and `\u{1f}` for what would break a line, as begat writes TSV.
    #[serde(default)]
    pub escape: Option<bool>,
    /// Whether the first row names the columns. It does unless this says no.
    #[serde(default)]
    pub header: Option<bool>,
    /// Names of the columns, instead of those of the header; without either they are called `1`, `2`, ….
    #[serde(borrow, default)]
    pub columns: Vec<Word<'t>>,
    /// How the first cell of a row begins that is a comment.
    #[serde(borrow, default)]
    pub comment: List<'t>,
    /// How many lines come before the table.
    #[serde(default)]
    pub skip: Option<u64>,
    /// What to do with rows of another number of cells than there are columns.
    #[serde(default)]
    pub ragged: Option<Ragged>,
    /// Cells that say nothing: in all columns, or by column.
    #[serde(borrow, default)]
    pub null: PerColumn<'t, List<'t>>,
    /// What stands before the decimals of a number: in all columns, or by column.
    #[serde(borrow, default)]
    pub decimal: PerColumn<'t, Word<'t>>,
    /// What stands between the thousands of a number: in all columns, or by column.
    #[serde(borrow, default)]
    pub thousands: PerColumn<'t, Word<'t>>,
    /// How dates are written, beside begat's own way: in all columns, or by column.
    #[serde(borrow, default)]
    pub dates: PerColumn<'t, List<'t>>,
    /// Where in a JSON file the rows are: `"graph.nodes"`.
    #[serde(borrow, default)]
    pub rows: Option<Word<'t>>,
}

/// What to do with names that are declared nowhere.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(in crate::load) enum Missing {
    #[default]
    Error,
    /// Declares them, as the first type of the verb's.
    Declare,
    /// Leaves the fact out.
    Skip,
}

/// What to do with rows of another number of cells than there are columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(in crate::load) enum Ragged {
    Error,
    /// Cells that are not there are empty; those beyond the last column belong to it.
    Fill,
    /// Leaves the row out.
    Skip,
}

/// One word, or some.
#[derive(Debug, Clone, Default, PartialEq)]
pub(in crate::load) struct List<'t>(pub Vec<Word<'t>>);

/// The same for all columns, or by column; nothing where it is not given.
#[derive(Debug, Clone, Default, PartialEq)]
pub(in crate::load) enum PerColumn<'t, V> {
    #[default]
    None,
    All(V),
    Each(Entries<'t, V>),
}

/// How surely rows state their facts.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::load) enum TrustChoice<'t> {
    All(TrustPart),
    Column(TrustColumn<'t>),
}

/// How surely a row states its facts, by a cell of it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::load) struct TrustColumn<'t> {
    #[serde(borrow)]
    pub column: Word<'t>,
    /// By what stands in the cell; without any, degrees of trust stand there.
    #[serde(borrow, default)]
    pub words: Entries<'t, TrustPart>,
    /// For all other cells.
    #[serde(default, rename = "else")]
    pub other: Option<TrustPart>,
}

impl Default for TrustChoice<'_> {
    fn default() -> Self {
        TrustChoice::All(TrustPart::default())
    }
}

/// Reads a part of a file by the shape that its first sign tells.
fn inner<'t, T: Deserialize<'t>>(raw: &'t str) -> Result<T, String> {
    let options = ron::Options::default().with_default_extension(Extensions::IMPLICIT_SOME);
    options.from_str(raw).map_err(|error| super::explain(&error.code).0)
}

impl<'de: 't, 't> Deserialize<'de> for List<'t> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = <&RawValue>::deserialize(deserializer)?.trim().get_ron();
        let words = if raw.starts_with('[') { inner(raw) } else { inner(raw).map(|word| vec![word]) };
        words.map(List).map_err(D::Error::custom)
    }
}

impl<'de: 't, 't, V: Deserialize<'de>> Deserialize<'de> for PerColumn<'t, V> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = <&'de RawValue>::deserialize(deserializer)?.trim().get_ron();
        let read = if raw.starts_with('{') { inner(raw).map(PerColumn::Each) } else { inner(raw).map(PerColumn::All) };
        read.map_err(D::Error::custom)
    }
}

impl<'de: 't, 't> Deserialize<'de> for TrustChoice<'t> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = <&RawValue>::deserialize(deserializer)?.trim().get_ron();
        let by_column = raw.starts_with('(');
        let read = if by_column { inner(raw).map(TrustChoice::Column) } else { inner(raw).map(TrustChoice::All) };
        read.map_err(D::Error::custom)
    }
}
