//! What can refuse a use case of this domain.

use kernel::{Denied, Fault, FaultClass, Invalid, StoreError};

#[derive(Debug, thiserror::Error)]
pub enum PriorityError {
    #[error("no such level")]
    NoSuchLevel,
    #[error("no such rule")]
    NoSuchRule,
    #[error("no such override")]
    NoSuchOverride,
    #[error("no such depot")]
    NoSuchDepot,
    #[error(transparent)]
    Denied(#[from] Denied),
    #[error(transparent)]
    Invalid(#[from] Invalid),
    #[error("this number of the scale has a name already")]
    LevelTaken,
    #[error("the usual levels do not change: make levels of your own")]
    UsualLevel,
    #[error("the organisation has the most rules it may have")]
    TooManyRules,
    #[error(transparent)]
    Store(StoreError),
}

impl From<StoreError> for PriorityError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Duplicate { rule } if rule == "level" => Self::LevelTaken,
            other => Self::Store(other),
        }
    }
}

impl Fault for PriorityError {
    fn class(&self) -> FaultClass<'_> {
        match self {
            Self::NoSuchLevel | Self::NoSuchRule | Self::NoSuchOverride | Self::NoSuchDepot => {
                FaultClass::NotFound
            }
            Self::Denied(denied) => FaultClass::Denied(*denied),
            Self::Invalid(invalid) => FaultClass::Invalid(invalid),
            Self::LevelTaken => FaultClass::Conflict { code: "priority_level_taken" },
            Self::UsualLevel => FaultClass::Conflict { code: "usual_priority_level" },
            Self::TooManyRules => FaultClass::Conflict { code: "too_many_rules" },
            Self::Store(error) => error.class(),
        }
    }
}
