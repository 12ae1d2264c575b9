//! Syntax tree: a faithful tree of a query, with the span of every word.
//!
//! The tree knows neither schema nor graph: a capitalised run is a [`NounKind::Name`] whether it is a type, an entity
//! or a year; `check` resolves it. `print` writes the tree back, and parsing the result gives an equal tree.

mod equality;

use crate::text::{Span, Spanned};

/// Statements in the order written.
#[derive(Debug, Clone, PartialEq)]
pub struct Program {
    pub statements: Vec<Statement>,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Statement {
    Define(Define),
    Query(Query),
}

/// `define Model m adds Technique t as m uses t and succeeds Model p, p uses no t`
#[derive(Debug, Clone)]
pub struct Define {
    /// True for `let big = Org o develops at least 10 Model`, which defines `Org o big as o develops …`.
    pub is_let: bool,
    pub head: Sentence,
    pub body: Pattern,
    pub condition: Option<Expr>,
    pub span: Span,
}

/// One question: `head? body clause*`.
#[derive(Debug, Clone)]
pub struct Query {
    pub explain: Option<Spanned<Explain>>,
    pub head: Option<Spanned<Head>>,
    pub body: Body,
    pub clauses: Vec<Spanned<Clause>>,
    pub span: Span,
}

/// Kind of plan to show instead of the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Explain {
    /// `explain`
    Plan,
    /// `profile`: the plan with what each operator did.
    Profile,
}

/// Word before the body that says what is made of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Head {
    Why,
    WhyNot,
    Path,
    Paths,
    Graph,
    Diff,
    Count,
    Ask,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Body {
    /// `Org develops Model that uses MLA`
    Pattern(Pattern),
    /// `lineage of DeepSeek R1 via succeeds | based on`
    Lineage(LineageOf),
    /// `adoption of GQA and MLA among Model that uses MoE by year`
    Adoption { of: Vec<Noun>, among: Option<Noun>, by: Option<Spanned<Period>> },
    /// `spread of QK-Norm via succeeds`
    Spread { of: Noun, via: Option<Path> },
    /// `rise of Technique among Model`
    Rise { of: Vec<Noun>, among: Option<Noun> },
    /// `timeline of Model that uses MLA`
    Timeline(Pattern),
    /// `matrix of Model uses Technique`
    Matrix(Sentence),
    /// `describe DeepSeek V3`
    Describe(Noun),
    /// `conflicts`, `conflicts of Kimi K2`
    Conflicts(Option<Noun>),
    /// `claims of Kimi K2 by goose`, `gaps of Model`, `duplicates`, `sources`
    Report(Box<Report>),
    /// `schema`, `schema Model`, `schema uses`
    Schema(Option<Spanned<String>>),
}

/// `descendants of Llama {1,2} as m via succeeds`
#[derive(Debug, Clone, PartialEq)]
pub struct LineageOf {
    pub kind: Spanned<Lineage>,
    /// Root of the lineage; its `that` refers to the relatives.
    pub of: Noun,
    pub generations: Option<Spanned<Generations>>,
    /// Variable for the relatives in conditions.
    pub name: Option<Spanned<String>>,
    pub via: Option<Path>,
}

/// `{1,2}`: range of generations, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Generations {
    pub least: u32,
    pub most: Option<u32>,
}

/// A report about the claims of the graph.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    pub kind: ReportKind,
    /// An entity, or a type.
    pub of: Option<Noun>,
    /// A source.
    pub by: Option<Noun>,
    pub trust: Option<TrustTest>,
}

/// `trust = direct`, `trust != doubtful`
#[derive(Debug, Clone, PartialEq)]
pub struct TrustTest {
    pub not: bool,
    pub word: Spanned<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReportKind {
    Claims,
    Gaps,
    Duplicates,
    Sources,
}

impl ReportKind {
    /// Returns the word that asks for the report.
    pub fn name(self) -> &'static str {
        ["claims", "gaps", "duplicates", "sources"][self as usize]
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lineage {
    /// Ancestors and descendants.
    Lineage,
    Ancestors,
    Descendants,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Period {
    Year,
    Quarter,
    Month,
    /// `by Org`
    Type(String),
}

/// Sentences joined by commas.
#[derive(Debug, Clone)]
pub struct Pattern {
    pub sentences: Vec<PatternItem>,
    pub span: Span,
}

#[derive(Debug, Clone, PartialEq)]
pub struct PatternItem {
    /// True if `cross` stood before the sentence: it need not share a variable with the others.
    pub cross: bool,
    pub sentence: Sentence,
}

#[derive(Debug, Clone)]
pub enum Sentence {
    /// `Model m uses MLA`; without verb phrases, `Model m`.
    Plain { subject: Subject, phrases: Option<Phrases>, span: Span },
    /// `optional m succeeds Model`
    Optional { sentence: Box<Sentence>, span: Span },
    /// `not (m uses MLA)`
    Not { group: Group, span: Span },
    /// `(m uses MLA or m uses GQA)`
    Group(Group),
}

/// Alternative patterns, of which one must hold; a single one is a plain group.
#[derive(Debug, Clone)]
pub struct Group {
    pub alternatives: Vec<Pattern>,
    /// `(m uses Technique t where t.date < 2020)`; only if there is a single alternative.
    pub condition: Option<Expr>,
    pub span: Span,
}

/// `Mixtral 8x7B and Qwen3`: the sentence holds for each. Never empty.
#[derive(Debug, Clone, PartialEq)]
pub struct Subject {
    pub nouns: Vec<Noun>,
}

/// Verb phrases about one noun, a flat list of any length. Never empty, except in brackets with a condition.
#[derive(Debug, Clone)]
pub struct Phrases {
    pub join: Join,
    pub phrases: Vec<Phrase>,
    pub bracket: Option<Bracket>,
    pub span: Span,
}

/// Brackets around the phrases of a `that`, which are then about its noun alone: `that (uses MLA where m.date > 2024)`.
#[derive(Debug, Clone, PartialEq)]
pub struct Bracket {
    pub condition: Option<Box<Expr>>,
}

/// Conjunction between the phrases or objects of one level; `And` for a single one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Join {
    /// `and` or `but`, which mean the same.
    And,
    Or,
}

/// `not possibly is succeeded by no Model according to "S1"`
#[derive(Debug, Clone)]
pub struct Phrase {
    /// True if `but` stood before this phrase, with the meaning of `and`.
    pub but: bool,
    pub not: bool,
    pub modality: Option<Modality>,
    /// True if `is` stood before the verb, where it has no meaning of its own.
    pub is: bool,
    pub path: Path,
    /// Path variable: `as p`.
    pub bind: Option<Spanned<String>>,
    pub object: Object,
    /// What a defined verb says beside its object.
    pub third: Option<Box<Third>>,
    /// Source of `according to`.
    pub according: Option<Box<Noun>>,
    pub span: Span,
}

/// `from DeepSeek V2` in `takes MLA from DeepSeek V2`.
#[derive(Debug, Clone, PartialEq)]
pub struct Third {
    pub particle: Spanned<String>,
    pub objects: Objects,
}

impl Third {
    /// Returns the nouns, in the order written.
    pub fn nouns(&self) -> impl Iterator<Item = &Noun> {
        self.objects.items.iter().map(|item| &item.noun)
    }

    /// Returns the place of the nouns.
    pub fn span(&self) -> Span {
        self.nouns().map(|noun| noun.span).reduce(Span::to).unwrap_or(self.particle.span)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Modality {
    Possibly,
    Certainly,
}

impl Modality {
    /// Returns the keyword.
    pub fn word(self) -> &'static str {
        match self {
            Modality::Possibly => "possibly",
            Modality::Certainly => "certainly",
        }
    }
}

#[derive(Debug, Clone, PartialEq)]
pub enum Object {
    Nouns(Objects),
    /// A date that is not also a name, or a number: `..2023`, `2024~`, `1.5T`. (A run such as `2024-05` or `671B` is a
    /// [`NounKind::Name`] until `check` finds that the verb belongs to a property.)
    Value(Spanned<Literal>),
    /// `before 2024`; the date is a literal, a text (other EDTF) or a parameter.
    Period(Spanned<PeriodOp>, Box<Expr>),
    /// `between 2023 and 2024`, both ends included.
    Between(Box<Expr>, Box<Expr>),
    /// `is modern`: no object.
    Itself,
}

/// Relation of a date to a period: `in 2024`, `before 2024`, ….
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PeriodOp {
    In,
    Before,
    After,
    Since,
    Until,
}

/// `RoPE and MoE but not GQA`, `MLA or GQA`. Never empty.
#[derive(Debug, Clone, PartialEq)]
pub struct Objects {
    pub join: Join,
    pub items: Vec<ObjectItem>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct ObjectItem {
    pub but: bool,
    pub not: bool,
    pub noun: Noun,
}

/// `no Model that uses MoE`
#[derive(Debug, Clone)]
pub struct Noun {
    pub quantifier: Option<Spanned<Quantifier>>,
    pub kind: NounKind,
    /// Span of the noun itself, without quantifier and `that`.
    pub name_span: Span,
    pub that: Option<Phrases>,
    pub span: Span,
}

#[derive(Debug, Clone, PartialEq)]
pub enum NounKind {
    /// A capitalised run, with single spaces: `DeepSeek V3`, `Model`, `2024-05`.
    Name(String),
    /// A quoted name, unescaped.
    Text(String),
    /// `$technique`, without the `$`.
    Param(String),
    /// `Model m`, `Model "o1"`, `Date d`.
    Typed { type_name: Spanned<String>, of: Typed },
    /// A lower-case word: a variable (`m`, `o2`), or the name of an entity (`gpt-oss`).
    Lower(String),
}

#[derive(Debug, Clone, PartialEq)]
pub enum Typed {
    Var(Spanned<String>),
    Text(Spanned<String>),
}

#[derive(Debug, Clone, PartialEq)]
pub enum Quantifier {
    No,
    Every,
    AtLeast(Amount),
    AtMost(Amount),
    Exactly(Amount),
}

/// Number of a quantifier, or the parameter that gives it.
#[derive(Debug, Clone, PartialEq)]
pub enum Amount {
    Number(u32),
    Param(Spanned<String>),
}

/// Regular expression over verbs, from subject to object.
#[derive(Debug, Clone)]
pub struct Path {
    pub kind: PathKind,
    pub span: Span,
}

#[derive(Debug, Clone, PartialEq)]
pub enum PathKind {
    /// A verb with its particle, separated by one space: `uses`, `based on`.
    Verb(String),
    /// `^ uses`: from object to subject.
    Inverse(Box<Path>),
    /// `based on / uses`; two or more, flat.
    Sequence(Vec<Path>),
    /// `succeeds | based on`; two or more, flat.
    Either(Vec<Path>),
    /// `+` is 1.., `*` is 0.., `?` is 0..=1, `{2}` is 2..=2, `{,3}` is 0..=3.
    Repeat { path: Box<Path>, min: u32, max: Option<u32> },
    /// `Verb v`: any verb of the schema, which the variable stands for.
    Variable(Spanned<String>),
    /// `any but uses`: every verb of the schema except these.
    Any { but: Vec<Spanned<String>> },
}

#[derive(Debug, Clone, PartialEq)]
pub enum Clause {
    Where(Expr),
    Show {
        items: Vec<Item>,
        by: Vec<GroupKey>,
    },
    Having(Expr),
    OrderBy(Vec<Key>),
    /// The number is an integer or a parameter; `ties` is the span of `with ties`.
    Limit {
        number: Expr,
        ties: Option<Spanned<()>>,
    },
    Offset(Expr),
    /// A variable.
    Nearest(Spanned<String>),
    AsOf(Expr),
    /// For `diff`: verbs that are compared.
    Over(Vec<Spanned<String>>),
    /// For `paths`: those of the fewest steps, or of the least sum of a property.
    Shortest(Option<Spanned<String>>),
    /// A file name, whose extension gives the format.
    To(Spanned<String>),
}

/// `every t`: a key of `by`; with `every`, each of its values has a group even without matches.
#[derive(Debug, Clone, PartialEq)]
pub struct GroupKey {
    /// Span of `every`.
    pub every: Option<Spanned<()>>,
    pub expr: Expr,
}

/// `count(m) as n`
#[derive(Debug, Clone, PartialEq)]
pub struct Item {
    pub expr: Expr,
    pub name: Option<Spanned<String>>,
}

/// `count(m) desc`
#[derive(Debug, Clone, PartialEq)]
pub struct Key {
    pub expr: Expr,
    pub descending: bool,
}

#[derive(Debug, Clone)]
pub struct Expr {
    pub kind: ExprKind,
    pub span: Span,
}

/// Ways in which a value may be missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lack {
    /// No source states the value.
    Unknown,
    /// An optional part has no match.
    Absent,
}

#[derive(Debug, Clone, PartialEq)]
pub enum ExprKind {
    /// Two or more, flat.
    Or(Vec<Expr>),
    /// Two or more, flat.
    And(Vec<Expr>),
    Not(Box<Expr>),
    /// `possibly m.date < 2024`
    Modal(Modality, Box<Expr>),
    Compare(Spanned<CompareOp>, Box<Expr>, Box<Expr>),
    /// `x is unknown`, `m is not absent`
    IsLacking {
        expr: Box<Expr>,
        not: bool,
        lack: Lack,
    },
    Arithmetic(Spanned<ArithmeticOp>, Box<Expr>, Box<Expr>),
    Negative(Box<Expr>),
    Call {
        function: Spanned<String>,
        arguments: Vec<Expr>,
        /// `count(m where m uses GELU)`
        condition: Option<Box<Expr>>,
    },
    /// `trust(m uses t)`: a function of a fact.
    OfFact {
        function: Spanned<String>,
        fact: Box<Pattern>,
    },
    /// `m.date or else p.date`
    OrElse(Box<Expr>, Box<Expr>),
    /// `name(m) matches "^GPT-[0-9]"`
    Matches(Box<Expr>, Box<Expr>),
    /// `i is an Insect`
    IsType {
        expr: Box<Expr>,
        not: bool,
        type_name: Spanned<String>,
    },
    /// `(QK-Norm, GQA)`: after `in`. Never empty.
    List(Vec<Expr>),
    /// `m.date`, `"GPT-2".date`. (`GPT-2.date` is a [`ExprKind::Name`] until `check` finds the name of an entity in it.)
    Property {
        owner: Spanned<NounKind>,
        property: Spanned<String>,
    },
    Literal(Literal),
    /// `"..."`: a text, or the name of an entity where an entity is required.
    Text(String),
    Param(String),
    /// A capitalised run: an entity, or a date or number that is also a name (`2024`).
    Name(String),
    /// A lower-case word: a variable, or the name of an entity.
    Lower(String),
    /// `(m uses MLA)`: true if such a fact exists.
    Exists(Box<Pattern>),
}

#[derive(Debug, Clone, PartialEq)]
pub enum Literal {
    /// A date as written; `syntax` has checked that it can be read.
    Date(crate::date::Date),
    /// A number with its SI suffix multiplied out; `text` is as written.
    Number { number: crate::value::Number, text: String },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum CompareOp {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Period(PeriodOp),
    /// Text against a pattern in which `*` stands for any run of characters; case is ignored.
    Like,
}

impl PeriodOp {
    /// Returns the operator as it is written.
    pub fn word(self) -> &'static str {
        match self {
            PeriodOp::In => "in",
            PeriodOp::Before => "before",
            PeriodOp::After => "after",
            PeriodOp::Since => "since",
            PeriodOp::Until => "until",
        }
    }
}

impl CompareOp {
    /// Returns the operator as it is written.
    pub fn sign(self) -> &'static str {
        match self {
            CompareOp::Equal => "=",
            CompareOp::NotEqual => "!=",
            CompareOp::Less => "<",
            CompareOp::LessOrEqual => "<=",
            CompareOp::Greater => ">",
            CompareOp::GreaterOrEqual => ">=",
            CompareOp::Period(op) => op.word(),
            CompareOp::Like => "like",
        }
    }

    /// Returns how one value compares with itself, also where nobody knows it: nothing is before itself.
    pub fn holds_of_one_value(self) -> bool {
        match self {
            CompareOp::Equal | CompareOp::LessOrEqual | CompareOp::GreaterOrEqual | CompareOp::Like => true,
            CompareOp::NotEqual | CompareOp::Less | CompareOp::Greater => false,
            CompareOp::Period(op) => matches!(op, PeriodOp::In | PeriodOp::Since | PeriodOp::Until),
        }
    }

    /// Returns the operator for exchanged operands.
    pub fn mirrored(self) -> CompareOp {
        match self {
            CompareOp::Less => CompareOp::Greater,
            CompareOp::LessOrEqual => CompareOp::GreaterOrEqual,
            CompareOp::Greater => CompareOp::Less,
            CompareOp::GreaterOrEqual => CompareOp::LessOrEqual,
            same => same,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ArithmeticOp {
    Add,
    Subtract,
    Multiply,
    Divide,
}

impl ArithmeticOp {
    /// Returns the operator as it is written.
    pub fn sign(self) -> &'static str {
        match self {
            ArithmeticOp::Add => "+",
            ArithmeticOp::Subtract => "-",
            ArithmeticOp::Multiply => "*",
            ArithmeticOp::Divide => "/",
        }
    }
}
