//! Runs of reports, their schedules, and the order in which their rows are read.

use sea_orm_migration::prelude::*;

use crate::column::{Optional, boolean, index, instant, json, number, text, unique, uuid};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("report_run")
                    .col(uuid("id").primary_key())
                    .col(uuid("organisation_id"))
                    .col(number("version"))
                    .col(json("subject"))
                    .col(uuid("schedule_id").optional())
                    .col(instant("slot").optional())
                    .col(json("requested_by"))
                    .col(instant("requested_at"))
                    .col(text("state"))
                    .col(number("attempt"))
                    .col(instant("due_at").optional())
                    .col(number("progress"))
                    .col(instant("started_at").optional())
                    .col(instant("ended_at").optional())
                    .col(text("failure").optional())
                    .col(json("file").optional())
                    // Repeats what the file says, to be searched for.
                    .col(instant("expires_at").optional())
                    .col(boolean("indexed"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("report_schedule")
                    .col(uuid("id").primary_key())
                    .col(uuid("organisation_id"))
                    .col(number("version"))
                    .col(text("name"))
                    .col(text("kind"))
                    .col(text("format"))
                    .col(json("depots").optional())
                    .col(text("cron"))
                    .col(text("timezone"))
                    .col(text("period"))
                    .col(text("catch_up"))
                    .col(boolean("paused"))
                    .col(instant("next_at").optional())
                    .col(json("created_by"))
                    .col(instant("created_at"))
                    .col(instant("updated_at"))
                    .to_owned(),
            )
            .await?;
        manager.create_index(index("report_schedule", &["organisation_id", "id"])).await?;
        manager.create_index(index("report_schedule", &["next_at"])).await?;
        // A time of a schedule has one run, however many workers see that it is due.
        manager.create_index(unique("report_run", &["schedule_id", "slot"])).await?;
        manager.create_index(index("report_run", &["organisation_id", "id"])).await?;
        manager.create_index(index("report_run", &["due_at"])).await?;
        manager.create_index(index("report_run", &["state", "indexed"])).await?;
        manager.create_index(index("report_run", &["expires_at"])).await?;
        manager.create_index(index("transaction", &["organisation_id", "started_at", "id"])).await?;
        manager.create_index(index("transaction", &["depot_id", "started_at", "id"])).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for name in
            ["ix_transaction__organisation_id__started_at__id", "ix_transaction__depot_id__started_at__id"]
        {
            manager.drop_index(Index::drop().name(name).table("transaction").to_owned()).await?;
        }
        for table in ["report_schedule", "report_run"] {
            manager.drop_table(Table::drop().table(table).to_owned()).await?;
        }
        Ok(())
    }
}
