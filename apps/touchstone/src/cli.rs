//! The command line.
#![expect(clippy::doc_markdown, reason = "these comments are the help text, which has no backticks")]

mod assessment;
mod audit;
mod documents;
mod webhooks;

use std::{path::PathBuf, str::FromStr};

use clap::{Args, Parser, Subcommand};
use uuid::Uuid;

pub use self::{
    assessment::{
        Assessment, CheckAssessments, FmtAssessments, NewAssessment, RescoreAssessment, ScoreAssessment,
    },
    audit::{Audit, ExportAudit, VerifyAudit},
    documents::Documents,
    webhooks::{EndpointOf, Webhooks},
};
use crate::config::Flags;

/// Touchstone: one backend for assessing, hiring, coaching and caring for people, behind one HTTP API.
///
/// Without a command it serves: with nothing configured, on a private PostgreSQL in the data folder.
#[derive(Debug, Parser)]
#[command(version, after_help = AFTER_HELP)]
pub struct Cli {
    /// What to do; serves unless told.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// What is set for this run alone.
    #[command(flatten)]
    pub options: Options,
}

const AFTER_HELP: &str = "\
Settings come from ./touchstone.toml (or --config), then TOUCHSTONE_* variables, then flags;
`touchstone config` shows them all with where each came from. DATABASE_URL names a PostgreSQL
of your own, TOUCHSTONE_MIGRATION_URL the same as its owner, TOUCHSTONE_KEY_FILE the keys.";

/// Flags that stand above the layers of the configuration.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Settings")]
pub struct Options {
    /// Read this file instead of ./touchstone.toml [env: TOUCHSTONE_CONFIG]
    #[arg(long, value_name = "FILE", global = true)]
    pub config: Option<PathBuf>,
    /// Keep everything in this folder [env: TOUCHSTONE_DATA]
    #[arg(long, value_name = "FOLDER", global = true)]
    pub data: Option<String>,
    /// Serve the API on this address [env: TOUCHSTONE_LISTEN] [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDRESS", global = true)]
    pub listen: Option<String>,
    /// Serve metrics on this address, or `off` [env: TOUCHSTONE_ADMIN_LISTEN] [default: 127.0.0.1:9090]
    #[arg(long, value_name = "ADDRESS", global = true)]
    pub admin_listen: Option<String>,
    /// Let links in mails lead here [env: TOUCHSTONE_PUBLIC_URL]
    #[arg(long, value_name = "URL", global = true)]
    pub public_url: Option<String>,
    /// Where to keep everything: `postgres`, or `memory` to keep nothing [env: TOUCHSTONE_STORE]
    #[arg(long, value_name = "STORE", global = true)]
    pub store: Option<String>,
    /// Never install PostgreSQL; end when there is none
    #[arg(long, global = true)]
    pub no_install: bool,
    /// Any other setting, such as `--set workers.count=2`; may be repeated
    #[arg(long, value_name = "NAME=VALUE", global = true, value_parser = assignment)]
    pub set: Vec<(String, String)>,
}

impl Options {
    /// As the configuration takes them.
    pub fn flags(&self) -> Flags {
        let named = [
            ("--data", "data", &self.data),
            ("--listen", "listen", &self.listen),
            ("--admin-listen", "admin_listen", &self.admin_listen),
            ("--public-url", "public_url", &self.public_url),
            ("--store", "store", &self.store),
        ];
        let named = named
            .into_iter()
            .filter_map(|(flag, name, value)| Some((flag.to_owned(), name.to_owned(), value.clone()?)));
        let install = self.no_install.then(|| ("--no-install".into(), "install".into(), "false".into()));
        let set = self.set.iter().map(|(name, value)| ("--set".to_owned(), name.clone(), value.clone()));
        Flags { file: self.config.clone(), values: named.chain(install).chain(set).collect() }
    }
}

fn assignment(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("it is written NAME=VALUE, such as workers.count=2")?;
    Ok((name.trim().to_owned(), value.to_owned()))
}

/// What the program can do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serve the API (what happens without a command)
    Serve,
    /// Bring the schema up to date and end
    Migrate,
    /// Print the OpenAPI document
    Openapi,
    /// Make administrators of the platform, and help those who lost their second factor
    #[command(subcommand)]
    Admin(Admin),
    /// Look after the list of leaked passwords that nobody may choose
    #[command(subcommand)]
    Passwords(Passwords),
    /// Fill in three organisations with people in every role and an assessment that some took, and print their logins
    #[cfg(feature = "demo")]
    Demo,
    /// Manage the keys access tokens are signed with, and what the key file seals
    #[command(subcommand)]
    Keys(Keys),
    /// Look after what waits to be sent
    #[command(subcommand)]
    Outbox(Outbox),
    /// Look after letters that came back, and pause those of an organisation
    #[command(subcommand)]
    Mail(Mail),
    /// See and decide how much an organisation may ask of people
    #[command(subcommand)]
    Organization(Organization),
    /// See and lift what is locked after failed sign-ins
    #[command(subcommand)]
    Throttle(Throttle),
    /// Try out webhooks on this machine, and stop those to one endpoint
    #[command(subcommand)]
    Webhooks(Webhooks),
    /// Look after the files of documents
    #[command(subcommand)]
    Documents(Documents),
    /// Verify the audit trail, or take it elsewhere
    #[command(subcommand)]
    Audit(Audit),
    /// Write assessments in files: begin, check, put in order and score them, without a server
    #[command(subcommand)]
    Assessment(Assessment),
    /// Write the private PostgreSQL and the files of documents into one file, while it runs or not
    Backup {
        /// The file to write; it must not exist. Keep the key file with it: it is not in the backup.
        file: PathBuf,
    },
    /// Put a backup in the place of everything in the private PostgreSQL, and its files back; nothing may run on it
    Restore {
        /// The file `backup` wrote
        file: PathBuf,
    },
    /// Print all settings in effect, secrets masked, and where each came from
    Config,
}

/// Administrators.
#[derive(Debug, Subcommand)]
pub enum Admin {
    /// Make an administrator: of a new account with a temporary password, or of the one with this address
    Create {
        /// The address
        #[arg(long)]
        email: String,
        /// The person's name
        #[arg(long)]
        name: Option<String>,
        /// Read the temporary password from standard input; one is made and printed once otherwise
        #[arg(long)]
        password_stdin: bool,
    },
    /// Remove the second factor of an account whose owner lost it and all recovery codes: make sure who asks, first
    RemoveFactor {
        /// The address
        #[arg(long)]
        email: String,
    },
}

/// Leaked passwords.
#[derive(Debug, Subcommand)]
pub enum Passwords {
    /// Make the list of these, in the place of the one that is there: servers refuse them from their next start
    Import {
        /// Files with a SHA-1 hash a line, `HASH:COUNT` in any order, as Have I Been Pwned has them
        #[arg(value_name = "FILE", required = true)]
        lists: Vec<PathBuf>,
        /// The files hold the passwords themselves, one a line
        #[arg(long)]
        plain: bool,
    },
}

/// Signing keys, and the key file.
#[derive(Debug, Subcommand)]
pub enum Keys {
    /// Make a new signing key: published by every process within 30 seconds, signing in 5 minutes; the old one
    /// verifies until 15 minutes later
    Rotate,
    /// Seal the keys of webhook endpoints and of documents anew, with the first key of the key file, where another one
    /// sealed them; beside a server or without one, and as often as one likes
    Reseal,
}

/// The outbox.
#[derive(Debug, Subcommand)]
pub enum Outbox {
    /// List what was given up
    List {
        /// List what still waits its turn instead
        #[arg(long)]
        waiting: bool,
    },
    /// Put what was given up back into the queue
    Retry {
        /// Only this one
        #[arg(long)]
        id: Option<Uuid>,
    },
}

/// Letters.
#[derive(Debug, Subcommand)]
pub enum Mail {
    /// Note which letters came back, so that whoever sent them sees it: reads delivery status notifications (RFC 3464)
    Bounce {
        /// The messages as the mail server sent them; standard input without one, or for `-`
        #[arg(value_name = "FILE")]
        files: Vec<PathBuf>,
    },
    /// Let all letters of an organisation wait, invitations and results alike; none is lost
    Pause {
        /// Its id, or its place in addresses
        organization: String,
    },
    /// Let them go again
    Resume {
        /// Its id, or its place in addresses
        organization: String,
    },
}

/// Organisations.
#[derive(Debug, Subcommand)]
pub enum Organization {
    /// Show what was decided of an organisation
    Show {
        /// Its id, or its place in addresses
        organization: String,
    },
    /// Decide how much an organisation may ask, whatever the settings say of others
    Limit {
        /// Its id, or its place in addresses
        organization: String,
        /// People it may ask within 24 hours, or `settings` to follow the settings again
        #[arg(long, value_name = "PEOPLE")]
        asked_per_day: Option<Most>,
        /// Its invitations that may be open, or `settings`
        #[arg(long, value_name = "INVITATIONS")]
        open_invitations: Option<Most>,
    },
}

/// How many; `None` where the settings say so.
#[derive(Debug, Clone, Copy)]
pub struct Most(pub Option<u64>);

impl FromStr for Most {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "settings" {
            return Ok(Self(None));
        }
        let most = text.parse().ok().filter(|most| i64::try_from(*most).is_ok());
        most.map(|most| Self(Some(most))).ok_or("it is a number, 0 or more, or `settings`")
    }
}

/// Locks.
#[derive(Debug, Subcommand)]
pub enum Throttle {
    /// List what is locked: client addresses, accounts, devices, and addresses that were sent many mails
    List,
    /// Forget what was counted under these keys, as `list` shows them
    Lift {
        /// The keys, such as address:192.0.2.7
        #[arg(required = true)]
        keys: Vec<String>,
    },
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn it_is_well_formed() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_flag_is_a_setting() {
        let line = "touchstone serve --data d --listen l --admin-listen a --public-url p --store memory \
                    --no-install --set workers.count=2";
        let cli = Cli::try_parse_from(line.split_whitespace()).unwrap();
        let flags = cli.options.flags();
        assert_eq!(flags.values.len(), 7);
        for (flag, name, _) in flags.values {
            assert!(crate::config::keys::find(&name).is_some(), "{flag} sets {name}");
        }
    }
}
