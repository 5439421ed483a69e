//! Where requests may go: what a URL must be like, and the addresses of its host.

use std::net::{IpAddr, Ipv4Addr};

use kernel::outbound::{AddressRange, CheckedUrl, UrlRefused};
use tokio_rustls::rustls::pki_types::ServerName;
use url::{Host, ParseError, Url};

use crate::ranges::range_of;

/// The port of https. The others below 1024 are those of mail, shells and files, which a request could confuse.
const HTTPS: u16 = 443;
const FIRST_FREE_PORT: u16 = 1024;

/// The rules, by one installation's settings.
pub(crate) struct Guard {
    /// Whether http, any port and any address will do: for tests and development.
    pub(crate) allow_private: bool,
}

impl Guard {
    /// The URL that the text is, if it may be sent to. Odd forms of IPv4 addresses (decimal, octal, hexadecimal, short)
    /// and of names are read as the URL standard reads them, so that what is checked is what is sent to.
    pub(crate) fn url(&self, text: &str) -> Result<Url, UrlRefused> {
        if text.chars().count() > CheckedUrl::MOST {
            return Err(UrlRefused::TooLong);
        }
        self.admit(Url::parse(text))
    }

    /// Where an answer leads, by the same rules and never from https down to http.
    pub(crate) fn redirect(&self, from: &Url, location: &[u8]) -> Result<Url, UrlRefused> {
        let location = std::str::from_utf8(location).map_err(|_| UrlRefused::Malformed)?;
        let to = self.admit(from.join(location))?;
        if from.scheme() == "https" && to.scheme() != "https" { Err(UrlRefused::Scheme) } else { Ok(to) }
    }

    fn admit(&self, parsed: Result<Url, ParseError>) -> Result<Url, UrlRefused> {
        let mut url = parsed.map_err(|error| match error {
            ParseError::EmptyHost => UrlRefused::NoHost,
            ParseError::RelativeUrlWithoutBase => UrlRefused::Scheme,
            _ => UrlRefused::Malformed,
        })?;
        // It stays with whoever asks (RFC 9110, section 4.2.5).
        url.set_fragment(None);
        if url.as_str().len() > CheckedUrl::MOST {
            return Err(UrlRefused::TooLong);
        }
        match url.scheme() {
            "https" => {}
            "http" if self.allow_private => {}
            _ => return Err(UrlRefused::Scheme),
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(UrlRefused::Credentials);
        }
        let port = url.port().unwrap_or(HTTPS);
        if !self.allow_private && port != HTTPS && port < FIRST_FREE_PORT {
            return Err(UrlRefused::Port(port));
        }
        self.host(&url.host().ok_or(UrlRefused::NoHost)?)?;
        Ok(url)
    }

    fn host(&self, host: &Host<&str>) -> Result<(), UrlRefused> {
        let address = match *host {
            Host::Ipv4(address) => address.into(),
            Host::Ipv6(address) => address.into(),
            Host::Domain(name) => {
                ServerName::try_from(name).map_err(|_| UrlRefused::Malformed)?;
                // What leads to the machine itself, whatever the DNS says (RFC 6761, section 6.3).
                let name = name.trim_end_matches('.');
                if name != "localhost" && !name.ends_with(".localhost") {
                    return Ok(());
                }
                Ipv4Addr::LOCALHOST.into()
            }
        };
        self.addresses(&[address]).map_err(UrlRefused::Address)
    }

    /// Refuses all addresses of a host if one of them is not public, even if others are. A host of the internet has no
    /// private ones, so one that does is a trap or a mistake; and its owner learns so at once, not on the day when the
    /// resolver gives the private ones alone.
    pub(crate) fn addresses(&self, addresses: &[IpAddr]) -> Result<(), AddressRange> {
        let private = addresses.iter().find_map(|address| range_of(*address));
        private.filter(|_| !self.allow_private).map_or(Ok(()), Err)
    }
}
