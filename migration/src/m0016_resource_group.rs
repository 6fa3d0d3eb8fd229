//! Groups that hold depots, charge points and vehicles, the paths between them, and what is granted
//! on them.
//!
//! `resource_group_path` has a row for every group and each that lies above it, itself included, so
//! that everything below a group is found without walking the tree.

use sea_orm_migration::prelude::*;

use crate::column::{Optional, index, instant, number, text, uuid};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// Which groups hold which things of one kind. A row goes with its group and with its thing.
fn held(thing: &'static str) -> TableCreateStatement {
    let table = format!("resource_group_{thing}");
    let column = format!("{thing}_id");
    Table::create()
        .table(Alias::new(&table))
        .col(uuid("group_id"))
        .col(uuid(Alias::new(&column)))
        .primary_key(Index::create().col("group_id").col(Alias::new(&column)))
        .foreign_key(&mut goes_with(&table, "group_id", "resource_group"))
        .foreign_key(&mut goes_with(&table, &column, thing))
        .to_owned()
}

fn goes_with(table: &str, column: &str, to: &'static str) -> ForeignKeyCreateStatement {
    refers(table, column, to).on_delete(ForeignKeyAction::Cascade).to_owned()
}

fn refers(table: &str, column: &str, to: &'static str) -> ForeignKeyCreateStatement {
    ForeignKey::create()
        .name(format!("fk_{table}__{column}"))
        .from(Alias::new(table), Alias::new(column))
        .to(to, "id")
        .to_owned()
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("resource_group")
                    .col(uuid("id").primary_key())
                    .col(uuid("organisation_id"))
                    .col(number("version"))
                    .col(uuid("parent_id").optional())
                    .col(text("name"))
                    .col(instant("created_at"))
                    .col(instant("updated_at"))
                    .foreign_key(&mut refers("resource_group", "parent_id", "resource_group"))
                    .to_owned(),
            )
            .await?;
        manager.create_index(index("resource_group", &["organisation_id", "id"])).await?;
        manager.create_index(index("resource_group", &["parent_id"])).await?;

        manager
            .create_table(
                Table::create()
                    .table("resource_group_path")
                    .col(uuid("ancestor_id"))
                    .col(uuid("descendant_id"))
                    .primary_key(Index::create().col("ancestor_id").col("descendant_id"))
                    .foreign_key(&mut goes_with("resource_group_path", "ancestor_id", "resource_group"))
                    .foreign_key(&mut goes_with("resource_group_path", "descendant_id", "resource_group"))
                    .to_owned(),
            )
            .await?;
        manager.create_index(index("resource_group_path", &["descendant_id"])).await?;

        for (thing, column) in
            [("depot", "depot_id"), ("charge_point", "charge_point_id"), ("vehicle", "vehicle_id")]
        {
            manager.create_table(held(thing)).await?;
            manager.create_index(index(&format!("resource_group_{thing}"), &[column])).await?;
        }

        manager
            .create_table(
                Table::create()
                    .table("user_group_role")
                    .col(uuid("user_id"))
                    .col(uuid("group_id"))
                    .col(uuid("role_id"))
                    .primary_key(Index::create().col("user_id").col("group_id").col("role_id"))
                    .foreign_key(&mut goes_with("user_group_role", "user_id", "user_account"))
                    .foreign_key(&mut refers("user_group_role", "group_id", "resource_group"))
                    .foreign_key(&mut refers("user_group_role", "role_id", "role"))
                    .to_owned(),
            )
            .await?;
        manager.create_index(index("user_group_role", &["group_id"])).await?;
        manager.create_index(index("user_group_role", &["role_id"])).await?;

        let limited = ColumnDef::new("limited").boolean().not_null().default(false).take();
        manager.alter_table(Table::alter().table("api_key").add_column(limited).to_owned()).await?;
        manager
            .create_table(
                Table::create()
                    .table("api_key_group")
                    .col(uuid("api_key_id"))
                    .col(uuid("group_id"))
                    .primary_key(Index::create().col("api_key_id").col("group_id"))
                    .foreign_key(&mut goes_with("api_key_group", "api_key_id", "api_key"))
                    .foreign_key(&mut refers("api_key_group", "group_id", "resource_group"))
                    .to_owned(),
            )
            .await?;
        manager.create_index(index("api_key_group", &["group_id"])).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [
            "api_key_group",
            "user_group_role",
            "resource_group_vehicle",
            "resource_group_charge_point",
            "resource_group_depot",
            "resource_group_path",
            "resource_group",
        ] {
            manager.drop_table(Table::drop().table(table).to_owned()).await?;
        }
        let limited = Table::alter().table("api_key").drop_column("limited").to_owned();
        manager.alter_table(limited).await
    }
}
