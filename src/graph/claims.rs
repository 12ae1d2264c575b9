//! Claims: which source states a fact, where, and with what trust.

use super::{Column, FactId, Texts};
use crate::value::{Date, Id, id};

id! {
    /// Position of a source in [`Claims::sources`].
    SourceId(u32), "sources"
}

/// A text that claims are taken from. Empty fields were not given.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Source {
    /// Key by which claims refer to it.
    pub key: String,
    pub title: String,
    pub by: String,
    pub url: String,
    pub date: String,
    /// Local file with the text of the source, relative to the graph's folder.
    pub text: String,
}

/// How surely a claim states its facts, best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
#[repr(u8)]
pub enum Trust {
    #[default]
    Direct,
    /// Reported by someone other than the original source.
    Secondary,
    /// Concluded from what the source says.
    Inferred,
    /// A rumour: a fact without a better claim is only possible.
    Doubtful,
}

impl Trust {
    pub const ALL: [Trust; 4] = [Trust::Direct, Trust::Secondary, Trust::Inferred, Trust::Doubtful];

    pub fn name(self) -> &'static str {
        ["direct", "secondary", "inferred", "doubtful"][self as usize]
    }
}

/// One citation. Empty texts were not given.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Claim<'g> {
    pub source: SourceId,
    /// Locator within the source: `L23`.
    pub at: &'g str,
    pub trust: Trust,
    pub quote: &'g str,
    pub note: &'g str,
    /// Date from which its facts hold.
    pub date: Option<Date>,
}

/// A fact, and whose claims of it are cited: those of one source where a query says `according to`, otherwise all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct CitedFact {
    pub fact: FactId,
    /// `None` for all sources.
    pub by: Option<SourceId>,
}

impl From<FactId> for CitedFact {
    fn from(fact: FactId) -> CitedFact {
        CitedFact { fact, by: None }
    }
}

/// All claims in columns, and the claims of each fact by offsets.
#[derive(Debug, Clone, Default)]
pub struct Claims {
    pub sources: Vec<Source>,
    /// Per claim.
    pub source: Column<u32>,
    /// Per claim.
    pub trust: Column<u8>,
    /// Per claim: positions in `texts` of locator, quote and note. Position 0 is the empty text.
    pub words: Column<[u32; 3]>,
    /// Per claim; [`Date::UNDATED`] if not given.
    pub date: Column<Date>,
    pub texts: Texts,
    /// First fact of each run of adjacent facts with the same claims. Empty if each fact is a run of its own.
    pub starts: Column<u32>,
    /// Per run, with one entry more: offset of its claims in `of_facts`. Facts that were declared with their entity
    /// have no claim.
    pub offsets: Column<u32>,
    /// Claim numbers in insertion order, run by run.
    pub of_facts: Column<u32>,
}

impl Claims {
    pub fn len(&self) -> usize {
        self.source.len()
    }

    pub fn is_empty(&self) -> bool {
        self.source.is_empty()
    }

    pub fn source(&self, id: SourceId) -> &Source {
        &self.sources[id.0 as usize]
    }

    /// Returns the source with exactly this key; `None` if there is none.
    pub fn lookup_source(&self, key: &str) -> Option<SourceId> {
        self.sources.iter().position(|source| source.key == key).and_then(SourceId::new)
    }

    pub fn get(&self, claim: u32) -> Claim<'_> {
        let i = claim as usize;
        let [at, quote, note] = self.words[i].map(|word| self.texts.get(word));
        let trust = Trust::ALL[(self.trust[i] as usize).min(3)];
        let date = Some(self.date[i]).filter(|date| !date.is_undated());
        Claim { source: SourceId(self.source[i]), at, trust, quote, note, date }
    }

    /// Returns the numbers of the claims that state a fact, in insertion order. O(log runs) if facts share their
    /// claims, otherwise O(1).
    pub fn numbers(&self, fact: FactId) -> &[u32] {
        let i = match self.starts.is_empty() {
            true => fact.0 as usize,
            false => self.starts.partition_point(|start| start <= fact.0).saturating_sub(1),
        };
        match self.offsets.part(i..i + 2) {
            Some([start, end]) => self.of_facts.part(*start as usize..*end as usize).unwrap_or(&[]),
            _ => &[],
        }
    }

    /// Returns the claims that state a fact, in insertion order.
    pub fn of(&self, fact: FactId) -> impl ExactSizeIterator<Item = Claim<'_>> {
        self.numbers(fact).iter().map(|claim| self.get(*claim))
    }

    /// Returns the claims of a fact that are cited, in insertion order.
    pub fn cited(&self, cited: CitedFact) -> impl Iterator<Item = Claim<'_>> {
        self.of(cited.fact).filter(move |claim| cited.by.is_none_or(|by| by == claim.source))
    }

    /// Returns the numbers of the claims of a fact by any of these sources, in insertion order; all if none is named.
    pub fn numbers_by<'a>(&'a self, fact: FactId, sources: &'a [CitedFact]) -> impl Iterator<Item = u32> + 'a {
        let is_cited = |source: u32| sources.iter().any(|cited| cited.by.is_none_or(|by| by.0 == source));
        let numbers = self.numbers(fact).iter().copied();
        numbers.filter(move |claim| sources.is_empty() || is_cited(self.source[*claim as usize]))
    }

    /// Returns true if any of these sources states the fact and all do so doubtfully; of all sources if none is named.
    pub fn is_doubtful_by(&self, fact: FactId, sources: &[CitedFact]) -> bool {
        let mut trusts = self.numbers_by(fact, sources).map(|claim| self.trust[claim as usize]).peekable();
        trusts.peek().is_some() && trusts.all(|trust| trust == Trust::Doubtful as u8)
    }

    /// Returns true if some claim of the fact is from this source.
    pub fn says(&self, source: SourceId, fact: FactId) -> bool {
        self.numbers(fact).iter().any(|claim| self.source[*claim as usize] == source.0)
    }

    /// Returns true if any claim is doubtful. O(claims).
    pub fn has_doubtful(&self) -> bool {
        self.trust.contains(&(Trust::Doubtful as u8))
    }

    /// Returns true if the fact has claims and all of them are doubtful.
    pub fn is_doubtful(&self, fact: FactId) -> bool {
        self.is_doubtful_by(fact, &[])
    }
}
