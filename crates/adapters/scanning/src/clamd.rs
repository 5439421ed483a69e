//! The daemon of `ClamAV`, asked by its protocol: a command that ends in a zero byte, and an answer that does.

use std::{fmt, io, pin::pin, time::Duration};

use async_trait::async_trait;
use document::{Verdict, ports::Scanner};
use kernel::document::{Chunks, ContentError};
use tokio::{
    io::{
        AsyncBufReadExt as _, AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, BufReader, split,
    },
    time::timeout,
};

use crate::{
    AddressError,
    address::{Address, Stream},
};

/// How long a connection takes at most. A scan takes longer than that, and longer than anybody's patience at times.
const CONNECT: Duration = Duration::from_secs(5);

/// The most bytes of an answer: names of what is found are short.
const MAX_ANSWER: u64 = 4 * 1024;

/// How many bytes are shown of what is no answer.
const SHOWN: usize = 100;

/// The most bytes that are sent as one piece.
const MAX_PIECE: usize = 64 * 1024;

/// A scanner that asks clamd, over a connection for each file.
#[derive(Debug, Clone)]
pub struct ClamdScanner {
    address: Address,
    timeout: Duration,
}

impl ClamdScanner {
    /// How long a scan usually takes at most: 60 seconds.
    pub const TIMEOUT: Duration = Duration::from_secs(60);

    /// A scanner that asks clamd at `tcp://host:port` or at `unix:/path`, and gives up after this time, in which the
    /// file comes, is sent and scanned. Connects to nothing yet.
    pub fn new(address: &str, timeout: Duration) -> Result<Self, AddressError> {
        Ok(Self { address: address.parse()?, timeout })
    }

    /// What clamd says of itself and of its signatures, such as `ClamAV 1.4.3/27800/Mon Oct 20 08:50:36 2025`: so a
    /// program that starts learns whether it answers.
    pub async fn version(&self) -> Result<String, ContentError> {
        let answer = self.in_time(async {
            let mut stream = self.connect().await?;
            let sent = stream.write_all(b"zVERSION\0").await;
            sent.map_err(|error| self.unavailable(&error))?;
            self.answer(stream).await
        });
        let answer = answer.await?;
        if answer.starts_with("ClamAV ") { Ok(answer) } else { Err(self.fault(&answer)) }
    }

    async fn in_time<T>(
        &self,
        work: impl Future<Output = Result<T, ContentError>> + Send,
    ) -> Result<T, ContentError> {
        let late = |_| self.unavailable(&format!("it was not done after {} s", self.timeout.as_secs_f64()));
        timeout(self.timeout, work).await.map_err(late)?
    }

    async fn connect(&self) -> Result<Box<dyn Stream>, ContentError> {
        let connected = timeout(CONNECT, self.address.connect()).await;
        let connected = connected.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()));
        connected.map_err(|error| self.unavailable(&error))
    }

    /// An answer ends with a zero byte: what does not is none.
    async fn answer(&self, from: impl AsyncRead + Unpin + Send) -> Result<String, ContentError> {
        let mut said = Vec::new();
        let read = BufReader::new(from.take(MAX_ANSWER)).read_until(0, &mut said).await;
        let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
        match (said.strip_suffix(&[0]), read) {
            (Some(answer), _) => Ok(text(answer)),
            (None, Err(error)) => Err(self.unavailable(&error)),
            (None, Ok(0)) => Err(self.unavailable(&"it closed the connection")),
            (None, Ok(_)) => Err(self.fault(&text(&said[..said.len().min(SHOWN)]))),
        }
    }

    fn unavailable(&self, why: &dyn fmt::Display) -> ContentError {
        ContentError::Unavailable(format!("clamd at {} does not answer: {why}", self.address))
    }

    fn fault(&self, answer: &str) -> ContentError {
        let answer = match answer {
            "INSTREAM size limit exceeded. ERROR" => {
                "a file is larger than it takes: set StreamMaxLength in clamd.conf to no less than a document may have"
            }
            other => other,
        };
        ContentError::Fault(format!("clamd at {} says: {answer}", self.address))
    }
}

#[async_trait]
impl Scanner for ClamdScanner {
    async fn scan(&self, content: &mut dyn Chunks) -> Result<Verdict, ContentError> {
        let asked = self.in_time(async {
            let (reading, mut writing) = split(self.connect().await?);
            let mut answer = pin!(self.answer(reading));
            // clamd answers and closes before it has the whole file where that is too large.
            tokio::select! {
                sent = send(&mut writing, content) => Ok((sent?, answer.await?)),
                answer = &mut answer => Ok((false, answer?)),
            }
        });
        let (is_whole, answer) = asked.await?;
        let found = answer.strip_prefix("stream: ").and_then(|found| found.strip_suffix(" FOUND"));
        match (found, &*answer) {
            (Some(name), _) => Ok(Verdict::Harmful(name.to_owned())),
            (None, "stream: OK") if is_whole => Ok(Verdict::Clean),
            (None, "stream: OK") => Err(self.fault("OK, before it had the whole file")),
            (None, other) => Err(self.fault(other)),
        }
    }
}

/// Sends the file in pieces, each behind its length, and one of length 0. Tells whether clamd took all of it: what it
/// did not take it has a reason for, which is its answer.
async fn send(
    to: &mut (impl AsyncWrite + Unpin + Send),
    content: &mut dyn Chunks,
) -> Result<bool, ContentError> {
    let mut is_taken = to.write_all(b"zINSTREAM\0").await.is_ok();
    while is_taken && let Some(chunk) = content.next().await? {
        for piece in chunk.chunks(MAX_PIECE) {
            is_taken = is_taken && send_piece(to, piece).await.is_ok();
        }
    }
    Ok(is_taken && send_piece(to, b"").await.is_ok())
}

async fn send_piece(to: &mut (impl AsyncWrite + Unpin), piece: &[u8]) -> io::Result<()> {
    to.write_u32(u32::try_from(piece.len()).expect("a piece is short")).await?;
    to.write_all(piece).await
}
