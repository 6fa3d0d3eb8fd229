//! Tokens for the keys of clients.

use access::{ApiKey, ApiKeySecret, AuthError, ClientError, ClientToken, CreateApiKey};
use chrono::TimeDelta;
use futures::executor::block_on;
use kernel::{Actor, Clock, Permission, Scope};

use crate::fixture::{EMAIL, Fixture, PASSWORD, fixture};

impl Fixture {
    fn key(&self, days: i64) -> (ApiKey, ApiKeySecret) {
        let command = CreateApiKey {
            name: "telematics".into(),
            permissions: [Permission::VehicleRead, Permission::VehicleWrite].into(),
            groups: None,
            expires_at: Some(self.clock.now() + TimeDelta::days(days)),
        };
        block_on(self.access.api_keys.api_key_create(&self.scope, command)).unwrap()
    }

    fn token(&self, client: &str, secret: &str, wanted: Option<&str>) -> Result<ClientToken, ClientError> {
        block_on(self.access.auth.client_token(client, secret, wanted))
    }

    fn client(&self, token: &str) -> Result<Scope, AuthError> {
        block_on(self.access.auth.authenticate_client(token))
    }
}

#[test]
fn a_token_stands_for_its_key_for_an_hour() {
    let f = fixture();
    let (key, secret) = f.key(30);
    let token = f.token(&key.prefix, secret.expose(), None).unwrap();
    assert_eq!(token.expires_in, TimeDelta::hours(1));
    let scope = f.client(&token.access).unwrap();
    assert_eq!((scope.organisation(), scope.actor()), (f.organisation.id, Actor::ApiKey(key.id)));
    assert_eq!(scope.permissions(), &key.permissions);
    assert!(block_on(f.access.auth.authenticate(&token.access)).is_err(), "not at the operators' API");

    f.clock.advance(TimeDelta::minutes(59));
    assert!(f.client(&token.access).is_ok());
    f.clock.advance(TimeDelta::minutes(1));
    assert!(matches!(f.client(&token.access), Err(AuthError::Refused)));
}

#[test]
fn a_token_ends_with_its_key() {
    let f = fixture();
    let (key, secret) = f.key(1);
    f.clock.advance(TimeDelta::hours(24) - TimeDelta::minutes(5));
    let token = f.token(&key.prefix, secret.expose(), None).unwrap();
    assert_eq!(token.expires_in, TimeDelta::minutes(5));
    block_on(f.access.api_keys.api_key_revoke(&f.scope, key.id, None)).unwrap();
    assert!(matches!(f.client(&token.access), Err(AuthError::Refused)));
    assert!(f.token(&key.prefix, secret.expose(), None).is_err());
}

#[test]
fn a_token_may_do_less_than_its_key_and_never_more() {
    let f = fixture();
    let (key, secret) = f.key(30);
    let token = |wanted| f.token(&key.prefix, secret.expose(), Some(wanted));
    let less = token("vehicle:read").unwrap();
    assert_eq!(less.permissions, [Permission::VehicleRead].into());
    assert!(!f.client(&less.access).unwrap().allows(Permission::VehicleWrite));
    assert_eq!(token(" vehicle:write  vehicle:read ").unwrap().permissions, key.permissions);
    for wanted in ["depot:read", "vehicle:read depot:read", "vehicle:fly", ""] {
        assert!(matches!(token(wanted), Err(ClientError::Scope)), "{wanted}");
    }
}

#[test]
fn the_last_use_of_a_key_is_known_to_a_minute() {
    let f = fixture();
    let (key, secret) = f.key(30);
    let last = || block_on(f.access.api_keys.api_key_get(&f.scope, key.id)).unwrap().last_used_at;
    assert_eq!(last(), None);
    let first = f.clock.now();
    f.client(secret.expose()).unwrap();
    f.clock.advance(TimeDelta::seconds(59));
    f.client(secret.expose()).unwrap();
    assert_eq!(last(), Some(first));
    f.clock.advance(TimeDelta::seconds(1));
    let token = f.token(&format!("mk_{}", key.prefix), secret.expose(), None).unwrap();
    f.client(&token.access).unwrap();
    assert_eq!(last(), Some(f.clock.now()));
}

#[test]
fn only_who_has_the_key_gets_a_token() {
    let f = fixture();
    let ((key, secret), (other, _)) = (f.key(30), f.key(30));
    let forged = format!("{}x", secret.expose());
    for (client, secret) in [
        (key.prefix.as_str(), forged.as_str()),
        (&other.prefix, secret.expose()),
        ("", secret.expose()),
        (&key.prefix, ""),
        (EMAIL, PASSWORD),
    ] {
        let refused = f.token(client, secret, None);
        assert!(matches!(refused, Err(ClientError::Auth(AuthError::Refused))), "{client} {secret}");
    }
}
