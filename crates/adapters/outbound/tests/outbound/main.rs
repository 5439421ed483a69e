//! What the client refuses, asks and brings back, against servers on this machine whose names lead where a test says.
#![expect(clippy::unwrap_used, reason = "in a test a panic is the finding")]

mod addresses;
mod answers;
mod redirects;
mod requests;
mod server;
mod support;
mod tls;
mod urls;
