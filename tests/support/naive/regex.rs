//! Regular expressions by trying every way: letters, `.`, `[a-c]`, `[^a]`, `\d`, `\w` (of ASCII), `(…|…)`, `* + ?`, `{2}`,
//! `{2,}`, `{2,3}`, `^`, `$` and `(?i)` before all.

/// Whether some part of the text fits the pattern.
pub fn finds(pattern: &str, text: &str) -> bool {
    let (pattern, fold) = pattern.strip_prefix("(?i)").map_or((pattern, false), |rest| (rest, true));
    let chars = |text: &str| -> Vec<char> {
        let folded = if fold { text.to_lowercase() } else { text.to_string() };
        folded.chars().collect()
    };
    let (pattern, text) = (chars(pattern), chars(text));
    let (either, rest) = either(&pattern);
    assert!(rest.is_empty(), "a pattern that the judge cannot read: {pattern:?}");
    (0..=text.len()).any(|start| fits(&either, &text, start, &mut |_| true))
}

#[derive(Clone)]
enum Node {
    Set(Vec<(char, char)>, bool),
    Start,
    End,
    Either(Vec<Vec<Node>>),
    Repeat(Box<Node>, usize, usize),
}

/// Alternatives up to a closing bracket, and what follows.
fn either(mut pattern: &[char]) -> (Node, &[char]) {
    let mut branches = vec![Vec::new()];
    while let Some(first) = pattern.first() {
        let node = match first {
            ')' => break,
            '|' => {
                branches.push(Vec::new());
                pattern = &pattern[1..];
                continue;
            }
            _ => {
                let (node, rest) = atom(pattern);
                pattern = rest;
                node
            }
        };
        let range = match pattern.first() {
            Some('*') => Some((0, usize::MAX)),
            Some('+') => Some((1, usize::MAX)),
            Some('?') => Some((0, 1)),
            Some('{') => {
                let end = pattern.iter().position(|c| *c == '}').expect("a closed range");
                let inner: String = pattern[1..end].iter().collect();
                pattern = &pattern[end..];
                let number = |text: &str| text.parse().expect("a number");
                Some(match inner.split_once(',') {
                    None => (number(&inner), number(&inner)),
                    Some((least, "")) => (number(least), usize::MAX),
                    Some((least, most)) => (number(least), number(most)),
                })
            }
            _ => None,
        };
        pattern = &pattern[usize::from(range.is_some())..];
        let node = range.into_iter().fold(node, |node, (least, most)| Node::Repeat(Box::new(node), least, most));
        branches.last_mut().expect("one at least").push(node);
    }
    (Node::Either(branches), pattern)
}

fn atom(pattern: &[char]) -> (Node, &[char]) {
    match pattern {
        ['^', rest @ ..] => (Node::Start, rest),
        ['$', rest @ ..] => (Node::End, rest),
        ['.', rest @ ..] => (Node::Set(vec![('\n', '\n')], false), rest),
        ['\\', 'd', rest @ ..] => (Node::Set(vec![('0', '9')], true), rest),
        ['\\', 'w', rest @ ..] => (Node::Set(vec![('0', '9'), ('A', 'Z'), ('a', 'z'), ('_', '_')], true), rest),
        ['(', rest @ ..] => {
            let (node, rest) = either(rest);
            (node, &rest[1..])
        }
        ['[', rest @ ..] => {
            let end = rest.iter().position(|c| *c == ']').expect("a closed set");
            let (holds, mut inner) = if rest[0] == '^' { (false, &rest[1..end]) } else { (true, &rest[..end]) };
            let mut ranges = Vec::new();
            while let Some(first) = inner.first() {
                let last = if inner.get(1) == Some(&'-') { inner[2] } else { *first };
                inner = &inner[if inner.get(1) == Some(&'-') { 3 } else { 1 }..];
                ranges.push((*first, last));
            }
            (Node::Set(ranges, holds), &rest[end + 1..])
        }
        [letter, rest @ ..] => (Node::Set(vec![(*letter, *letter)], true), rest),
        [] => unreachable!("there is a first one"),
    }
}

/// Whether a node fits from a place on, so that what follows fits, too.
fn fits(node: &Node, text: &[char], at: usize, then: &mut dyn FnMut(usize) -> bool) -> bool {
    match node {
        Node::Set(ranges, holds) => match text.get(at) {
            Some(letter) if ranges.iter().any(|(a, b)| a <= letter && letter <= b) == *holds => then(at + 1),
            _ => false,
        },
        Node::Start => at == 0 && then(at),
        Node::End => at == text.len() && then(at),
        Node::Either(branches) => branches.iter().any(|branch| row(branch, text, at, then)),
        Node::Repeat(inner, least, most) => {
            (*least == 0 && then(at))
                || *most > 0
                    && fits(inner, text, at, &mut |next| {
                        // A round that takes nothing would go on for ever.
                        let rest = Node::Repeat(inner.clone(), least.saturating_sub(1), most.saturating_sub(1));
                        if next == at { *least <= 1 && then(at) } else { fits(&rest, text, next, then) }
                    })
        }
    }
}

fn row(nodes: &[Node], text: &[char], at: usize, then: &mut dyn FnMut(usize) -> bool) -> bool {
    match nodes.split_first() {
        None => then(at),
        Some((first, rest)) => fits(first, text, at, &mut |next| row(rest, text, next, then)),
    }
}
