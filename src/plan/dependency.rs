//! Functional dependencies, from which it follows whether the bindings of a group are contiguous.

use super::{Term, VarId};

/// A functional dependency: `var` has at most one value for each value of `given`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FunctionalDependency {
    pub given: Term,
    pub var: VarId,
}

/// Returns true if the bindings that agree on `keys` are contiguous when variables are bound in this order: the keys
/// come first, possibly with variables between them that are determined by an earlier variable or by a key.
pub fn is_clustered_by(order: &[VarId], keys: &[VarId], facts: &[FunctionalDependency]) -> bool {
    let mut open = keys.to_vec();
    for (i, var) in order.iter().enumerate() {
        if open.is_empty() {
            return true;
        }
        let is_given = |term: Term| term.var().is_none_or(|var| order[..i].contains(&var) || keys.contains(&var));
        let is_determined = || facts.iter().any(|fact| fact.var == *var && is_given(fact.given));
        match open.iter().position(|key| key == var) {
            Some(key) => _ = open.remove(key),
            None if is_determined() => {}
            None => return false,
        }
    }
    open.is_empty()
}

#[cfg(test)]
mod tests {
    use super::{FunctionalDependency, Term, VarId, is_clustered_by};

    #[test]
    fn keys_come_first_but_for_what_is_determined() {
        let vars = |numbers: &[u16]| numbers.iter().copied().map(VarId).collect::<Vec<VarId>>();
        let turn = |order: &[u16], keys: &[u16], facts: &[(u16, u16)]| {
            let fact =
                |(given, var): &(u16, u16)| FunctionalDependency { given: Term::Var(VarId(*given)), var: VarId(*var) };
            let facts: Vec<FunctionalDependency> = facts.iter().map(fact).collect();
            is_clustered_by(&vars(order), &vars(keys), &facts)
        };
        assert!(turn(&[0, 1, 2], &[0, 1], &[]));
        assert!(!turn(&[0, 2, 1], &[0, 1], &[]), "2 has many values between the keys");
        assert!(turn(&[0, 2, 1], &[0, 1], &[(0, 2)]), "0 leaves one value to 2");
        assert!(turn(&[2, 0, 1], &[0, 1], &[(0, 2)]), "and does so too where 2 is bound first");
        assert!(!turn(&[2, 0, 1], &[0, 1], &[(3, 2)]), "3 is not given");
        assert!(turn(&[2, 0], &[], &[]), "one group is always in turn");
        assert!(!turn(&[0], &[0, 1], &[]), "1 is never bound");
    }
}
