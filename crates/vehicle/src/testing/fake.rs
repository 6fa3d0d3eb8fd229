//! The ports over a map: a unit of work is a copy that replaces the original when it commits.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard},
};

use async_trait::async_trait;
use kernel::{
    AuditEntry, AuditLog, Begin, Commit, Cursor, DepotId, Event, HasAudit, HasOutbox, IdTagId,
    OrganisationId, Outbox, Page, PageRequest, Reach, StoreError, VehicleId, Version,
};

use crate::{
    model::{IdTag, IdTagValue, Vehicle, VehicleName},
    port::{
        HasIdTags, HasVehicles, IdTagFilter, IdTagReader, IdTagRepository, KnownDepots, NamedVehicles,
        VehicleFilter, VehicleReader, VehicleRepository, VehicleTx,
    },
};

#[derive(Clone, Debug, Default)]
struct State {
    vehicles: BTreeMap<VehicleId, Vehicle>,
    id_tags: BTreeMap<IdTagId, IdTag>,
    depots: Vec<(OrganisationId, DepotId)>,
    events: Vec<Event>,
    audit: Vec<AuditEntry>,
}

/// A store in memory. Clones share their content.
#[derive(Clone, Debug, Default)]
pub struct FakeVehicles(Arc<Mutex<State>>);

impl FakeVehicles {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().expect("no test panics while holding the state")
    }

    pub fn add_depot(&self, organisation: OrganisationId, depot: DepotId) {
        self.state().depots.push((organisation, depot));
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
    store: FakeVehicles,
    state: State,
}

#[async_trait]
impl Begin<dyn VehicleTx> for FakeVehicles {
    async fn begin(&self) -> Result<Box<dyn VehicleTx>, StoreError> {
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

impl HasVehicles for FakeTx {
    fn vehicles(&mut self) -> &mut dyn VehicleRepository {
        self
    }
}

impl HasIdTags for FakeTx {
    fn id_tags(&mut self) -> &mut dyn IdTagRepository {
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

impl FakeTx {
    fn check_unique(&self, vehicle: &Vehicle) -> Result<(), StoreError> {
        let others = || {
            self.state
                .vehicles
                .values()
                .filter(|other| other.organisation == vehicle.organisation && other.id != vehicle.id)
        };
        if others().any(|other| other.fleet_number == vehicle.fleet_number) {
            return Err(StoreError::Duplicate { rule: "fleet_number".into() });
        }
        if vehicle.vin.is_some() && others().any(|other| other.vin == vehicle.vin) {
            return Err(StoreError::Duplicate { rule: "vin".into() });
        }
        Ok(())
    }
}

#[async_trait]
impl VehicleRepository for FakeTx {
    async fn vehicle_insert(&mut self, vehicle: &Vehicle) -> Result<(), StoreError> {
        self.check_unique(vehicle)?;
        self.state.vehicles.insert(vehicle.id, vehicle.clone());
        Ok(())
    }

    async fn vehicle_find(
        &mut self,
        organisation: OrganisationId,
        id: VehicleId,
    ) -> Result<Option<Vehicle>, StoreError> {
        Ok(self.state.vehicles.get(&id).filter(|vehicle| vehicle.organisation == organisation).cloned())
    }

    async fn vehicles_find(
        &mut self,
        organisation: OrganisationId,
        ids: &[VehicleId],
    ) -> Result<Vec<Vehicle>, StoreError> {
        let among = |vehicle: &&Vehicle| vehicle.organisation == organisation && ids.contains(&vehicle.id);
        Ok(self.state.vehicles.values().filter(among).cloned().collect())
    }

    async fn vehicle_update(&mut self, vehicle: &Vehicle, read: Version) -> Result<(), StoreError> {
        self.check_unique(vehicle)?;
        match self.state.vehicles.get_mut(&vehicle.id) {
            Some(row) if row.version == read => {
                let live = (row.soc, row.plugged_in);
                *row = vehicle.clone();
                (row.soc, row.plugged_in) = live;
                Ok(())
            }
            _ => Err(StoreError::Stale),
        }
    }

    async fn vehicle_update_live(&mut self, vehicle: &Vehicle) -> Result<(), StoreError> {
        if let Some(row) = self.state.vehicles.get_mut(&vehicle.id) {
            row.soc = vehicle.soc;
            row.plugged_in = vehicle.plugged_in;
        }
        Ok(())
    }

    async fn vehicle_delete(
        &mut self,
        _organisation: OrganisationId,
        id: VehicleId,
        read: Version,
    ) -> Result<(), StoreError> {
        if self.state.vehicles.get(&id).is_none_or(|row| row.version != read) {
            return Err(StoreError::Stale);
        }
        self.state.vehicles.remove(&id);
        for tag in self.state.id_tags.values_mut().filter(|tag| tag.vehicle == Some(id)) {
            tag.vehicle = None;
        }
        Ok(())
    }
}

#[async_trait]
impl IdTagRepository for FakeTx {
    async fn id_tag_insert(&mut self, tag: &IdTag) -> Result<(), StoreError> {
        let same = |other: &IdTag| other.organisation == tag.organisation && other.value == tag.value;
        if self.state.id_tags.values().any(same) {
            return Err(StoreError::Duplicate { rule: "value".into() });
        }
        self.state.id_tags.insert(tag.id, tag.clone());
        Ok(())
    }

    async fn id_tag_find(
        &mut self,
        organisation: OrganisationId,
        id: IdTagId,
    ) -> Result<Option<IdTag>, StoreError> {
        Ok(self.state.id_tags.get(&id).filter(|tag| tag.organisation == organisation).cloned())
    }

    async fn id_tag_find_by_value(
        &mut self,
        organisation: OrganisationId,
        value: &IdTagValue,
    ) -> Result<Option<IdTag>, StoreError> {
        let same = |tag: &&IdTag| tag.organisation == organisation && tag.value == *value;
        Ok(self.state.id_tags.values().find(same).cloned())
    }

    async fn id_tag_update(&mut self, tag: &IdTag, read: Version) -> Result<(), StoreError> {
        match self.state.id_tags.get_mut(&tag.id) {
            Some(row) if row.version == read => {
                *row = tag.clone();
                Ok(())
            }
            _ => Err(StoreError::Stale),
        }
    }

    async fn id_tag_delete(
        &mut self,
        _organisation: OrganisationId,
        id: IdTagId,
        read: Version,
    ) -> Result<(), StoreError> {
        if self.state.id_tags.get(&id).is_none_or(|row| row.version != read) {
            return Err(StoreError::Stale);
        }
        self.state.id_tags.remove(&id);
        Ok(())
    }
}

fn page<T: Clone>(rows: Vec<T>, page: PageRequest, cursor: impl Fn(&T) -> Cursor) -> Page<T> {
    let after = |row: &T| page.after.is_none_or(|after| cursor(row).id > after.id);
    let rows = rows.into_iter().filter(after).take(usize::from(page.limit.get()) + 1).collect();
    Page::from_surplus(rows, page.limit, cursor)
}

#[async_trait]
impl VehicleReader for FakeVehicles {
    async fn vehicle_get(
        &self,
        organisation: OrganisationId,
        id: VehicleId,
    ) -> Result<Option<Vehicle>, StoreError> {
        Ok(self.state().vehicles.get(&id).filter(|vehicle| vehicle.organisation == organisation).cloned())
    }

    async fn vehicle_list(
        &self,
        reach: &Reach,
        filter: &VehicleFilter,
        request: PageRequest,
    ) -> Result<Page<Vehicle>, StoreError> {
        let contains = |text: &str, search: &str| text.to_lowercase().contains(&search.to_lowercase());
        let organisation = reach.organisation();
        let matches = |vehicle: &&Vehicle| {
            vehicle.organisation == organisation
                && filter.depot.is_none_or(|depot| vehicle.depot == Some(depot))
                && filter.class.as_ref().is_none_or(|class| vehicle.class.as_ref() == Some(class))
                && filter.plugged_in.is_none_or(|plugged| vehicle.plugged_in.is_some() == plugged)
                && filter.out_of_service.is_none_or(|out| vehicle.out_of_service == out)
                && filter.search.as_ref().is_none_or(|search| {
                    contains(&vehicle.fleet_number, search)
                        || vehicle.registration.as_ref().is_some_and(|text| contains(text, search))
                        || vehicle.vin.as_ref().is_some_and(|text| contains(text, search))
                })
        };
        let rows = self.state().vehicles.values().filter(matches).cloned().collect();
        Ok(page(reach.keep(rows, |row| row.id).await?, request, |vehicle| Cursor::of(vehicle.id)))
    }

    async fn vehicles_by_id(
        &self,
        organisation: OrganisationId,
        ids: &[VehicleId],
    ) -> Result<Vec<Vehicle>, StoreError> {
        let among = |vehicle: &&Vehicle| vehicle.organisation == organisation && ids.contains(&vehicle.id);
        Ok(self.state().vehicles.values().filter(among).cloned().collect())
    }
}

#[async_trait]
impl NamedVehicles for FakeVehicles {
    async fn vehicles_named(&self, reach: &Reach, names: &[VehicleName]) -> Result<Vec<Vehicle>, StoreError> {
        let named = |vehicle: &&Vehicle| {
            vehicle.organisation == reach.organisation()
                && vehicle.all_names().iter().any(|name| names.contains(name))
        };
        let rows = self.state().vehicles.values().filter(named).cloned().collect();
        reach.keep(rows, |row: &Vehicle| row.id).await
    }
}

#[async_trait]
impl IdTagReader for FakeVehicles {
    async fn id_tag_get(
        &self,
        organisation: OrganisationId,
        id: IdTagId,
    ) -> Result<Option<IdTag>, StoreError> {
        Ok(self.state().id_tags.get(&id).filter(|tag| tag.organisation == organisation).cloned())
    }

    async fn id_tag_list(
        &self,
        reach: &Reach,
        filter: &IdTagFilter,
        request: PageRequest,
    ) -> Result<Page<IdTag>, StoreError> {
        let organisation = reach.organisation();
        let matches = |tag: &&IdTag| {
            tag.organisation == organisation
                && filter.vehicle.is_none_or(|vehicle| tag.vehicle == Some(vehicle))
                && filter.value.as_ref().is_none_or(|value| tag.value == *value)
                && filter.kind.is_none_or(|kind| tag.kind == kind)
                && filter.status.is_none_or(|status| tag.status == status)
        };
        let rows = self.state().id_tags.values().filter(matches).cloned().collect();
        Ok(page(reach.keep(rows, |row| row.id).await?, request, |tag| Cursor::of(tag.id)))
    }
}

#[async_trait]
impl KnownDepots for FakeVehicles {
    async fn depot_exists(&self, organisation: OrganisationId, id: DepotId) -> Result<bool, StoreError> {
        Ok(self.state().depots.contains(&(organisation, id)))
    }
}
