//! Connections to addresses that were checked, proven by TLS where the URL says https.

use std::{
    io,
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use kernel::outbound::{OutboundError, UrlRefused};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
    time::timeout,
};
use tokio_rustls::{
    TlsConnector,
    rustls::{
        CertificateError, ClientConfig, Error, RootCertStore, client::Resumption, crypto::ring,
        pki_types::ServerName,
    },
};
use url::{Host, Url};

use crate::{guard::Guard, network::Network};

/// How many addresses of a host are tried. Its owner could name a thousand, which are not the owner's own.
const ATTEMPTS: usize = 8;

/// What requests are written to and answers read from.
pub(crate) trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Stream for T {}

/// TLS with these roots, in the provider that is linked here, whatever the process has for its default.
pub(crate) fn tls(roots: RootCertStore) -> TlsConnector {
    let provider = Arc::new(ring::default_provider());
    let versions = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let versions = versions.expect("ring has cipher suites for TLS 1.2 and 1.3");
    let mut config = versions.with_root_certificates(roots).with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    config.resumption = Resumption::disabled();
    TlsConnector::from(Arc::new(config))
}

/// The way to hosts.
pub(crate) struct Route {
    pub(crate) guard: Guard,
    pub(crate) network: Arc<dyn Network>,
    pub(crate) tls: TlsConnector,
}

impl Route {
    /// Resolves the host, checks all of its addresses, and connects to one of those. Each gets a share of the time, so
    /// that one that swallows packets leaves some to the others.
    pub(crate) async fn connect(&self, url: &Url, time: Duration) -> Result<Box<dyn Stream>, OutboundError> {
        let (host, port) = url.host().zip(url.port_or_known_default()).ok_or(UrlRefused::NoHost)?;
        let (addresses, name) = match host {
            Host::Ipv4(address) => (vec![address.into()], ServerName::from(IpAddr::V4(address))),
            Host::Ipv6(address) => (vec![address.into()], ServerName::from(IpAddr::V6(address))),
            Host::Domain(name) => {
                let proven = ServerName::try_from(name.to_owned()).map_err(|_| UrlRefused::Malformed)?;
                let found = self.network.resolve(name).await.map_err(|_| OutboundError::NameNotFound)?;
                (found, proven)
            }
        };
        self.guard.addresses(&addresses).map_err(OutboundError::Address)?;
        let tcp = self.connect_to(&addresses, port, time).await?;
        match url.scheme() {
            "http" => Ok(Box::new(tcp)),
            _ => Ok(Box::new(self.tls.connect(name, tcp).await.map_err(|error| meaning(&error))?)),
        }
    }

    async fn connect_to(
        &self,
        addresses: &[IpAddr],
        port: u16,
        time: Duration,
    ) -> Result<TcpStream, OutboundError> {
        let tried = &addresses[..addresses.len().min(ATTEMPTS)];
        let (last, others) = tried.split_last().ok_or(OutboundError::NameNotFound)?;
        let share = time / u32::try_from(tried.len()).unwrap_or(u32::MAX);
        for address in others {
            let attempt = self.network.connect(SocketAddr::new(*address, port));
            if let Ok(Ok(tcp)) = timeout(share, attempt).await {
                return Ok(tcp);
            }
        }
        let attempt = self.network.connect(SocketAddr::new(*last, port));
        attempt.await.map_err(|_| OutboundError::NotConnected)
    }
}

/// What a failed handshake means, in words for whoever runs the host.
fn meaning(error: &io::Error) -> OutboundError {
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<Error>());
    OutboundError::Tls(match inner {
        Some(Error::InvalidCertificate(certificate)) => match certificate {
            CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
                "the certificate has expired"
            }
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
                "the certificate is for another name"
            }
            CertificateError::UnknownIssuer => {
                "the certificate is from nobody who is trusted, or its chain is incomplete"
            }
            _ => "the certificate is not valid",
        },
        _ => "the host does not speak TLS 1.2 or 1.3 as it should",
    })
}
