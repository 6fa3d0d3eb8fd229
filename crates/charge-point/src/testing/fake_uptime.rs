//! History and maintenance of the store in memory.

use async_trait::async_trait;
use kernel::{
    Begin, ChargePointId, Cursor, DepotId, MaintenanceWindowId, OrganisationId, Page, PageRequest, Reach,
    StoreError, Timestamp,
};

use super::fake::{FakeChargePoints, FakeTx, page};
use crate::{
    model::{Fact, HistoryEntry, MaintenanceTarget, MaintenanceWindow, Span},
    port::{
        HasMaintenance, HistoryUpkeep, MaintenanceFilter, MaintenanceRepository, MaintenanceTx, UptimeReader,
    },
};

#[async_trait]
impl Begin<dyn MaintenanceTx> for FakeChargePoints {
    async fn begin(&self) -> Result<Box<dyn MaintenanceTx>, StoreError> {
        Ok(Box::new(FakeTx::of(self)))
    }
}

impl HasMaintenance for FakeTx {
    fn maintenance(&mut self) -> &mut dyn MaintenanceRepository {
        self
    }
}

#[async_trait]
impl MaintenanceRepository for FakeTx {
    async fn maintenance_insert(&mut self, window: &MaintenanceWindow) -> Result<(), StoreError> {
        self.state.maintenance.insert(window.id, window.clone());
        Ok(())
    }

    async fn maintenance_find(
        &mut self,
        organisation: OrganisationId,
        id: MaintenanceWindowId,
    ) -> Result<Option<MaintenanceWindow>, StoreError> {
        Ok(self.state.maintenance.get(&id).filter(|row| row.organisation == organisation).cloned())
    }

    async fn maintenance_delete(&mut self, window: &MaintenanceWindow) -> Result<(), StoreError> {
        self.state.maintenance.remove(&window.id).map(drop).ok_or(StoreError::Stale)
    }
}

/// What facts are about: one that comes later replaces one of the same.
fn kind(fact: Fact) -> Option<u16> {
    match fact {
        Fact::Online(_) => None,
        Fact::Status { connector, .. } => Some(connector),
    }
}

#[async_trait]
impl HistoryUpkeep for FakeChargePoints {
    async fn history_forget(&self, before: Timestamp) -> Result<u64, StoreError> {
        let mut state = self.state();
        let all = state.history.clone();
        let replaced = |entry: &HistoryEntry| {
            all.iter().any(|later| {
                let same = later.charge_point == entry.charge_point && kind(later.fact) == kind(entry.fact);
                same && later.at <= before && (later.at, later.id) > (entry.at, entry.id)
            })
        };
        state.history.retain(|entry| entry.at >= before || !replaced(entry));
        Ok((all.len() - state.history.len()) as u64)
    }
}

fn touches(window: &MaintenanceWindow, span: Span) -> bool {
    window.span.from < span.to && span.from < window.span.to
}

#[async_trait]
impl UptimeReader for FakeChargePoints {
    async fn history_of(&self, id: ChargePointId, span: Span) -> Result<Vec<HistoryEntry>, StoreError> {
        let state = self.state();
        let mut all: Vec<_> =
            state.history.iter().filter(|entry| entry.charge_point == id).cloned().collect();
        all.sort_by_key(|entry| (entry.at, entry.id));
        let known = |at: usize| {
            let later = &all[at + 1..];
            !later.iter().any(|other| other.at < span.from && kind(other.fact) == kind(all[at].fact))
        };
        let wanted =
            (0..all.len()).filter(|at| all[*at].at < span.to && (all[*at].at >= span.from || known(*at)));
        Ok(wanted.map(|at| all[at].clone()).collect())
    }

    async fn maintenance_get(
        &self,
        organisation: OrganisationId,
        id: MaintenanceWindowId,
    ) -> Result<Option<MaintenanceWindow>, StoreError> {
        Ok(self.state().maintenance.get(&id).filter(|row| row.organisation == organisation).cloned())
    }

    async fn maintenance_list(
        &self,
        reach: &Reach,
        filter: &MaintenanceFilter,
        request: PageRequest,
    ) -> Result<Page<MaintenanceWindow>, StoreError> {
        let wanted = |row: &&MaintenanceWindow| {
            row.organisation == reach.organisation()
                && request.after.is_none_or(|after| row.id.as_uuid() > after.id)
                && filter.target.is_none_or(|target| row.target == target)
                && filter.from.is_none_or(|from| row.span.to > from)
                && filter.to.is_none_or(|to| row.span.from < to)
        };
        let rows = self.state().maintenance.values().filter(wanted).cloned().collect();
        let rows = reach.keep(rows, |row: &MaintenanceWindow| row.id).await?;
        Ok(page(rows, request, |row| Cursor::of(row.id)))
    }

    async fn maintenance_spans(
        &self,
        organisation: OrganisationId,
        charge_point: ChargePointId,
        depot: DepotId,
        span: Span,
    ) -> Result<Vec<Span>, StoreError> {
        let state = self.state();
        let targets = [MaintenanceTarget::ChargePoint(charge_point), MaintenanceTarget::Depot(depot)];
        let wanted = |row: &&MaintenanceWindow| {
            row.organisation == organisation && targets.contains(&row.target) && touches(row, span)
        };
        Ok(state.maintenance.values().filter(wanted).map(|row| row.span).collect())
    }
}
