//! What the audit trail costs: hashing and appending an event, proving it, checking a proof and a note.

use std::{
    hint::black_box,
    pin::pin,
    task::{Context, Poll, Waker},
    time::Duration,
};

use async_trait::async_trait;
use audit::{
    Hash, Note, Piece, SignedCheckpoint, SignerKey, Source, Tile, TileId, Tiles, TreeAppender, Verifier,
    prove_consistency, prove_inclusion,
};
use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use kernel::StoreError;

const LEAVES: u32 = 1_000_000;

/// In memory nothing waits: a future is ready when it is first asked.
fn now<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => unreachable!("storage in memory never waits"),
    }
}

/// The hashes of each level of tiles.
struct Memory(Vec<Vec<Hash>>);

impl Memory {
    fn of(leaves: Vec<Hash>) -> Self {
        let mut levels = vec![leaves];
        while let Some(below) = levels.last().filter(|level| level.len() >= 256) {
            let tiles = (0..).zip(below.chunks_exact(256));
            let full = tiles.map(|(index, hashes)| Tile::new(TileId { level: 0, index }, hashes.to_vec()));
            levels.push(
                full.map(|tile| tile.ok().and_then(|tile| tile.root()).expect("a full tile")).collect(),
            );
        }
        Self(levels)
    }
}

#[async_trait]
impl Tiles for Memory {
    async fn tile(&self, id: TileId, width: u16) -> Result<Tile, StoreError> {
        let place = |n| usize::try_from(n).expect("in memory");
        let below = id.below(width);
        let hashes = &self.0[usize::from(id.level)][place(below.start)..place(below.end)];
        Ok(Tile::new(id, hashes.to_vec()).expect("asked for at least one hash"))
    }
}

fn tree(c: &mut Criterion) {
    let event = [b'e'; 600];
    let leaves: Vec<Hash> = (0..LEAVES).map(|n| Hash::of_leaf(&n.to_be_bytes())).collect();
    let mut appender = TreeAppender::empty();
    for leaf in &leaves {
        appender.push(*leaf);
        appender.take_full();
    }
    let root = appender.root();
    let log = Memory::of(leaves.clone());
    let size = u64::from(LEAVES);
    let proof = now(prove_inclusion(&log, 654_321, size)).expect("in the log");

    c.bench_function("leaf, 600 bytes", |b| b.iter(|| Hash::of_leaf(black_box(&event))));
    c.bench_function("append, 2000 leaves", |b| {
        let grow = |mut appender: TreeAppender| {
            leaves[..2_000].iter().for_each(|leaf| appender.push(*leaf));
            appender
        };
        b.iter_batched(|| appender.clone(), grow, BatchSize::SmallInput);
    });
    c.bench_function("root of a million", |b| b.iter(|| appender.root()));
    c.bench_function("prove inclusion in a million", |b| {
        b.iter(|| now(prove_inclusion(&log, black_box(654_321), size)));
    });
    c.bench_function("prove consistency within a million", |b| {
        b.iter(|| now(prove_consistency(&log, black_box(654_321), size)));
    });
    c.bench_function("verify inclusion in a million", |b| {
        b.iter(|| black_box(&proof).verify(leaves[654_321], root).expect("a proof"));
    });

    let mut whole = c.benchmark_group("verifier");
    whole.sample_size(10).measurement_time(Duration::from_secs(5)).throughput(Throughput::Elements(size));
    whole.bench_function("a million entries", |b| {
        b.iter(|| {
            let mut verifier = Verifier::new(Source::Tables, &[]);
            for (index, leaf) in (0..).zip(&leaves) {
                verifier.feed(Piece::Entry { index, stored: Some(*leaf), computed: Some(*leaf) });
            }
            verifier.finish()
        });
    });
}

fn notes(c: &mut Criterion) {
    let key = SignerKey::from_seed("example.org/log", &[7; 32]).expect("a name");
    let verifier = [key.verifier()];
    let text = SignedCheckpoint::sign(1_000_000, Hash::EMPTY, &key).to_string();
    let note = Note::parse(text.as_bytes()).expect("a note");

    c.bench_function("note/sign checkpoint", |b| {
        b.iter(|| SignedCheckpoint::sign(black_box(7), Hash::EMPTY, &key));
    });
    c.bench_function("note/parse", |b| b.iter(|| Note::parse(black_box(text.as_bytes())).expect("a note")));
    c.bench_function("note/verify", |b| b.iter(|| note.verify(black_box(&verifier)).expect("signed")));
}

criterion_group!(benches, tree, notes);
criterion_main!(benches);
