//! The facts this domain publishes. All of a depot's are keyed by the depot, so that whoever
//! follows its tree sees the changes in order.

use kernel::{Clock, DepotId, Event, IdSource, OrganisationId};
use serde_json::{Value, json};

use crate::model::{Bay, Circuit, Depot, ElectricityTariff, Zone};

pub const DEPOT_CREATED: &str = "manage.depot.created.v1";
pub const DEPOT_CHANGED: &str = "manage.depot.changed.v1";
pub const DEPOT_DELETED: &str = "manage.depot.deleted.v1";
pub const ZONE_CREATED: &str = "manage.zone.created.v1";
pub const ZONE_CHANGED: &str = "manage.zone.changed.v1";
pub const ZONE_DELETED: &str = "manage.zone.deleted.v1";
pub const BAY_CREATED: &str = "manage.bay.created.v1";
pub const BAY_CHANGED: &str = "manage.bay.changed.v1";
pub const BAY_DELETED: &str = "manage.bay.deleted.v1";
pub const CIRCUIT_CREATED: &str = "manage.circuit.created.v1";
pub const CIRCUIT_CHANGED: &str = "manage.circuit.changed.v1";
pub const CIRCUIT_DELETED: &str = "manage.circuit.deleted.v1";
/// Windows or external limits of a circuit changed.
pub const CIRCUIT_LIMITS_CHANGED: &str = "manage.circuit.limits_changed.v1";
pub const TARIFF_CHANGED: &str = "manage.electricity_tariff.changed.v1";
pub const TARIFF_DELETED: &str = "manage.electricity_tariff.deleted.v1";

/// Stamps events with time and id.
pub(crate) struct Press<'a> {
    pub(crate) clock: &'a dyn Clock,
    pub(crate) ids: &'a dyn IdSource,
}

impl Press<'_> {
    fn print(&self, organisation: OrganisationId, depot: DepotId, name: &'static str, data: Value) -> Event {
        Event::new(self.clock, self.ids, organisation, name, &depot, data)
    }

    pub(crate) fn depot(&self, name: &'static str, depot: &Depot) -> Event {
        let data = json!({
            "depot_id": depot.id,
            "code": depot.code,
            "name": depot.name,
            "timezone": depot.time_zone,
            "charging_strategy": depot.charging_strategy,
            "use_spare_room": depot.use_spare_room,
        });
        self.print(depot.organisation, depot.id, name, data)
    }

    pub(crate) fn zone(&self, name: &'static str, zone: &Zone) -> Event {
        let data =
            json!({ "depot_id": zone.depot, "zone_id": zone.id, "code": zone.code, "name": zone.name });
        self.print(zone.organisation, zone.depot, name, data)
    }

    pub(crate) fn bay(&self, name: &'static str, bay: &Bay) -> Event {
        let data = json!({
            "depot_id": bay.depot,
            "bay_id": bay.id,
            "zone_id": bay.zone,
            "charge_point_id": bay.charge_point,
            "code": bay.code,
            "name": bay.name,
        });
        self.print(bay.organisation, bay.depot, name, data)
    }

    pub(crate) fn circuit(&self, name: &'static str, circuit: &Circuit) -> Event {
        let data = json!({
            "depot_id": circuit.depot,
            "circuit_id": circuit.id,
            "parent_id": circuit.parent,
            "name": circuit.name,
            "kind": circuit.kind,
            "limit_kw": circuit.limit.power.map(kernel::W::to_kilo),
            "limit_amps": circuit.limit.current.map(kernel::MilliAmps::to_kilo),
        });
        self.print(circuit.organisation, circuit.depot, name, data)
    }

    pub(crate) fn tariff(&self, name: &'static str, tariff: &ElectricityTariff) -> Event {
        let data = json!({ "depot_id": tariff.depot, "currency": tariff.currency });
        self.print(tariff.organisation, tariff.depot, name, data)
    }
}
