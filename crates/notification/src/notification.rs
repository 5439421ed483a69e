//! A notification: one thing one person was told.

use kernel::{AccountId, Id, Lane, NoticeKind, NoticePriority, OrganizationId, Timestamp};
use serde::Serialize;
use uuid::Uuid;

/// Marks ids of notifications.
#[derive(Debug)]
pub enum NotificationTag {}

/// Identifies a notification.
pub type NotificationId = Id<NotificationTag>;

/// What a notification is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Related {
    /// The kind of thing, such as `campaign_assignment`.
    pub kind: String,
    /// Which one.
    pub id: Uuid,
}

/// What a person is to be told, before it is in their inbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewNotification {
    /// Identifies it.
    pub id: NotificationId,
    /// Whose it is.
    pub account: AccountId,
    /// The organisation it comes from, if one does.
    pub organization: Option<OrganizationId>,
    /// What it is about; people choose by it how they are told.
    pub kind: NoticeKind,
    /// How much it matters.
    pub priority: NoticePriority,
    /// One line of up to 120 characters.
    pub title: String,
    /// Up to 1,000 characters.
    pub message: String,
    /// The thing it is about.
    pub related: Related,
    /// Where the person goes from there: a path within the product, which begins with one slash.
    pub action: Option<String>,
    /// A word of up to 200 octets: an inbox takes one notification of each.
    pub dedupe: String,
    /// Whether it is put aside from the beginning: the person wants it mailed alone.
    pub is_archived: bool,
    /// When it is mailed; `None` when it is not.
    pub mail_due_at: Option<Timestamp>,
    /// When it was put.
    pub created_at: Timestamp,
}

impl NewNotification {
    /// How soon its mail goes once it is due: what cannot wait goes before what somebody waits for, and that before
    /// what many are told.
    pub const fn mail_lane(&self) -> Lane {
        match self.priority {
            NoticePriority::Urgent => Lane::Now,
            NoticePriority::High => Lane::Soon,
            NoticePriority::Normal | NoticePriority::Low => Lane::Bulk,
        }
    }
}

/// A notification in an inbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notification {
    /// What the person was told.
    pub told: NewNotification,
    /// Its number in the inbox: later ones have higher numbers, in the order in which they can be seen. Some numbers
    /// are left out.
    pub number: i64,
    /// When the person read it, or put it aside.
    pub read_at: Option<Timestamp>,
    /// When it was mailed.
    pub mailed_at: Option<Timestamp>,
}

impl std::ops::Deref for Notification {
    type Target = NewNotification;

    fn deref(&self) -> &NewNotification {
        &self.told
    }
}

impl Notification {
    /// Sets the marks. Whatever is put aside counts as read.
    pub fn mark(&mut self, marks: Marks, now: Timestamp) {
        let is_read = marks.is_read.or(marks.is_archived.filter(|archived| *archived));
        match is_read {
            Some(true) => {
                self.read_at.get_or_insert(now);
            }
            Some(false) => self.read_at = None,
            None => {}
        }
        self.told.is_archived = marks.is_archived.unwrap_or(self.told.is_archived);
    }
}

/// What a person does with a notification; `None` leaves it as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Marks {
    /// Read, or unread again.
    pub is_read: Option<bool>,
    /// Put aside, or back.
    pub is_archived: Option<bool>,
}

/// Which notifications of an inbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct NotificationFilter {
    /// Of this kind.
    pub kind: Option<NoticeKind>,
    /// Unread ones, or read ones.
    pub is_unread: Option<bool>,
    /// Those put aside, in place of the others.
    pub is_archived: bool,
}

impl NotificationFilter {
    /// Whether the notification is among them.
    pub fn passes(&self, of: &Notification) -> bool {
        self.kind.is_none_or(|kind| kind == of.kind)
            && self.is_unread.is_none_or(|unread| unread == of.read_at.is_none())
            && self.is_archived == of.is_archived
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn notification(number: i64) -> Notification {
        let id = Uuid::from_u128(number.unsigned_abs().into());
        Notification {
            told: NewNotification {
                id: Id::from_uuid(id),
                account: Id::from_uuid(Uuid::nil()),
                organization: None,
                kind: NoticeKind::Assessment,
                priority: NoticePriority::Normal,
                title: format!("Title {number}"),
                message: "Message".to_owned(),
                related: Related { kind: "thing".to_owned(), id },
                action: None,
                dedupe: number.to_string(),
                is_archived: false,
                mail_due_at: None,
                created_at: Timestamp::EPOCH,
            },
            number,
            read_at: None,
            mailed_at: None,
        }
    }

    #[test]
    fn what_is_put_aside_is_read_and_stays_so() {
        let now = Timestamp::EPOCH;
        let mut told = notification(1);
        told.mark(Marks { is_archived: Some(true), ..Marks::default() }, now);
        assert_eq!((told.is_archived, told.read_at), (true, Some(now)));
        let later = now.plus(std::time::Duration::from_secs(1));
        told.mark(Marks { is_read: Some(true), is_archived: Some(false) }, later);
        assert_eq!((told.is_archived, told.read_at), (false, Some(now)), "it was read before");
        told.mark(Marks { is_read: Some(false), ..Marks::default() }, later);
        assert_eq!(told.read_at, None);
        told.mark(Marks { is_read: Some(false), is_archived: Some(true) }, later);
        assert_eq!((told.is_archived, told.read_at), (true, None), "as the person says");
    }
}
