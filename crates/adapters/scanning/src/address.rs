//! Where clamd listens.

use std::{fmt, io, net::Ipv6Addr, path::PathBuf, str::FromStr};

use thiserror::Error;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpStream, UnixStream},
};

/// What is given is no address of clamd.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error(
    "{0:?} is no address of clamd: give tcp://host:port, such as tcp://127.0.0.1:3310, or unix:/path of its socket"
)]
pub struct AddressError(String);

/// What commands are written to and answers read from.
pub(crate) trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Stream for T {}

#[derive(Debug, Clone)]
pub(crate) enum Address {
    /// A name or an address, and a port.
    Tcp(String),
    Unix(PathBuf),
}

impl Address {
    pub(crate) async fn connect(&self) -> io::Result<Box<dyn Stream>> {
        match self {
            Self::Tcp(address) => {
                let stream = TcpStream::connect(address).await?;
                stream.set_nodelay(true)?; // the end of a file waits for nothing
                Ok(Box::new(stream))
            }
            Self::Unix(path) => Ok(Box::new(UnixStream::connect(path).await?)),
        }
    }
}

impl FromStr for Address {
    type Err = AddressError;

    fn from_str(address: &str) -> Result<Self, AddressError> {
        let tcp = address.strip_prefix("tcp://").filter(|address| is_host_and_port(address));
        let unix = address.strip_prefix("unix:").filter(|path| path.starts_with('/'));
        match (tcp, unix) {
            (Some(address), _) => Ok(Self::Tcp(address.to_owned())),
            (_, Some(path)) => Ok(Self::Unix(path.into())),
            (None, None) => Err(AddressError(address.to_owned())),
        }
    }
}

fn is_host_and_port(address: &str) -> bool {
    let Some((host, port)) = address.rsplit_once(':') else { return false };
    let v6 = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    let is_name =
        !host.is_empty() && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(&byte));
    let is_v6 = v6.is_some_and(|address| address.parse::<Ipv6Addr>().is_ok());
    (is_name || is_v6) && port.parse::<u16>().is_ok_and(|port| port != 0)
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp(address) => write!(f, "tcp://{address}"),
            Self::Unix(path) => write!(f, "unix:{}", path.display()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_of_tcp_or_of_a_socket_and_is_shown_as_it_was_given() {
        for good in
            ["tcp://127.0.0.1:3310", "tcp://[::1]:3310", "tcp://clamav.example.org:1", "unix:/run/clamd.ctl"]
        {
            assert_eq!(good.parse::<Address>().unwrap().to_string(), good);
        }
        for bad in [
            "",
            "clamav:3310",
            "http://clamav:3310",
            "tcp://clamav",
            "tcp://:3310",
            "tcp://clamav:0",
            "tcp://clamav:65536",
            "tcp://clamav:3310/",
            "tcp://zoe@clamav:3310",
            "tcp://::1:3310",
            "tcp://[clamav]:3310",
            "unix:clamd.ctl",
            "unix:",
        ] {
            let refused = bad.parse::<Address>().unwrap_err().to_string();
            assert!(
                refused.contains(&format!("{bad:?}")) && refused.contains("tcp://host:port"),
                "{refused}"
            );
        }
    }
}
