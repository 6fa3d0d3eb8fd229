//! Bodies that would be accepted, once the ids in them are filled in.

pub const OVERRIDE: &str =
    r#"{"vehicle_id": "{vehicle}", "level": 1, "reason": "late", "expires_at": "{tomorrow}"}"#;
pub const RUN: &str =
    r#"{"depot_id": "{depot}", "block": "1", "departure_at": "{tomorrow}", "arrival_at": "{after}"}"#;
pub const SERIES: &str = r#"{"depot_id": "{depot}", "block": "17", "weekdays": ["monday"],
    "departure_time": "05:00", "duration_minutes": 60, "from": "2026-01-01"}"#;
pub const PAUSE: &str =
    r#"{"vehicle_id": "{vehicle}", "action": "pause", "reason": "works", "expires_at": "{tomorrow}"}"#;
pub const MAINTENANCE: &str = r#"{"charge_point_id": "{charge_point}", "from": "2026-01-01T00:00:00Z",
    "to": "2026-01-02T00:00:00Z", "reason": "work"}"#;
pub const REPORT: &str = r#"{"kind": "charging_sessions", "format": "csv", "depot_id": "{depot}",
    "from": "2026-03-01T00:00:00Z", "to": "2026-03-02T00:00:00Z"}"#;
pub const SCHEDULE: &str = r#"{"name": "S", "kind": "charging_sessions", "format": "csv",
    "depot_id": "{depot}", "cron": "0 6 * * *", "timezone": "Europe/Berlin", "period": "day"}"#;
pub const TARIFF: &str = r#"{"currency": "EUR", "base_price_per_kwh": "0.20"}"#;
pub const WINDOW: &str = r#"{"name": "W", "precedence": 1, "limit_kw": 5,
    "schedule": {"once": {"from": "2026-01-01T00:00:00Z", "to": "2027-01-01T00:00:00Z"}}}"#;
