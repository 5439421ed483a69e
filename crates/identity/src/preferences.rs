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

    /// The text under `language`, if it has the form of a language tag: `-` between subtags of 1 to 8 letters and
    /// digits, the first of 2 letters or more, 35 characters in all (RFC 5646, sections 2.1 and 4.4.1).
    pub fn language(&self) -> Option<&str> {
        let tag = self.0.get("language")?.as_str().filter(|tag| tag.len() <= 35)?;
        let subtag =
            |tag: &str| (1..=8).contains(&tag.len()) && tag.bytes().all(|b| b.is_ascii_alphanumeric());
        let primary = tag.split('-').next()?;
        let sound = primary.len() > 1 && primary.bytes().all(|b| b.is_ascii_alphabetic());
        (sound && tag.split('-').all(subtag)).then_some(tag)
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
    fn a_language_is_read_if_it_is_one() {
        let language =
            |value| Preferences::new(json!({ "language": value })).unwrap().language().map(str::to_owned);
        for tag in ["de", "de-CH", "zh-Hant-TW", "sl-rozaj-1994"] {
            assert_eq!(language(json!(tag)).as_deref(), Some(tag));
        }
        let long = format!("de-{}", "x-".repeat(20) + "y");
        for bad in [json!(null), json!(7), json!(["de"])].into_iter().chain(
            ["", "d", "de-", "-de", "de_CH", "d\u{e9}", "1a", "languages", "de-toolonghere", &long]
                .map(|text| json!(text)),
        ) {
            assert_eq!(language(bad.clone()), None, "{bad}");
        }
        assert_eq!(Preferences::default().language(), None);
    }

    #[test]
    fn preferences_are_a_bounded_object() {
        assert!(Preferences::new(json!({"theme": "dark"})).is_ok());
        assert!(Preferences::new(json!([1])).is_err());
        assert!(Preferences::new(json!({"a": [{"b": "nul \u{0}"}]})).is_err());
        assert!(Preferences::new(json!({"x": "y".repeat(Preferences::MOST)})).is_err());
    }
}
