//! Which layer wins, and what is refused.

use super::*;
use crate::config::{StoreKind, show};

fn environment(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn flags(pairs: &[(&str, &str, &str)]) -> Flags {
    let owned = |(flag, name, value): &(&str, &str, &str)| {
        ((*flag).to_owned(), (*name).to_owned(), (*value).to_owned())
    };
    Flags { file: None, values: pairs.iter().map(owned).collect() }
}

fn with_file(text: &str, mut flags: Flags, variables: &[(&str, &str)]) -> Result<Loaded, Failure> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("t.toml");
    std::fs::write(&file, text).unwrap();
    flags.file = Some(file);
    load(&flags, &environment(variables))
}

fn refused(text: &str, variables: &[(&str, &str)]) -> String {
    let failure = with_file(text, Flags::default(), variables).unwrap_err();
    assert_eq!(failure.exit, Exit::Settings);
    assert!(!failure.message.contains('\n'), "one line: {}", failure.message);
    failure.message
}

#[test]
fn defaults_are_complete() {
    let settings = load(&Flags::default(), &BTreeMap::new()).unwrap().settings;
    assert_eq!(settings.listen.to_string(), "127.0.0.1:8080");
    assert_eq!(settings.store, StoreKind::Postgres);
    assert_eq!(settings.passwords.least_characters, 15);
    assert!(settings.cors_origins.is_empty() && settings.database.url.is_none());
}

#[test]
fn flags_win_over_environment_over_file_over_defaults() {
    let file = "listen = \"127.0.0.1:1\"\n[workers]\ncount = 1\n[database]\nmin_connections = 1";
    let variables = [("TOUCHSTONE_LISTEN", "127.0.0.1:2"), ("TOUCHSTONE_WORKERS__COUNT", "2")];
    let loaded = with_file(file, flags(&[("--listen", "listen", "127.0.0.1:3")]), &variables).unwrap();
    assert_eq!(loaded.settings.listen.port(), 3);
    assert_eq!(loaded.settings.workers.count, 2);
    assert_eq!(loaded.settings.database.min_connections, 1);
    assert_eq!(loaded.settings.database.max_connections, 10);
    let origin = |name| loaded.values[name].1.clone().unwrap_or_default();
    assert_eq!(origin("listen"), "--listen");
    assert_eq!(origin("workers.count"), "TOUCHSTONE_WORKERS__COUNT");
    assert!(origin("database.min_connections").ends_with("t.toml"));
    assert_eq!(origin("database.max_connections"), "");
}

#[test]
fn lists_and_switches_can_be_written_in_variables() {
    let variables = [
        ("TOUCHSTONE_CORS_ORIGINS", "https://a.example, https://b.example"),
        ("TOUCHSTONE_TRUSTED_PROXIES", "10.0.0.0/8"),
        ("TOUCHSTONE_INSTALL", "false"),
        ("TOUCHSTONE_ADMIN_LISTEN", "off"),
        ("TOUCHSTONE_PUBLIC_URL", ""),
    ];
    let settings = load(&Flags::default(), &environment(&variables)).unwrap().settings;
    assert_eq!(settings.cors_origins, ["https://a.example", "https://b.example"]);
    assert!(settings.trusted_proxies[0].contains("10.1.1.1".parse().unwrap()));
    assert!(!settings.install && settings.admin_listen.0.is_none() && settings.public_url.is_none());
}

#[test]
fn unknown_settings_are_refused_by_name() {
    assert!(refused("lisen = \"x\"", &[]).contains("unknown setting `lisen`"));
    let message = refused("[mail]\nhost = \"x\"", &[]);
    assert!(message.contains("unknown setting `mail.host`; is `mail.smtp.host` meant?"), "{message}");
    assert!(refused("", &[("TOUCHSTONE_MAIL__HOST", "x")]).contains("TOUCHSTONE_MAIL__HOST"));
    let unknown = flags(&[("--set", "mail.host", "x")]);
    assert!(load(&unknown, &BTreeMap::new()).unwrap_err().message.starts_with("--set: unknown"));
}

#[test]
fn what_others_put_into_the_environment_is_left_alone() {
    let kubernetes =
        environment(&[("TOUCHSTONE_PORT", "tcp://10.0.0.1:80"), ("TOUCHSTONE_SERVICE_HOST", "x")]);
    assert!(load(&Flags::default(), &kubernetes).is_ok());
}

#[test]
fn a_wrong_value_is_named_with_its_origin() {
    let message = refused("", &[("TOUCHSTONE_WORKERS__COUNT", "many")]);
    assert!(message.contains("TOUCHSTONE_WORKERS__COUNT"), "{message}");
    let message = refused("listen = \"here\"", &[]);
    assert!(message.contains("t.toml"), "{message}");
    assert!(refused("store = \"paper\"", &[]).contains("paper"));
    assert!(refused("[passwords]\nleast_characters = 4", &[]).contains("8 or more"));
    assert!(refused("[quotas]\nletters_per_hour = 0", &[]).contains("1 or more"));
}

#[test]
fn limits_of_sign_ins_have_ranges() {
    for wrong in [
        "accounts = 1",
        "accounts = 1001",
        "window_minutes = 0",
        "window_minutes = 1441",
        "ban_minutes = 0",
        "ban_minutes = 61",
        "longest_ban_minutes = 1441",
        "at_once = 0",
        "at_once = 1001",
    ] {
        let message = refused(&format!("[throttle]\n{wrong}"), &[]);
        let name = wrong.split(' ').next().unwrap();
        assert!(message.contains(&format!("throttle.{name} must be")), "{wrong}: {message}");
    }
}

#[test]
fn errors_show_no_secrets() {
    let message = refused("[mail.smtp]\npassword = \"canary", &[]);
    assert!(message.contains("line 2") && !message.contains("canary"), "{message}");
    let message = refused("[mail.smtp]\npassword = [\"canary\"]", &[]);
    assert!(message.contains("mail.smtp.password") && !message.contains("canary"), "{message}");
}

#[test]
fn shown_settings_hide_secrets() {
    let variables = [
        ("DATABASE_URL", "postgres://app:canary@db.example/touchstone?sslpassword=canary2"),
        ("TOUCHSTONE_MAIL__SMTP__PASSWORD", "canary"),
    ];
    let loaded = load(&Flags::default(), &environment(&variables)).unwrap();
    let shown = show(&loaded);
    assert!(!shown.contains("canary"), "{shown}");
    assert!(shown.contains("db.example") && shown.contains("DATABASE_URL"), "{shown}");
    assert!(!format!("{:?}", loaded.settings).contains("canary"));
}
