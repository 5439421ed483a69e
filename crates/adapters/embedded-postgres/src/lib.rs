//! Finds PostgreSQL on the machine and runs a private, durable cluster.
//!
//! A [`Cluster`] is a real PostgreSQL in one folder: `fsync` on, reachable only over a Unix socket in a
//! directory of mode 0700, never over TCP. It never outlives the process that started it: a small `sh`
//! supervisor holds the other end of a pipe and stops PostgreSQL when the pipe closes, which also happens
//! when that process is killed with `-9`. Started by root, PostgreSQL runs as `postgres` or `nobody`, and only
//! its own folder belongs to that user.
//!
//! ```no_run
//! use embedded_postgres::{Cluster, Installation, Settings};
//!
//! # async fn run() -> Result<(), embedded_postgres::Error> {
//! let say = |line: &str| eprintln!("{line}");
//! let installation = Installation::find_or_install(None, true, &say).await?;
//! let cluster = Cluster::start(&Settings::new(installation, "/var/lib/touchstone/postgres"), &say).await?;
//! cluster.sql("postgres", "CREATE DATABASE touchstone").await?;
//! let url = cluster.url("postgres", "touchstone"); // for sqlx or SeaORM
//! # drop(url);
//! cluster.stop().await
//! # }
//! ```
#![cfg(unix)]
#![deny(missing_docs)]

mod access;
mod account;
mod cluster;
mod dump;
mod error;
mod initdb;
mod install;
mod installation;
mod lock;
mod log;
mod postmaster;
mod settings;
mod socket;
mod supervisor;
pub mod testing;

pub use access::Access;
pub use cluster::{Cluster, Running};
pub use error::Error;
pub use installation::{BIN_VARIABLE, Installation, OLDEST_MAJOR};
pub use settings::Settings;
pub use supervisor::Exit;

/// Told, in one short sentence each, what takes long enough for a person to wonder.
pub type Progress<'a> = &'a (dyn Fn(&str) + Sync);
