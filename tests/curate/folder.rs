//! A folder of its own for each test, removed at the end, and a graph in it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

pub struct Folder(PathBuf);

impl Folder {
    pub fn new(name: &str) -> Folder {
        let path = std::env::temp_dir().join(format!("begat-curate-{name}-{}", std::process::id()));
        _ = fs::remove_dir_all(&path);
        fs::create_dir_all(path.join("g")).expect("a folder");
        Folder(path)
    }

    /// With the built-in graph's files.
    pub fn with_builtin(name: &str) -> Folder {
        let folder = Folder::new(name);
        let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("graph-data/llm-evolution");
        for entry in fs::read_dir(from).expect("the graph") {
            let path = entry.expect("an entry").path();
            fs::copy(&path, folder.graph().join(path.file_name().expect("a name"))).expect("a copy");
        }
        folder
    }

    pub fn graph(&self) -> PathBuf {
        self.0.join("g")
    }

    /// The files of the graph, by name.
    pub fn files(&self) -> Vec<(String, String)> {
        let entries = fs::read_dir(self.graph()).expect("a folder").map(|entry| entry.expect("an entry").path());
        let read = |path: PathBuf| {
            let name = path.file_name().expect("a name").to_string_lossy().into_owned();
            (name, fs::read_to_string(&path).expect("UTF-8"))
        };
        let mut files: Vec<(String, String)> = entries.map(read).collect();
        files.sort();
        files
    }

    pub fn write(&self, files: &[(String, String)]) {
        fs::remove_dir_all(self.graph()).expect("a folder");
        fs::create_dir_all(self.graph()).expect("a folder");
        files.iter().for_each(|(name, text)| fs::write(self.graph().join(name), text).expect("a file"));
    }

    pub fn begat(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_begat"));
        for name in ["BEGAT_GRAPH", "NO_COLOR", "CLICOLOR_FORCE", "RUST_BACKTRACE", "XDG_STATE_HOME"] {
            command.env_remove(name);
        }
        command.current_dir(&self.0).env("HOME", &self.0).args(["-g", "g"]).args(arguments);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// What a command says, with how it ended: `(0, stdout, stderr)`.
    pub fn run(&self, arguments: &[&str]) -> (i32, String, String) {
        let Output { status, stdout, stderr } = self.begat(arguments).output().expect("begat runs");
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        (status.code().unwrap_or(-1), text(stdout), text(stderr))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What is left behind hurts nobody.
        _ = fs::remove_dir_all(&self.0);
    }
}
