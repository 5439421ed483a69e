//! What it costs to find the starts of many hosts and of one, when a panel can meet, and days of interviews.

use std::{collections::BTreeMap, hint::black_box};

use availability::{
    Calendar, Counted, Limits, Question, Rules, Span, Spans, Zones,
    panel::{Panel, Pool, Times, days},
};
use criterion::{Criterion, criterion_group, criterion_main};
use kernel::{Offsets, Timestamp};
use time::macros::offset;

/// Monday, 28 September 2026, 00:00 in Berlin.
const FIRST: i64 = 1_790_546_400;
const DAY: i64 = 86_400;

/// Numbers that look as if by chance, the same each time (Knuth's MMIX).
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: i64) -> i64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        i64::try_from(self.0 >> 33).unwrap_or_default() % end
    }
}

/// What a host has booked in so many days, in no order.
fn busy(host: u64, count: usize, days: i64) -> Vec<Span> {
    let mut chance = Chance(host);
    let one = |chance: &mut Chance| {
        let start = FIRST + chance.below(days * DAY / 300) * 300;
        Span::new(start, start + 900 + chance.below(3) * 900)
    };
    (0..count).filter_map(|_| one(&mut chance)).collect()
}

fn slots(c: &mut Criterion) {
    let change = Timestamp::from_unix_seconds(1_792_890_000).expect("25 October 2026, 01:00 UTC");
    let berlin = Offsets::new(offset!(+2), vec![(change, offset!(+1))]);
    let zones = Zones::from([("Europe/Berlin".to_owned(), berlin)]);
    let week = r#"[{"from": "08:00", "until": "12:00"}, {"from": "13:00", "until": "18:00"}]"#;
    let days = ["monday", "tuesday", "wednesday", "thursday", "friday"].map(|day| format!("{day:?}: {week}"));
    let week = serde_json::from_str(&format!("{{{}}}", days.join(", "))).expect("a week");
    let calendar = Calendar { zone: "Europe/Berlin".to_owned(), week, ..Calendar::default() };
    let always = format!("{{{}}}", days.join(", ").replace("18:00", "24:00").replace("08:00", "00:00"));
    let always = Calendar { week: serde_json::from_str(&always).expect("a week"), ..calendar.clone() };
    let rules = r#"{"minutes": [30], "interval": 15, "before": 5, "after": 10, "notice": 60, "horizon_days": 365,
                    "limits": {"day": 6, "week": 25}}"#;
    let rules: Rules = serde_json::from_str(rules).expect("rules");
    let now = Timestamp::from_unix_seconds(FIRST).expect("a moment");
    let ask = |calendar, window: Span, busy: &[Span], starts: &[Timestamp]| {
        let limits: &Limits = rules.limits();
        let counted = [Counted { limits, starts }];
        let question =
            Question { rules: &rules, calendar, zones: &zones, busy, external: &[], counted: &counted, now };
        question.starts(window, 30).expect("the zone is known").len()
    };
    let counted =
        |busy: &[Span]| busy.iter().step_by(20).map(|span| span.starts_at()).collect::<Vec<Timestamp>>();
    let mut group = c.benchmark_group("slots");

    let month = Span::new(FIRST, FIRST + 31 * DAY).expect("31 days");
    let own = busy(7, 60, 31);
    let starts = counted(&own);
    group.bench_function("one host, 31 days, 60 busy", |b| {
        b.iter(|| ask(&calendar, black_box(month), &own, &starts));
    });

    let quarter = Span::new(FIRST, FIRST + 90 * DAY).expect("90 days");
    let hosts: Vec<(Vec<Span>, Vec<Timestamp>)> = (0..50)
        .map(|host| busy(host, 2000, 90))
        .map(|busy| {
            let starts = counted(&busy);
            (busy, starts)
        })
        .collect();
    for (name, calendar) in [("office hours", &calendar), ("long days", &always)] {
        group.bench_function(format!("50 hosts, 90 days, 2000 busy each, {name}"), |b| {
            b.iter(|| {
                hosts
                    .iter()
                    .map(|(busy, starts)| ask(calendar, black_box(quarter), busy, starts))
                    .sum::<usize>()
            });
        });
    }
    group.finish();
}

/// Office hours of 14 days, without six meetings a day.
fn free(who: u64) -> Spans {
    let mut chance = Chance(who);
    let hours = (0..14).filter_map(|day| Span::new(day * DAY + 8 * 3600, day * DAY + 18 * 3600));
    let meetings = (0..6 * 14).filter_map(|meeting| {
        let start = meeting / 6 * DAY + 8 * 3600 + chance.below(40) * 900;
        Span::new(start, start + 900 + chance.below(4) * 900)
    });
    hours.collect::<Spans>().subtract(&meetings.collect())
}

fn panel(required: u64, pools: u64, members: u64, needed: usize) -> Panel<u64> {
    let pool = |pool: u64| Pool {
        members: (0..members).map(|member| 10 + pool * members + member).collect(),
        needed,
    };
    Panel::new((0..required).collect(), (0..pools).map(pool).collect(), (1000..1005).collect())
        .expect("a panel")
}

fn panels(c: &mut Criterion) {
    let window = Span::new(0, 14 * DAY).expect("14 days");
    let berlin = Offsets::new(offset!(+1), Vec::new());
    let times = Times::new(window, 60, 15, &berlin).expect("an hour, by quarters");
    let mut group = c.benchmark_group("panel");
    let small = panel(1, 3, 10, 2);
    for (name, panel) in [
        ("3 pools of 10", &small),
        ("5 pools of 9 and 5 people", &panel(5, 5, 9, 2)),
        ("5 pools of 10", &panel(0, 5, 10, 4)),
    ] {
        let free: BTreeMap<u64, Spans> = panel.resources().map(|who| (who, free(who))).collect();
        let found = panel.meetings(&free, &times).len();
        group.bench_function(format!("{name}, 14 days: {found} meetings"), |b| {
            b.iter(|| panel.meetings(black_box(&free), &times));
        });
    }
    let interviews: Vec<_> = (0..6)
        .map(|interview| {
            let panel = Panel::new(vec![interview], vec![], vec![]).expect("a panel of one");
            panel.meetings(&[(interview, free(interview))].into(), &times)
        })
        .collect();
    let each: Vec<Span> = (0..14).filter_map(|day| Span::new(day * DAY, (day + 1) * DAY)).collect();
    group
        .bench_function("6 interviews on a day of 14", |b| b.iter(|| days(black_box(&interviews), &each, 0)));
    group.finish();
}

criterion_group!(benches, slots, panels);
criterion_main!(benches);
