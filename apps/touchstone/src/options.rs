//! From settings to what the composition root takes: keys, hashing, mail.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use credentials::{Cost, HashingSettings, KeyEncryptionKeys, SortedSha1File, Strength};
use document::ports::{Objects, Scanner};
use extraction::Extractor;
use identity::throttle::AddressLimits;
use kernel::{Allotment, Mailer};
use mail::{FolderMailer, Sender, SmtpLogin, SmtpMailer, SmtpSecurity};
use objects::{FolderObjects, S3Objects, S3Settings};
use platform::{
    DocumentOptions, Options, WorkerOptions,
    workers::{DispatcherSettings, TrailWorkerSettings},
};
use scanning::ClamdScanner;
use system::SystemClock;

use crate::{
    config::{
        DocumentSettings, MailMode, MailSettings, PasswordSettings, Settings, SmtpProtection, StoreKind,
        ThrottleSettings,
    },
    data_folder::DataFolder,
    exit::{Exit, Failure},
    keys,
};

const SMTP_TLS_PORT: u16 = 465;

/// The first argument by which the program is called to read the text of one file.
pub const EXTRACT: &str = "extract";

/// A scanner may take so long for one file.
const SCAN_WITHIN: Duration = Duration::from_secs(60);

/// Everything the services are made of, from the settings.
pub fn options(
    settings: &Settings,
    public_url: &str,
    folder: &DataFolder,
    keys: KeyEncryptionKeys,
) -> Result<Options, Failure> {
    let quotas = settings.quotas;
    let new_for = Duration::from_secs(24 * 3600 * u64::from(quotas.new_days));
    let allotment = |usual, at_first| Allotment { usual, at_first, new_for };
    let identity = identity::Settings {
        public_url: public_url.trim_end_matches('/').to_owned(),
        least_password_characters: settings.passwords.least_characters,
        quotas: identity::Quotas {
            organizations: quotas.organizations,
            api_keys: quotas.api_keys,
            open_invitations: allotment(quotas.open_invitations, quotas.open_invitations_new),
        },
        address_limits: address_limits(settings.throttle),
        letters_per_hour: quotas.letters_per_hour,
        letters_to_address: quotas.letters_to_address,
        ..identity::Settings::default()
    };
    let hashing = hashing(&settings.passwords, &keys)?;
    let strength = strength(&settings.passwords, public_url, folder)?;
    let options = Options {
        identity,
        hashing,
        strength,
        quotas: assessment_engine::Quotas {
            assessments: quotas.assessments,
            campaigns: quotas.campaigns,
            asked_per_day: allotment(quotas.asked_per_day, quotas.asked_per_day_new),
        },
        result_life: Duration::from_secs(24 * 3600 * u64::from(settings.assessments.result_link_days)),
        documents: documents(settings, folder)?,
        keep_notifications: settings.notification.keep_days.get(),
        webhook_quotas: webhook::Quotas { endpoints: quotas.webhook_endpoints },
        outbound: Arc::new(outbound::GuardedClient::new(settings.outbound.allow_private)),
        checkpoint_file: checkpoint_file(settings, folder)?,
        ..Options::new(keys, mailer(&settings.mail, folder)?)
    };
    // The address it happens to listen on is not who it is: another process on the same database has another.
    let issuer = settings.public_url.as_deref().map(|url| url.trim_end_matches('/').to_owned());
    Ok(match issuer {
        Some(issuer) => Options { issuer, ..options },
        None => options,
    })
}

/// Where files are kept, and what looks into them: their text is read by this program, called anew for each.
fn documents(settings: &Settings, folder: &DataFolder) -> Result<DocumentOptions, Failure> {
    let documents = &settings.documents;
    let program = std::env::current_exe().map_err(Failure::fault)?;
    let scanner = documents.scanner.as_deref().map(|address| ClamdScanner::new(address, SCAN_WITHIN));
    let scanner = scanner.transpose().map_err(|error| wrong(format!("documents.scanner: {error}")))?;
    Ok(DocumentOptions {
        objects: objects(settings, folder)?,
        reader: Arc::new(Extractor::new(program, EXTRACT)),
        scanner: scanner.map(|scanner| -> Arc<dyn Scanner> { Arc::new(scanner) }),
        limits: document::SizeLimits { usual: documents.max_bytes, of: documents.category_max_bytes.clone() },
        quotas: document::Quotas { document_bytes: settings.quotas.document_bytes },
        ..DocumentOptions::default()
    })
}

/// The object store: S3 where a bucket is named, else a folder; memory with a store in memory.
pub fn objects(settings: &Settings, folder: &DataFolder) -> Result<Option<Arc<dyn Objects>>, Failure> {
    let DocumentSettings { folder: named, s3, .. } = &settings.documents;
    if let Some(bucket) = &s3.bucket {
        let (Some(access_key_id), Some(secret_access_key)) = (&s3.access_key_id, &s3.secret_access_key)
        else {
            return Err(wrong("documents.s3.bucket needs access_key_id and secret_access_key beside it"));
        };
        let read = |path: &PathBuf| {
            let fault = |error| wrong(format!("documents.s3.root_certificates: {}: {error}", path.display()));
            std::fs::read(path).map_err(fault)
        };
        let opened = S3Objects::new(&S3Settings {
            endpoint: s3.endpoint.clone(),
            region: s3.region.clone(),
            bucket: bucket.clone(),
            access_key_id: access_key_id.clone(),
            secret_access_key: secret_access_key.clone(),
            path_style: s3.path_style,
            root_certificates: s3.root_certificates.as_ref().map(read).transpose()?,
        });
        return Ok(Some(Arc::new(opened.map_err(|error| wrong(format!("documents.s3: {error}")))?)));
    }
    if settings.store == StoreKind::Memory {
        return Ok(None);
    }
    let path = named.clone().unwrap_or_else(|| folder.objects());
    if named.is_none() {
        folder.create()?;
    }
    let opened = FolderObjects::open(&path);
    let fault = |error| Failure::new(Exit::DataUnusable, format!("cannot use {}: {error}", path.display()));
    Ok(Some(Arc::new(opened.map_err(fault)?)))
}

fn address_limits(settings: ThrottleSettings) -> AddressLimits {
    let minutes = |count| Duration::from_secs(60 * count);
    AddressLimits {
        accounts: settings.accounts,
        window: minutes(settings.window_minutes),
        ban: minutes(settings.ban_minutes),
        longest_ban: minutes(settings.longest_ban_minutes),
        at_once: settings.at_once,
    }
}

/// What goes on beside requests.
pub fn worker_options(settings: &Settings) -> WorkerOptions {
    let workers = settings.workers;
    let dispatcher =
        DispatcherSettings { poll: Duration::from_millis(workers.poll_ms), concurrency: workers.count };
    let days = u64::from(settings.audit.strangers_kept_days);
    let strangers_kept = Duration::from_secs(days * 24 * 3600);
    let trail = TrailWorkerSettings { strangers_kept, ..TrailWorkerSettings::default() };
    WorkerOptions { outbox: workers.enabled.then_some(dispatcher), audit: workers.enabled.then_some(trail) }
}

/// Where signed checkpoints are kept; nowhere when the trail itself ends with the process.
pub fn checkpoint_file(settings: &Settings, folder: &DataFolder) -> Result<Option<PathBuf>, Failure> {
    if settings.store == StoreKind::Memory {
        return Ok(None);
    }
    let named = settings.audit.checkpoint_file.as_deref().map(std::path::absolute).transpose();
    let named = named.map_err(|error| wrong(format!("audit.checkpoint_file: {error}")))?;
    Ok(Some(named.unwrap_or_else(|| folder.checkpoints())))
}

fn wrong(message: impl Into<String>) -> Failure {
    Failure::new(Exit::Settings, message)
}

fn hashing(settings: &PasswordSettings, keys: &KeyEncryptionKeys) -> Result<HashingSettings, Failure> {
    let cost = Cost::new(settings.memory_kib, settings.iterations, settings.parallelism);
    let cost = cost.map_err(|error| wrong(format!("passwords: {error}")))?;
    // What the key file peppered before there was a file of peppers is still verified.
    let mut peppers = match &settings.pepper_file {
        Some(path) => keys::read(path)?.peppers(),
        None => Vec::new(),
    };
    peppers.extend(keys.peppers());
    let unset = HashingSettings::default();
    let permits = settings.permits.unwrap_or(unset.permits);
    Ok(HashingSettings { cost, permits, peppers, ..unset })
}

fn strength(settings: &PasswordSettings, public_url: &str, folder: &DataFolder) -> Result<Strength, Failure> {
    let host = public_url.split("://").nth(1).and_then(|rest| rest.split(['/', ':']).next());
    let words: Vec<_> = std::iter::once("touchstone").chain(host).collect();
    let strength = Strength::new(&words);
    let made = Some(folder.breached_passwords()).filter(|made| made.exists());
    let Some(path) = settings.breach_file.clone().or(made) else { return Ok(strength) };
    let list = SortedSha1File::open(&path)
        .map_err(|error| wrong(format!("passwords.breach_file: {}: {error}", path.display())))?;
    Ok(strength.with_breaches(list))
}

/// Where letters go, in words.
pub fn mail_destination(settings: &MailSettings, folder: &DataFolder) -> String {
    match (settings.mode, &settings.smtp.host) {
        (MailMode::Smtp, Some(host)) => format!("sent through {host}"),
        _ => format!("filed in {}", mail_folder(settings, folder).display()),
    }
}

fn mail_folder(settings: &MailSettings, folder: &DataFolder) -> std::path::PathBuf {
    settings.folder.clone().unwrap_or_else(|| folder.mail())
}

fn mailer(settings: &MailSettings, folder: &DataFolder) -> Result<Arc<dyn Mailer>, Failure> {
    let bad = |error: mail::SettingsError| wrong(format!("mail: {error}"));
    let mut sender = Sender::new(&settings.from, Some(&settings.from_name)).map_err(bad)?;
    if let Some(reply_to) = &settings.reply_to {
        sender = sender.with_reply_to(reply_to).map_err(bad)?;
    }
    let clock = Arc::new(SystemClock);
    if settings.mode == MailMode::Folder {
        if settings.folder.is_none() {
            folder.create()?;
        }
        return Ok(Arc::new(FolderMailer::new(mail_folder(settings, folder), sender, clock)));
    }
    let host = settings.smtp.host.as_deref().ok_or_else(|| wrong("mail.mode = smtp needs mail.smtp.host"))?;
    let mut smtp = mail::SmtpSettings::new(host, sender);
    smtp.security = match settings.smtp.security {
        SmtpProtection::StartTls => SmtpSecurity::StartTls,
        SmtpProtection::Tls => SmtpSecurity::ImplicitTls,
        SmtpProtection::None => SmtpSecurity::Plain { even_remote: false },
    };
    if smtp.security == SmtpSecurity::ImplicitTls {
        smtp.port = SMTP_TLS_PORT;
    }
    smtp.port = settings.smtp.port.unwrap_or(smtp.port);
    smtp.login = match (&settings.smtp.username, &settings.smtp.password) {
        (Some(username), Some(password)) => {
            Some(SmtpLogin { username: username.clone(), password: password.clone() })
        }
        (None, None) => None,
        _ => return Err(wrong("mail.smtp.username and mail.smtp.password go together")),
    };
    smtp.root_certificates = settings.smtp.root_certificates.as_deref().map(pem).transpose()?;
    Ok(Arc::new(SmtpMailer::new(smtp, clock).map_err(bad)?))
}

fn pem(path: &Path) -> Result<String, Failure> {
    std::fs::read_to_string(path)
        .map_err(|error| wrong(format!("mail.smtp.root_certificates: {}: {error}", path.display())))
}

/// Where links in mails lead: as set, else to the address the API is served on.
pub fn public_url(settings: &Settings, listens: std::net::SocketAddr) -> String {
    let shown = if listens.ip().is_unspecified() {
        std::net::SocketAddr::new(std::net::Ipv4Addr::LOCALHOST.into(), listens.port())
    } else {
        listens
    };
    settings.public_url.clone().unwrap_or_else(|| format!("http://{shown}"))
}
