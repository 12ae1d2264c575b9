//! The grammar: what parses, what trees print to, and what is said of wrong texts.

use begat::syntax::{self, Kind, TokenKind, ast::*};
use begat::text::{Code, Diagnostic};
use std::time::{Duration, Instant};

/// One query a line: the thirty questions, those of the design, and one for each corner of the grammar.
const QUERIES: &str = include_str!("syntax/queries.txt");

fn queries() -> impl Iterator<Item = &'static str> {
    QUERIES.lines()
}

fn parsed(text: &str) -> Program {
    syntax::parse(text).unwrap_or_else(|errors| panic!("{text}\n{errors:#?}"))
}

fn error(text: &str) -> Diagnostic {
    match syntax::parse(text) {
        Ok(tree) => panic!("{text} parses: {tree:#?}"),
        Err(errors) => errors.0.into_iter().next().expect("an error"),
    }
}

/// The code of a text's error, and the word it is about.
fn fault(text: &str) -> (Code, &str) {
    let error = error(text);
    (error.code, error.span().of(text))
}

/// The text with the first repair that its error offers.
fn mended(text: &str) -> String {
    let error = error(text);
    let fix = error.help.iter().find_map(|help| help.fix.clone()).unwrap_or_else(|| panic!("no fix: {error:?}"));
    format!("{}{}{}", &text[..fix.span.start as usize], fix.replacement, &text[fix.span.end as usize..])
}

#[test]
fn every_query_parses_and_prints_to_itself() {
    for query in queries() {
        let tree = parsed(query);
        let printed = syntax::print(&tree);
        assert_eq!(parsed(&printed), tree, "{query}\n{printed}");
        assert_eq!(syntax::print(&parsed(&printed)), printed);
    }
}

#[test]
fn canonical_queries_print_as_they_are() {
    let is_canonical = |query: &&str| !query.contains(['#', ';', '(']) && !query.contains("SHOW");
    for query in queries().filter(is_canonical).filter(|query| !query.contains("\\u{")) {
        assert_eq!(syntax::print(&parsed(query)), query);
    }
}

#[test]
fn facts_and_definitions_stand_alone() {
    assert!(syntax::parse_fact("DeepSeek V3 uses MLA and MoE").is_ok());
    assert!(syntax::parse_fact("DeepSeek V3 uses MLA, GPT-2 uses MHA").is_err());
    assert!(syntax::parse_define("define Org o adopts Technique t as o develops Model m, m uses t").is_ok());
    assert!(syntax::parse_define("Model uses MLA").is_err());
    assert_eq!(parsed(" # nothing\n"), Program { statements: Vec::new() });
}

#[test]
fn no_prefix_and_no_deletion_panics() {
    for (number, query) in queries().enumerate() {
        // Every place of the thirty questions, some places of the others.
        let step = if number < 30 { 1 } else { 7 };
        for (at, character) in query.char_indices().step_by(step) {
            let (before, after) = (&query[..at], &query[at + character.len_utf8()..]);
            let _ = syntax::parse(before);
            let _ = syntax::parse(&format!("{before}{after}"));
            syntax::lexemes(before);
        }
        let middle = query.char_indices().nth(query.chars().count() / 2).map_or(0, |(at, _)| at);
        syntax::expected(&query[..middle]);
        syntax::expected(query);
        syntax::is_incomplete(&query[..middle]);
    }
}

#[test]
fn odd_texts_do_not_panic() {
    for text in
        ["\u{0}", "((", "\"\\", "\"\\u{", "$", "..", "{", "é", "日本", "#", ";", "a.", "-", "!", "“", "x\u{301}"]
    {
        for text in [text.to_string(), format!("Model uses {text}"), format!("Model m where {text}"), text.repeat(50)] {
            let _ = (syntax::parse(&text), syntax::parse_fact(&text), syntax::is_incomplete(&text));
            let _ = (syntax::lexemes(&text), syntax::expected(&text));
        }
    }
}

#[test]
fn nesting_is_fast_and_has_an_end() {
    let nested = |depth: usize, open: &str, inner: &str, close: &str| {
        format!("{}{inner}{}", open.repeat(depth), close.repeat(depth))
    };
    let fine = [
        format!("Model m where {}", nested(100, "(", "m.x = 1", ")")),
        format!("Model m where {}", nested(100, "(1 + ", "m.x", ")")),
        nested(100, "(", "Model m", ")"),
        format!("Model m {} Model", nested(100, "(", "uses", ")")),
        format!("Model {}", "that uses Model ".repeat(100)),
        nested(100, "not (m uses MLA, ", "Model m", ")"),
    ];
    for text in fine {
        let start = Instant::now();
        assert!(syntax::parse(&text).is_ok(), "{:?}", syntax::parse(&text));
        assert!(start.elapsed() < Duration::from_secs(1), "{text} took {:?}", start.elapsed());
    }
    let deep = [
        nested(10_000, "(", "Model m", ")"),
        format!("Model m where {}", nested(10_000, "(", "1", ")")),
        format!("Model m {} Model", nested(10_000, "(", "uses", ")")),
        format!("Model {}", "that uses Model ".repeat(10_000)),
        "optional ".repeat(10_000) + "Model",
        format!("Model m where {}1", "not ".repeat(300)),
        format!("Model m where {}1", "- ".repeat(300)),
        format!("Model m where 1{}", " + 1".repeat(300)),
        "(".repeat(10_000),
    ];
    for text in deep {
        let start = Instant::now();
        assert_eq!(error(&text).code, Code::TooDeep);
        syntax::is_incomplete(&text);
        // A second is far more than it takes; the machine may be busy.
        assert!(start.elapsed() < Duration::from_secs(1), "took {:?}", start.elapsed());
    }
}

#[test]
fn long_rows_are_flat() {
    // Without optimisation the parser is slow, and as deep.
    let many = if cfg!(debug_assertions) { 10_000 } else { 100_000 };
    for text in [
        format!("Model uses MLA{}", " and GQA".repeat(many)),
        format!("Model uses MLA{}", " and uses GQA".repeat(many)),
        format!("Model m where m.x = 1{}", " and m.y = 2".repeat(many)),
        format!("Model uses MLA{}", ", m uses GQA".repeat(many)),
    ] {
        let tree = parsed(&text);
        assert_eq!(syntax::print(&tree), text);
    }
}

#[test]
fn lexemes_cover_the_text() {
    let check = |text: &str| {
        let mut at = 0;
        for (span, _) in syntax::lexemes(text) {
            let (start, end) = (span.start as usize, span.end as usize);
            assert!(at <= start && start < end, "{text}");
            assert!(text[at..start].trim_matches(['\u{feff}']).trim().is_empty(), "{text}: {:?}", &text[at..start]);
            at = end;
        }
        assert!(text[at..].trim().is_empty(), "{text}");
    };
    for query in queries() {
        check(query);
        query.char_indices().for_each(|(at, _)| check(&query[..at]));
    }
    check("Model == “x” && GPT_2 -> ! \u{0} é_");
}

#[test]
fn faces() {
    let faces = |text: &'static str| -> Vec<(&str, TokenKind)> {
        syntax::lexemes(text).into_iter().map(|(span, face)| (span.of(text), face)).collect()
    };
    use TokenKind::*;
    let text = "DeepSeek V3 based on+ Model m where m.date < 2024~ # x";
    let expected = [
        ("DeepSeek V3", Name),
        ("based on", Verb),
        ("+", Mark),
        ("Model", Name),
        ("m", Variable),
        ("where", Keyword),
        ("m", Variable),
        (".", Mark),
        ("date", Verb),
        ("<", Mark),
        ("2024~", Date),
        ("# x", Comment),
    ];
    assert_eq!(faces(text), expected);
    let text = "gpt-oss totals 671B and dated in 2024-05 or uses $t \"x\" ==";
    let expected = [
        ("gpt-oss", Name),
        ("totals", Verb),
        ("671B", Number),
        ("and", Keyword),
        ("dated", Verb),
        ("in", Keyword),
        ("2024-05", Date),
        ("or", Keyword),
        ("uses", Verb),
        ("$t", Parameter),
        ("\"x\"", Text),
        ("==", Unknown),
    ];
    assert_eq!(faces(text), expected);
}

#[test]
fn precedence() {
    let same =
        |a: &str, b: &str| assert_eq!(parsed(&format!("Model m where {a}")), parsed(&format!("Model m where {b}")));
    same("a + b * c", "a + (b * c)");
    same("a - b - c", "(a - b) - c");
    same("a / b * c", "(a / b) * c");
    same("not a = b and c", "(not (a = b)) and c");
    same("-a * b", "(-a) * b");
    same("a + b < c", "(a + b) < c");
    same("a + b is unknown", "(a + b) is unknown");
    same("a and (b and c)", "a and b and c");
    same("not a is unknown", "not (a is unknown)");
}

#[test]
fn objects_phrases_and_groups() {
    let same = |a: &str, b: &str| assert_eq!(syntax::print(&parsed(a)), b);
    same("Model  uses\nRoPE and  MoE", "Model uses RoPE and MoE");
    same("(m uses MLA or Llama 3 uses GQA)", "(m uses MLA or Llama 3 uses GQA)");
    let count = |text: &str| match &parsed(text).statements[..] {
        [Statement::Query(Query { body: Body::Pattern(pattern), .. })] => match &pattern.sentences[0].sentence {
            Sentence::Group(group) => group.alternatives.len(),
            Sentence::Plain { subject, .. } => subject.nouns.len() * 100,
            _ => 0,
        },
        _ => 0,
    };
    assert_eq!(count("(m uses MLA or Llama 3 uses GQA)"), 2);
    assert_eq!(count("(Model uses MLA or GQA)"), 1);
    assert_eq!(count("(m uses MLA or mamba uses GQA)"), 2);
    assert_eq!(count("(m uses MLA or dated 2024)"), 1);
    assert_eq!(count("Mixtral 8x7B and Qwen3 succeeds+ Model c"), 200);
    assert_eq!(count("Model that uses RoPE and MoE dated 2024"), 100);
    assert_eq!(count("Model that uses RoPE or MoE dated 2024"), 100);
}

#[test]
fn in_before_a_date_is_no_particle() {
    let verb = |text: &str| match syntax::parse_fact(text) {
        Ok(Sentence::Plain { phrases: Some(phrases), .. }) => {
            (syntax::print::path(&phrases.phrases[0].path), matches!(phrases.phrases[0].object, Object::Period(..)))
        }
        other => panic!("{other:?}"),
    };
    assert_eq!(verb("Model dated in 2024"), ("dated".to_string(), true));
    assert_eq!(verb("Model dated in ..2024"), ("dated".to_string(), true));
    assert_eq!(verb("Model dated in \"2024\""), ("dated in".to_string(), false));
    assert_eq!(verb("Technique introduced in Paper"), ("introduced in".to_string(), false));
    assert_eq!(verb("Technique used at at least 3 Org").0, "used at");
    assert_eq!(verb("Technique used at least 3 Org").0, "used");
}

#[test]
fn literals() {
    let span = Default::default();
    let number = |text| match syntax::literal_number(text, span) {
        Some(Ok(Literal::Number { number, .. })) => Some(number),
        _ => None,
    };
    assert_eq!(number("671B"), Some(671e9.into()));
    assert_eq!(number("0.3B"), Some(0.3e9.into()));
    assert_eq!(number("-1.5T"), Some((-1.5e12).into()));
    assert_eq!(number("2024"), Some(2024.0.into()));
    assert!(matches!(syntax::literal_number("67x", span), Some(Err(_))));
    assert_eq!(number("1e9"), Some(1e9.into()));
    assert!(matches!(syntax::literal_number("1e9x", span), Some(Err(_))));
    assert!(syntax::literal_number("GPT-2", span).is_none());
    assert!(matches!(syntax::literal_date("2024-05", span), Some(Ok(Literal::Date(_)))));
    assert!(matches!(syntax::literal_date("202X", span), Some(Ok(_))));
    assert!(matches!(syntax::literal_date("2024-13", span), Some(Err(_))));
    assert!(syntax::literal_date("671B", span).is_none() && syntax::literal_date("é024", span).is_none());
}

#[test]
fn names_are_quoted_where_they_need_it() {
    for bare in ["DeepSeek V3", "GPT-2", "gpt-oss", "Llama 3.1 405B", "O'Reilly", "文心", "mamba"] {
        assert_eq!(syntax::quote_name(bare), bare);
    }
    for odd in [
        "Command R+",
        "Mixture of Experts",
        "o1",
        "Order",
        "All by Me",
        "2024",
        "",
        " X",
        "X ",
        "where",
        "What",
        "A  B",
    ] {
        let quoted = syntax::quote_name(odd);
        assert!(quoted.starts_with('"'), "{odd}");
        assert!(syntax::parse_fact(&format!("Model uses {quoted}")).is_ok());
    }
}

#[test]
fn mistakes_from_elsewhere() {
    assert_eq!(fault("Model m where m.date == 2024"), (Code::ForeignSyntax, "=="));
    assert_eq!(mended("Model m where m.x = 1 && m.y = 2"), "Model m where m.x = 1 and m.y = 2");
    assert_eq!(mended("Model uses MLA || GQA"), "Model uses MLA or GQA");
    assert_eq!(mended("Model m where m.x <> 1"), "Model m where m.x != 1");
    assert_eq!(fault("Model m where !m.x"), (Code::ForeignSyntax, "!"));
    assert_eq!(fault("Model -> MLA"), (Code::ForeignSyntax, "->"));
    assert_eq!(fault("(m:Model)-[:USES]->(t)"), (Code::ForeignSyntax, "-[:USES]->"));
    assert_eq!(mended("Model uses “MLA”"), "Model uses \"MLA\"");
    for word in ["MATCH", "SELECT", "PREFIX", "who", "Which", "what", "how"] {
        let text = format!("{word} Model uses MLA");
        assert_eq!(fault(&text), (Code::ForeignSyntax, word));
    }
}

#[test]
fn mistakes_of_ones_own() {
    assert_eq!(fault("Model uses \"Mixture"), (Code::UnclosedString, "\"Mixture"));
    assert_eq!(mended("Model uses \"Mixture"), "Model uses \"Mixture\"");
    assert_eq!(fault("Model uses MLA and MoE or GQA"), (Code::MixedAndOr, "or"));
    assert_eq!(fault("Model m where m.x = 1 or m.y and m.z"), (Code::MixedAndOr, "and"));
    assert_eq!(fault("Model m where 1 < m.x < 3"), (Code::Syntax, "<"));
    assert_eq!(mended("Model uses MLA, show Model"), "Model uses MLA show Model");
    assert_eq!(mended("Model m uses MLA m dated 2024"), "Model m uses MLA, m dated 2024");
    assert_eq!(mended("Model uses MLA Model uses GQA"), "Model uses MLA, Model uses GQA");
    assert_eq!(mended("Model uses MLA and Llama 3 uses GQA"), "Model uses MLA, Llama 3 uses GQA");
    assert_eq!(mended("Model uses MLA\nModel uses GQA"), "Model uses MLA;\nModel uses GQA");
    assert_eq!(mended("Command R+ uses MLA"), "\"Command R+\" uses MLA");
    assert_eq!(mended("GPT_2 uses MLA"), "\"GPT_2\" uses MLA");
    assert_eq!(mended("deepseek v3 uses MLA"), "\"deepseek v3\" uses MLA");
    assert_eq!(mended("Model gpt-oss uses MLA"), "Model \"gpt-oss\" uses MLA");
    assert_eq!(fault("Model uses Mixture of Experts"), (Code::KeywordAsName, "Mixture of Experts"));
    assert_eq!(fault("union x"), (Code::Reserved, "union"));
    assert_eq!(fault("Model m only MLA"), (Code::Reserved, "only"));
    assert_eq!(fault("Model dated before 2024-13"), (Code::BadDate, "2024-13"));
    assert_eq!(fault("Model \"a\\q\""), (Code::Syntax, "\\q"));
}

#[test]
fn misspelt_keywords() {
    for (wrong, right) in [
        ("Model uses MLA wher m.date = 3", "where"),
        ("Model htat uses MLA", "that"),
        ("Model m uses MLA shw m", "show"),
        ("nt (m uses MLA)", "not"),
        ("optinal m succeeds Model", "optional"),
        ("Technique used by evry Model that uses MLA", "every"),
        ("pth DeepSeek R1 succeeds+ GPT-2", "path"),
        ("linage of DeepSeek R1", "lineage"),
        ("adoption of GQA by yaer", "year"),
        ("DeepSeek R1 succeeds+ sa p Model", "as"),
        ("Model m uses Technique t show count(m) b t", "by"),
        ("Model that i succeeded by no Model", "is"),
        ("Model uses RoPE adn MoE", "and"),
        ("Model m uses MLA ordr by m", "order"),
        ("grph Model uses MLA", "graph"),
        ("Model m uses MLA show m as n limt 3", "limit"),
    ] {
        let mended = mended(wrong);
        assert!(mended.split(' ').any(|word| word == right), "{wrong}: {mended}");
        parsed(&mended);
    }
}

#[test]
fn what_was_expected() {
    let message = |text: &str| error(text).message;
    assert_eq!(message("Model uses"), "expected a name, found the end");
    assert_eq!(message("Model uses every"), "expected a name, found the end");
    assert_eq!(message("Model m limit x"), "expected a number, found `x`");
    assert_eq!(message("Model m order date"), "expected `by`, found `date`");
    assert_eq!(message("Model m where"), "expected an expression, found the end");
    assert_eq!(message("Model m where m. = 3"), "expected a property, found `=`");
    assert_eq!(message("Model dated before Christmas"), "expected a date, found `Christmas`");
    assert_eq!(message("(Model uses MLA"), "expected `and`, `but`, `or`, `that`, `where`, `)` or `,`, found the end");
    let text = "Model uses MLA; Model usse; Model";
    assert_eq!(fault(text), (Code::Syntax, ";"));
    assert_eq!(error(text).span().start, 26);
}

#[test]
fn unfinished_texts_want_more() {
    for text in ["Model uses", "(Model uses MLA", "Model uses \"Mix", "Model uses MLA,", "Model m show count(m", "path"]
    {
        assert!(syntax::is_incomplete(text), "{text}");
    }
    for text in ["", "Model uses MLA", "Model uses MLA;", "Model uses MLA wher", "Model == 3", "Model usse (;"] {
        assert!(!syntax::is_incomplete(text), "{text}");
    }
}

#[test]
fn what_may_come_next() {
    let next = |text: &str| syntax::expected(text);
    let uses = next("Model uses ");
    assert_eq!(uses.start, 11);
    assert!(uses.next.kinds.contains(&Kind::Entity) && uses.next.keywords.contains(&"no"));
    assert_eq!(uses.path.map(|path| syntax::print::path(&path)).as_deref(), Some("uses"));
    assert_eq!(uses.subject.map(|noun| syntax::print::noun(&noun)).as_deref(), Some("Model"));
    let inner = next("Org develops Model that ");
    assert!(inner.next.kinds.contains(&Kind::Verb));
    assert_eq!(inner.subject.map(|noun| syntax::print::noun(&noun)).as_deref(), Some("Model"));
    let run = next("Model uses MLA and DeepSeek V");
    assert_eq!((run.start, run.run.map(|run| run.start)), (28, Some(19)));
    let property = next("Model m show m.da");
    assert_eq!((property.start, property.owner.as_deref()), (15, Some("m")));
    assert_eq!(property.next.kinds, [Kind::Property]);
    assert_eq!(property.variables, [("m".to_string(), "Model".to_string())]);
    let after = next("Model uses MLA; Model m wh");
    assert!(after.next.keywords.contains(&"where") && after.start == 24);
    assert!(next("Model uses \"Mixt").quoted);
    assert!(next("Model m where ").next.kinds.contains(&Kind::Function));
    assert!(!next("Model m where (m ").next.kinds.contains(&Kind::Function));
    assert_eq!(next("Model m nearest ").next.kinds, [Kind::Variable]);
    assert!(next("Model dated before ").next.kinds.contains(&Kind::Date));
    assert!(next("adoption of GQA by ").next.keywords.contains(&"year"));
}

#[test]
fn every_keyword_is_one_in_any_case() {
    let keywords: Vec<&str> = syntax::keywords().collect();
    assert!(keywords.contains(&"where") && keywords.contains(&"whose") && keywords.is_sorted());
    // Keywords of one place only, which may be verbs elsewhere.
    let (soft, keywords): (Vec<&str>, Vec<&str>) = keywords.into_iter().partition(|word| syntax::is_verb_name(word));
    assert_eq!(soft, ["any", "else", "over", "rise", "shortest", "spread", "ties", "with"]);
    for keyword in keywords {
        assert!(syntax::is_keyword(&keyword.to_uppercase()));
        let faces = [keyword.to_string(), keyword.to_uppercase()].map(|word| syntax::lexemes(&word)[0].1);
        assert_eq!(faces, [TokenKind::Keyword; 2], "{keyword} is missing in the grammar's `keyword`");
    }
    assert!(parsed("MODEL uses MLA WHERE m = 1 AND b = 2").statements.len() == 1);
}

/// A keyword after `and` is itself the error, not what follows it.
#[test]
fn keywords_in_lists_are_where_the_error_is() {
    for (text, word) in [
        ("Model uses MLA and absent", "absent"),
        ("Model uses MLA or count", "count"),
        ("Model uses MLA but not month", "month"),
        ("Model uses no mla and no where", "where"),
    ] {
        assert_eq!(fault(text), (Code::Syntax, word), "{text}");
    }
}

/// The guards before groups of keywords hide none of them: what the grammar reads at a place is offered there.
#[test]
fn every_keyword_that_is_read_is_offered() {
    // As the second word of a verb, or before its third noun, they are no keywords.
    const PARTICLES: &[&str] = &["after", "as", "at", "by", "in", "of", "to"];
    let starts = |query: &'static str| query.match_indices(' ').map(move |(at, _)| &query[..=at]);
    let mut held = 0;
    let is_outside = |before: &&str| before.matches('"').count().is_multiple_of(2) && !before.contains('#');
    for before in queries().flat_map(starts).filter(is_outside).step_by(23) {
        // Any word may be a function's there.
        if syntax::is_incomplete(&format!("{before}zz(")) {
            continue;
        }
        let offered = syntax::expected(before).next.keywords;
        for keyword in syntax::keywords().filter(|word| !syntax::is_verb_name(word) && !PARTICLES.contains(word)) {
            let text = format!("{before}{keyword} ");
            if syntax::parse_quietly(&text).is_some() || syntax::is_incomplete(&text) {
                assert!(offered.contains(&keyword), "`{keyword}` after `{before}`");
                held += 1;
            }
        }
    }
    assert!(held > 250, "{held}");
    let condition = syntax::expected("Model m where ").next.keywords;
    assert!(["not", "possibly", "certainly"].iter().all(|word| condition.contains(word)), "{condition:?}");
}

/// A lower-case word is a name wherever one may stand in a list; before an object it is a verb.
#[test]
fn lower_case_names_stand_in_lists() {
    let pairs = [
        ("Model uses GQA and mla", "Model uses GQA and \"mla\""),
        ("Model uses no mla and no gqa but not moe", "Model uses no \"mla\" and no \"gqa\" but not \"moe\""),
        ("Model uses GQA or mla", "Model uses GQA or \"mla\""),
        ("diff gemma3 and gemma2", "diff \"gemma3\" and \"gemma2\""),
        ("gemma3 and qwen3 stems from+ Model c nearest c", "\"gemma3\" and \"qwen3\" stems from+ Model c nearest c"),
        ("path gemma3 stems from+ llama", "path \"gemma3\" stems from+ \"llama\""),
        ("Model m, (m uses mla or gqa)", "Model m, (m uses \"mla\" or \"gqa\")"),
        ("Model uses mla and gqa as of 2024", "Model uses \"mla\" and \"gqa\" as of 2024"),
        ("Model that uses GQA and mla stems from llama", "Model that uses GQA and \"mla\" stems from \"llama\""),
        (
            "Model that uses GQA and mla (succeeds | based on) X",
            "Model that uses GQA and \"mla\" (succeeds | based on) X",
        ),
        ("Model m where (gemma3 and qwen3 stems from m)", "Model m where (\"gemma3\" and \"qwen3\" stems from m)"),
    ];
    // Quotes and the places are all that differs.
    let shape = |text: &str| format!("{:?}", syntax::parse(text).unwrap_or_else(|error| panic!("{text}: {error:?}")));
    let bare = |shape: String| {
        let shape = shape.replace("Text(\"", "Lower(\"");
        let mut parts = shape.split("Span {");
        let first = parts.next().unwrap_or_default().to_string();
        first + &parts.map(|part| part.split_once('}').map_or("", |(_, rest)| rest)).collect::<String>()
    };
    for (lower, quoted) in pairs {
        assert_eq!(bare(shape(lower)), bare(shape(quoted)), "{lower}");
    }
    // Verbs stay verbs.
    for text in [
        "Model uses GQA and succeeds llama",
        "Model uses GQA and developed by Org",
        "Model uses GQA but not succeeds llama",
        "Model that uses GQA and succeeds llama uses mla",
        "Model that uses GQA and stems from llama uses mla",
        "Model m, (m uses mla or gemma3 stems from m)",
        "Model uses GQA and succeeds as p Model",
    ] {
        assert!(!shape(text).contains("Lower(\"succeeds") && !shape(text).contains("Lower(\"stems"), "{text}");
    }
}

/// Brackets that a path was written with are kept where the text would be read otherwise without them.
#[test]
fn printing_keeps_the_brackets_that_matter() {
    let verbs = [
        "dated",
        "dated in",
        "uses",
        "based on",
        "used by",
        "^uses",
        "uses / dated in",
        "uses | dated in",
        "dated in+",
        "dated{2}",
    ];
    let objects = [
        "2024",
        "in 2024",
        "before 2024",
        "between 2020 and 2024",
        "\"in\"",
        "in \"2024\"",
        "$day",
        "in $day",
        "MLA",
        "MLA and MoE",
        "at least 2 Technique",
        "..2023",
        "in ..2023",
        "no Model",
        "Technique t",
        "on",
        "every Technique that uses MLA",
        "-3",
    ];
    for verb in verbs {
        for object in objects {
            for (before, after) in [("", ""), ("( ", " )")] {
                for more in ["", " and uses MLA"] {
                    let query = format!("Model m {before}{verb}{after} {object}{more}");
                    let Ok(tree) = syntax::parse(&query) else { continue };
                    let printed = syntax::print(&tree);
                    assert_eq!(syntax::parse(&printed).as_ref(), Ok(&tree), "{query}\n{printed}");
                    assert_eq!(syntax::print(&parsed(&printed)), printed);
                }
            }
        }
    }
    assert_eq!(syntax::print(&parsed("MiniCPM3 ( dated in ) 2024")), "MiniCPM3 (dated in) 2024");
    assert_eq!(syntax::print(&parsed("Model (dated) in 2024")), "Model dated in 2024");
}

#[test]
fn comments_of_other_languages_are_told() {
    for query in ["-- a comment", "// c", "Model uses MLA -- those", "Model\n// which\n  uses MLA", "/* c */ Model"] {
        let found = syntax::parse(query).expect_err("no comment");
        let help = &found.0[0].help[0];
        assert!(help.message.starts_with("a comment begins with `#`"), "{query}: {}", found.0[0].message);
        if let Some(fix) = &help.fix {
            let (start, end) = (fix.span.start as usize, fix.span.end as usize);
            let mended = format!("{}{}{}", &query[..start], fix.replacement, &query[end..]);
            assert!(syntax::parse(&mended).is_ok(), "{mended}");
        }
    }
}
