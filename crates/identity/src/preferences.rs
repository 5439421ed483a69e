//! What clients keep for a person or an organisation: a bounded JSON object.

use serde_json::{Map, Value};

use crate::text::TextError;

/// The settings a person keeps: a JSON object of at most 16 KiB.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Preferences(Map<String, Value>);

impl Preferences {
    /// Most octets of JSON.
    pub const MOST: usize = 16 * 1024;

    /// Checks form and size.
    pub fn new(value: Value) -> Result<Self, TextError> {
        let Value::Object(object) = value else { return Err(TextError::Form("must be a JSON object")) };
        if object.iter().any(|(name, value)| name.contains('\0') || holds_nul(value)) {
            return Err(TextError::Character('\0'));
        }
        let found = serde_json::to_vec(&object).map_or(usize::MAX, |json| json.len());
        if found > Self::MOST {
            Err(TextError::TooLong { found, most: Self::MOST })
        } else {
            Ok(Self(object))
        }
    }

    /// What storage kept. Its size is not checked again: a database may write numbers longer than they came.
    pub fn restore(value: Value) -> Option<Self> {
        match value {
            Value::Object(object) => Some(Self(object)),
            _ => None,
        }
    }

    /// As JSON.
    pub fn to_json(&self) -> Value {
        Value::Object(self.0.clone())
    }
}

/// Whether a text in it holds U+0000, which PostgreSQL cannot keep.
fn holds_nul(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(items) => items.iter().any(holds_nul),
        Value::Object(object) => object.iter().any(|(name, value)| name.contains('\0') || holds_nul(value)),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn preferences_are_a_bounded_object() {
        assert!(Preferences::new(json!({"theme": "dark"})).is_ok());
        assert!(Preferences::new(json!([1])).is_err());
        assert!(Preferences::new(json!({"a": [{"b": "nul \u{0}"}]})).is_err());
        assert!(Preferences::new(json!({"x": "y".repeat(Preferences::MOST)})).is_err());
    }
}
