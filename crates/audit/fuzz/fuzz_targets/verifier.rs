//! A log of any pieces: the verifier comes to an end, and what it calls sound agrees with the checkpoints.
#![no_main]

use audit::{Checkpoint, Frontier, Hash, Origin, Piece, Source, Verdict, Verifier};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let mut next = 0_u64;
    let mut frontier = Frontier::empty();
    let mut checkpoints = Vec::new();
    let mut pieces = Vec::new();
    for step in bytes.chunks_exact(4) {
        let [kind, level, offset, hash] = *step else { return };
        let index =
            if kind & 8 == 0 { next } else { next.wrapping_add(u64::from(offset)).rotate_left(level.into()) };
        let hash = Hash::from_bytes([hash; 32]);
        let other = Hash::from_bytes([offset; 32]);
        pieces.push(match kind % 4 {
            0 => Piece::Subtree { index, level, hash },
            1 => Piece::Entry { index, stored: Some(hash), computed: Some(hash) },
            2 => Piece::Entry { index, stored: Some(hash), computed: Some(other) },
            _ => Piece::Entry { index, stored: Some(hash), computed: None },
        });
        if index == next {
            match kind % 4 {
                0 => drop(frontier.push_subtree(level, hash)),
                _ => frontier.push(hash),
            }
            next = frontier.size();
        }
        if kind & 16 != 0 {
            let root = if kind & 32 == 0 { frontier.root() } else { other };
            checkpoints.push(Checkpoint {
                origin: Origin::new("log").expect("a line"),
                size: frontier.size(),
                root,
            });
        }
    }
    let mut verifier = Verifier::new(Source::Export, &checkpoints);
    pieces.into_iter().for_each(|piece| verifier.feed(piece));
    let report = verifier.finish();
    report.findings.iter().for_each(|finding| drop(finding.to_string()));
    if report.verdict() == Verdict::Sound {
        assert_eq!(report.root, Some(frontier.root()));
        assert!(checkpoints.iter().any(|checkpoint| Some(checkpoint.size) == report.vouched));
    }
});
