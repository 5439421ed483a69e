//! Where names lead, and where connections go.

use std::time::Duration;

use kernel::outbound::{AddressRange, Outbound as _, OutboundError, Policy};
use outbound::GuardedClient;

use crate::{
    server::{Server, leading_to, ok},
    support::{CLOSED, POLICY, PUBLIC, SILENT, World, get},
};

const URL: &str = "https://hooks.example/in";

#[tokio::test]
async fn the_connection_goes_to_the_address_that_was_checked() {
    let world = World::start(|_| ok("hello")).await;
    assert_eq!(world.get(URL).await.unwrap().body, b"hello");
    world.get("https://hooks.example:8443/in").await.unwrap();
    assert_eq!(world.names.connections(), [format!("{PUBLIC}:443"), format!("{PUBLIC}:8443")]);
    assert_eq!(world.names.lookups.lock().unwrap().len(), 2, "one for each connection");
}

#[tokio::test]
async fn a_name_that_leads_elsewhere_the_second_time_is_refused_then() {
    let world = World::start(|path| if path == "/on" { leading_to(307, "/in") } else { ok("hello") }).await;
    for first in [URL, "https://hooks.example/on"] {
        world.names.lead("hooks.example", &[&["93.184.215.14"], &["127.0.0.1"]]);
        world.names.connections.lock().unwrap().clear();
        if first == URL {
            world.get(first).await.unwrap();
        }
        assert_eq!(world.get(first).await, Err(OutboundError::Address(AddressRange::Loopback)), "{first}");
        assert_eq!(world.names.connections(), [format!("{PUBLIC}:443")], "{first}");
    }
}

#[tokio::test]
async fn a_name_with_one_address_that_is_not_public_is_refused() {
    let world = World::start(|_| ok("hello")).await;
    for (addresses, range) in [
        (&["127.0.0.1"][..], AddressRange::Loopback),
        (&["93.184.215.14", "10.0.0.1"], AddressRange::Private),
        (&["10.0.0.1", "93.184.215.14"], AddressRange::Private),
        (&["93.184.215.14", "::1"], AddressRange::Loopback),
        (&["172.16.0.1"], AddressRange::Private),
        (&["192.168.0.1"], AddressRange::Private),
        (&["100.64.0.1"], AddressRange::Shared),
        (&["169.254.0.1"], AddressRange::LinkLocal),
        (&["169.254.169.254"], AddressRange::Metadata),
        (&["224.0.0.1"], AddressRange::Multicast),
        (&["255.255.255.255"], AddressRange::Broadcast),
        (&["0.0.0.0"], AddressRange::Unspecified),
        (&["203.0.113.7"], AddressRange::Documentation),
        (&["198.18.0.1"], AddressRange::Benchmarking),
        (&["240.0.0.1"], AddressRange::Reserved),
        (&["fd00::1"], AddressRange::UniqueLocal),
        (&["fe80::1"], AddressRange::LinkLocal),
        (&["::ffff:10.0.0.1"], AddressRange::Private),
        (&["64:ff9b::127.0.0.1"], AddressRange::Loopback),
        (&["64:ff9b:1::8.8.8.8"], AddressRange::Translation),
        (&["2002:7f00:1::"], AddressRange::Translation),
        (&["2001:0:4136:e378:8000:63bf:80ff:fffe"], AddressRange::Translation),
    ] {
        world.names.lead("hooks.example", &[addresses]);
        let refused = world.get(URL).await.unwrap_err();
        assert_eq!(refused, OutboundError::Address(range), "{addresses:?}");
        let told = refused.to_string();
        assert!(addresses.iter().all(|address| !told.contains(address)), "the address is not told: {told}");
    }
    assert!(world.names.connections().is_empty());
}

#[tokio::test]
async fn a_name_without_an_address_is_not_found() {
    let world = World::start(|_| ok("hello")).await;
    assert_eq!(world.get("https://nowhere.example/").await, Err(OutboundError::NameNotFound));
    world.names.lead("hooks.example", &[&[]]);
    assert_eq!(world.get(URL).await, Err(OutboundError::NameNotFound));
}

#[tokio::test]
async fn an_address_that_takes_no_connection_leaves_time_for_the_next() {
    let world = World::start(|_| ok("hello")).await;
    let [public, closed, silent] = [PUBLIC, CLOSED, SILENT].map(|address| address.to_string());
    world.names.lead("hooks.example", &[&[&closed, &closed, &closed, &closed, &silent, &public]]);
    let policy = Policy { timeout: Duration::from_secs(6), ..POLICY };
    assert_eq!(world.send(get(URL), policy).await.unwrap().body, b"hello");
    world.names.lead("hooks.example", &[&[closed.as_str(); 100]]);
    world.names.connections.lock().unwrap().clear();
    assert_eq!(world.get(URL).await, Err(OutboundError::NotConnected));
    assert_eq!(world.names.connections().len(), 8, "a host is not a list of targets");
}

#[tokio::test]
async fn resolving_and_connecting_count_towards_the_time() {
    let world = World::start(|_| ok("hello")).await;
    world.names.lead("hooks.example", &[&[&SILENT.to_string()]]);
    let timeout = Duration::from_millis(100);
    for url in ["https://silent.example/", URL] {
        let sent = world.send(get(url), Policy { timeout, ..POLICY }).await;
        assert_eq!(sent, Err(OutboundError::TimedOut(timeout)), "{url}");
    }
}

/// On the machine's own network: `localhost` may lead to `::1` first, where the server is not.
#[tokio::test]
async fn http_to_this_machine_works_where_it_is_allowed() {
    let server = Server::start(None, |_| ok("hello")).await;
    for host in ["127.0.0.1", "localhost"] {
        let url = format!("http://{host}:{}/in", server.port);
        let sent = GuardedClient::new(true).send(&get(&url), &POLICY).await.unwrap();
        assert_eq!((sent.body.as_slice(), sent.url.expose()), (&b"hello"[..], &*url));
        assert_eq!(server.asked().last().unwrap().header("host"), Some(&*format!("{host}:{}", server.port)));
        assert!(GuardedClient::new(false).send(&get(&url), &POLICY).await.is_err());
    }
    assert_eq!(server.asked().len(), 2);
    let unknown = GuardedClient::new(true).send(&get("http://nowhere.invalid/"), &POLICY).await;
    assert_eq!(unknown, Err(OutboundError::NameNotFound));
}
