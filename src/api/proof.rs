//! Proofs in words.

use super::{Claim, Fact};
use crate::answer::{self, Explained, Reason};
use crate::graph::{FactId, Graph};
use crate::render;
use std::fmt::{self, Display, Formatter};

/// Why something holds: a tree of least height, of which no fact can be left out.
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
    /// What holds, as a sentence.
    pub sentence: String,
    /// What kind of step it is.
    pub kind: ProofKind,
    /// Whether it holds whatever the days of uncertain dates are.
    pub certain: bool,
    /// Who says so: of facts, and of the values that a comparison read.
    pub claims: Vec<Claim>,
    /// The proofs that it rests on, in order.
    pub because: Vec<Proof>,
}

/// What a step of a proof is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ProofKind {
    /// A row: it holds since all of the proofs below hold.
    All,
    /// A fact of the graph, with its claims.
    Fact,
    /// A path: the facts of the chain are below, in order.
    Path,
    /// A defined verb: what its definition asks for is below.
    Definition,
    /// Something was looked for in the whole graph and not found.
    Absent,
    /// A comparison.
    Comparison,
    /// A date that lineage made narrower.
    Narrowed,
    /// A number of things counted; the proofs of each are below.
    Counted,
    /// The two ends of a path of no steps are one entity.
    Same,
}

impl ProofKind {
    /// Returns the kind in one lower-case word, as JSON has it.
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
    /// The proof of a row: the row as a sentence, and the proof below it.
    pub(super) fn of(explained: &Explained, graph: &Graph) -> Proof {
        let mut proof = of_proof(&explained.proof, explained.certain, graph);
        let is_bracket = proof.kind == ProofKind::All;
        let because = if is_bracket { std::mem::take(&mut proof.because) } else { vec![proof] };
        let sentence = explained.title.clone();
        Proof { sentence, kind: ProofKind::All, certain: explained.certain, claims: Vec::new(), because }
    }
}

/// Proofs are as deep as paths are long, so that a stack of their own takes the place of recursion.
fn of_proof(proof: &answer::Proof, certain: bool, graph: &Graph) -> Proof {
    let step = |proof: &answer::Proof| Proof {
        sentence: render::reason(&proof.reason, graph),
        kind: kind(&proof.reason),
        certain,
        claims: facts(&proof.reason).iter().flat_map(|fact| Fact::new(graph, *fact).claims()).collect(),
        because: Vec::new(),
    };
    // Each with the proofs that are still to be made of those below it.
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

fn facts(reason: &Reason) -> &[FactId] {
    match reason {
        Reason::Fact(fact) => std::slice::from_ref(fact),
        Reason::Compared { read, .. } => read,
        _ => &[],
    }
}

impl Display for Proof {
    /// A line for each step, those below it indented by two spaces, with its citations in brackets.
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
