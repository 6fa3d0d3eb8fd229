//! Every documented operation, tried by everybody who must not get through: nobody, an API key, a
//! user without permissions, and the administrator of another organisation who knows our ids.
//!
//! A new operation has to be added to [`OPERATIONS`], with a body that would be accepted: a
//! malformed one would be refused before anybody asks who sent it.

mod bodies;
mod stored;

use std::collections::BTreeSet;

use axum::http::Method;
use chrono::{SecondsFormat, TimeDelta};
use kernel::{Permission, Timestamp};
use serde_json::{Value, json};

use bodies::{MAINTENANCE, OVERRIDE, PAUSE, REPORT, RUN, SCHEDULE, SERIES, TARIFF, WINDOW};
pub use stored::dead_letter;

use crate::{
    access::{EMAIL, PASSWORD},
    app::{As, TestApp},
};

/// What anybody may ask without credentials.
pub const OPEN: [&str; 5] = [
    "POST /auth/accept-invitation",
    "POST /auth/token",
    "POST /auth/refresh",
    "POST /auth/sign-out",
    "GET /reports/files/{}",
];

/// What every signed-in user may ask, and how it is answered where it is asked of what is not theirs.
const FOR_ALL: [(&str, u16); 4] = [
    ("GET /me", 200),
    ("GET /me/sessions", 200),
    ("DELETE /me/sessions", 204),
    ("DELETE /me/sessions/{admin_session}", 404),
];

/// The answer to every signed-in user, where there is one.
pub fn for_all(name: &str) -> Option<u16> {
    FOR_ALL.iter().find(|(known, _)| *known == name).map(|(_, status)| *status)
}

/// Everything else. Names in braces are filled with ids of ours, in paths and in bodies.
const OPERATIONS: &[(&str, &str)] = &[
    ("GET /me", ""),
    ("GET /me/sessions", ""),
    ("DELETE /me/sessions", ""),
    ("DELETE /me/sessions/{admin_session}", ""),
    ("GET /depots", ""),
    ("POST /depots", r#"{"code": "NEW", "name": "New"}"#),
    ("GET /depots/{depot}", ""),
    ("PATCH /depots/{depot}", r#"{"name": "Changed"}"#),
    ("DELETE /depots/{depot}", ""),
    ("GET /depots/{depot}/overview", ""),
    ("GET /depots/{depot}/zones", ""),
    ("POST /depots/{depot}/zones", r#"{"code": "H2", "name": "Hall 2"}"#),
    ("GET /depots/{depot}/zones/{zone}", ""),
    ("PATCH /depots/{depot}/zones/{zone}", r#"{"name": "Changed"}"#),
    ("DELETE /depots/{depot}/zones/{zone}", ""),
    ("GET /depots/{depot}/bays", ""),
    ("POST /depots/{depot}/bays", r#"{"code": "2", "name": "Bay 2"}"#),
    ("GET /depots/{depot}/bays/{bay}", ""),
    ("PATCH /depots/{depot}/bays/{bay}", r#"{"name": "Changed"}"#),
    ("DELETE /depots/{depot}/bays/{bay}", ""),
    ("GET /depots/{depot}/electricity-tariff", ""),
    ("PUT /depots/{depot}/electricity-tariff", TARIFF),
    ("DELETE /depots/{depot}/electricity-tariff", ""),
    ("GET /depots/{depot}/circuits", ""),
    (
        "POST /depots/{depot}/circuits",
        r#"{"name": "P", "kind": "panel", "parent_id": "{circuit}", "limit_kw": 9}"#,
    ),
    ("GET /circuits/{circuit}", ""),
    ("PATCH /circuits/{circuit}", r#"{"name": "Changed"}"#),
    ("DELETE /circuits/{circuit}", ""),
    ("GET /circuits/{circuit}/external-limits", ""),
    ("PUT /circuits/{circuit}/external-limits", r#"{"source": "utility", "limits": []}"#),
    ("POST /circuits/{circuit}/load-readings", r#"[{"at": "2026-03-02T08:00:00Z", "power_kw": 9}]"#),
    ("GET /circuits/{circuit}/limit-windows", ""),
    ("POST /circuits/{circuit}/limit-windows", WINDOW),
    ("GET /circuits/{circuit}/limit-windows/{window}", ""),
    ("PATCH /circuits/{circuit}/limit-windows/{window}", r#"{"name": "Changed"}"#),
    ("DELETE /circuits/{circuit}/limit-windows/{window}", ""),
    ("GET /charge-points", ""),
    ("POST /charge-points", r#"{"identity": "CP-2", "depot_id": "{depot}", "max_power_kw": 22}"#),
    ("GET /charge-points/{charge_point}", ""),
    ("PATCH /charge-points/{charge_point}", r#"{"max_power_kw": 11}"#),
    ("DELETE /charge-points/{charge_point}", ""),
    ("GET /charge-points/{charge_point}/configuration", ""),
    ("GET /charge-points/{charge_point}/uptime?from=2026-01-01T00:00:00Z&to=2026-02-01T00:00:00Z", ""),
    ("GET /maintenance-windows", ""),
    ("POST /maintenance-windows", MAINTENANCE),
    ("GET /maintenance-windows/{maintenance}", ""),
    ("DELETE /maintenance-windows/{maintenance}", ""),
    ("GET /charge-points/{charge_point}/commands", ""),
    ("POST /charge-points/{charge_point}/commands", r#"{"type": "clear_cache"}"#),
    ("GET /commands/{command}", ""),
    ("GET /vehicles", ""),
    ("POST /vehicles", r#"{"fleet_number": "2", "battery_kwh": 99, "max_dc_kw": 99, "depot_id": "{depot}"}"#),
    ("GET /vehicles/{vehicle}", ""),
    ("PATCH /vehicles/{vehicle}", r#"{"fleet_number": "Changed"}"#),
    ("DELETE /vehicles/{vehicle}", ""),
    ("POST /vehicles/{vehicle}/soc", r#"{"percent": 50, "source": "manual"}"#),
    ("GET /id-tags", ""),
    ("POST /id-tags", r#"{"value": "NEW", "vehicle_id": "{vehicle}"}"#),
    ("GET /id-tags/{id_tag}", ""),
    ("PATCH /id-tags/{id_tag}", r#"{"status": "blocked"}"#),
    ("DELETE /id-tags/{id_tag}", ""),
    ("GET /transactions", ""),
    ("GET /transactions/{transaction}", ""),
    ("GET /transactions/{transaction}/readings", ""),
    ("POST /transactions/{transaction}/stop", "{}"),
    ("GET /admin/organisation", ""),
    ("PATCH /admin/organisation", r#"{"name": "Changed"}"#),
    ("GET /admin/users", ""),
    (
        "POST /admin/users",
        r#"{"email": "eve@x.example", "display_name": "Eve", "password": "correct horse", "role_ids": ["{role}"]}"#,
    ),
    ("GET /admin/users/{user}", ""),
    ("PATCH /admin/users/{user}", r#"{"password": "mine from now"}"#),
    ("DELETE /admin/users/{user}", ""),
    ("POST /admin/users/{user}/invitation", ""),
    ("GET /admin/users/{user}/sessions", ""),
    ("DELETE /admin/users/{user}/sessions/{session}", ""),
    ("GET /admin/roles", ""),
    ("POST /admin/roles", r#"{"name": "new", "permissions": ["depot:read"]}"#),
    ("GET /admin/roles/{role}", ""),
    ("PATCH /admin/roles/{role}", r#"{"permissions": ["depot:read"]}"#),
    ("DELETE /admin/roles/{role}", ""),
    ("GET /admin/api-keys", ""),
    ("POST /admin/api-keys", r#"{"name": "new", "permissions": ["depot:read"]}"#),
    ("GET /admin/api-keys/{api_key}", ""),
    ("PATCH /admin/api-keys/{api_key}", r#"{"name": "Changed"}"#),
    ("DELETE /admin/api-keys/{api_key}", ""),
    ("GET /admin/audit", ""),
    ("GET /admin/audit/{audit_entry}", ""),
    ("GET /charts/{kind}?depot_id={depot}&from=2026-03-02T08:00:00Z&to=2026-03-02T09:00:00Z", ""),
    ("GET /message-log", ""),
    ("GET /message-log/export", ""),
    ("GET /admin/audit/export", ""),
    ("GET /reports", ""),
    ("GET /reports/kinds", ""),
    ("GET /reports/runs", ""),
    ("POST /reports/runs", REPORT),
    ("GET /reports/runs/{report_run}", ""),
    ("POST /reports/runs/{report_run}/cancel", ""),
    ("GET /reports/schedules", ""),
    ("POST /reports/schedules", SCHEDULE),
    ("GET /reports/schedules/{report_schedule}", ""),
    ("PATCH /reports/schedules/{report_schedule}", r#"{"name": "Changed"}"#),
    ("DELETE /reports/schedules/{report_schedule}", ""),
    ("POST /reports/schedules/{report_schedule}/run", ""),
    ("GET /admin/dead-letters", ""),
    ("DELETE /admin/dead-letters/{dead_letter}", ""),
    ("POST /admin/dead-letters/{dead_letter}/replay", ""),
    ("GET /priority/levels", ""),
    ("POST /priority/levels", r#"{"level": 2, "name": "Second"}"#),
    ("GET /priority/levels/{level}", ""),
    ("PATCH /priority/levels/{level}", r#"{"name": "Changed"}"#),
    ("DELETE /priority/levels/{level}", ""),
    ("GET /priority/rules", ""),
    (
        "POST /priority/rules",
        r#"{"name": "R", "level": 1, "target": {"type": "vehicle", "vehicle_id": "{vehicle}"}}"#,
    ),
    ("GET /priority/rules/{rule}", ""),
    ("PATCH /priority/rules/{rule}", r#"{"name": "Changed"}"#),
    ("DELETE /priority/rules/{rule}", ""),
    ("GET /priority/overrides", ""),
    ("POST /priority/overrides", OVERRIDE),
    ("GET /priority/overrides/{override}", ""),
    ("DELETE /priority/overrides/{override}", ""),
    ("GET /priority/effective?depot_id={depot}", ""),
    ("GET /dispatch/runs", ""),
    (
        "POST /dispatch/runs",
        r#"{"depot_id": "{depot}", "block": "2", "departure_at": "{tomorrow}", "arrival_at": "{after}"}"#,
    ),
    ("GET /dispatch/runs/{run}", ""),
    ("PATCH /dispatch/runs/{run}", r#"{"block": "Changed"}"#),
    ("DELETE /dispatch/runs/{run}", ""),
    ("POST /dispatch/runs/{run}/depart", "{}"),
    ("POST /dispatch/runs/{run}/cancel", ""),
    ("GET /dispatch/series", ""),
    ("POST /dispatch/series", SERIES),
    ("GET /dispatch/series/{series}", ""),
    ("PATCH /dispatch/series/{series}", r#"{"block": "Changed"}"#),
    ("DELETE /dispatch/series/{series}", ""),
    (
        "POST /dispatch/imports",
        r#"[{"depot": "{depot}", "block": "3", "departure_at": "{tomorrow}", "arrival_at": "{after}"}]"#,
    ),
    (
        "POST /dispatch/assignment-suggestions",
        r#"{"depot_id": "{depot}", "from": "{tomorrow}", "to": "{after}"}"#,
    ),
    ("GET /dispatch/readiness?depot_id={depot}&from={tomorrow}", ""),
    ("GET /resource-groups", ""),
    ("POST /resource-groups", r#"{"name": "New", "members": [{"type": "vehicle", "id": "{vehicle}"}]}"#),
    ("GET /resource-groups/{group}", ""),
    ("PATCH /resource-groups/{group}", r#"{"name": "Changed"}"#),
    ("DELETE /resource-groups/{group}", ""),
    ("GET /resource-groups/{group}/contents", ""),
    ("PUT /resource-groups/{group}/members", r#"{"members": [{"type": "depot", "id": "{depot}"}]}"#),
    ("PUT /resource-groups/{group}/members/charge_point/{charge_point}", ""),
    ("DELETE /resource-groups/{group}/members/depot/{depot}", ""),
    ("GET /events?follow=false", ""),
    ("GET /alerts", ""),
    ("GET /alerts/{alert}", ""),
    ("POST /alerts/{alert}/acknowledge", "{}"),
    ("GET /alerts/{alert}/deliveries", ""),
    ("GET /alert-rules", ""),
    ("POST /alert-rules", r#"{"name": "R", "emails": ["eve@x.example"], "depot_ids": ["{depot}"]}"#),
    ("GET /alert-rules/{alert_rule}", ""),
    ("PATCH /alert-rules/{alert_rule}", r#"{"name": "Changed"}"#),
    ("DELETE /alert-rules/{alert_rule}", ""),
    ("GET /depots/{depot}/allocation", ""),
    ("GET /depots/{depot}/live", ""),
    ("GET /depots/{depot}/plan", ""),
    ("POST /depots/{depot}/plan", ""),
    ("GET /depots/{depot}/plan-vs-actual?from=2026-03-02T08:00:00Z&to=2026-03-02T09:00:00Z", ""),
    ("POST /charging/allocation-preview", "{}"),
    ("POST /charging/plan-preview", "{}"),
    ("GET /charging/overrides", ""),
    ("POST /charging/overrides", PAUSE),
    ("GET /charging/overrides/{charging_override}", ""),
    ("DELETE /charging/overrides/{charging_override}", ""),
];

/// Ids of things that our organisation has, by the names that [`OPERATIONS`] uses.
pub struct Ours(Vec<(&'static str, String)>);

impl Ours {
    /// Ids that nobody has, for questions that are refused before anybody looks.
    pub fn of_nobody() -> Self {
        let templates = OPERATIONS.iter().flat_map(|(path, body)| [*path, *body]);
        let names = templates.flat_map(|template| {
            let parts = template.split('{').skip(1).filter_map(|part| part.split_once('}'));
            parts.map(|(name, _)| name).filter(|name| !name.is_empty() && !name.contains('"'))
        });
        let id = || "00000000-0000-0000-0000-00000000000f".to_owned();
        let mut ours: Vec<_> = names.map(|name| (name, id())).collect();
        ours.retain(|(name, _)| !["tomorrow", "after"].contains(name));
        ours.push(("tomorrow", "2999-01-01T00:00:00Z".to_owned()));
        ours.push(("after", "2999-01-01T02:00:00Z".to_owned()));
        Self(ours)
    }

    pub fn fill(&self, template: &str) -> String {
        // A word and no id of ours: it is met everywhere.
        let mut text = template.replace("{kind}", "energy");
        for (name, id) in &self.0 {
            text = text.replace(&format!("{{{name}}}"), id);
        }
        text
    }

    /// Those of our ids that a text holds.
    pub fn seen_in(&self, text: &str) -> BTreeSet<&str> {
        self.0.iter().filter(|(_, id)| text.contains(id)).map(|(name, _)| *name).collect()
    }
}

pub struct Operation {
    pub name: &'static str,
    pub method: Method,
    pub path: String,
    pub body: Option<Value>,
}

impl Operation {
    pub async fn by(&self, caller: &As<'_>) -> crate::app::Reply {
        caller.ask(self.method.clone(), &self.path, self.body.clone(), &[]).await
    }
}

pub fn operations(ours: &Ours) -> Vec<Operation> {
    let operation = |(name, body): &(&'static str, &str)| {
        let (method, path) = name.split_once(' ').unwrap();
        let (method, path, body) = (method.parse().unwrap(), ours.fill(path), ours.fill(body));
        assert!(!path.contains('{'), "{name} needs an id that the walk does not make");
        let body = (!body.is_empty()).then(|| serde_json::from_str(&body).unwrap());
        Operation { name, method, path, body }
    };
    OPERATIONS.iter().map(operation).collect()
}

/// One of everything, made by our administrator.
pub async fn furnish(app: &TestApp, admin: &As<'_>) -> Ours {
    let tomorrow = app.backends.clock.now() + TimeDelta::days(1);
    let written = |at: Timestamp| at.to_rfc3339_opts(SecondsFormat::Millis, true);
    let after = tomorrow + TimeDelta::hours(2);
    let mut ours = Ours(vec![("tomorrow", written(tomorrow)), ("after", written(after))]);
    for (name, path, body) in [
        ("depot", "/depots", r#"{"code": "A", "name": "A"}"#),
        ("zone", "/depots/{depot}/zones", r#"{"code": "H1", "name": "Hall 1"}"#),
        ("bay", "/depots/{depot}/bays", r#"{"code": "1", "name": "Bay 1"}"#),
        (
            "circuit",
            "/depots/{depot}/circuits",
            r#"{"name": "Grid", "kind": "grid_connection", "limit_kw": 99}"#,
        ),
        ("window", "/circuits/{circuit}/limit-windows", WINDOW),
        (
            "charge_point",
            "/charge-points",
            r#"{"identity": "CP-1", "depot_id": "{depot}", "max_power_kw": 22}"#,
        ),
        ("command", "/charge-points/{charge_point}/commands", r#"{"type": "clear_cache"}"#),
        ("maintenance", "/maintenance-windows", MAINTENANCE),
        ("vehicle", "/vehicles", r#"{"fleet_number": "1", "battery_kwh": 99, "max_dc_kw": 99}"#),
        ("id_tag", "/id-tags", r#"{"value": "TAG", "vehicle_id": "{vehicle}"}"#),
        (
            "group",
            "/resource-groups",
            r#"{"name": "G", "members": [{"type": "depot", "id": "{depot}"}, {"type": "vehicle", "id": "{vehicle}"}]}"#,
        ),
        ("level", "/priority/levels", r#"{"level": 1, "name": "First"}"#),
        ("rule", "/priority/rules", r#"{"name": "R", "level": 1}"#),
        ("override", "/priority/overrides", OVERRIDE),
        ("run", "/dispatch/runs", RUN),
        ("series", "/dispatch/series", SERIES),
        ("charging_override", "/charging/overrides", PAUSE),
        ("alert_rule", "/alert-rules", r#"{"name": "R", "emails": ["ada@x.example"]}"#),
        ("role", "/admin/roles", r#"{"name": "nothing", "permissions": []}"#),
        (
            "user",
            "/admin/users",
            r#"{"email": "ada@depot.example", "display_name": "Ada", "password": "correct horse", "role_ids": ["{role}"]}"#,
        ),
        ("report_run", "/reports/runs", REPORT),
        ("report_schedule", "/reports/schedules", SCHEDULE),
        ("api_key", "/admin/api-keys", r#"{"name": "key", "permissions": ["depot:read"]}"#),
    ] {
        let body = serde_json::from_str(&ours.fill(body)).unwrap();
        let made = admin.post(&ours.fill(path), body).await;
        ours.0.push((name, made.id().to_owned()));
    }
    let tariff = serde_json::from_str(TARIFF).unwrap();
    let tariff = admin.put(&ours.fill("/depots/{depot}/electricity-tariff"), tariff).await;
    assert!(tariff.status.is_success(), "{}", tariff.body);
    let organisation = admin.get("/me").await.body["organisation"]["id"].as_str().unwrap().to_owned();
    let transaction = stored::session(app, &ours, organisation.parse().unwrap()).await;
    ours.0.push(("transaction", transaction.to_string()));
    let sessions = app.sign_in("ada@depot.example", PASSWORD).await;
    assert_eq!(sessions.status, 200);
    let sessions = admin.get(&ours.fill("/admin/users/{user}/sessions")).await.body;
    ours.0.push(("session", sessions["items"][0]["id"].as_str().unwrap().to_owned()));
    let own = admin.get("/me/sessions").await.body;
    ours.0.push(("admin_session", own["items"][0]["id"].as_str().unwrap().to_owned()));
    let made = admin.get(&ours.fill("/admin/audit?resource_id={depot}")).await.body;
    ours.0.push(("audit_entry", made["items"][0]["id"].as_str().unwrap().to_owned()));
    let letter = dead_letter(app, &ours, organisation.parse().unwrap(), "[]").await;
    ours.0.push(("dead_letter", letter.to_string()));
    stored::frame(app, &ours, organisation.parse().unwrap()).await;
    let alert = stored::alert(app, &ours, organisation.parse().unwrap()).await;
    ours.0.push(("alert", alert.to_string()));
    ours.0.push(("organisation", organisation));
    ours
}

#[test]
fn every_documented_operation_is_walked() {
    let document = serde_json::to_value(api_internal::document()).unwrap();
    let mut documented = BTreeSet::new();
    let mut open = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let path = path.strip_prefix("/api/v1").unwrap();
            let name = format!("{} {}", method.to_uppercase(), anonymous(path));
            if operation["security"].as_array().is_some_and(Vec::is_empty) {
                open.insert(name);
            } else {
                documented.insert(name);
            }
        }
    }
    let walked: BTreeSet<_> = OPERATIONS.iter().map(|(name, _)| anonymous(&template(name))).collect();
    assert_eq!(documented, walked, "every operation belongs in the table of this walk");
    assert_eq!(open, OPEN.map(str::to_owned).into(), "these need no credentials");
}

/// A word in a path that stands for a parameter is one in the document.
fn template(name: &str) -> String {
    name.replace("/charge_point/", "/{type}/").replace("/members/depot/", "/members/{type}/")
}

/// A path with its parameters unnamed, and without a query.
fn anonymous(path: &str) -> String {
    let path = path.split('?').next().unwrap_or(path);
    let parts = path.split('/').map(|part| if part.starts_with('{') { "{}" } else { part });
    parts.collect::<Vec<_>>().join("/")
}

#[tokio::test]
async fn only_a_signed_in_user_gets_in() {
    let app = TestApp::guarded().await;
    let admin = app.administrator("Stadtwerke", EMAIL).await;
    let ours = furnish(&app, &admin).await;
    let all: Vec<_> = Permission::ALL.iter().map(|permission| permission.as_str()).collect();
    let key = admin.post("/admin/api-keys", json!({"name": "all", "permissions": all})).await;
    let key = app.bearing(key.body["key"].as_str().unwrap());
    for operation in operations(&ours) {
        for caller in [&app.bearing(""), &key, &app.bearing("nonsense")] {
            let reply = operation.by(caller).await;
            assert_eq!((reply.status.as_u16(), reply.code()), (401, "unauthenticated"), "{}", operation.name);
            assert!(reply.headers.contains_key("www-authenticate"), "{}", operation.name);
        }
    }
}

#[tokio::test]
async fn a_user_without_permissions_may_do_nothing() {
    let app = TestApp::guarded().await;
    let admin = app.administrator("Stadtwerke", EMAIL).await;
    let ours = furnish(&app, &admin).await;
    let nobody = json!({"email": "nobody@depot.example", "display_name": "N", "password": PASSWORD});
    assert_eq!(admin.post("/admin/users", nobody).await.status, 201);
    let powerless = app.signed_in("nobody@depot.example").await;
    let before = everything(&ours, &admin).await;
    for operation in operations(&ours) {
        let reply = operation.by(&powerless).await;
        let status = reply.status.as_u16();
        let expected = for_all(operation.name);
        assert!(
            expected.map_or([403, 404].contains(&status), |expected| status == expected),
            "{}: {} {}",
            operation.name,
            reply.status,
            reply.body
        );
    }
    assert_unchanged(&before, &everything(&ours, &admin).await);
}

#[tokio::test]
async fn another_organisation_finds_nothing_of_ours() {
    let app = TestApp::guarded().await;
    let admin = app.administrator("Stadtwerke", EMAIL).await;
    let ours = furnish(&app, &admin).await;
    let stranger = app.administrator("Elsewhere", "admin@elsewhere.example").await;
    let before = everything(&ours, &admin).await;
    for operation in operations(&ours) {
        let reply = operation.by(&stranger).await;
        let told = ours.seen_in(&operation.path);
        if told.is_empty() {
            let sent = operation.body.as_ref().map(Value::to_string).unwrap_or_default();
            let learned: Vec<_> =
                ours.seen_in(&reply.body.to_string()).difference(&ours.seen_in(&sent)).copied().collect();
            assert!(learned.is_empty(), "{} tells of our {learned:?}: {}", operation.name, reply.body);
            assert!(!reply.status.is_success() || ours.seen_in(&sent).is_empty(), "{}", operation.name);
        } else {
            assert_eq!(reply.status, 404, "{}: {}", operation.name, reply.body);
        }
    }
    assert_unchanged(&before, &everything(&ours, &admin).await);
    assert_eq!(app.sign_in(EMAIL, PASSWORD).await.status, 200);
}

/// All that our administrator sees. That they see it shows that the ids of the walk are good.
pub async fn everything(ours: &Ours, admin: &As<'_>) -> Vec<(&'static str, Value)> {
    let mut seen = Vec::new();
    for operation in operations(ours) {
        if operation.method != Method::GET {
            continue;
        }
        let mut reply = operation.by(admin).await;
        assert_eq!(reply.status, 200, "{}: {}", operation.name, reply.body);
        // When something was computed is not part of what it is.
        if let Some(fields) = reply.body.as_object_mut() {
            for now in ["at", "computed_at"] {
                fields.remove(now);
            }
        }
        seen.push((operation.name, reply.body));
    }
    seen
}

pub fn assert_unchanged(before: &[(&str, Value)], after: &[(&str, Value)]) {
    for ((name, before), (_, after)) in before.iter().zip(after) {
        assert!(before == after, "{name} was {before} and is {after}");
    }
}
