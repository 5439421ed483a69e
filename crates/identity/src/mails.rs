//! The mails of the identity domain: reacts to what happened, mints one-time links and hands letters to the mailer.

use std::sync::Arc;

use async_trait::async_trait;
use kernel::{
    AccountId, Actor, Ctx, Delivery, EventHandler, EventHandlerError, Id, Mail, MailError, Mailer,
    OrganizationId, Scope, Secret, SentFor, SessionId,
    invitation::Invited,
    letters::{Links, letters_about},
};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    Account, EmailAddress, Invitation, OneTimeToken, Purpose, Refused, Registration, Unit,
    ports::{Ports, Settings},
};

/// Writes the domain's mails. A link's token is minted only here, when its letter is sent.
#[derive(Clone)]
pub struct IdentityMails {
    ports: Ports,
    settings: Arc<Settings>,
    mailer: Arc<dyn Mailer>,
}

impl std::fmt::Debug for IdentityMails {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("IdentityMails")
    }
}

/// A letter before it is sent.
struct Letter {
    to: String,
    template: &'static str,
    values: Value,
    link: Option<(Secret, OneTimeToken)>,
    /// The invitation, whose sender is told what became of its letter.
    about: Option<Invited>,
}

impl Letter {
    fn new(to: &EmailAddress, template: &'static str, values: Value) -> Self {
        Self { to: to.for_delivery(), template, values, link: None, about: None }
    }

    fn with_link(self, link: (Secret, OneTimeToken)) -> Self {
        Self { link: Some(link), ..self }
    }
}

const TOPICS: &[&str] = &[
    "registration.open",
    "registration.resend",
    "account.forget_password",
    "account.start_password_reset",
    "account.request_email_change",
    "account.change_email",
    "account.change_password",
    "account.suspend",
    "account.reinstate",
    "account.erase",
    "second_factor.confirm",
    "second_factor.remove",
    "second_factor.renew_recovery_codes",
    "second_factor.use_recovery_code",
    "session.begin",
    "session.end",
    "invitation.send",
    "membership.remove",
    "api_key.create",
];

#[async_trait]
impl EventHandler for IdentityMails {
    fn topics(&self) -> &'static [&'static str] {
        TOPICS
    }

    async fn handle(&self, delivery: &Delivery) -> Result<(), EventHandlerError> {
        if let ("invitation.send", Some(organization)) = (delivery.topic.as_str(), delivery.organization) {
            self.mailer.admit(organization, None).await?;
        }
        for (number, letter) in (0_u128..).zip(self.letters(delivery).await?) {
            let Letter { to, template, values, link, about } = letter;
            let (link, token) = link.unzip();
            // Letters of one delivery differ in their id, and keep it when they are sent again.
            let id = Uuid::from_u128(delivery.id.as_u128().wrapping_add(number));
            let sent_for = about.map(|about| SentFor { organization: about.organization, asks: true });
            let mail = Mail { link, sent_for, ..Mail::new(to, template, values, id) };
            let sent = self.mailer.send(&mail).await;
            let refusal = if about.is_some() { MailError::refusal(sent)? } else { sent.map(|()| None)? };
            self.settle(id, token.as_ref(), about, refusal).await?;
        }
        Ok(())
    }
}

impl IdentityMails {
    /// Mails over these ports.
    pub fn new(ports: Ports, settings: Arc<Settings>, mailer: Arc<dyn Mailer>) -> Self {
        Self { ports, settings, mailer }
    }

    /// What came of a letter: delivered, it takes the place of earlier ones a day later.
    async fn settle(
        &self,
        letter: Uuid,
        token: Option<&OneTimeToken>,
        about: Option<Invited>,
        refusal: Option<String>,
    ) -> Result<(), Refused> {
        if token.is_none() && about.is_none() {
            return Ok(());
        }
        let now = self.ports.clock.now();
        let ctx = Ctx::new(Actor::System, Scope::Identity);
        let mut unit = self.ports.store.begin_in(&ctx, Scope::Identity).await?;
        if let Some(token) = token.filter(|_| refusal.is_none()) {
            unit.replace_earlier_tokens(token, now.plus(Links::GRACE)).await?;
        }
        if let Some(about) = about {
            let mut history = letters_about(&mut *unit, about).await?;
            history.settle(letter, now, refusal, now);
            unit.put_letters(&history).await?;
        }
        Ok(unit.commit().await?)
    }

    async fn letters(&self, delivery: &Delivery) -> Result<Vec<Letter>, Refused> {
        let ctx = Ctx::new(Actor::System, Scope::Identity);
        let mut unit = self.ports.store.begin_in(&ctx, Scope::Identity).await?;
        let subject = delivery.target_id;
        let silenced = delivery.data.get("mail") == Some(&Value::Bool(false));
        let named =
            |key: &str| -> Option<AccountId> { serde_json::from_value(delivery.data.get(key)?.clone()).ok() };
        let letter = match delivery.topic.as_str() {
            _ if silenced => None,
            "registration.open" | "registration.resend" => {
                self.registration(unit, subject, named("account")).await?
            }
            "account.forget_password" => self.reset(unit, subject, "identity/reset-password").await?,
            "account.start_password_reset" => {
                self.reset(unit, subject, "identity/password-reset-started-by-admin").await?
            }
            "account.request_email_change" => return self.email_change(unit, subject).await,
            "account.change_email" => return email_changed(&mut *unit, delivery).await,
            "account.change_password" => {
                notice(&mut *unit, AccountId::from_uuid(subject), "identity/password-changed", at(delivery))
                    .await?
            }
            "account.suspend" => {
                notice(&mut *unit, AccountId::from_uuid(subject), "identity/account-suspended", json!({}))
                    .await?
            }
            "account.reinstate" => {
                notice(&mut *unit, AccountId::from_uuid(subject), "identity/account-reinstated", json!({}))
                    .await?
            }
            "account.erase" => farewell(delivery),
            "session.begin" | "session.end" => session(&mut *unit, delivery).await?,
            "invitation.send" => self.invitation(unit, delivery).await?,
            "membership.remove" => membership_removed(&mut *unit, delivery, named("account")).await?,
            "api_key.create" => api_key(&mut *unit, delivery).await?,
            topic => match (second_factor_template(topic), named("account")) {
                (Some(template), Some(account)) => {
                    notice(&mut *unit, account, template, at(delivery)).await?
                }
                _ => None,
            },
        };
        Ok(letter.into_iter().collect())
    }

    /// The link of a registration, or word that the address has an account.
    async fn registration(
        &self,
        mut unit: Box<Unit>,
        subject: Uuid,
        account: Option<AccountId>,
    ) -> Result<Option<Letter>, Refused> {
        let now = self.ports.clock.now();
        let registration = unit.registration(Id::from_uuid(subject)).await?;
        let Some(registration) = registration.filter(|found: &Registration| found.is_open(now)) else {
            let Some(account) = account else { return Ok(None) };
            return notice(&mut *unit, account, "identity/account-exists", json!({})).await;
        };
        let name = registration.full_name.as_ref().map(ToString::to_string);
        if let Some(account) = unit.account_by_email(&registration.email).await? {
            let values = json!({ "name": account.greeting_name() });
            return Ok(Some(Letter::new(&registration.email, "identity/account-exists", values)));
        }
        let link = self.link(unit, Purpose::VerifyEmail, subject, String::new(), "verify#token=").await?;
        let letter = Letter::new(&registration.email, "identity/verify-email", json!({ "name": name }));
        Ok(Some(letter.with_link(link)))
    }

    async fn reset(
        &self,
        mut unit: Box<Unit>,
        subject: Uuid,
        template: &'static str,
    ) -> Result<Option<Letter>, Refused> {
        let account = unit.account(AccountId::from_uuid(subject)).await?.filter(Account::is_active);
        let Some(account) = account else { return Ok(None) };
        let Some(email) = account.email.clone() else { return Ok(None) };
        let name = account.greeting_name();
        let binding = account.link_binding(Purpose::ResetPassword);
        let link = self.link(unit, Purpose::ResetPassword, subject, binding, "reset#token=").await?;
        Ok(Some(Letter::new(&email, template, json!({ "name": name })).with_link(link)))
    }

    async fn email_change(&self, mut unit: Box<Unit>, subject: Uuid) -> Result<Vec<Letter>, Refused> {
        let account = unit.account(AccountId::from_uuid(subject)).await?.filter(Account::is_active);
        let Some(account) = account else { return Ok(Vec::new()) };
        let (Some(old), Some(new)) = (account.email.clone(), account.pending_email.clone()) else {
            return Ok(Vec::new());
        };
        let name = account.greeting_name();
        let binding = account.link_binding(Purpose::ChangeEmail);
        let link = self
            .link(unit, Purpose::ChangeEmail, subject, binding, "verify#purpose=email-change&token=")
            .await?;
        let values = json!({ "name": name, "new_email_masked": new.masked() });
        Ok(vec![
            Letter::new(&new, "identity/email-change-confirm", json!({ "name": name })).with_link(link),
            Letter::new(&old, "identity/email-change-requested", values),
        ])
    }

    async fn invitation(&self, mut unit: Box<Unit>, delivery: &Delivery) -> Result<Option<Letter>, Refused> {
        let now = self.ports.clock.now();
        let invitation = unit.invitation(Id::from_uuid(delivery.target_id)).await?;
        let Some(invitation) = invitation.filter(|found: &Invitation| found.is_open(now)) else {
            return Ok(None);
        };
        let Some(email) = invitation.email.clone() else { return Ok(None) };
        let inviter = unit.account(invitation.invited_by).await?.and_then(|inviter| inviter.greeting_name());
        let values = json!({
            "organization": organization_name(&mut *unit, invitation.organization).await?,
            "inviter": inviter.unwrap_or_else(|| "A colleague".to_owned()),
            "roles": invitation.roles.names(),
        });
        let link = self
            .link(unit, Purpose::Invitation, delivery.target_id, String::new(), "invitation#token=")
            .await?;
        let letter = Letter::new(&email, "identity/invitation", values).with_link(link);
        Ok(Some(Letter { about: Some(invitation.invited()), ..letter }))
    }

    /// Mints a token, keeps its digest and returns the link with it. Commits the unit.
    async fn link(
        &self,
        mut unit: Box<Unit>,
        purpose: Purpose,
        subject: Uuid,
        binding: String,
        page: &str,
    ) -> Result<(Secret, OneTimeToken), Refused> {
        let Ports { ids, random, clock, .. } = &self.ports;
        let (secret, mut token) =
            OneTimeToken::mint(ids.next(), purpose, subject, binding, &**random, clock.now());
        unit.save_one_time_token(&mut token).await?;
        unit.commit().await?;
        let link = Secret::new(format!("{}/{page}{}", self.settings.public_url, secret.expose()));
        Ok((link, token))
    }
}

fn at(delivery: &Delivery) -> Value {
    json!({ "at": delivery.occurred_at })
}

fn second_factor_template(topic: &str) -> Option<&'static str> {
    match topic {
        "second_factor.confirm" => Some("identity/second-factor-added"),
        "second_factor.remove" => Some("identity/second-factor-removed"),
        "second_factor.renew_recovery_codes" => Some("identity/recovery-codes-made"),
        "second_factor.use_recovery_code" => Some("identity/recovery-code-used"),
        _ => None,
    }
}

/// A notice to the account's address with its name and these values.
async fn notice(
    unit: &mut Unit,
    account: AccountId,
    template: &'static str,
    mut values: Value,
) -> Result<Option<Letter>, Refused> {
    let Some(account) = unit.account(account).await? else { return Ok(None) };
    values["name"] = json!(account.greeting_name());
    Ok(account.email.as_ref().map(|email| Letter::new(email, template, values)))
}

async fn email_changed(unit: &mut Unit, delivery: &Delivery) -> Result<Vec<Letter>, Refused> {
    let Some(account) = unit.account(AccountId::from_uuid(delivery.target_id)).await? else {
        return Ok(Vec::new());
    };
    let Some(new) = account.email.clone() else { return Ok(Vec::new()) };
    let values = json!({ "name": account.greeting_name(), "new_email_masked": new.masked() });
    let old = delivery.data.get("old").and_then(Value::as_str).and_then(|old| EmailAddress::new(old).ok());
    let letter = |to: &EmailAddress| Letter::new(to, "identity/email-changed", values.clone());
    Ok(old.iter().chain([&new]).map(letter).collect())
}

fn farewell(delivery: &Delivery) -> Option<Letter> {
    let to = EmailAddress::new(delivery.data.get("to")?.as_str()?).ok()?;
    Some(Letter::new(&to, "identity/account-erased", json!({ "name": delivery.data.get("name") })))
}

async fn session(unit: &mut Unit, delivery: &Delivery) -> Result<Option<Letter>, Refused> {
    let begun = delivery.topic == "session.begin";
    let is_sent = if begun {
        delivery.data.get("new_device") == Some(&Value::Bool(true))
    } else {
        delivery.data.get("reason") == Some(&json!("reuse"))
    };
    if !is_sent {
        return Ok(None);
    }
    let Some(session) = unit.session(SessionId::from_uuid(delivery.target_id)).await? else {
        return Ok(None);
    };
    let template = if begun { "identity/new-device" } else { "identity/session-reused" };
    let values =
        json!({ "at": delivery.occurred_at, "device": session.user_agent, "address": session.address });
    notice(unit, session.account, template, values).await
}

async fn membership_removed(
    unit: &mut Unit,
    delivery: &Delivery,
    account: Option<AccountId>,
) -> Result<Option<Letter>, Refused> {
    let (Some(account), Some(organization)) = (account, delivery.organization) else { return Ok(None) };
    let values = json!({ "organization": organization_name(unit, organization).await? });
    notice(unit, account, "identity/membership-removed", values).await
}

async fn api_key(unit: &mut Unit, delivery: &Delivery) -> Result<Option<Letter>, Refused> {
    let Some(key) = unit.api_key(Id::from_uuid(delivery.target_id)).await? else { return Ok(None) };
    let values = json!({
        "organization": organization_name(unit, key.organization).await?,
        "key_name": key.name,
        "at": delivery.occurred_at,
    });
    notice(unit, key.created_by, "identity/api-key-created", values).await
}

async fn organization_name(unit: &mut Unit, id: OrganizationId) -> Result<String, Refused> {
    let organization = unit.organization(id).await?;
    Ok(organization.map(|organization| organization.name.to_string()).unwrap_or_default())
}
