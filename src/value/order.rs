//! Natural order of names: `Llama 2` before `Llama 10`.

use std::cmp::Ordering;

/// Compares names as people sort them: runs of digits by their number, letters without regard to case. Ties are decided
/// byte by byte, so that the order is total.
pub fn natural(a: &str, b: &str) -> Ordering {
    natural_pieces(a).cmp(natural_pieces(b)).then_with(|| a.cmp(b))
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
    use super::natural;
    use std::cmp::Ordering::*;

    #[test]
    fn numbers_by_size() {
        assert_eq!(natural("Llama 2", "Llama 10"), Less);
        assert_eq!(natural("gpt-oss", "GPT-2"), Greater);
        assert_eq!(natural("Qwen2.5", "Qwen2"), Greater);
        assert_eq!(natural("a01", "a1"), Less);
    }
}
