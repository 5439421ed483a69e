//! Letters over TLS: from the first byte, by STARTTLS, and not at all when someone is in the middle.

use std::sync::Arc;

use kernel::{MailError, Mailer, Secret};
use mail::{SettingsError, SmtpLogin, SmtpMailer, SmtpSecurity, SmtpSettings};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{ServerConfig, crypto::ring, pki_types::PrivateKeyDer},
};

use crate::{
    server::{Act, Security, Server},
    support::{clock, reset, sender},
};

/// A private authority's PEM and an acceptor with a certificate it gave to `localhost`.
fn authority() -> (String, TlsAcceptor) {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let certificate =
        CertificateParams::new(["localhost".to_owned()]).unwrap().signed_by(&key, &authority).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], PrivateKeyDer::Pkcs8(key.serialize_der().into()))
        .unwrap();
    (authority.pem(), TlsAcceptor::from(Arc::new(config)))
}

fn mailer(server: &Server, host: &str, security: SmtpSecurity, roots: Option<String>) -> SmtpMailer {
    let settings = SmtpSettings {
        port: server.port,
        security,
        login: Some(SmtpLogin { username: "u".to_owned(), password: Secret::new("p") }),
        root_certificates: roots,
        ..SmtpSettings::new(host, sender())
    };
    SmtpMailer::new(settings, clock()).unwrap()
}

const EXTENSIONS: [&str; 3] = ["STARTTLS", "8BITMIME", "AUTH PLAIN LOGIN"];

#[tokio::test]
async fn letters_go_over_tls_both_ways() {
    let (pem, acceptor) = authority();
    for (security, server) in [
        (SmtpSecurity::ImplicitTls, Server::with(Security::Implicit(acceptor.clone()), &EXTENSIONS).await),
        (SmtpSecurity::StartTls, Server::with(Security::StartTls(acceptor.clone()), &EXTENSIONS).await),
    ] {
        mailer(&server, "localhost", security, Some(pem.clone())).send(&reset()).await.unwrap();
        assert!(server.received()[0].encrypted && server.received()[0].login.is_some());
    }
}

#[tokio::test]
async fn a_stranger_in_the_middle_learns_nothing() {
    let (pem, acceptor) = authority();
    let (other, _) = authority();
    for (host, roots) in [("localhost", None), ("localhost", Some(other)), ("127.0.0.1", Some(pem))] {
        for (security, server) in [
            (
                SmtpSecurity::ImplicitTls,
                Server::with(Security::Implicit(acceptor.clone()), &EXTENSIONS).await,
            ),
            (SmtpSecurity::StartTls, Server::with(Security::StartTls(acceptor.clone()), &EXTENSIONS).await),
        ] {
            let error = mailer(&server, host, security, roots.clone()).send(&reset()).await.unwrap_err();
            assert!(matches!(error, MailError::Transient(_)), "{error}");
            assert!(error.to_string().contains("certificate"), "{error}");
            assert!(
                !server.commands().iter().any(|line| line.starts_with("AUTH") || line.starts_with("MAIL"))
            );
        }
    }
}

#[tokio::test]
async fn a_server_that_hides_starttls_gets_nothing() {
    let (pem, _) = authority();
    let server = Server::with(Security::None, &["AUTH PLAIN"]).await;
    let error = mailer(&server, "localhost", SmtpSecurity::StartTls, Some(pem.clone()))
        .send(&reset())
        .await
        .unwrap_err();
    assert!(matches!(error, MailError::Transient(_)), "{error}");
    let refusing = Server::with(Security::None, &EXTENSIONS).await;
    refusing.once("STARTTLS", Act::Say("502 no"));
    let error =
        mailer(&refusing, "localhost", SmtpSecurity::StartTls, Some(pem)).send(&reset()).await.unwrap_err();
    assert!(matches!(error, MailError::Transient(_)), "{error}");
    for server in [server, refusing] {
        assert!(!server.commands().iter().any(|line| line.starts_with("AUTH") || line.starts_with("MAIL")));
    }
}

#[tokio::test]
async fn answers_slipped_in_before_tls_do_not_count() {
    let (pem, acceptor) = authority();
    let server = Server::with(Security::StartTls(acceptor), &EXTENSIONS).await;
    // Someone in the middle appends an answer in the clear, to be read as the first one inside TLS.
    server.once("STARTTLS", Act::Say("220 go ahead\r\n250-evil\r\n250 AUTH PLAIN"));
    server.once("letter", Act::Say("550 5.7.1 refused"));
    let sent = mailer(&server, "localhost", SmtpSecurity::StartTls, Some(pem)).send(&reset()).await;
    assert!(matches!(&sent, Err(MailError::Transient(what)) if what.contains("out of step")), "{sent:?}");
    assert!(server.received().is_empty());
}

#[test]
fn a_root_certificate_must_be_one() {
    for pem in ["", "hello", "-----BEGIN CERTIFICATE-----\nhello\n-----END CERTIFICATE-----\n"] {
        let settings = SmtpSettings {
            root_certificates: Some(pem.to_owned()),
            ..SmtpSettings::new("mail.example", sender())
        };
        let refused = SmtpMailer::new(settings, clock()).map(drop).unwrap_err();
        assert!(matches!(refused, SettingsError::RootCertificate | SettingsError::Tls(_)), "{refused}");
    }
}
