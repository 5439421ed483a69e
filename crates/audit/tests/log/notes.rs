//! Signed notes: the keys and notes of Go's reference (golang/mod, `sumdb/note/note_test.go`), an independent
//! implementation as oracle, and what is refused.

use audit::{KeyError, Note, NoteError, SignerKey, VerifierKey};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use proptest::prelude::*;

const PETER: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
const PETERS_SEED: &str = "YEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";
const ENOCH: &str = "EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop";
const TEXT: &str =
    "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";
const BY_PETER: &str = "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";
const BY_ENOCH: &str = "— EnochRoot rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp+vAF1aGrQ5ovTG01oOTGwnWLox33WWd1RvMc+QQ=\n";

fn peter() -> SignerKey {
    // The private key of the reference begins with its type: `A` and the first bits of `YEKF…`.
    let key = STANDARD.decode(format!("A{PETERS_SEED}")).expect("base64");
    let seed = key[1..].try_into().expect("32 bytes after the type");
    SignerKey::from_seed("PeterNeumann", seed).expect("a name")
}

fn enoch() -> SignerKey {
    SignerKey::from_seed("EnochRoot", &[0; 32]).expect("a name")
}

fn key(text: &str) -> VerifierKey {
    text.parse().expect("a key")
}

fn note(text: &str) -> Note {
    Note::parse(text.as_bytes()).expect("a note")
}

#[test]
fn the_keys_of_the_reference_sign_as_they_do_there() {
    assert_eq!(peter().verifier(), key(PETER));
    assert_eq!(peter().verifier().to_string(), PETER);
    assert_eq!(enoch().verifier().to_string(), ENOCH);
    let signed = Note::sign(TEXT, &peter()).unwrap();
    assert_eq!(signed.to_string(), format!("{TEXT}\n{BY_PETER}"));
    let signed = signed.cosign(&enoch()).unwrap();
    assert_eq!(signed.to_string(), format!("{TEXT}\n{BY_PETER}{BY_ENOCH}"));
    assert_eq!(note(&signed.to_string()), signed);
}

#[test]
fn one_signature_by_a_known_key_is_enough_and_those_of_others_are_not_looked_at() {
    let both = note(&format!("{TEXT}\n{BY_PETER}{BY_ENOCH}"));
    assert_eq!(both.text(), TEXT);
    let [by_peter, by_enoch] = both.signatures() else { panic!("two signatures") };
    assert_eq!(
        (by_peter.name().as_str(), by_peter.id().to_string()),
        ("PeterNeumann", "c74f20a3".to_owned())
    );
    assert_eq!((by_enoch.name().as_str(), by_enoch.id().to_string()), ("EnochRoot", "af0cfe78".to_owned()));
    for known in [vec![PETER], vec![ENOCH], vec![PETER, ENOCH], vec![ENOCH, PETER, PETER]] {
        let known: Vec<VerifierKey> = known.into_iter().map(key).collect();
        assert_eq!(both.verify(&known), Ok(()), "{known:?}");
    }
    assert_eq!(both.verify(&[]), Err(NoteError::NoKnownSignature));
    let stranger = SignerKey::from_seed("PeterNeumann", &[9; 32]).unwrap().verifier();
    assert_eq!(both.verify(&[stranger]), Err(NoteError::NoKnownSignature));
}

#[test]
fn a_wrong_signature_by_a_known_key_spoils_the_note() {
    let altered = TEXT.replace("problem is.", "problem was.");
    let both = note(&format!("{altered}\n{BY_PETER}{BY_ENOCH}"));
    let wrong = |result| matches!(result, Err(NoteError::WrongSignature { .. }));
    assert!(wrong(both.verify(&[key(PETER)])));
    // Longer or shorter than a signature, and beside a right one by the same key.
    for signature in
        [[BY_PETER.trim_end().trim_end_matches('='), "A\n"].concat(), format!("{}ABCD\n", &BY_PETER[..61])]
    {
        let spoiled = note(&format!("{TEXT}\n{BY_PETER}{signature}"));
        assert!(wrong(spoiled.verify(&[key(PETER)])), "{signature}");
        assert_eq!(note(&format!("{TEXT}\n{BY_ENOCH}{signature}")).verify(&[key(ENOCH)]), Ok(()));
    }
}

#[test]
fn the_example_of_the_specification_has_blank_lines_in_its_text() {
    let text = "Ognuno sta solo sul cuor della terra\ntrafitto da un raggio di sole:\n\ned è subito sera.\n";
    let example = format!(
        "{text}\n— quasimodo.example/salvatore NnugSzTjtVAewIS+Z/iJhUPeFDkO/5QQ2i5ddnGITLlC+EhfLW9oJKONrMouFSQU0mx\
         cXxj99ihAQwaqP3ZekRwNtIc=\n"
    );
    let parsed = note(&example);
    assert_eq!((parsed.text(), parsed.signatures().len()), (text, 1));
    assert_eq!(parsed.to_string(), example);
}

#[test]
fn what_is_not_a_note_is_refused_and_its_line_named() {
    let line = |bytes: &[u8]| match Note::parse(bytes) {
        Err(error) => error.line(),
        Ok(note) => panic!("{note} was taken for a note"),
    };
    let signed = format!("{TEXT}\n{BY_PETER}");
    let not_utf8 = [TEXT.as_bytes(), b"\xff\n\n", BY_PETER.as_bytes()].concat();
    assert_eq!(line(&not_utf8), Some(3));
    assert_eq!(line(signed.replace("you don't", "you\tdon't").as_bytes()), Some(2));
    assert_eq!(line(signed.replace('\n', "\r\n").as_bytes()), Some(1));
    assert_eq!(line(signed.replace("— Peter", "\0— Peter").as_bytes()), Some(4));
    for whole in ["", "\n", "\n\n", TEXT, &format!("{TEXT}\n"), &format!("\n{BY_PETER}"), BY_PETER] {
        assert_eq!(line(whole.as_bytes()), None, "{whole:?}");
    }
    assert_eq!(line(signed.trim_end().as_bytes()), None);
    for signature in [
        "Unexpected line.",
        "- PeterNeumann x08go/ZJkg==",
        "—  x08go/ZJkg==",
        "— PeterNeumann  x08go/ZJkg==",
        "— Peter Neumann x08go/ZJkg==",
        "— Peter+Neumann x08go/ZJkg==",
        "— Peter\u{a0}Neumann x08go/ZJkg==",
        "— PeterNeumann x08go/ZJkg",
        "— PeterNeumann x08go/ZJkh==",
        "— PeterNeumann x08g",
        "— PeterNeumann x08gow==",
        "— PeterNeumann",
        "— PeterNeumann x08go/ZJkg== ",
    ] {
        assert_eq!(line(format!("{signed}{signature}\n").as_bytes()), Some(5), "{signature}");
    }
    assert!(Note::parse(format!("{signed}— P x08go/ZJkg==\n").as_bytes()).is_ok());
}

#[test]
fn a_note_has_at_most_a_hundred_signatures_and_64_kib() {
    let signed = |times| Note::parse(format!("{TEXT}\n{}", BY_PETER.repeat(times)).as_bytes());
    assert_eq!(signed(100).unwrap().verify(&[key(PETER)]), Ok(()));
    assert_eq!(signed(101), Err(NoteError::TooManySignatures));
    let refused = signed(100).unwrap().cosign(&peter());
    assert_eq!(refused, Err(NoteError::TooManySignatures));

    let around = BY_PETER.len() + "\n\n".len();
    let long = |length| Note::sign("x".repeat(length - around) + "\n", &peter());
    let longest = long(Note::MAX_LENGTH).unwrap().to_string();
    assert_eq!(longest.len(), Note::MAX_LENGTH);
    assert_eq!(note(&longest).verify(&[key(PETER)]), Ok(()));
    assert_eq!(long(Note::MAX_LENGTH + 1), Err(NoteError::TooLong));
    assert_eq!(Note::parse(format!("x{longest}").as_bytes()), Err(NoteError::TooLong));
}

#[test]
fn only_text_that_ends_in_a_newline_is_signed() {
    assert_eq!(Note::sign("abc", &peter()), Err(NoteError::NoNewline));
    assert_eq!(Note::sign("", &peter()), Err(NoteError::NoNewline));
    assert_eq!(Note::sign("a\r\n", &peter()), Err(NoteError::ControlCharacter { line: 1 }));
    for text in ["\n", "\n\n\n", "a\n\n", "— PeterNeumann x08go/ZJkg==\n"] {
        let signed = Note::sign(text, &peter()).unwrap();
        assert_eq!(note(&signed.to_string()), signed, "{text:?}");
    }
}

#[test]
fn every_piece_and_every_changed_letter_of_a_key_is_refused() {
    for start in 0..PETER.len() {
        for end in start..PETER.len() {
            let piece = &PETER[start..end];
            assert!(piece.parse::<VerifierKey>().is_err(), "{piece}");
        }
        assert!(start == 0 || PETER[start..].parse::<VerifierKey>().is_err());
        let mut changed = PETER.as_bytes().to_vec();
        changed[start] += 1;
        let changed = String::from_utf8(changed).unwrap();
        assert!(changed.parse::<VerifierKey>().is_err(), "{changed}");
    }
    let id = PETER.to_uppercase().parse::<VerifierKey>();
    assert!(id.is_err());
    // With ids that fit: a key too long, and one of an unknown type.
    let long = "PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY==";
    assert_eq!(long.parse::<VerifierKey>(), Err(KeyError::Form));
    let unknown = "PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
    assert_eq!(unknown.parse::<VerifierKey>(), Err(KeyError::Kind(0x65)));
    let other = PETER.replace("c74f20a3", "c74f20a4").parse::<VerifierKey>();
    assert_eq!(other, Err(KeyError::Id { computed: key(PETER).id() }));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn an_independent_implementation_takes_and_refuses_the_same_notes(
        place in 0_usize..400,
        take in 0_usize..4,
        put in prop::sample::select(vec!["", "\n", "\n\n", " ", "+", "—", "— ", "\t", "=", "A", "\u{a0}", "\u{7f}", "\u{fe}"]),
        again in prop::collection::vec(0_usize..4, 0..3),
    ) {
        let mut text = format!("{TEXT}\n{BY_PETER}{BY_ENOCH}");
        for n in again {
            text += [BY_PETER, "\n", "x\n", "— a b\n"][n];
        }
        let mut bytes = text.into_bytes();
        let place = place % bytes.len();
        let end = (place + take).min(bytes.len());
        bytes.splice(place..end, put.bytes());

        let (ours, theirs) = (Note::parse(&bytes), signed_note::Note::from_bytes(&bytes));
        prop_assert_eq!(ours.is_ok(), theirs.is_ok(), "{:?} {:?}", &ours, theirs.err());
        if let (Ok(ours), Ok(theirs)) = (ours, theirs) {
            prop_assert_eq!(ours.text().as_bytes(), theirs.text());
            prop_assert_eq!(ours.to_string().into_bytes(), bytes);
            let verifier = signed_note::StandardVerifier::new(PETER).unwrap();
            let known = signed_note::VerifierList::new(vec![Box::new(verifier)]);
            // Of several signatures by one key, the other looks at the first alone.
            let by_peter = ours.signatures().iter().filter(|one| one.name().as_str() == "PeterNeumann").count();
            let (ours, theirs) = (ours.verify(&[key(PETER)]).is_ok(), theirs.verify(&known).is_ok());
            let alike = ours == theirs || (by_peter > 1 && !ours);
            prop_assert!(alike, "{ours} {theirs}");
        }
    }
}
