//! Passwords in a file of libpq: lines of `host:port:database:user:password`, where `*` stands for anything and `\`
//! keeps a colon (PostgreSQL documentation, "The Password File").

use std::{env, fs, path::Path};

/// The password for a connection, from the file that `PGPASSFILE` names, else from `~/.pgpass`.
pub(super) fn find(host: &str, port: u16, database: &str, user: &str) -> Option<String> {
    let named = env::var_os("PGPASSFILE").map(Into::into);
    let file = named.or_else(|| env::home_dir().map(|home| home.join(".pgpass")))?;
    if is_open_to_others(&file) {
        tracing::warn!(file = %file.display(), "the password file is not read: others may read it too");
        return None;
    }
    let text = fs::read_to_string(file).ok()?;
    // libpq looks for `localhost` where the server is reached by its socket.
    let host = if host.starts_with('/') { "localhost" } else { host };
    matching(&text, [host, &port.to_string(), database, user])
}

#[cfg(unix)]
fn is_open_to_others(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;

    fs::metadata(file).is_ok_and(|metadata| metadata.permissions().mode() & 0o077 != 0)
}

#[cfg(not(unix))]
fn is_open_to_others(_: &Path) -> bool {
    false
}

fn matching(text: &str, of: [&str; 4]) -> Option<String> {
    let lines = text.lines().filter(|line| !line.starts_with('#')).map(fields);
    let matches = |fields: &Vec<String>| {
        fields.len() >= 5 && fields.iter().zip(of).all(|(field, wanted)| field == "*" || field == wanted)
    };
    // A password may hold colons that nobody escaped.
    lines.filter(matches).map(|fields| fields[4..].join(":")).next()
}

fn fields(line: &str) -> Vec<String> {
    let (mut fields, mut characters) = (vec![String::new()], line.chars());
    while let Some(character) = characters.next() {
        match character {
            ':' => fields.push(String::new()),
            '\\' => fields.last_mut().expect("there is one").extend(characters.next()),
            other => fields.last_mut().expect("there is one").push(other),
        }
    }
    fields
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_that_matches_has_the_password() {
        let text =
            "# for tests\ndb:5432:shop:app:one\n*:*:shop:a\\:b:t\\:w\\\\o\n*:*:*:*:any:thing\nshort:line\n";
        let find = |host, database, user| matching(text, [host, "5432", database, user]);
        assert_eq!(find("db", "shop", "app").as_deref(), Some("one"));
        assert_eq!(find("elsewhere", "shop", "a:b").as_deref(), Some("t:w\\o"));
        assert_eq!(find("elsewhere", "other", "app").as_deref(), Some("any:thing"));
        assert_eq!(matching("db:5432:shop:app:one", ["db", "1", "shop", "app"]), None);
    }
}
