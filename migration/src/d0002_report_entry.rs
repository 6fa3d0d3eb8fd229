//! Documents: the index of finished reports.

use sea_orm_migration::prelude::*;

use crate::column::{Optional, index, instant, json, text, uuid};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("report_entry")
                    .col(uuid("run_id").primary_key())
                    .col(uuid("organisation_id"))
                    .col(instant("at"))
                    .col(text("kind"))
                    .col(uuid("schedule_id").optional())
                    .col(instant("expires_at").optional())
                    .col(json("entry"))
                    .to_owned(),
            )
            .await?;
        manager.create_index(index("report_entry", &["organisation_id", "at", "run_id"])).await?;
        manager.create_index(index("report_entry", &["organisation_id", "kind", "at", "run_id"])).await?;
        manager.create_index(index("report_entry", &["schedule_id", "at", "run_id"])).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("report_entry").to_owned()).await
    }
}
