//! Splits input into commands and blocks of lines that are parsed as `begat -f` parses a file.

use super::entered;
use crate::syntax;

/// A part of the input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    Command(String),
    Program(String),
}

/// Splits lines into commands and programs. A block of lines is one program. If it does not parse, because its lines
/// are statements without `;` between them, each line becomes a program, except those that continue the previous one.
pub fn pieces(entered: &str) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = Vec::new();
    for line in entered.lines() {
        let is_open = |text: &str| syntax::is_incomplete(text);
        match pieces.last_mut() {
            Some(Piece::Program(text)) if entered::recognised(line).is_none() || is_open(text) => {
                *text += "\n";
                *text += line;
            }
            _ if entered::recognised(line).is_some() => pieces.push(Piece::Command(line.to_string())),
            _ if line.trim().is_empty() => {}
            _ => pieces.push(Piece::Program(line.to_string())),
        }
    }
    pieces.into_iter().flat_map(parted).collect()
}

fn parted(piece: Piece) -> Vec<Piece> {
    let Piece::Program(text) = piece else { return vec![piece] };
    let text = text.trim_end();
    let reads = |text: &str| syntax::parse(text).is_ok();
    let whole = || vec![Piece::Program(text.to_string())];
    if !text.contains('\n') || reads(text) {
        return whole();
    }
    let statements = statements(text);
    match statements.iter().all(|statement| reads(statement)) {
        true => statements.into_iter().map(Piece::Program).collect(),
        false => whole(),
    }
}

/// Splits a text into lines, each with its continuation lines.
fn statements(text: &str) -> Vec<String> {
    let mut statements: Vec<String> = Vec::new();
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        match statements.last_mut().filter(|last| goes_on(last, line)) {
            Some(last) => *last += &format!("\n{line}"),
            None => statements.push(line.to_string()),
        }
    }
    statements
}

/// Returns whether a line continues a text: the text is incomplete; or the line begins with a clause (`show`,
/// `having`), or with a word or mark that begins no statement.
pub fn goes_on(text: &str, line: &str) -> bool {
    if syntax::is_incomplete(text) || begins_clause(text, line) {
        return true;
    }
    let reads = |text: &str| syntax::parse(text).is_ok() || syntax::is_incomplete(text);
    !reads(line) && reads(&format!("{text}\n{line}"))
}

/// Returns whether a line begins with a keyword or mark that may follow the text and begins no statement.
pub fn begins_clause(text: &str, line: &str) -> bool {
    let line = line.trim_start();
    let first = line.split(|c: char| !c.is_alphanumeric()).next().unwrap_or("");
    let begins = |before: &str| {
        let next = syntax::expected(before).next;
        let is_mark = next.marks.iter().any(|mark| line.starts_with(mark));
        is_mark || next.keywords.iter().any(|keyword| keyword.eq_ignore_ascii_case(first))
    };
    !line.is_empty() && begins(&format!("{text}\n")) && !begins("")
}

/// Returns the last statement of a program; `None` if a `;` ends it.
pub fn last_statement(program: &str) -> Option<&str> {
    let last = program.get(syntax::last_statement(program)..)?.trim();
    (!last.is_empty()).then_some(last)
}

#[cfg(test)]
mod tests {
    use super::{Piece, begins_clause, goes_on, last_statement, pieces};

    fn programs(entered: &str) -> Vec<String> {
        let text = |piece| match piece {
            Piece::Command(text) => format!("! {text}"),
            Piece::Program(text) => text,
        };
        pieces(entered).into_iter().map(text).collect()
    }

    #[test]
    fn a_block_is_one_program() {
        let whole = "Model m uses Technique t\n  show count(m) by t\n\n  having count(m) >= 2";
        assert_eq!(programs(whole), [whole]);
        let several = "Model;\n\nModel uses MLA\n  and MoE;\n# a comment\nOrg";
        assert_eq!(programs(several), [several]);
        let wrong = "Model m uses Technique t\n  show count(m) by t\n  havin count(m) >= 2";
        assert_eq!(programs(wrong), [wrong]);
    }

    #[test]
    fn lines_that_stand_for_themselves_are_programs() {
        assert_eq!(programs("Model\n\n:help\nModel uses MLA"), ["Model", "! :help", "Model uses MLA"]);
        assert_eq!(programs("Model\nOrg\n"), ["Model", "Org"]);
        let two = "Model m\n  where m.date > 2020\nOrg develops\n  Model";
        assert_eq!(programs(two), ["Model m\n  where m.date > 2020", "Org develops\n  Model"]);
        assert_eq!(programs("Org\nModel uses (\nOrg"), ["Org\nModel uses (\nOrg"]);
    }

    #[test]
    fn clauses_go_on() {
        for line in [
            "show m",
            " where m.date > 1",
            "having count(m) > 1",
            "ORDER BY m",
            "limit 3",
            ", m uses MLA",
            "and (",
            "to \"x\"",
        ] {
            assert!(begins_clause("Model m uses Technique t", line), "{line}");
        }
        for line in [
            "Model",
            "count Model",
            "define Model m x Technique t as m uses t",
            "\"x\"",
            "(",
            "",
            "zzz",
            "why Model",
            "path Model",
        ] {
            assert!(!begins_clause("Model m uses Technique t", line), "{line}");
        }
        assert!(!begins_clause("Model m;", "show m"));
        assert!(goes_on("Model m", "uses MLA") && goes_on("Model uses", "MLA") && !goes_on("Model", "Org"));
    }

    #[test]
    fn the_last_statement() {
        assert_eq!(last_statement("Model; Org"), Some("Org"));
        assert_eq!(last_statement("Model;"), None);
    }
}
