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
