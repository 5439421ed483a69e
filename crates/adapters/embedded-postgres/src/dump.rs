//! Dumps one database into a file and restores it, whole or not at all.
use std::{
    ffi::OsStr,
    fs::{self, File, OpenOptions},
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
    process::Stdio,
};

use crate::{Access, Error, access::said, initdb::random};

/// Never the one that is restored, as a session cannot rename its own database.
const MAINTENANCE: &str = "template1";

/// What `pg_dump` keeps only for a database that `pg_restore` creates under its old name.
const COPY_PROPERTIES: &str = r#"
CREATE DATABASE :"fresh" TEMPLATE template0;
SELECT format('ALTER DATABASE %I OWNER TO %I', :'fresh', pg_get_userbyid(datdba))
  FROM pg_database WHERE datname = :'database' \gexec
SELECT format('REVOKE ALL ON DATABASE %I FROM PUBLIC, %I', :'fresh', pg_get_userbyid(datdba))
  FROM pg_database WHERE datname = :'database' AND datacl IS NOT NULL \gexec
SELECT format('GRANT %s ON DATABASE %I TO %s%s', privilege_type, :'fresh',
              CASE grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(grantee)) END,
              CASE WHEN is_grantable THEN ' WITH GRANT OPTION' ELSE '' END)
  FROM pg_database, aclexplode(datacl) WHERE datname = :'database' \gexec
INSERT INTO pg_db_role_setting
SELECT fresh.oid, setrole, setconfig
  FROM pg_db_role_setting JOIN pg_database old ON old.oid = setdatabase, pg_database fresh
 WHERE old.datname = :'database' AND fresh.datname = :'fresh';
"#;

const SWAP: &str = r#"
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
 WHERE datname IN (:'database', :'fresh') AND pid <> pg_backend_pid() \g /dev/null
BEGIN;
SELECT format('ALTER DATABASE %I RENAME TO %I', :'database', :'old')
  FROM pg_database WHERE datname = :'database' \gexec
ALTER DATABASE :"fresh" RENAME TO :"database";
COMMIT;
"#;

impl Access {
    /// Writes `database` into `file` (mode 0600, in PostgreSQL's custom format). `file` appears only when it is
    /// whole. Roles are not part of it.
    pub async fn dump(&self, database: &str, file: &Path) -> Result<(), Error> {
        let partial = Partial::create(file)?;
        let copy = partial.file.try_clone().map_err(Error::unwritable(file))?;
        let output = self
            .client("pg_dump", database)
            .arg("--format=custom")
            .stdout(copy)
            .stderr(Stdio::piped())
            .spawn()
            .map_err(Error::run("pg_dump"))?
            .wait_with_output()
            .await
            .map_err(Error::run("pg_dump"))?;
        if !output.status.success() {
            return Err(Error::DumpFailed { database: database.to_owned(), stderr: said(&output) });
        }
        partial.keep(file)
    }

    /// Replaces `database` by what [`Access::dump`] wrote. It is restored beside the old one and swapped in
    /// when whole; sessions on the old one are ended. Owner, grants and settings of an existing database are
    /// kept. The roles the dump names must exist.
    pub async fn restore(&self, database: &str, file: &Path) -> Result<(), Error> {
        let input = File::open(file).map_err(Error::unwritable(file))?;
        let id = random();
        let (fresh, old) = (format!("restoring_{id:016x}"), format!("replaced_{id:016x}"));
        let values = [("database", database), ("fresh", &*fresh), ("old", &*old)];
        let swapped = async {
            self.script(MAINTENANCE, &values, COPY_PROPERTIES).await?;
            self.fill(&fresh, input).await.map_err(|stderr| Error::RestoreFailed {
                database: database.to_owned(),
                file: file.to_owned(),
                stderr,
            })?;
            self.sql(&fresh, "ANALYZE").await?;
            self.swap(&values).await
        }
        .await;
        let leftover = if swapped.is_ok() { &old } else { &fresh };
        let dropped = self
            .script(MAINTENANCE, &[("name", leftover)], r#"DROP DATABASE IF EXISTS :"name" WITH (FORCE);"#)
            .await;
        swapped.and(dropped.map(drop))
    }

    async fn fill(&self, database: &str, input: File) -> Result<(), String> {
        let output = self
            .client("pg_restore", database)
            .args(["--exit-on-error", "--single-transaction"])
            .stdin(input)
            .output()
            .await
            .map_err(|problem| problem.to_string())?;
        if output.status.success() { Ok(()) } else { Err(said(&output)) }
    }

    /// A pool may connect again between the end of its sessions and the rename.
    async fn swap(&self, values: &[(&str, &str)]) -> Result<(), Error> {
        let mut left = 3;
        loop {
            match self.script(MAINTENANCE, values, SWAP).await {
                Err(Error::Sql { stderr, .. }) if left > 0 && stderr.contains("is being accessed") => {
                    left -= 1;
                }
                result => return result.map(drop),
            }
        }
    }
}

/// A file beside the one wanted, which takes its name when whole and vanishes otherwise.
struct Partial {
    path: PathBuf,
    file: File,
}

impl Partial {
    fn create(wanted: &Path) -> Result<Self, Error> {
        let name = wanted.file_name().unwrap_or(OsStr::new("dump")).to_string_lossy();
        let path = wanted.with_file_name(format!(".{name}.{:016x}.partial", random()));
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path);
        let file = file.map_err(Error::unwritable(&path))?;
        Ok(Self { path, file })
    }

    fn keep(self, wanted: &Path) -> Result<(), Error> {
        self.file.sync_all().map_err(Error::unwritable(&self.path))?;
        fs::rename(&self.path, wanted).map_err(Error::unwritable(wanted))?;
        let folder = wanted.parent().filter(|folder| *folder != Path::new("")).unwrap_or(Path::new("."));
        File::open(folder).and_then(|folder| folder.sync_all()).map_err(Error::unwritable(folder))
    }
}

impl Drop for Partial {
    /// Finds nothing when the file was kept.
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.path);
    }
}
