//! Which rows of which table belong to whom, said by three things: whose they are, how they live, and what each role
//! sees of them and may do. Each domain's module lists its tables, and the catalogue test holds all of them against the
//! database.

use crate::DOMAINS;

/// Whose the rows of a table are. The column leads an index, and keys to other rows of the same owner name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Owner {
    /// Each is an organisation's, which this column names.
    Organization(&'static str),
    /// Each is a person's, whose account this column names.
    Account(&'static str),
    /// Nobody's who is known, or everybody's: what happens before anyone signs in, logs, what is published.
    Nobody,
}

/// How the rows of a table live.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Life {
    /// They change, tell when they did and how often, and are never deleted.
    Changing,
    /// They change in the same way, and are deleted.
    Disposable,
    /// They are added, and nothing else is done to them.
    AppendOnly,
    /// They tell neither a time nor a version.
    Bare,
}

/// Which rows of a table a role reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rows {
    /// All of them.
    All,
    /// Those whose column names the organisation in scope.
    Organization(&'static str),
    /// Those whose column names the organisation in scope; without one, those that belong to none.
    OrganizationOrNone(&'static str),
    /// Those whose column names the account in scope.
    Account(&'static str),
    /// Those whose column names nobody.
    OfNobody(&'static str),
    /// Those whose column says that they are published.
    Published(&'static str),
    /// The one idempotency key of the unit.
    OwnIdempotencyKey,
}

/// What is done to rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verb {
    /// Reading them.
    Select,
    /// Adding them.
    Insert,
    /// Changing them.
    Update,
    /// Deleting them.
    Delete,
}

/// What a role may do to the rows it reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Privilege {
    /// What it does.
    pub verb: Verb,
    /// To these columns alone; to all where there are none.
    pub columns: &'static [&'static str],
}

/// What one role reaches of a table, by one predicate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sight {
    /// The role of a scope.
    pub role: &'static str,
    /// Its rows.
    pub rows: Rows,
    /// What it may do to them.
    pub privileges: &'static [Privilege],
}

/// A table and its class.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TableClass {
    /// The PostgreSQL schema.
    pub schema: &'static str,
    /// The table.
    pub table: &'static str,
    /// Whose its rows are.
    pub owner: Owner,
    /// How they live.
    pub life: Life,
    /// What each role reaches of them. For any other role the table holds nothing.
    pub sights: &'static [Sight],
}

impl TableClass {
    /// Whether a role may read rows of it.
    pub(crate) fn can_be_read_by(&self, role: &str) -> bool {
        let reads = |privilege: &Privilege| privilege.verb == Verb::Select && privilege.columns.is_empty();
        self.sights.iter().any(|sight| sight.role == role && sight.privileges.iter().any(reads))
    }

    /// The column that names the organisation, where an organisation's own rows are all the tenant scope may see.
    pub(crate) const fn tenant_column(&self) -> Option<&'static str> {
        match self.owner {
            Owner::Organization(column) => Some(column),
            Owner::Account(_) | Owner::Nobody => None,
        }
    }
}

pub(crate) const TENANT: &str = "touchstone_tenant";
pub(crate) const ACCOUNT: &str = "touchstone_account";
/// The role of logins and registrations, which sees all of the identity schema.
pub(crate) const IDENTITY: &str = "touchstone_identity";
pub(crate) const WORKER: &str = "touchstone_worker";
pub(crate) const PLATFORM: &str = "touchstone_platform";
pub(crate) const BUYER: &str = "touchstone_buyer";
pub(crate) const PUBLIC: &str = "touchstone_public";
pub(crate) const BALLOT: &str = "touchstone_ballot";
pub(crate) const TALLY: &str = "touchstone_tally";
/// The role within which a tenant's search runs; no scope has it.
const SEARCH: &str = "touchstone_search";
/// Who logs in and becomes any of the others.
pub(crate) const APP: &str = "touchstone_app";

/// The roles of the scopes; tables grant to these and to nobody else, except for the list of migrations.
pub const SCOPE_ROLES: [&str; 10] =
    [TENANT, ACCOUNT, IDENTITY, WORKER, PLATFORM, BUYER, PUBLIC, BALLOT, TALLY, SEARCH];

/// An organisation's rows, as nearly all are.
pub(crate) const OF_TENANT: Owner = Owner::Organization("organization_id");
/// A person's rows.
pub(crate) const OF_ACCOUNT: Owner = Owner::Account("account_id");

pub(crate) const SELECT: Privilege = Privilege { verb: Verb::Select, columns: &[] };
pub(crate) const INSERT: Privilege = Privilege { verb: Verb::Insert, columns: &[] };
pub(crate) const UPDATE: Privilege = Privilege { verb: Verb::Update, columns: &[] };
pub(crate) const DELETE: Privilege = Privilege { verb: Verb::Delete, columns: &[] };

pub(crate) const READ: &[Privilege] = &[SELECT];
pub(crate) const EDIT: &[Privilege] = &[SELECT, UPDATE];
pub(crate) const ADD: &[Privilege] = &[SELECT, INSERT];
pub(crate) const KEEP: &[Privilege] = &[SELECT, INSERT, UPDATE];
pub(crate) const WHOLE: &[Privilege] = &[SELECT, INSERT, UPDATE, DELETE];

impl Privilege {
    /// The same, to these columns alone.
    pub(crate) const fn of(self, columns: &'static [&'static str]) -> Self {
        Self { columns, ..self }
    }
}

/// What a role may do to these rows.
pub(crate) const fn sight(role: &'static str, rows: Rows, privileges: &'static [Privilege]) -> Sight {
    Sight { role, rows, privileges }
}

/// What an organisation may do to its own.
pub(crate) const fn tenant(privileges: &'static [Privilege]) -> Sight {
    sight(TENANT, Rows::Organization("organization_id"), privileges)
}

/// What a person may do to their own.
pub(crate) const fn account(privileges: &'static [Privilege]) -> Sight {
    sight(ACCOUNT, Rows::Account("account_id"), privileges)
}

/// What a role may do to everybody's.
pub(crate) const fn all(role: &'static str, privileges: &'static [Privilege]) -> Sight {
    sight(role, Rows::All, privileges)
}

/// The tables of every domain there is.
pub fn tables() -> impl Iterator<Item = &'static TableClass> {
    DOMAINS.iter().flat_map(|(_, tables)| *tables)
}

/// The entry of a table.
pub fn of(schema: &str, table: &str) -> Option<&'static TableClass> {
    tables().find(|class| class.schema == schema && class.table == table)
}
