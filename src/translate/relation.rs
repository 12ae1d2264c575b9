//! Links and paths as tables of pairs `src`, `dst`.

use super::pattern::Wheres;
use super::{Mode, Refused, Sql, Writer, refuse};
use crate::graph::SourceId;
use crate::plan::{DefineId, Link, Path};
use crate::schema::TypeSet;

/// Where a path begins: a `SELECT` of numbers `n`, which are its ends at one side. More pairs than those do no harm.
#[derive(Debug, Clone)]
pub(super) struct Seed {
    pub sql: String,
    /// They are the objects.
    pub inverse: bool,
}

impl Path {
    /// Returns true if a part of the path repeats.
    pub(super) fn repeats(&self) -> bool {
        match self {
            Path::Link { .. } => false,
            Path::Sequence(all) | Path::Either(all) => all.iter().any(Path::repeats),
            Path::Repeat { .. } => true,
        }
    }
}

impl Writer<'_> {
    /// What the row of a fact has to meet to count in a mode, by a source if one is named; nothing where all count.
    pub(super) fn counts(&mut self, source: Option<SourceId>, mode: Mode) -> Result<Option<Wheres>, Refused> {
        let Some(source) = source else {
            let certain: Wheres = Box::new(|alias| format!("{alias}.certain"));
            return Ok((!mode.possible).then_some(certain));
        };
        let key = self.dialect.text(&self.graph.claims().source(source).key);
        let file = self.dialect.file(&format!("{}/claims.parquet", self.lake));
        let claims = self.table("claims", |_| Ok(format!("SELECT * FROM {file}")))?;
        let sure = if mode.possible { "" } else { " AND c.trust <> 'doubtful'" };
        let cited = format!("SELECT c.fact FROM {claims} c WHERE c.source = {key}{sure}");
        Ok(Some(Box::new(move |alias| format!("{alias}.fact IN ({cited})"))))
    }

    /// The condition that a number is that of an entity of these types.
    pub(super) fn is_of(&self, number: &str, types: TypeSet) -> String {
        let ranges = self.graph.ranges(types);
        let range = |range: &std::ops::Range<u32>| format!("{number} BETWEEN {} AND {}", range.start, range.end - 1);
        match ranges.as_slice() {
            [] => "false".to_string(),
            [one] => range(one),
            all => format!("({})", all.iter().map(range).collect::<Vec<_>>().join(" OR ")),
        }
    }

    /// All entities.
    pub(super) fn entities(&mut self) -> Sql {
        let types: Vec<String> = self.graph.schema().types().map(|(_, type_)| type_.name.clone()).collect();
        let (lake, dialect) = (self.lake, self.dialect);
        let part = |name: &String| {
            let file = dialect.file(&format!("{lake}/types/{}.parquet", name.replace(['/', '\\'], "_")));
            format!("SELECT vid, name, {} AS type FROM {file}", dialect.text(name))
        };
        let body = types.iter().map(part).collect::<Vec<_>>().join(" UNION ALL ");
        self.table("entity", |_| Ok(body))
    }

    /// The pairs of a link as a table, and what its rows have to meet.
    pub(super) fn link_pairs(
        &mut self,
        path: &Path,
        source: Option<SourceId>,
        mode: Mode,
    ) -> Result<(String, Option<Wheres>), Refused> {
        if let Path::Link { link: Link::Verb(verb), inverse: false } = path {
            let name = self.graph.schema().verb(*verb).name.clone();
            return Ok((self.file("verb ", "verbs", &name)?, self.counts(source, mode)?));
        }
        Ok((format!("({})", self.pairs(path, source, mode, None)?), None))
    }

    /// A `SELECT` of the pairs that a path joins; a pair may stand there more than once.
    pub(super) fn pairs(&mut self, path: &Path, source: Option<SourceId>, mode: Mode, seed: Option<&Seed>) -> Sql {
        match path {
            Path::Link { link: Link::Define(define), inverse } => {
                let name = self.defined(*define, mode)?;
                let (src, dst) = if *inverse { ("dst", "src") } else { ("src", "dst") };
                Ok(format!("SELECT {src} AS src, {dst} AS dst FROM {name}"))
            }
            Path::Link { link, inverse } => {
                let (table, counts) = self.link_pairs(&Path::Link { link: *link, inverse: false }, source, mode)?;
                let alias = self.alias("f");
                let (src, dst) = if *inverse { ("dst", "src") } else { ("src", "dst") };
                let wheres = counts.map_or(String::new(), |counts| format!(" WHERE {}", counts(&alias)));
                Ok(format!("SELECT {alias}.{src} AS src, {alias}.{dst} AS dst FROM {table} {alias}{wheres}"))
            }
            Path::Either(all) => {
                let all: Result<Vec<String>, _> = all.iter().map(|path| self.pairs(path, source, mode, seed)).collect();
                Ok(all?.join(" UNION "))
            }
            Path::Sequence(all) => self.sequence(all, source, mode, seed),
            Path::Repeat { path, min, max, types } => self.repeated(path, (*min, *max), *types, source, mode, seed),
        }
    }

    /// One path after the other, from the side where it begins.
    fn sequence(&mut self, all: &[Path], source: Option<SourceId>, mode: Mode, seed: Option<&Seed>) -> Sql {
        let inverse = seed.is_some_and(|seed| seed.inverse);
        let mut order: Vec<&Path> = all.iter().collect();
        if inverse {
            order.reverse();
        }
        let mut whole: Option<String> = None;
        for path in order {
            let Some(before) = whole else {
                let pairs = self.pairs(path, source, mode, seed)?;
                whole = Some(self.new_table("way", pairs));
                continue;
            };
            let end = if inverse { "src" } else { "dst" };
            let next = Seed { sql: format!("SELECT DISTINCT {end} AS n FROM {before}"), inverse };
            let pairs = self.pairs(path, source, mode, (seed.is_some() && path.repeats()).then_some(&next))?;
            let (first, second) = if inverse { ("n", "b") } else { ("b", "n") };
            let body = format!(
                "SELECT DISTINCT {first}.src, {second}.dst FROM {before} b JOIN ({pairs}) n ON {first}.dst = {second}.src"
            );
            whole = Some(self.new_table("way", body));
        }
        whole.map_or_else(|| refuse("a path of nothing"), |name| Ok(format!("SELECT src, dst FROM {name}")))
    }

    /// A `SELECT` of the entities where a path of no steps stays according to a source: those that a fact of its links
    /// speaks of. Nothing where no source is named, since it stays everywhere.
    fn spoken_of(&mut self, path: &Path, source: Option<SourceId>, mode: Mode) -> Result<Option<String>, Refused> {
        if source.is_none() {
            return Ok(None);
        }
        let mut links = Vec::new();
        path.links(&mut |link| links.push(link));
        let mut parts = Vec::new();
        for link in links {
            let pairs = self.pairs(&Path::Link { link, inverse: false }, source, mode, None)?;
            let known = self.new_table("known", pairs);
            parts.extend(["src", "dst"].map(|end| format!("SELECT {end} AS vid FROM {known}")));
        }
        let none = || "SELECT CAST(NULL AS BIGINT) AS vid".to_string();
        Ok(Some(if parts.is_empty() { none() } else { parts.join(" UNION ") }))
    }

    /// So many times the path: the hops up to `min` one by one, then the rest as a set that grows until nothing is new.
    fn repeated(
        &mut self,
        path: &Path,
        (min, max): (u32, Option<u32>),
        types: TypeSet,
        source: Option<SourceId>,
        mode: Mode,
        seed: Option<&Seed>,
    ) -> Sql {
        let pairs = self.pairs(path, source, mode, None)?;
        let itself = {
            let (number, from) = match seed {
                Some(seed) => ("e.n", format!("({})", seed.sql)),
                None => ("e.vid", self.entities()?),
            };
            let is_of = self.is_of(number, types);
            let known = self.spoken_of(path, source, mode)?;
            let known = known.map_or(String::new(), |known| format!(" AND {number} IN ({known})"));
            format!("SELECT DISTINCT {number} AS src, {number} AS dst FROM {from} e WHERE {is_of}{known}")
        };
        let hop = self.new_table("hop", pairs);
        let inverse = seed.is_some_and(|seed| seed.inverse);
        let step = |before: &str| match inverse {
            false => format!("SELECT r.src, s.dst FROM {before} r JOIN {hop} s ON s.src = r.dst"),
            true => format!("SELECT s.src, r.dst FROM {before} r JOIN {hop} s ON s.dst = r.src"),
        };
        let mut last = self.new_table("hops", itself);
        for _ in 0..min {
            last = self.new_table("hops", step(&last).replacen("SELECT", "SELECT DISTINCT", 1));
        }
        let Some(max) = max else {
            let closure = self.growing("closure", format!("SELECT src, dst FROM {last}"), step);
            return Ok(format!("SELECT src, dst FROM {closure}"));
        };
        let mut parts = vec![format!("SELECT src, dst FROM {last}")];
        for _ in min..max {
            last = self.new_table("hops", step(&last).replacen("SELECT", "SELECT DISTINCT", 1));
            parts.push(format!("SELECT src, dst FROM {last}"));
        }
        Ok(parts.join(" UNION "))
    }

    /// The quoted name of a common table of the pairs of a definition. One that is a closure of a path is that closure.
    pub(super) fn defined(&mut self, define: DefineId, mode: Mode) -> Sql {
        let plan = self.plan;
        let definition = &plan.definitions[define.0 as usize];
        // A definition is worked out apart from what uses it.
        let mode = if mode.possible { Mode::POSSIBLE } else { Mode::CERTAIN };
        let grade = if mode.possible { "possible" } else { "certain" };
        let name = format!("{} {grade} {}", definition.name, define.0);
        if let Some(path) = definition.closure() {
            return self.table(&name, |writer| writer.pairs(path, None, mode, None));
        }
        if definition.is_recursive {
            return refuse("a definition that uses itself other than as one path repeated");
        }
        self.table(&name, |writer| {
            let slots = writer.slots;
            let ends = (definition.subject, definition.object);
            let all: Result<Vec<String>, _> =
                definition.patterns().map(|pattern| writer.ends(pattern, ends, mode)).collect();
            writer.slots = slots;
            Ok(all?.join(" UNION "))
        })
    }
}
