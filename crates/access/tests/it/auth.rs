//! Signing in, sessions and API keys.

use access::{
    AccessError, AuthError, BuiltInRole, ChangeApiKey, ChangeRole, ChangeUser, CreateApiKey, CreateRole,
    CreateUser, Origin, Tokens,
};
use chrono::TimeDelta;
use futures::executor::block_on;
use kernel::{Actor, AuditVerb, Change, Clock, Permission};

use crate::fixture::{EMAIL, Fixture, PASSWORD, fixture, new_user};

impl Fixture {
    fn sign_in(&self, email: &str, password: &str) -> Result<Tokens, AuthError> {
        let origin = Origin { request_id: Some("r-1"), ..Origin::default() };
        block_on(self.access.auth.sign_in(email, password, origin))
    }

    fn may(&self, tokens: &Tokens) -> Result<kernel::Scope, AuthError> {
        block_on(self.access.auth.authenticate(&tokens.access))
    }

    fn refresh(&self, tokens: &Tokens) -> Result<Tokens, AuthError> {
        block_on(self.access.auth.refresh(&tokens.refresh, Origin::default()))
    }
}

fn refused<T>(outcome: Result<T, AuthError>) -> bool {
    outcome.is_err_and(|error| matches!(error, AuthError::Refused))
}

#[test]
fn a_signed_in_user_has_the_permissions_of_their_roles() {
    let f = fixture();
    let tokens = f.sign_in(" Admin@Depot.example", PASSWORD).unwrap();
    let scope = f.may(&tokens).unwrap();
    assert_eq!((scope.organisation(), scope.actor()), (f.organisation.id, f.scope.actor()));
    assert_eq!(scope.permissions(), f.scope.permissions());
    let entry = f.store.audit().pop().unwrap();
    assert_eq!((entry.verb, entry.request_id.as_deref()), (AuditVerb::SignIn, Some("r-1")));
}

#[test]
fn unknown_inactive_and_mistaken_users_are_refused_alike_and_cost_alike() {
    let f = fixture();
    let (user, _) = f.user("eve@depot.example", BuiltInRole::Viewer);
    let off = ChangeUser { active: Some(false), ..ChangeUser::default() };
    block_on(f.access.users.user_change(&f.scope, user.id, None, off)).unwrap();
    for (email, password) in
        [(EMAIL, "wrong"), ("eve@depot.example", PASSWORD), ("nobody@x.example", PASSWORD)]
    {
        let before = f.hasher.verified();
        assert!(refused(f.sign_in(email, password)), "{email}");
        assert_eq!(f.hasher.verified(), before + 1, "{email}");
    }
    assert!(refused(f.sign_in(EMAIL, &"x".repeat(5_000))));
}

#[test]
fn guessing_is_slowed_down_for_known_and_unknown_addresses() {
    let f = fixture();
    for email in [EMAIL, "nobody@x.example"] {
        for _ in 0..10 {
            assert!(refused(f.sign_in(email, "wrong")));
        }
        let Err(AuthError::Throttled { retry_after }) = f.sign_in(email, PASSWORD) else {
            panic!("{email} is slowed down");
        };
        assert_eq!(retry_after, TimeDelta::seconds(1));
    }
    f.clock.advance(TimeDelta::seconds(2));
    assert!(f.sign_in(EMAIL, PASSWORD).is_ok());
}

#[test]
fn an_access_token_expires_and_a_refresh_token_is_good_once() {
    let f = fixture();
    let first = f.sign_in(EMAIL, PASSWORD).unwrap();
    f.clock.advance(TimeDelta::minutes(15));
    assert!(refused(f.may(&first)));
    let second = f.refresh(&first).unwrap();
    assert!(f.may(&second).is_ok());

    // The first token comes again: it was copied, and the session ends for both holders.
    assert!(refused(f.refresh(&first)));
    assert!(refused(f.refresh(&second)));
    assert!(refused(f.may(&second)));
    assert!(refused(block_on(f.access.auth.refresh("no token of ours", Origin::default()))));
}

#[test]
fn an_idle_session_ends_and_another_device_stays() {
    let f = fixture();
    let (idle, other) = (f.sign_in(EMAIL, PASSWORD).unwrap(), f.sign_in(EMAIL, PASSWORD).unwrap());
    block_on(f.access.auth.sign_out(&idle.refresh, Origin::default())).unwrap();
    block_on(f.access.auth.sign_out(&idle.refresh, Origin::default())).unwrap();
    assert!(refused(f.may(&idle)) && refused(f.refresh(&idle)));
    let other = f.refresh(&other).unwrap();
    f.clock.advance(TimeDelta::days(30));
    assert!(refused(f.refresh(&other)));
}

#[test]
fn what_is_withdrawn_is_gone_with_the_next_request() {
    let f = fixture();
    let command = CreateRole { name: "planner".into(), permissions: [Permission::DepotRead].into() };
    let role = block_on(f.access.roles.role_create(&f.scope, command)).unwrap();
    let mut command = new_user("ada@depot.example");
    command.roles = [role.id].into();
    let (user, _) = block_on(f.access.users.user_create(&f.scope, command)).unwrap();
    let tokens = f.sign_in("ada@depot.example", PASSWORD).unwrap();
    assert!(f.may(&tokens).unwrap().allows(Permission::DepotRead));

    let less = ChangeRole { permissions: Some([].into()), ..ChangeRole::default() };
    block_on(f.access.roles.role_change(&f.scope, role.id, None, less)).unwrap();
    assert!(f.may(&tokens).unwrap().permissions().is_empty());
    let password = ChangeUser { password: Some("another horse".into()), ..ChangeUser::default() };
    block_on(f.access.users.user_change(&f.scope, user.id, None, password)).unwrap();
    assert!(refused(f.may(&tokens)) && refused(f.refresh(&tokens)));
    assert!(refused(f.sign_in("ada@depot.example", PASSWORD)));
    assert!(f.sign_in("ada@depot.example", "another horse").is_ok());
}

#[test]
fn an_api_key_works_until_it_expires_or_is_revoked() {
    let f = fixture();
    let command = CreateApiKey {
        name: "telematics".into(),
        permissions: [Permission::VehicleWrite].into(),
        groups: None,
        expires_at: Some(f.clock.now() + TimeDelta::days(1)),
    };
    let (key, secret) = block_on(f.access.api_keys.api_key_create(&f.scope, command)).unwrap();
    let may = |text: &str| block_on(f.access.auth.authenticate_client(text));
    let scope = may(secret.expose()).unwrap();
    assert_eq!((scope.actor(), scope.permissions().len()), (Actor::ApiKey(key.id), 1));
    let forged = format!("{}x", secret.expose());
    assert!(refused(may(&forged)) && refused(may("")) && refused(may("mk_0000000000000000_x")));
    let tokens = f.sign_in(EMAIL, PASSWORD).unwrap();
    assert!(refused(may(&tokens.access)) && refused(block_on(f.access.auth.authenticate(secret.expose()))));

    f.clock.advance(TimeDelta::days(1));
    assert!(refused(may(secret.expose())));
    let longer = ChangeApiKey { expires_at: Change::Clear, ..ChangeApiKey::default() };
    block_on(f.access.api_keys.api_key_change(&f.scope, key.id, None, longer)).unwrap();
    assert!(may(secret.expose()).is_ok());
    block_on(f.access.api_keys.api_key_revoke(&f.scope, key.id, None)).unwrap();
    block_on(f.access.api_keys.api_key_revoke(&f.scope, key.id, None)).unwrap();
    assert!(refused(may(secret.expose())));
    let late = block_on(f.access.api_keys.api_key_change(&f.scope, key.id, None, ChangeApiKey::default()));
    assert!(matches!(late, Err(AccessError::KeyRevoked)));
    let seen =
        serde_json::to_string(&f.store.audit().iter().map(|e| e.after.clone()).collect::<Vec<_>>()).unwrap();
    assert!(!seen.contains("plain$") && !seen.contains("digest"), "the audit trail holds no secrets");
}

#[test]
fn guesses_from_one_place_slow_nobody_elsewhere_and_a_right_one_clears_the_count() {
    let f = fixture();
    let from = |n: u8| Origin { address: Some([192, 0, 2, n].into()), ..Origin::default() };
    let sign_in = |password: &str, n| block_on(f.access.auth.sign_in(EMAIL, password, from(n)));
    for _ in 0..10 {
        assert!(refused(sign_in("wrong", 1)));
    }
    let throttled = |outcome| matches!(outcome, Err(AuthError::Throttled { .. }));
    let verified = f.hasher.verified();
    for _ in 0..50 {
        assert!(throttled(sign_in(PASSWORD, 1)), "also the right password has to wait");
    }
    assert_eq!(f.hasher.verified(), verified, "and costs nothing");
    assert!(sign_in(PASSWORD, 2).is_ok(), "the owner signs in from elsewhere");
    assert!(throttled(sign_in(PASSWORD, 1)));
    f.clock.advance(TimeDelta::seconds(1));
    assert!(sign_in(PASSWORD, 1).is_ok());
    for _ in 0..10 {
        assert!(refused(sign_in("wrong", 1)), "the count begins anew");
    }
}

#[test]
fn an_invitation_is_good_once_and_for_a_time() {
    let f = fixture();
    let command = CreateUser { password: None, ..new_user("ada@depot.example") };
    let (ada, invited) = block_on(f.access.users.user_create(&f.scope, command)).unwrap();
    let first = invited.unwrap().token;
    assert!(refused(f.sign_in("ada@depot.example", "")));
    let accept = |token: &str, password: &str| {
        block_on(f.access.auth.accept_invitation(token, password, Origin::default()))
    };
    assert!(accept(&first, "short").unwrap().is_err(), "the policy holds here too");
    assert!(refused(accept("nonsense", PASSWORD)));
    // A newer invitation ends the older.
    let second = block_on(f.access.users.user_invite(&f.scope, ada.id)).unwrap().token;
    assert!(refused(accept(&first, PASSWORD)));
    accept(&second, PASSWORD).unwrap().unwrap();
    assert!(refused(accept(&second, "mine from now")));
    let tokens = f.sign_in("ada@depot.example", PASSWORD).unwrap();

    // Who is invited again has to choose again.
    let third = block_on(f.access.users.user_invite(&f.scope, ada.id)).unwrap().token;
    assert!(refused(f.may(&tokens)) && refused(f.sign_in("ada@depot.example", PASSWORD)));
    f.clock.advance(TimeDelta::days(7));
    assert!(refused(accept(&third, PASSWORD)));
    let trail: Vec<_> =
        f.store.audit().iter().map(|entry| (entry.before.clone(), entry.after.clone())).collect();
    let trail = serde_json::to_string(&trail).unwrap();
    assert!([first, second, third].iter().all(|token| !trail.contains(token)));
}

#[test]
fn a_session_is_listed_and_ended() {
    let f = fixture();
    let (one, two) = (f.sign_in(EMAIL, PASSWORD).unwrap(), f.sign_in(EMAIL, PASSWORD).unwrap());
    let id = f.administrator.id;
    f.clock.advance(TimeDelta::minutes(1));
    let one = f.refresh(&one).unwrap();
    let sessions = block_on(f.access.users.session_list(&f.scope, id)).unwrap();
    assert_eq!(sessions.len(), 2);
    let refreshed = sessions.iter().find(|session| session.refreshed_at > session.begun_at).unwrap();
    block_on(f.access.users.session_end(&f.scope, id, refreshed.id)).unwrap();
    assert!(refused(f.may(&one)) && refused(f.refresh(&one)));
    assert!(f.may(&two).is_ok());
    let again = block_on(f.access.users.session_end(&f.scope, id, refreshed.id));
    assert!(matches!(again, Err(AccessError::NoSuchSession)));
    let stranger = block_on(f.access.users.session_list(&f.stranger(), id));
    assert!(matches!(stranger, Err(AccessError::NoSuchUser)));
}
