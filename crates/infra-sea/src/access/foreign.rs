//! What finds out what a token of another issuer is worth here.

use std::collections::BTreeSet;

use ::access::{ForeignReader, Identity, Organisation, Role, User};
use async_trait::async_trait;
use kernel::{OrganisationId, StoreError};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, prelude::Uuid};

use super::{organisation_entity as organisation, role_entity as role, user_entity as user, users};
use crate::{connect::Sea, error::store_error};

#[async_trait]
impl ForeignReader for Sea {
    async fn user_by_identity(&self, identity: &Identity) -> Result<Option<User>, StoreError> {
        let found = user::Entity::find()
            .filter(user::Column::Issuer.eq(&identity.issuer))
            .filter(user::Column::Subject.eq(&identity.subject))
            .one(self.reader())
            .await;
        users::with_roles_one(self.reader(), found.map_err(store_error)?).await
    }

    async fn organisation_by_handle(&self, handle: &str) -> Result<Option<Organisation>, StoreError> {
        let named = organisation::Column::Handle.eq(handle);
        let found = organisation::Entity::find().filter(named).one(self.reader()).await;
        Ok(found.map_err(store_error)?.map(Organisation::from))
    }

    async fn roles_by_name(
        &self,
        organisation: OrganisationId,
        names: &BTreeSet<&str>,
    ) -> Result<Vec<Role>, StoreError> {
        if names.is_empty() {
            return Ok(Vec::new());
        }
        let found = role::Entity::find()
            .filter(role::Column::OrganisationId.eq(Uuid::from(organisation)))
            .filter(role::Column::Name.is_in(names.iter().copied()))
            .order_by_asc(role::Column::Id)
            .all(self.reader())
            .await;
        found.map_err(store_error)?.into_iter().map(Role::try_from).collect()
    }
}
