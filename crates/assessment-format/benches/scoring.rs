//! What scoring costs: 100 items on 8 dimensions, with and without the reasons, and what comes before and
//! after.

use std::{fmt::Write as _, hint::black_box};

use assessment_format::{
    Answers, Definition, Reply, Slug,
    rating::Ratings,
    scoring::{Outcome, Scorer},
    session::StoredAnswer,
    summary::Tally,
};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use kernel::Timestamp;

const DIMENSIONS: usize = 8;

/// Each of the forms code can score, one after the other, every third reversed.
fn definition(items: usize) -> Definition {
    let mut text = "---\nschema: assessment/1\nname: Bench\nversion: \"1.0\"\ntype: multi-dimensional\n\
                    scale: { min: 1, max: 5 }\n---\n# Bench\n\n## Dimensions\n"
        .to_owned();
    for n in 1..=DIMENSIONS {
        let _ = writeln!(text, "### Dimension {n}\n- id: d{n}\n- weight: 12.5%\nA trait.\n");
    }
    text.push_str("## Result categories\n");
    for (name, bound) in [("Top", "4.5"), ("High", "3.5"), ("Middle", "2.5"), ("Low", "1.5")] {
        let _ = writeln!(text, "### {name}\n- when: overall >= {bound} and d1 >= {bound}\nA result.\n");
    }
    text.push_str("### Other\n- default: true\nA result.\n\n## Items\n");
    for n in 0..items {
        let (dimension, turned) = (n % DIMENSIONS + 1, if n % 3 == 2 { " (reversed)" } else { "" });
        let form = match n % 10 {
            0..7 => "     - answer: agree-7",
            7 => "     - [1] One\n     - [2] Two\n     - [4] Three",
            8 => "     - answer: number\n     - range: 0..60",
            _ => "     - answer: multiple-choice\n     - [x] Yes\n     - [ ] No\n     - [x] Both",
        };
        let _ = writeln!(
            text,
            "{}. Question {n}?\n     - id: q{n}\n     - measures: d{dimension}{turned}\n{form}",
            n + 1
        );
    }
    let checked = assessment_format::parse(&text);
    checked.definition.unwrap_or_else(|| panic!("{:#?}", checked.diagnostics))
}

fn answers(items: usize, seed: usize) -> Answers {
    let reply = |n: usize| match n % 10 {
        0..7 => Reply::Step(u8::try_from((n * 5 + seed) % 7).expect("small") + 1),
        7 => Reply::Option(u8::try_from((n + seed) % 3).expect("small") + 1),
        8 => Reply::Number(((n * 7 + seed) % 61).into()),
        _ => Reply::Options(vec![1, 3]),
    };
    let kept = |n| StoredAnswer { sequence: 1, reply: Some(reply(n)), at: Timestamp::EPOCH };
    (0..items).map(|n| (Slug::new(format!("q{n}")).expect("a slug"), kept(n))).collect()
}

fn scoring(c: &mut Criterion) {
    let definition = definition(100);
    let (answers, ratings) = (answers(100, 3), Ratings::default());
    let scorer = Scorer::new(&definition);
    let outcome = scorer.score(&answers, &ratings);
    assert!(outcome.dimensions.iter().all(Option::is_some));
    let mut group = c.benchmark_group("100 items, 8 dimensions");
    group.bench_function("score", |b| b.iter(|| scorer.score(black_box(&answers), &ratings)));
    group.bench_function("score and explain", |b| b.iter(|| scorer.explain(black_box(&answers), &ratings)));
    group.bench_function("write the result", |b| {
        b.iter(|| scorer.report(black_box(outcome.clone())).to_canonical_json());
    });
    group.bench_function("compile the scorer", |b| b.iter(|| Scorer::new(black_box(&definition))));
    group.finish();
}

fn summary(c: &mut Criterion) {
    let definition = definition(100);
    let scorer = Scorer::new(&definition);
    let score = |seed| scorer.score(&answers(100, seed), &Ratings::default());
    let outcomes: Vec<Outcome> = (0..1_000).map(score).collect();
    let mut group = c.benchmark_group("summary");
    group.throughput(Throughput::Elements(100_000));
    group.sample_size(20);
    group.bench_function("100,000 results of 8 dimensions", |b| {
        b.iter(|| {
            let mut tally = Tally::new(&definition);
            (0..100).for_each(|_| outcomes.iter().for_each(|outcome| tally.add(outcome)));
            tally.summary()
        });
    });
    group.finish();
}

criterion_group!(benches, scoring, summary);
criterion_main!(benches);
