//! Id tags as operators keep them.

use std::sync::Arc;

use kernel::{
    AuditEntry, AuditVerb, Begin, Change, Clock, IdSource, IdTagId, Invalid, Page, PageRequest, Permission,
    Reach, Scope, StoreError, VehicleId, Version,
};

use crate::{
    command::{ChangeIdTag, CreateIdTag},
    error::VehicleError,
    event,
    model::{IdTag, IdTagValue},
    port::{IdTagFilter, IdTagReader, VehicleTx},
};

pub struct IdTagService {
    store: Arc<dyn Begin<dyn VehicleTx>>,
    reader: Arc<dyn IdTagReader>,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn IdSource>,
}

impl IdTagService {
    pub fn new<S>(store: Arc<S>, clock: Arc<dyn Clock>, ids: Arc<dyn IdSource>) -> Self
    where
        S: Begin<dyn VehicleTx> + IdTagReader + 'static,
    {
        Self { store: store.clone(), reader: store, clock, ids }
    }

    /// # Errors
    /// [`VehicleError::Invalid`] for a malformed value or an unknown vehicle;
    /// [`VehicleError::TagTaken`].
    pub async fn id_tag_create(&self, scope: &Scope, command: CreateIdTag) -> Result<IdTag, VehicleError> {
        let reach = scope.require(Permission::IdTagWrite)?;
        let now = self.clock.now();
        let tag = IdTag {
            id: self.ids.uuid().into(),
            organisation: scope.organisation(),
            version: Version::FIRST,
            value: IdTagValue::parse("/value", &command.value)?,
            kind: command.kind,
            vehicle: command.vehicle,
            status: command.status,
            expires_at: command.expires_at.map(kernel::clock::to_micros),
            created_at: now,
            updated_at: now,
        };
        let visible = sees(&reach, tag.vehicle).await?;
        let mut tx = self.store.begin().await?;
        check_vehicle(&mut *tx, visible, scope, tag.vehicle).await?;
        tx.id_tags().id_tag_insert(&tag).await?;
        tx.outbox().append(event::id_tag(&*self.clock, &*self.ids, &tag)).await?;
        tx.audit().record(self.audit(scope, AuditVerb::Create, tag.id).after(&tag)).await?;
        tx.commit().await?;
        Ok(tag)
    }

    /// # Errors
    /// [`VehicleError::NoSuchIdTag`] also for tags of others.
    pub async fn id_tag_get(&self, scope: &Scope, id: IdTagId) -> Result<IdTag, VehicleError> {
        scope.require(Permission::IdTagRead)?.sees(id).await?.ok_or(VehicleError::NoSuchIdTag)?;
        self.reader.id_tag_get(scope.organisation(), id).await?.ok_or(VehicleError::NoSuchIdTag)
    }

    /// # Errors
    /// [`VehicleError::Denied`] and store errors only.
    pub async fn id_tag_list(
        &self,
        scope: &Scope,
        filter: &IdTagFilter,
        page: PageRequest,
    ) -> Result<Page<IdTag>, VehicleError> {
        let reach = scope.require(Permission::IdTagRead)?;
        Ok(self.reader.id_tag_list(&reach, filter, page).await?)
    }

    /// # Errors
    /// [`VehicleError::Invalid`] for an unknown vehicle; [`StoreError::Stale`].
    pub async fn id_tag_change(
        &self,
        scope: &Scope,
        id: IdTagId,
        expected: Option<Version>,
        command: ChangeIdTag,
    ) -> Result<IdTag, VehicleError> {
        let reach = scope.require(Permission::IdTagWrite)?;
        reach.sees(id).await?.ok_or(VehicleError::NoSuchIdTag)?;
        let (visible, named) = match command.vehicle {
            Change::Keep => (true, None),
            Change::Clear => (sees(&reach, None).await?, None),
            Change::Set(vehicle) => (sees(&reach, Some(vehicle)).await?, Some(vehicle)),
        };
        let mut tx = self.store.begin().await?;
        check_vehicle(&mut *tx, visible, scope, named).await?;
        let before = find(&mut *tx, scope, id, expected).await?;
        let mut tag = before.clone();
        command.vehicle.apply(&mut tag.vehicle);
        command.expires_at.map(kernel::clock::to_micros).apply(&mut tag.expires_at);
        tag.status = command.status.unwrap_or(tag.status);
        tag.version = before.version.next();
        tag.updated_at = self.clock.now();
        tx.id_tags().id_tag_update(&tag, before.version).await?;
        tx.outbox().append(event::id_tag(&*self.clock, &*self.ids, &tag)).await?;
        tx.audit().record(self.audit(scope, AuditVerb::Update, id).before(&before).after(&tag)).await?;
        tx.commit().await?;
        Ok(tag)
    }

    /// # Errors
    /// [`VehicleError::NoSuchIdTag`], [`StoreError::Stale`].
    pub async fn id_tag_delete(
        &self,
        scope: &Scope,
        id: IdTagId,
        expected: Option<Version>,
    ) -> Result<(), VehicleError> {
        scope.require(Permission::IdTagWrite)?.sees(id).await?.ok_or(VehicleError::NoSuchIdTag)?;
        let mut tx = self.store.begin().await?;
        let tag = find(&mut *tx, scope, id, expected).await?;
        tx.id_tags().id_tag_delete(scope.organisation(), id, tag.version).await?;
        tx.outbox().append(event::id_tag(&*self.clock, &*self.ids, &tag)).await?;
        tx.audit().record(self.audit(scope, AuditVerb::Delete, id).before(&tag)).await?;
        tx.commit().await?;
        Ok(())
    }

    fn audit(&self, scope: &Scope, verb: AuditVerb, id: IdTagId) -> AuditEntry {
        AuditEntry::new(scope, &*self.clock, &*self.ids, verb, "id_tag", id)
    }
}

async fn find(
    tx: &mut dyn VehicleTx,
    scope: &Scope,
    id: IdTagId,
    expected: Option<Version>,
) -> Result<IdTag, VehicleError> {
    let tag = tx.id_tags().id_tag_find(scope.organisation(), id).await?.ok_or(VehicleError::NoSuchIdTag)?;
    if expected.is_some_and(|expected| expected != tag.version) {
        return Err(StoreError::Stale.into());
    }
    Ok(tag)
}

/// Whether the caller will see a tag of this vehicle. One of no vehicle is seen only by who reaches
/// the whole organisation.
async fn sees(reach: &Reach, vehicle: Option<VehicleId>) -> Result<bool, StoreError> {
    match vehicle {
        Some(vehicle) => Ok(reach.sees(vehicle).await?.is_some()),
        None => Ok(reach.limited_to().is_none()),
    }
}

async fn check_vehicle(
    tx: &mut dyn VehicleTx,
    visible: bool,
    scope: &Scope,
    vehicle: Option<VehicleId>,
) -> Result<(), VehicleError> {
    if !visible {
        return Err(Invalid::one("/vehicle_id", "unknown_vehicle", "no such vehicle of yours").into());
    }
    let Some(vehicle) = vehicle else { return Ok(()) };
    match tx.vehicles().vehicle_find(scope.organisation(), vehicle).await? {
        Some(_) => Ok(()),
        None => Err(Invalid::one("/vehicle_id", "unknown_vehicle", "no such vehicle").into()),
    }
}
