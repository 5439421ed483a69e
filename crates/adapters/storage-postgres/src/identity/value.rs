//! Values of this domain as columns keep them, and back; beside those every domain has ([`crate::value`]).

use identity::{Preferences, Role, Roles};
use kernel::StoreError;

pub(super) use crate::value::{digest, email, instant, name, named, optional, unreadable};

pub(super) fn preferences(column: &str, value: serde_json::Value) -> Result<Preferences, StoreError> {
    Preferences::restore(value).ok_or_else(|| unreadable(column, "it is no JSON object"))
}

pub(super) fn role_names(roles: &Roles) -> Vec<String> {
    roles.names().into_iter().map(str::to_owned).collect()
}

pub(super) fn roles(column: &str, names: &[String]) -> Result<Roles, StoreError> {
    let roles: Result<Vec<Role>, _> = names.iter().map(|name| name.parse()).collect();
    let roles = roles.map_err(|error| unreadable(column, error))?;
    Roles::new(roles).map_err(|error| unreadable(column, error))
}
