//! How charge points were, and when they may have been otherwise.

use std::sync::Arc;

use chrono::TimeDelta;
use kernel::{
    AuditEntry, AuditVerb, Begin, ChargePointId, Clock, IdSource, Invalid, MaintenanceWindowId, Page,
    PageRequest, Permission, Scope, StoreError, Timestamp, Version, clock::to_micros,
};

use crate::{
    command::CreateMaintenance,
    error::ChargePointError,
    event::{self, Stamp},
    model::{ChargePoint, Connector, ConnectorUptime, MaintenanceTarget, MaintenanceWindow, Span, uptime},
    port::{ChargePointReader, MaintenanceFilter, MaintenanceTx, UptimeReader},
};

/// The longest that may be asked for, and that work may last.
const LONGEST: TimeDelta = TimeDelta::days(366);
/// How far back is looked where nothing else is said.
const USUAL: TimeDelta = TimeDelta::days(30);
const RESOURCE: &str = "maintenance_window";

pub struct UptimeService {
    store: Arc<dyn Begin<dyn MaintenanceTx>>,
    charge_points: Arc<dyn ChargePointReader>,
    reader: Arc<dyn UptimeReader>,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn IdSource>,
    /// For how long history is kept; for ever where it is not said.
    kept: Option<TimeDelta>,
}

/// How the connectors of a charge point were over a span.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Uptime {
    /// As it was asked for, but not before the charge point was made or what is kept, and not after now.
    pub span: Span,
    pub connectors: Vec<ConnectorUptime>,
}

/// How the connectors of a charge point were over as much of a span as it was there for and lies before
/// `now`.
///
/// # Errors
/// Store errors only.
pub async fn uptime_of(
    reader: &dyn UptimeReader,
    charge_point: &ChargePoint,
    span: Span,
    now: Timestamp,
) -> Result<Uptime, StoreError> {
    let from = span.from.max(charge_point.created_at);
    let span = Span { from, to: span.to.min(now).max(from) };
    let ChargePoint { id, organisation, depot, .. } = charge_point;
    let history = reader.history_of(*id, span).await?;
    let excluded = reader.maintenance_spans(*organisation, *id, *depot, span).await?;
    let connectors = charge_point.evses.iter().flat_map(|evse| &evse.connectors);
    let of = |connector: &Connector| uptime(connector.flat_number, &history, &excluded, span);
    Ok(Uptime { span, connectors: connectors.map(of).collect() })
}

impl UptimeService {
    pub fn new<S>(store: Arc<S>, clock: Arc<dyn Clock>, ids: Arc<dyn IdSource>) -> Self
    where
        S: Begin<dyn MaintenanceTx> + ChargePointReader + UptimeReader + 'static,
    {
        Self { store: store.clone(), charge_points: store.clone(), reader: store, clock, ids, kept: None }
    }

    /// Told that older history is forgotten: of what is not known it says nothing.
    #[must_use]
    pub fn keeping(mut self, kept: Option<TimeDelta>) -> Self {
        self.kept = kept;
        self
    }

    /// Of the 30 days until now unless told otherwise.
    ///
    /// # Errors
    /// [`ChargePointError::NoSuchChargePoint`] also for charge points of others;
    /// [`ChargePointError::Invalid`] for a span that ends before it begins or is longer than 366 days.
    pub async fn charge_point_uptime(
        &self,
        scope: &Scope,
        id: ChargePointId,
        from: Option<Timestamp>,
        to: Option<Timestamp>,
    ) -> Result<Uptime, ChargePointError> {
        let reach = scope.require(Permission::ChargePointRead)?;
        reach.sees(id).await?.ok_or(ChargePointError::NoSuchChargePoint)?;
        let now = self.clock.now();
        let to = to.unwrap_or(now);
        let span = Span { from: from.unwrap_or(to - USUAL), to };
        check_span(span, &mut Invalid::default()).into_result()?;
        let organisation = scope.organisation();
        let found = self.charge_points.charge_point_get(organisation, id).await?;
        let charge_point = found.ok_or(ChargePointError::NoSuchChargePoint)?;
        let known = self.kept.map_or(span.from, |kept| now - kept);
        let from = span.from.max(known);
        let span = Span { from, to: span.to.max(from) };
        Ok(uptime_of(&*self.reader, &charge_point, span, now).await?)
    }

    /// # Errors
    /// [`ChargePointError::Denied`] and store errors only.
    pub async fn maintenance_list(
        &self,
        scope: &Scope,
        filter: &MaintenanceFilter,
        page: PageRequest,
    ) -> Result<Page<MaintenanceWindow>, ChargePointError> {
        let reach = scope.require(Permission::ChargePointRead)?;
        Ok(self.reader.maintenance_list(&reach, filter, page).await?)
    }

    /// # Errors
    /// [`ChargePointError::NoSuchMaintenanceWindow`] also for windows of others.
    pub async fn maintenance_get(
        &self,
        scope: &Scope,
        id: MaintenanceWindowId,
    ) -> Result<MaintenanceWindow, ChargePointError> {
        let reach = scope.require(Permission::ChargePointRead)?;
        reach.sees(id).await?.ok_or(ChargePointError::NoSuchMaintenanceWindow)?;
        let found = self.reader.maintenance_get(scope.organisation(), id).await?;
        found.ok_or(ChargePointError::NoSuchMaintenanceWindow)
    }

    /// # Errors
    /// [`ChargePointError::Invalid`] with every broken rule.
    pub async fn maintenance_create(
        &self,
        scope: &Scope,
        command: CreateMaintenance,
    ) -> Result<MaintenanceWindow, ChargePointError> {
        let reach = scope.require(Permission::ChargePointWrite)?;
        let mut invalid = Invalid::default();
        let reason = invalid.text("/reason", &command.reason, 500);
        let span = Span { from: to_micros(command.span.from), to: to_micros(command.span.to) };
        check_span(span, &mut invalid);
        let organisation = scope.organisation();
        let seen = match command.target {
            MaintenanceTarget::ChargePoint(id) => reach.sees(id).await?,
            MaintenanceTarget::Depot(id) => reach.sees(id).await?,
        };
        let mut tx = self.store.begin().await?;
        match command.target {
            MaintenanceTarget::ChargePoint(id) => {
                if seen.is_none() || tx.charge_points().charge_point_find(organisation, id).await?.is_none() {
                    invalid.push("/charge_point_id", "unknown_charge_point", "no such charge point");
                }
            }
            MaintenanceTarget::Depot(id) => {
                if seen.is_none() || !tx.places().depot_known(organisation, id).await? {
                    invalid.push("/depot_id", "unknown_depot", "no such depot");
                }
            }
        }
        invalid.into_result()?;
        let window = MaintenanceWindow {
            id: self.ids.uuid().into(),
            organisation,
            version: Version::FIRST,
            target: command.target,
            span,
            reason,
            created_by: scope.actor(),
            created_at: self.clock.now(),
        };
        tx.maintenance().maintenance_insert(&window).await?;
        tx.outbox().append(self.stamp().maintenance(event::MAINTENANCE_CREATED, &window)).await?;
        tx.audit().record(self.audit(scope, AuditVerb::Create, window.id).after(&window)).await?;
        tx.commit().await?;
        Ok(window)
    }

    /// Takes it back: the time counts as any other.
    ///
    /// # Errors
    /// [`ChargePointError::NoSuchMaintenanceWindow`]; [`StoreError::Stale`] for another version.
    pub async fn maintenance_delete(
        &self,
        scope: &Scope,
        id: MaintenanceWindowId,
        expected: Option<Version>,
    ) -> Result<(), ChargePointError> {
        let reach = scope.require(Permission::ChargePointWrite)?;
        reach.sees(id).await?.ok_or(ChargePointError::NoSuchMaintenanceWindow)?;
        let mut tx = self.store.begin().await?;
        let found = tx.maintenance().maintenance_find(scope.organisation(), id).await?;
        let window = found.ok_or(ChargePointError::NoSuchMaintenanceWindow)?;
        if expected.is_some_and(|expected| expected != window.version) {
            return Err(StoreError::Stale.into());
        }
        tx.maintenance().maintenance_delete(&window).await?;
        tx.outbox().append(self.stamp().maintenance(event::MAINTENANCE_DELETED, &window)).await?;
        tx.audit().record(self.audit(scope, AuditVerb::Delete, id).before(&window)).await?;
        tx.commit().await?;
        Ok(())
    }

    fn stamp(&self) -> Stamp<'_> {
        Stamp { clock: &*self.clock, ids: &*self.ids }
    }

    fn audit(&self, scope: &Scope, verb: AuditVerb, id: MaintenanceWindowId) -> AuditEntry {
        AuditEntry::new(scope, &*self.clock, &*self.ids, verb, RESOURCE, id)
    }
}

/// Notes what is wrong with a span.
fn check_span(span: Span, invalid: &mut Invalid) -> Invalid {
    if span.to <= span.from {
        invalid.push("/to", "out_of_order", "must be after from");
    } else if span.to - span.from > LONGEST {
        invalid.push("/to", "out_of_range", "must be at most 366 days after from");
    }
    invalid.clone()
}
