//! Many rows in one statement whose text never changes: PostgreSQL takes them as one JSON document
//! (`json_to_recordset`), so that the statement is prepared once, however many rows there are.
//! Arrays by column would be a little faster, but the query builder binds none with NULLs.

use kernel::StoreError;
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, Statement};
use serde::Serialize;

use crate::error::store_error;

/// Runs a statement over `json_to_recordset($1::json)`.
pub(crate) async fn run<T: Serialize>(
    connection: &DatabaseTransaction,
    sql: &str,
    rows: &[T],
) -> Result<(), StoreError> {
    let rows = serde_json::to_string(rows).map_err(|error| StoreError::Failed(Box::new(error)))?;
    let statement = Statement::from_sql_and_values(DbBackend::Postgres, sql, [rows.into()]);
    connection.execute_raw(statement).await.map_err(store_error)?;
    Ok(())
}
