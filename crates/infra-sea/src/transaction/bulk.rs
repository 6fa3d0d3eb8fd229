//! Rows of a unit of work that are read and written together.
//!
//! A batch holds the readings of many chargers. Their transactions are read in one statement before
//! the first of them is asked for, changed in memory, and written in one statement at the end, or
//! before anything else is asked about transactions.

use std::collections::BTreeMap;

use ::transaction::Transaction;
use kernel::StoreError;
use sea_orm::{ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::{
    reading_entity,
    transaction_entity::{Column, Entity, Model, changing_row, model},
};
use crate::{error::store_error, rows, unit::SeaTx};

/// Rows in one statement: engines limit how many values it may have.
pub(super) const AT_ONCE: usize = 1_000;

/// What a unit of work has read together and not yet written.
#[derive(Default)]
pub(crate) struct Sessions {
    /// By number; `true` where it has changed.
    known: BTreeMap<i32, (Transaction, bool)>,
}

impl Sessions {
    pub(super) fn get(&self, number: i32) -> Option<&Transaction> {
        self.known.get(&number).map(|(transaction, _)| transaction)
    }

    /// Takes up a change; false for a transaction that was not read together with others.
    pub(super) fn change(&mut self, transaction: &Transaction) -> bool {
        match self.known.get_mut(&transaction.number.0) {
            Some(known) => {
                *known = (transaction.clone(), true);
                true
            }
            None => false,
        }
    }
}

const INSERT_READINGS: &str = "INSERT INTO reading (charge_point_id, connector_number, at, context, id, \
     organisation_id, transaction_id, energy_wh, power_w, current_ma, offered_w, voltage_mv, soc, rest) \
     SELECT charge_point_id, connector_number, at, context, id, organisation_id, transaction_id, energy_wh, \
     power_w, current_ma, offered_w, voltage_mv, soc, rest FROM json_to_recordset($1::json) AS new ( \
     charge_point_id uuid, connector_number bigint, at timestamptz, context text, id uuid, \
     organisation_id uuid, transaction_id uuid, energy_wh bigint, power_w bigint, current_ma bigint, \
     offered_w bigint, voltage_mv bigint, soc bigint, rest jsonb) \
     ON CONFLICT (charge_point_id, connector_number, at, context) DO NOTHING";

const UPDATE_TRANSACTIONS: &str = "UPDATE transaction SET depot_id = new.depot_id, evse_id = new.evse_id, \
     evse_number = new.evse_number, vehicle_id = new.vehicle_id, state = new.state, \
     stopped_at = new.stopped_at, meter_stop_wh = new.meter_stop_wh, energy_wh = new.energy_wh, \
     soc_start = new.soc_start, soc_end = new.soc_end, stop_reason = new.stop_reason, flags = new.flags, \
     latest_at = new.latest_at, latest_power_w = new.latest_power_w, \
     latest_current_ma = new.latest_current_ma, latest_soc = new.latest_soc, carried_wh = new.carried_wh, \
     base_wh = new.base_wh, register_at = new.register_at, register_wh = new.register_wh, \
     updated_at = new.updated_at FROM json_to_recordset($1::json) AS new (number bigint, depot_id uuid, \
     evse_id uuid, evse_number bigint, vehicle_id uuid, state text, stopped_at timestamptz, \
     meter_stop_wh bigint, energy_wh bigint, soc_start bigint, soc_end bigint, stop_reason text, \
     flags jsonb, latest_at timestamptz, latest_power_w bigint, latest_current_ma bigint, \
     latest_soc bigint, carried_wh bigint, base_wh bigint, register_at timestamptz, register_wh bigint, \
     updated_at timestamptz) WHERE transaction.number = new.number";

impl SeaTx {
    fn is_postgres(&self) -> bool {
        self.connection().get_database_backend() == DbBackend::Postgres
    }

    /// Reads transactions by their numbers, in one statement.
    pub(super) async fn read_together(&mut self, numbers: &[i64]) -> Result<(), StoreError> {
        let is_known = |number: &i64| i32::try_from(*number).is_ok_and(|n| self.sessions.get(n).is_some());
        let unknown: Vec<i64> = numbers.iter().copied().filter(|number| !is_known(number)).collect();
        for some in unknown.chunks(AT_ONCE) {
            // In the order of their numbers, as everybody else locks them.
            let rows = Entity::find()
                .filter(Column::Number.is_in(some.iter().copied()))
                .order_by_asc(Column::Number)
                .lock_exclusive()
                .all(self.connection())
                .await
                .map_err(store_error)?;
            for row in rows {
                let transaction = Transaction::try_from(row)?;
                self.sessions.known.insert(transaction.number.0, (transaction, false));
            }
        }
        Ok(())
    }

    /// Writes the transactions that were changed since they were read together.
    pub(crate) async fn write_sessions(&mut self) -> Result<(), StoreError> {
        let changed: Vec<&mut (Transaction, bool)> =
            self.sessions.known.values_mut().filter(|(_, changed)| *changed).collect();
        let mut rows = Vec::with_capacity(changed.len());
        for (transaction, changed) in changed {
            *changed = false;
            rows.push(transaction.clone());
        }
        if self.is_postgres() {
            self.update_together(&rows).await
        } else {
            for row in &rows {
                self.update_one(row).await?;
            }
            Ok(())
        }
    }

    /// Changes one transaction.
    pub(super) async fn update_one(&self, transaction: &Transaction) -> Result<(), StoreError> {
        Entity::update_many()
            .set(changing_row(transaction)?)
            .filter(Column::Number.eq(i64::from(transaction.number.0)))
            .exec(self.connection())
            .await
            .map_err(store_error)?;
        Ok(())
    }

    async fn update_together(&self, transactions: &[Transaction]) -> Result<(), StoreError> {
        if transactions.is_empty() {
            return Ok(());
        }
        let rows: Vec<Model> = transactions.iter().map(model).collect::<Result<_, _>>()?;
        rows::run(self.connection(), UPDATE_TRANSACTIONS, &rows).await
    }

    /// Writes the readings that wait for the end of the unit of work.
    pub(crate) async fn write_readings(&mut self) -> Result<(), StoreError> {
        use reading_entity::Column::{At, ChargePointId, ConnectorNumber, Context};
        let readings = std::mem::take(self.waiting_readings());
        for some in readings.chunks(AT_ONCE) {
            if self.is_postgres() {
                let rows: Vec<reading_entity::Model> =
                    some.iter().map(reading_entity::model).collect::<Result<_, _>>()?;
                rows::run(self.connection(), INSERT_READINGS, &rows).await?;
                continue;
            }
            let rows: Vec<_> = some.iter().map(reading_entity::row).collect::<Result<_, _>>()?;
            reading_entity::Entity::insert_many(rows)
                .on_conflict_do_nothing_on([ChargePointId, ConnectorNumber, At, Context])
                .exec_without_returning(self.connection())
                .await
                .map_err(store_error)?;
        }
        Ok(())
    }
}
