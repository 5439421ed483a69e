//! The typed settings.

use std::{net::SocketAddr, num::NonZeroU32, path::PathBuf};

use kernel::{Named as _, Secret, document::DocumentCategory};
use serde::{Deserialize, Deserializer, de};

use http_shell::proxies::Network;

/// All settings; [`crate::config::keys::KEYS`] says what each is for.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "`keys::KEYS` documents each")]
pub struct Settings {
    pub listen: SocketAddr,
    pub admin_listen: Listen,
    pub public_url: Option<String>,
    pub data: Option<PathBuf>,
    pub store: StoreKind,
    pub install: bool,
    pub postgres_bin: Option<PathBuf>,
    pub key_file: Option<PathBuf>,
    pub database: DatabaseSettings,
    pub mail: MailSettings,
    pub passwords: PasswordSettings,
    pub limits: LimitSettings,
    pub quotas: QuotaSettings,
    pub outbound: OutboundSettings,
    pub throttle: ThrottleSettings,
    pub assessments: AssessmentSettings,
    pub documents: DocumentSettings,
    pub notification: NotificationSettings,
    #[serde(default)]
    pub cors_origins: Vec<String>,
    #[serde(default, deserialize_with = "networks")]
    pub trusted_proxies: Vec<Network>,
    pub log: LogSettings,
    pub workers: WorkerSettings,
    pub audit: AuditSettings,
    #[serde(default)]
    pub http: HttpSettings,
}

/// The database.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "`keys::KEYS` documents each")]
pub struct DatabaseSettings {
    pub url: Option<Secret>,
    pub migration_url: Option<Secret>,
    pub max_connections: u32,
    pub min_connections: u32,
    pub listen: Hearing,
}

/// Where a process listens for the commits of others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Hearing {
    /// At the database's own address.
    Same,
    /// Nowhere: workers look for what is due.
    Off,
    /// At another address, which leads past a pooler.
    At(Secret),
}

impl<'de> Deserialize<'de> for Hearing {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Ok(match text.as_str() {
            "true" => Self::Same,
            "false" => Self::Off,
            _ if text.contains("://") => Self::At(Secret::new(text)),
            _ => return Err(de::Error::custom("database.listen is true, false, or a postgres:// address")),
        })
    }
}

/// Letters.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "`keys::KEYS` documents each")]
pub struct MailSettings {
    pub mode: MailMode,
    pub folder: Option<PathBuf>,
    pub from: String,
    pub from_name: String,
    pub reply_to: Option<String>,
    pub smtp: SmtpSettings,
}

/// The mail server.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "`keys::KEYS` documents each")]
pub struct SmtpSettings {
    pub host: Option<String>,
    pub port: Option<u16>,
    pub security: SmtpProtection,
    pub username: Option<String>,
    pub password: Option<Secret>,
    pub root_certificates: Option<PathBuf>,
}

/// Passwords.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "`keys::KEYS` documents each")]
pub struct PasswordSettings {
    pub least_characters: usize,
    pub memory_kib: u32,
    pub iterations: u32,
    pub parallelism: u32,
    pub permits: Option<usize>,
    pub breach_file: Option<PathBuf>,
    pub pepper_file: Option<PathBuf>,
}

/// How often requests may come.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "`keys::KEYS` documents each")]
pub struct LimitSettings {
    pub rate_limits: bool,
    pub anonymous_per_minute: u32,
    pub account_per_minute: u32,
}

/// How much one owner may have.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QuotaSettings {
    pub organizations: u64,
    pub api_keys: u64,
    pub new_days: u32,
    pub open_invitations: u64,
    pub open_invitations_new: u64,
    pub assessments: u64,
    pub campaigns: u64,
    pub asked_per_day: u64,
    pub asked_per_day_new: u64,
    pub letters_per_hour: u32,
    pub letters_to_address: u32,
    pub webhook_endpoints: u64,
    pub document_bytes: u64,
}

/// Assessments.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AssessmentSettings {
    pub result_link_days: u32,
}

/// Documents.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "`keys::KEYS` documents each")]
pub struct DocumentSettings {
    pub max_bytes: u64,
    #[serde(default, deserialize_with = "category_limits")]
    pub category_max_bytes: Vec<(DocumentCategory, u64)>,
    pub folder: Option<PathBuf>,
    pub scanner: Option<String>,
    pub s3: ObjectStoreSettings,
}

/// An object store that speaks S3.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "`keys::KEYS` documents each")]
pub struct ObjectStoreSettings {
    pub bucket: Option<String>,
    pub endpoint: Option<String>,
    pub region: String,
    pub access_key_id: Option<String>,
    pub secret_access_key: Option<Secret>,
    pub path_style: bool,
    pub root_certificates: Option<PathBuf>,
}

/// Requests to URLs that users give.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OutboundSettings {
    pub allow_private: bool,
}

/// Notifications.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NotificationSettings {
    pub keep_days: NonZeroU32,
}

/// What one client address may do to sign in.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "`keys::KEYS` documents each")]
pub struct ThrottleSettings {
    pub accounts: usize,
    pub window_minutes: u64,
    pub ban_minutes: u64,
    pub longest_ban_minutes: u64,
    pub at_once: usize,
}

/// Logs.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "`keys::KEYS` documents each")]
pub struct LogSettings {
    pub format: LogFormat,
    pub filter: String,
    pub client_addresses: bool,
}

/// Background work.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "`keys::KEYS` documents each")]
pub struct WorkerSettings {
    pub enabled: bool,
    pub count: usize,
    pub poll_ms: u64,
}

/// The audit trail.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "`keys::KEYS` documents each")]
pub struct AuditSettings {
    pub checkpoint_file: Option<PathBuf>,
    pub strangers_kept_days: u32,
}

/// The HTTP server.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "`keys::KEYS` documents each")]
pub struct HttpSettings {
    pub workers: Option<usize>,
}

/// Where everything is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names say it")]
pub enum StoreKind {
    Postgres,
    Memory,
}

/// What becomes of letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names say it")]
pub enum MailMode {
    Folder,
    Smtp,
}

/// How the way to the mail server is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the names say it")]
pub enum SmtpProtection {
    StartTls,
    Tls,
    None,
}

/// How logs are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names say it")]
pub enum LogFormat {
    Auto,
    Pretty,
    Json,
}

/// An address to listen on, or `off`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Listen(pub Option<SocketAddr>);

impl<'de> Deserialize<'de> for Listen {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        if text == "off" {
            return Ok(Self(None));
        }
        text.parse().map(|address| Self(Some(address))).map_err(|_| {
            de::Error::custom(format!("`{text}` is not an address such as 127.0.0.1:9090, nor off"))
        })
    }
}

/// Limits as they are listed: `portfolio=52428800`.
fn category_limits<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Vec<(DocumentCategory, u64)>, D::Error> {
    let texts = Vec::<String>::deserialize(deserializer)?;
    let limit = |text: &String| {
        let (category, most) = text.split_once('=')?;
        Some((DocumentCategory::from_name(category.trim())?, most.trim().parse().ok()?))
    };
    let read = |text| {
        limit(text).ok_or_else(|| {
            let names = DocumentCategory::ALL.map(DocumentCategory::name).join(", ");
            de::Error::custom(format!(
                "`{text}` is no limit such as portfolio=52428800; categories are {names}"
            ))
        })
    };
    texts.iter().map(read).collect()
}

fn networks<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Network>, D::Error> {
    let texts = Vec::<String>::deserialize(deserializer)?;
    texts.iter().map(|text| text.parse().map_err(de::Error::custom)).collect()
}
