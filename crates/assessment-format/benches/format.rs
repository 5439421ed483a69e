//! What the format costs: reading and checking a file of 100 items, printing it, reading that again, and the same
//! as JSON.

use std::{fmt::Write as _, hint::black_box};

use assessment_format::{check_json, format, parse, print};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};

/// 8 dimensions with anchors, 5 categories, an interview, and 100 items of every form.
fn file() -> String {
    let mut file =
        "---\nschema: assessment/1\nname: Bench\nversion: \"1.0\"\n---\n\n# Bench\n\n## Dimensions\n"
            .to_owned();
    for n in 1..=8 {
        let _ = writeln!(
            file,
            "\n### Dimension {n}\n\n- id: d{n}\n- weight: 12.5%\n\nA trait, *described* in a sentence or two, with a [source](https://example.org/{n}).\n\n\
             | score | what you would see |\n|---|---|\n| 1 | little |\n| 3 | some |\n| 5 | much |"
        );
    }
    file.push_str("\n## Result categories\n");
    let mut above = String::new();
    for (name, bound) in [("Top", "4.5"), ("High", "3.5"), ("Middle", "2.5"), ("Low", "1.5")] {
        let _ = writeln!(
            file,
            "\n### {name}\n\n- when: overall >= {bound}{above} and not (d1 < 2 or d2 < 2)\n\nA result."
        );
        above = std::format!(" and overall < {bound}");
    }
    file.push_str("\n### Other\n\n- default: true\n\nA result.\n\n## Interview guidelines\n");
    for n in 1..=8 {
        let _ = writeln!(
            file,
            "\n### Ask about Dimension {n}\n\n- What happened?\n  - And then?\n- Who was there?"
        );
    }
    file.push_str("\n## Items\n\n");
    for n in 0..100 {
        let (dimension, turned) = (n % 8 + 1, if n % 3 == 2 { " (reversed)" } else { "" });
        let form = match n % 10 {
            0..7 => "     - answer: agree-7",
            7 => "     - [1] One\n     - [2] Two\n     - [4] Three",
            8 => "     - answer: number\n     - range: 0..60",
            _ => "     - answer: multiple-choice\n     - [x] Yes\n     - [ ] No\n     - [x] Both",
        };
        let _ = writeln!(
            file,
            "{}. Statement {n} about something that people do.\n     - id: i{n}\n     - measures: d{dimension}{turned}\n{form}",
            n + 1
        );
    }
    file
}

fn benchmarks(c: &mut Criterion) {
    let file = file();
    let checked = parse(&file);
    assert!(checked.diagnostics.is_empty(), "{:?}", checked.diagnostics);
    let Some(definition) = checked.definition else { return };
    let (printed, json) = (print(&definition), definition.to_json());

    let mut group = c.benchmark_group("format");
    group.throughput(Throughput::Bytes(file.len() as u64));
    group.bench_function("parse and check 100 items", |b| b.iter(|| parse(black_box(&file))));
    group.bench_function("parse what was printed", |b| b.iter(|| parse(black_box(&printed))));
    group.bench_function("print", |b| b.iter(|| print(black_box(&definition))));
    group.bench_function("put in order", |b| b.iter(|| format(black_box(&file))));
    group.bench_function("check JSON", |b| b.iter(|| check_json(black_box(&json))));
    group.bench_function("checksum", |b| b.iter(|| black_box(&definition).checksum()));
    group.finish();
}

criterion_group!(benches, benchmarks);
criterion_main!(benches);
