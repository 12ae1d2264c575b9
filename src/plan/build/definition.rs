//! Definitions as Datalog rules: bodies that are evaluated separately, and again only over new pairs.

use super::pattern::{Marks, build_body};
use crate::check::typed::{Define, DefineId, Formula, Link, Path, PathAtom, Query, Term};
use crate::graph::Graph;
use crate::plan::{Definition, DefinitionBody, Goal, NEW_PAIRS, Runs, Support};
use crate::schema::TypeSet;
use crate::value::Id;
use std::ops::Range;

/// Maximum number of bodies of a definition. A definition that would need more is evaluated as a single body. By
/// reasoning, no benchmark varies it: alternatives within alternatives multiply, and each body is a search of its own
/// in every round.
const MOST_BODIES: usize = 16;

/// Returns the definitions of a query in the order of the query.
pub(super) fn definitions(query: &Query, graph: &Graph) -> Vec<Definition> {
    let mut groups: Vec<Range<usize>> = Vec::new();
    while groups.len() < query.defines.len() {
        let group = group_of(&query.defines, groups.len());
        groups.extend(group.clone().map(|_| group.clone()));
    }
    let definition = |(define, group): (&Define, &Range<usize>)| Definition {
        name: define.name.clone(),
        text: define.text.clone(),
        subject: define.subject,
        object: define.object,
        slots: define.vars.as_slice().into(),
        bodies: bodies(define, group, None),
        path: path_of(define, group, graph),
        is_state: define.is_state,
        is_recursive: define.recursive,
        is_needed: true,
        group: group.clone(),
        support: Support::default(),
        goal: Goal::default(),
        id: 0,
        rows: 0.0,
    };
    query.defines.iter().zip(&groups).map(definition).collect()
}

/// Returns the definitions that depend on each other, which are contiguous, beginning with `start`.
fn group_of(defines: &[Define], start: usize) -> Range<usize> {
    let (mut end, mut checked) = (start + 1, start);
    // The range grows while references lead beyond it: definitions that use each other are contiguous.
    while defines[start].recursive && checked < end {
        links(&defines[checked].formula, &mut |other| end = end.max(other.0 as usize + 1));
        checked += 1;
    }
    start..end
}

/// Calls `f` with each definition that a formula refers to.
fn links(formula: &Formula, f: &mut dyn FnMut(DefineId)) {
    let of_link = |link: Link, f: &mut dyn FnMut(DefineId)| {
        if let Link::Define(define) = link {
            f(define);
        }
    };
    match formula {
        Formula::All(all) | Formula::Any(all) => all.iter().for_each(|inner| links(inner, f)),
        Formula::Not(inner) | Formula::Optional(inner) | Formula::Modal(_, inner) | Formula::Exists(_, inner) => {
            links(inner, f);
        }
        Formula::Count { of, .. } => links(of, f),
        Formula::Every { domain, then, .. } => {
            links(domain, f);
            links(then, f);
        }
        Formula::Fact(atom) => of_link(atom.link, f),
        Formula::Path(atom) => atom.path.links(&mut |link| of_link(link, f)),
        Formula::Test(expr) => expr.exists(&mut |formula| links(formula, f)),
        Formula::Value(_) | Formula::Claim(_) | Formula::Word(..) | Formula::Type(..) | Formula::Same(..) => {}
    }
}

/// Returns the bodies of a definition. If it refers to definitions of its own group only by plain facts, it gets one
/// body per such reference, which reads the new pairs in its place (semi-naive evaluation; Bancilhon 1986).
pub(super) fn bodies(define: &Define, group: &Range<usize>, marks: Option<Marks>) -> Vec<DefinitionBody> {
    let body = |formula: &Formula, runs: Runs| DefinitionBody { pattern: build_body(define, formula, marks), runs };
    // Numbers from [`NEW_PAIRS`] on stand for new pairs.
    let has_numbers = group.end <= usize::from(NEW_PAIRS);
    let is_bearable = |all: &Vec<Vec<Formula>>| all.len() <= MOST_BODIES && has_numbers;
    let Some(alternatives) = alternatives(&define.formula).filter(is_bearable) else {
        let runs = if define.recursive { Runs::EachRound } else { Runs::Once };
        return vec![body(&define.formula, runs)];
    };
    let mut bodies = Vec::new();
    for conjuncts in alternatives {
        let of_group = |conjunct: &Formula| {
            let mut uses = 0;
            links(conjunct, &mut |define| uses += usize::from(group.contains(&(define.0 as usize))));
            uses
        };
        let uses: Vec<usize> = (0..conjuncts.len()).filter(|i| of_group(&conjuncts[*i]) > 0).collect();
        let formula = Formula::All(conjuncts.clone());
        if !define.recursive || uses.is_empty() {
            bodies.push(body(&formula, Runs::Once));
        } else if uses.iter().all(|i| matches!(conjuncts[*i], Formula::Fact(_))) {
            // The other uses read all pairs, with the new ones among them: a pair may be found twice, and counts once.
            for i in uses {
                let mut conjuncts = conjuncts.clone();
                if let Formula::Fact(atom) = &mut conjuncts[i]
                    && let Link::Define(define) = atom.link
                {
                    atom.link = Link::Define(Definition::new_pairs(define));
                }
                bodies.push(body(&Formula::All(conjuncts), Runs::OnNew));
            }
        } else {
            // Within a path or a denial, no single fact can read the new pairs in place of all.
            bodies.push(body(&formula, Runs::EachRound));
        }
    }
    bodies
}

/// Returns the formula in disjunctive normal form, with existential variables bound like the others. `None` if it has
/// an optional part, which depends on everything before it, or more than [`MOST_BODIES`] alternatives.
fn alternatives(formula: &Formula) -> Option<Vec<Vec<Formula>>> {
    match formula {
        Formula::All(all) => all.iter().try_fold(vec![Vec::new()], |before, inner| {
            let after = alternatives(inner)?;
            let joined = before.iter().flat_map(|a| after.iter().map(move |b| [&a[..], &b[..]].concat()));
            (before.len() * after.len() <= MOST_BODIES).then(|| joined.collect())
        }),
        Formula::Any(all) => {
            let all: Option<Vec<Vec<Vec<Formula>>>> = all.iter().map(alternatives).collect();
            Some(all?.concat())
        }
        Formula::Exists(_, inner) => alternatives(inner),
        Formula::Optional(_) => None,
        other => Some(vec![vec![other.clone()]]),
    }
}

/// Returns the path that is equivalent to a definition with alternatives: `x gets y` is `x next y`, or `x last z` and
/// `z next y`; or, of a recursive one, `x gets z` and `z next y`. `None` if the recursion is not linear, or if the
/// definition is no path.
fn path_of(define: &Define, group: &Range<usize>, graph: &Graph) -> Option<Path> {
    // Definitions that use each other are no closure of one path.
    if group.len() != 1 {
        return None;
    }
    let (mut bases, mut before, mut behind) = (Vec::new(), Vec::new(), Vec::new());
    let own = Link::Define(DefineId::new(group.start)?);
    for conjuncts in alternatives(&define.formula)? {
        let steps = Chain { define, own, graph, conjuncts }.steps()?;
        let is_own = |step: &Path| *step == Path::Link { link: own, inverse: false };
        let uses = steps.iter().filter(|step| is_own(step)).count();
        let mut all = Vec::new();
        steps.iter().for_each(|step| step.links(&mut |link| all.push(link)));
        if all.iter().filter(|link| **link == own).count() != uses {
            return None;
        }
        match (uses, steps.as_slice()) {
            (0, _) => bases.push(sequence(steps)),
            // Left- and right-recursive alternatives.
            (1, [first, rest @ ..]) if is_own(first) => behind.push(sequence(rest.to_vec())),
            (1, [rest @ .., last]) if is_own(last) => before.push(sequence(rest.to_vec())),
            // `x gets z, z gets y` adds nothing to the closure of the other alternatives.
            (2, [_, _]) => {}
            _ => return None,
        }
    }
    let many = |paths: Vec<Path>, min: u32| {
        // The types are those of the empty path, which a repetition from 1 on does not have.
        let types = TypeSet(u128::MAX);
        Path::Repeat { path: Box::new(either(paths)), min, max: None, types }
    };
    match (bases.is_empty(), before.is_empty(), behind.is_empty()) {
        (true, ..) => None,
        // A single chain is joined with what else the query says.
        _ if !define.recursive => (bases.len() > 1).then(|| either(bases)),
        (_, true, true) => Some(many(bases, 1)),
        // Recursion at one end only, over the same path as the base: a transitive closure.
        (_, true, false) if behind == bases => Some(many(bases, 1)),
        (_, false, true) if before == bases => Some(many(bases, 1)),
        _ => None,
    }
}

fn sequence(mut steps: Vec<Path>) -> Path {
    if steps.len() == 1 { steps.remove(0) } else { Path::Sequence(steps) }
}

fn either(mut paths: Vec<Path>) -> Path {
    if paths.len() == 1 { paths.remove(0) } else { Path::Either(paths) }
}

/// Conjuncts that may be a chain of links from the subject of a definition to its object.
struct Chain<'d> {
    define: &'d Define,
    own: Link,
    graph: &'d Graph,
    conjuncts: Vec<Formula>,
}

impl Chain<'_> {
    /// Returns the steps from subject to object; `None` if the conjuncts are anything else.
    fn steps(mut self) -> Option<Vec<Path>> {
        let (types, mut atoms): (Vec<Formula>, Vec<Formula>) =
            self.conjuncts.drain(..).partition(|conjunct| matches!(conjunct, Formula::Type(..)));
        let all_implied = types.iter().all(|conjunct| match conjunct {
            Formula::Type(term, types) => atoms.iter().any(|atom| self.implies(atom, *term, *types)),
            _ => false,
        });
        if !all_implied {
            return None;
        }
        let (mut steps, mut at) = (Vec::new(), Term::Var(self.define.subject));
        let mut met = vec![at];
        while !atoms.is_empty() {
            let next = atoms.iter().position(|atom| step(atom, at).is_some())?;
            let (path, to) = step(&atoms.remove(next), at)?;
            // A term met twice closes a cycle, which a path cannot express.
            if met.contains(&to) {
                return None;
            }
            met.push(to);
            steps.push(path);
            at = to;
        }
        (at == Term::Var(self.define.object)).then_some(steps)
    }

    /// Returns true if an atom implies that a term has these types.
    fn implies(&self, atom: &Formula, term: Term, types: TypeSet) -> bool {
        let Formula::Fact(atom) = atom else { return false };
        let (from, to) = match atom.link {
            Link::Verb(verb) => {
                let verb = self.graph.schema().verb(verb);
                (verb.from, verb.to)
            }
            link if link == self.own => (self.define.from, self.define.to),
            // The types of another one are not at hand.
            Link::Define(_) => return false,
        };
        (atom.subject == term && from.and(types) == from) || (atom.object == term && to.and(types) == to)
    }
}

/// Returns the path that an atom follows from a term, and its other end.
fn step(atom: &Formula, from: Term) -> Option<(Path, Term)> {
    match atom {
        Formula::Fact(atom) if atom.source.is_none() && atom.subject == from => {
            Some((Path::Link { link: atom.link, inverse: false }, atom.object))
        }
        Formula::Fact(atom) if atom.source.is_none() && atom.object == from => {
            Some((Path::Link { link: atom.link, inverse: true }, atom.subject))
        }
        Formula::Path(PathAtom { path, subject, object, bind: None, source: None, .. }) if *subject == from => {
            Some((path.clone(), *object))
        }
        _ => None,
    }
}
