//! The public keys of an issuer, read leniently: a key that cannot be used is as if it were not
//! there, since issuers publish kinds that this program does not know.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{
    DecodingKey,
    jwk::{AlgorithmParameters, EllipticCurve, Jwk, KeyOperations, PublicKeyUse},
};
use serde::Deserialize;
use serde_json::Value;

use crate::algorithm::{KeyKind, SigningAlgorithm};

/// Keys of one issuer at most; the rest is not looked at.
const MOST: usize = 100;
/// RSA keys with a shorter modulus are too weak, and the library does not read longer ones.
const RSA_BITS: std::ops::RangeInclusive<usize> = 2_048..=4_096;

/// As it is published.
#[derive(Deserialize)]
pub(crate) struct Published {
    keys: Vec<Value>,
}

#[derive(Default)]
pub(crate) struct KeySet(Vec<Key>);

struct Key {
    id: Option<String>,
    kind: KeyKind,
    /// The only algorithm it is for, where it says so.
    only_for: Option<SigningAlgorithm>,
    key: DecodingKey,
}

/// What a token says of the key it was signed with.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wanted<'a> {
    pub(crate) id: Option<&'a str>,
    pub(crate) algorithm: SigningAlgorithm,
}

impl KeySet {
    pub(crate) fn read(published: Published) -> Self {
        Self(published.keys.into_iter().take(MOST).filter_map(key).collect())
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// The key of that id which fits the algorithm. Without an id there must be only one that fits.
    pub(crate) fn find(&self, wanted: Wanted<'_>) -> Option<DecodingKey> {
        let mut fitting = self.0.iter().filter(|key| {
            key.kind == wanted.algorithm.key_kind()
                && key.only_for.is_none_or(|only| only == wanted.algorithm)
                && (wanted.id.is_none() || key.id.as_deref() == wanted.id)
        });
        let found = fitting.next()?;
        (wanted.id.is_some() || fitting.next().is_none()).then(|| found.key.clone())
    }
}

fn key(published: Value) -> Option<Key> {
    let only_for = match published.get("alg") {
        None | Some(Value::Null) => None,
        Some(word) => Some(SigningAlgorithm::deserialize(word).ok()?),
    };
    let jwk: Jwk = serde_json::from_value(published).ok()?;
    let signs = jwk.common.public_key_use.as_ref().is_none_or(|usage| *usage == PublicKeyUse::Signature);
    let verifies =
        jwk.common.key_operations.as_ref().is_none_or(|list| list.contains(&KeyOperations::Verify));
    if !(signs && verifies) {
        return None;
    }
    let kind = match &jwk.algorithm {
        AlgorithmParameters::RSA(key) => RSA_BITS.contains(&bits(&key.n)?).then_some(KeyKind::Rsa)?,
        AlgorithmParameters::EllipticCurve(key) => match key.curve {
            EllipticCurve::P256 => KeyKind::P256,
            EllipticCurve::P384 => KeyKind::P384,
            EllipticCurve::P521 | EllipticCurve::Ed25519 => return None,
        },
        AlgorithmParameters::OctetKeyPair(key) => {
            (key.curve == EllipticCurve::Ed25519).then_some(KeyKind::Ed25519)?
        }
        // A shared secret that is published is none.
        AlgorithmParameters::OctetKey(_) => return None,
    };
    let key = DecodingKey::from_jwk(&jwk).ok()?;
    Some(Key { id: jwk.common.key_id, kind, only_for, key })
}

/// The length of a number as JSON web keys write it.
fn bits(number: &str) -> Option<usize> {
    let bytes = URL_SAFE_NO_PAD.decode(number).ok()?;
    let first = bytes.iter().position(|byte| *byte != 0)?;
    let leading = usize::try_from(bytes[first].leading_zeros()).ok()?;
    Some((bytes.len() - first) * 8 - leading)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const RS256: SigningAlgorithm = SigningAlgorithm::RS256;

    fn rsa(bits: usize, change: Value) -> Value {
        let mut number = vec![0xff; bits / 8];
        number[0] = 0x80;
        let mut key = json!({"kty": "RSA", "kid": "1", "n": URL_SAFE_NO_PAD.encode(number), "e": "AQAB"});
        let Value::Object(change) = change else { panic!("a change is an object") };
        key.as_object_mut().unwrap().extend(change);
        key
    }

    fn has(keys: &[&Value], id: Option<&str>, algorithm: SigningAlgorithm) -> bool {
        let keys = keys.iter().map(|key| (*key).clone()).collect();
        KeySet::read(Published { keys }).find(Wanted { id, algorithm }).is_some()
    }

    #[test]
    fn a_key_is_found_by_its_id_and_must_fit() {
        let plain = rsa(2_048, json!({}));
        assert!(has(&[&plain], Some("1"), RS256));
        assert!(has(&[&plain], Some("1"), SigningAlgorithm::PS512));
        assert!(!has(&[&plain], Some("2"), RS256));
        assert!(!has(&[&plain], Some("1"), SigningAlgorithm::ES256));
        let only = rsa(2_048, json!({"alg": "PS256", "use": "sig", "key_ops": ["verify"]}));
        assert!(has(&[&only], Some("1"), SigningAlgorithm::PS256));
        assert!(!has(&[&only], Some("1"), RS256));
        // Without an id it has to be the only one.
        assert!(has(&[&plain], None, RS256));
        assert!(!has(&[&plain, &rsa(2_048, json!({"kid": "2"}))], None, RS256));
    }

    #[test]
    fn what_cannot_be_used_does_not_spoil_the_rest() {
        let useless = [
            rsa(1_024, json!({})),
            rsa(8_192, json!({})),
            rsa(2_048, json!({"use": "enc"})),
            rsa(2_048, json!({"key_ops": ["encrypt"]})),
            rsa(2_048, json!({"alg": "RSA-OAEP"})),
            rsa(2_048, json!({"alg": "HS256"})),
            rsa(2_048, json!({"n": "~"})),
            json!({"kty": "oct", "kid": "1", "k": "AAAA"}),
            json!({"kty": "EC", "kid": "1", "crv": "P-521", "x": "AA", "y": "AA"}),
            json!({"kty": "new", "kid": "1"}),
            json!(7),
        ];
        for key in &useless {
            let read = KeySet::read(Published { keys: vec![key.clone()] });
            assert!(read.is_empty(), "{key}");
        }
        let good = rsa(2_048, json!({"kid": "good"}));
        let all: Vec<_> = useless.iter().chain([&good]).collect();
        assert!(has(&all, Some("good"), RS256));
    }
}
