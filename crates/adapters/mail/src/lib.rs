//! Mail over SMTP, into a folder while developing, or kept in memory for tests.
//!
//! [`SmtpMailer`], [`FolderMailer`] and [`MemoryMailer`] implement [`kernel::Mailer`]. All three render the same
//! [`TEMPLATES`] the same way; the first two build the same message, so that what lies in the folder is what would
//! have been sent, and are left out without the feature `smtp`.
//!
//! A letter may carry a link to unsubscribe ([`kernel::Mail::unsubscribe`]), attached files, and an appointment, which
//! the [`kernel::CalendarWriter`] writes that the mailer was given; a mailer without one refuses such a letter. Mail
//! clients follow a link to unsubscribe by themselves only if the mail server signs both of its headers with DKIM.
//!
//! Much of what a letter shows was chosen by strangers: a name typed at registration, an organisation's name, a
//! user agent. Values are therefore made harmless before any template sees them, and the one link of a letter
//! comes from [`kernel::Mail::link`] alone. Errors and logs name a template, a step or a reply code, never a
//! recipient, a link or a body.
#![deny(missing_docs)]

#[cfg(feature = "smtp")]
mod bounce;
#[cfg(feature = "smtp")]
mod connection;
#[cfg(feature = "smtp")]
mod folder;
mod memory;
#[cfg(feature = "smtp")]
mod message;
mod notices;
#[cfg(feature = "smtp")]
mod parts;
#[cfg(feature = "smtp")]
mod smtp;
mod templates;
mod values;

#[cfg(feature = "smtp")]
pub use bounce::{NoNotification, Notification, read_notification};
#[cfg(feature = "smtp")]
pub use folder::FolderMailer;
pub use memory::MemoryMailer;
#[cfg(feature = "smtp")]
pub use message::{Sender, SettingsError};
pub use notices::{NOTICES, render_notice};
#[cfg(feature = "smtp")]
pub use smtp::{SmtpLogin, SmtpMailer, SmtpSecurity, SmtpSettings};
pub use templates::{Rendered, TEMPLATES, render};
