//! Administration of the platform's accounts.

use std::sync::Arc;

use kernel::{AccountId, Change, Ctx, Lane, Page, PageRequest, PlatformRole, Scope, Secret, Target};
use serde_json::json;

use crate::{
    Account, AccountStatus, Action, EmailAddress, EndReason, Name, Profile, Refused,
    access::{self, permit_platform},
    directory::AccountFilter,
    password::policy,
    ports::{Ports, Settings},
    registration::open_account,
    session::{AuthenticationService, end_sessions},
};

/// The administration service.
#[derive(Debug, Clone)]
pub struct AdministrationService {
    ports: Ports,
    settings: Arc<Settings>,
    authentication: Arc<AuthenticationService>,
}

/// What an administrator wants of an account; `None` leaves it as it is.
#[derive(Debug, Clone, Copy, Default)]
pub struct AccountChange {
    /// Suspended or active; an erased account stays erased.
    pub suspended: Option<bool>,
    /// Its role on the platform.
    pub platform_role: Option<PlatformRole>,
    /// Whether its owner is mailed a link to set a new password. Administrators never set one.
    pub start_password_reset: bool,
}

/// An administrator who was made.
#[derive(Debug, Clone)]
pub struct MadeAdmin {
    /// The account.
    pub account: Account,
    /// Whether there was none with this address.
    pub is_new: bool,
}

impl AdministrationService {
    /// A service over these ports.
    pub fn new(ports: Ports, settings: Arc<Settings>, authentication: Arc<AuthenticationService>) -> Self {
        Self { ports, settings, authentication }
    }

    /// Accounts of the platform, newest first.
    pub async fn accounts(
        &self,
        ctx: &Ctx,
        filter: &AccountFilter,
        page: &PageRequest,
    ) -> Result<Page<Account>, Refused> {
        let platform = permit_platform(&self.ports, ctx, &Action::ViewAccounts).await?;
        if filter.email_prefix.as_ref().is_some_and(|prefix| prefix.chars().any(char::is_control)) {
            return Err(Refused::invalid("/email_prefix", "must not hold control characters"));
        }
        Ok(self.ports.directory.accounts(&platform, filter, page).await?)
    }

    /// Changes the account read at `version`; needs a second factor and a fresh proof of identity.
    pub async fn update(
        &self,
        ctx: &Ctx,
        id: AccountId,
        version: i64,
        change: AccountChange,
    ) -> Result<Account, Refused> {
        let platform = permit_platform(&self.ports, ctx, &Action::AdministrateAccounts).await?;
        let audited = Account::attempt(Action::AdministrateAccounts.name()).on(id.uuid());
        let administrator = access::recent_person(&self.ports, &self.settings, ctx, audited).await?;
        let updated = match administrator {
            own if own == id => Err(Refused::OwnAccount),
            _ => self.apply(&platform, id, version, change).await,
        };
        self.ports.audit_refusal(ctx, audited, updated).await
    }

    async fn apply(
        &self,
        platform: &Ctx,
        id: AccountId,
        version: i64,
        change: AccountChange,
    ) -> Result<Account, Refused> {
        let now = self.ports.clock.now();
        let mut unit = self.ports.store.begin(platform).await?;
        let account = unit.account(id).await?.filter(|account| account.status != AccountStatus::Erased);
        let mut account = account.ok_or(Refused::Missing("account"))?;
        account.unchanged_since(version)?;
        match change.suspended {
            Some(true) => account.suspend(now),
            Some(false) => account.reinstate(now),
            None => {}
        }
        if let Some(role) = change.platform_role {
            account.set_platform_role(role, now);
        }
        let mut ended = Vec::new();
        if account.has_changed() {
            unit.save_account(&mut account).await?;
        }
        if !account.is_active() {
            ended = end_sessions(&mut *unit, id, None, EndReason::Suspended, now).await?;
        }
        if change.start_password_reset && account.is_active() {
            let target = Target::new(Account::KIND, id);
            let data = json!({ "mail": true });
            let started = Change::new("account.start_password_reset", target, now);
            unit.record(started.about(id.uuid()).lane(Lane::Now).with(data));
        }
        unit.commit().await?;
        self.authentication.evict(ended);
        Ok(account)
    }

    /// Opens an account whose address is taken as proved, or returns the one that is there. For the command line: it
    /// asks for no permission.
    pub async fn open_account(
        &self,
        ctx: &Ctx,
        email: EmailAddress,
        full_name: Option<Name>,
        password: &Secret,
    ) -> Result<AccountId, Refused> {
        if let Some(account) = self.by_email(ctx, &email).await? {
            return Ok(account);
        }
        let words = [email.as_str(), full_name.as_ref().map_or("", Name::as_str)];
        let hash = policy::hash_new(&self.ports, &self.settings, password, &words).await?;
        let profile = Profile { full_name, ..Profile::default() };
        let (id, now) = (self.ports.ids.next(), self.ports.clock.now());
        let mut account = Account::open(id, email, hash, profile, PlatformRole::User, now);
        let mut unit = self.ports.store.begin_in(ctx, Scope::Identity).await?;
        open_account(&self.ports, &mut *unit, &mut account).await?;
        unit.commit().await?;
        Ok(account.id)
    }

    /// Makes a platform administrator: of the account with this address, or of a new one. For the command line: it asks
    /// for no permission.
    ///
    /// The password is temporary: its owner must change it within [`Account::TEMPORARY_PASSWORD_LIFE`], and can do
    /// nothing else before. An account whose owner chose a password keeps that one.
    pub async fn create_admin(
        &self,
        ctx: &Ctx,
        email: EmailAddress,
        full_name: Option<Name>,
        password: &Secret,
    ) -> Result<MadeAdmin, Refused> {
        let words = [email.as_str(), full_name.as_ref().map_or("", Name::as_str)];
        let hash = policy::hash_new(&self.ports, &self.settings, password, &words).await?;
        let now = self.ports.clock.now();
        let mut unit = self.ports.store.begin_in(ctx, Scope::Identity).await?;
        let (found, mut ended) = (unit.account_by_email(&email).await?, Vec::new());
        let is_new = found.is_none();
        let account = match found {
            None => {
                let profile = Profile { full_name, ..Profile::default() };
                let (id, role) = (self.ports.ids.next(), PlatformRole::SuperAdmin);
                let mut account = Account::open(id, email, hash, profile, role, now);
                account.issue_temporary_password(now);
                open_account(&self.ports, &mut *unit, &mut account).await?;
                account
            }
            Some(account) if !account.is_active() => return Err(Refused::Missing("active account")),
            Some(mut account) => {
                let is_temporary = account.has_temporary_password();
                account.set_platform_role(PlatformRole::SuperAdmin, now);
                if is_temporary {
                    account.change_password(hash, now);
                    account.issue_temporary_password(now);
                }
                if account.has_changed() {
                    unit.save_account(&mut account).await?;
                }
                if is_temporary {
                    let reason = EndReason::PasswordChanged;
                    ended = end_sessions(&mut *unit, account.id, None, reason, now).await?;
                }
                account
            }
        };
        unit.commit().await?;
        self.authentication.evict(ended);
        Ok(MadeAdmin { account, is_new })
    }

    /// Removes the second factor of the account with this address, whose owner lost it and all recovery codes. For the
    /// command line: it asks for no permission, and whoever gives it has made sure who asks. All sessions end, the
    /// owner is told by letter, and what needs a second factor stays shut until there is another.
    pub async fn remove_second_factor(&self, ctx: &Ctx, email: &EmailAddress) -> Result<(), Refused> {
        let now = self.ports.clock.now();
        let mut unit = self.ports.store.begin_in(ctx, Scope::Identity).await?;
        let account = unit.account_by_email(email).await?.filter(Account::is_active);
        let mut account = account.ok_or(Refused::Missing("active account"))?;
        let mut factor = unit.second_factor(account.id).await?.ok_or(Refused::NoSecondFactor)?;
        factor.remove(now);
        unit.save_second_factor(&mut factor).await?;
        account.raise_epoch("second factor removed", now);
        unit.save_account(&mut account).await?;
        let reason = EndReason::CredentialsChanged;
        let ended = end_sessions(&mut *unit, account.id, None, reason, now).await?;
        unit.commit().await?;
        self.authentication.evict(ended);
        Ok(())
    }

    /// Whether there is an account with this address. For the command line.
    pub async fn by_email(&self, ctx: &Ctx, email: &EmailAddress) -> Result<Option<AccountId>, Refused> {
        let mut unit = self.ports.store.begin_in(ctx, Scope::Identity).await?;
        Ok(unit.account_by_email(email).await?.map(|account| account.id))
    }
}
