//! The shape of a section of `tables`: the dialect of a file, and the meaning of its rows.

use super::part::TrustPart;
use super::word::{Entries, Word};
use ron::extensions::Extensions;
use ron::value::RawValue;
use serde::Deserialize;
use serde::de::{Deserializer, Error};

/// A section that reads the rows of a file as entities (`entity`, `name`) or as facts (`verb`, `subject`, `object`).
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::load) struct TablePart<'t> {
    #[serde(borrow)]
    pub file: Word<'t>,
    /// The key of a source; may contain columns in braces: `"{source}"`.
    #[serde(borrow)]
    pub source: Word<'t>,
    /// Column to cell: only rows with these cells are read.
    #[serde(borrow, default, rename = "where")]
    pub filter: Entries<'t, Word<'t>>,
    /// The separator of several names in one cell: `";"`, for all columns of names or by column. If absent, a cell is
    /// one name.
    #[serde(borrow, default)]
    pub split: PerColumn<'t, Word<'t>>,
    /// The type of the entities; in a table of facts, the type of the subjects if several types share a name.
    #[serde(borrow, default)]
    pub entity: Option<Word<'t>>,
    /// The column of names, or a template with columns in braces: `"{given} {surname}"`, `"{title|code}"` for the first that
    /// is not empty, `"{#}"` for the line of the row.
    #[serde(borrow, default)]
    pub name: Option<Word<'t>>,
    /// Whether a name may occur in several rows, and a row may have none.
    #[serde(default)]
    pub repeated: bool,
    /// Columns of aliases.
    #[serde(borrow, default)]
    pub aliases: Vec<Word<'t>>,
    /// The column of keys, or a template. Tables of facts may refer to entities by key or by name, and keys distinguish entities with
    /// the same name.
    #[serde(borrow, default)]
    pub key: Option<Word<'t>>,
    /// Property to column.
    #[serde(borrow, default)]
    pub properties: Entries<'t, Word<'t>>,
    /// A verb, an inverse, or the verb of a property.
    #[serde(borrow, default)]
    pub verb: Option<Word<'t>>,
    /// In a table of facts, what to do with names that are not declared.
    #[serde(default)]
    pub missing: Missing,
    /// The column of subjects, or a template with columns in braces.
    #[serde(borrow, default)]
    pub subject: Option<Word<'t>>,
    /// The column of objects, or a template with columns in braces; a row with an empty object states nothing.
    #[serde(borrow, default)]
    pub object: Option<Word<'t>>,
    /// The locator; may contain columns in braces: `"{evidence}"`.
    #[serde(borrow, default)]
    pub at: Option<Word<'t>>,
    #[serde(borrow, default)]
    pub trust: TrustChoice<'t>,
    /// The note; may contain columns in braces.
    #[serde(borrow, default)]
    pub note: Option<Word<'t>>,
    /// The separator of cells. The default is a comma, or a tab if the file name ends in `.tsv` or `.tab`.
    #[serde(borrow, default)]
    pub delimiter: Option<Word<'t>>,
    /// Whether cells may be quoted. Default: yes.
    #[serde(default)]
    pub quote: Option<bool>,
    /// Whether cells use the escapes `\t`, `\n`, `\\` and `\u{1f}`, as TSV written by begat does.
    #[serde(default)]
    pub escape: Option<bool>,
    /// Whether the first row is a header. Default: yes.
    #[serde(default)]
    pub header: Option<bool>,
    /// Names of the columns, in place of those of the header; without either they are `1`, `2`, ….
    #[serde(borrow, default)]
    pub columns: Vec<Word<'t>>,
    /// Prefixes of comments: a row whose first cell begins with one is skipped.
    #[serde(borrow, default)]
    pub comment: List<'t>,
    /// The number of lines before the table.
    #[serde(default)]
    pub skip: Option<u64>,
    /// What to do with rows that have more or fewer cells than there are columns.
    #[serde(default)]
    pub ragged: Option<Ragged>,
    /// Cells that are read as empty: for all columns, or by column.
    #[serde(borrow, default)]
    pub null: PerColumn<'t, List<'t>>,
    /// The decimal separator: for all columns, or by column.
    #[serde(borrow, default)]
    pub decimal: PerColumn<'t, Word<'t>>,
    /// The thousands separator: for all columns, or by column.
    #[serde(borrow, default)]
    pub thousands: PerColumn<'t, Word<'t>>,
    /// Notations of dates beside begat's own: for all columns, or by column.
    #[serde(borrow, default)]
    pub dates: PerColumn<'t, List<'t>>,
    /// Columns whose cells are lists as programs write them: `["a", "b"]`, `['a', 'b']` or `{a,b}`.
    #[serde(borrow, default)]
    pub lists: List<'t>,
    /// The path of the rows within a JSON file: `"graph.nodes"`.
    #[serde(borrow, default)]
    pub rows: Option<Word<'t>>,
}

/// What to do with names that are not declared.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(in crate::load) enum Missing {
    #[default]
    Error,
    /// Declares them, with the first type that the verb has at that end.
    Declare,
    /// Drops the fact.
    Skip,
}

/// What to do with rows that have more or fewer cells than there are columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(in crate::load) enum Ragged {
    Error,
    /// Fills missing cells with empty ones; joins surplus cells to the last one.
    Fill,
    /// Drops the row.
    Skip,
}

/// One word or a list of words.
#[derive(Debug, Clone, Default, PartialEq)]
pub(in crate::load) struct List<'t>(pub Vec<Word<'t>>);

/// A setting for all columns, or by column, or none.
#[derive(Debug, Clone, Default, PartialEq)]
pub(in crate::load) enum PerColumn<'t, V> {
    #[default]
    None,
    All(V),
    Each(Entries<'t, V>),
}

/// The trust of the facts of a section.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::load) enum TrustChoice<'t> {
    All(TrustPart),
    Column(TrustColumn<'t>),
}

/// Trust by the value of a cell.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::load) struct TrustColumn<'t> {
    #[serde(borrow)]
    pub column: Word<'t>,
    /// Cell value to trust. If empty, the cells hold names of trust levels.
    #[serde(borrow, default)]
    pub words: Entries<'t, TrustPart>,
    /// The trust for all other values.
    #[serde(default, rename = "else")]
    pub other: Option<TrustPart>,
}

impl Default for TrustChoice<'_> {
    fn default() -> Self {
        TrustChoice::All(TrustPart::default())
    }
}

/// Parses a part of a file whose first character has determined its shape.
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
