//! The reader of foreign users over maps, and tokens of another issuer without an issuer.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, PoisonError},
};

use async_trait::async_trait;
use kernel::{OrganisationId, StoreError, Timestamp};

use super::FakeAccess;
use crate::{
    foreign::{ForeignClaims, ForeignError, ForeignReader, ForeignTokens, Identity, Refusal},
    model::{Organisation, Role, User},
};

#[async_trait]
impl ForeignReader for FakeAccess {
    async fn user_by_identity(&self, identity: &Identity) -> Result<Option<User>, StoreError> {
        let same = |user: &&User| user.identity.as_ref() == Some(identity);
        Ok(self.state().users.values().find(same).cloned())
    }

    async fn organisation_by_handle(&self, handle: &str) -> Result<Option<Organisation>, StoreError> {
        let same = |found: &&Organisation| found.handle.as_deref() == Some(handle);
        Ok(self.state().organisations.values().find(same).cloned())
    }

    async fn roles_by_name(
        &self,
        organisation: OrganisationId,
        names: &BTreeSet<&str>,
    ) -> Result<Vec<Role>, StoreError> {
        let among = |role: &&Role| role.organisation == organisation && names.contains(role.name.as_str());
        Ok(self.state().roles.values().filter(among).cloned().collect())
    }
}

/// Takes tokens at their word: what each says was told beforehand. Clones share what they know.
#[derive(Clone, Debug, Default)]
pub struct SaidClaims(Arc<Mutex<BTreeMap<String, ForeignClaims>>>);

impl SaidClaims {
    pub fn say(&self, token: &str, claims: ForeignClaims) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(token.to_owned(), claims);
    }
}

#[async_trait]
impl ForeignTokens for SaidClaims {
    async fn read(&self, token: &str, _: Timestamp) -> Result<ForeignClaims, ForeignError> {
        match token {
            "away" => Err(ForeignError::Away { issuer: "https://issuer.example".into() }),
            "forged" => Err(ForeignError::Refused {
                issuer: "https://issuer.example".into(),
                why: Refusal::Signature,
            }),
            _ => {
                let said = self.0.lock().unwrap_or_else(PoisonError::into_inner);
                said.get(token).cloned().ok_or(ForeignError::NotTrusted)
            }
        }
    }
}
