//! Runs of a depot, counted by service day and what became of them.

use std::collections::BTreeMap;

use ::chart::{ReadinessCount, RunOutcome};
use ::dispatch::{ReadinessState, RunState};
use chrono::NaiveDate;
use kernel::{DepotId, OrganisationId, StoreError};
use sea_orm::prelude::Uuid;

use super::{Bound, at};
use crate::{connect::Sea, word};

impl Sea {
    pub(super) async fn runs_by_outcome(
        &self,
        organisation: OrganisationId,
        depot: DepotId,
        from: NaiveDate,
        to: NaiveDate,
    ) -> Result<Vec<ReadinessCount>, StoreError> {
        let mut bound = Bound::default();
        let (own, of) = (bound.bind(Uuid::from(organisation)), bound.bind(Uuid::from(depot)));
        let (from, to) = (bound.bind(from), bound.bind(to));
        let cancelled = bound.bind(word::write(&RunState::Cancelled)?);
        let sql = format!(
            "SELECT service_date, state, readiness, COUNT(*) FROM run WHERE organisation_id = {own} \
             AND depot_id = {of} AND service_date >= {from} AND service_date <= {to} AND state <> {cancelled} \
             GROUP BY 1, 2, 3"
        );
        let mut counts: BTreeMap<(NaiveDate, RunOutcome), u32> = BTreeMap::new();
        for row in self.chart_rows(&sql, bound).await? {
            let state: RunState = word::read(&at::<String>(&row, 1)?)?;
            let readiness: ReadinessState = word::read(&at::<String>(&row, 2)?)?;
            let runs: i64 = at(&row, 3)?;
            *counts.entry((at(&row, 0)?, outcome(state, readiness))).or_default() +=
                u32::try_from(runs).unwrap_or(u32::MAX);
        }
        let counts = counts.into_iter();
        Ok(counts
            .map(|((service_date, outcome), runs)| ReadinessCount { service_date, outcome, runs })
            .collect())
    }
}

/// A vehicle that left without what it needed has missed its run all the same.
fn outcome(state: RunState, readiness: ReadinessState) -> RunOutcome {
    match (state, readiness) {
        (_, ReadinessState::Missed) => RunOutcome::Missed,
        (RunState::Departed, _) | (_, ReadinessState::Departed) => RunOutcome::Departed,
        (_, ReadinessState::Ready) => RunOutcome::Ready,
        (_, ReadinessState::OnTrack) => RunOutcome::OnTrack,
        (_, ReadinessState::AtRisk) => RunOutcome::AtRisk,
        (_, ReadinessState::WillMiss) => RunOutcome::WillMiss,
        (_, ReadinessState::Unassigned) => RunOutcome::Unassigned,
    }
}
