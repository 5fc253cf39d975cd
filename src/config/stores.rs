//! Which servers hold rows, the session cache and what several instances count together.

use url::Url;

use super::{Secret, reader::Reader};

/// How a server knows this process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ServerLogin {
    /// As the URL says: with its password, or as somebody who needs none.
    AsGiven,
    /// By a token of the process's identity.
    Identity,
}

/// A server, and how it knows this process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerAccount {
    /// Its URL; a password may stand in it.
    pub url: Secret,
    /// How to sign in.
    pub login: ServerLogin,
}

/// The durable tier of the session cache.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SessionStore {
    /// A file of this machine.
    Sqlite,
    /// The database of the rows.
    Postgres,
    /// Cosmos DB.
    Cosmos(CosmosAccount),
}

/// A Cosmos DB account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CosmosAccount {
    /// `COSMOS_ENDPOINT`.
    pub endpoint: String,
    /// `COSMOS_DATABASE`.
    pub database: String,
    /// `COSMOS_KEY`, where there is no identity.
    pub key: Option<Secret>,
}

impl Reader {
    pub(super) fn database_server(&mut self) -> Option<ServerAccount> {
        let takes = "takes a URL such as postgres://user@server.postgres.database.azure.com/ret";
        self.server("DATABASE_URL", &["postgres", "postgresql"], &[".postgres.database.azure.com"], takes)
    }

    pub(super) fn redis_server(&mut self) -> Option<ServerAccount> {
        let hosts = [".redis.azure.net", ".redis.cache.windows.net"];
        let takes = "takes a URL such as rediss://object-id@name.region.redis.azure.net:10000";
        if !self.flag("REDIS_ENABLED", false) {
            return None;
        }
        let server = self.server("REDIS_CONNECTION_STRING", &["redis", "rediss"], &hosts, takes);
        if server.is_none() && self.optional("REDIS_CONNECTION_STRING").is_none() {
            self.problem("REDIS_CONNECTION_STRING", &format!("must be set when REDIS_ENABLED is true: it {takes}"));
        }
        if let Some(server) = &server
            && let Ok(url) = Url::parse(server.url.expose())
        {
            if !["", "/", "/0"].contains(&url.path()) {
                let problem = "takes a URL without a database number: only database 0 is there on Azure";
                self.problem("REDIS_CONNECTION_STRING", problem);
            }
            if server.login == ServerLogin::Identity && url.username().is_empty() {
                let problem = format!("must name the object id of the process's identity as its user: it {takes}");
                self.problem("REDIS_CONNECTION_STRING", &problem);
            }
        }
        server
    }

    pub(super) fn session_store(&mut self) -> SessionStore {
        let store = self.optional("SESSION_STORE").map(|name| name.to_ascii_lowercase());
        match store.as_deref() {
            None | Some("sqlite") => SessionStore::Sqlite,
            Some("postgres") if self.optional("DATABASE_URL").is_some() => SessionStore::Postgres,
            Some("postgres") => {
                self.problem("SESSION_STORE", "takes postgres only when DATABASE_URL names a server");
                SessionStore::Sqlite
            }
            Some("cosmos") => match self.optional("COSMOS_ENDPOINT") {
                Some(endpoint) if !is_safe_endpoint(&endpoint) => {
                    self.problem("COSMOS_ENDPOINT", "takes an https URL such as https://account.documents.azure.com");
                    SessionStore::Sqlite
                }
                Some(endpoint) => SessionStore::Cosmos(CosmosAccount {
                    endpoint,
                    database: self.text("COSMOS_DATABASE", "ret"),
                    key: self.optional("COSMOS_KEY").map(Secret),
                }),
                None => {
                    self.problem("COSMOS_ENDPOINT", "must be set when SESSION_STORE is cosmos");
                    SessionStore::Sqlite
                }
            },
            Some(_) => {
                self.problem("SESSION_STORE", "takes sqlite, postgres or cosmos");
                SessionStore::Sqlite
            }
        }
    }

    /// A server by its URL. One of Azure, named without a password, knows the process by its identity.
    fn server(
        &mut self,
        setting: &str,
        schemes: &[&str],
        hosts_of_azure: &[&str],
        takes: &str,
    ) -> Option<ServerAccount> {
        let text = self.optional(setting)?;
        let url = Url::parse(&text).ok().filter(|url| schemes.contains(&url.scheme()));
        let Some((url, host)) = url.and_then(|url| url.host_str().map(str::to_owned).map(|host| (url, host))) else {
            // Never the value: a password may stand in it.
            self.problem(setting, takes);
            return None;
        };
        let is_azure = hosts_of_azure.iter().any(|suffix| host.ends_with(suffix));
        let identity = self.flag("RET_SERVER_IDENTITY", is_azure) && url.password().is_none();
        if identity && url.scheme() == "redis" && !is_loopback(&host) {
            self.problem(setting, "takes a rediss:// URL where the identity signs in: a token is a secret");
            return None;
        }
        let login = if identity { ServerLogin::Identity } else { ServerLogin::AsGiven };
        Some(ServerAccount { url: Secret(text), login })
    }
}

/// Keys and tokens go to servers that prove who they are, or do not leave the machine.
pub(super) fn is_safe_endpoint(endpoint: &str) -> bool {
    let Ok(url) = Url::parse(endpoint) else { return false };
    url.host_str().is_some_and(|host| url.scheme() == "https" || url.scheme() == "http" && is_loopback(host))
}

fn is_loopback(host: &str) -> bool {
    matches!(host, "localhost" | "127.0.0.1" | "[::1]")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Settings;

    fn read(values: &[(&str, &str)]) -> Result<Settings, String> {
        let values = values.iter().map(|(key, value)| ((*key).into(), (*value).into())).collect();
        Settings::from_values(values).map_err(|problems| problems[0].to_string())
    }

    fn database(url: &str) -> ServerLogin {
        read(&[("DATABASE_URL", url)]).unwrap().database_server.unwrap().login
    }

    #[test]
    fn a_server_of_azure_without_a_password_is_reached_by_identity() {
        assert_eq!(database("postgres://ret@a.postgres.database.azure.com/ret"), ServerLogin::Identity);
        assert_eq!(database("postgres://ret:secret@a.postgres.database.azure.com/ret"), ServerLogin::AsGiven);
        assert_eq!(database("postgres://ret@127.0.0.1/ret"), ServerLogin::AsGiven);
    }

    #[test]
    fn what_cannot_be_used_is_named_without_its_password() {
        let problem = read(&[("DATABASE_URL", "mysql://ret:secret@a/ret")]).err().unwrap();
        assert!(problem.starts_with("DATABASE_URL") && !problem.contains("secret"), "{problem}");
        assert!(read(&[("REDIS_ENABLED", "true")]).err().unwrap().starts_with("REDIS_CONNECTION_STRING"));
        let numbered = ("REDIS_CONNECTION_STRING", "redis://localhost:6379/1");
        assert!(read(&[("REDIS_ENABLED", "true"), numbered]).err().unwrap().contains("database 0"));
        let nobody = ("REDIS_CONNECTION_STRING", "rediss://a.westeurope.redis.azure.net:10000");
        assert!(read(&[("REDIS_ENABLED", "true"), nobody]).err().unwrap().contains("object id"));
        assert!(read(&[("SESSION_STORE", "postgres")]).err().unwrap().starts_with("SESSION_STORE"));
        assert!(read(&[("SESSION_STORE", "cosmos")]).err().unwrap().starts_with("COSMOS_ENDPOINT"));
    }

    #[test]
    fn secrets_go_to_servers_that_prove_who_they_are_only() {
        let clear = ("REDIS_CONNECTION_STRING", "redis://id@a.westeurope.redis.azure.net:10000");
        assert!(read(&[("REDIS_ENABLED", "true"), clear]).err().unwrap().starts_with("REDIS_CONNECTION_STRING"));
        let cosmos = |endpoint| read(&[("SESSION_STORE", "cosmos"), ("COSMOS_ENDPOINT", endpoint)]);
        assert!(cosmos("http://account.documents.azure.com").err().unwrap().starts_with("COSMOS_ENDPOINT"));
        assert!(cosmos("account").err().unwrap().starts_with("COSMOS_ENDPOINT"));
        assert!(cosmos("https://account.documents.azure.com").is_ok() && cosmos("http://127.0.0.1:8081/").is_ok());
    }

    #[test]
    fn redis_is_asked_only_when_enabled() {
        let url = ("REDIS_CONNECTION_STRING", "rediss://id@a.westeurope.redis.azure.net:10000");
        assert_eq!(read(&[url]).unwrap().redis_server, None);
        let server = read(&[url, ("REDIS_ENABLED", "true")]).unwrap().redis_server.unwrap();
        assert_eq!(server.login, ServerLogin::Identity);
    }
}
