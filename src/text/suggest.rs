//! Suggestions for misspelt words: the nearest of a list.

/// Returns at most three of `candidates`, nearest first, ties in the order given.
///
/// A candidate is near if its distance is at most 1 + a quarter of the word's length (Damerau-Levenshtein over
/// characters, case folded) and less than the whole word. Empty if nothing is near: no suggestion is better than a
/// silly one.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    near(word, candidates).into_iter().map(|(_, candidate)| candidate).take(3).collect()
}

/// Returns the Damerau-Levenshtein distance of two words (Damerau, *A technique for computer detection and correction of
/// spelling errors*, 1964), by the algorithm of Lowrance and Wagner, *An extension of the string-to-string correction
/// problem*, 1975: O(length · length).
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
        .filter(|candidate| {
            candidate.chars().count().abs_diff(length) <= reach && may_be_near(&folded, candidate, reach)
        })
        .map(|candidate| (strsim::damerau_levenshtein(&folded, &candidate.to_lowercase()), candidate))
        .filter(|(distance, _)| *distance <= reach)
        .collect();
    near.sort_by_key(|(distance, _)| *distance);
    near.dedup_by_key(|(_, candidate)| *candidate);
    near
}

/// Returns false if two words differ in so many letters that their distance exceeds `reach`: each edit adds one letter at
/// most, and removes one. Most words are ruled out by it, for a fraction of the time that a distance takes. (Bag distance:
/// Bartolini, Ciaccia and Patella, *String matching with metric trees using an approximate distance*, 2002.)
pub fn may_be_near(word: &str, other: &str, reach: usize) -> bool {
    let mut letters = [0_i16; 64];
    // Letters that share a place only lower the bound.
    let place = |c: char| c as usize % 64;
    word.chars().flat_map(char::to_lowercase).for_each(|c| letters[place(c)] += 1);
    other.chars().flat_map(char::to_lowercase).for_each(|c| letters[place(c)] -= 1);
    let more: i16 = letters.iter().filter(|count| **count > 0).sum();
    let less: i16 = letters.iter().filter(|count| **count < 0).sum();
    usize::from(more.max(-less).unsigned_abs()) <= reach
}

/// Those of `candidates` that are a part of a word, but for the `s` of a plural: `date` of `release_date` and `dateValue`.
/// Those of the last part come first.
pub fn parts<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let mut parts = vec![String::new()];
    let mut was_small = false;
    for c in word.chars() {
        if !c.is_alphanumeric() || (was_small && c.is_uppercase()) {
            parts.push(String::new());
        }
        if let Some(last) = parts.last_mut().filter(|_| c.is_alphanumeric()) {
            last.extend(c.to_lowercase());
        }
        was_small = c.is_lowercase();
    }
    let singular = |word: &str| word.to_lowercase().trim_end_matches('s').to_string();
    let place = |candidate: &str| {
        let wanted = singular(candidate);
        parts.iter().rposition(|part| !wanted.is_empty() && singular(part) == wanted)
    };
    let mut found: Vec<(usize, &str)> =
        candidates.into_iter().filter_map(|candidate| Some((place(candidate)?, candidate))).collect();
    found.sort_by_key(|(place, _)| std::cmp::Reverse(*place));
    found.into_iter().map(|(_, candidate)| candidate).collect()
}

#[cfg(test)]
mod tests {
    use super::{distance, may_be_near, nearest, parts};

    #[test]
    fn near_words_only() {
        assert_eq!(nearest("MLAA", ["MHA", "MLA", "GQA"]), ["MLA", "MHA"]);
        assert_eq!(nearest("usse", ["uses", "develops"]), ["uses"]);
        assert!(nearest("x", ["y"]).is_empty());
    }

    #[test]
    fn letters_rule_out_nothing_that_is_near() {
        let words = ["attention", "atention", "attnetion", "Attention", "retention", "café", "cafe", "MLA", "MHA", ""];
        for (one, two) in words.iter().flat_map(|one| words.iter().map(move |two| (*one, *two))) {
            let far = distance(&one.to_lowercase(), &two.to_lowercase());
            assert!(may_be_near(one, two, far), "{one} {two}: {far}");
        }
        assert!(!may_be_near("attention", "normalise", 3));
    }

    #[test]
    fn parts_of_words_of_several() {
        let names = ["date", "parameters", "kind"];
        assert_eq!(parts("release_date", names), ["date"]);
        assert_eq!(parts("dateValue", names), ["date"]);
        assert_eq!(parts("parameter-count", names), ["parameters"]);
        assert_eq!(parts("kind_of_date", names), ["date", "kind"]);
        assert!(parts("update", names).is_empty() && parts("s_", names).is_empty());
    }
}
