//! `touchstone audit` on the command line.

use std::path::PathBuf;

use clap::{Args, Subcommand, builder::PossibleValuesParser};
use kernel::{Outcome, Timestamp};
use uuid::Uuid;

/// The audit trail.
#[derive(Debug, Subcommand)]
pub enum Audit {
    /// Compute every hash anew and compare it with what was signed
    ///
    /// Ends with exit code 0 when the trail is sound, 1 when it was altered, 2 when that cannot be told. Reads and
    /// never writes.
    Verify(VerifyAudit),
    /// Write the trail, or an organisation's part of it, into a file that can be verified on any machine
    Export(ExportAudit),
}

/// What is verified, and against what.
#[derive(Debug, Args)]
pub struct VerifyAudit {
    /// Verify this export (`-` is standard input) instead of the database; needs nothing else
    #[arg(long, value_name = "FILE")]
    pub export: Option<PathBuf>,
    /// The saved checkpoints [default: those of this installation, unless an export is verified]
    #[arg(long, value_name = "FILE")]
    pub checkpoints: Option<PathBuf>,
    /// The key checkpoints must be signed with, or a file that holds it [default: the file of the checkpoints and
    /// `.key`]
    #[arg(long, value_name = "KEY")]
    pub key: Option<String>,
    /// Show that this event is in the log: its id, or with --proof a file that holds it
    #[arg(long, value_name = "EVENT")]
    pub event: Option<String>,
    /// Verify this saved answer of GET /v1/audit/events/{id}/proof, without a database
    #[arg(long, value_name = "FILE", requires = "event", conflicts_with = "export")]
    pub proof: Option<PathBuf>,
    /// Say nothing but what is wrong
    #[arg(long)]
    pub quiet: bool,
}

/// What is exported, and where to.
#[derive(Debug, Args)]
pub struct ExportAudit {
    /// Only this organisation's events; of all others their hashes
    #[arg(long, value_name = "ID")]
    pub organization: Option<Uuid>,
    /// The file to write; it must not exist. `-` is standard output
    #[arg(long, value_name = "FILE", default_value = "-")]
    pub output: PathBuf,
    /// Only events from this time on, such as 2026-11-20T00:00:00Z
    #[arg(long, value_name = "TIME")]
    pub from: Option<Timestamp>,
    /// Only events before this time
    #[arg(long, value_name = "TIME")]
    pub until: Option<Timestamp>,
    /// Only this action, such as account.suspend
    #[arg(long)]
    pub action: Option<String>,
    /// Only what this account or API key did
    #[arg(long, value_name = "ID")]
    pub actor: Option<Uuid>,
    /// Only what was done to this
    #[arg(long, value_name = "ID")]
    pub target: Option<Uuid>,
    /// Only what is about this person
    #[arg(long, value_name = "ID")]
    pub subject: Option<Uuid>,
    /// Only what ended so
    #[arg(long, value_parser = PossibleValuesParser::new(Outcome::ALL.map(Outcome::name)))]
    pub outcome: Option<String>,
}
