//! What answers took, in PostgreSQL.

use async_trait::async_trait;
use sqlx::{Row, postgres::PgRow, query};

use super::{PostgresDatabase, portions::OF_WHAT_ENDED, rows};
use crate::{
    domain::{AnswerTook, Day, DayOfUsage, UsagePosition, UserId},
    ports::{StoreError, Usage},
};

macro_rules! list {
    ($filter:literal) => {
        concat!(
            "SELECT day, user_id, (SELECT username FROM users WHERE id = user_id) AS username, model, count(*) AS turns,
                    sum(input_tokens)::bigint AS input_tokens, sum(output_tokens)::bigint AS output_tokens
             FROM answer_usage WHERE (day, user_id, model) < ($1, $2, $3)",
            $filter,
            " GROUP BY day, user_id, model ORDER BY day DESC, user_id DESC, model DESC LIMIT $4"
        )
    };
}

#[async_trait]
impl Usage for PostgresDatabase {
    async fn record(&self, took: &AnswerTook) -> Result<(), StoreError> {
        let statement = || {
            query(
                "INSERT INTO answer_usage (answer, day, user_id, model, input_tokens, output_tokens) VALUES ($1, $2, $3, $4, $5, $6)
                 ON CONFLICT (answer) DO UPDATE SET input_tokens = greatest(answer_usage.input_tokens, excluded.input_tokens),
                                                    output_tokens = greatest(answer_usage.output_tokens, excluded.output_tokens)",
            )
            .bind(took.answer.0)
            .bind(took.day.number())
            .bind(took.user.0)
            .bind(&took.model)
            .bind(rows::signed(took.input_tokens))
            .bind(rows::signed(took.output_tokens))
        };
        self.execute("keep usage", statement).await?;
        Ok(())
    }

    async fn list(
        &self,
        user: Option<UserId>,
        after: Option<UsagePosition>,
        limit: u32,
    ) -> Result<Vec<DayOfUsage>, StoreError> {
        let after = after.unwrap_or_else(UsagePosition::start);
        // One statement for each filter, so that each goes by the index that fits.
        let sql = if user.is_some() { list!(" AND user_id = $5") } else { list!("") };
        let statement = || {
            let statement =
                query(sql).bind(after.day.number()).bind(after.user.0).bind(after.model.clone()).bind(i64::from(limit));
            match user {
                Some(user) => statement.bind(user.0),
                None => statement,
            }
        };
        self.find_all("list usage", statement, entry).await
    }

    async fn remove_before(&self, day: Day) -> Result<u64, StoreError> {
        let sql = "DELETE FROM answer_usage WHERE answer IN (SELECT answer FROM answer_usage WHERE day < $1 ORDER BY day LIMIT $2)";
        let statement = |rows| query(sql).bind(day.number()).bind(rows);
        self.remove_in_portions("remove old usage", OF_WHAT_ENDED, statement).await
    }
}

fn entry(row: &PgRow) -> sqlx::Result<DayOfUsage> {
    Ok(DayOfUsage {
        day: Day::from_number(row.try_get("day")?),
        user: UserId(rows::id(row, "user_id")?),
        username: row.try_get("username")?,
        model: row.try_get("model")?,
        turns: rows::unsigned(row, "turns")?,
        input_tokens: rows::unsigned(row, "input_tokens")?,
        output_tokens: rows::unsigned(row, "output_tokens")?,
    })
}
