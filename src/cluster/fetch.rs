//! Facts of a lake → a graph over its catalogue.

use super::Cluster;
use super::growth::{MOST_HELD, Pair};
use super::part::{Around, LakePart};
use super::rows::{Rows, Unexpected};
use crate::database::Error;
use crate::graph::{Builder, ClaimSource, EntityId, Graph, SourceId, Trust};
use crate::limits;
use crate::schema::{PropertyId, VerbId};
use crate::translate::{Loop, SPARK};
use crate::value::{Date, Id, Number, Value, ValueType};
use rustc_hash::FxHashMap;
use std::collections::BTreeSet;

/// Facts that are fetched for one statement unless `--fetch` says otherwise: at some 100 bytes each while the graph is
/// built, a gigabyte.
pub const MOST_FETCHED: u64 = 10_000_000;
/// Entities that a condition lists, for 10 ms: a server parses some 100,000 numbers a second. More are sent as a table.
const MOST_LISTED: usize = 1_000;

/// A fact of a verb as it was fetched: its number, its ends, and whether it is certain.
type Link = (u32, u32, u32, bool);

impl Cluster {
    /// Fetches a part of the lake. Entities keep their numbers.
    ///
    /// # Errors
    /// There are more facts than may be fetched; and those of [`super::server::Server::rows`].
    pub(super) fn fetch(&self, part: &LakePart) -> Result<Graph, Error> {
        let mut found = Found::default();
        match &part.around {
            None => {
                self.admit(part)?;
                for verb in &part.verbs {
                    found.links.push((*verb, self.links(*verb, "")?));
                }
            }
            Some(Around::Among(entities)) => {
                if entities.len() > MOST_HELD {
                    self.admit(part)?;
                }
            }
            Some(Around::Touching(entities)) => {
                let near: BTreeSet<u32> = entities.iter().map(|entity| entity.0).collect();
                let list = listed(&near);
                for verb in &part.verbs {
                    found
                        .links
                        .push((*verb, self.links(*verb, &format!(" WHERE src IN ({list}) OR dst IN ({list})"))?));
                }
            }
            Some(Around::Reached { from, ways }) => self.reached(*from, ways, &mut found)?,
        }
        let near = part.around.as_ref().map(|around| match around {
            Around::Among(entities) => entities.clone(),
            _ => found.entities(part),
        });
        for property in &part.properties {
            found.values.push((*property, self.stated(*property, near.as_ref())?));
        }
        let claims = if part.claims { Some(self.claims(part, &found)?) } else { None };
        let mut settled = Vec::new();
        for property in &part.properties {
            let own = self.catalogue().schema().property(*property);
            if own.single && own.value == ValueType::Date {
                settled.push((*property, self.settled(*property, near.as_ref())?));
            }
        }
        self.built(found, claims, settled)
    }

    /// Returns the number of facts of a part.
    pub(super) fn facts_of(&self, part: &LakePart) -> u64 {
        let verbs = part.verbs.iter().map(|id| self.census.verb(*id).facts);
        verbs.chain(part.properties.iter().map(|id| self.census.property(*id).stated)).sum()
    }

    /// Returns an error if a part has more facts than may be fetched.
    fn admit(&self, part: &LakePart) -> Result<(), Error> {
        let schema = self.catalogue().schema();
        let verbs = part.verbs.iter().map(|id| (self.census.verb(*id).facts, &schema.verb(*id).name));
        let properties =
            part.properties.iter().map(|id| (self.census.property(*id).stated, &schema.property(*id).name));
        let mut all: Vec<(u64, &String)> = verbs.chain(properties).collect();
        let (total, most) = (self.facts_of(part), self.most_fetched());
        if total <= most {
            return Ok(());
        }
        all.sort_by_key(|(count, _)| std::cmp::Reverse(*count));
        let largest: Vec<String> = all.iter().take(3).map(|(count, name)| format!("`{name}` {count}")).collect();
        Err(Error::usage(format!(
            "to answer this, {total} facts would be fetched ({}), and at most {most} are: raise it with --fetch, ask for a \
             part that the server finds itself (`explain` tells), or run it where the whole graph is",
            largest.join(", ")
        )))
    }

    fn links(&self, verb: VerbId, wheres: &str) -> Result<Vec<Link>, Error> {
        let name = &self.catalogue().schema().verb(verb).name;
        let statement = format!("SELECT fact, src, dst, certain FROM {}{wheres}", self.file("verbs", name));
        let rows = self.limited(&statement)?;
        let of = |rows: &Rows| -> Result<Vec<Link>, Unexpected> {
            let (facts, src, dst) = (rows.numbers(0)?, rows.numbers(1)?, rows.numbers(2)?);
            let certain = rows.truths(3)?;
            let ends = facts.into_iter().zip(src).zip(dst).zip(certain);
            Ok(ends.map(|(((fact, src), dst), certain)| (fact, src, dst, certain.unwrap_or(true))).collect())
        };
        of(&rows).map_err(|_| self.unexpected(&statement))
    }

    /// Fetches the facts along ways from an entity: for each way, what it reaches is a table that grows.
    fn reached(&self, from: EntityId, ways: &[Vec<(VerbId, bool)>], found: &mut Found) -> Result<(), Error> {
        let mut links: FxHashMap<(VerbId, u32), Link> = FxHashMap::default();
        found.near.insert(from.0);
        for way in ways {
            let reached = self.closure_of(from, way);
            self.grow(&reached)?;
            for (verb, inverse) in way {
                let near = if *inverse { "dst" } else { "src" };
                let wheres = format!(" WHERE {near} IN (SELECT dst FROM {})", SPARK.name(&reached.table));
                links.extend(self.links(*verb, &wheres)?.into_iter().map(|link| ((*verb, link.0), link)));
            }
            limits::check()?;
            if links.len() as u64 > self.most_fetched() {
                return Err(self.too_many());
            }
        }
        let verbs: BTreeSet<VerbId> = ways.iter().flatten().map(|(verb, _)| *verb).collect();
        for verb in verbs {
            let own = links.iter().filter(|((of, _), _)| *of == verb).map(|(_, link)| *link);
            found.links.push((verb, own.collect()));
        }
        Ok(())
    }

    /// Returns the loop that finds what a way reaches from an entity, which is among it.
    fn closure_of(&self, from: EntityId, way: &[(VerbId, bool)]) -> Loop {
        let table = format!("reached{}", self.next());
        let added = format!("{table}_added");
        let hop = |(verb, inverse): &(VerbId, bool)| {
            let (src, dst) = if *inverse { ("dst", "src") } else { ("src", "dst") };
            let file = self.file("verbs", &self.catalogue().schema().verb(*verb).name);
            format!("SELECT {src} AS src, {dst} AS dst FROM {file}")
        };
        let hops: Vec<String> = way.iter().map(hop).collect();
        let init = format!("SELECT CAST({from} AS BIGINT) AS src, CAST({from} AS BIGINT) AS dst", from = from.0);
        let (added_name, hops) = (SPARK.name(&added), hops.join(" UNION ALL "));
        let step = Loop::distinct(&format!("SELECT r.src, s.dst FROM {added_name} r JOIN ({hops}) s ON s.src = r.dst"));
        Loop { table, added, init, step }
    }

    /// Returns the condition that a column is one of some entities; nothing where they are too many to be sent.
    fn among(&self, column: &str, entities: &BTreeSet<u32>) -> Result<String, Error> {
        Ok(match entities.len() {
            0 => " WHERE false".to_string(),
            1..=MOST_LISTED => format!(" WHERE {column} IN ({})", listed(entities)),
            count if count <= MOST_HELD => {
                let name = format!("among{}", self.next());
                let pairs: Vec<Pair> = entities.iter().map(|entity| (i64::from(*entity), 0)).collect();
                self.view(&name, &pairs)?;
                format!(" WHERE {column} IN (SELECT src FROM {})", SPARK.name(&name))
            }
            _ => String::new(),
        })
    }

    fn stated(&self, property: PropertyId, near: Option<&BTreeSet<u32>>) -> Result<Vec<Stated>, Error> {
        let own = self.catalogue().schema().property(property);
        let columns = match own.value {
            ValueType::Date => "earliest, latest, form",
            ValueType::Number => "words, number",
            ValueType::Text => "words",
        };
        let wheres = near.map_or(Ok(String::new()), |near| self.among("vid", near))?;
        let file = self.file("stated", &own.name);
        let statement = format!("SELECT fact, vid, certain, {columns} FROM {file}{wheres}");
        let rows = self.limited(&statement)?;
        let of = |rows: &Rows| -> Result<Vec<Stated>, Unexpected> {
            let (facts, vids, certain) = (rows.numbers(0)?, rows.numbers(1)?, rows.truths(2)?);
            let values = match own.value {
                ValueType::Date => dates(rows, 3)?.into_iter().map(Value::Date).collect(),
                ValueType::Number => numbers(rows)?,
                ValueType::Text => texts(rows, 3)?.into_iter().map(|text| Value::text(&text)).collect::<Vec<_>>(),
            };
            let all = facts.into_iter().zip(vids).zip(certain).zip(values);
            Ok(all
                .map(|(((fact, vid), certain), value)| Stated { fact, vid, certain: certain.unwrap_or(true), value })
                .collect())
        };
        of(&rows).map_err(|_| self.unexpected(&statement))
    }

    fn settled(&self, property: PropertyId, near: Option<&BTreeSet<u32>>) -> Result<Vec<(u32, Date)>, Error> {
        let name = &self.catalogue().schema().property(property).name;
        let wheres = near.map_or(Ok(String::new()), |near| self.among("vid", near))?;
        let statement = format!("SELECT vid, earliest, latest, form FROM {}{wheres}", self.file("settled", name));
        let rows = self.limited(&statement)?;
        let of = |rows: &Rows| -> Result<Vec<(u32, Date)>, Unexpected> {
            Ok(rows.numbers(0)?.into_iter().zip(dates(rows, 1)?).collect())
        };
        of(&rows).map_err(|_| self.unexpected(&statement))
    }

    /// Fetches the claims of the facts that were found.
    fn claims(&self, part: &LakePart, found: &Found) -> Result<Claims, Error> {
        let facts = found.facts();
        let wheres = match facts.len() {
            ..=MOST_HELD => self.among("fact", &facts)?,
            // The facts of a verb are numbered one after the other.
            _ => self.ranges(part),
        };
        let columns = "fact, claim, source, place, trust, quote, note, date";
        let statement = format!("SELECT {columns} FROM {}{wheres}", SPARK.file(&self.path("claims.parquet")));
        let rows = self.limited(&statement)?;
        let of = |rows: &Rows| -> Result<Claims, Unexpected> {
            let mut claims = Claims::default();
            let text = |column: usize| texts(rows, column);
            let (source, at, trust) = (text(2)?, text(3)?, text(4)?);
            let (quote, note, date) = (text(5)?, text(6)?, text(7)?);
            for (i, (fact, claim)) in rows.numbers(0)?.into_iter().zip(rows.numbers(1)?).enumerate() {
                claims.of_facts.push((fact, claim));
                claims.all.entry(claim).or_insert_with(|| ClaimSource {
                    source: self.catalogue().claims().lookup_source(&source[i]),
                    at: at[i].clone(),
                    trust: Trust::ALL.into_iter().find(|known| known.name() == trust[i]).unwrap_or_default(),
                    quote: quote[i].clone(),
                    note: note[i].clone(),
                    date: Date::parse(&date[i]).ok().filter(|_| !date[i].is_empty()),
                });
            }
            Ok(claims)
        };
        of(&rows).map_err(|_| self.unexpected(&statement))
    }

    /// Returns the condition that a fact is one of the verbs and properties of a part.
    fn ranges(&self, part: &LakePart) -> String {
        let schema = self.catalogue().schema();
        let mut first = 0;
        let mut ranges = Vec::new();
        let mut next = |count: u64, is_wanted: bool| {
            if is_wanted && count > 0 {
                ranges.push(format!("fact BETWEEN {first} AND {}", first + count - 1));
            }
            first += count;
        };
        schema.verbs().for_each(|(id, _)| next(self.census.verb(id).facts, part.verbs.contains(&id)));
        schema.properties().for_each(|(id, _)| next(self.census.property(id).stated, part.properties.contains(&id)));
        if ranges.is_empty() { " WHERE false".to_string() } else { format!(" WHERE {}", ranges.join(" OR ")) }
    }

    /// Runs a statement of which no more rows come than may be fetched.
    pub(super) fn limited(&self, statement: &str) -> Result<Rows, Error> {
        let most = self.most_fetched();
        let rows = self.server.rows(&format!("SELECT * FROM ({statement}) fetched LIMIT {}", most + 1))?;
        if rows.len() as u64 > most { Err(self.too_many()) } else { Ok(rows) }
    }

    fn too_many(&self) -> Error {
        let most = self.most_fetched();
        Error::usage(format!(
            "more than {most} rows would be fetched: ask for a part of it (`count`, a condition), or raise it with --fetch"
        ))
    }

    fn built(
        &self,
        found: Found,
        claims: Option<Claims>,
        settled: Vec<(PropertyId, Vec<(u32, Date)>)>,
    ) -> Result<Graph, Error> {
        let catalogue = self.catalogue();
        let mut builder = Builder::new(catalogue.schema().clone());
        catalogue.claims().sources.iter().for_each(|source| _ = builder.source(source.clone()));
        let cited = Cited::of(claims, &found, &mut builder);
        for (verb, links) in found.links {
            for (fact, src, dst, certain) in links {
                cited.each(fact, certain, |claim| builder.link(EntityId(src), verb, EntityId(dst), claim));
            }
        }
        for (property, values) in found.values {
            for Stated { fact, vid, certain, value } in values {
                cited.each(fact, certain, |claim| builder.value(EntityId(vid), property, value.clone(), claim));
            }
        }
        limits::check()?;
        match builder.too_many() {
            Some(what) => Err(Error::usage(what.to_string())),
            None => Ok(builder.finish_over(catalogue, settled)),
        }
    }
}

/// A stated value as it was fetched.
struct Stated {
    fact: u32,
    vid: u32,
    certain: bool,
    value: Value,
}

#[derive(Default)]
struct Found {
    links: Vec<(VerbId, Vec<Link>)>,
    values: Vec<(PropertyId, Vec<Stated>)>,
    near: BTreeSet<u32>,
}

impl Found {
    /// Returns the entities whose values are wanted: those that were asked for, and the ends of facts.
    fn entities(&self, part: &LakePart) -> BTreeSet<u32> {
        let ends = self.links.iter().flat_map(|(_, links)| links).flat_map(|(_, src, dst, _)| [*src, *dst]);
        let asked = match &part.around {
            Some(Around::Touching(entities)) => entities.iter().map(|entity| entity.0).collect(),
            _ => Vec::new(),
        };
        ends.chain(asked).chain(self.near.iter().copied()).collect()
    }

    fn facts(&self) -> BTreeSet<u32> {
        let links = self.links.iter().flat_map(|(_, links)| links).map(|(fact, ..)| *fact);
        links.chain(self.values.iter().flat_map(|(_, values)| values).map(|value| value.fact)).collect()
    }
}

/// Claims by their number in the lake, and which of them cite which facts.
#[derive(Default)]
struct Claims {
    all: std::collections::BTreeMap<u32, ClaimSource>,
    of_facts: Vec<(u32, u32)>,
}

/// The claims of facts in a builder.
enum Cited {
    /// Pairs of a fact and a claim, sorted.
    Claims(Vec<(u32, u32)>),
    /// One claim, which doubtful facts have.
    Doubtful(Option<u32>),
}

impl Cited {
    fn of(claims: Option<Claims>, found: &Found, builder: &mut Builder) -> Cited {
        let Some(Claims { all, of_facts }) = claims else {
            let links = found.links.iter().flat_map(|(_, links)| links).map(|(.., certain)| *certain);
            let values = found.values.iter().flat_map(|(_, values)| values).map(|value| value.certain);
            let claim = ClaimSource { source: SourceId::new(0), trust: Trust::Doubtful, ..ClaimSource::default() };
            let is_needed = !links.chain(values).all(|certain| certain);
            return Cited::Doubtful(is_needed.then(|| builder.claim(claim)));
        };
        let known: FxHashMap<u32, u32> =
            all.into_iter().map(|(number, claim)| (number, builder.claim(claim))).collect();
        let mut pairs: Vec<(u32, u32)> =
            of_facts.into_iter().filter_map(|(fact, claim)| Some((fact, *known.get(&claim)?))).collect();
        limits::sort_unstable_by(&mut pairs, Ord::cmp);
        Cited::Claims(pairs)
    }

    /// Calls `f` with each claim of a fact, or once with none.
    fn each(&self, fact: u32, certain: bool, mut f: impl FnMut(Option<u32>)) {
        match self {
            Cited::Doubtful(claim) => f(claim.filter(|_| !certain)),
            Cited::Claims(pairs) => {
                let first = pairs.partition_point(|(other, _)| *other < fact);
                let own = pairs[first..].iter().take_while(|(other, _)| *other == fact);
                let mut is_cited = false;
                for (_, claim) in own {
                    is_cited = true;
                    f(Some(*claim));
                }
                if !is_cited {
                    f(None);
                }
            }
        }
    }
}

fn texts(rows: &Rows, column: usize) -> Result<Vec<String>, Unexpected> {
    Ok(rows.texts(column)?.into_iter().map(Option::unwrap_or_default).collect())
}

/// The dates of the columns `earliest`, `latest`, `form`.
fn dates(rows: &Rows, first: usize) -> Result<Vec<Date>, Unexpected> {
    let day = |long: Option<i64>| long.and_then(|long| i32::try_from(long).ok()).ok_or(Unexpected);
    let mut dates = Vec::with_capacity(rows.len());
    for ((earliest, latest), form) in
        rows.longs(first)?.into_iter().zip(rows.longs(first + 1)?).zip(rows.longs(first + 2)?)
    {
        let form = day(form)? as u32;
        dates.push(Date::of_parts(day(earliest)?, day(latest)?, form).ok_or(Unexpected)?);
    }
    Ok(dates)
}

/// The numbers of the columns `words`, `number`: where a float is not exact, the words are.
fn numbers(rows: &Rows) -> Result<Vec<Value>, Unexpected> {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    let number = |(words, float): (String, Option<f64>)| {
        let float = float.ok_or(Unexpected)?;
        let whole = if float.abs() < EXACT { None } else { Number::parse(&words) };
        Ok(Value::from(whole.unwrap_or(Number::Float(float))))
    };
    texts(rows, 3)?.into_iter().zip(rows.floats(4)?).map(number).collect()
}

/// Entities or facts as a list of SQL.
fn listed(numbers: &BTreeSet<u32>) -> String {
    numbers.iter().map(u32::to_string).collect::<Vec<_>>().join(", ")
}
