//! From the times of schedules to runs.

use kernel::{Actor, OrganisationId, ReportScheduleId, StoreError};

use super::ReportRunner;
use crate::event;

/// Schedules looked at together.
const TOGETHER: u16 = 100;

impl ReportRunner {
    /// Requests a run for every time that is due. Any number of workers may do so at once: a time has
    /// one run. How many.
    ///
    /// # Errors
    /// Where the store does not answer; what is left is requested the next time.
    pub async fn request_due(&self) -> Result<u64, StoreError> {
        let mut requested = 0;
        for (organisation, id) in self.reader.schedules_due(self.clock.now(), TOGETHER).await? {
            match self.request_of(organisation, id).await {
                Ok(runs) => requested += runs,
                // Another was faster.
                Err(StoreError::Stale | StoreError::Busy(_)) => {}
                Err(StoreError::Duplicate { rule }) if rule == "slot" => {}
                Err(error) => return Err(error),
            }
        }
        Ok(requested)
    }

    async fn request_of(
        &self,
        organisation: OrganisationId,
        id: ReportScheduleId,
    ) -> Result<u64, StoreError> {
        let now = self.clock.now();
        let mut tx = self.store.begin().await?;
        let Some(mut schedule) = tx.reports().schedule_find(organisation, id).await? else { return Ok(0) };
        let Some(first) = schedule.next_at.filter(|at| *at <= now && !schedule.paused) else { return Ok(0) };
        let read = schedule.version;
        let Ok(timing) = schedule.timing(now) else {
            tracing::warn!(schedule = %id, "a schedule's times can no longer be told; it rests");
            schedule.next_at = None;
            schedule.version = read.next();
            tx.reports().schedule_update(&schedule, read).await?;
            tx.commit().await?;
            return Ok(0);
        };
        let (due, next) = timing.due(first, now, schedule.catch_up);
        for slot in &due {
            let run = schedule.run(&timing, *slot, Some(*slot), self.ids.uuid().into(), Actor::System, now);
            tx.reports().run_insert(&run).await?;
            tx.outbox().append(event::run(&*self.clock, &*self.ids, event::RUN_REQUESTED, &run)).await?;
        }
        schedule.next_at = next;
        schedule.version = read.next();
        tx.reports().schedule_update(&schedule, read).await?;
        tx.commit().await?;
        metrics::counter!("report_slots_due_total").increment(due.len() as u64);
        Ok(due.len() as u64)
    }
}
