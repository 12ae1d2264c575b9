//! Draws proofs as trees of sentences: below each fact its sources, what they say, and links to them.

use super::paint::frame::{self, MARGIN, surround, text};
use super::paint::marks::{Group, Mark, Picture, outline, point};
use super::paint::metrics::{Weight, width, wrap};
use super::{PictureStyle, Room, Words, cite, counted, frame, paper};
use crate::answer::{Explained, Proof, Reason, WhyNot};
use crate::graph::{CitedFact, EntityId, Fact, FactId, Graph, Trust};
use crate::limits::{in_budget, is_over};
use crate::render::reasons::{facts, flat, worded};

const WIDTH: f64 = 860.0;
const STEP: f64 = 24.0;
const SENTENCE: f64 = 13.0;
const HEAD: f64 = 14.5;
const NOTE: f64 = 11.0;
/// Line height in relation to the font size.
const LEADING: f64 = 1.35;
/// Gaps between two sentences, and between two proofs.
const GAP: f64 = 9.0;
const BLOCK_GAP: f64 = 20.0;
/// Maximum number of proofs, and of sentences in a proof; the rest is counted.
const MOST: usize = 60;
const MOST_SENTENCES: usize = 200;
/// Height below the last proof of a page.
const BELOW: f64 = 70.0;

/// A sentence of a proof, with the notes below it.
#[derive(Debug, Clone, Default)]
struct ProofLine {
    depth: usize,
    text: String,
    notes: Vec<Note>,
    /// The entity that a fact is about.
    entity: Option<EntityId>,
}

/// A line below a sentence: a source and what it says.
#[derive(Debug, Clone, Default)]
struct Note {
    text: String,
    link: Option<String>,
}

/// The lines of a proof; the first is its head.
type Block = Vec<ProofLine>;

pub fn of_why(explained: &[Explained], graph: &Graph, looks: &PictureStyle, room: Room) -> Vec<Picture> {
    let shown: Vec<&Explained> = explained.iter().take(MOST).take_while(|_| !is_over()).collect();
    let blocks: Vec<Block> = shown.iter().map(|one| block(one, graph)).collect();
    let (title, mut rules) = match explained {
        [] => ("Nothing to explain".to_string(), vec!["no rows".to_string()]),
        [one] => (format!("Why {}", one.title), vec![format!("it rests on {}", facts(&one.proof))]),
        many => (format!("Why each of {} holds", counted(many.len(), "row")), Vec::new()),
    };
    if explained.len() > MOST {
        rules.push(format!("… and {} more", explained.len() - MOST));
    }
    pages(&blocks, graph, looks, room, (title, rules))
}

pub fn of_why_not(why_not: &WhyNot, graph: &Graph, looks: &PictureStyle, room: Room) -> Vec<Picture> {
    let head = |text: &str| ProofLine { text: text.to_string(), ..ProofLine::default() };
    let mut blocks: Vec<Block> = Vec::new();
    for (words, proofs) in [("This much holds", &why_not.holds), ("What there is instead", &why_not.nearest)] {
        let mut block = vec![head(words)];
        write(proofs, graph, &mut block);
        blocks.push(block);
    }
    let (title, fails) = match &why_not.fails {
        Some(fails) => (format!("Why not: {fails}"), format!("This fails: {fails}")),
        None => ("It holds after all".to_string(), "It holds after all".to_string()),
    };
    blocks.insert(1, vec![head(&fails)]);
    blocks.retain(|block| block.len() > 1 || block[0].text == fails);
    pages(&blocks, graph, looks, room, (title, Vec::new()))
}

fn block(explained: &Explained, graph: &Graph) -> Block {
    let doubt = if explained.certain { "" } else { " (only possible)" };
    let mut head = ProofLine { text: format!("{}{doubt}", explained.title), ..ProofLine::default() };
    let proof = &explained.proof;
    match proof.reason {
        Reason::Fact(cited) if proof.because.is_empty() => {
            head.notes = notes(graph, cited);
            head.entity = Some(subject(graph, cited.fact));
            vec![head]
        }
        Reason::All | Reason::Chain { .. } => {
            let mut block = vec![head];
            write(&proof.because, graph, &mut block);
            block
        }
        _ => {
            let mut block = vec![head];
            write(std::slice::from_ref(proof), graph, &mut block);
            block
        }
    }
}

/// Appends the proofs in preorder.
fn write(proofs: &[Proof], graph: &Graph, block: &mut Block) {
    let mut open: Vec<(&Proof, usize)> = flat(proofs).into_iter().rev().map(|proof| (proof, 1)).collect();
    while let Some((proof, depth)) = open.pop() {
        if block.len() > MOST_SENTENCES {
            block.push(ProofLine {
                depth: 1,
                text: "… and more: ask for less to see all of it".into(),
                ..ProofLine::default()
            });
            return;
        }
        let words = worded(&proof.reason, graph);
        let own = Some(Note { text: words.note, link: None }).filter(|note| !note.text.is_empty());
        let cited = words.facts.iter().flat_map(|cited| notes(graph, *cited));
        let entity = words.facts.first().map(|cited| subject(graph, cited.fact));
        block.push(ProofLine { depth, text: words.text, notes: own.into_iter().chain(cited).collect(), entity });
        open.extend(flat(&proof.because).into_iter().rev().map(|proof| (proof, depth + 1)));
    }
}

fn subject(graph: &Graph, fact: FactId) -> EntityId {
    match graph.fact(fact) {
        Fact::Link { subject, .. } | Fact::Value { subject, .. } => subject,
    }
}

/// Returns a line for each claim that is cited: source, locator, trust unless it is direct, and quote or note.
fn notes(graph: &Graph, cited: CitedFact) -> Vec<Note> {
    let mut notes: Vec<Note> = Vec::new();
    for claim in graph.claims().cited(cited) {
        let source = graph.claims().source(claim.source);
        let name = if source.title.is_empty() { &source.key } else { &source.title };
        let mut parts = vec![[name.as_str(), claim.at].join(" ").trim().to_string()];
        if claim.trust != Trust::Direct {
            parts.push(claim.trust.name().to_string());
        }
        if !claim.quote.is_empty() {
            parts.push(format!("“{}”", claim.quote));
        }
        if !claim.note.is_empty() {
            parts.push(claim.note.to_string());
        }
        let note = Note { text: parts.join(" · "), link: cite::address(&source.url, claim.at) };
        if notes.iter().all(|known| known.text != note.text) {
            notes.push(note);
        }
    }
    notes
}

/// Returns the marks of a block, from y 0 on, and its height.
fn laid(block: &Block, wide: f64) -> (Vec<Mark>, f64) {
    let mut marks = Vec::new();
    let mut y = 0.0;
    // By depth: the bottom of the last sentence of that depth.
    let mut ends: Vec<f64> = Vec::new();
    for line in block.iter().take_while(in_budget) {
        let x = MARGIN + STEP * line.depth as f64;
        let (size, weight) = if line.depth == 0 { (HEAD, Weight::Bold) } else { (SENTENCE, Weight::Regular) };
        let top = y;
        let mut own = Vec::new();
        for words in wrap(&line.text, room(wide, x), size, weight) {
            y += size * LEADING;
            own.push(text(x, y - size * 0.3, &words, size, "ink", line.depth == 0));
        }
        marks.push(sentence(line, own));
        if let Some(above) = line.depth.checked_sub(1).and_then(|depth| ends.get(depth)) {
            let (trunk, middle) = (x - STEP + 6.0, top + size * 0.7);
            let steps = outline(&[point(trunk, above + 3.0), point(trunk, middle), point(x - 5.0, middle)]);
            marks.push(Mark::Path { steps, class: "n sg".into(), stroke: 1.1, dash: "", opacity: 0.7 });
        }
        for note in &line.notes {
            let words = wrap(&note.text, room(wide, x), NOTE, Weight::Regular);
            let lines = words.iter().enumerate().map(|(i, words)| {
                let base = y + NOTE * LEADING * (i as f64 + 1.0) - 3.0;
                text(x, base, words, NOTE, "quiet", false)
            });
            let link = note.link.clone().unwrap_or_default();
            marks.push(Mark::Group(Group { link, marks: lines.collect(), ..Group::default() }));
            y += NOTE * LEADING * words.len() as f64;
        }
        ends.truncate(line.depth);
        ends.push(y);
        y += GAP;
    }
    (marks, y + BLOCK_GAP - GAP)
}

fn room(wide: f64, x: f64) -> f64 {
    (wide - x - MARGIN).max(90.0) * 0.94
}

/// Returns a sentence; if it is a fact, as a group that can be pointed at.
fn sentence(line: &ProofLine, marks: Vec<Mark>) -> Mark {
    let data = line.entity.map(|entity| ("i", entity.0.to_string()));
    let class = if data.is_some() { "m v" } else { "" };
    let title = if data.is_some() { line.text.clone() } else { String::new() };
    Mark::Group(Group { class: class.into(), title, data: data.into_iter().collect(), marks, ..Group::default() })
}

/// Draws the blocks: one picture, or as many as the height of the room requires.
fn pages(
    blocks: &[Block],
    graph: &Graph,
    looks: &PictureStyle,
    space: Room,
    (title, rules): (String, Vec<String>),
) -> Vec<Picture> {
    let shown: Vec<EntityId> = blocks.iter().flatten().filter_map(|line| line.entity).collect();
    let desc = format!("{}; below each sentence what it rests on, and its sources.", counted(blocks.len(), "proof"));
    let frame = frame(graph, looks, Words { title, rules, notes: Vec::new(), desc, shown: &shown });
    let wide = space.width.map_or(natural(blocks), |room| room.clamp(260.0, WIDTH * 1.2));
    let top = frame::top(&frame, wide) + 16.0;
    let limit = space.height.map_or(f64::INFINITY, |height| height - BELOW);
    let mut pages: Vec<(Vec<Mark>, f64)> = vec![(Vec::new(), top)];
    for block in blocks.iter().take_while(in_budget) {
        let (marks, height) = laid(block, wide);
        if pages.last().is_some_and(|(marks, y)| !marks.is_empty() && y + height > limit) {
            pages.push((Vec::new(), top));
        }
        let (all, y) = pages.last_mut().expect("one page at least");
        all.extend(marks.into_iter().map(|mark| frame::shifted(mark, 0.0, *y)));
        *y += height;
    }
    let page = |(marks, y): (Vec<Mark>, f64)| {
        surround(&frame, Picture { width: wide, marks, ..Picture::default() }, y - BLOCK_GAP, Vec::new())
    };
    let mut pages: Vec<Picture> = pages.into_iter().map(page).collect();
    paper::number(&mut pages);
    pages
}

/// Returns the width of the longest line, within limits.
fn natural(blocks: &[Block]) -> f64 {
    let line = |line: &ProofLine| {
        let size = if line.depth == 0 { HEAD } else { SENTENCE };
        let notes = line.notes.iter().map(|note| width(&note.text, NOTE, Weight::Regular));
        let longest = notes.fold(width(&line.text, size, Weight::Bold), f64::max);
        2.0 * MARGIN + STEP * line.depth as f64 + longest / 0.94 + 8.0
    };
    blocks.iter().flatten().map(line).fold(480.0, f64::max).min(WIDTH)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(depth: usize, text: &str) -> ProofLine {
        ProofLine {
            depth,
            text: text.into(),
            notes: vec![Note { text: "a source".repeat(9), link: None }],
            entity: None,
        }
    }

    fn texts(marks: &[Mark], found: &mut Vec<(f64, f64, String)>) {
        for mark in marks {
            match mark {
                Mark::Text(text) => found.push((text.at.x, text.at.y, text.text.clone())),
                Mark::Group(group) => texts(&group.marks, found),
                _ => {}
            }
        }
    }

    #[test]
    fn no_line_of_text_is_on_another_and_none_is_crossed() {
        let block = vec![line(0, "head"), line(1, &"long words ".repeat(20)), line(2, "deeper"), line(1, "second")];
        let (marks, height) = laid(&block, 320.0);
        let mut found = Vec::new();
        texts(&marks, &mut found);
        let bases: Vec<f64> = found.iter().map(|(_, y, _)| *y).collect();
        assert!(
            bases.windows(2).all(|pair| pair[1] - pair[0] >= NOTE) && bases.iter().all(|y| *y < height),
            "{bases:?}"
        );
        for (x, _, words) in &found {
            assert!(x + width(words, SENTENCE, Weight::Regular) < 320.0, "{words}");
        }
        for mark in &marks {
            let Mark::Path { steps, .. } = mark else { continue };
            let [super::super::paint::marks::Step::Move(from), super::super::paint::marks::Step::Line(to), _] =
                steps[..]
            else {
                panic!("{steps:?}")
            };
            let crossed = found.iter().find(|(x, y, _)| *x <= from.x && from.y < *y - 9.0 && *y < to.y);
            assert_eq!(crossed, None, "{from:?} to {to:?}");
        }
    }
}
