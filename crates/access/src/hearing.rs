//! Who may hear of what: an event is for those who may read the thing it is about.

use kernel::{Event, Kind, Permission, Scope, StoreError, Thing};
use uuid::Uuid;

use crate::error::AccessError;

/// Whom events reach of those who hold the permission in some groups only.
enum Circle {
    /// Everybody: it names no thing of a fleet.
    Everybody,
    /// Nobody: it is about the organisation as a whole.
    Nobody,
    /// Who sees one of the things that the data name, by the place of their ids. Where a thing is no
    /// more, or stands elsewhere by now, it is known by the others.
    Named(&'static [(&'static str, Kind)]),
}

use Circle::{Everybody, Named, Nobody};

const DEPOT: (&str, Kind) = ("/depot_id", Kind::Depot);
const CHARGE_POINT: (&str, Kind) = ("/charge_point_id", Kind::ChargePoint);
const VEHICLE: (&str, Kind) = ("/vehicle_id", Kind::Vehicle);
const OF_DEPOT: Circle = Named(&[DEPOT]);
const OF_CHARGE_POINT: Circle = Named(&[CHARGE_POINT, DEPOT]);
const OF_RUN: Circle = Named(&[DEPOT, VEHICLE]);

/// The permission that the events of each kind of thing need, and whom they reach.
const HEARD_WITH: &[(&str, Permission, Circle)] = &[
    ("alert", Permission::AlertRead, Named(&[DEPOT, CHARGE_POINT, VEHICLE])),
    ("alert_rule", Permission::AlertRuleRead, Nobody),
    ("api_key", Permission::ApiKeyRead, Nobody),
    ("bay", Permission::DepotRead, OF_DEPOT),
    ("charge_point", Permission::ChargePointRead, OF_CHARGE_POINT),
    ("charging", Permission::ChargingRead, OF_DEPOT),
    (
        "charging_override",
        Permission::ChargingRead,
        Named(&[
            ("/target/vehicle", Kind::Vehicle),
            ("/target/charge_point", Kind::ChargePoint),
            CHARGE_POINT,
            ("/charging_override_id", Kind::ChargingOverride),
        ]),
    ),
    ("circuit", Permission::DepotRead, OF_DEPOT),
    ("command", Permission::ChargePointRead, OF_CHARGE_POINT),
    ("dead_letter", Permission::DeadLetterRead, Nobody),
    ("depot", Permission::DepotRead, OF_DEPOT),
    ("electricity_tariff", Permission::DepotRead, OF_DEPOT),
    ("evse", Permission::ChargePointRead, OF_CHARGE_POINT),
    ("id_tag", Permission::IdTagRead, Named(&[VEHICLE])),
    ("maintenance_window", Permission::ChargePointRead, OF_CHARGE_POINT),
    ("organisation", Permission::OrganisationRead, Nobody),
    ("plan", Permission::ChargingRead, OF_DEPOT),
    ("priority_level", Permission::PriorityRead, Everybody),
    (
        "priority_override",
        Permission::PriorityRead,
        Named(&[("/target/vehicle", Kind::Vehicle), ("/target/charge_point", Kind::ChargePoint)]),
    ),
    // It may name vehicles and depots of others.
    ("priority_rule", Permission::PriorityRead, Nobody),
    ("report_run", Permission::ReportRead, OF_DEPOT),
    ("report_schedule", Permission::ReportRead, OF_DEPOT),
    ("resource_group", Permission::ResourceGroupRead, Named(&[("/resource_group_id", Kind::ResourceGroup)])),
    ("role", Permission::RoleRead, Nobody),
    ("run", Permission::DispatchRead, OF_RUN),
    ("run_series", Permission::DispatchRead, OF_RUN),
    ("transaction", Permission::TransactionRead, Named(&[DEPOT, CHARGE_POINT, VEHICLE])),
    ("user", Permission::UserRead, Nobody),
    ("vehicle", Permission::VehicleRead, Named(&[VEHICLE, DEPOT])),
    ("webhook", Permission::ApiKeyRead, Nobody),
    ("zone", Permission::DepotRead, OF_DEPOT),
];

/// Who hears of an event: `manage.<thing>.<what>.v1`. `None` for a thing that is not in the table:
/// nobody hears of it.
fn heard_with(event: &str) -> Option<(Permission, &'static Circle)> {
    let thing = event.strip_prefix("manage.")?.split('.').next()?;
    let (_, permission, circle) = HEARD_WITH.iter().find(|(known, ..)| *known == thing)?;
    Some((*permission, circle))
}

/// Refuses whoever may hear of nothing at all.
///
/// # Errors
/// [`AccessError::Denied`] only.
pub fn hears_something(scope: &Scope) -> Result<(), AccessError> {
    match HEARD_WITH.iter().any(|(_, permission, _)| scope.allows(*permission)) {
        true => Ok(()),
        false => Ok(scope.require_somewhere(Permission::DepotRead)?),
    }
}

/// Whether the caller may hear of an event of their organisation: they hold the permission, and what
/// the event is about lies within its reach.
///
/// # Errors
/// Store errors only.
pub async fn may_hear(scope: &Scope, event: &Event) -> Result<bool, StoreError> {
    let Some((permission, circle)) = heard_with(&event.name) else { return Ok(false) };
    let Ok(reach) = scope.require(permission) else { return Ok(false) };
    if reach.limited_to().is_none() {
        return Ok(true);
    }
    match circle {
        Everybody => Ok(true),
        Nobody => Ok(false),
        Named(places) => {
            for (place, kind) in *places {
                let id = event.data.pointer(place).and_then(|id| id.as_str());
                let Some(id) = id.and_then(|id| id.parse::<Uuid>().ok()) else { continue };
                if reach.sees(Thing { kind: *kind, id }).await?.is_some() {
                    return Ok(true);
                }
            }
            Ok(false)
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use futures::executor::block_on;
    use kernel::{
        IdSource, OrganisationId, ResourceGroupId,
        testing::{CountingIds, FakeClock, sight::FakeSight},
    };
    use serde_json::{Value, json};

    use super::*;

    const DOCUMENT: &str = include_str!("../../../docs/EVENTS.md");

    #[test]
    fn every_event_that_is_described_is_for_somebody() {
        let written = DOCUMENT.split('`').filter(|word| word.starts_with("manage.") && word.ends_with(".v1"));
        let events: Vec<&str> = written.filter(|word| word.matches('.').count() == 3).collect();
        assert!(events.len() > 40, "the table of names is where it was");
        let for_nobody: Vec<_> = events.into_iter().filter(|event| heard_with(event).is_none()).collect();
        assert!(for_nobody.is_empty(), "say who may hear of {for_nobody:?}");
    }

    #[test]
    fn what_is_not_in_the_table_is_for_nobody() {
        for name in ["manage.test.told.v1", "manage", "other.vehicle.changed.v1", ""] {
            assert!(heard_with(name).is_none(), "{name}");
        }
    }

    #[test]
    fn what_happens_outside_a_group_is_not_heard_in_it() {
        let (ids, sight) = (CountingIds::default(), Arc::new(FakeSight::default()));
        let (organisation, group) = (OrganisationId::from(ids.uuid()), ResourceGroupId::from(ids.uuid()));
        let all = Permission::ALL.iter().copied().collect();
        let limited = sight.scope(organisation, group, &all);
        let (depot, charge_point, vehicle) = (ids.uuid(), ids.uuid(), ids.uuid());
        for (kind, id) in [(Kind::Depot, depot), (Kind::ChargePoint, charge_point), (Kind::Vehicle, vehicle)]
        {
            sight.put(group, Thing { kind, id });
        }
        let hears = |scope: &Scope, name: &'static str, data: Value| {
            let event = Event::new(&FakeClock::default(), &ids, organisation, name, "key", data);
            block_on(may_hear(scope, &event)).unwrap()
        };
        for (name, within, outside) in [
            ("manage.depot.deleted.v1", json!({"depot_id": depot}), json!({"depot_id": ids.uuid()})),
            (
                "manage.charge_point.changed.v1",
                json!({"charge_point_id": charge_point, "depot_id": ids.uuid()}),
                json!({"charge_point_id": ids.uuid(), "depot_id": ids.uuid()}),
            ),
            (
                concat!("manage.run.changed", ".v1"),
                json!({"depot_id": ids.uuid(), "vehicle_id": vehicle}),
                json!({"depot_id": ids.uuid(), "vehicle_id": null}),
            ),
            ("manage.alert.raised.v1", json!({"charge_point_id": charge_point}), json!({})),
            (
                "manage.charging_override.deleted.v1",
                json!({"target": {"evse": ids.uuid()}, "charge_point_id": charge_point}),
                json!({"target": {"evse": ids.uuid()}, "charge_point_id": ids.uuid()}),
            ),
            (
                "manage.alert.delivery_failed.v1",
                json!({"alert_rule_id": ids.uuid(), "depot_id": depot}),
                json!({"alert_rule_id": ids.uuid(), "depot_id": null}),
            ),
            (
                "manage.priority_override.created.v1",
                json!({"target": {"vehicle": vehicle}}),
                json!({"target": {"charge_point": ids.uuid()}}),
            ),
        ] {
            assert!(hears(&limited, name, within), "{name}");
            assert!(!hears(&limited, name, outside.clone()), "{name} {outside}");
            assert!(hears(&Scope::system(organisation), name, outside), "{name}");
        }
        // Of the organisation as a whole nobody hears in a group; of words everybody does.
        assert!(!hears(&limited, "manage.user.created.v1", json!({"depot_id": depot})));
        assert!(hears(&limited, "manage.priority_level.created.v1", json!({})));
    }
}
