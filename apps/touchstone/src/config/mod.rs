//! The configuration: defaults, then `touchstone.toml`, then the environment, then flags.
//!
//! Every setting stands once in [`keys::KEYS`], with its default, its variable and what it is for; the typed
//! [`Settings`] are read from the merged layers, each of whose values knows where it came from.

pub mod keys;
mod layers;
mod settings;
mod show;

pub use layers::{Flags, Loaded, load};
pub use settings::{
    AuditSettings, DatabaseSettings, DocumentSettings, Hearing, HttpSettings, LimitSettings, Listen,
    LogFormat, LogSettings, MailMode, MailSettings, ObjectStoreSettings, PasswordSettings, Settings,
    SmtpProtection, SmtpSettings, StoreKind, ThrottleSettings, WorkerSettings,
};
pub use show::{masked as mask_url, show};
