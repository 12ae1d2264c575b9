//! Check that the sentences of a pattern are connected.

use super::{OuterSentence, free};
use crate::check::scope::Scope;
use crate::check::typed::VarId;
use crate::text::{Code, Diagnostic};
use petgraph::unionfind::UnionFind;
use rustc_hash::{FxHashMap, FxHashSet};

/// Reports each sentence with variables that shares none with the earlier ones, directly or through other sentences,
/// unless `cross` stands before a sentence of its component. Sentences without variables are plain conditions.
pub(super) fn check(scope: &mut Scope, parts: &[OuterSentence]) {
    // Union-find over sentences, joined by common variables.
    let mut islands: UnionFind<usize> = UnionFind::new(parts.len());
    let mut first: FxHashMap<VarId, usize> = FxHashMap::default();
    let mut referenced: Vec<usize> = Vec::new();
    for (i, part) in parts.iter().enumerate() {
        let vars = free(&part.formula);
        referenced.extend((!vars.is_empty()).then_some(i));
        let joined = scope.joined.iter().any(|var| vars.contains(var)).then_some(scope.joined.as_slice());
        for var in vars.iter().chain(joined.into_iter().flatten()) {
            islands.union(i, *first.entry(*var).or_insert(i));
        }
    }
    let crossed: FxHashSet<usize> = referenced.iter().filter(|i| parts[**i].cross).map(|i| islands.find(*i)).collect();
    let mut met: FxHashSet<usize> = FxHashSet::default();
    // One report per component: its first sentence.
    let apart = referenced.iter().filter(|i| met.insert(islands.find(**i)) && !crossed.contains(&islands.find(**i)));
    let apart: Vec<usize> = apart.copied().collect();
    for i in apart.into_iter().filter(|i| *i != referenced[0]) {
        scope.report(disconnected(&parts[i], &parts[referenced[0]]));
    }
}

fn disconnected(part: &OuterSentence, first: &OuterSentence) -> Diagnostic {
    let at = crate::text::Span { start: part.span.start, end: part.span.start };
    Diagnostic::error(Code::Disconnected, part.span, "this sentence shares no variable with the others")
        .here("every answer of it would be paired with every answer of the rest")
        .label(first.span, "the rest")
        .help("name what they have in common, as in `Model m uses MLA, Org develops m`")
        .fix("write `cross` before it if every pair is meant", at, "cross ")
}
