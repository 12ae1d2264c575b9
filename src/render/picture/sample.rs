//! Generates worlds for the tests: any number of models, organisations and techniques, reproducibly.

use crate::answer::{Kinship, Lineage, Member, Subgraph};
use crate::graph::{Builder, ClaimSource, Direction, EntityId, FactId, Facts, Graph, Source, Trust};
use crate::schema::{Plot, PropertySource, Schema, SchemaSource, TypeSource, VerbId, VerbSource};
use crate::value::{Date, Value, ValueType};

/// Pseudo-random numbers: the high bits of a linear congruential generator.
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Dice {
        Dice(seed)
    }

    /// Returns a number below `sides`.
    pub fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (self.0 >> 33) as usize % sides.max(1)
    }
}

fn property(value: ValueType, verb: &str) -> PropertySource {
    PropertySource { value, verb: Some(verb.into()), single: true, unit: None, doc: String::new() }
}

fn schema() -> Schema {
    let dated = ("date".to_string(), property(ValueType::Date, "dated"));
    let totals = ("parameters".to_string(), property(ValueType::Number, "totals"));
    let licence = ("weights".to_string(), property(ValueType::Text, "released with"));
    let plot = Plot { lane: "developed by".into(), filled: "weights".into(), ..Plot::default() };
    let model = TypeSource { properties: [dated.clone(), totals, licence].into(), plot, ..TypeSource::default() };
    let technique = TypeSource { properties: [dated].into(), ..TypeSource::default() };
    let types =
        [("Model".into(), model), ("Technique".into(), technique), ("Org".into(), TypeSource::default())].into();
    let verb = |from: &str, to: &str| VerbSource { from: vec![from.into()], to: vec![to.into()], ..Default::default() };
    let line = VerbSource { lineage: true, chronological: true, acyclic: true, ..verb("Model", "Model") };
    let verbs = [
        ("succeeds".into(), line.clone()),
        ("based on".into(), line.clone()),
        ("borrows from".into(), line),
        ("uses".into(), VerbSource { adoption: true, ..verb("Model", "Technique") }),
        ("develops".into(), VerbSource { inverse: Some("developed by".into()), ..verb("Org", "Model") }),
    ]
    .into();
    Schema::build(SchemaSource { types, verbs }).expect("a good schema")
}

/// The size of a world.
#[derive(Debug, Clone, Copy)]
pub struct World {
    pub models: usize,
    pub orgs: usize,
    pub techniques: usize,
    /// One model in this many is undated; 0 for none.
    pub undated_each: usize,
    pub seed: u64,
}

impl World {
    pub fn of(models: usize, orgs: usize) -> World {
        World { models, orgs, techniques: 8, undated_each: 0, seed: 7 }
    }

    pub fn graph(self) -> Graph {
        let schema = schema();
        let of = |name: &str| schema.lookup_type(name).expect("a type");
        let (model, technique, org) = (of("Model"), of("Technique"), of("Org"));
        let verb = |name: &str| schema.lookup_verb(name).expect("a verb");
        let lines = [verb("succeeds"), verb("based on"), verb("borrows from")];
        let (uses, develops) = (verb("uses"), verb("develops"));
        let of = |name: &str| schema.lookup_property(name).expect("a property");
        let (date, parameters, weights) = (of("date"), of("parameters"), of("weights"));
        let mut dice = Dice::new(self.seed);
        let mut builder = Builder::new(schema);
        let source = builder.source(Source { key: "notes".into(), title: "Made-up notes".into(), ..Source::default() });
        let claim = |line: usize, trust: Trust| ClaimSource {
            source: Some(source),
            at: format!("L{line}"),
            trust,
            ..ClaimSource::default()
        };
        let orgs: Vec<EntityId> = (0..self.orgs).map(|i| builder.entity(org, &word(i), &[])).collect();
        let techniques: Vec<EntityId> =
            (0..self.techniques).map(|i| builder.entity(technique, &format!("{} Norm", word(i + 11)), &[])).collect();
        let mut models: Vec<(EntityId, usize, usize)> = Vec::new();
        for i in 0..self.models {
            let owner = dice.roll(self.orgs).min(dice.roll(self.orgs));
            // Later years have more models; months since January 2018.
            let month =
                96 - ((96 * 96 - 1) as f64 * ((i * 7919) % self.models) as f64 / self.models as f64).sqrt() as usize;
            let month = 96 - month.min(96);
            let id = builder.entity(model, &format!("{} {}", word(owner), i + 1), &[]);
            let said = builder.claim(claim(i + 1, Trust::Direct));
            builder.link(orgs[owner], develops, id, Some(said));
            if self.undated_each == 0 || dice.roll(self.undated_each) > 0 {
                builder.value(id, date, Value::Date(self.date(month, &mut dice)), Some(said));
            }
            if dice.roll(3) > 0 {
                builder.value(id, parameters, Value::Number([1.5e9, 7e9, 70e9, 405e9][dice.roll(4)]), Some(said));
            }
            if dice.roll(2) > 0 {
                builder.value(id, weights, Value::text("open"), Some(said));
            }
            models.push((id, month, owner));
        }
        self.link(&mut builder, models, &claim, (lines, uses, &techniques), &mut dice);
        builder.finish()
    }

    /// Gives each model parents among older ones, and techniques, more to later models.
    fn link(
        self,
        builder: &mut Builder,
        mut models: Vec<(EntityId, usize, usize)>,
        claim: &dyn Fn(usize, Trust) -> ClaimSource,
        (lines, uses, techniques): ([VerbId; 3], VerbId, &[EntityId]),
        dice: &mut Dice,
    ) {
        models.sort_by_key(|(_, month, _)| *month);
        for i in 1..models.len() {
            let said = builder.claim(claim(1000 + i, if dice.roll(12) == 0 { Trust::Doubtful } else { Trust::Direct }));
            let own = models[..i].iter().rev().filter(|(_, _, owner)| *owner == models[i].2).nth(dice.roll(3) / 2);
            if let Some(parent) = own {
                builder.link(models[i].0, lines[dice.roll(4) / 3], parent.0, Some(said));
            }
            if dice.roll(4) == 0 || own.is_none() {
                let parent = models[i - 1 - dice.roll(i.min(40))];
                builder.link(models[i].0, lines[2], parent.0, Some(said));
            }
            for (k, technique) in techniques.iter().enumerate() {
                if dice.roll(self.models) * 2 < i.saturating_sub(k * self.models / 16) {
                    builder.link(models[i].0, uses, *technique, Some(said));
                }
            }
        }
    }

    /// Returns a date for a month of the world's eight years, in a form that sources use.
    fn date(self, month: usize, dice: &mut Dice) -> Date {
        let (year, month) = (2018 + (month / 12) as i32, (month % 12 + 1) as u8);
        let text = match dice.roll(12) {
            0 => format!("{year}"),
            1 => format!("..{year}-{month:02}"),
            2 => format!("{year}-{month:02}.."),
            3 => format!("{year}-{month:02}..{}-{month:02}", year + 1),
            4..=6 => format!("{year}-{month:02}"),
            _ => format!("{year}-{month:02}-{:02}", 1 + dice.roll(28)),
        };
        Date::parse(&text).expect("a date")
    }
}

/// Returns a name made of syllables.
fn word(i: usize) -> String {
    const HEADS: [&str; 7] = ["Ka", "Mo", "Ne", "Or", "Ti", "Va", "Lu"];
    const TAILS: [&str; 5] = ["lix", "mira", "don", "seph", "ra"];
    format!("{}{}", HEADS[i % 7], TAILS[(i + i / 7) % 5])
}

/// Returns all models and the lineage facts between them.
pub fn lineages(graph: &Graph) -> Subgraph {
    let model = graph.schema().lookup_type("Model").expect("a type");
    let ranges = graph.ranges(graph.schema().type_(model).subtypes);
    let entities: Vec<EntityId> = ranges.into_iter().flatten().map(EntityId).collect();
    let relations = graph.schema().lineage_verbs().into_iter().map(|verb| graph.relation(verb));
    let facts = relations.flat_map(|relation| (0..relation.len() as u32).map(|i| FactId(relation.first_fact + i)));
    Subgraph { entities, facts: facts.collect(), ..Subgraph::default() }
}

/// Returns the lineage of a model, ancestors and descendants.
pub fn lineage(graph: &Graph, root: EntityId) -> Lineage {
    let mut members = vec![(root, 0)];
    let mut links = Vec::new();
    for step in [-1, 1] {
        let mut open = vec![(root, 0)];
        while let Some((entity, generation)) = open.pop() {
            for verb in graph.schema().lineage_verbs() {
                let relation = graph.relation(verb);
                let near = relation.adjacency(Direction::inverse_if(step > 0), Facts::All).of(entity);
                for other in near.iter().map(|id| EntityId(*id)) {
                    let (child, parent) = if step > 0 { (other, entity) } else { (entity, other) };
                    let name = &graph.schema().verb(verb).name;
                    links.extend(relation.fact(child, parent).map(|fact| Kinship {
                        child,
                        verb: name.clone(),
                        parent,
                        inverse: false,
                        fact: Some(fact),
                    }));
                    if !members.iter().any(|(known, _)| *known == other) {
                        members.push((other, generation + step));
                        open.push((other, generation + step));
                    }
                }
            }
        }
    }
    links.sort();
    links.dedup();
    let member =
        |(entity, generation)| Member { entity, asked: true, generation, date: graph.date_of(entity), certain: true };
    let members = members.into_iter().map(member).collect();
    Lineage { root, ancestors: true, descendants: true, members, links, left_out: 0 }
}

/// Returns the adoption of every technique, by year.
pub fn adoption(graph: &Graph) -> crate::answer::Adoption {
    use crate::answer::{Adoption, Curve};
    let technique = graph.schema().lookup_type("Technique").expect("a type");
    let uses = graph.relation(graph.schema().lookup_verb("uses").expect("a verb"));
    let years: Vec<i32> = (2018..=2025).collect();
    let curve = |adopted: EntityId| {
        let mut curve = Curve {
            adopted,
            certain: vec![Vec::new(); years.len()],
            possible: vec![Vec::new(); years.len()],
            wide: Vec::new(),
            undated: Vec::new(),
            first: Vec::new(),
            shares: Vec::new(),
        };
        let users: Vec<EntityId> = uses.reverse.of(adopted).iter().map(|id| EntityId(*id)).collect();
        for user in &users {
            let date = graph.date_of(*user);
            let place = |year: i32| years.iter().position(|known| *known == year);
            match date.year_of().and_then(place) {
                Some(i) => curve.certain[i].push(*user),
                None if date.is_undated() => curve.undated.push(*user),
                None => curve.wide.push(*user),
            }
        }
        let earliest = users.iter().filter(|user| !graph.date_of(**user).is_undated());
        let earliest = earliest.min_by_key(|user| graph.date_of(**user).sort_key());
        curve.first.extend(earliest.map(|user| (*user, true)));
        curve
    };
    let curves = graph.own_range(technique).map(EntityId).map(curve).filter(|curve| {
        !(curve.wide.is_empty() && curve.undated.is_empty() && curve.certain.iter().all(Vec::is_empty))
    });
    Adoption { timed: true, among: None, periods: years.iter().map(i32::to_string).collect(), curves: curves.collect() }
}

/// Returns the matrix of models and techniques.
pub fn matrix(graph: &Graph) -> crate::answer::Matrix {
    let verb = graph.schema().lookup_verb("uses").expect("a verb");
    let uses = graph.relation(verb);
    let mut columns = lineages(graph).entities;
    columns.retain(|model| uses.forward.degree(*model) > 0);
    columns.sort_by_key(|model| graph.date_of(*model).sort_key());
    let first = |technique: &EntityId| columns.iter().position(|model| uses.fact(*model, *technique).is_some());
    let technique = graph.schema().lookup_type("Technique").expect("a type");
    let mut rows: Vec<EntityId> = graph.own_range(technique).map(EntityId).filter(|id| first(id).is_some()).collect();
    rows.sort_by_key(first);
    let cell = |row: &EntityId, column: &EntityId| match uses.fact(*column, *row) {
        None => crate::value::Truth::No,
        Some(fact) if graph.is_doubtful(fact) => crate::value::Truth::Maybe,
        Some(_) => crate::value::Truth::Yes,
    };
    let cells = rows.iter().map(|row| columns.iter().map(|column| cell(row, column)).collect()).collect();
    let earliest = vec![vec![false; columns.len()]; rows.len()];
    crate::answer::Matrix { rows, columns, cells, earliest, verb: Some("uses".to_string()), is_turned: true }
}

/// Returns the comparison of two entities.
pub fn diff(graph: &Graph, left: EntityId, right: EntityId) -> crate::answer::Diff {
    use crate::answer::{Cell, Difference, Side};
    let mut entries = Vec::new();
    for (property, declared) in graph.schema().properties() {
        let values = graph.values(property);
        for (side, id) in [(Side::Left, left), (Side::Right, right)] {
            for i in values.span(id) {
                let (cell, facts) = (Cell::Value(values.stated.get(i)), vec![values.fact(i)]);
                entries.push(Difference { side, verb: declared.name.clone(), cell, facts });
            }
        }
    }
    for (verb, declared) in graph.schema().verbs() {
        let relation = graph.relation(verb);
        let objects = |id: EntityId| relation.forward.of(id).iter().map(|id| EntityId(*id)).collect::<Vec<_>>();
        let (lefts, rights) = (objects(left), objects(right));
        for object in lefts.iter().chain(rights.iter().filter(|object| !lefts.contains(object))) {
            let side = match (lefts.contains(object), rights.contains(object)) {
                (true, true) => Side::Both,
                (true, false) => Side::Left,
                _ => Side::Right,
            };
            let facts = [left, right].into_iter().filter_map(|id| relation.fact(id, *object)).collect();
            entries.push(Difference { side, verb: declared.name.clone(), cell: Cell::Entity(*object), facts });
        }
    }
    crate::answer::Diff { left, right, entries }
}

/// Returns the built-in graph.
pub fn real() -> Graph {
    crate::load::open(concat!(env!("CARGO_MANIFEST_DIR"), "/graph-data/llm-evolution")).expect("a good graph")
}

/// Returns the graph of programming languages.
pub fn languages() -> Graph {
    crate::load::open(concat!(env!("CARGO_MANIFEST_DIR"), "/graph-data/languages")).expect("a good graph")
}

/// Returns the small made-up graph of the language's tests.
pub fn toy() -> Graph {
    crate::load::open(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/graphs/toy.ron")).expect("a good graph")
}

/// Returns the graph of the transformers library, loaded once for all tests.
pub fn transformers() -> Graph {
    static OPENED: std::sync::LazyLock<Graph> = std::sync::LazyLock::new(|| {
        crate::load::open(concat!(env!("CARGO_MANIFEST_DIR"), "/graph-data/transformers")).expect("a good graph")
    });
    OPENED.clone()
}

/// Returns the descendants of an entity with the facts between them; without a root, everything joined by lineage.
pub fn descendants(graph: &Graph, root: Option<&str>) -> Subgraph {
    let verbs: Vec<VerbId> = graph.schema().lineage_verbs();
    let near = |entity: EntityId| -> Vec<EntityId> {
        let of = |verb: &VerbId| graph.relation(*verb).adjacency(Direction::inverse_if(true), Facts::All).of(entity);
        verbs.iter().flat_map(of).map(|id| EntityId(*id)).collect()
    };
    let ends = |verb: &VerbId| {
        let relation = graph.relation(*verb);
        (0..relation.len() as u32).map(|i| FactId(relation.first_fact + i)).collect::<Vec<_>>()
    };
    let all: Vec<FactId> = verbs.iter().flat_map(ends).collect();
    let mut found: std::collections::BTreeSet<EntityId> = match root {
        Some(root) => graph.names().lookup(root).into_iter().collect(),
        None => graph.entities().filter(|entity| !graph.date_of(*entity).is_undated()).collect(),
    };
    let mut open: Vec<EntityId> = found.iter().copied().collect();
    while let Some(entity) = open.pop() {
        open.extend(near(entity).into_iter().filter(|other| found.insert(*other)));
    }
    let inside = |fact: &FactId| match graph.fact(*fact) {
        crate::graph::Fact::Link { subject, object, .. } => found.contains(&subject) && found.contains(&object),
        crate::graph::Fact::Value { .. } => false,
    };
    let facts = all.into_iter().filter(inside).collect();
    Subgraph { entities: found.into_iter().collect(), facts, ..Subgraph::default() }
}
