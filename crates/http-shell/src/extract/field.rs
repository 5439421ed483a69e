//! Fields of a JSON Merge Patch (RFC 7396): left out, taken away, or set.

use serde::{Deserialize, Deserializer};

/// A field of a patch. In the DTO it takes `#[serde(default)]`, and `#[schema(value_type = Option<String>)]` to be
/// described. On the struct instead, `serde(default)` would have utoipa write a `default` into every field's schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Field<T> {
    /// Left out: stays as it is.
    #[default]
    Absent,
    /// `null`: is taken away.
    Null,
    /// Is set.
    Value(T),
}

impl<T> Field<T> {
    /// The same field of something else.
    pub fn map<U>(self, convert: impl FnOnce(T) -> U) -> Field<U> {
        match self {
            Self::Absent => Field::Absent,
            Self::Null => Field::Null,
            Self::Value(value) => Field::Value(convert(value)),
        }
    }

    /// What the field will be, given what it is.
    pub fn over(self, now: Option<T>) -> Option<T> {
        match self {
            Self::Absent => now,
            Self::Null => None,
            Self::Value(value) => Some(value),
        }
    }

    /// What was said of it, if anything was.
    pub fn given(self) -> Option<Option<T>> {
        match self {
            Self::Absent => None,
            Self::Null => Some(None),
            Self::Value(value) => Some(Some(value)),
        }
    }

    /// Borrows the value.
    pub fn as_ref(&self) -> Field<&T> {
        match self {
            Self::Absent => Field::Absent,
            Self::Null => Field::Null,
            Self::Value(value) => Field::Value(value),
        }
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Field<T> {
    fn deserialize<D: Deserializer<'de>>(source: D) -> Result<Self, D::Error> {
        Ok(Option::deserialize(source)?.map_or(Self::Null, Self::Value))
    }
}
