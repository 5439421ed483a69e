//! Idempotency claims.

use std::{collections::HashMap, time::Duration};

use async_trait::async_trait;
use kernel::{Claim, ClaimTarget, Claimed, IdempotencyClaims, IdempotencyKey, StoreError, Timestamp};
use uuid::Uuid;

use crate::MemoryStorage;

const DIED_AFTER: Duration = Duration::from_secs(60);
const FORGOTTEN_AFTER: Duration = Duration::from_secs(24 * 3600);

#[derive(Default)]
pub(crate) struct Claims {
    held: HashMap<Uuid, Held>,
    ids: HashMap<(String, String), Uuid>,
}

struct Held {
    claim: Claim,
    claimed_at: Timestamp,
    committed: bool,
    target: Option<ClaimTarget>,
    answer: Option<Vec<u8>>,
}

impl Claims {
    fn claim(&mut self, claim: &Claim, now: Timestamp) -> Claimed {
        let name = (claim.caller.clone(), claim.key.clone());
        if let Some(held) = self.ids.get(&name).and_then(|id| self.held.get(id)) {
            let age = now.since(held.claimed_at);
            if age < FORGOTTEN_AFTER {
                if held.claim.fingerprint != claim.fingerprint {
                    return Claimed::OtherRequest;
                }
                if let Some(answer) = &held.answer {
                    return Claimed::Answered(answer.clone());
                }
                if held.committed {
                    return Claimed::Committed(held.target.clone());
                }
                if age < DIED_AFTER {
                    return Claimed::Running;
                }
            }
        }
        if let Some(lost) = self.ids.insert(name, claim.id.0) {
            self.held.remove(&lost);
        }
        let held =
            Held { claim: claim.clone(), claimed_at: now, committed: false, target: None, answer: None };
        self.held.insert(claim.id.0, held);
        Claimed::Run
    }

    /// The claim's work is committed with what was saved first. A claim that was given to another means that the
    /// same request runs again elsewhere: this unit comes too late.
    pub(crate) fn mark(&mut self, id: IdempotencyKey, target: Option<ClaimTarget>) -> Result<(), StoreError> {
        let held = self.held.get_mut(&id.0).ok_or(StoreError::Stale)?;
        held.committed = true;
        held.target = held.target.take().or(target);
        Ok(())
    }

    fn forget(&mut self, id: Uuid) {
        if let Some(held) = self.held.remove(&id) {
            self.ids.remove(&(held.claim.caller, held.claim.key));
        }
    }
}

#[async_trait]
impl IdempotencyClaims for MemoryStorage {
    async fn claim(&self, claim: &Claim, now: Timestamp) -> Result<Claimed, StoreError> {
        Ok(self.shared.write().claims.claim(claim, now))
    }

    async fn answer(&self, id: IdempotencyKey, sealed: &[u8]) -> Result<(), StoreError> {
        if let Some(held) = self.shared.write().claims.held.get_mut(&id.0) {
            held.answer = Some(sealed.to_vec());
        }
        Ok(())
    }

    async fn release(&self, id: IdempotencyKey) -> Result<(), StoreError> {
        let claims = &mut self.shared.write().claims;
        let changed_nothing = |held: &Held| !held.committed && held.answer.is_none();
        if claims.held.get(&id.0).is_some_and(changed_nothing) {
            claims.forget(id.0);
        }
        Ok(())
    }

    async fn purge(&self, before: Timestamp) -> Result<u64, StoreError> {
        let claims = &mut self.shared.write().claims;
        let old: Vec<Uuid> =
            claims.held.iter().filter(|(_, held)| held.claimed_at < before).map(|(id, _)| *id).collect();
        let count = old.len();
        for id in old {
            claims.forget(id);
        }
        Ok(u64::try_from(count).unwrap_or(u64::MAX))
    }
}
