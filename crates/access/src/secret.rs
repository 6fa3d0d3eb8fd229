//! Random tokens of machines: how they are made, written, and kept only as digests.
//!
//! They hold 256 bits of entropy, so a plain digest at rest is enough; people's passwords need a
//! slow hash instead.

use std::fmt;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use kernel::IdSource;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq;

/// The SHA-256 digest of a token. Compared in constant time, never shown.
#[derive(Clone, Copy)]
pub struct Digest([u8; 32]);

impl Digest {
    pub fn of(token: &str) -> Self {
        Self(Sha256::digest(token.as_bytes()).into())
    }

    /// As it is stored: 64 hexadecimal digits.
    pub fn to_hex(self) -> String {
        self.0.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// `None` where the text is not 64 hexadecimal digits.
    pub fn from_hex(text: &str) -> Option<Self> {
        if text.len() != 64 || !text.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return None;
        }
        let mut bytes = [0; 32];
        for (index, byte) in bytes.iter_mut().enumerate() {
            *byte = u8::from_str_radix(&text[2 * index..2 * index + 2], 16).ok()?;
        }
        Some(Self(bytes))
    }
}

impl PartialEq for Digest {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl Eq for Digest {}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Digest(…)")
    }
}

/// An API key as its holder writes it: `mk_<prefix>_<secret>`.
#[derive(Clone, PartialEq, Eq)]
pub struct ApiKeySecret {
    prefix: String,
    whole: String,
}

impl ApiKeySecret {
    pub(crate) const MARK: &'static str = "mk_";
    /// Hexadecimal digits of the public part.
    const PREFIX_CHARS: usize = 16;

    pub fn generate(ids: &dyn IdSource) -> Self {
        let mut public = [0; Self::PREFIX_CHARS / 2];
        ids.secret(&mut public);
        let prefix: String = public.iter().map(|byte| format!("{byte:02x}")).collect();
        let whole = format!("{}{prefix}_{}", Self::MARK, random_token(ids));
        Self { prefix, whole }
    }

    /// `None` for what was never a key of ours.
    pub fn parse(text: &str) -> Option<Self> {
        let (prefix, secret) = text.strip_prefix(Self::MARK)?.split_once('_')?;
        let plausible = prefix.len() == Self::PREFIX_CHARS
            && prefix.bytes().all(|byte| byte.is_ascii_hexdigit())
            && (32..=64).contains(&secret.len());
        plausible.then(|| Self { prefix: prefix.to_owned(), whole: text.to_owned() })
    }

    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    pub fn digest(&self) -> Digest {
        Digest::of(&self.whole)
    }

    /// The whole key, for its holder.
    pub fn expose(&self) -> &str {
        &self.whole
    }
}

impl fmt::Debug for ApiKeySecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ApiKeySecret({}{}_…)", Self::MARK, self.prefix)
    }
}

/// 256 random bits in 43 characters.
pub(crate) fn random_token(ids: &dyn IdSource) -> String {
    let mut bytes = [0; 32];
    ids.secret(&mut bytes);
    URL_SAFE_NO_PAD.encode(bytes)
}

#[cfg(test)]
mod tests {
    use kernel::testing::CountingIds;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_key_is_found_by_its_prefix_and_matches_its_digest() {
        let ids = CountingIds::default();
        let key = ApiKeySecret::generate(&ids);
        let read = ApiKeySecret::parse(key.expose()).unwrap();
        assert_eq!((read.prefix(), read.digest()), (key.prefix(), key.digest()));
        assert_ne!(ApiKeySecret::generate(&ids).digest(), key.digest());
        assert!(!format!("{key:?}").contains(key.expose()));
    }

    proptest! {
        #[test]
        fn digests_round_trip_and_foreign_text_is_refused(token in ".{0,80}") {
            let digest = Digest::of(&token);
            prop_assert_eq!(Digest::from_hex(&digest.to_hex()), Some(digest));
            prop_assert_eq!(Digest::from_hex(&token), None);
            prop_assert!(ApiKeySecret::parse(&token).is_none());
        }
    }
}
