//! Strict reading: the place of what does not fit, and no field that nobody asked for.

use serde::{Deserialize, Deserializer, de::DeserializeOwned};
use serde_ignored::Path as Ignored;
use serde_path_to_error::{Path, Segment, Track};

use super::wording::in_words;

/// What did not fit.
pub(super) enum InputError<E> {
    /// The format or a value: where, and why.
    Value { pointer: String, error: E },
    /// Fields that do not exist, by their pointers.
    Unknown(Vec<String>),
}

/// Reads a value, refusing unknown fields even where its type forgot to.
pub(super) fn read<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    source: D,
) -> Result<T, InputError<D::Error>> {
    let mut unknown = Vec::new();
    let mut note = |path: Ignored<'_>| unknown.push(pointer_of_ignored(&path));
    let mut track = Track::new();
    let source = serde_ignored::Deserializer::new(source, &mut note);
    match T::deserialize(serde_path_to_error::Deserializer::new(source, &mut track)) {
        Err(error) => Err(InputError::Value { pointer: pointer(&track.path()), error }),
        Ok(_) if !unknown.is_empty() => Err(InputError::Unknown(unknown)),
        Ok(value) => Ok(value),
    }
}

impl<E: std::fmt::Display> InputError<E> {
    /// As a problem's errors.
    pub(super) fn errors(self) -> Vec<(String, String)> {
        match self {
            Self::Value { pointer, error } => vec![field_error(pointer, &error.to_string())],
            Self::Unknown(pointers) => {
                pointers.into_iter().map(|pointer| (pointer, "is no field of this call".to_owned())).collect()
            }
        }
    }
}

/// A strictly read value, or what did not fit: a form for deserializers that cannot be had apart from their
/// input.
pub(super) struct Strict<T>(pub Result<T, Vec<(String, String)>>);

impl<'de, T: DeserializeOwned> Deserialize<'de> for Strict<T> {
    fn deserialize<D: Deserializer<'de>>(source: D) -> Result<Self, D::Error> {
        Ok(Self(read(source).map_err(InputError::errors)))
    }
}

/// Serde tells a missing or repeated field at the place of its parent: names the field's own.
fn field_error(pointer: String, message: &str) -> (String, String) {
    let message = without_position(message);
    let field = |prefix| message.strip_prefix(prefix)?.strip_suffix('`');
    if let Some(name) = field("missing field `") {
        (format!("{pointer}/{}", escaped(name)), "is missing".to_owned())
    } else if let Some(name) = field("duplicate field `") {
        (format!("{pointer}/{}", escaped(name)), "is given more than once".to_owned())
    } else {
        (pointer, in_words(message).into_owned())
    }
}

/// The message of a JSON error without its place in the text.
pub(super) fn without_position(message: &str) -> &str {
    message.rfind(" at line ").map_or(message, |end| &message[..end])
}

fn pointer(path: &Path) -> String {
    path.iter().fold(String::new(), |pointer, segment| match segment {
        Segment::Seq { index } => format!("{pointer}/{index}"),
        Segment::Map { key } => format!("{pointer}/{}", escaped(key)),
        Segment::Enum { .. } | Segment::Unknown => pointer,
    })
}

fn pointer_of_ignored(path: &Ignored<'_>) -> String {
    match path {
        Ignored::Root => String::new(),
        Ignored::Seq { parent, index } => format!("{}/{index}", pointer_of_ignored(parent)),
        Ignored::Map { parent, key } => format!("{}/{}", pointer_of_ignored(parent), escaped(key)),
        Ignored::Some { parent } | Ignored::NewtypeStruct { parent } | Ignored::NewtypeVariant { parent } => {
            pointer_of_ignored(parent)
        }
    }
}

fn escaped(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}
