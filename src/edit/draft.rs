//! The files of a graph while they are edited.

use super::place::{self, Behind};
use super::splice::{self, Splice};
use super::tree::{self, Bracket};
use super::{FileEdit, Refusal, Workspace, folder_of};
use crate::text::{Diagnostics, Text};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Texts of the files, original and edited.
pub struct Draft {
    folder: PathBuf,
    is_folder: bool,
    files: Vec<DraftFile>,
}

struct DraftFile {
    path: PathBuf,
    /// `None` if the file is new.
    old: Option<Arc<Text>>,
    text: Arc<Text>,
}

/// A section of a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Section {
    Sources,
    Entities,
    Claims,
}

impl Section {
    fn name(self) -> &'static str {
        ["sources", "entities", "claims"][self as usize]
    }

    fn empty(self) -> &'static str {
        if self == Section::Claims { "[]" } else { "{}" }
    }
}

impl Draft {
    pub fn new(workspace: &Workspace) -> Draft {
        let file = |text: &Arc<Text>| DraftFile {
            path: PathBuf::from(&text.name),
            old: Some(text.clone()),
            text: text.clone(),
        };
        Draft {
            folder: folder_of(&workspace.path).to_path_buf(),
            is_folder: workspace.path.is_dir(),
            files: workspace.texts.iter().map(file).collect(),
        }
    }

    /// Returns the current texts, in the order in which a graph's parts are read.
    pub fn texts(&self) -> Vec<Arc<Text>> {
        let mut files: Vec<&DraftFile> = self.files.iter().collect();
        files.sort_by(|a, b| a.path.cmp(&b.path));
        files.into_iter().map(|file| file.text.clone()).collect()
    }

    /// Returns the changed files.
    pub fn changes(&self) -> Vec<FileEdit> {
        let is_changed = |file: &&DraftFile| file.old.as_ref().is_none_or(|old| old.body != file.text.body);
        let edit = |file: &DraftFile| FileEdit {
            path: file.path.clone(),
            old: file.old.as_ref().map(|old| old.body.clone()),
            new: Some(file.text.body.clone()),
        };
        self.files.iter().filter(is_changed).map(edit).collect()
    }

    /// Returns the number of files, which are referred to by index.
    pub fn len(&self) -> usize {
        self.files.len()
    }

    pub fn text(&self, file: usize) -> &Arc<Text> {
        &self.files[file].text
    }

    /// Returns the syntax tree of a file's current text.
    ///
    /// # Errors
    /// Its brackets do not close, which is impossible once it has been loaded.
    pub fn tree(&self, file: usize) -> Result<Bracket, Refusal> {
        let text = self.text(file);
        tree::read(&text.body).map_err(|error| {
            let mut problem = error.diagnostic(&text.body);
            problem.labels.iter_mut().for_each(|label| label.text = Some(text.clone()));
            Refusal::Data(Diagnostics::from(problem))
        })
    }

    /// Changes a file; splices must not overlap.
    pub fn apply(&mut self, file: usize, splices: &[Splice]) {
        let text = &self.files[file].text;
        self.files[file].text = Text::new(text.name.clone(), splice::apply(&text.body, splices));
    }

    /// Inserts an item into a bracket of a file, which must come from [`Draft::tree`].
    pub fn insert(&mut self, file: usize, bracket: &Bracket, behind: Behind, item: &str) {
        let splices = place::insert(&self.text(file).body, bracket, behind, item);
        self.apply(file, &splices);
    }

    /// Returns the file for a new entry of a section, and ensures that it has the section: the last file that has it,
    /// otherwise the one named after it, otherwise a new one. For a graph in a single file, that file.
    pub fn file_with(&mut self, section: Section) -> Result<usize, Refusal> {
        let mut found = None;
        for file in 0..self.len() {
            let size = self.tree(file)?.bracket(&self.text(file).body, section.name()).map(|all| all.items.len());
            found = size.map(|size| (size > 0, file)).max(found);
        }
        if let Some((_, file)) = found {
            return Ok(file);
        }
        let path = self.folder.join(format!("{}.ron", section.name()));
        let named = self.files.iter().position(|file| !self.is_folder || file.path == path);
        let file = named.unwrap_or_else(|| self.add_file(&path));
        let item = format!("{}: {}", section.name(), section.empty());
        let part = self.tree(file)?;
        let last = part.items.len().checked_sub(1);
        self.insert(file, &part, last, &item);
        Ok(file)
    }

    fn add_file(&mut self, path: &Path) -> usize {
        let text = Text::new(path.display().to_string(), "(\n)\n");
        self.files.push(DraftFile { path: path.to_path_buf(), old: None, text });
        self.files.len() - 1
    }

    /// Returns the bracket of a section of a file.
    ///
    /// # Errors
    /// The file has no such section.
    pub fn section(&self, file: usize, section: Section) -> Result<Bracket, Refusal> {
        let part = self.tree(file)?;
        let found = part.bracket(&self.text(file).body, section.name()).cloned();
        found.ok_or_else(|| Refusal::Cannot(format!("`{}` has no `{}`", self.text(file).name, section.name())))
    }

    /// Returns the section of each file that has it.
    pub fn sections(&self, section: Section) -> Result<Vec<(usize, Bracket)>, Refusal> {
        let mut found = Vec::new();
        for file in 0..self.len() {
            let part = self.tree(file)?;
            found.extend(part.bracket(&self.text(file).body, section.name()).map(|all| (file, all.clone())));
        }
        Ok(found)
    }
}
