//! What a URL must be like, said before anything is sent.

use kernel::outbound::{AddressRange, Outbound as _, OutboundError, UrlRefused};
use outbound::GuardedClient;

use crate::{
    server::ok,
    support::{World, get},
};

/// URLs that are refused, and why. The odd forms are those in which filters of others were passed: what counts is what
/// the URL standard reads (WHATWG, section 3.5).
const REFUSED: [(&str, UrlRefused); 63] = [
    ("", UrlRefused::Scheme),
    ("hooks.example/in", UrlRefused::Scheme),
    ("//hooks.example/in", UrlRefused::Scheme),
    ("/in", UrlRefused::Scheme),
    ("http://hooks.example/", UrlRefused::Scheme),
    ("ftp://hooks.example/", UrlRefused::Scheme),
    ("file:///etc/passwd", UrlRefused::Scheme),
    ("gopher://hooks.example/", UrlRefused::Scheme),
    ("data:text/plain,x", UrlRefused::Scheme),
    ("localhost:8443", UrlRefused::Scheme),
    ("webcal://hooks.example/", UrlRefused::Scheme),
    ("https://", UrlRefused::NoHost),
    ("https:///", UrlRefused::NoHost),
    ("https://:443/", UrlRefused::NoHost),
    ("https://user@/", UrlRefused::NoHost),
    ("https://?x", UrlRefused::NoHost),
    ("https://ann:secret@hooks.example/", UrlRefused::Credentials),
    ("https://ann@hooks.example/", UrlRefused::Credentials),
    ("https://:secret@hooks.example/", UrlRefused::Credentials),
    ("https://hooks.example:22/", UrlRefused::Port(22)),
    ("https://hooks.example:80/", UrlRefused::Port(80)),
    ("https://hooks.example:0/", UrlRefused::Port(0)),
    ("https://hooks.example:442/", UrlRefused::Port(442)),
    ("https://hooks.example:1023/", UrlRefused::Port(1023)),
    ("https://hooks.example:65536/", UrlRefused::Malformed),
    ("https://hooks.example:x/", UrlRefused::Malformed),
    ("https://hooks example/", UrlRefused::Malformed),
    ("https://hooks..example/", UrlRefused::Malformed),
    ("https://-hooks.example/", UrlRefused::Malformed),
    ("https://hooks%00.example/", UrlRefused::Malformed),
    ("https://xn--a/", UrlRefused::Malformed),
    ("https://256.0.0.1/", UrlRefused::Malformed),
    ("https://1.2.3.4.5/", UrlRefused::Malformed),
    ("https://[::1/", UrlRefused::Malformed),
    ("https://[fe80::1%25eth0]/", UrlRefused::Malformed),
    ("https://localhost/", UrlRefused::Address(AddressRange::Loopback)),
    ("https://LOCALHOST.:8443/", UrlRefused::Address(AddressRange::Loopback)),
    ("https://api.localhost/", UrlRefused::Address(AddressRange::Loopback)),
    ("https://127.0.0.1/", UrlRefused::Address(AddressRange::Loopback)),
    ("https://127.0.0.1./", UrlRefused::Address(AddressRange::Loopback)),
    ("https://127.1/", UrlRefused::Address(AddressRange::Loopback)),
    ("https://127.0.1/", UrlRefused::Address(AddressRange::Loopback)),
    ("https://2130706433/", UrlRefused::Address(AddressRange::Loopback)),
    ("https://0x7f000001/", UrlRefused::Address(AddressRange::Loopback)),
    ("https://0x7f.1/", UrlRefused::Address(AddressRange::Loopback)),
    ("https://0177.0.0.01/", UrlRefused::Address(AddressRange::Loopback)),
    ("https://017700000001/", UrlRefused::Address(AddressRange::Loopback)),
    ("https://%31%32%37.0.0.1/", UrlRefused::Address(AddressRange::Loopback)),
    ("https://１２７。０。０。１/", UrlRefused::Address(AddressRange::Loopback)),
    ("https://①②⑦.⓪.⓪.①/", UrlRefused::Address(AddressRange::Loopback)),
    ("https://[::1]/", UrlRefused::Address(AddressRange::Loopback)),
    ("https://[0:0:0:0:0:0:0:1]:8443/", UrlRefused::Address(AddressRange::Loopback)),
    ("https://[::ffff:127.0.0.1]/", UrlRefused::Address(AddressRange::Loopback)),
    ("https://[::127.0.0.1]/", UrlRefused::Address(AddressRange::Translation)),
    ("https://[64:ff9b::10.0.0.1]/", UrlRefused::Address(AddressRange::Private)),
    ("https://[2002:a00:1::]/", UrlRefused::Address(AddressRange::Translation)),
    ("https://[fd00::1]/", UrlRefused::Address(AddressRange::UniqueLocal)),
    ("https://0/", UrlRefused::Address(AddressRange::Unspecified)),
    ("https://10.0.0.1/", UrlRefused::Address(AddressRange::Private)),
    ("https://192.168.1.1/", UrlRefused::Address(AddressRange::Private)),
    ("https://100.64.0.1/", UrlRefused::Address(AddressRange::Shared)),
    ("https://169.254.169.254/latest/meta-data/", UrlRefused::Address(AddressRange::Metadata)),
    ("https://0xa9fea9fe/", UrlRefused::Address(AddressRange::Metadata)),
];

#[tokio::test]
async fn what_is_wrong_with_a_url_is_said_and_nothing_is_sent_to_it() {
    let world = World::start(|_| ok("hello")).await;
    for (url, why) in REFUSED {
        assert_eq!(world.client.check(url), Err(why), "{url}");
        assert_eq!(world.get(url).await, Err(OutboundError::Url(why)), "{url}");
    }
    assert!(world.names.lookups.lock().unwrap().is_empty() && world.names.connections().is_empty());
}

#[test]
fn a_url_that_may_be_sent_to_is_kept_in_one_form() {
    let client = GuardedClient::new(false);
    for (typed, kept) in [
        ("https://hooks.example", "https://hooks.example/"),
        (" HTTPS://Hooks.Example:443/a/../in?x=1#top ", "https://hooks.example/in?x=1"),
        ("https://hooks.example:8443/in", "https://hooks.example:8443/in"),
        ("https://hooks.example:1024/", "https://hooks.example:1024/"),
        ("https://hooks.example:65535/", "https://hooks.example:65535/"),
        ("https://müller.example/ä", "https://xn--mller-kva.example/%C3%A4"),
        ("https://my_hooks.example./", "https://my_hooks.example./"),
        ("https://0x5d.184.55054/", "https://93.184.215.14/"),
        ("https://[2606:4700::0:1111]/", "https://[2606:4700::1111]/"),
        ("https://@hooks.example/", "https://hooks.example/"),
        ("https://hooks.example\\@10.0.0.1/", "https://hooks.example/@10.0.0.1/"),
    ] {
        let checked = client.check(typed).unwrap();
        assert_eq!(checked.expose(), kept, "{typed}");
        assert_eq!(client.check(kept), Ok(checked), "it stays as it is");
    }
}

#[test]
fn a_url_has_2048_characters_as_it_was_typed_and_as_it_is_kept() {
    let client = GuardedClient::new(false);
    let start = "https://hooks.example/";
    let long = |character: &str, more: usize| {
        client.check(&format!("{start}{}", character.repeat(2048 - start.len() + more)))
    };
    assert_eq!(long("x", 0).unwrap().expose().len(), 2048);
    assert_eq!(long("x", 1), Err(UrlRefused::TooLong));
    assert_eq!(long("ä", 0), Err(UrlRefused::TooLong), "kept, each has six");
    assert_eq!(client.check(&"x".repeat(10_000_000)), Err(UrlRefused::TooLong));
}

#[test]
fn private_addresses_http_and_any_port_are_allowed_on_demand_but_nothing_else() {
    let client = GuardedClient::new(true);
    for url in ["http://localhost:80/", "http://127.0.0.1:22/", "https://10.0.0.1:81/", "https://[::1]/"] {
        assert_eq!(client.check(url).unwrap().expose().parse::<url::Url>().unwrap(), url.parse().unwrap());
    }
    assert_eq!(client.check("ftp://hooks.example/"), Err(UrlRefused::Scheme));
    assert_eq!(client.check("http://ann:secret@127.0.0.1/"), Err(UrlRefused::Credentials));
}

#[tokio::test]
async fn a_url_that_was_let_through_by_other_settings_is_checked_again() {
    let world = World::start(|_| ok("hello")).await;
    let kept = GuardedClient::new(true).check("https://192.168.0.7/").unwrap();
    let sent = world.send(kernel::outbound::Outgoing { url: kept, ..get("") }, crate::support::POLICY).await;
    assert_eq!(sent, Err(OutboundError::Url(UrlRefused::Address(AddressRange::Private))));
}
