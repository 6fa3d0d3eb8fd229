//! Orders to chargers: given, listed, followed.

use std::sync::Arc;

use kernel::{
    Actor, AuditEntry, AuditVerb, Begin, ChargePointId, Clock, CommandId, IdSource, Page, PageRequest,
    Permission, Scope, StoreError, Version,
};

use crate::{
    command::RequestCommand,
    error::ChargePointError,
    event::{self, Stamp},
    model::{Availability, ChargePoint, Command, CommandKind, CommandState},
    port::{ChargePointReader, CommandFilter, CommandReader, CommandTx, CommandWork},
};

pub struct CommandService {
    store: Arc<dyn Begin<dyn CommandTx>>,
    reader: Arc<dyn CommandReader>,
    charge_points: Arc<dyn ChargePointReader>,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn IdSource>,
}

impl CommandService {
    pub fn new<S>(store: Arc<S>, clock: Arc<dyn Clock>, ids: Arc<dyn IdSource>) -> Self
    where
        S: Begin<dyn CommandTx> + CommandReader + ChargePointReader + 'static,
    {
        Self { store: store.clone(), reader: store.clone(), charge_points: store, clock, ids }
    }

    /// Stores an order; the dispatcher takes it from there. Whether the charger is connected is
    /// found out when it is called.
    ///
    /// # Errors
    /// [`ChargePointError::NoSuchChargePoint`]; [`ChargePointError::Invalid`] with every broken
    /// rule of the arguments.
    pub async fn command_request(
        &self,
        scope: &Scope,
        request: RequestCommand,
    ) -> Result<Command, ChargePointError> {
        scope
            .require(Permission::ChargePointCommand)?
            .sees(request.charge_point)
            .await?
            .ok_or(ChargePointError::NoSuchChargePoint)?;
        let mut tx = self.store.begin().await?;
        let found = tx.charge_points().charge_point_find(scope.organisation(), request.charge_point).await?;
        let charge_point = found.ok_or(ChargePointError::NoSuchChargePoint)?;
        let RequestCommand { kind, replaces, .. } = request;
        let command =
            request_command(&mut *tx, &*self.clock, &*self.ids, scope, &charge_point, kind, replaces).await?;
        tx.commit().await?;
        Ok(command)
    }

    /// # Errors
    /// [`ChargePointError::NoSuchCommand`] also for orders of others.
    pub async fn command_get(&self, scope: &Scope, id: CommandId) -> Result<Command, ChargePointError> {
        scope.require(Permission::ChargePointRead)?.sees(id).await?.ok_or(ChargePointError::NoSuchCommand)?;
        let found = self.reader.command_get(scope.organisation(), id).await?;
        found.ok_or(ChargePointError::NoSuchCommand)
    }

    /// The orders to one charge point, newest first.
    ///
    /// # Errors
    /// [`ChargePointError::NoSuchChargePoint`] also for charge points of others.
    pub async fn command_list(
        &self,
        scope: &Scope,
        charge_point: ChargePointId,
        filter: &CommandFilter,
        page: PageRequest,
    ) -> Result<Page<Command>, ChargePointError> {
        scope
            .require(Permission::ChargePointRead)?
            .sees(charge_point)
            .await?
            .ok_or(ChargePointError::NoSuchChargePoint)?;
        let organisation = scope.organisation();
        if self.charge_points.charge_point_get(organisation, charge_point).await?.is_none() {
            return Err(ChargePointError::NoSuchChargePoint);
        }
        Ok(self.reader.command_list(organisation, charge_point, filter, page).await?)
    }
}

/// Gives an order inside the caller's unit of work: orders with the same key that are not yet sent
/// give way, what the operator wants of a connector is noted, and the event is appended. Orders of
/// people and API keys are audited; those of the backend itself are their own record.
///
/// # Errors
/// [`ChargePointError::Invalid`] with every broken rule of the arguments.
pub async fn request_command(
    work: &mut dyn CommandWork,
    clock: &dyn Clock,
    ids: &dyn IdSource,
    scope: &Scope,
    charge_point: &ChargePoint,
    kind: CommandKind,
    replaces: Option<String>,
) -> Result<Command, ChargePointError> {
    kind.check(charge_point)?;
    let (organisation, now) = (charge_point.organisation, clock.now());
    let stamp = Stamp { clock, ids };
    if let Some(key) = &replaces {
        for mut older in work.commands().commands_replaceable(organisation, charge_point.id, key).await? {
            let read = older.version;
            older.supersede(now)?;
            older.version = read.next();
            work.commands().command_update(&older, read).await?;
            work.outbox().append(stamp.command(event::COMMAND_FINISHED, &older)).await?;
        }
    }
    if let CommandKind::ChangeAvailability { connector, operative } = &kind {
        note_wish(work, charge_point, *connector, *operative).await?;
    }
    let command = Command {
        id: ids.uuid().into(),
        organisation,
        charge_point: charge_point.id,
        version: Version::FIRST,
        kind,
        state: CommandState::Requested,
        result: None,
        replaces,
        requested_by: scope.actor(),
        requested_at: now,
        sent_at: None,
        finished_at: None,
    };
    work.commands().command_insert(&command).await?;
    work.outbox().append(stamp.command(event::COMMAND_REQUESTED, &command)).await?;
    if scope.actor() != Actor::System {
        let entry = AuditEntry::new(scope, clock, ids, AuditVerb::Command, "charge_point", charge_point.id);
        work.audit().record(entry.after(&command.kind.redacted())).await?;
    }
    Ok(command)
}

/// Keeps what the operator wants of a connector, or with number 0 of the whole charge point. It
/// holds also while the charger says otherwise.
async fn note_wish(
    work: &mut dyn CommandWork,
    charge_point: &ChargePoint,
    connector: u16,
    operative: bool,
) -> Result<(), StoreError> {
    // The caller's copy may be older than this unit of work, and the live facts move on.
    let (organisation, id) = (charge_point.organisation, charge_point.id);
    let Some(mut present) = work.charge_points().charge_point_find(organisation, id).await? else {
        return Ok(());
    };
    let wanted = if operative { Availability::Operative } else { Availability::Inoperative };
    if connector == 0 {
        present.live.whole.wanted = wanted;
        return work.charger_state().charge_point_update_live(&present).await;
    }
    let Some(plug) = present.connector_mut(connector) else { return Ok(()) };
    plug.live.wanted = wanted;
    let plug = plug.clone();
    work.charger_state().connector_update_live(id, &plug).await
}
