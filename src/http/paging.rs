//! Lists by page: `?limit=&cursor=` in, `items` and `next_cursor` out.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{Problem, ProblemCode};

const DEFAULT_LIMIT: u32 = 100;
const MAX_LIMIT: u32 = 1_000;

/// Which page of a list.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PageQuery {
    /// Items of a page, 1 to 1000; 100 if not given.
    #[param(minimum = 1, maximum = 1000)]
    pub limit: Option<u32>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
}

impl PageQuery {
    /// The number of items, within its bounds.
    pub fn limit(&self) -> Result<u32, Problem> {
        match self.limit {
            None => Ok(DEFAULT_LIMIT),
            Some(limit @ 1..=MAX_LIMIT) => Ok(limit),
            Some(_) => {
                Err(Problem::new(ProblemCode::InvalidParameter, format!("limit takes a number from 1 to {MAX_LIMIT}")))
            }
        }
    }

    /// The cursor, read by `parse`.
    pub fn cursor<T>(&self, parse: impl Fn(&str) -> Option<T>) -> Result<Option<T>, Problem> {
        let Some(cursor) = &self.cursor else { return Ok(None) };
        let refused = || Problem::new(ProblemCode::InvalidParameter, "cursor is not one that a page gave");
        parse(cursor).map(Some).ok_or_else(refused)
    }
}

/// One page on the wire.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ItemPage<T> {
    /// The items of this page.
    pub items: Vec<T>,
    /// Give it as `cursor` to get the next page; null on the last.
    pub next_cursor: Option<String>,
}

impl<T> ItemPage<T> {
    /// A page of the services, each item turned into its form on the wire.
    pub fn from_page<U>(page: crate::services::Page<U>, turn: impl Fn(U) -> T) -> Self {
        Self { items: page.items.into_iter().map(turn).collect(), next_cursor: page.next_cursor }
    }
}
