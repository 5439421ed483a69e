//! Values as columns keep them, and back. What storage cannot read back is a defect, never a refusal.

use std::fmt::Display;

use identity::{Digest, EmailAddress, Preferences, Role, Roles, text::Name};
use kernel::{StoreError, Timestamp};
use time::OffsetDateTime;

/// A column holds what the domain does not know.
pub(super) fn broken(column: &str, why: impl Display) -> StoreError {
    StoreError::Fault(format!("a row's {column} cannot be read: {why}"))
}

/// The one of `all` with this name.
pub(super) fn named<T: Copy>(
    column: &str,
    text: &str,
    all: impl IntoIterator<Item = T>,
    name: impl Fn(T) -> &'static str,
) -> Result<T, StoreError> {
    all.into_iter().find(|one| name(*one) == text).ok_or_else(|| broken(column, "no such name"))
}

pub(super) fn instant(at: Timestamp) -> OffsetDateTime {
    at.to_offset_date_time()
}

pub(super) fn email(column: &str, text: &str) -> Result<EmailAddress, StoreError> {
    EmailAddress::new(text).map_err(|error| broken(column, error))
}

pub(super) fn name(column: &str, text: &str) -> Result<Name, StoreError> {
    Name::new(text).map_err(|error| broken(column, error))
}

/// A value that may be missing.
pub(super) fn optional<T>(
    column: &str,
    text: Option<&String>,
    read: impl FnOnce(&str, &str) -> Result<T, StoreError>,
) -> Result<Option<T>, StoreError> {
    text.map(|text| read(column, text)).transpose()
}

pub(super) fn preferences(column: &str, value: serde_json::Value) -> Result<Preferences, StoreError> {
    Preferences::restore(value).ok_or_else(|| broken(column, "it is no JSON object"))
}

pub(super) fn digest(column: &str, bytes: &[u8]) -> Result<Digest, StoreError> {
    bytes.try_into().map(Digest).map_err(|error| broken(column, error))
}

pub(super) fn role_names(roles: &Roles) -> Vec<String> {
    roles.names().into_iter().map(str::to_owned).collect()
}

pub(super) fn roles(column: &str, names: &[String]) -> Result<Roles, StoreError> {
    let roles: Result<Vec<Role>, _> = names.iter().map(|name| name.parse()).collect();
    let roles = roles.map_err(|error| broken(column, error))?;
    Roles::new(roles).map_err(|error| broken(column, error))
}
