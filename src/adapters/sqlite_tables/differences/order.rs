//! The order in which SQLite sorts values: nothing, numbers, texts, bytes.

use std::cmp::Ordering;

use rusqlite::types::ValueRef;

/// Compares values one after the other as `ORDER BY` does.
pub(super) fn compared(left: &[ValueRef<'_>], right: &[ValueRef<'_>]) -> Ordering {
    left.iter()
        .zip(right)
        .map(|(left, right)| compare(*left, *right))
        .find(|order| order.is_ne())
        .unwrap_or(Ordering::Equal)
}

fn compare(left: ValueRef<'_>, right: ValueRef<'_>) -> Ordering {
    use ValueRef::{Blob, Integer, Real, Text};
    match (left, right) {
        (Integer(left), Integer(right)) => left.cmp(&right),
        (Real(left), Real(right)) => left.total_cmp(&right),
        (Integer(left), Real(right)) => integer_to_real(left, right),
        (Real(left), Integer(right)) => integer_to_real(right, left).reverse(),
        (Text(left), Text(right)) | (Blob(left), Blob(right)) => left.cmp(right),
        (left, right) => rank(left).cmp(&rank(right)),
    }
}

fn rank(value: ValueRef<'_>) -> u8 {
    match value {
        ValueRef::Null => 0,
        ValueRef::Integer(_) | ValueRef::Real(_) => 1,
        ValueRef::Text(_) => 2,
        ValueRef::Blob(_) => 3,
    }
}

/// Beyond 2^53 not every integer is a real number, so where they look the same the integers decide.
#[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "the exact comparison follows")]
fn integer_to_real(integer: i64, real: f64) -> Ordering {
    (integer as f64).total_cmp(&real).then_with(|| i128::from(integer).cmp(&(real as i128)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_in_the_order_of_sqlite() {
        let connection = rusqlite::Connection::open_in_memory().unwrap();
        let values = "(NULL), (-1.5), (-1), (0), (0.0), (1), (1.0), (1.5), (9007199254740992.0), (9007199254740993), \
                      (9223372036854775807), (1e300), (''), ('1'), ('a'), ('ä'), (x'00')";
        let sql =
            format!("WITH v(x) AS (VALUES {values}) SELECT a.x, b.x, a.x < b.x, a.x > b.x, a.x IS b.x FROM v a, v b");
        let mut statement = connection.prepare(&sql).unwrap();
        let mut rows = statement.query([]).unwrap();
        while let Some(row) = rows.next().unwrap() {
            let [left, right] = [0, 1].map(|place| row.get_ref(place).unwrap());
            let [less, greater] = [2, 3].map(|place| row.get::<_, Option<bool>>(place).unwrap());
            let expected = match (less, greater, row.get::<_, bool>(4).unwrap()) {
                (_, _, true) => Ordering::Equal,
                (Some(true), ..) => Ordering::Less,
                (_, Some(true), _) => Ordering::Greater,
                // Of nothing SQL only says that it comes first.
                _ if left == ValueRef::Null => Ordering::Less,
                _ => Ordering::Greater,
            };
            assert_eq!(compare(left, right), expected, "{left:?} {right:?}");
        }
    }
}
