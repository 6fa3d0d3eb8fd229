//! What can refuse a use case of this domain.

use kernel::{Denied, Fault, FaultClass, Invalid, StoreError};

#[derive(Debug, thiserror::Error)]
pub enum AlertError {
    #[error("no such alert")]
    NoSuchAlert,
    #[error("no such alert rule")]
    NoSuchRule,
    #[error("the alert is cleared already")]
    Cleared,
    #[error("the organisation has the most alert rules it may have")]
    TooManyRules,
    #[error(transparent)]
    Denied(#[from] Denied),
    #[error(transparent)]
    Invalid(#[from] Invalid),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Fault for AlertError {
    fn class(&self) -> FaultClass<'_> {
        match self {
            Self::NoSuchAlert | Self::NoSuchRule => FaultClass::NotFound,
            Self::Cleared => FaultClass::Conflict { code: "alert_cleared" },
            Self::TooManyRules => FaultClass::Conflict { code: "too_many_alert_rules" },
            Self::Denied(denied) => FaultClass::Denied(*denied),
            Self::Invalid(invalid) => FaultClass::Invalid(invalid),
            Self::Store(error) => error.class(),
        }
    }
}
