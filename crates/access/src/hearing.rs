//! Who may hear of what: an event is for those who may read the thing it is about.

use kernel::{Permission, Scope};

use crate::error::AccessError;

/// The permission that the events of each kind of thing need.
const HEARD_WITH: &[(&str, Permission)] = &[
    ("alert", Permission::AlertRead),
    ("alert_rule", Permission::AlertRuleRead),
    ("api_key", Permission::ApiKeyRead),
    ("bay", Permission::DepotRead),
    ("charge_point", Permission::ChargePointRead),
    ("charging", Permission::ChargingRead),
    ("charging_override", Permission::ChargingRead),
    ("circuit", Permission::DepotRead),
    ("command", Permission::ChargePointRead),
    ("dead_letter", Permission::DeadLetterRead),
    ("depot", Permission::DepotRead),
    ("electricity_tariff", Permission::DepotRead),
    ("evse", Permission::ChargePointRead),
    ("id_tag", Permission::IdTagRead),
    ("maintenance_window", Permission::ChargePointRead),
    ("organisation", Permission::OrganisationRead),
    ("priority_level", Permission::PriorityRead),
    ("priority_override", Permission::PriorityRead),
    ("priority_rule", Permission::PriorityRead),
    ("role", Permission::RoleRead),
    ("run", Permission::DispatchRead),
    ("run_series", Permission::DispatchRead),
    ("transaction", Permission::TransactionRead),
    ("user", Permission::UserRead),
    ("vehicle", Permission::VehicleRead),
    ("zone", Permission::DepotRead),
];

/// What somebody needs to hear of an event: `manage.<thing>.<what>.v1`. `None` for a thing that is
/// not in the table: nobody hears of it.
pub fn heard_with(event: &str) -> Option<Permission> {
    let thing = event.strip_prefix("manage.")?.split('.').next()?;
    HEARD_WITH.iter().find(|(known, _)| *known == thing).map(|(_, permission)| *permission)
}

/// Refuses whoever may hear of nothing at all.
///
/// # Errors
/// [`AccessError::Denied`] only.
pub fn hears_something(scope: &Scope) -> Result<(), AccessError> {
    match HEARD_WITH.iter().any(|(_, permission)| scope.allows(*permission)) {
        true => Ok(()),
        false => Ok(scope.require(Permission::DepotRead)?),
    }
}

/// Whether the caller may hear of an event of their organisation.
pub fn may_hear(scope: &Scope, event: &str) -> bool {
    heard_with(event).is_some_and(|permission| scope.allows(permission))
}

#[cfg(test)]
mod tests {
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
            assert_eq!(heard_with(name), None, "{name}");
        }
    }
}
