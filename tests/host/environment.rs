//! The environment of host and handler: this process's, the app settings, and `local.settings.json` where they are silent.

use std::{collections::BTreeMap, path::Path};

use serde_json::Value;

use super::{HostOptions, web_host::HostError};

/// Names and values; names are case-sensitive, as they are on Linux.
#[derive(Clone, Debug, Default)]
pub struct Environment {
    values: BTreeMap<String, String>,
}

impl Environment {
    /// Everything that a host with these options is started with.
    pub fn of(options: &HostOptions) -> Result<Self, HostError> {
        let mut values: BTreeMap<String, String> = std::env::vars().collect();
        values.extend(options.environment.iter().cloned());
        if let Some(group) = &options.target_group {
            values.insert("FUNCTIONS_TARGET_GROUP".to_owned(), group.clone());
        }
        let mut environment = Self { values };
        environment.add_local_settings(&options.script_root.join("local.settings.json"))?;
        Ok(environment)
    }

    #[cfg(test)]
    pub fn of_pairs(pairs: &[(&str, &str)]) -> Self {
        Self { values: pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect() }
    }

    /// Sets what `Values` of the file say and the environment does not.
    fn add_local_settings(&mut self, file: &Path) -> Result<(), HostError> {
        let Ok(text) = std::fs::read_to_string(file) else { return Ok(()) };
        let settings: Value = serde_json::from_str(&text)
            .map_err(|error| HostError::Configuration(format!("local.settings.json is not JSON: {error}")))?;
        if settings.get("IsEncrypted") != Some(&Value::Bool(false)) {
            let problem = "local.settings.json counts as encrypted unless it says \"IsEncrypted\": false";
            return Err(HostError::Configuration(problem.to_owned()));
        }
        for (key, value) in settings["Values"].as_object().into_iter().flatten() {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            self.values.entry(key.clone()).or_insert(text);
        }
        Ok(())
    }

    pub fn get(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(String::as_str)
    }

    pub fn set(&mut self, name: &str, value: impl Into<String>) {
        self.values.insert(name.to_owned(), value.into());
    }

    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.values.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Whether a setting is `1` or `true`.
    pub fn is_on(&self, name: &str) -> bool {
        self.get(name).is_some_and(|value| value == "1" || value.eq_ignore_ascii_case("true"))
    }

    /// Replaces each `%NAME%` by its value, and by nothing if it has none.
    pub fn expand(&self, text: &str) -> String {
        let mut expanded = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('%') {
            expanded.push_str(before);
            let Some((name, behind)) = after.split_once('%') else {
                expanded.push('%');
                rest = after;
                break;
            };
            expanded.push_str(self.get(name).unwrap_or_default());
            rest = behind;
        }
        expanded.push_str(rest);
        expanded
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_between_percent_signs_are_replaced_and_unknown_ones_removed() {
        let environment = Environment::of_pairs(&[("HOME", "/h")]);
        assert_eq!(environment.expand("%HOME%/a%UNSET%b 100%"), "/h/ab 100%");
    }

    #[test]
    fn local_settings_do_not_win_over_the_environment() {
        let folder = tempfile::tempdir().unwrap();
        let text = r#"{"IsEncrypted": false, "Values": {"TAKEN": "file", "FREE": "file"}}"#;
        std::fs::write(folder.path().join("local.settings.json"), text).unwrap();
        let options = HostOptions::new(folder.path()).with_setting("TAKEN", "environment");
        let environment = Environment::of(&options).unwrap();
        assert_eq!((environment.get("TAKEN"), environment.get("FREE")), (Some("environment"), Some("file")));
    }

    #[test]
    fn settings_that_count_as_encrypted_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("local.settings.json"), r#"{"Values": {}}"#).unwrap();
        assert!(Environment::of(&HostOptions::new(folder.path())).is_err());
    }
}
