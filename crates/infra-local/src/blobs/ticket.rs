//! What a link says, sealed so that nobody else can write one.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, Mac};
use report::BlobKey;
use serde::{Deserialize, Serialize};
use sha2::Sha256;

/// May read one file for a while.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Ticket {
    pub(super) key: BlobKey,
    pub(super) file_name: String,
    /// Microseconds since 1970.
    pub(super) expires_at: i64,
}

pub(super) struct Sealing(Hmac<Sha256>);

impl Sealing {
    pub(super) fn new(secret: &[u8]) -> Self {
        let mac = Hmac::<Sha256>::new_from_slice(secret).expect("a key may have any length");
        // A secret that signs other things too must not sign these for them.
        Self(mac.chain_update(b"blob ticket\0"))
    }

    pub(super) fn seal(&self, ticket: &Ticket) -> String {
        let body = serde_json::to_vec(ticket).expect("text and numbers can be written");
        let seal = self.0.clone().chain_update(&body).finalize().into_bytes();
        format!("{}.{}", URL_SAFE_NO_PAD.encode(body), URL_SAFE_NO_PAD.encode(seal))
    }

    /// `None` for what was not sealed with our secret.
    pub(super) fn open(&self, sealed: &str) -> Option<Ticket> {
        let (body, seal) = sealed.split_once('.')?;
        let (body, seal) = (URL_SAFE_NO_PAD.decode(body).ok()?, URL_SAFE_NO_PAD.decode(seal).ok()?);
        self.0.clone().chain_update(&body).verify_slice(&seal).ok()?;
        serde_json::from_slice(&body).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_seal_opens() {
        let ticket = Ticket {
            key: BlobKey::new("a/b.csv").unwrap(),
            file_name: "é \".csv".to_owned(),
            expires_at: -1,
        };
        let (ours, theirs) = (Sealing::new(b"ours"), Sealing::new(b"theirs"));
        let sealed = ours.seal(&ticket);
        assert_eq!(ours.open(&sealed), Some(ticket));
        assert_eq!(theirs.open(&sealed), None);
    }
}
