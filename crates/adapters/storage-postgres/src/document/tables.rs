//! Whose rows the table of documents holds, and who does what to them.

use crate::classes::{KEEP, Life, OF_TENANT, SELECT, TableClass, WORKER, all, tenant};

/// The worker sees which there are, whose content is there, and who uploaded it.
pub(crate) const TABLES: &[TableClass] = &[TableClass {
    schema: ::document::DOMAIN.schema,
    table: "documents",
    owner: OF_TENANT,
    life: Life::Changing,
    sights: &[
        tenant(KEEP),
        all(WORKER, &[SELECT.of(&["organization_id", "id", "uploaded_by", "has_content"])]),
    ],
}];
