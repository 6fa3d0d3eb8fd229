//! What becomes of a run: its vehicle leaves, or it is not driven.

use chrono::TimeDelta;
use kernel::{AuditVerb, Invalid, Permission, RunId, Scope, Timestamp, clock::to_micros};

use super::{DispatchService, RUN, runs::find};
use crate::{
    error::DispatchError,
    event,
    model::{Run, RunState},
    readiness::{Readiness, ReadinessState},
};

/// How far ahead of our clock a report may be dated.
const CLOCK_SKEW: TimeDelta = TimeDelta::minutes(5);
/// How long before its time a vehicle may leave.
const EARLIEST: TimeDelta = TimeDelta::hours(24);

impl DispatchService {
    /// The vehicle has left: now, unless told.
    ///
    /// # Errors
    /// [`DispatchError::Departed`], [`DispatchError::Cancelled`], [`DispatchError::Unassigned`];
    /// [`DispatchError::Invalid`] for an instant in the future, a day or more before the departure, or
    /// after the arrival.
    pub async fn run_depart(
        &self,
        scope: &Scope,
        id: RunId,
        at: Option<Timestamp>,
    ) -> Result<Run, DispatchError> {
        scope.require(Permission::DispatchWrite)?.sees(id).await?.ok_or(DispatchError::NoSuchRun)?;
        let now = self.clock.now();
        let at = at.map_or(now, to_micros);
        let mut tx = self.store.begin().await?;
        let before = find(&mut *tx, scope, id, None).await?;
        match before.state {
            RunState::Departed => return Err(DispatchError::Departed),
            RunState::Cancelled => return Err(DispatchError::Cancelled),
            RunState::Planned if before.vehicle.is_none() => return Err(DispatchError::Unassigned),
            RunState::Planned => {}
        }
        if at > now + CLOCK_SKEW {
            return Err(Invalid::one("/at", "in_the_future", "must not lie in the future").into());
        }
        if at <= before.departure_at - EARLIEST || at >= before.arrival_at {
            let detail = "must lie less than a day before the departure, and before the arrival";
            return Err(Invalid::one("/at", "out_of_range", detail).into());
        }
        let mut run = before.clone();
        run.state = RunState::Departed;
        run.departed_at = Some(at);
        run.readiness.state = ReadinessState::Departed;
        run.readiness.assessed_at = Some(now);
        self.keep(tx, scope, event::RUN_DEPARTED, &before, run).await
    }

    /// The run is not driven. Its vehicle is free for others.
    ///
    /// # Errors
    /// [`DispatchError::Departed`], [`DispatchError::Cancelled`].
    pub async fn run_cancel(&self, scope: &Scope, id: RunId) -> Result<Run, DispatchError> {
        scope.require(Permission::DispatchWrite)?.sees(id).await?.ok_or(DispatchError::NoSuchRun)?;
        let mut tx = self.store.begin().await?;
        let before = find(&mut *tx, scope, id, None).await?;
        match before.state {
            RunState::Planned => {}
            RunState::Departed => return Err(DispatchError::Departed),
            RunState::Cancelled => return Err(DispatchError::Cancelled),
        }
        let mut run = before.clone();
        run.state = RunState::Cancelled;
        run.readiness = Readiness::unjudged(run.vehicle.is_some());
        self.keep(tx, scope, event::RUN_CANCELLED, &before, run).await
    }

    async fn keep(
        &self,
        mut tx: Box<dyn crate::port::DispatchTx>,
        scope: &Scope,
        name: &'static str,
        before: &Run,
        mut run: Run,
    ) -> Result<Run, DispatchError> {
        run.by_hand = true;
        run.version = before.version.next();
        run.updated_at = self.clock.now();
        tx.roster().runs_put(std::slice::from_ref(&run)).await?;
        tx.outbox().append(self.stamp().run(name, &run)).await?;
        let entry = self.audit(scope, AuditVerb::Update, RUN, run.id).before(before).after(&run);
        tx.audit().record(entry).await?;
        tx.commit().await?;
        Ok(run)
    }
}
