//! Which rows of which table belong to whom. Each domain's module lists its tables, and the catalogue test holds all
//! of them against the database.

use crate::{DOMAINS, scope};

/// What a table's rows belong to, and with it the scopes that may see them and by which column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// To one organisation, by `column`; leads an index. The tenant scope sees the organisation's own.
    Tenant {
        /// The column that names the organisation.
        column: &'static str,
    },
    /// To one organisation as in [`Class::Tenant`]. Nothing in it is ever changed.
    AppendOnly {
        /// The column that names the organisation.
        column: &'static str,
    },
    /// To one organisation, by `column`; leads an index. The tenant scope sees the organisation's own; the worker finds
    /// what is over in all of them, and deletes it unread.
    Queue {
        /// The column that names the organisation.
        column: &'static str,
    },
    /// To one person, by `column`; leads an index. The account scope sees the person's own.
    Personal {
        /// The column that names the account.
        column: &'static str,
    },
    /// To one person, by `person`; leads an index. Organisations add to it and read nothing.
    PersonalInbox {
        /// The column that names the account.
        person: &'static str,
        /// The column that names the organisation.
        organization: &'static str,
    },
    /// To everyone, once it is published: the worker puts it there, and the platform sees what waits.
    Public {
        /// The column that says whether it is.
        status: &'static str,
    },
    /// To nobody who is known yet: the identity scope alone.
    Identity,
    /// A log, such as the outbox, perhaps of an organisation: scopes add to it, the worker reads it.
    Log {
        /// The column that names the organisation, if rows may have one.
        organization: Option<&'static str>,
    },
    /// The record of migrations, which nobody but the owner writes and the login role reads.
    Ledger,
    /// The audit trail: every scope adds to it, and an organisation, a person, the platform and the worker read what is
    /// theirs. Nothing in it is ever changed.
    AuditLog {
        /// The column that names the organisation, if the event has one; leads an index.
        organization: &'static str,
        /// The column that names the person, if the event is about one; leads an index.
        person: &'static str,
    },
    /// Numbers and hashes, which tell nothing about anyone: the worker adds to them. Nothing in them is ever changed.
    Tree,
    /// How far the worker has come with numbering.
    Cursor,
    /// Keys of people and strangers: every scope adds to them, the worker reads them, the identity scope destroys them.
    Keys {
        /// The column that names the person.
        person: &'static str,
    },
}

impl Class {
    /// The column that names the organisation, where an organisation's own rows are all the tenant scope may see.
    pub(crate) const fn tenant_column(self) -> Option<&'static str> {
        match self {
            Self::Tenant { column } | Self::AppendOnly { column } | Self::Queue { column } => Some(column),
            _ => None,
        }
    }
}

/// A table, its class, and who may read it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TableClass {
    /// The PostgreSQL schema.
    pub schema: &'static str,
    /// The table.
    pub table: &'static str,
    /// What its rows belong to.
    pub class: Class,
    /// The roles that may read rows of it; for any other it holds nothing.
    pub readers: &'static [&'static str],
}

pub(crate) const TENANT: &str = "touchstone_tenant";
pub(crate) const ACCOUNT: &str = "touchstone_account";
pub(crate) const IDENTITY: &str = scope::IDENTITY;
pub(crate) const WORKER: &str = "touchstone_worker";
pub(crate) const PLATFORM: &str = "touchstone_platform";
pub(crate) const APP: &str = "touchstone_app";

/// The roles of the scopes; tables grant to these and to nobody else, except for [`Class::Ledger`].
pub const SCOPE_ROLES: [&str; 5] = [TENANT, ACCOUNT, IDENTITY, WORKER, PLATFORM];

pub(crate) const OF_ACCOUNT: Class = Class::Personal { column: "account_id" };
pub(crate) const OF_TENANT: Class = Class::Tenant { column: "organization_id" };
pub(crate) const APPEND_ONLY: Class = Class::AppendOnly { column: "organization_id" };

/// The tables of every domain there is.
pub fn tables() -> impl Iterator<Item = &'static TableClass> {
    DOMAINS.iter().flat_map(|(_, tables)| *tables)
}

/// The entry of a table.
pub fn of(schema: &str, table: &str) -> Option<&'static TableClass> {
    tables().find(|class| class.schema == schema && class.table == table)
}
