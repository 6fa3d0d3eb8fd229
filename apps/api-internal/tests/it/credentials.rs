//! Every documented operation, tried with tokens that were good, or look as if they were. Each
//! differs in one thing from a token that works.

use serde_json::json;
use testkit::tokens::{signed_again, spoilt};

use crate::{
    access::{EMAIL, PASSWORD},
    app::{TOKEN_SECRET, TestApp},
    walk::{furnish, operations},
};

#[tokio::test]
async fn a_token_that_is_not_good_any_more_or_never_was_opens_nothing() {
    let app = TestApp::guarded().await;
    let admin = app.administrator("Stadtwerke", EMAIL).await;
    let ours = furnish(&app, &admin).await;
    let good = app.sign_in(EMAIL, PASSWORD).await.body["access_token"].as_str().unwrap().to_owned();
    let again = app.bearing(signed_again(&good, TOKEN_SECRET)).get("/me").await;
    assert_eq!(again.status, 200, "the tests sign as the server does");

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

    let mut bad = vec![
        ("of a disabled user", access(0)),
        ("of a session that was signed out", access(1)),
        ("of a deleted user", access(2)),
    ];
    bad.extend(spoilt(&good, TOKEN_SECRET));
    for operation in operations(&ours) {
        for (what, token) in &bad {
            let reply = operation.by(&app.bearing(token)).await;
            let seen = (reply.status.as_u16(), reply.code());
            assert_eq!(seen, (401, "unauthenticated"), "{} with a token {what}", operation.name);
        }
    }
    assert_eq!(app.bearing(&good).get("/me").await.status, 200);
}
