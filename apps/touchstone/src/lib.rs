//! The one binary: serves the API, migrates, administrates.
//!
//! [`platform`] puts adapters and services together, [`serving`] puts the HTTP shell around them, [`commands`] does
//! what the command line says. Tests start from [`platform::Platform`] and [`serving::serve`]; the program itself from
//! [`cli`] and [`config`].

pub mod api;
pub mod cli;
pub mod commands;
pub mod config;
pub mod data_folder;
pub mod database;
pub mod exit;
pub mod keys;
pub mod options;
pub mod output;
mod pages;
pub mod serving;
pub mod telemetry;
