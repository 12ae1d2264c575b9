//! Rule: patterns whose possible bindings are all certain are searched once.

use crate::graph::{Graph, Trust};
use crate::plan::{AccessPath, Condition, Definition, Link, Pattern, Plan, Step, VarId, VarKind};
use crate::schema::PropertyId;

/// Marks the patterns that read nothing doubtful or vague: one search then finds both certain and possible bindings.
pub(super) fn certain_only(plan: &mut Plan, graph: &Graph) {
    // In an `as of` graph, a fact that is certain today may be doubtful.
    let is_loosened = plan.possibly && graph.claims().trust.contains(&(Trust::Doubtful as u8));
    if plan.as_of.is_some() || is_loosened {
        return;
    }
    let definitions = certain_definitions(&plan.definitions, graph);
    plan.patterns_mut().for_each(|pattern| pattern.is_certain = is_certain(pattern, graph, &definitions));
    for form in plan.provenance.iter_mut().flat_map(|provenance| provenance.forms_mut()) {
        let certain = certain_definitions(&form.definitions, graph);
        for (own, is_certain) in form.definitions.iter_mut().zip(certain) {
            own.bodies.iter_mut().for_each(|body| body.pattern.is_certain = is_certain);
        }
    }
    // Subpatterns are tested on parts of the graph, too, where less is known.
    plan.subpatterns.iter_mut().for_each(|pattern| pattern.is_certain = false);
}

/// Returns, per definition, whether its pairs are certain: the greatest fixpoint, since definitions that depend on each
/// other are certain unless one of them reads something uncertain.
fn certain_definitions(definitions: &[Definition], graph: &Graph) -> Vec<bool> {
    // Every definition is assumed certain at first; each round withdraws some assumptions.
    let mut certain = vec![true; definitions.len()];
    loop {
        let next: Vec<bool> =
            definitions.iter().map(|own| own.patterns().all(|body| is_certain(body, graph, &certain))).collect();
        if next == certain {
            return certain;
        }
        certain = next;
    }
}

pub(super) fn is_certain(pattern: &Pattern, graph: &Graph, definitions: &[bool]) -> bool {
    let mut certain = true;
    pattern.links(&mut |link, source| {
        certain &= match link {
            Link::Verb(verb) => source.is_none() && graph.relation(verb).certain.is_none(),
            Link::Define(define) => {
                let define = Definition::of_new_pairs(define).unwrap_or(define);
                definitions.get(define.0 as usize).copied().unwrap_or(false)
            }
        }
    });
    pattern.conditions(&mut |condition| {
        certain &= match condition {
            Condition::Test(scalar) => !scalar.reads_values(),
            Condition::Exact(_) => true,
            Condition::Coded(coded) => {
                matches!(coded.test, Condition::Exact(_)) || is_known(pattern, graph, coded.var, coded.property)
            }
            Condition::Compare(compare) => is_known(pattern, graph, compare.var, compare.property),
            // Some of the stated values may be doubtful.
            Condition::Value(_) => false,
            // A source may say doubtfully what another one is sure of.
            Condition::Claim(_) => !graph.claims().has_doubtful(),
            _ => true,
        }
    });
    pattern.each_step(&mut |step| match step {
        Step::ScanValues { .. } => certain = false,
        Step::Expand { access, .. } => {
            let mut one = |access: &AccessPath| {
                certain &= match access {
                    AccessPath::Values(_) => false,
                    AccessPath::Claims(_) => !graph.claims().has_doubtful(),
                    _ => true,
                }
            };
            access.iter().for_each(|access| access.each(&mut one));
        }
        _ => {}
    });
    certain
}

/// Returns true if every entity that a variable may stand for has an exact value of the property.
fn is_known(pattern: &Pattern, graph: &Graph, var: VarId, property: PropertyId) -> bool {
    let Some(VarKind::Entity(types)) = pattern.slots.get(var.0 as usize).map(|slot| slot.kind) else {
        return false;
    };
    graph.is_exact(property, types)
}
