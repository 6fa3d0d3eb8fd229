//! What can refuse a use case of this domain.

use kernel::{Denied, Fault, FaultClass, Invalid, StoreError};

#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    #[error("no such report run")]
    NoSuchRun,
    #[error("no such report schedule")]
    NoSuchSchedule,
    #[error("no such report file, or its link has expired")]
    NoSuchFile,
    #[error(transparent)]
    Denied(#[from] Denied),
    #[error(transparent)]
    Invalid(#[from] Invalid),
    #[error("the run has ended already")]
    Ended,
    #[error("the organisation has the most reports under way that it may have")]
    TooMany,
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Fault for ReportError {
    fn class(&self) -> FaultClass<'_> {
        match self {
            Self::NoSuchRun | Self::NoSuchSchedule | Self::NoSuchFile => FaultClass::NotFound,
            Self::Denied(denied) => FaultClass::Denied(*denied),
            Self::Invalid(invalid) => FaultClass::Invalid(invalid),
            Self::Ended => FaultClass::Conflict { code: "report_run_ended" },
            Self::TooMany => FaultClass::Conflict { code: "too_many_reports" },
            Self::Store(error) => error.class(),
        }
    }
}
