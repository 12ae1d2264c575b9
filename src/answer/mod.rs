//! The result of a query: always a table, and the data that its view is drawn from.
//!
//! Cells hold ids; `render` turns them into names. Rows are in their final order.

mod rows;

pub use rows::{CellRef, RowRef, Rows};

use crate::graph::{CitedFact, EntityId, FactId, Graph};
use crate::schema::TypeSet;
use crate::text::Diagnostic;
use crate::value::{Date, Truth, Value};
use std::sync::Arc;

/// The answer to one query.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    pub view: View,
    /// The rows that every format can show.
    pub table: Table,
    /// The number of rows that `possibly` would add; 0 if they are already shown.
    pub more_possible: usize,
    pub notes: Vec<Diagnostic>,
}

/// What a terminal or a picture shows instead of the plain table.
#[derive(Debug, Clone, PartialEq)]
pub enum View {
    Rows,
    /// A question without holes.
    Verdict(Truth),
    /// `graph …`
    Graph(Subgraph),
    /// `why …`: one proof per row of the pattern.
    Why(Vec<Explained>),
    WhyNot(WhyNot),
    Lineage(Lineage),
    Adoption(Adoption),
    Rise(Rise),
    Spread(Spread),
    /// `timeline of …`: the entities of the first column, sorted by date.
    Timeline(Subgraph),
    Matrix(Matrix),
    Diff(Vec<Diff>),
    Describe(EntityId),
    Conflicts,
    Schema,
    /// `explain`, `profile`: the printed plan.
    Plan(String),
}

#[derive(Debug, Clone, PartialEq, Default)]
pub struct Table {
    pub columns: Vec<Head>,
    pub rows: Rows,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Head {
    pub title: String,
    /// Numbers are aligned to the right.
    pub numeric: bool,
    /// The types of an entity column; empty for other columns.
    pub types: TypeSet,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    pub cells: Vec<Cell>,
    /// False if the row is only possible.
    pub certain: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// An optional part without a match.
    Absent,
    Entity(EntityId),
    Value(Value),
    /// The entities of a path, in order.
    Path(Vec<EntityId>),
    /// In order; `false` marks a member that is only possible.
    List(Vec<(Cell, bool)>),
}

/// Some entities and some of the facts between them.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Subgraph {
    /// Sorted by id; includes the ends of all facts.
    pub entities: Vec<EntityId>,
    /// Links and values, sorted by id.
    pub facts: Vec<FactId>,
    /// Sources by which alone some of the facts are cited, sorted. All others are cited by all their sources.
    pub according: Vec<CitedFact>,
    /// Facts that follow from defined verbs, which have no id.
    pub derived: Vec<DerivedFact>,
}

impl Subgraph {
    /// Returns a fact with each source by which it is cited; once and without a source if by all.
    pub fn cited(&self, fact: FactId) -> Vec<CitedFact> {
        match self.sources(fact) {
            [] => vec![fact.into()],
            sources => sources.to_vec(),
        }
    }

    /// Returns the sources by which alone a fact is cited; none if it is cited by all.
    pub fn sources(&self, fact: FactId) -> &[CitedFact] {
        let from = self.according.partition_point(|cited| cited.fact < fact);
        let until = self.according.partition_point(|cited| cited.fact <= fact);
        &self.according[from..until]
    }

    /// Returns true if all cited claims of a fact are doubtful.
    pub fn is_doubtful(&self, graph: &Graph, fact: FactId) -> bool {
        graph.claims().is_doubtful_by(fact, self.sources(fact))
    }

    /// Returns the numbers of the cited claims of a fact, in insertion order.
    pub fn claims<'a>(&'a self, graph: &'a Graph, fact: FactId) -> impl Iterator<Item = u32> + 'a {
        graph.claims().numbers_by(fact, self.sources(fact))
    }
}

/// A fact that follows from a defined verb.
#[derive(Debug, Clone, PartialEq)]
pub struct DerivedFact {
    pub subject: EntityId,
    pub verb: String,
    pub object: EntityId,
    pub certain: bool,
}

/// A row of the pattern and why it holds.
#[derive(Debug, Clone, PartialEq)]
pub struct Explained {
    /// The row as a sentence: `DeepSeek V3 uses MLA`.
    pub title: String,
    pub proof: Proof,
    pub certain: bool,
}

/// Why something holds: the smallest tree of facts found.
#[derive(Debug, Clone, PartialEq)]
pub struct Proof {
    pub reason: Reason,
    /// Shared, since one derived fact may be needed at many places; below it is told at the first of them.
    pub because: Arc<Vec<Proof>>,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Reason {
    /// All of the proofs below hold.
    All,
    /// A fact of the graph, with the claims that are cited.
    Fact(CitedFact),
    /// A path: the facts along it are below, in order.
    Chain { subject: EntityId, path: String, object: EntityId },
    /// A defined verb, with the text of its definition; `object` is `None` for a word of one place, as in `m is modern`, and
    /// `text` where the proof stands above already.
    Rule { subject: EntityId, verb: String, object: Option<EntityId>, text: Option<String> },
    /// Nothing was found: the search as a sentence, and the number of candidates examined.
    Absent { sought: String, looked_at: usize },
    /// A comparison that holds, as written, with the bounds used. `read` are the facts whose values were compared. They
    /// are not premises: a comparison may be possible just because a value is unknown.
    Compared { condition: String, bounds: Vec<String>, read: Vec<FactId> },
    /// A date that lineage narrows.
    Narrowed { entity: EntityId, from: Date, to: Date },
    /// A count, or a check of all members; the proofs of each are below.
    Counted { what: String, number: usize },
    /// A path of no steps: both ends are the same entity.
    Itself(EntityId),
}

/// The first condition that fails, and the facts that come nearest to it.
#[derive(Debug, Clone, PartialEq)]
pub struct WhyNot {
    /// The conditions before it, which hold, with proofs.
    pub holds: Vec<Proof>,
    /// The failing condition as a sentence; `None` if the whole query holds.
    pub fails: Option<String>,
    /// What the graph holds instead: facts about the same subject or object.
    pub nearest: Vec<Proof>,
}

/// A family tree.
#[derive(Debug, Clone, PartialEq)]
pub struct Lineage {
    pub root: EntityId,
    pub ancestors: bool,
    pub descendants: bool,
    /// The root, then the others by distance, ties by date, then by id. On a cycle an entity appears both as ancestor
    /// and as descendant, and the root appears again, in the generation in which the cycle returns to it.
    pub members: Vec<Member>,
    /// The links between members, sorted by child, verb and parent.
    pub links: Vec<Kinship>,
    /// The number of relatives that the query left out by a condition or a limit.
    pub left_out: usize,
}

/// A link from a child to a parent: a fact, or the statement of a defined verb.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Kinship {
    pub child: EntityId,
    pub verb: String,
    pub parent: EntityId,
    /// Whether the parent is the subject of the verb.
    pub inverse: bool,
    /// `None` for a defined verb.
    pub fact: Option<FactId>,
}

impl Kinship {
    /// Returns the subject and the object of the verb.
    pub fn ends(&self) -> (EntityId, EntityId) {
        if self.inverse { (self.parent, self.child) } else { (self.child, self.parent) }
    }
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Member {
    pub entity: EntityId,
    /// False if the query does not ask for this entity; it lies on the way to one that it asks for.
    pub asked: bool,
    /// Generations from the root: negative for ancestors, 0 for the root.
    pub generation: i32,
    pub date: Date,
    pub certain: bool,
}

/// Adoption over periods or groups: one curve for each adopted entity.
#[derive(Debug, Clone, PartialEq)]
pub struct Adoption {
    /// Whether the columns are periods of time; otherwise they are groups, which have no order in time.
    pub timed: bool,
    /// The entities that shares are relative to, sorted by id; `None` means all that could adopt.
    pub among: Option<Vec<EntityId>>,
    /// The titles of the periods or groups, in order.
    pub periods: Vec<String>,
    pub curves: Vec<Curve>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Curve {
    pub adopted: EntityId,
    /// Certain adopters by period. `certain`, `possible`, `wide` and `undated` together hold all adopters.
    pub certain: Vec<Vec<EntityId>>,
    /// Adopters that may fall into a period, repeated in each of these periods.
    pub possible: Vec<Vec<EntityId>>,
    /// Adopters whose date spans several periods, once each.
    pub wide: Vec<EntityId>,
    pub undated: Vec<EntityId>,
    /// The adopters that may have been first; `true` if certainly.
    pub first: Vec<(EntityId, bool)>,
    /// By period, if the query asks for shares; `None` for a period without entities to take a share of.
    pub shares: Vec<Option<Share>>,
}

/// The share of adopters among the entities with a recorded value: lower and upper bound over all days of uncertain
/// dates and all doubtful facts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Share {
    /// The number of entities that the share is relative to.
    pub recorded: (usize, usize),
    pub percent: (f64, f64),
}

/// How fast entities were adopted.
#[derive(Debug, Clone, PartialEq)]
pub struct Rise {
    /// Sorted by number of users, largest first.
    pub rises: Vec<RiseOf>,
    /// Adoption by year, with shares; the curves in the same order as `rises`.
    pub adoption: Adoption,
}

#[derive(Debug, Clone, PartialEq)]
pub struct RiseOf {
    pub adopted: EntityId,
    /// The number of certain users, and of possible ones.
    pub users: (usize, usize),
    /// The year of the first user, earliest and latest; `None` if open.
    pub began: (Option<i32>, Option<i32>),
    /// The largest share among new entities in one year, in percent: lower and upper bound.
    pub peak: Option<(f64, f64)>,
    /// When 10, 50 and 90 % of new entities used it.
    pub reached: [Reached; 3],
    /// The months from half of the users to all of them: lower and upper bound.
    pub doubling: Option<(f64, f64)>,
    /// The users that may have been first, and last; `true` if certainly.
    pub led: Vec<(EntityId, bool)>,
    pub lagged: Vec<(EntityId, bool)>,
}

/// When a share was reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reached {
    /// In no recorded year.
    Never,
    /// Years after the first user. `most` is `None` if the share may not have been reached at all.
    After { least: i32, most: Option<i32> },
}

/// How a trait spread along a lineage.
#[derive(Debug, Clone, PartialEq)]
pub struct Spread {
    pub adopted: EntityId,
    /// How often it arose anew: lower and upper bound.
    pub origins: (usize, usize),
    /// The entities that have it or have lost it, sorted by date.
    pub members: Vec<SpreadMember>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct SpreadMember {
    pub entity: EntityId,
    pub how: SpreadHow,
    /// The parents that have it, or may have it.
    pub from: Vec<EntityId>,
    /// The parents without a recorded value, if the entity may have inherited it from one of them.
    pub open: Vec<EntityId>,
    pub certain: bool,
}

/// How an entity came to have the trait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SpreadHow {
    /// No parent can have it.
    Anew,
    /// A parent may have it.
    PerhapsInherited,
    /// A parent has it.
    Inherited,
    /// A parent has it, and this entity has something else instead.
    Lost,
}

impl Spread {
    /// Returns a summary: `taken up anew 5 times, inherited by 7, lost by 4`.
    pub fn in_words(&self) -> String {
        let times = |number: usize| if number == 1 { "once".to_string() } else { format!("{number} times") };
        let mut parts = vec![match self.origins {
            (_, 0) => "nobody is recorded as having it".to_string(),
            (least, most) if least == most => format!("taken up anew {}", times(most)),
            (least, most) => format!("taken up anew {least} to {}", times(most)),
        }];
        let count = |how: SpreadHow| self.members.iter().filter(|member| member.how == how).count();
        for (how, word) in [
            (SpreadHow::Inherited, "inherited by"),
            (SpreadHow::PerhapsInherited, "perhaps inherited by"),
            (SpreadHow::Lost, "lost by"),
        ] {
            if count(how) > 0 {
                parts.push(format!("{word} {}", count(how)));
            }
        }
        parts.join(", ")
    }
}

impl SpreadHow {
    pub fn word(self) -> &'static str {
        match self {
            SpreadHow::Anew => "anew",
            SpreadHow::PerhapsInherited => "perhaps inherited",
            SpreadHow::Inherited => "inherited",
            SpreadHow::Lost => "lost",
        }
    }
}

/// Subjects × objects of a sentence.
#[derive(Debug, Clone, PartialEq)]
pub struct Matrix {
    /// Sorted by date; ties, and the undated at the end, by the first column in which the row has a cell.
    pub rows: Vec<EntityId>,
    /// Sorted by date.
    pub columns: Vec<EntityId>,
    /// Row by row; `Maybe` if only possible.
    pub cells: Vec<Vec<Truth>>,
    /// Row by row: whether the cell is certain and no certain cell of the same column has a row with a certainly
    /// earlier date. All false if no row has a date.
    pub earliest: Vec<Vec<bool>>,
    /// The verb of the sentence, if a single one joins rows and columns.
    pub verb: Option<String>,
    /// Whether the columns are the subjects of the verb.
    pub is_turned: bool,
}

/// Two entities compared.
#[derive(Debug, Clone, PartialEq)]
pub struct Diff {
    pub left: EntityId,
    pub right: EntityId,
    pub entries: Vec<Difference>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Difference {
    pub side: Side,
    /// The verb or property: `uses`, `dated`.
    pub verb: String,
    pub cell: Cell,
    /// The facts behind the entry; those of both sides if both have it.
    pub facts: Vec<FactId>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Side {
    /// Only the left entity has it.
    Left,
    /// Only the right entity has it.
    Right,
    Both,
}
