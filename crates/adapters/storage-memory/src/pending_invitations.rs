//! Who was asked by an address that nobody had registered.

use async_trait::async_trait;
use kernel::{
    EmailAddress, Scope, StoreError, Timestamp,
    invitation::{Invited, PendingInvitations},
};

use crate::{
    key::{Key, RowId},
    row::{Access, AnyRow, OnConflict, Row, if_allowed},
    unit::MemoryUnit,
};

/// An address was asked before its owner registered.
#[derive(Clone)]
struct PendingInvitation {
    email: EmailAddress,
    invited: Invited,
    asked_at: Timestamp,
}

/// What an address was asked for by invitations of one kind.
fn asked(email: &EmailAddress, kind: u8) -> Key {
    Key::email(email).text(&kind.to_string())
}

/// An organisation adds it, and only the worker reads it.
impl Row for PendingInvitation {
    fn row_id(&self) -> RowId {
        let Invited { kind, id, .. } = self.invited;
        RowId::named(id, format!("{kind} {}", self.email.normalized()).as_bytes())
    }
    fn made_at(&self) -> Timestamp {
        self.asked_at
    }
    fn keys(&self) -> Vec<Key> {
        vec![asked(&self.email, self.invited.kind)]
    }
    fn access(&self, scope: Scope) -> Access {
        if_allowed(scope == Scope::Tenant(self.invited.organization), Access::Full)
    }
    fn visible(&self, scope: Scope) -> bool {
        scope == Scope::Worker
    }
    fn on_conflict(&self, _found: &AnyRow) -> OnConflict {
        OnConflict::KeepExisting
    }
}

#[async_trait]
impl PendingInvitations for MemoryUnit {
    async fn put_pending_email_invitations(
        &mut self,
        asked: &[(EmailAddress, Invited)],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        asked.iter().try_for_each(|(email, invited)| {
            self.put(PendingInvitation { email: email.clone(), invited: *invited, asked_at: now })
        })
    }

    async fn pending_email_invitations(
        &mut self,
        email: &EmailAddress,
        kinds: &[u8],
    ) -> Result<Vec<Invited>, StoreError> {
        let mut found = Vec::new();
        for kind in kinds {
            found.extend(self.list(&asked(email, *kind), |_: &PendingInvitation| true)?);
        }
        found.sort_by_key(Row::position);
        Ok(found.into_iter().map(|one| one.invited).collect())
    }

    async fn delete_pending_email_invitations(
        &mut self,
        email: &EmailAddress,
        kinds: &[u8],
    ) -> Result<(), StoreError> {
        let access = if_allowed(self.scope() == Scope::Worker, Access::Full);
        kinds.iter().try_for_each(|kind| self.remove_all::<PendingInvitation>(access, &asked(email, *kind)))
    }
}
