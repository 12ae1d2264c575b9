//! Whether the sentences of a pattern hang together.

use super::{Part, free};
use crate::check::scope::Scope;
use crate::check::typed::VarId;
use crate::text::{Code, Diagnostic};
use std::collections::BTreeSet;

/// Reports each sentence with variables that shares none with those before it, directly or through others after it,
/// unless `cross` stands there. Sentences without variables are plain conditions.
pub(super) fn check(scope: &mut Scope, parts: &[Part]) {
    let mut islands: Vec<(Vec<&Part>, BTreeSet<VarId>)> = Vec::new();
    for part in parts {
        let mut vars = free(&part.formula);
        if vars.is_empty() {
            continue;
        }
        if scope.joined.iter().any(|var| vars.contains(var)) {
            vars.extend(scope.joined.iter().copied());
        }
        let (touching, apart) = islands.into_iter().partition(|island| !island.1.is_disjoint(&vars));
        let touching: Vec<(Vec<&Part>, BTreeSet<VarId>)> = touching;
        vars.extend(touching.iter().flat_map(|island| island.1.iter().copied()));
        let members = touching.into_iter().flat_map(|island| island.0).chain([part]).collect();
        islands = apart;
        islands.push((members, vars));
    }
    islands.sort_by_key(|island| island.0[0].span);
    for island in islands.iter().skip(1).filter(|island| island.0.iter().all(|part| !part.cross)) {
        let diagnostic = disconnected(island.0[0], islands[0].0[0]);
        scope.report(diagnostic);
    }
}

fn disconnected(part: &Part, first: &Part) -> Diagnostic {
    let at = crate::text::Span { start: part.span.start, end: part.span.start };
    Diagnostic::error(Code::Disconnected, part.span, "this sentence shares no variable with the others")
        .here("every answer of it would be paired with every answer of the rest")
        .label(first.span, "the rest")
        .help("name what they have in common, as in `Model m uses MLA, Org develops m`")
        .fix("write `cross` before it if every pair is meant", at, "cross ")
}
