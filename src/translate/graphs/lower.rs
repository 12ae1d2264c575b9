//! Plan → groups: conditions with their modes, definitions written out, counts as that many different matches.

use super::super::{Mode, Refused, refuse};
use super::Language;
use super::tree::{Attribute, Expr, Group, Item, Node};
use crate::graph::{Graph, SourceId};
use crate::plan::{
    Block, Condition, CountOp, DefineId, Definition, Label, Link, Modality, Path, Pattern, Plan, Step, Term, ValueAtom,
    Var, VarId,
};
use crate::schema::PropertyId;
use std::collections::{BTreeSet, HashMap};

/// Maximum number that a condition may count to, and of repetitions that are written out. A count of n is n copies of a
/// pattern with different matches, so that the work multiplies with each.
const MOST_COUNTED: u32 = 8;

/// What a variable stands for instead of itself.
#[derive(Debug, Clone)]
struct Renamed {
    node: Node,
    /// A block binds it; else it is bound around the pattern.
    is_copy: bool,
}

/// What is known while a plan is read.
pub(super) struct Lowering<'a> {
    pub plan: &'a Plan,
    pub graph: &'a Graph,
    pub language: &'a dyn Language,
    /// The variables of the pattern that is being read.
    slots: &'a [Var],
    /// Variables that stand for something else than themselves: the ends of a definition, the copies of a count.
    renamed: HashMap<VarId, Renamed>,
    /// The variables that optional parts bind.
    absent: BTreeSet<VarId>,
    /// Before the names of variables: tells the uses of a definition apart.
    prefix: String,
    /// Of each count of a group: what it is at least, and at most.
    pub counts: Vec<(Expr, Expr)>,
    /// Numbers names.
    names: u32,
}

type Lowered<T> = Result<T, Refused>;

impl<'a> Lowering<'a> {
    pub fn new(plan: &'a Plan, graph: &'a Graph, language: &'a dyn Language) -> Lowering<'a> {
        Lowering {
            plan,
            graph,
            language,
            slots: &plan.slots,
            renamed: HashMap::new(),
            absent: BTreeSet::new(),
            prefix: String::new(),
            counts: Vec::new(),
            names: 0,
        }
    }

    /// A pattern as a group.
    pub fn pattern(&mut self, pattern: &'a Pattern, mode: Mode) -> Lowered<Group> {
        self.slots = &pattern.slots;
        self.block(&pattern.block, &pattern.paths, mode)
    }

    /// A pattern of some of the variables of the pattern that was read last.
    pub fn part(&mut self, pattern: &Pattern, mode: Mode) -> Lowered<Group> {
        self.block(&pattern.block, &pattern.paths, mode)
    }

    pub fn slot(&self, var: VarId) -> Option<&Var> {
        self.slots.get(var.0 as usize)
    }

    pub fn may_be_absent(&self, var: VarId) -> bool {
        self.absent.contains(&var)
    }

    /// What a variable stands for.
    pub fn node(&self, var: VarId) -> Lowered<Node> {
        if let Some(renamed) = self.renamed.get(&var) {
            return Ok(renamed.node.clone());
        }
        let Some(slot) = self.slot(var) else { return refuse("a variable of another pattern") };
        let plain: String = slot.title.chars().filter(char::is_ascii_alphanumeric).collect();
        let first = plain.chars().next().filter(char::is_ascii_alphabetic);
        let plain = first.map_or("x".to_string(), |first| format!("{}{}", first.to_ascii_lowercase(), &plain[1..]));
        Ok(Node::Var(format!("{}{plain}_{}", self.prefix, var.0)))
    }

    /// The name of what a variable stands for.
    pub fn name_of(&self, var: VarId) -> Lowered<String> {
        match self.node(var)? {
            Node::Var(name) => Ok(name),
            Node::Entity(_) => refuse("an entity in the place of a variable"),
        }
    }

    pub fn term(&self, term: Term) -> Lowered<Node> {
        match term {
            Term::Var(var) => self.node(var),
            Term::Entity(entity) => Ok(Node::Entity(entity)),
        }
    }

    /// A new name; those of variables contain `_`.
    fn fresh(&mut self) -> String {
        self.names += 1;
        format!("step{}", self.names)
    }

    fn block(&mut self, block: &Block, paths: &[Path], mode: Mode) -> Lowered<Group> {
        let mut group = Group::default();
        for step in &block.steps {
            match step {
                Step::Scan { var, types } => group.items.push(match self.renamed.get(var) {
                    Some(Renamed { node, is_copy: false }) => Item::Filter(Expr::IsOf(node.clone(), *types)),
                    _ => Item::Entities { var: self.name_of(*var)?, types: *types },
                }),
                Step::ScanValues { var, property } => {
                    group.items.push(Item::Values { var: self.name_of(*var)?, property: *property });
                }
                Step::ScanLabels { label: Label::Alternative(_), .. } => {
                    return refuse("alternatives that bind different variables");
                }
                Step::ScanLabels { .. } => return refuse("a variable over sources or verbs"),
                Step::Filter(condition) => self.joined(condition, paths, mode, &mut group)?,
                Step::Optional(inner) => self.optional(inner, paths, mode, &mut group)?,
                Step::Expand { .. } => return refuse("a plan that has been rewritten"),
                Step::Walk { .. } => return refuse("a path with a name"),
            }
        }
        Ok(group)
    }

    fn optional(&mut self, block: &Block, paths: &[Path], mode: Mode, group: &mut Group) -> Lowered<()> {
        let matches = self.block(block, paths, mode)?;
        let none = self.block(block, paths, mode.of_absence())?;
        let own = block.bound().into_iter().map(|var| self.name_of(var)).collect::<Result<Vec<_>, _>>()?;
        self.absent.extend(block.bound());
        let mut denied = none;
        rename(&mut denied, &own);
        group.items.push(match own.is_empty() {
            true => Item::Filter(Expr::any(vec![Expr::exists(matches), Expr::exists(denied).not()])),
            false => Item::Optional { own, matches, none: denied },
        });
        Ok(())
    }

    /// Adds a condition that every match has to meet: a fact, a path or a value joins.
    fn joined(&mut self, condition: &Condition, paths: &[Path], mode: Mode, group: &mut Group) -> Lowered<()> {
        match condition {
            Condition::All(all) => all.iter().try_for_each(|inner| self.joined(inner, paths, mode, group)),
            Condition::Modal(Modality::Certainly, inner) => self.joined(inner, paths, mode.certain(), group),
            Condition::Modal(Modality::Possibly, inner) => self.joined(inner, paths, mode.loosened(), group),
            Condition::Fact(_) | Condition::Path { .. } => {
                let (path, subject, object, source) = self.relation(condition, paths)?;
                self.path(&path, (subject, object), source, mode, group)
            }
            Condition::Value(atom) => {
                let stated = self.stated(atom, mode)?;
                group.items.push(stated);
                Ok(())
            }
            other => {
                let holds = self.holds(other, paths, mode)?;
                if holds != Expr::Truth(true) && !is_said(&holds, group) {
                    group.items.push(Item::Filter(holds));
                }
                Ok(())
            }
        }
    }

    fn relation(&self, condition: &Condition, paths: &[Path]) -> Lowered<(Path, Node, Node, Option<SourceId>)> {
        match condition {
            Condition::Fact(atom) => {
                let path = Path::Link { link: atom.link, inverse: false };
                Ok((path, self.term(atom.subject)?, self.term(atom.object)?, atom.source))
            }
            Condition::Path { path, subject, object, source } => {
                Ok((paths[path.0 as usize].clone(), self.term(*subject)?, self.term(*object)?, *source))
            }
            _ => refuse("a condition that joins nothing"),
        }
    }

    fn stated(&self, atom: &ValueAtom, mode: Mode) -> Lowered<Item> {
        Ok(Item::Stated {
            subject: self.term(atom.subject)?,
            var: self.name_of(atom.value)?,
            property: self.property_of(atom.value)?,
            sure: !mode.possible,
            source: atom.source,
        })
    }

    /// The condition as an expression that is never null.
    fn holds(&mut self, condition: &Condition, paths: &[Path], mode: Mode) -> Lowered<Expr> {
        let each = |lowering: &mut Self, all: &[Condition]| {
            all.iter().map(|inner| Ok(lowering.holds(inner, paths, mode)?.or_false())).collect::<Lowered<Vec<Expr>>>()
        };
        match condition {
            Condition::All(all) => Ok(Expr::all(each(self, all)?)),
            Condition::Any(all) => Ok(Expr::any(each(self, all)?)),
            Condition::Not(inner) => Ok(self.holds(inner, paths, mode.negated())?.or_false().not()),
            Condition::Modal(Modality::Certainly, inner) => self.holds(inner, paths, mode.certain()),
            Condition::Modal(Modality::Possibly, inner) => self.holds(inner, paths, mode.loosened()),
            Condition::Exists { block, .. } => Ok(Expr::exists(self.block(block, paths, mode)?)),
            Condition::Count { block, compare, number } => self.counted(block, (*compare, *number), paths, mode),
            Condition::Every { block, then, .. } => {
                let domain = self.block(block, paths, mode.negated())?;
                let fails = self.holds(then, paths, mode)?.or_false().not();
                Ok(Expr::exists(domain.with([fails])).not())
            }
            Condition::Fact(_) | Condition::Path { .. } => {
                let (path, subject, object, source) = self.relation(condition, paths)?;
                self.is_joined(&path, (subject, object), source, mode)
            }
            Condition::Value(atom) => Ok(Expr::exists(Group { items: vec![self.stated(atom, mode)?] })),
            Condition::Type(term, types) => Ok(Expr::IsOf(self.term(*term)?, *types)),
            Condition::Same(a, b) => Ok(Expr::Same(self.term(*a)?, self.term(*b)?)),
            Condition::Test(scalar) => {
                let sides = self.truth(scalar)?;
                let wanted = if mode.possible { sides.possible } else { sides.certain };
                Ok(wanted.or_else(Expr::Truth(mode.neither)))
            }
            _ => refuse("a plan that has been rewritten"),
        }
    }

    /// How many values of its variable a block has, as different matches.
    fn counted(
        &mut self,
        block: &Block,
        (compare, number): (CountOp, u32),
        paths: &[Path],
        mode: Mode,
    ) -> Lowered<Expr> {
        Ok(match compare {
            CountOp::AtLeast => self.at_least(block, number, paths, mode)?,
            CountOp::AtMost => self.at_least(block, number.saturating_add(1), paths, mode.negated())?.not(),
            CountOp::Exactly => Expr::all(vec![
                self.at_least(block, number, paths, mode)?,
                self.at_least(block, number.saturating_add(1), paths, mode.negated())?.not(),
            ]),
        })
    }

    fn at_least(&mut self, block: &Block, number: u32, paths: &[Path], mode: Mode) -> Lowered<Expr> {
        if number > MOST_COUNTED {
            return refuse(&format!("a count of more than {MOST_COUNTED} in a condition"));
        }
        let counted = block.wanted.first().copied();
        let most = if counted.is_some() { number } else { number.min(2) };
        if most != number || (counted.is_none() && number > 1) {
            return Ok(Expr::Truth(false));
        }
        let mut whole = Group::default();
        let mut before: Option<Node> = None;
        for copy in 1..=number {
            let outside = self.renamed.clone();
            for var in bound_within(block) {
                let name = self.name_of(var)?;
                let node = Node::Var(if number == 1 { name } else { format!("{name}__{copy}") });
                self.renamed.insert(var, Renamed { node, is_copy: true });
            }
            let group = self.block(block, paths, mode);
            let own = counted.map(|var| self.node(var)).transpose();
            self.renamed = outside;
            whole.items.extend(group?.items);
            if let Some(own) = own?
                && let Some(before) = before.replace(own.clone())
            {
                let attribute = told_apart_by(counted.and_then(|var| self.property_of(var).ok()));
                let [a, b] = [before, own].map(|node| Expr::Read(node, attribute));
                whole.items.push(Item::Filter(Expr::less(&a, &b)));
            }
        }
        Ok(if number == 0 { Expr::Truth(true) } else { Expr::exists(whole) })
    }

    fn is_joined(&mut self, path: &Path, ends: (Node, Node), source: Option<SourceId>, mode: Mode) -> Lowered<Expr> {
        let mut group = Group::default();
        self.path(path, ends, source, mode, &mut group)?;
        Ok(Expr::exists(group))
    }

    /// Adds a path between two nodes: as the language says it, or in parts.
    fn path(
        &mut self,
        path: &Path,
        (subject, object): (Node, Node),
        source: Option<SourceId>,
        mode: Mode,
        group: &mut Group,
    ) -> Lowered<()> {
        let path = self.written_out(path)?;
        let may_stay = matches!(path, Path::Repeat { min: 0, .. });
        if may_stay && source.is_some() {
            return refuse("a path according to a source that may have no steps");
        }
        if self.language.says(&path, source) {
            if let Path::Repeat { min: 0, types, .. } = path {
                // Where both ends are the same, it may be by no step, which the types allow.
                let stays = Expr::Same(subject.clone(), object.clone());
                group.items.push(Item::Filter(Expr::any(vec![stays.not(), Expr::IsOf(subject.clone(), types)])));
            }
            group.items.push(Item::Path { path, subject, object, sure: !mode.possible, source });
            return Ok(());
        }
        match &path {
            Path::Link { link: Link::Define(define), inverse } => {
                let ends = if *inverse { (object, subject) } else { (subject, object) };
                self.defined(*define, ends, mode, group)
            }
            Path::Link { .. } => refuse("this verb"),
            Path::Sequence(all) => {
                let mut before = subject;
                for (i, part) in all.iter().enumerate() {
                    let after = if i + 1 == all.len() { object.clone() } else { self.between(group) };
                    self.path(part, (before, after.clone()), source, mode, group)?;
                    before = after;
                }
                Ok(())
            }
            Path::Either(all) => {
                let ends = || (subject.clone(), object.clone());
                let parts: Lowered<Vec<Expr>> =
                    all.iter().map(|part| self.is_joined(part, ends(), source, mode)).collect();
                group.items.push(Item::Filter(Expr::any(parts?)));
                Ok(())
            }
            Path::Repeat { .. } => self.repeated(&path, (subject, object), source, mode, group),
        }
    }

    /// A node between two parts of a path.
    fn between(&mut self, group: &mut Group) -> Node {
        let name = self.fresh();
        group.items.push(Item::Entities { var: name.clone(), types: self.graph.schema().all_types() });
        Node::Var(name)
    }

    /// A repetition that the language says in parts only: no steps, one step, or one step and then more.
    fn repeated(
        &mut self,
        path: &Path,
        (subject, object): (Node, Node),
        source: Option<SourceId>,
        mode: Mode,
        group: &mut Group,
    ) -> Lowered<()> {
        let Path::Repeat { path: inner, min, max, types } = path else { return refuse("this path") };
        let ends = || (subject.clone(), object.clone());
        let times = |min: u32, max: Option<u32>| Path::Repeat { path: inner.clone(), min, max, types: *types };
        match (*min, *max) {
            (0, Some(0)) => {
                let same = Expr::Same(subject.clone(), object);
                group.items.push(Item::Filter(Expr::all(vec![same, Expr::IsOf(subject, *types)])));
                Ok(())
            }
            (0, max) => {
                let stays =
                    Expr::all(vec![Expr::Same(subject.clone(), object.clone()), Expr::IsOf(subject.clone(), *types)]);
                let goes = self.is_joined(&times(1, max), ends(), source, mode)?;
                group.items.push(Item::Filter(Expr::any(vec![stays, goes])));
                Ok(())
            }
            (1, Some(1)) => self.path(inner, ends(), source, mode, group),
            (1, None) => match self.language.beyond_one(inner, source) {
                // The rest may not lead back to where it began, so that one step is a case of its own.
                Some(rest) => {
                    let one = self.is_joined(inner, ends(), source, mode)?;
                    let mut more = Group::default();
                    let after = self.between(&mut more);
                    self.path(inner, (subject, after.clone()), source, mode, &mut more)?;
                    more.items.push(Item::Path { path: rest, subject: after, object, sure: !mode.possible, source });
                    group.items.push(Item::Filter(Expr::any(vec![one, Expr::exists(more)])));
                    Ok(())
                }
                None => refuse("the repetition of such a path"),
            },
            (min, max) if min <= MOST_COUNTED && max.is_none_or(|max| max <= MOST_COUNTED) => {
                let after = self.between(group);
                self.path(inner, (subject, after.clone()), source, mode, group)?;
                let rest = times(min.saturating_sub(1), max.map(|max| max.saturating_sub(1)));
                self.path(&rest, (after, object), source, mode, group)
            }
            _ => refuse(&format!("a path that repeats more than {MOST_COUNTED} times")),
        }
    }

    /// The path with definitions that are closures of paths written out.
    fn written_out(&self, path: &Path) -> Lowered<Path> {
        let each = |all: &[Path]| all.iter().map(|path| self.written_out(path)).collect::<Lowered<Vec<Path>>>();
        Ok(match path {
            Path::Link { link: Link::Define(define), inverse } => match self.definition(*define).closure() {
                Some(closure) if *inverse => self.written_out(&closure.inverted())?,
                Some(closure) => self.written_out(closure)?,
                None => path.clone(),
            },
            Path::Link { .. } => path.clone(),
            Path::Sequence(all) => Path::Sequence(each(all)?),
            Path::Either(all) => Path::Either(each(all)?),
            Path::Repeat { path, min, max, types } => {
                Path::Repeat { path: Box::new(self.written_out(path)?), min: *min, max: *max, types: *types }
            }
        })
    }

    fn definition(&self, define: DefineId) -> &'a Definition {
        &self.plan.definitions[define.0 as usize]
    }

    /// Writes the bodies of a definition in its place, apart from what uses it.
    fn defined(&mut self, define: DefineId, ends: (Node, Node), mode: Mode, group: &mut Group) -> Lowered<()> {
        let definition = self.definition(define);
        if definition.is_recursive {
            return refuse("a definition that uses itself other than as one path repeated");
        }
        let mode = if mode.possible { Mode::POSSIBLE } else { Mode::CERTAIN };
        let mut bodies = Vec::new();
        for pattern in definition.patterns() {
            self.names += 1;
            let prefix = format!("in{}_", self.names);
            let (slots, before) = (self.slots, std::mem::replace(&mut self.prefix, prefix));
            let own = [(definition.subject, &ends.0), (definition.object, &ends.1)];
            let own = own.map(|(var, node)| (var, Renamed { node: node.clone(), is_copy: false })).into();
            let (renamed, absent) = (std::mem::replace(&mut self.renamed, own), std::mem::take(&mut self.absent));
            let body = self.pattern(pattern, mode);
            (self.slots, self.prefix, self.renamed, self.absent) = (slots, before, renamed, absent);
            bodies.push(body?);
        }
        match bodies.len() {
            1 => group.items.extend(bodies.into_iter().flat_map(|body| body.items)),
            _ => group.items.push(Item::Filter(Expr::any(bodies.into_iter().map(Expr::exists).collect()))),
        }
        Ok(())
    }

    /// The number of an entity, or the position of a stated value, that tells the values of a variable apart.
    pub fn number(&self, var: VarId) -> Lowered<Expr> {
        Ok(Expr::Read(self.node(var)?, told_apart_by(self.property_of(var).ok())))
    }
}

/// Returns true for the types of a variable that the group binds to no others.
fn is_said(expr: &Expr, group: &Group) -> bool {
    let Expr::IsOf(Node::Var(name), types) = expr else { return false };
    let is_bound_so =
        |item: &Item| matches!(item, Item::Entities { var, types: own } if var == name && own.and(*types) == *own);
    group.items.iter().any(is_bound_so)
}

/// The variables that a block and the blocks in it bind.
fn bound_within(block: &Block) -> Vec<VarId> {
    let mut vars = Vec::new();
    block.each_step(&mut |step| {
        vars.extend(match step {
            Step::Scan { var, .. } | Step::ScanValues { var, .. } => Some(*var),
            _ => None,
        });
    });
    vars
}

/// Gives the variables that a group binds other names, so that it may stand beside what has bound them already.
fn rename(group: &mut Group, own: &[String]) {
    let renamed = |name: &mut String| {
        if own.contains(name) {
            name.push_str("__none");
        }
    };
    group.each_name_mut(&renamed);
}

/// The attribute by which the stated values of a property are told apart, or entities where none is given.
fn told_apart_by(property: Option<PropertyId>) -> Attribute {
    property.map_or(Attribute::Number, |_| Attribute::Stated("position"))
}
