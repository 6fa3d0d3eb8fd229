//! Vehicles and the tags that identify them at a charger.

use sea_orm_migration::prelude::*;

use crate::column::{Optional, boolean, index, instant, number, text, unique, uuid};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("vehicle")
                    .col(uuid("id").primary_key())
                    .col(uuid("organisation_id"))
                    .col(number("version"))
                    .col(text("fleet_number"))
                    .col(text("registration").optional())
                    .col(text("vin").optional())
                    .col(uuid("depot_id").optional())
                    .col(number("battery_wh"))
                    .col(number("max_ac_w"))
                    .col(number("max_dc_w"))
                    .col(number("efficiency_wh_per_km").optional())
                    .col(number("target_soc"))
                    .col(number("priority_level"))
                    .col(number("soc").optional())
                    .col(text("soc_source").optional())
                    .col(instant("soc_at").optional())
                    .col(boolean("out_of_service"))
                    .col(uuid("plugged_in_evse_id").optional())
                    .col(instant("created_at"))
                    .col(instant("updated_at"))
                    .to_owned(),
            )
            .await?;
        manager.create_index(unique("vehicle", &["organisation_id", "fleet_number"])).await?;
        manager.create_index(unique("vehicle", &["organisation_id", "vin"])).await?;
        manager.create_index(index("vehicle", &["organisation_id", "id"])).await?;
        manager.create_index(index("vehicle", &["depot_id"])).await?;

        manager
            .create_table(
                Table::create()
                    .table("id_tag")
                    .col(uuid("id").primary_key())
                    .col(uuid("organisation_id"))
                    .col(number("version"))
                    .col(text("value"))
                    .col(text("kind"))
                    .col(uuid("vehicle_id").optional())
                    .col(text("status"))
                    .col(instant("expires_at").optional())
                    .col(instant("created_at"))
                    .col(instant("updated_at"))
                    .foreign_key(
                        ForeignKey::create()
                            .name("fk_id_tag__vehicle_id")
                            .from("id_tag", "vehicle_id")
                            .to("vehicle", "id")
                            .on_delete(ForeignKeyAction::SetNull),
                    )
                    .to_owned(),
            )
            .await?;
        manager.create_index(unique("id_tag", &["organisation_id", "value"])).await?;
        manager.create_index(index("id_tag", &["organisation_id", "id"])).await?;
        manager.create_index(index("id_tag", &["vehicle_id"])).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["id_tag", "vehicle"] {
            manager.drop_table(Table::drop().table(table).to_owned()).await?;
        }
        Ok(())
    }
}
