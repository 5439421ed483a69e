//! The lines of an export, as anybody may have written them. `audit::export` tells their format.

use audit::{Hash, Piece, export::FORMAT};
use serde::{
    Deserialize,
    de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor},
};
use serde_json::{Map, Number, Value, value::RawValue};
use uuid::Uuid;

use super::unproven;
use crate::exit::Failure;

/// The longest line: 1 MiB with its newline.
pub(super) const LONGEST: usize = 1024 * 1024;

/// The first line.
#[derive(Debug, Deserialize)]
pub(super) struct Header {
    format: u64,
    /// Which log it is.
    pub(super) log: Uuid,
    /// How many entries it covers.
    pub(super) size: u64,
    /// The signed checkpoint of that size.
    pub(super) checkpoint: Option<String>,
    /// The key that verifies it, if one believes the export itself.
    pub(super) key: Option<String>,
}

impl Header {
    pub(super) fn read(line: &[u8]) -> Result<Self, Failure> {
        let header: Self = serde_json::from_slice(line).map_err(|error| {
            unproven(format!("the first line is not that of an export of the audit trail: {error}"))
        })?;
        if header.format == u64::from(FORMAT) {
            Ok(header)
        } else {
            let format = header.format;
            Err(unproven(format!(
                "it is an export of format {format}, and this program knows format {FORMAT}"
            )))
        }
    }
}

/// How the hash of an event is computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Spelling {
    /// From its bytes as they stand, which are canonical unless somebody wrote them anew.
    AsItStands,
    /// From its canonical form (RFC 8785), however it is spelled.
    Canonical,
}

/// A line after the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Line {
    /// An event, or the hash of others.
    Piece(Piece),
    /// The last.
    End { events: u64, size: u64 },
}

/// Any line. `opened` and whatever else stands in it is not vouched for.
#[derive(Deserialize)]
struct Parts<'a> {
    #[serde(borrow)]
    event: Option<&'a RawValue>,
    hash: Option<Hash>,
    index: Option<u64>,
    level: Option<u8>,
    events: Option<u64>,
    size: Option<u64>,
}

impl Line {
    pub(super) fn read(line: &[u8], spelling: Spelling) -> Result<Self, String> {
        let parts: Parts<'_> = serde_json::from_slice(line).map_err(|error| error.to_string())?;
        match parts {
            Parts { event: Some(event), index: Some(index), hash: None, level: None, .. } => {
                let computed = Some(leaf(event.get(), spelling)?);
                Ok(Self::Piece(Piece::Entry { index, stored: None, computed }))
            }
            Parts { event: None, index: Some(index), hash: Some(hash), level: Some(level), .. } => {
                Ok(Self::Piece(Piece::Subtree { index, level, hash }))
            }
            Parts {
                event: None,
                index: None,
                hash: None,
                level: None,
                events: Some(events),
                size: Some(size),
            } => Ok(Self::End { events, size }),
            _ => Err("it is neither an event, nor a hash, nor the last line".to_owned()),
        }
    }
}

/// The leaf of an event that is written so.
pub(super) fn leaf(event: &str, spelling: Spelling) -> Result<Hash, String> {
    match spelling {
        Spelling::AsItStands => Ok(Hash::of_leaf(event.as_bytes())),
        Spelling::Canonical => Ok(Hash::of_leaf(&canonical(event)?)),
    }
}

/// The id an event claims.
pub(super) fn id_of(line: &[u8]) -> Option<Uuid> {
    #[derive(Deserialize)]
    struct Line {
        event: Event,
    }
    #[derive(Deserialize)]
    struct Event {
        id: Uuid,
    }
    serde_json::from_slice::<Line>(line).ok().map(|line| line.event.id)
}

fn canonical(event: &str) -> Result<Vec<u8>, String> {
    let mut deserializer = serde_json::Deserializer::from_str(event);
    let value = Unambiguous.deserialize(&mut deserializer).map_err(|error| error.to_string())?;
    deserializer.end().map_err(|error| error.to_string())?;
    serde_json_canonicalizer::to_vec(&value).map_err(|error| error.to_string())
}

/// JSON in which no name stands twice: of two, one reader would believe the first and another the second.
struct Unambiguous;

impl<'de> DeserializeSeed<'de> for Unambiguous {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Unambiguous {
    type Value = Value;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Value, E> {
        Number::from_f64(value).map(Value::Number).ok_or_else(|| E::custom("a number is infinite"))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = items.next_element_seed(Self)? {
            values.push(value);
        }
        Ok(Value::Array(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some(name) = members.next_key::<String>()? {
            if object.contains_key(&name) {
                return Err(A::Error::custom(format!("{name:?} stands twice in it")));
            }
            let value = members.next_value_seed(Self)?;
            object.insert(name, value);
        }
        Ok(Value::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hash(text: &str) -> Hash {
        Hash::of_leaf(text.as_bytes())
    }

    fn read(line: &str) -> Result<Line, String> {
        Line::read(line.as_bytes(), Spelling::AsItStands)
    }

    #[test]
    fn lines_are_events_hashes_and_the_end() {
        let entry = Piece::Entry { index: 7, stored: None, computed: Some(hash(r#"{"a":1}"#)) };
        assert_eq!(read(r#"{"event":{"a":1},"index":7,"opened":{"address":"x"}}"#), Ok(Line::Piece(entry)));
        let subtree = Piece::Subtree { index: 8, level: 3, hash: Hash::EMPTY };
        let line = format!(r#"{{"hash":"{}","index":8,"level":3}}"#, Hash::EMPTY);
        assert_eq!(read(&line), Ok(Line::Piece(subtree)));
        assert_eq!(read(r#"{"events":1,"size":16}"#), Ok(Line::End { events: 1, size: 16 }));
    }

    #[test]
    fn other_lines_are_refused() {
        let deep = format!("{{\"event\":{},\"index\":1}}", "[".repeat(100_000));
        for line in [
            "",
            "{",
            "null",
            "[]",
            r#"{"index":1}"#,
            r#"{"event":{},"hash":"x","index":1}"#,
            r#"{"event":{}}"#,
            r#"{"event":{},"index":-1}"#,
            r#"{"event":{},"index":1,"index":2}"#,
            r#"{"event":{},"event":{},"index":1}"#,
            r#"{"hash":"AAAA","index":0,"level":0}"#,
            r#"{"events":1,"size":16,"level":1}"#,
            &deep,
        ] {
            assert!(read(line).is_err(), "{line:.80}");
        }
        assert!(Line::read(b"{\"event\":{\"a\":\"\xff\"},\"index\":1}", Spelling::AsItStands).is_err());
    }

    #[test]
    fn an_event_that_was_written_anew_has_its_leaf_still() {
        let (as_it_was, anew) =
            (r#"{"a":"é/","b":[1,null]}"#, "{ \"b\" : [1, null], \"a\": \"\\u00e9\\/\" }");
        assert_eq!(leaf(anew, Spelling::Canonical), Ok(hash(as_it_was)));
        assert_ne!(leaf(anew, Spelling::AsItStands), Ok(hash(as_it_was)));
        assert!(leaf(r#"{"a":1,"a":2}"#, Spelling::Canonical).unwrap_err().contains("twice"));
        assert!(leaf(&"[".repeat(100_000), Spelling::Canonical).is_err());
    }

    #[test]
    fn an_export_says_which_format_it_has() {
        let log = Uuid::nil();
        let header = |format: u8| {
            format!(r#"{{"format":{format},"log":"{log}","size":0,"checkpoint":null,"key":null}}"#)
        };
        assert_eq!(Header::read(header(1).as_bytes()).unwrap().log, log);
        assert!(Header::read(header(2).as_bytes()).unwrap_err().message.contains("format 2"));
        assert!(Header::read(b"%PDF-1.7").is_err());
    }
}
