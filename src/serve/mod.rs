//! The door for browsers and programs: a page and a JSON interface over HTTP, for this machine unless told otherwise.
//!
//! The protocol is the library's (`server`); what a request gives is here, as a path in and bytes out (`routes`), and as a
//! page for people (`page`). Nothing is written, no request names a file, and limits are always on. The same as files of a
//! folder, for who publishes a graph, is `site`; `parts` serves both.

mod page;
mod parts;
mod routes;
mod server;
mod site;

pub use routes::{Reply, Request, reply};
pub use server::{Hosts, serve};
pub use site::{Saved, site};
