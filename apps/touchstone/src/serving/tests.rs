//! The whole of it in one process, as tests and host programs use it.

use std::{
    io::{Read as _, Write as _},
    net::{SocketAddr, TcpListener, TcpStream},
    time::Duration,
};

use kernel::Lane;
use mail::MemoryMailer;
use platform::{Options, WorkerOptions, shutdown};

use super::{serve, *};

fn post(address: SocketAddr, path: &str, body: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    let length = body.len();
    write!(
        stream,
        "POST {path} HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\
         Connection: close\r\n\r\n{body}"
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[tokio::test(flavor = "multi_thread")]
async fn who_registers_is_sent_a_letter_and_can_sign_in() {
    let mailer = Arc::new(MemoryMailer::new());
    let platform = Platform::in_memory(Options::for_tests(mailer.clone())).await.unwrap();
    let (stop, mut stopping) = shutdown::channel();
    let mut work = platform.start_work(&WorkerOptions::default(), &stopping);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let state = state(&platform, http_shell::Settings::default());
    let server = serve(listener, state, async move { stopping.stopped().await });

    let login = r#"{"email":"ann@example.org","password":"mauve tortoise drinks tea"}"#;
    let talk = tokio::task::spawn_blocking(move || {
        let answer = post(address, "/v1/auth/register", login);
        assert!(answer.starts_with("HTTP/1.1 202"), "{answer}");
    });
    talk.await.unwrap();
    let letter = mailer.wait_for(|mail| mail.to == "ann@example.org", Duration::from_secs(10)).await.unwrap();
    let link = letter.link.unwrap();
    let token = link.expose().rsplit(['=', '#']).next().unwrap().to_owned();
    let talk = tokio::task::spawn_blocking(move || {
        let answer = post(address, "/v1/auth/verify-email", &format!(r#"{{"token":"{token}"}}"#));
        assert!(answer.starts_with("HTTP/1.1 204"), "{answer}");
        let answer = post(address, "/v1/auth/login", login);
        assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("access_token"), "{answer}");
    });
    talk.await.unwrap();
    let lag = async |lane| platform.outbox.lag(platform.clock.now(), lane).await.unwrap();
    let told = async {
        while lag(Lane::Now).await + lag(Lane::Soon).await > Duration::ZERO {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), told).await.expect("all of it is told");

    stop.stop();
    server.await.unwrap().unwrap();
    while work.join_next().await.is_some() {}
}
