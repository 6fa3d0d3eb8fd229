//! What each depot drew by quarter of an hour: the sums of its connectors, kept by the database itself.
//!
//! A year of a large depot is more than a million quarters of connectors, too many for a chart to add up.
//! Triggers carry every change of `reading_quarter` over, in its own transaction: so the sums are right
//! whoever writes, in whatever order, and when a charger is moved. A quarter is counted from 1970.

use sea_orm_migration::{prelude::*, sea_orm::DbBackend};

use crate::column::index;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const POSTGRES: &str = "
CREATE TABLE depot_quarter (
    depot_id uuid NOT NULL,
    quarter bigint NOT NULL,
    organisation_id uuid NOT NULL,
    connectors bigint NOT NULL,
    energy_wh bigint NOT NULL,
    charging bigint NOT NULL,
    PRIMARY KEY (depot_id, quarter)
);
INSERT INTO depot_quarter
SELECT depot_id, FLOOR(EXTRACT(EPOCH FROM at) / 900)::bigint, (array_agg(organisation_id))[1], COUNT(*),
    SUM(energy_wh), COUNT(*) FILTER (WHERE energy_wh > 0)
FROM reading_quarter GROUP BY 1, 2;
CREATE FUNCTION depot_quarter_add(depot uuid, organisation uuid, at timestamptz, connectors bigint, energy bigint,
    charging bigint) RETURNS void LANGUAGE sql AS $$
    INSERT INTO depot_quarter VALUES
        (depot, FLOOR(EXTRACT(EPOCH FROM at) / 900)::bigint, organisation, connectors, energy, charging)
    ON CONFLICT (depot_id, quarter) DO UPDATE SET
        connectors = depot_quarter.connectors + EXCLUDED.connectors,
        energy_wh = depot_quarter.energy_wh + EXCLUDED.energy_wh,
        charging = depot_quarter.charging + EXCLUDED.charging
$$;
CREATE FUNCTION depot_quarter_follow() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        PERFORM depot_quarter_add(OLD.depot_id, OLD.organisation_id, OLD.at, -1, -OLD.energy_wh,
            CASE WHEN OLD.energy_wh > 0 THEN -1 ELSE 0 END);
    END IF;
    IF TG_OP <> 'DELETE' THEN
        PERFORM depot_quarter_add(NEW.depot_id, NEW.organisation_id, NEW.at, 1, NEW.energy_wh,
            CASE WHEN NEW.energy_wh > 0 THEN 1 ELSE 0 END);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER depot_quarter_follows AFTER INSERT OR UPDATE OR DELETE ON reading_quarter
FOR EACH ROW EXECUTE FUNCTION depot_quarter_follow()";

const POSTGRES_DOWN: &str = "
DROP TRIGGER depot_quarter_follows ON reading_quarter;
DROP FUNCTION depot_quarter_follow;
DROP FUNCTION depot_quarter_add;
DROP TABLE depot_quarter";

const SQLITE_TABLE: &str = "
CREATE TABLE depot_quarter (
    depot_id uuid_text NOT NULL,
    quarter bigint NOT NULL,
    organisation_id uuid_text NOT NULL,
    connectors bigint NOT NULL,
    energy_wh bigint NOT NULL,
    charging bigint NOT NULL,
    PRIMARY KEY (depot_id, quarter)
) WITHOUT ROWID";

const SQLITE_FILL: &str = "
INSERT INTO depot_quarter
SELECT depot_id, CAST(strftime('%s', at) AS INTEGER) / 900, MIN(organisation_id), COUNT(*), SUM(energy_wh),
    SUM(energy_wh > 0)
FROM reading_quarter GROUP BY 1, 2";

/// What a row adds to its quarter; `sign` is `-` to take it away.
fn sqlite_add(row: &str, sign: &str) -> String {
    format!(
        "INSERT INTO depot_quarter VALUES ({row}.depot_id, CAST(strftime('%s', {row}.at) AS INTEGER) / 900,
            {row}.organisation_id, {sign}1, {sign}{row}.energy_wh, {sign}({row}.energy_wh > 0))
        ON CONFLICT (depot_id, quarter) DO UPDATE SET
            connectors = connectors + excluded.connectors,
            energy_wh = energy_wh + excluded.energy_wh,
            charging = charging + excluded.charging;"
    )
}

fn sqlite_triggers() -> [String; 3] {
    let trigger = |event: &str, body: String| {
        let name = event.to_lowercase();
        format!(
            "CREATE TRIGGER depot_quarter_follows_{name} AFTER {event} ON reading_quarter BEGIN {body} END"
        )
    };
    let (away, added) = (sqlite_add("OLD", "-"), sqlite_add("NEW", ""));
    [trigger("INSERT", added.clone()), trigger("UPDATE", format!("{away}{added}")), trigger("DELETE", away)]
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        if manager.get_database_backend() == DbBackend::Postgres {
            connection.execute_unprepared(POSTGRES).await?;
        } else {
            connection.execute_unprepared(SQLITE_TABLE).await?;
            connection.execute_unprepared(SQLITE_FILL).await?;
            for trigger in sqlite_triggers() {
                connection.execute_unprepared(&trigger).await?;
            }
        }
        // When sessions of a depot or a charger were open.
        manager.create_index(index("transaction", &["depot_id", "started_at", "stopped_at"])).await?;
        manager.create_index(index("transaction", &["charge_point_id", "started_at", "stopped_at"])).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for owner in ["depot_id", "charge_point_id"] {
            let name = format!("ix_transaction__{owner}__started_at__stopped_at");
            manager.drop_index(Index::drop().name(name).table("transaction").to_owned()).await?;
        }
        let connection = manager.get_connection();
        if manager.get_database_backend() == DbBackend::Postgres {
            return connection.execute_unprepared(POSTGRES_DOWN).await.map(drop);
        }
        for event in ["insert", "update", "delete"] {
            connection.execute_unprepared(&format!("DROP TRIGGER depot_quarter_follows_{event}")).await?;
        }
        connection.execute_unprepared("DROP TABLE depot_quarter").await.map(drop)
    }
}
