//! Registration: saying an address is one's own, and proving it.

use kernel::{AccountId, Change, Ctx, Id, Lane, PlatformRole, Scope, Secret, Target, Timestamp};
use serde_json::json;
use std::sync::Arc;

use crate::{
    Account, EmailAddress, Name, Profile, Purpose, Refused, Registration, Spent, Unit,
    one_time_token::link::{Link, already_used},
    password::policy,
    ports::{Ports, Settings},
    throttle::{Step, ThrottleRule, Verdict},
};

/// The registration service. Its answers do not tell whether an address is known.
#[derive(Debug, Clone)]
pub struct RegistrationService {
    ports: Ports,
    settings: Arc<Settings>,
}

/// Someone registers.
#[derive(Debug, Clone)]
pub struct Register {
    /// The address that is claimed.
    pub email: EmailAddress,
    /// The password that is wanted.
    pub password: Secret,
    /// The person's name.
    pub full_name: Option<Name>,
    /// The person's time zone, by its IANA name; UTC without.
    pub timezone: Option<String>,
}

impl RegistrationService {
    /// A service over these ports.
    pub fn new(ports: Ports, settings: Arc<Settings>) -> Self {
        Self { ports, settings }
    }

    /// Takes a registration; a letter with a link goes to the address, or, when it has an account, a letter that
    /// says so.
    pub async fn register(&self, ctx: &Ctx, register: Register) -> Result<(), Refused> {
        let Register { email, password, full_name, timezone } = register;
        let timezone = known_zone(&self.ports, timezone)?;
        let words = [email.as_str(), full_name.as_ref().map_or("", Name::as_str)];
        let hash = policy::hash_new(&self.ports, &self.settings, &password, &words).await?;
        let now = self.ports.clock.now();
        let mail = may_mail(&self.ports, MailKind::Registration, &email, now).await?;
        let mut registration =
            Registration::open(self.ports.ids.next(), email, hash, full_name, timezone, mail, now);
        let mut unit = self.ports.store.begin_in(ctx, Scope::Identity).await?;
        unit.save_registration(&mut registration).await?;
        Ok(unit.commit().await?)
    }

    /// Sends another link for the newest open registration of an address, if there is one; where the address has an
    /// account, a letter that says so.
    pub async fn resend(&self, ctx: &Ctx, email: &EmailAddress) -> Result<(), Refused> {
        let now = self.ports.clock.now();
        let mail = may_mail(&self.ports, MailKind::Resend, email, now).await?;
        let mut unit = self.ports.store.begin_in(ctx, Scope::Identity).await?;
        let open = unit.open_registration(email, now).await?;
        let account = unit.account_by_email(email).await?.map(|account| account.id);
        let id = open.map_or_else(|| self.ports.ids.next(), |registration| registration.id);
        let target = Target::new(Registration::KIND, id);
        // About nobody: sealing for someone known would take time that tells.
        let told = json!({ "mail": mail, "account": account });
        unit.record(Change::new("registration.resend", target, now).lane(Lane::Now).with(told));
        Ok(unit.commit().await?)
    }

    /// The link was opened: the registration becomes an account.
    pub async fn verify(&self, ctx: &Ctx, token: &Secret) -> Result<AccountId, Refused> {
        let mut link = Link::new(Purpose::VerifyEmail, token);
        let opened = self.open(ctx, &mut link).await;
        // Nobody's trail shows a link of a registration that failed: whoever opened it has no account.
        let audited = link.attempt("registration.complete", Registration::KIND);
        self.ports.audit_refusal(ctx, audited, opened).await
    }

    async fn open(&self, ctx: &Ctx, link: &mut Link<'_>) -> Result<AccountId, Refused> {
        let now = self.ports.clock.now();
        let mut unit = self.ports.store.begin_in(ctx, Scope::Identity).await?;
        let subject = link.use_up(&mut *unit, now).await?.subject;
        // A registration that led to an account is forgotten, with all others of its address.
        let Some(mut registration) = unit.registration(Id::from_uuid(subject)).await? else {
            return Err(link.spent(Spent::Used));
        };
        if unit.account_by_email(&registration.email).await?.is_some() {
            return Err(link.spent(Spent::Used));
        }
        if !registration.is_open(now) {
            return Err(link.spent(Spent::Expired));
        }
        registration.complete(now);
        unit.save_registration(&mut registration).await?;
        let state = registration.state();
        let profile = Profile {
            full_name: state.full_name.clone(),
            timezone: state.timezone.clone(),
            ..Profile::default()
        };
        let (hash, email) = (state.password_hash.clone(), state.email.clone());
        let mut account =
            Account::open(self.ports.ids.next(), email.clone(), hash, profile, PlatformRole::User, now);
        open_account(&self.ports, &mut *unit, &mut account).await?;
        // With the account's own hash kept, nobody needs this or any other registration of the address. The trail tells
        // of the person under the account from now on.
        forget_registrations(&mut *unit, &email).await?;
        unit.commit().await.map_err(already_used(Purpose::VerifyEmail))?;
        Ok(account.id)
    }
}

/// Keeps a new account with a data key of its own.
pub(crate) async fn open_account(
    ports: &Ports,
    unit: &mut Unit,
    account: &mut Account,
) -> Result<(), Refused> {
    unit.save_account(account).await.map_err(already_used(Purpose::VerifyEmail))?;
    let data_key = ports.vault.new_data_key(account.id);
    Ok(unit.put_data_key(account.id, &data_key).await?)
}

/// Forgets the registrations of an address, and what the trail keeps of whoever made them.
pub(crate) async fn forget_registrations(unit: &mut Unit, email: &EmailAddress) -> Result<(), Refused> {
    for registration in unit.purge_registrations(email).await? {
        unit.shred_keys(registration.uuid());
    }
    Ok(())
}

/// The mails an address can be sent on request; each kind has a limit of its own, so that nobody uses one up by
/// asking for another.
#[derive(Debug, Clone, Copy)]
pub(crate) enum MailKind {
    Registration,
    Resend,
    Reset,
    EmailChange,
    Invitation,
}

/// Whether the address may be sent another mail of this kind.
pub(crate) async fn may_mail(
    ports: &Ports,
    mail: MailKind,
    email: &EmailAddress,
    now: Timestamp,
) -> Result<bool, Refused> {
    Ok(reserve_mail(ports, mail, email, now).await? == Verdict::Free)
}

/// Counts another mail of this kind to the address, and says whether and from when on it may be sent.
pub(crate) async fn reserve_mail(
    ports: &Ports,
    mail: MailKind,
    email: &EmailAddress,
    now: Timestamp,
) -> Result<Verdict, Refused> {
    let kind = match mail {
        MailKind::Registration => "registration",
        MailKind::Resend => "resend",
        MailKind::Reset => "reset",
        MailKind::EmailChange => "email-change",
        MailKind::Invitation => "invitation",
    };
    let key = format!("mail:{kind}:{}", email.fingerprint());
    Ok(ports.throttle.step(&key, &Step::Reserve(ThrottleRule::Mail), now).await?)
}

/// The zone, if it exists; UTC without.
fn known_zone(ports: &Ports, zone: Option<String>) -> Result<String, Refused> {
    let zone = zone.unwrap_or_else(|| "UTC".to_owned());
    if ports.zones.knows(&zone) {
        return Ok(zone);
    }
    Err(Refused::invalid("/timezone", "must be a time zone of the IANA database, such as Europe/Vienna"))
}
