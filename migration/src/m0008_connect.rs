//! Calls of chargers that could not be recorded.

use sea_orm_migration::prelude::*;

use crate::column::{index, instant, text, uuid};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("dead_letter")
                    .col(uuid("id").primary_key())
                    .col(uuid("organisation_id"))
                    .col(uuid("charge_point_id"))
                    .col(text("identity"))
                    .col(text("protocol"))
                    .col(text("message_id"))
                    .col(text("action"))
                    .col(text("payload"))
                    .col(text("reason"))
                    .col(instant("received_at"))
                    .to_owned(),
            )
            .await?;
        manager.create_index(index("dead_letter", &["organisation_id", "id"])).await?;
        manager.create_index(index("dead_letter", &["charge_point_id"])).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("dead_letter").to_owned()).await
    }
}
