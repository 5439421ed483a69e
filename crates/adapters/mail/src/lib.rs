//! Mail over SMTP, into a folder while developing, or kept in memory for tests.
//!
//! [`SmtpMailer`], [`FolderMailer`] and [`MemoryMailer`] implement [`kernel::Mailer`]. All three render the same
//! [`TEMPLATES`] the same way; the first two build the same message, so that what lies in the folder is what would
//! have been sent.
//!
//! Much of what a letter shows was chosen by strangers: a name typed at registration, an organisation's name, a
//! user agent. Values are therefore made harmless before any template sees them, and the one link of a letter
//! comes from [`kernel::Mail::link`] alone. Errors and logs name a template, a step or a reply code, never a
//! recipient, a link or a body.
#![deny(missing_docs)]

mod connection;
mod folder;
mod memory;
mod message;
mod smtp;
mod templates;
mod values;

pub use folder::FolderMailer;
pub use memory::MemoryMailer;
pub use message::{Sender, SettingsError};
pub use smtp::{SmtpLogin, SmtpMailer, SmtpSecurity, SmtpSettings};
pub use templates::{Rendered, TEMPLATES, render};
