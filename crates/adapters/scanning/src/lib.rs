//! Looking for what is harmful in files, by `clamd`, the daemon of `ClamAV`, which runs on this machine or another.
//!
//! ```no_run
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use document::{Verdict, ports::Scanner as _};
//! use scanning::ClamdScanner;
//!
//! let scanner = ClamdScanner::new("tcp://clamav:3310", ClamdScanner::TIMEOUT)?;
//! eprintln!("{}", scanner.version().await?);
//! let mut content = vec![b"Zoe Lee, welder".to_vec()].into_iter();
//! assert_eq!(scanner.scan(&mut content).await?, Verdict::Clean);
//! # Ok(())
//! # }
//! ```
//!
//! What is sent to `clamd` over TCP is not encrypted, and nobody proves who they are: the network between is trusted.
#![deny(missing_docs)]

mod address;
mod clamd;

pub use address::AddressError;
pub use clamd::ClamdScanner;
