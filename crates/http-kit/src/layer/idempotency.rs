//! `Idempotency-Key` on every POST: the same request has one effect and one answer.

use std::sync::{Arc, Mutex, PoisonError};

use axum::{
    body::{Body, Bytes, to_bytes},
    extract::{OriginalUri, Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode},
    middleware::Next,
    response::{IntoResponse, Response},
};
use kernel::{
    Scope,
    idempotency::{Claim, Execution, IdempotencyStore, Recorded},
};
use serde::Serialize;
use sha2::{Digest, Sha256};
use tracing::Instrument;

use super::{
    body::read_body,
    guard::{ANSWER_WITHIN, guarded},
    request_id::RequestId,
};
use crate::problem::Problem;

const KEY: HeaderName = HeaderName::from_static("idempotency-key");
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");
const LONGEST: usize = 255;

/// Put into a response as an extension: what a repeat of the request is told instead, and what is
/// kept. For answers that hold a secret, which is shown once and stored nowhere.
#[derive(Clone, Debug)]
pub struct OnReplay(Bytes);

impl OnReplay {
    /// The JSON body of the repeated answer.
    pub fn json(body: &impl Serialize) -> Self {
        Self(serde_json::to_vec(body).unwrap_or_default().into())
    }
}

/// Runs inside authentication: a key belongs to its caller. The work runs in a task of its own, so
/// that a caller who goes away leaves neither half an effect nor a key nobody will answer for.
pub(crate) async fn idempotency(
    State(store): State<Arc<dyn IdempotencyStore>>,
    request: Request,
    next: Next,
) -> Result<Response, Problem> {
    let scope = request.extensions().get::<Scope>().cloned();
    let (Some(scope), Some(key)) = (scope, key(&request)?) else {
        return Ok(next.run(request).await);
    };
    let (parts, body) = request.into_parts();
    let body = read_body(body).await?;
    let uri = parts.extensions.get::<OriginalUri>().map_or(&parts.uri, |uri| &uri.0);
    let claim = Claim {
        organisation: scope.organisation(),
        actor: scope.actor(),
        key,
        fingerprint: fingerprint(&parts.method, &uri.to_string(), &body),
    };
    let request = Request::from_parts(parts, Body::from(body));
    let withheld = Arc::new(Mutex::new(None));
    let to_withhold = withheld.clone();
    let work = async move {
        let answer = async {
            let (answer, secret) = record(guarded(ANSWER_WITHIN, next.run(request)).await).await;
            *to_withhold.lock().unwrap_or_else(PoisonError::into_inner) = secret;
            answer
        };
        store.execute(claim, Box::pin(answer)).await
    };
    let carried = RequestId::carried(RequestId::current(), work);
    match tokio::spawn(carried.in_current_span()).await.map_err(Problem::internal)?? {
        Execution::Fresh(mut answer) => {
            if let Some(whole) = withheld.lock().unwrap_or_else(PoisonError::into_inner).take() {
                answer.body = whole;
            }
            Ok(given(answer))
        }
        Execution::Replayed(answer) => {
            let mut response = given(answer);
            response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
            Ok(response)
        }
        Execution::Mismatch => Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "idempotency_key_reused")
            .detail("the idempotency key was used for another request")),
        Execution::InFlight => Err(Problem::new(StatusCode::CONFLICT, "request_in_flight")
            .detail("the first request with this idempotency key is still being worked on")),
    }
}

/// The key of a request that may carry one: 1 to 255 visible ASCII characters.
fn key(request: &Request) -> Result<Option<String>, Problem> {
    if request.method() != Method::POST {
        return Ok(None);
    }
    let malformed = || {
        Problem::malformed(
            "malformed_idempotency_key",
            format!("`Idempotency-Key` must be one key of 1 to {LONGEST} visible ASCII characters"),
        )
    };
    let mut keys = request.headers().get_all(KEY).iter();
    let Some(first) = keys.next() else { return Ok(None) };
    let key = first.to_str().map_err(|_| malformed())?;
    let visible = (1..=LONGEST).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic());
    if !visible || keys.next().is_some() {
        return Err(malformed());
    }
    Ok(Some(key.to_owned()))
}

/// What makes two requests the same. Lengths keep the parts apart.
fn fingerprint(method: &Method, uri: &str, body: &[u8]) -> [u8; 32] {
    let mut digest = Sha256::new();
    for part in [method.as_str().as_bytes(), uri.as_bytes(), body] {
        digest.update((part.len() as u64).to_be_bytes());
        digest.update(part);
    }
    digest.finalize().into()
}

/// The answer as it is kept, and the body that is given but not kept, if they differ.
async fn record(response: Response) -> (Recorded, Option<Vec<u8>>) {
    let (parts, body) = response.into_parts();
    match to_bytes(body, usize::MAX).await {
        Ok(body) => {
            let (kept, withheld) = match parts.extensions.get::<OnReplay>() {
                Some(replay) => (replay.0.to_vec(), Some(body.into())),
                None => (body.into(), None),
            };
            let (status, headers) = (parts.status.as_u16(), texts(&parts.headers));
            (Recorded { status, headers, body: kept }, withheld)
        }
        Err(error) => Box::pin(record(Problem::internal(error).into_response())).await,
    }
}

fn texts(headers: &HeaderMap) -> Vec<(String, Vec<u8>)> {
    headers.iter().map(|(name, value)| (name.to_string(), value.as_bytes().to_vec())).collect()
}

fn given(answer: Recorded) -> Response {
    let mut response = Response::new(Body::from(answer.body));
    *response.status_mut() = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    for (name, value) in answer.headers {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            response.headers_mut().append(name, value);
        }
    }
    response
}
