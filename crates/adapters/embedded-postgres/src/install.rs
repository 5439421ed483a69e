//! Installs PostgreSQL with `apt-get`, without leaving Debian's default cluster running.
use std::{
    fs::{self, OpenOptions},
    io::Write as _,
    path::{Path, PathBuf},
    process::Stdio,
};

use rustix::process::geteuid;
use tokio::process::Command;

use crate::{Error, Progress, log::last_lines};

pub(crate) const COMMAND: &str = "apt-get install postgresql";

pub(crate) struct Apt {
    program: PathBuf,
    /// Where Debian's package reads whether it shall create a cluster.
    conf: PathBuf,
    /// What Debian puts there when nobody has written anything.
    conf_template: PathBuf,
}

impl Apt {
    /// `None` where it is of no use: no `apt-get`, or not root.
    pub(crate) fn of_system() -> Option<Self> {
        let program = PathBuf::from("/usr/bin/apt-get");
        (geteuid().is_root() && program.exists()).then(|| Self {
            program,
            conf: "/etc/postgresql-common/createcluster.conf".into(),
            conf_template: "/usr/share/postgresql-common/createcluster.conf".into(),
        })
    }

    pub(crate) async fn install(&self, progress: Progress<'_>) -> Result<(), Error> {
        progress("PostgreSQL is not installed: installing it with apt-get (this takes a minute)");
        // Without network the lists at hand may still do; the install below is what counts.
        if let Err(problem) = self.run(&["update"]).await {
            progress(&format!("{problem}; going on with the package lists at hand"));
        }
        let _no_cluster = NoDefaultCluster::ask_for(self)?;
        self.run(&["install", "-y", "--no-install-recommends", "postgresql"]).await?;
        progress("PostgreSQL is installed");
        Ok(())
    }

    async fn run(&self, arguments: &[&str]) -> Result<(), Error> {
        let output = Command::new(&self.program)
            .args(arguments)
            .env("DEBIAN_FRONTEND", "noninteractive")
            .env("UCF_FORCE_CONFFOLD", "1")
            .env("LC_ALL", "C")
            .stdin(Stdio::null())
            .kill_on_drop(true)
            .output()
            .await
            .map_err(Error::run(&self.program))?;
        if output.status.success() {
            return Ok(());
        }
        let command = format!("apt-get {}", arguments.join(" "));
        let said = [output.stdout, output.stderr].concat();
        Err(Error::InstallFailed { command, detail: last_lines(&said) })
    }
}

/// While it lives, installing a server package creates no cluster.
struct NoDefaultCluster<'a>(Option<&'a Apt>);

impl<'a> NoDefaultCluster<'a> {
    fn ask_for(apt: &'a Apt) -> Result<Self, Error> {
        let folder = apt.conf.parent().unwrap_or(Path::new("/"));
        fs::create_dir_all(folder).map_err(Error::unwritable(folder))?;
        match OpenOptions::new().write(true).create_new(true).open(&apt.conf) {
            Ok(mut file) => {
                let asking = Self(Some(apt));
                file.write_all(b"create_main_cluster = false\n").map_err(Error::unwritable(&apt.conf))?;
                Ok(asking)
            }
            // The operator has decided already.
            Err(_) if apt.conf.exists() => Ok(Self(None)),
            Err(source) => Err(Error::Unwritable { path: apt.conf.clone(), source }),
        }
    }
}

impl Drop for NoDefaultCluster<'_> {
    fn drop(&mut self) {
        let Some(apt) = self.0 else { return };
        if fs::copy(&apt.conf_template, &apt.conf).is_err() {
            let _ = fs::remove_file(&apt.conf);
        }
    }
}

/// The one command that mends it, for people.
pub(crate) fn hint() -> &'static str {
    let known = [
        ("/usr/bin/apt-get", "run `sudo apt-get install postgresql`"),
        ("/usr/bin/dnf", "run `sudo dnf install postgresql-server`"),
        ("/sbin/apk", "run `apk add postgresql`"),
        ("/usr/bin/pacman", "run `sudo pacman -S postgresql`"),
        ("/opt/homebrew/bin/brew", "run `brew install postgresql@17`"),
        ("/usr/local/bin/brew", "run `brew install postgresql@17`"),
    ];
    let found = known.into_iter().find(|(program, _)| Path::new(program).exists());
    found.map_or("install it with the package manager of this system", |(_, hint)| hint)
}

#[cfg(test)]
mod tests {
    use std::{os::unix::fs::PermissionsExt as _, sync::Mutex};

    use super::*;

    fn fake(folder: &Path, script: &str) -> Apt {
        let program = folder.join("apt-get");
        fs::write(&program, format!("#!/bin/sh\ncd {}\n{script}\n", folder.display())).unwrap();
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
        Apt { program, conf: folder.join("etc/cc.conf"), conf_template: folder.join("template") }
    }

    #[tokio::test]
    async fn asks_for_no_cluster_only_while_installing() {
        let folder = tempfile::tempdir().unwrap();
        let apt = fake(folder.path(), r#"echo "$DEBIAN_FRONTEND $@" >>calls; cat etc/cc.conf >>calls; true"#);
        let told = Mutex::new(Vec::new());
        apt.install(&|line: &str| told.lock().unwrap().push(line.to_owned())).await.unwrap();
        assert_eq!(told.lock().unwrap().len(), 2);
        let calls = fs::read_to_string(folder.path().join("calls")).unwrap();
        let expected = "noninteractive update\nnoninteractive install -y --no-install-recommends postgresql\n\
                        create_main_cluster = false\n";
        assert_eq!(calls, expected);
        assert!(!apt.conf.exists());

        fs::write(&apt.conf_template, "# Debian's").unwrap();
        apt.install(&|_| {}).await.unwrap();
        assert_eq!(fs::read_to_string(&apt.conf).unwrap(), "# Debian's");

        fs::write(&apt.conf, "# the operator's").unwrap();
        apt.install(&|_| {}).await.unwrap();
        assert_eq!(fs::read_to_string(&apt.conf).unwrap(), "# the operator's");
    }

    #[tokio::test]
    async fn says_what_apt_said() {
        let folder = tempfile::tempdir().unwrap();
        let apt = fake(folder.path(), "echo 'E: Unable to locate package' >&2; exit 100");
        let said = apt.install(&|_| {}).await.unwrap_err().to_string();
        assert!(said.contains("Unable to locate package"), "{said}");
        assert!(!apt.conf.exists());
    }
}
