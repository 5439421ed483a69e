//! The parent of the child process in which a file is read.

use std::{
    ffi::OsString,
    future, io,
    path::PathBuf,
    process::{ExitStatus, Stdio},
    sync::Arc,
    time::Duration,
};

use rustix::process::{Pid, Signal, kill_process_group};
use thiserror::Error;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    process::{Child, Command},
    sync::Semaphore,
    time::timeout,
};

use crate::{Extracted, FileKind, ReadError, reader::READINGS};

/// How long a child lives at most, whatever it waits for.
const LIFE: Duration = Duration::from_secs(30);

/// The most bytes a child says: text of the greatest length, each character escaped in JSON, is well below.
const MAX_OUTPUT: u64 = 8 * 1024 * 1024;

/// Why there is no text.
#[derive(Debug, Error)]
pub enum ExtractError {
    /// The file was read, and has none.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The child could not be started: nothing is wrong with the file.
    #[error("the process that reads files cannot be started: {0}")]
    Start(#[source] io::Error),
    /// The child was not done in time.
    #[error("reading the file took too long")]
    TookTooLong,
    /// The child said more than any text is long.
    #[error("reading the file gave too much")]
    SaidTooMuch,
    /// The child crashed, was killed for what it took, or gave up.
    #[error("reading the file ended with {0}")]
    Died(ExitStatus),
    /// The child said what is no answer.
    #[error("reading the file gave no answer")]
    Garbled,
}

/// Reads files, each in a child process of its own, which lives 30 seconds at most.
///
/// As a [`TextReader`](document::ports::TextReader) it and its clones read two files at a time, since each child may
/// take 512 MiB of memory; [`Self::extract`] waits for nobody.
#[derive(Debug, Clone)]
pub struct Extractor {
    program: PathBuf,
    argument: OsString,
    life: Duration,
    pub(crate) turns: Arc<Semaphore>,
}

impl Extractor {
    /// An extractor whose children run the program, by its absolute path, with one argument, on which it calls
    /// [`child_main`](crate::child_main).
    pub fn new(program: impl Into<PathBuf>, argument: impl Into<OsString>) -> Self {
        let turns = Arc::new(Semaphore::new(READINGS));
        Self { program: program.into(), argument: argument.into(), life: LIFE, turns }
    }

    /// The same extractor, whose children live no longer than this.
    pub fn with_life(self, life: Duration) -> Self {
        Self { life, ..self }
    }

    /// The text of a file of that kind. Whatever the file does to the child, here it is an error.
    ///
    /// Dropping the future kills the child.
    pub async fn extract(&self, kind: FileKind, content: &[u8]) -> Result<Extracted, ExtractError> {
        if !kind.has_text() {
            return Err(ReadError::NoText(kind).into());
        }
        let mut group = Group::start(&self.program, &self.argument).map_err(ExtractError::Start)?;
        let answer = timeout(self.life, ask(&mut group.child, kind, content));
        let (output, status) = answer.await.map_err(|_| ExtractError::TookTooLong)??;
        group.is_over = true;
        if !status.success() {
            return Err(ExtractError::Died(status));
        }
        let answer: Result<_, ReadError> =
            serde_json::from_slice(&output).map_err(|_| ExtractError::Garbled)?;
        Ok(answer?)
    }
}

/// What the child says, and how it ended.
async fn ask(
    child: &mut Child,
    kind: FileKind,
    content: &[u8],
) -> Result<(Vec<u8>, ExitStatus), ExtractError> {
    let (input, output) = (child.stdin.take(), child.stdout.take());
    let (Some(mut input), Some(output)) = (input, output) else { return Err(ExtractError::Garbled) };
    let send = async move {
        // A child that died takes nothing more; how it ended is told below.
        let line = format!("{}\n", kind.name());
        let _ = input.write_all(line.as_bytes()).await;
        let _ = input.write_all(content).await;
        drop(input);
        future::pending::<()>().await;
    };
    let mut said = Vec::new();
    let mut output = output.take(MAX_OUTPUT + 1);
    tokio::select! {
        () = send => {}
        _ = output.read_to_end(&mut said) => {}
    }
    if said.len() as u64 > MAX_OUTPUT {
        return Err(ExtractError::SaidTooMuch);
    }
    let status = child.wait().await.map_err(ExtractError::Start)?;
    Ok((said, status))
}

/// A child with all that it starts itself, killed together.
struct Group {
    child: Child,
    leader: Option<Pid>,
    is_over: bool,
}

impl Group {
    fn start(program: &PathBuf, argument: &OsString) -> io::Result<Self> {
        // Nothing of the parent's goes along: no environment, which may hold secrets, and no folder.
        let child = Command::new(program)
            .arg(argument)
            .env_clear()
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .process_group(0)
            .kill_on_drop(true)
            .spawn()?;
        let leader = child.id().and_then(|id| Pid::from_raw(id.try_into().ok()?));
        Ok(Self { child, leader, is_over: false })
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        // Once the child was waited for, its number may be another's.
        if let Some(leader) = self.leader.filter(|_| !self.is_over) {
            let _ = kill_process_group(leader, Signal::KILL);
        }
    }
}
