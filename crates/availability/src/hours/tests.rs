use std::collections::BTreeMap;

use kernel::{Offsets, TimeZones, Timestamp};
use proptest::prelude::*;
use time::{
    Date, Duration, PrimitiveDateTime, UtcOffset,
    macros::{date, offset},
};

use super::*;
use crate::{
    fault::tests::refused,
    interval::{Span, Spans},
};

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn span(from: &str, until: &str) -> Span {
    Span::covering(at(from), at(until)).unwrap()
}

fn texts(hours: &[(&str, &str)]) -> Vec<HoursText> {
    let text =
        |(from, until): &(&str, &str)| HoursText { from: (*from).to_owned(), until: (*until).to_owned() };
    hours.iter().map(text).collect()
}

fn day(hours: &[(&str, &str)]) -> DayHours {
    DayHours::new(&texts(hours)).unwrap()
}

/// A week with the same hours every day.
pub(crate) fn daily(hours: &[(&str, &str)]) -> WeeklyHours {
    let days = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
    let week: BTreeMap<&str, Vec<HoursText>> = days.into_iter().map(|day| (day, texts(hours))).collect();
    serde_json::from_value(serde_json::to_value(week).unwrap()).unwrap()
}

/// A calendar that is open on one date only.
fn on(date: Date, hours: &[(&str, &str)]) -> Calendar {
    Calendar { zone: "here".to_owned(), overrides: [(date, day(hours))].into(), ..Calendar::default() }
}

/// A zone whose clocks change once.
fn zone(before: UtcOffset, change: &str, after: UtcOffset) -> Zones {
    Zones::from([("here".to_owned(), Offsets::new(before, vec![(at(change), after)]))])
}

/// When the calendar is open in the ten days around its date.
fn open(calendar: &Calendar, zones: &Zones) -> Vec<(String, String)> {
    let (first, _) = calendar.overrides.first_key_value().unwrap();
    let noon = PrimitiveDateTime::new(*first, time::macros::time!(12:00)).assume_utc().unix_timestamp();
    let window = Span::new(noon, noon + 1).unwrap().widen(5 * 86_400, 5 * 86_400);
    let open = calendar.open(window, zones).unwrap();
    open.iter().map(|span| (span.starts_at().to_string(), span.ends_at().to_string())).collect()
}

fn told(spans: &[(&str, &str)]) -> Vec<(String, String)> {
    spans.iter().map(|(from, until)| ((*from).to_owned(), (*until).to_owned())).collect()
}

#[test]
fn a_day_in_santiago_starts_at_one_and_has_23_hours() {
    let santiago = zone(offset!(-4), "2026-09-06T04:00:00Z", offset!(-3));
    let all = on(date!(2026 - 09 - 06), &[("00:00", "24:00")]);
    assert_eq!(open(&all, &santiago), told(&[("2026-09-06T04:00:00Z", "2026-09-07T03:00:00Z")]));
    // Half an hour of what is skipped at midnight moves forward.
    let skipped = on(date!(2026 - 09 - 06), &[("00:15", "00:45")]);
    assert_eq!(open(&skipped, &santiago), told(&[("2026-09-06T04:15:00Z", "2026-09-06T04:45:00Z")]));
    let night = on(date!(2026 - 09 - 05), &[("22:00", "02:00")]);
    assert_eq!(open(&night, &santiago), told(&[("2026-09-06T02:00:00Z", "2026-09-06T05:00:00Z")]));
}

#[test]
fn lord_howe_puts_its_clocks_back_by_half_an_hour() {
    let lord_howe = zone(offset!(+11), "2026-04-04T15:00:00Z", offset!(+10:30));
    let twice = on(date!(2026 - 04 - 05), &[("01:45", "02:00")]);
    assert_eq!(open(&twice, &lord_howe), told(&[("2026-04-04T14:45:00Z", "2026-04-04T15:30:00Z")]));
    let until = on(date!(2026 - 04 - 05), &[("01:00", "01:45")]);
    assert_eq!(open(&until, &lord_howe), told(&[("2026-04-04T14:00:00Z", "2026-04-04T15:15:00Z")]));
}

#[test]
fn apia_had_no_30_december_in_2011() {
    let apia = zone(offset!(-10), "2011-12-30T10:00:00Z", offset!(+14));
    for hours in [("09:00", "17:00"), ("00:00", "24:00"), ("22:00", "03:00"), ("22:00", "00:00")] {
        assert_eq!(open(&on(date!(2011 - 12 - 30), &[hours]), &apia), [], "{hours:?}");
    }
    let night = on(date!(2011 - 12 - 29), &[("22:00", "02:00")]);
    assert_eq!(open(&night, &apia), told(&[("2011-12-30T08:00:00Z", "2011-12-30T10:00:00Z")]));
    let after = on(date!(2011 - 12 - 31), &[("09:00", "17:00")]);
    assert_eq!(open(&after, &apia), told(&[("2011-12-30T19:00:00Z", "2011-12-31T03:00:00Z")]));
}

#[test]
fn berlin_has_an_hour_twice_in_october_and_none_in_march() {
    let autumn = zone(offset!(+2), "2026-10-25T01:00:00Z", offset!(+1));
    let twice = on(date!(2026 - 10 - 25), &[("02:30", "03:00")]);
    assert_eq!(open(&twice, &autumn), told(&[("2026-10-25T00:30:00Z", "2026-10-25T02:00:00Z")]));
    let until = on(date!(2026 - 10 - 25), &[("02:00", "02:30")]);
    assert_eq!(open(&until, &autumn), told(&[("2026-10-25T00:00:00Z", "2026-10-25T01:30:00Z")]));
    let spring = zone(offset!(+1), "2027-03-28T01:00:00Z", offset!(+2));
    let skipped = on(date!(2027 - 03 - 28), &[("02:30", "04:00")]);
    assert_eq!(open(&skipped, &spring), told(&[("2027-03-28T01:30:00Z", "2027-03-28T02:00:00Z")]));
    // It would begin at half past three, after it ends.
    assert_eq!(open(&on(date!(2027 - 03 - 28), &[("02:30", "03:15")]), &spring), []);
}

#[test]
fn a_day_ends_where_the_next_begins_although_midnight_comes_twice() {
    // Clocks go from one o'clock back to midnight.
    let havana = zone(offset!(-4), "2026-11-01T05:00:00Z", offset!(-5));
    let before = on(date!(2026 - 10 - 31), &[("20:00", "24:00")]);
    assert_eq!(open(&before, &havana), told(&[("2026-11-01T00:00:00Z", "2026-11-01T04:00:00Z")]));
    let same = on(date!(2026 - 10 - 31), &[("20:00", "00:00")]);
    assert_eq!(open(&same, &havana), open(&before, &havana));
    // What clocks skip before midnight does not move into the next date.
    let toronto = zone(offset!(-5), "1919-03-31T04:30:00Z", offset!(-4));
    assert_eq!(open(&on(date!(1919 - 03 - 30), &[("23:40", "23:50")]), &toronto), []);
    let all = on(date!(1919 - 03 - 31), &[("00:00", "24:00")]);
    assert_eq!(open(&all, &toronto), told(&[("1919-03-31T04:30:00Z", "1919-04-01T04:00:00Z")]));
}

#[test]
fn a_date_with_hours_of_its_own_has_no_others_and_time_off_no_hours() {
    let week = r#"{"monday": [{"from": "22:00", "until": "06:00"}], "tuesday": [{"from": "09:00", "until": "17:00"}]}"#;
    let zones = Zones::from([("here".to_owned(), Offsets::new(offset!(+0), Vec::new()))]);
    let mut calendar = Calendar {
        zone: "here".to_owned(),
        week: serde_json::from_str(week).unwrap(),
        overrides: [(date!(2026 - 12 - 01), day(&[]))].into(),
        ..Calendar::default()
    };
    let week = span("2026-11-30T00:00:00Z", "2026-12-07T00:00:00Z");
    let night = span("2026-11-30T22:00:00Z", "2026-12-01T06:00:00Z");
    assert_eq!(calendar.open(week, &zones).unwrap(), night.into(), "it belongs to Monday");
    calendar.overrides.insert(date!(2026 - 12 - 01), day(&[("12:00", "13:00")]));
    calendar.time_off = span("2026-12-01T00:00:00Z", "2026-12-01T12:30:00Z").into();
    let expected =
        [("2026-11-30T22:00:00Z", "2026-12-01T00:00:00Z"), ("2026-12-01T12:30:00Z", "2026-12-01T13:00:00Z")];
    let expected: Spans = expected.map(|(from, until)| span(from, until)).into_iter().collect();
    assert_eq!(calendar.open(week, &zones).unwrap(), expected);
}

#[test]
fn on_a_trip_the_hours_are_those_of_its_clock() {
    let trip = Trip { from: date!(2026 - 12 - 02), until: date!(2026 - 12 - 03), zone: "there".to_owned() };
    let hours = [("09:00", "10:00")];
    let dates = [1, 2, 3, 4].map(|day| Date::from_calendar_date(2026, time::Month::December, day).unwrap());
    let calendar = Calendar {
        overrides: dates.map(|date| (date, day(&hours))).into(),
        travel: Travel::new(vec![trip]).unwrap(),
        ..on(dates[0], &hours)
    };
    let (home, away) = (Offsets::new(offset!(+1), Vec::new()), Offsets::new(offset!(+9), Vec::new()));
    let zones = Zones::from([("here".to_owned(), home.clone()), ("there".to_owned(), away)]);
    let starts = open(&calendar, &zones).into_iter().map(|(start, _)| start).collect::<Vec<_>>();
    assert_eq!(
        starts,
        ["2026-12-01T08:00:00Z", "2026-12-02T00:00:00Z", "2026-12-03T00:00:00Z", "2026-12-04T08:00:00Z"]
    );
    assert_eq!(calendar.zones().collect::<Vec<_>>(), ["there", "here"]);
    let lost = Zones::from([("here".to_owned(), home)]);
    let window = span("2026-12-01T00:00:00Z", "2026-12-05T00:00:00Z");
    let unknown = calendar.open(window, &lost).unwrap_err();
    assert_eq!(
        unknown.to_string(),
        "there is no time zone \"there\"; zones are named as IANA does, such as Europe/Berlin"
    );
    let clock = Clock::along(&calendar, &zones).unwrap();
    let parts: Vec<(String, i64)> =
        clock.within(window).map(|(part, offset)| (part.starts_at().to_string(), offset / 3600)).collect();
    let parts: Vec<(&str, i64)> = parts.iter().map(|(start, offset)| (&**start, *offset)).collect();
    assert_eq!(
        parts,
        [("2026-12-01T00:00:00Z", 1), ("2026-12-01T15:00:00Z", 9), ("2026-12-03T15:00:00Z", 1)]
    );
}

/// Knows one zone, and tells which stretch it was asked for.
struct Known;

impl TimeZones for Known {
    fn knows(&self, zone: &str) -> bool {
        zone == "here"
    }

    fn local_date(&self, _: &str, at: Timestamp) -> Date {
        at.to_offset_date_time().date()
    }

    fn offsets(&self, zone: &str, from: Timestamp, until: Timestamp) -> Option<Offsets> {
        let stretch = vec![(from, offset!(+1)), (until, offset!(+2))];
        self.knows(zone).then(|| Offsets::new(offset!(+0), stretch))
    }

    fn edition(&self) -> String {
        "2026f".to_owned()
    }
}

#[test]
fn clocks_are_known_for_the_years_around_a_window() {
    let window = span("2026-12-31T23:00:00Z", "2027-01-01T01:00:00Z");
    let zones = Zones::around(window, ["here", "here"], &Known).unwrap();
    let (_, stretch) = zones.get("here").unwrap().parts();
    // From before the first of January until after the last of December, in any zone.
    assert!(
        stretch[0].0 < at("2025-12-28T00:00:00Z") && stretch[1].0 > at("2028-01-04T00:00:00Z"),
        "{stretch:?}"
    );
    let unknown = Zones::around(window, ["here", "there"], &Known).unwrap_err();
    assert_eq!(unknown, UnknownZone("there".to_owned()));
}

/// Faults of a week given as JSON.
fn of_week(week: &str) -> Vec<(String, String)> {
    refused(WeeklyHours::new(&serde_json::from_str(week).unwrap()))
}

#[test]
fn hours_that_are_wrong_are_refused_where_they_stand() {
    let overlap = |with: &str| format!("this overlaps with {with}; put them together or take them apart");
    let one = |pointer: &str, detail: String| vec![(pointer.to_owned(), detail)];
    let clock = "a time of day is written as 09:00, from 00:00 to 24:00";
    for text in ["9:00", "09:60", "24:01", "25:00", "09-00", "", "09:00 ", "٠٩:٠٠", "-1:00"] {
        let week = format!(r#"{{"sunday": [{{"from": "08:00", "until": "{text}"}}]}}"#);
        assert_eq!(of_week(&week), one("/sunday/0/until", clock.to_owned()), "{text}");
    }
    let wrong = r#"{"monday": [{"from": "24:00", "until": "01:00"}, {"from": "08:00", "until": "08:00"}]}"#;
    let expected = [
        ("/monday/0/from", "hours begin before 24:00; those of the next day begin at its 00:00"),
        ("/monday/1/until", "hours end at another time than they begin; a whole day is 00:00 to 24:00"),
    ];
    assert_eq!(of_week(wrong), told(&expected));
    let same_day =
        r#"{"monday": [{"from": "12:00", "until": "14:00"}, {"from": "08:00", "until": "12:01"}]}"#;
    assert_eq!(of_week(same_day), one("/monday/0", overlap("/monday/1")));
    let around = r#"{"sunday": [{"from": "22:00", "until": "02:00"}],
                     "monday": [{"from": "01:59", "until": "03:00"}]}"#;
    assert_eq!(of_week(around), one("/monday/0", overlap("/sunday/0")));
    let long = r#"{"monday": [{"from": "10:00", "until": "09:00"}, {"from": "11:00", "until": "12:00"}],
                   "tuesday": [{"from": "08:00", "until": "10:00"}]}"#;
    let both = [("/monday/1", &*overlap("/monday/0")), ("/tuesday/0", &*overlap("/monday/0"))];
    assert_eq!(of_week(long), told(&both));
    let many: Vec<HoursText> =
        (0..11).flat_map(|hour| texts(&[(&format!("{hour:02}:00"), &format!("{hour:02}:30"))])).collect();
    assert!(DayHours::new(&many[..10]).is_ok());
    assert_eq!(refused(DayHours::new(&many)), one("", "there are at most 10".to_owned()));
    let week = WeekText { friday: many, ..WeekText::default() };
    assert_eq!(refused(WeeklyHours::new(&week)), one("/friday", "there are at most 10".to_owned()));
}

#[test]
fn hours_that_touch_are_taken_and_read_back() {
    let week = r#"{"sunday":[{"from":"22:00","until":"02:00"}],"monday":[{"from":"02:00","until":"24:00"}],
                   "tuesday":[{"from":"12:00","until":"13:00"},{"from":"00:00","until":"12:00"}]}"#;
    let read: WeeklyHours = serde_json::from_str(week).unwrap();
    let tuesday: Vec<String> =
        read.on(time::Weekday::Tuesday).iter().map(|hours| hours.from().to_string()).collect();
    assert_eq!(tuesday, ["00:00", "12:00"], "in order");
    let written = serde_json::to_string(&read).unwrap();
    assert_eq!(serde_json::from_str::<WeeklyHours>(&written).unwrap(), read);
    assert!(serde_json::from_str::<WeeklyHours>(r#"{"mondays": []}"#).is_err());
}

#[test]
fn trips_that_are_wrong_are_refused_where_they_stand() {
    let trip = |from: u8, until: u8| Trip {
        from: date!(2026 - 12 - 01).replace_day(from).unwrap(),
        until: date!(2026 - 12 - 01).replace_day(until).unwrap(),
        zone: "there".to_owned(),
    };
    let backwards = refused(Travel::new(vec![trip(1, 1), trip(9, 8)]));
    assert_eq!(backwards, told(&[("/1/until", "the first date is not after the last")]));
    let overlap = refused(Travel::new(vec![trip(5, 9), trip(1, 5)]));
    assert_eq!(overlap, told(&[("/0", "this overlaps with /1; put them together or take them apart")]));
    let travel = Travel::new(vec![trip(6, 9), trip(1, 5)]).unwrap();
    assert_eq!(travel.trips(), [trip(1, 5), trip(6, 9)]);
    let long = (0..101).map(|day| date!(2026 - 01 - 01) + Duration::days(day));
    let long = long.map(|day| Trip { from: day, until: day, zone: String::new() }).collect();
    assert_eq!(refused(Travel::new(long)), told(&[("", "there are at most 100")]));
}

proptest! {
    /// A week offers what the clock on the wall says, also over the night in which it changes: whoever looks at the
    /// clock within the hours of a date, and finds that time once, finds the calendar open.
    #[test]
    fn a_week_is_open_when_the_wall_clock_says(
        (from, length) in (0_i64..1440, 1_i64..1441),
        (before, by) in (-10_i32..12, -2_i32..3),
        change in 0_i64..7 * 1440,
        minute in 0_i64..7 * 1440,
    ) {
        let (until, after) = (1440.min(from + length), before + by);
        let monday = at("2026-11-30T00:00:00Z").unix_seconds();
        let clock = |minutes: i64| format!("{:02}:{:02}", minutes / 60, minutes % 60);
        let week = daily(&[(&clock(from), &clock(until))]);
        let calendar = Calendar { zone: "here".to_owned(), week, ..Calendar::default() };
        let hours = |hours: i32| UtcOffset::from_whole_seconds(hours * 3600).unwrap();
        let changed = Timestamp::from_unix_seconds(monday + change * 60).unwrap();
        let zones = zone(hours(before), &changed.to_string(), hours(after));
        let second = monday + minute * 60;
        let wall = |minute: i64| minute + i64::from(if minute < change { before } else { after }) * 60;
        let shown = wall(minute);
        // Whether that time, and the times at which hours begin and end on that date, come once.
        let once = |civil: i64| (-1440..9 * 1440).filter(|other| wall(*other) == civil).count() == 1;
        let midnight = shown.div_euclid(1440) * 1440;
        let times = [shown, midnight + from, midnight + until, midnight, midnight + 1440];
        prop_assume!(times.into_iter().all(once));
        let window = Span::new(monday, monday + 7 * 86_400).unwrap();
        let expected = (from..until).contains(&(shown - midnight));
        prop_assert_eq!(calendar.open(window, &zones).unwrap().contains(second), expected);
    }
}
