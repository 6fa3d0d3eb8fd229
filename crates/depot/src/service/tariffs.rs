//! What electricity costs a depot.

use kernel::{AuditVerb, DepotId, Permission, Scope, Version};

use super::{DepotService, seen};
use crate::{
    command::{PutTariff, check_tariff},
    error::DepotError,
    event,
    model::ElectricityTariff,
};

impl DepotService {
    /// # Errors
    /// [`DepotError::NoSuchDepot`], [`DepotError::NoTariff`].
    pub async fn tariff_get(&self, scope: &Scope, depot: DepotId) -> Result<ElectricityTariff, DepotError> {
        self.depot_get(scope, depot).await?;
        self.reader.tariff_get(scope.organisation(), depot).await?.ok_or(DepotError::NoTariff)
    }

    /// Adds or replaces the tariff.
    ///
    /// # Errors
    /// [`DepotError::Invalid`] for bands that overlap and the like.
    pub async fn tariff_put(
        &self,
        scope: &Scope,
        expected: Option<Version>,
        command: PutTariff,
    ) -> Result<ElectricityTariff, DepotError> {
        scope.require(Permission::DepotWrite)?.sees(command.depot).await?.ok_or(DepotError::NoSuchDepot)?;
        check_tariff(&command)?;
        let mut tx = self.store.begin().await?;
        self.depot_in(&mut *tx, scope, command.depot).await?;
        let before = tx.depots().tariff_find(scope.organisation(), command.depot).await?;
        let now = self.clock.now();
        seen(expected, before.as_ref().map_or(Version(0), |before| before.version))?;
        let tariff = ElectricityTariff {
            organisation: scope.organisation(),
            depot: command.depot,
            version: before.as_ref().map_or(Version::FIRST, |before| before.version.next()),
            currency: command.currency,
            base_price: command.base_price,
            bands: command.bands,
            demand_charge: command.demand_charge,
            demand_target: command.demand_target,
            may_break_demand_target: command.may_break_demand_target,
            created_at: before.as_ref().map_or(now, |before| before.created_at),
            updated_at: now,
        };
        tx.depots().tariff_put(&tariff).await?;
        tx.outbox().append(self.press().tariff(event::TARIFF_CHANGED, &tariff)).await?;
        let verb = if before.is_some() { AuditVerb::Update } else { AuditVerb::Create };
        let mut entry = self.audit(scope, verb, "electricity_tariff", tariff.depot).after(&tariff);
        if let Some(before) = &before {
            entry = entry.before(before);
        }
        tx.audit().record(entry).await?;
        tx.commit().await?;
        Ok(tariff)
    }

    /// # Errors
    /// [`DepotError::NoTariff`].
    pub async fn tariff_delete(
        &self,
        scope: &Scope,
        depot: DepotId,
        expected: Option<Version>,
    ) -> Result<(), DepotError> {
        scope.require(Permission::DepotWrite)?.sees(depot).await?.ok_or(DepotError::NoSuchDepot)?;
        let mut tx = self.store.begin().await?;
        self.depot_in(&mut *tx, scope, depot).await?;
        let found = tx.depots().tariff_find(scope.organisation(), depot).await?;
        let tariff = found.ok_or(DepotError::NoTariff)?;
        seen(expected, tariff.version)?;
        tx.depots().tariff_delete(&tariff).await?;
        tx.outbox().append(self.press().tariff(event::TARIFF_DELETED, &tariff)).await?;
        let entry = self.audit(scope, AuditVerb::Delete, "electricity_tariff", depot).before(&tariff);
        tx.audit().record(entry).await?;
        tx.commit().await?;
        Ok(())
    }
}
