//! Which models answer in the chat and turn texts into vectors.

use url::Url;

use super::{Secret, reader::Reader, stores::is_safe_endpoint};

/// Models of one server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelSettings {
    /// Which server.
    pub server: ModelServer,
    /// The model that answers.
    pub chat: Option<String>,
    /// The model that turns texts into vectors.
    pub embeddings: Option<String>,
    /// `EMBED_DIMENSIONS`: numbers of a vector, if the model is to be asked for another number than it gives by itself.
    pub dimensions: Option<usize>,
}

/// A server of models.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ModelServer {
    /// An Azure OpenAI resource.
    Azure {
        /// `AZURE_OPENAI_ENDPOINT`.
        endpoint: String,
        /// `AZURE_OPENAI_API_KEY`; the identity of the process if there is none.
        key: Option<Secret>,
    },
    /// Any other that speaks the same.
    Compatible {
        /// `OPENAI_BASE_URL`.
        base: String,
        /// `OPENAI_API_KEY`; not every server asks for one.
        key: Option<Secret>,
    },
}

impl ModelServer {
    /// The setting that names it.
    #[must_use]
    pub fn setting(&self) -> &'static str {
        match self {
            Self::Azure { .. } => "AZURE_OPENAI_ENDPOINT",
            Self::Compatible { .. } => "OPENAI_BASE_URL",
        }
    }
}

impl Reader {
    pub(super) fn models(&mut self) -> Option<ModelSettings> {
        let azure = self.model_address("AZURE_OPENAI_ENDPOINT", "https://name.openai.azure.com");
        let base = self.model_address("OPENAI_BASE_URL", "https://api.openai.com/v1");
        let (server, keys) = match (azure, base) {
            (None, None) => return None,
            (Some(_), Some(_)) => {
                self.problem(
                    "OPENAI_BASE_URL",
                    "must be empty where AZURE_OPENAI_ENDPOINT is set: models are on one server",
                );
                return None;
            }
            (Some(endpoint), None) => {
                let key = self.optional("AZURE_OPENAI_API_KEY").map(Secret);
                (ModelServer::Azure { endpoint, key }, ["AZURE_OPENAI_CHAT_MODEL", "AZURE_OPENAI_EMBED_MODEL"])
            }
            (None, Some(base)) => {
                let key = self.optional("OPENAI_API_KEY").map(Secret);
                (ModelServer::Compatible { base, key }, ["OPENAI_CHAT_MODEL", "OPENAI_EMBED_MODEL"])
            }
        };
        let [chat, embeddings] = keys.map(|key| self.optional(key));
        if chat.is_none() && embeddings.is_none() {
            let problem = format!("must name a model where {} is set, or else {} must", server.setting(), keys[1]);
            self.problem(keys[0], &problem);
        }
        let dimensions = self.optional("EMBED_DIMENSIONS").is_some();
        let dimensions =
            dimensions.then(|| self.number("EMBED_DIMENSIONS", std::num::NonZero::<u16>::MIN).get().into());
        Some(ModelSettings { server, chat, embeddings, dimensions })
    }

    /// The URL of a server. Keys and what is in tables go to servers that prove who they are, or do not leave the machine.
    fn model_address(&mut self, setting: &str, example: &str) -> Option<String> {
        let text = self.optional(setting)?;
        let is_plain = |url: &Url| {
            let has_more = url.query().is_some() || url.fragment().is_some();
            url.username().is_empty() && url.password().is_none() && !has_more
        };
        if is_safe_endpoint(&text) && Url::parse(&text).is_ok_and(|url| is_plain(&url)) {
            return Some(text);
        }
        // Never the value: a key may stand in it.
        let takes = "without a key or a query in it; http only on this machine";
        self.problem(setting, &format!("takes an https URL such as {example}, {takes}"));
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Settings;

    fn read(values: &[(&str, &str)]) -> Result<Option<ModelSettings>, String> {
        let values = values.iter().map(|(key, value)| ((*key).into(), (*value).into())).collect();
        Settings::from_values(values).map(|settings| settings.models).map_err(|problems| problems[0].to_string())
    }

    const AZURE: (&str, &str) = ("AZURE_OPENAI_ENDPOINT", "https://a.openai.azure.com");
    const OPENAI: (&str, &str) = ("OPENAI_BASE_URL", "http://127.0.0.1:11434/v1");

    #[test]
    fn without_a_server_there_are_no_models() {
        assert_eq!(read(&[]), Ok(None));
        assert_eq!(read(&[("OPENAI_API_KEY", "key"), ("AZURE_OPENAI_CHAT_MODEL", "m")]), Ok(None));
    }

    #[test]
    fn a_server_is_read_with_its_own_settings() {
        let given =
            [AZURE, ("AZURE_OPENAI_CHAT_MODEL", "chat"), ("OPENAI_CHAT_MODEL", "other"), ("OPENAI_API_KEY", "k")];
        let models = read(&given).unwrap().unwrap();
        assert_eq!(models.server, ModelServer::Azure { endpoint: AZURE.1.into(), key: None });
        assert_eq!((models.chat.as_deref(), models.embeddings, models.dimensions), (Some("chat"), None, None));
        let given = [OPENAI, ("OPENAI_EMBED_MODEL", "near"), ("EMBED_DIMENSIONS", "256"), ("OPENAI_API_KEY", "k")];
        let models = read(&given).unwrap().unwrap();
        assert_eq!(models.server, ModelServer::Compatible { base: OPENAI.1.into(), key: Some(Secret("k".into())) });
        assert_eq!((models.chat, models.embeddings.as_deref(), models.dimensions), (None, Some("near"), Some(256)));
    }

    #[test]
    fn what_cannot_be_used_is_named_without_a_key_that_stands_in_it() {
        let model = ("OPENAI_CHAT_MODEL", "m");
        for wrong in [
            "http://a.example/v1",
            "a.example/v1",
            "https://user:secret@a.example/v1",
            "https://a.example/v1?key=secret",
            "https://a.example/v1#secret",
        ] {
            let problem = read(&[("OPENAI_BASE_URL", wrong), model]).unwrap_err();
            assert!(problem.starts_with("OPENAI_BASE_URL: takes") && !problem.contains("secret"), "{problem}");
        }
        assert!(read(&[AZURE, OPENAI, model]).unwrap_err().starts_with("OPENAI_BASE_URL"));
        assert!(read(&[AZURE]).unwrap_err().starts_with("AZURE_OPENAI_CHAT_MODEL"));
        assert!(read(&[OPENAI]).unwrap_err().starts_with("OPENAI_CHAT_MODEL"));
        let wrong = read(&[OPENAI, model, ("EMBED_DIMENSIONS", "0")]).unwrap_err();
        assert_eq!(wrong, "EMBED_DIMENSIONS: '0' cannot be used: the setting takes a whole number from 1 to 65535");
    }

    #[test]
    fn keys_are_never_printed() {
        let given = [OPENAI, ("OPENAI_CHAT_MODEL", "m"), ("OPENAI_API_KEY", "sk-secret")];
        let printed = format!("{:?}", read(&given));
        assert!(!printed.contains("sk-secret"), "{printed}");
    }
}
