//! Administration of the platform's accounts.

use std::sync::Arc;

use kernel::{AccountId, Change, Ctx, Page, PageRequest, PlatformRole, Scope, Secret, Target};
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
        let mut unit = self.ports.store.begin_in(platform, Scope::Platform).await?;
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
            unit.record(started.about(id.uuid()).with(data));
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
        self.open(ctx, email, full_name, password, PlatformRole::User).await
    }

    /// Makes a platform administrator: of the account with this address, or of a new one. For the command line: it asks
    /// for no permission. The password of an account that is there stays as it is.
    pub async fn create_admin(
        &self,
        ctx: &Ctx,
        email: EmailAddress,
        full_name: Option<Name>,
        password: &Secret,
    ) -> Result<AccountId, Refused> {
        let Some(id) = self.by_email(ctx, &email).await? else {
            return self.open(ctx, email, full_name, password, PlatformRole::SuperAdmin).await;
        };
        let mut unit = self.ports.store.begin_in(ctx, Scope::Identity).await?;
        let account = unit.account(id).await?.filter(Account::is_active);
        let mut account = account.ok_or(Refused::Missing("active account"))?;
        account.set_platform_role(PlatformRole::SuperAdmin, self.ports.clock.now());
        if account.has_changed() {
            unit.save_account(&mut account).await?;
            unit.commit().await?;
        }
        Ok(id)
    }

    /// Whether there is an account with this address. For the command line.
    pub async fn by_email(&self, ctx: &Ctx, email: &EmailAddress) -> Result<Option<AccountId>, Refused> {
        let mut unit = self.ports.store.begin_in(ctx, Scope::Identity).await?;
        Ok(unit.account_by_email(email).await?.map(|account| account.id))
    }

    async fn open(
        &self,
        ctx: &Ctx,
        email: EmailAddress,
        full_name: Option<Name>,
        password: &Secret,
        role: PlatformRole,
    ) -> Result<AccountId, Refused> {
        let words = [email.as_str(), full_name.as_ref().map_or("", Name::as_str)];
        let hash = policy::hash_new(&self.ports, &self.settings, password, &words).await?;
        let profile = Profile { full_name, ..Profile::default() };
        let now = self.ports.clock.now();
        let mut account = Account::open(self.ports.ids.next(), email, hash, profile, role, now);
        let mut unit = self.ports.store.begin_in(ctx, Scope::Identity).await?;
        open_account(&self.ports, &mut *unit, &mut account).await?;
        unit.commit().await?;
        Ok(account.id)
    }
}
