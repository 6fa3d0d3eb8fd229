//! Who may do what only one process at a time should do.
//!
//! A lease says who should be at work; it ends by itself when its holder is gone. It cannot stop
//! a holder that was paused past its end, so whatever must not happen twice also checks a
//! [`Fence`] in the unit of work that makes it happen.

use std::time::Duration;

use async_trait::async_trait;
use uuid::Uuid;

use crate::store::StoreError;

/// Leases by name, shared by all processes of an installation.
#[async_trait]
pub trait Leases: Send + Sync {
    /// Takes the lease, or extends it where `owner` has it. False where another has it.
    async fn lease_take(&self, name: &str, owner: Uuid, time: Duration) -> Result<bool, StoreError>;

    /// Gives the lease back, where `owner` still has it.
    async fn lease_release(&self, name: &str, owner: Uuid) -> Result<(), StoreError>;
}

/// A token that is good until the next one of the same name is drawn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fence {
    pub name: String,
    pub token: i64,
}

/// Draws tokens.
#[async_trait]
pub trait FenceSource: Send + Sync {
    /// A token higher than every earlier one of that name. From now on those no longer pass.
    async fn fence_next(&self, name: &str) -> Result<Fence, StoreError>;
}

/// Checks tokens within a unit of work.
#[async_trait]
pub trait Fences: Send {
    /// Whether the token is the latest of its name. Until the unit of work ends no later one can
    /// be drawn.
    async fn fence_passes(&mut self, fence: &Fence) -> Result<bool, StoreError>;
}

pub trait HasFences: Send {
    fn fences(&mut self) -> &mut dyn Fences;
}
