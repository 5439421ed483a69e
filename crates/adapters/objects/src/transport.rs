//! How requests reach a server of S3: over HTTP/1.1, by the TLS that the rest of the program uses.

use std::{error::Error, io, iter, sync::Arc, time::Duration};

use async_trait::async_trait;
use http_body_util::BodyExt;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector as Tcp},
    rt::{TokioExecutor, TokioTimer},
};
use kernel::document::ContentError;
use object_store::{
    ClientOptions,
    client::{
        HttpClient, HttpConnector, HttpError, HttpErrorKind, HttpRequest, HttpRequestBody, HttpResponse,
        HttpResponseBody, HttpService,
    },
};
use rustls::{
    ClientConfig, RootCertStore,
    crypto::ring,
    pki_types::{CertificateDer, pem::PemObject},
};
use tokio::time::timeout;

/// How long it may take until a server is connected.
const CONNECT: Duration = Duration::from_secs(5);

/// How long it may take until a request of up to 5 MiB is sent and the answer begins.
const ANSWER: Duration = Duration::from_secs(20);

/// How long a connection waits for the next request.
const IDLE: Duration = Duration::from_secs(30);

/// Connections to one server, which are used again.
#[derive(Debug, Clone)]
pub(crate) struct Transport(Client<HttpsConnector<Tcp>, HttpRequestBody>);

impl Transport {
    /// With TLS, unless the server speaks plainly, that trusts the public roots and these certificates.
    pub(crate) fn new(is_plain: bool, pem: Option<&[u8]>) -> Result<Self, ContentError> {
        let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
        if let Some(pem) = pem {
            trust(&mut roots, pem).ok_or_else(|| {
                let mend =
                    "write each as `-----BEGIN CERTIFICATE-----`, its lines and `-----END CERTIFICATE-----`";
                ContentError::Fault(format!("the root certificates cannot be read; {mend}"))
            })?;
        }
        let provider = Arc::new(ring::default_provider());
        let versions = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
        let versions = versions.expect("ring has cipher suites for TLS 1.2 and 1.3");
        let tls = versions.with_root_certificates(roots).with_no_client_auth();

        let mut tcp = Tcp::new();
        tcp.enforce_http(false);
        tcp.set_connect_timeout(Some(CONNECT));
        tcp.set_nodelay(true);
        let builder = HttpsConnectorBuilder::new().with_tls_config(tls);
        let builder = if is_plain { builder.https_or_http() } else { builder.https_only() };
        let connector = builder.enable_http1().wrap_connector(tcp);
        let mut client = Client::builder(TokioExecutor::new());
        client.pool_timer(TokioTimer::new()).pool_idle_timeout(IDLE);
        Ok(Self(client.build(connector)))
    }
}

/// Adds the certificates, of which there is one at least.
fn trust(roots: &mut RootCertStore, pem: &[u8]) -> Option<()> {
    let count = roots.len();
    for certificate in CertificateDer::pem_slice_iter(pem) {
        roots.add(certificate.ok()?).ok()?;
    }
    (roots.len() > count).then_some(())
}

impl HttpConnector for Transport {
    fn connect(&self, _options: &ClientOptions) -> object_store::Result<HttpClient> {
        Ok(HttpClient::new(self.clone()))
    }
}

/// Why no answer came, with all causes.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Unanswered(String);

impl Unanswered {
    fn by(kind: HttpErrorKind, error: &(dyn Error + 'static)) -> HttpError {
        let causes = iter::successors(Some(error), |&error| error.source()).map(ToString::to_string);
        HttpError::new(kind, Self(causes.collect::<Vec<_>>().join(": ")))
    }
}

#[async_trait]
impl HttpService for Transport {
    async fn call(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let answer = timeout(ANSWER, self.0.request(request)).await;
        let answer = answer.map_err(|late| Unanswered::by(HttpErrorKind::Timeout, &late))?;
        let answer = answer.map_err(|error| {
            let kind = match () {
                () if is_of_tls(&error) => HttpErrorKind::Unknown,
                () if error.is_connect() => HttpErrorKind::Connect,
                () => HttpErrorKind::Interrupted,
            };
            Unanswered::by(kind, &error)
        })?;
        let status = answer.status();
        if status.is_server_error() || matches!(status.as_u16(), 408 | 429) {
            let said = Unanswered(format!("the server answers with {status}"));
            return Err(HttpError::new(HttpErrorKind::Request, said));
        }
        Ok(answer.map(|body| {
            HttpResponseBody::new(body.map_err(|error| Unanswered::by(HttpErrorKind::Interrupted, &error)))
        }))
    }
}

/// Whether a server is not the one it should be, or speaks no TLS: this does not pass by itself.
fn is_of_tls(error: &(dyn Error + 'static)) -> bool {
    let within = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
    let within = within.map(|within| within as &(dyn Error + 'static)).or_else(|| error.source());
    error.is::<rustls::Error>() || within.is_some_and(is_of_tls)
}
