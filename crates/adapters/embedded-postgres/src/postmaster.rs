//! What `postmaster.pid` in a data directory says, and whether it still holds.
use std::{
    fs,
    io::{self, Read as _},
    path::{Path, PathBuf},
    process::Command,
};

use rustix::{io::Errno, process::Pid};

use crate::{Error, lock::open_foreign};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Status {
    Starting,
    Ready,
    Stopping,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Postmaster {
    pub(crate) pid: u32,
    pub(crate) socket_dir: PathBuf,
    pub(crate) status: Status,
}

impl Postmaster {
    /// What the file says; `None` when there is none.
    pub(crate) fn read(data: &Path) -> Result<Option<Self>, Error> {
        let path = data.join("postmaster.pid");
        let mut text = String::new();
        match open_foreign(&path).and_then(|file| file.take(4096).read_to_string(&mut text)) {
            Ok(_) => Ok(parse(&text)),
            Err(problem) if problem.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(source) => Err(Error::Unwritable { path, source }),
        }
    }

    /// The server that runs now on `data`; `None` when the file is missing or stale.
    pub(crate) fn alive(data: &Path) -> Result<Option<Self>, Error> {
        Ok(Self::read(data)?.filter(|found| relation(found.pid, data) == Relation::Ours))
    }

    /// Removes the file when its process number belongs to somebody else by now, as happens after a power cut:
    /// PostgreSQL itself sees only that a process of its user has that number, and refuses to start.
    pub(crate) fn remove_stale(data: &Path) -> Result<(), Error> {
        let Some(found) = Self::read(data)? else { return Ok(()) };
        if relation(found.pid, data) == Relation::Stranger {
            let path = data.join("postmaster.pid");
            fs::remove_file(&path).map_err(Error::unwritable(path))?;
        }
        Ok(())
    }
}

/// The format is fixed by `src/include/utils/pidfile.h`: pid, data directory, start time, port, socket
/// directory, listen address, shared memory key, status.
fn parse(text: &str) -> Option<Postmaster> {
    let mut lines = text.lines();
    let pid = lines.next()?.trim().parse().ok()?;
    let socket_dir = lines.nth(3).map(PathBuf::from).unwrap_or_default();
    let status = match lines.nth(2).map(str::trim) {
        Some("ready") => Status::Ready,
        Some("stopping") => Status::Stopping,
        _ => Status::Starting,
    };
    Some(Postmaster { pid, socket_dir, status })
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Relation {
    Ours,
    Stranger,
    /// Nobody, or somebody of whom the system tells nothing.
    Unknown,
}

fn relation(pid: u32, data: &Path) -> Relation {
    let Some(process) = i32::try_from(pid).ok().and_then(Pid::from_raw) else { return Relation::Unknown };
    if matches!(rustix::process::test_kill_process(process), Err(Errno::SRCH)) {
        return Relation::Unknown;
    }
    let line = command_line(pid);
    if line.is_empty() {
        return Relation::Unknown;
    }
    // A postmaster works in its data directory. Others' processes do not tell where they work.
    let here = match (fs::read_link(format!("/proc/{pid}/cwd")), data.canonicalize()) {
        (Ok(theirs), Ok(ours)) => theirs == ours,
        _ => true,
    };
    if here && line.contains("postgres") { Relation::Ours } else { Relation::Stranger }
}

fn command_line(pid: u32) -> String {
    if let Ok(line) = fs::read(format!("/proc/{pid}/cmdline")) {
        return String::from_utf8_lossy(&line).into_owned();
    }
    let output = Command::new("ps").args(["-o", "command=", "-p", &pid.to_string()]).output();
    output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_every_stage_of_the_file() {
        let whole = "4711\n/data\n1700000000\n5432\n/run/x\n\n  5432001     32768\nready   \n";
        let found = parse(whole).unwrap();
        assert_eq!((found.pid, found.status), (4711, Status::Ready));
        assert_eq!(found.socket_dir, Path::new("/run/x"));
        assert_eq!(parse("4711\n/data\n1700000000\n5432\n").unwrap().status, Status::Starting);
        assert_eq!(parse(&whole.replace("ready", "stopping")).unwrap().status, Status::Stopping);
        assert_eq!(parse(""), None);
        assert_eq!(parse("x\n"), None);
    }

    #[test]
    fn a_living_stranger_is_no_postmaster() {
        let us = std::process::id();
        assert_eq!(relation(us, Path::new("/")), Relation::Stranger);
        assert_eq!(relation(u32::MAX, Path::new("/")), Relation::Unknown);
    }
}
