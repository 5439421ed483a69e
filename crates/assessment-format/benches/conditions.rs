//! What it costs to compare conditions: 12 dimensions with 8 thresholds each, from what people write to what they would
//! not.

use std::hint::black_box;

use assessment_format::{
    Condition, Slug,
    condition::{Coverage, Subjects},
    definition::Scale,
};
use criterion::{Criterion, criterion_group, criterion_main};
use rust_decimal::Decimal;

const DIMENSIONS: usize = 12;
const THRESHOLDS: [&str; 8] = ["4.75", "4.5", "4", "3.5", "3", "2.5", "2", "1.5"];

/// Numbers that look as if by chance, the same each time (Knuth's MMIX).
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap_or_default() % end
    }

    fn comparison(&mut self) -> String {
        let operator = [">=", "<", ">", "<="][self.below(4)];
        format!("d{} {operator} {}", self.below(DIMENSIONS), THRESHOLDS[self.below(8)])
    }

    fn joined(&mut self, count: usize, word: &str) -> String {
        (0..count).map(|_| self.comparison()).collect::<Vec<_>>().join(word)
    }
}

fn of_all(mut part: impl FnMut(usize) -> String, word: &str) -> String {
    (0..DIMENSIONS).map(&mut part).collect::<Vec<_>>().join(word)
}

fn all() -> String {
    of_all(|d| format!("d{d}"), ", ")
}

/// Each category asks for more of all dimensions than the next.
fn cascade() -> Vec<String> {
    THRESHOLDS.map(|threshold| of_all(|d| format!("d{d} >= {threshold}"), " and ")).into()
}

/// Each asks for something else of each dimension, and the overall score, sums, counts and extremes besides.
fn mixed() -> Vec<String> {
    let at = |n: usize| THRESHOLDS[n % 8];
    let each = |n: usize| of_all(|d| format!("d{d} >= {}", at(n + d)), " and ");
    let profile = |n: usize| format!("overall >= {} and ({} or d1 < {})", at(n), each(n), at(n + 3));
    let mut conditions: Vec<String> = (0..4).map(profile).collect();
    conditions.push(format!("count({} >= 4) >= 6 and not overall < 3.5", all()));
    conditions.push(format!("min({}) >= 2 and sum(d0, d1, d2) > 9 and overall >= 3", all()));
    conditions.push(format!("max({}) <= 3.5 and sum(d3, d4) <= 5 or overall < 2", all()));
    conditions.push(format!("sum({}) > 40 and overall < 3.5", all()));
    // Never: 12 scores of which 7 are at least 4 have no 6 below.
    conditions.push(format!("count({} >= 4) >= 7 and count({} < 4) >= 6", all(), all()));
    conditions
}

/// Four alternatives of three comparisons each.
fn by_chance(count: usize) -> Vec<String> {
    let mut chance = Chance(7);
    let part = |chance: &mut Chance| format!("({})", chance.joined(3, " and "));
    (0..count).map(|_| (0..4).map(|_| part(&mut chance)).collect::<Vec<_>>().join(" or ")).collect()
}

/// As many categories as there may be, each for its own neighbourhood of four dimensions and most of the others.
fn many() -> Vec<String> {
    let mut chance = Chance(11);
    let near = |d: usize, at: usize| format!("d{d} < {} and d{d} >= {}", THRESHOLDS[at], THRESHOLDS[at + 1]);
    let profile = |chance: &mut Chance| {
        of_all(
            |d: usize| if d.is_multiple_of(3) { near(d, chance.below(7)) } else { format!("d{d} >= 1.{d}") },
            " and ",
        )
    };
    (0..99).map(|_| profile(&mut chance)).collect()
}

/// Sums of most dimensions, narrow and at cross purposes.
fn crossing_sums() -> Vec<String> {
    let mut chance = Chance(13);
    let ids = |chance: &mut Chance| {
        let ids: Vec<String> =
            (0..DIMENSIONS).filter(|_| chance.below(3) > 0).map(|d| format!("d{d}")).collect();
        ids.join(", ")
    };
    let part = |chance: &mut Chance| {
        format!("sum({}) <= {}.{}", ids(chance), 20 + chance.below(10), chance.below(99))
    };
    let odd = |n: usize| of_all(|d| format!("d{d} != {}", THRESHOLDS[(n + d) % 8]), " and ");
    (0..8).map(|n| format!("{} and not {} and {}", part(&mut chance), part(&mut chance), odd(n))).collect()
}

/// Sums against each other and against the overall score, as many as are compared.
fn sums() -> Vec<String> {
    (0..12)
        .map(|n| {
            let (a, b, c) = (n, (n + 1) % DIMENSIONS, (n + 5) % DIMENSIONS);
            format!("sum(d{a}, d{b}, d{c}) >= {} and overall {} 3.{n}", 8 + n % 5, [">=", "<"][n % 2])
        })
        .collect()
}

fn benchmarks(c: &mut Criterion) {
    let dimensions: Vec<(Slug, Decimal)> = (0..DIMENSIONS)
        .filter_map(|d| Some((Slug::new(format!("d{d}")).ok()?, Decimal::new(if d < 4 { 9 } else { 8 }, 2))))
        .collect();
    let scale = Scale { min: Decimal::ONE, max: Decimal::from(5) };
    let mut group = c.benchmark_group("conditions");
    for (name, texts) in [
        ("cascade", cascade()),
        ("mixed", mixed()),
        ("8 by chance", by_chance(8)),
        ("24 by chance", by_chance(24)),
        ("99 profiles", many()),
        ("12 sums", sums()),
        ("crossing sums", crossing_sums()),
    ] {
        let conditions: Vec<Condition> =
            texts.iter().filter_map(|text| Condition::parse(text).ok()).collect();
        assert_eq!(conditions.len(), texts.len(), "{name}");
        let conditions: Vec<&Condition> = conditions.iter().collect();
        let subjects = Subjects { scale, dimensions: &dimensions };
        group.bench_function(name, |b| b.iter(|| Coverage::of(black_box(&conditions), subjects)));
    }
    group.finish();
}

criterion_group!(benches, benchmarks);
criterion_main!(benches);
