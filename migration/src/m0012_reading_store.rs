//! Readings by month where the engine has partitions, and their sums by quarter of an hour.

use sea_orm_migration::{prelude::*, sea_orm::DbBackend};

use crate::column::{Optional, index, instant, number, uuid};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// Makes the partition of the month that `of` lies in, and moves there what the default partition
/// has of it. Making it twice changes nothing, also at once.
const ENSURE: &str = "
CREATE FUNCTION reading_month_ensure(of timestamptz) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    first timestamptz := date_trunc('month', of AT TIME ZONE 'UTC') AT TIME ZONE 'UTC';
    next timestamptz := (date_trunc('month', of AT TIME ZONE 'UTC') + interval '1 month') AT TIME ZONE 'UTC';
    name text := 'reading_' || to_char(of AT TIME ZONE 'UTC', 'YYYY_MM');
BEGIN
    PERFORM pg_advisory_xact_lock(5021773010);
    IF to_regclass(name) IS NOT NULL THEN
        RETURN false;
    END IF;
    EXECUTE format('CREATE TABLE %I (LIKE reading INCLUDING ALL)', name);
    EXECUTE format('WITH moved AS (DELETE FROM reading_default WHERE at >= %L AND at < %L RETURNING *) \
        INSERT INTO %I SELECT * FROM moved', first, next, name);
    EXECUTE format('ALTER TABLE reading ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', name, first, next);
    RETURN true;
END $$";

/// Drops the months that end at or before an instant; returns how many.
const FORGET: &str = "
CREATE FUNCTION reading_months_forget(before timestamptz) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    name text;
    dropped bigint := 0;
BEGIN
    PERFORM pg_advisory_xact_lock(5021773010);
    FOR name IN
        SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
        WHERE i.inhparent = 'reading'::regclass AND c.relname ~ '^reading_[0-9]{4}_[0-9]{2}$'
    LOOP
        IF (to_date(right(name, 7), 'YYYY_MM')::timestamp + interval '1 month') AT TIME ZONE 'UTC' <= before THEN
            EXECUTE format('DROP TABLE %I', name);
            dropped := dropped + 1;
        END IF;
    END LOOP;
    RETURN dropped;
END $$";

const PARTITION: &str = "
ALTER TABLE reading RENAME TO reading_whole;
ALTER TABLE reading_whole RENAME CONSTRAINT reading_pkey TO reading_whole_pkey;
DROP INDEX ix_reading__transaction_id__at__id;
CREATE TABLE reading (LIKE reading_whole INCLUDING DEFAULTS) PARTITION BY RANGE (at);
ALTER TABLE reading ADD PRIMARY KEY (charge_point_id, connector_number, at, context);
CREATE INDEX ix_reading__transaction_id__at__id ON reading (transaction_id, at, id);
CREATE INDEX ix_reading__id ON reading USING brin (id);
CREATE TABLE reading_default PARTITION OF reading DEFAULT";

const FILL: &str = "
SELECT reading_month_ensure(now() + make_interval(months => m)) FROM generate_series(-13, 3) AS m;
INSERT INTO reading SELECT * FROM reading_whole;
DROP TABLE reading_whole";

const UNITE: &str = "
CREATE TABLE reading_whole (LIKE reading INCLUDING DEFAULTS);
INSERT INTO reading_whole SELECT * FROM reading;
DROP TABLE reading;
DROP FUNCTION reading_month_ensure, reading_months_forget;
ALTER TABLE reading_whole RENAME TO reading;
ALTER TABLE reading ADD PRIMARY KEY (charge_point_id, connector_number, at, context);
CREATE INDEX ix_reading__transaction_id__at__id ON reading (transaction_id, at, id)";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        if manager.get_database_backend() == DbBackend::Postgres {
            for statements in [PARTITION, ENSURE, FORGET, FILL] {
                manager.get_connection().execute_unprepared(statements).await?;
            }
        } else {
            manager.create_index(index("reading", &["id"])).await?;
        }
        manager
            .create_table(
                Table::create()
                    .table("reading_quarter")
                    .col(uuid("charge_point_id"))
                    .col(number("connector_number"))
                    // The beginning of the quarter.
                    .col(instant("at"))
                    .col(uuid("organisation_id"))
                    .col(uuid("depot_id"))
                    .col(number("energy_wh"))
                    .col(number("max_power_w").optional())
                    .col(number("mean_power_w").optional())
                    .col(number("soc_last").optional())
                    .col(number("readings"))
                    .primary_key(Index::create().col("charge_point_id").col("connector_number").col("at"))
                    .to_owned(),
            )
            .await?;
        manager.create_index(index("reading_quarter", &["depot_id", "at"])).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("reading_quarter").to_owned()).await?;
        if manager.get_database_backend() == DbBackend::Postgres {
            manager.get_connection().execute_unprepared(UNITE).await.map(drop)
        } else {
            manager.drop_index(Index::drop().name("ix_reading__id").table("reading").to_owned()).await
        }
    }
}
