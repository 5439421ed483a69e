//! Idempotency: requests that run once.

use std::{collections::HashMap, time::Duration};

use async_trait::async_trait;
use kernel::{
    IdempotencyKey, IdempotencyState, IdempotencyStore, IdempotentRequest, SavedTarget, StoreError, Timestamp,
};
use uuid::Uuid;

use crate::MemoryStorage;

const DIED_AFTER: Duration = Duration::from_secs(60);
const FORGOTTEN_AFTER: Duration = Duration::from_secs(24 * 3600);

#[derive(Default)]
pub(crate) struct IdempotentRequests {
    held: HashMap<Uuid, Held>,
    ids: HashMap<(String, String), Uuid>,
}

struct Held {
    request: IdempotentRequest,
    reserved_at: Timestamp,
    committed: bool,
    target: Option<SavedTarget>,
    answer: Option<Vec<u8>>,
}

impl IdempotentRequests {
    fn reserve(&mut self, request: &IdempotentRequest, now: Timestamp) -> IdempotencyState {
        let name = (request.caller.clone(), request.key.clone());
        if let Some(held) = self.ids.get(&name).and_then(|id| self.held.get(id)) {
            let age = now.since(held.reserved_at);
            if age < FORGOTTEN_AFTER {
                if held.request.fingerprint != request.fingerprint {
                    return IdempotencyState::OtherRequest;
                }
                if let Some(sealed) = held.answer.clone() {
                    let committed = held.committed.then(|| held.target.clone());
                    return IdempotencyState::Answered { sealed, committed };
                }
                if held.committed {
                    return IdempotencyState::Committed(held.target.clone());
                }
                if age < DIED_AFTER {
                    return IdempotencyState::Running;
                }
            }
        }
        if let Some(lost) = self.ids.insert(name, request.id.0) {
            self.held.remove(&lost);
        }
        let held =
            Held { request: request.clone(), reserved_at: now, committed: false, target: None, answer: None };
        self.held.insert(request.id.0, held);
        IdempotencyState::Run
    }

    /// The request's work is committed with what was saved first. A key that was given to another means that the
    /// same request runs again elsewhere: this unit comes too late.
    pub(crate) fn mark(&mut self, id: IdempotencyKey, target: Option<SavedTarget>) -> Result<(), StoreError> {
        let held = self.held.get_mut(&id.0).ok_or(StoreError::Stale)?;
        held.committed = true;
        held.target = held.target.take().or(target);
        Ok(())
    }

    fn forget(&mut self, id: Uuid) {
        if let Some(held) = self.held.remove(&id) {
            self.ids.remove(&(held.request.caller, held.request.key));
        }
    }
}

#[async_trait]
impl IdempotencyStore for MemoryStorage {
    async fn reserve(
        &self,
        request: &IdempotentRequest,
        now: Timestamp,
    ) -> Result<IdempotencyState, StoreError> {
        Ok(self.shared.write().idempotency.reserve(request, now))
    }

    async fn answer(&self, id: IdempotencyKey, sealed: &[u8]) -> Result<(), StoreError> {
        if let Some(held) = self.shared.write().idempotency.held.get_mut(&id.0) {
            held.answer = Some(sealed.to_vec());
        }
        Ok(())
    }

    async fn release(&self, id: IdempotencyKey) -> Result<(), StoreError> {
        let requests = &mut self.shared.write().idempotency;
        let changed_nothing = |held: &Held| !held.committed && held.answer.is_none();
        if requests.held.get(&id.0).is_some_and(changed_nothing) {
            requests.forget(id.0);
        }
        Ok(())
    }

    async fn purge(&self, before: Timestamp) -> Result<u64, StoreError> {
        let requests = &mut self.shared.write().idempotency;
        let old: Vec<Uuid> =
            requests.held.iter().filter(|(_, held)| held.reserved_at < before).map(|(id, _)| *id).collect();
        let count = old.len();
        for id in old {
            requests.forget(id);
        }
        Ok(u64::try_from(count).unwrap_or(u64::MAX))
    }
}
