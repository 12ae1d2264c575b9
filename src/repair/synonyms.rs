//! Near-synonyms: groups of verbs, of nouns for types, and of words for properties.

use super::lemma::root;

/// Groups of near-synonymous verbs in their base forms.
pub(super) const VERBS: &[&str] = &[
    "use employ adopt apply implement include incorporate utilize utilise feature have contain support rely",
    "develop make create build publish release produce train design invent write author introduce originate found devise construct program engineer own behind",
    "record release publish make produce sing cut issue",
    "succeed follow replace supersede",
    "stem derive descend inherit come originate adapt build fork spring",
    "base build derive found ground",
    "influence inspire shape affect impact motivate",
    "live reside dwell stay inhabit",
    "base locate seat situate headquarter come reside place",
    "depend need require rely import use",
    "maintain own manage keep care run administer support",
    "marry wed spouse husband wife partner",
    "play perform member join sing drum",
    "member belong join",
    "belong classify class categorize categorise fall count kind type genre sort play",
    "replace supersede displace substitute supplant succeed oust",
    "add new",
    "improve help enhance better boost increase raise benefit advantage",
    "reduce lower decrease cut save shrink lessen benefit advantage",
    "write implement code program build make",
    "fork derive split branch copy",
    "know famous renowned notable",
    "support allow permit enable have offer belong",
    "employ hire work",
    "teach instruct educate tutor",
    "read study learn",
    "direct film shoot make",
    "act star play appear",
    "acquire buy purchase take",
    "cite reference quote mention",
    "fill occupy take serve",
];

/// Returns true if a thing exists from the time at which this was done to it: `designed`.
pub(super) fn creates(verb: &str) -> bool {
    let own = root(verb);
    VERBS
        .iter()
        .filter(|group| group.contains(" create "))
        .any(|group| group.split(' ').any(|other| root(other) == own))
}

/// Groups of near-synonymous nouns, which types may be called by.
pub(super) const NOUNS: &[&str] = &[
    "org organization company lab laboratory firm institution vendor maker team group corporation business startup developer publisher creator",
    "person human individual man woman someone anybody everyone everybody member author designer developer inventor who",
    "musician player artist singer performer person member who",
    "technique technic method approach trick mechanism idea way variant function",
    "model architecture network llm",
    "place town city village location where",
    "country nation state land where",
    "band group artist act ensemble",
    "album record lp disc",
    "genre style",
    "package library program crate module project software tool application app",
    "kind category class",
    "paper article publication",
    "film movie picture",
    "book novel title",
    "software program application",
    "animal species creature",
];

/// Words that say nothing new before words for some types: `AI labs`, `programming languages`.
pub(super) const MODIFIERS: &[(&str, &str)] = &[
    ("model architecture network", "ai ml neural foundation"),
    ("org organization company lab laboratory firm", "ai ml tech technology"),
    ("language", "programming computer coding"),
    ("band musician album artist genre", "music musical"),
    ("package library program software", "software computer"),
];

/// Returns true if a type of this name is one of people, or of what is made of them.
pub(super) fn is_personal(name: &str) -> bool {
    let own = root(&name.to_lowercase());
    let personal = NOUNS.iter().filter(|group| group.ends_with(" who") || group.starts_with("org "));
    personal.flat_map(|group| group.split(' ')).any(|other| root(other) == own)
}

/// Groups of words that properties may be called by.
pub(super) const PROPERTIES: &[&str] = &[
    "date release publish year appear introduce create come time when launch announce",
    "parameter param size weight big large small",
    "size big large small heavy byte",
    "long length duration last short run minute",
    "tall height high",
    "heavy weight weigh",
    "license licence term",
    "bear birth",
    "die death dead",
    "definition mean meaning define",
    "form found start begin create establish",
    "price cost expensive cheap",
    "population inhabitant people",
    "kind type sort category class",
    "age old bear",
];
