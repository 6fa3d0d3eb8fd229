//! Vehicles as operators keep them.

use std::sync::Arc;

use chrono::TimeDelta;
use kernel::{
    AuditEntry, AuditVerb, Begin, Change, Clock, DepotId, IdSource, Invalid, Page, PageRequest, Permission,
    Reach, Scope, StoreError, VehicleId, Version,
};

use crate::{
    command::{ChangeVehicle, CreateVehicle, ReportSoc, check},
    error::VehicleError,
    event,
    model::{SocObservation, Vehicle},
    port::{KnownDepots, NamedVehicles, VehicleFilter, VehicleReader, VehicleTx},
};

/// How far ahead of our clock a report may be dated.
pub(super) const CLOCK_SKEW: TimeDelta = TimeDelta::minutes(5);

pub struct VehicleService {
    pub(super) store: Arc<dyn Begin<dyn VehicleTx>>,
    reader: Arc<dyn VehicleReader>,
    pub(super) named: Arc<dyn NamedVehicles>,
    depots: Arc<dyn KnownDepots>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) ids: Arc<dyn IdSource>,
}

impl VehicleService {
    pub fn new<S>(store: Arc<S>, clock: Arc<dyn Clock>, ids: Arc<dyn IdSource>) -> Self
    where
        S: Begin<dyn VehicleTx> + VehicleReader + NamedVehicles + KnownDepots + 'static,
    {
        Self { store: store.clone(), reader: store.clone(), named: store.clone(), depots: store, clock, ids }
    }

    /// # Errors
    /// [`VehicleError::Invalid`] with every broken rule; [`VehicleError::FleetNumberTaken`],
    /// [`VehicleError::VinTaken`].
    pub async fn vehicle_create(
        &self,
        scope: &Scope,
        command: CreateVehicle,
    ) -> Result<Vehicle, VehicleError> {
        let reach = scope.require(Permission::VehicleWrite)?;
        let now = self.clock.now();
        let mut vehicle = Vehicle {
            id: self.ids.uuid().into(),
            organisation: scope.organisation(),
            version: Version::FIRST,
            fleet_number: command.fleet_number,
            registration: command.registration,
            vin: command.vin,
            class: command.class,
            depot: command.depot,
            battery: command.battery,
            max_ac: command.max_ac,
            max_dc: command.max_dc,
            efficiency_wh_per_km: command.efficiency_wh_per_km,
            target_soc: command.target_soc,
            priority_level: command.priority_level,
            precondition: command.precondition,
            out_of_service: false,
            soc: None,
            plugged_in: None,
            created_at: now,
            updated_at: now,
        };
        check(&mut vehicle)?;
        self.check_depot(&reach, vehicle.depot).await?;

        let mut tx = self.store.begin().await?;
        tx.vehicles().vehicle_insert(&vehicle).await?;
        tx.outbox()
            .append(event::vehicle(&*self.clock, &*self.ids, event::VEHICLE_CREATED, &vehicle))
            .await?;
        tx.audit().record(self.audit(scope, AuditVerb::Create, vehicle.id).after(&vehicle)).await?;
        tx.commit().await?;
        Ok(vehicle)
    }

    /// # Errors
    /// [`VehicleError::NoSuchVehicle`] also for vehicles of others.
    pub async fn vehicle_get(&self, scope: &Scope, id: VehicleId) -> Result<Vehicle, VehicleError> {
        scope.require(Permission::VehicleRead)?.sees(id).await?.ok_or(VehicleError::NoSuchVehicle)?;
        self.reader.vehicle_get(scope.organisation(), id).await?.ok_or(VehicleError::NoSuchVehicle)
    }

    /// # Errors
    /// [`VehicleError::Denied`] and store errors only.
    pub async fn vehicle_list(
        &self,
        scope: &Scope,
        filter: &VehicleFilter,
        page: PageRequest,
    ) -> Result<Page<Vehicle>, VehicleError> {
        let reach = scope.require(Permission::VehicleRead)?;
        Ok(self.reader.vehicle_list(&reach, filter, page).await?)
    }

    /// Applies a merge patch. `expected` is the version the caller has seen, if they said so.
    ///
    /// # Errors
    /// As [`Self::vehicle_create`], and [`StoreError::Stale`] for another version.
    pub async fn vehicle_change(
        &self,
        scope: &Scope,
        id: VehicleId,
        expected: Option<Version>,
        command: ChangeVehicle,
    ) -> Result<Vehicle, VehicleError> {
        let reach = scope.require(Permission::VehicleWrite)?;
        reach.sees(id).await?.ok_or(VehicleError::NoSuchVehicle)?;
        match command.depot {
            Change::Keep => {}
            Change::Clear => self.check_depot(&reach, None).await?,
            Change::Set(depot) => self.check_depot(&reach, Some(depot)).await?,
        }
        let mut tx = self.store.begin().await?;
        let before = find(&mut *tx, scope, id, expected).await?;
        let mut vehicle = before.clone();
        command.apply(&mut vehicle);
        check(&mut vehicle)?;
        vehicle.version = before.version.next();
        vehicle.updated_at = self.clock.now();
        tx.vehicles().vehicle_update(&vehicle, before.version).await?;
        tx.outbox()
            .append(event::vehicle(&*self.clock, &*self.ids, event::VEHICLE_CHANGED, &vehicle))
            .await?;
        tx.audit().record(self.audit(scope, AuditVerb::Update, id).before(&before).after(&vehicle)).await?;
        tx.commit().await?;
        Ok(vehicle)
    }

    /// # Errors
    /// [`VehicleError::PluggedIn`] while it is at a charger.
    pub async fn vehicle_delete(
        &self,
        scope: &Scope,
        id: VehicleId,
        expected: Option<Version>,
    ) -> Result<(), VehicleError> {
        scope.require(Permission::VehicleWrite)?.sees(id).await?.ok_or(VehicleError::NoSuchVehicle)?;
        let mut tx = self.store.begin().await?;
        let vehicle = find(&mut *tx, scope, id, expected).await?;
        if vehicle.plugged_in.is_some() {
            return Err(VehicleError::PluggedIn);
        }
        tx.vehicles().vehicle_delete(scope.organisation(), id, vehicle.version).await?;
        tx.outbox()
            .append(event::vehicle(&*self.clock, &*self.ids, event::VEHICLE_DELETED, &vehicle))
            .await?;
        tx.audit().record(self.audit(scope, AuditVerb::Delete, id).before(&vehicle)).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Takes a report of a state of charge; the vehicle is returned as it is then believed to be.
    ///
    /// # Errors
    /// [`VehicleError::Invalid`] for a report from the future.
    pub async fn soc_report(
        &self,
        scope: &Scope,
        id: VehicleId,
        report: ReportSoc,
    ) -> Result<Vehicle, VehicleError> {
        scope.require(Permission::VehicleWrite)?.sees(id).await?.ok_or(VehicleError::NoSuchVehicle)?;
        let now = self.clock.now();
        let at = report.at.map_or(now, kernel::clock::to_micros);
        if at > now + CLOCK_SKEW {
            return Err(Invalid::one("/at", "in_the_future", "must not lie in the future").into());
        }
        let mut tx = self.store.begin().await?;
        let before = find(&mut *tx, scope, id, None).await?;
        let mut vehicle = before.clone();
        if vehicle.observe(SocObservation { soc: report.soc, source: report.source, at }) {
            tx.vehicles().vehicle_update_live(&vehicle).await?;
            tx.outbox()
                .append(event::vehicle(&*self.clock, &*self.ids, event::VEHICLE_SOC_OBSERVED, &vehicle))
                .await?;
            let entry = self.audit(scope, AuditVerb::Update, id).before(&before.soc).after(&vehicle.soc);
            tx.audit().record(entry).await?;
        }
        tx.commit().await?;
        Ok(vehicle)
    }

    /// The depot has to exist and the caller to see it. Only who reaches the whole organisation
    /// leaves a vehicle without one: nobody else would see it any more.
    async fn check_depot(&self, reach: &Reach, depot: Option<DepotId>) -> Result<(), VehicleError> {
        let Some(depot) = depot else {
            return match reach.limited_to() {
                None => Ok(()),
                Some(_) => Err(Invalid::one("/depot_id", "required", "must name a depot of yours").into()),
            };
        };
        let seen = reach.sees(depot).await?.is_some();
        if seen && self.depots.depot_exists(reach.organisation(), depot).await? {
            return Ok(());
        }
        Err(Invalid::one("/depot_id", "unknown_depot", "no such depot").into())
    }

    pub(super) fn audit(&self, scope: &Scope, verb: AuditVerb, id: VehicleId) -> AuditEntry {
        AuditEntry::new(scope, &*self.clock, &*self.ids, verb, "vehicle", id)
    }
}

async fn find(
    tx: &mut dyn VehicleTx,
    scope: &Scope,
    id: VehicleId,
    expected: Option<Version>,
) -> Result<Vehicle, VehicleError> {
    let vehicle =
        tx.vehicles().vehicle_find(scope.organisation(), id).await?.ok_or(VehicleError::NoSuchVehicle)?;
    if expected.is_some_and(|expected| expected != vehicle.version) {
        return Err(StoreError::Stale.into());
    }
    Ok(vehicle)
}
