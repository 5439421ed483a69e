//! An HTTP server that does what a test tells it to and keeps what it was asked.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::{
    io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufStream},
    net::TcpListener,
    sync::Notify,
};
use tokio_rustls::TlsAcceptor;

/// What the server does when it was asked.
pub(crate) enum Act {
    /// Says this and hangs up.
    Say(String),
    /// Says nothing, and does not hang up.
    Stall,
    /// Starts an answer of which a byte comes now and then.
    Dribble,
    /// Starts an answer that does not end before the connection does.
    Flood,
}

/// A request as it came.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Asked {
    /// The value of the header, which is named in lower case as it is sent.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
    }
}

#[derive(Default)]
struct Inner {
    asked: Mutex<Vec<Asked>>,
    flooded: AtomicUsize,
    dammed: Notify,
}

pub(crate) struct Server {
    pub(crate) port: u16,
    inner: Arc<Inner>,
}

/// 200 with this body.
pub(crate) fn ok(body: &str) -> Act {
    Act::Say(format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len()))
}

/// An answer that leads on to there.
pub(crate) fn leading_to(status: u16, location: &str) -> Act {
    Act::Say(format!("HTTP/1.1 {status} There\r\nLocation: {location}\r\nContent-Length: 4\r\n\r\ngone"))
}

impl Server {
    /// Over TLS if there is an acceptor; `act` is told the path, with its query.
    pub(crate) async fn start(
        acceptor: Option<TlsAcceptor>,
        act: impl Fn(&str) -> Act + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (inner, act) = (Arc::new(Inner::default()), Arc::new(act));
        let shared = Arc::clone(&inner);
        tokio::spawn(async move {
            while let Ok((tcp, _)) = listener.accept().await {
                let (inner, act, acceptor) = (Arc::clone(&shared), Arc::clone(&act), acceptor.clone());
                tokio::spawn(async move {
                    match acceptor {
                        None => inner.answer(tcp, &*act).await,
                        Some(acceptor) => inner.answer(acceptor.accept(tcp).await.ok()?, &*act).await,
                    }
                });
            }
        });
        Self { port, inner }
    }

    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.inner.asked.lock().unwrap().clone()
    }

    /// Waits for the end of a connection that was flooded; how many bytes it took.
    pub(crate) async fn dammed(&self) -> usize {
        self.inner.dammed.notified().await;
        self.inner.flooded.load(Ordering::SeqCst)
    }
}

impl Inner {
    async fn answer(
        &self,
        stream: impl AsyncRead + AsyncWrite + Unpin,
        act: &(dyn Fn(&str) -> Act + Send + Sync),
    ) -> Option<()> {
        let mut wire = BufStream::new(stream);
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            (wire.read_line(&mut head).await.ok()? > 0).then_some(())?;
        }
        let mut asked = Asked { head, body: String::new() };
        let length = asked.header("content-length").map_or(0, |length| length.parse().unwrap());
        let mut body = vec![0; length];
        wire.read_exact(&mut body).await.ok()?;
        asked.body = String::from_utf8(body).unwrap();
        let act = act(asked.head.split(' ').nth(1)?);
        self.asked.lock().unwrap().push(asked);
        match act {
            Act::Say(words) => {
                wire.write_all(words.as_bytes()).await.ok()?;
                wire.shutdown().await.ok()
            }
            Act::Stall => std::future::pending().await,
            Act::Dribble => {
                wire.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n").await.ok()?;
                loop {
                    wire.write_all(b"x").await.ok()?;
                    wire.flush().await.ok()?;
                    tokio::time::sleep(Duration::from_millis(10)).await;
                }
            }
            Act::Flood => {
                wire.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.ok()?;
                let some = [b'x'; 1024];
                while wire.write_all(&some).await.is_ok() {
                    self.flooded.fetch_add(some.len(), Ordering::SeqCst);
                }
                self.dammed.notify_one();
                Some(())
            }
        }
    }
}
