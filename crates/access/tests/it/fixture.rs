//! An organisation with its first administrator.

use std::sync::Arc;

use access::{
    AccessServices, BuiltInRole, CreateUser, Lifetimes, Organisation, Role, User,
    testing::{CountingHasher, FakeAccess, PlainTokens},
};
use chrono::TimeDelta;
use futures::executor::block_on;
use kernel::{
    Actor, IdSource, PageRequest, Scope,
    testing::{CountingIds, FakeClock},
};

pub const EMAIL: &str = "admin@depot.example";
pub const PASSWORD: &str = "correct horse";

pub struct Fixture {
    pub store: FakeAccess,
    pub access: AccessServices,
    pub clock: Arc<FakeClock>,
    pub ids: Arc<CountingIds>,
    pub hasher: Arc<CountingHasher>,
    pub organisation: Organisation,
    pub administrator: User,
    pub scope: Scope,
}

pub fn fixture() -> Fixture {
    let store = FakeAccess::default();
    let (clock, ids) = (Arc::new(FakeClock::default()), Arc::new(CountingIds::default()));
    let hasher = Arc::new(CountingHasher::default());
    let access = AccessServices::new(
        Arc::new(store.clone()),
        Arc::new(PlainTokens),
        hasher.clone(),
        clock.clone(),
        ids.clone(),
        Lifetimes { access: TimeDelta::minutes(15), refresh: TimeDelta::days(30) },
    );
    let organisation = block_on(access.bootstrap.ensure_organisation("Stadtwerke")).unwrap();
    let first = access.bootstrap.ensure_first_administrator(organisation.id, EMAIL, Some(PASSWORD));
    let administrator = block_on(first).unwrap().unwrap().user;
    let scope =
        Scope::new(organisation.id, Actor::User(administrator.id), BuiltInRole::Administrator.permissions());
    Fixture { store, access, clock, ids, hasher, organisation, administrator, scope }
}

impl Fixture {
    pub fn built_in(&self, built_in: BuiltInRole) -> Role {
        let page = block_on(self.access.roles.role_list(&self.scope, PageRequest::default())).unwrap();
        page.items.into_iter().find(|role| role.built_in == Some(built_in)).unwrap()
    }

    /// A user with a built-in role, and what they may do.
    pub fn user(&self, email: &str, built_in: BuiltInRole) -> (User, Scope) {
        let command = CreateUser { roles: [self.built_in(built_in).id].into(), ..new_user(email) };
        let (user, _) = block_on(self.access.users.user_create(&self.scope, command)).unwrap();
        let scope = Scope::new(self.organisation.id, Actor::User(user.id), built_in.permissions());
        (user, scope)
    }

    /// Somebody who may do everything, elsewhere.
    pub fn stranger(&self) -> Scope {
        let id = self.ids.uuid();
        Scope::new(id.into(), Actor::User(id.into()), BuiltInRole::Administrator.permissions())
    }
}

pub fn new_user(email: &str) -> CreateUser {
    CreateUser {
        email: email.into(),
        display_name: "Ada".into(),
        password: Some(PASSWORD.into()),
        roles: [].into(),
        grants: [].into(),
    }
}
