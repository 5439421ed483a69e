//! What arrives: through a real socket, in a folder, in memory, and in the reader's eyes.
#![expect(clippy::unwrap_used, reason = "in a test a panic is the finding")]

mod bounces;
mod filing;
mod notices;
mod parts;
mod rendering;
mod server;
mod smtp;
mod support;
mod tls;
