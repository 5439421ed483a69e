//! What a member's leave to act rests on, held in the first flight of whatever it lets happen.
//!
//! The gate may decide by a membership that was read a moment ago, and spare its callers a flight, because nothing
//! happens by a leave that is not true any more: the statement here travels with BEGIN, and fails the transaction. A
//! unit keeps what it found until its end.

use std::sync::atomic::{AtomicU64, Ordering};

use kernel::{Ctx, Role};

use crate::{
    driver::{Query, query},
    scope::Access,
};

/// Fails with a division by zero unless the person is an active member with these roles of an active organisation that
/// asks for no more than they proved. What the transaction itself changed about either does not count.
macro_rules! ask {
    ($lock:literal) => {
        concat!(
            "WITH held AS (SELECT 1 FROM identity.memberships m JOIN identity.organizations o ON o.id = m.organization_id \
             WHERE m.organization_id = $1 AND m.account_id = $2 \
             AND (m.status = 'active' AND m.roles = $3 OR m.xmin = pg_current_xact_id_if_assigned()::xid) \
             AND (o.status = 'active' AND o.requires_second_factor <= $4 \
             OR o.xmin = pg_current_xact_id_if_assigned()::xid) ",
            $lock,
            ") SELECT 1 / count(*) FROM held"
        )
    };
}

/// The statement that asks for the leave of a caller, where they act by one.
pub(crate) fn asked(ctx: &Ctx, access: Access) -> Option<Query<'static>> {
    let (organization, leave) = ctx.scope.organization().zip(ctx.leave.as_ref())?;
    let roles: Vec<&str> = leave.roles.iter().map(Role::name).collect();
    let ask = match access {
        Access::Read => query(ask!("")),
        Access::Write => query(ask!("FOR SHARE OF m")),
    };
    Some(ask.bind(organization.uuid()).bind(leave.account.uuid()).bind(roles).bind(leave.second_factor))
}

/// Counts how often something changed that leaves rest on: here, or elsewhere and noticed here. What was read at
/// another count is read again.
#[derive(Default)]
pub(crate) struct LeaveEpoch(AtomicU64);

impl LeaveEpoch {
    /// The count.
    pub(crate) fn now(&self) -> u64 {
        self.0.load(Ordering::Acquire)
    }

    /// What was read before is outdated.
    pub(crate) fn advance(&self) {
        self.0.fetch_add(1, Ordering::AcqRel);
    }

    /// Whether leaves rest on things of this kind.
    pub(crate) fn is_moved_by(kind: &str) -> bool {
        matches!(kind, "membership" | "organization")
    }
}
