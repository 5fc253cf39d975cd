//! Days and moments as the serial numbers of spreadsheets: days since the end of 1899, moments as fractions of a day.

use crate::conversion::shape::{date, time};

/// Milliseconds are what spreadsheets resolve: three decimals of a second.
const MOST_DECIMALS: usize = 3;
const MILLISECONDS_OF_DAY: f64 = 86_400_000.0;

/// The serial number of `2024-02-29`; `None` before 1900 and for what is no date.
pub(super) fn day_serial(value: &str) -> Option<i32> {
    let text = value.as_bytes();
    if !date(text) {
        return None;
    }
    let (year, month, day) = (digits(&text[..4]), digits(&text[5..7]), digits(&text[8..10]));
    let serial = days_since_1899_12_30(year, month, day);
    // Spreadsheets count a 29 February 1900 that never was, so days before it have a number less.
    let serial = if serial < 61 { serial - 1 } else { serial };
    (year >= 1900).then_some(serial)
}

/// The serial number of `2024-02-29T12:30:00.125` and its decimals of a second; `None` before 1900, for more than three decimals, and
/// with a time zone, for which a cell has no room.
pub(super) fn moment_serial(value: &str) -> Option<(f64, usize)> {
    let (day, clock) = value.split_once('T')?;
    let day = day_serial(day)?;
    let clock = clock.as_bytes();
    if !time(clock) {
        return None;
    }
    let decimals = clock.get(9..).unwrap_or_default();
    if decimals.len() > MOST_DECIMALS {
        return None;
    }
    let seconds = (digits(&clock[..2]) * 60 + digits(&clock[3..5])) * 60 + digits(&clock[6..8]);
    let scale = 10_i32.pow(u32::try_from(MOST_DECIMALS - decimals.len()).unwrap_or(0));
    let milliseconds = seconds * 1_000 + digits(decimals) * scale;
    Some((f64::from(day) + f64::from(milliseconds) / MILLISECONDS_OF_DAY, decimals.len()))
}

/// The number of some ASCII digits, few enough for 32 bits.
fn digits(text: &[u8]) -> i32 {
    text.iter().fold(0, |number, digit| number * 10 + i32::from(digit - b'0'))
}

/// Days of the Gregorian calendar, counted in years that begin in March, so that the leap day is the last.
pub(in crate::conversion::formats) fn days_since_1899_12_30(year: i32, month: i32, day: i32) -> i32 {
    const OF_1899_12_30: i32 = 693_899;
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let leap_days = year / 4 - year / 100 + year / 400;
    year * 365 + leap_days + (153 * month + 2) / 5 + day - 1 - OF_1899_12_30
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_have_the_numbers_that_spreadsheets_give_them() {
        for (day, serial) in [
            ("1900-01-01", 1),
            ("1900-02-28", 59),
            ("1900-03-01", 61),
            ("1970-01-01", 25_569),
            ("2000-02-29", 36_585),
            ("2024-02-29", 45_351),
            ("9999-12-31", 2_958_465),
        ] {
            assert_eq!(day_serial(day), Some(serial), "{day}");
        }
        for other in ["1899-12-31", "0001-01-01", "2023-02-29", "2024-2-9", ""] {
            assert_eq!(day_serial(other), None, "{other}");
        }
    }

    #[test]
    fn every_day_has_the_number_after_the_day_before() {
        let mut last = 60;
        for year in 1900..2101 {
            for month in 1..=12 {
                for day in 1..=31 {
                    let serial = day_serial(&format!("{year}-{month:02}-{day:02}"));
                    if let Some(serial) = serial.filter(|serial| *serial > 60) {
                        assert_eq!(serial, last + 1, "{year}-{month}-{day}");
                        last = serial;
                    }
                }
            }
        }
        assert_eq!(last, 73_415, "2100-12-31");
    }

    #[test]
    fn moments_are_fractions_of_a_day() {
        assert_eq!(moment_serial("2024-02-29T12:00:00"), Some((45_351.5, 0)));
        assert_eq!(moment_serial("2024-02-29T00:00:00.5"), Some((45_351.0 + 500.0 / 86_400_000.0, 1)));
        assert_eq!(moment_serial("1900-01-01T23:59:59.999"), Some((1.0 + 86_399_999.0 / 86_400_000.0, 3)));
        for other in ["2024-02-29T12:00:00Z", "2024-02-29T12:00:00.1234", "2024-02-29", "2024-02-29 12:00:00"] {
            assert_eq!(moment_serial(other), None, "{other}");
        }
    }
}
