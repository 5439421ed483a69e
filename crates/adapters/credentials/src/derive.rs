//! Keys from keys (HKDF-SHA-256, RFC 5869), and bytes that cannot be read two ways.

use hkdf::Hkdf;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use zeroize::Zeroizing;

/// 256 bits that are wiped when dropped.
pub(crate) type Key = Zeroizing<[u8; 32]>;

/// A key of its own for what the fields name.
pub(crate) fn derive(from: &[u8; 32], fields: &[&[u8]]) -> Key {
    let mut key = Key::default();
    expand(None, from, &encode(fields), key.as_mut());
    key
}

/// HMAC-SHA-256 (RFC 2104), to be finished or compared in constant time.
pub(crate) fn hmac(key: &[u8], message: &[u8]) -> Hmac<Sha256> {
    let mut hmac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    hmac.update(message);
    hmac
}

/// Joins fields, each after its length, so that no two lists of fields give the same bytes.
pub(crate) fn encode(fields: &[&[u8]]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for field in fields {
        bytes.extend((field.len() as u64).to_le_bytes());
        bytes.extend(*field);
    }
    bytes
}

fn expand(salt: Option<&[u8]>, from: &[u8], info: &[u8], out: &mut [u8]) {
    Hkdf::<Sha256>::new(salt, from).expand(info, out).expect("fewer than 255 blocks are asked for");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(text: &str) -> Vec<u8> {
        (0..text.len()).step_by(2).map(|i| u8::from_str_radix(&text[i..i + 2], 16).unwrap()).collect()
    }

    #[test]
    fn hkdf_of_rfc_5869_appendix_a() {
        let mut okm = [0; 42];
        let info = hex("f0f1f2f3f4f5f6f7f8f9");
        expand(Some(&hex("000102030405060708090a0b0c")), &[0x0b; 22], &info, &mut okm);
        let first = "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865";
        assert_eq!(okm.to_vec(), hex(first), "A.1");

        expand(None, &[0x0b; 22], &[], &mut okm);
        let third = "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8";
        assert_eq!(okm.to_vec(), hex(third), "A.3");
    }

    #[test]
    fn hmac_of_rfc_4231_section_4() {
        let mac = |key: &[u8], message: &[u8]| hmac(key, message).finalize().into_bytes().to_vec();
        let cases: [(&[u8], &[u8], &str); 4] = [
            (&[0x0b; 20], b"Hi There", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"),
            (
                b"Jefe",
                b"what do ya want for nothing?",
                "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
            ),
            (&[0xaa; 20], &[0xdd; 50], "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"),
            (
                &[0xaa; 131],
                b"Test Using Larger Than Block-Size Key - Hash Key First",
                "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
            ),
        ];
        for (key, message, expected) in cases {
            assert_eq!(mac(key, message), hex(expected));
        }
    }

    #[test]
    fn fields_do_not_run_into_one_another() {
        assert_ne!(encode(&[b"ab", b"c"]), encode(&[b"a", b"bc"]));
        assert_ne!(encode(&[b"ab"]), encode(&[b"ab", b""]));
        let key = [7; 32];
        assert_ne!(derive(&key, &[b"seal", b"x"]), derive(&key, &[b"mac", b"x"]));
    }
}
