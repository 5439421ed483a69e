//! What statements on tenants' tables must say, held against each statement that a test sends in a tenant's scope: they
//! compare or insert the organisation once for each such table in them. Policies are the proof that nobody sees
//! another's rows, never the filter that finds them.

use crate::{classes, tx::Tx};

/// Statements that need not. The list only shrinks.
const EXCEPTIONS: &[&str] = &[
    // The worker deletes what is over in all organisations; in a tenant's scope nobody but a test sends it.
    "DELETE FROM platform.task_outputs",
];

impl Tx {
    /// Panics where a statement in a tenant's scope does not name the organisation.
    pub(crate) fn ensure_names_organization(&self, sql: &str) {
        let is_exempt = EXCEPTIONS.iter().any(|exception| sql.contains(exception));
        if self.role() == classes::TENANT && !is_exempt {
            let (tables, named) = count(sql);
            assert!(named >= tables, "a statement leaves an organisation's rows to policies: {sql}");
        }
    }
}

/// How often a statement mentions tenants' tables, and how often it says whose rows of them.
fn count(sql: &str) -> (usize, usize) {
    let plain = sql.replace('"', "");
    let mut tables = 0;
    let mut named = plain.matches("organization_id = ").count();
    for table in classes::tables().filter(|table| table.tenant_column() == Some("organization_id")) {
        let name = format!("{}.{}", table.schema, table.table);
        for (at, _) in plain.match_indices(&name) {
            let rest = &plain[at + name.len()..];
            // Another table's name may begin so, and a column of the table may follow.
            if rest.starts_with(|next: char| next.is_alphanumeric() || "_.".contains(next)) {
                continue;
            }
            tables += 1;
            let columns = rest.split(')').next().unwrap_or_default();
            let inserts = plain[..at].ends_with("INSERT INTO ") && columns.contains("organization_id");
            named += usize::from(inserts);
        }
    }
    (tables, named)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_of_columns_does_not_name_whose_rows_are_meant() {
        let from = "SELECT t.organization_id FROM \"platform\".\"tasks\" t WHERE t.id = $1";
        assert_eq!(count(from), (1, 0));
        assert_eq!(count(&format!("{from} AND t.organization_id = $2")), (1, 1));
        assert_eq!(count("INSERT INTO platform.tasks (id, organization_id) VALUES ($1, $2)"), (1, 1));
        assert_eq!(count("INSERT INTO platform.tasks (id) SELECT id FROM platform.task_outputs"), (2, 0));
    }
}
