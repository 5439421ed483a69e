//! Telling people what happened.
//!
//! A domain says [`Change::notify`](kernel::Change::notify), in one line; what follows is this crate's.
//! [`NoticeDelivery`] turns each notice into a [`Notification`] in the inbox of everyone it is for; open streams show
//! it at once, and [`MailDelivery`] mails it as the person's [`NotificationPreferences`] say: at once, in a digest,
//! after their quiet hours, or not at all. [`NotificationService`] is what people do with their inbox.
//!
//! What a person does in their inbox leaves no event in the audit trail; what they change about how they are told does.
#![deny(missing_docs)]

mod actions;
mod domain;
mod mail_links;
mod mailer;
mod mailing;
mod notification;
mod personal_data;
pub mod ports;
mod preferences;
mod refusal;
mod schedule;
mod service;
mod stream;
mod telling;

pub use domain::DOMAIN;
pub use mail_links::{MailKinds, MailLinkService};
pub use mailer::PreferenceMailer;
pub use mailing::MailDelivery;
pub use notification::{
    Marks, NewNotification, Notification, NotificationFilter, NotificationId, NotificationTag, Related,
};
pub use personal_data::PersonalNotifications;
pub use ports::{Ports, Settings, Unit};
pub use preferences::{
    Channels, Digest, DigestInterval, InvalidPreference, MailChoice, NotificationPreferences,
    NotificationPreferencesState, QuietHours, clock_time,
};
pub use refusal::Refused;
pub use service::{NotificationService, OpenStream, StreamCatchUp};
pub use stream::{Signal, Streams, Subscription};
pub use telling::NoticeDelivery;
