//! Slots as people would tell them.

use kernel::{Offsets, Timestamp};
use time::macros::{date, offset};

use crate::{
    Calendar, ClientReason, Counted, DayHours, LimitSettings, Limits, Question, Reason, RuleSettings, Rules,
    Span, Spans, Travel, Trip, Waiver, Zones, fault::tests::refused, hours::tests::daily,
};

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn span(from: &str, until: &str) -> Span {
    Span::covering(at(from), at(until)).unwrap()
}

/// Berlin from the autumn of 2026 to the summer of 2027.
fn berlin() -> Zones {
    let changes = [("2026-10-25T01:00:00Z", offset!(+1)), ("2027-03-28T01:00:00Z", offset!(+2))];
    let changes = changes.map(|(start, offset)| (at(start), offset));
    Zones::from([("Europe/Berlin".to_owned(), Offsets::new(offset!(+2), changes.into()))])
}

fn calendar(hours: &[(&str, &str)]) -> Calendar {
    Calendar { zone: "Europe/Berlin".to_owned(), week: daily(hours), ..Calendar::default() }
}

fn settings(minutes: u32, interval: u32) -> RuleSettings {
    RuleSettings {
        minutes: vec![minutes],
        interval,
        before: 0,
        after: 0,
        notice: 0,
        horizon_days: 730,
        limits: LimitSettings::default(),
    }
}

/// What a question is about.
struct Asked {
    rules: Rules,
    calendar: Calendar,
    zones: Zones,
    busy: Vec<Span>,
    external: Vec<Span>,
    now: &'static str,
}

impl Asked {
    fn of(settings: RuleSettings, calendar: Calendar) -> Self {
        let rules = Rules::new(settings).unwrap();
        let zones = berlin();
        Self { rules, calendar, zones, busy: Vec::new(), external: Vec::new(), now: "2026-10-01T00:00:00Z" }
    }

    fn question<'a>(&'a self, counted: &'a [Counted<'a>]) -> Question<'a> {
        let Self { rules, calendar, zones, busy, external, now } = self;
        Question { rules, calendar, zones, busy, external, counted, now: at(now) }
    }

    /// The starts in the window, by the clock in UTC.
    fn starts(&self, window: Span, counted: &[Counted<'_>]) -> Vec<String> {
        let minutes = self.rules.settings().minutes[0];
        let starts = self.question(counted).starts(window, minutes).unwrap();
        starts.iter().map(|start| start.to_string()[5..16].to_owned()).collect()
    }

    fn reasons(&self, start: &str, minutes: u32, counted: &[Counted<'_>]) -> Vec<(Reason, String, String)> {
        let removed = self.question(counted).explain(at(start), minutes).unwrap();
        let clock = |at: Timestamp| at.to_string()[11..16].to_owned();
        let told =
            removed.iter().map(|one| (one.reason, clock(one.span.starts_at()), clock(one.span.ends_at())));
        told.collect()
    }
}

#[test]
fn a_night_in_which_clocks_change_offers_what_they_show() {
    let night = Asked::of(settings(60, 60), calendar(&[("00:00", "05:00")]));
    let autumn = span("2026-10-24T22:00:00Z", "2026-10-25T22:00:00Z");
    let six = ["10-24T22:00", "10-24T23:00", "10-25T00:00", "10-25T01:00", "10-25T02:00", "10-25T03:00"];
    assert_eq!(night.starts(autumn, &[]), six, "from midnight, one, two, two, three and four");
    let spring = span("2027-03-27T23:00:00Z", "2027-03-28T22:00:00Z");
    let four = ["03-27T23:00", "03-28T00:00", "03-28T01:00", "03-28T02:00"];
    assert_eq!(night.starts(spring, &[]), four, "from midnight, one, three and four");
    // From half past one until it is two for the second time, there is an hour and a half.
    let long = Asked::of(settings(90, 30), calendar(&[("01:30", "02:00")]));
    assert_eq!(long.starts(autumn, &[]), ["10-24T23:30"]);
    let long = Asked::of(settings(90, 30), calendar(&[("01:30", "02:30")]));
    assert_eq!(long.starts(autumn, &[]), ["10-24T23:30", "10-25T00:00"]);
}

#[test]
fn starts_that_divide_an_hour_lie_on_the_clock_and_others_count_from_free_time() {
    let day = span("2026-11-02T00:00:00Z", "2026-11-03T00:00:00Z");
    let mut twenty = Asked::of(settings(20, 20), calendar(&[("09:10", "10:30")]));
    assert_eq!(twenty.starts(day, &[]), ["11-02T08:20", "11-02T08:40", "11-02T09:00"]);
    let mut odd = Asked::of(settings(20, 25), calendar(&[("09:10", "10:30")]));
    assert_eq!(odd.starts(day, &[]), ["11-02T08:10", "11-02T08:35", "11-02T09:00"]);
    twenty.busy = vec![span("2026-11-02T08:15:00Z", "2026-11-02T08:27:00Z")];
    odd.busy.clone_from(&twenty.busy);
    assert_eq!(twenty.starts(day, &[]), ["11-02T08:40", "11-02T09:00"]);
    assert_eq!(odd.starts(day, &[]), ["11-02T08:27", "11-02T08:52"]);
    // By the minute, and not by the second, as notice would have it.
    (twenty.now, odd.now) = ("2026-11-02T08:40:01Z", "2026-11-02T08:40:01Z");
    assert_eq!(twenty.starts(day, &[]), ["11-02T09:00"]);
    assert_eq!(odd.starts(day, &[]), ["11-02T08:52"]);
    // In Kolkata half past in UTC is a full hour.
    let kolkata = Offsets::new(offset!(+5:30), Vec::new());
    odd.zones = Zones::from([
        ("Europe/Berlin".to_owned(), berlin().get("Europe/Berlin").unwrap().clone()),
        ("Asia/Kolkata".to_owned(), kolkata),
    ]);
    let trip =
        Trip { from: date!(2026 - 11 - 03), until: date!(2026 - 11 - 03), zone: "Asia/Kolkata".to_owned() };
    let travel = Travel::new(vec![trip]).unwrap();
    let abroad = Calendar { travel, ..calendar(&[("09:10", "10:30")]) };
    let abroad = Asked { rules: Rules::new(settings(30, 30)).unwrap(), calendar: abroad, ..odd };
    let three = span("2026-11-03T00:00:00Z", "2026-11-05T00:00:00Z");
    assert_eq!(abroad.starts(three, &[]), ["11-03T04:00", "11-03T04:30", "11-04T08:30", "11-04T09:00"]);
}

#[test]
fn endless_free_time_has_the_same_starts_whatever_is_asked_for() {
    let always = Asked::of(settings(20, 50), calendar(&[("00:00", "24:00")]));
    let day = span("2026-11-02T23:00:00Z", "2026-11-03T23:00:00Z");
    let starts = always.starts(day, &[]);
    // The date before has room for 28 and 40 minutes more.
    assert_eq!((starts.len(), &*starts[0], &*starts[1]), (29, "11-02T23:10", "11-03T00:00"));
    for (from, until) in
        [("2026-10-20T07:00:00Z", "2026-11-10T00:00:00Z"), ("2026-11-02T23:05:00Z", "2026-11-04T00:00:00Z")]
    {
        let mut longer = always.starts(span(from, until), &[]);
        longer.retain(|start| ("11-02T23:00".."11-03T23:00").contains(&&**start));
        assert_eq!(longer, starts, "{from}");
    }
}

#[test]
fn time_that_is_kept_free_adds_up() {
    let hour = RuleSettings { before: 10, after: 20, ..settings(60, 5) };
    let mut asked = Asked::of(hour, calendar(&[("09:00", "17:00")]));
    // From noon to one in Berlin, kept free from 11:45 until 13:30.
    asked.busy = vec![span("2026-11-02T10:45:00Z", "2026-11-02T12:30:00Z")];
    let day = span("2026-11-02T00:00:00Z", "2026-11-03T00:00:00Z");
    let starts = asked.starts(day, &[]);
    let before = starts.iter().rfind(|start| start.as_str() < "11-02T11:00").unwrap();
    let after = starts.iter().find(|start| start.as_str() > "11-02T11:00").unwrap();
    assert_eq!((before.as_str(), after.as_str()), ("11-02T09:25", "11-02T12:40"));
    let window = span("2026-11-02T10:00:00Z", "2026-11-02T11:00:00Z");
    let around = asked.rules.busy_around(window);
    assert_eq!(around, span("2026-10-30T09:50:00Z", "2026-11-03T11:20:00Z"));
    let free: Spans = [
        span("2026-11-02T08:00:00Z", "2026-11-02T10:25:00Z"),
        span("2026-11-02T12:40:00Z", "2026-11-02T16:00:00Z"),
    ]
    .into_iter()
    .collect();
    assert_eq!(asked.question(&[]).free(day).unwrap(), free);
}

#[test]
fn each_reason_is_told_with_the_piece_it_takes() {
    let rules = RuleSettings { before: 15, notice: 120, horizon_days: 40, ..settings(60, 30) };
    let mut asked = Asked::of(rules, calendar(&[("09:00", "17:00")]));
    asked.now = "2026-11-02T08:00:00Z";
    asked.calendar.time_off = span("2026-11-03T09:15:00Z", "2026-11-03T09:20:00Z").into();
    asked.calendar.overrides.insert(date!(2026 - 11 - 04), DayHours::default());
    asked.busy = vec![span("2026-11-05T08:00:00Z", "2026-11-05T08:50:00Z")];
    asked.external = vec![span("2026-11-05T13:15:00Z", "2026-11-06T00:00:00Z")];
    let told = |reason, from: &str, until: &str| (reason, from.to_owned(), until.to_owned());
    let limits = Limits::new(LimitSettings { week: Some(2), ..LimitSettings::default() }).unwrap();
    let starts = [at("2026-11-09T09:00:00Z"), at("2026-11-15T22:59:59Z"), at("2026-11-15T23:00:00Z")];
    let counted = [Counted { limits: &limits, starts: &starts }];
    for (start, minutes, expected) in [
        ("2026-11-02T09:30:00Z", 60, vec![told(Reason::Notice, "09:30", "10:00")]),
        ("2026-11-02T15:30:00Z", 60, vec![told(Reason::OutsideHours, "16:00", "16:30")]),
        ("2026-11-03T09:00:00Z", 60, vec![told(Reason::TimeOff, "09:15", "09:20")]),
        (
            "2026-11-04T07:30:00Z",
            60,
            vec![told(Reason::OutsideHours, "07:30", "08:00"), told(Reason::Override, "08:00", "08:30")],
        ),
        (
            "2026-11-05T08:30:00Z",
            60,
            vec![told(Reason::Busy, "08:30", "08:50"), told(Reason::Buffer, "08:50", "09:05")],
        ),
        ("2026-11-05T12:30:00Z", 60, vec![told(Reason::External, "13:15", "13:30")]),
        ("2026-11-02T10:00:00Z", 60, vec![]),
        ("2026-12-12T08:00:00Z", 60, vec![]),
        ("2026-12-12T08:30:00Z", 60, vec![told(Reason::Horizon, "08:30", "09:30")]),
        ("2026-11-13T09:00:00Z", 60, vec![told(Reason::Limit, "09:00", "10:00")]),
        ("2026-11-16T09:00:00Z", 60, vec![]),
        ("2026-11-16T09:10:00Z", 60, vec![told(Reason::Grid, "09:10", "10:10")]),
        ("2026-11-16T09:00:00Z", 45, vec![told(Reason::Length, "09:00", "09:45")]),
    ] {
        assert_eq!(asked.reasons(start, minutes, &counted), expected, "{start}");
        let is_offered = asked.question(&counted).is_offered(at(start), minutes).unwrap();
        assert_eq!(is_offered, expected.is_empty(), "{start}");
    }
    let within_a_second = at("2026-11-16T08:59:59.5Z");
    assert!(!asked.question(&counted).is_offered(within_a_second, 60).unwrap());
    let against = asked.question(&counted).explain(within_a_second, 60).unwrap();
    assert_eq!(against.iter().map(|one| one.reason).collect::<Vec<_>>(), [Reason::Grid]);
    // A second earlier, and it is still too far ahead.
    asked.now = "2026-11-02T07:59:59Z";
    let expected = [told(Reason::Horizon, "08:00", "09:00")];
    assert_eq!(asked.reasons("2026-12-12T08:00:00Z", 60, &counted), expected);
    for minutes in [0, u32::MAX] {
        let against = asked.question(&counted).explain(starts[0], minutes).unwrap();
        assert!(against.iter().any(|one| one.reason == Reason::Length), "{minutes} minutes");
    }
}

#[test]
fn clients_learn_nothing_of_what_others_do_and_nothing_waives_what_is_taken() {
    for reason in Reason::ALL {
        let coarse = match reason {
            Reason::Notice => ClientReason::TooSoon,
            Reason::Horizon => ClientReason::TooFarAhead,
            Reason::Grid | Reason::Length => ClientReason::NotAStart,
            _ => ClientReason::Unavailable,
        };
        assert_eq!(reason.for_clients(), coarse);
    }
    let by = |waiver: Waiver| {
        Reason::ALL.into_iter().filter(|reason| reason.waiver() == Some(waiver)).collect::<Vec<_>>()
    };
    assert_eq!(by(Waiver::Hours), [Reason::OutsideHours, Reason::Override, Reason::TimeOff, Reason::Grid]);
    assert_eq!(by(Waiver::Notice), [Reason::Notice, Reason::Horizon]);
    assert_eq!(by(Waiver::Limit), [Reason::Limit]);
}

#[test]
fn limits_speak_of_dates_of_the_calendar() {
    let asked = Asked::of(settings(60, 60), calendar(&[("00:00", "24:00")]));
    let year = span("2026-10-01T00:00:00Z", "2027-02-01T00:00:00Z");
    let gone = |limits: LimitSettings, starts: &[&str]| {
        let limits = Limits::new(limits).unwrap();
        let starts: Vec<Timestamp> = starts.iter().map(|start| at(start)).collect();
        let left: Spans = asked
            .question(&[Counted { limits: &limits, starts: &starts }])
            .starts(year, 60)
            .unwrap()
            .into_iter()
            .filter_map(|start| Span::new(start.unix_seconds(), start.unix_seconds() + 3600))
            .collect();
        let gone = Spans::from(year).subtract(&left);
        gone.iter().map(|span| (span.starts_at().to_string(), span.ends_at().to_string())).collect::<Vec<_>>()
    };
    let told = |from: &str, until: &str| vec![(from.to_owned(), until.to_owned())];
    let none = LimitSettings::default();
    let day = LimitSettings { day: Some(1), ..none };
    assert_eq!(gone(day, &["2026-10-24T22:00:00Z"]), told("2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z"));
    assert_eq!(gone(day, &["2026-10-24T21:59:59Z"]), told("2026-10-23T22:00:00Z", "2026-10-24T22:00:00Z"));
    let week = LimitSettings { week: Some(2), ..none };
    assert_eq!(gone(week, &["2026-11-01T22:00:00Z", "2026-11-01T23:00:00Z"]), []);
    let starts = ["2026-11-01T23:00:00Z", "2026-11-08T22:59:00Z"];
    assert_eq!(gone(week, &starts), told("2026-11-01T23:00:00Z", "2026-11-08T23:00:00Z"));
    let month = LimitSettings { month: Some(1), ..none };
    assert_eq!(gone(month, &["2026-12-31T12:00:00Z"]), told("2026-11-30T23:00:00Z", "2026-12-31T23:00:00Z"));
    let of_year = LimitSettings { year: Some(1), ..none };
    assert_eq!(
        gone(of_year, &["2026-06-01T00:00:00Z"]),
        told("2026-10-01T00:00:00Z", "2026-12-31T23:00:00Z")
    );
}

#[test]
fn what_clocks_show_again_of_a_date_counts_for_the_next_that_has_begun() {
    // Half an hour after midnight the clocks go back by an hour.
    let zone = Offsets::new(offset!(+2), vec![(at("2026-10-24T22:30:00Z"), offset!(+1))]);
    let limits = Limits::new(LimitSettings { day: Some(1), ..LimitSettings::default() }).unwrap();
    let next = span("2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z");
    assert_eq!(limits.full(&[at("2026-10-24T22:45:00Z")], &zone), next.into());
    let first = span("2026-10-23T22:00:00Z", "2026-10-24T22:00:00Z");
    assert_eq!(limits.full(&[at("2026-10-24T21:45:00Z")], &zone), first.into());
}

#[test]
fn what_counts_for_limits_is_known_around_the_window() {
    let zones = berlin();
    let zone = zones.get("Europe/Berlin").unwrap();
    let window = span("2026-12-31T12:00:00Z", "2026-12-31T23:00:01Z");
    let around = |limits: LimitSettings| Limits::new(limits).unwrap().counted_around(window, zone);
    let none = LimitSettings::default();
    assert_eq!(around(none), None);
    let day = LimitSettings { day: Some(1), ..none };
    assert_eq!(around(day), Some(span("2026-12-30T23:00:00Z", "2027-01-01T23:00:00Z")));
    // The week ends after the month of its first days.
    let month = LimitSettings { week: Some(1), month: Some(1), ..none };
    assert_eq!(around(month), Some(span("2026-11-30T23:00:00Z", "2027-01-31T23:00:00Z")));
    let last = span("2026-11-30T12:00:00Z", "2026-11-30T13:00:00Z");
    let last = Limits::new(month).unwrap().counted_around(last, zone);
    assert_eq!(last, Some(span("2026-10-31T23:00:00Z", "2026-12-06T23:00:00Z")), "of the month's last day");
    let year = LimitSettings { year: Some(1), ..none };
    assert_eq!(
        around(year),
        Some(span("2025-12-31T22:00:00Z", "2027-12-31T22:00:00Z")),
        "as its offsets go on"
    );
}

#[test]
fn rules_that_are_wrong_are_refused_where_they_stand() {
    let limits = LimitSettings { day: Some(0), week: Some(7), month: Some(6), year: Some(7) };
    let wrong = RuleSettings {
        minutes: vec![4, 30, 1441, 30],
        interval: 61,
        before: 721,
        after: 721,
        notice: 1440,
        horizon_days: 1,
        limits,
    };
    let range = |least: u32, most: u32| format!("this is a number from {least} to {most}");
    let expected = [
        ("/minutes/0", range(5, 1440)),
        ("/minutes/2", range(5, 1440)),
        ("/before", range(0, 720)),
        ("/after", range(0, 720)),
        ("/notice", range(0, 1439)),
        ("/minutes/3", "this is there already, at /minutes/1; take one of them out".to_owned()),
        (
            "/interval",
            "an interval divides 60 or is a multiple of 5 minutes, such as 15, 20 or 45".to_owned(),
        ),
        ("/limits/day", range(1, u32::MAX)),
        ("/limits/month", "this is not below 7, which is the limit of a shorter time".to_owned()),
    ];
    assert_eq!(refused(Rules::new(wrong)), expected.map(|(pointer, detail)| (pointer.to_owned(), detail)));
    let one = |settings: RuleSettings| {
        let mut faults = refused(Rules::new(settings));
        assert_eq!(faults.len(), 1, "{faults:?}");
        faults.remove(0).0
    };
    let right = settings(60, 60);
    assert_eq!(one(RuleSettings { minutes: vec![], ..right.clone() }), "/minutes");
    assert_eq!(one(RuleSettings { minutes: (5..16).collect(), ..right.clone() }), "/minutes");
    for interval in [0, 3, 7, 8, 11, 13, 16, 61, 1445] {
        assert_eq!(one(RuleSettings { interval, ..right.clone() }), "/interval", "{interval}");
    }
    for horizon_days in [0, 731] {
        assert_eq!(one(RuleSettings { horizon_days, notice: u32::MAX, ..right.clone() }), "/horizon_days");
    }
    for interval in [5, 6, 10, 12, 15, 20, 30, 60, 25, 45, 90, 1440] {
        let longest =
            RuleSettings { minutes: (5..15).collect(), interval, before: 720, after: 720, ..right.clone() };
        assert!(Rules::new(longest).is_ok(), "{interval}");
    }
    let json = serde_json::to_string(&Rules::new(right).unwrap()).unwrap();
    assert_eq!(serde_json::from_str::<Rules>(&json).unwrap().settings(), &settings(60, 60));
    let refused =
        serde_json::from_str::<Rules>(&json.replace("\"interval\":60", "\"interval\":61")).unwrap_err();
    assert!(refused.to_string().starts_with("/interval an interval divides 60"), "{refused}");
}
