//! Every documented operation, tried with tokens that were good, or look as if they were. Each
//! differs in one thing from a token that works.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};

use crate::{
    access::{EMAIL, PASSWORD},
    app::{TOKEN_SECRET, TestApp},
    walk::{furnish, operations},
};

/// The header and the claims of a token.
fn parts(token: &str) -> [Value; 2] {
    let mut parts = token.split('.').map(|part| URL_SAFE_NO_PAD.decode(part).unwrap());
    [(); 2].map(|()| serde_json::from_slice(&parts.next().unwrap()).unwrap())
}

fn signed(token: &str, algorithm: Algorithm, secret: &str, change: impl FnOnce(&mut Value)) -> String {
    let [header, mut claims] = parts(token);
    change(&mut claims);
    let kid = header["kid"].as_str().map(str::to_owned);
    let header = Header { kid, ..Header::new(algorithm) };
    encode(&header, &claims, &EncodingKey::from_secret(secret.as_bytes())).unwrap()
}

fn unsigned(token: &str, header: &Value) -> String {
    let header = URL_SAFE_NO_PAD.encode(header.to_string());
    format!("{header}.{}.", token.split('.').nth(1).unwrap())
}

#[tokio::test]
async fn a_token_that_is_not_good_any_more_or_never_was_opens_nothing() {
    let app = TestApp::guarded().await;
    let admin = app.administrator("Stadtwerke", EMAIL).await;
    let ours = furnish(&app, &admin).await;
    let good = app.sign_in(EMAIL, PASSWORD).await.body["access_token"].as_str().unwrap().to_owned();
    let same = |change: fn(&mut Value)| signed(&good, Algorithm::HS256, TOKEN_SECRET, change);
    assert_eq!(app.bearing(same(|_| ())).get("/me").await.status, 200, "the tests sign as the server does");

    let roles = admin.get("/admin/roles").await.body;
    let all = roles["items"][0]["id"].clone();
    let mut dismissed = Vec::new();
    for email in ["disabled@depot.example", "signed-out@depot.example", "deleted@depot.example"] {
        let user = json!({"email": email, "display_name": "D", "password": PASSWORD, "role_ids": [all]});
        let id = admin.post("/admin/users", user).await.id().to_owned();
        let tokens = app.sign_in(email, PASSWORD).await.body;
        dismissed.push((id, tokens));
    }
    let access = |n: usize| dismissed[n].1["access_token"].as_str().unwrap().to_owned();
    for n in 0..3 {
        assert_eq!(app.bearing(access(n)).get("/me").await.status, 200);
    }
    let disable = admin.patch(&format!("/admin/users/{}", dismissed[0].0), json!({"active": false})).await;
    let refresh = json!({"refresh_token": dismissed[1].1["refresh_token"]});
    let sign_out = app.bearing("").post("/auth/sign-out", refresh).await;
    let delete = admin.delete(&format!("/admin/users/{}", dismissed[2].0)).await;
    assert_eq!(
        [disable.status, sign_out.status, delete.status].map(|status| status.as_u16()),
        [200, 204, 204]
    );

    let kid = parts(&good)[0]["kid"].clone();
    let (head, tail) = good.rsplit_once('.').unwrap();
    let stranger = same(|claims| claims["sub"] = json!("00000000-0000-0000-0000-000000000001"));
    let bad = [
        ("of a disabled user", access(0)),
        ("of a session that was signed out", access(1)),
        ("of a deleted user", access(2)),
        ("expired", same(|claims| claims["exp"] = json!(1_700_000_000))),
        ("for another audience", same(|claims| claims["aud"] = json!("manage-public"))),
        ("of another issuer", same(|claims| claims["iss"] = json!("https://issuer.example"))),
        ("of a user who never was", stranger),
        ("signed by another algorithm", signed(&good, Algorithm::HS512, TOKEN_SECRET, |_| ())),
        (
            "signed with another secret",
            signed(&good, Algorithm::HS256, "a secret of nobody whom we know", |_| ()),
        ),
        ("without a signature", format!("{head}.")),
        ("with another's signature", format!("{head}.{}", tail.chars().rev().collect::<String>())),
        ("with alg none", unsigned(&good, &json!({"alg": "none", "kid": kid}))),
        ("with alg None", unsigned(&good, &json!({"alg": "None", "typ": "JWT", "kid": kid}))),
    ];
    for operation in operations(&ours) {
        for (what, token) in &bad {
            let reply = operation.by(&app.bearing(token)).await;
            let seen = (reply.status.as_u16(), reply.code());
            assert_eq!(seen, (401, "unauthenticated"), "{} with a token {what}", operation.name);
        }
    }
    assert_eq!(app.bearing(&good).get("/me").await.status, 200);
}
