//! Prints the effective configuration: every setting, its value, and where it came from.

use std::fmt::Write as _;

use crate::config::{
    Loaded,
    keys::{Form, KEYS, Key},
};

/// All settings as TOML that can be pasted into a file, secrets masked.
pub fn show(loaded: &Loaded) -> String {
    let mut text = String::new();
    let mut section = "";
    for key in KEYS {
        let (of, name) = key.name.rsplit_once('.').unwrap_or(("", key.name));
        if of != section {
            section = of;
            let _ = write!(text, "\n[{of}]\n");
        }
        let line = match loaded.values.get(key.name) {
            Some((value, origin)) => {
                let origin = origin.as_deref().unwrap_or("default");
                format!("{name} = {}  # {origin}", written(key, value))
            }
            None => format!("# {name}: {}", key.about),
        };
        text.push_str(&line);
        text.push('\n');
    }
    text
}

fn written(key: &Key, value: &str) -> String {
    match key.form {
        Form::Secret => "\"********\"".to_owned(),
        Form::SecretUrl if value.parse::<bool>().is_ok() => value.to_owned(),
        Form::SecretUrl => format!("{:?}", masked(value)),
        Form::List => format!("{:?}", value.split(',').filter(|item| !item.is_empty()).collect::<Vec<_>>()),
        Form::Plain if value.parse::<i64>().is_ok() || value.parse::<bool>().is_ok() => value.to_owned(),
        Form::Plain => format!("{value:?}"),
    }
}

/// An address of a database without its secrets: only scheme, user, host, port and database; what else it says may
/// be secret.
pub fn masked(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return "********".to_owned() };
    let plain = rest.split(['?', '#']).next().unwrap_or_default();
    if rest.contains('@') && !plain.contains('@') {
        return "********".to_owned();
    }
    // A password may hold an @, a host may not.
    let (login, place) = plain.rsplit_once('@').map_or((None, plain), |(login, place)| (Some(login), place));
    let login = login.map(|login| match login.split_once(':') {
        Some((user, _)) => format!("{user}:********@"),
        None => format!("{login}@"),
    });
    let more = if plain.len() < rest.len() { "?..." } else { "" };
    format!("{scheme}://{}{place}{more}", login.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_names_the_database_is_shown() {
        assert_eq!(masked("postgres://app:p@ss:w@db:5432/t"), "postgres://app:********@db:5432/t");
        assert_eq!(masked("postgres://app@db/t?password=x"), "postgres://app@db/t?...");
        assert_eq!(masked("host=db password=x"), "********");
        // Not a well-formed address, but what people paste; the rest may be a password.
        assert_eq!(masked("postgres://app:pa/ss@db/t"), "postgres://app:********@db/t");
        assert_eq!(masked("postgres://app:pa?ss@db/t"), "********");
    }
}
