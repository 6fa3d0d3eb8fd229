//! Webhooks of partners, and the events on their way to them.

use sea_orm_migration::prelude::*;

use crate::column::{Optional, boolean, index, instant, json, number, text, uuid};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("webhook")
                    .col(uuid("id").primary_key())
                    .col(uuid("organisation_id"))
                    .col(number("version"))
                    .col(uuid("api_key_id"))
                    .col(text("url"))
                    .col(text("description").optional())
                    .col(json("types"))
                    .col(text("secret"))
                    .col(text("previous_secret").optional())
                    .col(instant("previous_until").optional())
                    .col(boolean("enabled"))
                    .col(text("disabled_why").optional())
                    .col(instant("failing_since").optional())
                    .col(instant("created_at"))
                    .col(instant("updated_at"))
                    .to_owned(),
            )
            .await?;
        manager.create_index(index("webhook", &["organisation_id", "api_key_id", "id"])).await?;
        delivery(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["webhook_delivery", "webhook"] {
            manager.drop_table(Table::drop().table(table).to_owned()).await?;
        }
        Ok(())
    }
}

async fn delivery(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            Table::create()
                .table("webhook_delivery")
                .col(uuid("id").primary_key())
                .col(uuid("organisation_id"))
                .col(uuid("webhook_id"))
                .col(uuid("event_id"))
                .col(text("event_type"))
                .col(text("body"))
                .col(text("state"))
                .col(instant("created_at"))
                .col(instant("first_due_at"))
                .col(instant("due_at"))
                .col(instant("claimed_until").optional())
                .col(number("attempts"))
                .col(text("last_error").optional())
                .col(instant("finished_at").optional())
                .foreign_key(
                    ForeignKey::create()
                        .name("fk_webhook_delivery__webhook_id")
                        .from("webhook_delivery", "webhook_id")
                        .to("webhook", "id")
                        .on_delete(ForeignKeyAction::Cascade),
                )
                .to_owned(),
        )
        .await?;
    manager.create_index(index("webhook_delivery", &["state", "due_at"])).await?;
    manager.create_index(index("webhook_delivery", &["webhook_id", "id"])).await?;
    manager.create_index(index("webhook_delivery", &["finished_at"])).await
}
