//! Users whom another issuer vouches for: who they are there.

use sea_orm_migration::prelude::*;

use crate::column::{Optional, text, unique};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const TABLE: &str = "user_account";
/// The subject is last: the rule is named by it.
const IDENTITY: [&str; 2] = ["issuer", "subject"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in IDENTITY {
            let column = text(column).optional();
            manager.alter_table(Table::alter().table(TABLE).add_column(column).to_owned()).await?;
        }
        manager.create_index(unique(TABLE, &IDENTITY)).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_index(Index::drop().name("uq_user_account__subject").table(TABLE).to_owned()).await?;
        for column in IDENTITY {
            manager.alter_table(Table::alter().table(TABLE).drop_column(column).to_owned()).await?;
        }
        Ok(())
    }
}
