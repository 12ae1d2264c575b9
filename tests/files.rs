//! What is written to disk: whole or not at all, in the place that was named, for whom it was.
#![cfg(all(unix, feature = "cli"))]

use std::fs;
use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::Duration;

/// A folder of its own for each test, removed at the end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Folder {
        let path = std::env::temp_dir().join(format!("begat-files-{name}-{}", std::process::id()));
        _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).expect("a folder");
        Folder(path)
    }

    fn at(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    fn begat(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_begat"));
        command.args(arguments).current_dir(&self.0).env_remove("BEGAT_GRAPH").env("HOME", &self.0);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.begat(arguments).output().expect("begat runs")
    }

    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(&self.0).expect("a folder").map(|entry| entry.expect("an entry").file_name());
        let mut names: Vec<String> = entries.map(|name| name.to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What is left behind hurts nobody.
        _ = fs::remove_dir_all(&self.0);
    }
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).expect("a file").permissions().mode() & 0o7777
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("a mode");
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Every way to write a file, each with its arguments before the file.
const WAYS: &[(&str, &[&str])] = &[
    ("a.tsv", &["Model uses MLA", "-o"]),
    ("a.svg", &["lineage of DeepSeek R1", "-o"]),
    ("a.begat", &["build", "-o"]),
    ("a.ron", &["export", "-o"]),
    ("a.csv", &["stats", "-o"]),
];

#[test]
fn a_link_stays_one_and_what_it_leads_to_is_written() {
    for (name, way) in WAYS {
        let folder = Folder::new(&format!("link-{}", name.replace('.', "")));
        fs::create_dir(folder.at("far")).expect("a folder");
        symlink("second", folder.at(name)).expect("a link");
        symlink("far/target", folder.at("second")).expect("a link");
        for _ in 0..2 {
            // The first time the target is not there yet.
            let output = folder.run(&[way, &[*name][..]].concat());
            assert_eq!(output.status.code(), Some(0), "{name}: {}", text(&output));
            assert!(folder.at(name).is_symlink() && folder.at("second").is_symlink(), "{name}");
            assert!(fs::symlink_metadata(folder.at("far/target")).expect("a target").len() > 20, "{name}");
        }
        assert_eq!(fs::read_dir(folder.at("far")).expect("a folder").count(), 1, "{name}");
    }
}

#[test]
fn links_that_lead_nowhere_are_told() {
    let folder = Folder::new("loop");
    symlink("a.tsv", folder.at("b.tsv")).expect("a link");
    symlink("b.tsv", folder.at("a.tsv")).expect("a link");
    let output = folder.run(&["Model", "-o", "a.tsv"]);
    assert_eq!(output.status.code(), Some(5), "{}", text(&output));
    assert_eq!(folder.names(), ["a.tsv", "b.tsv"]);
}

#[test]
fn a_file_keeps_its_mode_and_its_owner() {
    for (name, way) in WAYS {
        let folder = Folder::new(&format!("mode-{}", name.replace('.', "")));
        for wanted in [0o600, 0o640, 0o755] {
            fs::write(folder.at(name), "old").expect("written");
            set_mode(&folder.at(name), wanted);
            let before = fs::metadata(folder.at(name)).expect("a file");
            let output = folder.run(&[way, &[*name][..]].concat());
            let after = fs::metadata(folder.at(name)).expect("a file");
            assert_eq!(output.status.code(), Some(0), "{}", text(&output));
            assert_eq!((mode(&folder.at(name)), after.uid(), after.gid()), (wanted, before.uid(), before.gid()));
            assert!(after.len() > 20);
        }
        assert_eq!(folder.names(), [*name]);
    }
}

#[test]
fn a_new_file_has_the_mode_of_new_files() {
    let folder = Folder::new("umask");
    for (mask, expected) in [("022", 0o644), ("077", 0o600), ("002", 0o664)] {
        let script = format!("umask {mask}; exec '{}' Model -o m{mask}.tsv", env!("CARGO_BIN_EXE_begat"));
        let status = Command::new("sh").args(["-c", &script]).current_dir(&folder.0).stderr(Stdio::null()).status();
        assert!(status.expect("a shell").success());
        assert_eq!(mode(&folder.at(&format!("m{mask}.tsv"))), expected);
    }
}

#[test]
fn pipes_and_devices_are_written_into() {
    let folder = Folder::new("pipe");
    for (name, way) in WAYS {
        let made = Command::new("mkfifo").arg(folder.at(name)).status().expect("mkfifo");
        assert!(made.success());
        let reader = Command::new("cat").arg(folder.at(name)).stdout(Stdio::piped()).spawn().expect("cat");
        let output = folder.run(&[way, &[*name][..]].concat());
        assert_eq!(output.status.code(), Some(0), "{name}: {}", text(&output));
        let read = reader.wait_with_output().expect("cat ends").stdout;
        assert!(read.len() > 20, "{name}");
        assert!(fs::symlink_metadata(folder.at(name)).expect("a pipe").file_type().is_fifo(), "{name}");
        let output = folder.run(&[way, &["/dev/null", "-F", "tsv"][..]].concat());
        let is_fine = matches!(output.status.code(), Some(0 | 2));
        assert!(is_fine && fs::metadata("/dev/null").expect("it").file_type().is_char_device(), "{}", text(&output));
    }
    let output = folder.run(&["Model", "-F", "tsv", "-o", "/dev/full"]);
    assert_eq!(output.status.code(), Some(5));
    assert_eq!(text(&output), "error: cannot write `/dev/full`: no space left on device\n");
    let output = folder.run(&["Model uses MLA", "-F", "tsv", "-o", "/dev/stdout"]);
    assert_eq!(String::from_utf8_lossy(&output.stdout), "Model\nDeepSeek V2\nDeepSeek V3\n");
}

/// What stands in the file that stdout is, stays.
#[test]
fn stdout_by_its_name_goes_on() {
    let folder = Folder::new("stdout");
    let script = format!(
        "{{ echo before; '{}' 'Model uses MLA' -F tsv -o /dev/stdout; echo after; }} > out",
        env!("CARGO_BIN_EXE_begat")
    );
    let status = Command::new("sh").args(["-c", &script]).current_dir(&folder.0).stderr(Stdio::null()).status();
    assert!(status.expect("a shell").success());
    let out = fs::read_to_string(folder.at("out")).expect("written");
    assert_eq!(out, "before\nModel\nDeepSeek V2\nDeepSeek V3\nafter\n");
}

#[test]
fn formatting_keeps_links_and_modes() {
    let folder = Folder::new("fmt");
    fs::create_dir(folder.at("data")).expect("a folder");
    fs::write(folder.at("real.ron"), "( sources : { } )").expect("written");
    fs::write(folder.at("data/own.ron"), "( sources : { } )").expect("written");
    set_mode(&folder.at("data/own.ron"), 0o600);
    symlink("../real.ron", folder.at("data/link.ron")).expect("a link");
    let output = folder.run(&["fmt", "data"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output));
    assert!(folder.at("data/link.ron").is_symlink());
    assert_ne!(fs::read_to_string(folder.at("real.ron")).expect("there"), "( sources : { } )");
    assert_eq!(mode(&folder.at("data/own.ron")), 0o600);
    assert_eq!(folder.run(&["fmt", "--check", "data"]).status.code(), Some(0));
}

#[test]
fn several_build_to_one_path() {
    let folder = Folder::new("race");
    let children: Vec<_> = (0..8).map(|_| folder.begat(&["build", "-o", "g.begat"]).spawn().expect("begat")).collect();
    for child in children {
        let output = child.wait_with_output().expect("begat ends");
        assert_eq!(output.status.code(), Some(0), "{}", text(&output));
    }
    assert_eq!(folder.names(), ["g.begat"]);
    assert_eq!(folder.run(&["check", "g.begat"]).status.code(), Some(0));
}

#[test]
fn only_ones_own_is_removed() {
    let folder = Folder::new("own");
    let others = [".g.begat.begat.77.new", ".g.begat.abc.tmp", ".g.begat.77.tmp"];
    others.iter().for_each(|name| fs::write(folder.at(name), "other").expect("written"));
    assert_eq!(folder.run(&["build", "-o", "g.begat"]).status.code(), Some(0));
    assert!(others.iter().all(|name| fs::read(folder.at(name)).expect("there") == b"other"));
}

/// A file that nobody may write to is not replaced. (Who is root may write to all.)
#[test]
fn a_file_that_may_not_be_written_to_stays() {
    let folder = Folder::new("readonly");
    fs::write(folder.at("a.tsv"), "old").expect("written");
    set_mode(&folder.at("a.tsv"), 0o444);
    if fs::OpenOptions::new().write(true).open(folder.at("a.tsv")).is_ok() {
        return;
    }
    let output = folder.run(&["Model", "-o", "a.tsv"]);
    assert_eq!(output.status.code(), Some(5), "{}", text(&output));
    assert_eq!(fs::read(folder.at("a.tsv")).expect("there"), b"old");
}

/// Files of a process may be no longer than so many blocks of 512 bytes: as on a full disk.
fn limited(folder: &Folder, blocks: u32, arguments: &str) -> Output {
    // The signal that tells of it is ignored, so that writing is an error.
    let script = format!("trap '' XFSZ; ulimit -f {blocks}; exec '{}' {arguments}", env!("CARGO_BIN_EXE_begat"));
    let mut command = Command::new("sh");
    command.args(["-c", &script]).current_dir(&folder.0).stdin(Stdio::null()).output().expect("a shell")
}

#[test]
fn what_cannot_be_written_whole_leaves_nothing() {
    let folder = Folder::new("full");
    let everything =
        ["build -o g.begat", "export -o e.ron", "export -o e.parquet", "'lineage of DeepSeek R1' -o l.html"];
    for arguments in everything {
        let output = limited(&folder, 1, arguments);
        assert_eq!(output.status.code(), Some(5), "{arguments}: {}", text(&output));
        assert!(text(&output).contains("file too large") && !text(&output).contains("os error"), "{}", text(&output));
        assert_eq!(folder.names(), Vec::<String>::new(), "{arguments}");
    }
    // What was there is as it was.
    fs::write(folder.at("e.ron"), "old").expect("written");
    assert_eq!(limited(&folder, 1, "export -o e.ron").status.code(), Some(5));
    assert_eq!(fs::read(folder.at("e.ron")).expect("there"), b"old");
}

#[test]
fn a_folder_of_tables_takes_the_place_of_an_older_one() {
    let folder = Folder::new("tables");
    for name in ["e.parquet", "e.parquet", "e.parquet/"] {
        let output = folder.run(&["export", "-o", name, "-F", "parquet"]);
        assert_eq!(output.status.code(), Some(0), "{}", text(&output));
        assert_eq!(folder.names(), ["e.parquet"]);
        fs::write(folder.at("e.parquet/note.txt"), "mine").expect("written");
    }
    assert_eq!(fs::read(folder.at("e.parquet/note.txt")).expect("there"), b"mine");
    fs::write(folder.at("plain"), "x").expect("written");
    let output = folder.run(&["export", "-o", "plain", "-F", "parquet"]);
    assert_eq!(output.status.code(), Some(5), "{}", text(&output));
    symlink("e.parquet", folder.at("link.parquet")).expect("a link");
    assert_eq!(folder.run(&["export", "-o", "link.parquet"]).status.code(), Some(0));
    assert!(folder.at("link.parquet").is_symlink());
}

/// Ctrl-C, and the signals that end a process, leave nothing unfinished.
#[test]
fn a_signal_leaves_nothing_behind() {
    let folder = Folder::new("signal");
    let mut facts = String::new();
    for i in 0..3000 {
        facts += &format!("\"Node{i} cites Node{}\", ", (i * 7 + 1) % 3000);
    }
    let names: String = (0..3000).map(|i| format!("\"Node{i}\": (), ")).collect();
    let graph = format!(
        "(schema: (types: {{\"Node\": ()}}, verbs: {{\"cites\": (from: [\"Node\"], to: [\"Node\"])}}), sources: {{\"s\": ()}}, \
         entities: {{\"Node\": {{{names}}}}}, claims: [(source: \"s\", facts: [{facts}])])"
    );
    fs::write(folder.at("g.ron"), graph).expect("written");
    for (signal, arguments) in
        [("TERM", ["build", "-o", "g.begat"]), ("INT", ["build", "-o", "g.begat"]), ("HUP", ["export", "-o", "x.ron"])]
    {
        for wait in (0..10).map(|step| Duration::from_millis(step * 25)) {
            let mut child = folder.begat(&[&["-g", "g.ron"][..], &arguments].concat()).spawn().expect("begat");
            std::thread::sleep(wait);
            let id = child.id().to_string();
            _ = Command::new("kill").args([&format!("-{signal}"), &id]).stderr(Stdio::null()).status();
            child.wait().expect("it ends");
            let left: Vec<String> = folder.names().into_iter().filter(|name| name.starts_with('.')).collect();
            assert!(left.is_empty(), "{signal} after {wait:?}: {left:?}");
        }
    }
}

/// A snapshot that is cut or written to after it has been opened: an error with a status of its own, no signal.
#[test]
fn a_snapshot_that_changes_is_an_error() {
    type Change = fn(&Path);
    let cut: Change = |path| {
        let file = fs::OpenOptions::new().write(true).open(path).expect("it opens");
        file.set_len(100).expect("cut");
    };
    let empty: Change = |path| drop(fs::File::create(path).expect("emptied"));
    let longer: Change = |path| {
        use std::io::Write;
        let mut file = fs::OpenOptions::new().append(true).open(path).expect("it opens");
        file.write_all(b"more").expect("written");
    };
    let replaced: Change = |path| fs::rename(path.with_file_name("other.begat"), path).expect("renamed");
    for (change, status) in [(cut, 4), (empty, 4), (longer, 4), (replaced, 0)] {
        let folder = Folder::new("cut");
        for name in ["g.begat", "other.begat"] {
            assert_eq!(folder.run(&["build", "-o", name]).status.code(), Some(0));
        }
        assert!(Command::new("mkfifo").arg(folder.at("q")).status().expect("mkfifo").success());
        let child = folder.begat(&["-g", "g.begat", "-f", "q"]).spawn().expect("begat");
        // It opens the graph before it reads the query; the pipe is open for writing only when it reads.
        let mut pipe = fs::OpenOptions::new().write(true).open(folder.at("q")).expect("a reader");
        change(&folder.at("g.begat"));
        std::io::Write::write_all(&mut pipe, b"Model uses MLA").expect("it reads");
        drop(pipe);
        let output = child.wait_with_output().expect("it ends");
        assert_eq!(output.status.code(), Some(status), "{output:?}");
        assert!(status == 0 || text(&output).starts_with("error"), "{}", text(&output));
    }
}

#[test]
fn a_query_file_writes_within_the_working_folder() {
    let folder = Folder::new("outside");
    fs::create_dir(folder.at("in")).expect("a folder");
    let target = folder.at("x.tsv").display().to_string();
    for (file, is_outside) in [
        ("../x.tsv", true),
        (target.as_str(), true),
        ("a/../../x.tsv", true),
        ("y.tsv", false),
        ("./a/../y.tsv", false),
    ] {
        fs::create_dir_all(folder.at("in/a")).expect("a folder");
        let query = format!("count Model; Model uses MLA to \"{file}\"");
        for name in ["q.begat", "query"] {
            fs::write(folder.at("in").join(name), &query).expect("written");
            let run = |more: &[&str]| {
                let arguments = [&["-f", name][..], more].concat();
                folder.begat(&arguments).current_dir(folder.at("in")).output().expect("begat runs")
            };
            let output = run(&[]);
            assert_eq!(output.status.code(), Some(if is_outside { 2 } else { 0 }), "{file}: {}", text(&output));
            assert!(!is_outside || text(&output).contains("--write-outside") && !folder.at("x.tsv").exists());
            assert_eq!(run(&["--write-outside"]).status.code(), Some(0));
            _ = fs::remove_file(folder.at("x.tsv"));
        }
        // What is typed may go anywhere.
        let typed = folder.begat(&[&query]).current_dir(folder.at("in")).output().expect("begat runs");
        assert_eq!(typed.status.code(), Some(0), "{}", text(&typed));
        _ = fs::remove_file(folder.at("x.tsv"));
    }
}

#[test]
fn manual_pages_are_of_commands() {
    let folder = Folder::new("man");
    assert_eq!(folder.run(&["man", "man1"]).status.code(), Some(0));
    let names: Vec<String> = fs::read_dir(folder.at("man1"))
        .expect("a folder")
        .map(|entry| entry.expect("it").file_name().to_string_lossy().into_owned())
        .collect();
    assert!(names.contains(&"begat.1".to_string()) && names.iter().all(|name| !name.contains("help")), "{names:?}");
    assert!(String::from_utf8_lossy(&folder.run(&["notices"]).stdout).contains("Permission is hereby granted"));
}
