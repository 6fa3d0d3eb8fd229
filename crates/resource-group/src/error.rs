//! What can refuse a use case of this domain.

use kernel::{Denied, Fault, FaultClass, Invalid, StoreError};

#[derive(Debug, thiserror::Error)]
pub enum GroupError {
    #[error("no such resource group")]
    NoSuchGroup,
    #[error("no such member")]
    NoSuchMember,
    #[error(transparent)]
    Denied(#[from] Denied),
    #[error(transparent)]
    Invalid(#[from] Invalid),
    #[error("a group beside it has this name")]
    NameTaken,
    #[error("the organisation has as many groups as it may have")]
    TooManyGroups,
    #[error("groups lie below it")]
    HasChildren,
    #[error("roles or API keys are granted on it")]
    Granted,
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Fault for GroupError {
    fn class(&self) -> FaultClass<'_> {
        match self {
            Self::NoSuchGroup | Self::NoSuchMember => FaultClass::NotFound,
            Self::Denied(denied) => FaultClass::Denied(*denied),
            Self::Invalid(invalid) => FaultClass::Invalid(invalid),
            Self::NameTaken => FaultClass::Conflict { code: "group_name_taken" },
            Self::TooManyGroups => FaultClass::Conflict { code: "too_many_groups" },
            Self::HasChildren => FaultClass::Conflict { code: "group_has_children" },
            Self::Granted => FaultClass::Conflict { code: "group_granted" },
            Self::Store(error) => error.class(),
        }
    }
}
