//! Who the other side must prove to be.

use std::sync::Arc;

use kernel::outbound::{Outbound as _, OutboundError};
use outbound::{GuardedClient, RootCertificateError};
use tokio_rustls::TlsAcceptor;

use crate::{
    server::{Server, ok},
    support::{POLICY, PUBLIC, World, authority, get},
};

const URL: &str = "https://hooks.example/in";

async fn failure(pem: Option<&str>, acceptor: Option<TlsAcceptor>) -> String {
    let server = Server::start(acceptor, |_| ok("hello")).await;
    let names = Arc::new(crate::support::Names::before(server.port));
    names.lead("hooks.example", &[&[&PUBLIC.to_string()]]);
    let client = GuardedClient::new(false).with_network(names);
    let client = match pem {
        Some(pem) => client.with_root_certificates(pem).unwrap(),
        None => client,
    };
    let sent = client.send(&get(URL), &POLICY).await;
    assert!(matches!(sent, Err(OutboundError::Tls(_))), "{sent:?}");
    assert!(server.asked().is_empty(), "nothing was sent");
    sent.unwrap_err().to_string()
}

#[tokio::test]
async fn a_host_that_does_not_prove_who_it_is_is_sent_nothing() {
    let (pem, other_name) = authority(&["other.example"], false);
    assert!(failure(Some(&pem), Some(other_name)).await.contains("for another name"));
    let (pem, expired) = authority(&["hooks.example"], true);
    assert!(failure(Some(&pem), Some(expired)).await.contains("has expired"));
    let (_, unknown) = authority(&["hooks.example"], false);
    assert!(failure(None, Some(unknown.clone())).await.contains("from nobody who is trusted"));
    assert!(
        failure(Some(&pem), Some(unknown)).await.contains("is not valid"),
        "of an authority of the same name"
    );
    assert!(failure(None, None).await.contains("does not speak TLS"));
}

#[tokio::test]
async fn private_addresses_do_not_make_certificates_optional() {
    let world = World::with(true, |_| ok("hello")).await;
    assert_eq!(world.get("https://hooks.example/").await.unwrap().body, b"hello");
    world.names.lead("inside.example", &[&["10.0.0.1"]]);
    let sent = world.get("https://inside.example/").await;
    assert!(matches!(sent, Err(OutboundError::Tls(_))), "{sent:?}");
}

#[test]
fn root_certificates_must_be_some() {
    for pem in ["", "hello", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"] {
        let client = GuardedClient::new(false).with_root_certificates(pem);
        assert_eq!(client.err(), Some(RootCertificateError), "{pem:?}");
    }
}
