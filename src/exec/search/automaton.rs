//! Paths as automata: one state for each verb written (Glushkov's construction), so that reachability, shortest
//! paths, all paths and lengths are searches over pairs of entity and state.

use crate::plan::{Link, Path};
use crate::schema::TypeSet;

/// A path ready to be followed from one end.
#[derive(Debug, Clone)]
pub(crate) struct Automaton {
    /// By state: the link that leads into it. State 0 is the start and has none that is used.
    pub links: Vec<(Link, bool)>,
    /// By state: the states that may come next, in order.
    pub next: Vec<Vec<u16>>,
    /// By state: whether a path may end there. The start: see `identity`.
    pub accepts: Vec<bool>,
    /// The path of no steps, from an entity of these types to itself.
    pub identity: Option<TypeSet>,
}

/// An automaton in which states that go on alike are one: for searches that only ask where a path leads, and how far.
#[derive(Debug, Clone)]
pub(crate) struct Moves {
    /// By state: what may be followed from it. State 0 is the start, to which nothing leads.
    pub onward: Vec<Vec<Move>>,
    /// By state: what leads into it, with the state it comes from.
    pub back: Vec<Vec<Move>>,
    /// By state: whether a path may end there; never at the start, for which see [`Automaton::identity`].
    pub accepts: Vec<bool>,
    /// The path of no steps.
    pub identity: Option<TypeSet>,
}

/// A link to be followed, from object to subject where `inverse`, and the state at its other end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Move {
    pub link: Link,
    pub inverse: bool,
    pub state: u16,
}

/// More verbs than this, repetitions written out, are refused.
pub(crate) const MOST_STATES: usize = 4096;

/// What Glushkov's construction knows of a part of a path.
struct Part {
    first: Vec<u16>,
    last: Vec<u16>,
    /// The empty path belongs to it, on entities of these types.
    empty: Option<TypeSet>,
}

impl Automaton {
    /// The automaton of a path; where `inverse`, read from object to subject. `None` beyond [`MOST_STATES`].
    pub fn of(path: &Path, inverse: bool) -> Option<Automaton> {
        let mut automaton = Automaton {
            links: vec![(Link::Verb(crate::schema::VerbId(0)), false)],
            next: vec![Vec::new()],
            accepts: vec![false],
            identity: None,
        };
        let part = automaton.part(path, inverse)?;
        automaton.next[0] = part.first;
        part.last.iter().for_each(|state| automaton.accepts[*state as usize] = true);
        automaton.identity = part.empty;
        automaton.next.iter_mut().for_each(|next| {
            next.sort_unstable();
            next.dedup();
        });
        Some(automaton)
    }

    /// The same paths with as few states as going on alike allows.
    pub fn moves(&self) -> Moves {
        let alike = |a: usize, b: usize| self.next[a] == self.next[b] && self.accepts[a] == self.accepts[b];
        let mut first_of: Vec<usize> = Vec::new();
        let mut merged: Vec<u16> = Vec::with_capacity(self.next.len());
        for state in 0..self.next.len() {
            let known = first_of.iter().skip(1).position(|first| state > 0 && alike(*first, state));
            merged.push(known.map_or(first_of.len(), |i| i + 1) as u16);
            if known.is_none() {
                first_of.push(state);
            }
        }
        let mut back = vec![Vec::new(); first_of.len()];
        let mut onward = vec![Vec::new(); first_of.len()];
        for (from, state) in first_of.iter().enumerate() {
            for next in &self.next[*state] {
                let (link, inverse) = self.links[*next as usize];
                let to = merged[*next as usize];
                let step = Move { link, inverse, state: to };
                if !onward[from].contains(&step) {
                    onward[from].push(step);
                    back[to as usize].push(Move { link, inverse, state: from as u16 });
                }
            }
        }
        let accepts = first_of.iter().map(|state| self.accepts[*state]).collect();
        Moves { onward, back, accepts, identity: self.identity }
    }

    fn part(&mut self, path: &Path, inverse: bool) -> Option<Part> {
        match path {
            Path::Link { link, inverse: turned } => self.state(*link, *turned != inverse),
            Path::Sequence(paths) => {
                let nothing = Part { first: Vec::new(), last: Vec::new(), empty: Some(TypeSet(u128::MAX)) };
                let mut order: Vec<&Path> = paths.iter().collect();
                if inverse {
                    order.reverse();
                }
                order.into_iter().try_fold(nothing, |before, path| {
                    let after = self.part(path, inverse)?;
                    Some(self.joined(before, after))
                })
            }
            Path::Either(paths) => {
                let nothing = Part { first: Vec::new(), last: Vec::new(), empty: None };
                paths.iter().try_fold(nothing, |mut all, path| {
                    let part = self.part(path, inverse)?;
                    all.first.extend(part.first);
                    all.last.extend(part.last);
                    all.empty = match (all.empty, part.empty) {
                        (Some(a), Some(b)) => Some(a.or(b)),
                        (a, b) => a.or(b),
                    };
                    Some(all)
                })
            }
            Path::Repeat { path, min, max, types } => self.repeat(path, (*min, *max), *types, inverse),
        }
    }

    fn state(&mut self, link: Link, inverse: bool) -> Option<Part> {
        let state = self.links.len();
        if state >= MOST_STATES {
            return None;
        }
        self.links.push((link, inverse));
        self.next.push(Vec::new());
        self.accepts.push(false);
        Some(Part { first: vec![state as u16], last: vec![state as u16], empty: None })
    }

    /// One after the other.
    fn joined(&mut self, before: Part, after: Part) -> Part {
        self.follow(&before.last, &after.first);
        let mut first = before.first;
        if before.empty.is_some() {
            first.extend(&after.first);
        }
        let mut last = after.last;
        if after.empty.is_some() {
            last.extend(&before.last);
        }
        let empty = before.empty.zip(after.empty).map(|(a, b)| a.and(b));
        Part { first, last, empty }
    }

    fn follow(&mut self, from: &[u16], to: &[u16]) {
        for state in from {
            self.next[*state as usize].extend(to);
        }
    }

    /// `min` copies in sequence, then as many optional ones as `max` allows, or a loop.
    fn repeat(&mut self, path: &Path, (min, max): (u32, Option<u32>), types: TypeSet, inverse: bool) -> Option<Part> {
        let empty = |part: Part| Part { empty: Some(types), ..part };
        let mut all = Part { first: Vec::new(), last: Vec::new(), empty: Some(types) };
        let copies = max.unwrap_or(min.max(1));
        for i in 0..copies {
            let mut part = self.part(path, inverse)?;
            if max.is_none() && i + 1 == copies {
                let (last, first) = (part.last.clone(), part.first.clone());
                self.follow(&last, &first);
            }
            if i >= min {
                part = empty(part);
            }
            all = self.joined(all, part);
        }
        Some(if min == 0 { empty(all) } else { all })
    }
}
