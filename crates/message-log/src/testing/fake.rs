//! A log in memory.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use async_trait::async_trait;
use kernel::{Cursor, FrameId, OrganisationId, Page, PageRequest, StoreError, Timestamp};

use crate::{
    model::Frame,
    port::{FrameFilter, FrameRecorder, FrameStore, KeptFrame, NoRoom, PAGE_BYTES},
};

type Log = BTreeMap<(Timestamp, FrameId), KeptFrame>;

/// Keeps frames in memory, and fails while it is told to.
#[derive(Default)]
pub struct FakeFrames {
    log: Mutex<Log>,
    away: Mutex<bool>,
}

impl FakeFrames {
    /// From now on every call fails, or none does.
    pub fn away(&self, away: bool) {
        *self.away.lock().unwrap_or_else(PoisonError::into_inner) = away;
    }

    /// How many frames there are.
    pub fn len(&self) -> usize {
        self.log().len()
    }

    pub fn is_empty(&self) -> bool {
        self.log().is_empty()
    }

    /// All frames, the oldest first.
    pub fn frames(&self) -> Vec<Frame> {
        self.log().values().map(|kept| kept.frame.clone()).collect()
    }

    fn log(&self) -> MutexGuard<'_, Log> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn reach(&self) -> Result<(), StoreError> {
        match *self.away.lock().unwrap_or_else(PoisonError::into_inner) {
            true => Err(StoreError::Unavailable("the log is away".into())),
            false => Ok(()),
        }
    }
}

#[async_trait]
impl FrameStore for FakeFrames {
    async fn frames_append(&self, frames: &[KeptFrame]) -> Result<(), StoreError> {
        self.reach()?;
        let mut log = self.log();
        for kept in frames {
            log.insert((kept.frame.at, kept.frame.id), kept.clone());
        }
        Ok(())
    }

    async fn frame_search(
        &self,
        organisation: OrganisationId,
        filter: &FrameFilter,
        now: Timestamp,
        page: PageRequest,
    ) -> Result<Page<Frame>, StoreError> {
        self.reach()?;
        let log = self.log();
        let mut found = log.iter().rev().filter(|((at, id), kept)| {
            let before =
                page.after.is_none_or(|after| after.at.is_none_or(|cut| (*at, *id) < (cut, after.id.into())));
            let alive = kept.expires_at.is_none_or(|expires_at| expires_at > now);
            before && alive && kept.frame.organisation == organisation && filter.matches(&kept.frame)
        });
        let (mut items, mut bytes) = (Vec::new(), 0);
        for (_, kept) in found.by_ref() {
            bytes += kept.frame.text.kept.len();
            items.push(kept.frame.clone());
            if items.len() == usize::from(page.limit.get()) || bytes >= PAGE_BYTES {
                break;
            }
        }
        let last = items.last().filter(|_| found.next().is_some());
        let next = last.map(|frame: &Frame| Cursor::at(frame.at, frame.id));
        Ok(Page { items, next })
    }

    async fn frames_forget(&self, now: Timestamp) -> Result<u64, StoreError> {
        self.reach()?;
        let mut log = self.log();
        let before = log.len();
        log.retain(|_, kept| kept.expires_at.is_none_or(|expires_at| expires_at > now));
        Ok((before - log.len()) as u64)
    }
}

/// Where frames are left in the order they come, while there is room.
#[derive(Default)]
pub struct FakeRecorder {
    frames: Mutex<Vec<Frame>>,
    full: Mutex<bool>,
}

impl FakeRecorder {
    /// From now on there is no room, or there is.
    pub fn full(&self, full: bool) {
        *self.full.lock().unwrap_or_else(PoisonError::into_inner) = full;
    }

    pub fn frames(&self) -> Vec<Frame> {
        self.frames.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl FrameRecorder for FakeRecorder {
    fn record(&self, frame: &Frame) -> Result<(), NoRoom> {
        if *self.full.lock().unwrap_or_else(PoisonError::into_inner) {
            return Err(NoRoom("it is full".into()));
        }
        self.frames.lock().unwrap_or_else(PoisonError::into_inner).push(frame.clone());
        Ok(())
    }
}
