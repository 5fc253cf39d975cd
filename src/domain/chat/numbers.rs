//! Numbers of cells, and whether what is written means them: digit by digit, for a floating-point number does not tell long ones apart.

use serde_json::Value;

/// Digits of which a number is compared; one with more is a text.
const DIGITS: usize = 36;

/// Powers of ten beyond these are no numbers that a cell can have.
pub(super) const MOST_POWER: i32 = 300;

/// A number of a cell.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Number {
    decimal: Option<Decimal>,
    /// What is not whole may be a little beside what was calculated, and so beside where it is rounded.
    real: Option<f64>,
}

/// `units · 10^exponent`.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Decimal {
    units: i128,
    exponent: i32,
}

impl Number {
    /// The number that a cell is, or that stands in it as a computer writes it.
    #[must_use]
    pub fn of(value: &Value) -> Option<Self> {
        match value {
            Value::String(text) => Self::written(text),
            Value::Number(number) => {
                let whole = number.as_i64().map(i128::from).or_else(|| number.as_u64().map(i128::from));
                match whole {
                    Some(units) => Some(Self { decimal: Some(Decimal { units, exponent: 0 }), real: None }),
                    None => Self::real(number.as_f64()?),
                }
            }
            _ => None,
        }
    }

    /// The number that a text is as a computer writes it.
    #[must_use]
    pub fn written(text: &str) -> Option<Self> {
        let text = text.trim();
        match decimal(text) {
            Some(decimal) => Some(Self { decimal: Some(decimal), real: None }),
            // Letters of `inf` are no exponent, and long digits are a text.
            None if text.contains(['e', 'E']) => Self::real(text.parse().ok()?),
            None => None,
        }
    }

    fn real(number: f64) -> Option<Self> {
        let decimal = decimal(&number.to_string());
        let is_between = number.fract() != 0.0 || decimal.is_none();
        number.is_finite().then_some(Self { decimal, real: is_between.then_some(number) })
    }
}

/// Digits with at most one point.
fn decimal(text: &str) -> Option<Decimal> {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    let digits = [whole, fraction].concat();
    if digits.is_empty() || digits.len() > DIGITS || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let units: i128 = digits.parse().ok()?;
    let exponent = -i32::try_from(fraction.len()).ok()?;
    Some(Decimal { units: if text.starts_with('-') { -units } else { units }, exponent })
}

/// What digits say: so many units of a power of ten, rounded to one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Amount {
    units: i128,
    exponent: i32,
}

impl Amount {
    /// The amount of digits without separators, of which so many are decimals, by a power of ten.
    pub(super) fn new(digits: &str, decimals: usize, power: i32, is_negative: bool) -> Option<Self> {
        if digits.len() > DIGITS {
            return None;
        }
        let units: i128 = digits.parse().ok()?;
        let exponent = power - i32::try_from(decimals).ok()?;
        Some(Self { units: if is_negative { -units } else { units }, exponent })
    }

    /// Whether this many times the amount, and by a further power of ten, is the number, rounded to the last digit that is shown. Dozens are not
    /// rounded.
    pub(super) fn is(&self, times: u32, power: i32, number: &Number) -> bool {
        let exponent = self.exponent + power;
        let exactly = number.decimal.and_then(|decimal| self.is_decimal(times, exponent, decimal));
        match (exactly, number.real) {
            (Some(true), _) => true,
            (_, Some(real)) => self.is_real(times, exponent, real),
            _ => false,
        }
    }

    /// `None` if it takes too many digits to tell.
    fn is_decimal(&self, times: u32, exponent: i32, number: Decimal) -> Option<bool> {
        let least = exponent.min(number.exponent);
        let by = |digits: i128, exponent: i32| {
            let power = u32::try_from(exponent - least).ok()?;
            digits.checked_mul(10_i128.checked_pow(power)?)
        };
        let step = by(i128::from(times), exponent)?;
        let said = self.units.checked_mul(step)?.checked_mul(2)?;
        let shown = by(number.units, number.exponent)?.checked_mul(2)?;
        let most = if times == 1 { step } else { 0 };
        Some(said.checked_sub(shown)?.checked_abs()? <= most)
    }

    fn is_real(&self, times: u32, exponent: i32, number: f64) -> bool {
        let parsed = |digits: i128| format!("{digits}e{exponent}").parse::<f64>().unwrap_or(f64::NAN);
        let times = f64::from(times);
        let (said, half) = (parsed(self.units) * times, parsed(1) / 2.0);
        let slack = (4.0 * f64::EPSILON * number.abs()).min(half / 1000.0);
        let most = if times > 1.0 { slack } else { half + slack };
        (said - number).abs() <= most
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn is(digits: &str, decimals: usize, value: &Value) -> bool {
        let amount = Amount::new(digits, decimals, 0, false).unwrap();
        Number::of(value).is_some_and(|number| amount.is(1, 0, &number))
    }

    #[test]
    fn long_whole_numbers_are_told_apart_by_their_last_digit() {
        for number in [4_006_381_333_931_u64, 999_999_999_999_999, 9_007_199_254_740_993, 18_446_744_073_709_551_615] {
            let text = number.to_string();
            let other = format!("{}0", &text[..text.len() - 1]);
            assert!(is(&text, 0, &json!(number)) && is(&text, 0, &json!(text)), "{text}");
            assert!(!is(&other, 0, &json!(number)) && !is(&other, 0, &json!(text)), "{other}");
        }
        assert!(is("4006381333931", 0, &json!(4_006_381_333_931.0)));
        assert!(!is("4006381333935", 0, &json!(4_006_381_333_931.0)));
        assert!(is("12345678901234567890123", 0, &json!("12345678901234567890123")));
        assert!(!is("12345678901234567890124", 0, &json!("12345678901234567890123")));
        assert!(!is("1234567890123456789", 2, &json!("12345678901234568.89")));
        assert!(Number::written(&"9".repeat(37)).is_none());
    }

    #[test]
    fn what_is_rounded_is_the_number() {
        assert!(is("33", 1, &json!(10.0 / 3.0)) && !is("34", 1, &json!(10.0 / 3.0)));
        assert!(is("26", 1, &json!(2.55)) && is("25", 1, &json!(2.55)) && !is("27", 1, &json!(2.55)));
        assert!(is("3", 1, &json!(0.1 + 0.2)) && is("30", 2, &json!(0.1 + 0.2)));
        assert!(is("50", 1, &json!(5)) && !is("51", 1, &json!(5)) && is("1", 0, &json!("1e0")));
        assert!(!is("5", 0, &json!(1e-200)) && is("0", 0, &json!(1e-200)) && !is("1", 0, &json!(1e300)));
        for text in ["inf", "nan", "1e999", "", "-", ".", "1 2"] {
            assert!(Number::written(text).is_none(), "{text}");
        }
    }

    #[test]
    fn a_dozen_is_twelve() {
        let is = |number: i64| Amount::new("5", 0, 0, false).unwrap().is(12, 0, &Number::of(&json!(number)).unwrap());
        assert!(is(60) && !is(61) && !is(5));
    }
}
