//! The use cases of overrides.

use std::sync::Arc;

use kernel::{
    AuditEntry, AuditVerb, Begin, ChargePointId, ChargingOverrideId, Clock, IdSource, Page, PageRequest,
    Permission, Scope, StoreError, Version,
};

use super::{
    command::{CreateOverride, check},
    error::OverrideError,
    event,
    model::{ChargingOverride, OverrideTarget},
    port::{KnownTargets, OverrideFilter, OverrideReader, OverrideTx},
};

const RESOURCE: &str = "charging_override";

pub struct OverrideService {
    store: Arc<dyn Begin<dyn OverrideTx>>,
    reader: Arc<dyn OverrideReader>,
    targets: Arc<dyn KnownTargets>,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn IdSource>,
}

impl OverrideService {
    pub fn new<S>(store: Arc<S>, clock: Arc<dyn Clock>, ids: Arc<dyn IdSource>) -> Self
    where
        S: Begin<dyn OverrideTx> + OverrideReader + KnownTargets + 'static,
    {
        Self { store: store.clone(), reader: store.clone(), targets: store, clock, ids }
    }

    /// Oldest first; those that have expired only where asked for.
    ///
    /// # Errors
    /// [`OverrideError::Denied`] and store errors only.
    pub async fn override_list(
        &self,
        scope: &Scope,
        filter: OverrideFilter,
        with_expired: bool,
        page: PageRequest,
    ) -> Result<Page<ChargingOverride>, OverrideError> {
        let reach = scope.require(Permission::ChargingRead)?;
        let active_at = (!with_expired).then(|| self.clock.now());
        let filter = OverrideFilter { active_at, ..filter };
        Ok(self.reader.charging_override_list(&reach, &filter, page).await?)
    }

    /// # Errors
    /// [`OverrideError::NoSuchOverride`] also for overrides of others.
    pub async fn override_get(
        &self,
        scope: &Scope,
        id: ChargingOverrideId,
    ) -> Result<ChargingOverride, OverrideError> {
        scope.require(Permission::ChargingRead)?.sees(id).await?.ok_or(OverrideError::NoSuchOverride)?;
        let found = self.reader.charging_override_get(scope.organisation(), id).await?;
        found.ok_or(OverrideError::NoSuchOverride)
    }

    /// # Errors
    /// [`OverrideError::Invalid`] with every broken rule.
    pub async fn override_create(
        &self,
        scope: &Scope,
        command: CreateOverride,
    ) -> Result<ChargingOverride, OverrideError> {
        let reach = scope.require(Permission::ChargingWrite)?;
        let (organisation, now) = (scope.organisation(), self.clock.now());
        let mut over = ChargingOverride {
            id: self.ids.uuid().into(),
            organisation,
            version: Version::FIRST,
            target: command.target,
            action: command.action,
            reason: command.reason,
            expires_at: command.expires_at,
            created_by: scope.actor(),
            created_at: now,
        };
        let mut invalid = check(&mut over, now);
        if !self.targets.override_target_known(&reach, over.target).await? {
            let (pointer, code, detail) = match over.target {
                OverrideTarget::ChargePoint(_) => {
                    ("/charge_point_id", "unknown_charge_point", "no such charge point")
                }
                OverrideTarget::Evse(_) => ("/evse_id", "unknown_evse", "no such EVSE"),
                OverrideTarget::Vehicle(_) => ("/vehicle_id", "unknown_vehicle", "no such vehicle"),
            };
            invalid.push(pointer, code, detail);
        }
        invalid.into_result()?;
        let charge_point = self.charge_point_of(&over).await?;
        let mut tx = self.store.begin().await?;
        tx.charging_overrides().charging_override_insert(&over).await?;
        let created = event::overridden(&*self.clock, &*self.ids, event::CREATED, &over, charge_point);
        tx.outbox().append(created).await?;
        tx.audit().record(self.audit(scope, AuditVerb::Create, over.id).after(&over)).await?;
        tx.commit().await?;
        Ok(over)
    }

    /// Ends an override before its time.
    ///
    /// # Errors
    /// [`OverrideError::NoSuchOverride`]; [`StoreError::Stale`] for another version.
    pub async fn override_delete(
        &self,
        scope: &Scope,
        id: ChargingOverrideId,
        expected: Option<Version>,
    ) -> Result<(), OverrideError> {
        scope.require(Permission::ChargingWrite)?.sees(id).await?.ok_or(OverrideError::NoSuchOverride)?;
        let organisation = scope.organisation();
        let seen = self.reader.charging_override_get(organisation, id).await?;
        let charge_point = self.charge_point_of(&seen.ok_or(OverrideError::NoSuchOverride)?).await?;
        let mut tx = self.store.begin().await?;
        let found = tx.charging_overrides().charging_override_find(organisation, id).await?;
        let over = found.ok_or(OverrideError::NoSuchOverride)?;
        if expected.is_some_and(|expected| expected != over.version) {
            return Err(StoreError::Stale.into());
        }
        tx.charging_overrides().charging_override_delete(organisation, id).await?;
        let deleted = event::overridden(&*self.clock, &*self.ids, event::DELETED, &over, charge_point);
        tx.outbox().append(deleted).await?;
        tx.audit().record(self.audit(scope, AuditVerb::Delete, id).before(&over)).await?;
        tx.commit().await?;
        Ok(())
    }

    async fn charge_point_of(&self, over: &ChargingOverride) -> Result<Option<ChargePointId>, StoreError> {
        match over.target {
            OverrideTarget::Evse(evse) => self.targets.charge_point_of(over.organisation, evse).await,
            OverrideTarget::ChargePoint(_) | OverrideTarget::Vehicle(_) => Ok(None),
        }
    }

    fn audit(&self, scope: &Scope, verb: AuditVerb, id: ChargingOverrideId) -> AuditEntry {
        AuditEntry::new(scope, &*self.clock, &*self.ids, verb, RESOURCE, id)
    }
}
