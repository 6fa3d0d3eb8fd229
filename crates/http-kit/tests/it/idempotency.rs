//! A key makes a POST repeatable.

use axum::{body::Body, http::Request};

use crate::server::{post, send, server};

fn keyed(key: &str, body: &str) -> Request<Body> {
    let mut request = post(body);
    request.headers_mut().insert("idempotency-key", key.parse().unwrap());
    request
}

#[tokio::test]
async fn the_same_request_gets_the_first_answer_again() {
    let (router, runs) = server();
    let first = send(&router, keyed("k1", r#"{"name":"a"}"#)).await;
    let again = send(&router, keyed("k1", r#"{"name":"a"}"#)).await;
    assert_eq!((runs.count(), &first.body, first.status), (1, &again.body, again.status));
    assert_eq!(
        (&again.headers["idempotency-replayed"], &again.headers["etag"]),
        (&"true".parse().unwrap(), &"\"v3\"".parse().unwrap())
    );
    assert!(!first.headers.contains_key("idempotency-replayed"));
}

#[tokio::test]
async fn another_request_with_the_key_is_refused() {
    let (router, runs) = server();
    send(&router, keyed("k1", r#"{"name":"a"}"#)).await;
    let other = send(&router, keyed("k1", r#"{"name":"b"}"#)).await;
    assert_eq!((other.status.as_u16(), other.code(), runs.count()), (422, "idempotency_key_reused", 1));
}

#[tokio::test]
async fn keys_must_be_one_visible_word() {
    let (router, runs) = server();
    for key in ["", "two words", &"x".repeat(256)] {
        let reply = send(&router, keyed(key, r#"{"name":"a"}"#)).await;
        assert_eq!((reply.status.as_u16(), reply.code()), (400, "malformed_idempotency_key"), "{key}");
    }
    assert_eq!(runs.count(), 0);
}

#[tokio::test]
async fn without_a_key_every_request_counts() {
    let (router, runs) = server();
    for _ in 0..2 {
        send(&router, post(r#"{"name":"a"}"#)).await;
    }
    assert_eq!(runs.count(), 2);
}
