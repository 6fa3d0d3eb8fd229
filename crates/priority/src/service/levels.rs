//! The words an organisation has for the scale.

use kernel::{AuditVerb, Permission, PriorityLevelId, Scope, StoreError, Version};

use super::PriorityService;
use crate::{
    command::{ChangeLevel, CreateLevel, check_level},
    error::PriorityError,
    event,
    model::Level,
    port::PriorityTx,
};

const RESOURCE: &str = "priority_level";

impl PriorityService {
    /// The organisation's levels by number, or the usual ones where it has made none.
    ///
    /// # Errors
    /// [`PriorityError::Denied`] and store errors only.
    pub async fn level_list(&self, scope: &Scope) -> Result<Vec<Level>, PriorityError> {
        scope.require_somewhere(Permission::PriorityRead)?;
        let own = self.reader.levels(scope.organisation()).await?;
        Ok(if own.is_empty() { Level::usual(scope.organisation()) } else { own })
    }

    /// # Errors
    /// [`PriorityError::NoSuchLevel`] also for levels of others.
    pub async fn level_get(&self, scope: &Scope, id: PriorityLevelId) -> Result<Level, PriorityError> {
        let levels = self.level_list(scope).await?;
        levels.into_iter().find(|level| level.id == id).ok_or(PriorityError::NoSuchLevel)
    }

    /// The first level of its own takes the place of the usual ones.
    ///
    /// # Errors
    /// [`PriorityError::Invalid`]; [`PriorityError::LevelTaken`].
    pub async fn level_create(&self, scope: &Scope, command: CreateLevel) -> Result<Level, PriorityError> {
        scope.require_everywhere(Permission::PriorityWrite)?;
        let now = self.clock.now();
        let mut level = Level {
            id: self.ids.uuid().into(),
            organisation: scope.organisation(),
            version: Version::FIRST,
            level: command.level,
            name: command.name,
            description: command.description,
            usual: false,
            created_at: now,
            updated_at: now,
        };
        check_level(&mut level)?;
        let mut tx = self.store.begin().await?;
        tx.priorities().level_insert(&level).await?;
        tx.outbox().append(event::level(&*self.clock, &*self.ids, event::LEVEL_CREATED, &level)).await?;
        tx.audit().record(self.audit(scope, AuditVerb::Create, RESOURCE, level.id).after(&level)).await?;
        tx.commit().await?;
        Ok(level)
    }

    /// # Errors
    /// As [`Self::level_create`]; [`PriorityError::UsualLevel`]; [`StoreError::Stale`] for another
    /// version.
    pub async fn level_change(
        &self,
        scope: &Scope,
        id: PriorityLevelId,
        expected: Option<Version>,
        command: ChangeLevel,
    ) -> Result<Level, PriorityError> {
        scope.require_everywhere(Permission::PriorityWrite)?;
        let mut tx = self.store.begin().await?;
        let before = find(&mut *tx, scope, id, expected).await?;
        let mut level = before.clone();
        command.apply(&mut level);
        check_level(&mut level)?;
        level.version = before.version.next();
        level.updated_at = self.clock.now();
        tx.priorities().level_update(&level, before.version).await?;
        tx.outbox().append(event::level(&*self.clock, &*self.ids, event::LEVEL_CHANGED, &level)).await?;
        let entry = self.audit(scope, AuditVerb::Update, RESOURCE, id).before(&before).after(&level);
        tx.audit().record(entry).await?;
        tx.commit().await?;
        Ok(level)
    }

    /// With the last level of its own gone, the organisation has the usual ones again. Vehicles,
    /// rules and overrides keep the number.
    ///
    /// # Errors
    /// [`PriorityError::UsualLevel`]; [`StoreError::Stale`] for another version.
    pub async fn level_delete(
        &self,
        scope: &Scope,
        id: PriorityLevelId,
        expected: Option<Version>,
    ) -> Result<(), PriorityError> {
        scope.require_everywhere(Permission::PriorityWrite)?;
        let mut tx = self.store.begin().await?;
        let level = find(&mut *tx, scope, id, expected).await?;
        tx.priorities().level_delete(&level).await?;
        tx.outbox().append(event::level(&*self.clock, &*self.ids, event::LEVEL_DELETED, &level)).await?;
        tx.audit().record(self.audit(scope, AuditVerb::Delete, RESOURCE, id).before(&level)).await?;
        tx.commit().await?;
        Ok(())
    }
}

async fn find(
    tx: &mut dyn PriorityTx,
    scope: &Scope,
    id: PriorityLevelId,
    expected: Option<Version>,
) -> Result<Level, PriorityError> {
    let Some(level) = tx.priorities().level_find(scope.organisation(), id).await? else {
        let usual = Level::usual(scope.organisation()).iter().any(|level| level.id == id);
        return Err(if usual { PriorityError::UsualLevel } else { PriorityError::NoSuchLevel });
    };
    if expected.is_some_and(|expected| expected != level.version) {
        return Err(StoreError::Stale.into());
    }
    Ok(level)
}
