//! Writes answers and subgraphs in every format, pictures included.

use super::{Answer, Subgraph};
use crate::answer;
use crate::database::{Error, within};
use crate::graph::Graph;
use crate::render::picture::{self, PictureStyle, Theme};
use crate::render::{self, Format, TextStyle};
use crate::text::{Diagnostics, Text};

/// Settings for writing an answer. The defaults suit files and pipes: no colour, no truncation, a header.
///
/// Each setting applies to some formats; the others ignore it.
#[derive(Debug, Clone, Default)]
pub struct RenderOptions {
    looks: TextStyle,
    picture: PictureStyle,
    focus: Option<String>,
}

impl RenderOptions {
    /// Returns the default.
    #[must_use]
    pub fn new() -> RenderOptions {
        RenderOptions::default()
    }

    /// Fits tables and character drawings to a screen of `columns` columns.
    #[must_use]
    pub fn width(mut self, columns: usize) -> RenderOptions {
        self.looks.width = Some(columns);
        self
    }

    /// Colours tables and character drawings with terminal escapes.
    #[must_use]
    pub fn color(mut self, used: bool) -> RenderOptions {
        self.looks.color = used;
        self
    }

    /// Draws with ASCII characters only.
    #[must_use]
    pub fn ascii(mut self, only: bool) -> RenderOptions {
        self.looks.ascii = only;
        self
    }

    /// Writes the column titles as the first line of tables, TSV and CSV.
    #[must_use]
    pub fn header(mut self, shown: bool) -> RenderOptions {
        self.looks.header = shown;
        self
    }

    /// Protects CSV cells from being evaluated as formulas by spreadsheets: puts `'` before a cell that begins like a
    /// formula.
    #[must_use]
    pub fn guard_csv(mut self, guarded: bool) -> RenderOptions {
        self.looks.guard = guarded;
        self
    }

    /// Sets the title of a picture. The default is made from the answer.
    #[must_use]
    pub fn title(mut self, title: impl Into<String>) -> RenderOptions {
        self.picture.title = Some(title.into());
        self
    }

    /// Fades everything in a picture outside the lineage of the entity of this name.
    #[must_use]
    pub fn focus(mut self, name: impl Into<String>) -> RenderOptions {
        self.focus = Some(name.into());
        self
    }

    /// Groups a timeline into lanes by the objects of this verb or inverse, instead of the verb that the schema names.
    #[must_use]
    pub fn lane(mut self, verb: impl Into<String>) -> RenderOptions {
        self.picture.lane = Some(verb.into());
        self
    }

    /// Draws all years equally wide. By default a year is as wide as its contents need.
    #[must_use]
    pub fn linear_scale(mut self, linear: bool) -> RenderOptions {
        self.picture.linear_scale = linear;
        self
    }

    /// Sets the colours of a picture.
    #[must_use]
    pub fn theme(mut self, theme: Theme) -> RenderOptions {
        self.picture.theme = theme;
        self
    }

    /// Returns the picture's style for a query; an error if the name of the focus is not that of exactly one entity.
    fn picture(&self, graph: &Graph, query: &str) -> Result<PictureStyle, Error> {
        let focus = match &self.focus {
            None => None,
            Some(name) => match graph.names().lookup(name).as_slice() {
                [one] => Some(*one),
                _ => return Err(Error::usage(format!("no one entity is called `{name}`"))),
            },
        };
        Ok(PictureStyle { focus, query: query.to_string(), ..self.picture.clone() })
    }
}

/// Writes an answer in a format.
pub(super) fn answer(answer: &Answer, format: Format, options: &RenderOptions) -> Result<String, Error> {
    let text = answer.0.prepared.text.body.trim();
    // An output cut short by a limit is an error, not an answer.
    within(&answer.0.options, |_| match format.is_graph() {
        false => render::answer(&answer.0.answer, answer.graph(), format, &options.looks)
            .map(|rendered| rendered.text)
            .map_err(Error::usage),
        true => {
            let part = answer.subgraph()?;
            written(Some(&answer.0.answer), &part, format, options, text)
        }
    })
}

/// Writes a subgraph in a format.
pub(super) fn subgraph(part: &Subgraph, format: Format, options: &RenderOptions) -> Result<String, Error> {
    written(None, part, format, options, "")
}

fn written(
    own: Option<&answer::Answer>,
    part: &Subgraph,
    format: Format,
    options: &RenderOptions,
    query: &str,
) -> Result<String, Error> {
    let graph = part.graph();
    if !matches!(format, Format::Svg | Format::Html) {
        return render::subgraph_with(part.part(), graph, format, &options.looks).map_err(Error::usage);
    }
    let looks = options.picture(graph, query)?;
    let draw = if format == Format::Svg { picture::svg } else { picture::html };
    let of_part = || answer::Answer {
        view: answer::View::Graph(part.part().clone()),
        table: answer::Table::default(),
        more_possible: 0,
        notes: Vec::new(),
    };
    let made;
    let drawn = match own {
        Some(own) => own,
        None => {
            made = of_part();
            &made
        }
    };
    draw(drawn, Some(part.part()), graph, &looks).map_err(|problems| Error::usage(in_words(&problems)))
}

fn in_words(problems: &Diagnostics) -> String {
    let each = problems.iter().flat_map(|problem| {
        std::iter::once(problem.message.as_str()).chain(problem.help.iter().map(|help| help.message.as_str()))
    });
    each.collect::<Vec<_>>().join("; ")
}

impl Error {
    /// Returns the error as a compiler shows it: each problem with the lines that it points at and the edits that mend
    /// it, wrapped at `width` columns where possible; `color` adds terminal escapes. Ends with a line break.
    pub fn render(&self, color: bool, width: usize) -> String {
        let none = Text::new("query", "");
        let (text, found) = match self {
            Error::Query(text, found) => (text, found.clone()),
            Error::Data(found) => (&none, found.clone()),
            Error::Limit(one) => (&none, one.clone().into()),
            other => return format!("error: {other}\n"),
        };
        render::diagnostics(&found, text, color, width)
    }
}
