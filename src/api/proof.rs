//! Proofs as text.

use super::Claim;
use crate::answer::{self, Explained, Reason};
use crate::graph::{CitedFact, Graph};
use crate::render;
use std::fmt::{self, Display, Formatter};

/// Why something holds: the smallest tree of facts found, of which no fact can be left out.
///
/// ```
/// let answer = begat::Database::builtin().query("Model uses MLA")?;
/// let row = answer.rows().last().expect("two rows");
/// let proof = answer.why(&row)?.expect("rows of patterns have proofs");
/// assert_eq!(proof.sentence, "DeepSeek V3 uses MLA");
/// assert_eq!(proof.because[0].claims[0].at, "L23");
/// # Ok::<(), begat::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Proof {
    /// The statement that holds, as a sentence.
    pub sentence: String,
    /// The kind of this step.
    pub kind: ProofKind,
    /// Whether the statement holds whatever the days of uncertain dates are.
    pub certain: bool,
    /// The claims of a fact, or of the values that a comparison read; empty for other steps.
    pub claims: Vec<Claim>,
    /// The proofs that this one rests on, in order.
    pub because: Vec<Proof>,
}

/// The kind of one step of a proof.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ProofKind {
    /// A row: all of the proofs below hold.
    All,
    /// A fact of the graph, with its claims.
    Fact,
    /// A path: the facts along it are below, in order.
    Path,
    /// A defined verb: the proof of its definition is below.
    Definition,
    /// Nothing that matches was found in the whole graph.
    Absent,
    /// A comparison.
    Comparison,
    /// A date that lineage narrows.
    Narrowed,
    /// A count; the proofs of each counted item are below.
    Counted,
    /// A path of no steps: both ends are the same entity.
    Same,
}

impl ProofKind {
    /// Returns the kind as one lower-case word, as in JSON.
    pub fn name(self) -> &'static str {
        match self {
            ProofKind::All => "all",
            ProofKind::Fact => "fact",
            ProofKind::Path => "path",
            ProofKind::Definition => "definition",
            ProofKind::Absent => "absent",
            ProofKind::Comparison => "comparison",
            ProofKind::Narrowed => "narrowed",
            ProofKind::Counted => "counted",
            ProofKind::Same => "same",
        }
    }
}

impl Proof {
    /// Returns the proof of a row: the row as a sentence, and its proof below.
    pub(super) fn of(explained: &Explained, graph: &Graph) -> Proof {
        let mut proof = of_proof(&explained.proof, explained.certain, graph);
        let is_bracket = proof.kind == ProofKind::All;
        let because = if is_bracket { std::mem::take(&mut proof.because) } else { vec![proof] };
        let sentence = explained.title.clone();
        Proof { sentence, kind: ProofKind::All, certain: explained.certain, claims: Vec::new(), because }
    }
}

/// Iterates with a stack of its own: a proof is as deep as its path is long, and recursion could overflow the stack.
fn of_proof(proof: &answer::Proof, certain: bool, graph: &Graph) -> Proof {
    let step = |proof: &answer::Proof| Proof {
        sentence: render::reason(&proof.reason, graph),
        kind: kind(&proof.reason),
        certain,
        claims: facts(&proof.reason)
            .iter()
            .flat_map(|cited| graph.claims().cited(*cited))
            .map(|claim| Claim::of(graph, claim))
            .collect(),
        because: Vec::new(),
    };
    // Unfinished proofs from the root down, each with its children still to be converted.
    let mut open = vec![(step(proof), proof.because.iter())];
    loop {
        let Some((_, below)) = open.last_mut() else { return step(proof) };
        match below.next() {
            Some(next) => open.push((step(next), next.because.iter())),
            None => {
                let Some((done, _)) = open.pop() else { return step(proof) };
                match open.last_mut() {
                    Some((above, _)) => above.because.push(done),
                    None => return done,
                }
            }
        }
    }
}

fn kind(reason: &Reason) -> ProofKind {
    match reason {
        Reason::All => ProofKind::All,
        Reason::Fact(_) => ProofKind::Fact,
        Reason::Chain { .. } => ProofKind::Path,
        Reason::Rule { .. } => ProofKind::Definition,
        Reason::Absent { .. } => ProofKind::Absent,
        Reason::Compared { .. } => ProofKind::Comparison,
        Reason::Narrowed { .. } => ProofKind::Narrowed,
        Reason::Counted { .. } => ProofKind::Counted,
        Reason::Itself(_) => ProofKind::Same,
    }
}

fn facts(reason: &Reason) -> Vec<CitedFact> {
    match reason {
        Reason::Fact(cited) => vec![*cited],
        Reason::Compared { read, .. } => read.iter().map(|fact| CitedFact::from(*fact)).collect(),
        _ => Vec::new(),
    }
}

impl Display for Proof {
    /// Writes one line for each step, indented by two spaces for each level, with citations in brackets.
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let mut open = vec![(self, 0)];
        while let Some((proof, depth)) = open.pop() {
            write!(f, "{:width$}{}", "", proof.sentence, width = depth * 2)?;
            for claim in &proof.claims {
                write!(f, " [{}]", [claim.source.as_str(), &claim.at].join(" ").trim_end())?;
            }
            writeln!(f)?;
            open.extend(proof.because.iter().rev().map(|below| (below, depth + 1)));
        }
        Ok(())
    }
}
