//! The facts this domain publishes.

use kernel::{Clock, Event, IdSource};
use serde_json::json;

use crate::model::{Level, Override, Rule};

pub const LEVEL_CREATED: &str = "manage.priority_level.created.v1";
pub const LEVEL_CHANGED: &str = "manage.priority_level.changed.v1";
pub const LEVEL_DELETED: &str = "manage.priority_level.deleted.v1";
pub const RULE_CREATED: &str = "manage.priority_rule.created.v1";
pub const RULE_CHANGED: &str = "manage.priority_rule.changed.v1";
pub const RULE_DELETED: &str = "manage.priority_rule.deleted.v1";
pub const OVERRIDE_CREATED: &str = "manage.priority_override.created.v1";
pub const OVERRIDE_DELETED: &str = "manage.priority_override.deleted.v1";

pub(crate) fn level(clock: &dyn Clock, ids: &dyn IdSource, name: &'static str, level: &Level) -> Event {
    let data = json!({ "priority_level_id": level.id, "level": level.level, "name": level.name });
    Event::new(clock, ids, level.organisation, name, &level.id, data)
}

pub(crate) fn rule(clock: &dyn Clock, ids: &dyn IdSource, name: &'static str, rule: &Rule) -> Event {
    let data = json!({
        "priority_rule_id": rule.id,
        "position": rule.position,
        "name": rule.name,
        "enabled": rule.enabled,
        "level": rule.level,
    });
    Event::new(clock, ids, rule.organisation, name, &rule.id, data)
}

pub(crate) fn overridden(
    clock: &dyn Clock,
    ids: &dyn IdSource,
    name: &'static str,
    over: &Override,
) -> Event {
    let data = json!({
        "priority_override_id": over.id,
        "target": over.target,
        "level": over.level,
        "expires_at": over.expires_at,
    });
    Event::new(clock, ids, over.organisation, name, &over.id, data)
}
