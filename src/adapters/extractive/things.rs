//! Things that columns and tables are often called after, months and numbers: their many names, folded, come to one common form.

use std::{collections::HashMap, sync::LazyLock};

/// Things: the common form first, then what else it is called.
const THINGS: &[(&str, &str)] = &[
    ("order", "bestellung|bestellungen|auftrag|auftrage|auftragen|purchase"),
    ("line", "position|positionen|zeile|posten|item|line item|bestellposition"),
    ("customer", "kunde|kunden|client|buyer|kaufer|abnehmer|kundin"),
    ("supplier", "lieferant|lieferanten|vendor"),
    (
        "employee",
        "mitarbeiter|mitarbeiterin|mitarbeitern|mitarbeiterinnen|angestellte|angestellten|staff|worker|beschaftigte|colleague",
    ),
    ("person", "people|personen|leute"),
    ("book", "buch|bucher|buchern|buches"),
    ("article", "artikel|artikeln"),
    (
        "author",
        "autor|autoren|autorin|write|writes|wrote|written|writer|schrieb|geschrieben|verfasst|verfasser|schriftsteller",
    ),
    ("title", "titel|titeln"),
    ("genre", "genres|gattung|gattungen"),
    ("page", "seite|seiten|seitenzahl|seitenanzahl"),
    (
        "publish",
        "published|publication|publishing|erschienen|veroffentlicht|veroffentlichung|erscheinung|erscheinungs|appeared",
    ),
    ("year", "jahr|jahre|jahren"),
    ("month", "monat|monate"),
    ("day", "tag|tage|tagen"),
    ("product", "produkt|produkte|produkten|ware|waren|goods"),
    ("category", "kategorie|kategorien"),
    ("quantity", "menge|mengen|stuckzahl|qty|units"),
    ("price", "preis|preise|preisen|kostet"),
    ("unit", "einzel|stuck|einheit"),
    ("amount", "betrag|betrage|betragen|summe|revenue|turnover|umsatz|umsatze"),
    ("ship", "shipping|versand|shipment|delivery|liefer"),
    ("cost", "costs|kosten"),
    ("shipped", "verschickt|versendet|versandt|geliefert"),
    ("cancelled", "canceled|storniert|stornierte|stornierten"),
    ("returned", "zuruckgeschickt|retourniert|zuruckgegeben|retournierte"),
    ("open", "offen|offene|offenen"),
    ("city", "stadt|stadte|stadten|town|ort|orte|orten"),
    ("country", "land|lander|landern|landes|countries"),
    ("street", "strasse"),
    ("zip", "postcode|plz|postleitzahl"),
    ("date", "datum|daten|tagesdatum"),
    ("number", "nummer|nummern|no|nr"),
    ("name", "namen|names"),
    ("full", "voll|vollstandig|vollstandiger"),
    (
        "salary",
        "salaries|gehalt|gehalter|gehaltern|lohn|lohne|wage|wages|pay|earn|earns|earned|earning|verdient|verdienen|verdienst",
    ),
    ("monthly", "monats|monatlich|monatliche|monatliches"),
    ("department", "abteilung|abteilungen"),
    ("office", "buro|buros|standort"),
    ("hire", "hired|hiring|eingestellt|einstellung|einstellungs|eintritt|joined"),
    ("vacation", "urlaub|urlaubs|holiday|holidays"),
    ("birth", "geburt|geburts|geboren|born"),
    ("phone", "telefon|telephone"),
    ("note", "notiz|notizen|bemerkung|bemerkungen|anmerkung|comment|remark|hinweis"),
    ("summary", "zusammenfassung|abstract|inhalt"),
    ("description", "beschreibung"),
    ("invoice", "rechnung|rechnungen|bill"),
    ("tax", "steuer|steuern|vat"),
    ("weight", "gewicht"),
    ("currency", "wahrung"),
    ("language", "sprache|sprachen"),
    ("age", "alter"),
    ("germany", "deutschland"),
    ("france", "frankreich"),
    ("austria", "osterreich"),
    ("switzerland", "schweiz"),
    ("italy", "italien"),
    ("spain", "spanien"),
    ("vienna", "wien"),
    ("munich", "munchen"),
    ("express", "eilig|eil"),
];

const NUMBERS: &[(&str, usize)] = &[
    ("two", 2),
    ("three", 3),
    ("four", 4),
    ("five", 5),
    ("six", 6),
    ("seven", 7),
    ("eight", 8),
    ("nine", 9),
    ("ten", 10),
    ("zwei", 2),
    ("drei", 3),
    ("vier", 4),
    ("funf", 5),
    ("sechs", 6),
    ("sieben", 7),
    ("acht", 8),
    ("neun", 9),
    ("zehn", 10),
];

static THINGS_BY_NAME: LazyLock<HashMap<&str, &str>> = LazyLock::new(|| {
    let named = |(common, names): &(&'static str, &'static str)| {
        names.split('|').map(|name| (name, *common)).chain([(*common, *common)]).collect::<Vec<_>>()
    };
    THINGS.iter().flat_map(named).collect()
});

/// The common form of a thing, if it is known.
pub(crate) fn common(folded: &str) -> Option<&'static str> {
    THINGS_BY_NAME.get(folded).copied()
}

/// Whether a thing is somebody: its name may stand in a column that is only called `name`.
pub(crate) fn is_party(common: &str) -> bool {
    matches!(common, "customer" | "supplier" | "person" | "company" | "firm" | "employee" | "author")
}

/// A number written as a word.
pub(crate) fn number_word(folded: &str) -> Option<usize> {
    NUMBERS.iter().find(|(word, _)| *word == folded).map(|(_, number)| *number)
}

/// The month that a folded word names, from 1.
pub(crate) fn month(folded: &str) -> Option<u8> {
    const MONTHS: [&str; 12] = [
        "january|jan|januar|janner",
        "february|feb|februar",
        "march|mar|marz",
        "april|apr",
        "may|mai",
        "june|jun|juni",
        "july|jul|juli",
        "august|aug",
        "september|sep|sept",
        "october|oct|oktober|okt",
        "november|nov",
        "december|dec|dezember|dez",
    ];
    let at = MONTHS.iter().position(|names| names.split('|').any(|name| name == folded))?;
    u8::try_from(at + 1).ok()
}
