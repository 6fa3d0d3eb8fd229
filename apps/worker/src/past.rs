//! Forgetting what happened so long ago that nobody asks for it any more.

use std::sync::Arc;

use charge_point::HistoryUpkeep;
use charging::PlanUpkeep;
use chrono::TimeDelta;
use kernel::Timestamp;

/// What is forgotten, and for how long it is kept before; for ever where it is not said.
pub(crate) struct Past {
    pub(crate) history: Arc<dyn HistoryUpkeep>,
    pub(crate) plans: Arc<dyn PlanUpkeep>,
    pub(crate) history_kept: Option<TimeDelta>,
    pub(crate) plans_kept: Option<TimeDelta>,
}

impl Past {
    pub(crate) async fn forget(&self, now: Timestamp) {
        if let Some(kept) = self.history_kept {
            match self.history.history_forget(now - kept).await {
                Ok(entries) => tracing::debug!(entries, "old history of chargers was forgotten"),
                Err(error) => tracing::warn!(%error, "old history of chargers cannot be forgotten"),
            }
        }
        if let Some(kept) = self.plans_kept {
            match self.plans.planned_slots_forget(now - kept).await {
                Ok(slots) => tracing::debug!(slots, "what was planned long ago was forgotten"),
                Err(error) => tracing::warn!(%error, "what was planned long ago cannot be forgotten"),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use async_trait::async_trait;
    use kernel::{Clock, StoreError, testing::FakeClock};

    use super::*;

    /// Notes what it was told to forget, and fails at the first.
    #[derive(Default)]
    struct Told(Mutex<Vec<(&'static str, Timestamp)>>);

    impl Told {
        fn told(&self, what: &'static str, before: Timestamp) -> Result<u64, StoreError> {
            let mut told = self.0.lock().unwrap();
            told.push((what, before));
            if told.len() == 1 { Err(StoreError::corrupt("away")) } else { Ok(7) }
        }
    }

    #[async_trait]
    impl HistoryUpkeep for Told {
        async fn history_forget(&self, before: Timestamp) -> Result<u64, StoreError> {
            self.told("history", before)
        }
    }

    #[async_trait]
    impl PlanUpkeep for Told {
        async fn planned_slots_forget(&self, before: Timestamp) -> Result<u64, StoreError> {
            self.told("plans", before)
        }
    }

    #[tokio::test]
    async fn each_is_kept_for_its_time_and_one_failure_stops_no_other() {
        let (told, now) = (Arc::new(Told::default()), FakeClock::default().now());
        let past = |history_kept, plans_kept| Past {
            history: told.clone(),
            plans: told.clone(),
            history_kept,
            plans_kept,
        };
        past(None, None).forget(now).await;
        assert!(told.0.lock().unwrap().is_empty(), "for ever");
        past(Some(TimeDelta::days(3)), Some(TimeDelta::days(2))).forget(now).await;
        let expected = [("history", now - TimeDelta::days(3)), ("plans", now - TimeDelta::days(2))];
        assert_eq!(*told.0.lock().unwrap(), expected);
    }
}
