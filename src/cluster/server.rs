//! A session at a Spark Connect server: statements with a deadline, which Ctrl-C and a lost server end.

use super::address::Address;
use super::rows::Rows;
use crate::database::Error;
use crate::limits;
use spark_connect::{SparkError, SparkSession};
use std::io::ErrorKind;
use std::net::{TcpStream, ToSocketAddrs};
use std::ops::Sub;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

/// How often a waiting statement looks whether it shall stop.
const LOOK: Duration = Duration::from_millis(20);
/// How often a waiting statement asks whether the server still listens.
const PROBE: Duration = Duration::from_secs(2);
/// How long a server may not be reached before it counts as lost. (The client of the protocol itself would try again for
/// an hour.)
const PATIENCE: Duration = Duration::from_secs(30);
/// The same where the machine answers that nothing listens there: that server's session is gone for good.
const REFUSALS: u32 = 2;

/// A session at a server.
pub struct Server {
    session: SparkSession,
    pub address: Address,
    statements: AtomicU64,
    rounds: AtomicU64,
    received: AtomicU64,
}

/// What a session has been asked so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Work {
    /// Statements that returned rows.
    pub statements: u64,
    /// Rounds of tables that grow, each of them a statement.
    pub rounds: u64,
    /// Rows that were received.
    pub received: u64,
}

/// Why a server cannot be reached.
enum Unreachable {
    Refused,
    Other(String),
}

impl Server {
    /// Begins a session.
    ///
    /// # Errors
    /// Nothing listens there, or the server does not speak the protocol.
    pub fn connect(address: Address) -> Result<Server, Error> {
        let failed = |reason: String| failure(&address, &reason);
        // The client of the protocol connects only with the first statement, and then tries for minutes.
        probed(&address).map_err(|why| failed(why.words(&address)))?;
        let connection = address.connection();
        let opened = waited(&address, move || SparkSession::builder().remote(&connection).get_or_create())?;
        let session = opened.map_err(|error| failed(error.message()))?;
        let [statements, rounds, received] = [const { AtomicU64::new(0) }; 3];
        Ok(Server { session, address, statements, rounds, received })
    }

    /// Returns what was asked so far.
    pub fn work(&self) -> Work {
        let [statements, rounds, received] =
            [&self.statements, &self.rounds, &self.received].map(|counter| counter.load(Ordering::Relaxed));
        Work { statements, rounds, received }
    }

    /// Counts a round of a table that grows.
    pub fn count_round(&self) {
        self.rounds.fetch_add(1, Ordering::Relaxed);
    }

    /// Runs a statement and returns its rows.
    ///
    /// # Errors
    /// The server refuses the statement or is lost; a limit or Ctrl-C stopped it, which also ends its jobs.
    pub fn rows(&self, statement: &str) -> Result<Rows, Error> {
        let statement = statement.to_string();
        let rows = self.ask(move |session| Ok(Rows(session.sql(&statement)?.collect_record_batches()?)))?;
        self.statements.fetch_add(1, Ordering::Relaxed);
        self.received.fetch_add(rows.len() as u64, Ordering::Relaxed);
        Ok(rows)
    }

    /// Does something in the session.
    ///
    /// # Errors
    /// Those of [`Server::rows`].
    pub fn ask<T: Send + 'static>(
        &self,
        ask: impl FnOnce(&SparkSession) -> Result<T, SparkError> + Send + 'static,
    ) -> Result<T, Error> {
        let session = self.session.clone();
        let done = waited(&self.address, move || ask(&session));
        if matches!(done, Err(Error::Limit(_) | Error::Interrupted)) {
            self.interrupt();
        }
        done?.map_err(|error| match probed(&self.address) {
            Err(why) => failure(&self.address, &format!("the server was lost: {}", why.words(&self.address))),
            Ok(()) => failure(&self.address, &reason(&error.message())),
        })
    }

    /// Ends the jobs of the session, without waiting for it: the server may be the reason for the interruption.
    fn interrupt(&self) {
        let session = self.session.clone();
        let (sender, ended) = mpsc::channel();
        thread::spawn(move || sender.send(session.interrupt_all().is_ok()));
        let _ = ended.recv_timeout(PROBE);
    }
}

impl Sub for Work {
    type Output = Work;

    fn sub(self, before: Work) -> Work {
        Work {
            statements: self.statements - before.statements,
            rounds: self.rounds - before.rounds,
            received: self.received - before.received,
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let session = self.session.clone();
        let (sender, ended) = mpsc::channel();
        thread::spawn(move || sender.send(session.stop().is_ok()));
        let _ = ended.recv_timeout(PROBE);
    }
}

/// Runs work in a thread of its own, for as long as the budget of this thread lasts and the server listens.
fn waited<T: Send + 'static>(address: &Address, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Error> {
    let (sender, done) = mpsc::channel();
    thread::spawn(move || sender.send(work()));
    let mut watch = Watch { probe: None, asked: Instant::now(), lost: None, refusals: 0 };
    loop {
        match done.recv_timeout(LOOK) {
            Ok(result) => return Ok(result),
            Err(RecvTimeoutError::Disconnected) => return Err(failure(address, "the client ended")),
            Err(RecvTimeoutError::Timeout) => {}
        }
        limits::check()?;
        if let Some(why) = watch.lost(address) {
            return Err(failure(address, &format!("the server was lost: {why}")));
        }
    }
}

/// Asks now and then whether a server listens.
struct Watch {
    probe: Option<Receiver<Result<(), Unreachable>>>,
    asked: Instant,
    /// Since when it does not.
    lost: Option<Instant>,
    refusals: u32,
}

impl Watch {
    /// Returns why the server counts as lost; `None` while it does not.
    fn lost(&mut self, address: &Address) -> Option<String> {
        let Some(probe) = &self.probe else {
            if self.asked.elapsed() >= PROBE {
                let (sender, answer) = mpsc::channel();
                let address = address.clone();
                thread::spawn(move || sender.send(probed(&address)));
                (self.asked, self.probe) = (Instant::now(), Some(answer));
            }
            return None;
        };
        let answer = probe.try_recv().ok()?;
        self.probe = None;
        let Err(why) = answer else {
            (self.lost, self.refusals) = (None, 0);
            return None;
        };
        self.refusals += u32::from(matches!(why, Unreachable::Refused));
        let since = *self.lost.get_or_insert(self.asked);
        (self.refusals >= REFUSALS || since.elapsed() >= PATIENCE).then(|| why.words(address))
    }
}

/// Asks whether anything listens at an address.
fn probed(address: &Address) -> Result<(), Unreachable> {
    let host = address.host.trim_matches(['[', ']']);
    let places = (host, address.port).to_socket_addrs().map_err(|error| Unreachable::Other(error.to_string()))?;
    let mut why = Unreachable::Other("the host has no address".to_string());
    for place in places {
        match TcpStream::connect_timeout(&place, PROBE) {
            Ok(_) => return Ok(()),
            Err(error) if error.kind() == ErrorKind::ConnectionRefused => why = Unreachable::Refused,
            Err(error) => why = Unreachable::Other(error.to_string()),
        }
    }
    Err(why)
}

impl Unreachable {
    fn words(self, address: &Address) -> String {
        match self {
            Unreachable::Refused => format!("nothing listens at {}:{}", address.host, address.port),
            Unreachable::Other(reason) => {
                format!("{}:{} cannot be reached: {}", address.host, address.port, reason.to_lowercase())
            }
        }
    }
}

/// Returns the error that a graph on a cluster cannot be read.
pub fn failure(address: &Address, reason: &str) -> Error {
    Error::Read { path: PathBuf::from(address.to_string()), reason: address.redacted(reason) }
}

/// Returns the first line of a server's message: the others are its plan and its stack.
fn reason(message: &str) -> String {
    let line = message.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or("the server gives no reason");
    let short: String = line.chars().take(300).collect();
    let lost = ["PATH_NOT_FOUND", "No such file", "does not exist", "No files found"];
    match lost.iter().any(|word| message.contains(word)) {
        true => format!("{short}; the server must see the lake under the same path as begat"),
        false => short,
    }
}

#[cfg(test)]
mod tests {
    use super::{Address, Server, reason};
    use std::net::TcpListener;
    use std::time::{Duration, Instant};

    #[test]
    fn a_port_where_nothing_listens_is_told_at_once() {
        let port = TcpListener::bind("127.0.0.1:0").and_then(|it| it.local_addr()).expect("a free port").port();
        let address = Address::parse(&format!("spark://127.0.0.1:{port}/lake;token=s3cr3t")).expect("a name");
        let begun = Instant::now();
        let error = Server::connect(address).err().expect("nothing listens").to_string();
        assert!(
            error.contains(&format!("nothing listens at 127.0.0.1:{port}")) && !error.contains("s3cr3t"),
            "{error}"
        );
        assert!(begun.elapsed() < Duration::from_secs(5));
    }

    #[test]
    fn the_first_line_of_a_message_is_its_reason() {
        assert_eq!(reason("\n[X] wrong\nat java.lang"), "[X] wrong");
        assert!(reason("[PATH_NOT_FOUND] /lake").ends_with("under the same path as begat"));
    }
}
