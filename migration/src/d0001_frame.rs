//! Documents: the message log.

use sea_orm_migration::prelude::*;

use crate::column::{Optional, index, instant, number, text, uuid};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("frame")
                    .col(uuid("id").primary_key())
                    .col(uuid("organisation_id"))
                    .col(uuid("charge_point_id"))
                    .col(text("identity"))
                    .col(number("connection"))
                    .col(text("direction"))
                    .col(instant("at"))
                    .col(text("protocol"))
                    .col(text("message_type"))
                    .col(text("action").optional())
                    .col(text("message_id").optional())
                    .col(text("outcome").optional())
                    .col(text("text"))
                    .col(number("bytes"))
                    .col(instant("expires_at").optional())
                    .to_owned(),
            )
            .await?;
        manager.create_index(index("frame", &["organisation_id", "at", "id"])).await?;
        manager.create_index(index("frame", &["charge_point_id", "at", "id"])).await?;
        manager.create_index(index("frame", &["expires_at"])).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("frame").to_owned()).await
    }
}
