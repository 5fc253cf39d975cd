//! Names in the environment that look like settings and are none: mostly misspelt ones, which have no effect and would stay unnoticed.

use std::collections::BTreeMap;

/// Every setting with its default. A test holds it to what is read.
const EXAMPLE: &str = include_str!("../../local.settings.json.example");

/// Beginnings that are ours, or that hardly anybody else's names have in the environment of this process.
const OURS: [&str; 11] = [
    "RET_",
    "HISTORY_",
    "AUDIT_",
    "USAGE_",
    "COSMOS_",
    "DATABASE_",
    "REDIS_",
    "STORAGE_",
    "OPENAI_",
    "AZURE_OPENAI_",
    "JWT_",
];

/// What the tests and tools of the project are told by.
const OF_TOOLS: [&str; 2] = ["RET_TEST_", "RET_TOUR"];

/// Names at least so alike may be one misspelt.
const ALIKE: f64 = 0.75;

/// A name that is set and that nobody reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownSetting {
    /// The name.
    pub key: String,
    /// The setting that may be meant.
    pub nearest: Option<String>,
}

/// The names that look like settings, have a value and are none.
pub(super) fn unknown_settings(values: &BTreeMap<String, String>) -> Vec<UnknownSetting> {
    let example: serde_json::Value = serde_json::from_str(EXAMPLE).unwrap_or_default();
    let known: Vec<&str> = example["Values"].as_object().into_iter().flatten().map(|(key, _)| key.as_str()).collect();
    let is_set = |(key, value): &(&String, &String)| !value.trim().is_empty() && !known.contains(&key.as_str());
    let unknown = values.iter().filter(is_set).filter_map(|(key, _)| {
        let nearest = nearest(key, &known);
        let begins = |with: &&str| key.to_ascii_uppercase().starts_with(with);
        let looks_ours = (nearest.is_some() || OURS.iter().any(begins)) && !OF_TOOLS.iter().any(begins);
        looks_ours.then(|| UnknownSetting { key: key.clone(), nearest })
    });
    unknown.collect()
}

fn nearest(key: &str, known: &[&str]) -> Option<String> {
    let key = key.to_ascii_uppercase();
    // A short name is as like to many others as to the one that is meant.
    let candidates = known.iter().filter(|name| name.contains('_'));
    let likeness = |name: &str| match name.starts_with(&key) || key.starts_with(name) {
        true => 1.0,
        false => strsim::normalized_damerau_levenshtein(&key, name),
    };
    let alike = candidates.filter(|_| key.contains('_')).map(|name| (likeness(name), *name));
    let best = alike.max_by(|one, other| one.0.total_cmp(&other.0))?;
    (best.0 >= ALIKE).then(|| best.1.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(key: &str, value: &str) -> Option<Option<String>> {
        let values = BTreeMap::from([(key.to_owned(), value.to_owned())]);
        unknown_settings(&values).into_iter().next().map(|unknown| unknown.nearest)
    }

    #[test]
    fn a_misspelt_setting_is_told_with_the_one_that_is_meant() {
        for (misspelt, meant) in [
            ("RET_HTTP_PROT", "RET_HTTP_PORT"),
            ("ret_http_port", "RET_HTTP_PORT"),
            ("RATE_LIMIT_PER_MINUTES", "RATE_LIMIT_PER_MINUTE"),
            ("JWT_SECRET", "JWT_SECRET_KEY"),
            ("SESSION_IDLE_SECOND", "SESSION_IDLE_SECONDS"),
            ("OPENAI_BASEURL", "OPENAI_BASE_URL"),
        ] {
            assert_eq!(told(misspelt, "1").flatten().as_deref(), Some(meant), "{misspelt}");
        }
        assert_eq!(told("REDIS_URL", "redis://a"), Some(None));
    }

    #[test]
    fn settings_and_names_of_others_are_not_told() {
        for key in [
            "RET_HTTP_PORT",
            "SESSION_MANAGER",
            "PATH",
            "HOME",
            "IDENTITY_ENDPOINT",
            "AZURE_TENANT_ID",
            "RET_TEST_STORES",
        ] {
            assert_eq!(told(key, "1"), None, "{key}");
        }
        assert_eq!(told("RET_HTTP_PROT", " "), None, "an empty one has no effect anyway");
    }
}
