//! The operating system's clock, randomness and time zones.
//!
//! The one crate that may ask the machine: everything else takes these through the ports of [`kernel`], so that
//! tests can hold them still.
//!
//! ```
//! use kernel::{Clock as _, TimeZones as _};
//! use system::{IanaZones, SystemClock};
//!
//! let now = SystemClock.now();
//! let today = IanaZones.local_date("Europe/Berlin", now);
//! let offsets = IanaZones.offsets("Europe/Berlin", now, now).expect("there is a Berlin");
//! assert_eq!(offsets.local(now).date(), today);
//! assert!(today >= now.minus(std::time::Duration::from_secs(86_400)).to_offset_date_time().date());
//! ```
#![deny(missing_docs)]

mod clock;
mod ids;
mod random;
mod zones;

pub use clock::SystemClock;
pub use ids::SystemIds;
pub use random::SystemRandom;
pub use zones::IanaZones;
