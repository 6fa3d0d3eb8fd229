//! Input is read whole or refused by name; answers carry what every answer carries.

use axum::{body::Body, http::Request};
use http_kit::{BackendState, Health, ReadyState};
use kernel::StoreError;
use tokio_util::sync::CancellationToken;

use crate::server::{get, post, send, server};

#[tokio::test]
async fn a_good_request_is_answered_with_its_place_and_version() {
    let (router, _) = server();
    let reply = send(&router, post(r#"{"name":"a","parts":[{"kilos":2}],"note":null}"#)).await;
    assert_eq!(reply.status, 201);
    assert_eq!(
        (&reply.headers["location"], &reply.headers["etag"]),
        (&"/things/1".parse().unwrap(), &"\"v3\"".parse().unwrap())
    );
    assert_eq!((&reply.body["kilos"], reply.body["note"].as_str().unwrap()), (&2.into(), "Clear"));
}

#[tokio::test]
async fn every_fault_of_a_body_has_its_status_and_place() {
    let (router, _) = server();
    for (body, status, code, field) in [
        (r#"{"name":"a","nmae":1}"#, 422, "invalid", ("/nmae", "unknown_field")),
        ("{}", 422, "invalid", ("/name", "required")),
        (r#"{"name":1}"#, 422, "invalid", ("/name", "wrong_type")),
        (r#"{"name":"a","name":"b"}"#, 422, "invalid", ("/name", "duplicate_field")),
        (
            r#"{"name":"a","parts":[{"kilos":1},{"kilos":-1}]}"#,
            422,
            "invalid",
            ("/parts/1/kilos", "invalid_value"),
        ),
        (r#"{"name":"a","parts":[{"kilos":1e99}]}"#, 422, "invalid", ("/parts/0/kilos", "wrong_type")),
        (r#"{"name":"\u0000"}"#, 422, "invalid", ("", "control_character")),
        (r#"{"name":"#, 400, "malformed_body", ("", "")),
        (r#"{"name":"a"} x"#, 400, "malformed_body", ("", "")),
        ("", 400, "malformed_body", ("", "")),
    ] {
        let reply = send(&router, post(body)).await;
        assert_eq!((reply.status.as_u16(), reply.code(), reply.field()), (status, code, field), "{body}");
        assert_eq!(reply.headers["content-type"], "application/problem+json");
    }
}

#[tokio::test]
async fn a_body_of_another_kind_or_size_is_refused_before_it_is_read() {
    let (router, runs) = server();
    let mut request = post("name=a");
    request.headers_mut().insert("content-type", "text/plain".parse().unwrap());
    assert_eq!(send(&router, request).await.status, 415);
    let large = format!(r#"{{"name":"{}"}}"#, "x".repeat(1_000));
    assert_eq!(send(&router, post(&large)).await.status, 413);
    assert_eq!(runs.count(), 0);
}

#[tokio::test]
async fn queries_are_strict() {
    let (router, _) = server();
    let reply = send(&router, get("/things?limit=7&heavy=true")).await;
    assert_eq!((&reply.body["limit"], &reply.body["heavy"]), (&7.into(), &true.into()));
    for (query, field) in [
        ("lmit=7", ("/lmit", "unknown_field")),
        ("limit=0", ("/limit", "out_of_range")),
        ("limit=501", ("/limit", "out_of_range")),
        ("limit=1&limit=2", ("/limit", "duplicate_field")),
        ("cursor=%20", ("/cursor", "invalid_value")),
        ("heavy=%00", ("/heavy", "control_character")),
    ] {
        let reply = send(&router, get(&format!("/things?{query}"))).await;
        assert_eq!(
            (reply.status.as_u16(), reply.code(), reply.field()),
            (400, "malformed_query", field),
            "{query}"
        );
    }
}

#[tokio::test]
async fn versions_are_compared() {
    let (router, _) = server();
    let delete = |tag: &str, id: &str| {
        Request::delete(format!("/things/{id}"))
            .header("authorization", "Bearer good")
            .header("if-match", tag)
            .body(Body::empty())
            .unwrap()
    };
    let id = "0199f3c2-5b1e-7c3a-9f51-1d2f3a4b5c6d";
    assert_eq!(send(&router, delete("\"v3\"", id)).await.status, 204);
    assert_eq!(send(&router, delete("*", id)).await.status, 204);
    assert_eq!(send(&router, delete("\"v2\"", id)).await.status, 412);
    assert_eq!(send(&router, delete("v3", id)).await.status, 400);
    assert_eq!(send(&router, delete("*", "no-id")).await.status, 404);
}

#[tokio::test]
async fn credentials_are_asked_for() {
    let (router, _) = server();
    for (header, status) in [
        (None, 401),
        (Some("Basic good"), 401),
        (Some("Bearer bad"), 401),
        (Some("Bearer "), 401),
        (Some("Bearer away"), 503),
        (Some("bearer good"), 200),
    ] {
        let mut request = Request::get("/things");
        if let Some(header) = header {
            request = request.header("authorization", header);
        }
        let reply = send(&router, request.body(Body::empty()).unwrap()).await;
        assert_eq!(reply.status, status, "{header:?}");
        assert_eq!(reply.headers.contains_key("www-authenticate"), status == 401);
        assert_eq!(reply.headers.contains_key("retry-after"), status == 503);
    }
}

#[tokio::test]
async fn a_panic_is_a_problem_without_its_words() {
    let (router, _) = server();
    let reply = send(&router, get("/panic")).await;
    assert_eq!((reply.status.as_u16(), reply.code()), (500, "internal"));
    assert!(!reply.text.contains("secret"));
}

#[tokio::test]
async fn every_answer_has_a_request_id_and_browsers_are_held_back() {
    let (router, _) = server();
    let mut request = get("/nowhere");
    request.headers_mut().insert("x-request-id", "mine".parse().unwrap());
    let reply = send(&router, request).await;
    assert_eq!((reply.status.as_u16(), reply.code()), (404, "not_found"));
    assert_eq!(
        (&reply.headers["x-request-id"], reply.body["request_id"].as_str()),
        (&"mine".parse().unwrap(), Some("mine"))
    );
    assert_eq!(reply.headers["x-content-type-options"], "nosniff");
    let reply = send(&router, Request::patch("/things").body(Body::empty()).unwrap()).await;
    assert_eq!((reply.status.as_u16(), reply.code()), (405, "method_not_allowed"));
    assert!(!reply.headers["x-request-id"].is_empty());
}

#[tokio::test]
async fn the_server_tells_about_itself() {
    let (router, _) = server();
    let open = |path: &str| Request::get(path).body(Body::empty()).unwrap();
    assert_eq!(send(&router, open("/livez")).await.text, "alive");
    assert_eq!(send(&router, open("/readyz")).await.body["state"], "ready");
    assert_eq!(send(&router, open("/metrics")).await.status, 404);
    let page = send(&router, open("/docs/")).await;
    assert!(
        page.text.contains("swagger-ui") && !page.text.contains("http://") && !page.text.contains("https://")
    );
    assert!(send(&router, open("/docs/errors")).await.text.starts_with("# Errors"));
    let document = send(&router, open("/openapi.json")).await.body;
    let create = &document["paths"]["/things"]["post"];
    assert_eq!(create["security"][0]["bearer"], serde_json::json!([]));
    assert!(create["responses"]["422"].is_object() && create["parameters"][0]["name"] == "Idempotency-Key");
}

#[tokio::test]
async fn a_backend_that_is_not_required_is_named_and_no_more() {
    let probe = |up: bool| {
        move || async move { if up { Ok(()) } else { Err(StoreError::Unavailable("it is gone".into())) } }
    };
    for (database, documents, state, down) in [
        (true, true, ReadyState::Ready, vec![]),
        (true, false, ReadyState::Ready, vec!["documents"]),
        (false, true, ReadyState::Unready, vec!["database"]),
    ] {
        let backends = [("database", true, probe(database)), ("documents", false, probe(documents))];
        let readiness = Health::of(CancellationToken::new(), backends).readiness().await;
        assert_eq!(readiness.state, state);
        let absent = readiness.backends.iter().filter(|backend| backend.state != BackendState::Up);
        assert_eq!(absent.map(|backend| backend.name).collect::<Vec<_>>(), down);
    }
}
