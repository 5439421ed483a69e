//! Settings, and the commands that need no database.

use std::fs;

use crate::run::{Place, last_words, stderr};

#[test]
fn config_shows_everything_but_secrets() {
    let place = Place::new();
    let mut command = place.command(&["config"]);
    command.env("DATABASE_URL", "postgres://app:canary@db.example/touchstone");
    command.env("TOUCHSTONE_MAIL__SMTP__PASSWORD", "canary");
    let output = command.output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success());
    assert!(!said.contains("canary"), "{said}");
    for line in [
        "url = \"postgres://app:********@db.example/touchstone\"  # DATABASE_URL",
        "listen = \"127.0.0.1:0\"  # --listen",
        "least_characters = 15  # default",
    ] {
        assert!(said.contains(line), "{line} is missing from\n{said}");
    }
}

#[test]
fn what_config_shows_can_be_read_back() {
    let place = Place::new();
    let shown = place.say(&["config"]);
    fs::write(place.path("touchstone.toml"), &shown).unwrap();
    let again = place.say(&["config"]);
    let values = |text: &str| -> Vec<String> {
        text.lines().filter_map(|line| Some(line.split_once("  # ")?.0.to_owned())).collect()
    };
    assert_eq!(values(&again), values(&shown));
    assert!(again.contains("touchstone.toml"));
}

#[test]
fn an_unknown_setting_is_refused_by_name() {
    let place = Place::new();
    fs::write(place.path("touchstone.toml"), "lisen = \"127.0.0.1:1\"").unwrap();
    let output = place.run(&["serve"]);
    assert_eq!(output.status.code(), Some(3));
    assert!(last_words(&output).contains("`lisen`"), "{}", stderr(&output));
}

#[test]
fn a_named_file_that_is_missing_is_an_error() {
    let place = Place::new();
    let output = place.run(&["config", "--config", "nowhere.toml"]);
    assert_eq!(output.status.code(), Some(3));
    assert!(last_words(&output).contains("nowhere.toml"));
}

#[test]
fn openapi_prints_the_document() {
    let place = Place::new();
    let document: serde_json::Value = serde_json::from_str(&place.say(&["openapi"])).unwrap();
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
}

#[test]
fn help_names_every_command() {
    let place = Place::new();
    let help = place.say(&["--help"]);
    for command in [
        "serve",
        "migrate",
        "openapi",
        "admin",
        "passwords",
        "demo",
        "keys",
        "outbox",
        "throttle",
        "audit",
        "backup",
        "restore",
        "config",
    ] {
        assert!(help.contains(&format!("\n  {command} ")), "{command} is missing from\n{help}");
    }
}
