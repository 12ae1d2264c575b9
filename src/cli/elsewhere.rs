//! Graphs whose facts lie on a cluster, named `spark://HOST:PORT/LAKE`.

use super::args::Cluster;
use crate::graph::Graph;
use crate::{Database, Engine, Error};
use std::path::{Path, PathBuf};
use std::sync::Arc;

const SCHEME: &str = "spark://";

/// Returns true for the name of a graph on a cluster.
pub fn is_name(path: &Path) -> bool {
    path.to_str().is_some_and(|name| name.starts_with(SCHEME))
}

/// Returns a graph's name for people: without the parameters of a connection, which may be credentials.
pub fn shown(path: &Path) -> PathBuf {
    match path.to_str().filter(|_| is_name(path)) {
        Some(name) => PathBuf::from(name.split(';').next().unwrap_or_default()),
        None => path.to_path_buf(),
    }
}

/// Opens a graph on a cluster: its catalogue, and the engine that has its facts.
///
/// # Errors
/// It is no such name, the lake cannot be read, or the server cannot be reached.
#[cfg(feature = "spark")]
pub fn open(path: &Path, settings: &Cluster) -> Result<(Database, Arc<dyn Engine>), Error> {
    use super::args::Closure;
    use crate::cluster::{Address, Settings};
    let address = Address::parse(&path.to_string_lossy()).map_err(Error::Usage)?;
    let settings = Settings {
        state: settings.state.clone(),
        fetched: settings.fetch,
        embedded: settings.closure == Closure::Embedded,
        held: settings.held,
    };
    let cluster = crate::cluster::Cluster::open(address, settings)?;
    Ok((cluster.database(), Arc::new(cluster)))
}

/// Fails: this build does not speak to clusters.
///
/// # Errors
/// Always.
#[cfg(not(feature = "spark"))]
pub fn open(path: &Path, _: &Cluster) -> Result<(Database, Arc<dyn Engine>), Error> {
    let words = "this build reads no graphs on clusters (feature `spark`)";
    Err(Error::Usage(format!("`{}`: {words}", shown(path).display())))
}

/// Returns the catalogue of a lake, without asking the server.
pub fn catalogue(path: &Path) -> Option<Graph> {
    let name = shown(path);
    let (_, lake) = name.to_str()?.strip_prefix(SCHEME)?.split_once('/')?;
    crate::snapshot::open(&Path::new("/").join(lake).join("catalogue.begat")).ok()
}
