//! Every documented operation, tried by everybody who must not get through. A new operation has to
//! be added to [`OPERATIONS`], with a body that would be accepted.

use std::{collections::BTreeSet, sync::Arc};

use access::CreateApiKey;
use api_public::{authenticator, document, router};
use axum::{
    Router,
    body::Body,
    http::{Request, header},
};
use http_kit::{Health, Shell};
use kernel::{GroupSet, Permission, PermissionSet, Scope, Soc, W, Wh};
use resource_group::{CreateGroup, Member};
use runtime::{Backends, Config, Services, config::Secret};
use testkit::TestDatabase;
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

struct TestApp {
    router: Router,
    services: Arc<Services>,
    /// A vehicle of the organisation `Ours`.
    vehicle: String,
    _databases: [TestDatabase; 2],
}

impl TestApp {
    async fn start() -> Self {
        let (database, documents) = (TestDatabase::sqlite().unwrap(), TestDatabase::sqlite().unwrap());
        let folder = tempfile::tempdir().unwrap();
        let mut config = Config { data_dir: folder.path().into(), ..Config::default() };
        config.database.url = Secret::new(database.url());
        config.documents.url = Secret::new(documents.url());
        config.auth.token_secret = Secret::new("a secret of the tests, and of nobody else");
        let backends = Backends::open(&config).await.unwrap();
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
        Self { router, services, vehicle, _databases: [database, documents] }
    }

    async fn key(&self, organisation: &str, permissions: PermissionSet) -> String {
        self.limited_key(organisation, permissions, None).await
    }

    async fn limited_key(
        &self,
        organisation: &str,
        permissions: PermissionSet,
        groups: Option<GroupSet>,
    ) -> String {
        let scope = scope(&self.services, organisation).await;
        let command = CreateApiKey { name: "key".into(), permissions, groups, expires_at: None };
        let (_, secret) = self.services.access.api_keys.api_key_create(&scope, command).await.unwrap();
        secret.expose().to_owned()
    }

    /// The status that each operation answers a bearer with.
    async fn walk(&self, bearer: &str) -> Vec<(&'static str, u16)> {
        let mut statuses = Vec::new();
        for (name, body) in OPERATIONS {
            let (method, path) = name.split_once(' ').unwrap();
            let request = Request::builder()
                .method(method)
                .uri(format!("/v1{}", path.replace("{vehicle}", &self.vehicle)))
                .header(header::CONTENT_TYPE, "application/json");
            let request = match bearer {
                "" => request,
                _ => request.header(header::AUTHORIZATION, format!("Bearer {bearer}")),
            };
            let request = request.body(Body::from(*body)).unwrap();
            statuses.push((*name, self.router.clone().oneshot(request).await.unwrap().status().as_u16()));
        }
        statuses
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
async fn only_a_key_gets_in_and_an_operators_token_does_not() {
    let app = TestApp::start().await;
    let organisation = app.services.access.bootstrap.ensure_organisation("Ours").await.unwrap();
    let bootstrap = &app.services.access.bootstrap;
    bootstrap.ensure_first_administrator(organisation.id, EMAIL, Some(PASSWORD)).await.unwrap();
    let token =
        app.services.access.auth.sign_in(EMAIL, PASSWORD, access::Origin::default()).await.unwrap().access;
    for bearer in ["", "nonsense", &token] {
        assert!(app.walk(bearer).await.iter().all(|(_, status)| *status == 401));
    }
    let ours = app.key("Ours", all()).await;
    assert!(app.walk(&ours).await.iter().all(|(_, status)| *status == 200));
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
        let key = app.limited_key("Ours", all(), Some([group.id].into())).await;
        let [list, rest @ ..] = &app.walk(&key).await[..] else { panic!("the walk is not empty") };
        assert_eq!(list.1, 200);
        assert!(rest.iter().all(|(_, status)| *status == single), "{name}: {rest:?}");
    }
}
