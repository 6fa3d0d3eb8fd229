//! Files and an index in memory, which are away while they are told to be.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use chrono::TimeDelta;
use futures::{StreamExt, stream, stream::BoxStream};
use kernel::{Cursor, OrganisationId, Page, PageRequest, ReportRunId, StoreError, Timestamp};
use sha2::{Digest, Sha256};

use crate::{
    model::{EntryPlace, ReportEntry},
    port::{BlobKey, BlobStore, BlobWriting, EntryFilter, Redeemed, ReportIndex, Stored},
};

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn reach(away: &AtomicBool) -> Result<(), StoreError> {
    match away.load(Ordering::Relaxed) {
        true => Err(StoreError::Unavailable("it is away".into())),
        false => Ok(()),
    }
}

/// Files in memory.
#[derive(Clone, Default)]
pub struct FakeBlobs {
    blobs: Arc<Mutex<BTreeMap<BlobKey, Bytes>>>,
    away: Arc<AtomicBool>,
}

impl FakeBlobs {
    /// From now on every call fails, or none does.
    pub fn away(&self, away: bool) {
        self.away.store(away, Ordering::Relaxed);
    }

    /// The keys of all that can be seen.
    pub fn keys(&self) -> Vec<BlobKey> {
        lock(&self.blobs).keys().cloned().collect()
    }

    /// What a blob holds.
    pub fn content(&self, key: &BlobKey) -> Option<Bytes> {
        lock(&self.blobs).get(key).cloned()
    }
}

struct FakeWriting {
    store: FakeBlobs,
    key: BlobKey,
    content: BytesMut,
}

#[async_trait]
impl BlobStore for FakeBlobs {
    async fn blob_begin(&self, key: &BlobKey, _: &'static str) -> Result<Box<dyn BlobWriting>, StoreError> {
        reach(&self.away)?;
        Ok(Box::new(FakeWriting { store: self.clone(), key: key.clone(), content: BytesMut::new() }))
    }

    async fn blob_open(
        &self,
        key: &BlobKey,
    ) -> Result<Option<BoxStream<'static, Result<Bytes, StoreError>>>, StoreError> {
        reach(&self.away)?;
        Ok(self.content(key).map(|content| stream::iter([Ok(content)]).boxed()))
    }

    async fn blob_discard(&self, key: &BlobKey) -> Result<(), StoreError> {
        reach(&self.away)?;
        lock(&self.blobs).remove(key);
        Ok(())
    }

    async fn blob_link(
        &self,
        key: &BlobKey,
        _: &str,
        _: Timestamp,
        _: TimeDelta,
    ) -> Result<String, StoreError> {
        Ok(format!("http://blobs.example/{key}"))
    }

    async fn blob_redeem(&self, _: &str, _: Timestamp) -> Result<Option<Redeemed>, StoreError> {
        Ok(None)
    }
}

#[async_trait]
impl BlobWriting for FakeWriting {
    async fn write(&mut self, bytes: Bytes) -> Result<(), StoreError> {
        reach(&self.store.away)?;
        self.content.extend_from_slice(&bytes);
        Ok(())
    }

    async fn finish(self: Box<Self>) -> Result<Stored, StoreError> {
        reach(&self.store.away)?;
        let content = self.content.freeze();
        let stored = Stored { bytes: content.len() as u64, sha256: Sha256::digest(&content).into() };
        lock(&self.store.blobs).insert(self.key, content);
        Ok(stored)
    }

    async fn abandon(self: Box<Self>) {}
}

/// An index in memory.
#[derive(Clone, Default)]
pub struct FakeIndex {
    entries: Arc<Mutex<BTreeMap<(Timestamp, ReportRunId), ReportEntry>>>,
    away: Arc<AtomicBool>,
}

impl FakeIndex {
    /// From now on every call fails, or none does.
    pub fn away(&self, away: bool) {
        self.away.store(away, Ordering::Relaxed);
    }

    /// All entries, the oldest first.
    pub fn entries(&self) -> Vec<ReportEntry> {
        lock(&self.entries).values().cloned().collect()
    }
}

#[async_trait]
impl ReportIndex for FakeIndex {
    async fn entry_put(&self, entry: &ReportEntry) -> Result<(), StoreError> {
        reach(&self.away)?;
        lock(&self.entries).insert((entry.place.at, entry.place.run), entry.clone());
        Ok(())
    }

    async fn entry_list(
        &self,
        organisation: OrganisationId,
        filter: &EntryFilter,
        now: Timestamp,
        page: PageRequest,
    ) -> Result<Page<ReportEntry>, StoreError> {
        reach(&self.away)?;
        let entries = lock(&self.entries);
        let found = entries.iter().rev().filter(|(place, entry)| {
            let before = |cursor: Cursor| cursor.at.is_none_or(|at| **place < (at, cursor.id.into()));
            page.after.is_none_or(before)
                && entry.place.organisation == organisation
                && entry.file.expires_at.is_none_or(|at| at > now)
                && filter.matches(entry)
        });
        let found = found.map(|(_, entry)| entry.clone()).take(usize::from(page.limit.get()) + 1).collect();
        Ok(Page::from_surplus(found, page.limit, |entry: &ReportEntry| {
            Cursor::at(entry.place.at, entry.place.run)
        }))
    }

    async fn entry_remove(&self, place: &EntryPlace) -> Result<(), StoreError> {
        reach(&self.away)?;
        lock(&self.entries).remove(&(place.at, place.run));
        Ok(())
    }
}
