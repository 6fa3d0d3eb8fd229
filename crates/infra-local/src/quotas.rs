//! Quotas within one process.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use kernel::{Quota, QuotaLeft, QuotaTaken, Quotas, StoreError};
use tokio::time::Instant;

/// Keys that are looked through for ended ones at once.
const CLEARED_ABOVE: usize = 1_024;

/// Quotas kept in memory. Clones share them.
#[derive(Clone, Default)]
pub struct MemoryQuotas(Arc<Mutex<Counts>>);

/// By key and name of the quota: how many were taken, and when the time ends.
#[derive(Default)]
struct Counts {
    counts: HashMap<(String, &'static str), (u32, Instant)>,
    clear_above: usize,
}

#[async_trait]
impl Quotas for MemoryQuotas {
    async fn quota_take(&self, key: &str, quotas: &[Quota]) -> Result<QuotaTaken, StoreError> {
        let now = Instant::now();
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        counts.clear(now);
        let mut places: Vec<(u32, Instant)> =
            quotas.iter().map(|quota| counts.running(key, quota, now)).collect();
        let granted = quotas.iter().zip(&places).all(|(quota, (taken, _))| *taken < quota.most);
        if granted {
            for (quota, place) in quotas.iter().zip(&mut places) {
                place.0 += 1;
                counts.counts.insert((key.to_owned(), quota.name), *place);
            }
        }
        let left = quotas.iter().zip(places).map(|(quota, (taken, ends))| QuotaLeft {
            left: quota.most.saturating_sub(taken),
            resets_in: ends.saturating_duration_since(now),
        });
        Ok(QuotaTaken { granted, left: left.collect() })
    }
}

impl Counts {
    fn running(&self, key: &str, quota: &Quota, now: Instant) -> (u32, Instant) {
        let kept = self.counts.get(&(key.to_owned(), quota.name)).filter(|(_, ends)| *ends > now);
        kept.copied().unwrap_or_else(|| (0, now + quota.within.max(Duration::from_millis(1))))
    }

    /// Forgets what has ended, each time that there is twice as much as was left the last time.
    fn clear(&mut self, now: Instant) {
        if self.counts.len() > self.clear_above.max(CLEARED_ABOVE) {
            self.counts.retain(|_, (_, ends)| *ends > now);
            self.clear_above = self.counts.len() * 2;
        }
    }
}

#[cfg(test)]
mod tests {
    use kernel::testing::quotas::{quotas, quotas_are_exact};

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn they_are_quotas() {
        quotas(&MemoryQuotas::default(), "a", tokio::time::sleep).await;
    }

    #[tokio::test(start_paused = true)]
    async fn they_are_exact() {
        let one = MemoryQuotas::default();
        let two = one.clone();
        quotas_are_exact(&[&one, &two], "a").await;
    }

    #[tokio::test(start_paused = true)]
    async fn what_has_ended_is_forgotten() {
        let quotas = MemoryQuotas::default();
        let quota = [Quota { name: "short", most: 1, within: Duration::from_secs(1) }];
        for key in 0..CLEARED_ABOVE * 10 {
            quotas.quota_take(&key.to_string(), &quota).await.unwrap();
            tokio::time::advance(Duration::from_millis(10)).await;
        }
        assert!(quotas.0.lock().unwrap().counts.len() <= CLEARED_ABOVE + 1);
    }
}
