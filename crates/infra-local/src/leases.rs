//! Leases among the parts of one process.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use kernel::{Leases, StoreError};
use tokio::time::Instant;
use uuid::Uuid;

/// Leases kept in memory. Clones share them.
#[derive(Clone, Default)]
pub struct MemoryLeases(Arc<Mutex<HashMap<String, (Uuid, Instant)>>>);

#[async_trait]
impl Leases for MemoryLeases {
    async fn lease_take(&self, name: &str, owner: Uuid, time: Duration) -> Result<bool, StoreError> {
        let mut leases = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        if leases.get(name).is_some_and(|(holder, ends)| *holder != owner && *ends > now) {
            return Ok(false);
        }
        leases.insert(name.to_owned(), (owner, now + time));
        Ok(true)
    }

    async fn lease_release(&self, name: &str, owner: Uuid) -> Result<(), StoreError> {
        let mut leases = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if leases.get(name).is_some_and(|(holder, _)| *holder == owner) {
            leases.remove(name);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn they_are_leases() {
        kernel::testing::leases::leases(&MemoryLeases::default(), tokio::time::sleep).await;
    }
}
