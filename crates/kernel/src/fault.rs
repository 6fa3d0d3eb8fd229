//! How a use case's failure concerns its caller. Every domain error says so itself, once, and each
//! transport maps the class to its own words; nothing becomes an internal error by accident.

use crate::{invalid::Invalid, scope::Denied, store::StoreError};

#[derive(Debug)]
pub enum FaultClass<'a> {
    /// Absent, or outside the caller's scope: the two look the same.
    NotFound,
    /// The caller is known but lacks a permission.
    Denied(Denied),
    /// The input breaks rules, field by field.
    Invalid(&'a Invalid),
    /// The state of the thing does not allow it; `code` is a stable word for programs.
    Conflict { code: &'static str },
    /// The caller's `If-Match` names an older version.
    Stale,
    /// Try again later; nothing was changed.
    Unavailable,
    /// A fault of ours. Its text is for the log, not for the caller.
    Internal,
}

/// A failure that knows its class. `Display` is safe to show to the caller unless the class is
/// [`FaultClass::Internal`] or [`FaultClass::Unavailable`].
pub trait Fault: std::error::Error + Send + Sync + 'static {
    fn class(&self) -> FaultClass<'_>;
}

impl Fault for StoreError {
    fn class(&self) -> FaultClass<'_> {
        match self {
            Self::Duplicate { .. } => FaultClass::Conflict { code: "duplicate" },
            Self::Reference => FaultClass::Conflict { code: "reference" },
            Self::Stale => FaultClass::Stale,
            Self::Busy(_) | Self::Unavailable(_) => FaultClass::Unavailable,
            Self::Corrupt { .. } | Self::Failed(_) => FaultClass::Internal,
        }
    }
}

impl Fault for Invalid {
    fn class(&self) -> FaultClass<'_> {
        FaultClass::Invalid(self)
    }
}
