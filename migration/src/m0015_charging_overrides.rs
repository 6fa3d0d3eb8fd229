//! What is set by hand over the control of charging, and whether a depot's plan lets others have
//! the room that it leaves. What an override names may be gone: then it concerns nobody.

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
                    .table("charging_override")
                    .col(uuid("id").primary_key())
                    .col(uuid("organisation_id"))
                    .col(number("version"))
                    .col(uuid("charge_point_id").optional())
                    .col(uuid("evse_id").optional())
                    .col(uuid("vehicle_id").optional())
                    .col(json("action"))
                    .col(text("reason"))
                    .col(instant("expires_at"))
                    .col(json("created_by"))
                    .col(instant("created_at"))
                    .to_owned(),
            )
            .await?;
        manager.create_index(index("charging_override", &["organisation_id", "expires_at"])).await?;
        manager.create_index(index("charging_override", &["organisation_id", "id"])).await?;
        let spare = boolean("use_spare_room").default(false).take();
        manager.alter_table(Table::alter().table("depot").add_column(spare).to_owned()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.alter_table(Table::alter().table("depot").drop_column("use_spare_room").to_owned()).await?;
        manager.drop_table(Table::drop().table("charging_override").to_owned()).await
    }
}
