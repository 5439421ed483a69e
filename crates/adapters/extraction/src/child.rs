//! The child process in which a file is read. It takes from itself what reading does not need, before it sees a byte
//! of the file.

use std::{
    io::{self, BufRead as _, Read as _, Write as _},
    process::ExitCode,
};

use kernel::Named as _;
use rustix::process::{Resource, Rlimit, setrlimit};

use crate::{FileKind, read};

/// The most bytes of a file: what is allowed to be uploaded lies below.
const MAX_FILE: u64 = 64 * 1024 * 1024;

/// What is left to the process. Files that are open stay so: the three standard streams.
const LIMITS: [(Resource, u64); 6] = [
    (Resource::As, 512 * 1024 * 1024), // bytes of memory
    (Resource::Cpu, 20),               // seconds
    (Resource::Fsize, 0),              // bytes in a file it writes
    (Resource::Nofile, 8),
    (Resource::Core, 0),  // a core dump would hold the file
    (Resource::Nproc, 0), // more processes or threads; root has as many as it likes
];

/// Lowers the limits of this process for good: 512 MiB of address space, 20 s on a processor, no file written, no core
/// dump, no further process or thread.
pub fn lower_limits() -> io::Result<()> {
    // macOS limits no address space.
    let possible =
        LIMITS.into_iter().filter(|(resource, _)| *resource != Resource::As || !cfg!(target_os = "macos"));
    for (resource, most) in possible {
        setrlimit(resource, Rlimit { current: Some(most), maximum: Some(most) })?;
    }
    Ok(())
}

/// What the child does: it lowers its limits, reads the name of a kind in a line and then a file from the standard
/// input, and writes what [`read`] says as JSON to the standard output.
///
/// A program calls it before anything else, and above all before it starts threads: their stacks count as memory.
pub fn child_main() -> ExitCode {
    match answer() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Whoever started the child learns from the code that it failed; this is for people who call it by hand.
            let _ = writeln!(io::stderr(), "{error}");
            ExitCode::FAILURE
        }
    }
}

fn answer() -> io::Result<()> {
    lower_limits()?;
    let mut input = io::stdin().lock();
    let mut kind = String::new();
    input.read_line(&mut kind)?;
    let kind = FileKind::from_name(kind.trim_end())
        .ok_or_else(|| io::Error::other("the first line is no kind of file"))?;
    let mut content = Vec::new();
    if input.take(MAX_FILE + 1).read_to_end(&mut content)? as u64 > MAX_FILE {
        return Err(io::Error::other("the file is too large"));
    }
    let mut output = io::stdout().lock();
    serde_json::to_writer(&mut output, &read(&content, kind))?;
    output.flush()
}
