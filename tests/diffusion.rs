//! `rise of`, `spread of` and shares of adoption beside the worlds: what is told holds of each, worked out from the rule.
//!
//! In a world every date is a day and every fact is true or not there, so that the measures are plain counts.

mod support;

use begat::answer::{Answer, Curve, Reached, RiseOf, Share, SpreadHow, View};
use begat::graph::{EntityId, Graph};
use begat::value::Date;
use begat::{Database, Options};
use std::collections::{BTreeMap, BTreeSet};
use support::generate::{self, Draft, Random};
use support::worlds::{some_worlds, worlds};

const TOOL: &str = "Axe";

fn ask(database: &Database, query: &str) -> Answer {
    let options = Options { possibly: true, ..Options::default() };
    let prepared = database.prepare(query, &options).unwrap_or_else(|error| panic!("{query}: {error:#?}"));
    database.run(&prepared[0], &options).unwrap_or_else(|error| panic!("{query}: {error:#?}"))
}

/// What a world says by plain counting.
struct World<'a>(&'a Graph);

impl World<'_> {
    fn models(&self) -> Vec<EntityId> {
        let model = self.0.schema().lookup_type("Model").expect("declared");
        self.0.entities().filter(|entity| self.0.is_of(*entity, self.0.schema().type_(model).subtypes)).collect()
    }

    fn ends(&self, verb: &str, subject: EntityId) -> Vec<EntityId> {
        let verb = self.0.schema().lookup_verb(verb).expect("declared");
        self.0.relation(verb).forward.of(subject).iter().map(|id| EntityId(*id)).collect()
    }

    fn has(&self, model: EntityId) -> bool {
        self.ends("uses", model).iter().any(|tool| self.0.name(*tool) == TOOL)
    }

    fn is_told(&self, model: EntityId) -> bool {
        !self.ends("uses", model).is_empty()
    }

    fn year(&self, model: EntityId) -> Option<i32> {
        self.0.date_of(model).year_of()
    }

    fn parents(&self, model: EntityId) -> Vec<EntityId> {
        let all = ["succeeds", "based on"].into_iter().flat_map(|verb| self.ends(verb, model));
        all.filter(|parent| *parent != model).collect()
    }

    /// The share of a year's models of which something is told; `None` where there is none.
    fn share(&self, year: i32, among: &dyn Fn(EntityId) -> bool) -> Option<f64> {
        let of_year = |model: &EntityId| self.year(*model) == Some(year) && self.is_told(*model) && among(*model);
        let told: Vec<EntityId> = self.models().into_iter().filter(of_year).collect();
        let users = told.iter().filter(|model| self.has(**model)).count();
        (!told.is_empty()).then(|| 100.0 * users as f64 / told.len() as f64)
    }

    fn years(&self) -> Vec<i32> {
        (2018..=2023).collect()
    }

    fn peak(&self) -> Option<f64> {
        self.years().into_iter().filter_map(|year| self.share(year, &|_| true)).reduce(f64::max)
    }

    /// The years from the first user to the first year with that share.
    fn reached(&self, mark: f64) -> Option<i32> {
        let first = self.models().into_iter().filter(|model| self.has(*model)).filter_map(|m| self.year(m)).min()?;
        let year = self.years().into_iter().find(|year| self.share(*year, &|_| true).is_some_and(|s| s >= mark))?;
        Some(year - first)
    }

    /// The months from half of these to all, by their days.
    fn doubling(&self, users: &[EntityId]) -> Option<f64> {
        let mut days: Vec<i32> = users.iter().map(|user| self.0.date_of(*user).earliest()).collect();
        days.sort_unstable();
        let half = days.len() / 2;
        (half > 0).then(|| f64::from(days[half * 2 - 1] - days[half - 1]) / (365.2425 / 12.0))
    }

    fn how(&self, user: EntityId) -> SpreadHow {
        let parents = self.parents(user);
        match () {
            () if parents.iter().any(|parent| self.has(*parent)) => SpreadHow::Inherited,
            () if parents.iter().any(|parent| !self.is_told(*parent)) => SpreadHow::PerhapsInherited,
            () => SpreadHow::Anew,
        }
    }

    fn has_lost(&self, model: EntityId) -> bool {
        self.is_told(model) && !self.has(model) && self.parents(model).iter().any(|parent| self.has(*parent))
    }

    /// How often it was taken up anew, at least and at most, over all that those may have of whom nothing is told: at
    /// most where they have it not.
    fn origins(&self) -> (usize, usize) {
        let models = self.models();
        let open: Vec<EntityId> = models.iter().copied().filter(|model| !self.is_told(*model)).collect();
        let anew = |chosen: usize| {
            let has = |model: EntityId| {
                self.has(model) || open.iter().position(|other| *other == model).is_some_and(|i| chosen >> i & 1 == 1)
            };
            let is_new = |model: &&EntityId| has(**model) && !self.parents(**model).iter().any(|parent| has(*parent));
            models.iter().filter(is_new).count()
        };
        let least = (0..1 << open.len()).map(anew).min().unwrap_or(0);
        (least.max(usize::from(models.iter().any(|model| self.has(*model)))), anew(0))
    }
}

/// Tries drafts until so many of them have users.
fn try_drafts(
    make: fn(&mut Random) -> Draft,
    worlds: fn(&Draft) -> Vec<Graph>,
    check: impl Fn(&Database, &[Graph], &str),
) {
    let mut tried = 0;
    for seed in 0..400 {
        let draft = make(&mut Random(seed));
        let database = Database::of(generate::build(&draft));
        if !World(database.graph()).models().iter().any(|model| World(database.graph()).has(*model)) {
            continue;
        }
        check(&database, &worlds(&draft), &format!("seed {seed}: {}", generate::describe(&draft)));
        tried += 1;
        if tried == 120 {
            return;
        }
    }
    panic!("only {tried} graphs had users");
}

fn within((low, high): (f64, f64), value: f64) -> bool {
    low - 1e-6 <= value && value <= high + 1e-6
}

fn shares_of<'a>(curve: &'a Curve, periods: &[String]) -> BTreeMap<i32, Option<&'a Share>> {
    let years = periods.iter().map(|period| period.parse().expect("a year"));
    years.zip(curve.shares.iter().map(Option::as_ref)).collect()
}

fn rise_of(database: &Database) -> (RiseOf, Curve, Vec<String>) {
    let View::Rise(mut rise) = ask(database, &format!("rise of {TOOL}")).view else { panic!("a rise") };
    (rise.rises.remove(0), rise.adoption.curves.remove(0), rise.adoption.periods)
}

#[test]
fn rises_hold_of_every_world() {
    try_drafts(generate::vague_draft, some_worlds, |database, worlds, about| {
        let (rise, curve, periods) = rise_of(database);
        let shares = shares_of(&curve, &periods);
        let doubtful: BTreeSet<EntityId> = curve.possible.iter().flatten().copied().collect();
        let dated = curve.certain.iter().flatten().chain(&curve.wide).copied();
        let sure: Vec<EntityId> = dated.collect::<BTreeSet<_>>().into_iter().collect();
        for world in worlds.iter().map(World) {
            let users = world.models().into_iter().filter(|model| world.has(*model)).count();
            assert!(rise.users.0 <= users && users <= rise.users.1, "{users} users, told {:?}\n{about}", rise.users);
            for year in world.years() {
                let (Some(of_world), told) = (world.share(year, &|_| true), shares.get(&year)) else { continue };
                let told = told.copied().flatten().unwrap_or_else(|| panic!("no share of {year}\n{about}"));
                assert!(within(told.percent, of_world), "{year}: {of_world}, told {:?}\n{about}", told.percent);
            }
            if let Some(peak) = world.peak() {
                assert!(rise.peak.is_some_and(|told| within(told, peak)), "{peak}, told {:?}\n{about}", rise.peak);
            }
            for (mark, told) in [10.0, 50.0, 90.0].into_iter().zip(rise.reached) {
                match (world.reached(mark), told) {
                    (None, Reached::Never | Reached::After { most: None, .. }) => {}
                    (Some(years), Reached::After { least, most })
                        if least <= years && most.is_none_or(|m| years <= m) => {}
                    (found, told) => panic!("{mark} %: {found:?}, told {told:?}\n{about}"),
                }
            }
            if let Some(months) = world.doubling(&sure) {
                let told = rise.doubling.unwrap_or_else(|| panic!("no doubling\n{about}"));
                assert!(within(told, months), "{months} months, told {told:?}, {doubtful:?}\n{about}");
            }
        }
    });
}

/// Not only do shares hold of every world: where every day is tried, each bound is the share of one of them.
#[test]
fn bounds_of_shares_are_met() {
    try_drafts(generate::narrow_draft, worlds, |database, worlds, about| {
        let (_, curve, periods) = rise_of(database);
        for (year, told) in shares_of(&curve, &periods) {
            let of_worlds: Vec<f64> = worlds.iter().filter_map(|world| World(world).share(year, &|_| true)).collect();
            let Some(told) = told else {
                assert!(of_worlds.is_empty(), "{year}: {of_worlds:?}\n{about}");
                continue;
            };
            let low = of_worlds.iter().copied().fold(f64::INFINITY, f64::min);
            let high = of_worlds.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            let is_met = (told.percent.0 - low).abs() < 1e-6 && (told.percent.1 - high).abs() < 1e-6;
            assert!(is_met, "{year}: {low} to {high}, told {:?}\n{about}", told.percent);
        }
    });
}

/// A condition on the date of the adopters keeps a share as narrow: who satisfies it in some worlds counts where it is
/// satisfied, and is an adopter there.
#[test]
fn bounds_of_shares_among_some_are_met() {
    try_drafts(generate::narrow_draft, worlds, |database, worlds, about| {
        for (sign, date) in [("<", "2021-01-01"), (">=", "2021-01-02"), ("<", "2021-03-02")] {
            let of = Date::parse(date).expect("a date").earliest();
            let holds = |day: i32| if sign == "<" { day < of } else { day >= of };
            let query = format!("adoption of {TOOL} among Model m by year where m.date {sign} {date}");
            let View::Adoption(mut adoption) = ask(database, &query).view else { panic!("an adoption") };
            let Some(curve) = adoption.curves.pop() else { continue };
            for (year, told) in shares_of(&curve, &adoption.periods) {
                let share = |world: &Graph| World(world).share(year, &|model| holds(world.date_of(model).earliest()));
                let of_worlds: Vec<f64> = worlds.iter().filter_map(share).collect();
                let bounds = of_worlds.iter().copied().reduce(f64::min).zip(of_worlds.into_iter().reduce(f64::max));
                let told = told.map(|told| told.percent);
                let is_met = match (told, bounds) {
                    (Some(told), Some(of)) => (told.0 - of.0).abs() < 1e-6 && (told.1 - of.1).abs() < 1e-6,
                    (told, bounds) => told.is_none() && bounds.is_none(),
                };
                assert!(is_met, "{sign} {date}, {year}: {bounds:?}, told {told:?}\n{about}");
            }
        }
    });
}

#[test]
fn shares_among_some_hold_of_every_world() {
    try_drafts(generate::vague_draft, some_worlds, |database, worlds, about| {
        let query = format!("adoption of {TOOL} among Model that made by Elm by year");
        let View::Adoption(mut adoption) = ask(database, &query).view else { panic!("an adoption") };
        let Some(curve) = adoption.curves.pop() else { return };
        let shares = shares_of(&curve, &adoption.periods);
        for world in worlds.iter().map(World) {
            let elm = world.0.entities().find(|entity| world.0.name(*entity) == "Elm").expect("it is there");
            let made = world.ends("makes", elm);
            for (year, told) in &shares {
                let Some(of_world) = world.share(*year, &|model| made.contains(&model)) else { continue };
                let told = told.unwrap_or_else(|| panic!("no share of {year}\n{about}"));
                assert!(within(told.percent, of_world), "{year}: {of_world}, told {:?}\n{about}", told.percent);
            }
        }
    });
}

/// A condition on the adopters means the same beside a condition on what they adopt, in either order.
#[test]
fn conditions_on_adopters_stand_beside_others() {
    try_drafts(generate::vague_draft, some_worlds, |database, _, about| {
        let curves = |query: &str| match ask(database, query).view {
            View::Adoption(adoption) => adoption.curves,
            _ => panic!("an adoption"),
        };
        let alone = curves(&format!("adoption of {TOOL} among Model m by year where m.date < 2021-06"));
        for both in [format!("t = {TOOL} and m.date < 2021-06"), format!("m.date < 2021-06 and t = {TOOL}")] {
            let beside = curves(&format!("adoption of Tool t among Model m by year where {both}"));
            // Of what nobody adopts, a type tells nothing.
            if let Some(curve) = beside.first() {
                assert_eq!(Some(curve), alone.first(), "{both}\n{about}");
            }
        }
    });
}

#[test]
fn spreads_hold_of_every_world() {
    try_drafts(generate::vague_draft, some_worlds, |database, worlds, about| {
        let View::Spread(spread) = ask(database, &format!("spread of {TOOL}")).view else { panic!("a spread") };
        let told: BTreeMap<EntityId, _> = spread.members.iter().map(|member| (member.entity, member)).collect();
        assert_eq!(told.len(), spread.members.len(), "nobody is told twice\n{about}");
        for world in worlds.iter().map(World) {
            for model in world.models() {
                let name = world.0.name(model);
                let how = match () {
                    () if world.has(model) => Some(world.how(model)),
                    () => world.has_lost(model).then_some(SpreadHow::Lost),
                };
                let member = told.get(&model);
                assert!(how.is_none() || member.is_some(), "{name} is {how:?} and not told\n{about}");
                if let Some(member) = member.filter(|member| member.certain) {
                    let fits = Some(member.how) == how
                        || member.how == SpreadHow::PerhapsInherited && how.is_some_and(|how| how != SpreadHow::Lost);
                    assert!(fits, "{name} is {how:?}, told {:?}\n{about}", member.how);
                }
            }
            let (least, most) = world.origins();
            let told = spread.origins;
            assert!(told.0 <= least && most <= told.1, "{least} to {most} origins, told {told:?}\n{about}");
        }
    });
}
