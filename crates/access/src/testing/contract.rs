//! What every store of access must do, whatever it is made of.

#![expect(clippy::unwrap_used, reason = "a contract is a test: it fails by panicking")]

use chrono::TimeDelta;
use kernel::{
    Actor, AuditEntry, AuditVerb, Begin, Clock, IdSource, Limit, OrganisationId, PageRequest, Permission,
    PermissionSet, Rights, Scope, StoreError, Version,
    testing::{CountingIds, FakeClock},
};

use super::{api_key, built_in, organisation, role, user};
use crate::{
    model::{
        ApiKey, Attempts, BuiltInRole, Device, Email, Invitation, RefreshToken, Role, Session, SessionId,
        User,
    },
    port::{
        AccessReader, AccessTx, ApiKeyFilter, ApiKeyReader, AuditFilter, AuditReader, AuthReader, UserFilter,
    },
    secret::Digest,
};

/// The whole of a store this contract talks to.
pub trait Store: Begin<dyn AccessTx> + AccessReader + ApiKeyReader + AuditReader + AuthReader {}
impl<T: Begin<dyn AccessTx> + AccessReader + ApiKeyReader + AuditReader + AuthReader> Store for T {}

/// Runs every clause on one empty store.
pub async fn holds(store: &dyn Store) {
    let ids = CountingIds::default();
    organisations(store, &ids).await;
    users(store, &ids).await;
    users_are_found_and_listed(store, &ids).await;
    administrators_are_counted(store, &ids).await;
    roles(store, &ids).await;
    api_keys(store, &ids).await;
    sessions(store, &ids).await;
    attempts(store).await;
    audit(store, &ids).await;
}

fn some_permissions() -> PermissionSet {
    [Permission::DepotRead, Permission::VehicleWrite].into()
}

async fn an_organisation(store: &dyn Store, ids: &CountingIds) -> OrganisationId {
    let organisation = organisation(ids, "Stadtwerke");
    let mut tx = store.begin().await.unwrap();
    tx.organisations().organisation_insert(&organisation).await.unwrap();
    tx.commit().await.unwrap();
    organisation.id
}

async fn insert(store: &dyn Store, roles: &[&Role], users: &[&User]) {
    let mut tx = store.begin().await.unwrap();
    for role in roles {
        tx.roles().role_insert(role).await.unwrap();
    }
    for user in users {
        tx.users().user_insert(user).await.unwrap();
    }
    tx.commit().await.unwrap();
}

fn assert_duplicate(outcome: Result<(), StoreError>, expected: &str) {
    match outcome {
        Err(StoreError::Duplicate { rule }) => assert_eq!(rule, expected),
        other => panic!("a duplicate {expected} gave {other:?}"),
    }
}

async fn organisations(store: &dyn Store, ids: &CountingIds) {
    let mut ours = organisation(ids, "Stadtwerke");
    ours.handle = Some("default".into());
    let mut tx = store.begin().await.unwrap();
    tx.organisations().organisation_insert(&ours).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(store.organisation_get(ours.id).await.unwrap(), Some(ours.clone()));

    let mut again = organisation(ids, "Another");
    again.handle.clone_from(&ours.handle);
    let mut tx = store.begin().await.unwrap();
    assert_duplicate(tx.organisations().organisation_insert(&again).await, "handle");
    drop(tx);

    ours.name = "Verkehrsbetriebe".into();
    ours.version = Version(2);
    let mut tx = store.begin().await.unwrap();
    assert_eq!(tx.organisations().organisation_find_by_handle("default").await.unwrap().unwrap().id, ours.id);
    tx.organisations().organisation_update(&ours, Version(1)).await.unwrap();
    let stale = tx.organisations().organisation_update(&ours, Version(1)).await;
    assert!(matches!(stale, Err(StoreError::Stale)));
    assert_eq!(tx.organisations().organisation_find(ours.id).await.unwrap(), Some(ours.clone()));
    assert_eq!(tx.organisations().organisation_find_by_handle("none").await.unwrap(), None);
    tx.commit().await.unwrap();
    assert_eq!(store.organisation_get(ours.id).await.unwrap(), Some(ours));
}

async fn users(store: &dyn Store, ids: &CountingIds) {
    let (org, other) = (an_organisation(store, ids).await, an_organisation(store, ids).await);
    let (first, second) = (
        role(ids, org, "planner", some_permissions()),
        role(ids, org, "driver", [Permission::VehicleRead].into()),
    );
    let mut ada = user(ids, org, "ada@depot.example");
    ada.roles = [first.id, second.id].into();
    insert(store, &[&first, &second], &[&ada]).await;
    assert_eq!(store.user_get(org, ada.id).await.unwrap(), Some(ada.clone()));
    assert_eq!(store.user_get(other, ada.id).await.unwrap(), None);

    let digest = Digest::of("invitation");
    assert_eq!(store.user_by_invitation(digest).await.unwrap(), None);
    let expires_at = FakeClock::default().now();
    let mut eve = user(ids, org, "eve@depot.example");
    eve.invitation = Some(Invitation { digest, expires_at });
    insert(store, &[], &[&eve]).await;
    assert_eq!(store.user_by_invitation(digest).await.unwrap(), Some(eve));

    // An email is unique over all organisations.
    let mut tx = store.begin().await.unwrap();
    assert_duplicate(tx.users().user_insert(&user(ids, other, "ada@depot.example")).await, "email");
    drop(tx);

    ada.roles = [second.id].into();
    ada.display_name = "Ada L.".into();
    ada.active = false;
    ada.version = Version(2);
    let mut tx = store.begin().await.unwrap();
    assert_eq!(tx.users().user_find(other, ada.id).await.unwrap(), None);
    tx.users().user_update(&ada, Version(1)).await.unwrap();
    assert_eq!(tx.users().user_find(org, ada.id).await.unwrap(), Some(ada.clone()));
    assert!(matches!(tx.users().user_update(&ada, Version(1)).await, Err(StoreError::Stale)));
    tx.commit().await.unwrap();
    assert_eq!(store.user_get(org, ada.id).await.unwrap(), Some(ada.clone()));

    let mut tx = store.begin().await.unwrap();
    assert!(matches!(tx.users().user_delete(org, ada.id, Version(1)).await, Err(StoreError::Stale)));
    assert!(matches!(tx.users().user_delete(other, ada.id, Version(2)).await, Err(StoreError::Stale)));
    tx.users().user_delete(org, ada.id, Version(2)).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(store.user_get(org, ada.id).await.unwrap(), None);
    assert_eq!(store.user_by_email(&ada.email).await.unwrap(), None);
}

async fn users_are_found_and_listed(store: &dyn Store, ids: &CountingIds) {
    let (org, other) = (an_organisation(store, ids).await, an_organisation(store, ids).await);
    let planner = role(ids, org, "planner", some_permissions());
    let mut all: Vec<User> = (0..3).map(|n| user(ids, org, &format!("u{n}_%@depot.example"))).collect();
    all[1].roles = [planner.id].into();
    all[2].active = false;
    insert(store, &[&planner], &[&all[0], &all[1], &all[2], &user(ids, other, "u9@depot.example")]).await;

    let email = Email::normalise("U1_%@depot.example");
    assert_eq!(store.user_by_email(&email).await.unwrap(), Some(all[1].clone()));
    let mut seen = Vec::new();
    let mut after = None;
    loop {
        let request = PageRequest { limit: Limit::new(2).unwrap(), after };
        let page = store.user_list(org, &UserFilter::default(), request).await.unwrap();
        seen.extend(page.items);
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(seen, all);
    let list =
        |filter| async move { store.user_list(org, &filter, PageRequest::default()).await.unwrap().items };
    let by_role = UserFilter { role: Some(planner.id), ..UserFilter::default() };
    assert_eq!(list(by_role).await, vec![all[1].clone()]);
    let inactive = UserFilter { active: Some(false), ..UserFilter::default() };
    assert_eq!(list(inactive).await, vec![all[2].clone()]);
    let search = |text: &str| UserFilter { search: Some(text.into()), ..UserFilter::default() };
    assert_eq!(list(search("U0_%")).await, vec![all[0].clone()]);
    assert_eq!(list(search("aDA")).await.len(), 3);
    assert!(list(search("u%1")).await.is_empty());
}

async fn administrators_are_counted(store: &dyn Store, ids: &CountingIds) {
    let org = an_organisation(store, ids).await;
    let administrator = built_in(ids, org, BuiltInRole::Administrator);
    let operator = built_in(ids, org, BuiltInRole::Operator);
    // A role that may do everything is not the role that administers.
    let namesake = role(ids, org, "Administrator", BuiltInRole::Administrator.permissions());
    let mut all: Vec<User> = (0..4).map(|n| user(ids, org, &format!("a{n}@depot.example"))).collect();
    all[0].roles = [administrator.id, operator.id].into();
    all[1].roles = [operator.id].into();
    all[2].roles = [namesake.id].into();
    all[3].roles = [administrator.id].into();
    all[3].active = false;
    insert(store, &[&administrator, &operator, &namesake], &all.iter().collect::<Vec<_>>()).await;
    let mut tx = store.begin().await.unwrap();
    assert_eq!(tx.users().administrators(org).await.unwrap(), 1);
    let found = tx.roles().role_find_built_in(org, BuiltInRole::Operator).await.unwrap();
    assert_eq!(found, Some(operator.clone()));
    assert_eq!(tx.roles().role_find_built_in(org, BuiltInRole::Viewer).await.unwrap(), None);
    tx.users().user_delete(org, all[0].id, Version(1)).await.unwrap();
    assert_eq!(tx.users().administrators(org).await.unwrap(), 0);
}

async fn roles(store: &dyn Store, ids: &CountingIds) {
    let (org, other) = (an_organisation(store, ids).await, an_organisation(store, ids).await);
    let mut planner = role(ids, org, "planner", some_permissions());
    let idle = role(ids, org, "idle", [].into());
    let mut ada = user(ids, org, "role@depot.example");
    ada.roles = [planner.id].into();
    insert(store, &[&planner, &idle], &[&ada]).await;
    insert(store, &[&role(ids, other, "planner", some_permissions())], &[]).await;
    assert_eq!(store.role_get(org, planner.id).await.unwrap(), Some(planner.clone()));
    assert_eq!(store.role_get(other, planner.id).await.unwrap(), None);
    let page = store.role_list(org, PageRequest::default()).await.unwrap();
    assert_eq!(page.items, vec![planner.clone(), idle.clone()]);

    let mut tx = store.begin().await.unwrap();
    assert_duplicate(tx.roles().role_insert(&role(ids, org, "planner", [].into())).await, "name");
    drop(tx);
    let mut tx = store.begin().await.unwrap();
    assert!(matches!(tx.roles().role_delete(org, planner.id, Version(1)).await, Err(StoreError::Reference)));
    drop(tx);

    planner.permissions = [Permission::AuditRead].into();
    planner.version = Version(2);
    let mut tx = store.begin().await.unwrap();
    tx.roles().role_update(&planner, Version(1)).await.unwrap();
    assert!(matches!(tx.roles().role_update(&planner, Version(1)).await, Err(StoreError::Stale)));
    assert_eq!(tx.roles().role_find(org, planner.id).await.unwrap(), Some(planner.clone()));
    assert_eq!(tx.roles().role_find(other, planner.id).await.unwrap(), None);
    let found = tx.roles().roles_find(org, &[idle.id, planner.id, ids.uuid().into()]).await.unwrap();
    assert_eq!(found, vec![planner.clone(), idle.clone()]);
    assert!(tx.roles().roles_find(other, &[planner.id]).await.unwrap().is_empty());
    assert!(matches!(tx.roles().role_delete(org, idle.id, Version(2)).await, Err(StoreError::Stale)));
    tx.roles().role_delete(org, idle.id, Version(1)).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(store.role_get(org, idle.id).await.unwrap(), None);
}

async fn api_keys(store: &dyn Store, ids: &CountingIds) {
    let (org, other) = (an_organisation(store, ids).await, an_organisation(store, ids).await);
    let now = FakeClock::default().now();
    let (mut first, second) = (api_key(ids, org, some_permissions()), api_key(ids, org, [].into()));
    first.expires_at = Some(now);
    let mut tx = store.begin().await.unwrap();
    tx.api_keys().api_key_insert(&first).await.unwrap();
    tx.api_keys().api_key_insert(&second).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(store.api_key_get(org, first.id).await.unwrap(), Some(first.clone()));
    assert_eq!(store.api_key_get(other, first.id).await.unwrap(), None);
    assert_eq!(store.api_key_by_prefix(&first.prefix).await.unwrap(), Some(first.clone()));
    assert_eq!(store.api_key_by_prefix("none").await.unwrap(), None);

    let mut same_prefix = api_key(ids, other, [].into());
    same_prefix.prefix.clone_from(&first.prefix);
    let mut tx = store.begin().await.unwrap();
    assert_duplicate(tx.api_keys().api_key_insert(&same_prefix).await, "prefix");
    drop(tx);

    first.revoked_at = Some(now);
    first.version = Version(2);
    let mut tx = store.begin().await.unwrap();
    assert_eq!(tx.api_keys().api_key_find(other, first.id).await.unwrap(), None);
    tx.api_keys().api_key_update(&first, Version(1)).await.unwrap();
    assert!(matches!(tx.api_keys().api_key_update(&first, Version(1)).await, Err(StoreError::Stale)));
    assert_eq!(tx.api_keys().api_key_find(org, first.id).await.unwrap(), Some(first.clone()));
    // A use is noted beside all else, and an earlier one does not undo it.
    for used in [now, now + TimeDelta::minutes(1), now] {
        tx.api_keys().api_key_used(first.id, used).await.unwrap();
    }
    let (read, later) = (first.version, Version(3));
    first = ApiKey { version: later, last_used_at: None, ..first };
    tx.api_keys().api_key_update(&first, read).await.unwrap();
    first.last_used_at = Some(now + TimeDelta::minutes(1));
    tx.commit().await.unwrap();
    let list = |revoked| async move {
        let filter = ApiKeyFilter { revoked };
        store.api_key_list(org, &filter, PageRequest::default()).await.unwrap().items
    };
    assert_eq!(list(None).await, vec![first.clone(), second.clone()]);
    assert_eq!(list(Some(true)).await, vec![first]);
    assert_eq!(list(Some(false)).await, vec![second]);
}

async fn sessions(store: &dyn Store, ids: &CountingIds) {
    let org = an_organisation(store, ids).await;
    let now = FakeClock::default().now();
    let (planner, driver) = (
        role(ids, org, "planner", some_permissions()),
        role(ids, org, "driver", [Permission::DepotRead, Permission::IdTagRead].into()),
    );
    let mut ada = user(ids, org, "session@depot.example");
    ada.roles = [planner.id, driver.id].into();
    insert(store, &[&planner, &driver], &[&ada]).await;
    let token = |session: SessionId, text: &str, minutes: i64| RefreshToken {
        id: ids.uuid(),
        session,
        organisation: org,
        user: ada.id,
        digest: Digest::of(text),
        begun_at: now - TimeDelta::hours(1),
        issued_at: now,
        expires_at: now + TimeDelta::minutes(minutes),
        used_at: None,
        device: Device::new(Some("a browser"), Some([192, 0, 2, 1].into())),
    };
    let (one, two) = (SessionId(ids.uuid()), SessionId(ids.uuid()));
    let mut first = token(one, "first", 10);
    let mut tx = store.begin().await.unwrap();
    tx.refresh_tokens().token_insert(&first).await.unwrap();
    tx.refresh_tokens().token_insert(&token(two, "second", 10)).await.unwrap();
    tx.refresh_tokens().token_insert(&token(two, "old", -10)).await.unwrap();
    tx.commit().await.unwrap();

    let all: PermissionSet = [Permission::DepotRead, Permission::VehicleWrite, Permission::IdTagRead].into();
    let may = |session, at| async move { store.session_rights(org, ada.id, session, at).await.unwrap() };
    let all = Rights::from(all);
    assert_eq!(may(one, now).await, Some(all.clone()));
    assert_eq!(may(one, now + TimeDelta::minutes(10)).await, None);
    assert_eq!(may(SessionId(ids.uuid()), now).await, None);
    let elsewhere = store.session_rights(ids.uuid().into(), ada.id, one, now).await.unwrap();
    assert_eq!(elsewhere, None);

    let going_on: Vec<Session> = store.session_list(org, ada.id, now).await.unwrap();
    let ids_of: std::collections::BTreeSet<_> = going_on.iter().map(|session| session.id).collect();
    assert_eq!(ids_of, [one, two].into());
    let newest = going_on.iter().find(|session| session.id == one);
    assert_eq!(newest, Some(&first.session()), "on which device, since when, until when");
    assert!(store.session_list(ids.uuid().into(), ada.id, now).await.unwrap().is_empty());
    let later = store.session_list(org, ada.id, now + TimeDelta::minutes(10)).await.unwrap();
    assert!(later.is_empty());

    let mut tx = store.begin().await.unwrap();
    assert_eq!(tx.refresh_tokens().token_find(Digest::of("first")).await.unwrap(), Some(first.clone()));
    assert_eq!(tx.refresh_tokens().token_find(Digest::of("none")).await.unwrap(), None);
    tx.refresh_tokens().token_mark_used(first.id, now).await.unwrap();
    tx.refresh_tokens().tokens_forget(ada.id, now).await.unwrap();
    tx.commit().await.unwrap();
    first.used_at = Some(now);
    let mut tx = store.begin().await.unwrap();
    assert_eq!(tx.refresh_tokens().token_find(Digest::of("first")).await.unwrap(), Some(first));
    assert_eq!(tx.refresh_tokens().token_find(Digest::of("old")).await.unwrap(), None);
    tx.refresh_tokens().session_delete(one).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!((may(one, now).await, may(two, now).await), (None, Some(all)));

    // A session ends with its user's activity, by order, and with the user.
    let mut tx = store.begin().await.unwrap();
    let inactive = User { active: false, version: Version(2), ..ada.clone() };
    tx.users().user_update(&inactive, Version(1)).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(may(two, now).await, None);
    let mut tx = store.begin().await.unwrap();
    tx.refresh_tokens().sessions_delete(ada.id).await.unwrap();
    assert_eq!(tx.refresh_tokens().token_find(Digest::of("second")).await.unwrap(), None);
    tx.refresh_tokens().token_insert(&token(two, "third", 10)).await.unwrap();
    tx.users().user_delete(org, ada.id, Version(2)).await.unwrap();
    assert_eq!(tx.refresh_tokens().token_find(Digest::of("third")).await.unwrap(), None);
    tx.commit().await.unwrap();
}

async fn attempts(store: &dyn Store) {
    let now = FakeClock::default().now();
    let none = Attempts { count: 0, last: now };
    let three = Attempts { count: 3, last: now + TimeDelta::minutes(1) };
    let mut tx = store.begin().await.unwrap();
    assert_eq!(tx.attempts().attempts_lock("ada", now).await.unwrap(), none);
    tx.attempts().attempts_put("ada", three).await.unwrap();
    assert_eq!(tx.attempts().attempts_lock("eve", now).await.unwrap(), none);
    tx.attempts().attempts_put("eve", Attempts { count: 1, ..none }).await.unwrap();
    tx.commit().await.unwrap();
    let mut tx = store.begin().await.unwrap();
    tx.attempts().attempts_forget_before(three.last).await.unwrap();
    assert_eq!(tx.attempts().attempts_lock("ada", now).await.unwrap(), three);
    assert_eq!(tx.attempts().attempts_lock("eve", now).await.unwrap(), none);
    tx.attempts().attempts_forget("ada").await.unwrap();
    assert_eq!(tx.attempts().attempts_lock("ada", now).await.unwrap(), none);
}

async fn audit(store: &dyn Store, ids: &CountingIds) {
    let org = an_organisation(store, ids).await;
    let clock = FakeClock::default();
    let (ada, target) = (ids.uuid(), ids.uuid());
    let scope = Scope::new(org, Actor::User(ada.into()), [].into())
        .with_request_id("r-1")
        .with_address([192, 0, 2, 1].into());
    let mut entries = vec![
        AuditEntry::new(&scope, &clock, ids, AuditVerb::Create, "depot", target).after(&"new"),
        AuditEntry::new(&Scope::system(org), &clock, ids, AuditVerb::Update, "depot", ids.uuid()),
    ];
    clock.advance(TimeDelta::minutes(1));
    entries.push(AuditEntry::new(&scope, &clock, ids, AuditVerb::SignIn, "user", ada));
    let foreign = Scope::system(ids.uuid().into());
    let mut tx = store.begin().await.unwrap();
    for entry in &entries {
        tx.audit().record(entry.clone()).await.unwrap();
    }
    tx.audit()
        .record(AuditEntry::new(&foreign, &clock, ids, AuditVerb::Create, "depot", target))
        .await
        .unwrap();
    tx.commit().await.unwrap();

    let list = |filter: AuditFilter| async move {
        let page =
            store.audit_list(&org.into(), Actor::System, &filter, PageRequest::default()).await.unwrap();
        page.items.into_iter().map(|record| record.id).collect::<Vec<_>>()
    };
    let [created, changed, signed_in] = [entries[0].id, entries[1].id, entries[2].id];
    let none = AuditFilter::default;
    assert_eq!(list(none()).await, [signed_in, changed, created]);
    assert_eq!(list(AuditFilter { resource: Some("depot".into()), ..none() }).await, [changed, created]);
    assert_eq!(list(AuditFilter { resource_id: Some(target), ..none() }).await, [created]);
    assert_eq!(list(AuditFilter { actor_id: Some(ada), ..none() }).await, [signed_in, created]);
    assert_eq!(list(AuditFilter { request_id: Some("r-1".into()), ..none() }).await, [signed_in, created]);
    assert_eq!(list(AuditFilter { text: Some("NeW".into()), ..none() }).await, [created]);
    assert!(list(AuditFilter { text: Some("n%w".into()), ..none() }).await.is_empty());
    assert_eq!(list(AuditFilter { verb: Some(AuditVerb::SignIn), ..none() }).await, [signed_in]);
    assert_eq!(list(AuditFilter { from: Some(clock.now()), ..none() }).await, [signed_in]);
    assert_eq!(list(AuditFilter { to: Some(clock.now()), ..none() }).await, [changed, created]);

    let first = PageRequest { limit: Limit::new(2).unwrap(), after: None };
    let page = store.audit_list(&org.into(), Actor::System, &none(), first).await.unwrap();
    assert_eq!(page.items[0].actor, Actor::User(ada.into()));
    assert_eq!(page.items[0].request_id.as_deref(), Some("r-1"));
    assert_eq!(page.items[0].address, Some([192, 0, 2, 1].into()));
    let rest = PageRequest { limit: Limit::new(2).unwrap(), after: page.next };
    let page = store.audit_list(&org.into(), Actor::System, &none(), rest).await.unwrap();
    let [last] = &page.items[..] else { panic!("one entry is left") };
    assert_eq!((last.id, last.after.clone(), page.next), (created, Some("new".into()), None));
    assert_eq!(store.audit_get(org, created).await.unwrap().as_ref(), Some(last));
    assert_eq!(store.audit_get(foreign.organisation(), created).await.unwrap(), None);
}
