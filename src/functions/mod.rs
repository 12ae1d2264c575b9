//! The table of all functions and aggregates. The checker, the executor, completion, `:help` and the README read it.

/// A function of single rows or of groups.
#[derive(Debug)]
pub struct Function {
    pub id: FunctionId,
    pub name: &'static str,
    pub signature: &'static str,
    pub doc: &'static str,
    pub kind: FunctionKind,
    /// A query on the built-in graph that uses the function.
    pub example: &'static str,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FunctionKind {
    Scalar,
    /// Folds a group; allowed in `show`, `having` and `order by`.
    Aggregate,
    /// Takes a sentence that states one fact.
    Fact,
}

macro_rules! functions {
    ($($id:ident $name:literal $kind:ident $signature:literal $doc:literal $example:literal;)*) => {
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum FunctionId { $(#[doc = $doc] $id,)* }

        /// All functions, in the order in which they are listed to people.
        pub static FUNCTIONS: &[Function] = &[$(Function {
            id: FunctionId::$id, name: $name, signature: $signature, doc: $doc,
            kind: FunctionKind::$kind, example: $example,
        },)*];
    };
}

functions! {
    Count "count" Aggregate "count(x)" "how many distinct entities or values" "Model m uses Technique t show count(m) by t";
    Sum "sum" Aggregate "sum(m.x)" "the sum, each entity taken once" "Model m show sum(m.parameters)";
    Avg "avg" Aggregate "avg(m.x)" "the mean, each entity taken once" "Model m show avg(m.parameters)";
    Median "median" Aggregate "median(m.x)" "the middle value, each entity taken once; of an even number the mean of the two, or the earlier date" "Model m show median(m.parameters)";
    Percentile "percentile" Aggregate "percentile(m.x, 90)" "the least value that at least so many percent of the values do not exceed, each entity taken once" "Model m show percentile(m.parameters, 90)";
    Min "min" Aggregate "min(m.x)" "the least value; of a date, the earliest" "Model m show min(m.date)";
    Max "max" Aggregate "max(m.x)" "the greatest value; of a date, the latest" "Model m show max(m.date)";
    List "list" Aggregate "list(x)" "the distinct entities or values, in order" "Model m uses Technique t show list(m) by t";
    First "first" Aggregate "first(m)" "every entity that no other certainly precedes" "Model m uses Technique t show first(m) by t";
    Last "last" Aggregate "last(m)" "every entity that no other certainly follows" "Model m uses Technique t show last(m) by t";
    Running "running" Aggregate "running(count(m))" "a column's sum over this row and those before it that agree in all keys but the last" "Model m uses Technique t show count(m), running(count(m)) by t, year(m.date)";
    Share "share" Aggregate "share(count(m))" "a column's part in percent of its sum over the rows that agree in all keys but the last" "Model m uses Technique t show count(m), share(count(m)) by t";
    Year "year" Scalar "year(date)" "the year of a date; a range where the date spans several" "Model m show m, year(m.date)";
    Quarter "quarter" Scalar "quarter(date)" "the quarter of a date, as `2024-Q1`" "Model m show m, quarter(m.date)";
    Month "month" Scalar "month(date)" "the month of a date, as `2024-05`" "Model m show m, month(m.date)";
    Earliest "earliest" Scalar "earliest(date)" "the first day that the date may be" "Model m show m, earliest(m.date)";
    Latest "latest" Scalar "latest(date)" "the last day that the date may be" "Model m show m, latest(m.date)";
    Days "days" Scalar "days(duration)" "a difference of dates in days" "Model m succeeds Model p show m, days(m.date - p.date)";
    Length "length" Scalar "length(path or text)" "the steps of a path, or the characters of a text" "Model m succeeds+ as p Model show m, min(length(p)) by m";
    Lower "lower" Scalar "lower(text)" "the text in lower case" "Technique t show t, lower(t.kind)";
    Upper "upper" Scalar "upper(text)" "the text in upper case" "Technique t show t, upper(t.kind)";
    Name "name" Scalar "name(x)" "an entity's name as a text" "Model m where name(m) like \"DeepSeek*\"";
    Type "type" Scalar "type(x)" "an entity's type as a text" "Model m show m, type(m)";
    Abs "abs" Scalar "abs(number)" "the number without its sign" "Model m show m, abs(0 - m.parameters)";
    Round "round" Scalar "round(number)" "the nearest whole number" "Model m show m, round(m.parameters / 1B)";
    Trust "trust" Fact "trust(m uses t)" "how surely the best of its sources states a fact: direct, secondary, inferred or doubtful" "Model m uses Technique t show m, t, trust(m uses t)";
    Date "date" Fact "date(m uses t)" "the day from which a fact holds, according to its claims" "Model m uses Technique t show m, t, date(m uses t)";
}

impl FunctionId {
    pub fn info(self) -> &'static Function {
        &FUNCTIONS[self as usize]
    }
}

/// Returns the function with this name, in any case.
pub fn lookup(name: &str) -> Option<&'static Function> {
    FUNCTIONS.iter().find(|function| function.name.eq_ignore_ascii_case(name))
}
