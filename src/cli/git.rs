//! Opens graphs at a revision: `git:REV:PATH`, read from a repository without checking it out. As for git, the path begins at the
//! top of the repository of the working folder, or there with `./`; a whole path tells the repository, too.

use crate::disk::reason;
use crate::load::{self, File, LoadError};
use crate::text::Text;
use crate::{Database, Error};
use std::collections::BTreeMap;
use std::io::{self, Cursor};
use std::path::{Component, Path, PathBuf};
use std::process::Command;

/// The prefix of a path to such a graph.
const MARK: &str = "git:";

/// Returns `REV:PATH` of a path that names a graph at a revision; `None` for other paths.
pub fn spec(path: &Path) -> Option<&str> {
    path.to_str()?.strip_prefix(MARK).filter(|spec| spec.contains(':'))
}

/// Opens the graph at a revision: a folder, or a single RON file.
///
/// # Errors
/// The revision or the path does not exist, git cannot be run, or the data is wrong.
pub fn open(spec: &str) -> Result<Database, Error> {
    let unread = |reason: String| Error::Read { path: PathBuf::from(format!("{MARK}{spec}")), reason };
    if spec.starts_with('-') {
        return Err(unread("a revision does not begin with `-`".to_string()));
    }
    let (repository, place) = Repository::of(spec);
    let kind = repository.git(&["cat-file", "-t", &place]).map_err(unread)?;
    let files = match kind.trim_ascii() {
        b"tree" => repository.tree(&place).map_err(unread)?,
        _ => repository.single(&place),
    };
    let is_part = |name: &&String| Path::new(name.as_str()).extension().is_some_and(|extension| extension == "ron");
    let mut texts = Vec::new();
    for name in files.keys().filter(is_part) {
        let bytes = repository.git(&["cat-file", "blob", &files[name]]).map_err(unread)?;
        let body = String::from_utf8(bytes).map_err(|_| unread(format!("`{name}` is not UTF-8 text")))?;
        texts.push(Text::new(format!("{MARK}{}", shown(spec, name)), body));
    }
    if texts.is_empty() {
        return Err(unread("there is no .ron file in it".to_string()));
    }
    let (graph, problems) = load::read_with(texts, &|name| repository.opened(&files, name));
    graph.map(Database::of).ok_or_else(|| Error::from(LoadError::Data(problems)))
}

/// Returns the name of a file of the graph as git writes it.
fn shown(spec: &str, name: &str) -> String {
    if spec.ends_with(name) { spec.to_string() } else { format!("{}/{name}", spec.trim_end_matches('/')) }
}

/// A repository: that of a folder, or of the working folder.
struct Repository(Option<PathBuf>);

impl Repository {
    /// Returns the repository of `REV:PATH`, and that as git reads it there.
    fn of(spec: &str) -> (Repository, String) {
        let (revision, path) = spec.split_once(':').unwrap_or((spec, ""));
        let place = Path::new(path);
        if !place.is_absolute() {
            // Git knows `./` and not `.`.
            let slash = if matches!(path, "." | "..") { "/" } else { "" };
            return (Repository(None), format!("{revision}:{path}{slash}"));
        }
        // What has been removed since lies in the nearest folder that is there.
        let folder = place.ancestors().find(|folder| folder.is_dir()).unwrap_or(place);
        let inside = place.strip_prefix(folder).unwrap_or(place).to_string_lossy().into_owned();
        (Repository(Some(folder.to_path_buf())), format!("{revision}:./{inside}"))
    }

    /// Returns the files of a folder by name, each with its object id.
    fn tree(&self, spec: &str) -> Result<BTreeMap<String, String>, String> {
        let listed = self.git(&["ls-tree", "-r", "-z", spec])?;
        let entry = |line: &[u8]| {
            let line = String::from_utf8(line.to_vec()).ok()?;
            let (head, name) = line.split_once('\t')?;
            let mut words = head.split(' ');
            // Skips links and submodules.
            let is_file = words.next()?.starts_with("100");
            is_file.then(|| Some((name.to_string(), words.nth(1)?.to_string())))?
        };
        Ok(listed.split(|byte| *byte == 0).filter_map(entry).collect())
    }

    /// Returns a file with its neighbours, which it may name.
    fn single(&self, spec: &str) -> BTreeMap<String, String> {
        let top = || spec.split_at(spec.rfind(':').map_or(0, |at| at + 1));
        let (folder, name) = spec.rsplit_once('/').unwrap_or_else(top);
        // The folder of `HEAD:./graph.ron` is `HEAD:./`.
        let folder = if folder.ends_with('.') { format!("{folder}/") } else { folder.to_string() };
        let mut files = self.tree(&folder).unwrap_or_default();
        files.retain(|other, _| other == name || !other.ends_with(".ron"));
        files.insert(name.to_string(), spec.to_string());
        files
    }

    /// Opens a file that a part names.
    fn opened(&self, files: &BTreeMap<String, String>, name: &str) -> io::Result<Box<dyn File>> {
        let parts = Path::new(name).components().filter(|part| *part != Component::CurDir);
        let plain: PathBuf = parts.collect();
        let object = plain.to_str().and_then(|name| files.get(name)).ok_or(io::ErrorKind::NotFound)?;
        let bytes = self.git(&["cat-file", "blob", object]).map_err(io::Error::other)?;
        Ok(Box::new(Cursor::new(bytes)))
    }

    /// Returns the output of git; if it fails, the first line of its message.
    fn git(&self, arguments: &[&str]) -> Result<Vec<u8>, String> {
        let mut command = Command::new("git");
        if let Some(folder) = &self.0 {
            command.arg("-C").arg(folder);
        }
        let output = command.args(arguments).output();
        let output = output.map_err(|error| format!("git cannot be run: {}", reason(&error)))?;
        match output.status.success() {
            true => Ok(output.stdout),
            false => {
                let words = String::from_utf8_lossy(&output.stderr);
                Err(words.lines().next().unwrap_or("git failed").trim_start_matches("fatal: ").to_string())
            }
        }
    }
}
