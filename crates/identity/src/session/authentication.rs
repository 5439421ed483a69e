//! Authentication: from a bearer token to who is asking.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use kernel::{Actor, Ctx, Scope, SessionId, Timestamp};

use crate::{
    AccountStatus, Refused,
    directory::SessionStatus,
    ports::{Ports, Settings},
    session::bearer,
};

/// The most sessions whose status is cached at a time.
const MOST_CACHED: usize = 50_000;

/// Checks bearer tokens. The status of a session is cached for a few seconds, so that suspension,
/// sign-out, password changes and another proof take effect within five.
#[derive(Debug)]
pub struct AuthenticationService {
    ports: Ports,
    settings: Arc<Settings>,
    cache: Mutex<HashMap<SessionId, (Timestamp, SessionStatus)>>,
}

impl AuthenticationService {
    /// A service over these ports.
    pub fn new(ports: Ports, settings: Arc<Settings>) -> Self {
        Self { ports, settings, cache: Mutex::default() }
    }

    /// The context of whoever holds this access token or API key. `base` carries what is known of the request.
    pub async fn authenticate(&self, base: &Ctx, token: &str) -> Result<Ctx, Refused> {
        if token.starts_with(bearer::API_KEY_PREFIX) {
            return self.by_api_key(base, token).await;
        }
        let now = self.ports.clock.now();
        let claims = self.ports.tokens.verify(token, now).ok_or(Refused::InvalidToken)?;
        let session_status =
            self.session_status(base, claims.session, now).await?.ok_or(Refused::InvalidToken)?;
        // A token tells its time in seconds. One from before the person proved again who they are is retired.
        let is_newest =
            claims.authenticated_at.unix_seconds() >= session_status.authenticated_at.unix_seconds();
        let good = session_status.live
            && is_newest
            && session_status.account == claims.account
            && session_status.epoch == claims.epoch
            && session_status.account_status == AccountStatus::Active;
        if !good {
            return Err(Refused::InvalidToken);
        }
        let (id, session) = (claims.account, claims.session);
        if session_status.temporary_password {
            return Ok(Ctx { actor: Actor::Newcomer { id, session }, ..base.within(Scope::Account(id)) });
        }
        let actor = Actor::Account {
            id,
            session,
            platform_role: session_status.platform_role,
            assurance: claims.assurance,
            authenticated_at: claims.authenticated_at,
        };
        Ok(Ctx { actor, ..base.within(Scope::Account(id)) })
    }

    /// Drops what is cached of sessions that this process ended.
    pub fn evict(&self, sessions: impl IntoIterator<Item = SessionId>) {
        let mut cached = self.cached();
        for session in sessions {
            cached.remove(&session);
        }
    }

    async fn by_api_key(&self, base: &Ctx, token: &str) -> Result<Ctx, Refused> {
        let (id, digest) = bearer::read_api_key(token).ok_or(Refused::InvalidToken)?;
        let identity = base.within(Scope::Identity);
        let key = self.ports.directory.api_key(&identity, id).await?.ok_or(Refused::InvalidToken)?;
        if !key.digest.matches(&digest) || !key.is_live(self.ports.clock.now()) {
            return Err(Refused::InvalidToken);
        }
        let organization = key.organization;
        let actor = Actor::Service { key: id.uuid(), organization };
        Ok(Ctx { actor, ..base.within(Scope::Tenant(organization)) })
    }

    async fn session_status(
        &self,
        base: &Ctx,
        session: SessionId,
        now: Timestamp,
    ) -> Result<Option<SessionStatus>, Refused> {
        let fresh = |at: Timestamp| now >= at && now.since(at) < self.settings.session_status_life;
        if let Some((at, session_status)) = self.cached().get(&session)
            && fresh(*at)
        {
            return Ok(Some(*session_status));
        }
        let identity = base.within(Scope::Identity);
        let Some(session_status) = self.ports.directory.session_status(&identity, session, now).await? else {
            return Ok(None);
        };
        let mut cached = self.cached();
        if cached.len() >= MOST_CACHED {
            cached.retain(|_, (at, _)| fresh(*at));
            if cached.len() >= MOST_CACHED {
                cached.clear();
            }
        }
        cached.insert(session, (now, session_status));
        Ok(Some(session_status))
    }

    fn cached(&self) -> std::sync::MutexGuard<'_, HashMap<SessionId, (Timestamp, SessionStatus)>> {
        self.cache.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
