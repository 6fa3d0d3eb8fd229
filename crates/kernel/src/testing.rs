//! A clock set by hand and ids that count, for tests of any crate; what adapters must do.

pub mod leases;
pub mod quotas;
pub mod sight;

use std::sync::{
    Mutex,
    atomic::{AtomicU64, Ordering},
};

use chrono::{TimeDelta, TimeZone, Utc};
use uuid::Uuid;

use crate::clock::{Clock, IdSource, Timestamp};

/// A clock that stands still until it is told otherwise.
#[derive(Debug)]
pub struct FakeClock(Mutex<Timestamp>);

impl FakeClock {
    pub fn at(now: Timestamp) -> Self {
        Self(Mutex::new(now))
    }

    pub fn set(&self, now: Timestamp) {
        *self.0.lock().expect("no test panics while holding the clock") = now;
    }

    pub fn advance(&self, by: TimeDelta) {
        *self.0.lock().expect("no test panics while holding the clock") += by;
    }
}

impl Default for FakeClock {
    /// 2026-03-02 08:00 UTC, a Monday morning.
    fn default() -> Self {
        Self::at(Utc.with_ymd_and_hms(2026, 3, 2, 8, 0, 0).single().expect("a valid instant"))
    }
}

impl Clock for FakeClock {
    fn now(&self) -> Timestamp {
        *self.0.lock().expect("no test panics while holding the clock")
    }
}

/// Ids in order: the first is `…-000000000001`. Secrets are a counted pattern.
#[derive(Debug, Default)]
pub struct CountingIds(AtomicU64);

impl IdSource for CountingIds {
    fn uuid(&self) -> Uuid {
        let n = self.0.fetch_add(1, Ordering::Relaxed) + 1;
        Uuid::from_u128((0x0190_0000_0000_7000_8000_u128 << 48) | u128::from(n))
    }

    fn secret(&self, buffer: &mut [u8]) {
        let n = self.0.fetch_add(1, Ordering::Relaxed) + 1;
        for (index, byte) in buffer.iter_mut().enumerate() {
            *byte = n.to_be_bytes()[index % 8] ^ u8::try_from(index % 251).unwrap_or(0);
        }
    }
}

/// A hash anyone can read, for tests that are not about hashing.
#[derive(Debug, Default)]
pub struct PlainHasher;

#[async_trait::async_trait]
impl crate::secret::SecretHasher for PlainHasher {
    async fn hash(&self, secret: &str) -> Result<String, crate::secret::HashError> {
        Ok(format!("plain${secret}"))
    }

    async fn verify(&self, secret: &str, hash: &str) -> Result<bool, crate::secret::HashError> {
        Ok(hash.strip_prefix("plain$") == Some(secret))
    }
}
