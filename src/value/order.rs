//! Natural order of names: `Llama 2` before `Llama 10`.

use std::cmp::Ordering;

/// Compares names as people sort them: runs of digits by their number, letters without regard to case. Ties are decided
/// byte by byte, so that the order is total.
pub fn natural(a: &str, b: &str) -> Ordering {
    // Equal bytes make equal pieces: only what follows them is taken to pieces.
    let start = shared_pieces(a, b);
    natural_pieces(&a[start..]).cmp(natural_pieces(&b[start..])).then_with(|| a.cmp(b))
}

/// Returns the number of leading bytes in which both names agree, up to the start of a piece.
fn shared_pieces(a: &str, b: &str) -> usize {
    let bytes = a.as_bytes();
    let mut start = bytes.iter().zip(b.as_bytes()).take_while(|(a, b)| a == b).count();
    // A run of digits may differ in its length.
    while start > 0 && (!a.is_char_boundary(start) || bytes[start - 1].is_ascii_digit()) {
        start -= 1;
    }
    start
}

/// Returns a sort key with the order of [`natural`], for sorting many names.
pub fn natural_key(name: &str) -> impl Ord + '_ {
    (natural_pieces(name).collect::<Vec<_>>(), name.to_string())
}

/// A piece of a name. Digits sort before letters.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Piece<'a> {
    /// Length without leading zeros, then the digits: compares numbers of any size without parsing them.
    Digits(usize, &'a str),
    Letter(char),
}

fn natural_pieces(name: &str) -> impl Iterator<Item = Piece<'_>> {
    let mut rest = name;
    std::iter::from_fn(move || {
        let first = rest.chars().next()?;
        let end = if first.is_ascii_digit() {
            rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len())
        } else {
            first.len_utf8()
        };
        let (piece, after) = rest.split_at(end);
        rest = after;
        Some(match first.is_ascii_digit() {
            true => {
                let digits = piece.trim_start_matches('0');
                Piece::Digits(digits.len(), digits)
            }
            false => Piece::Letter(first.to_lowercase().next().unwrap_or(first)),
        })
    })
}

#[cfg(test)]
mod tests {
    use super::{natural, natural_pieces};
    use proptest::prelude::*;
    use std::cmp::Ordering::*;

    proptest! {
        #[test]
        fn a_shared_beginning_changes_nothing(start in "[a1é0]{0,4}", one in "[aA10é9]{0,4}", other in "[aA10é9]{0,4}") {
            let (one, other) = (format!("{start}{one}"), format!("{start}{other}"));
            let expected = natural_pieces(&one).cmp(natural_pieces(&other)).then_with(|| one.cmp(&other));
            prop_assert_eq!(natural(&one, &other), expected);
        }
    }

    #[test]
    fn numbers_by_size() {
        assert_eq!(natural("Llama 2", "Llama 10"), Less);
        assert_eq!(natural("gpt-oss", "GPT-2"), Greater);
        assert_eq!(natural("Qwen2.5", "Qwen2"), Greater);
        assert_eq!(natural("a01", "a1"), Less);
    }
}
