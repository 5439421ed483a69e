//! Files that organisations keep; their content lies in an object store.

use sea_orm_migration::MigrationTrait;

use crate::{
    rls::{Command, Rows, open, open_for, protect},
    sql_migration::SqlMigration,
};

/// A document is its organisation's own. The worker sees which there are, whose content is there, and who uploaded it.
pub(crate) fn migration() -> Box<dyn MigrationTrait> {
    const DOCUMENTS: &str = "document.documents";
    let columns = "(organization_id, id, uploaded_by, has_content)";
    let parts = [
        include_str!("m20261201_000017_documents.sql").to_owned(),
        protect(DOCUMENTS),
        open(DOCUMENTS, "tenant", "SELECT, INSERT, UPDATE", Rows::Tenant("organization_id")),
        open_for(DOCUMENTS, "worker", Command::Select, columns, Rows::All),
    ];
    SqlMigration::boxed("m20261201_000017_documents", parts.concat())
}
