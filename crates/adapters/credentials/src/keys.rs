//! The key-encryption keys: the one secret an installation is given, and those it had before.

use std::fmt;

use base64::{
    Engine as _,
    alphabet::STANDARD,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use kernel::Random;
use zeroize::Zeroizing;

use crate::{
    derive::{Key, derive},
    pepper::{self, Pepper},
};

const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// 32-byte keys with short names, the current one first. New things are sealed with the current key; what older
/// ones sealed stays readable while they are listed. `Debug` shows the names alone.
#[derive(Clone)]
pub struct KeyEncryptionKeys {
    current: KeyEncryptionKey,
    older: Vec<KeyEncryptionKey>,
}

#[derive(Clone)]
pub(crate) struct KeyEncryptionKey {
    id: String,
    bytes: Key,
}

/// What is wrong with a key file; never shows keys.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyFileError {
    /// There is no key in it.
    #[error("holds no key; each line is `id:key`, the key being 32 bytes in Base64")]
    Empty,
    /// A line does not read `id:key`.
    #[error("line {line}: {problem}")]
    Line {
        /// Counted from 1.
        line: usize,
        /// What is wrong with it.
        problem: &'static str,
    },
}

impl KeyEncryptionKeys {
    /// Reads a key file: one `id:key` a line, the current key first. An id is 1 to 8 of `A-Z`, `a-z`, `0-9`, `-`
    /// and `_`; a key is 32 bytes in Base64, as `openssl rand -base64 32` gives them. Empty lines and such that
    /// begin with `#` say nothing.
    pub fn parse(text: &str) -> Result<Self, KeyFileError> {
        let mut keys: Vec<KeyEncryptionKey> = Vec::new();
        for (line, content) in text.lines().enumerate() {
            let content = content.trim();
            if content.is_empty() || content.starts_with('#') {
                continue;
            }
            let key = KeyEncryptionKey::parse(content)
                .and_then(|key| {
                    let taken = keys.iter().any(|other| other.id == key.id);
                    if taken { Err("the id stands on another line too") } else { Ok(key) }
                })
                .map_err(|problem| KeyFileError::Line { line: line + 1, problem })?;
            keys.push(key);
        }
        let mut keys = keys.into_iter();
        let current = keys.next().ok_or(KeyFileError::Empty)?;
        Ok(Self { current, older: keys.collect() })
    }

    /// One new key with a random name.
    pub fn generate(random: &dyn Random) -> Self {
        let id = format!("{:08x}", u32::from_be_bytes(random.bytes()));
        let mut bytes = Key::default();
        random.fill(bytes.as_mut());
        Self { current: KeyEncryptionKey { id, bytes }, older: Vec::new() }
    }

    /// What [`Self::parse`] reads. To be kept where its owner alone can read it.
    pub fn to_text(&self) -> Zeroizing<String> {
        // Reserved in one piece, so that no copy is left behind when it grows.
        let mut text = Zeroizing::new(String::with_capacity(64 * (1 + self.older.len())));
        for key in self.iter() {
            text.push_str(&key.id);
            text.push(':');
            BASE64.encode_string(*key.bytes, &mut text);
            text.push('\n');
        }
        text
    }

    /// Peppers for passwords, one from each key and under its name, in the same order.
    pub fn peppers(&self) -> Vec<Pepper> {
        let pepper =
            |key: &KeyEncryptionKey| Pepper::of_key(&key.id, &derive(&key.bytes, &[b"touchstone pepper"]));
        self.iter().map(pepper).collect()
    }

    pub(crate) const fn current(&self) -> &KeyEncryptionKey {
        &self.current
    }

    pub(crate) fn find(&self, id: &[u8]) -> Option<&KeyEncryptionKey> {
        self.iter().find(|key| key.id.as_bytes() == id)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &KeyEncryptionKey> {
        std::iter::once(&self.current).chain(&self.older)
    }
}

impl KeyEncryptionKey {
    fn parse(line: &str) -> Result<Self, &'static str> {
        let (id, key) = line.split_once(':').ok_or("there is no colon between id and key")?;
        if !pepper::is_id(id) {
            return Err("the id is not 1 to 8 of A-Z, a-z, 0-9, - and _");
        }
        let decoded = BASE64.decode(key.trim()).map(Zeroizing::new).map_err(|_| "the key is not Base64")?;
        let bytes = <[u8; 32]>::try_from(decoded.as_slice()).map_err(|_| "the key has not 32 bytes")?;
        Ok(Self { id: id.to_owned(), bytes: Key::new(bytes) })
    }

    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    /// A key of its own for what the fields name; the key itself encrypts nothing.
    pub(crate) fn derive(&self, fields: &[&[u8]]) -> Key {
        derive(&self.bytes, fields)
    }
}

impl fmt::Debug for KeyEncryptionKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter().map(KeyEncryptionKey::id)).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ZEROS: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";

    struct Counting;
    impl Random for Counting {
        fn fill(&self, bytes: &mut [u8]) {
            for (byte, value) in bytes.iter_mut().zip(1..) {
                *byte = value;
            }
        }
    }

    #[test]
    fn a_key_file_reads_back() {
        let file = format!("# ours\n\n new:{ZEROS}\r\nold: {}\n", ZEROS.trim_end_matches('='));
        let keys = KeyEncryptionKeys::parse(&file).unwrap();
        assert_eq!(keys.current().id(), "new");
        assert_eq!(keys.to_text().as_str(), format!("new:{ZEROS}\nold:{ZEROS}\n"));
        let ids: Vec<_> = keys.peppers().iter().map(|pepper| pepper.id().to_owned()).collect();
        assert_eq!(ids, ["new", "old"]);

        let made = KeyEncryptionKeys::generate(&Counting);
        let again = KeyEncryptionKeys::parse(&made.to_text()).unwrap();
        assert_eq!(again.to_text(), made.to_text());
        assert_eq!(again.current().id(), "01020304");
    }

    #[test]
    fn errors_say_where_but_show_no_key() {
        let problem = |text: &str| KeyEncryptionKeys::parse(text).unwrap_err().to_string();
        assert!(problem("# nothing\n").starts_with("holds no key"));
        assert_eq!(problem(&format!("# x\n{ZEROS}")), "line 2: there is no colon between id and key");
        assert_eq!(
            problem(&format!("two words:{ZEROS}")),
            "line 1: the id is not 1 to 8 of A-Z, a-z, 0-9, - and _"
        );
        assert_eq!(problem("k:s3cr#t"), "line 1: the key is not Base64");
        assert_eq!(problem("k:AAAA"), "line 1: the key has not 32 bytes");
        assert_eq!(problem(&format!("k:{ZEROS}\nk:{ZEROS}")), "line 2: the id stands on another line too");
    }

    #[test]
    fn debug_shows_names_alone() {
        let keys = KeyEncryptionKeys::parse(&format!("k1:{ZEROS}")).unwrap();
        assert_eq!(format!("{keys:?}"), "[\"k1\"]");
    }
}
