//! What the trail tells of the services: every command, everything that came to nothing, and nothing of the erased.

mod commands;
mod denials;
mod erasure;
mod leave;
mod people;
mod programs;
mod source;
mod tenants;
mod work;

use std::collections::BTreeSet;

use audit::{
    Event, EventId, Sealed,
    ports::{EventLog, Filter},
};
use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use identity::{Digest, Refused};
use kernel::{Actor, Ctx, Limit, Outcome, PageRequest, Refusal as _, Scope, Secret};
use uuid::Uuid;

use crate::world::World;

use people::{OutdatedHasher, account_of, ended, id_of, new_key, right, wrong};

impl World {
    /// Every event so far, the oldest first.
    pub(crate) async fn events(&self) -> Vec<Event> {
        let log: &dyn EventLog = &self.storage;
        let platform = Ctx::new(Actor::System, Scope::Platform);
        let mut page = PageRequest { limit: Limit::MOST, after: None };
        let mut events = Vec::new();
        loop {
            let part = log.events(&platform, &Filter::default(), &page).await.unwrap();
            events.extend(part.items);
            page.after = part.next;
            if page.after.is_none() {
                events.reverse();
                return events;
            }
        }
    }

    /// What still opens of an event, as text: its personal difference and its address.
    async fn opened(&self, event: &Event) -> [Option<String>; 2] {
        let personal = self.open(event.personal.as_ref(), format!("personal difference of {}", event.id));
        let address = self.open(event.address.as_ref(), format!("address of {}", event.id));
        [personal.await, address.await]
    }

    async fn open(&self, sealed: Option<&Sealed>, context: String) -> Option<String> {
        let Sealed { key, sealed } = sealed?;
        let key = self.storage.subject_keys(&[*key]).await.unwrap().pop()?;
        let sealer: &dyn audit::Sealer = &*self.vault;
        let plain = sealer.open(key.id, &key.wrapped, &context, sealed).ok()?;
        Some(String::from_utf8(plain).unwrap())
    }
}

/// What an event names.
#[derive(Debug, Clone, Copy)]
enum Named {
    Anything,
    Exactly(Option<Uuid>),
}

impl Named {
    #[track_caller]
    fn check(self, found: Option<Uuid>, says: &str) {
        if let Self::Exactly(named) = self {
            assert_eq!(found, named, "{says}");
        }
    }
}

/// An event that is expected.
#[derive(Debug, Clone)]
struct ExpectedEvent {
    action: &'static str,
    outcome: Outcome,
    reason: Option<String>,
    kind: &'static str,
    actor: Option<Uuid>,
    target: Named,
    subject: Named,
    organization: Option<Uuid>,
}

/// A success; its target is of the kind its name begins with.
fn done(action: &'static str) -> ExpectedEvent {
    let (kind, _) = action.split_once('.').expect("an action is a thing and a verb");
    let (outcome, reason, actor, organization) = (Outcome::Success, None, None, None);
    let (target, subject) = (Named::Anything, Named::Anything);
    ExpectedEvent { action, outcome, reason, kind, actor, target, subject, organization }
}

/// An attempt that went wrong, on a thing of this kind. Unless told otherwise the reason is what the caller was told.
fn failed(action: &'static str, kind: &'static str) -> ExpectedEvent {
    let (target, subject) = (Named::Exactly(None), Named::Exactly(None));
    ExpectedEvent { kind, outcome: Outcome::Failure, target, subject, ..done(action) }
}

/// An attempt that was not allowed, on a thing of this kind.
fn denied(action: &'static str, kind: &'static str) -> ExpectedEvent {
    ExpectedEvent { outcome: Outcome::Denied, ..failed(action, kind) }
}

impl ExpectedEvent {
    fn by(self, actor: &Ctx) -> Self {
        Self { actor: actor.actor.id(), ..self }
    }

    fn on(self, target: Uuid) -> Self {
        Self { target: Named::Exactly(Some(target)), ..self }
    }

    fn about(self, subject: Uuid) -> Self {
        Self { subject: Named::Exactly(Some(subject)), ..self }
    }

    fn about_nobody(self) -> Self {
        Self { subject: Named::Exactly(None), ..self }
    }

    /// About what it was done to.
    fn own(self, id: Uuid) -> Self {
        self.on(id).about(id)
    }

    fn because(self, reason: &str) -> Self {
        Self { reason: Some(reason.to_owned()), ..self }
    }

    fn of(self, organization: kernel::OrganizationId) -> Self {
        Self { organization: Some(organization.uuid()), ..self }
    }

    #[track_caller]
    fn check(&self, command: &str, event: &Event) {
        let says = |what: &str| format!("{command}: {what} of {event:?}");
        assert_eq!(event.action, self.action, "{}", says("action"));
        assert_eq!(event.outcome, self.outcome, "{}", says("outcome"));
        assert_eq!(event.reason, self.reason, "{}", says("reason"));
        assert_eq!(event.target.kind, self.kind, "{}", says("kind"));
        assert_eq!(event.actor.id, self.actor, "{}", says("actor"));
        assert_eq!(event.organization.map(kernel::Id::uuid), self.organization, "{}", says("organisation"));
        self.target.check(event.target.id, &says("target"));
        self.subject.check(event.subject, &says("subject"));
    }
}

/// What changes nothing by itself, and why its event has no difference.
const WITHOUT_DIFFERENCE: [(&str, &str); 7] = [
    ("account.export", "it reads"),
    ("account.forget_password", "it asks for a link, whose making is on record"),
    ("account.start_password_reset", "it asks for a link, whose making is on record"),
    ("api_key.warn", "it tells people what will be"),
    ("organization.subscribe", "whose address it is, is not told"),
    ("organization.unsubscribe", "whose address it is, is not told"),
    ("registration.resend", "it asks for a link, whose making is on record"),
];

fn differs(event: &Event) -> bool {
    event.difference.as_str() != "[]" || event.personal.is_some() || !event.secrets.is_empty()
}

/// Watches the trail while somebody acts.
struct Watch<'a> {
    world: &'a World,
    seen: BTreeSet<EventId>,
    /// Everything that was run.
    commands: BTreeSet<&'static str>,
    /// What left nothing.
    silent: BTreeSet<&'static str>,
    /// The names and reasons of the events that were expected and came.
    actions: BTreeSet<String>,
    reasons: BTreeSet<String>,
    secrets: Vec<(String, String)>,
}

impl<'a> Watch<'a> {
    async fn over(world: &'a World) -> Self {
        let seen = world.events().await.iter().map(|event| event.id).collect();
        let (commands, silent) = (BTreeSet::new(), BTreeSet::new());
        let (actions, reasons) = (BTreeSet::new(), BTreeSet::new());
        Self { world, seen, commands, silent, actions, reasons, secrets: Vec::new() }
    }

    /// What came since it looked last, the oldest first.
    async fn news(&mut self) -> Vec<Event> {
        let all = self.world.events().await;
        all.into_iter().filter(|event| self.seen.insert(event.id)).collect()
    }

    /// The command ran: exactly these events came of it.
    async fn left(&mut self, command: &'static str, events: &[ExpectedEvent]) -> Vec<Event> {
        let news = self.news().await;
        let (found, expected): (Vec<_>, Vec<_>) = (
            news.iter().map(|event| event.action.as_str()).collect(),
            events.iter().map(|t| t.action).collect(),
        );
        assert_eq!(found, expected, "{command}");
        for (expected, event) in events.iter().zip(&news) {
            expected.check(command, event);
            let excused = WITHOUT_DIFFERENCE.iter().any(|(action, _)| *action == event.action);
            let alike = event.outcome != Outcome::Success || excused;
            assert_eq!(differs(event), !alike, "{command}: whether {event:?} tells a difference");
            self.actions.insert(event.action.clone());
            self.reasons.extend(event.reason.clone());
        }
        self.commands.insert(command);
        if events.is_empty() {
            self.silent.insert(command);
        }
        news
    }

    /// It was refused, and that is all that came of it.
    async fn refused<T: std::fmt::Debug>(
        &mut self,
        command: &'static str,
        outcome: Result<T, Refused>,
        expected: ExpectedEvent,
    ) -> Refused {
        let refused = outcome.expect_err(command);
        let reason = expected.reason.clone().unwrap_or_else(|| refused.code().to_owned());
        self.left(command, &[expected.because(&reason)]).await;
        refused
    }

    /// Nobody may ever read this in the trail, nor its digest.
    fn secret(&mut self, what: &str, secret: &Secret) {
        let Digest(digest) = Digest::of(secret.expose().as_bytes());
        let hex = digest.iter().fold(String::new(), |hex, octet| hex + &format!("{octet:02x}"));
        let base64 = [STANDARD.encode(digest), URL_SAFE_NO_PAD.encode(digest)];
        let texts = [secret.expose().to_owned(), hex].into_iter().chain(base64);
        self.secrets.extend(texts.map(|text| (what.to_owned(), text)));
    }
}
