//! Authentication: from a bearer token to who is asking.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use kernel::{Actor, Ctx, Scope, SessionId, Timestamp};

use crate::{
    AccountStatus, Refused, bearer,
    directory::SessionStanding,
    ports::{Ports, Settings},
};

/// The most sessions whose standing is remembered at a time.
const REMEMBERED: usize = 50_000;

/// Checks bearer tokens. What a session's standing is, is remembered for a few seconds, so that suspension,
/// sign-out and password changes take effect within five.
#[derive(Debug)]
pub struct Authentication {
    ports: Ports,
    settings: Arc<Settings>,
    standings: Mutex<HashMap<SessionId, (Timestamp, SessionStanding)>>,
}

impl Authentication {
    /// A service over these ports.
    pub fn new(ports: Ports, settings: Arc<Settings>) -> Self {
        Self { ports, settings, standings: Mutex::default() }
    }

    /// The context of whoever holds this access token or API key. `base` carries what is known of the request.
    pub async fn authenticate(&self, base: &Ctx, token: &str) -> Result<Ctx, Refused> {
        if token.starts_with(bearer::API_KEY_PREFIX) {
            return self.by_api_key(base, token).await;
        }
        let now = self.ports.clock.now();
        let claims = self.ports.tokens.verify(token, now).ok_or(Refused::InvalidToken)?;
        let standing = self.standing(base, claims.session, now).await?.ok_or(Refused::InvalidToken)?;
        let good = standing.live
            && standing.account == claims.account
            && standing.epoch == claims.epoch
            && standing.status == AccountStatus::Active;
        if !good {
            return Err(Refused::InvalidToken);
        }
        let actor = Actor::Account {
            id: claims.account,
            session: claims.session,
            platform_role: standing.platform_role,
            assurance: claims.assurance,
            authenticated_at: claims.authenticated_at,
        };
        Ok(Ctx { actor, ..base.within(Scope::Account(claims.account)) })
    }

    /// Forgets what was remembered of sessions that this process ended.
    pub fn forget(&self, sessions: impl IntoIterator<Item = SessionId>) {
        let mut remembered = self.remembered();
        for session in sessions {
            remembered.remove(&session);
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

    async fn standing(
        &self,
        base: &Ctx,
        session: SessionId,
        now: Timestamp,
    ) -> Result<Option<SessionStanding>, Refused> {
        let fresh = |at: Timestamp| now >= at && now.since(at) < self.settings.standing_life;
        if let Some((at, standing)) = self.remembered().get(&session)
            && fresh(*at)
        {
            return Ok(Some(*standing));
        }
        let identity = base.within(Scope::Identity);
        let Some(standing) = self.ports.directory.standing(&identity, session, now).await? else {
            return Ok(None);
        };
        let mut remembered = self.remembered();
        if remembered.len() >= REMEMBERED {
            remembered.retain(|_, (at, _)| fresh(*at));
            if remembered.len() >= REMEMBERED {
                remembered.clear();
            }
        }
        remembered.insert(session, (now, standing));
        Ok(Some(standing))
    }

    fn remembered(&self) -> std::sync::MutexGuard<'_, HashMap<SessionId, (Timestamp, SessionStanding)>> {
        self.standings.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
