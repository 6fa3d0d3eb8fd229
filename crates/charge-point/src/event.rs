//! The facts this domain publishes. The key is the charge point's id, so that all that happens at
//! one charge point is told in order.

use kernel::{Clock, Event, IdSource};
use serde_json::{Value, json};

use crate::model::{
    ChargePoint, Command, ConnectorLive, ConnectorPlace, MaintenanceTarget, MaintenanceWindow, Progress,
};

pub const CHARGE_POINT_CREATED: &str = "manage.charge_point.created.v1";
pub const CHARGE_POINT_CHANGED: &str = "manage.charge_point.changed.v1";
pub const CHARGE_POINT_DELETED: &str = "manage.charge_point.deleted.v1";
pub const CHARGE_POINT_BOOTED: &str = "manage.charge_point.booted.v1";
pub const CHARGE_POINT_CONNECTED: &str = "manage.charge_point.connected.v1";
pub const CHARGE_POINT_DISCONNECTED: &str = "manage.charge_point.disconnected.v1";
pub const STATUS_CHANGED: &str = "manage.charge_point.status_changed.v1";
pub const FIRMWARE_STATUS_CHANGED: &str = "manage.charge_point.firmware_status_changed.v1";
pub const DIAGNOSTICS_STATUS_CHANGED: &str = "manage.charge_point.diagnostics_status_changed.v1";
pub const CONFIGURATION_REPORTED: &str = "manage.charge_point.configuration_reported.v1";
pub const MAINTENANCE_CREATED: &str = "manage.maintenance_window.created.v1";
pub const MAINTENANCE_DELETED: &str = "manage.maintenance_window.deleted.v1";
pub const COMMAND_REQUESTED: &str = "manage.command.requested.v1";
pub const COMMAND_FINISHED: &str = "manage.command.finished.v1";

/// What makes an event out of a fact: the time and an id.
#[derive(Clone, Copy)]
pub(crate) struct Stamp<'a> {
    pub(crate) clock: &'a dyn Clock,
    pub(crate) ids: &'a dyn IdSource,
}

impl Stamp<'_> {
    pub(crate) fn charge_point(self, name: &'static str, charge_point: &ChargePoint) -> Event {
        let live = &charge_point.live;
        let data = json!({
            "charge_point_id": charge_point.id,
            "identity": charge_point.identity,
            "depot_id": charge_point.depot,
            "circuit_id": charge_point.circuit,
            "online": live.online,
            "registration": charge_point.registration,
            "vendor": live.vendor,
            "model": live.model,
            "firmware": live.firmware,
        });
        self.event(name, charge_point, data)
    }

    pub(crate) fn status(
        self,
        charge_point: &ChargePoint,
        place: Option<ConnectorPlace>,
        live: &ConnectorLive,
    ) -> Event {
        let report = live.report.as_ref();
        let data = json!({
            "charge_point_id": charge_point.id,
            "depot_id": charge_point.depot,
            "evse_id": place.map(|place| place.evse),
            "evse_number": place.map(|place| place.evse_number),
            "connector_number": place.map_or(0, |place| place.connector_number),
            "status": live.status(),
            "availability": live.reported,
            "error_code": report.and_then(|report| report.error_code.as_deref()),
            "at": report.map(|report| report.at),
        });
        self.event(STATUS_CHANGED, charge_point, data)
    }

    pub(crate) fn progress(
        self,
        name: &'static str,
        charge_point: &ChargePoint,
        progress: &Progress,
    ) -> Event {
        let data = json!({
            "charge_point_id": charge_point.id,
            "status": progress.status,
            "at": progress.at,
        });
        self.event(name, charge_point, data)
    }

    pub(crate) fn configuration(self, charge_point: &ChargePoint, keys: &[&str]) -> Event {
        let data = json!({ "charge_point_id": charge_point.id, "keys": keys });
        self.event(CONFIGURATION_REPORTED, charge_point, data)
    }

    /// Says what was ordered or how it ended, without arguments: they may be large or secret, and
    /// whoever needs them reads the command.
    pub(crate) fn command(self, name: &'static str, command: &Command) -> Event {
        let data = json!({
            "command_id": command.id,
            "charge_point_id": command.charge_point,
            "type": command.kind.word(),
            "state": command.state,
            "replaces": command.replaces,
        });
        Event::new(self.clock, self.ids, command.organisation, name, &command.charge_point, data)
    }

    pub(crate) fn maintenance(self, name: &'static str, window: &MaintenanceWindow) -> Event {
        let (charge_point, depot) = match window.target {
            MaintenanceTarget::ChargePoint(id) => (Some(id), None),
            MaintenanceTarget::Depot(id) => (None, Some(id)),
        };
        let data = json!({
            "maintenance_window_id": window.id,
            "charge_point_id": charge_point,
            "depot_id": depot,
            "from": window.span.from,
            "to": window.span.to,
        });
        Event::new(self.clock, self.ids, window.organisation, name, &window.id, data)
    }

    fn event(self, name: &'static str, charge_point: &ChargePoint, data: Value) -> Event {
        Event::new(self.clock, self.ids, charge_point.organisation, name, &charge_point.id, data)
    }
}
