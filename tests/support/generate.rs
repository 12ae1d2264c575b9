//! Random small graphs, and random queries about them. The same seed gives the same, everywhere.

use begat::graph::{Builder, ClaimSource, Graph, Source, Trust};
use begat::schema::{PropertySource, Schema, SchemaSource, TypeSource, VerbSource};
use begat::value::{Date, Value, ValueType};

/// A small generator of numbers (splitmix64): enough for tests, and without state outside.
#[derive(Debug, Clone)]
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number below `end`, which is not 0.
    pub fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }

    /// True in so many cases of a hundred.
    pub fn percent(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    pub fn pick<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.below(all.len())]
    }
}

/// What a random graph holds, before it is built: so that worlds can be made of it by choosing.
#[derive(Debug, Clone, Default)]
pub struct Draft {
    /// Type and name.
    pub entities: Vec<(&'static str, &'static str)>,
    pub links: Vec<Link>,
    pub values: Vec<Stated>,
    /// Whether a successor is not earlier than its predecessor.
    pub chronological: bool,
}

/// `entities[subject] verb entities[object]`
#[derive(Debug, Clone)]
pub struct Link {
    pub subject: usize,
    pub verb: &'static str,
    pub object: usize,
    pub claims: Vec<Claimed>,
}

#[derive(Debug, Clone)]
pub struct Stated {
    pub subject: usize,
    pub property: &'static str,
    pub value: Value,
    pub claims: Vec<Claimed>,
}

/// The claim's source (0 or 1) and whether it is doubtful.
#[derive(Debug, Clone, Copy)]
pub struct Claimed {
    pub source: usize,
    pub doubtful: bool,
}

impl Link {
    /// Whether no claim is better than doubtful.
    pub fn is_doubtful(&self) -> bool {
        self.claims.iter().all(|claim| claim.doubtful)
    }
}

pub const MODELS: [&str; 4] = ["Ada", "Bob", "Cid", "Dan"];
pub const TOOLS: [&str; 3] = ["Axe", "Bow", "Cog"];
pub const ORGS: [&str; 2] = ["Elm", "Fir"];
const DATES: [&str; 11] = [
    "2020",
    "2021-03",
    "2021-03-05",
    "2020..2021",
    "..2020",
    "2021..",
    "2021",
    "2020-12-30..2021-01-02",
    "2020~",
    "2021-01~",
    "2020..2021?",
];

/// Up to eight entities of three types, with facts, dates and doubts at random.
pub fn draft(random: &mut Random) -> Draft {
    let mut draft = Draft::default();
    for (type_name, names, least) in [("Model", &MODELS[..], 2), ("Tool", &TOOLS[..], 1), ("Org", &ORGS[..], 1)] {
        let count = least + random.below(names.len() - least + 1);
        draft.entities.extend(names[..count].iter().map(|name| (type_name, *name)));
    }
    if random.percent(30) {
        draft.entities.truncate(8);
        let models: Vec<usize> = of_type(&draft, "Model");
        draft.entities[models[0]].0 = "Chat";
    }
    let self_percent = *random.pick(&[20, 35, 50]);
    let acyclic = random.percent(60);
    for (verb, from, to, percent) in [
        ("succeeds", "Model", "Model", self_percent),
        ("uses", "Model", "Tool", 45),
        ("makes", "Org", "Model", 45),
        ("based on", "Model", "Model", self_percent / 3),
    ] {
        for subject in of_type(&draft, from) {
            for object in of_type(&draft, to) {
                let fits = from != to || !acyclic || subject > object;
                if fits && random.percent(percent) {
                    draft.links.push(Link { subject, verb, object, claims: claims(random) });
                }
            }
        }
    }
    for subject in 0..draft.entities.len() {
        values(random, &mut draft, subject);
    }
    draft
}

fn values(random: &mut Random, draft: &mut Draft, subject: usize) {
    let type_name = draft.entities[subject].0;
    let dates = if type_name == "Org" { 0 } else { [0, 1, 1, 1, 2][random.below(5)] };
    let mut taken = Vec::new();
    for _ in 0..dates {
        let date = *random.pick(&DATES);
        if !taken.contains(&date) {
            taken.push(date);
            let value = Value::Date(Date::parse(date).expect("the list holds dates"));
            draft.values.push(Stated { subject, property: "date", value, claims: claims(random) });
        }
    }
    if matches!(type_name, "Model" | "Chat") && random.percent(60) {
        let value = Value::Number([1.0, 2.0, 3.0, 7.5][random.below(4)]);
        draft.values.push(Stated { subject, property: "size", value, claims: claims(random) });
    }
    if type_name == "Tool" && random.percent(60) {
        let value = Value::text(["hand", "machine"][random.below(2)]);
        draft.values.push(Stated { subject, property: "kind", value, claims: claims(random) });
    }
}

fn claims(random: &mut Random) -> Vec<Claimed> {
    let first = Claimed { source: random.below(2), doubtful: random.percent(20) };
    let second = Claimed { source: 1 - first.source, doubtful: random.percent(20) };
    if random.percent(25) { vec![first, second] } else { vec![first] }
}

/// A draft that stands for few enough worlds to try them all: some dates of one to four days and some doubtful links,
/// all else exact and sure.
pub fn narrow_draft(random: &mut Random) -> Draft {
    const SPANS: [&str; 8] = [
        "2021-01-01",
        "2021-01-02~",
        "2021-01-01~..2021-01-02",
        "2020-12-31..2021-01-01",
        "2021-01-01..2021-01-03",
        "2020-12-30..2021-01-01",
        "2021-02-27..2021-03-02",
        "2021-03-01..2021-03-03",
    ];
    let mut draft = draft(random);
    draft.values.clear();
    for subject in 0..draft.entities.len() {
        if draft.entities[subject].0 != "Org" {
            let value = Value::Date(Date::parse(random.pick::<&str>(&SPANS)).expect("the list holds dates"));
            draft.values.push(Stated { subject, property: "date", value, claims: vec![SURE] });
        }
    }
    // Four dates may span days; the others are made exact.
    for stated in draft.values.iter_mut().skip(4) {
        stated.value = Value::Date(Date::parse("2021-01-02").expect("a date"));
    }
    let doubtful = draft.links.iter_mut().filter(|link| link.is_doubtful());
    doubtful.skip(3).for_each(|link| link.claims = vec![SURE]);
    draft
}

/// As [`narrow_draft`], with marks on some dates: for worlds of which only some days of each date are tried.
pub fn vague_draft(random: &mut Random) -> Draft {
    const VAGUE: [&str; 8] =
        ["2020~", "2021", "2020..2021", "2021-03~", "2020-12-31..2021-01-01", "2021-03-05~", "2021-01", "2021-03-05"];
    let mut draft = narrow_draft(random);
    for (i, stated) in draft.values.iter_mut().enumerate() {
        let date = if i < 3 { *random.pick(&VAGUE) } else { *random.pick(&["2021-03-05", "2020-02-02"]) };
        stated.value = Value::Date(Date::parse(date).expect("the list holds dates"));
    }
    let doubtful = draft.links.iter_mut().filter(|link| link.is_doubtful());
    doubtful.skip(2).for_each(|link| link.claims = vec![SURE]);
    for subject in 0..draft.entities.len() {
        if matches!(draft.entities[subject].0, "Model" | "Chat") && random.percent(60) {
            let value = Value::Number([1.0, 2.0, 3.0, -2.5][random.below(4)]);
            draft.values.push(Stated { subject, property: "size", value, claims: vec![SURE] });
        }
    }
    draft
}

pub const SURE: Claimed = Claimed { source: 0, doubtful: false };

/// Positions of the entities of a type, subtypes included.
pub fn of_type(draft: &Draft, name: &str) -> Vec<usize> {
    let is_of = |t: &str| t == name || (name == "Model" && t == "Chat");
    (0..draft.entities.len()).filter(|i| is_of(draft.entities[*i].0)).collect()
}

/// The schema of all random graphs; `chronological` says whether `succeeds` is.
pub fn schema(chronological: bool) -> Schema {
    Schema::build(schema_source(chronological)).expect("the schema is right")
}

/// The same as it is written.
pub fn schema_source(chronological: bool) -> SchemaSource {
    let property = |value, verb: Option<&str>, single| PropertySource {
        value,
        verb: verb.map(str::to_string),
        single,
        unit: None,
        doc: String::new(),
    };
    let date = || ("date".to_string(), property(ValueType::Date, Some("dated"), true));
    let size = ("size".to_string(), property(ValueType::Number, Some("totals"), true));
    let kind = ("kind".to_string(), property(ValueType::Text, None, true));
    let type_of = |properties: Vec<(String, PropertySource)>, extends: Option<&str>| TypeSource {
        properties: properties.into_iter().collect(),
        extends: extends.map(str::to_string),
        ..TypeSource::default()
    };
    let verb = |from: &str, to: &str, inverse: &str| VerbSource {
        from: vec![from.to_string()],
        to: vec![to.to_string()],
        inverse: Some(inverse.to_string()),
        lineage: from == to,
        adoption: to == "Tool",
        chronological: chronological && from == to,
        ..VerbSource::default()
    };
    SchemaSource {
        types: [
            ("Model".to_string(), type_of(vec![date(), size], None)),
            ("Chat".to_string(), type_of(Vec::new(), Some("Model"))),
            ("Tool".to_string(), type_of(vec![date(), kind], None)),
            ("Org".to_string(), type_of(Vec::new(), None)),
        ]
        .into_iter()
        .collect(),
        verbs: [
            ("succeeds".to_string(), verb("Model", "Model", "succeeded by")),
            ("uses".to_string(), verb("Model", "Tool", "used by")),
            ("makes".to_string(), verb("Org", "Model", "made by")),
            ("based on".to_string(), verb("Model", "Model", "base of")),
        ]
        .into_iter()
        .collect(),
    }
}

/// The graph of a draft.
pub fn build(draft: &Draft) -> Graph {
    build_by(draft, schema(draft.chronological))
}

/// The graph of a draft by a schema that has more.
pub fn build_by(draft: &Draft, schema: Schema) -> Graph {
    let mut builder = Builder::new(schema.clone());
    let sources = ["S1", "S2"].map(|key| builder.source(Source { key: key.to_string(), ..Source::default() }));
    let claims = [false, true].map(|doubtful| {
        let trust = if doubtful { Trust::Doubtful } else { Trust::Direct };
        sources.map(|source| builder.claim(ClaimSource { source: Some(source), trust, ..ClaimSource::default() }))
    });
    let claim = |claimed: &Claimed| Some(claims[usize::from(claimed.doubtful)][claimed.source]);
    let ids: Vec<_> = (draft.entities.iter())
        .map(|(type_name, name)| builder.entity(schema.lookup_type(type_name).expect("declared"), name, &[]))
        .collect();
    for link in &draft.links {
        let verb = schema.lookup_verb(link.verb).expect("declared");
        for claimed in &link.claims {
            builder.link(ids[link.subject], verb, ids[link.object], claim(claimed));
        }
    }
    for stated in &draft.values {
        let property = schema.lookup_property(stated.property).expect("declared");
        for claimed in &stated.claims {
            builder.value(ids[stated.subject], property, stated.value.clone(), claim(claimed));
        }
    }
    builder.finish()
}

/// The draft as text, for the message of a failure.
pub fn describe(draft: &Draft) -> String {
    let name = |i: usize| draft.entities[i].1;
    let doubt = |claims: &[Claimed]| if claims.iter().all(|c| c.doubtful) { " (doubtful)" } else { "" };
    let entities = draft.entities.iter().map(|(type_name, name)| format!("{type_name} {name}"));
    let links =
        draft.links.iter().map(|l| format!("{} {} {}{}", name(l.subject), l.verb, name(l.object), doubt(&l.claims)));
    let values =
        draft.values.iter().map(|v| format!("{} {} {}{}", name(v.subject), v.property, v.value, doubt(&v.claims)));
    entities.chain(links).chain(values).collect::<Vec<_>>().join("; ")
}
