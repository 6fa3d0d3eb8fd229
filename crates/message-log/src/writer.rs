//! The last step of a frame's way: into the store, with the day it will be forgotten.

use std::sync::Arc;

use async_trait::async_trait;
use chrono::TimeDelta;
use kernel::StoreError;

use crate::{
    model::Frame,
    port::{FrameSink, FrameStore, KeptFrame},
};

/// Writes frames to a store.
pub struct FrameWriter {
    store: Arc<dyn FrameStore>,
    retention: Option<TimeDelta>,
}

impl FrameWriter {
    /// Frames are kept for `retention` from when they crossed the socket; `None`: for ever.
    pub fn new(store: Arc<dyn FrameStore>, retention: Option<TimeDelta>) -> Self {
        Self { store, retention }
    }

    fn kept(&self, frame: &Frame) -> KeptFrame {
        let expires_at = self.retention.and_then(|retention| frame.at.checked_add_signed(retention));
        KeptFrame { frame: frame.clone(), expires_at }
    }
}

#[async_trait]
impl FrameSink for FrameWriter {
    async fn frames_take(&self, frames: &[Frame]) -> Result<(), StoreError> {
        let kept: Vec<KeptFrame> = frames.iter().map(|frame| self.kept(frame)).collect();
        self.store.frames_append(&kept).await
    }
}
