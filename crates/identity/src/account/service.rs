//! One's own account: profile, address, sessions, settings, export and erasure.

use std::sync::Arc;

use kernel::{AccountId, Actor, Change, Ctx, Page, PageRequest, Scope, Secret, SessionId, Target, Timestamp};

use crate::{
    Account, AdminSettings, EmailAddress, EndReason, Invitation, Preferences, Profile, Purpose, Refused,
    Role, SecondFactor, Session, Spent, Unit, access,
    directory::MemberOrganization,
    one_time_token::link::{Link, already_used},
    ports::{Ports, Settings},
    registration::{MailKind, forget_registrations, may_mail},
    session::{AuthenticationService, end_sessions},
};

/// What the trail calls the end of a session.
const END: &str = "session.end";

/// The account service: one's own account.
#[derive(Debug, Clone)]
pub struct AccountService {
    ports: Ports,
    settings: Arc<Settings>,
    authentication: Arc<AuthenticationService>,
}

/// Everything the identity domain keeps of a person.
#[derive(Debug, Clone)]
pub struct Export {
    /// The account.
    pub account: Account,
    /// Its live sessions.
    pub sessions: Vec<Session>,
    /// Where it belongs.
    pub organizations: Vec<MemberOrganization>,
    /// Invitations it was sent.
    pub invitations: Vec<Invitation>,
    /// Its second factor, without the secret.
    pub second_factor: Option<SecondFactor>,
    /// Its settings document.
    pub admin_settings: Option<AdminSettings>,
}

impl AccountService {
    /// A service over these ports.
    pub fn new(ports: Ports, settings: Arc<Settings>, authentication: Arc<AuthenticationService>) -> Self {
        Self { ports, settings, authentication }
    }

    /// The account; to be read before a temporary password was changed, too.
    pub async fn own(&self, ctx: &Ctx) -> Result<Account, Refused> {
        let (id, _) = access::newcomer_session(&self.ports, ctx, Account::attempt("account.view")).await?;
        let account = self.ports.directory.account(&ctx.within(Scope::Account(id)), id).await?;
        account.ok_or(Refused::InvalidToken)
    }

    /// Changes the profile of the account as it was read at `version`.
    pub async fn edit(
        &self,
        ctx: &Ctx,
        version: i64,
        change: impl FnOnce(&mut Profile),
    ) -> Result<Account, Refused> {
        let id = self.person(ctx, "account.edit_profile").await?;
        let mut unit = self.ports.store.begin_in(ctx, Scope::Account(id)).await?;
        let account = unit.account(id).await?.filter(Account::is_active);
        let mut account = account.ok_or(Refused::InvalidToken)?;
        account.unchanged_since(version)?;
        let mut profile = account.profile.clone();
        change(&mut profile);
        if profile.timezone != account.profile.timezone && !self.ports.zones.knows(&profile.timezone) {
            let detail = "must be a time zone of the IANA database, such as Europe/Vienna";
            return Err(Refused::invalid("/timezone", detail));
        }
        account.edit_profile(profile, self.ports.clock.now());
        if account.has_changed() {
            unit.save_account(&mut account).await?;
            unit.commit().await?;
        }
        Ok(account)
    }

    /// Asks to change the address: a link goes to the new one, a notice to the old one.
    pub async fn request_email_change(&self, ctx: &Ctx, to: EmailAddress) -> Result<(), Refused> {
        let now = self.ports.clock.now();
        let id = self.recent_person(ctx, "account.request_email_change").await?;
        // Before the unit is open: counting takes a connection of its own.
        let mail = may_mail(&self.ports, MailKind::EmailChange, &to, now).await?;
        let mut unit = self.ports.store.begin_in(ctx, Scope::Account(id)).await?;
        let account = unit.account(id).await?.filter(Account::is_active);
        let mut account = account.ok_or(Refused::InvalidToken)?;
        if account.email.as_ref().is_some_and(|email| email.as_str() == to.as_str()) {
            return Err(Refused::invalid("/new_email", "is your address already"));
        }
        account.request_email_change(to, mail, now);
        unit.save_account(&mut account).await?;
        Ok(unit.commit().await?)
    }

    /// The link was opened: the address changes, and every session ends but the caller's.
    pub async fn confirm_email_change(&self, ctx: &Ctx, token: &Secret) -> Result<(), Refused> {
        let mut link = Link::new(Purpose::ChangeEmail, token);
        let changed = self.change_email(ctx, &mut link).await;
        self.ports.audit_refusal(ctx, link.account_attempt("account.change_email"), changed).await
    }

    async fn change_email(&self, ctx: &Ctx, link: &mut Link<'_>) -> Result<(), Refused> {
        let now = self.ports.clock.now();
        let mut unit = self.ports.store.begin_in(ctx, Scope::Identity).await?;
        let token = link.use_up(&mut *unit, now).await?;
        let id = AccountId::from_uuid(token.subject);
        let holds = |account: &Account| {
            account.is_active() && account.link_binding(Purpose::ChangeEmail) == token.binding
        };
        let mut account = unit.account(id).await?.filter(holds).ok_or(link.spent(Spent::Expired))?;
        if let Some(old) = account.email.clone() {
            forget_registrations(&mut *unit, &old).await?;
        }
        account.confirm_email_change(now).ok_or(link.spent(Spent::Used))?;
        let own = match ctx.actor {
            Actor::Account { id: caller, session, .. } if caller == id => Some(session),
            _ => None,
        };
        let ended = end_sessions(&mut *unit, id, own, EndReason::CredentialsChanged, now).await?;
        let already_used = already_used(Purpose::ChangeEmail);
        unit.save_account(&mut account).await.map_err(&already_used)?;
        unit.commit().await.map_err(already_used)?;
        self.authentication.evict(ended.into_iter().chain(own));
        Ok(())
    }

    /// The account's live sessions, newest first.
    pub async fn sessions(&self, ctx: &Ctx, page: &PageRequest) -> Result<Page<Session>, Refused> {
        let id = self.person(ctx, "session.view").await?;
        let own = ctx.within(Scope::Account(id));
        Ok(self.ports.directory.sessions(&own, id, self.ports.clock.now(), page).await?)
    }

    /// Ends one of one's own sessions; another than this one after a recent proof.
    pub async fn end_session(&self, ctx: &Ctx, session: SessionId) -> Result<(), Refused> {
        let attempt = Session::attempt(END).on(session.uuid());
        let (id, own) = access::own_session(&self.ports, ctx, Account::attempt(END)).await?;
        if session != own {
            access::recent_person(&self.ports, &self.settings, ctx, attempt).await?;
        }
        let ended = self.end_one(ctx, id, session).await;
        self.ports.audit_refusal(ctx, Session::attempt(END).on(session.uuid()), ended).await
    }

    async fn end_one(&self, ctx: &Ctx, id: AccountId, session: SessionId) -> Result<(), Refused> {
        let now = self.ports.clock.now();
        let mut unit = self.ports.store.begin_in(ctx, Scope::Account(id)).await?;
        let found = unit.session(session).await?.filter(|found| found.account == id && found.is_live(now));
        let mut found = found.ok_or(Refused::Missing("session"))?;
        found.end(EndReason::Revoked, now);
        unit.save_session(&mut found).await?;
        unit.commit().await?;
        self.authentication.evict([session]);
        Ok(())
    }

    /// Ends all of one's sessions but this one, after a recent proof, and tells how many.
    pub async fn end_other_sessions(&self, ctx: &Ctx) -> Result<usize, Refused> {
        let attempt = Session::attempt(END);
        let (id, own) = access::recent_session(&self.ports, &self.settings, ctx, attempt).await?;
        let now = self.ports.clock.now();
        let mut unit = self.ports.store.begin_in(ctx, Scope::Account(id)).await?;
        let ended = end_sessions(&mut *unit, id, Some(own), EndReason::Revoked, now).await?;
        unit.commit().await?;
        let count = ended.len();
        self.authentication.evict(ended);
        Ok(count)
    }

    /// The settings document; `None` before the first.
    pub async fn admin_settings(&self, ctx: &Ctx) -> Result<Option<AdminSettings>, Refused> {
        let id = self.person(ctx, "admin_settings.view").await?;
        let mut unit = self.ports.store.begin_in(ctx, Scope::Account(id)).await?;
        Ok(unit.admin_settings(id).await?)
    }

    /// Puts a settings document in the place of the one read at `version`; without a version it must be the first.
    pub async fn put_admin_settings(
        &self,
        ctx: &Ctx,
        version: Option<i64>,
        settings: Preferences,
    ) -> Result<AdminSettings, Refused> {
        let id = self.person(ctx, "admin_settings.replace").await?;
        let now = self.ports.clock.now();
        let mut unit = self.ports.store.begin_in(ctx, Scope::Account(id)).await?;
        let document = match (unit.admin_settings(id).await?, version) {
            (None, None) => AdminSettings::first(id, settings, now),
            (Some(mut document), Some(version)) => {
                document.unchanged_since(version)?;
                document.replace(settings, now);
                document
            }
            (Some(_), None) | (None, Some(_)) => return Err(Refused::Stale),
        };
        let mut document = document;
        if document.has_changed() {
            unit.save_admin_settings(&mut document).await?;
            unit.commit().await?;
        }
        Ok(document)
    }

    /// Everything the identity domain keeps of the person. That it was taken out is on record.
    pub async fn export(&self, ctx: &Ctx) -> Result<Export, Refused> {
        const EXPORT: &str = "account.export";
        let now = self.ports.clock.now();
        let id = self.recent_person(ctx, EXPORT).await?;
        let account = self.own(ctx).await?;
        let mut organizations = Vec::new();
        let identity = ctx.within(Scope::Identity);
        let mut page = PageRequest::default();
        loop {
            let part = self.ports.directory.organizations_of(&identity, id, &page).await?;
            organizations.extend(part.items);
            page.after = part.next;
            if page.after.is_none() {
                break;
            }
        }
        let mut unit = self.ports.store.begin_in(ctx, Scope::Identity).await?;
        let invitations = match &account.email {
            Some(email) => unit.invitations_of(email).await?,
            None => Vec::new(),
        };
        let export = Export {
            sessions: unit.live_sessions(id, now).await?,
            second_factor: unit.second_factor(id).await?,
            admin_settings: unit.admin_settings(id).await?,
            account,
            organizations,
            invitations,
        };
        unit.record(Change::new(EXPORT, Target::new(Account::KIND, id), now).about(id.uuid()));
        unit.commit().await?;
        Ok(export)
    }

    /// Erases the account read at `version`: everything personal goes, the ids stay, and nobody opens any more what the
    /// trail says of the person. An organisation's last owner must hand it on or close it first.
    pub async fn erase(&self, ctx: &Ctx, version: i64) -> Result<(), Refused> {
        let now = self.ports.clock.now();
        let id = self.recent_person(ctx, "account.erase").await?;
        let mut unit = self.ports.store.begin_in(ctx, Scope::Identity).await?;
        let account = unit.account(id).await?.filter(Account::is_active);
        let mut account = account.ok_or(Refused::InvalidToken)?;
        account.unchanged_since(version)?;
        self.end_memberships(&mut *unit, id, now).await?;
        if let Some(email) = account.email.clone() {
            forget_registrations(&mut *unit, &email).await?;
            for mut invitation in unit.invitations_of(&email).await? {
                invitation.forget_address(now);
                unit.save_invitation(&mut invitation).await?;
                unit.shred_keys(invitation.id.uuid());
            }
        }
        let ended = end_sessions(&mut *unit, id, None, EndReason::Erased, now).await?;
        if let Some(mut factor) = unit.second_factor(id).await? {
            factor.remove(now);
            unit.save_second_factor(&mut factor).await?;
        }
        unit.forget_devices(id).await?;
        unit.forget_admin_settings(id).await?;
        unit.destroy_data_key(id).await?;
        unit.forget_traces(id).await?;
        account.erase(now);
        unit.save_account(&mut account).await?;
        unit.shred_keys(id.uuid());
        unit.commit().await?;
        self.authentication.evict(ended);
        Ok(())
    }

    async fn person(&self, ctx: &Ctx, action: &'static str) -> Result<AccountId, Refused> {
        access::person(&self.ports, ctx, Account::attempt(action)).await
    }

    async fn recent_person(&self, ctx: &Ctx, action: &'static str) -> Result<AccountId, Refused> {
        access::recent_person(&self.ports, &self.settings, ctx, Account::attempt(action)).await
    }

    async fn end_memberships(&self, unit: &mut Unit, id: AccountId, now: Timestamp) -> Result<(), Refused> {
        let mut memberships = unit.memberships_of(id).await?;
        memberships.sort_by_key(|membership| membership.organization);
        for mut membership in memberships {
            if membership.roles.contains(Role::Owner) {
                let owners = unit.owners_for_update(membership.organization).await?;
                if owners.iter().all(|owner| owner.account == id) {
                    return Err(Refused::LastOwner);
                }
            }
            membership.end(true, now);
            unit.save_membership(&mut membership).await?;
        }
        Ok(())
    }
}
