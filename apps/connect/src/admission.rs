//! Whether a socket may be let in, decided fast enough for a fleet that reconnects at once.

use std::{sync::Arc, time::Duration};

use axum::http::{HeaderMap, StatusCode, header};
use base64::{Engine, engine::general_purpose::STANDARD};
use charge_point::{Admission, AdmissionReader};
use kernel::SecretHasher;
use moka::sync::Cache;
use sha2::{Digest, Sha256};

/// For how long a password that was verified need not be hashed again. A changed password is
/// another key, so nothing stale is accepted.
const REMEMBERED: Duration = Duration::from_secs(3_600);
const MOST_REMEMBERED: u64 = 100_000;

/// Looks chargers up and checks their passwords.
#[derive(Clone)]
pub(crate) struct Doorman {
    admissions: Arc<dyn AdmissionReader>,
    hasher: Arc<dyn SecretHasher>,
    verified: Cache<[u8; 32], ()>,
    require_password: bool,
}

/// Why a socket is not let in, by the words of metrics and logs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    UnknownCharger,
    WrongPassword,
    NoCommonProtocol,
    TooManySockets,
    Unavailable,
}

impl Refusal {
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::UnknownCharger => "unknown_charger",
            Self::WrongPassword => "wrong_password",
            Self::NoCommonProtocol => "no_common_protocol",
            Self::TooManySockets => "too_many_sockets",
            Self::Unavailable => "unavailable",
        }
    }

    pub(crate) const fn status(self) -> StatusCode {
        match self {
            Self::UnknownCharger => StatusCode::NOT_FOUND,
            Self::WrongPassword => StatusCode::UNAUTHORIZED,
            Self::NoCommonProtocol => StatusCode::BAD_REQUEST,
            Self::TooManySockets | Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        }
    }
}

impl Doorman {
    pub(crate) fn new(
        admissions: Arc<dyn AdmissionReader>,
        hasher: Arc<dyn SecretHasher>,
        require_password: bool,
    ) -> Self {
        let verified = Cache::builder().max_capacity(MOST_REMEMBERED).time_to_live(REMEMBERED).build();
        Self { admissions, hasher, verified, require_password }
    }

    pub(crate) async fn admit(&self, identity: &str, headers: &HeaderMap) -> Result<Admission, Refusal> {
        let found = self.admissions.admission_find(identity).await.map_err(|error| {
            tracing::warn!(identity, %error, "a charger cannot be looked up");
            Refusal::Unavailable
        })?;
        let admission = found.ok_or(Refusal::UnknownCharger)?;
        match &admission.password_hash {
            None if self.require_password || admission.security_profile > 0 => Err(Refusal::WrongPassword),
            None => Ok(admission),
            Some(hash) => {
                let password = password(identity, headers).ok_or(Refusal::WrongPassword)?;
                self.verify(identity, &password, hash.expose()).await?;
                Ok(admission)
            }
        }
    }

    async fn verify(&self, identity: &str, password: &str, hash: &str) -> Result<(), Refusal> {
        let mut digest = Sha256::new();
        for part in [identity, password, hash] {
            digest.update((part.len() as u64).to_be_bytes());
            digest.update(part);
        }
        let key: [u8; 32] = digest.finalize().into();
        if self.verified.contains_key(&key) {
            return Ok(());
        }
        match self.hasher.verify(password, hash).await {
            Ok(true) => {
                self.verified.insert(key, ());
                Ok(())
            }
            Ok(false) => Err(Refusal::WrongPassword),
            Err(error) => {
                tracing::warn!(identity, %error, "a password cannot be checked");
                Err(Refusal::Unavailable)
            }
        }
    }
}

/// The password of basic authentication, where its user is the charger itself.
fn password(identity: &str, headers: &HeaderMap) -> Option<String> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, encoded) = value.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
    // An identity may hold colons: the user is known, the rest is the password.
    decoded.strip_prefix(identity)?.strip_prefix(':').map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_user_of_a_password_is_the_charger() {
        let headers = |user: &str| {
            let value = format!("Basic {}", STANDARD.encode(user));
            HeaderMap::from_iter([(header::AUTHORIZATION, value.parse().unwrap())])
        };
        assert_eq!(password("CP:1", &headers("CP:1:pass:word")).as_deref(), Some("pass:word"));
        assert_eq!(password("CP-1", &headers("CP-2:word")), None);
        assert_eq!(password("CP-1", &HeaderMap::new()), None);
    }
}
