//! What PostgreSQL says, in the kernel's words.

use kernel::StoreError;
use tokio_postgres::error::DbError;

use crate::{
    DOMAINS,
    driver::{is_lost, said},
};

/// Translates an error of the driver. Details that hold values of rows are left out.
pub(crate) fn store_error(error: &tokio_postgres::Error) -> StoreError {
    match error.as_db_error() {
        Some(server) => of_server(server),
        None if is_lost(error) => StoreError::Unavailable(said(error)),
        None => StoreError::Fault(said(error)),
    }
}

/// By SQLSTATE (PostgreSQL, appendix A).
fn of_server(error: &DbError) -> StoreError {
    let said = || format!("{} ({})", error.message(), error.code().code());
    match error.code().code() {
        "23505" => of_duplicate(error.constraint().unwrap_or_default()),
        // What divides by the count of rows it found, found none ([`crate::record`]).
        // A trigger finds that a row is not any more as its writer saw it.
        "40001" | "22012" | "55000" => StoreError::Stale,
        "42501" => StoreError::OutOfScope,
        // deadlock, lock timeout, statement timeout or cancel, read-only server, idle in transaction; and what was
        // prepared before a migration
        "40P01" | "55P03" | "57014" | "25006" | "25P03" | "0A000" | "26000" => {
            StoreError::Unavailable(said())
        }
        code if ["08", "53", "57P"].iter().any(|class| code.starts_with(class)) => {
            StoreError::Unavailable(said())
        }
        _ => StoreError::Fault(said()),
    }
}

/// A second insert of one id is like the update of an outdated version: the saver holds what is no longer so.
fn of_duplicate(constraint: &str) -> StoreError {
    let constraint = without_shard(constraint);
    let mut uniques = DOMAINS.iter().flat_map(|(domain, _)| domain.uniques);
    match uniques.find(|unique| unique.0 == constraint) {
        Some(unique) => StoreError::Duplicate(*unique),
        None if constraint.ends_with("_pkey") => StoreError::Stale,
        None => StoreError::Fault(format!("the constraint {constraint} was broken")),
    }
}

/// Where tables are spread over nodes, the names of a part's constraints end with the number of the part:
/// `accounts_email_key_102040`.
fn without_shard(constraint: &str) -> &str {
    let is_number = |end: &str| end.len() >= 6 && end.bytes().all(|byte| byte.is_ascii_digit());
    match constraint.rsplit_once('_') {
        Some((name, end)) if is_number(end) => name,
        _ => constraint,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_that_is_taken_is_stale() {
        assert!(matches!(of_duplicate("accounts_pkey"), StoreError::Stale));
        assert!(matches!(of_duplicate("accounts_pkey_102040"), StoreError::Stale));
        assert!(matches!(of_duplicate("no_such_key"), StoreError::Fault(_)));
        assert_eq!(["api_keys_2", "x_102040"].map(without_shard), ["api_keys_2", "x"]);
    }
}
