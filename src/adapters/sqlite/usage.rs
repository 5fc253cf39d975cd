//! What answers took, in SQLite.

use async_trait::async_trait;
use sqlx::{Row, query, sqlite::SqliteRow};

use super::{SqliteDatabase, failed, rows};
use crate::{
    domain::{AnswerTook, Day, DayOfUsage, UsagePosition, UserId},
    ports::{StoreError, Usage},
};

/// Rows that are removed at once, so that other writers get their turn.
const PORTION: u32 = 100;
/// Portions of one call.
const PORTIONS_AT_MOST: usize = 1000;

macro_rules! list {
    ($filter:literal) => {
        concat!(
            "SELECT day, user_id, (SELECT username FROM users WHERE id = user_id) AS username, model, count(*) AS turns,
                    sum(input_tokens) AS input_tokens, sum(output_tokens) AS output_tokens
             FROM answer_usage WHERE (day, user_id, model) < (?, ?, ?)",
            $filter,
            " GROUP BY day, user_id, model ORDER BY day DESC, user_id DESC, model DESC LIMIT ?"
        )
    };
}

#[async_trait]
impl Usage for SqliteDatabase {
    async fn record(&self, took: &AnswerTook) -> Result<(), StoreError> {
        query(
            "INSERT INTO answer_usage (answer, day, user_id, model, input_tokens, output_tokens) VALUES (?, ?, ?, ?, ?, ?)
             ON CONFLICT (answer) DO UPDATE SET input_tokens = max(input_tokens, excluded.input_tokens),
                                                output_tokens = max(output_tokens, excluded.output_tokens)",
        )
        .bind(took.answer.to_string())
        .bind(took.day.number())
        .bind(took.user.to_string())
        .bind(&took.model)
        .bind(rows::signed(took.input_tokens))
        .bind(rows::signed(took.output_tokens))
        .execute(&self.pool)
        .await
        .map_err(failed("keep usage"))?;
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
        let sql = if user.is_some() { list!(" AND user_id = ?") } else { list!("") };
        let mut statement = query(sql).bind(after.day.number()).bind(after.user.to_string()).bind(after.model);
        if let Some(user) = user {
            statement = statement.bind(user.to_string());
        }
        statement
            .bind(limit)
            .try_map(|row: SqliteRow| entry(&row))
            .fetch_all(&self.pool)
            .await
            .map_err(failed("list usage"))
    }

    async fn remove_before(&self, day: Day) -> Result<u64, StoreError> {
        let mut removed = 0;
        for _ in 0..PORTIONS_AT_MOST {
            let portion = query(
                "DELETE FROM answer_usage WHERE answer IN (SELECT answer FROM answer_usage WHERE day < ? ORDER BY day LIMIT ?)",
            )
            .bind(day.number())
            .bind(PORTION)
            .execute(&self.pool)
            .await
            .map_err(failed("remove old usage"))?
            .rows_affected();
            removed += portion;
            if portion < u64::from(PORTION) {
                break;
            }
        }
        Ok(removed)
    }
}

fn entry(row: &SqliteRow) -> Result<DayOfUsage, sqlx::Error> {
    Ok(DayOfUsage {
        day: Day::from_number(row.try_get("day")?),
        user: rows::parsed(row, "user_id")?,
        username: row.try_get("username")?,
        model: row.try_get("model")?,
        turns: rows::unsigned(row, "turns")?,
        input_tokens: rows::unsigned(row, "input_tokens")?,
        output_tokens: rows::unsigned(row, "output_tokens")?,
    })
}
