//! From results to sentences. Each figure and each quotation stands right before its citation.

use serde_json::Value;

use super::{
    doubt::doubts,
    plan::{COLUMNS, Measure, Output, Plan, What},
    question::{Asks, Function, Test, Unit, day_before},
    schema::{Catalogue, ColumnId},
    wording::Language,
};

/// A result that is to be told.
pub(super) struct Told<'a> {
    pub(super) plan: &'a Plan,
    pub(super) catalogue: &'a Catalogue,
    pub(super) result: &'a Value,
    pub(super) language: Language,
    pub(super) asks: Option<Asks>,
}

/// Lines of a list.
const LINES: usize = 20;
/// Decimals of a sum that are told, if it has no more: those of what was added up.
const SUM_DECIMALS: usize = 6;

/// The answer that a result gives.
pub(super) fn tell(told: &Told<'_>) -> String {
    let rows = told.result["rows"].as_array().map_or(0, Vec::len);
    let mut text = doubts(&told.plan.doubts, told.language);
    let is_single =
        told.plan.dimensions.is_empty() && !matches!(told.plan.measure, Measure::Rows(..) | Measure::Cells(_));
    if rows == 0 {
        let found_none = told.language.say("I found no rows of", "Ich habe keine Zeilen gefunden in");
        text.push_str(&format!("{found_none} {}.", told.subject()));
    } else if is_single && told.value(0, 0).is_null() {
        text.push_str(&told.no_values());
    } else if is_single {
        text.push_str(&told.figure());
    } else {
        text.push_str(&told.list(rows));
    }
    text
}

impl Told<'_> {
    fn value(&self, row: usize, column: usize) -> &Value {
        &self.result["rows"][row][column]
    }

    fn columns(&self) -> Vec<&str> {
        self.result["columns"].as_array().into_iter().flatten().filter_map(Value::as_str).collect()
    }

    /// A cell with its citation.
    fn cited(&self, row: usize, column: usize) -> String {
        let query = self.result["query"].as_str().unwrap_or("q1");
        let name = self.columns().get(column).copied().unwrap_or_default();
        let is_amount = self.plan.outputs.get(column).is_some_and(Output::is_amount);
        let shown = match self.value(row, column) {
            Value::Null => self.language.say("empty", "leer").to_owned(),
            Value::Number(number) => match number.as_f64().filter(|_| number.is_f64()) {
                Some(number) => match self.plan.measure {
                    Measure::Aggregate(Function::Average, _) if is_amount => self.language.rounded(number, 2),
                    Measure::Aggregate(Function::Sum, _) if is_amount => self.language.rounded(number, SUM_DECIMALS),
                    _ => self.language.decimal(number),
                },
                None if is_amount => self.language.whole(&number.to_string()),
                // A year or a number of an order has no thousands.
                None => number.to_string(),
            },
            // A cell cannot make a citation of its own.
            Value::String(text) => text.replace("[[", "[ ["),
            other => other.to_string(),
        };
        format!("{shown} [[{query}:{}:{name}]]", row + 1)
    }

    /// Where such a column of the result stands.
    fn place(&self, what: What) -> Option<usize> {
        self.plan.outputs.iter().position(|output| output.what == what)
    }

    fn name(&self, column: ColumnId) -> &str {
        &self.catalogue.column(column).name
    }

    /// What is measured, of which rows.
    fn measure(&self) -> String {
        let say = |english, german| self.language.say(english, german);
        match &self.plan.measure {
            Measure::Count(_) => say("The number of rows", "Die Anzahl der Zeilen").to_owned(),
            Measure::Distinct(column) => format!(
                "{} {}",
                say("The number of different values of", "Die Anzahl verschiedener Werte von"),
                self.name(*column)
            ),
            Measure::Aggregate(function, column) => {
                let title = match function {
                    Function::Sum => say("The sum of", "Die Summe von"),
                    Function::Average => say("The average of", "Der Durchschnitt von"),
                    Function::Least => say("The smallest", "Der kleinste Wert von"),
                    Function::Greatest => say("The greatest", "Der größte Wert von"),
                };
                format!("{title} {}", self.name(*column))
            }
            Measure::Rows(..) | Measure::Cells(_) => say("The rows", "Die Zeilen").to_owned(),
        }
    }

    /// The table, and which of its rows.
    fn subject(&self) -> String {
        let plan = self.plan;
        let table = &self.catalogue.tables[plan.measure.table()].name;
        let mut conditions: Vec<String> =
            plan.filters.iter().map(|filter| self.condition(filter.column, &filter.test)).collect();
        for (from, to) in plan.span.iter().flat_map(|span| &span.periods) {
            let column = plan.span.as_ref().map_or("", |span| self.name(span.column));
            let from = from.map(|from| format!(" {} {from}", self.language.say("from", "ab")));
            let to = to.map(|to| format!(" {} {}", self.language.say("to", "bis"), day_before(to)));
            conditions.push(format!("{column}{}{}", from.unwrap_or_default(), to.unwrap_or_default()));
        }
        if conditions.is_empty() {
            return table.clone();
        }
        format!("{table} ({})", conditions.join("; "))
    }

    /// A condition in words. Figures are left out: they would look like findings.
    fn condition(&self, column: ColumnId, test: &Test) -> String {
        let name = self.name(column);
        let listed = |values: &[String]| {
            let has_digits = values.iter().any(|value| value.contains(|c: char| c.is_ascii_digit()));
            if has_digits {
                self.language.say("as asked", "wie gefragt").to_owned()
            } else {
                values.join(self.language.say(" or ", " oder "))
            }
        };
        match test {
            Test::Is(values) => format!("{name}: {}", listed(values)),
            Test::IsNot(values) => format!("{name}: {} {}", self.language.say("not", "nicht"), listed(values)),
            Test::Contains(words) => format!("{name} {} {}", self.language.say("contains", "enthält"), listed(words)),
            Test::Present => format!("{name} {}", self.language.say("given", "vorhanden")),
            Test::Extreme { is_greatest: true, .. } => {
                format!("{name} {}", self.language.say("at its greatest", "am größten"))
            }
            Test::Extreme { .. } => format!("{name} {}", self.language.say("at its smallest", "am kleinsten")),
            Test::Missing => format!("{name} {}", self.language.say("empty", "leer")),
            Test::Compare(..) | Test::Range(..) => format!("{name} {}", self.language.say("as asked", "wie gefragt")),
        }
    }

    /// What a column of a list is called. The names of what is computed are ours.
    fn title(&self, output: &Output) -> String {
        let (english, german) = match output.what {
            What::Cell(_) | What::Basis | What::Total => return output.name.clone(),
            What::Time(Unit::Year) => ("year", "Jahr"),
            What::Time(Unit::Quarter) => ("quarter", "Quartal"),
            What::Time(Unit::Month) => ("month", "Monat"),
            What::Time(Unit::Day) => ("day", "Tag"),
            What::Figure => match self.plan.measure {
                Measure::Aggregate(Function::Sum, _) => ("sum", "Summe"),
                Measure::Aggregate(Function::Average, _) => ("average", "Durchschnitt"),
                Measure::Aggregate(Function::Least, _) => ("smallest", "kleinster Wert"),
                Measure::Aggregate(Function::Greatest, _) => ("greatest", "größter Wert"),
                _ => ("count", "Anzahl"),
            },
        };
        self.language.say(english, german).to_owned()
    }

    /// There are no such rows, or nothing stands in them.
    fn no_values(&self) -> String {
        let column = match self.plan.measure {
            Measure::Distinct(column) | Measure::Aggregate(_, column) => self.name(column),
            Measure::Count(_) | Measure::Rows(..) | Measure::Cells(_) => "",
        };
        let found_none = self.language.say("I found no values of", "Ich habe keine Werte gefunden von");
        format!("{found_none} {column} in {}.", self.subject())
    }

    fn figure(&self) -> String {
        let verb = self.language.say("is", "ist");
        let mut text = format!(
            "{} {} {} {verb} {}.",
            self.measure(),
            self.language.say("in", "in"),
            self.subject(),
            self.cited(0, 0)
        );
        if let Some(column) = self.place(What::Basis) {
            let title = self.language.say("Rows with a value", "Zeilen mit einem Wert");
            text.push_str(&format!(" {title}: {}.", self.cited(0, column)));
        }
        text
    }

    fn list(&self, rows: usize) -> String {
        let outputs = self.plan.outputs.iter().enumerate();
        let shown: Vec<(usize, &Output)> = outputs.filter(|(_, output)| output.what != What::Total).collect();
        let is_rows = matches!(self.plan.measure, Measure::Rows(..) | Measure::Cells(_));
        let line = |row: usize| {
            let cells = shown.iter().enumerate().map(|(place, (column, output))| {
                let cell = self.cited(row, *column);
                if place == 0 { cell } else { format!("{}: {cell}", self.title(output)) }
            });
            cells.collect::<Vec<_>>().join(", ")
        };
        if let [(column, output)] = shown[..]
            && rows == 1
            && is_rows
            && self.asks != Some(Asks::Which)
        {
            let verb = self.language.say("is", "ist");
            return format!("{} in {} {verb} {}.", output.name, self.subject(), self.cited(0, column));
        }
        let head = if is_rows {
            self.subject()
        } else {
            format!("{} {} {}", self.measure(), self.language.say("in", "in"), self.subject())
        };
        let mut text = format!("{head}:\n");
        let limit = self.plan.order.map_or(rows, |order| order.limit);
        if rows > limit && self.is_tie(limit) {
            text.insert_str(
                0,
                self.language.say(
                    "I am not sure: more rows than these have the same value as the last one.\n\n",
                    "Ich bin nicht sicher: Mehr Zeilen als diese haben denselben Wert wie die letzte.\n\n",
                ),
            );
        }
        let rows = rows.min(limit);
        for row in 0..rows.min(LINES) {
            text.push_str(&format!("- {}\n", line(row)));
        }
        let is_cut = rows > LINES || self.result["truncated"] == true;
        if let Some(column) = self.place(What::Total).filter(|_| self.plan.order.is_none()) {
            let noun = match self.value(0, column).as_u64() {
                Some(1) => self.language.say("row in all", "Zeile insgesamt"),
                _ => self.language.say("rows in all", "Zeilen insgesamt"),
            };
            text.push_str(&format!("{} {noun}", self.cited(0, column)));
            text.push_str(if is_cut {
                self.language.say("; only the first are shown.", "; nur die ersten sind gezeigt.")
            } else {
                "."
            });
        } else if is_cut {
            text.push_str(
                self.language
                    .say("There are more; only the first are shown.", "Es gibt mehr; nur die ersten sind gezeigt."),
            );
        }
        let is_narrower = |table: usize, told: usize| told == COLUMNS && self.catalogue.columns(table).count() > told;
        if matches!(&self.plan.measure, Measure::Rows(table, columns) if is_narrower(*table, columns.len())) {
            text.push_str(
                self.language.say(" Only the first columns are shown.", " Nur die ersten Spalten sind gezeigt."),
            );
        }
        text.trim_end().to_owned()
    }
}

impl Told<'_> {
    /// Whether the row after the last one that is wanted has the same value.
    fn is_tie(&self, limit: usize) -> bool {
        let ranked = self.plan.order.and_then(|order| order.column);
        let place = self.place(ranked.map_or(What::Figure, What::Cell));
        place.is_some_and(|place| self.value(limit - 1, place) == self.value(limit, place))
    }
}
