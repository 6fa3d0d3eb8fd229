//! What the databases report, in the words of [`StoreError`].

use kernel::StoreError;
use sea_orm::{DbErr, RuntimeErr, sqlx};

/// Classifies a database error. A broken unique rule is named by the last column of its index,
/// the same on both engines (see the `migration` crate).
pub(crate) fn store_error(error: DbErr) -> StoreError {
    let Some(cause) = sqlx_error(&error) else {
        return match error {
            DbErr::ConnectionAcquire(_) | DbErr::Conn(_) => StoreError::Unavailable(Box::new(error)),
            DbErr::Type(what) | DbErr::Json(what) => StoreError::Corrupt { what },
            other => StoreError::Failed(Box::new(other)),
        };
    };
    match cause {
        sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed => StoreError::Unavailable(Box::new(error)),
        sqlx::Error::Database(database) => match Kind::of(database.as_ref()) {
            Kind::Duplicate(rule) => StoreError::Duplicate { rule },
            Kind::Reference => StoreError::Reference,
            Kind::Busy => StoreError::Busy(Box::new(error)),
            Kind::Unavailable => StoreError::Unavailable(Box::new(error)),
            Kind::Other => StoreError::Failed(Box::new(error)),
        },
        _ => StoreError::Failed(Box::new(error)),
    }
}

fn sqlx_error(error: &DbErr) -> Option<&sqlx::Error> {
    match error {
        DbErr::Conn(RuntimeErr::SqlxError(cause))
        | DbErr::Exec(RuntimeErr::SqlxError(cause))
        | DbErr::Query(RuntimeErr::SqlxError(cause)) => Some(cause.as_ref()),
        _ => None,
    }
}

enum Kind {
    Duplicate(String),
    Reference,
    Busy,
    Unavailable,
    Other,
}

impl Kind {
    fn of(error: &dyn sqlx::error::DatabaseError) -> Self {
        if error.is_unique_violation() {
            return Self::Duplicate(broken_rule(error));
        }
        if error.is_foreign_key_violation() {
            return Self::Reference;
        }
        match error.code().as_deref() {
            // PostgreSQL: serialization failure, deadlock, lock not available.
            Some("40001" | "40P01" | "55P03") => Self::Busy,
            // PostgreSQL: disk full, too many connections, shutting down, starting up.
            Some("53100" | "53300" | "57P01" | "57P02" | "57P03") => Self::Unavailable,
            // SQLite, by primary result code: 5 busy, 6 locked, 10 input/output, 13 full.
            Some(code) if code.len() < 5 => match code.parse::<u32>().map(|code| code & 0xff) {
                Ok(5 | 6) => Self::Busy,
                Ok(10 | 13) => Self::Unavailable,
                _ => Self::Other,
            },
            _ => Self::Other,
        }
    }
}

/// PostgreSQL names the index (`uq_vehicle__vin`), SQLite the columns (`… failed:
/// vehicle.organisation_id, vehicle.vin`) or, for an index on an expression, the index.
fn broken_rule(error: &dyn sqlx::error::DatabaseError) -> String {
    if let Some(index) = error.constraint() {
        return index.rsplit("__").next().unwrap_or(index).to_owned();
    }
    let message = error.message();
    let last = message.rsplit([' ', '.']).next().unwrap_or(message).trim_matches('\'');
    last.rsplit("__").next().unwrap_or(last).to_owned()
}
