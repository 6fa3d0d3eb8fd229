//! Signing in, and the administration of access.

use axum::http::Method;
use kernel::Permission;
use serde_json::{Value, json};

use crate::app::{As, Reply, TestApp};

pub const EMAIL: &str = "admin@depot.example";
pub const PASSWORD: &str = "correct horse";

impl TestApp {
    /// An organisation of that name with an administrator, who is signed in.
    pub async fn administrator(&self, organisation: &str, email: &str) -> As<'_> {
        let bootstrap = &self.services.access.bootstrap;
        let organisation = bootstrap.ensure_organisation(organisation).await.unwrap();
        bootstrap.ensure_first_administrator(organisation.id, email, Some(PASSWORD)).await.unwrap();
        self.signed_in(email).await
    }

    pub async fn signed_in(&self, email: &str) -> As<'_> {
        let reply = self.sign_in(email, PASSWORD).await;
        self.bearing(reply.body["access_token"].as_str().unwrap())
    }

    pub async fn sign_in(&self, email: &str, password: &str) -> Reply {
        self.bearing("").post("/auth/token", json!({"email": email, "password": password})).await
    }
}

#[tokio::test]
async fn a_session_begins_goes_on_and_ends() {
    let app = TestApp::guarded().await;
    app.administrator("Stadtwerke", EMAIL).await;
    let nobody = app.bearing("");
    let first = app.sign_in("Admin@Depot.Example", PASSWORD).await;
    assert_eq!((first.status.as_u16(), &first.body["token_type"]), (200, &json!("Bearer")));
    assert_eq!(
        (&first.body["expires_in"], &first.headers["cache-control"]),
        (&json!(900), &"no-store".parse().unwrap())
    );
    let me = app.bearing(first.body["access_token"].as_str().unwrap());
    let shown = me.get("/me").await.body;
    insta::assert_json_snapshot!(shown, {
        ".user.id" => "[id]", ".user.role_ids[]" => "[id]", ".organisation.id" => "[id]",
        ".**.created_at" => "[time]", ".**.updated_at" => "[time]", ".permissions" => "[permissions]",
    });
    assert_eq!(shown["permissions"].as_array().unwrap().len(), Permission::ALL.len());

    let refresh = |reply: &Reply| json!({"refresh_token": reply.body["refresh_token"]});
    let second = nobody.post("/auth/refresh", refresh(&first)).await;
    assert_eq!(second.status, 200);
    // The first refresh token again: somebody copied it.
    assert_eq!(nobody.post("/auth/refresh", refresh(&first)).await.status, 401);
    assert_eq!(nobody.post("/auth/refresh", refresh(&second)).await.status, 401);
    assert_eq!(me.get("/me").await.status, 401);

    let third = app.sign_in(EMAIL, PASSWORD).await;
    let me = app.bearing(third.body["access_token"].as_str().unwrap());
    assert_eq!(nobody.post("/auth/sign-out", refresh(&third)).await.status, 204);
    assert_eq!(nobody.post("/auth/sign-out", refresh(&third)).await.status, 204);
    assert_eq!(
        (me.get("/me").await.status, me.get("/vehicles").await.status.as_u16()),
        (401.try_into().unwrap(), 401)
    );
}

#[tokio::test]
async fn a_wrong_sign_in_tells_nothing_and_too_many_have_to_wait() {
    let app = TestApp::frozen().await;
    app.administrator("Stadtwerke", EMAIL).await;
    let wrong = app.sign_in(EMAIL, "wrong").await;
    let unknown = app.sign_in("nobody@depot.example", PASSWORD).await;
    for reply in [&wrong, &unknown] {
        assert_eq!((reply.status.as_u16(), reply.code()), (401, "unauthenticated"));
        assert!(reply.headers.contains_key("www-authenticate"));
    }
    assert_eq!(wrong.body["detail"], unknown.body["detail"]);
    for _ in 0..9 {
        app.sign_in(EMAIL, "wrong").await;
    }
    let slowed = app.sign_in(EMAIL, PASSWORD).await;
    assert_eq!((slowed.status.as_u16(), slowed.code()), (429, "too_many_attempts"));
    assert_eq!(slowed.headers["retry-after"], "1");
    assert_eq!(
        app.bearing("").post("/auth/token", json!({"email": EMAIL})).await.fields(),
        [("/password", "required")]
    );
}

#[tokio::test]
async fn a_user_gets_roles_and_loses_them() {
    let app = TestApp::guarded().await;
    let admin = app.administrator("Stadtwerke", EMAIL).await;
    let roles = admin.get("/admin/roles").await.body;
    let names: Vec<_> =
        roles["items"].as_array().unwrap().iter().map(|role| role["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["administrator", "operator", "dispatcher", "maintenance", "viewer"]);
    let viewer = roles["items"][4]["id"].clone();

    let ada = json!({"email": "Ada@Depot.Example", "display_name": "Ada", "password": PASSWORD, "role_ids": [viewer]});
    let created = admin.post("/admin/users", ada.clone()).await;
    assert_eq!((created.status.as_u16(), &created.body["email"]), (201, &json!("ada@depot.example")));
    assert!(created.body.get("password").is_none());
    assert_eq!(admin.post("/admin/users", ada).await.code(), "email_taken");
    let path = format!("/admin/users/{}", created.id());
    let shown = admin.get(&path).await.body;
    assert_eq!((&shown["id"], &shown["role_ids"]), (&created.body["id"], &created.body["role_ids"]));
    let found = admin.get("/admin/users?search=ADA&active=true").await;
    assert_eq!(found.body["items"], json!([shown]));

    let ada = app.signed_in("ada@depot.example").await;
    assert_eq!(ada.get("/vehicles").await.status, 200);
    assert_eq!(
        ada.post("/vehicles", json!({"fleet_number": "1", "battery_kwh": 9, "max_dc_kw": 9})).await.status,
        403
    );
    assert_eq!(ada.get("/admin/users").await.status, 403);
    let stale =
        admin.ask(Method::PATCH, &path, Some(json!({"role_ids": []})), &[("if-match", "\"v9\"")]).await;
    assert_eq!(stale.status, 412);
    assert_eq!(admin.patch(&path, json!({"role_ids": []})).await.status, 200);
    assert_eq!(ada.get("/vehicles").await.status, 403);
    assert_eq!(admin.patch(&path, json!({"active": false})).await.body["active"], json!(false));
    assert_eq!(ada.get("/me").await.status, 401);
    assert_eq!(admin.delete(&path).await.status, 204);
    assert_eq!(admin.get(&path).await.status, 404);

    let me = admin.get("/me").await.body["user"]["id"].as_str().unwrap().to_owned();
    let last = admin.delete(&format!("/admin/users/{me}")).await;
    assert_eq!((last.status.as_u16(), last.code()), (409, "last_administrator"));
    let unknown = json!({"email": "x", "display_name": "", "password": "short", "role_ids": []});
    let wrong = admin.post("/admin/users", unknown).await;
    assert_eq!(
        wrong.fields(),
        [("/email", "malformed"), ("/display_name", "required"), ("/password", "out_of_range")]
    );
}

#[tokio::test]
async fn a_role_is_made_changed_and_deleted() {
    let app = TestApp::guarded().await;
    let admin = app.administrator("Stadtwerke", EMAIL).await;
    let planner = json!({"name": "planner", "permissions": ["vehicle:read", "role:read"]});
    let created = admin.post("/admin/roles", planner.clone()).await;
    assert_eq!((created.status.as_u16(), &created.body["built_in"]), (201, &json!(false)));
    assert_eq!(admin.post("/admin/roles", planner).await.code(), "role_name_taken");
    let path = format!("/admin/roles/{}", created.id());
    let changed = admin.patch(&path, json!({"permissions": ["vehicle:read"]})).await;
    assert_eq!((&changed.body["permissions"], changed.etag()), (&json!(["vehicle:read"]), "\"v2\""));
    let odd = admin.patch(&path, json!({"permissions": ["vehicle:fly"]})).await;
    assert_eq!((odd.status.as_u16(), odd.fields()), (422, vec![("/permissions/0", "invalid_value")]));
    let built_in = admin.get("/admin/roles").await.body["items"][0]["id"].as_str().unwrap().to_owned();
    assert_eq!(admin.delete(&format!("/admin/roles/{built_in}")).await.code(), "role_built_in");
    assert_eq!(admin.delete(&path).await.status, 204);
    assert_eq!(admin.get(&path).await.status, 404);
}

#[tokio::test]
async fn a_key_is_shown_once_and_works_until_it_is_revoked() {
    let app = TestApp::guarded().await;
    let admin = app.administrator("Stadtwerke", EMAIL).await;
    let created =
        admin.post("/admin/api-keys", json!({"name": "telematics", "permissions": ["vehicle:write"]})).await;
    let key = created.body["key"].as_str().unwrap().to_owned();
    assert!(key.starts_with(created.body["prefix"].as_str().unwrap()));
    let path = format!("/admin/api-keys/{}", created.id());
    assert!(admin.get(&path).await.body.get("key").is_none());
    let auth = &app.services.access.auth;
    assert!(auth.authenticate_client(&key).await.unwrap().allows(Permission::VehicleWrite));
    assert_eq!(app.bearing(&key).get("/vehicles").await.status, 401);

    let past = admin.patch(&path, json!({"expires_at": "2020-01-01T00:00:00Z"})).await;
    assert_eq!(past.fields(), [("/expires_at", "in_the_past")]);
    assert_eq!(admin.patch(&path, json!({"name": "vans"})).await.body["name"], json!("vans"));
    assert_eq!(admin.delete(&path).await.status, 204);
    assert!(auth.authenticate_client(&key).await.is_err());
    assert_eq!(admin.get("/admin/api-keys?revoked=false").await.body["items"], json!([]));
    assert_ne!(admin.get(&path).await.body["revoked_at"], Value::Null);
    let none = admin.post("/admin/api-keys", json!({"name": "x", "permissions": []})).await;
    assert_eq!(none.fields(), [("/permissions", "required")]);
}

#[tokio::test]
async fn a_repeated_request_does_not_show_the_key_again() {
    let app = TestApp::guarded().await;
    let admin = app.administrator("Stadtwerke", EMAIL).await;
    let wanted = || Some(json!({"name": "telematics", "permissions": ["vehicle:write"]}));
    let keyed = [("idempotency-key", "k-1")];
    let first = admin.ask(Method::POST, "/admin/api-keys", wanted(), &keyed).await;
    let again = admin.ask(Method::POST, "/admin/api-keys", wanted(), &keyed).await;
    assert!(app.services.access.auth.authenticate_client(first.body["key"].as_str().unwrap()).await.is_ok());
    assert_eq!((again.status.as_u16(), again.id(), &again.body["key"]), (201, first.id(), &Value::Null));
}

#[tokio::test]
async fn the_trail_says_who_did_what() {
    let app = TestApp::guarded().await;
    let admin = app.administrator("Stadtwerke", EMAIL).await;
    let renamed = admin.patch("/admin/organisation", json!({"name": "Verkehrsbetriebe"})).await;
    assert_eq!((renamed.status.as_u16(), renamed.etag()), (200, "\"v2\""));
    assert_eq!(admin.get("/admin/organisation").await.body, renamed.body);

    let trail = admin.get("/admin/audit?verb=update").await.body;
    let [entry] = &trail["items"].as_array().unwrap()[..] else { panic!("one change") };
    let me = admin.get("/me").await.body["user"]["id"].clone();
    assert_eq!(
        (&entry["resource"], &entry["actor"]),
        (&json!("organisation"), &json!({"type": "user", "id": me}))
    );
    assert_eq!(
        (&entry["before"]["name"], &entry["after"]["name"]),
        (&json!("Stadtwerke"), &json!("Verkehrsbetriebe"))
    );
    let id = me.as_str().unwrap();
    let signed_in = admin.get(&format!("/admin/audit?verb=sign_in&actor_id={id}&resource=user")).await.body;
    assert_eq!(signed_in["items"].as_array().unwrap().len(), 1);
    let page = admin.get("/admin/audit?limit=1").await.body;
    let cursor = page["next_cursor"].as_str().unwrap();
    let rest = admin.get(&format!("/admin/audit?cursor={cursor}")).await.body;
    assert_ne!(rest["items"][0]["id"], page["items"][0]["id"]);
    assert_eq!(admin.get("/admin/audit?until=now").await.status, 400);
}

#[tokio::test]
async fn a_person_is_invited_and_their_session_is_ended() {
    let app = TestApp::guarded().await;
    let admin = app.administrator("Stadtwerke", EMAIL).await;
    let ada = json!({"email": "ada@depot.example", "display_name": "Ada"});
    let keyed = [("idempotency-key", "k-1")];
    let created = admin.ask(Method::POST, "/admin/users", Some(ada.clone()), &keyed).await;
    let again = admin.ask(Method::POST, "/admin/users", Some(ada), &keyed).await;
    assert_eq!((again.status.as_u16(), again.id()), (201, created.id()));
    assert_eq!(again.body["invitation_token"], Value::Null, "it is shown once");
    assert!(created.body["invitation_expires_at"].is_string());
    let token = created.body["invitation_token"].as_str().unwrap();
    let nobody = app.bearing("");
    let accept = async |token: &str, password: &str| {
        nobody.post("/auth/accept-invitation", json!({"token": token, "password": password})).await
    };
    assert_eq!(accept(token, "short").await.fields(), [("/password", "out_of_range")]);
    assert_eq!(accept("nonsense", PASSWORD).await.status, 401);
    assert_eq!(accept(token, PASSWORD).await.status, 204);
    assert_eq!(accept(token, PASSWORD).await.status, 401);
    let me = app.signed_in("ada@depot.example").await;
    assert_eq!(me.get("/me").await.body["user"]["invitation_expires_at"], Value::Null);

    let sessions = format!("/admin/users/{}/sessions", created.id());
    let going_on = admin.get(&sessions).await.body;
    let session = going_on["items"][0]["id"].as_str().unwrap();
    assert_eq!(admin.delete(&format!("{sessions}/{session}")).await.status, 204);
    assert_eq!(me.get("/me").await.status, 401);
    assert_eq!(admin.get(&sessions).await.body["items"], json!([]));
    assert_eq!(admin.delete(&format!("{sessions}/{session}")).await.status, 404);

    let invited = admin.post(&format!("/admin/users/{}/invitation", created.id()), json!({})).await;
    assert_eq!(invited.status, 201);
    assert_eq!(app.sign_in("ada@depot.example", PASSWORD).await.status, 401);
    assert_eq!(accept(invited.body["invitation_token"].as_str().unwrap(), "another horse").await.status, 204);
    assert_eq!(app.sign_in("ada@depot.example", "another horse").await.status, 200);
}

#[tokio::test]
async fn the_trail_is_exported_whole_in_either_form() {
    let app = TestApp::guarded().await;
    let admin = app.administrator("Stadtwerke", EMAIL).await;
    // More than is read at a time, and names that need quoting.
    for number in 0..510 {
        let name = format!("{number}, \"north\"");
        assert_eq!(admin.post("/resource-groups", json!({"name": name})).await.status, 201);
    }
    let lines = admin.get("/admin/audit/export?resource=resource_group").await;
    assert_eq!(lines.headers["content-type"], "application/x-ndjson");
    let lines: Vec<Value> =
        lines.body.as_str().unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 510);
    assert_eq!(lines[0]["after"]["name"], json!("509, \"north\""));
    assert_eq!(lines[509]["after"]["name"], json!("0, \"north\""));

    let table = admin.get("/admin/audit/export?resource=resource_group&format=csv").await;
    assert_eq!(table.headers["content-disposition"], "attachment; filename=\"audit.csv\"");
    let mut table = csv::Reader::from_reader(table.body.as_str().unwrap().as_bytes());
    assert_eq!(table.headers().unwrap().get(8), Some("after"));
    let rows: Vec<_> = table.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 510);
    let after: Value = serde_json::from_str(&rows[0][8]).unwrap();
    assert_eq!(after, lines[0]["after"]);

    let found = admin.get("/admin/audit?text=7,%20%5C%22NORTH&limit=500").await.body;
    assert_eq!(found["items"].as_array().map(Vec::len), Some(51), "names that end in 7");
    assert_eq!(admin.get("/admin/audit/export?format=xml").await.status, 400);
}
