//! Path expressions as automata with one state per verb occurrence (Glushkov, *The abstract theory of automata*, 1961),
//! so that reachability, shortest paths, all paths and lengths are searches over pairs of entity and state.

use crate::plan::{Link, Path};
use crate::schema::{TypeSet, VerbId};

/// Automaton of a path, followed from one end. State 0 is the start; no transition leads to it.
#[derive(Debug, Clone)]
pub(crate) struct Automaton {
    /// Per state: outgoing transitions, sorted by target state.
    pub next: Vec<Vec<Transition>>,
    /// Per state: incoming transitions; their `state` is the source state.
    pub back: Vec<Vec<Transition>>,
    /// Per state: true if a path may end there. False for the start; for the empty path see `empty_path`.
    pub accepts: Vec<bool>,
    /// Types of entities at which the empty path may stay; `None` if the path has at least one step.
    pub empty_path: Option<TypeSet>,
}

/// A link, followed from object to subject if `inverse`, and the state at its other end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Transition {
    pub link: Link,
    pub inverse: bool,
    pub state: u16,
}

/// Maximum number of states, which is the number of verbs with repetitions written out. A state must fit in 16 bits,
/// and this limits a search over a million entities to about four billion nodes.
pub(crate) const MOST_STATES: usize = 4096;

impl Automaton {
    /// Returns the automaton of a path, from object to subject if `inverse`; `None` beyond [`MOST_STATES`]. It is
    /// homogeneous: all transitions into a state follow the same link, see [`Automaton::label`].
    pub fn of(path: &Path, inverse: bool) -> Option<Automaton> {
        let mut glushkov = Glushkov { labels: vec![(Link::Verb(VerbId(0)), false)], follow: vec![Vec::new()] };
        let part = glushkov.part(path, inverse)?;
        let Glushkov { labels, mut follow } = glushkov;
        // The start is followed by the first states of the whole path.
        follow[0] = part.first;
        let mut accepts = vec![false; labels.len()];
        part.last.iter().for_each(|state| accepts[*state as usize] = true);
        let transitions = |mut states: Vec<u16>| {
            states.sort_unstable();
            states.dedup();
            let to = |state: u16| {
                let (link, inverse) = labels[state as usize];
                Transition { link, inverse, state }
            };
            states.into_iter().map(to).collect()
        };
        Some(Automaton::new(follow.into_iter().map(transitions).collect(), accepts, part.empty))
    }

    fn new(next: Vec<Vec<Transition>>, accepts: Vec<bool>, empty_path: Option<TypeSet>) -> Automaton {
        let mut back = vec![Vec::new(); next.len()];
        for (state, step) in (0..).zip(&next).flat_map(|(from, steps)| steps.iter().map(move |step| (from, step))) {
            back[step.state as usize].push(Transition { state, ..*step });
        }
        Automaton { next, back, accepts, empty_path }
    }

    /// Returns the link that leads into a state of a homogeneous automaton; `None` for the start and for unreachable
    /// states.
    pub fn label(&self, state: u16) -> Option<(Link, bool)> {
        self.back[state as usize].first().map(|step| (step.link, step.inverse))
    }

    /// Returns an equivalent automaton in which states with the same transitions and acceptance are merged, for
    /// searches that only ask what is reached and at what distance. It is not homogeneous.
    pub fn merged(&self) -> Automaton {
        let mut kept: Vec<usize> = Vec::new();
        let mut merged: Vec<u16> = Vec::with_capacity(self.next.len());
        for state in 0..self.next.len() {
            // The start is not merged: no transition may lead to it.
            // Targets are compared unmerged, in one pass: the result is equivalent, though not always minimal.
            let is_alike = |other: &usize| {
                *other > 0 && self.next[*other] == self.next[state] && self.accepts[*other] == self.accepts[state]
            };
            let known = kept.iter().position(is_alike).filter(|_| state > 0);
            merged.push(known.unwrap_or(kept.len()) as u16);
            if known.is_none() {
                kept.push(state);
            }
        }
        let steps_of = |state: &usize| {
            let mut steps: Vec<Transition> = Vec::new();
            for step in &self.next[*state] {
                let step = Transition { state: merged[step.state as usize], ..*step };
                if !steps.contains(&step) {
                    steps.push(step);
                }
            }
            steps
        };
        let accepts = kept.iter().map(|state| self.accepts[*state]).collect();
        Automaton::new(kept.iter().map(steps_of).collect(), accepts, self.empty_path)
    }
}

/// Automaton under construction.
struct Glushkov {
    /// Per state: the link that leads into it, and whether it is followed from object to subject; unused for the start.
    labels: Vec<(Link, bool)>,
    /// Per state: states that may come next.
    follow: Vec<Vec<u16>>,
}

/// Glushkov sets of a part of a path: first and last states.
struct Part {
    first: Vec<u16>,
    last: Vec<u16>,
    /// Types at which the part accepts the empty path; `None` if it does not.
    empty: Option<TypeSet>,
}

impl Glushkov {
    fn part(&mut self, path: &Path, inverse: bool) -> Option<Part> {
        match path {
            Path::Link { link, inverse: turned } => self.state(*link, *turned != inverse),
            Path::Sequence(paths) => {
                // Neutral element of concatenation: only the empty path, at all types.
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
                // Neutral element of union: no path at all.
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
        let state = self.labels.len();
        if state >= MOST_STATES {
            return None;
        }
        self.labels.push((link, inverse));
        self.follow.push(Vec::new());
        Some(Part { first: vec![state as u16], last: vec![state as u16], empty: None })
    }

    /// Concatenates two parts.
    fn joined(&mut self, before: Part, after: Part) -> Part {
        self.connect(&before.last, &after.first);
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

    /// Adds transitions from each state of `from` to each of `to`.
    fn connect(&mut self, from: &[u16], to: &[u16]) {
        for state in from {
            self.follow[*state as usize].extend(to);
        }
    }

    /// Builds `min` copies in sequence, then optional copies up to `max`, or a loop on the last copy if there is no
    /// maximum.
    fn repeat(&mut self, path: &Path, (min, max): (u32, Option<u32>), types: TypeSet, inverse: bool) -> Option<Part> {
        let empty = |part: Part| Part { empty: Some(types), ..part };
        let mut all = Part { first: Vec::new(), last: Vec::new(), empty: Some(types) };
        // Without a maximum, the last copy carries the loop, so there is at least one copy.
        let copies = max.unwrap_or(min.max(1));
        for i in 0..copies {
            let mut part = self.part(path, inverse)?;
            if max.is_none() && i + 1 == copies {
                let (last, first) = (part.last.clone(), part.first.clone());
                self.connect(&last, &first);
            }
            // Copies beyond the minimum are optional.
            if i >= min {
                part = empty(part);
            }
            all = self.joined(all, part);
        }
        Some(if min == 0 { empty(all) } else { all })
    }
}
