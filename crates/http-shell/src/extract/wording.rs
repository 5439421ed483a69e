//! What readers say that know of types and not of fields, in words a client understands. What was found is left out: a
//! password sent as a number must not come back or reach a log.

use std::borrow::Cow;

/// What is wrong with a value, from the message of serde or of a parser of the standard library.
pub(super) fn in_words(message: &str) -> Cow<'static, str> {
    let mistaken = message.starts_with("invalid type: ") || message.starts_with("invalid value: ");
    if let Some((_, expected)) = message.rsplit_once(", expected ").filter(|_| mistaken) {
        return Cow::Owned(format!("must be {}", expected_in_words(expected)));
    }
    if let Some(rest) = message.strip_prefix("unknown variant `") {
        let names = rest.rsplit_once("`, expected ").map_or("", |(_, names)| names);
        let names = names.strip_prefix("one of ").unwrap_or(names).replace('`', "").replace(" or ", ", ");
        return Cow::Owned(format!("must be one of {names}"));
    }
    if message.starts_with("unknown field `") {
        return "is no field of this call".into();
    }
    if message.starts_with("UUID parsing failed") {
        return "must be a UUID".into();
    }
    if message.starts_with("invalid length ") {
        return "has too few or too many items".into();
    }
    match message {
        "invalid digit found in string" | "cannot parse integer from empty string" => {
            "must be a whole number".into()
        }
        "number too large to fit in target type" | "number too small to fit in target type" => {
            "must be a whole number in the range of the field".into()
        }
        "invalid float literal" | "cannot parse float from empty string" => "must be a number".into(),
        "provided string was not `true` or `false`" => "must be true or false".into(),
        other => Cow::Owned(other.to_owned()),
    }
}

fn expected_in_words(expected: &str) -> Cow<'static, str> {
    let whole = |most: u64| Cow::Owned(format!("a whole number from 0 to {most}"));
    match expected {
        "u8" => whole(u8::MAX.into()),
        "u16" => whole(u16::MAX.into()),
        "u32" => whole(u32::MAX.into()),
        "u64" | "usize" => "a whole number, 0 or more".into(),
        "i8" | "i16" | "i32" | "i64" | "isize" => "a whole number".into(),
        "f32" | "f64" => "a number".into(),
        "a boolean" => "true or false".into(),
        "a sequence" => "a list".into(),
        "a map" => "an object".into(),
        "a formatted UUID string" => "a UUID".into(),
        "any valid JSON value" => "JSON".into(),
        text if text.starts_with("struct ") || text.starts_with("internally tagged enum ") => {
            "an object".into()
        }
        text if text.starts_with("enum ") || text.starts_with("variant identifier") => {
            "one of the names that are listed".into()
        }
        other => Cow::Owned(other.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_found_is_not_told() {
        assert_eq!(in_words("invalid type: integer `4711`, expected a string"), "must be a string");
        let odd = "invalid type: string \", expected canary\", expected u64";
        assert_eq!(in_words(odd), "must be a whole number, 0 or more");
        let names = "unknown variant `canary`, expected one of `draft`, `active`, `closed`";
        assert_eq!(in_words(names), "must be one of draft, active, closed");
        assert_eq!(
            in_words("unknown variant `canary`, expected `csv` or `ndjson`"),
            "must be one of csv, ndjson"
        );
        assert_eq!(in_words("unknown field `canary`, expected `name`"), "is no field of this call");
    }
}
