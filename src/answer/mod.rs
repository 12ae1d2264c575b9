//! What a query gives: a table in every case, and what its view is drawn from.
//!
//! Cells hold ids; `render` turns them into words. Rows are in their final order.

mod rows;

pub use rows::{CellRef, RowRef, Rows};

use crate::graph::{EntityId, FactId};
use crate::schema::TypeSet;
use crate::text::Diagnostic;
use crate::value::{Date, Truth, Value};

/// The answer to one query.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    pub view: View,
    /// The rows that every format can show.
    pub table: Table,
    /// How many rows would be added by `possibly`. Zero where they are shown.
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
    /// `timeline of …`: the entities of the first column, in order of date.
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
    /// Of entity columns; empty otherwise.
    pub types: TypeSet,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    pub cells: Vec<Cell>,
    /// False: the row is only possible.
    pub certain: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// An optional part that found nothing.
    Absent,
    Entity(EntityId),
    Value(Value),
    /// The entities of a path, in order.
    Path(Vec<EntityId>),
    /// In order; `false` marks what is only possible.
    List(Vec<(Cell, bool)>),
}

/// Some entities and some of the facts between them.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Subgraph {
    /// In id order; holds the ends of all facts.
    pub entities: Vec<EntityId>,
    /// In id order; links and values.
    pub facts: Vec<FactId>,
    /// Facts of defined verbs, which have no id: subject, verb, object.
    pub derived: Vec<(EntityId, String, EntityId)>,
}

/// A row of the pattern and why it holds.
#[derive(Debug, Clone, PartialEq)]
pub struct Explained {
    /// The row as a sentence: `DeepSeek V3 uses MLA`.
    pub title: String,
    pub proof: Proof,
    pub certain: bool,
}

/// Why something holds: a tree of least height.
#[derive(Debug, Clone, PartialEq)]
pub struct Proof {
    pub reason: Reason,
    pub because: Vec<Proof>,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Reason {
    /// All of the proofs below.
    All,
    /// A fact of the graph, with its claims.
    Fact(FactId),
    /// A path: the facts of the chain are below, in order.
    Chain { subject: EntityId, path: String, object: EntityId },
    /// A defined verb, by its text.
    Rule { subject: EntityId, verb: String, object: EntityId, text: String },
    /// Nothing was found: what was looked for, as a sentence, and how many candidates were looked at.
    Absent { sought: String, looked_at: usize },
    /// A comparison that holds: as written, with the bounds used. It was read from these facts, but does not rest on them:
    /// what is only possible rests on what is not known.
    Compared { condition: String, bounds: Vec<String>, read: Vec<FactId> },
    /// A date made narrower by lineage.
    Narrowed { entity: EntityId, from: Date, to: Date },
    /// A number of things counted, or all of them looked at; the proofs of each are below.
    Counted { what: String, number: usize },
    /// The two are the same entity: a path of no steps.
    Itself(EntityId),
}

/// The first condition that fails, and what came nearest to it.
#[derive(Debug, Clone, PartialEq)]
pub struct WhyNot {
    /// What holds before it, with proofs.
    pub holds: Vec<Proof>,
    /// The condition that fails, as a sentence; `None` when the sentence holds after all.
    pub fails: Option<String>,
    /// What there is instead: facts about the same subject or object.
    pub nearest: Vec<Proof>,
}

/// A family tree.
#[derive(Debug, Clone, PartialEq)]
pub struct Lineage {
    pub root: EntityId,
    pub ancestors: bool,
    pub descendants: bool,
    /// The root, then the others, nearest first; ties by date, then by id. On a cycle an entity stands on both sides,
    /// and the root is a member again, of the generation in which the cycle comes back to it.
    pub members: Vec<Member>,
    /// What joins them; in order of child, verb and parent.
    pub links: Vec<Kinship>,
}

/// What joins a child to a parent of it: a fact, or what a defined verb says.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Kinship {
    pub child: EntityId,
    pub verb: String,
    pub parent: EntityId,
    /// Whether the parent is the subject of the verb.
    pub inverse: bool,
    /// None of a defined verb.
    pub fact: Option<FactId>,
}

impl Kinship {
    /// The subject and the object of the verb.
    pub fn ends(&self) -> (EntityId, EntityId) {
        if self.inverse { (self.parent, self.child) } else { (self.child, self.parent) }
    }
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Member {
    pub entity: EntityId,
    /// False: it is not asked for, and stands on the way to one that is.
    pub asked: bool,
    /// Generations from the root: negative for ancestors, 0 for the root.
    pub generation: i32,
    pub date: Date,
    pub certain: bool,
}

/// Adoption over periods or groups: one curve for each adopted entity.
#[derive(Debug, Clone, PartialEq)]
pub struct Adoption {
    /// Whether the heads are periods of time; else they are groups, which have no order in time.
    pub timed: bool,
    /// Of whom shares are told, in id order; `None` is all that could adopt.
    pub among: Option<Vec<EntityId>>,
    /// The heads of the periods or groups, in order.
    pub periods: Vec<String>,
    pub curves: Vec<Curve>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Curve {
    pub adopted: EntityId,
    /// By period; the three kinds add up to all adopters.
    pub certain: Vec<Vec<EntityId>>,
    /// By period: adopters that may fall into it, again in each.
    pub possible: Vec<Vec<EntityId>>,
    /// Adopters whose date spans several periods, once each.
    pub wide: Vec<EntityId>,
    pub undated: Vec<EntityId>,
    /// Who may have been first; `true` if certainly.
    pub first: Vec<(EntityId, bool)>,
    /// By period, where shares are asked for; `None` where there is nobody to have a share of.
    pub shares: Vec<Option<Share>>,
}

/// How many of those of whom something is recorded: at least and at most, whatever the days and doubtful facts are.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Share {
    /// Of how many.
    pub recorded: (usize, usize),
    pub percent: (f64, f64),
}

/// How fast the adopted were taken up.
#[derive(Debug, Clone, PartialEq)]
pub struct Rise {
    /// The most used first.
    pub rises: Vec<RiseOf>,
    /// Year by year, with shares; the curves in the same order.
    pub adoption: Adoption,
}

#[derive(Debug, Clone, PartialEq)]
pub struct RiseOf {
    pub adopted: EntityId,
    /// How many for certain, and how many possibly.
    pub users: (usize, usize),
    /// The year of the first user, at the earliest and at the latest; `None` is open.
    pub began: (Option<i32>, Option<i32>),
    /// The greatest share of new entities in a year, in percent: at least and at most.
    pub peak: Option<(f64, f64)>,
    /// When 10, 50 and 90 % of new entities used it.
    pub reached: [Reached; 3],
    /// The months from half as many users to all: at least and at most.
    pub doubling: Option<(f64, f64)>,
    /// Who may have been first, and last; `true` if certainly.
    pub led: Vec<(EntityId, bool)>,
    pub lagged: Vec<(EntityId, bool)>,
}

/// When a share was reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reached {
    /// In no year that is recorded.
    Never,
    /// So many years after the first user. Without `most`, it may not have been reached.
    After { least: i32, most: Option<i32> },
}

/// How something spread along a lineage.
#[derive(Debug, Clone, PartialEq)]
pub struct Spread {
    pub adopted: EntityId,
    /// How often it was taken up anew: at least, and at most.
    pub origins: (usize, usize),
    /// In order of date; those who have it, and those who have lost it.
    pub members: Vec<SpreadMember>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct SpreadMember {
    pub entity: EntityId,
    pub how: SpreadHow,
    /// Its parents that have it, or may have it.
    pub from: Vec<EntityId>,
    /// Its parents of whom nothing is recorded, where it may have it from one of them.
    pub open: Vec<EntityId>,
    pub certain: bool,
}

/// How an entity came to have something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SpreadHow {
    /// No parent may have it.
    Anew,
    /// A parent may have it.
    PerhapsInherited,
    /// A parent has it.
    Inherited,
    /// A parent has it, and this one has something else.
    Lost,
}

impl Spread {
    /// `taken up anew 5 times, inherited by 7, lost by 4`
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

/// Subject × object of a sentence.
#[derive(Debug, Clone, PartialEq)]
pub struct Matrix {
    /// In order of date; those of the same date, and the undated at the end, in order of their first column.
    pub rows: Vec<EntityId>,
    /// In order of date.
    pub columns: Vec<EntityId>,
    /// Row by row: `Maybe` is only possible.
    pub cells: Vec<Vec<Truth>>,
    /// Row by row: whether the cell is certain, and no other certain one of its column has a row of a certainly earlier
    /// date. All false where no row has a date.
    pub earliest: Vec<Vec<bool>>,
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
    /// The facts it rests on, of both sides where both have it.
    pub facts: Vec<FactId>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Side {
    /// Only the left one has it.
    Left,
    /// Only the right one has it.
    Right,
    Both,
}
