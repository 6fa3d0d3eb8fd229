//! What chargers were told to draw, and what the last step of each depot's control found.

use sea_orm_migration::prelude::*;

use crate::column::{index, instant, json, uuid};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("setpoint")
                    .col(uuid("evse_id").primary_key())
                    .col(uuid("organisation_id"))
                    .col(uuid("depot_id"))
                    .col(json("state"))
                    .to_owned(),
            )
            .await?;
        manager.create_index(index("setpoint", &["depot_id"])).await?;
        manager
            .create_table(
                Table::create()
                    .table("allocation")
                    .col(uuid("depot_id").primary_key())
                    .col(uuid("organisation_id"))
                    .col(instant("computed_at"))
                    .col(json("state"))
                    .to_owned(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["allocation", "setpoint"] {
            manager.drop_table(Table::drop().table(table).to_owned()).await?;
        }
        Ok(())
    }
}
