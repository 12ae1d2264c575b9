//! The plan as a tree that people read: each step inside the one above.

use super::words::compare_sign;
use super::{Block, Compare, Condition, Order, Plan, Source, Step, Walk, Words};
use crate::check::typed::Define;
use crate::check::typed::Var;
use crate::check::typed::{CountOp, Modality, Term, VarId};
use crate::graph::Graph;

/// The plan's steps, one a line; then the rewrites that made it.
pub fn print(plan: &Plan, graph: &Graph, defines: &[Define], vars: &[Var]) -> String {
    let printer = Printer { plan, words: Words { graph, defines, vars, frame: &[] } };
    let mut lines = Vec::new();
    printer.block(&plan.block, 0, &mut lines);
    if !plan.applied.is_empty() {
        lines.push(format!("rewrites: {}", plan.applied.join(", ")));
    }
    lines.join("\n") + "\n"
}

struct Printer<'a> {
    plan: &'a Plan,
    words: Words<'a>,
}

impl Printer<'_> {
    fn block(&self, block: &Block, depth: usize, lines: &mut Vec<String>) {
        let mut depth = depth;
        for step in &block.steps {
            match step {
                Step::Filter(condition) => self.condition(condition, depth, lines),
                Step::Optional(block) => {
                    push(lines, depth, "optional".to_string());
                    self.block(block, depth + 1, lines);
                }
                binding => {
                    push(lines, depth, self.binding(binding));
                    depth += 1;
                }
            }
        }
        if block.repeats() && !block.wanted.is_empty() {
            push(lines, depth, format!("distinct {}", self.vars(&block.wanted)));
        }
    }

    fn binding(&self, step: &Step) -> String {
        match step {
            Step::Scan { var, types } => {
                let names = self.words.graph.schema().type_names(*types);
                format!("scan {}: {names}  ~{}", self.var(*var), self.population(*types))
            }
            Step::ScanValues { var, property } => {
                format!("scan values {} of {}", self.var(*var), self.words.graph.schema().property(*property).name)
            }
            Step::Expand { var, sources, types } => {
                let sources: Vec<String> = sources.iter().map(|source| self.source(source)).collect();
                let only = types
                    .map_or(String::new(), |types| format!(", only {}", self.words.graph.schema().type_names(types)));
                let verb = if sources.len() == 1 { "expand" } else { "intersect" };
                format!("{verb} {} from {}{only}", self.var(*var), sources.join(" and "))
            }
            Step::Walk { var, path, subject, object, walk, .. } => {
                let what = match walk {
                    Walk::Every => "every acyclic path",
                    Walk::Lengths { least: true, greatest: true } => "the least and greatest length",
                    Walk::Lengths { least: true, .. } => "the least length",
                    Walk::Lengths { .. } => "the greatest length",
                };
                let path = self.words.path(&self.plan.paths[path.0 as usize]);
                format!("walk {}: {what} of {} {path} {}", self.var(*var), self.term(*subject), self.term(*object))
            }
            Step::Filter(_) | Step::Optional(_) => String::new(),
        }
    }

    /// How many entities there are of these types.
    fn population(&self, types: crate::schema::TypeSet) -> usize {
        self.words.graph.ranges(types).iter().map(|range| range.len()).sum()
    }

    fn source(&self, source: &Source) -> String {
        match source {
            Source::Link { link, from, inverse, .. } => {
                format!("{} {}", self.term(*from), self.words.link(*link, *inverse))
            }
            Source::Reach { path, from, inverse, together, .. } => {
                let path = self.words.path(&self.plan.paths[path.0 as usize]);
                let arrow = if *inverse { "reached back by" } else { "reach by" };
                format!("{} {arrow} {path}{}", self.term(*from), if *together { " together" } else { "" })
            }
            Source::Values(atom) => {
                let property = self.words.graph.schema().property(atom.property);
                format!("the stated {} of {}", property.name, self.term(atom.subject))
            }
            Source::Same(term) => self.term(*term),
            Source::Either(all) => {
                format!("({})", all.iter().map(|source| self.source(source)).collect::<Vec<_>>().join(" or "))
            }
        }
    }

    fn condition(&self, condition: &Condition, depth: usize, lines: &mut Vec<String>) {
        match condition {
            Condition::All(all) => all.iter().for_each(|inner| self.condition(inner, depth, lines)),
            Condition::Any(all) => {
                push(lines, depth, "any of".to_string());
                all.iter().for_each(|inner| self.condition(inner, depth + 1, lines));
            }
            Condition::Not(inner) => match &**inner {
                Condition::Exists { block, memo } => {
                    push(lines, depth, format!("anti-join{}", remembered(memo.is_some())));
                    self.block(block, depth + 1, lines);
                }
                inner => {
                    push(lines, depth, "not".to_string());
                    self.condition(inner, depth + 1, lines);
                }
            },
            Condition::Exists { block, memo } => {
                push(lines, depth, format!("semi-join{}", remembered(memo.is_some())));
                self.block(block, depth + 1, lines);
            }
            Condition::Count { block, compare, number } => {
                let words = match compare {
                    CountOp::AtLeast => "at least",
                    CountOp::AtMost => "at most",
                    CountOp::Exactly => "exactly",
                };
                push(lines, depth, format!("count {words} {number}"));
                self.block(block, depth + 1, lines);
            }
            Condition::Every { block, then, .. } => {
                push(lines, depth, "every".to_string());
                self.block(block, depth + 1, lines);
                self.condition(then, depth + 2, lines);
            }
            Condition::Modal(modality, inner) => {
                push(
                    lines,
                    depth,
                    match modality {
                        Modality::Possibly => "possibly".to_string(),
                        Modality::Certainly => "certainly".to_string(),
                    },
                );
                self.condition(inner, depth + 1, lines);
            }
            Condition::Leads(leads) => {
                let path = self.words.path(&self.plan.paths[leads.path.0 as usize]);
                let way = if leads.inverse { "is reached by" } else { "reaches by" };
                push(lines, depth, format!("semi-join: {} {way} {path} one of", self.var(leads.from)));
                self.block(&leads.to, depth + 1, lines);
            }
            test => push(lines, depth, format!("filter {}", self.test(test))),
        }
    }

    fn test(&self, condition: &Condition) -> String {
        match condition {
            Condition::Fact(atom) => {
                let link = self.words.link(atom.link, false);
                format!("{} {link} {}", self.term(atom.subject), self.term(atom.object))
            }
            Condition::Path { path, subject, object, .. } => {
                let path = self.words.path(&self.plan.paths[path.0 as usize]);
                format!("{} {path} {}", self.term(*subject), self.term(*object))
            }
            Condition::Value(atom) => {
                let property = self.words.graph.schema().property(atom.property);
                format!("{} is a stated {} of {}", self.var(atom.value), property.name, self.term(atom.subject))
            }
            Condition::Type(term, types) => {
                format!("{} is a {}", self.term(*term), self.words.graph.schema().type_names(*types))
            }
            Condition::Same(a, b) => format!("{} is {}", self.term(*a), self.term(*b)),
            Condition::Test(expr) => self.words.expr(expr),
            Condition::Order(Order { var, op, other }) => {
                format!("{} {} {}", self.var(*var), compare_sign(*op), self.term(*other))
            }
            Condition::Compare(Compare { var, property, op, value }) => {
                let property = self.words.graph.schema().property(*property);
                format!("{}.{} {} {value}", self.var(*var), property.name, compare_sign(*op))
            }
            _ => String::new(),
        }
    }

    fn var(&self, var: VarId) -> String {
        self.plan.titles.get(var.0 as usize).cloned().unwrap_or_default()
    }

    fn vars(&self, vars: &[VarId]) -> String {
        vars.iter().map(|var| self.var(*var)).collect::<Vec<_>>().join(", ")
    }

    fn term(&self, term: Term) -> String {
        match term {
            Term::Var(var) => self.var(var),
            Term::Entity(_) => self.words.term(term),
        }
    }
}

fn remembered(memo: bool) -> &'static str {
    if memo { ", remembered" } else { "" }
}

fn push(lines: &mut Vec<String>, depth: usize, line: String) {
    lines.push(format!("{}{line}", "  ".repeat(depth)));
}
