//! What the other side is asked.

use kernel::outbound::OutboundError;

use crate::{
    server::{Act, ok},
    support::{POLICY, World, post},
};

const URL: &str = "https://hooks.example/in";

#[tokio::test]
async fn a_request_arrives_as_it_was_given() {
    let world = World::start(|_| ok("")).await;
    let path = "/a%20b/[c]|d^e;f?q='x'&r={y}&`#top";
    let headers = [("Webhook-Id", "msg_1"), ("X-Twice", "a"), ("X-Twice", "b"), ("User-Agent", "Calendars")];
    let url = format!("https://hooks.example:8443{path}");
    world.send(post(&url, &headers, "{\"ü\":1}"), POLICY).await.unwrap();
    world.get(URL).await.unwrap();
    let asked = world.server.asked();
    assert_eq!(asked[0].head.lines().next(), Some("POST /a%20b/[c]|d^e;f?q=%27x%27&r={y}&` HTTP/1.1"));
    assert_eq!(asked[0].body, "{\"ü\":1}");
    for (name, value) in [
        ("host", "hooks.example:8443"),
        ("webhook-id", "msg_1"),
        ("user-agent", "Calendars"),
        ("accept-encoding", "identity"),
        ("connection", "close"),
    ] {
        assert_eq!(asked[0].header(name), Some(value), "{name}");
    }
    assert!(asked[0].head.contains("x-twice: a\r\n") && asked[0].head.contains("x-twice: b\r\n"));
    assert_eq!(asked[0].head.matches("user-agent: ").count(), 1);
    assert_eq!(asked[1].head.lines().next(), Some("GET /in HTTP/1.1"));
    assert_eq!(asked[1].header("user-agent"), Some("Touchstone"));
}

#[tokio::test]
async fn an_address_in_the_url_is_asked_under_its_own_name() {
    let world = World::start(|_| ok("hello")).await;
    assert_eq!(world.get("https://0x5db8d70e/").await.unwrap().body, b"hello");
    assert_eq!(world.server.asked()[0].header("host"), Some("93.184.215.14"));
    assert!(world.names.lookups.lock().unwrap().is_empty());
}

#[tokio::test]
async fn headers_that_would_make_two_requests_of_one_are_refused() {
    let world = World::start(|_| ok("")).await;
    for (name, value) in [
        ("X-Key", "a\r\nHost: inside.example"),
        ("X-Key\r\nX-Other", "a"),
        ("X Key", "a"),
        ("", "a"),
        ("X-Key", "a\0b"),
        ("Host", "inside.example"),
        ("Content-Length", "0"),
        ("Transfer-Encoding", "chunked"),
        ("Connection", "keep-alive"),
        ("Upgrade", "websocket"),
        ("Expect", "100-continue"),
    ] {
        let sent = world.send(post(URL, &[(name, value)], "{}"), POLICY).await;
        assert_eq!(sent, Err(OutboundError::Header(name.to_owned())), "{name}: {value}");
    }
    assert!(world.server.asked().is_empty());
}

#[tokio::test]
async fn an_exchange_leaves_nothing_to_the_next() {
    let cookie = "HTTP/1.1 200 OK\r\nSet-Cookie: id=1\r\nContent-Length: 0\r\n\r\n";
    let world = World::start(|_| Act::Say(cookie.to_owned())).await;
    world.get(URL).await.unwrap();
    world.get(URL).await.unwrap();
    assert_eq!(world.server.asked()[1].header("cookie"), None);
    assert_eq!(world.names.connections().len(), 2, "a connection each");
}
