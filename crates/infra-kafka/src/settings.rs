//! Where the brokers are and how they are spoken to, from one URL.

use std::collections::BTreeMap;

use rdkafka::ClientConfig;

/// `kafka://host:port,host:port?partitions=12&replication=3&<librdkafka property>=<value>`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KafkaSettings {
    pub brokers: String,
    /// Of topics that have to be made.
    pub partitions: i32,
    pub replication: i32,
    /// Further properties of the client, by the names librdkafka gives them.
    pub properties: BTreeMap<String, String>,
}

#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    #[error("a Kafka URL looks like kafka://host:port,host:port?partitions=12&replication=3")]
    Shape,
    #[error("`{name}` must be a whole number of at least 1")]
    Number { name: &'static str },
}

impl KafkaSettings {
    /// # Errors
    /// For a URL without brokers, and for numbers that are none.
    pub fn parse(url: &str) -> Result<Self, SettingsError> {
        let rest = url.strip_prefix("kafka://").ok_or(SettingsError::Shape)?;
        let (brokers, query) = rest.split_once('?').unwrap_or((rest, ""));
        let brokers = brokers.trim_end_matches('/');
        if brokers.is_empty() || brokers.split(',').any(str::is_empty) {
            return Err(SettingsError::Shape);
        }
        let mut settings =
            Self { brokers: brokers.to_owned(), partitions: 12, replication: 1, properties: BTreeMap::new() };
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').ok_or(SettingsError::Shape)?;
            match name {
                "partitions" => settings.partitions = number("partitions", value)?,
                "replication" => settings.replication = number("replication", value)?,
                _ => _ = settings.properties.insert(name.to_owned(), value.to_owned()),
            }
        }
        Ok(settings)
    }

    /// What every client of ours begins with.
    pub(crate) fn client(&self) -> ClientConfig {
        let mut client = ClientConfig::new();
        client.set("bootstrap.servers", &self.brokers).set("client.id", "manage-core");
        // Brokers come back within seconds; so do we.
        client.set("reconnect.backoff.max.ms", "2000").set("socket.keepalive.enable", "true");
        for (name, value) in &self.properties {
            client.set(name, value);
        }
        client
    }
}

fn number(name: &'static str, value: &str) -> Result<i32, SettingsError> {
    value.parse().ok().filter(|number| *number >= 1).ok_or(SettingsError::Number { name })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_names_brokers_and_what_else_is_wanted() {
        let settings =
            KafkaSettings::parse("kafka://a:9092,b:9092?partitions=3&security.protocol=SASL_PLAINTEXT")
                .unwrap();
        assert_eq!(
            (settings.brokers.as_str(), settings.partitions, settings.replication),
            ("a:9092,b:9092", 3, 1)
        );
        assert_eq!(settings.client().get("security.protocol"), Some("SASL_PLAINTEXT"));
    }

    #[test]
    fn what_is_no_url_is_refused() {
        for url in ["kafka://", "kafka:a", "kafka://a,,b", "kafka://a?partitions=0", "kafka://a?partitions"] {
            assert!(KafkaSettings::parse(url).is_err(), "{url}");
        }
    }
}
