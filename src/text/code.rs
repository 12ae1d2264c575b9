//! The codes of all diagnostics, one row each. `begat explain`, the README and the tests read this table.

/// A code: its stable name, a title, an explanation, and a short text that causes it.
#[derive(Debug)]
pub struct CodeInfo {
    pub code: Code,
    pub name: &'static str,
    pub title: &'static str,
    pub explain: &'static str,
    /// A query (or a fact) that causes this diagnostic.
    pub example: &'static str,
}

macro_rules! codes {
    ($($code:ident $name:literal $title:literal $explain:literal $example:literal;)*) => {
        /// The stable identity of a kind of problem.
        #[non_exhaustive]
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code { $(#[doc = $title] $code,)* }

        /// All codes, in the order of the stages that raise them.
        pub static CODES: &[CodeInfo] = &[$(CodeInfo {
            code: Code::$code, name: $name, title: $title, explain: $explain, example: $example,
        },)*];
    };
}

codes! {
    Syntax "syntax" "the text does not follow the grammar"
        "A query is a sentence: a subject, a verb and an object, as in `Model uses MLA`. The message says what could have stood at the place." "Model uses";
    ForeignSyntax "foreign-syntax" "a word or sign of another query language"
        "begat writes `=` for equality, `and`/`or`/`not` for logic, and sentences where other languages write arrows, SELECT or MATCH." "Model m uses MLA where m.date == 2024";
    UnclosedString "unclosed-string" "a text in quotes that never ends"
        "A text begins and ends with a straight double quote; inside it `\\\"` stands for a quote." "Model uses \"Mixture";
    MixedAndOr "mixed-and-or" "`and` and `or` at one level"
        "Which of the two binds tighter is not to be guessed: use parentheses, or write two sentences." "Model uses MLA and MoE or GQA";
    TooDeep "too-deep" "nested deeper than 200 levels"
        "Parentheses and `that` may be nested 200 deep." "((((...))))";
    BadDate "bad-date" "not a date"
        "Dates are written `2024`, `2024-05`, `2024-05-13`, `..2023`, `2023..2025`, `202X`, `2024~`." "Model dated 2024-13";
    BadNumber "bad-number" "not a number"
        "Numbers are decimal, perhaps with K, M, B or T behind them, or an exponent: `671B`, `6.71e11`." "Model totals 67x";
    BadPattern "bad-pattern" "not a regular expression"
        "After `matches` stands a regular expression: case counts unless it begins with `(?i)`, and a backslash in quotes is written twice." "Model m where name(m) matches \"(GPT\"";
    RoundedNumber "rounded-number" "a number that cannot be kept exactly"
        "Whole numbers are exact up to 2^63, and others to at least 15 digits; one that is written with more is rounded." "Model totals 9007199254740993.5";
    UnknownName "unknown-name" "no entity, alias or type of that name"
        "Names match exactly, else by alias, else with case, spaces, hyphens and underscores alike. A near miss is a suggestion, never a match." "Model uses MLAA";
    UnknownVerb "unknown-verb" "no verb or property of that name"
        "Verbs come from the schema; the statement `schema` lists them." "Model usse MLA";
    UnknownType "unknown-type" "no type of that name"
        "Types come from the schema; the statement `schema` lists them." "Modle m uses MLA";
    UnknownVariable "unknown-variable" "a variable that nothing declares"
        "A variable exists only after its type, as in `Model m`." "Model m uses MLA show n";
    UnknownProperty "unknown-property" "the type has no such property"
        "The statement `schema Model` lists the properties of a type." "Model m uses MLA show m.colour";
    UnknownFunction "unknown-function" "no function of that name"
        "The page on aggregates and functions of the language's reference lists them." "Model m show nope(m)";
    UnknownSource "unknown-source" "no source of that name"
        "A source is named by its key in the `sources` section." "Model uses MLA according to \"Nobody\"";
    UnknownParameter "unknown-parameter" "a parameter that has no value"
        "A query with parameters is asked with a value for each; a value is never read as query text." "Model uses $technique";
    AmbiguousName "ambiguous-name" "a name that fits several entities"
        "Write the name exactly, or put its type before it: `Technique \"moe\"`." "Model uses moe";
    WrongType "wrong-type" "an entity or value of the wrong type"
        "A verb joins the types that its schema entry names." "Org uses MLA";
    WrongDirection "wrong-direction" "subject and object are the wrong way round"
        "Direction is a word: `develops` and `developed by` say the same fact from its two ends." "MLA uses Model";
    RepeatedType "repeated-type" "the same bare type in two sentences"
        "Each bare type is a new unnamed variable. Name them, `Model m`, to say whether they are one." "Model uses MLA, Model uses MoE";
    RepeatedVariable "repeated-variable" "a variable that is declared twice"
        "Write the type once, `Model m`, and `m` after that." "Model m uses MLA, Model m uses MoE";
    Disconnected "disconnected" "sentences that share no variable"
        "Their answers would be multiplied with each other. Join them by a variable, or write `cross` if that is meant." "Model m uses MLA, Org o develops OLMo 2";
    UnboundVariable "unbound-variable" "a variable that only a negation binds"
        "What is met only under `no`, `not` or a quantifier has no value to show." "Model uses no Technique t show t";
    NoCondition "no-condition" "a sentence that says nothing"
        "A bare name of an entity asks nothing; write `describe NAME`, or a verb." "DeepSeek V3";
    WrongArguments "wrong-arguments" "a function with the wrong arguments"
        "The page on aggregates and functions of the language's reference lists the signatures." "Model m show year(m)";
    MisplacedAggregate "misplaced-aggregate" "an aggregate where single rows are looked at"
        "Aggregates stand in `show`, `having` and `order by`." "Model m where count(m) > 2";
    MisplacedClause "misplaced-clause" "a clause that this kind of query has no use for"
        "`show`, `having`, `order by` and the like belong to queries that give rows." "schema limit 3";
    NotGrouped "not-grouped" "a column that is neither grouped nor aggregated"
        "Put it after `by`, or wrap it in an aggregate." "Model m uses Technique t show count(m), m by t";
    KeywordAsName "keyword-as-name" "a keyword where a name is wanted"
        "Keywords are no names; put the name in quotes." "Model uses Limit";
    Attachment "attachment" "how an ambiguous `and` was read"
        "After `that`, `and` goes on with the last noun where the verb allows it." "Model succeeds Model that uses MLA and uses MoE";
    EmptyEvery "empty-every" "`every` over an empty set"
        "`every` holds of anything where there is nothing to hold of." "Technique used by every Model that uses GQA and MLA";
    OpenOrder "open-order" "which rows come first is open"
        "Vague dates may be in another order than they are listed in: then `limit` may leave other rows." "Model m order by m.date limit 3";
    Tied "tied" "rows of one value of which `limit` shows some"
        "The order does not tell them apart; a second key after `order by` decides which are shown." "Model m uses Technique t show t, count(m) by t order by count(m) desc limit 3";
    NoMatch "no-match" "why an answer is empty"
        "The condition that nothing fits by itself, or else together with those before it. A missing fact is no denial." "Model uses MLA and dated before 2010";
    OnePath "one-path" "`path` without exactly one path"
        "`path`, `paths` and `diff` look at the only verb of a pattern, or at its only path." "path Model m uses MLA and succeeds GPT-2";
    BadDefine "bad-define" "a definition whose head is no new verb"
        "A definition begins with a verb that the schema has not, between two types with their variables." "define Model m uses Technique t as m uses t";
    NotStratified "not-stratified" "a definition that negates itself"
        "A defined verb may use itself, but not under a negation." "define Model m odd Model n as not (m odd n)";
    Reserved "reserved" "a word kept for later"
        "These words will mean something in a later version: union only whose. Two change a graph, in a session only: assert retract." "union x";
    Limit "limit" "a limit stopped the query"
        "The message says which limit, and how to raise it." "Model m, cross Model n";
    Interrupted "interrupted" "stopped by Ctrl-C"
        "The session goes on." "Model m, cross Model n";
    NotYet "not-yet" "understood, but not built yet"
        "This form is part of the language, but this version does not answer it." "conflicts";
    NoPicture "no-picture" "an answer that cannot be drawn"
        "Pictures show entities and what joins them; a verdict, a schema or a plan is for reading." "schema";
    Ron "ron" "the file is not RON, or not of the expected shape"
        "A graph's parts are RON files with `schema`, `sources`, `entities`, `claims`, `defines`, `tables`, `checks`." "(entities: {\"Model\": {\"GPT-2\": 7}})";
    BadSchema "bad-schema" "the schema contradicts itself"
        "Types and verbs are declared once, and name each other rightly." "verbs: {\"uses\": (from: [\"Modle\"])}";
    TooMany "too-many" "more of something than can be numbered"
        "Types, verbs, properties, sources, entities, facts, claims and definitions have numbers, and there are only so many of them." "65,536 verbs";
    Undeclared "undeclared" "a type, verb, entity or source that is not declared"
        "Facts speak only of declared things, so that a typo cannot make a new one." "Model uses MLAA";
    DuplicateName "duplicate-name" "a name declared twice, or two names that fold alike"
        "Names and aliases are told apart without case, spaces, hyphens and underscores." "\"GPT-2\": (), \"GPT 2\": ()";
    DuplicateFact "duplicate-fact" "a fact stated twice in one claim"
        "Once is enough; the same fact in another claim adds a citation." "facts: [\"A uses B\", \"A uses B\"]";
    NotAFact "not-a-fact" "a sentence that is no fact"
        "A fact is a sentence without holes: an entity, a verb, and entities or a value." "facts: [\"Model uses MLA\"]";
    Contradiction "contradiction" "values that cannot all be true"
        "A single-valued property has disjoint values; the statement `conflicts` lists them." "GPT-2 dated 2019, GPT-2 dated 2020";
    CyclicVerb "cyclic-verb" "a cycle in a verb that has none"
        "The schema marks the verb `acyclic`." "A succeeds B, B succeeds A";
    FailedCheck "failed-check" "a check of the graph that does not hold"
        "A query of the section `checks` found what it must not find, or nothing where it must find something." "checks: {\"every Model is dated\": \"Model m where m.date is unknown\"}";
    Backwards "backwards" "a successor dated before its predecessor"
        "The schema marks the verb `chronological`." "A dated 2019, B dated 2020, A succeeds B";
    UnusedEntity "unused-entity" "an entity without any fact"
        "Nothing is claimed of it; perhaps its name is spelled another way in the facts." "entities: {\"Model\": {\"X\": ()}}";
    BadQuote "bad-quote" "a quotation or a line that is not in the source"
        "Where a source names its `text`, every quote stands there to the letter, and every line exists." "quote: \"never said\"";
    BadRow "bad-row" "a row of a table that cannot be read"
        "The message gives file, line and column." "uses.csv:17";
    Tolerated "tolerated" "what is taken though it is not as it should be, since the graph says so"
        "A section of `tables` says `null`, `ragged`, `missing` or `comment`, or a verb `chronological: warn`; `check` counts what that did." "missing: declare";
    Snapshot "snapshot" "the snapshot cannot be used"
        "It is of another version, cut short or damaged; build it again from its sources." "begat -g broken.begat";
    File "file" "a file cannot be read or written"
        "The message gives the path and the reason." "begat -g missing.ron";
}

impl Code {
    /// Returns the row of [`CODES`] for this code.
    pub fn info(self) -> &'static CodeInfo {
        &CODES[self as usize]
    }

    /// Returns the stable name, as in `error[unknown-name]`.
    pub fn name(self) -> &'static str {
        self.info().name
    }
}
