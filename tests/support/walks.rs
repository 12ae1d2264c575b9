//! Random paths between models, as trees, so that one can be written in several ways that say the same.

use super::generate::Random;

#[derive(Debug, Clone)]
pub enum Walk {
    Verb(&'static str),
    Back(Box<Walk>),
    Sequence(Box<Walk>, Box<Walk>),
    Either(Box<Walk>, Box<Walk>),
    Repeat(Box<Walk>, &'static str),
}

const QUANTIFIERS: [&str; 6] = ["+", "*", "?", "{2}", "{1,2}", "{2,}"];

impl Walk {
    pub fn random(random: &mut Random, depth: usize) -> Walk {
        if depth == 0 {
            return Walk::Verb(["succeeds", "succeeds", "based on"][random.below(3)]);
        }
        let mut part = || Box::new(Walk::random(random, depth - 1));
        let (a, b) = (part(), part());
        match random.below(7) {
            0 | 1 => *a,
            2 => Walk::Back(a),
            3 => Walk::Sequence(a, b),
            4 => Walk::Either(a, b),
            _ => Walk::Repeat(a, QUANTIFIERS[random.below(QUANTIFIERS.len())]),
        }
    }

    pub fn text(&self) -> String {
        match self {
            Walk::Verb(verb) => verb.to_string(),
            Walk::Back(inner) => format!("^{}", inner.step()),
            Walk::Sequence(a, b) => format!("({} / {})", a.text(), b.text()),
            Walk::Either(a, b) => format!("({} | {})", a.text(), b.text()),
            Walk::Repeat(inner, quantifier) => format!("{}{quantifier}", inner.step()),
        }
    }

    /// As one step of a longer path.
    pub fn step(&self) -> String {
        match self {
            Walk::Verb(_) => self.text(),
            _ => format!("({})", self.text()),
        }
    }

    /// From its end to its beginning.
    pub fn turned(&self) -> Walk {
        match self {
            Walk::Verb("succeeds") => Walk::Verb("succeeded by"),
            Walk::Verb(_) => Walk::Back(Box::new(self.clone())),
            Walk::Back(inner) => (**inner).clone(),
            Walk::Sequence(a, b) => Walk::Sequence(Box::new(b.turned()), Box::new(a.turned())),
            Walk::Either(a, b) => Walk::Either(Box::new(a.turned()), Box::new(b.turned())),
            Walk::Repeat(inner, quantifier) => Walk::Repeat(Box::new(inner.turned()), quantifier),
        }
    }

    /// Its parts, to try what is smaller.
    pub fn parts(&self) -> Vec<Walk> {
        match self {
            Walk::Verb(_) => Vec::new(),
            Walk::Back(a) | Walk::Repeat(a, _) => vec![(**a).clone()],
            Walk::Sequence(a, b) | Walk::Either(a, b) => vec![(**a).clone(), (**b).clone()],
        }
    }
}
