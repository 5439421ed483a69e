//! Encryption, in libpq's modes: up to `require` the server's certificate is not looked at, `verify-ca` asks who signed
//! it, and `verify-full` also whose it is.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme,
    client::{
        WebPkiServerVerifier,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    },
    crypto::{CryptoProvider, ring},
    pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime, pem::PemObject as _},
};
use sqlx::postgres::PgSslMode;

/// Files of certificates.
pub(super) struct Certificates {
    /// Who may have signed the server's; else the authorities that browsers trust.
    pub(super) authorities: Option<PathBuf>,
    /// The client's own.
    pub(super) own: Option<PathBuf>,
    /// And its key.
    pub(super) key: Option<PathBuf>,
}

/// A client for the mode.
pub(super) fn client(mode: PgSslMode, certificates: &Certificates) -> Result<ClientConfig, String> {
    let provider = Arc::new(ring::default_provider());
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?;
    let trusted = Arc::new(authorities(certificates.authorities.as_deref())?);
    let builder = match mode {
        PgSslMode::VerifyFull => builder.with_root_certificates(trusted),
        PgSslMode::VerifyCa => {
            let chain = WebPkiServerVerifier::builder_with_provider(trusted, Arc::clone(&provider)).build();
            let chain = Some(chain.map_err(|error| error.to_string())?);
            builder.dangerous().with_custom_certificate_verifier(Arc::new(Lenient { chain, provider }))
        }
        _ => {
            let lenient = Lenient { chain: None, provider };
            builder.dangerous().with_custom_certificate_verifier(Arc::new(lenient))
        }
    };
    match (&certificates.own, &certificates.key) {
        (Some(own), Some(key)) => {
            let key = PrivateKeyDer::from_pem_file(key).map_err(|error| unreadable(key, &error))?;
            builder.with_client_auth_cert(read(own)?, key).map_err(|error| error.to_string())
        }
        (None, None) => Ok(builder.with_no_client_auth()),
        _ => Err("sslcert and sslkey go together: name both files or neither".to_owned()),
    }
}

fn authorities(file: Option<&Path>) -> Result<RootCertStore, String> {
    let Some(file) = file else { return Ok(webpki_roots::TLS_SERVER_ROOTS.iter().cloned().collect()) };
    let mut trusted = RootCertStore::empty();
    for certificate in read(file)? {
        trusted.add(certificate).map_err(|error| format!("{}: {error}", file.display()))?;
    }
    Ok(trusted)
}

fn read(file: &Path) -> Result<Vec<CertificateDer<'static>>, String> {
    let found = CertificateDer::pem_file_iter(file).map_err(|error| unreadable(file, &error))?;
    found.collect::<Result<_, _>>().map_err(|error| unreadable(file, &error))
}

fn unreadable(file: &Path, error: &rustls::pki_types::pem::Error) -> String {
    format!("{}: {error:?}", file.display())
}

/// Asks less of a server than a browser would: who signed its certificate, or nothing.
#[derive(Debug)]
struct Lenient {
    chain: Option<Arc<WebPkiServerVerifier>>,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Lenient {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let Some(chain) = &self.chain else { return Ok(ServerCertVerified::assertion()) };
        match chain.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now) {
            // Names are checked last: the rest is as it should be.
            Err(Error::InvalidCertificate(
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
            )) => Ok(ServerCertVerified::assertion()),
            verdict => verdict,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        rustls::crypto::verify_tls12_signature(
            message,
            cert,
            dss,
            &self.provider.signature_verification_algorithms,
        )
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        rustls::crypto::verify_tls13_signature(
            message,
            cert,
            dss,
            &self.provider.signature_verification_algorithms,
        )
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
    use rustls::ServerConfig;
    use tokio_rustls::{TlsAcceptor, TlsConnector};

    use super::*;

    /// An authority's file, and a server with a certificate that it gave to `localhost`.
    fn authority(folder: &Path, name: &str) -> (PathBuf, TlsAcceptor) {
        let mut params = CertificateParams::new(Vec::new()).expect("parameters");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let authority =
            CertifiedIssuer::self_signed(params, KeyPair::generate().expect("a key")).expect("an authority");
        let key = KeyPair::generate().expect("a key");
        let server = CertificateParams::new(["localhost".to_owned()]).expect("parameters");
        let certificate = server.signed_by(&key, &authority).expect("a certificate");
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("protocols")
            .with_no_client_auth()
            .with_single_cert(
                vec![certificate.der().clone()],
                PrivateKeyDer::Pkcs8(key.serialize_der().into()),
            )
            .expect("a server");
        let file = folder.join(name);
        fs::write(&file, authority.pem()).expect("written");
        (file, TlsAcceptor::from(Arc::new(config)))
    }

    /// Whether a client in this mode, which trusts the file's authorities, takes the server for `name`.
    async fn is_taken(
        mode: PgSslMode,
        authorities: &Path,
        acceptor: &TlsAcceptor,
        name: &'static str,
    ) -> bool {
        let authorities = Some(authorities.to_owned());
        let client = client(mode, &Certificates { authorities, own: None, key: None }).expect("a client");
        let (near, far) = tokio::io::duplex(1 << 14);
        let name = ServerName::try_from(name).expect("a name");
        let (connected, _) =
            tokio::join!(TlsConnector::from(Arc::new(client)).connect(name, near), acceptor.accept(far));
        connected.is_ok()
    }

    #[tokio::test]
    async fn each_mode_asks_of_the_server_what_libpq_asks() {
        let folder = tempfile::tempdir().expect("a folder");
        let ((ours, acceptor), (theirs, _)) =
            (authority(folder.path(), "ours.pem"), authority(folder.path(), "theirs.pem"));
        for (mode, other_name, other_authority) in [
            (PgSslMode::VerifyFull, false, false),
            (PgSslMode::VerifyCa, true, false),
            (PgSslMode::Require, true, true),
            (PgSslMode::Prefer, true, true),
        ] {
            assert!(is_taken(mode, &ours, &acceptor, "localhost").await, "{mode:?}");
            assert_eq!(is_taken(mode, &ours, &acceptor, "db.example.org").await, other_name, "{mode:?}");
            assert_eq!(is_taken(mode, &theirs, &acceptor, "localhost").await, other_authority, "{mode:?}");
        }
    }

    #[test]
    fn a_certificate_without_its_key_is_refused() {
        let half = Certificates { authorities: None, own: Some(PathBuf::from("own.pem")), key: None };
        assert!(client(PgSslMode::Require, &half).is_err_and(|error| error.contains("sslkey")));
    }
}
