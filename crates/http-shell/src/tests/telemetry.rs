//! What metrics and logs know of a request: its route pattern, never its path, query or secrets.

use std::{
    io::{self, Write},
    net::TcpListener,
    sync::{Arc, Mutex},
};

use actix_web::test::TestRequest;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use super::Fixture;
use crate::{admin, layers::metrics};

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(octets);
        Ok(octets.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

const THING: &str = "/t/things/0192f3c4-5a6b-7c8d-9e0f-a1b2c3d4e5f6?token=canary-query";

fn request() -> TestRequest {
    TestRequest::get()
        .uri(THING)
        .insert_header(("authorization", "Bearer ann"))
        .insert_header(("cookie", "canary-cookie"))
        .insert_header(("user-agent", "canary-agent"))
}

#[actix_web::test]
async fn logs_name_the_request_and_hold_no_secret() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt().json().with_writer(move || writer.clone()).finish();
    let guard = tracing::subscriber::set_default(subscriber);
    let got = Fixture::default().send(request()).await;
    drop(guard);
    let text = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    for told in [got.header("x-request-id"), "/t/things/{id}", "00000000-0000-0000-0000-000000000001", "404"]
    {
        assert!(text.contains(told), "{told} is missing in {text}");
    }
    for secret in ["canary", "Bearer", "0192f3c4"] {
        assert!(!text.contains(secret), "{secret} is in {text}");
    }
}

#[actix_web::test]
async fn the_admin_address_gives_metrics_by_route_pattern() {
    let handle = metrics::install().unwrap();
    Fixture::default().send(request()).await;
    Fixture::default().send(TestRequest::get().uri("/invented/canary-path")).await;
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let server = tokio::spawn(admin::serve(listener, handle, async {
        let _ = stopped.await;
    }));
    let mut socket = TcpStream::connect(address).await.unwrap();
    socket.write_all(b"GET /metrics HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n").await.unwrap();
    let mut text = String::new();
    socket.read_to_string(&mut text).await.unwrap();
    assert!(
        text.contains(r#"http_requests_total{method="GET",route="/t/things/{id}",status="404"}"#),
        "{text}"
    );
    assert!(
        text.contains(r#"http_request_duration_seconds_bucket{method="GET",route="none",le="0.001"}"#),
        "{text}"
    );
    assert!(!text.contains("canary"), "{text}");
    stop.send(()).unwrap();
    server.await.unwrap().unwrap();
}
