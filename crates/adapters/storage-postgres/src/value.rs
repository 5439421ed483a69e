//! Values as columns keep them, and back. What storage cannot read back is a defect, never a refusal.

use std::fmt::Display;

use kernel::{Digest, EmailAddress, Name, StoreError, Timestamp};
use time::OffsetDateTime;

/// A column holds what the domain does not know.
pub(crate) fn unreadable(column: &str, why: impl Display) -> StoreError {
    StoreError::Fault(format!("a row's {column} cannot be read: {why}"))
}

/// The one of `all` with this name.
pub(crate) fn named<T: Copy>(
    column: &str,
    text: &str,
    all: impl IntoIterator<Item = T>,
    name: impl Fn(T) -> &'static str,
) -> Result<T, StoreError> {
    all.into_iter().find(|one| name(*one) == text).ok_or_else(|| unreadable(column, "no such name"))
}

pub(crate) fn instant(at: Timestamp) -> OffsetDateTime {
    at.to_offset_date_time()
}

pub(crate) fn email(column: &str, text: &str) -> Result<EmailAddress, StoreError> {
    EmailAddress::new(text).map_err(|error| unreadable(column, error))
}

pub(crate) fn name(column: &str, text: &str) -> Result<Name, StoreError> {
    Name::new(text).map_err(|error| unreadable(column, error))
}

/// A value that may be missing.
pub(crate) fn optional<T>(
    column: &str,
    text: Option<&String>,
    read: impl FnOnce(&str, &str) -> Result<T, StoreError>,
) -> Result<Option<T>, StoreError> {
    text.map(|text| read(column, text)).transpose()
}

pub(crate) fn digest(column: &str, bytes: &[u8]) -> Result<Digest, StoreError> {
    bytes.try_into().map(Digest).map_err(|error| unreadable(column, error))
}

/// A number as PostgreSQL keeps it; none comes near the limit.
pub(crate) fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// A number that is not negative unless somebody altered it.
pub(crate) fn unsigned(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}
