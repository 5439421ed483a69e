//! The verifier: whatever is done to a log is found, and where.

use audit::{Altered, Checkpoint, Finding, Frontier, Hash, Origin, Piece, Report, Source, Verdict, Verifier};
use proptest::prelude::*;

use crate::support::{defined_root, leaf, place};

/// A log as it is stored: a leaf and an entry at each place.
#[derive(Clone)]
struct Log {
    leaves: Vec<(u64, Option<Hash>)>,
    entries: Vec<Option<Hash>>,
}

impl Log {
    fn of(size: u64) -> Self {
        let leaves = (0..size).map(|n| (n, Some(leaf(n)))).collect();
        Self { leaves, entries: (0..size).map(|n| Some(leaf(n))).collect() }
    }

    fn alter_entry(&mut self, place: usize) {
        self.entries[place] = Some(leaf(1_000));
    }

    fn alter_leaf(&mut self, place: usize) {
        self.leaves[place].1 = Some(leaf(1_000));
    }

    fn alter_both(&mut self, place: usize) {
        self.alter_entry(place);
        self.alter_leaf(place);
    }

    fn remove(&mut self, place: usize) {
        self.leaves.remove(place);
        self.entries.remove(place);
    }

    fn pieces(&self) -> impl Iterator<Item = Piece> {
        let entries = self.leaves.iter().zip(&self.entries);
        entries.map(|((index, stored), computed)| Piece::Entry {
            index: *index,
            stored: *stored,
            computed: *computed,
        })
    }

    fn verify(&self, checkpoints: &[Checkpoint]) -> Report {
        verify(Source::Tables, self.pieces(), checkpoints)
    }
}

fn verify(source: Source, pieces: impl IntoIterator<Item = Piece>, checkpoints: &[Checkpoint]) -> Report {
    let mut verifier = Verifier::new(source, checkpoints);
    pieces.into_iter().for_each(|piece| verifier.feed(piece));
    verifier.finish()
}

fn checkpoint(size: u64, root: Hash) -> Checkpoint {
    Checkpoint { origin: Origin::new("example.org/log").expect("a line"), size, root }
}

/// Of the log as it was: at 10, 20, 30, 40 and 50.
fn saved() -> Vec<Checkpoint> {
    let leaves: Vec<Hash> = (0..50).map(leaf).collect();
    (10..=50).step_by(10).map(|size| checkpoint(size as u64, defined_root(&leaves[..size]))).collect()
}

/// The report on the log of 60, of which 50 are covered, after something was done to it.
fn after(tampering: impl FnOnce(&mut Log)) -> Report {
    let mut log = Log::of(60);
    tampering(&mut log);
    log.verify(&saved())
}

fn disagreement(index: u64, altered: Altered) -> Finding {
    Finding::Disagreement { index, altered }
}

const fn contradiction(last_good: u64, first_bad: u64) -> Finding {
    Finding::Contradiction { last_good: Some(last_good), first_bad }
}

#[test]
fn an_unaltered_log_is_sound_as_far_as_checkpoints_reach() {
    let report = after(|_| {});
    assert_eq!(report.verdict(), Verdict::Sound);
    assert_eq!((report.size, report.vouched, report.compared, report.found), (60, Some(50), 5, 0));
    assert_eq!(report.root, Some(defined_root(&(0..60).map(leaf).collect::<Vec<_>>())));
}

#[test]
fn without_a_checkpoint_nobody_can_tell() {
    assert_eq!(Log::of(60).verify(&[]).verdict(), Verdict::Unknown);
    assert_eq!(Log::of(0).verify(&[]).verdict(), Verdict::Unknown);
    let of_nothing = checkpoint(0, Hash::EMPTY);
    assert_eq!(Log::of(5).verify(std::slice::from_ref(&of_nothing)).verdict(), Verdict::Unknown);
    assert_eq!(Log::of(0).verify(&[of_nothing]).verdict(), Verdict::Sound);
    let mut log = Log::of(5);
    log.alter_entry(3);
    assert_eq!(log.verify(&[]).verdict(), Verdict::Broken);
}

#[test]
fn an_altered_entry_is_named() {
    let report = after(|log| log.alter_entry(23));
    assert_eq!(report.findings, [disagreement(23, Altered::Entry)]);
    assert_eq!((report.verdict(), report.vouched), (Verdict::Broken, Some(50)));
    assert_eq!(report.findings[0].to_string(), "entry 23 and its leaf disagree: the entry was altered");
}

#[test]
fn an_altered_leaf_is_named() {
    let report = after(|log| log.alter_leaf(23));
    assert_eq!(report.findings, [disagreement(23, Altered::Leaf)]);
    assert_eq!((report.verdict(), report.vouched), (Verdict::Broken, Some(50)));
}

#[test]
fn an_entry_altered_with_its_leaf_is_found_between_two_checkpoints() {
    for place in 20..30 {
        let report = after(|log| log.alter_both(place));
        assert_eq!(report.findings, [contradiction(20, 30)], "{place}");
        assert_eq!((report.verdict(), report.vouched), (Verdict::Broken, Some(20)));
    }
    let told = after(|log| log.alter_both(20)).findings[0].to_string();
    assert_eq!(
        told,
        "the log agrees with the checkpoint of 20 entries and not with that of 30: something from entry 20 to entry \
         29 was altered"
    );
    let first = after(|log| log.alter_both(9)).findings;
    assert_eq!(first, [Finding::Contradiction { last_good: None, first_bad: 10 }]);
}

#[test]
fn what_no_checkpoint_covers_is_still_compared_with_its_leaf() {
    assert_eq!(after(|log| log.alter_entry(55)).findings, [disagreement(55, Altered::Unknown)]);
    // Honest about its limits: nothing shows this, and nothing is vouched for.
    let report = after(|log| log.alter_both(55));
    assert_eq!((report.verdict(), report.vouched, report.size), (Verdict::Sound, Some(50), 60));
}

#[test]
fn each_of_several_alterations_is_told_by_itself_where_a_checkpoint_lies_between() {
    let report = after(|log| {
        log.alter_leaf(5);
        log.alter_entry(15);
        log.alter_entry(16);
        log.alter_leaf(25);
        log.alter_both(42);
        log.alter_entry(47);
    });
    assert_eq!(
        report.findings,
        [
            disagreement(5, Altered::Leaf),
            disagreement(15, Altered::Entry),
            disagreement(16, Altered::Entry),
            disagreement(25, Altered::Leaf),
            disagreement(47, Altered::Unknown),
            contradiction(40, 50),
        ]
    );
}

#[test]
fn a_leaf_and_another_entry_altered_before_the_same_checkpoint_are_both_named() {
    let report = after(|log| {
        log.alter_leaf(33);
        log.alter_entry(36);
    });
    let findings =
        [disagreement(33, Altered::Unknown), disagreement(36, Altered::Unknown), contradiction(30, 40)];
    assert_eq!(report.findings, findings);
}

#[test]
fn a_removed_entry_is_named_by_its_leaf() {
    let report = after(|log| log.entries[23] = None);
    assert_eq!(report.findings, [Finding::NoEntry { index: 23 }]);
    assert_eq!((report.verdict(), report.vouched), (Verdict::Broken, Some(50)));
    let report = after(|log| {
        log.entries[23] = None;
        log.alter_leaf(23);
    });
    assert_eq!(report.findings, [Finding::NoEntry { index: 23 }, contradiction(20, 30)]);
}

#[test]
fn a_removed_leaf_is_named_by_its_entry() {
    let report = after(|log| log.leaves[23].1 = None);
    assert_eq!(report.findings, [Finding::NoLeaf { index: 23 }]);
    assert_eq!(report.vouched, Some(50));
}

#[test]
fn a_gap_is_named_and_what_lies_behind_it_still_compared() {
    let report = after(|log| {
        log.alter_entry(40);
        (22..25).rev().for_each(|place| log.remove(place));
    });
    let missing = Finding::Missing { first: 22, last: 24 };
    assert_eq!(report.findings, [missing, disagreement(40, Altered::Unknown), contradiction(20, 30)]);
    assert_eq!((report.size, report.root, report.vouched), (60, None, Some(20)));
    assert_eq!(report.findings[0].to_string(), "entries 22 to 24 are missing with their leaves");

    let emptied = after(|log| (log.leaves[23].1, log.entries[23]) = (None, None));
    assert_eq!(emptied.findings, [Finding::Missing { first: 23, last: 23 }, contradiction(20, 30)]);
    let beginning = after(|log| (0..3).for_each(|_| log.remove(0)));
    let nothing_good = Finding::Contradiction { last_good: None, first_bad: 10 };
    assert_eq!(beginning.findings, [Finding::Missing { first: 0, last: 2 }, nothing_good]);
}

#[test]
fn a_gap_closed_by_renumbering_is_found_between_two_checkpoints() {
    let report = after(|log| {
        log.remove(23);
        (0..).zip(&mut log.leaves).for_each(|(n, (index, _))| *index = n);
    });
    assert_eq!(report.findings, [contradiction(20, 30)]);
}

#[test]
fn an_inserted_entry_is_found() {
    let report = after(|log| {
        log.leaves.insert(23, (23, Some(leaf(1_000))));
        log.entries.insert(23, Some(leaf(1_000)));
        (0..).zip(&mut log.leaves).for_each(|(n, (index, _))| *index = n);
    });
    assert_eq!(report.findings, [contradiction(20, 30)]);
}

#[test]
fn entries_that_change_places_are_found() {
    let entries = after(|log| log.entries.swap(23, 24));
    assert_eq!(entries.findings, [disagreement(23, Altered::Entry), disagreement(24, Altered::Entry)]);
    let both = after(|log| {
        log.entries.swap(23, 24);
        (log.leaves[23].1, log.leaves[24].1) = (log.leaves[24].1, log.leaves[23].1);
    });
    assert_eq!(both.findings, [contradiction(20, 30)]);
    let lines = after(|log| {
        log.entries.swap(23, 24);
        log.leaves.swap(23, 24);
    });
    let missing = Finding::Missing { first: 23, last: 23 };
    let late = Finding::OutOfOrder { expected: 25, found: 23 };
    assert_eq!(lines.findings, [missing, late, contradiction(20, 30)]);
}

#[test]
fn a_log_cut_off_before_a_checkpoint_is_too_short() {
    let report = after(|log| log.leaves.truncate(33));
    assert_eq!(report.findings, [Finding::Shorter { size: 33, signed: 50 }]);
    assert_eq!((report.verdict(), report.vouched), (Verdict::Broken, Some(30)));
    let emptied = after(|log| log.leaves.clear());
    assert_eq!(emptied.findings, [Finding::Shorter { size: 0, signed: 50 }]);
}

#[test]
fn a_checkpoint_signed_over_another_log_is_told_from_an_altered_log() {
    let sound = Log::of(60);
    let mut checkpoints = saved();
    checkpoints[1].root = leaf(0);
    checkpoints[2].root = leaf(0);
    let report = sound.verify(&checkpoints);
    assert_eq!(report.findings, [Finding::Fork { first: 20, last: 30, size: 40 }]);
    assert_eq!((report.verdict(), report.vouched), (Verdict::Broken, Some(50)));

    // Two of one size, in either order.
    for root in [Hash::from_bytes([0; 32]), Hash::from_bytes([255; 32])] {
        let mut checkpoints = saved();
        checkpoints.insert(0, checkpoint(50, root));
        let report = sound.verify(&checkpoints);
        assert_eq!(report.findings, [Finding::Fork { first: 50, last: 50, size: 50 }]);
    }
    let twice = [saved(), saved()].concat();
    assert_eq!(sound.verify(&twice).verdict(), Verdict::Sound);
}

#[test]
fn an_export_needs_no_stored_leaves_and_tells_only_hashes_of_others() {
    let root = |first: u64, level: u8| {
        let mut subtree = Frontier::empty();
        (first..first + (1 << level)).for_each(|n| subtree.push(leaf(n)));
        subtree.root()
    };
    let own = |index, computed| Piece::Entry { index, stored: None, computed: Some(computed) };
    let of_others = |index, level| Piece::Subtree { index, level, hash: root(index, level) };
    let pieces = |ninth| {
        let mut pieces =
            vec![of_others(0, 3), own(8, ninth), of_others(9, 0), of_others(10, 1), of_others(12, 2)];
        pieces.extend([of_others(16, 4), of_others(32, 3), own(40, leaf(40)), of_others(41, 0)]);
        pieces.extend([of_others(42, 1), of_others(44, 2), of_others(48, 1)]);
        pieces
    };
    let report = verify(Source::Export, pieces(leaf(8)), &saved());
    assert_eq!((report.verdict(), report.size, report.vouched), (Verdict::Sound, 50, Some(50)));
    assert_eq!((report.compared, report.skipped), (3, 2));

    let altered = verify(Source::Export, pieces(leaf(1_000)), &saved());
    assert_eq!(altered.findings, [Finding::Contradiction { last_good: None, first_bad: 10 }]);
    let withheld =
        verify(Source::Export, pieces(leaf(8)).into_iter().filter(|p| *p != own(40, leaf(40))), &saved());
    let missing = Finding::Missing { first: 40, last: 40 };
    assert_eq!(withheld.findings, [missing, contradiction(40, 50)]);
    // A table has a leaf for every entry.
    let table = verify(Source::Tables, pieces(leaf(8)), &saved());
    assert_eq!(table.findings, [Finding::NoLeaf { index: 8 }, Finding::NoLeaf { index: 40 }]);
}

#[test]
fn hostile_pieces_are_findings_and_nothing_worse() {
    let subtree = |index, level| Piece::Subtree { index, level, hash: leaf(0) };
    let entry = |index| Piece::Entry { index, stored: Some(leaf(0)), computed: Some(leaf(0)) };
    let report = verify(
        Source::Export,
        [
            subtree(0, 64),
            subtree(0, 63),
            subtree(3, 1),
            entry(u64::MAX),
            subtree(1 << 63, 62),
            subtree(0, 61),
            entry(5),
            subtree(1 << 61, 61),
            entry(1 << 62),
            subtree(1 << 62, 0),
        ],
        &saved(),
    );
    let max = Frontier::MAX_SIZE;
    assert_eq!(
        report.findings,
        [
            Finding::Misplaced { index: 0, level: 64 },
            Finding::OutOfOrder { expected: 0, found: 0 },
            Finding::Misplaced { index: 3, level: 1 },
            Finding::OutOfOrder { expected: 0, found: u64::MAX },
            Finding::OutOfOrder { expected: 0, found: 1 << 63 },
            Finding::OutOfOrder { expected: 1 << 61, found: 5 },
            Finding::OutOfOrder { expected: max, found: max },
            Finding::OutOfOrder { expected: max, found: max },
        ]
    );
    assert_eq!((report.size, report.skipped), (max, 5));
}

#[test]
fn findings_are_kept_up_to_a_hundred_and_all_counted() {
    let mut log = Log::of(1_000);
    (0..1_000).for_each(|place| log.alter_entry(place));
    let report = log.verify(&[checkpoint(2_000, leaf(0))]);
    assert_eq!((report.findings.len(), report.found), (Verifier::MAX_FINDINGS + 1, 1_001));
    assert_eq!(report.findings.last(), Some(&Finding::Shorter { size: 1_000, signed: 2_000 }));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn one_alteration_anywhere_is_named_or_lies_between_the_checkpoints_that_are(
        kind in 0_usize..6,
        index in 0_u64..60,
        mut sizes in prop::collection::btree_set(1_u64..=60, 1..8),
    ) {
        let leaves: Vec<Hash> = (0..60).map(leaf).collect();
        sizes.insert(60);
        let root = |size: u64| defined_root(&leaves[..place(size)]);
        let checkpoints: Vec<Checkpoint> = sizes.iter().map(|size| checkpoint(*size, root(*size))).collect();
        let mut log = Log::of(60);
        let at = place(index);
        match kind {
            0 => log.alter_entry(at),
            1 => log.alter_leaf(at),
            2 => log.alter_both(at),
            3 => log.entries[at] = None,
            4 => log.leaves[at].1 = None,
            _ => log.remove(at),
        }
        let report = log.verify(&checkpoints);
        prop_assert_eq!(report.verdict(), Verdict::Broken);
        let before = sizes.range(..=index).next_back().copied();
        let behind = sizes.range(index + 1..).next().copied().unwrap();
        let between = Finding::Contradiction { last_good: before, first_bad: behind };
        let missing = Finding::Missing { first: index, last: index };
        let expected = match kind {
            0 => vec![disagreement(index, Altered::Entry)],
            1 => vec![disagreement(index, Altered::Leaf)],
            2 => vec![between],
            3 => vec![Finding::NoEntry { index }],
            4 => vec![Finding::NoLeaf { index }],
            // The last one leaves no gap, only a shorter log.
            _ if index == 59 => vec![Finding::Shorter { size: 59, signed: 60 }],
            _ => vec![missing, between],
        };
        prop_assert_eq!(report.findings, expected);
    }
}
