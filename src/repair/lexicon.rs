//! Functions of English words in a question: a table of phrases.

use super::lemma::root;
use rustc_hash::FxHashMap;
use std::sync::LazyLock;

/// Function of a phrase.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// No meaning.
    Filler,
    /// Stands for what is asked for: `who`, `what`.
    Asked,
    /// `nobody`: an entity that must not exist.
    Nobody,
    /// Asks for a value: `when`, `how long`.
    Ask(Measure),
    Count,
    /// A number made of the values of a property: `average`.
    Fold(&'static str),
    /// What follows is all that there is: `only used by`.
    Only,
    /// A time that depends on the day of the question, which no query knows.
    Today,
    /// What `by` names later is what groups are made by: `group … by`.
    Group,
    /// What follows is shared with a thing: `in the same country as`.
    Same,
    Not,
    And,
    Or,
    But,
    Per,
    By,
    Of,
    /// `'s`
    Own,
    Every,
    Most,
    Least,
    Extreme(Measure, Way),
    Compare(Sign),
    /// Comparison of one property: `older than`.
    Relative(Measure, Sign),
    Between,
    /// Separator of two ends: `->`, `from … to`.
    To,
    Limit,
    Order,
    Down,
    Up,
    /// A property and a direction: `newest first`.
    Sorted(Measure, Way),
    /// What is said of the number or date before it: `or later`.
    Onwards(Sign),
    /// Whether a value of the property before it is recorded: `is null`.
    Recorded(bool),
    /// Things of the type that was named before.
    Others,
    /// The next noun of a verb is read the other way round.
    Reverse,
    /// A condition on what is counted follows.
    Having,
    /// A part of a name follows.
    Like(Part),
    Over(Period),
    /// Any number of steps.
    Steps,
    View(View),
}

/// Property that is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Measure {
    Date,
    /// Distance of relatives: `within 2 generations`.
    Steps,
    /// A number, with a word that describes its property.
    Number(&'static str),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    Up,
    Down,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sign {
    Equal,
    Less,
    Most,
    More,
    Least,
}

impl Sign {
    pub fn written(self) -> &'static str {
        match self {
            Sign::Equal => "=",
            Sign::Less => "<",
            Sign::Most => "<=",
            Sign::More => ">",
            Sign::Least => ">=",
        }
    }

    /// Returns the sign as it is written before a date.
    pub fn before_date(self) -> &'static str {
        match self {
            Sign::Equal => "",
            Sign::Less => "before ",
            Sign::Most => "until ",
            Sign::More => "after ",
            Sign::Least => "since ",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Period {
    Year,
    Quarter,
    Month,
}

impl Period {
    pub fn written(self) -> &'static str {
        match self {
            Period::Year => "year",
            Period::Quarter => "quarter",
            Period::Month => "month",
        }
    }
}

/// Where in a name a part of it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Start,
    End,
    Anywhere,
}

impl Part {
    /// The pattern of `like` for a name with this part.
    pub fn pattern(self, part: &str) -> String {
        // The marks of SQL tell where the part stands.
        let marked = match (part.starts_with(['%', '*']), part.ends_with(['%', '*'])) {
            (true, true) => Part::Anywhere,
            (true, false) => Part::End,
            (false, true) => Part::Start,
            (false, false) => self,
        };
        let part = part.trim_matches(['%', '*']);
        match marked {
            Part::Start => format!("{part}*"),
            Part::End => format!("*{part}"),
            Part::Anywhere => format!("*{part}*"),
        }
    }
}

/// What is to be seen of what is named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum View {
    Lineage,
    Ancestors,
    Descendants,
    /// One step up or down.
    Parents,
    Children,
    /// Two steps.
    Grandparents,
    Grandchildren,
    /// Other children of the same parent.
    Siblings,
    /// What the sources say of a thing.
    Claims,
    /// The time from one thing to another.
    Span,
    /// What can stand in place of a thing.
    Alternatives,
    Common,
    /// All ancestors that two have in common.
    CommonAll,
    Diff,
    Path,
    Timeline,
    Adoption,
    /// How those who have something came by it.
    Spread,
    /// What is not recorded, what is recorded twice, and where it is from.
    Gaps,
    /// What is concluded from what a source says.
    Inferred,
    Duplicates,
    Sources,
    /// Adoption as a part of all.
    Share,
    Matrix,
    Describe,
    Why,
    Conflicts,
    Schema,
}

use Role::*;
const NEW: Role = Extreme(Measure::Date, Way::Down);
const OLD: Role = Extreme(Measure::Date, Way::Up);
const fn big(word: &'static str) -> Role {
    Extreme(Measure::Number(word), Way::Down)
}
const fn small(word: &'static str) -> Role {
    Extreme(Measure::Number(word), Way::Up)
}
const fn more(word: &'static str) -> Role {
    Relative(Measure::Number(word), Sign::More)
}
const fn less(word: &'static str) -> Role {
    Relative(Measure::Number(word), Sign::Less)
}

/// Phrases in lower case; alternatives are separated by `|`. Phrases of several words take precedence over their words.
pub(super) const PHRASES: &[(&str, Role)] = &[
    (
        "the|a|an|please|pls|me|us|you|i|we|my|our|it|its|their|them|they|there|this|these|those|can|could|would|should|\
         will|do|does|did|is|are|was|were|be|been|being|am|has|have|had|with|in|on|at|for|from|into|as|that|which|\
         whose|where|than|then|also|just|else|ever|now|currently|today|any|some|list|show|display|print|return|get|looking for|looking|searching for|\
         interested in|mention|mentions|mention of|appearance|appearance of|occurrence|occurrence of|back|\
         give|find|fetch|search|look|want|need to know|would like|would like to|i would like|id like|like to|know|tell|see|name|names|named|called|title|id|\
         value|values|entity|entities|node|nodes|item|items|thing|things|one|ones|data|record|records|exist|exists|\
         select|match|where|distinct|prefix|ask whether|ask|so|such|through|during|while|inside|\
         within the|shared|shared by|shared between|shared among|share|common|common to|in common|around|about how|out|up|each other|both|of them|together|different|kinds|sort|type of|?|!|.|:|(|)|\
         [|]|{|}|*|;|-|/|\\|$|@|year|years|of type|instances|instance|rdf|a lot|very|really|much|many|other|true|it true that|true that|directly|hello|hi|ok|thanks|\
         thank you|actually|removed from|away from|still|already|even|quite|usually|commonly|typically|sometimes|again|he|she|him|himself|herself|happened|happens|happen|alphabetically|in alphabetical order|by name|order by name|sort by name|\
         sorted by name|ordered by name|main|known|or not|trace|trace the|direct|immediate|immediately|existing|available|recorded|stored|here|database|db|graph|use the|get me|give me|\
         show me|tell me|list all|show all|find all|i want|i need|want to see|how|overview|using the",
        Filler,
    ),
    (
        "who|whom|what|which one|which ones|which|where|whats|what's|who's|whos|something|someone|anything|everything|everyone|\
         who else|what else|anyone else|someone else|which other|which of them|which of these|which of those|which of the two",
        Asked,
    ),
    ("only|exclusively|solely|alone|unique to|exclusive to|specific to|limited to|found only in|only found in", Only),
    ("same|the same|exact same|the exact same", Same),
    ("group|bucket|break down|broken down|cluster|partition", Group),
    (
        "last year|this year|next year|past year|last month|this month|past month|last week|this week|recent years|\
         last decade|last years|past years|yesterday|years ago|year ago|months ago|days ago",
        Today,
    ),
    ("average|the average|mean|avg|on average", Fold("avg")),
    ("median", Fold("median")),
    ("min()", Fold("min")),
    ("max()", Fold("max")),
    ("avg()", Fold("avg")),
    ("sum()", Fold("sum")),
    ("cumulative|cumulated|running total|running total of|cumulative number of", Fold("running")),
    ("sum|sum of|the sum of", Fold("sum")),
    ("nobody|no one|noone|nothing|none", Nobody),
    (
        "when|what year|which year|in which year|in what year|what date|on what date|since when|what time|how old",
        Ask(Measure::Date),
    ),
    (
        "how many|how much|number of|count of|number|count|counts|total number of|amount of|quantity of|how often|total|nb of|\
         count all|count the|how many of|how many times|how many time|in how many",
        Count,
    ),
    (
        "not|no|neither|without|except|excluding|lacking|lack|lacks|n't|don't|doesn't|didn't|dont|doesnt|isn't|aren't|never|!|\
         but not|and not|that do not|do not|does not|did not|don't have|with no|free of|other than|unless|minus|apart from|\
         besides|unknown|missing|without known|with no known|without any known|not known|instead of|rather than|as opposed to|\
         but never|and never|but none of|none of|outside|outside of|outside the|!=|<>",
        Not,
    ),
    ("and|nor|&|&&|,|as well as|plus|along with|and also|together with", And),
    ("or|or else|either", Or),
    ("but|but with|but have|but also|yet", But),
    ("per|for each|for every|group by|grouped by|by each|broken down by|in each|of each|by every|each", Per),
    ("by", By),
    ("of", Of),
    ("'s|’s|'|’", Own),
    ("every|all of|all the|each of|all", Every),
    (
        "most|the most|most often|most common|most popular|most frequent|most widely|most commonly|most frequently|top|\
         highest number of|greatest number of|largest number of|popular|maximum number of|biggest number of|by number of|\
         by the number of|by count of|most prolific|most active|most productive|most important|more",
        Most,
    ),
    ("least|fewer|fewest|least common|least popular|rarest|least often|lowest number of|smallest number of", Least),
    (
        "newest|latest|most recent|recent|last|youngest|most modern|new|most recently|newer|younger|came last|came later|\
         came out last|released last|published last|appeared last",
        NEW,
    ),
    (
        "oldest|first|earliest|original|initial|first ever|very first|eldest|older|came first|come first|comes first|\
         came earlier|faster to|quicker to|sooner|soonest|came out first|released first|published first|appeared first|appeared earlier",
        OLD,
    ),
    ("fastest|quickest|fastest-growing|fastest growing|most quickly|most rapidly|most swiftly", big("fast")),
    ("largest|biggest|greatest|hugest|big|huge|large|maximum|max|highest", big("big")),
    ("smallest|tiniest|littlest|minimum|min|lowest|small|tiny", small("big")),
    ("longest", big("long")),
    ("shortest", small("long")),
    ("tallest", big("tall")),
    ("heaviest", big("heavy")),
    ("lightest", small("heavy")),
    ("how big|how large", Ask(Measure::Number("big"))),
    ("how long", Ask(Measure::Number("long"))),
    ("how tall|how high", Ask(Measure::Number("tall"))),
    ("how heavy", Ask(Measure::Number("heavy"))),
    (
        "more than|over|above|greater than|exceeding|>|at more than|beyond|bigger|\
         is more than|is greater than|exceeds|upwards of",
        Compare(Sign::More),
    ),
    ("less than|fewer than|under|below|<|is less than|up to but not", Compare(Sign::Less)),
    ("at least|>=|minimum of|no less than|no fewer than|not less than|not fewer than", Compare(Sign::Least)),
    ("at most|<=|up to|no more than|not more than|maximum of", Compare(Sign::Most)),
    ("larger than|bigger than|higher than", more("big")),
    ("smaller than|lower than", less("big")),
    ("=|==|exactly|equals|equal to|is exactly", Compare(Sign::Equal)),
    ("after|later than|newer than|younger than|following|past", Relative(Measure::Date, Sign::More)),
    ("before|earlier than|older than|prior to|preceding", Relative(Measure::Date, Sign::Less)),
    (
        "since|in or after|on or after|starting|starting in|starting from|from the year|beginning in",
        Relative(Measure::Date, Sign::Least),
    ),
    ("until|till|as of|in or before|on or before|up until|by the end of", Relative(Measure::Date, Sign::Most)),
    ("longer than", more("long")),
    ("shorter than", less("long")),
    ("taller than", more("tall")),
    ("heavier than", more("heavy")),
    ("lighter than", less("heavy")),
    ("within|up to a depth of|depth|at most", Relative(Measure::Steps, Sign::Most)),
    ("generations|generation|gens|gen|hops|hop|levels|level|steps|step", Filler),
    ("between", Between),
    (
        "to|–|—|->|<->|=>|-->|until|up to|leads to|all the way to|back to|down to|all the way back to|all the way down to",
        To,
    ),
    ("limit|first few", Limit),
    ("having", Having),
    (
        "starts with|start with|starting with|begins with|begin with|beginning with|name starts with|names start with|\
         name starting with|name begins with|name is like",
        Like(Part::Start),
    ),
    ("ends with|end with|ending with|ending in|name ends with|name ending in|name ending with", Like(Part::End)),
    (
        "like|ilike|name like|name ilike|name contains|name containing|names containing|name includes|name matches|\
         contains the word|containing the word|contain the word|name has",
        Like(Part::Anywhere),
    ),
    (
        "order by|ordered by|sort by|sorted by|sorted|ordered|sort|ranked by|in order of|arranged by|rank by|orderby|\
         in order",
        Order,
    ),
    ("desc|descending|in descending order|reverse|most first", Down),
    ("asc|ascending|in ascending order", Up),
    ("newest first|latest first|most recent first|newest to oldest", Sorted(Measure::Date, Way::Down)),
    ("oldest first|earliest first|oldest to newest|chronologically", Sorted(Measure::Date, Way::Up)),
    ("largest first|biggest first|highest first|largest to smallest", Sorted(Measure::Number("big"), Way::Down)),
    ("smallest first|lowest first|smallest to largest", Sorted(Measure::Number("big"), Way::Up)),
    (
        "or later|and later|or newer|and newer|or after|and after|onwards|onward|and onwards|or younger|or more|and more|\
         or larger|or bigger|or higher|and above|or above|and up",
        Onwards(Sign::Least),
    ),
    (
        "or earlier|and earlier|or older|and older|or before|and before|or less|or fewer|or smaller|or lower|and below|\
         or below",
        Onwards(Sign::Most),
    ),
    ("others|another|another one|one another|other ones", Others),
    ("is null|isnull|is missing|is unknown|is empty|is not known|is not recorded", Recorded(false)),
    ("is not null|not null|is known|is recorded|is not unknown|is not missing", Recorded(true)),
    ("reverse|inverse|backward|backwards", Reverse),
    (
        "by year|group by year|grouped by year|group by the year|per year|over time|over the years|each year|yearly|annually|year by year|through time|in time",
        Over(Period::Year),
    ),
    ("by quarter|group by quarter|grouped by quarter|per quarter|quarterly|each quarter", Over(Period::Quarter)),
    ("by month|group by month|grouped by month|per month|monthly|each month|month by month", Over(Period::Month)),
    (
        "transitive|transitively|indirect|indirectly|recursive|recursively|directly or indirectly|eventually|ultimately|\
         all levels of|in any number of steps",
        Steps,
    ),
    (
        "lineage|lineage of|family tree|pedigree|genealogy|evolution|history|phylogeny|tree of|family of|family|roots and",
        View(View::Lineage),
    ),
    (
        "ancestors|ancestor|ancestry|forebears|forefathers|forerunners|origins|origin|roots|root|precursors|precursor|\
         upstream of|come from|generations up|generations back|gens up|gens back|levels up|steps back",
        View(View::Ancestors),
    ),
    (
        "descendants|descendant|descendents|descendent|offspring|offsprings|progeny|derivatives|derivative|downstream of|\
         spin-offs|spinoffs|descended from|descend from|\
         everything derived from|everything descended from|everything that comes from|everything that came from|\
         everything that descends from|everything based on|everything built on|all that came from|heirs|variants|variant|generations down|gens down|levels down|\
         generations forward|steps down",
        View(View::Descendants),
    ),
    (
        "parent|parents|father|mother|predecessor|predecessors|what came before|what was before|comes before|previous version|\
         direct ancestor|direct ancestors|came before",
        View(View::Parents),
    ),
    (
        "child|children|son|sons|daughter|daughters|successor|successors|what came after|what comes after|came after|comes after|followed|follow-up|\
         next version|direct descendants|follow up|next after",
        View(View::Children),
    ),
    ("grandchildren|grandchild|grandkids|grandsons|granddaughters", View(View::Grandchildren)),
    ("grandparents|grandparent|grandfather|grandmother", View(View::Grandparents)),
    ("siblings|sibling|brothers and sisters", View(View::Siblings)),
    (
        "common ancestor|shared ancestor|nearest common ancestor|nearest common ancestors|last common ancestor|\
         closest common ancestor|latest common ancestor|most recent common ancestor|common origin",
        View(View::Common),
    ),
    ("common ancestors|shared ancestors|all common ancestors|ancestors shared by", View(View::CommonAll)),
    (
        "alternatives|alternative|alternatives to|alternative to|alternatives for|alternative for|substitutes|substitutes for|\
         substitute for|instead of|options besides",
        View(View::Alternatives),
    ),
    (
        "vs|vs.|versus|compare|compared|compared to|compared with|comparison|comparison of|diff|differ|differs|difference|\
         differences|contrast|how different|different from|different to|different than|unlike|distinguish|changed from|what changed between|against",
        View(View::Diff),
    ),
    (
        "path|paths|how far|how far is|how far are|distance|distance between|distance from|degrees of separation|\
         how many steps|how many generations|how closely|route|chain|connection|connections|connected|connect|link|links between|related|relation|\
         relationship|relate|how to get|get to|linked|lead to|led to|leads to|->|-->|<->|=>|steps|everypath|line",
        View(View::Path),
    ),
    (
        "claims about|claims of|claims on|claims|claim|sources for|statements about|what is claimed about|what do the sources say about|\
         what do sources say about|what do the sources say of|sources about|sources on",
        View(View::Claims),
    ),
    (
        "gaps|gap|gaps in|gaps of|what is missing|what's missing|what is not recorded|what is not known|what is unknown|\
         what do we not know|what don't we know|missing information|missing data|missing facts|blank spots|incomplete",
        View(View::Gaps),
    ),
    (
        "inferred|only inferred|inferred only|merely inferred|just inferred|inferred facts|inferred claims|inferences|\
         not stated directly|not said directly|not directly stated|not directly said",
        View(View::Inferred),
    ),
    (
        "duplicates|duplicate|duplicated|doubles|doublets|twice|two times|double entries|recorded twice|listed twice|\
         entered twice|same thing twice",
        View(View::Duplicates),
    ),
    (
        "which sources|what sources|which sources are used|which sources were used|what sources are used|what sources were used|all sources|all the sources|list of sources|list sources|sources used|bibliography|\
         where does the data come from|where is the data from|where does this data come from|what are the sources",
        View(View::Sources),
    ),
    (
        "how long between|how long after|time between|how much time between|gap between|days between|months between|\
         years between|how many days between|how many months between|how many years between|how many years after",
        View(View::Span),
    ),
    ("timeline|chronology|time line|chronicle|when did each", View(View::Timeline)),
    (
        "adoption|spread|uptake|usage|popularity|trend|trends|growth|diffusion|rise|how did|adopted over time|use of|how popular|\
         how common|how widespread|how widely|how widely used|become popular|became popular|take off|took off|catch on|\
         adoption rate|take-up|curve|adoption curve|growth curve|trajectory",
        View(View::Adoption),
    ),
    (
        "share|share of|shares of|percentage|percentage of|percent of|proportion|proportion of|fraction|fraction of|\
         what share of|what percentage of|what fraction of|what proportion of",
        View(View::Share),
    ),
    (
        "matrix|grid|cross table|crosstab|heatmap|table of|matrix of|cross tabulation|against each other",
        View(View::Matrix),
    ),
    (
        "describe|about|everything about|info|information|details|detail|info on|info about|summary|explain what|\
         what do you know about|tell me about|all about|facts about|facts on|profile of|what is|who is|what's|whats|who was|\
         define|what are|description|describe the|card|desc|explain|explain the",
        View(View::Describe),
    ),
    (
        "why|source|sources|source of|source for|evidence|evidence for|proof|proof that|prove|prove that|who says|\
         who said|who claims|says who|according to whom|according to what|where does it say|reference|references|\
         citation|citations|cite|how do you know|how do we know|how we know|how we know that|from where we know|from where we know that|from where do we know|where do we know|\
         from where do we know that|where do we know that|how is it known|reason behind|reasons behind|justify|reason|who say|who say that|who says that|who states|who states that|who claims that|\
         who said that|who reports|who reported|who wrote that|where is it said|where is it stated|on what grounds|basis for|\
         what is the basis for|what supports|because of what|says that|where is it written|\
         provenance|provenance of",
        View(View::Why),
    ),
    (
        "sources disagree|sources contradict|sources contradict each other|sources conflict|the sources disagree|conflicts|\
         conflict|contradictions|contradiction|contradict|disagree|disagreements|inconsistencies",
        View(View::Conflicts),
    ),
    (
        "schema|what types|what kinds of things|fields|columns|tables|what can i ask|what is there|ontology|vocabulary|\
         structure|types and verbs|show tables|describe schema|metadata|what is in here|what's in here",
        View(View::Schema),
    ),
];

/// The roles of each phrase.
static ROLES: LazyLock<FxHashMap<&str, Vec<Role>>> = LazyLock::new(|| {
    let mut roles: FxHashMap<&str, Vec<Role>> = FxHashMap::default();
    for (phrases, role) in PHRASES {
        phrases.split('|').for_each(|phrase| roles.entry(phrase).or_default().push(*role));
    }
    roles
});

/// The views that single words name, by the stems of these.
static VIEWS: LazyLock<FxHashMap<String, Role>> = LazyLock::new(|| {
    let views = PHRASES.iter().filter(|(_, role)| matches!(role, View(_)));
    let words = views.flat_map(|(phrases, role)| phrases.split('|').map(move |word| (word, *role)));
    let single = words.filter(|(word, _)| word.len() > 5 && word.chars().all(char::is_alphabetic));
    single.map(|(word, role)| (root(word), role)).collect()
});

/// Returns what a phrase in lower case may be.
pub(super) fn roles(phrase: &str) -> &'static [Role] {
    ROLES.get(phrase).map_or(&[], Vec::as_slice)
}

/// Returns the view that another form of its word names: `contradicting` for `contradict`.
pub(super) fn view_of(stem: &str) -> Option<Role> {
    VIEWS.get(stem).copied()
}

/// Words that a number of steps between relatives stands before.
pub(super) const GENERATIONS: &[&str] = &[
    "generation",
    "generations",
    "gen",
    "gens",
    "hop",
    "hops",
    "level",
    "levels",
    "step",
    "steps",
    "degree",
    "degrees",
];

/// Marks that the table of phrases cannot hold, since `|` separates its alternatives.
pub(super) const MARKS: &[(&str, Role)] = &[("|", Or), ("||", Or)];
