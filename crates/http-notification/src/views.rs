//! A notification as clients see it.

use http_shell::NamedSchema;
use kernel::{NoticeKind, NoticePriority, Timestamp};
use notification::{MailChoice, Notification};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

pub(crate) type KindSchema = NamedSchema<NoticeKind>;
pub(crate) type PrioritySchema = NamedSchema<NoticePriority>;
pub(crate) type MailChoiceSchema = NamedSchema<MailChoice>;

/// One thing one was told.
#[derive(Serialize, ToSchema)]
#[schema(as = notification::Notification, example = json!({ "notification_id": "0192f3c4-5a6b-7c8d-9e0f-a1b2c3d4e5f6", "number": 12, "notification_type": "assessment", "priority": "normal", "title": "Your result of Focus is there", "message": "You took it for North Wind; it belongs to Spring.", "organization_id": "0192f3c4-5a6b-7c8d-9e0f-a1b2c3d4e5f7", "related_entity_type": "interview_session", "related_entity_id": "0192f3c4-5a6b-7c8d-9e0f-a1b2c3d4e5f8", "action_url": "https://touchstone.example/assessment#result=0192f3c4-5a6b-7c8d-9e0f-a1b2c3d4e5f9", "is_read": false, "read_at": null, "is_archived": false, "created_at": "2026-11-20T12:00:00Z", "mailed_at": null }))]
pub(crate) struct NotificationView {
    notification_id: Uuid,
    /// Its number in the inbox, higher than that of any before it.
    number: i64,
    #[schema(value_type = KindSchema)]
    notification_type: &'static str,
    #[schema(value_type = PrioritySchema)]
    priority: &'static str,
    /// One line of up to 120 characters.
    title: String,
    /// Up to 1,000 characters.
    message: String,
    /// The organisation it comes from; `null` where it comes from none.
    organization_id: Option<Uuid>,
    /// The kind of thing it is about.
    related_entity_type: String,
    related_entity_id: Uuid,
    /// Where to go from there; `null` where nothing is to be done.
    action_url: Option<String>,
    is_read: bool,
    read_at: Option<Timestamp>,
    is_archived: bool,
    created_at: Timestamp,
    /// When it was mailed; `null` where it was not, or not yet.
    mailed_at: Option<Timestamp>,
}

impl NotificationView {
    pub(crate) fn of(notification: Notification, public_url: &str) -> Self {
        let Notification { told, number, read_at, mailed_at } = notification;
        Self {
            notification_id: told.id.uuid(),
            number,
            notification_type: told.kind.name(),
            priority: told.priority.name(),
            title: told.title,
            message: told.message,
            organization_id: told.organization.map(kernel::Id::uuid),
            related_entity_type: told.related.kind,
            related_entity_id: told.related.id,
            action_url: told.action.map(|path| format!("{public_url}{path}")),
            is_read: read_at.is_some(),
            read_at,
            is_archived: told.is_archived,
            created_at: told.created_at,
            mailed_at,
        }
    }
}

/// How many notifications are unread.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = notification::UnreadCount, example = json!({ "count": 3, "at_least": false }))]
pub(crate) struct UnreadView {
    /// Counted as far as 100.
    #[schema(minimum = 0, maximum = 100)]
    count: u32,
    /// Whether there may be more.
    at_least: bool,
}

impl From<u32> for UnreadView {
    fn from(count: u32) -> Self {
        Self { count, at_least: count >= notification::NotificationService::MOST_COUNTED }
    }
}
