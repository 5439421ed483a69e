//! Time that is taken. What overlaps is found at the call; what was committed since then makes the unit stale.

use async_trait::async_trait;
use kernel::{
    OrganizationId, Scope, StoreError, Target, Timestamp,
    claims::{Claim, ClaimUpkeep, Claims, NotFree, Resource},
};

use crate::{
    MemoryStorage,
    key::{Key, RowId},
    row::{Access, AnyRow, OnConflict, Row, if_allowed, typed},
    unit::MemoryUnit,
};

/// A claim, and whose meeting it is for.
#[derive(Clone)]
struct TakenTime {
    organization: OrganizationId,
    of: Target,
    claim: Claim,
}

impl TakenTime {
    fn is_of(&self, organization: OrganizationId, of: &Target) -> bool {
        self.organization == organization && self.of == *of
    }
}

/// All that is taken of something.
fn taken(resource: Resource) -> Key {
    Key::new(resource.lane()).uuid(resource.id())
}

/// All that a meeting has taken.
fn meeting(organization: OrganizationId, of: &Target) -> Key {
    Key::organization(organization).text(of.kind).uuid(of.id)
}

fn overlap(one: &Claim, other: &Claim) -> bool {
    one.blocked_from() < other.blocked_until() && other.blocked_from() < one.blocked_until()
}

impl Row for TakenTime {
    fn row_id(&self) -> RowId {
        let (resource, from) = (self.claim.resource, self.claim.blocked_from());
        RowId::named(resource.id(), format!("{} {from}", resource.lane()).as_bytes())
    }
    fn keys(&self) -> Vec<Key> {
        vec![taken(self.claim.resource), meeting(self.organization, &self.of)]
    }
    fn access(&self, scope: Scope) -> Access {
        if_allowed(scope == Scope::Tenant(self.organization), Access::Full)
    }
    fn on_conflict(&self, found: &AnyRow) -> OnConflict {
        let is_own = typed::<Self>(found).is_some_and(|found| found.is_of(self.organization, &self.of));
        if is_own { OnConflict::Replace } else { OnConflict::Fail }
    }
}

impl MemoryUnit {
    fn take(&mut self, of: &Target, all: &[Claim]) -> Result<NotFree, StoreError> {
        self.run(|_| all.iter().try_for_each(Claim::ensure_sound))?;
        let organization = self.tenant()?;
        let mut kept = Vec::new();
        for claim in all {
            let is_free = self.read(|view| {
                view.under(&taken(claim.resource)).all(|other: &TakenTime| !overlap(claim, &other.claim))
            })?;
            if is_free {
                self.put(TakenTime { organization, of: of.clone(), claim: *claim })?;
                kept.push(*claim);
            }
        }
        let not_free = NotFree::of(all, |claim| kept.contains(claim));
        if !not_free.is_empty() {
            self.give_up();
        }
        let of = of.clone();
        self.check_at_commit(move |tables| {
            let others = |claim: &Claim| {
                let all = tables.under(&taken(claim.resource));
                all.filter(|other: &&TakenTime| !other.is_of(organization, &of))
            };
            kept.iter().all(|claim| others(claim).all(|other| !overlap(claim, &other.claim)))
        });
        Ok(not_free)
    }

    fn release(&mut self, of: &Target) -> Result<(), StoreError> {
        let organization = self.tenant()?;
        self.remove_all::<TakenTime>(Access::Full, &meeting(organization, of))
    }
}

#[async_trait]
impl Claims for MemoryUnit {
    async fn claim(&mut self, of: &Target, all: &[Claim]) -> Result<NotFree, StoreError> {
        self.take(of, all)
    }

    async fn move_claims(&mut self, of: &Target, all: &[Claim]) -> Result<NotFree, StoreError> {
        self.release(of)?;
        self.take(of, all)
    }

    async fn release_claims(&mut self, of: &Target) -> Result<(), StoreError> {
        self.release(of)
    }
}

impl MemoryStorage {
    fn forget(&self, over: impl Fn(&Claim) -> bool) -> u64 {
        let mut state = self.shared.write();
        let found = state.tables.find(|row: &TakenTime| over(&row.claim));
        state.tables.remove::<TakenTime>(&found);
        found.len().try_into().unwrap_or(u64::MAX)
    }
}

#[async_trait]
impl ClaimUpkeep for MemoryStorage {
    async fn lapse_holds(&self, now: Timestamp) -> Result<u64, StoreError> {
        Ok(self.forget(|claim| claim.held_until.is_some_and(|until| until <= now)))
    }

    async fn forget_claims(&self, before: Timestamp) -> Result<u64, StoreError> {
        Ok(self.forget(|claim| claim.ends_at() < before))
    }
}
