//! First line of an explained plan: its view.

use super::{PlanPrinter, of_limit};
use crate::plan::words::far;
use crate::plan::{Adopted, AdoptionView, Grouping, Lineage, LineageView, ReportScope, View};

impl PlanPrinter<'_> {
    /// Returns the name and operands of the view; `None` for plain rows, which the last operator returns.
    pub(super) fn top(&self) -> Option<(&'static str, String)> {
        let name = |entity| self.graph.name(entity).to_string();
        match &self.plan.view {
            View::Rows | View::Verdict => None,
            View::Facts => Some(("facts", "that the bindings rest on".to_string())),
            View::Proofs => Some(("proofs", "of least height".to_string())),
            View::WhyNot => {
                Some(("why not", "condition after condition until one fails, searched as each is reached".to_string()))
            }
            View::Lineage(LineageView { kind, of, via, generations, limit, .. }) => {
                let which = match kind {
                    Lineage::Ancestors => "ancestors",
                    Lineage::Descendants => "descendants",
                    Lineage::Lineage => "lineage",
                };
                let far = far(*generations);
                let nearest = limit.limit.map_or(String::new(), |limit| format!(", the nearest {limit}"));
                Some((which, format!("of {} via {}{far}{nearest}", name(*of), self.words.path(via))))
            }
            View::Adoption(of) => Some(("adoption", self.adoption(of))),
            View::Rise(of) => Some(("rise", self.adoption(of))),
            View::Spread { of, verbs, via } => {
                let verbs = verbs.iter().map(|verb| self.graph.schema().verb(*verb).name.as_str());
                let verbs = verbs.collect::<Vec<_>>().join(", ");
                Some(("spread", format!("of {} ({verbs}) via {}", name(*of), self.words.path(via))))
            }
            View::Timeline { limit, .. } => Some(("timeline", format!("of {}", of_limit(limit)))),
            View::Matrix { .. } => Some(("matrix", "a row for each subject, a column for each object".to_string())),
            View::Describe(entity) => Some(("describe", name(*entity))),
            View::Conflicts(of) => {
                Some(("conflicts", of.map_or("of all entities".to_string(), |of| format!("of {}", name(of)))))
            }
            View::Report(report) => {
                let of = match report.of {
                    ReportScope::All => "of all".to_string(),
                    ReportScope::Types(types) => format!("of {}", self.types(types)),
                    ReportScope::Entity(entity) => format!("of {}", name(entity)),
                };
                Some((report.kind.name(), of))
            }
            View::Schema(_) => Some(("schema", String::new())),
            View::Diff { left, right, .. } => Some(("diff", format!("{} and {}", name(*left), name(*right)))),
            View::DiffEnds { left, right, .. } => {
                Some(("diff", format!("{} and {}", self.term(*left), self.term(*right))))
            }
        }
    }

    fn adoption(&self, view: &AdoptionView) -> String {
        let whom = match &view.of {
            Adopted::One(entity) => self.graph.name(*entity).to_string(),
            Adopted::Each(_) => "each".to_string(),
            Adopted::Pairs { adopter, .. } => format!("each by {}", self.var(*adopter)),
        };
        let by = match view.by {
            Grouping::Year => "year".to_string(),
            Grouping::Quarter => "quarter".to_string(),
            Grouping::Month => "month".to_string(),
            Grouping::Entities { types, .. } => self.types(types),
        };
        let most = view.limit.limit.map_or(String::new(), |limit| format!(", the {limit} most used"));
        format!("of {whom} by {by}{most}")
    }
}
