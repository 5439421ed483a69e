//! Files of JSON: what is none is told with line and column, as in markdown.

use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{Error as _, MapAccess, SeqAccess, Visitor},
};
use serde_json::{Map, Value as Json, error::Category};

use crate::{
    code::{Code, Rule},
    diagnostic::{Diagnostic, Place, Severity},
    format::Format,
};

/// Reads a file of JSON, in which an object has every member once. Builders write more brackets and spaces than people
/// do: at most four times [`Format::max_size`] bytes are looked at.
pub fn read<C: Code>(bytes: &[u8], format: &Format) -> Result<Json, Diagnostic<C>> {
    let max_size = 4 * format.max_size;
    if bytes.len() > max_size {
        let what = format!("the file has {} bytes; at most {max_size} are allowed", bytes.len());
        return Err(fault(Rule::TooLarge, (1, 1), what, format.split_hint()));
    }
    let Ok(text) = std::str::from_utf8(bytes) else {
        let what = "the file is not UTF-8 text".to_owned();
        return Err(fault(Rule::NotUtf8, (1, 1), what, "save it with the encoding UTF-8"));
    };
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    serde_json::from_str(text).map(|Strict(json)| json).map_err(|error| {
        let place = (error.line(), column(text, &error));
        let told = error.to_string();
        let what = told.rsplit_once(" at line ").map_or(told.as_str(), |(what, _)| what).to_owned();
        match error.classify() {
            Category::Data => fault(Rule::DuplicateKey, place, what, "keep one of them"),
            _ => {
                fault(Rule::JsonSyntax, place, what, "look at the brackets, commas and quotation marks here")
            }
        }
    })
}

fn fault<C: Code>(
    rule: Rule,
    (line, column): (usize, usize),
    what: String,
    hint: impl Into<String>,
) -> Diagnostic<C> {
    let number = |n: usize| u32::try_from(n.max(1)).unwrap_or(u32::MAX);
    let place = Place::Source { line: number(line), column: number(column), length: 1 };
    Diagnostic { severity: Severity::Error, code: rule.into(), place, what, hint: Some(hint.into()) }
}

/// In characters; the parser counts bytes.
fn column(text: &str, error: &serde_json::Error) -> usize {
    let line = text.split('\n').nth(error.line().saturating_sub(1)).unwrap_or_default();
    let before = error.column().saturating_sub(1).min(line.len());
    line.char_indices().take_while(|(at, _)| *at < before).count() + 1
}

/// JSON in which no object has a member twice.
struct Strict(Json);

impl<'de> Deserialize<'de> for Strict {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reader).map(Self)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Json, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Json, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Json, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Json, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Json, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut values: A) -> Result<Json, A::Error> {
        let mut list = Vec::new();
        while let Some(Strict(value)) = values.next_element()? {
            list.push(value);
        }
        Ok(Json::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Json, A::Error> {
        let mut object = Map::new();
        while let Some(key) = members.next_key::<String>()? {
            if object.contains_key(&key) {
                return Err(A::Error::custom(format_args!("the key `{key}` is given twice")));
            }
            let Strict(value) = members.next_value()?;
            object.insert(key, value);
        }
        Ok(Json::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agenda::{Code, FORMAT};

    #[track_caller]
    fn told(file: impl AsRef<[u8]>) -> String {
        read::<Code>(file.as_ref(), &FORMAT).unwrap_err().to_string()
    }

    #[test]
    fn what_is_no_json_is_told_where_it_ends_to_be() {
        assert_eq!(told(""), "1:1: error[json-syntax]: EOF while parsing a value");
        assert_eq!(told("{\"a\": 1,\n  \"ä\": x}"), "2:8: error[json-syntax]: expected value");
        assert_eq!(told("{} {}"), "1:4: error[json-syntax]: trailing characters");
        assert_eq!(told("[".repeat(100_000)), "1:128: error[json-syntax]: recursion limit exceeded");
        assert_eq!(told(b"{\"a\": \"\xff\"}"), "1:1: error[not-utf8]: the file is not UTF-8 text");
        assert_eq!(
            told(" ".repeat(10 << 20)),
            "1:1: error[too-large]: the file has 10485760 bytes; at most 1048576 are allowed"
        );
    }

    #[test]
    fn a_member_that_is_there_twice_is_not_dropped_silently() {
        let file = "{\"items\": [],\n\"metadata\": {\"name\": \"A\", \"name\": \"B\"}}";
        assert_eq!(told(file), "2:32: error[duplicate-key]: the key `name` is given twice");
    }

    #[test]
    fn a_file_of_json_is_what_the_json_is() {
        let json = serde_json::json!({ "metadata": { "name": "x", "version": 1.5e0, "n": -1, "b": [null, true, 1e30] } });
        let pretty = std::format!("\u{feff}{}", serde_json::to_string_pretty(&json).unwrap());
        assert_eq!(read::<Code>(pretty.as_bytes(), &FORMAT), Ok(json));
    }
}
