//! How often an API key may ask.

use std::sync::Arc;

use axum::http::{HeaderMap, StatusCode, header};
use kernel::{Permission, Quota, QuotaTaken, Quotas, StoreError};
use runtime::Config;

use crate::app::{OURS, TestApp};

const ASKED: [Permission; 1] = [Permission::VehicleRead];

fn text<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    headers.get(name).map_or("", |value| value.to_str().unwrap())
}

/// The number that follows `name` in `RateLimit`.
fn left(headers: &HeaderMap, name: &str) -> u32 {
    let all = text(headers, "ratelimit");
    let of = all.split(", ").find(|part| part.starts_with(&format!("\"{name}\""))).unwrap();
    of.split(";r=").nth(1).unwrap().split(';').next().unwrap().parse().unwrap()
}

#[tokio::test]
async fn every_answer_says_what_is_left_until_nothing_is() {
    let app = TestApp::start_with(|config| config.public.requests_per_10_seconds = 3, |_| ()).await;
    let (one, two) = (app.partner(OURS, &ASKED, None).await, app.partner(OURS, &ASKED, None).await);
    for (path, status, burst, hourly) in [
        ("/vehicles", StatusCode::OK, 2, 19_999),
        ("/depots", StatusCode::FORBIDDEN, 1, 19_998),
        ("/vehicles?limit=x", StatusCode::BAD_REQUEST, 0, 19_997),
    ] {
        let reply = one.get(path).await;
        assert_eq!(reply.status, status);
        assert_eq!(text(&reply.headers, "ratelimit-policy"), "\"burst\";q=3;w=10, \"hourly\";q=20000;w=3600");
        assert_eq!((left(&reply.headers, "burst"), left(&reply.headers, "hourly")), (burst, hourly));
    }
    let refused = one.get("/vehicles").await;
    assert_eq!((refused.status, refused.code()), (StatusCode::TOO_MANY_REQUESTS, "quota_exceeded"));
    assert_eq!((left(&refused.headers, "burst"), left(&refused.headers, "hourly")), (0, 19_997));
    let wait: u64 = text(&refused.headers, header::RETRY_AFTER.as_str()).parse().unwrap();
    assert!((1..=10).contains(&wait));
    assert_eq!(two.get("/vehicles").await.status, StatusCode::OK, "another key has its own");
}

#[tokio::test]
async fn nobody_is_metered_where_nothing_is_set_and_nobody_without_credentials() {
    let unmetered = |config: &mut Config| {
        (config.public.requests_per_10_seconds, config.public.requests_per_hour) = (0, 0);
    };
    let app = TestApp::start_with(unmetered, |_| ()).await;
    let reply = app.partner(OURS, &ASKED, None).await.get("/vehicles").await;
    assert_eq!((reply.status, text(&reply.headers, "ratelimit")), (StatusCode::OK, ""));
    let app = TestApp::start().await;
    let reply = app.bearing("").get("/vehicles").await;
    assert_eq!((reply.status, text(&reply.headers, "ratelimit")), (StatusCode::UNAUTHORIZED, ""));
}

#[tokio::test]
async fn requests_pass_while_the_counts_cannot_be_reached() {
    struct Away;
    #[async_trait::async_trait]
    impl Quotas for Away {
        async fn quota_take(&self, _: &str, _: &[Quota]) -> Result<QuotaTaken, StoreError> {
            Err(StoreError::Unavailable("no cache".into()))
        }
    }
    let app = TestApp::start_with(|_| (), |services| services.quotas = Arc::new(Away)).await;
    let reply = app.partner(OURS, &ASKED, None).await.get("/vehicles").await;
    assert_eq!((reply.status, text(&reply.headers, "ratelimit")), (StatusCode::OK, ""));
}
