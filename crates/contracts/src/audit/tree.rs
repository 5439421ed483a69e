//! The tree over the leaves, in tiles.

use audit::{Frontier, Hash, Tile, TileId, Tiles, TreeAppender, ports::Leaf, root_at};
use kernel::Scope;

use crate::{
    StorageUnderTest,
    world::{World, ctx},
};

const FULL: u16 = Tile::WIDTH;
const FIRST: TileId = TileId { level: 0, index: 0 };
const SECOND: TileId = TileId { level: 0, index: 1 };
const ABOVE: TileId = TileId { level: 1, index: 0 };

async fn tell(world: &World, events: usize) {
    let changes = (0..events).map(|_| world.new_change("report.ask"));
    world.tell(&ctx(Scope::Identity), changes).await.expect("it can be recorded");
}

/// At least the first `width` hashes of a tile.
async fn first(tiles: &dyn Tiles, id: TileId, width: u16) -> Vec<Hash> {
    let tile = tiles.tile(id, width).await.expect("the log has this tile");
    assert_eq!(tile.id(), id);
    assert!(tile.width() >= width, "{} of {width} hashes", tile.width());
    tile.hashes()[..width.into()].to_vec()
}

fn root_of(leaves: &[Hash]) -> Hash {
    let mut frontier = Frontier::empty();
    for leaf in leaves {
        frontier.push(*leaf);
    }
    frontier.root()
}

/// A tile is stored when it is complete, with its root; the tiles of the right edge are what is there.
pub async fn tiles_are_those_of_the_log(storage: &StorageUnderTest) {
    let world = World::of(storage);
    let ledger = &*storage.ledger;
    let stored = async |level, from, max| {
        ledger.stored_tiles(level, from, max).await.expect("stored tiles can be read")
    };
    let leaves = async || world.entries().await.iter().map(|entry| entry.leaf.hash).collect::<Vec<_>>();
    tell(&world, 255).await;
    world.number(255).await;
    assert!(stored(0, 0, 10).await.is_empty(), "no tile is full yet");
    assert_eq!(first(ledger, FIRST, 255).await, leaves().await);
    assert_eq!(first(ledger, FIRST, 1).await, leaves().await[..1]);

    tell(&world, 1).await;
    world.number(256).await;
    let full = Tile::new(FIRST, leaves().await).expect("256 hashes are a tile");
    let root = root_of(full.hashes());
    assert_eq!(stored(0, 0, 10).await, [(full.clone(), root)], "it is stored as soon as it is full");
    assert_eq!(first(ledger, ABOVE, 1).await, [root], "its root stands in the tile above");

    tell(&world, 2 * usize::from(FULL) - 256 + 44).await;
    world.number(556).await;
    let all = leaves().await;
    assert_eq!(first(ledger, FIRST, FULL).await, all[..256]);
    assert_eq!(first(ledger, SECOND, FULL).await, all[256..512]);
    assert_eq!(first(ledger, TileId { level: 0, index: 2 }, 44).await, all[512..]);
    let roots = [root, root_of(&all[256..512])];
    assert_eq!(first(ledger, ABOVE, 2).await, roots);
    let second = Tile::new(SECOND, all[256..512].to_vec()).expect("256 hashes are a tile");
    let both = [(full, roots[0]), (second, roots[1])];
    assert_eq!(stored(0, 0, 10).await, both, "in order");
    assert_eq!(stored(0, 0, 1).await, both[..1], "no more than asked for");
    assert_eq!(stored(0, 1, 10).await, both[1..], "from one on");
    assert!(stored(0, 2, 10).await.is_empty() && stored(1, 0, 10).await.is_empty());
    for size in [1, 2, 255, 256, 257, 511, 512, 513, 556] {
        let root = root_at(ledger, size as u64).await.expect("tiles can be read");
        assert_eq!(root, root_of(&all[..size]), "the root of the first {size}");
    }
}

/// Whoever numbers sees what they appended, and goes on from there; nobody else does before it is lasting.
pub async fn a_numbering_sees_its_own_tiles(storage: &StorageUnderTest) {
    let world = World::of(storage);
    tell(&world, 300).await;
    let mut sequencing = world.numbering(300).await;
    let mut appender = TreeAppender::empty();
    let mut all: Vec<Hash> = Vec::new();
    for batch in [250, 50] {
        let waiting = sequencing.waiting(batch).await.expect("they can be read");
        let mut leaves = Vec::new();
        for event in &waiting {
            let hash = event.leaf().expect("an event has a leaf");
            leaves.push(Leaf { index: appender.size(), event: event.id, hash });
            appender.push(hash);
            all.push(hash);
        }
        sequencing.append(&leaves, &appender.take_full()).await.expect("leaves can be appended");
        let mut tiles = Vec::new();
        for (id, width) in TreeAppender::needs(sequencing.size()) {
            tiles.push(sequencing.tiles().tile(id, width).await.expect("the log has this tile"));
        }
        appender = TreeAppender::restore(sequencing.size(), tiles).expect("they are all that is needed");
        assert_eq!(appender.root(), root_of(&all));
    }
    let root = root_of(&all[..256]);
    assert_eq!(first(sequencing.tiles(), FIRST, FULL).await, all[..256]);
    assert_eq!(first(sequencing.tiles(), ABOVE, 1).await, [root]);
    assert!(
        storage.ledger.stored_tiles(0, 0, 10).await.expect("they can be read").is_empty(),
        "nobody else does"
    );
    sequencing.commit().await.expect("it can be made lasting");
    let stored = storage.ledger.stored_tiles(0, 0, 10).await.expect("they can be read");
    assert_eq!(stored.iter().map(|(tile, root)| (tile.id(), *root)).collect::<Vec<_>>(), [(FIRST, root)]);
    assert_eq!(root_at(&*storage.ledger, 300).await.expect("tiles can be read"), root_of(&all));
}

/// A dropped numbering leaves no tile either.
pub async fn a_dropped_numbering_leaves_no_tile(storage: &StorageUnderTest) {
    let world = World::of(storage);
    tell(&world, 256).await;
    let mut sequencing = world.numbering(256).await;
    let waiting = sequencing.waiting(256).await.expect("they can be read");
    let mut appender = TreeAppender::empty();
    let mut leaves = Vec::new();
    for (index, event) in (0..).zip(&waiting) {
        let hash = event.leaf().expect("an event has a leaf");
        leaves.push(Leaf { index, event: event.id, hash });
        appender.push(hash);
    }
    sequencing.append(&leaves, &appender.take_full()).await.expect("leaves can be appended");
    drop(sequencing);
    assert!(storage.ledger.stored_tiles(0, 0, 10).await.expect("they can be read").is_empty());
    world.number(256).await;
    let stored = storage.ledger.stored_tiles(0, 0, 10).await.expect("they can be read");
    assert_eq!(stored.len(), 1, "the next one stores it");
}
