//! Setting up and removing the second factor.

use std::sync::Arc;

use kernel::{AccountId, Ctx, Scope, Secret, SessionId};

use crate::{
    Account, EndReason, Refused, SecondFactor, Unit, access,
    ports::{Ports, Settings},
    second_factor::proof,
    session::{AuthenticationService, end_sessions},
};

/// The second-factor service. Every call needs a fresh proof of identity.
#[derive(Debug, Clone)]
pub struct SecondFactorService {
    ports: Ports,
    settings: Arc<Settings>,
    authentication: Arc<AuthenticationService>,
}

/// What an authenticator app needs, shown once.
#[derive(Debug, Clone)]
pub struct Enrolment {
    /// The `otpauth://` address, for a QR code.
    pub uri: Secret,
    /// The same secret in Base32, for typing.
    pub secret: Secret,
}

impl SecondFactorService {
    /// A service over these ports.
    pub fn new(ports: Ports, settings: Arc<Settings>, authentication: Arc<AuthenticationService>) -> Self {
        Self { ports, settings, authentication }
    }

    /// Begins: makes a secret of 160 bits. It counts once a first code was given; until then it can be begun anew.
    pub async fn enrol(&self, ctx: &Ctx) -> Result<Enrolment, Refused> {
        let now = self.ports.clock.now();
        let (id, _) = self.recent_person(ctx, "second_factor.enrol").await?;
        let mut unit = self.ports.store.begin_in(ctx, Scope::Account(id)).await?;
        let account = unit.account(id).await?.ok_or(Refused::InvalidToken)?;
        let secret = self.ports.random.bytes::<20>();
        let sealed = proof::data_key(&self.ports, &mut *unit, id).await?.seal(proof::SECRET, &secret);
        let mut factor = match unit.second_factor(id).await? {
            Some(factor) if factor.is_confirmed() => return Err(Refused::SecondFactorExists),
            Some(mut factor) => {
                factor.restart(sealed, now);
                factor
            }
            None => SecondFactor::enrol(self.ports.ids.next(), id, sealed, now),
        };
        unit.save_second_factor(&mut factor).await?;
        unit.commit().await?;
        let name = account.email.as_ref().map_or("", |email| email.as_str());
        Ok(Enrolment {
            uri: Secret::new(self.ports.codes.enrolment_uri(&secret, name)),
            secret: Secret::new(self.ports.codes.base32(&secret)),
        })
    }

    /// A first code proves that the secret arrived. Returns ten recovery codes, shown once. Other sessions end; this
    /// one goes on with two factors once it is refreshed.
    pub async fn confirm(&self, ctx: &Ctx, code: &Secret) -> Result<Vec<Secret>, Refused> {
        const CONFIRM: &str = "second_factor.confirm";
        let (id, own) = self.recent_person(ctx, CONFIRM).await?;
        let confirmed = self.confirm_by(ctx, id, own, code).await;
        let audited = Account::attempt(CONFIRM).on(id.uuid()).about(id.uuid());
        self.ports.audit_refusal(ctx, audited, confirmed).await
    }

    async fn confirm_by(
        &self,
        ctx: &Ctx,
        id: AccountId,
        own: SessionId,
        code: &Secret,
    ) -> Result<Vec<Secret>, Refused> {
        let now = self.ports.clock.now();
        let mut unit = self.ports.store.begin_in(ctx, Scope::Account(id)).await?;
        let mut factor = match unit.second_factor(id).await? {
            Some(factor) if factor.is_confirmed() => return Err(Refused::SecondFactorExists),
            Some(factor) => factor,
            None => return Err(Refused::NoSecondFactor),
        };
        let step = proof::matching_step(&self.ports, &mut *unit, &factor, code, now).await?;
        let step = step.ok_or(Refused::WrongCode)?;
        let (codes, digests) = proof::new_recovery_codes(&self.ports);
        factor.confirm(step, digests, now);
        unit.save_second_factor(&mut factor).await?;
        let session = unit.session(own).await?.filter(|session| session.is_live(now));
        let mut session = session.ok_or(Refused::InvalidToken)?;
        session.stepped_up(kernel::Assurance::Aal2, now);
        unit.save_session(&mut session).await?;
        self.end_access(&mut *unit, id, own, "second factor added").await?;
        unit.commit().await?;
        self.authentication.evict([own]);
        Ok(codes)
    }

    /// Removes the second factor. Refused while an organisation demands one.
    pub async fn remove(&self, ctx: &Ctx) -> Result<(), Refused> {
        let now = self.ports.clock.now();
        let (id, own) = self.recent_person(ctx, "second_factor.remove").await?;
        let mut unit = self.ports.store.begin_in(ctx, Scope::Identity).await?;
        let mut factor = unit.second_factor(id).await?.ok_or(Refused::NoSecondFactor)?;
        for membership in unit.memberships_of(id).await? {
            let organization = unit.organization(membership.organization).await?;
            if factor.is_confirmed() && organization.is_some_and(|found| found.requires_second_factor) {
                return Err(Refused::SecondFactorDemanded);
            }
        }
        let counted = factor.is_confirmed();
        factor.remove(now);
        unit.save_second_factor(&mut factor).await?;
        if counted {
            if let Some(mut session) = unit.session(own).await? {
                session.lose_second_factor(now);
                unit.save_session(&mut session).await?;
            }
            self.end_access(&mut *unit, id, own, "second factor removed").await?;
        }
        unit.commit().await?;
        self.authentication.evict([own]);
        Ok(())
    }

    /// Replaces all recovery codes and returns the new ones, shown once.
    pub async fn renew_recovery_codes(&self, ctx: &Ctx) -> Result<Vec<Secret>, Refused> {
        let now = self.ports.clock.now();
        let (id, _) = self.recent_person(ctx, "second_factor.renew_recovery_codes").await?;
        let mut unit = self.ports.store.begin_in(ctx, Scope::Account(id)).await?;
        let factor = unit.second_factor(id).await?.filter(SecondFactor::is_confirmed);
        let mut factor = factor.ok_or(Refused::NoSecondFactor)?;
        let (codes, digests) = proof::new_recovery_codes(&self.ports);
        factor.renew_recovery_codes(digests, now);
        unit.save_second_factor(&mut factor).await?;
        unit.commit().await?;
        Ok(codes)
    }

    /// Ends the account's other sessions and every access token issued so far.
    async fn end_access(
        &self,
        unit: &mut Unit,
        id: AccountId,
        own: SessionId,
        reason: &'static str,
    ) -> Result<(), Refused> {
        let now = self.ports.clock.now();
        let mut account = unit.account(id).await?.ok_or(Refused::InvalidToken)?;
        account.raise_epoch(reason, now);
        unit.save_account(&mut account).await?;
        let ended = end_sessions(unit, id, Some(own), EndReason::CredentialsChanged, now).await?;
        self.authentication.evict(ended);
        Ok(())
    }

    async fn recent_person(
        &self,
        ctx: &Ctx,
        action: &'static str,
    ) -> Result<(AccountId, SessionId), Refused> {
        access::recent_session(&self.ports, &self.settings, ctx, Account::attempt(action)).await
    }
}
