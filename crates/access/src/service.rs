//! The use cases of this domain, one group a file.

mod api_keys;
mod audit;
mod auth;
mod bootstrap;
mod clients;
mod foreign;
mod grant;
mod invitations;
mod known;
mod organisation;
mod roles;
mod sessions;
mod throttle;
mod users;

use std::sync::Arc;

use kernel::{AuditEntry, AuditVerb, Begin, Clock, IdSource, Scope, SecretHasher, Sight, StoreError};
use uuid::Uuid;

pub use api_keys::ApiKeyService;
pub use audit::AuditService;
pub use auth::{AuthService, Lifetimes, Tokens};
pub use bootstrap::{Bootstrap, FirstAdministrator};
pub use clients::ClientToken;
pub use invitations::Invited;
pub use organisation::{OrganisationService, Profile};
pub use roles::RoleService;
pub use users::UserService;

use crate::{
    foreign::{ForeignReader, ForeignTokens},
    port::{AccessReader, AccessTx, ApiKeyReader, AuditReader, AuthReader, TokenIssuer},
};
use foreign::KnownForeign;
use known::Known;

/// All services over one store. They are made together because a change by one of them must make
/// another forget what it knows about who may do what.
pub struct AccessServices {
    pub auth: AuthService,
    pub users: UserService,
    pub roles: RoleService,
    pub api_keys: ApiKeyService,
    pub organisations: OrganisationService,
    pub audit: AuditService,
    pub bootstrap: Bootstrap,
}

impl AccessServices {
    pub fn new<S>(
        store: Arc<S>,
        issuer: Arc<dyn TokenIssuer>,
        hasher: Arc<dyn SecretHasher>,
        clock: Arc<dyn Clock>,
        ids: Arc<dyn IdSource>,
        lifetimes: Lifetimes,
    ) -> Self
    where
        S: Begin<dyn AccessTx>
            + AccessReader
            + ApiKeyReader
            + AuditReader
            + AuthReader
            + ForeignReader
            + Sight
            + 'static,
    {
        let desk =
            Desk { store: store.clone(), clock, ids, known: Arc::default(), known_foreign: Arc::default() };
        Self {
            auth: AuthService::new(
                desk.clone(),
                store.clone(),
                store.clone(),
                store.clone(),
                issuer,
                hasher.clone(),
                lifetimes,
            ),
            users: UserService::new(desk.clone(), store.clone(), hasher.clone()),
            roles: RoleService::new(desk.clone(), store.clone()),
            api_keys: ApiKeyService::new(desk.clone(), store.clone(), store.clone()),
            organisations: OrganisationService::new(desk.clone(), store.clone()),
            audit: AuditService::new(store),
            bootstrap: Bootstrap::new(desk, hasher),
        }
    }
}

impl AccessServices {
    /// Takes tokens of other issuers too.
    #[must_use]
    pub fn trusting(mut self, foreign: Arc<dyn ForeignTokens>) -> Self {
        self.auth.foreign = foreign;
        self
    }
}

/// What every service here works with.
#[derive(Clone)]
struct Desk {
    store: Arc<dyn Begin<dyn AccessTx>>,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn IdSource>,
    known: Arc<Known>,
    known_foreign: Arc<KnownForeign>,
}

impl Desk {
    async fn begin(&self) -> Result<Box<dyn AccessTx>, StoreError> {
        self.store.begin().await
    }

    /// Commits a change of who may do what, which then holds for the next request.
    async fn commit(&self, tx: Box<dyn AccessTx>) -> Result<(), StoreError> {
        let outcome = tx.commit().await;
        self.known.forget();
        self.known_foreign.forget();
        outcome
    }

    fn audit(
        &self,
        scope: &Scope,
        verb: AuditVerb,
        resource: &'static str,
        id: impl Into<Uuid>,
    ) -> AuditEntry {
        AuditEntry::new(scope, &*self.clock, &*self.ids, verb, resource, id)
    }
}
