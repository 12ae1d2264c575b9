//! Random queries about the graphs of [`super::generate`], as text. Most of them are well typed.

use super::generate::{MODELS, ORGS, Random, TOOLS};

/// What the grammar of a query may use.
#[derive(Debug, Clone, Copy, Default)]
pub struct Repertoire {
    /// `possibly`, `certainly`.
    pub modal: bool,
    pub optional: bool,
    pub aggregates: bool,
    /// `path`, `paths`, `count`, `ask`.
    pub heads: bool,
    pub defines: bool,
    /// `according to`
    pub sources: bool,
    /// Variables over sources and verbs, and what claims tell of a fact.
    pub claims: bool,
    /// Columns that are no entities.
    pub values: bool,
}

impl Repertoire {
    pub const ALL: Repertoire = Repertoire {
        modal: true,
        optional: true,
        aggregates: true,
        heads: true,
        defines: true,
        sources: true,
        claims: true,
        values: true,
    };
}

/// A query in pieces, to be put together in several ways that say the same.
#[derive(Debug, Clone)]
pub struct Parts {
    pub sentences: Vec<String>,
    /// A sentence about what the others speak of.
    pub further: String,
    /// Two tests of what the sentences bind.
    pub tests: [String; 2],
    /// Two phrases about the first variable that bind nothing.
    pub phrases: [String; 2],
    /// The variables that are bound, with their types.
    pub seen: Vec<(String, &'static str)>,
}

/// Pieces of a random query.
pub fn parts(random: &mut Random, repertoire: Repertoire) -> Parts {
    let mut writer = Writer { random, repertoire, seen: Vec::new(), fresh: 0, hidden: 0 };
    let sentences = writer.sentences();
    let (seen, fresh) = (writer.seen.clone(), writer.fresh);
    let tests = [writer.test(), writer.test()];
    let first = seen[0].1;
    writer.hidden += 1;
    let phrases = [writer.plain_phrase(first, 1), writer.plain_phrase(first, 1)];
    writer.hidden -= 1;
    writer.fresh = writer.fresh.max(fresh);
    let further = writer.next_sentence(1);
    Parts { sentences, further, tests, phrases, seen }
}

/// A query under construction.
struct Writer<'a> {
    random: &'a mut Random,
    repertoire: Repertoire,
    /// Variables that later sentences may speak of, with their types.
    seen: Vec<(String, &'static str)>,
    fresh: usize,
    /// Inside a negation or a quantifier nothing new is seen from outside.
    hidden: usize,
}

/// One random query.
pub fn query(random: &mut Random, repertoire: Repertoire) -> String {
    let mut writer = Writer { random, repertoire, seen: Vec::new(), fresh: 0, hidden: 0 };
    match writer.random.below(20) {
        0 if repertoire.heads => writer.path_query(),
        1 if repertoire.heads => format!("ask {}", writer.ground()),
        2 if repertoire.heads => format!("count {}", writer.pattern()),
        3 if repertoire.defines => writer.defined(),
        4 if repertoire.heads => writer.nearest(),
        5 | 6 if repertoire.defines => writer.defined_anywhere(),
        _ => writer.rows(),
    }
}

impl Writer<'_> {
    fn rows(&mut self) -> String {
        let pattern = self.pattern();
        let condition = self.condition();
        let clauses = self.clauses();
        format!("{pattern}{condition}{clauses}")
    }

    fn pattern(&mut self) -> String {
        self.sentences().join(", ")
    }

    fn sentences(&mut self) -> Vec<String> {
        let mut sentences = vec![self.first_sentence()];
        for _ in 0..[0, 0, 1, 1, 2][self.random.below(5)] {
            let sentence = match self.random.below(10) {
                0 if self.repertoire.optional => self.optional(),
                1 => {
                    self.hidden += 1;
                    let inner = self.next_sentence(1);
                    self.hidden -= 1;
                    format!("not ({inner})")
                }
                2 => {
                    self.hidden += 1;
                    let (a, b) = (self.next_sentence(0), self.next_sentence(0));
                    self.hidden -= 1;
                    format!("({a} or {b})")
                }
                _ => self.next_sentence(1),
            };
            sentences.push(sentence);
        }
        sentences
    }

    /// A left join, at times with a condition of its own.
    fn optional(&mut self) -> String {
        let before = self.seen.len();
        let sentence = self.next_sentence(1);
        let new = self.seen.get(before).cloned();
        match (new, self.random.below(3)) {
            (Some((name, type_name)), 0) if dated(type_name) => {
                format!("optional ({sentence} where {name}.date {} {})", self.random.pick(&["<", ">="]), self.date())
            }
            _ => format!("optional {sentence}"),
        }
    }

    fn first_sentence(&mut self) -> String {
        let type_name = *self.random.pick(&["Model", "Model", "Tool", "Org", "Chat"]);
        let subject = self.declare(type_name);
        let phrases = self.phrases(type_name, 2);
        format!("{subject} {phrases}")
    }

    /// A sentence about something that was spoken of before.
    fn next_sentence(&mut self, depth: usize) -> String {
        let (name, type_name) = self.random.pick(&self.seen).clone();
        let phrases = self.phrases(type_name, depth);
        format!("{name} {phrases}")
    }

    fn ground(&mut self) -> String {
        let model = *self.random.pick(&MODELS[..2]);
        self.hidden += 1;
        format!("{model} {}", self.phrases("Model", 2))
    }

    fn declare(&mut self, type_name: &'static str) -> String {
        let name = format!("{}{}", ["m", "n", "x"][self.random.below(3)], self.fresh);
        self.fresh += 1;
        if self.hidden == 0 {
            self.seen.push((name.clone(), type_name));
        }
        format!("{type_name} {name}")
    }

    fn phrases(&mut self, type_name: &'static str, depth: usize) -> String {
        let count = [1, 1, 1, 2, 2, 3][self.random.below(6)];
        let is_or = count > 1 && self.random.percent(25);
        self.hidden += usize::from(is_or);
        let phrases: Vec<String> = (0..count).map(|_| self.phrase(type_name, depth)).collect();
        self.hidden -= usize::from(is_or);
        phrases.join(if is_or { " or " } else { " and " })
    }

    fn phrase(&mut self, type_name: &'static str, depth: usize) -> String {
        let not = self.random.percent(10);
        self.hidden += usize::from(not);
        let mut phrase = self.plain_phrase(type_name, depth);
        self.hidden -= usize::from(not);
        if self.repertoire.modal && self.random.percent(10) {
            phrase = format!("{} {phrase}", self.random.pick(&["possibly", "possibly", "certainly"]));
        }
        if not { format!("not {phrase}") } else { phrase }
    }

    fn plain_phrase(&mut self, type_name: &'static str, depth: usize) -> String {
        if type_name != "Org" && self.random.percent(20) {
            return self.dated();
        }
        if matches!(type_name, "Model" | "Chat") && self.random.percent(5) {
            return format!("totals {}", self.random.pick(&["1", "2", "7.5"]));
        }
        if self.repertoire.claims && self.random.percent(4) {
            return self.of_some_verb(type_name, depth);
        }
        let (path, object_type) = self.path(type_name);
        let object = self.object(object_type, depth);
        let source = match self.repertoire.sources && self.random.percent(5) {
            true if self.repertoire.claims && !path.contains(['+', '*', '/', '{', '?', '|']) => self.source(),
            true => format!(" according to \"{}\"", self.random.pick(&["S1", "S2"])),
            false => String::new(),
        };
        format!("{path} {object}{source}")
    }

    fn of_some_verb(&mut self, type_name: &str, depth: usize) -> String {
        let object_type = match (type_name, self.random.percent(50)) {
            ("Org", _) | (_, true) => "Model",
            _ => "Tool",
        };
        self.fresh += 1;
        let verb = format!("Verb v{}", self.fresh);
        let object = self.object(object_type, depth);
        let source = if self.random.percent(30) { self.source() } else { String::new() };
        format!("{verb} {object}{source}")
    }

    /// A source by its name, or a variable for it.
    fn source(&mut self) -> String {
        self.fresh += 1;
        match self.random.below(4) {
            0 => format!(" according to {}", self.random.pick(&["S1", "S2"])),
            1 => " according to Source".to_string(),
            _ => format!(" according to Source s{}", self.fresh),
        }
    }

    fn dated(&mut self) -> String {
        let operator = *self.random.pick(&["", "in ", "before ", "after ", "since ", "until "]);
        format!("dated {operator}{}", self.period(operator))
    }

    /// A period to stand after the operator: nothing is before one without a beginning.
    fn period(&mut self, operator: &str) -> &'static str {
        match self.date() {
            "..2020" if operator.trim() == "before" => "2020",
            date => date,
        }
    }

    fn date(&mut self) -> &'static str {
        self.random.pick::<&str>(&["2020", "2021", "2021-03", "2021-03-05", "2020..2021", "2021-01-01", "..2020"])
    }

    /// A path from an entity of the type, and the type at its other end.
    fn path(&mut self, type_name: &'static str) -> (String, &'static str) {
        match (type_name, self.random.below(10)) {
            ("Tool", 0..=6) => ("used by".to_string(), "Model"),
            ("Tool", 7) => ("^uses".to_string(), "Model"),
            ("Tool", _) => (format!("used by / succeeds{}", self.quantifier()), "Model"),
            ("Org", 0..=6) => ("makes".to_string(), "Model"),
            ("Org", _) => (format!("makes / succeeds{}", self.quantifier()), "Model"),
            (_, 0) => ("succeeds".to_string(), "Model"),
            (_, 1) => ("based on".to_string(), "Model"),
            (_, 2) => ("succeeded by".to_string(), "Model"),
            (_, 3..=4) => (self.repeated(), "Model"),
            (_, 5..=6) => ("uses".to_string(), "Tool"),
            (_, 7) => (format!("succeeds{} / uses", self.quantifier()), "Tool"),
            (_, _) => ("made by".to_string(), "Org"),
        }
    }

    fn repeated(&mut self) -> String {
        let step = *self.random.pick(&[
            "succeeds",
            "succeeds",
            "succeeded by",
            "^succeeds",
            "(succeeds | succeeded by)",
            "(succeeds | based on)",
            "based on",
            "(uses / used by)",
            "(succeeds / succeeds)",
            "any but (uses | makes)",
            "any but uses",
        ]);
        format!("{step}{}", self.quantifier())
    }

    fn quantifier(&mut self) -> &'static str {
        self.random.pick::<&str>(&["+", "+", "*", "?", "{2}", "{1,2}", "{,2}", "{2,}"])
    }

    fn object(&mut self, type_name: &'static str, depth: usize) -> String {
        let known: Vec<String> =
            self.seen.iter().filter(|(_, of)| fits(of, type_name)).map(|(name, _)| name.clone()).collect();
        match self.random.below(12) {
            0..=2 => self.names(type_name),
            3..=4 if !known.is_empty() => self.random.pick(&known).clone(),
            5..=7 => self.quantified(type_name, depth),
            _ => {
                let noun = self.declare(type_name);
                noun + &self.that(type_name, depth)
            }
        }
    }

    fn names(&mut self, type_name: &'static str) -> String {
        let names = first_names(type_name);
        let first = *self.random.pick(names);
        let second = names.iter().find(|name| **name != first);
        match (self.random.below(6), second) {
            (0, Some(second)) => format!("{first} and {second}"),
            (1, Some(second)) => format!("{first} or {second}"),
            (2, Some(second)) => format!("{first} but not {second}"),
            _ => first.to_string(),
        }
    }

    fn quantified(&mut self, type_name: &'static str, depth: usize) -> String {
        let quantifier = *self.random.pick(&[
            "no",
            "no",
            "every",
            "at least 2",
            "at most 1",
            "exactly 1",
            "exactly 0",
            "at least 0",
        ]);
        self.hidden += 1;
        let that = self.that(type_name, depth);
        self.hidden -= 1;
        format!("{quantifier} {type_name}{that}")
    }

    fn that(&mut self, type_name: &'static str, depth: usize) -> String {
        match depth > 0 && self.random.percent(40) {
            true => format!(" that {}", self.phrase(type_name, depth - 1)),
            false => String::new(),
        }
    }

    fn condition(&mut self) -> String {
        if self.random.percent(60) {
            return String::new();
        }
        let first = self.test();
        match self.random.below(6) {
            0 => format!(" where {first} and {}", self.test()),
            1 => format!(" where {first} or {}", self.test()),
            2 => format!(" where not ({first})"),
            _ => format!(" where {first}"),
        }
    }

    fn test(&mut self) -> String {
        let test = self.plain_test();
        match self.repertoire.modal && self.random.percent(10) {
            true => format!("{} {test}", self.random.pick(&["possibly", "possibly", "certainly"])),
            false => test,
        }
    }

    fn plain_test(&mut self) -> String {
        let (a, a_type) = self.random.pick(&self.seen).clone();
        let (b, b_type) = self.random.pick(&self.seen).clone();
        let operator = *self.random.pick(&["=", "!=", "<", "<=", ">", ">="]);
        match (self.random.below(10), dated(a_type), dated(b_type)) {
            (0, _, _) if fits(a_type, b_type) || fits(b_type, a_type) => format!("{a} != {b}"),
            (1, true, true) if self.random.percent(30) => {
                format!("{a}.date {operator} {}.date", self.random.pick(first_names(b_type)))
            }
            (1, true, true) => format!("{a}.date {operator} {b}.date"),
            (2, true, _) => {
                let operator = *self.random.pick(&["in", "before", "after", "since", "until"]);
                format!("{a}.date {operator} {}", self.period(operator))
            }
            (3, true, _) => format!("year({a}.date) {operator} 2021"),
            (4, true, _) => format!("{a}.date is unknown"),
            (5, true, true) => format!("days({a}.date - {b}.date) {operator} 100"),
            (7, _, _) => format!("{a} in ({})", first_names(a_type).join(", ")),
            (8, _, _) if a_type == "Model" => format!("{a} is a Chat"),
            (9, true, true) => format!("{a}.date or else {b}.date {operator} 2021"),
            (6, _, _) if self.random.percent(60) => {
                let pattern = ["^A", "[b-d]$", "(?i)^(b|c).*d", "o.?b|da+", "^[^A]+n$", "x*y?$", "(a|Ax)?e"];
                format!("name({a}) matches \"{}\"", self.random.pick(&pattern))
            }
            (0 | 6, _, _) if self.repertoire.claims && a_type == "Model" && b_type == "Tool" => {
                let source = *self.random.pick(&["", "", " according to S1"]);
                let trust = *self.random.pick(&["= direct", "!= doubtful", "= doubtful", "is unknown"]);
                format!("trust({a} uses {b}{source}) {trust}")
            }
            _ => {
                self.hidden += 1;
                let phrase = self.phrase(a_type, 0);
                self.hidden -= 1;
                format!("({a} {phrase})")
            }
        }
    }

    fn clauses(&mut self) -> String {
        let names = self.seen.clone();
        let (a, a_type) = self.random.pick(&names).clone();
        let (b, b_type) = self.random.pick(&names).clone();
        match self.random.below(10) {
            0..=1 if self.repertoire.aggregates => self.grouped(&a, a_type, &b, b_type),
            2 if self.repertoire.values => {
                let value = self.value(&a, a_type);
                format!(" show {a}, {value} order by {value}{}", self.random.pick(&["", " desc limit 3"]))
            }
            2..=4 => format!(" show {a}"),
            5 if dated(a_type) && self.repertoire.values => format!(" show {a}, {a}.date order by {a}.date desc"),
            6 => format!(" show {a} order by {a} desc limit {} offset {}", self.random.below(4), self.random.below(2)),
            7 => format!(" show {a}, type({a}) order by type({a}) limit {} with ties", self.random.below(4)),
            _ => String::new(),
        }
    }

    /// A sentence about a variable, as a value.
    fn value(&mut self, of: &str, type_name: &'static str) -> String {
        self.hidden += 1;
        let sentence = format!("({of} {})", self.phrase(type_name, 1));
        self.hidden -= 1;
        format!("{}{sentence}", self.random.pick(&["", "", "not ", "possibly ", "certainly "]))
    }

    fn grouped(&mut self, a: &str, a_type: &'static str, b: &str, b_type: &'static str) -> String {
        let sized = matches!(a_type, "Model" | "Chat");
        let percent = [1, 10, 50, 75, 100][self.random.below(5)];
        let aggregate = match self.random.below(11) {
            0 => format!("list({a})"),
            1 if sized => format!("sum({a}.size)"),
            2 if sized => format!("avg({a}.size)"),
            3 if sized => format!("max({a}.size)"),
            4 if dated(a_type) => format!("min({a}.date)"),
            5 if dated(a_type) && self.repertoire.values => format!("first({a})"),
            6 if sized => format!("median({a}.size)"),
            7 if dated(a_type) && self.repertoire.values => format!("median({a}.date)"),
            8 if sized => format!("percentile({a}.size, {percent})"),
            9 if dated(a_type) && self.repertoire.values => format!("percentile({a}.date, {percent})"),
            _ => format!("count({a})"),
        };
        let aggregate = match self.random.percent(25) {
            true => format!("{} where {})", aggregate.trim_end_matches(')'), self.test()),
            false => aggregate,
        };
        let key = match (self.random.below(6), dated(b_type)) {
            (0, true) => format!("year({b}.date)"),
            (5, _) if self.repertoire.values => self.value(b, b_type),
            (1, _) => format!("every {b}"),
            _ => b.to_string(),
        };
        match self.random.below(7) {
            6 if self.repertoire.values => {
                let value = self.value(b, b_type);
                format!(" show {b}, {aggregate}, {value} by {b} having {value} or count({a}) >= 2")
            }
            0 => format!(" show {aggregate}"),
            1 => format!(" show {aggregate} by {key} having count({a}) >= 2"),
            2 => format!(
                " show {aggregate} by {key} order by count({a}) desc limit 2{}",
                self.random.pick(&["", " with ties"])
            ),
            3 if self.random.percent(50) => format!(" show {aggregate}, share(count({a})) by {key}, type({b}) limit 4"),
            3 => format!(" show {aggregate}, running(count({a})) by {key}, type({b}) limit 4"),
            _ => format!(" show {aggregate} by {key}"),
        }
    }

    fn path_query(&mut self) -> String {
        let head = *self.random.pick(&["path", "paths"]);
        let step = *self.random.pick(&["succeeds", "succeeded by", "(succeeds | succeeded by)"]);
        let quantifier = *self.random.pick(&["+", "*", "{1,2}"]);
        let object = *self.random.pick(&["Model", "Bob", "Ada"]);
        format!("{head} {} {step}{quantifier} {object}", self.random.pick(&MODELS[..2]))
    }

    fn nearest(&mut self) -> String {
        let step = *self.random.pick(&["succeeds", "succeeded by"]);
        format!("{} and {} {step}+ Model c nearest c", MODELS[0], MODELS[1])
    }

    /// A query that says a defined verb wherever it would say `succeeds`: in conditions, optional parts, denials, counts.
    fn defined_anywhere(&mut self) -> String {
        let define = *self.random.pick(&[
            "define Model m outlives Model n as m succeeds n",
            "define Model m outlives Model n as m succeeds n and possibly dated after 2020",
            "define Model m outlives Model n as m uses Tool t, n uses t where m != n",
            "define Model m outlives Model n as (m succeeds n or m uses Tool t, n uses t)",
            "define Model m outlives Model n as m uses Tool, m succeeds Model k, n uses no Tool",
            "define Model m keen as m uses Tool and dated since 2020; \
             define Model m outlives Model n as m succeeds n, n is keen",
            "define Model m older Model n as m succeeds+ n; \
             define Model m outlives Model n as m older Model k, k older n",
        ]);
        let query = self.rows();
        format!("{define}; {}", query.replace(" succeeds ", " outlives "))
    }

    fn defined(&mut self) -> String {
        let define = *self.random.pick(&[
            "define Model m outlives Model n as m succeeds n and dated after 2020",
            "define Model m outlives Model n as (m succeeds n or m succeeds Model k that outlives n)",
            "define Model m outlives Model n as m uses Tool t that used by n, not (m succeeds n)",
            "define Model m outlives Model n as m made by Org that makes n where m != n",
        ]);
        let quantifier = *self.random.pick(&["", "", "+", "{2}"]);
        let subject = self.declare("Model");
        let object = self.object("Model", 1);
        format!("{define}; {subject} outlives{quantifier} {object}")
    }
}

/// The names of a type that every graph has.
fn first_names(type_name: &str) -> &'static [&'static str] {
    match type_name {
        "Tool" => &TOOLS[..1],
        "Org" => &ORGS[..1],
        _ => &MODELS[..2],
    }
}

fn fits(type_name: &str, wanted: &str) -> bool {
    type_name == wanted || (type_name == "Chat" && wanted == "Model")
}

fn dated(type_name: &str) -> bool {
    type_name != "Org"
}
