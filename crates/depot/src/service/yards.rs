//! Zones and bays of a depot.

use kernel::{AuditVerb, BayId, DepotId, Invalid, Page, PageRequest, Permission, Scope, Version, ZoneId};

use super::{DepotService, seen};
use crate::{
    command::{ChangeBay, ChangeZone, CreateBay, CreateZone, check_bay, check_zone, set},
    error::DepotError,
    event,
    model::{Bay, Zone},
    port::DepotTx,
};

impl DepotService {
    /// # Errors
    /// [`DepotError::CodeTaken`], [`DepotError::Invalid`], [`DepotError::NoSuchDepot`].
    pub async fn zone_create(&self, scope: &Scope, command: CreateZone) -> Result<Zone, DepotError> {
        scope.require(Permission::DepotWrite)?.sees(command.depot).await?.ok_or(DepotError::NoSuchDepot)?;
        let now = self.clock.now();
        let mut zone = Zone {
            id: self.ids.uuid().into(),
            organisation: scope.organisation(),
            depot: command.depot,
            version: Version::FIRST,
            code: command.code,
            name: command.name,
            created_at: now,
            updated_at: now,
        };
        check_zone(&mut zone)?;
        let mut tx = self.store.begin().await?;
        self.depot_in(&mut *tx, scope, zone.depot).await?;
        tx.depots().zone_insert(&zone).await?;
        tx.outbox().append(self.press().zone(event::ZONE_CREATED, &zone)).await?;
        tx.audit().record(self.audit(scope, AuditVerb::Create, "zone", zone.id).after(&zone)).await?;
        tx.commit().await?;
        Ok(zone)
    }

    /// # Errors
    /// [`DepotError::NoSuchDepot`].
    pub async fn zone_list(
        &self,
        scope: &Scope,
        depot: DepotId,
        page: PageRequest,
    ) -> Result<Page<Zone>, DepotError> {
        self.depot_get(scope, depot).await?;
        Ok(self.reader.zone_list(scope.organisation(), depot, page).await?)
    }

    /// # Errors
    /// [`DepotError::NoSuchZone`] also for a zone of another depot.
    pub async fn zone_get(&self, scope: &Scope, depot: DepotId, id: ZoneId) -> Result<Zone, DepotError> {
        scope.require(Permission::DepotRead)?.sees(depot).await?.ok_or(DepotError::NoSuchDepot)?;
        let mut tx = self.store.begin().await?;
        zone_in(&mut *tx, scope, depot, id).await
    }

    /// # Errors
    /// As [`Self::zone_create`].
    pub async fn zone_change(
        &self,
        scope: &Scope,
        (depot, id): (DepotId, ZoneId),
        expected: Option<Version>,
        command: ChangeZone,
    ) -> Result<Zone, DepotError> {
        scope.require(Permission::DepotWrite)?.sees(depot).await?.ok_or(DepotError::NoSuchDepot)?;
        let mut tx = self.store.begin().await?;
        let before = zone_in(&mut *tx, scope, depot, id).await?;
        seen(expected, before.version)?;
        let mut zone = before.clone();
        set(&mut zone.code, command.code);
        set(&mut zone.name, command.name);
        check_zone(&mut zone)?;
        zone.version = before.version.next();
        zone.updated_at = self.clock.now();
        tx.depots().zone_update(&zone, before.version).await?;
        tx.outbox().append(self.press().zone(event::ZONE_CHANGED, &zone)).await?;
        let entry = self.audit(scope, AuditVerb::Update, "zone", id).before(&before).after(&zone);
        tx.audit().record(entry).await?;
        tx.commit().await?;
        Ok(zone)
    }

    /// # Errors
    /// [`DepotError::ZoneInUse`].
    pub async fn zone_delete(
        &self,
        scope: &Scope,
        (depot, id): (DepotId, ZoneId),
        expected: Option<Version>,
    ) -> Result<(), DepotError> {
        scope.require(Permission::DepotWrite)?.sees(depot).await?.ok_or(DepotError::NoSuchDepot)?;
        let mut tx = self.store.begin().await?;
        let zone = zone_in(&mut *tx, scope, depot, id).await?;
        seen(expected, zone.version)?;
        if tx.depots().zone_in_use(id).await? {
            return Err(DepotError::ZoneInUse);
        }
        tx.depots().zone_delete(&zone).await?;
        tx.outbox().append(self.press().zone(event::ZONE_DELETED, &zone)).await?;
        tx.audit().record(self.audit(scope, AuditVerb::Delete, "zone", id).before(&zone)).await?;
        tx.commit().await?;
        Ok(())
    }

    /// # Errors
    /// [`DepotError::CodeTaken`], [`DepotError::Invalid`], [`DepotError::NoSuchDepot`].
    pub async fn bay_create(&self, scope: &Scope, command: CreateBay) -> Result<Bay, DepotError> {
        scope.require(Permission::DepotWrite)?.sees(command.depot).await?.ok_or(DepotError::NoSuchDepot)?;
        let now = self.clock.now();
        let mut bay = Bay {
            id: self.ids.uuid().into(),
            organisation: scope.organisation(),
            depot: command.depot,
            version: Version::FIRST,
            zone: command.zone,
            charge_point: command.charge_point,
            code: command.code,
            name: command.name,
            created_at: now,
            updated_at: now,
        };
        check_bay(&mut bay)?;
        let mut tx = self.store.begin().await?;
        self.depot_in(&mut *tx, scope, bay.depot).await?;
        self.check_places(&mut *tx, scope, &bay).await?;
        tx.depots().bay_insert(&bay).await?;
        tx.outbox().append(self.press().bay(event::BAY_CREATED, &bay)).await?;
        tx.audit().record(self.audit(scope, AuditVerb::Create, "bay", bay.id).after(&bay)).await?;
        tx.commit().await?;
        Ok(bay)
    }

    /// # Errors
    /// [`DepotError::NoSuchDepot`].
    pub async fn bay_list(
        &self,
        scope: &Scope,
        depot: DepotId,
        page: PageRequest,
    ) -> Result<Page<Bay>, DepotError> {
        self.depot_get(scope, depot).await?;
        Ok(self.reader.bay_list(scope.organisation(), depot, page).await?)
    }

    /// # Errors
    /// [`DepotError::NoSuchBay`] also for a bay of another depot.
    pub async fn bay_get(&self, scope: &Scope, depot: DepotId, id: BayId) -> Result<Bay, DepotError> {
        scope.require(Permission::DepotRead)?.sees(depot).await?.ok_or(DepotError::NoSuchDepot)?;
        let mut tx = self.store.begin().await?;
        bay_in(&mut *tx, scope, depot, id).await
    }

    /// # Errors
    /// As [`Self::bay_create`].
    pub async fn bay_change(
        &self,
        scope: &Scope,
        (depot, id): (DepotId, BayId),
        expected: Option<Version>,
        command: ChangeBay,
    ) -> Result<Bay, DepotError> {
        scope.require(Permission::DepotWrite)?.sees(depot).await?.ok_or(DepotError::NoSuchDepot)?;
        let mut tx = self.store.begin().await?;
        let before = bay_in(&mut *tx, scope, depot, id).await?;
        seen(expected, before.version)?;
        let mut bay = before.clone();
        command.zone.apply(&mut bay.zone);
        command.charge_point.apply(&mut bay.charge_point);
        set(&mut bay.code, command.code);
        set(&mut bay.name, command.name);
        check_bay(&mut bay)?;
        self.check_places(&mut *tx, scope, &bay).await?;
        bay.version = before.version.next();
        bay.updated_at = self.clock.now();
        tx.depots().bay_update(&bay, before.version).await?;
        tx.outbox().append(self.press().bay(event::BAY_CHANGED, &bay)).await?;
        let entry = self.audit(scope, AuditVerb::Update, "bay", id).before(&before).after(&bay);
        tx.audit().record(entry).await?;
        tx.commit().await?;
        Ok(bay)
    }

    /// # Errors
    /// [`DepotError::NoSuchBay`].
    pub async fn bay_delete(
        &self,
        scope: &Scope,
        (depot, id): (DepotId, BayId),
        expected: Option<Version>,
    ) -> Result<(), DepotError> {
        scope.require(Permission::DepotWrite)?.sees(depot).await?.ok_or(DepotError::NoSuchDepot)?;
        let mut tx = self.store.begin().await?;
        let bay = bay_in(&mut *tx, scope, depot, id).await?;
        seen(expected, bay.version)?;
        tx.depots().bay_delete(&bay).await?;
        tx.outbox().append(self.press().bay(event::BAY_DELETED, &bay)).await?;
        tx.audit().record(self.audit(scope, AuditVerb::Delete, "bay", id).before(&bay)).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Whether the zone and the charger of a bay are of its depot.
    async fn check_places(&self, tx: &mut dyn DepotTx, scope: &Scope, bay: &Bay) -> Result<(), DepotError> {
        let mut invalid = Invalid::default();
        if let Some(zone) = bay.zone {
            let found = tx.depots().zone_find(scope.organisation(), zone).await?;
            if found.is_none_or(|zone| zone.depot != bay.depot) {
                invalid.push("/zone_id", "unknown_zone", "no such zone in this depot");
            }
        }
        if let Some(charge_point) = bay.charge_point
            && !tx.depots().charge_point_in_depot(scope.organisation(), bay.depot, charge_point).await?
        {
            invalid.push("/charge_point_id", "unknown_charge_point", "no such charge point in this depot");
        }
        Ok(invalid.into_result()?)
    }
}

async fn zone_in(
    tx: &mut dyn DepotTx,
    scope: &Scope,
    depot: DepotId,
    id: ZoneId,
) -> Result<Zone, DepotError> {
    let found = tx.depots().zone_find(scope.organisation(), id).await?;
    found.filter(|zone| zone.depot == depot).ok_or(DepotError::NoSuchZone)
}

async fn bay_in(tx: &mut dyn DepotTx, scope: &Scope, depot: DepotId, id: BayId) -> Result<Bay, DepotError> {
    let found = tx.depots().bay_find(scope.organisation(), id).await?;
    found.filter(|bay| bay.depot == depot).ok_or(DepotError::NoSuchBay)
}
