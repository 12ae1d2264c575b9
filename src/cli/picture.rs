//! Draws pictures of answers in the style of the arguments.

use super::Exit;
use super::args::{Layout, Links, Panels, Scale, Theme};
use super::paper::Width;
use super::progress::Sign;
#[cfg(feature = "raster")]
use super::session::AnsweredQuery;
use super::session::Session;
use super::show::Shown;
use crate::Database;
use crate::answer::{Answer, Subgraph};
use crate::graph::{EntityId, Graph};
use crate::render::Format;
use crate::render::picture::{self, LinkChoice, Paper, PictureStyle, Untold};
#[cfg(not(feature = "raster"))]
use crate::text::{Code, Diagnostic, Span};
use crate::text::{Diagnostics, Text, suggest};
use std::path::Path;
use std::sync::Arc;

impl Session {
    /// Draws an answer whose facts are `part`.
    pub fn picture(
        &self,
        (answer, database): (&Arc<Answer>, &Database),
        part: Arc<Subgraph>,
        format: Format,
        to_file: bool,
        text: &Arc<Text>,
    ) -> Result<Shown, Exit> {
        if format.is_binary() && self.terminal.stdout && !to_file {
            self.terminal.error(&format!("a {0} is not for a screen: write `-o picture.{0}`", format.info().name));
            return Err(Exit::Usage);
        }
        let looks = self.picture_looks(text)?;
        let (database, answer, own) = (database.clone(), answer.clone(), part.clone());
        let drawn = self.working(Sign::Writing, move |_| Ok(drawn(format, &answer, &own, database.graph(), &looks)));
        match drawn.map_err(|error| self.fail(error, text))? {
            Ok((text, bytes)) => {
                Ok(Shown { text, bytes, hidden: Vec::new(), contents: self.contents(&part), lists_rows: false })
            }
            Err(diagnostics) => {
                self.terminal.report(&diagnostics, text);
                Err(Exit::Usage)
            }
        }
    }

    /// Returns an answer as SVG for a screen with this background; an explicit theme takes precedence.
    #[cfg(feature = "raster")]
    pub fn drawing(&self, answered: &AnsweredQuery, ground: picture::Theme, text: &Arc<Text>) -> Result<String, Exit> {
        let answered = self.drawable(answered).map_err(|error| self.fail(error, text))?;
        let part = answered.facts.clone().unwrap_or_default();
        let mut looks = self.picture_looks(text)?;
        if looks.theme == picture::Theme::Auto {
            looks.theme = ground;
        }
        let (database, answer) = (answered.prepared.database(), answered.answer.clone());
        let draw = move |_: &_| Ok(picture::svg(&answer, Some(&part), database.graph(), &looks));
        let drawn = self.working(Sign::Writing, draw).map_err(|error| self.fail(error, text))?;
        drawn.map_err(|problems| {
            self.terminal.report(&problems, text);
            Exit::Usage
        })
    }

    /// Returns the style of pictures by the arguments.
    pub fn picture_looks(&self, text: &Arc<Text>) -> Result<PictureStyle, Exit> {
        let global = &self.global;
        let focus = match &global.focus {
            Some(name) => Some(self.focused(name)?),
            None => None,
        };
        Ok(PictureStyle {
            focus,
            lane: global.lane.clone(),
            linear_scale: global.scale == Scale::Linear,
            theme: match global.theme {
                Theme::Auto => picture::Theme::Auto,
                Theme::Light => picture::Theme::Light,
                Theme::Dark => picture::Theme::Dark,
            },
            title: global.title.clone(),
            layout: match global.layout {
                Layout::Auto => picture::Layout::Auto,
                Layout::Family => picture::Layout::Family,
                Layout::Lanes => picture::Layout::Lanes,
            },
            links: match global.links {
                Links::All => LinkChoice::All,
                Links::Main => LinkChoice::Main,
            },
            depth: global.depth.map(usize::from),
            untold: if global.recorded { Untold::LeftOut } else { Untold::Possible },
            panels: match global.panels {
                Panels::Auto => picture::Panels::Auto,
                Panels::Together => picture::Panels::Together,
                Panels::Apart => picture::Panels::Apart,
            },
            top: global.top.map(usize::from),
            paper: self.paper()?,
            query: text.body.trim().to_string(),
            graph: global.graph.as_deref().map_or("begat's built-in graph".to_string(), graph_name),
        })
    }

    /// Returns the entity of `--focus`.
    fn focused(&self, name: &str) -> Result<EntityId, Exit> {
        let names = self.graph().names();
        if let [entity] = names.lookup(name).as_slice() {
            return Ok(*entity);
        }
        let near = suggest::nearest(name, names.iter().map(|(known, _)| known));
        let near = near.first().map_or(String::new(), |near| format!("; did you mean `{near}`?"));
        self.terminal.error(&format!("--focus: no one entity is called `{name}`{near}"));
        Err(Exit::Usage)
    }

    /// Returns the paper of the arguments.
    fn paper(&self) -> Result<Option<Paper>, Exit> {
        match self.global.width {
            Some(Width::Paper(paper)) => Ok(Some(paper)),
            Some(Width::Characters(number)) => {
                self.terminal.error(&format!(
                    "--width {number} counts characters, and a picture has none: write a length, as in `--width 180mm`"
                ));
                Err(Exit::Usage)
            }
            None => Ok(self.global.page.or(self.global.columns)),
        }
    }
}

/// Returns the picture of an answer in a picture format: text or bytes.
fn drawn(
    format: Format,
    answer: &Answer,
    part: &Subgraph,
    graph: &Graph,
    looks: &PictureStyle,
) -> Result<(String, Vec<u8>), Diagnostics> {
    match format {
        Format::Html => Ok((picture::html(answer, Some(part), graph, looks)?, Vec::new())),
        Format::Png | Format::Pdf => Ok((String::new(), bytes(format, answer, part, graph, looks)?)),
        _ => Ok((picture::svg(answer, Some(part), graph, looks)?, Vec::new())),
    }
}

/// Returns PNG or PDF: on a light background, unless the dark theme was requested.
#[cfg(feature = "raster")]
fn bytes(
    format: Format,
    answer: &Answer,
    part: &Subgraph,
    graph: &Graph,
    looks: &PictureStyle,
) -> Result<Vec<u8>, Diagnostics> {
    let theme = if looks.theme == picture::Theme::Auto { picture::Theme::Light } else { looks.theme };
    let looks = PictureStyle { theme, ..looks.clone() };
    if format == Format::Png {
        return picture::raster::png(&picture::svg(answer, Some(part), graph, &looks)?, looks.paper);
    }
    let pages = picture::pages(answer, Some(part), graph, &looks)?;
    picture::raster::pdf(&pages, looks.title.as_deref().unwrap_or(&looks.query), looks.paper)
}

#[cfg(not(feature = "raster"))]
fn bytes(format: Format, _: &Answer, _: &Subgraph, _: &Graph, _: &PictureStyle) -> Result<Vec<u8>, Diagnostics> {
    let message = format!("this begat was built without {}", format.info().name);
    let problem = Diagnostic::error(Code::NoPicture, Span::default(), message);
    Err(problem.help("write an SVG, or build begat with the feature `raster`").into())
}

/// Returns the name of a graph for pictures: that of its folder or file, even if the path ends in `.` or `..`.
fn graph_name(path: &Path) -> String {
    let whole = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
    let name = path.file_name().or(whole.file_name()).unwrap_or(whole.as_os_str());
    name.to_string_lossy().into_owned()
}
