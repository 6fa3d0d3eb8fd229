//! What can refuse a use case of overrides.

use kernel::{Denied, Fault, FaultClass, Invalid, StoreError};

#[derive(Debug, thiserror::Error)]
pub enum OverrideError {
    #[error("no such override")]
    NoSuchOverride,
    #[error(transparent)]
    Denied(#[from] Denied),
    #[error(transparent)]
    Invalid(#[from] Invalid),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Fault for OverrideError {
    fn class(&self) -> FaultClass<'_> {
        match self {
            Self::NoSuchOverride => FaultClass::NotFound,
            Self::Denied(denied) => FaultClass::Denied(*denied),
            Self::Invalid(invalid) => FaultClass::Invalid(invalid),
            Self::Store(error) => error.class(),
        }
    }
}
