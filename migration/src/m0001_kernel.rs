//! What every slice writes beside its own tables: events to publish, the audit trail, and the
//! answers to idempotency keys.

use sea_orm_migration::prelude::*;

use crate::column::{Optional, index, instant, json, number, text, uuid};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("outbox")
                    .col(ColumnDef::new("sequence").big_integer().not_null().auto_increment().primary_key())
                    .col(uuid("id"))
                    .col(uuid("organisation_id"))
                    .col(text("name"))
                    .col(text("key"))
                    .col(instant("occurred_at"))
                    .col(json("data"))
                    .col(instant("published_at").optional())
                    .to_owned(),
            )
            .await?;
        manager.create_index(index("outbox", &["published_at", "sequence"])).await?;

        manager
            .create_table(
                Table::create()
                    .table("audit_entry")
                    .col(uuid("id").primary_key())
                    .col(uuid("organisation_id"))
                    .col(instant("at"))
                    .col(text("actor_kind"))
                    .col(uuid("actor_id").optional())
                    .col(text("verb"))
                    .col(text("resource"))
                    .col(uuid("resource_id"))
                    .col(json("before").optional())
                    .col(json("after").optional())
                    .col(text("request_id").optional())
                    .to_owned(),
            )
            .await?;
        manager.create_index(index("audit_entry", &["organisation_id", "id"])).await?;
        manager.create_index(index("audit_entry", &["organisation_id", "resource_id", "id"])).await?;
        manager.create_index(index("audit_entry", &["organisation_id", "actor_id", "id"])).await?;

        manager
            .create_table(
                Table::create()
                    .table("idempotency_key")
                    .col(uuid("organisation_id"))
                    .col(text("actor"))
                    .col(text("key"))
                    .col(ColumnDef::new("fingerprint").binary().not_null())
                    .col(number("status").optional())
                    .col(json("headers").optional())
                    .col(ColumnDef::new("body").binary().null())
                    .col(instant("expires_at"))
                    .primary_key(Index::create().col("organisation_id").col("actor").col("key"))
                    .to_owned(),
            )
            .await?;
        manager.create_index(index("idempotency_key", &["expires_at"])).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["idempotency_key", "audit_entry", "outbox"] {
            manager.drop_table(Table::drop().table(table).to_owned()).await?;
        }
        Ok(())
    }
}
