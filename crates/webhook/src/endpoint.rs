//! An endpoint: a URL at which a program of an organisation is told what happens.

use std::time::Duration;

use kernel::{
    AccountId, Change, Id, Notice, NoticeKind, NoticePriority, OrganizationId, Owner, Recipients, Role,
    Sealing, Secret, SingleLine, Target, Timestamp, Unsealable, outbound::CheckedUrl,
};
use serde_json::{Value, json};

use crate::{
    EventFilters, WebhookDelivery, actions,
    signing::{SignatureScheme, SigningKey},
};

/// Identifies an endpoint.
pub type EndpointId = Id<Endpoint>;

/// What an endpoint is for: up to 500 characters.
pub type Description = SingleLine<500>;

/// Under this purpose keys are sealed; its name never changes.
const PURPOSE: &str = "webhook-signing-key";

kernel::named! {
    /// Whether anything is sent to an endpoint.
    pub enum EndpointStatus {
        /// It is.
        Enabled = "enabled",
        /// Pings alone, for as long as somebody wants it so.
        Paused = "paused",
        /// Nothing, until somebody enables it.
        Disabled = "disabled",
    }
}

kernel::named! {
    /// Why an endpoint is disabled.
    pub enum DisabledReason {
        /// It answered that it is gone (410).
        Gone = "gone",
        /// It received nothing for five days, or one delivery in none of its attempts.
        Failing = "failing",
        /// Whoever runs the installation decided so.
        Operator = "operator",
    }
}

/// A key that requests are signed with, sealed together with the id of its endpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndpointSecret {
    /// The sealed key.
    pub sealed: Vec<u8>,
    /// The public key (`whpk_…`), where there is one.
    pub public_key: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// Until when it signs; `None` for the newest, which signs until it is rotated.
    pub expires_at: Option<Timestamp>,
}

/// All an endpoint consists of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndpointState {
    /// Identifies it.
    pub id: EndpointId,
    /// Whose it is.
    pub organization: OrganizationId,
    /// Where requests go. It is often a secret by itself.
    pub url: CheckedUrl,
    /// What it is for.
    pub description: Option<Description>,
    /// What it asks for.
    pub events: EventFilters,
    /// Whether somebody paused it; it may be disabled beside that.
    pub is_paused: bool,
    /// Why it is disabled, if it is.
    pub disabled: Option<DisabledReason>,
    /// When it was last enabled: failures before that do not count.
    pub enabled_at: Timestamp,
    /// How its requests are signed.
    pub scheme: SignatureScheme,
    /// What they are signed with, the newest first; two at most.
    pub secrets: Vec<EndpointSecret>,
    /// Who made it.
    pub created_by: AccountId,
    /// When it was made.
    pub created_at: Timestamp,
}

kernel::aggregate! {
    /// A URL at which a program of an organisation is told what happens.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub Endpoint(EndpointState) as "webhook_endpoint" of |endpoint| Owner::Organization(endpoint.organization)
}

impl Endpoint {
    /// For so long the old key signs beside the new one: 24 hours.
    pub const OVERLAP: Duration = Duration::from_secs(24 * 3600);

    /// An endpoint that received nothing for so long is disabled: 5 days.
    pub const LONGEST_FAILING: Duration = Duration::from_secs(5 * 24 * 3600);

    /// Makes one.
    pub fn create(state: EndpointState, now: Timestamp) -> Self {
        let mut endpoint = Self::restore(state, 0);
        let state = &endpoint.state;
        let change = endpoint
            .change(actions::CREATE, now)
            .secret("url")
            .plain("description", &Value::Null, &state.description)
            .plain("events", &Value::Null, &state.events.iter().collect::<Vec<_>>())
            .plain("signature", &Value::Null, &state.scheme)
            .plain("created_by", &Value::Null, &state.created_by)
            .secret("secret");
        endpoint.record(change);
        endpoint
    }

    /// Whether anything is sent to it.
    pub fn status(&self) -> EndpointStatus {
        match (self.state.disabled, self.state.is_paused) {
            (Some(_), _) => EndpointStatus::Disabled,
            (None, true) => EndpointStatus::Paused,
            (None, false) => EndpointStatus::Enabled,
        }
    }

    /// Whether events are sent to it.
    pub fn is_enabled(&self) -> bool {
        self.status() == EndpointStatus::Enabled
    }

    /// Whether this is sent to it, which nobody disabled: everything while it is enabled, pings while it is paused.
    pub(crate) fn takes(&self, delivery: &WebhookDelivery) -> bool {
        match self.status() {
            EndpointStatus::Enabled => true,
            EndpointStatus::Paused => delivery.is_ping(),
            EndpointStatus::Disabled => false,
        }
    }

    /// It has another URL, description or choice of events. What is the same leaves no record.
    pub fn edit(
        &mut self,
        url: CheckedUrl,
        description: Option<Description>,
        events: EventFilters,
        now: Timestamp,
    ) {
        let names = |events: &EventFilters| events.iter().map(str::to_owned).collect::<Vec<_>>();
        let mut change = self
            .change(actions::EDIT, now)
            .plain("description", &self.state.description, &description)
            .plain("events", &names(&self.state.events), &names(&events));
        if url != self.state.url {
            change = change.secret("url");
        }
        if !change.fields.is_empty() {
            (self.state.url, self.state.description, self.state.events) = (url, description, events);
            self.record(change);
        }
    }

    /// Nothing but pings is sent to it, until it is enabled.
    pub fn pause(&mut self, now: Timestamp) {
        let before = self.status();
        if before == EndpointStatus::Enabled {
            self.state.is_paused = true;
            self.record(self.change(actions::EDIT, now).plain("status", &before, &self.status()));
        }
    }

    /// Events are sent to it from now on.
    pub fn enable(&mut self, now: Timestamp) {
        let before = self.status();
        if before != EndpointStatus::Enabled {
            (self.state.is_paused, self.state.disabled, self.state.enabled_at) = (false, None, now);
            self.record(self.change(actions::ENABLE, now).plain("status", &before, &self.status()));
        }
    }

    /// Nothing is sent to it any more. Where that was nobody's wish, who runs the organisation is told.
    pub fn disable(&mut self, reason: DisabledReason, now: Timestamp) {
        let before = self.status();
        if self.state.disabled.is_some() {
            return;
        }
        self.state.disabled = Some(reason);
        let administrators = Recipients::Holders(self.state.organization, vec![Role::Owner, Role::Admin]);
        let notice = Notice::new(administrators, NoticeKind::System, "webhook/endpoint-disabled")
            .with(json!({ "host": self.state.url.host(), "reason": reason }))
            .priority(NoticePriority::High);
        let change = self
            .change(actions::DISABLE, now)
            .plain("status", &before, &EndpointStatus::Disabled)
            .plain("disabled_reason", &Value::Null, &reason)
            .notify(notice);
        self.record(change);
    }

    /// It is deleted: the unit that says so deletes the row.
    pub fn delete(&mut self, now: Timestamp) {
        self.record(self.change(actions::DELETE, now).plain("status", &self.status(), &Value::Null));
    }

    /// Requests are signed with this key from now on, and for a day with the one before as well. One that is older
    /// signs no more.
    pub fn rotate(&mut self, secret: EndpointSecret, now: Timestamp) {
        self.state.secrets.truncate(1);
        for before in &mut self.state.secrets {
            before.expires_at = Some(now.plus(Self::OVERLAP));
        }
        self.state.secrets.insert(0, secret);
        self.record(self.change(actions::ROTATE_SECRET, now).secret("secret"));
    }

    /// What requests are signed with now, the newest first.
    pub fn live_secrets(&self, now: Timestamp) -> impl Iterator<Item = &EndpointSecret> {
        self.state.secrets.iter().filter(move |secret| secret.expires_at.is_none_or(|at| now < at))
    }

    /// The keys that sign now, the newest first.
    pub(crate) fn keys(&self, sealing: &dyn Sealing, now: Timestamp) -> Result<Vec<SigningKey>, Unsealable> {
        self.live_secrets(now).map(|secret| secret.open(self.state.id, sealing)).collect()
    }

    /// Seals its keys anew under the current key-encryption key; tells whether one was not. That is no change of the
    /// endpoint, and leaves no record.
    pub(crate) fn reseal(&mut self, sealing: &dyn Sealing) -> Result<bool, Unsealable> {
        let mut is_anew = false;
        for secret in &mut self.state.secrets {
            if let Some(anew) = sealing.reseal(PURPOSE, &secret.sealed)? {
                (secret.sealed, is_anew) = (anew, true);
            }
        }
        Ok(is_anew)
    }

    /// Something is done with it that does not change it.
    pub(crate) fn change(&self, action: &'static str, now: Timestamp) -> Change {
        Change::new(action, Target::new(Self::KIND, self.state.id), now).of(self.state.organization)
    }
}

impl EndpointSecret {
    /// Seals a key for this endpoint.
    pub(crate) fn seal(key: &SigningKey, of: EndpointId, sealing: &dyn Sealing, now: Timestamp) -> Self {
        let plain = [&of.uuid().as_bytes()[..], key.text().expose().as_bytes()].concat();
        let public_key = match key {
            SigningKey::HmacSha256(_) => None,
            SigningKey::Ed25519(_) => Some(key.verifying_key().text().expose().to_owned()),
        };
        Self { sealed: sealing.seal(PURPOSE, &plain), public_key, created_at: now, expires_at: None }
    }

    fn open(&self, of: EndpointId, sealing: &dyn Sealing) -> Result<SigningKey, Unsealable> {
        let plain = sealing.open(PURPOSE, &self.sealed)?;
        let text = plain.strip_prefix(of.uuid().as_bytes()).and_then(|text| std::str::from_utf8(text).ok());
        SigningKey::read(text.ok_or(Unsealable)?).map_err(|_| Unsealable)
    }
}

/// What a receiver verifies requests with: the secret, or the public key, while the private one stays here.
pub(crate) fn shown(key: &SigningKey) -> Secret {
    key.verifying_key().text()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{FakeSealing, delivery, endpoint, ping};

    fn at(seconds: u64) -> Timestamp {
        Timestamp::EPOCH.plus(Duration::from_secs(seconds))
    }

    fn changes(of: &mut Endpoint) -> Vec<Change> {
        use kernel::Recorded as _;
        of.changes().drain()
    }

    fn secret(number: u8, of: &Endpoint, now: Timestamp) -> EndpointSecret {
        let key = SigningKey::HmacSha256(vec![number; 24]);
        EndpointSecret::seal(&key, of.id, &FakeSealing, now)
    }

    #[test]
    fn two_keys_sign_for_a_day_after_a_rotation() {
        let mut endpoint = endpoint(1);
        let live = |endpoint: &Endpoint, now| endpoint.keys(&FakeSealing, now).unwrap().len();
        assert_eq!(live(&endpoint, at(0)), 1);
        for number in 1..=3 {
            let secret = secret(number, &endpoint, at(0));
            endpoint.rotate(secret, at(0));
            assert_eq!((endpoint.secrets.len(), live(&endpoint, at(0))), (2, 2));
        }
        let newest = endpoint.keys(&FakeSealing, at(86_400)).unwrap();
        let [SigningKey::HmacSha256(newest)] = &newest[..] else { panic!("one is left") };
        assert_eq!(newest[0], 3);
    }

    #[test]
    fn a_sealed_key_opens_for_its_endpoint_alone() {
        let (one, other) = (endpoint(1), endpoint(2));
        let stolen = EndpointState { secrets: one.secrets.clone(), ..other.state().clone() };
        assert!(Endpoint::restore(stolen, 1).keys(&FakeSealing, at(0)).is_err());
    }

    #[test]
    fn an_endpoint_takes_what_its_status_lets_through() {
        let mut endpoint = endpoint(1);
        let taken = |of: &Endpoint| [of.takes(&delivery(1, 1)), of.takes(&ping(1))];
        assert_eq!(taken(&endpoint), [true, true]);
        endpoint.pause(at(1));
        assert_eq!((endpoint.status(), taken(&endpoint)), (EndpointStatus::Paused, [false, true]));
        endpoint.disable(DisabledReason::Gone, at(2));
        assert_eq!((endpoint.status(), taken(&endpoint)), (EndpointStatus::Disabled, [false, false]));
        endpoint.disable(DisabledReason::Operator, at(3));
        endpoint.pause(at(3));
        assert_eq!(endpoint.disabled, Some(DisabledReason::Gone), "the first reason stands");
        endpoint.enable(at(4));
        endpoint.enable(at(5));
        assert_eq!((endpoint.status(), endpoint.enabled_at), (EndpointStatus::Enabled, at(4)));
        let actions = changes(&mut endpoint).into_iter().map(|change| change.action);
        assert_eq!(actions.collect::<Vec<_>>(), [actions::EDIT, actions::DISABLE, actions::ENABLE]);
    }

    #[test]
    fn no_record_and_no_notice_holds_the_url() {
        let mut endpoint = endpoint(1);
        let (description, events) = (endpoint.description.clone(), endpoint.events.clone());
        endpoint.edit(endpoint.url.clone(), description.clone(), events.clone(), at(1));
        assert!(!endpoint.has_changed(), "nothing is another");
        endpoint.edit(CheckedUrl::assume("https://new.example/canary"), description, events, at(1));
        endpoint.disable(DisabledReason::Failing, at(2));
        let changes = changes(&mut endpoint);
        let [edited, disabled] = &changes[..] else { panic!("two") };
        assert_eq!(edited.fields.iter().map(|field| field.path).collect::<Vec<_>>(), ["url"]);
        assert!(!format!("{changes:?}").contains("canary"));
        assert_eq!(disabled.notices[0].values, json!({ "host": "new.example", "reason": "failing" }));
    }
}
