//! Puts the layers on top of one another and remembers where each value came from.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use config::{Config, ConfigError, File, FileFormat, Map, Source, Value, ValueKind};

use crate::{
    config::{
        Settings,
        keys::{self, Form, KEYS, Key},
    },
    exit::{Exit, Failure},
};

const USUAL_FILE: &str = "touchstone.toml";
const FILE_VARIABLE: &str = "TOUCHSTONE_CONFIG";
/// What begins like a setting with sections but is not one of them is a typing error. (Without sections it may be
/// somebody else's: an orchestrator names the services around us in such variables.)
const SECTION: &str = "__";

/// What the command line says about settings.
#[derive(Debug, Clone, Default)]
pub struct Flags {
    /// The file named by `--config`.
    pub file: Option<PathBuf>,
    /// The flag, the setting, the value.
    pub values: Vec<(String, String, String)>,
}

/// The settings, and where each that is not a default came from.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// The settings.
    pub settings: Settings,
    /// By name: the value as text, and its origin.
    pub(super) values: Values,
}

type Values = BTreeMap<&'static str, (String, Option<String>)>;

/// Reads all layers. `environment` holds the variables of the process.
pub fn load(flags: &Flags, environment: &BTreeMap<String, String>) -> Result<Loaded, Failure> {
    let mut builder = Config::builder().add_source(Layer::defaults());
    if let Some((path, origin)) = file(flags, environment)? {
        let text = std::fs::read_to_string(&path)
            .map_err(|error| wrong(format!("cannot read {}: {error} ({origin})", path.display())))?;
        let parsed = Config::builder().add_source(File::from_str(&text, FileFormat::Toml)).build();
        let parsed = parsed.map_err(|error| wrong(format!("{}: {}", path.display(), syntax(&error))))?;
        builder = builder.add_source(Layer::file(&path, parsed.cache)?);
    }
    let merged = builder
        .add_source(Layer::environment(environment)?)
        .add_source(Layer::flags(flags)?)
        .build()
        .map_err(|error| wrong(error.to_string()))?;
    let values = values(&merged);
    let settings: Settings = merged.try_deserialize().map_err(|error| wrong(mistyped(&error, &values)))?;
    check(&settings)?;
    Ok(Loaded { settings, values })
}

fn wrong(message: impl Into<String>) -> Failure {
    Failure::new(Exit::Settings, message)
}

fn file(
    flags: &Flags,
    environment: &BTreeMap<String, String>,
) -> Result<Option<(PathBuf, &'static str)>, Failure> {
    if let Some(path) = &flags.file {
        return Ok(Some((path.clone(), "named by --config")));
    }
    if let Some(path) = environment.get(FILE_VARIABLE).filter(|path| !path.is_empty()) {
        return Ok(Some((path.into(), "named by TOUCHSTONE_CONFIG")));
    }
    match Path::new(USUAL_FILE).try_exists() {
        Ok(exists) => Ok(exists.then(|| (USUAL_FILE.into(), "in the working directory"))),
        Err(error) => Err(wrong(format!("cannot look for {USUAL_FILE}: {error}"))),
    }
}

/// A layer: values by name, each with its origin.
#[derive(Debug, Clone, Default)]
struct Layer(Vec<(&'static Key, Value)>);

impl Layer {
    fn defaults() -> Self {
        Self(KEYS.iter().filter_map(|key| Some((key, value(None, key, key.default?)))).collect())
    }

    fn file(path: &Path, root: Value) -> Result<Self, Failure> {
        let mut found = Vec::new();
        let origin = path.display().to_string();
        flatten("", root, &mut found);
        let known = |(name, value): (String, Value)| {
            let key = keys::find(&name).ok_or_else(|| wrong(format!("{origin}: {}", unknown(&name))))?;
            Ok((key, Value::new(Some(&origin), value.kind)))
        };
        found.into_iter().map(known).collect::<Result<_, _>>().map(Self)
    }

    fn environment(environment: &BTreeMap<String, String>) -> Result<Self, Failure> {
        let mut layer = Self::default();
        if let Some(filter) = environment.get("RUST_LOG").filter(|filter| !filter.is_empty()) {
            layer.0.extend(keys::find("log.filter").map(|key| (key, value(Some("RUST_LOG"), key, filter))));
        }
        for key in KEYS {
            let name = key.variable();
            // An empty variable is how compose files and unit files say "not set".
            if let Some(text) = environment.get(&name).filter(|text| !text.is_empty()) {
                layer.0.push((key, value(Some(&name), key, text)));
            }
        }
        let known = |name: &str| KEYS.iter().any(|key| key.variable() == name);
        let typo = |name: &&String| {
            name.strip_prefix(keys::PREFIX).is_some_and(|rest| rest.contains(SECTION)) && !known(name)
        };
        match environment.keys().find(typo) {
            Some(name) => {
                Err(wrong(format!("{name} is not a variable of Touchstone; see `touchstone config`")))
            }
            None => Ok(layer),
        }
    }

    fn flags(flags: &Flags) -> Result<Self, Failure> {
        let known = |(flag, name, text): &(String, String, String)| {
            let key = keys::find(name).ok_or_else(|| wrong(format!("{flag}: {}", unknown(name))))?;
            Ok((key, value(Some(flag), key, text)))
        };
        flags.values.iter().map(known).collect::<Result<_, _>>().map(Self)
    }
}

impl Source for Layer {
    fn clone_into_box(&self) -> Box<dyn Source + Send + Sync> {
        Box::new(self.clone())
    }

    fn collect(&self) -> Result<Map<String, Value>, ConfigError> {
        Ok(self.0.iter().map(|(key, value)| (key.name.to_owned(), value.clone())).collect())
    }
}

fn value(origin: Option<&str>, key: &Key, text: &str) -> Value {
    let origin = origin.map(str::to_owned);
    let kind = match key.form {
        Form::List => {
            let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
            let item = |item: &str| Value::new(origin.as_ref(), ValueKind::String(item.to_owned()));
            ValueKind::Array(items.map(item).collect())
        }
        Form::Plain | Form::Secret | Form::SecretUrl => ValueKind::String(text.to_owned()),
    };
    Value::new(origin.as_ref(), kind)
}

fn flatten(prefix: &str, value: Value, found: &mut Vec<(String, Value)>) {
    match value.kind {
        ValueKind::Table(table) if keys::find(prefix).is_none() => {
            for (name, value) in table {
                let name = if prefix.is_empty() { name } else { format!("{prefix}.{name}") };
                flatten(&name, value, found);
            }
        }
        _ if prefix.is_empty() => {}
        _ => found.push((prefix.to_owned(), value)),
    }
}

fn unknown(name: &str) -> String {
    let last = |name: &str| name.rsplit('.').next().unwrap_or_default().to_owned();
    let near = KEYS.iter().map(|key| key.name).find(|known| last(known) == last(name));
    let hint = near.map_or_else(String::new, |near| format!("; is `{near}` meant?"));
    format!("unknown setting `{name}`{hint}")
}

fn values(merged: &Config) -> Values {
    let text = |value: &Value| match &value.kind {
        ValueKind::Array(items) => items.iter().map(ToString::to_string).collect::<Vec<_>>().join(","),
        kind => kind.to_string(),
    };
    // Not by `Config::get`, which loses the origin.
    let found = |key: &'static Key| {
        let value = key.name.split('.').try_fold(&merged.cache, |value, name| match &value.kind {
            ValueKind::Table(table) => table.get(name),
            _ => None,
        })?;
        Some((key.name, (text(value), value.origin().map(str::to_owned))))
    };
    KEYS.iter().filter_map(found).collect()
}

/// The first line says where, the last what; between them stands the line itself, which may hold a secret.
fn syntax(error: &ConfigError) -> String {
    let text = match error {
        ConfigError::FileParse { cause, .. } => cause.to_string(),
        other => other.to_string(),
    };
    let lines: Vec<_> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    match lines.as_slice() {
        [] => "is not TOML".to_owned(),
        [only] => (*only).to_owned(),
        [first, .., last] => format!("{first}: {last}"),
    }
}

/// The message with where the value came from, but without the value when it is secret.
fn mistyped(error: &ConfigError, values: &Values) -> String {
    let text = error.to_string().replace('\n', " ");
    let Some(key) = KEYS.iter().find(|key| text.contains(&format!("`{}`", key.name))) else { return text };
    let text = match key.form {
        Form::Plain | Form::List => text,
        Form::Secret | Form::SecretUrl => format!("{} must be a text", key.name),
    };
    let origin = values.get(key.name).and_then(|(_, origin)| origin.as_deref());
    match origin.filter(|origin| !text.contains(origin)) {
        Some(origin) => format!("{text} in {origin}"),
        None => text,
    }
}

/// What no single type can check.
fn check(settings: &Settings) -> Result<(), Failure> {
    let database = &settings.database;
    if database.max_connections < 2 || database.min_connections > database.max_connections {
        return Err(wrong("database.max_connections must be 2 or more, and not less than min_connections"));
    }
    if settings.passwords.least_characters < 8 {
        return Err(wrong("passwords.least_characters must be 8 or more"));
    }
    if settings.passwords.permits == Some(0) {
        return Err(wrong("passwords.permits must be 1 or more"));
    }
    if settings.workers.count == 0 || settings.workers.poll_ms == 0 || settings.http.workers == Some(0) {
        return Err(wrong("workers.count, workers.poll_ms and http.workers must be 1 or more"));
    }
    if !(1..=36_500).contains(&settings.audit.strangers_kept_days) {
        return Err(wrong("audit.strangers_kept_days must be from 1 to 36500"));
    }
    let limits = settings.limits;
    if limits.anonymous_per_minute == 0 || limits.account_per_minute == 0 {
        return Err(wrong("limits must be 1 or more; limits.rate_limits = false lifts them"));
    }
    if settings.quotas.letters_per_hour == 0 || settings.quotas.letters_to_address == 0 {
        return Err(wrong("quotas.letters_per_hour and quotas.letters_to_address must be 1 or more"));
    }
    let throttle = settings.throttle;
    if throttle.ban_minutes > throttle.longest_ban_minutes {
        return Err(wrong("throttle.ban_minutes must be throttle.longest_ban_minutes or less"));
    }
    for (name, value, range) in [
        ("accounts", throttle.accounts as u64, 2..=1000),
        ("window_minutes", throttle.window_minutes, 1..=1440),
        ("ban_minutes", throttle.ban_minutes, 1..=1440),
        ("longest_ban_minutes", throttle.longest_ban_minutes, 1..=1440),
        ("at_once", throttle.at_once as u64, 1..=1000),
    ] {
        if !range.contains(&value) {
            let (least, most) = (range.start(), range.end());
            return Err(wrong(format!("throttle.{name} must be from {least} to {most}")));
        }
    }
    let web = |url: &str| url.starts_with("http://") || url.starts_with("https://");
    if let Some(url) = &settings.public_url
        && !web(url)
    {
        return Err(wrong(format!("public_url: `{url}` does not begin with http:// or https://")));
    }
    if let Some(origin) = settings.cors_origins.iter().find(|origin| !web(origin)) {
        return Err(wrong(format!("cors_origins: `{origin}` does not begin with http:// or https://")));
    }
    Ok(())
}

#[cfg(test)]
mod tests;
