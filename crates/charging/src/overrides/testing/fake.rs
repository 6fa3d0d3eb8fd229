//! The ports over a map: a unit of work is a copy that replaces the original when it commits.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, MutexGuard},
};

use async_trait::async_trait;
use kernel::{
    AuditEntry, AuditLog, Begin, ChargePointId, ChargingOverrideId, Commit, Cursor, Event, EvseId, HasAudit,
    HasOutbox, OrganisationId, Outbox, Page, PageRequest, Reach, StoreError, Timestamp,
};
use uuid::Uuid;

use crate::overrides::{
    ChargingOverride, HasOverrides, KnownTargets, OverrideFilter, OverrideReader, OverrideRepository,
    OverrideTarget, OverrideTx,
};

#[derive(Clone, Debug, Default)]
struct State {
    overrides: BTreeMap<ChargingOverrideId, ChargingOverride>,
    known: BTreeSet<(OrganisationId, Uuid)>,
    parts: BTreeMap<EvseId, ChargePointId>,
    events: Vec<Event>,
    audit: Vec<AuditEntry>,
}

/// A store in memory. Clones share their content.
#[derive(Clone, Debug, Default)]
pub struct FakeOverrides(Arc<Mutex<State>>);

impl FakeOverrides {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().expect("no test panics while holding the state")
    }

    /// Makes a charge point, an EVSE or a vehicle known.
    pub fn add_target(&self, organisation: OrganisationId, id: impl Into<Uuid>) {
        self.state().known.insert((organisation, id.into()));
    }

    /// Makes an EVSE known, and what it is part of.
    pub fn add_evse(&self, organisation: OrganisationId, evse: EvseId, charge_point: ChargePointId) {
        self.add_target(organisation, evse);
        self.state().parts.insert(evse, charge_point);
    }

    pub fn events(&self) -> Vec<Event> {
        self.state().events.clone()
    }

    /// Names of the events that became durable, in order.
    pub fn event_names(&self) -> Vec<String> {
        self.state().events.iter().map(|event| event.name.to_string()).collect()
    }

    pub fn audit(&self) -> Vec<AuditEntry> {
        self.state().audit.clone()
    }
}

struct FakeTx {
    store: FakeOverrides,
    state: State,
}

#[async_trait]
impl Begin<dyn OverrideTx> for FakeOverrides {
    async fn begin(&self) -> Result<Box<dyn OverrideTx>, StoreError> {
        Ok(Box::new(FakeTx { store: self.clone(), state: self.state().clone() }))
    }
}

#[async_trait]
impl Commit for FakeTx {
    async fn commit(self: Box<Self>) -> Result<(), StoreError> {
        *self.store.state() = self.state;
        Ok(())
    }
}

impl HasOverrides for FakeTx {
    fn charging_overrides(&mut self) -> &mut dyn OverrideRepository {
        self
    }
}

impl HasOutbox for FakeTx {
    fn outbox(&mut self) -> &mut dyn Outbox {
        self
    }
}

impl HasAudit for FakeTx {
    fn audit(&mut self) -> &mut dyn AuditLog {
        self
    }
}

#[async_trait]
impl Outbox for FakeTx {
    async fn append(&mut self, event: Event) -> Result<(), StoreError> {
        self.state.events.push(event);
        Ok(())
    }
}

#[async_trait]
impl AuditLog for FakeTx {
    async fn record(&mut self, entry: AuditEntry) -> Result<(), StoreError> {
        self.state.audit.push(entry);
        Ok(())
    }
}

#[async_trait]
impl OverrideRepository for FakeTx {
    async fn charging_override_insert(&mut self, over: &ChargingOverride) -> Result<(), StoreError> {
        self.state.overrides.insert(over.id, over.clone());
        Ok(())
    }

    async fn charging_override_find(
        &mut self,
        organisation: OrganisationId,
        id: ChargingOverrideId,
    ) -> Result<Option<ChargingOverride>, StoreError> {
        Ok(self.state.overrides.get(&id).filter(|over| over.organisation == organisation).cloned())
    }

    async fn charging_override_delete(
        &mut self,
        organisation: OrganisationId,
        id: ChargingOverrideId,
    ) -> Result<(), StoreError> {
        match self.state.overrides.get(&id).is_some_and(|over| over.organisation == organisation) {
            true => self.state.overrides.remove(&id),
            false => return Err(StoreError::Stale),
        };
        Ok(())
    }
}

#[async_trait]
impl OverrideReader for FakeOverrides {
    async fn charging_override_get(
        &self,
        organisation: OrganisationId,
        id: ChargingOverrideId,
    ) -> Result<Option<ChargingOverride>, StoreError> {
        Ok(self.state().overrides.get(&id).filter(|over| over.organisation == organisation).cloned())
    }

    async fn charging_override_list(
        &self,
        reach: &Reach,
        filter: &OverrideFilter,
        page: PageRequest,
    ) -> Result<Page<ChargingOverride>, StoreError> {
        let matches = |over: &&ChargingOverride| {
            let is = |target: Option<OverrideTarget>| target.is_none_or(|target| over.target == target);
            over.organisation == reach.organisation()
                && is(filter.charge_point.map(OverrideTarget::ChargePoint))
                && is(filter.evse.map(OverrideTarget::Evse))
                && is(filter.vehicle.map(OverrideTarget::Vehicle))
                && filter.active_at.is_none_or(|at| over.active(at))
                && page.after.is_none_or(|after| over.id.as_uuid() > after.id)
        };
        let rows = self.state().overrides.values().filter(matches).cloned().collect();
        let mut rows = reach.keep(rows, |over: &ChargingOverride| over.id).await?;
        rows.truncate(usize::from(page.limit.get()) + 1);
        Ok(Page::from_surplus(rows, page.limit, |over| Cursor::of(over.id)))
    }

    async fn charging_overrides_active(
        &self,
        organisation: OrganisationId,
        at: Timestamp,
    ) -> Result<Vec<ChargingOverride>, StoreError> {
        let state = self.state();
        let active = state.overrides.values().filter(|over| over.organisation == organisation);
        Ok(active.filter(|over| over.active(at)).cloned().collect())
    }
}

#[async_trait]
impl KnownTargets for FakeOverrides {
    async fn override_target_known(&self, reach: &Reach, target: OverrideTarget) -> Result<bool, StoreError> {
        let (id, seen): (Uuid, _) = match target {
            OverrideTarget::ChargePoint(id) => (id.into(), reach.sees(id).await?.is_some()),
            OverrideTarget::Evse(id) => {
                let whole = self.state().parts.get(&id).copied();
                let seen = match whole {
                    Some(charge_point) => reach.sees(charge_point).await?.is_some(),
                    None => reach.limited_to().is_none(),
                };
                (id.into(), seen)
            }
            OverrideTarget::Vehicle(id) => (id.into(), reach.sees(id).await?.is_some()),
        };
        Ok(seen && self.state().known.contains(&(reach.organisation(), id)))
    }

    async fn charge_point_of(
        &self,
        _: OrganisationId,
        evse: EvseId,
    ) -> Result<Option<ChargePointId>, StoreError> {
        Ok(self.state().parts.get(&evse).copied())
    }
}
