//! Callers with tokens of an issuer that the configuration names: a real one, on this machine.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};
use testkit::issuer::{LocalIssuer, Mood, SigningKey};

use crate::{
    access::{EMAIL, PASSWORD},
    app::{As, Reply, TestApp},
    walk::{assert_unchanged, everything, furnish, operations},
};

const NOBODYS_GROUP: &str = "00000000-0000-0000-0000-00000000000f";

struct Trusting {
    app: TestApp,
    issuer: LocalIssuer,
    key: SigningKey,
}

/// A server that trusts an issuer, whose users belong to the organisation that a claim names.
async fn trusting() -> Trusting {
    let key = SigningKey::rsa("rsa-1").unwrap();
    let issuer = LocalIssuer::start(&[&key]).await.unwrap();
    let app = TestApp::trusting(json!([{
        "issuer": issuer.url,
        "audiences": ["manage"],
        "organisation_claim": "org",
        "roles_claim": "realm_access.roles",
        "roles": [
            {"value": "admins", "role": "administrator"},
            {"value": "planners", "role": "planner"},
            {"value": "one-group", "role": "viewer", "resource_group": NOBODYS_GROUP},
        ],
        "algorithms": ["RS256", "ES256"],
    }]))
    .await;
    Trusting { app, issuer, key }
}

impl Trusting {
    fn claims(&self, subject: &str, roles: &[&str]) -> Value {
        let now = self.app.backends.clock.now().timestamp();
        json!({"iss": self.issuer.url, "aud": ["manage", "account"], "sub": subject, "org": "Stadtwerke",
            "iat": now, "exp": now + 600, "email": format!("{subject}@corp.example"), "name": subject,
            "realm_access": {"roles": roles}})
    }

    fn bearing(&self, claims: &Value) -> As<'_> {
        self.app.bearing(self.key.sign(claims).unwrap())
    }
}

fn told(reply: &Reply) -> (u16, &str) {
    (reply.status.as_u16(), reply.code())
}

#[tokio::test]
async fn who_the_issuer_vouches_for_works_here_as_their_token_says() {
    let t = trusting().await;
    let admin = t.app.administrator("Stadtwerke", EMAIL).await;
    let planner = json!({"name": "planner", "permissions": ["vehicle:read", "vehicle:write"]});
    admin.post("/admin/roles", planner).await;
    let ada = t.bearing(&t.claims("ada", &["planners", "offline_access"]));
    let me = ada.get("/me").await;
    assert_eq!(
        (me.status.as_u16(), &me.body["permissions"]),
        (200, &json!(["vehicle:read", "vehicle:write"]))
    );
    assert_eq!(
        (&me.body["user"]["issuer"], &me.body["user"]["role_ids"]),
        (&json!(t.issuer.url), &json!([]))
    );
    let bus = json!({"fleet_number": "1", "battery_kwh": 9, "max_dc_kw": 9});
    assert_eq!(ada.post("/vehicles", bus).await.status, 201);
    assert_eq!(ada.get("/admin/users").await.status, 403);

    // The audit trail names them, and who made them.
    let id = me.body["user"]["id"].as_str().unwrap();
    let made = admin.get(&format!("/admin/audit?resource=user&resource_id={id}")).await.body;
    assert_eq!(made["items"].as_array().unwrap().len(), 1);
    assert_eq!(made["items"][0]["after"]["identity"]["subject"], "ada");
    let did = admin.get(&format!("/admin/audit?actor_id={id}")).await.body;
    assert_eq!(did["items"][0]["resource"], "vehicle");

    // Nothing in the claim, or nothing that means anything here: signed in, and no more.
    for roles in [&[][..], &["offline_access"], &["administrator"]] {
        let powerless = t.bearing(&t.claims("ada", roles));
        assert_eq!(powerless.get("/me").await.status, 200);
        assert_eq!(told(&powerless.get("/vehicles").await), (403, "forbidden"));
    }
    let within = t.bearing(&t.claims("bo", &["one-group"]));
    assert_eq!(within.get("/vehicles").await.body["items"], json!([]));

    // Neither a password nor roles are given here.
    assert_eq!(t.app.sign_in("ada@corp.example", "").await.status, 401);
    let path = format!("/admin/users/{id}");
    for change in [json!({"password": PASSWORD}), json!({"role_ids": [me.body["user"]["id"]]})] {
        assert_eq!(told(&admin.patch(&path, change).await), (409, "user_of_issuer"));
    }
    assert_eq!(told(&admin.post(&format!("{path}/invitation"), json!(null)).await), (409, "user_of_issuer"));

    // Being inactive ends it, though the token is good.
    assert_eq!(admin.patch(&path, json!({"active": false})).await.status, 200);
    assert_eq!(told(&ada.get("/me").await), (401, "unauthenticated"));
}

#[tokio::test]
async fn a_claim_names_the_organisation_and_nothing_else_is_seen() {
    let t = trusting().await;
    let admin = t.app.administrator("Stadtwerke", EMAIL).await;
    t.app.administrator("Elsewhere", "admin@elsewhere.example").await;
    let bus = json!({"fleet_number": "1", "battery_kwh": 9, "max_dc_kw": 9});
    let bus = admin.post("/vehicles", bus).await.id().to_owned();
    let by_id = admin.get("/me").await.body["organisation"]["id"].clone();
    let at = |organisation: Value, subject: &str| {
        let mut claims = t.claims(subject, &["admins"]);
        claims["org"] = organisation;
        t.bearing(&claims)
    };
    let path = format!("/vehicles/{bus}");
    assert_eq!(at(json!("Stadtwerke"), "ada").get(&path).await.status, 200);
    assert_eq!(at(by_id, "ada").get(&path).await.status, 200);
    assert_eq!(at(json!("Elsewhere"), "eve").get(&path).await.status, 404);
    // Ada is of ours, whatever a later token says; and an organisation has to exist.
    for (organisation, subject) in
        [(json!("Elsewhere"), "ada"), (json!("Nowhere"), "cy"), (json!(null), "cy")]
    {
        assert_eq!(at(organisation, subject).get("/me").await.status, 401);
    }
}

#[tokio::test]
async fn an_email_of_ours_is_not_taken_over() {
    let t = trusting().await;
    let admin = t.app.administrator("Stadtwerke", EMAIL).await;
    let mut claims = t.claims("mallory", &["admins"]);
    (claims["email"], claims["email_verified"]) = (json!(EMAIL), json!(true));
    assert_eq!(told(&t.bearing(&claims).get("/me").await), (401, "unauthenticated"));
    assert_eq!(admin.get("/admin/users").await.body["items"].as_array().unwrap().len(), 1);
    assert_eq!(t.app.sign_in(EMAIL, PASSWORD).await.status, 200);
}

#[tokio::test]
async fn while_the_keys_are_not_known_nobody_can_tell_and_others_go_on() {
    let t = trusting().await;
    let admin = t.app.administrator("Stadtwerke", EMAIL).await;
    t.issuer.is(Mood::Away);
    let ada = t.bearing(&t.claims("ada", &["admins"]));
    let reply = ada.get("/me").await;
    assert_eq!(told(&reply), (503, "unavailable"));
    assert!(!reply.body.to_string().contains("127.0.0.1"), "{}", reply.body);
    assert_eq!(admin.get("/me").await.status, 200);
}

/// As the walk of our own tokens: each differs in one thing from a token that works.
#[tokio::test]
async fn a_token_of_the_issuer_that_is_not_good_opens_nothing() {
    let t = trusting().await;
    let admin = t.app.administrator("Stadtwerke", EMAIL).await;
    let ours = furnish(&t.app, &admin).await;
    let good = t.claims("ada", &["admins"]);
    assert_eq!(t.bearing(&good).get("/me").await.status, 200, "the tests sign as the issuer does");
    let dismissed = t.claims("dismissed", &["admins"]);
    let id = t.bearing(&dismissed).get("/me").await.body["user"]["id"].as_str().unwrap().to_owned();
    assert_eq!(admin.patch(&format!("/admin/users/{id}"), json!({"active": false})).await.status, 200);

    let now = good["iat"].as_i64().unwrap();
    let with = |name: &str, value: Value| {
        let mut claims = good.clone();
        claims[name] = value;
        t.key.sign(&claims).unwrap()
    };
    let [ec, unknown] = ["rsa-1", "unknown"].map(|id| SigningKey::ec(id).unwrap());
    let other = SigningKey::rsa("rsa-2").unwrap();
    let header = |algorithm| Header { kid: Some("rsa-1".into()), ..Header::new(algorithm) };
    let public = EncodingKey::from_secret(t.key.public()["n"].as_str().unwrap().as_bytes());
    let token = t.key.sign(&good).unwrap();
    let (head, tail) = token.rsplit_once('.').unwrap();
    let unsigned = |header: Value| {
        let payload = head.split_once('.').unwrap().1;
        format!("{}.{payload}.", URL_SAFE_NO_PAD.encode(header.to_string()))
    };
    let bad = [
        ("of a disabled user", t.key.sign(&dismissed).unwrap()),
        ("expired", with("exp", json!(now - 61))),
        ("without an end", with("exp", json!(null))),
        ("not yet valid", with("nbf", json!(now + 600))),
        ("for another audience", with("aud", json!("manage-internal"))),
        ("of another issuer", with("iss", json!("https://issuer.example"))),
        ("of our own name", with("iss", json!("manage-core"))),
        ("without a subject", with("sub", json!(null))),
        ("of no organisation", with("org", json!("Nowhere"))),
        ("signed by another algorithm", t.key.with(Algorithm::RS384).sign(&good).unwrap()),
        ("signed with the public key", encode(&header(Algorithm::HS256), &good, &public).unwrap()),
        ("signed with another key", other.sign_as(&header(Algorithm::RS256), &good).unwrap()),
        ("signed with a key of another kind", ec.sign(&good).unwrap()),
        ("signed with a key that nobody published", unknown.sign(&good).unwrap()),
        ("without a signature", format!("{head}.")),
        ("with another's signature", format!("{head}.{}", tail.chars().rev().collect::<String>())),
        ("with alg none", unsigned(json!({"alg": "none", "kid": "rsa-1"}))),
        ("with alg None", unsigned(json!({"alg": "None", "typ": "JWT"}))),
    ];
    let before = everything(&ours, &admin).await;
    for operation in operations(&ours) {
        for (what, token) in &bad {
            let reply = operation.by(&t.app.bearing(token)).await;
            assert_eq!(told(&reply), (401, "unauthenticated"), "{} with a token {what}", operation.name);
            assert_eq!(reply.headers["www-authenticate"], "Bearer error=\"invalid_token\"");
            assert_eq!(reply.body["detail"], "the token is not valid");
        }
    }
    assert_unchanged(&before, &everything(&ours, &admin).await);
    assert_eq!(t.bearing(&good).get("/admin/users").await.status, 200);
}
