//! The words that say what is asked, in English and German, all folded (lower case, no accents).

use std::{collections::HashMap, sync::LazyLock};

pub(crate) use super::things::{common, is_party, month, number_word};

/// What a word or phrase says about the question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sign {
    HowMany,
    Sum,
    /// `in total`: a sum, if something can be added up.
    Total,
    Average,
    Distinct,
    Greatest(About),
    Smallest(About),
    Top,
    Bottom,
    GroupBy,
    Which,
    Who,
    When,
    What,
    Contains,
    More,
    Less,
    AtLeast,
    AtMost,
    Equal,
    Between,
    Before,
    After,
    Since,
    Until,
    And,
    Or,
    Not,
    Without,
    FollowUp,
    ForYear,
    /// Words that point to an answer that tables do not give: reasons, forecasts, changes, today.
    Beyond,
    Tables,
    Columns,
    Nothing,
}

/// What a superlative is about, if it says so itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum About {
    Anything,
    Number,
    Price,
    Length,
    Time,
}

const SIGNS: &[(Sign, &str)] = &[
    (
        Sign::HowMany,
        "how many|how many of them|how many of those|wie viele davon|number of|count of|count|how often|wie viele|wieviele|anzahl|anzahl der|anzahl an|zahle|wie oft",
    ),
    (
        Sign::Sum,
        "sum|sum of|sum up|total|total of|totals|add up|add up to|adds up to|overall|summe|summe der|gesamt|gesamte|gesamter|gesamtes|gesamten|gesamtsumme|combined",
    ),
    (Sign::Total, "in total|in all|altogether|all together|insgesamt|zusammen|together"),
    (
        Sign::Average,
        "average|average of|mean|on average|avg|durchschnitt|durchschnittlich|durchschnittliche|durchschnittlicher|durchschnittliches|durchschnittlichen|im durchschnitt|mittelwert|im mittel|mittlere",
    ),
    (
        Sign::Distinct,
        "different|distinct|unique|verschiedene|verschiedenen|unterschiedliche|unterschiedlichen|eindeutige",
    ),
    (
        Sign::Greatest(About::Anything),
        "highest|largest|biggest|greatest|maximum|max|maximal|maximale|maximaler|top most|hochste|hochsten|hochster|hochstes|grosste|grossten|grosster|grosstes|am hochsten|am grossten",
    ),
    (
        Sign::Greatest(About::Number),
        "most|most often|meiste|meisten|am meisten|am haufigsten|haufigste|haufigsten|most common|most frequent",
    ),
    (Sign::Greatest(About::Price), "most expensive|priciest|dearest|costliest|teuerste|teuersten|teuerster|teuerstes"),
    (Sign::Greatest(About::Length), "longest|langste|langsten|langster|langstes|thickest|dickste"),
    (
        Sign::Greatest(About::Time),
        "latest|newest|most recent|youngest|last|neueste|neuesten|neuester|jungste|jungsten|letzte|letzten|letzter|zuletzt|spateste",
    ),
    (
        Sign::Smallest(About::Anything),
        "lowest|smallest|minimum|min|minimal|minimale|minimaler|niedrigste|niedrigsten|niedrigster|kleinste|kleinsten|kleinster|kleinstes|geringste|geringsten|am niedrigsten|am kleinsten",
    ),
    (Sign::Smallest(About::Number), "fewest|least|wenigsten|am wenigsten|am seltensten"),
    (Sign::Smallest(About::Price), "cheapest|least expensive|billigste|billigsten|gunstigste|gunstigsten|billigster"),
    (Sign::Smallest(About::Length), "shortest|kurzeste|kurzesten|kurzester|kurzestes"),
    (
        Sign::Smallest(About::Time),
        "first|earliest|oldest|erste|ersten|erster|erstes|fruheste|fruhesten|alteste|altesten|zuerst",
    ),
    (Sign::Top, "top"),
    (Sign::Bottom, "bottom"),
    (
        Sign::GroupBy,
        "by|per|for each|in each|of each|each|for every|in every|every|broken down by|grouped by|group by|split by|je|pro|nach|fur jede|fur jeden|fur jedes|in jedem|in jeder|jede|jeder|jedes|gruppiert nach|aufgeteilt nach",
    ),
    (
        Sign::Which,
        "which|which of them|which of those|which of these|which ones|welche davon|wie heisst|wie heissen|list|list all|show|show me|show all|give me|display|name all|what are|find|find all|welche|welcher|welches|welchen|welchem|zeige|zeig|zeige mir|liste|nenne|was sind|finde|auflisten|auf",
    ),
    (Sign::Who, "who|wer|wem|whom"),
    (Sign::When, "when|wann"),
    (
        Sign::What,
        "what|what is|what's|what was|what were|how much|how high|how large|how big|how long|was ist|was war|wie hoch|wie hoch ist|wie hoch sind|wie gross|wie viel|wieviel|was|wie lang|wie lautet|how",
    ),
    (
        Sign::Contains,
        "contain|contains|containing|mention|mentions|mentioning|mentioned|about|say|says|saying|include the word|search|search for|look for|enthalt|enthalten|erwahnt|erwahnen|uber|handelt|suche|suche nach|handeln|with the word|with the words|including",
    ),
    (
        Sign::More,
        "more than|greater than|larger than|bigger than|higher than|longer than|above|over|exceeding|exceeds|mehr als|grosser als|hoher als|langer als|>|uber",
    ),
    (
        Sign::Less,
        "less than|fewer than|smaller than|lower than|shorter than|cheaper than|below|under|weniger als|kleiner als|niedriger als|kurzer als|unter|<",
    ),
    (Sign::AtLeast, "at least|no less than|not less than|minimum of|mindestens|>=|≥|=>"),
    (Sign::AtMost, "at most|no more than|not more than|up to|maximum of|hochstens|maximal|<=|≤|=<"),
    (Sign::Equal, "=|==|equal to|equals|exactly|genau|gleich"),
    (Sign::Between, "between|from|zwischen|von|vom"),
    (Sign::Before, "before|prior to|earlier than|older than|vor|vor dem"),
    (Sign::After, "after|later than|newer than|nach|nach dem|spater als"),
    (Sign::Since, "since|starting|from|seit|ab|ab dem|seit dem"),
    (Sign::Until, "until|till|through|up to|by the end of|bis|bis zum|to"),
    (Sign::And, "and|und|as well as|sowie|but|aber|both|sowohl"),
    (Sign::Or, "or|oder"),
    (
        Sign::Not,
        "not|isn't|aren't|wasn't|weren't|didn't|don't|doesn't|haven't|hasn't|other than|except|except for|apart from|aside from|besides|all but|anything but|rather than|never|nicht|nie|niemals|ausser|abgesehen von|bis auf|alle bis auf|excluding|not including|non",
    ),
    (Sign::Without, "without|no|without a|without any|have no|has no|ohne|kein|keine|keinen|keiner"),
    (
        Sign::FollowUp,
        "which of them|which of those|which of these|which ones|welche davon|how many of them|how many of those|wie viele davon|and|und|only|only those|just|nur|nur die|nur noch|what about|how about|was ist mit|wie ist es mit|wie sieht es mit|same|the same|those|of those|of these|davon|now|instead|stattdessen|then|dann|also|auch",
    ),
    (Sign::ForYear, "year|in the year|jahr|im jahr|years|jahre|month|im monat|monat"),
    (
        Sign::Beyond,
        "why|warum|wieso|weshalb|forecast|predict|prediction|will|prognose|vorhersage|should|soll|sollte|sollten|delete|drop|remove|update|insert|change|create|alter|losche|andere|trend|today|yesterday|tomorrow|heute|gestern|morgen|last year|last month|last week|this year|this month|this week|next year|letztes jahr|letzten monat|dieses jahr|diesen monat|diese woche|letzte woche|correlation|percentage|percent|%|prozent|anteil|share|ratio|growth|median|standard deviation|difference|unterschied|compare|vergleiche|compared|than average|explain|erklare|write a|translate|increase|decrease|changed",
    ),
    (
        Sign::Tables,
        "which tables|what tables|list tables|list all tables|list the tables|show tables|show all tables|show the tables|welche tabellen|what data|which data|welche daten|what is there|was gibt es|what do you know|what can i ask|was kann ich fragen|worum geht es|tables",
    ),
    (Sign::Columns, "columns|column|fields|spalten|felder|attributes|describe|beschreibe"),
    (
        Sign::Nothing,
        "the|a|an|of|in|on|at|for|to|is|are|was|were|be|been|being|do|does|did|done|have|has|had|there|that|this|these|those|it|its|their|whose|with|any|all|me|my|our|us|you|i|we|please|tell|can|could|would|from|came|come|comes|coming|belong|belongs|belonging|placed|place|made|sold|sell|brought|bring|brings|get|got|gave|make|value|values|amounting|as|into|row|rows|record|records|entry|entries|one|ones|kind|kinds|work|works|working|located|based|live|lives|where|wherein|within|during|whole|called|named|named as|euro|euros|eur|dollars|dollar|usd|€|$|der|die|das|den|dem|des|ein|eine|einer|eines|einem|einen|es|gibt|gab|ist|sind|war|waren|wurde|wurden|wird|werden|hat|haben|hatte|hatten|mit|aus|von|vom|zu|zum|zur|im|in der|am|an|bei|fur|als|sich|alle|allen|aller|alles|mir|mich|uns|unsere|unser|ich|wir|sie|er|bitte|kann|konnen|deren|dessen|davor|sein|seine|arbeiten|arbeitet|kommen|kommt|kamen|stammen|stammt|liegt|liegen|aufgegeben|gemacht|verkauft|gehoren|gehort|also known|besitzt|besitzen|noch|schon|still|already|wie|zeilen|eintrage|datensatze|bis zu|so|then|her|his|there any|s|if|wert|werte|found|exist|exists|existieren|vorhanden|order by|sorted|sorted by|sortiert|sortiert nach|ordered",
    ),
];

/// Words that only German has, by which a question's language is told.
const GERMAN: &str = "wie|viele|wieviele|welche|welcher|welches|welchen|der|die|das|den|dem|des|und|ist|sind|im|wer|wann|gibt|nach|je|pro|nur|ohne|mit|von|fur|aus|hat|haben|wurde|wurden|wird|anzahl|durchschnittliche|durchschnittliches|summe|zeige|nenne|bitte|warum|kleinste|grosste|hochste|hochsten|meisten|oder|nicht|davon|insgesamt|ein|eine|einer|uber|unter|mehr|weniger|als|mindestens|hochstens|zwischen|seit|vor|bis|ab|alle|zum|auch|sind|haben|durchschnitt|durchschnittlich|summe|gesamt|betrag|umsatz|bestellung|bestellungen|mitarbeiter|bucher|buch|seiten|positionen|produkte|kunden|menge|preis|gehalt|kosten|versandkosten|abteilung|abteilungen|lander|stadt|jahr|jahre|monat|quartal|wurden|kein|keine|ausser|aber|sowie|bei";

/// Words that only English has.
const ENGLISH: &str = "how|many|what|which|who|when|the|of|is|are|were|list|show|does|did|have|has|per|and|or|by|from|with|only|each|number|much|there|orders";

static SIGNS_BY_PHRASE: LazyLock<HashMap<&str, Vec<Sign>>> = LazyLock::new(|| {
    let mut signs: HashMap<&str, Vec<Sign>> = HashMap::new();
    for (sign, phrases) in SIGNS {
        for phrase in phrases.split('|') {
            signs.entry(phrase).or_default().push(*sign);
        }
    }
    signs
});

/// What a folded phrase, its words with one space between them, may say.
pub(crate) fn signs(phrase: &str) -> &'static [Sign] {
    SIGNS_BY_PHRASE.get(phrase).map_or(&[], Vec::as_slice)
}

/// Whether a word that says nothing for the most part may be a value: `how many were sold`, `group A`.
pub(crate) fn may_be_state(word: &str, start: usize) -> bool {
    const STATES: [&str; 9] =
        ["placed", "made", "sold", "brought", "located", "found", "verkauft", "gemacht", "aufgegeben"];
    word == "A" && start > 0 || STATES.contains(&word)
}

/// Whether a word says what is computed, or that it cannot be, and may as well be what a column is called: `total`.
pub(crate) fn may_be_name(signs: &[Sign]) -> bool {
    matches!(
        signs,
        [
            Sign::HowMany
                | Sign::Sum
                | Sign::Total
                | Sign::Average
                | Sign::Distinct
                | Sign::Greatest(_)
                | Sign::Smallest(_)
                | Sign::Top
                | Sign::Bottom
                | Sign::Beyond,
            ..
        ]
    )
}

/// Whether a folded word is German and not English.
pub(crate) fn is_german(folded: &str) -> bool {
    GERMAN.split('|').any(|word| word == folded)
}

/// Whether a folded word is English and not German.
pub(crate) fn is_english(folded: &str) -> bool {
    ENGLISH.split('|').any(|word| word == folded)
}
