//! Paths as the host's server reads them and its proxy writes them again. A path does not come through byte for byte.

/// Decodes percent signs but `%2F`, and resolves dot segments. `None` for a zero byte, which is refused.
///
/// Sequences that are not UTF-8 stay as they are.
pub fn decode(raw: &str) -> Option<String> {
    let mut decoded = String::new();
    let mut rest = raw;
    while let Some(at) = rest.find('%') {
        decoded.push_str(&rest[..at]);
        let (text, length) = decode_one(&rest[at..])?;
        decoded.push_str(&text);
        rest = &rest[at + length..];
    }
    decoded.push_str(rest);
    Some(without_dot_segments(&decoded))
}

/// One character from its escapes, or the percent sign itself; and how many bytes of the text it took.
fn decode_one(text: &str) -> Option<(String, usize)> {
    let mut bytes = Vec::new();
    while bytes.len() < 4
        && let Some(byte) = escaped_byte(&text[3 * bytes.len()..])
    {
        bytes.push(byte);
        if let Ok(character) = std::str::from_utf8(&bytes) {
            return match character {
                "\0" => None,
                "/" => Some((text[..3].to_owned(), 3)),
                _ => Some((character.to_owned(), 3 * bytes.len())),
            };
        }
    }
    Some(("%".to_owned(), 1))
}

fn escaped_byte(text: &str) -> Option<u8> {
    let digits = text.strip_prefix('%')?.get(..2)?;
    if !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return None;
    }
    u8::from_str_radix(digits, 16).ok()
}

fn without_dot_segments(path: &str) -> String {
    if !path.contains("/.") {
        return path.to_owned();
    }
    let mut kept: Vec<&str> = Vec::new();
    let mut ends_in_folder = false;
    for segment in path.split('/').skip(1) {
        ends_in_folder = matches!(segment, "." | "..");
        match segment {
            "." => {}
            ".." => drop(kept.pop()),
            other => kept.push(other),
        }
    }
    let end = if ends_in_folder && !kept.is_empty() { "/" } else { "" };
    format!("/{}{end}", kept.join("/"))
}

/// Escapes a decoded path for the handler. A percent sign is escaped too, so `%2F` arrives as `%252F`.
pub fn encode(path: &str) -> String {
    let mut encoded = String::new();
    for character in path.chars() {
        if character.is_ascii_alphanumeric() || "-._~!$&'()*+,;=:@/".contains(character) {
            encoded.push(character);
        } else {
            let mut buffer = [0; 4];
            for byte in character.encode_utf8(&mut buffer).bytes() {
                encoded.push_str(&format!("%{byte:02X}"));
            }
        }
    }
    encoded
}

/// The parameters of a query, decoded, in their order.
pub fn query_pairs(query: &str) -> Vec<(String, String)> {
    let decode = |text: &str| decode_query(&text.replace('+', " "));
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(key, value)| (decode(key), decode(value)))
        .collect()
}

fn decode_query(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        if let Some(byte) = escaped_byte(rest) {
            bytes.push(byte);
            rest = &rest[3..];
        } else {
            let (character, behind) = rest.split_at(first.len_utf8());
            bytes.extend_from_slice(character.as_bytes());
            rest = behind;
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Repeated keys, whatever their case, joined by commas.
pub fn joined_query(query: &str) -> Vec<(String, String)> {
    let mut joined: Vec<(String, String)> = Vec::new();
    for (key, value) in query_pairs(query) {
        match joined.iter_mut().find(|(known, _)| known.eq_ignore_ascii_case(&key)) {
            Some((_, values)) => {
                values.push(',');
                values.push_str(&value);
            }
            None => joined.push((key, value)),
        }
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_decoded_and_escaped_anew() {
        let cases = [
            ("/api/a%20b", "/api/a b", "/api/a%20b"),
            ("/api/%C3%BC", "/api/ü", "/api/%C3%BC"),
            ("/api/%7Ex%41", "/api/~xA", "/api/~xA"),
            ("/api/a%2Fb", "/api/a%2Fb", "/api/a%252Fb"),
            ("/api/100%25", "/api/100%", "/api/100%25"),
            ("/api/%FF", "/api/%FF", "/api/%25FF"),
            ("/api/%zz", "/api/%zz", "/api/%25zz"),
            ("/api/x/%2e%2e/y", "/api/y", "/api/y"),
            ("/api/x/..", "/api/", "/api/"),
            ("/../../x", "/x", "/x"),
            ("/api/.well", "/api/.well", "/api/.well"),
        ];
        for (raw, decoded, encoded) in cases {
            assert_eq!(decode(raw).as_deref(), Some(decoded), "{raw}");
            assert_eq!(encode(decoded), encoded, "{raw}");
        }
        assert_eq!(decode("/a%00"), None);
    }

    #[test]
    fn repeated_keys_of_a_query_are_joined() {
        let joined = joined_query("fmt=md&tag=a&Tag=b+c&x&y=%26");
        let expected = [("fmt", "md"), ("tag", "a,b c"), ("x", ""), ("y", "&")];
        assert_eq!(joined, expected.map(|(key, value)| (key.to_owned(), value.to_owned())));
    }
}
