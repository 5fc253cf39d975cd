//! Which functions a staged folder has, and which of them are refused.

use std::{path::Path, sync::Arc};

use super::{
    environment::Environment,
    function::{Function, HttpTrigger, Trigger},
    settings::HostSettings,
    web_host::HostError,
};

/// The functions of a folder.
#[derive(Debug, Default)]
pub struct Discovery {
    /// In the order of their names, in which their routes are tried.
    pub functions: Vec<Arc<Function>>,
    /// Folders whose `function.json` is wrong. The others are served all the same.
    pub refused: Vec<Refusal>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    pub name: String,
    pub reason: String,
}

/// Reads the `function.json` of every direct sub-folder; deeper ones are not looked for.
pub fn discover(root: &Path, settings: &HostSettings, environment: &Environment) -> Result<Discovery, HostError> {
    let mut discovery = Discovery::default();
    for (name, text) in manifests(root)? {
        let is_allowed = |allowed: &Vec<String>| allowed.iter().any(|function| function.eq_ignore_ascii_case(&name));
        if !settings.functions.as_ref().is_none_or(is_allowed) || is_disabled(&name, environment) {
            continue;
        }
        match load(&name, &text, &discovery.functions, environment) {
            Ok(function) => discovery.functions.push(Arc::new(function)),
            Err(reason) => discovery.refused.push(Refusal { name, reason }),
        }
    }
    Ok(discovery)
}

/// Names and texts, ordered as .NET's `OrdinalIgnoreCase` does: by upper case, so that `_` comes after letters.
fn manifests(root: &Path) -> Result<Vec<(String, String)>, HostError> {
    let unreadable = |error| HostError::Configuration(format!("{} cannot be read: {error}", root.display()));
    let mut found = Vec::new();
    for entry in std::fs::read_dir(root).map_err(unreadable)? {
        let folder = entry.map_err(unreadable)?.path();
        let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if let Ok(text) = std::fs::read_to_string(folder.join("function.json")) {
            found.push((name, text));
        }
    }
    found.sort_by_key(|(name, _)| name.to_uppercase());
    Ok(found)
}

fn is_disabled(name: &str, environment: &Environment) -> bool {
    environment.is_on(&format!("AzureWebJobs.{name}.Disabled"))
        || environment.is_on(&format!("AzureWebJobs__{name}__Disabled"))
}

fn load(name: &str, text: &str, before: &[Arc<Function>], environment: &Environment) -> Result<Function, String> {
    if !is_function_name(name) {
        return Err(format!("'{name}' is not a valid function name"));
    }
    let function = Function::parse(name, text, environment)?;
    if let Trigger::Http(http) = &function.trigger {
        check_route(http, before)?;
    }
    Ok(function)
}

fn check_route(http: &HttpTrigger, before: &[Arc<Function>]) -> Result<(), String> {
    let route = http.route.to_lowercase();
    if route.starts_with("admin") || route.starts_with("runtime") {
        return Err("the specified route conflicts with one or more built in routes".to_owned());
    }
    for other in before {
        if let Trigger::Http(known) = &other.trigger
            && known.route.eq_ignore_ascii_case(&http.route)
            && share_methods(known, http)
        {
            return Err(format!("the route specified conflicts with the route defined by function '{}'", other.name));
        }
    }
    Ok(())
}

fn share_methods(one: &HttpTrigger, other: &HttpTrigger) -> bool {
    match (&one.methods, &other.methods) {
        (Some(one), Some(other)) => one.iter().any(|method| other.contains(method)),
        _ => true,
    }
}

fn is_function_name(name: &str) -> bool {
    let of_name = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    name.len() <= 128
        && name.starts_with(|first: char| first.is_ascii_alphabetic())
        && name.bytes().all(of_name)
        && !name.eq_ignore_ascii_case("host")
}
