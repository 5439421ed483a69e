//! Touchstone without HTTP: the domains put together over one storage, and the work that goes on beside requests.
//!
//! A service of one's own links this crate and calls the services of the domains; the program `touchstone` puts HTTP
//! around the same. Cargo features choose what is linked: `postgres`, `audit`, `assessments`, `documents`,
//! `notifications`, `webhooks`; identity is always there.
//!
//! ```
//! use std::{sync::Arc, time::Duration};
//! use credentials::KeyEncryptionKeys;
//! use identity::{EmailAddress, registration::Register};
//! use kernel::{Actor, Ctx, Scope, Secret};
//! use mail::MemoryMailer;
//! use platform::{Options, Platform, WorkerOptions, shutdown};
//! use system::SystemRandom;
//!
//! # #[tokio::main]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let mailer = Arc::new(MemoryMailer::new());
//! let options = Options::new(KeyEncryptionKeys::generate(&SystemRandom), mailer.clone());
//! # let options = Options::for_tests(mailer.clone());
//! let platform = Platform::in_memory(options).await?;
//! let (stop, stopping) = shutdown::channel();
//! let work = platform.start_work(&WorkerOptions::default(), &stopping);
//!
//! let nobody = Ctx::new(Actor::Anonymous, Scope::Identity);
//! let (email, password) = (EmailAddress::new("ann@example.org")?, Secret::new("plinth-orbit-walnut-sieve"));
//! let register = Register { email, password, full_name: None, timezone: None };
//! platform.identity.registrations.register(&nobody, register).await?;
//! let letter = mailer.wait_for(|mail| mail.to == "ann@example.org", Duration::from_secs(10)).await;
//! assert!(letter.is_some(), "the work beside requests delivered it");
//!
//! stop.stop();
//! work.join_all().await;
//! # Ok(())
//! # }
//! ```
#![deny(missing_docs)]

mod compose;
mod error;
mod options;
pub mod shutdown;
mod signing_keys;
#[cfg(feature = "notifications")]
mod streams;
#[cfg(feature = "audit")]
mod trail_health;
#[cfg(feature = "audit")]
pub mod witness;
pub mod workers;

#[cfg(feature = "documents")]
pub use self::compose::{DocumentOptions, Documents};
#[cfg(feature = "webhooks")]
pub use self::compose::{EVENTS, Webhooks};
#[cfg(feature = "audit")]
pub use self::{
    compose::Audit,
    trail_health::{Soundness, TrailHealth},
};
#[cfg(feature = "notifications")]
pub use self::{compose::Notifications, streams::StreamHub};
pub use self::{
    compose::{DOMAINS, Platform},
    error::Error,
    options::{Options, WorkerOptions, recorder},
};
