//! How a charger names itself, and the digest of how it proves it.

use std::fmt;

use kernel::Invalid;
use serde::Serialize;

/// The name a charger connects by: the last segment of its URL. Unique over the whole
/// installation, because the URL carries no organisation. Compared exactly, case included.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Identity(String);

impl Identity {
    pub const MAX_CHARS: usize = 48;

    /// Letters, digits and `_ - . : @ * + = |`, with single spaces inside; 1 to 48 of them. A
    /// slash would be another URL, and so would a name of dots only.
    ///
    /// # Errors
    /// [`Invalid`] with every broken rule.
    pub fn parse(pointer: &str, text: &str) -> Result<Self, Invalid> {
        let mut invalid = Invalid::default();
        let text = invalid.text(pointer, text, Self::MAX_CHARS);
        let allowed = |c: char| c.is_ascii_alphanumeric() || "_-.:@*+=| ".contains(c);
        if !text.chars().all(allowed) {
            invalid.push(pointer, "malformed", "may hold letters, digits, spaces and _-.:@*+=| only");
        } else if !text.is_empty() && text.chars().all(|c| c == '.') {
            invalid.push(pointer, "malformed", "must not be dots only");
        }
        invalid.into_result().map(|()| Self(text))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The salted hash of a charger's password. Neither shown nor logged.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(String);

impl PasswordHash {
    pub fn new(hash: impl Into<String>) -> Self {
        Self(hash.into())
    }

    /// The hash in PHC format, for its verification and its storage.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identities_are_what_a_url_segment_and_the_protocols_allow() {
        for good in ["CP-001", " DE*ABC*E1:2 ", "a b", "x=1|2+3@home."] {
            let identity = Identity::parse("/identity", good).unwrap();
            assert_eq!(identity.as_str(), good.trim());
        }
        for bad in ["", "   ", "a/b", "é", "a%b", ".", "..", "a\nb", &"x".repeat(49)] {
            assert!(Identity::parse("/identity", bad).is_err(), "{bad:?}");
        }
        assert!(Identity::parse("/identity", &"x".repeat(48)).is_ok());
    }

    #[test]
    fn a_hash_does_not_show_itself() {
        assert_eq!(format!("{:?}", PasswordHash::new("secret")), "PasswordHash(…)");
    }
}
