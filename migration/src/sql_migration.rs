//! A migration that is a script of SQL.
#![expect(elided_lifetimes_in_paths, reason = "async_trait must see the signature as the trait writes it")]

use async_trait::async_trait;
use sea_orm_migration::{
    MigrationName, MigrationTrait, SchemaManager,
    sea_orm::{ConnectionTrait as _, DbErr},
};

/// A script, run in a transaction of its own.
pub(crate) struct SqlMigration {
    pub(crate) name: &'static str,
    pub(crate) script: String,
}

impl SqlMigration {
    pub(crate) fn boxed(name: &'static str, script: String) -> Box<dyn MigrationTrait> {
        Box::new(Self { name, script })
    }
}

impl MigrationName for SqlMigration {
    fn name(&self) -> &str {
        self.name
    }
}

#[async_trait]
impl MigrationTrait for SqlMigration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.get_connection().execute_unprepared(&self.script).await.map(|_| ())
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
