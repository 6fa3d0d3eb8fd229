//! Access tokens as signed JSON web tokens (HS256).
//!
//! Only the servers of one installation read what they sign, so one shared secret is enough. The
//! algorithm, issuer and audience are fixed: a token that says otherwise is not ours. Whether a
//! token has expired is for the domain to say, by its own clock.

use access::{AccessClaims, ClientClaims, SessionId, TokenError, TokenIssuer};
use chrono::DateTime;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, decode_header, encode};
use kernel::{PermissionSet, Timestamp};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use sha2::{Digest, Sha256};
use uuid::Uuid;

const ISSUER: &str = "manage-core";
/// Of tokens of people, for the operators' API.
const PEOPLE: &str = "manage-internal";
/// Of tokens of API keys, for the partners' API.
const CLIENTS: &str = "manage-public";
/// The shortest secret that signs, in bytes: as long as the signature.
pub const SHORTEST_SECRET: usize = 32;

/// Signs with one secret and reads what it signed.
pub struct JwtIssuer {
    /// Names the secret without telling it, so that a changed one is recognised as such.
    key_id: String,
    sign: EncodingKey,
    check: DecodingKey,
}

#[derive(Debug, thiserror::Error)]
#[error("the token secret has {bytes} bytes and needs at least {SHORTEST_SECRET}")]
pub struct ShortSecret {
    bytes: usize,
}

/// The claims as they are written. Times are whole seconds.
#[derive(Serialize, Deserialize)]
struct Written {
    iss: String,
    aud: String,
    sub: Uuid,
    org: Uuid,
    sid: Uuid,
    iat: i64,
    exp: i64,
}

/// The same of an API key's token.
#[derive(Serialize, Deserialize)]
struct WrittenClient {
    iss: String,
    aud: String,
    sub: Uuid,
    org: Uuid,
    client_id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    scope: Option<String>,
    iat: i64,
    exp: i64,
}

impl JwtIssuer {
    /// # Errors
    /// [`ShortSecret`] below 32 bytes.
    pub fn new(secret: &[u8]) -> Result<Self, ShortSecret> {
        if secret.len() < SHORTEST_SECRET {
            return Err(ShortSecret { bytes: secret.len() });
        }
        let named = Sha256::new().chain_update("key id of ").chain_update(secret).finalize();
        Ok(Self {
            key_id: named[..8].iter().map(|byte| format!("{byte:02x}")).collect(),
            sign: EncodingKey::from_secret(secret),
            check: DecodingKey::from_secret(secret),
        })
    }

    fn sign(&self, claims: &impl Serialize) -> Result<String, TokenError> {
        let header = Header { kid: Some(self.key_id.clone()), ..Header::new(Algorithm::HS256) };
        encode(&header, claims, &self.sign).map_err(|error| TokenError(Box::new(error)))
    }

    fn verified<T: DeserializeOwned>(&self, token: &str, audience: &str) -> Option<T> {
        if decode_header(token).ok()?.kid.as_deref() != Some(&self.key_id) {
            return None;
        }
        let mut rules = Validation::new(Algorithm::HS256);
        rules.set_issuer(&[ISSUER]);
        rules.set_audience(&[audience]);
        rules.set_required_spec_claims(&["iss", "aud", "sub", "exp"]);
        // The machine's clock is not asked here.
        rules.validate_exp = false;
        Some(decode::<T>(token, &self.check, &rules).ok()?.claims)
    }
}

impl TokenIssuer for JwtIssuer {
    fn issue(&self, claims: &AccessClaims) -> Result<String, TokenError> {
        self.sign(&Written {
            iss: ISSUER.to_owned(),
            aud: PEOPLE.to_owned(),
            sub: claims.user.into(),
            org: claims.organisation.into(),
            sid: claims.session.0,
            iat: claims.issued_at.timestamp(),
            exp: claims.expires_at.timestamp(),
        })
    }

    fn read(&self, token: &str) -> Option<AccessClaims> {
        let written: Written = self.verified(token, PEOPLE)?;
        Some(AccessClaims {
            user: written.sub.into(),
            organisation: written.org.into(),
            session: SessionId(written.sid),
            issued_at: instant(written.iat)?,
            expires_at: instant(written.exp)?,
        })
    }

    fn issue_client(&self, claims: &ClientClaims) -> Result<String, TokenError> {
        let words = |all: &PermissionSet| all.iter().map(|one| one.as_str()).collect::<Vec<_>>().join(" ");
        self.sign(&WrittenClient {
            iss: ISSUER.to_owned(),
            aud: CLIENTS.to_owned(),
            sub: claims.key.into(),
            org: claims.organisation.into(),
            client_id: claims.prefix.clone(),
            scope: claims.permissions.as_ref().map(words),
            iat: claims.issued_at.timestamp(),
            exp: claims.expires_at.timestamp(),
        })
    }

    fn read_client(&self, token: &str) -> Option<ClientClaims> {
        let written: WrittenClient = self.verified(token, CLIENTS)?;
        let permissions = written.scope.map(|scope| scope.split(' ').map(str::parse).collect());
        Some(ClientClaims {
            key: written.sub.into(),
            prefix: written.client_id,
            organisation: written.org.into(),
            permissions: permissions.transpose().ok()?,
            issued_at: instant(written.iat)?,
            expires_at: instant(written.exp)?,
        })
    }
}

fn instant(seconds: i64) -> Option<Timestamp> {
    DateTime::from_timestamp(seconds, 0)
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use kernel::{
        Clock, IdSource, Permission,
        testing::{CountingIds, FakeClock},
    };
    use proptest::prelude::*;

    use super::*;

    const SECRET: &[u8] = b"0123456789abcdef0123456789abcdef";

    fn claims() -> AccessClaims {
        let (ids, now) = (CountingIds::default(), FakeClock::default().now());
        AccessClaims {
            user: ids.uuid().into(),
            organisation: ids.uuid().into(),
            session: SessionId(ids.uuid()),
            issued_at: now,
            expires_at: now + TimeDelta::minutes(15),
        }
    }

    fn written() -> Written {
        let now = claims().issued_at.timestamp();
        let id = Uuid::from_u128(1);
        let (iss, aud) = (ISSUER.to_owned(), PEOPLE.to_owned());
        Written { iss, aud, sub: id, org: id, sid: id, iat: now, exp: now + 60 }
    }

    fn sign(issuer: &JwtIssuer, written: &Written, algorithm: Algorithm) -> String {
        let header = Header { kid: Some(issuer.key_id.clone()), ..Header::new(algorithm) };
        encode(&header, written, &issuer.sign).unwrap()
    }

    #[test]
    fn what_was_signed_is_read_back_at_any_time() {
        let issuer = JwtIssuer::new(SECRET).unwrap();
        let token = issuer.issue(&claims()).unwrap();
        assert_eq!(issuer.read(&token), Some(claims()));
    }

    #[test]
    fn another_secret_issuer_audience_or_algorithm_is_not_ours() {
        let issuer = JwtIssuer::new(SECRET).unwrap();
        let other = JwtIssuer::new(&[7; 32]).unwrap();
        assert_ne!(issuer.key_id, other.key_id);
        assert_eq!(issuer.read(&other.issue(&claims()).unwrap()), None);
        let forged = JwtIssuer { key_id: issuer.key_id.clone(), ..other };
        assert_eq!(issuer.read(&forged.issue(&claims()).unwrap()), None);

        assert!(issuer.read(&sign(&issuer, &written(), Algorithm::HS256)).is_some());
        assert_eq!(issuer.read(&sign(&issuer, &written(), Algorithm::HS512)), None);
        let elsewhere = Written { iss: "somebody".into(), ..written() };
        assert_eq!(issuer.read(&sign(&issuer, &elsewhere, Algorithm::HS256)), None);
        let public = Written { aud: CLIENTS.into(), ..written() };
        assert_eq!(issuer.read(&sign(&issuer, &public, Algorithm::HS256)), None);
    }

    #[test]
    fn a_token_of_a_key_is_none_of_a_person_and_the_other_way_round() {
        let issuer = JwtIssuer::new(SECRET).unwrap();
        let AccessClaims { organisation, issued_at, expires_at, .. } = claims();
        for permissions in [None, Some([Permission::VehicleRead, Permission::DepotRead].into())] {
            let key = CountingIds::default().uuid().into();
            let prefix = "0123456789abcdef".to_owned();
            let claims = ClientClaims { key, prefix, organisation, permissions, issued_at, expires_at };
            let token = issuer.issue_client(&claims).unwrap();
            assert_eq!(issuer.read_client(&token), Some(claims));
            assert_eq!(issuer.read(&token), None);
        }
        assert_eq!(issuer.read_client(&issuer.issue(&claims()).unwrap()), None);
    }

    #[test]
    fn an_unsigned_or_altered_token_is_refused() {
        let issuer = JwtIssuer::new(SECRET).unwrap();
        let token = issuer.issue(&claims()).unwrap();
        let (signed, _) = token.rsplit_once('.').unwrap();
        assert_eq!(issuer.read(&format!("{signed}.")), None);
        // {"alg":"none","kid":…}
        let payload = signed.split_once('.').unwrap().1;
        assert_eq!(issuer.read(&format!("eyJhbGciOiJub25lIn0.{payload}.")), None);
        assert!(JwtIssuer::new(&SECRET[1..]).is_err());
    }

    proptest! {
        #[test]
        fn any_text_is_refused_without_a_panic(text in ".{0,200}") {
            let issuer = JwtIssuer::new(SECRET).unwrap();
            prop_assert_eq!(issuer.read(&text), None);
            prop_assert_eq!(issuer.read_client(&text), None);
        }
    }
}
