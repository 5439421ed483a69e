//! Webhooks on the command line.

use std::net::SocketAddr;

use clap::Subcommand;
use uuid::Uuid;

/// Webhooks.
#[derive(Debug, Subcommand)]
pub enum Webhooks {
    /// Receive webhooks on this machine and print each, with what is to be said of its signature; for development
    Listen {
        /// Receive on this address
        #[arg(long, default_value = "127.0.0.1:9300")]
        address: SocketAddr,
        /// What signatures are verified by: the secret (whsec_...) or the public key (whpk_...) that was shown when the
        /// endpoint was made; signatures are not looked at without one
        #[arg(long, env = "WEBHOOK_KEY", hide_env_values = true)]
        key: Option<String>,
        /// Answer with this status, such as 503 to see what is sent again, and when
        #[arg(long, default_value_t = 204, value_parser = clap::value_parser!(u16).range(200..=599))]
        answer: u16,
    },
    /// Send nothing more to an endpoint, until operators enable it
    Disable(EndpointOf),
    /// Send to an endpoint again
    Enable(EndpointOf),
}

/// An endpoint.
#[derive(Debug, clap::Args)]
pub struct EndpointOf {
    /// The id or the place in addresses of its organisation
    pub organization: String,
    /// Its id
    pub endpoint: Uuid,
}
