//! Conditions and expressions of an explained plan.

use super::PlanPrinter;
use crate::plan::{CompareOp, Condition, Order, Pattern, ProbeFact, ReachEnds, Scalar, Term};
use crate::value::Value;

impl<'a> PlanPrinter<'a> {
    pub(super) fn condition(
        &mut self,
        condition: &'a Condition,
        pattern: &'a Pattern,
        depth: usize,
        node: Option<u32>,
    ) {
        let (operator, detail) = match condition {
            Condition::All(_) => ("all of", String::new()),
            Condition::Any(_) => ("any of", String::new()),
            Condition::Not(inner) => match &**inner {
                Condition::Exists { memo, .. } => ("anti-join", remembered(memo.is_some())),
                Condition::Probe(_) | Condition::NotEmpty(_) => ("anti-join", self.test(inner, pattern)),
                _ => ("not", String::new()),
            },
            Condition::Exists { memo, .. } => ("semi-join", remembered(memo.is_some())),
            Condition::Probe(_) | Condition::NotEmpty(_) => ("semi-join", self.test(condition, pattern)),
            Condition::Count { compare, number, .. } => ("count", format!("{} {number}", compare.words())),
            Condition::Length { access, compare, number } => {
                let number = format!("{} {number}", compare.words());
                ("count", format!("{}, by the length of the list", self.access(access, &number, pattern)))
            }
            Condition::Every { .. } => ("every", String::new()),
            Condition::Modal(modality, _) => (modality.word(), String::new()),
            Condition::ReachSemiJoin(join) => {
                let path = self.words.path(&pattern.paths[join.path.0 as usize]);
                let from = self.var(join.from);
                let fact = if join.inverse { format!("one {path} {from}") } else { format!("{from} {path} one") };
                let ends = match join.to {
                    ReachEnds::Block(_) => "all of".to_string(),
                    ReachEnds::Entity(entity) => self.words.term(Term::Entity(entity)),
                };
                ("semi-join", format!("{fact}, searched once from {ends}"))
            }
            test => ("filter", self.test(test, pattern)),
        };
        // An anti-join says the denial already, so that the block below is what it denies.
        let negated = match condition {
            Condition::Not(inner) if operator == "anti-join" => inner,
            other => other,
        };
        self.push(depth, operator, detail, None, node);
        if let Some(block) = negated.block() {
            self.block(block, pattern, depth + 1);
        }
        for inner in negated.children() {
            self.condition(inner, pattern, depth + 1, None);
        }
    }

    /// Returns a condition as an expression; conditions inside one that has a block of its own are left out.
    pub(super) fn tests(&self, condition: &Condition, pattern: &Pattern) -> String {
        match condition {
            Condition::All(all) => {
                let all: Vec<String> = all.iter().map(|inner| self.tests(inner, pattern)).collect();
                all.join(" and ")
            }
            Condition::Any(all) => {
                let all: Vec<String> = all.iter().map(|inner| self.tests(inner, pattern)).collect();
                format!("({})", all.join(" or "))
            }
            Condition::Not(inner) => format!("not {}", self.tests(inner, pattern)),
            test => Some(self.test(test, pattern)).filter(|words| !words.is_empty()).unwrap_or("…".to_string()),
        }
    }

    fn test(&self, condition: &Condition, pattern: &Pattern) -> String {
        match condition {
            Condition::Fact(atom) => {
                let link = self.words.link(atom.link, false);
                if self.words.is_state(atom.link) {
                    return format!("{} is {link}", self.term(atom.subject));
                }
                format!("{} {link} {}", self.term(atom.subject), self.term(atom.object))
            }
            Condition::Path { path, subject, object, .. } => {
                let path = self.words.path(&pattern.paths[path.0 as usize]);
                format!("{} {path} {}", self.term(*subject), self.term(*object))
            }
            Condition::Value(atom) => {
                let property = self.words.property(atom.property);
                format!("{} is a stated {property} of {}", self.var(atom.value), self.term(atom.subject))
            }
            Condition::Claim(atom) => format!("{} is a source of {}", self.var(atom.by), self.words.claimed(&atom.of)),
            Condition::Word(var, word) => format!("{} is {}", self.var(*var), self.words.label(*var, *word)),
            Condition::Type(term, types) => format!("{} is a {}", self.term(*term), self.types(*types)),
            Condition::Same(a, b) => format!("{} is {}", self.term(*a), self.term(*b)),
            Condition::Test(scalar) => self.scalar(scalar),
            Condition::Exact(scalar) => format!("{}, by columns", self.scalar(scalar)),
            Condition::Coded(coded) => match &coded.test {
                Condition::Test(scalar) | Condition::Exact(scalar) => {
                    format!("{}, once per value", self.scalar(scalar))
                }
                other => self.test(other, pattern),
            },
            Condition::Name(var, pattern) => format!("name({}) {pattern}", self.var(*var)),
            Condition::Order(Order { var, op, other }) => {
                format!("{} {} {}", self.var(*var), op.sign(), self.term(*other))
            }
            Condition::Compare(compare) => {
                let property = self.words.property(compare.property);
                format!("{}.{property} {} {}", self.var(compare.var), compare.op.sign(), compare.value)
            }
            Condition::Probe(probe) => {
                let order = |(op, other): &(CompareOp, Term)| format!("{} {}", op.sign(), self.term(*other));
                let orders: Vec<String> = probe.orders.iter().map(order).collect();
                let that = if orders.is_empty() { "" } else { " that is " };
                let link = self.words.link(probe.link, probe.inverse);
                let fact = |fact: &ProbeFact| {
                    let not = if fact.is_wanted { "" } else { "not " };
                    format!(", {not}{} {} it", self.term(fact.other), self.words.link(fact.link, fact.inverse))
                };
                let facts: String = probe.facts.iter().map(fact).collect();
                format!("{} {link} any{that}{}{facts}", self.var(probe.from), orders.join(" and "))
            }
            Condition::NotEmpty(access) => self.access(access, "any", pattern),
            _ => String::new(),
        }
    }

    /// Returns an expression with the aggregates and variables of the query.
    pub(super) fn scalar(&self, scalar: &Scalar) -> String {
        let property = |id| self.words.property(id);
        match scalar {
            Scalar::Constant(Value::Text(text)) => format!("{text:?}"),
            Scalar::Constant(value) => value.to_string(),
            Scalar::Entity(entity) => self.term(Term::Entity(*entity)),
            Scalar::Slot(slot) | Scalar::Stated(slot, _) | Scalar::Path(slot) | Scalar::Label(slot, _) => {
                self.var(*slot)
            }
            Scalar::OfClaims(what, claimed, _) => format!("{}({})", what.name(), self.words.claimed(claimed)),
            Scalar::Length(slot) => format!("length({})", self.var(*slot)),
            Scalar::Property(slot, id) => format!("{}.{}", self.var(*slot), property(*id)),
            Scalar::PropertyOf(entity, id) => format!("{}.{}", self.term(Term::Entity(*entity)), property(*id)),
            Scalar::And(all) => self.scalars(all, " and "),
            Scalar::Or(all) => self.scalars(all, " or "),
            Scalar::Not(inner) => format!("not {}", self.operand(inner)),
            Scalar::Compare(op, a, b) => format!("{} {} {}", self.operand(a), op.sign(), self.operand(b)),
            Scalar::Matches(inner, pattern) => format!("{} matches {:?}", self.operand(inner), pattern.written()),
            Scalar::IsUnknown(inner) => format!("{} is unknown", self.operand(inner)),
            Scalar::IsAbsent(slot) => format!("{} is absent", self.var(*slot)),
            Scalar::Arithmetic(op, a, b) => format!("{} {} {}", self.operand(a), op.sign(), self.operand(b)),
            Scalar::OrElse(a, b) => format!("{} or else {}", self.operand(a), self.operand(b)),
            Scalar::Negative(inner) => format!("-{}", self.operand(inner)),
            Scalar::Call(function, arguments) => {
                let arguments: Vec<String> = arguments.iter().map(|argument| self.scalar(argument)).collect();
                format!("{}({})", function.info().name, arguments.join(", "))
            }
            Scalar::Key(number) => self.key_at(*number),
            Scalar::AggregateCall(number) => self.fold_at(*number),
            Scalar::Unknown => "unknown".to_string(),
        }
    }

    pub(super) fn scalars(&self, all: &[Scalar], mark: &str) -> String {
        all.iter().map(|scalar| self.operand(scalar)).collect::<Vec<_>>().join(mark)
    }

    /// Returns an operand, in parentheses if it is compound.
    fn operand(&self, scalar: &Scalar) -> String {
        match scalar {
            Scalar::And(_) | Scalar::Or(_) | Scalar::Arithmetic(..) => format!("({})", self.scalar(scalar)),
            _ => self.scalar(scalar),
        }
    }
}

fn remembered(memo: bool) -> String {
    if memo { "remembered".to_string() } else { String::new() }
}
