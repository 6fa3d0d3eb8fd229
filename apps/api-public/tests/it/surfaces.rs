//! Two APIs that know nothing of each other.

use axum::http::Method;
use serde_json::Value;

use crate::app::TestApp;

/// What the operators' API answers to, by its own document.
const INTERNAL: &str = include_str!("../../../../docs/openapi/internal.json");

#[tokio::test]
async fn nothing_of_the_operators_api_answers_here() {
    let app = TestApp::start().await;
    let ours = app.ours().await;
    let document: Value = serde_json::from_str(INTERNAL).unwrap();
    let mut tried = 0;
    for (path, item) in document["paths"].as_object().unwrap() {
        let id = "0199f3c2-5b1e-7c3a-9f51-1d2f3a4b5c6d";
        let parts = path.split('/').map(|part| if part.starts_with('{') { id } else { part });
        let path = parts.collect::<Vec<_>>().join("/");
        for method in item.as_object().unwrap().keys().filter(|key| *key != "parameters") {
            let method: Method = method.to_uppercase().parse().unwrap();
            for caller in [&ours, &app.bearing("")] {
                let body = String::from("{}");
                let reply = caller.send(method.clone(), &path, "application/json", body, &[]).await;
                assert_eq!(reply.status, 404, "{method} {path}: {}", reply.body);
            }
            tried += 1;
        }
    }
    assert!(tried > 150, "the document is where it was, with {tried} operations");
}
