//! An issuer that somebody else wrote: the package `oidc-provider-mock`, asked as a browser would.

use std::{net::TcpListener, process::Stdio, time::Duration};

use access::ForeignTokens;
use infra_oidc::Issuers;
use kernel::Timestamp;
use serde_json::Value;
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::Command,
};

use crate::fixture::settings;

/// The issuer reads the machine's clock: tokens are looked at a minute after they were made.
fn soon_after(token: &str) -> Timestamp {
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    let claims = URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap()).unwrap();
    let claims: Value = serde_json::from_slice(&claims).unwrap();
    chrono::DateTime::from_timestamp(claims["iat"].as_i64().unwrap() + 60, 0).unwrap()
}

#[tokio::test]
async fn a_token_of_an_independent_issuer_is_taken() {
    let Ok(python) = std::env::var("MANAGE_TEST_PYTHON") else {
        assert!(std::env::var_os("MANAGE_TEST_REQUIRE_SERVICES").is_none(), "MANAGE_TEST_PYTHON must be set");
        eprintln!("skipped: MANAGE_TEST_PYTHON is not set (`cargo xtask test` sets it)");
        return;
    };
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let user =
        r#"{"sub": "ada", "email": "ada@corp.example", "email_verified": true, "groups": ["ops", "x"]}"#;
    let mut server = Command::new(python)
        .args(["-m", "oidc_provider_mock", "--port", &port.to_string(), "--user-claims", user])
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut log = BufReader::new(server.stderr.take().unwrap()).lines();
    while !log.next_line().await.unwrap().expect("it starts").contains("running on") {}
    // Nobody reads the rest, which is short.
    let issuer = format!("http://127.0.0.1:{port}");

    let browser = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .timeout(Duration::from_secs(10))
        .build()
        .unwrap();
    let back = "http://127.0.0.1:1/back";
    let asked = [
        ("client_id", "manage"),
        ("redirect_uri", back),
        ("response_type", "code"),
        ("scope", "openid email"),
    ];
    let sent = browser.post(format!("{issuer}/oauth2/authorize")).query(&asked).form(&[("sub", "ada")]);
    let sent = sent.send().await.unwrap();
    let location = sent.headers().get("location").unwrap_or_else(|| panic!("{}", sent.status()));
    let code =
        location.to_str().unwrap().split("code=").nth(1).unwrap().split('&').next().unwrap().to_owned();
    let form = [("grant_type", "authorization_code"), ("code", &code), ("redirect_uri", back)];
    let tokens = browser.post(format!("{issuer}/oauth2/token")).basic_auth("manage", Some("secret"));
    let tokens: Value = tokens.form(&form).send().await.unwrap().json().await.unwrap();
    let token = tokens["id_token"].as_str().unwrap_or_else(|| panic!("{tokens}"));

    let issuers = Issuers::new(&[settings(&issuer)]).unwrap();
    let claims = issuers.read(token, soon_after(token)).await.unwrap();
    assert_eq!((claims.identity.subject.as_str(), claims.email_verified), ("ada", true));
    assert_eq!(claims.roles.first().unwrap().name, "operator");
    let (head, _) = token.rsplit_once('.').unwrap();
    assert!(issuers.read(&format!("{head}.AAAA"), soon_after(token)).await.is_err());
}
