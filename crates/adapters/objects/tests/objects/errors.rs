//! How S3 is reached, and what it means when it is not.

use std::{convert::Infallible, sync::Arc};

use document::{ObjectPart::Content, ports::Objects};
use http_body_util::Empty;
use hyper::{Response, body::Bytes, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use kernel::{Secret, document::ContentError};
use objects::{S3Objects, S3Settings};
use tokio::net::TcpListener;
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        ServerConfig,
        crypto::ring,
        pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
    },
};

use crate::cases::{S3, all, key, settings};

/// What all operations say, each as a sentence.
async fn outcomes(settings: &S3Settings) -> [Result<(), ContentError>; 4] {
    let objects = S3Objects::new(settings).unwrap();
    let key = key(1, 2, Content);
    let writer = objects.write(&key).await.unwrap();
    [
        writer.finish().await,
        objects.read(&key, Some(0..9)).await.map(drop),
        objects.delete(&key).await,
        objects.list(None, 10).await.map(drop),
    ]
}

async fn is_unavailable(settings: &S3Settings) {
    for outcome in outcomes(settings).await {
        assert!(matches!(outcome, Err(ContentError::Unavailable(_))), "{outcome:?}");
    }
}

async fn is_fault(settings: &S3Settings, says: &str) {
    for outcome in outcomes(settings).await {
        assert!(matches!(&outcome, Err(ContentError::Fault(said)) if said.contains(says)), "{outcome:?}");
    }
}

// Where nothing else is to be done, the time of these tests goes on by itself.

#[tokio::test(start_paused = true)]
async fn a_server_that_is_not_there_is_unavailable() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    is_unavailable(&settings(&format!("http://{address}"))).await;
}

#[tokio::test(start_paused = true)]
async fn a_server_that_never_answers_is_unavailable() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    is_unavailable(&settings(&format!("http://{}", listener.local_addr().unwrap()))).await;
}

#[tokio::test(start_paused = true)]
async fn a_server_that_cannot_now_is_unavailable() {
    for status in [429_u16, 500, 503] {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            while let Ok((tcp, _)) = listener.accept().await {
                let answer = service_fn(move |_| async move {
                    let mut answer = Response::new(Empty::<Bytes>::new());
                    *answer.status_mut() = status.try_into().unwrap();
                    Ok::<_, Infallible>(answer)
                });
                tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(tcp), answer));
            }
        });
        is_unavailable(&settings(&format!("http://{address}"))).await;
    }
}

#[tokio::test]
async fn a_wrong_key_is_a_fault() {
    let server = S3::start(|tcp| async { Some(tcp) }).await;
    let wrong = S3Settings { secret_access_key: Secret::new("wrong"), ..server.settings.clone() };
    is_fault(&wrong, "check the keys").await;
    let wrong = S3Settings { access_key_id: "nobody".to_owned(), ..server.settings.clone() };
    is_fault(&wrong, "check the keys").await;
}

#[tokio::test]
async fn a_bucket_that_is_not_there_is_a_fault() {
    let server = S3::start(|tcp| async { Some(tcp) }).await;
    let wrong = S3Settings { bucket: "nowhere".to_owned(), ..server.settings.clone() };
    // This server makes the bucket where it is written to.
    let listed = S3Objects::new(&wrong).unwrap().list(None, 10).await;
    assert!(
        matches!(&listed, Err(ContentError::Fault(said)) if said.contains("no such bucket")),
        "{listed:?}"
    );
}

#[tokio::test]
async fn tls_is_proven_by_the_certificates_that_are_given() {
    let identity = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let private_key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(identity.signing_key.serialize_der()));
    let tls = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![identity.cert.der().clone()], private_key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(tls));
    let server = S3::start(move |tcp| {
        let acceptor = acceptor.clone();
        async move { acceptor.accept(tcp).await.ok() }
    })
    .await;
    let endpoint = server.settings.endpoint.as_ref().unwrap();
    let endpoint = endpoint.replace("http://127.0.0.1", "https://localhost");
    let unproven = S3Settings { endpoint: Some(endpoint), ..server.settings.clone() };
    is_fault(&unproven, "certificate").await;

    let trusted = Some(identity.cert.pem().into_bytes());
    let objects = S3Objects::new(&S3Settings { root_certificates: trusted, ..unproven }).unwrap();
    let mut writer = objects.write(&key(1, 2, Content)).await.unwrap();
    writer.write(b"sealed".to_vec()).await.unwrap();
    writer.finish().await.unwrap();
    assert_eq!(all(objects.read(&key(1, 2, Content), None).await.unwrap()).await.unwrap(), b"sealed");
}

#[test]
fn settings_that_cannot_be_right_are_refused_at_once() {
    let refused = |settings: S3Settings, says: &str| {
        let refused = S3Objects::new(&settings);
        assert!(matches!(&refused, Err(ContentError::Fault(said)) if said.contains(says)), "{refused:?}");
    };
    for endpoint in ["", "s3.example.org", "ftp://s3.example.org", "s3://bucket"] {
        refused(settings(endpoint), "is no URL");
    }
    refused(S3Settings { path_style: false, ..settings("http://127.0.0.1:9000") }, "path style");
    let pem = Some(b"-----BEGIN NOTHING-----".to_vec());
    refused(S3Settings { root_certificates: pem, ..settings("https://s3.example.org") }, "root certificates");
}
