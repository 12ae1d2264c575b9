//! Draws proofs as trees, each fact with its citations.

use super::tree::{Line, Narrow, Stroke, aligned, branch, trunk};
use crate::answer::{Explained, Proof, Reason, WhyNot};
use crate::graph::{CitedFact, Graph};
use crate::render::reasons::{Worded, facts, flat, worded};
use crate::render::words::{Emphasis, TextStyle, citations, escape};

/// Draws a tree for each explained row, separated by empty lines.
pub fn why(explained: &[Explained], graph: &Graph, looks: &TextStyle) -> String {
    if explained.is_empty() {
        return "nothing to explain: no rows\n".to_string();
    }
    let each: Vec<String> = explained.iter().map(|one| one_why(one, graph, looks)).collect();
    each.join("\n")
}

fn one_why(explained: &Explained, graph: &Graph, looks: &TextStyle) -> String {
    let proof = &explained.proof;
    let mut title = escape(&explained.title).into_owned();
    if !explained.certain {
        title += " (possible)";
    }
    if let (Reason::Fact(of), true) = (&proof.reason, proof.because.is_empty()) {
        return aligned(
            &[Line { text: title, face: Some(Emphasis::Head), notes: cited(graph, *of) }],
            4,
            Narrow::Cut,
            looks,
        );
    }
    let mut lines = vec![Line { text: title, face: Some(Emphasis::Head), notes: vec![(facts(proof), false)] }];
    let is_transparent = matches!(proof.reason, Reason::All | Reason::Chain { .. });
    if is_transparent {
        write(&proof.because, graph, looks, &mut lines);
    } else {
        write(std::slice::from_ref(proof), graph, looks, &mut lines);
    }
    aligned(&lines, 4, Narrow::Cut, looks)
}

/// Shows what holds, what fails, and what there is instead.
pub fn why_not(why_not: &WhyNot, graph: &Graph, looks: &TextStyle) -> String {
    let head = |text: &str| Line { text: text.to_string(), face: Some(Emphasis::Head), notes: Vec::new() };
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

/// Draws the proofs as branches; one that only groups others (`All`) is replaced by these.
fn write(proofs: &[Proof], graph: &Graph, looks: &TextStyle, lines: &mut Vec<Line>) {
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
    let flat = flat(proofs);
    let last = flat.len().saturating_sub(1);
    stack.extend(flat.into_iter().enumerate().rev().map(|(i, proof)| (proof, trunks.to_string(), i == last)));
}

fn cited(graph: &Graph, of: CitedFact) -> Vec<(String, bool)> {
    let citations = citations(graph, of);
    if citations.is_empty() { Vec::new() } else { vec![(format!("[{}]", escape(&citations)), false)] }
}

/// Returns a step of a proof as a sentence, without citations.
pub fn reason_text(step: &Reason, graph: &Graph) -> String {
    reason(step, graph).0
}

/// Returns a reason as text, with the notes behind it.
fn reason(reason: &Reason, graph: &Graph) -> (String, Vec<(String, bool)>) {
    let Worded { text, note, facts } = worded(reason, graph);
    let own = Some((escape(&note).into_owned(), false)).filter(|_| !note.is_empty());
    (text, own.into_iter().chain(facts.iter().flat_map(|of| cited(graph, *of))).collect())
}
