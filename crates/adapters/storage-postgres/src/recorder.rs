//! What statements on tenants' tables must say, held against each statement that a test sends in a tenant's scope: they
//! name the organisation once for each such table in them. Policies are the proof that nobody sees another's rows,
//! never the filter that finds them.

use crate::{classes, tx::Tx};

impl Tx {
    /// Panics where a statement in a tenant's scope does not name the organisation.
    pub(crate) fn ensure_names_organization(&self, sql: &str) {
        if self.role() != classes::TENANT {
            return;
        }
        let plain = sql.replace('"', "");
        let mentions = |table: &classes::TableClass| {
            let name = format!("{}.{}", table.schema, table.table);
            let ends = |(at, _): &(usize, &str)| {
                !plain[at + name.len()..]
                    .starts_with(|next: char| next.is_alphanumeric() || "_.".contains(next))
            };
            plain.match_indices(&name).filter(ends).count()
        };
        let tables = classes::tables().filter(|table| table.class.tenant_column() == Some("organization_id"));
        let mentioned: usize = tables.map(mentions).sum();
        let named = plain.matches("organization_id").count();
        assert!(named >= mentioned, "a statement leaves an organisation's rows to policies: {plain}");
    }
}
