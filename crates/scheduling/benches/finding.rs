//! What it costs to find the starts of many hosts and of one.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use kernel::{Offsets, Timestamp};
use scheduling::{Calendar, Counted, Limits, Question, Rules, Span, Zones};
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

criterion_group!(benches, slots);
criterion_main!(benches);
