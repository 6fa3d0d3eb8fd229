//! What the configuration says of an issuer, and the rules it must keep.

use std::collections::BTreeSet;

use serde::Deserialize;
use url::{Host, Url};
use uuid::Uuid;

use crate::algorithm::SigningAlgorithm;

/// One `[[auth.oidc]]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IssuerSettings {
    /// To the letter as the issuer writes it in `iss`.
    pub issuer: String,
    /// A token must be for one of them.
    pub audiences: BTreeSet<String>,
    /// The id, or the name at first start, of the organisation that all users belong to.
    pub organisation: Option<String>,
    /// The claim that names the organisation instead.
    pub organisation_claim: Option<String>,
    /// The claim with a word or a list of words that [`Self::roles`] tells the worth of. A dot leads
    /// into an object: `realm_access.roles`.
    #[serde(default = "roles_claim")]
    pub roles_claim: String,
    #[serde(default)]
    pub roles: Vec<RoleMapping>,
    #[serde(default = "algorithms")]
    pub algorithms: BTreeSet<SigningAlgorithm>,
    /// How far the clocks of the issuer and this machine may be apart.
    #[serde(default = "clock_skew_seconds")]
    pub clock_skew_seconds: u32,
    #[serde(default = "email_claim")]
    pub email_claim: String,
    #[serde(default = "name_claim")]
    pub name_claim: String,
    /// Let a verified email address bind the user of ours who has it.
    #[serde(default)]
    pub link_verified_email: bool,
}

/// A word in the claim, and the role it gives.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RoleMapping {
    pub value: String,
    /// The name of a role, ready-made or of the organisation's own.
    pub role: String,
    /// The group the role holds in; without it, the whole organisation.
    pub resource_group: Option<Uuid>,
}

fn roles_claim() -> String {
    "roles".into()
}

fn algorithms() -> BTreeSet<SigningAlgorithm> {
    [SigningAlgorithm::RS256].into()
}

fn clock_skew_seconds() -> u32 {
    60
}

fn email_claim() -> String {
    "email".into()
}

fn name_claim() -> String {
    "name".into()
}

const LARGEST_SKEW_SECONDS: u32 = 300;

/// Which rule an issuer of the configuration breaks.
#[derive(Debug, thiserror::Error)]
#[error("`auth.oidc` of the issuer `{issuer}`: {rule}")]
pub struct SettingsError {
    issuer: String,
    rule: &'static str,
}

/// Checks all issuers of a configuration.
///
/// # Errors
/// The first rule that does not hold.
pub fn check(issuers: &[IssuerSettings]) -> Result<(), SettingsError> {
    let mut seen = BTreeSet::new();
    for settings in issuers {
        let broken = |rule| SettingsError { issuer: settings.issuer.clone(), rule };
        if !seen.insert(&settings.issuer) {
            return Err(broken("is named twice"));
        }
        settings.check().map_err(broken)?;
    }
    Ok(())
}

impl IssuerSettings {
    fn check(&self) -> Result<(), &'static str> {
        let url = Url::parse(&self.issuer).map_err(|_| "`issuer` must be a URL")?;
        let written = |text: &String| !text.trim().is_empty();
        let rules = [
            (is_trustworthy(&url), "`issuer` must begin with https://, or lie on this machine"),
            (
                url.query().is_none() && url.fragment().is_none(),
                "`issuer` must have neither a query nor a fragment",
            ),
            (
                url.username().is_empty() && url.password().is_none(),
                "`issuer` must hold no user and no password",
            ),
            (
                !self.audiences.is_empty() && self.audiences.iter().all(written),
                "`audiences` must name whom tokens are for",
            ),
            (
                self.organisation.is_some() != self.organisation_claim.is_some(),
                "one of `organisation` and `organisation_claim` must be set, and not both",
            ),
            (
                [&self.roles_claim, &self.email_claim, &self.name_claim]
                    .into_iter()
                    .chain(&self.organisation)
                    .chain(&self.organisation_claim)
                    .all(written),
                "names must not be empty",
            ),
            (
                self.roles.iter().all(|map| written(&map.value) && written(&map.role)),
                "`roles` must have a `value` and a `role` each",
            ),
            (!self.algorithms.is_empty(), "`algorithms` must name one"),
            (self.clock_skew_seconds <= LARGEST_SKEW_SECONDS, "`clock_skew_seconds` must be at most 300"),
        ];
        match rules.into_iter().find(|(holds, _)| !holds) {
            Some((_, rule)) => Err(rule),
            None => Ok(()),
        }
    }
}

/// Whether what is fetched from there is what was published there: TLS, or the machine itself.
pub(crate) fn is_trustworthy(url: &Url) -> bool {
    url.host().is_some() && (url.scheme() == "https" || (url.scheme() == "http" && is_loopback(url)))
}

pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn settings(change: Value) -> Result<(), String> {
        let mut whole = json!({"issuer": "https://id.example/realms/fleet", "audiences": ["manage"], "organisation": "default"});
        let Value::Object(change) = change else { panic!("a change is an object") };
        whole.as_object_mut().unwrap().extend(change);
        let settings = serde_json::from_value::<IssuerSettings>(whole).map_err(|error| error.to_string())?;
        check(&[settings]).map_err(|error| error.to_string())
    }

    #[test]
    fn little_is_needed_and_the_rest_has_safe_defaults() {
        assert_eq!(settings(json!({})), Ok(()));
        for issuer in ["http://localhost:8180/realms/x", "http://127.0.0.1:9", "http://[::1]:9"] {
            assert_eq!(settings(json!({"issuer": issuer})), Ok(()), "{issuer}");
        }
        let plain = json!({"issuer": "https://a.example", "audiences": ["a"], "organisation_claim": "org"});
        let plain: IssuerSettings = serde_json::from_value(plain).unwrap();
        assert_eq!((plain.algorithms.len(), plain.clock_skew_seconds), (1, 60));
        assert!(!plain.link_verified_email);
        let twice = check(&[plain.clone(), plain]).unwrap_err().to_string();
        assert!(twice.contains("https://a.example") && twice.contains("twice"), "{twice}");
    }

    #[test]
    fn what_breaks_a_rule_is_named() {
        for (change, told) in [
            (json!({"issuer": "id.example"}), "must be a URL"),
            (json!({"issuer": "http://id.example"}), "https"),
            (json!({"issuer": "http://localhost.evil.example"}), "https"),
            (json!({"issuer": "ftp://localhost"}), "https"),
            (json!({"issuer": "https://id.example/?a"}), "query"),
            (json!({"issuer": "https://u:p@id.example/"}), "password"),
            (json!({"audiences": []}), "audiences"),
            (json!({"audiences": [" "]}), "audiences"),
            (json!({"organisation_claim": "org"}), "not both"),
            (json!({"organisation": null}), "must be set"),
            (json!({"roles_claim": ""}), "empty"),
            (json!({"roles": [{"value": "", "role": "viewer"}]}), "`value`"),
            (json!({"roles": [{"value": "a", "role": "viewer", "group": "x"}]}), "unknown field `group`"),
            (json!({"algorithms": []}), "algorithms"),
            (json!({"algorithms": ["HS256"]}), "HS256"),
            (json!({"algorithms": ["none"]}), "none"),
            (json!({"clock_skew_seconds": 301}), "300"),
            (json!({"audience": "x"}), "unknown field `audience`"),
        ] {
            let error = settings(change).unwrap_err();
            assert!(error.contains(told), "{error}");
        }
    }
}
