//! Writes an answer in a format of its own: a LaTeX table in which what is only possible is slanted.
//!
//! ```sh
//! cargo run --example own_format -- 'Model m possibly uses MoE show m, m.date'
//! ```

use begat::{Answer, Cell, Database, Options};
use std::fmt::{self, Write};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let text = std::env::args().nth(1).unwrap_or_else(|| "Model m uses MoE show m, m.date, m.parameters".to_string());
    let answer = Database::builtin().query_with(&text, &Options::new().possibly(true))?;
    let mut out = String::new();
    latex(&answer, &mut out)?;
    print!("{out}");
    Ok(())
}

fn latex(answer: &Answer, out: &mut String) -> fmt::Result {
    let columns: Vec<_> = answer.table().columns().collect();
    let align: String = columns.iter().map(|column| if column.numeric { 'r' } else { 'l' }).collect();
    let titles: Vec<String> = columns.iter().map(|column| escaped(column.title)).collect();
    writeln!(out, "\\begin{{tabular}}{{{align}}}\n{} \\\\\n\\hline", titles.join(" & "))?;
    for row in answer {
        let cell = |cell: Cell| match (cell, row.is_certain()) {
            (Cell::Absent, _) => "---".to_string(),
            (cell, true) => escaped(&cell.to_string()),
            (cell, false) => format!("\\textsl{{{}}}", escaped(&cell.to_string())),
        };
        let cells: Vec<String> = row.cells().map(cell).collect();
        writeln!(out, "{} \\\\", cells.join(" & "))?;
    }
    writeln!(out, "\\end{{tabular}}")
}

fn escaped(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '&' | '%' | '$' | '#' | '_' | '{' | '}' => out.extend(['\\', c]),
            '\\' => out.push_str("\\textbackslash{}"),
            '~' => out.push_str("\\textasciitilde{}"),
            '^' => out.push_str("\\textasciicircum{}"),
            c => out.push(c),
        }
    }
    out
}
