//! What a transaction may reach: its role and the values row-level security checks.

use kernel::{Ctx, IdempotencyKey, Scope};
use uuid::Uuid;

use crate::classes::{ACCOUNT, APP, BALLOT, BUYER, IDENTITY, PLATFORM, PUBLIC, TALLY, TENANT, WORKER};

/// Whether the transaction may write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    Read,
    Write,
}

/// How a transaction begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct BeginStatement {
    /// The role it takes.
    pub(crate) role: &'static str,
    /// The organisation whose rows it sees, in a tenant's scope.
    pub(crate) tenant: Option<Uuid>,
    /// Whether it may write.
    pub(crate) access: Access,
    /// The one message that begins it and sets role and values.
    pub(crate) message: String,
}

impl BeginStatement {
    /// As the role that logged in, which sees the catalogue and the list of migrations.
    pub(crate) fn login() -> Self {
        Self { role: APP, tenant: None, access: Access::Read, message: "BEGIN READ ONLY".to_owned() }
    }
}

/// Opens a transaction in the scope of `ctx`.
pub(crate) fn begin_statement(ctx: &Ctx, access: Access) -> BeginStatement {
    statement(ctx.scope, ctx.idempotency.filter(|_| access == Access::Write), access)
}

/// The same for what no caller stands behind.
pub(crate) fn internal(scope: Scope, access: Access) -> BeginStatement {
    statement(scope, None, access)
}

/// All values are UUIDs and constants: nothing needs to be escaped. Each setting is always written, because what an
/// earlier transaction left is undefined.
fn statement(scope: Scope, idempotency_key: Option<IdempotencyKey>, access: Access) -> BeginStatement {
    let begin = match access {
        Access::Read => "BEGIN READ ONLY",
        Access::Write => "BEGIN",
    };
    let text = |id: Option<Uuid>| id.map(|id| id.to_string()).unwrap_or_default();
    let (role, organization) = (role(scope), scope.organization().map(kernel::Id::uuid));
    let tenant = text(match scope {
        Scope::Buyer(id) => Some(id.uuid()),
        _ => organization,
    });
    let (account, idempotency_key) =
        (text(scope.account().map(kernel::Id::uuid)), text(idempotency_key.map(|key| key.0)));
    // SET LOCAL costs the server half of what SELECT set_config does, which it would have to plan.
    let message = format!(
        "{begin}; SET LOCAL ROLE {role}; SET LOCAL app.tenant_id = '{tenant}'; \
         SET LOCAL app.account_id = '{account}'; SET LOCAL app.idempotency_id = '{idempotency_key}'"
    );
    BeginStatement { role, tenant: organization, access, message }
}

const fn role(scope: Scope) -> &'static str {
    match scope {
        Scope::Tenant(_) => TENANT,
        Scope::Account(_) => ACCOUNT,
        Scope::Identity => IDENTITY,
        Scope::Worker => WORKER,
        Scope::Platform => PLATFORM,
        Scope::Buyer(_) => BUYER,
        Scope::Public => PUBLIC,
        Scope::Ballot => BALLOT,
        Scope::Tally => TALLY,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_sets_its_own_id_and_clears_the_others() {
        let id = kernel::AccountId::from_uuid(Uuid::from_u128(7));
        let BeginStatement { message, .. } = internal(Scope::Account(id), Access::Read);
        assert!(message.starts_with("BEGIN READ ONLY; SET LOCAL ROLE touchstone_account;"));
        assert!(message.contains(&format!("app.account_id = '{id}';")));
        assert!(message.contains("app.tenant_id = '';"));
    }

    #[test]
    fn a_buyer_is_named_where_tenants_are_and_owns_no_tenants_rows() {
        let id = kernel::OrganizationId::from_uuid(Uuid::from_u128(7));
        let BeginStatement { role, tenant, message, .. } = internal(Scope::Buyer(id), Access::Read);
        assert_eq!((role, tenant), (BUYER, None));
        assert!(message.contains(&format!("app.tenant_id = '{id}';")));
    }
}
