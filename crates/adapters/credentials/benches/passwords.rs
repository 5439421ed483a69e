//! What a sign-in pays: a hash; and what a new password pays: a judgement.

use std::hint::black_box;

use credentials::{Argon2Hasher, Cost, HashingSettings, Strength};
use criterion::{Criterion, criterion_group, criterion_main};
use identity::credentials::PasswordHasher as _;
use kernel::Secret;
use tokio::runtime::Runtime;

fn hashing(c: &mut Criterion) {
    let runtime = Runtime::new().expect("a runtime can be had");
    let password = Secret::new("correct horse battery staple");
    for (memory, iterations) in [(47_104, 1), (19_456, 2)] {
        let cost = Cost::new(memory, iterations, 1).expect("OWASP allows it");
        let hasher = Argon2Hasher::new(HashingSettings { cost, ..HashingSettings::default() })
            .expect("it can be made");
        c.bench_function(&format!("argon2id/m={memory},t={iterations}"), |b| {
            b.iter(|| runtime.block_on(hasher.hash(&password)));
        });
    }
}

fn judging(c: &mut Criterion) {
    let strength = Strength::new(&["touchstone"]);
    let words = ["ann.berger@northwind.example", "Ann Berger", "North Wind Traders"];
    let letters =
        |length: u8| (0..length).map(|i| char::from(33 + i.wrapping_mul(37) % 94)).collect::<String>();
    for length in [16, 100] {
        let password = letters(length);
        c.bench_function(&format!("strength/{length} characters"), |b| {
            b.iter(|| strength.judge(black_box(&password), &words));
        });
    }
    c.bench_function("strength/128 times the same", |b| {
        let password = "a".repeat(128);
        b.iter(|| strength.judge(black_box(&password), &words));
    });
}

criterion_group!(benches, hashing, judging);
criterion_main!(benches);
