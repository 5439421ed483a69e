//! Checkpoints, and the file they are kept in.

use audit::{
    Checkpoint, CheckpointError, CheckpointFile, Hash, Note, NoteError, Origin, SignedCheckpoint, SignerKey,
};

use crate::support::{leaf, signer};

fn signed(size: u64) -> SignedCheckpoint {
    SignedCheckpoint::sign(size, leaf(size), &signer())
}

fn file() -> Vec<u8> {
    [9, 10, 500].map(|size| signed(size).record()).concat().into_bytes()
}

fn sizes(file: &CheckpointFile) -> Vec<u64> {
    file.checkpoints.iter().map(|checkpoint| checkpoint.unverified().size).collect()
}

#[test]
fn the_example_of_the_specification_is_read() {
    let example = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n\
                   — example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzG\
                   ku9nTo+zyWE+xeMcTOAYQ8=\n";
    let parsed = SignedCheckpoint::parse(example.as_bytes()).unwrap();
    let Checkpoint { origin, size, root } = parsed.unverified().clone();
    assert_eq!(origin.as_str(), "example.com/behind-the-sofa");
    assert_eq!(size, 20_852_163);
    assert_eq!(root.to_string(), "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=");
    assert_eq!(parsed.to_string(), example);
}

#[test]
fn a_checkpoint_is_believed_when_a_known_key_with_the_logs_name_signed_it() {
    let text = signed(7).to_string();
    let checkpoint = Checkpoint::open(&text, &[signer().verifier()]).unwrap();
    let origin = Origin::new("example.org/log").unwrap();
    assert_eq!(checkpoint, Checkpoint { origin, size: 7, root: leaf(7) });
    assert_eq!(checkpoint.to_string(), format!("example.org/log\n7\n{}\n", leaf(7)));

    let forged = text.replace("\n7\n", "\n8\n");
    let wrong = Checkpoint::open(&forged, &[signer().verifier()]).unwrap_err();
    assert!(matches!(wrong, CheckpointError::Note(NoteError::WrongSignature { .. })), "{wrong}");
    let successor = SignerKey::from_seed("example.org/log", &[8; 32]).unwrap();
    let unknown = Checkpoint::open(&text, &[successor.verifier()]).unwrap_err();
    assert_eq!(unknown, CheckpointError::Note(NoteError::NoKnownSignature));
    let both = signed(7).note().clone().cosign(&successor).unwrap().to_string();
    assert!(Checkpoint::open(&both, &[successor.verifier()]).is_ok());
}

#[test]
fn the_key_of_one_log_does_not_vouch_for_another() {
    let other = SignerKey::from_seed("example.org/other", &[8; 32]).unwrap();
    let note = Note::sign(signed(7).unverified().to_string(), &other).unwrap();
    let refused = Checkpoint::open(&note.to_string(), &[other.verifier()]).unwrap_err();
    assert!(matches!(refused, CheckpointError::OtherLog { .. }));
    let refused = Checkpoint::open(&note.to_string(), &[other.verifier(), signer().verifier()]).unwrap_err();
    assert_eq!(refused, CheckpointError::Note(NoteError::NoKnownSignature));
}

#[test]
fn what_is_not_a_checkpoint_is_refused_and_its_line_named() {
    let root = Hash::EMPTY;
    let line = |text: &str| match Checkpoint::parse(text) {
        Err(error) => error.line(),
        Ok(_) => panic!("{text:?} was taken for a checkpoint"),
    };
    assert!(Checkpoint::parse(&format!("a log\n0\n{root}\n")).is_ok());
    assert!(Checkpoint::parse(&format!("a log\n{}\n{root}\nmore\nand more\n", u64::MAX)).is_ok());
    for short in ["", "a", "\n", "a\n", "a\n1\n", &format!("a\n1\n{root}")] {
        assert!(Checkpoint::parse(short).is_err(), "{short:?}");
    }
    assert_eq!(line(&format!("\n1\n{root}\n")), Some(1));
    for size in ["", "01", "00", "+1", "-1", " 1", "1 ", "1e3", "0x1", "١", "18446744073709551616"] {
        assert_eq!(line(&format!("a\n{size}\n{root}\n")), Some(2), "{size:?}");
    }
    for root in ["", "AAAA", &root.to_string()[1..], &format!("{root} ")] {
        assert_eq!(line(&format!("a\n1\n{root}\n")), Some(3), "{root:?}");
    }
    assert_eq!(line(&format!("a\n1\n{root}\nmore\n\n")), Some(5));
    for origin in ["", "a\nb", "a\u{0}"] {
        assert_eq!(Origin::new(origin), Err(CheckpointError::Origin));
    }
}

#[test]
fn a_file_of_checkpoints_is_read_whole() {
    let bytes = file();
    let file = CheckpointFile::parse(&bytes);
    assert_eq!(sizes(&file), [9, 10, 500]);
    assert_eq!((file.sound, file.torn, file.is_undamaged()), (bytes.len(), None, true));
    for checkpoint in &file.checkpoints {
        assert!(checkpoint.verify(&[signer().verifier()]).is_ok());
    }
    let nothing = CheckpointFile::parse(b"");
    assert_eq!((sizes(&nothing), nothing.sound, nothing.torn), (vec![], 0, None));
}

#[test]
fn wherever_a_crash_tears_the_file_the_checkpoints_before_are_read_and_the_place_to_go_on_is_known() {
    let bytes = file();
    let ends: Vec<usize> = [9, 10, 500]
        .iter()
        .scan(0, |end, size| {
            *end += signed(*size).record().len();
            Some(*end)
        })
        .collect();
    for cut in 0..=bytes.len() {
        let file = CheckpointFile::parse(&bytes[..cut]);
        let whole: Vec<usize> = ends.iter().copied().filter(|end| *end <= cut).collect();
        let sound = whole.last().copied().unwrap_or(0);
        assert_eq!(file.checkpoints.len(), whole.len(), "cut at {cut}");
        assert_eq!(file.sound, sound, "cut at {cut}");
        assert_eq!(file.torn, (sound < cut).then_some(1 + 6 * whole.len()), "cut at {cut}");
        assert!(file.is_undamaged(), "cut at {cut}");
    }
    // The file grew before the bytes arrived.
    let zeros = CheckpointFile::parse(&[&bytes[..ends[1] + 9], &[0; 40]].concat());
    assert_eq!((sizes(&zeros), zeros.sound, zeros.torn), (vec![9, 10], ends[1], Some(13)));
    assert!(zeros.is_undamaged());
}

#[test]
fn damage_in_the_middle_is_told_from_a_torn_end_and_costs_only_what_it_hit() {
    let bytes = file();
    let first = signed(9).record().len();
    let second = first + signed(10).record().len();
    for place in first..second {
        let mut damaged = bytes.clone();
        damaged[place] ^= 0x10;
        let file = CheckpointFile::parse(&damaged);
        assert_eq!(file.torn, None, "byte {place}");
        // Another letter of a name, a root or a signature makes another checkpoint: that is for the key to find.
        if file.is_undamaged() {
            let all = file.checkpoints.iter().all(|kept| kept.verify(&[signer().verifier()]).is_ok());
            assert!(file.checkpoints.len() == 3 && !all, "byte {place}");
        } else {
            // Where the line between two is gone, it costs both.
            let rest = if place < second - 2 { vec![9, 500] } else { vec![9] };
            assert_eq!((file.sound, sizes(&file), file.damages.len()), (first, rest, 1), "byte {place}");
            assert!((7..=13).contains(&file.damages[0].line), "byte {place}: {}", file.damages[0]);
        }
    }
}

#[test]
fn damage_names_its_line_and_a_torn_end_is_found_behind_it() {
    let text = String::from_utf8(file()).unwrap();
    let damaged = CheckpointFile::parse(text.replace("\n10\n", "\n010\n").as_bytes());
    let told: Vec<String> = damaged.damages.iter().map(ToString::to_string).collect();
    assert_eq!(
        told,
        ["line 8 of the checkpoints: the size is a decimal number below 2^64 without leading zeros"]
    );
    let torn = text.replace("\n10\n", "\n010\n");
    let torn = CheckpointFile::parse(&torn.as_bytes()[..torn.len() - 20]);
    assert_eq!((sizes(&torn), torn.torn, torn.damages.len()), (vec![9], Some(13), 1));
    for foreign in ["\n\n", "x\n\n", "x\n\ny\n\n", "\u{0}\n\n\n\n"] {
        let file = CheckpointFile::parse(format!("{foreign}{text}").as_bytes());
        assert_eq!((sizes(&file), file.sound, file.damages.len()), (vec![9, 10, 500], 0, 1), "{foreign:?}");
    }
}
