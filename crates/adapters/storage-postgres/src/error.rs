//! What PostgreSQL says, in the kernel's words.

use kernel::StoreError;
use sea_orm::{DbErr, RuntimeErr};
use sqlx::postgres::PgDatabaseError;

use crate::DOMAINS;

/// Translates an error of the driver. Details that hold values of rows are left out.
pub(crate) fn store_error(error: &sqlx::Error) -> StoreError {
    let unavailable = || StoreError::Unavailable(error.to_string());
    match error {
        sqlx::Error::Database(database) => {
            database.try_downcast_ref::<PgDatabaseError>().map_or_else(unavailable, of_server)
        }
        sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::Protocol(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed
        | sqlx::Error::BeginFailed => unavailable(),
        other => StoreError::Fault(other.to_string()),
    }
}

/// Translates an error of SeaORM.
pub(crate) fn from_sea_orm(error: &DbErr) -> StoreError {
    match error {
        DbErr::Conn(RuntimeErr::SqlxError(inner))
        | DbErr::Exec(RuntimeErr::SqlxError(inner))
        | DbErr::Query(RuntimeErr::SqlxError(inner)) => store_error(inner),
        other => StoreError::Fault(other.to_string()),
    }
}

/// Whether the connection is gone, so that nothing sent on it was done.
pub(crate) fn is_lost(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_) | sqlx::Error::Protocol(_) | sqlx::Error::WorkerCrashed => true,
        sqlx::Error::Database(database) => {
            database.code().is_some_and(|code| code.starts_with("57P") || code.starts_with("08"))
        }
        _ => false,
    }
}

/// By SQLSTATE (PostgreSQL, appendix A).
fn of_server(error: &PgDatabaseError) -> StoreError {
    let said = || format!("{} ({})", error.message(), error.code());
    match error.code() {
        "23505" => of_duplicate(error.constraint().unwrap_or_default()),
        "40001" => StoreError::Stale,
        "42501" => StoreError::OutOfScope,
        // deadlock, lock timeout, statement timeout or cancel, read-only server, idle in transaction
        "40P01" | "55P03" | "57014" | "25006" | "25P03" => StoreError::Unavailable(said()),
        code if ["08", "53", "57P"].iter().any(|class| code.starts_with(class)) => {
            StoreError::Unavailable(said())
        }
        _ => StoreError::Fault(said()),
    }
}

/// A second insert of one id is like the update of an outdated version: the saver holds what is no longer so.
fn of_duplicate(constraint: &str) -> StoreError {
    let mut uniques = DOMAINS.iter().flat_map(|(domain, _)| domain.uniques);
    match uniques.find(|unique| unique.0 == constraint) {
        Some(unique) => StoreError::Duplicate(*unique),
        None if constraint.ends_with("_pkey") => StoreError::Stale,
        None => StoreError::Fault(format!("the constraint {constraint} was broken")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_busy_pool_is_worth_another_try() {
        assert!(matches!(store_error(&sqlx::Error::PoolTimedOut), StoreError::Unavailable(_)));
        assert!(matches!(store_error(&sqlx::Error::RowNotFound), StoreError::Fault(_)));
    }

    #[test]
    fn an_id_that_is_taken_is_stale() {
        assert!(matches!(of_duplicate("accounts_pkey"), StoreError::Stale));
        assert!(matches!(of_duplicate("no_such_key"), StoreError::Fault(_)));
    }
}
