//! The way into a running cluster: its address, and statements run by `psql`.
use std::{
    path::{Path, PathBuf},
    process::{Output, Stdio},
};

use tokio::{io::AsyncWriteExt as _, process::Command};

use crate::{Error, Installation, account::clean, initdb::SUPERUSER, settings::PORT};

/// A running cluster as its superuser sees it.
#[derive(Debug, Clone)]
pub struct Access {
    pub(crate) installation: Installation,
    pub(crate) socket_dir: PathBuf,
}

impl Access {
    /// The folder of its socket.
    pub fn socket_dir(&self) -> &Path {
        &self.socket_dir
    }

    /// The installation that it runs.
    pub fn installation(&self) -> &Installation {
        &self.installation
    }

    /// The address for sqlx and SeaORM. The role needs no password: who reaches the socket is let in.
    pub fn url(&self, user: &str, database: &str) -> String {
        let host = self.socket_dir.to_string_lossy();
        let [user, database, host] = [user, database, &host].map(encode);
        format!("postgres://{user}@localhost:{PORT}/{database}?host={host}&sslmode=disable")
    }

    /// Runs trusted statements as the superuser and returns the rows, unaligned, without a header.
    pub async fn sql(&self, database: &str, sql: &str) -> Result<String, Error> {
        self.script(database, &[], sql).await
    }

    /// Like [`Access::sql`], with `:'name'` and `:"name"` in the text standing for values and identifiers.
    pub async fn script(&self, database: &str, values: &[(&str, &str)], sql: &str) -> Result<String, Error> {
        let mut command = self.client("psql", database);
        command.args(["-XAtq", "-v", "ON_ERROR_STOP=1", "-f", "-"]);
        for (name, value) in values {
            command.arg("-v").arg(format!("{name}={value}"));
        }
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(Error::run("psql"))?;
        let input = child.stdin.take();
        let write = async {
            if let Some(mut input) = input {
                // A closed pipe means that psql stopped at an error, which it reports itself.
                let _ = input.write_all(sql.as_bytes()).await;
                let _ = input.shutdown().await;
            }
        };
        let ((), output) = tokio::join!(write, child.wait_with_output());
        let output = output.map_err(Error::run("psql"))?;
        if output.status.success() {
            return Ok(String::from_utf8_lossy(&output.stdout).trim_end_matches('\n').to_owned());
        }
        Err(Error::Sql { database: database.to_owned(), stderr: said(&output) })
    }

    /// One of PostgreSQL's own clients, connected as the superuser.
    pub(crate) fn client(&self, program: &str, database: &str) -> Command {
        let host = self.socket_dir.to_string_lossy();
        let [host, database] =
            [&*host, database].map(|value| value.replace('\\', r"\\").replace('\'', r"\'"));
        let mut command = Command::from(clean(self.installation.program(program)));
        command
            .arg(format!("--dbname=host='{host}' port={PORT} user={SUPERUSER} dbname='{database}'"))
            .arg("--no-password")
            .stdin(Stdio::null())
            .kill_on_drop(true);
        command
    }
}

pub(crate) fn said(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    if text.is_empty() { output.status.to_string() } else { text }
}

/// Everything but RFC 3986's unreserved characters.
fn encode(text: &str) -> String {
    use std::fmt::Write as _;
    text.bytes().fold(String::new(), |mut encoded, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
        encoded
    })
}

#[cfg(test)]
mod tests {
    use super::encode;

    #[test]
    fn encodes_what_an_address_cannot_hold() {
        assert_eq!(encode("/tmp/a b@c"), "%2Ftmp%2Fa%20b%40c");
        assert_eq!(encode("touchstone_app-1.x~"), "touchstone_app-1.x~");
    }
}
