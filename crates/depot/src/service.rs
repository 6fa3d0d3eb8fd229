//! The use cases of this domain.

mod circuits;
mod depots;
mod limits;
mod tariffs;
mod yards;

pub use circuits::CircuitService;
pub use depots::DepotService;

use kernel::{StoreError, Version};

use crate::error::DepotError;

/// Whether the caller has seen the present version, where they said which.
fn seen(expected: Option<Version>, present: Version) -> Result<(), DepotError> {
    match expected {
        Some(expected) if expected != present => Err(StoreError::Stale.into()),
        _ => Ok(()),
    }
}
