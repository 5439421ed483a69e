//! Signed notes: a text with the signatures under it (C2SP signed-note, <https://c2sp.org/signed-note>).

use std::fmt;

use base64::{Engine as _, engine::general_purpose::STANDARD};

use crate::key::{KeyId, KeyName, SignerKey, VerifierKey};

/// A text and the signatures under it. Anybody may have written it: believe it after [`Note::verify`], not before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    text: String,
    signatures: Vec<NoteSignature>,
}

/// A line under the text: whose signature it claims to be, and its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoteSignature {
    name: KeyName,
    id: KeyId,
    signature: Vec<u8>,
}

const ID_LENGTH: usize = 4;

impl NoteSignature {
    /// The name of the key that is said to have signed.
    pub const fn name(&self) -> &KeyName {
        &self.name
    }

    /// Which key of that name.
    pub const fn id(&self) -> KeyId {
        self.id
    }

    fn parse(line: &str) -> Option<Self> {
        let (name, bytes) = line.strip_prefix("— ")?.split_once(' ')?;
        let bytes = STANDARD.decode(bytes).ok()?;
        let (id, signature) = bytes.split_first_chunk::<ID_LENGTH>()?;
        let name = KeyName::new(name).ok()?;
        (!signature.is_empty()).then(|| Self { name, id: KeyId(*id), signature: signature.to_vec() })
    }

    fn is_by(&self, key: &VerifierKey) -> bool {
        self.name == *key.name() && self.id == key.id()
    }
}

impl fmt::Display for NoteSignature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = [&self.id.0[..], &self.signature].concat();
        write!(f, "— {} {}", self.name, STANDARD.encode(bytes))
    }
}

impl Note {
    /// The longest note, in bytes with its signatures.
    pub const MAX_LENGTH: usize = 64 * 1024;
    /// The most signatures.
    pub const MAX_SIGNATURES: usize = 100;

    /// Signs a text, which ends in a newline.
    pub fn sign(text: impl Into<String>, key: &SignerKey) -> Result<Self, NoteError> {
        let text = text.into();
        check_characters(&text)?;
        if !text.ends_with('\n') {
            return Err(NoteError::NoNewline);
        }
        Self { text, signatures: Vec::new() }.cosign(key)
    }

    /// Adds another signature, as when a key takes over from another.
    pub fn cosign(mut self, key: &SignerKey) -> Result<Self, NoteError> {
        let signature = key.sign(&self.text).to_vec();
        self.signatures.push(NoteSignature { name: key.name().clone(), id: key.id(), signature });
        if self.signatures.len() > Self::MAX_SIGNATURES {
            return Err(NoteError::TooManySignatures);
        }
        if self.to_string().len() > Self::MAX_LENGTH {
            return Err(NoteError::TooLong);
        }
        Ok(self)
    }

    /// Takes a note apart. What it says of its signatures is not checked.
    pub fn parse(bytes: &[u8]) -> Result<Self, NoteError> {
        if bytes.len() > Self::MAX_LENGTH {
            return Err(NoteError::TooLong);
        }
        let note = std::str::from_utf8(bytes).map_err(|error| {
            let line = line_at(bytes, error.valid_up_to());
            NoteError::NotUtf8 { line }
        })?;
        check_characters(note)?;
        // Blank lines may stand in the text: the signatures come after the last one.
        let blank = note.rfind("\n\n").ok_or(NoteError::NoSignatures)?;
        let (text, signatures) = (&note[..=blank], &note[blank + 2..]);
        let first = line_at(bytes, blank + 2);
        let lines = signatures.strip_suffix('\n').ok_or(NoteError::NoSignatures)?.split('\n');
        let mut parsed = Vec::new();
        for (n, line) in lines.enumerate() {
            if n == Self::MAX_SIGNATURES {
                return Err(NoteError::TooManySignatures);
            }
            parsed.push(NoteSignature::parse(line).ok_or(NoteError::Signature { line: first + n })?);
        }
        Ok(Self { text: text.to_owned(), signatures: parsed })
    }

    /// Whether a known key signed the text: each signature by a known key must be right, and there must be one.
    /// Signatures by other keys are not looked at.
    pub fn verify(&self, known: &[VerifierKey]) -> Result<(), NoteError> {
        let mut verified = false;
        for signature in &self.signatures {
            let mut keys = known.iter().filter(|key| signature.is_by(key)).peekable();
            if keys.peek().is_none() {
                continue;
            }
            if !keys.any(|key| key.accepts(&self.text, &signature.signature)) {
                return Err(NoteError::WrongSignature { name: signature.name.clone(), id: signature.id });
            }
            verified = true;
        }
        if verified { Ok(()) } else { Err(NoteError::NoKnownSignature) }
    }

    /// The text, with its last newline.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The signatures, in the order they stand.
    pub fn signatures(&self) -> &[NoteSignature] {
        &self.signatures
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.text)?;
        self.signatures.iter().try_for_each(|signature| writeln!(f, "{signature}"))
    }
}

fn check_characters(text: &str) -> Result<(), NoteError> {
    match text.find(|c: char| c < ' ' && c != '\n') {
        Some(at) => Err(NoteError::ControlCharacter { line: line_at(text.as_bytes(), at) }),
        None => Ok(()),
    }
}

/// The line of a place, from 1.
pub(crate) fn line_at(bytes: &[u8], place: usize) -> usize {
    bytes[..place].split(|byte| *byte == b'\n').count()
}

/// It is not a note, or not one to believe.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoteError {
    /// It is longer than [`Note::MAX_LENGTH`].
    #[error("a note has at most 64 KiB")]
    TooLong,
    /// It is not text.
    #[error("it is not UTF-8")]
    NotUtf8 {
        /// Where, from 1.
        line: usize,
    },
    /// It has a control character other than a newline.
    #[error("it has a control character")]
    ControlCharacter {
        /// Where, from 1.
        line: usize,
    },
    /// The text to be signed does not end in a newline.
    #[error("the text of a note ends in a newline")]
    NoNewline,
    /// There is no blank line with signatures after it, each ended by a newline.
    #[error("it has no blank line followed by signatures, or does not end in a newline")]
    NoSignatures,
    /// A line after the blank one is no signature.
    #[error("a signature is written `— name base64`")]
    Signature {
        /// Where, from 1.
        line: usize,
    },
    /// It has more than [`Note::MAX_SIGNATURES`].
    #[error("a note has at most 100 signatures")]
    TooManySignatures,
    /// A signature that claims to be by a known key is not.
    #[error("the signature said to be by {name}+{id} is wrong")]
    WrongSignature {
        /// The name of the key.
        name: KeyName,
        /// Which key of that name.
        id: KeyId,
    },
    /// No known key signed it.
    #[error("it is not signed by a known key")]
    NoKnownSignature,
}

impl NoteError {
    /// The line of the note that is wrong, from 1, where it is one line.
    pub const fn line(&self) -> Option<usize> {
        match self {
            Self::NotUtf8 { line } | Self::ControlCharacter { line } | Self::Signature { line } => {
                Some(*line)
            }
            _ => None,
        }
    }
}
