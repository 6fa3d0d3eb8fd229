//! Time and identity as parameters: the domain never reads the machine's clock or entropy.

use chrono::{DateTime, DurationRound, TimeDelta, Utc};
use uuid::Uuid;

/// An instant in UTC with microsecond resolution, the finest that both databases keep.
pub type Timestamp = DateTime<Utc>;

/// Where "now" comes from. Implementations return whole microseconds.
pub trait Clock: Send + Sync {
    fn now(&self) -> Timestamp;
}

/// Where new ids and secrets come from.
pub trait IdSource: Send + Sync {
    /// A fresh UUIDv7: unique, and later ones sort after earlier ones.
    fn uuid(&self) -> Uuid;

    /// Fills the buffer with unpredictable bytes, for tokens and salts.
    fn secret(&self, buffer: &mut [u8]);
}

/// Cuts an instant to the whole microseconds that every store can keep.
pub fn to_micros(at: Timestamp) -> Timestamp {
    at.duration_trunc(TimeDelta::microseconds(1)).unwrap_or(at)
}
