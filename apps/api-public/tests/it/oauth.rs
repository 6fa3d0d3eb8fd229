//! `POST /oauth/token`: tokens for API keys.

use access::CreateApiKey;
use axum::http::{Method, StatusCode, header};
use base64::{Engine, engine::general_purpose::STANDARD};
use chrono::TimeDelta;
use kernel::Permission;

use crate::app::{OURS, Reply, TestApp};

const FORM: &str = "application/x-www-form-urlencoded";

/// An API key for vehicles: its prefix as lists show it, and the key.
async fn key(app: &TestApp) -> (String, String) {
    let permissions = [Permission::VehicleRead, Permission::VehicleWrite].into();
    let command = CreateApiKey { name: "telematics".into(), permissions, groups: None, expires_at: None };
    let scope = app.scope(OURS).await;
    let (key, secret) = app.services.access.api_keys.api_key_create(&scope, command).await.unwrap();
    (format!("mk_{}", key.prefix), secret.expose().to_owned())
}

async fn ask(app: &TestApp, form: &str, headers: &[(&str, &str)]) -> Reply {
    app.bearing("").send(Method::POST, "/oauth/token", FORM, form.to_owned(), headers).await
}

fn basic(user: &str, password: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{user}:{password}")))
}

#[tokio::test]
async fn a_token_opens_what_its_key_opens_for_an_hour() {
    let app = TestApp::start().await;
    let (client, secret) = key(&app).await;
    let form = format!("grant_type=client_credentials&client_id={client}&client_secret={secret}");
    let reply = ask(&app, &form, &[]).await;
    assert_eq!(reply.status, StatusCode::OK, "{}", reply.body);
    assert_eq!(reply.headers[header::CACHE_CONTROL], "no-store");
    assert_eq!((&reply.body["token_type"], &reply.body["expires_in"]), (&"Bearer".into(), &3_600.into()));
    assert_eq!(reply.body["scope"], "vehicle:read vehicle:write");

    let partner = app.bearing(reply.body["access_token"].as_str().unwrap());
    assert_eq!(partner.get("/vehicles").await.status, StatusCode::OK);
    assert_eq!(partner.get("/depots").await.status, StatusCode::FORBIDDEN);
    app.clock.advance(TimeDelta::hours(1));
    assert_eq!(partner.get("/vehicles").await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn clients_may_authenticate_as_users_do() {
    let app = TestApp::start().await;
    let (client, secret) = key(&app).await;
    let header = basic(&client, &secret);
    let headers = [("authorization", header.as_str())];
    let form = "grant_type=client_credentials&scope=vehicle%3Aread";
    let reply = ask(&app, form, &headers).await;
    assert_eq!((reply.status, &reply.body["scope"]), (StatusCode::OK, &"vehicle:read".into()));
    // The same again is welcome, another one is not, and neither are two ways at once.
    assert_eq!(ask(&app, &format!("{form}&client_id={client}"), &headers).await.status, StatusCode::OK);
    for more in ["client_id=mk_other", "client_secret=x"] {
        let reply = ask(&app, &format!("{form}&{more}"), &headers).await;
        assert_eq!(
            (reply.status, &reply.body["error"]),
            (StatusCode::BAD_REQUEST, &"invalid_request".into()),
            "{more}"
        );
    }
}

#[tokio::test]
async fn every_refusal_has_its_word() {
    let app = TestApp::start().await;
    let (client, secret) = key(&app).await;
    let known = format!("client_id={client}&client_secret={secret}");
    let forged = basic(&client, &format!("{secret}x"));
    let bearer = format!("Bearer {secret}");
    let cases: [(String, Option<&str>, StatusCode, &str); 9] = [
        (known.clone(), None, StatusCode::BAD_REQUEST, "invalid_request"),
        (format!("grant_type=password&{known}"), None, StatusCode::BAD_REQUEST, "unsupported_grant_type"),
        ("grant_type=client_credentials".into(), None, StatusCode::BAD_REQUEST, "invalid_request"),
        (
            format!("grant_type=client_credentials&client_id={client}"),
            None,
            StatusCode::BAD_REQUEST,
            "invalid_request",
        ),
        (format!("grant_type=client_credentials&{known}x"), None, StatusCode::UNAUTHORIZED, "invalid_client"),
        ("grant_type=client_credentials".into(), Some(&forged), StatusCode::UNAUTHORIZED, "invalid_client"),
        ("grant_type=client_credentials".into(), Some(&bearer), StatusCode::BAD_REQUEST, "invalid_request"),
        (
            format!("grant_type=client_credentials&{known}&scope=depot:read"),
            None,
            StatusCode::BAD_REQUEST,
            "invalid_scope",
        ),
        (format!("grant_type=a&grant_type=b&{known}"), None, StatusCode::BAD_REQUEST, "invalid_request"),
    ];
    for (form, authorization, status, error) in cases {
        let headers: Vec<_> = authorization.map(|value| ("authorization", value)).into_iter().collect();
        let reply = ask(&app, &form, &headers).await;
        assert_eq!((reply.status, reply.body["error"].as_str()), (status, Some(error)), "{form}");
        let challenged = reply.headers.contains_key(header::WWW_AUTHENTICATE);
        assert_eq!(challenged, status == StatusCode::UNAUTHORIZED);
        assert!(!reply.body.to_string().contains(&secret), "nothing is repeated");
    }
    let json = app.bearing("").send(Method::POST, "/oauth/token", "application/json", "{}".into(), &[]).await;
    assert_eq!(json.body["error"], "invalid_request");
}
