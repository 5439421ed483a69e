//! How people want to be told, read of many at a time.

use sea_orm_migration::MigrationTrait;

use crate::{
    rls::{Command, Rows, open_for},
    sql_migration::SqlMigration,
};

/// Whoever tells a page of people reads at once how they want it.
pub(crate) fn migration() -> Box<dyn MigrationTrait> {
    let seen = open_for("notification.preferences", "worker", Command::Select, "", Rows::All);
    SqlMigration::boxed("m20261201_000018_preferences_of_many", seen)
}
