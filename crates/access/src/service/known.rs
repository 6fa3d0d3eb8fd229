//! Who may do what, remembered for a moment, so that not every request asks the store.
//!
//! A change made through this process is forgotten at once; one made by another process is noticed
//! after [`FRESH_FOR`].

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use chrono::TimeDelta;
use kernel::{OrganisationId, Rights, Timestamp, UserId};

use crate::model::SessionId;

/// How long a permission may outlive its withdrawal by another process.
const FRESH_FOR: TimeDelta = TimeDelta::seconds(3);
/// Entries at most; beyond that everything is forgotten, which costs one question each.
const ROOM: usize = 10_000;

pub(super) type Key = (OrganisationId, UserId, SessionId);

pub(super) struct Known<K = Key, V = Rights>(Mutex<Entries<K, V>>);

struct Entries<K, V> {
    /// Grows with every change: what was read before it is not remembered after it.
    epoch: u64,
    by_credential: HashMap<K, (Timestamp, Arc<V>)>,
}

impl<K, V> Default for Known<K, V> {
    fn default() -> Self {
        Self(Mutex::new(Entries { epoch: 0, by_credential: HashMap::new() }))
    }
}

impl<K: Eq + Hash, V> Known<K, V> {
    fn entries(&self) -> MutexGuard<'_, Entries<K, V>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is known and fresh, and the epoch to give back with an answer from the store.
    pub(super) fn get(&self, key: &K, now: Timestamp) -> (u64, Option<Arc<V>>) {
        let entries = self.entries();
        let fresh = |at: Timestamp| (TimeDelta::zero()..FRESH_FOR).contains(&(now - at));
        let known = entries.by_credential.get(key).filter(|(at, _)| fresh(*at));
        (entries.epoch, known.map(|(_, worth)| worth.clone()))
    }

    pub(super) fn put(&self, epoch: u64, key: K, now: Timestamp, worth: Arc<V>) {
        let mut entries = self.entries();
        if entries.epoch != epoch {
            return;
        }
        if entries.by_credential.len() >= ROOM {
            entries.by_credential.clear();
        }
        entries.by_credential.insert(key, (now, worth));
    }

    pub(super) fn forget(&self) {
        let mut entries = self.entries();
        entries.epoch += 1;
        entries.by_credential.clear();
    }
}

#[cfg(test)]
mod tests {
    use kernel::{Clock, Permission, PermissionSet, testing::FakeClock};
    use uuid::Uuid;

    use super::*;

    #[test]
    fn what_is_known_ages_and_is_forgotten_even_while_being_read() {
        let (known, now) = (Known::<Key, Rights>::default(), FakeClock::default().now());
        let id = Uuid::from_u128(1);
        let key = (id.into(), id.into(), SessionId(id));
        let rights = Arc::new(Rights::from(PermissionSet::from([Permission::DepotRead])));
        let (epoch, nothing) = known.get(&key, now);
        assert_eq!(nothing, None);
        known.put(epoch, key, now, rights.clone());
        assert_eq!(known.get(&key, now).1, Some(rights.clone()));
        assert_eq!(known.get(&key, now + FRESH_FOR).1, None);
        assert_eq!(known.get(&key, now - TimeDelta::seconds(1)).1, None);

        let (epoch, _) = known.get(&key, now);
        known.forget();
        known.put(epoch, key, now, rights);
        assert_eq!(known.get(&key, now).1, None);
    }
}
