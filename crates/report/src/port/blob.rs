//! Files that are written once, and whole.

use std::fmt;

use async_trait::async_trait;
use bytes::Bytes;
use chrono::TimeDelta;
use futures::stream::BoxStream;
use kernel::{StoreError, Timestamp};
use serde::{Deserialize, Serialize};

/// The name of a blob: lower-case letters, digits, `-`, `.` and `/` between parts that are not empty
/// and do not begin with a dot.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct BlobKey(String);

impl BlobKey {
    /// `None` for what is no key.
    pub fn new(key: impl Into<String>) -> Option<Self> {
        let key = key.into();
        let fit = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '.');
        let sound = |part: &str| !part.is_empty() && !part.starts_with('.') && part.chars().all(fit);
        (key.len() <= 512 && key.split('/').all(sound)).then_some(Self(key))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for BlobKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for BlobKey {
    type Error = &'static str;

    fn try_from(key: String) -> Result<Self, Self::Error> {
        Self::new(key).ok_or("this is no key of a blob")
    }
}

impl From<BlobKey> for String {
    fn from(key: BlobKey) -> Self {
        key.0
    }
}

/// What was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stored {
    pub bytes: u64,
    /// SHA-256 of all bytes.
    pub sha256: [u8; 32],
}

/// A blob that is handed out for a link.
pub struct Redeemed {
    pub file_name: String,
    pub bytes: u64,
    pub content: BoxStream<'static, Result<Bytes, StoreError>>,
}

#[async_trait]
pub trait BlobStore: Send + Sync {
    /// Begins a blob. It is absent for everybody until it is finished, and replaces what had its key.
    async fn blob_begin(
        &self,
        key: &BlobKey,
        content_type: &'static str,
    ) -> Result<Box<dyn BlobWriting>, StoreError>;

    /// Everything of a blob; `None` where there is none.
    async fn blob_open(
        &self,
        key: &BlobKey,
    ) -> Result<Option<BoxStream<'static, Result<Bytes, StoreError>>>, StoreError>;

    /// Removes a blob and whatever was begun under its key. One that is not there is no error.
    async fn blob_discard(&self, key: &BlobKey) -> Result<(), StoreError>;

    /// Where anybody who has the link may read the blob for a while, without other credentials. An
    /// address, or a path on the server that was asked.
    async fn blob_link(
        &self,
        key: &BlobKey,
        file_name: &str,
        now: Timestamp,
        lifetime: TimeDelta,
    ) -> Result<String, StoreError>;

    /// What a ticket stands for that was given out as the last part of a path by
    /// [`Self::blob_link`]; `None` for one that was not, that has expired, or whose blob is gone.
    async fn blob_redeem(&self, ticket: &str, now: Timestamp) -> Result<Option<Redeemed>, StoreError>;
}

/// A blob that is being written. Dropping it leaves nothing that anybody can see.
#[async_trait]
pub trait BlobWriting: Send {
    /// Adds bytes. After an error the blob can only be abandoned.
    async fn write(&mut self, bytes: Bytes) -> Result<(), StoreError>;

    /// Makes the blob visible, all of it at once. After an error it may or may not be.
    async fn finish(self: Box<Self>) -> Result<Stored, StoreError>;

    /// Frees the room it takes, as far as that is possible now.
    async fn abandon(self: Box<Self>);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_leads_nowhere_else() {
        assert!(BlobKey::new("reports/0190-ab/1.csv").is_some());
        for key in ["", "/", "a/", "/a", "a//b", "../a", "a/..", "a/.b", "A", "a b", "a\\b", "ä"] {
            assert!(BlobKey::new(key).is_none(), "{key}");
        }
    }
}
