//! What several processes agree on: how far logs were read, and whose turn it is.

use sea_orm_migration::prelude::*;

use crate::column::{instant, number, text};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("position")
                    .col(text("consumer"))
                    .col(text("topic"))
                    .col(number("partition"))
                    // The offset to be read next.
                    .col(number("next"))
                    .col(instant("moved_at"))
                    .primary_key(Index::create().col("consumer").col("topic").col("partition"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("fence")
                    .col(text("name").primary_key())
                    .col(number("token"))
                    .col(instant("drawn_at"))
                    .to_owned(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["fence", "position"] {
            manager.drop_table(Table::drop().table(table).to_owned()).await?;
        }
        Ok(())
    }
}
