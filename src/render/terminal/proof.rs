//! Proofs as trees, each base fact with its citations.

use super::tree::{Line, Narrow, Stroke, aligned, branch, trunk};
use crate::answer::{Explained, Proof, Reason, WhyNot};
use crate::graph::{FactId, Graph};
use crate::render::words::{Face, Looks, citations, escape, sentence};
use std::collections::BTreeSet;

/// A tree for each row that was explained, an empty line between them.
pub fn why(explained: &[Explained], graph: &Graph, looks: &Looks) -> String {
    if explained.is_empty() {
        return "nothing to explain: no rows\n".to_string();
    }
    let each: Vec<String> = explained.iter().map(|one| one_why(one, graph, looks)).collect();
    each.join("\n")
}

fn one_why(explained: &Explained, graph: &Graph, looks: &Looks) -> String {
    let proof = &explained.proof;
    let mut title = escape(&explained.title).into_owned();
    if !explained.certain {
        title += " (possible)";
    }
    if let (Reason::Fact(fact), true) = (&proof.reason, proof.because.is_empty()) {
        return aligned(
            &[Line { text: title, face: Some(Face::Head), notes: cited(graph, *fact) }],
            4,
            Narrow::Cut,
            looks,
        );
    }
    let mut lines = vec![Line { text: title, face: Some(Face::Head), notes: vec![(count(proof), false)] }];
    let is_transparent = matches!(proof.reason, Reason::All | Reason::Chain { .. });
    if is_transparent {
        write(&proof.because, graph, looks, &mut lines);
    } else {
        write(std::slice::from_ref(proof), graph, looks, &mut lines);
    }
    aligned(&lines, 4, Narrow::Cut, looks)
}

/// What holds, what fails, and what there is instead.
pub fn why_not(why_not: &WhyNot, graph: &Graph, looks: &Looks) -> String {
    let head = |text: &str| Line { text: text.to_string(), face: Some(Face::Head), notes: Vec::new() };
    let mut lines = Vec::new();
    if !why_not.holds.is_empty() {
        lines.push(head("this much holds"));
        write(&why_not.holds, graph, looks, &mut lines);
    }
    match &why_not.fails {
        Some(fails) => lines.push(head(&format!("this fails: {}", escape(fails)))),
        None => lines.push(head("it holds after all")),
    }
    if !why_not.nearest.is_empty() {
        lines.push(head("what there is instead"));
        write(&why_not.nearest, graph, looks, &mut lines);
    }
    aligned(&lines, 4, Narrow::Cut, looks)
}

/// How many distinct facts a proof rests on.
fn count(proof: &Proof) -> String {
    let mut facts = BTreeSet::new();
    let mut stack = vec![proof];
    while let Some(next) = stack.pop() {
        if let Reason::Fact(fact) = next.reason {
            facts.insert(fact);
        }
        stack.extend(&next.because);
    }
    if facts.len() == 1 { "1 fact".to_string() } else { format!("{} facts", facts.len()) }
}

/// The proofs as branches; a proof that is only a bracket round others (`All`) gives its place to them.
fn write(proofs: &[Proof], graph: &Graph, looks: &Looks, lines: &mut Vec<Line>) {
    let mut stack: Vec<(&Proof, String, bool)> = Vec::new();
    push(&mut stack, proofs, "");
    while let Some((proof, trunks, is_last)) = stack.pop() {
        let before = format!("{trunks}{}", branch(is_last, Stroke::Plain, 1, looks.ascii));
        let (text, notes) = reason(&proof.reason, graph);
        lines.push(Line { text: before + &escape(&text), face: None, notes });
        push(&mut stack, &proof.because, &format!("{trunks}{}", trunk(is_last, 1, looks.ascii)));
    }
}

fn push<'a>(stack: &mut Vec<(&'a Proof, String, bool)>, proofs: &'a [Proof], trunks: &str) {
    let mut flat = Vec::new();
    flatten(proofs, &mut flat);
    let last = flat.len().saturating_sub(1);
    stack.extend(flat.into_iter().enumerate().rev().map(|(i, proof)| (proof, trunks.to_string(), i == last)));
}

fn flatten<'a>(proofs: &'a [Proof], flat: &mut Vec<&'a Proof>) {
    for proof in proofs {
        match proof.reason {
            Reason::All => flatten(&proof.because, flat),
            _ => flat.push(proof),
        }
    }
}

fn cited(graph: &Graph, fact: FactId) -> Vec<(String, bool)> {
    let citations = citations(graph, fact);
    if citations.is_empty() { Vec::new() } else { vec![(format!("[{}]", escape(&citations)), false)] }
}

/// A step of a proof as a sentence, without its citations.
pub fn reason_text(step: &Reason, graph: &Graph) -> String {
    reason(step, graph).0
}

/// A reason in words, and what is noted behind it.
fn reason(reason: &Reason, graph: &Graph) -> (String, Vec<(String, bool)>) {
    let name = |entity| graph.name(entity);
    let text = match reason {
        Reason::All => String::new(),
        Reason::Fact(fact) => return (sentence(graph, *fact), cited(graph, *fact)),
        Reason::Chain { subject, path, object } => format!("{} ({path}) {}", name(*subject), name(*object)),
        Reason::Rule { subject, verb, object, text } => {
            let rule = vec![(format!("by `{}`", escape(text)), false)];
            return (format!("{} {verb} {}", name(*subject), name(*object)), rule);
        }
        Reason::Absent { sought, looked_at } => format!("nothing found: {sought} (looked at {looked_at})"),
        Reason::Compared { condition, bounds, .. } if bounds.is_empty() => condition.clone(),
        Reason::Compared { condition, bounds, read } => {
            let notes = read.iter().flat_map(|fact| cited(graph, *fact)).collect();
            return (format!("{condition} ({})", bounds.join("; ")), notes);
        }
        Reason::Narrowed { entity, from, to } => {
            format!("{} dated {to} by lineage ({from} by its own sources)", name(*entity))
        }
        Reason::Counted { what, number } => format!("{what}: {number}"),
        Reason::Itself(entity) => format!("{} is itself", name(*entity)),
    };
    (text, Vec::new())
}
