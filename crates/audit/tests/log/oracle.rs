//! Another implementation of the same tree, ct-merkle, says the same.

use audit::{Frontier, Hash, Tile, TreeAppender, prove_consistency, prove_inclusion};
use ct_merkle::mem_backed_tree::MemoryBackedTree;
use proptest::prelude::*;
use sha2::Sha256;

use crate::support::{Memory, leaf, now, place};

fn oracle(size: u64) -> MemoryBackedTree<Sha256, [u8; 8]> {
    let mut tree = MemoryBackedTree::new();
    (0..size).for_each(|n| tree.push(n.to_be_bytes()));
    tree
}

fn oracle_root(size: u64) -> Hash {
    Hash::from_slice(oracle(size).root().as_bytes()).expect("32 bytes")
}

fn bytes(path: &[Hash]) -> Vec<u8> {
    path.iter().flat_map(Hash::as_bytes).copied().collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn roots_are_the_same_whether_leaves_are_pushed_or_taken_from_tiles(size in 0_u64..1_500, more in 0_u64..600) {
        let mut appender = TreeAppender::empty();
        (0..size).for_each(|n| appender.push(leaf(n)));
        prop_assert_eq!(appender.root(), oracle_root(size));

        let log = Memory::of(size);
        let edge: Vec<Tile> = TreeAppender::needs(size)
            .into_iter()
            .map(|(id, width)| now(audit::Tiles::tile(&log, id, width)).unwrap())
            .collect();
        let mut appender = TreeAppender::restore(size, edge).unwrap();
        (size..size + more).for_each(|n| appender.push(leaf(n)));
        prop_assert_eq!(appender.root(), oracle_root(size + more));
    }

    #[test]
    fn inclusion_proofs_are_the_same((index, size) in (1_u64..1_500).prop_flat_map(|size| (0..size, Just(size)))) {
        let proof = now(prove_inclusion(&Memory::of(size), index, size)).unwrap();
        let expected = oracle(size).prove_inclusion(place(index));
        prop_assert_eq!(&bytes(&proof.path)[..], expected.as_bytes());
        prop_assert_eq!(proof.verify(leaf(index), oracle_root(size)), Ok(()));
    }

    #[test]
    fn consistency_proofs_are_the_same((from, to) in (2_u64..1_500).prop_flat_map(|to| (1..to, Just(to)))) {
        let proof = now(prove_consistency(&Memory::of(to), from, to)).unwrap();
        let expected = oracle(to).prove_consistency(place(to - from));
        prop_assert_eq!(&bytes(&proof.path)[..], expected.as_bytes());
        prop_assert_eq!(proof.verify(oracle_root(from), oracle_root(to)), Ok(()));
    }

    #[test]
    fn a_log_of_any_subtrees_has_the_root_of_its_leaves(levels in prop::collection::vec(0_u8..7, 0..40)) {
        let mut frontier = Frontier::empty();
        for level in levels {
            let first = frontier.size();
            let mut subtree = Frontier::empty();
            (first..first + (1 << level)).for_each(|n| subtree.push(leaf(n)));
            let aligned = first.is_multiple_of(1 << level);
            prop_assert_eq!(frontier.push_subtree(level, subtree.root()).is_ok(), aligned);
        }
        prop_assert_eq!(frontier.root(), oracle_root(frontier.size()));
    }
}
