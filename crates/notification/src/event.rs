//! The facts this domain publishes.

use kernel::{Clock, Event, IdSource};
use serde_json::json;

use crate::model::{Alert, AlertRule, Delivery};

pub const ALERT_RAISED: &str = "manage.alert.raised.v1";
/// Its severity changed.
pub const ALERT_CHANGED: &str = "manage.alert.changed.v1";
pub const ALERT_ACKNOWLEDGED: &str = "manage.alert.acknowledged.v1";
pub const ALERT_CLEARED: &str = "manage.alert.cleared.v1";
/// A message about alerts was given up.
pub const DELIVERY_FAILED: &str = "manage.alert.delivery_failed.v1";
/// A webhook of a partner is told no more, since nobody answers.
pub const WEBHOOK_DISABLED: &str = "manage.webhook.disabled.v1";
pub const RULE_CREATED: &str = "manage.alert_rule.created.v1";
pub const RULE_CHANGED: &str = "manage.alert_rule.changed.v1";
pub const RULE_DELETED: &str = "manage.alert_rule.deleted.v1";

pub(crate) fn alert(clock: &dyn Clock, ids: &dyn IdSource, name: &'static str, alert: &Alert) -> Event {
    let data = json!({
        "alert_id": alert.id,
        "kind": alert.kind,
        "severity": alert.severity,
        "state": alert.state,
        "summary": alert.summary,
        "count": alert.count,
        "first_seen_at": alert.first_seen_at,
        "last_seen_at": alert.last_seen_at,
        "depot_id": alert.about.depot,
        "charge_point_id": alert.about.charge_point,
        "connector_number": alert.about.connector,
        "vehicle_id": alert.about.vehicle,
        "run_id": alert.about.run,
        "circuit_id": alert.about.circuit,
    });
    Event::new(clock, ids, alert.organisation, name, &alert.id, data)
}

pub(crate) fn rule(clock: &dyn Clock, ids: &dyn IdSource, name: &'static str, rule: &AlertRule) -> Event {
    let data = json!({ "alert_rule_id": rule.id, "name": rule.name, "enabled": rule.enabled });
    Event::new(clock, ids, rule.organisation, name, &rule.id, data)
}

/// That a message was given up, for one of the alerts that it told of: who hears of the alert hears of it.
pub(crate) fn delivery_failed(
    clock: &dyn Clock,
    ids: &dyn IdSource,
    delivery: &Delivery,
    alert: Option<&Alert>,
) -> Event {
    let about = alert.map(|alert| &alert.about);
    let data = json!({
        "delivery_id": delivery.id,
        "alert_rule_id": delivery.rule,
        "channel": delivery.channel,
        "attempts": delivery.attempts,
        "alert_id": alert.map(|alert| alert.id),
        "depot_id": about.and_then(|about| about.depot),
        "charge_point_id": about.and_then(|about| about.charge_point),
        "vehicle_id": about.and_then(|about| about.vehicle),
    });
    Event::new(clock, ids, delivery.organisation, DELIVERY_FAILED, &delivery.rule, data)
}
