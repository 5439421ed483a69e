//! What can be set about the shell.

use std::{num::NonZeroU32, time::Duration};

use super::proxies::TrustedProxies;

/// The shell's settings; `Default` gives the documented limits.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Whose `X-Forwarded-For` is believed; nobody's unless told.
    pub trusted_proxies: TrustedProxies,
    /// The origins browsers may call from, such as `https://app.example.org`; none unless told.
    pub cors_origins: Vec<String>,
    /// How often a client may call; `None` lifts every limit.
    pub rates: Option<Rates>,
    /// How long until the first byte of the answer; 10 s.
    pub answer_within: Duration,
    /// How long a body may take to arrive; 8 s, less than `answer_within`.
    pub body_within: Duration,
    /// How long a request's headers may take to arrive; 5 s.
    pub headers_within: Duration,
    /// How long an idle connection stays open; 75 s.
    pub keep_alive: Duration,
    /// How long running requests are waited for when the server stops; 30 s.
    pub drain: Duration,
    /// The most octets all header names and values of a request have together; 16 KiB.
    pub header_limit: usize,
    /// Whether the span of a request names its client's address; no unless told.
    pub log_client_addresses: bool,
    /// How many threads serve requests; one for each processor unless told.
    pub workers: Option<usize>,
}

/// Requests a minute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rates {
    /// From one address without a good token; 60.
    pub anonymous: NonZeroU32,
    /// From one account or API key; 600.
    pub account: NonZeroU32,
}

impl Default for Rates {
    fn default() -> Self {
        const fn a_minute(requests: u32) -> NonZeroU32 {
            match NonZeroU32::new(requests) {
                Some(requests) => requests,
                None => NonZeroU32::MIN,
            }
        }
        Self { anonymous: a_minute(60), account: a_minute(600) }
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            trusted_proxies: TrustedProxies::default(),
            cors_origins: Vec::new(),
            rates: Some(Rates::default()),
            answer_within: Duration::from_secs(10),
            body_within: Duration::from_secs(8),
            headers_within: Duration::from_secs(5),
            keep_alive: Duration::from_secs(75),
            drain: Duration::from_secs(30),
            header_limit: 16 * 1024,
            log_client_addresses: false,
            workers: None,
        }
    }
}
