//! A service: one graph, a thread for each client, a query a line in, JSON lines out; limits on every query.
//!
//! ```sh
//! cargo run --example service -- 127.0.0.1:4000    # then: echo 'Model uses MLA' | nc 127.0.0.1 4000
//! cargo run --example service                      # asks itself, from several clients at once
//! ```

use begat::{Database, Options};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

/// Longer texts are no queries.
const LONGEST: u64 = 64 << 10;

fn main() -> io::Result<()> {
    let address = std::env::args().nth(1);
    let listener = TcpListener::bind(address.as_deref().unwrap_or("127.0.0.1:0"))?;
    let bound = listener.local_addr()?;
    let database = Database::builtin();
    if address.is_some() {
        println!("listening on {bound}");
        return serve(&listener, &database);
    }
    thread::spawn(move || serve(&listener, &database));
    let clients = ["Model uses MLA", "Model uses MLAA", "Model a, cross Model b, cross Model c, cross Model d"];
    let asked = clients.map(|text| thread::spawn(move || ask(bound, text)));
    for (text, answer) in clients.into_iter().zip(asked) {
        let answer = answer.join().unwrap_or_else(|_| Err(io::Error::other("the client panicked")))?;
        println!("{text}\n  {}", answer.trim_end().chars().take(160).collect::<String>());
    }
    Ok(())
}

fn serve(listener: &TcpListener, database: &Database) -> io::Result<()> {
    for stream in listener.incoming() {
        let (stream, database) = (stream?, database.clone());
        // A client that goes away in the middle is nobody else's matter.
        thread::spawn(move || answer_lines(stream, &database));
    }
    Ok(())
}

fn answer_lines(mut stream: TcpStream, database: &Database) -> io::Result<()> {
    let options = Options::new().timeout(Duration::from_secs(2)).max_rows(10_000).max_memory(256 << 20);
    for line in BufReader::new(stream.try_clone()?.take(LONGEST)).lines() {
        // Whatever the text is, this is JSON: rows, or an error with its diagnostics.
        stream.write_all(database.ask(&line?, &options).as_bytes())?;
    }
    Ok(())
}

fn ask(address: SocketAddr, text: &str) -> io::Result<String> {
    let mut stream = TcpStream::connect(address)?;
    writeln!(stream, "{text}")?;
    stream.shutdown(Shutdown::Write)?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer)
}
