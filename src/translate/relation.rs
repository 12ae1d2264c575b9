//! Links and paths as tables of pairs `src`, `dst`.

use super::{Mode, Sql, Writer, quoted, refuse};
use crate::graph::SourceId;
use crate::plan::{Link, Path};
use crate::schema::TypeSet;

impl Writer<'_> {
    /// Returns the condition that the facts of an alias count in a mode, for a source if one is given; `None` if all
    /// do.
    pub(super) fn counts(
        &mut self,
        alias: &str,
        source: Option<SourceId>,
        mode: Mode,
    ) -> Result<Option<String>, super::Refused> {
        let Some(source) = source else { return Ok((!mode.possible).then(|| format!("{alias}.certain"))) };
        let key = quoted(&self.graph.claims().source(source).key);
        let path = quoted(&format!("{}/claims.parquet", self.lake));
        let claims = self.table("claims".to_string(), |_| Ok(format!("SELECT * FROM read_parquet({path})")))?;
        let sure = if mode.possible { "" } else { " AND c.trust <> 'doubtful'" };
        Ok(Some(format!("EXISTS (SELECT 1 FROM {claims} c WHERE c.fact = {alias}.fact AND c.source = {key}{sure})")))
    }

    /// Returns the condition that a number is the id of an entity of these types.
    pub(super) fn is_of(&self, number: &str, types: TypeSet) -> String {
        let ranges = self.graph.ranges(types);
        let range = |range: &std::ops::Range<u32>| format!("{number} BETWEEN {} AND {}", range.start, range.end - 1);
        match ranges.as_slice() {
            [] => "false".to_string(),
            [one] => range(one),
            all => format!("({})", all.iter().map(range).collect::<Vec<_>>().join(" OR ")),
        }
    }

    /// Returns the table of all entities.
    pub(super) fn entities(&mut self) -> Sql {
        let types: Vec<String> = self.graph.schema().types().map(|(_, type_)| type_.name.clone()).collect();
        let lake = self.lake;
        let part = |name: &String| {
            let path = format!("{lake}/types/{}.parquet", name.replace(['/', '\\'], "_"));
            format!("SELECT vid, name, {} AS type FROM read_parquet({})", quoted(name), quoted(&path))
        };
        let body = types.iter().map(part).collect::<Vec<_>>().join(" UNION ALL ");
        self.table("entity".to_string(), |_| Ok(body))
    }

    /// Returns the table of a link's facts.
    pub(super) fn link(&mut self, link: Link) -> Sql {
        match link {
            Link::Verb(verb) => {
                let name = self.graph.schema().verb(verb).name.clone();
                self.file("verb ", "verbs", &name)
            }
            Link::Define(_) => refuse("a definition that stands in the query"),
        }
    }

    /// Returns a `SELECT` of the pairs that a path joins, distinct if the tables list each pair once.
    pub(super) fn pairs(&mut self, path: &Path, source: Option<SourceId>, mode: Mode) -> Sql {
        match path {
            Path::Link { link: Link::Define(define), inverse } => {
                let name = self.defined(*define, mode)?;
                let (src, dst) = if *inverse { ("dst", "src") } else { ("src", "dst") };
                Ok(format!("SELECT {src} AS src, {dst} AS dst FROM {name}"))
            }
            Path::Link { link, inverse } => {
                let table = self.link(*link)?;
                let alias = self.alias("f");
                let (src, dst) = if *inverse { ("dst", "src") } else { ("src", "dst") };
                let counts = self.counts(&alias, source, mode)?;
                let wheres = counts.map_or(String::new(), |counts| format!(" WHERE {counts}"));
                Ok(format!("SELECT {alias}.{src} AS src, {alias}.{dst} AS dst FROM {table} {alias}{wheres}"))
            }
            Path::Either(all) => {
                let all: Result<Vec<String>, _> = all.iter().map(|path| self.pairs(path, source, mode)).collect();
                Ok(all?.join(" UNION "))
            }
            Path::Sequence(all) => {
                let mut steps = Vec::new();
                for path in all {
                    let pairs = self.pairs(path, source, mode)?;
                    steps.push((self.alias("s"), pairs));
                }
                Ok(self.chained(&steps))
            }
            Path::Repeat { path, min, max, types } => self.repeated(path, (*min, *max), *types, source, mode),
        }
    }

    /// Returns a `SELECT` of the entities at which the empty path may stay according to a source: the ends of facts of
    /// its links. `None` if no source is given, since it then stays everywhere.
    fn spoken_of(
        &mut self,
        path: &Path,
        source: Option<SourceId>,
        mode: Mode,
    ) -> Result<Option<String>, super::Refused> {
        if source.is_none() {
            return Ok(None);
        }
        let mut links = Vec::new();
        path.links(&mut |link| links.push(link));
        let mut parts = Vec::new();
        for link in links {
            let pairs = self.pairs(&Path::Link { link, inverse: false }, source, mode)?;
            parts.push(format!("SELECT unnest([src, dst]) AS vid FROM ({pairs}) known"));
        }
        let none = || "SELECT NULL::BIGINT AS vid WHERE false".to_string();
        Ok(Some(if parts.is_empty() { none() } else { parts.join(" UNION ") }))
    }

    fn chained(&self, steps: &[(String, String)]) -> String {
        let mut from = String::new();
        for (i, (alias, pairs)) in steps.iter().enumerate() {
            match i {
                0 => from = format!("({pairs}) {alias}"),
                _ => from = format!("{from} JOIN ({pairs}) {alias} ON {alias}.src = {}.dst", steps[i - 1].0),
            }
        }
        let (first, last) = (&steps[0].0, &steps[steps.len() - 1].0);
        format!("SELECT DISTINCT {first}.src AS src, {last}.dst AS dst FROM {from}")
    }

    /// Returns the repetition of a path: `min` steps one by one, then a recursive query that grows until no pair is
    /// new.
    fn repeated(
        &mut self,
        path: &Path,
        (min, max): (u32, Option<u32>),
        types: TypeSet,
        source: Option<SourceId>,
        mode: Mode,
    ) -> Sql {
        let step = self.pairs(path, source, mode)?;
        let entities = self.entities()?;
        let itself = {
            let is_of = self.is_of("e.vid", types);
            let known =
                self.spoken_of(path, source, mode)?.map_or(String::new(), |known| format!(" AND e.vid IN ({known})"));
            format!("SELECT e.vid AS src, e.vid AS dst FROM {entities} e WHERE {is_of}{known}")
        };
        let name = self.alias("hop");
        self.table(name.clone(), |_| Ok(step))?;
        let step =
            |before: &str| format!("SELECT DISTINCT r.src, s.dst FROM ({before}) r JOIN {name} s ON s.src = r.dst");
        let least = (0..min).fold(itself, |before, _| step(&before));
        match max {
            Some(max) => {
                let (mut parts, mut last) = (vec![least.clone()], least);
                for _ in min..max {
                    last = step(&last);
                    parts.push(last.clone());
                }
                Ok(parts.join(" UNION "))
            }
            None => {
                let closure = self.alias("closure");
                let body = format!("{least} UNION SELECT r.src, s.dst FROM {closure} r JOIN {name} s ON s.src = r.dst");
                self.table(format!("{closure}(src, dst)"), |_| Ok(body))?;
                Ok(format!("SELECT src, dst FROM {closure}"))
            }
        }
    }

    /// Returns the pairs of a definition as a common table; for the closure of a path, that closure.
    pub(super) fn defined(&mut self, define: crate::plan::DefineId, mode: Mode) -> Sql {
        let plan = self.plan;
        let definition = &plan.definitions[define.0 as usize];
        // A definition is evaluated separately from its uses.
        let mode = if mode.possible { Mode::POSSIBLE } else { Mode::CERTAIN };
        let grade = if mode.possible { "possible" } else { "certain" };
        let name = super::identifier(&format!("{} {grade} {}", definition.name, define.0));
        if let Some(path) = &definition.closure {
            return self.table(name, |writer| writer.pairs(path, None, mode));
        }
        if definition.is_recursive {
            return refuse("a definition that uses itself other than as one path repeated");
        }
        self.table(name, |writer| {
            let body = |writer: &mut Self, pattern| {
                let mut inner = Writer {
                    places: Default::default(),
                    scopes: Vec::new(),
                    ..Writer::new(plan, writer.graph, writer.lake)
                };
                // Common tables and aliases belong to the whole statement, everything else to this body.
                std::mem::swap(&mut inner.tables, &mut writer.tables);
                inner.aliases = writer.aliases;
                let written = inner.ends(pattern, (definition.subject, definition.object), mode);
                writer.aliases = inner.aliases;
                std::mem::swap(&mut inner.tables, &mut writer.tables);
                written
            };
            let all: Result<Vec<String>, _> = definition.patterns().map(|pattern| body(writer, pattern)).collect();
            Ok(all?.join(" UNION "))
        })
    }
}
