//! From what a question says to one statement of SQL.

mod decide;
mod doubts;
mod output;
mod ranked;
mod sql;
mod times;

use time::Date;

pub(crate) use self::{
    decide::{COLUMNS, plan},
    output::{Output, What},
    sql::{example_of, literal},
};
use super::{
    question::{Doubt, Function, Unit},
    schema::ColumnId,
};

/// What is told.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Measure {
    /// How many rows of a table.
    Count(usize),
    /// How many different values.
    Distinct(ColumnId),
    Aggregate(Function, ColumnId),
    /// Rows with some of their cells, the first of which names the row.
    Rows(usize, Vec<ColumnId>),
    /// The different values of columns.
    Cells(Vec<ColumnId>),
}

/// By what it is divided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Dimension {
    pub(crate) column: ColumnId,
    pub(crate) unit: Option<Unit>,
}

/// How the result is put in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Order {
    /// The column of rows; groups are ordered by what is told of them.
    pub(crate) column: Option<ColumnId>,
    pub(crate) is_descending: bool,
    pub(crate) limit: usize,
}

/// What a question comes to.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Plan {
    pub(crate) measure: Measure,
    pub(crate) dimensions: Vec<Dimension>,
    pub(crate) order: Option<Order>,
    pub(crate) filters: Vec<super::question::Condition>,
    pub(crate) span: Option<Span>,
    pub(crate) doubts: Vec<Doubt>,
    pub(crate) sql: String,
    /// The columns of the result, in their order.
    pub(crate) outputs: Vec<Output>,
}

/// A column whose dates lie in some stretches of time.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Span {
    pub(crate) column: ColumnId,
    /// Whether the column holds numbers of years.
    pub(crate) holds_years: bool,
    /// From and to, the end not included.
    pub(crate) periods: Vec<(Option<Date>, Option<Date>)>,
}

/// Why there is no statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// The question asks for what tables do not tell.
    Beyond(String),
    /// Nothing in it names anything that is there.
    NothingNamed,
    /// The words are in tables that have nothing to do with each other.
    Unrelated,
    /// It goes on from a question that was not understood.
    Before,
    /// Something is to be computed, and no column of numbers is named.
    NoNumber,
    /// Something is to be computed of this column or compared with it, and it holds texts.
    OnlyText(ColumnId),
    /// A time is named, and no column of dates is near.
    NoDate,
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use tokio_util::sync::CancellationToken;

    use super::{
        super::{
            question::{Values, items_of, read},
            schema::{Catalogue, ColumnId},
            wording::Language,
            words::words_of,
        },
        *,
    };

    /// Orders with lines, orders also with payments, and machines beside them.
    fn catalogue() -> Catalogue {
        let mut catalogue = Catalogue::new(&json!({ "tables": [
            { "name": "order", "columns": ["_id", "number", "day", "fee", "city"], "parent": null },
            { "name": "line", "columns": ["_id", "_parent", "product", "amount"], "parent": "order" },
            { "name": "payment", "columns": ["_id", "_parent", "method"], "parent": "order" },
            { "name": "machine", "columns": ["_id", "label", "power"], "parent": null },
        ]}));
        for (table, columns) in [
            (
                "order",
                json!([{ "name": "day", "type": "date" }, { "name": "fee", "type": "decimal" }, { "name": "city", "type": "text" }]),
            ),
            ("line", json!([{ "name": "amount", "type": "decimal" }, { "name": "product", "type": "text" }])),
            ("payment", json!([{ "name": "method", "type": "text" }])),
            ("machine", json!([{ "name": "power", "type": "integer" }])),
        ] {
            catalogue.describe(&json!({ "table": table, "columns": columns }));
        }
        catalogue
    }

    fn planned(question: &str) -> Result<Plan, Refusal> {
        let catalogue = catalogue();
        let mut values = Values::default();
        values.add(ColumnId { table: 0, column: 4 }, "Rome");
        values.add(ColumnId { table: 1, column: 2 }, "Tea's best");
        values.add(ColumnId { table: 2, column: 2 }, "card");
        let words = words_of(question);
        let items = items_of(question, &words, Language::English, &catalogue, &values, &CancellationToken::new());
        plan(&read(&items, &catalogue, &[]), &catalogue)
    }

    fn sql(question: &str) -> String {
        planned(question).unwrap().sql
    }

    #[test]
    fn rows_above_are_joined_and_rows_below_only_have_to_be_there() {
        assert_eq!(
            sql("total amount in Rome"),
            "SELECT sum(nullif(t0.\"amount\", '')) AS \"sum\", count(nullif(t0.\"amount\", '')) AS \"rows\" FROM \"line\" AS t0 \
             JOIN \"order\" AS t1 ON t1.\"_id\" = t0.\"_parent\" WHERE t1.\"city\" IN ('Rome')"
        );
        let below =
            "EXISTS (SELECT 1 FROM \"payment\" AS b WHERE b.\"_parent\" = t0.\"_id\" AND b.\"method\" IN ('card'))";
        assert_eq!(
            sql("how many orders by card"),
            format!("SELECT count(*) AS \"count\" FROM \"order\" AS t0 WHERE {below}")
        );
        assert_eq!(
            sql("how many orders not card"),
            format!("SELECT count(*) AS \"count\" FROM \"order\" AS t0 WHERE NOT {below}")
        );
        // Beside: lines of an order that has such a payment, each line once.
        assert!(sql("sum of amount for card").contains("FROM \"payment\" AS b WHERE b.\"_parent\" = t1.\"_id\""));
    }

    #[test]
    fn parents_are_counted_once_for_each_group_of_their_children_and_not_added_up() {
        assert!(
            sql("number of orders per product")
                .starts_with("SELECT t0.\"product\" AS \"product\", count(DISTINCT t1.\"_id\")")
        );
        assert_eq!(planned("sum of fee per product"), Err(Refusal::Unrelated));
    }

    #[test]
    fn values_are_literals_and_names_identifiers() {
        assert!(sql("how many lines with Tea's best").ends_with("IN ('Tea''s best')"));
        assert_eq!(literal("a'; --\0"), "'a''; --'");
        assert_eq!(crate::ports::tables::quoted("a\"b"), "\"a\"\"b\"");
    }

    #[test]
    fn one_row_more_than_is_asked_for_shows_a_tie() {
        assert!(sql("top 3 products by amount").ends_with("ORDER BY 2 DESC, 1 LIMIT 4"));
    }

    #[test]
    fn dates_are_compared_with_the_end_left_out() {
        assert!(
            sql("how many orders in March 2023").ends_with("t0.\"day\" >= '2023-03-01' AND t0.\"day\" < '2023-04-01'")
        );
    }

    #[test]
    fn what_cannot_be_told_is_refused() {
        assert_eq!(planned("average fee of machines"), Err(Refusal::Unrelated));
        assert_eq!(planned("how many machines in 2023"), Err(Refusal::NoDate));
        assert_eq!(planned("average product"), Err(Refusal::OnlyText(ColumnId { table: 1, column: 2 })));
        assert_eq!(planned("highest product"), Err(Refusal::OnlyText(ColumnId { table: 1, column: 2 })));
        assert_eq!(planned("lines with product over 5"), Err(Refusal::OnlyText(ColumnId { table: 1, column: 2 })));
        assert_eq!(planned("average machine"), Err(Refusal::NoNumber));
        assert_eq!(planned("hello"), Err(Refusal::NothingNamed));
        for question in ["why orders", "orders from Rome or with fee", "orders not", "orders above"] {
            assert!(matches!(planned(question), Err(Refusal::Beyond(_))), "{question}: {:?}", planned(question));
        }
    }

    #[test]
    fn what_is_left_out_or_guessed_is_told() {
        assert_eq!(planned("sum of amount and fee").unwrap().doubts, [Doubt::LeftOut("fee".into())]);
        assert_eq!(planned("amount per city").unwrap().doubts, [Doubt::AddedUp("amount".into())]);
        assert_eq!(
            planned("how many orders with amount over 5").unwrap().doubts,
            [Doubt::SomeBelow("line.amount".into())]
        );
        assert_eq!(planned("sum of amount").unwrap().doubts, []);
        assert!(matches!(planned("orders since 2018 and after 2021"), Err(Refusal::Beyond(_))));
        assert!(sql("orders since 2018 and before 2021").contains(">= '2018-01-01' AND t0.\"day\" < '2021-01-01'"));
    }
}
