//! Hours on the clocks of the world, by the rules of the IANA database.

use kernel::{TimeZones as _, Timestamp};
use system::IanaZones;
use time::Weekday;

use crate::{Calendar, Question, Rules, Span, WeeklyHours, Zones, hours::tests::daily};

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// When a calendar is open between two moments, with hours.
fn open(zone: &str, week: WeeklyHours, from: &str, until: &str) -> Vec<(String, i64)> {
    let calendar = Calendar { zone: zone.to_owned(), week, ..Calendar::default() };
    let window = Span::covering(at(from), at(until)).unwrap();
    let zones = Zones::around(window, calendar.zones(), &IanaZones).unwrap();
    let open = calendar.open(window, &zones).unwrap();
    open.iter().map(|span| (span.starts_at().to_string(), span.seconds() / 60)).collect()
}

#[test]
fn days_and_hours_are_as_the_database_has_them() {
    let told = |list: &[(&str, i64)]| {
        list.iter().map(|(at, minutes)| ((*at).to_owned(), *minutes)).collect::<Vec<_>>()
    };
    for (zone, hours, (from, until), expected) in [
        (
            "America/Santiago",
            ("00:00", "23:59"),
            ("2026-09-05T12:00:00Z", "2026-09-07T03:00:00Z"),
            told(&[("2026-09-05T12:00:00Z", 15 * 60 + 59), ("2026-09-06T04:00:00Z", 22 * 60 + 59)]),
        ),
        (
            "Australia/Lord_Howe",
            ("01:45", "02:00"),
            ("2026-04-04T12:00:00Z", "2026-04-05T12:00:00Z"),
            told(&[("2026-04-04T14:45:00Z", 45)]),
        ),
        (
            "Pacific/Apia",
            ("09:00", "17:00"),
            ("2011-12-29T10:00:00Z", "2011-12-31T10:00:00Z"),
            told(&[("2011-12-29T19:00:00Z", 480), ("2011-12-30T19:00:00Z", 480)]),
        ),
        (
            "Europe/Berlin",
            ("02:30", "05:00"),
            ("2026-10-24T12:00:00Z", "2026-10-25T12:00:00Z"),
            told(&[("2026-10-25T00:30:00Z", 210)]),
        ),
        (
            "Europe/Berlin",
            ("02:30", "05:00"),
            ("2027-03-27T12:00:00Z", "2027-03-28T12:00:00Z"),
            told(&[("2027-03-28T01:30:00Z", 90)]),
        ),
    ] {
        assert_eq!(open(zone, daily(&[hours]), from, until), expected, "{zone}");
    }
}

#[test]
fn through_a_year_of_each_zone_starts_are_those_that_the_wall_clock_shows() {
    let rules = r#"{"minutes": [60], "interval": 30, "horizon_days": 730}"#;
    let rules: Rules = serde_json::from_str(rules).unwrap();
    let weekday = |day| format!(r#""{day}": [{{"from": "09:30", "until": "12:00"}}]"#);
    let week = ["monday", "tuesday", "wednesday", "thursday", "friday"].map(weekday).join(", ");
    let week: WeeklyHours = serde_json::from_str(&format!("{{{week}}}")).unwrap();
    let year = Span::covering(at("2026-01-01T12:00:00Z"), at("2027-01-01T12:00:00Z")).unwrap();
    for zone in [
        "Europe/Berlin",
        "America/Santiago",
        "Australia/Lord_Howe",
        "Pacific/Chatham",
        "Asia/Kolkata",
        "America/St_Johns",
        "Africa/Casablanca",
        "Pacific/Kiritimati",
    ] {
        let calendar = Calendar { zone: zone.to_owned(), week: week.clone(), ..Calendar::default() };
        let zones = Zones::around(year, calendar.zones(), &IanaZones).unwrap();
        let now = at("2026-01-01T00:00:00Z");
        let question = Question {
            rules: &rules,
            calendar: &calendar,
            zones: &zones,
            busy: &[],
            external: &[],
            counted: &[],
            now,
        };
        let found = question.starts(year, 60).unwrap();
        let clock = IanaZones.offsets(zone, year.starts_at(), year.ends_at()).unwrap();
        let seconds = year.start()..year.end();
        let shown = seconds.step_by(900).filter_map(Timestamp::from_unix_seconds).filter(|at| {
            let local = clock.local(*at);
            let is_start = [(9, 30), (10, 0), (10, 30), (11, 0)].contains(&(local.hour(), local.minute()));
            is_start && ![Weekday::Saturday, Weekday::Sunday].contains(&local.weekday())
        });
        assert_eq!(found, shown.collect::<Vec<_>>(), "{zone}");
        assert_eq!(found.len(), 261 * 4, "{zone}");
    }
}
