//! The unit of work: one use case, one transaction, named by the repositories it touches.
//!
//! A domain declares `trait StopTx: HasTransactions + HasOutbox + HasAudit + Commit {}` with a
//! blanket implementation, and its service holds `Arc<dyn Begin<dyn StopTx>>`. Dropping a begun
//! transaction rolls it back. No network call is made while one is open.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

/// Ends a unit of work and makes its effects durable, all or none.
#[async_trait]
pub trait Commit: Send {
    async fn commit(self: Box<Self>) -> Result<(), StoreError>;
}

/// Starts a unit of work that offers the repositories named by `T`.
#[async_trait]
pub trait Begin<T: ?Sized>: Send + Sync {
    async fn begin(&self) -> Result<Box<T>, StoreError>;
}

/// The revision of an aggregate: starts at 1, grows with every change, shown as its `ETag`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Version(pub i64);

impl Version {
    pub const FIRST: Self = Self(1);

    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0 + 1)
    }
}

type Source = Box<dyn std::error::Error + Send + Sync>;

/// What can go wrong in any store, in the terms a use case can act on.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A unique rule would be broken; `rule` names the index.
    #[error("a row with the same {rule} exists")]
    Duplicate { rule: String },
    /// A row that is referred to is missing, or is still referred to.
    #[error("a referenced row is missing or still in use")]
    Reference,
    /// The row was changed by somebody else since it was read.
    #[error("the row has changed since it was read")]
    Stale,
    /// The store refused for now because of concurrent work; running the use case again may pass.
    #[error("the store is busy")]
    Busy(#[source] Source),
    /// The store cannot be reached.
    #[error("the store is unavailable")]
    Unavailable(#[source] Source),
    /// A stored value cannot be read back.
    #[error("a stored value is unreadable: {what}")]
    Corrupt { what: String },
    #[error("the store failed")]
    Failed(#[source] Source),
}

impl StoreError {
    /// Whether running the whole use case again may succeed.
    pub fn retryable(&self) -> bool {
        matches!(self, Self::Busy(_) | Self::Unavailable(_))
    }

    pub fn corrupt(what: impl Into<String>) -> Self {
        Self::Corrupt { what: what.into() }
    }
}

/// Runs a whole use case again while its store asks for it, at most three times in all. There is
/// no pause between: a store that is busy has already made the caller wait.
///
/// # Errors
/// The last error.
pub async fn retrying<T, E, F>(mut attempt: impl FnMut() -> F) -> Result<T, E>
where
    F: Future<Output = Result<T, E>>,
    E: crate::fault::Fault,
{
    for _ in 0..2 {
        match attempt().await {
            Err(error) if matches!(error.class(), crate::fault::FaultClass::Unavailable) => {}
            outcome => return outcome,
        }
    }
    attempt().await
}
