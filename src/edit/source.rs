//! Declares sources.

use super::draft::{Draft, Section};
use super::{Refusal, Request, Workspace};
use crate::value::ron_literal;

/// Declares a source. A text that was not given is empty.
#[derive(Debug, Clone, Default)]
pub struct AddSource {
    pub key: String,
    pub title: String,
    pub by: String,
    pub url: String,
    pub date: String,
    pub text: String,
}

impl Request for AddSource {
    fn make(&self, workspace: &Workspace, draft: &mut Draft) -> Result<Vec<String>, Refusal> {
        if self.key.trim().is_empty() {
            return Err(Refusal::Cannot("the key of the source is empty".to_string()));
        }
        if let Some(id) = workspace.graph.claims().lookup_source(&self.key) {
            let title = &workspace.graph.claims().source(id).title;
            return Err(Refusal::Cannot(format!("`{}` is a source already: {title}", self.key)));
        }
        let fields =
            [("title", &self.title), ("by", &self.by), ("url", &self.url), ("date", &self.date), ("text", &self.text)];
        let given = fields.iter().filter(|(_, words)| !words.is_empty());
        let lines: String = given.map(|(name, words)| format!("{name}: {},\n", ron_literal(words))).collect();
        let fields = if lines.is_empty() { "()".to_string() } else { format!("(\n{lines})") };
        let file = draft.file_with(Section::Sources)?;
        let sources = draft.section(file, Section::Sources)?;
        let behind = sources.items.len().checked_sub(1);
        draft.insert(file, &sources, behind, &format!("{}: {fields}", ron_literal(&self.key)));
        Ok(vec![format!("source {}: {}", self.key, self.title).trim_end_matches([' ', ':']).to_string()])
    }
}
