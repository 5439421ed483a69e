//! The list of all settings.

/// One setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Key {
    /// Its name in the file, sections with dots.
    pub name: &'static str,
    /// Its value unless told; `None` when there is none, or when it follows from others.
    pub default: Option<&'static str>,
    /// What it is for; a default that follows from others is told here.
    pub about: &'static str,
    /// How its value is written.
    pub form: Form,
}

/// How a value is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// As it is.
    Plain,
    /// Never shown.
    Secret,
    /// An address that may hold a password, which is never shown.
    SecretUrl,
    /// A list; with commas in the environment and in flags.
    List,
}

impl Key {
    /// Its variable: `mail.smtp.host` is `TOUCHSTONE_MAIL__SMTP__HOST`.
    pub fn variable(&self) -> String {
        match self.name {
            "database.url" => "DATABASE_URL".to_owned(),
            "database.migration_url" => "TOUCHSTONE_MIGRATION_URL".to_owned(),
            name => format!("{PREFIX}{}", name.replace('.', "__").to_ascii_uppercase()),
        }
    }
}

/// What our variables begin with.
pub const PREFIX: &str = "TOUCHSTONE_";

/// The setting of that name.
pub fn find(name: &str) -> Option<&'static Key> {
    KEYS.iter().find(|key| key.name == name)
}

const fn key(name: &'static str, default: &'static str, about: &'static str) -> Key {
    Key { name, default: Some(default), about, form: Form::Plain }
}

const fn open(name: &'static str, about: &'static str) -> Key {
    Key { name, default: None, about, form: Form::Plain }
}

const fn formed(form: Form, name: &'static str, about: &'static str) -> Key {
    Key { name, default: None, about, form }
}

/// An address that may hold a password, or a word in place of one.
const fn url_or(name: &'static str, default: &'static str, about: &'static str) -> Key {
    Key { name, default: Some(default), about, form: Form::SecretUrl }
}

/// All of them, in the order they are shown.
pub const KEYS: &[Key] = &[
    key("listen", "127.0.0.1:8080", "address of the API"),
    key("admin_listen", "127.0.0.1:9090", "address of the metrics, or off"),
    open("public_url", "where links in mails lead; http:// and the address of the API unless told"),
    open("data", "data folder; /var/lib/touchstone for root, else ~/.local/share/touchstone"),
    key("store", "postgres", "postgres, or memory to keep nothing"),
    key("install", "true", "whether PostgreSQL may be installed when there is none"),
    open("postgres_bin", "folder of PostgreSQL's programs; found unless told"),
    open("key_file", "file of the key-encryption keys; <data>/keys unless told"),
    formed(Form::List, "cors_origins", "web origins that may call the API"),
    formed(Form::List, "trusted_proxies", "proxies whose word on client addresses counts, as 10.0.0.0/8"),
    formed(Form::SecretUrl, "database.url", "a PostgreSQL of one's own, as the role touchstone_app"),
    formed(Form::SecretUrl, "database.migration_url", "the same, as its owner touchstone_owner, to migrate"),
    key("database.max_connections", "10", "most connections of one process"),
    key("database.min_connections", "2", "connections kept open"),
    url_or("database.listen", "true", "hear of work at once: true, false, or an address of its own for it"),
    key("mail.mode", "folder", "folder to file letters, smtp to send them"),
    open("mail.folder", "where letters are filed; <data>/mail unless told"),
    key("mail.from", "touchstone@localhost", "address letters come from"),
    key("mail.from_name", "Touchstone", "name letters come from"),
    open("mail.reply_to", "address answers go to"),
    open("mail.smtp.host", "mail server"),
    open("mail.smtp.port", "its port; 587, or 465 with tls"),
    key("mail.smtp.security", "starttls", "starttls, tls, or none for a server on this machine"),
    open("mail.smtp.username", "user at the mail server"),
    formed(Form::Secret, "mail.smtp.password", "password at the mail server"),
    open("mail.smtp.root_certificates", "PEM file of further certificates to trust"),
    key("passwords.least_characters", "15", "least length of a new password, 8 or more"),
    key("passwords.memory_kib", "47104", "memory of one hash"),
    key("passwords.iterations", "1", "passes of one hash"),
    key("passwords.parallelism", "1", "lanes of one hash"),
    open("passwords.permits", "hashes computed at one time; one core is left free unless told"),
    open(
        "passwords.breach_file",
        "leaked passwords, as `passwords import` makes them; <data>/breached-passwords.txt",
    ),
    open("passwords.pepper_file", "peppers of passwords; derived from the key file unless told"),
    key("limits.rate_limits", "true", "whether requests are limited at all"),
    key("limits.anonymous_per_minute", "60", "requests of one address that prove nobody"),
    key("limits.account_per_minute", "600", "requests of one account, API key or guest"),
    key("throttle.accounts", "15", "accounts whose sign-in failed that ban an address"),
    key("throttle.window_minutes", "10", "for how long a failed sign-in weighs on its address"),
    key("throttle.ban_minutes", "5", "length of an address's first ban; each doubles the one before"),
    key("throttle.longest_ban_minutes", "60", "length of its longest ban"),
    key("throttle.at_once", "30", "sign-ins of one address that are looked at at a time"),
    key("quotas.organizations", "50", "organisations that an account owns"),
    key("quotas.api_keys", "100", "API keys of an organisation that work"),
    key("quotas.new_days", "7", "for how long after its founding an organisation is new"),
    key("quotas.open_invitations", "1000", "open invitations of an organisation"),
    key("quotas.open_invitations_new", "100", "the same while it is new"),
    key("quotas.assessments", "1000", "assessments of an organisation that are not archived"),
    key("quotas.campaigns", "1000", "campaigns of an organisation that are not closed"),
    key("quotas.asked_per_day", "20000", "people whom an organisation asks in 24 hours"),
    key("quotas.asked_per_day_new", "500", "the same while it is new"),
    key("quotas.letters_per_hour", "1", "letters by which an organisation asks one address in an hour"),
    key("quotas.letters_to_address", "10", "letters by which all organisations ask one address in an hour"),
    key("quotas.webhook_endpoints", "50", "webhook endpoints of an organisation"),
    key("quotas.document_bytes", "10737418240", "bytes of documents of an organisation"),
    key("documents.max_bytes", "10485760", "most bytes of a document"),
    formed(Form::List, "documents.category_max_bytes", "the same for categories, as portfolio=52428800"),
    open("documents.folder", "where files of documents are kept; <data>/objects unless told"),
    open(
        "documents.scanner",
        "clamd that scans files, as tcp://127.0.0.1:3310 or unix:/run/clamav/clamd.ctl",
    ),
    open("documents.s3.bucket", "bucket of an S3 store that keeps files in place of the folder"),
    open("documents.s3.endpoint", "address of the store; that of Amazon in the region unless told"),
    key("documents.s3.region", "us-east-1", "its region"),
    open("documents.s3.access_key_id", "key id at the store"),
    formed(Form::Secret, "documents.s3.secret_access_key", "secret key at the store"),
    key("documents.s3.path_style", "false", "whether the bucket stands in the path instead of the host"),
    open("documents.s3.root_certificates", "PEM file of further certificates to trust"),
    key(
        "outbound.allow_private",
        "false",
        "whether URLs that users give may lead to http and to private addresses; for development alone",
    ),
    key(
        "assessments.result_link_days",
        "90",
        "for how long after its release a guest's link shows the result",
    ),
    key(
        "notification.keep_days",
        "180",
        "for how long read notifications are kept; unread ones twice as long",
    ),
    key("log.format", "auto", "auto, pretty or json"),
    key(
        "log.filter",
        "info,sea_orm=warn,sea_orm_migration=warn,sqlx=warn,tokio_postgres=warn,actix_server=warn",
        "what is logged",
    ),
    key("log.client_addresses", "false", "whether the log names the address a request came from"),
    key("workers.enabled", "true", "whether this process works off the outbox"),
    key("workers.count", "8", "deliveries worked on at one time"),
    key("workers.poll_ms", "250", "pause between looks into the outbox, in milliseconds"),
    open("audit.checkpoint_file", "file of signed checkpoints; <data>/audit/checkpoints unless told"),
    key("audit.strangers_kept_days", "90", "days for which addresses of strangers can be read"),
    open("http.workers", "threads that serve requests; as many as there are cores unless told"),
];
