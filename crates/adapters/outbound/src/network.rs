//! The network as the client sees it: names that have addresses, and addresses that take connections.

use std::{
    io,
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

use async_trait::async_trait;
use tokio::{
    net::{TcpStream, lookup_host},
    sync::Semaphore,
};

/// How many names are resolved side by side. Each takes a thread of those that hash passwords, too, for as long as the
/// system's resolver waits: names that nobody answers for must not take all of them.
const LOOKUPS: usize = 32;

/// What the client needs of the network. Tests put one in its place whose names lead where they say.
#[async_trait]
pub trait Network: Send + Sync {
    /// Every address of the name, asked anew each time.
    async fn resolve(&self, name: &str) -> io::Result<Vec<IpAddr>>;

    /// A connection to this very address. MUST resolve nothing.
    async fn connect(&self, to: SocketAddr) -> io::Result<TcpStream>;
}

/// The machine's network, and its resolver.
pub struct SystemNetwork {
    lookups: Arc<Semaphore>,
}

impl Default for SystemNetwork {
    fn default() -> Self {
        Self { lookups: Arc::new(Semaphore::new(LOOKUPS)) }
    }
}

#[async_trait]
impl Network for SystemNetwork {
    async fn resolve(&self, name: &str) -> io::Result<Vec<IpAddr>> {
        let permit = Arc::clone(&self.lookups).acquire_owned().await.map_err(io::Error::other)?;
        let name = name.to_owned();
        // In a task of its own the permit lasts as long as the thread is taken, even if nobody waits any more.
        let lookup = tokio::spawn(async move {
            let _permit = permit;
            Ok(lookup_host((name, 0)).await?.map(|address| address.ip()).collect())
        });
        lookup.await.map_err(io::Error::other)?
    }

    async fn connect(&self, to: SocketAddr) -> io::Result<TcpStream> {
        TcpStream::connect(to).await
    }
}
