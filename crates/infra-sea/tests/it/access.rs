//! The contract of access, and what must hold while many change it at once.

use std::sync::Arc;

use access::{
    AccessError, AccessServices, AuthError, BuiltInRole, ChangeUser, ClaimedRole, CreateUser, ForeignClaims,
    Identity, Lifetimes, OrganisationName, Origin,
    testing::{PlainTokens, SaidClaims, contract, contract_foreign},
};
use chrono::TimeDelta;
use futures::future::join_all;
use kernel::{
    PageRequest, Scope,
    testing::{CountingIds, PlainHasher},
};

use crate::{Fixture, on_both_engines};

on_both_engines!(
    keeps_the_contract,
    keeps_the_contract_of_foreign_users,
    a_foreign_user_is_made_once,
    one_installation_begins_once,
    administrators_cannot_lock_each_other_out,
    a_refresh_token_is_good_for_one_of_many,
    guesses_at_once_are_counted_each
);

async fn keeps_the_contract(fixture: &Fixture) {
    contract::holds(&*fixture.sea).await;
}

async fn keeps_the_contract_of_foreign_users(fixture: &Fixture) {
    contract_foreign::holds(&*fixture.sea).await;
}

fn services(fixture: &Fixture) -> AccessServices {
    AccessServices::new(
        fixture.sea.clone(),
        Arc::new(PlainTokens),
        Arc::new(PlainHasher),
        fixture.clock.clone(),
        Arc::new(CountingIds::default()),
        Lifetimes { access: TimeDelta::minutes(15), refresh: TimeDelta::days(30) },
    )
}

async fn a_foreign_user_is_made_once(fixture: &Fixture) {
    let said = SaidClaims::default();
    let access = services(fixture).trusting(Arc::new(said.clone()));
    access.bootstrap.ensure_organisation("Stadtwerke").await.unwrap();
    let tokens: Vec<String> = (0..8).map(|n| format!("t{n}")).collect();
    for token in &tokens {
        let claims = ForeignClaims {
            identity: Identity { issuer: "https://issuer.example".into(), subject: "ada".into() },
            organisation: OrganisationName::Handle("Stadtwerke".into()),
            email: Some("ada@corp.example".into()),
            email_verified: true,
            display_name: None,
            roles: [ClaimedRole { name: "viewer".into(), group: None }].into(),
            may_link: true,
        };
        said.say(token, claims);
    }
    let scopes = join_all(tokens.iter().map(|token| access.auth.authenticate(token))).await;
    let actors: Vec<_> = scopes.into_iter().map(|scope| scope.unwrap().actor()).collect();
    assert!(actors.iter().all(|actor| *actor == actors[0]), "{actors:?}");
}

const PASSWORD: &str = "correct horse";

async fn one_installation_begins_once(fixture: &Fixture) {
    let access = services(fixture);
    let begun = join_all((0..8).map(|_| async {
        let organisation = access.bootstrap.ensure_organisation("Stadtwerke").await.unwrap();
        let first = access.bootstrap.ensure_first_administrator(organisation.id, "admin@x.example", None);
        (organisation.id, first.await.unwrap().is_some())
    }))
    .await;
    let (id, _) = begun[0];
    assert!(begun.iter().all(|(other, _)| *other == id));
    assert_eq!(begun.iter().filter(|(_, made)| *made).count(), 1);
}

async fn administrators_cannot_lock_each_other_out(fixture: &Fixture) {
    let access = services(fixture);
    let organisation = access.bootstrap.ensure_organisation("Stadtwerke").await.unwrap();
    let scope = Scope::system(organisation.id);
    let roles = access.roles.role_list(&scope, PageRequest::default()).await.unwrap().items;
    let administrator = roles.iter().find(|role| role.built_in == Some(BuiltInRole::Administrator)).unwrap();
    let mut administrators = Vec::new();
    for number in 0..6 {
        let command = CreateUser {
            email: format!("admin{number}@x.example"),
            display_name: "Admin".into(),
            password: Some(PASSWORD.into()),
            roles: [administrator.id].into(),
            grants: [].into(),
        };
        administrators.push(access.users.user_create(&scope, command).await.unwrap().0.id);
    }
    let off = || ChangeUser { active: Some(false), ..ChangeUser::default() };
    let outcomes =
        join_all(administrators.iter().map(|id| access.users.user_change(&scope, *id, None, off()))).await;
    let (done, refused): (Vec<_>, Vec<_>) = outcomes.into_iter().partition(Result::is_ok);
    assert_eq!(done.len(), 5);
    assert!(refused.iter().all(|outcome| matches!(outcome, Err(AccessError::LastAdministrator))));
}

async fn a_refresh_token_is_good_for_one_of_many(fixture: &Fixture) {
    let access = services(fixture);
    let organisation = access.bootstrap.ensure_organisation("Stadtwerke").await.unwrap();
    let first =
        access.bootstrap.ensure_first_administrator(organisation.id, "admin@x.example", Some(PASSWORD));
    first.await.unwrap().unwrap();
    let tokens = access.auth.sign_in("admin@x.example", PASSWORD, Origin::default()).await.unwrap();
    let outcomes = join_all((0..6).map(|_| access.auth.refresh(&tokens.refresh, Origin::default()))).await;
    let (good, refused): (Vec<_>, Vec<_>) = outcomes.into_iter().partition(Result::is_ok);
    assert_eq!(good.len(), 1);
    assert!(refused.iter().all(|outcome| matches!(outcome, Err(AuthError::Refused))));
    // The others showed that the token was copied.
    assert!(matches!(access.auth.authenticate(&tokens.access).await, Err(AuthError::Refused)));
}

/// Two processes over one store: as many guesses are looked at as one after the other would be.
async fn guesses_at_once_are_counted_each(fixture: &Fixture) {
    let processes = [services(fixture), services(fixture)];
    let organisation = processes[0].bootstrap.ensure_organisation("Stadtwerke").await.unwrap();
    let first =
        processes[0].bootstrap.ensure_first_administrator(organisation.id, "admin@x.example", Some(PASSWORD));
    first.await.unwrap().unwrap();
    let from = |address: &str| Origin { address: Some(address.parse().unwrap()), ..Origin::default() };
    let guess = |n: usize| processes[n % 2].auth.sign_in("admin@x.example", "wrong horse", from("192.0.2.1"));
    let outcomes = join_all((0..24).map(guess)).await;
    let refused = outcomes.iter().filter(|outcome| matches!(outcome, Err(AuthError::Refused))).count();
    let throttled = |outcome: &&Result<_, _>| matches!(outcome, Err(AuthError::Throttled { .. }));
    assert_eq!((refused, outcomes.iter().filter(throttled).count()), (10, 14));
    // Neither does the right password get in from there, but it does from elsewhere.
    let right = |address| processes[0].auth.sign_in("admin@x.example", PASSWORD, from(address));
    assert!(matches!(right("192.0.2.1").await, Err(AuthError::Throttled { .. })));
    assert!(right("192.0.2.2").await.is_ok());
}
