//! How often each caller may ask, and what every answer says of it (`RateLimit-Policy` and `RateLimit`
//! of the IETF's draft-ietf-httpapi-ratelimit-headers).

use std::{fmt::Write as _, sync::Arc, time::Duration};

use axum::{
    extract::{Request, State},
    http::{HeaderName, HeaderValue, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use kernel::{Actor, Quota, QuotaTaken, Quotas, Scope};

use crate::problem::Problem;

const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const LEFT: HeaderName = HeaderName::from_static("ratelimit");

/// The quotas of every caller of a server.
#[derive(Clone)]
pub struct Metering {
    quotas: Arc<dyn Quotas>,
    each: Arc<[Quota]>,
    policy: HeaderValue,
}

impl Metering {
    /// `each` are the quotas that every caller has of its own; without any nothing is metered.
    pub fn new(quotas: Arc<dyn Quotas>, each: impl IntoIterator<Item = Quota>) -> Self {
        let each: Arc<[Quota]> = each.into_iter().collect();
        let named =
            each.iter().map(|quota| (quota.name, format!("q={};w={}", quota.most, quota.within.as_secs())));
        let policy = list(named);
        Self { quotas, each, policy }
    }

    /// Counts a request. Where the counts cannot be reached it passes uncounted: a cache that is away
    /// does not take the API with it.
    async fn take(&self, actor: Actor) -> Option<QuotaTaken> {
        let id = actor.id().map(|id| id.to_string()).unwrap_or_default();
        match self.quotas.quota_take(&format!("{}:{id}", actor.kind()), &self.each).await {
            Ok(taken) => Some(taken),
            Err(error) => {
                metrics::counter!("requests_unmetered_total").increment(1);
                tracing::debug!(error = &error as &dyn std::error::Error, "a request could not be counted");
                None
            }
        }
    }
}

/// Runs inside authentication: quotas belong to callers.
pub(crate) async fn meter(State(metering): State<Metering>, request: Request, next: Next) -> Response {
    let scope = request.extensions().get::<Scope>().filter(|_| !metering.each.is_empty());
    let Some(actor) = scope.map(Scope::actor) else { return next.run(request).await };
    let Some(taken) = metering.take(actor).await else { return next.run(request).await };
    let mut response = match taken.granted {
        true => next.run(request).await,
        false => refused(&taken).into_response(),
    };
    let left = metering.each.iter().zip(&taken.left);
    let left = list(
        left.map(|(quota, left)| (quota.name, format!("r={};t={}", left.left, seconds(left.resets_in)))),
    );
    response.headers_mut().insert(POLICY, metering.policy.clone());
    response.headers_mut().insert(LEFT, left);
    response
}

fn refused(taken: &QuotaTaken) -> Problem {
    metrics::counter!("requests_over_quota_total").increment(1);
    Problem::new(StatusCode::TOO_MANY_REQUESTS, "quota_exceeded")
        .detail("the quota of this key is used up; `RateLimit` says when there is more")
        .header(header::RETRY_AFTER, HeaderValue::from(seconds(taken.retry_after()).max(1)))
}

/// Whole seconds, never too few.
fn seconds(time: Duration) -> u64 {
    time.as_secs() + u64::from(time.subsec_nanos() > 0)
}

/// A list of structured fields: quoted names with their parameters.
fn list(members: impl Iterator<Item = (&'static str, String)>) -> HeaderValue {
    let mut text = String::new();
    for (name, parameters) in members {
        let comma = if text.is_empty() { "" } else { ", " };
        let _ = write!(text, "{comma}\"{name}\";{parameters}");
    }
    HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static(""))
}
