//! The client: its settings, and how an exchange leads over redirects to an answer.

use std::sync::Arc;

use async_trait::async_trait;
use kernel::outbound::{CheckedUrl, Incoming, Outbound, OutboundError, Outgoing, Policy, UrlRefused};
use tokio_rustls::rustls::{
    RootCertStore,
    pki_types::{CertificateDer, pem::PemObject as _},
};

use crate::{
    connection::{Route, tls},
    exchange::exchange,
    guard::Guard,
    network::{Network, SystemNetwork},
    request::Message,
};

/// A client that sends where everyone could, and nowhere else. One serves all owners.
///
/// ```
/// use kernel::outbound::{Outbound as _, UrlRefused};
///
/// let client = outbound::GuardedClient::new(false);
/// let url = client.check("https://hooks.example.org/touchstone#top").expect("this one may be sent to");
/// assert_eq!(url.expose(), "https://hooks.example.org/touchstone");
/// let refused = client.check("https://0x7f.1/").unwrap_err();
/// assert!(matches!(refused, UrlRefused::Address(_)), "{refused}");
/// ```
pub struct GuardedClient {
    route: Route,
}

/// Root certificates that cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the root certificates must be certificates in PEM, at least one")]
pub struct RootCertificateError;

impl GuardedClient {
    /// A client on the machine's network that trusts the public roots. With `allow_private` it sends over http, to any
    /// port and to any address, too: for tests and development.
    pub fn new(allow_private: bool) -> Self {
        let network = Arc::new(SystemNetwork::default());
        Self { route: Route { guard: Guard { allow_private }, network, tls: tls(public_roots()) } }
    }

    /// The same client, which trusts these certificates, in PEM, besides the public roots.
    pub fn with_root_certificates(mut self, pem: &str) -> Result<Self, RootCertificateError> {
        let mut roots = public_roots();
        let count = roots.len();
        for certificate in CertificateDer::pem_slice_iter(pem.as_bytes()) {
            let certificate = certificate.map_err(|_| RootCertificateError)?;
            roots.add(certificate).map_err(|_| RootCertificateError)?;
        }
        if roots.len() == count {
            return Err(RootCertificateError);
        }
        self.route.tls = tls(roots);
        Ok(self)
    }

    /// The same client on another network.
    pub fn with_network(mut self, network: Arc<dyn Network>) -> Self {
        self.route.network = network;
        self
    }

    async fn follow(&self, request: &Outgoing, policy: &Policy) -> Result<Incoming, OutboundError> {
        let mut url = self.route.guard.url(request.url.expose())?;
        let mut message = Message::new(request)?;
        let mut followed = 0;
        loop {
            let stream = self.route.connect(&url, policy.timeout).await?;
            let answer = exchange(stream, message.to(&url)?).await?;
            let Some(location) = answer.location().filter(|_| policy.redirects > 0) else {
                return answer.read(&url, policy.most_bytes).await;
            };
            if followed == policy.redirects {
                return Err(OutboundError::TooManyRedirects(policy.redirects));
            }
            let next = self.route.guard.redirect(&url, location).map_err(OutboundError::Redirect)?;
            message = message.sent_on(answer.status(), url.origin() == next.origin());
            url = next;
            followed += 1;
        }
    }
}

fn public_roots() -> RootCertStore {
    webpki_roots::TLS_SERVER_ROOTS.iter().cloned().collect()
}

#[async_trait]
impl Outbound for GuardedClient {
    fn check(&self, url: &str) -> Result<CheckedUrl, UrlRefused> {
        self.route.guard.url(url).map(|url| CheckedUrl::assume(url.as_str()))
    }

    async fn send(&self, request: &Outgoing, policy: &Policy) -> Result<Incoming, OutboundError> {
        let exchange = tokio::time::timeout(policy.timeout, self.follow(request, policy));
        exchange.await.unwrap_or(Err(OutboundError::TimedOut(policy.timeout)))
    }
}
