//! Refresh-token rotation, one step under the lock.

use std::time::Duration;

use async_trait::async_trait;
use identity::{Account, RefreshRotation, Rotation, Session, SessionState, session::judge};
use kernel::{SessionId, StoreError, Timestamp};

use crate::{MemoryStorage, key::RowId};

#[async_trait]
impl RefreshRotation for MemoryStorage {
    async fn rotate(&self, session: SessionId, counter: i64, now: Timestamp) -> Result<Rotation, StoreError> {
        let tables = &mut self.shared.write().tables;
        let Some(session) = tables.get::<Session>(RowId::of(session)) else { return Ok(Rotation::Dead) };
        if !tables.get(RowId::of(session.account)).is_some_and(Account::is_active) {
            return Ok(Rotation::Dead);
        }
        let verdict = judge(session.clone(), counter, now);
        let Rotation::Rotated(current) = verdict else { return Ok(verdict) };
        let next = moved_on(&current, now);
        tables.put(next.clone());
        Ok(Rotation::Rotated(next))
    }
}

fn moved_on(session: &Session, now: Timestamp) -> Session {
    let idle = Duration::from_secs(session.idle_seconds.try_into().unwrap_or(0));
    let state = SessionState {
        counter: session.counter + 1,
        rotated_at: now,
        idle_expires_at: now.plus(idle).min(session.expires_at),
        ..session.state().clone()
    };
    Session::restore(state, session.version() + 1)
}
