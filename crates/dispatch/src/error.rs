//! What can refuse a use case of this domain.

use chrono::SecondsFormat;
use kernel::{Denied, Fault, FaultClass, Invalid, StoreError};

use crate::model::Run;

#[derive(Debug, thiserror::Error)]
pub enum DispatchError {
    #[error("no such run")]
    NoSuchRun,
    #[error("no such series")]
    NoSuchSeries,
    #[error("no such depot")]
    NoSuchDepot,
    #[error(transparent)]
    Denied(#[from] Denied),
    #[error(transparent)]
    Invalid(#[from] Invalid),
    #[error("another run of the depot has this block on this day")]
    BlockTaken,
    #[error("the vehicle is on another run then: {}", named(.0))]
    Overlap(Box<Run>),
    #[error("the run has departed")]
    Departed,
    #[error("the run is cancelled")]
    Cancelled,
    #[error("no vehicle is to run it")]
    Unassigned,
    #[error(transparent)]
    Store(StoreError),
}

fn named(run: &Run) -> String {
    let time = |at: kernel::Timestamp| at.to_rfc3339_opts(SecondsFormat::Secs, true);
    format!("{} (block {}, {} to {})", run.id, run.block, time(run.departure_at), time(run.arrival_at))
}

impl From<StoreError> for DispatchError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Duplicate { rule } if rule == "block" => Self::BlockTaken,
            other => Self::Store(other),
        }
    }
}

impl Fault for DispatchError {
    fn class(&self) -> FaultClass<'_> {
        match self {
            Self::NoSuchRun | Self::NoSuchSeries | Self::NoSuchDepot => FaultClass::NotFound,
            Self::Denied(denied) => FaultClass::Denied(*denied),
            Self::Invalid(invalid) => FaultClass::Invalid(invalid),
            Self::BlockTaken => FaultClass::Conflict { code: "block_taken" },
            Self::Overlap(_) => FaultClass::Conflict { code: "run_overlap" },
            Self::Departed => FaultClass::Conflict { code: "run_departed" },
            Self::Cancelled => FaultClass::Conflict { code: "run_cancelled" },
            Self::Unassigned => FaultClass::Conflict { code: "run_unassigned" },
            Self::Store(error) => error.class(),
        }
    }
}
