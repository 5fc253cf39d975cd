//! Signs before figures: also those before a currency, and in words.

const CURRENCIES: [&str; 24] = [
    "EUR", "USD", "GBP", "CHF", "JPY", "CNY", "AUD", "CAD", "SEK", "NOK", "DKK", "PLN", "CZK", "HUF", "INR", "BRL",
    "MXN", "NZD", "SGD", "HKD", "ZAR", "KRW", "TRY", "RUB",
];

const SIGNS: [char; 5] = ['-', '−', '–', '－', '﹣'];

const WORDS: [&str; 7] = ["minus", "negative", "negativ", "negativen", "negativer", "negatives", "negativem"];

/// Words behind which a value comes, and so no hyphen that only divides.
const BEFORE_VALUES: [&str; 40] = [
    "is", "was", "are", "were", "be", "been", "of", "to", "at", "by", "than", "about", "around", "only", "just", "now",
    "still", "exactly", "equals", "equal", "makes", "totals", "ist", "war", "sind", "waren", "beträgt", "betrug",
    "von", "um", "auf", "bei", "rund", "etwa", "nur", "als", "genau", "jetzt", "ergibt", "macht",
];

/// Whether a word is the code of a currency.
pub(super) fn is_currency_code(word: &str) -> bool {
    CURRENCIES.contains(&word.to_uppercase().as_str())
}

fn is_currency_sign(c: char) -> bool {
    matches!(c, '$' | '¢'..='¥' | '\u{58f}' | '\u{60b}' | '\u{e3f}' | '\u{20a0}'..='\u{20cf}' | '\u{fdfc}' | '\u{fe69}' | '＄' | '￠' | '￡' | '￥' | '￦')
}

/// Whether what stands before a figure, or before the code of a currency in one word with it, makes it negative. A hyphen is no sign where it
/// begins the item of a list, divides two figures, or stands between a word and a figure with spaces on both sides.
pub(super) fn is_negative(before: &str) -> bool {
    let before = without_emphasis(before);
    if let Some(left) = before.strip_suffix(SIGNS) {
        return is_sign_after(left);
    }
    let before = without_emphasis(without_currency(before));
    if let Some(left) = before.strip_suffix(SIGNS) {
        return is_sign_after(left);
    }
    let apart = without_emphasis(without_spaces(before));
    if let Some(left) = apart.strip_suffix(SIGNS) {
        return is_sign_apart(without_spaces(without_emphasis(left)), apart.ends_with('−'));
    }
    let left = apart.trim_end_matches(char::is_alphabetic);
    let is_word = WORDS.contains(&apart[left.len()..].to_lowercase().as_str());
    is_word && !left.ends_with('_') && !without_spaces(left).ends_with(char::is_numeric)
}

/// A sign right before a figure or a currency; behind a letter or a digit it is a hyphen.
fn is_sign_after(left: &str) -> bool {
    let word = left.trim_end_matches(char::is_alphanumeric);
    word.len() == left.len() || is_currency_code(&left[word.len()..])
}

/// A sign and a space before a figure.
fn is_sign_apart(left: &str, is_true_minus: bool) -> bool {
    if left.is_empty() || left.ends_with('\n') {
        return is_true_minus;
    }
    let word = left.trim_end_matches(char::is_alphabetic);
    left.ends_with([':', '=', '<', '>', '≤', '≥', '≈', '~', '|', '(', ','])
        || BEFORE_VALUES.contains(&left[word.len()..].to_lowercase().as_str())
        || is_true_minus && !left.ends_with(char::is_numeric)
}

fn without_emphasis(text: &str) -> &str {
    text.trim_end_matches(['*', '_', '`'])
}

fn without_spaces(text: &str) -> &str {
    text.trim_end_matches(|c: char| c.is_whitespace() && c != '\n')
}

/// The text without the currency at its end, with the letters that belong to it: `US$`, `EUR `.
fn without_currency(text: &str) -> &str {
    let end = without_spaces(text);
    let sign = end.trim_end_matches(is_currency_sign);
    let word = sign.trim_end_matches(char::is_alphabetic);
    let letters = &sign[word.len()..];
    if sign.len() < end.len() {
        let is_country = (1..=3).contains(&letters.len()) && letters.bytes().all(|byte| byte.is_ascii_uppercase());
        return if is_country { word } else { sign };
    }
    if is_currency_code(letters) { word } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_are_seen_through_currencies_spaces_and_words() {
        for before in [
            "-",
            "−",
            "it is -",
            "-$",
            "-€",
            "It is - ",
            "It was -€ ",
            "balance: - ",
            "= -",
            "minus ",
            "Minus EUR ",
            "a negative $",
            "-EUR ",
            "EUR -",
            "EUR-",
            "$-",
            "-US$",
            "of -**",
            "minus **",
            "| - ",
            "(-",
            "− ",
            "a − ",
        ] {
            assert!(is_negative(before), "{before}");
        }
    }

    #[test]
    fn hyphens_that_divide_are_no_signs() {
        for before in [
            "",
            "- ",
            "* ",
            "\n- ",
            "a\n  - ",
            "10 - ",
            "10-",
            "A - ",
            "Berlin - ",
            "INV-",
            "US-$",
            "-\n",
            "10 minus ",
            "$",
            "EUR ",
            "terminus ",
            "- Berlin: ",
            "10 − ",
            "- **",
            " - ",
        ] {
            assert!(!is_negative(before), "{before}");
        }
    }
}
