//! Whose turn it is to do what only one process should do.

use std::{sync::Arc, time::Duration};

use kernel::{Fence, FenceSource, Leases};
use tokio::time::Instant;
use uuid::Uuid;

/// How long a worker that is gone keeps others from taking over.
pub(crate) const LEASE: Duration = Duration::from_secs(10);

/// Who this worker is, and where turns are taken.
#[derive(Clone)]
pub(crate) struct Turns {
    pub(crate) leases: Arc<dyn Leases>,
    pub(crate) fences: Arc<dyn FenceSource>,
    pub(crate) worker: Uuid,
}

/// One thing that only one worker at a time should do.
pub(crate) struct Turn {
    name: String,
    held: Option<Held>,
}

struct Held {
    fence: Fence,
    until: Instant,
}

impl Turn {
    pub(crate) fn of(name: impl Into<String>) -> Self {
        Self { name: name.into(), held: None }
    }

    /// Our fence, where it is our turn; call it again before the lease ends. Where leases cannot
    /// be had, whoever has the turn keeps it: nobody else can take it, and the fence would tell.
    pub(crate) async fn take(&mut self, turns: &Turns) -> Option<Fence> {
        let asked = Instant::now();
        match turns.leases.lease_take(&self.name, turns.worker, LEASE).await {
            Ok(false) => {
                self.held = None;
                None
            }
            Ok(true) => {
                // A lease that had ended may have been another's in between.
                if self.held.as_ref().is_none_or(|held| held.until <= asked) {
                    self.held = None;
                    match turns.fences.fence_next(&self.name).await {
                        Ok(fence) => self.held = Some(Held { fence, until: asked }),
                        Err(error) => {
                            tracing::warn!(name = self.name, %error, "a turn cannot be taken");
                            return None;
                        }
                    }
                }
                self.held.as_mut().map(|held| {
                    held.until = asked + LEASE;
                    held.fence.clone()
                })
            }
            Err(error) => {
                tracing::debug!(name = self.name, %error, "leases cannot be had for now");
                self.held.as_ref().map(|held| held.fence.clone())
            }
        }
    }

    /// Whether it was our turn when it was last asked for.
    pub(crate) fn is_ours(&self) -> bool {
        self.held.is_some()
    }

    /// The fence did not pass: another has had the turn.
    pub(crate) fn lost(&mut self) {
        self.held = None;
    }

    /// Lets others have the turn at once.
    pub(crate) async fn give_back(&mut self, turns: &Turns) {
        if self.held.take().is_some()
            && let Err(error) = turns.leases.lease_release(&self.name, turns.worker).await
        {
            tracing::debug!(name = self.name, %error, "a turn cannot be given back; it will end");
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{
        Mutex,
        atomic::{AtomicI64, Ordering},
    };

    use async_trait::async_trait;
    use kernel::StoreError;

    use super::*;

    #[derive(Default)]
    struct Shared {
        holder: Mutex<Option<Uuid>>,
        away: Mutex<bool>,
        drawn: AtomicI64,
    }

    #[async_trait]
    impl Leases for Shared {
        async fn lease_take(&self, _: &str, owner: Uuid, _: Duration) -> Result<bool, StoreError> {
            if *self.away.lock().unwrap() {
                return Err(StoreError::Unavailable("gone".into()));
            }
            let mut holder = self.holder.lock().unwrap();
            Ok(*holder.get_or_insert(owner) == owner)
        }

        async fn lease_release(&self, _: &str, _: Uuid) -> Result<(), StoreError> {
            *self.holder.lock().unwrap() = None;
            Ok(())
        }
    }

    #[async_trait]
    impl FenceSource for Shared {
        async fn fence_next(&self, name: &str) -> Result<Fence, StoreError> {
            let token = self.drawn.fetch_add(1, Ordering::Relaxed) + 1;
            Ok(Fence { name: name.to_owned(), token })
        }
    }

    fn worker(shared: &Arc<Shared>, n: u128) -> Turns {
        Turns { leases: shared.clone(), fences: shared.clone(), worker: Uuid::from_u128(n) }
    }

    #[tokio::test]
    async fn one_worker_has_the_turn_until_it_gives_it_back() {
        let shared = Arc::new(Shared::default());
        let (one, two) = (worker(&shared, 1), worker(&shared, 2));
        let (mut ours, mut theirs) = (Turn::of("a"), Turn::of("a"));
        assert_eq!(ours.take(&one).await.unwrap().token, 1);
        assert!(theirs.take(&two).await.is_none());
        assert_eq!(ours.take(&one).await.unwrap().token, 1, "the same turn, the same fence");
        ours.give_back(&one).await;
        assert_eq!(theirs.take(&two).await.unwrap().token, 2);
        assert!(ours.take(&one).await.is_none());
    }

    #[tokio::test(start_paused = true)]
    async fn who_slept_past_the_lease_needs_a_new_fence() {
        let shared = Arc::new(Shared::default());
        let (one, mut ours) = (worker(&shared, 1), Turn::of("a"));
        assert_eq!(ours.take(&one).await.unwrap().token, 1);
        tokio::time::advance(LEASE).await;
        assert_eq!(ours.take(&one).await.unwrap().token, 2);
        ours.lost();
        assert_eq!(ours.take(&one).await.unwrap().token, 3);
    }

    #[tokio::test]
    async fn without_leases_whoever_has_the_turn_keeps_it() {
        let shared = Arc::new(Shared::default());
        let (one, two) = (worker(&shared, 1), worker(&shared, 2));
        let (mut ours, mut theirs) = (Turn::of("a"), Turn::of("a"));
        ours.take(&one).await.unwrap();
        *shared.away.lock().unwrap() = true;
        assert_eq!(ours.take(&one).await.unwrap().token, 1);
        assert!(theirs.take(&two).await.is_none());
    }
}
