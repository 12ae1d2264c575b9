//! The door for browsers and programs: a page and a JSON interface over HTTP, for this machine unless told otherwise.
//!
//! The protocol is the library's (`server`); what a request gives is here, as a path in and bytes out (`routes`), and as a
//! page for people (`page`). Nothing is written, no request names a file, and limits are always on.

mod page;
mod routes;
mod server;

pub use routes::{Reply, Request, reply};
pub use server::{Hosts, serve};
