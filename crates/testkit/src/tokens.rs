//! Tokens that look as if they were good: each differs in one thing from one that is.

#![expect(clippy::unwrap_used, reason = "it makes tokens for tests, of a token that is good")]

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};

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

fn unsigned(token: &str, algorithm: &str) -> String {
    let header = json!({"alg": algorithm, "typ": "JWT", "kid": parts(token)[0]["kid"]});
    format!("{}.{}.", URL_SAFE_NO_PAD.encode(header.to_string()), token.split('.').nth(1).unwrap())
}

/// The same token, signed as it was.
pub fn signed_again(token: &str, secret: &str) -> String {
    signed(token, Algorithm::HS256, secret, |_| ())
}

/// What to call each, and the token: expired, for others, of others, and with signatures that are none.
pub fn spoilt(good: &str, secret: &str) -> Vec<(&'static str, String)> {
    let with = |change: fn(&mut Value)| signed(good, Algorithm::HS256, secret, change);
    let (head, tail) = good.rsplit_once('.').unwrap();
    vec![
        ("expired", with(|claims| claims["exp"] = json!(1_700_000_000))),
        ("for another audience", with(|claims| claims["aud"] = json!("manage-public"))),
        ("of another issuer", with(|claims| claims["iss"] = json!("https://issuer.example"))),
        (
            "of a user who never was",
            with(|claims| claims["sub"] = json!("00000000-0000-0000-0000-000000000001")),
        ),
        ("signed by another algorithm", signed(good, Algorithm::HS512, secret, |_| ())),
        (
            "signed with another secret",
            signed(good, Algorithm::HS256, "a secret of nobody whom we know", |_| ()),
        ),
        ("without a signature", format!("{head}.")),
        ("with another's signature", format!("{head}.{}", tail.chars().rev().collect::<String>())),
        ("with alg none", unsigned(good, "none")),
        ("with alg None", unsigned(good, "None")),
    ]
}
