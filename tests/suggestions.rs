//! What a slip gets: the right word first; and what is no slip of any word gets nothing.

mod support;

use begat::{Database, Error, Options};

/// A query with a slip, and the word that was meant.
const SLIPS: &[(&str, &str)] = &[
    // techniques
    ("Model uses MLAA", "MLA"),
    ("Model uses ML", "MLA"),
    ("Model uses MAL", "MLA"),
    ("Model uses MHAA", "MHA"),
    ("Model uses GQAA", "GQA"),
    ("Model uses GQ", "GQA"),
    ("Model uses MoEE", "MoE"),
    ("Model uses Mo", "MoE"),
    ("Model uses RoPe2", "RoPE"),
    ("Model uses RoEP", "RoPE"),
    ("Model uses RMSNrom", "RMSNorm"),
    ("Model uses RMSNormm", "RMSNorm"),
    ("Model uses RMNorm", "RMSNorm"),
    ("Model uses LayrNorm", "LayerNorm"),
    ("Model uses LayerNrom", "LayerNorm"),
    ("Model uses QK-Nrom", "QK-Norm"),
    ("Model uses QKK-Norm", "QK-Norm"),
    ("Model uses SwiGUL", "SwiGLU"),
    ("Model uses SwGLU", "SwiGLU"),
    ("Model uses GEULU", "GELU"),
    ("Model uses GLEU", "GELU"),
    ("Model uses Shared Expret", "Shared Expert"),
    ("Model uses Shard Expert", "Shared Expert"),
    ("Model uses Shared Experts", "Shared Expert"),
    ("Model uses Sliding Windw Attention", "Sliding Window Attention"),
    ("Model uses Slidng Window Attention", "Sliding Window Attention"),
    ("Model uses Sliding Window Atention", "Sliding Window Attention"),
    ("Model uses Large Vocabluary", "Large Vocabulary"),
    ("Model uses Large Vocablary", "Large Vocabulary"),
    ("Model uses Absolute Positional Embedings", "Absolute Positional Embeddings"),
    ("Model uses Careful Warmp-Up", "Careful Warm-Up"),
    ("Model uses Post-LNN", "Post-LN"),
    ("Model uses Pre-NL", "Pre-LN"),
    ("Model uses Post-LN Varient", "Post-LN Variant"),
    ("Model uses Multi-Head Latnet Attention", "Multi-Head Latent Attention"),
    ("Model uses Mixture of Expert", "Mixture of Experts"),
    ("Model uses Grouped-Query Atention", "Grouped-Query Attention"),
    // models
    ("DeepSek R1 succeeds Model", "DeepSeek R1"),
    ("DeepSeek R11 succeeds Model", "DeepSeek R1"),
    ("DeepSeekk V3 uses Technique", "DeepSeek V3"),
    ("DepSeek V2 uses Technique", "DeepSeek V2"),
    ("Deepseek V33 uses Technique", "DeepSeek V3"),
    ("DeapSeek V3 uses Technique", "DeepSeek V3"),
    ("Lama 3 uses Technique", "Llama 3"),
    ("Llama 33 uses Technique", "Llama 3"),
    ("Llamma 4 uses Technique", "Llama 4"),
    ("OLMoo 2 uses Technique", "OLMo 2"),
    ("OMLo 2 uses Technique", "OLMo 2"),
    ("Gema 3 uses Technique", "Gemma 3"),
    ("Gemmma uses Technique", "Gemma"),
    ("GTP-2 uses Technique", "GPT-2"),
    ("Erly LLMs uses Technique", "Early LLMs"),
    ("lineage of DeepSek R1", "DeepSeek R1"),
    ("describe DeepSeak V3", "DeepSeek V3"),
    ("diff DeepSeek V2 and DeepSekk V3", "DeepSeek V3"),
    ("adoption of MLLA by year", "MLA"),
    ("why DeepSeek V3 uses MoEE", "MoE"),
    // organisations, and what else there is
    ("Gogle develops Model", "Google"),
    ("Googel develops Model", "Google"),
    ("Allen Institute for A develops Model", "Allen Institute for AI"),
    ("Alen Institute for AI develops Model", "Allen Institute for AI"),
    ("Model known for Eficiency", "Efficiency"),
    ("Technique improves Gradient Stabilty", "Gradient Stability"),
    ("Technique reduces Computatonal Cost", "Computational Cost"),
    // types
    ("Modle uses MLA", "Model"),
    ("Modl uses MLA", "Model"),
    ("Models uses MLA", "Model"),
    ("Model uses Techique", "Technique"),
    ("Model uses Technqiue", "Technique"),
    ("Model uses Techniques", "Technique"),
    ("Orgg develops Model", "Org"),
    ("Org develops Mdoel", "Model"),
    ("Seris uses Technique", "Series"),
    // verbs
    ("Model usse MLA", "uses"),
    ("Model use MLA", "uses"),
    ("Model usess MLA", "uses"),
    ("Model ues MLA", "uses"),
    ("Org develps Model", "develops"),
    ("Org develop Model", "develops"),
    ("Org devolops Model", "develops"),
    ("Model succeds Model m", "succeeds"),
    ("Model suceeds Model m", "succeeds"),
    ("Model m developd by Org", "developed by"),
    ("Technique usedd by Model", "used by"),
    ("Model m baesd on Model n", "based on"),
    ("Model datd 2024", "dated"),
    ("Model datde 2024", "dated"),
    ("Model totls 671B", "totals"),
    ("Technique impoves Quality", "improves"),
    ("Technique replces Technique t", "replaces"),
    // keywords, functions, properties
    ("Model m uses MLA wher m.date < 2024", "where"),
    ("Model m uses MLA shwo m", "show"),
    ("Model uses MLA lmit 3", "limit"),
    ("Model m uses MLA oder by m", "order"),
    ("linage of DeepSeek R1", "lineage"),
    ("adption of MLA by year", "adoption"),
    ("descrbe DeepSeek V3", "describe"),
    ("Model m uses Technique t show cuont(m) by t", "count"),
    ("Model m show m.dat", "date"),
    ("Model m show m.paramters", "parameters"),
];

/// Words that are near to none.
const NONSENSE: &[&str] = &[
    "Model uses Xyzzyplugh",
    "Model uses Quetzalcoatl",
    "Model uses Zzz",
    "Model uses Blockchain Ledger",
    "Model uses Kubernetes",
    "Model uses Photosynthesis",
    "Model uses Bananarama",
    "Brontosaurus uses MLA",
    "Wyvernflight uses MLA",
    "Xylophonist develops Model",
    "lineage of Hippopotamus",
    "describe Weltschmerz",
    "adoption of Dandelion by year",
    "Model frobnicates MLA",
    "Model xylographs MLA",
    "Org zwiebelt Model",
    "Model m show m.flibbertigibbet",
    "Model m show quux(m)",
    "Technique used by Ornithorhynchus",
    "Model uses 数据库",
];

/// The suggestions of the first error, in order: what would be put in, or the words in backticks of its helps.
fn suggestions(database: &Database, query: &str) -> Vec<String> {
    let Err(Error::Query(_, diagnostics)) = database.prepare(query, &Options::default()) else {
        panic!("`{query}` is no error")
    };
    let first = diagnostics.iter().find(|diagnostic| diagnostic.is_error()).expect("an error");
    first.help.iter().filter_map(|help| Some(help.fix.as_ref()?.replacement.trim_matches('"').to_string())).collect()
}

#[test]
fn a_hundred_slips_get_the_right_word_first() {
    let database = Database::builtin();
    assert_eq!(SLIPS.len(), 100);
    let wrong: Vec<String> = SLIPS
        .iter()
        .filter_map(|(query, meant)| {
            let found = suggestions(&database, query);
            let is_right = found.first().is_some_and(|first| first == meant);
            (!is_right).then(|| format!("{query}: {found:?} instead of {meant}"))
        })
        .collect();
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), SLIPS.len(), wrong.join("\n"));
}

#[test]
fn nonsense_gets_nothing() {
    let database = Database::builtin();
    assert_eq!(NONSENSE.len(), 20);
    let silly: Vec<String> = NONSENSE
        .iter()
        .map(|query| (query, suggestions(&database, query)))
        .filter(|(_, found)| !found.is_empty())
        .map(|(query, found)| format!("{query}: {found:?}"))
        .collect();
    assert!(silly.is_empty(), "{}", silly.join("\n"));
}

/// Queries that are wrong in the ways of other languages, of English, and of dates that are written otherwise.
const FOREIGN: &[&str] = &[
    "path DeepSeek R1 to DeepSeek V2",
    "path from DeepSeek R1 to DeepSeek V2",
    "path DeepSeek R1 -> DeepSeek V2",
    "count Model by Org",
    "count Technique by Model",
    "adoption of MLA in Model by year",
    "adoption of MLA and GQA by year",
    "adoption of MLA, GQA by year",
    "timeline of DeepSeek V3",
    "timeline of DeepSeek V3 limit 3",
    "diff OLMo 2, Llama 3",
    "diff between OLMo 2 and Llama 3",
    "difference between OLMo 2 and Llama 3",
    "compare OLMo 2 with Llama 3",
    "OLMo 2 vs Llama 3",
    "descendants of DeepSeek V2 that uses MLA",
    "descendants of DeepSeek V2 where m.date < 2025",
    "descendants of DeepSeek V2 limit 1",
    "descendants of DeepSeek V2 within 2",
    "ancestors of DeepSeek R1 that uses MLA",
    "ancestors of DeepSeek R1 limit 2",
    "lineage of Model",
    "lineage of DeepSeek V2 and DeepSeek V3",
    "Model where parameters > 100B",
    "Model m where parameters > 100B",
    "Model uses MLA where date < 2025",
    "Model order by date",
    "Model m order by date(m)",
    "Model uses MLA order by parameters",
    "Model totals more than 100B",
    "Model totals over 100B",
    "Model totals > 100B",
    "Model totals at least 100B",
    "Model dated > 2023",
    "Model uses MLA and dated < 2025",
    "Model Uses MLA",
    "Model USES MLA",
    "models use mla",
    "Model m where exists (m uses MLA)",
    "Model m where not exists (m uses MLA)",
    "Model m where m.date == 2024",
    "Model m where m.date <> 2024",
    "Model m where m uses MLA && m uses MoE",
    "MATCH (m:Model) RETURN m",
    "SELECT * FROM Model",
    "which models use MLA",
    "Model dated in \"/1985\"",
    "Model dated in \"/1985-04-12\"",
    "Model dated in \"~1945/1959\"",
    "Model dated in \"1985-04-12T23:20:30\"",
    "Model dated 1985-04-12T23:20:30",
    "Model dated 2004-06-~11",
    "Model dated {2023,2025}",
    "Model dated [2023,2025]",
    "Model dated in [2023,2025]",
    "Model dated in {2023,2025}",
    "Model dated 1985/",
    "Model dated /1985",
    "Model dated 1985/1990",
    "Model dated ~1985",
    "Model dated 2024-13",
    "Model dated between 2025 and 2023",
    "DeepSeek R1 to DeepSeek V2",
    "Allen Institute for AI develops Model",
    "Org develops Model uses MLA",
    "Model succeeds Model uses MLA uses MoE",
];

/// Slips of the fingers in each word of a query, and what people leave out or write otherwise.
fn mutations(query: &str) -> Vec<String> {
    let words: Vec<&str> = query.split(' ').collect();
    let with = |i: usize, word: String| {
        let mut all: Vec<String> = words.iter().map(|word| word.to_string()).collect();
        all[i] = word;
        all.join(" ")
    };
    let mut all = Vec::new();
    for (i, word) in words.iter().enumerate() {
        let letters: Vec<char> = word.chars().collect();
        match i % 5 {
            0 if letters.len() > 3 => {
                let mut swapped = letters.clone();
                swapped.swap(1, 2);
                all.push(with(i, swapped.into_iter().collect()));
            }
            1 if letters.len() > 3 => all.push(with(i, letters[..letters.len() - 1].iter().collect())),
            2 => all.push(with(i, word.to_lowercase())),
            3 => all.push(with(i, word.to_uppercase())),
            _ => all
                .push(words.iter().enumerate().filter(|(j, _)| *j != i).map(|(_, w)| *w).collect::<Vec<_>>().join(" ")),
        }
    }
    let replaced =
        [(" that ", " "), ("\"", ""), (" and ", " && "), (" = ", " == "), (" of ", " "), (", ", " "), (" by ", " ")];
    all.extend(replaced.iter().filter(|(old, _)| query.contains(old)).map(|(old, new)| query.replacen(old, new, 1)));
    // Both ends of the first verb, the wrong way round.
    if let [subject, verb, object] = words.as_slice() {
        all.push(format!("{object} {verb} {subject}"));
    }
    all
}

/// The text with one edit.
fn applied(text: &str, fix: &begat::text::Fix) -> String {
    let (start, end) = (fix.span.start as usize, fix.span.end as usize);
    format!("{}{}{}", &text[..start], fix.replacement, &text[end..])
}

/// What is advised, and does not lead to a query that can be asked.
fn misleading(database: &Database, query: &str) -> Vec<String> {
    let Err(Error::Query(_, found)) = database.prepare(query, &Options::default()) else { return Vec::new() };
    let is_sound = |text: &str| database.prepare(text, &Options::default()).is_ok();
    let errors = found.iter().filter(|problem| problem.is_error()).count();
    let mut wrong = Vec::new();
    for help in found.iter().flat_map(|problem| problem.help.iter().map(move |help| (problem.span(), help))) {
        let (place, help) = help;
        let words = ["write `", "did you mean `"].iter().find_map(|begin| help.message.strip_prefix(begin));
        let words = words.and_then(|rest| rest.trim_end_matches('?').strip_suffix('`')).filter(|w| !w.contains('`'));
        if let Some(fix) = &help.fix {
            let mended = applied(query, fix);
            let is_so = |words: &str| words == fix.replacement || words == mended.trim() || errors > 1;
            if !is_sound(&mended) || !words.is_none_or(|words| is_so(words) || mended.contains(words)) {
                wrong.push(format!("{query}: {} gives {mended}", help.message));
            }
        } else if let Some(words) = words {
            let (start, end) = (place.start as usize, place.end as usize);
            let here = format!("{}{words}{}", &query[..start], &query[end..]);
            if !is_sound(words) && !is_sound(&here) {
                wrong.push(format!("{query}: {}", help.message));
            }
        }
    }
    wrong
}

fn is_wrong(database: &Database, query: &str) -> bool {
    database.prepare(query, &Options::default()).is_err()
}

#[test]
fn no_advice_leads_to_the_next_error() {
    let (mut tried, mut wrong) = (0, Vec::new());
    let builtin = Database::builtin();
    for query in FOREIGN {
        tried += usize::from(is_wrong(&builtin, query));
        wrong.extend(misleading(&builtin, query));
    }
    let mut worlds: std::collections::HashMap<String, Database> = Default::default();
    let short = |example: &support::queries::Example| example.text.len() < 90 && !example.text.contains(['\n', ';']);
    for (i, example) in support::queries::examples().into_iter().filter(short).enumerate() {
        let database = worlds.entry(example.world.clone()).or_insert_with(|| support::queries::open(&example.world));
        // Every fifth of them, another fifth for each query.
        for query in mutations(&example.text).iter().skip(i % 5).step_by(5) {
            tried += usize::from(is_wrong(database, query));
            wrong.extend(misleading(database, query));
        }
    }
    assert!(tried >= 300, "only {tried} queries are wrong");
    assert!(wrong.is_empty(), "{} of {tried}:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn what_was_meant_is_told() {
    let database = Database::builtin();
    let cases = [
        ("path DeepSeek R1 to DeepSeek V2", "path DeepSeek R1 (succeeds | based on)+ DeepSeek V2"),
        ("count Model by Org", "Model m developed by Org o show o, count(m) by o"),
        ("timeline of DeepSeek V3", "lineage of DeepSeek V3"),
        ("diff OLMo 2, Llama 3", "diff OLMo 2 and Llama 3"),
        ("Model where parameters > 100B", "Model m where m.parameters > 100B"),
        ("Model order by date", "Model m show m, m.date order by m.date"),
        ("Model m order by date(m)", "Model m show m, m.date order by m.date"),
        ("Model totals more than 100B", "Model m where m.parameters > 100B"),
        ("Model dated > 2023", "Model dated after 2023"),
        ("Model m where exists (m uses MLA)", "Model uses MLA"),
        ("Model dated in [2023,2025]", "Model dated in \"[2023,2025]\""),
        ("models use mla", "Model uses MLA"),
        ("Model Uses MLA", "Model uses MLA"),
        ("adoption of MLA by yera", "adoption of MLA by year"),
        ("adoption of MLA by months", "adoption of MLA by month"),
        (
            "Model uses Technique show Technique, count(Model) by Technique order by count(Model) desc limit 5",
            "Model m uses Technique t show t, count(m) by t order by count(m) desc limit 5",
        ),
        ("Model uses MLA show Model", "Model m uses MLA show m"),
        ("Model uses MLA show Model.date", "Model m uses MLA show m.date"),
        ("Model uses MLA order by Model.date desc", "Model m uses MLA order by m.date desc"),
        ("Org develops Model m show Org, count(m) by Org", "Org o develops Model m show o, count(m) by o"),
        ("Model uses MLA, Model dated since 2024 show Model", "Model m uses MLA, m dated since 2024 show m"),
        ("Model m totals 671b", "Model m totals 671B"),
        ("Model m where m.parameters > 200k", "Model m where m.parameters > 200K"),
        ("Model m where m.parameters > 7bn", "Model m where m.parameters > 7B"),
        ("Modle usse MLAA", "Model uses MLA"),
        ("Model m shwo m", "Model m show m"),
        ("first(m) of Model m uses MLA", "Model m uses MLA show first(m)"),
        ("Model m show m ofset 2", "Model m show m offset 2"),
        ("Model m show m ordr by m", "Model m show m order by m"),
    ];
    for (query, meant) in cases {
        let Err(Error::Query(_, found)) = database.prepare(query, &Options::default()) else { panic!("{query}") };
        let first = found.iter().flat_map(|problem| &problem.help).find_map(|help| help.fix.as_ref());
        assert_eq!(first.map(|fix| applied(query, fix)).as_deref(), Some(meant), "{query}: {found:#?}");
    }
}

#[test]
fn no_repair_moves_a_date() {
    let database = Database::builtin();
    for text in ["/1985", "/2006", "/1985-04-12", "~1945/1959", "1945/~1959", "1985-04-12T23:20:30", "–1985"] {
        let query = format!("Model dated in \"{text}\"");
        // What is EDTF is a date as it stands.
        let Err(Error::Query(_, found)) = database.prepare(&query, &Options::default()) else { continue };
        let years: Vec<&str> = text.split(['/', '-', '~', 'T', '–']).filter(|part| part.len() == 4).collect();
        for help in found.iter().flat_map(|problem| &problem.help) {
            let Some(meant) = help.message.strip_prefix("write `").and_then(|rest| rest.strip_suffix('`')) else {
                continue;
            };
            let date = begat::value::Date::parse(meant).expect("a date");
            let bounds = [date.first_year(), date.last_year()].into_iter().flatten();
            bounds.for_each(|year| assert!(years.contains(&year.to_string().as_str()), "{text}: {meant}"));
        }
    }
}
