//! Reads GEDCOM 5.5.1 and 7: people with dates and places, families as verbs, each fact with its line and its sources.
//!
//! In a record of a person, a tag without a meaning of its own becomes a text property named after it; everything else
//! that is omitted is reported with its line.

use super::draft::{Draft, DraftClaim, DraftEntity, DraftFact, DraftProperty};
use super::words::property_name;
use super::{Folder, encoding};
use crate::date::{Wording, month_of};
use indexmap::{IndexMap, IndexSet};
use std::collections::{HashMap, HashSet};
use std::io;

/// The source key of the file itself.
const FILE: &str = "gedcom";
/// What GEDCOM 7 writes for a person or a family that the file does not hold.
const VOID: &str = "@VOID@";
/// Events with the properties of their date and of their place.
const EVENTS: [(&str, &str, &str); 5] = [
    ("BIRT", "born", "birth_place"),
    ("DEAT", "died", "death_place"),
    ("CHR", "christened", "christening_place"),
    ("BAPM", "baptised", "baptism_place"),
    ("BURI", "buried", "burial_place"),
];

/// A line with its subordinate lines.
#[derive(Debug, Default)]
struct Node {
    line: usize,
    xref: String,
    tag: String,
    value: String,
    below: Vec<Node>,
}

impl Node {
    fn all<'n>(&'n self, tag: &'n str) -> impl Iterator<Item = &'n Node> {
        self.below.iter().filter(move |node| node.tag == tag)
    }

    fn value_of<'n>(&'n self, tag: &'n str) -> Option<&'n str> {
        self.all(tag).map(|node| node.value.as_str()).find(|value| !value.is_empty())
    }

    /// Replaces references to notes by their texts.
    fn put_notes(&mut self, notes: &IndexMap<String, (usize, String)>, used: &mut HashSet<String>) {
        for node in &mut self.below {
            let xref = node.value.trim().strip_prefix('@').and_then(|rest| rest.strip_suffix('@'));
            let is_note = ["NOTE", "SNOTE"].contains(&node.tag.as_str());
            if let Some((xref, (_, text))) = xref.filter(|_| is_note).and_then(|xref| notes.get_key_value(xref)) {
                used.insert(xref.clone());
                node.value.clone_from(text);
            }
            node.put_notes(notes, used);
        }
    }

    /// Returns the node and its subordinate lines as one text: `Sacre; DATE 17 OCT 1610`.
    fn flat(&self) -> String {
        let below = self.below.iter().map(|node| format!("{} {}", node.tag, node.flat()).trim().to_string());
        std::iter::once(self.value.clone())
            .chain(below)
            .filter(|words| !words.is_empty())
            .collect::<Vec<_>>()
            .join("; ")
    }
}

/// Returns the folder of a graph for the file `name`.
///
/// # Errors
/// The file is not GEDCOM, or not UTF-8.
pub fn read(bytes: Vec<u8>, name: &str) -> io::Result<Folder> {
    let encoding::Decoded { bytes, decided, unsure } = encoding::gedcom(bytes)?;
    let (bytes, references) = super::plain(bytes);
    let text = String::from_utf8(bytes).map_err(|_| io::Error::other("it is not UTF-8 text"))?;
    let mut reader = GedcomReader {
        decided: decided.into_iter().chain(references).collect(),
        unsure: unsure.into_iter().collect(),
        ..GedcomReader::default()
    };
    let mut records = reader.records(text.strip_prefix('\u{feff}').unwrap_or(&text))?;
    reader.put_notes(&mut records);
    reader.begin(name);
    reader.sources(&records);
    reader.people(&records);
    reader.families(&records);
    reader.rest(&records);
    let GedcomReader { draft, decided, unsure, .. } = reader;
    let mut head = vec![format!("Made of {name} by `begat new`; it is yours to edit.")];
    head.extend(unsure.iter().map(|line| format!("UNSURE {line}")));
    let files = vec![("graph.ron".to_string(), draft.ron(&head).into_bytes()), (name.to_string(), text.into_bytes())];
    Ok(Folder { files, decided, unsure })
}

#[derive(Default)]
struct GedcomReader {
    draft: Draft,
    /// By xref: the index of the entity.
    people: HashMap<String, usize>,
    children: IndexSet<(usize, usize)>,
    /// By property: the number of texts that are not dates, and the first line.
    odd: IndexMap<String, (usize, usize)>,
    decided: Vec<String>,
    unsure: Vec<String>,
}

impl GedcomReader {
    fn records(&mut self, text: &str) -> io::Result<Vec<Node>> {
        let mut stack: Vec<Node> = Vec::new();
        let mut records = Vec::new();
        let (mut odd, mut first_odd) = (0, 0);
        // Some files end lines with `\r` alone.
        let end = if text.contains('\n') { '\n' } else { '\r' };
        let lines = text.split(end).map(|line| line.trim_end_matches('\r')).zip(1..);
        for (line, number) in lines.filter(|(line, _)| !line.trim().is_empty()) {
            let Some((level, node)) = parsed(line, number) else {
                if stack.is_empty() {
                    return Err(io::Error::other(format!(
                        "line {number} is no line of GEDCOM: `{}`",
                        line.chars().take(60).collect::<String>()
                    )));
                }
                (odd, first_odd) = (odd + 1, if odd == 0 { number } else { first_odd });
                append(&mut stack, &format!("\n{line}"));
                continue;
            };
            match node.tag.as_str() {
                "CONT" => append(&mut stack, &format!("\n{}", node.value)),
                "CONC" => append(&mut stack, &node.value),
                _ => {
                    close(&mut stack, &mut records, level);
                    stack.push(node);
                }
            }
        }
        close(&mut stack, &mut records, 0);
        if odd > 0 {
            self.unsure.push(format!(
                "{odd} lines have no level, the first is line {first_odd}: each goes on with the line before"
            ));
        }
        match records.first().is_some_and(|first| first.tag == "HEAD") {
            true => Ok(records),
            false => Err(io::Error::other("it does not begin with `0 HEAD`, as GEDCOM does")),
        }
    }

    fn begin(&mut self, name: &str) {
        let own = vec![("title", name.to_string()), ("text", name.to_string())];
        self.draft.sources.insert(FILE.to_string(), own);
        let person = self.draft.type_("Person");
        person.doc = "an INDI record".to_string();
        let person = |set: &mut IndexSet<String>| _ = set.insert("Person".to_string());
        let kin = self.draft.verbs.entry("child of".to_string()).or_default();
        person(&mut kin.from);
        person(&mut kin.to);
        kin.inverse = Some("parent of".to_string());
        kin.rules = ["lineage: true", "chronological: warn", "acyclic: warn"].map(String::from).to_vec();
        let couple = self.draft.verbs.entry("married to".to_string()).or_default();
        person(&mut couple.from);
        person(&mut couple.to);
        couple.doc = "husband and wife of a FAM record; the claim has the day of the marriage".to_string();
    }

    fn sources(&mut self, records: &[Node]) {
        for record in records.iter().filter(|record| record.tag == "SOUR") {
            let title = record.value_of("TITL").or(record.value_of("ABBR")).unwrap_or(&record.xref);
            let mut fields = vec![("title", title.replace('\n', " "))];
            fields.extend(record.value_of("AUTH").map(|by| ("by", by.replace('\n', " "))));
            let rest: Vec<String> = record
                .below
                .iter()
                .filter(|node| !["TITL", "AUTH", "CHAN"].contains(&node.tag.as_str()))
                .map(|node| format!("{} {}", node.tag, node.flat()))
                .collect();
            if !rest.is_empty() {
                fields[0].1 = format!("{} ({})", fields[0].1, rest.join("; ").replace('\n', " "));
            }
            self.draft.sources.insert(record.xref.clone(), fields);
        }
    }

    /// Puts the texts of NOTE and SNOTE records where lines refer to them, and reports those that no line refers to.
    fn put_notes(&mut self, records: &mut [Node]) {
        let is_note = |record: &&Node| ["NOTE", "SNOTE"].contains(&record.tag.as_str());
        let notes = records.iter().filter(is_note).map(|record| {
            let below = record.below.iter().filter(|node| node.tag != "CHAN");
            let below = below.map(|node| format!("; {} {}", node.tag, node.flat()));
            (record.xref.clone(), (record.line, record.value.clone() + &below.collect::<String>()))
        });
        let notes: IndexMap<String, (usize, String)> = notes.collect();
        let mut used: HashSet<String> = HashSet::new();
        for record in records.iter_mut().filter(|record| !is_note(&&**record)) {
            record.put_notes(&notes, &mut used);
        }
        let idle: Vec<usize> =
            notes.iter().filter(|(xref, _)| !used.contains(*xref)).map(|(_, (line, _))| *line).collect();
        if let Some(first) = idle.first() {
            self.unsure.push(format!(
                "{} of notes that no line refers to, the first in line {first}: left out",
                super::table::counted(idle.len(), "record")
            ));
        }
    }

    fn people(&mut self, records: &[Node]) {
        let named = |record: &Node| -> Vec<String> {
            let plain = |name: &Node| name.value.replace('/', " ").split_whitespace().collect::<Vec<_>>().join(" ");
            record.all("NAME").map(plain).filter(|name| !name.is_empty()).collect()
        };
        let mut bearers: HashMap<String, usize> = HashMap::new();
        let people: Vec<&Node> = records.iter().filter(|record| record.tag == "INDI").collect();
        for record in &people {
            let names: IndexSet<String> = named(record).into_iter().map(|name| name.to_lowercase()).collect();
            names.into_iter().for_each(|name| *bearers.entry(name).or_default() += 1);
        }
        let mut shared = 0;
        for record in people {
            let mut names = named(record).into_iter();
            let name = names.next().unwrap_or_else(|| format!("Person {}", record.xref));
            let is_shared = bearers.get(&name.to_lowercase()).is_some_and(|count| *count > 1);
            shared += usize::from(is_shared);
            let name = if is_shared { format!("{name} ({})", record.xref) } else { name };
            let aliases: IndexSet<String> =
                names.filter(|alias| bearers.get(&alias.to_lowercase()) == Some(&1) && *alias != name).collect();
            self.people.insert(record.xref.clone(), self.draft.entities.len());
            self.draft.entities.push(DraftEntity {
                type_: "Person".to_string(),
                name,
                aliases: aliases.into_iter().collect(),
                values: Vec::new(),
            });
            self.person(record);
        }
        self.decided.push(format!("each INDI is a Person, {} in all; each fact cites its line", self.people.len()));
        if shared > 0 {
            self.decided.push(format!(
                "{shared} people share their name with another: the name has the record's key behind it"
            ));
        }
        for (property, (count, line)) in std::mem::take(&mut self.odd) {
            self.unsure.push(format!("{count} dates of `{property}` are none that begat knows, the first in line {line}: they are kept in `{property}_text`"));
        }
    }

    fn person(&mut self, record: &Node) {
        let own = self.draft.entities.len() - 1;
        for node in &record.below {
            match EVENTS.iter().find(|(tag, ..)| *tag == node.tag) {
                Some((_, day, place)) => self.event(own, node, day, place),
                None if ["FAMS", "FAMC", "CHAN"].contains(&node.tag.as_str())
                    && node.below.iter().all(|below| node.tag == "CHAN" || below.tag == "CHAN") => {}
                None if node.tag == "NAME" => self.parts_of_name(own, node),
                None => {
                    let is_note = ["NOTE", "SNOTE"].contains(&node.tag.as_str());
                    let property = property_name(if is_note { "remark" } else { &node.tag });
                    let text = node.flat();
                    let text = if text.is_empty() { "yes".to_string() } else { text };
                    self.value(own, node, &property, "Text", text);
                }
            }
        }
    }

    /// Keeps the type or source of a name; its pieces repeat the name.
    fn parts_of_name(&mut self, own: usize, node: &Node) {
        let rest = node.below.iter().filter(|below| !["GIVN", "SURN"].contains(&below.tag.as_str()));
        let rest: Vec<String> = rest.map(|below| format!("{} {}", below.tag, below.flat())).collect();
        if !rest.is_empty() {
            self.value(own, node, "name_detail", "Text", format!("{}; {}", node.value, rest.join("; ")));
        }
    }

    fn event(&mut self, own: usize, node: &Node, day: &str, place: &str) {
        for below in &node.below {
            match below.tag.as_str() {
                "DATE" => match date(&below.value) {
                    Some(date) => self.value(own, node, day, "Date", date),
                    None => {
                        let (count, _) = self.odd.entry(day.to_string()).or_insert((0, below.line));
                        *count += 1;
                        self.value(own, node, &format!("{day}_text"), "Text", below.flat());
                    }
                },
                "PLAC" if !below.value.trim().is_empty() => self.value(own, node, place, "Text", below.value.clone()),
                _ => {}
            }
        }
        let is_said = |below: &&Node| !["DATE", "PLAC", "SOUR"].contains(&below.tag.as_str());
        let mut rest: Vec<String> =
            node.below.iter().filter(is_said).map(|below| format!("{} {}", below.tag, below.flat())).collect();
        rest.extend(
            node.all("DATE").flat_map(|date| &date.below).map(|below| format!("{} {}", below.tag, below.flat())),
        );
        rest.extend(
            node.all("PLAC").flat_map(|place| &place.below).map(|below| format!("{} {}", below.tag, below.flat())),
        );
        rest.extend((!node.value.is_empty()).then(|| node.value.clone()));
        if !rest.is_empty() {
            self.value(own, node, &format!("{day}_detail"), "Text", rest.join("; "));
        }
    }

    /// States a value of a person, once for each source that the line cites.
    fn value(&mut self, own: usize, node: &Node, property: &str, value: &'static str, text: String) {
        let verb = (value == "Date").then(|| property.to_string());
        let single = ["born", "died"].contains(&property);
        let of = || DraftProperty { value, verb, single, ..DraftProperty::default() };
        self.draft.properties.entry(property.to_string()).or_insert_with(of);
        self.draft.type_("Person").properties.insert(property.to_string());
        self.claim(node, &[DraftFact::Value(own, property.to_string(), text)], Vec::new());
    }

    fn claim(&mut self, node: &Node, facts: &[DraftFact], fields: Vec<(&'static str, String)>) {
        let own = DraftClaim { source: FILE.to_string(), trust: None, fields: Vec::new(), facts: facts.to_vec() };
        let mut own = DraftClaim { fields: vec![("at", format!("L{}", node.line))], ..own };
        own.fields.extend(fields.clone());
        self.draft.claims.push(own);
        for cited in node.all("SOUR") {
            let key = cited.value.trim_matches('@').to_string();
            let source =
                if self.draft.sources.contains_key(&key) { key } else { format!("said in line {}", cited.line) };
            let title = cited.value.replace('\n', " ");
            self.draft.sources.entry(source.clone()).or_insert_with(|| vec![("title", title)]);
            let mut own: Vec<(&'static str, String)> =
                cited.value_of("PAGE").map(|page| ("at", page.to_string())).into_iter().collect();
            let rest = cited.below.iter().filter(|below| !["PAGE", "QUAY"].contains(&below.tag.as_str()));
            let rest: Vec<String> = rest.map(|below| format!("{} {}", below.tag, below.flat())).collect();
            own.extend((!rest.is_empty()).then(|| ("note", rest.join("; "))));
            own.extend(fields.iter().filter(|(name, _)| *name == "date").cloned());
            let trust = match cited.value_of("QUAY") {
                Some("0") => Some("doubtful"),
                Some("1") => Some("inferred"),
                Some("2") => Some("secondary"),
                _ => None,
            };
            self.draft.claims.push(DraftClaim {
                source,
                trust: trust.map(String::from),
                fields: own,
                facts: facts.to_vec(),
            });
        }
    }

    fn families(&mut self, records: &[Node]) {
        let (mut couples, mut alone, mut void, mut lost) = (0, 0, 0, Vec::new());
        for record in records.iter().filter(|record| record.tag == "FAM") {
            let of = |reader: &GedcomReader, node: &Node| reader.people.get(node.value.trim_matches('@')).copied();
            let parents: Vec<(&Node, usize)> = record
                .below
                .iter()
                .filter(|node| ["HUSB", "WIFE"].contains(&node.tag.as_str()))
                .filter_map(|node| Some((node, of(self, node)?)))
                .collect();
            let is_person =
                |node: &&Node| ["HUSB", "WIFE", "CHIL"].contains(&node.tag.as_str()) && !node.value.is_empty();
            lost.extend(
                record
                    .below
                    .iter()
                    .filter(is_person)
                    .filter(|node| node.value != VOID && of(self, node).is_none())
                    .map(|node| node.line),
            );
            void += record.below.iter().filter(is_person).filter(|node| node.value == VOID).count();
            self.children_of(record, &parents);
            match self.couple(record, &parents) {
                Some(true) => couples += 1,
                Some(false) => alone += 1,
                None => {}
            }
        }
        self.decided.push(format!(
            "each FAM is facts: {} times `child of`, {couples} times `married to`, whose claim has the day",
            self.children.len()
        ));
        if alone > 0 {
            self.decided.push(format!("what {alone} families of one parent say is in `family` of that parent"));
        }
        if let Some(first) = lost.first() {
            self.unsure.push(format!(
                "{} members of families have no record, the first in line {first}: left out",
                lost.len()
            ));
        }
        if void > 0 {
            self.decided.push(format!("{void} members of families are unknown to the file (@VOID@), and are left out"));
        }
    }

    /// States what a family says of its parents; returns whether there are two of them, `None` if nothing is said of one.
    fn couple(&mut self, record: &Node, parents: &[(&Node, usize)]) -> Option<bool> {
        let rest = record.below.iter().filter(|node| !["HUSB", "WIFE", "CHIL", "CHAN"].contains(&node.tag.as_str()));
        let note: Vec<String> = rest.map(|node| format!("{} {}", node.tag, node.flat())).collect();
        let (note, has_note) = (note.join("; "), !note.is_empty());
        let marriage = record.all("MARR").next().unwrap_or(record);
        match parents {
            [(_, a), (_, b)] => {
                let day = marriage.value_of("DATE").and_then(date).map(|date| ("date", date));
                let fields = day.into_iter().chain(has_note.then_some(("note", note)));
                self.claim(marriage, &[DraftFact::Link(*a, "married to".to_string(), *b)], fields.collect());
                return Some(true);
            }
            // The other of the couple is not known.
            [(_, own)] if has_note => {
                self.value(*own, record, "family", "Text", note);
                return Some(false);
            }
            _ if has_note => {
                let line = record.line;
                self.unsure.push(format!("line {line}: the family has no couple to hold `{note}`: left out"));
            }
            _ => {}
        }
        None
    }

    /// States whose children the `CHIL` lines of a family name.
    fn children_of(&mut self, record: &Node, parents: &[(&Node, usize)]) {
        for node in record.all("CHIL") {
            let Some(child) = self.people.get(node.value.trim_matches('@')).copied() else { continue };
            let facts: Vec<DraftFact> =
                parents.iter().map(|(_, parent)| DraftFact::Link(child, "child of".to_string(), *parent)).collect();
            self.children.extend(parents.iter().map(|(_, parent)| (child, *parent)));
            let note = (!node.below.is_empty()).then(|| ("note", node.flat()));
            if !facts.is_empty() {
                self.claim(node, &facts, note.into_iter().collect());
            }
        }
    }

    /// Reports what is omitted.
    fn rest(&mut self, records: &[Node]) {
        let mut counts: IndexMap<&str, (usize, usize)> = IndexMap::new();
        let known = ["INDI", "FAM", "SOUR", "NOTE", "SNOTE", "TRLR", "HEAD"];
        for record in records.iter().filter(|record| !known.contains(&record.tag.as_str())) {
            counts.entry(&record.tag).or_insert((0, record.line)).0 += 1;
        }
        for (tag, (count, line)) in counts {
            self.unsure.push(format!("{count} {tag} records are left out, the first in line {line}"));
        }
        let changes = records.iter().flat_map(|record| record.all("CHAN")).count();
        if changes > 0 {
            self.decided.push(format!("{changes} times CHAN, when a record was changed, is left out"));
        }
        let head: Vec<String> = records
            .iter()
            .filter(|record| record.tag == "HEAD")
            .flat_map(|head| &head.below)
            .map(|node| format!("{} {}", node.tag, node.value))
            .collect();
        self.decided.push(format!(
            "the head is left out: {}",
            head.join("; ").replace('\n', " ").chars().take(200).collect::<String>()
        ));
        let missing: Vec<usize> = records
            .iter()
            .filter(|record| record.tag == "INDI")
            .flat_map(|record| record.all("FAMC"))
            .filter(|node| {
                let family = node.value.trim_matches('@');
                node.value != VOID && !records.iter().any(|record| record.tag == "FAM" && record.xref == family)
            })
            .map(|node| node.line)
            .collect();
        if let Some(first) = missing.first() {
            self.unsure.push(format!(
                "{} FAMC name families without a record, the first in line {first}: left out",
                missing.len()
            ));
        }
    }
}

/// Parses a line: `1 @I1@ INDI value`.
fn parsed(line: &str, number: usize) -> Option<(usize, Node)> {
    let (level, rest) = line.trim_start().split_once(' ')?;
    let level: usize = level.parse().ok().filter(|level| *level < 100)?;
    let rest = rest.trim_start();
    let (xref, rest) = match rest.strip_prefix('@') {
        Some(inner) => inner.split_once('@').map(|(xref, rest)| (xref, rest.trim_start()))?,
        None => ("", rest),
    };
    let (tag, value) = rest.split_once(' ').unwrap_or((rest, ""));
    let is_tag = !tag.is_empty() && tag.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    let value = value.replace("@@", "@");
    let node = Node { line: number, xref: xref.to_string(), tag: tag.to_ascii_uppercase(), value, below: Vec::new() };
    is_tag.then_some((level, node))
}

fn append(stack: &mut [Node], text: &str) {
    if let Some(last) = stack.last_mut() {
        last.value.push_str(text);
    }
}

/// Closes the nodes at a level or deeper, and attaches them to their parents.
fn close(stack: &mut Vec<Node>, records: &mut Vec<Node>, level: usize) {
    while stack.len() > level {
        let Some(node) = stack.pop() else { return };
        match stack.last_mut() {
            Some(above) => above.below.push(node),
            None => records.push(node),
        }
    }
}

/// Converts a GEDCOM date to EDTF: `ABT 1720`, `BET 1700 AND 1710`, `11 MAY 1720`.
fn date(text: &str) -> Option<String> {
    let text = text.trim().trim_start_matches("@#DGREGORIAN@").trim_start_matches("GREGORIAN ").trim();
    let lower = text.to_ascii_uppercase();
    let text = match lower.split_once(' ') {
        Some(("CAL" | "EST", rest)) => format!("ABT {rest}"),
        Some(("INT", rest)) if rest.contains('(') => return None,
        _ => text.to_string(),
    };
    if text.starts_with("@#") || text.starts_with('(') {
        return None;
    }
    let text = two_years(&text).unwrap_or(text);
    Wording::Words.read(&text).map(|date| date.to_string())
}

/// Returns a date between both years of one that has two, as days before a new year in March do: `12 MAR 1637/38`.
fn two_years(text: &str) -> Option<String> {
    let (day, years) = text.rsplit_once(' ').map_or(("", text), |(day, years)| (day, years));
    let (first, second) = years.split_once('/')?;
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let is_plain =
        day.split(' ').all(|word| is_number(word) || word.is_empty() || month_of(&word.to_lowercase()).is_some());
    if !is_plain
        || !is_number(first)
        || !is_number(second)
        || !(3..=4).contains(&first.len())
        || second.len() > first.len()
    {
        return None;
    }
    let second = format!("{}{second}", &first[..first.len() - second.len()]);
    Some(format!("BET {day} {first} AND {day} {second}"))
}
