//! Who may change whom.

use std::sync::Arc;

use access::{
    AccessError, ApiKeyFilter, AuditFilter, BuiltInRole, ChangeRole, ChangeUser, CreateApiKey, CreateRole,
    CreateUser, GroupGrant, Origin, UserFilter,
};
use futures::executor::block_on;
use kernel::{Actor, IdSource, PageRequest, Permission, Rights, Scope, StoreError, Version};

use crate::fixture::{EMAIL, PASSWORD, fixture, new_user};

fn denied<T>(outcome: Result<T, AccessError>) -> bool {
    outcome.is_err_and(|error| matches!(error, AccessError::Denied(_)))
}

#[test]
fn the_first_administrator_is_made_once() {
    let f = fixture();
    let again = f.access.bootstrap.ensure_first_administrator(f.organisation.id, "eve@x.example", None);
    assert!(block_on(again).unwrap().is_none());
    assert_eq!(block_on(f.access.bootstrap.ensure_organisation("Stadtwerke")).unwrap(), f.organisation);
    block_on(f.access.organisations.organisation_rename(&f.scope, None, "Renamed")).unwrap();
    let found = block_on(f.access.bootstrap.ensure_organisation("Stadtwerke")).unwrap();
    assert_eq!((found.id, found.name.as_str()), (f.organisation.id, "Renamed"));

    let other = block_on(f.access.bootstrap.ensure_organisation("Another")).unwrap();
    let first = f.access.bootstrap.ensure_first_administrator(other.id, "bob@x.example", None);
    let password = block_on(first).unwrap().unwrap().generated_password.unwrap();
    assert!(password.len() >= 20);
    assert!(block_on(f.access.auth.sign_in("bob@x.example", &password, Origin::default())).is_ok());
}

#[test]
fn every_broken_rule_is_named_at_once() {
    let f = fixture();
    let absurd =
        CreateUser { display_name: " ".into(), password: Some("short".into()), ..new_user("nobody") };
    let Err(AccessError::Invalid(invalid)) = block_on(f.access.users.user_create(&f.scope, absurd)) else {
        panic!("absurd input is refused");
    };
    let pointers: Vec<_> = invalid.errors.iter().map(|error| error.pointer.as_str()).collect();
    assert_eq!(pointers, ["/email", "/display_name", "/password"]);
    let taken = block_on(f.access.users.user_create(&f.scope, new_user(EMAIL)));
    assert!(matches!(taken, Err(AccessError::EmailTaken)));
    let foreign =
        CreateUser { roles: [f.scope.organisation().as_uuid().into()].into(), ..new_user("a@b.example") };
    let unknown = block_on(f.access.users.user_create(&f.scope, foreign));
    assert!(matches!(unknown, Err(AccessError::Invalid(_))));
}

#[test]
fn the_last_administrator_stays() {
    let f = fixture();
    let id = f.administrator.id;
    let last = |command| {
        let outcome = block_on(f.access.users.user_change(&f.scope, id, None, command));
        matches!(outcome, Err(AccessError::LastAdministrator))
    };
    assert!(last(ChangeUser { active: Some(false), ..ChangeUser::default() }));
    assert!(last(ChangeUser { roles: Some([].into()), ..ChangeUser::default() }));
    let delete = block_on(f.access.users.user_delete(&f.scope, id, None));
    assert!(matches!(delete, Err(AccessError::LastAdministrator)));

    f.user("second@depot.example", BuiltInRole::Administrator);
    block_on(f.access.users.user_delete(&f.scope, id, Some(Version(1)))).unwrap();
    let gone = block_on(f.access.users.user_get(&f.scope, id));
    assert!(matches!(gone, Err(AccessError::NoSuchUser)));
}

#[test]
fn nobody_gives_or_takes_over_what_they_do_not_hold() {
    let f = fixture();
    let mut permissions = BuiltInRole::Operator.permissions();
    permissions.extend([Permission::UserWrite, Permission::RoleWrite, Permission::ApiKeyWrite]);
    let command = CreateRole { name: "half".into(), permissions: permissions.clone() };
    let half = block_on(f.access.roles.role_create(&f.scope, command)).unwrap();
    let clerk = Scope::new(f.organisation.id, Actor::User(f.administrator.id), permissions);

    let administrator = f.built_in(BuiltInRole::Administrator).id;
    let promote = CreateUser { roles: [administrator].into(), ..new_user("mallory@depot.example") };
    assert!(denied(block_on(f.access.users.user_create(&clerk, promote))));
    let mallory = CreateUser { roles: [half.id].into(), ..new_user("mallory@depot.example") };
    let (mallory, _) = block_on(f.access.users.user_create(&clerk, mallory)).unwrap();
    let promote = ChangeUser { roles: Some([administrator].into()), ..ChangeUser::default() };
    assert!(denied(block_on(f.access.users.user_change(&clerk, mallory.id, None, promote))));
    let password = ChangeUser { password: Some("mine from now".into()), ..ChangeUser::default() };
    assert!(denied(block_on(f.access.users.user_change(&clerk, f.administrator.id, None, password))));
    assert!(denied(block_on(f.access.users.user_delete(&clerk, f.administrator.id, None))));

    let all = BuiltInRole::Administrator.permissions();
    let more = ChangeRole { permissions: Some(all.clone()), ..ChangeRole::default() };
    assert!(denied(block_on(f.access.roles.role_change(&clerk, half.id, None, more))));
    let key = CreateApiKey { name: "k".into(), permissions: all, groups: None, expires_at: None };
    assert!(denied(block_on(f.access.api_keys.api_key_create(&clerk, key))));
}

#[test]
fn built_in_roles_do_not_change_and_roles_in_use_stay() {
    let f = fixture();
    let viewer = f.built_in(BuiltInRole::Viewer);
    let change = block_on(f.access.roles.role_change(&f.scope, viewer.id, None, ChangeRole::default()));
    assert!(matches!(change, Err(AccessError::RoleBuiltIn)));
    let delete = block_on(f.access.roles.role_delete(&f.scope, viewer.id, None));
    assert!(matches!(delete, Err(AccessError::RoleBuiltIn)));

    let command = CreateRole { name: "planner".into(), permissions: [].into() };
    let role = block_on(f.access.roles.role_create(&f.scope, command.clone())).unwrap();
    let again = block_on(f.access.roles.role_create(&f.scope, command));
    assert!(matches!(again, Err(AccessError::RoleNameTaken)));
    let mut ada = new_user("ada@depot.example");
    ada.roles = [role.id].into();
    let (ada, _) = block_on(f.access.users.user_create(&f.scope, ada)).unwrap();
    let used = block_on(f.access.roles.role_delete(&f.scope, role.id, None));
    assert!(matches!(used, Err(AccessError::RoleInUse)));
    block_on(f.access.users.user_delete(&f.scope, ada.id, None)).unwrap();
    let stale = block_on(f.access.roles.role_delete(&f.scope, role.id, Some(Version(9))));
    assert!(matches!(stale, Err(AccessError::Store(StoreError::Stale))));
    block_on(f.access.roles.role_delete(&f.scope, role.id, None)).unwrap();
}

#[test]
fn a_scope_without_the_permission_is_denied() {
    let f = fixture();
    let nobody = Scope::new(f.organisation.id, f.scope.actor(), [].into());
    let (page, id) = (PageRequest::default(), f.administrator.id);
    assert!(denied(block_on(f.access.users.user_create(&nobody, new_user("x@y.example")))));
    assert!(denied(block_on(f.access.users.user_get(&nobody, id))));
    assert!(denied(block_on(f.access.users.user_list(&nobody, &UserFilter::default(), page))));
    assert!(denied(block_on(f.access.users.user_delete(&nobody, id, None))));
    assert!(denied(block_on(f.access.roles.role_list(&nobody, page))));
    assert!(denied(block_on(f.access.api_keys.api_key_list(&nobody, &ApiKeyFilter::default(), page))));
    assert!(denied(block_on(f.access.audit.audit_list(&nobody, &AuditFilter::default(), page))));
    assert!(denied(block_on(f.access.organisations.organisation_get(&nobody))));
    assert!(denied(block_on(f.access.organisations.organisation_rename(&nobody, None, "x"))));
    assert_eq!(block_on(f.access.organisations.profile(&nobody)).unwrap().user.id, id);
}

#[test]
fn another_organisation_sees_nothing() {
    let f = fixture();
    let (stranger, page, id) = (f.stranger(), PageRequest::default(), f.administrator.id);
    assert!(matches!(block_on(f.access.users.user_get(&stranger, id)), Err(AccessError::NoSuchUser)));
    let users = block_on(f.access.users.user_list(&stranger, &UserFilter::default(), page)).unwrap();
    assert!(users.items.is_empty());
    assert!(block_on(f.access.roles.role_list(&stranger, page)).unwrap().items.is_empty());
    let audit = block_on(f.access.audit.audit_list(&stranger, &AuditFilter::default(), page)).unwrap();
    assert!(audit.items.is_empty());
    let role = f.built_in(BuiltInRole::Viewer).id;
    assert!(matches!(block_on(f.access.roles.role_get(&stranger, role)), Err(AccessError::NoSuchRole)));
    let profile = block_on(f.access.organisations.profile(&stranger));
    assert!(matches!(profile, Err(AccessError::NoSuchUser)));
}

#[test]
fn a_grant_on_a_group_reaches_the_group_and_comes_from_who_holds_it() {
    let f = fixture();
    let org = f.organisation.id;
    let (north, south) = (f.ids.uuid().into(), f.ids.uuid().into());
    f.store.add_group(org, north);
    f.store.add_group(org, south);
    let viewer = f.built_in(BuiltInRole::Viewer).id;
    let grant = |group| GroupGrant { group, role: viewer };
    let create = |scope: &Scope, email: &str, group| {
        let command = CreateUser { grants: [grant(group)].into(), ..new_user(email) };
        block_on(f.access.users.user_create(scope, command)).map(|(user, _)| user)
    };
    let ada = create(&f.scope, "ada@depot.example", north).unwrap();
    assert_eq!(ada.grants, [grant(north)].into());
    let tokens = block_on(f.access.auth.sign_in("ada@depot.example", PASSWORD, Origin::default())).unwrap();
    let scope = block_on(f.access.auth.authenticate(&tokens.access)).unwrap();
    assert_eq!(scope.require(Permission::DepotRead).unwrap().limited_to(), Some(&[north].into()));
    assert!(scope.permissions().is_empty() && scope.require(Permission::DepotWrite).is_err());

    let unknown = create(&f.scope, "eve@depot.example", f.ids.uuid().into());
    assert!(
        matches!(unknown, Err(AccessError::Invalid(i)) if i.errors[0].pointer == "/grants/0/resource_group_id")
    );
    let used = block_on(f.access.roles.role_delete(&f.scope, viewer, None));
    assert!(matches!(used, Err(AccessError::RoleBuiltIn)));

    // A clerk who views the north only gives that away, and nothing of the south.
    let mut rights = Rights::within([north], &BuiltInRole::Viewer.permissions());
    rights.add(None, [Permission::UserWrite, Permission::ApiKeyWrite]);
    let clerk = Scope::limited(org, f.scope.actor(), rights, Arc::new(f.store.clone()));
    assert!(create(&clerk, "bob@depot.example", north).is_ok());
    assert!(denied(create(&clerk, "mallory@depot.example", south)));
    let widened = ChangeUser { roles: Some([viewer].into()), ..ChangeUser::default() };
    assert!(denied(block_on(f.access.users.user_change(&clerk, ada.id, None, widened))));
    let key = |groups| CreateApiKey {
        name: "k".into(),
        permissions: [Permission::DepotRead].into(),
        groups,
        expires_at: None,
    };
    assert!(block_on(f.access.api_keys.api_key_create(&clerk, key(Some([north].into())))).is_ok());
    assert!(denied(block_on(f.access.api_keys.api_key_create(&clerk, key(Some([south].into()))))));
    assert!(denied(block_on(f.access.api_keys.api_key_create(&clerk, key(None)))));
    let empty = block_on(f.access.api_keys.api_key_create(&f.scope, key(Some([].into()))));
    assert!(matches!(empty, Err(AccessError::Invalid(_))));

    let (made, secret) =
        block_on(f.access.api_keys.api_key_create(&f.scope, key(Some([south].into())))).unwrap();
    assert_eq!(made.groups, Some([south].into()));
    let scope = block_on(f.access.auth.authenticate_client(secret.expose())).unwrap();
    assert_eq!(scope.require(Permission::DepotRead).unwrap().limited_to(), Some(&[south].into()));
}
