//! Every documented operation, tried by everybody who must not get through. A new operation has to
//! be added to [`OPERATIONS`], with a body that would be accepted: a malformed one would be refused
//! before anybody asks who sent it.

use std::collections::BTreeSet;

use access::{ApiKeySecret, CreateApiKey};
use api_public::document;
use axum::http::Method;
use chrono::{SecondsFormat, TimeDelta};
use kernel::{ApiKeyId, Begin, Clock, Permission, Timestamp, WebhookDeliveryId, WebhookId};
use notification::{WebhookReader, WebhookTx, testing::webhook_contract::event_delivery};
use resource_group::{CreateGroup, Member};
use serde_json::{Value, json};

use crate::{
    app::{As, OURS, Reply, TestApp},
    world::World,
};

/// Names in braces are filled with ids of ours, in paths and in bodies. What deletes comes last.
const OPERATIONS: &[(&str, &str)] = &[
    ("GET /depots", ""),
    ("GET /depots/{depot}", ""),
    ("GET /depots/{depot}/overview", ""),
    ("GET /depots/{depot}/circuits", ""),
    ("PUT /circuits/{circuit}/external-limits", r#"{"source": "utility", "limits": []}"#),
    ("GET /charge-points", ""),
    ("GET /charge-points/{charge_point}", ""),
    ("POST /charge-points/{charge_point}/commands", r#"{"type": "reset"}"#),
    ("GET /commands/{command}", ""),
    ("GET /vehicles", ""),
    ("POST /vehicles", r#"{"fleet_number": "2", "battery_kwh": 99, "max_dc_kw": 99, "depot_id": "{depot}"}"#),
    ("GET /vehicles/{vehicle}", ""),
    ("PATCH /vehicles/{vehicle}", r#"{"fleet_number": "Changed"}"#),
    ("POST /vehicles/{vehicle}/soc", r#"{"percent": 50}"#),
    (
        "POST /telematics",
        r#"{"observations": [{"vehicle_id": "{vehicle}", "at": "2026-03-02T08:00:00Z", "soc_percent": 5}]}"#,
    ),
    ("GET /transactions", ""),
    ("GET /transactions/{transaction}", ""),
    ("GET /transactions/{transaction}/readings", ""),
    ("GET /dispatch/runs", ""),
    (
        "POST /dispatch/runs",
        r#"{"depot_id": "{depot}", "block": "2", "departure_at": "{tomorrow}", "arrival_at": "{after}"}"#,
    ),
    ("GET /dispatch/runs/{run}", ""),
    ("PATCH /dispatch/runs/{run}", r#"{"block": "Changed"}"#),
    (
        "POST /dispatch/imports",
        r#"[{"depot": "{depot}", "block": "3", "departure_at": "{tomorrow}", "arrival_at": "{after}"}]"#,
    ),
    ("GET /dispatch/readiness?depot_id={depot}", ""),
    ("GET /events", ""),
    ("GET /webhooks", ""),
    ("POST /webhooks", r#"{"url": "https://partner.example"}"#),
    ("GET /webhooks/{webhook}", ""),
    ("PATCH /webhooks/{webhook}", r#"{"description": "Changed"}"#),
    ("POST /webhooks/{webhook}/secret", ""),
    ("GET /webhooks/{webhook}/deliveries", ""),
    ("POST /webhooks/{webhook}/deliveries/{delivery}/replay", ""),
    ("GET /priority/overrides", ""),
    ("POST /priority/overrides", OVERRIDE),
    ("GET /priority/overrides/{override}", ""),
    ("DELETE /webhooks/{webhook}", ""),
    ("DELETE /priority/overrides/{override}", ""),
    ("DELETE /dispatch/runs/{run}", ""),
    ("DELETE /vehicles/{vehicle}", ""),
];

const OVERRIDE: &str =
    r#"{"vehicle_id": "{vehicle}", "level": 1, "reason": "late", "expires_at": "{tomorrow}"}"#;

/// What names no thing in its path and answers each observation by itself: nobody is refused, and
/// nothing is taken.
const ONE_BY_ONE: &str = "POST /telematics";

const EMAIL: &str = "admin@depot.example";
const PASSWORD: &str = "correct horse";

/// What belongs to the key that made it, and so to no other of the same organisation.
const OF_ONE_KEY: &str = "/webhooks/";

/// Our organisation: ids of its things, by the names that [`OPERATIONS`] uses, and a partner who may do
/// everything there.
struct Ours<'a> {
    ids: Vec<(&'static str, String)>,
    partner: As<'a>,
}

impl<'a> Ours<'a> {
    async fn furnish(app: &'a TestApp) -> (Self, World) {
        let world = World::furnish(app).await;
        let tomorrow = app.clock.now() + TimeDelta::days(1);
        let written = |at: Timestamp| at.to_rfc3339_opts(SecondsFormat::Millis, true);
        let ids = vec![
            ("tomorrow", written(tomorrow)),
            ("after", written(tomorrow + TimeDelta::hours(2))),
            ("depot", world.depot.to_string()),
            ("circuit", world.circuit.to_string()),
            ("charge_point", world.charge_point.to_string()),
            ("vehicle", world.vehicle.to_string()),
            ("transaction", world.transaction.to_string()),
        ];
        let mut ours = Self { ids, partner: app.ours().await };
        for (name, path, body) in [
            ("command", "/charge-points/{charge_point}/commands", r#"{"type": "reset"}"#),
            (
                "run",
                "/dispatch/runs",
                r#"{"depot_id": "{depot}", "block": "1", "departure_at": "{tomorrow}", "arrival_at": "{after}"}"#,
            ),
            ("override", "/priority/overrides", OVERRIDE),
            ("webhook", "/webhooks", r#"{"url": "https://partner.example/hook"}"#),
        ] {
            let body = serde_json::from_str(&ours.fill(body)).unwrap();
            let made = ours.partner.post(&ours.fill(path), body).await;
            ours.ids.push((name, made.id().to_owned()));
        }
        let delivery = delivered(app, ours.fill("{webhook}").parse::<uuid::Uuid>().unwrap().into()).await;
        ours.ids.push(("delivery", delivery.to_string()));
        (ours, world)
    }

    fn fill(&self, template: &str) -> String {
        self.ids.iter().fold(template.to_owned(), |text, (name, id)| text.replace(&format!("{{{name}}}"), id))
    }

    /// Those of our ids that a text holds.
    fn seen_in(&self, text: &str) -> BTreeSet<&str> {
        self.ids.iter().filter(|(_, id)| text.contains(id)).map(|(name, _)| *name).collect()
    }

    fn operations(&self) -> Vec<Operation> {
        let operation = |(name, body): &(&'static str, &str)| {
            let (method, path) = name.split_once(' ').unwrap();
            let (method, path, body) = (method.parse().unwrap(), self.fill(path), self.fill(body));
            assert!(!path.contains('{'), "{name} needs an id that the walk does not make");
            let body = (!body.is_empty()).then(|| serde_json::from_str(&body).unwrap());
            Operation { name, method, path, body }
        };
        OPERATIONS.iter().map(operation).collect()
    }

    /// All that a partner who may do everything sees.
    async fn everything(&self) -> Vec<(&'static str, Value)> {
        let mut seen = Vec::new();
        for operation in self.operations().into_iter().filter(|operation| operation.method == Method::GET) {
            let reply = operation.by(&self.partner).await;
            assert_eq!(reply.status, 200, "{}: {}", operation.name, reply.body);
            seen.push((operation.name, reply.body));
        }
        seen
    }
}

/// An event on its way to a webhook of ours.
async fn delivered(app: &TestApp, webhook: WebhookId) -> WebhookDeliveryId {
    let organisation = app.scope(OURS).await.organisation();
    let webhook = app.backends.sea.webhook_get(organisation, webhook).await.unwrap().unwrap();
    let delivery = event_delivery(&*app.backends.ids, &webhook);
    let mut tx = Begin::<dyn WebhookTx>::begin(&*app.backends.sea).await.unwrap();
    tx.webhooks().event_deliveries_insert(&[delivery.clone()]).await.unwrap();
    tx.commit().await.unwrap();
    delivery.id
}

struct Operation {
    name: &'static str,
    method: Method,
    path: String,
    body: Option<Value>,
}

impl Operation {
    async fn by(&self, caller: &As<'_>) -> Reply {
        caller.ask(self.method.clone(), &self.path, self.body.clone(), &[]).await
    }
}

#[test]
fn every_documented_operation_is_walked() {
    let document = serde_json::to_value(document()).unwrap();
    let mut documented = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let name = format!("{} {}", method.to_uppercase(), path.strip_prefix("/v1").unwrap());
            assert_ne!(operation["security"], json!([]), "{name} needs a key");
            documented.insert(anonymous(&name));
        }
    }
    let walked: BTreeSet<_> = OPERATIONS.iter().map(|(name, _)| anonymous(name)).collect();
    assert_eq!(documented, walked, "every operation belongs in the table of this walk");
}

/// A path with its parameters unnamed, and without a query.
fn anonymous(path: &str) -> String {
    let path = path.split('?').next().unwrap_or(path);
    let parts = path.split('/').map(|part| if part.starts_with('{') { "{}" } else { part });
    parts.collect::<Vec<_>>().join("/")
}

async fn key(app: &TestApp, expires_at: Option<Timestamp>) -> (ApiKeyId, ApiKeySecret) {
    let permissions = Permission::ALL.iter().copied().collect();
    let command = CreateApiKey { name: "key".into(), permissions, groups: None, expires_at };
    let (key, secret) =
        app.services.access.api_keys.api_key_create(&app.scope(OURS).await, command).await.unwrap();
    (key.id, secret)
}

#[tokio::test]
async fn only_a_key_that_holds_gets_in() {
    let app = TestApp::start().await;
    let (ours, _) = Ours::furnish(&app).await;
    let access = &app.services.access;
    let organisation = app.scope(OURS).await.organisation();
    access.bootstrap.ensure_first_administrator(organisation, EMAIL, Some(PASSWORD)).await.unwrap();
    let token = access.auth.sign_in(EMAIL, PASSWORD, access::Origin::default()).await.unwrap().access;
    let (revoked_id, revoked) = key(&app, None).await;
    access.api_keys.api_key_revoke(&app.scope(OURS).await, revoked_id, None).await.unwrap();
    let (_, expired) = key(&app, Some(app.clock.now() + TimeDelta::minutes(1))).await;
    assert_eq!(app.bearing(expired.expose()).get("/vehicles").await.status, 200, "it is good until it ends");
    app.clock.advance(TimeDelta::minutes(1));
    for bearer in ["", "nonsense", &token, revoked.expose(), expired.expose()] {
        let caller = app.bearing(bearer);
        for operation in ours.operations() {
            let reply = operation.by(&caller).await;
            assert_eq!((reply.status.as_u16(), reply.code()), (401, "unauthenticated"), "{}", operation.name);
            assert!(reply.headers.contains_key("www-authenticate"), "{}", operation.name);
        }
    }
    for operation in ours.operations() {
        let reply = operation.by(&ours.partner).await;
        assert!(reply.status.is_success(), "{}: {} {}", operation.name, reply.status, reply.body);
    }
}

#[tokio::test]
async fn a_key_does_no_more_than_it_may() {
    let app = TestApp::start().await;
    let (ours, _) = Ours::furnish(&app).await;
    let before = ours.everything().await;
    let powerless = app.partner(OURS, &[Permission::AuditRead], None).await;
    for operation in ours.operations() {
        let reply = operation.by(&powerless).await;
        assert!([403, 404].contains(&reply.status.as_u16()), "{}: {}", operation.name, reply.body);
    }
    assert_eq!(before, ours.everything().await);
}

/// Whoever must not find what is ours tries everything.
async fn finds_nothing(ours: &Ours<'_>, outsider: &As<'_>) {
    let before = ours.everything().await;
    for operation in ours.operations() {
        let reply = operation.by(outsider).await;
        let (name, sent) =
            (operation.name, operation.body.as_ref().map(Value::to_string).unwrap_or_default());
        if !ours.seen_in(&operation.path).is_empty() {
            assert_eq!(reply.status, 404, "{name}: {}", reply.body);
            continue;
        }
        let learned: Vec<_> =
            ours.seen_in(&reply.body.to_string()).difference(&ours.seen_in(&sent)).copied().collect();
        assert!(learned.is_empty(), "{name} tells of our {learned:?}: {}", reply.body);
        match name {
            ONE_BY_ONE => assert_eq!(reply.body["accepted"], 0, "{}", reply.body),
            _ if ours.seen_in(&sent).is_empty() => {
                assert!(reply.status.is_success(), "{name}: {}", reply.body)
            }
            _ => assert!(reply.status.is_client_error(), "{name}: {}", reply.body),
        }
    }
    assert_eq!(before, ours.everything().await);
}

#[tokio::test]
async fn another_organisation_finds_nothing_of_ours() {
    let app = TestApp::start().await;
    let (ours, _) = Ours::furnish(&app).await;
    finds_nothing(&ours, &app.theirs().await).await;
}

#[tokio::test]
async fn a_key_of_a_group_reaches_what_the_group_holds_and_nothing_else() {
    let app = TestApp::start().await;
    let (ours, world) = Ours::furnish(&app).await;
    let scope = app.scope(OURS).await;
    let group = async |name: &str, members| {
        let command = CreateGroup { parent: None, name: name.into(), members };
        let group = app.services.resource_groups.group_create(&scope, command).await.unwrap();
        app.partner(OURS, Permission::ALL, Some([group.id].into())).await
    };
    let outsider = group("empty", BTreeSet::new()).await;
    finds_nothing(&ours, &outsider).await;
    let insider = group("full", BTreeSet::from([Member::Depot(world.depot)])).await;
    for operation in ours.operations() {
        let reply = operation.by(&insider).await;
        if operation.name.contains(OF_ONE_KEY) {
            assert_eq!(reply.status, 404, "{}: {}", operation.name, reply.body);
            continue;
        }
        assert!(reply.status.is_success(), "{}: {} {}", operation.name, reply.status, reply.body);
    }
}
