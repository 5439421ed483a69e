//! The clocks of the zones that occur.

use std::{collections::BTreeMap, time::Duration};

use kernel::{Offsets, TimeZones};

use crate::interval::Span;

/// A zone of which no clock is known.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no time zone {0:?}; zones are named as IANA does, such as Europe/Berlin")]
pub struct UnknownZone(pub String);

/// The offsets of each zone that occurs, by its name.
///
/// ```
/// use kernel::Offsets;
/// use availability::Zones;
/// use time::macros::offset;
/// let zones = Zones::from([("Asia/Kolkata".to_owned(), Offsets::new(offset!(+5:30), Vec::new()))]);
/// assert!(zones.get("Asia/Kolkata").is_ok() && zones.get("Asia/Nowhere").is_err());
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Zones(BTreeMap<String, Offsets>);

impl Zones {
    /// How much longer than a window offsets are needed: limits count over the whole year.
    const MARGIN: Duration = Duration::from_hours(24 * 370);

    /// The offsets by which all is found that a window asks for.
    pub fn around<'a>(
        window: Span,
        names: impl IntoIterator<Item = &'a str>,
        known: &dyn TimeZones,
    ) -> Result<Self, UnknownZone> {
        let (from, until) = (window.starts_at().minus(Self::MARGIN), window.ends_at().plus(Self::MARGIN));
        let mut zones = Self::default();
        for name in names {
            if !zones.0.contains_key(name) {
                let offsets = known.offsets(name, from, until);
                zones.0.insert(name.to_owned(), offsets.ok_or_else(|| UnknownZone(name.to_owned()))?);
            }
        }
        Ok(zones)
    }

    /// The offsets of a zone.
    pub fn get(&self, name: &str) -> Result<&Offsets, UnknownZone> {
        self.0.get(name).ok_or_else(|| UnknownZone(name.to_owned()))
    }
}

impl<const N: usize> From<[(String, Offsets); N]> for Zones {
    fn from(zones: [(String, Offsets); N]) -> Self {
        Self(zones.into())
    }
}
