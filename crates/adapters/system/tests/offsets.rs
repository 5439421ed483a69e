//! `kernel::Offsets`, which knows no zones, says of civil times what jiff says.
#![expect(clippy::unwrap_used, reason = "in a test a panic is the finding")]

use jiff::tz::{TimeZone, TimeZoneDatabase};
use kernel::{Boundary, Offsets, TimeZones as _, Timestamp};
use system::IanaZones;
use time::{Duration, PrimitiveDateTime, macros::datetime};

/// Half an hour of summer time; a skipped day; a winter time that is the exception; summer time but in Ramadan; a
/// change of a quarter of an hour; midnights that are skipped and that come twice; the usual, east and west.
const ZONES: [(&str, PrimitiveDateTime); 8] = [
    ("Australia/Lord_Howe", datetime!(2025-01-01 00:00)),
    ("Pacific/Apia", datetime!(2011-01-01 00:00)),
    ("Europe/Dublin", datetime!(2025-01-01 00:00)),
    ("Africa/Casablanca", datetime!(2025-01-01 00:00)),
    ("Asia/Kathmandu", datetime!(1985-07-01 00:00)),
    ("America/Santiago", datetime!(2025-01-01 00:00)),
    ("America/Havana", datetime!(2025-01-01 00:00)),
    ("America/New_York", datetime!(2025-01-01 00:00)),
];
const QUARTER: Duration = Duration::minutes(15);
/// Of a year.
const QUARTERS: i32 = 366 * 96;

fn jiff_zone(name: &str) -> TimeZone {
    TimeZoneDatabase::bundled().get(name).unwrap()
}

fn moment(at: jiff::Timestamp) -> Timestamp {
    Timestamp::from_unix_seconds(at.as_second()).unwrap()
}

/// What jiff has a civil time mean where something starts, and where it ends.
fn of_jiff(zone: &TimeZone, civil: PrimitiveDateTime) -> [Timestamp; 2] {
    let civil = jiff::Timestamp::from_second(civil.assume_utc().unix_timestamp()).unwrap();
    let found = zone.to_ambiguous_timestamp(jiff::tz::Offset::UTC.to_datetime(civil));
    [found.compatible(), found.later()].map(|at| moment(at.unwrap()))
}

fn of_kernel(offsets: &Offsets, civil: PrimitiveDateTime) -> [Timestamp; 2] {
    [Boundary::Start, Boundary::End].map(|boundary| offsets.resolve(civil, boundary))
}

fn around(name: &str, from: PrimitiveDateTime, until: PrimitiveDateTime) -> Offsets {
    IanaZones.offsets(name, from.assume_utc().into(), until.assume_utc().into()).unwrap()
}

#[test]
fn civil_times_of_a_year_mean_what_jiff_says() {
    for (name, from) in ZONES {
        let (zone, offsets) = (jiff_zone(name), around(name, from, from + QUARTERS * QUARTER));
        let (mut skipped, mut twice) = (0, 0);
        for civil in (0..QUARTERS).map(|quarter| from + quarter * QUARTER) {
            let [start, end] = of_kernel(&offsets, civil);
            assert_eq!([start, end], of_jiff(&zone, civil), "{name} {civil}");
            let at = jiff::Timestamp::from_second(start.unix_seconds()).unwrap();
            let shown = offsets.local(start);
            let second = jiff::tz::Offset::UTC.to_timestamp(zone.to_datetime(at)).unwrap().as_second();
            assert_eq!(shown.assume_utc().unix_timestamp(), second, "{name} {start}");
            skipped += i32::from(shown != civil);
            twice += i32::from(start != end);
            if civil.time() == time::Time::MIDNIGHT {
                assert_eq!(offsets.start_of(civil.date()), start, "{name} {civil}");
            }
        }
        let expected = match name {
            "Australia/Lord_Howe" => (2, 2),
            "Pacific/Apia" => (96 + 4, 4),
            "Asia/Kathmandu" => (1, 0),
            _ => (4, 4),
        };
        assert_eq!((skipped, twice), expected, "{name}: quarters of an hour");
    }
}

/// The offsets asked for one moment resolve the civil times that stand for it, however near a change is.
#[test]
fn one_moment_is_enough_to_ask_for() {
    for (name, from) in ZONES {
        let (zone, year) = (jiff_zone(name), around(name, from, from + QUARTERS * QUARTER));
        let mut asked = 0;
        for civil in (0..QUARTERS).map(|quarter| from + quarter * QUARTER) {
            let expected = of_jiff(&zone, civil);
            let is_usual = expected[0] == expected[1] && year.local(expected[0]) == civil;
            if is_usual {
                continue;
            }
            for (boundary, at) in [(Boundary::Start, expected[0]), (Boundary::End, expected[1])] {
                let offsets = IanaZones.offsets(name, at, at).unwrap();
                assert_eq!(offsets.resolve(civil, boundary), at, "{name} {civil}");
                asked += 1;
            }
        }
        assert!(asked > 0, "{name}");
    }
}

#[test]
fn the_dates_of_the_tables_are_in() {
    let start =
        |name: &str, civil: PrimitiveDateTime| around(name, civil, civil).start_of(civil.date()).to_string();
    assert_eq!(start("America/Santiago", datetime!(2026-09-06 00:00)), "2026-09-06T04:00:00Z");
    assert_eq!(start("America/Santiago", datetime!(2026-09-07 00:00)), "2026-09-07T03:00:00Z");
    // Havana's first of November begins twice, at the earlier of its midnights.
    assert_eq!(start("America/Havana", datetime!(2026-11-01 00:00)), "2026-11-01T04:00:00Z");
    // Toronto's 31 March 1919 began at half past twelve: jiff would say at one.
    assert_eq!(start("America/Toronto", datetime!(1919-03-31 00:00)), "1919-03-31T04:30:00Z");
    let berlin = around("Europe/Berlin", datetime!(2026-10-25 00:00), datetime!(2026-10-26 00:00));
    let twice = of_kernel(&berlin, datetime!(2026-10-25 02:30)).map(|at| at.to_string());
    assert_eq!(twice, ["2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z"]);
}
