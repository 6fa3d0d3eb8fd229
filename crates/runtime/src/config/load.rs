//! Reading the configuration and checking it before anything starts.

use std::{collections::BTreeMap, path::Path};

use figment::{
    Figment,
    providers::{Env, Format, Serialized, Toml},
};

use super::sections::{Config, Secret, Store};

/// Why the configuration cannot be used. Names the key and where it came from.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("the configuration is not usable: {0}")]
    Unusable(Box<figment::Error>),
    #[error("`{variable}` names a file that cannot be read: {path}")]
    SecretFile {
        variable: String,
        path: String,
        #[source]
        source: std::io::Error,
    },
    #[error("no configuration file at {0}")]
    NoFile(String),
    #[error("`{key}` has the scheme `{scheme}:`, which this program was not built with; it knows {known}")]
    Scheme { key: &'static str, scheme: String, known: &'static str },
    #[error("`{key}` {rule}")]
    Rule { key: &'static str, rule: &'static str },
    #[error(transparent)]
    Issuer(#[from] infra_oidc::SettingsError),
}

const PREFIX: &str = "MANAGE_";

/// Variables with the prefix that are for the tests of this project, not for its servers.
const TESTS: &str = "test_";

impl Config {
    /// Reads `file`, or `manage.toml` where it exists, then the environment.
    ///
    /// # Errors
    /// For unknown keys, unreadable values, rules that do not hold, and schemes this program was
    /// not built with.
    pub fn load(file: Option<&Path>) -> Result<Self, ConfigError> {
        let figment = match file {
            Some(path) if !path.exists() => return Err(ConfigError::NoFile(path.display().to_string())),
            Some(path) => Figment::from(Toml::file_exact(path)),
            None => Figment::from(Toml::file("manage.toml")),
        };
        Self::from_layers(figment, std::env::vars())
    }

    fn from_layers(
        figment: Figment,
        variables: impl Iterator<Item = (String, String)>,
    ) -> Result<Self, ConfigError> {
        let mut direct = Env::prefixed(PREFIX).split("__").filter(|key| !key.starts_with(TESTS));
        let mut from_files = BTreeMap::new();
        for (variable, path) in variables {
            let Some(key) = variable.strip_prefix(PREFIX).and_then(|key| key.strip_suffix("_FILE")) else {
                continue;
            };
            let key = key.to_lowercase();
            if key.starts_with(TESTS) {
                continue;
            }
            let value = std::fs::read_to_string(&path).map_err(|source| ConfigError::SecretFile {
                variable: variable.clone(),
                path,
                source,
            })?;
            let ignored = format!("{key}_file");
            direct =
                direct.filter(move |name| !name.as_str().replace('.', "__").eq_ignore_ascii_case(&ignored));
            from_files.insert(key.replace("__", "."), value.trim_end_matches(['\n', '\r']).to_owned());
        }
        let mut figment = figment.merge(direct);
        for (key, value) in from_files {
            figment = figment.merge(Serialized::default(&key, value));
        }
        let mut config: Self = figment.extract().map_err(|error| ConfigError::Unusable(Box::new(error)))?;
        config.fill_defaults();
        config.check()?;
        Ok(config)
    }

    /// Puts embedded stores into `data_dir` where nothing else is said.
    fn fill_defaults(&mut self) {
        let inside = |name: &str| self.data_dir.join(name).display().to_string();
        let defaults = [
            format!("sqlite:{}", inside("manage.db")),
            format!("file:{}", inside("blobs")),
            format!("sqlite:{}", inside("documents.db")),
        ];
        for (store, default) in
            [&mut self.database, &mut self.blobs, &mut self.documents].into_iter().zip(defaults)
        {
            if store.url.is_empty() {
                store.url = Secret::new(default);
            }
        }
    }

    /// # Errors
    /// The first rule that does not hold.
    pub fn check(&self) -> Result<(), ConfigError> {
        scheme(
            "database.url",
            &self.database,
            &["sqlite", "postgres", "postgresql"],
            "sqlite: and postgres:",
        )?;
        scheme("events.url", &self.events, EVENTS.0, EVENTS.1)?;
        scheme("cache.url", &self.cache, CACHE.0, CACHE.1)?;
        scheme("blobs.url", &self.blobs, BLOBS.0, BLOBS.1)?;
        scheme("documents.url", &self.documents, DOCUMENTS.0, DOCUMENTS.1)?;
        let shared = self.events.scheme() == "kafka";
        let rules = [
            (
                !shared || self.database.scheme().starts_with("postgres"),
                "database.url",
                "must be postgres: beside kafka:",
            ),
            (
                !shared || self.cache.scheme().starts_with("redis"),
                "cache.url",
                "must be redis: beside kafka:",
            ),
            (self.charging.tick_seconds > 0, "charging.tick_seconds", "must be at least 1"),
            (self.connect.call_timeout_seconds > 0, "connect.call_timeout_seconds", "must be at least 1"),
            (self.connect.frame_limit_bytes >= 1024, "connect.frame_limit_bytes", "must be at least 1024"),
            (self.connect.frames_per_second > 0, "connect.frames_per_second", "must be at least 1"),
            (
                self.connect.idle_timeout_seconds > self.connect.ping_interval_seconds,
                "connect.idle_timeout_seconds",
                "must be longer than connect.ping_interval_seconds",
            ),
            (
                self.auth.token_secret.is_empty() || self.auth.token_secret.expose().len() >= 32,
                "auth.token_secret",
                "must have at least 32 bytes",
            ),
            (self.admin.email.contains('@'), "admin.email", "must be an e-mail address"),
            (self.mail.from.contains('@'), "mail.from", "must be an e-mail address"),
            (
                (1..=60).contains(&self.webhooks.timeout_seconds),
                "webhooks.timeout_seconds",
                "must be between 1 and 60",
            ),
            (self.alerts.alert_retention_days > 0, "alerts.alert_retention_days", "must be at least 1"),
        ];
        match rules.into_iter().find(|(holds, ..)| !holds) {
            Some((_, key, rule)) => Err(ConfigError::Rule { key, rule }),
            None => Ok(infra_oidc::check(&self.auth.oidc)?),
        }
    }
}

/// The schemes this program was built with, and how they are told.
const EVENTS: (&[&str], &str) = match cfg!(feature = "kafka") {
    true => (&["inproc", "kafka"], "inproc: and kafka:"),
    false => (&["inproc"], "inproc: (kafka: needs the feature `kafka`)"),
};
const CACHE: (&[&str], &str) = match cfg!(feature = "redis") {
    true => (&["memory", "redis", "rediss"], "memory: and redis:"),
    false => (&["memory"], "memory: (redis: needs the feature `redis`)"),
};

const DOCUMENTS: (&[&str], &str) = match cfg!(feature = "dynamo") {
    true => (&["sqlite", "dynamodb"], "sqlite: and dynamodb:"),
    false => (&["sqlite"], "sqlite: (dynamodb: needs the feature `dynamo`)"),
};

const BLOBS: (&[&str], &str) = match cfg!(feature = "s3") {
    true => (&["file", "s3"], "file: and s3:"),
    false => (&["file"], "file: (s3: needs the feature `s3`)"),
};

fn scheme(
    key: &'static str,
    store: &Store,
    allowed: &[&str],
    known: &'static str,
) -> Result<(), ConfigError> {
    if allowed.contains(&store.scheme()) {
        return Ok(());
    }
    Err(ConfigError::Scheme { key, scheme: store.scheme().to_owned(), known })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from_toml(text: &str) -> Result<Config, ConfigError> {
        Config::from_layers(Figment::from(Toml::string(text)), std::iter::empty())
    }

    #[test]
    fn nothing_set_means_everything_embedded() {
        let config = from_toml("").unwrap();
        assert_eq!(config.database.url.expose(), "sqlite:./var/manage.db");
        assert_eq!(config.connect.bind.port(), 8082);
    }

    #[test]
    fn an_unknown_key_is_named() {
        let error = from_toml("[database]\nurll = \"sqlite:x\"").unwrap_err().to_string();
        assert!(error.contains("urll"), "{error}");
    }

    #[test]
    fn a_scheme_that_is_not_built_in_is_named() {
        let error = from_toml("[events]\nurl = \"nats://localhost\"").unwrap_err().to_string();
        assert!(error.contains("events.url") && error.contains("nats"), "{error}");
    }

    #[cfg(feature = "dynamo")]
    #[test]
    fn documents_may_be_in_dynamodb() {
        let config = from_toml("[documents]\nurl = \"dynamodb://eu-central-1\"").unwrap();
        assert_eq!(config.documents.scheme(), "dynamodb");
        assert_eq!(from_toml("").unwrap().documents.url.expose(), "sqlite:./var/documents.db");
    }

    #[test]
    fn several_processes_need_stores_that_they_share() {
        let error = from_toml("[events]\nurl = \"kafka://localhost\"").unwrap_err().to_string();
        assert!(error.contains("database.url"), "{error}");
        let shared = "[database]\nurl = \"postgres://h/d\"\n[events]\nurl = \"kafka://localhost\"";
        assert!(from_toml(shared).unwrap_err().to_string().contains("cache.url"));
        assert!(from_toml(&format!("{shared}\n[cache]\nurl = \"redis://h\"")).is_ok());
    }

    #[test]
    fn rules_are_checked_before_anything_starts() {
        assert!(from_toml("[charging]\ntick_seconds = 0").is_err());
        assert!(from_toml("[auth]\ntoken_secret = \"short\"").is_err());
    }

    #[test]
    fn issuers_are_checked_and_may_come_from_the_environment() {
        let issuer = "[[auth.oidc]]\nissuer = \"https://id.example\"\naudiences = [\"manage\"]\n";
        let whole = format!(
            "{issuer}organisation = \"default\"\n[[auth.oidc.roles]]\nvalue = \"a\"\nrole = \"viewer\""
        );
        assert_eq!(from_toml(&whole).unwrap().auth.oidc[0].roles[0].role, "viewer");
        let error = from_toml(issuer).unwrap_err().to_string();
        assert!(error.contains("https://id.example") && error.contains("organisation"), "{error}");
        let error = from_toml(&whole.replace("https", "http")).unwrap_err().to_string();
        assert!(error.contains("https://"), "{error}");

        let variable = "[{issuer=\"https://id.example\", audiences=[\"manage\"], organisation=\"default\"}]";
        let figment = Figment::new()
            .merge(Serialized::default("auth.oidc", variable.parse::<figment::value::Value>().unwrap()));
        let config = Config::from_layers(figment, std::iter::empty()).unwrap();
        assert_eq!(config.auth.oidc[0].issuer, "https://id.example");
    }

    #[test]
    fn proxies_are_networks_and_none_unless_told() {
        assert!(from_toml("").unwrap().proxies.trusted.is_empty());
        let ours =
            from_toml("[proxies]\ntrusted = [\"10.0.0.0/8\"]\nheader = \"forwarded\"").unwrap().proxies;
        assert_eq!((ours.trusted[0].to_string().as_str(), ours.header.name()), ("10.0.0.0/8", "forwarded"));
        let error = from_toml("[proxies]\ntrusted = [\"10.0.0.0/80\"]").unwrap_err().to_string();
        assert!(error.contains("10.0.0.0/80"), "{error}");
    }

    #[test]
    fn a_secret_may_lie_in_a_file_and_never_shows() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("password");
        std::fs::write(&path, "hunter2-hunter2\n").unwrap();
        let variable = ("MANAGE_ADMIN__PASSWORD_FILE".to_owned(), path.display().to_string());
        let config = Config::from_layers(Figment::new(), std::iter::once(variable)).unwrap();
        assert_eq!(config.admin.password.expose(), "hunter2-hunter2");
        assert!(!format!("{config:?}").contains("hunter2"));

        let missing = ("MANAGE_ADMIN__PASSWORD_FILE".to_owned(), "/no/such/file".to_owned());
        assert!(matches!(
            Config::from_layers(Figment::new(), std::iter::once(missing)),
            Err(ConfigError::SecretFile { .. })
        ));
    }
}
