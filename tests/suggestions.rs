//! What a slip gets: the right word first; and what is no slip of any word gets nothing.

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
    ("Model uses MLA oder by Model", "order"),
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
