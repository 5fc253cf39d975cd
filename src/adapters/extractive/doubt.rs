//! What an answer is not sure of.

use super::{
    question::{Doubt, Function, Reading},
    wording::Language,
};

/// Why the answer may be wrong, before it is told.
pub(super) fn doubts(doubts: &[Doubt], language: Language) -> String {
    let mut text = String::new();
    for (at, doubt) in doubts.iter().enumerate() {
        if doubts[..at].contains(doubt) {
            continue;
        }
        let unsure = language.say("I am not sure:", "Ich bin nicht sicher:");
        let line = match doubt {
            Doubt::TakenFor(word, name) => format!(
                "{} {} {} {name}.",
                language.say("Assumption: I read", "Annahme: Ich lese"),
                named(word),
                language.say("as", "als")
            ),
            Doubt::AddedUp(name) => format!(
                "{} {name} {}.",
                language.say("Assumption: I added up", "Annahme: Ich habe"),
                language.say("over all rows", "über alle Zeilen addiert")
            ),
            Doubt::Ambiguous(word, name) => format!(
                "{unsure} {} {} {name}.",
                named(word),
                language.say("may mean several columns; I took", "kann mehrere Spalten meinen; genommen habe ich")
            ),
            Doubt::AnyOf(name) => format!(
                "{unsure} {} {name}.",
                language.say("any one of the values was enough in", "einer der Werte genügte in")
            ),
            Doubt::SomeBelow(name) => format!(
                "{unsure} {} {name}.",
                language.say("one row below that fits was enough, by", "eine passende Zeile darunter genügte, nach")
            ),
            Doubt::Given(name) => format!(
                "{unsure} {} {name}.",
                language
                    .say("I took only rows that have a value of", "genommen habe ich nur Zeilen mit einem Wert von")
            ),
            Doubt::EachRow(name) => format!(
                "{unsure} {} {name} {}",
                language.say("each row of", "jede Zeile von"),
                language.say("counts by itself.", "zählt für sich.")
            ),
            Doubt::Kept => format!(
                "{unsure} {}",
                language.say(
                    "the conditions of the question before still hold.",
                    "die Bedingungen der Frage davor gelten weiter."
                )
            ),
            Doubt::Aside => format!(
                "{unsure} {}",
                language.say(
                    "what the question before found is left aside.",
                    "was die Frage davor ergab, bleibt beiseite."
                )
            ),
            Doubt::MayMean(word) => format!(
                "{unsure} {} {}.",
                language.say("this may be meant in another way:", "das kann anders gemeint sein:"),
                named(word)
            ),
            Doubt::Guessed(word, name) => format!(
                "{unsure} {} {} {} {name}.",
                language.say("I read", "Ich lese"),
                named(word),
                language.say("as", "als")
            ),
            Doubt::Several(word, values) => {
                let all = language.say(
                    "is a part of several values, and I took all",
                    "ist Teil mehrerer Werte, genommen habe ich alle",
                );
                let values = if values.is_empty() { String::new() } else { format!(": {}", values.join(", ")) };
                format!("{unsure} {} {all}{values}.", named(word))
            }
            Doubt::NotComputed(function) => format!(
                "{unsure} {} {}.",
                language.say("I did not compute", "Nicht berechnet habe ich"),
                match function {
                    Function::Sum => language.say("the sum", "die Summe"),
                    Function::Average => language.say("the average", "den Durchschnitt"),
                    Function::Least => language.say("the smallest", "den kleinsten Wert"),
                    Function::Greatest => language.say("the greatest", "den größten Wert"),
                }
            ),
            Doubt::NotCounted => format!(
                "{unsure} {}",
                language
                    .say("I did not count; this is what I found.", "Ich habe nicht gezählt; das habe ich gefunden.")
            ),
            Doubt::AsWritten(name) => format!(
                "{unsure} {} {name}.",
                language.say(
                    "times of several zones are compared as they are written in",
                    "Zeiten mehrerer Zonen sind verglichen, wie sie dastehen, in"
                )
            ),
            Doubt::LeftOut(word) => {
                format!("{unsure} {} {}.", language.say("I left this out:", "Ausgelassen habe ich:"), named(word))
            }
        };
        text.push_str(&line);
        text.push_str("\n\n");
    }
    text
}

/// A word of the question. It is not in quotation marks, for it is no quotation of the data.
pub(super) fn named(word: &str) -> String {
    format!("*{}*", word.replace(['*', '[', ']', '\n'], " "))
}

/// Whether what is not understood can be left out: one small word, beside much that is understood.
pub(super) fn leave_out_unknown(reading: &mut Reading, language: Language) -> bool {
    let is_small = |word: &String| language == Language::English && word.chars().all(|c| c.is_lowercase());
    match &reading.unknown[..] {
        [] => true,
        [word]
            if is_small(word)
                && !(reading.tables.is_empty() && reading.columns.is_empty())
                && !(reading.conditions.is_empty() && reading.periods.is_empty()) =>
        {
            reading.doubts.insert(0, Doubt::LeftOut(word.clone()));
            true
        }
        _ => false,
    }
}
