//! Names that lead where a test says, a client among them, and certificates for its server.

use std::{
    collections::{HashMap, VecDeque},
    io,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use kernel::outbound::{CheckedUrl, Incoming, Method, Outbound as _, OutboundError, Outgoing, Policy};
use outbound::{GuardedClient, Network};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use tokio::net::TcpStream;
use tokio_rustls::{
    TlsAcceptor,
    rustls::{ServerConfig, crypto::ring, pki_types::PrivateKeyDer},
};

use crate::server::{Act, Server};

/// Leads to the server of the test, as every address does but the next two.
pub(crate) const PUBLIC: IpAddr = IpAddr::V4(Ipv4Addr::new(93, 184, 215, 14));
/// Refuses connections.
pub(crate) const CLOSED: IpAddr = IpAddr::V4(Ipv4Addr::new(93, 184, 215, 15));
/// Swallows packets.
pub(crate) const SILENT: IpAddr = IpAddr::V4(Ipv4Addr::new(93, 184, 215, 16));

pub(crate) const POLICY: Policy = Policy { redirects: 3, most_bytes: 1000, timeout: Duration::from_secs(20) };

/// A network whose names have the addresses a test gives them, one answer after another; the last one stays.
#[derive(Default)]
pub(crate) struct Names {
    server: u16,
    answers: Mutex<HashMap<&'static str, VecDeque<Vec<IpAddr>>>>,
    pub(crate) lookups: Mutex<Vec<String>>,
    pub(crate) connections: Mutex<Vec<SocketAddr>>,
}

impl Names {
    /// Before the server at this port of this machine.
    pub(crate) fn before(server: u16) -> Self {
        Self { server, ..Self::default() }
    }

    pub(crate) fn lead(&self, name: &'static str, answers: &[&[&str]]) {
        let parse = |addresses: &&[&str]| addresses.iter().map(|one| one.parse().unwrap()).collect();
        self.answers.lock().unwrap().insert(name, answers.iter().map(parse).collect());
    }

    pub(crate) fn connections(&self) -> Vec<String> {
        self.connections.lock().unwrap().iter().map(ToString::to_string).collect()
    }
}

#[async_trait]
impl Network for Names {
    async fn resolve(&self, name: &str) -> io::Result<Vec<IpAddr>> {
        self.lookups.lock().unwrap().push(name.to_owned());
        if name == "silent.example" {
            return std::future::pending().await;
        }
        let mut answers = self.answers.lock().unwrap();
        let answers = answers.get_mut(name).ok_or(io::ErrorKind::NotFound)?;
        let next = if answers.len() > 1 { answers.pop_front() } else { answers.front().cloned() };
        Ok(next.unwrap_or_default())
    }

    async fn connect(&self, to: SocketAddr) -> io::Result<TcpStream> {
        self.connections.lock().unwrap().push(to);
        match to.ip() {
            CLOSED => Err(io::ErrorKind::ConnectionRefused.into()),
            SILENT => std::future::pending().await,
            _ => TcpStream::connect((Ipv4Addr::LOCALHOST, self.server)).await,
        }
    }
}

/// A private authority's PEM, and an acceptor with a certificate it gave to these names.
pub(crate) fn authority(names: &[&str], has_expired: bool) -> (String, TlsAcceptor) {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    let names: Vec<String> = names.iter().map(ToString::to_string).collect();
    let mut params = CertificateParams::new(names).unwrap();
    if has_expired {
        params.not_after = rcgen::date_time_ymd(2020, 1, 1);
    }
    let key = KeyPair::generate().unwrap();
    let certificate = params.signed_by(&key, &authority).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], PrivateKeyDer::Pkcs8(key.serialize_der().into()))
        .unwrap();
    (authority.pem(), TlsAcceptor::from(Arc::new(config)))
}

/// A client, and a server with a certificate for `hooks.example` and `other.example`, to which both lead.
pub(crate) struct World {
    pub(crate) client: GuardedClient,
    pub(crate) names: Arc<Names>,
    pub(crate) server: Server,
}

impl World {
    pub(crate) async fn start(act: impl Fn(&str) -> Act + Send + Sync + 'static) -> Self {
        Self::with(false, act).await
    }

    pub(crate) async fn with(allow_private: bool, act: impl Fn(&str) -> Act + Send + Sync + 'static) -> Self {
        let (pem, acceptor) = authority(&["hooks.example", "other.example", "93.184.215.14"], false);
        let server = Server::start(Some(acceptor), act).await;
        let names = Arc::new(Names::before(server.port));
        for name in ["hooks.example", "other.example"] {
            names.lead(name, &[&[&PUBLIC.to_string()]]);
        }
        let client = GuardedClient::new(allow_private).with_root_certificates(&pem).unwrap();
        Self { client: client.with_network(names.clone()), names, server }
    }

    pub(crate) async fn send(&self, request: Outgoing, policy: Policy) -> Result<Incoming, OutboundError> {
        self.client.send(&request, &policy).await
    }

    pub(crate) async fn get(&self, url: &str) -> Result<Incoming, OutboundError> {
        self.send(get(url), POLICY).await
    }
}

pub(crate) fn get(url: &str) -> Outgoing {
    Outgoing { method: Method::Get, url: CheckedUrl::assume(url), headers: Vec::new(), body: Vec::new() }
}

pub(crate) fn post(url: &str, headers: &[(&str, &str)], body: &str) -> Outgoing {
    let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Outgoing { method: Method::Post, headers, body: body.into(), ..get(url) }
}
