//! From where a request comes that proxies of ours pass on, and what others say of themselves.

use std::net::IpAddr;

use axum::{
    body::Body,
    http::{Method, Request, header},
};
use http_kit::Peer;
use kernel::{ForwardedHeader, Proxies};
use serde_json::{Value, json};

use crate::{
    access::{EMAIL, PASSWORD},
    app::{Reply, TestApp},
};

const PROXY: &str = "10.0.0.7";

async fn behind_ours(header: ForwardedHeader) -> TestApp {
    TestApp::behind(Proxies { trusted: vec!["10.0.0.0/8".parse().unwrap()], header }).await
}

/// Signs in over a connection from `peer`, with a header.
async fn sign_in(app: &TestApp, password: &str, peer: &str, (name, value): (&str, &str)) -> Reply {
    let body = json!({"email": EMAIL, "password": password}).to_string();
    let mut request = Request::builder()
        .method(Method::POST)
        .uri("/api/v1/auth/token")
        .header(header::CONTENT_TYPE, "application/json")
        .header(name, value)
        .body(Body::from(body))
        .unwrap();
    request.extensions_mut().insert(Peer(Some(peer.parse::<IpAddr>().unwrap())));
    app.send(request).await
}

/// From where the trail says that somebody last signed in, and where that session is.
async fn seen(app: &TestApp, reply: &Reply) -> [Value; 2] {
    let me = app.bearing(reply.body["access_token"].as_str().unwrap());
    let trail = me.get("/admin/audit?verb=sign_in&limit=1").await.body;
    let sessions = me.get("/me/sessions").await.body;
    let current = sessions["items"].as_array().unwrap().iter().find(|session| session["current"] == true);
    [trail["items"][0]["address"].clone(), current.unwrap()["address"].clone()]
}

#[tokio::test]
async fn the_trail_names_who_asked_the_proxy() {
    let app = behind_ours(ForwardedHeader::XForwardedFor).await;
    app.administrator("Stadtwerke", EMAIL).await;
    for (peer, value, expected) in [
        (PROXY, "198.51.100.1", "198.51.100.1"),
        // What a caller wrote before the proxy did, and what one writes who comes without it.
        (PROXY, "127.0.0.1, 198.51.100.2", "198.51.100.2"),
        ("203.0.113.9", "198.51.100.3", "203.0.113.9"),
    ] {
        let reply = sign_in(&app, PASSWORD, peer, ("x-forwarded-for", value)).await;
        assert_eq!(seen(&app, &reply).await, [json!(expected), json!(expected)]);
    }
    // The header that our proxies do not write is nobody's business.
    let reply = sign_in(&app, PASSWORD, PROXY, ("forwarded", "for=198.51.100.1")).await;
    assert_eq!(seen(&app, &reply).await, [json!(PROXY), json!(PROXY)]);

    let app = behind_ours(ForwardedHeader::Forwarded).await;
    app.administrator("Stadtwerke", EMAIL).await;
    let reply = sign_in(&app, PASSWORD, PROXY, ("forwarded", "for=\"[2001:db8::1]:80\";proto=https")).await;
    assert_eq!(seen(&app, &reply).await, [json!("2001:db8::1"), json!("2001:db8::1")]);

    let app = TestApp::behind(Proxies::default()).await;
    app.administrator("Stadtwerke", EMAIL).await;
    let reply = sign_in(&app, PASSWORD, PROXY, ("x-forwarded-for", "198.51.100.1")).await;
    assert_eq!(seen(&app, &reply).await, [json!(PROXY), json!(PROXY)]);
}

#[tokio::test]
async fn guesses_are_counted_by_who_asked_the_proxy_whatever_they_say() {
    let app = behind_ours(ForwardedHeader::XForwardedFor).await;
    app.administrator("Stadtwerke", EMAIL).await;
    let guess = async |peer: &str, value: String| {
        sign_in(&app, "wrong", peer, ("x-forwarded-for", &value)).await.status.as_u16()
    };
    for (peer, said) in [(PROXY, ", 198.51.100.1"), ("203.0.113.9", "")] {
        for n in 0..10 {
            assert_eq!(guess(peer, format!("192.0.2.{n}{said}")).await, 401, "{n}");
        }
        assert_eq!(guess(peer, format!("192.0.2.99{said}")).await, 429, "another lie gives no more guesses");
    }
    // Neither of them stands in the way of the owner, behind the same proxy.
    let owner = sign_in(&app, PASSWORD, PROXY, ("x-forwarded-for", "198.51.100.2")).await;
    assert_eq!(owner.status, 200, "{}", owner.body);
}
