//! How the program ends: one line on standard error, and an exit code scripts can tell apart.
//!
//! | code | means | what helps |
//! |---|---|---|
//! | 0 | done, or stopped as asked | |
//! | 1 | a defect, or something nobody expected | the log; please report it |
//! | 1 | `audit verify`: the trail, or what vouches for it, was altered | `docs/audit.md`, "What was found" |
//! | 1 | `assessment`: a file or a reply does not keep the rules, or a file is not in order | what was printed says where |
//! | 1 | `documents verify`: a file is not what its document says | what was printed says which |
//! | 2 | the command line is wrong | `touchstone --help` |
//! | 2 | `audit verify`: it could not be told whether the trail was altered, not even by a defect | the line says why |
//! | 2 | `assessment`: a file cannot be read or written | the line says why |
//! | 3 | a setting is wrong | the line names the setting and where it came from |
//! | 4 | there is no PostgreSQL and none may be installed | the line names the command to run |
//! | 5 | PostgreSQL did not start, or died | its log, in `<data>/postgres/postgres.log` |
//! | 6 | the data folder is in use by another process | stop that one, or name another folder |
//! | 7 | the data folder cannot be used | its owner, its permissions, the space left |
//! | 8 | an address cannot be listened on | `--listen` or `--admin-listen` with another port |
//! | 9 | the database cannot be reached | `DATABASE_URL`, the network, the server |
//! | 10 | the schema is newer than this program | a newer program |
//! | 11 | the schema is older than this program | `touchstone migrate` |
//! | 12 | the role may bypass what protects tenants | connect as `touchstone_app` |
//! | 13 | the key file is missing, or not the right one | `TOUCHSTONE_KEY_FILE` |
//! | 14 | what was asked for is refused | the line says why |
//! | 130 | ended at once by a second signal | |

use std::fmt;

use embedded_postgres::Error as PostgresError;

/// The kinds of failure, each a line of the table above.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the table above says what each is")]
pub enum Exit {
    Fault,
    TrailAltered,
    TrailUnproven,
    AssessmentFaulty,
    DocumentsFaulty,
    FileUnusable,
    Settings,
    PostgresMissing,
    PostgresFailed,
    DataInUse,
    DataUnusable,
    AddressUnusable,
    DatabaseUnreachable,
    SchemaNewer,
    SchemaOlder,
    PrivilegedRole,
    Keys,
    Refused,
    Interrupted,
}

impl Exit {
    /// The code the program ends with.
    pub const fn code(self) -> u8 {
        match self {
            Self::Fault | Self::TrailAltered | Self::AssessmentFaulty | Self::DocumentsFaulty => 1,
            Self::TrailUnproven | Self::FileUnusable => 2,
            Self::Settings => 3,
            Self::PostgresMissing => 4,
            Self::PostgresFailed => 5,
            Self::DataInUse => 6,
            Self::DataUnusable => 7,
            Self::AddressUnusable => 8,
            Self::DatabaseUnreachable => 9,
            Self::SchemaNewer => 10,
            Self::SchemaOlder => 11,
            Self::PrivilegedRole => 12,
            Self::Keys => 13,
            Self::Refused => 14,
            Self::Interrupted => 130,
        }
    }
}

/// Why the program ends: the kind, and one line for a person. It never holds secrets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The kind.
    pub exit: Exit,
    /// The line.
    pub message: String,
}

impl Failure {
    /// A failure of that kind.
    pub fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self { exit, message: message.into() }
    }

    /// For `map_err`: something nobody expected.
    pub fn fault(error: impl fmt::Display) -> Self {
        Self::new(Exit::Fault, error.to_string())
    }

    /// The exit code.
    pub const fn code(&self) -> u8 {
        self.exit.code()
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Failure {}

impl From<platform::Error> for Failure {
    fn from(error: platform::Error) -> Self {
        let exit = match &error {
            platform::Error::Hashing(_) => Exit::Settings,
            platform::Error::SigningKeys(_) => Exit::Keys,
            _ => Exit::Fault,
        };
        Self::new(exit, error.to_string())
    }
}

impl From<PostgresError> for Failure {
    fn from(error: PostgresError) -> Self {
        use PostgresError as E;
        let exit = match &error {
            E::NotFound { .. }
            | E::WouldNeedInstall { .. }
            | E::InstallFailed { .. }
            | E::TooOld { .. }
            | E::BadInstallation { .. }
            | E::NoAccount => Exit::PostgresMissing,
            E::Locked { .. } | E::AlreadyRunning { .. } => Exit::DataInUse,
            E::WrongOwner { .. }
            | E::Unreachable { .. }
            | E::Unwritable { .. }
            | E::NotACluster { .. }
            | E::WrongVersion { .. }
            | E::UnsafeSocketDirectory { .. } => Exit::DataUnusable,
            E::InitFailed { .. }
            | E::StartFailed { .. }
            | E::StartTimeout { .. }
            | E::StopFailed { .. }
            | E::Run { .. }
            | E::Sql { .. } => Exit::PostgresFailed,
            E::DumpFailed { .. } | E::RestoreFailed { .. } => Exit::Refused,
        };
        Self::new(exit, error.to_string())
    }
}
