//! S3 behind somebody who lets it fail as it is told to: whatever happens, half a file is none.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, Method, StatusCode, Uri},
    response::{IntoResponse, Response},
};
use infra_s3::S3;
use kernel::StoreError;
use report::{BlobKey, BlobStore, testing::contract::blobs::read};
use tokio::net::TcpListener;

use crate::settings;

/// What becomes of one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    None,
    /// The store has trouble of its own; nothing was done.
    Broken,
    /// It was done, and the answer is lost.
    Unanswered,
    Busy,
}

#[derive(Clone)]
struct Proxy {
    url: String,
    target: String,
    client: reqwest::Client,
    script: Arc<Mutex<VecDeque<Fault>>>,
}

impl Proxy {
    async fn before(target: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let proxy = Self { url, target, client: reqwest::Client::new(), script: Arc::default() };
        let router = Router::new()
            .fallback(pass)
            .layer(axum::extract::DefaultBodyLimit::disable())
            .with_state(proxy.clone());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        proxy
    }

    fn script(&self, faults: impl IntoIterator<Item = Fault>) {
        self.script.lock().unwrap().extend(faults);
    }
}

async fn pass(
    State(proxy): State<Proxy>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let fault = proxy.script.lock().unwrap().pop_front().unwrap_or(Fault::None);
    let refused = |status: StatusCode, code: &str| {
        (status, format!("<Error><Code>{code}</Code><Message>told to</Message></Error>")).into_response()
    };
    let forward = async {
        let method = reqwest::Method::from_bytes(method.as_str().as_bytes()).unwrap();
        let mut request = proxy.client.request(method, format!("{}{uri}", proxy.target)).body(body);
        for (name, value) in &headers {
            if name != "host" && name != "content-length" {
                request = request.header(name.as_str(), value.as_bytes());
            }
        }
        let answer = request.send().await.unwrap();
        let status = StatusCode::from_u16(answer.status().as_u16()).unwrap();
        let etag = answer.headers().get("etag").cloned();
        let mut response = (status, answer.bytes().await.unwrap()).into_response();
        if let Some(etag) = etag {
            response.headers_mut().insert("etag", etag.as_bytes().try_into().unwrap());
        }
        response
    };
    match fault {
        Fault::None => forward.await,
        Fault::Broken => refused(StatusCode::INTERNAL_SERVER_ERROR, "InternalError"),
        Fault::Busy => refused(StatusCode::SERVICE_UNAVAILABLE, "SlowDown"),
        Fault::Unanswered => {
            forward.await;
            refused(StatusCode::INTERNAL_SERVER_ERROR, "InternalError")
        }
    }
}

const TRIES: usize = 3;

#[tokio::test(flavor = "multi_thread")]
async fn whatever_fails_half_a_file_is_none_and_a_second_try_is_whole() {
    let Some(mut settings) = settings("").await else { return };
    let proxy = Proxy::before(settings.endpoint.take().unwrap()).await;
    settings.endpoint = Some(proxy.url.clone());
    let s3 = S3::new(&settings).await;
    let content = Bytes::from(vec![7; 9 * 1024 * 1024]);
    // Begin, first part, second part, complete: each in turn has trouble until nobody tries again.
    let busy = [(0, Fault::Busy)];
    let others = (0..4).flat_map(|step| [(step, Fault::Broken), (step, Fault::Unanswered)]);
    for (step, fault) in busy.into_iter().chain(others) {
        let name = format!("{fault:?}").to_lowercase();
        let key = BlobKey::new(format!("{name}/{step}")).unwrap();
        proxy.script([Fault::None].repeat(step));
        proxy.script([fault].repeat(TRIES));
        let write = async || {
            let mut writing = s3.blob_begin(&key, "text/csv").await?;
            writing.write(content.clone()).await?;
            writing.finish().await
        };
        let refused = write().await.unwrap_err();
        assert!(refused.retryable(), "{step} {fault:?}: {refused:?}");
        assert!(proxy.script.lock().unwrap().is_empty(), "{step} {fault:?}: every fault was met");
        match read(&s3, &key).await {
            None => {}
            // It was completed, and only the answer is lost.
            Some(whole) => {
                assert!((step, fault) == (3, Fault::Unanswered) && whole == content, "{step} {fault:?}");
            }
        }
        write().await.unwrap();
        assert!(read(&s3, &key).await.unwrap() == content);
        s3.blob_discard(&key).await.unwrap();
        assert_eq!(read(&s3, &key).await, None);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_little_trouble_is_not_even_noticed() {
    let Some(mut settings) = settings("").await else { return };
    let proxy = Proxy::before(settings.endpoint.take().unwrap()).await;
    settings.endpoint = Some(proxy.url.clone());
    let s3 = S3::new(&settings).await;
    let key = BlobKey::new("a").unwrap();
    proxy.script([Fault::Broken, Fault::None, Fault::Busy, Fault::None, Fault::Broken, Fault::Broken]);
    let mut writing = s3.blob_begin(&key, "text/csv").await.unwrap();
    writing.write(Bytes::from_static(b"content")).await.unwrap();
    writing.finish().await.unwrap();
    assert_eq!(read(&s3, &key).await.unwrap(), b"content");
    proxy.script([Fault::Broken].repeat(TRIES));
    assert!(matches!(s3.blob_discard(&key).await, Err(StoreError::Unavailable(_))));
    assert_eq!(read(&s3, &key).await.unwrap(), b"content", "it is still there");
}
