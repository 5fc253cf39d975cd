//! Vectors that are the same in every run: texts are near each other that share words, or have words of one meaning.

use serde_json::{Value, json};

const DIMENSIONS: u64 = 64;

/// Words of one meaning.
const MEANINGS: [&[&str]; 4] = [
    &["lamp", "lantern", "light", "leuchte"],
    &["chair", "stool", "seat", "stuhl"],
    &["doctor", "physician", "surgeon"],
    &["car", "automobile", "vehicle"],
];

/// The vector of a text, of length 1: each word, without regard to case, adds to one number that the hash of its meaning names.
pub fn vector_of(text: &str, dimensions: usize) -> Vec<f32> {
    let mut vector = vec![0.0_f32; dimensions];
    for word in text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()) {
        let word = word.to_lowercase();
        let meaning = MEANINGS.into_iter().find(|words| words.contains(&word.as_str()));
        let hash = meaning
            .map_or(word.as_str(), |words| words[0])
            .bytes()
            .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
        vector[usize::try_from(hash % u64::try_from(dimensions).unwrap()).unwrap()] += 1.0;
    }
    let length = vector.iter().map(|number| number * number).sum::<f32>().sqrt();
    match length {
        0.0 => vector[0] = 1.0,
        length => vector.iter_mut().for_each(|number| *number /= length),
    }
    vector
}

pub(super) fn answer(request: &Value) -> Result<Value, Value> {
    let wrong = |message: &str| json!({ "code": null, "type": "invalid_request_error", "message": message });
    let texts: Vec<&str> = match &request["input"] {
        Value::String(text) => vec![text],
        Value::Array(texts) => texts.iter().filter_map(Value::as_str).collect(),
        _ => return Err(wrong("input is missing")),
    };
    if texts.is_empty() || texts.len() > 2048 || texts.iter().any(|text| text.is_empty()) {
        return Err(wrong("input is empty or too long"));
    }
    let dimensions = usize::try_from(request["dimensions"].as_u64().unwrap_or(DIMENSIONS)).unwrap();
    let item = |(index, text): (usize, &&str)| json!({ "object": "embedding", "index": index, "embedding": vector_of(text, dimensions) });
    // Last first: only the index tells which is whose.
    let data: Vec<Value> = texts.iter().enumerate().rev().map(item).collect();
    let tokens: usize = texts.iter().map(|text| text.split_whitespace().count()).sum();
    let usage = json!({ "prompt_tokens": tokens, "total_tokens": tokens });
    Ok(json!({ "object": "list", "data": data, "model": request["model"], "usage": usage }))
}
