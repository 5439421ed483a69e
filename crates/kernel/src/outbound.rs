//! Requests to URLs that users give, such as those of webhooks, calendars and scoring engines.
//!
//! Whoever gives a URL must not reach through the server what they cannot reach themselves (server-side request
//! forgery, CWE-918). So one port sends all such requests, and its adapter decides where they may go.

use std::{fmt, time::Duration};

use async_trait::async_trait;

use crate::refusals;

/// Sends requests to URLs that users give. Called by workers, never within a request.
#[async_trait]
pub trait Outbound: Send + Sync {
    /// The URL in the form in which it is kept, or what is wrong with it, for whoever is just typing it. No name is
    /// resolved: what a name leads to is known only when it is asked.
    fn check(&self, url: &str) -> Result<CheckedUrl, UrlRefused>;

    /// One exchange, which may lead over several hosts where the policy follows redirects.
    ///
    /// MUST refuse what [`check`](Self::check) refuses, at the first URL and at each redirect; resolve the name anew
    /// for each connection, refuse addresses that are not public, and connect to those very addresses; never go from
    /// https down to http; and end within the time of the policy. An answer of any status is an answer, not an error.
    async fn send(&self, request: &Outgoing, policy: &Policy) -> Result<Incoming, OutboundError>;
}

crate::named! {
    /// What is asked of a URL.
    pub enum Method {
        /// To give what is there.
        Get = "GET",
        /// To take what is sent.
        Post = "POST",
    }
}

/// A URL that [`Outbound::check`] let through, in the form in which it is kept and sent to.
///
/// It is often a secret: whoever knows the URL of a calendar reads it. So `Debug` shows its host alone.
#[derive(Clone, PartialEq, Eq)]
pub struct CheckedUrl(String);

impl CheckedUrl {
    /// The most characters a URL has.
    pub const MOST: usize = 2048;

    /// For adapters, which have checked the text, and for storage, which gives back what was checked. Sending checks it
    /// once more: what may be reached can have changed since.
    pub fn assume(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The whole URL; each use should be a place where it must be known.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Its host, without a port: by it the owner recognises it, and others learn no more.
    pub fn host(&self) -> &str {
        let authority = self.0.split('/').nth(2).unwrap_or_default();
        match authority.rsplit_once(':') {
            Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
            _ => authority,
        }
    }
}

impl fmt::Debug for CheckedUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let origin: Vec<&str> = self.0.splitn(4, '/').take(3).collect();
        write!(f, "{}/…", origin.join("/"))
    }
}

/// A request. `Debug` shows neither headers nor body: they hold keys, signatures and what is personal.
#[derive(Clone, PartialEq, Eq)]
pub struct Outgoing {
    /// What is asked.
    pub method: Method,
    /// Of whom.
    pub url: CheckedUrl,
    /// Names and values of one line. Those that belong to the connection, such as `Host`, are the adapter's.
    pub headers: Vec<(String, String)>,
    /// What is sent along; empty for nothing.
    pub body: Vec<u8>,
}

impl fmt::Debug for Outgoing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {:?} with {} bytes", self.method.name(), self.url, self.body.len())
    }
}

/// How far an exchange may go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Policy {
    /// How many redirects are followed. With 0 an answer that leads on is the answer.
    pub redirects: u8,
    /// How many bytes of the answer's body are read, as they are sent: nothing is unpacked.
    pub most_bytes: usize,
    /// How long all of it may take, from resolving the name to the last byte that is read.
    pub timeout: Duration,
}

/// An answer. `Debug` shows neither headers nor body.
#[derive(Clone, PartialEq, Eq)]
pub struct Incoming {
    /// The status, such as 204.
    pub status: u16,
    /// Names in lower case, and values; bytes that are not UTF-8 are replaced.
    pub headers: Vec<(String, String)>,
    /// What came, up to [`Policy::most_bytes`].
    pub body: Vec<u8>,
    /// Whether there was more of it.
    pub is_cut: bool,
    /// The URL that answered, after all redirects.
    pub url: CheckedUrl,
}

impl Incoming {
    /// The first header of this name, which is given in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }

    /// The body, for whoever cannot use a part of it.
    pub fn whole(self) -> Result<Vec<u8>, OutboundError> {
        if self.is_cut { Err(OutboundError::TooLarge) } else { Ok(self.body) }
    }
}

impl fmt::Debug for Incoming {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let cut = if self.is_cut { ", cut" } else { "" };
        write!(f, "{} from {:?} with {} bytes{cut}", self.status, self.url, self.body.len())
    }
}

crate::named! {
    /// Addresses that are not public, by what they are for.
    pub enum AddressRange {
        /// The machine itself.
        Loopback = "loopback",
        /// Networks of companies and homes (RFC 1918).
        Private = "private",
        /// The same in IPv6 (RFC 4193).
        UniqueLocal = "unique-local",
        /// Between a provider and its customers, behind carrier-grade NAT (RFC 6598).
        Shared = "shared",
        /// One network segment (RFC 3927, RFC 4291).
        LinkLocal = "link-local",
        /// Where clouds tell their machines names and keys.
        Metadata = "metadata",
        /// Many receivers at once.
        Multicast = "multicast",
        /// Every machine of a network.
        Broadcast = "broadcast",
        /// No address, or this network.
        Unspecified = "unspecified",
        /// Examples in texts.
        Documentation = "documentation",
        /// Measurements in laboratories.
        Benchmarking = "benchmarking",
        /// IPv6 that stands for an IPv4 address behind a tunnel or gateway.
        Translation = "translation",
        /// Reserved for what is to come, or assigned to nobody.
        Reserved = "reserved",
    }
}

/// What is wrong with a URL, as what follows its name in a sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UrlRefused {
    /// Too long.
    #[error("has more than {} characters; give a shorter one", CheckedUrl::MOST)]
    TooLong,
    /// Not of the form.
    #[error("cannot be read; write it like https://example.org/hooks")]
    Malformed,
    /// Of another scheme, or of none.
    #[error("must begin with https://")]
    Scheme,
    /// Without a host.
    #[error("names no host; write it like https://example.org/hooks")]
    NoHost,
    /// With a user name or password, which would stand in logs.
    #[error("holds a user name or password; leave out what stands before the @")]
    Credentials,
    /// At a port where other services than HTTP are at home.
    #[error("names port {0}; use 443, or one from 1024 on")]
    Port(u16),
    /// At an address that is not public, or at `localhost`.
    #[error("leads to an address that is not public ({}); give a host that the internet reaches", .0.name())]
    Address(AddressRange),
}

refusals! {
    UrlRefused {
        shared {
            Self::TooLong | Self::Malformed | Self::Scheme | Self::NoHost | Self::Credentials | Self::Port(_)
                | Self::Address(_) => Invalid, "request.invalid";
        }
    }
}

/// Why there is no answer. Its sentences are for whoever gave the URL: they hold no address that the URL does not, and
/// nothing that the other side said.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OutboundError {
    /// The URL may not be sent to.
    #[error("the URL {0}")]
    Url(#[from] UrlRefused),
    /// The answer leads on to a URL that may not be sent to.
    #[error("the answer leads on to a URL that {0}")]
    Redirect(UrlRefused),
    /// The header is malformed, or belongs to the connection.
    #[error("the header {0:?} cannot be sent")]
    Header(String),
    /// The name of the host leads, with one of its addresses at least, to where nobody may send.
    #[error("the host leads to an address that is not public ({}); give one that the internet reaches", .0.name())]
    Address(AddressRange),
    /// The name of the host has no address, or none that is known now.
    #[error("the host has no address; check how it is spelt")]
    NameNotFound,
    /// None of the host's addresses took the connection.
    #[error("the host takes no connection at this port")]
    NotConnected,
    /// The host did not prove with TLS that it is the one.
    #[error("no secure connection: {0}")]
    Tls(&'static str),
    /// The time was over before the answer was.
    #[error("no whole answer within {0:?}")]
    TimedOut(Duration),
    /// The body of the answer is larger than its reader can use.
    #[error("the answer is too large")]
    TooLarge,
    /// The answer leads on more often than is followed.
    #[error("the answer leads on more often than {0} times")]
    TooManyRedirects(u8),
    /// What came is not HTTP, has headers of more than is read, or ended too early.
    #[error("the answer is broken: it is not HTTP/1.1, has too many headers, or ends too early")]
    Broken,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Refusal as _;

    fn answer(is_cut: bool) -> Incoming {
        let headers = vec![("retry-after".to_owned(), "canary".to_owned())];
        let url = CheckedUrl::assume("https://hooks.example.org:8443/canary?canary");
        Incoming { status: 503, headers, body: b"canary".to_vec(), is_cut, url }
    }

    #[test]
    fn no_log_shows_more_of_an_exchange_than_the_host() {
        let Incoming { url, headers, body, .. } = answer(false);
        let request = Outgoing { method: Method::Post, url, headers, body };
        assert_eq!(format!("{request:?}"), "POST https://hooks.example.org:8443/… with 6 bytes");
        assert_eq!(
            format!("{:?}", answer(true)),
            "503 from https://hooks.example.org:8443/… with 6 bytes, cut"
        );
    }

    #[test]
    fn a_host_is_a_name_or_an_address_alone() {
        for (url, host) in [
            ("https://hooks.example.org/a/b", "hooks.example.org"),
            ("https://hooks.example.org:8443/?at=a:1", "hooks.example.org"),
            ("https://93.184.215.14/", "93.184.215.14"),
            ("https://[2606:2800::1]/", "[2606:2800::1]"),
            ("https://[2606:2800::1]:8443/", "[2606:2800::1]"),
        ] {
            assert_eq!(CheckedUrl::assume(url).host(), host);
        }
    }

    #[test]
    fn whoever_needs_the_whole_body_gets_no_part_of_it() {
        assert_eq!(answer(false).header("retry-after"), Some("canary"));
        assert_eq!(answer(false).whole().unwrap(), b"canary");
        assert_eq!(answer(true).whole(), Err(OutboundError::TooLarge));
    }

    #[test]
    fn a_refused_url_is_wrong_input_and_the_sentence_says_how_to_mend_it() {
        let refused = UrlRefused::Address(AddressRange::Private);
        assert_eq!((refused.kind(), refused.code()), (crate::Kind::Invalid, "request.invalid"));
        assert_eq!(
            OutboundError::from(refused).to_string(),
            "the URL leads to an address that is not public (private); give a host that the internet reaches"
        );
        assert_eq!(UrlRefused::Port(22).to_string(), "names port 22; use 443, or one from 1024 on");
    }
}
