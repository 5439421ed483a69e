//! Proofs: they show what they say and nothing else, and cost a handful of tiles.

use audit::{
    ConsistencyProof, Frontier, Hash, InclusionProof, ProofError, ProveError, prove_consistency,
    prove_inclusion, root_at,
};

use crate::support::{Memory, Uniform, defined_root, leaf, now, place};

fn roots(size: u64) -> Vec<Hash> {
    let log = Memory::of(size);
    (0..=log.0.len()).map(|size| defined_root(&log.0[..size])).collect()
}

fn at(roots: &[Hash], size: u64) -> Hash {
    roots[place(size)]
}

/// A hash with one bit flipped.
fn flipped(hash: Hash, bit: usize) -> Hash {
    let mut bytes = *hash.as_bytes();
    bytes[bit / 8] ^= 1 << (bit % 8);
    Hash::from_bytes(bytes)
}

/// Every path with one bit flipped, one hash too few, one too many, or two changed about.
fn spoiled(path: &[Hash]) -> Vec<Vec<Hash>> {
    let mut spoiled = Vec::new();
    for place in 0..path.len() {
        for bit in 0..256 {
            let mut path = path.to_vec();
            path[place] = flipped(path[place], bit);
            spoiled.push(path);
        }
        let mut shorter = path.to_vec();
        shorter.remove(place);
        spoiled.push(shorter);
        let mut turned = path.to_vec();
        turned.swap(place, 0);
        spoiled.extend((place > 0).then_some(turned));
    }
    for place in 0..=path.len() {
        let mut longer = path.to_vec();
        longer.insert(place, *path.get(place).unwrap_or(&Hash::EMPTY));
        spoiled.push(longer);
    }
    spoiled
}

#[test]
fn every_leaf_of_every_small_log_is_proved() {
    let (log, roots) = (Memory::of(70), roots(70));
    for size in 1..=70 {
        for index in 0..size {
            let proof = now(prove_inclusion(&log, index, size)).unwrap();
            assert_eq!(proof.verify(leaf(index), at(&roots, size)), Ok(()), "{index} of {size}");
            let next = InclusionProof { index: (index + 1) % size, ..proof };
            assert_eq!(next.verify(leaf(index), at(&roots, size)).is_ok(), size == 1, "{index} of {size}");
        }
    }
}

#[test]
fn every_growth_between_small_logs_is_proved() {
    let (log, roots) = (Memory::of(70), roots(70));
    for to in 1..=70 {
        for from in 1..=to {
            let proof = now(prove_consistency(&log, from, to)).unwrap();
            assert_eq!(proof.verify(at(&roots, from), at(&roots, to)), Ok(()), "{from} to {to}");
            assert!(proof.verify(leaf(99), at(&roots, to)).is_err(), "{from} to {to}");
            assert!(proof.verify(at(&roots, from), leaf(99)).is_err(), "{from} to {to}");
        }
    }
}

#[test]
fn an_inclusion_proof_with_any_bit_changed_shows_nothing() {
    let log = Memory::of(23);
    for index in [0, 7, 15, 16, 21, 22] {
        let proof = now(prove_inclusion(&log, index, 23)).unwrap();
        for path in spoiled(&proof.path) {
            assert!(InclusionProof { path, ..proof }.verify(leaf(index), log.root()).is_err(), "{index}");
        }
        for bit in 0..256 {
            assert!(proof.verify(flipped(leaf(index), bit), log.root()).is_err());
            assert!(proof.verify(leaf(index), flipped(log.root(), bit)).is_err());
        }
    }
}

#[test]
fn a_consistency_proof_with_any_bit_changed_shows_nothing() {
    let roots = roots(23);
    for (from, to) in [(1, 23), (8, 23), (16, 23), (22, 23), (6, 7), (7, 7), (11, 16)] {
        let (from_root, to_root) = (at(&roots, from), at(&roots, to));
        let proof = now(prove_consistency(&Memory::of(to), from, to)).unwrap();
        for path in spoiled(&proof.path) {
            let spoiled = ConsistencyProof { path, ..proof };
            assert!(spoiled.verify(from_root, to_root).is_err(), "{from} to {to}");
        }
        for bit in 0..256 {
            assert!(proof.verify(flipped(from_root, bit), to_root).is_err());
            assert!(proof.verify(from_root, flipped(to_root, bit)).is_err());
        }
    }
}

#[test]
fn nothing_is_proved_from_an_empty_log_backwards_or_outside() {
    let log = Memory::of(5);
    let consistent =
        |from, to| ConsistencyProof { from, to, path: Vec::new() }.verify(Hash::EMPTY, Hash::EMPTY);
    assert_eq!(consistent(0, 0), Err(ProofError::FromNothing));
    assert_eq!(consistent(0, 5), Err(ProofError::FromNothing));
    assert_eq!(consistent(5, 4), Err(ProofError::Backwards { from: 5, to: 4 }));
    let included = |index, size| InclusionProof { index, size, path: Vec::new() }.verify(leaf(0), leaf(0));
    assert_eq!(included(0, 0), Err(ProofError::Outside { index: 0, size: 0 }));
    assert_eq!(included(5, 5), Err(ProofError::Outside { index: 5, size: 5 }));
    assert_eq!(included(u64::MAX, u64::MAX), Err(ProofError::Outside { index: u64::MAX, size: u64::MAX }));

    let refused = |error| matches!(error, ProveError::Refused(_));
    assert!(refused(now(prove_consistency(&log, 0, 5)).unwrap_err()));
    assert!(refused(now(prove_consistency(&log, 5, 4)).unwrap_err()));
    assert!(refused(now(prove_inclusion(&log, 5, 5)).unwrap_err()));
}

#[test]
fn a_path_of_another_length_is_refused_whatever_the_sizes() {
    for (index, size) in [(0, 1), (0, u64::MAX), (u64::MAX - 1, u64::MAX), (1 << 63, u64::MAX), (6, 1 << 63)]
    {
        let short = InclusionProof { index, size, path: Vec::new() };
        let expected = if size == 1 { ProofError::OtherRoot { size } } else { ProofError::PathTooShort };
        assert_eq!(short.verify(leaf(0), leaf(1)), Err(expected));
        let long = InclusionProof { path: vec![leaf(0); 65], ..short };
        assert_eq!(long.verify(leaf(0), leaf(1)), Err(ProofError::PathTooLong));
    }
    for (from, to) in [(1, u64::MAX), (1 << 63, u64::MAX), (u64::MAX - 1, u64::MAX), (3, 1 << 63)] {
        let short = ConsistencyProof { from, to, path: Vec::new() };
        assert_eq!(short.verify(leaf(0), leaf(1)), Err(ProofError::PathTooShort));
        let long = ConsistencyProof { path: vec![leaf(0); 66], ..short };
        assert_eq!(long.verify(leaf(0), leaf(1)), Err(ProofError::PathTooLong));
    }
    let same = ConsistencyProof { from: 7, to: 7, path: vec![leaf(0)] };
    assert_eq!(same.verify(leaf(0), leaf(0)), Err(ProofError::PathTooLong));
}

#[test]
fn a_proof_is_read_from_json_as_it_was_written() {
    let inclusion = now(prove_inclusion(&Memory::of(3), 2, 3)).unwrap();
    let json = serde_json::to_string(&inclusion).unwrap();
    let path = inclusion.path[0];
    assert_eq!(json, format!(r#"{{"index":2,"size":3,"path":["{path}"]}}"#));
    assert_eq!(serde_json::from_str::<InclusionProof>(&json).unwrap(), inclusion);
    let consistency = now(prove_consistency(&Memory::of(3), 2, 3)).unwrap();
    let json = serde_json::to_string(&consistency).unwrap();
    assert_eq!(serde_json::from_str::<ConsistencyProof>(&json).unwrap(), consistency);
    let short = r#"{"from":2,"to":3,"path":["AAAA"]}"#;
    let error = serde_json::from_str::<ConsistencyProof>(short).unwrap_err().to_string();
    assert!(error.starts_with("a hash is 32 bytes in standard base64 with padding"), "{error}");
}

#[test]
fn ten_million_leaves_cost_a_handful_of_tiles_each_read_once() {
    const SIZE: u64 = 10_000_000;
    let log = Uniform::new();
    let mut frontier = Frontier::empty();
    for level in (0..64).rev().filter(|level| SIZE >> level & 1 == 1) {
        frontier.push_subtree(level, log.level(level)).unwrap();
    }
    let root = now(root_at(&log, SIZE)).unwrap();
    assert_eq!(root, frontier.root());
    assert_eq!(log.asked().len(), 3);

    let mut most = 0;
    let mut count = |what: &str| {
        let mut asked = log.asked();
        most = most.max(asked.len());
        asked.sort_unstable();
        assert!(asked.is_sorted_by(|one, next| one < next), "{what} read a tile twice: {asked:?}");
    };
    for index in [0, 255, 256, 65_535, 65_536, 7_777_777, SIZE - 129, SIZE - 1] {
        let proof = now(prove_inclusion(&log, index, SIZE)).unwrap();
        assert_eq!(proof.verify(leaf(0), root), Ok(()), "{index}");
        count("an inclusion");
    }
    for from in [1, 256, 65_535, 65_536, 7_777_777, SIZE - 129, SIZE - 1] {
        let from_root = now(root_at(&log, from)).unwrap();
        log.asked();
        let proof = now(prove_consistency(&log, from, SIZE)).unwrap();
        assert_eq!(proof.verify(from_root, root), Ok(()), "{from}");
        count("a consistency");
    }
    assert_eq!(most, 5);
}
