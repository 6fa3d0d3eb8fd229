//! Access tokens as signed JSON web tokens (HS256).
//!
//! Only the servers of one installation read what they sign, so one shared secret is enough. The
//! algorithm, issuer and audience are fixed: a token that says otherwise is not ours. Whether a
//! token has expired is for the domain to say, by its own clock.

use access::{AccessClaims, SessionId, TokenError, TokenIssuer};
use chrono::DateTime;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, decode_header, encode};
use kernel::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

const ISSUER: &str = "manage-core";
const AUDIENCE: &str = "manage-internal";
/// The shortest secret that signs, in bytes: as long as the signature.
pub const SHORTEST_SECRET: usize = 32;

/// Signs with one secret and reads what it signed.
pub struct JwtIssuer {
    /// Names the secret without telling it, so that a changed one is recognised as such.
    key_id: String,
    sign: EncodingKey,
    check: DecodingKey,
    rules: Validation,
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

impl JwtIssuer {
    /// # Errors
    /// [`ShortSecret`] below 32 bytes.
    pub fn new(secret: &[u8]) -> Result<Self, ShortSecret> {
        if secret.len() < SHORTEST_SECRET {
            return Err(ShortSecret { bytes: secret.len() });
        }
        let mut rules = Validation::new(Algorithm::HS256);
        rules.set_issuer(&[ISSUER]);
        rules.set_audience(&[AUDIENCE]);
        rules.set_required_spec_claims(&["iss", "aud", "sub", "exp"]);
        // The machine's clock is not asked here.
        rules.validate_exp = false;
        let named = Sha256::new().chain_update("key id of ").chain_update(secret).finalize();
        Ok(Self {
            key_id: named[..8].iter().map(|byte| format!("{byte:02x}")).collect(),
            sign: EncodingKey::from_secret(secret),
            check: DecodingKey::from_secret(secret),
            rules,
        })
    }
}

impl TokenIssuer for JwtIssuer {
    fn issue(&self, claims: &AccessClaims) -> Result<String, TokenError> {
        let header = Header { kid: Some(self.key_id.clone()), ..Header::new(Algorithm::HS256) };
        let written = Written {
            iss: ISSUER.to_owned(),
            aud: AUDIENCE.to_owned(),
            sub: claims.user.into(),
            org: claims.organisation.into(),
            sid: claims.session.0,
            iat: claims.issued_at.timestamp(),
            exp: claims.expires_at.timestamp(),
        };
        encode(&header, &written, &self.sign).map_err(|error| TokenError(Box::new(error)))
    }

    fn read(&self, token: &str) -> Option<AccessClaims> {
        let header = decode_header(token).ok()?;
        if header.kid.as_deref() != Some(&self.key_id) {
            return None;
        }
        let written = decode::<Written>(token, &self.check, &self.rules).ok()?.claims;
        Some(AccessClaims {
            user: written.sub.into(),
            organisation: written.org.into(),
            session: SessionId(written.sid),
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
        Clock, IdSource,
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
        let (iss, aud) = (ISSUER.to_owned(), AUDIENCE.to_owned());
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
        let public = Written { aud: "manage-public".into(), ..written() };
        assert_eq!(issuer.read(&sign(&issuer, &public, Algorithm::HS256)), None);
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
            prop_assert_eq!(JwtIssuer::new(SECRET).unwrap().read(&text), None);
        }
    }
}
