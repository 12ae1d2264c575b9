//! What Cypher and SPARQL have in common: a pattern of nodes and paths with conditions, of which parts may be nested.

use crate::graph::{EntityId, SourceId};
use crate::plan::Path;
use crate::schema::{PropertyId, TypeSet};
use std::collections::BTreeSet;

/// An entity, or the variable of an entity or of a stated value.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Node {
    Var(String),
    Entity(EntityId),
}

/// Parts that all have to match, and conditions on them. A nested group sees the variables around it.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Group {
    pub items: Vec<Item>,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Item {
    /// Binds a variable to each entity of the types.
    Entities {
        var: String,
        types: TypeSet,
    },
    /// Binds a variable to each stated value of the property, unless a [`Item::Stated`] of the group does.
    Values {
        var: String,
        property: PropertyId,
    },
    /// The value is stated of the subject; without doubt if `sure`.
    Stated {
        subject: Node,
        var: String,
        property: PropertyId,
        sure: bool,
        source: Option<SourceId>,
    },
    /// The path joins the nodes; by facts without doubt if `sure`. The language [can say](super::Language::says) it.
    Path {
        path: Path,
        subject: Node,
        object: Node,
        sure: bool,
        source: Option<SourceId>,
    },
    Filter(Expr),
    /// The matches with the variables that they bind, and no variables where `none` has no match.
    Optional {
        own: Vec<String>,
        matches: Group,
        none: Group,
    },
}

/// An attribute of a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Attribute {
    /// The number of the entity, in the order of names.
    Number,
    Name,
    /// A column of the settled value of an entity; null where none is known.
    Settled(PropertyId, &'static str),
    /// A column of a stated value.
    Stated(&'static str),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sign {
    Equal,
    Less,
    LessOrEqual,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Arithmetic {
    Plus,
    Minus,
    Times,
}

impl Sign {
    /// As both languages write it.
    pub fn word(self) -> &'static str {
        match self {
            Sign::Equal => "=",
            Sign::Less => "<",
            Sign::LessOrEqual => "<=",
        }
    }
}

impl Arithmetic {
    /// As both languages write it.
    pub fn word(self) -> &'static str {
        match self {
            Arithmetic::Plus => "+",
            Arithmetic::Minus => "-",
            Arithmetic::Times => "*",
        }
    }
}

/// An expression; null where something that it reads is absent or unknown. `And`, `Or` and `Not` follow Kleene.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Expr {
    Null,
    Truth(bool),
    Whole(i64),
    Number(f64),
    Text(String),
    And(Vec<Expr>),
    Or(Vec<Expr>),
    Not(Box<Expr>),
    Compare(Sign, Box<Expr>, Box<Expr>),
    Arithmetic(Arithmetic, Box<Expr>, Box<Expr>),
    /// The second if the first is null.
    OrElse(Box<Expr>, Box<Expr>),
    If(Box<Expr>, Box<Expr>, Box<Expr>),
    IsNull(Box<Expr>),
    /// An optional part did not bind the variable.
    IsAbsent(String),
    Same(Node, Node),
    IsOf(Node, TypeSet),
    Read(Node, Attribute),
    /// A column that an inner query gives.
    Column(String),
    Lower(Box<Expr>),
    Upper(Box<Expr>),
    /// The text in lower case fits the whole regular expression.
    Fits(Box<Expr>, String),
    /// A whole number in words.
    Words(Box<Expr>),
    Exists(Group),
}

impl Item {
    /// The variables that a fact joins.
    pub fn joined(&self) -> Vec<&String> {
        match self {
            Item::Stated { subject, var, .. } => subject.name().into_iter().chain([var]).collect(),
            Item::Path { subject, object, .. } => [subject, object].into_iter().filter_map(Node::name).collect(),
            _ => Vec::new(),
        }
    }
}

impl Group {
    /// Calls `f` with each expression of the group and of the groups nested in it.
    pub fn each(&self, f: &mut dyn FnMut(&Expr)) {
        for item in &self.items {
            match item {
                Item::Filter(expr) => expr.each(f),
                Item::Optional { matches, none, .. } => {
                    matches.each(f);
                    none.each(f);
                }
                _ => {}
            }
        }
    }

    /// Returns the group with conditions added.
    pub fn with(mut self, conditions: impl IntoIterator<Item = Expr>) -> Group {
        self.items.extend(conditions.into_iter().map(Item::Filter));
        self
    }

    /// Returns the variables among `names` that facts of the group join, and that the group does not bind itself.
    pub fn joins_of(&self, names: &BTreeSet<String>) -> Vec<String> {
        let is_bound = |name: &String| {
            self.items.iter().any(|item| match item {
                Item::Entities { var, .. } | Item::Values { var, .. } => var == name,
                Item::Optional { own, .. } => own.contains(name),
                _ => false,
            })
        };
        let mut joined: Vec<String> = self.items.iter().flat_map(Item::joined).cloned().collect();
        joined.retain(|name| names.contains(name) && !is_bound(name));
        joined.sort();
        joined.dedup();
        joined
    }

    /// Calls `f` with each optional part of the group and of the groups nested in it.
    pub fn each_optional(&self, f: &mut dyn FnMut(&[String], &Group)) {
        for item in &self.items {
            match item {
                Item::Optional { own, matches, none } => {
                    f(own, matches);
                    matches.each_optional(f);
                    none.each_optional(f);
                }
                Item::Filter(expr) => expr.each(&mut |inner| {
                    if let Expr::Exists(group) = inner {
                        // Those within are visited by `each` itself.
                        group.items.iter().for_each(|item| {
                            if let Item::Optional { own, matches, .. } = item {
                                f(own, matches);
                            }
                        });
                    }
                }),
                _ => {}
            }
        }
    }

    /// Returns true if the group only tests what stands around it.
    fn only_tests(&self) -> bool {
        self.items.iter().all(|item| matches!(item, Item::Filter(_)))
    }
}

impl Expr {
    /// Calls `f` with this expression and its parts, those of nested groups included.
    pub fn each(&self, f: &mut dyn FnMut(&Expr)) {
        f(self);
        match self {
            Expr::And(all) | Expr::Or(all) => all.iter().for_each(|inner| inner.each(f)),
            Expr::Not(a) | Expr::IsNull(a) | Expr::Lower(a) | Expr::Upper(a) | Expr::Fits(a, _) | Expr::Words(a) => {
                a.each(f)
            }
            Expr::Compare(_, a, b) | Expr::Arithmetic(_, a, b) | Expr::OrElse(a, b) => {
                a.each(f);
                b.each(f);
            }
            Expr::If(a, b, c) => [a, b, c].into_iter().for_each(|inner| inner.each(f)),
            Expr::Exists(group) => group.each(f),
            _ => {}
        }
    }

    pub fn compare(sign: Sign, a: &Expr, b: &Expr) -> Expr {
        Expr::Compare(sign, Box::new(a.clone()), Box::new(b.clone()))
    }

    pub fn less(a: &Expr, b: &Expr) -> Expr {
        Expr::compare(Sign::Less, a, b)
    }

    pub fn at_most(a: &Expr, b: &Expr) -> Expr {
        Expr::compare(Sign::LessOrEqual, a, b)
    }

    pub fn equal(a: &Expr, b: &Expr) -> Expr {
        Expr::compare(Sign::Equal, a, b)
    }

    /// All of them; the one if there is one.
    pub fn all(parts: Vec<Expr>) -> Expr {
        let mut kept: Vec<Expr> = Vec::new();
        for part in parts {
            match part {
                Expr::Truth(true) => {}
                Expr::And(inner) => kept.extend(inner),
                other if kept.contains(&other) => {}
                other => kept.push(other),
            }
        }
        match kept.len() {
            0 => Expr::Truth(true),
            1 => kept.remove(0),
            _ => Expr::And(kept),
        }
    }

    /// Any of them; the one if there is one.
    pub fn any(parts: Vec<Expr>) -> Expr {
        let mut kept: Vec<Expr> = Vec::new();
        for part in parts {
            match part {
                Expr::Truth(false) => {}
                Expr::Or(inner) => kept.extend(inner),
                other if kept.contains(&other) => {}
                other => kept.push(other),
            }
        }
        match kept.len() {
            0 => Expr::Truth(false),
            1 => kept.remove(0),
            _ => Expr::Or(kept),
        }
    }

    pub fn not(self) -> Expr {
        match self {
            Expr::Truth(truth) => Expr::Truth(!truth),
            Expr::Not(inner) => *inner,
            other => Expr::Not(Box::new(other)),
        }
    }

    /// The expression, or the second where it is null.
    pub fn or_else(self, other: Expr) -> Expr {
        if self.is_known() { self } else { Expr::OrElse(Box::new(self), Box::new(other)) }
    }

    /// The expression as a condition that is false where it is null.
    pub fn or_false(self) -> Expr {
        self.or_else(Expr::Truth(false))
    }

    /// A match of the group.
    pub fn exists(group: Group) -> Expr {
        if !group.only_tests() {
            return Expr::Exists(group);
        }
        let tests = group.items.into_iter().filter_map(|item| match item {
            Item::Filter(expr) => Some(expr.or_false()),
            _ => None,
        });
        Expr::all(tests.collect())
    }

    /// Returns true if the expression is never null.
    fn is_known(&self) -> bool {
        match self {
            Expr::Truth(_) | Expr::Whole(_) | Expr::Number(_) | Expr::Text(_) => true,
            Expr::Exists(_) | Expr::IsNull(_) | Expr::IsAbsent(_) => true,
            Expr::And(all) | Expr::Or(all) => all.iter().all(Expr::is_known),
            Expr::Not(inner) => inner.is_known(),
            Expr::OrElse(_, b) => b.is_known(),
            Expr::Compare(_, a, b) => a.is_known() && b.is_known(),
            _ => false,
        }
    }
}

impl Group {
    /// Calls `f` with each name of a variable in the group and in the groups nested in it.
    pub fn each_name_mut(&mut self, f: &dyn Fn(&mut String)) {
        for item in &mut self.items {
            match item {
                Item::Entities { var, .. } | Item::Values { var, .. } => f(var),
                Item::Stated { subject, var, .. } => {
                    subject.name_mut(f);
                    f(var);
                }
                Item::Path { subject, object, .. } => {
                    subject.name_mut(f);
                    object.name_mut(f);
                }
                Item::Filter(expr) => expr.each_name_mut(f),
                Item::Optional { own, matches, none } => {
                    own.iter_mut().for_each(f);
                    matches.each_name_mut(f);
                    none.each_name_mut(f);
                }
            }
        }
    }
}

impl Node {
    /// Returns the name of a variable.
    fn name(&self) -> Option<&String> {
        match self {
            Node::Var(name) => Some(name),
            Node::Entity(_) => None,
        }
    }

    fn name_mut(&mut self, f: &dyn Fn(&mut String)) {
        if let Node::Var(name) = self {
            f(name);
        }
    }
}

impl Expr {
    fn each_name_mut(&mut self, f: &dyn Fn(&mut String)) {
        match self {
            Expr::And(all) | Expr::Or(all) => all.iter_mut().for_each(|inner| inner.each_name_mut(f)),
            Expr::Not(a) | Expr::IsNull(a) | Expr::Lower(a) | Expr::Upper(a) | Expr::Fits(a, _) | Expr::Words(a) => {
                a.each_name_mut(f);
            }
            Expr::Compare(_, a, b) | Expr::Arithmetic(_, a, b) | Expr::OrElse(a, b) => {
                a.each_name_mut(f);
                b.each_name_mut(f);
            }
            Expr::If(a, b, c) => [a, b, c].into_iter().for_each(|inner| inner.each_name_mut(f)),
            Expr::IsAbsent(name) => f(name),
            Expr::Same(a, b) => {
                a.name_mut(f);
                b.name_mut(f);
            }
            Expr::IsOf(node, _) | Expr::Read(node, _) => node.name_mut(f),
            Expr::Exists(group) => group.each_name_mut(f),
            _ => {}
        }
    }
}
