//! The protocol, as the library has it: every request is a blocking call on a thread of its own, which ends soon after its
//! client has gone.

use super::routes::{self, Reply, Request};
use crate::database::Database;
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::header::{self, HeaderMap, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Response};
use hyper_util::rt::{TokioIo, TokioTimer};
use std::convert::Infallible;
use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;

/// Stack size of the threads: that of a main thread, which parsers of nested texts rely on.
const STACK: usize = 8 << 20;
/// Maximum number of open connections; further clients wait. Each may hold an answer in memory.
const CONNECTIONS: usize = 128;
/// Maximum number of queries within their first [`SLICE`] at the same time; others wait for their turn. More share the
/// cores and take longer each; with fewer, each long one delays the others for its whole slice.
const QUICK: usize = 4;
/// The time after which a query counts as long and gives up its turn, so that quick ones do not wait for it. Shorter, more
/// queries wait for the few turns of long ones; longer, quick ones wait longer.
const SLICE: Duration = Duration::from_millis(100);
/// Maximum time that a request waits for a turn, before it is told that the server is busy.
const TURN: Duration = Duration::from_secs(20);
/// Maximum time in which the head of a request must arrive: clients that send slowly would otherwise occupy all
/// connections (the attack called Slowloris).
const HEADERS: Duration = Duration::from_secs(10);
/// Maximum time of a connection: a client that reads slowly keeps its place from others.
const CONNECTION: Duration = Duration::from_secs(60);
/// Maximum length of the body of a request, in bytes.
const LONGEST_BODY: usize = 128 << 10;

/// The names by which a client may call this server. A page from elsewhere that has a name of its own lead here is none
/// of them.
#[derive(Debug, Clone)]
pub struct Hosts {
    /// As `--host` says.
    pub given: String,
}

impl Hosts {
    /// Returns whether a `Host`, with or without a port, is one of them: an address, `localhost`, or the name given.
    pub fn allow(&self, host: &str) -> bool {
        let name = match host.rsplit_once(':') {
            Some((name, port)) if !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit()) => name,
            _ => host,
        };
        let address = name.trim_start_matches('[').trim_end_matches(']');
        address.parse::<IpAddr>().is_ok()
            || name.eq_ignore_ascii_case("localhost")
            || name.eq_ignore_ascii_case(&self.given)
    }
}

/// What all connections share.
#[derive(Debug)]
struct Site {
    database: Database,
    hosts: Hosts,
    /// Turns of queries that have just begun.
    quick: Semaphore,
    /// Turns of long ones, as many as there are cores, so that they leave room for the quick ones.
    long: Semaphore,
}

/// Answers until the process ends.
///
/// # Errors
/// The listener cannot be used.
pub fn serve(database: Database, listener: std::net::TcpListener, hosts: Hosts) -> io::Result<()> {
    listener.set_nonblocking(true)?;
    let cores = std::thread::available_parallelism().map_or(2, |cores| cores.get().max(2));
    let site = Arc::new(Site { database, hosts, quick: Semaphore::new(QUICK), long: Semaphore::new(cores) });
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().thread_stack_size(STACK).build()?;
    runtime.block_on(async move {
        let listener = tokio::net::TcpListener::from_std(listener)?;
        let places = Arc::new(Semaphore::new(CONNECTIONS));
        loop {
            let place = places.clone().acquire_owned().await.map_err(io::Error::other)?;
            let Ok((stream, _)) = listener.accept().await else {
                // Too many files are open, for example: that passes.
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            };
            let site = site.clone();
            tokio::spawn(async move {
                let service = service_fn(|request| respond(site.clone(), request));
                let connection = http1::Builder::new()
                    .timer(TokioTimer::new())
                    .header_read_timeout(HEADERS)
                    .keep_alive(false)
                    .serve_connection(TokioIo::new(stream), service);
                // A client that goes away, or is too slow, is nobody else's matter.
                let _ = tokio::time::timeout(CONNECTION, connection).await;
                drop(place);
            });
        }
    })
}

async fn respond(site: Arc<Site>, request: hyper::Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    let is_head = request.method() == Method::HEAD;
    let reply = answered(&site, request).await;
    Ok(response(reply, is_head))
}

async fn answered(site: &Arc<Site>, request: hyper::Request<Incoming>) -> Reply {
    if request.headers().get_all(header::HOST).iter().count() > 1 {
        return Reply::refusal(400, "a request has one host");
    }
    if let Err(words) = admitted(&site.hosts, request.headers()) {
        return Reply::refusal(403, words);
    }
    let is_post = match *request.method() {
        Method::GET | Method::HEAD => false,
        Method::POST => true,
        _ => return Reply { allowed: "GET, HEAD, POST", ..Reply::refusal(405, "GET, HEAD or POST") },
    };
    let uri = request.uri().clone();
    let body = match is_post {
        false => None,
        true => match Limited::new(request.into_body(), LONGEST_BODY).collect().await {
            Ok(body) => Some(body.to_bytes()),
            Err(error) if error.is::<LengthLimitError>() => {
                return Reply::refusal(413, "the body is longer than 128 KiB");
            }
            Err(_) => return Reply::refusal(400, "the body did not come whole"),
        },
    };
    if let Some(asset) = routes::asset(uri.path()) {
        return asset;
    }
    worked(site, &Asked { uri, body }).await
}

/// A request whose answer is work.
#[derive(Debug, Clone)]
struct Asked {
    uri: hyper::Uri,
    body: Option<Bytes>,
}

/// Answers in turn. Every query is begun soon; one that is not done within a slice goes on at once where few are long, else
/// it begins again when it is its turn. So quick queries wait for quick ones only.
async fn worked(site: &Arc<Site>, asked: &Asked) -> Reply {
    let Ok(Ok(quick)) = tokio::time::timeout(TURN, site.quick.acquire()).await else { return busy() };
    let mut work = begun(site, asked);
    if let Ok(reply) = tokio::time::timeout(SLICE, work.done()).await {
        return reply;
    }
    if let Ok(_long) = site.long.try_acquire() {
        drop(quick);
        return work.done().await;
    }
    // It ends soon, and nobody waits for that: others may hold the threads that it needs to notice.
    work.cancel.stop();
    drop((work, quick));
    let Ok(Ok(_long)) = tokio::time::timeout(TURN, site.long.acquire()).await else { return busy() };
    begun(site, asked).done().await
}

fn busy() -> Reply {
    Reply::refusal(503, "too many queries are running: ask again later")
}

/// An answer on its way; it is stopped when nobody waits for it any more.
struct Work {
    cancel: Gone,
    handle: JoinHandle<Reply>,
}

impl Work {
    async fn done(&mut self) -> Reply {
        (&mut self.handle).await.unwrap_or_else(|_| Reply::refusal(500, "this is a bug in begat"))
    }
}

fn begun(site: &Arc<Site>, asked: &Asked) -> Work {
    let cancel = Gone(Arc::new(AtomicBool::new(false)));
    let (site, Asked { uri, body }, flag) = (site.clone(), asked.clone(), cancel.0.clone());
    let handle = tokio::task::spawn_blocking(move || {
        let request = Request { path: uri.path(), query: uri.query().unwrap_or(""), body: body.as_deref() };
        routes::reply(&site.database, &request, &flag)
    });
    Work { cancel, handle }
}

/// Stops the work when nobody waits for it any more.
struct Gone(Arc<AtomicBool>);

impl Gone {
    fn stop(&self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl Drop for Gone {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Whether a request comes from where it may: a page of another site gets nothing.
fn admitted(hosts: &Hosts, headers: &HeaderMap) -> Result<(), &'static str> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let host = text("host").unwrap_or("");
    if !hosts.allow(host) {
        return Err("this server is not called so: use its address, or start it with that name for its host");
    }
    if text("origin").is_some_and(|origin| origin.strip_prefix("http://") != Some(host)) {
        return Err("a page of another site may not ask");
    }
    // A link from elsewhere may lead here; what other pages load may not come from here.
    let is_followed = text("sec-fetch-mode") == Some("navigate") && text("sec-fetch-dest") == Some("document");
    match text("sec-fetch-site") {
        None | Some("same-origin" | "none") => Ok(()),
        Some(_) if is_followed => Ok(()),
        Some(_) => Err("a page of another site may not ask"),
    }
}

/// What every answer says of itself.
const HEADERS_OF_ALL: &[(header::HeaderName, &str)] = &[
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "same-origin"),
    (header::CACHE_CONTROL, "no-store"),
    (header::X_FRAME_OPTIONS, "SAMEORIGIN"),
];

fn response(reply: Reply, is_head: bool) -> Response<Full<Bytes>> {
    let length = reply.body.len();
    let body = if is_head { Bytes::new() } else { Bytes::from(reply.body) };
    let mut response = Response::new(Full::new(body));
    *response.status_mut() =
        hyper::StatusCode::from_u16(reply.status).unwrap_or(hyper::StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    for (name, value) in HEADERS_OF_ALL {
        headers.insert(name.clone(), HeaderValue::from_static(value));
    }
    headers.insert("cross-origin-resource-policy", HeaderValue::from_static("same-origin"));
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(reply.kind));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(reply.policy));
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    if reply.status == 405 {
        headers.insert(header::ALLOW, HeaderValue::from_static(reply.allowed));
    }
    response
}

#[cfg(test)]
mod tests {
    use super::{Hosts, admitted};
    use hyper::header::{HeaderMap, HeaderName, HeaderValue};

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let each = pairs.iter().map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)));
        each.collect()
    }

    #[test]
    fn only_addresses_and_names_of_this_server_are_hosts() {
        let hosts = Hosts { given: "graphs.lan".to_string() };
        for (host, is_allowed) in [
            ("127.0.0.1:4280", true),
            ("[::1]:4280", true),
            ("localhost", true),
            ("LOCALHOST:80", true),
            ("graphs.lan:4280", true),
            ("192.168.1.7", true),
            ("evil.example", false),
            ("localhost.evil.example:4280", false),
            ("127.0.0.1.evil.example", false),
            ("", false),
        ] {
            assert_eq!(hosts.allow(host), is_allowed, "{host}");
        }
    }

    #[test]
    fn pages_of_other_sites_are_not_heard() {
        let hosts = Hosts { given: "127.0.0.1".to_string() };
        let host = ("host", "127.0.0.1:4280");
        for (more, is_heard) in [
            (vec![], true),
            (vec![("origin", "http://127.0.0.1:4280")], true),
            (vec![("origin", "http://127.0.0.1:9999")], false),
            (vec![("origin", "http://evil.example")], false),
            (vec![("origin", "null")], false),
            (vec![("sec-fetch-site", "same-origin")], true),
            (vec![("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "no-cors")], false),
            (
                vec![("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "iframe")],
                false,
            ),
            (
                vec![("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "document")],
                true,
            ),
        ] {
            let all: Vec<_> = [host].into_iter().chain(more).collect();
            assert_eq!(admitted(&hosts, &headers(&all)).is_ok(), is_heard, "{all:?}");
        }
    }
}
