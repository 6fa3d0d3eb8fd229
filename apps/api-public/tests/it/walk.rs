//! Every documented operation, tried by everybody who must not get through. A new operation has to
//! be added to [`OPERATIONS`], with a body that would be accepted.

use std::{collections::BTreeSet, sync::Arc};

use access::{ApiKeyFilter, AuditFilter, ChangeUser, CreateApiKey, CreateUser, Origin};
use api_public::{authenticator, document, router};
use axum::{
    Router,
    body::Body,
    http::{Request, header},
};
use chrono::TimeDelta;
use http_kit::{Health, Shell};
use kernel::{
    Clock, GroupSet, PageRequest, Permission, PermissionSet, Scope, Soc, Timestamp, W, Wh, testing::FakeClock,
};
use resource_group::{CreateGroup, Member};
use runtime::{Backends, Config, Services, SystemIds, config::Secret};
use testkit::{
    TestDatabase,
    tokens::{signed_again, spoilt},
};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;
use vehicle::{CreateVehicle, PriorityLevel};

const OPERATIONS: &[(&str, &str)] = &[
    ("GET /vehicles", ""),
    ("GET /vehicles/{vehicle}", ""),
    ("POST /vehicles/{vehicle}/soc", r#"{"percent": 50}"#),
];

const EMAIL: &str = "admin@depot.example";
const PASSWORD: &str = "correct horse";
const TOKEN_SECRET: &str = "a secret of the tests, and of nobody else";

struct TestApp {
    router: Router,
    services: Arc<Services>,
    clock: Arc<FakeClock>,
    /// A vehicle of the organisation `Ours`.
    vehicle: String,
    _databases: [TestDatabase; 2],
}

impl TestApp {
    async fn start() -> Self {
        let (database, documents) = (TestDatabase::sqlite().unwrap(), TestDatabase::sqlite().unwrap());
        let mut config = Config::default();
        config.database.url = Secret::new(database.url());
        config.documents.url = Secret::new(documents.url());
        config.auth.token_secret = Secret::new(TOKEN_SECRET);
        let clock = Arc::new(FakeClock::default());
        let backends = Backends::open_with(&config, clock.clone(), Arc::new(SystemIds)).await.unwrap();
        backends.sea.migrate().await.unwrap();
        let services = Arc::new(Services::new(&backends, &config).unwrap());
        let shell = Shell::new("public", backends.ids.clone(), Health::new(CancellationToken::new()));
        let router = router(services.clone(), authenticator(services.clone()), shell);
        let scope = scope(&services, "Ours").await;
        let command = CreateVehicle {
            fleet_number: "1".into(),
            registration: None,
            vin: None,
            class: None,
            precondition: None,
            depot: None,
            battery: Wh(99_000),
            max_ac: W(0),
            max_dc: W(99_000),
            efficiency_wh_per_km: None,
            target_soc: Soc::FULL,
            priority_level: PriorityLevel::default(),
        };
        let vehicle = services.vehicles.vehicle_create(&scope, command).await.unwrap().id.to_string();
        Self { router, services, clock, vehicle, _databases: [database, documents] }
    }

    async fn key(&self, organisation: &str, permissions: PermissionSet) -> String {
        self.limited_key(organisation, permissions, None, None).await
    }

    async fn limited_key(
        &self,
        organisation: &str,
        permissions: PermissionSet,
        groups: Option<GroupSet>,
        expires_at: Option<Timestamp>,
    ) -> String {
        let scope = scope(&self.services, organisation).await;
        let command = CreateApiKey { name: "key".into(), permissions, groups, expires_at };
        let (_, secret) = self.services.access.api_keys.api_key_create(&scope, command).await.unwrap();
        secret.expose().to_owned()
    }

    /// The status that each operation answers a bearer with.
    async fn walk(&self, bearer: &str) -> Vec<(&'static str, u16)> {
        let mut statuses = Vec::new();
        for (name, body) in OPERATIONS {
            statuses.push(self.ask(bearer, name, body).await);
        }
        statuses
    }

    async fn ask(&self, bearer: &str, name: &'static str, body: &'static str) -> (&'static str, u16) {
        let (method, path) = name.split_once(' ').unwrap();
        let request = Request::builder()
            .method(method)
            .uri(format!("/v1{}", path.replace("{vehicle}", &self.vehicle)))
            .header(header::CONTENT_TYPE, "application/json");
        let request = match bearer {
            "" => request,
            _ => request.header(header::AUTHORIZATION, format!("Bearer {bearer}")),
        };
        let request = request.body(Body::from(body)).unwrap();
        (name, self.router.clone().oneshot(request).await.unwrap().status().as_u16())
    }
}

async fn scope(services: &Services, organisation: &str) -> Scope {
    Scope::system(services.access.bootstrap.ensure_organisation(organisation).await.unwrap().id)
}

fn all() -> PermissionSet {
    Permission::ALL.iter().copied().collect()
}

#[test]
fn every_documented_operation_is_walked() {
    let document = serde_json::to_value(document()).unwrap();
    let mut documented = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let name = format!("{} {}", method.to_uppercase(), path.strip_prefix("/v1").unwrap());
            assert_ne!(operation["security"], serde_json::json!([]), "{name} needs a key");
            documented.insert(anonymous(&name));
        }
    }
    let walked: BTreeSet<_> = OPERATIONS.iter().map(|(name, _)| anonymous(name)).collect();
    assert_eq!(documented, walked, "every operation belongs in the table of this walk");
}

/// A path with its parameters unnamed.
fn anonymous(path: &str) -> String {
    let parts = path.split('/').map(|part| if part.starts_with('{') { "{}" } else { part });
    parts.collect::<Vec<_>>().join("/")
}

#[tokio::test]
async fn only_a_key_that_is_good_gets_in_and_an_operators_token_does_not() {
    let app = TestApp::start().await;
    let access = &app.services.access;
    let scope = scope(&app.services, "Ours").await;
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
    let ours = app.key("Ours", all()).await;
    let revoked = app.key("Ours", all()).await;
    let expired = {
        let end = app.clock.now() + TimeDelta::days(1);
        app.limited_key("Ours", all(), None, Some(end)).await
    };
    for key in [&ours, &revoked, &expired] {
        assert!(app.walk(key).await.iter().all(|(_, status)| *status == 200));
    }
    let (any, page) = (ApiKeyFilter::default(), PageRequest::default());
    let keys = access.api_keys.api_key_list(&scope, &any, page).await.unwrap().items;
    assert!(keys.iter().all(|key| key.last_used_at == Some(app.clock.now())), "{keys:?}");
    let id = keys.iter().find(|key| revoked.contains(&key.prefix)).unwrap().id;
    access.api_keys.api_key_revoke(&scope, id, None).await.unwrap();
    app.clock.advance(TimeDelta::days(1));

    let (head, tail) = ours.split_at(ours.len() - 1);
    let other = if tail == "A" { "B" } else { "A" };
    let mut bad = vec![
        ("no credentials", String::new()),
        ("nonsense", "nonsense".to_owned()),
        ("a key that was revoked", revoked),
        ("a key that has expired", expired),
        ("a key with another secret", format!("{head}{other}")),
        ("a key of nobody", ours.replace("mk_", "mk_0")),
        ("an operator's token", token(EMAIL).await),
        ("the token of a disabled operator", of_disabled),
        ("an operator's token, signed again", signed_again(&good, TOKEN_SECRET)),
    ];
    bad.extend(spoilt(&good, TOKEN_SECRET));
    for (what, bearer) in bad {
        assert!(app.walk(&bearer).await.iter().all(|(_, status)| *status == 401), "{what}");
    }
    assert!(app.walk(&ours).await.iter().all(|(_, status)| *status == 200));
}

/// Which permission each operation asks for first. Whoever changes it sees it here.
#[tokio::test]
async fn the_policy_of_keys() {
    let app = TestApp::start().await;
    let mut policy = Vec::new();
    for permission in Permission::ALL {
        let key = app.key("Ours", [*permission].into()).await;
        for (name, status) in app.walk(&key).await {
            assert!([200, 403].contains(&status), "{name}: {status}");
            if status == 200 {
                policy.push(format!("{name}  {permission}"));
            }
        }
    }
    policy.sort();
    insta::assert_snapshot!(policy.join("\n"), @"
    GET /vehicles  vehicle:read
    GET /vehicles/{vehicle}  vehicle:read
    POST /vehicles/{vehicle}/soc  vehicle:write
    ");
}

#[tokio::test]
async fn every_write_leaves_an_entry_with_its_key() {
    let app = TestApp::start().await;
    let scope = scope(&app.services, "Ours").await;
    let key = app.key("Ours", all()).await;
    for (name, body) in OPERATIONS.iter().filter(|(name, _)| !name.starts_with("GET ")) {
        let trail = async || {
            let page = (AuditFilter::default(), PageRequest::default());
            app.services.access.audit.audit_list(&scope, &page.0, page.1).await.unwrap().items
        };
        let before = trail().await.len();
        let (_, status) = app.ask(&key, name, body).await;
        assert!((200..300).contains(&status), "{name}: {status}");
        let left = trail().await;
        assert_eq!(left.len(), before + 1, "{name} leaves an audit entry");
        assert_eq!((left[0].actor.kind(), left[0].after.is_some()), ("api_key", true), "{name}");
        assert!(left[0].request_id.is_some(), "{name}");
    }
}

#[tokio::test]
async fn a_key_does_no_more_than_it_may_and_only_at_home() {
    let app = TestApp::start().await;
    let powerless = app.key("Ours", [Permission::AuditRead].into()).await;
    assert!(app.walk(&powerless).await.iter().all(|(_, status)| [403, 404].contains(status)));
    let stranger = app.key("Elsewhere", all()).await;
    let [list, rest @ ..] = &app.walk(&stranger).await[..] else { panic!("the walk is not empty") };
    assert_eq!(list.1, 200);
    assert!(rest.iter().all(|(_, status)| *status == 404));
}

#[tokio::test]
async fn a_key_of_a_group_reaches_what_the_group_holds() {
    let app = TestApp::start().await;
    let scope = scope(&app.services, "Ours").await;
    let vehicle = Member::Vehicle(app.vehicle.parse().unwrap());
    for (name, members, single) in [("full", BTreeSet::from([vehicle]), 200), ("empty", BTreeSet::new(), 404)]
    {
        let command = CreateGroup { parent: None, name: name.into(), members };
        let group = app.services.resource_groups.group_create(&scope, command).await.unwrap();
        let key = app.limited_key("Ours", all(), Some([group.id].into()), None).await;
        let [list, rest @ ..] = &app.walk(&key).await[..] else { panic!("the walk is not empty") };
        assert_eq!(list.1, 200);
        assert!(rest.iter().all(|(_, status)| *status == single), "{name}: {rest:?}");
    }
}
