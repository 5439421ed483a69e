//! Slots against a world of minutes, which knows nothing of spans: every minute is looked at by itself.

use std::ops::Range;

use kernel::{Offsets, Timestamp};
use proptest::{collection::vec, prelude::*, sample::select};
use time::{Date, Duration, UtcOffset, macros::date};

use crate::{
    Calendar, Counted, DayHours, HoursText, LimitSettings, Limits, Question, RuleSettings, Rules, Span,
    WeekText, WeeklyHours, Zones,
};

/// Minute 0 is Monday, 30 November 2026, 00:00 UTC.
const MONDAY: i64 = 1_795_996_800;
const FIRST: Date = date!(2026 - 11 - 30);
const DAY: i64 = 1440;
/// The minutes that are looked at.
const WORLD: Range<i64> = -8 * DAY..12 * DAY;

/// A clock that is put on or back once.
#[derive(Debug, Clone, Copy)]
struct Wall {
    before: i64,
    after: i64,
    change: i64,
}

impl Wall {
    fn shows(self, minute: i64) -> i64 {
        minute + if minute < self.change { self.before } else { self.after }
    }

    fn when_shown(self, civil: i64, ends: bool) -> i64 {
        let mut shown = WORLD.filter(|minute| self.shows(*minute) == civil);
        let found = if ends { shown.next_back() } else { shown.next() };
        found.unwrap_or(civil - self.before)
    }

    fn day_starts(self, day: i64) -> i64 {
        WORLD.clone().find(|minute| self.shows(*minute).div_euclid(DAY) == day).unwrap_or(self.change)
    }

    fn offsets(self) -> Offsets {
        let offset =
            |minutes: i64| UtcOffset::from_whole_seconds(i32::try_from(minutes * 60).unwrap()).unwrap();
        Offsets::new(offset(self.before), vec![(at(self.change), offset(self.after))])
    }
}

fn at(minute: i64) -> Timestamp {
    Timestamp::from_unix_seconds(MONDAY + minute * 60).unwrap()
}

fn span(minutes: &Range<i64>) -> Option<Span> {
    Span::new(MONDAY + minutes.start * 60, MONDAY + minutes.end * 60)
}

fn date(day: i64) -> Date {
    FIRST + Duration::days(day)
}

type Hours = Vec<(i64, i64)>;

#[derive(Debug, Clone)]
struct World {
    wall: Wall,
    week: [Hours; 7],
    overrides: Vec<(i64, Hours)>,
    off: Vec<Range<i64>>,
    busy: Vec<Range<i64>>,
    external: Vec<Range<i64>>,
    booked: Vec<i64>,
    rules: RuleSettings,
    /// Seconds, not minutes.
    now: i64,
    window: Range<i64>,
}

/// What each minute is, by its distance from the first.
struct Minutes {
    /// The day in which it lies: the last that has begun.
    day: Vec<i64>,

    is_open: Vec<bool>,
    is_taken: Vec<bool>,
    is_free: Vec<bool>,
}

fn index(minute: i64) -> usize {
    usize::try_from(minute - WORLD.start).unwrap()
}

impl World {
    fn minutes(&self) -> Minutes {
        let count = index(WORLD.end);
        let (mut is_open, mut is_taken) = (vec![false; count], vec![false; count]);
        let mut day_of = Vec::new();
        for minute in WORLD {
            let shown = self.wall.shows(minute).div_euclid(DAY);
            day_of.push(day_of.last().copied().unwrap_or(shown).max(shown));
        }
        let paint = |minutes: &mut Vec<bool>, range: Range<i64>, value: bool| {
            for minute in range.start.max(WORLD.start)..range.end.min(WORLD.end) {
                minutes[index(minute)] = value;
            }
        };
        for day in WORLD.start / DAY + 1..WORLD.end / DAY - 2 {
            let own = self.overrides.iter().find(|(of, _)| *of == day);
            let hours =
                own.map_or(&self.week[usize::try_from(day.rem_euclid(7)).unwrap()], |(_, hours)| hours);
            for (from, until) in hours {
                let is_over_midnight = until <= from;
                let last = if is_over_midnight { until + DAY } else { *until };
                let mut start = self.wall.when_shown(day * DAY + from, false).max(self.wall.day_starts(day));
                if *from == 0 {
                    start = self.wall.day_starts(day);
                }
                let bound = self.wall.day_starts(if last > DAY { day + 2 } else { day + 1 });
                let end =
                    if last == DAY { bound } else { self.wall.when_shown(day * DAY + last, true).min(bound) };
                paint(&mut is_open, start..end, true);
            }
        }
        for off in &self.off {
            paint(&mut is_open, off.clone(), false);
        }
        for taken in self.busy.iter().chain(&self.external) {
            paint(&mut is_taken, taken.clone(), true);
        }
        let (before, after) = (i64::from(self.rules.before), i64::from(self.rules.after));
        let mut is_free = is_open.clone();
        for minute in WORLD {
            if is_taken[index(minute)] {
                paint(&mut is_free, minute - after..minute + before + 1, false);
            }
        }
        Minutes { day: day_of, is_open, is_taken, is_free }
    }

    fn offers(&self, minutes: &Minutes, start: i64, length: i64) -> bool {
        let (before, after) = (i64::from(self.rules.before), i64::from(self.rules.after));
        let second = start * 60;
        let is_timely = second >= self.now + i64::from(self.rules.notice) * 60
            && second <= self.now + i64::from(self.rules.horizon_days) * 86_400;
        if !is_timely {
            return false;
        }
        let is_open = (start..start + length).all(|minute| minutes.is_open[index(minute)]);
        let is_taken = (start - before..start + length + after).any(|minute| minutes.is_taken[index(minute)]);
        is_open && !is_taken && self.is_on_grid(minutes, start) && !self.is_full(minutes, start)
    }

    fn is_on_grid(&self, minutes: &Minutes, start: i64) -> bool {
        let interval = i64::from(self.rules.interval);
        if 60 % interval == 0 {
            return self.wall.shows(start).rem_euclid(60) % interval == 0;
        }
        let own = minutes.day[index(start)];
        let day_starts =
            (WORLD.start..start).rev().find(|minute| minutes.day[index(*minute)] != own).unwrap() + 1;
        let earliest = day_starts - DAY;
        let mut origin = start;
        while origin > earliest && minutes.is_free[index(origin - 1)] {
            origin -= 1;
        }
        (start - origin) % interval == 0
    }

    fn is_full(&self, minutes: &Minutes, start: i64) -> bool {
        let own = minutes.day[index(start)];
        let LimitSettings { day, week, month, year } = self.rules.limits;
        let reaches = |limit: Option<u32>, is_alike: &dyn Fn(i64) -> bool| {
            let count = self.booked.iter().filter(|booked| is_alike(minutes.day[index(**booked)])).count();
            limit.is_some_and(|limit| count >= usize::try_from(limit).unwrap())
        };
        let month_of = |day: i64| (date(day).year(), date(day).month());
        reaches(day, &|other| other == own)
            || reaches(week, &|other| other.div_euclid(7) == own.div_euclid(7))
            || reaches(month, &|other| month_of(other) == month_of(own))
            || reaches(year, &|other| date(other).year() == date(own).year())
    }

    fn calendar(&self) -> Calendar {
        let off = self.off.iter().filter_map(span).collect();
        let overrides = self.overrides.iter().rev();
        let overrides =
            overrides.map(|(day, hours)| (date(*day), DayHours::new(&texts(hours)).unwrap())).collect();
        Calendar {
            zone: "here".to_owned(),
            week: weekly(&self.week).unwrap(),
            overrides,
            time_off: off,
            ..Calendar::default()
        }
    }
}

fn texts(hours: &Hours) -> Vec<HoursText> {
    let clock = |minute: i64| format!("{:02}:{:02}", minute / 60, minute % 60);
    hours.iter().map(|(from, until)| HoursText { from: clock(*from), until: clock(*until) }).collect()
}

fn weekly(week: &[Hours; 7]) -> Option<WeeklyHours> {
    let [monday, tuesday, wednesday, thursday, friday, saturday, sunday] = week.each_ref().map(texts);
    WeeklyHours::new(&WeekText { monday, tuesday, wednesday, thursday, friday, saturday, sunday }).ok()
}

fn hours() -> impl Strategy<Value = Hours> {
    let any = (0_i64..1440, 0_i64..1441).prop_filter("empty", |(from, until)| from != until);
    prop_oneof![
        Just(vec![]),
        Just(vec![(540, 720), (780, 1020)]),
        Just(vec![(0, 1440)]),
        Just(vec![(1320, 150)]),
        Just(vec![(30, 90), (110, 200)]),
        any.prop_map(|hours| vec![hours]),
    ]
}

/// Days whose hours are over those of another are closed.
fn week() -> impl Strategy<Value = [Hours; 7]> {
    proptest::array::uniform7(hours()).prop_map(|mut week| {
        for day in 0..7 {
            if weekly(&week).is_none() {
                week[day].clear();
            }
        }
        week
    })
}

fn ranges() -> impl Strategy<Value = Vec<Range<i64>>> {
    vec((-4 * DAY..7 * DAY, 1_i64..200).prop_map(|(start, length)| start..start + length), 0..8)
}

fn limits() -> impl Strategy<Value = LimitSettings> {
    let one = || proptest::option::weighted(0.4, 1_u32..5);
    (one(), one(), one(), one()).prop_map(|(day, week, month, year)| {
        let sum = |parts: &[Option<u32>]| parts.iter().flatten().sum::<u32>();
        let above = |limit: Option<u32>, shorter: &[Option<u32>]| limit.map(|limit| limit + sum(shorter));
        let week = above(week, &[day]);
        let month = above(month, &[day, week]);
        LimitSettings { day, week, month, year: above(year, &[day, week, month]) }
    })
}

fn rules() -> impl Strategy<Value = RuleSettings> {
    let interval = select(vec![5_u32, 6, 10, 15, 20, 30, 60, 25, 45, 50, 75, 90, 240]);
    let length = prop_oneof![5_u32..100, Just(240), Just(1440)];
    (length, interval, 0_u32..40, 0_u32..40, 0_u32..1400, 1_u32..4, limits()).prop_map(
        |(minutes, interval, before, after, notice, horizon_days, limits)| RuleSettings {
            minutes: vec![minutes],
            interval,
            before,
            after,
            notice,
            horizon_days,
            limits,
        },
    )
}

fn world() -> impl Strategy<Value = World> {
    let wall = (-600_i64..600, -180_i64..180, -DAY..4 * DAY, select(vec![1_i64, 30, 60])).prop_map(
        |(before, by, change, of)| Wall {
            before: before / of * of,
            after: (before / of + by / of) * of,
            change: change / of * of,
        },
    );
    let overrides = vec((-2_i64..6, hours()), 0..3);
    let booked = vec(-6 * DAY..9 * DAY, 0..12);
    let window = (0_i64..2 * DAY, 1_i64..2 * DAY).prop_map(|(start, length)| start..start + length);
    let days = (overrides, ranges(), ranges(), ranges(), booked);
    (wall, week(), days, rules(), -86_400_i64..2 * 86_400, window).prop_map(
        |(wall, week, days, rules, now, window)| {
            let (overrides, off, busy, external, booked) = days;
            World { wall, week, overrides, off, busy, external, booked, rules, now, window }
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn what_is_offered_is_what_each_minute_says(mut world in world(), looked_at in vec(0_i64..4 * DAY, 30)) {
        world.overrides.sort_by_key(|(day, _)| *day);
        world.overrides.dedup_by_key(|(day, _)| *day);
        let minutes = world.minutes();
        let length = world.rules.minutes[0];
        let expected: Vec<i64> =
            world.window.clone().filter(|start| world.offers(&minutes, *start, length.into())).collect();

        let (rules, calendar) = (Rules::new(world.rules.clone()).unwrap(), world.calendar());
        let zones = Zones::from([("here".to_owned(), world.wall.offsets())]);
        let limits = Limits::new(world.rules.limits).unwrap();
        let taken = |ranges: &[Range<i64>]| ranges.iter().filter_map(span).collect::<Vec<Span>>();
        let (busy, external) = (taken(&world.busy), taken(&world.external));
        let starts: Vec<Timestamp> = world.booked.iter().map(|booked| at(*booked)).collect();
        let counted = [Counted { limits: &limits, starts: &starts }];
        let question = Question {
            rules: &rules,
            calendar: &calendar,
            zones: &zones,
            busy: &busy,
            external: &external,
            counted: &counted,
            now: Timestamp::from_unix_seconds(MONDAY + world.now).unwrap(),
        };
        let found = question.starts(span(&world.window).unwrap(), length).unwrap();
        let found: Vec<i64> = found.iter().map(|start| (start.unix_seconds() - MONDAY) / 60).collect();
        prop_assert_eq!(&found, &expected);
        for minute in found.into_iter().step_by(7).chain(looked_at) {
            let expected = world.offers(&minutes, minute, length.into());
            prop_assert_eq!(question.is_offered(at(minute), length).unwrap(), expected, "minute {}", minute);
            let against = question.explain(at(minute), length).unwrap();
            prop_assert_eq!(against.is_empty(), expected, "minute {}: {:?}", minute, against);
        }
    }
}
