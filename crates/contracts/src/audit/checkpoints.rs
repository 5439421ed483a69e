//! Checkpoints and the key that signs them.

use audit::ports::{KeptCheckpoint, KeptSigner};

use crate::{StorageUnderTest, world::World};

/// A log has one name.
pub async fn a_log_keeps_its_name(storage: &StorageUnderTest) {
    let name = async || storage.checkpoints.log_id().await.expect("it can be read");
    let first = name().await;
    assert!(!first.is_nil(), "it has a name");
    World::of(storage).account("ann@example.org").await;
    assert_eq!(name().await, first);
}

/// The first key signs; another that comes later changes nothing.
pub async fn the_first_signer_wins(storage: &StorageUnderTest) {
    let signer = async || storage.checkpoints.signer().await.expect("it can be read");
    assert_eq!(signer().await, None, "there is none before the first");
    let key = |n: u8| KeptSigner { verifier: format!("log+{n}"), sealed_seed: vec![0, 255, n] };
    let mut tasks = tokio::task::JoinSet::new();
    for n in 0..20 {
        let checkpoints = storage.checkpoints.clone();
        tasks.spawn(async move { checkpoints.put_signer(&key(n)).await.expect("it can be tried") });
    }
    tasks.join_all().await;
    let first = signer().await.expect("there is one");
    assert!((0..20).any(|n| key(n) == first), "it is one of those that were tried: {first:?}");
    storage.checkpoints.put_signer(&key(99)).await.expect("it can be tried");
    assert_eq!(signer().await, Some(first), "a later one changes nothing");
}

/// A checkpoint is kept once for each size, whole, and listed in the order of sizes.
pub async fn checkpoints_are_kept_once_a_size(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let checkpoint = |size: u64, text: &str| KeptCheckpoint {
        size,
        note: format!("log\n{size}\n{text}\n\n\u{2014} log signature\n"),
        signed_at: world.tick(),
    };
    let keep = async |checkpoint: &KeptCheckpoint| {
        storage.checkpoints.keep_checkpoint(checkpoint).await.expect("it can be kept");
    };
    let list =
        async |after, max| storage.checkpoints.checkpoints(after, max).await.expect("they can be read");
    let latest = async || storage.checkpoints.latest_checkpoint().await.expect("it can be read");
    assert_eq!((latest().await, list(0, 10).await), (None, vec![]));
    let [first, second, third] = [(3, "a"), (10, "b"), (200, "c")].map(|(size, text)| checkpoint(size, text));
    for kept in [&first, &third, &second] {
        keep(kept).await;
    }
    keep(&checkpoint(10, "another")).await;
    assert_eq!(list(0, 10).await, [first.clone(), second.clone(), third.clone()], "in the order of sizes");
    assert_eq!(latest().await, Some(third.clone()), "the newest is that of the largest size");
    assert_eq!(list(3, 10).await, [second.clone(), third], "those of more leaves");
    assert_eq!(list(0, 2).await, [first, second], "no more than asked for");
    assert!(list(200, 10).await.is_empty());
}
