//! Suggestions for misspelt words: the nearest of a list.

/// Returns at most three of `candidates`, nearest first, ties in the order given.
///
/// A candidate is near if its distance is at most 1 + a quarter of the word's length (Damerau-Levenshtein over
/// characters, case folded) and less than the whole word. Empty if nothing is near: no suggestion is better than a
/// silly one.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    near(word, candidates).into_iter().map(|(_, candidate)| candidate).take(3).collect()
}

/// Returns the Damerau-Levenshtein distance of two words.
pub fn distance(one: &str, two: &str) -> usize {
    strsim::damerau_levenshtein(one, two)
}

/// Returns all near candidates with their distances, nearest first.
pub fn near<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Vec<(usize, &'a str)> {
    let folded = word.to_lowercase();
    let length = folded.chars().count();
    let reach = (1 + length / 4).min(length.saturating_sub(1));
    let mut near: Vec<(usize, &str)> = candidates
        .into_iter()
        .filter(|candidate| candidate.chars().count().abs_diff(length) <= reach)
        .map(|candidate| (strsim::damerau_levenshtein(&folded, &candidate.to_lowercase()), candidate))
        .filter(|(distance, _)| *distance <= reach)
        .collect();
    near.sort_by_key(|(distance, _)| *distance);
    near.dedup_by_key(|(_, candidate)| *candidate);
    near
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn near_words_only() {
        assert_eq!(nearest("MLAA", ["MHA", "MLA", "GQA"]), ["MLA", "MHA"]);
        assert_eq!(nearest("usse", ["uses", "develops"]), ["uses"]);
        assert!(nearest("x", ["y"]).is_empty());
    }
}
