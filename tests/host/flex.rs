//! Flex Consumption: each function group has an instance of its own, which shares nothing with the others but stores.

use std::{collections::BTreeMap, net::SocketAddr};

use super::{
    Host, HostOptions, discovery::discover, environment::Environment, settings::HostSettings, web_host::HostError,
};

/// One host for each group; that of `http` takes the requests.
pub struct FlexHost {
    instances: BTreeMap<String, Host>,
}

impl FlexHost {
    /// Starts an instance for each group of the staged folder. `settings_of` names the app settings of a group beyond
    /// those of all, such as folders that instances must not share.
    pub async fn start(
        options: HostOptions,
        settings_of: impl Fn(&str) -> Vec<(String, String)>,
    ) -> Result<Self, HostError> {
        let mut instances = BTreeMap::new();
        for group in groups(&options)? {
            let mut own = options.clone();
            own.environment.extend(settings_of(&group));
            if group != "http" {
                own.port = 0;
            }
            own.target_group = Some(group.clone());
            instances.insert(group, Host::start(own).await?);
        }
        Ok(Self { instances })
    }

    /// The groups: `http`, and `function:<name>` for each other function.
    pub fn groups(&self) -> Vec<&str> {
        self.instances.keys().map(String::as_str).collect()
    }

    /// The instance of a group.
    pub fn instance(&self, group: &str) -> Option<&Host> {
        self.instances.get(group)
    }

    /// Where HTTP is answered, if any function is called by it.
    pub fn address(&self) -> Option<SocketAddr> {
        self.instance("http").map(Host::address)
    }

    pub async fn stop(self) {
        futures::future::join_all(self.instances.into_values().map(Host::stop)).await;
    }
}

fn groups(options: &HostOptions) -> Result<Vec<String>, HostError> {
    let environment = Environment::of(options)?;
    let settings = HostSettings::read(&options.script_root, &environment)?;
    let found = discover(&options.script_root, &settings, &environment)?;
    let mut groups: Vec<_> = found.functions.iter().map(|function| function.group()).collect();
    groups.sort();
    groups.dedup();
    Ok(groups)
}
