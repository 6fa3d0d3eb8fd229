//! Every documented operation, tried by everybody who must not get through. A new operation has to
//! be added to [`OPERATIONS`], with a body that would be accepted: a malformed one would be refused
//! before anybody asks who sent it.

use std::collections::BTreeSet;

use access::{ApiKeySecret, AuditFilter, ChangeUser, CreateApiKey, CreateUser, Origin};
use api_public::document;
use axum::http::Method;
use chrono::{SecondsFormat, TimeDelta};
use kernel::{ApiKeyId, Begin, Clock, PageRequest, Permission, Timestamp, WebhookDeliveryId, WebhookId};
use notification::{WebhookReader, WebhookTx, testing::webhook_contract::event_delivery};
use resource_group::{CreateGroup, Member};
use serde_json::{Value, json};
use testkit::tokens::{signed_again, spoilt};

use crate::{
    app::{As, OURS, Reply, TOKEN_SECRET, TestApp},
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

/// What gives tokens to clients, the only thing that needs none.
const TOKEN: &str = "POST /oauth/token";

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
    tx.webhooks().event_deliveries_insert(std::slice::from_ref(&delivery)).await.unwrap();
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
            let name = format!("{} {}", method.to_uppercase(), path.strip_prefix("/v1").unwrap_or(path));
            if name == TOKEN {
                continue;
            }
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
    let (access, scope) = (&app.services.access, app.scope(OURS).await);
    access.bootstrap.ensure_first_administrator(scope.organisation(), EMAIL, Some(PASSWORD)).await.unwrap();
    let token =
        async |email: &str| access.auth.sign_in(email, PASSWORD, Origin::default()).await.unwrap().access;
    let good = token(EMAIL).await;
    let command = CreateUser {
        email: "disabled@depot.example".into(),
        display_name: "D".into(),
        password: Some(PASSWORD.into()),
        roles: [].into(),
        grants: [].into(),
    };
    let (disabled, _) = access.users.user_create(&scope, command).await.unwrap();
    let of_disabled = token("disabled@depot.example").await;
    let off = ChangeUser { active: Some(false), ..ChangeUser::default() };
    access.users.user_change(&scope, disabled.id, None, off).await.unwrap();
    let (revoked_id, revoked) = key(&app, None).await;
    let (_, expired) = key(&app, Some(app.clock.now() + TimeDelta::minutes(1))).await;
    let client = access.auth.client_token(revoked.prefix(), revoked.expose(), None).await.unwrap().access;
    for bearer in [revoked.expose(), expired.expose(), &client] {
        assert_eq!(app.bearing(bearer).get("/vehicles").await.status, 200, "it is good until it ends");
    }
    let key_now = access.api_keys.api_key_get(&scope, revoked_id).await.unwrap();
    assert_eq!(key_now.last_used_at, Some(app.clock.now()));
    access.api_keys.api_key_revoke(&scope, revoked_id, None).await.unwrap();
    app.clock.advance(TimeDelta::minutes(1));

    let (whole, (_, other)) = (revoked.expose(), key(&app, None).await);
    let forged = format!("{}{}", &whole[..whole.len() - 1], if whole.ends_with('A') { "B" } else { "A" });
    let mut bad = vec![
        ("no credentials", String::new()),
        ("nonsense", "nonsense".to_owned()),
        ("a key that was revoked", whole.to_owned()),
        ("a token of a key that was revoked", client),
        ("a key that has expired", expired.expose().to_owned()),
        ("a key with another secret", forged),
        ("a key of nobody", other.expose().replace("mk_", "mk_0")),
        ("the token of a disabled operator", of_disabled),
        ("an operator's token, signed again", signed_again(&good, TOKEN_SECRET)),
        ("an operator's token", good.clone()),
    ];
    bad.extend(spoilt(&good, TOKEN_SECRET));
    for (what, bearer) in bad {
        let caller = app.bearing(bearer);
        for operation in ours.operations() {
            let reply = operation.by(&caller).await;
            let refused = (reply.status.as_u16(), reply.code());
            assert_eq!(refused, (401, "unauthenticated"), "{}: {what}", operation.name);
            assert!(reply.headers.contains_key("www-authenticate"), "{}", operation.name);
        }
    }
    for operation in ours.operations() {
        let reply = operation.by(&ours.partner).await;
        assert!(reply.status.is_success(), "{}: {} {}", operation.name, reply.status, reply.body);
    }
}

/// Which permission lets a key do what. Whoever changes it sees it here. Webhooks are their key's own.
#[tokio::test]
async fn the_policy_of_keys() {
    let app = TestApp::start().await;
    let (ours, _) = Ours::furnish(&app).await;
    let mut policy = BTreeSet::new();
    for permission in Permission::ALL {
        let partner = app.partner(OURS, &[*permission], None).await;
        let operations = ours.operations().into_iter();
        for operation in operations.filter(|operation| !operation.name.contains(OF_ONE_KEY)) {
            // Whoever may delete is told that what is there is not what they have seen.
            let headers = [("if-match", "\"999\"")];
            let deletes = operation.method == Method::DELETE;
            let headers = if deletes { &headers[..] } else { &[] };
            let reply = partner.ask(operation.method, &operation.path, operation.body, headers).await;
            if reply.status.is_success() || (deletes && reply.status == 412) {
                policy.insert(format!("{}  {permission}", operation.name));
            }
        }
    }
    insta::assert_snapshot!("policy", policy.into_iter().collect::<Vec<_>>().join("\n"));
}

#[tokio::test]
async fn every_write_leaves_an_entry_with_its_key() {
    let app = TestApp::start().await;
    let (ours, _) = Ours::furnish(&app).await;
    let (access, scope) = (&app.services.access, app.scope(OURS).await);
    for operation in ours.operations().into_iter().filter(|operation| operation.method != Method::GET) {
        let newest = async || {
            let (filter, page) = (AuditFilter::default(), PageRequest::default());
            access.audit.audit_list(&scope, &filter, page).await.unwrap().items.remove(0)
        };
        let before = newest().await;
        let reply = operation.by(&ours.partner).await;
        assert!(reply.status.is_success(), "{}: {}", operation.name, reply.body);
        let left = newest().await;
        assert_ne!(left.id, before.id, "{} leaves an audit entry", operation.name);
        assert_eq!(left.actor.kind(), "api_key", "{}", operation.name);
        assert!(left.request_id.is_some(), "{}", operation.name);
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
                assert!(reply.status.is_success(), "{name}: {}", reply.body);
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
