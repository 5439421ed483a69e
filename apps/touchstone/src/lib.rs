//! The one binary: serves the API, migrates, administrates.
//!
//! [`compose`] puts adapters and services together, [`serving`] puts the HTTP shell around them, [`commands`] does
//! what the command line says. Tests and host programs start from [`compose::Touchstone`] and
//! [`serving::serve`]; the program itself from [`cli`] and [`config`].

pub mod cli;
pub mod commands;
pub mod compose;
pub mod config;
pub mod data_folder;
pub mod database;
pub mod domains;
pub mod exit;
pub mod http;
pub mod keys;
pub mod options;
pub mod output;
pub mod serving;
pub mod shutdown;
pub mod telemetry;
pub mod trail_health;
pub mod witness;
pub mod workers;
