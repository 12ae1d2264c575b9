//! Asks a question, prints the rows, and says why the first of them holds.
//!
//! ```sh
//! cargo run --example ask -- 'Model m uses MLA show m, m.date'
//! cargo run --example ask -- 'Language appeared before 1970' graph-data/languages
//! ```

use begat::Database;
use std::process::ExitCode;

fn main() -> Result<ExitCode, begat::Error> {
    let mut arguments = std::env::args().skip(1);
    let text = arguments.next().unwrap_or_else(|| "Model m uses MLA show m, m.date".to_string());
    let database = arguments.next().map_or_else(|| Ok(Database::builtin()), Database::open)?;
    let answer = match database.query(&text) {
        Ok(answer) => answer,
        // As a compiler shows it, with carets and the edits that mend the text.
        Err(error) => {
            eprint!("{}", error.render(false, 100));
            return Ok(ExitCode::FAILURE);
        }
    };
    print!("{answer}");
    println!("{} certain, {} more possible", answer.certain(), answer.more_possible());
    if let Some(row) = answer.rows().next()
        && let Some(proof) = answer.why(&row)?
    {
        print!("\n{proof}");
    }
    Ok(ExitCode::SUCCESS)
}
