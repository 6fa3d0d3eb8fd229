//! Repeatable writes: the first answer to a key is stored in the transaction of its effect.

use std::{future::Future, pin::Pin};

use async_trait::async_trait;

use crate::{id::OrganisationId, scope::Actor, store::StoreError};

/// One caller's promise that requests with this key and this fingerprint are the same request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    pub organisation: OrganisationId,
    pub actor: Actor,
    pub key: String,
    /// A digest of method, path and body: the same key with another one is refused.
    pub fingerprint: [u8; 32],
}

/// An answer as it was first given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recorded {
    pub status: u16,
    pub headers: Vec<(String, Vec<u8>)>,
    pub body: Vec<u8>,
}

impl Recorded {
    /// Only answers that had an effect or will never have one are kept; a caller may try again
    /// after a fault of ours.
    pub fn is_final(&self) -> bool {
        self.status < 500 && self.status != 429
    }
}

#[derive(Debug)]
pub enum Execution {
    /// The handler ran now and its effect, if any, is durable together with this answer.
    Fresh(Recorded),
    /// The key was used before: this was the answer.
    Replayed(Recorded),
    /// The key was used for a different request.
    Mismatch,
    /// The first request with this key is still being worked on.
    InFlight,
}

pub type Handler<'a> = Pin<Box<dyn Future<Output = Recorded> + Send + 'a>>;

/// Runs a handler at most once per claim. A unit of work that the handler commits is held open
/// until its answer is stored beside the effect; both become durable together.
#[async_trait]
pub trait IdempotencyStore: Send + Sync {
    async fn execute<'a>(&'a self, claim: Claim, handler: Handler<'a>) -> Result<Execution, StoreError>;
}
