//! What comes back: whole, cut, late, broken.

use std::time::Duration;

use kernel::outbound::{OutboundError, Policy};

use crate::{
    server::{Act, ok},
    support::{POLICY, World, get},
};

const URL: &str = "https://hooks.example/in";

async fn saying(words: &'static str) -> World {
    World::start(move |_| Act::Say(words.to_owned())).await
}

#[tokio::test]
async fn an_answer_of_any_status_is_an_answer() {
    let words = "HTTP/1.1 503 Busy\r\nRetry-After: 7\r\nX-Name: \u{fc}\r\nContent-Length: 4\r\n\r\nbusy";
    let sent = saying(words).await.get(URL).await.unwrap();
    assert_eq!((sent.status, sent.body.as_slice(), sent.is_cut), (503, &b"busy"[..], false));
    assert_eq!(sent.header("retry-after"), Some("7"));
    assert_eq!(sent.header("x-name"), Some("ü"));
    let sent = saying("HTTP/1.1 204 Done\r\n\r\n").await.get(URL).await.unwrap();
    assert_eq!((sent.status, sent.body.len()), (204, 0));
    let chunked =
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\nX: y\r\n\r\n";
    assert_eq!(saying(chunked).await.get(URL).await.unwrap().whole().unwrap(), b"abcde");
    let until_the_end = "HTTP/1.0 200 OK\r\n\r\nall of it";
    assert_eq!(saying(until_the_end).await.get(URL).await.unwrap().body, b"all of it");
}

#[tokio::test]
async fn a_body_is_cut_where_the_policy_says_and_not_before() {
    let world = World::start(|_| ok("0123456789")).await;
    for (most_bytes, body, is_cut) in
        [(11, "0123456789", false), (10, "0123456789", false), (9, "012345678", true), (0, "", true)]
    {
        let sent = world.send(get(URL), Policy { most_bytes, ..POLICY }).await.unwrap();
        assert_eq!((sent.body.as_slice(), sent.is_cut), (body.as_bytes(), is_cut), "{most_bytes}");
    }
    let empty = World::start(|_| ok("")).await;
    assert!(!empty.send(get(URL), Policy { most_bytes: 0, ..POLICY }).await.unwrap().is_cut);
}

/// The server writes for as long as somebody reads.
#[tokio::test]
async fn an_endless_answer_is_cut_without_being_read_on() {
    let world = World::start(|_| Act::Flood).await;
    let sent = world.send(get(URL), Policy { most_bytes: 100_000, ..POLICY }).await.unwrap();
    assert_eq!((sent.body.len(), sent.is_cut), (100_000, true));
    assert_eq!(sent.whole(), Err(OutboundError::TooLarge));
    assert!(world.server.dammed().await >= 100_000);
}

#[tokio::test]
async fn nothing_is_unpacked() {
    let packed = "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 6\r\n\r\n\u{1f}packd";
    let sent = saying(packed).await.get(URL).await.unwrap();
    assert_eq!(sent.body, b"\x1fpackd");
    assert_eq!(sent.header("content-encoding"), Some("gzip"));
}

#[tokio::test]
async fn an_answer_that_takes_too_long_is_given_up() {
    for act in [|| Act::Stall, || Act::Dribble] {
        let world = World::start(move |_| act()).await;
        let timeout = Duration::from_millis(700);
        let policy = Policy { timeout, most_bytes: 1_000_000, ..POLICY };
        assert_eq!(world.send(get(URL), policy).await, Err(OutboundError::TimedOut(timeout)));
    }
}

#[tokio::test]
async fn what_is_not_http_or_ends_early_is_broken() {
    let many = format!("HTTP/1.1 200 OK\r\nX: {}\r\n\r\n", "x".repeat(1_000_000)).leak();
    for words in [
        "",
        "SSH-2.0-OpenSSH_9.9\r\n",
        "hello\r\n\r\n",
        "HTTP/2 200\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Le",
        "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
        "HTTP/1.1 200 OK\r\nX: a\0b\r\n\r\n",
        many,
    ] {
        let start = &words[..words.len().min(60)];
        assert_eq!(saying(words).await.get(URL).await, Err(OutboundError::Broken), "{start:?}");
    }
}
