//! A server of its own for every test, and how to ask it.

use std::{collections::BTreeSet, sync::Arc};

use api_internal::{App, authenticator, router};
use async_trait::async_trait;
use axum::{
    Router,
    body::{Body, to_bytes},
    http::{HeaderMap, Method, Request, StatusCode, header},
    response::Response,
};
use http_kit::{AuthFailure, Authenticator, Health, Shell};
use kernel::{Actor, Clock, OrganisationId, Permission, Proxies, Scope, testing::FakeClock};
use runtime::{Backends, Config, Services, SystemClock, SystemIds, config::Secret};
use serde_json::Value;
use testkit::TestDatabase;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;
use uuid::Uuid;

/// Two organisations that know nothing of each other.
pub const OURS: OrganisationId = OrganisationId::from_uuid(Uuid::from_u128(1));
pub const THEIRS: OrganisationId = OrganisationId::from_uuid(Uuid::from_u128(2));

/// What the test servers sign tokens with.
pub const TOKEN_SECRET: &str = "a secret of the tests, and of nobody else";

pub struct TestApp {
    router: Router,
    pub services: Arc<Services>,
    /// The stores under the services, for what no endpoint does.
    pub backends: Backends,
    pub config: Config,
    _databases: [TestDatabase; 2],
    _folder: tempfile::TempDir,
}

/// One caller of the test server.
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
    /// On a temporary SQLite, which every developer has. Callers are taken at their word.
    pub async fn start() -> Self {
        Self::start_with(Arc::new(SystemClock), |_| Arc::new(Said)).await
    }

    /// As [`Self::start`], but callers have to sign in.
    pub async fn guarded() -> Self {
        Self::start_with(Arc::new(SystemClock), authenticator).await
    }

    /// As [`Self::guarded`], while time stands still.
    pub async fn frozen() -> Self {
        Self::start_with(Arc::new(FakeClock::default()), authenticator).await
    }

    /// As [`Self::guarded`], where issuers are trusted as `[[auth.oidc]]` says.
    pub async fn trusting(issuers: Value) -> Self {
        let issuers = serde_json::from_value(issuers).unwrap();
        let configure = |config: &mut Config| config.auth.oidc = issuers;
        Self::start_as(Arc::new(SystemClock), configure, authenticator).await
    }

    /// As [`Self::frozen`], behind proxies.
    pub async fn behind(proxies: Proxies) -> Self {
        let configure = |config: &mut Config| config.proxies = proxies;
        Self::start_as(Arc::new(FakeClock::default()), configure, authenticator).await
    }

    async fn start_with(
        clock: Arc<dyn Clock>,
        authenticator: impl FnOnce(App) -> Arc<dyn Authenticator>,
    ) -> Self {
        Self::start_as(clock, |_| (), authenticator).await
    }

    async fn start_as(
        clock: Arc<dyn Clock>,
        configure: impl FnOnce(&mut Config),
        authenticator: impl FnOnce(App) -> Arc<dyn Authenticator>,
    ) -> Self {
        let (database, documents) = (TestDatabase::sqlite().unwrap(), TestDatabase::sqlite().unwrap());
        let folder = tempfile::tempdir().unwrap();
        let mut config = Config { data_dir: folder.path().into(), ..Config::default() };
        config.database.url = Secret::new(database.url());
        config.documents.url = Secret::new(documents.url());
        config.auth.token_secret = Secret::new(TOKEN_SECRET);
        configure(&mut config);
        let backends = Backends::open_with(&config, clock, Arc::new(SystemIds)).await.unwrap();
        backends.sea.migrate().await.unwrap();
        backends.documents.set_up().await.unwrap();
        let services = Arc::new(Services::new(&backends, &config).unwrap());
        let shell = Shell::new("internal", backends.ids.clone(), Health::new(CancellationToken::new()));
        let shell = Shell { proxies: Arc::new(config.proxies.clone()), ..shell };
        let router = router(services.clone(), authenticator(services.clone()), shell);
        Self { router, services, backends, config, _databases: [database, documents], _folder: folder }
    }

    /// An administrator of our organisation.
    pub fn ours(&self) -> As<'_> {
        self.caller(OURS, Permission::ALL)
    }

    /// An administrator of the other organisation.
    pub fn theirs(&self) -> As<'_> {
        self.caller(THEIRS, Permission::ALL)
    }

    pub fn caller(&self, organisation: OrganisationId, permissions: &[Permission]) -> As<'_> {
        let permissions: Vec<&str> = permissions.iter().map(|permission| permission.as_str()).collect();
        As { app: self, bearer: format!("{organisation},{}", permissions.join(",")) }
    }

    /// Whoever holds a token; the empty one is sent as no credentials at all.
    pub fn bearing(&self, bearer: impl Into<String>) -> As<'_> {
        As { app: self, bearer: bearer.into() }
    }

    /// The answer as it comes.
    pub async fn open(&self, request: Request<Body>) -> Response {
        self.router.clone().oneshot(request).await.unwrap()
    }

    pub async fn send(&self, request: Request<Body>) -> Reply {
        let response = self.open(request).await;
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, usize::MAX).await.unwrap();
        let body = serde_json::from_slice(&body)
            .unwrap_or_else(|_| Value::String(String::from_utf8_lossy(&body).into_owned()));
        Reply { status: parts.status, headers: parts.headers, body }
    }
}

impl As<'_> {
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

    /// Posts a file.
    pub async fn upload(&self, path: &str, media_type: &str, text: &str) -> Reply {
        let request = Request::builder()
            .method(Method::POST)
            .uri(format!("/api/v1{path}"))
            .header(header::AUTHORIZATION, format!("Bearer {}", self.bearer))
            .header(header::CONTENT_TYPE, media_type)
            .body(Body::from(text.to_owned()));
        self.app.send(request.unwrap()).await
    }

    pub async fn delete(&self, path: &str) -> Reply {
        self.ask(Method::DELETE, path, None, &[]).await
    }

    pub async fn ask(
        &self,
        method: Method,
        path: &str,
        body: Option<Value>,
        headers: &[(&str, &str)],
    ) -> Reply {
        let mut request = Request::builder().method(method).uri(format!("/api/v1{path}"));
        if !self.bearer.is_empty() {
            request = request.header(header::AUTHORIZATION, format!("Bearer {}", self.bearer));
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = match body {
            Some(body) => {
                request.header(header::CONTENT_TYPE, "application/json").body(Body::from(body.to_string()))
            }
            None => request.body(Body::empty()),
        };
        self.app.send(request.unwrap()).await
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

/// Takes callers at their word: `organisation,permission,…`. How callers really sign in has tests
/// of its own.
struct Said;

#[async_trait]
impl Authenticator for Said {
    async fn authenticate(&self, bearer: &str) -> Result<Scope, AuthFailure> {
        let mut words = bearer.split(',').filter(|word| !word.is_empty());
        let organisation = words.next().and_then(|word| word.parse().ok()).ok_or(AuthFailure::Refused)?;
        let permissions = words.map(|word| word.parse().unwrap()).collect::<BTreeSet<Permission>>();
        Ok(Scope::new(organisation, Actor::User(Uuid::from_u128(9).into()), permissions))
    }
}
