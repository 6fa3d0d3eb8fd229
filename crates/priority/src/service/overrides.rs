//! Levels set by hand, for a time.

use kernel::{AuditVerb, Page, PageRequest, Permission, PriorityOverrideId, Scope, StoreError, Version};

use super::PriorityService;
use crate::{
    command::{CreateOverride, check_override},
    error::PriorityError,
    event,
    model::{Override, OverrideTarget},
    port::OverrideFilter,
};

const RESOURCE: &str = "priority_override";

impl PriorityService {
    /// Oldest first; those that have expired only where asked for.
    ///
    /// # Errors
    /// [`PriorityError::Denied`] and store errors only.
    pub async fn override_list(
        &self,
        scope: &Scope,
        filter: OverrideFilter,
        with_expired: bool,
        page: PageRequest,
    ) -> Result<Page<Override>, PriorityError> {
        let reach = scope.require(Permission::PriorityRead)?;
        let active_at = (!with_expired).then(|| self.clock.now());
        let filter = OverrideFilter { active_at, ..filter };
        Ok(self.reader.override_list(&reach, &filter, page).await?)
    }

    /// # Errors
    /// [`PriorityError::NoSuchOverride`] also for overrides of others.
    pub async fn override_get(
        &self,
        scope: &Scope,
        id: PriorityOverrideId,
    ) -> Result<Override, PriorityError> {
        scope.require(Permission::PriorityRead)?.sees(id).await?.ok_or(PriorityError::NoSuchOverride)?;
        let found = self.reader.override_get(scope.organisation(), id).await?;
        found.ok_or(PriorityError::NoSuchOverride)
    }

    /// # Errors
    /// [`PriorityError::Invalid`] with every broken rule.
    pub async fn override_create(
        &self,
        scope: &Scope,
        command: CreateOverride,
    ) -> Result<Override, PriorityError> {
        let reach = scope.require(Permission::PriorityWrite)?;
        let (organisation, now) = (scope.organisation(), self.clock.now());
        let mut over = Override {
            id: self.ids.uuid().into(),
            organisation,
            version: Version::FIRST,
            target: command.target,
            level: command.level,
            reason: command.reason,
            expires_at: command.expires_at,
            created_by: scope.actor(),
            created_at: now,
        };
        let mut invalid = check_override(&mut over, now);
        match over.target {
            OverrideTarget::Vehicle(id) => {
                let seen = reach.sees(id).await?.is_some();
                if !seen || self.targets.vehicles_known(organisation, &[id]).await?.is_empty() {
                    invalid.push("/vehicle_id", "unknown_vehicle", "no such vehicle");
                }
            }
            OverrideTarget::ChargePoint(id) => {
                let seen = reach.sees(id).await?.is_some();
                if !seen || !self.targets.charge_point_known(organisation, id).await? {
                    invalid.push("/charge_point_id", "unknown_charge_point", "no such charge point");
                }
            }
        }
        invalid.into_result()?;
        let mut tx = self.store.begin().await?;
        tx.priorities().override_insert(&over).await?;
        let created = event::overridden(&*self.clock, &*self.ids, event::OVERRIDE_CREATED, &over);
        tx.outbox().append(created).await?;
        tx.audit().record(self.audit(scope, AuditVerb::Create, RESOURCE, over.id).after(&over)).await?;
        tx.commit().await?;
        Ok(over)
    }

    /// Ends an override before its time.
    ///
    /// # Errors
    /// [`PriorityError::NoSuchOverride`]; [`StoreError::Stale`] for another version.
    pub async fn override_delete(
        &self,
        scope: &Scope,
        id: PriorityOverrideId,
        expected: Option<Version>,
    ) -> Result<(), PriorityError> {
        scope.require(Permission::PriorityWrite)?.sees(id).await?.ok_or(PriorityError::NoSuchOverride)?;
        let organisation = scope.organisation();
        let mut tx = self.store.begin().await?;
        let found = tx.priorities().override_find(organisation, id).await?;
        let over = found.ok_or(PriorityError::NoSuchOverride)?;
        if expected.is_some_and(|expected| expected != over.version) {
            return Err(StoreError::Stale.into());
        }
        tx.priorities().override_delete(organisation, id).await?;
        let deleted = event::overridden(&*self.clock, &*self.ids, event::OVERRIDE_DELETED, &over);
        tx.outbox().append(deleted).await?;
        tx.audit().record(self.audit(scope, AuditVerb::Delete, RESOURCE, id).before(&over)).await?;
        tx.commit().await?;
        Ok(())
    }
}
