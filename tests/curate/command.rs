//! The commands `add`, `retract`, `rename`, `merge`, `source add` and `undo`, as a curator types them.

use super::folder::Folder;
use std::fs;

const CITED: [&str; 4] = ["--source", "goose", "--at", "L24"];

/// The lines of a diff that begin so, without the names of files.
fn lines(diff: &str, mark: char) -> Vec<String> {
    let is_change = |line: &&str| line.starts_with(mark) && !line.starts_with("+++") && !line.starts_with("---");
    diff.lines().filter(is_change).map(|line| line[1..].trim().to_string()).collect()
}

#[test]
fn a_fact_is_added_beside_its_like_and_taken_back() {
    let folder = Folder::with_builtin("add");
    let before = folder.files();
    let mut add = vec!["add", "DeepSeek V3 uses GQA"];
    add.extend(CITED);
    let (status, diff, _) = folder.run(&[&add[..], &["--dry-run"]].concat());
    assert_eq!((status, lines(&diff, '-')), (0, Vec::new()));
    assert!(lines(&diff, '+').contains(&"\"DeepSeek V3 uses GQA\",".to_string()), "{diff}");
    assert_eq!(folder.files(), before, "--dry-run writes nothing");

    let (status, _, told) = folder.run(&add);
    assert_eq!((status, told.lines().next()), (0, Some("DeepSeek V3 uses GQA")));
    let (_, rows, _) = folder.run(&["why DeepSeek V3 uses GQA", "-F", "tsv"]);
    assert!(rows.contains("goose") && rows.contains("L24"), "{rows}");
    let changed = folder.files().into_iter().find(|(name, _)| name == "claims.ron").expect("claims").1;
    let place = changed.find("DeepSeek V3 uses GQA").expect("the fact");
    assert!(changed[..place].rfind("at: \"L24\"") > changed[..place].rfind("at: \"L23\""), "beside its like");
    assert_eq!(folder.run(&["check", "g"]).0, 0);
    assert_eq!(folder.run(&["fmt", "--check", "g"]).0, 0, "what is written is in canonical form");

    let (status, _, told) = folder.run(&add);
    assert!(status == 0 && told.contains("nothing was changed"), "{told}");
    assert_eq!(folder.run(&["undo"]).0, 0);
    assert_eq!(folder.files(), before);
    assert_eq!(folder.run(&["undo"]).0, 1);
}

#[test]
fn new_names_are_declared_on_request_only() {
    let folder = Folder::with_builtin("new");
    let before = folder.files();
    let words = ["add", "Quokka uses MLA", "Quokka dated 2026-01", "--source", "goose"];
    let (status, _, told) = folder.run(&words);
    assert!(status == 3 && told.contains("no entity is called `Quokka`") && told.contains("--new"), "{told}");
    assert_eq!(folder.files(), before);
    // The verb settles the type: both facts may speak of a Model.
    let (status, _, told) = folder.run(&[&words[..], &["--new"]].concat());
    assert!(status == 0 && told.starts_with("Model \"Quokka\" is new\n"), "{told}");

    // Another version is another entity.
    let version = ["add", "DeepSeek V4 uses GQA", "DeepSeek V4 totals 1T", "--source", "goose", "--new"];
    let (status, _, told) = folder.run(&version);
    assert!(status == 0 && told.contains("DeepSeek V4 totals 1T\n"), "{told}");
    let japanese = ["add", "Sen no Rikyu uses GQA", "--source", "goose", "--new"];
    assert!(folder.run(&japanese).2.contains("stands in quotes: `\"Sen no Rikyu\"`"));

    let near = ["add", "Quoka uses GQA", "--source", "goose", "--new"];
    let (status, _, told) = folder.run(&near);
    assert!(status == 4 && told.contains("`Quoka` is like `Quokka`"), "{told}");
    assert_eq!(folder.run(&[&near[..], &["--yes"]].concat()).0, 0);
}

#[test]
fn what_would_not_load_is_not_written() {
    let folder = Folder::with_builtin("refused");
    let before = folder.files();
    let wrong: &[&[&str]] = &[
        &["add", "DeepSeek V3 uses MLA"],
        &["add", "DeepSeek V3 uses MLA", "--source", "nobody"],
        &["add", "DeepSeek V3 uses", "--source", "goose"],
        &["add", "GPT-2 succeeds DeepSeek R1", "--source", "goose"],
        &["add", "MLA uses DeepSeek V3", "--source", "goose"],
        &["retract", "DeepSeek V3 uses GELU"],
        &["rename", "DeepSeek V3", "GPT-2"],
        &["rename", "nobody", "Somebody"],
        &["merge", "DeepSeek V3", "MLA"],
        &["source", "add", "goose"],
    ];
    for arguments in wrong {
        let (status, _, told) = folder.run(arguments);
        assert!(status > 1 && !told.is_empty(), "{arguments:?}: {status} {told}");
        assert!(!told.contains("panic"), "{told}");
        assert_eq!(folder.files(), before, "{arguments:?}");
    }
}

#[test]
fn entities_are_renamed_and_merged() {
    let folder = Folder::with_builtin("rename");
    let before = folder.files();
    assert_eq!(folder.run(&["rename", "MoE", "Sparse \"MoE\""]).0, 0);
    let (status, rows, told) = folder.run(&["Model uses MoE", "--no-header"]);
    assert!(status == 0 && rows.contains("DeepSeek V3"), "the old name stays an alias: {told}");
    let text: String = folder.files().into_iter().map(|(_, text)| text).collect();
    assert!(
        text.contains(r#""DeepSeek V3 uses MLA and \"Sparse \\\"MoE\\\"\" and Shared Expert""#),
        "the new name is quoted twice"
    );
    assert_eq!(folder.run(&["undo"]).0, 0);
    assert_eq!(folder.files(), before);

    let (status, _, told) = folder.run(&["merge", "MLA", "GQA"]);
    assert_eq!(status, 0, "{told}");
    let (_, rows, _) = folder.run(&["Model uses GQA", "--no-header"]);
    assert_eq!(rows, folder.run(&["Model uses MLA", "--no-header"]).1);
    assert_eq!(folder.run(&["undo"]).0, 0);
    assert_eq!(folder.files(), before);
}

/// Sentences keep their words but for the names that change.
#[test]
fn a_merge_keeps_how_a_sentence_is_said() {
    let folder = Folder::with_builtin("merge");
    let claim = r#"(source: "goose", at: "L1", trust: direct, facts: ["GQA used by GPT-2 and DeepSeek V3"]),"#;
    let mut files = folder.files();
    let (_, text) = files.iter_mut().find(|(name, _)| name == "claims.ron").expect("claims");
    *text =
        format!("{}    {claim}\n    ],\n)\n", text.trim_end().trim_end_matches(')').trim_end().trim_end_matches("],"));
    folder.write(&files);
    let (status, _, told) = folder.run(&["merge", "MLA", "GQA"]);
    assert_eq!(status, 0, "{told}");
    let text: String = folder.files().into_iter().map(|(_, text)| text).collect();
    assert!(text.contains(&claim.replace("GQA", "MLA")), "{text}");
}

#[test]
fn sources_are_declared() {
    let folder = Folder::with_builtin("source");
    let words = ["source", "add", "duck", "--title", "The \"Duck\"", "--url", "https://example.org"];
    assert_eq!(folder.run(&words).0, 0);
    assert_eq!(folder.run(&["add", "DeepSeek V3 uses GQA", "--source", "duck", "--trust", "doubtful"]).0, 0);
    let (_, rows, _) = folder.run(&["DeepSeek V3 uses GQA", "-F", "json"]);
    assert!(rows.contains("\"possible\""), "doubtful facts are only possible: {rows}");
}

#[test]
fn a_session_asserts_retracts_and_undoes() {
    use std::io::Write;
    let folder = Folder::with_builtin("session");
    let before = folder.files();
    let input = "assert DeepSeek V3 uses GQA according to goose at L24 --trust inferred\n\
                 Model uses GQA\n\
                 retract DeepSeek V3 uses GQA\n\
                 count DeepSeek V3 uses GQA\n\
                 :undo\n:undo\n:undo\n";
    let mut child = folder.begat(&["-i"]).stdin(std::process::Stdio::piped()).spawn().expect("begat runs");
    child.stdin.take().expect("a pipe").write_all(input.as_bytes()).expect("it reads");
    let output = child.wait_with_output().expect("it ends");
    let (rows, told) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(rows.contains("DeepSeek V3"), "{rows}\n{told}");
    assert!(told.contains("no longer: DeepSeek V3 uses GQA") && told.contains("taken back"), "{told}");
    assert!(told.contains("there is no edit of this graph to take back"), "{told}");
    assert_eq!(folder.files(), before);
}

/// An edit that writes one file, and two that write two files at once.
const EDITS: [&[&str]; 3] = [
    &["add", "DeepSeek V3 uses GQA", "--source", "goose", "--at", "L24"],
    &["add", "Quokka uses GQA", "--source", "goose", "--at", "L24", "--new"],
    &["rename", "MoE", "Sparse MoE"],
];

/// Whenever an edit is killed, all of its files are old, or all are new. (`disk` tests each single step.)
#[cfg(unix)]
#[test]
fn a_crash_leaves_the_old_graph_or_the_new_one() {
    for (number, words) in EDITS.iter().enumerate() {
        let folder = Folder::with_builtin(&format!("crash-{number}"));
        let before = folder.files();
        let old = folder.run(&["export", "-F", "ron"]).1;
        let begun = std::time::Instant::now();
        assert_eq!(folder.run(words).0, 0);
        let whole = begun.elapsed();
        let new = folder.run(&["export", "-F", "ron"]).1;
        assert_ne!(old, new);
        // The files are written towards the end.
        for part in 0..12 {
            folder.write(&before);
            let mut child = folder.begat(words).spawn().expect("begat runs");
            std::thread::sleep(whole * (part * 3 + 66) / 100);
            _ = child.kill();
            _ = child.wait();
            let (status, now, told) = folder.run(&["export", "-F", "ron"]);
            assert!(status == 0 && (now == old || now == new), "{words:?}, killed in part {part}: {told}");
        }
    }
}

/// Files of a process may be no longer than so many blocks of 512 bytes: as on a full disk.
#[cfg(unix)]
#[test]
fn a_full_disk_leaves_the_old_graph() {
    let folder = Folder::with_builtin("full");
    let before = folder.files();
    let binary = env!("CARGO_BIN_EXE_begat");
    for (blocks, words) in [0, 1, 4, 8].into_iter().flat_map(|blocks| EDITS.map(|words| (blocks, words))) {
        let words: String = words.iter().map(|word| format!(" '{word}'")).collect();
        let script = format!("trap '' XFSZ; ulimit -f {blocks}; exec '{binary}' -g g{words}");
        let mut command = std::process::Command::new("sh");
        let output = command
            .args(["-c", &script])
            .current_dir(folder.graph().parent().expect("a folder"))
            .env("HOME", folder.graph())
            .output()
            .expect("a shell");
        assert!(!output.status.success(), "{blocks} blocks are too few for{words}");
        let files: Vec<_> = folder.files().into_iter().filter(|(name, _)| name.ends_with(".ron")).collect();
        assert_eq!(files, before);
        _ = fs::remove_dir_all(folder.graph().join(".local"));
    }
}
