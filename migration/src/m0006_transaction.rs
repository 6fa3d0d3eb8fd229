//! Transactions and their readings.

use sea_orm_migration::prelude::*;

use crate::column::{Optional, index, instant, json, number, text, unique, uuid};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("transaction")
                    // The number that chargers know it by: the engine never gives one twice.
                    .col(ColumnDef::new("number").big_integer().not_null().auto_increment().primary_key())
                    .col(uuid("id").unique_key())
                    .col(uuid("organisation_id"))
                    .col(uuid("charge_point_id"))
                    .col(uuid("depot_id"))
                    .col(uuid("evse_id").optional())
                    .col(number("evse_number"))
                    .col(number("connector_number"))
                    // Empty where the charger sent none: the natural key needs a value.
                    .col(text("id_tag"))
                    .col(uuid("vehicle_id").optional())
                    .col(text("state"))
                    .col(instant("started_at"))
                    .col(instant("stopped_at").optional())
                    .col(number("meter_start_wh"))
                    .col(number("meter_stop_wh").optional())
                    .col(number("energy_wh"))
                    .col(number("soc_start").optional())
                    .col(number("soc_end").optional())
                    .col(text("stop_reason").optional())
                    .col(json("flags"))
                    .col(instant("latest_at").optional())
                    .col(number("latest_power_w").optional())
                    .col(number("latest_current_ma").optional())
                    .col(number("latest_soc").optional())
                    .col(number("carried_wh"))
                    .col(number("base_wh"))
                    .col(instant("register_at").optional())
                    .col(number("register_wh").optional())
                    .col(instant("created_at"))
                    .col(instant("updated_at"))
                    .to_owned(),
            )
            .await?;
        let natural = ["charge_point_id", "connector_number", "started_at", "meter_start_wh", "id_tag"];
        manager.create_index(unique("transaction", &natural)).await?;
        for columns in [
            ["organisation_id", "started_at"],
            ["depot_id", "state"],
            ["charge_point_id", "state"],
            ["vehicle_id", "started_at"],
        ] {
            manager.create_index(index("transaction", &columns)).await?;
        }

        manager
            .create_table(
                Table::create()
                    .table("reading")
                    .col(uuid("charge_point_id"))
                    .col(number("connector_number"))
                    .col(instant("at"))
                    .col(text("context"))
                    .col(uuid("id"))
                    .col(uuid("organisation_id"))
                    .col(uuid("transaction_id").optional())
                    .col(number("energy_wh").optional())
                    .col(number("power_w").optional())
                    .col(number("current_ma").optional())
                    .col(number("offered_w").optional())
                    .col(number("voltage_mv").optional())
                    .col(number("soc").optional())
                    .col(json("rest").optional())
                    .primary_key(
                        Index::create()
                            .col("charge_point_id")
                            .col("connector_number")
                            .col("at")
                            .col("context"),
                    )
                    .to_owned(),
            )
            .await?;
        manager.create_index(index("reading", &["transaction_id", "at", "id"])).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["reading", "transaction"] {
            manager.drop_table(Table::drop().table(table).to_owned()).await?;
        }
        Ok(())
    }
}
