//! Row-level security in the one form that was proved: for each role a floor and the same predicate again.
//!
//! [`open`] gives a role one predicate for all it does; [`open_for`] gives it one for each command, where a role
//! adds rows that it may not read.

/// Whose rows a role sees, as a predicate that is evaluated once for a statement.
#[derive(Clone, Copy)]
pub(crate) enum Rows {
    /// All of them.
    All,
    /// Those whose column names the organisation in scope.
    Tenant(&'static str),
    /// Those whose column names the account in scope.
    Account(&'static str),
    /// Those of the organisation in scope; without one, those that belong to none.
    TenantOrNone(&'static str),
    /// The one idempotency key of the unit.
    OwnIdempotencyKey,
    /// Those whose column names nobody.
    OfNobody(&'static str),
    /// Those whose column says that everyone may see them.
    Published(&'static str),
}

/// What is done to rows.
#[derive(Clone, Copy)]
pub(crate) enum Command {
    Select,
    Insert,
    Delete,
}

impl Rows {
    fn predicate(self) -> String {
        match self {
            Self::All => "true".to_owned(),
            Self::Tenant(column) => format!("{column} = (SELECT current_setting('app.tenant_id')::uuid)"),
            Self::Account(column) => format!("{column} = (SELECT current_setting('app.account_id')::uuid)"),
            Self::TenantOrNone(column) => format!(
                "{column} IS NOT DISTINCT FROM (SELECT nullif(current_setting('app.tenant_id', true), '')::uuid)"
            ),
            Self::OwnIdempotencyKey => {
                "id = (SELECT nullif(current_setting('app.idempotency_id', true), '')::uuid)".to_owned()
            }
            Self::OfNobody(column) => format!("{column} IS NULL"),
            Self::Published(column) => format!("{column} = 'published'"),
        }
    }
}

/// Enables and forces the policies of a table.
pub(crate) fn protect(table: &str) -> String {
    format!(
        "ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;\n\
         ALTER TABLE {table} FORCE ROW LEVEL SECURITY;\n"
    )
}

/// Lets a scope's role use a table, with these privileges on these rows.
pub(crate) fn open(table: &str, scope: &str, privileges: &str, rows: Rows) -> String {
    let predicate = rows.predicate();
    let clauses = format!("TO touchstone_{scope} USING ({predicate}) WITH CHECK ({predicate})");
    format!(
        "CREATE POLICY {scope}_floor ON {table} AS RESTRICTIVE {clauses};\n\
         CREATE POLICY {scope}_rows ON {table} AS PERMISSIVE {clauses};\n\
         GRANT {privileges} ON {table} TO touchstone_{scope};\n"
    )
}

/// Lets a scope's role do one thing with these rows of a table; `columns` in parentheses narrow the privilege.
pub(crate) fn open_for(table: &str, scope: &str, command: Command, columns: &str, rows: Rows) -> String {
    let predicate = rows.predicate();
    let (name, privilege, clause) = match command {
        Command::Select => ("select", "SELECT", "USING"),
        Command::Insert => ("insert", "INSERT", "WITH CHECK"),
        Command::Delete => ("delete", "DELETE", "USING"),
    };
    let clauses = format!("FOR {privilege} TO touchstone_{scope} {clause} ({predicate})");
    format!(
        "CREATE POLICY {scope}_{name}_floor ON {table} AS RESTRICTIVE {clauses};\n\
         CREATE POLICY {scope}_{name}_rows ON {table} AS PERMISSIVE {clauses};\n\
         GRANT {privilege} {columns} ON {table} TO touchstone_{scope};\n"
    )
}
