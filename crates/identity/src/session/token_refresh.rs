//! Renewing a session by its refresh tokens, and ending it.

use kernel::{Actor, Ctx, Scope, Secret, SessionId, Timestamp};

use crate::{
    Account, EndReason, Lifetime, Refused, Rotation, Session,
    actions::REUSED,
    session::{SignInService, Tokens, bearer, lifetime},
};

impl SignInService {
    /// Exchanges a refresh token for the next pair. A token that was used before ends its session.
    ///
    /// The trail takes a rotation for a read: it happens every few minutes of a session that is on record with its
    /// end, opens nothing that was shut, and costs one statement. A token used twice is on record.
    pub async fn refresh(&self, ctx: &Ctx, token: &Secret) -> Result<Tokens, Refused> {
        let now = self.ports.clock.now();
        let (id, counter) =
            bearer::read_refresh_token(&*self.ports.vault, token).ok_or(Refused::InvalidToken)?;
        if self.outlived(ctx, id, now).await? {
            return Err(Refused::InvalidToken);
        }
        let session = match self.ports.rotation.rotate(id, counter, now).await? {
            Rotation::Rotated(session) | Rotation::Reissued(session) => session,
            Rotation::Reused(session) => {
                self.end_reused(ctx, session.id, now).await?;
                let audited = Session::attempt("session.refresh").on(session.id.uuid());
                let audited = audited.about(session.account.uuid());
                self.ports.audit_failure(ctx, audited, REUSED).await?;
                return Err(Refused::InvalidToken);
            }
            Rotation::Dead => return Err(Refused::InvalidToken),
        };
        let identity = ctx.within(Scope::Identity);
        let account = self.ports.directory.account(&identity, session.account).await?;
        let account = account.filter(Account::is_active).ok_or(Refused::InvalidToken)?;
        Ok(self.tokens(&session, account.epoch, None, now))
    }

    /// Ends the session of a refresh token, and tells which. An unknown or ended one is not an error: the session is
    /// over.
    pub async fn logout(&self, ctx: &Ctx, token: &Secret) -> Result<Option<SessionId>, Refused> {
        let Some((id, _)) = bearer::read_refresh_token(&*self.ports.vault, token) else { return Ok(None) };
        self.end(ctx, id).await?;
        Ok(Some(id))
    }

    /// Ends the caller's own session.
    pub async fn sign_out(&self, ctx: &Ctx) -> Result<(), Refused> {
        match ctx.actor {
            Actor::Account { session, .. } | Actor::Newcomer { session, .. } => self.end(ctx, session).await,
            _ => Err(Refused::InvalidToken),
        }
    }

    async fn end(&self, ctx: &Ctx, id: SessionId) -> Result<(), Refused> {
        let now = self.ports.clock.now();
        let mut unit = self.ports.store.begin_in(ctx, Scope::Identity).await?;
        if let Some(mut session) = unit.session(id).await?.filter(|session| session.ended.is_none()) {
            session.end(EndReason::Logout, now);
            unit.save_session(&mut session).await?;
            unit.commit().await?;
        }
        self.authentication.evict([id]);
        Ok(())
    }

    /// Whether the session has lived longer than its account's present roles allow.
    async fn outlived(&self, ctx: &Ctx, session: SessionId, now: Timestamp) -> Result<bool, Refused> {
        let mut unit = self.ports.store.begin_in(ctx, Scope::Identity).await?;
        let Some(session) = unit.session(session).await? else { return Ok(true) };
        let Some(account) = unit.account(session.account).await? else { return Ok(true) };
        let Lifetime { absolute, idle } = lifetime(&mut *unit, &account).await?;
        let last_proof = session.rotated_at.max(session.authenticated_at);
        Ok(now.since(session.created_at) >= absolute || now.since(last_proof) >= idle)
    }

    /// Ends a session whose token was used again. Whatever else writes to it meanwhile, it ends.
    async fn end_reused(&self, ctx: &Ctx, session: SessionId, now: Timestamp) -> Result<(), Refused> {
        let mut tries = 10;
        loop {
            match self.try_end_reused(ctx, session, now).await {
                Err(Refused::Stale) if tries > 1 => tries -= 1,
                done => return done,
            }
        }
    }

    async fn try_end_reused(&self, ctx: &Ctx, session: SessionId, now: Timestamp) -> Result<(), Refused> {
        let mut unit = self.ports.store.begin_in(ctx, Scope::Identity).await?;
        if let Some(mut session) = unit.session(session).await?.filter(|session| session.ended.is_none()) {
            session.end(EndReason::Reuse, now);
            unit.save_session(&mut session).await?;
            if let Some(mut account) = unit.account(session.account).await? {
                account.raise_epoch("refresh token reused", now);
                unit.save_account(&mut account).await?;
            }
            unit.commit().await?;
        }
        self.authentication.evict([session]);
        Ok(())
    }
}
