//! Changing a password: known, forgotten, or reset by link.

use std::sync::Arc;

use kernel::{AccountId, Change, Ctx, Lane, Scope, Secret, SessionId, Target, Timestamp};
use serde_json::json;

use crate::{
    Account, EmailAddress, EndReason, PasswordHash, Purpose, Refused, Spent, Unit, access,
    one_time_token::link::{Link, already_used},
    password::policy,
    ports::{Ports, Settings},
    refusal::PasswordRefused,
    registration::{MailKind, may_mail},
    session::{
        AuthenticationService, end_sessions,
        reauthentication::{check_own_password, unchanged_credentials},
    },
};

/// What the trail calls it, by link or not.
const CHANGE: &str = "account.change_password";

/// The password service.
#[derive(Debug, Clone)]
pub struct PasswordService {
    ports: Ports,
    settings: Arc<Settings>,
    authentication: Arc<AuthenticationService>,
}

impl PasswordService {
    /// A service over these ports.
    pub fn new(ports: Ports, settings: Arc<Settings>, authentication: Arc<AuthenticationService>) -> Self {
        Self { ports, settings, authentication }
    }

    /// Sends a link to the address if it has an account; answers alike if not.
    pub async fn forgot(&self, ctx: &Ctx, email: &EmailAddress) -> Result<(), Refused> {
        let now = self.ports.clock.now();
        let mail = may_mail(&self.ports, MailKind::Reset, email, now).await?;
        let mut unit = self.ports.store.begin_in(ctx, Scope::Identity).await?;
        let account = unit.account_by_email(email).await?.filter(Account::is_active);
        let id = account.map_or_else(|| self.ports.ids.next(), |account| account.id);
        let target = Target::new(Account::KIND, id);
        // About nobody: sealing for someone known would take time that tells. The link that was made shows it.
        let change = Change::new("account.forget_password", target, now).lane(Lane::Now);
        unit.record(change.with(json!({ "mail": mail })));
        Ok(unit.commit().await?)
    }

    /// Sets a new password by the link's token. All sessions end; the second factor stays; nobody is signed in.
    pub async fn reset(&self, ctx: &Ctx, token: &Secret, new: &Secret) -> Result<(), Refused> {
        let mut link = Link::new(Purpose::ResetPassword, token);
        let reset = self.reset_by(ctx, &mut link, new).await;
        self.ports.audit_refusal(ctx, link.account_attempt(CHANGE), reset).await
    }

    async fn reset_by(&self, ctx: &Ctx, link: &mut Link<'_>, new: &Secret) -> Result<(), Refused> {
        let now = self.ports.clock.now();
        let account = self.holder_of(ctx, link, now).await?;
        let hash = self.hash_for(&account, new).await?;
        let mut unit = self.ports.store.begin_in(ctx, Scope::Identity).await?;
        let mut account = holder(&mut *unit, link, now).await?;
        account.change_password(hash, now);
        unit.save_account(&mut account).await?;
        let ended = end_sessions(&mut *unit, account.id, None, EndReason::PasswordChanged, now).await?;
        unit.forget_devices(account.id).await?;
        unit.commit().await.map_err(already_used(Purpose::ResetPassword))?;
        self.authentication.evict(ended);
        Ok(())
    }

    /// Sets a new password for the signed-in person, who gives the current one. All other sessions end.
    /// Access tokens issued so far stop working; the session's refresh token fetches a new one. A temporary one is not
    /// taken again.
    pub async fn change(&self, ctx: &Ctx, current: &Secret, new: &Secret) -> Result<(), Refused> {
        let (id, session) = access::newcomer_session(&self.ports, ctx, Account::attempt(CHANGE)).await?;
        let now = self.ports.clock.now();
        let (attempt, checked) = check_own_password(&self.ports, ctx, id, CHANGE, current, now).await?;
        let changed = self.change_checked(ctx, &checked, session, new, now).await;
        let ended = attempt.settle(&self.ports, ctx, None, changed).await?;
        self.authentication.evict(ended.into_iter().chain([session]));
        Ok(())
    }

    async fn change_checked(
        &self,
        ctx: &Ctx,
        checked: &Account,
        session: SessionId,
        new: &Secret,
        now: Timestamp,
    ) -> Result<Vec<SessionId>, Refused> {
        let id = checked.id;
        let hash = self.hash_for(checked, new).await?;
        let mut unit = self.ports.store.begin_in(ctx, Scope::Account(id)).await?;
        let mut account = unchanged_credentials(&mut *unit, checked).await?;
        if unit.session(session).await?.is_none_or(|session| !session.is_live(now)) {
            return Err(Refused::InvalidToken);
        }
        account.change_password(hash, now);
        unit.save_account(&mut account).await?;
        let ended = end_sessions(&mut *unit, id, Some(session), EndReason::PasswordChanged, now).await?;
        unit.forget_devices(id).await?;
        unit.commit().await?;
        Ok(ended)
    }

    /// Whose reset token this is, without using it up: hashing comes first, and a password that is refused
    /// must not cost the person the link.
    async fn holder_of(&self, ctx: &Ctx, link: &mut Link<'_>, now: Timestamp) -> Result<Account, Refused> {
        let mut unit = self.ports.store.begin_in(ctx, Scope::Identity).await?;
        holder(&mut *unit, link, now).await
    }

    async fn hash_for(&self, account: &Account, new: &Secret) -> Result<PasswordHash, Refused> {
        let profile = &account.profile;
        let name = |name: &Option<crate::Name>| name.as_ref().map(ToString::to_string).unwrap_or_default();
        let words = [
            account.email.as_ref().map(ToString::to_string).unwrap_or_default(),
            name(&profile.full_name),
            name(&profile.display_name),
        ];
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let hash = policy::hash_new(&self.ports, &self.settings, new, &words).await?;
        let temporary = account.password_hash.as_ref().filter(|_| account.has_temporary_password());
        if temporary.is_some() && self.ports.hasher.verify(&policy::normalized(new), temporary).await?.matches
        {
            return Err(PasswordRefused::Temporary.into());
        }
        Ok(hash)
    }
}

/// Uses a reset token up and returns whose it is, if everything it was minted for still holds.
async fn holder(unit: &mut Unit, link: &mut Link<'_>, now: Timestamp) -> Result<Account, Refused> {
    let token = link.use_up(unit, now).await?;
    let account = unit.account(AccountId::from_uuid(token.subject)).await?;
    let holds = |account: &Account| {
        account.is_active() && account.link_binding(Purpose::ResetPassword) == token.binding
    };
    account.filter(holds).ok_or(link.spent(Spent::Expired))
}
