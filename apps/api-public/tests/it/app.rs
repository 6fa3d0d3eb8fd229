//! A server of its own for every test, what it finds there, and how partners ask it.

use std::sync::Arc;

use access::CreateApiKey;
use api_public::{authenticator, router};
use axum::{
    Router,
    body::{Body, to_bytes},
    http::{HeaderMap, Method, Request, StatusCode, header},
};
use http_kit::{Health, Shell};
use kernel::{GroupSet, Permission, PermissionSet, Scope, testing::FakeClock};
use runtime::{Backends, Config, Services, SystemIds, config::Secret};
use serde_json::Value;
use tempfile::TempDir;
use testkit::TestDatabase;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

/// The organisation of most tests.
pub const OURS: &str = "Ours";
/// What signs tokens.
pub const TOKEN_SECRET: &str = "a secret of the tests, and of nobody else";

pub struct TestApp {
    router: Router,
    pub services: Arc<Services>,
    /// The stores under the services, for what no endpoint does.
    pub backends: Backends,
    /// Time stands still, unless a test moves it.
    pub clock: Arc<FakeClock>,
    _databases: [TestDatabase; 2],
    _folder: TempDir,
}

/// Whoever holds a key; the empty one is sent as no credentials at all.
#[derive(Clone)]
pub struct As<'a> {
    app: &'a TestApp,
    bearer: String,
}

pub struct Reply {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Value,
}

impl TestApp {
    /// On a temporary SQLite, which every developer has.
    pub async fn start() -> Self {
        Self::start_with(|_| (), |_| ()).await
    }

    /// The same with another configuration or with other services.
    pub async fn start_with(
        configure: impl FnOnce(&mut Config),
        replace: impl FnOnce(&mut Services),
    ) -> Self {
        let (database, documents) = (TestDatabase::sqlite().unwrap(), TestDatabase::sqlite().unwrap());
        let folder = tempfile::tempdir().unwrap();
        let mut config = Config { data_dir: folder.path().into(), ..Config::default() };
        config.database.url = Secret::new(database.url());
        config.documents.url = Secret::new(documents.url());
        config.auth.token_secret = Secret::new(TOKEN_SECRET);
        configure(&mut config);
        let clock = Arc::new(FakeClock::default());
        let backends = Backends::open_with(&config, clock.clone(), Arc::new(SystemIds)).await.unwrap();
        backends.sea.migrate().await.unwrap();
        let mut services = Services::new(&backends, &config).unwrap();
        replace(&mut services);
        let services = Arc::new(services);
        let shell = Shell::new("public", backends.ids.clone(), Health::new(CancellationToken::new()));
        let router = router(services.clone(), authenticator(services.clone()), shell);
        Self { router, services, backends, clock, _databases: [database, documents], _folder: folder }
    }

    /// The backend itself within an organisation, which is made where there is none of that name.
    pub async fn scope(&self, organisation: &str) -> Scope {
        Scope::system(self.services.access.bootstrap.ensure_organisation(organisation).await.unwrap().id)
    }

    /// A partner of ours who may do everything.
    pub async fn ours(&self) -> As<'_> {
        self.partner(OURS, Permission::ALL, None).await
    }

    /// A partner of somebody else who may do everything there.
    pub async fn theirs(&self) -> As<'_> {
        self.partner("Theirs", Permission::ALL, None).await
    }

    pub async fn partner(
        &self,
        organisation: &str,
        permissions: &[Permission],
        groups: Option<GroupSet>,
    ) -> As<'_> {
        let scope = self.scope(organisation).await;
        let permissions: PermissionSet = permissions.iter().copied().collect();
        let command = CreateApiKey { name: "key".into(), permissions, groups, expires_at: None };
        let (_, secret) = self.services.access.api_keys.api_key_create(&scope, command).await.unwrap();
        self.bearing(secret.expose())
    }

    pub fn bearing(&self, bearer: impl Into<String>) -> As<'_> {
        As { app: self, bearer: bearer.into() }
    }

    pub fn router(&self) -> Router {
        self.router.clone()
    }

    pub async fn send(&self, request: Request<Body>) -> Reply {
        let (parts, body) = self.router.clone().oneshot(request).await.unwrap().into_parts();
        let body = to_bytes(body, usize::MAX).await.unwrap();
        let body = serde_json::from_slice(&body)
            .unwrap_or_else(|_| Value::String(String::from_utf8_lossy(&body).into_owned()));
        Reply { status: parts.status, headers: parts.headers, body }
    }
}

impl As<'_> {
    /// The key or token that is sent.
    pub fn bearer(&self) -> &str {
        &self.bearer
    }

    pub async fn get(&self, path: &str) -> Reply {
        self.ask(Method::GET, path, None, &[]).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Reply {
        self.ask(Method::POST, path, Some(body), &[]).await
    }

    pub async fn put(&self, path: &str, body: Value) -> Reply {
        self.ask(Method::PUT, path, Some(body), &[]).await
    }

    pub async fn patch(&self, path: &str, body: Value) -> Reply {
        self.ask(Method::PATCH, path, Some(body), &[]).await
    }

    pub async fn delete(&self, path: &str) -> Reply {
        self.ask(Method::DELETE, path, None, &[]).await
    }

    /// Asks for a path below `/v1` with a JSON body, or with none.
    pub async fn ask(
        &self,
        method: Method,
        path: &str,
        body: Option<Value>,
        headers: &[(&str, &str)],
    ) -> Reply {
        let media_type = body.as_ref().map_or("", |_| "application/json");
        let body = body.map(|body| body.to_string()).unwrap_or_default();
        self.send(method, &format!("/v1{path}"), media_type, body, headers).await
    }

    /// Posts a file.
    pub async fn upload(&self, path: &str, media_type: &str, text: &str) -> Reply {
        self.send(Method::POST, &format!("/v1{path}"), media_type, text.to_owned(), &[]).await
    }

    /// Asks for a path anywhere on the server.
    pub async fn send(
        &self,
        method: Method,
        path: &str,
        media_type: &str,
        body: String,
        headers: &[(&str, &str)],
    ) -> Reply {
        let mut request = Request::builder().method(method).uri(path);
        if !self.bearer.is_empty() {
            request = request.header(header::AUTHORIZATION, format!("Bearer {}", self.bearer));
        }
        if !media_type.is_empty() {
            request = request.header(header::CONTENT_TYPE, media_type);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.app.send(request.body(Body::from(body)).unwrap()).await
    }
}

impl Reply {
    /// The id of what the reply shows.
    pub fn id(&self) -> &str {
        self.body["id"].as_str().unwrap_or_else(|| panic!("{}: {}", self.status, self.body))
    }

    pub fn code(&self) -> &str {
        self.body["code"].as_str().unwrap_or_default()
    }

    /// Pointer and code of every field problem.
    pub fn fields(&self) -> Vec<(&str, &str)> {
        let fields = self.body["errors"].as_array().map(Vec::as_slice).unwrap_or_default();
        fields
            .iter()
            .map(|field| {
                (field["pointer"].as_str().unwrap_or_default(), field["code"].as_str().unwrap_or_default())
            })
            .collect()
    }

    pub fn etag(&self) -> &str {
        self.headers[header::ETAG].to_str().unwrap()
    }
}
