//! Answers that tell no result: what there is, rows that a search found, and why there is no answer.

use serde_json::Value;

use super::{
    doubt::named,
    plan::Refusal,
    question::Reading,
    schema::{Catalogue, ColumnId},
    wording::Language,
};

/// Tables that are named.
const TABLES: usize = 20;

/// Answers what tables and columns there are.
pub(super) fn about_schema(reading: &Reading, catalogue: &Catalogue, language: Language) -> Option<String> {
    if reading.wants_columns {
        let table = reading.tables.first().copied()?;
        let names: Vec<&str> = catalogue.columns(table).map(|(_, column)| column.name.as_str()).collect();
        let title = language.say("The columns of", "Die Spalten von");
        return Some(format!("{title} {}: {}.", catalogue.tables[table].name, names.join(", ")));
    }
    let is_plain = reading.conditions.is_empty()
        && reading.columns.is_empty()
        && reading.tables.is_empty()
        && reading.unknown.is_empty();
    (reading.wants_tables && is_plain).then(|| {
        let lines = catalogue.tables.iter().enumerate().map(|(id, table)| {
            let names: Vec<&str> = catalogue.columns(id).map(|(_, column)| column.name.as_str()).collect();
            let parent = table
                .parent
                .map(|parent| format!(" ({} {})", language.say("below", "unter"), catalogue.tables[parent].name));
            format!("- {}{}: {}\n", table.name, parent.unwrap_or_default(), names.join(", "))
        });
        format!("{}\n{}", language.say("There are these tables:", "Es gibt diese Tabellen:"), lines.collect::<String>())
            .trim_end()
            .to_owned()
    })
}

/// Rows that hold the words.
pub(super) fn tell_hits(
    hits: &[Value],
    refusal: Option<&Refusal>,
    reading: &Reading,
    catalogue: &Catalogue,
    language: Language,
) -> String {
    if hits.is_empty() {
        return refuse(refusal, reading, catalogue, language);
    }
    let is_sought = reading.unknown.is_empty();
    let head = if is_sought {
        language.say("These rows hold the words:", "Diese Zeilen enthalten die Wörter:").to_owned()
    } else {
        format!(
            "{}\n{}",
            refuse(refusal, reading, catalogue, language),
            language.say(
                "I am not sure that these help, but these rows hold words of the question:",
                "Ich bin nicht sicher, ob das hilft, aber diese Zeilen enthalten Wörter der Frage:"
            )
        )
    };
    let mut text = format!("{head}\n");
    for hit in hits {
        let key = hit["row"].as_str().map_or_else(|| hit["row"].to_string(), str::to_owned);
        let excerpt = hit["excerpt"].as_str().unwrap_or_default().replace('\n', " ").replace("[[", "[ [");
        text.push_str(&format!("- {excerpt} [[{}#{key}]]\n", hit["table"].as_str().unwrap_or_default()));
    }
    text.trim_end().to_owned()
}

/// Says that a column holds texts, with one of them.
pub(super) fn only_text(result: &Value, catalogue: &Catalogue, column: ColumnId, language: Language) -> String {
    let (table, name) = (&catalogue.table(column).name, &catalogue.column(column).name);
    let query = result["query"].as_str().unwrap_or("q1");
    let shown_as = result["columns"][0].as_str().unwrap_or(name);
    let example = result["rows"][0][0].as_str().map(|text| text.replace("[[", "[ [").replace('\n', " "));
    let example = example
        .map(|text| format!(", {} {text} [[{query}:1:{shown_as}]]", language.say("for instance", "zum Beispiel")));
    format!(
        "{} {table}.{name} {}{}{}",
        language.say(
            "I cannot answer this from the tables. The column",
            "Das kann ich aus den Tabellen nicht beantworten. Die Spalte"
        ),
        language.say("is text", "ist Text"),
        example.unwrap_or_default(),
        language.say(
            ", so I can neither calculate with it nor compare it.",
            ", damit kann ich weder rechnen noch vergleichen."
        ),
    )
}

/// Says that the question cannot be answered, why, and what can be asked.
pub(super) fn refuse(
    refusal: Option<&Refusal>,
    reading: &Reading,
    catalogue: &Catalogue,
    language: Language,
) -> String {
    let mut text = language
        .say("I cannot answer this from the tables.", "Das kann ich aus den Tabellen nicht beantworten.")
        .to_owned();
    let unknown: Vec<String> = reading
        .unknown
        .iter()
        .chain(&reading.search)
        .filter(|word| !word.contains(|c: char| c.is_ascii_digit()))
        .map(|word| named(word))
        .collect();
    let reason = match refusal {
        _ if !unknown.is_empty() => {
            format!("{} {}.", language.say("I do not find in them:", "Ich finde darin nicht:"), unknown.join(", "))
        }
        Some(Refusal::Beyond(word)) => format!(
            "{} {}.",
            language.say(
                "Without a model I only look things up, count and calculate; this goes beyond it:",
                "Ohne Modell schlage ich nur nach, zähle und rechne; darüber hinaus geht:"
            ),
            named(word)
        ),
        Some(Refusal::Before) => language
            .say(
                "It goes on from a question that I did not understand: ask it as a whole.",
                "Sie geht von einer Frage aus, die ich nicht verstanden habe: Fragen Sie sie im Ganzen.",
            )
            .to_owned(),
        Some(Refusal::Unrelated) => language
            .say(
                "The words stand in tables that are not related as asked.",
                "Die Wörter stehen in Tabellen, die nicht so zusammenhängen.",
            )
            .to_owned(),
        Some(Refusal::NoNumber) => language
            .say(
                "I see no column of numbers that the question names.",
                "Ich sehe keine Spalte mit Zahlen, die die Frage nennt.",
            )
            .to_owned(),
        Some(Refusal::NoDate) => language
            .say(
                "I see no column of dates for the time that is named.",
                "Ich sehe keine Spalte mit Daten für die genannte Zeit.",
            )
            .to_owned(),
        _ => language
            .say(
                "I do not see which table or column is meant.",
                "Ich sehe nicht, welche Tabelle oder Spalte gemeint ist.",
            )
            .to_owned(),
    };
    let names: Vec<&str> = catalogue.tables.iter().take(TABLES).map(|table| table.name.as_str()).collect();
    text.push_str(&format!(
        " {reason} {} {}.",
        language.say("There are these tables:", "Es gibt diese Tabellen:"),
        names.join(", ")
    ));
    text
}

pub(super) fn without_tools(language: Language) -> String {
    language
        .say(
            "I cannot answer: I may not look at the tables.",
            "Das kann ich nicht beantworten: Ich darf die Tabellen nicht ansehen.",
        )
        .to_owned()
}

pub(super) fn without_tables(language: Language) -> String {
    let english = "I cannot answer: there are no tables yet. Convert documents first.";
    language
        .say(english, "Das kann ich nicht beantworten: Es gibt noch keine Tabellen. Wandeln Sie zuerst Dokumente um.")
        .to_owned()
}

pub(super) fn too_long(language: Language, limit: usize) -> String {
    let english = "I cannot answer: without a model a question may have at most";
    let told = language.say(english, "Das kann ich nicht beantworten: Ohne Modell darf eine Frage höchstens");
    let rest = language
        .say("bytes. Ask for one thing, in a sentence.", "Bytes haben. Fragen Sie nach einer Sache, in einem Satz.");
    format!("{told} {limit} {rest}")
}

pub(super) fn failed(language: Language) -> String {
    let english = "I cannot answer: the query failed or took too long. Ask for less, or in other words.";
    language.say(english, "Das kann ich nicht beantworten: Die Abfrage ist gescheitert oder dauerte zu lange. Fragen Sie nach weniger oder mit anderen Worten.").to_owned()
}
