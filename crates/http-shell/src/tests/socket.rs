//! What only a real connection shows.

use std::{net::TcpListener, time::Duration};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    sync::oneshot,
};

use super::Fixture;
use crate::{Settings, server::serve};

struct Running {
    address: std::net::SocketAddr,
    stop: oneshot::Sender<()>,
    server: tokio::task::JoinHandle<std::io::Result<()>>,
}

fn start(settings: Settings) -> Running {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let settings = Settings { workers: Some(1), rates: None, ..settings };
    let state = Fixture { settings, ..Fixture::default() }.state();
    let server = tokio::spawn(serve(listener, state, async {
        let _ = stopped.await;
    }));
    Running { address, stop, server }
}

impl Running {
    /// Sends octets, then gives everything that comes until the connection is closed.
    async fn talk(&self, octets: &str) -> String {
        let mut socket = TcpStream::connect(self.address).await.unwrap();
        socket.write_all(octets.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        let read = socket.read_to_end(&mut answer);
        let _ = tokio::time::timeout(Duration::from_secs(5), read).await.expect("the connection ends");
        String::from_utf8_lossy(&answer).into_owned()
    }
}

#[actix_web::test]
async fn head_is_get_without_a_body_and_no_server_is_named() {
    let running = start(Settings::default());
    let head = running.talk("HEAD /livez HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n").await;
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    assert!(head.contains("content-length: 18") && head.ends_with("\r\n\r\n"), "{head}");
    assert!(!head.to_lowercase().contains("\r\nserver:"), "{head}");
    let missing = running.talk("HEAD /none HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n").await;
    assert!(missing.starts_with("HTTP/1.1 404") && missing.ends_with("\r\n\r\n"), "{missing}");
}

#[actix_web::test]
async fn a_slow_body_is_408_and_a_panic_500() {
    let running = start(Settings { body_within: Duration::from_millis(50), ..Settings::default() });
    let slow =
        "POST /t/json HTTP/1.1\r\nHost: t\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{";
    let got = running.talk(&slow.replace("Host: t", "Host: t\r\nConnection: close")).await;
    assert!(got.starts_with("HTTP/1.1 408") && got.contains("request.too_slow"), "{got}");
    let got = running.talk("GET /t/panic HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n").await;
    assert!(got.starts_with("HTTP/1.1 500") && got.contains("service.fault"), "{got}");
    assert!(got.contains("x-request-id: "), "{got}");
}

#[actix_web::test]
async fn a_chunked_body_cannot_pass_the_limit() {
    let running = start(Settings::default());
    let chunk = format!("{:x}\r\n{}\r\n", 40_000, " ".repeat(40_000));
    let head = "POST /t/json HTTP/1.1\r\nHost: t\r\nConnection: close\r\nContent-Type: application/json\r\n";
    let got = running.talk(&format!("{head}Transfer-Encoding: chunked\r\n\r\n{chunk}{chunk}0\r\n\r\n")).await;
    assert!(got.starts_with("HTTP/1.1 413") && got.contains("request.body_too_large"), "{got}");
}

#[actix_web::test]
async fn a_stopping_server_finishes_what_runs() {
    let running = start(Settings::default());
    let Running { address, stop, server } = running;
    let mut socket = TcpStream::connect(address).await.unwrap();
    socket.write_all(b"GET /t/pause HTTP/1.1\r\nHost: t\r\n\r\n").await.unwrap();
    tokio::time::sleep(Duration::from_millis(50)).await;
    stop.send(()).unwrap();
    let mut answer = vec![0; 4096];
    let read = tokio::time::timeout(Duration::from_secs(5), socket.read(&mut answer)).await.unwrap().unwrap();
    let answer = String::from_utf8_lossy(&answer[..read]).into_owned();
    assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("rested"), "{answer}");
    drop(socket);
    tokio::time::timeout(Duration::from_secs(10), server).await.expect("it stops").unwrap().unwrap();
    assert!(TcpStream::connect(address).await.is_err());
}
