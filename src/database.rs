//! Stands in until the engine lands.
#![allow(missing_docs)]

use crate::answer::{Answer, Explained, Row, Subgraph};
use crate::check::typed;
use crate::graph::Graph;
use crate::text::{Diagnostic, Diagnostics, Text};
use crate::value::Value;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

#[derive(Clone, Default)]
pub struct Database {
    graph: Graph,
}
#[derive(Clone, Default)]
pub struct Limits {
    pub time: Option<Duration>,
    pub rows: Option<u64>,
    pub memory: Option<u64>,
}
#[derive(Clone, Default)]
pub struct Options {
    pub params: Vec<(String, Value)>,
    pub possibly: bool,
    pub limits: Limits,
    pub cancel: Option<Arc<AtomicBool>>,
    pub disabled_rewrites: Vec<String>,
}
pub struct Prepared {
    pub text: Arc<Text>,
    pub query: typed::Query,
}
pub enum Error {
    Query(Arc<Text>, Diagnostics),
    Data(Diagnostics),
    Io { path: PathBuf, reason: String },
    Limit(Diagnostic),
    Interrupted,
}
impl Database {
    pub fn builtin() -> Database {
        Database::default()
    }
    pub fn open(_path: &Path) -> Result<Database, Error> {
        Ok(Database::default())
    }
    pub fn graph(&self) -> &Graph {
        &self.graph
    }
    pub fn prepare(&self, _text: &str, _options: &Options) -> Result<Vec<Prepared>, Error> {
        Ok(Vec::new())
    }
    pub fn run(&self, _prepared: &Prepared, _options: &Options) -> Result<Answer, Error> {
        Err(Error::Interrupted)
    }
    pub fn subgraph(&self, _prepared: &Prepared, _options: &Options) -> Result<Subgraph, Error> {
        Err(Error::Interrupted)
    }
    pub fn why(&self, _prepared: &Prepared, _row: &Row, _options: &Options) -> Result<Explained, Error> {
        Err(Error::Interrupted)
    }
    pub fn define(&mut self, _text: &str) -> Result<(), Error> {
        Ok(())
    }
}
