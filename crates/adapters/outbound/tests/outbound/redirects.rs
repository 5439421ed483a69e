//! Answers that lead on.

use kernel::outbound::{AddressRange, OutboundError, Policy, UrlRefused};

use crate::{
    server::{leading_to, ok},
    support::{POLICY, World, get, post},
};

const URL: &str = "https://hooks.example/start";

async fn leading(status: u16, location: &'static str) -> World {
    World::start(move |path| if path == "/start" { leading_to(status, location) } else { ok("there") }).await
}

#[tokio::test]
async fn a_redirect_is_followed_as_often_as_the_policy_says() {
    let world = leading(302, "https://other.example/in?x=1#top").await;
    let sent = world.get(URL).await.unwrap();
    assert_eq!((sent.status, sent.body.as_slice()), (200, &b"there"[..]));
    assert_eq!(sent.url.expose(), "https://other.example/in?x=1");
    let sent = leading(302, "?x").await.get(URL).await.unwrap();
    assert_eq!(sent.url.expose(), "https://hooks.example/start?x", "relative to where it came from");
    let sent = world.send(get(URL), Policy { redirects: 0, ..POLICY }).await.unwrap();
    assert_eq!((sent.status, sent.body.as_slice()), (302, &b"gone"[..]));
    assert_eq!(sent.header("location"), Some("https://other.example/in?x=1#top"));
    assert_eq!(world.names.connections().len(), 3, "not followed");
}

#[tokio::test]
async fn a_loop_ends() {
    let world = World::start(|_| leading_to(307, "/start")).await;
    assert_eq!(world.get(URL).await, Err(OutboundError::TooManyRedirects(3)));
    assert_eq!(world.server.asked().len(), 4);
}

#[tokio::test]
async fn where_an_answer_leads_is_checked_like_a_first_url() {
    let range = |range| OutboundError::Redirect(UrlRefused::Address(range));
    for (location, why) in [
        ("https://10.0.0.1/", range(AddressRange::Private)),
        ("https://0x7f.1/", range(AddressRange::Loopback)),
        ("//169.254.169.254/latest/", range(AddressRange::Metadata)),
        ("https://[::ffff:127.0.0.1]:8443/", range(AddressRange::Loopback)),
        ("http://hooks.example/in", OutboundError::Redirect(UrlRefused::Scheme)),
        ("file:///etc/passwd", OutboundError::Redirect(UrlRefused::Scheme)),
        ("https://ann:secret@other.example/", OutboundError::Redirect(UrlRefused::Credentials)),
        ("https://other.example:25/", OutboundError::Redirect(UrlRefused::Port(25))),
        ("https://", OutboundError::Redirect(UrlRefused::NoHost)),
        ("https://a b/", OutboundError::Redirect(UrlRefused::Malformed)),
        ("https://inside.example/", OutboundError::Address(AddressRange::Private)),
    ] {
        let world = leading(302, location).await;
        world.names.lead("inside.example", &[&["192.168.7.7"]]);
        assert_eq!(world.get(URL).await, Err(why), "{location}");
        assert_eq!(world.names.connections().len(), 1, "{location}");
    }
    let far: &'static str = format!("/{}", "x".repeat(2048)).leak();
    let sent = leading(302, far).await.get(URL).await;
    assert_eq!(sent, Err(OutboundError::Redirect(UrlRefused::TooLong)));
}

#[tokio::test]
async fn https_never_goes_down_to_http_even_where_http_is_allowed() {
    let world = World::with(true, |_| leading_to(302, "http://hooks.example/in")).await;
    assert_eq!(world.get(URL).await, Err(OutboundError::Redirect(UrlRefused::Scheme)));
    assert_eq!(world.names.connections().len(), 1);
}

#[tokio::test]
async fn an_answer_that_does_not_say_where_is_the_answer() {
    for said in ["HTTP/1.1 302 There\r\n\r\n", "HTTP/1.1 300 Choose\r\nLocation: /in\r\n\r\n"] {
        let world = World::start(move |_| crate::server::Act::Say(said.to_owned())).await;
        assert_eq!(world.get(URL).await.unwrap().url.expose(), URL);
    }
}

const HEADERS: [(&str, &str); 5] = [
    ("Authorization", "Bearer key"),
    ("Cookie", "id=1"),
    ("Webhook-Signature", "v1,abc"),
    ("Accept", "text/calendar"),
    ("Content-Type", "application/json"),
];

#[tokio::test]
async fn another_host_sees_no_key_and_no_signature() {
    for (location, stays) in
        [("/in", true), ("https://other.example/in", false), ("https://hooks.example:8443/in", false)]
    {
        let world = leading(307, location).await;
        world.send(post(URL, &HEADERS, "{}"), POLICY).await.unwrap();
        let asked = &world.server.asked()[1];
        for (secret, value) in &HEADERS[..3] {
            let seen = asked.header(&secret.to_lowercase());
            assert_eq!(seen, stays.then_some(*value), "{secret} at {location}");
        }
        assert_eq!(asked.header("accept"), Some("text/calendar"));
        assert_eq!(asked.header("content-type"), Some("application/json"));
    }
}

#[tokio::test]
async fn what_was_left_behind_does_not_come_back() {
    let world = World::start(|path| match path {
        "/start" => leading_to(307, "https://other.example/back"),
        "/back" => leading_to(307, "https://hooks.example/in"),
        _ => ok("there"),
    })
    .await;
    world.send(post(URL, &HEADERS, "{}"), POLICY).await.unwrap();
    let asked = world.server.asked();
    assert_eq!((asked[2].header("host"), asked[2].header("authorization")), (Some("hooks.example"), None));
}

#[tokio::test]
async fn a_post_stays_one_where_the_status_says_so() {
    for (status, line, body) in [
        (301, "GET /in HTTP/1.1", ""),
        (302, "GET /in HTTP/1.1", ""),
        (303, "GET /in HTTP/1.1", ""),
        (307, "POST /in HTTP/1.1", "{}"),
        (308, "POST /in HTTP/1.1", "{}"),
    ] {
        let world = leading(status, "/in").await;
        world.send(post(URL, &HEADERS, "{}"), POLICY).await.unwrap();
        let asked = &world.server.asked()[1];
        assert_eq!((asked.head.lines().next(), asked.body.as_str()), (Some(line), body), "{status}");
        assert_eq!(asked.header("content-type").is_some(), line.starts_with("POST"), "{status}");
    }
}
