//! What can refuse a use case of this domain.

use kernel::{Denied, Fault, FaultClass, Invalid, StoreError};

#[derive(Debug, thiserror::Error)]
pub enum MessageLogError {
    #[error(transparent)]
    Denied(#[from] Denied),
    #[error(transparent)]
    Invalid(#[from] Invalid),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Fault for MessageLogError {
    fn class(&self) -> FaultClass<'_> {
        match self {
            Self::Denied(denied) => FaultClass::Denied(*denied),
            Self::Invalid(invalid) => FaultClass::Invalid(invalid),
            Self::Store(error) => error.class(),
        }
    }
}
