//! Stems of English words, so that `used`, `using`, `uses` and `user` find the verb `uses`.
//!
//! Suffixes are removed until none is left, as in Porter, *An algorithm for suffix stripping*, 1980, but with fewer
//! rules: a stem need not be a word, but must be the same for all forms of one.

/// Role of the entity that a noun derived from a verb stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Derived {
    /// The subject of the verb: `maintainer`.
    Doer,
    /// The object of the verb: `dependency`.
    Done,
}

/// Irregular forms, each with its base.
const IRREGULAR: &[(&str, &str)] = &[
    ("people", "person"),
    ("children", "child"),
    ("kids", "child"),
    ("kid", "child"),
    ("men", "man"),
    ("women", "woman"),
    ("wives", "wife"),
    ("lives", "live"),
    ("mice", "mouse"),
    ("made", "make"),
    ("makes", "make"),
    ("wrote", "write"),
    ("written", "write"),
    ("built", "build"),
    ("led", "lead"),
    ("came", "come"),
    ("gave", "give"),
    ("took", "take"),
    ("taken", "take"),
    ("left", "leave"),
    ("lent", "lend"),
    ("born", "bear"),
    ("died", "die"),
    ("dies", "die"),
    ("death", "die"),
    ("dead", "die"),
    ("birth", "bear"),
    ("birthday", "bear"),
    ("birthdate", "bear"),
    ("knew", "know"),
    ("known", "know"),
    ("grew", "grow"),
    ("grown", "grow"),
    ("drew", "draw"),
    ("drawn", "draw"),
    ("sang", "sing"),
    ("sung", "sing"),
    ("taught", "teach"),
    ("bought", "buy"),
    ("brought", "bring"),
    ("held", "hold"),
    ("kept", "keep"),
    ("met", "meet"),
    ("won", "win"),
    ("ran", "run"),
    ("began", "begin"),
    ("begun", "begin"),
    ("chose", "choose"),
    ("chosen", "choose"),
    ("sold", "sell"),
    ("sent", "send"),
    ("said", "say"),
    ("saw", "see"),
    ("seen", "see"),
    ("had", "have"),
    ("has", "have"),
    ("having", "have"),
    ("fed", "feed"),
    ("ate", "eat"),
    ("eaten", "eat"),
    ("spoke", "speak"),
    ("spoken", "speak"),
    ("owned", "own"),
    ("licence", "license"),
    ("licences", "license"),
    ("licenced", "license"),
    ("organisation", "organization"),
    ("organisations", "organization"),
    ("influential", "influence"),
    ("length", "long"),
    ("height", "tall"),
    ("weight", "heavy"),
];

/// Irregular forms of verbs that may be participles: `built by`.
const PARTICIPLES: &[&str] = &[
    "made", "built", "led", "left", "lent", "held", "kept", "met", "won", "begun", "sold", "sent", "said", "fed",
    "bought", "brought", "taught", "sung", "sprung",
];

/// Returns true if a word in lower case may be a participle: `used`, `written`, `built`.
pub(super) fn is_participle(word: &str) -> bool {
    word.ends_with("ed") || word.ends_with("en") || PARTICIPLES.contains(&word)
}

/// Returns the stem of a word in lower case.
pub(super) fn root(word: &str) -> String {
    let mut root = irregular(word).unwrap_or(word).to_string();
    while let Some(shorter) = shortened(&root) {
        // The `s` of `releas-ed` is no plural.
        let is_verb = root.ends_with("ed") || root.ends_with("ing");
        root = irregular(&shorter).map_or(shorter.clone(), str::to_string);
        if is_verb && root.ends_with('s') {
            break;
        }
    }
    if root.len() > 2 {
        if let Some(rest) = root.strip_suffix('e') {
            root.truncate(rest.len());
        }
        if root.ends_with('y') {
            root.pop();
            root.push('i');
        }
    }
    let letters: Vec<char> = root.chars().collect();
    let is_doubled = matches!(letters.as_slice(), [.., a, b] if a == b && !"aeiou".contains(*b)) && letters.len() > 2;
    if is_doubled {
        root.pop();
    }
    root
}

fn irregular(word: &str) -> Option<&'static str> {
    IRREGULAR.iter().find(|(form, _)| *form == word).map(|(_, base)| *base)
}

/// Returns the word without one suffix; `None` if it has none.
fn shortened(word: &str) -> Option<String> {
    let strong = |rest: &&str| rest.len() >= 2 && rest.contains(['a', 'e', 'i', 'o', 'u', 'y']);
    for ending in ["ies", "ied"] {
        if let Some(rest) = word.strip_suffix(ending).filter(|rest| rest.len() >= 2) {
            return Some(format!("{rest}y"));
        }
    }
    for ending in ["sses", "shes", "ches", "xes", "zzes"] {
        if word.ends_with(ending) {
            return Some(word[..word.len() - 2].to_string());
        }
    }
    if let Some(rest) = word.strip_suffix("ing").or(word.strip_suffix("ed")).filter(strong) {
        let undoubled = rest.as_bytes().windows(2).last().is_some_and(|pair| pair[0] == pair[1] && pair[0] != b's');
        return Some(if undoubled && rest.len() > 3 { rest[..rest.len() - 1].to_string() } else { rest.to_string() });
    }
    let plural = word.strip_suffix('s').filter(|rest| rest.len() >= 3 && !rest.ends_with(['s', 'u', 'i']));
    plural.map(str::to_string)
}

/// Returns the stems of the verbs from which a noun may be derived, with the role of the noun, in the order of the
/// suffixes.
pub(super) fn derived(word: &str) -> Vec<(String, Derived)> {
    const ENDINGS: &[(&str, Derived)] = &[
        ("er", Derived::Doer),
        ("or", Derived::Doer),
        ("ant", Derived::Doer),
        ("ent", Derived::Doer),
        ("ency", Derived::Done),
        ("ence", Derived::Done),
        ("ance", Derived::Done),
        ("ative", Derived::Done),
        ("ation", Derived::Done),
        ("ion", Derived::Done),
        ("ment", Derived::Done),
        ("al", Derived::Done),
    ];
    let single = shortened(word).filter(|_| word.ends_with('s')).unwrap_or(word.to_string());
    let of = |(ending, kind): &(&str, Derived)| {
        let base = single.strip_suffix(ending).filter(|base| base.len() >= 2)?;
        Some((root(base), *kind))
    };
    if single == "successor" {
        return vec![(root("succeed"), Derived::Doer)];
    }
    // What stands in place of a thing is its replacement.
    if single == "replacement" {
        return vec![(root("replace"), Derived::Doer)];
    }
    ENDINGS.iter().filter_map(of).collect()
}

/// Returns a noun in lower case without its plural suffix.
pub(super) fn singular(word: &str) -> String {
    let lower = word.to_lowercase();
    match irregular(&lower) {
        Some(base) => base.to_string(),
        None if lower.ends_with('s') => shortened(&lower).unwrap_or(lower),
        None => lower,
    }
}

/// Returns true if a word in lower case is a plural, judging by its suffix.
pub(super) fn is_plural(word: &str) -> bool {
    const PLURALS: &[&str] = &["people", "children", "men", "women", "mice"];
    const SINGULARS: &[&str] = &["series", "species"];
    PLURALS.contains(&word) || !SINGULARS.contains(&word) && word.ends_with('s') && singular(word).len() < word.len()
}

#[cfg(test)]
mod tests {
    use super::{Derived, derived, root};

    #[test]
    fn forms_of_one_word_have_one_root() {
        for forms in [
            &["use", "uses", "used", "using"][..],
            &["develop", "develops", "developed", "developing"],
            &["release", "releases", "released", "releasing"],
            &["increase", "increases", "increased", "increasing"],
            &["focus", "focused", "focusing"],
            &["succeed", "succeeds", "succeeded", "succeeding"],
            &["stem", "stems", "stemmed", "stemming"],
            &["write", "writes", "wrote", "written", "writing"],
            &["fill", "fills", "filled", "filling"],
            &["class", "classes", "classed"],
            &["marry", "marries", "married"],
            &["company", "companies"],
            &["apply", "applies", "applied"],
            &["base", "based"],
            &["live", "lives", "lived", "living"],
            &["technique", "techniques"],
        ] {
            let roots: Vec<String> = forms.iter().map(|form| root(form)).collect();
            assert!(roots.iter().all(|other| *other == roots[0]), "{forms:?}: {roots:?}");
        }
        assert_ne!(root("uses"), root("user"));
    }

    #[test]
    fn nouns_of_verbs() {
        for (noun, verb, kind) in [
            ("maintainers", "maintains", Derived::Doer),
            ("creator", "creates", Derived::Doer),
            ("dependencies", "depends", Derived::Done),
            ("inspiration", "inspires", Derived::Done),
        ] {
            assert!(derived(noun).contains(&(root(verb), kind)), "{noun}: {:?}", derived(noun));
        }
    }
}
