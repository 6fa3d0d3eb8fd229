//! A small server with one endpoint of each kind, and how to ask it.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicU32, Ordering},
};

use async_trait::async_trait;
use axum::{
    Router,
    body::{Body, to_bytes},
    http::{HeaderMap, Request, StatusCode},
};
use http_kit::{
    Answer, AuthFailure, Authenticator, Caller, Created, Health, IfMatch, NoContent, PagedQuery, Patch,
    PathId, Shell, ValidJson, document_conventions, secured,
};
use kernel::{
    Actor, OrganisationId, PermissionSet, Scope, StoreError, VehicleId, Version,
    idempotency::{Claim, Execution, Handler, IdempotencyStore, Recorded},
    testing::CountingIds,
};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;
use utoipa::{OpenApi, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

/// How often the creating handler ran.
#[derive(Clone, Default)]
pub struct Runs(Arc<AtomicU32>);

impl Runs {
    pub fn count(&self) -> u32 {
        self.0.load(Ordering::SeqCst)
    }
}

#[derive(OpenApi)]
#[openapi(info(title = "test", version = "1"))]
struct Document;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Thing {
    name: String,
    #[serde(default)]
    parts: Vec<Part>,
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    note: Patch<String>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Part {
    kilos: u16,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Filter {
    #[serde(default)]
    heavy: Option<bool>,
}

#[utoipa::path(post, path = "/things", request_body = Thing, responses((status = 201)))]
async fn create(
    axum::extract::State(runs): axum::extract::State<Runs>,
    _: Caller,
    ValidJson(thing): ValidJson<Thing>,
) -> Answer<Created<Value>> {
    let run = runs.0.fetch_add(1, Ordering::SeqCst) + 1;
    let kilos: u32 = thing.parts.iter().map(|part| u32::from(part.kilos)).sum();
    let note = format!("{:?}", thing.note.0);
    Ok(Created::new("/things/1", json!({"name": thing.name, "kilos": kilos, "note": note, "run": run}))
        .version(Version(3)))
}

#[utoipa::path(get, path = "/things", responses((status = 200)))]
async fn list(_: Caller, query: PagedQuery<Filter>) -> axum::Json<Value> {
    axum::Json(json!({"limit": query.page.limit.get(), "heavy": query.filter.heavy}))
}

#[utoipa::path(delete, path = "/things/{id}", responses((status = 204)))]
async fn delete(_: Caller, PathId(_id): PathId<VehicleId>, IfMatch(seen): IfMatch) -> Answer<NoContent> {
    match seen {
        Some(seen) if seen != Version(3) => Err(StoreError::Stale.into()),
        _ => Ok(NoContent),
    }
}

#[utoipa::path(get, path = "/panic", responses((status = 200)))]
async fn panics(_: Caller) -> NoContent {
    panic!("a secret word");
}

struct Token;

#[async_trait]
impl Authenticator for Token {
    async fn authenticate(&self, bearer: &str) -> Result<Scope, AuthFailure> {
        let organisation: OrganisationId = uuid::Uuid::nil().into();
        match bearer {
            "good" => Ok(Scope::new(organisation, Actor::System, PermissionSet::new())),
            "away" => Err(StoreError::Unavailable("gone".into()).into()),
            _ => Err(AuthFailure::Refused),
        }
    }
}

/// Keeps first answers in memory, as a store does.
#[derive(Default)]
struct Memory(Mutex<Vec<(Claim, Option<Recorded>)>>);

#[async_trait]
impl IdempotencyStore for Memory {
    async fn execute<'a>(&'a self, claim: Claim, handler: Handler<'a>) -> Result<Execution, StoreError> {
        {
            let mut claims = self.0.lock().unwrap();
            if let Some((known, answer)) = claims.iter().find(|(known, _)| known.key == claim.key) {
                return Ok(match answer {
                    _ if known.fingerprint != claim.fingerprint => Execution::Mismatch,
                    Some(answer) => Execution::Replayed(answer.clone()),
                    None => Execution::InFlight,
                });
            }
            claims.push((claim.clone(), None));
        }
        let answer = handler.await;
        let mut claims = self.0.lock().unwrap();
        claims.iter_mut().find(|(known, _)| *known == claim).unwrap().1 = Some(answer.clone());
        Ok(Execution::Fresh(answer))
    }
}

pub fn server() -> (Router, Runs) {
    let runs = Runs::default();
    let things = OpenApiRouter::<Runs>::new()
        .routes(routes!(create, list))
        .routes(routes!(delete))
        .routes(routes!(panics));
    let secured = secured(things, Arc::new(Token), None, Arc::new(Memory::default()));
    let (router, mut document) = OpenApiRouter::with_openapi(Document::openapi())
        .merge(secured)
        .with_state(runs.clone())
        .split_for_parts();
    document_conventions(&mut document);
    let health = Health::new(CancellationToken::new()).backend("store", || async { Ok::<_, StoreError>(()) });
    let mut shell = Shell::new("test", Arc::new(CountingIds::default()), health);
    shell.limits.body_bytes = 1_000;
    (shell.around(router, &document), runs)
}

pub struct Reply {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Value,
    pub text: String,
}

impl Reply {
    pub fn code(&self) -> &str {
        self.body["code"].as_str().unwrap_or_default()
    }

    /// The pointer and code of the first field problem.
    pub fn field(&self) -> (&str, &str) {
        let field = &self.body["errors"][0];
        (field["pointer"].as_str().unwrap_or_default(), field["code"].as_str().unwrap_or_default())
    }
}

pub async fn send(router: &Router, request: Request<Body>) -> Reply {
    let response = router.clone().oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap();
    Reply {
        status: parts.status,
        headers: parts.headers,
        body: serde_json::from_slice(&body).unwrap_or(Value::Null),
        text: String::from_utf8_lossy(&body).into_owned(),
    }
}

pub fn get(path: &str) -> Request<Body> {
    Request::get(path).header("authorization", "Bearer good").body(Body::empty()).unwrap()
}

pub fn post(body: &str) -> Request<Body> {
    Request::post("/things")
        .header("authorization", "Bearer good")
        .header("content-type", "application/json")
        .body(Body::from(body.to_owned()))
        .unwrap()
}
