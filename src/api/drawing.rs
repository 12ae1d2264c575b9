//! Answers and parts of a graph in every format, pictures included.

use super::{Answer, Subgraph};
use crate::answer;
use crate::database::{Error, within};
use crate::graph::Graph;
use crate::render::picture::{self, PictureStyle, Theme};
use crate::render::{self, Format, TextStyle};
use crate::text::{Diagnostics, Text};

/// How an answer is written. The default is for files and pipes: no colour, nothing cut, a header.
///
/// Each setting belongs to some formats; the others take no notice of it.
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

    /// Fits tables and drawings in characters to so many columns of a screen.
    #[must_use]
    pub fn width(mut self, columns: usize) -> RenderOptions {
        self.looks.width = Some(columns);
        self
    }

    /// Colours tables and drawings in characters by terminal escapes.
    #[must_use]
    pub fn color(mut self, used: bool) -> RenderOptions {
        self.looks.color = used;
        self
    }

    /// Draws in characters with ASCII only.
    #[must_use]
    pub fn ascii(mut self, only: bool) -> RenderOptions {
        self.looks.ascii = only;
        self
    }

    /// Begins tables, TSV and CSV with the titles of their columns.
    #[must_use]
    pub fn header(mut self, shown: bool) -> RenderOptions {
        self.looks.header = shown;
        self
    }

    /// Keeps cells of CSV from being read as formulas by spreadsheets: `'` stands before those that begin as one does.
    #[must_use]
    pub fn guard_csv(mut self, guarded: bool) -> RenderOptions {
        self.looks.guard = guarded;
        self
    }

    /// Gives a picture a title, instead of one made from the answer.
    #[must_use]
    pub fn title(mut self, title: impl Into<String>) -> RenderOptions {
        self.picture.title = Some(title.into());
        self
    }

    /// Fades in a picture what does not belong to the lineage of the entity of that name.
    #[must_use]
    pub fn focus(mut self, name: impl Into<String>) -> RenderOptions {
        self.focus = Some(name.into());
        self
    }

    /// Gives a timeline a lane for each entity that this verb, or inverse, leads to, instead of the schema's.
    #[must_use]
    pub fn lane(mut self, verb: impl Into<String>) -> RenderOptions {
        self.picture.lane = Some(verb.into());
        self
    }

    /// Draws all years equally wide, instead of as wide as what they hold.
    #[must_use]
    pub fn linear_scale(mut self, linear: bool) -> RenderOptions {
        self.picture.linear_scale = linear;
        self
    }

    /// Chooses the colours of a picture.
    #[must_use]
    pub fn theme(mut self, theme: Theme) -> RenderOptions {
        self.picture.theme = theme;
        self
    }

    /// What a picture of that query looks like.
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
    // What ends early since the limit is reached is not the answer.
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

/// Writes a part of a graph in a format.
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
    /// Returns the error as a compiler shows it: each problem with the lines that it points at and what would mend it, in
    /// lines of at most `width` columns where words allow; `color` adds terminal escapes. Ends with a line break.
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
