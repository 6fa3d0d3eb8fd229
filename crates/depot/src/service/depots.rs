//! Depots as operators keep them.

use std::sync::Arc;

use kernel::{
    AuditEntry, AuditVerb, Begin, Clock, DepotId, IdSource, Page, PageRequest, Permission, Scope, Version,
};
use uuid::Uuid;

use super::seen;
use crate::{
    command::{ChangeDepot, CreateDepot, check_depot, set},
    error::DepotError,
    event::{self, Press},
    model::{Depot, Overview},
    port::{DepotFilter, DepotReader, DepotTx, LiveReader, TopologyReader},
};

/// Depots, zones, bays and tariffs.
pub struct DepotService {
    pub(super) store: Arc<dyn Begin<dyn DepotTx>>,
    pub(super) reader: Arc<dyn DepotReader>,
    topologies: Arc<dyn TopologyReader>,
    live: Arc<dyn LiveReader>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) ids: Arc<dyn IdSource>,
}

impl DepotService {
    pub fn new<S>(store: Arc<S>, clock: Arc<dyn Clock>, ids: Arc<dyn IdSource>) -> Self
    where
        S: Begin<dyn DepotTx> + DepotReader + TopologyReader + LiveReader + 'static,
    {
        Self {
            store: store.clone(),
            reader: store.clone(),
            topologies: store.clone(),
            live: store,
            clock,
            ids,
        }
    }

    /// # Errors
    /// [`DepotError::Invalid`] with every broken rule; [`DepotError::CodeTaken`].
    pub async fn depot_create(&self, scope: &Scope, command: CreateDepot) -> Result<Depot, DepotError> {
        scope.require_everywhere(Permission::DepotWrite)?;
        let now = self.clock.now();
        let mut depot = Depot {
            id: self.ids.uuid().into(),
            organisation: scope.organisation(),
            version: Version::FIRST,
            code: command.code,
            name: command.name,
            time_zone: command.time_zone,
            address: command.address,
            location: command.location,
            charging_strategy: command.charging_strategy,
            use_spare_room: command.use_spare_room,
            created_at: now,
            updated_at: now,
        };
        check_depot(&mut depot)?;
        let mut tx = self.store.begin().await?;
        tx.depots().depot_insert(&depot).await?;
        tx.outbox().append(self.press().depot(event::DEPOT_CREATED, &depot)).await?;
        tx.audit().record(self.audit(scope, AuditVerb::Create, "depot", depot.id).after(&depot)).await?;
        tx.commit().await?;
        Ok(depot)
    }

    /// # Errors
    /// [`DepotError::NoSuchDepot`] also for depots of others.
    pub async fn depot_get(&self, scope: &Scope, id: DepotId) -> Result<Depot, DepotError> {
        scope.require(Permission::DepotRead)?.sees(id).await?.ok_or(DepotError::NoSuchDepot)?;
        self.reader.depot_get(scope.organisation(), id).await?.ok_or(DepotError::NoSuchDepot)
    }

    /// # Errors
    /// [`DepotError::Denied`] and store errors only.
    pub async fn depot_list(
        &self,
        scope: &Scope,
        filter: &DepotFilter,
        page: PageRequest,
    ) -> Result<Page<Depot>, DepotError> {
        let reach = scope.require(Permission::DepotRead)?;
        Ok(self.reader.depot_list(&reach, filter, page).await?)
    }

    /// Applies a merge patch. `expected` is the version the caller has seen, if they said so.
    ///
    /// # Errors
    /// As [`Self::depot_create`], and [`kernel::StoreError::Stale`] for another version.
    pub async fn depot_change(
        &self,
        scope: &Scope,
        id: DepotId,
        expected: Option<Version>,
        command: ChangeDepot,
    ) -> Result<Depot, DepotError> {
        scope.require(Permission::DepotWrite)?.sees(id).await?.ok_or(DepotError::NoSuchDepot)?;
        let mut tx = self.store.begin().await?;
        let before = self.depot_in(&mut *tx, scope, id).await?;
        seen(expected, before.version)?;
        let mut depot = before.clone();
        set(&mut depot.code, command.code);
        set(&mut depot.name, command.name);
        set(&mut depot.time_zone, command.time_zone);
        command.address.apply(&mut depot.address);
        command.location.apply(&mut depot.location);
        set(&mut depot.charging_strategy, command.charging_strategy);
        set(&mut depot.use_spare_room, command.use_spare_room);
        check_depot(&mut depot)?;
        depot.version = before.version.next();
        depot.updated_at = self.clock.now();
        tx.depots().depot_update(&depot, before.version).await?;
        tx.outbox().append(self.press().depot(event::DEPOT_CHANGED, &depot)).await?;
        let entry = self.audit(scope, AuditVerb::Update, "depot", id).before(&before).after(&depot);
        tx.audit().record(entry).await?;
        tx.commit().await?;
        Ok(depot)
    }

    /// # Errors
    /// [`DepotError::DepotInUse`] while charge points belong to it.
    pub async fn depot_delete(
        &self,
        scope: &Scope,
        id: DepotId,
        expected: Option<Version>,
    ) -> Result<(), DepotError> {
        scope.require(Permission::DepotWrite)?.sees(id).await?.ok_or(DepotError::NoSuchDepot)?;
        let mut tx = self.store.begin().await?;
        let depot = self.depot_in(&mut *tx, scope, id).await?;
        seen(expected, depot.version)?;
        if tx.depots().depot_has_charge_points(id).await? {
            return Err(DepotError::DepotInUse("charge points"));
        }
        tx.depots().depot_delete(&depot).await?;
        tx.outbox().append(self.press().depot(event::DEPOT_DELETED, &depot)).await?;
        tx.audit().record(self.audit(scope, AuditVerb::Delete, "depot", id).before(&depot)).await?;
        tx.commit().await?;
        Ok(())
    }

    /// What an operator sees first.
    ///
    /// # Errors
    /// [`DepotError::NoSuchDepot`].
    pub async fn depot_overview(&self, scope: &Scope, id: DepotId) -> Result<Overview, DepotError> {
        scope.require(Permission::DepotRead)?.sees(id).await?.ok_or(DepotError::NoSuchDepot)?;
        let organisation = scope.organisation();
        let topology = self.topologies.topology(organisation, id).await?.ok_or(DepotError::NoSuchDepot)?;
        let live = self.live.depot_live(organisation, id).await?;
        Ok(Overview::compose(&topology, live, self.clock.now()))
    }

    pub(super) async fn depot_in(
        &self,
        tx: &mut dyn DepotTx,
        scope: &Scope,
        id: DepotId,
    ) -> Result<Depot, DepotError> {
        tx.depots().depot_find(scope.organisation(), id).await?.ok_or(DepotError::NoSuchDepot)
    }

    pub(super) fn press(&self) -> Press<'_> {
        Press { clock: &*self.clock, ids: &*self.ids }
    }

    pub(super) fn audit(
        &self,
        scope: &Scope,
        verb: AuditVerb,
        resource: &'static str,
        id: impl Into<Uuid>,
    ) -> AuditEntry {
        AuditEntry::new(scope, &*self.clock, &*self.ids, verb, resource, id)
    }
}
