use kernel::{Digest, Random};

use super::*;
use crate::{
    ObjectPart,
    testing::{ELSEWHERE, FakeSealing, HERE, World, id, pieces, run},
    vault,
};

/// Bytes that go up by one from here.
struct Rising(u8);

impl Random for Rising {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.iter_mut().zip(self.0..).for_each(|(byte, next)| *byte = next);
    }
}

fn place(part: ObjectPart) -> ObjectKey {
    ObjectKey { organization: HERE, document: id(2), part }
}

fn sealed(part: ObjectPart, content: &[u8]) -> Vec<u8> {
    let (world, key) = (World::new(), FileKey::generate(&Rising(0)));
    let mut content = pieces(content, 10_000);
    let objects = world.ports().objects;
    run(vault::seal(&*objects, &Rising(0xa0), &key, &place(part), &mut content, u64::MAX)).unwrap();
    world.objects.lock().unwrap()[&place(part)].0.clone()
}

fn bytes_of(hex: &str) -> Vec<u8> {
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
}

/// The expected bytes were made by a program in Python that follows the description of the format, with `HKDF` and
/// `ChaCha20Poly1305` of the package `cryptography` 48.0.0: the file's key is 00 to 1f, the salt a0 to af, the
/// organisation's id 1 and the document's 2.
#[test]
fn objects_are_as_another_program_makes_them() {
    assert_eq!(
        sealed(ObjectPart::Content, b"Curriculum vitae"),
        bytes_of(
            "a0a1a2a3a4a5a6a7a8a9aaabacadaeafb60f6d0c5e0dd13e3bc9c1f4727b9e80d89ee49357f14c34642779ee8ec91ea8"
        )
    );
    let empty = "a0a1a2a3a4a5a6a7a8a9aaabacadaeaf8d1d2d4ac758cc1f5b5d9132b132a440";
    assert_eq!(sealed(ObjectPart::Text, b""), bytes_of(empty));
    let three_chunks: Vec<u8> = (0..=250).cycle().take(2 * CHUNK + 3).collect();
    let object = sealed(ObjectPart::Content, &three_chunks);
    assert_eq!(object[object.len() - 19..], bytes_of("eea7b2d1f1acf4d172250afd1facc0117493f7"));
    let digest = "e82852fd59fcde55303e1ffa5ca30d96d2d2ee7266f38423c107a35d75a1d14c";
    assert_eq!(Digest::of(&object).0[..], bytes_of(digest));
}

#[test]
fn a_wrapped_key_opens_in_its_own_row_alone() {
    let key = FileKey::generate(&Rising(0));
    let here = place(ObjectPart::Content);
    let wrapped = key.wrap(&here, &FakeSealing);
    assert_eq!(*FileKey::unwrap(&wrapped, &here, &FakeSealing).unwrap().0, *key.0);
    let others = [
        ObjectKey { document: id(3), ..here },
        ObjectKey { organization: ELSEWHERE, ..here },
        ObjectKey { organization: id(2), document: id(1), ..here },
    ];
    for other in others {
        assert_eq!(FileKey::unwrap(&wrapped, &other, &FakeSealing).unwrap_err(), ContentError::Altered);
    }
    for bad in [&wrapped[..wrapped.len() - 1], &[&wrapped[..], &[0]].concat(), b"", b"another.purpose"] {
        assert_eq!(FileKey::unwrap(bad, &here, &FakeSealing).unwrap_err(), ContentError::Altered);
    }
}

#[test]
fn what_is_short_opens_in_its_place_alone_and_whole() {
    let (key, world, here) = (FileKey::generate(&Rising(0)), World::new(), place(ObjectPart::Text));
    let sealed = key.seal_short(&here, b"Zoe".to_vec(), &*world);
    assert_eq!(key.open_short(&here, &sealed).unwrap(), b"Zoe");
    assert_ne!(sealed, key.seal_short(&here, b"Zoe".to_vec(), &*world), "each time under another salt");
    assert!(key.open_short(&place(ObjectPart::Content), &sealed).is_err());
    assert!(FileKey::generate(&Rising(1)).open_short(&here, &sealed).is_err());
    for at in 0..sealed.len() {
        let mut flipped = sealed.clone();
        flipped[at] ^= 1;
        assert_eq!(key.open_short(&here, &flipped).unwrap_err(), ContentError::Altered, "byte {at}");
        assert_eq!(key.open_short(&here, &sealed[..at]).unwrap_err(), ContentError::Altered, "{at} bytes");
    }
}

#[test]
fn a_key_is_not_shown() {
    assert_eq!(format!("{:?}", FileKey::generate(&Rising(0))), "FileKey");
}
