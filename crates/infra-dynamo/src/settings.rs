//! Where DynamoDB is and how tables are named, from one URL.

use std::fmt;

use percent_encoding::percent_decode_str;

/// `dynamodb://REGION?prefix=manage-&endpoint=http://host:port`, with `KEY:SECRET@` before the
/// region where credentials are not to be looked for.
#[derive(Clone, PartialEq, Eq)]
pub struct DynamoSettings {
    pub region: String,
    /// What the names of our tables begin with.
    pub prefix: String,
    /// Another place than the region's own, for tests and private endpoints.
    pub endpoint: Option<String>,
    pub(crate) credentials: Option<(String, String)>,
}

#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    #[error("a DynamoDB URL looks like dynamodb://eu-central-1?prefix=manage-")]
    Shape,
    #[error("a DynamoDB URL has no `{0}`: it may have `prefix` and `endpoint`")]
    Unknown(String),
    #[error("`prefix` may hold letters, digits, `.`, `-` and `_`")]
    Prefix,
}

/// Never the secret.
impl fmt::Debug for DynamoSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { region, prefix, endpoint, .. } = self;
        write!(f, "DynamoSettings({region}, {prefix}, {endpoint:?})")
    }
}

impl DynamoSettings {
    /// # Errors
    /// For a URL without a region, and for what no setting is named.
    pub fn parse(url: &str) -> Result<Self, SettingsError> {
        let rest = url.strip_prefix("dynamodb://").ok_or(SettingsError::Shape)?;
        let (place, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (credentials, region) = match place.rsplit_once('@') {
            Some((credentials, region)) => {
                let (id, secret) = credentials.split_once(':').ok_or(SettingsError::Shape)?;
                (Some((decoded(id)?, decoded(secret)?)), region)
            }
            None => (None, place),
        };
        let region = region.trim_end_matches('/');
        let is_region = |c: char| c.is_ascii_alphanumeric() || c == '-';
        if region.is_empty() || !region.chars().all(is_region) {
            return Err(SettingsError::Shape);
        }
        let mut settings =
            Self { region: region.to_owned(), prefix: "manage-".to_owned(), endpoint: None, credentials };
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').ok_or(SettingsError::Shape)?;
            match name {
                "prefix" => settings.prefix = decoded(value)?,
                "endpoint" => settings.endpoint = Some(decoded(value)?),
                other => return Err(SettingsError::Unknown(other.to_owned())),
            }
        }
        let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
        match settings.prefix.chars().all(is_name) {
            true => Ok(settings),
            false => Err(SettingsError::Prefix),
        }
    }
}

fn decoded(text: &str) -> Result<String, SettingsError> {
    percent_decode_str(text).decode_utf8().map(std::borrow::Cow::into_owned).map_err(|_| SettingsError::Shape)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_names_a_region_and_what_else_is_wanted() {
        let settings = DynamoSettings::parse("dynamodb://eu-central-1").unwrap();
        assert_eq!((settings.region.as_str(), settings.prefix.as_str()), ("eu-central-1", "manage-"));
        assert_eq!((settings.endpoint, settings.credentials), (None, None));
        let settings =
            DynamoSettings::parse("dynamodb://id:se%2Fcret@local?endpoint=http://127.0.0.1:8000&prefix=t_")
                .unwrap();
        assert_eq!(settings.endpoint.as_deref(), Some("http://127.0.0.1:8000"));
        assert_eq!(settings.credentials, Some(("id".to_owned(), "se/cret".to_owned())));
        assert!(!format!("{settings:?}").contains("cret"));
    }

    #[test]
    fn what_is_no_url_is_refused() {
        for url in [
            "dynamodb://",
            "dynamodb:eu",
            "dynamodb://id@eu",
            "dynamodb://eu?prefix",
            "dynamodb://eu?region=x",
            "dynamodb://eu?prefix=a/b",
            "dynamodb://http://x",
        ] {
            assert!(DynamoSettings::parse(url).is_err(), "{url}");
        }
    }
}
