//! An SMTP server that says what a test tells it to and keeps what it was given.

use std::{
    collections::{HashMap, VecDeque},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::{
    io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufStream},
    net::TcpListener,
};
use tokio_rustls::TlsAcceptor;

/// What the server does instead of going on as usual.
pub(crate) enum Act {
    Say(&'static str),
    SayLate(Duration, &'static str),
    HangUp,
    Stall,
}

#[derive(Clone, Default)]
pub(crate) enum Security {
    #[default]
    None,
    StartTls(TlsAcceptor),
    Implicit(TlsAcceptor),
}

#[derive(Debug, Clone, Default)]
pub(crate) struct Received {
    pub(crate) mail: String,
    pub(crate) rcpt: String,
    pub(crate) login: Option<String>,
    pub(crate) encrypted: bool,
    /// As it came over the wire, dots stuffed.
    pub(crate) wire: Vec<u8>,
    /// The message.
    pub(crate) message: Vec<u8>,
}

#[derive(Default)]
struct Inner {
    security: Security,
    extensions: Vec<&'static str>,
    acts: Mutex<HashMap<&'static str, VecDeque<Act>>>,
    received: Mutex<Vec<Received>>,
    connections: AtomicUsize,
    commands: Mutex<Vec<String>>,
}

pub(crate) struct Server {
    pub(crate) port: u16,
    inner: Arc<Inner>,
}

trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Stream for T {}
type Wire = BufStream<Box<dyn Stream>>;

impl Server {
    pub(crate) async fn start() -> Self {
        Self::with(Security::None, &["8BITMIME", "AUTH PLAIN"]).await
    }

    pub(crate) async fn with(security: Security, extensions: &[&'static str]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let inner = Arc::new(Inner { security, extensions: extensions.to_vec(), ..Inner::default() });
        let shared = Arc::clone(&inner);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                shared.connections.fetch_add(1, Ordering::SeqCst);
                let inner = Arc::clone(&shared);
                tokio::spawn(async move { inner.converse(Box::new(stream)).await });
            }
        });
        Self { port, inner }
    }

    /// Does this once instead of the usual when `event` comes: `connect`, a command, or `letter`.
    pub(crate) fn once(&self, event: &'static str, act: Act) {
        self.inner.acts.lock().unwrap().entry(event).or_default().push_back(act);
    }

    pub(crate) fn received(&self) -> Vec<Received> {
        self.inner.received.lock().unwrap().clone()
    }

    pub(crate) fn connections(&self) -> usize {
        self.inner.connections.load(Ordering::SeqCst)
    }

    pub(crate) fn commands(&self) -> Vec<String> {
        self.inner.commands.lock().unwrap().clone()
    }
}

impl Inner {
    async fn converse(&self, stream: Box<dyn Stream>) -> Option<()> {
        let mut now = Received::default();
        let mut wire: Wire = match &self.security {
            Security::Implicit(acceptor) => {
                now.encrypted = true;
                BufStream::new(Box::new(acceptor.accept(stream).await.ok()?))
            }
            _ => BufStream::new(stream),
        };
        self.answer(&mut wire, "connect", "220 test ESMTP").await?;
        loop {
            let mut line = String::new();
            if wire.read_line(&mut line).await.ok()? == 0 {
                return None;
            }
            let line = line.trim_end().to_owned();
            self.commands.lock().unwrap().push(line.clone());
            let verb = line.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase();
            match verb.as_str() {
                "EHLO" => {
                    let mut usual = "250-test\r\n".to_owned();
                    for name in self.extensions.iter().filter(|name| !now.encrypted || **name != "STARTTLS") {
                        usual.push_str("250-");
                        usual.push_str(name);
                        usual.push_str("\r\n");
                    }
                    usual.push_str("250 HELP");
                    self.answer(&mut wire, "EHLO", &usual).await?;
                }
                "STARTTLS" => {
                    self.answer(&mut wire, "STARTTLS", "220 go ahead").await?;
                    let Security::StartTls(acceptor) = &self.security else { return None };
                    wire = BufStream::new(Box::new(acceptor.accept(wire.into_inner()).await.ok()?));
                    now.encrypted = true;
                }
                "AUTH" => {
                    now.login = Some(line);
                    self.answer(&mut wire, "AUTH", "235 2.7.0 welcome").await?;
                }
                "MAIL" => {
                    now.mail = line;
                    self.answer(&mut wire, "MAIL", "250 2.1.0 ok").await?;
                }
                "RCPT" => {
                    now.rcpt = line;
                    self.answer(&mut wire, "RCPT", "250 2.1.5 ok").await?;
                }
                "DATA" => {
                    if self.answer(&mut wire, "DATA", "354 go on").await? == 354 {
                        (now.wire, now.message) = Self::letter(&mut wire).await?;
                        if self.answer(&mut wire, "letter", "250 2.0.0 taken").await? == 250 {
                            self.received.lock().unwrap().push(now.clone());
                        }
                    }
                }
                "NOOP" => {
                    self.answer(&mut wire, "NOOP", "250 ok").await?;
                }
                "QUIT" => {
                    self.answer(&mut wire, "QUIT", "221 bye").await?;
                    return None;
                }
                _ => {
                    self.answer(&mut wire, "unknown", "500 what?").await?;
                }
            }
        }
    }

    async fn letter(wire: &mut Wire) -> Option<(Vec<u8>, Vec<u8>)> {
        let (mut raw, mut message) = (Vec::new(), Vec::new());
        loop {
            let mut line = Vec::new();
            if wire.read_until(b'\n', &mut line).await.ok()? == 0 {
                return None;
            }
            assert!(line.ends_with(b"\r\n"), "a bare LF in {:?}", String::from_utf8_lossy(&line));
            if line == b".\r\n" {
                return Some((raw, message));
            }
            raw.extend_from_slice(&line);
            message.extend_from_slice(line.strip_prefix(b".").unwrap_or(&line));
        }
    }

    /// Says the usual or what the script wants; the code said, or `None` when the conversation is over.
    async fn answer(&self, wire: &mut Wire, event: &'static str, usual: &str) -> Option<u16> {
        let act = self.acts.lock().unwrap().get_mut(event).and_then(VecDeque::pop_front);
        let words = match act {
            None => usual,
            Some(Act::Say(words)) => words,
            Some(Act::SayLate(after, words)) => {
                tokio::time::sleep(after).await;
                words
            }
            Some(Act::HangUp) => return None,
            Some(Act::Stall) => std::future::pending().await,
        };
        wire.write_all(format!("{words}\r\n").as_bytes()).await.ok()?;
        wire.flush().await.ok()?;
        words.get(..3)?.parse().ok()
    }
}
