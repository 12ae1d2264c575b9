//! How a query is answered: by statements, or on facts that are fetched.

use super::Cluster;
use super::part::LakePart;
use crate::plan::{Condition, Node, Operator, Pattern, Plan, View};
use crate::translate::{self, Lake, Program, Refused, SPARK};

pub enum Way {
    Statements(Statements),
    /// A part is fetched, for the reason that a sentence tells.
    Fetch(LakePart, String),
}

/// What the server does of a query.
#[derive(Default)]
pub struct Statements {
    /// It finds the bindings of these patterns.
    pub patterns: Vec<(Pattern, Program)>,
    /// It counts the bindings of the first pattern, or groups of them.
    pub counted: Option<(Pattern, Program)>,
}

impl Cluster {
    /// Returns how a plan is carried out, which no rule has changed.
    pub(super) fn way(&self, plan: &Plan) -> Way {
        let part = LakePart::of(plan, self.catalogue());
        let told = match self.kept_here(plan, &part) {
            Some(why) => Err(Refused(why.to_string())),
            None => self.statements(plan),
        };
        told.map_or_else(|Refused(why)| Way::Fetch(part, why), Way::Statements)
    }

    /// Returns why a query is not left to the server, whatever can be translated; `None` if it is.
    fn kept_here(&self, plan: &Plan, part: &LakePart) -> Option<&'static str> {
        let is_of_paths = |node: &Node| matches!(node.operator, Operator::Paths(_) | Operator::Nearest { .. });
        let is_rows = matches!(plan.view, View::Rows | View::Verdict) && !plan.operators.is_empty();
        let reads_claims = || LakePart::behind(plan, self.catalogue()).claims;
        let fits = || self.facts_of(part) <= self.most_fetched();
        match () {
            () if self.settings.embedded => Some("as asked for"),
            () if plan.as_of.is_some() => Some("`as of` cannot be said in Spark's SQL"),
            () if !is_rows => Some("a view, a picture or a proof cannot be said in Spark's SQL"),
            () if plan.operators.iter().any(is_of_paths) || reads_claims() => {
                Some("paths and claims cannot be said in Spark's SQL")
            }
            () if has_every(plan) && fits() => Some("`every` may be true of nothing, which only begat tells"),
            () => None,
        }
    }

    /// Translates what the server can do of a plan: counts, or else the bindings that operators read.
    fn statements(&self, plan: &Plan) -> Result<Statements, Refused> {
        let lake = self.server.address.lake.to_string_lossy();
        let lake = Lake { graph: self.catalogue(), census: &self.census, folder: &lake };
        let mut found = Statements::default();
        let operators: Vec<&Operator> = plan.operators.iter().map(|node| &node.operator).collect();
        let counted = match operators.as_slice() {
            [Operator::Match(pattern), Operator::Count] => {
                Some((pattern, translate::count(plan, pattern, lake, &SPARK)?))
            }
            [Operator::Match(pattern), Operator::Aggregate(aggregate), ..] => {
                translate::groups(plan, pattern, aggregate, lake, &SPARK).ok().map(|program| (pattern, program))
            }
            _ => None,
        };
        found.counted = counted.map(|(pattern, program)| ((**pattern).clone(), program));
        for operator in operators.into_iter().skip(usize::from(found.counted.is_some())) {
            let patterns = match operator {
                Operator::Match(pattern) => std::slice::from_ref(&**pattern),
                Operator::Aggregate(aggregate) => &aggregate.presences[..],
                _ => &[],
            };
            for pattern in patterns {
                found.patterns.push((pattern.clone(), translate::bindings(plan, pattern, lake, &SPARK)?));
            }
        }
        Ok(found)
    }
}

fn has_every(plan: &Plan) -> bool {
    let mut has = false;
    if let Some(pattern) = plan.pattern() {
        pattern.conditions(&mut |condition| has |= matches!(condition, Condition::Every { .. }));
    }
    has
}
