//! When API keys were last used.

use sea_orm_migration::prelude::*;

use crate::column::{Optional, instant};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const TABLE: &str = "api_key";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let column = instant("last_used_at").optional();
        manager.alter_table(Table::alter().table(TABLE).add_column(column).to_owned()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.alter_table(Table::alter().table(TABLE).drop_column("last_used_at").to_owned()).await
    }
}
