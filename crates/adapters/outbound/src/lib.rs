//! The one client for URLs that users give: webhooks, calendars, scoring engines.
//!
//! [`GuardedClient`] implements [`kernel::outbound::Outbound`]. It asks over https alone, resolves each name itself,
//! refuses addresses that are not public, and connects to the address it checked, so that no name can lead elsewhere
//! between check and connection. Redirects are followed by the same rules, as often as the caller says.
//!
//! Every exchange stands alone: a connection of its own that ends with it, no resumed TLS session, no cookies, no
//! proxies from the environment. So nothing passes from one owner's exchange to another's. The body of an answer is
//! taken as it is sent and never unpacked, so that a small answer cannot become a large one.
#![deny(missing_docs)]

mod client;
mod connection;
mod exchange;
mod guard;
mod network;
mod ranges;
mod request;

pub use client::{GuardedClient, RootCertificateError};
pub use network::{Network, SystemNetwork};
