//! Notices: a domain tells people what happened in one line, where it happens.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{AccountId, Actor, Delivery, EventHandlerError, OrganizationId, Role, Target};

kernel::named! {
    /// What a notice is about; people choose by it how they are told.
    pub enum NoticeKind {
        /// The account, or the organisation itself.
        System = "system",
        /// Assessments: being asked to take one, and what came of it.
        Assessment = "assessment",
        /// Job interviews.
        Interview = "interview",
        /// Applications for a job.
        Application = "application",
        /// The supervision of tests.
        Proctoring = "proctoring",
        /// Consultations and other appointments.
        Consultation = "consultation",
        /// Practice and the feedback on it.
        Practice = "practice",
        /// Wellbeing at work.
        Wellbeing = "wellbeing",
        /// Orders, payments and invoices.
        Billing = "billing",
        /// Somebody named the person in a text.
        Mention = "mention",
        /// Work that goes on beside requests.
        Task = "task",
    }
}

kernel::named! {
    /// How much a notice matters.
    pub enum NoticePriority {
        /// Good to know.
        Low = "low",
        /// As most are.
        Normal = "normal",
        /// Something is asked of the person, or was decided about them.
        High = "high",
        /// Cannot wait: neither quiet hours nor a digest hold it back.
        Urgent = "urgent",
    }
}

/// Whom a notice is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Recipients {
    /// One person.
    Account(AccountId),
    /// One person, if they are an active member of the organisation when it is delivered.
    Member(OrganizationId, AccountId),
    /// The active members of an organisation who hold one of these roles when it is delivered.
    Holders(OrganizationId, Vec<Role>),
}

/// Something people are to be told: who, of what kind, in which words.
///
/// ```
/// use kernel::{AccountId, Change, Id, Notice, NoticeKind, NoticePriority, Recipients, Target, Timestamp};
/// # let (id, now) = (uuid::Uuid::nil(), Timestamp::EPOCH);
/// # let (person, key) = (Id::from_uuid(id), Id::<()>::from_uuid(id));
/// let notice = Notice::new(Recipients::Account(person), NoticeKind::System, "identity/api-key-expires")
///     .with(serde_json::json!({ "key_name": "CI" }))
///     .priority(NoticePriority::High)
///     .action("/api-keys");
/// let change = Change::new("api_key.warn", Target::new("api_key", key), now).notify(notice);
/// assert_eq!(change.notices.len(), 1);
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Notice {
    /// Whom it is for.
    pub to: Recipients,
    /// What it is about.
    pub kind: NoticeKind,
    /// How much it matters.
    pub priority: NoticePriority,
    /// The text's name, such as `identity/api-key-expires`.
    pub template: Cow<'static, str>,
    /// What the text shows, a JSON object of plain words and ids: never a secret, never what is known of somebody's
    /// health, never a rating, for a mail lights up on a locked screen.
    pub values: Value,
    /// Where the person goes from there: a path within the product, which begins with one slash, so that no notice
    /// leads elsewhere.
    pub action: Option<Cow<'static, str>>,
    /// What it is about, where that is not the target of the change.
    #[serde(skip)]
    pub related: Option<Target>,
    /// A word: a person is told once of all notices with the same. Each delivery has one of its own otherwise.
    pub dedupe: Option<String>,
    /// Whether the domain writes a letter of its own about it, so that the notice is not mailed as well.
    pub has_letter: bool,
    /// Who did what it tells of, and is not told.
    except: Option<AccountId>,
}

impl Notice {
    /// The topic notices are delivered under.
    pub const TOPIC: &'static str = "notice.send";

    /// The most octets of [`Notice::dedupe`].
    pub const DEDUPE: usize = 200;

    /// Where the data of a change says whom a notice beside its letter tells.
    pub(crate) const TOLD: &'static str = "told";

    /// A notice of normal priority that shows no values and leads nowhere.
    pub const fn new(to: Recipients, kind: NoticeKind, template: &'static str) -> Self {
        Self {
            to,
            kind,
            priority: NoticePriority::Normal,
            template: Cow::Borrowed(template),
            values: Value::Null,
            action: None,
            related: None,
            dedupe: None,
            has_letter: false,
            except: None,
        }
    }

    /// Its text shows these.
    pub fn with(self, values: Value) -> Self {
        Self { values, ..self }
    }

    /// It matters so much.
    pub fn priority(self, priority: NoticePriority) -> Self {
        Self { priority, ..self }
    }

    /// From there the person goes to this path.
    pub fn action(self, path: impl Into<Cow<'static, str>>) -> Self {
        Self { action: Some(path.into()), ..self }
    }

    /// It is about this, and not about the target of the change.
    pub fn about(self, related: Target) -> Self {
        Self { related: Some(related), ..self }
    }

    /// A person is told once of all notices with this word.
    pub fn dedupe(self, word: impl Into<String>) -> Self {
        Self { dedupe: Some(word.into()), ..self }
    }

    /// The domain writes a letter of its own about it.
    pub fn beside_a_letter(self) -> Self {
        Self { has_letter: true, ..self }
    }

    /// Who is not told, because they did it themselves.
    pub const fn except(&self) -> Option<AccountId> {
        self.except
    }

    /// The notice for whoever else is to be told, if anybody is. Of an unattributed change it does not keep the actor.
    pub(crate) fn for_others(self, actor: &Actor, is_attributed: bool) -> Option<Self> {
        let actor = actor.account();
        match self.to {
            Recipients::Account(account) | Recipients::Member(_, account) if Some(account) == actor => None,
            Recipients::Account(_) | Recipients::Member(..) => Some(self),
            Recipients::Holders(..) => Some(Self { except: actor.filter(|_| is_attributed), ..self }),
        }
    }

    /// The notice of a delivery under [`Notice::TOPIC`].
    pub fn of(delivery: &Delivery) -> Result<Self, EventHandlerError> {
        let read: Result<Self, _> = serde_json::from_value(delivery.data.clone());
        let notice =
            read.map_err(|error| EventHandlerError::GiveUp(format!("no notice can be read: {error}")))?;
        let leads_within =
            |path: &str| path.starts_with('/') && !path.starts_with("//") && !path.starts_with("/\\");
        let fits = notice.dedupe.as_ref().is_none_or(|word| word.len() <= Self::DEDUPE);
        if notice.action.as_deref().is_none_or(leads_within) && fits {
            return Ok(notice);
        }
        let what =
            format!("the notice {} leads out of the product, or its word is too long", notice.template);
        Err(EventHandlerError::GiveUp(what))
    }

    /// Whom a letter is about, where a notice beside it tells them too: it is a delivery of the change that both are
    /// of.
    pub fn told_beside(delivery: &Delivery) -> Option<AccountId> {
        serde_json::from_value(delivery.data.get(Self::TOLD)?.clone()).ok()
    }

    /// Whom it tells beside a letter.
    pub(crate) const fn told(&self) -> Option<AccountId> {
        match self.to {
            Recipients::Account(account) | Recipients::Member(_, account) if self.has_letter => Some(account),
            _ => None,
        }
    }
}

/// What a notice says, rendered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoticeText {
    /// One line of up to 120 characters.
    pub title: String,
    /// Up to 1,000 characters.
    pub message: String,
}

/// Why a notice has no text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the notice {template} cannot be rendered: {why}")]
pub struct NoticeTextError {
    /// The text's name.
    pub template: String,
    /// What is wrong with it or with its values, without these.
    pub why: String,
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use uuid::Uuid;

    use super::*;
    use crate::{Assurance, Change, Id, PlatformRole, Timestamp};

    fn person(number: u128) -> AccountId {
        Id::from_uuid(Uuid::from_u128(number))
    }

    fn actor(number: u128) -> Actor {
        Actor::Account {
            id: person(number),
            session: Id::from_uuid(Uuid::nil()),
            platform_role: PlatformRole::User,
            assurance: Assurance::Aal1,
            authenticated_at: Timestamp::EPOCH,
        }
    }

    #[test]
    fn no_notice_leads_out_of_the_product() {
        let delivery = |action: &'static str| Delivery {
            id: Uuid::nil(),
            topic: Notice::TOPIC.to_owned(),
            lane: crate::Lane::Soon,
            target_kind: "thing".to_owned(),
            target_id: Uuid::nil(),
            target_version: None,
            organization: None,
            data: serde_json::to_value(
                Notice::new(Recipients::Account(person(1)), NoticeKind::System, "x/y").action(action),
            )
            .unwrap(),
            occurred_at: Timestamp::EPOCH,
            attempts: 0,
        };
        assert!(Notice::of(&delivery("/assessment#result=1")).is_ok());
        for action in ["https://evil.example", "//evil.example", "/\\evil.example", "assessment", ""] {
            assert!(matches!(Notice::of(&delivery(action)), Err(EventHandlerError::GiveUp(_))), "{action}");
        }
    }

    #[test]
    fn a_change_says_whom_a_notice_beside_its_letter_tells() {
        let told = |by: u128| {
            let target = Target { kind: "thing", id: Uuid::nil() };
            let notice = Notice::new(Recipients::Account(person(1)), NoticeKind::System, "x/y");
            let change = Change::new("thing.ask", target, Timestamp::EPOCH).with(json!({ "a": 1 }));
            let mut change = change.notify(notice.beside_a_letter());
            let entries = change.take_outbox_entries(&actor(by));
            entries.into_iter().find(|entry| entry.topic == "thing.ask").unwrap().data
        };
        assert_eq!(told(2), json!({ "a": 1, "told": person(1) }));
        assert_eq!(told(1), json!({ "a": 1 }), "they did it themselves");
    }

    #[test]
    fn a_notice_reads_back_and_keeps_who_did_it_apart() {
        let target = Target { kind: "thing", id: Uuid::from_u128(7) };
        let other = Target { kind: "other", id: Uuid::from_u128(8) };
        let holders = Recipients::Holders(Id::from_uuid(Uuid::from_u128(9)), vec![Role::Owner]);
        let notice = |to| Notice::new(to, NoticeKind::System, "x/y").with(json!({ "a": 1 })).action("/x");
        let told = |change: Change| {
            let mut change = change
                .notify(notice(Recipients::Account(person(1))))
                .notify(notice(Recipients::Account(person(2))))
                .notify(notice(holders.clone()).about(other.clone()));
            let told = change.take_outbox_entries(&actor(1));
            told.into_iter().filter(|entry| entry.topic == Notice::TOPIC).collect::<Vec<_>>()
        };
        let change = Change::new("thing.make", target.clone(), Timestamp::EPOCH);
        let [second, holders_of] = &told(change.clone())[..] else { panic!("two are told") };
        assert_eq!((&second.target, &holders_of.target), (&target, &other));
        let read = |data: &Value| serde_json::from_value::<Notice>(data.clone()).unwrap();
        assert_eq!(read(&second.data), notice(Recipients::Account(person(2))));
        assert_eq!(read(&holders_of.data).except(), Some(person(1)));
        let unattributed = told(change.unattributed());
        assert!(!unattributed[1].data.to_string().contains(&person(1).to_string()));
    }
}
