//! Passwords, tokens, sealed secrets and one-time codes: the adapters of [`identity::credentials`] and
//! [`audit::sealing`], of what every domain seals with ([`kernel::Sealing`]), and of the tokens guests come with
//! ([`kernel::invitation::GuestTokens`]).
//!
//! Everything secret begins with the [`KeyEncryptionKeys`]: the [`KeyVault`] derives and wraps its keys from
//! them, the [`SigningKeyPair`]s of access tokens are kept sealed by the vault, and passwords are peppered with
//! keys derived from them too. What is random comes from [`kernel::Random`], what is timely from the caller.
//!
//! ```
//! use std::sync::Arc;
//! use credentials::{KeyEncryptionKeys, KeySet, KeyVault, JwtTokens, SigningKeyPair};
//! use identity::credentials::AccessTokens as _;
//! use kernel::Clock as _;
//! use system::{SystemClock, SystemIds, SystemRandom};
//!
//! let now = SystemClock.now();
//! let vault = KeyVault::new(KeyEncryptionKeys::generate(&SystemRandom), Arc::new(SystemRandom));
//! let record = SigningKeyPair::generate(&vault, now, now);
//! let keys = KeySet::load(&[record], &vault, now)?;
//! let tokens = JwtTokens::new("https://touchstone.example", "touchstone", keys, Arc::new(SystemIds));
//! assert_eq!(tokens.jwks()["keys"][0]["alg"], "ES256");
//! # Ok::<(), credentials::KeySetError>(())
//! ```
#![deny(missing_docs)]

mod breach;
mod cost;
mod derive;
mod guest_tokens;
mod jwk;
mod keys;
mod passwords;
mod pepper;
mod signing;
mod strength;
mod tokens;
mod totp;
mod vault;

pub use breach::{BreachList, BreachListMaker, Leaked, SortedSha1File};
pub use cost::{Cost, CostError};
pub use keys::{KeyEncryptionKeys, KeyFileError};
pub use passwords::{Argon2Hasher, HashingSettings};
pub use pepper::{Pepper, PepperError};
pub use signing::{KeySet, KeySetError, SigningKeyPair};
pub use strength::Strength;
pub use tokens::JwtTokens;
pub use totp::Totp;
pub use vault::KeyVault;
