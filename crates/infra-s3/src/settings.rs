//! Where the bucket is, from one URL.

use std::fmt;

use percent_encoding::percent_decode_str;

/// `s3://BUCKET/PREFIX?region=eu-central-1&endpoint=http://host:port&encryption=aws:kms&key=ARN`, with
/// `KEY:SECRET@` before the bucket where credentials are not to be looked for.
#[derive(Clone, PartialEq, Eq)]
pub struct S3Settings {
    pub bucket: String,
    /// What the names of our objects begin with: empty, or ending with `/`.
    pub prefix: String,
    pub region: String,
    /// Another place than the region's own, for tests and other makers' stores.
    pub endpoint: Option<String>,
    /// How objects are encrypted where they lie; `None` leaves it to the bucket.
    pub encryption: Option<Encryption>,
    pub(crate) credentials: Option<(String, String)>,
}

/// Encryption at rest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Encryption {
    /// With keys of S3.
    Aes256,
    /// With a key of the key management service; its own where none is named.
    Kms(Option<String>),
}

#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    #[error("an S3 URL looks like s3://bucket/prefix?region=eu-central-1")]
    Shape,
    #[error("an S3 URL has no `{0}`: it may have `region`, `endpoint`, `encryption` and `key`")]
    Unknown(String),
    #[error("`encryption` is `AES256` or `aws:kms`, and only the latter has a `key`")]
    Encryption,
    #[error("the prefix may hold letters, digits, `.`, `-`, `_` and `/`")]
    Prefix,
}

/// Never the secret.
impl fmt::Debug for S3Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { bucket, prefix, region, endpoint, encryption, .. } = self;
        write!(f, "S3Settings({bucket}/{prefix}, {region}, {endpoint:?}, {encryption:?})")
    }
}

impl S3Settings {
    /// # Errors
    /// For a URL without a bucket, and for what no setting is named.
    pub fn parse(url: &str) -> Result<Self, SettingsError> {
        let rest = url.strip_prefix("s3://").ok_or(SettingsError::Shape)?;
        let (place, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (credentials, place) = match place.rsplit_once('@') {
            Some((credentials, place)) => {
                let (id, secret) = credentials.split_once(':').ok_or(SettingsError::Shape)?;
                (Some((decoded(id)?, decoded(secret)?)), place)
            }
            None => (None, place),
        };
        let (bucket, prefix) = place.split_once('/').unwrap_or((place, ""));
        let is_bucket = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '.');
        if bucket.is_empty() || !bucket.chars().all(is_bucket) {
            return Err(SettingsError::Shape);
        }
        let is_prefix = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | '/');
        if !prefix.chars().all(is_prefix) {
            return Err(SettingsError::Prefix);
        }
        let mut prefix = prefix.trim_matches('/').to_owned();
        if !prefix.is_empty() {
            prefix.push('/');
        }
        let mut settings = Self {
            bucket: bucket.to_owned(),
            prefix,
            region: "us-east-1".to_owned(),
            endpoint: None,
            encryption: None,
            credentials,
        };
        let mut key = None;
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').ok_or(SettingsError::Shape)?;
            let value = decoded(value)?;
            match name {
                "region" => settings.region = value,
                "endpoint" => settings.endpoint = Some(value),
                "encryption" if value == "AES256" => settings.encryption = Some(Encryption::Aes256),
                "encryption" if value == "aws:kms" => settings.encryption = Some(Encryption::Kms(None)),
                "encryption" => return Err(SettingsError::Encryption),
                "key" => key = Some(value),
                other => return Err(SettingsError::Unknown(other.to_owned())),
            }
        }
        if key.is_some() {
            match &mut settings.encryption {
                Some(Encryption::Kms(named)) => *named = key,
                _ => return Err(SettingsError::Encryption),
            }
        }
        Ok(settings)
    }
}

fn decoded(text: &str) -> Result<String, SettingsError> {
    percent_decode_str(text).decode_utf8().map(std::borrow::Cow::into_owned).map_err(|_| SettingsError::Shape)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_names_a_bucket_and_what_else_is_wanted() {
        let plain = S3Settings::parse("s3://reports").unwrap();
        assert_eq!((plain.bucket.as_str(), plain.prefix.as_str()), ("reports", ""));
        assert_eq!((plain.endpoint, plain.encryption, plain.credentials), (None, None, None));
        let full = "s3://id:se%2Fcret@reports/a/b?region=eu-central-1&endpoint=http://127.0.0.1:1\
                    &encryption=aws:kms&key=arn%3Aaws";
        let full = S3Settings::parse(full).unwrap();
        assert_eq!((full.prefix.as_str(), full.region.as_str()), ("a/b/", "eu-central-1"));
        assert_eq!(full.encryption, Some(Encryption::Kms(Some("arn:aws".to_owned()))));
        assert_eq!(full.credentials, Some(("id".to_owned(), "se/cret".to_owned())));
        assert!(!format!("{full:?}").contains("cret"));
    }

    #[test]
    fn what_is_no_url_is_refused() {
        for url in [
            "s3://",
            "s3:reports",
            "s3://Reports",
            "s3://id@reports",
            "s3://reports?region",
            "s3://reports?color=x",
            "s3://reports?encryption=rot13",
            "s3://reports?key=a",
            "s3://reports?encryption=AES256&key=a",
            "s3://reports/a b",
        ] {
            assert!(S3Settings::parse(url).is_err(), "{url}");
        }
    }
}
