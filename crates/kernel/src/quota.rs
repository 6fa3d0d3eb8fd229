//! How often somebody may ask, counted for all processes of an installation together.

use std::time::Duration;

use async_trait::async_trait;

use crate::store::StoreError;

/// So many in so long a time. The time begins with the first one, and the next begins with the first
/// one after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quota {
    /// Tells the quotas of one key apart.
    pub name: &'static str,
    pub most: u32,
    pub within: Duration,
}

/// What is left of a quota.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QuotaLeft {
    pub left: u32,
    /// Until all of it is there again.
    pub resets_in: Duration,
}

/// What became of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuotaTaken {
    pub granted: bool,
    /// After it, in the order of the quotas that were asked for.
    pub left: Vec<QuotaLeft>,
}

/// Quotas by key.
#[async_trait]
pub trait Quotas: Send + Sync {
    /// Takes one of each quota of a key, or, where one of them is used up, of none. However many ask at
    /// once, and in how many processes, no more are granted than there are.
    async fn quota_take(&self, key: &str, quotas: &[Quota]) -> Result<QuotaTaken, StoreError>;
}

impl QuotaTaken {
    /// How long to wait until there is one of each again; zero where this one was granted.
    pub fn retry_after(&self) -> Duration {
        if self.granted {
            return Duration::ZERO;
        }
        let used_up = self.left.iter().filter(|left| left.left == 0);
        used_up.map(|left| left.resets_in).max().unwrap_or_default()
    }
}
