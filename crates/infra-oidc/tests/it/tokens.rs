//! Which tokens are taken, and why others are not.

use access::{ForeignError, ForeignTokens, Identity, OrganisationName, Refusal};
use infra_oidc::Issuers;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::json;
use testkit::issuer::{LocalIssuer, SigningKey};

use crate::fixture::{fixture, settings};

#[tokio::test]
async fn a_good_token_of_every_kind_of_key_says_who_somebody_is() {
    let f = fixture().await;
    let (ec, ed) = (SigningKey::ec("ec").unwrap(), SigningKey::ed("ed").unwrap());
    f.issuer.publish(&[&f.key, &ec, &ed]);
    for key in [&f.key, &f.key.with(Algorithm::PS256), &ec, &ed] {
        let claims = f.read(&key.sign(&f.claims()).unwrap()).await.unwrap();
        assert_eq!(claims.identity, Identity { issuer: f.issuer.url.clone(), subject: "ada".into() });
        assert_eq!(claims.organisation, OrganisationName::Handle("default".into()));
        assert_eq!(claims.roles.first().unwrap().name, "operator");
        assert_eq!((claims.email.as_deref(), claims.email_verified), (Some("ada@corp.example"), false));
    }
    assert_eq!(f.issuer.asked(), 1);
    for audience in [json!(["x", "another"]), json!("manage")] {
        assert!(f.read(&f.key.sign(&f.changed("aud", audience)).unwrap()).await.is_ok());
    }
    let access = Header { typ: Some("at+JWT".into()), ..header(Algorithm::RS256, "rsa-1") };
    assert!(f.read(&f.key.sign_as(&access, &f.claims()).unwrap()).await.is_ok());
}

fn header(algorithm: Algorithm, id: &str) -> Header {
    Header { kid: Some(id.into()), ..Header::new(algorithm) }
}

#[tokio::test]
async fn each_thing_that_is_wrong_is_told_to_who_runs_the_server() {
    let f = fixture().await;
    let now = f.now().timestamp();
    let signed = |name: &str, value| f.key.sign(&f.changed(name, value)).unwrap();
    let good = f.key.sign(&f.claims()).unwrap();
    let (head, payload) =
        good.split_once('.').map(|(head, rest)| (head, rest.split_once('.').unwrap().0)).unwrap();
    let impostor = SigningKey::ec("rsa-1").unwrap();
    let same_name = SigningKey::rsa("rsa-2").unwrap();
    // The public key as if it were a secret: what `alg` confusion hopes for.
    let secret = f.key.public()["n"].as_str().unwrap();
    let confused =
        encode(&header(Algorithm::HS256, "rsa-1"), &f.claims(), &EncodingKey::from_secret(secret.as_bytes()));
    let unsigned = |algorithm: &str| {
        use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
        let header = URL_SAFE_NO_PAD.encode(json!({"alg": algorithm, "kid": "rsa-1"}).to_string());
        format!("{header}.{payload}.")
    };
    let critical = Header { crit: Some(vec!["exp".into()]), ..header(Algorithm::RS256, "rsa-1") };
    let logout = Header { typ: Some("logout+jwt".into()), ..header(Algorithm::RS256, "rsa-1") };
    let wrong_key = same_name.sign_as(&header(Algorithm::RS256, "rsa-1"), &f.claims()).unwrap();
    let bad = [
        ("another audience", signed("aud", json!("somebody")), Refusal::Audience),
        ("no audience", signed("aud", json!(null)), Refusal::Claims),
        ("expired", signed("exp", json!(now - 61)), Refusal::Expired),
        ("without an end", signed("exp", json!(null)), Refusal::Claims),
        ("not yet valid", signed("nbf", json!(now + 61)), Refusal::NotYetValid),
        ("without a subject", signed("sub", json!(null)), Refusal::Claims),
        ("of another algorithm", f.key.with(Algorithm::RS512).sign(&f.claims()).unwrap(), Refusal::Algorithm),
        ("signed with the public key", confused.unwrap(), Refusal::Algorithm),
        ("alg none", unsigned("none"), Refusal::Malformed),
        ("alg None", unsigned("None"), Refusal::Malformed),
        ("without a signature", format!("{head}.{payload}."), Refusal::Signature),
        ("of another key of the same name", wrong_key, Refusal::Signature),
        (
            "of a key of another kind and the same name",
            impostor.sign(&f.claims()).unwrap(),
            Refusal::UnknownKey,
        ),
        ("of a key nobody knows", same_name.sign(&f.claims()).unwrap(), Refusal::UnknownKey),
        ("with something critical", f.key.sign_as(&critical, &f.claims()).unwrap(), Refusal::Malformed),
        ("that is no access token", f.key.sign_as(&logout, &f.claims()).unwrap(), Refusal::Malformed),
    ];
    assert!(f.read(&good).await.is_ok());
    for (what, token, why) in bad {
        assert_eq!(f.why(&token).await, Some(why), "{what}");
    }
    assert_eq!(f.issuer.asked(), 1, "nothing of it made us ask again");
}

#[tokio::test]
async fn an_issuer_vouches_for_its_own_only() {
    let f = fixture().await;
    let nobody = [
        f.key.sign(&f.changed("iss", json!("https://elsewhere.example"))).unwrap(),
        f.key.sign(&f.changed("iss", json!(format!("{}/", f.issuer.url)))).unwrap(),
        f.key.sign(&f.changed("iss", json!([f.issuer.url]))).unwrap(),
        "a.b.c".into(),
        String::new(),
        f.key.sign(&f.changed("padding", json!("x".repeat(20_000)))).unwrap(),
    ];
    for token in nobody {
        assert!(matches!(f.read(&token).await, Err(ForeignError::NotTrusted)));
    }
    assert_eq!(f.issuer.asked(), 0);

    // Both are trusted, and each with its own keys.
    let other_key = SigningKey::ec("rsa-1").unwrap();
    let other = LocalIssuer::start(&[&other_key]).await.unwrap();
    let both = Issuers::new(&[settings(&f.issuer.url), settings(&other.url)]).unwrap();
    let of_other = f.changed("iss", json!(other.url));
    let read = async |token: String| both.read(&token, f.now()).await.map(|claims| claims.identity.issuer);
    assert_eq!(read(other_key.sign(&of_other).unwrap()).await.unwrap(), other.url);
    assert_eq!(read(f.key.sign(&f.claims()).unwrap()).await.unwrap(), f.issuer.url);
    assert!(read(f.key.sign(&of_other).unwrap()).await.is_err());
    assert!(read(other_key.sign(&f.claims()).unwrap()).await.is_err());
}
